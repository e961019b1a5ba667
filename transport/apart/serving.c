/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/apart/serving.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "transport/apart/message.h"

enum {
    COMMANDS_MAX = 64,    /* of one socket in one turn */
    LOOK_APART_MS = 250,  /* at how it stands, unasked */
    LOSSES_MS = 10 * 1000 /* that losses are told for */
};

/* What the handset did not take in time. */
struct losses {
    int64_t count, lost_ms;
};

struct server {
    const int *sockets;
    int epoll; /* what there is to wait for */
    int pings; /* -1: nobody asks whether it goes on */
    struct transport *transport;
    bool has_parted; /* the handset */
    bool is_asked;   /* how it stands */
    bool is_down;    /* it did not take the latest frame for everyone */
    int64_t looked_ms;
    struct losses losses[TRANSPORT_LANES];
    struct message told; /* how it stood last */
    uint8_t in[MESSAGE_SIZE + 1], out[MESSAGE_SIZE];
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- Saying -------------------------------------------------------------------------------------
 */

static bool say(struct server *server, enum apart_socket by, const struct message *message) {
    size_t length = message_write(message, server->out);
    return length > 0 && send(server->sockets[by], server->out, length,
                              MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
}

/* May wait, also where a process that was taken over left the socket such that it does not. */
static void tell(const int sockets[APART_SOCKETS], const struct message *message) {
    uint8_t octets[MESSAGE_SIZE];
    struct pollfd rest = {.fd = sockets[APART_REST], .events = POLLOUT};
    size_t length = message_write(message, octets);
    while (send(rest.fd, octets, length, MSG_NOSIGNAL) < 0 && (errno == EAGAIN || errno == EINTR)) {
        (void)poll(&rest, 1, -1);
    }
}

static void say_news(struct server *server, const struct transport_condition *condition) {
    (void)say(server, APART_REST, &(struct message){.kind = MESSAGE_NEWS, .condition = *condition});
}

static void count_loss(struct server *server, enum transport_lane lane) {
    struct losses *losses = &server->losses[lane];
    int64_t now = now_ms();
    losses->count = now - losses->lost_ms < LOSSES_MS ? losses->count + 1 : 1;
    losses->lost_ms = now;
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct server *server = context;
    const struct transport *transport = server->transport;
    const struct transport_kind *kind = transport->kind;
    int64_t age = kind->age_ms == NULL ? TRANSPORT_AGE_UNKNOWN : kind->age_ms(transport);
    enum transport_lane lane = kind->lane == NULL ? LANE_REST : kind->lane(transport);
    struct message message = {.kind = MESSAGE_FRAME,
                              .peer = peer,
                              .origin = kind->origin == NULL ? 0 : kind->origin(transport),
                              .heard_ms = age < 0 || age > now_ms() ? -1 : now_ms() - age,
                              .quality = kind->quality == NULL ? TRANSPORT_QUALITY_UNKNOWN
                                                               : kind->quality(transport, peer),
                              .frame = frame,
                              .length = length};
    if (kind->address != NULL) {
        kind->address(transport, peer, message.address);
    }
    enum apart_socket by = lane != LANE_VOICE ? APART_REST
                           : kind->is_favoured != NULL && kind->is_favoured(transport)
                               ? APART_TALKERS
                               : APART_VOICE;
    if (!say(server, by, &message)) {
        count_loss(server, lane);
    }
}

/* --- How it stands ------------------------------------------------------------------------------
 */

/* Losses on the way to the handset, where the radio has nothing else to say. */
static void add_losses(const struct server *server, struct message *standing) {
    const struct losses *losses = server->losses;
    for (int lane = LANE_REST; lane < TRANSPORT_LANES && standing->radio_count > 0; lane++) {
        struct transport_condition *also = &standing->radios[0].also;
        if (losses[lane].count > 0 && now_ms() - losses[lane].lost_ms < LOSSES_MS &&
            (also->kind == CONDITION_NONE || also->kind == CONDITION_FRAMES_LOST)) {
            *also = transport_condition_number(lane == LANE_VOICE ? CONDITION_VOICE_LOST
                                                                  : CONDITION_FRAMES_LOST,
                                               standing->radios[0].name, losses[lane].count);
        }
    }
}

static bool is_same(const struct message *a, const struct message *b) {
    bool same = a->largest == b->largest && a->radio_count == b->radio_count;
    for (size_t i = 0; same && i < a->radio_count; i++) {
        const struct transport_radio *one = &a->radios[i], *other = &b->radios[i];
        same = strcmp(one->name, other->name) == 0 && one->state == other->state &&
               one->peers == other->peers && one->quality == other->quality &&
               transport_condition_equal(&one->condition, &other->condition) &&
               transport_condition_equal(&one->also, &other->also);
    }
    return same;
}

static void tell_standing(struct server *server) {
    struct transport *transport = server->transport;
    const struct transport_kind *kind = transport->kind;
    struct message standing = {.kind = MESSAGE_STANDING,
                               .largest = kind->largest == NULL ? (size_t)TRANSPORT_FRAME_MAX
                                                                : kind->largest(transport)};
    if (kind->radios != NULL) {
        standing.radio_count = kind->radios(transport, standing.radios, MESSAGE_RADIOS_MAX);
    }
    add_losses(server, &standing);
    server->is_asked = false;
    server->looked_ms = now_ms();
    if (!is_same(&standing, &server->told) && say(server, APART_REST, &standing)) {
        server->told = standing;
    }
}

static void tell_news(struct server *server) {
    struct transport *transport = server->transport;
    struct transport_condition condition;
    while (transport->kind->news != NULL && transport->kind->news(transport, &condition)) {
        say_news(server, &condition);
        server->is_asked = true;
    }
    if (server->is_asked || now_ms() - server->looked_ms >= LOOK_APART_MS) {
        tell_standing(server);
    }
}

/* --- What the handset wants ---------------------------------------------------------------------
 */

/* One that has no news of its own: that it takes nothing any more, and that it does again. */
static void note_sent(struct server *server, enum transport_result result) {
    const struct transport *transport = server->transport;
    bool is_broken = result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED;
    struct transport_condition condition = transport_condition_of(CONDITION_NETWORK_BACK, NULL);
    if (transport->kind->news != NULL || (result != TRANSPORT_OK && !is_broken) ||
        is_broken == server->is_down) {
        return;
    }
    if (is_broken) {
        transport->kind->problem(transport, &condition);
    }
    server->is_down = is_broken;
    say_news(server, &condition);
}

/* A handset that the radio has no place for, or none any more, still hears what goes to all. */
static void send_frame(struct server *server, const struct message *message) {
    struct transport *transport = server->transport;
    const struct transport_kind *kind = transport->kind;
    uint64_t peer = message->peer;
    if (message->is_relayed) {
        if (kind->relay != NULL) {
            (void)kind->relay(transport, peer, message->lane, message->frame, message->length);
        }
        return;
    }
    enum transport_result result =
        kind->send(transport, peer, message->lane, message->frame, message->length);
    if (peer != PEER_ALL && result == TRANSPORT_NO_ROUTE) {
        peer = PEER_ALL;
        result = kind->send(transport, peer, message->lane, message->frame, message->length);
        (void)result;
        return;
    }
    if (peer == PEER_ALL) {
        note_sent(server, result);
    }
}

static void carry_out(struct server *server, const struct message *message) {
    struct transport *transport = server->transport;
    switch (message->kind) {
    case MESSAGE_MODE:
        if (transport->kind->set_mode != NULL) {
            transport->kind->set_mode(transport, message->mode);
        }
        server->is_asked = true;
        break;
    case MESSAGE_SEND:
        send_frame(server, message);
        break;
    case MESSAGE_FAVOUR:
        if (transport->kind->favour != NULL) {
            transport->kind->favour(transport, message->origin);
        }
        break;
    case MESSAGE_LOOK:
        server->is_asked = true;
        break;
    default:
        break;
    }
}

/* False when nothing was waiting. */
static bool obey_one(struct server *server, enum apart_socket by) {
    struct message message = {.kind = MESSAGE_LOOK};
    ssize_t length = recv(server->sockets[by], server->in, sizeof server->in, MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno == ECONNRESET)) {
        server->has_parted = true;
        return false;
    }
    if (length < 0) {
        return errno == EINTR;
    }
    if (message_read_of_handset(server->in, (size_t)length, &message)) {
        carry_out(server, &message);
    }
    return true;
}

static void obey(struct server *server, enum apart_socket by) {
    for (int i = 0; i < COMMANDS_MAX && !server->has_parted && obey_one(server, by); i++) {
    }
}

/* --- Running ------------------------------------------------------------------------------------
 */

enum {
    OWN_MAX = 3 /* what the process itself waits for: the handset's two sockets, and its pings */
};

/* It goes on. */
static void answer_pings(const struct server *server) {
    uint64_t pings;
    (void)!read(server->pings, &pings, sizeof pings);
}

/* What the radio's process waits for, the handset's sockets and pings and those of the transport.
 */
static bool watch(const struct server *server) {
    int watched[OWN_MAX + TRANSPORT_DESCRIPTORS_MAX] = {server->sockets[APART_TALKERS],
                                                        server->sockets[APART_REST]};
    size_t count = 2;
    if (server->pings >= 0) {
        watched[count++] = server->pings;
    }
    count += server->transport->kind->descriptors(server->transport, watched + count);
    bool is_watched = server->epoll >= 0;
    for (size_t i = 0; is_watched && i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = watched[i]};
        is_watched = epoll_ctl(server->epoll, EPOLL_CTL_ADD, watched[i], &event) == 0;
    }
    return is_watched;
}

