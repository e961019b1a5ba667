/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Revoked means out (app/handset/desk/revoked.h, app/handset/air/revocations.h,
 * app/handset/revoking.h), between whole engines in virtual time: how the list comes to all, what
 * it ends at once, and what those can do who want no list, another one, or noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"
#include "revoked_list.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    NOBODY = SQUAD_MAX + 10,
    FIRST = 100, /* numbers of lists */
    NEXT = 101,
};

static unsigned told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static const struct view_nearby *nearby(struct squad *squad, size_t n, size_t of) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(of)) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

/* Handset n gets the list that names `place`; nothing is said on the air. */
static void give(struct squad *squad, size_t n, uint64_t number, size_t place) {
    const struct revocation list = revoked_list(squad, number, place);
    revoked_list_say(squad, n, SQUAD_STRANGER, &list);
    assert_int_equal(revoked_list_held(squad, n), number);
}

static struct command to(enum command_kind kind, size_t of) {
    struct command command = {.kind = kind};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(of));
    return command;
}

/* --- How it comes to all -------------------------------------------------------------------- */

static void expect_all_hold(const struct squad *squad, uint64_t number) {
    for (size_t n = 0; n < squad->count; n++) {
        assert_int_equal(revoked_list_held(squad, n), number);
    }
}

static void one_handset_of_twenty_has_it_and_all_have_it_within_seconds(void **state) {
    (void)state;
    struct squad *squad = squad_new(20);
    squad->is_mute = true;
    squad->step_ms = 20;
    squad_run(squad, 5 * SECOND);
    const struct revocation list = revoked_list(squad, FIRST, 19);
    assert_int_equal(revoked_list_import(squad, 0, &list), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    expect_all_hold(squad, FIRST);
    unsigned said = 0;
    for (size_t n = 0; n < squad->count; n++) {
        said += revoked_list_said(squad, n);
    }
    assert_in_range(said, 1, 3); /* not each of them */
    squad_free(squad);
}

static void of_many_who_have_it_few_say_it_to_one_who_comes(void **state) {
    (void)state;
    struct squad *squad = squad_new(20);
    squad->is_mute = true;
    squad->step_ms = 20;
    const struct revocation list = revoked_list(squad, FIRST, NOBODY);
    for (size_t n = 0; n < 19; n++) {
        revoked_list_say(squad, n, SQUAD_STRANGER, &list);
    }
    squad_run(squad, 15 * SECOND);
    assert_int_equal(revoked_list_held(squad, 19), FIRST);
    unsigned said = 0;
    for (size_t n = 0; n < squad->count; n++) {
        said += revoked_list_said(squad, n);
    }
    assert_in_range(said, 1, 8);
    squad_free(squad);
}

/* How many of what handset n wants done is a list for a group's topic alone. */
static unsigned take_far(struct squad *squad, size_t n) {
    struct output output;
    unsigned count = 0;
    while (handset_take_output(squad->handsets[n].engine, &output)) {
        count += output.kind == OUTPUT_SEND && output.is_for_topic_alone && output.topic != NULL &&
                 output.frame.octets[FRAME_KIND_AT] == FRAME_REVOCATION;
    }
    return count;
}

/* Members that a broker alone joins hear it under the group's topic. Who got it from the air does
 * not repeat that. */
static void who_imports_it_says_it_to_its_groups_as_well(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    const struct revocation list = revoked_list(squad, FIRST, NOBODY);
    uint8_t text[REVOCATION_TEXT_MAX], payload[REVOCATION_SIZE_MAX], octets[FRAME_MAX];
    struct writer w = writer_into(text, sizeof text), p = writer_into(payload, sizeof payload),
                  f = writer_into(octets, sizeof octets);
    struct event problem;
    assert_int_equal(revocation_write_text(&w, &list), STATUS_OK);
    const struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text, .text_length = w.length};
    assert_int_equal(
        handset_command(squad->handsets[0].engine, squad_now(squad, 0), &command, &problem),
        STATUS_OK);
    assert_int_equal(take_far(squad, 0), 1);
    revocation_write(&p, &list);
    frame_write(&f, &(struct frame){.kind = FRAME_REVOCATION, .payload = writer_span(&p)});
    handset_frame(squad->handsets[1].engine, squad_now(squad, 1), 1, writer_span(&f));
    assert_int_equal(revoked_list_held(squad, 1), FIRST);
    assert_int_equal(take_far(squad, 1), 0);
    squad_free(squad);
}

