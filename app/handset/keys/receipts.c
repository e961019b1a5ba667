/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/receipts.h"

#include <stdio.h>
#include <string.h>

/* --- What is owed --------------------------------------------------------------------------- */

/* The debt of that group and kind, or a new one; one that is paid gives way, since the KMS may have
 * listed other groups in the meantime. NULL when all are owed. */
static struct receipt_debt *debt_of(struct receipts *receipts, const char *group, bool objects) {
    struct receipt_debt *place = NULL;
    for (size_t i = 0; i < receipts->count; i++) {
        if (receipts->debts[i].objects == objects && strcmp(receipts->debts[i].group, group) == 0) {
            return &receipts->debts[i];
        }
        if (!receipts->debts[i].is_owed) {
            place = &receipts->debts[i];
        }
    }
    if (receipts->count < RECEIPTS_MAX) {
        place = &receipts->debts[receipts->count++];
    }
    if (place == NULL) {
        return NULL;
    }
    *place = (struct receipt_debt){.objects = objects};
    snprintf(place->group, sizeof place->group, "%s", group);
    return place;
}

static void owe(struct receipts *receipts, struct moment now, struct receipt_debt *debt,
                uint32_t gmk_id) {
    uint32_t random;
    int64_t wait_ms =
        desk_draw_u32(receipts->desk, &random) == STATUS_OK ? random % (RECEIPT_SPREAD_MS + 1) : 0;
    debt->gmk_id = gmk_id;
    debt->after = receipts->desk->outbox.queued;
    debt->is_owed = true;
    debt->due_ms = now.boot_ms + wait_ms;
}

void receipts_owe(struct receipts *receipts, struct moment now, const char *group,
                  uint32_t gmk_id) {
    struct receipt_debt *debt = debt_of(receipts, group, false);
    if (debt != NULL) { /* the manager sends the key again to whom it misses */
        owe(receipts, now, debt, gmk_id);
    }
}

static bool may_be_said_again(const struct receipt_debt *debt, struct moment now) {
    return debt != NULL && !debt->is_owed &&
           (!debt->was_sent || now.boot_ms - debt->sent_ms >= RECEIPT_AGAIN_MS);
}

void receipts_owe_again(struct receipts *receipts, struct moment now, const char *group,
                        uint32_t gmk_id) {
    struct receipt_debt *debt = debt_of(receipts, group, false);
    if (may_be_said_again(debt, now)) {
        owe(receipts, now, debt, gmk_id);
    }
}

bool receipts_object(struct receipts *receipts, struct moment now, const char *group) {
    struct receipt_debt *debt = debt_of(receipts, group, true);
    bool is_said = may_be_said_again(debt, now);
    if (is_said) {
        owe(receipts, now, debt, 0);
    }
    return is_said;
}

/* --- Sending -------------------------------------------------------------------------------- */

/* Does the group still hold that GMK, to use or to use later, or know what is objected? */
static bool is_current(const struct receipts *receipts, const struct receipt_debt *debt) {
    const struct gmk *gmk;
    if (debt->objects) {
        const struct group *told = groups_find(receipts->groups, debt->group);
        return told != NULL && told->told.word.known.count > 0;
    }
    const struct group *group = groups_gmk(receipts->groups, debt->group, debt->gmk_id, &gmk);
    return group != NULL && gmk != &group->previous && gmk->octets != NULL;
}

static void send_receipt(struct receipts *receipts, struct moment now,
                         const struct receipt_debt *debt) {
    struct receipt receipt = {.utc_ms = now.utc_ms, .gmk_id = debt->gmk_id};
    uint8_t payload[RECEIPT_MAX], proof[EPOCH_PROOF_SIZE];
    const struct group *group = groups_find(receipts->groups, debt->group);
    char topic[TOPIC_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    struct writer shown = writer_into(proof, sizeof proof);
    if (group != NULL && group->told.word.known.count > 0) {
        receipt.told = group->told.word.known.list[0];
    }
    if (group != NULL && debt->objects) {
        epoch_proof_write(&shown, &group->told);
        receipt.proof = writer_span(&shown);
    }
    snprintf(receipt.group, sizeof receipt.group, "%s", debt->group);
    snprintf(receipt.member, sizeof receipt.member, "%s", own_identity(receipts->desk));
    snprintf(receipt.kms, sizeof receipt.kms, "%s", own_kms(receipts->desk));
    topic_receipt(&receipts->desk->topic_key, debt->group, own_identity(receipts->desk), topic);
    if (receipt_write(&w, &receipt, &receipts->desk->keyring, &receipts->desk->entropy) ==
        STATUS_OK) {
        air_send_under(receipts->air, EVERYONE, FRAME_RECEIPT, writer_span(&w), topic, true,
                       debt->after);
    }
}

/* Only once the GMK is durable: what waits may still be switched off with the radios. */
static bool may_be_sent(const struct receipts *receipts, const struct receipt_debt *debt) {
    return debt->is_owed && debt->after <= receipts->desk->outbox.durable;
}

void receipts_tick(struct receipts *receipts, struct moment now) {
    for (size_t i = 0; !desk_is_silent(receipts->desk) && i < receipts->count; i++) {
        struct receipt_debt *debt = &receipts->debts[i];
        if (!may_be_sent(receipts, debt) || debt->due_ms > now.boot_ms) {
            continue;
        }
        debt->is_owed = false;
        if (!is_current(receipts, debt)) {
            continue;
        }
        debt->was_sent = true;
        debt->sent_ms = now.boot_ms;
        send_receipt(receipts, now, debt);
    }
}

int64_t receipts_deadline(const struct receipts *receipts) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; !desk_is_silent(receipts->desk) && i < receipts->count; i++) {
        const struct receipt_debt *debt = &receipts->debts[i];
        if (may_be_sent(receipts, debt) && debt->due_ms < deadline) {
            deadline = debt->due_ms;
        }
    }
    return deadline;
}
