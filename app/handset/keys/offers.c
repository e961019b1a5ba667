/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/offers.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/opening.h"
#include "app/handset/d2d/saying.h"
#include "app/handset/keys/hours.h"
#include "app/handset/keys/pursuit.h"
#include "app/handset/keys/ticket.h"

/* What a connection of this use is for. */
struct errand {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    unsigned number; /* of the list that was proposed */
    bool granted;    /* the GRANT was sent: the member may hold the key */
};

static struct errand *errand_of(const struct connection *connection) {
    return connection->errand;
}

static struct connection *next_connection(const struct offers *offers, size_t *at) {
    return connections_next(offers->connections, &offers->use, at);
}

static struct event event_about_member(const struct offers *offers, enum event_kind kind,
                                       const struct group *group,
                                       const struct group_member *member) {
    return groups_event(offers->groups, kind, member->identity, group->parameters.identity);
}

void offers_stop(struct offers *offers, struct moment now, const char *group, const char *member) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(offers, &at)) != NULL) {
        if (!connection->closing && strcmp(errand_of(connection)->group, group) == 0 &&
            (member == NULL || strcmp(connection->d2d->remote, member) == 0)) {
            connection_close(offers->connections, now, connection);
        }
    }
}

/* Members who were being asked are not any more. */
static void interrupt(struct offers *offers, enum event_reason reason) {
    for (size_t i = 0; i < offers->groups->count; i++) {
        struct group_parameters *parameters = &offers->groups->list[i]->parameters;
        for (size_t k = 0; k < parameters->member_count; k++) {
            struct group_member *member = &parameters->members[k];
            if (member->state != MEMBER_WAITING && member->state != MEMBER_ASKED) {
                continue;
            }
            member->state = MEMBER_UNREACHABLE;
            group_member_excuse(member, reason);
        }
    }
}

void offers_resume(struct offers *offers) {
    interrupt(offers, REASON_RESTART);
}

/* --- One member's connection ---------------------------------------------------------------- */

/* The group and member that a connection is for, as long as it is still the same key. */
static struct group_member *member_of(const struct offers *offers,
                                      const struct connection *connection, struct group **group) {
    const struct errand *errand = errand_of(connection);
    *group = groups_find(offers->groups, errand->group);
    if (*group == NULL || (*group)->current.id != errand->gmk_id) {
        return NULL;
    }
    return group_member(&(*group)->parameters, connection->d2d->remote);
}

/* Why a member does not have the key; the values as in struct view_member. */
struct why {
    enum event_reason reason;
    int64_t limit_ms;
    const char *check;
};

/* Did asking again by itself fail like the time before? Then it stands in the record already. */
static bool is_known(const struct group_member *member, enum member_state state,
                     const struct why *why, bool was_asked) {
    bool failed = state == MEMBER_UNREACHABLE || (state == MEMBER_UNANSWERED && !was_asked);
    return failed && member->is_asked_again && why->reason == member->reason;
}

/* Makes durable how a member stands now; the officer hears where that fails. */
static void save(struct offers *offers, struct moment now, const struct group *group,
                 const struct group_member *member) {
    enum status status = groups_save(offers->groups, group);
    if (status != STATUS_OK) {
        struct event event = event_about_member(offers, EVENT_MEMBER_NOT_SAVED, group, member);
        event.check = status_name(status);
        desk_tell(offers->desk, now, &event);
    }
}

/* A member's state is settled: the record is saved, the officer told if that is news. The state is
 * an account for the officer alone, so that failing to save it loses nothing that others rely on.
 */
