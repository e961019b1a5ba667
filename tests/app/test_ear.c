/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a locked handset hears with (app/handset/ear.h), between whole engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/ear.h"
#include "app/handset/handset.h"
#include "crypto/gmk_hour.h"
#include "speaker.h"
#include "squad.h"

enum {
    LOCKED = 1, /* who is locked here */
    STEP_MS = 10,
    BEHIND_MS = 20 * 1000,
    SLOW_DISK_MS = 1500,
    OPENING_MS = 1000, /* that a passphrase takes, while the ear goes on */
};

struct scene {
    struct squad *squad;
    struct ear *ear;
    size_t passed; /* frames that the ear was given */
    unsigned voice_frames;
    int64_t voiced_ms, longest_ms; /* when the ear last played voice, and the longest pause */
};

static struct scene begin(size_t count, int64_t period_ms) {
    struct scene scene = {.squad = squad_new(count)};
    squad_run(scene.squad, 6000);
    squad_group(scene.squad, period_ms);
    squad_run(scene.squad, 1000);
    return scene;
}

static void end(struct scene *scene) {
    ear_free(scene->ear);
    squad_free(scene->squad);
}

static void lock(struct scene *scene) {
    struct squad_handset *handset = &scene->squad->handsets[LOCKED];
    const struct moment now = squad_now(scene->squad, LOCKED);
    squad_flush(scene->squad, LOCKED);
    assert_int_equal(ear_new(handset->engine, now, &scene->ear), STATUS_OK);
    handset->is_asleep = true; /* it is never used again */
    scene->passed = scene->squad->frame_count;
    scene->voiced_ms = handset->voiced_ms;
    scene->longest_ms = 0;
}

static void give(struct scene *scene, size_t from, struct span octets) {
    ear_frame(scene->ear, squad_now(scene->squad, LOCKED), from + 1, octets);
}

static void listen(struct scene *scene) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    const struct moment now = squad_now(scene->squad, LOCKED);
    if (ear_listen(scene->ear, now, samples)) {
        int64_t pause_ms = now.boot_ms - scene->voiced_ms;
        scene->longest_ms = pause_ms > scene->longest_ms ? pause_ms : scene->longest_ms;
        scene->voiced_ms = now.boot_ms;
        scene->voice_frames++;
    }
}

/* Time passes for a locked handset: all that is sent to everyone comes to its ear. */
static void pass(struct scene *scene, int64_t ms) {
    struct squad *squad = scene->squad;
    for (int64_t until_ms = squad->boot_ms + ms; squad->boot_ms < until_ms;) {
        const struct moment now = squad_now(squad, LOCKED);
        if (ear_deadline(scene->ear) <= now.boot_ms) {
            ear_tick(scene->ear, now);
        }
        if (now.boot_ms % VOICE_FRAME_MS == 0) {
            listen(scene);
        }
        squad_run(squad, squad->step_ms);
        for (; scene->passed < squad->frame_count; scene->passed++) {
            const struct squad_frame *frame = &squad->frames[scene->passed];
            if (frame->to == EVERYONE && frame->from != LOCKED) {
                give(scene, frame->from, (struct span){frame->octets, frame->length});
            }
        }
    }
}

/* As the program does: the engine starts from the store beside the ear, and then takes over. */
static void unlock(struct scene *scene) {
    struct squad_handset *handset = &scene->squad->handsets[LOCKED];
    squad_restart(scene->squad, LOCKED, false);
    pass(scene, OPENING_MS);
    ear_give_back(scene->ear, handset->engine, squad_now(scene->squad, LOCKED));
    ear_free(scene->ear);
    scene->ear = NULL;
    handset->is_asleep = false;
    handset->voice_frames = 0;
    handset->voiced_ms = scene->voiced_ms;
    handset->longest_ms = 0;
}

