/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/loopback.h"

#include <stdlib.h>
#include <string.h>

/* `receive` hands over this many frames at most. */
enum {
    RECEIVE_MAX = 32
};

/* The octets of a frame, shared by all its arrivals. */
struct payload {
    size_t holders;
    size_t length;
    uint8_t octets[];
};

/* A frame on its way to one port. */
struct flight {
    int64_t arrives_ms;
    uint64_t sequence; /* orders equal arrivals */
    unsigned from, to;
    struct payload *payload;
};

struct port {
    struct transport transport; /* first: a struct transport is the port's beginning */
    struct air *air;
    unsigned number;
    size_t inbox_first, inbox_count; /* a ring */
    struct {
        unsigned from;
        struct payload *payload;
    } inbox[AIR_INBOX_MAX];
};

struct air {
    uint64_t random_state;
    int64_t now_ms;
    uint64_t next_sequence;
    struct air_conditions conditions;
    uint64_t heard_by[AIR_PORTS_MAX + 1]; /* of each talker: the listeners' bits */
    struct port *ports[AIR_PORTS_MAX + 1];
    air_observer_fn *observer;
    void *observer_context;
    struct air_count counts;
    size_t flight_count;
    struct flight flights[AIR_FLIGHT_MAX]; /* a binary heap, the next arrival first */
};

/* SplitMix64: one 64-bit state, an odd step, a mixing of its bits; every seed is a good one. Kept
 * here, and not taken from the C library, so that a seed means the same everywhere for ever. */
