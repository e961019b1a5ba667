/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset that manages a standard group (6.X.3.3.2.3; app/handset/keys/management.h). */
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
#include "app/identity/limits.h"
#include "crypto/key_delivery.h"
#include "manager_squad.h"
#include "revoked_list.h"

/* --- Rekeys --------------------------------------------------------------------------------- */

static void a_rekey_reaches_twenty_members_who_talk_with_it(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(ALL);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    uint8_t first[SSV_SIZE], gmk[SSV_SIZE];
    assert_int_equal(key_id_space(gmk_id), KEY_ID_SPACE_STANDARD);
    assert_true(handset_reveal_gmk(squad->handsets[0].engine, gmk_id, first));
    for (size_t n = 0; n < ALL; n++) {
        assert_true(handset_reveal_gmk(squad->handsets[n].engine, gmk_id, gmk));
        assert_memory_equal(gmk, first, sizeof gmk);
        assert_int_equal(manager_row(squad, n)->state, MANAGED_HAS);
    }
    assert_int_equal(manager_view(squad)->received, ALL);
    assert_int_equal(count_deliveries(squad, 0, gmk_id, NULL), ALL - 1);
    assert_int_equal(squad_talk(squad, 7), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < ALL; n++) {
        assert_true(n == 7 || squad->handsets[n].voice_frames > 20);
    }
    squad_free(squad);
}

static void deliveries_wait_in_each_members_mailbox_as_well(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    struct handset_topic topics[HANDSET_TOPICS_MAX];
    char wanted[TOPIC_SIZE];
    const struct squad_frame *frame = squad_find_frame(squad, MANAGER, FRAME_KEY_DELIVERY);
    uint32_t gmk_id;
    const char *to = delivery_addressee(frame, &gmk_id);
    struct handset *engine = squad->handsets[MANAGER].engine;
    topic_mailbox(&engine->desk.topic_key, to, squad_identity(SQUAD_FIRE), wanted);
    assert_string_equal(frame->topic, wanted);
    assert_true(frame->is_kept);
    assert_int_equal(frame->to, EVERYONE);
    /* And it hears the receipts that members leave. */
    topic_receipt(&engine->desk.topic_key, squad_identity(SQUAD_FIRE), NULL, wanted);
    size_t count = handset_topics(engine, topics, HANDSET_TOPICS_MAX), found = 0;
    for (size_t i = 0; i < count; i++) {
        found += strcmp(topics[i].name, wanted) == 0 && topics[i].is_kept;
    }
    assert_int_equal(found, 1);
    squad_free(squad);
}

static void the_managers_own_handset_takes_its_key_without_the_air(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    squad->handsets[MANAGER].deaf = true;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 100);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    assert_true(squad_holds(squad, MANAGER, gmk_id));
    assert_false(squad_holds(squad, 1, gmk_id));
    assert_int_equal(manager_row(squad, MANAGER)->state, MANAGED_HAS);
    assert_int_equal(manager_row(squad, 1)->state, MANAGED_SENT);
    assert_int_equal(count_deliveries(squad, 0, gmk_id, squad_identity(MANAGER)), 0);
    squad_free(squad);
}

static void a_manager_who_is_not_on_the_roll_gets_no_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_manage(squad, 1, 1); /* handset 0 alone is a member */
    struct command command = manager_order(COMMAND_MANAGE_REKEY, 0);
    assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    squad_run(squad, 3000);
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->managed[0].received, 1);
    assert_int_equal(view->group_count, 0);
    squad_free(squad);
}

static void a_rekey_cuts_nobody_off_who_is_talking(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    uint32_t before = manager_view(squad)->gmk_id;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    uint32_t after = manager_view(squad)->gmk_id;
    assert_in_range(manager_view(squad)->begins_in_ms, MANAGEMENT_LEAD_MS - 1000,
                    MANAGEMENT_LEAD_MS);
    squad_run(squad, 19000);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < FEW; n++) {
        assert_true(squad_holds(squad, n, before) && squad_holds(squad, n, after));
        assert_int_equal(squad_view(squad, n)->groups[0].gmk_id, before);
        squad->handsets[n].voice_frames = 0;
    }
    squad_run(squad,
              50000); /* the key begins after 40 s, and the talk is renewed before and then */
    for (size_t n = 0; n < FEW; n++) {
        assert_int_equal(squad_view(squad, n)->groups[0].gmk_id, after);
        assert_true(n == 1 || squad->handsets[n].voice_frames >= 50000 / 20 * 98 / 100);
    }
    squad_free(squad);
}

