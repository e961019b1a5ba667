/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three to eight officers who want to talk, on air that loses and delays frames: they press when
 * they like, talk when it is their turn or miss it, and take their requests back. At every handset
 * the talkers come in the same order, and nobody is heard while another talks; at the end nothing
 * is queued. Random; the seed is printed and taken as SEED=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/rough_air.h"

enum {
#ifdef __SANITIZE_ADDRESS__
    ROUNDS = 1,
#else
    ROUNDS = 5,
#endif
    ROUND_MS = 60 * 1000,
    LOSS_MAX_PERCENT = 10,
    CLOCKS_DIFFER_MS = 400,
    SETTLED_MS = 600, /* who is shown for so long has won a collision */
    TALK_LEAST_MS = 1500,
    TALKS_MAX = 256,
    PRESS_IN = 400, /* steps of 20 ms between two presses of an officer, on average */
    REACTION_MIN_MS = 200,
    REACTION_MAX_MS = 2500,
    MISSES_IN = 5,     /* one turn in so many is not used */
    TAKES_BACK_IN = 6, /* one request in so many is taken back */
};

struct officer {
    int64_t stops_ms,
        acts_ms; /* when it stops talking, and uses its turn or takes back; 0: never */
    bool has_turn, is_asking;
    int shown; /* who is shown there to talk; -1: nobody */
    int64_t since_ms;
    bool is_counted; /* in `order` */
    size_t count;
    int order[TALKS_MAX]; /* who talked, as seen there */
};

struct street {
    struct rough_air *air;
    size_t count;
    struct officer officers[SLOW_AIR_MAX];
    unsigned granted, used, queued;
};

static struct squad *squad_of(const struct street *street) {
    return street->air->squad;
}

static void press(struct street *street, size_t n) {
    struct officer *officer = &street->officers[n];
    if (squad_talk(squad_of(street), n) == STATUS_OK) {
        officer->stops_ms =
            squad_of(street)->boot_ms + TALK_LEAST_MS + rough_draw(street->air, 2000);
    }
}

/* The officer sees that it is its turn, and presses later, or does not. */
static void see_turn(struct street *street, size_t n, bool has_turn) {
    struct officer *officer = &street->officers[n];
    if (has_turn && !officer->has_turn) {
        bool misses = rough_draw(street->air, MISSES_IN) == 0;
        int64_t after_ms =
            REACTION_MIN_MS + rough_draw(street->air, REACTION_MAX_MS - REACTION_MIN_MS);
        street->granted++;
        officer->acts_ms = misses ? 0 : squad_of(street)->boot_ms + after_ms;
    }
    officer->has_turn = has_turn;
}

static void see_queue(struct street *street, size_t n, bool is_asking) {
    struct officer *officer = &street->officers[n];
    if (is_asking && !officer->is_asking) {
        bool takes_back = rough_draw(street->air, TAKES_BACK_IN) == 0;
        officer->acts_ms = takes_back ? squad_of(street)->boot_ms + 1000 : 0;
        street->queued++;
    }
    officer->is_asking = is_asking;
}

static void act(struct street *street, size_t n, bool may_press) {
    struct officer *officer = &street->officers[n];
    struct squad *squad = squad_of(street);
    const struct view_floor *floor = &squad_view(squad, n)->floor;
    bool has_turn = floor->asked == ASKED_YOUR_TURN;
    see_turn(street, n, has_turn);
    see_queue(street, n, floor->asked == ASKED_QUEUED);
    if (rough_is_talking(street->air, n)) {
        if (squad->boot_ms >= officer->stops_ms) {
            assert_int_equal(squad_stop(squad, n), STATUS_OK);
        }
    } else if (officer->acts_ms > 0 && squad->boot_ms >= officer->acts_ms) {
        officer->acts_ms = 0;
        press(street, n);
        street->used += has_turn && rough_is_talking(street->air, n);
    } else if (may_press && floor->asked == ASKED_NOTHING &&
               rough_draw(street->air, PRESS_IN) == 0) {
        press(street, n);
    }
}

/* Whom handset n shows to talk; -1: nobody. While the last words of one are heard when the next one
 * talks, still the first. */
static int shown_at(const struct street *street, size_t n) {
    const struct view *view = squad_view(squad_of(street), n);
    if (view->talker_count > 1) {
        return street->officers[n].shown;
    }
    for (size_t k = 0; k < street->count && view->talker_count > 0; k++) {
        if (strcmp(view->talkers[0].identity, squad_identity(k)) == 0) {
            return (int)k;
        }
    }
    return -1;
}

