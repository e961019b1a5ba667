/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/held_list.h"

#include <stdio.h>
#include <string.h>

#include "app/file.h"
#include "app/identity/enrolment.h"
#include "app/programs/gm/commands.h"

static enum status take_list(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    (void)kind;
    (void)key;
    return revocation_read(value, context);
}

enum status held_list_find(const struct gm *gm, struct revocation *list, struct error *error) {
    bool found;
    *list = (struct revocation){.number = 0};
    enum status status = store_find(gm->store, RECORD_REVOKED, span_of_text(REVOCATION_RECORD_KEY),
                                    take_list, list, &found, error);
    if (status == STATUS_OK && strcmp(list->kms, gm->group->keyring.credential->kms) != 0) {
        *list = (struct revocation){.number = 0};
    }
    return status;
}

enum status held_list_leave_out(const struct gm *gm, struct error *error) {
    struct roll *roll = &gm->group->roll;
    struct revocation list;
    enum status status = held_list_find(gm, &list, error);
    for (size_t i = 0; status == STATUS_OK && i < roll->count; i++) {
        struct roll_member *member = &roll->members[i];
        if (member->is_excluded || !revocation_names(&list, member->identity)) {
            continue;
        }
        struct batch *batch = batch_new();
        status = batch == NULL ? STATUS_NO_MEMORY
                               : managed_group_exclude(gm->group, member, true, batch);
        status = gm_apply(gm, status, batch, error);
        if (status == STATUS_OK) {
            printf("%s is revoked: excluded, and gets no keys\n", member->identity);
        }
    }
    return status;
}

/* --- A list in a file ------------------------------------------------------------------------- */

static enum status read_list(const struct gm_order *order, struct revocation *list,
                             struct error *error) {
    struct secret *text;
    enum status status = file_read(order->arguments[0], ENROLMENT_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = revocation_read_text(secret_span(text), list);
    secret_free(text);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status,
                           "%.150s: not a list of the revoked, which muster-kms revoked --out "
                           "writes",
                           order->arguments[0]);
}

static enum status check_list(const struct gm_order *order, const struct gm *gm,
                              const struct revocation *list, struct error *error) {
    const struct keyring *keyring = &gm->group->keyring;
    enum status status = strcmp(list->kms, keyring->credential->kms) == 0
                             ? revocation_verify(list, keyring->provider, keyring->domain)
                             : STATUS_DOMAIN_UNKNOWN;
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "%.150s: this list is not from %.100s, the group's KMS",
                           order->arguments[0], keyring->credential->kms);
}

static enum status keep_list(const struct gm *gm, const struct revocation *list,
                             struct error *error) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct batch *batch = batch_new();
    revocation_write(&w, list);
    enum status status = batch == NULL
                             ? STATUS_NO_MEMORY
                             : batch_put(batch, RECORD_REVOKED, span_of_text(REVOCATION_RECORD_KEY),
                                         writer_span(&w));
    return gm_apply(gm, status, batch, error);
}

enum status gm_revoked(const struct gm_order *order, struct error *error) {
    struct gm gm;
    struct revocation list, held = {.number = 0};
    enum status status = read_list(order, &list, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = check_list(order, &gm, &list, error);
    }
    if (status == STATUS_OK) {
        status = held_list_find(&gm, &held, error);
    }
    if (status == STATUS_OK && held.number > list.number) {
        status =
            error_set(error, STATUS_REPLAYED, "%.150s: the list that is held is newer, and stays",
                      order->arguments[0]);
    }
    if (status == STATUS_OK) {
        status = keep_list(&gm, &list, error);
    }
    if (status == STATUS_OK) {
        status = held_list_leave_out(&gm, error);
    }
    if (status == STATUS_OK) {
        printf("The list of the revoked names %zu; it goes out with the next keys of %s\n",
               list.count, gm.group->identity);
        if (gm.group->rekey.is_spoiled) {
            puts("Somebody who has the key is excluded: rekey the group");
        }
    }
    gm_close(&gm);
    return status;
}