static void a_later_member_gets_the_present_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(FEW);
    squad_manage(squad, MANAGER, FEW - 1);
    squad_run(squad, 500);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    assert_false(squad_holds(squad, FEW - 1, gmk_id));
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_ADD, FEW - 1), STATUS_OK);
    assert_string_equal(manager_row(squad, FEW - 1)->name, "fire4"); /* as its presence says */
    squad_run(squad, 3000);
    assert_true(squad_holds(squad, FEW - 1, gmk_id));
    assert_int_equal(manager_view(squad)->received, FEW);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_ADD, FEW - 1), STATUS_ALREADY_DONE);
    squad_free(squad);
}

static void a_key_is_sent_again_when_the_manager_says_so(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    size_t from = squad->frame_count;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_AGAIN, 2), STATUS_OK);
    assert_int_equal(manager_row(squad, 2)->state, MANAGED_LACKS);
    squad_run(squad, 3000);
    assert_int_equal(count_deliveries(squad, from, manager_view(squad)->gmk_id, squad_identity(2)),
                     1);
    assert_int_equal(count_deliveries(squad, from, 0, NULL), 1);
    assert_int_equal(manager_row(squad, 2)->state, MANAGED_HAS);
    squad_free(squad);
}

/* --- Excluding ------------------------------------------------------------------------------ */

static void an_excluded_member_gets_nothing_and_hears_nobody(void **state) {
    (void)state;
    enum {
        LOST = 3
    };
    struct squad *squad = squad_with_key(SOME);
    uint32_t before = manager_view(squad)->gmk_id;
    size_t from = squad->frame_count;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, LOST), STATUS_OK);
    squad_wait(squad, 3 * MINUTE_MS); /* until nobody listens with the old key any more */
    uint32_t after = manager_view(squad)->gmk_id;
    assert_int_not_equal(before, after);
    assert_int_equal(count_deliveries(squad, from, 0, squad_identity(LOST)), 0);
    assert_int_equal(manager_row(squad, LOST)->state, MANAGED_EXCLUDED);
    assert_int_equal(manager_view(squad)->members, SOME - 1);
    assert_int_equal(manager_view(squad)->received, SOME - 1);
    for (size_t n = 0; n < SOME; n++) {
        assert_int_equal(squad_holds(squad, n, after), n != LOST);
        squad->handsets[n].voice_frames = 0;
    }
    assert_int_equal(squad_talk(squad, 7), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < SOME; n++) {
        assert_true((squad->handsets[n].voice_frames > 20) == (n != 7 && n != LOST));
    }
    assert_int_equal(squad_stop(squad, 7), STATUS_OK);
    squad_run(squad, 1000);
    /* And what it says under the old key nobody hears. */
    for (size_t n = 0; n < SOME; n++) {
        squad->handsets[n].voice_frames = 0;
    }
    assert_int_equal(squad_talk(squad, LOST), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < SOME; n++) {
        assert_int_equal(squad->handsets[n].voice_frames, 0);
    }
    squad_free(squad);
}

static void who_is_let_in_again_gets_the_present_key(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_INCLUDE, 2), STATUS_ALREADY_DONE);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, 2), STATUS_OK);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, 2), STATUS_ALREADY_DONE);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_AGAIN, 2), STATUS_NOT_ALLOWED);
    squad_run(squad, 3000);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    assert_false(squad_holds(squad, 2, gmk_id));
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_INCLUDE, 2), STATUS_OK);
    squad_run(squad, 3000);
    assert_true(squad_holds(squad, 2, gmk_id));
    squad_free(squad);
}

/* --- Power cuts ----------------------------------------------------------------------------- */

/* A GMK that somebody was seen with. */
struct seen_gmk {
    uint32_t id;
    uint8_t octets[SSV_SIZE];
};

