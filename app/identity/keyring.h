/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys that a handset acts with: its own, and its domain's public keys. An ME has one set of
 * its own, for ever; under another identity it holds one for each of several months: the next
 * month's is issued ahead, and the last one's is kept for as long as clocks may differ.
 *
 * Messages name no period (app/README.md section 3). What month it is the handset tells by its own
 * clock, which may be wrong: when it holds no keys of the month, it uses those of the nearest.
 */
#ifndef MUSTER_APP_IDENTITY_KEYRING_H
#define MUSTER_APP_IDENTITY_KEYRING_H

#include "app/identity/credential.h"
#include "app/moment.h"
#include "app/store/batch.h"
#include "crypto/i_message.h"

enum {
    KEYRING_TOLERANCE_MS = 24 * 60 * 60 * 1000, /* a month's keys are taken this long around it */
    KEYRING_MONTHS_MAX = 3                      /* the last one, this one, the next one */
};

/* The keys of one month, or an ME's. */
struct key_set {
    struct credential *credential;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
    int64_t begins_ms, ends_ms; /* their month; all time for an ME's */
    char record_key[RECORD_KEY_MAX + 1];
};

struct keyring {
    const struct provider *provider;
    struct credential *credential; /* the latest month's: the KMS's last word on the identity's name
                                    * and limits. NULL until one is restored */
    struct domain_key *domain;
    struct key_set sets[KEYRING_MONTHS_MAX];
    size_t count;
};

/* Loads the credential in `octets`, the value of the RECORD_CREDENTIAL with `key`: the errors of
 * credential_read and of the provider for keys that do not belong together; STATUS_ALREADY_DONE
 * when keys of another identity or domain, or of the same month, are held, STATUS_TOO_LONG for
 * more than KEYRING_MONTHS_MAX, STATUS_MALFORMED for a key that is no text. On failure the keyring
 * is as it was. */
MUST_CHECK enum status keyring_load(struct keyring *keyring, struct span key, struct span octets);

/* Wipes and frees what it holds. */
void keyring_clear(struct keyring *keyring);

/* The key that signs at `utc_ms`: that of the month, or of the nearest that is held; NULL in an
 * empty keyring. */
const struct signing_key *keyring_signing_key(const struct keyring *keyring, int64_t utc_ms);

/* The SSV of `message`, which has been verified, by the keys of the months within
 * KEYRING_TOLERANCE_MS of `now`'s wall clock, or of the nearest month. The errors of
 * i_message_open; STATUS_KEY_INVALID in an empty keyring. */
MUST_CHECK enum status keyring_open(const struct keyring *keyring, const struct i_message *message,
                                    struct moment now, uint8_t ssv[SSV_SIZE]);

/* A set whose month has ended more than KEYRING_TOLERANCE_MS before `now`'s wall clock, so that it
 * is time to wipe it; NULL when there is none. The latest month's stays until a later one is
 * there: the handset knows its identity and its domain from it, and a clock that is wrong must not
 * cost it its last keys. */
const struct key_set *keyring_ended(const struct keyring *keyring, struct moment now);

/* Wipes `set` and takes it out. */
void keyring_drop(struct keyring *keyring, const struct key_set *set);

/* The public keys of the domain of that KMS. STATUS_DOMAIN_UNKNOWN. */
MUST_CHECK enum status keyring_domain(const struct keyring *keyring, const char *kms,
                                      const struct domain_key **domain);

/* Does `signature` over `message` verify for `identity`? Messages name no period: monthly
 * identities are tried with the months within KEYRING_TOLERANCE_MS of `now`'s wall clock, as far as
 * identifiers have such months. STATUS_DOMAIN_UNKNOWN, STATUS_IDENTITY_INVALID,
 * STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status keyring_verify(const struct keyring *keyring, const char *identity,
                                      const char *kms, struct moment now, struct span message,
                                      const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
