/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/wifi_direct.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "transport/peers.h"
#include "transport/udp.h"
#include "transport/wifi_direct/p2p.h"
#include "transport/wifi_direct/situation.h"
#include "transport/wifi_direct/supplicant.h"

#define RFKILL_FOLDER "/sys/class/rfkill"

enum {
    FOLDER_SIZE = 72,
    EVENTS_MAX = 32,  /* of one socket, in one call */
    ACTIONS_MAX = 32, /* in one call */
    RETRY_MS = 1000,  /* opening again, then twice as long each time up to: */
    RETRY_MAX_MS = 10 * 1000,
    UDP_RETRY_MS = 1000,
    NEWS_MAX = 4,
    /* A peer's number: udp's own in the lower bits, and above them which group it was heard in. */
    GROUP_SHIFT = 40,
    GROUPS_MAX = 1 << 15
};

static const char *const usual_folders[] = {"/run/wpa_supplicant", "/var/run/wpa_supplicant"};

struct news {
    bool is_problem;
    char line[TRANSPORT_LINE_SIZE];
};

struct wifi_direct {
    struct transport transport;     /* first: a struct transport is its beginning */
    char named[IF_NAMESIZE];        /* by option; empty: any */
    char named_folder[FOLDER_SIZE]; /* the same */
    uint16_t port;
    int epoll, timer;

    enum transport_mode mode;
    struct p2p *p2p;
    struct supplicant *radio, *group; /* NULL: not open */
    bool is_ready, is_group_ready;    /* they take commands */
    char folder[FOLDER_SIZE], interface[SUPPLICANT_NAME_SIZE];
    unsigned skipped; /* radios that turned out to have no P2P device */
    int64_t retry_at_ms, retry_ms;

    char group_interface[IF_NAMESIZE];
    struct transport *udp; /* NULL: no group, or not open yet */
    int64_t udp_at_ms;
    uint64_t groups; /* so far */

    enum situation situation, told;
    struct news news[NEWS_MAX];
    size_t first_news, news_count;
    struct news taken;
    char problem[WIFI_DIRECT_PROBLEM_SIZE];

