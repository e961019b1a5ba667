/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A new key that only takes members out of a group joined before is taken unasked
 * (app/handset/keys/narrowing.h), between whole engines in virtual time; and each thing because of
 * which the officer is asked after all.
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
#include "app/handset/keys/narrowing.h"
#include "squad.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    COUNT = 4,
    CREATOR = 0, /* who makes the group of all four and leaves OUT out of the next key */
    MEMBER = 1,
    OTHER = 2,
    OUT = 3,
};

static const struct view_group *group_of(struct squad *squad, size_t n) {
    assert_int_equal(squad_view(squad, n)->group_count, 1);
    return &squad_view(squad, n)->groups[0];
}

static struct group *held_by(const struct squad *squad, size_t n) {
    const struct groups *groups = &squad->handsets[n].engine->groups;
    assert_int_equal(groups->count, 1);
    return groups->list[0];
}

static unsigned told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static const struct event *line_of(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == kind) {
            return &view->log[i];
        }
    }
    fail_msg("handset %zu was not told %s", n, event_name(kind));
    return NULL;
}

static struct squad *begin(void) {
    struct squad *squad = squad_new(COUNT);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    return squad;
}

static enum status say(struct squad *squad, size_t n, enum command_kind kind, size_t of, int on) {
    struct command command = {.kind = kind, .on = on};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(of));
    return squad_command(squad, n, &command);
}

/* The creator gives a key that is good for `period_ms` to the `count` handsets after it. */
static void rekey(struct squad *squad, size_t count, int64_t period_ms) {
    struct command command = squad_create_command(count, period_ms);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, group_of(squad, CREATOR)->identity, sizeof command.group);
    snprintf(command.name, sizeof command.name, "%s", group_of(squad, CREATOR)->name);
    assert_int_equal(squad_command(squad, CREATOR, &command), STATUS_OK);
    squad_run(squad, 3 * SECOND);
}

static void assert_taken(struct squad *squad, size_t n, unsigned out) {
    assert_int_equal(squad_view(squad, n)->invitation_count, 0);
    assert_int_equal(group_of(squad, n)->gmk_id, group_of(squad, CREATOR)->gmk_id);
    assert_int_equal(group_of(squad, n)->member_count, COUNT - out);
    assert_int_equal(told(squad, n, EVENT_KEY_TAKEN), 1);
    assert_int_equal(line_of(squad, n, EVENT_KEY_TAKEN)->count, out);
    assert_string_equal(line_of(squad, n, EVENT_KEY_TAKEN)->identity, squad_identity(CREATOR));
    assert_int_equal(told(squad, n, EVENT_MEMBER_LEFT_OUT), out);
}

/* Its officer is asked, and answers: then it holds the key. */
static void assert_asked(struct squad *squad, size_t n, uint32_t before) {
    assert_int_equal(squad_view(squad, n)->invitation_count, 1);
    assert_int_equal(squad_view(squad, n)->invitations[0].purpose, INVITED_TO_REKEY);
    assert_int_equal(group_of(squad, n)->gmk_id, before);
    assert_int_equal(told(squad, n, EVENT_KEY_TAKEN), 0);
}

static void assert_takes_if_accepted(struct squad *squad, size_t n, uint32_t before) {
    assert_asked(squad, n, before);
    assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(group_of(squad, n)->gmk_id, group_of(squad, CREATOR)->gmk_id);
    assert_int_equal(told(squad, n, EVENT_KEY_TAKEN), 0);
}

/* --- Taken ------------------------------------------------------------------------------------ */

static void a_key_that_only_takes_members_out_is_taken_with_a_notice(void **state) {
    (void)state;
    struct squad *squad = begin();
    rekey(squad, OTHER, HOUR_MS);
    assert_taken(squad, MEMBER, 1);
    assert_taken(squad, OTHER, 1);
    assert_string_equal(line_of(squad, MEMBER, EVENT_MEMBER_LEFT_OUT)->identity,
                        squad_identity(OUT));
    assert_int_equal(group_of(squad, CREATOR)->members[1].state, MEMBER_ACCEPTED);
    assert_int_not_equal(group_of(squad, OUT)->gmk_id, group_of(squad, CREATOR)->gmk_id);
    assert_int_equal(told(squad, OUT, EVENT_KEY_TAKEN), 0);
    squad_restart(squad, MEMBER, true);
    squad_run(squad, SECOND);
    assert_int_equal(group_of(squad, MEMBER)->gmk_id, group_of(squad, CREATOR)->gmk_id);
    assert_int_equal(group_of(squad, MEMBER)->member_count, COUNT - 1);
    squad_free(squad);
}

