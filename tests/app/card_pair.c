/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/app/card_pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/sound/drift.h"
#include "app/sound/steering.h"

enum {
    PERIOD = VOICE_RATE / 100,
    QUEUE = 720, /* samples: on average between the loop and the loudspeaker's card */
    MADE_MAX = VOICE_FRAME_SAMPLES + VOICE_FRAME_SAMPLES / 100 + STEERING_SPARE,
    QUEUE_MAX = 4 * VOICE_RATE,
    REACH = 8,
    LATE_MS = 4,      /* at most, by chance: a thread that is woken */
    DELAY_MAX = 4800, /* samples: more is not looked for */
    DELAY_STEP = 8,
    MEASURED = VOICE_RATE, /* at a time: in more the delay moves, and a voice's next period fits */
    JUDGED = 5             /* measures of which the middle one counts: some find a pause; left out
                            * at the beginning */
};

static const double PI = 3.141592653589793;

struct stream {
    int16_t *samples;
    size_t count, room;
};

/* One side: its crystal, and what it makes of the sound. */
struct side {
    double speed; /* samples a sample of the boot clock */
    struct drift drift;
    struct steering steering;
    struct stream made;
};

/* Between two samples: a sinc under a Hann window. */
static int16_t sample_at(const int16_t samples[], size_t count, double at) {
    int64_t whole = (int64_t)floor(at);
    double part = at - (double)whole, sum = 0;
    for (int i = 1 - REACH; i <= REACH; i++) {
        double off = part - i, sinc = fabs(off) < 1e-9 ? 1 : sin(PI * off) / (PI * off);
        bool is_there = whole + i >= 0 && (size_t)(whole + i) < count;
        sum += is_there ? samples[whole + i] * sinc * (0.5 + 0.5 * cos(PI * off / REACH)) : 0;
    }
    return (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, sum)));
}

static void side_begin(struct side *side, int ppm, bool finds_its_level, size_t room) {
    struct error error;
    *side = (struct side){.speed = 1 + ppm * 1e-6};
    side->made = (struct stream){calloc(room, sizeof(int16_t)), 0, room};
    drift_begin(&side->drift, finds_its_level);
    if (side->made.samples == NULL || steering_begin(&side->steering, &error) != STATUS_OK) {
        abort();
    }
}

static void side_end(struct side *side) {
    steering_end(&side->steering);
    free(side->made.samples);
}

static void make(struct side *side, const int16_t samples[], size_t count) {
    struct stream *made = &side->made;
    made->count += steering_run(&side->steering, samples, count, made->samples + made->count,
                                made->room - made->count);
}

/* The microphone's period `number`, which is there when its crystal says so. */
static void capture(struct side *side, struct recording said, size_t number) {
    int16_t period[PERIOD];
    double now_ms = (double)(number + 1) * 10 / side->speed + rand() % (LATE_MS + 1);
    for (size_t i = 0; i < PERIOD; i++) {
        double at = (double)(number * PERIOD + i) / side->speed;
        period[i] = sample_at(said.samples, said.count, at);
    }
    make(side, period, PERIOD);
    double excess = (double)side->made.count - now_ms * VOICE_RATE / 1000;
    steering_set(&side->steering, drift_note(&side->drift, excess, (int64_t)now_ms));
}

/* The loudspeaker has used up what its crystal says; `put_ms` is when a frame came last. */
static void play(struct side *side, size_t number, double put_ms) {
    double now_ms = (double)(number + 1) * 10 / side->speed;
    double queued = (double)side->made.count - (double)(number + 1) * PERIOD;
    double excess = drift_queue_excess(queued, QUEUE, now_ms - put_ms);
    steering_set(&side->steering,
                 drift_note(&side->drift, excess, (int64_t)now_ms + rand() % (LATE_MS + 1)));
}

void card_pair_run(struct card_pair pair, struct recording said, int16_t heard[]) {
    struct side microphone, loudspeaker;
    size_t room = said.count + said.count / 100 + QUEUE_MAX, captured = 0, played = 0;
    static const int16_t silence[QUEUE];
    side_begin(&microphone, pair.microphone_ppm, true, room);
    side_begin(&loudspeaker, pair.loudspeaker_ppm, false, room);
    memset(heard, 0, said.count * sizeof heard[0]);
    make(&loudspeaker, silence, QUEUE);
    for (size_t frame = 0; (frame + 1) * VOICE_FRAME_SAMPLES <= said.count; frame++) {
        double now_ms = (double)(frame + 1) * VOICE_FRAME_MS;
        size_t from = frame * VOICE_FRAME_SAMPLES;
        while ((double)(captured + 1) * 10 / microphone.speed <= now_ms + VOICE_FRAME_MS) {
            capture(&microphone, said, captured++);
        }
        while ((double)(played + 1) * 10 / loudspeaker.speed <= now_ms) {
            play(&loudspeaker, played++, now_ms - VOICE_FRAME_MS);
        }
        make(&loudspeaker, microphone.made.samples + from, VOICE_FRAME_SAMPLES);
    }
    for (size_t i = 0; i < said.count; i++) {
        heard[i] = sample_at(loudspeaker.made.samples, loudspeaker.made.count,
                             (double)i * loudspeaker.speed);
    }
    side_end(&microphone);
    side_end(&loudspeaker);
}

/* By how many ms what begins at `from` is heard later than it was said. */
static double delay_ms(struct recording said, const int16_t heard[], size_t from) {
    double best = -INFINITY;
    size_t delay = 0;
    for (size_t lag = 0; lag < DELAY_MAX && from + lag + MEASURED <= said.count;
         lag += DELAY_STEP) {
        double sum = 0;
        for (size_t i = from; i < from + MEASURED; i++) {
            sum += (double)said.samples[i] * heard[i + lag];
        }
        delay = sum > best ? lag : delay;
        best = fmax(best, sum);
    }
    return (double)delay * 1000 / VOICE_RATE;
}

static int compare(const void *a, const void *b) {
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

double card_pair_delay_range_ms(struct recording said, const int16_t heard[]) {
    double least = INFINITY, most = -INFINITY, ms[JUDGED];
    for (size_t from = JUDGED * MEASURED; from + JUDGED * MEASURED + DELAY_MAX <= said.count;
         from += JUDGED * MEASURED) {
        for (size_t i = 0; i < JUDGED; i++) {
            ms[i] = delay_ms(said, heard, from + i * MEASURED);
        }
        qsort(ms, JUDGED, sizeof ms[0], compare);
        least = fmin(least, ms[JUDGED / 2]);
        most = fmax(most, ms[JUDGED / 2]);
    }
    return most - least;
}
