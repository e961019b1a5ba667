/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts as muster-gm takes them: a member's own word for the present GMK counts, and nothing
 * else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/keys/receipt.h"
#include "app/programs/gm/receiving.h"
#include "tests/app/managed.h"
#include "tests/app/scratch.h"

static struct managed_group *group;
static struct keyring keyrings[2]; /* of members 0 and 1 */

static void load_keys(size_t n) {
    uint8_t key[RECORD_KEY_MAX], value[CREDENTIAL_SIZE_MAX];
    struct writer k = writer_into(key, sizeof key), v = writer_into(value, sizeof value);
    managed_keys_record(managed_member(n), managed_now_ms, &k, &v);
    keyrings[n] = (struct keyring){.provider = managed_provider()};
    assert_int_equal(keyring_load(&keyrings[n], writer_span(&k), writer_span(&v)), STATUS_OK);
}

static int setup(void **state) {
    struct batch *batch = batch_new();
    (void)state;
    managed_domain_setup();
    group = managed_group_fixture();
    managed_enlist(group, 2);
    assert_int_equal(
        managed_group_begin(group, managed_now_ms, managed_now_ms, 3600000, &entropy_system, batch),
        STATUS_OK);
    batch_free(batch);
    load_keys(0);
    load_keys(1);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    keyring_clear(&keyrings[0]);
    keyring_clear(&keyrings[1]);
    managed_group_free(group);
    managed_domain_free();
    return 0;
}

/* A good one of member 0. */
static struct receipt receipt_now(void) {
    struct receipt receipt = {.utc_ms = managed_now_ms, .gmk_id = group->rekey.gmk_id};
    strcpy(receipt.group, MANAGED_GROUP);
    strcpy(receipt.member, managed_member(0));
    strcpy(receipt.kms, group->keyring.credential->kms);
    return receipt;
}

/* Who is taken to have given the receipt that the n-th member's keys signed, in a frame of that
 * kind, with the octet at `flipped` (negative: none) changed. */
static struct roll_member *taken(const struct receipt *receipt, size_t n, enum frame_kind kind,
                                 long flipped) {
    uint8_t payload[RECEIPT_MAX], octets[FRAME_HEADER_SIZE + RECEIPT_MAX];
    struct writer p = writer_into(payload, sizeof payload), w = writer_into(octets, sizeof octets);
    assert_int_equal(receipt_write(&p, receipt, &keyrings[n], &entropy_system), STATUS_OK);
    const struct frame frame = {.kind = kind, .hops_left = 1, .payload = writer_span(&p)};
    frame_write(&w, &frame);
    if (flipped >= 0) {
        octets[(size_t)flipped % w.length] ^= 1;
    }
    return receiving_member(group, writer_span(&w));
}

static void a_members_own_receipt_counts(void **state) {
    (void)state;
    const struct receipt receipt = receipt_now();
    assert_ptr_equal(taken(&receipt, 0, FRAME_RECEIPT, -1), &group->roll.members[0]);
}

static void nobody_confirms_in_anothers_name(void **state) {
    (void)state;
    const struct receipt receipt = receipt_now();
    assert_null(taken(&receipt, 1, FRAME_RECEIPT, -1));
    /* Any octet of the payload: it is signed as a whole. */
    for (long i = FRAME_HEADER_SIZE; i < FRAME_HEADER_SIZE + 200; i += 13) {
        assert_null(taken(&receipt, 0, FRAME_RECEIPT, i));
    }
}

static void what_is_of_another_key_group_or_roll_does_not_count(void **state) {
    (void)state;
    struct receipt receipt = receipt_now();
    receipt.gmk_id++;
    assert_null(taken(&receipt, 0, FRAME_RECEIPT, -1));
    receipt = receipt_now();
    strcpy(receipt.group, "sip:boat@county.example");
    assert_null(taken(&receipt, 0, FRAME_RECEIPT, -1));
    receipt = receipt_now();
    assert_null(taken(&receipt, 0, FRAME_PRESENCE, -1));
    roll_remove(&group->roll, &group->roll.members[0]);
    assert_null(taken(&receipt, 0, FRAME_RECEIPT, -1));
}

static void a_member_who_is_due_again_has_to_confirm_anew(void **state) {
    (void)state;
    const struct receipt receipt = receipt_now();
    struct roll_member *member = &group->roll.members[0];
    member->received_id = group->rekey.gmk_id;
    assert_ptr_equal(taken(&receipt, 1, FRAME_RECEIPT, -1), member); /* known: not checked again */
    member->is_due_again = true;
    assert_null(taken(&receipt, 1, FRAME_RECEIPT, -1));
    assert_ptr_equal(taken(&receipt, 0, FRAME_RECEIPT, -1), member);
}

/* --- Objections ----------------------------------------------------------------------------- */

