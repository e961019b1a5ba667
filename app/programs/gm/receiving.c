/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/receiving.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/keys/receipt.h"

/* Reads a receipt of the group, without its signature. */
static bool read_receipt(const struct managed_group *group, struct span octets,
                         struct receipt *receipt, struct span *covered, struct span *signature) {
    struct frame frame;
    return frame_read(octets, &frame) == STATUS_OK && frame.kind == FRAME_RECEIPT &&
           receipt_read(frame.payload, receipt, covered, signature) == STATUS_OK &&
           strcmp(receipt->group, group->identity) == 0;
}

struct roll_member *receiving_member(const struct managed_group *group, struct span octets) {
    struct receipt receipt;
    struct span covered, signature;
    if (!read_receipt(group, octets, &receipt, &covered, &signature) || receipt.gmk_id == 0 ||
        receipt.gmk_id != group->rekey.gmk_id) {
        return NULL;
    }
    struct roll_member *member = roll_find(&group->roll, receipt.member);
    if (member == NULL || (member->received_id == receipt.gmk_id && !member->is_due_again)) {
        return member;
    }
    const struct moment now = {.utc_ms = gm_now()};
    return receipt_verify(&receipt, covered, signature, &group->keyring, now) == STATUS_OK ? member
                                                                                           : NULL;
}

enum status receiving_check(const struct gm *gm, struct error *error) {
    const struct managed_group *group = gm->group;
    return group->unknown.number == 0
               ? STATUS_OK
               : error_set(error, STATUS_EXCLUSION_UNKNOWN,
                           "members of %s were told of exclusion number %u, which this store does "
                           "not know: no key is drawn or delivered until it does; run muster-gm "
                           "catch-up",
                           group->identity, group->unknown.number);
}

/* Whom this store has shut out has no say in it: a former manager among them would stop the very
 * rekey that shuts it out. */
static const struct roll_member *objector(const struct managed_group *group,
                                          const struct receipt *receipt) {
    const struct roll_member *member = roll_find(&group->roll, receipt->member);
    return member == NULL || member->is_excluded ? NULL : member;
}

enum status receiving_objection(struct gm *gm, struct span octets, struct error *error) {
    struct receipt receipt;
    struct span covered, signature;
    const struct moment now = {.utc_ms = gm_now()};
    bool is_behind = false;
    if (!read_receipt(gm->group, octets, &receipt, &covered, &signature) || receipt.gmk_id != 0 ||
        exclusion_states_know(&gm->group->known, &receipt.told) ||
        objector(gm->group, &receipt) == NULL ||
        receipt_verify(&receipt, covered, signature, &gm->group->keyring, now) != STATUS_OK) {
        return STATUS_OK;
    }
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY
                                       : managed_group_hear(gm->group, &receipt.told, receipt.proof,
                                                            batch, &is_behind);
    if (status == STATUS_TERM_OVER) {
        printf("%s was told of exclusion number %u by a former manager, and takes no key of %s. "
               "That stops nothing: you have caught up since. If others say so too, see "
               "muster-gm catch-up --yes --number\n",
               receipt.member, receipt.told.number, gm->group->identity);
    }
    if (batch != NULL && !is_behind) {
        batch_free(batch);
        return STATUS_OK; /* it proves nothing */
    }
    status = gm_apply(gm, status, batch, error);
    return status != STATUS_OK
               ? status
               : error_set(error, STATUS_EXCLUSION_UNKNOWN,
                           "%s, of %s, was told of exclusion number %u, which this store does not "
                           "know: no key is drawn or delivered until it does; run muster-gm "
                           "catch-up",
                           receipt.member, gm->group->identity, receipt.told.number);
}

enum status receiving_note(struct gm *gm, struct roll_member *member, bool *is_new,
                           struct error *error) {
    *is_new = member->received_id != gm->group->rekey.gmk_id;
    if (!*is_new) {
        return STATUS_OK;
    }
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY
                      : managed_group_received(gm->group, member, gm->group->rekey.gmk_id, batch);
    return gm_apply(gm, status, batch, error);
}
