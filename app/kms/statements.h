/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a domain says about itself, beside its bundles: the root's certificate for its keys, which
 * ends after a year, and its limits. The root's secret is needed for the certificate alone; it may
 * be taken out of the domain's file and kept elsewhere.
 */
#ifndef MUSTER_APP_KMS_STATEMENTS_H
#define MUSTER_APP_KMS_STATEMENTS_H

#include "app/kms/kms.h"

#define CERTIFICATE_PERIOD_MS (INT64_C(365) * 24 * 3600 * 1000)

/* The certificate, and the limits; their number is 0 where there are none. They live as long as the
 * kms and are the latest after each call below. */
const struct certificate *kms_certificate(const struct kms *kms);
const struct limits *kms_limits(const struct kms *kms);

/* Is the root's secret in the domain's file? */
bool kms_has_root_secret(const struct kms *kms);

/* Certifies the domain's keys until CERTIFICATE_PERIOD_MS after `now_ms`: with the root's secret in
 * the domain's file or, unless that is NULL, with `secret`. A domain that has no root, as those of
 * earlier versions, gets a new one, drawn from `entropy`. It is durable, and in the audit log, when
 * this returns. STATUS_NOT_FOUND when the secret is not there, STATUS_KEY_INVALID when `secret` is
 * that of another root; errors of certificate_sign, audit_append and store_apply; then nothing has
 * changed. */
MUST_CHECK enum status kms_certify(struct kms *kms, const uint8_t *secret, int64_t now_ms,
                                   const struct entropy *entropy, struct error *error);

/* Moves the root's secret into a new store at `path`, sealed under `passphrase`, and erases it in
 * the domain's file. If it fails in between both files have it, and the same call then fails with
 * STATUS_ALREADY_DONE until the one at `path` is removed. STATUS_NOT_FOUND when the secret is not
 * in the domain's file; errors of store_create, audit_append and store_apply. */
MUST_CHECK enum status kms_take_root(struct kms *kms, const char *path, struct span passphrase,
                                     enum store_strength strength, int64_t now_ms,
                                     const struct entropy *entropy, struct error *error);

/* The secret in a store that kms_take_root made, ROOT_SEED_SIZE octets, which the caller frees;
 * NULL on failure. STATUS_NOT_FOUND for any other store; errors of store_open. */
MUST_CHECK enum status root_secret_read(const char *path, struct span passphrase,
                                        struct secret **secret, struct error *error);

/* Says the domain's limits from now on. STATUS_MALFORMED for what limits_are_valid refuses; errors
 * of limits_sign, audit_append and store_apply; then nothing has changed. */
MUST_CHECK enum status kms_set_limits(struct kms *kms, int64_t longest_period_ms,
                                      int64_t tolerance_ms, int64_t now_ms,
                                      const struct entropy *entropy, struct error *error);

/* --- For the files of app/kms/ -------------------------------------------------------------- */

/* Reads both from the store of a domain that is being opened. Errors of store_find,
 * STATUS_SEAL_BROKEN for a certificate or limits of other keys. */
MUST_CHECK enum status statements_load(struct kms *kms, struct error *error);

/* Are the certificate and the limits in the store still those that were loaded? Other threads may
 * read those. STATUS_NOT_ALLOWED when they are not; errors of store_find. */
MUST_CHECK enum status statements_check_same(const struct kms *kms, struct error *error);

/* May keys of the month that holds `month_ms` be issued at `now_ms`? STATUS_NOT_ALLOWED when the
 * certificate has ended or ends before that month begins, and *error says what to do. */
MUST_CHECK enum status statements_check(const struct kms *kms, int64_t now_ms, int64_t month_ms,
                                        struct error *error);

#endif
