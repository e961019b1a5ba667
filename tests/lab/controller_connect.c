/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How links come about and end. */
#include <string.h>

#include "tests/lab/controller.h"

enum {
    ROLE_CENTRAL = 0,
    ROLE_PERIPHERAL = 1,
    SUPERVISION_SLOTS = 0x7d00, /* 20 s */
    DETACH_US = 4000,
    DETACH_TIMEOUT_US = 300 * 1000, /* a side that is not heard any more is not waited for */
};

/* --- Finding one's way ---------------------------------------------------------------------------
 */

int64_t controller_page_us(struct lab_air *air) {
    return lab_air_random(air, 20 * 1000, 200 * 1000);
}

int64_t controller_page_timeout_us(struct controller *controller) {
    return (int64_t)get16(controller_setting(controller, SETTING_PAGE_TIMEOUT)) * HCI_SLOT_US;
}

struct controller *acl_link_controller(struct acl_end end) {
    return end.link->sides[end.side].controller;
}

struct acl_end acl_link_other(struct acl_end end) {
    return (struct acl_end){end.link, !end.side};
}

const uint8_t *acl_link_address(struct acl_end end) {
    return end.side == 1 ? end.link->paged : end.link->sides[0].controller->address;
}

uint16_t acl_link_handle(struct acl_end end) {
    return (uint16_t)(1 + 2 * (end.link - end.link->sides[0].controller->air->links) + end.side);
}

static bool is_open_for(const struct acl_link *link, unsigned side,
                        const struct controller *controller) {
    return link->state != ACL_UNUSED && link->sides[side].is_open &&
           link->sides[side].controller == controller;
}

struct acl_end acl_link_by_handle(struct controller *controller, uint16_t handle) {
    unsigned number = (handle & 0x0fffU) - 1;
    if ((handle & 0x0fff) == 0 || number / 2 >= ACL_LINKS_MAX) {
        return (struct acl_end){0};
    }
    struct acl_link *link = &controller->air->links[number / 2];
    if (link->state != ACL_UP || !is_open_for(link, number % 2, controller)) {
        return (struct acl_end){0};
    }
    return (struct acl_end){link, number % 2};
}

struct acl_end acl_link_by_address(struct controller *controller,
                                   const uint8_t address[HCI_ADDRESS_SIZE]) {
    for (unsigned i = 0; i < 2 * ACL_LINKS_MAX; i++) {
        struct acl_end end = {&controller->air->links[i / 2], i % 2};
        if (is_open_for(end.link, end.side, controller) &&
            memcmp(acl_link_address(acl_link_other(end)), address, HCI_ADDRESS_SIZE) == 0) {
            return end;
        }
    }
    return (struct acl_end){0};
}

/* How many links the controller is central of, and whether it is paging. */
static unsigned count_central(const struct controller *controller, bool *is_paging) {
    unsigned count = 0;
    *is_paging = false;
    for (unsigned i = 0; i < 2 * ACL_LINKS_MAX; i++) {
        const struct acl_link *link = &controller->air->links[i / 2];
        if (!is_open_for(link, i % 2, controller)) {
            continue;
        }
        count += link->central == i % 2;
        *is_paging = *is_paging || link->state == ACL_PAGING;
    }
    return count;
}

static bool has_room(const struct controller *controller) {
    bool is_paging;
    return count_central(controller, &is_paging) < ACL_CENTRAL_MAX;
}

/* --- What hosts are told -------------------------------------------------------------------------
 */

static void tell_connection(struct acl_end end, enum hci_error status) {
    struct event event = event_new(EVENT_CONNECTION_COMPLETE);
    event_put8(&event, status);
    event_put16(&event, status == HCI_OK ? acl_link_handle(end) : 0);
    event_put(&event, acl_link_address(acl_link_other(end)), HCI_ADDRESS_SIZE);
    event_put8(&event, HCI_LINK_ACL);
    event_put8(&event, 0);
    event_tell(acl_link_controller(end), &event);
}

