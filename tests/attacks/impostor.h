/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A member who uses the group's key to speak in another talker's session: the GMK opens the
 * talker's announcement, and the GSK in it seals voice. It has to be signed with some other key.
 */
#ifndef MUSTER_TESTS_ATTACKS_IMPOSTOR_H
#define MUSTER_TESTS_ATTACKS_IMPOSTOR_H

#include "app/handset/talk/media.h"
#include "tests/app/squad.h"

struct impostor;

/* Takes over the latest session of handset `talker`, with the GMK that handset `member` holds. The
 * first packet's sequence number is `ahead` after the talker's latest. The caller frees it. */
struct impostor *impostor_new(struct squad *squad, size_t member, size_t talker, unsigned ahead);
void impostor_free(struct impostor *impostor);

/* The media payload of the next 20 ms of a tone, in `room`. */
struct span impostor_next(struct impostor *impostor, uint8_t room[MEDIA_MAX]);

/* Says the next 20 ms of a tone to handset `to` alone, and lets them pass. */
void impostor_say(struct impostor *impostor, size_t to);

/* A packet of the taken session, in `room`, as the member likes it. */
struct forgery {
    uint16_t sequence;
    int64_t at_ms;         /* RTP time, from what the announcement names; -1: as numbered */
    uint8_t type;          /* RTP payload type */
    struct span signature; /* as it was made for another packet; empty: the member's own */
    struct span link;      /* likewise, or as the talker has shown it */
};
struct span impostor_forge(const struct impostor *impostor, const struct forgery *forgery,
                           uint8_t room[MEDIA_MAX]);

#endif
