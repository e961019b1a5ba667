/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens on a link: data, and questions about it and the other side. */
#include <string.h>

#include "tests/lab/controller.h"

enum {
    ACL_HEADER_SIZE = 4,
    ACL_FIRST_NO_FLUSH = 0, /* packet boundary flags: host to controller only, */
    ACL_CONTINUES = 1,
    ACL_FIRST = 2, /* both ways */
    OCTET_US = 4,  /* 2 Mb/s */
    PACKET_US = 2 * HCI_SLOT_US,
    LATENCY_MIN_US = 1000,
    LATENCY_MAX_US = 4000,
    QUERY_MIN_US = 3000, /* a question and its answer */
    QUERY_MAX_US = 10 * 1000,
};

/* --- Data ----------------------------------------------------------------------------------------
 */

static void tell_completed(struct acl_end end) {
    struct event event = event_new(EVENT_COMPLETED_PACKETS);
    event_put8(&event, 1);
    event_put16(&event, acl_link_handle(end));
    event_put16(&event, 1);
    event_tell(acl_link_controller(end), &event);
}

static void acl_arrives(struct lab_air *air, struct happening *happening) {
    struct acl_end other = acl_link_other(happening->end);
    happening->end.link->sides[happening->end.side].acl_held--;
    tell_completed(happening->end);
    air->to_host(air->context, acl_link_controller(other)->number, happening->octets,
                 happening->length);
}

/* Sent, but nobody gets it. */
static void acl_is_lost(struct lab_air *air, struct happening *happening) {
    (void)air;
    happening->end.link->sides[happening->end.side].acl_held--;
    tell_completed(happening->end);
}

/* A whole L2CAP packet is lost, or all of it arrives: as when it was flushed. */
static bool loses(struct acl_end end, unsigned boundary) {
    struct controller *controller = acl_link_controller(end);
    bool *is_losing = &end.link->sides[end.side].is_losing;
    if (boundary != ACL_CONTINUES) {
        *is_losing = lab_air_random(controller->air, 0, 100) < controller->loss_percent;
    }
    return *is_losing;
}

static unsigned count_held(const struct controller *controller) {
    unsigned count = 0;
    for (unsigned i = 0; i < 2 * ACL_LINKS_MAX; i++) {
        const struct acl_link *link = &controller->air->links[i / 2];
        if (link->state == ACL_UP && link->sides[i % 2].is_open &&
            link->sides[i % 2].controller == controller) {
            count += link->sides[i % 2].acl_held;
        }
    }
    return count;
}

/* The piconet sends one packet after another, whoever is in it. */
static int64_t sending_us(struct acl_end end, size_t length) {
    struct controller *central = end.link->sides[end.link->central].controller;
    struct lab_air *air = central->air;
    if (central->piconet_busy_us < air->now_us) {
        central->piconet_busy_us = air->now_us;
    }
    central->piconet_busy_us += PACKET_US + (int64_t)length * OCTET_US;
    return central->piconet_busy_us - air->now_us +
           lab_air_random(air, LATENCY_MIN_US, LATENCY_MAX_US);
}

void controller_acl(struct controller *controller, const uint8_t *octets, size_t length) {
    if (length < ACL_HEADER_SIZE) {
        return;
    }
    const size_t data_length = get16(octets + 2);
    const unsigned boundary = octets[1] >> 4 & 3;
    struct acl_end end = acl_link_by_handle(controller, get16(octets));
    if (end.link == NULL || data_length > length - ACL_HEADER_SIZE || data_length > ACL_SIZE ||
        count_held(controller) >= ACL_BUFFERS) {
        return;
    }
    uint8_t packet[1 + ACL_HEADER_SIZE + ACL_SIZE] = {HCI_ACL_DATA};
    const unsigned handle = acl_link_handle(acl_link_other(end));
    packet[1] = (uint8_t)handle;
    packet[2] = (uint8_t)(handle >> 8 |
                          (boundary == ACL_FIRST_NO_FLUSH ? (unsigned)ACL_FIRST : boundary) << 4);
    memcpy(packet + 3, octets + 2, 2 + data_length);
    if (lab_air_send(controller->air, end, sending_us(end, data_length),
                     loses(end, boundary) ? acl_is_lost : acl_arrives, packet,
                     1 + ACL_HEADER_SIZE + data_length) != NULL) {
        end.link->sides[end.side].acl_held++;
    }
}

/* --- Questions to the other side -----------------------------------------------------------------
 */

static struct event answer_to(enum hci_event code, struct acl_end end) {
    struct event event = event_new(code);
    event_put8(&event, HCI_OK);
    event_put16(&event, acl_link_handle(end));
    return event;
}

static void version_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct event event = answer_to(EVENT_REMOTE_VERSION_COMPLETE, happening->end);
    event_put8(&event, VERSION_5_0);
    event_put16(&event, COMPANY_INTERNAL);
    event_put16(&event, 0);
    event_tell(acl_link_controller(happening->end), &event);
}

