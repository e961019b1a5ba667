/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/renewal.h"

#include <stdio.h>

#include "app/programs/kms/commands.h"
#include "app/programs/kms/interruption.h"
#include "app/programs/progress.h"

static void show_progress(void *context, size_t done, size_t total) {
    progress_show(context, done, total);
}

enum status command_renew(const struct order *order, struct error *error) {
    struct kms *kms;
    struct renewal_result result;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t now_ms = order_now();
    const struct renewal_terms terms = {
        .now_ms = now_ms,
        .before_ms = (order->given & OPTION_WITHIN) != 0 ? now_ms + order->within_ms : 0,
        .folder = order->out,
        .threads = cores_count(RENEWAL_THREADS_MAX),
        .stop = &interruption_came,
    };
    struct progress progress = progress_start("bundles");
    status = renewal_run(kms, &terms, show_progress, &progress, &result, error);
    kms_close(kms);
    progress_end(&progress);
    if (status != STATUS_OK) {
        error_add(error, "; %zu bundles are done: for the rest, run the same command again",
                  result.bundles);
        return status;
    }
    printf("%zu bundles written to %s\n", result.bundles, order->out);
    if (result.revoked > 0) {
        printf("%zu revoked %s got no new keys (muster-kms revoked lists them)\n", result.revoked,
               result.revoked == 1 ? "identity" : "identities");
    }
    if (result.changed > 0) {
        printf("%zu bundles were not made: their identities were enrolled meanwhile; run the same "
               "command again\n",
               result.changed);
    }
    return STATUS_OK;
}