static void replay_to_ear(struct scene *scene, size_t first) {
    const struct squad *squad = scene->squad;
    for (size_t i = first, last = squad->frame_count; i < last; i++) {
        give(scene, SQUAD_STRANGER,
             (struct span){squad->frames[i].octets, squad->frames[i].length});
        /* Also as a frame that was never seen, as a forwarder can make one. */
        uint8_t *octets = malloc(squad->frames[i].length);
        assert_non_null(octets);
        memcpy(octets, squad->frames[i].octets, squad->frames[i].length);
        octets[4] ^= 0x55;
        give(scene, SQUAD_STRANGER, (struct span){octets, squad->frames[i].length});
        free(octets);
    }
}

static void a_talk_goes_on_through_lock_and_unlock_without_a_gap(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    struct squad_handset *handset = &scene.squad->handsets[LOCKED];
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    squad_run(scene.squad, 2000);
    assert_true(handset->voice_frames > 80);
    lock(&scene);
    assert_true(ear_is_listening(scene.ear));
    pass(&scene, 40 * 1000); /* its keys are renewed meanwhile */
    assert_in_range(scene.voice_frames, 1995, 2000);
    assert_in_range(scene.longest_ms, 20, 40);
    unlock(&scene);
    assert_in_range(scene.voice_frames, 2045, 2050);
    squad_run(scene.squad, 2000);
    assert_int_equal(squad_view(scene.squad, LOCKED)->talker_count, 1);
    assert_in_range(handset->voice_frames, 97, 100);
    assert_in_range(handset->longest_ms, 20, 40);
    end(&scene);
}

static void a_talk_that_begins_while_locked_is_heard_and_ends(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    lock(&scene);
    pass(&scene, 1000);
    assert_false(ear_is_listening(scene.ear));
    for (size_t talker = 0; talker < 3; talker += 2) {
        unsigned before = scene.voice_frames;
        assert_int_equal(squad_talk(scene.squad, talker), STATUS_OK);
        pass(&scene, 2000);
        assert_true(ear_is_listening(scene.ear));
        assert_in_range(scene.voice_frames - before, 85, 100);
        assert_int_equal(squad_stop(scene.squad, talker), STATUS_OK);
        pass(&scene, 3000);
        assert_false(ear_is_listening(scene.ear));
    }
    end(&scene);
}

static void who_was_reported_lost_before_the_lock_is_not_heard(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    struct command lost = {.kind = COMMAND_REPORT_LOST};
    snprintf(lost.identity, sizeof lost.identity, "%s", squad_identity(2));
    assert_int_equal(squad_command(scene.squad, LOCKED, &lost), STATUS_OK);
    lock(&scene);
    assert_int_equal(squad_talk(scene.squad, 2), STATUS_OK);
    pass(&scene, 2000);
    assert_int_equal(scene.voice_frames, 0);
    assert_int_equal(squad_stop(scene.squad, 2), STATUS_OK);
    pass(&scene, 1000);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 2000);
    assert_true(scene.voice_frames > 80);
    end(&scene);
}

/* By the ear, and by the handset that comes after it. */
static void what_was_heard_while_locked_is_never_heard_again(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    size_t first = scene.squad->frame_count;
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    squad_run(scene.squad, 600);
    lock(&scene);
    pass(&scene, 600);
    assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
    pass(&scene, 400);
    unsigned heard = scene.voice_frames;
    replay_to_ear(&scene, first);
    pass(&scene, 1000);
    assert_int_equal(scene.voice_frames, heard);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 500);
    assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
    pass(&scene, 100);
    size_t last = scene.squad->frame_count;
    unlock(&scene);
    recording_play(scene.squad, LOCKED, 0, first, last);
    squad_run(scene.squad, 1000);
    assert_int_equal(scene.squad->handsets[LOCKED].voice_frames, 0);
    /* Who talks now is heard. */
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    squad_run(scene.squad, 1000);
    assert_true(scene.squad->handsets[LOCKED].voice_frames > 40);
    end(&scene);
}

