/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key deliveries as numbered text messages: whatever the order and whatever stands around them,
 * the message comes back; and a part that is missing, repeated, swapped or damaged is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/text/collection.h"
#include "app/text/plain.h"
#include "delivery.h"

enum {
    ROUNDS = 300,
    TEXT_SIZE = 64 * 1024,
    NOW_MS = 1000,
};

#define HEADLINE "for urn:gsma:imei:90420156-025763-0, of sip:fire7@county.example"

/* --- Random texts --------------------------------------------------------------------------- */

/* MUSTER_SEED plays one again; otherwise each run has its own. */
static uint64_t first_seed(void) {
    const char *only = getenv("MUSTER_SEED");
    uint64_t seed =
        only != NULL ? strtoull(only, NULL, 10) : (uint64_t)time(NULL) * UINT64_C(1000003);
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

static unsigned below(uint64_t *seed, unsigned bound) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*seed >> 33) % bound);
}

struct message {
    size_t length;
    uint8_t octets[KEY_DELIVERY_MAX];
};

static struct message random_message(uint64_t *seed) {
    struct message message = {.length = 1 + below(seed, KEY_DELIVERY_MAX)};
    for (size_t i = 0; i < sizeof message.octets; i++) {
        message.octets[i] = (uint8_t)below(seed, 256);
    }
    return message;
}

static struct span span_of(const struct message *message) {
    return (struct span){message->octets, message->length};
}

static unsigned count_of(const struct message *message) {
    struct part part;
    assert_int_equal(part_of(span_of(message), 1, &part), STATUS_OK);
    return part.count;
}

struct line {
    char text[PART_LINE_MAX + 1];
};

static struct line line_of(const struct message *message, unsigned number) {
    struct line line = {0};
    struct part part;
    struct writer w = writer_into((uint8_t *)line.text, PART_LINE_MAX);
    assert_int_equal(part_of(span_of(message), number, &part), STATUS_OK);
    assert_int_equal(part_write(&part, &w), STATUS_OK);
    return line;
}

/* --- Reading -------------------------------------------------------------------------------- */

static bool joins_to(const struct gathered *gathered, const struct message *message) {
    uint8_t octets[PARTS_MAX * PART_OCTETS];
    struct writer w = writer_into(octets, sizeof octets);
    return gathered != NULL && gathered_parts(gathered) == gathered->count &&
           gathered_join(gathered, &w) == STATUS_OK &&
           span_equal(writer_span(&w), span_of(message));
}

static struct gathered *gathered_of(struct collection *collection, const struct message *message) {
    struct part part;
    assert_int_equal(part_of(span_of(message), 1, &part), STATUS_OK);
    return collection_find(collection, &part);
}

/* Collects all good parts of a text; returns how many others were found. */
static unsigned collect(struct collection *collection, struct span text) {
    struct part_reader reader = part_reader_of(text);
    struct part_found found;
    unsigned others = 0;
    while (part_reader_next(&reader, &found)) {
        others += found.state != PART_GOOD;
        if (found.state == PART_GOOD) {
            (void)collection_add(collection, &found.part, NOW_MS);
        }
    }
    return others;
}

static struct part_found only_found(struct span text) {
    struct part_reader reader = part_reader_of(text);
    struct part_found found, second;
    assert_true(part_reader_next(&reader, &found));
    assert_false(part_reader_next(&reader, &second));
    return found;
}

/* --- What a part is ------------------------------------------------------------------------- */

static void a_part_is_one_text_message_of_letters_and_digits_that_survive_every_path(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (int round = 0; round < ROUNDS; round++) {
        struct message message = random_message(&seed);
        for (unsigned number = 1; number <= count_of(&message); number++) {
            struct line line = line_of(&message, number);
            assert_in_range(strlen(line.text), 1, PART_LINE_MAX);
            assert_int_equal(strspn(line.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 /."),
                             strlen(line.text));
        }
    }
}

/* What the manager of a group of the county sends today. */
static void a_delivery_takes_twelve_text_messages(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, 0x01020304);
    struct message message;
    struct writer w = writer_into(message.octets, sizeof message.octets);
    delivery_write(&first, &w);
    message.length = w.length;
    print_message("%zu octets, %u parts\n", message.length, count_of(&message));
    assert_int_equal(count_of(&message), 12);
    squad_free(squad);
}

