/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An officer's report that a handset is lost, at the members of the groups in which both are: shown
 * as that officer's word, refusing nothing, taken back, and taken over by who agrees.
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
#include "app/handset/keys/hours.h"
#include "app/handset/talk/message_word.h"
#include "delivery.h"
#include "squad.h"
#include "texts.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    LOST_ONE = 3,
};

static enum status say(struct squad *squad, size_t n, enum command_kind kind, size_t of) {
    struct command command = {.kind = kind};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(of));
    return squad_command(squad, n, &command);
}

/* How many reports with that word handset n shows of handset `by` about handset `of`. */
static unsigned reports(struct squad *squad, size_t n, unsigned word, size_t by, size_t of) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->message_count; i++) {
        const struct view_message *message = &view->messages[i];
        count += message->word == word && strcmp(message->identity, squad_identity(by)) == 0 &&
                 strcmp(message->text, squad_identity(of)) == 0;
    }
    return count;
}

static bool is_lost_at(struct squad *squad, size_t n, size_t of) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->revoked.lost; i++) {
        if (strcmp(view->lost[i].identity, squad_identity(of)) == 0) {
            return true;
        }
    }
    return false;
}

/* Handset 0 made the group. */
static struct squad *squad_of(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, 8 * HOUR_MS);
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    squad->step_ms = 50;
    return squad;
}

static void members_see_who_reports_whom_and_refuse_nothing_by_it(void **state) {
    (void)state;
    struct squad *squad = squad_of(5);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    for (size_t n = 0; n < 5; n++) {
        assert_int_equal(reports(squad, n, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
        assert_int_equal(is_lost_at(squad, n, LOST_ONE), n == 1);
        assert_int_equal(squad_view(squad, n)->groups[0].member_count, 5);
    }
    assert_int_equal(texts_write(squad, LOST_ONE, "nobody took me"), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 0, "nobody took me"), 1);
    assert_int_equal(texts_shown(squad, 1, "nobody took me"), 0); /* its own officer's word */
    squad_free(squad);
}

/* A member's word refuses nobody; the officer who made the group agrees, and it gets a new key. The
 * others' handsets take it unasked, also where the report was not read yet. */
static void who_made_the_group_takes_it_over_and_leaves_the_lost_one_out(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    const uint32_t before = squad->handsets[0].engine->groups.list[0]->current.id;
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 20 * SECOND_MS);
    assert_int_equal(squad->handsets[0].engine->groups.list[0]->current.id, before);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    for (size_t n = 0; n < 3; n++) {
        const struct group *group = squad->handsets[n].engine->groups.list[0];
        assert_int_not_equal(group->current.id, before);
        assert_null(group_listed(&group->parameters, squad_identity(LOST_ONE)));
    }
    squad_free(squad);
}

static void a_report_is_taken_back_by_who_made_it(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_FOUND, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_FOUND, 1, LOST_ONE), 1);
    squad_free(squad);
}

