/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1 /* memfd_create */
#include "ui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK_SIZE = 4096,
    PATH_SIZE = 40
};

struct outlet {
    int terminal;
    FILE *stream; /* a file in memory; what is written is appended */
    off_t sent;   /* octets of it */
};

int outlet_own_descriptor(int shared, int access) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/self/fd/%d", shared);
    int own = open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own >= 0 ? own : fcntl(shared, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static FILE *file_in_memory(void) {
    int descriptor = memfd_create("pictures", MFD_CLOEXEC);
    FILE *stream = NULL;
    if (descriptor >= 0 && fcntl(descriptor, F_SETFL, O_APPEND) == 0) {
        stream = fdopen(descriptor, "a");
    }
    if (descriptor >= 0 && stream == NULL) {
        close(descriptor);
    }
    return stream;
}

struct outlet *outlet_open(int shared) {
    struct outlet *outlet = calloc(1, sizeof *outlet);
    if (outlet == NULL) {
        return NULL;
    }
    outlet->terminal = outlet_own_descriptor(shared, O_WRONLY);
    outlet->stream = file_in_memory();
    if (outlet->terminal >= 0 && outlet->stream != NULL) {
        return outlet;
    }
    outlet_close(outlet);
    return NULL;
}

void outlet_close(struct outlet *outlet) {
    if (outlet == NULL) {
        return;
    }
    if (outlet->terminal >= 0) {
        close(outlet->terminal);
    }
    if (outlet->stream != NULL) {
        fclose(outlet->stream);
    }
    free(outlet);
}

FILE *outlet_stream(const struct outlet *outlet) {
    return outlet->stream;
}

int outlet_descriptor(const struct outlet *outlet) {
    return outlet->terminal;
}

ssize_t outlet_write(int terminal, const void *octets, size_t length) {
    int flags = fcntl(terminal, F_GETFL);
    bool is_shared = flags >= 0 && (flags & O_NONBLOCK) == 0;
    if (is_shared) {
        (void)fcntl(terminal, F_SETFL, flags | O_NONBLOCK);
    }
    ssize_t written = write(terminal, octets, length);
    int error = errno;
    if (is_shared) {
        (void)fcntl(terminal, F_SETFL, flags);
    }
    errno = error;
    return written;
}

static void forget(struct outlet *outlet) {
    int failed = ftruncate(fileno(outlet->stream), 0);
    outlet->sent = failed == 0 ? 0 : outlet->sent;
}

void outlet_drop(struct outlet *outlet) {
    fflush(outlet->stream);
    forget(outlet);
}

bool outlet_send(struct outlet *outlet) {
    uint8_t chunk[CHUNK_SIZE];
    ssize_t length;
    while ((length = pread(fileno(outlet->stream), chunk, sizeof chunk, outlet->sent)) > 0) {
        ssize_t written = outlet_write(outlet->terminal, chunk, (size_t)length);
        bool takes_nothing = written == 0 || (written < 0 && (errno == EAGAIN || errno == EINTR));
        if (takes_nothing) {
            return false;
        }
        if (written < 0) {
            break;
        }
        outlet->sent += written;
    }
    if (outlet->sent > 0 || length != 0) {
        forget(outlet);
    }
    return true;
}

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool outlet_finish(struct outlet *outlet, int limit_ms) {
    int64_t end_ms = monotonic_ms() + limit_ms;
    while (!outlet_send(outlet)) {
        int64_t left_ms = end_ms - monotonic_ms();
        if (left_ms <= 0) {
            return false;
        }
        struct pollfd room = {.fd = outlet->terminal, .events = POLLOUT};
        (void)poll(&room, 1, (int)left_ms);
    }
    return true;
}