static void settle(struct offers *offers, struct moment now, struct group *group,
                   struct group_member *member, enum member_state state, struct why why) {
    static const enum event_kind kinds[] = {
        [MEMBER_ACCEPTED] = EVENT_MEMBER_JOINED,
        [MEMBER_DECLINED] = EVENT_MEMBER_DECLINED,
        [MEMBER_UNREACHABLE] = EVENT_MEMBER_UNREACHABLE,
        [MEMBER_UNANSWERED] = EVENT_MEMBER_DECLINED,
    };
    /* Its officer, and not the handset alone. */
    bool was_asked = member->state == MEMBER_ASKED || why.reason == REASON_NO_DECISION;
    bool is_news = !is_known(member, state, &why, was_asked);
    member->unanswered += state == MEMBER_UNANSWERED && was_asked;
    member->lost_asked += state == MEMBER_UNREACHABLE && member->state == MEMBER_ASKED;
    member->state = state;
    member->reason = why.reason;
    member->reason_limit_ms = why.limit_ms;
    member->reason_check = why.check;
    if (state == MEMBER_ACCEPTED) {
        pursuit_end(member);
    } else {
        pursuit_fail(member, now);
    }
    if (!is_news) {
        return;
    }
    save(offers, now, group, member);
    struct event event = event_about_member(offers, kinds[state], group, member);
    event.gmk_id = group->current.id;
    event.reason = member->reason;
    event.duration_ms = member->reason_limit_ms;
    event.check = member->reason_check;
    desk_tell(offers->desk, now, &event);
}

static void established(void *owner, struct moment now, struct connection *connection) {
    struct offers *offers = owner;
    struct group *group;
    const struct group_member *member = member_of(offers, connection, &group);
    if (member == NULL) {
        connection_close(offers->connections, now, connection);
        return;
    }
    errand_of(connection)->number = group->parameters.list_number;
    struct d2d_record record = {.type = RECORD_PROPOSE_GROUP,
                                .is_repeated = member->is_asked_again,
                                .parameters = &group->parameters,
                                .group_ms = group_clock_read(&group->clock, now)};
    connection_request(offers->connections, now, connection, &record);
}

/* Two devices answer to a member that was one when its officer was asked: this officer decides
 * whether it is given the key, by trying it again. */
static bool withheld(struct offers *offers, struct moment now, struct group *group,
                     struct group_member *member) {
    if (member->may_be_two || !roster_is_two(offers->roster, member->identity, now)) {
        return false;
    }
    const struct event event = event_about_member(offers, EVENT_MEMBER_IS_TWO, group, member);
    member->state = MEMBER_CANCELLED;
    group_member_excuse(member, REASON_TWO_DEVICES);
    save(offers, now, group, member);
    desk_tell(offers->desk, now, &event);
    return true;
}

/* Who comes late gets a ticket, and no hour before the present one, also where time is doubted. */
static void grant(struct offers *offers, struct moment now, struct connection *connection,
                  struct group *group, const struct group_member *member) {
    uint8_t octets[TICKET_MAX];
    struct writer ticket = writer_into(octets, sizeof octets);
    bool is_late = member->listed_in > 0;
    struct d2d_record record = {.type = RECORD_GRANT,
                                .group_ms = group_clock_read(&group->clock, now),
                                .gmk_id = group->current.id,
                                .hour = is_late ? hours_now(group, now) : hours_to_give(group, now),
                                .is_doubted = group->hours.is_doubted};
    if (gmk_is_usable(&group->current, group, now) != STATUS_OK ||
        (is_late && ticket_write(&ticket, &group->parameters, member, record.group_ms,
                                 &offers->desk->keyring, &offers->desk->entropy) != STATUS_OK)) {
        connection_close(offers->connections, now, connection);
        return;
    }
    record.ticket = writer_span(&ticket);
    hours_key(group, record.hour, record.gmk);
    errand_of(connection)->granted = true;
    connection_request(offers->connections, now, connection, &record);
    secret_wipe(&record, sizeof record);
}

static enum event_reason reason_of_decline(enum decline_reason reason) {
    switch (reason) {
    case DECLINED_BY_OFFICER:
        return REASON_OFFICER_DECLINED;
    case DECLINED_NO_DECISION:
        return REASON_NO_DECISION;
    case DECLINED_PERIOD_TOO_LONG:
        return REASON_PERIOD_TOO_LONG;
    case DECLINED_BUSY:
        return REASON_BUSY;
    case DECLINED_CANNOT_SAVE:
        return REASON_CANNOT_SAVE;
    case DECLINED_NOT_VALID:
    case DECLINED_TOO_OFTEN:
        break;
    }
    return REASON_PROPOSAL_REFUSED;
}

/* The member's answer, which is its last over this connection. */
static struct why why_of(const struct d2d_record *record) {
    if (record->type != RECORD_DECLINED) {
        return (struct why){.reason = REASON_BROKE_OFF};
    }
    struct why why = {.reason = reason_of_decline(record->reason)};
    why.limit_ms = why.reason == REASON_PERIOD_TOO_LONG ? record->limit_ms : 0;
    return why;
}

