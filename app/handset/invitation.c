/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"

/* --- What may be proposed ------------------------------------------------------------------- */

/* Are these the very parameters of the GMK that is held? Then the creator only asks again, because
 * it got no receipt. */
static bool is_same_gmk(const struct group *group, const struct group_parameters *parameters) {
    const struct group_parameters *held = &group->parameters;
    if (held->gmk_id != parameters->gmk_id || held->created_ms != parameters->created_ms ||
        held->period_ms != parameters->period_ms || strcmp(held->name, parameters->name) != 0 ||
        held->member_count != parameters->member_count || group->current.octets == NULL) {
        return false;
    }
    for (size_t i = 0; i < held->member_count; i++) {
        if (strcmp(held->members[i].identity, parameters->members[i].identity) != 0 ||
            strcmp(held->members[i].kms, parameters->members[i].kms) != 0) {
            return false;
        }
    }
    return true;
}

enum status invitation_check(const struct handset *handset, const char *proposer,
                             const char *proposer_kms, const struct group_parameters *parameters,
                             int64_t group_now_ms) {
    if (key_id_space(parameters->gmk_id) != KEY_ID_SPACE_ADHOC) {
        return STATUS_KEY_ID_WRONG_SPACE;
    }
    if (!group_identity_is_adhoc(parameters->identity, proposer) ||
        strcmp(parameters->creator, proposer) != 0) {
        return STATUS_GROUP_IDENTITY_WRONG;
    }
    if (!group_lists(parameters, own_identity(handset), own_kms(handset)) ||
        !group_lists(parameters, proposer, proposer_kms) ||
        strcmp(proposer, own_identity(handset)) == 0) {
        return STATUS_NOT_A_MEMBER;
    }
    if (parameters->period_ms > handset->keyring.credential->max_key_period_ms) {
        return STATUS_PERIOD_TOO_LONG;
    }
    if (parameters->created_ms > group_now_ms) {
        return STATUS_GMK_NOT_YET;
    }
    if (parameters->created_ms + parameters->period_ms <= group_now_ms) {
        return STATUS_GMK_EXPIRED;
    }
    const struct group *group = handset_group(handset, parameters->identity);
    if (group != NULL && is_same_gmk(group, parameters)) {
        return STATUS_OK;
    }
    const struct gmk *held;
    if (handset_gmk(handset, parameters->gmk_id, &held) != NULL) {
        return STATUS_MALFORMED;
    }
    if (group != NULL && parameters->created_ms <= group->parameters.created_ms) {
        return STATUS_REPLAYED;
    }
    return STATUS_OK;
}

/* --- Requests ------------------------------------------------------------------------------- */

/* Tells the creator how its proposal stands. */
static void respond(struct handset *handset, struct moment now, struct connection *connection) {
    struct d2d_record record = {
        .type = connection->answer, .reason = connection->reason, .limit_ms = connection->limit_ms};
    connection_respond(handset, now, connection, &record);
}

static void answer_is(struct connection *connection, enum record_type answer,
                      enum decline_reason reason) {
    connection->answer = answer;
    connection->reason = reason;
}

bool invitation_ask(struct handset *handset, struct moment now, struct connection *connection) {
    size_t open = 0, open_of_same = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *other = handset->connections[i];
        if (other == NULL || other->invitation == 0) {
            continue;
        }
        open++;
        open_of_same += strcmp(other->d2d->remote, connection->d2d->remote) == 0;
    }
    if (open >= VIEW_INVITATIONS_MAX || open_of_same >= INVITATIONS_EACH_MAX) {
        return false;
    }
    answer_is(connection, RECORD_PENDING, 0);
    connection->invitation = ++handset->last_invitation;
    connection->decide_by_ms = now.boot_ms + INVITATION_DECISION_MS;
    return true;
}

/* A newer proposal of the same creator for the same group takes an older one's place, also one that
 * was accepted and never followed by its key: such ones must not add up. */
static void supersede(struct handset *handset, const struct connection *newer) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *other = handset->connections[i];
        if (other == NULL || other == newer || other->over || other->proposed == NULL ||
            strcmp(other->proposed->identity, newer->proposed->identity) != 0) {
            continue;
        }
        other->invitation = 0;
        answer_is(other, RECORD_CLOSED, 0);
        other->over = true;
    }
}

