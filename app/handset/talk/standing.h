/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The emergencies that stand, in one record: they outlive a restart, those of others until this
 * officer has seen them, or they are over, or the key of their group is; the own ones until they
 * are ended. Version (1), then of each identity and group with their lengths (1), flags (1), and
 * when it was called by this handset's clock (8).
 */
#ifndef MUSTER_APP_HANDSET_TALK_STANDING_H
#define MUSTER_APP_HANDSET_TALK_STANDING_H

#include "app/handset/talk/emergency.h"

/* Queues the record as it is now; none while none stands. Without memory for that they are in
 * memory alone until the next change. */
void standing_save(const struct emergencies *emergencies);

/* The record's value as it was saved, before the start. What cannot be read is passed over: it
 * keeps no handset from starting. */
void standing_restore(struct emergencies *emergencies, struct span value);

/* The groups are there: drops those whose key is over, and has the others in the log with the time
 * of their call. */
void standing_start(struct emergencies *emergencies, struct moment now);

#endif
