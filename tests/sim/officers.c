/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/officers.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/shadow.h"
#include "tests/sim/stranger.h"

enum {
    SECOND_MS = 1000,
    HOUR_MS = 3600 * SECOND_MS,
    GMKS_A_HISTORY = 40
};

/* A handset that is up, or the count when none is. */
static size_t any_unit(struct world *world) {
    for (unsigned tries = 0; tries < 20; tries++) {
        size_t n = world_chance(world, (unsigned)world->count);
        if (world->units[n].engine != NULL) {
            return n;
        }
    }
    return world->count;
}

/* From 15 seconds to some minutes, and no two the same. */
static int64_t new_period(struct world *world) {
    unsigned most = world_chance(world, 3) == 0 ? 600 : 60;
    return (int64_t)(15 + world_chance(world, most)) * SECOND_MS +
           (int64_t)world->shadow->gmk_count;
}

static void command_name(const struct world *world, struct command *command) {
    snprintf(command->name, sizeof command->name, "G%zu", world->shadow->gmk_count);
}

/* Some of who is nearby, and of who is in `group` already. */
static void pick_members(struct world *world, const struct view *view,
                         const struct view_group *group, const char *self,
                         struct command *command) {
    unsigned one_in = 1 + world_chance(world, 3);
    for (size_t n = 0; n < world->count; n++) {
        const char *identity = domain_member(n)->identity;
        bool known = false;
        for (size_t i = 0; i < view->nearby_count; i++) {
            known = known || strcmp(view->nearby[i].identity, identity) == 0;
        }
        for (size_t i = 0; group != NULL && i < group->member_count; i++) {
            known = known || strcmp(group->members[i].identity, identity) == 0;
        }
        if (known && strcmp(identity, self) != 0 && world_chance(world, one_in) == 0) {
            memcpy(command->members[command->member_count++], identity, IDENTITY_SIZE);
        }
    }
}

static void create(struct world *world, size_t n) {
    if (world->shadow->gmk_count >= GMKS_A_HISTORY) {
        return;
    }
    struct command command = {.kind = COMMAND_CREATE_GROUP, .period_ms = new_period(world)};
    command_name(world, &command);
    pick_members(world, world_view(world, n), NULL, domain_member(n)->identity, &command);
    world_note(world, "handset %zu makes %s for %zu others", n, command.name, command.member_count);
    (void)world_command(world, n, &command);
}

/* One of the groups in the view of handset n, only of its own making where asked; or NULL. */
static const struct view_group *any_group(struct world *world, size_t n, bool own) {
    const struct view *view = world_view(world, n);
    for (unsigned tries = 0; tries < 5 && view->group_count > 0; tries++) {
        const struct view_group *group =
            &view->groups[world_chance(world, (unsigned)view->group_count)];
        if (!own || group->created_here) {
            return group;
        }
    }
    return NULL;
}

static void rekey(struct world *world, size_t n) {
    const struct view_group *group = any_group(world, n, true);
    if (group == NULL || world->shadow->gmk_count >= GMKS_A_HISTORY) {
        return;
    }
    struct command command = {.kind = COMMAND_REKEY_GROUP, .period_ms = new_period(world)};
    memcpy(command.group, group->identity, sizeof command.group);
    pick_members(world, world_view(world, n), group, domain_member(n)->identity, &command);
    world_note(world, "handset %zu rekeys %s for %zu others", n, group->name, command.member_count);
    (void)world_command(world, n, &command);
}

/* Lets in some of who is nearby and no member. */
static void add(struct world *world, size_t n) {
    const struct view_group *group = any_group(world, n, true);
    if (group == NULL) {
        return;
    }
    struct command near = {.kind = COMMAND_NONE}, command = {.kind = COMMAND_ADD_MEMBERS};
    memcpy(command.group, group->identity, sizeof command.group);
    pick_members(world, world_view(world, n), NULL, domain_member(n)->identity, &near);
    for (size_t i = 0; i < near.member_count; i++) {
        bool is_in = false;
        for (size_t k = 0; k < group->member_count; k++) {
            is_in = is_in || strcmp(group->members[k].identity, near.members[i]) == 0;
        }
        if (!is_in) {
            memcpy(command.members[command.member_count++], near.members[i], IDENTITY_SIZE);
        }
    }
    world_note(world, "handset %zu lets %zu others into %s", n, command.member_count, group->name);
    (void)world_command(world, n, &command);
}

static void talk_a_while(struct world *world, size_t n) {
    world->units[n].stops_talking_ms = world->now_ms + 100 + world_chance(world, 900);
}

/* Retry, cancel, delete or talk: what needs a group and perhaps a member. */
static void use_group(struct world *world, size_t n, enum command_kind kind, bool own,
                      const char *words) {
    const struct view_group *group = any_group(world, n, own);
    if (group == NULL) {
        return;
    }
    struct command command = {.kind = kind};
    memcpy(command.group, group->identity, sizeof command.group);
    memcpy(command.identity,
           group->members[world_chance(world, (unsigned)group->member_count)].identity,
           sizeof command.identity);
    world_note(world, "handset %zu %s %s", n, words, group->name);
    if (kind == COMMAND_TALK_BEGIN) {
        talk_a_while(world, n);
    }
    (void)world_command(world, n, &command);
}

