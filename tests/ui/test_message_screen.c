/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of a group: read, written, and sent as status words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
    assert_true(officer_sees(&officer, "3 of 4 in reach have it"));
    own->has_it = 5; /* two of them have gone since */
    officer_look(&officer);
    assert_true(officer_sees(&officer, "3 of 4 in reach have it; 5 in all"));
    own->waits = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "waits: not sent yet"));
    own->waits = false;
    own->is_unsent = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "never sent: its key is over"));
    officer_end(&officer);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_wrote_what_and_how_many_have_the_own_ones),
        cmocka_unit_test(what_is_not_of_today_is_shown_with_its_day_and_what_came_late_as_late),
        cmocka_unit_test(what_was_drawn_is_read_with_the_next_key_and_nothing_else),
        cmocka_unit_test(a_text_is_written_and_its_limit_is_said_before_it_bites),
        cmocka_unit_test(a_status_word_is_shown_in_the_readers_language),
        cmocka_unit_test(nothing_is_written_under_a_key_that_is_over_nor_to_another_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
