/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/listening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "app/handset/keys/lead.h"
#include "app/handset/keys/standard.h"
#include "app/handset/keys/time_proof.h"
#include "app/handset/talk/judging.h"
#include "app/handset/talk/listening_state.h"
#include "app/handset/talk/proving.h"

void listening_clear(struct listening *listening) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        session_clear(&listening->sessions[i]);
    }
}

void listening_hand_over(struct listening *from, struct listening *to) {
    to->routes = from->routes;
    to->early = from->early;
    to->heard = from->heard;
    to->verified = from->verified;
    to->groups_version = to->groups->version - 1; /* it is to look at all of them */
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &to->sessions[i];
        *session = from->sessions[i];
        if (session->active && session->route != NULL) {
            session->route = &to->routes.list[session->route - from->routes.list];
            voice_receiver_move(session->receiver, &session->route->way);
        }
    }
    memset(from->sessions, 0, sizeof from->sessions);
}

struct event listening_event(const struct listening *listening, enum event_kind kind,
                             const char *talker, const char *group) {
    return groups_event(listening->groups, kind, talker, group);
}

/* The talk session is over: into the log of sessions. */
static void session_tell_end(struct listening *listening, struct moment now,
                             const struct session *session) {
    struct view_session row = {.began_utc_ms = session->began_utc_ms,
                               .lasted_ms = session->heard_ms - session->began_ms};
    struct event event =
        listening_event(listening, EVENT_TALK_ENDED, session->talker, session->group);
    memcpy(row.talker, event.identity, sizeof row.talker);
    memcpy(row.talker_name, event.name, sizeof row.talker_name);
    row.talker_name_kind = event.name_kind;
    memcpy(row.group_name, event.group_name, sizeof row.group_name);
    journal_add_session(&listening->desk->journal, &row);
    event.duration_ms = row.lasted_ms;
    desk_tell(listening->desk, now, &event);
}

/* What was heard under a key that goes is not heard again. */
static void forget_key(struct listening *listening, struct moment now,
                       const struct session *session, const struct session_key *key) {
    if (key->gsc != NULL && key->proven_ms >= 0) {
        announced_played(&key->announced, key->proven_ms,
                         groups_find(listening->groups, session->group), &listening->heard, now);
    }
}

static void forget(struct listening *listening, struct moment now, struct session *session) {
    forget_key(listening, now, session, &session->earlier);
    forget_key(listening, now, session, &session->current);
    session_clear(session);
}

void listening_end(struct listening *listening, struct moment now, struct session *session) {
    if (!session->silent) {
        session_tell_end(listening, now, session);
    }
    floor_end(listening->floor, &session->claim);
    forget(listening, now, session);
}

/* It is over, but what still comes may take it up again. */
static void fall_silent(struct listening *listening, struct moment now, struct session *session) {
    session_tell_end(listening, now, session);
    session->silent = true;
}

void listening_leave_seat(struct listening *listening, struct moment now, struct session *session) {
    if (!session->silent) {
        fall_silent(listening, now, session);
        voice_receiver_restart(session->receiver);
        reporting_pause(listening->reporting, session->current.hash);
    }
}

void listening_unseat_losers(struct listening *listening, struct moment now, const char *group) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (session->active && strcmp(session->group, group) == 0 &&
            !seats_has_floor(listening->sessions, listening->floor, now, session)) {
            listening_leave_seat(listening, now, session);
        }
    }
}

/* --- Announcements -------------------------------------------------------------------------- */

/* Everything that can be told without cryptography. Who is no member may have a ticket, which is
 * then in *ticket, whose number is 0 for a member. */
static enum status check_fields(const struct announcement_fields *fields,
                                const struct listening *listening, struct moment now,
                                struct group *group, const struct gmk *gmk, struct ticket *ticket) {
    ticket->member.listed_in = 0;
    enum status admitted = keyring_admits(&listening->desk->keyring, fields->talker);
    if (admitted != STATUS_OK) {
        return admitted; /* also what was genuine before */
    }
    bool is_known = group_may_talk(group, fields->talker);
    if ((!is_known && !latecomers_shows_ticket(group, gmk, fields, ticket)) ||
        strcmp(fields->talker, own_identity(listening->desk)) == 0) {
        return STATUS_NOT_A_MEMBER;
    }
    return gmk_is_usable(gmk, group, now);
}

