/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random histories of one standard group at one handset, against the few lines that say what must
 * come of them: deliveries out of order, twice and late, while time passes, the handset restarts
 * and its power is cut (app/README.md section 5, 2, 4, 6 and 7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "crypto/key_delivery.h"
#include "delivery.h"

enum {
    HISTORIES = 12,
    STEPS = 60,
    MADE_MAX = STEPS,
    STEP_MS = 7000,
    PERIOD_MS = 10 * STEP_MS
};

struct made {
    struct delivery delivery;
    uint8_t octets[KEY_DELIVERY_MAX];
    size_t length;
};

struct history {
    struct squad *squad;
    struct entropy_seeded seeded;
    struct entropy entropy;
    size_t count;
    struct made made[MADE_MAX];
    /* What must be held: the places in `made` plus one, 0 for none. */
    size_t current, waiting;
    int64_t latest_ms;
};

static size_t draw(struct history *history, size_t limit) {
    uint8_t octet;
    assert_int_equal(entropy_draw(&history->entropy, &octet, 1), STATUS_OK);
    return octet % limit;
}

static int64_t now_ms(const struct history *history) {
    return squad_now(history->squad, 0).utc_ms;
}

/* The manager makes a key, to begin now or later; it need not arrive at once, or at all. */
static void make(struct history *history) {
    struct made *made = &history->made[history->count];
    made->delivery = delivery_now(history->squad, 0, 0x00100000 + (uint32_t)history->count++);
    made->delivery.begins_ms += (int64_t)draw(history, 3) * 2 * STEP_MS;
    made->delivery.ends_ms = made->delivery.begins_ms + PERIOD_MS;
    struct writer w = writer_into(made->octets, sizeof made->octets);
    delivery_write(&made->delivery, &w);
    made->length = w.length;
}

static bool has_begun(const struct history *history, size_t which) {
    return which != 0 && history->made[which - 1].delivery.begins_ms <= now_ms(history);
}

static bool is_over(const struct history *history, size_t which) {
    return which == 0 || history->made[which - 1].delivery.ends_ms <= now_ms(history);
}

/* What must come of the time that has passed. */
static void expect_by_now(struct history *history) {
    if (has_begun(history, history->waiting)) {
        history->current = history->waiting;
        history->waiting = 0;
    }
    if (is_over(history, history->current)) {
        history->current = 0;
    }
}

/* What must come of a delivery that became durable. */
static void expect_taken(struct history *history, size_t which) {
    history->latest_ms = history->made[which - 1].delivery.utc_ms;
    bool begun = has_begun(history, which);
    history->current = begun ? which : history->current;
    history->waiting = begun ? 0 : which;
}

static void deliver(struct history *history) {
    size_t which = 1 + draw(history, history->count);
    struct made *made = &history->made[which - 1];
    struct squad_handset *handset = &history->squad->handsets[0];
    bool is_late = is_over(history, which);
    bool counts = made->delivery.utc_ms > history->latest_ms && !is_late;
    bool cut = draw(history, 4) == 0;
    handset->cut_at = cut ? 1 : 0;
    enum status status =
        delivery_give_octets(history->squad, 0, (struct span){made->octets, made->length});
    if (!cut) {
        assert_int_equal(status == STATUS_OK, counts);
    }
    if (cut) {
        assert_int_equal(handset->is_cut, true);
        squad_restart(history->squad, 0, true);
        handset->cut_at = 0;
    } else if (counts) {
        expect_taken(history, which);
    }
}

static void compare(struct history *history) {
    expect_by_now(history);
    const struct view *view = squad_view(history->squad, 0);
    assert_int_equal(view->group_count, history->latest_ms != 0);
    size_t shown = history->current != 0 ? history->current : history->waiting;
    if (view->group_count == 1 && shown != 0) {
        assert_int_equal(view->groups[0].gmk_id, history->made[shown - 1].delivery.gmk_id);
        assert_int_equal(view->groups[0].gmk_state,
                         history->current != 0 ? GMK_USABLE : GMK_NOT_YET);
    } else if (view->group_count == 1) {
        assert_int_equal(view->groups[0].gmk_state, GMK_EXPIRED);
    }
    for (size_t which = 1; which <= history->count; which++) {
        bool held = delivery_is_held(history->squad, 0, history->made[which - 1].delivery.gmk_id);
        if (which == history->current || which == history->waiting) {
            assert_true(held);
        } else if (held) { /* the one before, for the overlap, and not past its own period */
            assert_false(is_over(history, which));
        }
    }
}

static void play(uint64_t seed) {
    struct history *history = calloc(1, sizeof *history);
    assert_non_null(history);
    print_message("seed %llu\n", (unsigned long long)seed);
    history->squad = squad_new(1);
    history->entropy = entropy_from_seed(&history->seeded, seed);
    for (int step = 0; step < STEPS; step++) {
        history->squad->boot_ms += STEP_MS;
        squad_run(history->squad, 20);
        size_t what = draw(history, 8);
        if (what < 3 || history->count == 0) {
            make(history);
        } else if (what == 3) {
            squad_restart(history->squad, 0, draw(history, 2) == 0);
        }
        expect_by_now(history);
        if (what > 3) {
            deliver(history);
        }
        squad_run(history->squad, 20);
        compare(history);
    }
    squad_free(history->squad);
    free(history);
}

static void the_latest_delivery_counts_in_every_history(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        play(seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_delivery_counts_in_every_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
