/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/relay.h"

#include <stdlib.h>
#include <string.h>

/* What passing a frame on costs, in milli-units: its octets, and besides for each frame; one that
 * makes receivers check a signature costs as much as 500 octets more. A purse of those with the
 * mark (purse.h) has so 40 kB of voice a second, which is more than a talk takes, and all together
 * ten times as much. */
enum {
    COST_FRAME = 8,
    COST_CHECKED = 250,
    OCTETS_A_COST = 4,
    OCTETS_A_COST_UNMARKED = 2,
};

static const struct purse_size of_unmarked = {40, 15};

enum status relay_provide(struct relay *relay, const struct handset_links *links) {
    bool is_relay = links->count > 1 || links->stars != 0;
    if (is_relay && relay->memory == NULL) {
        relay->memory = calloc(1, sizeof *relay->memory);
    }
    if (is_relay) {
        return relay->memory == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    relay_clear(relay);
    return STATUS_OK;
}

void relay_start(struct relay *relay, int64_t boot_ms) {
    relay->unmarked = purse_full(of_unmarked, boot_ms);
    purses_start(&relay->marked, boot_ms);
}

bool relay_is_on(const struct relay *relay) {
    return relay->memory != NULL;
}

/* --- What waits ----------------------------------------------------------------------------- */

/* It waits no more. */
static void let_go(struct relay_memory *memory, struct relay_frame *frame, enum relay_state state) {
    if (frame->state == RELAY_WAITING) {
        memory->frames_waiting--;
        memory->octets_waiting -= frame->length;
    }
    free(frame->octets);
    frame->octets = NULL;
    frame->state = state;
}

void relay_clear(struct relay *relay) {
    struct relay_memory *memory = relay->memory;
    for (size_t i = 0; memory != NULL && i < RELAY_FRAMES_MAX; i++) {
        let_go(memory, &memory->frames[i], RELAY_FREE);
    }
    free(memory);
    relay->memory = NULL;
}

void relay_silence(struct relay *relay) {
    struct relay_memory *memory = relay->memory;
    for (size_t i = 0; memory != NULL && i < RELAY_FRAMES_MAX; i++) {
        if (memory->frames[i].state == RELAY_WAITING) {
            let_go(memory, &memory->frames[i], RELAY_HELD);
        }
    }
}

static struct relay_frame *find(struct relay_memory *memory,
                                const uint8_t identity[FRAME_IDENTITY_SIZE]) {
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        if (memory->frames[i].state != RELAY_FREE &&
            memcmp(memory->frames[i].identity, identity, FRAME_IDENTITY_SIZE) == 0) {
            return &memory->frames[i];
        }
    }
    return NULL;
}

/* A free place, or that of the oldest frame that does not wait; NULL when all wait. */
static struct relay_frame *place(struct relay_memory *memory) {
    struct relay_frame *oldest = NULL;
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &memory->frames[i];
        if (frame->state == RELAY_FREE) {
            return frame;
        }
        if (frame->state != RELAY_WAITING && (oldest == NULL || frame->number < oldest->number)) {
            oldest = frame;
        }
    }
    return oldest;
}

/* What waits and is due first, in the order of hearing where they are due alike; NULL for none. */
static struct relay_frame *next_due(struct relay_memory *memory) {
    struct relay_frame *next = NULL;
    for (size_t i = 0; memory != NULL && i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &memory->frames[i];
        if (frame->state != RELAY_WAITING) {
            continue;
        }
        if (next == NULL || frame->due_ms < next->due_ms ||
            (frame->due_ms == next->due_ms && frame->number < next->number)) {
            next = frame;
        }
    }
    return next;
}

/* --- Patience ------------------------------------------------------------------------------- */

static int64_t draw_up_to(const struct relay *relay, uint32_t limit) {
    uint32_t random;
    return desk_draw_u32(relay->desk, &random) == STATUS_OK ? random % (limit + 1) : 0;
}

static void more_patience(struct relay_memory *memory, int64_t more_ms) {
    memory->patience_ms += more_ms;
    if (memory->patience_ms > RELAY_PATIENCE_MAX_MS) {
        memory->patience_ms = RELAY_PATIENCE_MAX_MS;
    }
}

/* Nobody else passed on what this relay did, all the while that it could have been heard: each such
 * frame was needed. */
