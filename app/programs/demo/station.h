/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A station: one handset of a demonstration with all that is around its engine - the store on disk,
 * a port on the air, a WAV as its officer's voice, and the officer's screen.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_STATION_H
#define MUSTER_APP_PROGRAMS_DEMO_STATION_H

#include "app/programs/durable.h"
#include "app/sound/sound.h"
#include "app/store/store.h"
#include "transport/loopback.h"
#include "ui/keyboard/hold.h"
#include "ui/ui.h"

enum {
    STATION_COLUMNS = 80, /* of the screen that a script reads */
    STATION_ROWS = 24,
};

struct station {
    unsigned number; /* from 1: its port on the air, and its handset in a script */
    bool is_stranger;
    char name[DISPLAY_NAME_SIZE];
    char identity[IDENTITY_SIZE];
    struct entropy_seeded randomness;
    struct handset *handset;
    struct durable *durable;
    struct store *store;
    const struct batch *const *saving; /* what is to be made durable with the next step; or NULL */
    size_t saving_count;
    struct transport *port;
    struct capture *capture; /* the officer's voice */
    struct playback *playback;
    struct ui *ui;
    struct canvas *canvas;
    struct hold emergency; /* the key that calls one */
    bool was_talking, said_all;
    uint64_t voice_heard; /* pieces of 20 ms with voice in them */
    struct error error;   /* what stopped this station; STATUS_OK while it runs */

    /* Called for each OUTPUT_TELL; may be NULL. */
    void (*on_tell)(void *context, const struct station *station, const struct output *output);
    void *context;
};

/* Starts the engine from the records of station->store, and the screen. The caller has filled in
 * number, store, port, capture, playback, randomness and on_tell. The engine's errors, told in
 * error. */
MUST_CHECK enum status station_start(struct station *station, const struct provider *provider,
                                     struct entropy entropy, struct moment now,
                                     struct error *error);

/* Frees and closes all that the station holds; its recording is finished. */
void station_end(struct station *station);

/* Hands the frames that have arrived to the engine, calls it when its time has come, and makes
 * durable what the step before left to be. */
void station_run(struct station *station, struct moment now);

/* The boot_ms at which station_run has something to do, if nothing arrives before. */
int64_t station_deadline(const struct station *station);

/* The 20 ms from the microphone and to the loudspeaker. *is_talking: `said` went out; the result:
 * was there voice in `heard`? */
bool station_beat(struct station *station, struct moment now, bool *is_talking,
                  int16_t said[VOICE_FRAME_SAMPLES], int16_t heard[VOICE_FRAME_SAMPLES]);

/* What time it is for a person before the screens (ui_time), however fast the exercise goes; and a
 * script's key comes next, which has read what opened by itself. */
void station_time(struct station *station, int64_t real_ms);
void station_has_read(struct station *station);

/* A key of the officer, on what they see: their screen was drawn just before. */
void station_press(struct station *station, struct moment now, uint32_t press);

/* The officer's screen as it is now, STATION_COLUMNS by STATION_ROWS; valid until the next call. */
const struct canvas *station_screen(struct station *station, struct moment now);

#endif
