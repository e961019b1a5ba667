/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The roster: identities nearby, by their signed presence (app/README.md section 4, kind 1), and
 * the officer's trust marks.
 *
 * It keeps of each neighbour how its clock goes with our own, as measured two-way (life.h), and
 * whether two devices answer to its identity: a copy of its keys, or a handset that was handed on
 * and not wiped. Nothing tells them apart, since both hold the same keys.
 *
 * A presence counts if it is fresh. It is by what was measured of its handset's age, that it was
 * said in the last PRESENCE_LASTS_MS; or, where nothing was, by its wall clock, that this agrees
 * with the one here; or, whatever the clocks say, because it echoes what this handset said lately,
 * which no recording can. Somebody whose presence is not fresh is a candidate: not nearby, not
 * shown, and echoed and asked like a neighbour, though after these, so that it can answer. Of these
 * CANDIDATES_MAX are kept. Between signed presences links of its chain (presence_chain.h) keep a
 * neighbour nearby, and nobody else.
 *
 * Who is nearby by its wall clock alone may be a recording of the last minutes, or not hear this
 * handset. Who does not answer while this handset says presences is shown as that, and makes way
 * first. A forwarder cannot be told apart: who answers is reachable, not near.
 *
 * A member of an own group of whom words under the group's key tell (keys/attendance.h) is nearby
 * by these alone, as somebody who is heard, until a presence of it comes.
 *
 * Whoever has been heard is remembered, so that recordings of it bring nobody back, until there are
 * NEIGHBOURS_MAX. Then the least useful one makes way (usefulness.h).
 */
#ifndef MUSTER_APP_HANDSET_AIR_ROSTER_H
#define MUSTER_APP_HANDSET_AIR_ROSTER_H

#include "app/handset/air/neighbours.h"
#include "app/handset/air/peer_set.h"

enum {
    PRESENCE_SOON_MS = 1000,   /* after the last one, when a radio reaches somebody new */
    PRESENCE_LASTS_MS = 20000, /* gone from the list when not heard for so long, */
    PRESENCE_LASTS = 4,        /* nor for so many of the times that it says one in */
    ANSWER_LASTS_MS = 30000,   /* who answered is "reachable" for so long after what it answered */
    CANDIDATES_MAX = 64,
    CANDIDATES_ECHOED = 4,   /* in one presence, at least, where there are as many */
    PRESENCE_COPY_MS = 2500, /* so long after a presence, copies of it tell of other ways */
    SOUGHT_MAX = 3, /* presences at once for one identity that is not met (roster_seeks), */
    SOUGHT_EVERY_MS = 2 * PRESENCE_INTERVAL_MS, /* and then on average once in so long, */
    SEEKING_MS = SOUGHT_MAX * SOUGHT_EVERY_MS,  /* the usual presences counted as well */
    ON_ITS_WAY_MS = 150,           /* a presence that echoes it may not have arrived yet */
    TWO_LASTS_MS = 10 * 60 * 1000, /* two devices are spoken of for so long after both were alive */
    TRUSTED_MAX = 256,
    NEARBY_FEW = 20,       /* an officer finds somebody among so many without help */
    ECHOES_CROWDED = 4,    /* in one presence, where many share the air */
    MEMBERS_MAX = 1024,    /* as many as own groups have at most */
    COUNT_LASTS_MS = 1000, /* more than NEARBY_FEW are not counted again so soon */
};

struct roster {
    struct own_life own;
    struct lives self; /* of other handsets that answer to the own identity */
    int64_t other_ms;  /* boot clock: when one of them was last alive; INT64_MIN: never */
    bool is_crowded;   /* many share the air, */
    int64_t pace_ms;   /* and each says something once in so long, as this handset does */
    struct neighbours neighbours;
    size_t candidates;      /* among them */
    struct peer_set *peers; /* from which neighbours are proven to be heard; NULL: none were yet */
    int64_t speaking_ms;    /* boot clock: since then presences are said; INT64_MAX: none are */
    int64_t round_ms;       /* all who are nearby are echoed once in so long, if all are as many */
    size_t counted;         /* that were nearby, when they were counted last, */
    int64_t counted_ms;     /* boot clock */
    size_t member_count;
    uint64_t members[MEMBERS_MAX]; /* of the own groups: the hashes of their identities */
    size_t trusted_count;
    char trusted[TRUSTED_MAX][IDENTITY_SIZE];
};

