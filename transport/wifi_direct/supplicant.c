/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/supplicant.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wpa_ctrl.h>

enum {
    MESSAGE_SIZE = 8192,
    MESSAGES_MAX = 32, /* in one call */
    SOCKETS_MAX = 32
};

#define P2P_DEVICE_PREFIX "p2p-dev-"
#define P2P_GROUP_PREFIX  "p2p-"

/* What the command under way is for. */
enum under_way {
    IDLE,
    ATTACHES,
    PINGS,
    COMMANDS,
};

struct supplicant {
    struct wpa_ctrl *control;
    enum under_way under_way;
    int64_t since_ms; /* the command under way; IDLE: the last reply */
    bool is_gone;
    bool has_held; /* a command was given while it was pinged */
    char held[256];
    char message[MESSAGE_SIZE];
};

static bool say(struct supplicant *supplicant, int64_t now_ms, enum under_way what,
                const char *command) {
    ssize_t sent = send(wpa_ctrl_get_fd(supplicant->control), command, strlen(command),
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        supplicant->is_gone = supplicant->is_gone || (errno != EAGAIN && errno != ENOBUFS);
        return false;
    }
    supplicant->under_way = what;
    supplicant->since_ms = now_ms;
    return true;
}

struct supplicant *supplicant_open(const char *path, int64_t now_ms) {
    struct supplicant *supplicant = calloc(1, sizeof *supplicant);
    if (supplicant == NULL) {
        return NULL;
    }
    supplicant->control = wpa_ctrl_open(path);
    if (supplicant->control == NULL) {
        int error = errno;
        free(supplicant);
        errno = error;
        return NULL;
    }
    if (say(supplicant, now_ms, ATTACHES, "ATTACH")) {
        return supplicant;
    }
    int error = errno;
    supplicant_close(supplicant);
    errno = error;
    return NULL;
}

void supplicant_close(struct supplicant *supplicant) {
    if (supplicant == NULL) {
        return;
    }
    wpa_ctrl_close(supplicant->control);
    free(supplicant);
}

int supplicant_descriptor(const struct supplicant *supplicant) {
    return wpa_ctrl_get_fd(supplicant->control);
}

bool supplicant_command(struct supplicant *supplicant, int64_t now_ms, const char *command) {
    if (supplicant->under_way == IDLE) {
        return say(supplicant, now_ms, COMMANDS, command);
    }
    if (supplicant->under_way != PINGS || supplicant->has_held ||
        strlen(command) >= sizeof supplicant->held) {
        return false;
    }
    strcpy(supplicant->held, command);
    supplicant->has_held = true;
    return true;
}

void supplicant_say(struct supplicant *supplicant, const char *command) {
    say(supplicant, supplicant->since_ms, COMMANDS, command);
}

/* --- Hearing -------------------------------------------------------------------------------- */

static enum supplicant_heard hear_event(struct supplicant *supplicant, const char **line) {
    const char *end = strchr(supplicant->message, '>');
    *line = end == NULL ? supplicant->message : end + 1;
    if (strncmp(*line, WPA_EVENT_TERMINATING, strlen(WPA_EVENT_TERMINATING) - 1) != 0) {
        return SUPPLICANT_EVENT;
    }
    supplicant->is_gone = true;
    return SUPPLICANT_GONE;
}

/* The command that was given meanwhile goes out after the reply to the ping. */
static enum supplicant_heard end_ping(struct supplicant *supplicant, int64_t now_ms) {
    supplicant->under_way = IDLE;
    if (!supplicant->has_held) {
        return SUPPLICANT_NOTHING;
    }
    supplicant->has_held = false;
    if (say(supplicant, now_ms, COMMANDS, supplicant->held)) {
        return SUPPLICANT_NOTHING;
    }
    supplicant->message[0] = '\0';
    return SUPPLICANT_REPLY; /* empty: it was not taken */
}

static enum supplicant_heard hear_reply(struct supplicant *supplicant, int64_t now_ms,
                                        const char **line) {
    enum under_way was = supplicant->under_way;
    supplicant->under_way = IDLE;
    supplicant->since_ms = now_ms;
    *line = supplicant->message;
    switch (was) {
    case IDLE:
        return SUPPLICANT_NOTHING; /* a reply to nothing */
    case ATTACHES:
        supplicant->is_gone = strncmp(supplicant->message, "OK", 2) != 0;
        return supplicant->is_gone ? SUPPLICANT_GONE : SUPPLICANT_READY;
    case PINGS:
        return end_ping(supplicant, now_ms);
    case COMMANDS:
        return SUPPLICANT_REPLY;
    }
    return SUPPLICANT_NOTHING;
}

