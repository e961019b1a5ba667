/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/revoked.h"

#include <string.h>

enum status revoked_compare(const struct revoked *revoked, const char *kms,
                            const struct revocation *list) {
    if (strcmp(list->kms, kms) != 0) {
        return STATUS_DOMAIN_UNKNOWN;
    }
    return list->number > revoked->list.number    ? STATUS_OK
           : list->number == revoked->list.number ? STATUS_ALREADY_DONE
                                                  : STATUS_REPLAYED;
}

enum status revoked_take(struct revoked *revoked, struct keyring *keyring,
                         const struct revocation *list) {
    enum status status = revoked_compare(revoked, keyring->credential->kms, list);
    if (status == STATUS_OK) {
        status = revocation_verify(list, keyring->provider, keyring->domain);
    }
    if (status == STATUS_OK) {
        revoked->before = revoked->list;
        revoked->list = *list;
        revoked->version++;
        keyring_heed(keyring, &revoked->list);
    }
    return status;
}

enum status revoked_restore(struct revoked *revoked, struct span value) {
    struct revocation list;
    enum status status = revocation_read(value, &list);
    if (status == STATUS_OK) {
        revoked->list = revoked->before = list;
    }
    return status;
}

void revoked_start(struct revoked *revoked, struct keyring *keyring) {
    if (strcmp(revoked->list.kms, keyring->credential->kms) != 0) {
        *revoked = (struct revoked){.version = revoked->version};
    }
    keyring_heed(keyring, &revoked->list);
}

uint64_t revoked_number(const struct revoked *revoked) {
    return revoked->list.number;
}

bool revoked_is_new(const struct revoked *revoked, const char *identity) {
    return revocation_names(&revoked->list, identity) &&
           !revocation_names(&revoked->before, identity);
}

void revoked_show(const struct revoked *revoked, const struct keyring *keyring, struct moment now,
                  struct view_revoked *view) {
    const struct revocation *list = &revoked->list;
    int64_t age_ms = now.utc_ms - list->issued_ms;
    *view = (struct view_revoked){
        .has_list = list->number > 0,
        .is_self = keyring_refuses(keyring, keyring->credential->identity),
        .count = list->count,
        .age_ms = list->number > 0 && age_ms > 0 ? age_ms : 0,
    };
}
