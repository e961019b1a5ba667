/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound card that is not there, and one that gives zeros, by ALSA itself and without hardware.
 * That sound really passes is tests/sound/check_sound's matter. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/alsa/card.h"
#include "app/sound/alsa/join.h"
#include "app/sound/sound.h"
#include "tests/app/scratch.h"

enum {
    TRIES = 2000, /* 20 s: far more than it takes */
    TRY_US = 10000
};

/* ALSA knows that device alone. */
static void configure(void **state, const char *text) {
    const char *path = scratch_path(state, "asound.conf");
    scratch_write(path, span_of_text(text));
    setenv("ALSA_CONFIG_PATH", path, 1);
}

static void a_card_that_is_not_there_is_opened_and_said_to_be_missing(void **state) {
    struct capture *capture;
    struct playback *playback;
    struct error error;
    configure(state, "pcm.other { type null }\n");
    assert_int_equal(sound_open("alsa", NULL, NULL, &capture, &playback, &error), STATUS_OK);
    enum status in = STATUS_OK, out = STATUS_OK;
    for (int i = 0; i < TRIES && (in == STATUS_OK || out == STATUS_OK); i++) {
        usleep(TRY_US);
        in = capture->kind->look(capture, &error);
        out = playback->kind->look(playback, &error);
    }
    assert_int_equal(in, STATUS_NOT_FOUND);
    assert_int_equal(out, STATUS_NOT_FOUND);
    capture->kind->close(capture);
    assert_int_equal(playback->kind->close(playback, &error), STATUS_OK);
}

/* And another device can be chosen while it is in use: the one that is there. */
static void zeros_are_a_microphone_that_is_muted_or_gone(void **state) {
    struct capture *capture;
    struct error error;
    struct sound_frame frame;
    bool there;
    configure(state, "pcm.other { type null }\n");
    assert_int_equal(capture_alsa.open("missing", &capture, &error), STATUS_OK);
    enum status status = STATUS_OK;
    for (int i = 0; i < TRIES && status == STATUS_OK; i++) {
        usleep(TRY_US);
        status = capture->kind->look(capture, &error);
    }
    assert_int_equal(status, STATUS_NOT_FOUND);
    assert_int_equal(capture->kind->choose(capture, "other", &error), STATUS_OK);
    for (int i = 0; i < TRIES && status != STATUS_OK; i++) {
        usleep(TRY_US);
        status = capture->kind->look(capture, &error);
    }
    assert_int_equal(status, STATUS_OK);
    for (int talk = 0; talk < 3; talk++) {
        assert_int_equal(capture->kind->start(capture, card_now_ms(), &error), STATUS_OK);
        status = STATUS_OK;
        for (int i = 0; i < TRIES && status == STATUS_OK; i++) {
            usleep(TRY_US);
            status = capture->kind->read(capture, card_now_ms(), &frame, &there, &error);
            /* Once it was mute, zeros are no speech any more. */
            assert_true(talk == 0 || !there);
        }
        assert_int_equal(status, STATUS_FILE_GONE);
        assert_non_null(strstr(error.text, "muted or gone"));
        assert_int_equal(capture->kind->look(capture, &error), STATUS_FILE_GONE);
    }
    struct sound_state told;
    capture->kind->tell(capture, &told);
    assert_string_equal(told.device, "other");
    assert_true(told.treatment.suppresses_noise);
    capture->kind->close(capture);
}

/* With a headset there is no echo, in a call and whenever that is said. */
static void with_a_headset_nobody_says_what_the_loudspeaker_is_given(void **state) {
    struct capture *capture;
    struct reference *reference;
    struct error error;
    configure(state, "pcm.mute { type null }\n");
    assert_int_equal(capture_alsa.open("mute", &capture, &error), STATUS_OK);
    assert_int_equal(reference_new(&reference, &error), STATUS_OK);
    alsa_capture_hear(capture, reference);
    capture->kind->face(capture, true);
    assert_true(reference_is_wanted(reference));
    capture->kind->treat(capture, (struct sound_treatment){.has_headset = true});
    assert_false(reference_is_wanted(reference));
    capture->kind->face(capture, false);
    capture->kind->face(capture, true);
    assert_false(reference_is_wanted(reference));
    capture->kind->treat(capture, (struct sound_treatment){.has_headset = false});
    assert_true(reference_is_wanted(reference));
    capture->kind->face(capture, false);
    assert_false(reference_is_wanted(reference));
    capture->kind->close(capture);
    reference_release(reference);
}

/* The least noise there is, for as long as anybody reads `path`: the device asks for it as fast as
 * it can, so that a file would end, sooner or later. */
static pid_t make_noise(const char *path) {
    pid_t parent = getpid();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int16_t noise[4096];
        for (size_t i = 0; i < sizeof noise / sizeof *noise; i++) {
            noise[i] = i % 2 == 0 ? 1 : -1;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int file = getppid() == parent ? open(path, O_WRONLY) : -1;
        while (file >= 0 && write(file, noise, sizeof noise) > 0) {
        }
        _exit(0);
    }
    return child;
}

