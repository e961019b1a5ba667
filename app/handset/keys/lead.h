/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Leads: announcements that are ahead of group time. After a restart such a one could be acted on
 * again, so how far it may be ahead is made durable before (heard.h).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_LEAD_H
#define MUSTER_APP_HANDSET_KEYS_LEAD_H

#include "app/handset/keys/groups.h"

enum {
    LEAD_RESERVE_MS = 60 * 60 * 1000, /* of who is further ahead: so much at a time */
};

/* May an announcement of `talker` in `group` be acted on that was made at `utc_ms` by its group
 * time? If not, that is being made durable, and a later repetition may. Up to
 * ANNOUNCEMENT_TOLERANCE_MS ahead that concerns the whole group. Who is further ahead and was
 * measured is remembered alone: by the date nothing of that talker is acted on until then. */
bool lead_allowed(struct groups *groups, struct group *group, const char *talker, int64_t utc_ms,
                  struct moment now);

#endif
