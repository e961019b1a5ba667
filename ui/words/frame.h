/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A frame on the air in plain words, in the screen's language.
 */
#ifndef MUSTER_UI_WORDS_FRAME_H
#define MUSTER_UI_WORDS_FRAME_H

#include "app/handset/view_frame.h"

enum {
    FRAME_WORDS_SIZE = 640 /* for every frame, in every language, terminated */
};

/* What it is, and from whom to whom: "presence of tel:+447700900123". */
void frame_words(const struct view_frame *frame, char *out, size_t size);

/* What protects it: "signed (ECCSI)"; of a garbled one, what is wrong with it. */
void frame_protection_words(const struct view_frame *frame, char *out, size_t size);

#endif
