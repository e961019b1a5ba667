/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/early.h"

#include <string.h>

static struct early_packet *packet_at(struct early_source *source, size_t i) {
    return &source->packets[(source->first + i) % EARLY_PACKETS_MAX];
}

/* What came too long ago is gone. */
static void drop_old(struct early *early, struct moment now) {
    for (size_t i = 0; i < EARLY_SOURCES_MAX; i++) {
        struct early_source *source = &early->sources[i];
        while (source->count > 0 &&
               now.boot_ms - packet_at(source, 0)->arrived.boot_ms > EARLY_MS) {
            source->first = (source->first + 1) % EARLY_PACKETS_MAX;
            source->count--;
        }
    }
}

static size_t places_of(const struct early *early, uint64_t peer) {
    size_t count = 0;
    for (size_t i = 0; i < EARLY_SOURCES_MAX; i++) {
        count += early->sources[i].count > 0 && early->sources[i].peer == peer;
    }
    return count;
}

/* Is `a` older than `b`, or is there no `b`? */
static bool is_older(struct early_source *a, struct early_source *b) {
    return b == NULL || packet_at(a, 0)->arrived.boot_ms < packet_at(b, 0)->arrived.boot_ms;
}

/* All places are taken: the one that makes way for a new source at `peer`, or NULL. */
static struct early_source *make_way(struct early *early, uint64_t peer, bool is_neighbour) {
    struct early_source *strangers = NULL, *own = NULL, *crowd = NULL;
    size_t own_places = places_of(early, peer);
    for (size_t i = 0; i < EARLY_SOURCES_MAX; i++) {
        struct early_source *source = &early->sources[i];
        if (source->peer == peer) {
            own = is_older(source, own) ? source : own;
        } else if (!source->is_neighbour && is_neighbour) {
            strangers = is_older(source, strangers) ? source : strangers;
        } else if (source->is_neighbour == is_neighbour &&
                   places_of(early, source->peer) > own_places + 1) {
            crowd = is_older(source, crowd) ? source : crowd;
        }
    }
    return strangers != NULL ? strangers : crowd != NULL ? crowd : own;
}

static struct early_source *place(struct early *early, uint64_t peer, bool is_neighbour,
                                  uint32_t ssrc) {
    struct early_source *empty = NULL;
    for (size_t i = 0; i < EARLY_SOURCES_MAX; i++) {
        struct early_source *source = &early->sources[i];
        if (source->count == 0) {
            empty = source;
        } else if (source->peer == peer && source->ssrc == ssrc) {
            return source;
        }
    }
    struct early_source *found = empty != NULL ? empty : make_way(early, peer, is_neighbour);
    if (found != NULL) {
        found->peer = peer;
        found->ssrc = ssrc;
        found->is_neighbour = is_neighbour;
        found->first = found->count = 0;
    }
    return found;
}

void early_keep(struct early *early, struct groups *groups, struct moment now, uint64_t peer,
                const struct media *media, struct span payload) {
    const struct gmk *gmk;
    if (payload.length > EARLY_PACKET_MAX || groups_any_gmk(groups, media->key_id, &gmk) == NULL) {
        return;
    }
    drop_old(early, now);
    struct early_source *source =
        place(early, peer, roster_has_peer(groups->roster, peer), media->ssrc);
    if (source == NULL) {
        return;
    }
    if (source->count == EARLY_PACKETS_MAX) {
        source->first = (source->first + 1) % EARLY_PACKETS_MAX;
        source->count--;
    }
    struct early_packet *packet = packet_at(source, source->count++);
    packet->arrived = now;
    packet->peer = peer;
    packet->length = payload.length;
    memcpy(packet->octets, payload.octets, payload.length);
}

/* The source of `ssrc` whose next packet, after those of `at`, arrived first; EARLY_SOURCES_MAX: no
 * more come. */
static size_t next_source(struct early *early, uint32_t ssrc, const size_t at[EARLY_SOURCES_MAX]) {
    size_t found = EARLY_SOURCES_MAX;
    for (size_t i = 0; i < EARLY_SOURCES_MAX; i++) {
        struct early_source *source = &early->sources[i];
        if (at[i] < source->count && source->ssrc == ssrc &&
            (found == EARLY_SOURCES_MAX ||
             packet_at(source, at[i])->arrived.boot_ms <
                 packet_at(&early->sources[found], at[found])->arrived.boot_ms)) {
            found = i;
        }
    }
    return found;
}

void early_hear(struct early *early, struct moment now, uint32_t ssrc, early_judge *judge,
                void *context) {
    size_t at[EARLY_SOURCES_MAX] = {0}, kept[EARLY_SOURCES_MAX] = {0}, i;
    drop_old(early, now);
    while ((i = next_source(early, ssrc, at)) < EARLY_SOURCES_MAX) {
        struct early_packet *packet = packet_at(&early->sources[i], at[i]++);
        bool is_read =
            media_read((struct span){packet->octets, packet->length}, &packet->media) == STATUS_OK;
        if (is_read && !judge(context, packet)) {
            struct early_packet *place = packet_at(&early->sources[i], kept[i]++);
            if (place != packet) {
                *place = *packet;
            }
        }
    }
    for (i = 0; i < EARLY_SOURCES_MAX; i++) {
        if (early->sources[i].ssrc == ssrc) {
            early->sources[i].count = kept[i];
        }
    }
}
