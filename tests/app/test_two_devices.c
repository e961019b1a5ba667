/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One identity on two devices (app/handset/air/roster.h): both and all others find out, and nobody
 * is taken for two because of what was recorded. Random tests print their seed and take it as
 * SEED=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    FOUND_MS = 30 * SECOND, /* both are found out within this */
    STEP = 100,
};

static uint64_t random_state;

/* A number from 0 up to below `end`. */
static uint64_t any(uint64_t end) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state * UINT64_C(0x2545F4914F6CDD1D) >> 16) % end;
}

static void seed(uint64_t value) {
    random_state = value * UINT64_C(0x9E3779B97F4A7C15) + 1;
}

/* Handset n has the store of handset `of`, and starts. */
static void copy_identity(struct squad *squad, size_t n, size_t of) {
    const struct span credential = squad_credential(of);
    squad_put_record(squad, n, RECORD_CREDENTIAL, span_of_text(squad_identity(n)), NULL);
    squad_put_record(squad, n, RECORD_CREDENTIAL, span_of_text(squad_identity(of)), &credential);
    squad_restart(squad, n, true);
}

/* `count` handsets, of which the first two are of one identity. */
static struct squad *squad_of_twins(size_t count) {
    struct squad *squad = squad_new(count);
    squad->step_ms = STEP;
    squad->is_mute = true;
    copy_identity(squad, 1, 0);
    return squad;
}

static bool is_alarmed(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->alarm_count; i++) {
        if (view->alarms[i].kind == EVENT_IDENTITY_TWICE) {
            return true;
        }
    }
    return false;
}

static bool sees_two(struct squad *squad, size_t n, size_t of) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(of)) == 0) {
            return view->nearby[i].is_two;
        }
    }
    return false;
}

/* How often handset n's officer was told that. */
static unsigned told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static void expect_all_know(struct squad *squad) {
    assert_true(is_alarmed(squad, 0) && is_alarmed(squad, 1));
    for (size_t n = 2; n < squad->count; n++) {
        assert_true(sees_two(squad, n, 0));
        assert_false(is_alarmed(squad, n));
    }
}

static void expect_nobody_knows(struct squad *squad) {
    for (size_t n = 0; n < squad->count; n++) {
        assert_false(is_alarmed(squad, n));
        assert_int_equal(told(squad, n, EVENT_IDENTITY_TWICE), 0);
        assert_int_equal(told(squad, n, EVENT_NEIGHBOUR_TWICE), 0);
        for (size_t of = 0; of < squad->count; of++) {
            assert_false(sees_two(squad, n, of));
        }
    }
}

/* --- Two are found out ---------------------------------------------------------------------- */

static void both_and_all_others_are_told_once(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(5);
    squad_run(squad, FOUND_MS);
    expect_all_know(squad);
    squad_run(squad, 5 * MINUTE);
    expect_all_know(squad);
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_TWICE), 1);
    assert_int_equal(told(squad, 1, EVENT_IDENTITY_TWICE), 1);
    assert_int_equal(told(squad, 2, EVENT_NEIGHBOUR_TWICE), 1);
    squad_free(squad);
}

/* Each hears of up to four others; of more, who sees them from outside still knows. */
static void more_than_two_are_found_as_well(void **state) {
    (void)state;
    seed(1);
    for (size_t devices = 3; devices <= 8; devices++) {
        struct squad *squad = squad_of_twins(devices + 1);
        for (size_t n = 1; n < devices; n++) {
            squad_run(squad, (int64_t)any(5 * SECOND)); /* they do not speak all at once */
            copy_identity(squad, n, 0);
        }
        squad_run(squad, FOUND_MS);
        for (int minute = 0; minute < 15; minute++) {
            assert_true(sees_two(squad, devices, 0));
            for (size_t n = 0; n < devices && devices <= LIVES_EACH + 1; n++) {
                assert_true(is_alarmed(squad, n));
            }
            squad_run(squad, MINUTE);
        }
        squad_free(squad);
    }
}

