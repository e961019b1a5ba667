/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/piconet_state.h"

bool piconet_link_lives(const struct piconet_link *link) {
    return link->state == LINK_NEW || link->state == LINK_UP;
}

static int64_t end_of(const struct piconet_link *link) {
    if (link->state == LINK_NEW) {
        return link->linked_ms + PICONET_HELLO_MS;
    }
    int64_t lost_ms = link->heard_ms + (link->is_stuck ? PICONET_STUCK_MS : PICONET_LOST_MS);
    return lost_ms > link->spared_until_ms ? lost_ms : link->spared_until_ms;
}

struct piconet_link *piconet_link_most_due(struct piconet *piconet, int64_t now_ms) {
    struct piconet_link *most = NULL;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        struct piconet_link *link = &piconet->links[i];
        if (piconet_link_lives(link) && now_ms >= end_of(link) &&
            (most == NULL || end_of(link) < end_of(most))) {
            most = link;
        }
    }
    return most;
}

int64_t piconet_link_deadline(const struct piconet_link *link) {
    if (!piconet_link_lives(link)) {
        return INT64_MAX;
    }
    return link->say_ms < end_of(link) ? link->say_ms : end_of(link);
}

unsigned piconet_links_of_adapter(const struct piconet *piconet, unsigned adapter) {
    unsigned count = 0;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        count += piconet_link_lives(&piconet->links[i]) && piconet->links[i].adapter == adapter;
    }
    return count;
}

unsigned piconet_links_up(const struct piconet *piconet) {
    unsigned count = 0;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        count += piconet->links[i].state == LINK_UP;
    }
    return count;
}

bool piconet_links_touch(const struct piconet *piconet, uint64_t address) {
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        if (piconet_link_lives(&piconet->links[i]) && piconet->links[i].address == address) {
            return true;
        }
    }
    return false;
}

bool piconet_links_lead(const struct piconet *piconet, uint64_t node) {
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        if (piconet->links[i].state == LINK_UP &&
            piconet->links[i].table.handsets[0].addresses[0] == node) {
            return true;
        }
    }
    return false;
}

bool piconet_links_reach(const struct piconet *piconet, uint64_t address) {
    if (piconet_links_touch(piconet, address)) {
        return true;
    }
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        const struct piconet_link *link = &piconet->links[i];
        if (link->state == LINK_UP && piconet_table_find(&link->table, address) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether it has changed when the next table is due. */
static bool say_soon(struct piconet_link *link, int64_t now_ms) {
    int64_t soon = link->said_ms + SAY_GAP_MS;
    if (soon < now_ms) {
        soon = now_ms;
    }
    if (soon >= link->say_ms) {
        return false;
    }
    link->say_ms = soon;
    return true;
}

void piconet_links_tell(struct piconet *piconet, int64_t now_ms) {
    bool any = false;
    piconet->has_changed = true;
    if (piconet->news_ms > now_ms + (NEWS_AT_ONCE - 1) * PICONET_TABLE_MS) {
        return;
    }
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        if (piconet_link_lives(&piconet->links[i]) && say_soon(&piconet->links[i], now_ms)) {
            any = true;
        }
    }
    if (!any) {
        return;
    }
    if (piconet->news_ms < now_ms) {
        piconet->news_ms = now_ms;
    }
    piconet->news_ms += PICONET_TABLE_MS;
}

/* --- Several links between the same two handsets ---------------------------------------------- */

struct rank {
    unsigned ends; /* that have the node address of their handset */
    bool higher_asked;
    uint64_t asker, asked;
};

static struct rank rank_of(const struct piconet *piconet, const struct piconet_link *link) {
    uint64_t here = piconet->adapters[link->adapter].address;
    uint64_t node = link->table.handsets[0].addresses[0];
    return (struct rank){
        .ends = (unsigned)(here == piconet->node) + (link->address == node),
        .higher_asked = link->asked == (piconet->node > node),
        .asker = link->asked ? here : link->address,
        .asked = link->asked ? link->address : here,
    };
}

/* Whether `a` stays and not `b`. Both sides see the same ranks. A link between the adapters that
 * give the handsets their names comes first, so that nobody can push it out by merely taking
 * another's name. If all is equal, the other side has connected anew: the later link stays. */
static bool stays(const struct piconet *piconet, const struct piconet_link *a,
                  const struct piconet_link *b) {
    struct rank x = rank_of(piconet, a), y = rank_of(piconet, b);
    if (x.ends != y.ends) {
        return x.ends > y.ends;
    }
    if (x.higher_asked != y.higher_asked) {
        return x.higher_asked;
    }
    if (x.asker != y.asker) {
        return x.asker < y.asker;
    }
    if (x.asked != y.asked) {
        return x.asked < y.asked;
    }
    return a->linked_ms > b->linked_ms;
}

static bool is_heard(const struct piconet_link *link, int64_t now_ms) {
    return now_ms - link->heard_ms <= 2 * PICONET_TABLE_MS;
}

static void end_for(struct piconet *piconet, int64_t now_ms, struct piconet_link *loser,
                    const struct piconet_link *winner) {
    if (!is_heard(winner, now_ms)) {
        return;
    }
    loser->state = LINK_ENDING;
    loser->must_close = true;
    sightings_is_double(piconet, loser->address);
    piconet_links_tell(piconet, now_ms);
}

void piconet_links_settle(struct piconet *piconet, int64_t now_ms,
                          const struct piconet_link *link) {
    uint64_t node = link->table.handsets[0].addresses[0];
    struct piconet_link *best = NULL;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        struct piconet_link *other = &piconet->links[i];
        if (other->state != LINK_UP || other->table.handsets[0].addresses[0] != node) {
            continue;
        }
        if (best == NULL) {
            best = other;
        } else if (stays(piconet, other, best)) {
            end_for(piconet, now_ms, best, other);
            best = other;
        } else {
            end_for(piconet, now_ms, other, best);
        }
    }
}

