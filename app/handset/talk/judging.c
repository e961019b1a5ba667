/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/judging.h"

#include <string.h>

#include "app/handset/talk/talk.h"

_Static_assert((int)GSK_IN_USE_MS == (int)TALK_REFRESH_MS + (int)LIVE_MS, "as said in judging.h");

enum status judge(const struct roster *roster, const struct group *group,
                  const struct announcement_fields *fields, struct moment now,
                  struct judgement *out) {
    *out = (struct judgement){.lead_ms = fields->utc_ms - group_clock_read(&group->clock, now)};
    out->is_measured = roster_ago(roster, fields->talker, fields->proof.start, fields->proof.age_ms,
                                  now, &out->ago);
    if (!out->is_measured) {
        /* By this, who is behind by more than the tolerance announced that long ago. */
        out->ago = (struct ago){.min_ms = -out->lead_ms, .max_ms = -out->lead_ms};
        return out->ago.min_ms > ANNOUNCEMENT_TOLERANCE_MS ||
                       out->ago.max_ms < -ANNOUNCEMENT_TOLERANCE_MS
                   ? STATUS_TIME_OUT_OF_RANGE
                   : STATUS_OK;
    }
    return out->lead_ms > LEAD_MAX_MS || out->ago.min_ms > GSK_IN_USE_MS || out->ago.max_ms < 0
               ? STATUS_TIME_OUT_OF_RANGE
               : STATUS_OK;
}

/* --- Packets -------------------------------------------------------------------------------- */

static int64_t earlier_of(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* By its talker's clock. What packets have told holds unless that cannot be. */
static void measured(struct announced *announced, const struct ago *ago, struct moment now) {
    int64_t max_ms = now.boot_ms - ago->min_ms;
    announced->is_measured = true;
    announced->made_min_ms = now.boot_ms - ago->max_ms;
    if (max_ms < announced->made_max_ms || announced->made_max_ms < announced->made_min_ms) {
        announced->made_max_ms = max_ms;
    }
}

struct announced announced_now(const struct announcement_fields *fields,
                               const struct judgement *judgement, const struct heard *heard,
                               struct moment now) {
    struct announced announced = {.proof = fields->proof,
                                  .utc_ms = fields->utc_ms,
                                  .made_min_ms = INT64_MIN,
                                  .made_max_ms = now.boot_ms,
                                  .who = heard_who(fields)};
    announced.until = heard_until(heard, &announced.who);
    if (judgement->is_measured) {
        measured(&announced, &judgement->ago, now);
    }
    return announced;
}

void announced_after(struct announced *announced, const struct announced *before) {
    if (memcmp(announced->proof.start, before->proof.start, START_SIZE) == 0) {
        int64_t later_ms = announced->proof.age_ms - before->proof.age_ms;
        int64_t max_ms = earlier_of(announced->made_max_ms, before->made_max_ms + later_ms);
        if (max_ms >= announced->made_min_ms) {
            announced->made_max_ms = max_ms;
        }
    }
}

void announced_measure(struct announced *announced, const struct roster *roster, const char *talker,
                       struct moment now) {
    struct ago ago;
    if (!announced->is_measured &&
        roster_ago(roster, talker, announced->proof.start, announced->proof.age_ms, now, &ago)) {
        measured(announced, &ago, now);
    }
}

int64_t announced_passed(const struct announced *announced, uint32_t rtp_time) {
    return (int64_t)(int32_t)(rtp_time - announced->proof.rtp_time) / RTP_CLOCK_PER_MS;
}

/* When it was said by group time, on the boot clock. */
static int64_t dated(const struct announced *announced, const struct group *group,
                     int64_t passed_ms, struct moment now) {
    int64_t lead_ms = announced->utc_ms + passed_ms - group_clock_read(&group->clock, now);
    /* What is further ahead, lead.h keeps from being played by its date. */
    return now.boot_ms + (lead_ms <= ANNOUNCEMENT_TOLERANCE_MS ? lead_ms : 0);
}

/* May it have been played in a session that is over, or before this handset started? Both by the
 * talker's clock, or else by group time. */
static bool is_replay(const struct announced *announced, const struct roster *roster,
                      const struct group *group, const char *talker, int64_t passed_ms,
                      struct moment now) {
    const struct heard_until *until = &announced->until;
    int64_t said_ms = announced->made_min_ms + passed_ms;
    if (announced->proof.age_ms + passed_ms <= until->age_ms) {
        return true;
    }
    if (announced->is_measured && said_ms > until->said_ms && said_ms > roster->own.began_ms) {
        return false;
    }
    return dated(announced, group, passed_ms, now) <= until->dated_ms ||
           announced->utc_ms + passed_ms <= group_talked_ms(group, talker);
}

/* Is a packet numbered and timed as one can be that comes after its announcement? */
static bool is_in_order(const struct announced *announced, const struct media *media) {
    int32_t clock = (int32_t)(media->rtp_time - announced->proof.rtp_time);
    uint16_t ahead = (uint16_t)(media->sequence - announced->proof.sequence);
    return clock >= 0 && clock / RTP_CLOCK_PER_MS <= GSK_IN_USE_MS &&
           ahead <= clock / (VOICE_FRAME_MS * RTP_CLOCK_PER_MS);
}

enum status judge_packet(const struct announced *announced, const struct roster *roster,
                         const struct group *group, const char *talker, const struct media *media,
                         struct moment now) {
    int64_t passed_ms = announced_passed(announced, media->rtp_time);
    if (!is_in_order(announced, media) ||
        now.boot_ms - announced->made_max_ms - passed_ms > LIVE_MS ||
        (announced->is_measured &&
         announced->made_min_ms + passed_ms > now.boot_ms + PACKET_AHEAD_MS)) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    return is_replay(announced, roster, group, talker, passed_ms, now) ? STATUS_REPLAYED
                                                                       : STATUS_OK;
}

void announced_hear(struct announced *announced, uint32_t rtp_time, struct moment now) {
    int64_t max_ms = now.boot_ms - announced_passed(announced, rtp_time);
    if (max_ms < announced->made_max_ms && max_ms >= announced->made_min_ms) {
        announced->made_max_ms = max_ms;
    }
}

void announced_played(const struct announced *announced, int64_t passed_ms,
                      const struct group *group, struct heard *heard, struct moment now) {
    heard_add(heard, &announced->who, announced->proof.age_ms + passed_ms,
              group == NULL ? now.boot_ms + ANNOUNCEMENT_TOLERANCE_MS
                            : dated(announced, group, passed_ms, now),
              now);
}
