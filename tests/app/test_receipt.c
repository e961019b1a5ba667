/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts for key deliveries (6.X.3.3.2.3; app/handset/keys/receipt.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/overheard.h"
#include "delivery.h"

enum {
    FIRST = 0x01020304,
    SECOND = 0x05060708
};

static size_t receipts_sent(const struct squad *squad) {
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].octets[1] == FRAME_RECEIPT;
    }
    return count;
}

static enum status verify(const struct squad *squad, struct span payload, struct receipt *receipt) {
    struct span covered, signature;
    enum status status = receipt_read(payload, receipt, &covered, &signature);
    return status == STATUS_OK
               ? receipt_verify(receipt, covered, signature,
                                &squad->handsets[1].engine->desk.keyring, squad_now(squad, 1))
               : status;
}

/* Handset 0 has taken FIRST and sent its receipt. */
static struct squad *squad_with_receipt(void) {
    struct squad *squad = squad_new(2);
    struct delivery delivery = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), 1);
    return squad;
}

static void a_key_that_is_taken_is_answered_with_a_receipt_that_verifies(void **state) {
    (void)state;
    struct squad *squad = squad_with_receipt();
    const struct squad_frame *frame = squad_find_frame(squad, 0, FRAME_RECEIPT);
    struct receipt receipt;
    char topic[TOPIC_SIZE];
    assert_int_equal(verify(squad, squad_payload(frame), &receipt), STATUS_OK);
    assert_string_equal(receipt.member, squad_identity(0));
    assert_string_equal(receipt.group, squad_identity(SQUAD_FIRE));
    assert_string_equal(receipt.kms, "sip:kms@county.example");
    assert_int_equal(receipt.gmk_id, FIRST);
    topic_receipt(&squad->handsets[0].engine->desk.topic_key, receipt.group, receipt.member, topic);
    assert_string_equal(frame->topic, topic);
    assert_true(frame->is_kept);
    assert_int_equal(frame->to, EVERYONE);
    assert_int_equal(squad->handsets[1].refusals, 0); /* who hears it passes it over */
    squad_free(squad);
}

