/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/relay.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"
#include "crypto/key_delivery.h"

/* What passing a frame on costs its source, in thousandths of the limiter's units: voice by its
 * octets, so that a neighbour has 80 kB a second, which is some ten talks at a time; everything
 * else makes receivers check signatures, and a neighbour has 40 a second. */
enum {
    COST_FRAME = 8,
    OCTETS_A_COST = 8,
    COST_CHECKED = 250
};

enum status relay_provide(struct handset *handset, const struct handset_links *links) {
    bool is_relay = links->count > 1 || links->stars != 0;
    if (is_relay && handset->relay == NULL) {
        handset->relay = calloc(1, sizeof *handset->relay);
    }
    if (is_relay) {
        return handset->relay == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    relay_free(handset->relay);
    handset->relay = NULL;
    return STATUS_OK;
}

/* --- What waits ----------------------------------------------------------------------------- */

/* It waits no more. */
static void let_go(struct relay *relay, struct relay_frame *frame, enum relay_state state) {
    if (frame->state == RELAY_WAITING) {
        relay->frames_waiting--;
        relay->octets_waiting -= frame->length;
    }
    free(frame->octets);
    frame->octets = NULL;
    frame->state = state;
}

void relay_free(struct relay *relay) {
    for (size_t i = 0; relay != NULL && i < RELAY_FRAMES_MAX; i++) {
        let_go(relay, &relay->frames[i], RELAY_FREE);
    }
    free(relay);
}

void relay_silence(struct handset *handset) {
    struct relay *relay = handset->relay;
    for (size_t i = 0; relay != NULL && i < RELAY_FRAMES_MAX; i++) {
        if (relay->frames[i].state == RELAY_WAITING) {
            let_go(relay, &relay->frames[i], RELAY_HELD);
        }
    }
}

static struct relay_frame *find(struct relay *relay, const uint8_t identity[FRAME_IDENTITY_SIZE]) {
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        if (relay->frames[i].state != RELAY_FREE &&
            memcmp(relay->frames[i].identity, identity, FRAME_IDENTITY_SIZE) == 0) {
            return &relay->frames[i];
        }
    }
    return NULL;
}