    transport_frame_fn *on_frame; /* while receiving */
    void *context;
};

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool watch(struct wifi_direct *wifi, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(wifi->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* --- News ----------------------------------------------------------------------------------- */

/* The oldest line gives way. */
static struct news *next_news(struct wifi_direct *wifi, bool is_problem) {
    if (wifi->news_count == NEWS_MAX) {
        wifi->first_news = (wifi->first_news + 1) % NEWS_MAX;
        wifi->news_count--;
    }
    struct news *news = &wifi->news[(wifi->first_news + wifi->news_count++) % NEWS_MAX];
    news->is_problem = is_problem;
    return news;
}

/* From now on it stands like this; what is new is told once. */
static void set_situation(struct wifi_direct *wifi, enum situation situation) {
    wifi->situation = situation;
    if (situation == wifi->told || situation == SITUATION_STARTING)
        return;
    bool was_problem = situation_is_problem(wifi->told);
    wifi->told = situation;
    if (situation_is_problem(situation))
        situation_line(situation, wifi->interface, next_news(wifi, true)->line);
    else if (was_problem)
        snprintf(next_news(wifi, false)->line, TRANSPORT_LINE_SIZE, "%s can be used again",
                 wifi->interface);
}

static void describe(const struct wifi_direct *wifi, const struct p2p_status *status,
                     char line[TRANSPORT_LINE_SIZE]) {
    if (status->role == P2P_CLIENT)
        snprintf(line, TRANSPORT_LINE_SIZE, "in the group of %s", status->name);
    else if (status->role == P2P_OWNER)
        snprintf(line, TRANSPORT_LINE_SIZE, "group owner, %u handset%s", status->peers,
                 status->peers == 1 ? "" : "s");
    else if (wifi->mode == TRANSPORT_SILENT)
        snprintf(line, TRANSPORT_LINE_SIZE, "radio silence");
    else if (status->in_sight > 0)
        snprintf(line, TRANSPORT_LINE_SIZE, "%u handset%s in sight, forming a group",
                 status->in_sight, status->in_sight == 1 ? "" : "s");
    else
        snprintf(line, TRANSPORT_LINE_SIZE, "looking for handsets");
}

/* --- The group's interface ------------------------------------------------------------------ */

static void open_udp(struct wifi_direct *wifi, int64_t now_ms) {
    char problem[UDP_PROBLEM_SIZE];
    struct udp_options options = {.interface = wifi->group_interface, .port = wifi->port};
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    wifi->udp_at_ms = now_ms + UDP_RETRY_MS;
    if (udp_open(&options, &wifi->udp, problem) != TRANSPORT_OK)
        return;
    size_t count = wifi->udp->kind->descriptors(wifi->udp, descriptors);
    for (size_t i = 0; i < count; i++)
        watch(wifi, descriptors[i]);
}

static void close_group_socket(struct wifi_direct *wifi, int64_t now_ms) {
    supplicant_close(wifi->group);
    wifi->group = NULL;
    wifi->is_group_ready = false;
    p2p_group_reply(wifi->p2p, now_ms, NULL);
}

static void group_up(struct wifi_direct *wifi, int64_t now_ms, const char *interface) {
    char path[SUPPLICANT_PATH_SIZE];
    struct p2p_status status;
    snprintf(wifi->group_interface, sizeof wifi->group_interface, "%.15s", interface);
    snprintf(path, sizeof path, "%s/%s", wifi->folder, wifi->group_interface);
    wifi->groups = wifi->groups % (GROUPS_MAX - 1) + 1;
    open_udp(wifi, now_ms);
    wifi->group = supplicant_open(path, now_ms);
    if (wifi->group != NULL && !watch(wifi, supplicant_descriptor(wifi->group)))
        close_group_socket(wifi, now_ms);
    p2p_look(wifi->p2p, now_ms, &status);
    describe(wifi, &status, next_news(wifi, false)->line);
}

static void group_down(struct wifi_direct *wifi, int64_t now_ms) {
    if (wifi->udp != NULL)
        wifi->udp->kind->close(wifi->udp);
    wifi->udp = NULL;
    wifi->group_interface[0] = '\0';
    close_group_socket(wifi, now_ms);
    snprintf(next_news(wifi, false)->line, TRANSPORT_LINE_SIZE, "the group has ended");
}

/* --- The supplicant ------------------------------------------------------------------------- */

static void try_later(struct wifi_direct *wifi, int64_t now_ms) {
    wifi->retry_at_ms = now_ms + wifi->retry_ms;
    wifi->retry_ms = wifi->retry_ms * 2 < RETRY_MAX_MS ? wifi->retry_ms * 2 : RETRY_MAX_MS;
}

static void close_radio(struct wifi_direct *wifi, int64_t now_ms) {
    supplicant_close(wifi->radio);
    wifi->radio = NULL;
    wifi->is_ready = false;
    p2p_down(wifi->p2p, now_ms);
    try_later(wifi, now_ms);
}

static enum situation situation_found(enum supplicant_found found) {
    return found == SUPPLICANT_FORBIDDEN    ? SITUATION_FORBIDDEN
           : found == SUPPLICANT_NOT_SERVED ? SITUATION_NOT_SERVED
           : found == SUPPLICANT_NONE       ? SITUATION_NO_SUPPLICANT
                                            : SITUATION_STARTING;
}

/* Opens the first control socket of the folder that will do. */
static enum situation open_in(struct wifi_direct *wifi, int64_t now_ms, const char *folder) {
    char name[SUPPLICANT_NAME_SIZE], path[SUPPLICANT_PATH_SIZE];
    const char *named = wifi->named[0] != '\0' ? wifi->named : NULL;
    enum supplicant_found found =
        supplicant_find(folder, named, wifi->skipped, name, wifi->interface);
    if (found != SUPPLICANT_FOUND)
        return situation_found(found);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(wifi->folder, sizeof wifi->folder, "%s", folder);
    wifi->radio = supplicant_open(path, now_ms);
    if (wifi->radio == NULL)
        return errno == EACCES ? SITUATION_FORBIDDEN : SITUATION_NO_SUPPLICANT;
    if (watch(wifi, supplicant_descriptor(wifi->radio)))
        return SITUATION_STARTING;
    supplicant_close(wifi->radio);
    wifi->radio = NULL;
    return SITUATION_NO_SUPPLICANT;
}

/* The more telling of two that did not open. */
static enum situation worse(enum situation a, enum situation b) {
    return a == SITUATION_NO_SUPPLICANT ? b : a;
}

static void open_radio(struct wifi_direct *wifi, int64_t now_ms) {
    enum situation situation = SITUATION_NO_SUPPLICANT;
    bool is_named = wifi->named_folder[0] != '\0';
    snprintf(wifi->interface, sizeof wifi->interface, "%s", wifi->named);
    if (is_named)
        situation = open_in(wifi, now_ms, wifi->named_folder);
    for (size_t i = 0;
         !is_named && wifi->radio == NULL && i < sizeof usual_folders / sizeof usual_folders[0];
         i++)
        situation = worse(situation, open_in(wifi, now_ms, usual_folders[i]));
    if (wifi->radio != NULL)
        return;
    snprintf(wifi->interface, sizeof wifi->interface, "%s", wifi->named);
    if (wifi->named[0] != '\0' && if_nametoindex(wifi->named) == 0)
        situation = SITUATION_NO_INTERFACE;
    set_situation(wifi, situation_of_switches(RFKILL_FOLDER, situation));
    try_later(wifi, now_ms);
}

static void hear_radio(struct wifi_direct *wifi, int64_t now_ms) {
    for (int i = 0; wifi->radio != NULL && i < EVENTS_MAX; i++) {
        const char *line;
        switch (supplicant_hear(wifi->radio, now_ms, &line)) {
        case SUPPLICANT_NOTHING:
            return;
        case SUPPLICANT_READY:
            wifi->is_ready = true;
            p2p_up(wifi->p2p, now_ms);
            break;
        case SUPPLICANT_EVENT:
            p2p_event(wifi->p2p, now_ms, line);
            break;
        case SUPPLICANT_REPLY:
            p2p_reply(wifi->p2p, now_ms, line);
            break;
        case SUPPLICANT_GONE:
            if (!wifi->is_ready)
                set_situation(wifi, SITUATION_MUTE);
            close_radio(wifi, now_ms);
            break;
        }
    }
}

static void hear_group(struct wifi_direct *wifi, int64_t now_ms) {
    for (int i = 0; wifi->group != NULL && i < EVENTS_MAX; i++) {
        const char *line;
        switch (supplicant_hear(wifi->group, now_ms, &line)) {
        case SUPPLICANT_NOTHING:
            return;
        case SUPPLICANT_READY:
            wifi->is_group_ready = true;
            break;
        case SUPPLICANT_EVENT:
            p2p_group_event(wifi->p2p, now_ms, line);
            break;
        case SUPPLICANT_REPLY:
            p2p_group_reply(wifi->p2p, now_ms, line);
            break;
        case SUPPLICANT_GONE:
            close_group_socket(wifi, now_ms);
            break;
        }
    }
}

static void do_one(struct wifi_direct *wifi, int64_t now_ms, const struct p2p_action *action) {
    switch (action->deed) {
    case P2P_COMMAND:
        if (!wifi->is_ready || !supplicant_command(wifi->radio, now_ms, action->line))
            p2p_reply(wifi->p2p, now_ms, NULL);
        break;
    case P2P_GROUP_COMMAND:
        if (!wifi->is_group_ready || !supplicant_command(wifi->group, now_ms, action->line))
            p2p_group_reply(wifi->p2p, now_ms, NULL);
        break;
    case P2P_GROUP_UP:
        group_up(wifi, now_ms, action->line);
        break;
    case P2P_GROUP_DOWN:
        group_down(wifi, now_ms);
        break;
    }
}

/* How the radio does, as far as commands and replies tell. */
static void judge(struct wifi_direct *wifi, int64_t now_ms) {
    struct p2p_status status;
    if (wifi->radio == NULL)
        return;
    p2p_look(wifi->p2p, now_ms, &status);
    if (status.trouble == P2P_NO_TROUBLE) {
        set_situation(wifi, status.role == P2P_ABSENT ? SITUATION_STARTING : SITUATION_WORKS);
        if (status.role != P2P_ABSENT)
            wifi->retry_ms = RETRY_MS;
        return;
    }
    enum situation why = status.trouble == P2P_NO_DEVICE ? SITUATION_NO_DEVICE : SITUATION_REFUSED;
    if (wifi->situation != why || why == SITUATION_REFUSED)
        set_situation(wifi, situation_of_switches(RFKILL_FOLDER, why));
    if (status.trouble == P2P_NO_DEVICE && wifi->named[0] == '\0') {
        wifi->skipped++;
        close_radio(wifi, now_ms);
    }
}

static void set_timer(struct wifi_direct *wifi, int64_t now_ms) {
    int64_t deadline = p2p_deadline(wifi->p2p);
    int64_t others[] = {
        wifi->radio != NULL ? supplicant_deadline(wifi->radio) : wifi->retry_at_ms,
        wifi->group != NULL ? supplicant_deadline(wifi->group) : INT64_MAX,
        wifi->group_interface[0] != '\0' && wifi->udp == NULL ? wifi->udp_at_ms : INT64_MAX,
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        deadline = others[i] < deadline ? others[i] : deadline;
    deadline = deadline > now_ms ? deadline : now_ms + 1;
    struct itimerspec timer = {
        .it_value = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000}};
    timerfd_settime(wifi->timer, TFD_TIMER_ABSTIME, deadline == INT64_MAX ? NULL : &timer, NULL);
}

/* Everything but the frames. */
static void run(struct wifi_direct *wifi) {
    int64_t now_ms = monotonic_ms();
    struct p2p_action action;
    if (wifi->radio == NULL && now_ms >= wifi->retry_at_ms)
        open_radio(wifi, now_ms);
    hear_radio(wifi, now_ms);
    hear_group(wifi, now_ms);
    for (int i = 0; i < ACTIONS_MAX && p2p_take(wifi->p2p, now_ms, &action); i++)
        do_one(wifi, now_ms, &action);
    if (wifi->group_interface[0] != '\0' && wifi->udp == NULL && now_ms >= wifi->udp_at_ms)
        open_udp(wifi, now_ms);
    judge(wifi, now_ms);
    set_timer(wifi, now_ms);
}

/* --- What a transport does ------------------------------------------------------------------ */

static size_t wifi_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = ((const struct wifi_direct *)transport)->epoll;
    return 1;
}

static void on_udp_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct wifi_direct *wifi = context;
    p2p_busy(wifi->p2p, monotonic_ms());
    wifi->on_frame(wifi->context, peer == PEER_CROWD ? peer : peer | wifi->groups << GROUP_SHIFT,
                   frame, length);
}

