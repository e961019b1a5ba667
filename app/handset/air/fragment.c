/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/fragment.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A whole that is not complete: of each part its variants, the latest one first. */
struct fragmented {
    uint64_t peer;
    int64_t began_ms; /* boot clock */
    size_t count;
    size_t octets; /* as they count */
    uint8_t hash[FRAGMENT_HASH_SIZE];
    struct {
        uint8_t *octets;
        size_t length;
    } variants[FRAGMENTS_MAX][FRAGMENT_VARIANTS];
};

/* --- Codec: the writer above its reader ----------------------------------------------------- */

static void fragment_hash(struct span whole, uint8_t hash[FRAGMENT_HASH_SIZE]) {
    uint8_t full[crypto_generichash_BYTES];
    crypto_generichash(full, sizeof full, whole.octets, whole.length, NULL, 0);
    memcpy(hash, full, FRAGMENT_HASH_SIZE);
}

void fragment_hash_of(enum frame_kind kind, struct span payload, uint8_t hash[FRAGMENT_HASH_SIZE]) {
    uint8_t full[crypto_generichash_BYTES], first = (uint8_t)kind;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof full);
    crypto_generichash_update(&state, &first, 1);
    crypto_generichash_update(&state, payload.octets, payload.length);
    crypto_generichash_final(&state, full, sizeof full);
    memcpy(hash, full, FRAGMENT_HASH_SIZE);
}

struct fragment_cut fragment_cut(struct span whole, size_t largest) {
    size_t room = largest - FRAME_HEADER_SIZE - FRAGMENT_HEADER_SIZE;
    struct fragment_cut cut = {.whole = whole, .count = (whole.length + room - 1) / room};
    if (cut.count < 2) {
        cut.count = 2;
    }
    cut.each = (whole.length + cut.count - 1) / cut.count;
    fragment_hash(whole, cut.hash);
    return cut;
}

void fragment_write(struct writer *out, const struct fragment_cut *cut, size_t at) {
    size_t begin = at * cut->each;
    size_t left = cut->whole.length - begin;
    write_span(out, SPAN_OF(cut->hash));
    write_u8(out, (uint8_t)(at << 4 | cut->count));
    write_span(out, (struct span){cut->whole.octets + begin, left < cut->each ? left : cut->each});
}

enum status fragment_read(struct span payload, struct fragment *part) {
    struct reader r = reader_of(payload);
    read_octets(&r, part->hash, sizeof part->hash);
    uint8_t place = read_u8(&r);
    if (r.failed || reader_left(&r) == 0) {
        return STATUS_TRUNCATED;
    }
    part->at = place >> 4;
    part->count = place & 15;
    part->octets = read_span(&r, reader_left(&r));
    bool is_place = part->count >= 2 && part->count <= FRAGMENTS_MAX && part->at < part->count;
    return is_place && part->octets.length <= FRAGMENT_OCTETS_MAX ? STATUS_OK : STATUS_MALFORMED;
}

enum status frame_of_whole(struct span whole, struct frame *frame) {
    struct reader r = reader_of(whole);
    uint8_t kind = read_u8(&r);
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (kind < FRAME_PRESENCE || kind >= FRAME_KINDS || kind == FRAME_FRAGMENT) {
        return STATUS_UNSUPPORTED;
    }
    frame->kind = (enum frame_kind)kind;
    frame->payload = read_span(&r, reader_left(&r));
    return STATUS_OK;
}

/* --- Room ----------------------------------------------------------------------------------- */

static void forget(struct fragmented **place) {
    for (size_t at = 0; *place != NULL && at < FRAGMENTS_MAX; at++) {
        for (size_t k = 0; k < FRAGMENT_VARIANTS; k++) {
            free((*place)->variants[at][k].octets);
        }
    }
    free(*place);
    *place = NULL;
}

void fragments_clear(struct fragments *parts) {
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        forget(&parts->wholes[0][i]);
        forget(&parts->wholes[1][i]);
    }
}

