/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that another than their sender passes on, to who never met that one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "delivery.h"
#include "revoked_list.h"
#include "squad.h"
#include "texts.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
};

static size_t sent_by(const struct squad *squad, size_t from) {
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == from && squad->frames[i].octets[1] == FRAME_MESSAGE;
    }
    return count;
}

/* All but handset 0, the sender. */
static size_t passed_on(const struct squad *squad) {
    size_t count = 0;
    for (size_t n = 1; n < squad->count; n++) {
        count += sent_by(squad, n);
    }
    return count;
}

static struct squad *squad_of(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, 8 * HOUR_MS);
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    squad->step_ms = 100;
    return squad;
}

/* Handset 0 writes while the last one is away, is away itself when that one comes. */
static void write_and_part(struct squad *squad, const char *text) {
    squad->handsets[squad->count - 1].deaf = true;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(texts_write(squad, 0, text), STATUS_OK);
    squad_run(squad, 20 * SECOND_MS);
    squad->handsets[0].deaf = true;
    squad_run(squad, MINUTE_MS);
}

static void who_holds_it_passes_it_on_to_who_never_met_its_sender(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    write_and_part(squad, "the bridge is out");
    assert_int_equal(passed_on(squad), 0);
    squad->handsets[2].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(texts_shown(squad, 2, "the bridge is out"), 1);
    assert_string_equal(squad_view(squad, 2)->messages[0].identity, squad_identity(0));
    assert_false(squad_view(squad, 2)->messages[0].is_own);
    assert_int_equal(passed_on(squad), 1);
    squad->handsets[0].deaf = false; /* it comes back, and hears that the last one has it */
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(squad_view(squad, 0)->messages[0].in_reach_has_it, 2);
    for (size_t n = 0; n < 3; n++) {
        assert_int_equal(texts_shown(squad, n, "the bridge is out"), 1);
    }
    squad_free(squad);
}

/* From one to the next, none of which meets the one before. */
static void it_goes_from_hand_to_hand(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    for (size_t n = 0; n < 4; n++) {
        squad->handsets[n].deaf = true;
    }
    squad_run(squad, 30 * SECOND_MS);
    assert_int_equal(texts_write(squad, 0, "from hand to hand"), STATUS_OK);
    for (size_t n = 0; n < 3; n++) {
        squad->handsets[n].deaf = squad->handsets[n + 1].deaf = false;
        squad_run(squad, MINUTE_MS);
        assert_int_equal(texts_shown(squad, n + 1, "from hand to hand"), 1);
        squad->handsets[n].deaf = true;
        squad_restart(squad, n + 1, true); /* what it holds is on its disk */
    }
    squad_free(squad);
}

static void of_many_who_hold_it_few_pass_it_on(void **state) {
    (void)state;
    squad_seed(1);
    struct squad *squad = squad_of(12);
    squad->step_ms = 20;
    write_and_part(squad, "one is enough");
    squad->handsets[11].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(texts_shown(squad, 11, "one is enough"), 1);
    print_message("%zu of ten holders passed it on\n", passed_on(squad));
    assert_in_range(passed_on(squad), 1, 3);
    squad_free(squad);
}

/* Whoever has no key can record a sending and play it under another frame's id. */
static void a_replay_does_not_keep_it_back_for_ever(void **state) {
    (void)state;
    uint8_t room[GROUP_MESSAGE_MAX];
    struct span payload = {.length = 0};
    struct squad *squad = squad_of(3);
    write_and_part(squad, "played again and again");
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == 0 && frame->octets[1] == FRAME_MESSAGE) {
            payload = squad_payload(frame);
        }
    }
    assert_in_range(payload.length, 1, sizeof room);
    memcpy(room, payload.octets, payload.length);
    payload.octets = room;
    squad->handsets[2].deaf = false;
    for (size_t i = 0; i < 24; i++) {
        squad_inject_marked(squad, 1, 0, FRAME_MESSAGE, payload);
        squad_run(squad, 2500);
    }
    assert_int_equal(texts_shown(squad, 2, "played again and again"), 1);
    squad_free(squad);
}

