/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/event.h"

typedef const char *name_fn(int number);

static const char *kind_name(int number) {
    return event_name((enum event_kind)number);
}

static const char *reason_name(int number) {
    return event_reason_name((enum event_reason)number);
}

static const char *message_name(int number) {
    return event_message_name((enum event_message)number);
}

static const char *value_name(int number) {
    return event_value_name((enum event_value)number);
}

static const char *weight_name(int number) {
    return event_weight_name((enum log_weight)number);
}

/* Lower-case words, joined by `joint`, and each name only once. */
static void expect_names(name_fn *name_of, int count, char joint) {
    char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789?";
    alphabet[strlen(alphabet) - 1] = joint;
    for (int a = 0; a < count; a++) {
        const char *name = name_of(a);
        assert_non_null(name);
        size_t length = strlen(name);
        if (strspn(name, alphabet) != length || length == 0 || name[0] == joint ||
            name[length - 1] == joint) {
            fail_msg("number %d is named '%s'", a, name);
        }
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(name, name_of(b));
        }
    }
}

static void every_name_for_machines_is_plain_and_unique(void **state) {
    (void)state;
    expect_names(kind_name, EVENT_COUNT, '-');
    expect_names(reason_name, REASON_COUNT, '-');
    expect_names(message_name, MESSAGE_COUNT, '-');
    expect_names(weight_name, LOG_WARNING + 1, '-');
    expect_names(value_name, EVENT_VALUES, '_');
}

static void a_kind_and_a_reason_are_found_by_their_names(void **state) {
    (void)state;
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        assert_int_equal(event_named(event_name((enum event_kind)kind)), kind);
    }
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        assert_int_equal(event_reason_named(event_reason_name((enum event_reason)reason)), reason);
    }
    assert_int_equal(event_named("group-ready"), EVENT_GROUP_READY);
    assert_int_equal(event_named("group-read"), EVENT_NONE);
    assert_int_equal(event_named(""), EVENT_NONE);
    assert_int_equal(event_reason_named("its officer said no"), REASON_NONE);
}

static void what_is_no_kind_is_none(void **state) {
    static const int numbers[] = {-1, EVENT_COUNT, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_string_equal(kind_name(numbers[i]), "none");
        assert_string_equal(reason_name(numbers[i]), "none");
        assert_string_equal(message_name(numbers[i]), "none");
        assert_string_equal(value_name(numbers[i]), "none");
        assert_int_equal(event_values((enum event_kind)numbers[i]), 0);
    }
}

/* But for a press that brings something else than the floor. */
static void why_a_command_was_not_carried_out_is_a_warning(void **state) {
    (void)state;
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        enum event_kind is = (enum event_kind)kind;
        bool has_answer = is == EVENT_FLOOR_ASKED || is == EVENT_FLOOR_TAKEN_BACK;
        enum log_weight weight = has_answer ? LOG_NOTICE : LOG_WARNING;
        assert_true(!event_is_refusal(is) || event_weight(is) == weight);
        assert_false(event_is_refusal(is) && event_is_for_every_screen(is));
    }
    assert_true(event_is_refusal(EVENT_NOT_ENROLLED));
    assert_true(event_is_refusal(EVENT_STORE_OPEN_ALREADY));
    assert_false(event_is_refusal(EVENT_PART_UNREADABLE));
    assert_true(event_is_for_every_screen(EVENT_INVITED_TO_GROUP));
    assert_true(event_alerts(EVENT_MESSAGE) && event_is_for_every_screen(EVENT_MESSAGE));
    assert_false(event_is_for_every_screen(EVENT_TALK_BEGAN));
    assert_int_equal(event_weight(EVENT_REFUSED), LOG_DETAIL);
    assert_int_equal(event_weight(EVENT_TALK_BEGAN), LOG_NOTICE);
    assert_int_equal(event_weight(EVENT_KEY_EXPIRED), LOG_WARNING);
}

