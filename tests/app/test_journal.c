/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log for the officer: nobody can push out of it what others did, and what it counts is true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/desk/journal.h"
#include "crypto/status.h"

enum {
    MANY = 5000,
    START_MS = 1000000,
};

static const struct source_namer nobody;

struct scene {
    struct journal journal;
    struct view view;
};

static struct scene *scene_new(void) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    return scene;
}

static const struct view *look(struct scene *scene) {
    journal_show(&scene->journal, &scene->view);
    return &scene->view;
}

static struct event event_from(unsigned who, enum event_kind kind, unsigned group, int64_t utc_ms) {
    char identity[40], name[40];
    snprintf(identity, sizeof identity, "tel:+4477009%05u", who);
    snprintf(name, sizeof name, "sip:group%u@county.example", group);
    struct event event = event_of_member(kind, identity, "", name, "");
    if ((event_values(kind) >> VALUE_LINK & 1) != 0) {
        memset(event.identity, 0, sizeof event.identity);
        event.condition = (struct view_condition){.number = who};
        snprintf(event.link, sizeof event.link, "link %u", group);
    }
    event.utc_ms = utc_ms;
    return event;
}

static unsigned lines_of(const struct view *view, enum event_kind kind) {
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

/* What strangers, neighbours and members can cause as often as they like. */
static const enum event_kind by_others[] = {
    EVENT_NEARBY,
    EVENT_NEIGHBOUR_TWICE,
    EVENT_IDENTITY_TWICE,
    EVENT_IDENTITY_ALONE,
    EVENT_NEIGHBOUR_KEYS_ENDED,
    EVENT_OTHER_VERSION,
    EVENT_FLOOD,
    EVENT_FLOOD_OVER,
    EVENT_LINK_NEWS,
    EVENT_LINK_PROBLEM,
    EVENT_CLOCK_DIFFERS,
    EVENT_CLOCK_AGREES,
    EVENT_INVITED_TO_GROUP,
    EVENT_INVITED_TO_REKEY,
    EVENT_INVITED_TO_CALL,
    EVENT_CALL_ENDED,
    EVENT_INVITATION_WITHDRAWN,
    EVENT_INVITATION_LOST,
    EVENT_CALLS_QUIETED,
    EVENT_INVITATIONS_QUIETED,
    EVENT_INVITATION_EXPIRED,
    EVENT_EMERGENCY,
    EVENT_EMERGENCY_OVER,
    EVENT_EMERGENCY_QUIETED,
    EVENT_TALK_BEGAN,
    EVENT_TALK_ENDED,
    EVENT_VOICE_FORGED,
    EVENT_FLOOR_LOST,
    EVENT_FLOOR_CLAIMED_LATE,
    EVENT_OTHERS_KEY,
    EVENT_OLD_KEY_USED,
    EVENT_TALKER_OUT_OF_TIME,
};

static void add_what_matters(struct scene *scene) {
    const enum event_kind kinds[] = {EVENT_GROUP_READY, EVENT_MEMBER_JOINED, EVENT_GROUP_ASKING,
                                     EVENT_KEY_DELIVERED, EVENT_INVITATION_ACCEPTED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct event event = event_from(1, kinds[i], 1, START_MS);
        journal_add(&scene->journal, &event);
    }
}

static void expect_what_matters(struct scene *scene) {
    const struct view *view = look(scene);
    assert_int_equal(lines_of(view, EVENT_GROUP_READY), 1);
    assert_int_equal(lines_of(view, EVENT_MEMBER_JOINED), 1);
    assert_int_equal(lines_of(view, EVENT_GROUP_ASKING), 1);
    assert_int_equal(lines_of(view, EVENT_KEY_DELIVERED), 1);
    assert_int_equal(lines_of(view, EVENT_INVITATION_ACCEPTED), 1);
}

/* Whoever it is, however many of them, and whatever they cause. */
static void nothing_that_others_cause_pushes_out_what_became_of_the_own_groups(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    add_what_matters(scene);
    for (unsigned i = 0; i < MANY; i++) {
        for (size_t at = 0; at < sizeof by_others / sizeof by_others[0]; at++) {
            const struct event event = event_from(i, by_others[at], i % 7, START_MS + i);
            journal_add(&scene->journal, &event);
        }
    }
    expect_what_matters(scene);
    free(scene);
}

static void no_invitation_pushes_out_an_emergency_and_no_emergency_an_invitation(void **state) {
    (void)state;
    const enum event_kind one[] = {EVENT_EMERGENCY, EVENT_INVITED_TO_GROUP, EVENT_INVITED_TO_CALL,
                                   EVENT_VOICE_FORGED, EVENT_FLOOD};
    const enum event_kind many[] = {EVENT_INVITED_TO_GROUP, EVENT_EMERGENCY, EVENT_TALK_BEGAN,
                                    EVENT_TALK_ENDED, EVENT_NEARBY};
    for (size_t at = 0; at < sizeof one / sizeof one[0]; at++) {
        struct scene *scene = scene_new();
        const struct event kept = event_from(1, one[at], 1, START_MS);
        journal_add(&scene->journal, &kept);
        for (unsigned i = 0; i < MANY; i++) {
            const struct event event = event_from(2 + i, many[at], i, START_MS + i);
            journal_add(&scene->journal, &event);
        }
        assert_int_equal(lines_of(look(scene), one[at]), 1);
        free(scene);
    }
}

/* A few lines of each kind, and the oldest of them says how many more there were since when. */
static void one_neighbour_has_a_few_lines_of_each_kind_that_count_the_rest(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    const struct event another = event_from(2, EVENT_INVITED_TO_GROUP, 1, START_MS);
    journal_add(&scene->journal, &another);
    for (unsigned i = 0; i < MANY; i++) {
        const struct event event = event_from(1, EVENT_INVITED_TO_GROUP, i, START_MS + i);
        journal_add(&scene->journal, &event);
    }
    const struct view *view = look(scene);
    unsigned times = 0;
    assert_int_equal(view->log_count, 1 + shelf_alike_max(SHELF_ASKED));
    for (size_t i = 0; i + 1 < view->log_count; i++) {
        assert_int_equal(view->log[i].utc_ms, START_MS + MANY - 1 - (int64_t)i);
        times += view->log_times[i].times;
    }
    assert_int_equal(times, MANY);
    size_t oldest = shelf_alike_max(SHELF_ASKED) - 1;
    assert_int_equal(view->log_times[oldest].times, MANY - oldest);
    assert_int_equal(view->log_times[oldest].since_utc_ms, START_MS);
    assert_string_equal(view->log[view->log_count - 1].identity, another.identity);
    assert_int_equal(view->log_times[view->log_count - 1].times, 1);
    free(scene);
}

static void who_comes_and_goes_without_end_has_one_line(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    for (unsigned i = 0; i < MANY; i++) {
        const struct event event = event_from(i % 2, EVENT_NEARBY, 0, START_MS + i);
        journal_add(&scene->journal, &event);
    }
    const struct view *view = look(scene);
    assert_int_equal(view->log_count, 2);
    assert_int_equal(view->log_times[0].times + view->log_times[1].times, MANY);
    free(scene);
}

/* The newest line comes first, whichever shelf it is on. */
static void lines_are_shown_in_the_order_in_which_they_came(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    for (unsigned i = 0; i < 20; i++) {
        const enum event_kind kinds[] = {EVENT_GROUP_READY, EVENT_NEARBY, EVENT_EMERGENCY,
                                         EVENT_TALK_BEGAN, EVENT_REFUSED};
        struct event event = event_from(i, kinds[i % 5], i, START_MS + i);
        if (event.kind == EVENT_REFUSED) {
            event = (struct event){.kind = EVENT_REFUSED,
                                   .message = (enum event_message)(1 + i / 5),
                                   .utc_ms = START_MS + i};
            (void)journal_refuse(&scene->journal, START_MS + i, &nobody, &event);
        } else {
            journal_add(&scene->journal, &event);
        }
    }
    const struct view *view = look(scene);
    assert_int_equal(view->log_count, 20);
    for (size_t i = 0; i < view->log_count; i++) {
        assert_int_equal(view->log[i].utc_ms, START_MS + 19 - (int64_t)i);
    }
    free(scene);
}

/* --- Refusals ------------------------------------------------------------------------------- */

static void refuse(struct scene *scene, uint64_t peer, enum event_message message,
                   enum status status, int64_t at_ms) {
    struct event event = {
        .kind = EVENT_REFUSED, .message = message, .check = status_name(status), .utc_ms = at_ms};
    scene->journal.peer = peer;
    (void)journal_refuse(&scene->journal, at_ms, &nobody, &event);
}

/* Each is counted once, in all rows together. */
static void expect_all_counted(struct scene *scene, uint64_t count) {
    const struct view *view = look(scene);
    uint64_t counted = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        counted += view->log[i].kind == EVENT_REFUSED ? view->log[i].count : 0;
    }
    assert_int_equal(counted, count);
    assert_int_equal(view->frames_refused, count);
}

