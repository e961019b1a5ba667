/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/keyboard.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "ui/ui.h"

enum {
    BURST_LEAST = 4, /* characters that come at once */
    BURST_GOES_ON_MS = 100,
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

/* Several characters at once, of which not all are the same as of a key that is held, and no
 * control sequence among them. */
static bool is_fast(const struct keyboard *keyboard) {
    size_t characters = 0, alike = 0;
    for (size_t i = 0; i < keyboard->length; i++) {
        uint8_t octet = keyboard->octets[i];
        bool is_typed = octet >= ' ' || octet == '\r' || octet == '\n' || octet == '\t';
        if (!is_typed || octet == 0x7F) {
            return false;
        }
        characters += (octet & 0xC0) != 0x80;
        alike += octet == keyboard->octets[0];
    }
    return characters >= BURST_LEAST && alike < keyboard->length;
}

static void note_burst(struct keyboard *keyboard, int64_t now_ms) {
    bool goes_on = keyboard->burst_ms > 0 && now_ms - keyboard->burst_ms < BURST_GOES_ON_MS;
    keyboard->is_burst = !keyboard->decoder.is_pasting && (goes_on || is_fast(keyboard));
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
