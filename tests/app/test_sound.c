/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/sound/sound.h"
#include "tests/app/voice_fixture.h"

static char folder[] = "/tmp/muster-sound-XXXXXX";

static const char *path_of(const char *name) {
    static char path[sizeof folder + 40];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const void *octets, size_t length) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Both sides of a module, started, and the time that the test gives them. */
struct sound {
    struct capture *capture;
    struct playback *playback;
    int64_t now_ms;
};

static struct sound open_sound(const char *module, const char *source, const char *sink) {
    struct sound sound = {.now_ms = 1000};
    struct error error;
    assert_int_equal(sound_open(module, source, sink, &sound.capture, &sound.playback, &error),
                     STATUS_OK);
    assert_int_equal(sound.capture->kind->start(sound.capture, sound.now_ms, &error), STATUS_OK);
    assert_int_equal(sound.playback->kind->start(sound.playback, sound.now_ms, &error), STATUS_OK);
    return sound;
}

static void close_sound(struct sound *sound) {
    struct error error;
    sound->capture->kind->close(sound->capture);
    assert_int_equal(sound->playback->kind->close(sound->playback, &error), STATUS_OK);
}

/* The next frame, 20 ms later. Returns whether there is anything in it. */
static bool read_next(struct sound *sound, int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct sound_frame frame;
    struct error error;
    bool there = false;
    sound->now_ms += VOICE_FRAME_MS;
    assert_int_equal(
        sound->capture->kind->read(sound->capture, sound->now_ms, &frame, &there, &error),
        STATUS_OK);
    assert_true(there);
    memcpy(samples, frame.samples, sizeof frame.samples);
    return !frame.is_silence;
}

static void write_next(struct sound *sound, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct sound_frame frame = {.is_silence = false};
    struct error error;
    memcpy(frame.samples, samples, sizeof frame.samples);
    assert_int_equal(sound->playback->kind->write(sound->playback, &frame, &error), STATUS_OK);
}

static void expect_refused(const char *module, const char *source, const char *sink,
                           enum status status, const char *words) {
    struct capture *capture = NULL;
    struct playback *playback = NULL;
    struct error error = {0};
    assert_int_equal(sound_open(module, source, sink, &capture, &playback, &error), status);
    assert_null(capture);
    assert_null(playback);
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.text, words));
    assert_null(strchr(error.text, '\n'));
}

static void modules_are_found_by_name(void **state) {
    (void)state;
    assert_true(sound_exists("wav"));
    assert_true(sound_exists("tone"));
    assert_true(sound_exists("silence"));
    assert_true(sound_exists("alsa"));
    assert_false(sound_exists(""));
    expect_refused("oss", NULL, NULL, STATUS_NOT_FOUND, "choose alsa, wav, tone or silence");
}

static void what_is_recorded_plays_back(void **state) {
    (void)state;
    struct wav words = voice_fixture("medic");
    struct sound sound = open_sound("wav", "fixtures/voice/medic.wav", path_of("copy.wav"));
    int16_t samples[VOICE_FRAME_SAMPLES];
    while (read_next(&sound, samples)) {
        write_next(&sound, samples);
    }
    close_sound(&sound);
    struct wav copy;
    struct error error;
    assert_int_equal(wav_load(path_of("copy.wav"), &copy, &error), STATUS_OK);
    /* Whole frames are recorded: the last is filled up with silence. */
    assert_in_range(copy.count, words.count, words.count + VOICE_FRAME_SAMPLES - 1);
    assert_memory_equal(copy.samples, words.samples, words.count * sizeof words.samples[0]);
    for (size_t i = words.count; i < copy.count; i++) {
        assert_int_equal(copy.samples[i], 0);
    }
    free(copy.samples);
    free(words.samples);
}

static void a_source_ends_in_silence_and_begins_anew_when_started(void **state) {
    (void)state;
    struct sound sound = open_sound("wav", "fixtures/voice/ladder.wav", NULL);
    int16_t first[VOICE_FRAME_SAMPLES];
    int16_t samples[VOICE_FRAME_SAMPLES];
    struct error error;
    assert_true(read_next(&sound, first));
    while (read_next(&sound, samples)) {
    }
    const int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    assert_memory_equal(samples, silence, sizeof silence);
    assert_int_equal(sound.capture->kind->start(sound.capture, sound.now_ms, &error), STATUS_OK);
    assert_true(read_next(&sound, samples));
    assert_memory_equal(samples, first, sizeof first);
    close_sound(&sound);
}

static const char *const modules[] = {"wav", "tone", "silence"};

/* Reads until there is nothing more; returns how many frames there were, and the last of them. */
static size_t read_all(struct sound *sound, struct sound_frame *last) {
    struct error error;
    size_t count = 0;
    for (bool there = true; there; count += there) {
        struct sound_frame frame;
        assert_int_equal(
            sound->capture->kind->read(sound->capture, sound->now_ms, &frame, &there, &error),
            STATUS_OK);
        if (there) {
            *last = frame;
        }
    }
    return count;
}

