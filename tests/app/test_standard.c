/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of standard groups as they are delivered (6.X.3.3.2.3; app/README.md section 5, 2 to 4 and
 * 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "app/handset/d2d/d2d.h"
#include "app/handset/handset.h"
#include "delivery.h"

enum {
    FIRST = 0x01020304,
    SECOND = 0x05060708,
    THIRD = 0x0A0B0C0D,
    ROUND_MS = 1000 /* a second passes, so that the next refusal is told as well */
};

static const struct view_group *only_group(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    assert_int_equal(view->group_count, 1);
    return &view->groups[0];
}

static void a_delivered_key_makes_the_group_and_the_officer_sees_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    assert_true(delivery_is_held(squad, 0, FIRST));
    const struct view_group *group = only_group(squad, 0);
    assert_int_equal(group->kind, GROUP_STANDARD);
    assert_true(group->managed);
    assert_string_equal(group->identity, squad_identity(SQUAD_FIRE));
    assert_string_equal(group->name, "fire7");
    assert_int_equal(group->gmk_id, FIRST);
    assert_int_equal(group->gmk_state, GMK_USABLE);
    assert_in_range(group->remaining_ms, HOUR_MS - 1000, HOUR_MS);
    assert_int_equal(group->period_ms, HOUR_MS);
    assert_int_equal(group->member_count, 0);
    assert_false(group->created_here);
    squad_free(squad);
}

static void deliveries_to_other_members_are_passed_over_in_silence(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct delivery others = delivery_now(squad, 1, FIRST);
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&others, &w);
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    assert_int_equal(squad_view(squad, 0)->frames_refused, 0);
    squad_free(squad);
}

static void only_the_groups_own_manager_can_deliver_its_key(void **state) {
    (void)state;
    static const struct {
        size_t group, signer;
        enum status expected;
    } cases[] = {
        {SQUAD_FIRE, 1, STATUS_SIGNATURE_INVALID},                 /* a member, as the manager */
        {1, 1, STATUS_GROUP_IDENTITY_WRONG},                       /* a member, as itself */
        {SQUAD_FIRE, SQUAD_RESCUE, STATUS_SIGNATURE_INVALID},      /* another group's manager */
        {SQUAD_RESCUE, SQUAD_FIRE, STATUS_SIGNATURE_INVALID},      /* likewise */
        {SQUAD_POLICE, SQUAD_POLICE, STATUS_GROUP_IDENTITY_WRONG}, /* a group of others */
        {SQUAD_FIRE, SQUAD_FIRE, STATUS_OK},
    };
    struct squad *squad = squad_new(2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct delivery delivery = delivery_now(squad, 0, FIRST);
        delivery.group = cases[i].group;
        delivery.signer = cases[i].signer;
        assert_int_equal(delivery_give(squad, &delivery), cases[i].expected);
        assert_int_equal(squad_view(squad, 0)->group_count, cases[i].expected == STATUS_OK);
        squad_run(squad, ROUND_MS);
    }
    squad_free(squad);
}

static void a_standard_key_has_a_key_id_of_the_standard_space(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const uint32_t wrong[] = {0xA1020304, 0xD1020304, 0x11020304, 0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct delivery delivery = delivery_now(squad, 0, wrong[i]);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_KEY_ID_WRONG_SPACE);
    }
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    squad_free(squad);
}

static void of_two_deliveries_the_later_made_counts_in_whatever_order_they_come(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery older = delivery_now(squad, 0, FIRST);
    squad_run(squad, ROUND_MS);
    struct delivery newer = delivery_now(squad, 0, SECOND);
    assert_int_equal(delivery_give(squad, &newer), STATUS_OK);
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    assert_int_equal(only_group(squad, 0)->gmk_id, SECOND);
    assert_false(delivery_is_held(squad, 0, FIRST));
    /* Nor does it come after a restart, nor when the newer key is over. */
    older.ends_ms += 10 * HOUR_MS;
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    squad_run(squad, 1000);
    squad->boot_ms += HOUR_MS;
    squad_run(squad, ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_EXPIRED);
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    squad_restart(squad, 0, true);
    squad_run(squad, ROUND_MS);
    assert_int_equal(delivery_give(squad, &older), STATUS_REPLAYED);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_EXPIRED);
    squad_free(squad);
}

