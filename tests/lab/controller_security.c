/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Authentication with a link key, Secure Simple Pairing by consent, pairing with a PIN, and
 * encryption. Keys are random numbers and nothing is encrypted in truth: hosts cannot tell.
 */
#include <string.h>

#include "tests/lab/controller.h"

enum {
    STEP_MIN_US = 4000, /* from one controller to the other, with what that has to compute */
    STEP_MAX_US = 20 * 1000,
    RESPONSE_TIMEOUT_US = 30 * 1000000, /* a host that does not answer ends the link */
    NO_INPUT_NO_OUTPUT = 3,
    KEY_COMBINATION = 0,
    KEY_UNAUTHENTICATED = 4,
    KEY_AUTHENTICATED = 5,
    NUMBERS = 1000000, /* six digits to compare */
};

static struct acl_end side_of(struct acl_link *link, unsigned side) {
    return (struct acl_end){link, side};
}

/* --- What hosts are asked and told ---------------------------------------------------------------
 */

static struct event about(enum hci_event code, struct acl_end end) {
    struct event event = event_new(code);
    event_put(&event, acl_link_address(acl_link_other(end)), HCI_ADDRESS_SIZE);
    return event;
}

static void ask(struct acl_end end, enum hci_event code) {
    struct event event = about(code, end);
    event_tell(acl_link_controller(end), &event);
}

/* What the other side's host is capable of. */
static void tell_io(struct acl_end end) {
    struct event event = about(EVENT_IO_CAPABILITY_RESPONSE, end);
    event_put(&event, end.link->pairing.io[!end.side], 3);
    event_tell(acl_link_controller(end), &event);
}

static void ask_consent(struct acl_link *link) {
    const uint32_t number = lab_air_random(link->sides[0].controller->air, 0, NUMBERS);
    for (unsigned side = 0; side < 2; side++) {
        struct event event = about(EVENT_USER_CONFIRMATION_REQUEST, side_of(link, side));
        event_put16(&event, number & 0xffff);
        event_put16(&event, number >> 16);
        event_tell(link->sides[side].controller, &event);
    }
}

static void tell_pairing(struct acl_link *link, enum hci_error status) {
    for (unsigned side = 0; side < 2; side++) {
        struct event event = event_new(EVENT_SIMPLE_PAIRING_COMPLETE);
        event_put8(&event, status);
        event_put(&event, acl_link_address(side_of(link, !side)), HCI_ADDRESS_SIZE);
        event_tell(link->sides[side].controller, &event);
    }
}

static void tell_key(struct acl_link *link, unsigned type) {
    struct lab_air *air = link->sides[0].controller->air;
    uint8_t key[HCI_KEY_SIZE];
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)lab_air_random(air, 0, 256);
    }
    for (unsigned side = 0; side < 2; side++) {
        struct event event = about(EVENT_LINK_KEY_NOTIFICATION, side_of(link, side));
        event_put(&event, key, sizeof key);
        event_put8(&event, type);
        event_tell(link->sides[side].controller, &event);
    }
}

static unsigned key_type(const struct pairing *pairing) {
    bool has_consent_of_eyes =
        pairing->io[0][0] != NO_INPUT_NO_OUTPUT && pairing->io[1][0] != NO_INPUT_NO_OUTPUT;
    bool is_demanded = ((pairing->io[0][2] | pairing->io[1][2]) & 1) != 0;
    return has_consent_of_eyes && is_demanded ? KEY_AUTHENTICATED : KEY_UNAUTHENTICATED;
}

/* --- The way from question to question -----------------------------------------------------------
 */

static void finish(struct acl_link *link, enum hci_error status) {
    const struct pairing pairing = link->pairing;
    link->pairing = (struct pairing){.stage = PAIRING_NONE};
    link->is_authenticated = status == HCI_OK;
    for (unsigned side = 0; side < 2; side++) {
        if (!pairing.wanted[side]) {
            continue;
        }
        struct event event = event_new(EVENT_AUTHENTICATION_COMPLETE);
        event_put8(&event, status);
        event_put16(&event, acl_link_handle(side_of(link, side)));
        event_tell(link->sides[side].controller, &event);
    }
}

static void response_times_out(struct lab_air *air, struct happening *happening) {
    struct acl_end end = happening->end;
    if (end.link->pairing.stage == PAIRING_NONE ||
        air->now_us < end.link->pairing.asked_us + RESPONSE_TIMEOUT_US) {
        return;
    }
    finish(end.link, ERROR_RESPONSE_TIMEOUT);
    acl_link_end(end, ERROR_RESPONSE_TIMEOUT);
    acl_link_end(acl_link_other(end), ERROR_RESPONSE_TIMEOUT);
}

