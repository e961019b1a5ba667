/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of many lines that is pasted or typed; its last line is shown. */
#ifndef MUSTER_UI_SCREENS_PASTED_H
#define MUSTER_UI_SCREENS_PASTED_H

#include "ui/screens/turn.h"

enum {
    PASTED_SIZE = 32 * 1024 /* octets of one paste: some twenty keys */
};

struct pasted {
    char text[PASTED_SIZE]; /* UTF-8, not terminated: what was typed or pasted */
    size_t length;
    bool is_taken; /* a command has taken it: what is typed next begins anew */
    bool is_cut;   /* more was pasted than there is room for */
};

/* Empty again. */
void pasted_clear(struct pasted *pasted);

/* Is there text that no command has taken yet? */
bool pasted_is_text(const struct pasted *pasted);

/* A character, a line end of a paste, or backspace. Returns false for other keys. */
bool pasted_key(struct pasted *pasted, const struct turn *turn);

/* The end of the last line that was typed or pasted, as much as fits, and the cursor. */
void pasted_draw(const struct pasted *pasted, struct area line);

#endif