static void a_delivery_is_acted_on_once(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&first, &w);
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_OK);
    unsigned stores = squad->handsets[0].stores;
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_REPLAYED);
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_REPLAYED);
    assert_int_equal(squad->handsets[0].stores, stores);
    squad_free(squad);
}

/* Of one group the key that is held stays, whatever a later delivery has under its id. Another
 * group's key of that id is another key. */
static void a_key_id_stands_for_one_key_of_a_group(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad_run(squad, ROUND_MS);
    struct delivery same_id = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &same_id), STATUS_REPLAYED);
    assert_true(delivery_is_held(squad, 0, FIRST));
    same_id.group = same_id.signer = SQUAD_RESCUE;
    assert_int_equal(delivery_give(squad, &same_id), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->group_count, 2);
    squad_free(squad);
}

static void a_delivery_with_any_octet_changed_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&first, &w);
    for (size_t at = 0; at < w.length; at++) {
        octets[at] ^= (uint8_t)(1u << at % 8);
        squad->boot_ms += ROUND_MS;
        (void)delivery_give_octets(squad, 0, writer_span(&w)); /* may be for another handset now */
        assert_int_equal(squad_view(squad, 0)->group_count, 0);
        octets[at] ^= (uint8_t)(1u << at % 8);
    }
    assert_int_equal(squad->handsets[0].stores, 0);
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_OK);
    squad_free(squad);
}

static void a_key_is_not_taken_past_its_period_and_not_kept_past_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery over = delivery_now(squad, 0, FIRST);
    over.begins_ms -= HOUR_MS;
    over.ends_ms = over.begins_ms + HOUR_MS;
    assert_int_equal(delivery_give(squad, &over), STATUS_GMK_EXPIRED);
    struct delivery first = delivery_now(squad, 0, SECOND);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad->boot_ms += HOUR_MS - 1000;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, ROUND_MS + 100);
    assert_false(delivery_is_held(squad, 0, SECOND));
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_EXPIRED);
    assert_false(handset_is_talking(squad->handsets[0].engine));
    assert_int_equal(squad_talk(squad, 0), STATUS_GMK_EXPIRED);
    squad_free(squad);
}

/* A delivery by a manager whose clock is ahead of the handset's by that much. */
static struct delivery delivery_ahead(const struct squad *squad, size_t member, uint32_t gmk_id,
                                      int64_t ahead_ms) {
    struct delivery delivery = delivery_now(squad, member, gmk_id);
    delivery.utc_ms += ahead_ms;
    delivery.begins_ms += ahead_ms;
    delivery.ends_ms += ahead_ms;
    return delivery;
}

/* The last one as far as clocks may differ. */
static const int64_t managers_ahead[] = {6 * 60 * 1000, 20 * (int64_t)HOUR_MS,
                                         24 * (int64_t)HOUR_MS - 1000};

static void a_key_that_began_by_its_managers_clock_has_begun(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof managers_ahead / sizeof managers_ahead[0]; i++) {
        struct squad *squad = squad_new(1);
        struct delivery first = delivery_ahead(squad, 0, FIRST, managers_ahead[i]);
        assert_int_equal(delivery_give(squad, &first), STATUS_OK);
        assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
        assert_in_range(only_group(squad, 0)->remaining_ms, HOUR_MS - 1000, HOUR_MS);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        /* It lasts for its period and no longer, whatever its end says, also after a restart. */
        squad_restart(squad, 0, false);
        squad->boot_ms += HOUR_MS + 1000;
        squad_run(squad, ROUND_MS);
        assert_false(delivery_is_held(squad, 0, FIRST));
        assert_int_equal(only_group(squad, 0)->gmk_state, GMK_EXPIRED);
        assert_int_equal(delivery_give(squad, &first), STATUS_REPLAYED);
        squad_free(squad);
    }
}

