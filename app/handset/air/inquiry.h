/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inquiry: asking for identities by name, since in a crowd (pace.h) it can take minutes until
 * each has said its presence: for whom the officer picks, marks, calls or looks up; for members of
 * own groups that are known by their words alone; and, on coming into a crowd, for those that the
 * officer trusts.
 *
 * Payload of FRAME_INQUIRY: nonce (8); how many are asked for (1); for each its name here (8), the
 * beginning of BLAKE2b of "Muster inquiry" 00, nonce and identity; and then this handset's
 * presence, as in FRAME_PRESENCE.
 *
 *   1. Whoever hears it takes the presence like any other. So a question is as long as its answer,
 *      and nobody makes others louder than himself by asking.
 *   2. Whoever is named says its own presence soon, if that one has verified, is new and not of a
 *      revoked identity: once for all who ask within INQUIRY_ANSWER_MS, and out of a budget. Under
 *      radio silence nobody answers, and nobody asks.
 *   3. Who does not answer is asked INQUIRY_TRIES times, as frames are lost, and no more.
 *   4. Everybody hears the answer. So whoever hears another ask for somebody that it wants itself,
 *      and no officer waits for that one, counts that as its own question, if it would be answered
 *      (2).
 *   5. A question is a presence of who asks, and takes the place of the next usual one. Who comes
 *      says one again anyway, so the first question for those that the officer trusts is asked
 *      also while many come at once: each of thousands wants some that were there before. For what
 *      is asked again there is less room; and what was not answered in INQUIRY_FRESH_MS takes what
 *      others leave, a few handsets at a time, by chance. Members who can wait are named in one
 *      question, and whom the officer trusts with them; he alone where there is room for him only.
 */
#ifndef MUSTER_APP_HANDSET_AIR_INQUIRY_H
#define MUSTER_APP_HANDSET_AIR_INQUIRY_H

#include "app/handset/air/pace.h"
#include "app/handset/air/presence.h"

enum {
    INQUIRY_NONCE_SIZE = 8,
    INQUIRY_NAME_SIZE = 8,
    INQUIRY_NAMES_MAX = 16,
    INQUIRY_WANTED_MAX = 64,
    INQUIRY_TRIES = 4,
    INQUIRY_AGAIN_MS = 500, /* all of them within 2 s */
    INQUIRY_SOON_MS = 2000, /* the same, and until there is room, of those that nobody waits for */
    INQUIRY_FRESH_MS = 20 * 1000, /* for so long; then they are asked for when the air is idle: */
    INQUIRY_LATER_MS = 10 * 1000, /* it is looked at so often whether it is, */
    INQUIRY_LATER_ALL = 40,       /* and about so many of all handsets may ask in that time, */
    INQUIRY_LATER_TRUSTED = 400,  /* for those with the officer's mark, whom few lack; */
    INQUIRY_LATER_AGAIN_MS = 60 * 1000, /* and again after so long */
    INQUIRY_LATELY_MS = 10 * 1000,      /* who was heard since then is not asked for */
    INQUIRY_ANSWER_MS = 60,
    INQUIRY_ARRIVAL_MS =
        2000,                 /* after coming into a crowd, those not heard by then are asked for */
    INQUIRY_BURST = 12,       /* questions at once, and as many answers, */
    INQUIRY_REFILL_MS = 3000, /* and then one in so long */
};

/* How many questions, or answers, there is time left for. */
struct inquiry_budget {
    int64_t left_ms, filled_ms; /* boot clock */
};

/* How soon one is wanted. */
enum inquiry_need {
    INQUIRY_NOW,   /* an officer waits */
    INQUIRY_SOON,  /* while there is room on the air; after INQUIRY_FRESH_MS as the next */
    INQUIRY_LATER, /* in the next minutes, while the air is idle */
};

struct inquiry_wanted {
    char identity[IDENTITY_SIZE];
    enum inquiry_need need;
    int64_t since_ms; /* boot clock: it is new for INQUIRY_FRESH_MS from then on, */
    bool is_held;     /* or until it finds the room that it does not have, */
    bool was_held;    /* for once */
    unsigned tries;
    int64_t due_ms; /* boot clock: when it is asked for next, or given up */
};

struct inquiry {
    const struct desk *desk;
    const struct roster *roster;
    const struct pace *pace;
    struct presences *presences;
    struct inquiry_budget questions, answers;
    bool was_crowd;
    int64_t
        arrival_ms;    /* boot clock: when those that are trusted are asked for; INT64_MAX: never */
    int64_t answer_ms; /* when an answer is said; INT64_MAX: none is */
    size_t count;
    struct inquiry_wanted wanted[INQUIRY_WANTED_MAX];
};

void inquiry_start(struct inquiry *inquiry, struct moment now);

/* That one is wanted: it is asked for, unless its presence was heard lately. Who is wanted already
 * is so with the greater need. Where INQUIRY_WANTED_MAX are, one of less need makes way; if there
 * is none, that one is not asked for. */
void inquiry_want(struct inquiry *inquiry, struct moment now, const char *identity,
                  enum inquiry_need need);

/* Is it being asked for? */
bool inquiry_is_asking(const struct inquiry *inquiry, const char *identity);

/* Is anybody being asked for whom the officer waits for? */
bool inquiry_goes_on(const struct inquiry *inquiry);

/* The payload of a FRAME_INQUIRY arrived. */
void inquiry_hear(struct inquiry *inquiry, struct moment now,
                  const struct presence_arrival *arrival, struct span payload);

/* To be called before presence_tick, which says what is due. */
void inquiry_tick(struct inquiry *inquiry, struct moment now);
int64_t inquiry_deadline(const struct inquiry *inquiry);

#endif
