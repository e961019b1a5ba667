/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/pace.h"

void pace_begin(struct pace *pace, struct moment now) {
    pace->began_ms = now.boot_ms;
    pace->first = pace->count = 0;
    pace->near = pace->others = 0;
}

static const struct pace_sample *sample_at(const struct pace *pace, size_t i) {
    return &pace->samples[(pace->first + i) % PACE_SAMPLES_MAX];
}

/* What was said last begins there: PACE_SAID_MAX samples or all. */
static size_t oldest_said(const struct pace *pace) {
    return pace->count > PACE_SAID_MAX ? pace->count - PACE_SAID_MAX : 0;
}

/* What `who` said before counts no more. */
static void take_back(struct pace *pace, uint32_t who) {
    for (size_t i = oldest_said(pace); i < pace->count; i++) {
        struct pace_sample *sample = &pace->samples[(pace->first + i) % PACE_SAMPLES_MAX];
        sample->is_old = sample->is_old || sample->who == who;
    }
}

/* The number of rank PACE_SAID_RANK among what was said last, once by each; of fewer the lowest.
 * The latest was said now. */
static unsigned said_by_some(const struct pace *pace, struct moment now) {
    unsigned highest[PACE_SAID_RANK] = {0};
    size_t said = 0;
    for (size_t i = oldest_said(pace); i < pace->count; i++) {
        const struct pace_sample *sample = sample_at(pace, i);
        unsigned near = sample->near;
        if (sample->is_old || now.boot_ms - sample->heard_ms > PACE_SAID_MS ||
            (said >= PACE_SAID_RANK && near <= highest[PACE_SAID_RANK - 1])) {
            continue;
        }
        said++;
        size_t rank = PACE_SAID_RANK - 1;
        for (; rank > 0 && highest[rank - 1] < near; rank--) {
            highest[rank] = highest[rank - 1];
        }
        highest[rank] = near;
    }
    return highest[said < PACE_SAID_RANK ? said - 1 : PACE_SAID_RANK - 1];
}

static uint16_t small(size_t number) {
    return (uint16_t)(number < UINT16_MAX ? number : UINT16_MAX);
}

void pace_hear(struct pace *pace, struct moment now, uint32_t who, size_t said, size_t near,
               size_t octets) {
    take_back(pace, who);
    if (pace->count == PACE_SAMPLES_MAX) {
        pace->first = (pace->first + 1) % PACE_SAMPLES_MAX;
        pace->count--;
    }
    pace->samples[(pace->first + pace->count++) % PACE_SAMPLES_MAX] = (struct pace_sample){
        .heard_ms = now.boot_ms, .who = who, .near = small(said), .octets = small(octets)};
    pace->near = small(near);
    pace->others = said_by_some(pace, now);
}

/* How much time the samples are of that are looked at: less where they are many, or new. */
static int64_t window_ms(const struct pace *pace, struct moment now) {
    bool is_full = pace->count == PACE_SAMPLES_MAX;
    int64_t kept_ms = now.boot_ms - (is_full ? sample_at(pace, 0)->heard_ms : pace->began_ms);
    kept_ms = kept_ms < PACE_WINDOW_MS ? kept_ms : PACE_WINDOW_MS;
    return kept_ms > PACE_WINDOW_LEAST_MS ? kept_ms : PACE_WINDOW_LEAST_MS;
}

/* Of signed presences, lately. */
static int64_t octets_a_second(const struct pace *pace, struct moment now) {
    int64_t octets = 0, window = window_ms(pace, now);
    for (size_t i = pace->count; i > 0; i--) {
        const struct pace_sample *sample = sample_at(pace, i - 1);
        if (now.boot_ms - sample->heard_ms > window) {
            break;
        }
        octets += sample->octets;
    }
    return octets * 1000 / window;
}

static bool was_heard(const struct pace *pace, struct moment now, int64_t lately_ms) {
    return pace->count > 0 && now.boot_ms - sample_at(pace, pace->count - 1)->heard_ms <= lately_ms;
}

bool pace_is_alone(const struct pace *pace, struct moment now) {
    return !was_heard(pace, now, PACE_ALONE_MS);
}

unsigned pace_count(const struct pace *pace, struct moment now) {
    unsigned others = was_heard(pace, now, PACE_SAID_MS) ? pace->others : 0;
    return others > pace->near ? others : pace->near;
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

/* Of the usual presences those that are signed: what else goes over the air is not counted. */
static int64_t usual_octets(const struct pace *pace, struct moment now) {
    const struct rhythm rhythm = pace_rhythm(pace, now);
    return ((int64_t)pace_count(pace, now) + 1) * RHYTHM_SIGNED_OCTETS * 1000 /
           (rhythm.interval_ms * rhythm.signed_each);
}

bool pace_has_room(const struct pace *pace, struct moment now, int64_t extra_octets) {
    return !pace_is_crowd(pace, now) ||
           octets_a_second(pace, now) < usual_octets(pace, now) + extra_octets;
}

int64_t pace_borne(int64_t octets, bool is_on_star) {
    return is_on_star && octets > PACE_STAR_OCTETS ? PACE_STAR_OCTETS : octets;
}

int64_t pace_spread(int64_t ms, uint32_t random) {
    return ms * 3 / 4 + (int64_t)(random % (uint64_t)(ms / 2 + 1));
}
