/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/links.h"

#include <stdio.h>

#include "ui/screens/modes.h"
#include "ui/screens/signal.h"
#include "ui/screens/text.h"
#include "ui/words/radio.h"
#include "ui/words/words.h"

/* Where the columns of the full layout begin. */
struct columns {
    int radio, state, peers, signal;
};

static struct columns columns_of(void) {
    struct columns columns = {.radio = 18};
    columns.state = columns.radio + text_widest(_("Radio"), "00:00:00:00", NULL) + 3;
    columns.peers =
        columns.state +
        text_widest(_("State"), _("starting…"), _("on"), _("off"), _("! not usable"), NULL) + 2;
    columns.signal =
        columns.peers +
        text_widest(_("Reaches"), _("nobody"), words_many("%u peer", "%u peers", 2), NULL) + 3;
    return columns;
}

static const char *state_word(enum radio_view_state state) {
    switch (state) {
    case RADIO_VIEW_ON:
        return _("on");
    case RADIO_VIEW_STARTING:
        return _("starting…");
    case RADIO_VIEW_OFF:
        return _("off");
    default:
        return _("! not usable");
    }
}

static enum style state_style(enum radio_view_state state) {
    switch (state) {
    case RADIO_VIEW_ON:
        return STYLE_GOOD;
    case RADIO_VIEW_STARTING:
        return STYLE_PLAIN;
    case RADIO_VIEW_OFF:
        return STYLE_DIM;
    default:
        return STYLE_CAUTION;
    }
}

/* "1 peer", "nobody"; "" of a radio that is not on. */
static void peers_text(const struct view_radio *radio, char out[TEXT_SIZE]) {
    out[0] = '\0';
    if (radio->state == RADIO_VIEW_ON && radio->peers == 0) {
        text_copy(out, TEXT_SIZE, _("nobody"));
    } else if (radio->state == RADIO_VIEW_ON) {
        snprintf(out, TEXT_SIZE, words_many("%u peer", "%u peers", radio->peers), radio->peers);
    }
}

static int quality_of(const struct view_radio *radio) {
    bool is_heard = radio->state == RADIO_VIEW_ON && radio->peers > 0;
    return is_heard ? radio->quality : VIEW_QUALITY_UNKNOWN;
}

static void write_full_radio(struct page *page, const struct view_radio *radio) {
    char peers[TEXT_SIZE];
    peers_text(radio, peers);
    if (page->drawing) {
        struct area area = page->area;
        struct columns columns = columns_of();
        int row = page_row(page), quality = quality_of(radio);
        area_text_fit(area, row, 1, columns.radio - 2, STYLE_STRONG, radio->link);
        area_text_fit(area, row, columns.radio, columns.state - columns.radio - 1, STYLE_PLAIN,
                      radio->name);
        area_text(area, row, columns.state, state_style(radio->state), state_word(radio->state));
        area_text(area, row, columns.peers, STYLE_PLAIN, peers);
        area_print(area, row, columns.signal, STYLE_PLAIN, "%s %s", signal_bars(quality),
                   signal_word(quality));
    }
    page->row++;
}

static void write_short_radio(struct page *page, const struct view_radio *radio) {
    char peers[TEXT_SIZE];
    peers_text(radio, peers);
    const char *word = signal_word(quality_of(radio));
    page_print(page, 0, STYLE_STRONG, "%s %s", radio->link, radio->name);
    page_print(page, 2, state_style(radio->state), "%s%s%s%s%s", state_word(radio->state),
               peers[0] != '\0' ? ", " : "", peers, word[0] != '\0' ? ", " : "", word);
}

static void write_condition(struct page *page, const struct view_condition *condition,
                            enum style style) {
    char text[CONDITION_WORDS_SIZE];
    condition_words(condition, text);
    if (text[0] != '\0') {
        page_text(page, 2, style, text);
    }
}

static void write_radio(struct page *page, const struct view_radio *radio) {
    if (text_is_full(page->area)) {
        write_full_radio(page, radio);
    } else {
        write_short_radio(page, radio);
    }
    bool is_advice = radio->state == RADIO_VIEW_UNUSABLE;
    write_condition(page, &radio->condition, is_advice ? STYLE_PLAIN : STYLE_DIM);
    write_condition(page, &radio->also, STYLE_DIM);
}

