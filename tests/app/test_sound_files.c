/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound files as other tools write them, each heard as what is in it. */
#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/sound/sound.h"
#include "app/sound/wav.h"
#include "app/voice/likeness.h"
#include "tests/app/voice_fixture.h"

enum {
    CHANNELS_MAX = 8,
    TONE_HZ = 440,
    PARTS_OF_A_SECOND = 4, /* that a tone lasts */
    EDGE = 400,            /* samples at either end, where a filter knows only half of its window */
    HEADER_SAMPLES = 1000,
    DATA_SIZE_AT = 40,
};

static const double loudness = 0.5 * 32768;

static char folder[] = "/tmp/muster-files-XXXXXX";
static char path[sizeof folder + 10];

static void write_octets(const void *octets, size_t length) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static SNDFILE *create(int form, int rate, int channels) {
    SF_INFO info = {.format = form, .samplerate = rate, .channels = channels};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    if (file == NULL) {
        fail_msg("format %x, %d Hz, %d channels: %s", (unsigned)form, rate, channels,
                 sf_strerror(NULL));
    }
    return file;
}

/* A quarter of a second of a tone whose mean over the channels is half of full scale, and which is
 * louder in each channel than in the one before. */
static void write_tone(int form, int rate, int channels, double hz) {
    SNDFILE *file = create(form, rate, channels);
    int frames = rate / PARTS_OF_A_SECOND;
    double *samples = calloc((size_t)frames * CHANNELS_MAX, sizeof *samples);
    assert_non_null(samples);
    for (int i = 0; i < frames * channels; i++) {
        double part = 2.0 * (i % channels + 1) / (channels + 1);
        samples[i] = 0.5 * part * sin(2 * M_PI * hz * (i / channels) / rate);
    }
    assert_int_equal(sf_writef_double(file, samples, frames), frames);
    assert_int_equal(sf_close(file), 0);
    free(samples);
}

static struct wav load(void) {
    struct wav wav;
    struct error error = {0};
    if (wav_load(path, &wav, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return wav;
}

/* How far what was read is from the tone at most, as a part of its loudness. */
static double distance_from_tone(const struct wav *wav) {
    double most = 0;
    for (size_t i = EDGE; i + EDGE < wav->count; i++) {
        double expected = loudness * sin(2 * M_PI * TONE_HZ * (double)i / VOICE_RATE);
        most = fmax(most, fabs(wav->samples[i] - expected));
    }
    return most / loudness;
}

static const struct {
    int form;
    double exactness; /* part of the loudness */
} forms[] = {
    {SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 0.03},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_24, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_32, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_ALAW, 0.08},
    {SF_FORMAT_WAV | SF_FORMAT_ULAW, 0.08},
    {SF_FORMAT_WAVEX | SF_FORMAT_PCM_U8, 0.03},
    {SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 0.005},
    {SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 0.005},
    {SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, 0.005},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, 0.005}, /* RIFX */
    {SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 0.005},
    {SF_FORMAT_W64 | SF_FORMAT_PCM_24, 0.005},
    {SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 0.005},
    {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 0.005},
};

static void a_tone_sounds_the_same_from_every_form_rate_and_number_of_channels(void **state) {
    (void)state;
    static const int rates[] = {8000,  11025, 12000, 16000, 22050,  24000, 32000,
                                44100, 48000, 88200, 96000, 176400, 192000};
    static const int channels[] = {1, 2, 6};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (size_t rate = 0; rate < sizeof rates / sizeof rates[0]; rate++) {
            for (size_t n = 0; n < sizeof channels / sizeof channels[0]; n++) {
                write_tone(forms[i].form, rates[rate], channels[n], TONE_HZ);
                struct wav wav = load();
                assert_in_range(wav.count, VOICE_RATE / PARTS_OF_A_SECOND - 2,
                                VOICE_RATE / PARTS_OF_A_SECOND + 2);
                double distance = distance_from_tone(&wav);
                free(wav.samples);
                if (distance > forms[i].exactness) {
                    fail_msg("format %x, %d Hz, %d channels: %.4f from the tone",
                             (unsigned)forms[i].form, rates[rate], channels[n], distance);
                }
            }
        }
    }
}

/* It would be heard as another tone. */
static void what_is_too_high_for_the_rate_of_voice_is_left_out(void **state) {
    (void)state;
    write_tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, 12000);
    struct wav wav = load();
    for (size_t i = EDGE; i + EDGE < wav.count; i++) {
        assert_true(abs(wav.samples[i]) < loudness / 100);
    }
    free(wav.samples);
}

