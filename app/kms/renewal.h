/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renewal: new keys for everybody whose keys end, from their entries in the register, each month's
 * in a separate bundle file (production.h).
 */
#ifndef MUSTER_APP_KMS_RENEWAL_H
#define MUSTER_APP_KMS_RENEWAL_H

#include "app/kms/production.h"

enum {
    RENEWAL_THREADS_MAX = PRODUCTION_THREADS_MAX
};

struct renewal_terms {
    int64_t now_ms;     /* since 1970 UTC */
    int64_t before_ms;  /* keys that end before this moment are renewed, and an ME's access to the
                         * broker; 0: before the end of the next month */
    const char *folder; /* where the bundles go; made (mode 0700) when it is not there */
    unsigned threads;   /* that issue, 1 to RENEWAL_THREADS_MAX; fewer are used for few bundles */
    const volatile sig_atomic_t *stop; /* as in struct production */
};

struct renewal_result {
    size_t bundles; /* made, and in the register */
    size_t revoked; /* identities that got none, or not all, because they are revoked */
    size_t changed; /* bundles that were not made: the identity was enrolled meanwhile */
};

/* Called from the thread that called renewal_run: how many of the bundles are issued. */
typedef void renewal_progress_fn(void *context, size_t done, size_t total);

/* Issues keys for this month and the next, where they are missing, to all whose keys end before
 * terms->before_ms. Fixed keys do not end, but where there is a broker an ME's access to it does:
 * such an ME gets one bundle with fixed keys. Errors of kms_check_settled, register_list,
 * production_prepare and production_run. What was done before a failure is counted in *result and
 * not undone. */
MUST_CHECK enum status renewal_run(struct kms *kms, const struct renewal_terms *terms,
                                   renewal_progress_fn *on_progress, void *context,
                                   struct renewal_result *result, struct error *error);

/* The name of the file for the keys of `identity` for the month that holds `month_ms`:
 * tel_+447700900123.2026-12.bundle, by file_name_of_identity. */
void renewal_file_name(const char *identity, int64_t month_ms, char name[FILE_NAME_SIZE]);

#endif