/* One turn, once some of that has something to read. */
static void turn(struct server *server, const struct epoll_event events[], int count) {
    struct transport *transport = server->transport;
    bool talker_speaks = false, rest_speaks = false;
    int readable[TRANSPORT_DESCRIPTORS_MAX];
    size_t come = 0;
    for (int i = 0; i < count; i++) {
        int descriptor = events[i].data.fd;
        if (descriptor == server->sockets[APART_TALKERS]) {
            talker_speaks = true;
        } else if (descriptor == server->sockets[APART_REST]) {
            rest_speaks = true;
        } else if (descriptor == server->pings) {
            answer_pings(server);
        } else {
            readable[come++] = descriptor;
        }
    }
    if (talker_speaks) {
        obey(server, APART_TALKERS);
    }
    if (come > 0 && transport->kind->found != NULL) {
        transport->kind->found(transport, readable, come);
    }
    if (come > 0) {
        (void)transport->kind->receive(transport, on_frame, server);
    }
    if (rest_speaks) {
        obey(server, APART_REST);
    }
    tell_news(server);
}

/* To ask a dozen sockets with poll each time would be half of what a frame costs here. */
static void serve(struct server *server) {
    struct epoll_event events[OWN_MAX + TRANSPORT_DESCRIPTORS_MAX];
    while (!server->has_parted) {
        int count = epoll_wait(server->epoll, events, (int)(sizeof events / sizeof events[0]), -1);
        turn(server, events, count);
    }
}