/* Opens what was sent to everybody, as they would: each id has one GMK. */
static void check_one_key_for_each_id(const struct squad *squad) {
    struct seen_gmk seen[8];
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        struct i_message message;
        struct seen_gmk opened = {0};
        if (squad->frames[i].octets[1] != FRAME_KEY_DELIVERY) {
            continue;
        }
        assert_int_equal(key_delivery_parse(squad_payload(&squad->frames[i]), &message), STATUS_OK);
        opened.id = message.fields.key_id;
        size_t member = 0, at = 0;
        while (strcmp(squad_identity(member), message.fields.responder) != 0) {
            member++;
        }
        assert_int_equal(keyring_open(&squad->handsets[member].engine->desk.keyring, &message,
                                      squad_now(squad, member), opened.octets),
                         STATUS_OK);
        while (at < count && seen[at].id != opened.id) {
            at++;
        }
        assert_true(at < sizeof seen / sizeof seen[0]);
        if (at == count) {
            seen[count++] = opened;
        }
        assert_memory_equal(seen[at].octets, opened.octets, SSV_SIZE);
    }
}

/* The manager's power is cut at its cut-th output from a rekey on. Returns whether there was one
 * so late. */
static bool cut_and_go_on(enum command_kind kind, unsigned cut) {
    struct squad *squad = squad_with_key(FEW);
    uint32_t before = manager_view(squad)->gmk_id;
    squad->handsets[MANAGER].cut_at = cut;
    assert_int_equal(manager_give(squad, kind, 3), STATUS_OK);
    squad_wait(squad, 3000);
    bool was_cut = squad->handsets[MANAGER].is_cut;
    squad->handsets[MANAGER].cut_at = 0;
    squad_restart(squad, MANAGER, true);
    squad_wait(squad, 2 * MANAGEMENT_NEARBY_MS + 3000);
    const struct view_managed *group = manager_view(squad);
    bool is_new = group->gmk_id != before;
    /* Either all of the command or nothing of it. */
    assert_int_equal(manager_row(squad, 3)->state == MANAGED_EXCLUDED,
                     is_new && kind == COMMAND_MANAGE_EXCLUDE);
    assert_int_equal(group->received, group->members);
    for (size_t n = 0; n < FEW; n++) {
        bool has_it = n != 3 || manager_row(squad, 3)->state == MANAGED_HAS;
        assert_int_equal(squad_holds(squad, n, group->gmk_id), has_it);
        if (has_it) {
            assert_int_equal(squad_view(squad, n)->groups[0].gmk_id, group->gmk_id);
        }
    }
    check_one_key_for_each_id(squad);
    squad_free(squad);
    return was_cut;
}

static void
a_power_cut_at_any_output_leaves_one_key_for_each_id_and_all_with_the_last(void **state) {
    (void)state;
    static const enum command_kind kinds[] = {COMMAND_MANAGE_REKEY, COMMAND_MANAGE_EXCLUDE};
    for (size_t i = 0; i < 2; i++) {
        unsigned cut = 1;
        while (cut_and_go_on(kinds[i], cut)) {
            cut++;
        }
        assert_true(cut > 8);
    }
}

static void a_rekey_goes_on_after_a_restart_in_its_middle(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(ALL);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 10); /* the first few */
    size_t sent = count_deliveries(squad, 0, 0, NULL);
    assert_in_range(sent, 1, MANAGEMENT_AT_ONCE);
    assert_true(manager_view(squad)->sending);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    squad_restart(squad, MANAGER, true);
    squad_run(squad, 3000);
    assert_int_equal(manager_view(squad)->gmk_id, gmk_id);
    assert_int_equal(manager_view(squad)->received, ALL);
    assert_int_equal(count_deliveries(squad, 0, 0, NULL), ALL - 1); /* nobody twice */
    squad_free(squad);
}

static void a_gmk_is_durable_before_anybody_gets_it(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    struct command command = manager_order(COMMAND_MANAGE_REKEY, 0);
    struct handset *engine = squad->handsets[MANAGER].engine;
    struct event problem;
    assert_int_equal(handset_command(engine, squad_now(squad, MANAGER), &command, &problem),
                     STATUS_OK);
    handset_tick(engine, squad_now(squad, MANAGER));
    struct output output;
    uint64_t stored = 0;
    size_t sent = 0;
    while (handset_take_output(engine, &output)) {
        if (output.kind == OUTPUT_STORE && output.batch->changes[0].kind == RECORD_REKEY) {
            stored = output.number;
        }
        if (output.kind == OUTPUT_SEND && output.frame.octets[1] == FRAME_KEY_DELIVERY) {
            assert_true(stored > 0 && output.after >= stored);
            sent++;
        }
    }
    assert_int_equal(sent, FEW - 1);
    squad_free(squad);
}

