/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two handsets with a group and virtual sound devices, for tests of the path of voice: no real time
 * passes. What the engines tell comes to the path, as the loop does it.
 */
#ifndef MUSTER_TESTS_PROGRAMS_VOICE_SCENE_H
#define MUSTER_TESTS_PROGRAMS_VOICE_SCENE_H

#include "app/programs/voice_path.h"
#include "tests/app/squad.h"
#include "tests/app/virtual_sound.h"

enum {
    TALKER,
    LISTENER,
    SIDES
};

struct voice_scene_side {
    struct voice_path path;
    struct virtual_capture capture;
    struct virtual_playback playback;
    unsigned problems, returns, ends;
    enum event_kind told; /* the latest */
    char why[ERROR_TEXT_SIZE];
};

struct voice_scene {
    struct squad *squad;
    struct voice_scene_side sides[SIDES];
    bool is_stalled; /* the program has no time for voice */
};

/* Two handsets whose devices' clocks are off by so much; with `has_events` those have descriptors,
 * otherwise deadlines. The talker's devices are a sound card's with the second. */
struct voice_scene *voice_scene_new(int capture_ppm, int playback_ppm, bool has_events);
struct voice_scene *voice_scene_with_card(bool has_events);
void voice_scene_becomes_card(struct voice_scene *scene, size_t n);
void voice_scene_free(struct voice_scene *scene);

struct handset *voice_scene_engine(const struct voice_scene *scene, size_t n);

/* Lets time pass. */
void voice_scene_pass(struct voice_scene *scene, int64_t ms);

/* The talker begins to talk in the group, and ends. */
void voice_scene_talk(struct voice_scene *scene);
void voice_scene_stop(struct voice_scene *scene);

#endif
