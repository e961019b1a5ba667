/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many handsets with Bluetooth on a virtual clock, each with a piconet.h of its own: who sees whom,
 * links that come about or fail, are cut without a sound, adapters with so many places, inquiries
 * that find a handset by chance. Handset i has the adapter addresses town_address(i, 0), (i, 1),
 * ...
 */
#ifndef MUSTER_TESTS_TRANSPORT_PICONET_TOWN_H
#define MUSTER_TESTS_TRANSPORT_PICONET_TOWN_H

#include "transport/bluetooth/piconet_table.h"

enum {
    TOWN_HANDSETS_MAX = 40,
    TOWN_PAGE_TIMEOUT_MS = 5000,
    TOWN_INQUIRY_MS = 2560,
    TOWN_SUPERVISION_MS = 20 * 1000, /* the radio ends a link that was out of range this long */
};

/* What a stranger says over each of its links every second: writes a packet about `to`, its peer,
 * and returns its length; 0 for nothing. */
typedef size_t (*town_lie)(unsigned from, unsigned to, uint8_t packet[PICONET_CONTROL_MAX]);

struct town;

/* All handsets exist, are off, and in range of each other. Each has `adapters` adapters. */
struct town *town_new(uint64_t seed, unsigned handsets, unsigned adapters);
void town_free(struct town *town);

uint64_t town_address(unsigned handset, unsigned adapter);

void town_switch_on(struct town *town, unsigned handset);
void town_switch_off(struct town *town, unsigned handset); /* as a battery does: without a word */
void town_set_range(struct town *town, unsigned a, unsigned b, bool in_range);
void town_cut(struct town *town, unsigned a,
              unsigned b); /* present links carry nothing from now on */

/* It has no piconet of its own, but says this, and keeps asking everyone for a link. */
void town_make_stranger(struct town *town, unsigned handset, town_lie lie);

/* Its radio refuses an eighth link, so that the handset need not turn it away. */
void town_make_strict(struct town *town, unsigned handset);

/* From now on so many of a hundred packets are lost. */
void town_set_loss(struct town *town, unsigned percent);

void town_run(struct town *town, int64_t ms);
int64_t town_now(const struct town *town);

/* NULL while the handset is off. */
struct piconet *town_piconet(struct town *town, unsigned handset);

/* Does what the piconet wants, after the test has called it itself. */
void town_poke(struct town *town, unsigned handset);

/* --- How it stands ---------------------------------------------------------------------------- */

/* How many links lead from `a` to `b` so that both sides have heard the other's table. */
unsigned town_links_between(const struct town *town, unsigned a, unsigned b);

/* The length of the shortest way over such links; UINT_MAX when there is none. Strangers lead
 * nowhere. */
unsigned town_distance(const struct town *town, unsigned a, unsigned b);

/* Whether each two handsets that are on, in range of each other and no strangers are at most
 * PICONET_DISTANCE_MAX links apart. */
bool town_is_together(const struct town *town);

/* Whether each handset says that it reaches as many as are that near. */
bool town_knows_all(const struct town *town);

unsigned town_asks(const struct town *town, unsigned handset);
unsigned town_inquiries(const struct town *town, unsigned handset);
unsigned town_turned_away(const struct town *town); /* FULL packets */
unsigned town_most_links(const struct town *town);  /* that an adapter ever had up */
void town_count_anew(struct town *town);

#endif