static void limit_response(struct acl_link *link) {
    struct lab_air *air = link->sides[0].controller->air;
    link->pairing.asked_us = air->now_us;
    struct happening *timeout =
        lab_air_after(air, RESPONSE_TIMEOUT_US, response_times_out, NULL, NULL, 0);
    if (timeout != NULL) {
        timeout->end = side_of(link, 0);
    }
}

/* Asks what the stage demands. */
static void enter(struct acl_link *link) {
    struct pairing *pairing = &link->pairing;
    struct acl_end asker = side_of(link, pairing->asker), other = acl_link_other(asker);
    limit_response(link);
    switch (pairing->stage) {
    case PAIRING_KEY:
        ask(asker, EVENT_LINK_KEY_REQUEST);
        return;
    case PAIRING_OTHER_KEY:
        ask(other, EVENT_LINK_KEY_REQUEST);
        return;
    case PAIRING_IO:
        ask(asker, EVENT_IO_CAPABILITY_REQUEST);
        return;
    case PAIRING_OTHER_IO:
        tell_io(other);
        ask(other, EVENT_IO_CAPABILITY_REQUEST);
        return;
    case PAIRING_CONFIRM:
        tell_io(asker);
        ask_consent(link);
        return;
    case PAIRING_PIN:
        ask(asker, EVENT_PIN_CODE_REQUEST);
        return;
    case PAIRING_OTHER_PIN:
        ask(other, EVENT_PIN_CODE_REQUEST);
        return;
    case PAIRING_PAIRED:
        tell_pairing(link, pairing->status);
        if (pairing->status == HCI_OK) {
            tell_key(link, key_type(pairing));
        }
        finish(link, pairing->status);
        return;
    case PAIRING_PIN_SAME:
        tell_key(link, KEY_COMBINATION);
        finish(link, HCI_OK);
        return;
    case PAIRING_DONE:
        finish(link, pairing->status);
        return;
    case PAIRING_NONE:
        return;
    }
}

static void step_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    happening->end.link->pairing.is_in_air = false;
    enter(happening->end.link);
}

/* Goes to the next stage over the air. */
static void step(struct acl_end end, enum pairing_stage stage, enum hci_error status) {
    struct lab_air *air = acl_link_controller(end)->air;
    end.link->pairing.stage = stage;
    end.link->pairing.status = (uint8_t)status;
    end.link->pairing.is_in_air = true;
    lab_air_send(air, end, lab_air_random(air, STEP_MIN_US, STEP_MAX_US), step_arrives, NULL, 0);
}

void controller_authenticate(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link == NULL) {
        return;
    }
    struct pairing *pairing = &end.link->pairing;
    if (pairing->stage != PAIRING_NONE) {
        pairing->wanted[end.side] = true;
        return;
    }
    *pairing = (struct pairing){.stage = PAIRING_KEY, .asker = end.side};
    pairing->wanted[end.side] = true;
    enter(end.link);
}

/* --- What hosts answer ---------------------------------------------------------------------------
 */

static bool can_pair_simply(struct acl_link *link) {
    uint8_t features[2][HCI_FEATURES_SIZE];
    for (unsigned side = 0; side < 2; side++) {
        controller_features(link->sides[side].controller, 1, features[side]);
    }
    return (features[0][0] & features[1][0] & 1) != 0;
}

static void on_key(struct acl_end end, const struct command *command) {
    struct pairing *pairing = &end.link->pairing;
    bool has_key = command->opcode == HCI_LINK_KEY_REPLY;
    const uint8_t *key = command->octets + HCI_ADDRESS_SIZE;
    if (pairing->stage == PAIRING_OTHER_KEY) {
        step(end, PAIRING_DONE,
             !has_key                                          ? ERROR_KEY_MISSING
             : memcmp(pairing->secret, key, HCI_KEY_SIZE) == 0 ? HCI_OK
                                                               : ERROR_AUTHENTICATION_FAILURE);
    } else if (has_key) {
        memcpy(pairing->secret, key, HCI_KEY_SIZE);
        step(end, PAIRING_OTHER_KEY, HCI_OK);
    } else {
        pairing->stage = can_pair_simply(end.link) ? PAIRING_IO : PAIRING_PIN;
        enter(end.link);
    }
}

static void on_io(struct acl_end end, const struct command *command) {
    struct pairing *pairing = &end.link->pairing;
    if (command->opcode == HCI_IO_CAPABILITY_NEGATIVE) {
        step(end, PAIRING_PAIRED, command->octets[HCI_ADDRESS_SIZE]);
        return;
    }
    memcpy(pairing->io[end.side], command->octets + HCI_ADDRESS_SIZE, sizeof pairing->io[0]);
    step(end, pairing->stage == PAIRING_IO ? PAIRING_OTHER_IO : PAIRING_CONFIRM, HCI_OK);
}

