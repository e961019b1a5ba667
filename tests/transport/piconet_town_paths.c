/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <string.h>

#include "tests/transport/piconet_town_state.h"

struct graph {
    bool has[TOWN_HANDSETS_MAX][TOWN_HANDSETS_MAX];
};

static bool is_handset(const struct town *town, unsigned i) {
    return town->handsets[i].is_on && !town->handsets[i].is_stranger;
}

static bool is_heard_at(const struct town *town, const struct end *end) {
    const struct piconet *piconet = town->handsets[end->handset].piconet;
    return town_end_lives(town, end) && piconet != NULL && piconet_node(piconet, end->link) != 0;
}

static bool is_good(const struct town *town, const struct wire *wire) {
    return wire->is_used && town_carries(town, wire) && is_heard_at(town, &wire->ends[0]) &&
           is_heard_at(town, &wire->ends[1]);
}

unsigned town_links_between(const struct town *town, unsigned a, unsigned b) {
    unsigned count = 0;
    for (size_t i = 0; i < TOWN_WIRES; i++) {
        const struct wire *wire = &town->wires[i];
        unsigned x = wire->ends[0].handset, y = wire->ends[1].handset;
        count += ((x == a && y == b) || (x == b && y == a)) && is_good(town, wire);
    }
    return count;
}

static void find_links(const struct town *town, struct graph *links) {
    memset(links, 0, sizeof *links);
    for (size_t i = 0; i < TOWN_WIRES; i++) {
        const struct wire *wire = &town->wires[i];
        unsigned x = wire->ends[0].handset, y = wire->ends[1].handset;
        if (is_good(town, wire) && is_handset(town, x) && is_handset(town, y)) {
            links->has[x][y] = links->has[y][x] = true;
        }
    }
}

static void measure(const struct town *town, const struct graph *links, unsigned from,
                    unsigned distance[TOWN_HANDSETS_MAX]) {
    unsigned queue[TOWN_HANDSETS_MAX], first = 0, last = 0;
    for (unsigned i = 0; i < town->count; i++) {
        distance[i] = UINT_MAX;
    }
    distance[from] = 0;
    queue[last++] = from;
    while (first < last) {
        unsigned here = queue[first++];
        for (unsigned i = 0; i < town->count; i++) {
            if (distance[i] == UINT_MAX && links->has[here][i]) {
                distance[i] = distance[here] + 1;
                queue[last++] = i;
            }
        }
    }
}

unsigned town_distance(const struct town *town, unsigned a, unsigned b) {
    struct graph links;
    unsigned distance[TOWN_HANDSETS_MAX];
    find_links(town, &links);
    measure(town, &links, a, distance);
    return distance[b];
}

bool town_is_together(const struct town *town) {
    struct graph links;
    unsigned distance[TOWN_HANDSETS_MAX];
    find_links(town, &links);
    for (unsigned a = 0; a < town->count; a++) {
        if (!is_handset(town, a)) {
            continue;
        }
        measure(town, &links, a, distance);
        for (unsigned b = 0; b < town->count; b++) {
            if (is_handset(town, b) && town_hears(town, a, b) &&
                distance[b] > PICONET_DISTANCE_MAX) {
                return false;
            }
        }
    }
    return true;
}

bool town_knows_all(const struct town *town) {
    struct graph links;
    unsigned distance[TOWN_HANDSETS_MAX];
    find_links(town, &links);
    for (unsigned a = 0; a < town->count; a++) {
        if (!is_handset(town, a)) {
            continue;
        }
        measure(town, &links, a, distance);
        unsigned reached = 0;
        for (unsigned b = 0; b < town->count; b++) {
            reached += b != a && distance[b] <= PICONET_DISTANCE_MAX;
        }
        if (piconet_reached(town->handsets[a].piconet) != reached) {
            return false;
        }
    }
    return true;
}

unsigned town_asks(const struct town *town, unsigned i) {
    return town->handsets[i].asks;
}

unsigned town_inquiries(const struct town *town, unsigned i) {
    return town->handsets[i].inquiries;
}

unsigned town_turned_away(const struct town *town) {
    return town->turned_away;
}

unsigned town_most_links(const struct town *town) {
    return town->most_links;
}

void town_count_anew(struct town *town) {
    for (unsigned i = 0; i < town->count; i++) {
        town->handsets[i].asks = town->handsets[i].inquiries = 0;
    }
    town->turned_away = town->most_links = 0;
}
