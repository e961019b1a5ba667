/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What handsets said on the air: announcements and packets of voice, when, and by whom each packet
 * was heard. From this a watcher tells whether a talk begins by what was not heard before, and how
 * old it was.
 */
#ifndef MUSTER_TESTS_SIM_SAID_H
#define MUSTER_TESTS_SIM_SAID_H

#include "tests/sim/domain.h"

enum {
    SAID_ANNOUNCEMENTS_MAX = 2048,
    SAID_VOICE_MAX = 1 << 14,
};

/* An announcement that a handset put on the air. */
struct said_announcement {
    size_t talker;
    uint32_t csb_id;
    uint32_t gmk_id;
    int64_t made_ms; /* when it was first sent, */
    int64_t sent_ms; /* and last */
};

/* A packet of voice that a handset put on the air. */
struct said_voice {
    uint64_t tag; /* of its octets: no two are the same */
    size_t talker;
    int64_t sent_ms;
    const struct said_announcement *announcement; /* that came before it; NULL: not known */
    uint32_t kept;  /* the same of those that it reached before they showed the talk */
    uint32_t heard; /* bit n: it reached handset n while that showed the talker */
};

struct said {
    size_t announcement_count;
    struct said_announcement announcements[SAID_ANNOUNCEMENTS_MAX];
    size_t voice_count;
    struct said_voice voice[SAID_VOICE_MAX];
    struct span arriving; /* the frame that is being handed over; empty when none is */
    bool shows[DOMAIN_HANDSETS][DOMAIN_HANDSETS]; /* the second as talker at the first */
};

/* The announcement in `octets`, if somebody said it; or NULL. */
struct said_announcement *said_announcement(struct said *said, struct span octets);

/* Handset `talker` says a new one. NULL when there is no room. */
struct said_announcement *said_add(struct said *said, size_t talker, uint32_t csb_id,
                                   uint32_t gmk_id, int64_t now_ms);

/* The same of a packet of voice, which is forgotten when there is no room. */
void said_add_voice(struct said *said, size_t talker, struct span media, int64_t now_ms);

/* `frame` is handed over to a handset; it lives until the second call, after handset n has handled
 * it. */
void said_arrives(struct said *said, struct span frame);
void said_arrived(struct said *said, size_t n);

/* The announcement in the arriving frame, if somebody said it; or NULL. */
const struct said_announcement *said_arriving(const struct said *said);

/* What a talk began by at handset n, just now: voice in the arriving frame that it did not hear
 * before. NULL when there is nothing of the kind. */
const struct said_voice *said_begins(struct said *said, size_t n, size_t talker);

/* The talk is over at handset n. */
void said_ends(struct said *said, size_t n, size_t talker);

/* Handset n starts again: it shows nobody. */
void said_forget(struct said *said, size_t n);

#endif
