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

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_members_own_receipt_counts),
        CASE(nobody_confirms_in_anothers_name),
        CASE(what_is_of_another_key_group_or_roll_does_not_count),
        CASE(a_member_who_is_due_again_has_to_confirm_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
