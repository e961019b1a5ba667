/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control socket as wpa_supplicant has one, for transport/wifi_direct: the test's own, in a
 * folder of its own. It answers what is asked of it, or does not. */
#ifndef MUSTER_TESTS_TRANSPORT_CONTROL_H
#define MUSTER_TESTS_TRANSPORT_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct control {
    char folder[32], path[80];
    int descriptor;
    struct sockaddr_un client;
    socklen_t client_length; /* 0: nobody has asked for events */
    bool is_mute;            /* it accepts commands and does not answer */
    bool has_no_device;      /* what it serves is no P2P device */
    bool refuses;            /* it does not seek */
    bool answers_garbage;
    size_t used;
    char heard[16384]; /* every command, each with a newline */
};

/* Makes the folder, and in it the socket called `name`. */
void control_open(struct control *control, const char *name);
void control_close(struct control *control);

/* Only the socket: the supplicant ends without a word, and is there again. */
void control_vanish(struct control *control);
void control_appear(struct control *control);

/* Takes one command, if there is any, and answers it. */
void control_serve(struct control *control);

/* Sends `line` to whoever asked for events. */
void control_say(struct control *control, const char *line);

/* Was a command heard that begins like this? */
bool control_heard(const struct control *control, const char *beginning);

#endif
