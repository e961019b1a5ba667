/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a struct kms, only for the files of app/kms/, and how one of its bundles is made.
 */
#ifndef MUSTER_APP_KMS_DOMAIN_H
#define MUSTER_APP_KMS_DOMAIN_H

#include "app/broker/broker.h"
#include "app/kms/audit.h"
#include "app/kms/continuity.h"
#include "app/kms/kms.h"

struct register_entry;

/* Lives in secret memory. */
struct kms {
    struct store *store; /* NULL for a domain in memory alone */
    const struct provider *provider;
    struct master_key *master;
    struct domain_key *domain;
    struct signing_key *statements; /* what signs what the KMS says itself (crypto/statement.h) */
    char uri[IDENTITY_SIZE];
    uint8_t z_secret[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    uint8_t z[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
    bool recovery;
    uint8_t authority[SAKKE_POINT_SIZE]; /* the public key of its half (half.h); zero: none */
    struct certificate certificate; /* the root's, of these keys; none in a domain without a root */
    bool has_root_secret;           /* it was not taken out */
    uint8_t root_secret[ROOT_SEED_SIZE];
    struct log_head log;   /* where its audit log ended when it was opened: bundles say so */
    struct limits limits;  /* the domain's; none while nothing was said */
    struct broker *broker; /* NULL while the domain has none */
    bool is_watched;       /* its witness is written when it is closed (continuity.h) */
    struct unsettled unsettled;
    struct revocation carried; /* the revoked whom the register does not know */
};

/* Sets *error to "domain URI: status". */
enum status kms_failure(const struct kms *kms, enum status status, struct error *error);

/* Adds the domain's record, with its secrets, to `batch`. STATUS_NO_MEMORY, errors of batch_put. */
MUST_CHECK enum status kms_put_domain(const struct kms *kms, struct batch *batch);

/* What every credential of the domain says about it. */
void kms_describe_domain(const struct kms *kms, struct credential *credential);

/* Reads the domain's broker from its store into `kms`, which has none yet. Errors of store_find. */
MUST_CHECK enum status kms_load_broker(struct kms *kms, struct error *error);

/* Is the broker in the store still the one that was loaded? STATUS_NOT_ALLOWED when it is not;
 * errors of store_find. */
MUST_CHECK enum status kms_check_broker(const struct kms *kms, struct error *error);

/* The number of what is stated now, after a statement that had the number `last`: the greater of
 * that plus one and the seconds since 1970, so that it is greater also than those that a lost
 * register had (crypto/statement.h). */
uint64_t kms_number_after(uint64_t last, int64_t now_ms);

/* That of the statement that these terms issue. */
uint64_t kms_number(const struct kms_terms *terms);

/* Reads what the open store kms->store holds of a domain into `kms`; `path` is the store's, for
 * messages. Errors of kms_open. */
MUST_CHECK enum status kms_load(struct kms *kms, const char *path, struct error *error);
/* The term in which the device of these terms manages its identity as a group: terms->term, or a
 * new one, the greatest so far; 0 for an identity that is no group's. */
uint64_t kms_term(const struct enrolment_request *request, const struct kms_terms *terms);

/* The term that a device with this entry has; 0 for another device, with which a new one begins. */
uint64_t kms_held_term(const struct register_entry *held, const struct enrolment_request *request);

/* The end of an ME's access to the broker, but for fetching and two days of grace, that was issued
 * then: that of the month after. */
int64_t kms_me_access_ends_ms(int64_t issued_ms);

/* Issues the keys of request->identity for the month in `terms` (an ME's are fixed), with the
 * groups listed there, and appends the bundle as text to `bundle`, with access to the broker if the
 * domain has one. The caller has checked that this is allowed. Changes nothing in `kms`, so several
 * threads may issue at the same time. Errors of statements_check, identifier_of, broker_issue,
 * enrolment_bundle_sign, enrolment_bundle_seal and of the provider. */
MUST_CHECK enum status kms_issue(const struct kms *kms, const struct enrolment_request *request,
                                 const struct kms_terms *terms, const struct entropy *entropy,
                                 struct writer *bundle, struct error *error);

/* The entry that this enrolment makes from the one held, whose identity is empty when there is
 * none. */
void kms_fill_entry(struct register_entry *entry, const struct enrolment_request *request,
                    const struct kms_terms *terms);

/* What the audit log says of a bundle that is made for this request: the month of its keys, the
 * device key, and the term in which the device manages the identity if that is a group's. */
void kms_fill_record(struct audit_record *record, enum audit_action action,
                     const struct enrolment_request *request, const struct kms_terms *terms);

/* The checks of kms_enroll that need no register: the domain's own URI, the period, the month, and
 * who was revoked before the domain was restored.
 * STATUS_NOT_ALLOWED, STATUS_MALFORMED. */
MUST_CHECK enum status kms_check_terms(const struct kms *kms,
                                       const struct enrolment_request *request,
                                       const struct kms_terms *terms, struct error *error);

/* STATUS_ALREADY_DONE: the identity is enrolled for the device with that key. */
enum status kms_refuse_other_device(const struct enrolment_request *request,
                                    const uint8_t device_key[DEVICE_KEY_SIZE], struct error *error);

/* One bundle to be issued. */
struct kms_issue {
    const struct enrolment_request *request;
    const struct kms_terms *terms;
    struct writer *bundle;
};

enum {
    KMS_ISSUE_MAX = 30
};

/* The same for several at once, KMS_ISSUE_MAX at most, all or none: many cost less than each alone,
 * for their keys are checked together. On failure nothing is to be used of the bundles. */
MUST_CHECK enum status kms_issue_each(const struct kms *kms, const struct kms_issue issues[],
                                      size_t count, const struct entropy *entropy,
                                      struct error *error);

#endif
