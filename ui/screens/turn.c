/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/turn.h"

#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

const char turn_look_again[] = N_("This has just changed: look again.");

void turn_command(struct turn *turn, enum command_kind kind) {
    memset(turn->command, 0, sizeof *turn->command);
    turn->command->kind = kind;
}

void turn_command_group(struct turn *turn, enum command_kind kind, const char *group) {
    turn_command(turn, kind);
    text_copy(turn->command->group, sizeof turn->command->group, group);
}

void turn_command_identity(struct turn *turn, enum command_kind kind, const char *identity) {
    turn_command(turn, kind);
    text_copy(turn->command->identity, sizeof turn->command->identity, identity);
}

void turn_go(struct turn *turn, enum place place, const char *subject) {
    turn->go = place;
    text_copy(turn->subject, sizeof turn->subject, subject);
}

void hints_add(struct hints *hints, const char *key, const char *what) {
    if (hints->count < HINTS_MAX) {
        hints->hint[hints->count++] = (struct hint){key, what};
    }
}

bool hints_have(const struct hints *hints, const char *key) {
    for (size_t i = 0; i < hints->count; i++) {
        if (strcmp(hints->hint[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static int hint_columns(const struct hint *hint) {
    return text_width(hint->key) + 1 + text_width(hint->what);
}

void hints_draw(const struct hints *hints, struct area area) {
    area_fill(area, ' ', STYLE_KEYS);
    if (hints->count == 0) {
        return;
    }
    const struct hint *last = &hints->hint[hints->count - 1];
    bool wide = area.columns >= 60;
    int others = hints->others != NULL ? text_width(hints->others) + 1 : 0;
    int gap = wide ? 3 : 2, end = others + (wide ? hint_columns(last) : text_width(last->key));
    int column = 1;
    for (size_t i = 0; i < hints->count; i++) {
        const struct hint *hint = &hints->hint[i];
        int room = area.columns - column;
        /* Whatever else has to go, the key to the help stays. */
        int reserve = hint == last ? 0 : gap + end;
        if (hint_columns(hint) + reserve > room && hint != last) {
            i = hints->count - 2;
            continue;
        }
        if (hint == last && others > 0) {
            column += area_text(area, 0, column, STYLE_KEYS, hints->others) + 1;
            room = area.columns - column;
        }
        column += area_text(area, 0, column, STYLE_KEYS, hint->key) + 1;
        if (hint_columns(hint) <= room) {
            column += area_text(area, 0, column, STYLE_KEYS, hint->what) + gap;
        }
    }
}
