/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/screens/new_group.h"

static struct officer begin_busy(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    officer_look(&officer);
    return officer;
}

static void a_group_is_made_of_picked_identities_a_name_and_a_period(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space down space enter");
    officer_type(&officer, "Ops é");
    officer_press(&officer, "enter up enter");
    assert_true(officer_sees(&officer, "New group “Ops é”, key good for 4 h"));
    assert_true(officer_sees(&officer, "You answer for these handsets being uncompromised"));
    assert_true(officer_sees(&officer, BEN));
    assert_true(officer_sees(&officer, CAROL));
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
    assert_string_equal(officer.command.name, "Ops é");
    assert_int_equal(officer.command.period_ms, 4 * (int64_t)TEST_HOUR);
    assert_int_equal(officer.command.member_count, 2);
    assert_string_equal(officer.command.members[0], BEN);
    assert_string_equal(officer.command.members[1], CAROL);
    officer_end(&officer);
}

/* Every member may raise an emergency, unless its creator says otherwise. */
static void the_creator_says_who_may_raise_no_emergency(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n e");
    assert_true(officer_sees(&officer, "Pick it with space first"));
    officer_press(&officer, "space e");
    assert_true(officer_sees(&officer, "may raise no emergency in this group"));
    officer_press(&officer, "e");
    assert_true(officer_sees(&officer, "May raise an emergency, like any member"));
    officer_press(&officer, "e down space enter O enter enter");
    assert_true(officer_sees(&officer, "! may raise no emergency in this group"));
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.member_count, 2);
    assert_int_equal(officer.command.no_emergency_count, 1);
    assert_string_equal(officer.command.no_emergency[0], BEN);
    officer_end(&officer);
}

/* A new key starts with what was said with the one before. */
static void a_new_key_keeps_who_may_raise_no_emergency(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    struct new_group screen;
    struct view_group *group = view_add_group(officer.view, "adhoc:mine;2", "O");
    view_add_member(group, BEN, "Ben", MEMBER_ACCEPTED)->no_emergency = true;
    view_add_member(group, CAROL, "Carol", MEMBER_ACCEPTED);
    new_group_open(&screen, officer.view, group->identity, false);
    assert_int_equal(screen.pick_count, 2);
    assert_true(screen.picks[0].no_emergency);
    assert_false(screen.picks[1].no_emergency);
    officer_end(&officer);
}

static void a_new_group_leads_to_a_progress_row_for_each_member(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space enter O enter enter y");
    assert_true(officer_sees(&officer, "Making the key"));
    struct view_group *other = view_add_group(officer.view, "adhoc:other;1", "Not mine");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Making the key"));
    other->created_here = false;
    struct view_group *made = view_add_group(officer.view, "adhoc:mine;2", "O");
    made->created_here = made->distributing = true;
    struct view_member *ben = view_add_member(made, BEN, "Ben", MEMBER_WAITING);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "adhoc:mine;2"));
    assert_true(officer_sees(&officer, "contacting it"));
    assert_true(officer_sees(&officer, "0 of 1 have the key, 1 to come"));
    ben->state = MEMBER_DECLINED;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "declined"));
    ben->state = MEMBER_ACCEPTED;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "1 of 1 have the key"));
    officer_end(&officer);
}

static void a_group_that_cannot_be_made_keeps_what_was_picked(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space enter O");
    officer_press(&officer, "enter enter");
    officer_press_blind(&officer, "y");
    ui_notice(officer.ui, &(struct event){.kind = EVENT_GROUP_NOT_CREATED, .check = "no-memory"});
    officer_look(&officer);
    assert_true(officer_sees(&officer, "! The group was not created: "));
    assert_true(officer_sees(&officer, "New group “O”"));
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
    officer_end(&officer);
}

static void the_confirmation_must_be_seen_before_it_counts(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space enter O enter");
    officer_press_blind(&officer, "enter");
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void who_was_picked_stays_picked_when_out_of_reach(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space");
    view_remove_nearby(officer.view, 0);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[x] " BEN));
    assert_true(officer_sees(&officer, "away"));
    officer_end(&officer);
}

static void a_group_of_nobody_or_without_a_name_goes_no_further(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n enter");
    assert_true(officer_sees(&officer, "Pick at least one identity"));
    officer_press(&officer, "space enter enter");
    assert_true(officer_sees(&officer, "Type a name"));
    officer_end(&officer);
}

static void a_name_has_no_blanks_around_it(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space enter");
    officer_type(&officer, "  ");
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "Type a name"));
    officer_type(&officer, "  Fire 7  ");
    officer_press(&officer, "enter enter");
    assert_true(officer_sees(&officer, "New group “Fire 7”"));
    officer_press(&officer, "y");
    assert_string_equal(officer.command.name, "Fire 7");
    officer_press(&officer, "escape 4 e space");
    officer_type(&officer, "B ");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_SET_NAME);
    assert_string_equal(officer.command.name, "Anna B");
    officer_end(&officer);
}

