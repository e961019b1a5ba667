/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked as the KMS hands it out (identity/revocation.h): made of the register,
 * and numbered so that each is newer than all before it.
 */
#ifndef MUSTER_APP_KMS_REVOKED_LIST_H
#define MUSTER_APP_KMS_REVOKED_LIST_H

#include "app/identity/revocation.h"
#include "app/kms/register.h"

/* Who is revoked stays on the list for so long after the end of its last month, in which clocks
 * that are set wrong may still take its keys. An ME, whose keys never end, stays on it. */
#define REVOKED_LIST_KEEP_MS (31 * INT64_C(24) * 3600 * 1000)

/* A list that goes out with bundles is at most so old. */
#define REVOKED_LIST_FRESH_MS (7 * INT64_C(24) * 3600 * 1000)

/* Is the entry's identity revoked, and still to be named? */
bool revoked_list_names(const struct register_entry *entry, int64_t now_ms);

/* Makes the list of now. Its number is the greater of the last one's plus one and the seconds since
 * 1970, so that a KMS that was restored from a copy does not fall behind itself; it is durable
 * before this returns. STATUS_NOT_ALLOWED of a domain that is
 * unsettled (continuity.h), STATUS_TOO_LONG for more than REVOCATION_NAMES_MAX identities, errors
 * of register_list, store_find, store_apply and of the provider; then no list was made. */
MUST_CHECK enum status revoked_list_make(struct kms *kms, int64_t now_ms,
                                         const struct entropy *entropy, struct revocation *list,
                                         struct error *error);

/* The list that goes out with what the KMS issues now: the latest one, where it names whom one made
 * now would and is not old, else one that is made. Its number is 0, and there is none, where nobody
 * was ever revoked and no list was made. Where more are revoked than a list can name it is the
 * latest one, and that none was made nobody is told: revoked_list_make says so, and who revokes
 * calls that. Errors of revoked_list_make. */
MUST_CHECK enum status revoked_list_newest(struct kms *kms, int64_t now_ms,
                                           const struct entropy *entropy, struct revocation *list,
                                           struct error *error);

/* Appends that list, if there is one, to a bundle's text: REVOCATION_TEXT_MAX octets at most.
 * Errors of revoked_list_newest and revocation_write_text. */
MUST_CHECK enum status revoked_list_append(struct kms *kms, int64_t now_ms,
                                           const struct entropy *entropy, struct writer *bundle,
                                           struct error *error);

/* --- For the files of app/kms/ -------------------------------------------------------------- */

/* The number of the latest list that this domain knows of; 0: there is none. Errors of store_find.
 */
MUST_CHECK enum status revoked_list_last(struct kms *kms, uint64_t *number, struct error *error);

/* The latest list that this domain has made; its number is 0 where it made none or has lost it.
 * Errors of store_find and revocation_read. */
MUST_CHECK enum status revoked_list_latest(struct kms *kms, struct revocation *list,
                                           struct error *error);

/* Adds to `batch` that this is it. Errors of batch_put. */
MUST_CHECK enum status revoked_list_put_last(uint64_t number, struct batch *batch);

#endif
