/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/l2cap.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/l2cap.h>

#include "transport/bluetooth/bluetooth.h"
#include "transport/bluetooth/octets.h"

enum {
    BACKLOG = 8,
    /* A channel that cannot keep up should lose frames soon rather than deliver them late. */
    SEND_BUFFER = 48 * 1024,
};

static struct sockaddr_l2 socket_address(uint64_t address, uint16_t psm) {
    struct sockaddr_l2 result = {.l2_family = AF_BLUETOOTH, .l2_psm = htobs(psm)};
    octets_write_address(result.l2_bdaddr.b, address);
    return result;
}

/* Lets go of `descriptor`; errno stays. */
static int given_up(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

static bool set_frame_size(int descriptor) {
    struct l2cap_options options = {0};
    socklen_t length = sizeof options;
    if (getsockopt(descriptor, SOL_L2CAP, L2CAP_OPTIONS, &options, &length) != 0) {
        return false;
    }
    options.imtu = options.omtu = TRANSPORT_FRAME_MAX;
    return setsockopt(descriptor, SOL_L2CAP, L2CAP_OPTIONS, &options, sizeof options) == 0;
}

/* Low: no bond is asked for, so that adapters that others cannot pair with connect. */
static bool set_security(int descriptor) {
    const struct bt_security security = {.level = BT_SECURITY_LOW};
    return setsockopt(descriptor, SOL_BLUETOOTH, BT_SECURITY, &security, sizeof security) == 0;
}

static void set_send_buffer(int descriptor) {
    const int size = SEND_BUFFER;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* A socket of the adapter with the address `own`. */
static int bound_socket(uint64_t own, uint16_t psm) {
    int descriptor =
        socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, BTPROTO_L2CAP);
    if (descriptor < 0) {
        return -1;
    }
    const struct sockaddr_l2 address = socket_address(own, psm);
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0 ||
        !set_frame_size(descriptor) || !set_security(descriptor)) {
        return given_up(descriptor);
    }
    set_send_buffer(descriptor);
    return descriptor;
}

int l2cap_listen(uint64_t own) {
    int descriptor = bound_socket(own, BLUETOOTH_PSM);
    if (descriptor < 0) {
        return -1;
    }
    const int mode = L2CAP_LM_MASTER;
    (void)setsockopt(descriptor, SOL_L2CAP, L2CAP_LM, &mode, sizeof mode);
    if (listen(descriptor, BACKLOG) != 0) {
        return given_up(descriptor);
    }
    return descriptor;
}

int l2cap_accept(int listening, uint64_t *peer) {
    struct sockaddr_l2 address = {0};
    socklen_t length = sizeof address;
    int descriptor =
        accept4(listening, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    set_send_buffer(descriptor);
    *peer = octets_read_address(address.l2_bdaddr.b);
    return descriptor;
}

int l2cap_connect(uint64_t own, uint64_t peer) {
    int descriptor = bound_socket(own, 0);
    if (descriptor < 0) {
        return -1;
    }
    const struct sockaddr_l2 address = socket_address(peer, BLUETOOTH_PSM);
    if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return given_up(descriptor);
    }
    return descriptor;
}

int l2cap_connect_result(int descriptor) {
    struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
    if (poll(&wait, 1, 0) <= 0) {
        return EINPROGRESS;
    }
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        return errno;
    }
    return error == 0 && (wait.revents & (POLLERR | POLLHUP)) != 0 ? ECONNRESET : error;
}

bool l2cap_handle(int descriptor, uint16_t *handle) {
    struct l2cap_conninfo info = {0};
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, SOL_L2CAP, L2CAP_CONNINFO, &info, &length) != 0) {
        return false;
    }
    *handle = info.hci_handle;
    return true;
}

void l2cap_close(int descriptor) {
    const struct timeval second = {.tv_sec = 1};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    close(descriptor);
}

bool l2cap_has_room(int descriptor, bool for_voice) {
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof memory;
    return getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, memory, &length) != 0 ||
           memory[SK_MEMINFO_WMEM_ALLOC] <= memory[SK_MEMINFO_SNDBUF] / (for_voice ? 2 : 4);
}

int l2cap_send(int descriptor, const uint8_t *frame, size_t length) {
    ssize_t sent;
    do {
        sent = send(descriptor, frame, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

ssize_t l2cap_receive(int descriptor, uint8_t *frame, size_t capacity) {
    ssize_t length;
    do {
        length = recv(descriptor, frame, capacity, MSG_DONTWAIT | MSG_TRUNC);
    } while (length < 0 && errno == EINTR);
    return length;
}
