/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What wifi_direct.c, the transport, and wifi_direct_session.c, which deals with the supplicant and
 * the group, share. */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_WIFI_DIRECT_STATE_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_WIFI_DIRECT_STATE_H

#include <net/if.h>

#include "transport/news.h"
#include "transport/wifi_direct/p2p.h"
#include "transport/wifi_direct/situation.h"
#include "transport/wifi_direct/supplicant.h"
#include "transport/wifi_direct/wifi_direct.h"

enum {
    WIFI_DIRECT_FOLDER_SIZE = 72,
    WIFI_DIRECT_RETRY_MS = 1000,  /* opening again, then twice as long each time */
    WIFI_DIRECT_ACTIONS_MAX = 32, /* in one call */
};

struct wifi_direct {
    struct transport transport;                 /* first: a struct transport is its beginning */
    char named[IF_NAMESIZE];                    /* by option; empty: any */
    char named_folder[WIFI_DIRECT_FOLDER_SIZE]; /* the same */
    uint16_t port;
    int epoll, timer;

    enum transport_mode mode;
    struct p2p *p2p;
    struct supplicant *radio, *group; /* NULL: not open */
    bool is_ready, is_group_ready;    /* they take commands */
    char folder[WIFI_DIRECT_FOLDER_SIZE], interface[SUPPLICANT_NAME_SIZE];
    unsigned skipped; /* radios that turned out to have no P2P device */
    int64_t retry_at_ms, retry_ms;

    char group_interface[IF_NAMESIZE];
    struct transport *udp; /* NULL: no group, or not open yet */
    int64_t udp_at_ms;
    uint64_t groups; /* so far */

    enum situation situation, told;
    enum situation own_switch; /* as it was found last */
    int64_t switch_at_ms;      /* when it is looked up again */
    struct news news;
    struct transport_condition problem;

    transport_frame_fn *on_frame; /* while receiving */
    void *context;
};

int64_t wifi_direct_now_ms(void);

/* Adds the descriptor to the epoll set. */
bool wifi_direct_watch(struct wifi_direct *wifi, int descriptor);

/* Everything but frames: opens what is not open, takes events and replies, sends commands. */
void wifi_direct_run(struct wifi_direct *wifi);

/* Sends the commands that leave the group, without waiting for replies. */
void wifi_direct_say_goodbye(struct wifi_direct *wifi, int64_t now_ms);

/* What the radio does when it is on. */
struct transport_condition wifi_direct_doing(const struct wifi_direct *wifi,
                                             const struct p2p_status *status);

#endif
