/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/keyboard/decoder.h: what terminals send for a key, in every form that it may take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>

#include "ui/keyboard/decoder.h"
#include "ui/ui.h"

enum {
    TAKEN_MAX = 16,
    LONG_AFTER_MS = 10000,
    RANDOM_OCTETS = 2000000,
};

struct taken {
    size_t count;
    struct input inputs[TAKEN_MAX];
};

/* MUSTER_SEED plays one again. */
static void seed_anew(void) {
    const char *only = getenv("MUSTER_SEED");
    unsigned seed = only != NULL ? (unsigned)strtoul(only, NULL, 10) : (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
}

static void take_all(struct decoder *decoder, int64_t now_ms, struct taken *taken) {
    struct input input;
    while (decoder_next(decoder, now_ms, &input)) {
        assert_true(taken->count < TAKEN_MAX);
        taken->inputs[taken->count++] = input;
    }
}

/* All octets at the same moment, and then nothing for long. */
static struct taken decode(const char *octets, size_t length) {
    struct decoder decoder = {.length = 0};
    struct taken taken = {.count = 0};
    for (size_t i = 0; i < length; i++) {
        decoder_octet(&decoder, (uint8_t)octets[i], 0);
        take_all(&decoder, 0, &taken);
    }
    take_all(&decoder, LONG_AFTER_MS, &taken);
    assert_int_equal(decoder_deadline(&decoder), INT64_MAX);
    return taken;
}

struct row {
    const char *octets;
    enum input_kind kind;
    uint32_t press; /* PRESS_NONE: no input at all */
};

static void check_rows(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct taken taken = decode(rows[i].octets, strlen(rows[i].octets));
        bool is_right = rows[i].press == PRESS_NONE && rows[i].kind <= INPUT_RELEASED
                            ? taken.count == 0
                            : taken.count == 1 && taken.inputs[0].kind == rows[i].kind &&
                                  taken.inputs[0].press == rows[i].press;
        if (!is_right) {
            fail_msg("ESC%s: %zu inputs, kind %d, press %x", rows[i].octets + 1, taken.count,
                     (int)taken.inputs[0].kind, taken.inputs[0].press);
        }
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

static void keys_come_as_terminals_have_always_sent_them(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"a", INPUT_TYPED, 'a'},
        {" ", INPUT_TYPED, ' '},
        {"?", INPUT_TYPED, '?'},
        {"\r", INPUT_TYPED, PRESS_ENTER},
        {"\n", INPUT_TYPED, PRESS_ENTER},
        {"\t", INPUT_TYPED, PRESS_TAB},
        {"\b", INPUT_TYPED, PRESS_BACKSPACE},
        {"\x7f", INPUT_TYPED, PRESS_BACKSPACE},
        {"\x03", INPUT_TYPED, PRESS_BREAK},
        {"\x1b", INPUT_TYPED, PRESS_ESCAPE},
        {"\u00f6", INPUT_TYPED, 0xF6},
        {"\u20ac", INPUT_TYPED, 0x20AC},
        {"\U0001F600", INPUT_TYPED, 0x1F600},
        {"\x1b[A", INPUT_TYPED, PRESS_UP},
        {"\x1bOB", INPUT_TYPED, PRESS_DOWN},
        {"\x1b[C", INPUT_TYPED, PRESS_RIGHT},
        {"\x1bOD", INPUT_TYPED, PRESS_LEFT},
        {"\x1b[1;2A", INPUT_TYPED, PRESS_UP},
        {"\x1b[1;5A", INPUT_TYPED, PRESS_NONE},
        {"\x1b[H", INPUT_TYPED, PRESS_HOME},
        {"\x1bOH", INPUT_TYPED, PRESS_HOME},
        {"\x1b[1~", INPUT_TYPED, PRESS_HOME},
        {"\x1b[7~", INPUT_TYPED, PRESS_HOME},
        {"\x1b[F", INPUT_TYPED, PRESS_END},
        {"\x1b[4~", INPUT_TYPED, PRESS_END},
        {"\x1b[8~", INPUT_TYPED, PRESS_END},
        {"\x1b[3~", INPUT_TYPED, PRESS_BACKSPACE},
        {"\x1b[5~", INPUT_TYPED, PRESS_PAGE_UP},
        {"\x1b[6~", INPUT_TYPED, PRESS_PAGE_DOWN},
        {"\x1b[Z", INPUT_TYPED, PRESS_BACKTAB},
        {"\x1bOP", INPUT_TYPED, PRESS_FUNCTION + 1},
        {"\x1b[11~", INPUT_TYPED, PRESS_FUNCTION + 1},
        {"\x1b[[A", INPUT_TYPED, PRESS_FUNCTION + 1},
        {"\x1b[[E", INPUT_TYPED, PRESS_FUNCTION + 5},
        {"\x1bOS", INPUT_TYPED, PRESS_FUNCTION + 4},
        {"\x1b[15~", INPUT_TYPED, PRESS_FUNCTION + 5},
        {"\x1b[24~", INPUT_TYPED, PRESS_LAST},
        {"\x1bOp", INPUT_TYPED, '0'},
        {"\x1bOy", INPUT_TYPED, '9'},
        {"\x1bOM", INPUT_TYPED, PRESS_ENTER},
        {"\x1bOk", INPUT_TYPED, '+'},
        {"\x1b[201~", INPUT_TYPED, PRESS_PASTE_END},
    };
    CHECK_ROWS(rows);
}

