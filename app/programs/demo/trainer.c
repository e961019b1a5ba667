/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/trainer.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/programs/demo/rehearsal.h"
#include "app/programs/demo/scene.h"
#include "ui/keyboard/ptt.h"
#include "ui/script/script.h"
#include "ui/terminal.h"
#include "ui/words/words.h"

enum {
    PICTURE_MS = 40, /* between two pictures on the terminal */
    LINE_MS = 450,   /* between two lines of the lesson: slow enough to see */
    LEAP_MS = 250,   /* the most that one turn makes up for when the machine is slow */
    SPEED_MAX = 64,
    STRIDE_MS = SPEED_MAX * PICTURE_MS, /* the most that passes for the handsets in one turn: the
                                         * lesson has a line in each, and no talk lasts for ever */
};

/* The trainer's keys; no screen of a handset uses control characters. */
enum {
    KEY_FASTER = 'F' & 0x1F,
    KEY_GO_ON = 'G' & 0x1F,
    KEY_NEXT = 'N' & 0x1F,
    KEY_PAUSE = 'P' & 0x1F,
    KEY_QUIT = 'Q' & 0x1F,
    KEY_BREAK = 'C' & 0x1F,
};

struct trainer {
    struct exercise *exercise;
    struct terminal *terminal;
    struct script *script; /* NULL when there is no lesson, or it is over */
    struct stage stage;    /* the exercise's own, which this trainer's stands before */
    bool is_going_on;      /* the lesson runs to its next `say` */
    int64_t next_line_ms;  /* real time */
    char said[SCRIPT_LINE_MAX];
    char step[SCRIPT_LINE_MAX + 80];
    size_t focus;
    struct ptt key; /* that opens the microphone of `talker` */
    size_t talker;
    unsigned speed;
    bool is_paused, is_over;
};

static int64_t real_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_press(void *context, int handset, uint32_t press) {
    struct trainer *trainer = context;
    trainer->focus = (size_t)handset - 1;
    trainer->stage.press(trainer->stage.context, handset, press);
}

static const struct canvas *on_screen(void *context, int handset) {
    struct trainer *trainer = context;
    return trainer->stage.screen(trainer->stage.context, handset);
}

static size_t on_events(void *context, int handset, const struct event **events) {
    struct trainer *trainer = context;
    return trainer->stage.events(trainer->stage.context, handset, events);
}

/* Before each step the lesson says what it shows, and waits for the trainer. */
static void on_say(void *context, const char *text) {
    struct trainer *trainer = context;
    snprintf(trainer->said, sizeof trainer->said, "%s", text);
    trainer->is_going_on = false;
}

static void explain(struct trainer *trainer) {
    const char *next = !trainer->script       ? _("The handsets are yours.")
                       : trainer->is_going_on ? _("Watch.")
                                              : _("Press Ctrl-G to see it, or do it yourself.");
    snprintf(trainer->step, sizeof trainer->step, "%s%s%s", trainer->said,
             trainer->said[0] ? "  " : "", next);
}

static void end_lesson(struct trainer *trainer, const char *why) {
    script_free(trainer->script);
    trainer->script = NULL;
    snprintf(trainer->said, sizeof trainer->said, "%.*s", (int)sizeof trainer->said - 1, why);
}

/* The lesson's last word is what the first stranger got of it. */
static void sum_up(struct trainer *trainer) {
    char stranger[EXERCISE_LINE_SIZE], why[EXERCISE_LINE_SIZE + 32];
    snprintf(why, sizeof why, "%s", _("That was the lesson."));
    size_t count = exercise_stations(trainer->exercise), i = 0;
    while (i < count && !exercise_describe_stranger(trainer->exercise, i, stranger)) {
        i++;
    }
    if (i < count) {
        snprintf(why, sizeof why, _("That was the lesson: %s."), stranger);
    }
    end_lesson(trainer, why);
}

static void load_lesson(struct trainer *trainer, const char *path) {
    char problem[SCRIPT_PROBLEM_SIZE];
    trainer->stage =
        rehearsal_stage(&trainer->exercise, (unsigned)exercise_stations(trainer->exercise));
    struct stage stage = trainer->stage;
    stage.context = trainer;
    stage.press = on_press;
    stage.screen = on_screen;
    stage.events = on_events;
    stage.say = on_say;
    stage.line_by_line = true;
    trainer->script = script_load(path, &stage, problem);
    if (!trainer->script) {
        end_lesson(trainer, problem);
    }
    trainer->is_going_on = trainer->script != NULL;
}

static void follow_lesson(struct trainer *trainer, int64_t real_now_ms) {
    if (!trainer->script || !trainer->is_going_on || real_now_ms < trainer->next_line_ms) {
        return;
    }
    trainer->next_line_ms = real_now_ms + LINE_MS / trainer->speed;
    switch (script_step(trainer->script, exercise_now(trainer->exercise))) {
    case SCRIPT_PASSED:
        sum_up(trainer);
        break;
    case SCRIPT_FAILED:
        end_lesson(trainer, _("The lesson cannot go on: the handsets are not where it left them."));
        break;
    case SCRIPT_RUNNING:
        break;
    }
}

/* --- Push-to-talk: the terminal is not asked for releases, so that the key is held or tapped
 * -------
 */

static bool has_talk_key(const struct trainer *trainer, size_t number) {
    return ui_has_talk_key(exercise_station(trainer->exercise, number)->ui,
                           exercise_view(trainer->exercise, number));
}

