/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/gmk_hour.h"

enum {
    GROUP_RECORD_VERSION = 10,
    GROUP_RECORD_VERSION_OF_NO_EXCLUSIONS = 9, /* deliveries told nothing of exclusions */
    GROUP_RECORD_VERSION_OF_ONE_MANAGER =
        8,                                 /* whoever had the group identity's keys was believed */
    GROUP_RECORD_VERSION_OF_ONE_LIST = 7,  /* nobody came late to a GMK */
    GROUP_RECORD_VERSION_OF_ONE_KEY = 6,   /* an ad-hoc group's GMK was the same in all hours */
    GROUP_RECORD_VERSION_OF_FORMER = 5,    /* so far neighbours moved its time was forgotten */
    GROUP_RECORD_VERSION_OF_LEAVING = 4,   /* who was left out of a key was forgotten */
    GROUP_RECORD_VERSION_OF_SENTENCES = 3, /* why a member lacks the key was an English sentence */
    GROUP_RECORD_VERSION_OF_TALKERS = 2,   /* what was heard of each talker was made durable */
    GROUP_RECORD_VERSION_OF_ADHOC = 1,
    REASON_NAME_SIZE = 80 /* of a reason, a check, or a sentence of old */
};

struct group *group_new(const struct group_parameters *parameters, struct group_clock clock) {
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    group->parameters = *parameters;
    group->clock = clock;
    return group;
}

/* Wipes the GMK; its id and period stay known. */
static void gmk_drop(struct gmk *gmk) {
    secret_free(gmk->octets);
    gmk->octets = NULL;
}

void group_free(struct group *group) {
    if (group == NULL) {
        return;
    }
    group_drop_all(group);
    free(group);
}

bool group_holds_key(const struct group *group) {
    return group->current.octets != NULL || group->previous.octets != NULL ||
           group->waiting.octets != NULL;
}

bool group_drop_all(struct group *group) {
    bool any = group_holds_key(group);
    gmk_drop(&group->current);
    gmk_drop(&group->previous);
    gmk_drop(&group->waiting);
    return any;
}

bool group_is_standard(const struct group *group) {
    return !group_identity_is_adhoc(group->parameters.identity, NULL);
}

const struct gmk *group_shown_gmk(const struct group *group) {
    bool is_first = group->current.octets == NULL && group->waiting.octets != NULL;
    return is_first ? &group->waiting : &group->current;
}

static bool all_stay(const struct group_parameters *before, const struct group_parameters *after) {
    for (size_t i = 0; i < before->member_count; i++) {
        if (!group_lists(after, before->members[i].identity, before->members[i].kms)) {
            return false;
        }
    }
    return true;
}

const struct former_member *group_former(const struct group *group, const char *identity) {
    for (size_t i = 0; i < group->former_count; i++) {
        if (strcmp(group->former[i].identity, identity) == 0) {
            return &group->former[i];
        }
    }
    return NULL;
}

static void former_drop(struct group *group, size_t at) {
    group->former_count--;
    memmove(&group->former[at], &group->former[at + 1],
            (group->former_count - at) * sizeof group->former[0]);
}

/* The latest are remembered. */
static void former_add(struct group *group, const struct group_member *member) {
    if (group->former_count == FORMER_MAX) {
        former_drop(group, 0);
    }
    struct former_member *former = &group->former[group->former_count++];
    memcpy(former->identity, member->identity, sizeof former->identity);
    memcpy(former->kms, member->kms, sizeof former->kms);
    memcpy(former->name, member->name, sizeof former->name);
}

/* Who is a member again is no former one. */
static void former_rejoin(struct group *group) {
    for (size_t i = group->former_count; i-- > 0;) {
        if (group_listed(&group->parameters, group->former[i].identity) != NULL) {
            former_drop(group, i);
        }
    }
}

/* And who is none any more becomes one. */
static void former_settle(struct group *group, const struct group_parameters *before) {
    former_rejoin(group);
    for (size_t i = 0; i < before->member_count; i++) {
        if (group_listed(&group->parameters, before->members[i].identity) == NULL) {
            former_add(group, &before->members[i]);
        }
    }
}

