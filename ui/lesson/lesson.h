/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trainer's screen: handsets side by side as their officers see them, below them what goes over
 * the air in plain words and what protects it, and what to do next. One handset has the focus: keys
 * go to it. Drawn from 26 columns up; 80x24 shows three handsets, more room shows more.
 */
#ifndef MUSTER_UI_LESSON_LESSON_H
#define MUSTER_UI_LESSON_LESSON_H

#include "ui/ui.h"

enum {
    LESSON_TEXT_SIZE = 200,
    LESSON_PANE_COLUMNS = 26, /* the least that a handset's screen needs */
};

struct lesson_handset {
    struct ui *ui;
    const struct view *view;
    const char *name; /* over its pane; UTF-8 */
};

/* Something on the air: one frame, or many alike that came one after another. */
struct lesson_frame {
    int64_t utc_ms; /* of the latest */
    unsigned count; /* how many alike */
    unsigned from;  /* a handset's number, from 1 */
    unsigned to;    /* likewise, or 0 for everyone */
    char what[LESSON_TEXT_SIZE];
    char protection[LESSON_TEXT_SIZE];
};

struct lesson {
    const struct lesson_handset *handsets;
    size_t handset_count, focus;       /* focus counts from 0 */
    const struct lesson_frame *frames; /* newest first */
    size_t frame_count;
    const char *step; /* what happens now, and what to press next; may be empty */
    int64_t utc_ms;
    unsigned speed; /* times real time */
    bool is_paused;
    bool is_over; /* no step is left */
};

/* Draws the whole screen. */
void lesson_draw(const struct lesson *lesson, struct area area);

#endif
