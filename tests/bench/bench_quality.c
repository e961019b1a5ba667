/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_quality: how well a minute of speech, of three voices, is understood where it is received,
 * as STOI (tests/app/stoi.h). It goes from voice_sender to voice_receiver in virtual time, in
 * presses of five seconds, over ways with loss and jitter; beside it libopus alone, with the same
 * settings and the same packets lost, each of which comes in time. And what encoding and decoding
 * cost.
 */
#include <opus/opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/sound/wav.h"
#include "app/voice/rtp.h"
#include "app/voice/voice.h"
#include "tests/app/scratch.h"
#include "tests/app/stoi.h"
#include "tests/bench/stopwatch.h"

enum {
    PRESS_FRAMES = 252, /* 5 s, whole packets of each length */
    TAIL_FRAMES = 30,   /* in which the last packets come */
    PACKETS_MAX = PRESS_FRAMES + 1,
    BURST = 3,
    PLAY_PHASE_MS = 7, /* the loudspeaker's rhythm is not the microphone's */
};

struct condition {
    unsigned frames; /* in a packet */
    unsigned loss_percent;
    bool in_bursts;
    unsigned jitter_ms;
    double target; /* 0: none of its own */
};

/* --- Chance, the same in each run ------------------------------------------------------------- */

static uint64_t chance(uint64_t *state) {
    *state += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Which packets of a press are lost. */
static void draw_losses(const struct condition *condition, unsigned press,
                        bool is_lost[PACKETS_MAX]) {
    uint64_t state = 1000 + press;
    unsigned length = condition->in_bursts ? BURST : 1;
    for (unsigned n = 0; n < PACKETS_MAX;) {
        /* A burst begins so seldom that as many are lost as one by one. */
        unsigned each = condition->in_bursts ? 100 * BURST - 2 * condition->loss_percent : 100;
        bool lost = chance(&state) % each < condition->loss_percent;
        for (unsigned i = 0; i < (lost ? length : 1) && n < PACKETS_MAX; i++) {
            is_lost[n++] = lost;
        }
    }
}

/* --- Through this program --------------------------------------------------------------------- */

struct packet {
    uint8_t octets[VOICE_PACKET_MAX];
    size_t length;
    int64_t arrives_ms; /* -1: never */
};

static size_t send_press(const struct condition *condition, unsigned press, const int16_t *samples,
                         struct packet packets[PACKETS_MAX]) {
    struct voice_sender *sender = NULL;
    bool is_lost[PACKETS_MAX];
    uint64_t state = 77 + press;
    size_t count = 0;
    if (voice_sender_new(press + 1, 1, &sender) != STATUS_OK) {
        abort();
    }
    voice_sender_pack(sender, condition->frames);
    voice_sender_loss(sender, condition->loss_percent);
    draw_losses(condition, press, is_lost);
    for (unsigned frame = 0; frame < PRESS_FRAMES; frame++) {
        struct packet *packet = &packets[count];
        struct writer out = writer_into(packet->octets, sizeof packet->octets);
        if (voice_sender_encode(sender, samples + (size_t)frame * VOICE_FRAME_SAMPLES, &out) !=
            STATUS_OK) {
            abort();
        }
        if (out.length > 0) {
            int64_t late_ms =
                condition->jitter_ms == 0 ? 0 : (int64_t)(chance(&state) % condition->jitter_ms);
            packet->length = out.length;
            packet->arrives_ms =
                is_lost[count] ? -1 : (int64_t)(frame + 1) * VOICE_FRAME_MS + late_ms;
            count++;
        }
    }
    voice_sender_free(sender);
    return count;
}

static void hear_press(struct voice_route *route, const struct packet packets[], size_t count,
                       int16_t *heard) {
    struct voice_receiver *receiver = NULL;
    if (voice_receiver_new(&receiver) != STATUS_OK) {
        abort();
    }
    voice_receiver_follow(receiver, route);
    int64_t now_ms = 0;
    for (unsigned frame = 0; frame < PRESS_FRAMES + TAIL_FRAMES; frame++) {
        int64_t play_ms = (int64_t)frame * VOICE_FRAME_MS + PLAY_PHASE_MS;
        for (; now_ms <= play_ms; now_ms++) {
            for (size_t i = 0; i < count; i++) {
                if (packets[i].arrives_ms == now_ms &&
                    voice_receiver_packet(receiver, now_ms,
                                          (struct span){packets[i].octets, packets[i].length}) !=
                        STATUS_OK) {
                    abort();
                }
            }
        }
        (void)voice_receiver_play(receiver, play_ms, heard + (size_t)frame * VOICE_FRAME_SAMPLES);
    }
    voice_receiver_free(receiver);
}

/* Mean STOI of all presses; with what is known of the way from the press before, or with nothing.
 */
static double through_muster(const struct condition *condition, struct recording speech,
                             bool is_first_press) {
    static struct packet packets[PACKETS_MAX];
    static int16_t heard[(PRESS_FRAMES + TAIL_FRAMES) * VOICE_FRAME_SAMPLES];
    struct voice_route route = {0};
    const size_t length = (size_t)PRESS_FRAMES * VOICE_FRAME_SAMPLES;
    double sum = 0;
    unsigned presses = (unsigned)(speech.count / length);
    for (unsigned press = 0; press < presses; press++) {
        const int16_t *samples = speech.samples + press * length;
        size_t count = send_press(condition, press, samples, packets);
        if (press == 0 && !is_first_press) {
            hear_press(&route, packets, count, heard);
        }
        if (is_first_press) {
            route = (struct voice_route){0};
        }
        hear_press(&route, packets, count, heard);
        sum += stoi((struct recording){samples, length},
                    (struct recording){heard, sizeof heard / sizeof heard[0]});
    }
    return sum / presses;
}

/* --- Through libopus alone -------------------------------------------------------------------- */

/* As voice_sender sets it; but with 20 ms in a packet its own octets, and otherwise what it likes.
 */
static OpusEncoder *encoder_of(const struct condition *condition) {
    const opus_int32 rates[] = {0, 28000, 32000, 24000}, shares[] = {0, 5, 10, 10};
    OpusEncoder *encoder = opus_encoder_create(VOICE_RATE, 1, OPUS_APPLICATION_VOIP, NULL);
    if (encoder == NULL) {
        abort();
    }
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(rates[condition->frames]));
    opus_encoder_ctl(encoder, OPUS_SET_VBR(condition->frames > 1));
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(5));
    opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
    opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND));
    opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(condition->loss_percent >= 3));
    opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(shares[condition->frames]));
    return encoder;
}

