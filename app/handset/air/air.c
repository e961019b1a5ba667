/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/air.h"

#include <stdlib.h>

static const struct span nothing = {NULL, 0};

bool air_is_new(const struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE]) {
    return !seen_has(&air->handled, (struct span){identity, FRAME_IDENTITY_SIZE}, nothing);
}

void air_remember(struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE]) {
    seen_add(&air->handled, (struct span){identity, FRAME_IDENTITY_SIZE}, nothing);
}

void air_send_under(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload,
                    const char *topic, bool is_kept, uint64_t after) {
    uint64_t id;
    if (payload.length == 0 || air->desk->airplane || desk_draw_u64(air->desk, &id) != STATUS_OK) {
        return;
    }
    uint8_t *room = malloc(FRAME_HEADER_SIZE + payload.length);
    if (room == NULL) {
        return;
    }
    struct writer w = writer_into(room, FRAME_HEADER_SIZE + payload.length);
    frame_write(
        &w, &(struct frame){.kind = kind, .hops_left = FRAME_HOPS, .id = id, .payload = payload});
    uint8_t identity[FRAME_IDENTITY_SIZE];
    frame_identity(writer_span(&w), identity);
    air_remember(air, identity);
    outbox_send(&air->desk->outbox, peer, writer_span(&w), topic, is_kept, after);
    free(room);
}

void air_send(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload) {
    air_send_under(air, peer, kind, payload, NULL, false, 0);
}

void air_send_to_group(struct air *air, const char *group, enum frame_kind kind,
                       struct span payload) {
    char topic[TOPIC_SIZE];
    topic_group(&air->desk->topic_key, group, topic);
    air_send_under(air, EVERYONE, kind, payload, topic, false, 0);
}