/* Whichever comes later, whatever their wall clocks say, and in a crowd. */
static void two_are_found_whenever_they_come_and_whatever_their_clocks_say(void **state) {
    (void)state;
    static const int64_t offsets_ms[] = {0, 4 * MINUTE, -4 * MINUTE, 26 * HOUR_MS, -26 * HOUR_MS};
    for (size_t i = 0; i < sizeof offsets_ms / sizeof offsets_ms[0]; i++) {
        struct squad *squad = squad_of_twins(i == 0 ? 18 : 4);
        size_t late = i % 2;
        squad->handsets[1].utc_offset_ms = offsets_ms[i];
        squad->handsets[late].deaf = true;
        squad_run(squad, 40 * SECOND);
        expect_nobody_knows(squad);
        squad->handsets[late].deaf = false;
        squad_run(squad, FOUND_MS);
        expect_all_know(squad);
        squad_free(squad);
    }
}

struct bad_air {
    unsigned lost; /* of a hundred frames */
};

static bool lose(void *context, struct squad_frame *frame, size_t receiver) {
    (void)frame;
    (void)receiver;
    const struct bad_air *air = context;
    return any(100) >= air->lost;
}

static uint64_t first_seed(void) {
    const char *given = getenv("SEED");
    return given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
}

/* The owner's handset among them, and others, restart now and then. */
static void two_are_found_on_bad_air_and_after_restarts(void **state) {
    (void)state;
    uint64_t first = first_seed();
    for (uint64_t n = 0; n < 8; n++) {
        print_message("seed %llu\n", (unsigned long long)(first + n));
        seed(first + n);
        struct squad *squad = squad_of_twins(4);
        struct bad_air air = {.lost = (unsigned)any(31)};
        squad->filter = lose;
        squad->filter_context = &air;
        for (int restart = 0; restart < 4; restart++) {
            squad_run(squad, (int64_t)any(MINUTE));
            squad_restart(squad, any(squad->count), any(2) == 0);
        }
        squad_run(squad, 3 * MINUTE);
        expect_all_know(squad);
        squad_free(squad);
    }
}

static void they_are_spoken_of_until_one_was_off_for_ten_minutes(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    squad_run(squad, 20 * MINUTE);
    expect_all_know(squad);
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    squad_run(squad, 9 * MINUTE + 30 * SECOND);
    assert_true(is_alarmed(squad, 0) && sees_two(squad, 2, 0));
    squad_run(squad, 1 * MINUTE);
    assert_false(is_alarmed(squad, 0) || sees_two(squad, 2, 0) || sees_two(squad, 3, 0));
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_ALONE), 1);
    squad_run(squad, 5 * MINUTE);
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_ALONE), 1);
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = false;
    squad_run(squad, FOUND_MS);
    expect_all_know(squad);
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_TWICE), 2);
    squad_free(squad);
}

/* Loses what handset 1 sends, so that it can be played later. */
static bool withhold(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != 1;
}

static void no_withheld_recording_keeps_it_up(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(3);
    squad_run(squad, 2 * MINUTE);
    expect_all_know(squad);
    size_t from = squad->frame_count;
    squad->filter = withhold;
    squad_run(squad, 5 * MINUTE);
    size_t to = squad->frame_count;
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    for (size_t i = from; i < to; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == 1) {
            squad_run(squad, 9 * SECOND);
            squad_inject(squad, 0, 1, (struct span){frame->octets, frame->length});
            squad_inject(squad, 2, 1, (struct span){frame->octets, frame->length});
        }
    }
    /* The last of them was made nine minutes ago. */
    assert_true(is_alarmed(squad, 0) && sees_two(squad, 2, 0));
    squad_run(squad, 90 * SECOND);
    assert_false(is_alarmed(squad, 0) || sees_two(squad, 2, 0));
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_ALONE), 1);
    squad_free(squad);
}

static void be_silent(struct squad *squad, size_t n, int on) {
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = on};
    assert_int_equal(squad_command(squad, n, &silence), STATUS_OK);
}

/* Nothing answers who says nothing, so that nothing is proven to it. What was proven before stays,
 * as long as both are heard. */
