/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int scratch_setup(void **state) {
    struct scratch *scratch = calloc(1, sizeof *scratch);
    /* Memory rather than a disk where there is such a folder: the tests wait for many syncs. */
    const char *folder = getenv("TMPDIR");
    if (folder == NULL) {
        folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    snprintf(scratch->folder, sizeof scratch->folder, "%.80s/muster-test.XXXXXX", folder);
    *state = scratch;
    return mkdtemp(scratch->folder) == NULL ? -1 : 0;
}

int scratch_teardown(void **state) {
    struct scratch *scratch = *state;
    DIR *folder = opendir(scratch->folder);
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    int failed = rmdir(scratch->folder);
    free(scratch);
    return failed;
}

const char *scratch_path(void **state, const char *name) {
    static char paths[8][2 * SCRATCH_PATH_SIZE];
    static unsigned next;
    const struct scratch *scratch = *state;
    char *path = paths[next++ % 8];
    snprintf(path, 2 * SCRATCH_PATH_SIZE, "%s/%s", scratch->folder, name);
    return path;
}

void scratch_write(const char *path, struct span content) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.octets, 1, content.length, file), content.length);
    assert_int_equal(fclose(file), 0);
}

void scratch_copy(const char *from, const char *to) {
    unlink(to);
    FILE *source = fopen(from, "rb");
    if (source == NULL) {
        return;
    }
    FILE *copy = fopen(to, "wb");
    assert_non_null(copy);
    char octets[4096];
    size_t length;
    while ((length = fread(octets, 1, sizeof octets, source)) > 0) {
        assert_int_equal(fwrite(octets, 1, length, copy), length);
    }
    fclose(source);
    assert_int_equal(fclose(copy), 0);
}

long scratch_size(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

void scratch_flip(const char *path, long offset, unsigned mask) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    int octet = fgetc(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    fputc(octet ^ (int)mask, file);
    assert_int_equal(fclose(file), 0);
}
