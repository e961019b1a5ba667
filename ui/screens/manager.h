/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A standard group whose manager this handset is (6.X.3.3.2.3): its members and who has which key,
 * a rekey, and a lost handset excluded and the rest rekeyed in one action.
 */
#ifndef MUSTER_UI_SCREENS_MANAGER_H
#define MUSTER_UI_SCREENS_MANAGER_H

#include "ui/screens/field.h"
#include "ui/screens/list.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

enum manager_step {
    MANAGER_MEMBERS,
    MANAGER_FIND,   /* a member of thousands, by a part of its name or identity */
    MANAGER_PICK,   /* who is to join, of those in reach */
    MANAGER_TYPE,   /* the same by typing the identity */
    MANAGER_PERIOD, /* of the new key */
    MANAGER_CONFIRM
};

struct manager {
    char identity[OFFICER_GROUP_SIZE];
    enum manager_step step;
    enum command_kind action;           /* what is to be confirmed */
    char member[OFFICER_IDENTITY_SIZE]; /* whom it is about; "" in a rekey */
    int64_t period_ms;                  /* chosen */
    struct list members, picks;
    struct field typed, sought;
    struct scroll scroll;
    bool drawn;  /* the page to confirm has been in front of the officer, */
    bool warned; /* and with it that this handset's clock differs from those nearby */
};

/* Opens the group with that identity. */
void manager_open(struct manager *manager, const char *identity);

/* Does the screen take characters now? */
bool manager_is_typing(const struct manager *manager);

/* Is the officer in the middle of something? */
bool manager_is_deciding(const struct manager *manager);

/* What was seen has to be seen again before a key acts on it. */
void manager_look_away(struct manager *manager);

void manager_key(struct manager *manager, struct turn *turn);
void manager_draw(struct manager *manager, const struct view *view, struct area area);
void manager_hints(const struct manager *manager, const struct view *view, struct hints *hints);

/* The managed group with that identity, or NULL. */
const struct view_managed *manager_group(const struct view *view, const char *identity);

#endif
