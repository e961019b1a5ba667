/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Latecomers (app/handset/keys/latecomers.h), between whole engines in virtual time: who is let
 * into a running group, what it gets, who hears it and when; tickets that are forged, old, or
 * another's; and every moment at which its creator may be killed.
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
#include "app/handset/keys/hours.h"
#include "app/handset/keys/ticket.h"
#include "crypto/gmk_hour.h"
#include "speaker.h"

enum {
    MINUTE_MS = 60 * 1000,
    PERIOD_MS = 12 * HOUR_MS,
    COUNT = 4, /* the creator, two members, and who comes late */
    LATE = 3,
    STEP_MS = 20,
};

/* --- A group, and who is let in ------------------------------------------------------------- */

static struct group *group_of(const struct squad *squad, size_t n) {
    const struct groups *groups = &squad->handsets[n].engine->groups;
    return groups->count == 0 ? NULL : groups->list[0];
}

static void forget_frames(struct squad *squad) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

static void pass(struct squad *squad, int64_t ms) {
    squad->is_mute = true;
    squad->step_ms = 1000;
    for (; ms > 0; ms -= MINUTE_MS) {
        squad_run(squad, ms < MINUTE_MS ? ms : MINUTE_MS);
        forget_frames(squad);
    }
    squad->step_ms = STEP_MS;
    squad->is_mute = false;
}

/* Handset 0 makes a group with the next two. */
static struct squad *new_group_of(size_t count) {
    struct squad *squad = squad_new(count);
    squad->step_ms = STEP_MS;
    squad_run(squad, 500);
    struct command create = squad_create_command(2, PERIOD_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 1; n <= 2; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 2000);
    forget_frames(squad);
    return squad;
}

static struct squad *new_group(void) {
    return new_group_of(COUNT);
}

static enum status add(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    memcpy(command.group, group_of(squad, 0)->parameters.identity, sizeof command.group);
    snprintf(command.members[0], sizeof command.members[0], "%s", squad_identity(n));
    return squad_command(squad, 0, &command);
}

/* Time passes until handset n's officer is asked, and says yes. */
static void accept(struct squad *squad, size_t n) {
    for (int i = 0; i < 200 && squad_view(squad, n)->invitation_count == 0; i++) {
        squad_run(squad, 500);
    }
    assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
}

static void let_in(struct squad *squad, size_t n) {
    assert_int_equal(add(squad, n), STATUS_OK);
    accept(squad, n);
    assert_non_null(group_of(squad, n));
}

static bool lists(const struct squad *squad, size_t n, size_t member) {
    return group_listed(&group_of(squad, n)->parameters, squad_identity(member)) != NULL;
}

static bool was_told(struct squad *squad, size_t n, enum event_kind kind, size_t about) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == kind &&
            strcmp(view->log[i].identity, squad_identity(about)) == 0) {
            return true;
        }
    }
    return false;
}

/* How often handset n's officer was asked. */
static unsigned asked(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == EVENT_INVITED_TO_GROUP;
    }
    return count;
}

/* How many frames of voice handset n hears while `talker` talks for a second. */
static unsigned hears(struct squad *squad, size_t n, size_t talker) {
    unsigned before = squad->handsets[n].voice_frames;
    assert_int_equal(squad_talk(squad, talker), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_stop(squad, talker), STATUS_OK);
    squad_run(squad, 500);
    return squad->handsets[n].voice_frames - before;
}

static void assert_hears(struct squad *squad, size_t n, size_t talker) {
    if (hears(squad, n, talker) < 30) {
        fail_msg("handset %zu does not hear %zu", n, talker);
    }
}

static void assert_all_hear_each_other(struct squad *squad, size_t count) {
    for (size_t talker = 0; talker < count; talker++) {
        for (size_t n = 0; n < count; n++) {
            if (n != talker) {
                assert_hears(squad, n, talker);
            }
        }
        forget_frames(squad);
    }
}

