/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a screen is looked at while something is expected on it. */
enum {
    LOOK_MS = 100,
    SLICE_MS = 1000 /* of a long time: between two looks at whether it should stop */
};

static struct exercise *exercise_of(void *context) {
    return *(struct exercise *const *)context;
}

static void on_press(void *context, int handset, uint32_t press) {
    exercise_press(exercise_of(context), (size_t)handset - 1, press);
}

static const struct canvas *on_screen(void *context, int handset) {
    return exercise_screen(exercise_of(context), (size_t)handset - 1);
}

static size_t on_events(void *context, int handset, const struct event **events) {
    return exercise_events(exercise_of(context), (size_t)handset - 1, events);
}

static void on_say(void *context, const char *text) {
    exercise_say(exercise_of(context), text);
}

struct stage rehearsal_stage(struct exercise *const *exercise, unsigned handsets) {
    const char *golden = getenv("MUSTER_GOLDEN");
    return (struct stage){
        .context = (void *)exercise,
        .handsets = (int)handsets,
        .press = on_press,
        .screen = on_screen,
        .events = on_events,
        .say = on_say,
        .golden_directory = "fixtures/golden",
        .rewrite_golden = golden && strcmp(golden, "rewrite") == 0,
    };
}

int rehearsal_run(struct exercise *exercise, struct script *script,
                  const volatile sig_atomic_t *stop) {
    enum script_state state = SCRIPT_RUNNING;
    while (!*stop && (state = script_step(script, exercise_now(exercise))) == SCRIPT_RUNNING) {
        int64_t until_ms = script_deadline(script);
        int64_t look_ms =
            exercise_now(exercise) + (script_is_watching(script) ? LOOK_MS : SLICE_MS);
        struct error error;
        if (look_ms < until_ms) {
            until_ms = look_ms;
        }
        if (exercise_advance(exercise, until_ms, &error) != STATUS_OK) {
            fprintf(stderr, "muster demo: %s\n", error.text);
            return 1;
        }
    }
    fflush(stdout);
    fputs(script_report(script), stderr);
    return state == SCRIPT_FAILED ? 1 : 0;
}
