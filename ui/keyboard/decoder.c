/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/decoder.h"

#include <string.h>

#include "ui/keyboard/key_code.h"
#include "ui/ui.h"

enum {
    ESCAPE = 0x1B,
    CANCEL = 0x18,
    SUBSTITUTE = 0x1A,
    BELL = 0x07,
    CONTROLS_END = 0x20,
    CHARACTER_MAX = 0x10FFFF,
};

static void add(struct decoder *decoder, enum input_kind kind, uint32_t press) {
    bool is_key = kind <= INPUT_RELEASED;
    if (press == PRESS_PASTE_BEGIN) {
        decoder->is_pasting = true;
    } else if (press == PRESS_PASTE_END || press == PRESS_ESCAPE || press == PRESS_BREAK) {
        decoder->is_pasting = false;
    }
    if ((press != PRESS_NONE || !is_key) && decoder->ready_count < DECODER_READY_MAX) {
        decoder->ready[decoder->ready_count++] = (struct input){.kind = kind, .press = press};
    }
}

void decoder_forget(struct decoder *decoder) {
    bool was_pasting = decoder->is_pasting;
    *decoder = (struct decoder){.length = 0};
    if (was_pasting) {
        add(decoder, INPUT_TYPED, PRESS_PASTE_END);
    }
}

/* --- Characters --------------------------------------------------------------------------------
 */

static void begin_character(struct decoder *decoder, uint8_t octet) {
    if (octet >= 0xC2 && octet <= 0xDF) {
        decoder->octets_left = 1;
        decoder->least = 0x80;
    } else if (octet >= 0xE0 && octet <= 0xEF) {
        decoder->octets_left = 2;
        decoder->least = 0x800;
    } else if (octet >= 0xF0 && octet <= 0xF4) {
        decoder->octets_left = 3;
        decoder->least = 0x10000;
    } else {
        return; /* malformed */
    }
    decoder->character = octet & (0x3Fu >> decoder->octets_left);
}

static void go_on_with_character(struct decoder *decoder, uint8_t octet) {
    decoder->character = decoder->character << 6 | (octet & 0x3Fu);
    decoder->octets_left--;
    bool is_surrogate = decoder->character >= 0xD800 && decoder->character <= 0xDFFF;
    if (decoder->octets_left == 0 && decoder->character >= decoder->least &&
        decoder->character <= CHARACTER_MAX && !is_surrogate) {
        add(decoder, INPUT_TYPED, decoder->character);
    }
}

/* --- Sequences ---------------------------------------------------------------------------------
 */

/* The numbers of a sequence: separated by semicolons, each with others behind colons. A number that
 * is missing is -1. */
enum {
    NUMBERS_MAX = 3,
    PARTS_MAX = 3,
    NUMBER_LIMIT = 0x110000,
};

struct numbers {
    int32_t at[NUMBERS_MAX][PARTS_MAX];
};

static void read_numbers(const char *text, const char *end, struct numbers *numbers) {
    size_t number = 0, part = 0;
    memset(numbers, 0xFF, sizeof *numbers);
    for (; text < end; text++) {
        if (*text == ';') {
            number++;
            part = 0;
        } else if (*text == ':') {
            part++;
        } else if (*text >= '0' && *text <= '9' && number < NUMBERS_MAX && part < PARTS_MAX) {
            int32_t *value = &numbers->at[number][part];
            int32_t more = (*value < 0 ? 0 : *value) * 10 + (*text - '0');
            *value = more > NUMBER_LIMIT ? NUMBER_LIMIT : more;
        }
    }
}

/* What happened to the key of a CSI u sequence; those of other terminals do not say. */
static enum input_kind kind_of(int32_t event) {
    return event == 3 ? INPUT_RELEASED : event == 2 ? INPUT_REPEATED : INPUT_PRESSED;
}

static bool is_number(char octet) {
    return (octet >= '0' && octet <= '9') || octet == ';' || octet == ':';
}

/* "CSI numbers final": a key, or the news of a terminal. */
static void end_control_sequence(struct decoder *decoder) {
    const char *text = decoder->sequence + 2;
    const char *end = decoder->sequence + decoder->length - 1;
    bool is_private = *text == '?';
    struct numbers numbers;
    for (const char *at = text + is_private; at < end; at++) {
        if (!is_number(*at)) {
            return;
        }
    }
    read_numbers(text + is_private, end, &numbers);
    int32_t number = numbers.at[0][0], modifiers = numbers.at[1][0], event = numbers.at[1][1];
    if (is_private) {
        if (*end == 'u') {
            add(decoder, INPUT_TELLS_RELEASES, PRESS_NONE);
        } else if (*end == 'c') {
            add(decoder, INPUT_ATTRIBUTES, PRESS_NONE);
        }
    } else if (*end == 'u') {
        const struct key_code code = {.key = number,
                                      .shifted = numbers.at[0][1],
                                      .on_latin = numbers.at[0][2],
                                      .modifiers = modifiers,
                                      .text = numbers.at[2][0]};
        enum input_kind kind = kind_of(event);
        add(decoder, kind,
            kind == INPUT_RELEASED ? key_code_released(&code) : key_code_pressed(&code));
    } else if (text == end && (*end == 'I' || *end == 'O')) {
        add(decoder, *end == 'I' ? INPUT_FOCUS_GAINED : INPUT_FOCUS_LOST, PRESS_NONE);
    } else {
        add(decoder, event >= 0 ? kind_of(event) : INPUT_TYPED,
            key_code_function(*end, number, modifiers));
    }
}

static void begin_sequence(struct decoder *decoder) {
    decoder->sequence[0] = ESCAPE;
    decoder->length = 1;
    decoder->is_string = false;
    decoder->may_end = false;
}

