/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/face.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret.h"
#include "ui/script.h"
#include "ui/terminal.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    SCRIPT_COLUMNS = 80,
    SCRIPT_ROWS = 24,
    LOOKS_APART_MS = 100, /* at least, without a key pressed */
    SECOND_MS = 1000,
};

struct face {
    struct face_back back;
    struct ui *ui;
    struct canvas *canvas;
    struct terminal *terminal; /* one of these two */
    struct script *script;

    /* What it looked like last. */
    uint64_t looked_version;
    int64_t looked_ms;      /* boot clock; before the first time long ago */
    int64_t next_second_ms; /* boot clock: when times that are shown go on */
    bool is_stale;          /* a notice came since */
    bool is_moving;         /* the picture moves by itself */
    bool is_behind;         /* the terminal has not taken the last one whole */
};

static void draw(struct face *face) {
    const struct view *view = face->back.view(face->back.context);
    canvas_clear(face->canvas);
    ui_draw(face->ui, view, area_of(face->canvas));
    face->is_moving = view->phase == PHASE_UNLOCKING;
}

/* Draws after the key: what a key decides acts on what was drawn last. */
static void press(struct face *face, uint32_t key) {
    struct command command = {0};
    struct event problem = {.kind = EVENT_NONE};
    if (ui_key(face->ui, face->back.view(face->back.context), key, &command)) {
        ui_notice(face->ui, NULL);
        face->back.carry_out(face->back.context, &command, &problem);
        if (problem.kind != EVENT_NONE) {
            ui_notice(face->ui, &problem);
        }
    }
    secret_wipe(&command, sizeof command);
    draw(face);
}

static void stage_press(void *context, int handset, uint32_t key) {
    (void)handset;
    press(context, key);
}

static const struct canvas *stage_screen(void *context, int handset) {
    (void)handset;
    struct face *face = context;
    draw(face);
    return face->canvas;
}

static size_t stage_events(void *context, int handset, const struct event **events) {
    (void)handset;
    struct face *face = context;
    const struct view *view = face->back.view(face->back.context);
    *events = view->log;
    return view->log_count;
}

static void stage_say(void *context, const char *text) {
    (void)context;
    puts(text);
    fflush(stdout);
}

enum status face_choose_language(const char *language, bool is_script, struct error *error) {
    if (language == NULL) {
        /* A catalogue that is missing leaves English. */
        (void)words_choose(is_script ? "en" : NULL);
        return STATUS_OK;
    }
    return words_choose(language)
               ? STATUS_OK
               : error_set(error, STATUS_MALFORMED,
                           "--language %.80s: not known, or its texts are not installed; there are "
                           "en and de",
                           language);
}

static struct face *face_new(int columns, int rows) {
    struct face *face = calloc(1, sizeof *face);
    if (face == NULL) {
        return NULL;
    }
    face->ui = ui_new();
    face->canvas = canvas_new(columns, rows);
    face->looked_ms = INT64_MIN / 2;
    if (face->ui != NULL && face->canvas != NULL) {
        return face;
    }
    face_close(face);
    return NULL;
}