/* --- Who is let in -------------------------------------------------------------------------- */

static void who_is_let_in_talks_and_hears_and_no_member_is_asked(void **state) {
    (void)state;
    struct squad *squad = new_group();
    uint32_t gmk_id = group_of(squad, 0)->current.id;
    let_in(squad, LATE);
    assert_int_equal(asked(squad, 1), 1);
    for (size_t n = 0; n < COUNT; n++) {
        assert_int_equal(group_of(squad, n)->current.id, gmk_id);
        assert_int_equal(group_of(squad, n)->parameters.list_number, 1);
    }
    assert_true(was_told(squad, 0, EVENT_MEMBER_JOINED, LATE));
    assert_true(was_told(squad, 1, EVENT_MEMBER_ADDED, LATE));
    assert_all_hear_each_other(squad, COUNT);
    squad_free(squad);
}

static void the_invitation_says_since_when_the_group_runs_and_what_is_left(void **state) {
    (void)state;
    struct squad *squad = new_group();
    pass(squad, 3 * HOUR_MS);
    assert_int_equal(add(squad, LATE), STATUS_OK);
    squad_run(squad, 1000);
    const struct view_invitation *row = &squad_view(squad, LATE)->invitations[0];
    int64_t runs_ms = squad_now(squad, LATE).utc_ms - row->since_utc_ms;
    assert_true(row->is_late);
    assert_int_equal(row->member_count, COUNT);
    assert_in_range(runs_ms, 3 * HOUR_MS, 3 * HOUR_MS + MINUTE_MS);
    assert_in_range(row->left_ms, PERIOD_MS - runs_ms - MINUTE_MS, PERIOD_MS - runs_ms);
    accept(squad, LATE);
    /* Its key ends with everybody's. */
    int64_t left_ms = squad_view(squad, 0)->groups[0].remaining_ms;
    assert_in_range(squad_view(squad, LATE)->groups[0].remaining_ms, left_ms - 1000,
                    left_ms + 1000);
    squad_free(squad);
}

/* Statement 11. What was said in the hour before stays closed, also where the creator still holds
 * its key for members whose clocks are behind, and where it doubts the time. */
static void who_comes_late_gets_the_present_hours_key_and_none_before(void **state) {
    (void)state;
    for (int is_doubted = 0; is_doubted < 2; is_doubted++) {
        struct squad *squad = new_group();
        uint8_t first[GMK_SIZE], third[GMK_SIZE];
        struct group *group = group_of(squad, 0);
        assert_int_equal(group->current.hour, 0);
        hours_key(group, 0, first);
        hours_key(group, 2, third);
        pass(squad, 2 * HOUR_MS + MINUTE_MS);
        group = group_of(squad, 0);
        assert_int_equal(group->current.hour, 1); /* kept for others */
        if (is_doubted) {
            hours_doubt(group);
        }
        let_in(squad, LATE);
        const struct gmk *gmk = &group_of(squad, LATE)->current;
        assert_int_equal(gmk->hour, 2);
        assert_memory_equal(gmk->octets->octets, third, GMK_SIZE);
        assert_memory_not_equal(gmk->octets->octets, first, GMK_SIZE);
        assert_hears(squad, LATE, 1);
        assert_hears(squad, 1, LATE);
        squad_free(squad);
    }
}