static void a_microphone_gives_a_frame_each_20_ms_and_stamps_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        struct sound sound = open_sound(modules[i], NULL, NULL);
        struct sound_frame frame;
        assert_int_equal(sound.capture->kind->descriptor(sound.capture), -1);
        assert_int_equal(sound.capture->kind->deadline(sound.capture), 1020);
        sound.now_ms = 1019;
        assert_int_equal(read_all(&sound, &frame), 0);
        sound.now_ms = 1020;
        assert_int_equal(read_all(&sound, &frame), 1);
        assert_int_equal(frame.position, 0);
        assert_int_equal(frame.at_ms, 1000);
        sound.now_ms = 1105;
        assert_int_equal(read_all(&sound, &frame), 4);
        assert_int_equal(frame.position, 4 * VOICE_FRAME_SAMPLES);
        assert_int_equal(frame.at_ms, 1080);
        assert_int_equal(sound.capture->kind->deadline(sound.capture), 1120);
        sound.capture->kind->stop(sound.capture);
        sound.now_ms = 2000;
        assert_int_equal(read_all(&sound, &frame), 0);
        assert_int_equal(sound.capture->kind->deadline(sound.capture), INT64_MAX);
        close_sound(&sound);
    }
}

static void a_microphone_holds_a_second_and_its_clock_runs_on(void **state) {
    (void)state;
    struct sound sound = open_sound("silence", NULL, NULL);
    struct sound_frame frame;
    sound.now_ms = 1020 + 1000;
    assert_int_equal(read_all(&sound, &frame), 51);
    sound.now_ms += 5000;
    assert_int_equal(read_all(&sound, &frame), 51);
    assert_int_equal(frame.position, (6020 / VOICE_FRAME_MS - 1) * VOICE_FRAME_SAMPLES);
    close_sound(&sound);
}

static void a_loudspeaker_wants_what_is_due_and_no_more_than_100_ms(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        struct sound sound = open_sound(modules[i], NULL, NULL);
        struct playback *playback = sound.playback;
        struct playback_need need;
        struct error error;
        assert_int_equal(playback->kind->descriptor(playback), -1);
        assert_int_equal(playback->kind->deadline(playback), 1020);
        assert_int_equal(playback->kind->ask(playback, 1019, &need, &error), STATUS_OK);
        assert_int_equal(need.wanted, 0);
        assert_int_equal(playback->kind->ask(playback, 1040, &need, &error), STATUS_OK);
        assert_int_equal(need.wanted, 2);
        struct sound_frame frame = {.is_silence = true};
        assert_int_equal(playback->kind->write(playback, &frame, &error), STATUS_OK);
        assert_int_equal(frame.position, 0);
        assert_int_equal(frame.at_ms, 1000);
        assert_int_equal(playback->kind->ask(playback, 1040, &need, &error), STATUS_OK);
        assert_int_equal(need.wanted, 1);
        assert_int_equal(playback->kind->ask(playback, 3000, &need, &error), STATUS_OK);
        assert_int_equal(need.wanted, 5);
        assert_int_equal(playback->kind->write(playback, &frame, &error), STATUS_OK);
        assert_int_equal(frame.position,
                         (3000 - 1000 - 100) / VOICE_FRAME_MS * VOICE_FRAME_SAMPLES);
        playback->kind->stop(playback);
        assert_int_equal(playback->kind->ask(playback, 4000, &need, &error), STATUS_OK);
        assert_int_equal(need.wanted, 0);
        close_sound(&sound);
    }
}

static void a_recording_leaves_out_when_nobody_is_heard(void **state) {
    (void)state;
    struct sound sound = open_sound("wav", NULL, path_of("other.wav"));
    struct error error;
    for (int i = 0; i < 10; i++) {
        struct sound_frame frame = {.is_silence = i % 2 == 0, .samples = {(int16_t)i}};
        assert_int_equal(sound.playback->kind->write(sound.playback, &frame, &error), STATUS_OK);
    }
    close_sound(&sound);
    struct wav wav;
    assert_int_equal(wav_load(path_of("other.wav"), &wav, &error), STATUS_OK);
    assert_int_equal(wav.count, 5 * VOICE_FRAME_SAMPLES);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(wav.samples[i * VOICE_FRAME_SAMPLES], 2 * i + 1);
    }
    free(wav.samples);
}

