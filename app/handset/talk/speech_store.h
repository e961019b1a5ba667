/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speech on disk, for who has switched that on (again.h): a piece of it as records of the store,
 * each with some seconds, which are written like all records, beside the loop, and are there whole
 * or not at all.
 *
 * Each record is sealed under a key that was drawn for the GMK that the speech was heard under.
 * That key is a record of its own (RECORD_SPEECH_KEY), and is sealed there under that GMK and what
 * else the record holds. Whichever of the two is destroyed takes the speech with it. So the speech
 * goes with the GMK even if its records are still to be found on the disk; and who gets the GMK
 * elsewhere, from another member, opens nothing once the other record is gone.
 *
 * The GMK of an ad-hoc group moves forward each hour (keys/hours.h). The record is sealed anew
 * under the key of the next hour together with the group's record that has it, so that what was
 * said before is still there as long as it may be kept.
 */
#ifndef MUSTER_APP_HANDSET_TALK_SPEECH_H
#define MUSTER_APP_HANDSET_TALK_SPEECH_H

#include "app/handset/keys/groups.h"

enum {
    SPEECH_PACKETS_MAX = 24 * 1024,   /* octets of a record's packets */
    SPEECH_KEYS_MAX = 3 * GROUPS_MAX, /* a group has three GMKs at most */
    SPEECH_SEGMENTS_MAX = 512,        /* of a piece */
};

/* What one talker said, but for the words. */
struct speech {
    char group[GROUP_IDENTITY_SIZE];
    char talker[IDENTITY_SIZE];
    uint32_t gmk_id, ssrc;
    uint32_t first_time, last_time; /* RTP's */
    int64_t began_utc_ms, last_utc_ms;
};

/* Which records hold a piece; zero: none. */
struct stored_speech {
    uint64_t number; /* of the piece, in the order in which they were begun */
    unsigned segments;
};

struct speech_key {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id, hour; /* it is on disk under the key of that hour of the GMK */
    bool is_lost;          /* its record does not open */
    struct secret *octets; /* NULL: this place is free */
};

struct speech_store {
    struct desk *desk;
    const struct groups *groups;
    uint64_t last_number;
    struct speech_key keys[SPEECH_KEYS_MAX];
};

/* Queues the next record of a piece: `packets`, SPEECH_PACKETS_MAX at most. STATUS_NOT_FOUND
 * when the GMK is gone, STATUS_TOO_LONG, STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED: nothing of the
 * piece was queued. */
MUST_CHECK enum status speech_store_save(struct speech_store *store, struct stored_speech *stored,
                                         const struct speech *speech, struct span packets);

/* Takes the latest of them back; all of them. */
void speech_store_withdraw(struct speech_store *store, struct stored_speech *stored);
void speech_store_forget(struct speech_store *store, struct stored_speech *stored);

/* A record of RECORD_SPEECH_KEY, after the groups and before those that it opens. One that cannot
 * be used opens none. */
void speech_store_restore_key(struct speech_store *store, struct span key, struct span value);

/* Which record this is, from its key: the number of the piece, and which of its segments.
 * STATUS_MALFORMED. */
MUST_CHECK enum status speech_store_read_key(struct span key, uint64_t *number, unsigned *segment);

/* Opens a record: what was said, and its packets, into `packets`. STATUS_NOT_FOUND when one of the
 * keys is gone, STATUS_NEWER_VERSION, STATUS_SEAL_BROKEN, STATUS_MALFORMED, STATUS_TOO_LONG. */
MUST_CHECK enum status speech_store_open(const struct speech_store *store, struct span key,
                                         struct span value, struct speech *speech,
                                         struct writer *packets);

/* Saves keys anew whose GMK is about to be that of the next hour; after the group was saved, and
 * before that is durable. */
void speech_store_follow(struct speech_store *store);

/* Destroys the keys that `is_needed` does not name. */
void speech_store_drop_keys(struct speech_store *store,
                            bool (*is_needed)(const void *context, const char *group,
                                              uint32_t gmk_id),
                            const void *context);

/* Wipes and frees the keys, and leaves what is on disk. */
void speech_store_clear(struct speech_store *store);

#endif