static void who_cannot_be_let_in_changes_nothing(void **state) {
    (void)state;
    struct squad *squad = new_group();
    assert_int_equal(add(squad, 1), STATUS_NOT_ALLOWED); /* is in already */
    assert_int_equal(add(squad, 0), STATUS_NOT_ALLOWED);
    assert_int_equal(add(squad, COUNT + 3), STATUS_NOT_FOUND); /* is not there */
    struct command command = {.kind = COMMAND_ADD_MEMBERS};
    memcpy(command.group, group_of(squad, 0)->parameters.identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_NOT_ALLOWED); /* nobody */
    command.member_count = ADHOC_MEMBERS_MAX - 2;
    assert_int_equal(squad_command(squad, 0, &command), STATUS_TOO_LONG);
    command.member_count = 1;
    snprintf(command.members[0], sizeof command.members[0], "%s", squad_identity(LATE));
    assert_int_equal(squad_command(squad, 1, &command), STATUS_NOT_ALLOWED); /* the creator alone */
    assert_int_equal(group_of(squad, 0)->parameters.list_number, 0);
    assert_int_equal(group_of(squad, 0)->parameters.member_count, COUNT - 1);
    pass(squad, PERIOD_MS);
    assert_int_equal(add(squad, LATE), STATUS_GMK_EXPIRED);
    squad_free(squad);
}

static void two_are_let_in_at_once_and_one_while_another_is_asked(void **state) {
    (void)state;
    struct squad *squad = new_group_of(6);
    struct command command = {.kind = COMMAND_ADD_MEMBERS, .member_count = 2};
    memcpy(command.group, group_of(squad, 0)->parameters.identity, sizeof command.group);
    for (size_t i = 0; i < 2; i++) {
        snprintf(command.members[i], sizeof command.members[i], "%s", squad_identity(3 + i));
    }
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(add(squad, 5), STATUS_OK); /* the officers of 3 and 4 have not decided */
    squad_run(squad, 1000);
    for (size_t n = 3; n < 6; n++) {
        assert_int_equal(squad_view(squad, n)->invitation_count, 1);
        accept(squad, n);
    }
    squad_run(squad, 5000);
    for (size_t n = 0; n < 6; n++) {
        assert_int_equal(group_of(squad, n)->parameters.member_count, 6);
        assert_int_equal(group_of(squad, n)->parameters.list_number, 3);
    }
    assert_all_hear_each_other(squad, 6);
    squad_free(squad);
}

/* An officer's yes stands where somebody else is let in before the key has come. */
static void a_yes_stands_when_others_are_let_in_meanwhile(void **state) {
    (void)state;
    struct squad *squad = new_group_of(5);
    assert_int_equal(add(squad, 3), STATUS_OK);
    squad_run(squad, 1000);
    squad->handsets[0].deaf = true;
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    pass(squad, MINUTE_MS);
    assert_int_equal(add(squad, 4), STATUS_OK);
    squad->handsets[0].deaf = false;
    pass(squad, 3 * MINUTE_MS);
    assert_int_equal(asked(squad, 3), 1);
    assert_non_null(group_of(squad, 3));
    assert_int_equal(group_of(squad, 3)->parameters.member_count, 5);
    squad_free(squad);
}

/* --- Who has not heard of it ---------------------------------------------------------------- */

/* Handset 2 is out of the creator's reach from before the addition on, and hears the latecomer at
 * its first press; and what the disk does holds no word up. */
static void a_member_out_of_reach_hears_a_latecomer_at_its_first_press(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad->handsets[2].deaf = true;
    let_in(squad, LATE);
    squad->handsets[0].deaf = true;
    pass(squad, MINUTE_MS);
    squad->handsets[2].deaf = false;
    squad->handsets[2].disk_ms = HOUR_MS;
    squad_run(squad, 2000);
    assert_false(lists(squad, 2, LATE));
    assert_hears(squad, 2, LATE);
    assert_true(lists(squad, 2, LATE));
    assert_int_equal(group_listed_in(&group_of(squad, 2)->parameters, squad_identity(LATE)), 1);
    assert_hears(squad, LATE, 2);
    squad->handsets[2].disk_ms = 0;
    squad_flush(squad, 2);
    squad_restart(squad, 2, false);
    assert_true(lists(squad, 2, LATE));
    squad_free(squad);
}

