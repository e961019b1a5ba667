/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command line of muster-gm says, and what every command does with it first.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_ORDER_H
#define MUSTER_APP_PROGRAMS_GM_ORDER_H

#include <limits.h>

#include "app/manager/managed_group.h"
#include "app/store/store.h"

/* A bit for each option, so that a command can say which it takes. */
enum gm_option {
    GM_STORE = 1 << 0,
    GM_PASSPHRASE_FILE = 1 << 1,
    GM_CRYPTO = 1 << 2,
    GM_GROUP = 1 << 3,
    GM_OUT = 1 << 4,
    GM_NAME = 1 << 5,
    GM_LIST = 1 << 6,
    GM_PERIOD = 1 << 7,
    GM_BEGINS_IN = 1 << 8,
    GM_OVER = 1 << 9,
    GM_WAIT = 1 << 10,
    GM_NEW = 1 << 11,
    GM_AGAIN = 1 << 12,
    GM_FROM = 1 << 13,
    GM_FINGERPRINT = 1 << 14,
    GM_REPLACE = 1 << 15,
    GM_REPLICAS = 1 << 18,
    GM_YES = 1 << 19,
    GM_HELP = 1 << 16,
    GM_VERSION = 1 << 17,
    GM_OPERATOR = 1 << 21,
    GM_NUMBER = 1 << 22,
    GM_OF_ALL = GM_STORE | GM_PASSPHRASE_FILE | GM_CRYPTO,
};

struct gm_order {
    unsigned given; /* enum gm_option */
    char store[PATH_MAX];
    const char *passphrase_file, *crypto;
    const char *group; /* NULL: the one that the store manages */
    const char *out, *name, *list, *from, *over, *again, *fingerprint;
    const char *operator_file; /* with the broker's operator's access */
    int64_t period_ms;         /* of the new GMK */
    int64_t begins_in_ms;      /* until it begins */
    int64_t wait_ms;           /* for receipts, where the path has them */
    unsigned replicas;         /* of the broker's stream */
    uint32_t number;           /* of an exclusion; 0: none was given */
    char *const *arguments;
    int argument_count;
    const struct provider *provider;
};

/* The store, open, and the group of the order. */
struct gm {
    struct store *store;
    struct managed_group *group;
};

/* Opens the order's store, asking for its passphrase, and loads the order's group; gm_close closes
 * both. STATUS_NOT_FOUND when there is no store, or it does not manage that group,
 * STATUS_NOT_ALLOWED when it manages several and the order names none, errors of store_open,
 * store_load and managed_group_restore. */
MUST_CHECK enum status gm_open(const struct gm_order *order, struct gm *gm, struct error *error);

void gm_close(struct gm *gm);

/* Makes the batch durable and frees it; `status` is the result of filling it, and is returned if it
 * is a failure. */
MUST_CHECK enum status gm_apply(const struct gm *gm, enum status status, struct batch *batch,
                                struct error *error);

/* Wipes the group identity's keys of months that are over by this machine's clock. Not for what
 * only looks: a clock that is ahead would cost the group this month's keys. Errors of gm_apply. */
MUST_CHECK enum status gm_drop_ended_months(const struct gm *gm, struct error *error);

/* Now, in milliseconds since 1970 UTC. */
int64_t gm_now(void);

#endif