enum status face_on_terminal(struct face **face, struct error *error) {
    char problem[TERMINAL_PROBLEM_SIZE];
    *face = face_new(SCRIPT_COLUMNS, SCRIPT_ROWS);
    if (*face == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    (*face)->terminal = terminal_open(problem);
    if ((*face)->terminal != NULL) {
        return STATUS_OK;
    }
    face_close(*face);
    *face = NULL;
    return error_set(error, STATUS_NOT_FOUND, _("%s; without a terminal, use --script FILE"),
                     problem);
}

enum status face_of_script(const char *path, const char *golden, struct face **face,
                           struct error *error) {
    char problem[SCRIPT_PROBLEM_SIZE];
    *face = face_new(SCRIPT_COLUMNS, SCRIPT_ROWS);
    if (*face == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    struct stage stage = {.context = *face,
                          .handsets = 1,
                          .press = stage_press,
                          .screen = stage_screen,
                          .events = stage_events,
                          .say = stage_say,
                          .golden_directory = golden};
    (*face)->script = script_load(path, &stage, problem);
    if ((*face)->script != NULL) {
        return STATUS_OK;
    }
    face_close(*face);
    *face = NULL;
    return error_set(error, STATUS_MALFORMED, "%s", problem);
}

void face_close(struct face *face) {
    if (face == NULL) {
        return;
    }
    terminal_close(face->terminal);
    script_free(face->script);
    canvas_free(face->canvas);
    ui_free(face->ui);
    free(face);
}

void face_turn_to(struct face *face, struct face_back back) {
    face->back = back;
}

int face_descriptor(const struct face *face) {
    return face->terminal != NULL ? terminal_descriptor(face->terminal) : -1;
}

void face_notice(struct face *face, const struct event *event) {
    ui_notice(face->ui, event);
    face->is_stale = true;
}

/* The canvas in the terminal's size; the old one is kept when there is no memory for it. */
static void fit_canvas(struct face *face) {
    int columns, rows;
    terminal_size(face->terminal, &columns, &rows);
    if (columns == face->canvas->columns && rows == face->canvas->rows) {
        return;
    }
    struct canvas *canvas = canvas_new(columns, rows);
    if (canvas == NULL) {
        return;
    }
    canvas_free(face->canvas);
    face->canvas = canvas;
}

void face_show(struct face *face) {
    if (face->terminal == NULL) {
        return;
    }
    face->is_behind = !terminal_is_ready(face->terminal);
    if (face->is_behind) {
        return;
    }
    fit_canvas(face);
    draw(face);
    terminal_show(face->terminal, face->canvas);
    face->is_behind = !terminal_is_ready(face->terminal);
}

static enum face_state attend_to_terminal(struct face *face) {
    for (uint32_t key; (key = terminal_press(face->terminal)) != PRESS_NONE;) {
        press(face, key);
    }
    if (terminal_is_gone(face->terminal)) {
        return FACE_ENDED;
    }
    face_show(face);
    return FACE_GOES_ON;
}

void face_forget_presses(struct face *face) {
    if (face->terminal != NULL) {
        terminal_forget_presses(face->terminal);
    }
}

/* What the picture shows is of now: a change that comes while it is drawn is one to look at again.
 */
static void note_look(struct face *face, struct moment now) {
    face->looked_version = face->back.version(face->back.context);
    face->looked_ms = now.boot_ms;
    face->next_second_ms = now.boot_ms + SECOND_MS - now.utc_ms % SECOND_MS;
    face->is_stale = false;
}

int64_t face_deadline(const struct face *face) {
    int64_t next_ms = face->next_second_ms;
    int64_t next_look_ms = face->looked_ms + LOOKS_APART_MS;
    bool has_changed = face->is_stale || face->is_moving || face->is_behind ||
                       face->back.version(face->back.context) != face->looked_version;
    if (face->script != NULL && !script_is_watching(face->script)) {
        return script_deadline(face->script);
    }
    if (face->script != NULL && script_deadline(face->script) < next_ms) {
        next_ms = script_deadline(face->script);
    }
    return has_changed && next_look_ms < next_ms ? next_look_ms : next_ms;
}

enum face_state face_attend(struct face *face, struct moment now) {
    note_look(face, now);
    if (face->terminal != NULL) {
        return attend_to_terminal(face);
    }
    switch (script_step(face->script, now.boot_ms)) {
    case SCRIPT_RUNNING:
        return FACE_GOES_ON;
    case SCRIPT_PASSED:
        return FACE_ENDED;
    case SCRIPT_FAILED:
        break;
    }
    return FACE_FAILED;
}

enum face_state face_quit(struct face *face) {
    if (face->script != NULL && script_end(face->script) == SCRIPT_FAILED) {
        return FACE_FAILED;
    }
    return FACE_ENDED;
}

const char *face_report(const struct face *face) {
    return face->script != NULL ? script_report(face->script) : "";
}
