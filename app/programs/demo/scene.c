/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/scene.h"

#include <errno.h>
#include <string.h>

#include "ui/picture.h"

enum {
    PICTURE_COLUMNS = 122,
    PICTURE_ROWS = 36
};

void scene_draw(struct exercise *exercise, const struct scene *scene, struct canvas *canvas) {
    struct lesson_handset handsets[EXERCISE_STATIONS_MAX];
    size_t count = exercise_stations(exercise);
    for (size_t i = 0; i < count; i++) {
        struct station *station = exercise_station(exercise, i);
        handsets[i] = (struct lesson_handset){
            .ui = station->ui,
            .view = exercise_view(exercise, i),
            .name = station->name,
        };
    }
    const struct air_log *air = exercise_air(exercise);
    const struct lesson lesson = {
        .handsets = handsets,
        .handset_count = count,
        .focus = scene->focus,
        .frames = air->lines,
        .frame_count = air->count,
        .step = scene->step,
        .utc_ms = exercise_utc(exercise),
        .speed = scene->speed,
        .is_paused = scene->is_paused,
        .is_over = scene->is_over,
    };
    lesson_draw(&lesson, area_of(canvas));
}

enum status scene_write_picture(struct exercise *exercise, const struct scene *scene,
                                const char *path, struct error *error) {
    struct canvas *canvas = canvas_new(PICTURE_COLUMNS, PICTURE_ROWS);
    if (!canvas) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    scene_draw(exercise, scene, canvas);
    FILE *file = fopen(path, "w");
    bool written =
        file &&
        picture_write(canvas, "Muster: handsets side by side, and the air between them", file);
    canvas_free(canvas);
    if (file && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: %s", path, strerror(errno));
    }
    return STATUS_OK;
}