static void write_heading(struct page *page) {
    if (page->drawing) {
        struct columns columns = columns_of();
        int row = page_row(page);
        area_text(page->area, row, 1, STYLE_DIM, _("Link"));
        area_text(page->area, row, columns.radio, STYLE_DIM, _("Radio"));
        area_text(page->area, row, columns.state, STYLE_DIM, _("State"));
        area_text(page->area, row, columns.peers, STYLE_DIM, _("Reaches"));
        area_text(page->area, row, columns.signal, STYLE_DIM, _("Best signal"));
    }
    page->row++;
}

static void write_radios(struct page *page, const struct view *view) {
    bool full = text_is_full(page->area);
    if (view->radio_count == 0) {
        page_text(page, 0, STYLE_PLAIN, _("No radio is in use."));
        page_text(page, 0, STYLE_DIM,
                  _("Muster uses the ones that it was started with: --transport bluetooth, "
                    "--transport wifi-direct."));
        return;
    }
    if (full) {
        write_heading(page);
    }
    for (size_t i = 0; i < view->radio_count; i++) {
        write_radio(page, &view->radios[i]);
    }
}

static void write_mode(struct page *page, const char *key, const char *name, bool is_on,
                       const char *what) {
    bool full = text_is_full(page->area);
    if (page->drawing) {
        struct area area = page->area;
        int row = page_row(page);
        int at =
            full ? columns_of().radio : area.columns - text_widest(_("ON"), _("off"), NULL) - 1;
        area_text(area, row, 1, STYLE_STRONG, key);
        area_text(area, row, 3, STYLE_PLAIN, name);
        area_text(area, row, at, is_on ? STYLE_CAUTION : STYLE_DIM, is_on ? _("ON") : _("off"));
        at += text_widest(_("ON"), _("off"), NULL) + 2;
        area_text(area, row, at, STYLE_DIM, full ? what : "");
    }
    page->row++;
}

/* Who is there and not understood. */
static void write_versions(struct page *page, const struct view *view) {
    char text[2 * TEXT_SIZE];
    for (size_t i = 0; i < view->version_count; i++) {
        const struct view_version *other = &view->versions[i];
        snprintf(text, sizeof text,
                 words_many("%s: a handset of version %u, %llu frame",
                            "%s: a handset of version %u, %llu frames",
                            (unsigned long)other->frames),
                 other->link[0] != '\0' ? other->link : "?", other->version,
                 (unsigned long long)other->frames);
        if (i == 0) {
            page_gap(page);
            page_text(page, 0, STYLE_CAUTION,
                      _("! Not understood: install the same version on all handsets"));
        }
        page_text(page, 2, STYLE_PLAIN, text);
    }
}

void links_key(struct links *links, struct turn *turn) {
    if (turn->press == 's') {
        turn_go(turn, PLACE_SOUND, "");
    } else {
        scroll_key(&links->scroll, turn->press);
    }
}

void links_draw(struct links *links, const struct view *view, struct area area) {
    struct page page = page_begin(&links->scroll, area);
    do {
        write_mode(&page, MODES_AIRPLANE_KEY, _("Airplane mode"), view->airplane,
                   _(modes_airplane));
        write_mode(&page, MODES_SILENCE_KEY, _("Radio silence"), view->radio_silence,
                   _(modes_silence));
        page_gap(&page);
        write_radios(&page, view);
        write_versions(&page, view);
    } while (page_again(&page));
}

void links_hints(const struct view *view, struct hints *hints) {
    if (view->sound.is_live) {
        hints_add(hints, "s", _("sound"));
    }
    hints_add(hints, _("up/down"), _("scroll"));
}

bool links_all_off(const struct view *view) {
    for (size_t i = 0; i < view->radio_count; i++) {
        enum radio_view_state state = view->radios[i].state;
        if (state == RADIO_VIEW_ON || state == RADIO_VIEW_STARTING) {
            return false;
        }
    }
    return view->radio_count > 0;
}

void links_write_advice(struct page *page, const struct view *view) {
    for (size_t i = 0; i < view->radio_count; i++) {
        const struct view_radio *radio = &view->radios[i];
        char text[CONDITION_WORDS_SIZE];
        condition_words(&radio->condition, text);
        if (radio->state == RADIO_VIEW_UNUSABLE) {
            page_print(page, 0, STYLE_CAUTION, "! %s%s%s: %s", radio->link,
                       radio->name[0] != '\0' ? " " : "", radio->name,
                       text[0] != '\0' ? text : _("not usable"));
        }
    }
}
