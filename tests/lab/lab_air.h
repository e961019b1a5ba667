/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The air of the lab: virtual Bluetooth controllers (BR/EDR) and what lies between them. No I/O and
 * no clock: HCI packets of the hosts come in with the time, packets to the hosts go out through a
 * function, and chance comes from a seed, so that it replays.
 *
 * Packets are those of H4: an octet of kind, then the HCI packet. Times are in microseconds of a
 * clock that never goes back. Controllers have numbers below LAB_AIR_CONTROLLERS_MAX; all are in
 * range of each other at first, with their radios on.
 */
#ifndef MUSTER_TESTS_LAB_LAB_AIR_H
#define MUSTER_TESTS_LAB_LAB_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAB_AIR_CONTROLLERS_MAX = 32,
    LAB_AIR_PACKET_MAX = 1026, /* octets of a packet to or from a host */
};

struct lab_air;

/* A packet for the host of controller `number`. */
typedef void lab_air_host_fn(void *context, unsigned number, const uint8_t *packet, size_t length);

/* An air without controllers; NULL when out of memory. The caller frees it. */
struct lab_air *lab_air_new(uint64_t seed, lab_air_host_fn *to_host, void *context);
void lab_air_free(struct lab_air *air);

/* Plugs in controller `number`, fresh, with address 00:4D:55:00:00:NN, with or without Secure
 * Simple Pairing. */
void lab_air_plug(struct lab_air *air, int64_t now_us, unsigned number, bool has_ssp);

/* Pulls it out; others find out when their links to it time out. */
void lab_air_unplug(struct lab_air *air, int64_t now_us, unsigned number);

/* A packet from the host of controller `number`, of any content. */
void lab_air_from_host(struct lab_air *air, int64_t now_us, unsigned number, const uint8_t *packet,
                       size_t length);

/* When lab_air_pass has something to do again; INT64_MAX: not until a packet comes. */
int64_t lab_air_next(const struct lab_air *air);

/* Everything happens that is due. */
void lab_air_pass(struct lab_air *air, int64_t now_us);

/* The radio of `number` falls silent, as when a battery is pulled, or is heard again. */
void lab_air_set_radio(struct lab_air *air, int64_t now_us, unsigned number, bool is_on);

/* Two controllers are in range of each other, or not. */
void lab_air_set_near(struct lab_air *air, int64_t now_us, unsigned one, unsigned other,
                      bool is_near);

/* How strong two controllers hear each other, in dBm; -50 at first. */
void lab_air_set_signal(struct lab_air *air, unsigned one, unsigned other, int8_t dbm);

/* How many of a hundred L2CAP packets that `number` sends are lost; none at first. */
void lab_air_set_loss(struct lab_air *air, unsigned number, unsigned percent);

#endif
