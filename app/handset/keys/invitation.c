/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/saying.h"
#include "app/handset/keys/hours.h"
#include "app/handset/keys/latecomers.h"
#include "app/handset/keys/narrowing.h"

/* What a connection of this use is for. */
struct errand {
    struct group_parameters *proposed; /* NULL before */
    bool is_unasked;                   /* it is accepted, and no officer was asked (narrowing.h) */
    int64_t group_ahead_ms; /* group time minus boot clock: the largest seen is the best */
};

static struct errand *errand_of(const struct connection *connection) {
    return connection->errand;
}

/* One that has an errand, which only want of memory keeps it from having. */
static struct connection *next_connection(const struct invitation *invitation, size_t *at) {
    struct connection *next;
    do {
        next = connections_next(invitation->connections, &invitation->use, at);
    } while (next != NULL && next->errand == NULL);
    return next;
}

static struct event about(const void *owner, enum event_kind kind,
                          const struct connection *connection) {
    const struct invitation *invitation = owner;
    const struct errand *errand = connection->errand;
    const char *proposer = connection->d2d->remote;
    const struct group_parameters *proposed = errand == NULL ? NULL : errand->proposed;
    const struct name name = groups_name_of(invitation->groups, proposer);
    struct event event =
        event_of_member(kind, proposer, name.text, proposed == NULL ? "" : proposed->identity,
                        proposed == NULL ? "" : proposed->name);
    event.name_kind = name.kind;
    return event;
}

static void tell(const struct invitation *invitation, struct moment now, enum event_kind kind,
                 const struct connection *connection) {
    const struct event event = about(invitation, kind, connection);
    desk_tell(invitation->desk, now, &event);
}

/* --- What may be proposed ------------------------------------------------------------------- */

enum status invitation_check(const struct invitation *invitation, const char *proposer,
                             const char *proposer_kms, const struct group_parameters *parameters,
                             int64_t group_now_ms) {
    if (key_id_space(parameters->gmk_id) != KEY_ID_SPACE_ADHOC) {
        return STATUS_KEY_ID_WRONG_SPACE;
    }
    if (!group_identity_is_adhoc(parameters->identity, proposer) ||
        strcmp(parameters->creator, proposer) != 0) {
        return STATUS_GROUP_IDENTITY_WRONG;
    }
    if (!group_lists(parameters, own_identity(invitation->desk), own_kms(invitation->desk)) ||
        !group_lists(parameters, proposer, proposer_kms) ||
        strcmp(proposer, own_identity(invitation->desk)) == 0) {
        return STATUS_NOT_A_MEMBER;
    }
    if (parameters->period_ms > invitation->desk->keyring.credential->max_key_period_ms) {
        return STATUS_PERIOD_TOO_LONG;
    }
    if (parameters->created_ms > group_now_ms) {
        return STATUS_GMK_NOT_YET;
    }
    if (parameters->created_ms + parameters->period_ms <= group_now_ms) {
        return STATUS_GMK_EXPIRED;
    }
    const struct group *group = groups_find(invitation->groups, parameters->identity);
    if (group != NULL && latecomers_is_same_gmk(group, parameters)) {
        /* The creator only asks again, because it got no receipt. */
        return STATUS_OK;
    }
    const struct gmk *held;
    if (groups_gmk(invitation->groups, parameters->identity, parameters->gmk_id, &held) != NULL) {
        return STATUS_MALFORMED;
    }
    if (group != NULL && parameters->created_ms <= group->parameters.created_ms) {
        return STATUS_REPLAYED;
    }
    return STATUS_OK;
}

/* --- Requests ------------------------------------------------------------------------------- */

/* Tells the creator how its proposal stands. */
static void respond(struct invitation *invitation, struct moment now,
                    struct connection *connection) {
    const struct proposal *proposal = &connection->proposal;
    struct d2d_record record = {
        .type = proposal->answer, .reason = proposal->reason, .limit_ms = proposal->limit_ms};
    connection_respond(invitation->connections, now, connection, &record);
}

