/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands every file of fixtures/fuzz/NAME to the target test_NAME (target.h), and of the folders
 * that it is called with. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/target.h"

enum {
    INPUT_MAX = 1 << 20
};

static bool replay(const char *folder, const char *name) {
    char path[512];
    static uint8_t room[INPUT_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t length = fread(room, 1, sizeof room, file);
    fclose(file);
    /* In room of its own, so that the sanitizers see what is read beyond it. */
    uint8_t *octets = malloc(length + (length == 0));
    if (octets == NULL) {
        return false;
    }
    memcpy(octets, room, length);
    (void)LLVMFuzzerTestOneInput(octets, length);
    free(octets);
    return true;
}

/* Returns how many there were, 0 after an error. */
static size_t replay_all(const char *folder) {
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;
    if (directory == NULL) {
        perror(folder);
        return 0;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (!replay(folder, entry->d_name)) {
            closedir(directory);
            return 0;
        }
        count++;
    }
    closedir(directory);
    printf("%zu inputs of %s\n", count, folder);
    return count;
}

int main(int argc, char **argv) {
    const char *program = argc > 0 ? strrchr(argv[0], '/') : NULL;
    program = program == NULL ? "" : program + 1;
    if (strncmp(program, "test_", 5) != 0) {
        fputs("this program is called by its path, .../test_NAME\n", stderr);
        return 1;
    }
    char folder[256];
    snprintf(folder, sizeof folder, "fixtures/fuzz/%s", program + 5);
    bool is_done = replay_all(folder) > 0;
    for (int i = 1; i < argc && is_done; i++) {
        is_done = replay_all(argv[i]) > 0;
    }
    return is_done ? 0 : 1;
}