static void sixteen_bits_at_the_rate_of_voice_stay_as_they_are(void **state) {
    (void)state;
    for (int channels = 1; channels <= 2; channels++) {
        static short samples[2 * (UINT16_MAX + 1)];
        for (int i = 0; i < channels * (UINT16_MAX + 1); i++) {
            samples[i] = (short)(INT16_MIN + i / channels);
        }
        SNDFILE *file = create(SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, VOICE_RATE, channels);
        assert_int_equal(sf_writef_short(file, samples, UINT16_MAX + 1), UINT16_MAX + 1);
        assert_int_equal(sf_close(file), 0);
        struct wav wav = load();
        assert_int_equal(wav.count, UINT16_MAX + 1);
        for (int value = INT16_MIN; value <= INT16_MAX; value++) {
            assert_int_equal(wav.samples[value - INT16_MIN], value);
        }
        free(wav.samples);
    }
}

static void what_is_no_loudness_or_too_loud_is_clipped(void **state) {
    (void)state;
    const float values[] = {0.5F, 2, -3, 1e38F, (float)-INFINITY, (float)NAN, -0.5F};
    const int16_t expected[] = {16384, INT16_MAX, INT16_MIN, INT16_MAX, INT16_MIN, 0, -16384};
    SNDFILE *file = create(SF_FORMAT_WAV | SF_FORMAT_FLOAT, VOICE_RATE, 1);
    assert_int_equal(sf_writef_float(file, values, 7), 7);
    assert_int_equal(sf_close(file), 0);
    struct wav wav = load();
    assert_int_equal(wav.count, 7);
    assert_memory_equal(wav.samples, expected, sizeof expected);
    free(wav.samples);
}

/* Telephone recordings, in a second channel silence: still the words, from the microphone. */
static void speech_is_heard_through_the_microphone(void **state) {
    (void)state;
    struct wav words = voice_fixture("medic");
    SNDFILE *file = create(SF_FORMAT_WAV | SF_FORMAT_ULAW, VOICE_RATE, 2);
    short *frames = calloc(words.count, 2 * sizeof *frames);
    assert_non_null(frames);
    for (size_t i = 0; i < words.count; i++) {
        frames[2 * i] = words.samples[i];
    }
    assert_int_equal(sf_writef_short(file, frames, (sf_count_t)words.count), words.count);
    assert_int_equal(sf_close(file), 0);
    free(frames);
    struct capture *capture;
    struct playback *playback;
    struct error error;
    assert_int_equal(sound_open("wav", path, NULL, &capture, &playback, &error), STATUS_OK);
    assert_int_equal(capture->kind->start(capture, 0, &error), STATUS_OK);
    int16_t *heard = calloc(words.count + VOICE_FRAME_SAMPLES, sizeof *heard);
    assert_non_null(heard);
    int64_t now_ms = 0;
    for (size_t at = 0; at < words.count; at += VOICE_FRAME_SAMPLES) {
        struct sound_frame frame;
        bool there;
        now_ms += VOICE_FRAME_MS;
        assert_int_equal(capture->kind->read(capture, now_ms, &frame, &there, &error), STATUS_OK);
        assert_true(there && !frame.is_silence);
        memcpy(heard + at, frame.samples, sizeof frame.samples);
    }
    double score = 0;
    assert_int_equal(likeness((struct recording){words.samples, words.count},
                              (struct recording){heard, words.count}, &score, NULL),
                     STATUS_OK);
    assert_true(score > 0.95);
    capture->kind->close(capture);
    assert_int_equal(playback->kind->close(playback, &error), STATUS_OK);
    free(heard);
    free(words.samples);
}

struct counted {
    uint8_t octets[WAV_HEADER_SIZE + 2 * HEADER_SAMPLES];
};

static void put_little_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/* A plain file whose samples are 1, 2, 3 ... */
static struct counted counted_file(uint32_t riff_size, uint32_t data_size) {
    struct counted file;
    wav_header(HEADER_SAMPLES, file.octets);
    put_little_u32(file.octets + 4, riff_size);
    put_little_u32(file.octets + DATA_SIZE_AT, data_size);
    for (unsigned i = 0; i < HEADER_SAMPLES; i++) {
        file.octets[WAV_HEADER_SIZE + 2 * i] = (uint8_t)(i + 1);
        file.octets[WAV_HEADER_SIZE + 2 * i + 1] = (uint8_t)((i + 1) >> 8);
    }
    return file;
}

static void expect_counted(const struct wav *wav, size_t count) {
    assert_int_equal(wav->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(wav->samples[i], i + 1);
    }
}

