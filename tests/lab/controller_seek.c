/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inquiry and Remote Name Request. */
#include <string.h>

#include "tests/lab/controller.h"

enum {
    TRAIN_US = 1280 * 1000,   /* the unit of an inquiry's length */
    TRAINS_MAX = 0x30,        /* of an inquiry */
    MISSED_PERCENT = 10,      /* of the chances to answer in one train, */
    BUSY_MISSED_PERCENT = 75, /* and where the one found is inquiring itself */
};

/* --- Inquiry -------------------------------------------------------------------------------------
 */

/* What is still due from this inquiry does not belong to the next one. */
static void end_inquiry(struct controller *controller) {
    controller->is_inquiring = false;
    controller->inquiry_serial++;
}

static void finish_inquiry(struct controller *controller) {
    end_inquiry(controller);
    struct event event = event_new(EVENT_INQUIRY_COMPLETE);
    event_put8(&event, HCI_OK);
    event_tell(controller, &event);
}

static bool answers(struct controller *controller, const struct controller *inquirer) {
    if ((*controller_setting(controller, SETTING_SCAN_ENABLE) & HCI_INQUIRY_SCAN) == 0) {
        return false;
    }
    for (unsigned i = 0; i < controller->iac_count; i++) {
        if (memcmp(controller->iac[i], inquirer->inquiry_lap, HCI_LAP_SIZE) == 0) {
            return lab_air_random(controller->air, 0, 100) >=
                   (controller->is_inquiring ? BUSY_MISSED_PERCENT : MISSED_PERCENT);
        }
    }
    return false;
}

/* The result in the form that the inquirer's mode and the other's data allow. */
static void tell_result(struct controller *inquirer, struct controller *found) {
    enum {
        STANDARD,
        WITH_RSSI,
        EXTENDED
    };
    const uint8_t *eir = controller_setting(found, SETTING_EIR) + 1;
    unsigned mode = *controller_setting(inquirer, SETTING_INQUIRY_MODE);
    bool is_extended = mode == EXTENDED && eir[0] != 0;
    struct event event = event_new(is_extended        ? EVENT_EXTENDED_INQUIRY_RESULT
                                   : mode == STANDARD ? EVENT_INQUIRY_RESULT
                                                      : EVENT_INQUIRY_RESULT_RSSI);
    event_put8(&event, 1);
    event_put(&event, found->address, HCI_ADDRESS_SIZE);
    event_put8(&event, 1); /* page scan repetition mode R1 */
    event_put8(&event, 0);
    if (mode == STANDARD) {
        event_put8(&event, 0);
    }
    event_put(&event, controller_setting(found, SETTING_CLASS), 3);
    event_put16(&event, 0x1000 + found->number); /* clock offset */
    if (mode != STANDARD) {
        event_put8(&event, (uint8_t)lab_air_signal(inquirer->air, inquirer, found));
    }
    if (is_extended) {
        event_put(&event, eir, HCI_EIR_SIZE);
    }
    event_tell(inquirer, &event);
}

static void response_arrives(struct lab_air *air, struct happening *happening) {
    struct controller *inquirer = happening->controller;
    struct controller *found = &air->controllers[happening->octets[1]];
    if (happening->octets[0] != inquirer->inquiry_serial ||
        !lab_air_reaches(air, inquirer, found) || !answers(found, inquirer)) {
        return;
    }
    inquirer->inquiry_found |= 1U << found->number;
    tell_result(inquirer, found);
    if (inquirer->inquiry_results > 0 && --inquirer->inquiry_results == 0) {
        finish_inquiry(inquirer);
    }
}

/* In each train everybody who was not found yet has one chance, at some time. */
static void train_begins(struct lab_air *air, struct happening *happening) {
    struct controller *inquirer = happening->controller;
    if (happening->octets[0] != inquirer->inquiry_serial) {
        return;
    }
    if (inquirer->inquiry_trains == 0) {
        finish_inquiry(inquirer);
        return;
    }
    inquirer->inquiry_trains--;
    for (unsigned i = 0; i < LAB_AIR_CONTROLLERS_MAX; i++) {
        const uint8_t response[] = {inquirer->inquiry_serial, (uint8_t)i};
        if (i != inquirer->number && air->controllers[i].is_plugged &&
            (inquirer->inquiry_found >> i & 1) == 0) {
            lab_air_after(air, lab_air_random(air, 1000, TRAIN_US), response_arrives, inquirer,
                          response, sizeof response);
        }
    }
    lab_air_after(air, TRAIN_US, train_begins, inquirer, &inquirer->inquiry_serial, 1);
}