static void a_delivery_orders_keys_and_moves_no_clock(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof managers_ahead / sizeof managers_ahead[0]; i++) {
        struct squad *squad = squad_new(1);
        struct delivery first = delivery_ahead(squad, 0, FIRST, managers_ahead[i]);
        assert_int_equal(delivery_give(squad, &first), STATUS_OK);
        /* The manager's clock was put right: dated just after, for a time by the right clock. */
        struct delivery second = delivery_now(squad, 0, SECOND);
        second.utc_ms = first.utc_ms + 1;
        assert_int_equal(delivery_give(squad, &second), STATUS_OK);
        assert_int_equal(only_group(squad, 0)->gmk_id, SECOND);
        assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
        assert_in_range(only_group(squad, 0)->remaining_ms, HOUR_MS - 1000, HOUR_MS);
        squad_free(squad);
    }
}

static void
members_who_take_a_key_of_a_clock_ahead_at_different_times_hear_each_other(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof managers_ahead / sizeof managers_ahead[0]; i++) {
        struct squad *squad = squad_new(2);
        squad_run(squad, ROUND_MS);
        struct delivery mine = delivery_ahead(squad, 0, FIRST, managers_ahead[i]);
        struct delivery others = mine;
        others.member = 1;
        assert_int_equal(delivery_give(squad, &mine), STATUS_OK);
        squad->boot_ms += 200 * 1000;
        assert_int_equal(delivery_give(squad, &others), STATUS_OK);
        squad_run(squad, ROUND_MS);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 2 * ROUND_MS);
        assert_int_equal(squad_view(squad, 1)->talker_count, 1);
        squad_free(squad);
    }
}

static void a_key_for_later_waits_for_the_clock_here(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_ahead(squad, 0, FIRST, 6 * (int64_t)60000);
    first.begins_ms += 60000;
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_NOT_YET);
    /* A later delivery says that the manager is past its beginning: so it was in use. */
    struct delivery second = first;
    second.gmk_id = SECOND;
    second.utc_ms = first.begins_ms;
    second.begins_ms += HOUR_MS / 2;
    second.ends_ms += HOUR_MS;
    assert_int_equal(delivery_give(squad, &second), STATUS_OK);
    assert_int_equal(only_group(squad, 0)->gmk_id, FIRST);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
    assert_true(only_group(squad, 0)->remaining_ms <= HOUR_MS);
    squad_free(squad);
}

static void a_delivery_is_dated_in_a_month_whose_keys_the_manager_holds(void **state) {
    (void)state;
    const int64_t days[] = {-40, 40, 4000};
    struct squad *squad = squad_new(1);
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct delivery dated = delivery_now(squad, 0, FIRST);
        dated.utc_ms += days[i] * 24 * HOUR_MS;
        dated.ends_ms += 5000 * (int64_t)24 * HOUR_MS;
        assert_int_equal(delivery_give(squad, &dated), STATUS_SIGNATURE_INVALID);
    }
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    squad_free(squad);
}

/* --- Keys that wait ------------------------------------------------------------------------- */

static void give_first_and_waiting(struct squad *squad, size_t n) {
    struct delivery first = delivery_now(squad, n, FIRST), second = first;
    second.gmk_id = SECOND;
    second.utc_ms++;
    second.begins_ms += HOUR_MS / 2;
    second.ends_ms += HOUR_MS;
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    assert_int_equal(delivery_give(squad, &second), STATUS_OK);
}

static void a_key_waits_for_its_period_and_takes_over_by_itself(void **state) {
    (void)state;
    for (int reboot = 0; reboot < 2; reboot++) {
        struct squad *squad = squad_new(1);
        give_first_and_waiting(squad, 0);
        assert_int_equal(only_group(squad, 0)->gmk_id, FIRST);
        squad_restart(squad, 0, reboot != 0);
        squad_run(squad, ROUND_MS);
        assert_int_equal(only_group(squad, 0)->gmk_id, FIRST);
        squad->boot_ms += HOUR_MS / 2 - 2 * ROUND_MS - 1000;
        squad_run(squad, 100);
        assert_int_equal(only_group(squad, 0)->gmk_id, FIRST);
        squad_run(squad, 2 * ROUND_MS);
        assert_int_equal(only_group(squad, 0)->gmk_id, SECOND);
        assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
        /* The one before is listened to for a while, and then it is gone. */
        assert_true(delivery_is_held(squad, 0, FIRST));
        squad->boot_ms += STANDARD_OVERLAP_MS;
        squad_run(squad, 100);
        assert_false(delivery_is_held(squad, 0, FIRST));
        assert_true(delivery_is_held(squad, 0, SECOND));
        squad_free(squad);
    }
}

