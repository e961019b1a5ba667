/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The officer's log under junk, and in the hands of a nuisance: what mattered stays in it, and what
 * was refused is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/desk/refusals.h"
#include "junk.h"
#include "tests/app/squad.h"

enum {
    BEN = 1, /* whose log it is */
    SECONDS = VIEW_LOG_MAX,
    LINES_OF_ONE = 6, /* of one kind that somebody can have in the log */
};

static const enum frame_kind kinds[] = {FRAME_PRESENCE,
                                        FRAME_D2D,
                                        FRAME_ANNOUNCEMENT,
                                        FRAME_MEDIA,
                                        FRAME_ANNOUNCEMENT_AND_MEDIA,
                                        FRAME_KEY_DELIVERY,
                                        FRAME_RECEIPT,
                                        FRAME_FRAGMENT,
                                        FRAME_RELAY_CONTROL,
                                        FRAME_VOICE_REPORT,
                                        FRAME_FLOOR};

static unsigned lines_of(struct squad *squad, enum event_kind kind) {
    const struct view *view = squad_view(squad, BEN);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static unsigned count_refused(struct squad *squad) {
    const struct view *view = squad_view(squad, BEN);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == EVENT_REFUSED ? view->log[i].count : 0;
    }
    return count;
}

static bool has_line(struct squad *squad, enum event_kind kind, const char *identity) {
    const struct view *view = squad_view(squad, BEN);
    bool is_there = false;
    for (size_t i = 0; i < view->log_count; i++) {
        is_there |= view->log[i].kind == kind && strcmp(view->log[i].identity, identity) == 0;
    }
    return is_there;
}

/* How the group came about. */
static void expect_what_mattered(struct squad *squad) {
    assert_true(has_line(squad, EVENT_INVITED_TO_GROUP, squad_identity(0)));
    assert_true(has_line(squad, EVENT_INVITATION_ACCEPTED, squad_identity(0)));
    assert_true(has_line(squad, EVENT_GROUP_READY, ""));
}

static struct squad *squad_in_a_group(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3000);
    expect_what_mattered(squad);
    return squad;
}

/* A frame of junk; the kinds in turn. */
static void say_junk(struct squad *squad, uint64_t *random, size_t from, unsigned turn) {
    uint8_t junk[90];
    junk_fill(random, junk, sizeof junk);
    squad_inject_payload(squad, BEN, from, kinds[turn % (sizeof kinds / sizeof kinds[0])],
                         SPAN_OF(junk));
}

static void a_stranger_with_a_frame_of_junk_a_second_pushes_nothing_out_of_the_log(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    uint64_t random = 1;
    for (unsigned second = 0; second < SECONDS; second++) {
        uint8_t junk[90];
        junk_fill(&random, junk, sizeof junk);
        squad_inject_payload(squad, BEN, SQUAD_STRANGER,
                             second % 2 == 0 ? FRAME_ANNOUNCEMENT : FRAME_PRESENCE, SPAN_OF(junk));
        squad_run(squad, 1000);
    }
    expect_what_mattered(squad);
    assert_true(lines_of(squad, EVENT_REFUSED) <= REFUSALS_ROWS_MAX);
    assert_int_equal(count_refused(squad), SECONDS);
    squad_free(squad);
}

/* The junk's own head is right, so that it is refused as late as junk can be; its source varies. */
static void neither_do_many_sources_with_frames_of_all_kinds(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    uint64_t random = 2;
    for (unsigned turn = 0; turn < 3000; turn++) {
        say_junk(squad, &random, SQUAD_STRANGER + turn * 31 % 1000, turn);
        if (turn % 10 == 0) {
            squad_run(squad, 100);
        }
    }
    expect_what_mattered(squad);
    const struct view *view = squad_view(squad, BEN);
    assert_true(lines_of(squad, EVENT_REFUSED) <= REFUSALS_ROWS_MAX);
    assert_true(view->log_count <= REFUSALS_ROWS_MAX + 10);
    assert_true(count_refused(squad) > 500 && count_refused(squad) <= view->frames_refused);
    squad_free(squad);
}

/* Presences under members' names, with signatures that are not theirs. */
static void neither_do_forged_presences_under_members_names(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(3);
    const struct squad_frame *frame = squad_find_frame(squad, 2, FRAME_PRESENCE);
    assert_non_null(frame);
    struct span true_one = squad_payload(frame);
    uint8_t forged[FRAME_MAX];
    assert_true(true_one.length <= sizeof forged);
    memcpy(forged, true_one.octets, true_one.length);
    for (unsigned turn = 0; turn < SECONDS; turn++) {
        forged[true_one.length - 10] = (uint8_t)turn;
        forged[true_one.length - 11] = (uint8_t)(turn >> 8);
        squad_inject_payload(squad, BEN, SQUAD_STRANGER + turn % 5, FRAME_PRESENCE,
                             (struct span){forged, true_one.length});
        squad_run(squad, 200);
    }
    expect_what_mattered(squad);
    assert_true(lines_of(squad, EVENT_REFUSED) <= REFUSALS_ROWS_MAX);
    assert_true(lines_of(squad, EVENT_NEARBY) <= 2);
    squad_free(squad);
}

static void command(struct squad *squad, size_t n, struct command command) {
    (void)squad_command(squad, n, &command);
    squad_run(squad, 400);
}

static struct command about(enum command_kind kind, const char *identity, const char *group) {
    struct command command = {.kind = kind};
    snprintf(command.identity, sizeof command.identity, "%s", identity);
    snprintf(command.group, sizeof command.group, "%s", group);
    return command;
}

/* A neighbour who calls, invites to ever new groups, and withdraws each time. */
static void a_neighbour_who_asks_without_end_has_a_few_lines(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(3);
    enum {
        NUISANCE = 2,
        TIMES = 60
    };
    unsigned before = squad->handsets[BEN].invitations;
    for (unsigned turn = 0; turn < TIMES; turn++) {
        command(squad, NUISANCE, about(COMMAND_CALL, squad_identity(BEN), ""));
        command(squad, NUISANCE, (struct command){.kind = COMMAND_HANG_UP});
        squad_ask(squad, NUISANCE, BEN, 1);
        squad_run(squad, 600);
        const struct view *view = squad_view(squad, NUISANCE);
        command(squad, NUISANCE,
                about(COMMAND_DELETE_GROUP, "", view->groups[view->group_count - 1].identity));
    }
    expect_what_mattered(squad);
    const enum event_kind told[] = {EVENT_INVITED_TO_CALL, EVENT_INVITATION_WITHDRAWN,
                                    EVENT_INVITATION_LOST, EVENT_INVITATION_EXPIRED,
                                    EVENT_CALLS_QUIETED,   EVENT_INVITATIONS_QUIETED,
                                    EVENT_NEARBY};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        assert_true(lines_of(squad, told[i]) <= LINES_OF_ONE);
    }
    assert_true(lines_of(squad, EVENT_CALLS_QUIETED) > 0);
    assert_true(lines_of(squad, EVENT_INVITATIONS_QUIETED) > 0);
    assert_in_range(squad->handsets[BEN].invitations - before, 4, 60);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_with_a_frame_of_junk_a_second_pushes_nothing_out_of_the_log),
        cmocka_unit_test(neither_do_many_sources_with_frames_of_all_kinds),
        cmocka_unit_test(neither_do_forged_presences_under_members_names),
        cmocka_unit_test(a_neighbour_who_asks_without_end_has_a_few_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
