/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lost means out, by one officer's word (app/handset/losing.h, app/identity/lost.h), between whole
 * engines in virtual time: what is refused from then on, which groups get a new key, what waits,
 * and what a restart and the word "found" change.
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
#include "app/handset/losing.h"
#include "squad.h"

enum {
    SECOND = 1000,
};

static struct command to(enum command_kind kind, size_t of) {
    struct command command = {.kind = kind};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(of));
    return command;
}

/* Handset n's officer says it of another handset. */
static enum status say(struct squad *squad, size_t n, enum command_kind kind, size_t of) {
    const struct command command = to(kind, of);
    return squad_command(squad, n, &command);
}

static unsigned told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static const struct view_nearby *nearby(struct squad *squad, size_t n, size_t of) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(of)) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

static const struct view_group *group_of(struct squad *squad, size_t n) {
    assert_true(squad_view(squad, n)->group_count > 0);
    return &squad_view(squad, n)->groups[0];
}

static bool has_member(const struct view_group *group, size_t of) {
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, squad_identity(of)) == 0) {
            return true;
        }
    }
    return false;
}

static struct squad *begin(size_t count) {
    struct squad *squad = squad_new(count);
    squad->is_mute = true;
    squad_ask_always(squad); /* test_narrowing.c has it the other way */
    squad_run(squad, 3 * SECOND);
    return squad;
}

/* --- What is refused -------------------------------------------------------------------------- */

static void who_is_lost_is_shown_as_that_and_neither_picked_nor_called_nor_trusted(void **state) {
    (void)state;
    struct squad *squad = begin(3);
    assert_int_equal(say(squad, 0, COMMAND_TRUST, 2), STATUS_OK);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_run(squad, SECOND);
    assert_true(nearby(squad, 0, 2)->is_lost && nearby(squad, 0, 2)->is_revoked);
    assert_false(nearby(squad, 0, 2)->trusted);
    assert_false(nearby(squad, 0, 1)->is_lost);
    assert_int_equal(squad_view(squad, 0)->revoked.lost, 1);
    assert_string_equal(squad_view(squad, 0)->lost[0].identity, squad_identity(2));
    assert_int_equal(told(squad, 0, EVENT_REPORTED_LOST), 1);
    const struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_LOST);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    assert_int_equal(say(squad, 0, COMMAND_CALL, 2), STATUS_LOST);
    assert_int_equal(say(squad, 0, COMMAND_TRUST, 2), STATUS_LOST);
    assert_false(nearby(squad, 0, 2)->trusted);
    assert_int_equal(say(squad, 0, COMMAND_TRUST, 1), STATUS_OK);
    squad_free(squad);
}

static void its_invitation_and_its_call_are_refused_with_a_word(void **state) {
    (void)state;
    struct squad *squad = begin(3);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_ask(squad, 2, 0, 2);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_LOST);
    unsigned refusals = squad->handsets[0].refusals;
    assert_int_equal(say(squad, 2, COMMAND_CALL, 0), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    assert_true(squad->handsets[0].refusals > refusals);
    squad_free(squad);
}

static void what_it_has_proposed_and_a_call_with_it_end_at_once(void **state) {
    (void)state;
    struct squad *squad = begin(3);
    squad_ask(squad, 2, 0, 1);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    assert_int_equal(say(squad, 0, COMMAND_CALL, 1), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_ACTIVE);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_ACTIVE);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 1), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_NONE);
    squad_free(squad);
}

static void its_talk_ends_at_once_also_in_a_group_that_another_made(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_true(squad->handsets[1].voice_frames > 40);
    assert_int_equal(say(squad, 1, COMMAND_REPORT_LOST, 2), STATUS_OK);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    squad->handsets[1].voice_frames = 0;
    squad_run(squad, 5 * SECOND);
    assert_int_equal(squad->handsets[1].voice_frames, 0);
    assert_true(squad->handsets[0].voice_frames > 40); /* nobody told its officer */
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_LOST);
    assert_int_equal(told(squad, 1, EVENT_LOST_MEMBER), 1);
    assert_true(group_of(squad, 1)->lost_count == 1 && has_member(group_of(squad, 1), 2));
    squad_free(squad);
}