static void the_first_line_says_what_it_is_and_for_whom(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    uint8_t text[PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(parts_write(span_of(&message), HEADLINE, &w), STATUS_OK);
    static const char first[] = "MUSTER KEY DELIVERY " HEADLINE "\n";
    assert_memory_equal(text, first, sizeof first - 1);
    struct collection collection = {0};
    assert_int_equal(collect(&collection, writer_span(&w)), 0);
    assert_true(joins_to(gathered_of(&collection, &message), &message));
    w = writer_into(text, sizeof text);
    assert_int_equal(parts_write(span_of(&message), "for a\nMUSTER KEY", &w), STATUS_MALFORMED);
    assert_int_equal(parts_write((struct span){NULL, 0}, "", &w), STATUS_MALFORMED);
}

static void the_longest_message_and_headline_fit_what_is_promised(void **state) {
    (void)state;
    struct message message = {.length = KEY_DELIVERY_MAX};
    char headline[PARTS_HEADLINE_MAX + 2];
    memset(headline, 'x', sizeof headline);
    headline[PARTS_HEADLINE_MAX + 1] = '\0';
    uint8_t text[PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(parts_write(span_of(&message), headline, &w), STATUS_TOO_LONG);
    headline[PARTS_HEADLINE_MAX] = '\0';
    assert_int_equal(parts_write(span_of(&message), headline, &w), STATUS_OK);
    assert_int_equal(count_of(&message), PARTS_MAX);
}

/* --- However they come ---------------------------------------------------------------------- */

static const char *const befores[] = {"",      "> ",
                                      ">> > ", "[25.11.26, 12:03] Ben: ",
                                      "  \t",  "2026-11-25 12:03 +447700900123 ",
                                      "- \"",  "MUSTER KEY "};
static const char *const afters[] = {"\n", "\r\n", "   \r\n", "\" \n", "\n\n", " (7)\n"};

/* The line as it may come: quoted, in small letters, broken by a mail program. */
static void write_somehow(uint64_t *seed, struct writer *out, const struct line *line) {
    bool small = below(seed, 4) == 0;
    size_t width = below(seed, 4) == 0 ? 40 + below(seed, 60) : SIZE_MAX;
    const char *quote = below(seed, 2) == 0 ? "\n> " : "\r\n";
    write_span(out, span_of_text(befores[below(seed, sizeof befores / sizeof befores[0])]));
    for (size_t i = 0; line->text[i] != '\0'; i++) {
        char c = line->text[i];
        if (i > 0 && i % width == 0 && i > 30) {
            write_span(out, span_of_text(quote));
        }
        write_u8(out, (uint8_t)(small && c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c));
    }
    write_span(out, span_of_text(afters[below(seed, sizeof afters / sizeof afters[0])]));
    if (below(seed, 3) == 0) {
        write_span(out, span_of_text("That was one, more to come at 3/4 past.\n"));
    }
}

/* Lines of several messages, shuffled. */
static void in_any_order_and_mixed_with_anything_all_messages_come_back(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    uint8_t *text = malloc(TEXT_SIZE);
    for (int round = 0; round < ROUNDS; round++) {
        struct message messages[3];
        struct line lines[3 * PARTS_MAX];
        unsigned count = 0;
        for (size_t i = 0; i < 3; i++) {
            messages[i] = random_message(&seed);
            for (unsigned number = 1; number <= count_of(&messages[i]); number++) {
                lines[count++] = line_of(&messages[i], number);
            }
        }
        struct writer w = writer_into(text, TEXT_SIZE);
        for (unsigned left = count; left > 0; left--) {
            unsigned drawn = below(&seed, left);
            write_somehow(&seed, &w, &lines[drawn]);
            lines[drawn] = lines[left - 1];
        }
        struct collection collection = {0};
        assert_int_equal(writer_finish(&w), STATUS_OK);
        assert_int_equal(collect(&collection, writer_span(&w)), 0);
        for (size_t i = 0; i < 3; i++) {
            assert_true(joins_to(gathered_of(&collection, &messages[i]), &messages[i]));
        }
    }
    free(text);
}

static void each_missing_part_is_named(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = KEY_DELIVERY_MAX;
    for (unsigned a = 1; a <= PARTS_MAX; a++) {
        for (unsigned b = a; b <= PARTS_MAX; b++) {
            struct collection collection = {0};
            for (unsigned number = 1; number <= PARTS_MAX; number++) {
                struct line line = line_of(&message, number);
                if (number != a && number != b) {
                    assert_int_equal(collect(&collection, span_of_text(line.text)), 0);
                }
            }
            char missing[COLLECTION_MISSING_SIZE], expected[16];
            snprintf(expected, sizeof expected, a == b ? "%u" : "%u and %u", a, b);
            gathered_missing(&collection.messages[0], missing);
            assert_string_equal(missing, expected);
            assert_int_equal(gathered_parts(&collection.messages[0]), PARTS_MAX - (a == b ? 1 : 2));
        }
    }
}

static void a_part_with_another_parts_number_is_named(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = KEY_DELIVERY_MAX;
    for (unsigned is = 1; is <= PARTS_MAX; is++) {
        for (unsigned says = 1; says <= PARTS_MAX; says++) {
            struct line line = line_of(&message, is);
            char text[2 * PART_LINE_MAX];
            snprintf(text, sizeof text, "\nMUSTER KEY %u%s", says, strchr(line.text, '/'));
            struct part_found found = only_found(span_of_text(text));
            assert_int_equal(found.state, is == says ? PART_GOOD : PART_RENUMBERED);
            assert_int_equal(found.part.number, says);
            assert_int_equal(found.true_number, is);
            assert_int_equal(found.line, 2);
        }
    }
}

/* Two lines whose texts change places: neither is taken. */
static void parts_with_each_others_text_are_not_taken(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = KEY_DELIVERY_MAX;
    for (unsigned a = 1; a < PARTS_MAX; a++) {
        struct line one = line_of(&message, a), other = line_of(&message, a + 1);
        char text[2 * PART_LINE_MAX];
        const char *head_end = strrchr(one.text, ' ');
        snprintf(text, sizeof text, "%.*s%s", (int)(head_end - one.text), one.text,
                 strrchr(other.text, ' '));
        struct part_found found = only_found(span_of_text(text));
        assert_int_equal(found.state, PART_RENUMBERED);
        assert_int_equal(found.true_number, a + 1);
        /* With the check left where it was, the line is no part's. */
        memcpy(strrchr(text, '.'), strrchr(one.text, '.'), 7);
        found = only_found(span_of_text(text));
        assert_int_equal(found.state, PART_DAMAGED);
        assert_int_equal(found.part.number, a);
    }
}

static void a_part_that_came_twice_and_differs_is_not_kept(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = KEY_DELIVERY_MAX;
    for (unsigned number = 1; number <= PARTS_MAX; number++) {
        struct collection collection = {0};
        struct part part;
        assert_int_equal(part_of(span_of(&message), number, &part), STATUS_OK);
        assert_int_equal(collection_add(&collection, &part, NOW_MS), GATHERED_NEW);
        assert_int_equal(collection_add(&collection, &part, NOW_MS), GATHERED_AGAIN);
        part.octets[0] ^= 1;
        assert_int_equal(collection_add(&collection, &part, NOW_MS), GATHERED_DIFFERS);
        assert_int_equal(gathered_parts(&collection.messages[0]), 0);
    }
}

static void parts_that_do_not_make_the_message_that_they_name_are_not_joined(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    struct collection collection = {0};
    for (unsigned number = 1; number <= count_of(&message); number++) {
        struct part part;
        assert_int_equal(part_of(span_of(&message), number, &part), STATUS_OK);
        part.octets[0] ^= number == 1;
        assert_int_equal(collection_add(&collection, &part, NOW_MS), GATHERED_NEW);
    }
    uint8_t octets[PARTS_MAX * PART_OCTETS];
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(gathered_join(&collection.messages[0], &w), STATUS_MALFORMED);
}

/* --- Damage --------------------------------------------------------------------------------- */

static bool is_same_letter(char a, char b) {
    return (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
}

/* The case of letters, what stands between them, and digits that the alphabet does not have do not
 * count. */
static bool is_same(char a, char b) {
    static const char letters[] = "OIB", digits[] = "018";
    const char *letter = strchr(letters, a);
    return a == b || is_same_letter(a, b) || (a == ' ' && !plain_is_letter_or_digit((uint8_t)b)) ||
           (letter != NULL && b == digits[letter - letters]);
}

static void every_changed_character_of_every_line_is_noticed(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = 5 * PART_OCTETS + 20;
    for (unsigned number = 1; number <= 6; number++) {
        const struct line good = line_of(&message, number);
        for (size_t at = 0; good.text[at] != '\0'; at++) {
            for (int c = 1; c < 256; c++) {
                struct line line = good;
                if (is_same(line.text[at], (char)c)) {
                    continue;
                }
                line.text[at] = (char)c;
                struct part_reader reader = part_reader_of(span_of_text(line.text));
                struct part_found found;
                if (part_reader_next(&reader, &found) && found.state == PART_GOOD) {
                    fail_msg("part %u, character %zu as %d is taken", number, at, c);
                }
            }
        }
    }
}

/* Where what is damaged comes after a part's head, the part is named. */
static void every_cut_line_and_every_lost_or_added_character_is_noticed(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = 12 * PART_OCTETS;
    for (unsigned number = 1; number <= 12; number++) {
        const struct line good = line_of(&message, number);
        size_t length = strlen(good.text), head = (size_t)(strrchr(good.text, ' ') - good.text) + 1;
        for (size_t at = head; at < length; at++) {
            char cut[PART_LINE_MAX + 2], lost[PART_LINE_MAX + 2], added[PART_LINE_MAX + 2];
            snprintf(cut, sizeof cut, "%.*s", (int)at, good.text);
            snprintf(lost, sizeof lost, "%.*s%s", (int)at, good.text, good.text + at + 1);
            snprintf(added, sizeof added, "%.*s%c%s", (int)at, good.text,
                     good.text[at] == 'X' ? 'Y' : 'X', good.text + at);
            const char *const lines[] = {cut, lost, added};
            for (size_t i = 0; i < 3; i++) {
                struct part_found found = only_found(span_of_text(lines[i]));
                assert_int_equal(found.state, PART_DAMAGED);
                assert_int_equal(found.part.number, number);
                assert_int_equal(found.part.count, 12);
            }
        }
    }
}

/* A part that was cut off swallows nothing of the next. */
static void a_damaged_line_takes_no_other_with_it(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    struct message message = random_message(&seed);
    message.length = 3 * PART_OCTETS;
    for (size_t cut = 14; cut < PART_LINE_MAX - 10; cut++) {
        struct line one = line_of(&message, 1), two = line_of(&message, 2);
        char text[3 * PART_LINE_MAX];
        snprintf(text, sizeof text, "%.*s\n%s\n", (int)cut, one.text, two.text);
        struct collection collection = {0};
        assert_int_equal(collect(&collection, span_of_text(text)), 1);
        assert_int_equal(collection.count, 1);
        assert_int_equal(collection.messages[0].lengths[1], PART_OCTETS);
    }
}

static void random_texts_do_no_harm(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    static const char *const words[] = {"MUSTER ", "KEY ", "muster key 1/2 ",   "3/8 ", "ABCDEFGH ",
                                        ".",       "\n> ", "MUSTER KEY 99/99 ", "\r\n", "0/0 "};
    uint8_t text[600];
    for (int round = 0; round < 20 * ROUNDS; round++) {
        struct writer w = writer_into(text, sizeof text);
        while (!w.failed && below(&seed, 60) > 0) {
            unsigned word = below(&seed, 2 * sizeof words / sizeof words[0]);
            if (word < sizeof words / sizeof words[0]) {
                write_span(&w, span_of_text(words[word]));
            } else {
                write_u8(&w, (uint8_t)below(&seed, 256));
            }
        }
        struct collection collection = {0};
        (void)collect(&collection, (struct span){text, w.length});
        assert_int_equal(collection.count, 0);
    }
}

static void what_was_gathered_is_read_back_from_its_record(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (int round = 0; round < ROUNDS; round++) {
        struct message message = random_message(&seed);
        struct collection collection = {0};
        for (unsigned number = 1; number <= count_of(&message); number++) {
            struct line line = line_of(&message, number);
            if (number == 1 || below(&seed, 2) == 0) {
                (void)collect(&collection, span_of_text(line.text));
            }
        }
        uint8_t record[GATHERED_RECORD_MAX];
        struct writer w = writer_into(record, sizeof record);
        struct gathered back;
        collection.messages[0].is_changed = false;
        gathered_write(&w, &collection.messages[0]);
        assert_int_equal(writer_finish(&w), STATUS_OK);
        assert_int_equal(gathered_read(writer_span(&w), &back), STATUS_OK);
        assert_memory_equal(&back, &collection.messages[0], sizeof back);
        for (size_t cut = 0; cut < w.length; cut++) {
            assert_int_not_equal(gathered_read((struct span){record, cut}, &back), STATUS_OK);
        }
    }
}

#define TEST(name) cmocka_unit_test(name)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_part_is_one_text_message_of_letters_and_digits_that_survive_every_path),
        TEST(a_delivery_takes_twelve_text_messages),
        TEST(the_first_line_says_what_it_is_and_for_whom),
        TEST(the_longest_message_and_headline_fit_what_is_promised),
        TEST(in_any_order_and_mixed_with_anything_all_messages_come_back),
        TEST(each_missing_part_is_named),
        TEST(a_part_with_another_parts_number_is_named),
        TEST(parts_with_each_others_text_are_not_taken),
        TEST(a_part_that_came_twice_and_differs_is_not_kept),
        TEST(parts_that_do_not_make_the_message_that_they_name_are_not_joined),
        TEST(every_changed_character_of_every_line_is_noticed),
        TEST(every_cut_line_and_every_lost_or_added_character_is_noticed),
        TEST(a_damaged_line_takes_no_other_with_it),
        TEST(random_texts_do_no_harm),
        TEST(what_was_gathered_is_read_back_from_its_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