static void propose(struct handset *handset, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    const char *proposer = connection->d2d->remote;
    enum status status = invitation_check(handset, proposer, connection->d2d->remote_kms,
                                          record->parameters, record->group_ms);
    connection->proposed = malloc(sizeof *connection->proposed);
    if (connection->proposed == NULL) {
        status = STATUS_NO_MEMORY;
    } else {
        *connection->proposed = *record->parameters;
    }
    if (status != STATUS_OK) {
        bool too_long = status == STATUS_PERIOD_TOO_LONG;
        answer_is(connection, RECORD_DECLINED,
                  too_long ? DECLINED_PERIOD_TOO_LONG : DECLINED_NOT_VALID);
        connection->limit_ms = too_long ? handset->keyring.credential->max_key_period_ms : 0;
        connection->over = true;
        handset_refuse(handset, now, "group proposal", status);
        return;
    }
    supersede(handset, connection);
    struct group *group = handset_group(handset, connection->proposed->identity);
    if (group != NULL && is_same_gmk(group, connection->proposed)) {
        answer_is(connection, RECORD_ACCEPTED, 0);
        return;
    }
    if ((group == NULL && handset->group_count == GROUPS_MAX) ||
        !invitation_ask(handset, now, connection)) {
        answer_is(connection, RECORD_DECLINED, DECLINED_BUSY);
        connection->over = true;
        return;
    }
    handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "%s asks you to %s %s", proposer,
                 group == NULL ? "join" : "take a new key for", connection->proposed->name);
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

/* The group that the grant makes or changes, as it will be. The caller frees it on failure. */
static enum status granted_group(const struct handset *handset, struct moment now,
                                 const struct connection *connection,
                                 const struct d2d_record *record, struct group **out) {
    const struct group_parameters *proposed = connection->proposed;
    const struct group *held = handset_group(handset, proposed->identity);
    /* Delay on the way only makes the estimate of group time smaller; it cannot be before the
     * key was made, and it never runs back. */
    int64_t group_ms = now.boot_ms + connection->group_ahead_ms;
    if (group_ms < proposed->created_ms) {
        group_ms = proposed->created_ms;
    }
    if (held != NULL && group_ms < group_clock_read(&held->clock, now)) {
        group_ms = group_clock_read(&held->clock, now);
    }
    enum status status = STATUS_OK;
    *out = NULL;
    if (held != NULL) {
        status = handset_copy_group(held, out);
    } else if ((*out = joined_group(proposed, group_clock_start(group_ms, now))) == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status != STATUS_OK) {
        return status;
    }
    (*out)->clock = group_clock_start(group_ms, now);
    return group_set_gmk(*out, proposed, record->gmk, now);
}

/* Stores the GMK; only when that is queued may the receipt follow it. */
static enum status accept_grant(struct handset *handset, struct moment now,
                                const struct connection *connection,
                                const struct d2d_record *record) {
    struct group *held = handset_group(handset, connection->proposed->identity);
    if (held != NULL && is_same_gmk(held, connection->proposed)) {
        return secret_equal(held->current.octets->octets, record->gmk, GMK_SIZE) ? STATUS_OK
                                                                                 : STATUS_MALFORMED;
    }
    enum status status =
        invitation_check(handset, connection->d2d->remote, connection->d2d->remote_kms,
                         connection->proposed, now.boot_ms + connection->group_ahead_ms);
    /* Several were asked for while there was room for one: what cannot be held is not stored. */
    if (status == STATUS_OK && held == NULL && handset->group_count == GROUPS_MAX) {
        status = STATUS_TOO_LONG;
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct group *group;
    status = granted_group(handset, now, connection, record, &group);
    if (status == STATUS_OK) {
        status = handset_keep_group(handset, held, group);
    }
    if (status != STATUS_OK) {
        group_free(group);
        return status;
    }
    listening_tick(handset, now); /* who was left out is heard no more */
    handset_tell(handset, now, TELL_GROUP_READY, LOG_NOTICE, "%s: this handset holds GMK %08X",
                 connection->proposed->name, record->gmk_id);
    return STATUS_OK;
}

static void take_grant(struct handset *handset, struct moment now, struct connection *connection,
                       const struct d2d_record *record) {
    bool expected = connection->answer == RECORD_ACCEPTED && !connection->over &&
                    record->gmk_id == connection->proposed->gmk_id;
    enum status status =
        expected ? accept_grant(handset, now, connection, record) : STATUS_NOT_ALLOWED;
    connection->over = true;
    if (status == STATUS_OK) {
        struct d2d_record receipt = {.type = RECORD_RECEIPT, .gmk_id = record->gmk_id};
        connection_respond(handset, now, connection, &receipt);
        return;
    }
    handset_refuse(handset, now, "group key", status);
    answer_is(connection, RECORD_DECLINED, DECLINED_NOT_VALID);
    respond(handset, now, connection);
}

static void withdraw(struct handset *handset, struct moment now, struct connection *connection) {
    if (connection->invitation != 0) {
        handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "%s asks no more",
                     connection->d2d->remote);
    }
    connection->invitation = 0;
    connection->over = true;
    answer_is(connection, RECORD_CLOSED, 0);
    respond(handset, now, connection);
}

