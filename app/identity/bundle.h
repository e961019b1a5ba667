/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bundle: what a KMS answers to a request (enrolment.h). It is the identity that it is for, in
 * the clear, and in a box that only the handset's device key opens the credential and the KMS's
 * signed word for what the bundle gives (issuance.h). Anybody can close such a box; what counts is
 * signed.
 */
#ifndef MUSTER_APP_IDENTITY_BUNDLE_H
#define MUSTER_APP_IDENTITY_BUNDLE_H

#include "app/identity/enrolment.h"

/* Fills in credential->issue: signs with the KMS's `key` for statements, under `number`, that the
 * bundle with this credential answers `request`, with the access to the broker that has the hash
 * `access`, or none when that is NULL. Nothing in the credential may change after it. Errors of
 * credential_write and issuance_sign. */
MUST_CHECK enum status enrolment_bundle_sign(struct credential *credential,
                                             const struct enrolment_request *request,
                                             const uint8_t access[SEAL_HASH_SIZE], uint64_t number,
                                             const struct provider *provider,
                                             const struct signing_key *key,
                                             const struct entropy *entropy);

/* Appends the bundle with `credential`, which is signed, for the device of `device_key` (its public
 * half) as text (at most ENROLMENT_TEXT_MAX octets) to `out`. STATUS_TOO_LONG, STATUS_KEY_INVALID
 * for an invalid device key, STATUS_NO_MEMORY. */
MUST_CHECK enum status enrolment_bundle_seal(const struct credential *credential,
                                             const uint8_t device_key[DEVICE_KEY_SIZE],
                                             struct writer *out);

/* Opens a bundle from a file's `text` with the handset's device key, and loads the keys in it with
 * `provider`, so that a key that does not belong to identity and domain is refused before it is
 * stored. STATUS_SIGNATURE_INVALID for what the domain's KMS, or the root named in it, did not sign
 * so, also for a bundle from before they were signed; STATUS_WRONG_RECIPIENT when it is for another
 * device key or answers another request than this device's for that identity and name,
 * STATUS_NOT_ALLOWED when the root's certificate had ended, STATUS_TRUNCATED, STATUS_MALFORMED,
 * STATUS_NEWER_VERSION, STATUS_SEAL_BROKEN, STATUS_KEY_INVALID, STATUS_POINT_INVALID,
 * STATUS_IDENTITY_INVALID, STATUS_TOO_LONG, STATUS_NO_MEMORY. The caller frees *credential, which
 * is NULL on failure; its issue says what else the bundle has (app/broker/access.h), and its number
 * (requests.h). */
MUST_CHECK enum status enrolment_bundle_open(const char *name, struct span text,
                                             const struct device_key *key,
                                             const struct provider *provider,
                                             struct credential **credential, struct error *error);

/* Whom a bundle says in the clear that it is for; nobody vouches for that. STATUS_TRUNCATED,
 * STATUS_MALFORMED, STATUS_NEWER_VERSION, STATUS_IDENTITY_INVALID, STATUS_TOO_LONG,
 * STATUS_SIGNATURE_INVALID for one from before they were signed; errors of armour_read. */
MUST_CHECK enum status enrolment_bundle_owner(struct span text, char identity[IDENTITY_SIZE],
                                              uint8_t device_key[DEVICE_KEY_SIZE]);

/* Do the credential's keys belong to its identifier and domain, as `provider` sees it (RFC 6508
 * 6.1.2, RFC 6507 5.1.2), and is the attestation of its name, if there is one, that domain's?
 * STATUS_SIGNATURE_INVALID, STATUS_KEY_INVALID, STATUS_POINT_INVALID, the provider's errors. */
MUST_CHECK enum status enrolment_keys_check(const struct credential *credential,
                                            const struct provider *provider);

/* Adds the credential to `batch` as a separate record: a RECORD_CREDENTIAL, or a
 * RECORD_MANAGER_KEYS if it is a group identity's, for the group's manager; an ME's under its
 * identity, a monthly one under identity and month, so that one month's does not replace another's.
 * Errors of credential_write and batch_put. */
MUST_CHECK enum status enrolment_install(const struct credential *credential, enum record_kind kind,
                                         struct batch *batch);

#endif
