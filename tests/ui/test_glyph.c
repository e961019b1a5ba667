/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminals that lack the screens' signs (ui/glyph.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <glob.h>

#include "ui/character.h"
#include "ui/glyph.h"

static void the_terminal_and_the_locale_choose_unless_forced(void **state) {
    (void)state;
    static const struct {
        const char *forced, *codeset, *term;
        enum glyphs glyphs;
    } cases[] = {
        {NULL, "UTF-8", "xterm-256color", GLYPHS_UNICODE},
        {NULL, NULL, "tmux-256color", GLYPHS_UNICODE},
        {NULL, "UTF-8", "linux", GLYPHS_CONSOLE},
        {NULL, "UTF-8", "linux-16color", GLYPHS_CONSOLE},
        {NULL, "UTF-8", "vt100", GLYPHS_ASCII},
        {NULL, "UTF-8", "vt220", GLYPHS_ASCII},
        {NULL, "ISO-8859-1", "xterm", GLYPHS_ASCII},
        {NULL, "ISO-8859-1", "linux", GLYPHS_ASCII},
        {NULL, NULL, NULL, GLYPHS_UNICODE},
        {"ascii", "UTF-8", "xterm", GLYPHS_ASCII},
        {"unicode", "ISO-8859-1", "linux", GLYPHS_UNICODE},
        {"console", "UTF-8", "xterm", GLYPHS_CONSOLE},
        {"other", "UTF-8", "linux", GLYPHS_CONSOLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (glyphs_choose(cases[i].forced, cases[i].codeset, cases[i].term) != cases[i].glyphs) {
            fail_msg("case %zu", i);
        }
    }
}

/* Of each sign on each screen: no tick and no part of a block on the console, and in ASCII none at
 * all. A letter that somebody is called with stays. */
static void every_sign_of_every_screen_has_its_variants(void **state) {
    (void)state;
    glob_t files;
    assert_int_equal(glob("fixtures/golden/*.txt", 0, NULL, &files), 0);
    size_t signs = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char text[64 * 1024];
        FILE *file = fopen(files.gl_pathv[i], "r");
        assert_non_null(file);
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        for (const char *at = text; *at != '\0';) {
            uint32_t character = character_next(&at);
            if (character < 0x2000 && character != 0xB7 && character != 0xD7) {
                continue;
            }
            signs++;
            uint32_t console = glyph_of(GLYPHS_CONSOLE, character);
            if (glyph_of(GLYPHS_ASCII, character) > '~' || console == 0x2713 ||
                (console > 0x2588 && console <= 0x258F)) {
                fail_msg("%s: U+%04X", files.gl_pathv[i], (unsigned)character);
            }
            assert_int_equal(character_width(glyph_of(GLYPHS_ASCII, character)), 1);
            assert_int_equal(glyph_of(GLYPHS_UNICODE, character), character);
        }
    }
    assert_true(signs > 1000);
    assert_int_equal(glyph_of(GLYPHS_ASCII, 0xE9), 0xE9);
    globfree(&files);
}

static void both_names_of_each_force_it(void **state) {
    (void)state;
    assert_int_equal(glyphs_choose("full", "UTF-8", "linux"), GLYPHS_UNICODE);
    assert_int_equal(glyphs_choose("unicode", "UTF-8", "vt100"), GLYPHS_UNICODE);
    assert_int_equal(glyphs_choose("linux", "UTF-8", "xterm"), GLYPHS_CONSOLE);
    assert_int_equal(glyphs_choose("console", "UTF-8", "xterm"), GLYPHS_CONSOLE);
    assert_int_equal(glyphs_choose("ascii", "UTF-8", "xterm"), GLYPHS_ASCII);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_names_of_each_force_it),
        cmocka_unit_test(the_terminal_and_the_locale_choose_unless_forced),
        cmocka_unit_test(every_sign_of_every_screen_has_its_variants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
