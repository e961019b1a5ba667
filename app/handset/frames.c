/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/hearing.h"
#include "app/handset/handset.h"
#include "app/handset/keys/confirmation.h"

static void hear_media(struct call *call, struct listening *listening, struct moment now,
                       uint64_t peer, struct span media) {
    if (call == NULL || !call_media(call, now, media)) {
        listening_media(listening, now, peer, media);
    }
}

/* An announcement and the media that came with it, in one transmission. */
static void hear_both(struct call *call, struct listening *listening, struct moment now,
                      uint64_t peer, struct span payload) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    if (!r.failed) {
        listening_announcement(listening, now, announcement);
    }
    while (!r.failed && reader_left(&r) > 0) {
        struct span media = read_span_u16(&r);
        if (!r.failed) {
            hear_media(call, listening, now, peer, media);
        }
    }
    if (r.failed) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT_AND_MEDIA, STATUS_TRUNCATED);
    }
}

bool handset_hear_voice(struct call *call, struct listening *listening, struct moment now,
                        uint64_t peer, const struct frame *frame) {
    switch (frame->kind) {
    case FRAME_ANNOUNCEMENT:
        listening_announcement(listening, now, frame->payload);
        return true;
    case FRAME_MEDIA:
        hear_media(call, listening, now, peer, frame->payload);
        return true;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        hear_both(call, listening, now, peer, frame->payload);
        return true;
    default:
        return false;
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
static void hear_as_relay(struct handset *handset, struct moment now, const struct knock *knock,
                          struct span octets, bool is_new) {
    if (!relay_is_on(&handset->relay) || desk_is_silent(&handset->desk) ||
        knock->arrival.peer == EVERYONE) {
        return;
    }
    if (handset->links.count > 1) {
        topics_hear(&handset->topics, now, &knock->frame);
    }
    bool is_own =
        is_new && is_ours(&handset->connections, &handset->call, &handset->standard, &knock->frame);
    relay_hear(&handset->relay, now, knock, octets, is_new, is_own);
}

/* To the room that it concerns. */
void handset_hear(struct handset *handset, struct moment now, const struct knock *knock) {
    const struct frame *frame = &knock->frame;
    uint64_t peer = knock->arrival.peer;
    /* What is new of neighbours and of voice goes into the journal; the rest changes with time. */
    handset->version += frame->kind != FRAME_PRESENCE && frame->kind != FRAME_PRESENCE_LINK &&
                        frame->kind != FRAME_MEDIA && frame->kind != FRAME_ATTENDANCE;
    switch (frame->kind) {
    case FRAME_PRESENCE:
        presence_hear(&handset->presences, now, &knock->arrival, frame->payload);
        break;
    case FRAME_PRESENCE_LINK:
        presence_hear_link(&handset->presences, now, frame->payload);
        break;
    case FRAME_D2D:
        connection_frame(&handset->connections, now, peer, frame->payload);
        break;
    case FRAME_ANNOUNCEMENT:
    case FRAME_MEDIA:
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        (void)handset_hear_voice(&handset->call, &handset->listening, now, peer, frame);
        break;
    case FRAME_KEY_DELIVERY:
        standard_delivery(&handset->standard, now, frame->payload);
        break;
    case FRAME_RECEIPT:
        confirmation_hear(&handset->management, now, frame->payload);
        break;
    case FRAME_VOICE_REPORT:
        hearers_hear(&handset->hearers, now, frame->payload);
        reporting_overhear(&handset->reporting, now, frame->payload);
        break;
    case FRAME_FLOOR:
        queue_hear(&handset->queue, now, frame->payload);
        break;
    case FRAME_INQUIRY:
        inquiry_hear(&handset->inquiry, now, &knock->arrival, frame->payload);
        break;
    case FRAME_ATTENDANCE:
        attendance_hear(&handset->attendance, now, frame->payload);
        break;
    case FRAME_REVOCATION:
        revocations_hear(&handset->revocations, now, frame->payload);
        break;
    case FRAME_MESSAGE:
        messages_hear(&handset->messages, now, frame->payload);
        break;
    case FRAME_MESSAGE_RECEIPT:
        messages_hear_receipt(&handset->messages, now, frame->payload);
        break;
    case FRAME_FRAGMENT: /* what it completes is heard in its place */
    case FRAME_RELAY_CONTROL:
        handset->desk.journal.frames_refused++; /* no link of this version has a use for it */
        break;
    }
    revoking_look(&handset->revoking, now, false);
    acquaintance_look(&handset->acquaintance, now);
    attendance_look(&handset->attendance, now);
    listening_look(&handset->listening, now);
    talk_look(&handset->talk, now);
    asking_look(&handset->asking, now);
}

bool handset_completes(struct fragments *fragments, struct journal *journal, struct moment now,
                       struct knock *knock) {
    struct span whole;
    enum status status = fragments_hear(fragments, now, knock->arrival.peer,
                                        knock->shown == SHOWN_MARK, knock->frame.payload, &whole);
    if (status == STATUS_OK && whole.length > 0) {
        status = frame_of_whole(whole, &knock->frame);
    }
    journal->frames_refused += status != STATUS_OK;
    return status == STATUS_OK && whole.length > 0;
}

/* To the rooms, or to where it waits for them. */
static void take(struct handset *handset, struct moment now, uint64_t peer, struct span octets) {
    struct journal *journal = &handset->desk.journal;
    struct knock knock = {.arrival.peer = peer};
    journal->frames_heard++;
    if (frame_read(octets, &knock.frame) != STATUS_OK) {
        journal->frames_refused++; /* dropped and counted, never an error to the officer */
        versions_hear(&handset->versions, now, peer, octets);
        return;
    }
    knock.arrival.is_relayed = knock.frame.hops_left < FRAME_HOPS;
    frame_identity(octets, knock.arrival.frame);
    bool is_marked = air_is_marked(&handset->air, octets);
    bool is_new = air_is_new(&handset->air, knock.arrival.frame, is_marked);
    knock.shown = is_marked ? SHOWN_MARK : SHOWN_NOTHING;
    admission_enter(&handset->admission, &knock);
    hear_as_relay(handset, now, &knock, octets, is_new);
    if (is_new) {
        bool is_whole = knock.frame.kind != FRAME_FRAGMENT;
        air_remember(&handset->air, knock.arrival.frame, is_marked);
        if (is_whole || handset_completes(&handset->fragments, journal, now, &knock)) {
            if (!is_whole && relay_is_on(&handset->relay) && handset->links.count > 1) {
                topics_hear(&handset->topics, now, &knock.frame);
            }
            handset_hear(handset, now, &knock);
        }
    } else if (knock.frame.kind == FRAME_PRESENCE || knock.frame.kind == FRAME_INQUIRY) {
        roster_hear_copy(&handset->roster, &knock.arrival, now);
    }
    admission_leave(&handset->admission);
}

bool handset_frame(struct handset *handset, struct moment now, uint64_t peer, struct span octets) {
    struct journal *journal = &handset->desk.journal;
    uint64_t refused = journal->frames_refused;
    uint64_t proven = handset->listening.proven + handset->call.proven;
    if (!handset->started || handset->desk.airplane) {
        return false;
    }
    journal->peer = peer; /* what is refused meanwhile is of that source */
    take(handset, now, peer, octets);
    journal->peer = EVERYONE;
    floods_hear(&handset->floods, now, peer, journal->frames_refused != refused);
    return handset->listening.proven + handset->call.proven != proven;
}
