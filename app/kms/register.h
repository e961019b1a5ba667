/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's register: whom it has enrolled, until when their keys are valid, and who gets no more.
 */
#ifndef MUSTER_APP_KMS_REGISTER_H
#define MUSTER_APP_KMS_REGISTER_H

#include "app/kms/kms.h"

enum {
    REGISTER_REASON_MAX = 120,
    REGISTER_REASON_SIZE = REGISTER_REASON_MAX + 1
};

/* One identity's entry. */
struct register_entry {
    char identity[IDENTITY_SIZE];
    char display_name[DISPLAY_NAME_SIZE];
    uint8_t device_key[DEVICE_KEY_SIZE]; /* the public half */
    int64_t enrolled_ms;                 /* since 1970 UTC */
    int64_t until_ms;                    /* when its keys end; 0 for fixed keys, which do not */
    int64_t max_key_period_ms;
    int64_t revoked_ms;                /* since when it gets no new keys; 0 when it does */
    char reason[REGISTER_REASON_SIZE]; /* why; may be empty */
    uint64_t number;                   /* of the latest attestation of its name; 0: there is none */
    uint64_t term; /* in which that device manages it, if it is a group's; 0: no one knows of any */
    struct group_list groups; /* the standard groups that it belongs to */
};

/* Called for each entry by register_list, in the order of identities. */
typedef void register_entry_fn(void *context, const struct register_entry *entry);

/* Lists the entries; a domain in memory has none. Errors of store_load, STATUS_MALFORMED. */
MUST_CHECK enum status register_list(struct kms *kms, register_entry_fn *on_entry, void *context,
                                     struct error *error);

/* The entry of `identity`; STATUS_NOT_FOUND when there is none. Errors as register_list. */
MUST_CHECK enum status register_find(struct kms *kms, const char *identity,
                                     struct register_entry *entry, struct error *error);

/* Adds "this is the entry of its identity" to `batch`. Errors of batch_put. */
MUST_CHECK enum status register_put(const struct register_entry *entry, struct batch *batch);

/* Refuses an entry that is revoked: STATUS_NOT_ALLOWED, and *error says since when and why. */
MUST_CHECK enum status register_check_revoked(const struct register_entry *entry,
                                              struct error *error);

/* May that be a reason? STATUS_MALFORMED. */
MUST_CHECK enum status register_check_reason(const char *reason, struct error *error);

/* From now on `identity` gets no new keys; `reason` (at most REGISTER_REASON_MAX octets of plain
 * text) may be empty. It is durable, and in the audit log, when this returns. STATUS_NOT_FOUND for
 * an identity that was never enrolled, STATUS_ALREADY_DONE for one that is revoked,
 * STATUS_MALFORMED for the reason, errors of audit_append and store_apply; then nothing has
 * changed. */
MUST_CHECK enum status register_revoke(struct kms *kms, const char *identity, const char *reason,
                                       int64_t now_ms, struct error *error);

#endif
