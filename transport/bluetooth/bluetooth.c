/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/bluetooth_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "transport/bluetooth/l2cap.h"

/* `receive` takes this many packets at most. */
enum {
    RECEIVE_MAX = 48
};

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* --- What to wait for ----------------------------------------------------------------------- */

bool bluetooth_watch(const struct bluetooth *bluetooth, int descriptor, uint32_t events,
                     enum bluetooth_source source, unsigned number) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)source << 32 | number};
    return epoll_ctl(bluetooth->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ||
           (errno == EEXIST && epoll_ctl(bluetooth->epoll, EPOLL_CTL_MOD, descriptor, &event) == 0);
}

/* The management socket may have been lost, or opened. */
static void watch_management(struct bluetooth *bluetooth) {
    if (bluetooth->watched == bluetooth->adapters.descriptor) {
        return;
    }
    bluetooth->watched = bluetooth->adapters.descriptor;
    if (bluetooth->watched >= 0) {
        (void)bluetooth_watch(bluetooth, bluetooth->watched, EPOLLIN, SOURCE_MANAGEMENT, 0);
    }
}

static void set_timer(const struct bluetooth *bluetooth, int64_t now_ms) {
    int64_t deadline = adapters_deadline(&bluetooth->adapters);
    deadline = earlier(deadline, piconet_deadline(bluetooth->piconet));
    deadline = earlier(deadline, stations_deadline(bluetooth));
    deadline = earlier(deadline, channels_deadline(bluetooth));
    if (deadline <= now_ms) {
        deadline = now_ms + 1;
    }
    const struct itimerspec when = {
        .it_value = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000}};
    (void)timerfd_settime(bluetooth->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* --- What the piconet wants done -------------------------------------------------------------- */

static void act(struct bluetooth *bluetooth, int64_t now_ms, const struct piconet_action *action) {
    switch (action->deed) {
    case PICONET_ASK:
        station_ask(bluetooth, now_ms, action->adapter, action->address);
        break;
    case PICONET_SAY:
        if (bluetooth->channels[action->link].descriptor >= 0) {
            (void)l2cap_send(bluetooth->channels[action->link].descriptor, action->packet,
                             action->length);
        }
        break;
    case PICONET_CLOSE:
        channels_end(bluetooth, now_ms, action->link);
        break;
    case PICONET_SEEK:
        station_seek(bluetooth, now_ms, action->adapter);
        break;
    }
}

/* Does what follows from whatever happened. */
static void settle(struct bluetooth *bluetooth, int64_t now_ms) {
    struct piconet_action action;
    bool any = true;
    adapters_tick(&bluetooth->adapters, now_ms);
    watch_management(bluetooth);
    stations_update(bluetooth, now_ms);
    channels_expire(bluetooth, now_ms);
    while (any) {
        stations_work(bluetooth, now_ms);
        for (any = false; piconet_take(bluetooth->piconet, now_ms, &action); any = true) {
            act(bluetooth, now_ms, &action);
        }
    }
    radios_tell(bluetooth);
    set_timer(bluetooth, now_ms);
}

/* --- Receiving ------------------------------------------------------------------------------ */

static size_t bluetooth_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = ((const struct bluetooth *)transport)->epoll;
    return 1;
}

static void take(struct bluetooth *bluetooth, int64_t now_ms, uint64_t data,
                 transport_frame_fn *on_frame, void *context) {
    unsigned number = (unsigned)(data & UINT32_MAX);
    uint64_t expirations;
    switch ((enum bluetooth_source)(data >> 32)) {
    case SOURCE_MANAGEMENT:
        (void)adapters_receive(&bluetooth->adapters, now_ms);
        watch_management(bluetooth);
        stations_update(bluetooth, now_ms);
        break;
    case SOURCE_TIMER:
        (void)!read(bluetooth->timer, &expirations, sizeof expirations);
        break;
    case SOURCE_INQUIRY:
        station_receive(bluetooth, now_ms, number);
        break;
    case SOURCE_LISTENING:
        channels_accept(bluetooth, now_ms, number);
        break;
    case SOURCE_ASK:
        station_asked(bluetooth, now_ms, number);
        break;
    case SOURCE_CHANNEL:
        channels_receive(bluetooth, now_ms, number, on_frame, context);
        break;
    }
}

/* One event at a time, so that none is of a socket that an earlier one has closed. The epoll set
 * gives each socket its turn. */
static enum transport_result bluetooth_receive(struct transport *transport,
                                               transport_frame_fn *on_frame, void *context) {
    struct bluetooth *bluetooth = (struct bluetooth *)transport;
    int64_t now_ms = monotonic_ms();
    struct epoll_event event;
    for (int i = 0; i < RECEIVE_MAX && epoll_wait(bluetooth->epoll, &event, 1, 0) == 1; i++) {
        take(bluetooth, now_ms, event.data.u64, on_frame, context);
    }
    settle(bluetooth, now_ms);
    return TRANSPORT_OK;
}

