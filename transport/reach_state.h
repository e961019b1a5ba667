/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reach.h keeps, for the files that it is made of: reach.c is about who hears multicast at
 * all, reach_families.c about by which kind of IP.
 */
#ifndef MUSTER_TRANSPORT_REACH_STATE_H
#define MUSTER_TRANSPORT_REACH_STATE_H

#include "transport/reach.h"

enum {
    SAID_KEPT = 4
};

#define NEVER INT64_MIN

struct neighbour {
    uint64_t run; /* the number of its run; 0: the place is free */
    struct sockaddr_in6 address;
    int64_t first_ms, heard_ms, group_ms; /* group_ms NEVER: not by multicast */
    uint64_t own_mark, its_mark;
    bool is_proven;  /* it repeated the mark: what is sent there arrives there */
    unsigned credit; /* until then: so many hellos may go there */

    /* What it is told. */
    bool is_told_silent, owes_answer;
    unsigned heard_left; /* so often it will be told that it is heard again */
    int64_t tell_at_ms, tell_each_ms, answered_ms;

    /* Whether its multicast from this address, and from those of the other kind, is heard: what it
     * was told, and so often it will be. */
    bool was_told_hears, is_told_hears, is_told_hears_twin;
    unsigned hears_left;
    int64_t hears_at_ms;
    int64_t ask_at_ms, ask_each_ms; /* when it is asked the same next */

    /* What it has said. */
    bool hears;         /* ours at this address */
    bool hears_twin;    /* ours at its address in the other kind of IP, by its word at this one */
    uint64_t twin_mark; /* our mark for its address in the other kind of IP */
    bool is_deaf, is_surely_deaf;
    int64_t deaf_until_ms, unheard_until_ms;
};

struct reach {
    uint64_t own;
    int64_t said_ms[SAID_KEPT]; /* the latest first, some way apart */
    int64_t spoke_ms, greeted_ms;
    unsigned greetings;
    int64_t unmet_ms; /* when somebody was heard last who is not in the table */
    struct neighbour places[REACH_MAX];
};

/* The mark that came from its address in the other kind of IP; 0: none. */
uint64_t families_twin(const struct reach *reach, const struct neighbour *one);

/* It is heard, and was last at heard_ms. */
void families_note_heard(struct neighbour *one, int64_t now_ms);

/* Is multicast from this address heard? */
bool families_hears(const struct neighbour *one, int64_t now_ms);

/* Is multicast from its addresses in the other kind of IP heard, from all that are said to be its
 * own? */
bool families_hears_twin(const struct reach *reach, const struct neighbour *one, int64_t now_ms);

/* Is it to be told now whether it is, because that is not what it was told? Counts it as told. */
bool families_is_to_be_told(const struct reach *reach, struct neighbour *one, int64_t now_ms);

/* Is it to be asked now whether it hears ours? Counts it as asked. */
bool families_is_to_be_asked(const struct reach *reach, struct neighbour *one, int64_t now_ms);

/* When one of the two is next; INT64_MAX: not before something is heard. */
int64_t families_deadline(const struct reach *reach, const struct neighbour *one);

/* Has it proven to be there without saying that it hears the other kind of IP as well? */
bool families_is_single(const struct neighbour *one);

#endif
