/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/hearing.h"
#include "app/handset/handset.h"
#include "app/handset/keys/confirmation.h"

static void hear_media(struct call *call, struct listening *listening, struct moment now,
                       uint64_t peer, struct span media) {
    if (!call_media(call, now, media)) {
        listening_media(listening, now, peer, media);
    }
}

/* An announcement and the media that came with it, in one transmission. */
static void hear_both(struct handset *handset, struct moment now, uint64_t peer,
                      struct span payload) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    if (!r.failed) {
        listening_announcement(&handset->listening, now, peer, announcement);
    }
    while (!r.failed && reader_left(&r) > 0) {
        struct span media = read_span_u16(&r);
        if (!r.failed) {
            hear_media(&handset->call, &handset->listening, now, peer, media);
        }
    }
    if (r.failed) {
        desk_refuse(&handset->desk, now, MESSAGE_ANNOUNCEMENT_AND_MEDIA, STATUS_TRUNCATED);
    }
}

/* Is it addressed to this handset and to nobody else? */
static bool is_ours(const struct connections *connections, const struct call *call,
                    const struct standard *standard, const struct frame *frame) {
    switch (frame->kind) {
    case FRAME_D2D:
        return connection_concerns(connections, frame->payload);
    case FRAME_MEDIA:
        return call_concerns(call, frame->payload);
    case FRAME_KEY_DELIVERY:
        return standard_concerns(standard, frame->payload);
    default:
        return false;
    }
}

/* What concerns others as well: passing frames on, and learning of groups. */
static void hear_as_relay(struct handset *handset, struct moment now, uint64_t peer,
                          struct span octets, const struct frame *frame, bool is_new) {
    if (!relay_is_on(&handset->relay) || desk_is_silent(&handset->desk) || peer == EVERYONE) {
        return;
    }
    if (handset->links.count > 1) {
        topics_hear(&handset->topics, now, peer, frame);
    }
    bool is_own =
        is_new && is_ours(&handset->connections, &handset->call, &handset->standard, frame);
    relay_hear(&handset->relay, now, peer, octets, is_new, is_own);
}

/* To the room that it concerns. */
static void hear(struct handset *handset, struct moment now, const struct presence_arrival *arrival,
                 const struct frame *frame) {
    uint64_t peer = arrival->peer;
    /* What is new of neighbours and of voice goes into the journal; the rest changes with time. */
    handset->version += frame->kind != FRAME_PRESENCE && frame->kind != FRAME_PRESENCE_LINK &&
                        frame->kind != FRAME_MEDIA && frame->kind != FRAME_ATTENDANCE;
    switch (frame->kind) {
    case FRAME_PRESENCE:
        presence_hear(&handset->presences, now, arrival, frame->payload);
        break;
    case FRAME_PRESENCE_LINK:
        presence_hear_link(&handset->presences, now, frame->payload);
        break;
    case FRAME_D2D:
        connection_frame(&handset->connections, now, peer, frame->payload);
        break;
    case FRAME_ANNOUNCEMENT:
        listening_announcement(&handset->listening, now, peer, frame->payload);
        break;
    case FRAME_MEDIA:
        hear_media(&handset->call, &handset->listening, now, peer, frame->payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        hear_both(handset, now, peer, frame->payload);
        break;
    case FRAME_KEY_DELIVERY:
        standard_delivery(&handset->standard, now, peer, frame->payload);
        break;
    case FRAME_RECEIPT:
        confirmation_hear(&handset->management, now, peer, frame->payload);
        break;
    case FRAME_VOICE_REPORT:
        hearers_hear(&handset->hearers, now, peer, frame->payload);
        reporting_overhear(&handset->reporting, now, peer, frame->payload);
        break;
    case FRAME_FLOOR:
        queue_hear(&handset->queue, now, peer, frame->payload);
        break;
    case FRAME_INQUIRY:
        inquiry_hear(&handset->inquiry, now, arrival, frame->payload);
        break;
    case FRAME_ATTENDANCE:
        attendance_hear(&handset->attendance, now, peer, frame->payload);
        break;
    case FRAME_FRAGMENT: /* what it completes is heard in its place */
    case FRAME_RELAY_CONTROL:
        handset->desk.journal.frames_refused++; /* no link of this version has a use for it */
        break;
    }
    acquaintance_look(&handset->acquaintance, now);
    attendance_look(&handset->attendance, now);
    listening_look(&handset->listening, now);
    talk_look(&handset->talk, now);
    asking_look(&handset->asking, now);
}

/* A part came: does it complete a frame, which is then in *frame in place of the part? That was not
 * said by a frame of its own, so each room sees by itself whether it heard it before, as it must
 * anyway. */
static bool completes(struct fragments *fragments, struct journal *journal,
                      const struct roster *roster, struct moment now, uint64_t peer,
                      struct frame *frame) {
    struct span whole;
    enum status status =
        fragments_hear(fragments, now, peer, roster_has_peer(roster, peer), frame->payload, &whole);
    if (status == STATUS_OK && whole.length > 0) {
        status = frame_of_whole(whole, frame);
    }
    journal->frames_refused += status != STATUS_OK;
    return status == STATUS_OK && whole.length > 0;
}

void handset_frame(struct handset *handset, struct moment now, uint64_t peer, struct span octets) {
    struct journal *journal = &handset->desk.journal;
    struct frame frame;
    if (!handset->started || handset->desk.airplane) {
        return;
    }
    journal->frames_heard++;
    if (frame_read(octets, &frame) != STATUS_OK) {
        journal->frames_refused++; /* dropped and counted, never an error to the officer */
        versions_hear(&handset->versions, now, peer, octets);
        return;
    }
    struct presence_arrival arrival = {.peer = peer, .is_relayed = frame.hops_left < FRAME_HOPS};
    frame_identity(octets, arrival.frame);
    bool is_new = air_is_new(&handset->air, arrival.frame);
    hear_as_relay(handset, now, peer, octets, &frame, is_new);
    if (is_new) {
        air_remember(&handset->air, arrival.frame);
        if (frame.kind != FRAME_FRAGMENT) {
            hear(handset, now, &arrival, &frame);
        } else if (completes(&handset->fragments, journal, &handset->roster, now, peer, &frame)) {
            if (relay_is_on(&handset->relay) && handset->links.count > 1) {
                topics_hear(&handset->topics, now, peer, &frame);
            }
            hear(handset, now, &arrival, &frame);
        }
    } else if (frame.kind == FRAME_PRESENCE || frame.kind == FRAME_INQUIRY) {
        roster_hear_copy(&handset->roster, &arrival, now);
    }
}
