/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/handset/keys/clock.h"
#include "app/handset/talk/listening.h"
#include "tests/sim/shadow.h"

enum {
    WAY_MS = 10000
}; /* longer than any frame is on its way */

/* --- Keys --- */

static void check_key(struct world *world, size_t n, struct shadow_gmk *gmk) {
    uint8_t octets[16];
    const struct holding *holding = &gmk->at[n];
    if (!handset_reveal_gmk(world->units[n].engine, gmk->id, octets)) {
        return;
    }
    if ((gmk->members >> n & 1) == 0) {
        world_fail(world, "1: handset %zu holds GMK %08X and is not in its member list", n,
                   gmk->id);
    }
    if (memcmp(octets, gmk->octets, sizeof octets) != 0) {
        world_fail(world, "1: handset %zu holds another key as GMK %08X", n, gmk->id);
    }
    if (!holding->confirmed) {
        world_fail(world, "7: handset %zu holds GMK %08X, which its officer did not confirm", n,
                   gmk->id);
    }
    if (n != gmk->creator && !gmk->at[gmk->creator].was_durable) {
        world_fail(world, "7: handset %zu holds GMK %08X, which its creator could lose", n,
                   gmk->id);
    }
    if (!holding->durable && durable_is_done(world->units[n].durable, NULL)) {
        world_fail(world, "7: handset %zu uses GMK %08X, which is not on its way to the disk", n,
                   gmk->id);
    }
}

/* --- Groups --- */

static uint32_t members_shown(const struct view_group *group) {
    uint32_t members = 0;
    for (size_t i = 0; i < group->member_count; i++) {
        members |= UINT32_C(1) << domain_find(group->members[i].identity);
    }
    return members;
}

/* Whom the creator shows as members now; all that it has ever named where it is down. */
static uint32_t members_at_creator(struct world *world, const struct shadow_gmk *gmk) {
    if (world->units[gmk->creator].engine == NULL) {
        return gmk->members;
    }
    const struct view *view = world_view(world, gmk->creator);
    for (size_t i = 0; i < view->group_count; i++) {
        if (view->groups[i].gmk_id == gmk->id) {
            return members_shown(&view->groups[i]);
        }
    }
    return gmk->members;
}

/* Everybody of the first list, and of those named later none that the creator could lose. */
static bool is_list_possible(struct world *world, const struct shadow_gmk *gmk, uint32_t shown) {
    return (shown & gmk->first) == gmk->first && (shown & ~members_at_creator(world, gmk)) == 0 &&
           (shown & ~gmk->members) == 0;
}

static void check_accepted(struct world *world, size_t n, const struct view_group *group,
                           const struct shadow_gmk *gmk) {
    for (size_t i = 0; i < group->member_count && gmk->creator == n; i++) {
        size_t member = domain_find(group->members[i].identity);
        if (group->members[i].state == MEMBER_ACCEPTED && !gmk->at[member].was_durable) {
            world_fail(world, "7: handset %zu sent a receipt for GMK %08X that it never stored",
                       member, gmk->id);
        }
    }
}

static void check_group(struct world *world, size_t n, const struct view_group *group) {
    const struct shadow_gmk *gmk = shadow_find(world->shadow, group->gmk_id);
    if (group->kind != GROUP_ADHOC || group->gmk_id >> 28 != 0xA) {
        world_fail(world, "3: handset %zu shows %s as a standard group", n, group->identity);
    }
    if (gmk == NULL || strcmp(gmk->group, group->identity) != 0 ||
        strcmp(gmk->name, group->name) != 0 || gmk->period_ms != group->period_ms ||
        !is_list_possible(world, gmk, members_shown(group))) {
        world_fail(world, "7: handset %zu shows %s with GMK %08X, which no officer made like that",
                   n, group->identity, group->gmk_id);
        return;
    }
    if (group->created_here != (gmk->creator == n)) {
        world_fail(world, "7: handset %zu is wrong about who made %s", n, group->identity);
    }
    if (group->gmk_state == GMK_USABLE && shadow_is_over(world, gmk, n)) {
        world_fail(world, "2: handset %zu would use GMK %08X, over for %lld ms", n, gmk->id,
                   (long long)(world->now_ms - gmk->made_ms - gmk->period_ms));
    }
    check_accepted(world, n, group, gmk);
}