/* How a presence came. */
struct presence_arrival {
    uint64_t peer;
    bool is_relayed;
    uint8_t frame[FRAME_IDENTITY_SIZE];
};

/* A verified presence was heard. STATUS_REPLAYED when it is not newer than the last one of this
 * identity that the roster remembers, however long ago that was: else a recording would bring it
 * back. Within one life that is told by its age. Of a new life by its wall clock, unless it echoes
 * what this handset said. Two wall clocks that go backwards are believed: one that was ahead and is
 * set right, and, of a handset that was gone, one that differs from ours. That may be a recording
 * too; but a handset whose battery was out must not be invisible, and it is shown with how much its
 * clock differs. STATUS_NO_MEMORY without memory for one more. *is_new: is it nearby now, and was
 * not before? */
MUST_CHECK enum status roster_hear(struct roster *roster, const struct presence *presence,
                                   const struct presence_arrival *arrival, struct moment now,
                                   bool *is_new);

/* A link of a neighbour's chain was heard: if it opens, the neighbour was heard, and nothing else
 * is so. */
void roster_hear_link(struct roster *roster, const struct said_link *link, struct moment now);

/* The same of the link in a presence that claims to be of `identity`. Is the link one by which its
 * signature may be checked, whatever others sent? Of each link PRESENCE_LINK_CHECKS are. */
bool roster_hear_claim(struct roster *roster, const char *identity,
                       const struct presence_link *link, struct moment now);

/* The same of another handset that answers to the own identity; it is no neighbour. */
MUST_CHECK enum status roster_hear_self(struct roster *roster, const struct presence *presence,
                                        struct moment now);

/* The same of one that says the own start, which this handset has drawn since it started: so no
 * recording from before that. */
void roster_hear_own_start(struct roster *roster, struct moment now);

/* Has another handset that answers to the own identity been alive in the last TWO_LASTS_MS? It has
 * echoed what this one said since its own start, or said that start, which no recording from before
 * that can. */
bool roster_has_other(const struct roster *roster, struct moment now);

/* Have two devices that answer to that identity, or the neighbour's, been alive in the last
 * TWO_LASTS_MS (lives_were_two_ms)? */
bool neighbour_is_two(const struct neighbour *neighbour, struct moment now);
bool roster_is_two(const struct roster *roster, const char *identity, struct moment now);

/* Is some life of that neighbour, heard lately, measured? What another one says is a recording
 * then, or of a second device. */
bool roster_is_measured(const struct roster *roster, const char *identity, struct moment now);

/* Two lives have met when each has measured the other. Has some life of that neighbour, heard
 * lately, met this one? */
bool roster_has_met(const struct roster *roster, const char *identity, struct moment now);

/* Is a presence to be said soon for that life of the neighbour, since they have not met, and none
 * is on its way? For one identity SOUGHT_MAX times, and then no more while usual presences are said
 * anyway, however many lives somebody makes up: who does not answer, as it does not hear this
 * handset, keeps nobody awake. */
bool roster_seeks(const struct roster *roster, const char *identity,
                  const uint8_t start[START_SIZE], struct moment now);

/* The same for any life, heard in the last `lately_ms`, that is not measured. */
bool roster_seeks_any(const struct roster *roster, int64_t lately_ms, struct moment now);

/* An own presence was said, a signed one: it counts for all that have not been met. */
void roster_sought(struct roster *roster, struct moment now);

/* None may be said. */
void roster_fall_silent(struct roster *roster);

/* How long ago the neighbour's handset was `age_ms` old in the life that began with `start`; false
 * when that was not measured. */
bool roster_ago(const struct roster *roster, const char *identity, const uint8_t start[START_SIZE],
                int64_t age_ms, struct moment now, struct ago *ago);

/* Puts the own life into a presence, and after the echoes that are there those of who was echoed
 * longest ago. */