static void a_receipt_that_was_altered_does_not_verify(void **state) {
    (void)state;
    struct squad *squad = squad_with_receipt();
    struct span payload = squad_payload(squad_find_frame(squad, 0, FRAME_RECEIPT));
    uint8_t octets[RECEIPT_MAX + 1];
    struct receipt receipt;
    for (size_t at = 0; at < payload.length; at++) {
        memcpy(octets, payload.octets, payload.length);
        octets[at] ^= 1;
        assert_int_not_equal(verify(squad, (struct span){octets, payload.length}, &receipt),
                             STATUS_OK);
        assert_int_not_equal(verify(squad, (struct span){payload.octets, at}, &receipt), STATUS_OK);
    }
    memset(octets, 0, sizeof octets);
    assert_int_equal(verify(squad, SPAN_OF(octets), &receipt), STATUS_TOO_LONG);
    /* What another member signed, in this one's name. */
    struct receipt forged = {.utc_ms = squad_now(squad, 0).utc_ms, .gmk_id = SECOND};
    snprintf(forged.group, sizeof forged.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(forged.member, sizeof forged.member, "%s", squad_identity(0));
    snprintf(forged.kms, sizeof forged.kms, "sip:kms@county.example");
    struct writer w = writer_into(octets, RECEIPT_MAX);
    assert_int_equal(
        receipt_write(&w, &forged, &squad->handsets[1].engine->desk.keyring, &entropy_system),
        STATUS_OK);
    assert_int_equal(verify(squad, writer_span(&w), &receipt), STATUS_SIGNATURE_INVALID);
    squad_free(squad);
}

/* Takes all outputs; *stored gets the number of the batch with the group's record. */
static size_t receipts_among_outputs(struct handset *engine, uint64_t *stored) {
    struct output output;
    size_t count = 0;
    while (handset_take_output(engine, &output)) {
        if (output.kind == OUTPUT_STORE && output.batch->changes[0].kind == RECORD_GROUP) {
            *stored = output.number;
        }
        count += output.kind == OUTPUT_SEND && output.frame.octets[1] == FRAME_RECEIPT;
    }
    return count;
}

static void the_key_is_durable_before_the_receipt_leaves(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery delivery = delivery_now(squad, 0, FIRST);
    struct handset *engine = squad->handsets[0].engine;
    uint8_t message[KEY_DELIVERY_MAX], octets[FRAME_MAX];
    struct writer w = writer_into(message, sizeof message);
    delivery_write(&delivery, &w);
    struct writer framed = writer_into(octets, sizeof octets);
    frame_write(&framed,
                &(struct frame){.kind = FRAME_KEY_DELIVERY, .id = 1, .payload = writer_span(&w)});
    handset_frame(engine, squad_now(squad, 0), SQUAD_STRANGER, writer_span(&framed));
    squad->boot_ms += RECEIPT_SPREAD_MS;
    handset_tick(engine, squad_now(squad, 0));
    uint64_t stored = 0;
    assert_int_equal(receipts_among_outputs(engine, &stored), 0);
    assert_true(stored > 0);
    handset_durable(engine, stored);
    assert_true(handset_deadline(engine) <= squad->boot_ms);
    handset_tick(engine, squad_now(squad, 0));
    assert_int_equal(receipts_among_outputs(engine, &stored), 1);
    squad_free(squad);
}

static void a_receipt_is_signed_as_a_receipt_and_as_nothing_else(void **state) {
    (void)state;
    static const char *const labels[] = {"Muster receipt", "Muster presence"};
    struct squad *squad = squad_with_receipt();
    struct receipt receipt;
    struct span covered, signature;
    assert_int_equal(receipt_read(squad_payload(squad_find_frame(squad, 0, FRAME_RECEIPT)),
                                  &receipt, &covered, &signature),
                     STATUS_OK);
    const struct keyring *keyring = &squad->handsets[1].engine->desk.keyring;
    assert_int_equal(keyring_verify(keyring, receipt.member, receipt.kms, squad_now(squad, 1),
                                    covered, signature.octets),
                     STATUS_SIGNATURE_INVALID);
    for (size_t i = 0; i < 2; i++) {
        uint8_t room[RECEIPT_MAX + 32];
        struct writer w = writer_into(room, sizeof room);
        write_span(&w, (struct span){(const uint8_t *)labels[i], strlen(labels[i]) + 1});
        write_span(&w, covered);
        assert_int_equal(keyring_verify(keyring, receipt.member, receipt.kms, squad_now(squad, 1),
                                        writer_span(&w), signature.octets),
                         i == 0 ? STATUS_OK : STATUS_SIGNATURE_INVALID);
    }
    squad_free(squad);
}

static void what_is_refused_gets_no_receipt(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery by_member = delivery_now(squad, 0, FIRST);
    by_member.signer = 1;
    struct delivery of_others = delivery_now(squad, 0, FIRST);
    of_others.group = of_others.signer = SQUAD_POLICE;
    assert_int_equal(delivery_give(squad, &by_member), STATUS_SIGNATURE_INVALID);
    assert_int_equal(delivery_give(squad, &of_others), STATUS_GROUP_IDENTITY_WRONG);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), 0);
    squad_free(squad);
}

static void an_adhoc_group_has_receipts_of_its_own_and_none_of_these(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), 0);
    squad_free(squad);
}

static void the_same_delivery_again_is_answered_once_a_minute_at_most(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery delivery = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    for (int second = 0; second < 130; second++) {
        assert_int_equal(delivery_give(squad, &delivery), STATUS_REPLAYED);
        squad_run(squad, 1000);
    }
    assert_in_range(receipts_sent(squad), 3, 4);
    /* Also by a handset that was off, which does not know what it has sent. */
    size_t before = receipts_sent(squad);
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_REPLAYED);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), before + 1);
    /* And when its manager dated it anew, in the month after. */
    delivery.utc_ms += 20 * 24 * (int64_t)HOUR_MS;
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_REPLAYED);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), before + 2);
    squad_free(squad);
}

static void an_older_delivery_again_is_not_answered(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery older = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &older), STATUS_OK);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    struct delivery newer = delivery_now(squad, 0, SECOND);
    assert_int_equal(delivery_give(squad, &newer), STATUS_OK);
    squad_run(squad, RECEIPT_AGAIN_MS + RECEIPT_SPREAD_MS);
    assert_int_equal(receipts_sent(squad), 2);
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    older.gmk_id = SECOND; /* as if it were the newer one */
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), 2);
    squad_free(squad);
}