static void on_consent(struct acl_end end, const struct command *command) {
    struct pairing *pairing = &end.link->pairing;
    if (command->opcode == HCI_USER_CONFIRMATION_NEGATIVE) {
        step(end, PAIRING_PAIRED, ERROR_AUTHENTICATION_FAILURE);
        return;
    }
    pairing->confirmed[end.side] = true;
    if (pairing->confirmed[!end.side]) {
        step(end, PAIRING_PAIRED, HCI_OK);
    }
}

static void on_pin(struct acl_end end, const struct command *command) {
    struct pairing *pairing = &end.link->pairing;
    const uint8_t *pin = command->octets + HCI_ADDRESS_SIZE;
    if (command->opcode == HCI_PIN_CODE_NEGATIVE) {
        step(end, PAIRING_DONE, ERROR_PAIRING_NOT_ALLOWED);
    } else if (pairing->stage == PAIRING_PIN) {
        memcpy(pairing->secret, pin, sizeof pairing->secret);
        step(end, PAIRING_OTHER_PIN, HCI_OK);
    } else if (memcmp(pairing->secret, pin, sizeof pairing->secret) == 0) {
        step(end, PAIRING_PIN_SAME, HCI_OK);
    } else {
        step(end, PAIRING_DONE, ERROR_AUTHENTICATION_FAILURE);
    }
}

/* Which answers fit which stage, and from whom: the asker or the other. */
static const struct {
    uint16_t positive, negative;
    enum pairing_stage of_asker, of_other;
    void (*take)(struct acl_end end, const struct command *command);
} ANSWERS[] = {
    {HCI_LINK_KEY_REPLY, HCI_LINK_KEY_NEGATIVE, PAIRING_KEY, PAIRING_OTHER_KEY, on_key},
    {HCI_IO_CAPABILITY_REPLY, HCI_IO_CAPABILITY_NEGATIVE, PAIRING_IO, PAIRING_OTHER_IO, on_io},
    {HCI_USER_CONFIRMATION_REPLY, HCI_USER_CONFIRMATION_NEGATIVE, PAIRING_CONFIRM, PAIRING_CONFIRM,
     on_consent},
    {HCI_PIN_CODE_REPLY, HCI_PIN_CODE_NEGATIVE, PAIRING_PIN, PAIRING_OTHER_PIN, on_pin},
};

void controller_pairing_reply(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_address(controller, command->octets);
    unsigned kind = 0;
    while (ANSWERS[kind].positive != command->opcode && ANSWERS[kind].negative != command->opcode) {
        kind++;
    }
    bool is_asked = false;
    if (end.link != NULL && end.link->state == ACL_UP && !end.link->pairing.is_in_air) {
        const struct pairing *pairing = &end.link->pairing;
        is_asked = pairing->stage ==
                   (pairing->asker == end.side ? ANSWERS[kind].of_asker : ANSWERS[kind].of_other);
    }
    struct event event = answer_new(command, is_asked           ? HCI_OK
                                             : end.link == NULL ? ERROR_UNKNOWN_CONNECTION
                                                                : ERROR_DISALLOWED);
    event_put(&event, command->octets, HCI_ADDRESS_SIZE);
    event_tell(controller, &event);
    if (is_asked) {
        ANSWERS[kind].take(end, command);
    }
}

/* --- Encryption ----------------------------------------------------------------------------------
 */

static void tell_encryption(struct acl_end end, enum hci_error status) {
    struct event event = event_new(EVENT_ENCRYPTION_CHANGE);
    event_put8(&event, status);
    event_put16(&event, acl_link_handle(end));
    event_put8(&event, end.link->is_encrypted);
    event_tell(acl_link_controller(end), &event);
}

static void encryption_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct acl_end end = happening->end;
    bool is_on = happening->octets[0] != 0;
    if (is_on && !end.link->is_authenticated) {
        tell_encryption(end, ERROR_KEY_MISSING);
        return;
    }
    bool is_new = end.link->is_encrypted != is_on;
    end.link->is_encrypted = is_on;
    tell_encryption(end, HCI_OK);
    if (is_new) {
        tell_encryption(acl_link_other(end), HCI_OK);
    }
}

void controller_encrypt(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link != NULL) {
        lab_air_send(controller->air, end,
                     lab_air_random(controller->air, STEP_MIN_US, STEP_MAX_US), encryption_arrives,
                     command->octets + 2, 1);
    }
}

void controller_key_size(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    bool is_encrypted = end.link != NULL && end.link->is_encrypted;
    struct event event = answer_new(command, is_encrypted       ? HCI_OK
                                             : end.link != NULL ? ERROR_DISALLOWED
                                                                : ERROR_UNKNOWN_CONNECTION);
    event_put16(&event, get16(command->octets));
    event_put8(&event, is_encrypted ? HCI_KEY_SIZE : 0);
    event_tell(controller, &event);
}
