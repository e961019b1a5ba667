/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/flood_air.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/handset/d2d/d2d.h"
#include "tests/app/squad.h"
#include "transport/udp.h"

enum {
    HEARING_MS = 6000,
    STEP_AT = FRAME_HEADER_SIZE + D2D_HEADER_SIZE - 1
};

static bool keep(const char *path, const uint8_t *octets, size_t length) {
    FILE *file = fopen(path, "wb");
    bool kept = file != NULL && fwrite(octets, 1, length, file) == length;
    return (file == NULL || fclose(file) == 0) && kept;
}

/* --- The I_MESSAGE -----------------------------------------------------------------------------
 */

static bool keep_open(const struct flood_air *files) {
    struct squad *squad = squad_new(2);
    bool kept = false;
    squad_group(squad, HOUR_MS);
    for (size_t i = 0; i < squad->frame_count && !kept; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        kept = frame->octets[FRAME_KIND_AT] == FRAME_D2D && frame->octets[STEP_AT] == D2D_OPEN &&
               keep(files->i_message, frame->octets, frame->length);
    }
    squad_free(squad);
    return kept;
}

bool flood_air_open(struct flood_air *files, char problem[160]) {
    snprintf(files->folder, sizeof files->folder, "/tmp/muster-floods-XXXXXX");
    bool made = mkdtemp(files->folder) != NULL;
    snprintf(files->i_message, sizeof files->i_message, "%s/i_message", files->folder);
    snprintf(files->announcement, sizeof files->announcement, "%s/announcement", files->folder);
    made = made && keep_open(files);
    if (!made) {
        snprintf(problem, 160, "no frames can be kept in /tmp");
    }
    return made;
}

void flood_air_close(const struct flood_air *files) {
    unlink(files->i_message);
    unlink(files->announcement);
    rmdir(files->folder);
}

/* --- The announcement --------------------------------------------------------------------------
 */

struct hearing {
    const struct flood_air *files;
    const struct impaired_air *air;
    size_t port;
    bool is_kept;
};

static int open_ear(void) {
    const struct ip_mreqn group = {.imr_multiaddr.s_addr = inet_addr(UDP_GROUP_IPV4),
                                   .imr_ifindex = (int)if_nametoindex("eth0")};
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons(UDP_PORT + 1),
                                   .sin_addr.s_addr = inet_addr(UDP_GROUP_IPV4)};
    int ear = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ear >= 0 && bind(ear, (const struct sockaddr *)&at, sizeof at) == 0 &&
        setsockopt(ear, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0) {
        return ear;
    }
    if (ear >= 0) {
        close(ear);
    }
    return -1;
}

/* A thread of its own: it goes into the namespace, and is over. An announcement that came with
 * voice is said as one alone. */
static void *listen_for_one(void *context) {
    struct hearing *hearing = context;
    uint8_t frame[FRAME_MAX];
    int64_t until_us = crew_now_us() + HEARING_MS * 1000;
    int ear = impaired_air_enter(hearing->air, hearing->port) ? open_ear() : -1;
    while (ear >= 0 && !hearing->is_kept && crew_now_us() < until_us) {
        struct pollfd wait = {.fd = ear, .events = POLLIN};
        ssize_t length = poll(&wait, 1, 100) > 0 ? recv(ear, frame, sizeof frame, 0) : 0;
        if (length <= FRAME_HEADER_SIZE + 2) {
            continue;
        }
        if (frame[FRAME_KIND_AT] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
            length =
                (frame[FRAME_HEADER_SIZE] << 8 | frame[FRAME_HEADER_SIZE + 1]) + FRAME_HEADER_SIZE;
            frame[FRAME_KIND_AT] = FRAME_ANNOUNCEMENT;
            memmove(frame + FRAME_HEADER_SIZE, frame + FRAME_HEADER_SIZE + 2,
                    sizeof frame - FRAME_HEADER_SIZE - 2);
        }
        hearing->is_kept = frame[FRAME_KIND_AT] == FRAME_ANNOUNCEMENT &&
                           (size_t)length <= sizeof frame &&
                           keep(hearing->files->announcement, frame, (size_t)length);
    }
    if (ear >= 0) {
        close(ear);
    }
    return NULL;
}

bool flood_air_hear(const struct flood_air *files, const struct impaired_air *air, size_t port) {
    struct hearing hearing = {files, air, port, false};
    pthread_t thread;
    if (pthread_create(&thread, NULL, listen_for_one, &hearing) != 0) {
        return false;
    }
    pthread_join(thread, NULL);
    return hearing.is_kept;
}

/* --- Processes ---------------------------------------------------------------------------------
 */

unsigned flood_air_port_of(pid_t process) {
    char path[64], line[256];
    unsigned least = 0;
    snprintf(path, sizeof path, "/proc/%d/net/udp", (int)process);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned address, port;
        if (sscanf(line, " %*u: %8x:%4x", &address, &port) == 2 && address == 0 &&
            port != UDP_PORT && (least == 0 || port < least)) {
            least = port;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return least;
}

long flood_air_memory_kb(pid_t process) {
    char path[64], line[256];
    long kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "RssAnon: %ld kB", &kilobytes);
    }
    if (file != NULL) {
        fclose(file);
    }
    return kilobytes;
}
