/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is nearby, for the officer: from the roster to the view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/roster.h"
#include "app/handset/air/usefulness.h"

/* Who has a row, the least useful one first (a heap), and how many are nearby. */
struct choice {
    const struct roster *roster;
    size_t all, count;
    struct neighbour *rows[VIEW_NEARBY_MAX];
};

static void swap(struct neighbour **a, struct neighbour **b) {
    struct neighbour *was = *a;
    *a = *b;
    *b = was;
}

static void sink(struct choice *choice, struct moment now) {
    for (size_t at = 0, less = 1; less < choice->count; at = less, less = 2 * at + 1) {
        less += less + 1 < choice->count &&
                neighbour_is_less_useful(choice->rows[less + 1], choice->rows[less], choice->roster,
                                         now);
        if (!neighbour_is_less_useful(choice->rows[less], choice->rows[at], choice->roster, now)) {
            return;
        }
        swap(&choice->rows[less], &choice->rows[at]);
    }
}

static void rise(struct choice *choice, size_t at, struct moment now) {
    for (size_t above = (at - 1) / 2;
         at > 0 &&
         neighbour_is_less_useful(choice->rows[at], choice->rows[above], choice->roster, now);
         at = above, above = (at - 1) / 2) {
        swap(&choice->rows[at], &choice->rows[above]);
    }
}

static void choose(struct choice *choice, struct neighbour *neighbour, struct moment now) {
    choice->all++;
    if (choice->count < VIEW_NEARBY_MAX) {
        choice->rows[choice->count++] = neighbour;
        rise(choice, choice->count - 1, now);
    } else if (neighbour_is_less_useful(choice->rows[0], neighbour, choice->roster, now)) {
        choice->rows[0] = neighbour;
        sink(choice, now);
    }
}

/* Of many those come first whom the officer trusts, and then members of own groups. */
static int by_worth(const void *a, const void *b) {
    const struct view_nearby *x = a, *y = b;
    int worth = (y->trusted - x->trusted) * 2 + (y->is_member - x->is_member);
    return worth != 0 ? worth : strcmp(x->identity, y->identity);
}

static int by_identity(const void *a, const void *b) {
    return strcmp(((const struct view_nearby *)a)->identity,
                  ((const struct view_nearby *)b)->identity);
}

/* On which way a connection would begin. */
static void show_way(struct neighbour *neighbour, const struct handset_links *links,
                     struct moment now, struct view_nearby *row) {
    const struct way *best = ways_best(&neighbour->ways, links, now);
    row->links = ways_links(&neighbour->ways);
    row->quality = best == NULL ? VIEW_QUALITY_UNKNOWN : best->quality;
    row->relayed = best != NULL && best->is_relayed;
    if (best != NULL) {
        snprintf(row->link, sizeof row->link, "%s", link_name(links, best->peer));
    }
}

static void show(const struct roster *roster, struct neighbour *neighbour,
                 const struct handset_links *links, struct moment now, struct view_nearby *row) {
    *row = (struct view_nearby){
        .trusted = neighbour->is_trusted,
        .is_member = neighbour->is_member,
        .state = neighbour_state(neighbour, roster, now),
        .clock_differs = clock_differs(neighbour->clock_difference_ms),
        .clock_difference_ms = neighbour->clock_difference_ms,
        .heard_ago_ms = now.boot_ms - neighbour->heard_ms,
        .is_two = neighbour_is_two(neighbour, now),
    };
    snprintf(row->identity, sizeof row->identity, "%s", neighbour->presence.identity);
    show_way(neighbour, links, now, row);
}

void roster_show(struct roster *roster, const struct handset_links *links, struct moment now,
                 struct view *view) {
    const struct neighbours *neighbours = &roster->neighbours;
    struct choice choice = {.roster = roster};
    for (size_t i = 0; i < neighbours->count; i++) {
        if (neighbour_is_near(neighbours->list[i], roster, now)) {
            choose(&choice, neighbours->list[i], now);
        }
    }
    for (size_t i = 0; i < choice.count; i++) {
        show(roster, choice.rows[i], links, now, &view->nearby[i]);
    }
    view->nearby_count = choice.count;
    view->nearby_total = choice.all;
    qsort(view->nearby, view->nearby_count, sizeof view->nearby[0],
          choice.all > NEARBY_FEW ? by_worth : by_identity);
}