static void in_radio_silence_what_was_proven_before_stays(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    be_silent(squad, 1, 1);
    squad_run(squad, 2 * MINUTE);
    expect_nobody_knows(squad);
    be_silent(squad, 1, 0);
    squad_run(squad, FOUND_MS);
    expect_all_know(squad);
    be_silent(squad, 0, 1);
    be_silent(squad, 2, 1);
    squad_run(squad, 15 * MINUTE);
    assert_true(is_alarmed(squad, 0));
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_ALONE), 0);
    assert_false(is_alarmed(squad, 1) || sees_two(squad, 2, 0)); /* the other has gone silent */
    be_silent(squad, 0, 0);
    squad_run(squad, FOUND_MS);
    assert_true(is_alarmed(squad, 1) && sees_two(squad, 3, 0));
    squad_free(squad);
}

/* --- A copy that says the own start ---------------------------------------------------------- */

struct forgery {
    int64_t older_ms; /* than the true handset is */
    bool has_echo;    /* of what the hearer has just said, */
    int64_t held_ms;  /* as if heard so long ago */
};

/* Whoever has handset `of`'s keys says its identity, with the life of `start`. */
static void forge(struct squad *squad, size_t of, const uint8_t start[START_SIZE],
                  struct forgery forgery) {
    struct handset *copied = squad->handsets[of].engine;
    struct moment now = squad_now(squad, of);
    for (size_t n = 0; n < squad->count; n++) {
        const struct own_life *hearer = &squad->handsets[n].engine->roster.own;
        struct presence presence = {.utc_ms = now.utc_ms,
                                    .age_ms = own_age(&copied->roster.own, now) + forgery.older_ms,
                                    .echo_count = forgery.has_echo && n != of};
        uint8_t room[PRESENCE_MAX];
        struct writer out = writer_into(room, sizeof room);
        memcpy(presence.start, start, START_SIZE);
        memcpy(presence.echoes[0].life, hearer->name, LIFE_NAME_SIZE);
        presence.echoes[0].age_ms = own_age(hearer, squad_now(squad, n)) - forgery.held_ms - 1;
        presence.echoes[0].held_ms = forgery.held_ms;
        snprintf(presence.identity, sizeof presence.identity, "%s", squad_identity(of));
        snprintf(presence.kms, sizeof presence.kms, "%s", own_kms(&copied->desk));
        snprintf(presence.name, sizeof presence.name, "copy");
        assert_int_equal(presence_write(&out, &presence, &copied->desk.keyring, &entropy_system),
                         STATUS_OK);
        squad_inject_payload(squad, n, SQUAD_STRANGER, FRAME_PRESENCE, writer_span(&out));
    }
}

struct start {
    uint8_t octets[START_SIZE];
};

static struct start start_of(const struct squad *squad, size_t n) {
    struct start start;
    memcpy(start.octets, squad->handsets[n].engine->roster.own.start, START_SIZE);
    return start;
}

/* What the neighbours take for the true handset's life is a day older, or was so long ago, or is
 * still to come. */
static const struct forgery forgeries[] = {
    {.older_ms = 24 * HOUR_MS, .has_echo = true},
    {.older_ms = 24 * HOUR_MS},
    {.older_ms = -1, .has_echo = true, .held_ms = 9 * SECOND},
    {.older_ms = 4 * MINUTE, .has_echo = true},
};
static const size_t forgeries_count = sizeof forgeries / sizeof forgeries[0];

static void expect_heard(struct squad *squad, size_t talker) {
    unsigned heard[SQUAD_MAX];
    for (size_t n = 0; n < squad->count; n++) {
        heard[n] = squad->handsets[n].voice_frames;
    }
    squad_run(squad, 2 * SECOND);
    for (size_t n = 0; n < squad->count; n++) {
        assert_true(n == talker || squad->handsets[n].voice_frames > heard[n] + 50);
    }
}