/* All that a member can do, where the talker has heard of it by the latecomer's own talk alone. */
static void a_latecomer_is_counted_and_queued_like_any_member(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad->handsets[2].deaf = true;
    let_in(squad, LATE);
    squad->handsets[0].deaf = squad->handsets[1].deaf = true;
    squad->handsets[2].deaf = false;
    squad_run(squad, 2000);
    assert_hears(squad, 2, LATE);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(squad_view(squad, 2)->hearing.hearers, 1);
    assert_int_equal(squad_talk(squad, LATE), STATUS_BUSY); /* asks for the floor */
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 2)->floor.waiting, 1);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, 500);
    struct command emergency = {.kind = COMMAND_EMERGENCY, .on = 1};
    memcpy(emergency.group, group_of(squad, LATE)->parameters.identity, sizeof emergency.group);
    assert_int_equal(squad_command(squad, LATE, &emergency), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 2)->emergency_count, 1);
    assert_true(squad_view(squad, 2)->groups[0].says_again);
    squad_free(squad);
}

/* The creator tells a member that was out of reach when it comes back, also if nobody talks. */
static void lists_become_the_same_without_a_word(void **state) {
    (void)state;
    struct squad *squad = new_group_of(5);
    squad->handsets[2].deaf = true;
    let_in(squad, 3);
    let_in(squad, 4);
    pass(squad, 5 * MINUTE_MS);
    assert_false(lists(squad, 2, 3));
    squad->handsets[2].deaf = false;
    pass(squad, MINUTE_MS);
    for (size_t n = 0; n < 5; n++) {
        assert_int_equal(group_of(squad, n)->parameters.member_count, 5);
    }
    assert_int_equal(asked(squad, 2), 1); /* to the group itself */
    assert_true(was_told(squad, 2, EVENT_MEMBER_ADDED, 4));
    squad_free(squad);
}

/* --- Tickets -------------------------------------------------------------------------------- */

/* Handset n says, as `from`, what a talker of that identity announces with these octets as its
 * ticket, under a key that the group's members hold. */
static void announce_with(struct squad *squad, size_t n, size_t from, struct span ticket) {
    const struct group *group = group_of(squad, n);
    struct announcement_fields fields = {.csb_id = 0x1234,
                                         .ssrc = 0x77 + (uint32_t)ticket.length,
                                         .gmk_id = group->current.id,
                                         .hour = hours_now(group, squad_now(squad, n)),
                                         .utc_ms =
                                             group_clock_read(&group->clock, squad_now(squad, n)),
                                         .ticket = ticket};
    uint8_t gmk[GMK_SIZE];
    struct signing_key *signer = squad_signing_key(from);
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(from));
    snprintf(fields.group, sizeof fields.group, "%s", group->parameters.identity);
    fields.proof.began_ms = fields.utc_ms;
    hours_key(group, fields.hour, gmk);
    struct speaker speaker = speaker_new(fields, gmk, signer);
    speaker_say(&speaker, squad, n, from);
    speaker_clear(&speaker);
}

struct forgery {
    const char *what;
    size_t signer; /* whose key */
    size_t holder; /* whom it names */
    bool other_group, other_gmk, other_time;
    unsigned spoilt; /* an octet of it is changed: its place and one more */
    bool is_early;   /* dated before the GMK: by who has the creator's keys of a month before */
};

static size_t ticket_by(const struct squad *squad, const struct forgery *forgery,
                        uint8_t octets[TICKET_MAX]) {
    struct group_parameters parameters = group_of(squad, 0)->parameters;
    struct group_member member = {.listed_in = 1, .name = "Dora"};
    struct keyring keyring = squad->handsets[forgery->signer].engine->desk.keyring;
    struct writer w = writer_into(octets, TICKET_MAX);
    snprintf(member.identity, sizeof member.identity, "%s", squad_identity(forgery->holder));
    memcpy(member.kms, parameters.members[0].kms, sizeof member.kms);
    parameters.identity[strlen(parameters.identity) - 1] ^= forgery->other_group ? 1 : 0;
    parameters.gmk_id ^= forgery->other_gmk ? 1 : 0;
    parameters.created_ms -= forgery->other_time ? 1 : 0;
    int64_t group_ms = group_clock_read(&group_of(squad, 0)->clock, squad_now(squad, 0));
    int64_t made_ms = forgery->is_early ? parameters.created_ms - 1 : group_ms;
    assert_int_equal(ticket_write(&w, &parameters, &member, made_ms, &keyring, &entropy_system),
                     STATUS_OK);
    if (forgery->spoilt > 0) {
        octets[forgery->spoilt - 1] ^= 1;
    }
    return w.length;
}

