/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The supplicant's replies to commands, and what follows from each at once. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "transport/wifi_direct/p2p_state.h"
#include "transport/wifi_direct/supplicant_line.h"

enum {
    REFUSED_FIRST_MS = 1000, /* seeking that was refused is tried again */
    REFUSED_MS = 5000,
};

static bool is_refusal(const char *reply) {
    return reply == NULL || strncmp(reply, "FAIL", 4) == 0 || strncmp(reply, "UNKNOWN", 7) == 0;
}

static void on_status(struct p2p *p2p, int64_t now_ms, const char *reply) {
    p2p->own = reply == NULL ? 0 : line_field_address(reply, "p2p_device_address");
    p2p->trouble = p2p->own == 0 ? P2P_NO_DEVICE : P2P_NO_TROUBLE;
    if (p2p->own == 0) {
        return;
    }
    static const char *const commands[] = {
        "SET config_methods virtual_push_button",
        "SET persistent_reconnect 1",
        "P2P_GROUP_REMOVE *",
        "P2P_FLUSH",
    };
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "SET device_name Muster %04x",
                (unsigned)(p2p->own & 0xffff));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "%s", commands[i]);
    }
    p2p_command(p2p, P2P_COMMAND, ASKED_NETWORKS, "LIST_NETWORKS");
    p2p->is_ready = true;
    p2p->role = P2P_ALONE;
    p2p->seek_ms = now_ms;
}

/* "id TAB ssid TAB bssid TAB [DISABLED][P2P-PERSISTENT]", where the last "bssid" is the owner. */
static void read_network(struct p2p *p2p, const char *line, size_t length) {
    char copy[P2P_COMMAND_SIZE], *rest = copy;
    if (length >= sizeof copy || p2p->network_count == P2P_NETWORKS_MAX) {
        return;
    }
    memcpy(copy, line, length);
    copy[length] = '\0';
    const char *number = strsep(&rest, "\t"), *ssid = strsep(&rest, "\t"),
               *owner = strsep(&rest, "\t");
    if (ssid == NULL || owner == NULL || rest == NULL || strstr(rest, "[P2P-PERSISTENT]") == NULL) {
        return;
    }
    char *end;
    long id = strtol(number, &end, 10);
    uint64_t address = line_read_address(owner);
    if (end != number && *end == '\0' && id >= 0 && id <= INT_MAX && address != 0) {
        p2p->networks[p2p->network_count++] = (struct p2p_network){(int)id, address};
    }
}

static void on_networks(struct p2p *p2p, const char *reply) {
    p2p->network_count = 0;
    while (reply != NULL && *reply != '\0') {
        size_t length = strcspn(reply, "\n");
        read_network(p2p, reply, length);
        reply += length + (reply[length] == '\n');
    }
}

static void on_peer(struct p2p *p2p, int64_t now_ms, const char *reply) {
    bool checks = p2p->attempt == TRIES_CHECKING;
    if (!checks && p2p->attempt != TRIES_LOOKING) {
        return;
    }
    struct p2p_handset *handset = p2p_neighbours_find(&p2p->neighbours, p2p->with);
    p2p->attempt = TRIES_NOTHING;
    if (is_refusal(reply) || !line_field_is_handset(reply, "device_name")) {
        if (handset != NULL) {
            handset->seen_ms = INT64_MIN;
        }
        return;
    }
    long id = line_field_number(reply, "persistent", -1);
    if (checks) {
        (void)p2p_neighbours_enter(&p2p->neighbours,
                                   p2p->with); /* so that what fails is remembered */
        p2p_connect(p2p, now_ms, p2p->with);
    } else if (id >= 0) {
        p2p_invite(p2p, now_ms, p2p->with, id);
    } else if (handset != NULL) {
        handset->is_stranger = true; /* it is asked when its time has come */
    }
}

static void on_sought(struct p2p *p2p, int64_t now_ms, const char *reply) {
    bool is_refused = is_refusal(reply);
    p2p->refusals = is_refused ? p2p->refusals + 1 : 0;
    p2p->trouble = p2p->refusals >= P2P_REFUSALS_MAX ? P2P_REFUSED : P2P_NO_TROUBLE;
    if (!is_refused) {
        return;
    }
    p2p->seeks = false;
    p2p->seek_ms = now_ms + (p2p->trouble == P2P_REFUSED ? REFUSED_MS : REFUSED_FIRST_MS);
}

static void on_signal(struct p2p *p2p, int64_t now_ms, const char *reply) {
    if (p2p->role == P2P_CLIENT && reply != NULL) {
        p2p->client_dbm = (int)line_field_number(reply, "RSSI", 0);
    }
    struct p2p_member *member = p2p_member_find(p2p, p2p->asked_member);
    if (p2p->role != P2P_OWNER || reply == NULL || member == NULL) {
        return;
    }
    if (is_refusal(reply)) {
        p2p_member_remove(p2p, now_ms, member);
    } else {
        member->dbm = (int)line_field_number(reply, "signal", 0);
    }
}

static void take_reply(struct p2p *p2p, int64_t now_ms, enum p2p_deed deed, const char *reply) {
    if (!p2p->waits || p2p->asks != deed) {
        return;
    }
    p2p->waits = false;
    switch (p2p->question) {
    case ASKED_NOTHING:
        break;
    case ASKED_STATUS:
        on_status(p2p, now_ms, reply);
        break;
    case ASKED_NETWORKS:
        on_networks(p2p, reply);
        break;
    case ASKED_PEER:
        on_peer(p2p, now_ms, reply);
        break;
    case ASKED_ATTEMPT:
        if (p2p->attempt != TRIES_NOTHING && is_refusal(reply)) {
            p2p_attempt_failed(p2p, now_ms);
        }
        break;
    case ASKED_SEEK:
        on_sought(p2p, now_ms, reply);
        break;
    case ASKED_SIGNAL:
        on_signal(p2p, now_ms, reply);
        break;
    }
}

void p2p_reply(struct p2p *p2p, int64_t now_ms, const char *reply) {
    take_reply(p2p, now_ms, P2P_COMMAND, reply);
}

void p2p_group_reply(struct p2p *p2p, int64_t now_ms, const char *reply) {
    take_reply(p2p, now_ms, P2P_GROUP_COMMAND, reply);
}
