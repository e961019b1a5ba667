/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Emergencies (app/README.md section 5, 13): the list of them, and whole engines that call, hear,
 * acknowledge and end one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/talk/talk.h"
#include "speaker.h"
#include "tests/app/talkers.h"

static const struct view_group *group_of(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->groups[0];
}

static enum status emergency(struct squad *squad, size_t n, int on) {
    struct command command = {.kind = COMMAND_EMERGENCY, .on = on};
    memcpy(command.group, group_of(squad, n)->identity, sizeof command.group);
    return squad_command(squad, n, &command);
}

static enum status acknowledge(struct squad *squad, size_t n, size_t caller) {
    struct command command = {.kind = COMMAND_ACKNOWLEDGE};
    memcpy(command.group, group_of(squad, n)->identity, sizeof command.group);
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(caller));
    return squad_command(squad, n, &command);
}

static const struct view_emergency *shown(struct squad *squad, size_t n, size_t caller) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->emergency_count; i++) {
        if (strcmp(view->emergencies[i].identity, squad_identity(caller)) == 0) {
            return &view->emergencies[i];
        }
    }
    return NULL;
}

/* --- Pre-emption ---------------------------------------------------------------------------- */

static void an_emergency_takes_the_floor_at_every_handset_alike(void **state) {
    (void)state;
    struct squad *squad = talkers_new(4);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_false(squad_view(squad, 1)->talkers[0].is_emergency);
    assert_int_equal(squad_talk(squad, 2), STATUS_BUSY);
    int64_t called_utc_ms = squad_now(squad, 2).utc_ms;
    assert_int_equal(emergency(squad, 2, 1), STATUS_OK);
    squad_run(squad, 100);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 2);
        assert_int_equal(squad_view(squad, n)->emergency_count, 1);
        const struct view_emergency *row = shown(squad, n, 2);
        assert_non_null(row);
        assert_int_equal(row->self, n == 2);
        assert_false(row->is_over);
        assert_string_equal(row->group, group_of(squad, n)->identity);
        assert_string_equal(row->group_name, group_of(squad, n)->name);
        assert_in_range(row->began_utc_ms, called_utc_ms, called_utc_ms + 100);
        assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY, NULL), n != 2);
        assert_int_equal(talkers_events(squad, n, EVENT_OWN_EMERGENCY, NULL), n == 2);
        assert_int_equal(talkers_events(squad, n, EVENT_FLOOR_LOST, NULL), n == 0);
    }
    const struct view *view = squad_view(squad, 1);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == EVENT_EMERGENCY) {
            assert_in_range(view->log[i].utc_ms, called_utc_ms, called_utc_ms + 100);
            assert_string_equal(view->log[i].identity, squad_identity(2));
        }
    }
    /* Nobody in none gets the floor from it. */
    assert_int_equal(squad_talk(squad, 0), STATUS_BUSY);
    squad_free(squad);
}

static void who_talks_already_goes_on_in_emergency_without_a_gap(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    squad->handsets[1].longest_ms = 0;
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_in_range(squad->handsets[1].longest_ms, 0, 40);
    assert_non_null(shown(squad, 1, 0));
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_in_range(squad->handsets[1].longest_ms, 0, 40);
    assert_true(shown(squad, 1, 0)->is_over);
    talkers_expect(squad, 2, 0);
    /* Its talk is of normal priority now. */
    assert_int_equal(emergency(squad, 1, 1), STATUS_OK);
    squad_run(squad, 100);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 1);
    }
    squad_free(squad);
}

/* Handset 2 comes back, and has talked for longer: out of range, in no emergency. */
static void one_called_in_the_middle_of_a_talk_goes_over_who_began_before(void **state) {
    (void)state;
    struct squad *squad = talkers_new(4);
    squad->handsets[2].deaf = true;
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    squad->handsets[2].deaf = false;
    squad_run(squad, 1000);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 0);
        assert_non_null(shown(squad, n, 0));
    }
    squad_free(squad);
}

/* Nothing comes from the microphone: it is absent, or the sound server is gone. */
static void one_without_a_word_is_shown_everywhere(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    squad->is_mute = true;
    assert_int_equal(emergency(squad, 1, 1), STATUS_OK);
    squad_run(squad, 200);
    for (size_t n = 0; n < 3; n++) {
        assert_non_null(shown(squad, n, 1));
        assert_false(shown(squad, n, 1)->is_over);
        assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY, NULL), n != 1);
    }
    assert_true(squad->handsets[1].engine->talk.active);
    squad_free(squad);
}

