/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/ear.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"
#include "crypto/secret.h"

struct ear {
    struct desk desk; /* its outbox and its log are shut */
    struct handset_links links;
    struct air air;
    struct roster roster;
    struct admission admission;
    struct pace pace;
    struct presences presences; /* none is ever said */
    struct fragments fragments;
    struct groups groups;
    struct lifetime lifetime;
    struct floor floor;
    struct turns turns;
    struct asking asking; /* for nothing */
    struct emergencies emergencies;
    struct reporting reporting; /* to nobody */
    struct listening listening;
};

/* --- Made of a handset ------------------------------------------------------------------------ */

static void join_rooms(struct ear *ear) {
    struct desk *desk = &ear->desk;
    ear->air.desk = desk;
    ear->air.links = &ear->links;
    ear->admission.desk = desk;
    ear->groups.desk = desk;
    ear->groups.roster = &ear->roster;
    ear->lifetime = (struct lifetime){.desk = desk, .groups = &ear->groups};
    ear->presences = (struct presences){.air = &ear->air,
                                        .roster = &ear->roster,
                                        .admission = &ear->admission,
                                        .pace = &ear->pace,
                                        .due_ms = INT64_MAX,
                                        .renewed_ms = INT64_MIN};
    ear->emergencies = (struct emergencies){.desk = desk, .groups = &ear->groups};
    ear->turns = (struct turns){.desk = desk, .groups = &ear->groups};
    ear->asking = (struct asking){.desk = desk,
                                  .air = &ear->air,
                                  .groups = &ear->groups,
                                  .floor = &ear->floor,
                                  .turns = &ear->turns,
                                  .emergencies = &ear->emergencies,
                                  .sessions = ear->listening.sessions};
    ear->reporting.desk = desk;
    ear->reporting.air = &ear->air;
    ear->reporting.groups = &ear->groups;
    ear->reporting.admission = &ear->admission;
    ear->listening.desk = desk;
    ear->listening.ticket_checks.desk = desk;
    ear->listening.admission = &ear->admission;
    ear->listening.groups = &ear->groups;
    ear->listening.presences = &ear->presences;
    ear->listening.reporting = &ear->reporting;
    ear->listening.floor = &ear->floor;
    ear->listening.emergencies = &ear->emergencies;
    ear->listening.asking = &ear->asking;
}

/* Nothing is said, told or saved. What is to be durable first counts as that, since there is no
 * record to wait for: what that leaves open after a kill is in app/README.md. */
static enum status copy_desk(const struct desk *from, struct desk *desk) {
    desk->entropy = from->entropy;
    desk->radio_silence = true;
    desk->outbox.is_shut = desk->journal.is_shut = true;
    desk->outbox.queued = desk->outbox.durable = from->outbox.queued + 1;
    desk->revoked = from->revoked;
    desk->lost = from->lost;
    enum status status = keyring_copy_public(&desk->keyring, &from->keyring);
    if (status == STATUS_OK && from->keyring.revoked != NULL) {
        keyring_heed(&desk->keyring, &desk->revoked.list);
    }
    keyring_heed_lost(&desk->keyring, &desk->lost);
    return status;
}

/* What is shown of a group, and what giving out its key takes. */
static void forget_names(struct group *group) {
    struct group_parameters *parameters = &group->parameters;
    memset(parameters->name, 0, sizeof parameters->name);
    for (size_t i = 0; i < parameters->member_count; i++) {
        memset(parameters->members[i].name, 0, sizeof parameters->members[i].name);
    }
    memset(group->former, 0, sizeof group->former);
    group->former_count = 0;
    memset(&group->ticket, 0, sizeof group->ticket);
    group->created_here = false;
}

static enum status copy_groups(const struct groups *from, struct groups *groups) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < from->count && status == STATUS_OK; i++) {
        struct group *copy;
        if (!group_holds_key(from->list[i])) {
            continue;
        }
        status = group_copy(from->list[i], &copy);
        if (status == STATUS_OK) {
            forget_names(copy);
            status = groups_add(groups, copy);
            if (status != STATUS_OK) {
                group_free(copy);
            }
        }
    }
    return status == STATUS_OK && groups->count == 0 ? STATUS_NOT_FOUND : status;
}

static bool has_standard(const struct groups *groups) {
    bool has = false;
    for (size_t i = 0; i < groups->count; i++) {
        has = has || group_is_standard(groups->list[i]);
    }
    return has;
}

/* Whose clock was measured and who may talk: of a standard group's members no list is held. Who is
 * not here for want of memory is judged by group time, like everybody who was not measured. */