/* It was not there when the others got it. */
static void who_comes_later_gets_it_from_whoever_has_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(6);
    squad->is_mute = true;
    squad->handsets[5].deaf = true;
    squad_run(squad, 3 * SECOND);
    const struct revocation list = revoked_list(squad, FIRST, 1);
    assert_int_equal(revoked_list_import(squad, 0, &list), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    squad->handsets[0].deaf = true;
    squad->handsets[5].deaf = false;
    squad_run(squad, 15 * SECOND);
    expect_all_hold(squad, FIRST);
    squad_free(squad);
}

static void a_list_is_kept_over_a_restart_and_an_older_one_changes_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    const struct revocation first = revoked_list(squad, FIRST, 1);
    const struct revocation next = revoked_list(squad, NEXT, NOBODY);
    assert_int_equal(revoked_list_import(squad, 0, &next), STATUS_OK);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    assert_int_equal(revoked_list_held(squad, 0), NEXT);
    revoked_list_say(squad, 0, 1, &first);
    assert_int_equal(revoked_list_held(squad, 0), NEXT);
    assert_int_equal(revoked_list_import(squad, 0, &first), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_IMPORT_LIST_OUTDATED), 1);
    assert_int_equal(revoked_list_import(squad, 0, &next), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_IMPORT_LIST_HELD), 1);
    assert_int_equal(revoked_list_held(squad, 0), NEXT);
    squad_free(squad);
}

static void its_age_is_shown(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    squad->is_mute = true;
    assert_false(squad_view(squad, 0)->revoked.has_list);
    give(squad, 0, FIRST, NOBODY);
    squad->handsets[0].utc_offset_ms = 48 * HOUR_MS;
    const struct view_revoked *shown = &squad_view(squad, 0)->revoked;
    assert_true(shown->has_list);
    assert_int_equal(shown->count, 1);
    assert_int_equal(shown->age_ms, 48 * HOUR_MS);
    squad->handsets[0].utc_offset_ms = -48 * HOUR_MS;
    assert_int_equal(squad_view(squad, 0)->revoked.age_ms, 0);
    squad_free(squad);
}

static void under_radio_silence_it_is_taken_and_not_said(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    squad_run(squad, SECOND);
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    give(squad, 0, FIRST, NOBODY);
    squad_run(squad, 30 * SECOND);
    assert_int_equal(revoked_list_said(squad, 0), 0);
    assert_int_equal(revoked_list_held(squad, 1), 0);
    squad_free(squad);
}

/* --- What it ends --------------------------------------------------------------------------- */

static void who_is_revoked_is_shown_as_that_and_gets_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_run(squad, 3 * SECOND);
    give(squad, 0, FIRST, 2);
    squad_run(squad, 6 * SECOND);
    assert_true(nearby(squad, 0, 2)->is_revoked);
    assert_false(nearby(squad, 0, 1)->is_revoked);
    struct command create = squad_create_command(2, HOUR_MS), call = to(COMMAND_CALL, 2);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_REVOKED);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    assert_int_equal(squad_command(squad, 0, &call), STATUS_REVOKED);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_NONE);
    create.member_count = 1;
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_free(squad);
}

static void its_invitation_and_its_call_are_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_run(squad, SECOND);
    give(squad, 0, FIRST, 2);
    squad_ask(squad, 2, 0, 2);
    struct command call = to(COMMAND_CALL, 0);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_REVOKED);
    unsigned refusals = squad->handsets[0].refusals;
    assert_int_equal(squad_command(squad, 2, &call), STATUS_OK);
    squad_run(squad, 3 * SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    assert_true(squad->handsets[0].refusals > refusals);
    squad_free(squad);
}

