/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/turn.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

enum {
    OTHERS_SIZE = 16
};

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

/* How many hints there is room for before the last, where `others` take so many columns. Whatever
 * else has to go, the last stays: the key to the help. */
static size_t room_for(const struct hints *hints, struct area area, int others) {
    const struct hint *last = &hints->hint[hints->count - 1];
    bool wide = area.columns >= 60;
    int gap = wide ? 3 : 2, column = 1;
    int end = others + (wide ? hint_columns(last) : text_width(last->key));
    size_t count = 0;
    while (count + 1 < hints->count) {
        column += hint_columns(&hints->hint[count]) + gap;
        if (column + end > area.columns) {
            break;
        }
        count++;
    }
    return count;
}

/* Both if that costs no other hint; the ways to other screens; or the palette alone. */
static const char *others_of(const struct hints *hints, struct area area, char room[OTHERS_SIZE]) {
    const char *screens = hints->others != NULL ? hints->others : "";
    snprintf(room, OTHERS_SIZE, "%s%s%s", screens, screens[0] != '\0' ? " " : "", PALETTE_KEY);
    size_t alone = room_for(hints, area, screens[0] != '\0' ? text_width(screens) + 1 : 0);
    bool is_free = room_for(hints, area, text_width(room) + 1) == alone;
    return hints->has_palette && is_free ? room : screens;
}

void hints_draw(const struct hints *hints, struct area area) {
    area_fill(area, ' ', STYLE_KEYS);
    if (hints->count == 0) {
        return;
    }
    char room[OTHERS_SIZE];
    const struct hint *last = &hints->hint[hints->count - 1];
    const char *others = others_of(hints, area, room);
    size_t count = room_for(hints, area, others[0] != '\0' ? text_width(others) + 1 : 0);
    int gap = area.columns >= 60 ? 3 : 2, column = 1;
    for (size_t i = 0; i < count; i++) {
        const struct hint *hint = &hints->hint[i];
        column += area_text(area, 0, column, STYLE_KEYS, hint->key) + 1;
        column += area_text(area, 0, column, STYLE_KEYS, hint->what) + gap;
    }
    if (others[0] != '\0') {
        column += area_text(area, 0, column, STYLE_KEYS, others) + 1;
    }
    bool has_word = hint_columns(last) <= area.columns - column;
    column += area_text(area, 0, column, STYLE_KEYS, last->key) + 1;
    if (has_word) {
        area_text(area, 0, column, STYLE_KEYS, last->what);
    }
}