enum status group_admit(struct group *group, const struct group_member *member) {
    struct group_parameters *parameters = &group->parameters;
    if (parameters->member_count == ADHOC_MEMBERS_MAX) {
        return STATUS_TOO_LONG;
    }
    parameters->members[parameters->member_count++] = *member;
    if (member->listed_in > parameters->list_number) {
        parameters->list_number = member->listed_in;
    }
    former_rejoin(group);
    return STATUS_OK;
}

enum status group_keep_ticket(struct group *group, struct span ticket) {
    if (ticket.length > sizeof group->ticket.octets) {
        return STATUS_TOO_LONG;
    }
    memcpy(group->ticket.octets, ticket.octets, ticket.length);
    group->ticket.length = ticket.length;
    return STATUS_OK;
}

enum status group_set_gmk(struct group *group, const struct group_parameters *parameters,
                          const uint8_t gmk[GMK_SIZE], struct moment now) {
    struct secret *octets = secret_copy((struct span){gmk, GMK_SIZE});
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }

    bool stay = all_stay(&group->parameters, parameters);
    if (group->current.octets != NULL || !stay) {
        gmk_drop(&group->previous);
        group->previous = group->current;
        group->previous.shifted_ms = 0; /* it is on its way out */
        int64_t until = group_clock_read(&group->clock, now) +
                        (group_is_standard(group) ? STANDARD_OVERLAP_MS : PREVIOUS_GMK_LISTEN_MS);
        if (group->previous.not_after_ms > until) {
            group->previous.not_after_ms = until;
        }
    }
    if (!stay) {
        gmk_drop(&group->previous);
    }
    struct group_parameters before = group->parameters;
    group->parameters = *parameters;
    group->ticket.length = 0;
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        struct group_member *member = &group->parameters.members[i];
        const struct group_member *earlier = group_member(&before, member->identity);
        member->talked_ms = earlier == NULL ? 0 : earlier->talked_ms;
    }
    if (!group_is_standard(group)) {
        group->moved_ms = 0;
    }
    if (group->created_here) {
        former_settle(group, &before);
    }
    group->hours.is_doubted = group->hours.is_anothers = false; /* its hours begin with it */
    group->hours.off_ms = 0;
    group->current = (struct gmk){.id = parameters->gmk_id,
                                  .not_before_ms = parameters->created_ms,
                                  .created_ms = parameters->created_ms,
                                  .not_after_ms = parameters->created_ms + parameters->period_ms,
                                  .octets = octets};
    group->expiry_told = false;
    group->is_questioned = false;
    return STATUS_OK;
}

/* --- Standard groups ------------------------------------------------------------------------ */

/* A standard group's parameters with another GMK. */
static enum status set_current(struct group *group, const struct gmk *next,
                               const uint8_t gmk[GMK_SIZE], struct moment now) {
    struct group_parameters parameters = group->parameters;
    parameters.gmk_id = next->id;
    parameters.created_ms = next->not_before_ms;
    parameters.period_ms = next->not_after_ms - next->not_before_ms;
    int64_t shifted_ms = next->shifted_ms;
    enum status status = group_set_gmk(group, &parameters, gmk, now);
    if (status == STATUS_OK) {
        group->current.shifted_ms = shifted_ms;
    }
    return status;
}

enum status group_set_delivered(struct group *group, const struct gmk *delivered,
                                const uint8_t gmk[GMK_SIZE], struct moment now) {
    struct gmk waiting = {.id = 0};
    enum status status = STATUS_OK;
    if (delivered->not_before_ms > group_clock_read(&group->clock, now)) {
        waiting = *delivered;
        waiting.octets = secret_copy((struct span){gmk, GMK_SIZE});
        if (waiting.octets == NULL) {
            status = STATUS_NO_MEMORY;
        }
    } else {
        status = set_current(group, delivered, gmk, now);
    }
    if (status != STATUS_OK) {
        return status;
    }
    gmk_drop(&group->waiting);
    group->waiting = waiting;
    return STATUS_OK;
}

static void shift_back(struct gmk *gmk, int64_t moved_ms) {
    int64_t by_ms = gmk->shifted_ms < moved_ms ? gmk->shifted_ms : moved_ms;
    gmk->not_before_ms += by_ms;
    gmk->not_after_ms += by_ms;
    gmk->shifted_ms -= by_ms;
}