void roster_echo(struct roster *roster, struct moment now, struct presence *presence);

/* The frame of a presence came again. Was it a neighbour's latest, not long ago, then it is heard
 * on one more way. */
void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now);

/* Do so many share the air that nobody is sought for having been heard alone? Each answer would be
 * heard by others who seek that one. Talkers and who is connected to are sought all the same.
 * `pace_ms`: from one usual presence of this handset to the next. */
void roster_crowd(struct roster *roster, bool is_crowded, int64_t pace_ms);

/* This handset, of that identity, starts: draws the start of its life. STATUS_LIBRARY_FAILED
 * without randomness. */
MUST_CHECK enum status roster_begin(struct roster *roster, const char *identity,
                                    const struct entropy *entropy, struct moment now);

/* Frees all neighbours. */
void roster_clear(struct roster *roster);

/* Whom the own groups have as members is told anew: nobody yet, and then one after the other, as
 * far as MEMBERS_MAX go. */
void roster_forget_members(struct roster *roster);
void roster_add_member(struct roster *roster, const char *identity);

/* Draws the start of the own life anew. Neighbours hear of one more life of this handset, and
 * measure it from its first presence on that echoes them. STATUS_LIBRARY_FAILED without randomness:
 * then the start stays. */
MUST_CHECK enum status roster_renew(struct roster *roster, const struct entropy *entropy);

/* The neighbour with that identity, or NULL. */
const struct neighbour *roster_find(const struct roster *roster, const char *identity);

/* Is the neighbour, or the one with that identity, nearby: was it heard lately? By the interval
 * that it said, or this handset's own where that is longer: where many have come since it said so,
 * it speaks as seldom as all do. */
bool neighbour_is_near(const struct neighbour *neighbour, const struct roster *roster,
                       struct moment now);
bool roster_is_near(const struct roster *roster, const char *identity, struct moment now);

/* Does it answer this handset? */
enum nearby_state neighbour_state(const struct neighbour *neighbour, const struct roster *roster,
                                  struct moment now);

/* Somebody who knows said that the one with that identity, of that KMS, was here at `lived_ms` by
 * the boot clock, and is for `lasts_ms` from then on. Who is not known here is nearby from now on
 * by that alone (neighbour_is_told), if that is not too long ago. Returns whether a presence of it
 * has been heard, and it is nearby. */
bool roster_note_word(struct roster *roster, const char *identity, const char *kms,
                      int64_t lived_ms, int64_t lasts_ms, struct moment now);

/* Is the neighbour known by what others told of it alone? Then its name, clock and ways are not
 * known. */
bool neighbour_is_told(const struct neighbour *neighbour);

/* Is the one with that identity revoked? Who is not known here is not noted. */
void roster_note_revoked(struct roster *roster, const char *identity, bool is_revoked);

/* How many are nearby. Where there are many it is what roster_count found lately. */
size_t roster_near(const struct roster *roster, struct moment now);
void roster_count(struct roster *roster, struct moment now);

/* The ways to the neighbour with that identity, to be changed at once; NULL when there is no such
 * neighbour. */
struct ways *roster_ways(struct roster *roster, const char *identity);

/* How strong the signal from `peer` is, for all who are heard from there. */
void roster_signal(struct roster *roster, uint64_t peer, int quality);

/* Did the presence of a neighbour come from `peer` lately? What came from there only as a copy does
 * not count, nor one whose clock differs: it may be a recording from anywhere. */
bool roster_has_peer(const struct roster *roster, uint64_t peer);

bool roster_trusts(const struct roster *roster, const char *identity);

/* Sets or clears the officer's mark. STATUS_TOO_LONG when TRUSTED_MAX are marked. */
MUST_CHECK enum status roster_mark(struct roster *roster, const char *identity, bool trusted);

/* Copies who is nearby into the view, in the order of identities, of more than NEARBY_FEW those
 * that are trusted first and then members: all of them or, of more than VIEW_NEARBY_MAX, the most
 * useful ones; and how many there are. */
void roster_show(struct roster *roster, const struct handset_links *links, struct moment now,
                 struct view *view);

#endif
