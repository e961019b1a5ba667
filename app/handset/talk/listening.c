/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/listening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/keys/lead.h"
#include "app/handset/keys/standard.h"
#include "app/handset/keys/time_proof.h"
#include "app/handset/talk/judging.h"

void listening_clear(struct listening *listening) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        session_clear(&listening->sessions[i]);
    }
}

void listening_start(struct listening *listening, struct moment now) {
    limiter_start(&listening->talker_limiter, now.boot_ms);
}

/* The talker's name: its own word, or else what its group's creator called it, which the officer
 * accepted for this group. */
static const char *name_of_talker(const struct listening *listening, const char *talker,
                                  const char *group_identity) {
    const char *name = groups_name_of(listening->groups, talker);
    struct group *group = groups_find(listening->groups, group_identity);
    const struct group_member *member =
        group == NULL ? NULL : group_member(&group->parameters, talker);
    return name[0] != '\0' || member == NULL ? name : member->name;
}

static struct event event_of_talker(const struct listening *listening, enum event_kind kind,
                                    const char *talker, const char *group) {
    const struct group *known = groups_find(listening->groups, group);
    return event_of_member(kind, talker, name_of_talker(listening, talker, group), group,
                           known == NULL ? "" : known->parameters.name);
}

static void tell_about(struct listening *listening, struct moment now,
                       const struct session *session, enum event_kind kind) {
    const struct event event = event_of_talker(listening, kind, session->talker, session->group);
    desk_tell(listening->desk, now, &event);
}

/* The talk session is over: into the log of sessions. */
static void session_tell_end(struct listening *listening, struct moment now,
                             const struct session *session) {
    struct view_session row = {.began_utc_ms = session->began_utc_ms,
                               .lasted_ms = session->heard_ms - session->began_ms};
    struct event event =
        event_of_talker(listening, EVENT_TALK_ENDED, session->talker, session->group);
    memcpy(row.talker, event.identity, sizeof row.talker);
    memcpy(row.talker_name, event.name, sizeof row.talker_name);
    memcpy(row.group_name, event.group_name, sizeof row.group_name);
    journal_add_session(&listening->desk->journal, &row);
    event.duration_ms = row.lasted_ms;
    desk_tell(listening->desk, now, &event);
}

static void session_end(struct listening *listening, struct moment now, struct session *session) {
    if (!session->silent) {
        session_tell_end(listening, now, session);
    }
    session_clear(session);
}

static struct session *session_of(struct listening *listening, const char *talker,
                                  const char *group) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (session->active && strcmp(session->talker, talker) == 0 &&
            strcmp(session->group, group) == 0) {
            return session;
        }
    }
    return NULL;
}

/* A place for one more session: a free one, or that of one that has ended or fallen silent. */
static struct session *free_session(struct listening *listening, struct moment now) {
    struct session *found = NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (!session->active) {
            return session;
        }
        if (session->silent || session->ended) {
            found = session;
        }
    }
    if (found != NULL) {
        session_end(listening, now, found);
    }
    return found;
}

/* --- Announcements -------------------------------------------------------------------------- */

static bool is_repetition(const struct listening *listening, struct span octets) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (listening->sessions[i].active && !listening->sessions[i].silent &&
            span_equal(listening->sessions[i].announcement, octets)) {
            return true;
        }
    }
    return false;
}

/* Everything that can be told without cryptography. */
static enum status check_fields(const struct announcement_fields *fields,
                                const struct listening *listening, struct moment now,
                                struct group *group, const struct gmk *gmk) {
    if (strcmp(fields->group, group->parameters.identity) != 0) {
        return STATUS_GROUP_IDENTITY_WRONG;
    }
    if (!group_may_talk(group, fields->talker) ||
        strcmp(fields->talker, own_identity(listening->desk)) == 0) {
        return STATUS_NOT_A_MEMBER;
    }
    return gmk_is_usable(gmk, group, now);
}

