/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/signal.h"

#include <stdio.h>

enum level {
    LEVEL_UNKNOWN,
    LEVEL_WEAK,
    LEVEL_FAIR,
    LEVEL_STRONG,
    LEVELS
};

static const char *const bars[LEVELS] = {"   ", "▂  ", "▂▄ ", "▂▄▆"};
static const char *const highest[LEVELS] = {"", "▂", "▄", "▆"};
static const char *const words[LEVELS] = {"", "weak", "fair", "strong"};

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

const char *signal_bars(int quality) {
    return bars[level_of(quality)];
}

const char *signal_word(int quality) {
    return words[level_of(quality)];
}

void signal_column(const struct view_nearby *nearby, char out[SIGNAL_SIZE]) {
    snprintf(out, SIGNAL_SIZE, "%s %s", bars[level_of_nearby(nearby)],
             nearby->relayed ? "relayed" : nearby->link);
}

int signal_draw_short(struct area line, int end, enum style style,
                      const struct view_nearby *nearby) {
    if (line.columns < SIGNAL_ROOM) {
        area_text(line, 0, end - 1, style, highest[level_of_nearby(nearby)]);
        return end - 2;
    }
    char column[SIGNAL_SIZE];
    signal_column(nearby, column);
    area_text_fit(line, 0, end - SIGNAL_COLUMNS, SIGNAL_COLUMNS, style, column);
    return end - SIGNAL_COLUMNS - 1;
}

void signal_short(const struct view_nearby *nearby, char out[SIGNAL_SIZE]) {
    const char *word = nearby->relayed ? "relayed" : words[level_of_nearby(nearby)];
    snprintf(out, SIGNAL_SIZE, "%s%s%s", nearby->link,
             nearby->link[0] != '\0' && word[0] != '\0' ? ", " : "", word);
}

void signal_words(const struct view_nearby *nearby, char out[SIGNAL_SIZE]) {
    const char *word = words[level_of_nearby(nearby)];
    char over[2 * VIEW_LINK_SIZE] = "", others[40] = "";
    if (nearby->link[0] != '\0') {
        snprintf(over, sizeof over, " over %s%s%s", nearby->link, word[0] != '\0' ? ", " : "",
                 word);
    }
    if (nearby->links > 1) {
        snprintf(others, sizeof others, "; also on %u other link%s", nearby->links - 1,
                 nearby->links == 2 ? "" : "s");
    }
    snprintf(out, SIGNAL_SIZE, "%s%s%s", over, nearby->relayed ? ", relayed by another" : "",
             others);
}
