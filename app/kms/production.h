/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many bundles made in one run: several threads issue, one writes the store and the files.
 *
 * A bundle is in the audit log before its file appears, and in the register after: a run that is
 * killed and started again makes what is missing, and makes no bundle again that is in the
 * register. A file appears whole or not at all.
 *
 * Between its steps a run gives way to whoever waits for the domain (turns.h). So the register may
 * have changed since the list was made: right before a bundle is written, what the register says
 * then is decisive, and who was revoked meanwhile gets none.
 */
#ifndef MUSTER_APP_KMS_PRODUCTION_H
#define MUSTER_APP_KMS_PRODUCTION_H

#include <signal.h>

#include "app/file_name.h"
#include "app/kms/audit.h"
#include "app/kms/register.h"

enum {
    PRODUCTION_THREADS_MAX = 16
};

/* One bundle to make. */
struct product {
    struct enrolment_request request;
    int64_t month_ms; /* its first moment; 0 for the fixed keys of an ME */
    int64_t max_key_period_ms;
    uint64_t after; /* the number in the register that it is made from; 0: it is not there */
    uint64_t term;  /* in which the device manages it as a group; 0: in a new one */
    const struct group_list *groups; /* which many share */
};

/* What became of one. */
enum product_outcome {
    PRODUCT_MADE,
    PRODUCT_REVOKED, /* meanwhile */
    PRODUCT_CHANGED  /* the identity was enrolled or renewed by somebody else meanwhile */
};

/* A run. Its functions are called in the thread that called production_run. */
struct production {
    const struct product *products;
    size_t count;
    enum audit_action action;
    int64_t now_ms;     /* since 1970 UTC */
    const char *folder; /* where the bundles go; made (mode 0700) when it is not there */
    const char *draft;  /* the name in it of the drafts of this kind of run */
    unsigned threads; /* that issue, 1 to PRODUCTION_THREADS_MAX; fewer are used for few bundles */
    /* The name of that product's file in the folder. */
    void (*name)(const struct production *production, size_t product, char name[FILE_NAME_SIZE]);
    /* The entry as it was, whose identity is empty when there was none, becomes that of a product
     * that is made. */
    void (*enter)(const struct production *production, const struct product *product,
                  struct register_entry *entry);
    /* How many are issued so far. */
    void (*on_progress)(void *context, size_t done, size_t total);
    /* What became of that product, for good; NULL is allowed. */
    void (*on_outcome)(void *context, size_t product, enum product_outcome outcome);
    void *context;
    const volatile sig_atomic_t *stop; /* not 0: it ends after what is begun; NULL: it never does */
};

/* The folder of the bundles, without what a killed run left there. STATUS_IO_FAILED,
 * STATUS_NO_SPACE. */
MUST_CHECK enum status production_prepare(const char *folder, const char *draft,
                                          struct error *error);

/* Makes them all, in their order, and counts in *made those that are made, which stay so whatever
 * fails then. STATUS_INTERRUPTED when it was stopped, STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED
 * without threads; errors of kms_issue_each, audit_append, register_find, store_apply,
 * file_replace_each and turns_give_way. */
MUST_CHECK enum status production_run(struct kms *kms, const struct production *production,
                                      size_t *made, struct error *error);

#endif