/* The same proposal over an earlier connection, with which the officer is still asked; or NULL. */
static struct connection *asked_already(const struct invitation *invitation,
                                        const struct connection *newer) {
    struct connection *other;
    size_t at = 0;
    while ((other = next_connection(invitation, &at)) != NULL) {
        if (other != newer && other->proposal.number != 0 &&
            strcmp(other->d2d->remote, newer->d2d->remote) == 0 &&
            decisions_is_same(&invitation->decisions, errand_of(other)->proposed,
                              errand_of(newer)->proposed)) {
            return other;
        }
    }
    return NULL;
}

/* A newer proposal of the same creator for the same group takes an older one's place, also one that
 * was accepted and never followed by its key: such ones must not add up. */
static void supersede(struct invitation *invitation, const struct connection *newer) {
    const char *identity = errand_of(newer)->proposed->identity;
    struct connection *other;
    size_t at = 0;
    while ((other = next_connection(invitation, &at)) != NULL) {
        const struct group_parameters *proposed = errand_of(other)->proposed;
        if (other != newer && !other->over && proposed != NULL &&
            strcmp(proposed->identity, identity) == 0) {
            proposal_end(other);
        }
    }
}

/* How a creator is told of `status`: want of memory or room passes, so that it asks again. */
static enum decline_reason reason_of(enum status status) {
    bool is_passing = status == STATUS_NO_MEMORY || status == STATUS_TOO_LONG;
    return is_passing                         ? DECLINED_BUSY
           : status == STATUS_PERIOD_TOO_LONG ? DECLINED_PERIOD_TOO_LONG
                                              : DECLINED_NOT_VALID;
}

/* The proposal is declined for a rule that it breaks, or for want of memory. */
static void refuse(struct invitation *invitation, struct moment now, struct connection *connection,
                   enum status status) {
    proposal_decline(connection, reason_of(status));
    if (status == STATUS_PERIOD_TOO_LONG) {
        connection->proposal.limit_ms = invitation->desk->keyring.credential->max_key_period_ms;
    }
    const struct event event = about(invitation, EVENT_INVITATION_REFUSED, connection);
    desk_refuse_whom(invitation->desk, now, &event, status);
}

/* May the officer be asked, and is now? Its creator is told that this handset is busy, and asks
 * again later. */
static bool ask(struct invitation *invitation, struct moment now, struct connection *connection) {
    const struct event quieted = about(invitation, EVENT_INVITATIONS_QUIETED, connection);
    const char *creator = connection->d2d->remote;
    return rings_allow(&invitation->rings, invitation->desk, now, &quieted,
                       roster_trusts(invitation->groups->roster, creator) ||
                           groups_share(invitation->groups, creator)) &&
           proposal_ask(invitation->connections, now, connection);
}

/* Is what is proposed for `held` taken without asking? What the officer said of the very same comes
 * before that. */
static bool is_taken_unasked(const struct invitation *invitation, struct moment now,
                             const struct group *held, const struct group_parameters *proposed) {
    const struct desk *desk = invitation->desk;
    return invitation->settings->set.takes_keys && !desk_is_silent(desk) && !desk->cannot_save &&
           !invitation->is_for_officer(invitation->owner, proposed) &&
           narrowing_leaves_out(held, proposed) > 0 &&
           narrowing_is_plain(invitation->groups, held, proposed, now);
}

/* A proposal within the rules: what its officer said to it before counts, or else they are asked.
 * `is_repeated`: the creator's officer has not asked for it once more. */
