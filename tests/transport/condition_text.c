/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "condition_text.h"

#include <inttypes.h>
#include <stdio.h>

const char *condition_text(const struct transport_condition *condition) {
    static char text[400];
    char link[24] = "", number[24] = "", more[24] = "", error[24] = "";
    if (condition->link != 0) {
        snprintf(link, sizeof link, " link %u", condition->link);
    }
    if (condition->number != 0) {
        snprintf(number, sizeof number, " %" PRId64, condition->number);
    }
    if (condition->more != 0) {
        snprintf(more, sizeof more, " %" PRId64, condition->more);
    }
    if (condition->error != 0) {
        snprintf(error, sizeof error, " error %d", condition->error);
    }
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s%s", transport_condition_name(condition->kind),
             link, condition->object[0] != '\0' ? " " : "", condition->object, number, more, error,
             condition->detail[0] != '\0' ? " (" : "", condition->detail,
             condition->detail[0] != '\0' ? ")" : "");
    return text;
}
