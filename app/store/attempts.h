/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often a wrong passphrase was given for a store, in a small file beside it under its name with
 * "-attempts": whoever guesses has to wait, longer each time, and a wait is not got round by
 * killing the program, by starting the machine anew or by setting its clock. An attempt counts, on
 * the disk, before it is made; what turns out not to be a wrong passphrase is taken back.
 *
 * The wait runs by the boot clock. After a boot it begins anew, when the store is first looked at.
 *
 * All this slows who has the machine in hand and types. Who copies the files guesses elsewhere,
 * with as many machines as there are: there only the passphrase holds, and what turning it into a
 * key costs.
 */
#ifndef MUSTER_APP_STORE_ATTEMPTS_H
#define MUSTER_APP_STORE_ATTEMPTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto/status.h"

enum {
    ATTEMPTS_FREE = 3, /* wrong ones without a wait: anybody mistypes */
    ATTEMPTS_FIRST_WAIT_MS = 5 * 1000,
    ATTEMPTS_LONGEST_WAIT_MS = 30 * 60 * 1000,
    ATTEMPTS_ERASE_LEAST = 5, /* the fewest after which a store may be destroyed */
    ATTEMPTS_ERASE_MOST = 100,
    ATTEMPTS_PATH_SIZE = PATH_MAX + 12
};

struct attempts {
    unsigned wrong;       /* one after the other, up to now */
    unsigned erase_after; /* so many, the store is destroyed; 0: it is not */
    int64_t wait_ms;      /* until the next one is allowed */
    bool is_owed;         /* one is counted that turned out right, and could not be taken back */
};

/* The path of the file of the store at `store`. */
void attempts_path(const char *store, char path[ATTEMPTS_PATH_SIZE]);

/* How long the wait is after so many wrong ones. */
int64_t attempts_wait_after(unsigned wrong);

/* A new store gets its file, so that its attempts can be counted also once its disk is full. Where
 * that fails, the file is made with the first attempt. */
void attempts_prepare(const char *store);

/* How it stands with the store at `store`; nothing was tried where there is no file. */
void attempts_look(const char *store, struct attempts *attempts);

/* One is to be made now: it counts from here on, durably, unless there is a wait, which is in
 * *attempts then (STATUS_RATE_LIMITED). Where it cannot be written (a disk that is full or
 * read-only), it is made all the same: no officer is locked out by a disk. */
MUST_CHECK enum status attempts_begin(const char *store, struct attempts *attempts);

/* What came of it: STATUS_WRONG_PASSPHRASE leaves it counted, STATUS_OK forgets all that were
 * counted, and what else failed takes this one back. Returns whether the store is to be destroyed
 * now. */
bool attempts_end(const char *store, struct attempts *attempts, enum status status);

/* After STATUS_OK, while the store is open and nobody else can make an attempt: what the disk did
 * not let attempts_end forget is forgotten now, if the disk lets it. */
void attempts_settle(const char *store, struct attempts *attempts);

/* After so many wrong ones the store is destroyed; 0: it is not. STATUS_IO_FAILED. */
MUST_CHECK enum status attempts_set_erasing(const char *store, unsigned erase_after);

#endif
