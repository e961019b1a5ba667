/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/hearers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/rtp.h"

enum {
    ALL = 100, /* percent */
};

static void key_clear(struct hearers_key *key) {
    voice_report_key_free(key->key);
    *key = (struct hearers_key){.key = NULL};
}

void hearers_clear(struct hearers *hearers) {
    key_clear(&hearers->keys[0]);
    key_clear(&hearers->keys[1]);
}

static bool counts(const struct hearer *hearer, struct moment now) {
    return now.boot_ms - hearer->came_ms < HEARERS_COUNT_MS;
}

/* How many report that they hear this talk, or have reported it of an earlier one alone. */
static size_t hearing(const struct hearers *hearers, struct moment now, bool is_earlier) {
    size_t count = 0;
    for (size_t i = 0; i < hearers->count; i++) {
        const struct hearer *hearer = &hearers->list[i];
        count +=
            hearer->plays && counts(hearer, now) && (hearer->talk != hearers->talk) == is_earlier;
    }
    return count;
}

/* Has anybody reported since the row of talks began that it heard one of them? */
static bool is_answered(const struct hearers *hearers) {
    bool is = false;
    for (size_t i = 0; i < hearers->count; i++) {
        is = is || (hearers->list[i].plays && hearers->list[i].came_ms >= hearers->row_ms);
    }
    return is;
}

/* Since when a report of this talk is waited for. */
static int64_t waits_since(const struct hearers *hearers) {
    return is_answered(hearers) ? hearers->began_ms : hearers->row_ms;
}

/* --- The talk ------------------------------------------------------------------------------- */

/* A talk begins. What was reported of the one before is known on, if it was of the same key. */
static void begin(struct hearers *hearers, struct moment now, const struct group *group) {
    bool is_same = strcmp(hearers->group, group->parameters.identity) == 0 &&
                   hearers->gmk_id == group->current.id;
    bool goes_on = is_same && hearers->is_shown && now.boot_ms - hearers->ended_ms < HEARERS_ROW_MS;
    hearers->count = is_same ? hearers->count : 0;
    hearers->began_ms = now.boot_ms;
    hearers->row_ms = goes_on && !is_answered(hearers) ? hearers->row_ms : now.boot_ms;
    hearers->was_heard = false;
    hearers->talk++;
    hearers->is_shown = hearers->is_talking = true;
    hearers->is_judged = false;
    snprintf(hearers->group, sizeof hearers->group, "%s", group->parameters.identity);
}

void hearers_expect(struct hearers *hearers, struct moment now, const struct group *group,
                    const uint8_t gsk[GSK_SIZE], const uint8_t session[SESSION_HASH_SIZE]) {
    struct voice_report_key *key;
    if (!hearers->is_talking) {
        begin(hearers, now, group);
    } else if (hearers->gmk_id != group->current.id) {
        hearers->count = 0; /* who holds the new key is still to be heard of */
        hearers->began_ms = hearers->row_ms = now.boot_ms;
    }
    hearers->gmk_id = group->current.id;
    key_clear(&hearers->keys[1]);
    hearers->keys[1] = hearers->keys[0];
    hearers->keys[0] = (struct hearers_key){.talk = hearers->talk};
    if (hearers->keys[1].talk == hearers->talk) {
        hearers->keys[0] = hearers->keys[1]; /* RTP's time goes on */
        hearers->keys[0].key = NULL;
    }
    if (voice_report_key_new(gsk, session, &key) == STATUS_OK) {
        hearers->keys[0].key = key;
    }
}

void hearers_said(struct hearers *hearers, struct moment now, uint32_t rtp_time) {
    for (size_t i = 0; i < 2; i++) {
        struct hearers_key *key = &hearers->keys[i];
        if (key->talk == hearers->talk) {
            key->has_said = true;
            key->rtp_time = rtp_time;
            key->said_ms = now.boot_ms;
        }
    }
}

void hearers_end(struct hearers *hearers, struct moment now) {
    hearers->is_talking = false;
    hearers->ended_ms = now.boot_ms;
}

/* --- Reports -------------------------------------------------------------------------------- */

/* Is it of the last moments of what was said under that key, and of nothing that was not said? */
static bool is_fresh(const struct hearers_key *key, struct moment now, uint32_t rtp_time) {
    int64_t behind_ms = (int32_t)(key->rtp_time - rtp_time) / RTP_CLOCK_PER_MS;
    return key->has_said && (int32_t)(key->rtp_time - rtp_time) >= 0 &&
           behind_ms + now.boot_ms - key->said_ms <= REPORT_AGE_MS;
}

