/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reporting a handset lost, on the screens: two different keys, what follows, and how it is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

enum {
    SIZES = 3
};

static const int sizes[SIZES][2] = {{80, 24}, {40, 15}, {26, 14}};

static struct officer begin(size_t size) {
    struct officer officer = officer_begin(sizes[size][0], sizes[size][1]);
    view_busy(officer.view);
    officer_look(&officer);
    return officer;
}

static void add_lost(struct view *view, const char *identity, const char *name) {
    struct view_lost *row = &view->lost[view->revoked.lost++];
    snprintf(row->identity, sizeof row->identity, "%s", identity);
    snprintf(row->name, sizeof row->name, "%s", name);
    row->name_kind = NAME_ATTESTED;
}

/* Carol is lost, and in the officer's own group. */
static void lose(struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        bool is_lost = strcmp(view->nearby[i].identity, CAROL) == 0;
        view->nearby[i].is_revoked = view->nearby[i].is_lost = is_lost;
    }
    struct view_group *group = &view->groups[0];
    for (size_t k = 0; k < group->member_count; k++) {
        bool is_lost = strcmp(group->members[k].identity, CAROL) == 0;
        group->members[k].is_revoked = group->members[k].is_lost = is_lost;
    }
    group->revoked_count = group->lost_count = 1;
    add_lost(view, CAROL, "Carol");
}

static void two_keys_report_it_and_any_other_reports_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "down l");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "Report Carol lost?"));
        officer_press(&officer, "l");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "enter");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "end y");
        assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
        assert_string_equal(officer.command.identity, CAROL);
        assert_false(officer_sees(&officer, "Report Carol lost?"));
        officer_press(&officer, "l escape y");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_end(&officer);
    }
}

static void what_was_not_seen_is_not_answered(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "down");
    officer_press_blind(&officer, "l");
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
    officer_end(&officer);
}

/* Who looks elsewhere is not asked any more when they come back. */
static void the_question_does_not_wait(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "down l 2 1 y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_false(officer_sees(&officer, "Report Carol lost?"));
    officer_end(&officer);
}

static void it_says_which_groups_get_a_new_key_and_which_do_not(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "l");
    assert_true(officer_sees(&officer, "Report Ben lost?"));
    assert_true(officer_sees(&officer, "Fire 7 gets a new key without it."));
    assert_true(officer_sees(&officer, "Rescue 3 keeps its key: tell whoever made that group."));
    assert_true(officer_sees(&officer, "Members of the groups that you share with"));
    assert_false(officer_sees(&officer, "County fire service"));
    assert_false(officer_sees(&officer, "new keys wait"));
    officer.view->radio_silence = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "new keys wait"));
    officer_end(&officer);
}

static void a_member_is_reported_from_the_groups_page(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "2 enter home l y");
        assert_int_equal(officer.command.kind, COMMAND_NONE); /* that is this handset */
        officer_press(&officer, "down l");
        assert_true(officer_sees(&officer, "Report Ben lost?"));
        officer_press(&officer, "end y");
        assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
        assert_string_equal(officer.command.identity, BEN);
        officer_end(&officer);
    }
}

static void it_is_marked_everywhere_cannot_be_picked_and_can_be_found(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct officer officer = begin(i);
        lose(officer.view);
        officer_press(&officer, "down");
        assert_true(officer_sees(&officer, "you reported it"));
        officer_press(&officer, "n down space");
        assert_false(officer_sees(&officer, "[x]"));
        officer_press(&officer, "escape escape 2");
        officer_press(&officer, "enter");
        assert_true(officer_sees(&officer,
                                 i == 0 ? "1 member is lost: w makes a new key" : "1 member lost"));
        officer_press(&officer, "1 home down l");
        assert_true(officer_sees(&officer, "Carol's handset been"));
        officer_press(&officer, "end y");
        assert_int_equal(officer.command.kind, COMMAND_REPORT_FOUND);
        assert_string_equal(officer.command.identity, CAROL);
        officer_end(&officer);
    }
}

static void how_many_are_lost_is_among_the_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "4");
        assert_false(officer_sees(&officer, "reported by you"));
        add_lost(officer.view, CAROL, "Carol");
        add_lost(officer.view, DAVE, "");
        officer_look(&officer);
        assert_true(officer_sees(&officer, "2, reported by you"));
        officer_end(&officer);
    }
}

