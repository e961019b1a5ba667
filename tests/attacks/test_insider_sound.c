/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a listener's loudspeaker gives while a member, or a stranger with a recording, attacks a
 * talk: sample for sample what it gives when nobody does. So nothing of theirs is in it, and none
 * of the talker's own packets is lost to them.
 *
 * Bravo talks for three seconds, pauses for one, talks for three seconds again, and lets go. Each
 * frame of its voice differs from the one before.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "impostor.h"
#include "tests/app/speaker.h"

enum {
    BRAVO = 1,   /* talks */
    CHARLIE = 2, /* listens */
    MALLORY = 3, /* a member */
    SECOND_MS = 1000,
    TALK_MS = 3 * SECOND_MS,
    PAUSE_MS = SECOND_MS,
    SCENE_MS = 2 * TALK_MS + PAUSE_MS + 4 * SECOND_MS, /* with what comes after the end */
    SCENE_FRAMES = SCENE_MS / VOICE_FRAME_MS,
    SCENE_SAMPLES = SCENE_FRAMES * VOICE_FRAME_SAMPLES,
};

struct scene {
    squad_filter *filter; /* or NULL */
    struct squad *squad;
    int64_t ms;    /* since it began */
    size_t first;  /* its first frame on the air */
    size_t next;   /* the first that an attack has not looked at */
    unsigned done; /* how often it struck */
    struct impostor *impostor;
    bool was_told; /* that somebody forges Bravo's voice */
    int16_t heard[SCENE_SAMPLES];
};

typedef void attack_fn(struct scene *scene);

/* --- The scene ------------------------------------------------------------------------------ */

static bool is_talking(const struct scene *scene) {
    return handset_is_talking(scene->squad->handsets[BRAVO].engine);
}

/* A tone that rises. */
static void speak(struct scene *scene) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        double t = (double)scene->ms / SECOND_MS + (double)i / VOICE_RATE;
        samples[i] = (int16_t)(8000 * sin(2 * 3.14159265 * (300 + 100 * t) * t));
    }
    handset_speak(scene->squad->handsets[BRAVO].engine, squad_now(scene->squad, BRAVO), 0, samples);
}

static void press_and_release(struct scene *scene) {
    if (scene->ms == 0 || scene->ms == TALK_MS + PAUSE_MS) {
        assert_int_equal(squad_talk(scene->squad, BRAVO), STATUS_OK);
    } else if (scene->ms == TALK_MS || scene->ms == 2 * TALK_MS + PAUSE_MS) {
        assert_int_equal(squad_stop(scene->squad, BRAVO), STATUS_OK);
    }
}

static void note(struct scene *scene) {
    const struct view *view = squad_view(scene->squad, CHARLIE);
    for (size_t i = 0; i < view->log_count; i++) {
        scene->was_told = scene->was_told || view->log[i].kind == EVENT_VOICE_FORGED;
    }
    for (size_t i = 0; i < view->talker_count; i++) { /* shown is Bravo, and nobody who is silent */
        assert_string_equal(view->talkers[i].identity, squad_identity(BRAVO));
        assert_true(scene->ms <= 2 * TALK_MS + PAUSE_MS + SECOND_MS);
    }
}

/* Nobody reports what it loses: that comes at random moments, and the talker's encoder goes by it.
 */
static bool without_reports(void *context, struct squad_frame *frame, size_t receiver) {
    struct scene *scene = context;
    return frame->octets[1] != FRAME_VOICE_REPORT &&
           (scene->filter == NULL || scene->filter(scene, frame, receiver));
}

