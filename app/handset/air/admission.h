/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Admission: what others may make this handset spend (app/README.md section 5, 9, and "Admission").
 * One rule: what a message has proven decides who pays for it. Never its address, nor a name in
 * it: both are forged freely.
 *
 *   an identity     A verified signature. What that makes necessary is paid by the identity that is
 *                   proven, from a purse of its own for each use (enum proven).
 *   a session       The packets of a talk are sifted by their links (talk/forgeries.h), the records
 *   or connection   of a connection by their keys; neither asks here.
 *   a group         An announcement whose MAC is right, and which has the mark.
 *   the mark        The frame has the domain's mark (mark.h): who made it was enrolled.
 *   nothing yet     Everything else.
 *
 * The last three share a purse each for signature checks (enum shown), and for each other work that
 * they may cause (enum spent), so that who shows less takes nothing from who shows more. Where the
 * purse for signatures holds enough and nothing waits, a message is
 * checked at once. Otherwise it waits, and the purse is spent at random among what waits: not first
 * come, which is who sends most. A waiting room is small: for each kind of frame WAITING_EACH
 * places, one for what claims to be of one identity and comes from one address. Whoever comes when
 * all are taken takes one at random; of two that claim the same, chance decides. A draw takes first
 * a kind, then a message of that kind, so that a flood of one kind leaves the others their share.
 *
 * Relaying and learning the topics of others have purses apart (relay.h, topics.h).
 */
#ifndef MUSTER_APP_HANDSET_AIR_ADMISSION_H
#define MUSTER_APP_HANDSET_AIR_ADMISSION_H

#include "app/handset/air/frame.h"
#include "app/handset/air/purse.h"
#include "app/handset/air/roster.h"
#include "app/handset/desk/desk.h"

enum {
    COST_SIGNATURE = 1, /* units, each about a millisecond of work */
    COST_DECAPSULATION = 7,
    COST_EXPLANATION = 10, /* two signature checks, which are seldom of use */
    COST_HELLO_MILLI = 200,
    COST_MAC_MILLI = 5,       /* a MAC, or one step of a group's key to a later hour */
    COST_REPEATED_MILLI = 50, /* opening a session again */
    WAITING_EACH = 16,
};

/* What a frame shows before its signature is checked. */
enum shown {
    SHOWN_NOTHING = 0,
    SHOWN_MARK,
    SHOWN_GROUP,
    SHOWN_COUNT
};

/* What is done without a signature, or for the sake of others: a purse each, so that one takes
 * nothing from another. */
enum spent {
    SPENT_ON_MACS = 0,     /* announcements of held groups */
    SPENT_ON_STEPS,        /* to the key of a later hour */
    SPENT_ON_REPETITIONS,  /* announcements that were genuine before */
    SPENT_ON_ANSWERS,      /* of D2D connections */
    SPENT_ON_REPORTS,      /* sealed reports and floor requests */
    SPENT_ON_WORDS,        /* of attendance */
    SPENT_ON_MESSAGES,     /* opening them, and their receipts */
    SPENT_ON_LESSONS,      /* signatures in groups that this handset only relays for */
    SPENT_ON_EXPLANATIONS, /* why a signature did not verify */
    SPENT_COUNT
};

/* What a proven identity pays for, from a purse each. */
enum proven {
    PROVEN_TALK = 0, /* its announcements; also this handset's own */
    PROVEN_OPENING,  /* what its signature encapsulates is opened */
    PROVEN_COUNT
};

/* A frame at the door. */
struct knock {
    struct presence_arrival arrival;
    enum shown shown;
    struct frame frame;
};

/* One that waits. */
struct waiting {
    uint64_t who; /* stands for the identity that it claims and the address that it came from */
    struct knock knock;
    uint8_t payload[]; /* of the frame */
};

struct waiting_room {
    size_t count;
    struct waiting *list[WAITING_EACH];
};

/* What those who show the same share. */
struct share {
    struct purse signatures;
    struct purse spent[SPENT_COUNT];
    struct waiting_room rooms[FRAME_KINDS];
};

struct admission {
    struct desk *desk;
    bool is_busy;              /* somebody talks: strangers get half as much of the processor */
    const struct knock *knock; /* the frame that is being heard; NULL: none */
    bool is_paid;              /* it has waited, and its signature is paid for */
    enum shown paid_by;        /* the latest signature */
    struct share shares[SHOWN_COUNT];
    struct purses proven[PROVEN_COUNT]; /* by verified identity */
};

/* Fills all purses; nothing waits then. To be called when nothing is being heard. */
void admission_start(struct admission *admission, int64_t boot_ms);

/* Frees what waits. */
void admission_clear(struct admission *admission);

/* `knock`, which outlives the next admission_leave, is being heard from now on. */
void admission_enter(struct admission *admission, const struct knock *knock);
void admission_leave(struct admission *admission);

/* May a signature be checked now that is to prove that the frame is of `claimed`? `has_mac`: the
 * frame has a right MAC of a held group. It is paid for then. Otherwise the frame waits and will be
 * heard again, or another one makes way: whichever loses its place is refused here, and the caller
 * has no more to do. */
bool admission_checks(struct admission *admission, struct moment now, const char *claimed,
                      bool has_mac);

/* A number for what claims to be of `claimed`: another one for each address that it comes from and
 * for what it shows. So of two that claim the same, one may be kept apart from the other. */
uint64_t admission_who(const struct admission *admission, const char *claimed);

/* What admission_checks took was not needed: somebody who is proven pays. */
void admission_returns(struct admission *admission);

/* May the frame cause so much work? If so it is paid for; otherwise nothing is kept of it. */
bool admission_affords(struct admission *admission, struct moment now, enum spent what,
                       int64_t milli_units);

/* `identity` is proven. May it cause so much work? admission_pays takes it from its purse, if so.
 */
bool admission_has(struct admission *admission, struct moment now, enum proven use,
                   const char *identity, int64_t milli_units);
bool admission_pays(struct admission *admission, struct moment now, enum proven use,
                    const char *identity, int64_t milli_units);

/* What keyring_explain says of a signature that did not verify at `now`; where the purse for that
 * is spent, and for every other `status` than STATUS_SIGNATURE_INVALID, `status`. */
MUST_CHECK enum status admission_explains(struct admission *admission, enum status status,
                                          const char *identity, struct moment now,
                                          struct span message,
                                          const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* One of those that wait, drawn by chance, if a signature can be paid for: it is being heard from
 * now on and no longer waits; admission_heard ends that and frees it. NULL: none can be. */
struct waiting *admission_next(struct admission *admission, struct moment now);
void admission_heard(struct admission *admission, struct waiting *waiting);

/* The boot_ms at which admission_next has something; INT64_MAX while nothing waits. */
int64_t admission_deadline(const struct admission *admission);

#endif
