/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/session.h"

#include <stdlib.h>
#include <string.h>

#include "app/voice/voice.h"

enum {
    SECOND_MS = 1000
};

void session_clear(struct session *session) {
    gsc_free(session->current.gsc);
    gsc_free(session->earlier.gsc);
    voice_receiver_free(session->receiver);
    free((void *)(uintptr_t)session->announcement.octets);
    free((void *)(uintptr_t)session->earlier_announcement.octets);
    *session = (struct session){.active = false};
}

bool session_was_announced_by(const struct session *session, struct span octets) {
    return span_equal(session->announcement, octets) ||
           span_equal(session->earlier_announcement, octets);
}

enum status session_key_make(const struct announcement *announcement, const uint8_t gsk[GSK_SIZE],
                             struct session_key *out) {
    const struct announcement_fields *fields = &announcement->fields;
    *out = (struct session_key){.gmk_id = fields->gmk_id, .announced_ms = fields->utc_ms};
    memcpy(out->talker, fields->proof.key, sizeof out->talker);
    enum status status = session_hash(announcement->covered, out->hash);
    return status == STATUS_OK
               ? gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_RECEIVE, &out->gsc)
               : status;
}

/* How many packets from `peer` turned out to be forged in this second. */
static unsigned *forged_by(struct session *session, struct moment now, uint64_t peer) {
    struct forgeries *forgeries = &session->forgeries;
    if (now.boot_ms - forgeries->since_ms >= SECOND_MS) {
        forgeries->since_ms = now.boot_ms;
        forgeries->from_proven = forgeries->from_others = 0;
    }
    return peer == session->proven_peer ? &forgeries->from_proven : &forgeries->from_others;
}

enum status session_take(struct session *session, struct session_key *key, struct moment now,
                         uint64_t peer, const struct media *media, struct writer *out) {
    unsigned *forged = forged_by(session, now, peer);
    enum status status = gsc_check(key->gsc, media->srtp);
    if (status == STATUS_OK && *forged >= FORGED_A_SECOND) {
        status = STATUS_RATE_LIMITED;
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = voice_verify(key->talker, key->hash, media->srtp, media->signature.octets);
    if (status != STATUS_OK) {
        ++*forged;
        return status;
    }
    session->proven_peer = peer;
    return gsc_unprotect(key->gsc, media->srtp, out);
}