static void answer(struct world *world, size_t n, unsigned declines_in_four) {
    const struct view *view = world_view(world, n);
    if (view->invitation_count == 0) {
        return;
    }
    const struct view_invitation *invitation =
        &view->invitations[world_chance(world, (unsigned)view->invitation_count)];
    /* Who is in a call takes no second one. */
    bool is_engaged = invitation->purpose == INVITED_TO_CALL && view->call_state != CALL_NONE;
    bool accepts = world_chance(world, 4) >= declines_in_four && !is_engaged;
    struct command command = {.kind = accepts ? COMMAND_ACCEPT : COMMAND_DECLINE,
                              .invitation = invitation->id,
                              .period_ms = invitation->period_ms};
    world_note(world, "handset %zu %s %s from %s", n, accepts ? "accepts" : "declines",
               invitation->purpose == INVITED_TO_CALL ? "a call" : invitation->group_name,
               invitation->inviter);
    if (invitation->purpose == INVITED_TO_CALL) {
        talk_a_while(world, n);
    }
    world->shadow->count.accepted += accepts;
    (void)world_command(world, n, &command);
}

static void call(struct world *world, size_t n) {
    struct command command = {.kind = COMMAND_HANG_UP};
    const struct view *view = world_view(world, n);
    if (view->call_state == CALL_NONE && view->nearby_count > 0) {
        command.kind = COMMAND_CALL;
        memcpy(command.identity,
               view->nearby[world_chance(world, (unsigned)view->nearby_count)].identity,
               sizeof command.identity);
        talk_a_while(world, n);
    } else if (view->call_state == CALL_NONE) {
        return;
    }
    world_note(world, "handset %zu %s", n, command.kind == COMMAND_CALL ? "calls" : "hangs up");
    (void)world_command(world, n, &command);
}

static void give_command(struct world *world) {
    size_t n = any_unit(world);
    if (n == world->count) {
        return;
    }
    switch (world_chance(world, 26)) {
    case 0:
    case 1:
    case 2:
        create(world, n);
        break;
    case 3:
    case 4:
    case 5:
        rekey(world, n);
        break;
    case 6:
    case 7:
        use_group(world, n, COMMAND_RETRY_MEMBER, true, "tries a member again in");
        break;
    case 8:
        use_group(world, n, COMMAND_CANCEL_DISTRIBUTION, true, "cancels handing out");
        break;
    case 9:
        use_group(world, n, COMMAND_DELETE_GROUP, false, "deletes");
        break;
    case 10:
        call(world, n);
        break;
    case 11:
    case 12:
    case 13:
    case 14:
        use_group(world, n, COMMAND_TALK_BEGIN, false, "talks in");
        break;
    case 15:
    case 16:
        add(world, n);
        break;
    default:
        for (size_t i = 0; i < world->count; i++) {
            if (world->units[i].engine != NULL && world_chance(world, 2) == 0) {
                answer(world, i, 1);
            }
        }
        break;
    }
}

static void change_air(struct world *world) {
    struct air_conditions conditions = {
        .lost = world_chance(world, 3) == 0 ? 0 : world_chance(world, 400),
        .doubled = world_chance(world, 300),
        .delay_min_ms = world_chance(world, 50),
    };
    conditions.delay_max_ms = conditions.delay_min_ms + world_chance(world, 400);
    uint64_t side = world_chance(world, 3) == 0 ? world_chance(world, 1U << world->count) : 0;
    world_note(world, "the air loses %u, doubles %u, takes %u to %u ms, parts by %llX",
               conditions.lost, conditions.doubled, conditions.delay_min_ms,
               conditions.delay_max_ms, (unsigned long long)side);
    air_set_conditions(world->air, conditions);
    air_part(world->air, side);
}

static void set_clock(struct world *world) {
    size_t n = world_chance(world, (unsigned)world->count);
    int64_t by_ms = ((int64_t)world_chance(world, 48) - 24) * HOUR_MS / 4;
    world_note(world, "the clock of handset %zu is set by %lld s", n, (long long)by_ms / SECOND_MS);
    world_set_clock(world, n, by_ms);
}

/* Half of the deaths come where something becomes durable, where most can go wrong. */
static void doom(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    static const char *const when[] = {
        [DIES_NOT] = "soon",
        [DIES_QUEUED] = "as its next record goes to the disk",
        [DIES_WRITING] = "while its next record is written",
        [DIES_WRITTEN] = "with its next record written and not reported",
    };
    unit->dies_at_disk =
        world_chance(world, 2) == 0 ? DIES_NOT : (enum death)(DIES_QUEUED + world_chance(world, 3));
    if (unit->dies_at_disk == DIES_NOT) {
        unit->kill_after = world_chance(world, 12);
    }
    world_note(world, "handset %zu is to die %s", n, when[unit->dies_at_disk]);
}

