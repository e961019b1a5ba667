/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/clock.h"

struct group_clock group_clock_start(int64_t group_ms, struct moment now) {
    return (struct group_clock){.group_ms = group_ms, .at = now};
}

/* How much time has passed across a boot, as far as the wall clock tells. */
static int64_t passed_across_boot(const struct group_clock *clock, struct moment now) {
    int64_t passed_ms = now.utc_ms - clock->at.utc_ms;
    int64_t behind_before_ms = clock->group_ms - clock->at.utc_ms;
    int64_t ahead_ms = now.utc_ms - clock->group_ms;
    bool was_set = behind_before_ms > GROUP_CLOCK_LOST_MS && ahead_ms > -GROUP_CLOCK_SET_MS;
    return was_set && passed_ms > ahead_ms ? ahead_ms : passed_ms;
}

int64_t group_clock_read(const struct group_clock *clock, struct moment now) {
    int64_t passed = now.boot_id == clock->at.boot_id ? now.boot_ms - clock->at.boot_ms
                                                      : passed_across_boot(clock, now);
    return clock->group_ms + (passed > 0 ? passed : 0);
}

void group_clock_move(struct group_clock *clock, struct moment now) {
    *clock = group_clock_start(group_clock_read(clock, now), now);
}

void group_clock_write(struct writer *out, const struct group_clock *clock) {
    write_u64(out, (uint64_t)clock->group_ms);
    write_u64(out, (uint64_t)clock->at.utc_ms);
    write_u64(out, (uint64_t)clock->at.boot_ms);
    write_u64(out, clock->at.boot_id);
}

void group_clock_restore(struct reader *in, struct group_clock *clock) {
    clock->group_ms = (int64_t)read_u64(in);
    clock->at.utc_ms = (int64_t)read_u64(in);
    clock->at.boot_ms = (int64_t)read_u64(in);
    clock->at.boot_id = read_u64(in);
}
