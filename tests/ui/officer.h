/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An officer for tests: presses keys on the screens of a handset whose view is made by hand, and
 * reads what the canvas says.
 */
#ifndef MUSTER_TESTS_UI_OFFICER_H
#define MUSTER_TESTS_UI_OFFICER_H

#include "ui/ui.h"

#define ANNA   "urn:gsma:imei:90420156-025763-0"
#define BEN    "urn:gsma:imei:90420156-025764-8"
#define CAROL  "urn:gsma:imei:90420156-025765-5"
#define DAVE   "tel:+447700900123"
#define FIRE   "adhoc:urn:gsma:imei:90420156-025763-0;00c0ffee00c0ffee"
#define RESCUE "adhoc:urn:gsma:imei:90420156-025764-8;1234567890abcdef"
#define COUNTY "sip:fire7@county.example"
#define BOAT   "sip:boat2@county.example"

enum {
    TEST_HOUR = 60 * 60 * 1000
};

struct officer {
    struct ui *ui;
    struct view *view;
    struct canvas *canvas;
    struct command command; /* the last one given; kind is COMMAND_NONE after a key without one */
};

/* In front of Anna's handset, ready and alone, the first screen drawn. */
struct officer officer_begin(int columns, int rows);
void officer_end(struct officer *officer);

/* Presses keys by their names, blanks between them, and draws after each. The command is that of
 * the last key. */
void officer_press(struct officer *officer, const char *names);

/* Presses one key while the screen is still as it was drawn last. */
void officer_press_blind(struct officer *officer, const char *name);

/* Types characters, and draws. */
void officer_type(struct officer *officer, const char *text);

void officer_look(struct officer *officer);

/* Is there a row with that text? */
bool officer_sees(struct officer *officer, const char *text);

/* Are the cells of the first row with that text drawn in that style? */
bool officer_sees_style(struct officer *officer, const char *text, enum style style);

/* The last row: the keys. Valid until the next call. */
const char *officer_keys(struct officer *officer);

/* The whole screen, rows ended with line feeds. The caller frees it. */
char *officer_screen(struct officer *officer);

/* The folder with this build's catalogues. */
const char *officer_locale(void);

/* Parts of views. Each returns what it added. */
struct view_nearby *view_add_nearby(struct view *view, const char *identity, const char *name);
struct view_group *view_add_group(struct view *view, const char *identity, const char *name);
struct view_member *view_add_member(struct view_group *group, const char *identity,
                                    const char *name, enum member_state state);
struct view_invitation *view_add_invitation(struct view *view, uint64_t id, const char *inviter,
                                            const char *name);
struct view_talker *view_add_talker(struct view *view, const char *identity, const char *name,
                                    const char *group);
/* Somebody, or with ANNA the officer, has called an emergency 24 s ago. */
struct view_emergency *view_add_emergency(struct view *view, const char *identity, const char *name,
                                          const char *group, const char *group_name);
struct view_refused *view_add_refused(struct view *view, const char *identity, const char *name,
                                      const char *group, int64_t clock_difference_ms);
/* A standard group of `members` that this handset manages: nobody lacks its key, everybody's
 * receipt is there. The rows are the test's to change, and live until the next call. */
struct view_managed *view_add_managed(struct view *view, const char *identity, const char *name,
                                      size_t members, struct view_managed_member **rows);

/* Whom the handset hears over `link`, and over how many in all, with that quality. */
void view_hear(struct view_nearby *nearby, const char *link, unsigned links, int quality);

/* A radio that reaches nobody yet, in a condition of that name (NULL: none). */
struct view_radio *view_add_radio(struct view *view, const char *link, const char *name,
                                  enum radio_view_state state, const char *condition);

void view_remove_nearby(struct view *view, size_t index);

/* A handset without a credential that has asked for one, and one that was given a bundle. */
void view_requested(struct view *view);
void view_bundled(struct view *view);

/* A busy day: three in reach, three groups, talk sessions, a log. */
void view_busy(struct view *view);

#endif