static void a_copy_that_says_the_own_start_is_told_and_silences_nobody(void **state) {
    (void)state;
    for (size_t i = 0; i < forgeries_count; i++) {
        struct squad *squad = squad_new(3);
        squad_group(squad, HOUR_MS);
        squad_run(squad, 12 * SECOND);
        for (int again = 0; again < 3; again++) {
            struct start taken = start_of(squad, 1);
            forge(squad, 1, taken.octets, forgeries[i]);
            squad_run(squad, 2 * SECOND);
            assert_true(is_alarmed(squad, 1));
            assert_false(is_alarmed(squad, 0) || is_alarmed(squad, 2));
            struct start own = start_of(squad, 1);
            assert_memory_not_equal(own.octets, taken.octets, START_SIZE);
            assert_int_equal(squad_talk(squad, 1), STATUS_OK);
            expect_heard(squad, 1);
            assert_int_equal(squad_stop(squad, 1), STATUS_OK);
            squad_run(squad, PRESENCE_LASTS_MS + 5 * SECOND);
            assert_true(roster_is_near(&squad->handsets[0].engine->roster, squad_identity(1),
                                       squad_now(squad, 0)));
        }
        assert_int_equal(told(squad, 1, EVENT_IDENTITY_TWICE), 1);
        squad_free(squad);
    }
}

/* It goes on with the start that it took: then neighbours have two lives that answer. */
static void neighbours_see_both_when_the_copy_goes_on(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    squad_run(squad, 12 * SECOND);
    struct start taken = start_of(squad, 0);
    for (int i = 0; i < 4; i++) {
        forge(squad, 0, taken.octets, forgeries[0]);
        squad_run(squad, 5 * SECOND);
    }
    assert_true(is_alarmed(squad, 0));
    assert_true(sees_two(squad, 2, 0) && sees_two(squad, 3, 0));
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_TWICE), 1);
    squad_free(squad);
}

/* Who hears it already hears it on; who comes into reach later cannot go by the old life. */
static void talk_goes_on_when_the_start_is_taken(void **state) {
    (void)state;
    for (size_t i = 0; i < forgeries_count; i++) {
        struct squad *squad = squad_new(3);
        squad_group(squad, HOUR_MS);
        squad_run(squad, 12 * SECOND);
        squad->handsets[2].deaf = true;
        assert_int_equal(squad_talk(squad, 1), STATUS_OK);
        squad_run(squad, 3 * SECOND);
        squad->handsets[0].longest_ms = 0;
        struct start taken = start_of(squad, 1);
        squad->handsets[2].deaf = false;
        forge(squad, 1, taken.octets, forgeries[i]);
        squad->handsets[2].deaf = true;
        squad_run(squad, 3 * SECOND);
        assert_true(squad->handsets[0].longest_ms < 200);
        squad->handsets[2].deaf = false;
        squad_run(squad, 2 * SECOND);
        expect_heard(squad, 1);
        assert_true(squad->handsets[0].longest_ms < 200);
        assert_int_equal(told(squad, 0, EVENT_TALK_BEGAN), 1);
        squad_free(squad);
    }
}

static unsigned said(const struct squad *squad, size_t from) {
    unsigned count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        count += frame->from == from && frame->octets[1] == FRAME_PRESENCE;
    }
    return count;
}

/* However often the copy takes it: each answer costs a presence. */
static void a_start_that_is_taken_each_second_is_answered_as_often_as_others_speak(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(3);
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    squad_run(squad, 12 * SECOND);
    unsigned before = said(squad, 0);
    for (int i = 0; i < 60; i++) {
        forge(squad, 0, start_of(squad, 0).octets, forgeries[0]);
        squad_run(squad, SECOND);
    }
    assert_in_range(said(squad, 0) - before, 10, 14);
    squad_free(squad);
}

static void a_new_life_each_second_is_answered_as_often_as_others_speak(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->step_ms = STEP;
    squad->is_mute = true;
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    squad_run(squad, 12 * SECOND);
    unsigned before = said(squad, 0);
    for (uint8_t i = 0; i < 60; i++) {
        forge(squad, 1, (const uint8_t[START_SIZE]){i}, forgeries[0]);
        squad_run(squad, SECOND);
    }
    assert_in_range(said(squad, 0) - before, 10, 14);
    squad_free(squad);
}

