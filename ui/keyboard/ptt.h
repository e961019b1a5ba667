/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Push-to-talk: when a key opens the microphone, and when it closes it. A pure state machine for
 * one key; time is an argument.
 *
 * A press opens the microphone at once. Where the release is told (INPUT_PRESSED, INPUT_RELEASED),
 * that closes it. Elsewhere (INPUT_TYPED) only auto-repeat shows that a key is held:
 *
 *   - Without another press for as long as a keyboard waits before it repeats, it was a tap, and
 *     the talk goes on until the next one.
 *   - With repeats it is held, until none has come for two of the keyboard's intervals, and at
 *     least PTT_TAIL_MS.
 *
 * Delay and interval are learned from each key that is held, in time for its own end. Repeats of a
 * key whose talk is over, because it was a tap that ended it or because the talk was refused or
 * ended by others, open nothing.
 */
#ifndef MUSTER_UI_KEYBOARD_PTT_H
#define MUSTER_UI_KEYBOARD_PTT_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/keyboard/decoder.h"

enum {
    PTT_DELAY_MIN_MS = 200, /* what a keyboard waits before it repeats, until that is learned */
    PTT_DELAY_MAX_MS = 700,
    PTT_REPEAT_MAX_MS = 150, /* presses closer than this are repeats, no finger's */
    PTT_INTERVAL_MS = 125,   /* between two repeats, until that is learned */
    PTT_TAIL_MS = 120,
};

enum ptt_state {
    PTT_UP,      /* the key rests, and has opened nothing */
    PTT_WAITING, /* closed, until the release: the talk did not begin, or others ended it */
    PTT_PRESSED, /* open, until the release */
    PTT_DOWN,    /* open: held or tapped, nobody knows yet */
    PTT_HELD,    /* open, as long as repeats come */
    PTT_ON,      /* open by a tap, until the next one */
    PTT_OFF,     /* closed by a press that may go on */
    PTT_DOUBT,   /* closed, and pressed again: a repeat, or another tap? */
    PTT_SPENT,   /* closed, and the key is held on: repeats count for nothing */
};

struct ptt {
    enum ptt_state state;
    int64_t opened_ms;   /* the press that opened it */
    int64_t pressed_ms;  /* the last press that was no repeat, as far as is known */
    int64_t last_ms;     /* the last press of any kind */
    int64_t between_ms;  /* in PTT_HELD: from the press to its first repeat; 0 once learned */
    int64_t delay_ms;    /* learned; 0: not yet */
    int64_t interval_ms; /* the same */
};

enum ptt_wish {
    PTT_NOTHING,
    PTT_OPEN, /* the microphone */
    PTT_CLOSE,
};

/* The key did what `kind` says, one of INPUT_TYPED to INPUT_RELEASED. `is_talking`: the microphone
 * is open now, by whatever; a press of a key that rests then closes it. */
enum ptt_wish ptt_key(struct ptt *ptt, enum input_kind kind, bool is_talking, int64_t now_ms);

/* Time has passed. To be called at ptt_deadline (INT64_MAX: never), and not before the presses that
 * came until `now_ms` were handed in. */
enum ptt_wish ptt_tick(struct ptt *ptt, int64_t now_ms);
int64_t ptt_deadline(const struct ptt *ptt);

/* Is the microphone open by this key? */
bool ptt_is_open(const struct ptt *ptt);

/* Is the key known to be held now? Then its repeats and its release belong here, wherever the
 * officer looks. */
bool ptt_is_held(const struct ptt *ptt);

/* The talk that the key opened did not begin, or is over. One that begins while the key is still
 * held ends with the release even so. */
void ptt_talk_ended(struct ptt *ptt);

/* The key is out of sight (another window has it, its device is gone): nothing more will be heard
 * of this press. */
void ptt_let_go(struct ptt *ptt);

#endif
