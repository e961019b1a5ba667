/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of a group: read, written, and sent as status words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/message_word.h"
#include "officer.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

static struct officer begin(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    struct view_group *group = view_add_group(officer.view, FIRE, "Fire 7");
    view_add_member(group, BEN, "Ben", MEMBER_UNKNOWN);
    officer_press(&officer, "3");
    return officer;
}

static struct view_message *add(struct view *view, const char *identity, const char *name,
                                const char *text) {
    struct view_message *message = &view->messages[view->message_count++];
    *message = (struct view_message){.utc_ms = view->utc_ms, .name_kind = NAME_ATTESTED};
    snprintf(message->group, sizeof message->group, "%s", FIRE);
    snprintf(message->identity, sizeof message->identity, "%s", identity);
    snprintf(message->name, sizeof message->name, "%s", name);
    snprintf(message->text, sizeof message->text, "%s", text);
    message->id = view->message_count;
    message->is_own = strcmp(identity, ANNA) == 0;
    view->groups[0].unread += !message->is_own;
    return message;
}

static bool says(const struct officer *officer, const char *text) {
    return officer->command.text_length == strlen(text) &&
           memcmp(officer->command.text, text, strlen(text)) == 0;
}

static void who_wrote_what_and_how_many_have_the_own_ones(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    add(officer.view, BEN, "Ben", "Two hurt at the east gate");
    struct view_message *own = add(officer.view, ANNA, "", "On my way with two");
    own->has_list = true;
    own->in_reach = 4;
    own->in_reach_has_it = own->has_it = 3;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "* 1 unread message: m"));
    officer_press(&officer, "m");
    assert_true(officer_sees(&officer, "Ben (025764-8)"));
    assert_true(officer_sees(&officer, "Two hurt at the east gate"));
    assert_true(officer_sees(&officer, "You"));
    assert_true(officer_sees(&officer, "3 of 4 in reach confirm it"));
    own->has_it = 5; /* two of them have gone since */
    officer_look(&officer);
    assert_true(officer_sees(&officer, "3 of 4 in reach confirm it; 5 in all"));
    own->waits = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "waits: not sent yet"));
    own->waits = false;
    own->is_unsent = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "never sent: its key is over"));
    officer_end(&officer);
}

/* Ben and Carol are in the group. */
static void who_has_not_said_so_is_named(void **state) {
    (void)state;
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct officer officer = begin(sizes[i][0], sizes[i][1]);
        struct view_group *group = &officer.view->groups[0];
        view_add_member(group, CAROL, "Carol", MEMBER_UNKNOWN);
        struct view_message *own = add(officer.view, ANNA, "", "On my way");
        own->has_list = true;
        own->in_reach = (size_t)group->member_count - 1;
        for (size_t k = 0; k < group->member_count; k++) {
            own->silent |= strcmp(group->members[k].identity, BEN) == 0 ? UINT32_C(1) << k : 0;
        }
        own->in_reach_has_it = own->has_it = own->in_reach - 1;
        officer_look(&officer);
        officer_press(&officer, "3 m");
        assert_true(officer_sees(&officer, "No word from Ben"));
        assert_false(officer_sees(&officer, "Carol"));
        own->waits = true;
        officer_look(&officer);
        assert_false(officer_sees(&officer, "No word"));
        officer_end(&officer);
    }
}

static void what_is_not_of_today_is_shown_with_its_day_and_what_came_late_as_late(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    struct view_message *message = add(officer.view, BEN, "Ben", "need help");
    char today[TEXT_SIZE];
    text_date(message->utc_ms, today);
    today[10] = '\0';
    officer_press(&officer, "m");
    assert_false(officer_sees(&officer, today));
    assert_false(officer_sees(&officer, "came late"));
    message->utc_ms -= INT64_C(2) * 24 * 3600 * 1000;
    message->late_ms = INT64_C(2) * 24 * 3600 * 1000;
    text_date(message->utc_ms, today);
    officer_look(&officer);
    assert_true(officer_sees(&officer, today));
    assert_true(
        officer_sees_style(&officer, "came late: 48 h after it was written", STYLE_CAUTION));
    officer_end(&officer);
}