/* Was it acted on before? One from before the session that is heard must not take its place. */
static bool is_replay(struct listening *listening, struct moment now,
                      const struct announcement *announcement, const struct judgement *judgement,
                      struct heard_announcement *heard) {
    const struct announcement_fields *fields = &announcement->fields;
    const struct session *session = session_of(listening, fields->talker, fields->group);
    *heard = heard_announcement_of(fields, announcement->covered,
                                   judgement->is_measured ? &judgement->ago.max_ms : NULL,
                                   judgement->lead_ms, now);
    return (session != NULL && fields->utc_ms < session->current.announced_ms) ||
           heard_has(&listening->heard, heard);
}

/* MAC and replay. */
static enum status check_mac(struct listening *listening, struct moment now,
                             const struct announcement *announcement,
                             const struct judgement *judgement, const struct gmk *gmk,
                             struct heard_announcement *heard, uint8_t gsk[GSK_SIZE]) {
    enum status status = announcement_open(announcement, gmk->octets->octets, gsk);
    return status == STATUS_OK && is_replay(listening, now, announcement, judgement, heard)
               ? STATUS_REPLAYED
               : status;
}

static enum status check_signature(struct listening *listening, struct moment now,
                                   const struct announcement *announcement, struct group *group) {
    const char *talker = announcement->fields.talker;
    /* Group time, as near as it was found to be: a wall clock may be wrong, or set back to a month
     * whose keys were taken from the talker since. */
    const struct moment signed_at = {.utc_ms = announcement->fields.utc_ms, .boot_ms = now.boot_ms};
    const struct keyring *keyring = &listening->desk->keyring;
    const struct group_member *member = group_member(&group->parameters, talker);
    enum status status =
        keyring_verify(keyring, talker, member != NULL ? member->kms : own_kms(listening->desk),
                       signed_at, announcement->covered, announcement->signature.octets);
    return limits_explain(listening->limits, status, keyring, talker, signed_at,
                          announcement->covered, announcement->signature.octets);
}

/* In the order of what they cost. */
static enum status check_proofs(struct listening *listening, struct moment now, uint64_t peer,
                                const struct announcement *announcement,
                                const struct judgement *judgement, struct group *group,
                                const struct gmk *gmk, struct heard_announcement *heard,
                                uint8_t gsk[GSK_SIZE]) {
    enum status status = check_mac(listening, now, announcement, judgement, gmk, heard, gsk);
    if (status == STATUS_OK &&
        !limits_allow_peer(listening->limits, &listening->limits->announcement, now, peer,
                           COST_SIGNATURE)) {
        status = STATUS_RATE_LIMITED;
    }
    return status == STATUS_OK ? check_signature(listening, now, announcement, group) : status;
}

/* It was refused for time. Who talks unheard is told of, and the own presence is said, so that both
 * clocks are measured. What that costs comes out of no talker's budget. */
static void name_refused(struct listening *listening, struct moment now,
                         const struct announcement *announcement, struct span octets,
                         const struct judgement *judgement, struct group *group,
                         const struct gmk *gmk) {
    const struct announcement_fields *fields = &announcement->fields;
    struct heard_announcement heard;
    uint8_t gsk[GSK_SIZE] = {0};
    bool is_genuine =
        refused_by_clock(judgement) &&
        (judgement->is_measured ||
         !roster_is_measured(listening->groups->roster, fields->talker, now)) &&
        refused_hear(&listening->refused, announcement, octets, now) &&
        check_mac(listening, now, announcement, judgement, gmk, &heard, gsk) == STATUS_OK &&
        refused_may_check(&listening->refused, now) &&
        check_signature(listening, now, announcement, group) == STATUS_OK;
    secret_wipe(gsk, sizeof gsk);
    if (is_genuine &&
        refused_add(&listening->refused, announcement, octets, judgement->lead_ms, now)) {
        struct event event =
            event_of_talker(listening, EVENT_TALKER_OUT_OF_TIME, fields->talker, fields->group);
        event.duration_ms = judgement->lead_ms;
        desk_tell(listening->desk, now, &event);
        presence_say_soon(listening->presences);
    }
}

/* The session as the announcement makes it: a new one, or the talker's own with a new key. Nothing
 * of `session` changes on failure. */
