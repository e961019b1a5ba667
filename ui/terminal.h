/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A canvas on a terminal, drawn by ncurses (wide); keys are read by ui/keyboard. One terminal is
 * open at a time. However the
 * program ends - return, exit, a signal, a crash - the terminal is given back as it was found; so
 * it is when job control stops the program, which takes it over again when it goes on in front.
 *
 * Each style has a colour by meaning, and where there are no colours (or NO_COLOR is set) an
 * attribute that tells it apart. Two palettes: `night`, light on black, and `day`, black on white
 * for bright sun. Ctrl-T changes between them, Ctrl-L draws everything again; both are handled here
 * and never given out.
 *
 * Nothing here waits for the terminal, neither the start nor the pictures: one that takes nothing
 * (flow control, a line that stalls) shows old pictures, and whoever shows them goes on. Only
 * terminal_close gives it a moment for the last octets. The terminal's open files are the program's
 * own: whoever shares standard input and output finds their flags unchanged.
 */
#ifndef MUSTER_UI_TERMINAL_H
#define MUSTER_UI_TERMINAL_H

#include "ui/canvas.h"
#include "ui/keyboard/decoder.h"

enum {
    TERMINAL_PROBLEM_SIZE = 160
};

struct terminal;

/* Takes standard input and output over. NULL when they are no terminal, or one that cannot move its
 * cursor: problem[] then says so in one line. Reads MUSTER_PALETTE (night, day, contrast, red),
 * MUSTER_GLYPHS (unicode, console, ascii; glyph.h) and NO_COLOR from the environment.
 * terminal_close gives the terminal back. */
struct terminal *terminal_open(char problem[TERMINAL_PROBLEM_SIZE]);

/* Gives the terminal back and frees; NULL is allowed. A terminal that takes nothing is waited for
 * for a third of a second at most, and then given back without the last octets. */
void terminal_close(struct terminal *terminal);

/* The size now; ask before each drawing, the window may have changed. */
void terminal_size(struct terminal *terminal, int *columns, int *rows);

/* Has the terminal taken the picture before? Sends what it takes of it now. While it has not, or is
 * the shell's because the program goes on in the background, there is no use in drawing another. */
bool terminal_is_ready(struct terminal *terminal);

/* Shows `canvas`; only what differs from what is shown already is sent. While the terminal is not
 * ready, `canvas` is dropped: show the picture of then when it is. */
void terminal_show(struct terminal *terminal, const struct canvas *canvas);

/* What was shown and typed is wiped from this process's memory, as far as the terminal's library
 * keeps it; what the terminal itself shows stays until terminal_show, which draws all of it. */
void terminal_forget(struct terminal *terminal);

/* The next key, or news of the focus; false when there is none. A control character, such as
 * Ctrl-N, is itself. Never waits: wait for terminal_descriptor to become readable, or for
 * terminal_patience_ms, then take all. */
bool terminal_input(struct terminal *terminal, struct input *input);

/* The same for who only wants to know what is pressed, by whatever repeats: as in enum press of
 * ui/ui.h; PRESS_NONE when none is waiting. */
uint32_t terminal_press(struct terminal *terminal);

/* In how many ms there may be an input although nothing becomes readable; -1: not at all. */
int terminal_patience_ms(const struct terminal *terminal);

/* From the next picture on the terminal is asked to tell when keys are released, if it can, or no
 * more. It is asked for nothing of that when it is given back. */
void terminal_want_releases(struct terminal *terminal, bool are_wanted);

/* With the next picture the terminal's bell is rung. */
void terminal_ring(struct terminal *terminal);

/* What was pressed and not taken yet counts no more. */
void terminal_forget_presses(struct terminal *terminal);

/* What to wait on for key presses. */
int terminal_descriptor(const struct terminal *terminal);

/* Does it show half blocks? */
bool terminal_has_halves(const struct terminal *terminal);

/* Has the terminal gone away (its window was closed)? Nothing more will come from it. */
bool terminal_is_gone(const struct terminal *terminal);

#endif
