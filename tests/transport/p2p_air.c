/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "p2p_air.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_SIZE = 1024,
    MINUTE_MS = 60 * 1000,
    FORMING_MS = 1000,
    LOST_MS = 2000
};

uint64_t air_chance(struct air *air, uint64_t below) {
    air->random = air->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (air->random >> 33) % below;
}

static bool happens(struct air *air, unsigned percent) {
    return air_chance(air, 100) < percent;
}

uint64_t air_address(size_t who) {
    return UINT64_C(0x420000000000) | (uint64_t)who << 8;
}

static const char *text_of(size_t who, char out[18]) {
    snprintf(out, 18, "42:00:00:00:%02x:00", (unsigned)who & 0xff);
    return out;
}

static int who_is(const char *text) {
    unsigned number;
    return text != NULL && sscanf(text, "42:00:00:00:%2x:00", &number) == 1 && number < AIR_MAX
               ? (int)number
               : AIR_NOBODY;
}

static struct air_handset *other(struct air *air, int who) {
    return who == AIR_NOBODY ? NULL : &air->handsets[who];
}

static bool hears(struct air *air, size_t a, int b) {
    return b != AIR_NOBODY && air->handsets[a].sees[b] && air->handsets[b].p2p != NULL;
}

static void event(struct air *air, size_t who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void event(struct air *air, size_t who, const char *format, ...) {
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    struct p2p *p2p = air->handsets[who].p2p;
    if (p2p == NULL) {
        return;
    }
    bool is_groups = strncmp(line, "AP-", 3) == 0 || strncmp(line, "CTRL-", 5) == 0;
    (is_groups ? p2p_group_event : p2p_event)(p2p, air->now_ms, line);
}

/* --- Groups --------------------------------------------------------------------------------- */

static void try_nothing(struct air_handset *handset) {
    handset->asks = handset->joins = handset->rejoins = handset->invites = AIR_NOBODY;
    handset->ready_ms = INT64_MAX;
}

static void enter(struct air *air, size_t who, size_t owner) {
    struct air_handset *handset = &air->handsets[who];
    char own[18], its[18];
    try_nothing(handset);
    handset->finds = false;
    handset->awake_until_ms = 0;
    handset->owner = (int)owner;
    handset->lost_ms = INT64_MAX;
    handset->lets_in = handset->agrees = AIR_NOBODY;
    handset->stored[owner] = true;
    air->handsets[owner].clients[who] = true;
    event(air, who,
          "P2P-GROUP-STARTED p2p-wlan%zu-%u %s ssid=\"DIRECT-x\" freq=2412 go_dev_addr=%s", who,
          handset->groups++, who == owner ? "GO" : "client", text_of(owner, its));
    if (who != owner) {
        event(air, owner, "AP-STA-CONNECTED %s p2p_dev_addr=%s", text_of(who, own), own);
    }
}

static void leave(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    char own[18];
    int owner = handset->owner;
    if (owner == AIR_NOBODY) {
        return;
    }
    handset->owner = AIR_NOBODY;
    event(air, who, "P2P-GROUP-REMOVED p2p-wlan%zu-%u x reason=REQUESTED", who,
          handset->groups - 1);
    if (owner != (int)who) {
        event(air, (size_t)owner, "AP-STA-DISCONNECTED %s p2p_dev_addr=%s", text_of(who, own), own);
        return;
    }
    for (size_t i = 0; i < air->count; i++) {
        if (i == who || air->handsets[i].owner != (int)who) {
            continue;
        }
        event(air, i, "CTRL-EVENT-DISCONNECTED bssid=%s reason=3", text_of(who, own));
        air->handsets[i].owner = AIR_NOBODY;
        event(air, i, "P2P-GROUP-REMOVED p2p-wlan%zu-%u client reason=GO_ENDING_SESSION", i,
              air->handsets[i].groups - 1);
    }
}

/* --- Commands ------------------------------------------------------------------------------- */

static void connect_to(struct air *air, struct air_handset *handset, const char *line) {
    int with = who_is(line + strlen("P2P_CONNECT "));
    const char *intent = strstr(line, "go_intent=");
    if (strstr(line, " auth") != NULL) {
        handset->agrees = with;
        return;
    }
    try_nothing(handset);
    handset->tries_until_ms = air->now_ms + 25 * 1000;
    if (strstr(line, " join") != NULL) {
        handset->joins = with;
    } else {
        handset->asks = with;
    }
    handset->intent = intent == NULL ? 7 : atoi(intent + strlen("go_intent="));
}

static const char *add_group(struct air *air, size_t who, const char *line) {
    struct air_handset *handset = &air->handsets[who];
    const char *number = strchr(line, '=');
    int network = number == NULL ? (int)who : atoi(number + 1);
    if (handset->owner != AIR_NOBODY || network < 0 || network >= AIR_MAX ||
        (number != NULL && !handset->stored[network])) {
        return "FAIL\n";
    }
    if (network == (int)who) {
        enter(air, who, who);
    } else {
        try_nothing(handset);
        handset->rejoins = network;
        handset->tries_until_ms = air->now_ms + 60 * 1000;
    }
    return "OK\n";
}

static void list_networks(const struct air_handset *handset, char *out) {
    size_t used = (size_t)sprintf(out, "network id / ssid / bssid / flags\n");
    for (size_t i = 0; i < AIR_MAX; i++) {
        char text[18];
        if (handset->stored[i]) {
            used +=
                (size_t)snprintf(out + used, 60, "%zu\tDIRECT-x\t%s\t[DISABLED][P2P-PERSISTENT]\n",
                                 i, text_of(i, text));
        }
    }
}

/* Two have met when both have stored the group of one of them. */
static int stored_with(struct air *air, size_t who, int with) {
    const struct air_handset *a = &air->handsets[who], *b = other(air, with);
    if (b != NULL && a->stored[who] && b->stored[who]) {
        return (int)who;
    }
    return b != NULL && a->stored[with] && b->stored[with] ? with : -1;
}

static const char *tell_of_peer(struct air *air, size_t who, int with, char *out) {
    const struct air_handset *handset = &air->handsets[who];
    int network = with == AIR_NOBODY ? -1 : handset->stored[with] ? with : -1;
    if (with != AIR_NOBODY && network < 0 && handset->clients[with]) {
        network = (int)who;
    }
    int used = sprintf(out, "42:00:00:00:%02x:00\ndevice_name=Muster %02x00\ngroup_capab=0x0\n",
                       with, with);
    if (network >= 0) {
        sprintf(out + used, "persistent=%d\n", network);
    }
    return out;
}

static void begin_bout(struct air *air, struct air_handset *handset, bool finds, int seconds) {
    handset->finds = finds;
    handset->awake_until_ms = air->now_ms + seconds * 1000;
    memset(handset->reported, 0, sizeof handset->reported);
}

/* Carries out a command; the reply, possibly written into `out`. */
static const char *carry_out(struct air *air, size_t who, const char *line, char out[4096]) {
    struct air_handset *handset = &air->handsets[who];
    char text[18];
    if (strcmp(line, "STATUS") == 0) {
        sprintf(out, "wpa_state=DISCONNECTED\np2p_device_address=%s\n", text_of(who, text));
        return out;
    }
    if (strcmp(line, "LIST_NETWORKS") == 0) {
        list_networks(handset, out);
        return out;
    }
    if (strncmp(line, "P2P_PEER ", 9) == 0) {
        return tell_of_peer(air, who, who_is(line + 9), out);
    }
    if (strncmp(line, "P2P_GROUP_ADD", 13) == 0) {
        return add_group(air, who, line);
    }
    if (strcmp(line, "SIGNAL_POLL") == 0) {
        return "RSSI=-40\nLINKSPEED=13\n";
    }
    if (strncmp(line, "STA ", 4) == 0) {
        return "42:00:00:00:00:00\nsignal=-60\n";
    }
    if (strncmp(line, "P2P_FIND ", 9) == 0) {
        begin_bout(air, handset, true, atoi(line + 9));
    } else if (strncmp(line, "P2P_LISTEN ", 11) == 0) {
        begin_bout(air, handset, false, atoi(line + 11));
    } else if (strcmp(line, "P2P_STOP_FIND") == 0) {
        begin_bout(air, handset, false, 0);
    } else if (strncmp(line, "P2P_CONNECT ", 12) == 0) {
        connect_to(air, handset, line);
    } else if (strncmp(line, "WPS_PBC p2p_dev_addr=", 21) == 0) {
        handset->lets_in = who_is(line + 21);
    } else if (strncmp(line, "P2P_UNAUTHORIZE ", 16) == 0) {
        handset->agrees = AIR_NOBODY;
    } else if (strcmp(line, "P2P_CANCEL") == 0) {
        try_nothing(handset);
    } else if (strncmp(line, "P2P_GROUP_REMOVE ", 17) == 0) {
        try_nothing(handset), leave(air, who);
    } else if (strncmp(line, "P2P_INVITE persistent=", 22) == 0) {
        try_nothing(handset);
        handset->invites = who_is(strstr(line, "peer=") + 5);
        handset->tries_until_ms = air->now_ms + 20 * 1000;
    } else {
        return strncmp(line, "SET ", 4) == 0 || strcmp(line, "P2P_FLUSH") == 0
                   ? "OK\n"
                   : "UNKNOWN COMMAND\n";
    }
    return "OK\n";
}

static void obey(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    struct p2p_action action;
    for (int i = 0; i < 100; i++) {
        if (handset->p2p == NULL || !p2p_take(handset->p2p, air->now_ms, &action)) {
            return;
        }
        if (action.deed == P2P_GROUP_UP || action.deed == P2P_GROUP_DOWN) {
            assert(handset->is_told_up == (action.deed == P2P_GROUP_DOWN));
            handset->is_told_up = action.deed == P2P_GROUP_UP;
            continue;
        }
        handset->commands++;
        if (++handset->commands_this_minute > handset->commands_most) {
            handset->commands_most = handset->commands_this_minute;
        }
        char reply[4096];
        (action.deed == P2P_COMMAND ? p2p_reply : p2p_group_reply)(
            handset->p2p, air->now_ms, carry_out(air, who, action.line, reply));
    }
    assert(!"commands without end");
}

/* --- The air -------------------------------------------------------------------------------- */

static bool is_awake(const struct air *air, const struct air_handset *handset) {
    return handset->p2p != NULL && air->now_ms < handset->awake_until_ms;
}

static void find(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    if (!handset->finds || !is_awake(air, handset)) {
        return;
    }
    for (size_t i = 0; i < air->count; i++) {
        const struct air_handset *found = &air->handsets[i];
        bool is_owner = found->owner == (int)i;
        if (i == who || handset->reported[i] || !hears(air, who, (int)i) ||
            (!is_owner && !is_awake(air, found)) || !happens(air, is_owner ? 15 : 6)) {
            continue;
        }
        char text[18];
        handset->reported[i] = true;
        event(air, who,
              "P2P-DEVICE-FOUND %s p2p_dev_addr=%s pri_dev_type=0 name='Muster %02x00' "
              "config_methods=0x80 dev_capab=0x25 group_capab=0x%x new=0",
              text_of(i, text), text, (unsigned)i, is_owner ? 0x2b : 0);
    }
}

static void ask(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who], *asked = other(air, handset->asks);
    int with = handset->asks;
    char text[18];
    if (asked == NULL || !hears(air, who, with) || asked->owner != AIR_NOBODY) {
        return;
    }
    if (asked->agrees == (int)who && is_awake(air, asked) && asked->asks == AIR_NOBODY &&
        happens(air, 8)) {
        asked->asks = (int)who;
        asked->intent = 0;
        asked->tries_until_ms = air->now_ms + 25 * 1000;
    }
    if (asked->asks != (int)who) {
        if (asked->agrees != (int)who && happens(air, 8)) {
            event(air, (size_t)with, "P2P-GO-NEG-REQUEST %s dev_passwd_id=4 go_intent=%d",
                  text_of(who, text), handset->intent);
        }
        return;
    }
    if (handset->ready_ms == INT64_MAX && happens(air, 25)) {
        handset->ready_ms = asked->ready_ms = air->now_ms + FORMING_MS;
        event(air, who, "P2P-GO-NEG-SUCCESS role=x peer_dev=%s", text_of((size_t)with, text));
        event(air, (size_t)with, "P2P-GO-NEG-SUCCESS role=x peer_dev=%s", text_of(who, text));
    } else if (air->now_ms >= handset->ready_ms) {
        bool fails = happens(air, air->failing);
        bool owns =
            handset->intent != asked->intent ? handset->intent > asked->intent : happens(air, 50);
        try_nothing(handset), try_nothing(asked);
        if (fails) {
            event(air, who, "P2P-GROUP-FORMATION-FAILURE ");
            event(air, (size_t)with, "P2P-GROUP-FORMATION-FAILURE ");
            return;
        }
        size_t owner = owns ? who : (size_t)with;
        enter(air, owner, owner);
        enter(air, owns ? (size_t)with : who, owner);
        handset->pushed++;
    }
}

