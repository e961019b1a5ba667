/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ad-hoc groups (6.X.3.3.3.3) between whole engines: making, deciding, rekeying, expiring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "squad.h"

static bool holds(const struct squad *squad, size_t n, uint32_t gmk_id) {
    uint8_t gmk[16];
    return handset_reveal_gmk(squad->handsets[n].engine, gmk_id, gmk);
}

static const struct view_group *group_of(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->groups[0];
}

static void handsets_see_each_other_by_verified_presence(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    for (size_t n = 0; n < 3; n++) {
        assert_int_equal(squad_view(squad, n)->nearby_count, 2);
    }
    assert_string_equal(squad_view(squad, 0)->nearby[0].identity, squad_identity(1));
    assert_string_equal(squad_view(squad, 0)->nearby[0].name, "fire2");
    squad->handsets[1].deaf = true;
    squad_run(squad, 30000);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 1);
    squad_free(squad);
}

static void members_who_accept_hold_the_same_gmk_and_the_member_list(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    uint32_t gmk_id = group_of(squad, 0)->gmk_id;
    uint8_t gmk[3][16];
    assert_int_equal(gmk_id >> 28, 0xA);
    for (size_t n = 0; n < 3; n++) {
        assert_true(handset_reveal_gmk(squad->handsets[n].engine, gmk_id, gmk[n]));
        assert_memory_equal(gmk[0], gmk[n], 16);
        assert_int_equal(group_of(squad, n)->member_count, 3);
        assert_int_equal(group_of(squad, n)->gmk_state, GMK_USABLE);
    }
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_ACCEPTED);
    assert_int_equal(group_of(squad, 0)->members[2].state, MEMBER_ACCEPTED);
    squad_free(squad);
}

static void who_declines_gets_no_key_and_the_creator_is_told(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_ASKED);
    assert_int_equal(squad_answer(squad, 1, COMMAND_DECLINE), STATUS_OK);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_DECLINED);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    assert_false(holds(squad, 1, group_of(squad, 0)->gmk_id));
    assert_true(holds(squad, 2, group_of(squad, 0)->gmk_id));
    squad_free(squad);
}

static void the_officer_sees_who_asks_and_the_whole_list_before_deciding(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    const struct view_invitation *invitation = &squad_view(squad, 1)->invitations[0];
    assert_string_equal(invitation->inviter, squad_identity(0));
    assert_string_equal(invitation->group_name, "Bridge");
    assert_int_equal(invitation->period_ms, HOUR_MS);
    assert_int_equal(invitation->member_count, 3);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    squad_free(squad);
}

static void retry_first_member(struct squad *squad) {
    struct command retry = {.kind = COMMAND_RETRY_MEMBER};
    memcpy(retry.group, group_of(squad, 0)->identity, sizeof retry.group);
    memcpy(retry.identity, squad_identity(1), strlen(squad_identity(1)));
    assert_int_equal(squad_command(squad, 0, &retry), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_ACCEPTED);
    assert_true(holds(squad, 1, group_of(squad, 0)->gmk_id));
}

static void a_member_out_of_reach_is_unreachable_and_can_be_retried(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->handsets[1].deaf = true;
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 20000);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_UNREACHABLE);
    squad->handsets[1].deaf = false;
    retry_first_member(squad);
    squad_free(squad);
}

/* Its clock stood still while it was off: its group time is behind that of its members. */
static void
a_key_of_a_creator_whose_time_is_behind_lasts_at_members_as_it_does_there(void **state) {
    (void)state;
    const int64_t away_ms = 50 * 60 * 1000, period_ms = 10 * 60 * 1000;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->boot_ms += away_ms;
    squad->handsets[0].utc_offset_ms = -away_ms;
    squad_restart(squad, 0, true);
    squad_run(squad, 20000);
    struct command rekey = squad_create_command(1, period_ms);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, group_of(squad, 0)->identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    const uint32_t gmk_id = group_of(squad, 0)->gmk_id;
    assert_int_equal(group_of(squad, 1)->gmk_id, gmk_id);
    assert_int_equal(group_of(squad, 1)->gmk_state, GMK_USABLE);
    assert_in_range(group_of(squad, 1)->remaining_ms, group_of(squad, 0)->remaining_ms - 1000,
                    group_of(squad, 0)->remaining_ms + 1000);
    squad_free(squad);
}