static uint64_t next_random(struct air *air) {
    air->random_state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = air->random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool happens(struct air *air, unsigned per_thousand) {
    return next_random(air) % AIR_PER_THOUSAND < per_thousand;
}

static int64_t draw_delay(struct air *air) {
    uint64_t spread = (uint64_t)air->conditions.delay_max_ms - air->conditions.delay_min_ms;
    return (int64_t)(air->conditions.delay_min_ms + next_random(air) % (spread + 1));
}

static bool is_port(uint64_t number) {
    return number >= 1 && number <= AIR_PORTS_MAX;
}

static uint64_t bit_of(unsigned port) {
    return UINT64_C(1) << (port - 1);
}

static struct payload *payload_new(const uint8_t *octets, size_t length) {
    struct payload *payload = malloc(sizeof *payload + length);
    if (payload == NULL) {
        return NULL;
    }
    payload->holders = 1;
    payload->length = length;
    if (length > 0) {
        memcpy(payload->octets, octets, length);
    }
    return payload;
}

static void payload_let_go(struct payload *payload) {
    if (--payload->holders == 0) {
        free(payload);
    }
}

static bool arrives_before(const struct flight *a, const struct flight *b) {
    if (a->arrives_ms != b->arrives_ms) {
        return a->arrives_ms < b->arrives_ms;
    }
    return a->sequence < b->sequence;
}

static void heap_push(struct air *air, struct flight flight) {
    size_t at = air->flight_count++;
    while (at > 0 && arrives_before(&flight, &air->flights[(at - 1) / 2])) {
        air->flights[at] = air->flights[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    air->flights[at] = flight;
}

static struct flight heap_pop(struct air *air) {
    struct flight first = air->flights[0];
    struct flight last = air->flights[--air->flight_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= air->flight_count) {
            break;
        }
        if (child + 1 < air->flight_count &&
            arrives_before(&air->flights[child + 1], &air->flights[child])) {
            child++;
        }
        if (!arrives_before(&air->flights[child], &last)) {
            break;
        }
        air->flights[at] = air->flights[child];
        at = child;
    }
    air->flights[at] = last;
    return first;
}

static void put_on_way(struct air *air, unsigned from, unsigned to, int64_t delay_ms,
                       struct payload *payload) {
    payload->holders++;
    heap_push(air, (struct flight){.arrives_ms = air->now_ms + delay_ms,
                                   .sequence = air->next_sequence++,
                                   .from = from,
                                   .to = to,
                                   .payload = payload});
}

/* What befalls a frame on its way to one port. All draws are made whatever the conditions, so that
 * two runs with one seed differ only where their conditions do. */
static void send_to_port(struct air *air, unsigned from, unsigned to, struct payload *payload) {
    bool lost = happens(air, air->conditions.lost);
    bool doubled = happens(air, air->conditions.doubled);
    int64_t delay_ms = draw_delay(air);
    int64_t delay_of_double_ms = draw_delay(air);
    if ((air->heard_by[from] & bit_of(to)) == 0) {
        air->counts.unheard++;
    } else if (lost) {
        air->counts.lost++;
    } else {
        put_on_way(air, from, to, delay_ms, payload);
        if (doubled) {
            air->counts.doubled++;
            put_on_way(air, from, to, delay_of_double_ms, payload);
        }
    }
}

enum transport_result air_inject(struct air *air, unsigned from, uint64_t to, const uint8_t *octets,
                                 size_t length) {
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (!is_port(from) || (to != PEER_ALL && (!is_port(to) || to == from))) {
        return TRANSPORT_NO_ROUTE;
    }
    /* Room for all that this frame can become, so that it never reaches one half of the ports. */
    if (air->flight_count + 2 * (size_t)AIR_PORTS_MAX > AIR_FLIGHT_MAX) {
        return TRANSPORT_BUSY;
    }
    struct payload *payload = payload_new(octets, length);
    if (payload == NULL) {
        return TRANSPORT_BUSY;
    }
    air->counts.sent++;
    if (air->observer != NULL) {
        air->observer(air->observer_context, &(struct air_frame){.at_ms = air->now_ms,
                                                                 .from = from,
                                                                 .to = to,
                                                                 .octets = payload->octets,
                                                                 .length = length});
    }
    for (unsigned port = 1; port <= AIR_PORTS_MAX; port++) {
        if (port != from && air->ports[port] != NULL && (to == PEER_ALL || to == port)) {
            send_to_port(air, from, port, payload);
        }
    }
    payload_let_go(payload);
    return TRANSPORT_OK;
}

static void arrive(struct air *air, struct flight flight) {
    struct port *port = air->ports[flight.to];
    if (port == NULL) {
        air->counts.unheard++;
        payload_let_go(flight.payload);
    } else if (port->inbox_count == AIR_INBOX_MAX) {
        air->counts.overflown++;
        payload_let_go(flight.payload);
    } else {
        size_t at = (port->inbox_first + port->inbox_count++) % AIR_INBOX_MAX;
        port->inbox[at].from = flight.from;
        port->inbox[at].payload = flight.payload;
    }
}

void air_advance(struct air *air, int64_t now_ms) {
    if (now_ms > air->now_ms) {
        air->now_ms = now_ms;
    }
    while (air->flight_count > 0 && air->flights[0].arrives_ms <= air->now_ms) {
        arrive(air, heap_pop(air));
    }
}

bool air_next_event(const struct air *air, int64_t *at_ms) {
    if (air->flight_count == 0) {
        return false;
    }
    *at_ms = air->flights[0].arrives_ms;
    return true;
}

bool air_has_waiting(const struct air *air) {
    for (unsigned port = 1; port <= AIR_PORTS_MAX; port++) {
        if (air->ports[port] != NULL && air->ports[port]->inbox_count > 0) {
            return true;
        }
    }
    return false;
}

static size_t port_descriptors(const struct transport *transport, int descriptors[]) {
    (void)transport;
    (void)descriptors;
    return 0;
}

static enum transport_result port_receive(struct transport *transport, transport_frame_fn *on_frame,
                                          void *context) {
    struct port *port = (struct port *)transport;
    for (int frames = 0; frames < RECEIVE_MAX && port->inbox_count > 0; frames++) {
        unsigned from = port->inbox[port->inbox_first].from;
        struct payload *payload = port->inbox[port->inbox_first].payload;
        port->inbox_first = (port->inbox_first + 1) % AIR_INBOX_MAX;
        port->inbox_count--;
        port->air->counts.delivered++;
        on_frame(context, from, payload->octets, payload->length);
        payload_let_go(payload);
    }
    return TRANSPORT_OK;
}

static enum transport_result port_send(struct transport *transport, uint64_t peer,
                                       enum transport_lane lane, const uint8_t *frame,
                                       size_t length) {
    (void)lane; /* this air has room for all that is said */
    struct port *port = (struct port *)transport;
    return air_inject(port->air, port->number, peer, frame, length);
}

/* Only a port that does not exist can be the reason. */
static void port_problem(const struct transport *transport, struct transport_condition *out) {
    (void)transport;
    *out = transport_condition_of(CONDITION_NO_SUCH_PEER, NULL);
}

static void port_close(struct transport *transport) {
    struct port *port = (struct port *)transport;
    for (; port->inbox_count > 0; port->inbox_count--) {
        payload_let_go(port->inbox[port->inbox_first].payload);
        port->inbox_first = (port->inbox_first + 1) % AIR_INBOX_MAX;
    }
    port->air->ports[port->number] = NULL;
    free(port);
}

static const struct transport_kind loopback_kind = {
    .name = "loopback",
    .descriptors = port_descriptors,
    .receive = port_receive,
    .send = port_send,
    .problem = port_problem,
    .close = port_close,
};

struct transport *air_open_port(struct air *air, unsigned number) {
    if (!is_port(number) || air->ports[number] != NULL) {
        return NULL;
    }
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL) {
        return NULL;
    }
    port->transport.kind = &loopback_kind;
    port->air = air;
    port->number = number;
    air->ports[number] = port;
    return &port->transport;
}

static unsigned at_most(unsigned value, unsigned limit) {
    return value < limit ? value : limit;
}

void air_set_conditions(struct air *air, struct air_conditions conditions) {
    conditions.lost = at_most(conditions.lost, AIR_PER_THOUSAND);
    conditions.doubled = at_most(conditions.doubled, AIR_PER_THOUSAND);
    conditions.delay_min_ms = at_most(conditions.delay_min_ms, conditions.delay_max_ms);
    air->conditions = conditions;
}

void air_set_hearing(struct air *air, unsigned talker, unsigned listener, bool hears) {
    if (!is_port(talker) || !is_port(listener)) {
        return;
    }
    if (hears) {
        air->heard_by[talker] |= bit_of(listener);
    } else {
        air->heard_by[talker] &= ~bit_of(listener);
    }
}

void air_part(struct air *air, uint64_t side) {
    for (unsigned port = 1; port <= AIR_PORTS_MAX; port++) {
        air->heard_by[port] = (side & bit_of(port)) != 0 ? side : ~side;
    }
}

void air_observe(struct air *air, air_observer_fn *observer, void *context) {
    air->observer = observer;
    air->observer_context = context;
}

struct air_count air_counts(const struct air *air) {
    return air->counts;
}

struct air *air_new(uint64_t seed) {
    struct air *air = calloc(1, sizeof *air);
    if (air == NULL) {
        return NULL;
    }
    air->random_state = seed;
    air_part(air, 0);
    return air;
}

void air_free(struct air *air) {
    if (air == NULL) {
        return;
    }
    for (unsigned port = 1; port <= AIR_PORTS_MAX; port++) {
        if (air->ports[port] != NULL) {
            port_close(&air->ports[port]->transport);
        }
    }
    for (size_t i = 0; i < air->flight_count; i++) {
        payload_let_go(air->flights[i].payload);
    }
    free(air);
}
