/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/programs/voice_scene.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct handset *voice_scene_engine(const struct voice_scene *scene, size_t n) {
    return scene->squad->handsets[n].engine;
}

static void tell(void *context, size_t n, const struct event *event) {
    struct voice_scene *scene = context;
    voice_path_tell(&scene->sides[n].path, event->kind);
}

struct voice_scene *voice_scene_new(int capture_ppm, int playback_ppm, bool has_events) {
    struct voice_scene *scene = calloc(1, sizeof *scene);
    struct error error;
    assert_non_null(scene);
    scene->squad = squad_new(SIDES);
    squad_group(scene->squad, HOUR_MS);
    scene->squad->is_mute = true;
    scene->squad->step_ms = 1;
    for (size_t n = 0; n < SIDES; n++) {
        struct voice_scene_side *side = &scene->sides[n];
        virtual_capture_open(&side->capture, capture_ppm, has_events);
        virtual_playback_open(&side->playback, playback_ppm, has_events);
        assert_int_equal(
            voice_path_open(&side->path, &side->capture.capture, &side->playback.playback, &error),
            STATUS_OK);
        voice_path_begin(&side->path, voice_scene_engine(scene, n), squad_now(scene->squad, n));
    }
    scene->squad->told = tell;
    scene->squad->told_context = scene;
    return scene;
}

void voice_scene_free(struct voice_scene *scene) {
    struct error error;
    for (size_t n = 0; n < SIDES; n++) {
        struct voice_scene_side *side = &scene->sides[n];
        voice_path_close(&side->path);
        side->capture.capture.kind->close(&side->capture.capture);
        assert_int_equal(side->playback.playback.kind->close(&side->playback.playback, &error),
                         STATUS_OK);
    }
    squad_free(scene->squad);
    free(scene);
}

static void take_news(struct voice_scene_side *side) {
    struct voice_path_news news;
    while (voice_path_take_news(&side->path, &news)) {
        bool is_problem = event_weight(news.event.kind) == LOG_WARNING;
        side->problems += is_problem;
        side->returns += !is_problem;
        side->ends += news.is_for_good;
        side->told = news.event.kind;
        snprintf(side->why, sizeof side->why, "%s", news.error.text);
    }
}

/* As the loop does it: the path is run when its descriptor or its deadline says so. */
static void run_side(struct voice_scene *scene, size_t n) {
    struct voice_scene_side *side = &scene->sides[n];
    struct moment now = squad_now(scene->squad, n);
    virtual_capture_pass(&side->capture, now.boot_ms);
    virtual_playback_pass(&side->playback, now.boot_ms);
    struct pollfd wait = {.fd = voice_path_descriptor(&side->path), .events = POLLIN};
    voice_path_settle(&side->path, now);
    if (poll(&wait, 1, 0) > 0 || voice_path_deadline(&side->path) <= now.boot_ms) {
        voice_path_run(&side->path, now);
    }
    take_news(side);
}

void voice_scene_pass(struct voice_scene *scene, int64_t ms) {
    for (int64_t i = 0; i < ms; i++) {
        squad_run(scene->squad, 1);
        for (size_t n = 0; n < SIDES && !scene->is_stalled; n++) {
            run_side(scene, n);
        }
    }
}

void voice_scene_talk(struct voice_scene *scene) {
    assert_int_equal(squad_talk(scene->squad, TALKER), STATUS_OK);
}

void voice_scene_stop(struct voice_scene *scene) {
    assert_int_equal(squad_stop(scene->squad, TALKER), STATUS_OK);
}

void voice_scene_becomes_card(struct voice_scene *scene, size_t n) {
    struct voice_scene_side *side = &scene->sides[n];
    virtual_capture_becomes_card(&side->capture);
    virtual_playback_becomes_card(&side->playback);
    voice_path_begin(&side->path, voice_scene_engine(scene, n), squad_now(scene->squad, n));
}

struct voice_scene *voice_scene_with_card(bool has_events) {
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    voice_scene_becomes_card(scene, TALKER);
    return scene;
}