void group_move_time(struct group *group, int64_t by_ms, struct moment now) {
    group->clock = group_clock_start(group_clock_read(&group->clock, now) + by_ms, now);
    group->moved_ms += by_ms;
    shift_back(&group->current, by_ms);
    shift_back(&group->waiting, by_ms);
}

void group_start_time(struct group *group, struct group_clock clock) {
    group->clock = clock;
    group->heard = (struct heard_time){.floor_ms = 0};
    group->talkers = (struct talkers){.count = 0};
    group->own_talk_ms = group->moved_ms = 0;
}

enum status group_take_waiting(struct group *group, struct moment now) {
    enum status status = set_current(group, &group->waiting, group->waiting.octets->octets, now);
    if (status != STATUS_OK) {
        return status;
    }
    gmk_drop(&group->waiting);
    group->waiting = (struct gmk){.id = 0};
    return STATUS_OK;
}

/* --- Talkers -------------------------------------------------------------------------------- */

bool group_may_talk(const struct group *group, const char *identity) {
    return group_is_standard(group) || group_listed(&group->parameters, identity) != NULL;
}

int64_t group_reserved_ms(const struct group *group, const char *identity) {
    if (group_is_standard(group)) {
        return talkers_talked_ms(&group->talkers, identity);
    }
    const struct group_member *member = group_listed(&group->parameters, identity);
    return member != NULL ? member->talked_ms : 0;
}

int64_t group_talked_ms(const struct group *group, const char *identity) {
    int64_t reserved_ms = group_reserved_ms(group, identity);
    return reserved_ms > group->heard.floor_ms ? reserved_ms : group->heard.floor_ms;
}

bool group_reserve(struct group *group, const char *identity, int64_t until_ms, int64_t group_ms) {
    if (group_is_standard(group)) {
        return talkers_set(&group->talkers, identity, until_ms,
                           group_ms - ANNOUNCEMENT_TOLERANCE_MS);
    }
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        struct group_member *member = &group->parameters.members[i];
        if (strcmp(member->identity, identity) == 0) {
            member->talked_ms = until_ms;
            return true;
        }
    }
    return false;
}

/* --- Periods of use ------------------------------------------------------------------------- */

enum status gmk_is_usable(const struct gmk *gmk, const struct group *group, struct moment now) {
    int64_t group_now = group_clock_read(&group->clock, now);
    if (gmk->octets == NULL || group_now >= gmk->not_after_ms) {
        return STATUS_GMK_EXPIRED;
    }
    return group_now < gmk->not_before_ms ? STATUS_GMK_NOT_YET : STATUS_OK;
}

static bool gmk_drop_expired(struct gmk *gmk, const struct group *group, struct moment now) {
    if (gmk->octets == NULL || gmk_is_usable(gmk, group, now) != STATUS_GMK_EXPIRED) {
        return false;
    }
    gmk_drop(gmk);
    return true;
}

bool group_drop_expired(struct group *group, struct moment now) {
    bool current = gmk_drop_expired(&group->current, group, now);
    bool previous = gmk_drop_expired(&group->previous, group, now);
    bool waiting = gmk_drop_expired(&group->waiting, group, now);
    return current || previous || waiting;
}

/* --- Codecs: each writer above its reader --------------------------------------------------- */

/* The key of the hour that the record is to have. */
static void octets_write(struct writer *out, const struct gmk *gmk) {
    uint8_t octets[GMK_SIZE];
    if (gmk->octets == NULL) {
        write_span_u8(out, (struct span){NULL, 0});
        return;
    }
    memcpy(octets, gmk->octets->octets, sizeof octets);
    gmk_hour_move(octets, gmk->id, gmk->hour, gmk->next_hour);
    write_span_u8(out, SPAN_OF(octets));
    secret_wipe(octets, sizeof octets);
}

static void gmk_write(struct writer *out, const struct gmk *gmk) {
    write_u32(out, gmk->id);
    write_u64(out, (uint64_t)gmk->not_before_ms);
    write_u64(out, (uint64_t)gmk->not_after_ms);
    octets_write(out, gmk);
}

