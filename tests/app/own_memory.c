/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "own_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/secret.h"

enum {
    MASK = 0xFF,
    CHUNK = 1 << 20
};

void own_memory_invert(uint8_t *octets, size_t length) {
    for (size_t i = 0; i < length; i++) {
        octets[i] ^= MASK;
    }
}

static size_t count_in(const uint8_t *octets, size_t length, const uint8_t *inverted, size_t size) {
    size_t count = 0;
    const uint8_t first = (uint8_t)(inverted[0] ^ MASK);
    for (const uint8_t *at = octets; length >= size;) {
        const uint8_t *next = memchr(at, first, length - size + 1);
        if (next == NULL) {
            break;
        }
        size_t same = 1;
        while (same < size && (next[same] ^ inverted[same]) == MASK) {
            same++;
        }
        count += same == size;
        length -= (size_t)(next + 1 - at);
        at = next + 1;
    }
    return count;
}

size_t own_memory_count(const uint8_t *inverted, size_t size) {
    static uint8_t *chunk;
    char line[512];
    size_t count = 0;
    chunk = chunk == NULL ? malloc(CHUNK) : chunk;
    FILE *maps = fopen("/proc/self/maps", "r");
    FILE *memory = fopen("/proc/self/mem", "r");
    assert_true(chunk != NULL && maps != NULL && memory != NULL);
    assert_int_equal(setvbuf(memory, NULL, _IONBF, 0), 0); /* no copies of what is read */
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char rights[5];
        if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) != 3 || rights[1] != 'w') {
            continue;
        }
        for (unsigned long long at = from; at < to;) {
            size_t wanted = to - at < CHUNK ? (size_t)(to - at) : CHUNK;
            bool is_own = (uintptr_t)chunk >= at && (uintptr_t)chunk < at + wanted;
            if (is_own) { /* stop before it, and go on after it */
                wanted = (uintptr_t)chunk > at ? (size_t)((uintptr_t)chunk - at) : 0;
            }
            size_t got = wanted > 0 && fseeko(memory, (off_t)at, SEEK_SET) == 0
                             ? fread(chunk, 1, wanted, memory)
                             : 0;
            count += count_in(chunk, got, inverted, size);
            secret_wipe(chunk, CHUNK);
            unsigned long long next = is_own ? (uintptr_t)chunk + CHUNK : at + wanted;
            at = is_own || next == to || wanted <= size ? next : next - size + 1;
        }
    }
    fclose(maps);
    fclose(memory);
    return count;
}
