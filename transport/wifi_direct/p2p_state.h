/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of p2p.h share: p2p.c decides, p2p_attempts.c carries that out, p2p_events.c and
 * p2p_replies.c take what the supplicant says, p2p_members.c keeps who is in the group. */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_P2P_STATE_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_P2P_STATE_H

#include "transport/wifi_direct/p2p.h"
#include "transport/wifi_direct/p2p_neighbours.h"

enum {
    P2P_QUEUE_MAX = 16,
    P2P_MEMBERS_MAX = 64,
    P2P_JOINERS_MAX = 32,
    P2P_NETWORKS_MAX = 32,
    P2P_LASTING_MS = 60 * 1000, /* a group that lasted this long did not fail */
    P2P_LET_IN_MS = 8000,       /* the time that one has to join while others wait */
    P2P_REFUSALS_MAX = 3
};

/* What a reply answers. */
enum p2p_question {
    ASKED_NOTHING, /* whose reply does not matter */
    ASKED_STATUS,
    ASKED_NETWORKS,
    ASKED_PEER,
    ASKED_ATTEMPT,
    ASKED_SEEK,
    ASKED_SIGNAL,
};

struct p2p_command {
    enum p2p_deed deed;
    enum p2p_question question;
    char line[P2P_COMMAND_SIZE];
};

/* How it is trying to get into a group. */
enum p2p_attempt {
    TRIES_NOTHING,
    TRIES_LOOKING,  /* what does the supplicant know of the peer? Then it invites or asks */
    TRIES_CHECKING, /* the same of one that asked; then it answers */
    TRIES_INVITING,
    TRIES_ASKING, /* or answering */
    TRIES_STARTING,
    TRIES_JOINING,
    TRIES_REJOINING, /* with what is stored */
    TRIES_INVITED,
};

struct p2p_member {
    uint64_t address; /* of its interface in the group */
    int dbm;          /* 0: not known */
};

struct p2p_network {
    int id;
    uint64_t owner;
};

struct p2p {
    uint64_t random;
    enum transport_mode mode;
    bool is_up, is_ready; /* there is a supplicant; and it is set up */
    enum p2p_trouble trouble;
    unsigned refusals; /* of seeking, one after another */
    uint64_t own;

    struct p2p_command queue[P2P_QUEUE_MAX];
    size_t first, queued;
    bool waits;         /* for the reply to `question` */
    enum p2p_deed asks; /* on which socket */
    enum p2p_question question;

    enum p2p_attempt attempt;
    uint64_t with; /* whom it tries with; 0: nobody in particular */
    int64_t attempt_until_ms;
    uint64_t expected; /* whose question for a group the supplicant agrees to by itself; 0: none */

    enum p2p_role role;
    char interface[P2P_INTERFACE_SIZE], told[P2P_INTERFACE_SIZE]; /* told: with P2P_GROUP_UP */
    char left[P2P_INTERFACE_SIZE]; /* the interface of the group that was left last */
    bool is_retold;                /* another group of the same interface name has to be told */
    uint64_t owner;
    int64_t group_since_ms;
    int64_t lost_ms; /* a client whose owner is not heard: since when; else INT64_MAX */
    struct p2p_member members[P2P_MEMBERS_MAX];
    size_t member_count, next_member;
    uint64_t asked_member; /* whose signal was asked for last */
    int client_dbm;
    uint64_t joiners[P2P_JOINERS_MAX];
    size_t joiner_count;
    bool lets_in; /* the first of the joiners */
    int64_t lets_in_until_ms;

    int64_t next_ms;  /* the earliest of those below that nothing but time brings about */
    int64_t retry_ms; /* when STATUS is asked for again */
    int64_t seek_ms;  /* when the next bout begins, or the listening after it */
    bool seeks;       /* a bout is under way */
    unsigned bouts;
    int64_t sight_ms; /* since when there are others and no owner; INT64_MAX: there are not */
    int64_t begin_ms; /* what was last left to chance for beginning with them */
    int64_t join_ms;  /* the same, for joining; INT64_MAX: no owner to join */
    int64_t signal_ms;
    int64_t quiet_until_ms, frames_since_ms;
    unsigned frames;

    struct p2p_network networks[P2P_NETWORKS_MAX];
    size_t network_count;
    struct p2p_neighbours neighbours;
};

/* --- p2p_attempts.c ----------------------------------------------------------------------------
 */

/* Tries this with `with` for at most `for_ms`. */
void p2p_attempt(struct p2p *p2p, int64_t now_ms, enum p2p_attempt attempt, uint64_t with,
                 int64_t for_ms);

/* Asks the supplicant what it knows of `with`. */
void p2p_look_up(struct p2p *p2p, int64_t now_ms, uint64_t with);

/* Invites `with` into the stored group number `id`. */
void p2p_invite(struct p2p *p2p, int64_t now_ms, uint64_t with, long id);

/* Asks `with` for a group, or answers that it asked. */
void p2p_connect(struct p2p *p2p, int64_t now_ms, uint64_t with);

/* Has the supplicant agree by itself when `from` asks; and to nobody's request any longer. */
void p2p_expect(struct p2p *p2p, uint64_t from);
void p2p_expect_nobody(struct p2p *p2p);

void p2p_start_group(struct p2p *p2p, int64_t now_ms);
void p2p_join(struct p2p *p2p, int64_t now_ms, const struct p2p_handset *owner);

/* Ends what it tries; the second backs off from whom it was tried with, since it failed. */
void p2p_give_up(struct p2p *p2p);
void p2p_attempt_failed(struct p2p *p2p, int64_t now_ms);

/* Nothing is tried with this one for a time, each time a longer one. */
void p2p_back_off(struct p2p *p2p, int64_t now_ms, struct p2p_handset *handset);

/* Starts over: all waiting times begin again. */
void p2p_begin_anew(struct p2p *p2p, int64_t now_ms);

/* --- p2p_members.c -------------------------------------------------------------------------- */

/* The member with this address; NULL when there is none. */
struct p2p_member *p2p_member_find(struct p2p *p2p, uint64_t address);

/* Forgets a member, whose place another one may take. */
void p2p_member_remove(struct p2p *p2p, int64_t now_ms, struct p2p_member *member);

/* --- p2p.c ---------------------------------------------------------------------------------- */

/* Puts a command in the queue; one that finds it full is dropped. */
void p2p_command(struct p2p *p2p, enum p2p_deed deed, enum p2p_question question,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A number from 0 up to below `below`. */
int64_t p2p_chance(struct p2p *p2p, int64_t below);

/* This one no longer waits to be let in. */
void p2p_let_in_done(struct p2p *p2p, uint64_t address);

/* The group is gone; `left` by our own will. */
void p2p_group_lost(struct p2p *p2p, int64_t now_ms, bool left);

#endif
