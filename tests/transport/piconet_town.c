/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/transport/piconet_town_state.h"

enum {
    PLACES = PICONET_LINKS_MAX + 1, /* of a radio that lets one more come about */
    AIR_MS = 30,
    ACTIONS_MAX = 1000, /* at one time: more would be a piconet that wants something for ever */
};

static unsigned chance(struct town *town, unsigned end) {
    town->random = town->random * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(town->random >> 33) % end;
}

uint64_t town_address(unsigned handset, unsigned adapter) {
    return 0x00aa01000000U + 0x100000U * adapter + 0x10U * (handset + 1);
}

static void set_off(struct town *town, struct event event, int64_t after_ms) {
    assert(town->events < TOWN_EVENTS);
    event.ms = town->now_ms + after_ms;
    event.order = town->order++;
    town->queue[town->events++] = event;
}

bool town_hears(const struct town *town, unsigned a, unsigned b) {
    return town->handsets[a].is_on && town->handsets[b].is_on && !town->is_far[a][b];
}

/* --- Wires ------------------------------------------------------------------------------------ */

bool town_end_lives(const struct town *town, const struct end *end) {
    const struct handset *handset = &town->handsets[end->handset];
    return end->is_up && handset->is_on && handset->life == end->life;
}

static unsigned places_taken(const struct town *town, unsigned handset, unsigned adapter) {
    unsigned count = 0;
    for (size_t i = 0; i < TOWN_WIRES; i++) {
        for (size_t j = 0; town->wires[i].is_used && j < 2; j++) {
            const struct end *end = &town->wires[i].ends[j];
            count +=
                end->handset == handset && end->adapter == adapter && town_end_lives(town, end);
        }
    }
    return count;
}

static bool has_place(const struct town *town, unsigned handset, unsigned adapter) {
    if (town->handsets[handset].is_stranger) {
        return true;
    }
    unsigned places = town->handsets[handset].is_strict ? PICONET_LINKS_MAX : PLACES;
    return places_taken(town, handset, adapter) < places;
}

static struct wire *wire_of(struct town *town, unsigned handset, unsigned link, unsigned *end) {
    for (size_t i = 0; i < TOWN_WIRES; i++) {
        for (*end = 0; town->wires[i].is_used && *end < 2; ++*end) {
            const struct end *here = &town->wires[i].ends[*end];
            if (here->handset == handset && here->link == link && town_end_lives(town, here)) {
                return &town->wires[i];
            }
        }
    }
    return NULL;
}

static unsigned free_link(struct town *town, unsigned handset) {
    unsigned end, link = 0;
    while (link < TOWN_LINKS - 1 && wire_of(town, handset, link, &end) != NULL) {
        link++;
    }
    return link;
}

static void tell_linked(struct town *town, const struct wire *wire, unsigned end) {
    const struct end *here = &wire->ends[end], *there = &wire->ends[1 - end];
    struct piconet *piconet = town->handsets[here->handset].piconet;
    if (piconet != NULL) {
        piconet_linked(piconet, town->now_ms, here->link, here->adapter,
                       town_address(there->handset, there->adapter), end == 0);
    }
}

static void make_wire(struct town *town, struct end asker, struct end asked) {
    size_t i = 0;
    while (i < TOWN_WIRES - 1 && town->wires[i].is_used) {
        i++;
    }
    assert(!town->wires[i].is_used);
    asker.link = free_link(town, asker.handset);
    asked.link = free_link(town, asked.handset);
    asker.is_up = asked.is_up = true;
    asker.life = town->handsets[asker.handset].life;
    asked.life = town->handsets[asked.handset].life;
    town->wires[i] = (struct wire){.is_used = true, .ends = {asker, asked}};
    town->wire_numbers[i] = ++town->order;
    tell_linked(town, &town->wires[i], 1);
    tell_linked(town, &town->wires[i], 0);
}

static struct event event_at(const struct town *town, enum event_kind kind, const struct wire *wire,
                             unsigned end) {
    size_t i = (size_t)(wire - town->wires);
    return (struct event){
        .kind = kind, .wire = (unsigned)i, .wire_number = town->wire_numbers[i], .end = end};
}

