/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/programs/demo/exercise_state.h"
#include "ui/words/words.h"

struct moment exercise_moment(const struct exercise *exercise) {
    return (struct moment){
        .utc_ms = exercise_utc(exercise), .boot_ms = exercise->now_ms, .boot_id = 1};
}

int64_t exercise_now(const struct exercise *exercise) {
    return exercise->now_ms;
}

int64_t exercise_utc(const struct exercise *exercise) {
    return exercise->setup.utc_ms + exercise->now_ms;
}

size_t exercise_stations(const struct exercise *exercise) {
    return exercise->count;
}

struct station *exercise_station(struct exercise *exercise, size_t number) {
    return &exercise->stations[number];
}

const struct view *exercise_view(struct exercise *exercise, size_t number) {
    return handset_view(exercise->stations[number].handset, exercise_moment(exercise));
}

void exercise_press(struct exercise *exercise, size_t number, uint32_t press) {
    (void)exercise_screen(exercise, number);
    station_has_read(&exercise->stations[number]);
    exercise_press_seen(exercise, number, press);
}

void exercise_time(struct exercise *exercise, int64_t real_ms) {
    for (size_t i = 0; i < exercise->count; i++) {
        station_time(&exercise->stations[i], real_ms);
    }
}

void exercise_press_seen(struct exercise *exercise, size_t number, uint32_t press) {
    station_press(&exercise->stations[number], exercise_moment(exercise), press);
}

const struct canvas *exercise_screen(struct exercise *exercise, size_t number) {
    return station_screen(&exercise->stations[number], exercise_moment(exercise));
}

size_t exercise_events(struct exercise *exercise, size_t number, const struct event **events) {
    const struct view *view = exercise_view(exercise, number);
    *events = view->log;
    return view->log_count;
}

const struct air_log *exercise_air(const struct exercise *exercise) {
    return &exercise->log;
}

static bool holds_group(const struct view *view, const char *group) {
    for (size_t i = 0; i < view->group_count; i++) {
        if (strcmp(view->groups[i].identity, group) == 0) {
            return view->groups[i].gmk_state == GMK_USABLE;
        }
    }
    return false;
}

/* Who should hear this talker: those who hold the group, or the other side of a one-to-one talk. */
static void note_audience(struct exercise *exercise, size_t talker) {
    const struct view *view = exercise_view(exercise, talker);
    char group[OFFICER_GROUP_SIZE] = "", peer[OFFICER_IDENTITY_SIZE] = "";
    for (size_t i = 0; i < view->talker_count; i++) {
        if (view->talkers[i].self) {
            memcpy(group, view->talkers[i].group, sizeof group);
        }
    }
    if (view->call_state == CALL_ACTIVE) {
        memcpy(peer, view->call_identity, sizeof peer);
    }
    for (size_t i = 0; i < exercise->count; i++) {
        bool hears = group[0] ? holds_group(exercise_view(exercise, i), group)
                              : strcmp(exercise->stations[i].identity, peer) == 0;
        exercise->in_group[talker][i] = hears && i != talker;
    }
}

static void compare(struct exercise *exercise, size_t talker, size_t listener) {
    const struct station *from = &exercise->stations[talker], *to = &exercise->stations[listener];
    int64_t heard_ms = hearing_heard_ms(exercise->hearing, listener);
    double score = 0;
    if (!exercise->in_group[talker][listener]) {
        exercise_line(exercise, "%-8s  heard nothing of it: %lld ms of voice", to->name,
                      (long long)heard_ms);
        return;
    }
    enum status status = hearing_likeness(exercise->hearing, talker, listener, &score);
    bool is_heard = status == STATUS_OK && score >= LIKENESS_SAME;
    exercise->tally.heard += is_heard;
    exercise->tally.unheard += !is_heard;
    if (is_heard && score < exercise->tally.worst) {
        exercise->tally.worst = score;
    }
    exercise_line(exercise, "%-8s  heard %s: likeness %.2f of received to sent speech (%s)",
                  to->name, from->name, score,
                  status != STATUS_OK ? status_text(status)
                  : is_heard          ? "the same speech from 0.60 up"
                                      : "NOT the same speech");
}

/* A talk is over: what did each handset hear of it? */
static void judge_talk(struct exercise *exercise) {
    for (size_t talker = 0; talker < exercise->count; talker++) {
        int64_t said_ms = hearing_said_ms(exercise->hearing, talker);
        if (said_ms == 0) {
            continue;
        }
        exercise->tally.talks++;
        exercise_line(exercise, "%-8s  talked for %.1f s", exercise->stations[talker].name,
                      (double)said_ms / 1000);
        for (size_t listener = 0; listener < exercise->count; listener++) {
            if (listener != talker) {
                compare(exercise, talker, listener);
            }
        }
    }
}

/* 20 ms of sound at every handset. */
static void beat(struct exercise *exercise) {
    struct moment now = exercise_moment(exercise);
    for (size_t i = 0; i < exercise->count; i++) {
        int16_t said[VOICE_FRAME_SAMPLES], heard[VOICE_FRAME_SAMPLES];
        bool is_talking, began = !exercise->stations[i].was_talking;
        bool is_voice = station_beat(&exercise->stations[i], now, &is_talking, said, heard);
        if (is_talking && began) {
            note_audience(exercise, i);
        }
        hearing_beat(exercise->hearing, i, is_talking ? said : NULL, heard, is_voice);
    }
    if (hearing_is_over(exercise->hearing)) {
        judge_talk(exercise);
    }
}

