/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "ui/keyboard/hold.h"
#include "ui/keyboard/ptt.h"
#include "ui/restoration.h"
#include "ui/script/script.h"
#include "ui/terminal.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    SCRIPT_COLUMNS = 80,
    SCRIPT_ROWS = 24,
    KEYS_AT_ONCE = 32,    /* what is pasted comes by thousands, and voice has its turn in between */
    LOOKS_APART_MS = 100, /* at least, without a key pressed */
    LEVELS_APART_MS = 330, /* where nothing but a level has moved */
    SECOND_MS = 1000,
    RINGS_APART_MS = 1000,
};

struct face {
    struct face_back back;
    struct ui *ui;
    struct canvas *canvas;
    struct terminal *terminal; /* one of these two */
    struct script *script;

    const struct view *view; /* of this turn; NULL when it is to be asked for */

    /* What opens the microphone: the terminal's key, and a button. */
    struct ptt key, button;
    struct hold emergency; /* the key that calls one */
    int64_t input_ms;      /* boot clock: when the terminal may have a key although nothing comes */

    /* What it looked like last. */
    uint64_t looked_changes, looked_levels;
    int64_t looked_ms;      /* boot clock; before the first time long ago */
    int64_t pressed_ms;     /* likewise */
    int64_t rang_ms;        /* likewise: when the terminal's bell was rung */
    int64_t next_second_ms; /* boot clock: when times that are shown go on */
    bool is_stale;          /* a notice came since */
    bool is_moving;         /* the picture moves by itself */
    bool is_behind;         /* the terminal has not taken the last one whole */
    bool is_left;           /* the officer has quit: no more is shown, nor asked of the terminal */
};

/* A picture is large: in one turn it is asked for once, and again after each command. */
static const struct view *view_of(struct face *face) {
    if (face->view == NULL) {
        face->view = face->back.view(face->back.context);
    }
    return face->view;
}

static void draw(struct face *face) {
    const struct view *view = view_of(face);
    canvas_clear(face->canvas);
    ui_draw(face->ui, view, area_of(face->canvas));
    face->is_moving = view->phase == PHASE_UNLOCKING;
}

/* Wipes the command. Draws after it: what a key decides acts on what was drawn last. */
static void carry_out(struct face *face, struct command *command) {
    struct event problem = {.kind = EVENT_NONE};
    if (command->kind != COMMAND_NONE) {
        ui_notice(face->ui, NULL);
        face->is_left = command->kind == COMMAND_QUIT;
        face->back.carry_out(face->back.context, command, &problem);
        face->view = NULL;
        if (problem.kind != EVENT_NONE) {
            ui_notice(face->ui, &problem);
        }
    }
    secret_wipe(command, sizeof *command);
    draw(face);
}

static void press(struct face *face, uint32_t key) {
    struct command command = {0};
    (void)ui_key(face->ui, view_of(face), key, &command);
    carry_out(face, &command);
}

/* --- Push-to-talk ------------------------------------------------------------------------------
 */

static void open_microphone(struct face *face, struct ptt *ptt) {
    struct command command = {0};
    if (ptt == &face->button) {
        (void)ui_talk(face->ui, view_of(face), &command);
        carry_out(face, &command);
    } else if (ui_has_talk_key(face->ui, view_of(face))) {
        press(face, ' ');
    }
}

static void fulfil(struct face *face, struct ptt *ptt, enum ptt_wish wish) {
    bool is_talking = view_of(face)->talking;
    if (wish == PTT_OPEN && !is_talking) {
        open_microphone(face, ptt);
    } else if (wish == PTT_CLOSE && is_talking) {
        carry_out(face, &(struct command){.kind = COMMAND_TALK_END});
    }
}

/* A talk that did not begin, or that others ended, is not the key's any more. */
static void follow_talk(struct face *face) {
    if (!view_of(face)->talking) {
        ptt_talk_ended(&face->key);
        ptt_talk_ended(&face->button);
    }
}

static void tell_key(struct face *face, struct ptt *ptt, enum input_kind kind, int64_t now_ms) {
    fulfil(face, ptt, ptt_key(ptt, kind, view_of(face)->talking, now_ms));
    follow_talk(face);
}

static void begin_turn(struct face *face, struct moment now) {
    face->view = NULL;
    if (face->terminal != NULL) {
        ui_time(face->ui, now.boot_ms);
    }
}

void face_button(struct face *face, bool is_pressed, struct moment now) {
    begin_turn(face, now);
    face->pressed_ms = now.boot_ms;
    follow_talk(face);
    tell_key(face, &face->button, is_pressed ? INPUT_PRESSED : INPUT_RELEASED, now.boot_ms);
    face_show(face);
}

