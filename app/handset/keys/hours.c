/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/hours.h"

#include <string.h>

#include "crypto/gmk_hour.h"

/* Since then by the group's time, at this handset. */
static uint32_t hour_at(int64_t since_ms, int64_t group_ms) {
    return group_ms < since_ms ? 0 : (uint32_t)((group_ms - since_ms) / GMK_HOUR_MS);
}

static uint32_t later_of(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t last_hour(const struct gmk *gmk) {
    return hour_at(gmk->not_before_ms, gmk->not_after_ms - 1);
}

/* By this handset's clock, and what is known of it. */
static uint32_t hour_now(const struct group *group, struct moment now) {
    const struct gmk *gmk = &group->current;
    return hour_at(gmk->not_before_ms, group_clock_read(&group->clock, now) + group->hours.off_ms);
}

uint32_t hours_now(const struct group *group, struct moment now) {
    if (group_is_standard(group)) {
        return 0;
    }
    uint32_t hour = hour_now(group, now), last = last_hour(&group->current);
    return later_of(group->current.next_hour, hour < last ? hour : last);
}

uint32_t hours_to_give(const struct group *group, struct moment now) {
    return group->hours.is_doubted ? group->current.next_hour : hours_now(group, now);
}

static void key_of(const struct gmk *gmk, uint32_t hour, uint8_t key[GMK_SIZE]) {
    memcpy(key, gmk->octets->octets, GMK_SIZE);
    gmk_hour_move(key, gmk->id, gmk->hour, hour);
}

void hours_key(const struct group *group, uint32_t hour, uint8_t key[GMK_SIZE]) {
    key_of(&group->current, hour, key);
}

bool hours_is_possible(const struct group_parameters *parameters, uint32_t hour) {
    return hour <= (parameters->period_ms - 1) / GMK_HOUR_MS;
}

bool hours_is_same(const struct group *group, uint32_t hour, const uint8_t key[GMK_SIZE]) {
    const struct gmk *gmk = &group->current;
    uint32_t later = later_of(gmk->hour, hour);
    uint8_t held[GMK_SIZE], given[GMK_SIZE];
    key_of(gmk, later, held);
    memcpy(given, key, sizeof given);
    gmk_hour_move(given, gmk->id, hour, later);
    bool is_same = secret_equal(held, given, sizeof held);
    secret_wipe(held, sizeof held);
    secret_wipe(given, sizeof given);
    return is_same;
}

/* What a later hour costs is bounded by the time that it is said to be, which a stranger says, and
 * by the hours that the key has; who doubts the time here tries all of them. One more for a key
 * that is only listened to any more: its talker's clock may be ahead. */
static enum status check(const struct group *group, const struct gmk *gmk, uint32_t hour,
                         int64_t utc_ms, struct moment now) {
    if (group_is_standard(group)) {
        return hour == 0 ? STATUS_OK : STATUS_MALFORMED;
    }
    int64_t group_ms = group_clock_read(&group->clock, now);
    group_ms += group->hours.off_ms > 0 ? group->hours.off_ms : 0;
    int64_t latest_ms = group_ms > utc_ms ? group_ms : utc_ms;
    if (hour < gmk->hour) {
        return STATUS_GMK_HOUR_OVER;
    }
    uint32_t latest = later_of(hour_at(gmk->created_ms, latest_ms), gmk->hour) + 1;
    bool is_possible = hour <= last_hour(gmk) && (hour <= latest || group->hours.is_doubted);
    return is_possible ? STATUS_OK : STATUS_MALFORMED;
}

enum status hours_key_named(const struct group *group, const struct gmk *gmk, uint32_t hour,
                            struct moment now, uint8_t key[GMK_SIZE]) {
    enum status status = check(group, gmk, hour, INT64_MIN, now);
    if (status == STATUS_OK) {
        key_of(gmk, hour, key);
    }
    return status;
}

int64_t hours_steps(const struct group *group, const struct gmk *gmk,
                    const struct announcement *announcement, struct moment now) {
    const struct announcement_fields *fields = &announcement->fields;
    bool is_possible = check(group, gmk, fields->hour, fields->utc_ms, now) == STATUS_OK;
    return is_possible ? (int64_t)fields->hour - gmk->hour : 0;
}

enum status hours_open(const struct group *group, const struct gmk *gmk,
                       const struct announcement *announcement, struct moment now,
                       uint8_t gsk[GSK_SIZE]) {
    uint8_t key[GMK_SIZE];
    const struct announcement_fields *fields = &announcement->fields;
    enum status status = check(group, gmk, fields->hour, fields->utc_ms, now);
    if (status != STATUS_OK) {
        return status;
    }
    key_of(gmk, announcement->fields.hour, key);
    status = announcement_open(announcement, key, gsk);
    secret_wipe(key, sizeof key);
    return status;
}

/* --- What is known of group time ------------------------------------------------------------ */

void hours_doubt(struct group *group) {
    group->hours.is_doubted = true;
    group->hours.off_ms = 0;
}

void hours_doubt_anothers(struct group *group) {
    hours_doubt(group);
    group->hours.is_anothers = true;
}

void hours_agree(struct group *group) {
    if (group->hours.is_doubted && !group->hours.is_anothers) {
        group->hours.is_doubted = false;
        group->hours.off_ms = 0;
    }
}

void hours_outvote(struct group *group) {
    if (group->hours.off_ms > 0 && !group->hours.is_anothers) {
        group->hours.off_ms = 0;
    }
}

void hours_hear(struct group *group, const struct announcement_fields *fields, struct moment now) {
    bool is_known = !group->hours.is_doubted && group->hours.off_ms == 0;
    if (is_known || fields->is_doubted || fields->gmk_id != group->current.id ||
        group_is_standard(group)) {
        return;
    }
    uint32_t hour = fields->hour;
    int64_t group_ms = group_clock_read(&group->clock, now);
    int64_t since_ms = group->current.not_before_ms;
    if (hour_at(since_ms, group_ms) == hour) {
        group->hours.off_ms = 0;
    } else if (hour_now(group, now) != hour) {
        /* At its beginning: it is not earlier. */
        group->hours.off_ms = since_ms + (int64_t)hour * GMK_HOUR_MS - group_ms;
    }
    group->hours.is_doubted = false;
}

/* --- Steps ---------------------------------------------------------------------------------- */

/* Members' time is not earlier than this. Nor is a member believed that moved it forward. */
static int64_t surely_passed_ms(const struct group *group) {
    return HOURS_KEPT_MS + group->moved_ms - (group->hours.off_ms < 0 ? group->hours.off_ms : 0);
}

/* The record that has the next hour's key is durable. */
static void take_next(struct group *group) {
    struct gmk *gmk = &group->current;
    if (gmk->octets != NULL) {
        gmk_hour_move(gmk->octets->octets, gmk->id, gmk->hour, gmk->next_hour);
    }
    gmk->hour = gmk->next_hour;
    group->hours.batch = 0;
}

bool hours_step(struct group *group, uint64_t durable, struct moment now) {
    struct gmk *gmk = &group->current;
    if (group->hours.batch != 0 && durable >= group->hours.batch) {
        take_next(group);
    }
    if (gmk->octets == NULL || group_is_standard(group) || group->hours.is_doubted) {
        return false;
    }
    uint32_t hour =
        hour_at(gmk->not_before_ms, group_clock_read(&group->clock, now) - surely_passed_ms(group));
    if (hour <= gmk->next_hour || hour > last_hour(gmk)) {
        return false;
    }
    gmk->next_hour = hour;
    group->hours.batch = 0;
    return true;
}

void hours_saved(struct group *group, uint64_t batch) {
    if (group->current.next_hour != group->current.hour && group->hours.batch == 0) {
        group->hours.batch = batch;
    }
}

int64_t hours_deadline(const struct group *group) {
    const struct gmk *gmk = &group->current;
    if (gmk->octets == NULL || group_is_standard(group) || group->hours.is_doubted ||
        gmk->next_hour >= last_hour(gmk)) {
        return INT64_MAX;
    }
    int64_t over_ms = gmk->not_before_ms + (int64_t)(gmk->next_hour + 1) * GMK_HOUR_MS;
    return group->clock.at.boot_ms + over_ms + surely_passed_ms(group) - group->clock.group_ms;
}
