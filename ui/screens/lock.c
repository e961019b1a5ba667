/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/lock.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    MINUTE_MS = 60 * 1000
};

static const int64_t locks_ms[] = {0, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS};
static const unsigned erases[] = {0, 50, 20, 10, 5}; /* the mildest first */

#define COUNT_OF(list) (sizeof(list) / sizeof(list)[0])

bool lock_global_key(struct turn *turn, enum place place) {
    enum view_phase phase = turn->view->phase;
    if (turn->press == LOCK_PRESS) {
        if (phase == PHASE_READY || phase == PHASE_UNENROLLED) {
            turn_command(turn, COMMAND_LOCK);
        }
        return true;
    }
    if (turn->press == ZEROISE_PRESS) {
        if (phase != PHASE_NEW && place != PLACE_ZEROISE) {
            turn->go = PLACE_ZEROISE;
        }
        return true;
    }
    return false;
}

/* --- How it locks ----------------------------------------------------------------------------- */

static void change_lock_after(struct turn *turn) {
    size_t at = 0;
    while (at < COUNT_OF(locks_ms) && locks_ms[at] <= turn->view->settings.lock_after_ms) {
        at++;
    }
    turn_command(turn, COMMAND_LOCK_AFTER);
    turn->command->period_ms = locks_ms[at % COUNT_OF(locks_ms)];
}

static void change_erase_after(struct turn *turn) {
    size_t at = 0;
    while (at < COUNT_OF(erases) && erases[at] != turn->view->settings.erase_after) {
        at++;
    }
    turn_command(turn, COMMAND_ERASE_AFTER);
    turn->command->on = (int)erases[(at + 1) % COUNT_OF(erases)];
}

void lock_screen_key(struct lock_screen *lock, struct turn *turn) {
    if (turn->press == LOCK_SETTINGS_PRESS) {
        change_lock_after(turn);
    } else if (turn->press == 'h') {
        turn_command(turn, COMMAND_HEAR_LOCKED);
        turn->command->on = !turn->view->settings.hears_locked;
    } else if (turn->press == 'e') {
        change_erase_after(turn);
    } else {
        scroll_key(&lock->scroll, turn->press);
    }
}

static void write_settings(struct page *page, const struct view_settings *settings) {
    char text[TEXT_SIZE], time[TEXT_SIZE];
    if (settings->lock_after_ms == 0) {
        snprintf(text, sizeof text, "%s", _("never by itself"));
    } else {
        text_duration(settings->lock_after_ms, time);
        snprintf(text, sizeof text, _("after %s without a key"), time);
    }
    page_pair(page, _("u  Lock"), STYLE_STRONG, text);
    page_pair(page, _("h  Hear"), settings->hears_locked ? STYLE_CAUTION : STYLE_STRONG,
              settings->hears_locked ? _("while locked") : _("nobody while locked"));
    if (settings->erase_after == 0) {
        snprintf(text, sizeof text, "%s", _("never by itself"));
    } else {
        snprintf(text, sizeof text,
                 words_many("after %lu wrong passphrase", "after %lu wrong passphrases",
                            (unsigned long)settings->erase_after),
                 (unsigned long)settings->erase_after);
    }
    page_pair(page, _("e  Erase"), settings->erase_after == 0 ? STYLE_STRONG : STYLE_CAUTION, text);
}

void lock_screen_draw(struct lock_screen *lock, const struct view *view, struct area area) {
    struct page page = page_begin(&lock->scroll, area);
    do {
        page_gap(&page);
        if (view->settings.is_unsaved) {
            page_text(&page, 0, STYLE_CAUTION, _("Not saved: it holds until Muster ends."));
        }
        write_settings(&page, &view->settings);
        page_pair(&page, _("Copies"), view->is_bound ? STYLE_GOOD : STYLE_CAUTION,
                  view->is_bound ? _("open nowhere else: bound to this machine's TPM")
                                 : _("open elsewhere with the passphrase"));
        page_gap(&page);
        page_pair(&page, _("Ctrl-K"), STYLE_PLAIN, _("locks now"));
        page_pair(&page, _("Ctrl-X"), STYLE_PLAIN, _("zeroises: destroys everything (asks first)"));
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM,
                  view->settings.hears_locked
                      ? _("A locked handset keeps its groups' keys in its memory until they end, "
                          "and no others: it hears what is said nearby, whoever holds it. Nobody "
                          "reaches it, and it calls no emergency until its passphrase is given.")
                      : _("A locked handset has no keys in its memory: it hears nobody, nobody "
                          "reaches it, and it calls no emergency until its passphrase is given."));
    } while (page_again(&page));
}

void lock_screen_hints(struct hints *hints) {
    hints_add(hints, LOCK_SETTINGS_KEY, _("lock"));
    hints_add(hints, "h", _("hear"));
    hints_add(hints, "e", _("erase"));
    hints_add(hints, _("up/down"), _("scroll"));
}

/* --- Zeroising -------------------------------------------------------------------------------- */

void zeroise_key(struct turn *turn) {
    if (turn->press == ZEROISE_CONFIRM_PRESS) {
        turn_command(turn, COMMAND_ZEROISE);
    }
}

void zeroise_draw(struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_BAD, _("Zeroise this handset?"));
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG,
                  _("Shift-Z destroys its keys, groups, settings and log at once. Nothing brings "
                    "them back."));
        page_gap(&page);
        page_text(&page, 0, STYLE_PLAIN, _("It must be enrolled again after that."));
        page_text(&page, 0, STYLE_PLAIN, _("Esc goes back: nothing is done."));
    } while (page_again(&page));
}

void zeroise_hints(struct hints *hints) {
    hints_add(hints, ZEROISE_CONFIRM_KEY, _("destroy all"));
}
