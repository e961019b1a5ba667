/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key that counts only when it is held for a second, so that none is enough by accident. That it
 * is held is told by its repeats, of terminals of either kind (decoder.h): those come in no longer
 * than a keyboard's delay after the press, and then in short intervals. A pure state machine for
 * one key; time is an argument.
 */
#ifndef MUSTER_UI_KEYBOARD_HOLD_H
#define MUSTER_UI_KEYBOARD_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/keyboard/decoder.h"

enum {
    HOLD_MS = 1000,
    HOLD_INTERVAL_MAX_MS = 250, /* between two repeats; the first may be PTT_DELAY_MAX_MS late */
};

struct hold {
    bool is_down;  /* pressed, and not held for long enough yet */
    bool is_spent; /* it counted: its repeats count for nothing */
    int64_t pressed_ms, last_ms;
};

/* The key did what `kind` says, one of INPUT_TYPED to INPUT_RELEASED. Returns true when it has been
 * held for long enough now: once for each time it is held. */
bool hold_key(struct hold *hold, enum input_kind kind, int64_t now_ms);

/* The same where the key is a letter: held on from there it counts for nothing, until it is let go
 * and pressed anew. */
void hold_spend(struct hold *hold, enum input_kind kind, int64_t now_ms);

#endif
