/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/ptt.h"

enum {
    DELAY_LEARNED_MAX_MS = 1500, /* a keyboard that waits longer is told from nothing */
};

/* After this time without a repeat a press was a tap. */
static int64_t tap_ms(const struct ptt *ptt) {
    return ptt->delay_ms > 0 ? ptt->delay_ms + ptt->delay_ms / 4 + 40 : PTT_DELAY_MAX_MS;
}

static int64_t interval_ms(const struct ptt *ptt) {
    return ptt->interval_ms > 0 ? ptt->interval_ms : PTT_INTERVAL_MS;
}

/* After this time without a repeat a key is held no more. */
static int64_t tail_ms(const struct ptt *ptt) {
    int64_t two_ms = 2 * interval_ms(ptt);
    return two_ms > PTT_TAIL_MS ? two_ms : PTT_TAIL_MS;
}

/* Could the second of two presses so far apart be the keyboard's first repeat? */
static bool may_be_first_repeat(const struct ptt *ptt, int64_t apart_ms) {
    if (ptt->delay_ms == 0) {
        return apart_ms >= PTT_DELAY_MIN_MS && apart_ms <= PTT_DELAY_MAX_MS;
    }
    int64_t margin_ms = ptt->delay_ms / 5 + 20;
    return apart_ms >= ptt->delay_ms - margin_ms && apart_ms <= ptt->delay_ms + margin_ms;
}

static void learn_delay(struct ptt *ptt, int64_t delay_ms) {
    if (delay_ms >= PTT_REPEAT_MAX_MS && delay_ms <= DELAY_LEARNED_MAX_MS) {
        ptt->delay_ms = delay_ms;
    }
}

/* The longest of late: repeats that come in bursts are as far apart as their bursts. */
static void learn_interval(struct ptt *ptt, int64_t apart_ms) {
    int64_t faded_ms = interval_ms(ptt) - interval_ms(ptt) / 16;
    if (apart_ms <= PTT_REPEAT_MAX_MS) { /* else it may as well be a finger */
        ptt->interval_ms = apart_ms > faded_ms ? apart_ms : faded_ms;
    }
}

static enum ptt_wish close_it(struct ptt *ptt, enum ptt_state state) {
    ptt->state = state;
    return PTT_CLOSE;
}

static enum ptt_wish open_it(struct ptt *ptt, enum ptt_state state, int64_t pressed_ms) {
    ptt->state = state;
    ptt->opened_ms = ptt->pressed_ms = pressed_ms;
    return PTT_OPEN;
}

/* --- Where releases are told -------------------------------------------------------------------
 */

static enum ptt_wish pressed(struct ptt *ptt, bool is_talking, int64_t now_ms) {
    switch (ptt->state) {
    case PTT_PRESSED:
    case PTT_DOWN:
    case PTT_HELD:
        ptt->state = PTT_PRESSED;
        return PTT_NOTHING;
    case PTT_ON:
        return close_it(ptt, PTT_UP);
    default:
        return is_talking ? close_it(ptt, PTT_UP) : open_it(ptt, PTT_PRESSED, now_ms);
    }
}

/* Of a press that came before the terminal was asked to tell releases, the release is told. */
static enum ptt_wish released(struct ptt *ptt, bool is_talking) {
    bool is_last = ptt_is_open(ptt) || (ptt->state == PTT_WAITING && is_talking);
    ptt->state = PTT_UP;
    return is_last ? PTT_CLOSE : PTT_NOTHING;
}

static void repeated(struct ptt *ptt) {
    if (ptt->state == PTT_DOWN || ptt->state == PTT_HELD) {
        ptt->state = PTT_PRESSED;
    }
}

/* --- Where they are not ------------------------------------------------------------------------
 */

static void repeat_first(struct ptt *ptt, int64_t apart_ms) {
    ptt->state = PTT_HELD;
    ptt->between_ms = apart_ms;
}

/* A second tap may look like the first repeat; a third is then not mistaken for another one. */
static void repeat_again(struct ptt *ptt, int64_t apart_ms, int64_t now_ms) {
    if (ptt->between_ms > 0 && apart_ms > PTT_REPEAT_MAX_MS) {
        ptt->state = PTT_DOWN;
        ptt->pressed_ms = now_ms;
        return;
    }
    learn_delay(ptt, ptt->between_ms);
    learn_interval(ptt, apart_ms);
    ptt->between_ms = 0;
}

static enum ptt_wish typed_when_off(struct ptt *ptt, int64_t now_ms) {
    int64_t apart_ms = now_ms - ptt->pressed_ms;
    int64_t delay_ms = ptt->pressed_ms - ptt->opened_ms;
    if (apart_ms <= PTT_REPEAT_MAX_MS && delay_ms > 0 && delay_ms <= DELAY_LEARNED_MAX_MS) {
        /* What seemed to be the tap that ends was the first repeat, of a slow keyboard. */
        learn_delay(ptt, delay_ms);
        learn_interval(ptt, apart_ms);
        ptt->state = PTT_HELD;
        ptt->between_ms = 0;
        return PTT_OPEN;
    }
    if (apart_ms <= PTT_REPEAT_MAX_MS) {
        ptt->state = PTT_SPENT;
        return PTT_NOTHING;
    }
    if (may_be_first_repeat(ptt, apart_ms)) {
        ptt->state = PTT_DOUBT;
        return PTT_NOTHING;
    }
    return open_it(ptt, PTT_DOWN, now_ms);
}