/* What the announcement asks for beyond what the creator's list, or its ticket, gives its talker
 * counts as normal, at each handset alike. Returns whether it did. */
static bool bring_down(struct announcement_fields *fields, const struct group *group,
                       const struct ticket *ticket) {
    bool is_late = ticket->member.listed_in > 0;
    bool may = is_late ? !ticket->member.no_emergency
                       : group_may_raise(&group->parameters, fields->talker);
    if (may || fields->proof.priority == TALK_NORMAL) {
        return false;
    }
    fields->proof.priority = TALK_NORMAL;
    return true;
}

static void tell_unfounded(struct listening *listening, struct moment now,
                           const struct group *group, const char *talker) {
    const struct event event = event_of_member(EVENT_EMERGENCY_UNFOUNDED, talker, "",
                                               group->parameters.identity, group->parameters.name);
    desk_tell(listening->desk, now, &event);
}

/* One from before the session that is there must not take its place, nor must its own, which has
 * two forms (announcement.h): all that was heard under it would be new again. But a session that
 * was opened by an announcement that came early takes the one before it. */
static bool is_outdated(struct listening *listening, const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    const struct session *session = seats_find(listening->sessions, fields->talker, fields->group);
    return session != NULL && fields->utc_ms <= session->current.announced.utc_ms &&
           !session_lacks_earlier(session, fields);
}

/* MAC and order. Each hour that the key has to be moved for the moment costs its sender as well. */
static enum status check_mac(struct listening *listening, struct moment now,
                             const struct announcement *announcement, const struct group *group,
                             const struct gmk *gmk, uint8_t gsk[GSK_SIZE]) {
    if (!admission_affords(listening->admission, now, SPENT_ON_STEPS,
                           hours_steps(group, gmk, announcement, now))) {
        return STATUS_RATE_LIMITED;
    }
    enum status status = hours_open(group, gmk, announcement, now, gsk);
    return status == STATUS_OK && is_outdated(listening, announcement) ? STATUS_REPLAYED : status;
}

/* The talker's. Of a latecomer who is not known here the ticket tells the domain, and is checked
 * after it: so it is the talker alone whom a forged one is told of. */
static enum status check_signature(struct listening *listening, struct moment now,
                                   const struct announcement *announcement, struct group *group,
                                   const struct ticket *ticket) {
    const char *talker = announcement->fields.talker;
    /* Group time, as near as it was found to be: a wall clock may be wrong, or set back to a month
     * whose keys were taken from the talker since. */
    const struct moment signed_at = {.utc_ms = announcement->fields.utc_ms, .boot_ms = now.boot_ms};
    const struct keyring *keyring = &listening->desk->keyring;
    bool is_late = ticket->member.listed_in > 0;
    const struct group_member *member =
        is_late ? &ticket->member : group_listed(&group->parameters, talker);
    enum status status =
        keyring_verify(keyring, talker, member != NULL ? member->kms : own_kms(listening->desk),
                       signed_at, announcement->covered, announcement->signature.octets);
    if (status == STATUS_OK && is_late) {
        return ticket_checks_pass(&listening->ticket_checks, now, group, ticket, announcement);
    }
    return admission_explains(listening->admission, status, talker, signed_at,
                              announcement->covered, announcement->signature.octets);
}

/* It was genuine before. The signature that verified then needs no second check; another one does,
 * for it may be nobody's, and the announcement is kept as evidence. */
static enum status check_repetition(struct listening *listening, struct moment now,
                                    const struct announcement *announcement, struct group *group,
                                    const struct ticket *ticket) {
    if (seen_has(&listening->verified, announcement->covered, announcement->signature)) {
        return admission_affords(listening->admission, now, SPENT_ON_REPETITIONS,
                                 COST_REPEATED_MILLI)
                   ? STATUS_OK
                   : STATUS_RATE_LIMITED;
    }
    return admission_checks(listening->admission, now, announcement->fields.talker, true)
               ? check_signature(listening, now, announcement, group, ticket)
               : STATUS_BUSY;
}