static void set_silence(struct squad *squad, int on) {
    struct command command = {.kind = COMMAND_RADIO_SILENCE, .on = on};
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
}

static void under_radio_silence_a_receipt_waits_for_its_end(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct receipt receipt;
    set_silence(squad, 1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad_run(squad, 10000);
    struct delivery second = delivery_now(squad, 0, SECOND);
    assert_int_equal(delivery_give(squad, &second), STATUS_OK);
    squad_run(squad, 10000);
    assert_int_equal(receipts_sent(squad), 0);
    set_silence(squad, 0);
    squad_run(squad, 20);
    assert_int_equal(receipts_sent(squad), 1);
    struct span covered, signature;
    assert_int_equal(receipt_read(squad_payload(squad_find_frame(squad, 0, FRAME_RECEIPT)),
                                  &receipt, &covered, &signature),
                     STATUS_OK);
    assert_int_equal(receipt.gmk_id, SECOND);
    squad_free(squad);
}

static void a_receipt_for_a_key_that_has_expired_is_not_sent_any_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    set_silence(squad, 1);
    struct delivery delivery = delivery_now(squad, 0, FIRST);
    delivery.ends_ms = delivery.begins_ms + 20000;
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    squad_run(squad, 30000);
    set_silence(squad, 0);
    squad_run(squad, RECEIPT_SPREAD_MS + 20);
    assert_int_equal(receipts_sent(squad), 0);
    squad_free(squad);
}

static void receipts_of_many_are_spread_over_two_seconds(void **state) {
    (void)state;
    enum {
        TRIES = 40
    };
    struct squad *squad = squad_new(1);
    struct handset *engine = squad->handsets[0].engine;
    int64_t earliest = INT64_MAX, latest = 0;
    for (int i = 0; i < TRIES; i++) {
        receipts_owe(&engine->receipts, squad_now(squad, 0), squad_identity(SQUAD_FIRE), FIRST);
        int64_t wait_ms = receipts_deadline(&engine->receipts) - squad->boot_ms;
        assert_in_range(wait_ms, 0, RECEIPT_SPREAD_MS);
        earliest = wait_ms < earliest ? wait_ms : earliest;
        latest = wait_ms > latest ? wait_ms : latest;
    }
    assert_true(latest - earliest > RECEIPT_SPREAD_MS / 2); /* fails once in 10^10 runs */
    squad_free(squad);
}

static void a_receipt_on_the_air_is_seen_for_what_it_is(void **state) {
    (void)state;
    struct squad *squad = squad_with_receipt();
    const struct squad_frame *frame = squad_find_frame(squad, 0, FRAME_RECEIPT);
    struct view_frame seen;
    overheard_look((struct span){frame->octets, frame->length}, &seen);
    assert_int_equal(seen.sight, SIGHT_RECEIPT);
    assert_null(seen.check);
    assert_string_equal(seen.from, "urn:gsma:imei:90420156-025763-0");
    assert_string_equal(seen.group, "sip:fire7@county.example");
    assert_int_equal(seen.key_id, 0x01020304);
    overheard_look((struct span){frame->octets, frame->length - 1}, &seen);
    assert_int_equal(seen.sight, SIGHT_RECEIPT);
    assert_non_null(seen.check);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_taken_is_answered_with_a_receipt_that_verifies),
        cmocka_unit_test(a_receipt_that_was_altered_does_not_verify),
        cmocka_unit_test(a_receipt_is_signed_as_a_receipt_and_as_nothing_else),
        cmocka_unit_test(the_key_is_durable_before_the_receipt_leaves),
        cmocka_unit_test(what_is_refused_gets_no_receipt),
        cmocka_unit_test(an_adhoc_group_has_receipts_of_its_own_and_none_of_these),
        cmocka_unit_test(the_same_delivery_again_is_answered_once_a_minute_at_most),
        cmocka_unit_test(an_older_delivery_again_is_not_answered),
        cmocka_unit_test(under_radio_silence_a_receipt_waits_for_its_end),
        cmocka_unit_test(a_receipt_for_a_key_that_has_expired_is_not_sent_any_more),
        cmocka_unit_test(receipts_of_many_are_spread_over_two_seconds),
        cmocka_unit_test(a_receipt_on_the_air_is_seen_for_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
