/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/sound_settings.h"

static bool is_on(enum sound_wish wish, bool remembered) {
    return wish == SOUND_AS_REMEMBERED ? remembered : wish == SOUND_ON;
}

/* One that is just being changed keeps what it is changed to. */
static void choose_devices(struct voice_path *path, const struct view_settings *remembered,
                           const struct sound_wishes *wishes) {
    struct capture *capture = path->capture;
    struct playback *playback = path->playback;
    struct error error;
    if (!wishes->has_microphone && remembered->microphone[0] != '\0' &&
        capture->kind->choose != NULL) {
        (void)capture->kind->choose(capture, remembered->microphone, &error);
    }
    if (!wishes->has_loudspeaker && remembered->loudspeaker[0] != '\0' &&
        playback->kind->choose != NULL) {
        (void)playback->kind->choose(playback, remembered->loudspeaker, &error);
    }
}

/* The command line's bounds are the engine's, so that this does not fail. */
static void limit_talks(struct handset *handset, struct moment now, int64_t longest_talk_ms) {
    const struct command command = {
        .kind = COMMAND_LONGEST_TALK, .period_ms = longest_talk_ms, .on = 1};
    struct event problem;
    enum status status = handset_command(handset, now, &command, &problem);
    (void)status;
}

void sound_settings_begin(struct voice_path *path, struct moment now,
                          const struct sound_wishes *wishes) {
    const struct view_settings remembered = handset_view(path->handset, now)->settings;
    const struct sound_treatment treatment = {
        .gain_db = wishes->has_gain ? wishes->gain_db : remembered.gain_db,
        .suppresses_noise = is_on(wishes->suppression, remembered.suppresses_noise),
        .has_headset = is_on(wishes->headset, remembered.has_headset)};
    choose_devices(path, &remembered, wishes);
    if (path->capture->kind->treat != NULL) {
        path->capture->kind->treat(path->capture, treatment);
    }
    voice_path_permit_tone(path, is_on(wishes->permit_tone, remembered.has_permit_tone));
    if (wishes->longest_talk_ms != 0) {
        limit_talks(path->handset, now, wishes->longest_talk_ms);
    }
}

_Static_assert((int)SETTINGS_GAIN_DB_MAX == (int)SOUND_GAIN_DB_MAX, "each gain is remembered");
_Static_assert((int)SETTINGS_DEVICE_SIZE == (int)SOUND_NAME_SIZE, "and each device");