static struct scene *play(attack_fn *attack, squad_filter *filter) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    struct squad *squad = squad_new(4);
    scene->squad = squad;
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3 * SECOND_MS);
    squad->is_mute = true;
    scene->filter = filter;
    squad->filter = without_reports;
    squad->filter_context = scene;
    scene->first = scene->next = squad->frame_count;
    for (size_t i = 0; i < SCENE_FRAMES; i++) {
        press_and_release(scene);
        if (is_talking(scene)) {
            speak(scene);
        }
        squad_run(squad, VOICE_FRAME_MS / 2);
        if (attack != NULL) {
            attack(scene);
        }
        squad_run(squad, VOICE_FRAME_MS / 2);
        (void)handset_listen(squad->handsets[CHARLIE].engine, squad_now(squad, CHARLIE),
                             scene->heard + i * VOICE_FRAME_SAMPLES);
        note(scene);
        scene->ms += VOICE_FRAME_MS;
    }
    return scene;
}

static void scene_free(struct scene *scene) {
    if (scene->impostor != NULL) {
        impostor_free(scene->impostor);
    }
    squad_free(scene->squad);
    free(scene);
}

static struct scene *peace;

static int play_in_peace(void **state) {
    (void)state;
    unsigned voiced = 0;
    peace = play(NULL, NULL);
    for (size_t i = 0; i < SCENE_SAMPLES; i++) {
        voiced += abs(peace->heard[i]) > 1000;
    }
    return voiced > SCENE_SAMPLES / 4 ? 0 : -1;
}

static int end_peace(void **state) {
    (void)state;
    scene_free(peace);
    return 0;
}

static void assert_as_in_peace(attack_fn *attack, squad_filter *filter, bool is_told) {
    struct scene *scene = play(attack, filter);
    assert_true(scene->done > 50);
    assert_memory_equal(scene->heard, peace->heard, sizeof peace->heard);
    assert_int_equal(scene->was_told, is_told);
    scene_free(scene);
}

/* --- What is on the air ---------------------------------------------------------------------- */

/* The media in a frame of Bravo's; empty when there is none. */
static struct span media_of(const struct squad_frame *frame) {
    struct span payload = squad_payload(frame);
    struct reader r = reader_of(payload);
    if (frame->from != BRAVO) {
        return (struct span){NULL, 0};
    }
    if (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        (void)read_span_u16(&r);
        return read_span_u16(&r);
    }
    return frame->octets[1] == FRAME_MEDIA ? payload : (struct span){NULL, 0};
}

/* The next media that the attack has not looked at; false when there is none. */
static bool next_media(struct scene *scene, struct span *media) {
    while (scene->next < scene->squad->frame_count) {
        *media = media_of(&scene->squad->frames[scene->next++]);
        if (media->length > 0) {
            return true;
        }
    }
    return false;
}

static struct media read_of(struct span payload) {
    struct media media;
    assert_int_equal(media_read(payload, &media), STATUS_OK);
    return media;
}

static void give(struct scene *scene, size_t from, struct span payload) {
    squad_inject_payload(scene->squad, CHARLIE, from, FRAME_MEDIA, payload);
    scene->done++;
}

/* Mallory in Bravo's latest session, from its second frame on; NULL before. */
static struct impostor *mallory(struct scene *scene) {
    int64_t began_ms = scene->ms < TALK_MS + PAUSE_MS ? 0 : TALK_MS + PAUSE_MS;
    if (scene->ms < began_ms + 5 * VOICE_FRAME_MS) {
        return NULL;
    }
    if (scene->impostor == NULL || scene->ms == began_ms + 5 * VOICE_FRAME_MS) {
        if (scene->impostor != NULL) {
            impostor_free(scene->impostor);
        }
        scene->impostor = impostor_new(scene->squad, MALLORY, BRAVO, 1);
    }
    return scene->impostor;
}

static void forge(struct scene *scene, const struct forgery *forgery) {
    uint8_t room[MEDIA_MAX];
    if (mallory(scene) != NULL) {
        give(scene, MALLORY, impostor_forge(mallory(scene), forgery, room));
    }
}

/* --- A member -------------------------------------------------------------------------------- */

