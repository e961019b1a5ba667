/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of one month as a KMS issues them, without files.
 */
#ifndef MUSTER_TESTS_APP_ISSUED_H
#define MUSTER_TESTS_APP_ISSUED_H

#include "app/identity/keyring.h"
#include "app/kms/kms.h"

#define DAY_MS      INT64_C(86400000)
#define OCTOBER_MS  INT64_C(1790812800000) /* 2026-10-01, and so on */
#define NOVEMBER_MS INT64_C(1793491200000)
#define DECEMBER_MS INT64_C(1796083200000)
#define JANUARY_MS  INT64_C(1798761600000)

#define ISSUED_KMS_URI "sip:kms@county.example"

/* A new domain. The caller closes it. */
struct kms *issued_domain(const struct provider *provider);

/* What `kms` issues to `identity`, called "Fire 7", at `utc_ms`: a device key's record and a
 * credential's. It belongs to `group`, unless that is NULL. The caller frees it. */
struct batch *issued_by(struct kms *kms, const char *identity, const char *group, int64_t utc_ms);

/* The credential's record, as long as the batch lives. */
struct span issued_key(const struct batch *batch);
struct span issued_credential(const struct batch *batch);

/* Loads it, with the errors of keyring_load. */
enum status issued_load(struct keyring *keyring, const struct batch *batch);

#endif
