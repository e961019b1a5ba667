/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "transport/interfaces.h"
#include "transport/udp.h"
#include "transport/wifi_direct/wifi_direct_state.h"

#define RFKILL_FOLDER "/sys/class/rfkill"

enum {
    EVENTS_MAX = 32, /* of one socket, in one call */
    RETRY_MAX_MS = 4000,
    UDP_RETRY_MS = 1000,
    SWITCH_MS = 1000, /* between two looks at the radio's switch */
    GROUPS_MAX = 1 << 7
};

static const char *const usual_folders[] = {"/run/wpa_supplicant", "/var/run/wpa_supplicant"};

int64_t wifi_direct_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool wifi_direct_watch(struct wifi_direct *wifi, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(wifi->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* --- News ----------------------------------------------------------------------------------- */

/* From now on it stands like this; a change is reported once. */
static void set_situation(struct wifi_direct *wifi, enum situation situation) {
    wifi->situation = situation;
    if (situation == wifi->told || situation == SITUATION_STARTING) {
        return;
    }
    bool was_problem = situation_is_problem(wifi->told);
    wifi->told = situation;
    if (!situation_is_problem(situation) && !was_problem) {
        return;
    }
    const struct transport_condition condition =
        situation_is_problem(situation)
            ? situation_condition(situation, wifi->interface)
            : transport_condition_of(CONDITION_RADIO_BACK, wifi->interface);
    news_add(&wifi->news, &condition);
}

struct transport_condition wifi_direct_doing(const struct wifi_direct *wifi,
                                             const struct p2p_status *status) {
    if (status->role == P2P_CLIENT) {
        return transport_condition_of(CONDITION_IN_GROUP, status->name);
    }
    if (status->role == P2P_OWNER) {
        return transport_condition_number(CONDITION_GROUP_OWNER, NULL, status->peers);
    }
    if (wifi->mode == TRANSPORT_SILENT) {
        return transport_condition_of(CONDITION_RADIO_SILENCE, NULL);
    }
    if (status->in_sight > 0) {
        return transport_condition_number(CONDITION_FORMING_GROUP, NULL, status->in_sight);
    }
    return transport_condition_of(CONDITION_SEEKING, NULL);
}

/* --- The group's interface ------------------------------------------------------------------ */

static void open_udp(struct wifi_direct *wifi, int64_t now_ms) {
    struct transport_condition problem; /* of a group that has just come up; it is tried again */
    struct udp_options options = {.interface = wifi->group_interface, .port = wifi->port};
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    wifi->udp_at_ms = now_ms + UDP_RETRY_MS;
    if (udp_open(&options, &wifi->udp, &problem) != TRANSPORT_OK) {
        return;
    }
    wifi->udp->kind->set_mode(wifi->udp, wifi->mode);
    size_t count = wifi->udp->kind->descriptors(wifi->udp, descriptors);
    for (size_t i = 0; i < count; i++) {
        wifi_direct_watch(wifi, descriptors[i]);
    }
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
    if (wifi->group != NULL && !wifi_direct_watch(wifi, supplicant_descriptor(wifi->group))) {
        close_group_socket(wifi, now_ms);
    }
    p2p_look(wifi->p2p, now_ms, &status);
    const struct transport_condition doing = wifi_direct_doing(wifi, &status);
    news_add(&wifi->news, &doing);
}

static void group_down(struct wifi_direct *wifi, int64_t now_ms) {
    if (wifi->udp != NULL) {
        wifi->udp->kind->close(wifi->udp);
    }
    wifi->udp = NULL;
    wifi->group_interface[0] = '\0';
    close_group_socket(wifi, now_ms);
    const struct transport_condition ended = transport_condition_of(CONDITION_GROUP_ENDED, NULL);
    news_add(&wifi->news, &ended);
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
    wifi->switch_at_ms = now_ms;
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
    if (found != SUPPLICANT_FOUND) {
        return situation_found(found);
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(wifi->folder, sizeof wifi->folder, "%s", folder);
    wifi->radio = supplicant_open(path, now_ms);
    if (wifi->radio == NULL) {
        return errno == EACCES ? SITUATION_FORBIDDEN : SITUATION_NO_SUPPLICANT;
    }
    if (wifi_direct_watch(wifi, supplicant_descriptor(wifi->radio))) {
        return SITUATION_STARTING;
    }
    supplicant_close(wifi->radio);
    wifi->radio = NULL;
    return SITUATION_NO_SUPPLICANT;
}

/* The more informative of two that did not open. */
static enum situation worse(enum situation a, enum situation b) {
    return a == SITUATION_NO_SUPPLICANT ? b : a;
}

static void open_radio(struct wifi_direct *wifi, int64_t now_ms) {
    enum situation situation = SITUATION_NO_SUPPLICANT;
    bool is_named = wifi->named_folder[0] != '\0';
    snprintf(wifi->interface, sizeof wifi->interface, "%s", wifi->named);
    if (is_named) {
        situation = open_in(wifi, now_ms, wifi->named_folder);
    }
    for (size_t i = 0;
         !is_named && wifi->radio == NULL && i < sizeof usual_folders / sizeof usual_folders[0];
         i++) {
        situation = worse(situation, open_in(wifi, now_ms, usual_folders[i]));
    }
    if (wifi->radio != NULL) {
        return;
    }
    snprintf(wifi->interface, sizeof wifi->interface, "%s", wifi->named);
    if (wifi->named[0] != '\0' && interfaces_index(wifi->named) == 0) {
        situation = SITUATION_NO_INTERFACE;
    }
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
            if (!wifi->is_ready) {
                set_situation(wifi, SITUATION_MUTE);
            }
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
        if (!wifi->is_ready || !supplicant_command(wifi->radio, now_ms, action->line)) {
            p2p_reply(wifi->p2p, now_ms, NULL);
        }
        break;
    case P2P_GROUP_COMMAND:
        if (!wifi->is_group_ready || !supplicant_command(wifi->group, now_ms, action->line)) {
            p2p_group_reply(wifi->p2p, now_ms, NULL);
        }
        break;
    case P2P_GROUP_UP:
        group_up(wifi, now_ms, action->line);
        break;
    case P2P_GROUP_DOWN:
        group_down(wifi, now_ms);
        break;
    }
}

/* Is the radio blocked? The supplicant may go on saying OK all the same. It is not looked up for
 * each frame that comes on any link. */
static enum situation situation_of_own_switch(struct wifi_direct *wifi, int64_t now_ms) {
    char folder[SUPPLICANT_PATH_SIZE];
    if (now_ms < wifi->switch_at_ms) {
        return wifi->own_switch;
    }
    snprintf(folder, sizeof folder, "/sys/class/net/%s/phy80211", wifi->interface);
    wifi->own_switch = situation_of_switches(folder, SITUATION_WORKS);
    wifi->switch_at_ms = now_ms + SWITCH_MS;
    return wifi->own_switch;
}

/* How the radio does, as far as commands and replies tell. */
static void judge(struct wifi_direct *wifi, int64_t now_ms) {
    struct p2p_status status;
    if (wifi->radio == NULL) {
        return;
    }
    p2p_look(wifi->p2p, now_ms, &status);
    if (status.trouble == P2P_NO_TROUBLE) {
        set_situation(wifi, status.role == P2P_ABSENT  ? SITUATION_STARTING
                            : status.role == P2P_ALONE ? situation_of_own_switch(wifi, now_ms)
                                                       : SITUATION_WORKS);
        if (status.role != P2P_ABSENT) {
            wifi->retry_ms = WIFI_DIRECT_RETRY_MS;
        }
        return;
    }
    enum situation why = status.trouble == P2P_NO_DEVICE ? SITUATION_NO_DEVICE : SITUATION_REFUSED;
    if (wifi->situation != why || why == SITUATION_REFUSED) {
        set_situation(wifi, situation_of_switches(RFKILL_FOLDER, why));
    }
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
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        deadline = others[i] < deadline ? others[i] : deadline;
    }
    deadline = deadline > now_ms ? deadline : now_ms + 1;
    struct itimerspec timer = {
        .it_value = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000}};
    timerfd_settime(wifi->timer, TFD_TIMER_ABSTIME, deadline == INT64_MAX ? NULL : &timer, NULL);
}

