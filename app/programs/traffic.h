/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frames' side of the loop: what the engine wants sent goes to the transport, and to the
 * mailboxes of the groups that the handset manages; what the transport says of itself, and of its
 * radios, goes to the officer's screen and log.
 */
#ifndef MUSTER_APP_PROGRAMS_TRAFFIC_H
#define MUSTER_APP_PROGRAMS_TRAFFIC_H

#include "app/broker/access.h"
#include "app/handset/engine.h"
#include "app/programs/mailboxes.h"

enum {
    TRAFFIC_PEERS_MAX = 64,     /* whose signals are looked at in turn */
    TRAFFIC_INTERVAL_MS = 1000, /* of looking at the radios, and at the signal of who is heard */
    TRAFFIC_PATIENCE_MS = 500,  /* that the radios wait for something else to wake the program */
    TRAFFIC_QUIET_MS = 5000,    /* nobody has talked for so long, before the broker is left */
    TRAFFIC_LATEST_MS = 24 * 60 * 60 * 1000, /* then it is left all the same */
    TRAFFIC_AGAIN_MS = 60 * 1000,            /* after the machine could not go there, */
    TRAFFIC_PARTING_MS = 50                  /* of looking whether it is left */
};

struct traffic {
    /* From the start on. */
    struct transport *transport;
    struct transport *broker; /* its nats link, idle at first; NULL: none */
    unsigned link_count;      /* of the transport; with more than one it comes from bundle_open */
    const char *const *link_names; /* as the officer typed them */

    /* From traffic_begin on. */
    struct handset *handset;
    struct mailboxes mailboxes;
    char name[TOPIC_NAME_SIZE]; /* the handset's at the broker; empty: it has no access */
    int64_t access_until_ms;    /* since 1970: when that ends; 0: it has none */
    struct access *renewed;     /* with which it is to go there next; or NULL */
    bool is_parting;            /* from the broker, to come back with that, */
    int64_t parting_due_ms;     /* and when to look again */
    bool is_told;               /* that it cannot be gone to */
    int64_t quiet_since_ms;     /* boot clock: nobody has talked since, */
    int64_t latest_ms;          /* and when it is left at the latest */
    int64_t mailboxes_due_ms;   /* boot clock: those that wait are tried again */
    enum transport_result last_send;
    uint64_t topics_version;           /* of the topics that the transport was told */
    enum transport_mode mode;          /* that it was told */
    int64_t radios_due_ms;             /* boot clock */
    size_t largest[HANDSET_LINKS_MAX]; /* frame of each link, as the handset was told */
    struct {
        uint64_t peer;
        int64_t due_ms;
    } signals[TRAFFIC_PEERS_MAX]; /* each peer in its place, which it may share with others */
};

/* There is a handset: it learns which links it has and passes frames on between, and the broker is
 * connected with the access in the store, for the handset and for the groups that it manages. What
 * of that fails is told once and tried again every TRAFFIC_AGAIN_MS; everything else goes on.
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status traffic_begin(struct traffic *traffic, struct handset *handset,
                                     struct store *store, struct moment now, struct error *error);

/* Is that frame, which came from `peer`, a bundle for this handset, out of its mailbox at the
 * broker? It is for no engine. */
bool traffic_is_bundle(const struct traffic *traffic, uint64_t peer, struct span frame);

/* The handset has a new access to the broker, which is the traffic's from now on. It goes there
 * with it as soon as nobody has talked for TRAFFIC_QUIET_MS: what is said meanwhile would be lost.
 * After TRAFFIC_LATEST_MS, or just before the old access ends, it goes all the same; where the
 * machine does not let it, again every TRAFFIC_AGAIN_MS. */
void traffic_renew(struct traffic *traffic, struct moment now, struct access *access);

/* The handset is no more, and another one may begin: nothing goes out or is looked for any more,
 * and the broker's connection ends, with the access to it. `hears`: what others nearby send still
 * comes in. */
void traffic_rest(struct traffic *traffic, bool hears);

/* Closes the mailboxes. */
void traffic_end(struct traffic *traffic);

/* Carries out an OUTPUT_SEND or OUTPUT_RELAY; neither in airplane mode. */
void traffic_send(struct traffic *traffic, struct moment now, const struct output *output);
void traffic_relay(struct traffic *traffic, const struct output *output);

/* Names the addresses of the transport's peers, and their links. It outlives the handset. */
struct source_namer traffic_namer(struct traffic *traffic);

/* The handset was given a frame from `peer`: it learns now and then how well that is heard. */
void traffic_heard(struct traffic *traffic, struct moment now, uint64_t peer);

/* Tells the transport what the handset wants to hear, and how much it may say by itself, when that
 * has changed, and the officer how the links stand, when that has. */
void traffic_settle(struct traffic *traffic, struct moment now);

/* The boot_ms at which traffic_settle wants to be called although nothing has happened. It is due a
 * little before, too: on the wake-ups that are needed anyway the radios cost none of their own. */
int64_t traffic_deadline(const struct traffic *traffic);

#endif
