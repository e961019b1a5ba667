/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/receipt.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"

/* --- The message ---------------------------------------------------------------------------- */

static const char label[] = "Muster receipt";

/* What is signed: the label keeps a receipt apart from every other signed message. */
static struct span labelled(uint8_t room[RECEIPT_MAX + sizeof label], struct span covered) {
    struct writer w = writer_into(room, RECEIPT_MAX + sizeof label);
    write_span(&w, SPAN_OF(label));
    write_span(&w, covered);
    return writer_span(&w);
}

enum status receipt_write(struct writer *out, const struct receipt *receipt,
                          const struct keyring *keyring, const struct entropy *entropy) {
    uint8_t room[RECEIPT_MAX + sizeof label];
    size_t begin = out->length;
    write_u64(out, (uint64_t)receipt->utc_ms);
    write_u32(out, receipt->gmk_id);
    write_text_u8(out, receipt->group);
    write_text_u8(out, receipt->member);
    write_text_u8(out, receipt->kms);
    uint8_t *signature = write_room(out, ECCSI_SIGNATURE_SIZE);
    if (signature == NULL) {
        return STATUS_TOO_LONG;
    }
    struct span covered = {out->octets + begin, (size_t)(signature - out->octets) - begin};
    return keyring->provider->sign(keyring_signing_key(keyring, receipt->utc_ms),
                                   labelled(room, covered), entropy, signature);
}

enum status receipt_read(struct span payload, struct receipt *receipt, struct span *covered,
                         struct span *signature) {
    if (payload.length > RECEIPT_MAX) {
        return STATUS_TOO_LONG;
    }
    struct reader r = reader_of(payload);
    receipt->utc_ms = (int64_t)read_u64(&r);
    receipt->gmk_id = read_u32(&r);
    read_text_u8(&r, receipt->group, sizeof receipt->group);
    read_text_u8(&r, receipt->member, sizeof receipt->member);
    read_text_u8(&r, receipt->kms, sizeof receipt->kms);
    *covered = (struct span){payload.octets, r.at};
    *signature = read_span(&r, ECCSI_SIGNATURE_SIZE);
    enum status status = reader_finish(&r);
    bool in_bounds = receipt->utc_ms >= 0 && receipt->utc_ms <= INT64_MAX / 4;
    if (status == STATUS_OK && (!in_bounds || receipt->gmk_id == 0)) {
        return STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        status = identity_check(receipt->group);
    }
    return status == STATUS_OK ? identity_check(receipt->member) : status;
}

enum status receipt_verify(const struct receipt *receipt, struct span covered,
                           struct span signature, const struct keyring *keyring) {
    uint8_t room[RECEIPT_MAX + sizeof label];
    struct moment signed_at = {.utc_ms = receipt->utc_ms};
    return keyring_verify(keyring, receipt->member, receipt->kms, signed_at,
                          labelled(room, covered), signature.octets);
}

/* --- What is owed --------------------------------------------------------------------------- */

/* The debt of that group, or a new one; one that is paid gives way, since the KMS may have listed
 * other groups in the meantime. NULL when all are owed. */
static struct receipt_debt *debt_of(struct receipts *receipts, const char *group) {
    struct receipt_debt *place = NULL;
    for (size_t i = 0; i < receipts->count; i++) {
        if (strcmp(receipts->debts[i].group, group) == 0) {
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
    *place = (struct receipt_debt){.gmk_id = 0};
    snprintf(place->group, sizeof place->group, "%s", group);
    return place;
}

void receipts_owe(struct handset *handset, struct moment now, const char *group, uint32_t gmk_id) {
    struct receipt_debt *debt = debt_of(&handset->receipts, group);
    uint32_t random;
    if (debt == NULL) {
        return; /* the manager sends the key again to whom it misses */
    }
    int64_t wait_ms =
        handset_draw_u32(handset, &random) == STATUS_OK ? random % (RECEIPT_SPREAD_MS + 1) : 0;
    debt->gmk_id = gmk_id;
    debt->is_owed = true;
    debt->due_ms = now.boot_ms + wait_ms;
}

void receipts_owe_again(struct handset *handset, struct moment now, const char *group,
                        uint32_t gmk_id) {
    const struct receipt_debt *debt = debt_of(&handset->receipts, group);
    if (debt == NULL || debt->is_owed ||
        (debt->was_sent && now.boot_ms - debt->sent_ms < RECEIPT_AGAIN_MS)) {
        return;
    }
    receipts_owe(handset, now, group, gmk_id);
}

/* --- Sending -------------------------------------------------------------------------------- */

/* Does the group still hold that GMK, to use or to use later? */
static bool is_current(const struct handset *handset, const struct receipt_debt *debt) {
    const struct gmk *gmk;
    const struct group *group = handset_gmk(handset, debt->gmk_id, &gmk);
    return group != NULL && strcmp(group->parameters.identity, debt->group) == 0 &&
           gmk != &group->previous && gmk->octets != NULL;
}

static void send_receipt(struct handset *handset, struct moment now,
                         const struct receipt_debt *debt) {
    struct receipt receipt = {.utc_ms = now.utc_ms, .gmk_id = debt->gmk_id};
    uint8_t payload[RECEIPT_MAX];
    char topic[TOPIC_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    snprintf(receipt.group, sizeof receipt.group, "%s", debt->group);
    snprintf(receipt.member, sizeof receipt.member, "%s", own_identity(handset));
    snprintf(receipt.kms, sizeof receipt.kms, "%s", own_kms(handset));
    topic_receipt(&handset->topic_key, debt->group, own_identity(handset), topic);
    if (receipt_write(&w, &receipt, &handset->keyring, &handset->entropy) == STATUS_OK) {
        handset_send_under(handset, EVERYONE, FRAME_RECEIPT, writer_span(&w), topic, true);
    }
}

void receipts_tick(struct handset *handset, struct moment now) {
    for (size_t i = 0; !handset_is_silent(handset) && i < handset->receipts.count; i++) {
        struct receipt_debt *debt = &handset->receipts.debts[i];
        if (!debt->is_owed || debt->due_ms > now.boot_ms) {
            continue;
        }
        debt->is_owed = false;
        if (!is_current(handset, debt)) {
            continue;
        }
        debt->was_sent = true;
        debt->sent_ms = now.boot_ms;
        send_receipt(handset, now, debt);
    }
}

int64_t receipts_deadline(const struct handset *handset) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; !handset_is_silent(handset) && i < handset->receipts.count; i++) {
        const struct receipt_debt *debt = &handset->receipts.debts[i];
        if (debt->is_owed && debt->due_ms < deadline) {
            deadline = debt->due_ms;
        }
    }
    return deadline;
}
