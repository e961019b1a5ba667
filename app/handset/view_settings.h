/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer has set and the handset remembers (desk/settings.h): plain values, for the
 * screens and for the program, which owns the sound devices.
 */
#ifndef MUSTER_APP_HANDSET_VIEW_SETTINGS_H
#define MUSTER_APP_HANDSET_VIEW_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SETTINGS_DEVICE_SIZE = 80, /* the name of a device, terminated */
    SETTINGS_GAIN_DB_MAX = 24,
    SETTINGS_LONGEST_TALK_LEAST_MS = 15 * 1000,
    SETTINGS_LONGEST_TALK_MS = 60 * 1000, /* where nothing was set */
    SETTINGS_LONGEST_TALK_MOST_MS = 5 * 60 * 1000,
    SETTINGS_LOCK_AFTER_LEAST_MS = 5 * 1000,
    SETTINGS_LOCK_AFTER_MOST_MS = 60 * 60 * 1000,
    SETTINGS_ERASE_AFTER_LEAST = 5,
    SETTINGS_ERASE_AFTER_MOST = 100,
};

struct view_settings {
    char microphone[SETTINGS_DEVICE_SIZE], loudspeaker[SETTINGS_DEVICE_SIZE]; /* empty: the usual */
    int gain_db; /* of the microphone */
    bool suppresses_noise;
    bool has_headset;     /* the microphone does not hear the loudspeaker: no echo is taken out */
    bool has_permit_tone; /* a tone says that the floor is won */
    int64_t longest_talk_ms; /* then an own talk is ended by force */
    bool keeps_speech;       /* on disk, what is to be said again */
    /* Without a key for so long it locks; 0, the usual: never by itself, since a handset that is
     * locked says nothing, and as a rule hears nobody. */
    int64_t lock_after_ms;
    bool hears_locked;    /* then the groups' keys stay in memory, and it hears them (ear.h) */
    bool takes_keys;      /* one that only takes members out of a group joined before, unasked */
    unsigned erase_after; /* wrong passphrases, and the store is destroyed; 0: it is not */
    bool is_unsaved;      /* the latest change holds for this run: nothing can be saved now */
};

#endif
