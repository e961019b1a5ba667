/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's audit log: a record of every enrolment, renewal, revocation, recovery and backup, in
 * the domain's store, durable before the action takes effect. Each record has a hash over the one
 * before it and itself (SHA-256), and the store knows where the log ends, so that no record can be
 * changed, removed or added unnoticed. Whoever has the file and its passphrase could still write
 * another log in its place: a hash that is kept elsewhere (in each bundle, on paper, in the
 * authority's half) reveals even that to whoever compares it.
 */
#ifndef MUSTER_APP_KMS_AUDIT_H
#define MUSTER_APP_KMS_AUDIT_H

#include "app/kms/kms.h"

enum {
    AUDIT_HASH_SIZE = 32,
    AUDIT_DETAIL_MAX = 255,
    AUDIT_DETAIL_SIZE = AUDIT_DETAIL_MAX + 1,
    AUDIT_CHECK_VALUE_SIZE = 4 * 5, /* four groups of four digits, and what separates them */
    AUDIT_APPEND_MAX = 30 /* how many fit into one batch, each beside a change of its own */
};

/* The numbers are written to disk: they never change. */
enum audit_action {
    AUDIT_ENROL = 1,
    AUDIT_RENEW = 2,
    AUDIT_REVOKE = 3,
    AUDIT_RECOVER = 4,
    AUDIT_BROKER = 5,
    AUDIT_ROOT = 20,
    AUDIT_CERTIFICATE = 21,
    AUDIT_LIMITS = 22,
    AUDIT_BACKUP = 30,
    AUDIT_RESTORE = 31,
    AUDIT_SETTLE = 32,
    AUDIT_READMIT = 33,
    AUDIT_HALF = 60
};

/* Where the log ends: how many records there are, and the last one's hash. */
struct audit_head {
    uint64_t number; /* 0: it is empty */
    uint8_t hash[AUDIT_HASH_SIZE];
};

struct audit_record {
    uint64_t number; /* from 1 on, without gaps */
    int64_t utc_ms;
    enum audit_action action;
    char identity[IDENTITY_SIZE]; /* whose keys it is about */
    char detail[AUDIT_DETAIL_SIZE];
    uint8_t hash[AUDIT_HASH_SIZE];
};

/* The action as a word: "enrol", "renew", "revoke", "recover". Never NULL. */
const char *audit_action_name(enum audit_action action);

/* Numbers `count` records (AUDIT_APPEND_MAX at most), gives them their hashes, and adds them to
 * `batch` at the end of the log. They are durable when the caller has applied the batch, which it
 * does before it appends again. A domain held only in memory keeps no log. STATUS_TOO_LONG,
 * STATUS_NO_MEMORY, STATUS_MALFORMED; errors of store_find. */
MUST_CHECK enum status audit_append(struct kms *kms, struct audit_record records[], size_t count,
                                    struct batch *batch, struct error *error);

/* Appends one record and applies `batch`: what it held before and the record become durable
 * together, or neither does. Of a domain held only in memory nothing is kept. Errors of
 * audit_append and store_apply. */
MUST_CHECK enum status audit_apply(struct kms *kms, struct audit_record *record,
                                   struct batch *batch, struct error *error);

/* The same of more records: each AUDIT_APPEND_MAX of them go into the next of `batches`, of which
 * the caller has enough and which it applies together. Errors as audit_append. */
MUST_CHECK enum status audit_append_all(struct kms *kms, struct audit_record records[],
                                        size_t count, struct batch *const batches[],
                                        struct error *error);

/* The log's last record, and the one with that number; with *found false when there is none. Errors
 * of store_find. */
MUST_CHECK enum status audit_last(struct kms *kms, struct audit_record *record, bool *found,
                                  struct error *error);
MUST_CHECK enum status audit_find(struct kms *kms, uint64_t number, struct audit_record *record,
                                  bool *found, struct error *error);

/* A record's hash, and with it the whole log up to it, in short for people: the first sixteen of
 * its hexadecimal digits, in groups of four. */
void audit_check_value(const uint8_t hash[AUDIT_HASH_SIZE], char out[AUDIT_CHECK_VALUE_SIZE]);

/* Where the log ends now; that of a domain held only in memory is empty. Errors of store_find. */
MUST_CHECK enum status audit_head(struct kms *kms, struct audit_head *head, struct error *error);

/* As it is shown and in bundles. */
struct log_head audit_head_short(const struct audit_head *head);

/* What somebody compares: a record's number and the beginning of its hash, or all of that. */
struct audit_mark {
    uint64_t number;
    size_t length; /* octets of the hash: LOG_HEAD_HASH_SIZE to AUDIT_HASH_SIZE */
    uint8_t hash[AUDIT_HASH_SIZE];
};

/* Reads "57: 1a2b 3c4d 5e6f 7a8b", as log_head_print prints it, also with all of the hash, without
 * blanks or with others. STATUS_MALFORMED. */
MUST_CHECK enum status audit_mark_read(const char *text, struct audit_mark *mark);

/* Is it this record? */
bool audit_mark_fits(const struct audit_mark *mark, const struct audit_record *record);

/* Called for each record by audit_check, in their order. */
typedef void audit_record_fn(void *context, const struct audit_record *record);

/* Lists the log as far as its chain is intact. STATUS_SEAL_BROKEN at the first break, and *error
 * says which record it is at; errors of store_load. */
MUST_CHECK enum status audit_check(struct kms *kms, audit_record_fn *on_record, void *context,
                                   struct error *error);

#endif