static enum status enter(struct listening *listening, struct moment now, struct session *session,
                         const struct announcement *announcement, int64_t made_ms,
                         const uint8_t gsk[GSK_SIZE], struct span octets) {
    const struct announcement_fields *fields = &announcement->fields;
    bool keep_receiver = session->active && session->ssrc == fields->ssrc;
    struct session next = {.active = true,
                           .ssrc = fields->ssrc,
                           .began_ms = now.boot_ms,
                           .began_utc_ms = now.utc_ms,
                           .heard_ms = now.boot_ms};
    uint8_t *copy = malloc(octets.length);
    enum status status =
        copy == NULL ? STATUS_NO_MEMORY : session_key_make(announcement, gsk, &next.current);
    if (status == STATUS_OK && !keep_receiver) {
        status = voice_receiver_new(&next.receiver);
    }
    next.announcement = (struct span){copy, copy == NULL ? 0 : octets.length};
    if (status != STATUS_OK) {
        session_clear(&next);
        return status;
    }
    memcpy(copy, octets.octets, octets.length);
    next.current.made_ms = made_ms;
    snprintf(next.group, sizeof next.group, "%s", fields->group);
    snprintf(next.talker, sizeof next.talker, "%s", fields->talker);
    bool goes_on = session->active && !session->silent;
    if (goes_on) {
        next.began_ms = session->began_ms;
        next.began_utc_ms = session->began_utc_ms;
    }
    if (keep_receiver) {
        next.earlier = session->current;
        next.receiver = session->receiver;
        next.proven_peer = session->proven_peer;
        next.forgeries = session->forgeries;
        session->current.gsc = NULL;
        session->receiver = NULL;
    }
    session_clear(session);
    *session = next;
    if (!goes_on) {
        tell_about(listening, now, session, EVENT_TALK_BEGAN);
    }
    return STATUS_OK;
}

/* The announcement is genuine: it is acted on once, also across a restart. How often is limited by
 * its talker, whom alone a flood can harm: the next repetition of one that is refused counts. */
static enum status act_on(struct listening *listening, struct moment now, struct group *group,
                          const struct announcement *announcement,
                          const struct judgement *judgement, const struct heard_announcement *heard,
                          const uint8_t gsk[GSK_SIZE], struct span octets) {
    const struct announcement_fields *fields = &announcement->fields;
    if (!limiter_allows(&listening->talker_limiter, limiter_source(fields->talker), true,
                        now.boot_ms, COST_SESSION)) {
        return STATUS_RATE_LIMITED;
    }
    if (!lead_allowed(listening->groups, group, fields->talker, fields->utc_ms, now)) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    struct session *session = session_of(listening, fields->talker, fields->group);
    if (session != NULL && session->ended) {
        session_end(listening, now, session);
    } else if (session == NULL) {
        session = free_session(listening, now);
    }
    if (session == NULL) {
        return STATUS_BUSY;
    }
    refused_forget(&listening->refused, fields->talker, fields->group);
    enum status status = enter(listening, now, session, announcement,
                               now.boot_ms - judgement->ago.min_ms, gsk, octets);
    if (status == STATUS_OK) {
        heard_add(&listening->heard, heard, now);
    }
    if (judgement->is_measured) {
        time_proof_hear_member(listening->groups, group, judgement->lead_ms + judgement->ago.min_ms,
                               now);
    }
    return status;
}