static void clock_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct event event = answer_to(EVENT_CLOCK_OFFSET_COMPLETE, happening->end);
    event_put16(&event, 0x1000);
    event_tell(acl_link_controller(happening->end), &event);
}

static void features_arrive(struct lab_air *air, struct happening *happening) {
    (void)air;
    uint8_t features[HCI_FEATURES_SIZE];
    controller_features(acl_link_controller(acl_link_other(happening->end)), 0, features);
    struct event event = answer_to(EVENT_REMOTE_FEATURES_COMPLETE, happening->end);
    event_put(&event, features, sizeof features);
    event_tell(acl_link_controller(happening->end), &event);
}

static void extended_features_arrive(struct lab_air *air, struct happening *happening) {
    (void)air;
    uint8_t features[HCI_FEATURES_SIZE];
    const uint8_t page = happening->octets[0];
    controller_features(acl_link_controller(acl_link_other(happening->end)), page, features);
    struct event event = answer_to(EVENT_REMOTE_EXTENDED_FEATURES_COMPLETE, happening->end);
    event_put8(&event, page);
    event_put8(&event, EXTENDED_PAGES);
    event_put(&event, features, sizeof features);
    event_tell(acl_link_controller(happening->end), &event);
}

void controller_query(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link == NULL) {
        return;
    }
    happening_fn *arrives = command->opcode == HCI_REMOTE_VERSION    ? version_arrives
                            : command->opcode == HCI_CLOCK_OFFSET    ? clock_arrives
                            : command->opcode == HCI_REMOTE_FEATURES ? features_arrive
                                                                     : extended_features_arrive;
    lab_air_send(controller->air, end, lab_air_random(controller->air, QUERY_MIN_US, QUERY_MAX_US),
                 arrives, command->octets + 2, command->length - 2);
}

static void packet_type_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct event event = answer_to(EVENT_PACKET_TYPE_CHANGED, happening->end);
    event_put(&event, happening->octets, 2);
    event_tell(acl_link_controller(happening->end), &event);
}

void controller_packet_type(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link != NULL) {
        lab_air_send(controller->air, end, QUERY_MIN_US, packet_type_arrives, command->octets + 2,
                     2);
    }
}

static void qos_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct event event = answer_to(EVENT_QOS_SETUP_COMPLETE, happening->end);
    event_put(&event, happening->octets, happening->length);
    event_tell(acl_link_controller(happening->end), &event);
}

void controller_qos(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link != NULL) {
        lab_air_send(controller->air, end, QUERY_MIN_US, qos_arrives, command->octets + 2, 18);
    }
}

/* --- Questions to the controller itself ----------------------------------------------------------
 */

/* Command Complete with status and handle. */
static struct event answer_of(const struct command *command, struct acl_end end) {
    struct event event = answer_new(command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    event_put16(&event, get16(command->octets));
    return event;
}

void controller_role_discovery(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    struct event event = answer_of(command, end);
    event_put8(&event, end.link != NULL && end.link->central != end.side);
    event_tell(controller, &event);
}

void controller_link_policy(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    struct event event = answer_of(command, end);
    if (command->opcode == HCI_READ_LINK_POLICY) {
        event_put16(&event, end.link != NULL ? end.link->sides[end.side].policy : 0);
    } else if (end.link != NULL) {
        end.link->sides[end.side].policy = get16(command->octets + 2);
    }
    event_tell(controller, &event);
}

void controller_supervision(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    struct event event = answer_of(command, end);
    if (command->opcode == HCI_READ_SUPERVISION_TIMEOUT) {
        event_put16(&event, end.link != NULL ? end.link->supervision_slots : 0);
    }
    event_tell(controller, &event);
    if (command->opcode == HCI_WRITE_SUPERVISION_TIMEOUT && end.link != NULL) {
        end.link->supervision_slots = get16(command->octets + 2);
        acl_link_check(controller->air, end.link);
    }
}

void controller_transmit_power(struct controller *controller, const struct command *command) {
    struct event event = answer_of(command, acl_link_by_handle(controller, get16(command->octets)));
    event_put8(&event, 0);
    event_tell(controller, &event);
}

/* How far the signal is out of the range that receivers like best. */
static int beside_golden_range(int dbm) {
    enum {
        GOLDEN_LOW = -60,
        GOLDEN_HIGH = -40
    };
    return dbm < GOLDEN_LOW ? dbm - GOLDEN_LOW : dbm > GOLDEN_HIGH ? dbm - GOLDEN_HIGH : 0;
}

void controller_rssi(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    struct event event = answer_of(command, end);
    int rssi = end.link == NULL
                   ? 0
                   : beside_golden_range(lab_air_signal(controller->air, controller,
                                                        acl_link_controller(acl_link_other(end))));
    event_put8(&event, (unsigned)rssi & 0xff);
    event_tell(controller, &event);
}
