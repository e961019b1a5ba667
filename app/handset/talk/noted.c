/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/noted.h"

#include <stdio.h>
#include <string.h>

bool noted_is(const struct noted *noted, size_t place) {
    return noted->list[place].identity[0] != '\0';
}

size_t noted_find(const struct noted *noted, const char *identity, const char *group) {
    size_t place = 0;
    while (place < NOTED_MAX && (strcmp(noted->list[place].identity, identity) != 0 ||
                                 strcmp(noted->list[place].group, group) != 0)) {
        place++;
    }
    return place;
}

/* A free place, or that of who was heard longest ago. */
static size_t room(const struct noted *noted) {
    size_t found = 0;
    for (size_t i = 0; i < NOTED_MAX && noted_is(noted, found); i++) {
        if (!noted_is(noted, i) || noted->list[i].heard_ms < noted->list[found].heard_ms) {
            found = i;
        }
    }
    return found;
}

size_t noted_hear(struct noted *noted, const char *identity, const char *group, struct moment now,
                  bool *is_new) {
    size_t place = noted_find(noted, identity, group);
    *is_new = place == NOTED_MAX;
    if (*is_new) {
        place = room(noted);
        struct noted_talker *talker = &noted->list[place];
        snprintf(talker->identity, sizeof talker->identity, "%s", identity);
        snprintf(talker->group, sizeof talker->group, "%s", group);
    }
    noted->list[place].heard_ms = now.boot_ms;
    return place;
}

void noted_forget(struct noted *noted, const char *identity, const char *group) {
    size_t place = noted_find(noted, identity, group);
    if (place < NOTED_MAX) {
        noted->list[place] = (struct noted_talker){.identity = ""};
    }
}

bool noted_may_check(const struct noted *noted, struct moment now) {
    return now.boot_ms >= noted->check_due_ms;
}

void noted_check(struct noted *noted, struct moment now) {
    noted->check_due_ms = now.boot_ms + NOTED_CHECK_MS;
}
