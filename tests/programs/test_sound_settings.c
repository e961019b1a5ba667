/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sound begins with: what the command line says, else what was set before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/programs/sound_settings.h"
#include "app/programs/sounding.h"
#include "tests/programs/voice_scene.h"

/* A sound card that only notes what is done to it. */
struct card {
    struct capture capture;
    struct playback playback;
    char microphone[SOUND_NAME_SIZE], loudspeaker[SOUND_NAME_SIZE];
    struct sound_treatment treatment;
    bool is_busy;
} card;

static enum status choose_into(char *name, const char *device) {
    if (card.is_busy) {
        return STATUS_BUSY;
    }
    snprintf(name, SOUND_NAME_SIZE, "%s", device);
    return STATUS_OK;
}

static enum status choose_microphone(struct capture *capture, const char *device,
                                     struct error *error) {
    (void)capture;
    (void)error;
    return choose_into(card.microphone, device);
}

static enum status choose_loudspeaker(struct playback *playback, const char *device,
                                      struct error *error) {
    (void)playback;
    (void)error;
    return choose_into(card.loudspeaker, device);
}

static void treat(struct capture *capture, struct sound_treatment treatment) {
    (void)capture;
    card.treatment = treatment;
}

static void tell(const struct capture *capture, struct sound_state *state) {
    (void)capture;
    *state = (struct sound_state){.treatment = card.treatment};
}

static const struct capture_kind capture_kind = {
    .name = "card", .choose = choose_microphone, .treat = treat, .tell = tell};
static const struct playback_kind playback_kind = {.name = "card", .choose = choose_loudspeaker};

/* The path of a handset with that card, which is as it was opened. */
static struct voice_path path_of(struct handset *handset) {
    card = (struct card){.capture.kind = &capture_kind,
                         .playback.kind = &playback_kind,
                         .microphone = "opened",
                         .loudspeaker = "opened"};
    return (struct voice_path){
        .capture = &card.capture, .playback = &card.playback, .handset = handset};
}

static enum status carry_out(struct voice_path *path, struct squad *squad, struct command command) {
    struct event problem = {.kind = EVENT_NONE};
    assert_true(sounding_carry_out(path, squad_now(squad, 0), &command, &problem));
    return problem.kind == EVENT_NONE ? STATUS_OK : STATUS_NOT_ALLOWED;
}

static void set_all(struct voice_path *path, struct squad *squad) {
    const struct command commands[] = {
        {.kind = COMMAND_MICROPHONE, .name = "hw:7"},
        {.kind = COMMAND_LOUDSPEAKER, .name = "hw:8"},
        {.kind = COMMAND_GAIN, .on = 9},
        {.kind = COMMAND_NOISE, .on = 0},
        {.kind = COMMAND_HEADSET, .on = 1},
        {.kind = COMMAND_PERMIT_TONE, .on = 0},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        assert_int_equal(carry_out(path, squad, commands[i]), STATUS_OK);
    }
}

/* The handset has what was set above, and is started anew with *wishes. */
static struct voice_path start_with(struct squad *squad, const struct sound_wishes *wishes) {
    squad_run(squad, 1000);
    squad_restart(squad, 0, true);
    struct voice_path path = path_of(squad->handsets[0].engine);
    sound_settings_begin(&path, squad_now(squad, 0), wishes);
    return path;
}

static void what_was_set_is_there_at_the_next_start(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct voice_path path = path_of(squad->handsets[0].engine);
    sound_settings_begin(&path, squad_now(squad, 0), &(struct sound_wishes){0});
    assert_string_equal(card.microphone, "opened"); /* nothing was set */
    assert_true(card.treatment.suppresses_noise);
    assert_false(card.treatment.has_headset);
    assert_false(path.tones.has_no_permit);
    set_all(&path, squad);
    assert_string_equal(card.microphone, "hw:7");
    assert_true(card.treatment.has_headset);
    path = start_with(squad, &(struct sound_wishes){0});
    assert_string_equal(card.microphone, "hw:7");
    assert_string_equal(card.loudspeaker, "hw:8");
    assert_int_equal(card.treatment.gain_db, 9);
    assert_false(card.treatment.suppresses_noise);
    assert_true(card.treatment.has_headset);
    assert_true(path.tones.has_no_permit);
    squad_free(squad);
}

static void the_command_line_comes_first_and_is_not_remembered(void **state) {
    const struct sound_wishes wishes = {.has_microphone = true,
                                        .has_loudspeaker = true,
                                        .has_gain = true,
                                        .gain_db = 0,
                                        .suppression = SOUND_ON,
                                        .headset = SOUND_OFF,
                                        .permit_tone = SOUND_ON,
                                        .longest_talk_ms = 20000};
    (void)state;
    struct squad *squad = squad_new(1);
    struct voice_path path = path_of(squad->handsets[0].engine);
    set_all(&path, squad);
    path = start_with(squad, &wishes);
    assert_string_equal(card.microphone, "opened");
    assert_string_equal(card.loudspeaker, "opened");
    assert_int_equal(card.treatment.gain_db, 0);
    assert_true(card.treatment.suppresses_noise);
    assert_false(card.treatment.has_headset);
    assert_false(path.tones.has_no_permit);
    assert_int_equal(squad_view(squad, 0)->settings.longest_talk_ms, 20000);
    /* What is changed then is remembered, and nothing else is. */
    assert_int_equal(carry_out(&path, squad, (struct command){.kind = COMMAND_GAIN, .on = 3}),
                     STATUS_OK);
    path = start_with(squad, &(struct sound_wishes){0});
    assert_int_equal(card.treatment.gain_db, 3);
    assert_false(card.treatment.suppresses_noise);
    assert_true(card.treatment.has_headset);
    assert_true(path.tones.has_no_permit);
    assert_string_equal(card.microphone, "hw:7");
    assert_int_equal(squad_view(squad, 0)->settings.longest_talk_ms, SETTINGS_LONGEST_TALK_MS);
    squad_free(squad);
}

static void a_device_that_is_not_taken_is_not_remembered(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct voice_path path = path_of(squad->handsets[0].engine);
    card.is_busy = true;
    assert_int_equal(
        carry_out(&path, squad, (struct command){.kind = COMMAND_MICROPHONE, .name = "hw:7"}),
        STATUS_NOT_ALLOWED);
    assert_string_equal(squad_view(squad, 0)->settings.microphone, "");
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_set_is_there_at_the_next_start),
        cmocka_unit_test(the_command_line_comes_first_and_is_not_remembered),
        cmocka_unit_test(a_device_that_is_not_taken_is_not_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