static enum status gmk_read(struct reader *in, struct gmk *gmk) {
    gmk->id = read_u32(in);
    gmk->not_before_ms = (int64_t)read_u64(in);
    gmk->not_after_ms = (int64_t)read_u64(in);
    struct span octets = read_span_u8(in);
    if (octets.length == 0) {
        return STATUS_OK;
    }
    if (octets.length != GMK_SIZE) {
        return STATUS_MALFORMED;
    }
    gmk->octets = secret_copy(octets);
    return gmk->octets == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Bounded, so that every sum of times is far from overflow; never refused: a handset must start
 * with what it saved. */
static int64_t bounded_read(struct reader *in) {
    const uint64_t max_ms = INT64_MAX / 4;
    uint64_t ms = read_u64(in);
    return (int64_t)(ms < max_ms ? ms : max_ms);
}

static void hour_write(struct writer *out, const struct gmk *gmk) {
    write_u64(out, (uint64_t)gmk->created_ms);
    write_u32(out, gmk->next_hour);
}

/* A record from before hours has the key of the first one. */
static void hour_read(struct reader *in, uint8_t version, struct gmk *gmk) {
    bool is_there = version > GROUP_RECORD_VERSION_OF_ONE_KEY;
    gmk->created_ms = is_there ? bounded_read(in) : gmk->not_before_ms;
    gmk->hour = gmk->next_hour = is_there ? read_u32(in) : 0;
}

/* Names, which unlike the numbers of what they name never change. */
static void reason_write(struct writer *out, const struct group_member *member) {
    write_text_u8(out, event_reason_name(member->reason));
    write_u64(out, (uint64_t)member->reason_limit_ms);
    write_text_u8(out, member->reason_check == NULL ? "" : member->reason_check);
}

static void reason_read(struct reader *in, uint8_t version, struct group_member *member) {
    char name[REASON_NAME_SIZE];
    read_text_u8(in, name, sizeof name);
    if (version <= GROUP_RECORD_VERSION_OF_SENTENCES) {
        return; /* a sentence is no reason's name */
    }
    member->reason = event_reason_named(name);
    member->reason_limit_ms = (int64_t)read_u64(in);
    read_text_u8(in, name, sizeof name);
    for (int status = 0; status < STATUS_COUNT; status++) {
        if (strcmp(status_name((enum status)status), name) == 0) {
            member->reason_check = status_name((enum status)status);
        }
    }
}

static void former_write(struct writer *out, const struct group *group) {
    write_u8(out, (uint8_t)group->former_count);
    for (size_t i = 0; i < group->former_count; i++) {
        write_text_u8(out, group->former[i].identity);
        write_text_u8(out, group->former[i].kms);
        write_text_u8(out, group->former[i].name);
    }
}

static enum status former_read(struct reader *in, struct group *group) {
    size_t count = read_u8(in);
    if (count > FORMER_MAX) {
        return STATUS_MALFORMED;
    }
    for (; group->former_count < count && !in->failed; group->former_count++) {
        struct former_member *former = &group->former[group->former_count];
        read_text_u8(in, former->identity, sizeof former->identity);
        read_text_u8(in, former->kms, sizeof former->kms);
        read_text_u8(in, former->name, sizeof former->name);
    }
    return in->failed ? STATUS_TRUNCATED : STATUS_OK;
}

static void list_write(struct writer *out, const struct group *group) {
    group_latecomers_write(out, &group->parameters);
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        write_u8(out, (uint8_t)group->parameters.members[i].told);
    }
    write_span_u16(out, (struct span){group->ticket.octets, group->ticket.length});
}

static enum status list_read(struct reader *in, struct group *group) {
    enum status status = group_latecomers_read(in, &group->parameters);
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        group->parameters.members[i].told = read_u8(in);
    }
    struct span ticket = read_span_u16(in);
    if (status == STATUS_OK && in->failed) {
        return STATUS_TRUNCATED;
    }
    return status == STATUS_OK ? group_keep_ticket(group, ticket) : status;
}