/* The right MAC shows that a member made it, or that it is a copy, perhaps with another signature:
 * so what is not genuine is paid for by all who show as much. What is costs its talker, of whom it
 * is more than anybody presses. So no forger takes a word from a talker elsewhere, and no press
 * from another. */
static enum status check_new(struct listening *listening, struct moment now,
                             const struct announcement *announcement, struct group *group,
                             const struct ticket *ticket) {
    const char *talker = announcement->fields.talker;
    const struct span nothing = {NULL, 0};
    struct admission *admission = listening->admission;
    if (ticket_checks_refuse(&listening->ticket_checks, announcement)) {
        return STATUS_NOT_A_MEMBER;
    }
    if (!admission_has(admission, now, PROVEN_TALK, talker, COST_SIGNATURE * UNIT)) {
        return STATUS_RATE_LIMITED;
    }
    if (!admission_checks(admission, now, talker, true)) {
        return STATUS_BUSY;
    }
    enum status status = check_signature(listening, now, announcement, group, ticket);
    if (status == STATUS_OK) {
        admission_returns(admission);
        (void)admission_pays(admission, now, PROVEN_TALK, talker, COST_SIGNATURE * UNIT);
        seen_add(&listening->verified, announcement->covered, nothing);
        seen_add(&listening->verified, announcement->covered, announcement->signature);
    }
    return status;
}

/* In the order of what they cost. `repeats`: it is one that was genuine before. STATUS_BUSY: it
 * waits for its signature to be checked. */
static enum status check_proofs(struct listening *listening, struct moment now,
                                const struct announcement *announcement, struct group *group,
                                const struct gmk *gmk, const struct ticket *ticket,
                                uint8_t gsk[GSK_SIZE], bool *repeats) {
    enum status status = check_mac(listening, now, announcement, group, gmk, gsk);
    const struct span nothing = {NULL, 0};
    *repeats =
        status == STATUS_OK && seen_has(&listening->verified, announcement->covered, nothing);
    if (status != STATUS_OK) {
        return status;
    }
    return *repeats ? check_repetition(listening, now, announcement, group, ticket)
                    : check_new(listening, now, announcement, group, ticket);
}

/* It was refused for time. Who talks unheard is told of, and the own presence is said, so that both
 * clocks are measured. What that costs comes out of no talker's budget. */
static void name_refused(struct listening *listening, struct moment now,
                         const struct announcement *announcement, struct span octets,
                         const struct judgement *judgement, struct group *group,
                         const struct gmk *gmk, const struct ticket *ticket) {
    const struct announcement_fields *fields = &announcement->fields;
    uint8_t gsk[GSK_SIZE] = {0};
    bool is_genuine = refused_by_clock(judgement) &&
                      (judgement->is_measured ||
                       !roster_is_measured(listening->groups->roster, fields->talker, now)) &&
                      refused_hear(&listening->refused, announcement, octets, now) &&
                      check_mac(listening, now, announcement, group, gmk, gsk) == STATUS_OK &&
                      refused_may_check(&listening->refused, now) &&
                      check_signature(listening, now, announcement, group, ticket) == STATUS_OK;
    secret_wipe(gsk, sizeof gsk);
    if (is_genuine &&
        refused_add(&listening->refused, announcement, octets, judgement->lead_ms, now)) {
        struct event event =
            listening_event(listening, EVENT_TALKER_OUT_OF_TIME, fields->talker, fields->group);
        event.duration_ms = judgement->lead_ms;
        desk_tell(listening->desk, now, &event);
        presence_say_soon(listening->presences);
    }
}

/* The session as the announcement makes it. */
static enum status enter(struct listening *listening, struct moment now, struct session *session,
                         const struct announcement *announcement, const struct judgement *judgement,
                         const uint8_t gsk[GSK_SIZE], struct span octets) {
    struct session next;
    struct announced announced =
        announced_now(&announcement->fields, judgement, &listening->heard, now);
    enum status status = session_open(session, announcement, &announced, gsk, octets,
                                      &listening->routes, now, &next);
    if (status == STATUS_OK) {
        forget(listening, now, session);
        *session = next;
        reporting_open(listening->reporting, now, &announcement->fields, session->current.hash,
                       gsk);
    }
    return status;
}