static void what_it_has_proposed_and_what_it_is_asked_ends(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_run(squad, SECOND);
    squad_ask(squad, 2, 0, 1);
    squad_ask(squad, 0, 1, 2);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    uint64_t invitation = squad_view(squad, 0)->invitations[0].id;
    give(squad, 0, FIRST, 2);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    struct command accept = {.kind = COMMAND_ACCEPT, .invitation = invitation};
    assert_int_equal(squad_command(squad, 0, &accept), STATUS_NOT_FOUND);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 30 * SECOND);
    assert_int_equal(squad_view(squad, 2)->group_count, 1); /* its own */
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    assert_string_equal(group->members[2].identity, squad_identity(2));
    assert_int_equal(group->members[2].state, MEMBER_CANCELLED);
    assert_int_equal(group->members[2].reason, REASON_REVOKED);
    assert_int_equal(group->members[1].state, MEMBER_ASKED);
    squad_free(squad);
}

/* Both are in a group with handset 0, which has the list. */
static void its_talk_ends_at_once_and_none_begins(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_true(squad->handsets[0].voice_frames > 40);
    const struct revocation list = revoked_list(squad, FIRST, 2);
    assert_int_equal(revoked_list_import(squad, 0, &list), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad->handsets[0].voice_frames = 0;
    squad_run(squad, 5 * SECOND); /* it goes on, and says its announcement again */
    assert_int_equal(squad->handsets[0].voice_frames, 0);
    assert_int_equal(squad->handsets[1].voice_frames > 0, 1);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad->handsets[0].voice_frames, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_REVOKED);
    squad_free(squad);
}

/* Handset 0 talks. Whoever is first in its queue has the turn after it. */
static void its_place_in_a_queue_ends(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_talk(squad, 2), STATUS_BUSY); /* it asks for the floor */
    squad_run(squad, 300);
    assert_int_equal(squad_talk(squad, 1), STATUS_BUSY);
    squad_run(squad, 300);
    assert_int_equal(squad_view(squad, 0)->floor.waiting, 2);
    give(squad, 0, FIRST, 2);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 0)->floor.waiting, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    assert_int_equal(squad_view(squad, 1)->floor.asked, ASKED_YOUR_TURN);
    squad_free(squad);
}

static void its_call_rings_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    squad_run(squad, SECOND);
    struct command call = to(COMMAND_CALL, 0);
    assert_int_equal(squad_command(squad, 1, &call), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    give(squad, 0, FIRST, 1);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    squad_run(squad, 3 * SECOND); /* it polls, and calls again */
    assert_int_equal(squad_view(squad, 0)->invitation_count, 0);
    squad_free(squad);
}

static void a_call_with_it_ends_at_once(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, SECOND);
    struct command call = to(COMMAND_CALL, 1);
    assert_int_equal(squad_command(squad, 0, &call), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_ACTIVE);
    give(squad, 0, FIRST, 1);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_NONE);
    squad->handsets[0].voice_frames = 0;
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad->handsets[0].voice_frames, 0);
    squad_free(squad);
}

static void a_delivery_that_it_signed_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    squad->is_mute = true;
    const struct delivery before = delivery_now(squad, 0, 0x00000001);
    assert_int_equal(delivery_give(squad, &before), STATUS_OK);
    give(squad, 0, FIRST, SQUAD_FIRE);
    squad_run(squad, SECOND);
    const struct delivery after = delivery_now(squad, 0, 0x00000002);
    assert_int_equal(delivery_give(squad, &after), STATUS_REVOKED);
    assert_false(delivery_is_held(squad, 0, 0x00000002));
    squad_free(squad);
}

static void a_manager_sends_it_no_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_manage(squad, 0, 3);
    squad_run(squad, SECOND);
    give(squad, 0, FIRST, 2);
    assert_int_equal(told(squad, 0, EVENT_REVOKED_MEMBER), 1);
    struct command rekey = {.kind = COMMAND_MANAGE_REKEY, .period_ms = HOUR_MS};
    snprintf(rekey.group, sizeof rekey.group, "%s", squad_identity(SQUAD_FIRE));
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 2 * MINUTE);
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    assert_int_equal(squad_view(squad, 2)->group_count, 0);
    squad_free(squad);
}