static void periods_of_use_stop_at_what_the_credential_allows(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->credential.max_key_period_ms = 6 * (int64_t)TEST_HOUR;
    officer_press(&officer, "n space enter O enter");
    assert_true(officer_sees(&officer, "  4 h"));
    assert_true(officer_sees(&officer, "> 6 h (longest)"));
    assert_false(officer_sees(&officer, "8 h"));
    officer.view->credential.max_key_period_ms = 30 * 60 * 1000;
    officer_look(&officer);
    officer_press(&officer, "enter y");
    assert_int_equal(officer.command.period_ms, 30 * 60 * 1000);
    officer_end(&officer);
}

static void a_credential_without_adhoc_keys_makes_no_group(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->credential.max_key_period_ms = 0;
    officer_press(&officer, "n space enter O enter enter y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "allows no keys for ad-hoc groups"));
    officer_end(&officer);
}

static void a_new_key_can_leave_a_member_out(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 w down space enter enter");
    assert_true(officer_sees(&officer, "Left out, can no longer listen:"));
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_REKEY_GROUP);
    assert_string_equal(officer.command.group, FIRE);
    assert_int_equal(officer.command.member_count, 2);
    assert_string_equal(officer.command.members[0], BEN);
    assert_string_equal(officer.command.members[1], DAVE);
    officer_end(&officer);
}

static void only_the_creator_of_an_adhoc_group_is_offered_a_new_key(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2");
    assert_non_null(strstr(officer_keys(&officer), "w new key"));
    officer_press(&officer, "down");
    assert_null(strstr(officer_keys(&officer), "w new key"));
    officer.view->groups[2].created_here = true; /* a standard group all the same */
    officer_press(&officer, "down");
    assert_null(strstr(officer_keys(&officer), "w new key"));
    officer_press(&officer, "w");
    assert_true(officer_sees(&officer, "[2 Groups]"));
    officer_end(&officer);
}

static void what_a_manager_manages_is_neither_rekeyed_nor_deleted_here(void **state) {
    (void)state;
    const int sizes[][2] = {{80, 24}, {26, 14}};
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin_busy(sizes[i][0], sizes[i][1]);
        officer_press(&officer, "2 down down");
        for (int opened = 0; opened < 2; opened++) {
            assert_null(strstr(officer_keys(&officer), "x delete"));
            assert_null(strstr(officer_keys(&officer), "w new key"));
            officer_press(&officer, "x");
            assert_true(officer_sees(&officer, "Only its manager gives"));
            assert_false(officer_sees(&officer, "from this handset?"));
            officer_press(&officer, "y");
            assert_int_equal(officer.command.kind, COMMAND_NONE);
            officer_press(&officer, "enter");
        }
        officer_end(&officer);
    }
}

static void a_standard_group_shows_its_identity_its_key_and_the_time_left(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    struct view_group *county = &officer.view->groups[2];
    county->gmk_state = GMK_USABLE;
    county->remaining_ms = 3 * (int64_t)TEST_HOUR;
    const char *places[] = {"2 down down", "enter", "escape 4"};
    for (size_t i = 0; i < 3; i++) {
        officer_press(&officer, places[i]);
        assert_true(officer_sees(&officer, "standard"));
        assert_true(officer_sees(&officer, COUNTY));
        assert_true(officer_sees(&officer, "0000002A"));
        assert_true(officer_sees(&officer, "3 h"));
    }
    county->gmk_state = GMK_NOT_YET;
    county->begins_in_ms = 2 * (int64_t)TEST_HOUR;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "begins in 2 h"));
    officer_end(&officer);
}

static void a_group_that_its_manager_has_given_up_can_be_deleted(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->groups[2].managed = false;
    officer_press(&officer, "2 down down");
    assert_non_null(strstr(officer_keys(&officer), "x delete"));
    assert_null(strstr(officer_keys(&officer), "w new key"));
    officer_press(&officer, "x y");
    assert_int_equal(officer.command.kind, COMMAND_DELETE_GROUP);
    assert_string_equal(officer.command.group, COUNTY);
    officer_end(&officer);
}

