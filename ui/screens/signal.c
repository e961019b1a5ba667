/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/signal.h"

#include "ui/words/words.h"
#include <stdio.h>

enum {
    BARS = 3 /* columns */
};

enum level {
    LEVEL_UNKNOWN,
    LEVEL_WEAK,
    LEVEL_FAIR,
    LEVEL_STRONG,
    LEVELS
};

static const char *const bars[LEVELS] = {"   ", "▂  ", "▂▄ ", "▂▄▆"};
static const char *const highest[LEVELS] = {"", "▂", "▄", "▆"};
static const char *const strengths[LEVELS] = {"", N_("weak"), N_("fair"), N_("strong")};

static enum level level_of(int quality) {
    return quality < 0    ? LEVEL_UNKNOWN
           : quality < 34 ? LEVEL_WEAK
           : quality < 67 ? LEVEL_FAIR
                          : LEVEL_STRONG;
}

/* What is relayed comes with the relay's signal, which says nothing of the handset. */
static enum level level_of_nearby(const struct view_nearby *nearby) {
    bool is_own = nearby->link[0] != '\0' && !nearby->relayed;
    return is_own ? level_of(nearby->quality) : LEVEL_UNKNOWN;
}

int signal_level(const struct view_nearby *nearby) {
    return (int)level_of_nearby(nearby);
}

const char *signal_bars(int quality) {
    return bars[level_of(quality)];
}

const char *signal_word(int quality) {
    return words(strengths[level_of(quality)]);
}

void signal_column(const struct view_nearby *nearby, char out[SIGNAL_SIZE]) {
    snprintf(out, SIGNAL_SIZE, "%s %s", bars[level_of_nearby(nearby)],
             nearby->relayed ? _("relayed") : nearby->link);
}

int signal_draw_short(struct area line, int end, enum style style,
                      const struct view_nearby *nearby) {
    if (line.columns < SIGNAL_ROOM) {
        area_text(line, 0, end - 1, style, highest[level_of_nearby(nearby)]);
        return end - 2;
    }
    /* Which link it is stands below the list: here the name and its digits need the room. */
    area_text(line, 0, end - BARS, style, bars[level_of_nearby(nearby)]);
    return end - BARS - 1;
}

void signal_short(const struct view_nearby *nearby, char out[SIGNAL_SIZE]) {
    const char *word = nearby->relayed ? _("relayed") : words(strengths[level_of_nearby(nearby)]);
    snprintf(out, SIGNAL_SIZE, "%s%s%s", nearby->link,
             nearby->link[0] != '\0' && word[0] != '\0' ? ", " : "", word);
}

void signal_heard(const struct view_nearby *nearby, const char *ago, char out[SIGNAL_SIZE]) {
    const char *word = words(strengths[level_of_nearby(nearby)]);
    char heard[2 * VIEW_LINK_SIZE + 40], others[48] = "";
    if (nearby->link[0] != '\0') {
        snprintf(heard, sizeof heard, _("heard %s ago over %s"), ago, nearby->link);
    } else {
        snprintf(heard, sizeof heard, _("heard %s ago"), ago);
    }
    if (nearby->links > 1) {
        unsigned count = nearby->links - 1;
        snprintf(others, sizeof others,
                 words_many("also on %u other link", "also on %u other links", count), count);
    }
    snprintf(out, SIGNAL_SIZE, "%s%s%s%s%s%s%s", heard, word[0] != '\0' ? ", " : "", word,
             nearby->relayed ? ", " : "", nearby->relayed ? _("relayed by another handset") : "",
             others[0] != '\0' ? "; " : "", others);
}
