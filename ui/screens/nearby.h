/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The identities in reach whose signed presence verified: their trust marks, what their clocks
 * differ by, when they were heard.
 */
#ifndef MUSTER_UI_SCREENS_NEARBY_H
#define MUSTER_UI_SCREENS_NEARBY_H

#include "ui/screens/field.h"
#include "ui/screens/filter.h"
#include "ui/screens/list.h"
#include "ui/screens/lost.h"
#include "ui/screens/text.h"
#include "ui/screens/turn.h"
#include "ui/words/who.h"

/* What the rows are in the order of; `s` goes to the next. Those that are equal in it stay as they
 * are in the usual order. */
enum nearby_order {
    NEARBY_USUAL = 0, /* the view's: of many, whom the officer trusts first, and then members */
    NEARBY_BY_NAME,   /* those without one last */
    NEARBY_BY_TRUST,  /* and then members; who is revoked or lost last */
    NEARBY_BY_SIGNAL, /* in steps of a bar, the strongest first, those that are not known last */
    NEARBY_BY_HEARD,  /* in steps that a row does not leave with every second */
    NEARBY_ORDERS
};

struct nearby {
    enum nearby_order order;
    struct list list;
    struct filter filter;
    char naming[OFFICER_IDENTITY_SIZE]; /* whose name is being typed; empty: nobody's */
    struct field name;
    char calling[OFFICER_IDENTITY_SIZE]; /* whom the last key asked to call; empty: nobody */
    char question[WHO_SIZE + TEXT_SIZE];
    struct lost_question lost;
};

void nearby_key(struct nearby *nearby, struct turn *turn);
void nearby_draw(struct nearby *nearby, const struct view *view, struct area area);
bool nearby_is_typing(const struct nearby *nearby);
void nearby_hints(const struct nearby *nearby, const struct view *view, struct hints *hints);

/* The identity as it is heard now, or NULL. */
const struct view_nearby *nearby_find(const struct view *view, const char *identity);

/* Do two devices answer to that identity, as far as it is heard now; to any that is heard? Their
 * rows are marked with "2", and what is under the cursor has a sentence more. */
bool nearby_is_two(const struct view *view, const char *identity);
bool nearby_has_two(const struct view *view);

/* "two devices answer to this identity", in the officer's language. */
const char *nearby_two_devices(void);

/* "reachable", "heard only" or "not answering": does it hear this handset? */
const char *nearby_state(const struct view_nearby *nearby);
/* Is there anybody of whom the officer is warned when picking: two devices, or names alike? */
bool nearby_has_warning(const struct view *view);

/* "another has a name like this", in the officer's language. */
const char *nearby_names_alike(void);

/* Is its name no more than what it says of itself? No tick stands beside that. */
bool nearby_is_claimed(const struct view_nearby *nearby);

/* The officer's mark of it in words, or in one column: "✓", and "+" without a tick beside a claimed
 * name; "!" when its name looks like another's. */
const char *nearby_mark(const struct view_nearby *row);
const char *nearby_short_mark(const struct view_nearby *row);

/* "its clock is 3 h ahead" or "its clock agrees with yours". */
void nearby_clock(const struct view_nearby *nearby, char *out, size_t size);

#endif
