/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways to an identity: the peers from which its presence is heard, on one link or several. Of
 * these one is the best: heard lately, on a link that is on, and where no question went unanswered
 * lately; then directly rather than through another handset; then one whose signal is not weak;
 * then the link that comes first; then the better signal. Which is best does not change for a
 * little more signal.
 *
 * A presence is signed, but who says it is not: whoever repeats it from an address of its own, or
 * with hops left as if it had come directly, becomes a way. So a link has few places, what only
 * said copies takes no place from what was there, and a way that gives no answers counts little for
 * WAY_FAILED_MS.
 */
#ifndef MUSTER_APP_HANDSET_AIR_WAY_H
#define MUSTER_APP_HANDSET_AIR_WAY_H

#include "app/handset/air/link.h"
#include "app/moment.h"

enum {
    WAYS_MAX = 4,
    WAYS_EACH_LINK_MAX = 2,
    WAY_FRESH_MS = 12000,  /* behind the latest: two presences and a little, if they are as usual */
    WAY_FAILED_MS = 60000, /* so long after a question that got no answer */
    WAY_SIGNAL_WEAK = 20,  /* below; */
    WAY_SIGNAL_LOST = 10,  /* of the best way, below this */
    WAY_SIGNAL_STEP = 15,  /* so much better another one must be */
};

struct way {
    uint64_t peer;
    int64_t heard_ms;  /* boot clock */
    int64_t failed_ms; /* a question got no answer; 0: not since the latest answer */
    bool is_relayed;
    bool is_proven; /* it brought a presence first, or an answer, not only a copy */
    int quality;    /* VIEW_QUALITY_UNKNOWN */
};

struct ways {
    size_t count;
    uint64_t best;     /* peer of the one that was best; EVERYONE before */
    int64_t newest_ms; /* when the latest was heard */
    int64_t rests_ms;  /* a way is not heard for so long, since presences are said so seldom */
    struct way list[WAYS_MAX];
};

/* The presence was heard from `peer` with all its hops left, or relayed. A copy is one that was
 * heard before. */
void ways_hear(struct ways *ways, uint64_t peer, struct moment now, bool is_relayed, bool is_copy);

/* A question to `peer` got an answer that verified, or none. */
void ways_answer(struct ways *ways, uint64_t peer, struct moment now);
void ways_fail(struct ways *ways, uint64_t peer, struct moment now);

/* How strong the signal from `peer` is, where that is one of them. */
void ways_signal(struct ways *ways, uint64_t peer, int quality);

/* The best way now, and remembers it. NULL when there is none. */
const struct way *ways_best(struct ways *ways, const struct handset_links *links,
                            struct moment now);

/* The best way that is none of the `count` peers in `tried`; NULL when there is none. */
const struct way *ways_other(const struct ways *ways, const struct handset_links *links,
                             struct moment now, const uint64_t tried[], size_t count);

/* Is `peer` a way that is heard lately, and not only by copies? */
bool ways_prove(const struct ways *ways, uint64_t peer);

/* Is it heard lately, as the latest one goes? */
bool way_is_fresh(const struct ways *ways, const struct way *way);

/* On how many links the identity is heard lately. */
unsigned ways_links(const struct ways *ways);

#endif
