/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
    DESCRIPTORS_IN_PASSING = 16
};

void machine_prepare(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++) {
        if (fcntl(standard, F_GETFD) < 0) {
            /* The lowest number that is free; it can be neither read nor written. */
            (void)open("/", O_PATH);
        }
    }
}

/* Which limit an errno tells of, and how it is called. */
static const char *limit_behind(int number) {
    switch (number) {
    case EAGAIN:
        return "; the limit on processes and threads (ulimit -u, or a service's TasksMax) or on "
               "memory (ulimit -v) is reached";
    case EMFILE:
        return "; the limit on open files is reached (ulimit -n)";
    case ENFILE:
        return "; the whole system has no more open files";
    case ENOMEM:
        return "; there is no more memory, or a limit on it is reached (ulimit -v, ulimit -d)";
    default:
        return "";
    }
}

enum status machine_refused(struct error *error, const char *what, int number) {
    return error_set(error, number == ENOMEM ? STATUS_NO_MEMORY : STATUS_LIBRARY_FAILED,
                     "%.120s: %s%s", what, strerror(number), limit_behind(number));
}

enum status machine_has_descriptors(const char *what, struct error *error) {
    int opened[DESCRIPTORS_IN_PASSING], taken = 0, number = 0;
    while (taken < DESCRIPTORS_IN_PASSING && number == 0) {
        opened[taken] = open("/", O_PATH | O_CLOEXEC);
        if (opened[taken] < 0) {
            number = errno;
        } else {
            taken++;
        }
    }
    while (taken > 0) {
        close(opened[--taken]);
    }
    return number == 0 ? STATUS_OK : machine_refused(error, what, number);
}
