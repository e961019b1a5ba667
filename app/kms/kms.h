/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key management server's domain: its master secrets, and whom it has enrolled. It is kept in one
 * store (app/store/store.h), sealed under the operator's passphrase, so it has everything that a
 * store promises: whole transactions, one program at a time, no change unnoticed.
 *
 * An ME identity gets fixed keys and the maximum key period for ad-hoc GMKs (6.X.3.3.3.4); every
 * other identity gets the keys of a month: this one, or in advance the next. What the domain keeps
 * about them is its register (register.h); what it has done is in its audit log (audit.h).
 */
#ifndef MUSTER_APP_KMS_KMS_H
#define MUSTER_APP_KMS_KMS_H

#include "app/identity/bundle.h"
#include "app/store/store.h"

struct kms;

/* Draws the master secrets of a new domain called `uri` (sip:kms@county.example) and keeps them in
 * a new file at `path`. With `recovery`, which holds for good, the domain's authority can open the
 * D2D connections of its handsets (recovery.h); every credential says so. A domain made before
 * there was this setting has it off. `provider` must outlive the kms; the caller closes it. Errors
 * of store_create, STATUS_IDENTITY_INVALID and STATUS_TOO_LONG for the URI, errors of the provider.
 */
MUST_CHECK enum status kms_init(const char *path, const char *uri, bool recovery,
                                struct span passphrase, enum store_strength strength,
                                const struct provider *provider, const struct entropy *entropy,
                                struct kms **kms, struct error *error);

/* A domain held only in memory, for demonstrations and tests: it enrols like any other, but keeps
 * no list and is lost when it is closed. Errors as kms_init. */
MUST_CHECK enum status kms_init_in_memory(const char *uri, bool recovery,
                                          const struct provider *provider,
                                          const struct entropy *entropy, struct kms **kms,
                                          struct error *error);

/* Opens the domain at `path`. Errors of store_open and store_load, STATUS_NOT_FOUND also for a
 * store that holds no domain (a handset's). */
MUST_CHECK enum status kms_open(const char *path, struct span passphrase,
                                const struct provider *provider, struct kms **kms,
                                struct error *error);

/* Wipes and frees; NULL is allowed. */
void kms_close(struct kms *kms);

/* The domain's name, as long as the kms is open. */
const char *kms_uri(const struct kms *kms);

/* Its setting; and whether that needs the authority's half as well (half.h). */
bool kms_has_recovery(const struct kms *kms);
bool kms_is_split(const struct kms *kms);

/* The domain's fingerprint: what credential_fingerprint says of each credential it issues. */
void kms_fingerprint(const struct kms *kms, char out[FINGERPRINT_SIZE]);

/* How an identity is to be enrolled. */
struct kms_terms {
    int64_t now_ms;                  /* since 1970 UTC: tells the month of the keys */
    int64_t max_key_period_ms;       /* for ad-hoc GMKs; more than 0 */
    bool replace;                    /* enrol although another device key holds this identity */
    int64_t month_ms;                /* a moment of the keys' month; 0 for the one of now_ms */
    const struct group_list *groups; /* the standard groups that it belongs to; NULL: none */
    bool refuse_alike;               /* no name that looks like another enrolled identity's */
    uint64_t after; /* the number of the attestation of its name is greater; kms_enroll knows it */
    uint64_t term;  /* in which the device manages it as a group (identity/epoch.h); 0: in a new
                     * one. kms_enroll knows it where the device has not changed */
};

/* Issues the keys of request->identity and appends the bundle as text (at most ENROLMENT_TEXT_MAX
 * octets) to `bundle`; the enrolment is durable in the domain's file, and in its audit log, before
 * this returns. STATUS_ALREADY_DONE when the identity is enrolled for another device key and
 * terms->replace is not set (for the same key it is enrolled anew). STATUS_NOT_ALLOWED for the
 * domain's own URI as identity or group, a revoked identity, a domain that is unsettled
 * (continuity.h), a name that looks like another enrolled identity's or like its digits (alike.h)
 * with terms->refuse_alike, a month that is neither this nor the next, any month for an ME's fixed
 * keys, or a month for which the root has not certified the domain's keys (statements.h);
 * STATUS_MALFORMED for a maximum key period of 0 or less; errors of identifier_of,
 * enrolment_bundle_sign, enrolment_bundle_seal, store_apply and of the provider. On failure nothing
 * was appended and nothing recorded. */
MUST_CHECK enum status kms_enroll(struct kms *kms, const struct enrolment_request *request,
                                  const struct kms_terms *terms, const struct entropy *entropy,
                                  struct writer *bundle, struct error *error);

/* Sets the domain's broker: it is at `servers` (addresses, separated by commas; NULL: where it
 * was), and its certificate is signed by one of those in `ca` (PEM; anything but certificates is
 * left out; without octets: by the same as before). Every identity that is enrolled or renewed from
 * now on gets access to it. Its keys are drawn the first time, and again if `replace`, which ends
 * all earlier access. Appends the configuration for nats-server to `configuration`; it shuts out
 * who is revoked. STATUS_NOT_FOUND where something is to stay as it was and there is no broker yet,
 * STATUS_MALFORMED for invalid addresses, errors of broker_set_ca, shut_out_configure, audit_append
 * and store_apply; then nothing has changed. */
MUST_CHECK enum status kms_set_broker(struct kms *kms, const char *servers, struct span ca,
                                      bool replace, int64_t now_ms, const struct entropy *entropy,
                                      struct writer *configuration, struct error *error);

/* The addresses of the domain's broker, as long as the kms is open and none is set; NULL while it
 * has none. */
const char *kms_broker_servers(const struct kms *kms);

/* Appends the access of the operator of the domain's broker, which it must have, as text
 * (access_write_open). Errors of broker_issue_operator and access_write_open. */
MUST_CHECK enum status kms_operator_access(const struct kms *kms, int64_t now_ms,
                                           struct writer *out, struct error *error);

/* A whole enrolment in one place, for demonstrations and tests: draws a device key, writes and
 * reads the request, enrols, opens the bundle, and adds the device key and the credential to
 * `batch`, as a handset's store holds them. Errors of all these steps. */
MUST_CHECK enum status kms_enroll_in_memory(struct kms *kms, const char *identity,
                                            const char *display_name, const struct kms_terms *terms,
                                            const struct entropy *entropy, struct batch *batch,
                                            struct error *error);

#endif