static void join(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who], *owner = other(air, handset->joins);
    char text[18];
    if (owner == NULL || !hears(air, who, handset->joins) || owner->owner != handset->joins) {
        return;
    }
    if (owner->lets_in != (int)who) {
        if (happens(air, 6)) {
            event(air, (size_t)handset->joins,
                  "P2P-PROV-DISC-PBC-REQ %s p2p_dev_addr=%s name='Muster %02x00' group=x",
                  text_of(who, text), text, (unsigned)who);
        }
    } else if (happens(air, 7)) {
        owner->lets_in = AIR_NOBODY;
        if (happens(air, air->failing)) {
            event(air, who, "P2P-GROUP-FORMATION-FAILURE ");
            return;
        }
        handset->pushed++;
        enter(air, who, (size_t)handset->joins);
    }
}

static void rejoin(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who], *owner = other(air, handset->rejoins);
    if (owner == NULL || !hears(air, who, handset->rejoins) || owner->owner != handset->rejoins ||
        !happens(air, 10)) {
        return;
    }
    handset->stored_used++;
    enter(air, who, (size_t)handset->rejoins);
}

static void invite(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who], *asked = other(air, handset->invites);
    int with = handset->invites;
    char text[18];
    if (asked == NULL || !hears(air, who, with) || !is_awake(air, asked) ||
        asked->owner != AIR_NOBODY || !happens(air, 15)) {
        return;
    }
    int owner = stored_with(air, who, with);
    if (owner < 0) {
        try_nothing(handset);
        event(air, who, "P2P-INVITATION-RESULT status=8 ");
        return;
    }
    handset->invited++;
    event(air, (size_t)with, "P2P-INVITATION-ACCEPTED sa=%s persistent=%d", text_of(who, text),
          owner);
    event(air, who, "P2P-INVITATION-RESULT status=0 ");
    enter(air, (size_t)owner, (size_t)owner);
    enter(air, owner == (int)who ? (size_t)with : who, (size_t)owner);
}

