/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/lead.h"

/* Queues the group's record; returns whether it could be. */
static bool save(struct groups *groups, const struct group *group, uint64_t *batch) {
    if (groups_save(groups, group) != STATUS_OK) {
        return false;
    }
    *batch = groups->desk->outbox.queued;
    return true;
}

static bool is_allowed_to_all(struct groups *groups, struct group *group, int64_t lead_ms,
                              struct moment now) {
    const struct outbox *outbox = &groups->desk->outbox;
    if (heard_time_allows(&group->heard, lead_ms, outbox->durable, now)) {
        heard_time_use(&group->heard, lead_ms, now);
        return true;
    }
    if (lead_ms <= group->heard.lead_ms) {
        return false; /* it is on its way to the disk */
    }
    const struct heard_time before = group->heard;
    heard_time_lead_by(&group->heard, lead_ms, outbox->queued + 1, outbox->durable, now);
    if (!save(groups, group, &group->heard.batch)) {
        group->heard = before;
    }
    return false;
}

static bool is_reserved(struct groups *groups, struct group *group, const char *talker,
                        int64_t utc_ms, struct moment now) {
    if (utc_ms <= group_reserved_ms(group, talker)) {
        return groups->desk->outbox.durable >= group->reserved.batch ||
               now.boot_ms - group->reserved.asked_ms >= HEARD_PATIENCE_MS;
    }
    int64_t group_ms = group_clock_read(&group->clock, now);
    if (group_reserve(group, talker, utc_ms + LEAD_RESERVE_MS, group_ms)) {
        group->reserved.asked_ms = now.boot_ms;
        group->reserved.batch = groups->desk->outbox.queued + 1;
        group->is_unsaved = !save(groups, group, &group->reserved.batch);
    }
    return false;
}

bool lead_allowed(struct groups *groups, struct group *group, const char *talker, int64_t utc_ms,
                  struct moment now) {
    int64_t lead_ms = utc_ms - group_clock_read(&group->clock, now);
    return lead_ms <= ANNOUNCEMENT_TOLERANCE_MS ? is_allowed_to_all(groups, group, lead_ms, now)
                                                : is_reserved(groups, group, talker, utc_ms, now);
}