static void tell_role(struct acl_end end, enum hci_error status) {
    struct event event = event_new(EVENT_ROLE_CHANGE);
    event_put8(&event, status);
    event_put(&event, acl_link_address(acl_link_other(end)), HCI_ADDRESS_SIZE);
    event_put8(&event, end.link->central == end.side ? ROLE_CENTRAL : ROLE_PERIPHERAL);
    event_tell(acl_link_controller(end), &event);
}

/* --- How it ends ---------------------------------------------------------------------------------
 */

/* One side is gone; without any the link is no more. */
static void close_side(struct acl_end end) {
    struct acl_link *link = end.link;
    struct lab_air *air = acl_link_controller(end)->air;
    link->sides[end.side].is_open = false;
    if (link->sides[!end.side].is_open) {
        acl_link_check(air, link);
        return;
    }
    lab_air_forget(air, NULL, link);
    *link = (struct acl_link){.state = ACL_UNUSED};
}

void acl_link_end(struct acl_end end, enum hci_error reason) {
    if (end.link->state == ACL_UNUSED || !end.link->sides[end.side].is_open) {
        return;
    }
    if (end.link->state != ACL_UP) {
        tell_connection(end, reason);
    } else {
        struct event event = event_new(EVENT_DISCONNECTION_COMPLETE);
        event_put8(&event, HCI_OK);
        event_put16(&event, acl_link_handle(end));
        event_put8(&event, reason);
        event_tell(acl_link_controller(end), &event);
    }
    close_side(end);
}

static void end_both(struct acl_link *link, enum hci_error reason) {
    acl_link_end((struct acl_end){link, 0}, reason);
    acl_link_end((struct acl_end){link, 1}, reason);
}

void acl_link_end_all(struct controller *controller) {
    for (unsigned i = 0; i < 2 * ACL_LINKS_MAX; i++) {
        if (is_open_for(&controller->air->links[i / 2], i % 2, controller)) {
            close_side((struct acl_end){&controller->air->links[i / 2], i % 2});
        }
    }
}

static int64_t supervision_us(const struct acl_link *link) {
    return link->supervision_slots == 0 ? INT64_MAX / 2
                                        : (int64_t)link->supervision_slots * HCI_SLOT_US;
}

static void supervision_ends(struct lab_air *air, struct happening *happening) {
    struct acl_link *link = happening->end.link;
    if (link->lost_us >= 0 && air->now_us >= link->lost_us + supervision_us(link)) {
        end_both(link, ERROR_CONNECTION_TIMEOUT);
    }
}

void acl_link_check(struct lab_air *air, struct acl_link *link) {
    if (link->state == ACL_UNUSED || link->state == ACL_PAGING) {
        return;
    }
    if (link->sides[0].is_open && link->sides[1].is_open &&
        lab_air_reaches(air, link->sides[0].controller, link->sides[1].controller)) {
        link->lost_us = -1;
        lab_air_release(air, link);
        return;
    }
    if (link->lost_us < 0) {
        link->lost_us = air->now_us;
    }
    int64_t left_us = link->lost_us + supervision_us(link) - air->now_us;
    struct happening *end =
        lab_air_after(air, left_us > 0 ? left_us : 0, supervision_ends, NULL, NULL, 0);
    if (end != NULL) {
        end->end.link = link;
    }
}

static void detach_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct acl_end end = happening->end;
    acl_link_end(end, ERROR_LOCAL_HOST_ENDED);
    acl_link_end(acl_link_other(end), happening->octets[0]);
}

static void detach_times_out(struct lab_air *air, struct happening *happening) {
    (void)air;
    if (happening->end.link->lost_us >= 0) {
        acl_link_end(happening->end, ERROR_LOCAL_HOST_ENDED);
    }
}

