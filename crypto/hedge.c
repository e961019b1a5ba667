/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/hedge.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    BLOCK_SIZE = 32
};

static const char label[] = "Muster ECCSI ephemeral 1";

static enum status hash(const struct hedge *hedge, const uint8_t random[BLOCK_SIZE],
                        uint8_t out[BLOCK_SIZE]) {
    crypto_generichash_state state;
    uint8_t number[8];
    for (size_t i = 0; i < sizeof number; i++) {
        number[i] = (uint8_t)(hedge->draws >> (8 * i));
    }
    bool is_done =
        crypto_generichash_init(&state, hedge->key, HEDGE_KEY_SIZE, BLOCK_SIZE) == 0 &&
        crypto_generichash_update(&state, (const uint8_t *)label, sizeof label) == 0 &&
        crypto_generichash_update(&state, number, sizeof number) == 0 &&
        crypto_generichash_update(&state, random, BLOCK_SIZE) == 0 &&
        crypto_generichash_update(&state, hedge->message.octets, hedge->message.length) == 0 &&
        crypto_generichash_final(&state, out, BLOCK_SIZE) == 0;
    secret_wipe(&state, sizeof state);
    return is_done ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status draw(void *context, uint8_t *out, size_t length) {
    struct hedge *hedge = context;
    uint8_t random[BLOCK_SIZE], block[BLOCK_SIZE];
    enum status status = sodium_init() < 0 ? STATUS_LIBRARY_FAILED : STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < length; at += BLOCK_SIZE) {
        status = entropy_draw(hedge->entropy, random, sizeof random);
        if (status == STATUS_OK) {
            status = hash(hedge, random, block);
        }
        if (status == STATUS_OK) {
            memcpy(out + at, block, length - at < BLOCK_SIZE ? length - at : BLOCK_SIZE);
            hedge->draws++;
        }
    }
    secret_wipe(random, sizeof random);
    secret_wipe(block, sizeof block);
    return status;
}

struct entropy hedge_over(struct hedge *state, const struct entropy *entropy,
                          const uint8_t key[HEDGE_KEY_SIZE], struct span message) {
    *state = (struct hedge){.entropy = entropy, .key = key, .message = message};
    return (struct entropy){draw, state};
}