static void what_was_drawn_is_read_with_the_next_key_and_nothing_else(void **state) {
    (void)state;
    struct officer officer = begin(40, 15);
    for (unsigned i = 0; i < 12; i++) {
        char text[16];
        snprintf(text, sizeof text, "message %u", i);
        add(officer.view, BEN, "Ben", text);
    }
    officer_press(&officer, "m");
    officer_press(&officer, "n");
    assert_int_equal(officer.command.kind, COMMAND_NONE); /* the last are below the screen */
    officer_press(&officer, "escape");
    officer_press(&officer, "end");
    assert_true(officer_sees(&officer, "message 11"));
    add(officer.view, BEN, "Ben", "not drawn yet");
    officer.view->messages[0].is_read = true; /* by then it was */
    officer_press(&officer, "up");
    assert_int_equal(officer.command.kind, COMMAND_READ_MESSAGES);
    assert_string_equal(officer.command.group, FIRE);
    assert_int_equal(officer.command.seen_count, 12);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(officer.command.seen[i], i + 1);
    }
    officer_end(&officer);
}

static void a_text_is_written_and_its_limit_is_said_before_it_bites(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m");
    officer_press(&officer, "n");
    officer_type(&officer, "Hold at 9, 0 and ! until ?");
    assert_true(officer_sees(&officer, "26 of 400 letters"));
    officer_press(&officer, "escape");
    officer_press(&officer, "n"); /* it is still there */
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_MESSAGE);
    assert_string_equal(officer.command.group, FIRE);
    assert_int_equal(officer.command.on, 0);
    assert_true(says(&officer, "Hold at 9, 0 and ! until ?"));
    officer_press(&officer, "n");
    for (unsigned i = 0; i < MESSAGE_LETTERS_MAX - 1; i++) {
        officer_press(&officer, "x");
    }
    assert_true(officer_sees_style(&officer, "399 of 400 letters", STYLE_CAUTION));
    officer_type(&officer, "yz");
    assert_true(officer_sees(&officer, "400 of 400 letters"));
    assert_true(officer_sees(&officer, "The message is full."));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.text_length, MESSAGE_LETTERS_MAX);
    assert_int_equal(officer.command.text[MESSAGE_LETTERS_MAX - 1], 'y');
    officer_end(&officer);
}

static void a_status_word_is_shown_in_the_readers_language(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m");
    officer_press(&officer, "s");
    assert_true(officer_sees(&officer, "> on my way"));
    officer_press(&officer, "down");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_MESSAGE);
    assert_int_equal(officer.command.on, 2);
    assert_true(says(&officer, "on scene"));
    add(officer.view, BEN, "Ben", "brauchen Wasser")->word = 6;
    add(officer.view, BEN, "Ben", "need water")->word = 6;
    add(officer.view, BEN, "Ben", "of no list")->word = MESSAGE_WORDS_MAX + 1;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[need water] (written: “brauchen Wasser”)"));
    assert_true(officer_sees(&officer, "    [need water]"));
    assert_true(officer_sees(&officer, "of no list"));
    assert_true(words_choose_in("de", officer_locale()));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[brauchen Wasser]"));
    assert_true(words_choose("en"));
    officer_end(&officer);
}

static void nothing_is_written_under_a_key_that_is_over_nor_to_another_group(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m");
    officer_press(&officer, "n");
    officer_type(&officer, "for Fire alone");
    officer_press(&officer, "escape");
    officer_press(&officer, "escape");
    snprintf(officer.view->groups[0].identity, OFFICER_GROUP_SIZE, "%s", RESCUE);
    officer_look(&officer);
    officer_press(&officer, "m");
    officer_press(&officer, "n");
    assert_true(officer_sees(&officer, "0 of 400 letters"));
    officer_press(&officer, "escape");
    officer.view->groups[0].gmk_state = GMK_EXPIRED;
    officer_look(&officer);
    officer_press(&officer, "n");
    assert_true(officer_sees(&officer, "The key of this group cannot be used"));
    officer_end(&officer);
}

static const struct event too_often = {.kind = EVENT_MESSAGES_TOO_OFTEN, .group_name = "Fire 7"};

