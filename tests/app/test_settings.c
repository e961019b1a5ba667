/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer sets is remembered, holds at once, and keeps no handset from starting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/squad.h"
#include "tests/app/talkers.h"

enum {
    SECOND_MS = 1000
};

static enum status set(struct squad *squad, enum command_kind kind, int on) {
    struct command command = {.kind = kind, .on = on};
    return squad_command(squad, 0, &command);
}

static enum status set_name(struct squad *squad, enum command_kind kind, const char *name) {
    struct command command = {.kind = kind};
    snprintf(command.name, sizeof command.name, "%s", name);
    return squad_command(squad, 0, &command);
}

static enum status set_longest(struct squad *squad, int64_t ms) {
    struct command command = {.kind = COMMAND_LONGEST_TALK, .period_ms = ms};
    return squad_command(squad, 0, &command);
}

static enum status set_lock_after(struct squad *squad, int64_t ms) {
    struct command command = {.kind = COMMAND_LOCK_AFTER, .period_ms = ms};
    return squad_command(squad, 0, &command);
}

static const struct view_settings *settings_of(struct squad *squad) {
    return &squad_view(squad, 0)->settings;
}

static void assert_usual(const struct view_settings *settings) {
    assert_string_equal(settings->microphone, "");
    assert_string_equal(settings->loudspeaker, "");
    assert_int_equal(settings->gain_db, 0);
    assert_true(settings->suppresses_noise);
    assert_false(settings->has_headset);
    assert_true(settings->has_permit_tone);
    assert_false(settings->keeps_speech);
    assert_int_equal(settings->longest_talk_ms, 60 * SECOND_MS);
    assert_int_equal(settings->lock_after_ms, 0);
    assert_false(settings->hears_locked);
    assert_int_equal(settings->erase_after, 0);
    assert_true(settings->takes_keys);
    assert_false(settings->is_unsaved);
}

static void change_all(struct squad *squad) {
    assert_int_equal(set_name(squad, COMMAND_MICROPHONE, "plughw:CARD=Headset,DEV=0"), STATUS_OK);
    assert_int_equal(set_name(squad, COMMAND_LOUDSPEAKER, "hw:1"), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_GAIN, -24), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_NOISE, 0), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_HEADSET, 1), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_PERMIT_TONE, 0), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_KEEP_SPEECH, 1), STATUS_OK);
    assert_int_equal(set_longest(squad, 300 * SECOND_MS), STATUS_OK);
    assert_int_equal(set_lock_after(squad, 3600 * SECOND_MS), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_HEAR_LOCKED, 1), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_ERASE_AFTER, 100), STATUS_OK);
    assert_int_equal(set(squad, COMMAND_TAKE_KEYS, 0), STATUS_OK);
}

static void assert_changed(const struct view_settings *settings) {
    assert_string_equal(settings->microphone, "plughw:CARD=Headset,DEV=0");
    assert_string_equal(settings->loudspeaker, "hw:1");
    assert_int_equal(settings->gain_db, -24);
    assert_false(settings->suppresses_noise);
    assert_true(settings->has_headset);
    assert_false(settings->has_permit_tone);
    assert_true(settings->keeps_speech);
    assert_int_equal(settings->longest_talk_ms, 300 * SECOND_MS);
    assert_int_equal(settings->lock_after_ms, 3600 * SECOND_MS);
    assert_true(settings->hears_locked);
    assert_int_equal(settings->erase_after, 100);
    assert_false(settings->takes_keys);
}

static void what_is_set_holds_at_once_and_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    assert_usual(settings_of(squad));
    change_all(squad);
    assert_changed(settings_of(squad));
    squad_run(squad, SECOND_MS);
    squad_restart(squad, 0, true);
    assert_changed(settings_of(squad));
    squad_free(squad);
}

