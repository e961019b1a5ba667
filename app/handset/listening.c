/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/listening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"

static void session_clear(struct session *session) {
    gsc_free(session->current.gsc);
    gsc_free(session->earlier.gsc);
    voice_receiver_free(session->receiver);
    free((void *)(uintptr_t)session->announcement.octets);
    *session = (struct session){.active = false};
}

void listening_clear(struct listening *listening) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        session_clear(&listening->sessions[i]);
    }
}

/* The talker's name: its own word, or else what its group's creator called it, which the officer
 * accepted for this group. */
static const char *name_of_talker(const struct handset *handset, const struct session *session) {
    const char *name = handset_name_of(handset, session->talker);
    struct group *group = handset_group(handset, session->group);
    const struct group_member *member =
        group == NULL ? NULL : group_member(&group->parameters, session->talker);
    return name[0] != '\0' || member == NULL ? name : member->name;
}

/* The talk session is over: into the log of sessions. */
static void session_tell_end(struct handset *handset, struct moment now,
                             const struct session *session) {
    struct view_session row = {.began_utc_ms = session->began_utc_ms,
                               .lasted_ms = session->heard_ms - session->began_ms};
    const struct group *group = handset_group(handset, session->group);
    snprintf(row.talker, sizeof row.talker, "%s", session->talker);
    snprintf(row.talker_name, sizeof row.talker_name, "%s", name_of_talker(handset, session));
    snprintf(row.group_name, sizeof row.group_name, "%s",
             group == NULL ? "" : group->parameters.name);
    journal_add_session(&handset->journal, &row);
    handset_tell(handset, now, TELL_TALK_ENDED, LOG_DETAIL, "%s stopped talking", session->talker);
}

static void session_end(struct handset *handset, struct moment now, struct session *session) {
    if (!session->silent) {
        session_tell_end(handset, now, session);
    }
    session_clear(session);
}

static struct session *session_of(struct handset *handset, const char *talker, const char *group) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &handset->listening.sessions[i];
        if (session->active && strcmp(session->talker, talker) == 0 &&
            strcmp(session->group, group) == 0) {
            return session;
        }
    }
    return NULL;
}

/* A place for one more session: a free one, or that of one that has ended or fallen silent. */
static struct session *free_session(struct handset *handset, struct moment now) {
    struct session *found = NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &handset->listening.sessions[i];
        if (!session->active) {
            return session;
        }
        if (session->silent || session->ended) {
            found = session;
        }
    }
    if (found != NULL) {
        session_end(handset, now, found);
    }
    return found;
}

/* --- Announcements -------------------------------------------------------------------------- */

static bool is_repetition(const struct handset *handset, struct span octets) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (handset->listening.sessions[i].active && !handset->listening.sessions[i].silent &&
            span_equal(handset->listening.sessions[i].announcement, octets)) {
            return true;
        }
    }
    return false;
}

/* Everything that can be told without cryptography. */
static enum status check_fields(const struct announcement_fields *fields,
                                const struct handset *handset, struct moment now,
                                struct group *group, const struct gmk *gmk) {
    if (strcmp(fields->group, group->parameters.identity) != 0) {
        return STATUS_GROUP_IDENTITY_WRONG;
    }
    if (!group_may_talk(group, fields->talker) ||
        strcmp(fields->talker, own_identity(handset)) == 0) {
        return STATUS_NOT_A_MEMBER;
    }
    enum status status = gmk_is_usable(gmk, group, now);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t age = group_clock_read(&group->clock, now) - fields->utc_ms;
    if (age > ANNOUNCEMENT_TOLERANCE_MS || age < -ANNOUNCEMENT_TOLERANCE_MS) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    return STATUS_OK;
}

/* MAC, replay, signature, in the order of what they cost. */
static enum status check_proofs(struct handset *handset, struct moment now, uint64_t peer,
                                const struct announcement *announcement, struct group *group,
                                const struct gmk *gmk, uint8_t gsk[GSK_SIZE]) {
    const char *talker = announcement->fields.talker;
    enum status status = announcement_open(announcement, gmk->octets->octets, gsk);
    if (status != STATUS_OK) {
        return status;
    }
    if (announcement->fields.utc_ms <= group_talked_ms(group, talker)) {
        return STATUS_REPLAYED;
    }
    if (!limiter_allows(&handset->announcement_limiter, peer,
                        roster_has_peer(&handset->roster, peer), now.boot_ms, COST_SIGNATURE)) {
        return STATUS_RATE_LIMITED;
    }
    /* Group time, as near as it was found to be: a wall clock may be wrong, or set back to a month
     * whose keys were taken from the talker since. */
    struct moment signed_at = {.utc_ms = announcement->fields.utc_ms};
    const struct group_member *member = group_member(&group->parameters, talker);
    return keyring_verify(&handset->keyring, talker,
                          member != NULL ? member->kms : own_kms(handset), signed_at,
                          announcement->covered, announcement->signature.octets);
}

/* The session as the announcement makes it: a new one, or the talker's own with a new key. Nothing
 * of `session` changes on failure. */