/* What its officer or its rules declined stays so; it is asked again where nobody decided, or where
 * it could not keep the key. */
static enum member_state state_of(const struct d2d_record *record) {
    if (record->type != RECORD_DECLINED) {
        return MEMBER_UNREACHABLE;
    }
    bool is_open = record->reason == DECLINED_NO_DECISION || record->reason == DECLINED_BUSY ||
                   record->reason == DECLINED_CANNOT_SAVE;
    return is_open ? MEMBER_UNANSWERED : MEMBER_DECLINED;
}

static void response(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record) {
    struct offers *offers = owner;
    const struct errand *errand = errand_of(connection);
    struct group *group;
    struct group_member *member = member_of(offers, connection, &group);
    bool is_receipt =
        record->type == RECORD_RECEIPT && errand->granted && record->gmk_id == errand->gmk_id;
    if (member == NULL || (connection->closing && !errand->granted)) {
        connection_close(offers->connections, now, connection);
    } else if (record->type == RECORD_PENDING && !errand->granted) {
        member->state = MEMBER_ASKED;
    } else if (record->type == RECORD_ACCEPTED && !errand->granted &&
               withheld(offers, now, group, member)) {
        connection_close(offers->connections, now, connection);
    } else if (record->type == RECORD_ACCEPTED && !errand->granted) {
        grant(offers, now, connection, group, member);
    } else {
        enum member_state state = is_receipt ? MEMBER_ACCEPTED : state_of(record);
        member->told = is_receipt ? errand->number : member->told;
        settle(offers, now, group, member, state,
               is_receipt ? (struct why){.reason = REASON_NONE} : why_of(record));
        connection_drop(offers->connections, connection);
    }
}

/* A poll says how late it is by the group's clock. */
static void poll(void *owner, struct moment now, const struct connection *connection,
                 struct d2d_record *record) {
    struct offers *offers = owner;
    const struct group *group = groups_find(offers->groups, errand_of(connection)->group);
    if (group != NULL) {
        record->group_ms = group_clock_read(&group->clock, now);
    }
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    struct offers *offers = owner;
    const struct errand *errand = errand_of(connection);
    struct group *group;
    struct group_member *member = member_of(offers, connection, &group);
    if (member == NULL || (connection->closing && !errand->granted)) {
        return;
    }
    const struct why why = {.reason = errand->granted ? REASON_NO_RECEIPT
                                      : connection->d2d->stage == D2D_OPENING
                                          ? REASON_NO_ANSWER
                                          : REASON_CONTACT_LOST};
    if (member->state == MEMBER_CANCELLED) {
        group_member_excuse(member, why.reason); /* asked no more; but it may hold the key */
    } else {
        settle(offers, now, group, member, MEMBER_UNREACHABLE, why);
    }
}

static void dropped(void *owner, struct connection *connection) {
    (void)owner;
    free(connection->errand);
}

void offers_serve(struct offers *offers) {
    offers->use = (struct connection_use){.owner = offers,
                                          .established = established,
                                          .response = response,
                                          .poll = poll,
                                          .lost = lost,
                                          .dropped = dropped};
    connections_serve(offers->connections, &offers->use);
}

void offers_silence(struct offers *offers, struct moment now) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(offers, &at)) != NULL) {
        if (errand_of(connection)->granted) {
            lost(offers, now, connection);
        }
        connection_drop(offers->connections, connection);
    }
    interrupt(offers, offers->desk->airplane ? REASON_AIRPLANE : REASON_SILENCE);
}

/* --- Time ----------------------------------------------------------------------------------- */

static bool is_being_asked(const struct offers *offers, const struct group *group,
                           const struct group_member *member) {
    const struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(offers, &at)) != NULL) {
        if (errand_of(connection)->gmk_id == group->current.id &&
            strcmp(connection->d2d->remote, member->identity) == 0) {
            return true;
        }
    }
    return false;
}

