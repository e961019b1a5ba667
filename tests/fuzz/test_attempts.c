/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as the file that counts wrong passphrases (app/store/attempts.h): no wait that ends
 * never, and the next attempt counts. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/store/attempts.h"
#include "tests/fuzz/target.h"

static char folder[] = "/tmp/muster-fuzz-XXXXXX", store[64];

static void remove_all(void) {
    char path[ATTEMPTS_PATH_SIZE];
    attempts_path(store, path);
    unlink(path);
    rmdir(folder);
}

static void put(const uint8_t *octets, size_t length) {
    char path[ATTEMPTS_PATH_SIZE];
    attempts_path(store, path);
    FILE *file = fopen(path, "wb");
    must(file != NULL && fwrite(octets, 1, length, file) == length && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct attempts attempts, after;
    if (store[0] == '\0') {
        must(mkdtemp(folder) != NULL);
        snprintf(store, sizeof store, "%s/store", folder);
        atexit(remove_all);
    }
    put(octets, length);
    attempts_look(store, &attempts);
    must(attempts.wait_ms >= 0 && attempts.wait_ms <= attempts_wait_after(attempts.wrong));
    if (attempts_begin(store, &after) == STATUS_OK) {
        (void)attempts_end(store, &after, STATUS_WRONG_PASSPHRASE);
        must(after.wrong == attempts.wrong + 1);
        attempts_look(store, &attempts);
        must(attempts.wrong == after.wrong);
        must(attempts.wrong < ATTEMPTS_FREE || attempts.wait_ms > 0);
    }
    if (attempts_begin(store, &after) == STATUS_OK) {
        (void)attempts_end(store, &after, STATUS_OK);
        attempts_look(store, &attempts);
        must(attempts.wrong == 0);
    }
    return 0;
}