static void keys_come_as_escape_codes_where_releases_are_told(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"\x1b[32u", INPUT_PRESSED, ' '},
        {"\x1b[32;1:2u", INPUT_REPEATED, ' '},
        {"\x1b[32;1:3u", INPUT_RELEASED, ' '},
        {"\x1b[32;;32u", INPUT_PRESSED, ' '},
        {"\x1b[32;1;32u", INPUT_PRESSED, ' '},
        {"\x1b[32;1:2;32u", INPUT_REPEATED, ' '},
        /* Num Lock, Caps Lock, both. */
        {"\x1b[32;129u", INPUT_PRESSED, ' '},
        {"\x1b[32;65:3u", INPUT_RELEASED, ' '},
        {"\x1b[32;193:2u", INPUT_REPEATED, ' '},
        /* Shift, pressed while it is held. */
        {"\x1b[32;2;32u", INPUT_PRESSED, ' '},
        {"\x1b[32;2u", INPUT_PRESSED, ' '},
        {"\x1b[32;2:3u", INPUT_RELEASED, ' '},
        {"\x1b[32;5u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[13u", INPUT_PRESSED, PRESS_ENTER},
        {"\x1b[57414u", INPUT_PRESSED, PRESS_ENTER},
        {"\x1b[9u", INPUT_PRESSED, PRESS_TAB},
        {"\x1b[9;2u", INPUT_PRESSED, PRESS_BACKTAB},
        {"\x1b[9;130u", INPUT_PRESSED, PRESS_BACKTAB},
        {"\x1b[27u", INPUT_PRESSED, PRESS_ESCAPE},
        {"\x1b[127u", INPUT_PRESSED, PRESS_BACKSPACE},
        {"\x1b[3;1~", INPUT_TYPED, PRESS_BACKSPACE},
        {"\x1b[1;1:1A", INPUT_PRESSED, PRESS_UP},
        {"\x1b[1;129:2B", INPUT_REPEATED, PRESS_DOWN},
        {"\x1b[1;1:3C", INPUT_RELEASED, PRESS_RIGHT},
        {"\x1b[13~", INPUT_TYPED, PRESS_FUNCTION + 3},
        {"\x1b[1;129P", INPUT_TYPED, PRESS_FUNCTION + 1},
        {"\x1b[5;1:1~", INPUT_PRESSED, PRESS_PAGE_UP},
        {"\x1b[57419;1:1u", INPUT_PRESSED, PRESS_UP},
        {"\x1b[57400;129;49u", INPUT_PRESSED, '1'},
        {"\x1b[57400u", INPUT_PRESSED, '1'},
        /* What a key types is for the keyboard to say: an English one, and a German one. */
        {"\x1b[47:63;2;63u", INPUT_PRESSED, '?'},
        {"\x1b[223:63:45;2;63u", INPUT_PRESSED, '?'},
        {"\x1b[47:63;2u", INPUT_PRESSED, '?'},
        {"\x1b[47;2u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[97;;97u", INPUT_PRESSED, 'a'},
        {"\x1b[97:65;2;65u", INPUT_PRESSED, 'A'},
        {"\x1b[97;2u", INPUT_PRESSED, 'A'},
        {"\x1b[97;65;65u", INPUT_PRESSED, 'A'},
        {"\x1b[246;;246u", INPUT_PRESSED, 0xF6},
        {"\x1b[246;2u", INPUT_PRESSED, 0xD6},
        {"\x1b[1073::102;;1073u", INPUT_PRESSED, 0x431},
        {"\x1b[0;;229u", INPUT_PRESSED, 0xE5},
        /* Ctrl, also on a keyboard with other letters. */
        {"\x1b[99;5u", INPUT_PRESSED, PRESS_BREAK},
        {"\x1b[1089::99;5u", INPUT_PRESSED, PRESS_BREAK},
        {"\x1b[108;133u", INPUT_PRESSED, 'L' & 0x1F},
        {"\x1b[105;5u", INPUT_PRESSED, PRESS_TAB},
        {"\x1b[97;3u", INPUT_PRESSED, PRESS_NONE},  /* Alt */
        {"\x1b[113;9u", INPUT_PRESSED, PRESS_NONE}, /* Super */
        {"\x1b[57441;2u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[57358u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[0u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[99999999999999999999u", INPUT_PRESSED, PRESS_NONE},
        {"\x1b[32;99999999999:9999999999u", INPUT_PRESSED, PRESS_NONE},
    };
    CHECK_ROWS(rows);
}