static void a_stream_of_unknown_size_plays_to_its_end(void **state) {
    (void)state;
    static const uint32_t sizes[][2] = {
        {0, 0},
        {8, 0},
        {36, 0},
        {UINT32_MAX, 0},
        {UINT32_MAX, UINT32_MAX},
        {0, UINT32_MAX},
        {UINT32_MAX - 8, UINT32_MAX - 44},
        {INT32_MAX, INT32_MAX - 36},
        {0x80000024, 0x80000000},
        {36 + 2 * HEADER_SAMPLES, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct counted file = counted_file(sizes[i][0], sizes[i][1]);
        write_octets(file.octets, sizeof file.octets);
        struct wav wav = load();
        expect_counted(&wav, HEADER_SAMPLES);
        free(wav.samples);
    }
}

static void a_pipe_is_read_as_a_file_is(void **state) {
    (void)state;
    struct counted file = counted_file(UINT32_MAX, UINT32_MAX);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], file.octets, sizeof file.octets), sizeof file.octets);
    close(ends[1]);
    char name[40];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    struct wav wav;
    struct error error;
    assert_int_equal(wav_load(name, &wav, &error), STATUS_OK);
    close(ends[0]);
    expect_counted(&wav, HEADER_SAMPLES);
    free(wav.samples);
}

static void other_chunks_are_skipped_on_either_side(void **state) {
    (void)state;
    const uint8_t list[] = {'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0};
    struct counted file =
        counted_file(36 + 2 * HEADER_SAMPLES + 2 * sizeof list, 2 * HEADER_SAMPLES);
    uint8_t octets[sizeof file.octets + 2 * sizeof list];
    const size_t data_at = DATA_SIZE_AT - 4;
    memcpy(octets, file.octets, data_at);
    memcpy(octets + data_at, list, sizeof list);
    memcpy(octets + data_at + sizeof list, file.octets + data_at, sizeof file.octets - data_at);
    memcpy(octets + sizeof file.octets + sizeof list, list, sizeof list);
    write_octets(octets, sizeof octets);
    struct wav wav = load();
    expect_counted(&wav, HEADER_SAMPLES);
    free(wav.samples);
}

/* Remarks that break the rules of their form: cut short, without the octet that makes them even, or
 * with one that is not 0. */
static void faulty_remarks_before_the_samples_do_no_harm(void **state) {
    (void)state;
    static const struct {
        size_t length;
        const char *chunk;
    } remarks[] = {
        {11, "JUNK\3\0\0\0abc"},
        {12, "JUNK\3\0\0\0abcd"},
        {17, "LIST\11\0\0\0INFOISFTA"},
        {20, "LIST\13\0\0\0INFOISFT\377\377\377\0"},
        {21, "LIST\15\0\0\0INFOISFT\5\0\0\0A"},
        {12, "\1\2\3\4\4\0\0\0abcd"},
        {12, "\1\2\3\4\3\0\0\0abc"},
    };
    const size_t data_at = DATA_SIZE_AT - 4;
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
        struct counted file = counted_file(36 + 2 * HEADER_SAMPLES, 2 * HEADER_SAMPLES);
        uint8_t octets[sizeof file.octets + 32];
        size_t length = remarks[i].length;
        memcpy(octets, file.octets, data_at);
        memcpy(octets + data_at, remarks[i].chunk, length);
        memcpy(octets + data_at + length, file.octets + data_at, sizeof file.octets - data_at);
        write_octets(octets, sizeof file.octets + length);
        struct wav wav = load();
        expect_counted(&wav, HEADER_SAMPLES);
        free(wav.samples);
    }
}

/* Where a recording would be that nobody finished, there is another chunk. */
static void an_empty_file_is_told_from_an_unfinished_one(void **state) {
    (void)state;
    const uint8_t list[] = {'L', 'I', 'S', 'T', 4, 0, 0, 0, 'a', 'b', 'c', 'd'};
    uint8_t octets[WAV_HEADER_SIZE + sizeof list];
    wav_header(0, octets);
    put_little_u32(octets + 4, WAV_HEADER_SIZE - 8 + sizeof list);
    memcpy(octets + WAV_HEADER_SIZE, list, sizeof list);
    write_octets(octets, sizeof octets);
    struct wav wav = load();
    assert_int_equal(wav.count, 0);
    free(wav.samples);
}

static void a_file_that_is_cut_short_plays_as_far_as_it_goes(void **state) {
    (void)state;
    struct counted file = counted_file(36 + 2 * HEADER_SAMPLES, 2 * HEADER_SAMPLES);
    for (size_t length = 0; length < WAV_HEADER_SIZE + 20; length++) {
        write_octets(file.octets, length);
        struct wav wav;
        struct error error = {0};
        enum status status = wav_load(path, &wav, &error);
        if (length >= WAV_HEADER_SIZE) {
            assert_int_equal(status, STATUS_OK);
            expect_counted(&wav, (length - WAV_HEADER_SIZE) / 2);
        } else if (status == STATUS_OK) {
            assert_int_equal(wav.count, 0);
        } else {
            assert_non_null(strstr(error.text, path));
            assert_null(wav.samples);
        }
        free(wav.samples);
    }
}

