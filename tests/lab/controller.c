/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a controller says of itself, its settings, and which command goes where. */
#include "tests/lab/controller.h"

#include <string.h>

/* --- Packets -------------------------------------------------------------------------------------
 */

uint16_t get16(const uint8_t *octets) {
    return (uint16_t)(octets[0] | octets[1] << 8);
}

struct event event_new(enum hci_event code) {
    return (struct event){.length = 3, .octets = {HCI_EVENT, (uint8_t)code}};
}

void event_put(struct event *event, const void *octets, size_t length) {
    if (length > sizeof event->octets - event->length) {
        return;
    }
    memcpy(event->octets + event->length, octets, length);
    event->length += length;
}

void event_put8(struct event *event, unsigned value) {
    event_put(event, &(uint8_t){(uint8_t)value}, 1);
}

void event_put16(struct event *event, unsigned value) {
    event_put8(event, value);
    event_put8(event, value >> 8);
}

static bool is_wanted(struct controller *controller, uint8_t code) {
    if (code == EVENT_COMMAND_COMPLETE || code == EVENT_COMMAND_STATUS ||
        code == EVENT_COMPLETED_PACKETS) {
        return true;
    }
    const uint8_t *mask = controller_setting(controller, SETTING_EVENT_MASK);
    return (mask[(code - 1) / 8] >> (code - 1) % 8 & 1) != 0;
}

void event_tell(struct controller *controller, struct event *event) {
    event->octets[2] = (uint8_t)(event->length - 3);
    if (controller->is_plugged && is_wanted(controller, event->octets[1])) {
        controller->air->to_host(controller->air->context, controller->number, event->octets,
                                 event->length);
    }
}

struct event answer_new(const struct command *command, enum hci_error status) {
    struct event event = event_new(EVENT_COMMAND_COMPLETE);
    event_put8(&event, 1);
    event_put16(&event, command->opcode);
    event_put8(&event, status);
    return event;
}

void answer_status(struct controller *controller, const struct command *command,
                   enum hci_error status) {
    struct event event = event_new(EVENT_COMMAND_STATUS);
    event_put8(&event, status);
    event_put8(&event, 1);
    event_put16(&event, command->opcode);
    event_tell(controller, &event);
}

/* --- Settings: what the host writes and reads back -----------------------------------------------
 */

static const struct {
    uint16_t read, write; /* opcodes; 0: there is none */
    uint8_t size;
    uint8_t initial[8];
} SETTINGS[] = {
    [SETTING_NAME] = {HCI_READ_LOCAL_NAME, HCI_WRITE_LOCAL_NAME, HCI_NAME_SIZE, {0}},
    [SETTING_ACCEPT_TIMEOUT] = {HCI_READ_ACCEPT_TIMEOUT, HCI_WRITE_ACCEPT_TIMEOUT, 2, {0xa0, 0x1f}},
    [SETTING_PAGE_TIMEOUT] = {HCI_READ_PAGE_TIMEOUT, HCI_WRITE_PAGE_TIMEOUT, 2, {0x00, 0x20}},
    [SETTING_SCAN_ENABLE] = {HCI_READ_SCAN_ENABLE, HCI_WRITE_SCAN_ENABLE, 1, {0}},
    [SETTING_PAGE_SCAN_ACTIVITY] = {HCI_READ_PAGE_SCAN_ACTIVITY,
                                    HCI_WRITE_PAGE_SCAN_ACTIVITY,
                                    4,
                                    {0x00, 0x08, 0x12, 0x00}},
    [SETTING_INQUIRY_SCAN_ACTIVITY] = {HCI_READ_INQUIRY_SCAN_ACTIVITY,
                                       HCI_WRITE_INQUIRY_SCAN_ACTIVITY,
                                       4,
                                       {0x00, 0x10, 0x12, 0x00}},
    [SETTING_AUTHENTICATION_ENABLE] = {HCI_READ_AUTHENTICATION_ENABLE,
                                       HCI_WRITE_AUTHENTICATION_ENABLE,
                                       1,
                                       {0}},
    [SETTING_CLASS] = {HCI_READ_CLASS, HCI_WRITE_CLASS, 3, {0}},
    [SETTING_VOICE] = {HCI_READ_VOICE_SETTING, HCI_WRITE_VOICE_SETTING, 2, {0x60, 0x00}},
    [SETTING_INQUIRY_SCAN_TYPE] = {HCI_READ_INQUIRY_SCAN_TYPE, HCI_WRITE_INQUIRY_SCAN_TYPE, 1, {0}},
    [SETTING_INQUIRY_MODE] = {HCI_READ_INQUIRY_MODE, HCI_WRITE_INQUIRY_MODE, 1, {0}},
    [SETTING_PAGE_SCAN_TYPE] = {HCI_READ_PAGE_SCAN_TYPE, HCI_WRITE_PAGE_SCAN_TYPE, 1, {0}},
    [SETTING_EIR] = {HCI_READ_EXTENDED_INQUIRY_RESPONSE,
                     HCI_WRITE_EXTENDED_INQUIRY_RESPONSE,
                     1 + HCI_EIR_SIZE,
                     {0}},
    [SETTING_SIMPLE_PAIRING] = {HCI_READ_SIMPLE_PAIRING, HCI_WRITE_SIMPLE_PAIRING, 1, {0}},
    [SETTING_LINK_POLICY] = {HCI_READ_DEFAULT_LINK_POLICY, HCI_WRITE_DEFAULT_LINK_POLICY, 2, {0}},
    [SETTING_EVENT_MASK] = {0,
                            HCI_SET_EVENT_MASK,
                            8,
                            {0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x00, 0x00}},
};

