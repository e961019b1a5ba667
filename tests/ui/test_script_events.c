/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a script makes of the log of a handset. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/script/script.h"

static const struct event talk = {
    .kind = EVENT_TALK_BEGAN,
    .identity = "tel:+447700900123",
    .name = "Ada",
    .group = "sip:fire7@county.example",
    .group_name = "Fire \"7\" \\",
};

static const struct event nearby = {.kind = EVENT_NEARBY, .identity = "tel:+447700900123"};

/* Two handsets; the second one has the log. */
struct scene {
    size_t count;
    struct event log[3]; /* the newest first */
    char said[SCRIPT_LINE_MAX];
    struct canvas *screen;
    struct stage stage;
};

static const struct canvas *on_screen(void *context, int handset) {
    struct scene *scene = context;
    (void)handset;
    return scene->screen;
}

static size_t on_events(void *context, int handset, const struct event **events) {
    struct scene *scene = context;
    *events = scene->log;
    return handset == 2 ? scene->count : 0;
}

static void on_say(void *context, const char *text) {
    struct scene *scene = context;
    size_t length = strlen(scene->said);
    snprintf(scene->said + length, sizeof scene->said - length, "%s\n", text);
}

static int set_up(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->screen = canvas_new(10, 1);
    scene->stage = (struct stage){
        .context = scene, .handsets = 2, .screen = on_screen, .events = on_events, .say = on_say};
    scene->count = 2;
    scene->log[0] = talk;
    scene->log[1] = nearby;
    *state = scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    canvas_free(scene->screen);
    free(scene);
    return 0;
}

static struct script *parsed(struct scene *scene, const char *text) {
    char problem[SCRIPT_PROBLEM_SIZE] = "";
    struct script *script = script_parse("drill", text, &scene->stage, problem);
    assert_string_equal(problem, "");
    assert_non_null(script);
    return script;
}

static void assert_ends(struct scene *scene, const char *text, enum script_state expected) {
    struct script *script = parsed(scene, text);
    enum script_state is = script_step(script, 0);
    if (is != expected) {
        fail_msg("%s ends with %d:\n%s", text, is, script_report(script));
    }
    script_free(script);
}

static void assert_refused(struct scene *scene, const char *text, const char *expected) {
    char problem[SCRIPT_PROBLEM_SIZE] = "";
    assert_null(script_parse("drill", text, &scene->stage, problem));
    assert_string_equal(problem, expected);
}

static void an_event_of_the_log_is_expected_by_kind_and_values(void **state) {
    static const char *const there[] = {
        "handset 2\nexpect event talk-began",
        "handset 2\nexpect event nearby",
        "handset 2\nexpect event talk-began name=Ada",
        "handset 2\nexpect event talk-began group_name=\"Fire \\\"7\\\" \\\\\"  name=\"Ada\" \r",
        "handset 2\nexpect event talk-began group=sip:fire7@county.example "
        "identity=tel:+447700900123",
        "handset 2\nexpect event nearby name=",
        "expect not event talk-began",
        "handset 2\nexpect not event talk-began name=Ben",
        "handset 2\nexpect not event talk-ended",
        "handset 2\nexpect not event talk-began name=",
        "let who \"Ad\"\nhandset 2\nexpect event talk-began name=${who}a "
        "identity=\"tel:+447700900123\"",
    };
    static const char *const missing[] = {
        "expect event talk-began",
        "handset 2\nexpect event talk-ended",
        "handset 2\nexpect event talk-began name=Ad",
        "handset 2\nexpect event talk-began name=Ada group=sip:fire8@county.example",
        "handset 2\nexpect not event nearby",
        "let who \"Ben\"\nhandset 2\nexpect event talk-began name=\"${who}\"",
    };
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        assert_ends(*state, there[i], SCRIPT_PASSED);
    }
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        assert_ends(*state, missing[i], SCRIPT_FAILED);
    }
}

static void within_waits_until_it_happens(void **state) {
    struct scene *scene = *state;
    scene->count = 0;
    struct script *script =
        parsed(scene, "handset 2\nexpect event talk-began name=Ada within 5s\nsay \"heard\"\n");
    assert_int_equal(script_step(script, 100), SCRIPT_RUNNING);
    assert_true(script_is_watching(script));
    assert_int_equal(script_deadline(script), 5100);
    scene->count = 1;
    assert_int_equal(script_step(script, 5000), SCRIPT_PASSED);
    assert_string_equal(scene->said, "heard\n");
    script_free(script);
}

