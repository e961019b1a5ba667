/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys that a handset acts with: its own, and its domain's public keys. An ME has one set of
 * keys for ever; a handset with any other identity holds one for each of several months: the next
 * month's is issued in advance. Of an ended month the key that signs is kept for as long as clocks
 * may differ, and the one that opens for as long as what was sent may have waited.
 *
 * Messages name no period (app/README.md section 3). The handset tells the month by its own clock,
 * which may be wrong: when it holds no keys for that month, it uses those of the nearest.
 */
#ifndef MUSTER_APP_IDENTITY_KEYRING_H
#define MUSTER_APP_IDENTITY_KEYRING_H

#include "app/identity/credential.h"
#include "app/identity/lost.h"
#include "app/identity/revocation.h"
#include "app/moment.h"
#include "app/store/batch.h"
#include "crypto/i_message.h"

enum {
    KEYRING_TOLERANCE_MS =
        24 * 60 * 60 * 1000, /* a month's keys are accepted this long before and after it */
    KEYRING_HORIZON_MS =
        8 * 24 * 60 * 60 * 1000, /* what waits in a mailbox waits this long at most; as long after
                                  * their month's end keys open what was sent to them, and count
                                  * under a delivery */
    KEYRING_MONTHS_MAX = 3       /* the last one, this one, the next one */
};

/* The keys of one month, or an ME's. */
struct key_set {
    struct credential *credential;
    struct signing_key *signing_key; /* NULL: its time is over, and it was wiped */
    struct signing_key *manager_key; /* its manager's own, of a group identity (epoch.h); or NULL */
    struct receiver_key *receiver_key;
    int64_t begins_ms, ends_ms; /* their month; all time for an ME's */
    char record_key[RECORD_KEY_MAX + 1];
};

struct keyring {
    const struct provider *provider;
    struct credential *credential; /* the latest month's: the KMS's last word on the identity's name
                                    * and limits. NULL until one is restored */
    struct domain_key *domain;
    struct domain_key *authority; /* its authority's own; NULL where it has none */
    struct key_set sets[KEYRING_MONTHS_MAX];
    size_t count;
    const struct revocation *revoked; /* NULL: no list of the revoked is heeded */
    const struct lost *lost;          /* NULL: nobody is lost */
};

/* Loads the credential in `octets`, the value of the RECORD_CREDENTIAL with `key`: the errors of
 * credential_read and of the provider for keys that do not belong together; STATUS_ALREADY_DONE
 * when keys of another identity or domain, or of the same month, are held, STATUS_TOO_LONG for more
 * than KEYRING_MONTHS_MAX, STATUS_MALFORMED for a key that is not text. On failure the keyring is
 * unchanged. */
MUST_CHECK enum status keyring_load(struct keyring *keyring, struct span key, struct span octets);

/* A renewal: of the RECORD_CREDENTIAL records in `records` those that are put are loaded, each in
 * the place of the same month's, and those that are deleted go. Errors as keyring_load, but that
 * the same month's may be held; on failure the keyring is unchanged. Signing keys that were asked
 * for before are not valid any more. */
MUST_CHECK enum status keyring_renew(struct keyring *keyring, const struct batch *records);

/* `keyring`, which is empty, becomes what of `from` is public: its identity, its domain's keys and
 * limits, and the list that it heeds, which outlives both. It verifies, and neither signs nor opens
 * anything. STATUS_NOT_FOUND when `from` is empty, STATUS_NO_MEMORY and the provider's errors: it
 * is empty still. */
MUST_CHECK enum status keyring_copy_public(struct keyring *keyring, const struct keyring *from);

/* Wipes and frees what it holds. */
void keyring_clear(struct keyring *keyring);

/* The key that signs at `utc_ms`: that of the month, or of the nearest month held; NULL for an
 * empty keyring. */
const struct signing_key *keyring_signing_key(const struct keyring *keyring, int64_t utc_ms);

/* The moment at which the keys held at `now`'s wall clock are over: the end of its month and of
 * those held that follow it without a gap. Where its month's keys are not held, the end of the last
 * month before it, and without one that of the first month after it. INT64_MAX for an ME's keys and
 * for an empty keyring. */
int64_t keyring_ends_ms(const struct keyring *keyring, struct moment now);

/* The SSV of `message`, which may have waited, and has been verified by the keys of the month that
 * it is dated in. It is opened by the keys of the months that begin within KEYRING_TOLERANCE_MS of
 * `now`'s wall clock or ended less than KEYRING_HORIZON_MS before it, of later months about the
 * message's own time, since the wall clock may be set back, or of the nearest month; and only by
 * those of a month that is within KEYRING_TOLERANCE_MS of its date: who signs and who opens act in
 * one month. The errors of i_message_open; STATUS_MONTHS_DIFFER for one that other months' keys
 * open; STATUS_MONTH_NOT_HELD where it may have been encapsulated to keys that are not held: those
 * of the month in which it was made, or of now's. STATUS_KEY_INVALID for an empty keyring. ssv is
 * zeroed on failure. */
