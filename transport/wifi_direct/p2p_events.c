/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The supplicant's events, and what follows from each at once. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/wifi_direct/p2p_state.h"
#include "transport/wifi_direct/supplicant_line.h"

enum {
    GROUP_OWNER_BIT = 1,
    FORMING_MS = 16 * 1000, /* from when two have agreed */
    INVITED_MS = 10 * 1000,
    CHECK_MS = 3000,
};

/* The address in the first word after the event's name. */
static uint64_t subject(const char *line) {
    char word[LINE_ADDRESS_SIZE];
    return line_word(line, 1, word, sizeof word) ? line_read_address(word) : 0;
}

static bool is_trying(const struct p2p *p2p, enum p2p_attempt attempt) {
    return p2p->attempt == attempt;
}

/* --- Events of the P2P device --------------------------------------------------------------- */

static void on_found(struct p2p *p2p, int64_t now_ms, const char *line) {
    uint64_t address = line_field_address(line, "p2p_dev_addr");
    if (address == 0 || address == p2p->own || !line_field_is_handset(line, "name")) {
        return;
    }
    struct p2p_handset *handset = p2p_neighbours_enter(&p2p->neighbours, address);
    handset->seen_ms = now_ms;
    handset->is_owner = line_field_number(line, "group_capab", 0) & GROUP_OWNER_BIT;
}

static void on_lost(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)now_ms;
    struct p2p_handset *handset =
        p2p_neighbours_find(&p2p->neighbours, line_field_address(line, "p2p_dev_addr"));
    if (handset != NULL) {
        handset->seen_ms = INT64_MIN;
    }
}

/* It has failed again and again, and not long ago. */
static bool is_put_off(struct p2p *p2p, int64_t now_ms, uint64_t address) {
    const struct p2p_handset *handset = p2p_neighbours_find(&p2p->neighbours, address);
    return handset != NULL && handset->failures >= P2P_FAILURES_MAX &&
           now_ms < handset->not_before_ms;
}

/* Someone asks for a group: who is it? */
static void on_request(struct p2p *p2p, int64_t now_ms, const char *line) {
    uint64_t address = subject(line);
    bool is_free =
        is_trying(p2p, TRIES_NOTHING) || (is_trying(p2p, TRIES_LOOKING) && p2p->with == address);
    if (address == 0 || p2p->mode != TRANSPORT_SEEKS || p2p->role != P2P_ALONE || !is_free ||
        is_put_off(p2p, now_ms, address) ||
        p2p_neighbours_look(&p2p->neighbours, p2p->own, now_ms).owner != NULL) {
        return;
    }
    char text[LINE_ADDRESS_SIZE];
    line_write_address(address, text);
    p2p_command(p2p, P2P_COMMAND, ASKED_PEER, "P2P_PEER %s", text);
    p2p_attempt(p2p, now_ms, TRIES_CHECKING, address, CHECK_MS);
}

static void on_agreed(struct p2p *p2p, int64_t now_ms, const char *line) {
    uint64_t peer = line_field_address(line, "peer_dev");
    bool was_expected = peer != 0 && peer == p2p->expected && p2p->role == P2P_ALONE;
    if (is_trying(p2p, TRIES_ASKING) || was_expected) {
        p2p_attempt(p2p, now_ms, TRIES_ASKING, peer, FORMING_MS);
    }
    p2p->expected = was_expected ? 0 : p2p->expected;
}

static void on_failure(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)line;
    if (is_trying(p2p, TRIES_ASKING) || is_trying(p2p, TRIES_JOINING) ||
        is_trying(p2p, TRIES_REJOINING) || is_trying(p2p, TRIES_INVITED)) {
        p2p_attempt_failed(p2p, now_ms);
    }
}

static void on_invitation_result(struct p2p *p2p, int64_t now_ms, const char *line) {
    if (is_trying(p2p, TRIES_INVITING) && line_field_number(line, "status", 0) != 0) {
        p2p_attempt_failed(p2p, now_ms);
    }
}

/* The supplicant has accepted an invitation by itself. */
static void on_invited(struct p2p *p2p, int64_t now_ms, const char *line) {
    if (p2p->mode == TRANSPORT_SEEKS && p2p->role == P2P_ALONE) {
        p2p_attempt(p2p, now_ms, TRIES_INVITED, line_field_address(line, "sa"), INVITED_MS);
    }
}

static bool is_interface_name(const char *name) {
    for (; *name != '\0'; name++) {
        if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_') {
            return false;
        }
    }
    return true;
}

static void enter_group(struct p2p *p2p, int64_t now_ms, const char *interface, bool is_owner,
                        uint64_t owner) {
    struct p2p_handset *with = p2p_neighbours_find(&p2p->neighbours, p2p->with);
    if (with != NULL) {
        with->is_stranger = false;
        with->was_together = true;
    }
    p2p->attempt = TRIES_NOTHING;
    p2p->role = is_owner ? P2P_OWNER : P2P_CLIENT;
    p2p->owner = is_owner ? p2p->own : owner;
    snprintf(p2p->interface, sizeof p2p->interface, "%s", interface);
    p2p->is_retold = strcmp(p2p->told, interface) == 0;
    p2p->group_since_ms = p2p->signal_ms = now_ms;
    p2p->lost_ms = p2p->join_ms = INT64_MAX;
    p2p->client_dbm = 0;
    p2p->member_count = p2p->joiner_count = 0;
    p2p->lets_in = p2p->seeks = false;
    p2p->seek_ms = now_ms + FORMING_MS;
    p2p_expect_nobody(p2p);
    p2p_command(p2p, P2P_COMMAND, ASKED_NETWORKS, "LIST_NETWORKS");
}