static void consider(struct invitation *invitation, struct moment now,
                     struct connection *connection, bool is_repeated) {
    const struct group_parameters *proposed = errand_of(connection)->proposed;
    struct group *group = groups_find(invitation->groups, proposed->identity);
    enum decision_answer answer = decisions_find(
        &invitation->decisions, now, proposed, now.boot_ms + errand_of(connection)->group_ahead_ms);
    bool has_room = group != NULL || invitation->groups->count < GROUPS_MAX;
    if (group != NULL && latecomers_is_same_gmk(group, proposed)) {
        if (latecomers_merge(invitation->groups, group, proposed, now) == STATUS_OK) {
            proposal_accept(connection);
        } else {
            proposal_decline(connection, DECLINED_BUSY);
        }
    } else if (answer == DECISION_NO && is_repeated) {
        proposal_decline(connection, DECLINED_BY_OFFICER);
    } else if (answer == DECISION_YES && has_room) {
        proposal_accept(connection);
    } else if (answer == DECISION_NONE && group != NULL &&
               is_taken_unasked(invitation, now, group, proposed)) {
        errand_of(connection)->is_unasked = true;
        proposal_accept(connection);
    } else if (!has_room || !ask(invitation, now, connection)) {
        proposal_decline(connection, DECLINED_BUSY);
    } else {
        tell(invitation, now, group == NULL ? EVENT_INVITED_TO_GROUP : EVENT_INVITED_TO_REKEY,
             connection);
    }
}

static void propose(struct invitation *invitation, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    struct errand *errand = errand_of(connection);
    const char *proposer = connection->d2d->remote;
    enum status status = invitation_check(invitation, proposer, connection->d2d->remote_kms,
                                          record->parameters, record->group_ms);
    errand->proposed = malloc(sizeof *errand->proposed);
    if (errand->proposed == NULL) {
        status = STATUS_NO_MEMORY;
    } else {
        *errand->proposed = *record->parameters;
    }
    if (status != STATUS_OK) {
        refuse(invitation, now, connection, status);
        return;
    }
    struct connection *earlier = asked_already(invitation, connection);
    if (earlier != NULL) {
        proposal_move(earlier, connection);
    }
    supersede(invitation, connection);
    if (earlier == NULL) {
        consider(invitation, now, connection, record->is_repeated);
    }
}

/* A group that is joined: what was announced before may have been acted on by this handset, if it
 * was in the group and its officer deleted it. */
static struct group *joined_group(const struct group_parameters *parameters,
                                  struct group_clock clock) {
    struct group *group = group_new(parameters, clock);
    for (size_t i = 0; group != NULL && i < group->parameters.member_count; i++) {
        group->parameters.members[i].talked_ms = clock.group_ms - JOINING_TOLERANCE_MS;
    }
    return group;
}

/* Who came late keeps its ticket, once it is sure that others will take it. */
static enum status keep_ticket(const struct invitation *invitation, struct moment now,
                               struct group *group, struct span octets) {
    const char *self = own_identity(invitation->desk);
    unsigned number = group_listed_in(&group->parameters, self);
    struct ticket ticket;
    if (number == 0) {
        return octets.length == 0 ? STATUS_OK : STATUS_MALFORMED;
    }
    enum status status = ticket_read(octets, self, &ticket);
    if (status == STATUS_OK && (ticket.member.listed_in != number ||
                                strcmp(ticket.member.kms, own_kms(invitation->desk)) != 0)) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        status = ticket_verify(&ticket, &group->parameters, &invitation->desk->keyring, now);
    }
    return status == STATUS_OK ? group_keep_ticket(group, octets) : status;
}