/* The announcement is genuine. */
static enum status act_on(struct listening *listening, struct moment now, struct group *group,
                          const struct announcement *announcement,
                          const struct judgement *judgement, const struct ticket *ticket,
                          const uint8_t gsk[GSK_SIZE], struct span octets, bool repeats) {
    const struct announcement_fields *fields = &announcement->fields;
    const struct claim claim = claim_of(fields);
    enum status status = ticket->member.listed_in == 0
                             ? STATUS_OK
                             : latecomers_admit(listening->groups, group, ticket, now);
    if (status != STATUS_OK) {
        return status;
    }
    if (!lead_allowed(listening->groups, group, fields->talker, fields->utc_ms, now)) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    struct session *session = seats_find(listening->sessions, fields->talker, fields->group);
    if (session != NULL && session_lacks_earlier(session, fields)) {
        struct announced announced = announced_now(fields, judgement, &listening->heard, now);
        return session_open_earlier(session, announcement, &announced, gsk, octets);
    }
    bool takes_place = session == NULL;
    session = takes_place ? seats_room(listening->sessions) : session;
    if (session->active && !claim_is_same(&session->claim, &claim)) {
        listening_end(listening, now, session);
    }
    refused_forget(&listening->refused, fields->talker, fields->group);
    if (listening->other_keys != NULL && fields->gmk_id == group->current.id) {
        other_keys_forget(listening->other_keys, fields->talker, fields->group);
    }
    status = enter(listening, now, session, announcement, judgement, gsk, octets);
    session->is_repetition = repeats && takes_place;
    if (judgement->is_measured) {
        time_proof_hear_member(listening->groups, group, judgement->lead_ms + judgement->ago.min_ms,
                               now);
    } else {
        presence_ask_talker(listening->presences, now, fields);
    }
    hours_hear(group, fields, now);
    return status;
}

/* Has the GMK begun, by who talks under it? Its own clock says so, or is itself too far behind to
 * tell: then it has heard another use the key. Neither begins one sooner than LEAD_MAX_MS ahead. */
static bool has_begun(const struct gmk *gmk, const struct announcement_fields *fields,
                      const struct judgement *judgement) {
    const int64_t group_now = fields->utc_ms - judgement->lead_ms;
    bool is_behind = judgement->lead_ms < 0 && clock_differs(judgement->lead_ms) &&
                     gmk->not_before_ms - group_now <= LEAD_MAX_MS;
    return judgement->is_measured && (is_behind || fields->utc_ms >= gmk->not_before_ms);
}

void listening_announcement(struct listening *listening, struct moment now, struct span octets) {
    struct announcement announcement;
    const struct gmk *gmk;
    struct judgement judgement;
    struct ticket ticket;
    uint8_t gsk[GSK_SIZE] = {0};
    bool repeats = false;
    if (seats_know(listening->sessions, octets)) {
        return;
    }
    enum status status = announcement_parse(octets, &announcement);
    if (status != STATUS_OK) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT, status);
        return;
    }
    const struct announcement_fields *fields = &announcement.fields;
    struct group *group = groups_gmk(listening->groups, fields->group, fields->gmk_id, &gmk);
    bool is_other =
        group == NULL || (gmk != &group->current && gmk_is_usable(gmk, group, now) != STATUS_OK);
    if (is_other && listening->other_keys != NULL) {
        other_keys_hear(listening->other_keys, now, &announcement);
    }
    if (group == NULL) {
        return; /* of a key that is none of this handset's, whatever else has its id */
    }
    if (!admission_affords(listening->admission, now, SPENT_ON_MACS, COST_MAC_MILLI)) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT, STATUS_RATE_LIMITED);
        return;
    }
    status = check_fields(fields, listening, now, group, gmk, &ticket);
    /* A GMK that waits here may be in use elsewhere: the clock here may be behind. */
    bool waits = status == STATUS_GMK_NOT_YET;
    if (status == STATUS_OK || waits) {
        status = judge(listening->groups->roster, group, fields, now, &judgement);
        if (status == STATUS_TIME_OUT_OF_RANGE) {
            name_refused(listening, now, &announcement, octets, &judgement, group, gmk, &ticket);
        }
    }
    if (status == STATUS_OK && waits && !has_begun(gmk, fields, &judgement)) {
        status = STATUS_GMK_NOT_YET;
    }
    bool is_down = status == STATUS_OK && bring_down(&announcement.fields, group, &ticket);
    if (status == STATUS_OK) {
        status = check_proofs(listening, now, &announcement, group, gmk, &ticket, gsk, &repeats);
    }
    if (status == STATUS_OK) {
        status =
            act_on(listening, now, group, &announcement, &judgement, &ticket, gsk, octets, repeats);
    }
    if (status == STATUS_OK && is_down && !repeats) {
        tell_unfounded(listening, now, group, fields->talker);
    }
    if (status == STATUS_OK && waits) {
        standard_begin_waiting(listening->groups, now, group);
    }
    secret_wipe(gsk, sizeof gsk);
    if (status == STATUS_OK) {
        listening_hear_early(listening, now, fields->ssrc);
    } else if (status != STATUS_BUSY && refused_is_news(&listening->refused, octets, status)) {
        desk_refuse(listening->desk, now, MESSAGE_ANNOUNCEMENT, status);
    }
}

