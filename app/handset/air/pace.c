/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/pace.h"

void pace_begin(struct pace *pace, struct moment now) {
    pace->began_ms = now.boot_ms;
    pace->first = pace->count = 0;
}

static const struct pace_sample *sample_at(const struct pace *pace, size_t i) {
    return &pace->samples[(pace->first + i) % PACE_SAMPLES_MAX];
}

void pace_hear(struct pace *pace, struct moment now, int64_t stands_ms, size_t octets) {
    if (pace->count == PACE_SAMPLES_MAX) {
        pace->first = (pace->first + 1) % PACE_SAMPLES_MAX;
        pace->count--;
    }
    pace->samples[(pace->first + pace->count++) % PACE_SAMPLES_MAX] = (struct pace_sample){
        .heard_ms = now.boot_ms,
        .stands_ms = stands_ms < PACE_STANDS_MAX_MS ? stands_ms : PACE_STANDS_MAX_MS,
        .octets = octets,
    };
}

/* How much time the samples are of that are kept: less than a window where they are many. */
static int64_t window_ms(const struct pace *pace, struct moment now) {
    int64_t window = now.boot_ms - pace->began_ms;
    if (pace->count == PACE_SAMPLES_MAX) {
        int64_t kept_ms = now.boot_ms - sample_at(pace, 0)->heard_ms;
        return kept_ms < 1 ? 1 : kept_ms < PACE_WINDOW_MS ? kept_ms : PACE_WINDOW_MS;
    }
    window = window < PACE_WINDOW_MS ? window : PACE_WINDOW_MS;
    return window > PACE_WINDOW_LEAST_MS ? window : PACE_WINDOW_LEAST_MS;
}

struct heard {
    int64_t stands_ms, octets, window_ms;
};

static struct heard heard_lately(const struct pace *pace, struct moment now) {
    struct heard heard = {.window_ms = window_ms(pace, now)};
    for (size_t i = pace->count; i > 0; i--) {
        const struct pace_sample *sample = sample_at(pace, i - 1);
        if (now.boot_ms - sample->heard_ms > heard.window_ms) {
            break;
        }
        heard.stands_ms += sample->stands_ms;
        heard.octets += (int64_t)sample->octets;
    }
    return heard;
}

bool pace_is_alone(const struct pace *pace, struct moment now) {
    return pace->count == 0 || now.boot_ms - sample_at(pace, pace->count - 1)->heard_ms > PACE_WINDOW_MS;
}

unsigned pace_count(const struct pace *pace, struct moment now) {
    const struct heard heard = heard_lately(pace, now);
    return (unsigned)((heard.stands_ms + heard.window_ms / 2) / heard.window_ms);
}

struct rhythm pace_rhythm(const struct pace *pace, struct moment now) {
    return rhythm_of(pace_count(pace, now));
}

int64_t pace_attendance_ms(const struct pace *pace, struct moment now, size_t octets) {
    int64_t handsets = (int64_t)pace_count(pace, now) + 1;
    int64_t ms = handsets * (int64_t)octets * 1000 / PACE_ATTENDANCE_OCTETS;
    return ms < PACE_ATTENDANCE_LEAST_MS  ? PACE_ATTENDANCE_LEAST_MS
           : ms < PACE_ATTENDANCE_MOST_MS ? ms
                                          : PACE_ATTENDANCE_MOST_MS;
}

bool pace_is_crowd(const struct pace *pace, struct moment now) {
    return pace_count(pace, now) > PACE_CROWD;
}

bool pace_has_room(const struct pace *pace, struct moment now) {
    const struct heard heard = heard_lately(pace, now);
    int64_t room = (RHYTHM_OCTETS + PACE_EXTRA_OCTETS) * heard.window_ms / 1000;
    return !pace_is_crowd(pace, now) || heard.octets < room;
}

int64_t pace_spread(int64_t ms, uint32_t random) {
    return ms * 3 / 4 + (int64_t)(random % (uint64_t)(ms / 2 + 1));
}