static void notice_loss(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    int owner = handset->owner;
    char text[18];
    if (owner == AIR_NOBODY || owner == (int)who) {
        return;
    }
    if (hears(air, who, owner) && air->handsets[owner].owner == owner) {
        return;
    }
    if (handset->lost_ms == INT64_MAX) {
        handset->lost_ms = air->now_ms + LOST_MS;
    }
    if (air->now_ms != handset->lost_ms) {
        return;
    }
    event(air, who, "CTRL-EVENT-DISCONNECTED bssid=%s reason=4", text_of((size_t)owner, text));
    event(air, (size_t)owner, "AP-STA-DISCONNECTED %s", text_of(who, text));
}

static void give_up(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    bool tries = handset->asks != AIR_NOBODY || handset->joins != AIR_NOBODY;
    if (!tries || air->now_ms < handset->tries_until_ms) {
        return;
    }
    try_nothing(handset);
    event(air, who, "P2P-GROUP-FORMATION-FAILURE ");
}

static void step(struct air *air) {
    air->now_ms += AIR_STEP_MS;
    for (size_t i = 0; i < air->count; i++) {
        struct air_handset *handset = &air->handsets[i];
        if (handset->p2p == NULL) {
            continue;
        }
        if (air->now_ms % MINUTE_MS == 0) {
            handset->commands_this_minute = 0;
        }
        find(air, i);
        ask(air, i);
        join(air, i);
        rejoin(air, i);
        invite(air, i);
        notice_loss(air, i);
        give_up(air, i);
        obey(air, i);
    }
}

