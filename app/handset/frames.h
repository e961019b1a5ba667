/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames that arrive, each to the room that it concerns (engine.h has handset_frame).
 */
#ifndef MUSTER_APP_HANDSET_FRAMES_H
#define MUSTER_APP_HANDSET_FRAMES_H

#include "app/handset/handset.h"

/* Hears those that waited for their signatures to be checked, as far as that is paid for by now
 * (admission.h). */
void hear_what_waited(struct handset *handset, struct moment now);

#endif