static void a_failure_shows_what_was_expected_and_the_log(void **state) {
    struct script *script =
        parsed(*state, "handset 2\nexpect event  talk-began  name=\"Ben\" within 1s\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 1000), SCRIPT_FAILED);
    assert_string_equal(script_report(script),
                        "drill:2: expected event talk-began  name=\"Ben\" within 1s\n"
                        "The log of handset 2 was:\n"
                        "nearby identity=tel:+447700900123\n"
                        "talk-began identity=tel:+447700900123 name=Ada name_kind=claimed "
                        "group=sip:fire7@county.example group_name=\"Fire \\\"7\\\" \\\\\"\n");
    script_free(script);
}

static void the_log_goes_into_the_transcript(void **state) {
    struct scene *scene = *state;
    assert_ends(scene, "events\nhandset 2\nevents\n", SCRIPT_PASSED);
    assert_string_equal(scene->said,
                        "nearby identity=tel:+447700900123\n"
                        "talk-began identity=tel:+447700900123 name=Ada name_kind=claimed "
                        "group=sip:fire7@county.example group_name=\"Fire \\\"7\\\" \\\\\"\n");
}

static struct event longest_of_a_link(void) {
    struct event event = {
        .condition = {
            .name = "unreachable", .error = INT_MIN, .number = INT64_MIN, .more = INT64_MAX}};
    memset(event.link, ' ', sizeof event.link - 1);
    memset(event.condition.object, '"', sizeof event.condition.object - 1);
    memset(event.condition.detail, '\\', sizeof event.condition.detail - 1);
    return event;
}

/* What is written can be expected, whatever the values. */
static void every_event_as_it_is_written_is_what_a_script_takes(void **state) {
    struct scene *scene = *state;
    scene->log[0] = (struct event){.reason = REASON_BUSY,
                                   .message = MESSAGE_VOICE,
                                   .gmk_id = 0xA0000001,
                                   .duration_ms = INT64_MIN,
                                   .check = "mac-invalid",
                                   .count = UINT32_MAX,
                                   .line = 1,
                                   .part = 2,
                                   .parts = UINT32_MAX,
                                   .tag = "K7QXT2AB"};
    struct event *event = &scene->log[0];
    scene->count = 1;
    memset(event->identity, '"', sizeof event->identity - 1);
    memset(event->name, ' ', sizeof event->name - 1);
    memset(event->group, '\\', sizeof event->group - 1);
    memset(event->group_name, 'n', sizeof event->group_name - 1);
    const struct event about_people = *event;
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        bool is_of_link = (event_values((enum event_kind)kind) >> VALUE_LINK & 1) != 0;
        if (event_is_refusal((enum event_kind)kind)) {
            continue;
        }
        *event = is_of_link ? longest_of_a_link() : about_people;
        event->kind = (enum event_kind)kind;
        char text[sizeof scene->said + 40];
        scene->said[0] = 0;
        assert_ends(scene, "handset 2\nevents", SCRIPT_PASSED);
        snprintf(text, sizeof text, "handset 2\nexpect event %s", scene->said);
        assert_ends(scene, text, SCRIPT_PASSED);
    }
}

static void a_script_error_names_what_is_wrong_with_the_event(void **state) {
    struct scene *scene = *state;
    assert_refused(scene, "expect event", "drill:1: no log has an event ''");
    assert_refused(scene, "expect event talks", "drill:1: no log has an event 'talks'");
    assert_refused(scene, "expect event none", "drill:1: no log has an event 'none'");
    /* What answers a command is not in the log. */
    assert_refused(scene, "expect event no-call", "drill:1: no log has an event 'no-call'");
    assert_refused(scene, "expect event nearby who=Ada", "drill:1: an event has no value 'who'");
    assert_refused(scene, "expect event nearby name", "drill:1: an event has no value 'name'");
    assert_refused(scene, "expect event nearby tag=K7QXT2AB", "drill:1: nearby has no tag");
    assert_refused(scene, "expect event nearby name=\"Ada", "drill:1: no closing \"");
    assert_refused(scene, "expect event nearby name=\"Ada\"x",
                   "drill:1: no blank after the closing \"");
    assert_refused(scene, "expect event nearby within",
                   "drill:1: a duration is a number with ms, "
                   "s, min, h or d (20s), not ''");
    assert_refused(scene, "expect event nearby within 1s name=Ada",
                   "drill:1: what is 'name=Ada' at the end?");
    assert_refused(scene, "events now", "drill:1: what is 'now' at the end?");
    scene->stage.events = NULL;
    assert_refused(scene, "events", "drill:1: there are no logs here");
    assert_refused(scene, "expect event nearby", "drill:1: there are no logs here");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_event_of_the_log_is_expected_by_kind_and_values),
        TEST(within_waits_until_it_happens),
        TEST(a_failure_shows_what_was_expected_and_the_log),
        TEST(the_log_goes_into_the_transcript),
        TEST(every_event_as_it_is_written_is_what_a_script_takes),
        TEST(a_script_error_names_what_is_wrong_with_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