/* --- Talkers --- */

/* Did `talker` announce, under a GMK of that group that both hold by right, not too long ago? */
static bool may_be_heard(struct world *world, size_t n, size_t talker, const char *group) {
    const struct said *said = &world->shadow->said;
    for (size_t i = 0; i < said->announcement_count; i++) {
        const struct said_announcement *announcement = &said->announcements[i];
        const struct shadow_gmk *gmk = shadow_find(world->shadow, announcement->gmk_id);
        bool members = (gmk->members >> n & 1) != 0 && (gmk->members >> talker & 1) != 0;
        int64_t lasts =
            ANNOUNCEMENT_TOLERANCE_MS + WAY_MS + gmk->at[n].slack_ms + gmk->at[talker].slack_ms;
        if (announcement->talker == talker && members && strcmp(gmk->group, group) == 0 &&
            world->now_ms - announcement->sent_ms < lasts) {
            return true;
        }
    }
    return false;
}

/* Has handset n that GMK, on its disk or on the way there? */
static bool holds(const struct world *world, size_t n, const struct shadow_gmk *gmk) {
    uint8_t octets[16];
    return gmk->at[n].durable || (!durable_is_done(world->units[n].durable, NULL) &&
                                  handset_reveal_gmk(world->units[n].engine, gmk->id, octets));
}

/* Has handset n a GMK of the group whose period is not over? */
static bool has_usable_gmk(const struct world *world, size_t n, const char *group) {
    for (size_t i = 0; i < world->shadow->gmk_count; i++) {
        const struct shadow_gmk *gmk = &world->shadow->gmks[i];
        if (holds(world, n, gmk) && strcmp(gmk->group, group) == 0 &&
            !shadow_is_over(world, gmk, n)) {
            return true;
        }
    }
    return false;
}

static void check_talkers(struct world *world, size_t n, const struct view *view) {
    for (size_t i = 0; i < view->talker_count; i++) {
        const struct view_talker *talker = &view->talkers[i];
        size_t who = domain_find(talker->identity);
        if (talker->group[0] == '\0' || (talker->self && who == n)) {
            continue;
        }
        if (who >= world->count || !may_be_heard(world, n, who, talker->group)) {
            world_fail(world, "5: handset %zu shows %s as talker in %s, who is not", n,
                       talker->identity, talker->group);
        } else if (!has_usable_gmk(world, n, talker->group)) {
            world_fail(world, "2: handset %zu hears %s under a GMK that is over", n,
                       talker->identity);
        }
    }
}

void shadow_heard(struct world *world, size_t n) {
    world->shadow->count.heard++;
    check_talkers(world, n, world_view(world, n));
}

/* --- Everything --- */

static void check_view(struct world *world, size_t n) {
    const struct view *view = world_view(world, n);
    for (size_t i = 0; i < view->group_count; i++) {
        check_group(world, n, &view->groups[i]);
    }
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (domain_find(view->nearby[i].identity) >= world->count) {
            world_fail(world, "5: handset %zu shows %s nearby, who is not", n,
                       view->nearby[i].identity);
        }
    }
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (domain_find(view->invitations[i].inviter) >= world->count) {
            world_fail(world, "3: handset %zu asks its officer about a group against the rules", n);
        }
    }
    check_talkers(world, n, view);
}

void shadow_look(struct world *world, bool at_all) {
    for (size_t n = 0; n < world->count; n++) {
        struct unit *unit = &world->units[n];
        if (unit->engine == NULL) {
            continue;
        }
        for (size_t i = 0; i < world->shadow->gmk_count; i++) {
            check_key(world, n, &world->shadow->gmks[i]);
        }
        if (at_all || unit->restless) {
            check_view(world, n);
        }
        unit->restless = false;
    }
}
