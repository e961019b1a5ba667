/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/judging.h"

enum status judge(const struct roster *roster, const struct group *group,
                  const struct announcement_fields *fields, struct moment now,
                  struct judgement *out) {
    *out = (struct judgement){.lead_ms = fields->utc_ms - group_clock_read(&group->clock, now)};
    out->is_measured = roster_ago(roster, fields->talker, fields->proof.start, fields->proof.age_ms,
                                  now, &out->ago);
    int64_t lead_max_ms = LEAD_MAX_MS;
    if (!out->is_measured) {
        /* By this, who is behind by more than the tolerance announced that long ago. */
        out->ago = (struct ago){.min_ms = -out->lead_ms, .max_ms = -out->lead_ms};
        lead_max_ms = ANNOUNCEMENT_TOLERANCE_MS;
    }
    if (out->lead_ms > lead_max_ms || out->ago.min_ms > ANNOUNCEMENT_TOLERANCE_MS ||
        (out->is_measured && out->ago.max_ms < 0)) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    bool is_since_start = out->is_measured && now.boot_ms - out->ago.max_ms > roster->own.began_ms;
    return is_since_start || fields->utc_ms > group_talked_ms(group, fields->talker)
               ? STATUS_OK
               : STATUS_REPLAYED;
}
