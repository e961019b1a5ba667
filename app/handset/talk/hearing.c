/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/handset/keys/lead.h"
#include "app/handset/talk/judging.h"
#include "app/handset/talk/listening_state.h"
#include "app/handset/talk/proving.h"

static void tell_about(struct listening *listening, struct moment now,
                       const struct session *session, enum event_kind kind) {
    const struct event event = listening_event(listening, kind, session->talker, session->group);
    desk_tell(listening->desk, now, &event);
}

enum status listening_check_key(const struct listening *listening, struct moment now,
                                const struct session *session, const struct session_key *key) {
    const struct gmk *gmk;
    struct group *group = groups_gmk(listening->groups, session->group, key->gmk_id, &gmk);
    if (group == NULL) {
        return STATUS_GMK_EXPIRED;
    }
    if (!group_may_talk(group, session->talker)) {
        return STATUS_NOT_A_MEMBER;
    }
    return gmk_is_usable(gmk, group, now);
}

/* Opens a packet under one key of its session. What is further ahead of group time than is durable
 * is not heard: after a restart it could be heard again. */
static enum status take_under(struct listening *listening, struct moment now, uint64_t peer,
                              struct session *session, struct session_key *key,
                              const struct media *media, struct writer *rtp) {
    struct group *group = groups_find(listening->groups, session->group);
    enum status status = session_sift(session, key, now, peer, media);
    if (status == STATUS_OK) {
        status = listening_check_key(listening, now, session, key);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct roster *roster = listening->groups->roster;
    announced_measure(&key->announced, roster, session->talker, now);
    status = session_is_over(session, media)
                 ? STATUS_REPLAYED
                 : judge_packet(&key->announced, roster, group, session->talker, media, now);
    status = session_take(session, key, status, now, peer, media, rtp);
    int64_t utc_ms = key->announced.utc_ms + announced_passed(&key->announced, media->rtp_time);
    if (status == STATUS_OK &&
        !lead_allowed(listening->groups, group, session->talker, utc_ms, now)) {
        status = STATUS_TIME_OUT_OF_RANGE;
    }
    return status;
}

/* Opens a packet that says it is protected under a GMK: it is of one of two keys, *key. */
static enum status take(struct listening *listening, struct moment now, uint64_t peer,
                        struct session *session, const struct media *media, struct writer *rtp,
                        const struct session_key **key) {
    struct session_key *keys[] = {&session->current, &session->earlier};
    enum status found = STATUS_SESSION_UNKNOWN;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i]->gsc == NULL || keys[i]->gmk_id != media->key_id) {
            continue;
        }
        *key = keys[i];
        enum status status = take_under(listening, now, peer, session, keys[i], media, rtp);
        if (status != STATUS_MAC_INVALID && status != STATUS_TIME_OUT_OF_RANGE) {
            return status;
        }
        found = found == STATUS_SESSION_UNKNOWN ? status : found;
    }
    return found;
}

/* A packet of now is proven: the session is heard from now on, if there is a seat for it. */
static bool begin(struct listening *listening, struct moment now, struct session *session) {
    struct session *leaves;
    listening_unseat_losers(listening, now, session->group);
    if (!seats_take(listening->sessions, session, &leaves)) {
        if (!session->is_turned_away) {
            session->is_turned_away = true;
            const struct event event =
                listening_event(listening, EVENT_TALKER_UNHEARD, session->talker, session->group);
            desk_refuse_whom(listening->desk, now, &event, STATUS_BUSY);
        }
        return false;
    }
    if (leaves != NULL) {
        listening_leave_seat(listening, now, leaves);
    }
    session->silent = session->is_turned_away = false;
    session->began_ms = now.boot_ms;
    session->began_utc_ms = now.utc_ms;
    tell_about(listening, now, session, EVENT_TALK_BEGAN);
    return true;
}

/* It takes the floor from one who has talked for long: it says that it has for longer, unheard. */
static void tell_late_claim(struct listening *listening, struct moment now,
                            const struct session *session) {
    const struct group *group = groups_find(listening->groups, session->group);
    struct event event =
        listening_event(listening, EVENT_FLOOR_CLAIMED_LATE, session->talker, session->group);
    int64_t ago_ms =
        group == NULL ? 0 : group_clock_read(&group->clock, now) - session->claim.began_ms;
    event.duration_ms = ago_ms > 0 ? ago_ms : 0;
    desk_tell(listening->desk, now, &event);
}

