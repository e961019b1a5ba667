/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lab/lab_air.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lab/controller.h"

enum {
    SIGNAL_DBM = -50
};

struct lab_air *lab_air_new(uint64_t seed, lab_air_host_fn *to_host, void *context) {
    struct lab_air *air = calloc(1, sizeof *air);
    if (air == NULL) {
        return NULL;
    }
    air->random = seed * 2 + 1;
    air->to_host = to_host;
    air->context = context;
    memset(air->signal, SIGNAL_DBM, sizeof air->signal);
    for (unsigned i = 0; i < LAB_AIR_CONTROLLERS_MAX; i++) {
        struct controller *controller = &air->controllers[i];
        controller->air = air;
        controller->number = i;
        const uint8_t address[] = {(uint8_t)i, 0, 0, 0x55, 0x4d, 0x00};
        memcpy(controller->address, address, sizeof address);
        controller->is_radio_on = true;
    }
    return air;
}

void lab_air_free(struct lab_air *air) {
    if (air == NULL) {
        return;
    }
    for (size_t i = 0; i < ACL_LINKS_MAX; i++) {
        lab_air_forget(air, NULL, &air->links[i]);
    }
    lab_air_forget(air, NULL, NULL);
    free(air);
}

uint32_t lab_air_random(struct lab_air *air, uint32_t low, uint32_t high) {
    air->random ^= air->random >> 12;
    air->random ^= air->random << 25;
    air->random ^= air->random >> 27;
    return low + (uint32_t)(air->random * 0x2545f4914f6cdd1dU >> 32) % (high - low);
}

/* --- Who hears whom ------------------------------------------------------------------------------
 */

bool lab_air_reaches(const struct lab_air *air, const struct controller *one,
                     const struct controller *other) {
    return one != other && one->is_plugged && other->is_plugged && one->is_radio_on &&
           other->is_radio_on && !air->is_apart[one->number][other->number];
}

int8_t lab_air_signal(const struct lab_air *air, const struct controller *one,
                      const struct controller *other) {
    return air->signal[one->number][other->number];
}

struct controller *lab_air_find(struct lab_air *air, const uint8_t address[HCI_ADDRESS_SIZE]) {
    for (unsigned i = 0; i < LAB_AIR_CONTROLLERS_MAX; i++) {
        if (air->controllers[i].is_plugged &&
            memcmp(air->controllers[i].address, address, HCI_ADDRESS_SIZE) == 0) {
            return &air->controllers[i];
        }
    }
    return NULL;
}

static void check_links(struct lab_air *air, int64_t now_us) {
    air->now_us = now_us;
    for (size_t i = 0; i < ACL_LINKS_MAX; i++) {
        acl_link_check(air, &air->links[i]);
    }
}

void lab_air_plug(struct lab_air *air, int64_t now_us, unsigned number, bool has_ssp) {
    struct controller *controller = &air->controllers[number];
    air->now_us = now_us;
    controller->has_ssp = has_ssp;
    controller->is_plugged = true;
    controller_reset(controller);
}

void lab_air_unplug(struct lab_air *air, int64_t now_us, unsigned number) {
    air->now_us = now_us;
    controller_reset(&air->controllers[number]);
    air->controllers[number].is_plugged = false;
}

void lab_air_set_radio(struct lab_air *air, int64_t now_us, unsigned number, bool is_on) {
    air->controllers[number].is_radio_on = is_on;
    check_links(air, now_us);
}

void lab_air_set_near(struct lab_air *air, int64_t now_us, unsigned one, unsigned other,
                      bool is_near) {
    air->is_apart[one][other] = air->is_apart[other][one] = !is_near;
    check_links(air, now_us);
}

void lab_air_set_signal(struct lab_air *air, unsigned one, unsigned other, int8_t dbm) {
    air->signal[one][other] = air->signal[other][one] = dbm;
}

void lab_air_set_loss(struct lab_air *air, unsigned number, unsigned percent) {
    air->controllers[number].loss_percent = percent;
}

/* --- What is going to happen ---------------------------------------------------------------------
 */

/* After all that happens no later than it. */
static void enqueue(struct lab_air *air, struct happening *happening) {
    struct happening **place = &air->happenings;
    while (*place != NULL && (*place)->at_us <= happening->at_us) {
        place = &(*place)->next;
    }
    happening->next = *place;
    *place = happening;
}

