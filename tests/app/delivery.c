/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "crypto/secret.h"

static const char kms_uri[] = "sip:kms@county.example";

struct delivery delivery_now(const struct squad *squad, size_t member, uint32_t gmk_id) {
    int64_t now_ms = squad_now(squad, member).utc_ms;
    return (struct delivery){.group = SQUAD_FIRE,
                             .signer = SQUAD_FIRE,
                             .member = member,
                             .gmk_id = gmk_id,
                             .utc_ms = now_ms,
                             .begins_ms = now_ms / 1000 * 1000,
                             .ends_ms = now_ms / 1000 * 1000 + HOUR_MS,
                             .manager = SQUAD_MANAGER,
                             .term = SQUAD_TERM};
}

void delivery_gmk(uint32_t gmk_id, uint8_t gmk[SSV_SIZE]) {
    memset(gmk, (int)(gmk_id % 251 + 1), SSV_SIZE);
}

void delivery_write(const struct delivery *delivery, struct writer *out) {
    struct key_delivery_fields fields = {.gmk_id = delivery->gmk_id,
                                         .utc_ms = delivery->utc_ms,
                                         .not_before_ms = delivery->begins_ms,
                                         .not_after_ms = delivery->ends_ms};
    struct key_delivery_member member;
    uint8_t gmk[SSV_SIZE], word[EPOCH_WORD_SIZE];
    struct writer w = writer_into(word, sizeof word);
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(delivery->group));
    snprintf(fields.group_kms, sizeof fields.group_kms, "%s", kms_uri);
    snprintf(member.identity, sizeof member.identity, "%s", squad_identity(delivery->member));
    snprintf(member.kms, sizeof member.kms, "%s", kms_uri);
    assert_int_equal(identifier_of(member.identity, delivery->utc_ms, &member.identifier),
                     STATUS_OK);
    delivery_gmk(delivery->gmk_id, gmk);
    if (delivery->manager != 0) {
        squad_manager_word(delivery->manager, delivery->term, delivery->counter, &delivery->known,
                           &fields, gmk, &w);
        fields.manager = writer_span(&w);
    }
    assert_int_equal(key_delivery_build_each(squad_provider(), &fields, gmk, 1, &member,
                                             squad_domain(), squad_signing_key(delivery->signer),
                                             &entropy_system, out),
                     STATUS_OK);
}

enum status delivery_give_octets(struct squad *squad, size_t n, struct span octets) {
    unsigned refusals = squad->handsets[n].refusals;
    squad_inject_payload(squad, n, SQUAD_STRANGER, FRAME_KEY_DELIVERY, octets);
    return squad->handsets[n].refusals == refusals ? STATUS_OK : squad->handsets[n].last_refusal;
}

enum status delivery_give(struct squad *squad, const struct delivery *delivery) {
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(delivery, &w);
    return delivery_give_octets(squad, delivery->member, writer_span(&w));
}

bool delivery_is_held(const struct squad *squad, size_t n, uint32_t gmk_id) {
    uint8_t held[SSV_SIZE], expected[SSV_SIZE];
    delivery_gmk(gmk_id, expected);
    return handset_reveal_gmk(squad->handsets[n].engine, gmk_id, held) &&
           secret_equal(held, expected, sizeof held);
}
