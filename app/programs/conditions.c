/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/conditions.h"

#include <stdio.h>

_Static_assert((int)CONDITION_OBJECT_SIZE == (int)VIEW_OBJECT_SIZE, "every object fits");
_Static_assert((int)CONDITION_DETAIL_SIZE == (int)VIEW_DETAIL_SIZE, "every detail fits");

struct view_condition conditions_to_show(const struct transport_condition *condition) {
    struct view_condition shown = {
        .error = condition->error, .number = condition->number, .more = condition->more};
    if (condition->kind != CONDITION_NONE) {
        shown.name = transport_condition_name(condition->kind);
    }
    snprintf(shown.object, sizeof shown.object, "%s", condition->object);
    snprintf(shown.detail, sizeof shown.detail, "%s", condition->detail);
    return shown;
}

void conditions_in_words(const struct transport_condition *condition,
                         const char *const link_names[], unsigned count,
                         char out[CONDITION_WORDS_SIZE]) {
    const struct view_condition shown = conditions_to_show(condition);
    bool has_link = condition->link >= 1 && condition->link <= count;
    condition_notice(has_link ? link_names[condition->link - 1] : NULL, &shown, out);
}

struct event conditions_event(const struct transport_condition *condition,
                              const char *const link_names[], unsigned count) {
    bool is_problem = transport_condition_is_problem(condition->kind);
    struct event event = {.kind = is_problem ? EVENT_LINK_PROBLEM : EVENT_LINK_NEWS};
    event.condition = conditions_to_show(condition);
    if (condition->link >= 1 && condition->link <= count) {
        snprintf(event.link, sizeof event.link, "%s", link_names[condition->link - 1]);
    }
    return event;
}

enum status conditions_fail(const struct transport_condition *condition, struct error *error) {
    char words[CONDITION_WORDS_SIZE];
    conditions_in_words(condition, NULL, 0, words);
    return error_set(error, STATUS_IO_FAILED, "%s", words);
}

enum status conditions_fail_of(const struct transport *transport, struct error *error) {
    struct transport_condition problem;
    transport->kind->problem(transport, &problem);
    return conditions_fail(&problem, error);
}