/* A free place, or that of the oldest frame that does not wait; NULL when all wait. */
static struct relay_frame *place(struct relay *relay) {
    struct relay_frame *oldest = NULL;
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &relay->frames[i];
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
static struct relay_frame *next_due(struct relay *relay) {
    struct relay_frame *next = NULL;
    for (size_t i = 0; relay != NULL && i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &relay->frames[i];
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

static int64_t draw_up_to(const struct handset *handset, uint32_t limit) {
    uint32_t random;
    return handset_draw_u32(handset, &random) == STATUS_OK ? random % (limit + 1) : 0;
}

static void more_patience(struct relay *relay, int64_t more_ms) {
    relay->patience_ms += more_ms;
    if (relay->patience_ms > RELAY_PATIENCE_MAX_MS) {
        relay->patience_ms = RELAY_PATIENCE_MAX_MS;
    }
}

/* Nobody else passed on what this relay did, all the while that it could have been heard: each such
 * frame was needed. */
static void count_needed(struct relay *relay, struct moment now) {
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        struct relay_frame *frame = &relay->frames[i];
        if (frame->state != RELAY_PASSED || frame->due_ms > now.boot_ms) {
            continue;
        }
        if (frame->heard_on == link_bit(frame->peer)) {
            relay->patience_ms /= 2;
        }
        frame->state = RELAY_HELD;
    }
}

/* --- Hearing -------------------------------------------------------------------------------- */

/* Voice of a one-to-one talk that this handset has itself. */
static bool is_own_call(const struct handset *handset, struct span payload) {
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    return !r.failed && handset->call.state == CALL_ACTIVE && key_id == handset->call.key_id;
}

/* Is it addressed to this handset and to nobody else? */
static bool is_for_this_handset(const struct handset *handset, const struct frame *frame) {
    struct i_message message;
    switch (frame->kind) {
    case FRAME_D2D:
        return connection_concerns(handset, frame->payload);
    case FRAME_MEDIA:
        return is_own_call(handset, frame->payload);
    case FRAME_KEY_DELIVERY:
        return key_delivery_parse(frame->payload, &message) == STATUS_OK &&
               strcmp(message.fields.responder, own_identity(handset)) == 0;
    default:
        return false;
    }
}

/* Is there room for `length` octets from `peer`, and does its budget allow to pass them on? */
static bool may_pass(struct handset *handset, struct moment now, uint64_t peer,
                     const struct frame *frame, size_t length) {
    const struct relay *relay = handset->relay;
    bool is_neighbour = roster_has_peer(&handset->roster, peer);
    size_t share = is_neighbour ? 1 : 2;
    int64_t cost =
        frame->kind == FRAME_MEDIA ? COST_FRAME + (int64_t)length / OCTETS_A_COST : COST_CHECKED;
    return relay->frames_waiting < RELAY_FRAMES_MAX / share &&
           relay->octets_waiting + length <= RELAY_OCTETS_MAX / share &&
           limiter_allows_milli(&handset->relay_limiter, peer, is_neighbour, now.boot_ms, cost);
}

/* When to pass on what is heard now: after what was heard before, since voice is played in order.
 */
static int64_t due_time(const struct handset *handset, struct moment now) {
    const struct relay *relay = handset->relay;
    int64_t due_ms = now.boot_ms + relay->patience_ms + draw_up_to(handset, RELAY_JITTER_MS);
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++) {
        if (relay->frames[i].state == RELAY_WAITING && relay->frames[i].due_ms > due_ms) {
            due_ms = relay->frames[i].due_ms;
        }
    }
    return due_ms;
}

static uint8_t one_hop_less(uint8_t hops_left) {
    return (uint8_t)((hops_left < FRAME_HOPS ? hops_left : FRAME_HOPS) - 1);
}

/* Heard on a star for the first time: to the others there at once. */
static void pass_on_star(struct handset *handset, struct moment now, uint64_t peer,
                         struct span octets, const struct frame *frame) {
    if (frame->hops_left == 0 || !link_is_star(&handset->links, peer) ||
        !may_pass(handset, now, peer, frame, octets.length)) {
        return;
    }
    uint8_t *copy = malloc(octets.length);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, octets.octets, octets.length);
    copy[FRAME_HOPS_AT] = one_hop_less(frame->hops_left);
    outbox_relay(&handset->outbox, peer, (struct span){copy, octets.length}, NULL, link_bit(peer));
    free(copy);
}

/* From now on it waits for the links on which it was not heard, if it may be passed on at all. */
static void schedule(struct handset *handset, struct moment now, uint64_t peer, struct span octets,
                     const struct frame *frame, struct relay_frame *heard) {
    struct relay *relay = handset->relay;
    if (frame->hops_left == 0 || heard->heard_on == link_bits(&handset->links) ||
        !may_pass(handset, now, peer, frame, octets.length)) {
        return;
    }
    heard->octets = malloc(octets.length);
    if (heard->octets == NULL) {
        return;
    }
    memcpy(heard->octets, octets.octets, octets.length);
    heard->octets[FRAME_HOPS_AT] = one_hop_less(frame->hops_left);
    heard->length = octets.length;
    heard->peer = peer;
    heard->due_ms = due_time(handset, now);
    heard->state = RELAY_WAITING;
    relay->frames_waiting++;
    relay->octets_waiting += octets.length;
}

/* The same frame again. With other hops left, on another link, it comes from another relay: one
 * that was faster, or as fast. */
