/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/clocks.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char boot_id_path[] = "/proc/sys/kernel/random/boot_id";

enum status clocks_boot_id(uint64_t *boot_id, struct error *error) {
    FILE *file = fopen(boot_id_path, "r");
    uint32_t first = 0;
    uint16_t second = 0, third = 0;
    /* A UUID in text: its first 64 bits are enough to tell boots apart. */
    int fields = file == NULL
                     ? 0
                     : fscanf(file, "%8" SCNx32 "-%4" SCNx16 "-%4" SCNx16, &first, &second, &third);
    if (file != NULL) {
        fclose(file);
    }
    if (fields != 3) {
        return error_set(error, STATUS_IO_FAILED,
                         "cannot read %s, without which the age of keys is unknown; mount /proc",
                         boot_id_path);
    }
    *boot_id = (uint64_t)first << 32 | (uint64_t)second << 16 | third;
    return STATUS_OK;
}

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct moment clocks_now(uint64_t boot_id) {
    return (struct moment){.utc_ms = clock_ms(CLOCK_REALTIME),
                           .boot_ms = clock_ms(CLOCK_BOOTTIME),
                           .boot_id = boot_id};
}
