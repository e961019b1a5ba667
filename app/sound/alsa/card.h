/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One side of a sound card, by ALSA: a thread of its own opens it, starts and stops it as it is
 * told, and does with each period what its side (microphone, loudspeaker) does. The loop tells and
 * asks by atomic values and never waits. Where it may, the thread runs with real-time priority, and
 * its stack and all that it touches are locked in memory.
 *
 * A card that is opened but rests costs nothing. One that fails is closed, and said to have failed
 * until it is started again or looked for again (card_look).
 */
#ifndef MUSTER_APP_SOUND_ALSA_CARD_H
#define MUSTER_APP_SOUND_ALSA_CARD_H

#include <alsa/asoundlib.h>
#include <pthread.h>
#include <stdatomic.h>

#include "app/error.h"
#include "app/sound/ring.h"

enum {
    CARD_PERIOD = VOICE_RATE / 100, /* samples: 10 ms, so that what was said is there soon */
    CARD_STACK_SIZE = 512 * 1024
};

enum card_state {
    CARD_RESTS,
    CARD_RUNS,
    CARD_FAILED,
};

struct card;

/* What the two sides do in the card's thread. */
struct card_side {
    snd_pcm_stream_t stream;
    const char *what;              /* "microphone", "loudspeaker" */
    snd_pcm_uframes_t buffer_size; /* samples that the card is to hold at most */
    snd_pcm_uframes_t starts_at;   /* samples written from which on it plays by itself */
    bool waits_for_card;           /* until a period is there; otherwise until it is woken */

    /* The card is prepared for start number `start`, and to run from now on. 0, or what ALSA
     * failed with. */
    int (*begin)(struct card *card, uint32_t start);

    /* Periods may be there, or wanted. 0, or what ALSA failed with; not for an xrun, after which it
     * has begun again. */
    int (*turn)(struct card *card);

    /* Is what was to be played before a stop played? NULL: nothing has to be. */
    bool (*is_drained)(struct card *card);

    /* It rests, or has failed: what the side still holds of the sound is wiped. */
    void (*forget)(struct card *card);
};

struct card {
    const struct card_side *side;
    char device[SOUND_NAME_SIZE]; /* the loop's */
    char next[SOUND_NAME_SIZE];   /* the device to take; the thread's while `is_changing` */
    pthread_t thread;
    void *stack;
    int waker; /* an eventfd by which the thread is woken */
    int event; /* an eventfd that the thread makes readable: frames, or a failure */

    /* Told by the loop. */
    _Atomic uint32_t starts; /* how often it was started */
    _Atomic bool is_wanted, is_ending, is_looked_for, is_changing;

    /* Told by the thread. */
    _Atomic int state;          /* enum card_state */
    _Atomic int failure;        /* what ALSA failed with, below 0; while it is CARD_FAILED */
    _Atomic int64_t opening_ms; /* boot clock: since when it is being opened; 0: it is not */
    _Atomic bool is_realtime, is_locked, was_opened;
    _Atomic bool is_switched_off; /* a microphone, by its switch in the mixer */
    _Atomic unsigned xruns;       /* of all time */
    _Atomic long delay;           /* samples between the card and the air, as it says itself */
    _Atomic uint32_t running;     /* the start that runs */

    /* Of both, for a moment at a time; the loop never waits for it. */
    pthread_mutex_t listing;
    struct sound_device devices[SOUND_DEVICES_MAX];
    size_t device_count;

    /* The thread's own. */
    char open_as[SOUND_NAME_SIZE];
    snd_pcm_t *pcm;
    snd_ctl_t *mixer;         /* NULL: it has none of its own */
    snd_pcm_uframes_t buffer; /* samples that it holds at most */
    unsigned turns;
    uint32_t cards;  /* that may be the one in use, of those that the machine had, a bit each */
    uint32_t listed; /* that it had when `devices` was made */
};

/* Memory for a side's struct, zeroed, and locked if *is_locked says so; NULL: none. */
void *card_memory(size_t size, bool *is_locked);

/* Wipes it and gives it back. */
void card_memory_free(void *memory, size_t size);

/* Begins the thread, which opens `device` (NULL: "default") at once. STATUS_IO_FAILED,
 * STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED. The caller ends the card. */
MUST_CHECK enum status card_begin(struct card *card, const struct card_side *side,
                                  const char *device, struct error *error);

/* Stops it, waits for the thread, and closes. False, after half a second, while the thread hangs in
 * a sound server: it still uses all that the card has, which has to stay. */
MUST_CHECK bool card_end(struct card *card);

/* The cards with a microphone, or with a loudspeaker, by the names of files in the kernel's folder
 * of sound cards, a bit for each number. */
uint32_t card_present(const char *folder, snd_pcm_stream_t stream);

/* It runs, anew, from now on; and it rests. */
void card_start(struct card *card);
void card_stop(struct card *card);

/* Something was put in for it. */
void card_wake(struct card *card);

/* The start that it was told of last. */
uint32_t card_start_number(const struct card *card);

/* STATUS_OK unless it has failed: STATUS_NOT_FOUND without such a device, STATUS_FILE_GONE for one
 * that vanished, STATUS_BUSY, STATUS_IO_FAILED, also for one that does not answer. */
MUST_CHECK enum status card_check(const struct card *card, struct error *error);

/* While it rests: has it opened well when it was tried last? As card_check; tries again beside if
 * it has not. */
MUST_CHECK enum status card_look(struct card *card, struct error *error);

/* Takes another device, by its name, also while it runs. STATUS_BUSY while the thread is still at
 * the one before. */
MUST_CHECK enum status card_choose(struct card *card, const char *device, struct error *error);

/* What both sides know of how they stand. */
void card_tell(const struct card *card, struct sound_state *state);

/* Makes the event readable; makes it quiet. */
void card_signal(struct card *card);
void card_quiet(struct card *card);

/* For the sides: the card was late (-EPIPE) or slept; it is prepared again. 0, or the failure that
 * it is instead. */
int card_recover(struct card *card, int failed);

/* Now, by the boot clock. */
int64_t card_now_ms(void);
int64_t card_now_us(void);

/* As `list` of capture.h: what the thread found when the cards changed last. */
size_t card_list(struct card *card, struct sound_device devices[], size_t room);

#endif
