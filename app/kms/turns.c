/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "app/kms/domain.h"

enum {
    LOOK_AGAIN_MS = 5,
    GIVEN_WAY_MS = 2000 /* as long as who gives way leaves it to those who wait to take it */
};

static int64_t steady_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* The folder that the domain is in; -1 when it cannot be opened. */
static int open_folder(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        snprintf(folder, sizeof folder, ".");
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void close_folder(int folder) {
    if (folder >= 0) {
        close(folder); /* and its lock is gone */
    }
}

static bool somebody_waits(const char *path) {
    int folder = open_folder(path);
    bool waits = folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close_folder(folder);
    return waits;
}

enum status turns_open(const char *path, struct span passphrase, const struct provider *provider,
                       const volatile sig_atomic_t *stop, struct kms **kms, struct error *error) {
    enum status status = kms_open(path, passphrase, provider, kms, error);
    if (status != STATUS_BUSY) {
        return status;
    }
    int folder = open_folder(path);
    if (folder >= 0) {
        (void)flock(folder, LOCK_SH);
    }
    int64_t end_ms = steady_ms() + TURNS_PATIENCE_MS;
    while (status == STATUS_BUSY && *stop == 0 && steady_ms() < end_ms) {
        pause_ms(LOOK_AGAIN_MS);
        status = kms_open(path, passphrase, provider, kms, error);
    }
    close_folder(folder);
    return status;
}

/* It waits as whoever comes does, so that the other gives way in its turn. */
static enum status resume(struct kms *kms, struct error *error) {
    enum status status = store_resume(kms->store, error);
    if (status != STATUS_BUSY) {
        return status;
    }
    int folder = open_folder(store_path(kms->store));
    if (folder >= 0) {
        (void)flock(folder, LOCK_SH);
    }
    int64_t end_ms = steady_ms() + TURNS_PATIENCE_MS;
    while (status == STATUS_BUSY && steady_ms() < end_ms) {
        pause_ms(LOOK_AGAIN_MS);
        status = store_resume(kms->store, error);
    }
    close_folder(folder);
    return status;
}

enum status turns_give_way(struct kms *kms, struct error *error) {
    const char *path = store_path(kms->store);
    if (!somebody_waits(path)) {
        return STATUS_OK;
    }
    store_release(kms->store);
    int64_t end_ms = steady_ms() + GIVEN_WAY_MS;
    do {
        pause_ms(LOOK_AGAIN_MS);
    } while (somebody_waits(path) && steady_ms() < end_ms);
    enum status status = resume(kms, error);
    return status == STATUS_OK ? kms_check_broker(kms, error) : status;
}
