/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound card that is not there, and one that gives zeros, by ALSA itself and without hardware.
 * That sound really passes is tests/sound/check_sound's matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/alsa/card.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_that_is_not_there_is_opened_and_said_to_be_missing,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(zeros_are_a_microphone_that_is_muted_or_gone, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