static void a_refused_text_stays_in_its_field_and_an_accepted_one_is_gone(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m n");
    officer_type(&officer, "Two hurt");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_MESSAGE);
    ui_notice(officer.ui, NULL); /* as programs do when they give a command to the handset */
    ui_notice(officer.ui, &too_often);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "8 of 400 letters"));
    assert_true(officer_sees(&officer, "Too many messages"));
    officer_press(&officer, "enter");
    assert_true(says(&officer, "Two hurt"));
    ui_notice(officer.ui, NULL);
    officer_look(&officer);
    officer_press(&officer, "1"); /* what is refused later is not of this text */
    ui_notice(officer.ui, &too_often);
    officer_press(&officer, "3 m n");
    assert_true(officer_sees(&officer, "0 of 400 letters"));
    officer_end(&officer);
}

static void a_refused_status_word_is_still_under_the_cursor(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m s down down enter");
    assert_int_equal(officer.command.on, 3);
    ui_notice(officer.ui, &too_often);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "> task done"));
    officer_end(&officer);
}

static void a_text_whose_key_ends_meanwhile_is_neither_sent_nor_lost(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m n");
    officer_type(&officer, "Two hurt");
    officer.view->groups[0].gmk_state = GMK_EXPIRED;
    officer_look(&officer);
    assert_null(strstr(officer_keys(&officer), "send"));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "The key of this group cannot be used"));
    assert_true(officer_sees(&officer, "8 of 400 letters"));
    officer_end(&officer);
}

static void nothing_opens_over_what_is_written_or_chosen_and_space_leaves_it_alone(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m s down space");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "> on scene"));
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "> on scene"));
    officer.view->talking = true; /* a button opened the microphone */
    officer_look(&officer);
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_END);
    officer_end(&officer);
}

static void nothing_is_begun_while_the_microphone_is_open(void **state) {
    (void)state;
    static const char *const keys[] = {"n", "s"};
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin(80, 24);
        officer.view->talking = true;
        officer_look(&officer);
        officer_press(&officer, "m");
        officer_press(&officer, keys[i]);
        assert_true(officer_sees(&officer, "The microphone is open"));
        officer_press(&officer, "space");
        assert_int_equal(officer.command.kind, COMMAND_TALK_END);
        assert_true(officer_sees(&officer, "No messages yet"));
        officer_end(&officer);
    }
}

static void a_half_written_text_stays_with_its_group(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    view_add_group(officer.view, RESCUE, "Rescue 2");
    officer_look(&officer);
    officer_press(&officer, "m n");
    officer_type(&officer, "for Fire");
    officer_press(&officer, "escape escape right m n");
    assert_true(officer_sees(&officer, "0 of 400 letters"));
    officer_type(&officer, "for Rescue");
    officer_press(&officer, "escape escape left m n");
    assert_true(officer_sees(&officer, "for Fire"));
    officer_press(&officer, "enter");
    assert_string_equal(officer.command.group, FIRE);
    officer_press(&officer, "escape right m n enter");
    assert_string_equal(officer.command.group, RESCUE);
    assert_true(says(&officer, "for Rescue"));
    officer_end(&officer);
}

static void what_comes_in_above_is_unread_until_it_was_drawn(void **state) {
    (void)state;
    struct officer officer = begin(40, 15);
    for (unsigned i = 0; i < 12; i++) {
        add(officer.view, BEN, "Ben", "an old one")->is_read = true;
    }
    officer.view->groups[0].unread = 0;
    officer_press(&officer, "m end");
    struct view *view = officer.view;
    memmove(&view->messages[1], &view->messages[0], 12 * sizeof view->messages[0]);
    view->messages[12] = view->messages[11];
    view->message_count = 0;
    add(view, BEN, "Ada", "EVACUATE NOW");
    view->message_count = 13;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "EVACUATE NOW"));
    officer_press(&officer, "down");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "home");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "down");
    assert_int_equal(officer.command.kind, COMMAND_READ_MESSAGES);
    officer_end(&officer);
}

static void what_comes_while_a_status_word_is_chosen_is_not_read(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "m s");
    add(officer.view, BEN, "Ben", "MAYDAY");
    officer_look(&officer);
    officer_press(&officer, "down");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "escape");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "down");
    assert_int_equal(officer.command.kind, COMMAND_READ_MESSAGES);
    officer_end(&officer);
}

