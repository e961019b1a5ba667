/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/attempts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/file.h"

enum {
    RECORD_SIZE = 128, /* always as long: overwriting it takes no space */
    BOOT_ID_SIZE = 37
};

/* What the file holds. */
struct record {
    unsigned wrong, erase_after;
    char boot_id[BOOT_ID_SIZE]; /* of the machine's run in which the wait began, */
    int64_t since_ms;           /* and when, by its boot clock */
};

static const char format[] = "wrong %u erase-after %u boot %36s since %" PRId64 "\n";

void attempts_path(const char *store, char path[ATTEMPTS_PATH_SIZE]) {
    snprintf(path, ATTEMPTS_PATH_SIZE, "%s-attempts", store);
}

int64_t attempts_wait_after(unsigned wrong) {
    int64_t wait_ms = wrong < ATTEMPTS_FREE ? 0 : ATTEMPTS_FIRST_WAIT_MS;
    for (unsigned i = ATTEMPTS_FREE; i < wrong && wait_ms < ATTEMPTS_LONGEST_WAIT_MS; i++) {
        wait_ms *= 2;
    }
    return wait_ms < ATTEMPTS_LONGEST_WAIT_MS ? wait_ms : ATTEMPTS_LONGEST_WAIT_MS;
}

/* --- Time ------------------------------------------------------------------------------------- */

static int64_t boot_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Where the machine does not tell, all its runs look alike, and the boot clock alone counts. */
static void read_boot_id(char boot_id[BOOT_ID_SIZE]) {
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file == NULL || fscanf(file, "%36s", boot_id) != 1) {
        snprintf(boot_id, BOOT_ID_SIZE, "unknown");
    }
    if (file != NULL) {
        fclose(file);
    }
}

static void begin_wait(struct record *record) {
    read_boot_id(record->boot_id);
    record->since_ms = boot_ms();
}

/* Has the machine been started since, or does its boot clock stand before the wait's beginning? */
static bool is_of_another_run(const struct record *record) {
    char boot_id[BOOT_ID_SIZE];
    read_boot_id(boot_id);
    return strcmp(boot_id, record->boot_id) != 0 || boot_ms() < record->since_ms;
}

static int64_t left_of(const struct record *record) {
    int64_t wait_ms = attempts_wait_after(record->wrong);
    int64_t left_ms = record->since_ms + wait_ms - boot_ms();
    return left_ms <= 0 ? 0 : left_ms < wait_ms ? left_ms : wait_ms;
}

/* --- The file --------------------------------------------------------------------------------- */

static int open_file(const char *store, int flags) {
    char path[ATTEMPTS_PATH_SIZE];
    attempts_path(store, path);
    return open(path, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, S_IRUSR | S_IWUSR);
}

/* What cannot be read is as if nothing had been tried: whoever can damage it can remove it. */
static void read_record(const char *store, struct record *record) {
    char text[RECORD_SIZE + 1] = "";
    *record = (struct record){0};
    int file = open_file(store, O_RDONLY);
    if (file < 0) {
        return;
    }
    ssize_t length = pread(file, text, RECORD_SIZE, 0);
    close(file);
    if (length < 0 || sscanf(text, format, &record->wrong, &record->erase_after, record->boot_id,
                             &record->since_ms) != 4) {
        *record = (struct record){0};
    }
}

/* Durably; returns whether it was. */
static bool write_record(const char *store, const struct record *record) {
    char text[RECORD_SIZE + 1];
    int length = snprintf(text, sizeof text, format, record->wrong, record->erase_after,
                          record->boot_id, record->since_ms);
    memset(text + length, '\n', RECORD_SIZE - (size_t)length);
    int file = open_file(store, O_WRONLY);
    bool is_new = file < 0;
    if (is_new) {
        file = open_file(store, O_WRONLY | O_CREAT);
    }
    bool is_written =
        file >= 0 && pwrite(file, text, RECORD_SIZE, 0) == RECORD_SIZE && fdatasync(file) == 0;
    if (file >= 0) {
        close(file);
    }
    if (is_new && is_written) {
        (void)file_sync_folder(store);
    } else if (is_new && file >= 0) {
        char path[ATTEMPTS_PATH_SIZE];
        attempts_path(store, path);
        unlink(path); /* half of it is none */
    }
    return is_written;
}