/* The group that the grant makes or changes, as it will be. The caller frees it on failure. */
static enum status granted_group(const struct invitation *invitation, struct moment now,
                                 const struct connection *connection,
                                 const struct d2d_record *record, struct group **out) {
    const struct group_parameters *proposed = errand_of(connection)->proposed;
    const struct group *held = groups_find(invitation->groups, proposed->identity);
    /* Delay on the way only makes the estimate of group time smaller; it cannot be before the
     * key was made, and it never runs back. */
    int64_t group_ms = now.boot_ms + errand_of(connection)->group_ahead_ms;
    if (group_ms < proposed->created_ms) {
        group_ms = proposed->created_ms;
    }
    const int64_t creators_ms = group_ms;
    if (held != NULL && group_ms < group_clock_read(&held->clock, now)) {
        group_ms = group_clock_read(&held->clock, now);
    }
    enum status status = STATUS_OK;
    *out = NULL;
    if (held != NULL) {
        status = group_copy(held, out);
    } else if ((*out = joined_group(proposed, group_clock_start(group_ms, now))) == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status != STATUS_OK) {
        return status;
    }
    (*out)->clock = group_clock_start(group_ms, now);
    status = group_set_gmk(*out, proposed, record->gmk, now);
    if (status == STATUS_OK) {
        (*out)->current.hour = (*out)->current.next_hour = record->hour;
        if (record->is_doubted) {
            hours_doubt_anothers(*out);
        }
        /* Group time is behind at a creator whose clock stood still while it was off. Its key lasts
         * as long here as it does there, and is not over when it comes. */
        (*out)->current.not_before_ms += group_ms - creators_ms;
        (*out)->current.not_after_ms += group_ms - creators_ms;
        status = keep_ticket(invitation, now, *out, record->ticket);
    }
    return status;
}

static bool is_renamed(const struct group *held, const struct group_parameters *proposed) {
    return held != NULL && strcmp(held->parameters.name, proposed->name) != 0;
}

/* Who was in the group before this key and is not now. */
static void tell_left_out(const struct invitation *invitation, struct moment now,
                          const struct group_parameters *before,
                          const struct group_parameters *proposed) {
    for (size_t i = 0; i < before->member_count; i++) {
        const struct group_member *member = &before->members[i];
        if (group_listed(proposed, member->identity) == NULL) {
            const struct event event =
                event_of_member(EVENT_MEMBER_LEFT_OUT, member->identity, member->name,
                                proposed->identity, proposed->name);
            desk_tell(invitation->desk, now, &event);
        }
    }
}

/* The key is held. */
static void tell_granted(const struct invitation *invitation, struct moment now,
                         const struct connection *connection, const struct group_parameters *before,
                         uint32_t gmk_id) {
    const struct group_parameters *proposed = errand_of(connection)->proposed;
    struct event event = event_of_group(EVENT_GROUP_READY, proposed->identity, proposed->name);
    event.gmk_id = gmk_id;
    desk_tell(invitation->desk, now, &event);
    tell_left_out(invitation, now, before, proposed);
    if (errand_of(connection)->is_unasked) {
        event = about(invitation, EVENT_KEY_TAKEN, connection);
        event.count = (unsigned)(before->member_count - proposed->member_count);
        desk_tell(invitation->desk, now, &event);
    }
}