static void a_terminal_answers_and_tells_of_the_focus(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"\x1b[?0u", INPUT_TELLS_RELEASES, PRESS_NONE},
        {"\x1b[?11u", INPUT_TELLS_RELEASES, PRESS_NONE},
        {"\x1b[?62;c", INPUT_ATTRIBUTES, PRESS_NONE},
        {"\x1b[?6c", INPUT_ATTRIBUTES, PRESS_NONE},
        {"\x1b[I", INPUT_FOCUS_GAINED, PRESS_NONE},
        {"\x1b[O", INPUT_FOCUS_LOST, PRESS_NONE},
    };
    CHECK_ROWS(rows);
}

static void what_is_no_key_presses_none(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"\x1b]11;rgb:0000/0000/0000\x07", INPUT_TYPED, PRESS_NONE},
        {"\x1b]52;c;eQ==\x1b\\", INPUT_TYPED, PRESS_NONE},
        {"\x1bPq\"y\x1b\\", INPUT_TYPED, PRESS_NONE},
        {"\x1bP>|kitty(0.26.5)\x1b\\", INPUT_TYPED, PRESS_NONE},
        {"\x1b[<0;10;10M", INPUT_TYPED, PRESS_NONE},
        {"\x1b[>0;276;0c", INPUT_TYPED, PRESS_NONE},
        {"\x1b[?2026;2$y", INPUT_TYPED, PRESS_NONE},
        {"\x1b[2~", INPUT_TYPED, PRESS_NONE},
        {"\x1b[99~", INPUT_TYPED, PRESS_NONE},
        {"\x1b[12", INPUT_TYPED, PRESS_NONE},
        {"\x1b[32;1:", INPUT_TYPED, PRESS_NONE},
        {"\x1b[32\x18", INPUT_TYPED, PRESS_NONE},
        {"\xff", INPUT_TYPED, PRESS_NONE},
        {"\xc0\xa0", INPUT_TYPED, PRESS_NONE},
        {"\xe0\x80\xa0", INPUT_TYPED, PRESS_NONE},
        {"\xed\xa0\x80", INPUT_TYPED, PRESS_NONE},
        {"\xf4\x90\x80\x80", INPUT_TYPED, PRESS_NONE},
        {"\xe2\x82", INPUT_TYPED, PRESS_NONE},
    };
    CHECK_ROWS(rows);
    struct taken taken = decode("\0", 1); /* Ctrl and space */
    assert_int_equal(taken.count, 0);
}