/* --- Sending -------------------------------------------------------------------------------- */

/* What is not voice gets half of the room alone, so that a long burst of it leaves voice some. */
static enum transport_result send_on_channel(struct bluetooth *bluetooth, unsigned number,
                                             enum transport_lane lane, const uint8_t *frame,
                                             size_t length) {
    int descriptor = bluetooth->channels[number].descriptor;
    switch (l2cap_has_room(descriptor, lane == LANE_VOICE) ? l2cap_send(descriptor, frame, length)
                                                           : EAGAIN) {
    case 0:
        return TRANSPORT_OK;
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
        piconet_stuck(bluetooth->piconet, number);
        return TRANSPORT_BUSY;
    case EMSGSIZE:
        return TRANSPORT_TOO_LONG;
    default: /* it has ended, as the next call of `receive` will find */
        bluetooth->problem = transport_condition_of(CONDITION_PEER_LINK_ENDED, NULL);
        return TRANSPORT_NO_ROUTE;
    }
}

/* Being alone is not a fault; having no radio is. */
static enum transport_result sent_to_nobody(struct bluetooth *bluetooth) {
    struct transport_radio radio;
    if (bluetooth->mode == TRANSPORT_OFF || radios_any(bluetooth)) {
        return TRANSPORT_OK;
    }
    (void)radios_all(bluetooth, &radio, 1);
    bluetooth->problem = radio.condition;
    return TRANSPORT_NO_ROUTE;
}

/* To all but `except`. One channel that takes it is enough. */
static enum transport_result send_to_channels(struct bluetooth *bluetooth, uint64_t except,
                                              enum transport_lane lane, const uint8_t *frame,
                                              size_t length) {
    enum transport_result result = TRANSPORT_OK;
    bool is_sent = false, any = false;
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        if (!channels_is_open(bluetooth, i) || bluetooth->channels[i].address == except) {
            continue;
        }
        any = true;
        enum transport_result sent = send_on_channel(bluetooth, i, lane, frame, length);
        is_sent = is_sent || sent == TRANSPORT_OK;
        if (sent != TRANSPORT_OK) {
            result = sent;
        }
    }
    if (any) {
        return is_sent ? TRANSPORT_OK : result;
    }
    return except == PEER_ALL ? sent_to_nobody(bluetooth) : TRANSPORT_OK;
}

/* Control packets begin with 0; no frame does. */
static enum transport_result check_frame(struct bluetooth *bluetooth, const uint8_t *frame,
                                         size_t length) {
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (length > 0 && frame[0] != 0) {
        return TRANSPORT_OK;
    }
    bluetooth->problem = transport_condition_of(CONDITION_FRAME_NOT_CARRIED, NULL);
    return TRANSPORT_FAILED;
}

static enum transport_result send_to_peer(struct bluetooth *bluetooth, uint64_t peer,
                                          enum transport_lane lane, const uint8_t *frame,
                                          size_t length) {
    unsigned number = channels_to(bluetooth, peer);
    if (number < BLUETOOTH_CHANNELS) {
        return send_on_channel(bluetooth, number, lane, frame, length);
    }
    bluetooth->problem = transport_condition_of(CONDITION_NO_PEER_LINK, NULL);
    return TRANSPORT_NO_ROUTE;
}

/* What was sent may be voice, during which the piconet does not seek. */
static void note_sent(struct bluetooth *bluetooth, enum transport_result result) {
    int64_t now_ms = monotonic_ms();
    if (result == TRANSPORT_OK) {
        channels_count_frame(bluetooth, now_ms);
    }
    set_timer(bluetooth, now_ms);
}

static enum transport_result bluetooth_send(struct transport *transport, uint64_t peer,
                                            enum transport_lane lane, const uint8_t *frame,
                                            size_t length) {
    struct bluetooth *bluetooth = (struct bluetooth *)transport;
    enum transport_result result = check_frame(bluetooth, frame, length);
    if (result != TRANSPORT_OK) {
        return result;
    }
    result = peer == PEER_ALL ? send_to_channels(bluetooth, PEER_ALL, lane, frame, length)
                              : send_to_peer(bluetooth, peer, lane, frame, length);
    note_sent(bluetooth, result);
    return result;
}

static enum transport_result bluetooth_relay(struct transport *transport, uint64_t peer,
                                             enum transport_lane lane, const uint8_t *frame,
                                             size_t length) {
    struct bluetooth *bluetooth = (struct bluetooth *)transport;
    enum transport_result result = check_frame(bluetooth, frame, length);
    if (result != TRANSPORT_OK) {
        return result;
    }
    result = send_to_channels(bluetooth, peer, lane, frame, length);
    note_sent(bluetooth, result);
    return result;
}