/* The first one is not cut off; that there is a second is told to all even so. */
static void a_second_emergency_is_told_while_the_first_one_talks(void **state) {
    (void)state;
    struct squad *squad = talkers_new(4);
    assert_int_equal(emergency(squad, 1, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(emergency(squad, 3, 1), STATUS_OK);
    squad_run(squad, 200);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 1);
        assert_int_equal(squad_view(squad, n)->emergency_count, 2);
        assert_non_null(shown(squad, n, 1));
        assert_non_null(shown(squad, n, 3));
    }
    assert_int_equal(squad_view(squad, 3)->hearing.state, HEARING_NONE);
    assert_int_equal(squad_talk(squad, 3), STATUS_BUSY);
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    squad_run(squad, 50);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_talk(squad, 3), STATUS_OK);
    squad_run(squad, 100);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 3);
    }
    squad_free(squad);
}

static void an_emergency_talk_is_ended_by_force_too_and_the_emergency_is_not(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, TALK_LONGEST_MS + 500);
    assert_false(squad_view(squad, 0)->talking);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    talkers_expect(squad, 1, 0);
    assert_int_equal(talkers_events(squad, 1, EVENT_EMERGENCY, NULL), 1);
    squad_free(squad);
}

/* --- Acknowledged, and over ----------------------------------------------------------------- */

static void it_stands_at_each_handset_until_it_is_acknowledged_there(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(acknowledge(squad, 1, 0), STATUS_NOT_FOUND);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(acknowledge(squad, 0, 0), STATUS_NOT_FOUND); /* the own one only ends */
    assert_int_equal(acknowledge(squad, 1, 0), STATUS_OK);
    assert_int_equal(acknowledge(squad, 1, 0), STATUS_NOT_FOUND);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 60000);
    assert_null(shown(squad, 1, 0));
    assert_non_null(shown(squad, 2, 0));
    assert_non_null(shown(squad, 0, 0));
    assert_int_equal(talkers_events(squad, 1, EVENT_EMERGENCY_SEEN, NULL), 1);
    assert_int_equal(talkers_events(squad, 2, EVENT_EMERGENCY_SEEN, NULL), 0);
    /* What follows is of the same one. */
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_null(shown(squad, 1, 0));
    assert_int_equal(talkers_events(squad, 1, EVENT_EMERGENCY, NULL), 1);
    /* The talk itself is still marked: whoever has seen the emergency hears that it goes on. */
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_true(squad_view(squad, 1)->talkers[0].is_emergency);
    squad_free(squad);
}

static void its_end_is_told_without_a_word(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(emergency(squad, 0, 0), STATUS_NOT_FOUND);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    assert_int_equal(acknowledge(squad, 1, 0), STATUS_OK);
    squad_run(squad, 3000);
    unsigned talks = talkers_events(squad, 2, EVENT_TALK_BEGAN, NULL);
    /* Others talk meanwhile, and go on. */
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 10000);
    assert_null(shown(squad, 0, 0));
    assert_null(shown(squad, 1, 0));
    assert_true(shown(squad, 2, 0)->is_over); /* nobody has seen it there */
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 1);
        assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY_OVER, NULL), n != 0);
        assert_int_equal(talkers_events(squad, n, EVENT_OWN_TALK_UNHEARD, NULL), 0);
    }
    assert_int_equal(talkers_events(squad, 2, EVENT_TALK_BEGAN, NULL), talks + 1); /* handset 1's */
    assert_int_equal(squad_talk(squad, 0), STATUS_BUSY);
    assert_int_equal(acknowledge(squad, 2, 0), STATUS_OK);
    assert_null(shown(squad, 2, 0));
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    /* The next one is another one. */
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_non_null(shown(squad, 1, 0));
    assert_non_null(shown(squad, 2, 0));
    squad_free(squad);
}

static bool drop_all_of_0(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    return frame->from != 0;
}

static void who_missed_the_end_hears_of_it_with_the_next_talk(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->filter = drop_all_of_0;
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->filter = NULL;
    assert_false(shown(squad, 1, 0)->is_over);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_true(shown(squad, 1, 0)->is_over);
    squad_free(squad);
}

