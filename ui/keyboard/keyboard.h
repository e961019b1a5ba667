/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keyboard behind a terminal: reads what comes without ever waiting, and hands out keys.
 */
#ifndef MUSTER_UI_KEYBOARD_KEYBOARD_H
#define MUSTER_UI_KEYBOARD_KEYBOARD_H

#include "ui/keyboard/decoder.h"

enum {
    KEYBOARD_READ_MAX = 256
};

struct keyboard {
    int descriptor;
    struct decoder decoder;
    uint8_t octets[KEYBOARD_READ_MAX]; /* read, and not decoded yet */
    size_t length, next;
    bool is_burst;       /* what is read came faster than a hand types */
    bool is_burst_told;  /* its beginning was handed out, and its end was not */
    int64_t burst_ms;    /* when the last of it was read */
    bool is_gone;        /* the terminal has hung up: nothing more will come */
    bool has_answered;   /* keyboard_question; by now, what was not answered never will be */
    bool tells_releases; /* that was the answer */
};

/* What the terminal is to be asked when it opens (CSI ? u, CSI c). Every terminal of the family
 * answers the second part, so that nobody has to guess how long to wait for the first. */
extern const char keyboard_question[];

/* What has it tell releases, and how that ends. The first is the progressive enhancement 1 + 2 + 8
 * (escape codes that are never ambiguous, event types, all keys as escape codes: without the last a
 * key that types text has no release), and then 4 + 16, so that a key still says what it types on
 * this keyboard. The second takes back both. */
extern const char keyboard_releases_on[], keyboard_releases_off[];

/* Reads from `descriptor`, which stays the caller's. */
void keyboard_begin(struct keyboard *keyboard, int descriptor);

/* The next key or news of the focus; false when there is none now. The answers to keyboard_question
 * are kept, and not handed out. What comes faster than a hand types, and is no paste by its marks,
 * stands between PRESS_BURST_BEGIN and PRESS_BURST_END: a terminal that marks no pastes pasted it.
 */
bool keyboard_next(struct keyboard *keyboard, struct input *input);

/* In how many ms keyboard_next may have something although no octet comes: an ESC turns out to be a
 * key by what does not follow. -1: never. */
int keyboard_patience_ms(const struct keyboard *keyboard);

/* What was read and not handed out counts no more. */
void keyboard_forget(struct keyboard *keyboard);

#endif
