/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/histories.h"

#include <stdlib.h>

#include "tests/sim/provider_cache.h"
#include "tests/sim/shadow.h"
#include "tests/sim/stranger.h"

enum {
    HOUR_MS = 3600 * 1000
};

static void begin(struct world *world) {
    world->shadow = shadow_new();
    if (world->shadow == NULL) {
        abort();
    }
    world->count = 3 + world_chance(world, DOMAIN_HANDSETS - 2);
    world->stranger = stranger_new(world);
}

static void settle(struct world *world, size_t n) {
    const struct domain_member *member = domain_member(n);
    world->units[n].utc_offset_ms =
        world_chance(world, 4) == 0 ? ((int64_t)world_chance(world, 13) - 6) * HOUR_MS : 0;
    world_give_record(world, n, RECORD_CREDENTIAL, span_of_text(member->identity),
                      (struct span){member->credential, member->credential_length});
}

static void end(struct world *world) {
    shadow_free(world->shadow);
    stranger_free(world->stranger);
}

static void come_back(struct world *world, size_t n) {
    bool boots = world_chance(world, 2) == 0;
    int64_t clock_ms =
        world_chance(world, 4) != 0 ? 0 : ((int64_t)world_chance(world, 24) - 16) * HOUR_MS;
    world_revive(world, n, boots, clock_ms);
}

const struct world_kind histories = {
    .asks_always = true,
    .provider = provider_cache,
    .begin = begin,
    .settle = settle,
    .end = end,
    .go_on = stranger_go_on,
    .come_back = come_back,
    .commanded = shadow_commanded,
    .stored = shadow_stored,
    .sent = shadow_sent,
    .told = shadow_told,
    .heard = shadow_heard,
    .arrives = shadow_arrives,
    .arrived = shadow_arrived,
    .revived = shadow_revived,
    .look = shadow_look,
    .hears_voice = shadow_hears_voice,
};
