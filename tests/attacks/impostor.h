/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A member who uses the group's key to speak in another talker's session: the GMK opens the
 * talker's announcement, and the GSK in it seals voice that listeners take for the talker's.
 */
#ifndef MUSTER_TESTS_ATTACKS_IMPOSTOR_H
#define MUSTER_TESTS_ATTACKS_IMPOSTOR_H

#include "tests/app/squad.h"

struct impostor;

/* Takes over the latest session of handset `talker`, with the GMK that handset `member` holds. The
 * first packet's sequence number is `ahead` after the talker's latest. The caller frees it. */
struct impostor *impostor_new(struct squad *squad, size_t member, size_t talker, unsigned ahead);
void impostor_free(struct impostor *impostor);

/* Says the next 20 ms of a tone to handset `to` alone, and lets them pass. */
void impostor_say(struct impostor *impostor, size_t to);

#endif
