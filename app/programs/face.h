/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of the program that an officer sees: the screens of ui/ on a terminal, or the same
 * screens with a script in the officer's place, or none at all. The loop asks it to attend when a
 * key was pressed, and when face_deadline has come: nothing is drawn that would look the same as
 * before.
 */
#ifndef MUSTER_APP_PROGRAMS_FACE_H
#define MUSTER_APP_PROGRAMS_FACE_H

#include <stdio.h>

#include "app/error.h"
#include "app/handset/command.h"
#include "app/handset/keys/clock.h"
#include "app/handset/view.h"

/* Who is behind the face. */
struct face_back {
    void *context;

    /* The picture now; valid until the next call of this or of carry_out. */
    const struct view *(*view)(void *context);

    /* A number that changes when the picture may look different at once; what changes as time
     * passes changes no number. *levels, which is 0 before: how much of it is of levels alone. */
    uint64_t (*version)(void *context, uint64_t *levels);

    /* An officer's command: carry it out, or say in `problem`, which is of EVENT_NONE before, why
     * not. Wipes the passphrase. */
    void (*carry_out)(void *context, struct command *command, struct event *problem);
};

struct face;

/* Chooses the language of all faces of the program, before the first is opened: `language`, or if
 * NULL the environment's, but English for a script. STATUS_MALFORMED with one line for the user
 * when Muster does not speak `language`. */
MUST_CHECK enum status face_choose_language(const char *language, bool is_script,
                                            struct error *error);

/* The signs and colours of the terminal, in place of what the environment says (MUSTER_GLYPHS,
 * MUSTER_PALETTE): `glyphs` is ascii, linux or full, `palette` night, day, contrast or red. NULL:
 * as that says. STATUS_MALFORMED with one line for the user. */
MUST_CHECK enum status face_choose_look(const char *glyphs, const char *palette,
                                        struct error *error);

/* Screens on the terminal. STATUS_NOT_FOUND when standard input and output are not a terminal that
 * can show them; STATUS_NO_MEMORY. The caller closes the face; its `back` is set by
 * face_turn_to. */
MUST_CHECK enum status face_on_terminal(struct face **face, struct error *error);

struct face_script {
    const char *path;
    const char *golden; /* the folder that snapshots are compared with */
    bool keeps_going;   /* when a line does not come true; it fails in the end */
};

/* Screens of 80x24 for the script in the file; what it says goes to standard output.
 * STATUS_MALFORMED when the file is not a script or cannot be read (exit with 2), STATUS_NO_MEMORY.
 */
MUST_CHECK enum status face_of_script(const struct face_script *of, struct face **face,
                                      struct error *error);

/* No screen: it shows nothing, and only a button commands anything. STATUS_NO_MEMORY. */
MUST_CHECK enum status face_of_nothing(struct face **face, struct error *error);

/* Is it a script's? */
bool face_is_scripted(const struct face *face);

/* Has it no screen, so that no passphrase can be typed? */
bool face_is_of_nothing(const struct face *face);

/* Gives the terminal back and frees; NULL is allowed. */
void face_close(struct face *face);

/* From now on the face shows and commands what is behind `back`. */
void face_turn_to(struct face *face, struct face_back back);

/* What to wait on for key presses; -1 for a script, which presses when it attends, and where there
 * is no screen. */
int face_descriptor(const struct face *face);

/* Something calls for the officer: the terminal's bell is rung and the title flashes, once a second
 * at most. Nothing in a script. */
void face_alert(struct face *face, struct moment now);

/* Something that the officer is to notice whatever screen they are on. */
void face_notice(struct face *face, const struct event *event);

enum face_state {
    FACE_GOES_ON,
    FACE_ENDED,  /* the script has passed, or the terminal has gone away */
    FACE_FAILED, /* a line of the script failed: face_report says which */
};

/* What was pressed and not taken yet counts no more: the screen stood still then. A script goes on.
 */
void face_forget_presses(struct face *face);

/* The handset is locked: what is typed, chosen and drawn is wiped, also in the terminal's library.
 */
void face_forget(struct face *face);

/* The boot_ms at which a key was pressed last, or a script did; of long ago before the first. */
int64_t face_pressed_ms(const struct face *face);

/* The button that opens the microphone was pressed, or released; a button that is gone is. */
void face_button(struct face *face, bool is_pressed, struct moment now);

/* Has the program been stopped and continued since this was asked last? A script never knows. */
bool face_stood_still(const struct face *face);

/* Stops the program as job control does; the terminal is given back for as long as that lasts. */
void face_stop(const struct face *face);

/* Takes what was pressed, but no more than a few dozen keys (face_deadline then is now), or runs
 * the script as far as it goes, then shows the picture. */
enum face_state face_attend(struct face *face, struct moment now);

/* The boot_ms at which the face wants to attend next. After a change, at once, but at most ten
 * times a second: levels move while somebody talks. Without a change, at the next full second, when
 * all times on the screen move on. A script that only lets time pass attends when it has passed. */
int64_t face_deadline(const struct face *face);

/* The handset was quit while the face was attending. FACE_FAILED when a script had lines left,
 * otherwise FACE_ENDED. */
enum face_state face_quit(struct face *face);

/* Only shows the picture. A terminal that has not taken the one before is left with that: nothing
 * waits for it, and face_deadline has the face try again. */
void face_show(struct face *face);

/* Writes what came of the parts of the script (script_write_results); nothing without one. */
bool face_write_results(const struct face *face, FILE *junit, FILE *tap);

/* What a failed script reports, in several lines; never NULL. */
const char *face_report(const struct face *face);

#endif
