/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/forgeries.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECOND_MS = 1000,
    DIGEST_SIZE = SESSION_HASH_SIZE,
};

/* Octets of which a signature was wrong. */
struct altered {
    uint8_t session[SESSION_HASH_SIZE];
    uint8_t digest[DIGEST_SIZE];
    unsigned from_talker, from_others; /* signatures checked; none: a free place */
};

struct suspect {
    bool is_used;
    uint16_t sequence;
    uint8_t session[SESSION_HASH_SIZE];
    size_t length;
    uint8_t octets[MEDIA_MAX];
};

struct forgeries {
    int64_t since_ms; /* boot clock: in the second from then on so many octets were new, */
    unsigned from_talker, from_others;
    struct altered altered[ALTERED_MAX]; /* by sequence number */
    size_t next_suspect;
    struct suspect suspects[SUSPECTS_MAX];
};

void forgeries_free(struct forgeries *forgeries) {
    free(forgeries);
}

static bool digest_of(const struct media *media, uint8_t digest[DIGEST_SIZE]) {
    return session_hash(media->srtp, digest) == STATUS_OK;
}

static bool is_of(const struct altered *altered, const uint8_t session[SESSION_HASH_SIZE],
                  const uint8_t digest[DIGEST_SIZE]) {
    return altered->from_talker + altered->from_others > 0 &&
           memcmp(altered->session, session, sizeof altered->session) == 0 &&
           memcmp(altered->digest, digest, sizeof altered->digest) == 0;
}

bool forgeries_allow(const struct forgeries *forgeries, struct moment now,
                     const uint8_t session[SESSION_HASH_SIZE], const struct media *media,
                     bool is_from_talker) {
    uint8_t digest[DIGEST_SIZE];
    if (forgeries == NULL) {
        return true;
    }
    const struct altered *altered = &forgeries->altered[media->sequence % ALTERED_MAX];
    if (!digest_of(media, digest)) {
        return false;
    }
    if (is_of(altered, session, digest)) {
        return (is_from_talker ? altered->from_talker : altered->from_others) < ALTERED_CHECKS;
    }
    return now.boot_ms - forgeries->since_ms >= SECOND_MS ||
           (is_from_talker ? forgeries->from_talker : forgeries->from_others) < FORGED_A_SECOND;
}

static void count_new(struct forgeries *forgeries, struct moment now, bool is_from_talker) {
    if (now.boot_ms - forgeries->since_ms >= SECOND_MS) {
        forgeries->since_ms = now.boot_ms;
        forgeries->from_talker = forgeries->from_others = 0;
    }
    ++*(is_from_talker ? &forgeries->from_talker : &forgeries->from_others);
}

static void keep(struct forgeries *forgeries, const uint8_t session[SESSION_HASH_SIZE],
                 const struct media *media) {
    struct suspect *suspect = &forgeries->suspects[forgeries->next_suspect++ % SUSPECTS_MAX];
    suspect->is_used = media->payload.length <= sizeof suspect->octets;
    if (suspect->is_used) {
        suspect->sequence = media->sequence;
        memcpy(suspect->session, session, sizeof suspect->session);
        suspect->length = media->payload.length;
        memcpy(suspect->octets, media->payload.octets, media->payload.length);
    }
}

void forgeries_add(struct forgeries **forgeries, struct moment now,
                   const uint8_t session[SESSION_HASH_SIZE], const struct media *media,
                   bool is_from_talker) {
    uint8_t digest[DIGEST_SIZE];
    if (*forgeries == NULL) {
        *forgeries = calloc(1, sizeof **forgeries);
    }
    if (*forgeries == NULL || !digest_of(media, digest)) {
        return;
    }
    struct altered *altered = &(*forgeries)->altered[media->sequence % ALTERED_MAX];
    if (!is_of(altered, session, digest)) {
        *altered = (struct altered){.from_talker = 0};
        memcpy(altered->session, session, sizeof altered->session);
        memcpy(altered->digest, digest, sizeof altered->digest);
        count_new(*forgeries, now, is_from_talker);
        keep(*forgeries, session, media);
    }
    ++*(is_from_talker ? &altered->from_talker : &altered->from_others);
}

bool forgeries_catch(struct forgeries *forgeries, const uint8_t session[SESSION_HASH_SIZE],
                     const struct media *media, struct span *suspect) {
    for (size_t i = 0; forgeries != NULL && i < SUSPECTS_MAX; i++) {
        struct suspect *kept = &forgeries->suspects[i];
        struct media other;
        const struct span octets = {kept->octets, kept->length};
        if (kept->is_used && kept->sequence == media->sequence &&
            memcmp(kept->session, session, sizeof kept->session) == 0 &&
            media_read(octets, &other) == STATUS_OK && !span_equal(other.srtp, media->srtp)) {
            kept->is_used = false;
            *suspect = octets;
            return true;
        }
    }
    return false;
}
