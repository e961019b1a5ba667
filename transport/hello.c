/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/hello.h"

#include <string.h>

enum {
    MAGIC_SIZE = 8,
    FLAG_ANSWER = 1,
    FLAG_HEARS = 2,
    FLAG_ASKS = 4,
    FLAG_HEARS_TWIN = 8
};

static const uint8_t magic[MAGIC_SIZE] = {0, 'M', 'u', 's', 't', 'e', 'r', 2};

static void put(uint8_t **at, uint64_t value, size_t size) {
    for (size_t i = size; i-- > 0;) {
        *(*at)++ = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get(const uint8_t **at, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | *(*at)++;
    }
    return value;
}

void hello_write(const struct hello *hello, uint8_t out[HELLO_SIZE]) {
    uint8_t *at = out + MAGIC_SIZE;
    memcpy(out, magic, MAGIC_SIZE);
    put(&at,
        (hello->is_answer ? FLAG_ANSWER : 0u) | (hello->hears ? FLAG_HEARS : 0u) |
            (hello->asks ? FLAG_ASKS : 0u) | (hello->hears_twin ? FLAG_HEARS_TWIN : 0u),
        1);
    put(&at, hello->silent_ds, 2);
    put(&at, hello->spoke_ds, 2);
    put(&at, hello->sender, 8);
    put(&at, hello->receiver, 8);
    put(&at, hello->mark, 8);
    put(&at, hello->echo, 8);
    put(&at, hello->twin, 8);
}

bool hello_read(const uint8_t *octets, size_t length, struct hello *hello) {
    if (length != HELLO_SIZE || memcmp(octets, magic, MAGIC_SIZE) != 0) {
        return false;
    }
    const uint8_t *at = octets + MAGIC_SIZE;
    uint64_t flags = get(&at, 1);
    hello->is_answer = (flags & FLAG_ANSWER) != 0;
    hello->hears = (flags & FLAG_HEARS) != 0;
    hello->asks = (flags & FLAG_ASKS) != 0;
    hello->hears_twin = (flags & FLAG_HEARS_TWIN) != 0;
    hello->silent_ds = (uint16_t)get(&at, 2);
    hello->spoke_ds = (uint16_t)get(&at, 2);
    hello->sender = get(&at, 8);
    hello->receiver = get(&at, 8);
    hello->mark = get(&at, 8);
    hello->echo = get(&at, 8);
    hello->twin = get(&at, 8);
    return true;
}
