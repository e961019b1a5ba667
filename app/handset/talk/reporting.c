/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/reporting.h"

#include <stdio.h>
#include <string.h>

#include "app/voice/rtp.h"

enum {
    AHEAD_MAX = 0x7FFF, /* sequence numbers further ahead than that are behind (RFC 3550 A.1) */
    ALL = 100,          /* percent */
};

static void forget(struct reported *reported) {
    voice_report_key_free(reported->key);
    *reported = (struct reported){.key = NULL};
}

void reporting_clear(struct reporting *reporting) {
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        forget(&reporting->talkers[i]);
    }
}

/* --- Who is heard --------------------------------------------------------------------------- */

static struct reported *find(struct reporting *reporting,
                             const uint8_t session[SESSION_HASH_SIZE]) {
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        struct reported *reported = &reporting->talkers[i];
        if (reported->key != NULL && memcmp(reported->session, session, SESSION_HASH_SIZE) == 0) {
            return reported;
        }
    }
    return NULL;
}

/* Is it that talker's place under that GMK of that group? */
static bool is_of(const struct reported *reported, const struct announcement_fields *fields) {
    return reported->key != NULL && reported->gmk_id == fields->gmk_id &&
           strcmp(reported->talker, fields->talker) == 0 &&
           strcmp(reported->group, fields->group) == 0;
}

/* The place of a talker under a GMK: its own, a free one, or that of who was heard longest ago and
 * could be answered again, so that nobody is answered more often for having been forgotten. NULL
 * when there is none. */
static struct reported *place(struct reporting *reporting, struct moment now,
                              const struct announcement_fields *fields) {
    struct reported *found = NULL;
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        struct reported *reported = &reporting->talkers[i];
        if (is_of(reported, fields)) {
            return reported;
        }
        bool may_go = reported->key == NULL ||
                      (reported->due_ms == INT64_MAX && reported->next_ms <= now.boot_ms);
        if (may_go &&
            (found == NULL || (found->key != NULL &&
                               (reported->key == NULL || reported->heard_ms < found->heard_ms)))) {
            found = reported;
        }
    }
    return found;
}

static void count_anew(struct reported *reported) {
    reported->counts = false;
    reported->arrived = 0;
    reported->plays = false;
}

void reporting_open(struct reporting *reporting, struct moment now,
                    const struct announcement_fields *fields,
                    const uint8_t session[SESSION_HASH_SIZE], const uint8_t gsk[GSK_SIZE]) {
    struct voice_report_key *key;
    struct reported *reported = place(reporting, now, fields);
    if (reported == NULL || voice_report_key_new(gsk, session, &key) != STATUS_OK) {
        return; /* a report less */
    }
    bool is_known = is_of(reported, fields);
    if (!is_known) {
        forget(reported);
        reported->due_ms = INT64_MAX;
        reported->said_ms = now.boot_ms - REPORT_EVERY_MS;
        reported->gmk_id = fields->gmk_id;
        snprintf(reported->talker, sizeof reported->talker, "%s", fields->talker);
        snprintf(reported->group, sizeof reported->group, "%s", fields->group);
    }
    if (!is_known || reported->ssrc != fields->ssrc) {
        count_anew(reported);
        reported->is_new = true;
    }
    voice_report_key_free(reported->key);
    reported->key = key;
    reported->ssrc = fields->ssrc;
    reported->heard_ms = now.boot_ms;
    memcpy(reported->session, session, SESSION_HASH_SIZE);
}

/* --- What is heard -------------------------------------------------------------------------- */

/* Is this handset one of those who answer? */
static bool is_chosen(const struct reporting *reporting, struct moment now,
                      const struct group *group) {
    uint32_t random;
    size_t listeners = group_is_standard(group) ? roster_near(reporting->groups->roster, now)
                                                : group->parameters.member_count - 1;
    return listeners <= REPORT_WANTED || (desk_draw_u32(reporting->desk, &random) == STATUS_OK &&
                                          random % listeners < REPORT_WANTED);
}

static int64_t later(int64_t a_ms, int64_t b_ms) {
    return a_ms > b_ms ? a_ms : b_ms;
}

/* A packet came, and the talker's turn to be answered has come too. What was due of the session
 * before is said of this one, once it had time to be played. */
static void schedule(struct reporting *reporting, struct moment now, struct reported *reported) {
    uint32_t random;
    const int64_t least_ms = now.boot_ms + REPORT_LEAST_MS;
    if (reported->due_ms != INT64_MAX) {
        reported->due_ms = later(reported->due_ms, least_ms);
    } else if (desk_draw_u32(reporting->desk, &random) == STATUS_OK) {
        reported->other_count = 0;
        reported->due_ms = later(least_ms + random % (REPORT_SPREAD_MS - REPORT_LEAST_MS + 1),
                                 reported->said_ms + REPORT_SPREAD_MS);
    }
}

void reporting_packet(struct reporting *reporting, struct moment now,
                      const uint8_t session[SESSION_HASH_SIZE], struct span rtp) {
    struct rtp_packet packet;
    struct reported *reported = find(reporting, session);
    if (reported == NULL || rtp_read(rtp, &packet) != STATUS_OK) {
        return;
    }
    if (!reported->counts) {
        reported->counts = true;
        reported->first = reported->newest = packet.sequence;
        reported->rtp_time = packet.timestamp;
    }
    if ((uint16_t)(packet.sequence - reported->first) > AHEAD_MAX) {
        return; /* late: from before what is counted */
    }
    if ((uint16_t)(packet.sequence - reported->newest) <= AHEAD_MAX) {
        reported->newest = packet.sequence;
        reported->rtp_time = packet.timestamp;
    }
    reported->arrived++;
    reported->heard_ms = now.boot_ms;
    bool is_turn = reported->due_ms == INT64_MAX && reported->next_ms <= now.boot_ms;
    if (reported->is_new || is_turn) {
        reported->is_new = false;
        schedule(reporting, now, reported);
    }
}

