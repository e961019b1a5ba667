/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "transport/udp_state.h"

enum {
    NOBODY_HEARD_MS = 30 * 1000 /* after which it may be the network's doing */
};

/* Multicast that does not get through, either way, on the first interface where that is so. */
static struct transport_condition multicast_state(const struct udp *udp, int64_t now_ms) {
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        const struct interface *interface = &udp->interfaces.list[i];
        struct reach_report report = reach_on(udp->reach, interface->index, now_ms);
        struct transport_condition condition = transport_condition_number(
            report.deaf > 0 ? CONDITION_MULTICAST_BLOCKED : CONDITION_MULTICAST_UNHEARD,
            interface->name, report.deaf > 0 ? report.deaf : report.unheard);
        if (report.deaf > 0 || report.unheard > 0) {
            condition.more = report.beyond;
            return condition;
        }
    }
    return transport_condition_of(CONDITION_NONE, NULL);
}

/* More came than was taken. A lane's sockets were all granted the same room. */
static struct transport_condition losses(const struct udp *udp, int64_t now_ms) {
    int family = udp->sockets[IPV4][LANE_REST].group >= 0 ? IPV4 : IPV6;
    int64_t voice = udp_lost_lately(udp, LANE_VOICE, now_ms);
    int64_t rest = udp_lost_lately(udp, LANE_REST, now_ms);
    enum transport_condition_kind kind = voice > 0  ? CONDITION_VOICE_LOST
                                         : rest > 0 ? CONDITION_FRAMES_LOST
                                                    : CONDITION_NONE;
    struct transport_condition condition =
        transport_condition_number(kind, udp->interfaces.list[0].name, voice > 0 ? voice : rest);
    enum transport_lane lane = voice > 0 ? LANE_VOICE : LANE_REST;
    condition.more = datagram_room(udp->sockets[family][lane].group) / 1024;
    return condition;
}

static void add_name(struct transport_condition *condition, const char *name) {
    size_t length = strlen(condition->object);
    snprintf(condition->object + length, sizeof condition->object - length, "%s%s",
             length > 0 ? ", " : "", name);
}

/* The interfaces that are not in use: there are too many, or the groups can be joined on no more.
 */
static struct transport_condition left_out(const struct udp *udp) {
    struct transport_condition condition = transport_condition_of(CONDITION_INTERFACES_LEFT, NULL);
    int64_t named = 0;
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        condition.number += udp->is_unjoined[i];
        if (udp->is_unjoined[i] && named < INTERFACES_NAMED) {
            add_name(&condition, udp->interfaces.list[i].name);
            named++;
        }
    }
    for (size_t i = 0; i < udp->interfaces.left_out; i++) {
        condition.number++;
        if (i < INTERFACES_NAMED && named < INTERFACES_NAMED) {
            add_name(&condition, udp->interfaces.left_out_names[i]);
            named++;
        }
    }
    condition.more = condition.number - named;
    return condition.number > 0 ? condition : transport_condition_of(CONDITION_NONE, NULL);
}

/* What is to be said of a network that is there. */
static void describe(const struct udp *udp, int64_t now_ms, struct transport_radio *out) {
    struct transport_condition left = left_out(udp), lost = losses(udp, now_ms);
    out->condition = multicast_state(udp, now_ms);
    if (lost.kind != CONDITION_NONE) {
        left = lost; /* which interfaces are not in use, is still so afterwards */
    }
    if (out->condition.kind == CONDITION_NONE && out->peers == 0 &&
        now_ms - udp->opened_ms >= NOBODY_HEARD_MS && udp->mode == TRANSPORT_SEEKS) {
        out->condition =
            transport_condition_of(CONDITION_NOBODY_HEARD, udp->interfaces.list[0].name);
    }
    *(out->condition.kind == CONDITION_NONE ? &out->condition : &out->also) = left;
}

/* One for all interfaces: a handset that is heard on two of them counts once. */
size_t udp_radios(const struct transport *transport, struct transport_radio out[], size_t room) {
    const struct udp *udp = (const struct udp *)transport;
    if (room == 0) {
        return 0;
    }
    *out = (struct transport_radio){.link = 1,
                                    .state = RADIO_ON,
                                    .peers = peers_lately(udp->peers, udp_now_ms()),
                                    .quality = TRANSPORT_QUALITY_UNKNOWN};
    for (size_t i = 0, length = 0; i < udp->interfaces.count && length < sizeof out->name; i++) {
        length += (size_t)snprintf(out->name + length, sizeof out->name - length, "%s%s",
                                   i > 0 ? "," : "", udp->interfaces.list[i].name);
    }
    if (udp->interfaces.count > 0) {
        describe(udp, udp_now_ms(), out);
        return 1;
    }
    out->state = RADIO_UNUSABLE;
    out->condition = udp_absence(udp);
    return 1;
}
