/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys that a KMS issues, made and checked. What a fault of the machine has touched must not
 * get out: a wrong signing key would reveal the master secret, and a wrong receiver key perhaps
 * parts of it.
 */
#ifndef MUSTER_APP_KMS_ISSUING_H
#define MUSTER_APP_KMS_ISSUING_H

#include "app/kms/domain.h"

/* Makes the keys of `count` credentials (KMS_ISSUE_MAX at most), which say already whose they are.
 * All or none: on failure no key is left in any, and *which is the first that it concerns. Errors
 * of the provider. */
MUST_CHECK enum status issuing_make_keys(const struct kms *kms,
                                         struct credential *const credentials[], size_t count,
                                         const struct entropy *entropy, size_t *which);

#endif