static void a_recording_cut_short_still_plays(void **state) {
    (void)state;
    struct sound sound = open_sound("wav", NULL, path_of("cut.wav"));
    struct wav wav;
    struct error error;
    assert_int_equal(wav_load(path_of("cut.wav"), &wav, &error), STATUS_OK);
    assert_int_equal(wav.count, 0);
    free(wav.samples);
    const int16_t samples[VOICE_FRAME_SAMPLES] = {1, 2, 3};
    for (unsigned frame = 0; frame < 75; frame++) {
        write_next(&sound, samples);
    }
    /* Not closed: this is what a killed program leaves. */
    assert_int_equal(wav_load(path_of("cut.wav"), &wav, &error), STATUS_OK);
    assert_in_range(wav.count, VOICE_RATE, 75 * VOICE_FRAME_SAMPLES);
    assert_int_equal(wav.samples[VOICE_FRAME_SAMPLES + 2], 3);
    free(wav.samples);
    close_sound(&sound);
    assert_int_equal(wav_load(path_of("cut.wav"), &wav, &error), STATUS_OK);
    assert_int_equal(wav.count, 75 * VOICE_FRAME_SAMPLES);
    free(wav.samples);
}

static void files_that_cannot_be_used_are_named(void **state) {
    (void)state;
    expect_refused("wav", path_of("none.wav"), NULL, STATUS_NOT_FOUND, "none.wav");
    expect_refused("wav", folder, NULL, STATUS_IO_FAILED, folder);
    expect_refused("wav", "Makefile", NULL, STATUS_MALFORMED, "Makefile: not a sound file");
    expect_refused("wav", NULL, "/nowhere/at/all.wav", STATUS_IO_FAILED, "/nowhere/at/all.wav");
}

/* Whatever the umask is, and whatever others could read of a file that was there. */
static void a_recording_is_its_owners_alone(void **state) {
    (void)state;
    static const char old[] = "what was there";
    mode_t before = umask(0);
    for (int i = 0; i < 2; i++) {
        const char *path = path_of(i == 0 ? "new.wav" : "old.wav");
        struct stat about;
        if (i == 1) {
            write_file(path, old, sizeof old);
            assert_int_equal(chmod(path, 0666), 0);
        }
        struct sound sound = open_sound("wav", NULL, path);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
        assert_int_equal(about.st_size, WAV_HEADER_SIZE);
        close_sound(&sound);
    }
    umask(before);
}

static void a_full_disk_is_reported(void **state) {
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    expect_refused("wav", NULL, "/dev/full", STATUS_NO_SPACE, "/dev/full");
}

static void a_tone_has_its_frequency(void **state) {
    (void)state;
    struct sound sound = open_sound("tone", "440", NULL);
    unsigned rises = 0;
    int16_t before = 0;
    for (unsigned frame = 0; frame < 100; frame++) {
        int16_t samples[VOICE_FRAME_SAMPLES];
        assert_true(read_next(&sound, samples));
        for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
            rises += before <= 0 && samples[i] > 0;
            before = samples[i];
        }
        assert_in_range(voice_level(samples), 70, 90);
    }
    assert_int_equal(rises, 2 * 440);
    close_sound(&sound);
    const char *const wrong[] = {"", "0", "-5", "8000", "440Hz", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_refused("tone", wrong[i], NULL, STATUS_MALFORMED, "frequency");
    }
    expect_refused("tone", "440", "file.wav", STATUS_UNSUPPORTED, "record");
}

static void silence_is_silent_without_end(void **state) {
    (void)state;
    struct sound sound = open_sound("silence", NULL, NULL);
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (unsigned frame = 0; frame < 10; frame++) {
        samples[7] = 1;
        assert_false(read_next(&sound, samples));
        assert_int_equal(voice_level(samples), 0);
        write_next(&sound, samples);
    }
    close_sound(&sound);
    expect_refused("silence", "file.wav", NULL, STATUS_UNSUPPORTED, "no file");
    expect_refused("silence", NULL, "file.wav", STATUS_UNSUPPORTED, "no file");
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    (void)state;
    const char *const names[] = {"copy.wav", "cut.wav", "other.wav", "new.wav", "old.wav"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unlink(path_of(names[i]));
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_found_by_name),
        cmocka_unit_test(what_is_recorded_plays_back),
        cmocka_unit_test(a_source_ends_in_silence_and_begins_anew_when_started),
        cmocka_unit_test(a_microphone_gives_a_frame_each_20_ms_and_stamps_it),
        cmocka_unit_test(a_microphone_holds_a_second_and_its_clock_runs_on),
        cmocka_unit_test(a_loudspeaker_wants_what_is_due_and_no_more_than_100_ms),
        cmocka_unit_test(a_recording_leaves_out_when_nobody_is_heard),
        cmocka_unit_test(a_recording_cut_short_still_plays),
        cmocka_unit_test(files_that_cannot_be_used_are_named),
        cmocka_unit_test(a_recording_is_its_owners_alone),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_tone_has_its_frequency),
        cmocka_unit_test(silence_is_silent_without_end),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