void listening_announcement(struct listening *listening, struct moment now, uint64_t peer,
                            struct span octets) {
    struct announcement announcement;
    const struct gmk *gmk;
    struct judgement judgement;
    struct heard_announcement heard;
    uint8_t gsk[GSK_SIZE] = {0};
    if (is_repetition(listening, octets)) {
        return;
    }
    enum status status = announcement_parse(octets, &announcement);
    if (status != STATUS_OK) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT, status);
        return;
    }
    const struct announcement_fields *fields = &announcement.fields;
    struct group *group = groups_gmk(listening->groups, fields->gmk_id, &gmk);
    if (group == NULL) {
        return; /* of a group that is none of this handset's */
    }
    status = check_fields(fields, listening, now, group, gmk);
    /* A GMK that waits here may be in use elsewhere: the clock here may be behind. */
    bool waits = status == STATUS_GMK_NOT_YET;
    if (status == STATUS_OK || waits) {
        status = judge(listening->groups->roster, group, fields, now, &judgement);
        if (status == STATUS_TIME_OUT_OF_RANGE) {
            name_refused(listening, now, &announcement, octets, &judgement, group, gmk);
        }
    }
    if (status == STATUS_OK && waits &&
        (!judgement.is_measured || fields->utc_ms < gmk->not_before_ms)) {
        status = STATUS_GMK_NOT_YET;
    }
    if (status == STATUS_OK) {
        status =
            check_proofs(listening, now, peer, &announcement, &judgement, group, gmk, &heard, gsk);
    }
    if (status == STATUS_OK) {
        status = act_on(listening, now, group, &announcement, &judgement, &heard, gsk, octets);
    }
    if (status == STATUS_OK && waits) {
        standard_begin_waiting(listening->desk, now, group);
    }
    secret_wipe(gsk, sizeof gsk);
    if (status != STATUS_OK) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT, status);
    }
}

/* --- Media ---------------------------------------------------------------------------------- */

/* May media under `key` be heard now? The talker may have been left out since it was announced. */
static enum status check_key(const struct listening *listening, struct moment now,
                             const struct session *session, const struct session_key *key) {
    const struct gmk *gmk;
    struct group *group = groups_gmk(listening->groups, key->gmk_id, &gmk);
    if (group == NULL || strcmp(group->parameters.identity, session->group) != 0) {
        return STATUS_GMK_EXPIRED;
    }
    if (!group_may_talk(group, session->talker)) {
        return STATUS_NOT_A_MEMBER;
    }
    if (now.boot_ms - key->made_ms > GSK_LASTS_MS) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    return gmk_is_usable(gmk, group, now);
}

/* Opens a packet that says it is protected under a GMK. */
static enum status take(const struct listening *listening, struct moment now, uint64_t peer,
                        struct session *session, const struct media *media, struct writer *rtp) {
    struct session_key *keys[] = {&session->current, &session->earlier};
    enum status status = STATUS_SESSION_UNKNOWN;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i]->gsc == NULL || keys[i]->gmk_id != media->key_id) {
            continue;
        }
        status = check_key(listening, now, session, keys[i]);
        if (status == STATUS_OK) {
            status = session_take(session, keys[i], now, peer, media, rtp);
        }
        if (status != STATUS_MAC_INVALID) {
            return status;
        }
    }
    return status;
}

static void hear(struct listening *listening, struct moment now, struct session *session,
                 uint32_t gmk_id, struct span rtp) {
    session->heard_ms = now.boot_ms;
    if (rtp.length >= 2 && (rtp.octets[1] & 0x7F) == MEDIA_END_TYPE) {
        session->ended = true;
        if (session->silent || !voice_receiver_holds(session->receiver)) {
            session_end(listening, now, session);
        }
        return;
    }
    if (session->silent) {
        session->silent = false;
        session->began_ms = now.boot_ms;
        session->began_utc_ms = now.utc_ms;
        tell_about(listening, now, session, EVENT_TALK_BEGAN);
    }
    enum status status = voice_receiver_packet(session->receiver, now.boot_ms, rtp);
    if (status != STATUS_OK) {
        desk_refuse(listening->desk, now, MESSAGE_VOICE, status);
        return;
    }
    again_keep(listening->again, now, session->group, session->talker, gmk_id, rtp);
}

/* A member spoke in the talker's name. That is told now and then, and not for each packet. */
static void tell_forgery(struct listening *listening, struct moment now, struct session *session) {
    struct forgeries *forgeries = &session->forgeries;
    if (forgeries->is_told && now.boot_ms - forgeries->told_ms < FORGERY_TOLD_MS) {
        return;
    }
    forgeries->is_told = true;
    forgeries->told_ms = now.boot_ms;
    tell_about(listening, now, session, EVENT_VOICE_FORGED);
}

/* Members choose their SSRCs, and one may choose another's: every session with that SSRC gets what
 * opens under its own key, so that nobody takes another's words away. */