/* Gone from Nearby, and in no group. */
static void whoever_is_nowhere_any_more_is_found_from_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "4 f");
        assert_false(officer_sees(&officer, "Reported lost by you")); /* nobody is */
        add_lost(officer.view, "tel:+447700900998", "Eve");
        add_lost(officer.view, "tel:+447700900999", "");
        officer_press(&officer, "f");
        assert_true(officer_sees(&officer, "Reported lost by you"));
        assert_true(officer_sees(&officer, "Eve"));
        officer_press(&officer, "y");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "down");
        assert_true(officer_sees(&officer, "tel:+447700900999"));
        officer_press(&officer, "l");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "end y");
        assert_int_equal(officer.command.kind, COMMAND_REPORT_FOUND);
        assert_string_equal(officer.command.identity, "tel:+447700900999");
        officer_press(&officer, "up l");
        assert_true(officer_sees(&officer, "Has Eve's handset been"));
        officer_press(&officer, "escape");
        assert_true(officer_sees(&officer, "Reported lost by you"));
        officer_press(&officer, "escape");
        assert_false(officer_sees(&officer, "Reported lost by you"));
        officer_end(&officer);
    }
}

/* Off, and in no group: it is known by what is written on a list. */
static void whoever_is_not_there_is_reported_by_its_whole_identity(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "/");
    officer_type(&officer, "tel:+4477009");
    officer_press(&officer, "enter l"); /* that is Dave's beginning: a row matches */
    assert_true(officer_sees(&officer, DAVE));
    officer_press(&officer, "escape escape /");
    officer_type(&officer, "tel:+447700900999");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_LOOK_UP);
    officer_press(&officer, "l");
    assert_true(officer_sees(&officer, "Report tel:+447700900999 lost?"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
    assert_string_equal(officer.command.identity, "tel:+447700900999");
    add_lost(officer.view, "tel:+447700900999", "");
    officer_look(&officer);
    officer_press(&officer, "l end y");
    assert_int_equal(officer.command.kind, COMMAND_REPORT_FOUND);
    officer_press(&officer, "escape /");
    officer_type(&officer, "nobody");
    officer_press(&officer, "enter l"); /* no identity */
    assert_false(officer_sees(&officer, "lost?"));
    officer_end(&officer);
}

static void nothing_is_answered_before_the_end_was_shown(void **state) {
    (void)state;
    struct officer officer = begin(2);
    officer_press(&officer, "l");
    assert_null(strstr(officer_keys(&officer), "y report"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Report Ben lost?"));
    officer_press(&officer, "end home");
    assert_non_null(strstr(officer_keys(&officer), "y report"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
    officer_end(&officer);
}

static void a_new_key_is_not_promised_and_what_goes_with_the_old_is_said(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "l");
    assert_true(officer_sees(&officer, "talk on under the old key until"));
    assert_false(officer_sees(&officer, "unread"));
    officer.view->groups[0].unread = 2;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "2 unread messages go with the old key."));
    officer_press(&officer, "escape 2 home enter w enter enter");
    assert_true(officer_sees(&officer, "New key for"));
    assert_true(officer_sees(&officer, "2 unread messages go with the old key."));
    officer_end(&officer);
}

static void a_lost_row_offers_no_mark_and_no_call(void **state) {
    (void)state;
    struct officer officer = begin(0);
    lose(officer.view);
    officer_press(&officer, "down");
    const char *keys = officer_keys(&officer);
    assert_non_null(strstr(keys, "l found"));
    assert_null(strstr(keys, "c call"));
    assert_null(strstr(keys, "v mark"));
    officer_press(&officer, "c");
    assert_false(officer_sees(&officer, "Press y"));
    officer_press(&officer, "v");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void one_revoked_and_one_lost_are_counted_as_both(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct officer officer = begin(i);
        struct view_group *group = &officer.view->groups[0];
        lose(officer.view);
        group->members[1].is_revoked = true;
        group->revoked_count = 2;
        officer_press(&officer, "2 enter");
        assert_true(officer_sees(&officer, i == 0 ? "2 members are revoked or lost: w makes"
                                                  : "2 revoked or lost"));
        officer_end(&officer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_keys_report_it_and_any_other_reports_nothing),
        cmocka_unit_test(what_was_not_seen_is_not_answered),
        cmocka_unit_test(the_question_does_not_wait),
        cmocka_unit_test(it_says_which_groups_get_a_new_key_and_which_do_not),
        cmocka_unit_test(a_member_is_reported_from_the_groups_page),
        cmocka_unit_test(it_is_marked_everywhere_cannot_be_picked_and_can_be_found),
        cmocka_unit_test(how_many_are_lost_is_among_the_keys),
        cmocka_unit_test(whoever_is_nowhere_any_more_is_found_from_keys),
        cmocka_unit_test(whoever_is_not_there_is_reported_by_its_whole_identity),
        cmocka_unit_test(nothing_is_answered_before_the_end_was_shown),
        cmocka_unit_test(a_new_key_is_not_promised_and_what_goes_with_the_old_is_said),
        cmocka_unit_test(a_lost_row_offers_no_mark_and_no_call),
        cmocka_unit_test(one_revoked_and_one_lost_are_counted_as_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
