/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handsets as a KMS in memory enrols them, as many as an attack wants, in a domain of their own. */
#ifndef MUSTER_TESTS_ATTACKS_ENROLLED_H
#define MUSTER_TESTS_ATTACKS_ENROLLED_H

#include "app/handset/engine.h"
#include "app/kms/kms.h"

/* A domain of its own. The caller closes it. */
struct kms *enrolled_domain(void);

/* A handset with keys of that domain, issued and started at `now`. `groups` may be NULL. The caller
 * frees it. */
struct handset *enrolled_handset(struct kms *kms, const char *identity,
                                 const struct group_list *groups, struct moment now);

#endif
