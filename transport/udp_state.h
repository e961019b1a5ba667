/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What udp.h keeps, for the files that it is made of: udp.c opens, udp_receiving.c listens,
 * udp_sending.c sends, udp_radios.c shows how it stands.
 */
#ifndef MUSTER_TRANSPORT_UDP_STATE_H
#define MUSTER_TRANSPORT_UDP_STATE_H

#include "transport/datagram.h"
#include "transport/interfaces.h"
#include "transport/peers.h"
#include "transport/reach.h"
#include "transport/udp.h"

enum {
    IPV4,
    IPV6,
    FAMILIES
};

enum {
    SOCKETS_A_FAMILY = 3, /* of a lane: struct datagram_sockets */
    LOOPBACK_INDEX = 1,   /* of an interface */
    UDP_DESCRIPTORS_MAX = FAMILIES * SOCKETS_A_FAMILY * TRANSPORT_LANES + 2
};

/* Datagrams of one lane that came while a socket had no room for them. */
struct udp_losses {
    uint32_t counts[FAMILIES][SOCKETS_A_FAMILY]; /* as the kernel said last */
    uint32_t echoes[FAMILIES];                   /* of those it counts, at most: our own */
    int64_t lately;                              /* since there was a while without */
    int64_t lost_ms;
};

/* A handset that the officer named. */
struct udp_peer {
    struct sockaddr_in6 address;
    char interface[IF_NAMESIZE]; /* empty: the routing table knows */
};

/* A sender of proven voice. */
struct udp_talker {
    struct sockaddr_in6 address; /* where its voice comes from */
    int64_t until_ms;            /* favoured; 0: nobody */
};

/* A datagram of voice that waits until those of talkers are handed over. */
struct udp_waiting {
    struct sockaddr_in6 from;
    int64_t age_ms;
    int family;
    size_t place, length;
    uint8_t octets[TRANSPORT_FRAME_MAX + 1];
};

enum {
    UDP_TALKERS_MAX = 8,
    UDP_WAITING_MAX = 128,
    UDP_ORIGINS_MAX = 1024 /* of voice that was handed over, whom `favour` may still mean */
};

struct udp {
    struct transport transport;       /* first: a struct transport is its beginning */
    char interface_name[IF_NAMESIZE]; /* empty: every one */
    struct datagram_sockets sockets[FAMILIES][TRANSPORT_LANES];
    int watch;          /* tells when interfaces change; -1 when the system does not */
    int timer;          /* tells when there is something to do unasked */
    size_t found_count; /* of these that are readable just now; 0: nobody has told */
    int found[UDP_DESCRIPTORS_MAX];
    int64_t timer_at_ms, worked_ms, rejoin_ms, rejoin_at_ms, opened_ms;
    enum transport_mode mode;
    struct interfaces interfaces;
    bool any_may_have_ended; /* of them, and another have its number: to be joined anew */
    struct former_addresses former;
    int64_t doubted_ms; /* when the interfaces were read because of a frame that may be our own */
    bool is_unjoined[INTERFACES_MAX]; /* the system lets the groups be joined on no more */
    struct peers *peers;
    struct reach *reach;
    size_t named_count;
    struct udp_peer named[UDP_PEERS_MAX];
    struct transport_condition problem;
    struct udp_losses losses[TRANSPORT_LANES];
    struct udp_talker talkers[UDP_TALKERS_MAX];
    size_t waiting_count;
    struct udp_waiting *waiting; /* UDP_WAITING_MAX; memory only as far as it was used */
    uint64_t origin_count;       /* so far; the newest is of the frame that is handed over, */
    struct sockaddr_in6 origins[UDP_ORIGINS_MAX]; /* each in the place of its number */
    bool is_favoured;                             /* and this is whether it comes from a talker */
    int64_t age_ms;                               /* of the frame that is handed over, */
    enum transport_lane lane;                     /* and by which it came */
    uint8_t datagram[TRANSPORT_FRAME_MAX + 1];    /* one more, to tell what is too long */
};

int64_t udp_now_ms(void);

/* Why there is no interface to send on. */
struct transport_condition udp_absence(const struct udp *udp);

/* Reads the interfaces afresh and joins the groups on them. */
void udp_refresh(struct udp *udp);

/* Sets the timer to what is due next. */
void udp_set_timer(struct udp *udp);

/* Leaves the groups and joins them anew, when that is due. */
void udp_rejoin(struct udp *udp, int64_t now_ms);

bool udp_has_interface(const struct interfaces *interfaces, unsigned index);

/* The `found` and `receive` of a struct transport_kind. */
void udp_found(struct transport *transport, const int readable[], size_t count);

enum transport_result udp_receive(struct transport *transport, transport_frame_fn *on_frame,
                                  void *context);

/* The `origin`, `favour` and `is_favoured` of a struct transport_kind. */
uint64_t udp_origin(const struct transport *transport);
void udp_favour(struct transport *transport, uint64_t origin);
bool udp_is_favoured(const struct transport *transport);

/* The `send` of a struct transport_kind. */
enum transport_result udp_send(struct transport *transport, uint64_t peer, enum transport_lane lane,
                               const uint8_t *frame, size_t length);

/* How many datagrams were lost lately because this handset does not keep up; 0: none. */
int64_t udp_lost_lately(const struct udp *udp, enum transport_lane lane, int64_t now_ms);

/* The `radios` of a struct transport_kind. */
size_t udp_radios(const struct transport *transport, struct transport_radio out[], size_t room);

/* Sends the hellos that are due. */
void udp_send_hellos(struct udp *udp, int64_t now_ms);

#endif