/* The clock here is 20 minutes behind: for so long everybody else would talk unheard. */
static void a_key_that_waits_begins_when_a_member_is_heard_to_use_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->handsets[0].utc_offset_ms = -20 * 60 * 1000;
    squad_run(squad, 15 * ROUND_MS);
    struct delivery mine = delivery_now(squad, 1, FIRST);
    mine.begins_ms += 60 * 1000;
    mine.ends_ms += 60 * 1000;
    struct delivery others = mine;
    others.member = 0;
    assert_int_equal(delivery_give(squad, &mine), STATUS_OK);
    assert_int_equal(delivery_give(squad, &others), STATUS_OK);
    squad_run(squad, 62 * ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_NOT_YET);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 3 * ROUND_MS);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
    assert_in_range(only_group(squad, 0)->remaining_ms, 1, HOUR_MS);
    squad_free(squad);
}

/* A member whose clock stood still while it was off has heard others use the key, and talks under
 * it by a time of before its beginning. Whom it talks to is not deaf to it because the key waits.
 */
static void a_key_that_waits_begins_also_by_a_member_whose_clock_is_behind(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->handsets[0].utc_offset_ms = -20 * 60 * 1000;
    squad->handsets[2].utc_offset_ms = -3 * HOUR_MS;
    squad_run(squad, 15 * ROUND_MS);
    struct delivery delivery = delivery_now(squad, 1, FIRST);
    delivery.begins_ms += 60 * 1000;
    delivery.ends_ms += 60 * 1000;
    for (delivery.member = 0; delivery.member < 3; delivery.member++) {
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad->handsets[0].deaf = true;
    squad_run(squad, 62 * ROUND_MS);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 3 * ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_NOT_YET);
    assert_int_equal(only_group(squad, 2)->gmk_state, GMK_USABLE);
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    squad->handsets[0].deaf = false;
    squad_run(squad, 15 * ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_NOT_YET);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 3 * ROUND_MS);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
    assert_in_range(only_group(squad, 0)->remaining_ms, 1, HOUR_MS);
    squad_free(squad);
}

static void a_group_without_a_key_keeps_its_time_across_a_boot(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST), second = first;
    second.gmk_id = SECOND;
    second.utc_ms++;
    second.ends_ms += HOUR_MS;
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad->boot_ms += HOUR_MS + ROUND_MS;
    squad_run(squad, ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_EXPIRED);
    squad->boot_ms += 2 * HOUR_MS;
    squad_run(squad, ROUND_MS);
    squad->handsets[0].utc_offset_ms = -24 * HOUR_MS;
    squad_restart(squad, 0, true);
    squad_run(squad, ROUND_MS);
    assert_int_equal(delivery_give(squad, &second), STATUS_GMK_EXPIRED);
    squad_free(squad);
}

static void a_first_key_that_waits_is_shown_and_not_used(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    first.begins_ms += 60000;
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad_run(squad, ROUND_MS);
    const struct view_group *group = only_group(squad, 0);
    assert_int_equal(group->gmk_id, FIRST);
    assert_int_equal(group->gmk_state, GMK_NOT_YET);
    assert_in_range(group->begins_in_ms, 57000, 60000);
    assert_int_equal(squad_talk(squad, 0), STATUS_GMK_NOT_YET);
    /* At the very moment it may be used, also when nobody has looked at the clock. */
    squad->boot_ms += 60000;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_free(squad);
}

static void a_later_delivery_takes_the_place_of_a_key_that_waits(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    give_first_and_waiting(squad, 0);
    squad_run(squad, ROUND_MS);
    struct delivery at_once = delivery_now(squad, 0, THIRD);
    assert_int_equal(delivery_give(squad, &at_once), STATUS_OK);
    assert_int_equal(only_group(squad, 0)->gmk_id, THIRD);
    assert_false(delivery_is_held(squad, 0, SECOND));
    squad->boot_ms += HOUR_MS / 2;
    squad_run(squad, ROUND_MS);
    assert_int_equal(only_group(squad, 0)->gmk_id, THIRD);
    squad_free(squad);
}