/* All members have it by then, but who is let in does not. */
static void who_is_let_in_later_gets_it_too(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_run(squad, SECOND_MS);
    struct command create = squad_create_command(2, 8 * HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, SECOND_MS);
    for (size_t n = 1; n <= 2; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    squad->step_ms = 100;
    assert_int_equal(texts_write(squad, 1, "before you came"), STATUS_OK);
    squad_run(squad, 20 * SECOND_MS);
    squad->handsets[1].deaf = true;
    struct command add = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    snprintf(add.group, sizeof add.group, "%s", texts_group(squad, 0));
    snprintf(add.members[0], sizeof add.members[0], "%s", squad_identity(3));
    assert_int_equal(squad_command(squad, 0, &add), STATUS_OK);
    for (int i = 0; i < 200 && squad_view(squad, 3)->invitation_count == 0; i++) {
        squad_run(squad, 500);
    }
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(texts_shown(squad, 3, "before you came"), 1);
    squad_free(squad);
}

static void after_ten_minutes_it_is_passed_on_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    write_and_part(squad, "too late");
    squad_run(squad, 9 * MINUTE_MS);
    squad->handsets[2].deaf = false;
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(texts_shown(squad, 2, "too late"), 0);
    assert_int_equal(passed_on(squad), 0);
    squad_free(squad);
}

static void under_radio_silence_nothing_is_passed_on(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    write_and_part(squad, "quiet");
    assert_int_equal(squad_command(squad, 1, &silence), STATUS_OK);
    squad->handsets[2].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(passed_on(squad), 0);
    silence.on = 0;
    assert_int_equal(squad_command(squad, 1, &silence), STATUS_OK);
    squad_run(squad, 30 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 2, "quiet"), 1);
    squad_free(squad);
}

/* The sender is known to be out by now: its words are carried no further. */
static void what_one_wrote_who_is_revoked_is_not_passed_on(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    write_and_part(squad, "of one who is out");
    const struct revocation list = revoked_list(squad, 1, 0);
    assert_int_equal(revoked_list_import(squad, 1, &list), STATUS_OK);
    squad->handsets[2].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(passed_on(squad), 0);
    squad_free(squad);
}

/* Each sending is under the key of its own hour: who came has no other. */
static void it_is_passed_on_under_the_key_of_the_hour(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    const struct group *group = squad->handsets[1].engine->groups.list[0];
    const uint32_t before = hours_now(group, squad_now(squad, 1));
    while (hours_now(squad->handsets[1].engine->groups.list[0], squad_now(squad, 1)) == before) {
        squad->boot_ms += MINUTE_MS;
    }
    squad->boot_ms += HOUR_MS - 3 * MINUTE_MS;
    squad_run(squad, 10 * SECOND_MS);
    const uint32_t written =
        hours_now(squad->handsets[1].engine->groups.list[0], squad_now(squad, 1));
    write_and_part(squad, "of the hour before");
    squad_run(squad, 3 * MINUTE_MS);
    squad->handsets[2].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(hours_now(squad->handsets[1].engine->groups.list[0], squad_now(squad, 1)),
                     written + 1);
    assert_int_equal(texts_shown(squad, 2, "of the hour before"), 1);
    uint32_t gmk_id, hour = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == 1 && frame->octets[1] == FRAME_MESSAGE) {
            assert_int_equal(group_message_head(squad_payload(frame), &gmk_id, &hour), STATUS_OK);
        }
    }
    assert_int_equal(hour, written + 1);
    squad_free(squad);
}

/* There nobody knows who lacks it: what it costs does not grow with those who hold it. */
static void in_a_standard_group_its_sender_alone_sends_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(6);
    for (size_t n = 0; n < 6; n++) {
        const struct delivery delivery = delivery_now(squad, n, 0x01020304);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    squad->step_ms = 100;
    squad->handsets[5].deaf = true;
    assert_int_equal(texts_write(squad, 0, "to all of Fire"), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    squad->handsets[5].deaf = false;
    squad_run(squad, 12 * MINUTE_MS);
    assert_int_equal(passed_on(squad), 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_holds_it_passes_it_on_to_who_never_met_its_sender),
        cmocka_unit_test(it_goes_from_hand_to_hand),
        cmocka_unit_test(of_many_who_hold_it_few_pass_it_on),
        cmocka_unit_test(a_replay_does_not_keep_it_back_for_ever),
        cmocka_unit_test(who_is_let_in_later_gets_it_too),
        cmocka_unit_test(after_ten_minutes_it_is_passed_on_no_more),
        cmocka_unit_test(under_radio_silence_nothing_is_passed_on),
        cmocka_unit_test(what_one_wrote_who_is_revoked_is_not_passed_on),
        cmocka_unit_test(it_is_passed_on_under_the_key_of_the_hour),
        cmocka_unit_test(in_a_standard_group_its_sender_alone_sends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