static void count_needed(struct relay_memory *memory, struct moment now) {
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &memory->frames[i];
        if (frame->state != RELAY_PASSED || frame->due_ms > now.boot_ms) {
            continue;
        }
        if (frame->heard_on == link_bit(frame->peer)) {
            memory->patience_ms /= 2;
        }
        frame->state = RELAY_HELD;
    }
}

/* --- Hearing -------------------------------------------------------------------------------- */

static int64_t cost_of(const struct knock *knock) {
    int64_t octets = FRAME_HEADER_SIZE + (int64_t)knock->frame.payload.length;
    int64_t of_octets =
        octets / (knock->shown == SHOWN_MARK ? OCTETS_A_COST : OCTETS_A_COST_UNMARKED);
    switch (knock->frame.kind) {
    case FRAME_MEDIA:
    case FRAME_VOICE_REPORT:
    case FRAME_FLOOR:
    case FRAME_PRESENCE_LINK:
    case FRAME_ATTENDANCE:
    case FRAME_MESSAGE_RECEIPT:
        return COST_FRAME + of_octets;
    case FRAME_FRAGMENT:
        return COST_CHECKED / FRAGMENTS_MAX + of_octets;
    default:
        return COST_CHECKED + of_octets;
    }
}

/* Of what a frame with the mark is a part: each such thing has a purse of its own. */
static uint64_t source_of(const struct knock *knock) {
    enum {
        SSRC_IN_RTP = 8
    };
    struct reader r = reader_of(knock->frame.payload);
    struct presence presence;
    struct span covered, signature;
    uint64_t number = 0;
    switch (knock->frame.kind) {
    case FRAME_PRESENCE:
        if (presence_read(knock->frame.payload, &presence, &covered, &signature) == STATUS_OK) {
            return purse_source(presence.identity);
        }
        break;
    case FRAME_MEDIA: /* a talk: GMK id and SSRC */
        number = (uint64_t)read_u32(&r) << 32;
        read_span(&r, SSRC_IN_RTP);
        number |= read_u32(&r);
        break;
    case FRAME_D2D: /* the connection's id */
        number = read_u64(&r);
        break;
    default:
        break;
    }
    static const char *const names[FRAME_KINDS] = {[FRAME_MEDIA] = "talk", [FRAME_D2D] = "d2d"};
    const char *name = names[knock->frame.kind];
    return purse_source_at(name == NULL ? "" : name, name == NULL ? knock->frame.kind : number);
}

/* Would what has no mark be paid for? */
static bool is_paid(struct relay *relay, struct moment now, const struct knock *knock) {
    return knock->shown == SHOWN_MARK ||
           purse_has(&relay->unmarked, of_unmarked, now.boot_ms, cost_of(knock));
}

/* Is there room for the frame, and may it be passed on? If so that is paid for. */
static bool may_pass(struct relay *relay, struct moment now, const struct knock *knock) {
    const struct relay_memory *memory = relay->memory;
    size_t length = FRAME_HEADER_SIZE + knock->frame.payload.length;
    bool is_marked = knock->shown == SHOWN_MARK;
    size_t share = is_marked ? 1 : 4;
    return memory->frames_waiting < RELAY_FRAMES_MAX / share &&
           memory->octets_waiting + length <= RELAY_OCTETS_MAX / share &&
           (is_marked ? purses_take(&relay->marked, source_of(knock), now.boot_ms, cost_of(knock))
                      : purse_take(&relay->unmarked, of_unmarked, now.boot_ms, cost_of(knock)));
}

/* When to pass on what is heard now: after what was heard before, since voice is played in order.
 */
static int64_t due_time(const struct relay *relay, struct moment now) {
    const struct relay_memory *memory = relay->memory;
    int64_t due_ms = now.boot_ms + memory->patience_ms + draw_up_to(relay, RELAY_JITTER_MS);
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        if (memory->frames[i].state == RELAY_WAITING && memory->frames[i].due_ms > due_ms) {
            due_ms = memory->frames[i].due_ms;
        }
    }
    return due_ms;
}

static uint8_t one_hop_less(uint8_t hops_left) {
    return (uint8_t)((hops_left < FRAME_HOPS ? hops_left : FRAME_HOPS) - 1);
}