static void a_key_that_began_is_not_lost_to_one_that_is_delivered_next(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    give_first_and_waiting(squad, 0);
    squad->boot_ms += HOUR_MS / 2 + 1000; /* and nobody has looked at the clock */
    struct delivery third = delivery_now(squad, 0, THIRD);
    third.begins_ms += HOUR_MS / 4;
    assert_int_equal(delivery_give(squad, &third), STATUS_OK);
    assert_int_equal(only_group(squad, 0)->gmk_id, SECOND);
    assert_int_equal(only_group(squad, 0)->gmk_state, GMK_USABLE);
    squad_free(squad);
}

/* --- Power cuts and officers ---------------------------------------------------------------- */

static void a_key_that_was_not_made_durable_is_not_used_and_can_come_again(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, FIRST);
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&first, &w);
    squad->handsets[0].cut_at = 1;
    (void)delivery_give_octets(squad, 0, writer_span(&w));
    assert_true(squad->handsets[0].is_cut); /* the first that comes out is the record */
    squad_restart(squad, 0, true);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_OK);
    squad_restart(squad, 0, true);
    assert_true(delivery_is_held(squad, 0, FIRST));
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_free(squad);
}

static void an_officer_neither_rekeys_nor_deletes_what_a_manager_manages(void **state) {
    (void)state;
    static const enum command_kind kinds[] = {COMMAND_DELETE_GROUP, COMMAND_REKEY_GROUP,
                                              COMMAND_RETRY_MEMBER, COMMAND_CANCEL_DISTRIBUTION};
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct delivery first = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct command command = squad_create_command(1, HOUR_MS);
        command.kind = kinds[i];
        snprintf(command.group, sizeof command.group, "%s", squad_identity(SQUAD_FIRE));
        snprintf(command.identity, sizeof command.identity, "%s", squad_identity(1));
        assert_int_equal(squad_command(squad, 0, &command), STATUS_NOT_ALLOWED);
    }
    assert_true(delivery_is_held(squad, 0, FIRST));
    squad_free(squad);
}

static void keys_go_when_the_kms_lists_their_group_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    give_first_and_waiting(squad, 0);
    squad_leave_groups(squad, 0);
    squad_restart(squad, 0, true);
    assert_false(delivery_is_held(squad, 0, FIRST));
    assert_false(delivery_is_held(squad, 0, SECOND));
    assert_false(only_group(squad, 0)->managed);
    squad_run(squad, ROUND_MS);
    squad_restart(squad, 0, true); /* from what is durable */
    assert_false(delivery_is_held(squad, 0, FIRST));
    struct delivery third = delivery_now(squad, 0, THIRD);
    assert_int_equal(delivery_give(squad, &third), STATUS_GROUP_IDENTITY_WRONG);
    struct command delete = {.kind = COMMAND_DELETE_GROUP};
    snprintf(delete.group, sizeof delete.group, "%s", squad_identity(SQUAD_FIRE));
    assert_int_equal(squad_command(squad, 0, &delete), STATUS_OK);
    squad_free(squad);
}

static void a_key_for_which_there_is_no_room_is_told_to_the_officer(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct handset *engine = squad->handsets[0].engine;
    for (unsigned i = 0; i < GROUPS_MAX; i++) {
        struct group_parameters parameters = {.gmk_id = 0xA0000000 + i};
        assert_int_equal(group_identity_adhoc(squad_identity(0), i, parameters.identity),
                         STATUS_OK);
        struct group *group = group_new(&parameters, group_clock_start(0, squad_now(squad, 0)));
        assert_int_equal(groups_add(&engine->groups, group), STATUS_OK);
    }
    struct delivery first = delivery_now(squad, 0, FIRST);
    assert_int_equal(delivery_give(squad, &first), STATUS_TOO_LONG);
    const struct event *told = &squad_view(squad, 0)->log[1];
    assert_int_equal(told->kind, EVENT_KEY_HAS_NO_ROOM);
    assert_string_equal(told->group, "sip:fire7@county.example");
    assert_int_equal(told->count, GROUPS_MAX);
    groups_remove(&engine->groups, engine->groups.list[0]);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad_free(squad);
}

/* --- Attacks -------------------------------------------------------------------------------- */