/* The next member for whom a connection has to be opened. */
static struct group_member *next_waiting(const struct offers *offers, struct group **group) {
    for (size_t i = 0; i < offers->groups->count; i++) {
        *group = offers->groups->list[i];
        for (size_t k = 0; k < (*group)->parameters.member_count; k++) {
            struct group_member *member = &(*group)->parameters.members[k];
            if (member->state == MEMBER_WAITING && !is_being_asked(offers, *group, member)) {
                return member;
            }
        }
    }
    return NULL;
}

enum status offers_open(struct offers *offers, struct moment now, const struct group *group,
                        const struct group_member *member) {
    struct errand *errand = calloc(1, sizeof *errand);
    struct connection *connection;
    if (errand == NULL) {
        return STATUS_NO_MEMORY;
    }
    errand->gmk_id = group->current.id;
    memcpy(errand->group, group->parameters.identity, sizeof errand->group);
    enum status status = connection_open(offers->connections, now, &offers->use, errand, false,
                                         member->identity, member->kms, &connection);
    if (status != STATUS_OK) {
        free(errand);
    }
    return status;
}

void offers_withhold(struct offers *offers, struct moment now) {
    const struct keyring *keyring = &offers->desk->keyring;
    for (size_t i = 0; i < offers->groups->count; i++) {
        const struct group *group = offers->groups->list[i];
        for (size_t k = 0; group->created_here && k < group->parameters.member_count; k++) {
            struct group_member *member = &offers->groups->list[i]->parameters.members[k];
            enum status status = keyring_admits(keyring, member->identity);
            if (pursuit_goes_on(member) && status != STATUS_OK) {
                member->state = MEMBER_CANCELLED;
                group_member_excuse(member, status == STATUS_LOST ? REASON_LOST : REASON_REVOKED);
                save(offers, now, group, member);
            }
        }
    }
}

/* Opens the next connection, if its time has come. */
static void open_next(struct offers *offers, struct moment now) {
    struct group *group;
    struct group_member *member = next_waiting(offers, &group);
    if (member == NULL || offers->opening_due_ms > now.boot_ms) {
        return;
    }
    enum status status = gmk_is_usable(&group->current, group, now);
    offers->opening_due_ms = now.boot_ms + OFFERS_SPACING_MS;
    if (status == STATUS_GMK_NOT_YET) {
        return; /* rekeyed in the millisecond in which it was made: the key begins with the next */
    }
    if (status == STATUS_OK) {
        status = offers_open(offers, now, group, member);
    }
    if (status != STATUS_OK) {
        settle(offers, now, group, member, MEMBER_UNREACHABLE,
               (struct why){.reason = REASON_CHECK_FAILED, .check = status_name(status)});
    }
}

/* Does a member of this group wait to be asked again? Only while there is a key to hand out. */
static bool has_resting(const struct group *group) {
    for (size_t i = 0; group->created_here && i < group->parameters.member_count; i++) {
        if (group->current.octets != NULL && pursuit_rests(&group->parameters.members[i])) {
            return true;
        }
    }
    return false;
}

/* Who is in reach again is asked again. */
static void look(struct offers *offers, struct moment now) {
    offers->look_due_ms = now.boot_ms + PURSUIT_LOOK_MS;
    for (size_t i = 0; i < offers->groups->count; i++) {
        struct group *group = offers->groups->list[i];
        if (!has_resting(group) || gmk_is_usable(&group->current, group, now) != STATUS_OK) {
            continue;
        }
        for (size_t k = 0; k < group->parameters.member_count; k++) {
            struct group_member *member = &group->parameters.members[k];
            pursuit_look(member, roster_is_near(offers->roster, member->identity, now), now);
        }
    }
}

void offers_tick(struct offers *offers, struct moment now) {
    if (now.boot_ms >= offers->look_due_ms && !desk_is_silent(offers->desk)) {
        look(offers, now);
    }
    open_next(offers, now);
}

int64_t offers_deadline(const struct offers *offers) {
    struct group *group;
    int64_t deadline = next_waiting(offers, &group) == NULL ? INT64_MAX : offers->opening_due_ms;
    for (size_t i = 0; i < offers->groups->count && !desk_is_silent(offers->desk); i++) {
        if (offers->look_due_ms < deadline && has_resting(offers->groups->list[i])) {
            deadline = offers->look_due_ms;
        }
    }
    return deadline;
}
