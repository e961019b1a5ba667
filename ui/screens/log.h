/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened on this handset, newest first. */
#ifndef MUSTER_UI_SCREENS_LOG_H
#define MUSTER_UI_SCREENS_LOG_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct log {
    struct scroll scroll;
    int64_t newest_utc_ms; /* the newest line when it was drawn last */
};

void log_key(struct log *log, struct turn *turn);
void log_draw(struct log *log, const struct view *view, struct area area);
void log_hints(struct hints *hints);

#endif
