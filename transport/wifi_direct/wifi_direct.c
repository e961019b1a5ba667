/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/wifi_direct.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "transport/peers.h"
#include "transport/wifi_direct/wifi_direct_state.h"

/* A peer's number: udp's own in the lower bits, and above them which group it was heard in. */
enum {
    GROUP_SHIFT = 40
};

/* --- What a transport does ------------------------------------------------------------------ */

static size_t wifi_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = ((const struct wifi_direct *)transport)->epoll;
    return 1;
}

static void on_udp_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct wifi_direct *wifi = context;
    p2p_busy(wifi->p2p, wifi_direct_now_ms());
    wifi->on_frame(wifi->context, peer == PEER_CROWD ? peer : peer | wifi->groups << GROUP_SHIFT,
                   frame, length);
}

static enum transport_result wifi_receive(struct transport *transport, transport_frame_fn *on_frame,
                                          void *context) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    uint64_t expirations;
    if (read(wifi->timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) {
        return TRANSPORT_FAILED;
    }
    wifi_direct_run(wifi);
    if (wifi->udp == NULL) {
        return TRANSPORT_OK;
    }
    wifi->on_frame = on_frame;
    wifi->context = context;
    enum transport_result result = wifi->udp->kind->receive(wifi->udp, on_udp_frame, wifi);
    if (result != TRANSPORT_OK) {
        wifi->udp->kind->problem(wifi->udp, &wifi->problem);
    }
    return result;
}

static int64_t wifi_age_ms(const struct transport *transport) {
    const struct transport *udp = ((const struct wifi_direct *)transport)->udp;
    return udp == NULL ? TRANSPORT_AGE_UNKNOWN : udp->kind->age_ms(udp);
}

static enum transport_lane wifi_lane(const struct transport *transport) {
    const struct transport *udp = ((const struct wifi_direct *)transport)->udp;
    return udp == NULL ? LANE_REST : udp->kind->lane(udp);
}

static uint64_t wifi_origin(const struct transport *transport) {
    const struct transport *udp = ((const struct wifi_direct *)transport)->udp;
    return udp == NULL ? 0 : udp->kind->origin(udp);
}

/* One of a group that has ended is nobody's in the next, or anybody's for a moment. */
static void wifi_favour(struct transport *transport, uint64_t origin) {
    struct transport *udp = ((struct wifi_direct *)transport)->udp;
    if (udp != NULL) {
        udp->kind->favour(udp, origin);
    }
}

static bool wifi_is_favoured(const struct transport *transport) {
    const struct transport *udp = ((const struct wifi_direct *)transport)->udp;
    return udp != NULL && udp->kind->is_favoured(udp);
}

static enum transport_result no_route(struct wifi_direct *wifi, struct transport_condition why) {
    wifi->problem = why;
    return TRANSPORT_NO_ROUTE;
}

static enum transport_result send_to_all(struct wifi_direct *wifi, enum transport_lane lane,
                                         const uint8_t *frame, size_t length) {
    if (wifi->mode == TRANSPORT_OFF) {
        return no_route(wifi, transport_condition_of(CONDITION_AIRPLANE_MODE, NULL));
    }
    if (situation_is_problem(wifi->situation)) {
        return no_route(wifi, situation_condition(wifi->situation, wifi->interface));
    }
    if (wifi->udp == NULL) {
        return TRANSPORT_OK;
    }
    enum transport_result result = wifi->udp->kind->send(wifi->udp, PEER_ALL, lane, frame, length);
    return result == TRANSPORT_NO_ROUTE ? TRANSPORT_OK : result; /* no address yet */
}

static enum transport_result wifi_send(struct transport *transport, uint64_t peer,
                                       enum transport_lane lane, const uint8_t *frame,
                                       size_t length) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    p2p_busy(wifi->p2p, wifi_direct_now_ms());
    if (peer == PEER_ALL) {
        return send_to_all(wifi, lane, frame, length);
    }
    if (wifi->udp == NULL || (peer != PEER_CROWD && peer >> GROUP_SHIFT != wifi->groups)) {
        return no_route(wifi, transport_condition_of(CONDITION_PEER_GROUP_ENDED, NULL));
    }
    uint64_t own = peer == PEER_CROWD ? peer : peer & ((UINT64_C(1) << GROUP_SHIFT) - 1);
    enum transport_result result = wifi->udp->kind->send(wifi->udp, own, lane, frame, length);
    if (result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED) {
        wifi->udp->kind->problem(wifi->udp, &wifi->problem);
    }
    return result;
}

static void wifi_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct wifi_direct *)transport)->problem;
}

static bool wifi_news(struct transport *transport, struct transport_condition *out) {
    return news_take(&((struct wifi_direct *)transport)->news, out);
}