/* Another window has the keys now, so that nobody could close the microphone by them. */
static void lose_focus(struct face *face) {
    fulfil(face, &face->key, ptt_is_open(&face->key) ? PTT_CLOSE : PTT_NOTHING);
    ptt_let_go(&face->key);
}

/* Has the key that calls an emergency been held for long enough? */
static bool calls_emergency(struct face *face, uint32_t key, enum input_kind kind, int64_t now_ms) {
    if (key != UI_EMERGENCY_PRESS) {
        return false;
    }
    if (!ui_has_emergency_key(face->ui, view_of(face))) {
        hold_spend(&face->emergency, kind, now_ms);
        return false;
    }
    if (!hold_key(&face->emergency, kind, now_ms)) {
        return false;
    }
    struct command command = {0};
    (void)ui_emergency(face->ui, view_of(face), &command);
    carry_out(face, &command);
    return true;
}

static void take_input(struct face *face, const struct input *input, int64_t now_ms) {
    bool is_of_talk = input->press == ' ' &&
                      (ui_has_talk_key(face->ui, view_of(face)) || ptt_is_held(&face->key));
    if (input->kind == INPUT_FOCUS_LOST) {
        lose_focus(face);
    } else if (input->kind > INPUT_RELEASED) {
        return;
    } else if (is_of_talk) {
        tell_key(face, &face->key, input->kind, now_ms);
    } else if (!calls_emergency(face, input->press, input->kind, now_ms) &&
               input->kind != INPUT_RELEASED) {
        press(face, input->press);
    }
}