/* Two presses, of which the second took the first one's place. */
static void nor_is_what_was_heard_before_the_lock(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    size_t first = scene.squad->frame_count;
    for (int press = 0; press < 2; press++) {
        assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
        squad_run(scene.squad, 400);
        assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
        squad_run(scene.squad, 200);
    }
    assert_true(scene.squad->handsets[LOCKED].voice_frames > 20);
    lock(&scene);
    replay_to_ear(&scene, first);
    pass(&scene, 1000);
    assert_int_equal(scene.voice_frames, 0);
    end(&scene);
}

/* It is told apart by its date alone. */
static void nor_is_what_somebody_said_who_was_not_measured(void **state) {
    (void)state;
    struct scene scene = {.squad = squad_new(2)};
    squad_group(scene.squad, HOUR_MS);
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    squad_restart(scene.squad, LOCKED, false);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    squad_run(scene.squad, 4000);
    lock(&scene);
    size_t first = scene.squad->frame_count;
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 1000);
    assert_true(scene.voice_frames > 40);
    assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
    pass(&scene, 100);
    size_t last = scene.squad->frame_count;
    unlock(&scene);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    recording_play(scene.squad, LOCKED, 0, first, last);
    squad_run(scene.squad, 1000);
    assert_int_equal(scene.squad->handsets[LOCKED].voice_frames, 0);
    end(&scene);
}

/* Who was not measured, and whose clock is behind, talks on through the unlocking: until what
 * moment all may have been heard, the handset knows from its ear, and not from its start. */
static void who_was_not_measured_talks_on_though_its_clock_is_behind(void **state) {
    (void)state;
    struct scene scene = {.squad = squad_new(2)};
    struct squad_handset *handset = &scene.squad->handsets[LOCKED];
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    squad_group(scene.squad, HOUR_MS);
    handset->utc_offset_ms = BEHIND_MS;
    squad_restart(scene.squad, LOCKED, true);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    squad_run(scene.squad, HEARD_RESERVE_MS + BEHIND_MS);
    lock(&scene);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 2000);
    assert_true(scene.voice_frames > 80);
    unlock(&scene);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    squad_run(scene.squad, 2000);
    assert_true(squad_view(scene.squad, LOCKED)->talkers[0].time_unproven);
    assert_in_range(handset->voice_frames, 97, 100);
    assert_in_range(handset->longest_ms, 20, 40);
    end(&scene);
}

/* Who is ahead of group time talks on through the unlocking, however long the disk takes for that;
 * and then it is durable. */
static void whose_clock_is_ahead_talks_on_though_the_disk_is_slow(void **state) {
    (void)state;
    struct scene scene = {.squad = squad_new(2)};
    struct squad_handset *handset = &scene.squad->handsets[LOCKED];
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    squad_group(scene.squad, HOUR_MS);
    handset->utc_offset_ms = -BEHIND_MS;
    squad_restart(scene.squad, LOCKED, true);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    squad_run(scene.squad, HEARD_RESERVE_MS + BEHIND_MS);
    lock(&scene);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 2000);
    assert_true(scene.voice_frames > 80);
    handset->disk_ms = SLOW_DISK_MS;
    unlock(&scene);
    assert_int_equal(squad_command(scene.squad, LOCKED, &silence), STATUS_OK);
    squad_run(scene.squad, 2000);
    assert_in_range(handset->voice_frames, 97, 100);
    assert_in_range(handset->longest_ms, 20, 40);
    const struct group *group = handset->engine->groups.list[0];
    int64_t lead_ms = group->heard.lead_ms;
    assert_true(lead_ms > HEARD_LEAD_MS);
    squad_run(scene.squad, 2 * SLOW_DISK_MS);
    handset->disk_ms = 0;
    squad_restart(scene.squad, LOCKED, false);
    group = handset->engine->groups.list[0];
    int64_t least_ms = group_clock_read(&group->clock, squad_now(scene.squad, LOCKED)) + lead_ms;
    assert_true(group->heard.floor_ms >= least_ms);
    end(&scene);
}

