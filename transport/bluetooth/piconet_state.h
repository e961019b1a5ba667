/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a piconet.h handset remembers, shared by its parts: piconet.c (what happens, and what is to
 * be done), piconet_links.c (links and their tables), piconet_sightings.c (who is in sight, and who
 * is asked next).
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_PICONET_STATE_H
#define MUSTER_TRANSPORT_BLUETOOTH_PICONET_STATE_H

#include "transport/bluetooth/piconet_table.h"

enum {
    LINKS_SIZE = PICONET_ALL_LINKS_MAX + 1,
    SIGNAL_UNKNOWN = 127,

    SAY_GAP_MS = 100, /* between two tables on a link at least, whatever changes */

    /* This many changes in a row are told at once, and one more every PICONET_TABLE_MS. Further
     * changes wait for the next table: otherwise one peer could make this handset, and all that it
     * reaches, fill the air with tables. */
    NEWS_AT_ONCE = 5,

    /* After a new link, and after somebody has dropped out of the tables, nobody is asked for this
     * long (and as much at random): others, who are closer, mend it meanwhile. */
    SETTLE_MS = 1000,

    /* After a link was lost, nobody is asked for this long (and as much at random). Meanwhile the
     * controllers of all who have lost it drop what was still to be sent over it. Before that a
     * handset cannot answer; and if it is asked so early, its answer takes seconds, since Linux
     * only resumes sending when there is more to send. */
    DETACH_MS = 400,
    SPARED_MS = 2000, /* after one link was given up, no other is for this long */

    /* A peer may claim to reach handsets that it does not. So a handset with few links asks now and
     * then for one that it has seen and reaches only by what others say. Three links each lead
     * through a crowd even when one of them leads nowhere. */
    DOUBT_MS = 2 * 60 * 1000, /* and as much at random */
    DOUBT_LINKS = 3,
    DOUBLES_MAX = 4, /* how often the pause between doubts is doubled */

    STEADY_MS = 10 * 1000, /* a link that lasted this long did not fail */
};

enum link_state {
    LINK_NONE,
    LINK_NEW,    /* the other side has not said its table */
    LINK_UP,     /* has */
    LINK_ENDING, /* given up; waits for piconet_unlinked */
};

struct piconet_link {
    enum link_state state;
    unsigned adapter;
    uint64_t address; /* the adapter on the other side */
    bool asked;       /* by this handset */
    int64_t linked_ms;
    int64_t heard_ms;
    int64_t spared_until_ms; /* not given up before */
    bool is_stuck;           /* since something was heard */
    int64_t said_ms;
    int64_t say_ms; /* when the next table is due */
    bool must_say_full;
    bool must_close;
    struct piconet_table table; /* as the other side said it: its distances */
};

struct piconet_adapter {
    bool is_on;
    bool is_seeking;
    uint64_t address;
};

struct sighting {
    uint64_t address; /* 0: the place is free */
    int64_t seen_ms;
    bool is_hearsay; /* known by tables only, not by an inquiry of our own */
    bool is_reached;
    bool is_double;    /* a link to it was closed as the second to the same handset */
    int64_t wanted_ms; /* since when it is not reached, or from when on it may be asked */
    int64_t retry_ms;
    unsigned failures;
    bool was_seen_by[PICONET_ADAPTERS_MAX];
    int8_t signal[PICONET_ADAPTERS_MAX];
};

struct piconet {
    uint64_t random;
    uint64_t node;
    bool is_silent;
    struct piconet_adapter adapters[PICONET_ADAPTERS_MAX];
    struct piconet_link links[LINKS_SIZE];
    struct sighting sightings[PICONET_SEEN_MAX];
    bool has_changed; /* who is reached, since `sightings` was last gone through */
    int64_t news_ms;  /* what was told at once is made up for then */

