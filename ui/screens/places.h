/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All screens of a handset, and which of them a place is. */
#ifndef MUSTER_UI_SCREENS_PLACES_H
#define MUSTER_UI_SCREENS_PLACES_H

#include "ui/screens/emergency.h"
#include "ui/screens/enrol.h"
#include "ui/screens/group.h"
#include "ui/screens/groups.h"
#include "ui/screens/help.h"
#include "ui/screens/import.h"
#include "ui/screens/invitation.h"
#include "ui/screens/keys.h"
#include "ui/screens/links.h"
#include "ui/screens/lock.h"
#include "ui/screens/log.h"
#include "ui/screens/manager.h"
#include "ui/screens/messages.h"
#include "ui/screens/nearby.h"
#include "ui/screens/new_group.h"
#include "ui/screens/sound.h"
#include "ui/screens/talk.h"
#include "ui/screens/turn.h"
#include "ui/screens/two.h"
#include "ui/screens/unlock.h"

struct places {
    struct unlock unlock;
    struct enrol enrol;
    struct nearby nearby;
    struct groups_screen groups;
    struct group_screen group;
    struct talk_screen talk;
    struct keys keys;
    struct log log;
    struct links links;
    struct new_group new_group;
    struct invitation_screen invitation;
    struct import_page import;
    struct lost_screen lost;
    struct messages_screen messages;
    struct manager manager;
    struct two two;
    struct sound_screen sound;
    struct emergency_screen emergency;
    struct lock_screen lock;
    struct help help;
};

/* The officer looks at another place now: whatever was seen has to be drawn again before a key acts
 * on it. */
void places_look_away(struct places *places);

/* A question in the line for the officer has gone: no key answers it any more. */
void places_ask_nothing(struct places *places);

/* Does the screen take characters, so that letters are no keys? */
bool places_is_typing(const struct places *places, enum place place, const struct view *view);

/* Do lines of a paste go there as well? */
bool places_takes_lines(const struct places *places, enum place place);

/* Does the officer decide something there, and is not to be interrupted? */
bool places_is_deciding(const struct places *places, enum place place);

/* Does the place use escape itself: for its own steps, before it leads back? */
bool places_has_own_escape(const struct places *places, enum place place);

/* Readies the screen that the turn goes to, with the turn's subject. */
void places_open(struct places *places, const struct turn *turn);

void places_key(struct places *places, enum place place, struct turn *turn);

const char *places_title(const struct places *places, enum place place, const struct view *view);
void places_draw(struct places *places, enum place place, const struct view *view,
                 struct area area);
void places_hints(const struct places *places, enum place place, const struct view *view,
                  struct hints *hints);

#endif
