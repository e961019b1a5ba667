/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/presence_chain.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    KEPT_EACH = 32, /* of so many links one is kept, and the others are made from it */
};

/* kept[i] is link (i + 1) * KEPT_EACH. */
struct own_chain {
    uint8_t start[START_SIZE];
    int64_t began_ms;
    uint8_t anchor[PRESENCE_LINK_SIZE];
    uint8_t kept[PRESENCE_CHAIN_MAX / KEPT_EACH][PRESENCE_LINK_SIZE];
};

/* Makes link `number` - 1 of link `number`, in its place. */
static void step_back(const uint8_t start[START_SIZE], unsigned number,
                      uint8_t link[PRESENCE_LINK_SIZE]) {
    static const char label[] = "Muster presence link";
    uint8_t octets[sizeof label + START_SIZE + 2 + PRESENCE_LINK_SIZE];
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, SPAN_OF(label));
    write_span(&w, (struct span){start, START_SIZE});
    write_u16(&w, (uint16_t)number);
    write_span(&w, (struct span){link, PRESENCE_LINK_SIZE});
    crypto_hash_sha256(hash, octets, sizeof octets);
    memcpy(link, hash, PRESENCE_LINK_SIZE);
}

/* --- The own one ---------------------------------------------------------------------------- */

enum status own_chain_new(const uint8_t start[START_SIZE], const struct entropy *entropy,
                          struct moment now, struct own_chain **out) {
    struct own_chain *chain = *out = secret_object_new(sizeof *chain);
    uint8_t link[PRESENCE_LINK_SIZE];
    if (chain == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = entropy_draw(entropy, link, sizeof link);
    for (unsigned number = PRESENCE_CHAIN_MAX; number > 0; number--) {
        if (number % KEPT_EACH == 0) {
            memcpy(chain->kept[number / KEPT_EACH - 1], link, sizeof link);
        }
        step_back(start, number, link);
    }
    memcpy(chain->anchor, link, sizeof link);
    memcpy(chain->start, start, START_SIZE);
    chain->began_ms = now.boot_ms;
    secret_wipe(link, sizeof link);
    secret_wipe_stack();
    if (status != STATUS_OK) {
        own_chain_free(chain);
        *out = NULL;
    }
    return status;
}

void own_chain_free(struct own_chain *chain) {
    secret_object_free(chain);
}

bool own_chain_open(const struct own_chain *chain, struct moment now, struct presence_link *out) {
    int64_t number = (now.boot_ms - chain->began_ms) / PRESENCE_SLOT_MS;
    if (number > PRESENCE_CHAIN_MAX) {
        return false;
    }
    size_t kept = ((size_t)number + KEPT_EACH - 1) / KEPT_EACH;
    out->number = (uint16_t)number;
    memcpy(out->anchor, chain->anchor, PRESENCE_LINK_SIZE);
    memcpy(out->link, kept == 0 ? chain->anchor : chain->kept[kept - 1], PRESENCE_LINK_SIZE);
    for (unsigned at = (unsigned)kept * KEPT_EACH; at > out->number; at--) {
        step_back(chain->start, at, out->link);
    }
    secret_wipe_stack();
    return true;
}

/* --- A neighbour's -------------------------------------------------------------------------- */

static void take(struct heard_presences *heard, uint16_t number,
                 const uint8_t link[PRESENCE_LINK_SIZE], struct moment now) {
    int64_t began_ms = now.boot_ms - (int64_t)number * PRESENCE_SLOT_MS;
    heard->number = number;
    memcpy(heard->link, link, PRESENCE_LINK_SIZE);
    heard->heard_ms = now.boot_ms;
    heard->began_ms = began_ms < heard->began_ms ? began_ms : heard->began_ms;
    heard->checks = PRESENCE_LINK_CHECKS;
}

void heard_presences_take(struct heard_presences *heard, const uint8_t start[START_SIZE],
                          const struct presence_link *link, struct moment now) {
    bool is_same = heard->is_known && memcmp(heard->start, start, START_SIZE) == 0 &&
                   memcmp(heard->id, link->anchor, PRESENCE_CHAIN_ID_SIZE) == 0;
    if (is_same && link->number <= heard->number) {
        heard->checks = link->number == heard->number ? 0 : heard->checks;
        return;
    }
    if (!is_same) {
        *heard = (struct heard_presences){.is_known = true, .began_ms = INT64_MAX};
        memcpy(heard->start, start, START_SIZE);
        memcpy(heard->id, link->anchor, PRESENCE_CHAIN_ID_SIZE);
    }
    take(heard, link->number, link->link, now);
    heard->checks = 0; /* what else comes with this link pays like all others */
}

/* Is that slot one that may have begun by now, not too far from the latest, and not long over? */
static bool is_in_time(const struct heard_presences *heard, uint16_t number, struct moment now) {
    int64_t steps = number - heard->number;
    int64_t passed = (now.boot_ms - heard->heard_ms) / PRESENCE_SLOT_MS;
    int64_t over_ms = heard->began_ms + (number + INT64_C(1)) * PRESENCE_SLOT_MS;
    return number <= PRESENCE_CHAIN_MAX && steps <= PRESENCE_LINKS_WALK &&
           steps <= passed + PRESENCE_LINKS_AHEAD && now.boot_ms - over_ms <= PRESENCE_LINK_OLD_MS;
}

enum presence_sight heard_presences_see(struct heard_presences *heard,
                                        const uint8_t id[PRESENCE_CHAIN_ID_SIZE], uint16_t number,
                                        const uint8_t link[PRESENCE_LINK_SIZE], struct moment now) {
    uint8_t before[PRESENCE_LINK_SIZE];
    if (!heard->is_known || memcmp(heard->id, id, PRESENCE_CHAIN_ID_SIZE) != 0 ||
        number < heard->number || !is_in_time(heard, number, now)) {
        return PRESENCE_LINK_WRONG;
    }
    memcpy(before, link, sizeof before);
    for (unsigned at = number; at > heard->number; at--) {
        step_back(heard->start, at, before);
    }
    if (memcmp(before, heard->link, sizeof before) != 0) {
        return PRESENCE_LINK_WRONG;
    }
    if (number == heard->number) {
        return PRESENCE_LINK_LATEST;
    }
    take(heard, number, link, now);
    return PRESENCE_LINK_OPENS;
}
