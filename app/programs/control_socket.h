/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Unix socket at a path of any length: the system's own limit is a hundred octets or so, and a
 * store lies where its owner wants it.
 */
#ifndef MUSTER_APP_PROGRAMS_CONTROL_SOCKET_H
#define MUSTER_APP_PROGRAMS_CONTROL_SOCKET_H

#include <stdbool.h>

/* A socket that is connected to `path`, or one that listens there (mode 0600); -1, and errno. */
int control_socket_connect(const char *path);
int control_socket_listen(const char *path);

/* Is the other side of that socket a process of this user's, or root's? With `is_client`, root may
 * talk to anybody's. */
bool control_socket_is_trusted(int descriptor, bool is_client);

#endif
