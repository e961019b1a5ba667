/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging: is an announcement of now, and may it not have been acted on before a restart? By the
 * talker's clock as it was measured (air/roster.h), whatever its wall clock and its group time are;
 * of who was not measured, by group time alone.
 */
#ifndef MUSTER_APP_HANDSET_TALK_JUDGING_H
#define MUSTER_APP_HANDSET_TALK_JUDGING_H

#include "app/handset/air/roster.h"
#include "app/handset/keys/group.h"
#include "crypto/announcement.h"

enum {
    LEAD_MAX_MS = 24 * 60 * 60 * 1000, /* so far ahead a talker's group time may be, if measured */
};

struct judgement {
    bool is_measured;
    struct ago ago;  /* how long ago it was made: as measured, or else by group time */
    int64_t lead_ms; /* its group time minus ours */
};

/* Judges the announcement with `fields`, whose talker is in `roster` or not.
 * STATUS_TIME_OUT_OF_RANGE when it was made more than ANNOUNCEMENT_TOLERANCE_MS ago, or not yet;
 * STATUS_REPLAYED when it may have been acted on before this handset started. *out is set in each
 * case. */
MUST_CHECK enum status judge(const struct roster *roster, const struct group *group,
                             const struct announcement_fields *fields, struct moment now,
                             struct judgement *out);

#endif
