/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A new group, or a new key for a group (6.X.3.3.3.3 steps 3 and 4): pick the identities, name it,
 * choose the period of use, confirm. Or more members for a group that runs, with its present key:
 * pick, confirm.
 */
#ifndef MUSTER_UI_SCREENS_NEW_GROUP_H
#define MUSTER_UI_SCREENS_NEW_GROUP_H

#include "ui/screens/crews.h"
#include "ui/screens/field.h"
#include "ui/screens/filter.h"
#include "ui/screens/list.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

enum {
    PICKS_MAX = ADHOC_MEMBERS_MAX - 1, /* the creator is a member too */
    PERIODS_MAX = 8,
};

enum new_group_step {
    STEP_PICK,
    STEP_CREWS,
    STEP_NAME,
    STEP_PERIOD,
    STEP_CONFIRM,
    STEP_MAKING
};

struct pick {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    bool no_emergency; /* it may raise none in the group */
};

/* What was picked and typed for a new group, and left half way. */
struct draft {
    size_t pick_count;
    struct pick picks[PICKS_MAX];
    struct field name;
    int64_t period_ms;
};

struct new_group {
    enum new_group_step step;
    char group[OFFICER_GROUP_SIZE]; /* the group to rekey or to add to; "" for a new one */
    bool adding;                    /* the latter */
    struct list list;
    struct filter filter;
    struct crews_page crews;
    size_t pick_count;
    struct pick picks[PICKS_MAX];
    struct field name;
    int64_t period_ms;
    struct scroll scroll;
    bool drawn;         /* the page to confirm has been in front of the officer */
    struct draft draft; /* of a new group, while this is about one that is there */
    size_t known_count; /* the groups there were before this one was made */
    char known[VIEW_GROUPS_MAX][OFFICER_GROUP_SIZE];
};

/* Goes on with what was picked and named where that was left half way for the same group; for a new
 * one also where the screen was about others in between. Otherwise
 * begins with nothing picked; or, with the identity of a group, with all its members picked, unless
 * others are to be added to it. */
void new_group_open(struct new_group *new_group, const struct view *view, const char *group,
                    bool adding);

/* Does the screen take characters now? */
bool new_group_is_typing(const struct new_group *new_group);

/* The group that was asked for, once the view has it; NULL before. */
const struct view_group *new_group_made(const struct new_group *new_group, const struct view *view);

/* It could not be made: back to the page to confirm. */
void new_group_failed(struct new_group *new_group);

/* `command` is given after a question: where it makes what this screen asked for, that is awaited
 * again. */
void new_group_asked_again(struct new_group *new_group, const struct command *command);

/* The periods of use that the credential allows, shortest first; returns how many. */
size_t new_group_periods(const struct view *view, int64_t periods_ms[PERIODS_MAX]);

/* The one of them that stands first under the cursor; 0: the credential allows none. */
int64_t new_group_usual_period(const struct view *view);

void new_group_key(struct new_group *new_group, struct turn *turn);
void new_group_draw(struct new_group *new_group, const struct view *view, struct area area);
void new_group_hints(const struct new_group *new_group, const struct view *view,
                     struct hints *hints);

#endif
