/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handset's side: what is read here may come from whoever took the radio's process over. */
#include "transport/apart/apart.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "transport/apart/message.h"
#include "transport/news.h"

#define CROWD UINT64_MAX

enum {
    ADDRESSES_MAX = 1024,
    VOICE_MAX = 512, /* frames of voice in one look, and of all else in one call */
    REST_MAX = 48,
    LOOK_APART_US = 1000,
    FAVOURED_MAX = 8,
    FAVOUR_APART_MS = 500, /* far less than a sender is favoured for */
    NEWS_APART_MS = 1000,  /* in the long run; a few may come at once */
    ROOM = 512 * 1024,     /* that is asked for in a socket: the system may grant less */
    GENERATIONS = 256
};

struct apart_peer {
    uint64_t peer;
    char address[TRANSPORT_ADDRESS_SIZE];
};

struct apart {
    struct transport transport; /* first: a struct transport is its beginning */
    struct transport_kind kind; /* what the radio is able to */
    int sockets[APART_SOCKETS];
    int talkers;         /* epoll: readable while APART_TALKERS is, if that is to wake anybody */
    bool is_gone;        /* nobody is at the other end any more */
    bool has_ended;      /* the process, and no other has come yet */
    unsigned generation; /* how many processes there were, in a few bits */
    enum transport_mode mode;
    bool is_mode_untold, is_look_untold;
    bool has_spoken; /* the radio, since it was to be asked how it stands */
    struct transport_condition problem;
    struct news news;
    int64_t news_ms;   /* up to when news are paid for */
    bool is_senseless; /* and that was told */
    size_t largest, radio_count;
    struct transport_radio radios[MESSAGE_RADIOS_MAX];
    struct apart_peer peers[ADDRESSES_MAX]; /* each in its place, which it may share with others */
    struct {
        uint64_t peer;
        int64_t ms;
    } favoured[FAVOURED_MAX]; /* when the radio was told */
    size_t favoured_at;
    struct message heard;     /* the frame that is handed over, */
    enum transport_lane lane; /* and by which it came */
    bool is_of_talker;
    uint8_t in[MESSAGE_SIZE + 1], out[MESSAGE_SIZE];
};

static int64_t now_of(clockid_t clock, int64_t a_second) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * a_second + now.tv_nsec / (1000000000 / a_second);
}

static int64_t now_ms(void) {
    return now_of(CLOCK_BOOTTIME, 1000);
}

/* --- Saying ------------------------------------------------------------------------------------
 */

static bool say(struct apart *apart, enum apart_socket by, const struct message *message) {
    size_t length = message_write(message, apart->out);
    return length > 0 && !apart->is_gone &&
           send(apart->sockets[by], apart->out, length, MSG_DONTWAIT | MSG_NOSIGNAL) ==
               (ssize_t)length;
}

/* What there was no room for before. Of a process that has ended nobody asks how it stands: the
 * mode alone waits for the next one. */
static void say_untold(struct apart *apart) {
    if (apart->is_mode_untold) {
        apart->is_mode_untold =
            !say(apart, APART_REST, &(struct message){.kind = MESSAGE_MODE, .mode = apart->mode});
    }
    if (apart->is_look_untold && !apart->has_ended) {
        apart->is_look_untold = !say(apart, APART_REST, &(struct message){.kind = MESSAGE_LOOK});
    }
}

/* --- What the process says of itself ------------------------------------------------------------
 */

static void tell(struct apart *apart, enum transport_condition_kind kind, int64_t number) {
    const struct transport_condition news = transport_condition_number(kind, NULL, number);
    news_add(&apart->news, &news);
}

/* A process that is taken over may have more to report than an officer can read. */
static bool may_tell(struct apart *apart) {
    int64_t now = now_ms(), least = now - (int64_t)NEWS_MAX * NEWS_APART_MS;
    apart->news_ms = apart->news_ms > least ? apart->news_ms : least;
    if (apart->news_ms + NEWS_APART_MS > now) {
        return false;
    }
    apart->news_ms += NEWS_APART_MS;
    return true;
}

