/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/hearing.h"

#include <stdlib.h>
#include <string.h>

/* Quiet for so many beats of 20 ms ends a talk: longer than any jitter buffer holds back. */
enum {
    QUIET_BEATS = 40
};

struct tape {
    int16_t *samples;
    size_t count;
    size_t voiced; /* of them, with a voice in them */
};

struct hearing {
    size_t stations;
    struct tape *said, *heard; /* one each for each station */
    bool is_running;           /* somebody has begun to talk */
    bool is_loud;              /* something was said or heard in this beat */
    bool is_done;              /* the tapes are complete */
    unsigned quiet_beats;
};

struct hearing *hearing_new(size_t stations) {
    struct hearing *hearing = calloc(1, sizeof *hearing);
    if (!hearing) {
        return NULL;
    }
    hearing->stations = stations;
    hearing->said = calloc(stations, sizeof *hearing->said);
    hearing->heard = calloc(stations, sizeof *hearing->heard);
    if (!hearing->said || !hearing->heard) {
        hearing_free(hearing);
        return NULL;
    }
    return hearing;
}

void hearing_free(struct hearing *hearing) {
    if (!hearing) {
        return;
    }
    for (size_t i = 0; i < hearing->stations; i++) {
        if (hearing->said) {
            free(hearing->said[i].samples);
        }
        if (hearing->heard) {
            free(hearing->heard[i].samples);
        }
    }
    free(hearing->said);
    free(hearing->heard);
    free(hearing);
}

/* Adds 20 ms, silence when `samples` is NULL. Without memory the tape stands still as if full. */
static void tape_add(struct tape *tape, const int16_t *samples, bool is_voice) {
    if (tape->count + VOICE_FRAME_SAMPLES > LIKENESS_SAMPLES_MAX) {
        return;
    }
    if (!tape->samples) {
        tape->samples = malloc(LIKENESS_SAMPLES_MAX * sizeof *tape->samples);
    }
    if (!tape->samples) {
        return;
    }
    size_t octets = VOICE_FRAME_SAMPLES * sizeof *samples;
    if (samples) {
        memcpy(tape->samples + tape->count, samples, octets);
    } else {
        memset(tape->samples + tape->count, 0, octets);
    }
    tape->count += VOICE_FRAME_SAMPLES;
    if (is_voice) {
        tape->voiced += VOICE_FRAME_SAMPLES;
    }
}

static void rewind_tapes(struct hearing *hearing) {
    for (size_t i = 0; i < hearing->stations; i++) {
        hearing->said[i].count = hearing->said[i].voiced = 0;
        hearing->heard[i].count = hearing->heard[i].voiced = 0;
    }
    hearing->is_done = false;
}

void hearing_beat(struct hearing *hearing, size_t station, const int16_t *said,
                  const int16_t heard[VOICE_FRAME_SAMPLES], bool is_voice) {
    if (hearing->is_done) {
        rewind_tapes(hearing);
    }
    hearing->is_loud |= said || is_voice;
    hearing->is_running |= said != NULL;
    /* A talker's tape begins with the first word, and keeps its pauses. */
    if (said || hearing->said[station].count > 0) {
        tape_add(&hearing->said[station], said, said != NULL);
    }
    if (hearing->is_running) {
        tape_add(&hearing->heard[station], heard, is_voice);
    }
}

bool hearing_is_over(struct hearing *hearing) {
    hearing->quiet_beats = hearing->is_loud ? 0 : hearing->quiet_beats + 1;
    hearing->is_loud = false;
    if (!hearing->is_running || hearing->quiet_beats < QUIET_BEATS) {
        return false;
    }
    hearing->is_running = false;
    hearing->is_done = true;
    return true;
}

bool hearing_is_running(const struct hearing *hearing) {
    return hearing->is_running;
}

static int64_t tape_ms(size_t samples) {
    return (int64_t)samples * 1000 / VOICE_RATE;
}

int64_t hearing_said_ms(const struct hearing *hearing, size_t station) {
    return tape_ms(hearing->said[station].voiced);
}

int64_t hearing_heard_ms(const struct hearing *hearing, size_t station) {
    return tape_ms(hearing->heard[station].voiced);
}

enum status hearing_likeness(const struct hearing *hearing, size_t talker, size_t listener,
                             double *score) {
    const struct tape *said = &hearing->said[talker], *heard = &hearing->heard[listener];
    return likeness((struct recording){said->samples, said->count},
                    (struct recording){heard->samples, heard->count}, score, NULL);
}