/* In parts, over `links`. Parts that another relay has said are there already. */
static void say_parts(struct relay *relay, uint64_t peer, struct span octets, unsigned links) {
    struct frame whole, part = {.kind = FRAME_FRAGMENT, .hops_left = octets.octets[FRAME_HOPS_AT]};
    uint8_t content[FRAGMENT_WHOLE_MAX], payload[FRAME_MAX], room[FRAME_MAX];
    uint8_t identity[FRAME_IDENTITY_SIZE];
    if (frame_read(octets, &whole) != STATUS_OK || whole.kind == FRAME_FRAGMENT) {
        return; /* parts of parts there are none of */
    }
    bool is_marked = air_is_marked(relay->air, octets);
    struct writer w = writer_into(content, sizeof content);
    write_u8(&w, (uint8_t)whole.kind);
    write_span(&w, whole.payload);
    const struct fragment_cut cut =
        fragment_cut(writer_span(&w), links_largest(relay->links, links));
    for (size_t at = 0; at < cut.count; at++) {
        struct writer of_part = writer_into(payload, sizeof payload);
        struct writer out = writer_into(room, sizeof room);
        fragment_write(&of_part, &cut, at);
        part.id = whole.id + 1 + at;
        part.payload = writer_span(&of_part);
        frame_write(&out, &part);
        if (is_marked) {
            mark_put(&relay->air->mark_key, room, out.length);
        }
        frame_identity(writer_span(&out), identity);
        if (air_is_new(relay->air, identity, is_marked)) {
            air_remember(relay->air, identity, is_marked);
            outbox_relay(&relay->desk->outbox, peer, writer_span(&out), NULL, links);
        }
    }
}

/* Passes `octets` on over `links`, whole where they take it. */
static void say(struct relay *relay, uint64_t peer, struct span octets, const char *topic,
                unsigned links) {
    unsigned narrow = 0;
    for (unsigned number = 1; number <= HANDSET_LINKS_MAX; number++) {
        unsigned link = links & 1u << number;
        narrow |= link != 0 && links_largest(relay->links, link) < octets.length ? link : 0;
    }
    if ((links & ~narrow) != 0) {
        outbox_relay(&relay->desk->outbox, peer, octets, topic, links & ~narrow);
    }
    if (narrow != 0) {
        say_parts(relay, peer, octets, narrow);
    }
}

/* Heard on a star for the first time: to the others there at once. */
static void pass_on_star(struct relay *relay, struct moment now, const struct knock *knock,
                         struct span octets) {
    uint64_t peer = knock->arrival.peer;
    if (knock->frame.hops_left == 0 || !link_is_star(relay->links, peer) ||
        !may_pass(relay, now, knock)) {
        return;
    }
    uint8_t *copy = malloc(octets.length);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, octets.octets, octets.length);
    copy[FRAME_HOPS_AT] = one_hop_less(knock->frame.hops_left);
    say(relay, peer, (struct span){copy, octets.length}, NULL, link_bit(peer));
    free(copy);
}

/* From now on it waits for the links on which it was not heard, if it may be passed on at all. */
static void schedule(struct relay *relay, struct moment now, const struct knock *knock,
                     struct span octets, struct relay_frame *heard) {
    struct relay_memory *memory = relay->memory;
    if (knock->frame.hops_left == 0 || heard->heard_on == link_bits(relay->links) ||
        !may_pass(relay, now, knock)) {
        return;
    }
    heard->octets = malloc(octets.length);
    if (heard->octets == NULL) {
        return;
    }
    memcpy(heard->octets, octets.octets, octets.length);
    heard->octets[FRAME_HOPS_AT] = one_hop_less(knock->frame.hops_left);
    heard->length = octets.length;
    heard->peer = knock->arrival.peer;
    heard->due_ms = due_time(relay, now);
    heard->state = RELAY_WAITING;
    memory->frames_waiting++;
    memory->octets_waiting += octets.length;
}

/* The same frame again. With other hops left, on another link, it comes from another relay: one
 * that was faster, or as fast. */
static void hear_copy(struct relay *relay, uint64_t peer, const struct frame *frame,
                      struct relay_frame *heard) {
    struct relay_memory *memory = relay->memory;
    bool is_elsewhere = (heard->heard_on & link_bit(peer)) == 0;
    bool by_relay = is_elsewhere && frame->hops_left != heard->hops_left;
    heard->heard_on |= link_bit(peer);
    if (by_relay && heard->state == RELAY_WAITING) {
        more_patience(memory, RELAY_PATIENCE_STEP_MS);
    } else if (by_relay && heard->state == RELAY_PASSED) {
        more_patience(memory, draw_up_to(relay, RELAY_PATIENCE_STEP_MS));
    }
    if (heard->state != RELAY_WAITING) {
        return;
    }
    /* Whoever says a frame first with fewer hops left must not cut its way short. */
    if (frame->hops_left > 0 && heard->octets[FRAME_HOPS_AT] < one_hop_less(frame->hops_left)) {
        heard->octets[FRAME_HOPS_AT] = one_hop_less(frame->hops_left);
    }
    if (heard->heard_on == link_bits(relay->links)) {
        let_go(memory, heard, RELAY_HELD);
    }
}

