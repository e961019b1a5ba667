/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands every file of fixtures/fuzz/NAME to the target test_NAME (target.h). */
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

int main(int argc, char **argv) {
    const char *program = argc > 0 ? strrchr(argv[0], '/') : NULL;
    program = program == NULL ? "" : program + 1;
    if (strncmp(program, "test_", 5) != 0) {
        fputs("this program is called by its path, .../test_NAME\n", stderr);
        return 1;
    }
    char folder[256];
    snprintf(folder, sizeof folder, "fixtures/fuzz/%s", program + 5);
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;
    if (directory == NULL) {
        perror(folder);
        return 1;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (!replay(folder, entry->d_name)) {
            return 1;
        }
        count++;
    }
    closedir(directory);
    printf("%zu inputs of %s\n", count, folder);
    return count > 0 ? 0 : 1;
}
