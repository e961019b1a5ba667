/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/keyboard.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

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
        if (has_octets && keyboard->decoder.ready_count == 0) {
            decoder_octet(&keyboard->decoder, keyboard->octets[keyboard->next++], now_ms);
        } else if (!decoder_next(&keyboard->decoder, now_ms, input)) {
            return false;
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
}
