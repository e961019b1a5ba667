/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop of the program `muster` (libuv): joins one handset engine with a store, a
 * transport, a sound and a face. It brings the engine frames, commands, time and voice, and has its
 * outputs carried out (durable.h), with a thread that writes to the store: no voice, no frame and
 * no screen waits for the disk. When the store fails, the officer is told, and whatever does not
 * depend on it goes on.
 */
#ifndef MUSTER_APP_PROGRAMS_LOOP_H
#define MUSTER_APP_PROGRAMS_LOOP_H

#include <stdio.h>

#include "app/programs/button.h"
#include "app/programs/confinement.h"
#include "app/programs/face.h"
#include "app/programs/sound_settings.h"
#include "app/programs/zeroise.h"
#include "app/sound/capture.h"
#include "app/sound/playback.h"
#include "app/store/store.h"
#include "crypto/entropy.h"
#include "crypto/provider.h"
#include "transport/transport.h"

/* What the loop joins. It owns none of it; all of it outlives loop_run. */
struct loop_setup {
    const char *store_path;
    enum store_strength strength; /* of a store that is made */
    enum binding_choice binding;  /* likewise */
    const struct provider *provider;
    struct entropy entropy;
    /* Opens the store at once, and is wiped, and NULL, as soon as it is not needed any more. NULL:
     * the officer types it. */
    struct secret **passphrase;
    struct transport *transport;
    struct transport *broker; /* its nats link, idle: connected when the store is open; or NULL */
    unsigned link_count;      /* of the transport; with more than one it comes from bundle_open */
    const char *const *link_names; /* what the officer calls each of them */
    struct capture *capture;       /* the microphone */
    struct playback *playback;     /* the loudspeaker */
    struct sound_wishes wishes;    /* of the sound, for this run alone */
    struct face *face;
    struct button *button; /* that opens the microphone; NULL: there is none */
    FILE *log;             /* gets every event as a line of JSON (event_json.h); NULL: none does */
    int hook;              /* for hook_tell; HOOK_NONE: there is none */
    const char *control_path; /* of the control socket (control.h); NULL: there is none */
    const struct confinement *confinement; /* what is closed to the program, to be told */
    struct zeroise *zeroise; /* what goes when the handset is zeroised, and what came of it */
};

/* Runs until the officer quits, the script ends, the terminal goes away, a signal ends it (SIGINT,
 * SIGTERM, SIGHUP), or something fails that the program cannot do without. STATUS_OK when it ended
 * as it should; otherwise *error has the line to print: the failure of the store, if something is
 * not saved at the end, or of the recording or the log, or STATUS_NOT_FOUND for a line of the
 * script that failed, which face_report reports. */
MUST_CHECK enum status loop_run(const struct loop_setup *setup, struct error *error);

#endif
