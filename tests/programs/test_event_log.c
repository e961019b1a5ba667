/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of `--log`: nobody fills the disk by it, and it says what it leaves out. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/handset/shelf.h"
#include "app/programs/event_log.h"

enum {
    DAY_S = 24 * 60 * 60,
    LARGE = 4096,
};

static const struct event_proof none;

/* The lines that `a_second` events of `kind` a second make in `seconds`. `left_out` is what the
 * lines say. */
static unsigned lines_after(enum event_kind kind, unsigned a_second, int64_t seconds,
                            uint64_t *left_out) {
    struct event_log *log = calloc(1, sizeof *log);
    assert_non_null(log);
    char *text = NULL;
    size_t length;
    log->out = open_memstream(&text, &length);
    assert_non_null(log->out);
    struct event event = {.kind = kind};
    for (int64_t second = 0; second < seconds; second++) {
        for (unsigned i = 0; i < a_second; i++) {
            event.count++;
            assert_int_equal(event_log_write(log, second * 1000, &event, &none), STATUS_OK);
        }
    }
    assert_int_equal(fclose(log->out), 0);
    free(log);
    unsigned lines = 0;
    *left_out = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_t *object = json_loads(line, 0, NULL);
        assert_non_null(object);
        *left_out += (uint64_t)json_integer_value(json_object_get(object, "left_out"));
        json_decref(object);
        lines++;
    }
    free(text);
    return lines;
}

static void what_others_cause_has_a_bounded_number_of_lines(void **state) {
    (void)state;
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        uint64_t left_out;
        unsigned lines = lines_after((enum event_kind)kind, 5, 1000, &left_out);
        if (kind == EVENT_REFUSED) {
            assert_int_equal(lines, 13); /* the first, the second, the fourth ... the 4096th */
        } else if (shelf_of((enum event_kind)kind) == SHELF_OWN) {
            assert_int_equal(lines, 5000);
        } else if (shelf_of((enum event_kind)kind) == SHELF_TALK) {
            assert_in_range(lines, 1900, 2000);
        } else {
            assert_in_range(lines, EVENT_LOG_BURST + 95, EVENT_LOG_BURST + 100);
            assert_in_range(lines + left_out, 4900, 5000); /* the last are still to be told */
        }
    }
}

static void no_stranger_and_no_neighbour_writes_a_line_each_time(void **state) {
    (void)state;
    const enum event_kind kinds[] = {EVENT_REFUSED,         EVENT_NEARBY,    EVENT_INVITED_TO_GROUP,
                                     EVENT_INVITED_TO_CALL, EVENT_EMERGENCY, EVENT_OTHER_VERSION,
                                     EVENT_NEIGHBOUR_TWICE, EVENT_FLOOD,     EVENT_VOICE_FORGED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint64_t left_out;
        assert_true(lines_after(kinds[i], 5, 1000, &left_out) <= EVENT_LOG_BURST + 100);
    }
}

static void a_few_lines_of_anything_are_all_there(void **state) {
    (void)state;
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        uint64_t left_out;
        if (kind != EVENT_REFUSED) {
            assert_int_equal(lines_after((enum event_kind)kind, 1, EVENT_LOG_BURST, &left_out),
                             EVENT_LOG_BURST);
            assert_int_equal(left_out, 0);
        }
    }
}

/* As long as a handset runs: a stranger whose refusals are each the first of another row. */
static void a_day_of_junk_is_a_small_file(void **state) {
    (void)state;
    struct event_log *log = calloc(1, sizeof *log);
    assert_non_null(log);
    char *text = NULL;
    size_t length;
    log->out = open_memstream(&text, &length);
    for (int64_t second = 0; second < DAY_S; second++) {
        const struct event event = {.kind = EVENT_REFUSED, .message = MESSAGE_PRESENCE, .count = 1};
        assert_int_equal(event_log_write(log, second * 1000, &event, &none), STATUS_OK);
    }
    assert_int_equal(fclose(log->out), 0);
    assert_true(length < 2000000);
    free(text);
    free(log);
}

/* As standard error of a handset without a screen: whoever reads it may hang. */
static void nobody_waits_for_who_does_not_read_the_pipe(void **state) {
    (void)state;
    struct event_log *log = calloc(1, sizeof *log);
    int ends[2];
    char text[LARGE];
    assert_int_equal(pipe(ends), 0);
    log->out = fdopen(ends[1], "w");
    struct event event = {.kind = EVENT_GROUP_READY};
    for (int i = 0; i < LARGE; i++) { /* more than a pipe takes */
        assert_int_equal(event_log_write(log, 0, &event, &none), STATUS_OK);
    }
    unsigned left_out = log->kinds[EVENT_GROUP_READY].left_out;
    assert_in_range(left_out, 1, LARGE - 1);
    size_t got = 0;
    do {
        ssize_t length = read(ends[0], text, sizeof text);
        assert_true(length > 0);
        assert_true(got > 0 || text[0] == '{');
        got += (size_t)length;
    } while (poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 0) > 0);
    assert_int_equal(event_log_write(log, 0, &event, &none), STATUS_OK);
    ssize_t length = read(ends[0], text, sizeof text);
    json_t *object = json_loadb(text, (size_t)length, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "left_out")), left_out);
    json_decref(object);
    fclose(log->out);
    close(ends[0]);
    free(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_cause_has_a_bounded_number_of_lines),
        cmocka_unit_test(no_stranger_and_no_neighbour_writes_a_line_each_time),
        cmocka_unit_test(a_few_lines_of_anything_are_all_there),
        cmocka_unit_test(a_day_of_junk_is_a_small_file),
        cmocka_unit_test(nobody_waits_for_who_does_not_read_the_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