/* Nothing has arrived: is it still there? */
static enum supplicant_heard wait_on(struct supplicant *supplicant, int64_t now_ms) {
    if (now_ms < supplicant_deadline(supplicant)) {
        return SUPPLICANT_NOTHING;
    }
    if (supplicant->under_way != IDLE) {
        supplicant->is_gone = true;
        return SUPPLICANT_GONE;
    }
    if (say(supplicant, now_ms, PINGS, "PING")) {
        return SUPPLICANT_NOTHING;
    }
    supplicant->since_ms = now_ms;
    return supplicant->is_gone ? SUPPLICANT_GONE : SUPPLICANT_NOTHING;
}

enum supplicant_heard supplicant_hear(struct supplicant *supplicant, int64_t now_ms,
                                      const char **line) {
    for (int i = 0; i < MESSAGES_MAX && !supplicant->is_gone; i++) {
        size_t length = sizeof supplicant->message - 1;
        if (wpa_ctrl_pending(supplicant->control) != 1) {
            return wait_on(supplicant, now_ms);
        }
        supplicant->is_gone = wpa_ctrl_recv(supplicant->control, supplicant->message, &length) != 0;
        if (supplicant->is_gone) {
            break;
        }
        supplicant->message[length] = '\0';
        enum supplicant_heard heard = supplicant->message[0] == '<'
                                          ? hear_event(supplicant, line)
                                          : hear_reply(supplicant, now_ms, line);
        if (heard != SUPPLICANT_NOTHING) {
            return heard;
        }
    }
    return supplicant->is_gone ? SUPPLICANT_GONE : SUPPLICANT_NOTHING;
}

int64_t supplicant_deadline(const struct supplicant *supplicant) {
    return supplicant->since_ms +
           (supplicant->under_way == IDLE ? SUPPLICANT_PING_MS : SUPPLICANT_PATIENCE_MS);
}

/* --- Where the sockets are ------------------------------------------------------------------ */

static bool begins_with(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The interface whose P2P commands the socket called `name` takes; NULL: none, it is a group's. */
static const char *interface_of(const char *name) {
    if (begins_with(name, P2P_DEVICE_PREFIX)) {
        return name + strlen(P2P_DEVICE_PREFIX);
    }
    return name[0] == '.' || begins_with(name, P2P_GROUP_PREFIX) ? NULL : name;
}

/* P2P devices' sockets first, each of them by name. */
static int by_worth(const void *a, const void *b) {
    const char *one = a, *other = b;
    int order = begins_with(other, P2P_DEVICE_PREFIX) - begins_with(one, P2P_DEVICE_PREFIX);
    return order != 0 ? order : strcmp(one, other);
}

static size_t read_folder(DIR *folder, char names[][SUPPLICANT_NAME_SIZE]) {
    size_t count = 0;
    const struct dirent *entry;
    while (count < SOCKETS_MAX && (entry = readdir(folder)) != NULL) {
        if (interface_of(entry->d_name) != NULL && strlen(entry->d_name) < SUPPLICANT_NAME_SIZE &&
            (entry->d_type == DT_SOCK || entry->d_type == DT_UNKNOWN)) {
            strcpy(names[count++], entry->d_name);
        }
    }
    qsort(names, count, SUPPLICANT_NAME_SIZE, by_worth);
    return count;
}

enum supplicant_found supplicant_find(const char *folder, const char *interface, unsigned skipped,
                                      char socket_name[SUPPLICANT_NAME_SIZE],
                                      char interface_name[SUPPLICANT_NAME_SIZE]) {
    char names[SOCKETS_MAX][SUPPLICANT_NAME_SIZE];
    DIR *opened = opendir(folder);
    if (opened == NULL) {
        return errno == EACCES ? SUPPLICANT_FORBIDDEN : SUPPLICANT_NONE;
    }
    size_t count = read_folder(opened, names);
    closedir(opened);
    if (count == 0) {
        return SUPPLICANT_NONE;
    }
    size_t chosen = interface == NULL ? skipped % count : 0;
    while (interface != NULL && chosen < count &&
           strcmp(interface_of(names[chosen]), interface) != 0) {
        chosen++;
    }
    if (chosen == count) {
        return SUPPLICANT_NOT_SERVED;
    }
    strcpy(socket_name, names[chosen]);
    strcpy(interface_name, interface_of(names[chosen]));
    return SUPPLICANT_FOUND;
}
