/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An exercise on a terminal: the trainer's screen (ui/lesson/lesson.h), in real time or faster. The
 * lesson is a script; the trainer lets it go on step by step, from one `say` to the next, and can
 * work every handset by hand at any time.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_TRAINER_H
#define MUSTER_APP_PROGRAMS_DEMO_TRAINER_H

#include <signal.h>

#include "app/programs/demo/exercise.h"

/* Runs until the trainer ends it or *stop is set. `path` is the lesson's script. Returns the exit
 * code, with what is wrong on standard error once the terminal is given back. */
int trainer_run(struct exercise *exercise, const char *path, const volatile sig_atomic_t *stop);

#endif
