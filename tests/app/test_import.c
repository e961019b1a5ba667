/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that an officer brings as text, over days and restarts (6.X.3.3.2.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/text/parts.h"
#include "delivery.h"

enum {
    FIRST = 0x01020304,
    SECOND = 0x05060708,
    PART_COUNT = 12, /* of a delivery */
    DAY_MS = 24 * HOUR_MS,
};

struct message {
    size_t length;
    uint8_t octets[KEY_DELIVERY_MAX];
};

static struct message written(const struct delivery *delivery) {
    struct message message;
    struct writer w = writer_into(message.octets, sizeof message.octets);
    delivery_write(delivery, &w);
    message.length = w.length;
    return message;
}

/* One that is good for weeks. */
static struct message good_message(struct squad *squad, uint32_t gmk_id) {
    struct delivery delivery = delivery_now(squad, 0, gmk_id);
    delivery.ends_ms = delivery.begins_ms + 60 * (int64_t)DAY_MS;
    return written(&delivery);
}

static struct span span_of(const struct message *message) {
    return (struct span){message->octets, message->length};
}

struct text {
    char text[2 * PARTS_TEXT_MAX]; /* of two messages */
    size_t length;
};

static void add_part(struct text *text, const struct message *message, unsigned number) {
    struct part part;
    struct writer w = writer_into((uint8_t *)text->text, sizeof text->text - 1);
    w.length = text->length;
    assert_int_equal(part_of(span_of(message), number, &part), STATUS_OK);
    assert_int_equal(part_write(&part, &w), STATUS_OK);
    write_u8(&w, '\n');
    text->length = w.length;
    text->text[text->length] = '\0';
}

/* The number of a part, as a hexadecimal digit. */
static unsigned number_of(char digit) {
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/* The lines of the parts whose numbers are the digits. */
static struct text text_of(const struct message *message, const char *numbers) {
    struct text text = {.length = 0};
    for (; *numbers != '\0'; numbers++) {
        add_part(&text, message, number_of(*numbers));
    }
    return text;
}

static enum status import(struct squad *squad, struct span text) {
    struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text.octets, .text_length = text.length};
    return squad_command(squad, 0, &command);
}

static void import_numbers(struct squad *squad, const struct message *message,
                           const char *numbers) {
    struct text text = text_of(message, numbers);
    assert_int_equal(import(squad, span_of_text(text.text)), STATUS_OK);
}

/* Is there an event about the latest import with these values, and whichever others? */
static void assert_told(struct squad *squad, const struct event *expected) {
    const struct view *view = squad_view(squad, 0);
    for (size_t i = 0; i < view->imported_count; i++) {
        bool is_same = view->imported[i].kind == expected->kind;
        for (int value = 0; value < EVENT_VALUES && is_same; value++) {
            char wanted[EVENT_VALUE_SIZE], there[EVENT_VALUE_SIZE];
            event_value_text(expected, (enum event_value)value, wanted);
            event_value_text(&view->imported[i], (enum event_value)value, there);
            is_same = wanted[0] == '\0' || strcmp(wanted, there) == 0;
        }
        if (is_same) {
            return;
        }
    }
    for (size_t i = 0; i < view->imported_count; i++) {
        print_error("told: %s\n", event_name(view->imported[i].kind));
    }
    fail_msg("not told: %s", event_name(expected->kind));
}

#define TOLD(...)      assert_told(squad, &(struct event){__VA_ARGS__})
#define PARTS(a, b, c) (1u << ((a)-1) | 1u << ((b)-1) | 1u << ((c)-1))

static size_t records_of_parts(const struct squad *squad) {
    size_t count = 0;
    for (size_t i = 0; i < squad->handsets[0].record_count; i++) {
        count += squad->handsets[0].records[i].kind == RECORD_PARTS;
    }
    return count;
}

/* --- Good ones ------------------------------------------------------------------------------ */

static void parts_make_a_key_in_any_order_over_days_and_restarts(void **state) {
    (void)state;
    static const char *const orders[] = {"123456789ABC", "CBA987654321", "3142A75B869C",
                                         "5281C47B63A9"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct squad *squad = squad_new(1);
        struct message message = good_message(squad, FIRST);
        for (const char *at = orders[i]; *at != '\0'; at++) {
            const char number[] = {*at, '\0'};
            assert_false(delivery_is_held(squad, 0, FIRST));
            import_numbers(squad, &message, number);
            squad->boot_ms += DAY_MS / 2;
            squad_restart(squad, 0, at[0] % 2 == 0);
            assert_int_equal(records_of_parts(squad), at[1] != '\0');
        }
        assert_true(delivery_is_held(squad, 0, FIRST));
        assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
        squad_free(squad);
    }
}

static void what_is_there_and_what_is_missing_is_shown(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    char tag[PART_TAG_SIZE];
    parts_tag(span_of(&message), tag);
    import_numbers(squad, &message, "13468ABC9");
    TOLD(.kind = EVENT_PARTS_MISSING, .parts = PARTS(2, 5, 7), .count = PART_COUNT);
    squad->boot_ms += 5000;
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->gathering_count, 1);
    assert_string_equal(view->gatherings[0].tag, tag);
    assert_int_equal(view->gatherings[0].there, 9);
    assert_int_equal(view->gatherings[0].count, PART_COUNT);
    assert_int_equal(view->gatherings[0].missing, PARTS(2, 5, 7));
    assert_int_equal(view->gatherings[0].latest_ago_ms, 5000);
    import_numbers(squad, &message, "27");
    TOLD(.kind = EVENT_PARTS_MISSING, .parts = PARTS(5, 5, 5), .count = PART_COUNT);
    import_numbers(squad, &message, "5");
    TOLD(.kind = EVENT_IMPORT_TAKEN, .group = "sip:fire7@county.example");
    assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
    squad_free(squad);
}