/* --- Groups ----------------------------------------------------------------------------------- */

static void a_group_made_here_gets_a_new_key_without_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad->is_mute = true;
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    const struct view_group *group = group_of(squad, 0);
    uint32_t after = group->gmk_id;
    assert_int_not_equal(after, before);
    assert_int_equal(group->member_count, 3);
    assert_false(has_member(group, 2));
    assert_int_equal(group->lost_count, 0);
    assert_true(group->former_count == 1 && group->former[0].is_lost);
    assert_int_equal(group->period_ms, HOUR_MS);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(group_of(squad, 1)->gmk_id, after);
    assert_int_equal(group_of(squad, 3)->gmk_id, after);
    assert_int_equal(group_of(squad, 2)->gmk_id, before);
    assert_int_equal(squad_view(squad, 2)->invitation_count, 0);
    squad_free(squad);
}

static void a_group_of_two_is_left_to_this_handset_alone_also_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 1), STATUS_OK);
    assert_int_equal(group_of(squad, 0)->member_count, 1);
    uint32_t after = group_of(squad, 0)->gmk_id;
    assert_int_not_equal(after, before);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    assert_int_equal(group_of(squad, 0)->gmk_id, after);
    assert_int_equal(group_of(squad, 0)->member_count, 1);
    squad_free(squad);
}

/* Nothing goes out meanwhile. */
static void under_radio_silence_the_new_key_waits_until_that_ends(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    const struct squad_frame *last = squad_find_frame(squad, 0, FRAME_D2D);
    squad_run(squad, 5 * SECOND);
    assert_ptr_equal(squad_find_frame(squad, 0, FRAME_D2D), last);
    assert_int_equal(group_of(squad, 0)->gmk_id, before);
    assert_int_equal(told(squad, 0, EVENT_LOST_STAYS), 1);
    silence.on = 0;
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_not_equal(group_of(squad, 0)->gmk_id, before);
    assert_false(has_member(group_of(squad, 0), 2));
    squad_free(squad);
}

/* It was stopped under radio silence, which no start remembers. */
static void what_waited_is_made_up_for_at_the_next_start(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_flush(squad, 0);
    assert_int_equal(group_of(squad, 0)->gmk_id, before);
    squad_restart(squad, 0, false);
    squad_run(squad, squad->step_ms);
    assert_int_not_equal(group_of(squad, 0)->gmk_id, before);
    assert_false(has_member(group_of(squad, 0), 2));
    squad_free(squad);
}

/* Locked and unlocked under silence: the program starts the engine and then says that it is silent.
 * Nor does one that only looks draw a key. */
static void a_start_draws_no_key_before_the_modes_are_known(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_flush(squad, 0);
    squad_restart(squad, 0, false);
    assert_int_equal(group_of(squad, 0)->gmk_id, before);
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_LOST_STAYS), 1);
    squad_run(squad, 5 * SECOND);
    assert_int_equal(group_of(squad, 0)->gmk_id, before);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad->is_mute = false;
    squad_run(squad, 2 * SECOND);
    assert_true(squad->handsets[0].voice_frames > 40); /* it is not deaf */
    silence.on = 0;
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_not_equal(group_of(squad, 0)->gmk_id, before);
    assert_false(has_member(group_of(squad, 0), 2));
    squad_free(squad);
}