/* --- How it stands --------------------------------------------------------------------------- */

static void bluetooth_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct bluetooth *)transport)->problem;
}

static bool bluetooth_news(struct transport *transport, struct transport_condition *out) {
    return news_take(&((struct bluetooth *)transport)->news, out);
}

static size_t bluetooth_radios(const struct transport *transport, struct transport_radio out[],
                               size_t room) {
    return radios_all((const struct bluetooth *)transport, out, room);
}

static int bluetooth_quality(const struct transport *transport, uint64_t peer) {
    return radios_quality((const struct bluetooth *)transport, peer);
}

static void bluetooth_set_mode(struct transport *transport, enum transport_mode mode) {
    struct bluetooth *bluetooth = (struct bluetooth *)transport;
    int64_t now_ms = monotonic_ms();
    if (bluetooth->mode == mode) {
        return;
    }
    bluetooth->mode = mode;
    adapters_set_mode(&bluetooth->adapters, mode, now_ms);
    piconet_set_silent(bluetooth->piconet, now_ms, mode != TRANSPORT_SEEKS);
    for (unsigned i = 0; mode == TRANSPORT_SILENT && i < PICONET_ADAPTERS_MAX; i++) {
        if (bluetooth->stations[i].is_on) {
            station_hush(bluetooth, now_ms, i);
        }
    }
    settle(bluetooth, now_ms);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static void bluetooth_close(struct transport *transport) {
    struct bluetooth *bluetooth = (struct bluetooth *)transport;
    for (unsigned i = 0; bluetooth->piconet != NULL && i < PICONET_ADAPTERS_MAX; i++) {
        station_off(bluetooth, monotonic_ms(), i);
    }
    adapters_close(&bluetooth->adapters);
    if (bluetooth->timer >= 0) {
        close(bluetooth->timer);
    }
    if (bluetooth->epoll >= 0) {
        close(bluetooth->epoll);
    }
    piconet_free(bluetooth->piconet);
    free(bluetooth);
}

static const struct transport_kind bluetooth_kind = {
    .name = "bluetooth",
    .descriptors = bluetooth_descriptors,
    .receive = bluetooth_receive,
    .send = bluetooth_send,
    .problem = bluetooth_problem,
    .relay = bluetooth_relay,
    .news = bluetooth_news,
    .radios = bluetooth_radios,
    .quality = bluetooth_quality,
    .set_mode = bluetooth_set_mode,
    .close = bluetooth_close,
};

static struct bluetooth *bluetooth_new(const char *names) {
    struct bluetooth *bluetooth = calloc(1, sizeof *bluetooth);
    if (bluetooth == NULL) {
        return NULL;
    }
    bluetooth->transport.kind = &bluetooth_kind;
    bluetooth->epoll = bluetooth->timer = bluetooth->watched = -1;
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        bluetooth->stations[i].inquiry.descriptor = bluetooth->stations[i].listening =
            bluetooth->stations[i].ask.descriptor = -1;
    }
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        bluetooth->channels[i].descriptor = -1;
    }
    if (adapters_name(&bluetooth->adapters, names)) {
        return bluetooth;
    }
    free(bluetooth);
    errno = EINVAL;
    return NULL;
}

static bool open_timer(struct bluetooth *bluetooth) {
    uint64_t seed;
    bluetooth->epoll = epoll_create1(EPOLL_CLOEXEC);
    bluetooth->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (bluetooth->epoll < 0 || bluetooth->timer < 0 ||
        getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed ||
        !bluetooth_watch(bluetooth, bluetooth->timer, EPOLLIN, SOURCE_TIMER, 0)) {
        return false;
    }
    bluetooth->piconet = piconet_new(seed);
    return bluetooth->piconet != NULL;
}

enum transport_result bluetooth_open(const char *adapters, struct transport **out,
                                     struct transport_condition *problem) {
    *out = NULL;
    struct bluetooth *bluetooth = bluetooth_new(adapters);
    if (bluetooth == NULL && errno == EINVAL) {
        *problem =
            transport_condition_number(CONDITION_NOT_ADAPTERS, adapters, PICONET_ADAPTERS_MAX);
        return TRANSPORT_FAILED;
    }
    if (bluetooth == NULL || !open_timer(bluetooth)) {
        *problem = transport_condition_error(CONDITION_BLUETOOTH_FAILED, NULL, errno);
        if (bluetooth != NULL) {
            bluetooth_close(&bluetooth->transport);
        }
        return TRANSPORT_FAILED;
    }
    bluetooth->mode = TRANSPORT_SEEKS;
    adapters_open(&bluetooth->adapters, monotonic_ms());
    settle(bluetooth, monotonic_ms());
    *out = &bluetooth->transport;
    return TRANSPORT_OK;
}
