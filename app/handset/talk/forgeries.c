/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/forgeries.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECOND_MS = 1000
};

/* Signatures that were wrong: from the talker's address, and from all others. */
struct wrong {
    unsigned from_talker, from_others;
};

/* Those of one packet's number. */
struct linked {
    bool is_used;
    uint16_t sequence;
    uint8_t session[SESSION_HASH_SIZE];
    struct wrong wrong;
};

struct suspect {
    bool is_used;
    uint16_t sequence;
    uint8_t session[SESSION_HASH_SIZE];
    size_t length;
    uint8_t octets[MEDIA_MAX];
};

struct forgeries {
    int64_t since_ms; /* boot clock: in the second from then on there were so many, */
    unsigned linked_count;
    struct wrong far;
    struct linked linked[LINKED_MAX]; /* by sequence number */
    size_t next_suspect;
    struct suspect suspects[SUSPECTS_MAX];
};

void forgeries_free(struct forgeries *forgeries) {
    free(forgeries);
}

static bool is_of(const struct linked *linked, const struct forgery_trial *trial) {
    return linked->is_used && linked->sequence == trial->media->sequence &&
           memcmp(linked->session, trial->session, sizeof linked->session) == 0;
}

static unsigned count_of(const struct wrong *wrong, bool is_from_talker) {
    return is_from_talker ? wrong->from_talker : wrong->from_others;
}

static void count(struct wrong *wrong, bool is_from_talker) {
    ++*(is_from_talker ? &wrong->from_talker : &wrong->from_others);
}

bool forgeries_allow(const struct forgeries *forgeries, struct moment now,
                     const struct forgery_trial *trial) {
    if (forgeries == NULL) {
        return true;
    }
    bool is_over = now.boot_ms - forgeries->since_ms >= SECOND_MS;
    if (!trial->is_linked) {
        return is_over || count_of(&forgeries->far, trial->is_from_talker) < FAR_A_SECOND;
    }
    const struct linked *linked = &forgeries->linked[trial->media->sequence % LINKED_MAX];
    return (is_over || forgeries->linked_count < LINKED_A_SECOND) &&
           (!is_of(linked, trial) || count_of(&linked->wrong, trial->is_from_talker) < LINK_TRIALS);
}

static void count_second(struct forgeries *forgeries, struct moment now,
                         const struct forgery_trial *trial) {
    if (now.boot_ms - forgeries->since_ms >= SECOND_MS) {
        forgeries->since_ms = now.boot_ms;
        forgeries->linked_count = 0;
        forgeries->far = (struct wrong){0};
    }
    if (trial->is_linked) {
        forgeries->linked_count++;
    } else {
        count(&forgeries->far, trial->is_from_talker);
    }
}

static void count_link(struct forgeries *forgeries, const struct forgery_trial *trial) {
    struct linked *linked = &forgeries->linked[trial->media->sequence % LINKED_MAX];
    if (!is_of(linked, trial)) {
        *linked = (struct linked){.is_used = true, .sequence = trial->media->sequence};
        memcpy(linked->session, trial->session, sizeof linked->session);
    }
    count(&linked->wrong, trial->is_from_talker);
}

/* Does the payload of that suspect have the same SRTP packet? */
static bool has_packet(const struct suspect *suspect, struct span srtp) {
    struct media other;
    return media_read((struct span){suspect->octets, suspect->length}, &other) == STATUS_OK &&
           span_equal(other.srtp, srtp);
}

static bool is_about(const struct suspect *suspect, const uint8_t session[SESSION_HASH_SIZE],
                     const struct media *media) {
    return suspect->is_used && suspect->sequence == media->sequence &&
           memcmp(suspect->session, session, sizeof suspect->session) == 0;
}

/* Once for the same octets, whatever their signature is. */
static void keep(struct forgeries *forgeries, const struct forgery_trial *trial) {
    const struct media *media = trial->media;
    for (size_t i = 0; i < SUSPECTS_MAX; i++) {
        const struct suspect *kept = &forgeries->suspects[i];
        if (is_about(kept, trial->session, media) && has_packet(kept, media->srtp)) {
            return;
        }
    }
    struct suspect *suspect = &forgeries->suspects[forgeries->next_suspect++ % SUSPECTS_MAX];
    suspect->is_used = media->payload.length <= sizeof suspect->octets;
    if (suspect->is_used) {
        suspect->sequence = media->sequence;
        memcpy(suspect->session, trial->session, sizeof suspect->session);
        suspect->length = media->payload.length;
        memcpy(suspect->octets, media->payload.octets, media->payload.length);
    }
}

void forgeries_add(struct forgeries **forgeries, struct moment now,
                   const struct forgery_trial *trial) {
    if (*forgeries == NULL) {
        *forgeries = calloc(1, sizeof **forgeries);
    }
    if (*forgeries == NULL) {
        return;
    }
    count_second(*forgeries, now, trial);
    if (trial->is_linked) {
        count_link(*forgeries, trial);
    }
    keep(*forgeries, trial);
}

bool forgeries_catch(struct forgeries *forgeries, const uint8_t session[SESSION_HASH_SIZE],
                     const struct media *media, struct span *suspect) {
    for (size_t i = 0; forgeries != NULL && i < SUSPECTS_MAX; i++) {
        struct suspect *kept = &forgeries->suspects[i];
        if (is_about(kept, session, media) && !has_packet(kept, media->srtp)) {
            kept->is_used = false;
            *suspect = (struct span){kept->octets, kept->length};
            return true;
        }
    }
    return false;
}