void wifi_direct_run(struct wifi_direct *wifi) {
    int64_t now_ms = wifi_direct_now_ms();
    struct p2p_action action;
    if (wifi->radio == NULL && now_ms >= wifi->retry_at_ms) {
        open_radio(wifi, now_ms);
    }
    hear_radio(wifi, now_ms);
    hear_group(wifi, now_ms);
    for (int i = 0; i < WIFI_DIRECT_ACTIONS_MAX && p2p_take(wifi->p2p, now_ms, &action); i++) {
        do_one(wifi, now_ms, &action);
    }
    if (wifi->group_interface[0] != '\0' && wifi->udp == NULL && now_ms >= wifi->udp_at_ms) {
        open_udp(wifi, now_ms);
    }
    judge(wifi, now_ms);
    set_timer(wifi, now_ms);
}

/* --- The end -------------------------------------------------------------------------------- */

void wifi_direct_say_goodbye(struct wifi_direct *wifi, int64_t now_ms) {
    struct p2p_action action;
    p2p_set_mode(wifi->p2p, now_ms, TRANSPORT_OFF);
    p2p_reply(wifi->p2p, now_ms, NULL);
    p2p_group_reply(wifi->p2p, now_ms, NULL);
    for (int i = 0; i < WIFI_DIRECT_ACTIONS_MAX && p2p_take(wifi->p2p, now_ms, &action); i++) {
        if (action.deed != P2P_COMMAND) {
            continue;
        }
        supplicant_say(wifi->radio, action.line);
        p2p_reply(wifi->p2p, now_ms, NULL);
    }
}