/* No octets: made up. */
static void decode(OpusDecoder *decoder, const uint8_t *octets, opus_int32 length, int16_t *out,
                   int samples, int from_next) {
    if (opus_decode(decoder, octets, length, out, samples, from_next) != samples) {
        abort();
    }
}

static double press_alone(const struct condition *condition, unsigned press,
                          const int16_t *samples) {
    static uint8_t octets[PACKETS_MAX][1276];
    static int16_t heard[PRESS_FRAMES * VOICE_FRAME_SAMPLES];
    opus_int32 lengths[PACKETS_MAX];
    bool is_lost[PACKETS_MAX];
    OpusEncoder *encoder = encoder_of(condition);
    OpusDecoder *decoder = opus_decoder_create(VOICE_RATE, 1, NULL);
    const int each = (int)condition->frames * VOICE_FRAME_SAMPLES;
    const unsigned count = PRESS_FRAMES / condition->frames;
    draw_losses(condition, press, is_lost);
    for (unsigned n = 0; n < count; n++) {
        lengths[n] = opus_encode(encoder, samples + (size_t)n * (size_t)each, each, octets[n],
                                 sizeof octets[n]);
    }
    for (unsigned n = 0; n < count; n++) {
        int16_t *out = heard + (size_t)n * (size_t)each;
        if (!is_lost[n]) {
            decode(decoder, octets[n], lengths[n], out, each, 0);
        } else if (n + 1 < count && !is_lost[n + 1]) {
            decode(decoder, octets[n + 1], lengths[n + 1], out, each, 1);
        } else {
            decode(decoder, NULL, 0, out, each, 0);
        }
    }
    opus_encoder_destroy(encoder);
    opus_decoder_destroy(decoder);
    return stoi((struct recording){samples, PRESS_FRAMES * VOICE_FRAME_SAMPLES},
                (struct recording){heard, PRESS_FRAMES * VOICE_FRAME_SAMPLES});
}

static double through_opus(const struct condition *condition, struct recording speech) {
    const size_t length = (size_t)PRESS_FRAMES * VOICE_FRAME_SAMPLES;
    unsigned presses = (unsigned)(speech.count / length);
    double sum = 0;
    for (unsigned press = 0; press < presses; press++) {
        sum += press_alone(condition, press, speech.samples + press * length);
    }
    return sum / presses;
}

/* --- The table -------------------------------------------------------------------------------- */

static bool is_good(double score, const struct condition *condition, double alone) {
    double allowed = condition->jitter_ms > 0 ? 0.01 : 0;
    return score >= condition->target - allowed || score >= alone - 0.01;
}

static bool show(const struct condition *condition, struct recording speech) {
    double first = through_muster(condition, speech, true);
    double next = through_muster(condition, speech, false);
    double alone = through_opus(condition, speech);
    bool good = is_good(next, condition, alone);
    printf("%2u ms  %3u %%%-10s  %3u ms   %7.3f  %7.3f  %7.3f", condition->frames * VOICE_FRAME_MS,
           condition->loss_percent, condition->in_bursts ? " in threes" : "", condition->jitter_ms,
           first, next, alone);
    if (condition->target > 0) {
        printf("  %7.3f", condition->target);
    }
    printf("%s\n", good ? "" : "  missed");
    fflush(stdout);
    return good;
}

