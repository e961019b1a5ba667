/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/sounding.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)VIEW_DEVICE_SIZE >= (int)SOUND_NAME_SIZE, "a device's name fits");
_Static_assert((int)VIEW_DEVICE_SIZE < (int)OFFICER_NAME_SIZE, "and fits a command");

static size_t show_devices(const struct sound_device devices[], size_t count, const char *chosen,
                           struct view_device shown[]) {
    bool is_listed = false;
    for (size_t i = 0; i < count; i++) {
        memcpy(shown[i].name, devices[i].name, sizeof devices[i].name);
        memcpy(shown[i].description, devices[i].description, sizeof devices[i].description);
        shown[i].is_chosen = strcmp(devices[i].name, chosen) == 0;
        is_listed = is_listed || shown[i].is_chosen;
    }
    /* ALSA does not name each way to a device that works. */
    if (count > 0 && count < VIEW_DEVICES_MAX && !is_listed) {
        shown[count] = (struct view_device){.is_chosen = true};
        snprintf(shown[count].name, sizeof shown[count].name, "%s", chosen);
        count++;
    }
    return count;
}

static void show_microphone(struct capture *capture, struct view_sound *sound) {
    struct sound_device devices[VIEW_DEVICES_MAX];
    struct sound_state state;
    capture->kind->tell(capture, &state);
    sound->microphone_count =
        show_devices(devices, capture->kind->list(capture, devices, VIEW_DEVICES_MAX), state.device,
                     sound->microphones);
    sound->level = state.level;
    sound->gain_db = state.treatment.gain_db;
    sound->suppresses_noise = state.treatment.suppresses_noise;
    sound->has_headset = state.treatment.has_headset;
    sound->microphone_delay_ms = state.delay_ms;
    sound->gaps = state.gaps;
    sound->is_realtime = state.is_realtime;
    sound->is_locked = state.is_locked;
}

static void show_loudspeaker(struct playback *playback, struct view_sound *sound) {
    struct sound_device devices[VIEW_DEVICES_MAX];
    struct sound_state state;
    playback->kind->tell(playback, &state);
    sound->loudspeaker_count =
        show_devices(devices, playback->kind->list(playback, devices, VIEW_DEVICES_MAX),
                     state.device, sound->loudspeakers);
    sound->loudspeaker_delay_ms = state.delay_ms;
    sound->gaps += state.gaps;
    sound->is_realtime = sound->is_realtime && state.is_realtime;
    sound->is_locked = sound->is_locked && state.is_locked;
}

bool sounding_is_live(const struct voice_path *path) {
    return path->capture->kind->tell != NULL && path->playback->kind->tell != NULL;
}

void sounding_show(struct voice_path *path, struct view_sound *sound) {
    *sound = (struct view_sound){.is_live = true};
    show_microphone(path->capture, sound);
    show_loudspeaker(path->playback, sound);
    size_t left = SOUND_TEST_FRAMES - path->test.count;
    if (sound_test_records(&path->test)) {
        sound->test = VIEW_TEST_RECORDS;
    } else if (sound_test_plays(&path->test)) {
        sound->test = VIEW_TEST_PLAYS;
        left = path->test.count - path->test.at;
    }
    sound->has_permit_tone = !path->tones.has_no_permit;
    sound->test_left_s = (unsigned)((left * VOICE_FRAME_MS + 999) / 1000);
}

bool sounding_moves(const struct voice_path *path) {
    return sound_test_is_on(&path->test);
}

static enum status choose(struct voice_path *path, const struct command *command) {
    struct error error;
    if (command->kind == COMMAND_MICROPHONE && path->capture->kind->choose != NULL) {
        return path->capture->kind->choose(path->capture, command->name, &error);
    }
    if (command->kind == COMMAND_LOUDSPEAKER && path->playback->kind->choose != NULL) {
        return path->playback->kind->choose(path->playback, command->name, &error);
    }
    return STATUS_OK;
}

static void treat(struct voice_path *path, const struct command *command) {
    struct sound_state state;
    if (path->capture->kind->treat == NULL) {
        return;
    }
    path->capture->kind->tell(path->capture, &state);
    if (command->kind == COMMAND_NOISE) {
        state.treatment.suppresses_noise = command->on != 0;
    } else if (command->kind == COMMAND_HEADSET) {
        state.treatment.has_headset = command->on != 0;
    } else if (command->on >= -SOUND_GAIN_DB_MAX && command->on <= SOUND_GAIN_DB_MAX) {
        state.treatment.gain_db = command->on;
    }
    path->capture->kind->treat(path->capture, state.treatment);
}

/* If that fails it is so for this run, and *problem says why it is not remembered. */
static void remember(struct handset *handset, struct moment now, const struct command *command,
                     struct event *problem) {
    enum status status = handset_command(handset, now, command, problem);
    (void)status;
}

bool sounding_carry_out(struct voice_path *path, struct moment now, const struct command *command,
                        struct event *problem) {
    switch (command->kind) {
    case COMMAND_MICROPHONE:
    case COMMAND_LOUDSPEAKER:
        if (choose(path, command) != STATUS_OK) {
            problem->kind = EVENT_SOUND_BUSY;
            return true;
        }
        break;
    case COMMAND_GAIN:
    case COMMAND_NOISE:
    case COMMAND_HEADSET:
        treat(path, command);
        break;
    case COMMAND_PERMIT_TONE:
        voice_path_permit_tone(path, command->on != 0);
        break;
    case COMMAND_SOUND_TEST:
        if (handset_is_talking(path->handset)) {
            problem->kind = EVENT_SOUND_BUSY;
        } else {
            voice_path_test(path, now);
        }
        return true;
    default:
        return false;
    }
    remember(path->handset, now, command, problem);
    return true;
}