static void note_senseless(struct apart *apart) {
    if (!apart->is_senseless) {
        apart->is_senseless = true;
        tell(apart, CONDITION_PROCESS_SENSELESS, 0);
    }
}

static void show_unusable(struct apart *apart, enum transport_condition_kind kind) {
    apart->radio_count = apart->radio_count == 0 ? 1 : apart->radio_count;
    for (size_t i = 0; i < apart->radio_count; i++) {
        apart->radios[i].link = 1;
        apart->radios[i].state = RADIO_UNUSABLE;
        apart->radios[i].peers = 0;
        apart->radios[i].quality = TRANSPORT_QUALITY_UNKNOWN;
        apart->radios[i].condition = transport_condition_of(kind, NULL);
        apart->radios[i].also = transport_condition_of(CONDITION_NONE, NULL);
    }
}

/* The one that comes next numbers its peers anew, and learns the mode before it opens anything. */
static void take_ended(struct apart *apart, unsigned signal) {
    apart->generation = (apart->generation + 1) % GENERATIONS;
    memset(apart->peers, 0, sizeof apart->peers);
    memset(apart->favoured, 0, sizeof apart->favoured);
    apart->is_mode_untold = true;
    bool has_hung = signal == MESSAGE_SIGNAL_HUNG;
    enum transport_condition_kind kind =
        has_hung ? CONDITION_PROCESS_HUNG : CONDITION_PROCESS_ENDED;
    show_unusable(apart, kind);
    if (!apart->has_ended && may_tell(apart)) {
        tell(apart, kind, has_hung ? 0 : signal);
    }
    apart->has_ended = true;
}

static void take_opened(struct apart *apart, const struct message *message) {
    if (message->result != TRANSPORT_OK) {
        apart->is_mode_untold = true; /* the next one waits for it as well */
        show_unusable(apart, message->condition.kind);
        apart->radios[0].condition = message->condition;
    } else if (apart->has_ended) {
        apart->has_ended = false;
        apart->is_look_untold = true;
        if (may_tell(apart)) {
            tell(apart, CONDITION_PROCESS_BACK, 0);
        }
    }
}

static void take_standing(struct apart *apart, const struct message *message) {
    apart->largest = message->largest;
    apart->radio_count = message->radio_count;
    memcpy(apart->radios, message->radios, message->radio_count * sizeof message->radios[0]);
}

static void take_report(struct apart *apart, const struct message *message) {
    switch (message->kind) {
    case MESSAGE_OPENED:
        take_opened(apart, message);
        break;
    case MESSAGE_STANDING:
        take_standing(apart, message);
        break;
    case MESSAGE_NEWS:
        if (message->condition.kind != CONDITION_NONE && may_tell(apart)) {
            news_add(&apart->news, &message->condition);
        }
        break;
    case MESSAGE_ENDED:
        take_ended(apart, message->signal);
        break;
    default:
        note_senseless(apart);
    }
}

/* Nobody is there, and nobody will be. Whoever waits for the sockets waits for nothing from now on:
 * one that was hung up on would wake him without end. */
static void be_gone(struct apart *apart) {
    int nothing = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)epoll_ctl(apart->talkers, EPOLL_CTL_DEL, apart->sockets[APART_TALKERS], NULL);
    for (size_t i = 0; nothing >= 0 && i < APART_SOCKETS; i++) {
        (void)dup2(nothing, apart->sockets[i]);
    }
    if (nothing >= 0) {
        close(nothing);
    }
    apart->is_gone = true;
    show_unusable(apart, CONDITION_PROCESS_GONE);
    tell(apart, CONDITION_PROCESS_GONE, 0);
}

/* --- Frames -------------------------------------------------------------------------------------
 */

static uint64_t peer_of(const struct apart *apart, uint64_t theirs) {
    return theirs == CROWD ? CROWD : theirs | (uint64_t)apart->generation << MESSAGE_PEER_BITS;
}