static void a_key_delivery_opens_no_connection(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery first = delivery_now(squad, 0, 0xD1020304); /* the id of a TGK */
    uint8_t payload[9 + KEY_DELIVERY_MAX], hash[SHA256_DIGEST_LENGTH];
    struct writer w = writer_into(payload, sizeof payload);
    memset(write_room(&w, 8), 0, 8);
    write_u8(&w, D2D_OPEN);
    delivery_write(&first, &w);
    memcpy(payload, SHA256(payload + 9, w.length - 9, hash), 8);
    size_t sent = squad->frame_count;
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_D2D, writer_span(&w));
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_MALFORMED);
    assert_int_equal(squad->frame_count, sent);
    squad_free(squad);
}

static unsigned verified;

static enum status count_and_verify(const struct domain_key *domain, struct span identifier,
                                    struct span message,
                                    const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    verified++;
    return squad_provider()->verify(domain, identifier, message, signature);
}

static void a_flood_of_forged_deliveries_costs_few_signature_checks_and_no_record(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct provider counting = *squad_provider();
    counting.verify = count_and_verify;
    squad->handsets[0].engine->desk.keyring.provider = &counting;
    struct delivery forged = delivery_now(squad, 0, FIRST);
    forged.signer = 1;
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&forged, &w);
    enum {
        RAND_AT = 22,
        FLOOD = 1000
    };
    verified = 0;
    for (unsigned i = 0; i < FLOOD; i++) {
        octets[RAND_AT] = (uint8_t)i;
        octets[RAND_AT + 1] = (uint8_t)(i >> 8);
        (void)delivery_give_octets(squad, 0, writer_span(&w));
    }
    assert_in_range(verified, 1, PURSE_BURST);
    assert_int_equal(squad->handsets[0].stores, 0);
    squad_run(squad, 2 * ROUND_MS);
    struct delivery first = delivery_now(squad, 0, SECOND);
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad->handsets[0].engine->desk.keyring.provider = squad_provider();
    squad_free(squad);
}

/* --- Epochs --------------------------------------------------------------------------------- */

/* Another manager of the group, who came in `term`: it has the group identity's keys as well. */
static struct delivery of_manager(const struct squad *squad, uint32_t gmk_id, uint64_t term,
                                  uint64_t counter) {
    struct delivery delivery = delivery_now(squad, 0, gmk_id);
    delivery.manager = SQUAD_MANAGER + 1;
    delivery.term = term;
    delivery.counter = counter;
    return delivery;
}

static void a_former_manager_delivers_no_key_whatever_it_counts_and_dates(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct delivery jumped = delivery_now(squad, 0, FIRST);
    jumped.counter = UINT64_MAX;
    assert_int_equal(delivery_give(squad, &jumped), STATUS_OK);
    /* The counter's end locks out this term alone; and the next one's may be dated earlier. */
    struct delivery next = of_manager(squad, SECOND, SQUAD_TERM + 1, 1);
    next.utc_ms -= 1000;
    next.begins_ms = next.utc_ms / 1000 * 1000;
    assert_int_equal(delivery_give(squad, &next), STATUS_OK);
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        struct delivery former = delivery_now(squad, 0, THIRD);
        former.utc_ms += 5000;
        former.counter = UINT64_MAX;
        assert_int_equal(delivery_give(squad, &former), STATUS_TERM_OVER);
        squad_restart(squad, 0, true);
    }
    assert_true(delivery_is_held(squad, 0, SECOND));
    assert_false(delivery_is_held(squad, 0, THIRD));
    squad_free(squad);
}

static void within_a_term_an_older_key_does_not_come_back_under_a_later_date(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct delivery newer = of_manager(squad, FIRST, SQUAD_TERM, 9);
    struct delivery restored = of_manager(squad, SECOND, SQUAD_TERM, 8);
    restored.utc_ms += 5000;
    assert_int_equal(delivery_give(squad, &newer), STATUS_OK);
    assert_int_equal(delivery_give(squad, &restored), STATUS_REPLAYED);
    assert_false(delivery_is_held(squad, 0, SECOND));
    squad_free(squad);
}

static void the_group_identitys_signature_alone_delivers_no_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct delivery bare = delivery_now(squad, 0, FIRST);
    bare.manager = 0;
    assert_int_equal(delivery_give(squad, &bare), STATUS_MANAGER_UNCERTIFIED);
    assert_false(delivery_is_held(squad, 0, FIRST));
    squad_free(squad);
}