static void what_cannot_be_is_refused(void **state) {
    static const int64_t never_ms[] = {INT64_MIN,      -1,        0,        14999,
                                       300 * 1000 + 1, INT64_MAX, 1LL << 32};
    (void)state;
    struct squad *squad = squad_new(1);
    char name[OFFICER_NAME_SIZE];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < sizeof never_ms / sizeof never_ms[0]; i++) {
        assert_int_equal(set_longest(squad, never_ms[i]), STATUS_MALFORMED);
    }
    assert_int_equal(set_lock_after(squad, 1), STATUS_MALFORMED);
    assert_int_equal(set_lock_after(squad, -1), STATUS_MALFORMED);
    assert_int_equal(set_lock_after(squad, 3601 * SECOND_MS), STATUS_MALFORMED);
    assert_int_equal(set(squad, COMMAND_ERASE_AFTER, 4), STATUS_MALFORMED);
    assert_int_equal(set(squad, COMMAND_ERASE_AFTER, -1), STATUS_MALFORMED);
    assert_int_equal(set(squad, COMMAND_ERASE_AFTER, 101), STATUS_MALFORMED);
    assert_int_equal(set(squad, COMMAND_GAIN, 25), STATUS_MALFORMED);
    assert_int_equal(set(squad, COMMAND_GAIN, -25), STATUS_MALFORMED);
    assert_int_equal(set_name(squad, COMMAND_MICROPHONE, name), STATUS_MALFORMED);
    name[SETTINGS_DEVICE_SIZE] = '\0';
    assert_int_equal(set_name(squad, COMMAND_LOUDSPEAKER, name), STATUS_MALFORMED);
    assert_usual(settings_of(squad));
    squad_free(squad);
}

static void assert_lasts(struct squad *squad, int64_t ms) {
    squad->is_mute = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, ms - SECOND_MS);
    assert_true(squad_view(squad, 0)->talking);
    squad_run(squad, 2 * SECOND_MS);
    assert_false(squad_view(squad, 0)->talking);
}

static void a_talk_lasts_as_long_as_was_set(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    assert_int_equal(set_longest(squad, 15 * SECOND_MS), STATUS_OK);
    assert_lasts(squad, 15 * SECOND_MS);
    assert_int_equal(set_longest(squad, 180 * SECOND_MS), STATUS_OK);
    assert_lasts(squad, 180 * SECOND_MS);
    squad_free(squad);
}

static void a_long_talk_keeps_the_floor_to_its_end(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    assert_int_equal(set_longest(squad, 300 * SECOND_MS), STATUS_OK);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100 * SECOND_MS);
    assert_int_equal(squad_talk(squad, 1), STATUS_BUSY);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_free(squad);
}

/* As from the command line. */
static void of_one_run_alone_it_is_not_remembered(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    const struct command command = {
        .kind = COMMAND_LONGEST_TALK, .period_ms = 15 * SECOND_MS, .on = 1};
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    assert_int_equal(settings_of(squad)->longest_talk_ms, 15 * SECOND_MS);
    assert_lasts(squad, 15 * SECOND_MS);
    assert_int_equal(set(squad, COMMAND_NOISE, 0), STATUS_OK); /* all of the record is saved */
    squad_run(squad, SECOND_MS);
    squad_restart(squad, 0, true);
    assert_int_equal(settings_of(squad)->longest_talk_ms, 60 * SECOND_MS);
    assert_false(settings_of(squad)->suppresses_noise);
    squad_free(squad);
}

static void on_a_full_disk_it_holds_and_is_shown_as_not_saved(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    squad_run(squad, SECOND_MS);
    squad->handsets[0].disk_failure = STATUS_NO_SPACE;
    change_all(squad);
    squad_run(squad, SECOND_MS);
    assert_changed(settings_of(squad));
    assert_true(settings_of(squad)->is_unsaved);
    assert_int_equal(squad->handsets[0].alarms, 1);
    assert_int_equal(set(squad, COMMAND_GAIN, 3), STATUS_OK); /* nor is it refused now */
    assert_int_equal(settings_of(squad)->gain_db, 3);
    squad_restart(squad, 0, true);
    assert_usual(settings_of(squad));
    squad->handsets[0].disk_failure = STATUS_NO_SPACE;
    change_all(squad);
    squad_run(squad, SECOND_MS);
    squad->handsets[0].disk_failure = STATUS_OK; /* there is space again */
    squad_run(squad, DURABLE_RETRY_MS + SECOND_MS);
    assert_false(settings_of(squad)->is_unsaved);
    squad_restart(squad, 0, true);
    assert_changed(settings_of(squad));
    squad_free(squad);
}