static enum status enter(struct handset *handset, struct moment now, struct session *session,
                         const struct announcement_fields *fields, const uint8_t gsk[GSK_SIZE],
                         struct span octets) {
    struct gsc *gsc = NULL;
    struct voice_receiver *receiver = NULL;
    bool keep_receiver = session->active && session->ssrc == fields->ssrc;
    uint8_t *copy = malloc(octets.length);
    enum status status = copy == NULL ? STATUS_NO_MEMORY
                                      : gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc,
                                                GSC_RECEIVE, &gsc);
    if (status == STATUS_OK && !keep_receiver) {
        status = voice_receiver_new(&receiver);
    }
    if (status != STATUS_OK) {
        gsc_free(gsc);
        free(copy);
        return status;
    }
    memcpy(copy, octets.octets, octets.length);
    struct session before = *session;
    bool goes_on = before.active && !before.silent;
    *session = (struct session){
        .active = true,
        .ssrc = fields->ssrc,
        .current = {gsc, fields->gmk_id, fields->utc_ms},
        .earlier = keep_receiver ? before.current : (struct session_key){.gsc = NULL},
        .receiver = keep_receiver ? before.receiver : receiver,
        .announcement = {copy, octets.length},
        .began_ms = goes_on ? before.began_ms : now.boot_ms,
        .began_utc_ms = goes_on ? before.began_utc_ms : now.utc_ms,
        .heard_ms = now.boot_ms,
    };
    snprintf(session->group, sizeof session->group, "%s", fields->group);
    snprintf(session->talker, sizeof session->talker, "%s", fields->talker);
    if (keep_receiver) {
        before.current.gsc = NULL;
        before.receiver = NULL;
    }
    session_clear(&before);
    if (!goes_on) {
        handset_tell(handset, now, TELL_TALK_BEGAN, LOG_NOTICE, "%s talks", session->talker);
    }
    return STATUS_OK;
}

/* The announcement is genuine: it is acted on once, also across a restart. How often is limited by
 * its talker, whom alone a flood can harm: the next repetition of one that is refused counts. */
static enum status act_on(struct handset *handset, struct moment now, struct group *group,
                          const struct announcement_fields *fields, const uint8_t gsk[GSK_SIZE],
                          struct span octets) {
    struct session *session = session_of(handset, fields->talker, fields->group);
    if (session != NULL && session->ended) {
        session_end(handset, now, session);
    } else if (session == NULL) {
        session = free_session(handset, now);
    }
    if (session == NULL) {
        return STATUS_BUSY;
    }
    if (!limiter_allows(&handset->talk_limiter, limiter_source(fields->talker), true, now.boot_ms,
                        COST_DURABLE)) {
        return STATUS_RATE_LIMITED;
    }
    const struct talkers before = group->talkers;
    int64_t talked_before_ms = group_talked_ms(group, fields->talker);
    group_set_talked_ms(group, fields->talker, fields->utc_ms);
    enum status status = handset_save_group(handset, group);
    if (status != STATUS_OK) {
        group_set_talked_ms(group, fields->talker, talked_before_ms);
        group->talkers = before;
        return status;
    }
    return enter(handset, now, session, fields, gsk, octets);
}

void listening_announcement(struct handset *handset, struct moment now, uint64_t peer,
                            struct span octets) {
    struct announcement announcement;
    const struct gmk *gmk;
    uint8_t gsk[GSK_SIZE] = {0};
    if (is_repetition(handset, octets)) {
        return;
    }
    enum status status = announcement_parse(octets, &announcement);
    if (status != STATUS_OK) {
        handset_refuse(handset, now, "announcement", status);
        return;
    }
    const struct announcement_fields *fields = &announcement.fields;
    struct group *group = handset_gmk(handset, fields->gmk_id, &gmk);
    if (group == NULL) {
        return; /* of a group that is none of this handset's */
    }
    status = check_fields(fields, handset, now, group, gmk);
    if (status == STATUS_OK) {
        status = check_proofs(handset, now, peer, &announcement, group, gmk, gsk);
    }
    if (status == STATUS_OK) {
        status = act_on(handset, now, group, fields, gsk, octets);
    }
    secret_wipe(gsk, sizeof gsk);
    if (status != STATUS_OK) {
        handset_refuse(handset, now, "announcement", status);
    }
}

/* --- Media ---------------------------------------------------------------------------------- */

/* May media under `key` be heard now? The talker may have been left out since it was announced. */
static enum status check_key(const struct handset *handset, struct moment now,
                             const struct session *session, const struct session_key *key) {
    const struct gmk *gmk;
    struct group *group = handset_gmk(handset, key->gmk_id, &gmk);
    if (group == NULL || strcmp(group->parameters.identity, session->group) != 0) {
        return STATUS_GMK_EXPIRED;
    }
    if (!group_may_talk(group, session->talker)) {
        return STATUS_NOT_A_MEMBER;
    }
    if (group_clock_read(&group->clock, now) - key->announced_ms > GSK_LASTS_MS) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    return gmk_is_usable(gmk, group, now);
}

