/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radio silence: who is listened for on the air hears nothing of this handset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

static void be_silent(struct squad *squad, size_t n, int on) {
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = on};
    assert_int_equal(squad_command(squad, n, &silence), STATUS_OK);
}

/* How many frames handset n has sent. */
static size_t sent(const struct squad *squad, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == n;
    }
    return count;
}

static void an_open_invitation_is_not_answered_in_radio_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    be_silent(squad, 1, 1);
    size_t before = sent(squad, 1);
    squad_run(squad, 5000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_NOT_ALLOWED);
    assert_int_equal(squad_answer(squad, 1, COMMAND_DECLINE), STATUS_OK);
    squad_run(squad, 5000);
    assert_int_equal(sent(squad, 1), before);
    squad_free(squad);
}

static void repeated_requests_draw_no_answer_in_radio_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    struct span request = squad_payload(squad_find_frame(squad, 0, FRAME_D2D));
    assert_int_equal(request.octets[8], D2D_REQUEST);
    squad->handsets[0].deaf = true;
    be_silent(squad, 1, 1);
    size_t before = sent(squad, 1);
    for (int i = 0; i < 20; i++) {
        squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_D2D, request);
        squad_run(squad, 50);
    }
    assert_int_equal(sent(squad, 1), before);
    squad_free(squad);
}

static void radio_silence_stops_asking_members_and_says_so(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 2);
    squad_run(squad, 10); /* one has been contacted, one still waits */
    be_silent(squad, 0, 1);
    size_t before = sent(squad, 0);
    squad_run(squad, 20000);
    assert_int_equal(sent(squad, 0), before);
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    for (size_t i = 1; i <= 2; i++) {
        assert_int_equal(group->members[i].state, MEMBER_UNREACHABLE);
        assert_int_equal(group->members[i].reason, REASON_SILENCE);
    }
    be_silent(squad, 0, 0);
    struct command retry = {.kind = COMMAND_RETRY_MEMBER};
    memcpy(retry.group, group->identity, sizeof retry.group);
    snprintf(retry.identity, sizeof retry.identity, "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &retry), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

/* Loses everything that handset 1 sends once it holds the group's key. */
static bool drop_receipt(void *context, struct squad_frame *frame, size_t receiver) {
    (void)receiver;
    const struct squad *squad = context;
    return frame->from != 1 || squad->handsets[1].engine->groups.count == 0;
}

static void a_member_who_may_hold_the_key_is_told_apart_in_radio_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->filter = drop_receipt;
    squad->filter_context = squad;
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    be_silent(squad, 0, 1);
    const struct view_member *member = &squad_view(squad, 0)->groups[0].members[1];
    assert_int_equal(member->state, MEMBER_UNREACHABLE);
    assert_int_equal(member->reason, REASON_NO_RECEIPT);
    squad_free(squad);
}

static void what_needs_more_than_the_officers_voice_is_refused_in_radio_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    be_silent(squad, 0, 1);
    struct command command = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_NOT_ALLOWED);
    memcpy(command.group, squad_view(squad, 0)->groups[0].identity, sizeof command.group);
    command.kind = COMMAND_REKEY_GROUP;
    assert_int_equal(squad_command(squad, 0, &command), STATUS_NOT_ALLOWED);
    command.kind = COMMAND_RETRY_MEMBER;
    assert_int_equal(squad_command(squad, 0, &command), STATUS_NOT_ALLOWED);
    assert_int_equal(squad_view(squad, 0)->group_count, 1);
    squad_free(squad);
}

static void the_officers_own_talk_and_call_go_out_in_radio_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    be_silent(squad, 0, 1);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    struct command call = {.kind = COMMAND_CALL};
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &call), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_ACTIVE);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_invitation_is_not_answered_in_radio_silence),
        cmocka_unit_test(repeated_requests_draw_no_answer_in_radio_silence),
        cmocka_unit_test(radio_silence_stops_asking_members_and_says_so),
        cmocka_unit_test(a_member_who_may_hold_the_key_is_told_apart_in_radio_silence),
        cmocka_unit_test(what_needs_more_than_the_officers_voice_is_refused_in_radio_silence),
        cmocka_unit_test(the_officers_own_talk_and_call_go_out_in_radio_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
