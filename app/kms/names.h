/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names that a domain has attested, for who has many more to attest: each is compared with all
 * of them without their being read and folded again (app/identity/alike.h).
 */
#ifndef MUSTER_APP_KMS_NAMES_H
#define MUSTER_APP_KMS_NAMES_H

#include "app/kms/register.h"

struct names;

/* None yet. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED. The caller frees it. */
MUST_CHECK enum status names_new(struct names **names);

/* NULL is allowed. */
void names_free(struct names *names);

/* Adds the name of that identity, which may be empty. STATUS_NO_MEMORY. */
MUST_CHECK enum status names_add(struct names *names, const char *identity,
                                 const char *display_name);

/* Whose name that of `identity` may be taken for, or whose number it says: an identity other than
 * it, or NULL. It lives until something is added. */
const char *names_find(const struct names *names, const char *identity, const char *display_name);

#endif