static void hear_copy(struct handset *handset, uint64_t peer, const struct frame *frame,
                      struct relay_frame *heard) {
    struct relay *relay = handset->relay;
    bool is_elsewhere = (heard->heard_on & link_bit(peer)) == 0;
    bool by_relay = is_elsewhere && frame->hops_left != heard->hops_left;
    heard->heard_on |= link_bit(peer);
    if (by_relay && heard->state == RELAY_WAITING) {
        more_patience(relay, RELAY_PATIENCE_STEP_MS);
    } else if (by_relay && heard->state == RELAY_PASSED) {
        more_patience(relay, draw_up_to(handset, RELAY_PATIENCE_STEP_MS));
    }
    if (heard->state != RELAY_WAITING) {
        return;
    }
    /* Whoever says a frame first with fewer hops left must not cut its way short. */
    if (frame->hops_left > 0 && heard->octets[FRAME_HOPS_AT] < one_hop_less(frame->hops_left)) {
        heard->octets[FRAME_HOPS_AT] = one_hop_less(frame->hops_left);
    }
    if (heard->heard_on == link_bits(&handset->links)) {
        let_go(relay, heard, RELAY_HELD);
    }
}

/* Remembers a frame that was not heard before; NULL when there is no room, or it is nothing to pass
 * on. */
static struct relay_frame *hear_first(struct handset *handset, uint64_t peer,
                                      const struct frame *frame,
                                      const uint8_t identity[FRAME_IDENTITY_SIZE]) {
    struct relay *relay = handset->relay;
    struct relay_frame *heard = is_for_this_handset(handset, frame) ? NULL : place(relay);
    if (heard == NULL) {
        return NULL;
    }
    *heard = (struct relay_frame){.state = RELAY_HELD,
                                  .number = ++relay->last_number,
                                  .peer = peer,
                                  .heard_on = link_bit(peer),
                                  .hops_left = frame->hops_left};
    memcpy(heard->identity, identity, FRAME_IDENTITY_SIZE);
    return heard;
}

void relay_hear(struct handset *handset, struct moment now, uint64_t peer, struct span octets,
                bool is_new) {
    struct relay *relay = handset->relay;
    struct frame frame;
    uint8_t identity[FRAME_IDENTITY_SIZE];
    if (relay == NULL || peer == EVERYONE || handset_is_silent(handset) ||
        frame_read(octets, &frame) != STATUS_OK) {
        return;
    }
    count_needed(relay, now);
    if (handset->links.count > 1) {
        relay_topics_hear(handset, now, peer, &frame);
    }
    frame_identity(octets, identity);
    struct relay_frame *heard = find(relay, identity);
    unsigned heard_before = heard == NULL ? 0 : heard->heard_on | heard->said_on;
    if (heard != NULL) {
        hear_copy(handset, peer, &frame, heard);
    } else if (is_new) {
        heard = hear_first(handset, peer, &frame, identity);
    }
    if (heard != NULL && (heard_before & link_bit(peer)) == 0) {
        pass_on_star(handset, now, peer, octets, &frame);
    }
    if (heard != NULL && heard->state == RELAY_HELD) {
        schedule(handset, now, peer, octets, &frame, heard);
    }
}

/* --- Passing on ----------------------------------------------------------------------------- */

static void pass_on(struct handset *handset, struct moment now, struct relay_frame *heard) {
    struct span octets = {heard->octets, heard->length};
    struct frame frame;
    char topic[TOPIC_SIZE];
    bool has_topic =
        frame_read(octets, &frame) == STATUS_OK && relay_topics_find(handset, &frame, topic);
    heard->said_on = link_bits(&handset->links) & ~heard->heard_on;
    outbox_relay(&handset->outbox, heard->peer, octets, has_topic ? topic : NULL, heard->said_on);
    let_go(handset->relay, heard, RELAY_PASSED);
    heard->due_ms = now.boot_ms + RELAY_COPIES_MS;
}

void relay_tick(struct handset *handset, struct moment now) {
    struct relay_frame *next;
    if (handset->relay == NULL) {
        return;
    }
    relay_topics_tick(handset, now);
    while ((next = next_due(handset->relay)) != NULL && next->due_ms <= now.boot_ms) {
        pass_on(handset, now, next);
    }
}

int64_t relay_deadline(const struct handset *handset) {
    const struct relay_frame *next = next_due(handset->relay);
    return next == NULL ? INT64_MAX : next->due_ms;
}