enum {
    SETTING_COUNT = sizeof SETTINGS / sizeof SETTINGS[0]
};

uint8_t *controller_setting(struct controller *controller, enum setting setting) {
    size_t offset = 0;
    for (unsigned i = 0; i < setting; i++) {
        offset += SETTINGS[i].size;
    }
    return controller->settings + offset;
}

static void read_setting(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (SETTINGS[i].read == command->opcode) {
            event_put(&event, controller_setting(controller, i), SETTINGS[i].size);
        }
    }
    event_tell(controller, &event);
}

static void write_setting(struct controller *controller, const struct command *command) {
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (SETTINGS[i].write == command->opcode) {
            memcpy(controller_setting(controller, i), command->octets, SETTINGS[i].size);
        }
    }
    struct event event = answer_new(command, HCI_OK);
    event_tell(controller, &event);
}

void controller_reset(struct controller *controller) {
    lab_air_forget(controller->air, controller, NULL);
    acl_link_end_all(controller);
    controller->is_inquiring = false;
    controller->iac_count = 1;
    memcpy(controller->iac[0], (uint8_t[]){0x33, 0x8b, 0x9e}, HCI_LAP_SIZE);
    memset(controller->settings, 0, sizeof controller->settings);
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        memcpy(controller_setting(controller, i), SETTINGS[i].initial,
               SETTINGS[i].size < 8 ? SETTINGS[i].size : 8);
    }
}

static void reset(struct controller *controller, const struct command *command) {
    controller_reset(controller);
    struct event event = answer_new(command, HCI_OK);
    event_tell(controller, &event);
}

/* What need not be carried out to be right. */
static void agree(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_tell(controller, &event);
}

static void read_iac_count(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_put8(&event, IAC_MAX);
    event_tell(controller, &event);
}

static void read_iac(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_put8(&event, controller->iac_count);
    event_put(&event, controller->iac, (size_t)controller->iac_count * HCI_LAP_SIZE);
    event_tell(controller, &event);
}

static void write_iac(struct controller *controller, const struct command *command) {
    unsigned count = command->octets[0];
    bool is_right = count >= 1 && command->length >= 1 + count * HCI_LAP_SIZE;
    if (is_right) {
        controller->iac_count = (uint8_t)(count < IAC_MAX ? count : IAC_MAX);
        memcpy(controller->iac, command->octets + 1, (size_t)controller->iac_count * HCI_LAP_SIZE);
    }
    struct event event = answer_new(command, is_right ? HCI_OK : ERROR_INVALID_PARAMETERS);
    event_tell(controller, &event);
}