/* Handset 3 was let in by handset 0, who is revoked then; handset 2 does not know of it. */
static void a_ticket_that_it_signed_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_run(squad, 500);
    struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    squad->handsets[2].deaf = true;
    struct command add = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    memcpy(add.group, squad_view(squad, 0)->groups[0].identity, sizeof add.group);
    snprintf(add.members[0], sizeof add.members[0], "%s", squad_identity(3));
    assert_int_equal(squad_command(squad, 0, &add), STATUS_OK);
    squad_run(squad, SECOND);
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad_view(squad, 3)->group_count, 1);
    squad->handsets[0].deaf = true;
    squad->handsets[2].deaf = false;
    give(squad, 2, FIRST, 0);
    assert_int_equal(squad_talk(squad, 3), STATUS_OK);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad->handsets[2].voice_frames, 0);
    assert_int_equal(squad->handsets[2].last_refusal, STATUS_REVOKED);
    squad_free(squad);
}

static void a_group_with_it_is_shown_as_that_and_rekeyed_without_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->is_mute = true;
    squad_group(squad, HOUR_MS);
    const struct revocation list = revoked_list(squad, FIRST, 2);
    assert_int_equal(revoked_list_import(squad, 0, &list), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_REVOKED_MEMBER), 1);
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    assert_int_equal(group->revoked_count, 1);
    assert_true(group->members[2].is_revoked);
    struct command rekey = {.kind = COMMAND_REKEY_GROUP, .period_ms = HOUR_MS, .member_count = 2};
    memcpy(rekey.group, group->identity, sizeof rekey.group);
    snprintf(rekey.members[0], sizeof rekey.members[0], "%s", squad_identity(1));
    snprintf(rekey.members[1], sizeof rekey.members[1], "%s", squad_identity(2));
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_REVOKED);
    rekey.member_count = 1;
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->groups[0].revoked_count, 0);
    squad_free(squad);
}

static bool is_alarmed(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->alarm_count; i++) {
        if (view->alarms[i].kind == EVENT_REVOKED_SELF) {
            return true;
        }
    }
    return false;
}

static void a_handset_that_is_revoked_itself_says_so_until_it_is_not(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    squad->is_mute = true;
    give(squad, 0, FIRST, 0);
    assert_true(is_alarmed(squad, 0) && squad_view(squad, 0)->revoked.is_self);
    squad_flush(squad, 0);
    squad_restart(squad, 0, true);
    assert_true(is_alarmed(squad, 0));
    give(squad, 0, NEXT, NOBODY);
    assert_false(is_alarmed(squad, 0) || squad_view(squad, 0)->revoked.is_self);
    squad_free(squad);
}

/* --- Who would rather have no list, another one, or noise ----------------------------------- */

static void a_forged_list_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    give(squad, 0, FIRST, NOBODY);
    struct revocation forged = revoked_list(squad, NEXT, 1);
    assert_int_equal(
        revocation_sign(&forged, squad_provider(), squad_signing_key(1), &entropy_system),
        STATUS_OK);
    revoked_list_say(squad, 0, 1, &forged);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_SIGNATURE_INVALID);
    forged = revoked_list(squad, FIRST, 1);
    forged.number = INT64_MAX; /* the greatest, and a genuine signature of another */
    revoked_list_say(squad, 0, 1, &forged);
    assert_int_equal(revoked_list_import(squad, 0, &forged), STATUS_OK);
    assert_int_equal(told(squad, 0, EVENT_IMPORT_LIST_REFUSED), 1);
    assert_int_equal(revoked_list_held(squad, 0), FIRST);
    squad_free(squad);
}

/* Of the same number as the one that is held: not even its signature is looked at. */
static void the_first_of_two_lists_of_one_number_stays(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->is_mute = true;
    give(squad, 0, FIRST, 1);
    const struct revocation other = revoked_list(squad, FIRST, NOBODY);
    revoked_list_say(squad, 0, 1, &other);
    assert_true(keyring_refuses(&squad->handsets[0].engine->desk.keyring, squad_identity(1)));
    squad_free(squad);
}

struct liar {
    size_t place;
    uint64_t number; /* that it holds by its own word */
};

/* A liar's engine says that it holds a list of another number than it does. */
static void lie(struct squad *squad, const struct liar *liar) {
    squad->handsets[liar->place].engine->desk.revoked.list.number = liar->number;
}

