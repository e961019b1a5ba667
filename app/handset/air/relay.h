/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passing frames on (6.X.3.1.1.1, 6; app/README.md section 4). A handset with several links is a
 * relay between them, and one on a star, where not all hear each other, on that as well; for groups
 * that it is in and for groups that it is not: it needs no key, only the hops left and what makes a
 * frame the same one (frame.h).
 *
 *   1. A frame heard on one link, with hops left, goes on to the other links with one hop less. Not
 *      what this handset alone is addressed by, nor its own frames when they come back, nor
 *      anything under radio silence or in airplane mode.
 *
 *      Heard on a star, it goes on to the others there at once, once: no other handset does so in
 *      this one's place. The transport knows who the others are; a handset that is not a hub has
 *      none. So voice over a hub stays in order and waits for nothing.
 *
 *   2. For the other links it waits a moment first, and leaves out those on which it is heard
 *      meanwhile: there another relay was faster. Heard on all of them, it is dropped.
 *
 *   3. Each time that happens this relay has more patience, up to RELAY_PATIENCE_MAX_MS; when both
 *      were as fast, a random part more. Each time it was needed it has half as much. So of several
 *      relays between the same links soon one passes everything on and the others stand by, and
 *      within the patience of the most eager of these it takes over when the first one is gone.
 *
 *   4. How much it waits with is bounded, and so is how much others make it say, by octets and by
 *      kind (relay.c). What has no mark (mark.h) has one purse, however many addresses it comes
 *      from: some 30 kB of voice a second, or 20 of anything else, and a quarter of the places. So
 *      a stranger is made no louder than that, and talks of another domain pass as long as there is
 *      no flood. What has the mark has a purse for each talk, each identity's presence, each
 *      connection, and each other kind, and one for all of these together: no talk takes from
 *      another one, but who makes up many of them under the domain's mark takes from all.
 *
 *   5. A frame that is longer than a link takes goes there in parts (fragment.h). All relays cut it
 * up alike, as far as their links agree, so that each part is the same frame whoever says it; a
 *      relay that hears another's parts of a frame takes them for that frame. What comes in parts
 *      is passed on in parts, each a frame like any other, and costs its source by its octets.
 *
 * Somebody who says a frame to the relay alone as if on its way back can keep it from being passed
 * on, as a jammer could. Nothing that he says is taken for the frame unless it is the very same, or
 * a part that names it.
 */
#ifndef MUSTER_APP_HANDSET_AIR_RELAY_H
#define MUSTER_APP_HANDSET_AIR_RELAY_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/air/fragment.h"

enum {
    RELAY_JITTER_MS = 15,        /* what a frame waits at random, besides the patience */
    RELAY_PATIENCE_STEP_MS = 20, /* so much more each time another one was faster */
    RELAY_PATIENCE_MAX_MS = 100, /* a gap that a jitter buffer gets over */
    RELAY_COPIES_MS = 200,       /* so long after it was passed on, a copy tells of another relay */
    RELAY_FRAMES_MAX = 256,      /* that are remembered */
    RELAY_OCTETS_MAX = 1 << 18,  /* of those that wait, all together */
};

enum relay_state {
    RELAY_FREE = 0, /* the place is */
    RELAY_HELD,     /* heard, and not to be passed on, or not yet: it had no hops left */
    RELAY_WAITING,
    RELAY_PASSED,
};

/* A frame that was heard lately. */
struct relay_frame {
    enum relay_state state;
    uint8_t identity[FRAME_IDENTITY_SIZE];
    bool has_content; /* a link takes it in parts alone, which are named: */
    uint8_t content[FRAGMENT_HASH_SIZE];
    uint64_t number;   /* in the order of hearing */
    uint64_t peer;     /* from whom it came */
    unsigned heard_on; /* links, a bit each */
    unsigned said_on;  /* those that it was passed on to after waiting */
    uint8_t hops_left; /* as it was heard first */
    int64_t due_ms; /* boot clock: passed on then; after that, until when copies tell something */
    size_t length;  /* of what waits, with its hops left lowered already */
    uint8_t *octets;
};

/* What a relay remembers. */
struct relay_memory {
    int64_t patience_ms;
    uint64_t last_number;
    size_t frames_waiting, octets_waiting;
    struct relay_frame frames[RELAY_FRAMES_MAX];
};

struct relay {
    struct desk *desk;
    struct air *air;
    struct purse unmarked; /* what has no mark, all of it together */
    struct purses marked;  /* what has it, by what it is a part of */
    const struct handset_links *links;
    struct relay_memory
        *memory; /* NULL: with one link on which all hear all, nothing is passed on */
};

/* With these links the handset is a relay, or is none any more. STATUS_NO_MEMORY: nothing changed.
 */
MUST_CHECK enum status relay_provide(struct relay *relay, const struct handset_links *links);

/* Fills the purses; to be called once. */
void relay_start(struct relay *relay, int64_t boot_ms);

/* Frees what it remembers. */
void relay_clear(struct relay *relay);

/* Are there several links to pass frames on between, or a star? */
bool relay_is_on(const struct relay *relay);

/* The frame in `octets` arrived; `is_new` when it was never handled before, `is_ours` when it is
 * addressed to this handset and nobody else. To be called for the copies as well. */
void relay_hear(struct relay *relay, struct moment now, const struct knock *knock,
                struct span octets, bool is_new, bool is_ours);

/* A frame that has waited long enough; NULL when there is none. It is valid until the next call. */
struct relay_frame *relay_next(const struct relay *relay, struct moment now);

/* Passes that frame on, under `topic` as well where that is not NULL. */
void relay_pass_on(struct relay *relay, struct moment now, struct relay_frame *frame,
                   const char *topic);

/* The boot_ms at which relay_next has something. */
int64_t relay_deadline(const struct relay *relay);

/* Radio silence or airplane mode begins: what waits is dropped. */
void relay_silence(struct relay *relay);

#endif