static void refusals_of_one_kind_and_source_are_one_line_that_counts_them(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    for (unsigned i = 0; i < 412; i++) {
        refuse(scene, 7, MESSAGE_ANNOUNCEMENT, STATUS_MAC_INVALID, START_MS + i);
    }
    refuse(scene, 8, MESSAGE_ANNOUNCEMENT, STATUS_MAC_INVALID, START_MS + 500);
    refuse(scene, 7, MESSAGE_PRESENCE, STATUS_MAC_INVALID, START_MS + 501);
    const struct view *view = look(scene);
    assert_int_equal(view->log_count, 3);
    assert_int_equal(view->log[2].count, 412);
    assert_int_equal(view->log[2].utc_ms, START_MS + 411);
    assert_int_equal(view->log_times[2].since_utc_ms, START_MS);
    assert_int_equal(view->log[2].sources, 0);
    expect_all_counted(scene, 414);
    free(scene);
}

static void many_sources_are_one_line_that_says_how_many(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    for (unsigned i = 0; i < MANY; i++) {
        refuse(scene, 1 + i % 100, MESSAGE_PRESENCE, STATUS_SIGNATURE_INVALID, START_MS + i);
    }
    const struct view *view = look(scene);
    assert_int_equal(view->log_count, REFUSALS_SOURCES_MAX + 1);
    unsigned sources = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        sources = view->log[i].sources > sources ? view->log[i].sources : sources;
    }
    assert_in_range(sources, 80, 100 - REFUSALS_SOURCES_MAX); /* at least as many as it says */
    expect_all_counted(scene, MANY);
    free(scene);
}

