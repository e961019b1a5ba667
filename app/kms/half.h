/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The authority's half of a domain's recovery (recovery.h): a SAKKE master secret of its own, in a
 * store of its own, sealed under the authority's passphrase. Its public key is part of the domain,
 * certified by the root and in every bundle; handsets encapsulate the ephemeral keys of their
 * connections to the recovery identity under it, and not under the KMS's. What opens a connection
 * is then the KMS's word and the authority's together: the KMS alone gets the TGK and not the
 * ephemeral key, the authority alone the ephemeral key and not the TGK.
 *
 * The half is also a witness: it remembers where the audit log of the domain ended when something
 * was last opened with it. A log that does not have that record is another one: of a copy that was
 * used meanwhile, or of a domain that was restored from an older state.
 */
#ifndef MUSTER_APP_KMS_HALF_H
#define MUSTER_APP_KMS_HALF_H

#include "app/kms/audit.h"

struct half;

/* Splits the recovery of `kms`, which has it on and has not issued or certified anything yet: draws
 * the half, keeps it in a new store at `path`, sealed under `passphrase`, and its public key in the
 * domain. The secret is wiped here before this returns. STATUS_NOT_ALLOWED for any other domain;
 * errors of store_create, audit_append, store_apply, register_list and of the provider; then the
 * domain is as it was, and there is no store at `path`. */
MUST_CHECK enum status half_make(struct kms *kms, const char *path, struct span passphrase,
                                 enum store_strength strength, int64_t now_ms,
                                 const struct entropy *entropy, struct error *error);

/* Opens the half in the store at `path`; the caller closes it, and `provider` outlives it.
 * STATUS_NOT_FOUND for any other store; errors of store_open and of the provider. */
MUST_CHECK enum status half_open(const char *path, struct span passphrase,
                                 const struct provider *provider, struct half **half,
                                 struct error *error);

/* Wipes and frees; NULL is allowed. */
void half_close(struct half *half);

/* Is `half` that of the domain, and does it belong to one: both or none? NULL is no half.
 * STATUS_NOT_ALLOWED where it is missing or the domain has none, STATUS_KEY_INVALID where it is
 * another domain's. */
MUST_CHECK enum status half_check(const struct half *half, const struct kms *kms,
                                  struct error *error);

/* Is the domain's log whole, and has it the record that the half saw last? STATUS_SEAL_BROKEN when
 * not; errors of audit_check. */
MUST_CHECK enum status half_check_log(const struct half *half, struct kms *kms,
                                      struct error *error);

/* Remembers the end of the log, durably. Errors of store_apply. */
MUST_CHECK enum status half_note(struct half *half, const struct audit_head *head,
                                 struct error *error);

/* The public key, and what issues receiver keys under it; they live as long as the half. */
const struct domain_key *half_domain(const struct half *half);
const struct master_key *half_master(const struct half *half);

#endif
