/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command line of muster-kms says, and what every command does with it first.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_ORDER_H
#define MUSTER_APP_PROGRAMS_KMS_ORDER_H

#include "app/kms/audit.h"

/* A bit for each option, so that a command can say which it takes. */
enum option_bit {
    OPTION_URI = 1 << 0,
    OPTION_PASSPHRASE_FILE = 1 << 1,
    OPTION_CRYPTO = 1 << 2,
    OPTION_MAX_KEY_PERIOD = 1 << 3,
    OPTION_REPLACE = 1 << 4,
    OPTION_OUT = 1 << 5,
    OPTION_FORCE = 1 << 6,
    OPTION_HELP = 1 << 7,
    OPTION_VERSION = 1 << 8,
    OPTION_DEVICE_KEY = 1 << 9,
    OPTION_GROUP = 1 << 10,
    OPTION_MONTH = 1 << 11,
    OPTION_REASON = 1 << 12,
    OPTION_WITHIN = 1 << 13,
    OPTION_AUTHORITY = 1 << 14,
    OPTION_SERVERS = 1 << 15,
    OPTION_CA = 1 << 16,
    OPTION_RECOVERY = 1 << 17,
    OPTION_NEW_PASSPHRASE_FILE = 1 << 18,
    OPTION_ALIKE = 1 << 19,
    OPTION_REVOKED = 1 << 20,
    OPTION_NONE_REVOKED = 1 << 21,
    OPTION_HEAD = 1 << 23,
    OPTION_OTHER_LOG = 1 << 24,
    OPTION_ROOT = 1 << 25,
    OPTION_ROOT_PASSPHRASE_FILE = 1 << 26,
    OPTION_LONGEST_PERIOD = 1 << 27,
    OPTION_TOLERANCE = 1 << 28,
    OPTION_HALF = 1 << 29,
    OPTION_HALF_PASSPHRASE_FILE = 1 << 30,
    OPTIONS_OF_ALL = OPTION_PASSPHRASE_FILE | OPTION_CRYPTO,
};

struct order {
    unsigned given; /* enum option_bit */
    const char *uri;
    const char *passphrase_file, *new_passphrase_file;
    const char *crypto;
    const char *out;
    const char *device_key;   /* its fingerprint */
    const char *reason;       /* empty when not given */
    const char *authority;    /* its reference */
    const char *servers, *ca; /* of the broker: addresses, and the file of its CA's certificate */
    const char *root, *root_passphrase_file; /* the file with the root's secret */
    const char *revoked;                     /* the file with the newest list of the revoked */
    const char *half, *half_passphrase_file; /* the file with the authority's half */
    bool recovery;                           /* of a new domain */
    int64_t month_ms;                        /* its first moment; 0 when not given */
    int64_t max_key_period_ms;
    int64_t within_ms;
    int64_t longest_period_ms, tolerance_ms; /* the domain's limits; as given */
    struct audit_mark head; /* a record of the audit log, as somebody noted it down */
    struct group_list groups;
    const char *domain;   /* the domain's file */
    const char *argument; /* a file, or an identity; may be NULL */
    const struct provider *provider;
};

/* Asks for the domain's passphrase, or reads it from the file given; for a new domain asks twice,
 * and for one that is long enough. The caller frees it. Errors of passphrase_from_file,
 * passphrase_from_terminal and new_passphrase_get. */
MUST_CHECK enum status order_passphrase(const struct order *order, bool is_new,
                                        struct secret **passphrase, struct error *error);

/* Asks for the passphrase and opens the domain, which the caller closes; notices an older state of
 * it (kms_watch). STATUS_NOT_FOUND when there is none, STATUS_INTERRUPTED, errors of turns_open and
 * kms_watch. */
MUST_CHECK enum status order_open(const struct order *order, struct kms **kms, struct error *error);

/* The same, and hands out the passphrase, which the caller frees. */
MUST_CHECK enum status order_open_with(const struct order *order, struct kms **kms,
                                       struct secret **passphrase, struct error *error);

/* The passphrase of the file `path` beside the domain's: the first line of `passphrase_file`, or
 * what somebody types after `prompt` where that is NULL. The caller frees it. STATUS_NOT_FOUND when
 * there is no such file; errors of passphrase_from_closed_file and passphrase_from_terminal. */
MUST_CHECK enum status order_other_passphrase(const char *path, const char *passphrase_file,
                                              const char *prompt, struct secret **passphrase,
                                              struct error *error);

/* Now, in milliseconds since 1970 UTC. */
int64_t order_now(void);

#endif
