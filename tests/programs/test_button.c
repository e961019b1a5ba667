/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/programs/button.h without a kernel that has input devices: which button is meant, and what is
 * said when it is not there. The lab has a real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <unistd.h>

#include "app/programs/button.h"

static void a_button_is_a_name_and_perhaps_a_key(void **state) {
    (void)state;
    static const struct {
        const char *text, *name;
        int code;
    } rows[] = {
        {"Speaker Mic", "Speaker Mic", -1},
        {"Speaker Mic:KEY_PLAYPAUSE", "Speaker Mic", KEY_PLAYPAUSE},
        {"Speaker Mic:164", "Speaker Mic", 164},
        {"Pedal:BTN_0", "Pedal", BTN_0},
        {"USB: Audio: Consumer Control", "USB: Audio: Consumer Control", -1},
        {"USB: Audio:KEY_MEDIA", "USB: Audio", KEY_MEDIA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct button_choice choice;
        struct error error;
        assert_int_equal(button_parse(rows[i].text, &choice, &error), STATUS_OK);
        assert_string_equal(choice.name, rows[i].name);
        assert_int_equal(choice.code, rows[i].code);
    }
}

static void what_is_no_button_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", ":KEY_MEDIA", "Mic:KEY_FOO", "Mic:99999",
                                        "Mic:BTN_NONE"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct button_choice choice;
        struct error error;
        assert_int_equal(button_parse(wrong[i], &choice, &error), STATUS_MALFORMED);
        assert_null(strchr(error.text, '\n'));
    }
}

/* Those of the three rows, and none of a speaker microphone's or a pedal's. */
static void a_keyboard_is_told_by_its_letters(void **state) {
    (void)state;
    static const unsigned letters[] = {
        KEY_Q, KEY_W, KEY_E, KEY_R, KEY_T, KEY_Y, KEY_U, KEY_I, KEY_O, KEY_P, KEY_A, KEY_S, KEY_D,
        KEY_F, KEY_G, KEY_H, KEY_J, KEY_K, KEY_L, KEY_Z, KEY_X, KEY_C, KEY_V, KEY_B, KEY_N, KEY_M};
    size_t found = 0;
    for (unsigned code = 0; code < KEY_CNT; code++) {
        bool is_letter = false;
        for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
            is_letter = is_letter || letters[i] == code;
        }
        assert_int_equal(button_is_letter(code), is_letter);
        found += is_letter;
    }
    assert_int_equal(found, 26);
}

static void assert_not_found(const char *folder, const char *words) {
    struct button_choice choice;
    struct button *button;
    struct error error;
    assert_int_equal(button_parse("Mic:KEY_MEDIA", &choice, &error), STATUS_OK);
    assert_int_equal(button_open(folder, &choice, false, &button, &error), STATUS_NOT_FOUND);
    assert_non_null(button); /* and it waits for the device */
    assert_false(button_is_there(button));
    button_close(button);
    if (strstr(error.text, words) == NULL) {
        fail_msg("%s", error.text);
    }
}

static void a_machine_without_devices_says_so(void **state) {
    (void)state;
    char folder[] = "/tmp/muster-button-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    assert_not_found(folder, "there are none");
    snprintf(path, sizeof path, "%s/event0", folder);
    FILE *file = fopen(path, "w"); /* that is no device */
    assert_non_null(file);
    fclose(file);
    assert_not_found(folder, "there are none");
    unlink(path);
    rmdir(folder);
    assert_not_found(folder, "there are none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_button_is_a_name_and_perhaps_a_key),
        cmocka_unit_test(what_is_no_button_is_refused),
        cmocka_unit_test(a_keyboard_is_told_by_its_letters),
        cmocka_unit_test(a_machine_without_devices_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