static void on_started(struct p2p *p2p, int64_t now_ms, const char *line) {
    char interface[P2P_INTERFACE_SIZE], role[sizeof "client"];
    if (!line_word(line, 1, interface, sizeof interface) || !is_interface_name(interface) ||
        !line_word(line, 2, role, sizeof role)) {
        return;
    }
    bool is_owner = strcmp(role, "GO") == 0;
    if (!is_owner && strcmp(role, "client") != 0) {
        return;
    }
    if (p2p->role == P2P_ALONE && p2p->mode == TRANSPORT_SEEKS) {
        enter_group(p2p, now_ms, interface, is_owner, line_field_address(line, "go_dev_addr"));
    } else if (strcmp(interface, p2p->interface) != 0) {
        p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_GROUP_REMOVE %s", interface);
    }
}

static void on_removed(struct p2p *p2p, int64_t now_ms, const char *line) {
    char interface[P2P_INTERFACE_SIZE];
    if (!line_word(line, 1, interface, sizeof interface)) {
        return;
    }
    if (strcmp(interface, p2p->interface) == 0) {
        p2p_group_lost(p2p, now_ms, false);
    } else if (strcmp(interface, p2p->left) != 0) { /* one that was about to be */
        on_failure(p2p, now_ms, line);
    }
}

static void on_joiner(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)now_ms;
    uint64_t address = line_field_address(line, "p2p_dev_addr");
    if (address == 0 || p2p->role != P2P_OWNER || p2p->mode != TRANSPORT_SEEKS ||
        p2p->joiner_count == P2P_JOINERS_MAX || !line_field_is_handset(line, "name")) {
        return;
    }
    for (size_t i = 0; i < p2p->joiner_count; i++) {
        if (p2p->joiners[i] == address) {
            return;
        }
    }
    p2p->joiners[p2p->joiner_count++] = address;
}

/* --- Events of a group's interface ---------------------------------------------------------- */

static void on_member(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)now_ms;
    uint64_t address = subject(line);
    p2p_let_in_done(p2p, line_field_address(line, "p2p_dev_addr"));
    if (address != 0 && p2p->role == P2P_OWNER && p2p_member_find(p2p, address) == NULL &&
        p2p->member_count < P2P_MEMBERS_MAX) {
        p2p->members[p2p->member_count++] = (struct p2p_member){.address = address};
    }
}

static void on_member_gone(struct p2p *p2p, int64_t now_ms, const char *line) {
    struct p2p_member *member = p2p_member_find(p2p, subject(line));
    if (member != NULL) {
        p2p_member_remove(p2p, now_ms, member);
    }
}

static void on_disconnected(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)line;
    if (p2p->role == P2P_CLIENT && p2p->lost_ms == INT64_MAX) {
        p2p->lost_ms = now_ms;
    }
}

static void on_connected(struct p2p *p2p, int64_t now_ms, const char *line) {
    (void)now_ms, (void)line;
    p2p->lost_ms = INT64_MAX;
}

/* --- Events --------------------------------------------------------------------------------- */

struct event {
    const char *name;
    void (*hear)(struct p2p *p2p, int64_t now_ms, const char *line);
};

static const struct event device_events[] = {
    {"P2P-DEVICE-FOUND", on_found},
    {"P2P-DEVICE-LOST", on_lost},
    {"P2P-GO-NEG-REQUEST", on_request},
    {"P2P-GO-NEG-SUCCESS", on_agreed},
    {"P2P-GO-NEG-FAILURE", on_failure},
    {"P2P-GROUP-FORMATION-FAILURE", on_failure},
    {"P2P-PROV-DISC-FAILURE", on_failure},
    {"P2P-INVITATION-RESULT", on_invitation_result},
    {"P2P-INVITATION-ACCEPTED", on_invited},
    {"P2P-GROUP-STARTED", on_started},
    {"P2P-GROUP-REMOVED", on_removed},
    {"P2P-PROV-DISC-PBC-REQ", on_joiner},
    {"AP-STA-CONNECTED", on_member},
    {"AP-STA-DISCONNECTED", on_member_gone},
    {NULL, NULL},
};

static const struct event group_events[] = {
    {"AP-STA-CONNECTED", on_member},
    {"AP-STA-DISCONNECTED", on_member_gone},
    {"CTRL-EVENT-DISCONNECTED", on_disconnected},
    {"CTRL-EVENT-CONNECTED", on_connected},
    {NULL, NULL},
};

static void hear(struct p2p *p2p, int64_t now_ms, const struct event *event, const char *line) {
    if (!p2p->is_ready) {
        return;
    }
    for (; event->name != NULL; event++) {
        if (line_is(line, event->name)) {
            event->hear(p2p, now_ms, line);
        }
    }
}

void p2p_event(struct p2p *p2p, int64_t now_ms, const char *line) {
    hear(p2p, now_ms, device_events, line);
}

void p2p_group_event(struct p2p *p2p, int64_t now_ms, const char *line) {
    hear(p2p, now_ms, group_events, line);
}