static void it_outlives_a_new_key_of_the_group(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(emergency(squad, 1, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    assert_int_equal(acknowledge(squad, 0, 1), STATUS_OK);
    uint32_t before = group_of(squad, 0)->gmk_id;
    struct command rekey = squad_create_command(2, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, group_of(squad, 0)->identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_not_equal(group_of(squad, 1)->gmk_id, before);
    assert_non_null(shown(squad, 1, 1));
    assert_non_null(shown(squad, 2, 1));
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 200);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 1);
    }
    assert_null(shown(squad, 0, 1));
    assert_int_equal(emergency(squad, 1, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_true(shown(squad, 2, 1)->is_over);
    squad_free(squad);
}

/* --- Modes ---------------------------------------------------------------------------------- */

static void set_mode(struct squad *squad, size_t n, enum command_kind mode, int on) {
    assert_int_equal(squad_command(squad, n, &(struct command){.kind = mode, .on = on}), STATUS_OK);
}

static void radio_silence_lets_it_out_and_airplane_mode_does_not(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    set_mode(squad, 0, COMMAND_AIRPLANE, 1);
    assert_int_equal(emergency(squad, 0, 1), STATUS_NOT_ALLOWED);
    assert_null(shown(squad, 0, 0));
    set_mode(squad, 0, COMMAND_AIRPLANE, 0);
    set_mode(squad, 0, COMMAND_RADIO_SILENCE, 1);
    set_mode(squad, 1, COMMAND_RADIO_SILENCE, 1);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_non_null(shown(squad, 1, 0));
    /* The talk ends, the emergency cannot, as nobody could be told. */
    set_mode(squad, 0, COMMAND_AIRPLANE, 1);
    assert_false(squad_view(squad, 0)->talking);
    assert_int_equal(emergency(squad, 0, 0), STATUS_NOT_ALLOWED);
    assert_non_null(shown(squad, 0, 0));
    set_mode(squad, 0, COMMAND_AIRPLANE, 0);
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_null(shown(squad, 0, 0));
    assert_true(shown(squad, 1, 0)->is_over);
    squad_free(squad);
}

/* Whose words nobody would take calls none. */
static void one_that_cannot_be_said_is_not_called(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    struct command nowhere = {.kind = COMMAND_EMERGENCY, .group = "adhoc:nowhere", .on = 1};
    assert_int_equal(squad_command(squad, 0, &nowhere), STATUS_NOT_FOUND);
    assert_int_equal(squad_view(squad, 0)->emergency_count, 0);
    enum status status = STATUS_OK;
    for (int i = 0; i < 1000 && status == STATUS_OK; i++) {
        status = squad_talk(squad, 0);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    }
    assert_int_equal(status, STATUS_RATE_LIMITED);
    assert_int_equal(emergency(squad, 0, 1), STATUS_RATE_LIMITED);
    assert_int_equal(squad_view(squad, 0)->emergency_count, 0);
    squad_run(squad, HOUR_MS); /* the key's */
    assert_int_equal(emergency(squad, 0, 1), STATUS_GMK_EXPIRED);
    assert_int_equal(squad_view(squad, 0)->emergency_count, 0);
    assert_int_equal(talkers_events(squad, 0, EVENT_OWN_EMERGENCY, NULL), 0);
    squad_free(squad);
}

static void one_in_a_group_that_is_gone_can_still_be_ended(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    struct command command = {.kind = COMMAND_EMERGENCY};
    memcpy(command.group, group_of(squad, 0)->identity, sizeof command.group);
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    struct command delete = {.kind = COMMAND_DELETE_GROUP};
    memcpy(delete.group, command.group, sizeof delete.group);
    assert_int_equal(squad_command(squad, 0, &delete), STATUS_OK);
    assert_non_null(shown(squad, 0, 0));
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    assert_null(shown(squad, 0, 0));
    squad_free(squad);
}

/* --- Who raises none ------------------------------------------------------------------------ */

static void an_announcement_without_a_packet_raises_none_and_ends_none(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    squad->filter = talkers_cut_media;
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 1)->emergency_count, 0);
    squad->filter = NULL;
    squad_run(squad, 500);
    assert_non_null(shown(squad, 1, 0));
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->filter = talkers_cut_media;
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_false(shown(squad, 1, 0)->is_over);
    squad_free(squad);
}

/* Neither to one who was there, nor to one who was not and has met the caller since, nor after a
 * restart. */