static enum status copy_clocks(const struct roster *from, const struct groups *groups,
                               const struct entropy *entropy, struct moment now,
                               struct roster *roster) {
    const struct neighbours *neighbours = &from->neighbours;
    bool is_any = has_standard(groups);
    enum status status = roster_begin(roster, from->own.identity, entropy, now);
    if (status != STATUS_OK) {
        return status;
    }
    roster->own = from->own; /* it is the same life */
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct neighbour *neighbour = neighbours->list[i];
        const char *identity = neighbour->presence.identity;
        struct neighbour *copy =
            (is_any || groups_share(groups, identity)) && roster_is_measured(from, identity, now)
                ? neighbours_add(&roster->neighbours, identity)
                : NULL;
        if (copy != NULL) {
            copy->lives = neighbour->lives;
            copy->is_revoked = neighbour->is_revoked;
            copy->signed_ms = copy->heard_ms = INT64_MIN / 2;
            roster->candidates++;
        }
    }
    return STATUS_OK;
}

enum status ear_new(struct handset *handset, struct moment now, struct ear **out) {
    *out = NULL;
    struct ear *ear = calloc(1, sizeof *ear);
    if (ear == NULL) {
        return STATUS_NO_MEMORY;
    }
    join_rooms(ear);
    enum status status = copy_desk(&handset->desk, &ear->desk);
    if (status == STATUS_OK) {
        status = copy_groups(&handset->groups, &ear->groups);
    }
    if (status == STATUS_OK) {
        status = copy_clocks(&handset->roster, &ear->groups, &ear->desk.entropy, now, &ear->roster);
    }
    if (status != STATUS_OK) {
        ear_free(ear);
        return status;
    }
    ear->links = handset->links;
    ear->air.mark_key = handset->air.mark_key;
    admission_start(&ear->admission, now.boot_ms);
    ear->lifetime.save_due_ms = now.boot_ms;
    ear->floor = handset->floor;
    emergencies_copy(&handset->emergencies, &ear->emergencies);
    listening_hand_over(&handset->listening, &ear->listening);
    *out = ear;
    return STATUS_OK;
}

static bool take_reserved(struct group *group, const char *identity, int64_t until_ms,
                          struct moment now) {
    return until_ms > group_reserved_ms(group, identity) &&
           group_reserve(group, identity, until_ms, group_clock_read(&group->clock, now));
}

/* Who was heard although far ahead of group time (lead.h). Returns whether that is anybody new. */
static bool take_all_reserved(const struct group *held, struct group *group, struct moment now) {
    const struct talkers *talkers = &held->talkers;
    const struct group_parameters *parameters = &held->parameters;
    bool any = false;
    for (size_t i = 0; i < talkers->count; i++) {
        any =
            take_reserved(group, talkers->list[i].identity, talkers->list[i].talked_ms, now) || any;
    }
    for (size_t i = 0; i < parameters->member_count; i++) {
        const struct group_member *member = &parameters->members[i];
        any = take_reserved(group, member->identity, member->talked_ms, now) || any;
    }
    return any;
}

/* At its start a handset takes all for played that was said until then. But it knows what the ear
 * has played, and that goes by the floor as it was at the lock. Not where the ear's group time has
 * run ahead, for by that it dated what it played (heard.h). Leads that the ear has learned go on,
 * and are made durable now: whoever talks is heard meanwhile, as while it was locked. */
static void give_back_times(const struct groups *from, struct groups *to, struct moment now) {
    for (size_t i = 0; i < to->count; i++) {
        struct group *group = to->list[i];
        const struct group *held = groups_find(from, group->parameters.identity);
        if (held == NULL ||
            group_clock_read(&held->clock, now) > group_clock_read(&group->clock, now)) {
            continue;
        }
        bool is_new = take_all_reserved(held, group, now);
        group->heard.floor_ms = held->heard.floor_ms;
        is_new = heard_time_take_lead(&group->heard, &held->heard) || is_new;
        if (is_new && groups_save(to, group) != STATUS_OK) {
            group->is_unsaved = true;
        }
    }
}

void ear_give_back(struct ear *ear, struct handset *handset, struct moment now) {
    if (strcmp(own_identity(&ear->desk), own_identity(&handset->desk)) != 0) {
        return;
    }
    give_back_times(&ear->groups, &handset->groups, now);
    handset->floor = ear->floor;
    listening_hand_over(&ear->listening, &handset->listening);
    emergencies_catch_up(&handset->emergencies, &ear->emergencies, now);
    listening_look(&handset->listening, now);
    handset->version++;
}

