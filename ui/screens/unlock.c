/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/unlock.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    NEAR_ERASURE = 3 /* so many wrong passphrases before it, it is said most clearly */
};

void unlock_wipe(struct unlock *unlock) {
    field_wipe(&unlock->passphrase);
    field_wipe(&unlock->again);
    unlock->repeating = false;
}

bool unlock_is_typing(const struct view *view) {
    return (view->phase == PHASE_LOCKED && view->lock.wait_ms == 0) || view->phase == PHASE_NEW;
}

static void send_passphrase(struct unlock *unlock, struct turn *turn) {
    turn_command(turn, COMMAND_UNLOCK);
    text_copy(turn->command->passphrase, sizeof turn->command->passphrase, unlock->passphrase.text);
    unlock_wipe(unlock);
}

static void enter(struct unlock *unlock, struct turn *turn) {
    if (turn->view->phase == PHASE_LOCKED) {
        if (unlock->passphrase.length > 0) {
            send_passphrase(unlock, turn);
        } else {
            turn->notice = _("Type the passphrase of this handset first.");
        }
    } else if (!unlock->repeating) {
        if (field_letters(&unlock->passphrase) < OFFICER_PASSPHRASE_MIN) {
            turn->notice = _("Too short: at least 8 characters.");
        } else {
            unlock->repeating = true;
        }
    } else if (field_equal(&unlock->passphrase, &unlock->again)) {
        send_passphrase(unlock, turn);
    } else {
        unlock_wipe(unlock);
        turn->notice = _("The two were not the same. Choose again.");
    }
}

void unlock_key(struct unlock *unlock, struct turn *turn) {
    if (!unlock_is_typing(turn->view)) {
        /* Letters may be of a passphrase that is typed ahead of its time: they ask nothing. */
        if (turn->press == PRESS_ESCAPE) {
            turn_go(turn, PLACE_LEAVE, "");
        }
    } else if (turn->press == PRESS_ENTER) {
        enter(unlock, turn);
    } else if (turn->press == PRESS_ESCAPE) {
        bool empty = unlock->passphrase.length == 0 && !unlock->repeating;
        unlock_wipe(unlock);
        if (empty) {
            turn_go(turn, PLACE_LEAVE, "");
        }
    } else {
        field_key(unlock->repeating ? &unlock->again : &unlock->passphrase, OFFICER_PASSPHRASE_SIZE,
                  turn->press);
    }
}

static void draw_field(struct page *page, const char *label, const struct field *field) {
    page_text(page, 0, STYLE_STRONG, label);
    if (page->drawing) {
        int width = page->area.columns - 2;
        field_draw(field, true, page->area, page_row(page), 1, width < 50 ? width : 50);
    }
    page->row++;
}

static void draw_length(struct page *page, const struct field *field) {
    size_t typed = field_letters(field);
    if (typed < OFFICER_PASSPHRASE_MIN) {
        page_print(page, 0, STYLE_CAUTION, _("%zu of at least %d characters."), typed,
                   OFFICER_PASSPHRASE_MIN);
    } else if (typed < 2 * (size_t)OFFICER_PASSPHRASE_MIN) {
        page_print(page, 0, STYLE_PLAIN, _("%zu characters: long enough, longer is safer."), typed);
    } else {
        page_print(page, 0, STYLE_GOOD, _("%zu characters: good."), typed);
    }
}

/* A wait, counted down to the second. */
static void wait_text(int64_t wait_ms, char text[TEXT_SIZE]) {
    unsigned long seconds = (unsigned long)(wait_ms + 999) / 1000;
    if (seconds < 60) {
        text_duration((int64_t)seconds * 1000, text);
    } else {
        snprintf(text, TEXT_SIZE, _("%lu:%02lu min"), seconds / 60, seconds % 60);
    }
}

/* How many wrong ones there were, how long to wait, and what comes of more. */
static void write_attempts(struct page *page, const struct view_lock *lock) {
    char wait[TEXT_SIZE];
    if (lock->wrong > 0) {
        page_print(page, 0, STYLE_CAUTION,
                   words_many("%lu wrong passphrase.", "%lu wrong passphrases.",
                              (unsigned long)lock->wrong),
                   (unsigned long)lock->wrong);
    }
    if (lock->wait_ms > 0) {
        wait_text(lock->wait_ms, wait);
        page_print(page, 0, STYLE_STRONG, _("The next one is taken in %s."), wait);
    }
    if (lock->wrong > 0 && lock->erase_after > lock->wrong) {
        unsigned long left = lock->erase_after - lock->wrong;
        page_print(page, 0, left <= NEAR_ERASURE ? STYLE_BAD : STYLE_CAUTION,
                   words_many("%lu more wrong one erases this handset.",
                              "%lu more wrong ones erase this handset.", left),
                   left);
    }
}