static void a_recording_raises_none(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    squad->handsets[2].deaf = true;
    size_t first = squad->frame_count;
    assert_int_equal(emergency(squad, 0, 1), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    size_t end = squad->frame_count;
    assert_int_equal(acknowledge(squad, 1, 0), STATUS_OK);
    assert_int_equal(emergency(squad, 0, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->handsets[2].deaf = false;
    squad_run(squad, 5000);
    squad_restart(squad, 1, false);
    squad_run(squad, 100);
    for (size_t n = 1; n < 3; n++) {
        squad_rest(squad, n);
        recording_play(squad, n, 0, first, end);
        squad_run(squad, 1000);
        assert_int_equal(squad_view(squad, n)->emergency_count, 0);
        assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY, NULL), 0);
    }
    squad_free(squad);
}

static struct announcement_fields fields_of(struct squad *squad, size_t claimed, uint8_t gmk[16]) {
    const struct view_group *group = group_of(squad, 0);
    struct announcement_fields fields = {.csb_id = 9,
                                         .ssrc = 77,
                                         .utc_ms = squad_now(squad, 0).utc_ms,
                                         .gmk_id = group->gmk_id,
                                         .proof.start = {5},
                                         .proof.priority = TALK_EMERGENCY,
                                         .proof.began_ms = squad_now(squad, 0).utc_ms};
    assert_true(handset_reveal_gmk(squad->handsets[0].engine, group->gmk_id, gmk));
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(claimed));
    snprintf(fields.group, sizeof fields.group, "%s", group->identity);
    return fields;
}

/* What handset 1 makes of an emergency of `claimed` that `signer` signed. */
static void assert_raised(size_t claimed, size_t signer, bool has_gmk, bool is_raised) {
    struct squad *squad = talkers_new(2);
    uint8_t gmk[GMK_SIZE];
    struct announcement_fields fields = fields_of(squad, claimed, gmk);
    gmk[0] ^= !has_gmk;
    struct speaker speaker = speaker_new(fields, gmk, squad_signing_key(signer));
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 100);
    for (int i = 0; i < 20; i++) {
        speaker_say(&speaker, squad, 1, SQUAD_STRANGER);
        squad_run(squad, 20);
    }
    assert_int_equal(squad_view(squad, 1)->emergency_count, is_raised);
    assert_true(squad_view(squad, 1)->talking); /* the clock of none was measured */
    speaker_clear(&speaker);
    squad_free(squad);
}

static void nobody_raises_one_but_a_member_in_its_own_name(void **state) {
    (void)state;
    assert_raised(0, 0, true, true);
    assert_raised(0, 0, false, false);                          /* without the key */
    assert_raised(SQUAD_STRANGER, SQUAD_STRANGER, true, false); /* not on the list */
    assert_raised(0, SQUAD_STRANGER, true, false);              /* in another's name */
    assert_raised(1, 1, true, false);                           /* in the listener's own */
}

/* --- The list ------------------------------------------------------------------------------- */

struct list {
    struct squad *squad;
    struct emergencies *emergencies;
};

/* That of handset 0, to which anything is told here. */
static struct list list_new(void) {
    struct squad *squad = talkers_new(2);
    return (struct list){squad, &squad->handsets[0].engine->emergencies};
}

static struct claim claim_in(unsigned group, unsigned talker, enum talk_priority priority) {
    struct claim claim = {.priority = priority};
    snprintf(claim.group, sizeof claim.group, "adhoc:%u", group);
    snprintf(claim.identity, sizeof claim.identity, "tel:+%u", talker);
    return claim;
}

static void hear(struct list *list, unsigned group, unsigned talker, enum talk_priority priority) {
    const struct claim claim = claim_in(group, talker, priority);
    emergencies_hear(list->emergencies, squad_now(list->squad, 0), &claim);
    list->squad->boot_ms += 10;
}

static void see(struct list *list, unsigned group, unsigned talker) {
    const struct claim claim = claim_in(group, talker, TALK_NORMAL);
    struct command command = {.kind = COMMAND_ACKNOWLEDGE};
    struct event problem;
    memcpy(command.group, claim.group, sizeof command.group);
    memcpy(command.identity, claim.identity, sizeof command.identity);
    assert_int_equal(
        emergencies_acknowledge(list->emergencies, squad_now(list->squad, 0), &command, &problem),
        STATUS_OK);
}

static size_t count_shown(struct list *list) {
    return squad_view(list->squad, 0)->emergency_count;
}

static void the_latest_comes_first_and_each_is_of_one_talker_in_one_group(void **state) {
    (void)state;
    struct list list = list_new();
    hear(&list, 1, 1, TALK_EMERGENCY);
    hear(&list, 2, 1, TALK_EMERGENCY);
    hear(&list, 1, 2, TALK_EMERGENCY);
    hear(&list, 1, 1, TALK_EMERGENCY);
    hear(&list, 2, 2, TALK_NORMAL);
    const struct view *view = squad_view(list.squad, 0);
    assert_int_equal(view->emergency_count, 3);
    assert_string_equal(view->emergencies[0].identity, "tel:+2");
    assert_string_equal(view->emergencies[1].group, "adhoc:2");
    assert_string_equal(view->emergencies[2].group, "adhoc:1");
    hear(&list, 2, 1, TALK_NORMAL);
    see(&list, 2, 1);
    see(&list, 1, 2);
    assert_int_equal(count_shown(&list), 1);
    squad_free(list.squad);
}