void invitation_request(struct handset *handset, struct moment now, struct connection *connection,
                        const struct d2d_record *record) {
    int64_t ahead = record->group_ms - now.boot_ms;
    bool says_group_time = record->type != RECORD_CLOSE;
    if (says_group_time && (connection->proposed == NULL || ahead > connection->group_ahead_ms)) {
        connection->group_ahead_ms = ahead;
    }

    if (record->type == RECORD_CLOSE) {
        withdraw(handset, now, connection);
    } else if (record->type == RECORD_GRANT && connection->proposed != NULL) {
        take_grant(handset, now, connection, record);
    } else {
        if (record->type == RECORD_PROPOSE_GROUP && connection->proposed == NULL) {
            propose(handset, now, connection, record);
        } else if (connection->proposed == NULL) {
            answer_is(connection, RECORD_CLOSED, 0);
            connection->over = true;
        }
        respond(handset, now, connection);
    }
}

void invitation_lost(struct handset *handset, struct moment now, struct connection *connection) {
    if (connection->invitation != 0 || connection->answer == RECORD_ACCEPTED) {
        handset_tell(handset, now, TELL_INVITATION, LOG_WARNING,
                     "Contact with %s was lost before its key came", connection->d2d->remote);
    }
}

/* --- The officer's decision ----------------------------------------------------------------- */

struct connection *invitation_find(const struct handset *handset, uint64_t number) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (number != 0 && handset->connections[i] != NULL &&
            handset->connections[i]->invitation == number) {
            return handset->connections[i];
        }
    }
    return NULL;
}

void invitation_accept(struct handset *handset, struct moment now, struct connection *connection) {
    connection->invitation = 0;
    answer_is(connection, RECORD_ACCEPTED, 0);
    handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "Accepted; waiting for %s's key",
                 connection->d2d->remote);
}

void invitation_decline(struct handset *handset, struct moment now, struct connection *connection) {
    connection->invitation = 0;
    connection->over = true;
    answer_is(connection, RECORD_DECLINED, DECLINED_BY_OFFICER);
    handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "Declined %s", connection->d2d->remote);
}

void invitation_renounce(struct handset *handset, const char *group) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = handset->connections[i];
        if (connection == NULL || connection->proposed == NULL || connection->over ||
            connection->answer != RECORD_ACCEPTED ||
            strcmp(connection->proposed->identity, group) != 0) {
            continue;
        }
        connection->over = true;
        answer_is(connection, RECORD_DECLINED, DECLINED_BY_OFFICER);
    }
}

void invitation_tick(struct handset *handset, struct moment now) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = handset->connections[i];
        if (connection == NULL || connection->invitation == 0 ||
            connection->decide_by_ms > now.boot_ms) {
            continue;
        }
        connection->invitation = 0;
        connection->over = true;
        answer_is(connection, RECORD_DECLINED, DECLINED_NO_DECISION);
        handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE,
                     "%s was declined: nobody decided in time", connection->d2d->remote);
    }
}

int64_t invitation_deadline(const struct handset *handset) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *connection = handset->connections[i];
        if (connection != NULL && connection->invitation != 0 &&
            connection->decide_by_ms < deadline) {
            deadline = connection->decide_by_ms;
        }
    }
    return deadline;
}

static void show_one(const struct handset *handset, struct moment now,
                     const struct connection *connection, struct view_invitation *row) {
    int64_t difference = connection->clock_difference_ms;
    *row = (struct view_invitation){
        .id = connection->invitation,
        .trusted = roster_trusts(&handset->roster, connection->d2d->remote),
        .clock_differs = difference > CLOCK_TOLERANCE_MS || difference < -CLOCK_TOLERANCE_MS,
        .clock_difference_ms = difference,
        .waits_ms = connection->decide_by_ms - now.boot_ms,
        .purpose = INVITED_TO_CALL,
    };
    snprintf(row->inviter, sizeof row->inviter, "%s", connection->d2d->remote);
    snprintf(row->inviter_name, sizeof row->inviter_name, "%s",
             handset_name_of(handset, connection->d2d->remote));
    const struct group_parameters *proposed = connection->proposed;
    if (proposed == NULL) {
        return;
    }
    row->purpose =
        handset_group(handset, proposed->identity) == NULL ? INVITED_TO_GROUP : INVITED_TO_REKEY;
    row->period_ms = proposed->period_ms;
    snprintf(row->group_name, sizeof row->group_name, "%s", proposed->name);
    row->member_count = proposed->member_count;
    for (size_t i = 0; i < proposed->member_count; i++) {
        handset_show_member(handset, &proposed->members[i], &row->members[i]);
    }
}

static int by_number(const void *a, const void *b) {
    uint64_t x = ((const struct view_invitation *)a)->id;
    uint64_t y = ((const struct view_invitation *)b)->id;
    return (x > y) - (x < y);
}

void invitation_show(const struct handset *handset, struct moment now, struct view *view) {
    view->invitation_count = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *connection = handset->connections[i];
        if (connection != NULL && connection->invitation != 0 &&
            view->invitation_count < VIEW_INVITATIONS_MAX) {
            show_one(handset, now, connection, &view->invitations[view->invitation_count++]);
        }
    }
    qsort(view->invitations, view->invitation_count, sizeof view->invitations[0], by_number);
}
