/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset that manages a standard group: who has the key, and who is sent it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/confirmation.h"
#include "app/handset/keys/handing_out.h"
#include "app/handset/keys/managing.h"
#include "crypto/key_delivery.h"
#include "manager_squad.h"

/* --- Receipts, and sending again ------------------------------------------------------------ */

static void lost_receipts_and_lost_keys_are_made_up_for_who_is_nearby(void **state) {
    (void)state;
    static squad_filter *const filters[] = {drop_receipts, drop_deliveries};
    for (size_t i = 0; i < 2; i++) {
        struct squad *squad = squad_with_manager(FEW);
        squad->filter = filters[i];
        assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
        squad_run(squad, 10000);
        assert_int_equal(manager_view(squad)->sent, FEW);
        assert_int_equal(manager_view(squad)->received, 1); /* its own handset's */
        assert_int_equal(manager_row(squad, 1)->state, MANAGED_SENT);
        squad->filter = NULL;
        squad_wait(squad, 2 * MINUTE_MS);
        assert_int_equal(manager_view(squad)->received, FEW);
        squad_free(squad);
    }
}

static void receipts_outlast_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    assert_int_equal(manager_view(squad)->received, FEW);
    squad->handsets[MANAGER].deaf = true; /* no receipt comes again */
    squad_restart(squad, MANAGER, true);
    size_t from = squad->frame_count;
    squad_wait(squad, 2 * MANAGEMENT_NEARBY_MS);
    assert_int_equal(manager_view(squad)->received, FEW);
    assert_int_equal(count_deliveries(squad, from, 0, NULL), 0);
    squad_free(squad);
}

static void a_member_nearby_is_sent_the_key_once_a_minute_at_most(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    squad->filter = drop_deliveries;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_wait(squad, 9 * MINUTE_MS);
    for (size_t n = 1; n < FEW; n++) {
        assert_in_range(count_deliveries(squad, 0, 0, squad_identity(n)), 8, 9);
    }
    squad_free(squad);
}

static void members_out_of_reach_are_sent_the_key_again_every_ten_minutes_and_gently(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    squad_manage(squad, MANAGER, ALL);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    size_t before = 0;
    for (int64_t second = 0; second < 21 * 60; second++) {
        squad_wait(squad, 1000);
        size_t now = count_deliveries(squad, 0, 0, NULL);
        assert_true(second == 0 || now - before <= MANAGEMENT_ROUND_AT_ONCE);
        before = now;
    }
    assert_int_equal(before, 3 * (ALL - 1));
    squad_free(squad);
}

static void a_first_sending_is_paced_and_tells_how_long_it_takes(void **state) {
    (void)state;
    enum {
        STEPS = 400 / MANAGEMENT_AT_ONCE
    };
    struct squad *squad = squad_new(1);
    squad_manage(squad, MANAGER, ALL);
    for (int i = 0; i < 400 - ALL; i++) {
        struct command command = manager_order(COMMAND_MANAGE_ADD, 0);
        snprintf(command.identity, sizeof command.identity, "tel:+4477009%05d", i + 200);
        assert_int_equal(squad_command(squad, MANAGER, &command), STATUS_OK);
    }
    squad->step_ms = 1;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, STEPS / 2 * MANAGEMENT_PACE_MS);
    assert_true(manager_view(squad)->sending);
    assert_in_range(manager_view(squad)->sent, 200, 200 + MANAGEMENT_AT_ONCE);
    assert_in_range(manager_view(squad)->sent_a_second, 780, 840);
    assert_in_range(manager_view(squad)->sending_left_ms, 230, 260);
    squad_run(squad, (STEPS / 2 + 2) * MANAGEMENT_PACE_MS);
    assert_int_equal(manager_view(squad)->sent, 400);
    assert_false(manager_view(squad)->sending);
    squad_free(squad);
}

/* Hands the manager a receipt in the name of `member`, signed by `signer`. */
static void hand_receipt(struct squad *squad, size_t member, size_t signer, uint32_t gmk_id) {
    struct receipt receipt = {.utc_ms = squad_now(squad, signer).utc_ms, .gmk_id = gmk_id};
    uint8_t octets[RECEIPT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    snprintf(receipt.group, sizeof receipt.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(receipt.member, sizeof receipt.member, "%s", squad_identity(member));
    snprintf(receipt.kms, sizeof receipt.kms, "sip:kms@county.example");
    assert_int_equal(
        receipt_write(&w, &receipt, &squad->handsets[signer].engine->desk.keyring, &entropy_system),
        STATUS_OK);
    squad_inject_payload(squad, MANAGER, signer, FRAME_RECEIPT, writer_span(&w));
}

static void forged_receipts_are_refused(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    squad->filter = drop_deliveries;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    unsigned refusals = squad->handsets[MANAGER].refusals;
    hand_receipt(squad, 1, 2, gmk_id);
    assert_int_equal(squad->handsets[MANAGER].refusals, refusals + 1);
    assert_int_equal(squad->handsets[MANAGER].last_refusal, STATUS_SIGNATURE_INVALID);
    assert_int_equal(manager_row(squad, 1)->state, MANAGED_SENT);
    hand_receipt(squad, 1, 1, gmk_id ^ 1); /* for another key */
    assert_int_equal(manager_row(squad, 1)->state, MANAGED_SENT);
    hand_receipt(squad, 1, 1, gmk_id);
    assert_int_equal(manager_row(squad, 1)->state, MANAGED_HAS);
    assert_int_equal(squad->handsets[MANAGER].refusals, refusals + 1);
    squad_free(squad);
}

static void a_flood_of_forged_receipts_costs_little_and_keeps_others_out_of_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    squad->filter = drop_deliveries;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    for (size_t i = 0; i < 400; i++) {
        hand_receipt(squad, 1, 2, gmk_id);
    }
    struct handset *manager = squad->handsets[MANAGER].engine;
    const struct knock knock = {.arrival.peer = 2 + 1}; /* whose address they came from */
    admission_enter(&manager->admission, &knock);
    assert_false(purses_take(&manager->management.receipts,
                             admission_who(&manager->admission, squad_identity(1)), squad->boot_ms,
                             MANAGEMENT_RECEIPT_MILLI_UNITS));
    admission_leave(&manager->admission);
    for (size_t n = 1; n < FEW; n++) {
        hand_receipt(squad, n, n, gmk_id);
        assert_int_equal(manager_row(squad, n)->state, MANAGED_HAS);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_receipts_and_lost_keys_are_made_up_for_who_is_nearby),
        cmocka_unit_test(a_first_sending_is_paced_and_tells_how_long_it_takes),
        cmocka_unit_test(receipts_outlast_a_restart),
        cmocka_unit_test(a_member_nearby_is_sent_the_key_once_a_minute_at_most),
        cmocka_unit_test(members_out_of_reach_are_sent_the_key_again_every_ten_minutes_and_gently),
        cmocka_unit_test(forged_receipts_are_refused),
        cmocka_unit_test(a_flood_of_forged_receipts_costs_little_and_keeps_others_out_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
