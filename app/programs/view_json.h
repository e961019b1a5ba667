/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer may see of a handset, as JSON for who asks at the control socket. A picture has
 * no secrets, so this has none. control.schema.json describes it. Objects belong to the caller; of
 * what there was no memory for members are left out.
 */
#ifndef MUSTER_APP_PROGRAMS_VIEW_JSON_H
#define MUSTER_APP_PROGRAMS_VIEW_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "app/handset/view.h"

/* A phase for machines: "ready". */
const char *view_json_phase(enum view_phase phase);

/* Adds what `muster status --json` says of that picture to `answer`: of a locked handset no more
 * than its screen shows. */
void view_json_add(json_t *answer, const struct view *view);

/* A group, and with `has_members` who they are, where it has a list. */
json_t *view_json_group(const struct view_group *group, bool has_members);

/* All groups; who is nearby; the latest `most` events of the log, the latest last. */
json_t *view_json_groups(const struct view *view);
json_t *view_json_nearby(const struct view *view);
json_t *view_json_log(const struct view *view, size_t most);

#endif