static void draw_locked(struct unlock *unlock, struct page *page, const struct view_lock *lock,
                        bool is_bound) {
    if (lock->was_open) {
        page_text(page, 0, STYLE_STRONG, _("This handset is locked."));
        page_text(page, 0, STYLE_PLAIN,
                  lock->hears
                      ? _("It still hears its groups. It says nothing, and calls no emergency, "
                          "until its passphrase is given.")
                      : _("It hears nobody, and calls no emergency, until its passphrase is "
                          "given."));
    } else {
        page_text(page, 0, STYLE_PLAIN, _("This handset's keys are sealed."));
    }
    page_gap(page);
    write_attempts(page, lock);
    if (lock->wait_ms == 0) {
        draw_field(page, _("Passphrase"), &unlock->passphrase);
    }
    page_gap(page);
    page_text(page, 0, STYLE_DIM,
              is_bound ? _("Bound to this machine: a copy of its files opens nowhere else.")
                       : _("Who copies its files and knows the passphrase opens them elsewhere."));
}

/* There is no saying how far the work is, only that it goes on: a block that wanders. */
static void draw_progress(struct page *page, int64_t utc_ms) {
    if (page->drawing) {
        int width = page->area.columns - 2 < 40 ? page->area.columns - 2 : 40;
        struct area bar = area_within(page->area, page_row(page), 1, 1, width);
        int at = width > 4 ? (int)((uint64_t)utc_ms / 125 % (uint64_t)(width - 3)) : 0;
        area_fill(bar, 0x2591, STYLE_DIM);
        area_fill(area_within(bar, 0, at, 1, 4), 0x2588, STYLE_STRONG);
    }
    page->row++;
}

void unlock_draw(struct unlock *unlock, const struct view *view, struct area area) {
    struct page page = page_begin(&unlock->scroll, area);
    do {
        page_gap(&page);
        if (view->phase == PHASE_UNLOCKING) {
            page_text(&page, 0, STYLE_STRONG, _("Opening the store"));
            draw_progress(&page, view->utc_ms);
            page_gap(&page);
            page_text(&page, 0, STYLE_PLAIN,
                      _("The passphrase is being turned into a key. That takes about a second "
                        "on purpose: it slows down anyone who has to guess."));
        } else if (view->phase == PHASE_LOCKED) {
            draw_locked(unlock, &page, &view->lock, view->is_bound);
        } else if (!unlock->repeating) {
            page_text(&page, 0, STYLE_PLAIN,
                      _("A new handset. Choose the passphrase that seals its keys."));
            page_gap(&page);
            draw_field(&page, _("New passphrase"), &unlock->passphrase);
            draw_length(&page, &unlock->passphrase);
            page_gap(&page);
            page_text(&page, 0, STYLE_DIM,
                      _("Four or five unrelated words make a good one. Nobody can recover it "
                        "for you."));
        } else {
            page_text(&page, 0, STYLE_PLAIN, _("Type the same passphrase once more."));
            page_gap(&page);
            draw_field(&page, _("Passphrase again"), &unlock->again);
        }
    } while (page_again(&page));
}

void unlock_hints(const struct unlock *unlock, const struct view *view, struct hints *hints) {
    if (!unlock_is_typing(view)) {
        hints_add(hints, _("esc"), _("quit"));
        hints_add(hints, _("Ctrl-X"), _("zeroise"));
        return;
    }
    hints_add(hints, _("enter"),
              view->phase == PHASE_NEW && !unlock->repeating ? _("next") : _("open"));
    bool empty = unlock->passphrase.length == 0 && !unlock->repeating;
    hints_add(hints, _("esc"), empty ? _("quit") : _("clear"));
    if (view->phase == PHASE_LOCKED) {
        hints_add(hints, _("Ctrl-X"), _("zeroise"));
    }
}