void controller_disconnect(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_handle(controller, get16(command->octets));
    answer_status(controller, command, end.link != NULL ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (end.link == NULL) {
        return;
    }
    lab_air_send(controller->air, end, DETACH_US, detach_arrives, command->octets + 2, 1);
    struct happening *timeout =
        lab_air_after(controller->air, DETACH_TIMEOUT_US, detach_times_out, controller, NULL, 0);
    if (timeout != NULL) {
        timeout->end = end;
    }
}

/* --- How it begins -------------------------------------------------------------------------------
 */

static void accept_times_out(struct lab_air *air, struct happening *happening) {
    (void)air;
    if (happening->end.link->state == ACL_ASKED) {
        end_both(happening->end.link, ERROR_ACCEPT_TIMEOUT);
    }
}

/* Where both call each other the one that is heard first makes the link for both. What is left of
 * an earlier link is over: the other would not call if it had it. */
static void give_way(struct controller *controller, const uint8_t address[HCI_ADDRESS_SIZE]) {
    struct acl_end end = acl_link_by_address(controller, address);
    if (end.link != NULL && end.link->state == ACL_PAGING) {
        close_side(end);
    } else if (end.link != NULL) {
        acl_link_end(end, ERROR_CONNECTION_TIMEOUT);
    }
}

static void page_arrives(struct lab_air *air, struct acl_link *link, struct controller *other) {
    struct controller *caller = link->sides[0].controller;
    give_way(other, caller->address);
    link->state = ACL_ASKED;
    link->sides[1].controller = other;
    link->sides[1].is_open = true;
    struct event event = event_new(EVENT_CONNECTION_REQUEST);
    event_put(&event, caller->address, HCI_ADDRESS_SIZE);
    event_put(&event, controller_setting(caller, SETTING_CLASS), 3);
    event_put8(&event, HCI_LINK_ACL);
    event_tell(other, &event);
    int64_t timeout_us =
        (int64_t)get16(controller_setting(other, SETTING_ACCEPT_TIMEOUT)) * HCI_SLOT_US;
    struct happening *timeout = lab_air_after(air, timeout_us, accept_times_out, other, NULL, 0);
    if (timeout != NULL) {
        timeout->end = (struct acl_end){link, 1};
    }
}

static bool page(struct acl_link *link, int64_t delay_us, int64_t until_us);

/* The other is called, over and over until it answers or the page times out. */
static void page_happens(struct lab_air *air, struct happening *happening) {
    struct acl_link *link = happening->end.link;
    struct controller *caller = link->sides[0].controller;
    if (link->state != ACL_PAGING) {
        return;
    }
    struct controller *other = lab_air_find(air, link->paged);
    if (other != NULL && lab_air_reaches(air, caller, other) &&
        (*controller_setting(other, SETTING_SCAN_ENABLE) & HCI_PAGE_SCAN) != 0) {
        page_arrives(air, link, other);
        return;
    }
    int64_t left_us = happening->until_us - air->now_us;
    if (left_us <= 0) {
        acl_link_end(happening->end, ERROR_PAGE_TIMEOUT);
    } else {
        page(link, left_us < PAGE_RETRY_US ? left_us : PAGE_RETRY_US, happening->until_us);
    }
}

static bool page(struct acl_link *link, int64_t delay_us, int64_t until_us) {
    struct controller *caller = link->sides[0].controller;
    struct happening *page = lab_air_after(caller->air, delay_us, page_happens, caller, NULL, 0);
    if (page == NULL) {
        return false;
    }
    page->until_us = until_us;
    page->end = (struct acl_end){link, 0};
    return true;
}

static struct acl_link *link_new(struct lab_air *air) {
    for (size_t i = 0; i < ACL_LINKS_MAX; i++) {
        if (air->links[i].state == ACL_UNUSED) {
            return &air->links[i];
        }
    }
    return NULL;
}

static enum hci_error create(struct controller *controller, const uint8_t *address,
                             bool allows_switch) {
    bool is_paging;
    unsigned count = count_central(controller, &is_paging);
    if (memcmp(address, controller->address, HCI_ADDRESS_SIZE) == 0) {
        return ERROR_INVALID_PARAMETERS;
    }
    if (acl_link_by_address(controller, address).link != NULL) {
        return ERROR_CONNECTION_EXISTS;
    }
    if (count >= ACL_CENTRAL_MAX) {
        return ERROR_CONNECTION_LIMIT;
    }
    if (is_paging) {
        return ERROR_DISALLOWED;
    }
    struct lab_air *air = controller->air;
    struct acl_link *link = link_new(air);
    if (link == NULL) {
        return ERROR_LIMITED_RESOURCES;
    }
    *link = (struct acl_link){.state = ACL_PAGING,
                              .sides = {{.controller = controller, .is_open = true}},
                              .allows_switch = allows_switch,
                              .supervision_slots = SUPERVISION_SLOTS,
                              .lost_us = -1};
    memcpy(link->paged, address, HCI_ADDRESS_SIZE);
    if (page(link, controller_page_us(air), air->now_us + controller_page_timeout_us(controller))) {
        return HCI_OK;
    }
    link->state = ACL_UNUSED;
    return ERROR_LIMITED_RESOURCES;
}

void controller_create_connection(struct controller *controller, const struct command *command) {
    answer_status(controller, command,
                  create(controller, command->octets, command->octets[12] != 0));
}

void controller_create_cancel(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_address(controller, command->octets);
    bool is_paging = end.link != NULL && end.side == 0 && end.link->state == ACL_PAGING;
    struct event event = answer_new(command, is_paging          ? HCI_OK
                                             : end.link != NULL ? ERROR_CONNECTION_EXISTS
                                                                : ERROR_UNKNOWN_CONNECTION);
    event_put(&event, command->octets, HCI_ADDRESS_SIZE);
    event_tell(controller, &event);
    if (is_paging) {
        acl_link_end(end, ERROR_UNKNOWN_CONNECTION);
    }
}

/* The answer of the host that was asked is known to both. */
static void answer_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct acl_link *link = happening->end.link;
    enum hci_error status = happening->octets[0];
    bool is_switched = link->central == 1;
    if (status != HCI_OK) {
        end_both(link, status);
        return;
    }
    link->state = ACL_UP;
    for (unsigned side = 0; side < 2; side++) {
        struct acl_end end = {link, side};
        link->sides[side].policy =
            get16(controller_setting(acl_link_controller(end), SETTING_LINK_POLICY));
        if (is_switched) {
            tell_role(end, HCI_OK);
        }
        tell_connection(end, HCI_OK);
    }
}