void listening_media(struct listening *listening, struct moment now, uint64_t peer,
                     struct span payload) {
    struct media media;
    uint8_t room[RTP_PACKET_MAX];
    enum status refusal = STATUS_SESSION_UNKNOWN;
    bool heard = false;
    if (media_read(payload, &media) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (!session->active || session->ssrc != media.ssrc) {
            continue;
        }
        struct writer rtp = writer_into(room, sizeof room);
        enum status status = take(listening, now, peer, session, &media, &rtp);
        if (status == STATUS_SIGNATURE_INVALID) {
            tell_forgery(listening, now, session);
        } else if (status == STATUS_OK) {
            hear(listening, now, session, media.key_id, writer_span(&rtp));
        }
        heard = heard || status == STATUS_OK || status == STATUS_REPLAYED;
        refusal = status == STATUS_SESSION_UNKNOWN ? refusal : status;
    }
    secret_wipe(room, sizeof room);
    /* An unknown session is none of ours, or its announcement is still to come. */
    if (!heard && refusal != STATUS_SESSION_UNKNOWN) {
        desk_refuse(listening->desk, now, MESSAGE_VOICE, refusal);
    }
}

bool listening_play(struct listening *listening, struct moment now,
                    int16_t mix[VOICE_FRAME_SAMPLES]) {
    bool any = false;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        int16_t samples[VOICE_FRAME_SAMPLES];
        if (!session->active || session->silent) {
            continue;
        }
        bool voice = voice_receiver_play(session->receiver, now.boot_ms, samples);
        session->level = voice ? voice_level(samples) : 0;
        voice_mix(mix, samples);
        any = any || voice;
        if (session->ended && !voice_receiver_holds(session->receiver)) {
            session_end(listening, now, session);
        }
    }
    return any;
}

void listening_slept(struct listening *listening) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (listening->sessions[i].active) {
            voice_receiver_restart(listening->sessions[i].receiver);
        }
    }
}

bool listening_is_active(const struct listening *listening) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (listening->sessions[i].active && !listening->sessions[i].silent) {
            return true;
        }
    }
    return false;
}

/* --- Time ----------------------------------------------------------------------------------- */

/* When a session that hears nothing more comes to its next end. */
static int64_t session_deadline(const struct session *session) {
    return session->heard_ms + (session->silent  ? SESSION_KEPT_MS
                                : session->ended ? SESSION_LAST_WORDS_MS
                                                 : SESSION_SILENCE_MS);
}

void listening_look(struct listening *listening, struct moment now) {
    if (listening->groups_version != listening->groups->version) {
        listening_tick(listening, now);
    }
}

void listening_tick(struct listening *listening, struct moment now) {
    listening->groups_version = listening->groups->version;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (!session->active) {
            continue;
        }
        bool may_go_on = check_key(listening, now, session, &session->current) == STATUS_OK;
        bool is_due = session_deadline(session) <= now.boot_ms;
        if (!may_go_on || (is_due && (session->silent || session->ended))) {
            session_end(listening, now, session);
        } else if (is_due) {
            session_tell_end(listening, now, session);
            session->silent = true;
        }
    }
}

int64_t listening_deadline(const struct listening *listening) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct session *session = &listening->sessions[i];
        if (session->active && session_deadline(session) < deadline) {
            deadline = session_deadline(session);
        }
    }
    return deadline;
}

void listening_show(const struct listening *listening, struct moment now, struct view *view) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct session *session = &listening->sessions[i];
        if (!session->active || session->silent || view->talker_count == VIEW_TALKERS_MAX) {
            continue;
        }
        struct view_talker *row = &view->talkers[view->talker_count++];
        *row = (struct view_talker){.elapsed_ms = now.boot_ms - session->began_ms,
                                    .level = session->level};
        snprintf(row->identity, sizeof row->identity, "%s", session->talker);
        snprintf(row->name, sizeof row->name, "%s",
                 name_of_talker(listening, session->talker, session->group));
        snprintf(row->group, sizeof row->group, "%s", session->group);
    }
    refused_show(&listening->refused, now, view);
    for (size_t i = 0; i < view->refused_count; i++) {
        struct view_refused *row = &view->refused[i];
        snprintf(row->name, sizeof row->name, "%s",
                 name_of_talker(listening, row->identity, row->group));
    }
}
