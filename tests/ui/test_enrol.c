/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to the first credential on a handset's own screen: what is typed and pasted becomes
 * commands, what comes of them leads on or is told where it was given, and the code is the request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/character.h"
#include "ui/qr.h"

#define PLACE "tel:+447700900077"

static struct officer begin(void (*set)(struct view *view), int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    set(officer.view);
    officer_look(&officer);
    return officer;
}

static void set_unenrolled(struct view *view) {
    view->phase = PHASE_UNENROLLED;
}

/* The worker is at it, and then has done it, or not. */
static void carry_out(struct officer *officer, const char *refusal) {
    struct view_enrolment *enrolment = &officer->view->enrolment;
    enrolment->is_busy = true;
    officer_look(officer);
    officer_press(officer, "enter");
    assert_int_equal(officer->command.kind, COMMAND_NONE); /* once is enough */
    enrolment->is_busy = false;
    snprintf(enrolment->refusal, sizeof enrolment->refusal, "%s", refusal);
}

/* As a terminal with brackets around what is pasted does it. */
static void paste(struct officer *officer, const char *text) {
    (void)ui_key(officer->ui, officer->view, PRESS_PASTE_BEGIN, &officer->command);
    while (*text != '\0') {
        uint32_t key = *text == '\n' ? (text++, (uint32_t)PRESS_ENTER) : character_next(&text);
        assert_false(ui_key(officer->ui, officer->view, key, &officer->command));
        officer_look(officer);
    }
    if (!ui_key(officer->ui, officer->view, PRESS_PASTE_END, &officer->command)) {
        officer->command.kind = COMMAND_NONE;
    }
}

static void identity_and_name_make_a_request(void **state) {
    (void)state;
    struct officer officer = begin(set_unenrolled, 80, 24);
    officer_press(&officer, "r");
    officer_press(&officer, "enter enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Type the identity"));
    officer_type(&officer, PLACE);
    officer_press(&officer, "enter");
    officer_type(&officer, "Dora");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_REQUEST);
    assert_string_equal(officer.command.identity, PLACE);
    assert_string_equal(officer.command.name, "Dora");
    carry_out(&officer, "");
    view_requested(officer.view);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "63db b9f0 c5ac 41df"));
    officer_end(&officer);
}

/* And what was typed is still there to be mended. */
static void what_is_refused_is_told_where_it_was_typed(void **state) {
    (void)state;
    struct officer officer = begin(set_unenrolled, 80, 24);
    officer_press(&officer, "r");
    officer_type(&officer, "nobody");
    officer_press(&officer, "enter");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_REQUEST);
    carry_out(&officer, "identity nobody: not an identity");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "! identity nobody: not an identity"));
    assert_true(officer_sees(&officer, "nobody_") || officer_sees(&officer, " nobody"));
    officer_end(&officer);
}

/* The modules of the screen: half blocks are two, one above the other. */
static bool is_dark_on(const struct canvas *canvas, int row, int column) {
    uint32_t sign = canvas_cell(canvas, 2 + row / 2, column).character;
    return sign == 0x2588 || sign == (row % 2 == 0 ? 0x2580 : 0x2584);
}

/* What libqrencode makes of the text is what the screen shows, with light around it. That another
 * program reads it is check_enrol's matter. */
static void the_code_is_drawn_module_by_module(void **state) {
    (void)state;
    struct officer officer = begin(view_requested, 80, 24);
    struct qr code;
    const char *bare = officer.view->enrolment.request.bare;
    officer_press(&officer, "r");
    assert_true(qr_make(bare, strlen(bare), &code));
    assert_int_equal(code.side, 37);
    for (int row = -QR_QUIET; row < code.side + QR_QUIET; row++) {
        for (int column = -QR_QUIET; column < code.side + QR_QUIET; column++) {
            assert_int_equal(is_dark_on(officer.canvas, row + QR_QUIET, column + QR_QUIET),
                             qr_is_dark(&code, row, column));
        }
    }
    officer_end(&officer);
}

