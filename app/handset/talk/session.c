/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/voice.h"

enum {
    NOTHING_PROVEN = -1,
    SIFT_STEPS = 4, /* of hashing, which a stranger may cause: as much work as checking a tag */
};

static void key_clear(struct session_key *key) {
    gsc_free(key->gsc);
    floor_key_free(key->floor);
    free((void *)(uintptr_t)key->announcement.octets);
    *key = (struct session_key){.gsc = NULL};
}

void session_clear(struct session *session) {
    key_clear(&session->current);
    key_clear(&session->earlier);
    voice_receiver_free(session->receiver);
    routes_close(session->route);
    forgeries_free(session->forgeries);
    *session = (struct session){.active = false};
}

static enum status make_key(const struct announcement *announcement,
                            const struct announced *announced, const uint8_t gsk[GSK_SIZE],
                            struct session_key *out) {
    const struct announcement_fields *fields = &announcement->fields;
    *out = (struct session_key){
        .gmk_id = fields->gmk_id, .announced = *announced, .proven_ms = NOTHING_PROVEN};
    heard_chain_start(&out->chain, fields->proof.key, fields->proof.anchor);
    enum status status = session_hash(announcement->covered, out->hash);
    if (status == STATUS_OK) {
        status = floor_key_new(fields->gmk_id, gsk, out->hash, &out->floor);
    }
    return status == STATUS_OK
               ? gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_RECEIVE, &out->gsc)
               : status;
}

enum status session_open(struct session *session, const struct announcement *announcement,
                         struct announced *announced, const uint8_t gsk[GSK_SIZE],
                         struct span octets, struct routes *routes, struct moment now,
                         struct session *next) {
    const struct announcement_fields *fields = &announcement->fields;
    const struct claim claim = claim_of(fields);
    bool is_same = session->active && claim_is_same(&session->claim, &claim);
    bool keep_receiver = is_same && session->ssrc == fields->ssrc;
    bool goes_on = is_same && !session->silent;
    *next = (struct session){.active = true,
                             .silent = !goes_on,
                             .ended = is_same && session->ended,
                             .end_sequence = session->end_sequence,
                             .ended_ms = session->ended_ms,
                             .rank = (unsigned)claim.priority,
                             .claim = claim,
                             .ssrc = fields->ssrc,
                             .beginning = goes_on ? session->beginning : beginning_of(fields),
                             .began_ms = goes_on ? session->began_ms : now.boot_ms,
                             .began_utc_ms = goes_on ? session->began_utc_ms : now.utc_ms,
                             /* The announcement may be a recording. */
                             .heard_ms = goes_on ? session->heard_ms : now.boot_ms};
    if (session->active) {
        announced_after(announced, &session->current.announced);
    }
    uint8_t *copy = malloc(octets.length);
    enum status status =
        copy == NULL ? STATUS_NO_MEMORY : make_key(announcement, announced, gsk, &next->current);
    if (status == STATUS_OK && !keep_receiver) {
        status = routes_open(routes, fields->talker, now, &next->receiver, &next->route);
    }
    next->current.announcement = (struct span){copy, copy == NULL ? 0 : octets.length};
    if (status != STATUS_OK) {
        session_clear(next);
        return status;
    }
    memcpy(copy, octets.octets, octets.length);
    snprintf(next->group, sizeof next->group, "%s", fields->group);
    snprintf(next->talker, sizeof next->talker, "%s", fields->talker);
    if (keep_receiver) {
        next->earlier = session->current;
        next->receiver = session->receiver;
        next->route = session->route;
        next->proven_peer = session->proven_peer;
        next->forgeries = session->forgeries;
        next->look_due_ms = session->look_due_ms;
        next->is_forgery_told = session->is_forgery_told;
        next->forgery_told_ms = session->forgery_told_ms;
        session->forgeries = NULL;
        session->current = (struct session_key){.gsc = NULL};
        session->receiver = NULL;
        session->route = NULL;
    }
    return STATUS_OK;
}

bool session_lacks_earlier(const struct session *session,
                           const struct announcement_fields *fields) {
    const struct claim claim = claim_of(fields);
    return session->earlier.gsc == NULL && session->ssrc == fields->ssrc &&
           claim_is_same(&session->claim, &claim) &&
           fields->utc_ms < session->current.announced.utc_ms;
}

enum status session_open_earlier(struct session *session, const struct announcement *announcement,
                                 const struct announced *announced, const uint8_t gsk[GSK_SIZE],
                                 struct span octets) {
    struct session_key earlier;
    uint8_t *copy = malloc(octets.length);
    enum status status =
        copy == NULL ? STATUS_NO_MEMORY : make_key(announcement, announced, gsk, &earlier);
    if (status != STATUS_OK) {
        free(copy);
        return status;
    }
    memcpy(copy, octets.octets, octets.length);
    earlier.announcement = (struct span){copy, octets.length};
    session->earlier = earlier;
    return STATUS_OK;
}