/* Stores the GMK; only when that is queued may the receipt follow it. */
static enum status accept_grant(struct invitation *invitation, struct moment now,
                                const struct connection *connection,
                                const struct d2d_record *record) {
    const struct group_parameters *proposed = errand_of(connection)->proposed;
    struct group *held = groups_find(invitation->groups, proposed->identity);
    if (!hours_is_possible(proposed, record->hour)) {
        return STATUS_MALFORMED;
    }
    if (held != NULL && latecomers_is_same_gmk(held, proposed)) {
        return hours_is_same(held, record->hour, record->gmk) ? STATUS_OK : STATUS_MALFORMED;
    }
    enum status status =
        invitation_check(invitation, connection->d2d->remote, connection->d2d->remote_kms, proposed,
                         now.boot_ms + errand_of(connection)->group_ahead_ms);
    /* Several were asked for while there was room for one: what cannot be held is not stored. */
    if (status == STATUS_OK && held == NULL && invitation->groups->count == GROUPS_MAX) {
        status = STATUS_TOO_LONG;
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct group *group;
    bool has_new_name = is_renamed(held, proposed);
    const struct group_parameters before =
        held != NULL ? held->parameters : (struct group_parameters){.member_count = 0};
    status = granted_group(invitation, now, connection, record, &group);
    if (status == STATUS_OK) {
        status = groups_keep(invitation->groups, held, group);
    }
    if (status != STATUS_OK) {
        group_free(group);
        return status;
    }
    tell_granted(invitation, now, connection, &before, record->gmk_id);
    if (has_new_name) {
        tell(invitation, now, EVENT_GROUP_RENAMED, connection);
    }
    return STATUS_OK;
}

static void take_grant(struct invitation *invitation, struct moment now,
                       struct connection *connection, const struct d2d_record *record) {
    bool expected = connection->proposal.answer == RECORD_ACCEPTED && !connection->over &&
                    record->gmk_id == errand_of(connection)->proposed->gmk_id;
    if (expected && invitation->desk->cannot_save) {
        connection->over = true;
        proposal_decline(connection, DECLINED_CANNOT_SAVE);
        tell(invitation, now, EVENT_JOINING_NOT_SAVED, connection);
        respond(invitation, now, connection);
        return;
    }
    enum status status =
        expected ? accept_grant(invitation, now, connection, record) : STATUS_NOT_ALLOWED;
    connection->over = true;
    if (status == STATUS_OK) {
        decisions_forget(&invitation->decisions, errand_of(connection)->proposed->identity);
        struct d2d_record receipt = {.type = RECORD_RECEIPT, .gmk_id = record->gmk_id};
        connection_respond(invitation->connections, now, connection, &receipt);
        return;
    }
    const struct event event = about(invitation, EVENT_GROUP_KEY_REFUSED, connection);
    desk_refuse_whom(invitation->desk, now, &event, status);
    proposal_decline(connection, reason_of(status));
    respond(invitation, now, connection);
}

static void withdraw(struct invitation *invitation, struct moment now,
                     struct connection *connection) {
    if (connection->proposal.number != 0) {
        tell(invitation, now, EVENT_INVITATION_WITHDRAWN, connection);
    }
    proposal_end(connection);
    respond(invitation, now, connection);
}

static void request(void *owner, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    struct invitation *invitation = owner;
    if (connection->errand == NULL) {
        connection->errand = calloc(1, sizeof(struct errand));
    }
    struct errand *errand = errand_of(connection);
    if (errand == NULL) {
        proposal_decline(connection, DECLINED_BUSY);
        respond(invitation, now, connection);
        return;
    }
    int64_t ahead = record->group_ms - now.boot_ms;
    bool says_group_time = record->type != RECORD_CLOSE;
    if (says_group_time && (errand->proposed == NULL || ahead > errand->group_ahead_ms)) {
        errand->group_ahead_ms = ahead;
    }

    if (record->type == RECORD_CLOSE) {
        withdraw(invitation, now, connection);
    } else if (record->type == RECORD_GRANT && errand->proposed != NULL) {
        take_grant(invitation, now, connection, record);
    } else {
        if (record->type == RECORD_PROPOSE_GROUP && errand->proposed == NULL) {
            propose(invitation, now, connection, record);
        } else if (errand->proposed == NULL) {
            proposal_end(connection);
        }
        respond(invitation, now, connection);
    }
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    const struct invitation *invitation = owner;
    if (!connection->over && connection->proposal.number != 0) {
        tell(invitation, now, EVENT_INVITATION_LOST, connection);
    } else if (!connection->over && connection->proposal.answer == RECORD_ACCEPTED) {
        tell(invitation, now, EVENT_KEY_STILL_TO_COME, connection);
    }
}

static void dropped(void *owner, struct connection *connection) {
    struct errand *errand = errand_of(connection);
    (void)owner;
    if (errand != NULL) {
        free(errand->proposed);
    }
    free(errand);
}

void invitation_serve(struct invitation *invitation) {
    invitation->use = (struct connection_use){.owner = invitation,
                                              .opening = RECORD_PROPOSE_GROUP,
                                              .request = request,
                                              .about = about,
                                              .lost = lost,
                                              .dropped = dropped};
    connections_serve(invitation->connections, &invitation->use);
}

/* --- The officer's decision ----------------------------------------------------------------- */

/* What the officer says to the proposal, for when it comes again. */
static void remember(struct invitation *invitation, struct moment now,
                     const struct connection *connection, enum decision_answer answer) {
    const struct errand *errand = errand_of(connection);
    decisions_make(&invitation->decisions, now, errand->proposed,
                   now.boot_ms + errand->group_ahead_ms, answer);
}

bool invitation_accept(struct invitation *invitation, struct moment now,
                       struct connection *connection) {
    if (connection->use != &invitation->use) {
        return false;
    }
    rings_answered(&invitation->rings, connection->d2d->remote);
    proposal_accept(connection);
    remember(invitation, now, connection, DECISION_YES);
    tell(invitation, now, EVENT_INVITATION_ACCEPTED, connection);
    return true;
}

void invitation_decline(struct invitation *invitation, struct moment now,
                        struct connection *connection) {
    if (connection->use == &invitation->use) {
        remember(invitation, now, connection, DECISION_NO);
        struct group *held =
            groups_find(invitation->groups, errand_of(connection)->proposed->identity);
        if (held != NULL) {
            held->is_questioned = true;
        }
    }
}

void invitation_renounce(struct invitation *invitation, const char *group) {
    decisions_forget(&invitation->decisions, group);
    struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(invitation, &at)) != NULL) {
        const struct group_parameters *proposed = errand_of(connection)->proposed;
        if (proposed != NULL && !connection->over &&
            connection->proposal.answer == RECORD_ACCEPTED &&
            strcmp(proposed->identity, group) == 0) {
            proposal_decline(connection, DECLINED_BY_OFFICER);
        }
    }
}

