/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An exercise played by a script, as fast as it goes.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_REHEARSAL_H
#define MUSTER_APP_PROGRAMS_DEMO_REHEARSAL_H

#include <signal.h>

#include "app/programs/demo/exercise.h"
#include "ui/script/script.h"

/* An exercise of so many handsets as a stage for scripts; *exercise has to be there when the script
 * is played, not before. Snapshots are compared with those in fixtures/golden, or written there
 * when the environment says MUSTER_GOLDEN=rewrite. */
struct stage rehearsal_stage(struct exercise *const *exercise, unsigned handsets);

/* Plays a script for that stage to its end, on virtual time, or until *stop is set. Returns the
 * exit code, 0 or 1, with what is wrong on standard error. */
int rehearsal_run(struct exercise *exercise, struct script *script,
                  const volatile sig_atomic_t *stop);

#endif
