/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom this handset's multicast reaches. Access points and switches stop passing multicast, in one
 * direction or both, while unicast still works; who does not get it is then sent everything by
 * unicast as well. Without I/O: time and addresses are arguments.
 *
 * - With its frames to all, a handset says a greeting: a datagram of the transport's own, which
 * says which run of the program it is. So its addresses are known to be one handset's. Every third
 *   greeting goes by broadcast too (IPv6: to all nodes), which networks that filter multicast pass.
 * - Each new address is sent one hello by unicast. So the other side knows of this handset even
 * where it hears no multicast, and both systems know each other's hardware addresses, which IPv6
 * cannot ask for without multicast.
 * - Who has heard of a handset, but not its multicast for REACH_SILENT_MS, tells it so, in a hello
 *   by unicast: to the address it was heard from, less and less often. When it is heard again, that
 *   is told as well.
 * - A handset that is told so believes it when it has sent multicast in that time. It sends that
 * one copies from then on, REACH_COPIES_MAX at most, until it is heard again.
 * - A hello counts only when it repeats the mark that was sent to its address, and for that address
 *   alone. A hello is answered with no more octets, and an answer never is. To an address that has
 *   not repeated its mark go no more hellos than datagrams came from there, and two: that much, and
 *   no more, can be had sent to a third.
 * - By which kind of IP it is heard, the other side says as well: whether multicast from the
 * address that the hello goes to is heard. It is asked until that is known, and says so when it
 *   changes. At one address it repeats the mark that was sent to the other, and says there too
 *   whether it hears that kind: a stranger that carries marks across hears for nobody. While
 *   everyone met says so of one kind of IP, frames to all need only that one (greetings always go
 *   by both). IPv6 is preferred: an interface that is up has an address of
 *   it without anybody's doing, so that those who cannot be asked have it most likely. Who has
 *   but one kind is remembered for 12 h: it may be under radio silence.
 * - A table of REACH_MAX addresses, REACH_PER_ADDRESS to a host. When it is full, who has repeated
 *   no mark gives way after 10 s, and who has keeps the place for 5 min after it was heard: made-up
 *   addresses put out nobody who is there, and keep nobody out for long.
 */
#ifndef MUSTER_TRANSPORT_REACH_H
#define MUSTER_TRANSPORT_REACH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/hello.h"

enum {
    REACH_MAX = 128,
    REACH_PER_ADDRESS = 8,
    REACH_COPIES_MAX = 32,
    REACH_GREETING_MS = 4000, /* not more often */
    REACH_SILENT_MS = 7000, /* more than a handset is silent that says every 5 s that it is there */
    REACH_SURE_MS = 12000,  /* from then on it is more than a lost frame */
    REACH_FORGET_MS = 10 * 60 * 1000,
    REACH_SINGLE_KEPT_MS = 12 * 60 * 60 * 1000, /* who has one kind of IP alone */
    REACH_ASK_MS = 1000, /* after meeting, and less and less often, until it is known */
};

/* Kinds of IP, as bits. */
enum {
    REACH_IPV4 = 1,
    REACH_IPV6 = 2,
};

/* How many handsets on one interface, as far as they said so. */
struct reach_report {
    unsigned deaf;    /* our multicast does not reach; they are sent copies */
    unsigned beyond;  /* of these, how many there are no copies for */
    unsigned unheard; /* their multicast does not reach us, their unicast does */
};

struct reach;

/* `own`: this run's number, not 0. NULL when out of memory. The caller frees it. */
struct reach *reach_new(uint64_t own);
void reach_free(struct reach *reach);

/* A frame goes to all at `now_ms` (of a clock that never goes back); true when a greeting is to go
 * with it, which is written to *hello, with whether it is to go by broadcast as well. */
bool reach_said(struct reach *reach, int64_t now_ms, struct hello *hello, bool *by_broadcast);

/* A frame, or a hello, came from `from`, to the multicast group or otherwise. */
void reach_frame(struct reach *reach, const struct sockaddr_in6 *from, bool by_group,
                 int64_t now_ms);
void reach_hello(struct reach *reach, const struct sockaddr_in6 *from, const struct hello *hello,
                 bool by_group, int64_t now_ms);

/* The next hello to send by unicast; false when there is none now. Call it again until then. */
bool reach_next(struct reach *reach, int64_t now_ms, struct sockaddr_in6 *to, struct hello *hello);

/* When reach_next has something to send next; INT64_MAX: not before something is heard. */
int64_t reach_deadline(const struct reach *reach);

/* Where copies of a frame to all go now; returns how many, the addresses known longest first. */
size_t reach_copies(const struct reach *reach, int64_t now_ms,
                    struct sockaddr_in6 out[REACH_COPIES_MAX]);

/* By which kinds of IP a frame to all is to go on `interface`: by one where all who were met there
 * say that they hear it, by IPv6 rather than IPv4; otherwise by both. */
unsigned reach_families(const struct reach *reach, unsigned interface, int64_t now_ms);

/* Is the host with this address heard by multicast, or was it within REACH_SURE_MS? */
bool reach_hears_host(const struct reach *reach, const struct sockaddr_in6 *host, int64_t now_ms);

/* What is known of the handsets on `interface`. */
struct reach_report reach_on(const struct reach *reach, unsigned interface, int64_t now_ms);

#endif
