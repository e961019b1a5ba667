/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A batch of records to make durable together: all of them or none. The handset engine hands
 * batches out; the store (store.h) carries them out. Values hold secrets, so a batch lives in
 * secret memory.
 */
#ifndef MUSTER_APP_STORE_BATCH_H
#define MUSTER_APP_STORE_BATCH_H

#include "crypto/bytes.h"
#include "crypto/secret.h"

/* What a record is. The numbers are written to disk: they never change and are never used again. A
 * record of a new kind is erased when it is deleted or replaced (store.h), unless record_keys.c
 * says that its kind holds no secret. */
enum record_kind {
    RECORD_CREDENTIAL = 1, /* key: identity, month; value: an installed bundle */
    RECORD_GROUP = 2,      /* key: group identity; value: the group with its GMKs and members */
    RECORD_NAME = 33,      /* key: identity; value: the name that the officer gave it */
    RECORD_CREW = 72,      /* key: number; value: a crew (app/handset/desk/crews.h) */
    RECORD_TRUST = 4,      /* key: identity; value: the officer's mark */
    RECORD_LOST = 80,      /* key: identity; value: nothing. Its officer reported it lost */
    RECORD_SETTING = 5,    /* key: name; value: text */
    RECORD_DEVICE_KEY = 6, /* key: "device"; value: the key that bundles are sealed to */
    RECORD_REQUEST = 40, /* key: identity; value: what was asked of the KMS, and the last answer */

    /* A group manager's, beside a handset's own or in a store of their own (app/manager/). */
    RECORD_MANAGER_KEYS = 11, /* key: group identity, month; value: the bundle's credential */
    RECORD_REKEY = 12,        /* key: group identity; value: the GMK that members are to have */
    RECORD_MEMBER = 13,       /* key: group identity, 0, identity; value: a member of the roll */
    RECORD_EXCLUSIONS =
        62,             /* key: group identity; value: who gets no keys (manager/exclusions.h) */
    RECORD_ACCESS = 14, /* key: "broker"; value: how to reach the broker, and as whom */

    RECORD_REVOKED = 43, /* key: "list"; value: the list of the revoked (identity/revocation.h) */

    RECORD_PARTS = 16, /* key: a message's tag and count; value: the parts of it that have come */
    RECORD_DECISION = 21, /* key: group identity; value: what the officer said to its creator */

    RECORD_EMERGENCIES = 32, /* key: "standing"; value: those that stand (talk/standing.h) */
    RECORD_SPEECH_KEY = 30,  /* key: GMK id; value: what speech under it is sealed under */
    RECORD_SPEECH =
        31, /* key: number and segment; value: seconds of it (talk/speech_store.h), sealed */

    RECORD_MESSAGES = 64, /* key: GMK id, group identity; value: messages under it
                           * (talk/message_box.h), sealed */

    /* A KMS keeps its own store (app/kms/kms.h); a handset's never holds these. */
    RECORD_KMS_DOMAIN = 7,     /* key: "domain"; value: KMS URI and master secrets */
    RECORD_KMS_ENROLMENT = 8,  /* key: identity; value: who was enrolled, when, until when */
    RECORD_KMS_AUDIT = 9,      /* key: number; value: what was done (app/kms/audit.h) */
    RECORD_KMS_BROKER = 15,    /* key: "broker"; value: the broker's secret, address and CA */
    RECORD_KMS_ROOT = 41,      /* key: "root"; value: its certificate, and its secret if here */
    RECORD_KMS_LIMITS = 42,    /* key: "limits"; value: the domain's limits, signed */
    RECORD_KMS_AUDIT_END = 10, /* key: "end"; value: how many of those there are, and the last */
    RECORD_KMS_REVOKED = 44,   /* key: "number" or "list"; value: that of the latest list of
                                * the revoked, or the list itself */
    RECORD_KMS_BACKUP = 56,    /* key: "last"; value: which backup was made last */
    RECORD_KMS_RESTORED = 57,  /* key: "restored"; value: that and from when, until it is settled */
    RECORD_KMS_CARRIED = 58,   /* key: "list"; value: the revoked whom the register does not know */

    /* A domain's authority keeps a store of its own (app/kms/half.h). */
    RECORD_KMS_HALF = 60,    /* key: "half"; value: KMS URI and the authority's master secret */
    RECORD_KMS_WITNESS = 61, /* key: "head"; value: where the domain's audit log ended last */
};

enum {
    RECORD_KEY_MAX = 200, /* two identities and what separates them */
    RECORD_VALUE_MAX = 65536,
    BATCH_CHANGES_MAX = 64
};

struct batch_change {
    enum record_kind kind;
    bool is_delete;
    uint8_t key[RECORD_KEY_MAX];
    size_t key_length;
    struct secret *value; /* in one of the batch's blocks; NULL for a deletion */
};

/* Secret memory for several values: each piece of it costs ten calls of the system. */
struct batch_block;

struct batch {
    size_t count;
    struct batch_block *blocks; /* the latest first */
    struct batch_change changes[BATCH_CHANGES_MAX];
};

/* An empty batch, or NULL when out of memory. */
struct batch *batch_new(void);

/* Wipes and frees; NULL is allowed. */
void batch_free(struct batch *batch);

/* Adds "kind/key becomes value"; both are copied. STATUS_TOO_LONG over the limits above,
 * STATUS_NO_MEMORY. Later changes of a batch win over earlier ones with the same key. */
MUST_CHECK enum status batch_put(struct batch *batch, enum record_kind kind, struct span key,
                                 struct span value);

/* Adds "kind/key is deleted". Errors as batch_put. */
MUST_CHECK enum status batch_delete(struct batch *batch, enum record_kind kind, struct span key);

/* Appends the changes of `later` to those of `batch`, and frees `later`. False, with nothing done,
 * when there is no room for them. */
bool batch_join(struct batch *batch, struct batch *later);

/* Removes from `batch` what `later`, which becomes durable together with it, overrides. */
void batch_supersede(struct batch *batch, const struct batch *later);

#endif