/* A group that it is not in, an invitation to another, and a forged word are nothing to the ear. */
static void nothing_else_is_heard(void **state) {
    (void)state;
    struct scene scene = begin(4, HOUR_MS);
    lock(&scene);
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(3));
    assert_int_equal(squad_command(scene.squad, 2, &create), STATUS_OK);
    pass(&scene, 2000);
    assert_int_equal(squad_answer(scene.squad, 3, COMMAND_ACCEPT), STATUS_OK);
    pass(&scene, 5000);
    const struct view *view = squad_view(scene.squad, 3);
    assert_int_equal(view->group_count, 2);
    struct command talk = {.kind = COMMAND_TALK_BEGIN};
    for (size_t i = 0; i < view->group_count; i++) {
        if (view->groups[i].member_count == 2) {
            snprintf(talk.group, sizeof talk.group, "%s", view->groups[i].identity);
        }
    }
    assert_int_equal(squad_command(scene.squad, 3, &talk), STATUS_OK);
    pass(&scene, 1500);
    assert_true(scene.squad->handsets[2].voice_frames > 40);
    assert_int_equal(scene.voice_frames, 0);
    assert_false(ear_is_listening(scene.ear));
    end(&scene);
}

static void idle(struct scene *scene, int64_t ms) {
    const int64_t step_ms = scene->squad->step_ms;
    scene->squad->is_mute = true;
    scene->squad->step_ms = 20 * 1000;
    pass(scene, ms);
    scene->squad->is_mute = false;
    scene->squad->step_ms = step_ms;
}

/* In memory alone: the store has the key of the hour in which it was locked, or of an earlier one.
 */
static void the_key_moves_on_by_the_hour_and_goes_with_its_period(void **state) {
    (void)state;
    struct scene scene = begin(3, 3 * HOUR_MS);
    uint8_t gmk[GMK_SIZE], later[GMK_SIZE];
    const uint32_t id = squad_view(scene.squad, LOCKED)->groups[0].gmk_id;
    lock(&scene);
    assert_true(ear_reveal_gmk(scene.ear, id, gmk));
    const unsigned stores = scene.squad->handsets[LOCKED].stores;
    idle(&scene, HOUR_MS + 30 * 60 * 1000);
    assert_true(ear_reveal_gmk(scene.ear, id, later));
    assert_memory_not_equal(gmk, later, sizeof gmk);
    gmk_hour_move(gmk, id, 0, 1);
    assert_memory_equal(gmk, later, sizeof gmk);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 1000);
    assert_true(scene.voice_frames > 40);
    assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
    assert_int_equal(scene.squad->handsets[LOCKED].stores, stores);
    idle(&scene, 2 * (int64_t)HOUR_MS);
    assert_false(ear_has_key(scene.ear));
    assert_false(ear_reveal_gmk(scene.ear, id, later));
    end(&scene);
}

static void without_a_key_there_is_no_ear(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct ear *ear;
    assert_int_equal(ear_new(squad->handsets[0].engine, squad_now(squad, 0), &ear),
                     STATUS_NOT_FOUND);
    assert_null(ear);
    squad_group(squad, HOUR_MS); /* it goes on as it was */
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_true(squad->handsets[0].voice_frames > 40);
    squad_free(squad);
}

