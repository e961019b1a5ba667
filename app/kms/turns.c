/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "app/kms/domain.h"
#include "app/kms/statements.h"
#include "app/store/key_file.h"

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

/* What whoever waits for the domain at `path` locks; -1 when it cannot be opened. */
static int open_lock(const char *path) {
    char keys[KEY_FILE_PATH_SIZE];
    key_file_path(path, keys);
    return open(keys, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static void close_lock(int lock) {
    if (lock >= 0) {
        close(lock); /* and its lock is gone */
    }
}

static bool somebody_waits(const char *path) {
    int lock = open_lock(path);
    bool waits = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close_lock(lock);
    return waits;
}

enum status turns_open(const char *path, struct span passphrase, const struct provider *provider,
                       const volatile sig_atomic_t *stop, struct kms **kms, struct error *error) {
    enum status status = kms_open(path, passphrase, provider, kms, error);
    if (status != STATUS_BUSY) {
        return status;
    }
    int lock = open_lock(path);
    if (lock >= 0) {
        (void)flock(lock, LOCK_SH);
    }
    int64_t end_ms = steady_ms() + TURNS_PATIENCE_MS;
    while (status == STATUS_BUSY && *stop == 0 && steady_ms() < end_ms) {
        pause_ms(LOOK_AGAIN_MS);
        status = kms_open(path, passphrase, provider, kms, error);
    }
    close_lock(lock);
    return status;
}

/* It waits as whoever comes does, so that the other gives way in its turn. */
static enum status resume(struct kms *kms, struct error *error) {
    enum status status = store_resume(kms->store, error);
    if (status != STATUS_BUSY) {
        return status;
    }
    int lock = open_lock(store_path(kms->store));
    if (lock >= 0) {
        (void)flock(lock, LOCK_SH);
    }
    int64_t end_ms = steady_ms() + TURNS_PATIENCE_MS;
    while (status == STATUS_BUSY && steady_ms() < end_ms) {
        pause_ms(LOOK_AGAIN_MS);
        status = store_resume(kms->store, error);
    }
    close_lock(lock);
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
    if (status == STATUS_OK) {
        status = kms_check_broker(kms, error);
    }
    return status == STATUS_OK ? statements_check_same(kms, error) : status;
}