/* Who calls many keeps none from being shown but the oldest, and first what nobody misses. */
static void what_was_seen_makes_way_first(void **state) {
    (void)state;
    struct list list = list_new();
    for (unsigned i = 0; i < EMERGENCIES_MAX; i++) {
        hear(&list, 1, i, TALK_EMERGENCY);
    }
    see(&list, 1, 7);
    hear(&list, 1, 100, TALK_EMERGENCY);
    assert_int_equal(count_shown(&list), EMERGENCIES_MAX);
    hear(&list, 1, 3, TALK_NORMAL);
    hear(&list, 1, 101, TALK_EMERGENCY);
    const struct view *view = squad_view(list.squad, 0);
    assert_int_equal(view->emergency_count, EMERGENCIES_MAX);
    for (size_t i = 0; i < view->emergency_count; i++) {
        assert_false(view->emergencies[i].is_over);
    }
    assert_string_equal(view->emergencies[EMERGENCIES_MAX - 1].identity, "tel:+0");
    squad_free(list.squad);
}

/* Seen or not, what is called after the end is a new one. */
static void one_that_is_called_after_its_end_is_shown_as_it_is(void **state) {
    (void)state;
    struct list list = list_new();
    for (int is_seen = 0; is_seen < 2; is_seen++) {
        hear(&list, 1, 1, TALK_EMERGENCY);
        int64_t first_utc_ms = squad_view(list.squad, 0)->emergencies[0].began_utc_ms;
        if (is_seen) {
            see(&list, 1, 1);
        }
        hear(&list, 1, 1, TALK_NORMAL);
        assert_int_equal(count_shown(&list), !is_seen);
        hear(&list, 1, 1, TALK_EMERGENCY);
        assert_int_equal(count_shown(&list), 1);
        assert_false(squad_view(list.squad, 0)->emergencies[0].is_over);
        assert_true(squad_view(list.squad, 0)->emergencies[0].began_utc_ms > first_utc_ms);
    }
    assert_int_equal(talkers_events(list.squad, 0, EVENT_EMERGENCY, NULL), 3);
    squad_free(list.squad);
}

/* The end of the one that was seen may have been lost. */
static void one_that_is_heard_after_a_long_time_is_shown_anew(void **state) {
    (void)state;
    struct list list = list_new();
    hear(&list, 1, 1, TALK_EMERGENCY);
    see(&list, 1, 1);
    list.squad->boot_ms += EMERGENCY_ANEW_MS - 20;
    hear(&list, 1, 1, TALK_EMERGENCY);
    assert_int_equal(count_shown(&list), 0);
    list.squad->boot_ms += EMERGENCY_ANEW_MS;
    hear(&list, 1, 1, TALK_EMERGENCY);
    assert_int_equal(count_shown(&list), 1);
    squad_free(list.squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_emergency_takes_the_floor_at_every_handset_alike),
        cmocka_unit_test(who_talks_already_goes_on_in_emergency_without_a_gap),
        cmocka_unit_test(one_called_in_the_middle_of_a_talk_goes_over_who_began_before),
        cmocka_unit_test(one_without_a_word_is_shown_everywhere),
        cmocka_unit_test(a_second_emergency_is_told_while_the_first_one_talks),
        cmocka_unit_test(an_emergency_talk_is_ended_by_force_too_and_the_emergency_is_not),
        cmocka_unit_test(it_stands_at_each_handset_until_it_is_acknowledged_there),
        cmocka_unit_test(its_end_is_told_without_a_word),
        cmocka_unit_test(who_missed_the_end_hears_of_it_with_the_next_talk),
        cmocka_unit_test(it_outlives_a_new_key_of_the_group),
        cmocka_unit_test(radio_silence_lets_it_out_and_airplane_mode_does_not),
        cmocka_unit_test(one_that_cannot_be_said_is_not_called),
        cmocka_unit_test(one_in_a_group_that_is_gone_can_still_be_ended),
        cmocka_unit_test(an_announcement_without_a_packet_raises_none_and_ends_none),
        cmocka_unit_test(a_recording_raises_none),
        cmocka_unit_test(nobody_raises_one_but_a_member_in_its_own_name),
        cmocka_unit_test(the_latest_comes_first_and_each_is_of_one_talker_in_one_group),
        cmocka_unit_test(what_was_seen_makes_way_first),
        cmocka_unit_test(one_that_is_called_after_its_end_is_shown_as_it_is),
        cmocka_unit_test(one_that_is_heard_after_a_long_time_is_shown_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
