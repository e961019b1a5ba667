/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Somebody who has all files of a store, and its passphrase: searches every octet of each for what
 * can still be opened, and does not ask the program whether it is deleted.
 *
 * It takes each place of each file for a store's head, for a key of the key file, for the sealed
 * keys of the records, and for a record sealed under any key that it came by.
 */
#ifndef MUSTER_TESTS_APP_THIEF_H
#define MUSTER_TESTS_APP_THIEF_H

#include "app/store/batch.h"

enum {
    THIEF_FINDINGS_MAX = 64,
    THIEF_VALUE_SIZE = 16
};

struct thief {
    size_t heads; /* that the passphrase opens, however often they are there */
    size_t count; /* values of the record, each once */
    char values[THIEF_FINDINGS_MAX][THIEF_VALUE_SIZE];
};

/* Searches all files whose path begins with `store` for values of the record: what they begin with,
 * up to a full stop, or THIEF_VALUE_SIZE - 1 octets. Key and value begin are in one page for
 * records of less than 900 octets, and for what larger ones begin with. Finds the keys of at most
 * four records. */
void thief_search(const char *store, struct span passphrase, enum record_kind kind, const char *key,
                  struct thief *thief);

bool thief_has(const struct thief *thief, const char *value);

#endif
