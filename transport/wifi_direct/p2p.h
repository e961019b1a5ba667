/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who forms a Wi-Fi Direct group with whom: the rule by which handsets come into one group without
 * talking about it. No I/O: lines of wpa_supplicant (events, and replies to commands) come in with
 * the time; commands, and that a group is up or gone, go out.
 *
 * An address is a P2P device address as a number; the octet that is printed first is the highest.
 * Handsets are the devices whose name begins with "Muster"; no others count. One that was not seen
 * for P2P_SEEN_MS does not count either.
 *
 *   1. A handset without a group seeks in bouts (P2P_FIND on the social channels, each
 *      P2P_WIDE_BOUTS-th on all), and listens in between for a random time. In a group only those
 *      seek that may have to leave it: a client seldom, an owner that has nobody more often. While
 *      there is voice nobody in a group seeks.
 *
 *   2. A group owner is in sight: join it, of several the one with the lowest address. Everyone
 *      waits a random time first, the longer the more handsets are in sight, and longer after each
 *      failure. The owner lets in one at a time (WPS_PBC for that one's address).
 *
 *   3. No owner, and one other in sight: of the two the one with the lower address asks, after
 *      P2P_SETTLE_MS, and wants to be owner; the higher one has its supplicant agree in advance, or
 *      answers. It asks itself only after P2P_GRACE_MS, in case the other does not see it. Both
 *      asking at once the supplicants resolve; and what fails is tried again after a time with a
 *      random part.
 *
 *   4. No owner, and several others in sight: the one with the lowest address starts a group, and
 *      rule 2 does the rest. Where it does not, the next lowest does after P2P_GRACE_MS, the one
 *      after it after twice as long, and so on.
 *
 *   5. Two groups side by side: a client that sees an owner with a lower address than its own
 *      owner's leaves for that one, at a random time. An owner that has nobody, or nobody left,
 *      does the same; and when that owner is higher but does not come, it goes there after
 *      P2P_DESERTED_MS. Owners that have clients stay, since some of them may not see the other
 *      owner: nobody is left behind, and a group goes on beside another only for those who would
 *      be. As everyone goes to lower addresses only, and to one that was lost again later and
 *      later, nobody goes to and fro.
 *
 *   6. Groups are persistent, and an owner starts the same one each time. So who knows an owner
 *      from before joins without asking (P2P_GROUP_ADD with the stored network), and two that know
 *      each other invite at once instead of asking (P2P_INVITE). Where that fails it is done as if
 *      they had not met.
 *
 *   7. The group is gone, or its owner was not heard for P2P_LOST_MS: as at first, and the owner
 *      that is gone does not count until it is seen again. So the lowest of those left begins.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_P2P_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_P2P_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/transport.h"

enum {
    P2P_COMMAND_SIZE = 128,
    P2P_INTERFACE_SIZE = 16,
    P2P_NAME_SIZE = 16,

    P2P_WIDE_BOUTS = 5,
    P2P_SEEN_MS = 40 * 1000,
    P2P_SETTLE_MS = 1500, /* and up to as much at random */
    P2P_GRACE_MS = 12 * 1000,
    P2P_DESERTED_MS = 30 * 1000,
    P2P_LOST_MS = 3000,
    P2P_BACKOFF_MS = 2000, /* after a failure, and up to as much at random; then twice as long... */
    P2P_BACKOFF_MAX_MS = 120 * 1000,
    P2P_BACKOFF_KNOWN_MAX_MS = 20 * 1000, /* with whom a group was shared since both are in sight */
    P2P_QUIET_MS = 5000,                  /* no seeking for this long after a frame of voice */
    P2P_SIGNAL_MS = 3000,
};

struct p2p;

enum p2p_role {
    P2P_ABSENT, /* no supplicant, or it is being set up */
    P2P_ALONE,
    P2P_OWNER,
    P2P_CLIENT,
};

/* What keeps the radio from being used. */
enum p2p_trouble {
    P2P_NO_TROUBLE,
    P2P_NO_DEVICE, /* the supplicant has no P2P device on this interface */
    P2P_REFUSED,   /* it accepts the commands, but the radio does not carry them out */
};

/* No supplicant yet. `seed` decides what is left to chance. NULL when out of memory; the caller
 * frees it. */
struct p2p *p2p_new(uint64_t seed);
void p2p_free(struct p2p *p2p);

/* --- What happens. Times are of a clock that never goes back, in milliseconds. ---------------- */

/* The supplicant's control socket can be used from now on; or can no longer be used: then a group
 * has ended, and nothing that was asked will be answered. */
void p2p_up(struct p2p *p2p, int64_t now_ms);
void p2p_down(struct p2p *p2p, int64_t now_ms);

/* The supplicant said `line` by itself, without its "<3>", on the socket of the P2P device, or on
 * that of the group's interface. Anything else, and what is malformed, changes nothing. */
void p2p_event(struct p2p *p2p, int64_t now_ms, const char *line);
void p2p_group_event(struct p2p *p2p, int64_t now_ms, const char *line);

/* The reply to the command that was taken last, on either socket; NULL: there was none and will be
 * none. Changes nothing when no command on that socket waits for a reply. */
void p2p_reply(struct p2p *p2p, int64_t now_ms, const char *reply);
void p2p_group_reply(struct p2p *p2p, int64_t now_ms, const char *reply);

void p2p_set_mode(struct p2p *p2p, int64_t now_ms, enum transport_mode mode);

/* A frame went over the group or came from it; many in a row are voice. */
void p2p_busy(struct p2p *p2p, int64_t now_ms);

/* --- What is to be done ----------------------------------------------------------------------- */

enum p2p_deed {
    P2P_COMMAND,       /* to the socket of the P2P device; then p2p_reply */
    P2P_GROUP_COMMAND, /* to the socket of the group's interface; then p2p_group_reply */
    P2P_GROUP_UP,      /* `line` is the group's interface */
    P2P_GROUP_DOWN,
};

struct p2p_action {
    enum p2p_deed deed;
    char line[P2P_COMMAND_SIZE];
};

/* Takes what is to be done next; false when there is nothing, as while a command has no reply yet.
 * To be called until then after each of the above, and when p2p_deadline has come. */
bool p2p_take(struct p2p *p2p, int64_t now_ms, struct p2p_action *action);

/* When p2p_take may have something even if nothing happens; INT64_MAX for never. */
int64_t p2p_deadline(const struct p2p *p2p);

/* --- How it stands ---------------------------------------------------------------------------- */

struct p2p_status {
    enum p2p_role role;
    enum p2p_trouble trouble;
    uint64_t own;             /* address; 0: not known yet */
    uint64_t owner;           /* of the group; 0: no group, or not known */
    char name[P2P_NAME_SIZE]; /* the owner's: "Muster 1a2b" */
    unsigned peers;           /* an owner's clients; of a client 1, its owner */
    unsigned in_sight;        /* handsets that were seen lately */
    int quality;              /* of the best of the peers, or TRANSPORT_QUALITY_UNKNOWN */
};

void p2p_look(const struct p2p *p2p, int64_t now_ms, struct p2p_status *out);

#endif