/* --- Radio silence, time, and what cannot be done ------------------------------------------- */

static void under_radio_silence_nothing_is_sent_and_then_it_goes_on(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(SOME);
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    assert_int_equal(squad_command(squad, MANAGER, &silence), STATUS_OK);
    squad_wait(squad, 12 * MINUTE_MS);
    assert_int_equal(count_deliveries(squad, 0, 0, NULL), 0);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_NOT_ALLOWED);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, 1), STATUS_NOT_ALLOWED);
    silence.on = 0;
    assert_int_equal(squad_command(squad, MANAGER, &silence), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(manager_view(squad)->received, SOME);
    squad_free(squad);
}

static void a_key_whose_period_is_over_is_wiped_for_good(void **state) {
    (void)state;
    struct squad *squad = squad_with_manager(FEW);
    struct command command = manager_order(COMMAND_MANAGE_REKEY, 0);
    command.period_ms = MINUTE_MS;
    assert_int_equal(squad_command(squad, MANAGER, &command), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(manager_view(squad)->state, MANAGED_USABLE);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(manager_view(squad)->state, MANAGED_EXPIRED);
    squad_restart(squad, MANAGER, false);
    const struct managed *group = squad->handsets[MANAGER].engine->management.list[0];
    assert_null(group->group->rekey.gmk);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_AGAIN, 1), STATUS_NOT_ALLOWED);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(manager_view(squad)->received, FEW);
    squad_free(squad);
}

static void what_cannot_be_done_changes_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    unsigned stores = squad->handsets[MANAGER].stores;
    struct command command = manager_order(COMMAND_MANAGE_REKEY, 0);
    snprintf(command.group, sizeof command.group, "%s", squad_identity(SQUAD_RESCUE));
    assert_int_equal(squad_command(squad, MANAGER, &command), STATUS_NOT_FOUND);
    command = manager_order(COMMAND_MANAGE_REKEY, 0);
    assert_int_equal(squad_command(squad, 1, &command), STATUS_NOT_FOUND); /* only a member */
    static const int64_t periods_ms[] = {0, -1, INT64_MAX, LIMITS_LONGEST_PERIOD_MS + 1};
    for (size_t i = 0; i < sizeof periods_ms / sizeof periods_ms[0]; i++) {
        command = manager_order(COMMAND_MANAGE_EXCLUDE, 1);
        command.period_ms = periods_ms[i];
        assert_int_equal(squad_command(squad, MANAGER, &command), STATUS_TIME_OUT_OF_RANGE);
    }
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, FEW), STATUS_NOT_FOUND);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_AGAIN, FEW), STATUS_NOT_FOUND);
    command = manager_order(COMMAND_MANAGE_ADD, 0);
    snprintf(command.identity, sizeof command.identity, "Anna");
    assert_int_equal(squad_command(squad, MANAGER, &command), STATUS_IDENTITY_INVALID);
    assert_int_equal(manager_view(squad)->gmk_id, gmk_id);
    assert_int_equal(manager_row(squad, 1)->state, MANAGED_HAS);
    assert_int_equal(squad->handsets[MANAGER].stores, stores);
    squad_free(squad);
}

static void without_keys_for_this_month_there_is_no_rekey(void **state) {
    (void)state;
    struct squad *squad = squad_with_key(FEW);
    assert_true(manager_view(squad)->has_keys);
    for (size_t n = 0; n < FEW; n++) {
        squad->handsets[n].utc_offset_ms = 30 * 24 * (int64_t)HOUR_MS; /* next month */
    }
    squad_wait(squad, 6000); /* all presences say so */
    assert_false(manager_view(squad)->has_keys);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, 1), STATUS_NOT_FOUND);
    assert_int_not_equal(manager_row(squad, 1)->state, MANAGED_EXCLUDED);
    squad_free(squad);
}