void air_run(struct air *air, int64_t for_ms) {
    for (int64_t until = air->now_ms + for_ms; air->now_ms < until;) {
        step(air);
    }
}

/* --- Handsets ------------------------------------------------------------------------------- */

void air_begin(struct air *air, size_t count, uint64_t seed) {
    memset(air, 0, sizeof *air);
    air->count = count;
    air->random = seed;
    air->failing = 5;
    for (size_t i = 0; i < count; i++) {
        air->handsets[i].owner = air->handsets[i].lets_in = air->handsets[i].agrees = AIR_NOBODY;
        try_nothing(&air->handsets[i]);
        for (size_t k = 0; k < count; k++) {
            air->handsets[i].sees[k] = i != k;
        }
    }
}

void air_on(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    handset->p2p = p2p_new(air_chance(air, UINT64_MAX));
    assert(handset->p2p != NULL);
    handset->commands_this_minute = 0; /* it did not switch itself on again */
    p2p_up(handset->p2p, air->now_ms);
}

void air_off(struct air *air, size_t who) {
    struct air_handset *handset = &air->handsets[who];
    leave(air, who);
    p2p_free(handset->p2p);
    handset->p2p = NULL;
    handset->is_told_up = false;
    handset->agrees = AIR_NOBODY;
    try_nothing(handset);
    begin_bout(air, handset, false, 0);
}

void air_end(struct air *air) {
    for (size_t i = 0; i < air->count; i++) {
        p2p_free(air->handsets[i].p2p);
    }
}

void air_range(struct air *air, size_t a, size_t b, bool in_range) {
    air->handsets[a].sees[b] = air->handsets[b].sees[a] = in_range;
}

bool air_is_one(const struct air *air) {
    int owner = AIR_NOBODY;
    for (size_t i = 0; i < air->count; i++) {
        const struct air_handset *handset = &air->handsets[i];
        if (handset->p2p == NULL) {
            continue;
        }
        if (handset->owner == AIR_NOBODY || !handset->is_told_up ||
            (owner != AIR_NOBODY && handset->owner != owner)) {
            return false;
        }
        owner = handset->owner;
    }
    return owner != AIR_NOBODY;
}

int64_t air_until_one(struct air *air, int64_t at_most_ms) {
    int64_t began = air->now_ms;
    while (air->now_ms - began < at_most_ms) {
        step(air);
        if (air_is_one(air)) {
            return air->now_ms - began;
        }
    }
    return -1;
}
