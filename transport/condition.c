/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/condition.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool is_problem;
} kinds[CONDITION_KINDS] = {
    [CONDITION_NONE] = {"", false},
    [CONDITION_NO_RESOURCES] = {"no-resources", true},
    [CONDITION_NO_SUCH_PEER] = {"no-such-peer", true},
    [CONDITION_NETWORK_BACK] = {"network-back", false},
    [CONDITION_AIRPLANE_MODE] = {"airplane-mode", true},
    [CONDITION_SEEKING] = {"seeking", false},
    [CONDITION_RADIO_SILENCE] = {"radio-silence", false},
    [CONDITION_PROCESS_ENDED] = {"process-ended", true},
    [CONDITION_PROCESS_HUNG] = {"process-hung", true},
    [CONDITION_PROCESS_BACK] = {"process-back", false},
    [CONDITION_PROCESS_GONE] = {"process-gone", true},
    [CONDITION_NO_PROCESS] = {"no-process", true},
    [CONDITION_PROCESS_SENSELESS] = {"process-senseless", true},
    [CONDITION_NO_NETWORK] = {"no-network", true},
    [CONDITION_INTERFACE_DOWN] = {"interface-down", true},
    [CONDITION_NO_SUCH_INTERFACE] = {"no-such-interface", true},
    [CONDITION_UNREACHABLE] = {"unreachable", true},
    [CONDITION_FIREWALLED] = {"firewalled", true},
    [CONDITION_SENDING_FAILED] = {"sending-failed", true},
    [CONDITION_PEER_NOT_HEARD] = {"peer-not-heard", true},
    [CONDITION_NOT_IPV4_MULTICAST] = {"not-ipv4-multicast", true},
    [CONDITION_NOT_IPV6_MULTICAST] = {"not-ipv6-multicast", true},
    [CONDITION_PORT_TAKEN] = {"port-taken", true},
    [CONDITION_SOCKET_FAILED] = {"socket-failed", true},
    [CONDITION_NO_IP] = {"no-ip", true},
    [CONDITION_MULTICAST_BLOCKED] = {"multicast-blocked", true},
    [CONDITION_MULTICAST_UNHEARD] = {"multicast-unheard", true},
    [CONDITION_INTERFACES_LEFT] = {"interfaces-left-out", true},
    [CONDITION_NOBODY_HEARD] = {"nobody-heard", false},
    [CONDITION_FRAMES_LOST] = {"frames-lost", true},
    [CONDITION_VOICE_LOST] = {"voice-lost", true},
    [CONDITION_NOT_PEER_ADDRESS] = {"not-peer-address", true},
    [CONDITION_BROKER_SILENT] = {"broker-silent", true},
    [CONDITION_BROKER_BACK] = {"broker-back", false},
    [CONDITION_BROKER_ANSWERS] = {"broker-answers", false},
    [CONDITION_BROKER_SLOW] = {"broker-slow", true},
    [CONDITION_STREAM_MUTE] = {"stream-mute", true},
    [CONDITION_NO_BROKER_ANSWERS] = {"no-broker-answers", true},
    [CONDITION_BROKER_LOST] = {"broker-lost", true},
    [CONDITION_BROKER_REFUSES] = {"broker-refuses", true},
    [CONDITION_FETCHES_ALONE] = {"fetches-alone", true},
    [CONDITION_BROKER_WITHOUT_TLS] = {"broker-without-tls", true},
    [CONDITION_BROKER_CERTIFICATE] = {"broker-certificate", true},
    [CONDITION_TOPIC_FORBIDDEN] = {"topic-forbidden", true},
    [CONDITION_NO_JETSTREAM] = {"no-jetstream", true},
    [CONDITION_BROKER_FULL] = {"broker-full", true},
    [CONDITION_BROKER_READ_ONLY] = {"broker-read-only", true},
    [CONDITION_BROKER_EXCESSIVE] = {"broker-excessive", true},
    [CONDITION_NO_STREAM] = {"no-stream", true},
    [CONDITION_STREAM_DIFFERS] = {"stream-differs", true},
    [CONDITION_STREAM_NOT_MADE] = {"stream-not-made", true},
    [CONDITION_KEEPING_REFUSED] = {"keeping-refused", true},
    [CONDITION_NO_BROKER_ACCESS] = {"no-broker-access", true},
    [CONDITION_NOT_BROKER_ADDRESS] = {"not-broker-address", true},
    [CONDITION_BROKER_ADDRESSES_LONG] = {"broker-addresses-long", true},
    [CONDITION_TOO_MANY_BROKERS] = {"too-many-brokers", true},
    [CONDITION_CREDENTIALS_UNREADABLE] = {"credentials-unreadable", true},
    [CONDITION_NO_THREAD] = {"no-thread", true},
    [CONDITION_HUB] = {"hub", false},
    [CONDITION_HUB_AND_LINKED] = {"hub-and-linked", false},
    [CONDITION_LINKED_TO_HUBS] = {"linked-to-hubs", false},
    [CONDITION_FOUND_IN_SILENCE] = {"found-in-silence", true},
    [CONDITION_ADAPTER_READY] = {"adapter-ready", false},
    [CONDITION_ADAPTER_GONE] = {"adapter-gone", true},
    [CONDITION_ADAPTER_MISSING] = {"adapter-missing", true},
    [CONDITION_NO_ADAPTER] = {"no-adapter", true},
    [CONDITION_ADAPTER_NOT_CONNECTABLE] = {"adapter-not-connectable", true},
    [CONDITION_ADAPTER_NOT_DISCOVERABLE] = {"adapter-not-discoverable", true},
    [CONDITION_ADAPTER_NAME_FOREIGN] = {"adapter-name-foreign", true},
    [CONDITION_ADAPTER_CLASS_FOREIGN] = {"adapter-class-foreign", true},
    [CONDITION_ADAPTER_BLOCKED] = {"adapter-blocked", true},
    [CONDITION_ADAPTER_OFF] = {"adapter-off", true},
    [CONDITION_ADAPTER_OFF_NO_RIGHT] = {"adapter-off-no-right", true},
    [CONDITION_ADAPTER_POWER_FAILED] = {"adapter-power-failed", true},
    [CONDITION_ADAPTER_LE_ONLY] = {"adapter-le-only", true},
    [CONDITION_ADAPTER_LISTENED_ON] = {"adapter-listened-on", true},
    [CONDITION_ADAPTER_FAILED] = {"adapter-failed", true},
    [CONDITION_NO_BLUETOOTH] = {"no-bluetooth", true},
    [CONDITION_BLUETOOTH_FORBIDDEN] = {"bluetooth-forbidden", true},
    [CONDITION_BLUETOOTH_FAILED] = {"bluetooth-failed", true},
    [CONDITION_NOT_ADAPTERS] = {"not-adapters", true},
    [CONDITION_NO_PEER_LINK] = {"no-peer-link", true},
    [CONDITION_PEER_LINK_ENDED] = {"peer-link-ended", true},
    [CONDITION_FRAME_NOT_CARRIED] = {"frame-not-carried", true},
    [CONDITION_IN_GROUP] = {"in-group", false},
    [CONDITION_GROUP_OWNER] = {"group-owner", false},
    [CONDITION_FORMING_GROUP] = {"forming-group", false},
    [CONDITION_GROUP_ENDED] = {"group-ended", false},
    [CONDITION_PEER_GROUP_ENDED] = {"peer-group-ended", true},
    [CONDITION_RADIO_BACK] = {"radio-back", false},
    [CONDITION_NO_SUPPLICANT] = {"no-supplicant", true},
    [CONDITION_SUPPLICANT_FORBIDDEN] = {"supplicant-forbidden", true},
    [CONDITION_SUPPLICANT_MUTE] = {"supplicant-mute", true},
    [CONDITION_NO_SUCH_RADIO] = {"no-such-radio", true},
    [CONDITION_RADIO_NOT_SERVED] = {"radio-not-served", true},
    [CONDITION_NO_P2P_DEVICE] = {"no-p2p-device", true},
    [CONDITION_RADIO_BLOCKED] = {"radio-blocked", true},
    [CONDITION_RADIO_SWITCHED_OFF] = {"radio-switched-off", true},
    [CONDITION_RADIO_NOT_SEEKING] = {"radio-not-seeking", true},
    [CONDITION_NOT_INTERFACE_NAME] = {"not-interface-name", true},
    [CONDITION_NOT_SUPPLICANT_FOLDER] = {"not-supplicant-folder", true},
};