static void told_write(struct writer *out, const struct epoch_proof *told) {
    uint8_t octets[EPOCH_PROOF_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    if (told->word.certificate.term != 0) {
        epoch_proof_write(&w, told);
    }
    write_span_u16(out, writer_span(&w));
}

static enum status told_read(struct reader *in, struct epoch_proof *told) {
    struct span octets = read_span_u16(in);
    return octets.length == 0 ? STATUS_OK : epoch_proof_read(octets, told);
}

void group_write(struct writer *out, const struct group *group) {
    write_u8(out, GROUP_RECORD_VERSION);
    group_parameters_write(out, &group->parameters);
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        const struct group_member *member = &group->parameters.members[i];
        write_u8(out, (uint8_t)member->state);
        write_u64(out, (uint64_t)member->talked_ms);
        reason_write(out, member);
        write_u8(out, (uint8_t)member->unanswered);
    }
    group_clock_write(out, &group->clock);
    gmk_write(out, &group->current);
    gmk_write(out, &group->previous);
    write_u8(out, group->created_here);
    write_u8(out, group->expiry_told);
    write_u64(out, (uint64_t)group->own_talk_ms);
    gmk_write(out, &group->waiting);
    write_u64(out, (uint64_t)group->delivered_ms);
    talkers_write(out, &group->talkers);
    write_u64(out, (uint64_t)group->heard.floor_ms);
    write_u64(out, (uint64_t)group->heard.lead_ms);
    former_write(out, group);
    write_u64(out, (uint64_t)group->moved_ms);
    write_u64(out, (uint64_t)group->current.shifted_ms);
    write_u64(out, (uint64_t)group->waiting.shifted_ms);
    hour_write(out, &group->current);
    hour_write(out, &group->previous);
    /* Doubted twice: if the clock is put right while it is off, it tells nothing after that. */
    write_u8(out, group->hours.is_anothers || group->hours.is_doubted || group->hours.off_ms != 0);
    list_write(out, group);
    write_u64(out, group->epoch.term);
    write_u64(out, group->epoch.counter);
    told_write(out, &group->told);
}

/* What standard groups have besides. */
static enum status standard_read(struct reader *in, struct group *group) {
    enum status status = gmk_read(in, &group->waiting);
    group->delivered_ms = (int64_t)read_u64(in);
    return status == STATUS_OK ? talkers_read(in, &group->talkers) : status;
}

static void heard_read(struct reader *in, struct heard_time *heard) {
    heard->floor_ms = bounded_read(in);
    heard->lead_ms = bounded_read(in);
}

static enum status group_read_into(struct span octets, struct group *group) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > GROUP_RECORD_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    enum status status = group_parameters_read(&r, &group->parameters);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        struct group_member *member = &group->parameters.members[i];
        uint8_t state = read_u8(&r);
        if (state > MEMBER_UNANSWERED) {
            return STATUS_MALFORMED;
        }
        member->state = (enum member_state)state;
        member->talked_ms = (int64_t)read_u64(&r);
        reason_read(&r, version, member);
        member->unanswered = version > GROUP_RECORD_VERSION_OF_LEAVING ? read_u8(&r) : 0;
    }
    group_clock_restore(&r, &group->clock);
    status = gmk_read(&r, &group->current);
    if (status == STATUS_OK) {
        status = gmk_read(&r, &group->previous);
    }
    if (status != STATUS_OK) {
        return status;
    }
    group->created_here = read_u8(&r) != 0;
    group->expiry_told = read_u8(&r) != 0;
    group->own_talk_ms = (int64_t)read_u64(&r);
    if (version > GROUP_RECORD_VERSION_OF_ADHOC) {
        status = standard_read(&r, group);
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_TALKERS) {
        heard_read(&r, &group->heard);
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_LEAVING) {
        status = former_read(&r, group);
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_FORMER) {
        group->moved_ms = bounded_read(&r);
        group->current.shifted_ms = bounded_read(&r);
        group->waiting.shifted_ms = bounded_read(&r);
    }
    if (status == STATUS_OK) {
        hour_read(&r, version, &group->current);
        hour_read(&r, version, &group->previous);
        group->hours.is_anothers = version > GROUP_RECORD_VERSION_OF_ONE_KEY && read_u8(&r) != 0;
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_ONE_LIST) {
        status = list_read(&r, group);
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_ONE_MANAGER) {
        group->epoch.term = read_u64(&r);
        group->epoch.counter = read_u64(&r);
    }
    if (status == STATUS_OK && version > GROUP_RECORD_VERSION_OF_NO_EXCLUSIONS) {
        status = told_read(&r, &group->told);
    }
    return status == STATUS_OK ? reader_finish(&r) : status;
}

enum status group_read(struct span octets, struct group **out) {
    *out = NULL;
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = group_read_into(octets, group);
    if (status != STATUS_OK) {
        group_free(group);
    } else {
        *out = group;
    }
    return status;
}
