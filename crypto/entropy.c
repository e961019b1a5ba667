/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/entropy.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>

enum status entropy_draw(const struct entropy *entropy, uint8_t *out, size_t length) {
    enum status status = entropy->draw(entropy->context, out, length);
    if (status != STATUS_OK) {
        memset(out, 0, length);
    }
    return status;
}

/* OpenSSL's generator stands on the same source. Each packet of voice takes a few octets, and to
 * fetch that generator into the processor's cache each time costs ten times what the kernel takes.
 */
static enum status draw_from_system(void *context, uint8_t *out, size_t length) {
    (void)context;
    while (length > 0) {
        ssize_t drawn = getrandom(out, length, 0);
        if (drawn > 0) {
            out += drawn;
            length -= (size_t)drawn;
        } else if (drawn == 0 || errno != EINTR) {
            return STATUS_LIBRARY_FAILED;
        }
    }
    return STATUS_OK;
}

const struct entropy entropy_system = {draw_from_system, NULL};

static enum status draw_from_seed(void *context, uint8_t *out, size_t length) {
    struct entropy_seeded *state = context;
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
    for (size_t i = 0; i < sizeof state->blocks; i++) {
        nonce[i] = (uint8_t)(state->blocks >> (8 * i));
    }
    state->blocks++;
    crypto_stream_chacha20(out, length, nonce, state->key);
    return STATUS_OK;
}

struct entropy entropy_from_seed(struct entropy_seeded *state, uint64_t seed) {
    memset(state, 0, sizeof *state);
    for (size_t i = 0; i < sizeof seed; i++) {
        state->key[i] = (uint8_t)(seed >> (8 * i));
    }
    return (struct entropy){draw_from_seed, state};
}