void reporting_played(struct reporting *reporting, const uint8_t session[SESSION_HASH_SIZE],
                      bool voice) {
    struct reported *reported = find(reporting, session);
    if (reported != NULL) {
        reported->plays = reported->plays || voice;
    }
}

void reporting_pause(struct reporting *reporting, const uint8_t session[SESSION_HASH_SIZE]) {
    struct reported *reported = find(reporting, session);
    if (reported != NULL) {
        reported->counts = false;
        reported->arrived = 0;
    }
}

void reporting_note(struct reporting *reporting, enum event_kind kind) {
    if (kind == EVENT_LOUDSPEAKER_FAILED || kind == EVENT_LOUDSPEAKER_BACK) {
        reporting->is_mute = kind == EVENT_LOUDSPEAKER_FAILED;
    }
}

void reporting_overhear(struct reporting *reporting, struct moment now, struct span payload) {
    uint32_t gmk_id;
    const struct gmk *gmk;
    struct voice_report report;
    if (voice_report_gmk_id(payload, &gmk_id) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        struct reported *reported = &reporting->talkers[i];
        const struct group *group = groups_gmk(reporting->groups, reported->group, gmk_id, &gmk);
        if (reported->key == NULL || reported->gmk_id != gmk_id || reported->due_ms == INT64_MAX ||
            reported->other_count == REPORT_WANTED || group == NULL || !group_is_standard(group) ||
            !admission_affords(reporting->admission, now, SPENT_ON_REPORTS, REPORT_CHECK_MILLI) ||
            voice_report_open(reported->key, payload, &report) != STATUS_OK) {
            continue;
        }
        bool is_new = true;
        for (size_t k = 0; k < reported->other_count; k++) {
            is_new = is_new && memcmp(reported->others[k], report.who, sizeof report.who) != 0;
        }
        if (is_new) {
            memcpy(reported->others[reported->other_count++], report.who, sizeof report.who);
        }
    }
}

/* --- Reports -------------------------------------------------------------------------------- */

/* May anything be said of that talker now? It may have been left out, or this handset. */
static bool may_say(const struct reporting *reporting, struct moment now,
                    const struct reported *reported) {
    const struct gmk *gmk;
    struct group *group = groups_gmk(reporting->groups, reported->group, reported->gmk_id, &gmk);
    return !desk_is_silent(reporting->desk) && group != NULL &&
           group_may_talk(group, reported->talker) && gmk_is_usable(gmk, group, now) == STATUS_OK &&
           reported->other_count < REPORT_WANTED && is_chosen(reporting, now, group);
}

static uint8_t loss_of(const struct reported *reported) {
    unsigned expected = (uint16_t)(reported->newest - reported->first) + 1u;
    unsigned arrived = reported->arrived < expected ? reported->arrived : expected;
    if (!reported->counts || expected < REPORT_LOSS_PACKETS) {
        return VOICE_REPORT_LOSS_UNKNOWN;
    }
    return (uint8_t)((expected - arrived) * ALL / expected);
}

static void say(struct reporting *reporting, const struct reported *reported) {
    uint8_t payload[VOICE_REPORT_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    struct voice_report report = {.rtp_time = reported->rtp_time,
                                  .loss = loss_of(reported),
                                  .plays = reported->plays && !reporting->is_mute};
    enum status status = voice_report_who(own_identity(reporting->desk), report.who);
    if (status == STATUS_OK) {
        status = voice_report_close(reported->key, reported->gmk_id, &report,
                                    &reporting->desk->entropy, &w);
    }
    if (status == STATUS_OK) {
        air_send_to_group(reporting->air, reported->group, FRAME_VOICE_REPORT, writer_span(&w));
    }
}

void reporting_tick(struct reporting *reporting, struct moment now) {
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        struct reported *reported = &reporting->talkers[i];
        if (reported->key == NULL) {
            continue;
        }
        if (reported->due_ms <= now.boot_ms && reported->is_new) {
            reported->due_ms = INT64_MAX; /* nothing was heard of what is announced now */
        } else if (reported->due_ms <= now.boot_ms) {
            if (may_say(reporting, now, reported)) {
                say(reporting, reported);
            }
            reported->due_ms = INT64_MAX;
            reported->said_ms = now.boot_ms;
            reported->next_ms = now.boot_ms + REPORT_EVERY_MS;
            count_anew(reported);
        }
        if (now.boot_ms - reported->heard_ms >= REPORT_KEPT_MS) {
            forget(reported);
        }
    }
}

int64_t reporting_deadline(const struct reporting *reporting) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < REPORT_TALKERS_MAX; i++) {
        const struct reported *reported = &reporting->talkers[i];
        if (reported->key == NULL) {
            continue;
        }
        int64_t ends_ms = reported->heard_ms + REPORT_KEPT_MS;
        int64_t next_ms = reported->due_ms < ends_ms ? reported->due_ms : ends_ms;
        deadline = next_ms < deadline ? next_ms : deadline;
    }
    return deadline;
}