static void one_text_brings_several_keys(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message fire = good_message(squad, FIRST);
    struct delivery delivery = delivery_now(squad, 0, SECOND);
    delivery.group = delivery.signer = SQUAD_RESCUE;
    struct message rescue = written(&delivery);
    struct text text = {.length = 0};
    for (unsigned number = PART_COUNT; number >= 1; number--) {
        add_part(&text, &fire, number);
        if (number < PART_COUNT || PART_OCTETS * (PART_COUNT - 1) < rescue.length) {
            add_part(&text, &rescue, number);
        }
    }
    assert_int_equal(import(squad, span_of_text(text.text)), STATUS_OK);
    assert_true(delivery_is_held(squad, 0, FIRST));
    assert_true(delivery_is_held(squad, 0, SECOND));
    squad_free(squad);
}

static void a_delivery_as_it_is_is_taken_too(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    assert_int_equal(import(squad, span_of(&message)), STATUS_OK);
    TOLD(.kind = EVENT_IMPORT_TAKEN);
    assert_true(delivery_is_held(squad, 0, FIRST));
    assert_int_equal(import(squad, (struct span){message.octets, message.length - 1}), STATUS_OK);
    TOLD(.kind = EVENT_IMPORT_NOT_A_DELIVERY, .check = "truncated");
    squad_free(squad);
}

static void what_comes_again_does_no_harm_and_is_said(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    import_numbers(squad, &message, "1223");
    TOLD(.kind = EVENT_PARTS_REPEATED, .parts = PARTS(2, 2, 2));
    import_numbers(squad, &message, "1");
    TOLD(.kind = EVENT_PARTS_REPEATED, .parts = PARTS(1, 1, 1));
    import_numbers(squad, &message, "456789ABC4");
    TOLD(.kind = EVENT_IMPORT_TAKEN);
    TOLD(.kind = EVENT_PARTS_OF_HELD_KEY);
    import_numbers(squad, &message, "123456789ABC");
    TOLD(.kind = EVENT_PARTS_OF_HELD_KEY);
    assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
    squad_restart(squad, 0, true);
    import_numbers(squad, &message, "123456789ABC");
    TOLD(.kind = EVENT_IMPORT_HELD_ALREADY, .group = "sip:fire7@county.example");
    squad_free(squad);
}

/* --- Refused ones --------------------------------------------------------------------------- */

