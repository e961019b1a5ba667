/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/jitter.h"

#include <string.h>

#include "app/voice/rtp.h"

/* Indexes start here so that packets before the first one have one as well. */
static const int64_t FIRST_CYCLE = INT64_C(1) << 32;

/* How long a packet's say in what is known of the way lasts. */
enum {
    LOSS_OVER_MS = 5000,
    DELAY_OVER_MS = 1000,
    COUNTED_MAX = 1000
};

void jitter_reset(struct jitter *jitter, unsigned frames, struct voice_route *route) {
    *jitter = (struct jitter){.frames = frames, .route = route};
}

/* The packet's index: its sequence number continued over wraps, nearest to the highest so far. */
static int64_t index_of(const struct jitter *jitter, uint16_t sequence) {
    if (!jitter->begun) {
        return FIRST_CYCLE + sequence;
    }
    return jitter->highest + (int16_t)(uint16_t)(sequence - (uint16_t)jitter->highest);
}

static struct jitter_slot *slot_of(struct jitter *jitter, int64_t index) {
    return &jitter->slots[index % JITTER_SLOTS];
}

static bool is_held(struct jitter *jitter, int64_t index) {
    const struct jitter_slot *slot = slot_of(jitter, index);
    return slot->used && slot->index == index;
}

static void drop_below(struct jitter *jitter, int64_t index) {
    for (size_t i = 0; i < JITTER_SLOTS; i++) {
        struct jitter_slot *slot = &jitter->slots[i];
        if (slot->used && slot->index < index) {
            slot->used = false;
            jitter->held--;
        }
    }
    jitter->next = index;
}

/* RFC 3550 6.4.1: J += (|D| - J) / 16, kept times 16. */
static void note_transit(struct jitter *jitter, int64_t boot_ms, uint32_t timestamp) {
    int64_t transit = (int64_t)(uint32_t)((uint64_t)boot_ms * RTP_CLOCK_PER_MS - timestamp);
    if (jitter->begun) {
        int32_t difference = (int32_t)(uint32_t)((uint64_t)transit - (uint64_t)jitter->transit);
        int64_t size = difference < 0 ? -(int64_t)difference : difference;
        /* A pause of the talker is not jitter. */
        int64_t limit = JITTER_START_MAX * VOICE_FRAME_MS * RTP_CLOCK_PER_MS;
        size = size > limit ? limit : size;
        jitter->route->variation += size - jitter->route->variation / 16;
    }
    jitter->transit = transit;
}

/* In frames. */
static unsigned start_depth(const struct jitter *jitter) {
    int64_t frame = VOICE_FRAME_MS * RTP_CLOCK_PER_MS;
    int64_t depth = JITTER_START_MIN + (jitter->route->variation / 16 * 2 + frame / 2) / frame;
    return depth > JITTER_START_MAX ? JITTER_START_MAX : (unsigned)depth;
}

static unsigned frames_held(const struct jitter *jitter) {
    return jitter->held * jitter->frames;
}

/* Packets that the buffer holds at most. */
static int64_t slots_of(const struct jitter *jitter) {
    return JITTER_SLOTS / jitter->frames;
}

/* --- What is known of the way ----------------------------------------------------------------- */

/* A mean over `over_ms`, or over all of the `counted` packets while they are fewer. */
static void note(double *mean, double value, unsigned counted, const struct jitter *jitter,
                 int64_t over_ms) {
    double part = (double)jitter->frames * VOICE_FRAME_MS / (double)over_ms;
    double least = 1.0 / (counted + 1);
    *mean += (value - *mean) * (part > least ? part : least);
}

static void note_packet(struct jitter *jitter, bool is_lost) {
    struct voice_route *route = jitter->route;
    note(&route->loss, is_lost ? 1 : 0, route->counted, jitter, LOSS_OVER_MS);
    route->counted += route->counted < COUNTED_MAX;
}

static void note_played(struct jitter *jitter, const struct jitter_slot *slot, int64_t boot_ms) {
    double delay_ms =
        (double)(boot_ms - slot->arrived_ms + (int64_t)jitter->frames * VOICE_FRAME_MS);
    note(&jitter->route->delay_ms, delay_ms, jitter->route->counted, jitter, DELAY_OVER_MS);
    note_packet(jitter, false);
}

