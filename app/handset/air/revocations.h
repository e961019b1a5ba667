/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked on the air (desk/revoked.h): every signed presence names the number of
 * the list that its handset holds, and whoever holds a newer one says it. Nobody asks for a list,
 * so a number that nobody has leads to nothing.
 *
 * Payload of FRAME_REVOCATION: the list, as revocation_write makes it. It goes to all nearby, and
 * over relays like any frame.
 *
 *   1. Of those who hear that somebody is behind, each waits for a random time. Whoever hears the
 *      very octets of its own list meanwhile says nothing: one frame is enough for all.
 *   2. For one that stays behind it gives way so REVOCATIONS_YIELDS times, and then says the list
 *      whatever it hears: the frame that was heard may not have reached that one, and somebody may
 *      say the list only to keep others from saying it.
 *   3. For one identity it is said again after 4 s, 8 s, and so on up to ten minutes, and for all
 *      together out of one purse, by octets. So naming an old number for ever makes nobody loud.
 *   4. What is no newer than the list that is held costs no signature check; what is newer and
 *      forged is paid for like every other message of its kind (admission.h).
 */
#ifndef MUSTER_APP_HANDSET_AIR_REVOCATIONS_H
#define MUSTER_APP_HANDSET_AIR_REVOCATIONS_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"

enum {
    REVOCATIONS_WAIT_MS = 40,   /* at least, and a random part of as much, */
    REVOCATIONS_SPREAD_MS = 20, /* and of this for each that is nearby, up to */
    REVOCATIONS_SPREAD_MAX = 50,
    REVOCATIONS_AGAIN_MS = 4000,
    REVOCATIONS_AGAIN_MAX_MS = 10 * 60 * 1000,
    REVOCATIONS_YIELDS = 2,
    REVOCATIONS_BEHIND_MAX = 64, /* identities that are remembered */
    REVOCATIONS_BURST = 6000,    /* octets at once, */
    REVOCATIONS_RATE = 120,      /* and in a second */
};

/* Somebody who named an older number. */
struct revocations_behind {
    uint64_t source;  /* stands for the identity; 0: a free place */
    uint64_t number;  /* of the list that it was to hear */
    unsigned times;   /* that it was to hear that */
    int64_t again_ms; /* boot clock: not before then once more */
};

struct revocations {
    struct air *air;
    const struct roster *roster;
    struct admission *admission;
    struct purse octets;
    int64_t due_ms;    /* boot clock: the list is said then; INT64_MAX: it is not */
    bool is_insistent; /* also where another says it meanwhile */
    struct revocations_behind behind[REVOCATIONS_BEHIND_MAX];
};

/* Fills the purse; to be called once. */
void revocations_start(struct revocations *revocations, int64_t boot_ms);

/* The payload of a FRAME_REVOCATION arrived. */
void revocations_hear(struct revocations *revocations, struct moment now, struct span payload);

/* A presence of `identity` that verified names that number. */
void revocations_compare(struct revocations *revocations, struct moment now, const char *identity,
                         uint64_t number);

/* A list was taken that came in another way than over the air: it is said, if anybody is nearby. */
void revocations_taken(struct revocations *revocations, struct moment now);

/* The same to those who hear the topic of `group` over a broker, and need not be nearby. */
void revocations_say_far(const struct revocations *revocations, const char *group);

/* Takes `list` (revoked_take) and queues it to become durable. It counts also where it cannot be
 * queued. An import says itself what came of the list; otherwise, and where it cannot be queued,
 * EVENT_REVOKED_LIST is told. The errors of revoked_take. */
MUST_CHECK enum status revocations_keep(struct desk *desk, struct moment now,
                                        const struct revocation *list, bool is_import);

/* Says it when it is due; not under radio silence. */
void revocations_tick(struct revocations *revocations, struct moment now);
int64_t revocations_deadline(const struct revocations *revocations);

#endif