/* --- What it is ----------------------------------------------------------------------------------
 */

void controller_features(struct controller *controller, unsigned page,
                         uint8_t features[HCI_FEATURES_SIZE]) {
    /* 3 and 5 slots, encryption, slot offset, role switch; 2 and 3 Mb/s, enhanced and interlaced
     * scans, RSSI; extended inquiry response, simple pairing, packet boundary; extended features */
    static const uint8_t CONTROLLER[] = {0x2f, 0x00, 0x00, 0x7e, 0x80, 0x05, 0x49, 0x80};
    enum {
        SIMPLE_PAIRING = 0x08 /* of octet 6 */
    };
    memset(features, 0, HCI_FEATURES_SIZE);
    if (page == 0) {
        memcpy(features, CONTROLLER, HCI_FEATURES_SIZE);
    }
    if (page == 0 && !controller->has_ssp) {
        features[6] &= (uint8_t)~SIMPLE_PAIRING;
    }
    if (page == 1 && controller->has_ssp) {
        features[0] = *controller_setting(controller, SETTING_SIMPLE_PAIRING) & 1;
    }
}

static void read_version(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_put8(&event, VERSION_5_0);
    event_put16(&event, 0);
    event_put8(&event, VERSION_5_0);
    event_put16(&event, COMPANY_INTERNAL);
    event_put16(&event, 0);
    event_tell(controller, &event);
}

static void read_features(struct controller *controller, const struct command *command) {
    uint8_t features[HCI_FEATURES_SIZE];
    controller_features(controller, 0, features);
    struct event event = answer_new(command, HCI_OK);
    event_put(&event, features, sizeof features);
    event_tell(controller, &event);
}

static void read_extended_features(struct controller *controller, const struct command *command) {
    uint8_t features[HCI_FEATURES_SIZE];
    unsigned page = command->octets[0];
    controller_features(controller, page, features);
    struct event event =
        answer_new(command, page <= EXTENDED_PAGES ? HCI_OK : ERROR_INVALID_PARAMETERS);
    event_put8(&event, page);
    event_put8(&event, EXTENDED_PAGES);
    event_put(&event, features, sizeof features);
    event_tell(controller, &event);
}

static void read_buffer_size(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_put16(&event, ACL_SIZE);
    event_put8(&event, 0);
    event_put16(&event, ACL_BUFFERS);
    event_put16(&event, 0);
    event_tell(controller, &event);
}

static void read_address(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, HCI_OK);
    event_put(&event, controller->address, HCI_ADDRESS_SIZE);
    event_tell(controller, &event);
}

static void sniff(struct controller *controller, const struct command *command) {
    answer_status(controller, command, ERROR_UNSUPPORTED);
}

/* --- Which command goes where --------------------------------------------------------------------
 */

static void read_commands(struct controller *controller, const struct command *command);

/* Where a command stands in the bitmap of supported commands (Part E 6.27), and how long its
 * parameters are. */