static void assert_value(const struct event *event, enum event_value value, const char *expected) {
    char text[EVENT_VALUE_SIZE];
    event_value_text(event, value, text);
    assert_string_equal(text, expected);
    assert_int_equal(event_has(event, value), expected[0] != '\0');
}

static void each_value_has_its_text_where_it_means_something(void **state) {
    struct event event = {.reason = REASON_NO_ANSWER,
                          .message = MESSAGE_KEY_DELIVERY,
                          .gmk_id = 0xA1B2,
                          .duration_ms = -5000000000,
                          .check = "signature-invalid",
                          .count = 14,
                          .line = 3,
                          .part = 7,
                          .parts = 1u << 1 | 1u << 4 | 1u << 31,
                          .tag = "TAGTAGTA",
                          .day = "2026-11-30",
                          .month = "2026-12",
                          .identity = "tel:+447700900123",
                          .name = "Ada",
                          .name_kind = NAME_ATTESTED,
                          .group = "sip:fire7@county.example",
                          .group_name = "fire7"};
    static const char *const texts[EVENT_VALUES] = {
        [VALUE_IDENTITY] = "tel:+447700900123",
        [VALUE_NAME] = "Ada",
        [VALUE_NAME_KIND] = "attested",
        [VALUE_NEW_NAME] = "fire7",
        [VALUE_GROUP] = "sip:fire7@county.example",
        [VALUE_GROUP_NAME] = "fire7",
        [VALUE_GMK_ID] = "0000A1B2",
        [VALUE_REASON] = "no-answer",
        [VALUE_MESSAGE] = "key-delivery",
        [VALUE_CHECK] = "signature-invalid",
        [VALUE_COUNT] = "14",
        [VALUE_DURATION] = "-5000000000",
        [VALUE_TAG] = "TAGTAGTA",
        [VALUE_DAY] = "2026-11-30",
        [VALUE_MONTH] = "2026-12",
        [VALUE_LINE] = "3",
        [VALUE_PART] = "7",
        [VALUE_PARTS] = "2,5,32",
        [VALUE_LINK] = "udp:eth0",
        [VALUE_CONDITION] = "unreachable",
        [VALUE_OBJECT] = "eth0",
        [VALUE_DETAIL] = "of the library",
        [VALUE_ERROR] = "101",
        [VALUE_NUMBER] = "3",
        [VALUE_MORE] = "5000000000",
        [VALUE_SOURCE] = "10.0.0.7",
        [VALUE_SOURCES] = "37",
    };
    struct event linked = {.message = MESSAGE_KEY_DELIVERY,
                           .check = "signature-invalid",
                           .duration_ms = -5000000000,
                           .count = 14,
                           .sources = 37,
                           .source = "10.0.0.7",
                           .condition = {.name = "unreachable",
                                         .error = 101,
                                         .number = 3,
                                         .more = 5000000000,
                                         .object = "eth0",
                                         .detail = "of the library"},
                           .link = "udp:eth0"};
    unsigned seen = 0;
    (void)state;
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        unsigned meant = event_values((enum event_kind)kind);
        bool is_of_link = (meant >> VALUE_LINK & 1) != 0;
        event.kind = linked.kind = (enum event_kind)kind;
        struct event unknown = {.kind = event.kind};
        /* The two have the same place. */
        assert_true(!is_of_link || (meant & (1u << VALUE_IDENTITY | 1u << VALUE_NAME |
                                             1u << VALUE_GROUP | 1u << VALUE_GROUP_NAME)) == 0);
        for (int value = 0; value < EVENT_VALUES; value++) {
            bool is_meant = (meant >> value & 1) != 0;
            assert_value(is_of_link ? &linked : &event, (enum event_value)value,
                         is_meant ? texts[value] : "");
            assert_value(&unknown, (enum event_value)value, "");
            seen |= is_meant ? 1u << value : 0;
        }
    }
    assert_int_equal(seen, (1u << EVENT_VALUES) - 1);
}