void controller_inquiry(struct controller *controller, const struct command *command) {
    const unsigned trains = command->octets[3];
    if (controller->is_inquiring || trains < 1 || trains > TRAINS_MAX) {
        answer_status(controller, command,
                      controller->is_inquiring ? ERROR_DISALLOWED : ERROR_INVALID_PARAMETERS);
        return;
    }
    answer_status(controller, command, HCI_OK);
    controller->is_inquiring = true;
    controller->inquiry_found = 0;
    controller->inquiry_trains = trains;
    controller->inquiry_results = command->octets[4];
    memcpy(controller->inquiry_lap, command->octets, HCI_LAP_SIZE);
    lab_air_after(controller->air, 0, train_begins, controller, &controller->inquiry_serial, 1);
}

void controller_inquiry_cancel(struct controller *controller, const struct command *command) {
    struct event event = answer_new(command, controller->is_inquiring ? HCI_OK : ERROR_DISALLOWED);
    end_inquiry(controller);
    event_tell(controller, &event);
}

/* --- Names ---------------------------------------------------------------------------------------
 */

static void tell_name(struct controller *controller, const uint8_t address[HCI_ADDRESS_SIZE],
                      enum hci_error status, const uint8_t name[HCI_NAME_SIZE]) {
    struct event event = event_new(EVENT_REMOTE_NAME_COMPLETE);
    event_put8(&event, status);
    event_put(&event, address, HCI_ADDRESS_SIZE);
    event_put(&event, name, HCI_NAME_SIZE);
    event_tell(controller, &event);
}

static const uint8_t NO_NAME[HCI_NAME_SIZE];

/* The other is called, over and over until it answers or the page times out. */
static void name_page(struct lab_air *air, struct happening *happening) {
    struct controller *controller = happening->controller;
    const uint8_t *address = happening->octets;
    struct controller *other = lab_air_find(air, address);
    struct acl_end end = acl_link_by_address(controller, address);
    bool is_linked = end.link != NULL && end.link->state == ACL_UP;
    if (other != NULL && lab_air_reaches(air, controller, other) &&
        (is_linked || (*controller_setting(other, SETTING_SCAN_ENABLE) & HCI_PAGE_SCAN) != 0)) {
        tell_name(controller, address, HCI_OK, controller_setting(other, SETTING_NAME));
        return;
    }
    if (air->now_us >= happening->until_us) {
        tell_name(controller, address, ERROR_PAGE_TIMEOUT, NO_NAME);
        return;
    }
    int64_t left_us = happening->until_us - air->now_us;
    struct happening *again = lab_air_after(air, left_us < PAGE_RETRY_US ? left_us : PAGE_RETRY_US,
                                            name_page, controller, address, HCI_ADDRESS_SIZE);
    if (again != NULL) {
        again->until_us = happening->until_us;
    }
}

void controller_remote_name(struct controller *controller, const struct command *command) {
    struct lab_air *air = controller->air;
    struct happening *page = lab_air_after(air, controller_page_us(air), name_page, controller,
                                           command->octets, HCI_ADDRESS_SIZE);
    answer_status(controller, command, page != NULL ? HCI_OK : ERROR_LIMITED_RESOURCES);
    if (page != NULL) {
        page->until_us = air->now_us + controller_page_timeout_us(controller);
    }
}

static void nothing_happens(struct lab_air *air, struct happening *happening) {
    (void)air;
    (void)happening;
}

void controller_remote_name_cancel(struct controller *controller, const struct command *command) {
    struct happening *page = controller->air->happenings;
    while (page != NULL && (page->happens != name_page || page->controller != controller ||
                            memcmp(page->octets, command->octets, HCI_ADDRESS_SIZE) != 0)) {
        page = page->next;
    }
    struct event event = answer_new(command, page != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    event_put(&event, command->octets, HCI_ADDRESS_SIZE);
    event_tell(controller, &event);
    if (page == NULL) {
        return;
    }
    page->happens = nothing_happens;
    tell_name(controller, command->octets, ERROR_UNKNOWN_CONNECTION, NO_NAME);
}
