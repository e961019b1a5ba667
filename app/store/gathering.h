/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All records that are to have keys of their own, as batches that put them once more: how a store
 * of an earlier version is sealed anew.
 */
#ifndef MUSTER_APP_STORE_GATHERING_H
#define MUSTER_APP_STORE_GATHERING_H

#include "app/store/batch.h"

/* Begins all zero. */
struct gathering {
    struct batch **list;
    size_t count;
};

/* For store_load, with a struct gathering: takes the record if it is one of them.
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status gathering_take(void *context, enum record_kind kind, struct span key,
                                      struct span value);

/* Wipes and frees all batches. */
void gathering_free(struct gathering *all);

#endif
