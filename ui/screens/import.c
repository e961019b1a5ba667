/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/import.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

enum {
    LINE_SHOWN = 256 /* octets of the end of the text that are enough for any line on a screen */
};

void import_page_clear(struct import_page *import) {
    import->scroll = (struct scroll){0};
    import->length = 0;
    import->is_taken = import->is_cut = import->was_given = false;
}

static bool is_text(const struct import_page *import) {
    return import->length > 0 && !import->is_taken;
}

static void add(struct import_page *import, uint32_t press) {
    char octets[CHARACTER_UTF8_SIZE];
    size_t count = character_utf8(press, octets);
    if (import->is_taken) {
        import->length = 0;
        import->is_taken = import->is_cut = false;
    }
    if (import->length + count > sizeof import->text) {
        import->is_cut = true;
        return;
    }
    memcpy(import->text + import->length, octets, count);
    import->length += count;
}

static void take_back(struct import_page *import) {
    bool lead = false;
    while (is_text(import) && !lead) {
        lead = ((unsigned char)import->text[--import->length] & 0xC0) != 0x80;
    }
}

static void give(struct import_page *import, struct turn *turn) {
    if (!is_text(import)) {
        return;
    }
    if (import->is_cut) {
        turn->notice = _("That is too long to paste at once: use muster import FILE for it.");
        import->is_taken = true;
        return;
    }
    turn_command(turn, COMMAND_IMPORT);
    turn->command->text = import->text;
    turn->command->text_length = import->length;
    import->is_taken = import->was_given = true;
    import->scroll = (struct scroll){0};
}

static bool is_character(uint32_t press) {
    return press >= ' ' && press != 0x7F && !(press >= 0x80 && press < 0xA0) &&
           !(press >= 0xD800 && press < 0xE000) && press < PRESS_NAMED;
}

void import_page_key(struct import_page *import, struct turn *turn) {
    uint32_t press = turn->press;
    if (turn->is_pasted && press == PRESS_ENTER) {
        add(import, '\n');
    } else if (turn->is_pasted && press == PRESS_TAB) {
        add(import, ' ');
    } else if (is_character(press)) {
        add(import, press);
    } else if (press == PRESS_ENTER || press == PRESS_PASTE_END) {
        give(import, turn);
    } else if (press == PRESS_BACKSPACE && !turn->is_pasted) {
        take_back(import);
    } else {
        scroll_key(&import->scroll, press);
    }
}

/* The end of the last line that was typed or pasted, as much as fits, and the cursor. */
static void draw_field(const struct import_page *import, struct area line) {
    char end[LINE_SHOWN + 1];
    size_t start = import->length > LINE_SHOWN ? import->length - LINE_SHOWN : 0;
    size_t length = is_text(import) ? import->length - start : 0;
    memcpy(end, import->text + start, length);
    end[length] = '\0';
    const char *last = strrchr(end, '\n');
    area_fill(line, ' ', STYLE_SELECTED);
    int used =
        text_tail(line, 0, 0, line.columns - 1, STYLE_SELECTED, last != NULL ? last + 1 : end);
    area_text(line, 0, used, STYLE_SELECTED, "_");
}

static void write_gathering(struct page *page, const struct view_gathering *gathering) {
    char ago[TEXT_SIZE], missing[PARTS_WORDS_SIZE];
    parts_words(gathering->missing, missing);
    text_duration(gathering->latest_ago_ms, ago);
    page_print(page, 0, STYLE_STRONG, _("%s  %u of %u parts"), gathering->tag, gathering->there,
               gathering->count);
    page_print(page, 2, STYLE_CAUTION, _("missing: %s"), missing);
    page_print(page, 2, STYLE_DIM, _("the latest came %s ago"), ago);
}

static void write_outcome(struct page *page, const struct view *view) {
    for (size_t i = 0; i < view->imported_count; i++) {
        bool is_problem = event_weight(view->imported[i].kind) == LOG_WARNING;
        char words[EVENT_WORDS_SIZE];
        event_words(&view->imported[i], words, sizeof words);
        page_print(page, 0, is_problem ? STYLE_CAUTION : STYLE_GOOD, "%s %s",
                   is_problem ? "!" : "✓", words);
    }
}

static void write_page(struct import_page *import, struct page *page, const struct view *view) {
    page_gap(page);
    page_text(page, 0, STYLE_STRONG,
              _("Paste or type the lines that begin with MUSTER KEY, or a list of the revoked."));
    page_gap(page);
    if (page->drawing) {
        draw_field(import, area_within(page->area, page_row(page), 1, 1, page->area.columns - 2));
    }
    page->row++;
    page_gap(page);
    if (import->was_given && view->imported_count > 0) {
        write_outcome(page, view);
        page_gap(page);
    }
    if (view->gathering_count > 0) {
        page_text(page, 0, STYLE_DIM, _("Keys with parts missing"));
    }
    for (size_t i = 0; i < view->gathering_count; i++) {
        write_gathering(page, &view->gatherings[i]);
    }
    if (view->gathering_count > 0) {
        page_gap(page);
    }
    page_text(page, 0, STYLE_DIM,
              _("In any order, and over several days: parts are kept for 30 days. Once "
                "a key is complete, it is checked and taken."));
}

void import_page_draw(struct import_page *import, const struct view *view, struct area area) {
    struct page page = page_begin(&import->scroll, area);
    do {
        write_page(import, &page, view);
    } while (page_again(&page));
}

void import_page_hints(const struct import_page *import, struct hints *hints) {
    if (is_text(import)) {
        hints_add(hints, _("enter"), _("take it"));
    }
    hints_add(hints, _("up/down"), _("scroll"));
}