/* What member 0 has from another store of the group, which has excluded member 1. */
static struct span proof_of_another(uint8_t room[EPOCH_PROOF_SIZE], struct exclusion_state *told) {
    uint8_t delivery[KEY_DELIVERY_MAX], gmk[SSV_SIZE];
    struct managed_group *other = managed_group_fixture();
    struct batch *batch = batch_new();
    struct writer w = writer_into(delivery, sizeof delivery),
                  p = writer_into(room, EPOCH_PROOF_SIZE);
    struct key_delivery_fields fields;
    struct i_message message;
    struct epoch_word word;
    struct epoch_proof proof;
    managed_enlist(other, 2);
    const struct roll_member *member = &other->roll.members[0];
    assert_int_equal(managed_group_exclude(other, &other->roll.members[1], true, batch), STATUS_OK);
    assert_int_equal(
        managed_group_begin(other, managed_now_ms, managed_now_ms, 3600000, &entropy_system, batch),
        STATUS_OK);
    assert_int_equal(managed_group_build(other, managed_now_ms, 1, &member, &entropy_system, &w),
                     STATUS_OK);
    assert_int_equal(managed_open(0, writer_span(&w), &fields, gmk), STATUS_OK);
    assert_int_equal(key_delivery_parse(writer_span(&w), &message), STATUS_OK);
    assert_int_equal(epoch_word_read(message.fields.manager, &word), STATUS_OK);
    assert_int_equal(epoch_proof_of(&word, &fields, gmk, &proof), STATUS_OK);
    epoch_proof_write(&p, &proof);
    *told = other->known.list[0];
    batch_free(batch);
    managed_group_free(other);
    return writer_span(&p);
}

/* What becomes of the objection that the n-th member's keys signed. */
static enum status objected(struct gm *gm, const struct receipt *receipt, size_t n,
                            struct error *error) {
    uint8_t payload[RECEIPT_MAX], octets[FRAME_HEADER_SIZE + RECEIPT_MAX];
    struct writer p = writer_into(payload, sizeof payload), w = writer_into(octets, sizeof octets);
    assert_int_equal(receipt_write(&p, receipt, &keyrings[n], &entropy_system), STATUS_OK);
    const struct frame frame = {.kind = FRAME_RECEIPT, .hops_left = 1, .payload = writer_span(&p)};
    frame_write(&w, &frame);
    assert_null(receiving_member(group, writer_span(&w)));
    return receiving_objection(gm, writer_span(&w), error);
}

static enum status count_exclusions(void *context, enum record_kind kind, struct span key,
                                    struct span value) {
    (void)key;
    (void)value;
    *(size_t *)context += kind == RECORD_EXCLUSIONS;
    return STATUS_OK;
}

static void an_objection_with_a_proof_stops_the_manager_for_good(void **state) {
    uint8_t room[EPOCH_PROOF_SIZE];
    struct error error = {0};
    struct receipt receipt = receipt_now();
    struct gm gm = {.group = group};
    size_t kept = 0;
    assert_int_equal(scratch_setup(state), 0);
    assert_int_equal(store_create(scratch_path(state, "store"), span_of_text("correct horse"),
                                  STORE_QUICK, &entropy_system, &gm.store, &error),
                     STATUS_OK);
    receipt.gmk_id = 0;
    receipt.proof = proof_of_another(room, &receipt.told);
    assert_int_equal(receiving_check(&gm, &error), STATUS_OK);
    assert_int_equal(objected(&gm, &receipt, 1, &error), STATUS_OK); /* in another's name */
    room[40] ^= 1;
    assert_int_equal(objected(&gm, &receipt, 0, &error), STATUS_OK); /* it proves nothing */
    room[40] ^= 1;
    assert_int_equal(receiving_check(&gm, &error), STATUS_OK);
    group->roll.members[0].is_excluded = true; /* whom this store shuts out stops nobody */
    assert_int_equal(objected(&gm, &receipt, 0, &error), STATUS_OK);
    assert_int_equal(receiving_check(&gm, &error), STATUS_OK);
    group->roll.members[0].is_excluded = false;
    assert_int_equal(objected(&gm, &receipt, 0, &error), STATUS_EXCLUSION_UNKNOWN);
    assert_non_null(strstr(error.text, "exclusion number 1"));
    assert_non_null(strstr(error.text, managed_member(0)));
    assert_int_equal(receiving_check(&gm, &error), STATUS_EXCLUSION_UNKNOWN);
    assert_int_equal(objected(&gm, &receipt, 0, &error), STATUS_EXCLUSION_UNKNOWN);
    assert_int_equal(store_load(gm.store, count_exclusions, &kept, &error), STATUS_OK);
    assert_int_equal(kept, 1);
    exclusion_states_add(&group->known, &receipt.told); /* as after catching up */
    group->unknown.number = 0;
    assert_int_equal(objected(&gm, &receipt, 0, &error), STATUS_OK);
    store_close(gm.store);
    assert_int_equal(scratch_teardown(state), 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_members_own_receipt_counts),
        CASE(nobody_confirms_in_anothers_name),
        CASE(what_is_of_another_key_group_or_roll_does_not_count),
        CASE(a_member_who_is_due_again_has_to_confirm_anew),
        CASE(an_objection_with_a_proof_stops_the_manager_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