/* Keeps others out, who guess at the same time, until it is closed; -1: there is no file yet. */
static int lock_file(const char *store) {
    int file = open_file(store, O_RDONLY);
    if (file >= 0) {
        (void)flock(file, LOCK_EX);
    }
    return file;
}

static void unlock_file(int file) {
    if (file >= 0) {
        close(file);
    }
}

/* --- Looking and counting --------------------------------------------------------------------- */

/* A wait that began before the machine was started begins anew. */
static void look(const char *store, struct record *record) {
    read_record(store, record);
    if (record->wrong >= ATTEMPTS_FREE && is_of_another_run(record)) {
        begin_wait(record);
        (void)write_record(store, record);
    }
}

static struct attempts attempts_of(const struct record *record) {
    return (struct attempts){
        .wrong = record->wrong, .erase_after = record->erase_after, .wait_ms = left_of(record)};
}

void attempts_prepare(const char *store) {
    struct record record = {0};
    begin_wait(&record);
    (void)write_record(store, &record);
}

void attempts_look(const char *store, struct attempts *attempts) {
    struct record record;
    look(store, &record);
    *attempts = attempts_of(&record);
}

enum status attempts_begin(const char *store, struct attempts *attempts) {
    struct record record;
    int locked = lock_file(store);
    look(store, &record);
    *attempts = attempts_of(&record);
    if (attempts->wait_ms == 0) {
        record.wrong++;
        begin_wait(&record);
        attempts->is_owed = write_record(store, &record);
    }
    unlock_file(locked);
    return attempts->wait_ms > 0 ? STATUS_RATE_LIMITED : STATUS_OK;
}

/* It was none: it counts no more, but those that others made meanwhile do. Where the disk fails
 * once it is tried again. */
static void take_back(const char *store, struct attempts *attempts, enum status status) {
    struct record record;
    int locked = lock_file(store);
    read_record(store, &record);
    unsigned others = record.wrong > attempts->wrong ? record.wrong - 1 : attempts->wrong;
    record.erase_after = attempts->erase_after;
    record.wrong = status == STATUS_OK ? 0 : others;
    begin_wait(&record);
    bool is_written = write_record(store, &record) || write_record(store, &record);
    attempts->is_owed = attempts->is_owed && !is_written && status == STATUS_OK;
    unlock_file(locked);
}

void attempts_settle(const char *store, struct attempts *attempts) {
    char path[ATTEMPTS_PATH_SIZE];
    attempts_path(store, path);
    if (attempts->is_owed && access(path, F_OK) == 0) { /* or the store is gone with it */
        take_back(store, attempts, STATUS_OK);
    }
}

bool attempts_end(const char *store, struct attempts *attempts, enum status status) {
    struct record record;
    if (status != STATUS_WRONG_PASSPHRASE) {
        take_back(store, attempts, status);
        return false;
    }
    attempts->is_owed = false;
    read_record(store, &record);
    attempts->wrong = record.wrong > attempts->wrong ? record.wrong : attempts->wrong + 1;
    attempts->wait_ms = attempts_wait_after(attempts->wrong);
    return attempts->erase_after > 0 && attempts->wrong >= attempts->erase_after;
}

enum status attempts_set_erasing(const char *store, unsigned erase_after) {
    struct record record;
    read_record(store, &record);
    if (record.erase_after == erase_after) {
        return STATUS_OK;
    }
    record.erase_after = erase_after;
    if (record.boot_id[0] == '\0') {
        begin_wait(&record);
    }
    return write_record(store, &record) ? STATUS_OK : STATUS_IO_FAILED;
}