/* --- Packets ---------------------------------------------------------------------------------- */

void jitter_put(struct jitter *jitter, int64_t boot_ms, uint16_t sequence, uint32_t timestamp,
                struct span payload) {
    int64_t index = index_of(jitter, sequence);
    if (payload.length > VOICE_PACKET_MAX || (jitter->begun && index < jitter->next) ||
        (jitter->begun && is_held(jitter, index))) {
        return;
    }
    note_transit(jitter, boot_ms, timestamp);
    if (!jitter->begun) {
        jitter->begun = true;
        jitter->highest = index;
        /* Until playing starts, a packet that overtook others does not make them late. */
        jitter->next = index - slots_of(jitter) + 1;
    }
    if (index >= jitter->next + slots_of(jitter)) {
        drop_below(jitter, index - slots_of(jitter) + 1);
    }
    if (jitter->held == 0 && !jitter->playing) {
        jitter->first_ms = boot_ms;
    }
    struct jitter_slot *slot = slot_of(jitter, index);
    slot->used = true;
    slot->index = index;
    slot->arrived_ms = boot_ms;
    slot->length = payload.length;
    memcpy(slot->payload, payload.octets, payload.length);
    jitter->held++;
    jitter->highest = index > jitter->highest ? index : jitter->highest;
}

static struct span payload_at(struct jitter *jitter, int64_t index) {
    const struct jitter_slot *slot = slot_of(jitter, index);
    return (struct span){slot->payload, slot->length};
}

/* Hands out the packet at `next`; its octets stay where they are until the slot is used again. */
static struct span take_next(struct jitter *jitter, int64_t boot_ms) {
    note_played(jitter, slot_of(jitter, jitter->next), boot_ms);
    slot_of(jitter, jitter->next)->used = false;
    jitter->held--;
    return payload_at(jitter, jitter->next++);
}

static bool is_time_to_start(const struct jitter *jitter, int64_t boot_ms) {
    unsigned depth = start_depth(jitter);
    return frames_held(jitter) >= depth + jitter->frames - 1 ||
           (jitter->held > 0 && boot_ms - jitter->first_ms >= (int64_t)depth * VOICE_FRAME_MS);
}

/* To the first packet held; there is one. */
static void skip_gap(struct jitter *jitter) {
    while (!is_held(jitter, jitter->next)) {
        jitter->next++;
    }
}

static enum jitter_advice take_from_empty(struct jitter *jitter) {
    if (jitter->waited < JITTER_CONCEAL_MAX) {
        jitter->waited++;
        return JITTER_WAIT;
    }
    jitter->playing = false;
    jitter->waited = 0;
    return JITTER_SILENCE;
}

enum jitter_advice jitter_take(struct jitter *jitter, int64_t boot_ms, struct span *payload) {
    *payload = (struct span){NULL, 0};
    if (!jitter->playing) {
        if (!is_time_to_start(jitter, boot_ms)) {
            return JITTER_SILENCE;
        }
        skip_gap(jitter);
        jitter->playing = true;
    }
    if (jitter->held == 0) {
        return take_from_empty(jitter);
    }
    /* Frames concealed while the buffer was empty stand for packets that turn out to be lost. */
    for (; jitter->waited >= jitter->frames && !is_held(jitter, jitter->next);
         jitter->waited -= jitter->frames) {
        note_packet(jitter, true);
        jitter->next++;
    }
    jitter->waited = 0;
    if (is_held(jitter, jitter->next)) {
        *payload = take_next(jitter, boot_ms);
        return JITTER_PACKET;
    }
    note_packet(jitter, true);
    jitter->next++;
    if (is_held(jitter, jitter->next)) {
        *payload = payload_at(jitter, jitter->next);
        return JITTER_REPAIR;
    }
    return JITTER_CONCEAL;
}

unsigned jitter_spare(const struct jitter *jitter) {
    unsigned depth = start_depth(jitter);
    return frames_held(jitter) > depth ? frames_held(jitter) - depth : 0;
}