/* The stream may have been lost: nobody who gave no receipt waits for the next round. */
static void what_nobody_confirmed_is_delivered_again_when_the_broker_is_back(void **state) {
    (void)state;
    static const char *const news[] = {"broker-back", "broker-answers"};
    struct squad *squad = squad_with_manager(FEW);
    squad->filter = drop_receipts;
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    uint32_t gmk_id = manager_view(squad)->gmk_id;
    for (size_t i = 0; i < sizeof news / sizeof news[0]; i++) {
        const struct event event = {.kind = EVENT_LINK_NEWS, .condition.name = news[i]};
        size_t before = squad->frame_count;
        squad_run(squad, 3000);
        assert_int_equal(count_deliveries(squad, before, gmk_id, NULL), 0);
        handset_note(squad->handsets[MANAGER].engine, squad_now(squad, MANAGER), &event);
        squad_run(squad, 3000);
        assert_int_equal(count_deliveries(squad, before, gmk_id, NULL), FEW - 1);
    }
    squad_free(squad);
}

static void the_list_of_the_revoked_waits_in_the_groups_own_mailbox(void **state) {
    (void)state;
    char wanted[TOPIC_SIZE];
    struct squad *squad = squad_with_key(FEW);
    const struct event back = {.kind = EVENT_LINK_NEWS, .condition.name = "broker-back"};
    const struct revocation list = revoked_list(squad, 7, SQUAD_MAX + 10);
    struct handset *engine = squad->handsets[MANAGER].engine;
    topic_revoked(&engine->desk.topic_key, squad_identity(SQUAD_FIRE), wanted);
    squad_run(squad, 1000);
    unsigned before = squad->far_count;
    revoked_list_say(squad, MANAGER, 1, &list);
    squad_run(squad, 1000);
    assert_int_equal(squad->far_count, before + 1);
    assert_string_equal(squad->far_topic, wanted);
    assert_true(squad->far_is_kept);
    squad_run(squad, 1000); /* once is enough */
    assert_int_equal(squad->far_count, before + 1);
    handset_note(engine, squad_now(squad, MANAGER), &back);
    squad_run(squad, 1000);
    assert_int_equal(squad->far_count, before + 2);
    squad_free(squad);
}

static void eight_groups_are_managed_and_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct handset_setup setup = {.provider = squad_provider(), .entropy = entropy_system};
    struct handset *engine;
    uint8_t octets[ROLL_MEMBER_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    roll_member_write(&(struct roll_member){.name = "Anna"}, &w);
    assert_int_equal(handset_new(&setup, squad_now(squad, 0), &engine), STATUS_OK);
    for (int i = 0; i <= MANAGED_GROUPS_MAX; i++) {
        char key[RECORD_KEY_MAX];
        int length =
            snprintf(key, sizeof key, "sip:group%d@county.example%ctel:+447700900123", i, 0);
        assert_int_equal(handset_restore(engine, RECORD_MEMBER,
                                         (struct span){(uint8_t *)key, (size_t)length},
                                         writer_span(&w)),
                         i < MANAGED_GROUPS_MAX ? STATUS_OK : STATUS_TOO_LONG);
    }
    handset_free(engine);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rekey_reaches_twenty_members_who_talk_with_it),
        cmocka_unit_test(deliveries_wait_in_each_members_mailbox_as_well),
        cmocka_unit_test(the_managers_own_handset_takes_its_key_without_the_air),
        cmocka_unit_test(a_manager_who_is_not_on_the_roll_gets_no_key),
        cmocka_unit_test(a_rekey_cuts_nobody_off_who_is_talking),
        cmocka_unit_test(a_later_member_gets_the_present_key),
        cmocka_unit_test(a_key_is_sent_again_when_the_manager_says_so),
        cmocka_unit_test(an_excluded_member_gets_nothing_and_hears_nobody),
        cmocka_unit_test(who_is_let_in_again_gets_the_present_key),
        cmocka_unit_test(
            a_power_cut_at_any_output_leaves_one_key_for_each_id_and_all_with_the_last),
        cmocka_unit_test(a_rekey_goes_on_after_a_restart_in_its_middle),
        cmocka_unit_test(a_gmk_is_durable_before_anybody_gets_it),
        cmocka_unit_test(under_radio_silence_nothing_is_sent_and_then_it_goes_on),
        cmocka_unit_test(a_key_whose_period_is_over_is_wiped_for_good),
        cmocka_unit_test(what_cannot_be_done_changes_nothing),
        cmocka_unit_test(without_keys_for_this_month_there_is_no_rekey),
        cmocka_unit_test(what_nobody_confirmed_is_delivered_again_when_the_broker_is_back),
        cmocka_unit_test(the_list_of_the_revoked_waits_in_the_groups_own_mailbox),
        cmocka_unit_test(eight_groups_are_managed_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
