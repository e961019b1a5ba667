/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    WAITING_MAX = 8
};

/* Names the socket by its folder's descriptor, which the caller closes; -1, and errno. */
static int address_of(const char *path, struct sockaddr_un *address) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    if (length >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    const char *where = slash == NULL ? "." : length == 0 ? "/" : folder;
    int descriptor = open(where, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int written = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s",
                           descriptor, name);
    if (written < 0 || (size_t)written >= sizeof address->sun_path) {
        close(descriptor);
        errno = ENAMETOOLONG;
        return -1;
    }
    return descriptor;
}

static int connect_to(int descriptor, const struct sockaddr_un *address) {
    return connect(descriptor, (const struct sockaddr *)address, sizeof *address);
}

static int bind_and_listen(int descriptor, const struct sockaddr_un *address) {
    /* On Linux the mode of a socket is that of its file once it is bound. */
    if (fchmod(descriptor, S_IRUSR | S_IWUSR) != 0 ||
        bind(descriptor, (const struct sockaddr *)address, sizeof *address) != 0) {
        return -1;
    }
    return listen(descriptor, WAITING_MAX);
}

static int open_at(const char *path, int (*join)(int, const struct sockaddr_un *)) {
    struct sockaddr_un address;
    int folder = address_of(path, &address);
    int descriptor = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int cause = errno;
    if (descriptor >= 0 && join(descriptor, &address) != 0) {
        cause = errno;
        close(descriptor);
        descriptor = -1;
    }
    if (folder >= 0) {
        close(folder);
    }
    errno = cause;
    return descriptor;
}

int control_socket_connect(const char *path) {
    return open_at(path, connect_to);
}

int control_socket_listen(const char *path) {
    return open_at(path, bind_and_listen);
}

bool control_socket_is_trusted(int descriptor, bool is_client) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        return false;
    }
    return peer.uid == geteuid() || peer.uid == 0 || (is_client && geteuid() == 0);
}
