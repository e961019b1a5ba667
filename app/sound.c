/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound.h"

#include <string.h>

#include "app/sound_kinds.h"

const struct sound_kind *sound_find(const char *name) {
    static const struct sound_kind *const kinds[] = {&sound_wav, &sound_tone, &sound_silence};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}
