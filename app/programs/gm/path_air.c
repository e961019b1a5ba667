/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/fragment.h"
#include "app/handset/air/mark.h"
#include "app/handset/air/roster.h"
#include "app/programs/clocks.h"
#include "app/programs/conditions.h"
#include "app/programs/gm/nearby_clocks.h"
#include "app/programs/gm/path.h"
#include "app/programs/gm/receiving.h"
#include "crypto/key_delivery.h"
#include "transport/udp.h"

enum {
    WHOLE_MAX = (int)KEY_DELIVERY_MAX > (int)REVOCATION_SIZE_MAX ? (int)KEY_DELIVERY_MAX
                                                                 : (int)REVOCATION_SIZE_MAX,
    SENDINGS = 2,                          /* of a delivery, when no receipt comes for the first */
    CLOCKS_MS = PRESENCE_INTERVAL_MS + 500 /* each handset in reach says its own meanwhile */
};

struct air_path {
    struct gm *gm;
    struct transport *transport;
    int64_t wait_ms; /* for receipts, after each sending */

    /* While deliveries are under way. */
    struct delivery *deliveries;
    size_t count, taken;
    struct nearby_clocks *clocks; /* while these are listened for; else NULL */
    struct error *error;
    enum status status;
};

/* A receipt is noted at once; of a delivery under way it says that it was taken. */
static void on_frame(void *context, uint64_t peer, const uint8_t *octets, size_t length) {
    struct air_path *air = context;
    bool is_new;
    (void)peer;
    if (air->clocks != NULL) {
        nearby_clocks_hear(air->clocks, &air->gm->group->keyring, (struct span){octets, length},
                           clocks_now(0));
    }
    struct roll_member *member = receiving_member(air->gm->group, (struct span){octets, length});
    if (air->status == STATUS_OK) {
        air->status = receiving_objection(air->gm, (struct span){octets, length}, air->error);
    }
    if (member == NULL || air->status != STATUS_OK) {
        return;
    }
    air->status = receiving_note(air->gm, member, &is_new, air->error);
    for (size_t i = 0; air->status == STATUS_OK && i < air->count; i++) {
        if (air->deliveries[i].member != member || air->deliveries[i].was_taken) {
            continue;
        }
        air->deliveries[i].was_taken = true;
        air->taken++;
    }
}

/* Is what is listened for there: receipts of all deliveries under way, or a clock that agrees? */
static bool is_done(const struct air_path *air) {
    return air->clocks != NULL ? nearby_clocks_agree(air->clocks)
                               : air->count > 0 && air->taken == air->count;
}

/* Listens until that is there, at most for the time to wait. */
static enum status listen(struct air_path *air, int64_t wait_ms) {
    struct pollfd polls[TRANSPORT_DESCRIPTORS_MAX];
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = air->transport->kind->descriptors(air->transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        polls[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    }
    int64_t end_ms = clocks_now(0).boot_ms + wait_ms, left_ms;
    while (air->status == STATUS_OK && !is_done(air) &&
           (left_ms = end_ms - clocks_now(0).boot_ms) > 0) {
        poll(polls, count, (int)left_ms);
        if (air->transport->kind->receive(air->transport, on_frame, air) != TRANSPORT_OK) {
            air->status = conditions_fail_of(air->transport, air->error);
        }
    }
    return air->status;
}

static enum status send_frame(struct air_path *air, enum frame_kind kind, struct span payload) {
    uint8_t octets[FRAME_MAX];
    struct topic_key topics;
    struct mark_key mark;
    struct writer w = writer_into(octets, sizeof octets);
    struct frame frame = {.kind = kind, .hops_left = FRAME_HOPS, .payload = payload};
    enum status status = entropy_draw(&entropy_system, (uint8_t *)&frame.id, sizeof frame.id);
    if (status != STATUS_OK) {
        return error_set(air->error, status, "cannot draw random numbers: %s", status_text(status));
    }
    frame_write(&w, &frame);
    topic_key_of(air->gm->group->keyring.credential, &topics);
    mark_key_of(&topics, &mark);
    mark_put(&mark, octets, w.length);
    struct span whole = writer_span(&w);
    enum transport_result result =
        air->transport->kind->send(air->transport, PEER_ALL, LANE_REST, whole.octets, whole.length);
    /* What the queue has no room for goes with the next sending. */
    return result == TRANSPORT_OK || result == TRANSPORT_BUSY
               ? STATUS_OK
               : conditions_fail_of(air->transport, air->error);
}

/* In parts where a network does not take it whole. */
static enum status send(struct air_path *air, enum frame_kind kind, struct span message) {
    size_t largest = air->transport->kind->largest(air->transport);
    if (FRAME_HEADER_SIZE + message.length <= largest) {
        return send_frame(air, kind, message);
    }
    uint8_t octets[1 + WHOLE_MAX], payload[FRAME_MAX];
    struct writer whole = writer_into(octets, sizeof octets);
    write_u8(&whole, (uint8_t)kind);
    write_span(&whole, message);
    const struct fragment_cut cut =
        fragment_cut(writer_span(&whole), largest < FRAME_LINK_MIN ? FRAME_LINK_MIN : largest);
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < cut.count; at++) {
        struct writer part = writer_into(payload, sizeof payload);
        fragment_write(&part, &cut, at);
        status = send_frame(air, FRAME_FRAGMENT, writer_span(&part));
    }
    return status;
}