/* One officer's word is enough: nobody is asked. */
static void who_is_reported_lost_is_out_at_every_member_in_seconds(void **state) {
    (void)state;
    struct squad *squad = begin();
    assert_int_equal(say(squad, CREATOR, COMMAND_REPORT_LOST, OUT, 0), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_taken(squad, MEMBER, 1);
    assert_taken(squad, OTHER, 1);
    squad_free(squad);
}

static void who_was_away_takes_it_when_it_is_back(void **state) {
    (void)state;
    struct squad *squad = begin();
    squad->handsets[MEMBER].deaf = true;
    squad_run(squad, 30 * SECOND);
    rekey(squad, OTHER, HOUR_MS);
    squad_run(squad, 30 * SECOND);
    squad->handsets[MEMBER].deaf = false;
    squad_run(squad, MINUTE);
    assert_taken(squad, MEMBER, 1);
    squad_free(squad);
}

/* Each leaves fewer, so that it ends by itself. */
static void one_after_the_other_is_taken_out(void **state) {
    (void)state;
    struct squad *squad = begin();
    rekey(squad, OTHER, HOUR_MS);
    rekey(squad, MEMBER, HOUR_MS / 2);
    assert_int_equal(group_of(squad, MEMBER)->gmk_id, group_of(squad, CREATOR)->gmk_id);
    assert_int_equal(group_of(squad, MEMBER)->member_count, 2);
    assert_int_equal(told(squad, MEMBER, EVENT_KEY_TAKEN), 2);
    squad_free(squad);
}

/* --- Asked ------------------------------------------------------------------------------------ */

static void where_the_officer_has_set_so_it_asks_also_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = begin();
    assert_int_equal(say(squad, MEMBER, COMMAND_TAKE_KEYS, MEMBER, 0), STATUS_OK);
    squad_run(squad, SECOND);
    squad_restart(squad, MEMBER, true);
    squad_run(squad, 5 * SECOND);
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_takes_if_accepted(squad, MEMBER, before);
    assert_taken(squad, OTHER, 1);
    squad_free(squad);
}

static void one_that_takes_nobody_out_or_lasts_longer_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OUT, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
    squad = begin();
    const uint32_t first = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS + 1);
    assert_takes_if_accepted(squad, MEMBER, first);
    squad_free(squad);
}

/* What a handset, of which somebody says something, is asked for. */
static void assert_asks_after(enum command_kind kind, size_t of) {
    struct squad *squad = begin();
    assert_int_equal(say(squad, MEMBER, COMMAND_TRUST, of, 0), STATUS_OK);
    assert_int_equal(say(squad, MEMBER, kind, of, 0), STATUS_OK);
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    assert_taken(squad, OTHER, 1);
    squad_free(squad);
}

static void one_with_somebody_lost_in_it_or_trusted_no_more_is_asked(void **state) {
    (void)state;
    assert_asks_after(COMMAND_REPORT_LOST, OTHER);
    assert_asks_after(COMMAND_UNTRUST, OTHER);
    assert_asks_after(COMMAND_UNTRUST, CREATOR);
}

/* Trust that was taken from who is out now is taken with the key before: it is new with the next.
 */
static void trust_taken_before_the_key_that_the_officer_accepted_counts_no_more(void **state) {
    (void)state;
    struct squad *squad = begin();
    assert_int_equal(say(squad, MEMBER, COMMAND_UNTRUST, OTHER, 0), STATUS_OK);
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_takes_if_accepted(squad, MEMBER, before);
    rekey(squad, MEMBER, HOUR_MS);
    assert_int_equal(squad_view(squad, MEMBER)->invitation_count, 0);
    assert_int_equal(told(squad, MEMBER, EVENT_KEY_TAKEN), 1);
    squad_free(squad);
}

static void under_radio_silence_it_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    assert_int_equal(say(squad, MEMBER, COMMAND_RADIO_SILENCE, MEMBER, 1), STATUS_OK);
    rekey(squad, OTHER, HOUR_MS);
    squad_run(squad, MINUTE);
    assert_int_equal(group_of(squad, MEMBER)->gmk_id, before);
    assert_int_equal(told(squad, MEMBER, EVENT_KEY_TAKEN), 0);
    squad_free(squad);
}

