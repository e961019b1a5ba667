/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/gmk_hour.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

static const char label[] = "Muster GMK hour";

static void step(uint8_t gmk[GMK_SIZE], uint32_t gmk_id, uint32_t hour) {
    uint8_t text[sizeof label + 8], next[crypto_auth_hmacsha256_BYTES];
    struct writer w = writer_into(text, sizeof text);
    write_span(&w, SPAN_OF(label));
    write_u32(&w, gmk_id);
    write_u32(&w, hour);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, gmk, GMK_SIZE);
    crypto_auth_hmacsha256_update(&state, text, w.length);
    crypto_auth_hmacsha256_final(&state, next);
    memcpy(gmk, next, GMK_SIZE);
    secret_wipe(next, sizeof next);
    secret_wipe(&state, sizeof state);
}

void gmk_hour_move(uint8_t gmk[GMK_SIZE], uint32_t gmk_id, uint32_t from, uint32_t to) {
    for (uint32_t hour = from; hour < to; hour++) {
        step(gmk, gmk_id, hour + 1);
    }
}
