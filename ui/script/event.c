/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool script_event_matches(const struct script_event *expected, const struct event *event) {
    char text[EVENT_VALUE_SIZE];
    if (event->kind != expected->kind) {
        return false;
    }
    for (int value = 0; value < EVENT_VALUES; value++) {
        event_value_text(event, (enum event_value)value, text);
        if (expected->values[value] && strcmp(expected->values[value], text) != 0) {
            return false;
        }
    }
    return true;
}

enum {
    QUOTED_SIZE = 2 * EVENT_VALUE_SIZE + 2
};

static void write_quoted(const char text[EVENT_VALUE_SIZE], char out[QUOTED_SIZE]) {
    size_t length = 0;
    if (text[strcspn(text, " \t\"\\")] == 0) {
        strcpy(out, text);
        return;
    }
    out[length++] = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            out[length++] = '\\';
        }
        out[length++] = *text;
    }
    out[length++] = '"';
    out[length] = 0;
}

void script_event_write(const struct event *event, char out[SCRIPT_EVENT_SIZE]) {
    char text[EVENT_VALUE_SIZE], quoted[QUOTED_SIZE];
    size_t length = (size_t)snprintf(out, SCRIPT_EVENT_SIZE, "%s", event_name(event->kind));
    for (int value = 0; value < EVENT_VALUES; value++) {
        event_value_text(event, (enum event_value)value, text);
        if (text[0] && length < SCRIPT_EVENT_SIZE) {
            write_quoted(text, quoted);
            length += (size_t)snprintf(out + length, SCRIPT_EVENT_SIZE - length, " %s=%s",
                                       event_value_name((enum event_value)value), quoted);
        }
    }
}

void script_event_clear(struct script_event *expected) {
    for (int value = 0; value < EVENT_VALUES; value++) {
        free(expected->values[value]);
        expected->values[value] = NULL;
    }
}