static enum transport_result wifi_receive(struct transport *transport, transport_frame_fn *on_frame,
                                          void *context) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    uint64_t expirations;
    if (read(wifi->timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN)
        return TRANSPORT_FAILED;
    run(wifi);
    if (wifi->udp == NULL)
        return TRANSPORT_OK;
    wifi->on_frame = on_frame;
    wifi->context = context;
    enum transport_result result = wifi->udp->kind->receive(wifi->udp, on_udp_frame, wifi);
    if (result != TRANSPORT_OK)
        snprintf(wifi->problem, sizeof wifi->problem, "%s", wifi->udp->kind->problem(wifi->udp));
    return result;
}

static enum transport_result no_route(struct wifi_direct *wifi, const char *why) {
    snprintf(wifi->problem, sizeof wifi->problem, "%s", why);
    return TRANSPORT_NO_ROUTE;
}

static enum transport_result send_to_all(struct wifi_direct *wifi, const uint8_t *frame,
                                         size_t length) {
    if (wifi->mode == TRANSPORT_OFF)
        return no_route(wifi, "airplane mode: the radio is off");
    if (situation_is_problem(wifi->situation)) {
        char line[TRANSPORT_LINE_SIZE];
        situation_line(wifi->situation, wifi->interface, line);
        return no_route(wifi, line);
    }
    if (wifi->udp == NULL)
        return TRANSPORT_OK;
    enum transport_result result = wifi->udp->kind->send(wifi->udp, PEER_ALL, frame, length);
    return result == TRANSPORT_NO_ROUTE ? TRANSPORT_OK : result; /* no address yet */
}