/* Whoever has read and answers at once by voice: space, or a button that is held. */
static void who_talks_from_there_has_read_it(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin(80, 24);
        add(officer.view, BEN, "Ben", "Two hurt");
        const uint64_t id = officer.view->messages[0].id;
        officer_look(&officer);
        officer_press(&officer, "m");
        if (i == 0) {
            officer_press(&officer, "space");
        } else {
            assert_true(ui_talk(officer.ui, officer.view, &officer.command));
        }
        assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
        assert_string_equal(officer.command.seen_group, FIRE);
        assert_int_equal(officer.command.seen_count, 1);
        assert_int_equal(officer.command.seen[0], id);
        officer_end(&officer);
    }
}

static void whichever_key_leads_elsewhere_what_was_drawn_is_read(void **state) {
    (void)state;
    static const char *const keys[] = {"1", "6", "tab", "backtab", "?", "i", "escape"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct officer officer = begin(80, 24);
        view_add_invitation(officer.view, 7, BEN, "Ben");
        officer_look(&officer);
        officer_press(&officer, "escape 3");
        add(officer.view, BEN, "Ben", "Two hurt");
        officer_look(&officer);
        officer_press(&officer, "m");
        officer_press(&officer, keys[i]);
        assert_int_equal(officer.command.kind, COMMAND_READ_MESSAGES);
        assert_string_equal(officer.command.group, FIRE);
        officer_end(&officer);
    }
}

static void what_is_not_sent_any_more_and_reaches_nobody_says_so(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    struct view_message *own = add(officer.view, ANNA, "", "On my way");
    own->has_list = own->is_resent = true;
    officer_press(&officer, "m");
    assert_true(officer_sees(&officer, "nobody in reach"));
    assert_false(officer_sees(&officer, "0 of 0"));
    own->has_it = 2; /* those have gone */
    officer_look(&officer);
    assert_true(officer_sees(&officer, "nobody in reach; 2 in all confirm it"));
    own->in_reach = 2;
    own->in_reach_has_it = own->has_it = 1;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "not sent any more"));
    own->is_resent = false;
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "not sent any more", STYLE_CAUTION));
    own->in_reach_has_it = own->has_it = 2;
    officer_look(&officer);
    assert_false(officer_sees_style(&officer, "not sent any more", STYLE_CAUTION));
    officer_end(&officer);
}

static void each_key_that_works_is_named_once_and_in_the_readers_language(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    assert_true(words_choose_in("de", officer_locale()));
    officer_press(&officer, "m n");
    assert_non_null(strstr(officer_keys(&officer), "Esc"));
    assert_null(strstr(officer_keys(&officer), "esc"));
    assert_true(words_choose("en"));
    officer_end(&officer);
}

static void on_a_small_screen_all_words_and_the_way_back_can_be_seen(void **state) {
    (void)state;
    struct officer officer = begin(26, 12);
    officer_press(&officer, "m n x");
    assert_non_null(strstr(officer_keys(&officer), "esc"));
    assert_non_null(strstr(officer_keys(&officer), "send"));
    officer_press(&officer, "backspace escape s");
    assert_true(officer_sees(&officer, "▼"));
    officer_press(&officer, "end");
    assert_true(officer_sees(&officer, "> understood"));
    assert_true(officer_sees(&officer, "▲"));
    officer_press(&officer, "home");
    assert_true(officer_sees(&officer, "> on my way"));
    officer_press(&officer, "pagedown enter");
    assert_int_equal(officer.command.kind, COMMAND_MESSAGE);
    assert_true(officer.command.on > 4);
    officer_end(&officer);
}

static void messages_are_among_the_keys_of_talk_however_many_groups_there_are(void **state) {
    (void)state;
    struct officer officer = begin(200, 60);
    view_add_group(officer.view, RESCUE, "Rescue 2");
    officer_look(&officer);
    assert_non_null(strstr(officer_keys(&officer), "m messages"));
    assert_non_null(strstr(officer_keys(&officer), "q quit"));
    officer_end(&officer);
}

static void the_help_of_messages_names_the_keys_of_its_field(void **state) {
    (void)state;
    struct officer officer = begin(80, 60);
    officer_press(&officer, "m ?");
    assert_true(officer_sees(&officer, "^U ^W"));
    officer_end(&officer);
}