static void stage_press(void *context, int handset, uint32_t key) {
    (void)handset;
    struct face *face = context;
    face->pressed_ms = face->looked_ms;
    if (!calls_emergency(face, key, INPUT_TYPED, face->looked_ms)) {
        press(face, key);
    }
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
    const struct view *view = view_of(face);
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

static bool is_among(const char *word, const char *const words[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum status face_choose_look(const char *glyphs, const char *palette, struct error *error) {
    static const char *const signs[] = {"ascii", "linux", "full"};
    static const char *const colours[] = {"night", "day", "contrast", "red"};
    if (glyphs != NULL && !is_among(glyphs, signs, sizeof signs / sizeof signs[0])) {
        return error_set(error, STATUS_MALFORMED, "--glyphs %.80s: choose ascii, linux or full",
                         glyphs);
    }
    if (palette != NULL && !is_among(palette, colours, sizeof colours / sizeof colours[0])) {
        return error_set(error, STATUS_MALFORMED,
                         "--palette %.80s: choose night, day, contrast or red", palette);
    }
    if ((glyphs != NULL && setenv("MUSTER_GLYPHS", glyphs, 1) != 0) ||
        (palette != NULL && setenv("MUSTER_PALETTE", palette, 1) != 0)) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    return STATUS_OK;
}

static struct face *face_new(int columns, int rows) {
    struct face *face = calloc(1, sizeof *face);
    if (face == NULL) {
        return NULL;
    }
    face->ui = ui_new();
    face->canvas = canvas_new(columns, rows);
    face->looked_ms = face->pressed_ms = face->rang_ms = INT64_MIN / 2;
    face->input_ms = INT64_MAX;
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
        ui_has_halves((*face)->ui, terminal_has_halves((*face)->terminal));
        return STATUS_OK;
    }
    face_close(*face);
    *face = NULL;
    return error_set(error, STATUS_NOT_FOUND, _("%s; without a terminal, use --script FILE"),
                     problem);
}

enum status face_of_script(const struct face_script *of, struct face **face, struct error *error) {
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
                          .golden_directory = of->golden,
                          .keeps_going = of->keeps_going};
    (*face)->script = script_load(of->path, &stage, problem);
    if ((*face)->script != NULL) {
        return STATUS_OK;
    }
    face_close(*face);
    *face = NULL;
    return error_set(error, STATUS_MALFORMED, "%s",
                     script_problems_print(problem, "muster", stderr));
}

enum status face_of_nothing(struct face **face, struct error *error) {
    *face = face_new(SCRIPT_COLUMNS, SCRIPT_ROWS);
    return *face != NULL ? STATUS_OK : error_set(error, STATUS_NO_MEMORY, "out of memory");
}

bool face_is_scripted(const struct face *face) {
    return face->script != NULL;
}

bool face_is_of_nothing(const struct face *face) {
    return face->terminal == NULL && face->script == NULL;
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

void face_alert(struct face *face, struct moment now) {
    if (face->terminal != NULL && now.boot_ms - face->rang_ms >= RINGS_APART_MS) {
        face->rang_ms = now.boot_ms;
        terminal_ring(face->terminal);
        ui_time(face->ui, now.boot_ms);
        ui_alert(face->ui);
        face->is_stale = true;
    }
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
    if (face->terminal == NULL || face->is_left) {
        return;
    }
    face->is_behind = !terminal_is_ready(face->terminal);
    if (face->is_behind) {
        return;
    }
    fit_canvas(face);
    draw(face);
    /* Off the Talk screen the key's release is still to come. */
    terminal_want_releases(face->terminal,
                           ui_has_talk_key(face->ui, view_of(face)) || ptt_is_held(&face->key));
    terminal_show(face->terminal, face->canvas);
    face->is_behind = !terminal_is_ready(face->terminal);
}

static enum face_state attend_to_terminal(struct face *face, int64_t now_ms) {
    struct input input;
    int taken = 0;
    follow_talk(face);
    while (taken < KEYS_AT_ONCE && terminal_input(face->terminal, &input)) {
        take_input(face, &input, now_ms);
        face->pressed_ms = now_ms;
        taken++;
    }
    int patience_ms = taken == KEYS_AT_ONCE ? 0 : terminal_patience_ms(face->terminal);
    face->input_ms = patience_ms < 0 ? INT64_MAX : now_ms + patience_ms;
    if (taken < KEYS_AT_ONCE) { /* only then all that was pressed until now was seen */
        fulfil(face, &face->key, ptt_tick(&face->key, now_ms));
    }
    follow_talk(face);
    if (terminal_is_gone(face->terminal)) {
        return FACE_ENDED;
    }
    face_show(face);
    return FACE_GOES_ON;
}

void face_forget_presses(struct face *face) {
    if (face->terminal != NULL) {
        terminal_forget_presses(face->terminal);
        ptt_let_go(&face->key);
    }
}

void face_forget(struct face *face) {
    face->view = NULL;
    ui_forget(face->ui);
    canvas_clear(face->canvas);
    ptt_let_go(&face->key);
    if (face->terminal != NULL && !face->is_left) {
        terminal_forget(face->terminal);
    }
    face->is_stale = true;
}

int64_t face_pressed_ms(const struct face *face) {
    return face->pressed_ms;
}

bool face_stood_still(const struct face *face) {
    return face->terminal != NULL && restoration_stood_still();
}

void face_stop(const struct face *face) {
    if (face->terminal != NULL) {
        restoration_stop();
    }
}

/* How much has changed so far, but for levels, which come in *levels. */
static uint64_t changes_of(const struct face *face, uint64_t *levels) {
    *levels = 0;
    uint64_t version = face->back.version(face->back.context, levels);
    return version - *levels;
}

/* What the picture shows is of now: a change that comes while it is drawn is one to look at again.
 */
static void note_look(struct face *face, struct moment now) {
    face->looked_changes = changes_of(face, &face->looked_levels);
    face->looked_ms = now.boot_ms;
    face->next_second_ms = now.boot_ms + SECOND_MS - now.utc_ms % SECOND_MS;
    face->is_stale = false;
}

int64_t face_deadline(const struct face *face) {
    if (face->terminal == NULL && face->script == NULL) {
        return INT64_MAX;
    }
    int64_t next_ms = face->next_second_ms;
    uint64_t levels, changes = changes_of(face, &levels);
    bool has_changed =
        face->is_stale || face->is_moving || face->is_behind || changes != face->looked_changes;
    int64_t next_look_ms = has_changed                     ? face->looked_ms + LOOKS_APART_MS
                           : levels != face->looked_levels ? face->looked_ms + LEVELS_APART_MS
                                                           : INT64_MAX;
    if (face->script != NULL && !script_is_watching(face->script)) {
        return script_deadline(face->script);
    }
    if (face->script != NULL && script_deadline(face->script) < next_ms) {
        next_ms = script_deadline(face->script);
    }
    if (face->terminal != NULL) {
        int64_t key_ms = ptt_deadline(&face->key);
        key_ms = face->input_ms < key_ms ? face->input_ms : key_ms;
        next_ms = key_ms < next_ms ? key_ms : next_ms;
    }
    return next_look_ms < next_ms ? next_look_ms : next_ms;
}

enum face_state face_attend(struct face *face, struct moment now) {
    if (face->terminal == NULL && face->script == NULL) {
        return FACE_GOES_ON;
    }
    begin_turn(face, now);
    note_look(face, now);
    if (face->terminal != NULL) {
        return attend_to_terminal(face, now.boot_ms);
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
    face->view = NULL;
    if (face->script != NULL && script_end(face->script) == SCRIPT_FAILED) {
        return FACE_FAILED;
    }
    return FACE_ENDED;
}

const char *face_report(const struct face *face) {
    return face->script != NULL ? script_report(face->script) : "";
}

bool face_write_results(const struct face *face, FILE *junit, FILE *tap) {
    return face->script == NULL || script_write_results(face->script, junit, tap);
}