/* False: it is a peer of a process that has ended. */
static bool find_peer(const struct apart *apart, uint64_t peer, uint64_t *theirs) {
    const uint64_t mask = (UINT64_C(1) << MESSAGE_PEER_BITS) - 1;
    *theirs = peer == CROWD ? CROWD : peer & mask;
    return peer == PEER_ALL || peer == CROWD || peer_of(apart, *theirs) == peer;
}

static void note_address(struct apart *apart, uint64_t peer, const char *address) {
    struct apart_peer *place = &apart->peers[peer % ADDRESSES_MAX];
    if (peer != CROWD && (place->peer != peer || strcmp(place->address, address) != 0)) {
        place->peer = peer;
        strcpy(place->address, address);
    }
}

static void hand_over(struct apart *apart, enum apart_socket by, transport_frame_fn *on_frame,
                      void *context) {
    struct message *heard = &apart->heard;
    heard->peer = peer_of(apart, heard->peer);
    apart->lane = by == APART_REST ? LANE_REST : LANE_VOICE;
    apart->is_of_talker = by == APART_TALKERS;
    note_address(apart, heard->peer, heard->address);
    on_frame(context, heard->peer, heard->frame, heard->length);
}

static bool is_hung_up(int socket) {
    struct pollfd asked = {.fd = socket};
    return poll(&asked, 1, 0) > 0 && (asked.revents & (POLLHUP | POLLERR)) != 0;
}

/* Takes one message of a socket; false when none was waiting. */
static bool receive_one(struct apart *apart, enum apart_socket by, transport_frame_fn *on_frame,
                        void *context) {
    ssize_t length = recv(apart->sockets[by], apart->in, sizeof apart->in, MSG_DONTWAIT);
    if (length < 0) {
        return errno == EINTR;
    }
    if (length == 0 && is_hung_up(apart->sockets[by])) {
        be_gone(apart);
        return false;
    }
    apart->has_spoken = true;
    if (!message_read_of_radio(apart->in, (size_t)length, &apart->heard)) {
        note_senseless(apart);
    } else if (apart->heard.kind == MESSAGE_FRAME && !apart->has_ended) {
        hand_over(apart, by, on_frame, context);
    } else if (apart->heard.kind != MESSAGE_FRAME && by == APART_REST) {
        take_report(apart, &apart->heard);
    } else if (apart->heard.kind != MESSAGE_FRAME) {
        note_senseless(apart);
    }
    return true;
}

/* Which of the sockets have something, all asked at once: most times it is one frame on one. */
static unsigned readable(const struct apart *apart) {
    struct pollfd asked[APART_SOCKETS];
    unsigned found = 0;
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        asked[i] = (struct pollfd){.fd = apart->sockets[i], .events = POLLIN};
    }
    if (apart->is_gone || poll(asked, APART_SOCKETS, 0) <= 0) {
        return 0;
    }
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        found |= asked[i].revents != 0 ? 1U << i : 0;
    }
    return found;
}

/* Returns which sockets had something when it looked last. */
static unsigned receive_voice(struct apart *apart, transport_frame_fn *on_frame, void *context) {
    int64_t until_us = now_of(CLOCK_MONOTONIC, 1000000) + TRANSPORT_SLICE_MS * 1000;
    unsigned found = readable(apart);
    for (size_t taken = 0; taken < VOICE_MAX && (found & ~(1U << APART_REST)) != 0; taken++) {
        (void)receive_one(apart, (found & 1U << APART_TALKERS) != 0 ? APART_TALKERS : APART_VOICE,
                          on_frame, context);
        if (now_of(CLOCK_MONOTONIC, 1000000) >= until_us) {
            break;
        }
        found = readable(apart);
    }
    return found;
}

static void receive_rest(struct apart *apart, transport_frame_fn *on_frame, void *context) {
    int64_t now = now_of(CLOCK_MONOTONIC, 1000000), looked_us = now;
    int64_t until_us = now + TRANSPORT_SLICE_MS * 1000;
    for (size_t taken = 0; taken < REST_MAX && now < until_us && !apart->is_gone; taken++) {
        if (!receive_one(apart, APART_REST, on_frame, context)) {
            return;
        }
        now = now_of(CLOCK_MONOTONIC, 1000000);
        if (now - looked_us >= LOOK_APART_US) {
            (void)receive_voice(apart, on_frame, context);
            looked_us = now = now_of(CLOCK_MONOTONIC, 1000000);
        }
    }
}