static size_t octets_of(struct fragmented *const wholes[], uint64_t peer, bool of_all) {
    size_t sum = 0;
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        sum += wholes[i] != NULL && (of_all || wholes[i]->peer == peer) ? wholes[i]->octets : 0;
    }
    return sum;
}

size_t fragments_octets(const struct fragments *parts, bool is_neighbour) {
    return octets_of(parts->wholes[is_neighbour], 0, true);
}

static struct fragmented **place_of(struct fragmented *wholes[], uint64_t peer,
                                    const uint8_t hash[FRAGMENT_HASH_SIZE], size_t count) {
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        if (wholes[i] != NULL && wholes[i]->peer == peer && wholes[i]->count == count &&
            memcmp(wholes[i]->hash, hash, FRAGMENT_HASH_SIZE) == 0) {
            return &wholes[i];
        }
    }
    return NULL;
}

/* The oldest whole of `peer`, but not `kept`. */
static struct fragmented **oldest_of(struct fragmented *wholes[], uint64_t peer,
                                     const struct fragmented *kept) {
    struct fragmented **oldest = NULL;
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        if (wholes[i] != NULL && wholes[i] != kept && wholes[i]->peer == peer &&
            (oldest == NULL || wholes[i]->began_ms < (*oldest)->began_ms)) {
            oldest = &wholes[i];
        }
    }
    return oldest;
}

/* The oldest whole of the address that takes up most, but not `kept`. */
static struct fragmented **least(struct fragmented *wholes[], const struct fragmented *kept) {
    uint64_t greedy = 0;
    size_t most = 0;
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        if (wholes[i] == NULL || wholes[i] == kept) {
            continue;
        }
        size_t own = octets_of(wholes, wholes[i]->peer, false);
        if (own > most) {
            most = own;
            greedy = wholes[i]->peer;
        }
    }
    return oldest_of(wholes, greedy, kept);
}

/* Gives up what is too old, and as much of the rest as the bounds ask for, but not `kept`. */
static void make_room(struct fragmented *wholes[], struct moment now, bool is_neighbour,
                      const struct fragmented *kept) {
    size_t bound = is_neighbour ? FRAGMENTS_NEIGHBOUR_MAX : FRAGMENTS_STRANGER_MAX;
    struct fragmented **place;
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        if (wholes[i] != NULL && wholes[i] != kept &&
            now.boot_ms - wholes[i]->began_ms >= FRAGMENTS_LAST_MS) {
            forget(&wholes[i]);
        }
    }
    while (octets_of(wholes, kept->peer, false) > bound &&
           (place = oldest_of(wholes, kept->peer, kept)) != NULL) {
        forget(place);
    }
    while (octets_of(wholes, 0, true) > FRAGMENTS_OCTETS_MAX &&
           (place = least(wholes, kept)) != NULL) {
        forget(place);
    }
}

static size_t wholes_of(struct fragmented *const wholes[], uint64_t peer) {
    size_t count = 0;
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        count += wholes[i] != NULL && wholes[i]->peer == peer;
    }
    return count;
}

/* Where all places are taken: of the address with the most wholes, or of several such, the whole of
 * which least is there; of equals the oldest. So many addresses with next to nothing put nobody
 * out. */
static struct fragmented **slightest(struct fragmented *wholes[]) {
    struct fragmented **slightest = &wholes[0];
    size_t most = wholes_of(wholes, wholes[0]->peer);
    for (size_t i = 1; i < FRAGMENTS_WHOLES_MAX; i++) {
        const struct fragmented *one = wholes[i], *other = *slightest;
        size_t count = wholes_of(wholes, one->peer);
        if (count > most ||
            (count == most && (one->octets < other->octets || (one->octets == other->octets &&
                                                               one->began_ms < other->began_ms)))) {
            slightest = &wholes[i];
            most = count;
        }
    }
    return slightest;
}

static struct fragmented **free_place(struct fragmented *wholes[]) {
    for (size_t i = 0; i < FRAGMENTS_WHOLES_MAX; i++) {
        if (wholes[i] == NULL) {
            return &wholes[i];
        }
    }
    struct fragmented **place = slightest(wholes);
    forget(place);
    return place;
}