static void the_longest_values_are_whole(void **state) {
    struct event event = {.kind = EVENT_PARTS_MISSING, .parts = UINT32_MAX};
    (void)state;
    assert_value(&event, VALUE_PARTS,
                 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
                 "31,32");
    event.kind = EVENT_GROUP_READY;
    memset(event.group, 'g', sizeof event.group - 1);
    assert_value(&event, VALUE_GROUP, event.group);
    event.kind = EVENT_MANAGED_SENT;
    event.duration_ms = INT64_MIN;
    assert_value(&event, VALUE_DURATION, "-9223372036854775808");
}

static void what_is_done_waits_until_it_is_durable(void **state) {
    static const enum event_kind claims[] = {
        EVENT_GROUP_READY,   EVENT_KEY_DELIVERED, EVENT_KEY_EXPIRED,   EVENT_MEMBER_JOINED,
        EVENT_GROUP_DELETED, EVENT_IMPORT_TAKEN,  EVENT_ROLL_EXCLUDED, EVENT_PARTS_MISSING};
    static const enum event_kind others[] = {
        EVENT_NEARBY,     EVENT_REFUSED,          EVENT_TALK_BEGAN,   EVENT_OWN_TALK_CUT_OFF,
        EVENT_CALL_ENDED, EVENT_INVITED_TO_GROUP, EVENT_LINK_PROBLEM, EVENT_SAVING_FAILED};
    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        assert_true(event_claims_durable(claims[i]));
        assert_false(event_claims_durable(others[i]));
    }
}

static void what_came_of_an_import_is_told_apart(void **state) {
    (void)state;
    assert_true(event_is_of_import(EVENT_IMPORT_TAKEN));
    assert_true(event_is_of_import(EVENT_PART_UNREADABLE));
    assert_true(event_is_of_import(EVENT_PARTS_NOT_FORGOTTEN));
    assert_false(event_is_of_import(EVENT_KEY_DELIVERED));
    assert_false(event_is_of_import(EVENT_NO_KEY_IN_TEXT));
}

static void an_event_is_about_somebody_or_a_group_or_both(void **state) {
    (void)state;
    char much[OFFICER_NAME_SIZE + 20] = "", cut[OFFICER_NAME_SIZE] = "";
    memset(much, 'x', sizeof much - 1);
    memset(cut, 'x', sizeof cut - 1);
    struct event event = event_of_member(EVENT_MEMBER_JOINED, "tel:+447700900123", "Ada",
                                         "sip:fire7@x.example", much);
    assert_value(&event, VALUE_IDENTITY, "tel:+447700900123");
    assert_value(&event, VALUE_NAME, "Ada");
    assert_value(&event, VALUE_GROUP, "sip:fire7@x.example");
    assert_value(&event, VALUE_GROUP_NAME, cut);
    event = event_of_identity(EVENT_NEARBY, "tel:+447700900123", "");
    assert_value(&event, VALUE_IDENTITY, "tel:+447700900123");
    assert_value(&event, VALUE_NAME, "");
    event = event_of_group(EVENT_GROUP_DELETED, "sip:fire7@x.example", "fire7");
    assert_value(&event, VALUE_GROUP, "sip:fire7@x.example");
    assert_value(&event, VALUE_GROUP_NAME, "fire7");
}

/* The log holds 200 of them, and the view a copy: two names are most of it. */
static void an_event_is_small(void **state) {
    (void)state;
    assert_true(sizeof(struct event) <= 320 + 2 * OFFICER_NAME_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_for_machines_is_plain_and_unique),
        cmocka_unit_test(a_kind_and_a_reason_are_found_by_their_names),
        cmocka_unit_test(what_is_no_kind_is_none),
        cmocka_unit_test(why_a_command_was_not_carried_out_is_a_warning),
        cmocka_unit_test(each_value_has_its_text_where_it_means_something),
        cmocka_unit_test(the_longest_values_are_whole),
        cmocka_unit_test(what_is_done_waits_until_it_is_durable),
        cmocka_unit_test(what_came_of_an_import_is_told_apart),
        cmocka_unit_test(an_event_is_about_somebody_or_a_group_or_both),
        cmocka_unit_test(an_event_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