/* Opens a packet that says it is protected under `gmk_id`. */
static enum status unprotect(const struct handset *handset, struct moment now,
                             const struct session *session, uint32_t gmk_id, struct span srtp,
                             struct writer *rtp) {
    const struct session_key *keys[] = {&session->current, &session->earlier};
    enum status status = STATUS_SESSION_UNKNOWN;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i]->gsc == NULL || keys[i]->gmk_id != gmk_id) {
            continue;
        }
        status = check_key(handset, now, session, keys[i]);
        if (status == STATUS_OK) {
            status = gsc_unprotect(keys[i]->gsc, srtp, rtp);
        }
        if (status != STATUS_MAC_INVALID) {
            return status;
        }
    }
    return status;
}

static void hear(struct handset *handset, struct moment now, struct session *session,
                 struct span rtp) {
    session->heard_ms = now.boot_ms;
    if (rtp.length >= 2 && (rtp.octets[1] & 0x7F) == MEDIA_END_TYPE) {
        session->ended = true;
        if (session->silent || !voice_receiver_holds(session->receiver)) {
            session_end(handset, now, session);
        }
        return;
    }
    if (session->silent) {
        session->silent = false;
        session->began_ms = now.boot_ms;
        session->began_utc_ms = now.utc_ms;
        handset_tell(handset, now, TELL_TALK_BEGAN, LOG_NOTICE, "%s talks", session->talker);
    }
    enum status status = voice_receiver_packet(session->receiver, now.boot_ms, rtp);
    if (status != STATUS_OK) {
        handset_refuse(handset, now, "voice", status);
    }
}

/* Members choose their SSRCs, and one may choose another's: every session with that SSRC gets what
 * opens under its own key, so that nobody takes another's words away. */
static void hear_media(struct handset *handset, struct moment now, uint32_t gmk_id, uint32_t ssrc,
                       struct span srtp) {
    uint8_t room[RTP_PACKET_MAX];
    enum status refusal = STATUS_SESSION_UNKNOWN;
    bool heard = false;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &handset->listening.sessions[i];
        if (!session->active || session->ssrc != ssrc) {
            continue;
        }
        struct writer rtp = writer_into(room, sizeof room);
        enum status status = unprotect(handset, now, session, gmk_id, srtp, &rtp);
        if (status == STATUS_OK) {
            hear(handset, now, session, writer_span(&rtp));
        }
        heard = heard || status == STATUS_OK || status == STATUS_REPLAYED;
        if (status != STATUS_SESSION_UNKNOWN) {
            refusal = status;
        }
    }
    secret_wipe(room, sizeof room);
    /* An unknown session is none of ours, or its announcement is still to come. */
    if (!heard && refusal != STATUS_SESSION_UNKNOWN) {
        handset_refuse(handset, now, "voice", refusal);
    }
}

void listening_media(struct handset *handset, struct moment now, struct span payload) {
    enum {
        SSRC_AT = 8
    };
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    struct span srtp = read_span(&r, reader_left(&r));
    if (call_media(handset, now, key_id, srtp)) {
        return;
    }
    r = reader_of(srtp);
    (void)read_span(&r, SSRC_AT);
    uint32_t ssrc = read_u32(&r);
    if (!r.failed) {
        hear_media(handset, now, key_id, ssrc, srtp);
    }
}

bool listening_play(struct handset *handset, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]) {
    bool any = false;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &handset->listening.sessions[i];
        int16_t samples[VOICE_FRAME_SAMPLES];
        if (!session->active || session->silent) {
            continue;
        }
        bool voice = voice_receiver_play(session->receiver, now.boot_ms, samples);
        session->level = voice ? voice_level(samples) : 0;
        voice_mix(mix, samples);
        any = any || voice;
        if (session->ended && !voice_receiver_holds(session->receiver)) {
            session_end(handset, now, session);
        }
    }
    return any;
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

void listening_tick(struct handset *handset, struct moment now) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &handset->listening.sessions[i];
        if (!session->active) {
            continue;
        }
        bool may_go_on = check_key(handset, now, session, &session->current) == STATUS_OK;
        bool is_due = session_deadline(session) <= now.boot_ms;
        if (!may_go_on || (is_due && (session->silent || session->ended))) {
            session_end(handset, now, session);
        } else if (is_due) {
            session_tell_end(handset, now, session);
            session->silent = true;
        }
    }
}

int64_t listening_deadline(const struct handset *handset) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct session *session = &handset->listening.sessions[i];
        if (session->active && session_deadline(session) < deadline) {
            deadline = session_deadline(session);
        }
    }
    return deadline;
}

void listening_show(const struct handset *handset, struct moment now, struct view *view) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct session *session = &handset->listening.sessions[i];
        if (!session->active || session->silent || view->talker_count == VIEW_TALKERS_MAX) {
            continue;
        }
        struct view_talker *row = &view->talkers[view->talker_count++];
        *row = (struct view_talker){.elapsed_ms = now.boot_ms - session->began_ms,
                                    .level = session->level};
        snprintf(row->identity, sizeof row->identity, "%s", session->talker);
        snprintf(row->name, sizeof row->name, "%s", name_of_talker(handset, session));
        snprintf(row->group, sizeof row->group, "%s", session->group);
    }
}
