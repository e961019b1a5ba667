/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Echo cancellation (libspeexdsp): what the loudspeaker plays is taken out of what the microphone
 * hears. What was given to the loudspeaker's card, behind its steering, is compared with what came
 * from the microphone's, before its own: the two are a fixed number of samples apart, as long as no
 * card slips, however late a sound server says they are. By what the cards say of when their
 * samples sound that number is found, and again after a slip, so that the filter covers the room
 * alone and not a server's buffers. Two cards whose crystals are apart are held together by the
 * filter: its echo moves, and the loudspeaker's samples are read a little faster or slower until it
 * does not. Belongs to one thread; no clock, no card.
 */
#ifndef MUSTER_APP_SOUND_ECHO_H
#define MUSTER_APP_SOUND_ECHO_H

#include <speex/speex_echo.h>

#include "app/error.h"
#include "app/sound/alignment.h"
#include "app/sound/cleaning.h"
#include "app/sound/moving_echo.h"

enum {
    ECHO_ROOM_MS = 240,    /* that the filter covers, from ECHO_LEAD_MS before the sound on */
    ECHO_LEAD_MS = 40,     /* an echo seems to come before its sound if the cards are wrong */
    ECHO_PLAYED_MAX = 400, /* samples in a piece */
    ECHO_HISTORY = 32768,  /* samples that are kept of what was played: two seconds */
    ECHO_FAR_MS = 300      /* for so long behind the far end's voice it is taken to go on */
};

/* Some of what was given to the loudspeaker's card. */
struct echo_played {
    uint64_t position; /* of the first sample; it only grows, and what lies between was lost */
    int64_t heard_us;  /* boot clock: when it will be heard, as the card says; 0: it does not */
    bool is_restart;   /* the card begins with it */
    size_t count;
    int16_t samples[ECHO_PLAYED_MAX];
};

struct echo {
    SpeexEchoState *filter;
    int16_t history[ECHO_HISTORY]; /* of what was played, by position */
    uint64_t end;                  /* of what is in it */
    int64_t position_us;           /* how far the loudspeaker's card was when it said so last: */
    uint64_t heard;                /* this sample sounded then */
    bool has_heard;
    struct alignment alignment;
    struct moving_echo moving;
    int far_left; /* samples until the far end counts as silent */
};

/* STATUS_NO_MEMORY. The caller ends it, and gives zeroed memory. */
MUST_CHECK enum status echo_begin(struct echo *echo, struct error *error);
void echo_end(struct echo *echo);

/* The microphone begins anew: what was played before is forgotten and wiped; what was learned of
 * the room and of the crystals is kept. */
void echo_restart(struct echo *echo);

/* What the loudspeaker was given next. */
void echo_play(struct echo *echo, const struct echo_played *piece);

/* Takes the echo out of `samples`, in place; sample `position` of the microphone's is the first,
 * and at `now_us` of the boot clock its card has captured `captured`, read or not. To be called
 * with each period, in turn. Returns whether it was taken out: not before both cards have said when
 * they sound. */
bool echo_cancel(struct echo *echo, int16_t samples[CLEANING_SAMPLES], uint64_t position,
                 int64_t now_us, double captured);

/* Does the far end speak, or did it a moment ago? */
bool echo_hears_far_end(const struct echo *echo);

#endif