/* Is nobody talking, and nothing to be heard any more? Then sound can stand still. */
static bool is_quiet(const struct exercise *exercise) {
    for (size_t i = 0; i < exercise->count; i++) {
        if (handset_is_talking(exercise->stations[i].handset)) {
            return false;
        }
    }
    return !hearing_is_running(exercise->hearing);
}

/* The next time at which something is to be done: a frame arrives, an engine's time has come, or
 * the next 20 ms of sound are due. */
static int64_t next_event(const struct exercise *exercise, int64_t until_ms) {
    int64_t next = until_ms, at_ms;
    if (!is_quiet(exercise)) {
        next = (exercise->now_ms / VOICE_FRAME_MS + 1) * VOICE_FRAME_MS;
    }
    if (air_next_event(exercise->air, &at_ms) && at_ms < next) {
        next = at_ms;
    }
    for (size_t i = 0; i < exercise->count; i++) {
        int64_t deadline = station_deadline(&exercise->stations[i]);
        if (deadline < next) {
            next = deadline;
        }
    }
    if (next > until_ms) {
        next = until_ms;
    }
    return next > exercise->now_ms ? next : exercise->now_ms + 1;
}

static void hand_over_overheard(struct exercise *exercise) {
    struct overheard *all = exercise->overheard;
    size_t count = exercise->overheard_count;
    exercise->overheard = NULL;
    exercise->overheard_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct span frame = {.octets = all[i].octets, .length = all[i].length};
        for (size_t j = 0; j < exercise->count; j++) {
            if (exercise->stations[j].is_stranger) {
                handset_frame(exercise->stations[j].handset, exercise_moment(exercise), all[i].from,
                              frame);
            }
        }
        free(all[i].octets);
    }
    free(all);
}

enum status exercise_advance(struct exercise *exercise, int64_t until_ms, struct error *error) {
    while (exercise->now_ms < until_ms) {
        exercise->now_ms = next_event(exercise, until_ms);
        hand_over_overheard(exercise);
        air_advance(exercise->air, exercise->now_ms);
        struct moment now = exercise_moment(exercise);
        for (size_t i = 0; i < exercise->count; i++) {
            station_run(&exercise->stations[i], now);
        }
        if (exercise->now_ms % VOICE_FRAME_MS == 0 && !is_quiet(exercise)) {
            beat(exercise);
        }
        for (size_t i = 0; i < exercise->count; i++) {
            if (exercise->stations[i].error.status != STATUS_OK) {
                *error = exercise->stations[i].error;
                return error->status;
            }
        }
    }
    return STATUS_OK;
}

enum {
    KEYS_MAX = VIEW_GROUPS_MAX * EXERCISE_STATIONS_MAX
};

/* The GMK ids of all groups that anybody has, each once. Returns how many. */
static size_t all_keys(struct exercise *exercise, uint32_t ids[KEYS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < exercise->count; i++) {
        const struct view *view = exercise_view(exercise, i);
        for (size_t j = 0; j < view->group_count; j++) {
            size_t at = 0;
            while (at < count && ids[at] != view->groups[j].gmk_id) {
                at++;
            }
            ids[at] = view->groups[j].gmk_id;
            if (at == count) {
                count++;
            }
        }
    }
    return count;
}

/* How many of the groups' keys this station holds. */
static unsigned keys_held(struct exercise *exercise, size_t stranger) {
    uint32_t ids[KEYS_MAX];
    size_t count = all_keys(exercise, ids);
    unsigned held = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t gmk[16];
        held += handset_reveal_gmk(exercise->stations[stranger].handset, ids[i], gmk);
        explicit_bzero(gmk, sizeof gmk);
    }
    return held;
}

struct exercise_tally exercise_tally(struct exercise *exercise) {
    struct exercise_tally tally = exercise->tally;
    for (size_t i = 0; i < exercise->count; i++) {
        const struct station *station = &exercise->stations[i];
        if (station->is_stranger) {
            tally.leaks += station->voice_heard > 0 || keys_held(exercise, i) > 0;
        }
    }
    return tally;
}

bool exercise_describe_stranger(struct exercise *exercise, size_t number,
                                char out[EXERCISE_LINE_SIZE]) {
    const struct station *station = &exercise->stations[number];
    snprintf(out, EXERCISE_LINE_SIZE,
             _("handset %u, in no group, heard %llu of %llu frames, holds %u group keys and "
               "decrypted %llu ms of voice"),
             station->number, (unsigned long long)exercise_view(exercise, number)->frames_heard,
             (unsigned long long)exercise->log.frames, keys_held(exercise, number),
             (unsigned long long)station->voice_heard * VOICE_FRAME_MS);
    return station->is_stranger;
}

void exercise_report_strangers(struct exercise *exercise) {
    char line[EXERCISE_LINE_SIZE];
    for (size_t i = 0; i < exercise->count; i++) {
        if (exercise_describe_stranger(exercise, i, line)) {
            exercise_line(exercise, "%s", line);
        }
    }
}
