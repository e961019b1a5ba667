/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const char *texts_group(struct squad *squad, size_t n) {
    return squad_view(squad, n)->groups[0].identity;
}

enum status texts_write_word(struct squad *squad, size_t n, const char *text, int word) {
    struct command command = {
        .kind = COMMAND_MESSAGE, .text = text, .text_length = strlen(text), .on = word};
    snprintf(command.group, sizeof command.group, "%s", texts_group(squad, n));
    return squad_command(squad, n, &command);
}

enum status texts_write(struct squad *squad, size_t n, const char *text) {
    return texts_write_word(squad, n, text, 0);
}

void texts_read_first(struct squad *squad, size_t n, size_t count) {
    uint64_t ids[VIEW_MESSAGES_MAX];
    struct command command = {.kind = COMMAND_READ_MESSAGES, .seen = ids, .seen_count = count};
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < count; i++) {
        ids[i] = view->messages[i].id;
    }
    snprintf(command.group, sizeof command.group, "%s", texts_group(squad, n));
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
}

void texts_read(struct squad *squad, size_t n) {
    texts_read_first(squad, n, squad_view(squad, n)->message_count);
}

unsigned texts_shown(struct squad *squad, size_t n, const char *text) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->message_count; i++) {
        count += strcmp(view->messages[i].text, text) == 0;
    }
    return count;
}
