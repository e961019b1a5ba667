/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the steps of a manager's screen look like (manager.h says what they do). */
#ifndef MUSTER_UI_SCREENS_MANAGER_PAGES_H
#define MUSTER_UI_SCREENS_MANAGER_PAGES_H

#include "ui/screens/manager.h"

enum {
    MANAGER_PERIODS = 5
};

/* The periods of use to choose from, shortest first. */
extern const int64_t manager_periods_ms[MANAGER_PERIODS];

/* The roll; and who is in reach and not on it. Borrowed from the view. */
struct rows manager_rows(const struct view_managed *group);
struct rows manager_picks(const struct view_managed *group, const struct view *view);

/* The member with that identity, or NULL. */
const struct view_managed_member *manager_member(const struct view_managed *group,
                                                 const char *identity);

/* What the list says of a group's key: "7 h 12 min left", "no key yet". `style` is how. */
void manager_key_text(const struct view_managed *group, char *out, size_t size, enum style *style);

void manager_draw_members(struct manager *manager, const struct view_managed *group,
                          const struct view *view, struct area area);
void manager_draw_find(const struct manager *manager, struct area area);
void manager_draw_pick(struct manager *manager, const struct view_managed *group,
                       const struct view *view, struct area area);
void manager_draw_type(const struct manager *manager, struct area area);
void manager_draw_period(struct manager *manager, struct area area);
void manager_draw_confirm(struct manager *manager, const struct view_managed *group,
                          const struct view *view, struct area area);

#endif