/* Handset 0 hears what was sent, from the frame `first` on. */
static void play_back(struct squad *squad, size_t first) {
    for (size_t i = first; i < squad->frame_count; i++) {
        squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_PRESENCE,
                             squad_payload(&squad->frames[i]));
    }
}

/* The own presences come back from relays, and from whoever plays them, soon or late: no alarm, and
 * nothing that makes the handset change its start. */
static void own_presences_that_come_back_take_no_start(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(2);
    squad->handsets[1].deaf = squad->handsets[1].is_asleep = true;
    struct start own = start_of(squad, 0);
    for (int i = 0; i < 12 * 60; i++) {
        squad_run(squad, SECOND);
        play_back(squad, i % 10 == 0 ? 0 : squad->frame_count - 1);
    }
    squad_run(squad, SEEN_MAX * PRESENCE_INTERVAL_MS); /* the first ones are forgotten */
    play_back(squad, 0);
    assert_memory_equal(start_of(squad, 0).octets, own.octets, START_SIZE);
    assert_int_equal(told(squad, 0, EVENT_IDENTITY_TWICE), 0);
    squad_free(squad);
}

/* --- Recordings ----------------------------------------------------------------------------- */

/* Plays something of what was sent at any time, to anybody, also to who sent it. */
static void play(struct squad *squad, unsigned count) {
    for (unsigned i = 0; i < count && squad->frame_count > 0; i++) {
        const struct squad_frame *frame = &squad->frames[any(squad->frame_count)];
        size_t receiver = any(squad->count);
        struct span payload = squad_payload(frame);
        size_t from = any(2) == 0 ? frame->from : SQUAD_STRANGER;
        if (!squad->handsets[receiver].is_asleep && payload.octets != NULL) {
            squad_inject_payload(squad, receiver, from, FRAME_PRESENCE, payload);
        }
    }
}

/* Something happens to a handset. */
static void befall(struct squad *squad, size_t n) {
    struct squad_handset *handset = &squad->handsets[n];
    switch (any(6)) {
    case 0:
    case 1:
        squad_restart(squad, n, any(2) == 0);
        break;
    case 2:
        handset->deaf = handset->is_asleep = !handset->is_asleep;
        break;
    case 3:
        handset->utc_offset_ms = ((int64_t)any(21) - 10) * MINUTE;
        break;
    case 4:
        squad_rest(squad, n);
        break;
    default:
        break;
    }
}

static void no_recording_makes_one_handset_two(void **state) {
    (void)state;
    uint64_t first = first_seed();
    for (uint64_t n = 0; n < 12; n++) {
        print_message("seed %llu\n", (unsigned long long)(first + n));
        seed(first + n);
        struct squad *squad = squad_new(3);
        struct bad_air air = {.lost = (unsigned)any(60)}; /* it may come when it is played */
        squad->step_ms = STEP;
        squad->is_mute = true;
        squad->filter = lose;
        squad->filter_context = &air;
        for (int step = 0; step < 120; step++) {
            squad_run(squad, (int64_t)any(4 * SECOND));
            play(squad, (unsigned)any(8));
            if (any(5) == 0) {
                befall(squad, any(squad->count));
            }
            expect_nobody_knows(squad);
        }
        squad_free(squad);
    }
}

/* --- Keys ----------------------------------------------------------------------------------- */

static struct event refusal(struct squad *squad, size_t n, const struct command *command) {
    struct event problem;
    enum status status =
        handset_command(squad->handsets[n].engine, squad_now(squad, n), command, &problem);
    assert_int_equal(status == STATUS_OK, problem.kind == EVENT_NONE);
    return problem;
}

static void allow(struct command *command, size_t of) {
    snprintf(command->allowed[command->allowed_count++], sizeof command->allowed[0], "%s",
             squad_identity(of));
}

/* It is refused for the identity that two devices answer to, also when another one is allowed, and
 * carried out when that one is. */