const char *transport_condition_name(enum transport_condition_kind kind) {
    return kinds[kind].name;
}

bool transport_condition_is_problem(enum transport_condition_kind kind) {
    return kinds[kind].is_problem;
}

struct transport_condition transport_condition_of(enum transport_condition_kind kind,
                                                  const char *object) {
    struct transport_condition condition = {.kind = kind};
    if (object != NULL) {
        snprintf(condition.object, sizeof condition.object, "%s", object);
    }
    return condition;
}

struct transport_condition transport_condition_error(enum transport_condition_kind kind,
                                                     const char *object, int error) {
    struct transport_condition condition = transport_condition_of(kind, object);
    condition.error = error;
    return condition;
}

struct transport_condition transport_condition_number(enum transport_condition_kind kind,
                                                      const char *object, int64_t number) {
    struct transport_condition condition = transport_condition_of(kind, object);
    condition.number = number;
    return condition;
}

struct transport_condition transport_condition_detail(enum transport_condition_kind kind,
                                                      const char *object, const char *detail) {
    struct transport_condition condition = transport_condition_of(kind, object);
    snprintf(condition.detail, sizeof condition.detail, "%s", detail);
    for (char *c = condition.detail; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') {
            *c = '?';
        }
    }
    return condition;
}

bool transport_condition_equal(const struct transport_condition *a,
                               const struct transport_condition *b) {
    return a->kind == b->kind && a->link == b->link && a->error == b->error &&
           a->number == b->number && a->more == b->more && strcmp(a->object, b->object) == 0 &&
           strcmp(a->detail, b->detail) == 0;
}
