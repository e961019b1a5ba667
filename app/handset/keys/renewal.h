/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * New keys for a handset that runs: the next month's, this month's once more, or for an ME nothing
 * but a new access to the broker. The program around the engine has fetched and checked the bundle
 * (app/programs/renewing.h); the engine takes the keys into its keyring and has all records of it
 * made durable in one batch, so that a restart finds either what was there before or all of it.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_RENEWAL_H
#define MUSTER_APP_HANDSET_KEYS_RENEWAL_H

#include "app/handset/desk/desk.h"

struct renewal {
    struct batch *records; /* RECORD_CREDENTIAL and all that belongs to it; the engine's, and NULL,
                            * once it was taken */
    const struct revocation *list; /* of the revoked, signed by the KMS; or NULL */
    const struct credential *credential;
    int64_t access_until_ms; /* since 1970; 0: there is no access to a broker */
};

/* Carries out COMMAND_RENEW, and tells that once it is durable. The list counts if it is newer than
 * the one that is held. STATUS_ALREADY_DONE for keys of another identity or domain; errors of
 * keyring_renew and of the provider: nothing has changed, and *problem says why. STATUS_NO_MEMORY:
 * the same, or the keys are in use and not durable; then it is to be given once more. */
MUST_CHECK enum status renewal_take(struct desk *desk, struct moment now, struct renewal *renewal,
                                    struct event *problem);

#endif
