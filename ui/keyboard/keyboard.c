/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/keyboard.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/ui.h"

enum {
    BURST_LEAST = 4, /* characters that come at once */
    BURST_GOES_ON_MS = 100,
    ALIKE_GOES_ON_MS = 10, /* no keyboard repeats a key so soon */
};

const char keyboard_question[] = "\033[?u\033[c";
const char keyboard_releases_on[] = "\033[>11u\033[=20;2u";
const char keyboard_releases_off[] = "\033[<u";

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void keyboard_begin(struct keyboard *keyboard, int descriptor) {
    *keyboard = (struct keyboard){.descriptor = descriptor};
}

/* How many octets the character that begins at `at` has. */
static size_t character_size(const struct keyboard *keyboard, size_t at) {
    size_t end = at + 1;
    while (end < keyboard->length && (keyboard->octets[end] & 0xC0) == 0x80) {
        end++;
    }
    return end - at;
}

/* What was read, by its characters. */
struct characters {
    size_t count;
    size_t run;     /* how many of the last ones are the same */
    uint8_t last;   /* the first octet of those */
    bool are_typed; /* no control sequence is among them */
};

static struct characters count_characters(const struct keyboard *keyboard) {
    struct characters characters = {.are_typed = true};
    const uint8_t *before = NULL;
    size_t size_before = 0, size = 0;
    for (size_t at = 0; at < keyboard->length; at += size) {
        const uint8_t *now = &keyboard->octets[at];
        size = character_size(keyboard, at);
        bool is_typed = *now >= ' ' || *now == '\r' || *now == '\n' || *now == '\t';
        characters.are_typed = characters.are_typed && is_typed && *now != 0x7F;
        bool is_same = before != NULL && size == size_before && memcmp(before, now, size) == 0;
        characters.run = is_same ? characters.run + 1 : 1;
        characters.count++;
        characters.last = *now;
        before = now;
        size_before = size;
    }
    return characters;
}

/* Several characters at once. The last ones, where they are the same, may be of a key that has been
 * held since while the program stood still; of a key that one holds to talk or to call an
 * emergency, one is enough for that. */
static bool is_fast(const struct characters *characters) {
    bool is_held = characters->run > 1 || characters->last == ' ' || characters->last == 'E';
    size_t others = characters->count - (is_held ? characters->run : 0);
    return characters->are_typed && others >= BURST_LEAST;
}

/* A key that is held repeats within the time of a burst too: what has one character alone goes on
 * with it only where it comes sooner than a repeat can. */
static void note_burst(struct keyboard *keyboard, int64_t now_ms) {
    const struct characters characters = count_characters(keyboard);
    int most_ms = characters.run < characters.count ? BURST_GOES_ON_MS : ALIKE_GOES_ON_MS;
    bool goes_on = keyboard->burst_ms > 0 && now_ms - keyboard->burst_ms < most_ms;
    keyboard->is_burst = !keyboard->decoder.is_pasting && (goes_on || is_fast(&characters));
    keyboard->burst_ms = keyboard->is_burst ? now_ms : 0;
}

/* Where a burst begins, or is over, that is handed out first. */
static bool tell_burst(struct keyboard *keyboard, bool is_on, struct input *input) {
    if (keyboard->is_burst_told == is_on) {
        return false;
    }
    keyboard->is_burst_told = is_on;
    *input =
        (struct input){.kind = INPUT_TYPED, .press = is_on ? PRESS_BURST_BEGIN : PRESS_BURST_END};
    return true;
}

/* The descriptor's open file may be shared with others, and then a read of it waits. */
static bool read_some(struct keyboard *keyboard) {
    struct pollfd input = {.fd = keyboard->descriptor, .events = POLLIN};
    if (poll(&input, 1, 0) <= 0) {
        return false;
    }
    ssize_t length = -1;
    errno = EIO;
    if ((input.revents & POLLIN) != 0) {
        length = read(keyboard->descriptor, keyboard->octets, sizeof keyboard->octets);
    }
    bool may_come = length < 0 && (errno == EAGAIN || errno == EINTR);
    if (length <= 0) {
        keyboard->is_gone = keyboard->is_gone || !may_come;
        return false;
    }
    keyboard->next = 0;
    keyboard->length = (size_t)length;
    note_burst(keyboard, monotonic_ms());
    return true;
}

/* Returns whether it was an answer. */
static bool is_answer(struct keyboard *keyboard, const struct input *input) {
    if (input->kind == INPUT_TELLS_RELEASES) {
        keyboard->tells_releases = keyboard->tells_releases || !keyboard->has_answered;
        return true;
    }
    if (input->kind == INPUT_ATTRIBUTES) {
        keyboard->has_answered = true;
        return true;
    }
    return false;
}

bool keyboard_next(struct keyboard *keyboard, struct input *input) {
    for (;;) {
        if (keyboard->next == keyboard->length) {
            (void)read_some(keyboard); /* before time is looked at: what waits has come in time */
        }
        bool has_octets = keyboard->next < keyboard->length;
        int64_t now_ms = monotonic_ms();
        if (has_octets && keyboard->decoder.ready_count == 0 &&
            tell_burst(keyboard, keyboard->is_burst, input)) {
            return true;
        }
        if (has_octets && keyboard->decoder.ready_count == 0) {
            decoder_octet(&keyboard->decoder, keyboard->octets[keyboard->next++], now_ms);
        } else if (!decoder_next(&keyboard->decoder, now_ms, input)) {
            return tell_burst(keyboard, false, input);
        } else if (!is_answer(keyboard, input)) {
            return true;
        }
    }
}

int keyboard_patience_ms(const struct keyboard *keyboard) {
    int64_t deadline_ms = decoder_deadline(&keyboard->decoder);
    if (deadline_ms == INT64_MAX) {
        return -1;
    }
    int64_t left_ms = deadline_ms - monotonic_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

void keyboard_forget(struct keyboard *keyboard) {
    decoder_forget(&keyboard->decoder);
    keyboard->length = keyboard->next = 0;
    keyboard->is_burst = false;
}
