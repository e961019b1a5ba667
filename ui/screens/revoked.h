/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is revoked, or reported lost, as the screens show it: beside identities, in groups, and the
 * list itself. */
#ifndef MUSTER_UI_SCREENS_REVOKED_H
#define MUSTER_UI_SCREENS_REVOKED_H

#include "app/handset/view.h"
#include "ui/canvas.h"
#include "ui/screens/member_line.h"
#include "ui/words/who.h"

/* Is that one revoked, who is nearby or is or was in a group of this handset; or reported lost? */
bool revoked_is(const struct view *view, const char *identity);

/* Is anybody who is nearby? */
bool revoked_is_near(const struct view *view);

/* Is that only because the officer has reported it lost? */
bool revoked_is_lost(const struct view *view, const char *identity);

/* The officer's report that it is lost, or NULL. */
const struct view_lost *revoked_lost_find(const struct view *view, const char *identity);

/* Another's report, the latest that stands, that this identity's handset is lost; NULL. It refuses
 * nothing: the officer decides. And what that means, in a sentence. */
const struct view_message *revoked_report_find(const struct view *view, const char *identity);
enum {
    REPORT_WORDS_SIZE = 2 * WHO_SIZE
};
void revoked_report_text(const struct view_message *report, char out[REPORT_WORDS_SIZE]);

/* What that means, in a sentence; and in the column of marks. */
const char *revoked_words(bool is_lost);
const char *revoked_mark(bool is_lost);

/* And in a member's row. */
struct member_words revoked_member(bool is_lost);
struct member_words revoked_reported_member(void); /* by another officer */

/* Of a group with members who are revoked or lost: how many, and what is to be done. */
void revoked_group_text(const struct view_group *group, bool full, char *out, size_t size);

/* The list that this handset holds: whom it names, how old it is. */
void revoked_list_text(const struct view_revoked *revoked, char *out, size_t size);
enum style revoked_list_style(const struct view_revoked *revoked);

#endif
