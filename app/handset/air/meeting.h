/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Meeting: presences said at once, beyond the usual ones, so that two who have met know each
 * other's clocks (life.h) within about a second, and do not have to wait for some usual ones.
 *
 *   - A presence of one who has not measured this handset, as far as is known, is answered.
 *   - Whoever is not measured here is asked, by a presence, a few times, as frames are lost.
 *   - So is a talker who is not measured. What an announcement says of its talker's age is echoed
 *     like what a presence says: the first presence that it hears lets it measure this handset.
 *
 * All of it waits for a small random time, the longer the more neighbours there are, and one
 * presence is for all of them. Nobody is sought more often than SOUGHT_MAX times, and all together
 * no more often than MEETING_BURST times and then once in MEETING_REFILL_MS, whatever others send.
 *
 *   - Two who talk at once and have not met cannot settle who goes on. Neither waits to be asked:
 *     each says a presence every MEETING_BOTH_MS, as any that arrives lets the other measure it,
 *     until they have met or one of them has stopped. These come out of a budget of their own, of
 *     the same size, so that nobody's questions before use it up; they are few beside the voice
 *     that is sent meanwhile.
 *
 * Under radio silence none is said.
 */
#ifndef MUSTER_APP_HANDSET_AIR_MEETING_H
#define MUSTER_APP_HANDSET_AIR_MEETING_H

#include "app/handset/air/roster.h"
#include "app/handset/desk/desk.h"

enum {
    MEETING_BURST = 8,
    MEETING_REFILL_MS = 2000,
    MEETING_ANSWER_MS = 20,       /* an answer is said within so long, */
    MEETING_AGAIN_MS = 190,       /* a question again after so long, */
    MEETING_EACH_MS = 10,         /* and so much more for each who is nearby, */
    MEETING_SPREAD_MAX_MS = 2000, /* up to that */
    MEETING_GAP_MS = 90,          /* between two presences */
    MEETING_BOTH_MS = 100,        /* the same, while two talk at once */
    MEETING_LATELY_MS = 3000,     /* who was heard before that is not asked again */
    MEETING_WAIT_MS = 1000,       /* who lives and is asked has answered by then */
    MEETING_SEEKING_MS = 15000,   /* a talker is asked SOUGHT_MAX times in so long */
    MEETING_TALKERS_MAX = 32,
};

/* A talker who was not measured when its announcement was heard. */
struct met_talker {
    char identity[IDENTITY_SIZE]; /* empty: a free place */
    uint8_t start[START_SIZE];
    int64_t age_ms, heard_ms; /* what its announcement said, and when that was heard (boot clock) */
    int64_t asked_ms;         /* boot clock: when it was first asked; INT64_MIN: not yet */
    int64_t since_ms;         /* boot clock: since then it was asked so often */
    unsigned asked;
};

/* For how many presences there is time left, MEETING_REFILL_MS each. */
struct meeting_budget {
    int64_t left_ms, filled_ms; /* boot clock: when so much was left */
};

struct meeting {
    int64_t due_ms;   /* boot clock: when a presence is to be said; INT64_MAX: none is */
    bool is_for_both; /* it is to be said since two talk at once */
    int64_t said_ms;
    struct meeting_budget usual, both;
    struct met_talker talkers[MEETING_TALKERS_MAX];
};

void meeting_begin(struct meeting *meeting, struct moment now);

/* A presence of that life of a neighbour was heard, which is in `roster`. */
void meeting_hear(struct meeting *meeting, const struct desk *desk, const struct roster *roster,
                  const struct presence *presence, struct moment now);

/* A genuine announcement was heard of `talker`, who was `age_ms` old when it was made, in the life
 * that began with `start`, and is not measured. */
void meeting_hear_talker(struct meeting *meeting, const struct desk *desk,
                         const struct roster *roster, const char *talker,
                         const uint8_t start[START_SIZE], int64_t age_ms, struct moment now);

/* A word of `talker` was heard while this handset talks in the same group. */
void meeting_hear_both(struct meeting *meeting, const struct desk *desk,
                       const struct roster *roster, const char *talker, struct moment now);

/* There is a new reason to meet that one, who is nearby or not: one presence, if they have not. */
void meeting_seek(struct meeting *meeting, const struct desk *desk, const struct roster *roster,
                  const char *identity, struct moment now);

/* Is a presence to be said now, beyond the usual ones? */
bool meeting_is_due(const struct meeting *meeting, struct moment now);

/* Puts the ages of talkers into a presence that is about to be said. */
void meeting_echo(const struct meeting *meeting, const struct roster *roster, struct moment now,
                  struct presence *presence);

/* A presence was said, or none may be. */
void meeting_said(struct meeting *meeting, const struct desk *desk, struct roster *roster,
                  struct moment now);
void meeting_pause(struct meeting *meeting);

/* Was that talker asked, for MEETING_WAIT_MS, and gave no answer by which it could be measured?
 * Then what comes from there is a recording, or of one who does not hear this handset. */
bool meeting_is_unanswered(const struct meeting *meeting, const char *talker, struct moment now);

#endif