static void apart_receive_favoured(struct transport *transport, transport_frame_fn *on_frame,
                                   void *context) {
    struct apart *apart = (struct apart *)transport;
    int64_t until_us = now_of(CLOCK_MONOTONIC, 1000000) + TRANSPORT_SLICE_MS * 1000;
    for (size_t taken = 0; taken < VOICE_MAX && !apart->is_gone &&
                           receive_one(apart, APART_TALKERS, on_frame, context) &&
                           now_of(CLOCK_MONOTONIC, 1000000) < until_us;
         taken++) {
    }
}

static enum transport_result apart_receive(struct transport *transport,
                                           transport_frame_fn *on_frame, void *context) {
    struct apart *apart = (struct apart *)transport;
    if (!apart->is_gone) {
        if ((receive_voice(apart, on_frame, context) & 1U << APART_REST) != 0) {
            receive_rest(apart, on_frame, context);
        }
        say_untold(apart);
    }
    return TRANSPORT_OK;
}

/* --- What a transport does ----------------------------------------------------------------------
 */

static size_t apart_descriptors(const struct transport *transport, int descriptors[]) {
    const struct apart *apart = (const struct apart *)transport;
    memcpy(descriptors, apart->sockets, sizeof apart->sockets);
    descriptors[APART_TALKERS] = apart->talkers;
    return APART_SOCKETS;
}

static void apart_wake_for_favoured(struct transport *transport, bool wakes) {
    const struct apart *apart = (const struct apart *)transport;
    struct epoll_event event = {.events = wakes ? EPOLLIN : 0};
    (void)epoll_ctl(apart->talkers, EPOLL_CTL_MOD, apart->sockets[APART_TALKERS], &event);
}

static enum transport_result say_frame(struct apart *apart, uint64_t peer, bool is_relayed,
                                       enum transport_lane lane, const uint8_t *frame,
                                       size_t length) {
    struct message message = {.kind = MESSAGE_SEND,
                              .lane = lane,
                              .is_relayed = is_relayed,
                              .frame = frame,
                              .length = length};
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (apart->is_gone || length == 0) {
        apart->problem = transport_condition_of(
            apart->is_gone ? CONDITION_PROCESS_GONE : CONDITION_FRAME_NOT_CARRIED, NULL);
        return TRANSPORT_FAILED;
    }
    if (!find_peer(apart, peer, &message.peer)) {
        apart->problem = transport_condition_of(CONDITION_NO_SUCH_PEER, NULL);
        return TRANSPORT_NO_ROUTE;
    }
    if (apart->has_ended) {
        return TRANSPORT_BUSY; /* the next one is not to say it seconds later */
    }
    return say(apart, lane == LANE_VOICE ? APART_TALKERS : APART_REST, &message) ? TRANSPORT_OK
                                                                                 : TRANSPORT_BUSY;
}

static enum transport_result apart_send(struct transport *transport, uint64_t peer,
                                        enum transport_lane lane, const uint8_t *frame,
                                        size_t length) {
    return say_frame((struct apart *)transport, peer, false, lane, frame, length);
}

static enum transport_result apart_relay(struct transport *transport, uint64_t peer,
                                         enum transport_lane lane, const uint8_t *frame,
                                         size_t length) {
    return say_frame((struct apart *)transport, peer, true, lane, frame, length);
}

static void apart_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct apart *)transport)->problem;
}

static bool apart_news(struct transport *transport, struct transport_condition *out) {
    return news_take(&((struct apart *)transport)->news, out);
}

/* As the radio said last; for the next time it is asked to look, unless it was awake anyway and has
 * looked by itself. */
static size_t apart_radios(const struct transport *transport, struct transport_radio out[],
                           size_t room) {
    struct apart *apart = (struct apart *)(uintptr_t)transport;
    size_t count = apart->radio_count < room ? apart->radio_count : room;
    apart->is_look_untold = apart->is_look_untold || !apart->has_spoken;
    apart->has_spoken = false;
    say_untold(apart);
    memcpy(out, apart->radios, count * sizeof out[0]);
    return count;
}