static bool is_of(const char *identity, const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    uint8_t own[VOICE_REPORT_WHO_SIZE];
    return voice_report_who(identity, own) == STATUS_OK &&
           memcmp(own, who, VOICE_REPORT_WHO_SIZE) == 0;
}

/* May that one hear this handset: another member, where there is a list? */
static bool may_hear(const struct hearers *hearers, const struct group *group,
                     const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    bool is_listed = group_is_standard(group);
    for (size_t i = 0; i < group->parameters.member_count && !is_listed; i++) {
        is_listed = is_of(group->parameters.members[i].identity, who);
    }
    return is_listed && !is_of(own_identity(hearers->desk), who);
}

static const struct hearer *find(const struct hearers *hearers,
                                 const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    for (size_t i = 0; i < hearers->count; i++) {
        if (memcmp(hearers->list[i].who, who, VOICE_REPORT_WHO_SIZE) == 0) {
            return &hearers->list[i];
        }
    }
    return NULL;
}

/* The place of who reports: its own, a new one, or that of one whose report counts no more; NULL
 * when there is none. */
static struct hearer *place(struct hearers *hearers, struct moment now,
                            const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    const struct hearer *known = find(hearers, who);
    if (known != NULL) {
        return &hearers->list[known - hearers->list];
    }
    if (hearers->count < HEARERS_MAX) {
        return &hearers->list[hearers->count++];
    }
    for (size_t i = 0; i < HEARERS_MAX; i++) {
        if (!counts(&hearers->list[i], now)) {
            return &hearers->list[i];
        }
    }
    return NULL;
}

static void take(struct hearers *hearers, struct moment now, const struct hearers_key *key,
                 const struct voice_report *report) {
    const struct group *group = groups_find(hearers->groups, hearers->group);
    const struct hearer *known = find(hearers, report->who);
    bool is_later = known == NULL || key->talk > known->talk ||
                    (key->talk == known->talk && (int32_t)(report->rtp_time - known->rtp_time) > 0);
    if (group == NULL || !is_later || !is_fresh(key, now, report->rtp_time) ||
        !may_hear(hearers, group, report->who)) {
        return;
    }
    struct hearer *hearer = place(hearers, now, report->who);
    if (hearer != NULL) {
        *hearer = (struct hearer){.talk = key->talk,
                                  .rtp_time = report->rtp_time,
                                  .loss = report->loss,
                                  .plays = report->plays,
                                  .came_ms = now.boot_ms};
        memcpy(hearer->who, report->who, sizeof hearer->who);
        hearers->was_heard = hearers->was_heard || (report->plays && key->talk == hearers->talk);
    }
}

void hearers_hear(struct hearers *hearers, struct moment now, struct span payload) {
    uint32_t gmk_id;
    struct voice_report report;
    if (!hearers->is_shown || voice_report_gmk_id(payload, &gmk_id) != STATUS_OK ||
        gmk_id != hearers->gmk_id ||
        !admission_affords(hearers->admission, now, SPENT_ON_REPORTS, REPORT_CHECK_MILLI)) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct hearers_key *key = &hearers->keys[i];
        if (key->key != NULL && voice_report_open(key->key, payload, &report) == STATUS_OK) {
            take(hearers, now, key, &report);
            return;
        }
    }
}

static int by_loss(const void *a, const void *b) {
    return *(const uint8_t *)a - *(const uint8_t *)b;
}

bool hearers_loss(const struct hearers *hearers, struct moment now, unsigned *percent) {
    uint8_t losses[HEARERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < hearers->count; i++) {
        const struct hearer *hearer = &hearers->list[i];
        if (counts(hearer, now) && hearer->loss != VOICE_REPORT_LOSS_UNKNOWN) {
            losses[count++] = hearer->loss;
        }
    }
    if (count == 0) {
        return false;
    }
    qsort(losses, count, sizeof losses[0], by_loss);
    size_t rank = (count * HEARERS_LOSS_PERCENTILE + ALL - 1) / ALL; /* the nearest, from 1 up */
    *percent = losses[rank - 1];
    return true;
}

/* --- What is said of it --------------------------------------------------------------------- */

/* This handset makes the key, and knows that the member does not hold it. */
static bool lacks_key(const struct group *group, const struct group_member *member) {
    return group->created_here && member->state != MEMBER_ACCEPTED &&
           member->reason != REASON_NO_RECEIPT;
}

