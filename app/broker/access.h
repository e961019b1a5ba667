/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access: how a handset, or a group's manager, reaches its domain's broker, and as whom. The KMS
 * issues it beside the keys (broker.h), sealed to the same device key; it is kept in the store.
 *
 * A handset has two tokens for one user. With the first it does all that a handset may. The second
 * lasts longer, and with it what was kept is fetched and nothing else (RIGHTS_FETCHER), so that who
 * did not come for its renewal in time still gets the list of the revoked and what is in its
 * mailbox. Both end at once when the user is shut out.
 */
#ifndef MUSTER_APP_BROKER_ACCESS_H
#define MUSTER_APP_BROKER_ACCESS_H

#include "app/broker/nkey.h"
#include "app/broker/topic.h"
#include "app/identity/enrolment.h"
#include "app/store/store.h"

enum {
    ACCESS_SERVERS_MAX = 240, /* addresses, separated by commas */
    ACCESS_CA_MAX = 2400,     /* PEM text of the CA that signs the broker's certificate */
    ACCESS_JWT_MAX = 1800,    /* with the names of GROUP_LIST_MAX groups */
    ACCESS_OCTETS_MAX = 1 + 8 + 1 + IDENTITY_MAX + 1 + TOPIC_NAME_SIZE + 2 + ACCESS_SERVERS_MAX +
                        2 + ACCESS_CA_MAX + 2 + ACCESS_JWT_MAX + 1 + NKEY_SEED_TEXT_SIZE + 8 + 2 +
                        ACCESS_JWT_MAX
};

/* Holds a secret: allocate it with access_new. */
struct access {
    char identity[IDENTITY_SIZE]; /* whose it is */
    char name[TOPIC_NAME_SIZE]; /* what the broker calls it: its opaque name (app/broker/topic.h) */
    int64_t until_ms;           /* when it ends, since 1970 UTC; but for fetching, */
    int64_t fetch_until_ms;     /* when that does; 0: there is no second token */
    char servers[ACCESS_SERVERS_MAX + 1];
    char ca[ACCESS_CA_MAX + 1];
    char jwt[ACCESS_JWT_MAX + 1];       /* until until_ms */
    char fetch_jwt[ACCESS_JWT_MAX + 1]; /* until fetch_until_ms; empty: there is none */
    char seed[NKEY_SEED_TEXT_SIZE];
};

/* Zeroed, in secret memory, or NULL; access_free wipes, and takes NULL. */
struct access *access_new(void);
void access_free(struct access *access);

/* Codec. One that was written before there was a second token is read, too. STATUS_TRUNCATED,
 * STATUS_MALFORMED, STATUS_TOO_LONG, STATUS_NEWER_VERSION. */
MUST_CHECK enum status access_write(const struct access *access, struct writer *out);
MUST_CHECK enum status access_read(struct span octets, struct access *access);

/* Appends the access as text, sealed to a device key, at most ARMOUR_TEXT_MAX octets. Errors of
 * access_write and armour_write, STATUS_KEY_INVALID for an invalid device key. */
MUST_CHECK enum status access_seal(const struct access *access,
                                   const uint8_t device_key[DEVICE_KEY_SIZE], struct writer *out);

/* The hash by which the KMS says which access a bundle has (app/identity/issuance.h). Errors of
 * access_write, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status access_hash(const struct access *access, uint8_t hash[SEAL_HASH_SIZE]);

/* Codec of the line of a bundle that says under which opaque name its mailbox is, for whoever puts
 * it there without opening it. The writer appends one line; the reader finds the first such one.
 */
void access_write_mailbox(const struct access *access, struct writer *out);
bool access_read_mailbox(struct span text, char name[TOPIC_NAME_SIZE]);

/* Opens the access in the `text` of the bundle that `credential` came in, with the handset's device
 * key. It must belong to the credential's identity and domain, and be the one that
 * credential->issue names. STATUS_NOT_FOUND when the bundle was issued without access,
 * STATUS_TRUNCATED when the access that it was issued with is missing, STATUS_SIGNATURE_INVALID for
 * one that the KMS did not sign, STATUS_SEAL_BROKEN when it is for another device or damaged,
 * STATUS_KEY_INVALID when it is another identity's. The caller frees *access, which is NULL on
 * failure. */
MUST_CHECK enum status access_open(struct span text, const struct device_key *key,
                                   const struct credential *credential, struct access **access);

/* Codec of the operator's access as text that is not sealed, for a file that the operator alone can
 * read. The writer appends at most ARMOUR_TEXT_MAX octets: errors of access_write and armour_write.
 * The reader takes a file's `text`: STATUS_NOT_FOUND when it holds no access, errors of armour_read
 * and access_read; the caller frees *access, which is NULL on failure. */
MUST_CHECK enum status access_write_open(const struct access *access, struct writer *out);
MUST_CHECK enum status access_read_open(struct span text, struct access **access);

/* Adds the access to `batch` as the RECORD_ACCESS of the handset's own identity, or if
 * `is_manager`, of the group identity that it is for. Errors of access_write and batch_put. */
MUST_CHECK enum status access_put(const struct access *access, bool is_manager,
                                  struct batch *batch);

/* The access in the store: that of the handset's own identity, or that of the group identity if
 * `group` is not NULL. STATUS_NOT_FOUND when there is none, errors of store_find and access_read.
 * The caller frees *access, which is NULL on failure. */
MUST_CHECK enum status access_load(struct store *store, const char *group, struct access **access,
                                   struct error *error);

#endif
