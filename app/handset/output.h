/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the engine wants done: the outputs that its rooms queue and that the program around it
 * carries out (engine.h).
 */
#ifndef MUSTER_APP_HANDSET_OUTPUT_H
#define MUSTER_APP_HANDSET_OUTPUT_H

#include "app/broker/topic.h"
#include "app/handset/view.h"
#include "app/store/batch.h"

#define EVERYONE UINT64_C(0)

enum {
    HANDSET_LINKS_MAX = 8,
    HANDSET_RELAYED_GROUPS_MAX = 16, /* groups of others for which it is a relay */
    HANDSET_TOPICS_MAX =
        VIEW_GROUPS_MAX + 2 * GROUP_LIST_MAX + HANDSET_RELAYED_GROUPS_MAX + VIEW_MANAGED_MAX
};

/* What kind of link is it? */
enum link_form {
    LINK_PLAIN,
    LINK_STAR,   /* not all on it hear each other */
    LINK_BROKER, /* all on it goes by topics: what is for those nearby does not go there */
};

enum output_kind {
    OUTPUT_SEND,  /* `frame` to `peer`, or to EVERYONE */
    OUTPUT_RELAY, /* `frame`, which came from `peer`, to everyone on `links`; on its own link, where
                   * that is among them, to the others */
    OUTPUT_STORE, /* make `batch`, which has the number `number`, durable */
    OUTPUT_TELL,  /* something for the officer's attention: `event` (also in the view's log) */
};

struct output {
    enum output_kind kind;
    uint64_t number; /* of OUTPUT_STORE: the batch's, from 1 up */
    uint64_t after;  /* the batch that must be durable first; 0: none */
    uint64_t peer;
    unsigned links;            /* of OUTPUT_RELAY: link number n is 1 << n */
    struct span frame;         /* lives until the next handset_take_output; of OUTPUT_TELL what
                                * proves it, which came from `peer`, or nothing */
    const char *topic;         /* under which it goes out as well; NULL: to those nearby alone */
    bool is_for_topic_alone;   /* those nearby get it in another form */
    bool is_kept;              /* the newest frame under the topic waits for who is not there */
    const struct batch *batch; /* these two live as long as `frame` */
    struct event event;
    enum status status; /* of EVENT_REFUSED the check; of an import what came of it; or STATUS_OK */
};

/* A topic that a transport which takes topics should hear (app/broker/topic.h). */
struct handset_topic {
    char name[TOPIC_SIZE];
    bool is_kept; /* also its newest frame from before */
};

/* How the engine learns what the program around it calls an address: for the officer, who is told
 * where a flood, or what was refused, comes from. */
struct source_namer {
    void *context;
    /* Writes the address of `peer` into `address` ("10.0.0.7") and what the officer calls its link
     * into `link` ("udp"); both empty where they are not known. NULL: nothing is known. */
    void (*name)(void *context, uint64_t peer, char address[EVENT_SOURCE_SIZE],
                 char link[VIEW_LINK_SIZE]);
};

#endif