/* With the longest names, and its manager's word, in which there is one state of exclusions. */
static void the_longest_delivery_fits_into_one_frame(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    int64_t now_ms = squad_now(squad, 0).utc_ms / 1000 * 1000;
    const uint8_t gmk[SSV_SIZE] = {1}, word[EPOCH_WORD_LEAST] = {1};
    uint8_t octets[KEY_DELIVERY_MAX];
    struct key_delivery_fields fields = {.gmk_id = FIRST,
                                         .utc_ms = now_ms,
                                         .not_before_ms = now_ms,
                                         .not_after_ms = now_ms + HOUR_MS,
                                         .manager = SPAN_OF(word)};
    struct key_delivery_member member = {0};
    char *const names[] = {fields.group, fields.group_kms, member.identity, member.kms};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        memset(names[i], 'x', IDENTITY_MAX);
        memcpy(names[i], "sip:x@", 6);
    }
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(identifier_of(member.identity, now_ms, &member.identifier), STATUS_OK);
    assert_int_equal(key_delivery_build_each(squad_provider(), &fields, gmk, 1, &member,
                                             squad_domain(), squad_signing_key(SQUAD_FIRE),
                                             &entropy_system, &w),
                     STATUS_OK);
    assert_int_equal(w.length, KEY_DELIVERY_MAX);
    assert_true(FRAME_HEADER_SIZE + w.length <= FRAME_MAX);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_delivery_fits_into_one_frame),
        cmocka_unit_test(a_former_manager_delivers_no_key_whatever_it_counts_and_dates),
        cmocka_unit_test(within_a_term_an_older_key_does_not_come_back_under_a_later_date),
        cmocka_unit_test(the_group_identitys_signature_alone_delivers_no_key),
        cmocka_unit_test(a_delivered_key_makes_the_group_and_the_officer_sees_it),
        cmocka_unit_test(deliveries_to_other_members_are_passed_over_in_silence),
        cmocka_unit_test(only_the_groups_own_manager_can_deliver_its_key),
        cmocka_unit_test(a_standard_key_has_a_key_id_of_the_standard_space),
        cmocka_unit_test(of_two_deliveries_the_later_made_counts_in_whatever_order_they_come),
        cmocka_unit_test(a_delivery_is_acted_on_once),
        cmocka_unit_test(a_key_id_stands_for_one_key_of_a_group),
        cmocka_unit_test(a_delivery_with_any_octet_changed_is_refused),
        cmocka_unit_test(a_key_is_not_taken_past_its_period_and_not_kept_past_it),
        cmocka_unit_test(a_key_that_began_by_its_managers_clock_has_begun),
        cmocka_unit_test(a_delivery_orders_keys_and_moves_no_clock),
        cmocka_unit_test(
            members_who_take_a_key_of_a_clock_ahead_at_different_times_hear_each_other),
        cmocka_unit_test(a_key_for_later_waits_for_the_clock_here),
        cmocka_unit_test(a_delivery_is_dated_in_a_month_whose_keys_the_manager_holds),
        cmocka_unit_test(a_key_waits_for_its_period_and_takes_over_by_itself),
        cmocka_unit_test(a_key_that_waits_begins_when_a_member_is_heard_to_use_it),
        cmocka_unit_test(a_key_that_waits_begins_also_by_a_member_whose_clock_is_behind),
        cmocka_unit_test(a_group_without_a_key_keeps_its_time_across_a_boot),
        cmocka_unit_test(a_first_key_that_waits_is_shown_and_not_used),
        cmocka_unit_test(a_later_delivery_takes_the_place_of_a_key_that_waits),
        cmocka_unit_test(a_key_that_began_is_not_lost_to_one_that_is_delivered_next),
        cmocka_unit_test(a_key_that_was_not_made_durable_is_not_used_and_can_come_again),
        cmocka_unit_test(an_officer_neither_rekeys_nor_deletes_what_a_manager_manages),
        cmocka_unit_test(keys_go_when_the_kms_lists_their_group_no_more),
        cmocka_unit_test(a_key_for_which_there_is_no_room_is_told_to_the_officer),
        cmocka_unit_test(a_key_delivery_opens_no_connection),
        cmocka_unit_test(a_flood_of_forged_deliveries_costs_few_signature_checks_and_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