/* Three finder patterns, and the two rows that count modules: whatever a code says. */
static void a_code_has_its_patterns(void **state) {
    (void)state;
    for (size_t length = 1; length <= 271; length += 27) {
        char text[300];
        struct qr code;
        memset(text, 'x', sizeof text);
        assert_true(qr_make(text, length, &code));
        assert_true(qr_room(code.side) >= length);
        for (int i = 0; i < 7; i++) {
            assert_true(qr_is_dark(&code, 0, i) && qr_is_dark(&code, i, 0));
            assert_true(qr_is_dark(&code, 0, code.side - 1 - i));
            assert_true(qr_is_dark(&code, code.side - 1 - i, 0));
        }
        for (int i = 8; i < code.side - 8; i++) {
            assert_int_equal(qr_is_dark(&code, 6, i), i % 2 == 0);
            assert_int_equal(qr_is_dark(&code, i, 6), i % 2 == 0);
        }
    }
    struct qr code;
    char text[300] = {'x'};
    assert_false(qr_make(text, 272, &code));
    assert_false(qr_make(text, 0, &code));
    assert_false(qr_is_dark(&code, 0, 0));
}

/* In a small window it takes several codes, one after the other and back. */
static void a_small_window_shows_it_in_parts(void **state) {
    (void)state;
    struct officer officer = begin(view_requested, 40, 15);
    officer_press(&officer, "r");
    assert_true(officer_sees(&officer, "1/"));
    officer_press(&officer, "left");
    assert_true(officer_sees(&officer, "1/"));
    officer_press(&officer, "right");
    assert_true(officer_sees(&officer, "2/"));
    officer_press(&officer, "left");
    assert_true(officer_sees(&officer, "1/"));
    officer_end(&officer);
    officer = begin(view_requested, 26, 14);
    officer_press(&officer, "r");
    assert_true(officer_sees(&officer, "The window is too"));
    officer_end(&officer);
}

static void a_pasted_bundle_is_looked_at_once_it_is_whole(void **state) {
    (void)state;
    static const char first[] = "-----BEGIN MUSTER BUNDLE-----\nAAAA\n",
                      last[] = "-----END MUSTER BUNDLE-----\n";
    struct officer officer = begin(view_requested, 80, 24);
    officer_press(&officer, "b");
    paste(&officer, first);
    assert_int_equal(officer.command.kind, COMMAND_NONE); /* the rest may be another code */
    paste(&officer, last);
    assert_int_equal(officer.command.kind, COMMAND_LOOK_AT);
    assert_false(officer.command.on);
    assert_int_equal(officer.command.text_length, strlen(first) + strlen(last));
    assert_memory_equal(officer.command.text, first, strlen(first));
    carry_out(&officer, "the bundle: damaged");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "! the bundle: damaged"));
    officer_end(&officer);
}

static void a_short_line_is_the_name_of_a_file(void **state) {
    (void)state;
    struct officer officer = begin(view_requested, 80, 24);
    officer_press(&officer, "b enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_type(&officer, "dora.bundle");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_LOOK_AT);
    assert_true(officer.command.on);
    assert_int_equal(officer.command.text_length, strlen("dora.bundle"));
    officer_end(&officer);
}

/* What it gives is shown, then the fingerprint is asked for, and only then it is installed. */
static void it_is_installed_by_the_fingerprint_alone(void **state) {
    (void)state;
    struct officer officer = begin(view_requested, 80, 24);
    officer_press(&officer, "b");
    officer_type(&officer, "dora.bundle");
    officer_press_blind(&officer, "enter");
    carry_out(&officer, "");
    view_bundled(officer.view);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "sip:kms@county.example"));
    assert_true(officer_sees(&officer, "sip:fire7@county.example"));
    assert_true(officer_sees(&officer, "2026-12-31"));
    officer_press(&officer, "enter enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Type the fingerprint"));
    officer_type(&officer, "219c fe4a");
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_INSTALL);
    assert_string_equal(officer.command.name, "219c fe4a");
    carry_out(&officer, "not the one that was read out");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "! not the one that was read out"));
    assert_true(officer_sees(&officer, "219c fe4a_"));
    /* Back to what it gives, and out of it: then nothing of it is kept. */
    officer_press(&officer, "escape escape");
    assert_int_equal(officer.command.kind, COMMAND_PUT_AWAY);
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_and_name_make_a_request),
        cmocka_unit_test(what_is_refused_is_told_where_it_was_typed),
        cmocka_unit_test(the_code_is_drawn_module_by_module),
        cmocka_unit_test(a_code_has_its_patterns),
        cmocka_unit_test(a_small_window_shows_it_in_parts),
        cmocka_unit_test(a_pasted_bundle_is_looked_at_once_it_is_whole),
        cmocka_unit_test(a_short_line_is_the_name_of_a_file),
        cmocka_unit_test(it_is_installed_by_the_fingerprint_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