/* However quiet the room is, and although all of that noise is taken out of it. */
static void a_quiet_room_is_not_a_microphone_that_is_mute(void **state) {
    struct capture *capture;
    struct error error;
    struct sound_frame frame;
    bool there = false;
    char text[600];
    const char *path = scratch_path(state, "noise");
    assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
    pid_t room = make_noise(path);
    snprintf(text, sizeof text,
             "pcm.mute { type null }\n"
             "pcm.room { type file slave.pcm mute file /dev/null infile \"%s\" format raw }\n",
             path);
    configure(state, text);
    assert_int_equal(capture_alsa.open("mute", &capture, &error), STATUS_OK);
    enum status status = STATUS_OK;
    assert_int_equal(capture->kind->start(capture, card_now_ms(), &error), STATUS_OK);
    for (int i = 0; i < TRIES && status == STATUS_OK; i++) {
        usleep(TRY_US);
        status = capture->kind->read(capture, card_now_ms(), &frame, &there, &error);
    }
    assert_int_equal(status, STATUS_FILE_GONE);
    assert_int_equal(capture->kind->choose(capture, "room", &error), STATUS_OK);
    usleep(20 * TRY_US);
    assert_int_equal(capture->kind->start(capture, card_now_ms(), &error), STATUS_OK);
    status = STATUS_OK;
    for (int i = 0; i < TRIES && status == STATUS_OK && !there; i++) {
        usleep(TRY_US);
        status = capture->kind->read(capture, card_now_ms(), &frame, &there, &error);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(there);
    capture->kind->close(capture);
    kill(room, SIGKILL);
    assert_int_equal(waitpid(room, NULL, 0), room);
}

/* A device that waits for ever for a server, so to say: nobody writes into the file it reads. */
static void a_device_that_hangs_is_told_and_does_not_keep_the_program(void **state) {
    struct capture *capture;
    struct error error;
    char text[600];
    const char *path = scratch_path(state, "fifo");
    assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
    snprintf(text, sizeof text,
             "pcm.mute { type null }\n"
             "pcm.hung { type file slave.pcm mute file /dev/null infile \"%s\" format raw }\n",
             path);
    configure(state, text);
    assert_int_equal(capture_alsa.open("hung", &capture, &error), STATUS_OK);
    enum status status = STATUS_OK;
    for (int i = 0; i < TRIES && status == STATUS_OK; i++) {
        usleep(TRY_US);
        status = capture->kind->look(capture, &error);
    }
    assert_int_equal(status, STATUS_IO_FAILED);
    assert_non_null(strstr(error.text, "does not answer"));
    capture->kind->close(capture); /* which comes back, although the thread does not */
    int writer = open(path, O_WRONLY | O_NONBLOCK);
    assert_true(writer >= 0);
    close(writer);
    usleep(20 * TRY_US);
    capture->kind->close(capture);
}

/* The signals that the one other thread blocks, a bit each. */
static unsigned long long blocked_beside(void) {
    unsigned long long blocked = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], line[200];
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *file =
            atoi(entry->d_name) == 0 || atoi(entry->d_name) == getpid() ? NULL : fopen(path, "r");
        while (file != NULL && fgets(line, sizeof line, file) != NULL) {
            (void)sscanf(line, "SigBlk: %llx", &blocked);
        }
        if (file != NULL) {
            fclose(file);
        }
    }
    closedir(tasks);
    return blocked;
}

static bool is_blocked(unsigned long long blocked, int number) {
    return (blocked >> (number - 1) & 1) != 0;
}

/* What a thread breaks itself has to reach it: the handler gives the terminal back. While a thread
 * is made, it blocks everything. */
static void threads_of_sound_take_the_signals_of_their_own_faults_alone(void **state) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct capture *capture;
    struct error error;
    configure(state, "pcm.other { type null }\n");
    assert_int_equal(capture_alsa.open("other", &capture, &error), STATUS_OK);
    unsigned long long blocked = blocked_beside();
    for (int i = 0; i < 100 && (blocked == 0 || is_blocked(blocked, SIGSEGV)); i++) {
        usleep(TRY_US);
        blocked = blocked_beside();
    }
    assert_true(is_blocked(blocked, SIGTERM));
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        assert_false(is_blocked(blocked, own[i]));
    }
    capture->kind->close(capture);
}

/* A monitor's loudspeaker that goes takes no microphone with it. */
static void cards_are_known_by_what_they_can_do(void **state) {
    static const char *const files[] = {"controlC0", "pcmC0D0p",  "pcmC0D0c",
                                        "pcmC1D3p",  "controlC2", "pcmC31D0c",
                                        "pcmC32D0c", "pcmC5D0cx", "timer"};
    const char *folder = ((const struct scratch *)*state)->folder;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        scratch_write(scratch_path(state, files[i]), span_of_text(""));
    }
    assert_int_equal(card_present(folder, SND_PCM_STREAM_PLAYBACK), 1u << 0 | 1u << 1);
    assert_int_equal(card_present(folder, SND_PCM_STREAM_CAPTURE), 1u << 0 | 1u << 31);
    assert_int_equal(card_present("/nowhere", SND_PCM_STREAM_CAPTURE), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_that_is_not_there_is_opened_and_said_to_be_missing,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(zeros_are_a_microphone_that_is_muted_or_gone, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(with_a_headset_nobody_says_what_the_loudspeaker_is_given,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_quiet_room_is_not_a_microphone_that_is_mute,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_device_that_hangs_is_told_and_does_not_keep_the_program,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(threads_of_sound_take_the_signals_of_their_own_faults_alone,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(cards_are_known_by_what_they_can_do, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