static void fulfil(struct trainer *trainer, enum ptt_wish wish) {
    bool is_talking = exercise_view(trainer->exercise, trainer->talker)->talking;
    bool is_wanted = wish == PTT_OPEN ? !is_talking : wish == PTT_CLOSE && is_talking;
    if (is_wanted && has_talk_key(trainer, trainer->talker)) {
        exercise_press(trainer->exercise, trainer->talker, ' ');
    }
    if (!exercise_view(trainer->exercise, trainer->talker)->talking) {
        ptt_talk_ended(&trainer->key);
    }
}

/* Returns whether space was the key of a microphone. */
static bool on_talk_key(struct trainer *trainer) {
    bool is_held = ptt_is_held(&trainer->key);
    if (!is_held && !has_talk_key(trainer, trainer->focus)) {
        return false;
    }
    if (!is_held && trainer->talker != trainer->focus) {
        ptt_let_go(&trainer->key);
        trainer->talker = trainer->focus;
    }
    fulfil(trainer, PTT_NOTHING); /* others may have ended the talk */
    bool is_talking = exercise_view(trainer->exercise, trainer->talker)->talking;
    fulfil(trainer, ptt_key(&trainer->key, INPUT_TYPED, is_talking, real_ms()));
    return true;
}

/* What the trainer sees now; the caller frees it. NULL: out of memory. */
static struct canvas *picture(struct trainer *trainer) {
    int columns, rows;
    terminal_size(trainer->terminal, &columns, &rows);
    struct canvas *canvas = canvas_new(columns, rows);
    const struct scene scene = {
        .focus = trainer->focus,
        .step = trainer->step,
        .speed = trainer->speed,
        .is_paused = trainer->is_paused,
        .is_over = trainer->script == NULL,
    };
    if (canvas != NULL) {
        scene_draw(trainer->exercise, &scene, canvas);
    }
    return canvas;
}

static void on_key(struct trainer *trainer, uint32_t press) {
    size_t count = exercise_stations(trainer->exercise);
    switch (press) {
    case KEY_NEXT:
        trainer->focus = (trainer->focus + 1) % count;
        return;
    case KEY_GO_ON:
        trainer->is_going_on = true;
        trainer->is_paused = false;
        return;
    case KEY_PAUSE:
        trainer->is_paused = !trainer->is_paused;
        return;
    case KEY_FASTER:
        trainer->speed = trainer->speed < SPEED_MAX ? trainer->speed * 4 : 1;
        return;
    case KEY_QUIT:
    case KEY_BREAK:
        trainer->is_over = true;
        return;
    default:
        break;
    }
    if (press == PRESS_BURST_BEGIN || press == PRESS_BURST_END) {
        /* The focus may be another one by the time that it is over. */
        for (size_t i = 0; i < count; i++) {
            exercise_press_seen(trainer->exercise, i, press);
        }
    } else if (press > PRESS_FUNCTION && press <= PRESS_LAST) {
        if (press - PRESS_FUNCTION <= count) {
            trainer->focus = press - PRESS_FUNCTION - 1;
        }
    } else if (press != ' ' || !on_talk_key(trainer)) {
        canvas_free(picture(trainer));
        exercise_press_seen(trainer->exercise, trainer->focus, press);
    }
}

static void show(struct trainer *trainer) {
    if (!terminal_is_ready(trainer->terminal)) {
        return;
    }
    explain(trainer);
    struct canvas *canvas = picture(trainer);
    if (canvas != NULL) {
        terminal_show(trainer->terminal, canvas);
        canvas_free(canvas);
    }
}

static enum status go_on(struct trainer *trainer, int64_t passed_ms, struct error *error) {
    if (trainer->is_paused) {
        return STATUS_OK;
    }
    if (passed_ms > LEAP_MS) {
        passed_ms = LEAP_MS;
    }
    int64_t stride_ms = passed_ms * trainer->speed;
    stride_ms = stride_ms < STRIDE_MS ? stride_ms : STRIDE_MS;
    return exercise_advance(trainer->exercise, exercise_now(trainer->exercise) + stride_ms, error);
}

static enum status train(struct trainer *trainer, const volatile sig_atomic_t *stop,
                         struct error *error) {
    enum status status = STATUS_OK;
    int64_t before_ms = real_ms();
    while (status == STATUS_OK && !trainer->is_over && !*stop &&
           !terminal_is_gone(trainer->terminal)) {
        uint32_t press;
        struct pollfd input = {.fd = terminal_descriptor(trainer->terminal), .events = POLLIN};
        poll(&input, 1, PICTURE_MS);
        exercise_time(trainer->exercise, real_ms());
        while ((press = terminal_press(trainer->terminal)) != PRESS_NONE) {
            on_key(trainer, press);
        }
        fulfil(trainer, ptt_tick(&trainer->key, real_ms()));
        int64_t now_ms = real_ms();
        status = go_on(trainer, now_ms - before_ms, error);
        before_ms = now_ms;
        if (!trainer->is_paused) {
            follow_lesson(trainer, now_ms);
        }
        show(trainer);
    }
    return status;
}

int trainer_run(struct exercise *exercise, const char *path, const volatile sig_atomic_t *stop) {
    char problem[TERMINAL_PROBLEM_SIZE];
    struct error error;
    struct trainer trainer = {.exercise = exercise, .speed = 1};
    trainer.terminal = terminal_open(problem);
    if (!trainer.terminal) {
        fprintf(stderr, "muster demo: %s\n", problem);
        return 1;
    }
    load_lesson(&trainer, path);
    enum status status = train(&trainer, stop, &error);
    terminal_close(trainer.terminal);
    script_free(trainer.script);
    if (status != STATUS_OK) {
        fprintf(stderr, "muster demo: %s\n", error.text);
    }
    return status == STATUS_OK ? 0 : 1;
}