/* Who shows a ticket that the creator did not make for it, this group and this GMK is not heard, in
 * no list, and told of; nor does it cost its listeners a signature check each time. */
static void a_ticket_that_is_not_the_creators_lets_nobody_in(void **state) {
    (void)state;
    static const struct forgery forgeries[] = {
        {"a member's", 1, LATE, false, false, false, 0, false},
        {"its own", LATE, LATE, false, false, false, 0, false},
        {"another's", 0, SQUAD_STRANGER, false, false, false, 0, false},
        {"of another group", 0, LATE, true, false, false, 0, false},
        {"of another GMK", 0, LATE, false, true, false, 0, false},
        {"of a GMK made at another time", 0, LATE, false, false, true, 0, false},
        {"with another number", 0, LATE, false, false, false, 1, false},
        {"with another time", 0, LATE, false, false, false, 9, false},
        {"with another name", 0, LATE, false, false, false, 1 + 8 + 30, false},
        {"of before the GMK", 0, LATE, false, false, false, 0, true},
    };
    for (size_t i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
        struct squad *squad = new_group();
        uint8_t octets[TICKET_MAX];
        struct span ticket = {octets, ticket_by(squad, &forgeries[i], octets)};
        for (int times = 0; times < 3; times++) {
            announce_with(squad, 1, LATE, ticket);
            squad_run(squad, 400);
        }
        if (lists(squad, 1, LATE) || squad->handsets[1].talks != 0) {
            fail_msg("a ticket %s lets in", forgeries[i].what);
        }
        assert_int_equal(squad->handsets[1].last_refusal, STATUS_NOT_A_MEMBER);
        bool is_readable = forgeries[i].spoilt != 1;
        assert_int_equal(was_told(squad, 1, EVENT_TICKET_FORGED, LATE), is_readable);
        squad_free(squad);
    }
}

/* The same way with the creator's own lets in: what was refused was refused for what it was. */
static void a_ticket_of_the_creator_lets_in(void **state) {
    (void)state;
    const struct forgery genuine = {"genuine", 0, LATE, false, false, false, 0, false};
    struct squad *squad = new_group();
    uint8_t octets[TICKET_MAX];
    struct span ticket = {octets, ticket_by(squad, &genuine, octets)};
    announce_with(squad, 1, LATE, (struct span){NULL, 0});
    assert_false(lists(squad, 1, LATE));
    announce_with(squad, 1, LATE, ticket);
    squad_run(squad, 400);
    assert_true(lists(squad, 1, LATE));
    assert_int_equal(squad->handsets[1].talks, 1);
    /* Nor does it do for somebody else. */
    announce_with(squad, 1, SQUAD_STRANGER, ticket);
    assert_false(lists(squad, 1, SQUAD_STRANGER));
    squad_free(squad);
}