static void a_rekey_leaves_a_member_out_of_the_next_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    uint32_t before = group_of(squad, 0)->gmk_id;
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, group_of(squad, 0)->identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitations[0].purpose, INVITED_TO_REKEY);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    uint32_t after = group_of(squad, 0)->gmk_id;
    assert_int_not_equal(before, after);
    assert_int_equal(group_of(squad, 1)->gmk_id, after);
    assert_false(holds(squad, 2, after));
    assert_int_equal(group_of(squad, 1)->member_count, 2);

    /* Who was left out is not heard any more, not even under the key it still has. */
    unsigned heard = squad->handsets[1].voice_frames;
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad->handsets[1].voice_frames, heard);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_NOT_A_MEMBER);
    squad_free(squad);
}

/* Is there such an event about the group Bridge, of so many handsets? */
static bool log_has(struct squad *squad, size_t n, enum event_kind kind, unsigned count) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->log_count; i++) {
        const struct event *event = &view->log[i];
        if (event->kind == kind && event->count == count &&
            strcmp(event->group_name, "Bridge") == 0) {
            return true;
        }
    }
    return false;
}

static void the_log_tells_how_many_handsets_are_asked(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    struct command create = squad_create_command(1, HOUR_MS), rekey = create;
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, group_of(squad, 0)->identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    assert_true(log_has(squad, 0, EVENT_GROUP_ASKING, 1));
    assert_true(log_has(squad, 0, EVENT_GROUP_REKEYING, 1));
    assert_true(log_has(squad, 0, EVENT_GROUP_ASKING, 2));
    squad_free(squad);
}

static void a_period_over_the_maximum_is_refused_to_the_creator(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct command create = squad_create_command(1, 13 * (int64_t)HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_PERIOD_TOO_LONG);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    squad_free(squad);
}

static void a_gmk_past_its_period_is_gone_for_good(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, 60000);
    uint32_t gmk_id = group_of(squad, 0)->gmk_id;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 61000);
    for (size_t n = 0; n < 2; n++) {
        assert_int_equal(group_of(squad, n)->gmk_state, GMK_EXPIRED);
        assert_false(holds(squad, n, gmk_id));
        assert_int_equal(squad_talk(squad, n), STATUS_GMK_EXPIRED);
        assert_int_equal(squad_view(squad, n)->talker_count, 0);
    }
    squad_free(squad);
}

static void a_clock_set_back_revives_no_key(void **state) {
    (void)state;
    for (int reboot = 0; reboot < 2; reboot++) {
        struct squad *squad = squad_new(2);
        squad_group(squad, 60000);
        squad_run(squad, 30000);
        squad->handsets[1].utc_offset_ms = -24 * (int64_t)HOUR_MS;
        squad_restart(squad, 1, reboot != 0);
        squad_run(squad, 10);
        assert_true(group_of(squad, 1)->remaining_ms < 31000 + (reboot ? 30000 : 0));
        squad_run(squad, 61000);
        assert_int_equal(group_of(squad, 1)->gmk_state, GMK_EXPIRED);
        squad_restart(squad, 1, reboot != 0);
        squad_run(squad, 10);
        assert_int_equal(group_of(squad, 1)->gmk_state, GMK_EXPIRED);
        assert_int_equal(squad_talk(squad, 1), STATUS_GMK_EXPIRED);
        squad_free(squad);
    }
}

static void a_clock_wrong_by_hours_is_told_and_the_officer_can_still_join(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->handsets[1].utc_offset_ms = 3 * (int64_t)HOUR_MS;
    squad_run(squad, 6000);
    assert_true(squad_view(squad, 0)->nearby[0].clock_differs);
    struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    const struct view_invitation *invitation = &squad_view(squad, 1)->invitations[0];
    assert_true(invitation->clock_differs);
    assert_in_range(-invitation->clock_difference_ms, 3 * HOUR_MS - 1000, 3 * HOUR_MS + 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);

    /* Its announcements are judged in group time, and so are those that it hears. */
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_true(squad->handsets[0].voice_frames > 25);
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 1000);
    assert_true(squad->handsets[1].voice_frames > 25);
    squad_free(squad);
}

