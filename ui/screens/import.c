/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/import.h"

#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

void import_page_clear(struct import_page *import) {
    import->scroll = (struct scroll){0};
    pasted_clear(&import->pasted);
    import->was_given = false;
}

static void give(struct import_page *import, struct turn *turn) {
    struct pasted *pasted = &import->pasted;
    if (!pasted_is_text(pasted)) {
        return;
    }
    pasted->is_taken = true;
    if (pasted->is_cut) {
        turn->notice = _("That is too long to paste at once: use muster import FILE for it.");
        return;
    }
    turn_command(turn, COMMAND_IMPORT);
    turn->command->text = pasted->text;
    turn->command->text_length = pasted->length;
    import->was_given = true;
    import->scroll = (struct scroll){0};
}

void import_page_key(struct import_page *import, struct turn *turn) {
    uint32_t press = turn->press;
    if (pasted_key(&import->pasted, turn)) {
        return;
    }
    if (press == PRESS_ENTER || press == PRESS_PASTE_END) {
        give(import, turn);
    } else {
        scroll_key(&import->scroll, press);
    }
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
        pasted_draw(&import->pasted,
                    area_within(page->area, page_row(page), 1, 1, page->area.columns - 2));
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
    if (pasted_is_text(&import->pasted)) {
        hints_add(hints, _("enter"), _("take it"));
    }
    hints_add(hints, _("up/down"), _("scroll"));
}