/* --- Playing --------------------------------------------------------------------------------- */

bool listening_play(struct listening *listening, struct moment now,
                    int16_t mix[VOICE_FRAME_SAMPLES]) {
    bool any = false;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        int16_t samples[VOICE_FRAME_SAMPLES];
        if (!session->active || session->silent) {
            continue;
        }
        if (!seats_has_floor(listening->sessions, listening->floor, now, session)) {
            listening_leave_seat(listening, now, session);
            continue;
        }
        bool voice = voice_receiver_play(session->receiver, now.boot_ms, samples);
        session->level = voice ? voice_level(samples) : 0;
        reporting_played(listening->reporting, session->current.hash, voice);
        voice_mix(mix, samples);
        any = any || voice;
        if (session->ended && !voice_receiver_holds(session->receiver)) {
            listening_end(listening, now, session);
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
    return session->ended && !session->silent
               ? session->ended_ms + SESSION_LAST_WORDS_MS
               : session->heard_ms + (session->silent ? SESSION_KEPT_MS : SESSION_SILENCE_MS);
}

void listening_look(struct listening *listening, struct moment now) {
    if (listening->groups_version != listening->groups->version) {
        listening_tick(listening, now);
    }
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (session->active && proving_disproves(session, listening->groups->roster, now)) {
            floor_end(listening->floor, &session->claim);
            listening_leave_seat(listening, now, session);
        }
    }
}

void listening_tick(struct listening *listening, struct moment now) {
    listening->groups_version = listening->groups->version;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &listening->sessions[i];
        if (!session->active) {
            continue;
        }
        bool may_go_on =
            !keyring_refuses(&listening->desk->keyring, session->talker) &&
            listening_check_key(listening, now, session, &session->current) == STATUS_OK;
        bool is_due = session_deadline(session) <= now.boot_ms;
        if (!may_go_on || (is_due && (session->silent || session->ended))) {
            listening_end(listening, now, session);
        } else if (is_due) {
            fall_silent(listening, now, session);
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
        if (!session->active || session->silent ||
            !seats_has_floor(listening->sessions, listening->floor, now, session) ||
            view->talker_count == VIEW_TALKERS_MAX) {
            continue;
        }
        struct view_talker *row = &view->talkers[view->talker_count++];
        *row = (struct view_talker){.is_emergency = session->claim.priority == TALK_EMERGENCY,
                                    .time_unproven = !session->current.announced.is_measured,
                                    .elapsed_ms = now.boot_ms - session->began_ms,
                                    .missed_ms = session->beginning.missed_ms,
                                    .level = session->level};
        routes_show(session->receiver, row);
        snprintf(row->identity, sizeof row->identity, "%s", session->talker);
        snprintf(row->group, sizeof row->group, "%s", session->group);
        groups_show_name(listening->groups, row->identity, row->group, row->name, &row->name_kind);
    }
    refused_show(&listening->refused, now, view);
    for (size_t i = 0; i < view->refused_count; i++) {
        struct view_refused *row = &view->refused[i];
        groups_show_name(listening->groups, row->identity, row->group, row->name, &row->name_kind);
    }
}