static void an_unreachable_member_is_retried_with_its_reason_in_sight(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->groups[0].members[3].is_pursued = false;
    officer_press(&officer, "2 enter down down down");
    assert_true(officer_sees(&officer, "unreachable: no answer"));
    officer_press(&officer, "r");
    assert_int_equal(officer.command.kind, COMMAND_RETRY_MEMBER);
    assert_string_equal(officer.command.group, FIRE);
    assert_string_equal(officer.command.identity, DAVE);
    officer_press(&officer, "up r");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void who_is_still_asked_is_stopped_alone_and_elsewhere_all_are(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 enter down down down");
    assert_true(officer_sees(&officer, "waits until in reach: no answer"));
    assert_non_null(strstr(officer_keys(&officer), "s stop asking"));
    officer_press(&officer, "s");
    assert_int_equal(officer.command.kind, COMMAND_CANCEL_DISTRIBUTION);
    assert_string_equal(officer.command.group, FIRE);
    assert_string_equal(officer.command.identity, DAVE);
    officer_press(&officer, "up up");
    assert_non_null(strstr(officer_keys(&officer), "s stop all"));
    officer_press(&officer, "s");
    assert_int_equal(officer.command.kind, COMMAND_CANCEL_DISTRIBUTION);
    assert_string_equal(officer.command.identity, "");
    officer_end(&officer);
}

static void time_left_is_told_in_words_and_colours(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 down");
    officer.view->groups[1].remaining_ms = officer.view->groups[1].period_ms / 10 + 1;
    officer_press(&officer, "up");
    assert_true(officer_sees_style(&officer, "48 min", STYLE_GOOD));
    officer.view->groups[1].remaining_ms--;
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "! 48 min", STYLE_CAUTION));
    assert_true(officer_sees_style(&officer, "EXPIRED", STYLE_BAD));
    officer_end(&officer);
}

static void space_starts_and_stops_talking_in_the_group_shown(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 down t");
    assert_true(officer_sees(&officer, "Rescue 3"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    assert_string_equal(officer.command.group, RESCUE);
    officer.view->talking = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "TALKING"));
    officer_press(&officer, "1");
    assert_true(officer_sees(&officer, "TALKING"));
    officer_press(&officer, "3 space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_END);
    officer_end(&officer);
}

static void talking_never_starts_in_a_group_that_was_not_shown(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3");
    officer.view->groups[0] = officer.view->groups[1];
    officer_press_blind(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

/* Somebody talks in the group that is shown, and space was pressed even so. */
static struct officer begin_taken(void) {
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3");
    struct event taken = {.kind = EVENT_FLOOR_TAKEN, .name = "Ben", .name_kind = NAME_ATTESTED};
    snprintf(taken.identity, sizeof taken.identity, "%s", BEN);
    snprintf(taken.group, sizeof taken.group, "%s", FIRE);
    snprintf(taken.group_name, sizeof taken.group_name, "Fire 7");
    officer.view->talker_count = 0;
    ui_notice(officer.ui, &taken);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "! Ben (025764-8) talks in Fire 7: wait for the end"));
    view_add_talker(officer.view, BEN, "Ben", FIRE);
    officer_look(&officer);
    return officer;
}

static void who_has_the_floor_is_told_by_name_and_until_the_end(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    assert_true(officer_sees(&officer, "! Ben (025764-8) talks in Fire 7: wait for the end"));
    officer.view->talker_count = 0;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "wait for the end"));
    assert_true(officer_sees(&officer, "Nobody talks. Press space to talk."));
    officer_end(&officer);
}

static void talking_is_offered_while_nobody_else_does(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    assert_non_null(strstr(officer_keys(&officer), "space talk next"));
    officer.view->talker_count = 0;
    officer_look(&officer);
    assert_non_null(strstr(officer_keys(&officer), "space talk"));
    view_add_talker(officer.view, BEN, "Ben", RESCUE); /* elsewhere */
    officer_look(&officer);
    assert_non_null(strstr(officer_keys(&officer), "space talk"));
    officer_end(&officer);
}