static void each_damaged_or_swapped_part_is_named_and_not_taken(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    for (char number = '1'; number <= '9'; number++) {
        const char numbers[] = {number, '\0'};
        char digit = number == '9' ? '1' : (char)(number + 1);
        unsigned part = (unsigned)(number - '0'), false_part = (unsigned)(digit - '0');
        struct text text = text_of(&message, numbers);
        text.text[60] = text.text[60] == 'A' ? 'B' : 'A';
        assert_int_equal(import(squad, span_of_text(text.text)), STATUS_OK);
        TOLD(.kind = EVENT_PART_DAMAGED, .line = 1, .part = part, .count = PART_COUNT);
        text = text_of(&message, numbers);
        text.text[strlen("MUSTER KEY ")] = digit;
        assert_int_equal(import(squad, span_of_text(text.text)), STATUS_OK);
        TOLD(.kind = EVENT_PART_RENUMBERED, .line = 1, .part = part, .count = false_part);
        assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
    }
    squad_free(squad);
}

/* Somebody makes a part with a good check under the same tag: neither counts, and once the true one
 * comes again the key is taken. */
static void a_part_that_differs_is_named_and_the_true_one_is_taken_later(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    struct part part;
    uint8_t line[PART_LINE_MAX];
    struct writer w = writer_into(line, sizeof line);
    assert_int_equal(part_of(span_of(&message), 4, &part), STATUS_OK);
    part.octets[7] ^= 1;
    assert_int_equal(part_write(&part, &w), STATUS_OK);
    import_numbers(squad, &message, "123456789AB");
    assert_int_equal(import(squad, writer_span(&w)), STATUS_OK);
    TOLD(.kind = EVENT_PART_DIFFERS, .part = 4, .count = PART_COUNT);
    import_numbers(squad, &message, "C");
    TOLD(.kind = EVENT_PARTS_MISSING, .parts = PARTS(4, 4, 4), .count = PART_COUNT);
    assert_false(delivery_is_held(squad, 0, FIRST));
    import_numbers(squad, &message, "4");
    assert_true(delivery_is_held(squad, 0, FIRST));
    squad_free(squad);
}

static void parts_that_do_not_belong_together_are_refused_and_dropped(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    struct part part;
    uint8_t line[PART_LINE_MAX];
    struct writer w = writer_into(line, sizeof line);
    assert_int_equal(part_of(span_of(&message), 4, &part), STATUS_OK);
    part.octets[7] ^= 1;
    assert_int_equal(part_write(&part, &w), STATUS_OK);
    import_numbers(squad, &message, "12356789ABC");
    assert_int_equal(import(squad, writer_span(&w)), STATUS_OK);
    TOLD(.kind = EVENT_PARTS_MISMATCHED, .count = PART_COUNT);
    assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
    assert_int_equal(records_of_parts(squad), 0);
    import_numbers(squad, &message, "123456789ABC");
    assert_true(delivery_is_held(squad, 0, FIRST));
    squad_free(squad);
}

