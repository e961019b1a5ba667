/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renewal: new keys for everybody whose keys end, from their entries in the register, each month's
 * in a separate bundle file. Several threads issue; one writes the store and the files.
 *
 * A bundle is in the audit log before its file appears, and in the register after: a renewal that
 * is killed and run again makes what is missing, and makes no bundle again that is in the register.
 * A file appears whole or not at all.
 */
#ifndef MUSTER_APP_KMS_RENEWAL_H
#define MUSTER_APP_KMS_RENEWAL_H

#include "app/file_name.h"
#include "app/kms/kms.h"

enum {
    RENEWAL_THREADS_MAX = 16
};

struct renewal_terms {
    int64_t now_ms;     /* since 1970 UTC */
    int64_t before_ms;  /* keys that end before this moment are renewed; 0: before the end of the
                         * next month */
    const char *folder; /* where the bundles go; made (mode 0700) when it is not there */
    unsigned threads;   /* that issue, 1 to RENEWAL_THREADS_MAX; fewer are used for few bundles */
};

struct renewal_result {
    size_t bundles; /* made, and in the register */
    size_t revoked; /* identities that got none because they are revoked */
};

/* Called from the thread that called renewal_run: how many of the bundles are issued. */
typedef void renewal_progress_fn(void *context, size_t done, size_t total);

/* Issues keys for this month and the next, where they are missing, to all whose keys end before
 * terms->before_ms; fixed keys do not end. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without threads,
 * errors of register_list, kms_issue, audit_append, store_apply and file_replace. What was done
 * before a failure is counted in *result and not undone. */
MUST_CHECK enum status renewal_run(struct kms *kms, const struct renewal_terms *terms,
                                   renewal_progress_fn *on_progress, void *context,
                                   struct renewal_result *result, struct error *error);

/* The name of the file for the keys of `identity` for the month that holds `month_ms`:
 * tel_+447700900123.2026-12.bundle, by file_name_of_identity. */
void renewal_file_name(const char *identity, int64_t month_ms, char name[FILE_NAME_SIZE]);

#endif
