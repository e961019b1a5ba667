/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tally of a store: the exclusive or of a keyed hash of each row, sealed. It changes in the
 * same transaction as the rows, so that a row put back to an older value, left out or added is
 * noticed; twice the same row, which would cancel out, is refused for its name.
 */
#ifndef MUSTER_APP_STORE_TALLY_H
#define MUSTER_APP_STORE_TALLY_H

#include "app/store/row.h"

enum {
    TALLY_SIZE = SEAL_HASH_SIZE,
    TALLY_SEALED_SIZE = TALLY_SIZE + SEAL_OVERHEAD
};

/* Adds a row to a tally, or takes it out again: both are the same. STATUS_SEAL_BROKEN for a name of
 * another length, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status tally_row(const struct store_keys *keys, struct span name,
                                 struct span record, uint8_t tally[TALLY_SIZE]);

/* Appends the tally, sealed (TALLY_SEALED_SIZE octets), to `out`. Errors of seal_close. */
MUST_CHECK enum status tally_close(const struct store_keys *keys, const uint8_t tally[TALLY_SIZE],
                                   const struct entropy *entropy, struct writer *out);

/* The tally out of what was sealed. STATUS_SEAL_BROKEN, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status tally_open(const struct store_keys *keys, struct span sealed,
                                  uint8_t tally[TALLY_SIZE]);

/* Are the rows of `database` those that `tally` was made of? STATUS_SEAL_BROKEN when they are not,
 * errors of database_each. */
MUST_CHECK enum status tally_check(const struct store_keys *keys, const uint8_t tally[TALLY_SIZE],
                                   struct database *database, struct error *error);

#endif
