/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/sound.h"

#include <string.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/modules.h"

struct module {
    const char *name;
    const struct capture_kind *capture;
    const struct playback_kind *playback; /* NULL: it has none, and what is heard is swallowed */
};

static const struct module modules[] = {
    {"wav", &capture_wav, &playback_wav},
    {"tone", &capture_tone, NULL},
    {"silence", &capture_silence, &playback_silence},
    {"alsa", &capture_alsa, &playback_alsa},
};

static const struct module *find(const char *name) {
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        if (strcmp(modules[i].name, name) == 0) {
            return &modules[i];
        }
    }
    return NULL;
}

bool sound_exists(const char *name) {
    return find(name) != NULL;
}

enum status sound_open(const char *name, const char *source, const char *sink,
                       struct capture **capture, struct playback **playback, struct error *error) {
    const struct module *module = find(name);
    *capture = NULL;
    *playback = NULL;
    if (module == NULL) {
        return error_set(error, STATUS_NOT_FOUND,
                         "--sound %.80s: no such sound; choose alsa, wav, tone or silence", name);
    }
    if (module->playback == NULL && sink != NULL) {
        return error_set(error, STATUS_UNSUPPORTED, "sound %s: it cannot record; use sound wav",
                         name);
    }
    enum status status = module->capture->open(source, capture, error);
    if (status == STATUS_OK) {
        const struct playback_kind *kind =
            module->playback != NULL ? module->playback : &playback_silence;
        status = kind->open(sink, playback, error);
    }
    if (status != STATUS_OK && *capture != NULL) {
        (*capture)->kind->close(*capture);
        *capture = NULL;
    }
    return status;
}

enum status sound_join(struct capture *capture, struct playback *playback, struct error *error) {
    bool is_open_air = capture->kind == &capture_alsa && playback->kind == &playback_alsa;
    return is_open_air ? alsa_join(capture, playback, error) : STATUS_OK;
}
