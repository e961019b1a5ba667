/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/member_line.h"

#include "ui/screens/text.h"
#include "ui/screens/who.h"

enum {
    INDENT = 4 /* behind the list's mark and ours */
};

void member_line(struct area line, enum style style, bool selected,
                 const struct member_columns *columns, const struct member_words *words,
                 const char *name, enum name_kind kind, const char *identity) {
    enum style words_style = selected ? style : words->style;
    area_text(line, 0, 2, words_style, words->mark);
    if (!text_is_full(line)) {
        int at = line.columns - columns->short_words;
        area_text(line, 0, at, words_style, words->short_word);
        int width = at - INDENT - 1;
        who_draw(line, 0, INDENT, width, style, name, kind, identity);
        return;
    }
    int at = line.columns - columns->words;
    area_text(line, 0, at, words_style, words->word);
    char room[WHO_SIZE];
    area_text_fit(line, 0, at -= columns->name, columns->name - 1, style,
                  who_name(room, name, kind));
    text_tail(line, 0, INDENT, at - INDENT - 1, style, identity);
}
