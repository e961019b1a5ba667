/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "held.h"

#include <string.h>

#include "seeds.h"

enum {
    REST_MS = 500,
    OWN_GROUPS = 2
};

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)domain;
    (void)identifier;
    (void)message;
    return signature[0] == HELD_FORGED ? STATUS_SIGNATURE_INVALID : STATUS_OK;
}

/* Frames that were sent and are of no matter any more. */
static void forget_frames(struct squad *squad) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

static void drop_connections(struct handset *handset) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (handset->connections.list[i] != NULL) {
            connection_drop(&handset->connections, handset->connections.list[i]);
        }
    }
}

/* The group as it was made. */
static struct group *first_group;

/* Who has talked in the group that it manages. */
static struct talkers first_talkers;

/* The number of that group's key. */
static uint64_t first_counter;

/* The handset becomes manager of a group, whose first key is on its way, and a relay. */
static void give_duties(struct squad *squad) {
    struct command rekey = {.kind = COMMAND_MANAGE_REKEY, .period_ms = 12 * (int64_t)HOUR_MS};
    memcpy(rekey.group, squad_identity(SQUAD_FIRE), strlen(squad_identity(SQUAD_FIRE)) + 1);
    squad_manage(squad, HELD, HELD_MANAGED);
    must(squad_command(squad, HELD, &rekey) == STATUS_OK);
    struct handset *handset = squad->handsets[HELD].engine;
    must(handset_set_links(handset, 2) == STATUS_OK);
    must(handset_describe_link(handset, 2, "narrow", LINK_PLAIN, FRAME_LINK_MIN) == STATUS_OK);
}

struct squad *held_squad(void) {
    static struct squad *squad;
    static struct provider lenient;
    if (squad == NULL) {
        squad_seed(1);
        squad = squad_new(3);
        squad_group(squad, 12 * (int64_t)HOUR_MS);
        give_duties(squad);
        squad_run(squad, 3000);
        seeds_write(squad);
        must(group_copy(squad->handsets[HELD].engine->groups.list[0], &first_group) == STATUS_OK);
        must(squad->handsets[HELD].engine->groups.count == OWN_GROUPS);
        first_talkers = squad->handsets[HELD].engine->groups.list[1]->talkers;
        first_counter = squad->handsets[HELD].engine->management.list[0]->group->rekey.counter;
        lenient = *squad_provider();
        lenient.verify = verify;
        squad->handsets[HELD].engine->desk.keyring.provider = &lenient;
        squad->step_ms = REST_MS / 5;
        squad->is_mute = true;
        forget_frames(squad);
        for (size_t n = 0; n < squad->count; n++) {
            drop_connections(squad->handsets[n].engine);
        }
    }
    return squad;
}

struct handset *held_handset(void) {
    return held_squad()->handsets[HELD].engine;
}

struct managed_group *held_managed(void) {
    return held_handset()->management.list[0]->group;
}

/* Those who are not there have said nothing of their key. */
static void forget_receipts(void) {
    for (size_t n = HELD_AWAY; n < HELD_MANAGED; n++) {
        struct roll_member *member = roll_find(&held_managed()->roll, squad_identity(n));
        must(member != NULL);
        member->received_id = 0;
    }
}

/* Nor has anybody objected to it. */
static void forget_objections(void) {
    struct managed_group *group = held_managed();
    group->unknown = (struct exclusion_state){.number = 0};
    group->rekey.counter = first_counter;
    group->rekey.is_spoiled = false;
}

/* What was proposed or delivered, all but the group that it made and the one that it manages. A
 * standard group is its manager's to delete. */
static void forget_groups(struct squad *squad) {
    struct groups *groups = &held_handset()->groups;
    while (groups->count > OWN_GROUPS) {
        struct command command = {.kind = COMMAND_DELETE_GROUP};
        struct group *group = groups->list[groups->count - 1];
        memcpy(command.group, group->parameters.identity, sizeof command.group);
        if (squad_command(squad, HELD, &command) != STATUS_OK) {
            groups_remove(groups, group);
        }
    }
}

/* It was given another key: it has the first one again, at its time of now. */
static void restore_key(struct groups *groups, struct group *group) {
    struct group *again;
    must(group_copy(first_group, &again) == STATUS_OK);
    again->clock = group->clock;
    groups_replace(groups, group, again);
}

/* Whom a list named counts again, or no later input would hear of that one. */
static void forget_revoked(struct desk *desk) {
    if (revoked_number(&desk->revoked) > 0) {
        desk->revoked = (struct revoked){.version = desk->revoked.version + 1};
        desk->keyring.revoked = NULL;
    }
}

void held_rest(void) {
    struct squad *squad = held_squad();
    squad_run(squad, REST_MS);
    squad_rest(squad, HELD);
    for (size_t n = 0; n < squad->count; n++) {
        drop_connections(squad->handsets[n].engine);
    }
    forget_groups(squad);
    forget_receipts();
    forget_objections();
    messages_clear(&held_handset()->messages);
    forget_revoked(&held_handset()->desk);
    struct group *group = held_handset()->groups.list[0];
    if (group->parameters.gmk_id == first_group->parameters.gmk_id) {
        group->parameters = first_group->parameters; /* without who came late */
    } else {
        restore_key(&held_handset()->groups, group);
    }
    held_handset()->groups.list[1]->talkers = first_talkers;
    squad_flush(squad, HELD);
    forget_frames(squad);
}

struct span held_take(struct reader *input, size_t length) {
    size_t left = reader_left(input);
    return read_span(input, left < length ? left : length);
}