bool town_carries(const struct town *town, const struct wire *wire) {
    return !wire->is_cut && town_hears(town, wire->ends[0].handset, wire->ends[1].handset);
}

static void send_over(struct town *town, struct wire *wire, unsigned from, const uint8_t *packet,
                      size_t length) {
    if (!town_carries(town, wire) || chance(town, 100) < town->loss) {
        return;
    }
    struct event event = event_at(town, EVENT_PACKET, wire, 1 - from);
    event.packet = malloc(length);
    assert(event.packet != NULL);
    memcpy(event.packet, packet, length);
    event.length = length;
    town->turned_away += length == 2;
    set_off(town, event, AIR_MS);
}

static void end_wire(struct town *town, struct wire *wire, unsigned from) {
    set_off(town, event_at(town, EVENT_END, wire, from), 2 * AIR_MS);
    set_off(town, event_at(town, EVENT_END, wire, 1 - from),
            town_carries(town, wire) ? 2 * AIR_MS : TOWN_SUPERVISION_MS);
}

/* The handset has gone from there: its peers' radios notice in the end. */
static void starve_wires(struct town *town, unsigned a, unsigned b) {
    for (size_t i = 0; i < TOWN_WIRES; i++) {
        struct wire *wire = &town->wires[i];
        unsigned x = wire->ends[0].handset, y = wire->ends[1].handset;
        if (!wire->is_used || wire->is_cut || !((x == a && y == b) || (x == b && y == a))) {
            continue;
        }
        wire->is_cut = true;
        for (unsigned end = 0; end < 2; end++) {
            set_off(town, event_at(town, EVENT_END, wire, end), TOWN_SUPERVISION_MS);
        }
    }
}

/* --- What handsets do ------------------------------------------------------------------------- */

static bool find_handset(const struct town *town, uint64_t address, struct end *found) {
    for (unsigned i = 0; i < town->count; i++) {
        for (unsigned j = 0; j < town->adapters; j++) {
            if (town_address(i, j) == address) {
                *found = (struct end){.handset = i, .adapter = j};
                return true;
            }
        }
    }
    return false;
}

static void begin_ask(struct town *town, unsigned i, const struct piconet_action *action) {
    struct event event = {.kind = EVENT_FAIL,
                          .handset = i,
                          .life = town->handsets[i].life,
                          .adapter = action->adapter,
                          .address = action->address};
    struct end asked;
    town->handsets[i].asks++;
    if (!find_handset(town, action->address, &asked) || !town_hears(town, i, asked.handset)) {
        set_off(town, event, TOWN_PAGE_TIMEOUT_MS);
        return;
    }
    event.kind = EVENT_LINK;
    set_off(town, event, 50 + chance(town, 950));
}

static void begin_inquiry(struct town *town, unsigned i, unsigned adapter) {
    struct event event = {
        .kind = EVENT_SEEN, .handset = i, .life = town->handsets[i].life, .adapter = adapter};
    town->handsets[i].inquiries++;
    town->handsets[i].is_seeking[adapter] = true;
    for (unsigned other = 0; other < town->count; other++) {
        for (unsigned j = 0; j < town->adapters; j++) {
            unsigned percent = town->handsets[other].is_seeking[j] ? 25 : 70;
            event.address = town_address(other, j);
            bool is_self = other == i && j == adapter;
            if (!is_self && town_hears(town, i, other) && chance(town, 100) < percent) {
                set_off(town, event, chance(town, TOWN_INQUIRY_MS));
            }
        }
    }
    event.kind = EVENT_SOUGHT;
    set_off(town, event, TOWN_INQUIRY_MS);
}

static void carry_out(struct town *town, unsigned i, const struct piconet_action *action) {
    unsigned end;
    struct wire *wire = NULL;
    switch (action->deed) {
    case PICONET_ASK:
        begin_ask(town, i, action);
        break;
    case PICONET_SEEK:
        begin_inquiry(town, i, action->adapter);
        break;
    case PICONET_SAY:
        wire = wire_of(town, i, action->link, &end);
        assert(wire != NULL);
        send_over(town, wire, end, action->packet, action->length);
        break;
    case PICONET_CLOSE:
        wire = wire_of(town, i, action->link, &end);
        assert(wire != NULL);
        end_wire(town, wire, end);
        break;
    }
}

