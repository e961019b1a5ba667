/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/event_json.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum {
    TIME_SIZE = 40
};

/* RFC 3339, to the millisecond. Times before 1970 have their milliseconds counted forward, too. */
static void write_time(int64_t utc_ms, char out[TIME_SIZE]) {
    int64_t ms = (utc_ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)(utc_ms / 1000 - (utc_ms % 1000 < 0));
    struct tm date;
    char text[TIME_SIZE] = "";
    if (gmtime_r(&seconds, &date) != NULL) {
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &date);
    }
    snprintf(out, TIME_SIZE, "%.30s.%03dZ", text, (int)ms);
}

static json_t *list_of(uint32_t parts) {
    json_t *list = json_array();
    for (unsigned number = 1; list != NULL && number <= EVENT_PARTS_MAX; number++) {
        if ((parts >> (number - 1) & 1) != 0 &&
            json_array_append_new(list, json_integer(number)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *json_of(const struct event *event, enum event_value value) {
    char text[EVENT_VALUE_SIZE];
    switch (value) {
    case VALUE_COUNT:
        return json_integer(event->count);
    case VALUE_LINE:
        return json_integer(event->line);
    case VALUE_PART:
        return json_integer(event->part);
    case VALUE_DURATION:
        return json_integer(event->duration_ms);
    case VALUE_ERROR:
        return json_integer(event->condition.error);
    case VALUE_NUMBER:
        return json_integer(event->condition.number);
    case VALUE_MORE:
        return json_integer(event->condition.more);
    case VALUE_SOURCES:
        return json_integer(event->sources);
    case VALUE_PARTS:
        return list_of(event->parts);
    default:
        event_value_text(event, value, text);
        return json_string_nocheck(text);
    }
}

json_t *event_json_object(const struct event *event) {
    char time[TIME_SIZE];
    write_time(event->utc_ms, time);
    json_t *object = json_object();
    int failed = json_object_set_new(object, "time", json_string(time));
    failed |= json_object_set_new(object, "event", json_string(event_name(event->kind)));
    failed |= json_object_set_new(object, "weight",
                                  json_string(event_weight_name(event_weight(event->kind))));
    for (int value = 0; value < EVENT_VALUES; value++) {
        if (event_has(event, (enum event_value)value)) {
            failed |= json_object_set_new(object, event_value_name((enum event_value)value),
                                          json_of(event, (enum event_value)value));
        }
    }
    if (failed != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static enum status add_proof(json_t *object, const struct event_proof *proof) {
    enum {
        PEER_DIGITS = 16
    };
    char peer[PEER_DIGITS + 1];
    snprintf(peer, sizeof peer, "%0*" PRIX64, PEER_DIGITS, proof->peer);
    char *digits = malloc(2 * proof->octets.length + 1);
    if (digits == NULL) {
        return STATUS_NO_MEMORY;
    }
    sodium_bin2hex(digits, 2 * proof->octets.length + 1, proof->octets.octets,
                   proof->octets.length);
    int failed = json_object_set_new(object, "peer", json_string(peer)) |
                 json_object_set_new(object, "proof", json_string(digits));
    free(digits);
    return failed == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status event_json_line(const struct event *event, const struct event_proof *proof,
                            unsigned left_out, char **line) {
    *line = NULL;
    json_t *object = event_json_object(event);
    if (object == NULL) {
        return STATUS_NO_MEMORY;
    }
    if ((proof->octets.length > 0 && add_proof(object, proof) != STATUS_OK) ||
        (left_out > 0 && json_object_set_new(object, "left_out", json_integer(left_out)) != 0)) {
        json_decref(object);
        return STATUS_NO_MEMORY;
    }
    *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return *line == NULL ? STATUS_MALFORMED : STATUS_OK;
}

enum status event_json_write(FILE *out, const struct event *event, const struct event_proof *proof,
                             unsigned left_out) {
    char *line;
    enum status status = event_json_line(event, proof, left_out, &line);
    if (status == STATUS_OK) {
        bool is_written = fprintf(out, "%s\n", line) >= 0 && fflush(out) == 0;
        status = is_written ? STATUS_OK : STATUS_IO_FAILED;
    }
    free(line);
    return status;
}