/* Another relay's parts of a frame that this one heard whole: the frame was heard there. */
static bool hear_parts_of(struct relay *relay, uint64_t peer, const struct frame *frame) {
    struct relay_memory *memory = relay->memory;
    struct fragment part;
    if (frame->kind != FRAME_FRAGMENT || fragment_read(frame->payload, &part) != STATUS_OK) {
        return false;
    }
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *whole = &memory->frames[i];
        if (whole->state == RELAY_FREE || !whole->has_content ||
            memcmp(whole->content, part.hash, FRAGMENT_HASH_SIZE) != 0) {
            continue;
        }
        whole->heard_on |= link_bit(peer);
        if (whole->state == RELAY_WAITING) {
            more_patience(memory, RELAY_PATIENCE_STEP_MS);
        }
        if (whole->state == RELAY_WAITING && whole->heard_on == link_bits(relay->links)) {
            let_go(memory, whole, RELAY_HELD);
        }
        return true;
    }
    return false;
}

/* Remembers a frame that was not heard before; NULL when there is no room. */
static struct relay_frame *hear_first(struct relay *relay, const struct knock *knock) {
    struct relay_frame *heard = place(relay->memory);
    const struct frame *frame = &knock->frame;
    uint64_t peer = knock->arrival.peer;
    if (heard == NULL) {
        return NULL;
    }
    *heard = (struct relay_frame){.state = RELAY_HELD,
                                  .number = ++relay->memory->last_number,
                                  .peer = peer,
                                  .heard_on = link_bit(peer),
                                  .hops_left = frame->hops_left};
    memcpy(heard->identity, knock->arrival.frame, FRAME_IDENTITY_SIZE);
    if (frame->kind != FRAME_FRAGMENT && links_largest(relay->links, link_bits(relay->links)) <
                                             FRAME_HEADER_SIZE + frame->payload.length) {
        fragment_hash_of(frame->kind, frame->payload, heard->content);
        heard->has_content = true;
    }
    return heard;
}

void relay_hear(struct relay *relay, struct moment now, const struct knock *knock,
                struct span octets, bool is_new, bool is_ours) {
    uint64_t peer = knock->arrival.peer;
    if (!relay_is_on(relay) || peer == EVERYONE || desk_is_silent(relay->desk)) {
        return;
    }
    count_needed(relay->memory, now);
    struct relay_frame *heard = find(relay->memory, knock->arrival.frame);
    unsigned heard_before = heard == NULL ? 0 : heard->heard_on | heard->said_on;
    if (heard != NULL) {
        hear_copy(relay, peer, &knock->frame, heard);
    } else if (is_new && !is_ours && is_paid(relay, now, knock) &&
               !hear_parts_of(relay, peer, &knock->frame)) {
        heard = hear_first(relay, knock);
    }
    if (heard != NULL && (heard_before & link_bit(peer)) == 0) {
        pass_on_star(relay, now, knock, octets);
    }
    if (heard != NULL && heard->state == RELAY_HELD) {
        schedule(relay, now, knock, octets, heard);
    }
}

/* --- Passing on ----------------------------------------------------------------------------- */

struct relay_frame *relay_next(const struct relay *relay, struct moment now) {
    struct relay_frame *next = next_due(relay->memory);
    return next != NULL && next->due_ms <= now.boot_ms ? next : NULL;
}

void relay_pass_on(struct relay *relay, struct moment now, struct relay_frame *frame,
                   const char *topic) {
    struct span octets = {frame->octets, frame->length};
    frame->said_on = link_bits(relay->links) & ~frame->heard_on;
    say(relay, frame->peer, octets, topic, frame->said_on);
    let_go(relay->memory, frame, RELAY_PASSED);
    frame->due_ms = now.boot_ms + RELAY_COPIES_MS;
}

int64_t relay_deadline(const struct relay *relay) {
    const struct relay_frame *next = next_due(relay->memory);
    return next == NULL ? INT64_MAX : next->due_ms;
}