/* A report of a loss names who reports whom; one key and one `y` take it over, and until then it
 * marks, and refuses nothing. */
static void a_reported_loss_is_taken_over_with_one_confirmed_action(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    view_add_member(&officer.view->groups[0], CAROL, "Carol", MEMBER_UNKNOWN);
    struct view_message *report = add(officer.view, BEN, "Ben", CAROL);
    report->word = MESSAGE_WORD_LOST;
    officer_press(&officer, "m");
    assert_true(officer_sees(&officer, "Reports Carol"));
    assert_true(officer_sees(&officer, "report lost too"));
    officer_press(&officer, "l");
    assert_true(officer_sees(&officer, "Report Carol"));
    assert_true(officer_sees(&officer, "Ben (025764-8) reports it lost"));
    officer_press(&officer, "escape");
    assert_int_not_equal(officer.command.kind, COMMAND_REPORT_LOST);
    officer_press(&officer, "l y");
    assert_int_equal(officer.command.kind, COMMAND_REPORT_LOST);
    assert_string_equal(officer.command.identity, CAROL);
    struct view_message *back = add(officer.view, BEN, "Ben", CAROL);
    back->word = MESSAGE_WORD_FOUND;
    back->utc_ms = report->utc_ms + 1;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Takes back the report that Carol"));
    assert_false(officer_sees(&officer, "report lost too"));
    officer_end(&officer);
}

/* On the group's page, in the member's row and in full. */
static void a_reported_member_is_marked_by_whose_word_it_is(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    struct view_message *report = add(officer.view, ANNA, "", BEN);
    report->word = MESSAGE_WORD_LOST;
    officer_press(&officer, "2 enter");
    assert_false(officer_sees(&officer, "reported lost")); /* one's own word is another mark */
    report->is_own = false;
    snprintf(report->identity, sizeof report->identity, "%s", CAROL);
    snprintf(report->name, sizeof report->name, "Carol");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "reported lost"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_wrote_what_and_how_many_have_the_own_ones),
        cmocka_unit_test(what_is_not_of_today_is_shown_with_its_day_and_what_came_late_as_late),
        cmocka_unit_test(what_was_drawn_is_read_with_the_next_key_and_nothing_else),
        cmocka_unit_test(a_text_is_written_and_its_limit_is_said_before_it_bites),
        cmocka_unit_test(a_status_word_is_shown_in_the_readers_language),
        cmocka_unit_test(nothing_is_written_under_a_key_that_is_over_nor_to_another_group),
        cmocka_unit_test(a_refused_text_stays_in_its_field_and_an_accepted_one_is_gone),
        cmocka_unit_test(a_refused_status_word_is_still_under_the_cursor),
        cmocka_unit_test(a_text_whose_key_ends_meanwhile_is_neither_sent_nor_lost),
        cmocka_unit_test(nothing_opens_over_what_is_written_or_chosen_and_space_leaves_it_alone),
        cmocka_unit_test(nothing_is_begun_while_the_microphone_is_open),
        cmocka_unit_test(a_half_written_text_stays_with_its_group),
        cmocka_unit_test(what_comes_in_above_is_unread_until_it_was_drawn),
        cmocka_unit_test(what_comes_while_a_status_word_is_chosen_is_not_read),
        cmocka_unit_test(who_talks_from_there_has_read_it),
        cmocka_unit_test(who_has_not_said_so_is_named),
        cmocka_unit_test(whichever_key_leads_elsewhere_what_was_drawn_is_read),
        cmocka_unit_test(what_is_not_sent_any_more_and_reaches_nobody_says_so),
        cmocka_unit_test(each_key_that_works_is_named_once_and_in_the_readers_language),
        cmocka_unit_test(on_a_small_screen_all_words_and_the_way_back_can_be_seen),
        cmocka_unit_test(messages_are_among_the_keys_of_talk_however_many_groups_there_are),
        cmocka_unit_test(the_help_of_messages_names_the_keys_of_its_field),
        cmocka_unit_test(a_reported_loss_is_taken_over_with_one_confirmed_action),
        cmocka_unit_test(a_reported_member_is_marked_by_whose_word_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