/* A ticket that is heard while locked makes a member, and leaves no name. */
static void a_latecomer_is_heard_and_its_name_is_forgotten(void **state) {
    (void)state;
    struct scene scene = {.squad = squad_new(4)};
    struct squad *squad = scene.squad;
    squad_run(squad, 6000);
    squad_ask(squad, 0, 1, 2);
    squad_run(squad, 2000);
    for (size_t n = 1; n < 3; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 3000);
    lock(&scene);
    assert_false(ear_has_name(scene.ear));
    struct command add = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    snprintf(add.group, sizeof add.group, "%s", squad_view(squad, 0)->groups[0].identity);
    snprintf(add.members[0], sizeof add.members[0], "%s", squad_identity(3));
    assert_int_equal(squad_command(squad, 0, &add), STATUS_OK);
    for (int i = 0; i < 30 && squad_view(squad, 3)->invitation_count == 0; i++) {
        pass(&scene, 500);
    }
    assert_int_equal(squad_answer(squad, 3, COMMAND_ACCEPT), STATUS_OK);
    pass(&scene, 2000);
    assert_int_equal(squad_talk(squad, 3), STATUS_OK);
    pass(&scene, 1500);
    assert_true(scene.voice_frames > 40);
    assert_false(ear_has_name(scene.ear));
    end(&scene);
}

static void a_handset_of_another_identity_takes_over_nothing(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    lock(&scene);
    assert_int_equal(squad_talk(scene.squad, 0), STATUS_OK);
    pass(&scene, 1000);
    squad_restart(scene.squad, 2, false);
    ear_give_back(scene.ear, scene.squad->handsets[2].engine, squad_now(scene.squad, 2));
    assert_int_equal(squad_view(scene.squad, 2)->talker_count, 0);
    assert_true(ear_is_listening(scene.ear));
    end(&scene);
}

static void emergency(struct scene *scene, int on) {
    struct command command = {.kind = COMMAND_EMERGENCY, .on = on};
    snprintf(command.group, sizeof command.group, "%s",
             squad_view(scene->squad, 0)->groups[0].identity);
    assert_int_equal(squad_command(scene->squad, 0, &command), STATUS_OK);
}

/* Handset 0 calls one, and its talk is over. */
static void call(struct scene *scene) {
    emergency(scene, 1);
    pass(scene, 1500);
    assert_int_equal(squad_stop(scene->squad, 0), STATUS_OK);
    pass(scene, 500);
}

static void call_off(struct scene *scene) {
    emergency(scene, 0);
    pass(scene, 1500);
}

