/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Importing a key that came as text messages: they are pasted or typed, and the screen shows what
 * came of them and which are still missing. */
#ifndef MUSTER_UI_SCREENS_IMPORT_H
#define MUSTER_UI_SCREENS_IMPORT_H

#include "ui/screens/page.h"
#include "ui/screens/pasted.h"
#include "ui/screens/turn.h"

enum {
    IMPORT_TEXT_SIZE = PASTED_SIZE
};

struct import_page {
    struct scroll scroll;
    struct pasted pasted;
    bool was_given; /* something was, since the officer came here: what came of it is shown */
};

/* Empty again: the officer comes here, or leaves. */
void import_page_clear(struct import_page *import);

/* A key, or a press of a paste, which begins and ends with PRESS_PASTE_BEGIN and PRESS_PASTE_END.
 * Enter, and the end of a paste, give a COMMAND_IMPORT, whose text stays here until the next key.
 */
void import_page_key(struct import_page *import, struct turn *turn);
void import_page_draw(struct import_page *import, const struct view *view, struct area area);
void import_page_hints(const struct import_page *import, struct hints *hints);

#endif