/* Who was left out by a rekey has a genuine ticket of the key before. */
static void a_rekey_makes_tickets_void(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad_ask_always(squad);
    uint8_t octets[TICKET_MAX];
    let_in(squad, LATE);
    struct span ticket = {octets, group_of(squad, LATE)->ticket.length};
    assert_true(ticket.length > ECCSI_SIGNATURE_SIZE);
    memcpy(octets, group_of(squad, LATE)->ticket.octets, ticket.length);
    struct command rekey = squad_create_command(2, PERIOD_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, group_of(squad, 0)->parameters.identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    accept(squad, 1);
    accept(squad, 2);
    assert_int_equal(group_of(squad, 1)->parameters.list_number, 0);
    assert_false(lists(squad, 1, LATE));
    assert_int_equal(hears(squad, 1, LATE), 0); /* by the key before */
    announce_with(squad, 1, LATE, ticket);      /* by the present one, if it had that */
    squad_run(squad, 400);
    assert_false(lists(squad, 1, LATE));
    assert_true(was_told(squad, 1, EVENT_TICKET_FORGED, LATE));
    /* It is let in once more, without a new key. */
    let_in(squad, LATE);
    assert_hears(squad, 1, LATE);
    squad_free(squad);
}

/* --- The creator is killed ------------------------------------------------------------------ */

/* At each output from the command on: afterwards the latecomer is in, and all lists are the same,
 * without its officer, or the creator's, doing anything again; or the command never happened. */
static void whenever_the_creator_is_killed_it_goes_on_by_itself(void **state) {
    (void)state;
    unsigned undone = 0, done = 0;
    for (unsigned at = 1; at <= 15; at += at < 7 ? 1 : 4) {
        struct squad *squad = new_group();
        squad->handsets[0].cut_at = at;
        (void)add(squad, LATE);
        for (int i = 0; i < 8; i++) {
            squad_run(squad, 500);
            (void)squad_answer(squad, LATE, COMMAND_ACCEPT);
        }
        squad->handsets[0].cut_at = 0;
        squad_restart(squad, 0, at % 2 == 0);
        for (int i = 0; i < 4; i++) {
            pass(squad, MINUTE_MS / 2);
            (void)squad_answer(squad, LATE, COMMAND_ACCEPT);
        }
        bool is_in = lists(squad, 0, LATE);
        for (size_t n = 1; n < LATE; n++) {
            assert_int_equal(lists(squad, n, LATE), is_in);
        }
        assert_int_equal(group_of(squad, LATE) != NULL, is_in);
        if (is_in) {
            assert_hears(squad, 1, LATE);
            assert_hears(squad, LATE, 0);
        }
        done += is_in;
        undone += !is_in;
        squad_free(squad);
    }
    assert_true(done > 5 && undone > 0);
}

static void a_latecomer_that_starts_again_still_carries_its_ticket(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad->handsets[2].deaf = true;
    let_in(squad, LATE);
    squad_flush(squad, LATE);
    squad_restart(squad, LATE, true);
    squad->handsets[0].deaf = true;
    squad->handsets[2].deaf = false;
    squad_run(squad, 5000);
    assert_hears(squad, 2, LATE);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_let_in_talks_and_hears_and_no_member_is_asked),
        cmocka_unit_test(the_invitation_says_since_when_the_group_runs_and_what_is_left),
        cmocka_unit_test(who_comes_late_gets_the_present_hours_key_and_none_before),
        cmocka_unit_test(who_cannot_be_let_in_changes_nothing),
        cmocka_unit_test(two_are_let_in_at_once_and_one_while_another_is_asked),
        cmocka_unit_test(a_yes_stands_when_others_are_let_in_meanwhile),
        cmocka_unit_test(a_member_out_of_reach_hears_a_latecomer_at_its_first_press),
        cmocka_unit_test(a_latecomer_is_counted_and_queued_like_any_member),
        cmocka_unit_test(lists_become_the_same_without_a_word),
        cmocka_unit_test(a_ticket_that_is_not_the_creators_lets_nobody_in),
        cmocka_unit_test(a_ticket_of_the_creator_lets_in),
        cmocka_unit_test(a_rekey_makes_tickets_void),
        cmocka_unit_test(whenever_the_creator_is_killed_it_goes_on_by_itself),
        cmocka_unit_test(a_latecomer_that_starts_again_still_carries_its_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
