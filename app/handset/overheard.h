/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What anybody can tell of a frame that passes on the air, from its public octets alone. Nothing is
 * verified or opened here: it is what the frame claims to be. ui/words/frame.h has the words.
 */
#ifndef MUSTER_APP_HANDSET_OVERHEARD_H
#define MUSTER_APP_HANDSET_OVERHEARD_H

#include "app/handset/view_frame.h"
#include "crypto/bytes.h"

/* Looks at `frame`, which may be any octets at all: what it is, from whom to whom, and what is
 * wrong with it. Names from the air are there only where they are spelled like identities. */
void overheard_look(struct span frame, struct view_frame *out);

#endif
