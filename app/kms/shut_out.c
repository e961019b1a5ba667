/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/shut_out.h"

#include <stdlib.h>
#include <string.h>

#include "app/kms/domain.h"
#include "app/kms/readmission.h"

struct filling {
    struct broker_revoked *revoked;
    int64_t now_ms;
    bool is_full;
};

static void add_entry(void *context, const struct register_entry *entry) {
    struct filling *filling = context;
    struct broker_revoked *revoked = filling->revoked;
    int64_t from_ms = readmission_from_ms(entry);
    if (entry->revoked_ms == 0 || (from_ms != 0 && filling->now_ms >= from_ms)) {
        return;
    }
    if (revoked->count == BROKER_REVOKED_MAX) {
        filling->is_full = true;
        return;
    }
    memcpy(revoked->identities[revoked->count++], entry->identity, IDENTITY_SIZE);
}

enum status shut_out_configure(struct kms *kms, const struct broker *broker, int64_t now_ms,
                               struct writer *out, struct error *error) {
    struct filling filling = {.revoked = calloc(1, sizeof *filling.revoked), .now_ms = now_ms};
    if (filling.revoked == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    enum status status = register_list(kms, add_entry, &filling, error);
    if (status == STATUS_OK && filling.is_full) {
        status = error_set(error, STATUS_TOO_LONG,
                           "domain %.100s: more than %d revoked identities still hold access, "
                           "which is more than a broker can be told; --replace draws new keys",
                           kms->uri, BROKER_REVOKED_MAX);
    } else if (status == STATUS_OK) {
        status = broker_configure(broker, filling.revoked, now_ms, out);
        if (status != STATUS_OK) {
            kms_failure(kms, status, error);
        }
    }
    free(filling.revoked);
    return status;
}