static const struct {
    uint16_t opcode;
    uint8_t octet, bit;
    uint8_t length;
    bool needs_ssp;
    void (*carry_out)(struct controller *controller, const struct command *command);
} COMMANDS[] = {
    {HCI_INQUIRY, 0, 0, 5, false, controller_inquiry},
    {HCI_INQUIRY_CANCEL, 0, 1, 0, false, controller_inquiry_cancel},
    {HCI_CREATE_CONNECTION, 0, 4, 13, false, controller_create_connection},
    {HCI_DISCONNECT, 0, 5, 3, false, controller_disconnect},
    {HCI_CREATE_CONNECTION_CANCEL, 0, 7, 6, false, controller_create_cancel},
    {HCI_ACCEPT_CONNECTION, 1, 0, 7, false, controller_accept},
    {HCI_REJECT_CONNECTION, 1, 1, 7, false, controller_reject},
    {HCI_LINK_KEY_REPLY, 1, 2, 22, false, controller_pairing_reply},
    {HCI_LINK_KEY_NEGATIVE, 1, 3, 6, false, controller_pairing_reply},
    {HCI_PIN_CODE_REPLY, 1, 4, 23, false, controller_pairing_reply},
    {HCI_PIN_CODE_NEGATIVE, 1, 5, 6, false, controller_pairing_reply},
    {HCI_CHANGE_PACKET_TYPE, 1, 6, 4, false, controller_packet_type},
    {HCI_AUTHENTICATION_REQUESTED, 1, 7, 2, false, controller_authenticate},
    {HCI_SET_ENCRYPTION, 2, 0, 3, false, controller_encrypt},
    {HCI_REMOTE_NAME, 2, 3, 10, false, controller_remote_name},
    {HCI_REMOTE_NAME_CANCEL, 2, 4, 6, false, controller_remote_name_cancel},
    {HCI_REMOTE_FEATURES, 2, 5, 2, false, controller_query},
    {HCI_REMOTE_EXTENDED_FEATURES, 2, 6, 3, false, controller_query},
    {HCI_REMOTE_VERSION, 2, 7, 2, false, controller_query},
    {HCI_CLOCK_OFFSET, 3, 0, 2, false, controller_query},
    {HCI_IO_CAPABILITY_REPLY, 18, 7, 9, true, controller_pairing_reply},
    {HCI_USER_CONFIRMATION_REPLY, 19, 0, 6, true, controller_pairing_reply},
    {HCI_USER_CONFIRMATION_NEGATIVE, 19, 1, 6, true, controller_pairing_reply},
    {HCI_IO_CAPABILITY_NEGATIVE, 20, 3, 7, true, controller_pairing_reply},

    {HCI_SNIFF_MODE, 4, 2, 10, false, sniff},
    {HCI_QOS_SETUP, 4, 6, 20, false, controller_qos},
    {HCI_ROLE_DISCOVERY, 4, 7, 2, false, controller_role_discovery},
    {HCI_SWITCH_ROLE, 5, 0, 7, false, controller_switch_role},
    {HCI_READ_LINK_POLICY, 5, 1, 2, false, controller_link_policy},
    {HCI_WRITE_LINK_POLICY, 5, 2, 4, false, controller_link_policy},
    {HCI_READ_DEFAULT_LINK_POLICY, 5, 3, 0, false, read_setting},
    {HCI_WRITE_DEFAULT_LINK_POLICY, 5, 4, 2, false, write_setting},

    {HCI_SET_EVENT_MASK, 5, 6, 8, false, write_setting},
    {HCI_RESET, 5, 7, 0, false, reset},
    {HCI_SET_EVENT_FILTER, 6, 0, 1, false, agree},
    {HCI_WRITE_LOCAL_NAME, 7, 0, HCI_NAME_SIZE, false, write_setting},
    {HCI_READ_LOCAL_NAME, 7, 1, 0, false, read_setting},
    {HCI_READ_ACCEPT_TIMEOUT, 7, 2, 0, false, read_setting},
    {HCI_WRITE_ACCEPT_TIMEOUT, 7, 3, 2, false, write_setting},
    {HCI_READ_PAGE_TIMEOUT, 7, 4, 0, false, read_setting},
    {HCI_WRITE_PAGE_TIMEOUT, 7, 5, 2, false, write_setting},
    {HCI_READ_SCAN_ENABLE, 7, 6, 0, false, read_setting},
    {HCI_WRITE_SCAN_ENABLE, 7, 7, 1, false, write_setting},
    {HCI_READ_PAGE_SCAN_ACTIVITY, 8, 0, 0, false, read_setting},
    {HCI_WRITE_PAGE_SCAN_ACTIVITY, 8, 1, 4, false, write_setting},
    {HCI_READ_INQUIRY_SCAN_ACTIVITY, 8, 2, 0, false, read_setting},
    {HCI_WRITE_INQUIRY_SCAN_ACTIVITY, 8, 3, 4, false, write_setting},
    {HCI_READ_AUTHENTICATION_ENABLE, 8, 4, 0, false, read_setting},
    {HCI_WRITE_AUTHENTICATION_ENABLE, 8, 5, 1, false, write_setting},
    {HCI_READ_CLASS, 9, 0, 0, false, read_setting},
    {HCI_WRITE_CLASS, 9, 1, 3, false, write_setting},
    {HCI_READ_VOICE_SETTING, 9, 2, 0, false, read_setting},
    {HCI_WRITE_VOICE_SETTING, 9, 3, 2, false, write_setting},
    {HCI_READ_TRANSMIT_POWER, 10, 2, 3, false, controller_transmit_power},
    {HCI_READ_SUPERVISION_TIMEOUT, 11, 0, 2, false, controller_supervision},
    {HCI_WRITE_SUPERVISION_TIMEOUT, 11, 1, 4, false, controller_supervision},
    {HCI_READ_IAC_COUNT, 11, 2, 0, false, read_iac_count},
    {HCI_READ_IAC, 11, 3, 0, false, read_iac},
    {HCI_WRITE_IAC, 11, 4, 4, false, write_iac},
    {HCI_READ_INQUIRY_SCAN_TYPE, 12, 4, 0, false, read_setting},
    {HCI_WRITE_INQUIRY_SCAN_TYPE, 12, 5, 1, false, write_setting},
    {HCI_READ_INQUIRY_MODE, 12, 6, 0, false, read_setting},
    {HCI_WRITE_INQUIRY_MODE, 12, 7, 1, false, write_setting},
    {HCI_READ_PAGE_SCAN_TYPE, 13, 0, 0, false, read_setting},
    {HCI_WRITE_PAGE_SCAN_TYPE, 13, 1, 1, false, write_setting},
    {HCI_READ_EXTENDED_INQUIRY_RESPONSE, 17, 0, 0, false, read_setting},
    {HCI_WRITE_EXTENDED_INQUIRY_RESPONSE, 17, 1, 1 + HCI_EIR_SIZE, false, write_setting},
    {HCI_READ_SIMPLE_PAIRING, 17, 5, 0, true, read_setting},
    {HCI_WRITE_SIMPLE_PAIRING, 17, 6, 1, true, write_setting},

    {HCI_READ_LOCAL_VERSION, 14, 3, 0, false, read_version},
    {HCI_READ_LOCAL_COMMANDS, 14, 4, 0, false, read_commands},
    {HCI_READ_LOCAL_FEATURES, 14, 5, 0, false, read_features},
    {HCI_READ_LOCAL_EXTENDED_FEATURES, 14, 6, 1, false, read_extended_features},
    {HCI_READ_BUFFER_SIZE, 14, 7, 0, false, read_buffer_size},
    {HCI_READ_ADDRESS, 15, 1, 0, false, read_address},
    {HCI_READ_RSSI, 15, 5, 2, false, controller_rssi},
    {HCI_READ_ENCRYPTION_KEY_SIZE, 20, 4, 2, false, controller_key_size},
};

enum {
    COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0]
};

static void read_commands(struct controller *controller, const struct command *command) {
    uint8_t supported[HCI_COMMANDS_SIZE] = {0};
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (!COMMANDS[i].needs_ssp || controller->has_ssp) {
            supported[COMMANDS[i].octet] |= (uint8_t)(1U << COMMANDS[i].bit);
        }
    }
    struct event event = answer_new(command, HCI_OK);
    event_put(&event, supported, sizeof supported);
    event_tell(controller, &event);
}

void controller_command(struct controller *controller, const uint8_t *octets, size_t length) {
    if (length < 3 || octets[2] > length - 3) {
        return;
    }
    struct command command = {get16(octets), octets + 3, octets[2]};
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].opcode != command.opcode ||
            (COMMANDS[i].needs_ssp && !controller->has_ssp)) {
            continue;
        }
        if (command.length < COMMANDS[i].length) {
            answer_status(controller, &command, ERROR_INVALID_PARAMETERS);
        } else {
            COMMANDS[i].carry_out(controller, &command);
        }
        return;
    }
    answer_status(controller, &command, ERROR_UNKNOWN_COMMAND);
}
