/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/identity/display_name.h"

_Static_assert((int)WAY_FRESH_MS >= 2 * (int)PRESENCE_INTERVAL_MS, "a lost presence ends no way");

static const char label[] = "Muster presence";

_Static_assert(sizeof label <= (size_t)PRESENCE_SIGNED_MAX - PRESENCE_MAX, "room for both");

/* The label keeps a presence apart from every other signed message. */
struct span presence_signed(uint8_t room[PRESENCE_SIGNED_MAX], struct span covered) {
    struct writer w = writer_into(room, PRESENCE_SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_span(&w, covered);
    return writer_span(&w);
}

enum status presence_write(struct writer *out, const struct presence *presence,
                           const struct keyring *keyring, const struct entropy *entropy) {
    uint8_t room[PRESENCE_SIGNED_MAX];
    size_t begin = out->length;
    write_u64(out, (uint64_t)presence->utc_ms);
    write_text_u8(out, presence->identity);
    write_text_u8(out, presence->kms);
    write_text_u8(out, presence->name);
    uint8_t *signature = write_room(out, ECCSI_SIGNATURE_SIZE);
    if (signature == NULL) {
        return STATUS_TOO_LONG;
    }
    struct span covered = {out->octets + begin, (size_t)(signature - out->octets) - begin};
    return keyring->provider->sign(keyring_signing_key(keyring, presence->utc_ms),
                                   presence_signed(room, covered), entropy, signature);
}

enum status presence_read(struct span payload, struct presence *presence, struct span *covered,
                          struct span *signature) {
    if (payload.length > PRESENCE_MAX) {
        return STATUS_TOO_LONG;
    }
    struct reader r = reader_of(payload);
    presence->utc_ms = (int64_t)read_u64(&r);
    read_text_u8(&r, presence->identity, sizeof presence->identity);
    read_text_u8(&r, presence->kms, sizeof presence->kms);
    read_text_u8(&r, presence->name, sizeof presence->name);
    *covered = (struct span){payload.octets, r.at};
    *signature = read_span(&r, ECCSI_SIGNATURE_SIZE);
    enum status status = reader_finish(&r);
    bool in_bounds = presence->utc_ms >= 0 && presence->utc_ms <= INT64_MAX / 4;
    if (status == STATUS_OK && (!in_bounds || !display_name_take(presence->name))) {
        return STATUS_MALFORMED;
    }
    return status == STATUS_OK ? identity_check(presence->identity) : status;
}

enum status presence_verify(const struct presence *presence, struct span covered,
                            struct span signature, const struct keyring *keyring,
                            struct moment now) {
    uint8_t room[PRESENCE_SIGNED_MAX];
    return keyring_verify(keyring, presence->identity, presence->kms, now,
                          presence_signed(room, covered), signature.octets);
}

const struct neighbour *roster_find(const struct roster *roster, const char *identity) {
    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->neighbours[i].presence.identity, identity) == 0) {
            return &roster->neighbours[i];
        }
    }
    return NULL;
}

static bool is_at(const struct neighbour *neighbour, uint64_t peer) {
    return ways_prove(&neighbour->ways, peer) && !clock_differs(neighbour->clock_difference_ms);
}

bool roster_has_peer(const struct roster *roster, uint64_t peer) {
    for (size_t i = 0; i < roster->count; i++) {
        if (is_at(&roster->neighbours[i], peer)) {
            return true;
        }
    }
    return false;
}

bool roster_is_at(const struct roster *roster, const char *identity, uint64_t peer) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && is_at(neighbour, peer);
}

/* A place for a new neighbour: a free one, or that of one who has long been gone. */
static struct neighbour *place(struct roster *roster, struct moment now) {
    if (roster->count < VIEW_NEARBY_MAX) {
        return &roster->neighbours[roster->count++];
    }
    struct neighbour *quietest = &roster->neighbours[0];
    for (size_t i = 1; i < roster->count; i++) {
        if (roster->neighbours[i].heard_ms < quietest->heard_ms) {
            quietest = &roster->neighbours[i];
        }
    }
    return now.boot_ms - quietest->heard_ms > PRESENCE_LASTS_MS ? quietest : NULL;
}

