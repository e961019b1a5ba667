/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resemblance: which of those that the officer sees and picks from have the same name, or names
 * that look alike (identity/alike.h), or one that says another's number; and which groups.
 */
#ifndef MUSTER_APP_HANDSET_RESEMBLANCE_H
#define MUSTER_APP_HANDSET_RESEMBLANCE_H

#include "app/handset/desk/names.h"
#include "app/handset/view.h"

/* Sets `alike` for who is nearby, for who asks this officer, and for the members of the groups held
 * and proposed; each is compared with all of them, and with this handset's own name. */
void resemblance_show(struct names *names, struct view *view);

/* Sets `mark` for the groups held, `group_alike` for those that others ask this officer about; each
 * is compared with all groups that are held, managed or asked about. */
void resemblance_show_groups(struct names *names, struct view *view);

#endif