void ear_free(struct ear *ear) {
    if (ear == NULL) {
        return;
    }
    listening_clear(&ear->listening);
    reporting_clear(&ear->reporting);
    groups_clear(&ear->groups);
    admission_clear(&ear->admission);
    fragments_clear(&ear->fragments);
    roster_clear(&ear->roster);
    desk_clear(&ear->desk);
    secret_wipe(ear, sizeof *ear);
    free(ear);
}

/* --- What it hears ---------------------------------------------------------------------------- */

static bool is_voice(enum frame_kind kind) {
    return kind == FRAME_ANNOUNCEMENT || kind == FRAME_MEDIA ||
           kind == FRAME_ANNOUNCEMENT_AND_MEDIA;
}

/* A latecomer's ticket has its name. */
static void hear(struct ear *ear, struct moment now, const struct knock *knock) {
    const uint64_t version = ear->groups.version;
    (void)handset_hear_voice(NULL, &ear->listening, now, knock->arrival.peer, &knock->frame);
    for (size_t i = 0; version != ear->groups.version && i < ear->groups.count; i++) {
        forget_names(ear->groups.list[i]);
    }
    listening_look(&ear->listening, now);
}

bool ear_frame(struct ear *ear, struct moment now, uint64_t peer, struct span octets) {
    struct knock knock = {.arrival.peer = peer};
    uint64_t proven = ear->listening.proven;
    if (frame_read(octets, &knock.frame) != STATUS_OK ||
        (!is_voice(knock.frame.kind) && knock.frame.kind != FRAME_FRAGMENT)) {
        return false;
    }
    bool is_marked = air_is_marked(&ear->air, octets);
    frame_identity(octets, knock.arrival.frame);
    if (!air_is_new(&ear->air, knock.arrival.frame, is_marked)) {
        return false;
    }
    air_remember(&ear->air, knock.arrival.frame, is_marked);
    knock.arrival.is_relayed = knock.frame.hops_left < FRAME_HOPS;
    knock.shown = is_marked ? SHOWN_MARK : SHOWN_NOTHING;
    admission_enter(&ear->admission, &knock);
    if (is_voice(knock.frame.kind) ||
        handset_completes(&ear->fragments, &ear->desk.journal, now, &knock)) {
        hear(ear, now, &knock);
    }
    admission_leave(&ear->admission);
    return ear->listening.proven != proven;
}

void ear_tick(struct ear *ear, struct moment now) {
    struct waiting *waited; /* for its signature to be checked */
    ear->admission.is_busy = ear_is_listening(ear);
    while ((waited = admission_next(&ear->admission, now)) != NULL) {
        hear(ear, now, &waited->knock);
        admission_heard(&ear->admission, waited);
    }
    lifetime_tick(&ear->lifetime, now);
    listening_tick(&ear->listening, now);
}

int64_t ear_deadline(const struct ear *ear) {
    const int64_t deadlines[] = {lifetime_deadline(&ear->lifetime),
                                 listening_deadline(&ear->listening),
                                 admission_deadline(&ear->admission)};
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        deadline = deadlines[i] < deadline ? deadlines[i] : deadline;
    }
    return deadline;
}

void ear_slept(struct ear *ear) {
    listening_slept(&ear->listening);
}

bool ear_has_key(const struct ear *ear) {
    bool has = false;
    for (size_t i = 0; i < ear->groups.count; i++) {
        has = has || group_holds_key(ear->groups.list[i]);
    }
    return has;
}

bool ear_is_listening(const struct ear *ear) {
    return listening_is_active(&ear->listening);
}

bool ear_listen(struct ear *ear, struct moment now, int16_t samples[VOICE_FRAME_SAMPLES]) {
    memset(samples, 0, VOICE_FRAME_SAMPLES * sizeof samples[0]);
    return listening_play(&ear->listening, now, samples);
}

bool ear_reveal_gmk(const struct ear *ear, uint32_t gmk_id, uint8_t gmk[16]) {
    const struct gmk *held;
    if (groups_any_gmk(&ear->groups, gmk_id, &held) == NULL || held->octets == NULL) {
        return false;
    }
    memcpy(gmk, held->octets->octets, GMK_SIZE);
    return true;
}

bool ear_has_name(const struct ear *ear) {
    bool has = false;
    for (size_t i = 0; i < ear->groups.count; i++) {
        const struct group_parameters *parameters = &ear->groups.list[i]->parameters;
        has = has || parameters->name[0] != '\0';
        for (size_t k = 0; k < parameters->member_count; k++) {
            has = has || parameters->members[k].name[0] != '\0';
        }
    }
    return has;
}