/* The second octet of a sequence says of which form it is. Whatever begins none is a key of its
 * own, after the escape key. */
static bool begins_a_form(uint8_t octet) {
    return octet != 0 && strchr("[O]P^_X", octet) != NULL;
}

/* Up to BEL, or ESC and a backslash; or up to the next sequence, where the end got lost. */
static void pass_over(struct decoder *decoder, uint8_t octet) {
    if (decoder->may_end && octet != '\\' && begins_a_form(octet)) {
        begin_sequence(decoder);
        decoder->sequence[decoder->length++] = (char)octet;
        return;
    }
    bool is_end = octet == BELL || (octet == '\\' && decoder->may_end);
    decoder->is_string = !is_end;
    decoder->may_end = octet == ESCAPE;
    decoder->length = is_end ? 0 : decoder->length;
}

/* Is this the last octet of the sequence? */
static bool is_final(const struct decoder *decoder, uint8_t octet) {
    if (decoder->sequence[1] == 'O') {
        return !(octet >= '0' && octet <= '9'); /* modifiers stand before the letter */
    }
    /* The Linux console's F1 to F5 are CSI [ A to E. */
    return octet >= '@' && octet <= '~' && !(decoder->length == 2 && octet == '[');
}

static void go_on_with_sequence(struct decoder *decoder, uint8_t octet) {
    bool ends = is_final(decoder, octet);
    bool has_room = decoder->length < DECODER_SEQUENCE_SIZE; /* a longer one is none of ours */
    if (has_room) {
        decoder->sequence[decoder->length++] = (char)octet;
    }
    if (!ends) {
        return;
    }
    if (has_room && decoder->sequence[1] == 'O') {
        add(decoder, INPUT_TYPED, key_code_keypad((char)octet));
    } else if (has_room && decoder->sequence[2] == '[') {
        add(decoder, INPUT_TYPED, key_code_console((char)octet));
    } else if (has_room) {
        end_control_sequence(decoder);
    }
    decoder->length = 0;
}

static void take_key(struct decoder *decoder, uint8_t octet) {
    decoder->octets_left = 0;
    if (octet == ESCAPE) {
        begin_sequence(decoder);
    } else if (octet < 0x80) {
        add(decoder, INPUT_TYPED, key_code_character(octet));
    } else {
        begin_character(decoder, octet);
    }
}

static void take_second(struct decoder *decoder, uint8_t octet) {
    if (begins_a_form(octet)) {
        decoder->sequence[decoder->length++] = (char)octet;
        return;
    }
    decoder->length = 0;
    add(decoder, INPUT_TYPED, PRESS_ESCAPE);
    take_key(decoder, octet);
}

static void take_in_sequence(struct decoder *decoder, uint8_t octet) {
    if (octet == CANCEL || octet == SUBSTITUTE) {
        decoder->length = 0;
        decoder->is_string = false;
    } else if (decoder->is_string) {
        pass_over(decoder, octet);
    } else if (decoder->length == 1) {
        take_second(decoder, octet);
    } else if (decoder->sequence[1] != '[' && decoder->sequence[1] != 'O') {
        pass_over(decoder, octet);
    } else if (octet == ESCAPE) {
        begin_sequence(decoder);
    } else if (octet < CONTROLS_END || octet > '~') {
        /* It is torn: what comes now is a key of its own. */
        decoder->length = 0;
        take_key(decoder, octet);
    } else {
        go_on_with_sequence(decoder, octet);
    }
}

void decoder_octet(struct decoder *decoder, uint8_t octet, int64_t now_ms) {
    decoder->began_ms = now_ms;
    if (decoder->length > 0) {
        take_in_sequence(decoder, octet);
    } else if (decoder->octets_left > 0 && (octet & 0xC0) == 0x80) {
        go_on_with_character(decoder, octet);
    } else {
        take_key(decoder, octet);
    }
}

/* --- Time --------------------------------------------------------------------------------------
 */

/* Nothing more has come of what is under way: an ESC was the key, and with one more octet (Alt and
 * a key, as many terminals send it) both were. */
static void give_up(struct decoder *decoder) {
    size_t length = decoder->is_string ? 0 : decoder->length;
    decoder->length = 0;
    decoder->is_string = false;
    decoder->octets_left = 0;
    if (length == 1 || length == 2) {
        add(decoder, INPUT_TYPED, PRESS_ESCAPE);
    }
    if (length == 2) {
        add(decoder, INPUT_TYPED, key_code_character((uint8_t)decoder->sequence[1]));
    }
}

static bool is_under_way(const struct decoder *decoder) {
    return decoder->length > 0 || decoder->octets_left > 0;
}

int64_t decoder_deadline(const struct decoder *decoder) {
    if (is_under_way(decoder)) {
        return decoder->began_ms + (decoder->length == 1 ? DECODER_ESCAPE_MS : DECODER_SEQUENCE_MS);
    }
    return decoder->is_pasting ? decoder->began_ms + DECODER_PASTE_MS : INT64_MAX;
}

bool decoder_next(struct decoder *decoder, int64_t now_ms, struct input *input) {
    if (decoder->ready_count == 0 && is_under_way(decoder) && decoder_deadline(decoder) <= now_ms) {
        give_up(decoder);
    }
    if (decoder->ready_count == 0 && decoder_deadline(decoder) <= now_ms) {
        add(decoder, INPUT_TYPED, PRESS_PASTE_END); /* it got lost */
    }
    if (decoder->ready_count == 0) {
        return false;
    }
    *input = decoder->ready[0];
    decoder->ready_count--;
    memmove(decoder->ready, decoder->ready + 1, decoder->ready_count * sizeof *input);
    return true;
}