static struct happening *happening_new(struct lab_air *air, int64_t at_us, happening_fn *happens,
                                       const void *octets, size_t length) {
    if (air->happening_count >= HAPPENINGS_MAX) {
        return NULL;
    }
    struct happening *happening = calloc(1, sizeof *happening + length);
    if (happening == NULL) {
        return NULL;
    }
    air->happening_count++;
    happening->at_us = at_us;
    happening->happens = happens;
    happening->length = length;
    if (length > 0) {
        memcpy(happening->octets, octets, length);
    }
    return happening;
}

static void discard(struct lab_air *air, struct happening *happening) {
    air->happening_count--;
    free(happening);
}

struct happening *lab_air_after(struct lab_air *air, int64_t delay_us, happening_fn *happens,
                                struct controller *controller, const void *octets, size_t length) {
    struct happening *happening =
        happening_new(air, air->now_us + delay_us, happens, octets, length);
    if (happening == NULL) {
        return NULL;
    }
    happening->controller = controller;
    enqueue(air, happening);
    return happening;
}

struct happening *lab_air_send(struct lab_air *air, struct acl_end end, int64_t delay_us,
                               happening_fn *happens, const void *octets, size_t length) {
    int64_t *arrives_us = &end.link->sides[end.side].arrives_us;
    if (*arrives_us < air->now_us + delay_us) {
        *arrives_us = air->now_us + delay_us;
    }
    struct happening *happening = happening_new(air, *arrives_us, happens, octets, length);
    if (happening == NULL) {
        return NULL;
    }
    happening->end = end;
    happening->crosses = true;
    enqueue(air, happening);
    return happening;
}

void lab_air_release(struct lab_air *air, struct acl_link *link) {
    struct happening *held = link->held;
    link->held = NULL;
    while (held != NULL) {
        struct happening *next = held->next;
        held->at_us = air->now_us;
        enqueue(air, held);
        held = next;
    }
}

static void forget_in(struct lab_air *air, struct happening **place,
                      const struct controller *controller, const struct acl_link *link) {
    while (*place != NULL) {
        struct happening *happening = *place;
        bool is_meant = (controller == NULL || happening->controller == controller) &&
                        (link == NULL || happening->end.link == link);
        if (!is_meant) {
            place = &happening->next;
            continue;
        }
        *place = happening->next;
        discard(air, happening);
    }
}

void lab_air_forget(struct lab_air *air, const struct controller *controller,
                    const struct acl_link *link) {
    forget_in(air, &air->happenings, controller, link);
    for (size_t i = 0; i < ACL_LINKS_MAX; i++) {
        if (link == NULL || link == &air->links[i]) {
            forget_in(air, &air->links[i].held, controller, link);
        }
    }
}

/* Keeps what the other side does not hear now. */
static void hold(struct happening *happening) {
    struct happening **place = &happening->end.link->held;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    happening->next = NULL;
    *place = happening;
}

int64_t lab_air_next(const struct lab_air *air) {
    return air->happenings == NULL ? INT64_MAX : air->happenings->at_us;
}

void lab_air_pass(struct lab_air *air, int64_t now_us) {
    while (air->happenings != NULL && air->happenings->at_us <= now_us) {
        struct happening *happening = air->happenings;
        air->happenings = happening->next;
        if (happening->at_us > air->now_us) {
            air->now_us = happening->at_us;
        }
        if (happening->crosses && happening->end.link->lost_us >= 0) {
            hold(happening);
            continue;
        }
        happening->happens(air, happening);
        discard(air, happening);
    }
    air->now_us = now_us;
}

void lab_air_from_host(struct lab_air *air, int64_t now_us, unsigned number, const uint8_t *packet,
                       size_t length) {
    struct controller *controller = &air->controllers[number];
    air->now_us = now_us;
    if (!controller->is_plugged || length < 1) {
        return;
    }
    if (packet[0] == HCI_COMMAND) {
        controller_command(controller, packet + 1, length - 1);
    } else if (packet[0] == HCI_ACL_DATA) {
        controller_acl(controller, packet + 1, length - 1);
    }
}