static int apart_quality(const struct transport *transport, uint64_t peer) {
    const struct apart *apart = (const struct apart *)transport;
    return apart->heard.kind == MESSAGE_FRAME && apart->heard.peer == peer
               ? apart->heard.quality
               : TRANSPORT_QUALITY_UNKNOWN;
}

static void apart_address(const struct transport *transport, uint64_t peer,
                          char out[TRANSPORT_ADDRESS_SIZE]) {
    const struct apart_peer *place =
        &((const struct apart *)transport)->peers[peer % ADDRESSES_MAX];
    strcpy(out, place->peer == peer ? place->address : "");
}

/* It has waited on the way to the radio, and on the way from there. */
static int64_t apart_age_ms(const struct transport *transport) {
    int64_t heard = ((const struct apart *)transport)->heard.heard_ms, now = now_ms();
    return heard < 0 || heard > now ? TRANSPORT_AGE_UNKNOWN : now - heard;
}

static enum transport_lane apart_lane(const struct transport *transport) {
    return ((const struct apart *)transport)->lane;
}

static uint64_t apart_origin(const struct transport *transport) {
    return ((const struct apart *)transport)->heard.origin;
}

static bool apart_is_favoured(const struct transport *transport) {
    return ((const struct apart *)transport)->is_of_talker;
}

/* Of somebody who talks it is told now and then; of the crowd nobody knows who is who. */
static void apart_favour(struct transport *transport, uint64_t origin) {
    struct apart *apart = (struct apart *)transport;
    uint64_t peer = apart->heard.peer;
    int64_t now = now_ms();
    if (origin == 0) {
        return;
    }
    for (size_t i = 0; peer != CROWD && i < FAVOURED_MAX; i++) {
        if (apart->favoured[i].peer == peer && now - apart->favoured[i].ms < FAVOUR_APART_MS &&
            apart->is_of_talker) {
            return;
        }
    }
    if (say(apart, APART_TALKERS, &(struct message){.kind = MESSAGE_FAVOUR, .origin = origin})) {
        apart->favoured_at = (apart->favoured_at + 1) % FAVOURED_MAX;
        apart->favoured[apart->favoured_at].peer = peer;
        apart->favoured[apart->favoured_at].ms = now;
    }
}

static void apart_set_mode(struct transport *transport, enum transport_mode mode) {
    struct apart *apart = (struct apart *)transport;
    apart->mode = mode;
    apart->is_mode_untold = apart->is_look_untold = true;
    say_untold(apart);
}

static size_t apart_largest(const struct transport *transport) {
    return ((const struct apart *)transport)->largest;
}

/* --- Opening and closing ------------------------------------------------------------------------
 */

static void let_go(struct apart *apart) {
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        close(apart->sockets[i]);
    }
    if (apart->talkers >= 0) {
        close(apart->talkers);
    }
    free(apart);
}

/* The other end closes once the radio has parted. What it still says is not read. */
static void apart_close(struct transport *transport) {
    struct apart *apart = (struct apart *)transport;
    int64_t until = now_ms() + APART_CLOSING_MS;
    struct pollfd rest = {.fd = apart->sockets[APART_REST], .events = POLLIN};
    if (!apart->is_gone) {
        (void)shutdown(apart->sockets[APART_REST], SHUT_WR);
    }
    for (int64_t left; !apart->is_gone && (left = until - now_ms()) > 0;) {
        if (poll(&rest, 1, (int)left) > 0 &&
            recv(rest.fd, apart->in, sizeof apart->in, MSG_DONTWAIT) <= 0) {
            break;
        }
    }
    let_go(apart);
}