static void answer(struct controller *controller, const struct command *command,
                   enum hci_error reason, bool wants_central) {
    struct acl_end end = acl_link_by_address(controller, command->octets);
    if (end.link == NULL || end.side != 1 || end.link->state != ACL_ASKED) {
        answer_status(controller, command, ERROR_UNKNOWN_CONNECTION);
        return;
    }
    answer_status(controller, command, HCI_OK);
    end.link->state = ACL_ANSWERED;
    if (wants_central && !has_room(controller)) {
        reason = ERROR_LIMITED_RESOURCES;
    } else if (wants_central && end.link->allows_switch) {
        end.link->central = 1;
    }
    const uint8_t status = (uint8_t)reason;
    lab_air_send(controller->air, end, lab_air_random(controller->air, 5000, 30 * 1000),
                 answer_arrives, &status, 1);
}

void controller_accept(struct controller *controller, const struct command *command) {
    answer(controller, command, HCI_OK, command->octets[6] == ROLE_CENTRAL);
}

void controller_reject(struct controller *controller, const struct command *command) {
    answer(controller, command, command->octets[6], false);
}

/* --- Roles ---------------------------------------------------------------------------------------
 */

static void switch_arrives(struct lab_air *air, struct happening *happening) {
    (void)air;
    struct acl_end end = happening->end, other = acl_link_other(end);
    unsigned central = happening->octets[0] == ROLE_CENTRAL ? end.side : other.side;
    if (end.link->central == central) {
        tell_role(end, HCI_OK);
        return;
    }
    if (!has_room(end.link->sides[central].controller)) {
        tell_role(end, ERROR_LIMITED_RESOURCES);
        return;
    }
    end.link->central = central;
    tell_role(end, HCI_OK);
    tell_role(other, HCI_OK);
}

void controller_switch_role(struct controller *controller, const struct command *command) {
    struct acl_end end = acl_link_by_address(controller, command->octets);
    bool is_up = end.link != NULL && end.link->state == ACL_UP;
    answer_status(controller, command, is_up ? HCI_OK : ERROR_UNKNOWN_CONNECTION);
    if (is_up) {
        lab_air_send(controller->air, end, lab_air_random(controller->air, 10000, 40 * 1000),
                     switch_arrives, command->octets + 6, 1);
    }
}