/* The officer gave it up, and nobody asks it behind the officer's back. */
static void who_was_cancelled_is_not_asked_for_the_new_key(void **state) {
    (void)state;
    struct squad *squad = begin(4);
    squad->handsets[1].deaf = true;
    squad_ask(squad, 0, 1, 3);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    struct command cancel = to(COMMAND_CANCEL_DISTRIBUTION, 1);
    memcpy(cancel.group, group_of(squad, 0)->identity, sizeof cancel.group);
    assert_int_equal(squad_command(squad, 0, &cancel), STATUS_OK);
    squad->handsets[1].deaf = false;
    uint32_t before = group_of(squad, 0)->gmk_id;
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 3), STATUS_OK);
    squad_run(squad, 10 * SECOND);
    const struct view_group *group = group_of(squad, 0);
    assert_int_not_equal(group->gmk_id, before);
    assert_int_equal(group->member_count, 3);
    assert_int_equal(group->members[1].state, MEMBER_CANCELLED);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
    assert_int_equal(squad_view(squad, 2)->invitation_count, 1);
    struct command again = to(COMMAND_RETRY_MEMBER, 1);
    memcpy(again.group, group->identity, sizeof again.group);
    assert_int_equal(squad_command(squad, 0, &again), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

static enum status no_randomness(void *context, uint8_t *out, size_t length) {
    (void)context;
    memset(out, 0, length);
    return STATUS_LIBRARY_FAILED;
}

/* The officer is told once, and it is tried again until it is done. */
static void a_key_that_could_not_be_made_is_tried_again(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    squad_run(squad, SECOND);
    uint32_t before = group_of(squad, 0)->gmk_id;
    struct entropy *entropy = &squad->handsets[0].engine->desk.entropy;
    const struct entropy works = *entropy;
    entropy->draw = no_randomness;
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_LOST_NOT_LEFT_OUT), 1);
    squad_run(squad, 3 * LOSING_AGAIN_MS);
    assert_int_equal(group_of(squad, 0)->gmk_id, before);
    assert_int_equal(told(squad, 0, EVENT_LOST_NOT_LEFT_OUT), 1);
    *entropy = works;
    squad_run(squad, LOSING_AGAIN_MS + SECOND);
    uint32_t after = group_of(squad, 0)->gmk_id;
    assert_int_not_equal(after, before);
    assert_false(has_member(group_of(squad, 0), 2));
    squad_run(squad, 2 * LOSING_AGAIN_MS);
    assert_int_equal(group_of(squad, 0)->gmk_id, after);
    squad_free(squad);
}

/* Asked, it has the question open; its yes comes too late. */
static void one_that_is_being_asked_gets_nothing(void **state) {
    (void)state;
    struct squad *squad = begin(3);
    squad_ask(squad, 0, 1, 2);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 2)->invitation_count, 1);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    (void)squad_answer(squad, 2, COMMAND_ACCEPT);
    squad_run(squad, 10 * SECOND);
    assert_int_equal(squad_view(squad, 2)->group_count, 0);
    assert_false(has_member(group_of(squad, 0), 2));
    assert_true(has_member(group_of(squad, 0), 1));
    squad_free(squad);
}

/* --- How long it holds ------------------------------------------------------------------------ */

static void it_is_kept_over_a_restart_until_it_is_found(void **state) {
    (void)state;
    struct squad *squad = begin(3);
    assert_int_equal(say(squad, 0, COMMAND_TRUST, 2), STATUS_OK);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 2), STATUS_OK);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    squad_run(squad, 10 * SECOND);
    assert_true(nearby(squad, 0, 2)->is_lost);
    assert_false(nearby(squad, 0, 2)->trusted);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_FOUND, 2), STATUS_OK);
    squad_flush(squad, 0);
    squad_run(squad, SECOND);
    assert_int_equal(told(squad, 0, EVENT_REPORTED_FOUND), 1);
    assert_false(nearby(squad, 0, 2)->is_lost || nearby(squad, 0, 2)->is_revoked);
    assert_false(nearby(squad, 0, 2)->trusted);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    squad_run(squad, 10 * SECOND);
    assert_false(nearby(squad, 0, 2)->is_lost);
    assert_int_equal(say(squad, 2, COMMAND_CALL, 0), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    squad_free(squad);
}