static void a_group_just_made_is_the_one_to_talk_in(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3 n space enter O enter enter y");
    struct view_group *made = view_add_group(officer.view, "adhoc:mine;2", "O");
    made->created_here = true;
    officer_look(&officer);
    officer_press(&officer, "3 space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    assert_string_equal(officer.command.group, "adhoc:mine;2");
    officer_end(&officer);
}

/* On a small screen a long line is cut, and says so. */
static void a_notice_that_is_cut_ends_in_an_ellipsis(void **state) {
    (void)state;
    struct officer officer = begin_busy(26, 14);
    officer_press(&officer, "3");
    struct event taken = {.kind = EVENT_FLOOR_TAKEN, .name = "Ben", .name_kind = NAME_ATTESTED};
    snprintf(taken.identity, sizeof taken.identity, "%s", BEN);
    snprintf(taken.group_name, sizeof taken.group_name,
             "The bridge over the river at the old mill behind the town, in the dark");
    ui_notice(officer.ui, &taken);
    officer_look(&officer);
    char *screen = officer_screen(&officer);
    assert_null(strstr(screen, "the end"));
    char *keys = screen;
    for (int row = 0; row < 3; row++) { /* the end of the last one, the keys, the status */
        keys = strrchr(screen, '\n');
        *keys = '\0';
    }
    while (keys > screen && (keys[-1] == ' ' || keys[-1] == '\n')) {
        *--keys = '\0';
    }
    assert_true(keys - screen > 3);
    assert_string_equal(keys - strlen("…"), "…");
    free(screen);
    officer_end(&officer);
}

/* What is not sent is heard by nobody, whatever was reported before. */
static void who_talks_into_a_dead_microphone_is_told_first_of_all(void **state) {
    (void)state;
    static const enum event_kind kinds[] = {EVENT_MICROPHONE_FAILED, EVENT_MICROPHONE_SILENT};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, "3");
        officer.view->alarm_count = 2;
        officer.view->alarms[0] = (struct event){.kind = EVENT_LOUDSPEAKER_FAILED};
        officer.view->alarms[1] = (struct event){.kind = kinds[i]};
        officer.view->hearing = (struct view_hearing){
            .state = HEARING_SOME, .hearers = 1, .others = 2, .has_list = true};
        snprintf(officer.view->hearing.group, sizeof officer.view->hearing.group, "%s", FIRE);
        officer_look(&officer);
        assert_true(officer_sees(&officer, "The loudspeaker"));
        officer.view->talking = true;
        view_add_talker(officer.view, ANNA, "Anna", FIRE)->self = true;
        officer_look(&officer);
        assert_true(officer_sees(&officer, "The microphone"));
        assert_false(officer_sees(&officer, "The loudspeaker"));
        assert_false(officer_sees(&officer, "reports that it hears you"));
        assert_true(officer_sees(&officer, "! Nobody hears you"));
        officer_end(&officer);
    }
}

static void in_a_call_the_own_level_is_shown(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->call_state = CALL_ACTIVE;
    officer_press(&officer, "3");
    assert_false(officer_sees(&officer, "Your level"));
    officer.view->sound.is_live = true;
    officer.view->sound.level = 50;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Your level"));
    officer_end(&officer);
}

static void an_expired_key_is_not_offered_for_talking(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3 left");
    assert_null(strstr(officer_keys(&officer), "space"));
    assert_true(officer_sees(&officer, "The key has expired"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void the_talker_is_shown_with_the_verified_identity_on_every_size(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    view_add_talker(officer.view, BEN, "Ben", FIRE);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "● Ben talks in Fire 7"));
    officer_press(&officer, "3");
    assert_true(officer_sees_style(&officer, "● Ben talks", STYLE_TALK));
    assert_true(officer_sees(&officer, BEN));
    assert_true(officer_sees(&officer, "0:42"));
    officer_end(&officer);
    officer = begin_busy(26, 12);
    view_add_talker(officer.view, BEN, "Ben", FIRE);
    officer_press(&officer, "3");
    assert_true(officer_sees(&officer, "● Ben talks"));
    assert_true(officer_sees(&officer, "90420156-025764-8"));
    officer_end(&officer);
}

static void a_call_is_made_is_open_both_ways_and_is_hung_up(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "c y");
    assert_int_equal(officer.command.kind, COMMAND_CALL);
    assert_string_equal(officer.command.identity, BEN);
    officer.view->call_state = CALL_RINGING;
    snprintf(officer.view->call_identity, sizeof officer.view->call_identity, "%s", BEN);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Ringing…"));
    officer_press(&officer, "space"); /* meanwhile there may be talk in the group */
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    officer_press(&officer, "h");
    assert_int_equal(officer.command.kind, COMMAND_HANG_UP);
    officer.view->call_state = CALL_ACTIVE;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "● IN CALL"));
    assert_true(officer_sees(&officer, "The line is open both ways"));
    assert_null(strstr(officer_keys(&officer), "space"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "h");
    assert_int_equal(officer.command.kind, COMMAND_HANG_UP);
    officer_end(&officer);
}