static const struct condition conditions[] = {
    {1, 0, false, 0, 0.965},   {1, 10, false, 0, 0.955},  {1, 20, false, 0, 0.93},
    {1, 0, false, 60, 0.965},  {1, 10, false, 60, 0.955}, {1, 20, false, 60, 0.93},
    {1, 10, true, 0, 0.92},    {1, 10, true, 60, 0.92},   {2, 0, false, 0, 0},
    {2, 10, false, 0, 0},      {2, 20, false, 0, 0},      {2, 0, false, 60, 0},
    {2, 10, false, 60, 0},     {2, 20, false, 60, 0},     {3, 0, false, 0, 0.97},
    {3, 10, false, 0, 0.935},  {3, 20, false, 0, 0.89},   {3, 0, false, 60, 0.97},
    {3, 10, false, 60, 0.935}, {3, 20, false, 60, 0.89},
};

/* --- What it costs ---------------------------------------------------------------------------- */

static void show_cost(struct recording speech, int complexity) {
    enum {
        FRAMES_MAX = 4000
    };
    static uint8_t octets[FRAMES_MAX][70];
    const struct condition condition = {.frames = 1, .loss_percent = 10};
    OpusEncoder *encoder = encoder_of(&condition);
    OpusDecoder *decoder = opus_decoder_create(VOICE_RATE, 1, NULL);
    int16_t heard[VOICE_FRAME_SAMPLES];
    size_t count = speech.count / VOICE_FRAME_SAMPLES;
    count = count < FRAMES_MAX ? count : FRAMES_MAX;
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(complexity));
    double began = milliseconds_used();
    for (size_t n = 0; n < count; n++) {
        if (opus_encode(encoder, speech.samples + n * VOICE_FRAME_SAMPLES, VOICE_FRAME_SAMPLES,
                        octets[n], sizeof octets[n]) != sizeof octets[n]) {
            abort();
        }
    }
    double encoded = milliseconds_used();
    for (size_t n = 0; n < count; n++) {
        decode(decoder, octets[n], sizeof octets[n], heard, VOICE_FRAME_SAMPLES, 0);
    }
    double spoken_ms = (double)count * VOICE_FRAME_MS;
    printf("complexity %2d: encoding %.2f %%, decoding %.2f %% of a core\n", complexity,
           100 * (encoded - began) / spoken_ms, 100 * (milliseconds_used() - encoded) / spoken_ms);
    opus_encoder_destroy(encoder);
    opus_decoder_destroy(decoder);
}

/* --- Speech ----------------------------------------------------------------------------------- */

/* The three voices one after the other. */
static struct recording load(const char *folder) {
    static const char *const voices[] = {"one", "two", "three"};
    int16_t *samples = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof voices / sizeof voices[0]; i++) {
        char path[300];
        struct wav wav;
        struct error error;
        snprintf(path, sizeof path, "%s/%s.wav", folder, voices[i]);
        if (wav_load(path, &wav, &error) != STATUS_OK) {
            fprintf(stderr, "bench_quality: %s\n", error.text);
            exit(1);
        }
        int16_t *more = realloc(samples, (count + wav.count) * sizeof *samples);
        if (more == NULL) {
            abort();
        }
        samples = more;
        memcpy(samples + count, wav.samples, wav.count * sizeof *samples);
        count += wav.count;
        free(wav.samples);
    }
    return (struct recording){samples, count};
}

/* `folder` holds the three voices; NULL: they are made. */
static struct recording speech_of(const char *folder) {
    void *state = NULL;
    if (folder != NULL) {
        return load(folder);
    }
    if (scratch_setup(&state) != 0) {
        exit(1);
    }
    char command[SCRATCH_PATH_SIZE + 30];
    folder = ((const struct scratch *)state)->folder;
    snprintf(command, sizeof command, "tests/bench/corpus '%s'", folder);
    if (system(command) != 0) {
        exit(1);
    }
    struct recording speech = load(folder);
    scratch_teardown(&state);
    return speech;
}

int main(int argc, char *argv[]) {
    struct recording speech = speech_of(argc > 1 ? argv[1] : NULL);
    bool good = true;
    printf("%.0f s of three voices, STOI\n"
           "packet  loss            jitter    first     next     Opus   target\n"
           "                                  press    press    alone\n",
           (double)speech.count / VOICE_RATE);
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        good = show(&conditions[i], speech) && good;
    }
    show_cost(speech, 5);
    show_cost(speech, 10);
    free((void *)(uintptr_t)speech.samples);
    return good ? 0 : 1;
}