/* Verifies the signature of a packet whose tag is right, unless too many of its like were wrong. */
static enum status verify(struct session *session, const struct session_key *key, struct moment now,
                          uint64_t peer, bool is_linked, const struct media *media) {
    const struct forgery_trial trial = {.session = key->hash,
                                        .media = media,
                                        .is_linked = is_linked,
                                        .is_from_talker = peer == session->proven_peer};
    if (!forgeries_allow(session->forgeries, now, &trial)) {
        return STATUS_RATE_LIMITED;
    }
    enum status status =
        voice_verify(key->announced.proof.key, key->hash, media->packet, media->signature.octets);
    if (status == STATUS_SIGNATURE_INVALID) {
        forgeries_add(&session->forgeries, now, &trial);
    }
    return status;
}

/* It is refused anyway: who made it is looked at now and then. */
static enum status look(struct session *session, const struct session_key *key, enum status judged,
                        struct moment now, uint64_t peer, const struct media *media) {
    if (now.boot_ms < session->look_due_ms) {
        return judged;
    }
    session->look_due_ms = now.boot_ms + FORGERY_TAG_MS;
    if (gsc_check(key->gsc, media->srtp) != STATUS_OK) {
        return judged;
    }
    session->look_due_ms = now.boot_ms + FORGERY_LOOK_MS;
    enum status status = verify(session, key, now, peer, false, media);
    return status == STATUS_SIGNATURE_INVALID ? status : judged;
}

static unsigned number_of(const struct session_key *key, const struct media *media) {
    return media_number(key->announced.proof.sequence, media->sequence);
}

enum status session_sift(struct session *session, struct session_key *key, struct moment now,
                         uint64_t peer, const struct media *media) {
    unsigned number = number_of(key, media);
    if (number > VOICE_CHAIN_MAX) { /* also what was said before its announcement */
        return look(session, key, STATUS_TIME_OUT_OF_RANGE, now, peer, media);
    }
    enum status status = gsc_sift(key->gsc, media->srtp);
    if (status == STATUS_OK &&
        heard_chain_see(&key->chain, number, media->link.octets, SIFT_STEPS) == LINK_WRONG) {
        status = look(session, key, STATUS_MAC_INVALID, now, peer, media);
    }
    return status;
}

/* In the order of what they cost a stranger's packet: tag, what is left to do for the link, and the
 * signature, which alone proves a link that is too far ahead. */
static enum status prove(struct session *session, struct session_key *key, struct moment now,
                         uint64_t peer, const struct media *media) {
    unsigned number = number_of(key, media);
    enum status status = gsc_check(key->gsc, media->srtp);
    if (status != STATUS_OK) {
        return status;
    }
    enum link_sight sight =
        heard_chain_see(&key->chain, number, media->link.octets, VOICE_CHAIN_JUMP);
    if (sight == LINK_WRONG) {
        return look(session, key, STATUS_MAC_INVALID, now, peer, media);
    }
    status = verify(session, key, now, peer, sight == LINK_RIGHT, media);
    if (status == STATUS_OK) {
        heard_chain_take(&key->chain, number, media->link.octets);
    }
    return status;
}

enum status session_take(struct session *session, struct session_key *key, enum status judged,
                         struct moment now, uint64_t peer, const struct media *media,
                         struct writer *out) {
    if (judged != STATUS_OK) {
        return look(session, key, judged, now, peer, media);
    }
    enum status status = prove(session, key, now, peer, media);
    if (status != STATUS_OK) {
        return status;
    }
    session->proven_peer = peer;
    announced_hear(&key->announced, media->rtp_time, now);
    status = gsc_unprotect(key->gsc, media->srtp, out);
    if (status == STATUS_OK) {
        /* A talk that begins at the moment at which another has ended goes on from there. */
        int64_t passed_ms =
            announced_passed(&key->announced, media->rtp_time) - media_is_end(media);
        key->proven_ms = passed_ms > key->proven_ms ? passed_ms : key->proven_ms;
    }
    return status;
}

void session_hear_end(struct session *session, const struct media *media, struct moment now) {
    if (!session->ended) {
        session->ended = true;
        session->end_sequence = media->sequence;
        session->ended_ms = now.boot_ms;
    }
    if (!session->silent) {
        session->heard_ms = now.boot_ms;
    }
}

bool session_is_over(const struct session *session, const struct media *media) {
    uint16_t after = (uint16_t)(media->sequence - session->end_sequence);
    return session->ended && after <= INT16_MAX;
}