static void what_was_said_is_heard_again(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    struct view_again *again = &officer.view->again;
    officer_press(&officer, "3");
    assert_null(strstr(officer_keys(&officer), "say again"));
    officer.view->groups[0].says_again = true;
    officer_look(&officer);
    assert_non_null(strstr(officer_keys(&officer), "a say again"));
    officer_press(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_SAY_AGAIN);
    assert_string_equal(officer.command.group, officer.view->groups[0].identity);
    assert_int_equal(officer.command.on, 1);
    *again = (struct view_again){.is_playing = true, .elapsed_ms = 3000, .lasts_ms = 12000};
    snprintf(again->identity, sizeof again->identity, "%s", BEN);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Said again:"));
    assert_true(officer_sees(&officer, "0:03 of 0:12"));
    assert_false(officer_sees(&officer, "Nobody talks"));
    assert_false(officer_sees(&officer, "verified"));
    officer_press(&officer, "s");
    assert_int_equal(officer.command.kind, COMMAND_SAY_AGAIN);
    assert_int_equal(officer.command.on, 0);
    view_add_talker(officer.view, BEN, "Ben", FIRE);
    officer_look(&officer);
    assert_false(officer_sees(&officer, "Said again:"));
    officer_end(&officer);
}

static void names_from_the_air_cannot_disturb_the_screen(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    snprintf(officer.view->nearby[0].name, sizeof officer.view->nearby[0].name, "%s",
             "a\x1b[2Jb\xff%s%n");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "a?[2Jb?%s%"));
    officer_end(&officer);
}

static void the_own_name_is_edited_and_radio_silence_is_told(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "4 e backspace backspace");
    officer_type(&officer, "?q1i");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_SET_NAME);
    assert_string_equal(officer.command.name, "An?q1i");
    officer_press(&officer, "1 9 y");
    assert_int_equal(officer.command.kind, COMMAND_RADIO_SILENCE);
    assert_int_equal(officer.command.on, 1);
    officer.view->radio_silence = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Radio silence"));
    officer_press(&officer, "9 y");
    assert_int_equal(officer.command.kind, COMMAND_RADIO_SILENCE);
    assert_int_equal(officer.command.on, 0);
    officer_end(&officer);
}

static void whoever_reads_the_log_keeps_the_place_when_lines_come(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 12);
    for (int i = 0; i < 60; i++) {
        struct event *event = &officer.view->log[i];
        event->kind = EVENT_INVITED_TO_CALL;
        event->utc_ms = officer.view->utc_ms - i;
        snprintf(event->identity, sizeof event->identity, "line %d.", i);
    }
    officer.view->log_count = 60;
    officer_press(&officer, "5 down down down");
    assert_true(officer_sees(&officer, "line 3."));
    assert_false(officer_sees(&officer, "line 2."));
    memmove(&officer.view->log[2], &officer.view->log[0], 60 * sizeof officer.view->log[0]);
    officer.view->log_count = 62;
    for (int i = 0; i < 2; i++) {
        officer.view->log[i] =
            (struct event){.kind = EVENT_NO_CALL, .utc_ms = officer.view->utc_ms + 9};
    }
    officer_look(&officer);
    assert_true(officer_sees(&officer, "line 3."));
    assert_false(officer_sees(&officer, "line 2."));
    officer_end(&officer);
}

static void how_to_quit_and_to_get_help_stands_below_each_of_the_six_screens(void **state) {
    (void)state;
    static const char *const tabs[] = {"1", "2", "3", "4", "5", "6"};
    for (size_t i = 0; i < sizeof tabs / sizeof tabs[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, tabs[i]);
        assert_non_null(strstr(officer_keys(&officer), "q quit"));
        assert_non_null(strstr(officer_keys(&officer), "? help"));
        officer_end(&officer);
    }
}

static void a_group_opens_on_the_first_member_that_can_be_retried(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 enter");
    assert_non_null(strstr(officer_keys(&officer), "r retry"));
    officer_press_blind(&officer, "r");
    assert_int_equal(officer.command.kind, COMMAND_RETRY_MEMBER);
    assert_string_equal(officer.command.identity, DAVE);
    officer_end(&officer);
}