enum status roster_hear(struct roster *roster, const struct presence *presence,
                        const struct presence_arrival *arrival, struct moment now, bool *is_new) {
    const struct neighbour *known = roster_find(roster, presence->identity);
    *is_new = known == NULL || now.boot_ms - known->heard_ms > PRESENCE_LASTS_MS;
    int64_t difference = presence->utc_ms - now.utc_ms;
    bool was_ahead = known != NULL && known->presence.utc_ms - now.utc_ms > CLOCK_TOLERANCE_MS;
    bool is_set_right = was_ahead && !clock_differs(difference);
    bool may_be_set_back = *is_new && clock_differs(difference);
    if (known != NULL && presence->utc_ms <= known->presence.utc_ms && !is_set_right &&
        !may_be_set_back) {
        return STATUS_REPLAYED;
    }
    struct neighbour *neighbour =
        known == NULL ? place(roster, now) : &roster->neighbours[known - roster->neighbours];
    if (neighbour == NULL) {
        return STATUS_TOO_LONG;
    }
    struct ways ways = {.best = EVERYONE};
    if (!*is_new) {
        ways = neighbour->ways;
    }
    *neighbour = (struct neighbour){.presence = *presence,
                                    .heard_ms = now.boot_ms,
                                    .clock_difference_ms = difference,
                                    .ways = ways};
    memcpy(neighbour->frame, arrival->frame, sizeof neighbour->frame);
    ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, false);
    return STATUS_OK;
}

void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now) {
    for (size_t i = 0; i < roster->count; i++) {
        struct neighbour *neighbour = &roster->neighbours[i];
        if (memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0 &&
            now.boot_ms - neighbour->heard_ms <= PRESENCE_COPY_MS) {
            ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, true);
        }
    }
}

struct ways *roster_ways(struct roster *roster, const char *identity) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour == NULL ? NULL : &roster->neighbours[neighbour - roster->neighbours].ways;
}

void roster_signal(struct roster *roster, uint64_t peer, int quality) {
    for (size_t i = 0; i < roster->count; i++) {
        ways_signal(&roster->neighbours[i].ways, peer, quality);
    }
}

bool roster_trusts(const struct roster *roster, const char *identity) {
    for (size_t i = 0; i < roster->trusted_count; i++) {
        if (strcmp(roster->trusted[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

enum status roster_mark(struct roster *roster, const char *identity, bool trusted) {
    for (size_t i = 0; i < roster->trusted_count; i++) {
        if (strcmp(roster->trusted[i], identity) != 0) {
            continue;
        }
        if (!trusted) {
            memmove(roster->trusted[i], roster->trusted[--roster->trusted_count], IDENTITY_SIZE);
        }
        return STATUS_OK;
    }
    if (!trusted) {
        return STATUS_OK;
    }
    if (roster->trusted_count == TRUSTED_MAX || strlen(identity) > IDENTITY_MAX) {
        return STATUS_TOO_LONG;
    }
    snprintf(roster->trusted[roster->trusted_count++], IDENTITY_SIZE, "%s", identity);
    return STATUS_OK;
}

static int by_identity(const void *a, const void *b) {
    return strcmp(((const struct view_nearby *)a)->identity,
                  ((const struct view_nearby *)b)->identity);
}

/* On which way a connection would begin. */
static void show_way(struct neighbour *neighbour, const struct handset_links *links,
                     struct moment now, struct view_nearby *row) {
    const struct way *best = ways_best(&neighbour->ways, links, now);
    row->links = ways_links(&neighbour->ways);
    row->quality = best == NULL ? VIEW_QUALITY_UNKNOWN : best->quality;
    row->relayed = best != NULL && best->is_relayed;
    if (best != NULL) {
        snprintf(row->link, sizeof row->link, "%s", link_name(links, best->peer));
    }
}

void roster_show(struct roster *roster, const struct handset_links *links, struct moment now,
                 struct view *view) {
    view->nearby_count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        struct neighbour *neighbour = &roster->neighbours[i];
        if (now.boot_ms - neighbour->heard_ms > PRESENCE_LASTS_MS) {
            continue;
        }
        int64_t difference = neighbour->clock_difference_ms;
        struct view_nearby *row = &view->nearby[view->nearby_count++];
        *row = (struct view_nearby){
            .trusted = roster_trusts(roster, neighbour->presence.identity),
            .clock_differs = clock_differs(difference),
            .clock_difference_ms = difference,
            .heard_ago_ms = now.boot_ms - neighbour->heard_ms,
        };
        snprintf(row->identity, sizeof row->identity, "%s", neighbour->presence.identity);
        snprintf(row->name, sizeof row->name, "%s", neighbour->presence.name);
        show_way(neighbour, links, now, row);
    }
    qsort(view->nearby, view->nearby_count, sizeof view->nearby[0], by_identity);
}
