/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/impaired_air.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/air/frame.h"

enum {
    PROBLEM_SIZE = 160,
    ETHERNET_MAX = 1600,
    ADDRESS_SIZE = 6,
    LATE_MAX = 4096,             /* frames on their way */
    FRAMES_A_TURN = 32,          /* of one port */
    LONGEST_WAIT_MS = 50,        /* so that the end is seen */
    IPV4_FRAME_AT = 14 + 20 + 8, /* behind Ethernet, IP, UDP */
    IPV6_FRAME_AT = 14 + 40 + 8,
};

struct late {
    bool is_used;
    int64_t due_us;
    size_t port, length;
    uint8_t octets[ETHERNET_MAX];
};

struct impaired_air {
    size_t count;
    struct air_port ports[AIR_PORTS_MAX];
    enum air_family family;
    uint64_t chance;
    struct late *late; /* LATE_MAX */
    pthread_t thread;
    bool has_thread;
    atomic_bool is_over;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- The bridge ------------------------------------------------------------------------------- */

static uint64_t draw(struct impaired_air *air, uint64_t below) {
    uint64_t z = air->chance += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

/* What cannot be delivered is lost, as on a network. */
static void deliver(const struct air_port *port, const uint8_t *octets, size_t length) {
    ssize_t written = write(port->tap, octets, length);
    (void)written;
}

static bool is_beginning(const struct impaired_air *air, const uint8_t *octets, size_t length) {
    size_t at = air->family == AIR_IPV4 ? IPV4_FRAME_AT : IPV6_FRAME_AT;
    return length > at + FRAME_HEADER_SIZE && octets[at] == FRAME_VERSION &&
           (octets[at + 1] == FRAME_ANNOUNCEMENT || octets[at + 1] == FRAME_ANNOUNCEMENT_AND_MEDIA);
}

static bool loses(struct impaired_air *air, struct air_port *port, const uint8_t *octets,
                  size_t length) {
    unsigned burst = atomic_load(&port->burst);
    burst = burst == 0 ? 1 : burst;
    if (port->burst_left > 0) {
        port->burst_left--;
        return true;
    }
    if (atomic_load(&port->is_cut)) {
        return true;
    }
    if (atomic_load(&port->lost_beginnings) > 0 && is_beginning(air, octets, length)) {
        atomic_fetch_sub(&port->lost_beginnings, 1);
        return true;
    }
    if (draw(air, UINT64_C(1000) * burst) < atomic_load(&port->loss_permille)) {
        port->burst_left = burst - 1;
        return true;
    }
    return false;
}

static void pass(struct impaired_air *air, size_t to, const uint8_t *octets, size_t length) {
    struct air_port *port = &air->ports[to];
    unsigned jitter_ms = atomic_load(&port->jitter_ms), delay_ms = atomic_load(&port->delay_ms);
    if (loses(air, port, octets, length)) {
        return;
    }
    if (delay_ms == 0 && jitter_ms == 0) {
        deliver(port, octets, length);
        return;
    }
    for (size_t i = 0; i < LATE_MAX; i++) {
        struct late *late = &air->late[i];
        if (!late->is_used) {
            uint64_t more_us = jitter_ms == 0 ? 0 : draw(air, UINT64_C(1000) * jitter_ms);
            late->is_used = true;
            late->due_us = now_us() + (int64_t)delay_ms * 1000 + (int64_t)more_us;
            late->port = to;
            late->length = length;
            memcpy(late->octets, octets, length);
            return;
        }
    }
}

static void hear(struct impaired_air *air, size_t from) {
    uint8_t octets[ETHERNET_MAX];
    struct air_port *port = &air->ports[from];
    for (int i = 0; i < FRAMES_A_TURN; i++) {
        ssize_t length = read(port->tap, octets, sizeof octets);
        if (length < 2 * ADDRESS_SIZE) {
            return;
        }
        memcpy(port->address, octets + ADDRESS_SIZE, ADDRESS_SIZE);
        atomic_fetch_add(&port->octets, (unsigned long)length);
        atomic_fetch_add(&port->frames, 1);
        for (size_t to = 0; to < air->count; to++) {
            bool is_to_all = (octets[0] & 1) != 0;
            if (to != from && atomic_load(&air->ports[to].deaf_to) != from + 1 &&
                (is_to_all || memcmp(air->ports[to].address, octets, ADDRESS_SIZE) == 0)) {
                pass(air, to, octets, (size_t)length);
            }
        }
    }
}

/* Delivers what is due, and says in how many microseconds the next is. */
static int64_t deliver_late(struct impaired_air *air) {
    int64_t now = now_us(), next_us = LONGEST_WAIT_MS * 1000;
    for (size_t i = 0; i < LATE_MAX; i++) {
        struct late *late = &air->late[i];
        if (late->is_used && late->due_us <= now) {
            deliver(&air->ports[late->port], late->octets, late->length);
            late->is_used = false;
        } else if (late->is_used && late->due_us - now < next_us) {
            next_us = late->due_us - now;
        }
    }
    return next_us;
}

static void *run(void *context) {
    struct impaired_air *air = context;
    struct pollfd taps[AIR_PORTS_MAX];
    while (!atomic_load(&air->is_over)) {
        int64_t wait_us = deliver_late(air);
        const struct timespec wait = {.tv_nsec = wait_us * 1000};
        for (size_t i = 0; i < air->count; i++) {
            taps[i] = (struct pollfd){.fd = air->ports[i].tap, .events = POLLIN};
        }
        if (ppoll(taps, air->count, &wait, NULL) > 0) {
            for (size_t i = 0; i < air->count; i++) {
                if (taps[i].revents != 0) {
                    hear(air, i);
                }
            }
        }
    }
    return NULL;
}

/* --- The namespaces --------------------------------------------------------------------------- */

static bool fail(char problem[PROBLEM_SIZE], const char *what) {
    snprintf(problem, PROBLEM_SIZE, "%s: %s", what, strerror(errno));
    return false;
}

static bool set_word(const char *path, const char *word) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool is_set = file >= 0 && write(file, word, strlen(word)) > 0;
    if (file >= 0) {
        close(file);
    }
    return is_set;
}

/* In the namespace of the calling thread: eth0 with an address of the one family. */
static bool make_device(struct air_port *port, size_t number, enum air_family family,
                        char problem[PROBLEM_SIZE]) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    char command[300];
    snprintf(request.ifr_name, sizeof request.ifr_name, "eth0");
    /* Without IPv6 in the kernel there is none to switch off. */
    (void)set_word("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
    (void)set_word("/proc/sys/net/ipv6/conf/default/disable_ipv6", family == AIR_IPV4 ? "1" : "0");
    port->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port->tap < 0 || ioctl(port->tap, TUNSETIFF, &request) != 0) {
        return fail(problem, "/dev/net/tun");
    }
    snprintf(command, sizeof command, "ip link set lo up && %s ip link set eth0 up%s",
             family == AIR_IPV4 ? "ip address add 10.77.0.$N/24 dev eth0 &&" : "",
             family == AIR_IPV4 ? "" : " && ip -6 address add fd77::$N/64 dev eth0 nodad");
    char word[8];
    snprintf(word, sizeof word, "%zu", number + 1);
    setenv("N", word, 1);
    return system(command) == 0 || fail(problem, "ip (iproute2)");
}