static void the_cursor_goes_to_who_declines_while_the_officer_has_not_moved_it(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    struct view_member *members = officer.view->groups[0].members;
    members[3].state = MEMBER_ASKED;
    officer_press(&officer, "2 enter");
    assert_null(strstr(officer_keys(&officer), "r retry"));
    members[3].state = MEMBER_DECLINED;
    officer_look(&officer);
    assert_non_null(strstr(officer_keys(&officer), "r retry"));
    /* It stays there: the officer may be about to press the key. */
    members[2].state = MEMBER_DECLINED;
    officer_look(&officer);
    officer_press_blind(&officer, "r");
    assert_string_equal(officer.command.identity, DAVE);
    /* And from the first key on it is where the officer has it. */
    members[3].state = MEMBER_WAITING;
    officer_look(&officer);
    officer_press_blind(&officer, "r");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void a_group_that_disappears_leaves_a_way_back(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 enter");
    officer.view->group_count = 0;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "This group no longer exists."));
    assert_non_null(strstr(officer_keys(&officer), "esc back"));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "No group yet."));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_made_of_picked_identities_a_name_and_a_period),
        cmocka_unit_test(the_creator_says_who_may_raise_no_emergency),
        cmocka_unit_test(a_new_key_keeps_who_may_raise_no_emergency),
        cmocka_unit_test(a_new_group_leads_to_a_progress_row_for_each_member),
        cmocka_unit_test(a_group_that_cannot_be_made_keeps_what_was_picked),
        cmocka_unit_test(the_confirmation_must_be_seen_before_it_counts),
        cmocka_unit_test(who_was_picked_stays_picked_when_out_of_reach),
        cmocka_unit_test(a_group_of_nobody_or_without_a_name_goes_no_further),
        cmocka_unit_test(a_name_has_no_blanks_around_it),
        cmocka_unit_test(periods_of_use_stop_at_what_the_credential_allows),
        cmocka_unit_test(a_credential_without_adhoc_keys_makes_no_group),
        cmocka_unit_test(a_new_key_can_leave_a_member_out),
        cmocka_unit_test(only_the_creator_of_an_adhoc_group_is_offered_a_new_key),
        cmocka_unit_test(what_a_manager_manages_is_neither_rekeyed_nor_deleted_here),
        cmocka_unit_test(a_standard_group_shows_its_identity_its_key_and_the_time_left),
        cmocka_unit_test(a_group_that_its_manager_has_given_up_can_be_deleted),
        cmocka_unit_test(an_unreachable_member_is_retried_with_its_reason_in_sight),
        cmocka_unit_test(who_is_still_asked_is_stopped_alone_and_elsewhere_all_are),
        cmocka_unit_test(time_left_is_told_in_words_and_colours),
        cmocka_unit_test(space_starts_and_stops_talking_in_the_group_shown),
        cmocka_unit_test(talking_never_starts_in_a_group_that_was_not_shown),
        cmocka_unit_test(who_has_the_floor_is_told_by_name_and_until_the_end),
        cmocka_unit_test(talking_is_offered_while_nobody_else_does),
        cmocka_unit_test(a_group_just_made_is_the_one_to_talk_in),
        cmocka_unit_test(a_notice_that_is_cut_ends_in_an_ellipsis),
        cmocka_unit_test(who_talks_into_a_dead_microphone_is_told_first_of_all),
        cmocka_unit_test(in_a_call_the_own_level_is_shown),
        cmocka_unit_test(an_expired_key_is_not_offered_for_talking),
        cmocka_unit_test(the_talker_is_shown_with_the_verified_identity_on_every_size),
        cmocka_unit_test(a_call_is_made_is_open_both_ways_and_is_hung_up),
        cmocka_unit_test(names_from_the_air_cannot_disturb_the_screen),
        cmocka_unit_test(the_own_name_is_edited_and_radio_silence_is_told),
        cmocka_unit_test(whoever_reads_the_log_keeps_the_place_when_lines_come),
        cmocka_unit_test(how_to_quit_and_to_get_help_stands_below_each_of_the_six_screens),
        cmocka_unit_test(a_group_opens_on_the_first_member_that_can_be_retried),
        cmocka_unit_test(the_cursor_goes_to_who_declines_while_the_officer_has_not_moved_it),
        cmocka_unit_test(a_group_that_disappears_leaves_a_way_back),
        cmocka_unit_test(what_was_said_is_heard_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