/* Of all kinds, for all reasons, from everywhere. */
static void refusals_of_every_kind_stay_within_their_rows(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    uint64_t count = 0;
    add_what_matters(scene);
    for (int round = 0; round < 20; round++) {
        for (int message = 0; message < MESSAGE_COUNT; message++) {
            for (int status = 1; status < 30; status++) {
                refuse(scene, (uint64_t)(count * 7919 % 1000), (enum event_message)message,
                       (enum status)status, START_MS + (int64_t)count);
                count++;
            }
        }
    }
    expect_what_matters(scene);
    assert_true(lines_of(look(scene), EVENT_REFUSED) <= REFUSALS_ROWS_MAX);
    expect_all_counted(scene, count);
    free(scene);
}

static void few_refusals_a_second_are_told(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    unsigned told = 0;
    for (unsigned i = 0; i < 10000; i++) {
        struct event event = {.kind = EVENT_REFUSED, .message = MESSAGE_VOICE};
        told += journal_refuse(&scene->journal, START_MS + i, &nobody, &event);
    }
    assert_in_range(told, 10 * JOURNAL_REFUSALS_A_SECOND, 11 * JOURNAL_REFUSALS_A_SECOND);
    free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_others_cause_pushes_out_what_became_of_the_own_groups),
        cmocka_unit_test(no_invitation_pushes_out_an_emergency_and_no_emergency_an_invitation),
        cmocka_unit_test(one_neighbour_has_a_few_lines_of_each_kind_that_count_the_rest),
        cmocka_unit_test(who_comes_and_goes_without_end_has_one_line),
        cmocka_unit_test(lines_are_shown_in_the_order_in_which_they_came),
        cmocka_unit_test(refusals_of_one_kind_and_source_are_one_line_that_counts_them),
        cmocka_unit_test(many_sources_are_one_line_that_says_how_many),
        cmocka_unit_test(refusals_of_every_kind_stay_within_their_rows),
        cmocka_unit_test(few_refusals_a_second_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