void town_poke(struct town *town, unsigned i) {
    struct piconet *piconet = town->handsets[i].piconet;
    struct piconet_action action;
    unsigned actions = 0;
    while (piconet != NULL && piconet_take(piconet, town->now_ms, &action)) {
        assert(++actions < ACTIONS_MAX);
        carry_out(town, i, &action);
    }
    assert(piconet == NULL || piconet_deadline(piconet) > town->now_ms);
    for (unsigned j = 0; piconet != NULL && j < town->adapters; j++) {
        if (piconet_links(piconet, j) > town->most_links) {
            town->most_links = piconet_links(piconet, j);
        }
    }
}

/* --- What happens ----------------------------------------------------------------------------- */

static void come_about(struct town *town, const struct event *event) {
    struct end asker = {.handset = event->handset, .adapter = event->adapter}, asked;
    bool found = find_handset(town, event->address, &asked);
    if (found && town_hears(town, asker.handset, asked.handset) &&
        has_place(town, asker.handset, asker.adapter) &&
        has_place(town, asked.handset, asked.adapter)) {
        make_wire(town, asker, asked);
        town_poke(town, asked.handset);
    } else {
        piconet_failed(town->handsets[asker.handset].piconet, town->now_ms, asker.adapter,
                       event->address);
    }
}

static void say_lies(struct town *town, unsigned i) {
    uint8_t packet[PICONET_CONTROL_MAX];
    for (unsigned other = 0; other < town->count; other++) {
        bool is_linked = false;
        for (size_t j = 0; j < TOWN_WIRES; j++) {
            struct wire *wire = &town->wires[j];
            if (!wire->is_used || wire->ends[0].handset != i || wire->ends[1].handset != other) {
                continue;
            }
            is_linked = true;
            size_t length = town->handsets[i].lie(i, other, packet);
            if (length > 0) {
                send_over(town, wire, 0, packet, length);
            }
        }
        if (!is_linked && other != i && town_hears(town, i, other) && has_place(town, other, 0)) {
            make_wire(town, (struct end){.handset = i}, (struct end){.handset = other});
            town_poke(town, other);
        }
    }
    set_off(town,
            (struct event){.kind = EVENT_SAY_LIE, .handset = i, .life = town->handsets[i].life},
            1000);
}

static void happen_at_end(struct town *town, const struct event *event) {
    struct wire *wire = &town->wires[event->wire];
    if (!wire->is_used || town->wire_numbers[event->wire] != event->wire_number) {
        return;
    }
    struct end *end = &wire->ends[event->end];
    struct piconet *piconet = town->handsets[end->handset].piconet;
    if (town_end_lives(town, end) && piconet != NULL) {
        if (event->kind == EVENT_END) {
            piconet_unlinked(piconet, town->now_ms, end->link);
        } else {
            piconet_control(piconet, town->now_ms, end->link, event->packet, event->length);
        }
    }
    if (event->kind == EVENT_END) {
        end->is_up = false;
    }
    wire->is_used = town_end_lives(town, &wire->ends[0]) || town_end_lives(town, &wire->ends[1]);
    town_poke(town, end->handset);
}

static void happen_at_handset(struct town *town, const struct event *event) {
    struct handset *handset = &town->handsets[event->handset];
    if (!handset->is_on || handset->life != event->life) {
        return;
    }
    if (event->kind == EVENT_LINK) {
        come_about(town, event);
    } else if (event->kind == EVENT_FAIL) {
        piconet_failed(handset->piconet, town->now_ms, event->adapter, event->address);
    } else if (event->kind == EVENT_SEEN) {
        piconet_seen(handset->piconet, town->now_ms, event->adapter, event->address,
                     (int8_t)(-40 - (int)chance(town, 40)));
    } else if (event->kind == EVENT_SOUGHT) {
        handset->is_seeking[event->adapter] = false;
        piconet_sought(handset->piconet, town->now_ms, event->adapter);
    } else {
        say_lies(town, event->handset);
    }
    town_poke(town, event->handset);
}