static unsigned told(struct scene *scene, enum event_kind kind) {
    const struct view *view = squad_view(scene->squad, LOCKED);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

/* One of handset 0 that its officer has seen, and then it is locked. */
static struct scene locked_with_one_seen(void) {
    struct scene scene = begin(3, HOUR_MS);
    emergency(&scene, 1);
    squad_run(scene.squad, 1500);
    assert_int_equal(squad_stop(scene.squad, 0), STATUS_OK);
    squad_run(scene.squad, 500);
    struct command seen = {.kind = COMMAND_ACKNOWLEDGE};
    snprintf(seen.group, sizeof seen.group, "%s",
             squad_view(scene.squad, LOCKED)->groups[0].identity);
    snprintf(seen.identity, sizeof seen.identity, "%s", squad_identity(0));
    assert_int_equal(squad_command(scene.squad, LOCKED, &seen), STATUS_OK);
    assert_int_equal(squad_view(scene.squad, LOCKED)->emergency_count, 0);
    lock(&scene);
    return scene;
}

static void an_emergency_that_began_while_locked_is_told_of_when_it_is_open(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    lock(&scene);
    call(&scene);
    assert_true(scene.voice_frames > 40);
    unlock(&scene);
    const struct view *view = squad_view(scene.squad, LOCKED);
    assert_int_equal(view->emergency_count, 1);
    assert_string_equal(view->emergencies[0].identity, squad_identity(0));
    assert_int_equal(handset_ringing(scene.squad->handsets[LOCKED].engine), RINGS_EMERGENCY);
    end(&scene);
}

static void so_is_one_that_ended_while_locked_too(void **state) {
    (void)state;
    struct scene scene = begin(3, HOUR_MS);
    lock(&scene);
    const int64_t called_ms = squad_now(scene.squad, LOCKED).utc_ms;
    call(&scene);
    call_off(&scene);
    unlock(&scene);
    const struct view *view = squad_view(scene.squad, LOCKED);
    assert_int_equal(view->emergency_count, 1);
    assert_string_equal(view->emergencies[0].identity, squad_identity(0));
    assert_true(view->emergencies[0].is_over);
    assert_in_range(view->emergencies[0].began_utc_ms, called_ms, called_ms + 500);
    assert_int_equal(told(&scene, EVENT_EMERGENCY), 1);
    assert_int_equal(told(&scene, EVENT_EMERGENCY_OVER), 1);
    end(&scene);
}

static void one_that_ended_while_locked_hides_no_later_one(void **state) {
    (void)state;
    struct scene scene = locked_with_one_seen();
    call_off(&scene);
    unlock(&scene);
    const unsigned before = told(&scene, EVENT_EMERGENCY);
    assert_int_equal(squad_view(scene.squad, LOCKED)->emergency_count, 0);
    assert_int_equal(told(&scene, EVENT_EMERGENCY_OVER), 1);
    emergency(&scene, 1);
    squad_run(scene.squad, 1500);
    assert_int_equal(squad_view(scene.squad, LOCKED)->emergency_count, 1);
    assert_int_equal(told(&scene, EVENT_EMERGENCY), before + 1);
    assert_int_equal(handset_ringing(scene.squad->handsets[LOCKED].engine), RINGS_EMERGENCY);
    end(&scene);
}

/* Also where that is over, too. */
static void nor_one_that_began_before_it_was_open(void **state) {
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        struct scene scene = locked_with_one_seen();
        call_off(&scene);
        call(&scene);
        if (ends) {
            call_off(&scene);
        }
        unlock(&scene);
        const struct view *view = squad_view(scene.squad, LOCKED);
        assert_int_equal(view->emergency_count, 1);
        assert_int_equal(view->emergencies[0].is_over, ends);
        assert_int_equal(handset_ringing(scene.squad->handsets[LOCKED].engine) == RINGS_EMERGENCY,
                         !ends);
        end(&scene);
    }
}

/* Nor is it told of again, while it stands. */
static void one_that_was_seen_before_the_lock_is_not_shown_again(void **state) {
    (void)state;
    struct scene scene = locked_with_one_seen();
    pass(&scene, 1000);
    unlock(&scene);
    assert_int_equal(squad_view(scene.squad, LOCKED)->emergency_count, 0);
    assert_int_equal(told(&scene, EVENT_EMERGENCY_OVER), 0);
    end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_goes_on_through_lock_and_unlock_without_a_gap),
        cmocka_unit_test(a_talk_that_begins_while_locked_is_heard_and_ends),
        cmocka_unit_test(who_was_reported_lost_before_the_lock_is_not_heard),
        cmocka_unit_test(what_was_heard_while_locked_is_never_heard_again),
        cmocka_unit_test(nor_is_what_was_heard_before_the_lock),
        cmocka_unit_test(nor_is_what_somebody_said_who_was_not_measured),
        cmocka_unit_test(who_was_not_measured_talks_on_though_its_clock_is_behind),
        cmocka_unit_test(whose_clock_is_ahead_talks_on_though_the_disk_is_slow),
        cmocka_unit_test(nothing_else_is_heard),
        cmocka_unit_test(the_key_moves_on_by_the_hour_and_goes_with_its_period),
        cmocka_unit_test(without_a_key_there_is_no_ear),
        cmocka_unit_test(a_latecomer_is_heard_and_its_name_is_forgotten),
        cmocka_unit_test(a_handset_of_another_identity_takes_over_nothing),
        cmocka_unit_test(an_emergency_that_began_while_locked_is_told_of_when_it_is_open),
        cmocka_unit_test(so_is_one_that_ended_while_locked_too),
        cmocka_unit_test(one_that_ended_while_locked_hides_no_later_one),
        cmocka_unit_test(nor_one_that_began_before_it_was_open),
        cmocka_unit_test(one_that_was_seen_before_the_lock_is_not_shown_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