static size_t wifi_radios(const struct transport *transport, struct transport_radio out[],
                          size_t room) {
    const struct wifi_direct *wifi = (const struct wifi_direct *)transport;
    struct p2p_status status;
    if (room == 0) {
        return 0;
    }
    p2p_look(wifi->p2p, wifi_direct_now_ms(), &status);
    *out = (struct transport_radio){
        .link = 1, .state = RADIO_ON, .peers = status.peers, .quality = status.quality};
    snprintf(out->name, sizeof out->name, "%s", wifi->interface);
    if (wifi->mode == TRANSPORT_OFF) {
        out->state = RADIO_OFF;
    } else if (situation_is_problem(wifi->situation)) {
        out->state = RADIO_UNUSABLE;
        out->condition = situation_condition(wifi->situation, NULL);
    } else if (wifi->situation == SITUATION_STARTING) {
        out->state = RADIO_STARTING;
    } else {
        out->condition = wifi_direct_doing(wifi, &status);
    }
    return 1;
}

static int wifi_quality(const struct transport *transport, uint64_t peer) {
    const struct wifi_direct *wifi = (const struct wifi_direct *)transport;
    struct p2p_status status;
    if (wifi->udp == NULL || peer >> GROUP_SHIFT != wifi->groups) {
        return TRANSPORT_QUALITY_UNKNOWN;
    }
    p2p_look(wifi->p2p, wifi_direct_now_ms(), &status);
    return status.quality;
}

static size_t wifi_largest(const struct transport *transport) {
    const struct wifi_direct *wifi = (const struct wifi_direct *)transport;
    return wifi->udp == NULL ? TRANSPORT_FRAME_MAX : wifi->udp->kind->largest(wifi->udp);
}

static void wifi_set_mode(struct transport *transport, enum transport_mode mode) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    wifi->mode = mode;
    p2p_set_mode(wifi->p2p, wifi_direct_now_ms(), mode);
    if (wifi->udp != NULL) {
        wifi->udp->kind->set_mode(wifi->udp, mode);
    }
    wifi_direct_run(wifi);
}

/* --- Opening and closing -------------------------------------------------------------------- */

static void wifi_close(struct transport *transport) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    if (wifi->udp != NULL) {
        wifi->udp->kind->close(wifi->udp);
    }
    if (wifi->is_ready) {
        wifi_direct_say_goodbye(wifi, wifi_direct_now_ms());
    }
    supplicant_close(wifi->group);
    supplicant_close(wifi->radio);
    p2p_free(wifi->p2p);
    if (wifi->timer >= 0) {
        close(wifi->timer);
    }
    if (wifi->epoll >= 0) {
        close(wifi->epoll);
    }
    free(wifi);
}

static const struct transport_kind wifi_direct_kind = {
    .name = "wifi-direct",
    .descriptors = wifi_descriptors,
    .receive = wifi_receive,
    .age_ms = wifi_age_ms,
    .lane = wifi_lane,
    .origin = wifi_origin,
    .favour = wifi_favour,
    .is_favoured = wifi_is_favoured,
    .send = wifi_send,
    .problem = wifi_problem,
    .news = wifi_news,
    .radios = wifi_radios,
    .quality = wifi_quality,
    .largest = wifi_largest,
    .set_mode = wifi_set_mode,
    .close = wifi_close,
};

static struct wifi_direct *wifi_new(void) {
    struct wifi_direct *wifi = calloc(1, sizeof *wifi);
    uint64_t seed;
    if (wifi == NULL) {
        return NULL;
    }
    wifi->transport.kind = &wifi_direct_kind;
    wifi->epoll = epoll_create1(EPOLL_CLOEXEC);
    wifi->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed) {
        wifi->p2p = p2p_new(seed);
    }
    wifi->retry_ms = WIFI_DIRECT_RETRY_MS;
    if (wifi->epoll >= 0 && wifi->timer >= 0 && wifi->p2p != NULL &&
        wifi_direct_watch(wifi, wifi->timer)) {
        return wifi;
    }
    wifi_close(&wifi->transport);
    return NULL;
}

/* An interface's name, or a folder's, of up to `size` octets with its 0; NULL: none. */
static bool is_name(const char *name, size_t size, bool may_be_path) {
    return name == NULL ||
           (name[0] != '\0' && strlen(name) < size && (may_be_path || strchr(name, '/') == NULL));
}

enum transport_result wifi_direct_open(const struct wifi_direct_options *options,
                                       struct transport **out,
                                       struct transport_condition *problem) {
    *out = NULL;
    if (!is_name(options->interface, IF_NAMESIZE, false)) {
        *problem = transport_condition_of(CONDITION_NOT_INTERFACE_NAME, options->interface);
        return TRANSPORT_FAILED;
    }
    if (!is_name(options->folder, WIFI_DIRECT_FOLDER_SIZE, true)) {
        *problem = transport_condition_of(CONDITION_NOT_SUPPLICANT_FOLDER, NULL);
        return TRANSPORT_FAILED;
    }
    struct wifi_direct *wifi = wifi_new();
    if (wifi == NULL) {
        *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
        return TRANSPORT_FAILED;
    }
    if (options->interface != NULL) {
        strcpy(wifi->named, options->interface);
    }
    if (options->folder != NULL) {
        strcpy(wifi->named_folder, options->folder);
    }
    wifi->port = options->port;
    wifi_direct_run(wifi);
    *out = &wifi->transport;
    return TRANSPORT_OK;
}
