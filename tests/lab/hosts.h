/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts for the lab's virtual controllers: what they ask for, what they answer, and what they were
 * told. */
#ifndef MUSTER_TESTS_LAB_HOSTS_H
#define MUSTER_TESTS_LAB_HOSTS_H

#include "tests/lab/controller_hci.h"
#include "tests/lab/lab_air.h"

enum {
    HEARD_MAX = 4096,
    HOSTS_COUNT = 9,
    SECOND = 1000000,
    ACCEPTS_AS_CENTRAL = 0,
    ACCEPTS_AS_PERIPHERAL = 1,
};

struct heard {
    unsigned number;
    size_t length;
    uint8_t octets[LAB_AIR_PACKET_MAX];
};

struct hosts {
    struct lab_air *air;
    int64_t now_us;
    unsigned answered; /* events that the hosts have looked at */
    unsigned heard_count;
    struct heard heard[HEARD_MAX];
    uint8_t role;                           /* with which hosts accept links */
    bool is_mute;                           /* hosts answer nothing */
    uint8_t key[HOSTS_COUNT][HCI_KEY_SIZE]; /* that a host has; 0: it has none */
};

/* The function that the air calls for a packet to a host; the context is the hosts. */
void hosts_hear(void *context, unsigned number, const uint8_t *packet, size_t length);

/* Lets `us` go by; the hosts answer at once what they are asked. */
void hosts_pass(struct hosts *hosts, int64_t us);

/* Forgets what was heard so far. */
void hosts_forget(struct hosts *hosts);

/* The address of controller `number`, as in packets. */
void host_address(unsigned number, uint8_t address[HCI_ADDRESS_SIZE]);

/* How often the host of `number` got such an event, and the parameters of the last one;
 * NULL: there was none. */
unsigned host_count(const struct hosts *hosts, unsigned number, uint8_t code);
const uint8_t *host_last(const struct hosts *hosts, unsigned number, uint8_t code);

/* --- What the host of `number` does
 * ---------------------------------------------------------------- */

/* A command with these parameters; with an address and then these. */
void host_command(struct hosts *hosts, unsigned number, uint16_t opcode, const void *octets,
                  size_t length);
void host_command_to(struct hosts *hosts, unsigned number, uint16_t opcode,
                     const uint8_t address[HCI_ADDRESS_SIZE], const void *octets, size_t length);

/* A command whose parameters are a handle and one octet. */
void host_on_handle(struct hosts *hosts, unsigned number, uint16_t opcode, uint16_t handle,
                    uint8_t octet);

/* Answers inquiries and pages, wants all events, and has Simple Pairing on. */
void host_power_on(struct hosts *hosts, unsigned number);

/* HCI_INQUIRY_SCAN and HCI_PAGE_SCAN, or 0. */
void host_scan(struct hosts *hosts, unsigned number, uint8_t scans);

/* An inquiry of so many trains; a call to another controller. */
void host_inquire(struct hosts *hosts, unsigned number, uint8_t trains);
void host_call(struct hosts *hosts, unsigned number, unsigned other);

/* The handle of the controller's latest link. */
uint16_t host_handle_of(const struct hosts *hosts, unsigned number);

/* One octet on a link, and the octets that came on it, one after the other: their number. */
void host_send_octet(struct hosts *hosts, unsigned number, uint16_t handle, uint8_t octet);
unsigned host_octets_of(const struct hosts *hosts, unsigned number, uint16_t handle,
                        uint8_t octets[]);

#endif
