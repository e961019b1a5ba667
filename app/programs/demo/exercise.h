/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An exercise: several handsets on one air, on a virtual clock, enrolled in a domain that is made
 * on the spot. Everything in it is real but the time, the air and the officers' voices: keys,
 * messages, stores on disk. Strangers are enrolled in the same domain and hear the same air, keep
 * radio silence, and are in no group.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_EXERCISE_H
#define MUSTER_APP_PROGRAMS_DEMO_EXERCISE_H

#include "app/programs/demo/air_log.h"
#include "app/programs/demo/hearing.h"
#include "app/programs/demo/station.h"

enum {
    EXERCISE_STATIONS_MAX = 32
};

struct exercise_setup {
    unsigned handsets, strangers; /* together at most EXERCISE_STATIONS_MAX */
    const struct provider *provider;
    const char *voice_folder;  /* of WAV files: the officers' voices, in the order of their names */
    const char *record_folder; /* gets a WAV of what each handset hears; may be NULL */
    const char *capture_path;  /* of a pcap file for the MIKEY messages; may be NULL */
    const char *frames_path;   /* of one for all frames; may be NULL */
    uint64_t seed;
    int64_t utc_ms; /* the time at which the exercise begins */

    /* Called with each line for the transcript; may be NULL. */
    void (*on_line)(void *context, const char *line);
    void *context;
};

struct exercise;

/* Makes the domain, enrols all handsets and starts them at time 0. The stores are in a folder of
 * their own under TMPDIR, removed by exercise_free. Fails with one line in `error`. */
MUST_CHECK enum status exercise_new(const struct exercise_setup *setup, struct exercise **exercise,
                                    struct error *error);

/* Ends everything; NULL is allowed. STATUS_IO_FAILED when a recording or the capture could not be
 * written whole. */
MUST_CHECK enum status exercise_free(struct exercise *exercise, struct error *error);

/* Lets the exercise go on to `until_ms` of its clock. Fails when a handset could not carry on (its
 * disk is full). */
MUST_CHECK enum status exercise_advance(struct exercise *exercise, int64_t until_ms,
                                        struct error *error);

/* The exercise's clock in ms, and the time of day in it. */
int64_t exercise_now(const struct exercise *exercise);
int64_t exercise_utc(const struct exercise *exercise);

/* Handsets and strangers, numbered from 0. */
size_t exercise_stations(const struct exercise *exercise);
struct station *exercise_station(struct exercise *exercise, size_t number);
const struct view *exercise_view(struct exercise *exercise, size_t number);

/* What time it is for a person who watches all of them: what opens by itself takes no key in its
 * first second. Not told, every key counts. */
void exercise_time(struct exercise *exercise, int64_t real_ms);

/* A script's key on that handset, and its screen; a person's key on what the caller has just drawn
 * of it, in the size that the officer sees: how far a page can be scrolled is a matter of that. */
void exercise_press(struct exercise *exercise, size_t number, uint32_t press);
void exercise_press_seen(struct exercise *exercise, size_t number, uint32_t press);
const struct canvas *exercise_screen(struct exercise *exercise, size_t number);

/* The log of that handset, the newest first; it lives as long as a view. Returns how many. */
size_t exercise_events(struct exercise *exercise, size_t number, const struct event **events);

/* A word of explanation: into the transcript, and kept until the next one. */
void exercise_say(struct exercise *exercise, const char *text);
const char *exercise_said(const struct exercise *exercise);

const struct air_log *exercise_air(const struct exercise *exercise);

/* What the exercise has shown so far. */
struct exercise_tally {
    unsigned talks;   /* talk sessions that have ended */
    unsigned heard;   /* pairs of a talk and a listener who should hear it, and did */
    unsigned unheard; /* such pairs in which the listener did not */
    double worst;     /* likeness among those that heard */
    unsigned leaks;   /* strangers that heard a voice or hold a group's key */
};

struct exercise_tally exercise_tally(struct exercise *exercise);

enum {
    EXERCISE_LINE_SIZE = 512
};

/* The frames that a stranger heard, and the voice (in ms) and the groups' keys that it got out of
 * them, in words. False for a handset that is no stranger. */
bool exercise_describe_stranger(struct exercise *exercise, size_t number,
                                char out[EXERCISE_LINE_SIZE]);

/* This of each stranger, one line each, to on_line. */
void exercise_report_strangers(struct exercise *exercise);

#endif