static void where_nothing_can_be_saved_it_is_not_taken(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    squad->handsets[MEMBER].engine->desk.cannot_save = true;
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

static void in_an_emergency_of_the_group_it_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    struct command command = {.kind = COMMAND_EMERGENCY, .on = 1};
    memcpy(command.group, group_of(squad, MEMBER)->identity, sizeof command.group);
    assert_int_equal(squad_command(squad, MEMBER, &command), STATUS_OK);
    squad_run(squad, SECOND);
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

/* It would wipe what the officer has not read. */
static void with_an_unread_message_it_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    const char text[] = "at the gate";
    struct command command = {
        .kind = COMMAND_MESSAGE, .text = text, .text_length = sizeof text - 1};
    memcpy(command.group, group_of(squad, OTHER)->identity, sizeof command.group);
    assert_int_equal(squad_command(squad, OTHER, &command), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(group_of(squad, MEMBER)->unread, 1);
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    assert_taken(squad, OTHER, 1); /* it wrote it */
    squad_free(squad);
}

/* Whoever has the emergency is the one that is left out: that is for the officer to see. */
static void in_an_emergency_of_another_it_is_asked_until_that_was_seen_and_is_over(void **state) {
    (void)state;
    struct squad *squad = begin();
    struct emergencies *emergencies = &squad->handsets[MEMBER].engine->emergencies;
    struct claim claim = {.priority = TALK_EMERGENCY};
    snprintf(claim.identity, sizeof claim.identity, "%s", squad_identity(OUT));
    snprintf(claim.group, sizeof claim.group, "%s", group_of(squad, MEMBER)->identity);
    const char *group = claim.group;
    assert_false(emergencies_stand(emergencies, group));
    emergencies_hear(emergencies, squad_now(squad, MEMBER), &claim);
    assert_true(emergencies_stand(emergencies, group));
    assert_false(emergencies_stand(emergencies, "adhoc:another"));
    claim.priority = TALK_NORMAL;
    emergencies_hear(emergencies, squad_now(squad, MEMBER), &claim);
    assert_true(emergencies_stand(emergencies, group)); /* over, and not seen */
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

/* The officer said no to this very key: the creator's officer may ask once more. */
static void what_the_officer_declined_is_not_taken_when_it_is_proposed_again(void **state) {
    (void)state;
    struct squad *squad = begin();
    assert_int_equal(say(squad, MEMBER, COMMAND_TAKE_KEYS, MEMBER, 0), STATUS_OK);
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    assert_int_equal(squad_answer(squad, MEMBER, COMMAND_DECLINE), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(say(squad, MEMBER, COMMAND_TAKE_KEYS, MEMBER, 1), STATUS_OK);
    struct command again = {.kind = COMMAND_RETRY_MEMBER};
    memcpy(again.group, group_of(squad, CREATOR)->identity, sizeof again.group);
    snprintf(again.identity, sizeof again.identity, "%s", squad_identity(MEMBER));
    assert_int_equal(squad_command(squad, CREATOR, &again), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

static void where_the_key_before_is_over_it_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    squad->step_ms = SECOND;
    squad_run(squad, HOUR_MS + MINUTE);
    squad->step_ms = 10;
    squad_run(squad, 5 * SECOND);
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

/* Handset `of` is on two devices: the one that is left out has become its twin. */
static void where_two_devices_answer_to_a_member_it_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const struct span credential = squad_credential(OTHER);
    squad_put_record(squad, OUT, RECORD_CREDENTIAL, span_of_text(squad_identity(OUT)), NULL);
    squad_put_record(squad, OUT, RECORD_CREDENTIAL, span_of_text(squad_identity(OTHER)),
                     &credential);
    squad_restart(squad, OUT, true);
    squad_run(squad, MINUTE);
    const struct moment now = squad_now(squad, MEMBER);
    assert_true(roster_is_two(&squad->handsets[MEMBER].engine->roster, squad_identity(OTHER), now));
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    struct command command = squad_create_command(2, HOUR_MS);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, group_of(squad, CREATOR)->identity, sizeof command.group);
    command.allowed_count = 1;
    snprintf(command.allowed[0], sizeof command.allowed[0], "%s", squad_identity(OTHER));
    snprintf(command.name, sizeof command.name, "%s", group_of(squad, CREATOR)->name);
    assert_int_equal(squad_command(squad, CREATOR, &command), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

/* Who reports the creator is the one that the creator takes out. */
static void one_of_a_creator_that_a_member_reports_lost_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    assert_int_equal(say(squad, OUT, COMMAND_REPORT_LOST, CREATOR, 0), STATUS_OK);
    squad_run(squad, 5 * SECOND);
    assert_int_equal(squad_view(squad, MEMBER)->message_count, 1);
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    assert_asked(squad, OTHER, before);
    squad_free(squad);
}

static void after_a_no_the_next_key_is_asked_too(void **state) {
    (void)state;
    struct squad *squad = begin();
    assert_int_equal(say(squad, MEMBER, COMMAND_TAKE_KEYS, MEMBER, 0), STATUS_OK);
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_asked(squad, MEMBER, before);
    assert_int_equal(squad_answer(squad, MEMBER, COMMAND_DECLINE), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(say(squad, MEMBER, COMMAND_TAKE_KEYS, MEMBER, 1), STATUS_OK);
    rekey(squad, MEMBER, HOUR_MS / 2);
    assert_asked(squad, MEMBER, before);
    squad_free(squad);
}

/* Its officer was told of it, and not asked. */
static void one_in_which_a_latecomer_stays_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    struct group_parameters *held = &held_by(squad, MEMBER)->parameters;
    for (size_t i = 0; i < held->member_count; i++) {
        if (strcmp(held->members[i].identity, squad_identity(OTHER)) == 0) {
            held->members[i].listed_in = held->list_number = 1;
        }
    }
    const uint32_t before = group_of(squad, MEMBER)->gmk_id;
    rekey(squad, OTHER, HOUR_MS);
    assert_takes_if_accepted(squad, MEMBER, before);
    squad_free(squad);
}

/* --- What counts as taking members out and nothing else ----------------------------------------
 */

struct proposed {
    struct group *held;
    struct group_parameters next;
};

static struct proposed without_the_last(const struct squad *squad) {
    struct proposed proposed = {.held = held_by(squad, MEMBER)};
    proposed.next = proposed.held->parameters;
    proposed.next.member_count--;
    return proposed;
}

static void a_list_that_says_anything_else_is_asked(void **state) {
    (void)state;
    struct squad *squad = begin();
    struct proposed proposed = without_the_last(squad);
    struct group_parameters *next = &proposed.next;
    const struct group_parameters only_out = *next;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 1);
    next->members[2].name[0] ^= 1;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->members[2].kms[0] ^= 1;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->members[2].no_emergency = true;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    snprintf(next->members[2].identity, sizeof next->members[2].identity, "%s",
             squad_identity(COUNT));
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0); /* one for another */
    *next = only_out;
    next->name[0] ^= 1;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    snprintf(next->creator, sizeof next->creator, "%s", squad_identity(OTHER));
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->identity[0] ^= 1;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->list_number = 1;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->period_ms++;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->member_count++;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 0);
    *next = only_out;
    next->member_count = 2;
    assert_int_equal(narrowing_leaves_out(proposed.held, next), 2);
    assert_int_equal(narrowing_leaves_out(held_by(squad, CREATOR), &only_out), 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_only_takes_members_out_is_taken_with_a_notice),
        cmocka_unit_test(who_is_reported_lost_is_out_at_every_member_in_seconds),
        cmocka_unit_test(who_was_away_takes_it_when_it_is_back),
        cmocka_unit_test(one_after_the_other_is_taken_out),
        cmocka_unit_test(where_the_officer_has_set_so_it_asks_also_after_a_restart),
        cmocka_unit_test(one_that_takes_nobody_out_or_lasts_longer_is_asked),
        cmocka_unit_test(one_with_somebody_lost_in_it_or_trusted_no_more_is_asked),
        cmocka_unit_test(trust_taken_before_the_key_that_the_officer_accepted_counts_no_more),
        cmocka_unit_test(under_radio_silence_it_is_asked),
        cmocka_unit_test(where_nothing_can_be_saved_it_is_not_taken),
        cmocka_unit_test(in_an_emergency_of_the_group_it_is_asked),
        cmocka_unit_test(with_an_unread_message_it_is_asked),
        cmocka_unit_test(in_an_emergency_of_another_it_is_asked_until_that_was_seen_and_is_over),
        cmocka_unit_test(what_the_officer_declined_is_not_taken_when_it_is_proposed_again),
        cmocka_unit_test(where_the_key_before_is_over_it_is_asked),
        cmocka_unit_test(where_two_devices_answer_to_a_member_it_is_asked),
        cmocka_unit_test(one_of_a_creator_that_a_member_reports_lost_is_asked),
        cmocka_unit_test(after_a_no_the_next_key_is_asked_too),
        cmocka_unit_test(one_in_which_a_latecomer_stays_is_asked),
        cmocka_unit_test(a_list_that_says_anything_else_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