static void a_creator_restarted_in_the_middle_goes_on_by_itself(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 500);
    squad_restart(squad, 0, false);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_UNREACHABLE);
    squad_run(squad, 20000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    assert_int_equal(squad->handsets[1].invitations, 1); /* it is the same question */
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_ACCEPTED);
    assert_true(holds(squad, 1, group_of(squad, 0)->gmk_id));
    squad_free(squad);
}

static void a_cancelled_distribution_withdraws_its_invitations(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    struct command cancel = {.kind = COMMAND_CANCEL_DISTRIBUTION};
    memcpy(cancel.group, group_of(squad, 0)->identity, sizeof cancel.group);
    assert_int_equal(squad_command(squad, 0, &cancel), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
    assert_int_equal(group_of(squad, 0)->members[1].state, MEMBER_CANCELLED);
    squad_free(squad);
}

static void groups_survive_a_restart_and_a_deleted_one_does_not(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad_restart(squad, 1, true);
    squad_run(squad, 500);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_true(squad->handsets[0].voice_frames > 10);
    struct command delete = {.kind = COMMAND_DELETE_GROUP};
    memcpy(delete.group, group_of(squad, 1)->identity, sizeof delete.group);
    assert_int_equal(squad_command(squad, 1, &delete), STATUS_OK);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    squad_restart(squad, 1, false);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    squad_free(squad);
}

static void one_to_one_talk_goes_both_ways_and_ends(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    struct command call = {.kind = COMMAND_CALL};
    memcpy(call.identity, squad_identity(1), strlen(squad_identity(1)));
    assert_int_equal(squad_command(squad, 0, &call), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitations[0].purpose, INVITED_TO_CALL);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_true(squad->handsets[0].voice_frames > 40);
    assert_true(squad->handsets[1].voice_frames > 40);
    assert_int_equal(squad->handsets[2].voice_frames, 0);
    struct command hang_up = {.kind = COMMAND_HANG_UP};
    assert_int_equal(squad_command(squad, 1, &hang_up), STATUS_OK);
    squad_run(squad, 1500);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_NONE);
    assert_int_equal(squad_view(squad, 1)->call_state, CALL_NONE);
    squad_free(squad);
}

static void a_key_is_in_use_at_once_after_a_reboot_that_set_the_clock_back(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3000); /* the group's time was looked at last some seconds ago */
    struct command rekey = {.kind = COMMAND_REKEY_GROUP, .period_ms = HOUR_MS, .member_count = 1};
    snprintf(rekey.group, sizeof rekey.group, "%s", squad_view(squad, 0)->groups[0].identity);
    snprintf(rekey.members[0], sizeof rekey.members[0], "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad->handsets[0].utc_offset_ms = -HOUR_MS;
    squad_restart(squad, 0, true);
    assert_int_equal(squad_view(squad, 0)->groups[0].gmk_state, GMK_USABLE);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handsets_see_each_other_by_verified_presence),
        cmocka_unit_test(members_who_accept_hold_the_same_gmk_and_the_member_list),
        cmocka_unit_test(who_declines_gets_no_key_and_the_creator_is_told),
        cmocka_unit_test(the_officer_sees_who_asks_and_the_whole_list_before_deciding),
        cmocka_unit_test(a_member_out_of_reach_is_unreachable_and_can_be_retried),
        cmocka_unit_test(a_key_of_a_creator_whose_time_is_behind_lasts_at_members_as_it_does_there),
        cmocka_unit_test(a_rekey_leaves_a_member_out_of_the_next_key),
        cmocka_unit_test(the_log_tells_how_many_handsets_are_asked),
        cmocka_unit_test(a_period_over_the_maximum_is_refused_to_the_creator),
        cmocka_unit_test(a_gmk_past_its_period_is_gone_for_good),
        cmocka_unit_test(a_clock_set_back_revives_no_key),
        cmocka_unit_test(a_clock_wrong_by_hours_is_told_and_the_officer_can_still_join),
        cmocka_unit_test(a_creator_restarted_in_the_middle_goes_on_by_itself),
        cmocka_unit_test(a_cancelled_distribution_withdraws_its_invitations),
        cmocka_unit_test(groups_survive_a_restart_and_a_deleted_one_does_not),
        cmocka_unit_test(one_to_one_talk_goes_both_ways_and_ends),
        cmocka_unit_test(a_key_is_in_use_at_once_after_a_reboot_that_set_the_clock_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