static enum transport_result wifi_send(struct transport *transport, uint64_t peer,
                                       const uint8_t *frame, size_t length) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    if (length > TRANSPORT_FRAME_MAX)
        return TRANSPORT_TOO_LONG;
    p2p_busy(wifi->p2p, monotonic_ms());
    if (peer == PEER_ALL)
        return send_to_all(wifi, frame, length);
    if (wifi->udp == NULL || (peer != PEER_CROWD && peer >> GROUP_SHIFT != wifi->groups))
        return no_route(wifi, "that handset was in a group that has ended; wait until it is heard");
    uint64_t own = peer == PEER_CROWD ? peer : peer & ((UINT64_C(1) << GROUP_SHIFT) - 1);
    enum transport_result result = wifi->udp->kind->send(wifi->udp, own, frame, length);
    if (result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED)
        snprintf(wifi->problem, sizeof wifi->problem, "%s", wifi->udp->kind->problem(wifi->udp));
    return result;
}

static const char *wifi_problem(const struct transport *transport) {
    return ((const struct wifi_direct *)transport)->problem;
}

static const char *wifi_news(struct transport *transport, bool *is_problem) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    if (wifi->news_count == 0)
        return NULL;
    wifi->taken = wifi->news[wifi->first_news];
    wifi->first_news = (wifi->first_news + 1) % NEWS_MAX;
    wifi->news_count--;
    *is_problem = wifi->taken.is_problem;
    return wifi->taken.line;
}

