/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/air.h"

#include "app/handset/air/fragment.h"

_Static_assert((int)FRAME_IDENTITY_SIZE == (int)SEEN_HASH_SIZE, "an identity is a hash");

bool air_is_marked(const struct air *air, struct span octets) {
    return mark_is_right(&air->mark_key, octets);
}

bool air_is_new(const struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE],
                bool is_marked) {
    return !seen_has_hash(&air->handled[is_marked], identity);
}

void air_remember(struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE], bool is_marked) {
    seen_add_hash(&air->handled[is_marked], identity);
}

/* The longest frame that all take to whom it goes nearby. */
static size_t largest_to(const struct air *air, uint64_t peer) {
    return links_largest(air->links, peer == EVERYONE ? link_bits(air->links) : link_bit(peer));
}

bool air_takes_whole(const struct air *air, size_t payload_length) {
    return FRAME_HEADER_SIZE + payload_length <= largest_to(air, EVERYONE);
}

bool air_is_star(const struct air *air) {
    return (air->links->stars & ~air->links->off) != 0;
}

/* Queues one frame, which fits. */
static void send_frame(struct air *air, uint64_t peer, const struct frame *frame,
                       const struct output_way *way) {
    uint8_t room[FRAME_MAX], identity[FRAME_IDENTITY_SIZE];
    struct writer w = writer_into(room, sizeof room);
    frame_write(&w, frame);
    if (writer_finish(&w) != STATUS_OK) {
        return;
    }
    mark_put(&air->mark_key, room, w.length);
    frame_identity(writer_span(&w), identity);
    air_remember(air, identity, true);
    outbox_send(&air->desk->outbox, peer, writer_span(&w), way);
}

/* In parts to those nearby; those who hear a topic get it whole. */
static void send_parts(struct air *air, uint64_t peer, const struct frame *frame,
                       const struct output_way *way) {
    uint8_t whole[FRAGMENT_WHOLE_MAX], payload[FRAME_MAX];
    struct writer w = writer_into(whole, sizeof whole);
    write_u8(&w, (uint8_t)frame->kind);
    write_span(&w, frame->payload);
    if (way->topic != NULL) {
        struct output_way far = *way;
        far.is_for_topic_alone = true;
        send_frame(air, EVERYONE, frame, &far);
    }
    const struct fragment_cut cut = fragment_cut(writer_span(&w), largest_to(air, peer));
    const struct output_way near = {.after = way->after};
    struct frame part = {.kind = FRAME_FRAGMENT, .hops_left = FRAME_HOPS};
    for (size_t at = 0; at < cut.count; at++) {
        struct writer out = writer_into(payload, sizeof payload);
        fragment_write(&out, &cut, at);
        part.payload = writer_span(&out);
        if (desk_draw_u64(air->desk, &part.id) == STATUS_OK) {
            send_frame(air, peer, &part, &near);
        }
    }
}

void air_send_under(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload,
                    const char *topic, bool is_kept, uint64_t after) {
    struct frame frame = {.kind = kind, .hops_left = FRAME_HOPS, .payload = payload};
    const struct output_way way = {.topic = topic, .is_kept = is_kept, .after = after};
    size_t length = FRAME_HEADER_SIZE + payload.length;
    if (payload.length == 0 || length > FRAME_MAX || air->desk->airplane ||
        desk_draw_u64(air->desk, &frame.id) != STATUS_OK) {
        return;
    }
    if (length <= largest_to(air, peer)) {
        send_frame(air, peer, &frame, &way);
    } else {
        send_parts(air, peer, &frame, &way);
    }
}

void air_send(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload) {
    air_send_under(air, peer, kind, payload, NULL, false, 0);
}

void air_send_to_group(struct air *air, const char *group, enum frame_kind kind,
                       struct span payload) {
    air_send_to_group_after(air, group, kind, payload, 0);
}

void air_send_to_group_after(struct air *air, const char *group, enum frame_kind kind,
                             struct span payload, uint64_t after) {
    char topic[TOPIC_SIZE];
    topic_group(&air->desk->topic_key, group, topic);
    air_send_under(air, EVERYONE, kind, payload, topic, false, after);
}

void air_send_far(struct air *air, const char *group, enum frame_kind kind, struct span payload) {
    char topic[TOPIC_SIZE];
    topic_group(&air->desk->topic_key, group, topic);
    air_send_far_under(air, topic, false, kind, payload);
}

void air_send_far_under(struct air *air, const char *topic, bool is_kept, enum frame_kind kind,
                        struct span payload) {
    struct frame frame = {.kind = kind, .hops_left = FRAME_HOPS, .payload = payload};
    const struct output_way way = {.topic = topic, .is_kept = is_kept, .is_for_topic_alone = true};
    if (!air->desk->airplane && FRAME_HEADER_SIZE + payload.length <= FRAME_MAX &&
        desk_draw_u64(air->desk, &frame.id) == STATUS_OK) {
        send_frame(air, EVERYONE, &frame, &way);
    }
}