/* Handset 0 starts with that record; returns how many lines of its log, which is new, say that it
 * is not as it should be. */
static unsigned start_with(struct squad *squad, struct span value) {
    squad_put_record(squad, 0, RECORD_SETTING, span_of_text(SETTINGS_KEY), &value);
    squad_restart(squad, 0, true);
    return talkers_events(squad, 0, EVENT_SETTINGS_UNREADABLE, "");
}

static void a_newer_programs_settings_are_passed_over(void **state) {
    static const uint8_t newer[] = {1, 200, 3, 'n', 'e', 'w', 3, 1, 24 + 6, 201, 0, 5, 1, 0};
    (void)state;
    struct squad *squad = squad_new(1);
    assert_int_equal(start_with(squad, SPAN_OF(newer)), 0);
    assert_int_equal(settings_of(squad)->gain_db, 6);
    assert_false(settings_of(squad)->has_permit_tone);
    assert_true(settings_of(squad)->suppresses_noise); /* it is not there */
    squad_free(squad);
}

static void what_cannot_be_read_is_usual_and_a_line_in_the_log(void **state) {
    static const uint8_t other_form[] = {2, 3, 1, 24 + 6}, cut_off[] = {1, 3, 2, 24},
                         no_value[] = {1, 3, 0}, too_long[] = {1, 6, 5, 0, 0, 0xEA, 0x60, 0},
                         too_loud[] = {1, 3, 1, 49}, not_ended[] = {1, 1, 2, 'a', 0},
                         too_short_a_talk[] = {1, 6, 4, 0, 0, 0, 1}, neither[] = {1, 4, 1, 2},
                         nor_that[] = {1, 8, 1, 2}, no_device[] = {1, 1, 9, 'h', 'w'},
                         newer_cut_off[] = {1, 200, 2, 7},
                         too_soon_a_lock[] = {1, 9, 4, 0, 0, 0, 1}, too_few_tries[] = {1, 10, 1, 1};
    const struct span bad[] = {
        SPAN_OF(other_form),       SPAN_OF(cut_off),      SPAN_OF(no_value),
        SPAN_OF(too_long),         SPAN_OF(too_loud),     SPAN_OF(not_ended),
        SPAN_OF(neither),          SPAN_OF(nor_that),     {NULL, 0},
        SPAN_OF(too_short_a_talk), SPAN_OF(no_device),    SPAN_OF(newer_cut_off),
        SPAN_OF(too_soon_a_lock),  SPAN_OF(too_few_tries)};
    static const uint8_t one_bad[] = {1, 3, 1, 99, 5, 1, 0};
    (void)state;
    struct squad *squad = squad_new(1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(start_with(squad, bad[i]), 1);
        assert_usual(settings_of(squad));
    }
    assert_int_equal(start_with(squad, SPAN_OF(one_bad)), 1);
    assert_int_equal(settings_of(squad)->gain_db, 0);
    assert_false(settings_of(squad)->has_permit_tone); /* the others hold */
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_holds_at_once_and_after_a_restart),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_talk_lasts_as_long_as_was_set),
        cmocka_unit_test(a_long_talk_keeps_the_floor_to_its_end),
        cmocka_unit_test(of_one_run_alone_it_is_not_remembered),
        cmocka_unit_test(on_a_full_disk_it_holds_and_is_shown_as_not_saved),
        cmocka_unit_test(a_newer_programs_settings_are_passed_over),
        cmocka_unit_test(what_cannot_be_read_is_usual_and_a_line_in_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
