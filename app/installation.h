/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Installation: how a bundle's keys join those in a handset's store. Keys of another month are put
 * beside those held, keys of the same month replace them, and keys of months that are certainly
 * past are dropped (app/identity/keyring.h).
 */
#ifndef MUSTER_APP_INSTALLATION_H
#define MUSTER_APP_INSTALLATION_H

#include "app/broker/access.h"
#include "app/identity/bundle.h"
#include "app/identity/requests.h"
#include "app/identity/revocation.h"
#include "app/store/store.h"

enum {
    INSTALLATION_HELD_MAX = 16 /* more than a store ever holds, so that any can be tidied up */
};

/* The keys that a store holds. */
struct installation {
    enum record_kind kind;     /* RECORD_CREDENTIAL, or RECORD_MANAGER_KEYS of one group identity */
    struct credential *latest; /* the latest month's; its identity is empty when none are held */
    size_t count;
    struct {
        char record_key[RECORD_KEY_MAX + 1];
        int64_t begins_ms, ends_ms; /* the month; both 0 for an ME's keys */
    } held[INSTALLATION_HELD_MAX];
};

/* Reads what the store holds: the handset's own keys, or if `group` is not NULL those of that group
 * identity, by which it manages the group. Errors of store_load and credential_read,
 * STATUS_NO_MEMORY. The caller calls installation_clear, even after a failure. */
MUST_CHECK enum status installation_read(struct store *store, const char *group,
                                         struct installation *installation, struct error *error);

/* Wipes and frees what it holds. */
void installation_clear(struct installation *installation);

/* What the store says about the requests for `identity` and the answers to them; zeroes where it
 * says nothing. Errors of store_find and requests_read. */
MUST_CHECK enum status installation_requests(struct store *store, const char *identity,
                                             struct requests *requests, struct error *error);

/* Whose keys a store holds, as seen from those of one domain. */
enum installed_domain {
    INSTALLED_NONE,  /* nobody's yet */
    INSTALLED_OTHER, /* another domain's */
    INSTALLED_SAME   /* that domain's, perhaps beside others' */
};

/* Does the store hold keys of the domain of `credential`, a handset's or a manager's, so that its
 * officer has compared the fingerprint before? It has the same root; or, of two that have none or
 * that got one since, the same keys. Errors of store_load and credential_read. */
MUST_CHECK enum status installation_domain(struct store *store, const struct credential *credential,
                                           enum installed_domain *installed, struct error *error);

/* Is it a credential of the same domain, in the same sense, as one held? */
bool installation_is_same_domain(const struct credential *held,
                                 const struct credential *credential);

/* Do both have the same domain's public keys, and is recovery as it was? */
bool installation_has_same_keys(const struct credential *a, const struct credential *b);

/* The list of the revoked in a bundle's `text`, where it is newer than the one in the store; its
 * number is 0 where there is none to be taken. STATUS_SIGNATURE_INVALID for one that the KMS of
 * `credential` did not sign, and for another KMS's; errors of revocation_read_text, store_find and
 * revocation_verify. */
MUST_CHECK enum status installation_list(struct store *store, struct span text,
                                         const struct credential *credential,
                                         const struct provider *provider, struct revocation *list,
                                         struct error *error);

/* Adds to `batch` what it takes to have `credential` beside what is held, or in its place, with the
 * access to the broker and the list of the revoked, each of which may be NULL, and with its number
 * as the newest in `requests`. A month is over once `now_ms`, by this machine's clock, and the KMS
 * say so, which signed when it issued `credential`. The caller has made sure that
 * the identity is the one held, and that a different domain may replace the one held. Errors of
 * enrolment_install. */
MUST_CHECK enum status installation_put(const struct installation *installation,
                                        const struct credential *credential,
                                        const struct access *access, const struct revocation *list,
                                        const struct requests *requests, int64_t now_ms,
                                        struct batch *batch);

/* Makes that durable in one step. Errors of installation_put and store_apply; then nothing has
 * changed. */
MUST_CHECK enum status installation_add(const struct installation *installation,
                                        struct store *store, const struct credential *credential,
                                        const struct access *access, const struct revocation *list,
                                        const struct requests *requests, int64_t now_ms,
                                        struct error *error);

/* The device key of the store, which the caller frees; *key is NULL where it has none. Errors of
 * store_find and device_key_read. */
MUST_CHECK enum status installation_device_key(struct store *store, struct device_key **key,
                                               struct error *error);

#endif