static void expect_asked(struct squad *squad, size_t n, struct command command) {
    struct event problem = refusal(squad, n, &command);
    assert_int_equal(problem.kind, EVENT_ANSWERS_TWICE);
    assert_string_equal(problem.identity, squad_identity(0));
    assert_string_equal(problem.name, "fire1");
    allow(&command, 3);
    assert_int_equal(refusal(squad, n, &command).kind, EVENT_ANSWERS_TWICE);
    allow(&command, 0);
    assert_int_equal(refusal(squad, n, &command).kind, EVENT_NONE);
}

static struct command about(enum command_kind kind, const char *group, size_t who) {
    struct command command = {.kind = kind, .period_ms = HOUR_MS};
    snprintf(command.group, sizeof command.group, "%s", group);
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(who));
    return command;
}

static void an_officer_is_asked_before_two_devices_get_a_groups_key(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    squad_run(squad, FOUND_MS);
    struct command create = squad_create_command(2, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(3));
    snprintf(create.members[1], sizeof create.members[1], "%s", squad_identity(0));
    assert_int_equal(refusal(squad, 2, &create).kind, EVENT_ANSWERS_TWICE);
    assert_int_equal(squad_view(squad, 2)->group_count, 0);
    expect_asked(squad, 2, create);
    const struct view_group *group = &squad_view(squad, 2)->groups[0];
    snprintf(create.group, sizeof create.group, "%s", group->identity);
    create.kind = COMMAND_REKEY_GROUP;
    expect_asked(squad, 2, create);
    struct command others = create;
    others.member_count = 1; /* without it there is nothing to ask */
    assert_int_equal(refusal(squad, 2, &others).kind, EVENT_NONE);
    squad_free(squad);
}

static void the_answer_is_for_the_key_that_was_asked_about(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    squad_run(squad, FOUND_MS);
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(0));
    allow(&create, 0);
    assert_int_equal(refusal(squad, 2, &create).kind, EVENT_NONE);
    squad_run(squad, 2 * SECOND);
    squad_answer(squad, 0, COMMAND_ACCEPT);
    squad_answer(squad, 1, COMMAND_ACCEPT);
    squad_run(squad, 2 * SECOND);
    const struct view_member *member = &squad_view(squad, 2)->groups[0].members[1];
    assert_int_equal(member->state, MEMBER_ACCEPTED);
    create.kind = COMMAND_REKEY_GROUP;
    create.allowed_count = 0;
    snprintf(create.group, sizeof create.group, "%s", squad_view(squad, 2)->groups[0].identity);
    expect_asked(squad, 2, create);
    squad_free(squad);
}

/* Who was one device when the officer chose it is given no key once it is two. */
static void a_member_that_becomes_two_is_not_given_the_key_unasked(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(3);
    squad->handsets[1].deaf = true;
    squad_run(squad, 10 * SECOND);
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(0));
    assert_int_equal(refusal(squad, 2, &create).kind, EVENT_NONE);
    squad_run(squad, 2 * SECOND);
    squad->handsets[1].deaf = false;
    squad_run(squad, FOUND_MS);
    assert_int_equal(squad_answer(squad, 0, COMMAND_ACCEPT), STATUS_OK);
    for (int i = 0; i < 100 && told(squad, 2, EVENT_MEMBER_IS_TWO) == 0; i++) {
        squad_run(squad, STEP);
    }
    const struct view_group *group = &squad_view(squad, 2)->groups[0];
    assert_int_equal(group->members[1].state, MEMBER_CANCELLED);
    assert_int_equal(group->members[1].reason, REASON_TWO_DEVICES);
    assert_int_equal(told(squad, 2, EVENT_MEMBER_IS_TWO), 1);
    squad_restart(squad, 2, true); /* at once: no later record of the group may help */
    squad_run(squad, 2 * MINUTE);
    group = &squad_view(squad, 2)->groups[0];
    assert_int_equal(group->members[1].state, MEMBER_CANCELLED); /* nor later, by itself */
    assert_int_equal(group->members[1].reason, REASON_TWO_DEVICES);
    assert_int_equal(squad_view(squad, 0)->group_count, 0);
    expect_asked(squad, 2, about(COMMAND_RETRY_MEMBER, group->identity, 0));
    squad_run(squad, 2 * SECOND);
    squad_answer(squad, 0, COMMAND_ACCEPT); /* if it does not remember, or the other answers */
    squad_answer(squad, 1, COMMAND_ACCEPT);
    squad_run(squad, 2 * SECOND);
    assert_int_equal(squad_view(squad, 2)->groups[0].members[1].state, MEMBER_ACCEPTED);
    squad_free(squad);
}

