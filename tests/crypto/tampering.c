/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/tampering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

size_t draw_below(const struct entropy *entropy, size_t limit) {
    uint8_t octets[4];
    assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
    struct reader r = reader_of(SPAN_OF(octets));
    return read_u32(&r) % limit;
}

static struct span tamper_once(struct span original, const struct entropy *entropy,
                               uint8_t octets[TAMPERED_MAX]) {
    enum {
        RUN_MAX = 40
    };
    size_t length = original.length;
    size_t at = draw_below(entropy, length);
    size_t run = 1 + draw_below(entropy, length - at < RUN_MAX ? length - at : RUN_MAX);
    size_t other = draw_below(entropy, length - run + 1);
    uint8_t noise[RUN_MAX];
    assert_int_equal(entropy_draw(entropy, noise, sizeof noise), STATUS_OK);
    memcpy(octets, original.octets, length);
    switch (draw_below(entropy, 8)) {
    case 0:
        octets[at] = noise[0];
        break;
    case 1: /* removed */
        memmove(octets + at, octets + at + run, length - at - run);
        length -= run;
        break;
    case 2: /* doubled */
        memmove(octets + at + run, original.octets + at, length - at);
        length += run;
        break;
    case 3: /* exchanged */
        memmove(octets + at, original.octets + other, run);
        break;
    case 4:
        memset(octets + at, 0, run);
        break;
    case 5:
        memcpy(octets + at, noise, run);
        break;
    case 6:
        length = at;
        break;
    default:
        memcpy(octets + length, noise, run);
        length += run;
        break;
    }
    return (struct span){octets, length};
}

struct span tamper(struct span original, const struct entropy *entropy,
                   uint8_t octets[TAMPERED_MAX]) {
    assert_true(original.length > 0 && original.length + 64 < TAMPERED_MAX);
    struct span result;
    do {
        result = tamper_once(original, entropy, octets);
    } while (span_equal(result, original));
    return result;
}