/* Two talks of one talker may be seen as one, where no moment is between them. */
static void note(struct officer *officer, int talker) {
    if (officer->count == 0 || officer->order[officer->count - 1] != talker) {
        assert_true(officer->count < TALKS_MAX);
        officer->order[officer->count++] = talker;
    }
}

static void watch(struct street *street, size_t n) {
    struct officer *officer = &street->officers[n];
    int64_t now_ms = squad_of(street)->boot_ms;
    int shown = shown_at(street, n);
    if (shown != officer->shown) {
        officer->shown = shown;
        officer->since_ms = now_ms;
        officer->is_counted = false;
    }
    if (shown >= 0 && !officer->is_counted && now_ms - officer->since_ms >= SETTLED_MS) {
        officer->is_counted = true;
        note(officer, shown);
    }
}

static void pass(struct street *street, int64_t ms, bool may_press) {
    for (int64_t until = squad_of(street)->boot_ms + ms; squad_of(street)->boot_ms < until;) {
        for (size_t n = 0; n < street->count; n++) {
            act(street, n, may_press);
            watch(street, n);
        }
        rough_air_run(street->air, VOICE_FRAME_MS);
        if (squad_of(street)->frame_count > SQUAD_FRAMES_MAX / 2) {
            slow_air_forget(&street->air->slow);
        }
    }
}

static void print_orders(const struct street *street) {
    for (size_t n = 0; n < street->count; n++) {
        char line[4 * TALKS_MAX] = "";
        for (size_t i = 0; i < street->officers[n].count; i++) {
            size_t used = strlen(line);
            snprintf(line + used, sizeof line - used, " %d", street->officers[n].order[i]);
        }
        print_message("at %zu:%s\n", n, line);
    }
}

static void assert_one_order(const struct street *street, uint64_t seed) {
    for (size_t n = 1; n < street->count; n++) {
        const struct officer *one = &street->officers[0], *other = &street->officers[n];
        if (one->count != other->count ||
            memcmp(one->order, other->order, one->count * sizeof one->order[0]) != 0) {
            print_orders(street);
            fail_msg("at 0 %zu talked, at %zu %zu, in another order: SEED=%llu", one->count, n,
                     other->count, (unsigned long long)seed);
        }
    }
}

static void assert_nothing_is_queued(const struct street *street) {
    for (size_t n = 0; n < street->count; n++) {
        const struct view_floor *floor = &squad_view(squad_of(street), n)->floor;
        const struct queue *queue = &squad_of(street)->handsets[n].engine->queue;
        assert_int_equal(floor->asked, ASKED_NOTHING);
        assert_int_equal(floor->turn_count, 0);
        assert_int_equal(queue->count, 0);
        assert_null(queue->keys[0]);
    }
}

static void play_round(uint64_t seed, struct street *sums) {
    struct street *street = calloc(1, sizeof *street);
    assert_non_null(street);
    street->count = 3 + (size_t)(seed % (SLOW_AIR_MAX - 2));
    street->air = rough_air_new(seed, street->count, CLOCKS_DIFFER_MS);
    rough_air_draw(street->air, LOSS_MAX_PERCENT, 0);
    for (size_t n = 0; n < street->count; n++) {
        street->officers[n].shown = -1;
    }
    pass(street, ROUND_MS, true);
    pass(street, 40 * 1000, false);
    print_message("%zu handsets, %u %% lost: %zu talks, %u queued, %u turns, %u used; two were "
                  "heard for %d ms at most\n",
                  street->count, street->air->slow.loss_percent, street->officers[0].count,
                  street->queued, street->granted, street->used, (int)street->air->longest_both_ms);
    assert_true(street->air->longest_both_ms <= FLOOR_OVERLAP_MS);
    assert_one_order(street, seed);
    assert_nothing_is_queued(street);
    sums->granted += street->granted;
    sums->used += street->used;
    rough_air_free(street->air);
    free(street);
}

static void all_see_the_same_order_of_talkers(void **state) {
    (void)state;
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? 24380 : strtoull(given, NULL, 10);
    struct street sums = {.granted = 0};
    print_message("SEED=%llu\n", (unsigned long long)seed);
    for (unsigned i = 0; i < ROUNDS; i++) {
        play_round(seed + i, &sums);
    }
    assert_true(sums.granted > ROUNDS && sums.used > 0); /* it was about queues */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_see_the_same_order_of_talkers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