static void who_names_a_number_that_nobody_has_is_asked_for_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    const struct liar liar = {.place = 3, .number = INT64_MAX};
    squad->is_mute = true;
    give(squad, 0, FIRST, NOBODY);
    lie(squad, &liar);
    squad_run(squad, MINUTE);
    for (size_t n = 0; n < 3; n++) {
        assert_int_equal(revoked_list_held(squad, n), FIRST);
        assert_in_range(revoked_list_said(squad, n), 0, 2);
    }
    squad_free(squad);
}

/* It stays deaf for lists, and says presences. */
static bool keep_from_3(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    return receiver != 3 || frame->octets[1] != FRAME_REVOCATION;
}

static void who_names_none_for_ever_makes_nobody_loud(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad->is_mute = true;
    squad->filter = keep_from_3;
    give(squad, 0, FIRST, NOBODY);
    squad_run(squad, 10 * MINUTE);
    assert_int_equal(revoked_list_held(squad, 3), 0);
    unsigned said = 0;
    for (size_t n = 0; n < 3; n++) {
        said += revoked_list_said(squad, n);
    }
    assert_in_range(said, 3, 3 * 9); /* 4 s, 8 s, ... up to ten minutes, each at most */
    squad_free(squad);
}

/* The insider, handset 2, says the list again and again to those who have it, so that each thinks
 * another was faster, and never to handset 3. */
static void an_insider_cannot_keep_the_list_from_another(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad->is_mute = true;
    squad->handsets[3].deaf = true;
    const struct revocation list = revoked_list(squad, FIRST, 2);
    revoked_list_say(squad, 0, SQUAD_STRANGER, &list);
    revoked_list_say(squad, 1, SQUAD_STRANGER, &list);
    squad->handsets[3].deaf = false;
    for (int64_t ms = 0; ms < 2 * MINUTE && revoked_list_held(squad, 3) == 0; ms += 20) {
        revoked_list_say(squad, 0, 2, &list);
        revoked_list_say(squad, 1, 2, &list);
        squad_run(squad, 20);
    }
    assert_int_equal(revoked_list_held(squad, 3), FIRST);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_handset_of_twenty_has_it_and_all_have_it_within_seconds),
        cmocka_unit_test(of_many_who_have_it_few_say_it_to_one_who_comes),
        cmocka_unit_test(who_imports_it_says_it_to_its_groups_as_well),
        cmocka_unit_test(who_comes_later_gets_it_from_whoever_has_it),
        cmocka_unit_test(a_list_is_kept_over_a_restart_and_an_older_one_changes_nothing),
        cmocka_unit_test(its_age_is_shown),
        cmocka_unit_test(under_radio_silence_it_is_taken_and_not_said),
        cmocka_unit_test(who_is_revoked_is_shown_as_that_and_gets_nothing),
        cmocka_unit_test(its_invitation_and_its_call_are_refused),
        cmocka_unit_test(what_it_has_proposed_and_what_it_is_asked_ends),
        cmocka_unit_test(its_talk_ends_at_once_and_none_begins),
        cmocka_unit_test(its_place_in_a_queue_ends),
        cmocka_unit_test(its_call_rings_no_more),
        cmocka_unit_test(a_call_with_it_ends_at_once),
        cmocka_unit_test(a_delivery_that_it_signed_is_refused),
        cmocka_unit_test(a_manager_sends_it_no_key),
        cmocka_unit_test(a_ticket_that_it_signed_is_refused),
        cmocka_unit_test(a_group_with_it_is_shown_as_that_and_rekeyed_without_it),
        cmocka_unit_test(a_handset_that_is_revoked_itself_says_so_until_it_is_not),
        cmocka_unit_test(a_forged_list_is_refused),
        cmocka_unit_test(the_first_of_two_lists_of_one_number_stays),
        cmocka_unit_test(who_names_a_number_that_nobody_has_is_asked_for_nothing),
        cmocka_unit_test(who_names_none_for_ever_makes_nobody_loud),
        cmocka_unit_test(an_insider_cannot_keep_the_list_from_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
