/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/summary.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/nearby.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

enum {
    SUMMARY_SIZE = 200
};

void summary_add(struct summary *summary, const struct view *view, const char *identity,
                 bool trusted) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    summary->count++;
    summary->away += nearby == NULL;
    summary->untrusted += nearby != NULL ? !nearby->trusted : !trusted;
    summary->clocks += nearby != NULL && nearby->clock_differs;
}

/* Adds ", " and the text, where its count is not 0. */
static void add(char out[SUMMARY_SIZE], size_t count, const char *text) {
    size_t used = strlen(out);
    if (count > 0 && used < SUMMARY_SIZE) {
        snprintf(out + used, SUMMARY_SIZE - used, ", %s", text);
    }
}

int summary_draw(const struct summary *summary, struct area area) {
    char text[SUMMARY_SIZE], part[TEXT_SIZE];
    int width = area.columns - 2;
    size_t untrusted = summary->untrusted, clocks = summary->clocks, away = summary->away;
    snprintf(text, sizeof text, words_many("%zu other", "%zu others", summary->count),
             summary->count);
    snprintf(part, sizeof part,
             words_many("%zu revoked or lost", "%zu revoked or lost", summary->out), summary->out);
    add(text, summary->out, part);
    snprintf(part, sizeof part, words_many("%zu not trusted", "%zu not trusted", untrusted),
             untrusted);
    add(text, untrusted, part);
    snprintf(part, sizeof part, words_many("%zu clock differs", "%zu clocks differ", clocks),
             clocks);
    add(text, clocks, part);
    snprintf(part, sizeof part, words_many("%zu away", "%zu away", away), away);
    add(text, away, part);
    struct area nowhere = area_within(area, 0, 0, 0, 0);
    int rows = text_scrolled(nowhere, 0, 1, width, STYLE_PLAIN, text);
    bool is_well = untrusted == 0 && clocks == 0 && summary->out == 0;
    text_wrapped(area, area.rows - rows, 1, width, is_well ? STYLE_GOOD : STYLE_CAUTION, text);
    return rows;
}