static void hear(struct listening *listening, struct moment now, struct session *session,
                 const struct media *media, struct span rtp) {
    listening->proven++;
    emergencies_hear(listening->emergencies, now, &session->claim);
    asking_packet(listening->asking, now, session, media, rtp);
    if (media_is_end(media)) {
        floor_end(listening->floor, &session->claim);
        session_hear_end(session, media, now);
        if (!session->silent && !voice_receiver_holds(session->receiver)) {
            listening_end(listening, now, session);
        }
        return;
    }
    if (session->silent && session->ended) {
        return; /* what was said before the end comes too late to begin anything */
    }
    session->heard_ms = now.boot_ms;
    if (!session->ended && floor_hear(listening->floor, now, &session->claim,
                                      session->current.announced.is_measured)) {
        tell_late_claim(listening, now, session);
    }
    proving_hear(listening->presences, listening->floor, session, now);
    if (!seats_has_floor(listening->sessions, listening->floor, now, session)) {
        listening_leave_seat(listening, now, session);
        return; /* another has the floor */
    }
    if (session->silent && !begin(listening, now, session)) {
        return;
    }
    beginning_hear(&session->beginning, rtp);
    reporting_packet(listening->reporting, now, session->current.hash, rtp);
    enum status status = voice_receiver_packet(session->receiver, now.boot_ms, rtp);
    if (status != STATUS_OK) {
        desk_refuse(listening->desk, now, MESSAGE_VOICE, status);
        return;
    }
    if (listening->again != NULL) {
        again_keep(listening->again, now, session->group, session->talker, media->key_id, rtp);
    }
}

/* A member spoke in the talker's name: `suspect` and `media` have one number and different octets,
 * under right tags. That is told now and then, and not for each packet. The first two are kept as
 * evidence, with the announcement: who holds the GMK can show by them that a member made one. */
static void tell_forgery(struct listening *listening, struct moment now, struct session *session,
                         const struct session_key *key, uint64_t peer, struct span suspect,
                         const struct media *media) {
    uint8_t room[ANNOUNCEMENT_MAX + 2 * MEDIA_MAX + 6];
    struct writer proof = writer_into(room, sizeof room);
    if (session->is_forgery_told && now.boot_ms - session->forgery_told_ms < FORGERY_TOLD_MS) {
        return;
    }
    if (!session->is_forgery_told) {
        write_span_u16(&proof, key->announcement);
        write_span_u16(&proof, suspect);
        write_span_u16(&proof, media->payload);
    }
    session->is_forgery_told = true;
    session->forgery_told_ms = now.boot_ms;
    const struct event event =
        listening_event(listening, EVENT_VOICE_FORGED, session->talker, session->group);
    desk_tell_proof(listening->desk, now, &event, peer, writer_span(&proof));
}

/* Members choose their SSRCs, and one may choose another's: every session with that SSRC gets what
 * opens under its own key, so that nobody takes another's words away. STATUS_OK when one took it,
 * also before; STATUS_SESSION_UNKNOWN: an unknown session is none of ours, or its announcement is
 * still to come. */
static enum status hear_media(struct listening *listening, struct moment now, uint64_t peer,
                              const struct media *media) {
    uint8_t room[RTP_PACKET_MAX];
    enum status refusal = STATUS_SESSION_UNKNOWN;
    bool heard = false;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (!session->active || session->ssrc != media->ssrc) {
            continue;
        }
        struct writer rtp = writer_into(room, sizeof room);
        const struct session_key *key;
        struct span suspect;
        enum status status = take(listening, now, peer, session, media, &rtp, &key);
        if ((status == STATUS_OK || status == STATUS_SIGNATURE_INVALID) &&
            forgeries_catch(session->forgeries, key->hash, media, &suspect)) {
            tell_forgery(listening, now, session, key, peer, suspect, media);
        }
        if (status == STATUS_OK) {
            hear(listening, now, session, media, writer_span(&rtp));
        }
        heard = heard || status == STATUS_OK || status == STATUS_REPLAYED;
        refusal = status == STATUS_SESSION_UNKNOWN ? refusal : status;
    }
    secret_wipe(room, sizeof room);
    return heard ? STATUS_OK : refusal;
}

void listening_media(struct listening *listening, struct moment now, uint64_t peer,
                     struct span payload) {
    struct media media;
    if (media_read(payload, &media) != STATUS_OK) {
        return;
    }
    enum status status = hear_media(listening, now, peer, &media);
    if (status == STATUS_SESSION_UNKNOWN || status == STATUS_MAC_INVALID) {
        /* It may be of a session whose announcement, or the renewal, was lost so far. */
        early_keep(&listening->early, listening->groups, now, peer, &media, payload);
    }
    if (status != STATUS_OK && status != STATUS_SESSION_UNKNOWN) {
        desk_refuse(listening->desk, now, MESSAGE_VOICE, status);
    }
}

static bool judge_early(void *context, const struct early_packet *packet) {
    return hear_media(context, packet->arrived, packet->peer, &packet->media) == STATUS_OK;
}

void listening_hear_early(struct listening *listening, struct moment now, uint32_t ssrc) {
    early_hear(&listening->early, now, ssrc, judge_early, listening);
}