    bool is_asking; /* ask_address on ask_adapter */
    unsigned ask_adapter;
    uint64_t ask_address;
    bool was_hearsay_in_vain; /* the last ask: now one that was really seen goes before */
    bool asked_last;          /* since the last inquiry: now that goes first */
    int64_t settle_ms;        /* no ask before */
    int64_t doubt_ms;         /* no ask in doubt before */
    unsigned doubles;         /* that have come of it: each makes the next doubt later */

    int64_t seek_ms;
    unsigned seek_turn; /* the adapter that sought last */
    int64_t voice_ms;
    int64_t quiet_since_ms; /* there was voice all the time, and no inquiry */
};

/* A number from 0 up to `end` - 1. */
int64_t piconet_random(struct piconet *piconet, int64_t end);

/* Whether it is the address of an adapter of this handset, or its node address. */
bool piconet_is_own(const struct piconet *piconet, uint64_t address);

/* --- piconet_links.c -------------------------------------------------------------------------- */

bool piconet_link_lives(const struct piconet_link *link); /* is new or up */

/* The one that is to be given up, as nothing was heard, and of several the one that has been for
 * the longest time; NULL when there is none. */
struct piconet_link *piconet_link_most_due(struct piconet *piconet, int64_t now_ms);

/* When the link has something to be done or is to be given up. */
int64_t piconet_link_deadline(const struct piconet_link *link);

/* How many of the adapter's places are taken by live links. */
unsigned piconet_links_of_adapter(const struct piconet *piconet, unsigned adapter);

/* How many links have said their table. */
unsigned piconet_links_up(const struct piconet *piconet);

/* Whether a link leads to `address`, directly or through others; a new link leads to its other end.
 */
bool piconet_links_reach(const struct piconet *piconet, uint64_t address);

/* Whether there is a live link whose other end, by its radio address, is this adapter. */
bool piconet_links_touch(const struct piconet *piconet, uint64_t address);

/* Whether a link leads to that node directly. */
bool piconet_links_lead(const struct piconet *piconet, uint64_t node);

/* Has every link told soon what has changed, unless much has changed lately. */
void piconet_links_tell(struct piconet *piconet, int64_t now_ms);

/* Closes all but one of several links to the node of `link`; both sides choose the same one. */
void piconet_links_settle(struct piconet *piconet, int64_t now_ms, const struct piconet_link *link);

/* What `link` is told: this handset, and whom it reaches by other ways than that link. */
void piconet_links_compose(const struct piconet *piconet, const struct piconet_link *link,
                           struct piconet_table *table);

/* --- piconet_sightings.c
 * --------------------------------------------------------------------------- */

struct sighting *sightings_find(struct piconet *piconet, uint64_t address);

/* Remembers that `address` is near; NULL when there is no room for it, or it is our own. */
struct sighting *sightings_note(struct piconet *piconet, int64_t now_ms, uint64_t address,
                                bool is_hearsay);

/* Asking `address` failed: it is tried again later and later. `at_least`: as if it had failed so
 * many times before. */
void sightings_failed(struct piconet *piconet, int64_t now_ms, uint64_t address, unsigned at_least);

/* A link to `address` was the second to the same handset: another one would be useless. */
void sightings_is_double(struct piconet *piconet, uint64_t address);

/* Puts off the next ask in doubt. */
void sightings_doubt_later(struct piconet *piconet, int64_t now_ms);

/* Goes through who was seen: forgets the old, and marks who is reached. */
void sightings_refresh(struct piconet *piconet, int64_t now_ms);

/* Until when there is no inquiry, and no ask in doubt, because of voice. */
int64_t sightings_quiet_end(const struct piconet *piconet);

/* When somebody can be asked; INT64_MAX: not until something happens. */
int64_t sightings_ask_deadline(const struct piconet *piconet);

/* Chooses whom to ask now, and with which adapter; false when nobody. */
bool sightings_choose(struct piconet *piconet, int64_t now_ms, uint64_t *address,
                      unsigned *adapter);

#endif