static size_t next_event(const struct town *town) {
    size_t next = 0;
    for (size_t i = 1; i < town->events; i++) {
        const struct event *a = &town->queue[i], *b = &town->queue[next];
        if (a->ms < b->ms || (a->ms == b->ms && a->order < b->order)) {
            next = i;
        }
    }
    return next;
}

static int64_t next_deadline(const struct town *town, unsigned *handset) {
    int64_t earliest = INT64_MAX;
    for (unsigned i = 0; i < town->count; i++) {
        const struct piconet *piconet = town->handsets[i].piconet;
        if (piconet != NULL && piconet_deadline(piconet) < earliest) {
            earliest = piconet_deadline(piconet);
            *handset = i;
        }
    }
    return earliest;
}

void town_run(struct town *town, int64_t ms) {
    int64_t end_ms = town->now_ms + ms;
    for (;;) {
        unsigned handset = 0;
        int64_t deadline = next_deadline(town, &handset);
        size_t i = next_event(town);
        bool is_event = town->events > 0 && town->queue[i].ms <= deadline;
        int64_t next_ms = is_event ? town->queue[i].ms : deadline;
        if (next_ms > end_ms) {
            break;
        }
        town->now_ms = next_ms;
        if (!is_event) {
            town_poke(town, handset);
            continue;
        }
        struct event event = town->queue[i];
        town->queue[i] = town->queue[--town->events];
        if (event.kind == EVENT_PACKET || event.kind == EVENT_END) {
            happen_at_end(town, &event);
        } else {
            happen_at_handset(town, &event);
        }
        free(event.packet);
    }
    town->now_ms = end_ms;
}

/* --- What a test does to it ------------------------------------------------------------------- */

struct town *town_new(uint64_t seed, unsigned handsets, unsigned adapters) {
    assert(handsets <= TOWN_HANDSETS_MAX && adapters <= PICONET_ADAPTERS_MAX);
    struct town *town = calloc(1, sizeof *town);
    assert(town != NULL);
    town->random = seed;
    town->count = handsets;
    town->adapters = adapters;
    chance(town, 1);
    return town;
}

void town_free(struct town *town) {
    for (unsigned i = 0; i < town->count; i++) {
        piconet_free(town->handsets[i].piconet);
    }
    for (size_t i = 0; i < town->events; i++) {
        free(town->queue[i].packet);
    }
    free(town);
}

void town_switch_on(struct town *town, unsigned i) {
    struct handset *handset = &town->handsets[i];
    if (handset->is_on) {
        return;
    }
    handset->is_on = true;
    handset->life++;
    memset(handset->is_seeking, 0, sizeof handset->is_seeking);
    if (handset->is_stranger) {
        say_lies(town, i);
        return;
    }
    handset->piconet = piconet_new(town->random + i);
    assert(handset->piconet != NULL);
    for (unsigned j = 0; j < town->adapters; j++) {
        piconet_adapter_on(handset->piconet, town->now_ms, j, town_address(i, j));
    }
    town_poke(town, i);
}

void town_switch_off(struct town *town, unsigned i) {
    struct handset *handset = &town->handsets[i];
    for (unsigned other = 0; other < town->count; other++) {
        starve_wires(town, i, other);
    }
    handset->is_on = false;
    piconet_free(handset->piconet);
    handset->piconet = NULL;
}

void town_set_range(struct town *town, unsigned a, unsigned b, bool in_range) {
    if (!in_range) {
        starve_wires(town, a, b);
    }
    town->is_far[a][b] = town->is_far[b][a] = !in_range;
}

void town_cut(struct town *town, unsigned a, unsigned b) {
    starve_wires(town, a, b);
}

void town_make_stranger(struct town *town, unsigned i, town_lie lie) {
    town->handsets[i].is_stranger = true;
    town->handsets[i].lie = lie;
}

void town_make_strict(struct town *town, unsigned i) {
    town->handsets[i].is_strict = true;
}

void town_set_loss(struct town *town, unsigned percent) {
    town->loss = percent;
}

int64_t town_now(const struct town *town) {
    return town->now_ms;
}

struct piconet *town_piconet(struct town *town, unsigned i) {
    return town->handsets[i].piconet;
}