static const struct transport_kind whole_kind = {
    .name = "apart",
    .descriptors = apart_descriptors,
    .wake_for_favoured = apart_wake_for_favoured,
    .receive_favoured = apart_receive_favoured,
    .receive = apart_receive,
    .send = apart_send,
    .problem = apart_problem,
    .relay = apart_relay,
    .news = apart_news,
    .radios = apart_radios,
    .quality = apart_quality,
    .address = apart_address,
    .age_ms = apart_age_ms,
    .lane = apart_lane,
    .origin = apart_origin,
    .favour = apart_favour,
    .is_favoured = apart_is_favoured,
    .set_mode = apart_set_mode,
    .largest = apart_largest,
    .close = apart_close,
};

static void be_able_to(struct apart *apart, unsigned abilities) {
    apart->kind = whole_kind;
    apart->kind.relay = (abilities & ABLE_TO_RELAY) != 0 ? apart_relay : NULL;
    apart->kind.quality = (abilities & ABLE_TO_RATE) != 0 ? apart_quality : NULL;
    apart->kind.address = (abilities & ABLE_TO_NAME) != 0 ? apart_address : NULL;
}

/* Waits for the radio's first word. */
static bool wait_until_open(struct apart *apart, struct transport_condition *problem) {
    int64_t until = now_ms() + APART_OPENING_MS;
    struct pollfd rest = {.fd = apart->sockets[APART_REST], .events = POLLIN};
    *problem = transport_condition_of(CONDITION_PROCESS_GONE, NULL);
    for (int64_t left; (left = until - now_ms()) > 0;) {
        if (poll(&rest, 1, (int)left) <= 0) {
            continue;
        }
        ssize_t length = recv(rest.fd, apart->in, sizeof apart->in, MSG_DONTWAIT);
        if (length <= 0 || !message_read_of_radio(apart->in, (size_t)length, &apart->heard)) {
            return false;
        }
        if (apart->heard.kind == MESSAGE_ENDED) {
            bool has_hung = apart->heard.signal == MESSAGE_SIGNAL_HUNG;
            *problem = has_hung ? transport_condition_of(CONDITION_PROCESS_HUNG, NULL)
                                : transport_condition_number(CONDITION_PROCESS_ENDED, NULL,
                                                             apart->heard.signal);
            return false;
        }
        if (apart->heard.kind == MESSAGE_STANDING) {
            take_standing(apart, &apart->heard);
        } else if (apart->heard.kind == MESSAGE_OPENED) {
            *problem = apart->heard.condition;
            be_able_to(apart, apart->heard.abilities);
            return apart->heard.result == TRANSPORT_OK;
        }
    }
    return false;
}

static bool watch_talkers(struct apart *apart) {
    struct epoll_event event = {.events = EPOLLIN};
    apart->talkers = epoll_create1(EPOLL_CLOEXEC);
    return apart->talkers >= 0 &&
           epoll_ctl(apart->talkers, EPOLL_CTL_ADD, apart->sockets[APART_TALKERS], &event) == 0;
}

bool apart_pair(int ours[APART_SOCKETS], int theirs[APART_SOCKETS]) {
    const int room = ROOM;
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
            while (i-- > 0) {
                close(ours[i]);
                close(theirs[i]);
            }
            return false;
        }
        (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        (void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        ours[i] = ends[0];
        theirs[i] = ends[1];
    }
    return true;
}

enum transport_result apart_open(const int ours[APART_SOCKETS], struct transport **out,
                                 struct transport_condition *problem) {
    struct apart *apart = calloc(1, sizeof *apart);
    *out = NULL;
    if (apart == NULL) {
        *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
        for (size_t i = 0; i < APART_SOCKETS; i++) {
            close(ours[i]);
        }
        return TRANSPORT_FAILED;
    }
    memcpy(apart->sockets, ours, sizeof apart->sockets);
    apart->transport.kind = &apart->kind;
    apart->mode = TRANSPORT_SEEKS;
    apart->is_mode_untold = true;
    apart->largest = TRANSPORT_FRAME_MAX;
    *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
    say_untold(apart);
    if (watch_talkers(apart) && wait_until_open(apart, problem)) {
        *out = &apart->transport;
        return TRANSPORT_OK;
    }
    let_go(apart);
    return TRANSPORT_FAILED;
}
