/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sound and talks begin with: what the handset remembers of it, and before that what the
 * command line says for this run alone.
 */
#ifndef MUSTER_APP_PROGRAMS_SOUND_SETTINGS_H
#define MUSTER_APP_PROGRAMS_SOUND_SETTINGS_H

#include "app/handset/view.h"
#include "app/programs/voice_path.h"

enum sound_wish {
    SOUND_AS_REMEMBERED,
    SOUND_ON,
    SOUND_OFF,
};

/* Of the command line; zero: nothing was said. */
struct sound_wishes {
    bool has_microphone, has_loudspeaker; /* they were opened with it */
    bool has_gain;
    int gain_db;
    enum sound_wish suppression, headset, permit_tone;
    int64_t longest_talk_ms; /* 0: as it is remembered */
};

/* Has the path, which has its handset, begin with what that remembers where *wishes says nothing. A
 * device that is not there is reported like each that fails, and taken as soon as it is. */
void sound_settings_begin(struct voice_path *path, struct moment now,
                          const struct sound_wishes *wishes);

#endif