/* Reads all that waits in that socket, and keeps of it the last mode. */
static void take_last_mode(struct server *server, enum apart_socket by, enum transport_mode *mode) {
    struct message message = {.kind = MESSAGE_LOOK};
    ssize_t length;
    while ((length = recv(server->sockets[by], server->in, sizeof server->in, MSG_DONTWAIT)) > 0 ||
           (length < 0 && errno == EINTR)) {
        if (length > 0 && message_read_of_handset(server->in, (size_t)length, &message) &&
            message.kind == MESSAGE_MODE) {
            *mode = message.mode;
        }
    }
    server->has_parted = server->has_parted || length == 0 || errno == ECONNRESET;
}

/* Waits until the handset says that something may be sent. What it said to the process before this
 * one is old: frames are dropped, and of the modes the last one counts. */
static bool wait_for_mode(struct server *server, enum transport_mode *mode) {
    struct pollfd asked[] = {{.fd = server->sockets[APART_REST], .events = POLLIN},
                             {.fd = server->pings, .events = POLLIN}};
    *mode = TRANSPORT_OFF;
    while (*mode == TRANSPORT_OFF && !server->has_parted) {
        (void)poll(asked, sizeof asked / sizeof asked[0], -1);
        if (asked[1].revents != 0) {
            answer_pings(server);
        }
        for (int by = 0; by < APART_SOCKETS; by++) {
            take_last_mode(server, (enum apart_socket)by, mode);
        }
    }
    return !server->has_parted;
}

static unsigned abilities_of(const struct transport_kind *kind) {
    return (kind->relay != NULL ? ABLE_TO_RELAY : 0U) |
           (kind->quality != NULL ? ABLE_TO_RATE : 0U) |
           (kind->address != NULL ? ABLE_TO_NAME : 0U);
}

static bool open_transport(struct server *server, const struct serving *serving,
                           enum transport_mode mode) {
    struct message opened = {.kind = MESSAGE_OPENED};
    opened.result = serving->open(serving->context, &server->transport, &opened.condition);
    if (opened.result == TRANSPORT_OK && (!watch(server) || !serving->opened(serving->context))) {
        server->transport->kind->close(server->transport);
        opened.result = TRANSPORT_FAILED;
        opened.condition = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
    }
    if (opened.result == TRANSPORT_OK) {
        const struct transport_kind *kind = server->transport->kind;
        opened.abilities = abilities_of(kind);
        opened.condition = transport_condition_of(CONDITION_NONE, NULL);
        if (mode != TRANSPORT_SEEKS && kind->set_mode != NULL) {
            kind->set_mode(server->transport, mode);
        }
        tell_standing(server);
    }
    tell(server->sockets, &opened); /* the handset waits for that word, which must not be lost */
    return opened.result == TRANSPORT_OK;
}

enum serving_end serving_run(const int sockets[APART_SOCKETS], int pings,
                             const struct serving *serving) {
    struct server *server = calloc(1, sizeof *server);
    enum serving_end end = SERVING_FAILED;
    enum transport_mode mode;
    if (server == NULL) {
        return SERVING_FAILED;
    }
    server->sockets = sockets;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->pings = pings;
    if (!wait_for_mode(server, &mode)) {
        end = SERVING_PARTED;
    } else if (open_transport(server, serving, mode)) {
        serve(server);
        server->transport->kind->close(server->transport);
        end = SERVING_PARTED;
    }
    if (server->epoll >= 0) {
        close(server->epoll);
    }
    free(server);
    return end;
}

void serving_tell_unopened(const int sockets[APART_SOCKETS], int error) {
    tell(sockets, &(struct message){
                      .kind = MESSAGE_OPENED,
                      .result = TRANSPORT_FAILED,
                      .condition = transport_condition_error(CONDITION_NO_PROCESS, NULL, error)});
}

void serving_tell_ended(const int sockets[APART_SOCKETS], unsigned signal) {
    tell(sockets, &(struct message){.kind = MESSAGE_ENDED, .signal = signal});
}