void invitation_show(const struct invitation *invitation, struct moment now,
                     const struct connection *connection, struct view_invitation *row) {
    if (connection->use != &invitation->use) {
        return;
    }
    const struct group_parameters *proposed = errand_of(connection)->proposed;
    const struct group *held = groups_find(invitation->groups, proposed->identity);
    row->purpose = held != NULL ? INVITED_TO_REKEY : INVITED_TO_GROUP;
    snprintf(row->group, sizeof row->group, "%s", proposed->identity);
    if (is_renamed(held, proposed)) {
        snprintf(row->former_name, sizeof row->former_name, "%s", held->parameters.name);
    }
    row->period_ms = proposed->period_ms;
    row->is_late = group_listed_in(proposed, own_identity(invitation->desk)) > 0;
    int64_t runs_ms = now.boot_ms + errand_of(connection)->group_ahead_ms - proposed->created_ms;
    row->since_utc_ms = now.utc_ms - runs_ms;
    row->left_ms = proposed->period_ms - runs_ms;
    snprintf(row->group_name, sizeof row->group_name, "%s", proposed->name);
    row->member_count = proposed->member_count;
    for (size_t i = 0; i < proposed->member_count; i++) {
        struct view_member *member = &row->members[i];
        const struct name known = groups_name_of(invitation->groups, proposed->members[i].identity);
        group_member_show(&proposed->members[i], own_identity(invitation->desk), member);
        member->trusted =
            roster_trusts(invitation->connections->roster, proposed->members[i].identity);
        enum status admitted =
            keyring_admits(&invitation->desk->keyring, proposed->members[i].identity);
        member->is_revoked = admitted != STATUS_OK;
        member->is_lost = admitted == STATUS_LOST;
        if (known.kind != NAME_CLAIMED) {
            snprintf(member->name, sizeof member->name, "%s", known.text);
            member->name_kind = known.kind;
        }
    }
}