static size_t wifi_radios(const struct transport *transport, struct transport_radio out[],
                          size_t room) {
    const struct wifi_direct *wifi = (const struct wifi_direct *)transport;
    struct p2p_status status;
    if (room == 0)
        return 0;
    p2p_look(wifi->p2p, monotonic_ms(), &status);
    *out = (struct transport_radio){
        .link = 1, .state = RADIO_ON, .peers = status.peers, .quality = status.quality};
    snprintf(out->name, sizeof out->name, "%s",
             wifi->interface[0] != '\0' ? wifi->interface : "wifi-direct");
    if (wifi->mode == TRANSPORT_OFF) {
        out->state = RADIO_OFF;
    } else if (situation_is_problem(wifi->situation)) {
        out->state = RADIO_UNUSABLE;
        situation_line(wifi->situation, "", out->line);
    } else if (wifi->situation == SITUATION_STARTING) {
        out->state = RADIO_STARTING;
    } else {
        describe(wifi, &status, out->line);
    }
    return 1;
}

static int wifi_quality(const struct transport *transport, uint64_t peer) {
    const struct wifi_direct *wifi = (const struct wifi_direct *)transport;
    struct p2p_status status;
    if (wifi->udp == NULL || peer >> GROUP_SHIFT != wifi->groups)
        return TRANSPORT_QUALITY_UNKNOWN;
    p2p_look(wifi->p2p, monotonic_ms(), &status);
    return status.quality;
}

