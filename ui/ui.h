/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handset's screens: keys in, cells and commands out. Knows the view and the commands of a
 * handset (app/handset/view.h, command.h) and nothing else of it. Draws from 26x12 up (the
 * trainer's side by side); 80x24 is the full layout.
 */
#ifndef MUSTER_UI_UI_H
#define MUSTER_UI_UI_H

#include "app/handset/command.h"
#include "app/handset/view.h"
#include "ui/canvas.h"

/* A key press as a person names it: a Unicode character, or one of these. */
enum press {
    PRESS_NONE = 0,
    PRESS_BREAK = 'C' & 0x1F, /* Ctrl-C */
    PRESS_NAMED = 0x110000,   /* above every Unicode character */
    PRESS_ENTER,
    PRESS_ESCAPE,
    PRESS_BACKSPACE,
    PRESS_TAB,
    PRESS_BACKTAB,
    PRESS_UP,
    PRESS_DOWN,
    PRESS_LEFT,
    PRESS_RIGHT,
    PRESS_PAGE_UP,
    PRESS_PAGE_DOWN,
    PRESS_HOME,
    PRESS_END,
    PRESS_PASTE_BEGIN, /* the presses from here to PRESS_PASTE_END were pasted, not typed */
    PRESS_PASTE_END,
    PRESS_BURST_BEGIN, /* those from here to PRESS_BURST_END came faster than a hand types */
    PRESS_BURST_END,
    PRESS_FUNCTION, /* F1 is PRESS_FUNCTION + 1, up to F12; for the program around the screens */
    PRESS_LAST = PRESS_FUNCTION + 12,
};

/* The press with that name in a script ("enter", "space", "up", "a", "?"); PRESS_NONE when
 * unknown. */
uint32_t press_from_name(const char *name);

/* The names of the keys that type no character, by index from 0; NULL after the last one. */
const char *press_name(size_t index);

struct ui;

/* A user interface at its first screen, or NULL when out of memory. The caller frees it. */
struct ui *ui_new(void);

/* Wipes (a passphrase may be half typed) and frees; NULL is allowed. */
void ui_free(struct ui *ui);

/* As new: what was typed, chosen and told is wiped. */
void ui_forget(struct ui *ui);

enum {
    UI_EMERGENCY_PRESS = 'E'
};

/* What time it is, by a clock that only goes forward; to be told before keys and drawing where a
 * person presses them. A request that has just opened by itself is then not answered by a key that
 * was meant for the screen before. Without it (a script presses what it has read) every key counts.
 */
void ui_time(struct ui *ui, int64_t now_ms);

/* A script presses what it has read: no screen came too suddenly for its next key. */
void ui_has_read(struct ui *ui);

/* Has the terminal half blocks? Without being told it has. */
void ui_has_halves(struct ui *ui, bool has_halves);

/* Something calls for the officer: the title flashes, from the time told last on. */
void ui_alert(struct ui *ui);

/* A key was pressed. What is pasted is text and never a key: it goes where text is typed, and
 * nowhere else does anything. Escape and Ctrl-C end a paste whose end got lost. Returns true when
 * *command is to be carried out. A key that decides something acts only on what ui_draw has shown
 * and nothing has changed since: so draw after every key, scripts included. */
bool ui_key(struct ui *ui, const struct view *view, uint32_t press, struct command *command);

/* Is space the key that opens and closes the microphone, on the screen that was drawn last? */
bool ui_has_talk_key(const struct ui *ui, const struct view *view);

/* The button that opens the microphone was pressed, which means the same on every screen: leads to
 * the Talk screen, unless the officer types or decides something, and begins to talk in the group
 * that is chosen there. Returns true when *command is to be carried out. */
bool ui_talk(struct ui *ui, const struct view *view, struct command *command);

/* Is UI_EMERGENCY_PRESS, held, what calls an emergency? Wherever no text is typed or pasted, also
 * where the officer decides something. */
bool ui_has_emergency_key(const struct ui *ui, const struct view *view);

/* UI_EMERGENCY_PRESS was held for a second (keyboard/hold.h). Where ui_has_emergency_key says so,
 * that leads to the Talk screen and calls an emergency in the group that every screen names as the
 * one that talk goes to; elsewhere it does nothing. Returns true when *command is to be carried
 * out. */
bool ui_emergency(struct ui *ui, const struct view *view, struct command *command);

/* What the officer is to notice whatever screen they are on, until the next key: what has happened,
 * or why the last command was not carried out. It is copied. NULL or EVENT_NONE clears it. */
void ui_notice(struct ui *ui, const struct event *event);

/* Draws the whole screen into `area`. */
void ui_draw(struct ui *ui, const struct view *view, struct area area);

#endif
