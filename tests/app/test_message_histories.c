/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages in random histories of loss, partitions, kills and hours that turn: each is shown once
 * or not at all at every member, none in another's name, none after its key. At the end some come
 * together, with or without those who wrote, and then all of these have what one of them has.
 *
 *   test_message_histories                     a few of them
 *   test_message_histories --seed N            one again
 *   test_message_histories --seeds FIRST LAST  goes on looking
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
#include "squad.h"
#include "texts.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    CROWD = 4,
    HISTORIES = 4,
    ACTIONS = 60,
    WRITTEN_MAX = 24,
    KEY_MS = 3 * HOUR_MS,
};

static uint64_t first_seed = 1, last_seed = HISTORIES;

struct history {
    uint64_t state;
    unsigned loss; /* percent */
    bool apart[CROWD][CROWD];
    size_t written;
    size_t writer[WRITTEN_MAX];
    unsigned wrote[CROWD]; /* no more than are resent at a time */
    unsigned told[CROWD];
};

/* What came of all of them. */
static struct {
    unsigned written, shown, missed;
} sum;

static unsigned draw(struct history *history, unsigned below) {
    history->state = history->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(history->state >> 33) % below;
}

static bool pass(void *context, struct squad_frame *frame, size_t receiver) {
    struct history *history = context;
    return !history->apart[frame->from][receiver] && draw(history, 100) >= history->loss;
}

static void listen(void *context, size_t n, const struct event *event) {
    struct history *history = context;
    history->told[n] += event->kind == EVENT_MESSAGE;
}

static void name_text(size_t i, char out[32]) {
    snprintf(out, 32, "message %zu", i);
}

/* None twice, none that nobody wrote, none under another name. */
static void check_all(struct squad *squad, const struct history *history) {
    for (size_t n = 0; n < CROWD; n++) {
        const struct view *view = squad_view(squad, n);
        unsigned seen[WRITTEN_MAX] = {0};
        for (size_t i = 0; i < view->message_count; i++) {
            size_t which = WRITTEN_MAX;
            assert_int_equal(sscanf(view->messages[i].text, "message %zu", &which), 1);
            assert_true(which < history->written);
            assert_int_equal(++seen[which], 1);
            assert_string_equal(view->messages[i].identity, squad_identity(history->writer[which]));
        }
    }
}

static void act(struct squad *squad, struct history *history) {
    size_t n = draw(history, CROWD), other = draw(history, CROWD);
    char text[32];
    switch (draw(history, 8)) {
    case 0:
    case 1:
    case 2:
        name_text(history->written, text);
        if (history->written < WRITTEN_MAX && history->wrote[n] < MESSAGES_OUT_MAX &&
            texts_write(squad, n, text) == STATUS_OK) {
            history->writer[history->written++] = n;
            history->wrote[n]++;
        }
        break;
    case 3:
        history->loss = draw(history, 60);
        break;
    case 4:
        history->apart[n][other] = history->apart[other][n] = draw(history, 3) > 0;
        break;
    case 5:
        squad->handsets[n].cut_at = 1 + draw(history, 6);
        break;
    case 6:
        squad_restart(squad, n, true);
        break;
    case 7:
        texts_read(squad, n);
        break;
    default:
        break;
    }
}

static void raise_the_cut(struct squad *squad) {
    for (size_t n = 0; n < CROWD; n++) {
        if (squad->handsets[n].is_cut) {
            squad_restart(squad, n, true);
        }
    }
}

/* All but `gone` are together until they have had time for everything. */
static void come_together(struct squad *squad, struct history *history, size_t gone) {
    for (size_t n = 0; n < CROWD; n++) {
        squad->handsets[n].cut_at = 0;
        for (size_t other = 0; other < CROWD; other++) {
            history->apart[n][other] = n == gone || other == gone;
        }
    }
    history->loss = 0;
    squad->step_ms = 500;
    squad_run(squad, 3 * MINUTE_MS);
}

/* What one has who is not away, all of them have. */
static void check_same(struct squad *squad, const struct history *history, size_t gone) {
    for (size_t i = 0; i < history->written; i++) {
        char text[32];
        unsigned have = 0, there = 0;
        name_text(i, text);
        for (size_t n = 0; n < CROWD; n++) {
            have += n != gone && texts_shown(squad, n, text) == 1;
            there += n != gone;
        }
        assert_true(have == 0 || have == there);
        sum.shown += have;
        sum.missed += have == 0;
    }
}

static void run_history(uint64_t seed) {
    squad_seed(seed);
    struct squad *squad = squad_new(CROWD);
    struct history history = {.state = seed};
    squad_group(squad, KEY_MS);
    squad->is_mute = true;
    squad->boot_ms += draw(&history, 2) * (HOUR_MS - 2 * MINUTE_MS); /* an hour turns, or not */
    squad_run(squad, 5 * SECOND_MS);
    squad->step_ms = 200;
    squad->filter = pass;
    squad->filter_context = squad->told_context = &history;
    squad->told = listen;
    for (unsigned i = 0; i < ACTIONS; i++) {
        act(squad, &history);
        squad_run(squad, draw(&history, 12) * 200);
        raise_the_cut(squad);
        if (i % 4 == 0) {
            check_all(squad, &history);
        }
    }
    for (size_t n = 0; n < CROWD; n++) {
        assert_true(history.told[n] <= history.written);
    }
    const size_t gone = draw(&history, 2) == 0 ? CROWD : draw(&history, CROWD);
    come_together(squad, &history, gone);
    check_all(squad, &history);
    check_same(squad, &history, gone);
    sum.written += (unsigned)history.written;
    squad->boot_ms += KEY_MS;
    squad_run(squad, 2 * SECOND_MS);
    for (size_t n = 0; n < CROWD; n++) {
        assert_int_equal(squad_view(squad, n)->message_count, 0);
    }
    squad_free(squad);
}

static void in_any_history_each_is_shown_once_or_not_at_all(void **state) {
    (void)state;
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        run_history(seed);
    }
    print_message("%u messages written, shown %u times at the end; %u at nobody who was there\n",
                  sum.written, sum.shown, sum.missed);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_any_history_each_is_shown_once_or_not_at_all),
    };
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        first_seed = last_seed = strtoull(argv[2], NULL, 10);
    } else if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        first_seed = strtoull(argv[2], NULL, 10);
        last_seed = strtoull(argv[3], NULL, 10);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
