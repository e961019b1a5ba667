/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked that this handset holds (identity/revocation.h): the one with the
 * greatest number that it was ever shown, over restarts. The keyring takes no signature of whom it
 * names.
 */
#ifndef MUSTER_APP_HANDSET_DESK_REVOKED_H
#define MUSTER_APP_HANDSET_DESK_REVOKED_H

#include "app/handset/view.h"
#include "app/identity/keyring.h"
#include "app/identity/revocation.h"

struct revoked {
    struct revocation list;   /* number 0: there is none yet */
    struct revocation before; /* the one whose place it took: whom that named is known already */
    uint64_t version;         /* changes with the list */
};

/* Is it worth a look: of the domain of `kms`, and newer than what is held? STATUS_DOMAIN_UNKNOWN,
 * STATUS_ALREADY_DONE for the one that is held, STATUS_REPLAYED for an older one. */
MUST_CHECK enum status revoked_compare(const struct revoked *revoked, const char *kms,
                                       const struct revocation *list);

/* Takes `list` in place of the one that is held, if the KMS signed it. The errors of
 * revoked_compare and revocation_verify; then nothing has changed. */
MUST_CHECK enum status revoked_take(struct revoked *revoked, struct keyring *keyring,
                                    const struct revocation *list);

/* A RECORD_REVOKED of the store. The errors of revocation_read. */
MUST_CHECK enum status revoked_restore(struct revoked *revoked, struct span value);

/* All records are there: the keyring heeds the list from now on, unless it is another domain's. */
void revoked_start(struct revoked *revoked, struct keyring *keyring);

/* The number of the list that is held; 0: none. */
uint64_t revoked_number(const struct revoked *revoked);

/* Does the list name that identity, and the one before it did not? */
bool revoked_is_new(const struct revoked *revoked, const char *identity);

/* Into the view: which list is held, how old it is, and whether it names this handset. */
void revoked_show(const struct revoked *revoked, const struct keyring *keyring, struct moment now,
                  struct view_revoked *view);

#endif
