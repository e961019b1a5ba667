/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a script's parts, as JUnit XML and TAP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/script/script.h"

static const struct canvas *on_screen(void *context, int handset) {
    (void)handset;
    return context;
}

static void on_say(void *context, const char *text) {
    (void)context;
    (void)text;
}

struct written {
    char *junit, *tap;
};

/* Runs the script until it has to wait at 1,000 ms, and at 3,500 ms once more. */
static struct written written_of(const char *text, bool keeps_going) {
    char problem[SCRIPT_PROBLEM_SIZE];
    struct written written = {NULL, NULL};
    size_t lengths[2];
    FILE *junit = open_memstream(&written.junit, &lengths[0]);
    FILE *tap = open_memstream(&written.tap, &lengths[1]);
    struct canvas *canvas = canvas_new(30, 2);
    area_text(area_of(canvas), 0, 0, STYLE_PLAIN, "Anna <here> & \"there\"");
    const struct stage stage = {.context = canvas,
                                .handsets = 1,
                                .screen = on_screen,
                                .say = on_say,
                                .keeps_going = keeps_going};
    struct script *script = script_parse("drills/enrol.script", text, &stage, problem);
    assert_non_null(script);
    (void)script_step(script, 1000);
    (void)script_step(script, 3500);
    assert_true(script_write_results(script, junit, tap));
    assert_int_equal(fclose(junit) | fclose(tap), 0);
    script_free(script);
    canvas_free(canvas);
    return written;
}

static void clear(struct written *written) {
    free(written->junit);
    free(written->tap);
}

static void a_script_without_parts_is_one_case_by_its_file(void **state) {
    (void)state;
    struct written written = written_of("expect \"Anna\"\nadvance 2500ms\n", false);
    assert_string_equal(written.tap, "TAP version 13\n1..1\nok 1 - enrol.script\n");
    assert_string_equal(
        written.junit,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"drills/enrol.script\" tests=\"1\" failures=\"0\" errors=\"0\" "
        "skipped=\"0\" time=\"2.500\">\n"
        "    <testcase classname=\"enrol.script\" name=\"enrol.script\" time=\"2.500\"/>\n"
        "  </testsuite>\n</testsuites>\n");
    clear(&written);
    written = written_of("", false);
    assert_string_equal(written.tap, "TAP version 13\n1..1\nok 1 - enrol.script\n");
    clear(&written);
}

static void the_part_that_fails_says_how_and_those_after_it_are_skipped(void **state) {
    (void)state;
    struct written written =
        written_of("part \"One\"\nadvance 2500ms\npart \"Two\"\nexpect \"Ben\"\n"
                   "part \"Three\"\nsay \"x\"\n",
                   false);
    assert_string_equal(written.tap, "TAP version 13\n1..3\nok 1 - One\nnot ok 2 - Two\n"
                                     "# drills/enrol.script:4: expected \"Ben\"\n"
                                     "# The screen of handset 1 was:\n"
                                     "# Anna <here> & \"there\"\n# \n"
                                     "ok 3 - Three # SKIP the run ended before\n");
    assert_string_equal(
        written.junit,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"drills/enrol.script\" tests=\"3\" failures=\"1\" errors=\"0\" "
        "skipped=\"1\" time=\"2.500\">\n"
        "    <testcase classname=\"enrol.script\" name=\"One\" time=\"2.500\"/>\n"
        "    <testcase classname=\"enrol.script\" name=\"Two\" time=\"0.000\">\n"
        "      <failure message=\"drills/enrol.script:4: expected &quot;Ben&quot;\">"
        "drills/enrol.script:4: expected &quot;Ben&quot;\nThe screen of handset 1 was:\n"
        "Anna &lt;here&gt; &amp; &quot;there&quot;\n\n</failure>\n    </testcase>\n"
        "    <testcase classname=\"enrol.script\" name=\"Three\" time=\"0.000\">\n"
        "      <skipped message=\"the run ended before\"/>\n    </testcase>\n"
        "  </testsuite>\n</testsuites>\n");
    clear(&written);
}

static void who_keeps_going_sees_all_parts_and_all_failures_of_one(void **state) {
    (void)state;
    struct written written =
        written_of("expect \"Anna\"\npart \"One\"\nexpect \"Ben\"\nexpect \"Cleo\"\n"
                   "part \"Two\"\nexpect \"Anna\"\n",
                   true);
    assert_non_null(strstr(written.tap, "1..3\nok 1 - enrol.script\nnot ok 2 - One\n# drills"));
    assert_non_null(strstr(written.tap, "\n# drills/enrol.script:4: expected \"Cleo\"\n"));
    assert_non_null(strstr(written.tap, "\nok 3 - Two\n"));
    assert_non_null(strstr(written.junit, "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\""));
    assert_non_null(strstr(written.junit, "\ndrills/enrol.script:4: expected &quot;Cleo&quot;\n"));
    clear(&written);
}

static void a_part_that_fails_after_all_that_are_told_has_failed_as_well(void **state) {
    (void)state;
    struct written written = written_of(
        "repeat 20\nexpect \"Ben\"\nend\npart \"One\"\nexpect \"Ben\"\npart \"Two\"\nsay \"x\"\n",
        true);
    assert_non_null(
        strstr(written.tap, "\nnot ok 2 - One\n# a line did not come true\nok 3 - Two\n"));
    clear(&written);
}

static void what_no_reader_takes_is_left_out_or_written_otherwise(void **state) {
    (void)state;
    struct written written =
        written_of("part \"a\x01\x1b[2Jb\x7f \xff <&> # \\\\ \xc3\xa4\"\nadvance 1h\n", false);
    assert_non_null(strstr(written.tap, "ok 1 - a[2Jb ? <&> \\# \\\\ \xc3\xa4 # SKIP"));
    assert_non_null(strstr(written.junit, "name=\"a[2Jb ? &lt;&amp;&gt; # \\ \xc3\xa4\""));
    clear(&written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_without_parts_is_one_case_by_its_file),
        cmocka_unit_test(the_part_that_fails_says_how_and_those_after_it_are_skipped),
        cmocka_unit_test(who_keeps_going_sees_all_parts_and_all_failures_of_one),
        cmocka_unit_test(a_part_that_fails_after_all_that_are_told_has_failed_as_well),
        cmocka_unit_test(what_no_reader_takes_is_left_out_or_written_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
