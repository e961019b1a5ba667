/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control socket of wpa_supplicant, through libwpa-client, without ever waiting: one command is
 * under way at a time, and a supplicant that does not reply within SUPPLICANT_PATIENCE_MS counts as
 * gone.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SUPPLICANT_PATIENCE_MS = 4000,
    SUPPLICANT_PING_MS = 5000, /* after so long a silence it is asked whether it is still there */
    SUPPLICANT_PATH_SIZE = 108,
    SUPPLICANT_NAME_SIZE = 32
};

struct supplicant;

/* Opens the socket at `path` and asks for its events. NULL, with errno set, when that fails. The
 * caller closes it. */
struct supplicant *supplicant_open(const char *path, int64_t now_ms);
void supplicant_close(struct supplicant *supplicant);

/* The descriptor to wait on for reading. */
int supplicant_descriptor(const struct supplicant *supplicant);

/* Sends a command. False when it cannot be sent now. Do not call it before SUPPLICANT_READY, nor
 * before the reply to the previous command. */
bool supplicant_command(struct supplicant *supplicant, int64_t now_ms, const char *command);

/* Sends a command without waiting for the reply, since the socket is closed next. */
void supplicant_say(struct supplicant *supplicant, const char *command);

enum supplicant_heard {
    SUPPLICANT_NOTHING, /* more */
    SUPPLICANT_READY,   /* once: it takes commands from now on */
    SUPPLICANT_EVENT,   /* `line`, without its priority */
    SUPPLICANT_REPLY,   /* `line`, possibly several with \n */
    SUPPLICANT_GONE,    /* it ends, or does not answer: close it */
};

/* Takes what it said next. `line` lives until the next call. */
enum supplicant_heard supplicant_hear(struct supplicant *supplicant, int64_t now_ms,
                                      const char **line);

/* When supplicant_hear will have something even if nothing arrives. */
int64_t supplicant_deadline(const struct supplicant *supplicant);

/* --- Where the sockets are -------------------------------------------------------------------- */

enum supplicant_found {
    SUPPLICANT_FOUND,
    SUPPLICANT_NONE,       /* no folder, or no socket in it */
    SUPPLICANT_NOT_SERVED, /* sockets, but none of that interface */
    SUPPLICANT_FORBIDDEN,  /* the folder may not be read */
};

/* Looks in `folder` for the control socket of the P2P device of `interface`; NULL: of the first
 * that has one, and after `skipped` of them that turned out to have none. Writes the socket's name
 * and the interface's. */
enum supplicant_found supplicant_find(const char *folder, const char *interface, unsigned skipped,
                                      char socket_name[SUPPLICANT_NAME_SIZE],
                                      char interface_name[SUPPLICANT_NAME_SIZE]);

#endif