static void wifi_set_mode(struct transport *transport, enum transport_mode mode) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    wifi->mode = mode;
    p2p_set_mode(wifi->p2p, monotonic_ms(), mode);
    run(wifi);
}

/* --- Opening and closing -------------------------------------------------------------------- */

/* Says what there is to say for leaving the group, without waiting for replies. */
static void say_goodbye(struct wifi_direct *wifi, int64_t now_ms) {
    struct p2p_action action;
    p2p_set_mode(wifi->p2p, now_ms, TRANSPORT_OFF);
    p2p_reply(wifi->p2p, now_ms, NULL);
    p2p_group_reply(wifi->p2p, now_ms, NULL);
    for (int i = 0; i < ACTIONS_MAX && p2p_take(wifi->p2p, now_ms, &action); i++) {
        if (action.deed != P2P_COMMAND)
            continue;
        supplicant_say(wifi->radio, action.line);
        p2p_reply(wifi->p2p, now_ms, NULL);
    }
}

static void wifi_close(struct transport *transport) {
    struct wifi_direct *wifi = (struct wifi_direct *)transport;
    if (wifi->udp != NULL)
        wifi->udp->kind->close(wifi->udp);
    if (wifi->is_ready)
        say_goodbye(wifi, monotonic_ms());
    supplicant_close(wifi->group);
    supplicant_close(wifi->radio);
    p2p_free(wifi->p2p);
    if (wifi->timer >= 0)
        close(wifi->timer);
    if (wifi->epoll >= 0)
        close(wifi->epoll);
    free(wifi);
}

static const struct transport_kind wifi_direct_kind = {
    .name = "wifi-direct",
    .descriptors = wifi_descriptors,
    .receive = wifi_receive,
    .send = wifi_send,
    .problem = wifi_problem,
    .news = wifi_news,
    .radios = wifi_radios,
    .quality = wifi_quality,
    .set_mode = wifi_set_mode,
    .close = wifi_close,
};

static struct wifi_direct *wifi_new(void) {
    struct wifi_direct *wifi = calloc(1, sizeof *wifi);
    uint64_t seed;
    if (wifi == NULL)
        return NULL;
    wifi->transport.kind = &wifi_direct_kind;
    wifi->epoll = epoll_create1(EPOLL_CLOEXEC);
    wifi->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed)
        wifi->p2p = p2p_new(seed);
    wifi->retry_ms = RETRY_MS;
    if (wifi->epoll >= 0 && wifi->timer >= 0 && wifi->p2p != NULL && watch(wifi, wifi->timer))
        return wifi;
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
                                       char problem[WIFI_DIRECT_PROBLEM_SIZE]) {
    *out = NULL;
    if (!is_name(options->interface, IF_NAMESIZE, false)) {
        snprintf(problem, WIFI_DIRECT_PROBLEM_SIZE, "%.40s is no interface's name; see `iw dev`",
                 options->interface);
        return TRANSPORT_FAILED;
    }
    if (!is_name(options->folder, FOLDER_SIZE, true)) {
        snprintf(problem, WIFI_DIRECT_PROBLEM_SIZE,
                 "the folder of wpa_supplicant's sockets has no name, or one that is too long");
        return TRANSPORT_FAILED;
    }
    struct wifi_direct *wifi = wifi_new();
    if (wifi == NULL) {
        snprintf(problem, WIFI_DIRECT_PROBLEM_SIZE, "out of memory or descriptors");
        return TRANSPORT_FAILED;
    }
    if (options->interface != NULL)
        strcpy(wifi->named, options->interface);
    if (options->folder != NULL)
        strcpy(wifi->named_folder, options->folder);
    wifi->port = options->port;
    run(wifi);
    *out = &wifi->transport;
    return TRANSPORT_OK;
}