static void a_key_that_is_refused_is_refused_with_its_reason(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct delivery older = delivery_now(squad, 0, FIRST);
    struct delivery others = delivery_now(squad, 1, SECOND);
    squad_run(squad, 1000);
    struct delivery newer = delivery_now(squad, 0, SECOND);
    struct delivery forged = newer, foreign = newer, adhoc = newer, over = newer;
    forged.signer = 1;
    foreign.group = foreign.signer = SQUAD_POLICE;
    adhoc.gmk_id = 0xA1020304;
    over.begins_ms -= 2 * HOUR_MS;
    over.ends_ms = over.begins_ms + HOUR_MS;
    const struct {
        const struct delivery *delivery;
        struct event told;
    } cases[] = {
        {&others,
         {.kind = EVENT_IMPORT_FOR_ANOTHER, .identity = "urn:gsma:imei:90420156-025764-0"}},
        {&forged, {.kind = EVENT_IMPORT_NOT_SIGNED, .group = "sip:fire7@county.example"}},
        {&foreign, {.kind = EVENT_IMPORT_GROUP_NOT_OURS, .group = "sip:police1@county.example"}},
        {&adhoc,
         {.kind = EVENT_IMPORT_NOT_TAKEN,
          .group = "sip:fire7@county.example",
          .check = "key-id-wrong-space"}},
        {&over, {.kind = EVENT_IMPORT_EXPIRED}},
        {&newer, {.kind = EVENT_IMPORT_TAKEN}},
        {&older, {.kind = EVENT_IMPORT_OUTDATED, .group = "sip:fire7@county.example"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message message = written(cases[i].delivery);
        import_numbers(squad, &message, "123456789ABC");
        assert_told(squad, &cases[i].told);
        assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
        assert_int_equal(squad_view(squad, 0)->group_count, i >= 5);
    }
    squad_free(squad);
}

static void a_text_without_a_key_changes_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    static const char *const texts[] = {"", "Hello, where are you?", "MUSTER KEY DELIVERY for me"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(import(squad, span_of_text(texts[i])), STATUS_NOT_FOUND);
    }
    assert_int_equal(squad->handsets[0].stores, 0);
    squad_free(squad);
}

/* --- Bounds --------------------------------------------------------------------------------- */

static void parts_are_forgotten_after_thirty_days(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct message message = good_message(squad, FIRST);
    import_numbers(squad, &message, "123");
    squad->boot_ms += IMPORT_KEEP_MS - HOUR_MS;
    squad_run(squad, 1000);
    assert_int_equal(records_of_parts(squad), 1);
    squad->boot_ms += 2 * HOUR_MS;
    squad_run(squad, 1000);
    assert_int_equal(records_of_parts(squad), 0);
    assert_int_equal(squad_view(squad, 0)->gathering_count, 0);
    squad_free(squad);
}

static void of_too_many_keys_the_oldest_parts_go(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    char first[PART_TAG_SIZE];
    for (uint32_t i = 0; i < COLLECTION_MAX + 3; i++) {
        struct message message = good_message(squad, FIRST + i);
        import_numbers(squad, &message, "12");
        if (i == 3) {
            parts_tag(span_of(&message), first);
        }
        squad->boot_ms += 1000;
    }
    TOLD(.kind = EVENT_PARTS_GIVEN_UP, .count = COLLECTION_MAX);
    assert_int_equal(records_of_parts(squad), COLLECTION_MAX);
    squad_restart(squad, 0, false);
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->gathering_count, COLLECTION_MAX);
    bool is_there = false;
    for (size_t i = 0; i < view->gathering_count; i++) {
        is_there = is_there || strcmp(view->gatherings[i].tag, first) == 0;
    }
    assert_true(is_there);
    squad_free(squad);
}

/* The power is cut at each output of the import that completes a key, one after the other: once the
 * text is imported again the key is there. */
static void a_power_cut_leaves_what_a_second_import_completes(void **state) {
    (void)state;
    for (unsigned cut_at = 1; cut_at <= 4; cut_at++) {
        struct squad *squad = squad_new(1);
        struct message message = good_message(squad, FIRST);
        import_numbers(squad, &message, "1234");
        squad->handsets[0].cut_at = cut_at;
        import_numbers(squad, &message, "56789ABC");
        squad_restart(squad, 0, true);
        import_numbers(squad, &message, "56789ABC");
        if (!delivery_is_held(squad, 0, FIRST)) {
            import_numbers(squad, &message, "1234");
        }
        assert_true(delivery_is_held(squad, 0, FIRST));
        squad_free(squad);
    }
}

#define TEST(name) cmocka_unit_test(name)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(parts_make_a_key_in_any_order_over_days_and_restarts),
        TEST(what_is_there_and_what_is_missing_is_shown),
        TEST(one_text_brings_several_keys),
        TEST(a_delivery_as_it_is_is_taken_too),
        TEST(what_comes_again_does_no_harm_and_is_said),
        TEST(each_damaged_or_swapped_part_is_named_and_not_taken),
        TEST(a_part_that_differs_is_named_and_the_true_one_is_taken_later),
        TEST(parts_that_do_not_belong_together_are_refused_and_dropped),
        TEST(a_key_that_is_refused_is_refused_with_its_reason),
        TEST(a_text_without_a_key_changes_nothing),
        TEST(parts_are_forgotten_after_thirty_days),
        TEST(of_too_many_keys_the_oldest_parts_go),
        TEST(a_power_cut_leaves_what_a_second_import_completes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
