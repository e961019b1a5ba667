/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/receiving.h"

#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/keys/receipt.h"

struct roll_member *receiving_member(const struct managed_group *group, struct span octets) {
    struct frame frame;
    struct receipt receipt;
    struct span covered, signature;
    if (frame_read(octets, &frame) != STATUS_OK || frame.kind != FRAME_RECEIPT ||
        receipt_read(frame.payload, &receipt, &covered, &signature) != STATUS_OK ||
        strcmp(receipt.group, group->identity) != 0 || receipt.gmk_id != group->rekey.gmk_id) {
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