static enum status take(void *context, struct delivery deliveries[], size_t count,
                        struct error *error) {
    struct air_path *air = context;
    air->deliveries = deliveries;
    air->count = count;
    air->taken = 0;
    air->error = error;
    air->status = STATUS_OK;
    for (int n = 0; air->status == STATUS_OK && n < SENDINGS && air->taken < count; n++) {
        for (size_t i = 0; air->status == STATUS_OK && i < count; i++) {
            if (!deliveries[i].was_taken) {
                air->status = send(air, FRAME_KEY_DELIVERY, deliveries[i].message);
            }
        }
        if (air->status == STATUS_OK) {
            air->status = listen(air, air->wait_ms);
        }
    }
    air->count = 0;
    return air->status;
}

/* To whoever is there: the others around take it from those. */
static enum status say_list(void *context, const struct revocation *list, struct error *error) {
    struct air_path *air = context;
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, list);
    air->error = error;
    air->status = STATUS_OK;
    return send(air, FRAME_REVOCATION, writer_span(&w));
}

static enum status receipts(void *context, int64_t wait_ms, struct error *error) {
    struct air_path *air = context;
    air->error = error;
    air->status = STATUS_OK;
    return listen(air, wait_ms);
}

static enum status hear_clocks(void *context, int64_t *ahead_ms, struct error *error) {
    struct air_path *air = context;
    struct nearby_clocks clocks = {.count = 0};
    air->error = error;
    air->status = STATUS_OK;
    air->clocks = &clocks;
    enum status status = listen(air, CLOCKS_MS);
    air->clocks = NULL;
    *ahead_ms = nearby_clocks_ahead(&clocks);
    return status;
}

static void close_air(void *context) {
    struct air_path *air = context;
    air->transport->kind->close(air->transport);
    free(air);
}

enum status path_open_air(const struct gm_order *order, struct gm *gm, const char *detail,
                          struct path *path, struct error *error) {
    struct air_path *air = calloc(1, sizeof *air);
    struct transport_condition problem;
    if (air == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    const struct udp_options options = {.interface = detail};
    if (udp_open(&options, &air->transport, &problem) != TRANSPORT_OK) {
        free(air);
        return conditions_fail(&problem, error);
    }
    air->gm = gm;
    air->wait_ms = order->wait_ms;
    *path = (struct path){.delivery = {.context = air, .take = take},
                          .taken_means = "confirmed by their handsets",
                          .list = say_list,
                          .receipts = receipts,
                          .clocks = hear_clocks,
                          .whose_clocks = "those of the handsets nearby",
                          .close = close_air};
    return STATUS_OK;
}