static enum unheard_reason reason_of(const struct hearers *hearers, struct moment now,
                                     const struct group *group, const struct group_member *member,
                                     const struct hearer *hearer) {
    const struct roster *roster = hearers->groups->roster;
    const struct neighbour *neighbour = roster_find(roster, member->identity);
    if (hearer != NULL) {
        return UNHEARD_NOT_PLAYED;
    }
    if (lacks_key(group, member)) {
        return UNHEARD_LACKS_KEY;
    }
    if (neighbour == NULL || !roster_is_near(roster, member->identity, now)) {
        return UNHEARD_NOT_NEARBY;
    }
    return clock_differs(neighbour->clock_difference_ms) &&
                   !roster_has_met(roster, member->identity, now)
               ? UNHEARD_CLOCK_DIFFERS
               : UNHEARD_UNKNOWN;
}

/* The report of a member of this talk, that counts; or NULL. */
static const struct hearer *report_of(const struct hearers *hearers, struct moment now,
                                      const struct group_member *member) {
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    const struct hearer *hearer =
        voice_report_who(member->identity, who) == STATUS_OK ? find(hearers, who) : NULL;
    return hearer != NULL && hearer->talk == hearers->talk && counts(hearer, now) ? hearer : NULL;
}

static void show_members(const struct hearers *hearers, struct moment now,
                         const struct group *group, struct view_hearing *out) {
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        const struct group_member *member = &group->parameters.members[i];
        if (strcmp(member->identity, own_identity(hearers->desk)) == 0) {
            continue;
        }
        out->others++;
        const struct hearer *hearer = report_of(hearers, now, member);
        if (hearer != NULL && hearer->plays) {
            continue;
        }
        struct view_unheard *row = &out->unheard[out->unheard_count++];
        row->reason = reason_of(hearers, now, group, member, hearer);
        snprintf(row->identity, sizeof row->identity, "%s", member->identity);
        groups_show_name(hearers->groups, member->identity, group->parameters.identity, row->name,
                         &row->name_kind);
    }
}

/* Is there nobody who could still report? */
static bool is_hopeless(const struct view_hearing *hearing) {
    bool all_lack_it = hearing->has_list && hearing->unheard_count == hearing->others;
    for (size_t i = 0; i < hearing->unheard_count; i++) {
        all_lack_it = all_lack_it && hearing->unheard[i].reason == UNHEARD_LACKS_KEY;
    }
    return all_lack_it;
}

void hearers_show(const struct hearers *hearers, struct moment now, struct view *view) {
    struct view_hearing *out = &view->hearing;
    *out = (struct view_hearing){.state = HEARING_NONE};
    const struct group *group = groups_find(hearers->groups, hearers->group);
    if (!hearers->is_shown || group == NULL) {
        return;
    }
    bool is_early = now.boot_ms - waits_since(hearers) < HEARERS_JUDGE_MS;
    out->is_over = !hearers->is_talking;
    out->was_heard = hearers->was_heard;
    out->has_list = !group_is_standard(group);
    out->hearers = hearing(hearers, now, false);
    out->earlier = hearing(hearers, now, true);
    snprintf(out->group, sizeof out->group, "%s", hearers->group);
    if (out->has_list) {
        show_members(hearers, now, group, out);
    }
    out->state = out->hearers > 0                ? HEARING_SOME
                 : is_early && !is_hopeless(out) ? HEARING_AWAITED
                                                 : HEARING_NOBODY;
}

/* --- Time ----------------------------------------------------------------------------------- */

/* The talk is over, and so is the time for reports. */
static int64_t judged_at(const struct hearers *hearers) {
    int64_t waited_ms = hearers->began_ms + HEARERS_JUDGE_MS;
    return waited_ms > hearers->ended_ms ? waited_ms : hearers->ended_ms;
}

static void judge(struct hearers *hearers, struct moment now) {
    hearers->is_judged = true;
    if (hearers->was_heard) {
        return;
    }
    const struct group *group = groups_find(hearers->groups, hearers->group);
    const struct event event = event_of_group(EVENT_OWN_TALK_UNHEARD, hearers->group,
                                              group == NULL ? "" : group->parameters.name);
    desk_tell(hearers->desk, now, &event);
}

void hearers_tick(struct hearers *hearers, struct moment now) {
    if (!hearers->is_shown || hearers->is_talking) {
        return;
    }
    if (!hearers->is_judged && judged_at(hearers) <= now.boot_ms) {
        judge(hearers, now);
    }
    if (judged_at(hearers) + HEARERS_SHOWN_MS <= now.boot_ms) {
        hearers_clear(hearers);
        hearers->is_shown = false;
    }
}

int64_t hearers_deadline(const struct hearers *hearers) {
    if (!hearers->is_shown) {
        return INT64_MAX;
    }
    if (hearers->is_talking) {
        return INT64_MAX; /* while it talks the picture is drawn with each frame of voice */
    }
    return judged_at(hearers) + (hearers->is_judged ? HEARERS_SHOWN_MS : 0);
}