/* Whatever stands in a header: a sound, or a refusal that names the file. */
static void a_damaged_header_is_survived(void **state) {
    (void)state;
    static const uint8_t values[] = {0, 1, 2, 0x7F, 0x80, 0xFF};
    for (size_t at = 0; at < WAV_HEADER_SIZE; at++) {
        for (size_t i = 0; i < sizeof values; i++) {
            struct counted file = counted_file(36 + 2 * HEADER_SAMPLES, 2 * HEADER_SAMPLES);
            file.octets[at] = values[i];
            write_octets(file.octets, sizeof file.octets);
            struct wav wav;
            struct error error = {0};
            if (wav_load(path, &wav, &error) != STATUS_OK) {
                assert_non_null(strstr(error.text, path));
                assert_null(wav.samples);
            }
            free(wav.samples);
        }
    }
}

static void expect_refused(enum status status, const char *words) {
    struct capture *capture = NULL;
    struct playback *playback = NULL;
    struct error error = {0};
    assert_int_equal(sound_open("wav", path, NULL, &capture, &playback, &error), status);
    assert_null(capture);
    assert_null(playback);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, words));
}

static void what_cannot_be_heard_is_named(void **state) {
    (void)state;
    static const char text[] = "This is a letter, and nobody can hear it.\n";
    uint8_t header[WAV_HEADER_SIZE];
    wav_header(0, header);
    write_octets(header, sizeof header);
    expect_refused(STATUS_TRUNCATED, "test.wav has no samples");
    write_octets("", 0);
    expect_refused(STATUS_TRUNCATED, "the file is empty");
    write_octets(text, sizeof text);
    expect_refused(STATUS_MALFORMED, "not a sound file");
    write_tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2000, 1, TONE_HZ);
    expect_refused(STATUS_UNSUPPORTED, "2000 samples a second; it must be 4000 to 384000");
    struct counted file = counted_file(36 + 2 * HEADER_SAMPLES, 2 * HEADER_SAMPLES);
    file.octets[20] = 0x99; /* the encoding */
    write_octets(file.octets, sizeof file.octets);
    expect_refused(STATUS_UNSUPPORTED, "a sound file that cannot be read: ");
}

static void what_is_too_long_is_refused(void **state) {
    (void)state;
    uint8_t header[WAV_HEADER_SIZE];
    wav_header(WAV_SAMPLES_MAX + 1, header);
    write_octets(header, sizeof header);
    assert_int_equal(truncate(path, WAV_HEADER_SIZE + 2L * (WAV_SAMPLES_MAX + 1)), 0);
    expect_refused(STATUS_TOO_LONG, "longer than 18 minutes");
    wav_header(WAV_SAMPLES_MAX, header);
    write_octets(header, sizeof header);
    assert_int_equal(truncate(path, WAV_HEADER_SIZE + 2L * WAV_SAMPLES_MAX), 0);
    struct wav wav = load();
    assert_int_equal(wav.count, WAV_SAMPLES_MAX);
    free(wav.samples);
    assert_int_equal(truncate(path, WAV_FILE_MAX + 1L), 0);
    expect_refused(STATUS_TOO_LONG, "a sound file over 128 MiB");
}

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/test.wav", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_sounds_the_same_from_every_form_rate_and_number_of_channels),
        cmocka_unit_test(what_is_too_high_for_the_rate_of_voice_is_left_out),
        cmocka_unit_test(sixteen_bits_at_the_rate_of_voice_stay_as_they_are),
        cmocka_unit_test(what_is_no_loudness_or_too_loud_is_clipped),
        cmocka_unit_test(speech_is_heard_through_the_microphone),
        cmocka_unit_test(a_stream_of_unknown_size_plays_to_its_end),
        cmocka_unit_test(a_pipe_is_read_as_a_file_is),
        cmocka_unit_test(other_chunks_are_skipped_on_either_side),
        cmocka_unit_test(faulty_remarks_before_the_samples_do_no_harm),
        cmocka_unit_test(an_empty_file_is_told_from_an_unfinished_one),
        cmocka_unit_test(a_file_that_is_cut_short_plays_as_far_as_it_goes),
        cmocka_unit_test(a_damaged_header_is_survived),
        cmocka_unit_test(what_cannot_be_heard_is_named),
        cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
