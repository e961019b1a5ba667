/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer sees of the sound devices, and does with them: the Sound screen.
 */
#ifndef MUSTER_APP_PROGRAMS_SOUNDING_H
#define MUSTER_APP_PROGRAMS_SOUNDING_H

#include "app/handset/command.h"
#include "app/handset/view.h"
#include "app/programs/voice_path.h"

/* Are there devices that an officer can choose and hear? */
bool sounding_is_live(const struct voice_path *path);

/* Fills in the view's part; they are live. */
void sounding_show(struct voice_path *path, struct view_sound *sound);

/* Is the command one of these? Then it is carried out, or *problem says why not. */
bool sounding_carry_out(struct voice_path *path, struct moment now, const struct command *command,
                        struct event *problem);

/* Does the picture move: a level, seconds that are left? */
bool sounding_moves(const struct voice_path *path);

#endif