static enum ptt_wish typed_in_doubt(struct ptt *ptt, int64_t now_ms) {
    if (now_ms - ptt->last_ms > PTT_REPEAT_MAX_MS) {
        return open_it(ptt, PTT_DOWN, now_ms);
    }
    learn_delay(ptt, ptt->last_ms - ptt->pressed_ms);
    learn_interval(ptt, now_ms - ptt->last_ms);
    ptt->state = PTT_SPENT;
    return PTT_NOTHING;
}

static enum ptt_wish typed(struct ptt *ptt, bool is_talking, int64_t now_ms) {
    switch (ptt->state) {
    case PTT_UP:
    case PTT_WAITING:
        if (!is_talking) {
            return open_it(ptt, PTT_DOWN, now_ms);
        }
        ptt->opened_ms = ptt->pressed_ms = now_ms; /* others opened it, whenever that was */
        return close_it(ptt, PTT_OFF);
    case PTT_DOWN:
        repeat_first(ptt, now_ms - ptt->pressed_ms);
        return PTT_NOTHING;
    case PTT_HELD:
        repeat_again(ptt, now_ms - ptt->last_ms, now_ms);
        return PTT_NOTHING;
    case PTT_ON:
        ptt->pressed_ms = now_ms;
        return close_it(ptt, PTT_OFF);
    case PTT_OFF:
        return typed_when_off(ptt, now_ms);
    case PTT_DOUBT:
        return typed_in_doubt(ptt, now_ms);
    case PTT_SPENT:
        learn_interval(ptt, now_ms - ptt->last_ms);
        break;
    case PTT_PRESSED: /* the release is still to come */
        break;
    }
    return PTT_NOTHING;
}

enum ptt_wish ptt_key(struct ptt *ptt, enum input_kind kind, bool is_talking, int64_t now_ms) {
    enum ptt_wish wish = PTT_NOTHING;
    switch (kind) {
    case INPUT_TYPED:
        wish = typed(ptt, is_talking, now_ms);
        break;
    case INPUT_PRESSED:
        wish = pressed(ptt, is_talking, now_ms);
        break;
    case INPUT_REPEATED:
        repeated(ptt);
        break;
    case INPUT_RELEASED:
        wish = released(ptt, is_talking);
        break;
    default:
        return PTT_NOTHING;
    }
    ptt->last_ms = now_ms;
    return wish;
}

/* --- Time --------------------------------------------------------------------------------------
 */

int64_t ptt_deadline(const struct ptt *ptt) {
    switch (ptt->state) {
    case PTT_DOWN:
    case PTT_OFF:
        return ptt->pressed_ms + tap_ms(ptt);
    case PTT_HELD:
    case PTT_DOUBT:
    case PTT_SPENT:
        return ptt->last_ms + tail_ms(ptt);
    default:
        return INT64_MAX;
    }
}

/* It was a tap; asked late, it may already be more than the key's press. */
static enum ptt_wish take_tap(struct ptt *ptt, int64_t now_ms) {
    enum ptt_wish wish = open_it(ptt, PTT_DOWN, ptt->last_ms);
    if (now_ms >= ptt_deadline(ptt)) {
        ptt->state = PTT_ON;
    }
    return wish;
}

enum ptt_wish ptt_tick(struct ptt *ptt, int64_t now_ms) {
    if (now_ms < ptt_deadline(ptt)) {
        return PTT_NOTHING;
    }
    switch (ptt->state) {
    case PTT_DOWN:
        ptt->state = PTT_ON;
        return PTT_NOTHING;
    case PTT_HELD:
    case PTT_SPENT: /* whatever talk began meanwhile */
        return close_it(ptt, PTT_UP);
    case PTT_DOUBT:
        return take_tap(ptt, now_ms);
    default:
        ptt->state = PTT_UP;
        return PTT_NOTHING;
    }
}

/* --- The rest ----------------------------------------------------------------------------------
 */

bool ptt_is_open(const struct ptt *ptt) {
    return ptt->state == PTT_PRESSED || ptt->state == PTT_DOWN || ptt->state == PTT_HELD ||
           ptt->state == PTT_ON;
}

bool ptt_is_held(const struct ptt *ptt) {
    return ptt->state == PTT_PRESSED || ptt->state == PTT_WAITING || ptt->state == PTT_HELD ||
           ptt->state == PTT_SPENT;
}

void ptt_talk_ended(struct ptt *ptt) {
    if (ptt->state == PTT_DOWN) {
        ptt->state = PTT_OFF;
        ptt->opened_ms = ptt->pressed_ms;
    } else if (ptt->state == PTT_HELD) {
        ptt->state = PTT_SPENT;
    } else if (ptt->state == PTT_PRESSED) {
        ptt->state = PTT_WAITING;
    } else if (ptt_is_open(ptt)) {
        ptt->state = PTT_UP;
    }
}

void ptt_let_go(struct ptt *ptt) {
    ptt->state = PTT_UP;
}
