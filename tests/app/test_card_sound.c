/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two sides of a sound card make of periods that come as they like, and what they keep of
 * them: the card is the test's own, for ALSA's functions that move sound are replaced here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/alsa/card.h"
#include "crypto/secret.h"
#include "tests/app/scratch.h"

enum {
    TRIES = 20000, /* 20 s: far more than it takes */
    TRY_US = 1000,
    FRAMES = 100,
    HEARD = 11111, /* samples of the far end, and of the room */
    SAID = -7777,
    NEAR = 100, /* resampling may leave them so much off */
    STRETCH = CARD_PERIOD / 2,
    LOOKS = 100,
    CHUNK = 1 << 20,
    HUGE_SIZE = 1 << 28 /* what a sanitizer reserves for its own use */
};

/* What is announced of what is captured: 1 sample, and each time one more, up to a period. */
static atomic_uint announced;
static atomic_uint overtaken; /* how often more than that was read */

snd_pcm_sframes_t snd_pcm_avail_update(snd_pcm_t *pcm) {
    usleep(TRY_US);
    bool captures = snd_pcm_stream(pcm) == SND_PCM_STREAM_CAPTURE;
    return captures ? (snd_pcm_sframes_t)(1 + announced++ % CARD_PERIOD) : CARD_PERIOD;
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size) {
    int16_t *samples = buffer;
    (void)pcm;
    for (size_t i = 0; i < size; i++) {
        samples[i] = SAID;
    }
    overtaken += size > (announced - 1) % CARD_PERIOD + 1;
    return (snd_pcm_sframes_t)size;
}

snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t *pcm, const void *buffer, snd_pcm_uframes_t size) {
    (void)pcm, (void)buffer;
    return (snd_pcm_sframes_t)size;
}

static void configure(void **state) {
    const char *path = scratch_path(state, "asound.conf");
    scratch_write(path, span_of_text("pcm.card { type null }\n"));
    setenv("ALSA_CONFIG_PATH", path, 1);
}

/* A server's card does so: between the question and the reading there is time. */
static void a_card_may_give_more_than_it_announced(void **state) {
    struct capture *capture;
    struct error error;
    struct sound_frame frame;
    struct sound_state told;
    size_t frames = 0;
    configure(state);
    assert_int_equal(capture_alsa.open("card", &capture, &error), STATUS_OK);
    assert_int_equal(capture->kind->start(capture, card_now_ms(), &error), STATUS_OK);
    for (int i = 0; i < TRIES && (frames < FRAMES || announced < 2 * CARD_PERIOD); i++) {
        bool there = true;
        usleep(TRY_US);
        while (there) {
            assert_int_equal(capture->kind->read(capture, card_now_ms(), &frame, &there, &error),
                             STATUS_OK);
            frames += there;
        }
    }
    assert_true(frames >= FRAMES && overtaken > 0);
    capture->kind->tell(capture, &told);
    assert_int_equal(told.gaps, 0);
    capture->kind->close(capture);
}

/* --- What is kept --------------------------------------------------------------------------- */

/* How many stretches of samples stand there that are all about `value`. */
static size_t stretches_in(const int16_t samples[], size_t count, int value) {
    size_t found = 0, same = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_near = samples[i] >= value - NEAR && samples[i] <= value + NEAR;
        same = is_near ? same + 1 : 0;
        found += same == STRETCH;
    }
    return found;
}

/* In all the memory that this process may write to. */
static size_t stretches(int value) {
    static int16_t chunk[CHUNK];
    char line[512];
    size_t found = 0;
    FILE *maps = fopen("/proc/self/maps", "r"), *memory = fopen("/proc/self/mem", "r");
    assert_true(maps != NULL && memory != NULL);
    assert_int_equal(setvbuf(memory, NULL, _IONBF, 0), 0); /* no copies of what is read */
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char rights[5];
        if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) != 3 || rights[1] != 'w' ||
            to - from > HUGE_SIZE) {
            continue;
        }
        while (from < to) {
            size_t size = to - from < sizeof chunk ? (size_t)(to - from) : sizeof chunk;
            size_t got =
                fseeko(memory, (off_t)from, SEEK_SET) == 0 ? fread(chunk, 1, size, memory) : 0;
            found += stretches_in(chunk, got / sizeof chunk[0], value);
            secret_wipe(chunk, sizeof chunk);
            from += size;
        }
    }
    fclose(maps);
    fclose(memory);
    return found;
}

/* Both ways are open for a while, and nobody reads what the microphone hears at the end. */
static void call(struct capture *capture, struct playback *playback) {
    struct error error;
    struct playback_need need;
    struct sound_frame frame;
    capture->kind->treat(capture, (struct sound_treatment){0});
    capture->kind->face(capture, true);
    assert_int_equal(capture->kind->start(capture, card_now_ms(), &error), STATUS_OK);
    assert_int_equal(playback->kind->start(playback, card_now_ms(), &error), STATUS_OK);
    for (size_t given = 0; given < FRAMES;) {
        usleep(TRY_US);
        assert_int_equal(playback->kind->ask(playback, card_now_ms(), &need, &error), STATUS_OK);
        for (; need.wanted > 0; need.wanted--, given++) {
            frame = (struct sound_frame){.is_silence = false};
            for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
                frame.samples[i] = HEARD;
            }
            assert_int_equal(playback->kind->write(playback, &frame, &error), STATUS_OK);
        }
    }
    secret_wipe(&frame, sizeof frame);
}

/* The loudspeaker plays on while the microphone rests already, and the other way round. */
static void nothing_is_kept_of_a_call_that_is_over(void **state) {
    struct capture *capture;
    struct playback *playback;
    struct error error;
    configure(state);
    assert_int_equal(capture_alsa.open("card", &capture, &error), STATUS_OK);
    assert_int_equal(playback_alsa.open("card", &playback, &error), STATUS_OK);
    assert_int_equal(alsa_join(capture, playback, &error), STATUS_OK);
    for (int first = 0; first < 2; first++) {
        call(capture, playback);
        assert_true(stretches(HEARD) > 0 && stretches(SAID) > 0);
        if (first == 0) {
            capture->kind->stop(capture);
            usleep(100 * TRY_US);
        }
        playback->kind->stop(playback);
        usleep(100 * TRY_US);
        capture->kind->face(capture, false);
        capture->kind->stop(capture);
        size_t left = 1;
        for (int i = 0; i < LOOKS && left > 0; i++) {
            (void)capture->kind->look(capture, &error);
            (void)playback->kind->look(playback, &error);
            usleep(100 * TRY_US);
            left = stretches(HEARD) + stretches(SAID);
        }
        assert_int_equal(left, 0);
    }
    capture->kind->close(capture);
    assert_int_equal(playback->kind->close(playback, &error), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_may_give_more_than_it_announced, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_kept_of_a_call_that_is_over, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