static void assert_presses(const char *octets, uint32_t first, uint32_t second) {
    struct taken taken = decode(octets, strlen(octets));
    assert_int_equal(taken.count, 2);
    assert_int_equal(taken.inputs[0].press, first);
    assert_int_equal(taken.inputs[1].press, second);
}

static void a_torn_sequence_takes_no_key_with_it(void **state) {
    (void)state;
    assert_presses("\x1by", PRESS_ESCAPE, 'y');
    assert_presses("\x1b[", PRESS_ESCAPE, '[');
    assert_presses("\x1b\x1b", PRESS_ESCAPE, PRESS_ESCAPE);
    assert_presses("\x1b\x1b[A", PRESS_ESCAPE, PRESS_UP);
    struct taken taken = decode("\x1b[12\x1b[B", 7);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.inputs[0].press, PRESS_DOWN);
    taken = decode("\x1b[1\xc3\xb6", 5);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.inputs[0].press, 0xF6);
    taken = decode("\xe2\x82q", 3);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.inputs[0].press, 'q');
    char much[4 * DECODER_SEQUENCE_SIZE + 1];
    memset(much, '1', sizeof much);
    memcpy(much, "\x1b[", 2);
    much[sizeof much - 2] = 'A';
    much[sizeof much - 1] = 'q';
    taken = decode(much, sizeof much);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.inputs[0].press, 'q');
}

/* Over a slow line a sequence comes in parts; the escape key is alone for longer than that. */
static void time_tells_the_escape_key_from_a_sequence(void **state) {
    (void)state;
    struct decoder decoder = {.length = 0};
    struct taken taken = {.count = 0};
    decoder_octet(&decoder, 0x1B, 1000);
    assert_int_equal(decoder_deadline(&decoder), 1000 + DECODER_ESCAPE_MS);
    take_all(&decoder, 1000 + DECODER_ESCAPE_MS - 1, &taken);
    assert_int_equal(taken.count, 0);
    decoder_octet(&decoder, '[', 1020);
    take_all(&decoder, 1020 + DECODER_SEQUENCE_MS - 1, &taken);
    assert_int_equal(taken.count, 0);
    decoder_octet(&decoder, 'A', 1020 + DECODER_SEQUENCE_MS - 1);
    take_all(&decoder, 1020 + DECODER_SEQUENCE_MS - 1, &taken);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.inputs[0].press, PRESS_UP);
    decoder_octet(&decoder, 0x1B, 5000);
    take_all(&decoder, 5000 + DECODER_ESCAPE_MS, &taken);
    assert_int_equal(taken.count, 2);
    assert_int_equal(taken.inputs[1].press, PRESS_ESCAPE);
}

/* A text for programs whose end got lost takes nothing of what comes after it. */
static void a_text_without_its_end_takes_no_sequence_with_it(void **state) {
    (void)state;
    static const char *const texts[] = {"\x1b]0;x", "\x1bPq", "\x1b_G",
                                        "\x1b^",    "\x1bX",  "\x1b]0;x\x1b"};
    static const struct row after[] = {
        {"\x1b[201~", INPUT_TYPED, PRESS_PASTE_END},
        {"\x1b[32;1:3u", INPUT_RELEASED, ' '},
        {"\x1bOA", INPUT_TYPED, PRESS_UP},
        {"\x1b[O", INPUT_FOCUS_LOST, PRESS_NONE},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t k = 0; k < sizeof after / sizeof after[0]; k++) {
            char octets[40];
            snprintf(octets, sizeof octets, "%s%s", texts[i], after[k].octets);
            check_rows(&(struct row){octets, after[k].kind, after[k].press}, 1);
        }
    }
}