static void an_officer_is_asked_before_calling_two_devices(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(3);
    squad_run(squad, FOUND_MS);
    expect_asked(squad, 2, about(COMMAND_CALL, "", 0));
    assert_int_equal(squad_view(squad, 2)->call_state, CALL_RINGING);
    squad_free(squad);
}

static void a_manager_is_asked_before_two_devices_get_a_standard_groups_key(void **state) {
    (void)state;
    struct squad *squad = squad_of_twins(4);
    const char *fire = squad_identity(SQUAD_FIRE);
    squad_manage(squad, 2, 0);
    squad_run(squad, FOUND_MS);
    expect_asked(squad, 2, about(COMMAND_MANAGE_ADD, fire, 0));
    assert_int_equal(refusal(squad, 2, &(struct command){0}).kind, EVENT_COMMAND_FAILED);
    struct command add = about(COMMAND_MANAGE_ADD, fire, 3);
    assert_int_equal(refusal(squad, 2, &add).kind, EVENT_NONE);
    struct command rekey = about(COMMAND_MANAGE_REKEY, fire, 0);
    rekey.identity[0] = '\0';
    expect_asked(squad, 2, rekey);
    expect_asked(squad, 2, about(COMMAND_MANAGE_AGAIN, fire, 0));
    expect_asked(squad, 2, about(COMMAND_MANAGE_EXCLUDE, fire, 3));
    /* Excluding the very one asks nothing; letting it in again does. */
    struct command exclude = about(COMMAND_MANAGE_EXCLUDE, fire, 0);
    assert_int_equal(refusal(squad, 2, &exclude).kind, EVENT_NONE);
    assert_int_equal(refusal(squad, 2, &rekey).kind, EVENT_NONE);
    expect_asked(squad, 2, about(COMMAND_MANAGE_INCLUDE, fire, 0));
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_and_all_others_are_told_once),
        cmocka_unit_test(more_than_two_are_found_as_well),
        cmocka_unit_test(two_are_found_whenever_they_come_and_whatever_their_clocks_say),
        cmocka_unit_test(two_are_found_on_bad_air_and_after_restarts),
        cmocka_unit_test(they_are_spoken_of_until_one_was_off_for_ten_minutes),
        cmocka_unit_test(no_withheld_recording_keeps_it_up),
        cmocka_unit_test(in_radio_silence_what_was_proven_before_stays),
        cmocka_unit_test(a_copy_that_says_the_own_start_is_told_and_silences_nobody),
        cmocka_unit_test(neighbours_see_both_when_the_copy_goes_on),
        cmocka_unit_test(talk_goes_on_when_the_start_is_taken),
        cmocka_unit_test(a_start_that_is_taken_each_second_is_answered_as_often_as_others_speak),
        cmocka_unit_test(a_new_life_each_second_is_answered_as_often_as_others_speak),
        cmocka_unit_test(own_presences_that_come_back_take_no_start),
        cmocka_unit_test(no_recording_makes_one_handset_two),
        cmocka_unit_test(an_officer_is_asked_before_two_devices_get_a_groups_key),
        cmocka_unit_test(the_answer_is_for_the_key_that_was_asked_about),
        cmocka_unit_test(a_member_that_becomes_two_is_not_given_the_key_unasked),
        cmocka_unit_test(an_officer_is_asked_before_calling_two_devices),
        cmocka_unit_test(a_manager_is_asked_before_two_devices_get_a_standard_groups_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
