/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/confinement.h"

#include <stddef.h>

const char *confinement_gap(const struct confinement *confinement) {
    bool lacks_files = confinement->files == WALL_MISSING;
    bool lacks_calls = confinement->calls == WALL_MISSING;
    if (confinement->files == WALL_UNWANTED || confinement->calls == WALL_UNWANTED) {
        return "off";
    }
    if (lacks_files && lacks_calls) {
        return "files-and-calls-open";
    }
    return lacks_files ? "files-open" : lacks_calls ? "calls-open" : NULL;
}

const char *confinement_word(enum confinement_wall wall) {
    static const char *const words[] = {[WALL_CLOSED] = "closed",
                                        [WALL_UNWANTED] = "off",
                                        [WALL_MISSING] = "missing",
                                        [WALL_SANITIZED] = "sanitized"};
    return words[wall];
}