void officers_act(struct world *world) {
    unsigned what = world_chance(world, 20);
    size_t n = any_unit(world);
    if (what < 13) {
        give_command(world);
    } else if (what < 17) {
        stranger_act(world);
    } else if (what == 17) {
        change_air(world);
    } else if (what == 18 && n < world->count) {
        doom(world, n);
    } else if (world_chance(world, 3) == 0) {
        set_clock(world);
    }
}

/* --- Good will --- */

static void everyone_answers(struct world *world) {
    for (size_t n = 0; n < world->count && world_is_well(world); n++) {
        while (world_view(world, n)->invitation_count > 0) {
            answer(world, n, 0);
        }
    }
}

static bool shows_talker(struct world *world, size_t n, const char *talker) {
    const struct view *view = world_view(world, n);
    for (size_t i = 0; i < view->talker_count; i++) {
        if (strcmp(view->talkers[i].identity, talker) == 0) {
            return true;
        }
    }
    return false;
}

static void calm_down(struct world *world) {
    air_set_conditions(world->air, (struct air_conditions){.delay_max_ms = 20});
    air_part(world->air, 0);
    for (size_t n = 0; n < world->count; n++) {
        struct unit *unit = &world->units[n];
        unit->kill_after = NOT_KILLED;
        unit->dies_at_disk = DIES_NOT;
        if (unit->engine == NULL) {
            world_revive(world, n, false, 0);
        }
        struct command hang_up = {.kind = COMMAND_HANG_UP};
        if (world_view(world, n)->call_state != CALL_NONE) {
            (void)world_command(world, n, &hang_up);
        }
    }
    for (unsigned i = 0; i < 40 && world_is_well(world); i++) {
        world_run(world, SECOND_MS);
        everyone_answers(world);
    }
}

static void make_room(struct world *world, size_t n) {
    while (world_view(world, n)->group_count > 4) {
        struct command command = {.kind = COMMAND_DELETE_GROUP};
        memcpy(command.group, world_view(world, n)->groups[0].identity, sizeof command.group);
        (void)world_command(world, n, &command);
    }
}

/* The last handset is let in, and all lists have it. */
static void let_last_in(struct world *world, const struct shadow_gmk *gmk) {
    struct command command = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    memcpy(command.group, gmk->group, sizeof command.group);
    memcpy(command.members[0], domain_member(world->count - 1)->identity, IDENTITY_SIZE);
    if (world_command(world, 0, &command) != STATUS_OK) {
        world_fail(world, "in calm, nobody can be let in");
    }
    for (unsigned i = 0; i < 8 && world_is_well(world); i++) {
        world_run(world, SECOND_MS);
        everyone_answers(world);
    }
    for (size_t n = 0; n < world->count && world_is_well(world); n++) {
        const struct view *view = world_view(world, n);
        for (size_t i = 0; i < view->group_count; i++) {
            if (view->groups[i].gmk_id == gmk->id && view->groups[i].member_count != world->count) {
                world_fail(world, "in calm, handset %zu does not list who was let in", n);
            }
        }
    }
}

void officers_agree(struct world *world) {
    world_note(world, "all is calm");
    calm_down(world);
    if (!world_is_well(world)) {
        return;
    }
    struct command command = {.kind = COMMAND_CREATE_GROUP,
                              .period_ms = 100 * SECOND_MS + (int64_t)world->shadow->gmk_count};
    command_name(world, &command);
    for (size_t n = 0; n < world->count; n++) {
        make_room(world, n);
        if (n > 0 && n < world->count - 1) {
            memcpy(command.members[command.member_count++], domain_member(n)->identity,
                   IDENTITY_SIZE);
        }
    }
    if (world_command(world, 0, &command) != STATUS_OK) {
        world_fail(world, "in calm, no group of all can be made");
        return;
    }
    const struct shadow_gmk *gmk = &world->shadow->gmks[world->shadow->gmk_count - 1];
    for (unsigned i = 0; i < 8 && world_is_well(world); i++) {
        world_run(world, SECOND_MS);
        everyone_answers(world);
    }
    if (world_is_well(world)) {
        let_last_in(world, gmk);
    }
    struct command talk = {.kind = COMMAND_TALK_BEGIN};
    memcpy(talk.group, gmk->group, sizeof talk.group);
    world->units[0].stops_talking_ms = world->now_ms + SECOND_MS;
    if (world_is_well(world) && world_command(world, 0, &talk) != STATUS_OK) {
        world_fail(world, "in calm, nobody can talk");
    }
    world_run(world, 400);
    for (size_t n = 1; n < world->count && world_is_well(world); n++) {
        if (!gmk->at[n].was_durable) {
            world_fail(world, "in calm, handset %zu got no key", n);
        } else if (!shows_talker(world, n, domain_member(0)->identity)) {
            world_fail(world, "in calm, handset %zu does not hear who talks", n);
        }
    }
}