/* Under the numbers that come next, each before its own time. */
static void inject(struct scene *scene) {
    struct span latest;
    while (next_media(scene, &latest)) {
        for (uint16_t ahead = 1; ahead <= 4; ahead++) {
            forge(scene, &(struct forgery){.sequence = (uint16_t)(read_of(latest).sequence + ahead),
                                           .at_ms = -1,
                                           .type = RTP_PAYLOAD_OPUS});
        }
    }
}

static void what_a_member_injects_is_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(inject, NULL, true);
}

/* Each packet's number is taken just before it comes. */
static bool replace_each(void *context, struct squad_frame *frame, size_t receiver) {
    struct scene *scene = context;
    struct span media = media_of(frame);
    if (receiver == CHARLIE && media.length > 0) {
        forge(scene, &(struct forgery){.sequence = read_of(media).sequence,
                                       .at_ms = -1,
                                       .type = RTP_PAYLOAD_OPUS});
    }
    return true;
}

static void what_a_member_puts_in_a_packets_place_is_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(NULL, replace_each, true);
}

/* The talker's own signatures, under other numbers and at other times. */
static void renumber(struct scene *scene) {
    static const int aheads[] = {-60, -1, 1, 10, 300, 20000};
    struct span latest;
    while (next_media(scene, &latest)) {
        struct media media = read_of(latest);
        for (size_t i = 0; i < 2 * sizeof aheads / sizeof aheads[0]; i++) {
            forge(scene, &(struct forgery){.sequence = (uint16_t)(media.sequence + aheads[i / 2]),
                                           .at_ms = i % 2 == 0 ? -1 : scene->ms,
                                           .type = RTP_PAYLOAD_OPUS,
                                           .signature = media.signature});
        }
    }
}

static void packets_that_a_member_renumbers_are_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(renumber, NULL, true);
}

/* Says the end before the talker does. */
static void end_it(struct scene *scene) {
    struct span latest;
    while (next_media(scene, &latest)) {
        forge(scene, &(struct forgery){.sequence = (uint16_t)(read_of(latest).sequence + 1),
                                       .at_ms = -1,
                                       .type = MEDIA_END_TYPE});
    }
}

static void a_member_ends_no_talk_of_another(void **state) {
    (void)state;
    assert_as_in_peace(end_it, NULL, true);
}

/* After the talker let go, and with it. */
static void go_on(struct scene *scene) {
    uint8_t room[MEDIA_MAX];
    if (mallory(scene) != NULL) {
        give(scene, MALLORY, impostor_next(mallory(scene), room));
    }
}

/* The session is over with its last word: nothing is left that could tell whose voice that was. */
static void a_member_who_goes_on_after_the_end_is_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(go_on, NULL, false);
}

/* A session of Mallory's own, with Bravo's SSRC: Mallory has announced it, and says nothing. */
static void steal(struct scene *scene) {
    struct span latest;
    const struct squad_handset *member = &scene->squad->handsets[MALLORY];
    const struct group *group = member->engine->groups.list[0];
    while (next_media(scene, &latest)) {
        struct announcement_fields fields = {
            .csb_id = 9,
            .ssrc = read_of(latest).ssrc,
            .gmk_id = group->current.id,
            .utc_ms = group_clock_read(&group->clock, squad_now(scene->squad, MALLORY)),
            .proof.age_ms = own_age(&member->engine->roster.own, squad_now(scene->squad, MALLORY))};
        memcpy(fields.proof.start, member->engine->roster.own.start, START_SIZE);
        memcpy(fields.talker, squad_identity(MALLORY), strlen(squad_identity(MALLORY)) + 1);
        memcpy(fields.group, group->parameters.identity, sizeof fields.group);
        struct speaker speaker =
            speaker_new(fields, group->current.octets->octets, squad_signing_key(MALLORY));
        squad_inject_payload(scene->squad, CHARLIE, MALLORY, FRAME_ANNOUNCEMENT,
                             speaker_announcement(&speaker));
        speaker_clear(&speaker);
        scene->done++;
    }
}