/* Whoever reports first could take it back later, and nobody would have said anything. */
static void what_one_reports_another_reports_as_well(void **state) {
    (void)state;
    struct squad *squad = squad_of(5);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(say(squad, 2, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_FOUND, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(reports(squad, 4, MESSAGE_WORD_LOST, 2, LOST_ONE), 1);
    assert_int_equal(reports(squad, 4, MESSAGE_WORD_FOUND, 2, LOST_ONE), 0);
    assert_int_equal(reports(squad, 4, MESSAGE_WORD_FOUND, 1, LOST_ONE), 1);
    squad_free(squad);
}

/* It is a message: passed on to who was away, and there after a restart. */
static void it_reaches_who_was_away_and_survives_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_of(5);
    squad->handsets[4].deaf = true;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 10 * SECOND_MS);
    squad->handsets[1].deaf = true;
    squad_run(squad, MINUTE_MS);
    squad->handsets[4].deaf = false;
    squad_run(squad, MINUTE_MS);
    squad_restart(squad, 4, true);
    squad_run(squad, SECOND_MS);
    assert_int_equal(reports(squad, 4, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    squad_free(squad);
}

/* A report in a member's own name, about whom it likes. */
static void inject(struct squad *squad, size_t n, size_t by, const char *about) {
    uint8_t octets[GMK_SIZE], room[GROUP_MESSAGE_SIGNED_MAX], payload[GROUP_MESSAGE_MAX];
    const struct group *group = squad->handsets[n].engine->groups.list[0];
    const uint32_t hour = hours_now(group, squad_now(squad, n));
    struct writer w = writer_into(payload, sizeof payload);
    struct group_message said = {.word = MESSAGE_WORD_LOST,
                                 .number = group_clock_read(&group->clock, squad_now(squad, n))};
    hours_key(group, hour, octets);
    const struct message_key key = {group->parameters.identity, group->current.id, hour, octets};
    snprintf(said.identity, sizeof said.identity, "%s", squad_identity(by));
    snprintf(said.text, sizeof said.text, "%s", about);
    assert_int_equal(
        squad_provider()->sign(squad_signing_key(by),
                               group_message_covered(&said, key.group, key.gmk_id, room),
                               &entropy_system, said.signature),
        STATUS_OK);
    assert_int_equal(group_message_close(&key, &said, &entropy_system, &w), STATUS_OK);
    squad_inject_marked(squad, n, by, FRAME_MESSAGE, writer_span(&w));
    squad_run(squad, SECOND_MS);
}

static void of_who_is_not_in_the_group_nothing_is_reported_there(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    inject(squad, 2, 1, squad_identity(SQUAD_STRANGER));
    assert_int_equal(squad_view(squad, 2)->message_count, 0);
    inject(squad, 2, 1, "no identity");
    assert_int_equal(squad_view(squad, 2)->message_count, 0);
    inject(squad, 2, 1, squad_identity(LOST_ONE));
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    squad_free(squad);
}

/* Who has a lost handset in hand reports nothing of it, and keeps no other from it. */
static void nobody_reports_itself(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    inject(squad, 1, LOST_ONE, squad_identity(LOST_ONE));
    assert_int_equal(squad_view(squad, 1)->message_count, 0);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    squad_free(squad);
}

/* Handset `by` writes so many, at the rate at which they are taken, which handset n does not read.
 */
static void flood(struct squad *squad, size_t by, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "flood %u", i);
        assert_int_equal(texts_write(squad, by, text), STATUS_OK);
        squad_run(squad, 6 * SECOND_MS);
    }
}

/* The officer has read the report, and who has the lost handset writes on and on. */
static void the_lost_one_does_not_flood_its_report_away(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    texts_read(squad, 2);
    flood(squad, LOST_ONE, MESSAGES_KEPT + 2);
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    assert_int_equal(texts_shown(squad, 2, "flood 0"), 0);
    assert_int_equal(texts_shown(squad, 2, "flood 33"), 1);
    squad_free(squad);
}

/* Who is in it only its manager knows, so all members are told: the manager's officer excludes. */
static void in_a_standard_group_its_members_are_told(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    for (size_t n = 0; n < 4; n++) {
        const struct delivery delivery = delivery_now(squad, n, 0x01020304);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    squad->step_ms = 50;
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, LOST_ONE), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(reports(squad, 2, MESSAGE_WORD_LOST, 1, LOST_ONE), 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_see_who_reports_whom_and_refuse_nothing_by_it),
        cmocka_unit_test(who_made_the_group_takes_it_over_and_leaves_the_lost_one_out),
        cmocka_unit_test(a_report_is_taken_back_by_who_made_it),
        cmocka_unit_test(what_one_reports_another_reports_as_well),
        cmocka_unit_test(it_reaches_who_was_away_and_survives_a_restart),
        cmocka_unit_test(of_who_is_not_in_the_group_nothing_is_reported_there),
        cmocka_unit_test(nobody_reports_itself),
        cmocka_unit_test(the_lost_one_does_not_flood_its_report_away),
        cmocka_unit_test(in_a_standard_group_its_members_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