/* Leaves the calling thread in the namespace where it was. */
static bool make_port(struct air_port *port, size_t number, enum air_family family,
                      char problem[PROBLEM_SIZE]) {
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0 || unshare(CLONE_NEWNET) != 0) {
        if (home >= 0) {
            close(home);
        }
        return fail(problem, "network namespaces");
    }
    bool made = make_device(port, number, family, problem);
    port->net = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    made = setns(home, CLONE_NEWNET) == 0 && port->net >= 0 && made;
    close(home);
    return made;
}

struct impaired_air *impaired_air_new(size_t count, enum air_family family, uint64_t seed,
                                      char problem[PROBLEM_SIZE]) {
    struct impaired_air *air = calloc(1, sizeof *air);
    struct late *late = calloc(LATE_MAX, sizeof *late);
    snprintf(problem, PROBLEM_SIZE, "out of memory");
    if (air == NULL || late == NULL) {
        free(air);
        free(late);
        return NULL;
    }
    *air = (struct impaired_air){.family = family, .chance = seed, .late = late};
    bool made = count <= AIR_PORTS_MAX;
    while (made && air->count < count) {
        struct air_port *port = &air->ports[air->count++];
        port->tap = port->net = -1;
        made = make_port(port, air->count - 1, family, problem);
    }
    air->has_thread = made && pthread_create(&air->thread, NULL, run, air) == 0;
    if (air->has_thread) {
        return air;
    }
    impaired_air_free(air);
    return NULL;
}

void impaired_air_free(struct impaired_air *air) {
    if (air == NULL) {
        return;
    }
    atomic_store(&air->is_over, true);
    if (air->has_thread) {
        pthread_join(air->thread, NULL);
    }
    for (size_t i = 0; i < air->count; i++) {
        close(air->ports[i].tap);
        close(air->ports[i].net);
    }
    free(air->late);
    free(air);
}

struct air_port *impaired_air_port(struct impaired_air *air, size_t port) {
    return &air->ports[port];
}

bool impaired_air_enter(const struct impaired_air *air, size_t port) {
    return setns(air->ports[port].net, CLONE_NEWNET) == 0;
}