static void a_member_with_the_talkers_ssrc_takes_nothing_from_it(void **state) {
    (void)state;
    assert_as_in_peace(steal, NULL, false);
}

/* The talker's packets of the first session, as they were and sealed anew, in the second. */
static void mix_sessions(struct scene *scene) {
    struct span old;
    if (scene->ms >= TALK_MS + PAUSE_MS && next_media(scene, &old)) {
        struct media media = read_of(old);
        give(scene, MALLORY, old);
        struct span latest = squad_payload(squad_find_frame(scene->squad, BRAVO, FRAME_MEDIA));
        forge(scene, &(struct forgery){.sequence = (uint16_t)(read_of(latest).sequence + 1),
                                       .at_ms = -1,
                                       .type = RTP_PAYLOAD_OPUS,
                                       .signature = media.signature});
    }
}

static void signed_packets_of_another_session_are_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(mix_sessions, NULL, true);
}

/* --- A stranger ------------------------------------------------------------------------------ */

/* All that is on the air once more, the announcements too: at once, half a second later, three
 * seconds later; and while nobody talks, from the beginning. */
static void replay(struct scene *scene) {
    static const int64_t later_ms[] = {0, 500, 3000, 6000};
    struct squad *squad = scene->squad;
    size_t end = squad->frame_count;
    if (!is_talking(scene) && scene->ms % 200 == 0) {
        recording_play(squad, CHARLIE, BRAVO, scene->first, end);
    }
    for (size_t i = 0; i < sizeof later_ms / sizeof later_ms[0]; i++) {
        size_t back = (size_t)(later_ms[i] / VOICE_FRAME_MS);
        if (end > scene->first + back + 4) {
            recording_play(squad, CHARLIE, BRAVO, end - back - 4, end - back);
            scene->done++;
        }
    }
}

static void what_a_stranger_says_again_is_not_heard(void **state) {
    (void)state;
    assert_as_in_peace(replay, NULL, false);
}

/* Charlie restarts in the pause; what it heard before is said to it again. */
static void what_was_said_before_a_restart_is_not_heard_again(void **state) {
    (void)state;
    static const int64_t later_ms[] = {0, 100, 500, 1500, 3000, 20000};
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3 * SECOND_MS);
    size_t first = squad->frame_count;
    assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
    squad_run(squad, TALK_MS);
    size_t end = squad->frame_count; /* Bravo talks on, out of Charlie's reach */
    squad->handsets[BRAVO].deaf = true;
    assert_true(squad->handsets[CHARLIE].voice_frames > 100);
    squad_restart(squad, CHARLIE, false);
    squad->handsets[CHARLIE].voice_frames = 0;
    for (size_t i = 0; i < sizeof later_ms / sizeof later_ms[0]; i++) {
        squad_run(squad, later_ms[i]);
        recording_play(squad, CHARLIE, BRAVO, first, end);
        squad_run(squad, 100);
        assert_int_equal(squad_view(squad, CHARLIE)->talker_count, 0);
        assert_int_equal(squad->handsets[CHARLIE].voice_frames, 0);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_member_injects_is_not_heard),
        cmocka_unit_test(what_a_member_puts_in_a_packets_place_is_not_heard),
        cmocka_unit_test(packets_that_a_member_renumbers_are_not_heard),
        cmocka_unit_test(a_member_ends_no_talk_of_another),
        cmocka_unit_test(a_member_who_goes_on_after_the_end_is_not_heard),
        cmocka_unit_test(a_member_with_the_talkers_ssrc_takes_nothing_from_it),
        cmocka_unit_test(signed_packets_of_another_session_are_not_heard),
        cmocka_unit_test(what_a_stranger_says_again_is_not_heard),
        cmocka_unit_test(what_was_said_before_a_restart_is_not_heard_again),
    };
    return cmocka_run_group_tests(tests, play_in_peace, end_peace);
}