MUST_CHECK enum status keyring_open(const struct keyring *keyring, const struct i_message *message,
                                    struct moment now, uint8_t ssv[SSV_SIZE]);

/* The same for a message of now, verified by keyring_verify: it is not opened by the keys of a
 * month that ended more than KEYRING_TOLERANCE_MS before `now`'s wall clock, but for the nearest
 * month. How far its date is off does not matter, for its maker's clock may be wrong. */
MUST_CHECK enum status keyring_open_live(const struct keyring *keyring,
                                         const struct i_message *message, struct moment now,
                                         uint8_t ssv[SSV_SIZE]);

/* A set whose month ended `kept_ms` or more before `now`'s wall clock, so that it is time to wipe
 * it; NULL when there is none. The latest month's set stays until there is a later one: the handset
 * knows its identity and its domain from it, and a wrong clock must not cost the handset its last
 * keys. */
const struct key_set *keyring_ended(const struct keyring *keyring, struct moment now,
                                    int64_t kept_ms);

/* Such a set, after KEYRING_TOLERANCE_MS, that still has its signing key, which nobody accepts any
 * more. */
const struct key_set *keyring_done_signing(const struct keyring *keyring, struct moment now);

/* Wipes the signing key of `set`, which goes on opening. */
void keyring_wipe_signing(struct keyring *keyring, const struct key_set *set);

/* When `now`'s wall clock is before all months that keys are held for, it has lost the time: writes
 * a moment of each of these months and returns how many there are. 0 when it is not. */
size_t keyring_months_ahead(const struct keyring *keyring, struct moment now,
                            int64_t utc_ms[KEYRING_MONTHS_MAX]);

/* Wipes `set` and removes it. */
void keyring_drop(struct keyring *keyring, const struct key_set *set);

/* The public keys of the domain of that KMS. STATUS_DOMAIN_UNKNOWN. */
MUST_CHECK enum status keyring_domain(const struct keyring *keyring, const char *kms,
                                      const struct domain_key **domain);

/* Has the domain recovery on, so that its authority can open the D2D connections of its handsets?
 */
bool keyring_has_recovery(const struct keyring *keyring);

/* The public keys to which connections are opened in a domain that has recovery on: its authority's
 * own, or the domain's. */
const struct domain_key *keyring_authority(const struct keyring *keyring);

/* The limits of its domain: of those that its months' credentials hold the ones with the greatest
 * number, or limits_usual. */
struct limits keyring_limits(const struct keyring *keyring);

/* Of the heads of its KMS's log that its months' credentials hold the last one; number 0 without
 * any. */
struct log_head keyring_log(const struct keyring *keyring);

/* From now on nothing counts that is signed by an identity named in `list`, which outlives the
 * keyring. */
void keyring_heed(struct keyring *keyring, const struct revocation *list);

/* The same of whom its officer has reported lost. `lost` outlives the keyring. */
void keyring_heed_lost(struct keyring *keyring, const struct lost *lost);

/* Does anything count that this identity signs? STATUS_REVOKED when the list that is heeded names
 * it, STATUS_LOST when its officer has reported it lost. */
MUST_CHECK enum status keyring_admits(const struct keyring *keyring, const char *identity);

/* Is it one of either? */
bool keyring_refuses(const struct keyring *keyring, const char *identity);

/* Does `signature` over `message` verify for `identity`? Messages name no period: monthly
 * identities are tried with the months within KEYRING_TOLERANCE_MS of `now`'s wall clock, as long
 * as identifiers can express them. The errors of keyring_admits, whatever was signed;
 * STATUS_DOMAIN_UNKNOWN, STATUS_IDENTITY_INVALID, STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status keyring_verify(const struct keyring *keyring, const char *identity,
                                      const char *kms, struct moment now, struct span message,
                                      const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* The same of somebody who may be revoked or lost, to be shown as that. */
MUST_CHECK enum status keyring_verify_any(const struct keyring *keyring, const char *identity,
                                          const char *kms, struct moment now, struct span message,
                                          const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* When a message says that it was made, and how far from that the month may be whose keys signed
 * it. */
struct message_date {
    int64_t utc_ms, tolerance_ms;
};

/* As keyring_verify for a message that may have waited: monthly identities are tried with the
 * months of its date. STATUS_MONTH_ENDED when it verifies by keys whose month ended
 * KEYRING_HORIZON_MS or more before `now`'s wall clock: whoever took them later could have dated it
 * back. */
MUST_CHECK enum status keyring_verify_dated(const struct keyring *keyring, const char *identity,
                                            const char *kms, struct message_date date,
                                            struct moment now, struct span message,
                                            const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* Why keyring_verify refused it with STATUS_SIGNATURE_INVALID, at the cost of up to two signature
 * checks more: STATUS_MONTH_ENDED or STATUS_MONTH_NOT_YET when it verifies with the identity's keys
 * of the month before or after those that were tried, otherwise STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status keyring_explain(const struct keyring *keyring, const char *identity,
                                       struct moment now, struct span message,
                                       const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