static void a_paste_whose_end_got_lost_is_over_after_a_moment(void **state) {
    (void)state;
    struct decoder decoder = {.length = 0};
    struct taken taken = {.count = 0};
    for (const char *at = "\x1b[200~hi"; *at != '\0'; at++) {
        decoder_octet(&decoder, (uint8_t)*at, 1000);
        take_all(&decoder, 1000, &taken);
    }
    assert_int_equal(taken.count, 3);
    assert_int_equal(taken.inputs[0].press, PRESS_PASTE_BEGIN);
    assert_int_equal(decoder_deadline(&decoder), 1000 + DECODER_PASTE_MS);
    take_all(&decoder, 1000 + DECODER_PASTE_MS - 1, &taken);
    assert_int_equal(taken.count, 3);
    take_all(&decoder, 1000 + DECODER_PASTE_MS, &taken);
    assert_int_equal(taken.count, 4);
    assert_int_equal(taken.inputs[3].press, PRESS_PASTE_END);
    assert_int_equal(decoder_deadline(&decoder), INT64_MAX);
}

static void a_paste_that_is_forgotten_has_ended(void **state) {
    (void)state;
    struct decoder decoder = {.length = 0};
    struct taken taken = {.count = 0};
    for (const char *at = "\x1b[200~h\x1b"; *at != '\0'; at++) {
        decoder_octet(&decoder, (uint8_t)*at, 1000);
        take_all(&decoder, 1000, &taken);
    }
    decoder_forget(&decoder);
    take_all(&decoder, 1000, &taken);
    assert_int_equal(taken.inputs[taken.count - 1].press, PRESS_PASTE_END);
    assert_int_equal(decoder_deadline(&decoder), INT64_MAX);
}

/* Octets as terminals send them and others between: whatever came, a pause later the next key is
 * that key, and no input is any but those of the header. */
static void whatever_comes_the_next_key_is_that_key(void **state) {
    (void)state;
    static const char likely[] =
        "\x1b\x1b\x1b[[[O]P0123456789;;::?<>uuu~ABCDHFIMc\x07\\\x18 \xc3\xb6";
    seed_anew();
    struct decoder decoder = {.length = 0};
    struct input input;
    int64_t now_ms = 0;
    for (size_t i = 0; i < RANDOM_OCTETS; i++) {
        bool is_likely = random() % 8 != 0;
        uint8_t octet =
            is_likely ? (uint8_t)likely[(size_t)random() % (sizeof likely - 1)] : (uint8_t)random();
        decoder_octet(&decoder, octet, now_ms);
        while (decoder_next(&decoder, now_ms, &input)) {
            assert_in_range(input.kind, INPUT_TYPED, INPUT_ATTRIBUTES);
            assert_true(input.kind > INPUT_RELEASED || input.press != PRESS_NONE);
            assert_true(input.press <= PRESS_LAST);
        }
        if (random() % 64 == 0) {
            now_ms += DECODER_PASTE_MS;
            while (decoder_next(&decoder, now_ms, &input)) {
            }
            assert_int_equal(decoder_deadline(&decoder), INT64_MAX);
            decoder_octet(&decoder, 'k', now_ms);
            assert_true(decoder_next(&decoder, now_ms, &input));
            assert_int_equal(input.press, 'k');
            assert_int_equal(input.kind, INPUT_TYPED);
            assert_false(decoder_next(&decoder, now_ms, &input));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_as_terminals_have_always_sent_them),
        cmocka_unit_test(keys_come_as_escape_codes_where_releases_are_told),
        cmocka_unit_test(a_terminal_answers_and_tells_of_the_focus),
        cmocka_unit_test(what_is_no_key_presses_none),
        cmocka_unit_test(a_torn_sequence_takes_no_key_with_it),
        cmocka_unit_test(time_tells_the_escape_key_from_a_sequence),
        cmocka_unit_test(a_text_without_its_end_takes_no_sequence_with_it),
        cmocka_unit_test(a_paste_whose_end_got_lost_is_over_after_a_moment),
        cmocka_unit_test(a_paste_that_is_forgotten_has_ended),
        cmocka_unit_test(whatever_comes_the_next_key_is_that_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
