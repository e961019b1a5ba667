/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sequence of parts: each has a head of five octets (the address; whether it is a neighbour's,
 * and whether it is filled up to the largest part; how much time passes, in quarters of a second;
 * the length), then its octets. The first octet of all says whether true parts of a frame come in
 * between.
 */
#include <string.h>

#include "app/handset/air/fragment.h"
#include "tests/fuzz/target.h"

enum {
    NEIGHBOURS = 1,
    FILLED_UP = 2
};

static const uint8_t text[FRAGMENT_WHOLE_MAX] = {FRAME_ANNOUNCEMENT};

/* The next true part, from an address that nobody else has. */
static void say_true_part(struct fragments *fragments, struct moment now, size_t at) {
    const struct fragment_cut cut = fragment_cut(SPAN_OF(text), FRAME_LINK_MIN);
    uint8_t payload[FRAME_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    struct span whole;
    fragment_write(&w, &cut, at % cut.count);
    must(fragments_hear(fragments, now, 1000, true, writer_span(&w), &whole) == STATUS_OK);
    must(whole.length == 0 || span_equal(whole, SPAN_OF(text)));
}

static struct span filled_up(struct span payload, uint8_t room[FRAME_MAX]) {
    const size_t largest = FRAGMENT_HEADER_SIZE + FRAGMENT_OCTETS_MAX;
    if (payload.length >= largest) {
        return payload;
    }
    memset(room, 0, largest);
    memcpy(room, payload.octets, payload.length);
    return (struct span){room, largest};
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct reader r = reader_of((struct span){octets, length});
    struct moment now = {.boot_ms = 0};
    if (fragments == NULL) {
        return 0;
    }
    bool with_true_ones = (read_u8(&r) & 1) != 0;
    for (size_t at = 0; !r.failed && reader_left(&r) > 0; at++) {
        uint64_t peer = read_u8(&r);
        uint8_t how = read_u8(&r), room[FRAME_MAX];
        bool is_neighbour = (how & NEIGHBOURS) != 0;
        now.boot_ms += INT64_C(250) * read_u8(&r);
        struct span payload = read_span_u16(&r), whole = {NULL, 0};
        struct frame frame;
        if (r.failed) {
            break;
        }
        if ((how & FILLED_UP) != 0) {
            payload = filled_up(payload, room);
        }
        enum status status = fragments_hear(fragments, now, peer, is_neighbour, payload, &whole);
        must(status == STATUS_OK || whole.length == 0);
        must(whole.length <= FRAGMENT_WHOLE_MAX);
        if (whole.length > 0 && frame_of_whole(whole, &frame) == STATUS_OK) {
            must(frame.payload.length + FRAME_HEADER_SIZE <= FRAME_MAX);
        }
        if (with_true_ones) {
            say_true_part(fragments, now, at);
        }
        must(fragments_octets(fragments, false) <= FRAGMENTS_OCTETS_MAX);
        must(fragments_octets(fragments, true) <= FRAGMENTS_OCTETS_MAX);
    }
    fragments_clear(fragments);
    free(fragments);
    return 0;
}
