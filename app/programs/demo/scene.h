/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scene: an exercise as the trainer sees it at one moment, on a canvas.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_SCENE_H
#define MUSTER_APP_PROGRAMS_DEMO_SCENE_H

#include "app/programs/demo/exercise.h"

/* How it is looked at; as in struct lesson. */
struct scene {
    size_t focus;
    const char *step;
    unsigned speed;
    bool is_paused;
    bool is_over;
};

void scene_draw(struct exercise *exercise, const struct scene *scene, struct canvas *canvas);

/* Writes the scene as a picture (ui/picture.h) to `path`. STATUS_IO_FAILED, STATUS_NO_MEMORY. */
MUST_CHECK enum status scene_write_picture(struct exercise *exercise, const struct scene *scene,
                                           const char *path, struct error *error);

#endif