/* The place of the part's whole, which may be new; NULL without memory. */
static struct fragmented **whole_for(struct fragmented *wholes[], struct moment now, uint64_t peer,
                                     const struct fragment *part) {
    struct fragmented **place = place_of(wholes, peer, part->hash, part->count);
    if (place != NULL && now.boot_ms - (*place)->began_ms >= FRAGMENTS_LAST_MS) {
        forget(place);
        place = NULL;
    }
    if (place != NULL) {
        return place;
    }
    place = free_place(wholes);
    *place = calloc(1, sizeof **place);
    if (*place == NULL) {
        return NULL;
    }
    (*place)->peer = peer;
    (*place)->began_ms = now.boot_ms;
    (*place)->count = part->count;
    (*place)->octets = FRAGMENTS_WHOLE_OVERHEAD;
    memcpy((*place)->hash, part->hash, FRAGMENT_HASH_SIZE);
    return place;
}

/* --- Hearing -------------------------------------------------------------------------------- */

/* Is the part, as it came, there already? */
static bool has_variant(const struct fragmented *whole, const struct fragment *part) {
    for (size_t k = 0; k < FRAGMENT_VARIANTS; k++) {
        const struct span held = {whole->variants[part->at][k].octets,
                                  whole->variants[part->at][k].length};
        if (held.octets != NULL && span_equal(held, part->octets)) {
            return true;
        }
    }
    return false;
}

/* The latest variant of its part; the oldest gives way. */
static enum status keep(struct fragmented *whole, const struct fragment *part) {
    uint8_t *octets = malloc(part->octets.length);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy(octets, part->octets.octets, part->octets.length);
    whole->octets += part->octets.length;
    whole->octets -= whole->variants[part->at][FRAGMENT_VARIANTS - 1].length;
    free(whole->variants[part->at][FRAGMENT_VARIANTS - 1].octets);
    memmove(&whole->variants[part->at][1], &whole->variants[part->at][0],
            (FRAGMENT_VARIANTS - 1) * sizeof whole->variants[part->at][0]);
    whole->variants[part->at][0].octets = octets;
    whole->variants[part->at][0].length = part->octets.length;
    return STATUS_OK;
}

/* Puts together the variants that the bits of `choice` name; false when one of them is not there,
 * or it is not the whole. */
static bool put_together(const struct fragmented *whole, unsigned choice,
                         uint8_t octets[FRAGMENT_WHOLE_MAX], size_t *length) {
    uint8_t hash[FRAGMENT_HASH_SIZE];
    *length = 0;
    for (size_t at = 0; at < whole->count; at++) {
        size_t k = choice >> at & 1;
        size_t more = whole->variants[at][k].length;
        if (more == 0 || *length + more > FRAGMENT_WHOLE_MAX) {
            return false;
        }
        memcpy(octets + *length, whole->variants[at][k].octets, more);
        *length += more;
    }
    fragment_hash((struct span){octets, *length}, hash);
    return memcmp(hash, whole->hash, sizeof hash) == 0;
}

enum status fragments_hear(struct fragments *parts, struct moment now, uint64_t peer,
                           bool is_neighbour, struct span payload, struct span *whole) {
    struct fragment part;
    *whole = (struct span){NULL, 0};
    enum status status = fragment_read(payload, &part);
    if (status != STATUS_OK) {
        return status;
    }
    struct fragmented **wholes = parts->wholes[is_neighbour];
    struct fragmented **place = whole_for(wholes, now, peer, &part);
    if (place == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (has_variant(*place, &part)) {
        return STATUS_OK;
    }
    status = keep(*place, &part);
    make_room(wholes, now, is_neighbour, *place);
    for (unsigned choice = 0; status == STATUS_OK && choice < 1u << part.count; choice++) {
        /* What was there before was tried before: the new one is the latest of its part. */
        size_t length;
        if ((choice >> part.at & 1) == 0 && put_together(*place, choice, parts->octets, &length)) {
            *whole = (struct span){parts->octets, length};
            forget(place);
            return STATUS_OK;
        }
    }
    return status;
}
