/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/programs/event_json.h"

static const struct event_proof no_proof;

/* The line that is written for it; the caller frees it. */
static char *line_of(const struct event *event, enum status expected) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(event_json_write(out, event, &no_proof, 0), expected);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_line(const struct event *event, const char *expected) {
    char *line = line_of(event, STATUS_OK);
    assert_string_equal(line, expected);
    free(line);
}

static void an_event_is_one_line_with_its_kind_and_values(void **state) {
    (void)state;
    assert_line(&(struct event){.kind = EVENT_GROUP_READY,
                                .utc_ms = INT64_C(1795521600250),
                                .gmk_id = 0xA1B2C3D4,
                                .identity = "tel:+447700900999",
                                .group = "adhoc:tel:+447700900123;0123456789abcdef",
                                .group_name = "Fire \"7\""},
                "{\"time\":\"2026-11-24T12:00:00.250Z\",\"event\":\"group-ready\","
                "\"weight\":\"notice\",\"group\":\"adhoc:tel:+447700900123;0123456789abcdef\","
                "\"group_name\":\"Fire \\\"7\\\"\",\"gmk_id\":\"A1B2C3D4\"}\n");
    assert_line(&(struct event){.kind = EVENT_REFUSED,
                                .message = MESSAGE_PRESENCE,
                                .check = "signature-invalid"},
                "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"refused\","
                "\"weight\":\"detail\",\"message\":\"presence\","
                "\"check\":\"signature-invalid\"}\n");
}

static void numbers_are_numbers(void **state) {
    (void)state;
    assert_line(&(struct event){.kind = EVENT_PARTS_MISSING,
                                .utc_ms = -1,
                                .count = 14,
                                .parts = 1u << 1 | 1u << 31,
                                .tag = "K7QXT2AB"},
                "{\"time\":\"1969-12-31T23:59:59.999Z\",\"event\":\"parts-missing\","
                "\"weight\":\"warning\",\"count\":14,\"tag\":\"K7QXT2AB\",\"parts\":[2,32]}\n");
    assert_line(&(struct event){.kind = EVENT_CALL_ENDED,
                                .reason = REASON_NO_ANSWER,
                                .duration_ms = 5000000000,
                                .identity = "tel:+447700900123",
                                .name = "Jörg"},
                "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"call-ended\","
                "\"weight\":\"notice\",\"identity\":\"tel:+447700900123\",\"name\":\"Jörg\","
                "\"name_kind\":\"claimed\",\"reason\":\"no-answer\",\"duration_ms\":5000000000}\n");
    assert_line(
        &(struct event){.kind = EVENT_LINK_PROBLEM,
                        .condition = {.name = "unreachable", .error = 101, .object = "eth0"},
                        .link = "udp:eth0"},
        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"link-problem\","
        "\"weight\":\"warning\",\"link\":\"udp:eth0\",\"condition\":\"unreachable\","
        "\"object\":\"eth0\",\"error\":101}\n");
}

/* Whatever the values, it is JSON in a single line, and a reader finds all that the event has. */
static void every_kind_is_read_back(void **state) {
    struct event event = {.utc_ms = INT64_MAX,
                          .reason = REASON_CHECK_FAILED,
                          .message = MESSAGE_VOICE,
                          .gmk_id = 1,
                          .duration_ms = INT64_MIN,
                          .check = "busy",
                          .count = UINT32_MAX,
                          .line = 1,
                          .part = 2,
                          .parts = UINT32_MAX,
                          .tag = "\\",
                          .day = "2026-11-30",
                          .month = "2026-12",
                          .identity = "tel:\n+447700900123",
                          .name = "\"",
                          .group = "sip:fire7@county.example",
                          .group_name = "\x01"};
    struct event linked = {.message = MESSAGE_VOICE,
                           .check = "busy",
                           .duration_ms = INT64_MIN,
                           .sources = UINT32_MAX,
                           .source = "fe80::1",
                           .condition = {.name = "unreachable",
                                         .error = 101,
                                         .number = INT64_MIN,
                                         .more = INT64_MAX,
                                         .object = "\n",
                                         .detail = "\\"},
                           .count = UINT32_MAX,
                           .link = "udp:eth0"};
    (void)state;
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        bool is_of_link = (event_values((enum event_kind)kind) >> VALUE_LINK & 1) != 0;
        event.kind = linked.kind = (enum event_kind)kind;
        char *line = line_of(is_of_link ? &linked : &event, STATUS_OK);
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(object);
        assert_string_equal(json_string_value(json_object_get(object, "event")),
                            event_name(event.kind));
        size_t values = 0;
        for (int value = 0; value < EVENT_VALUES; value++) {
            bool is_meant = (event_values(event.kind) >> value & 1) != 0;
            const char *name = event_value_name((enum event_value)value);
            assert_int_equal(json_object_get(object, name) != NULL, is_meant);
            values += is_meant;
        }
        assert_int_equal(json_object_size(object), 3 + values);
        json_decref(object);
        free(line);
    }
}

static void a_text_that_is_no_utf8_is_not_written(void **state) {
    (void)state;
    char *line = line_of(&(struct event){.kind = EVENT_NEARBY, .name = "\xFF"}, STATUS_MALFORMED);
    assert_string_equal(line, "");
    free(line);
}

static void what_proves_an_event_stands_in_its_line(void **state) {
    (void)state;
    static const uint8_t octets[] = {0x00, 0xAB, 0x10};
    const struct event_proof proof = {.peer = UINT64_C(0x0200000000000017),
                                      .octets = SPAN_OF(octets)};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    const struct event event = {.kind = EVENT_VOICE_FORGED, .identity = "tel:+447700900456"};
    assert_int_equal(event_json_write(out, &event, &proof, 0), STATUS_OK);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"voice-forged\","
                              "\"weight\":\"warning\",\"identity\":\"tel:+447700900456\","
                              "\"peer\":\"0200000000000017\",\"proof\":\"00ab10\"}\n");
    free(text);
}

static void a_full_disk_is_told(void **state) {
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(full);
    assert_int_equal(event_json_write(full, &(struct event){.kind = EVENT_NO_CALL}, &no_proof, 0),
                     STATUS_IO_FAILED);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line_with_its_kind_and_values),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(every_kind_is_read_back),
        cmocka_unit_test(a_text_that_is_no_utf8_is_not_written),
        cmocka_unit_test(what_proves_an_event_stands_in_its_line),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