static void nobody_reports_itself_and_what_cannot_be_kept_is_refused(void **state) {
    (void)state;
    struct squad *squad = begin(2);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 0), STATUS_NOT_ALLOWED);
    assert_int_equal(say(squad, 0, COMMAND_REPORT_FOUND, 1), STATUS_NOT_FOUND);
    struct command command = {.kind = COMMAND_REPORT_LOST, .identity = "nobody"};
    assert_int_equal(squad_command(squad, 0, &command), STATUS_IDENTITY_INVALID);
    for (unsigned i = 0; i < LOST_MAX; i++) {
        snprintf(command.identity, sizeof command.identity, "tel:+44770090%04u", i);
        assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    }
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK); /* it is among them */
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 1), STATUS_TOO_LONG);
    assert_false(nearby(squad, 0, 1)->is_lost);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    assert_int_equal(squad_view(squad, 0)->revoked.lost, LOST_MAX);
    squad_free(squad);
}

static size_t lost_records(const struct squad *squad, size_t n) {
    const struct squad_handset *handset = &squad->handsets[n];
    size_t count = 0;
    for (size_t i = 0; i < handset->record_count; i++) {
        count += handset->records[i].kind == RECORD_LOST;
    }
    return count;
}

static void put_lost(struct squad *squad, const char *identity) {
    const struct span nothing = {NULL, 0};
    squad_put_record(squad, 0, RECORD_LOST, span_of_text(identity), &nothing);
}

/* It was enrolled with an identity that its officer had reported lost. `beyond` more than there is
 * room for are in the store, and the own one comes first or last. */
static void start_with_own(bool is_first, unsigned beyond) {
    struct squad *squad = begin(2);
    char identity[IDENTITY_SIZE];
    if (is_first) {
        put_lost(squad, squad_identity(0));
    }
    for (unsigned i = 0; i < LOST_MAX + beyond; i++) {
        snprintf(identity, sizeof identity, "tel:+44770090%04u", i);
        put_lost(squad, identity);
    }
    if (!is_first) {
        put_lost(squad, squad_identity(0));
    }
    squad_restart(squad, 0, true);
    squad_run(squad, SECOND);
    squad_flush(squad, 0);
    assert_int_equal(squad_view(squad, 0)->revoked.lost, LOST_MAX);
    assert_false(lost_has(&squad->handsets[0].engine->desk.lost, squad_identity(0)));
    assert_int_equal(lost_records(squad, 0), LOST_MAX + beyond);
    if (beyond == 0) {
        assert_true(lost_has(&squad->handsets[0].engine->desk.lost, identity));
    }
    assert_int_equal(say(squad, 0, COMMAND_REPORT_LOST, 1), STATUS_TOO_LONG);
    squad_restart(squad, 0, true);
    assert_int_equal(squad_view(squad, 0)->revoked.lost, LOST_MAX);
    squad_free(squad);
}

static void the_own_identity_among_the_lost_is_forgotten_and_a_full_store_opens(void **state) {
    (void)state;
    for (unsigned beyond = 0; beyond < 3; beyond++) {
        start_with_own(true, beyond);
        start_with_own(false, beyond);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_lost_is_shown_as_that_and_neither_picked_nor_called_nor_trusted),
        cmocka_unit_test(its_invitation_and_its_call_are_refused_with_a_word),
        cmocka_unit_test(what_it_has_proposed_and_a_call_with_it_end_at_once),
        cmocka_unit_test(its_talk_ends_at_once_also_in_a_group_that_another_made),
        cmocka_unit_test(a_group_made_here_gets_a_new_key_without_it),
        cmocka_unit_test(a_group_of_two_is_left_to_this_handset_alone_also_after_a_restart),
        cmocka_unit_test(under_radio_silence_the_new_key_waits_until_that_ends),
        cmocka_unit_test(what_waited_is_made_up_for_at_the_next_start),
        cmocka_unit_test(a_start_draws_no_key_before_the_modes_are_known),
        cmocka_unit_test(who_was_cancelled_is_not_asked_for_the_new_key),
        cmocka_unit_test(a_key_that_could_not_be_made_is_tried_again),
        cmocka_unit_test(one_that_is_being_asked_gets_nothing),
        cmocka_unit_test(it_is_kept_over_a_restart_until_it_is_found),
        cmocka_unit_test(nobody_reports_itself_and_what_cannot_be_kept_is_refused),
        cmocka_unit_test(the_own_identity_among_the_lost_is_forgotten_and_a_full_store_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