/* --- What a link is told ---------------------------------------------------------------------- */

static void compose_own(const struct piconet *piconet, struct piconet_handset *own) {
    *own = (struct piconet_handset){.addresses = {piconet->node}, .count = 1};
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX && own->count < PICONET_ADAPTERS_MAX; i++) {
        if (piconet->adapters[i].is_on && piconet->adapters[i].address != piconet->node) {
            own->addresses[own->count++] = piconet->adapters[i].address;
        }
    }
}

/* The shortest way to a node: through `link`, or through all the others. Above
 * PICONET_DISTANCE_MAX: there is none. */
static unsigned shortest(const struct piconet *piconet, const struct piconet_link *link,
                         bool through_it, uint64_t node) {
    unsigned distance = PICONET_DISTANCE_MAX + 1;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        const struct piconet_link *other = &piconet->links[i];
        if (other->state != LINK_UP || (other == link) != through_it) {
            continue;
        }
        for (size_t j = 0; j < other->table.count; j++) {
            const struct piconet_handset *handset = &other->table.handsets[j];
            if (handset->addresses[0] == node && handset->distance + 1 < distance) {
                distance = handset->distance + 1;
            }
        }
    }
    return distance;
}

static bool is_in(const struct piconet_table *table, uint64_t node) {
    for (size_t i = 0; i < table->count; i++) {
        if (table->handsets[i].addresses[0] == node) {
            return true;
        }
    }
    return false;
}

static void compose_one(const struct piconet *piconet, const struct piconet_link *link,
                        const struct piconet_handset *handset, struct piconet_table *table) {
    uint64_t node = handset->addresses[0];
    bool is_its_own = link->state == LINK_UP && piconet_handset_has(&link->table.handsets[0], node);
    if (is_its_own || is_in(table, node)) {
        return;
    }
    unsigned distance = shortest(piconet, link, false, node);
    if (distance >= PICONET_DISTANCE_MAX || shortest(piconet, link, true, node) < distance) {
        return;
    }
    table->handsets[table->count] = *handset;
    table->handsets[table->count++].distance = distance;
}

/* Reads the links' tables side by side, so that one with very many entries leaves room for the
 * others. */
void piconet_links_compose(const struct piconet *piconet, const struct piconet_link *link,
                           struct piconet_table *table) {
    compose_own(piconet, &table->handsets[0]);
    table->count = 1;
    for (size_t rank = 0; rank < 1 + PICONET_TABLE_MAX; rank++) {
        for (size_t i = 0; i < LINKS_SIZE; i++) {
            const struct piconet_link *other = &piconet->links[i];
            if (other == link || other->state != LINK_UP || rank >= other->table.count) {
                continue;
            }
            compose_one(piconet, link, &other->table.handsets[rank], table);
            if (table->count == 1 + PICONET_TABLE_MAX) {
                return;
            }
        }
    }
}
