/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/renewing.h"

#include <stdio.h>
#include <stdlib.h>

/* No month's keys go because this machine's clock says so: the engine drops those of which it is
 * sure that they are over. */
static enum status make_records(struct renewing *renewing) {
    const struct installing *installing = &renewing->installing;
    struct batch *records = batch_new();
    enum status status =
        records == NULL
            ? STATUS_NO_MEMORY
            : installation_put(&installing->held, installing->credential, installing->access, NULL,
                               &installing->requests, 0, records);
    if (status != STATUS_OK) {
        batch_free(records);
        return error_set(&renewing->error, status, "cannot install the bundle: %s",
                         status_text(status));
    }
    const struct access *access = installing->access;
    renewing->renewal =
        (struct renewal){.records = records,
                         .list = installing->list.number == 0 ? NULL : &installing->list,
                         .credential = installing->credential,
                         .access_until_ms = access == NULL ? 0 : access->until_ms};
    renewing->is_other_log =
        log_head_differs(&installing->held.latest->log, &installing->credential->log);
    return STATUS_OK;
}

void renewing_run(struct renewing *renewing) {
    struct options *options = calloc(1, sizeof *options);
    if (options == NULL) {
        renewing->status = error_set(&renewing->error, STATUS_NO_MEMORY, "out of memory");
        return;
    }
    snprintf(options->store, sizeof options->store, "%s", renewing->store_path);
    options->bundle = "the bundle at the broker";
    renewing->installing = (struct installing){.options = options,
                                               .provider = renewing->provider,
                                               .store = renewing->store,
                                               .now_ms = renewing->now_ms,
                                               .is_running = true};
    renewing->status = installing_check(&renewing->installing, renewing->text, &renewing->error);
    if (renewing->status == STATUS_OK) {
        renewing->status = make_records(renewing);
    }
    renewing->installing.options = NULL;
    free(options);
}

bool renewing_may_try_again(enum status status) {
    switch (status) {
    case STATUS_NO_MEMORY:
    case STATUS_IO_FAILED:
    case STATUS_NO_SPACE:
    case STATUS_READ_ONLY:
    case STATUS_FILE_GONE:
    case STATUS_BUSY:
        return true;
    default:
        return false;
    }
}

void renewing_clear(struct renewing *renewing) {
    installing_clear(&renewing->installing);
    batch_free(renewing->renewal.records);
    *renewing = (struct renewing){.status = STATUS_OK};
}
