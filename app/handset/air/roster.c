/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)WAY_FRESH_MS >= 2 * (int)PRESENCE_INTERVAL_MS, "a lost presence ends no way");

enum status roster_begin(struct roster *roster, const struct entropy *entropy, struct moment now) {
    roster->own.began_ms = now.boot_ms;
    roster->other_ms = INT64_MIN;
    return roster_renew(roster, entropy);
}

/* Nobody knows the own life, which is a new one. */
static void forget_met(struct roster *roster) {
    for (size_t i = 0; i < roster->count; i++) {
        for (size_t k = 0; k < LIVES_EACH; k++) {
            roster->neighbours[i].lives.list[k].knows_us = false;
        }
    }
}

enum status roster_renew(struct roster *roster, const struct entropy *entropy) {
    uint8_t start[START_SIZE];
    enum status status = entropy_draw(entropy, start, sizeof start);
    if (status == STATUS_OK) {
        memcpy(roster->own.start, start, sizeof start);
        forget_met(roster);
    }
    return status;
}

const struct neighbour *roster_find(const struct roster *roster, const char *identity) {
    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->neighbours[i].presence.identity, identity) == 0) {
            return &roster->neighbours[i];
        }
    }
    return NULL;
}

bool roster_is_near(const struct roster *roster, const char *identity, struct moment now) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && now.boot_ms - neighbour->heard_ms <= PRESENCE_LASTS_MS;
}

static bool is_at(const struct neighbour *neighbour, uint64_t peer) {
    return ways_prove(&neighbour->ways, peer) && !clock_differs(neighbour->clock_difference_ms);
}

bool roster_has_peer(const struct roster *roster, uint64_t peer) {
    for (size_t i = 0; i < roster->count; i++) {
        if (is_at(&roster->neighbours[i], peer)) {
            return true;
        }
    }
    return false;
}

bool roster_is_at(const struct roster *roster, const char *identity, uint64_t peer) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && is_at(neighbour, peer);
}

/* A place for a new neighbour: a free one, or that of one who has long been gone. */
static struct neighbour *place(struct roster *roster, struct moment now) {
    if (roster->count < VIEW_NEARBY_MAX) {
        return &roster->neighbours[roster->count++];
    }
    struct neighbour *quietest = &roster->neighbours[0];
    for (size_t i = 1; i < roster->count; i++) {
        if (roster->neighbours[i].heard_ms < quietest->heard_ms) {
            quietest = &roster->neighbours[i];
        }
    }
    return now.boot_ms - quietest->heard_ms > PRESENCE_LASTS_MS ? quietest : NULL;
}

static void note_later(int64_t *noted_ms, int64_t at_ms) {
    *noted_ms = at_ms > *noted_ms ? at_ms : *noted_ms;
}

enum status roster_hear(struct roster *roster, const struct presence *presence,
                        const struct presence_arrival *arrival, struct moment now, bool *is_new) {
    const struct neighbour *known = roster_find(roster, presence->identity);
    *is_new = known == NULL || now.boot_ms - known->heard_ms > PRESENCE_LASTS_MS;
    int64_t difference = presence->utc_ms - now.utc_ms;
    bool was_ahead = known != NULL && known->presence.utc_ms - now.utc_ms > CLOCK_TOLERANCE_MS;
    bool is_set_right = was_ahead && !clock_differs(difference);
    bool may_be_set_back = *is_new && clock_differs(difference);
    struct neighbour *neighbour =
        known == NULL ? NULL : &roster->neighbours[known - roster->neighbours];
    bool is_of_known_life = known != NULL && lives_find(&known->lives, presence->start) != NULL;
    bool is_later = known == NULL || presence->utc_ms > known->presence.utc_ms || is_set_right ||
                    may_be_set_back || presence_is_answer(presence, &roster->own, now);
    if (is_of_known_life ? lives_have_heard(&known->lives, presence) : !is_later) {
        return STATUS_REPLAYED;
    }
    if (neighbour == NULL) {
        neighbour = place(roster, now);
        if (neighbour == NULL) {
            return STATUS_TOO_LONG;
        }
        *neighbour = (struct neighbour){
            .heard_ms = now.boot_ms, .two_ms = INT64_MIN, .sought_ms = now.boot_ms};
    }
    if (*is_new) {
        neighbour->ways = (struct ways){.best = EVERYONE};
    }
    neighbour->presence = *presence;
    neighbour->heard_ms = now.boot_ms;
    neighbour->clock_difference_ms = difference;
    lives_hear(&neighbour->lives, presence, &roster->own, now);
    note_later(&neighbour->two_ms, lives_were_two_ms(&neighbour->lives, now.boot_ms));
    memcpy(neighbour->frame, arrival->frame, sizeof neighbour->frame);
    ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, false);
    return STATUS_OK;
}

static const struct life *life_of(const struct roster *roster, const char *identity,
                                  const uint8_t start[START_SIZE]) {
    const struct neighbour *known = roster_find(roster, identity);
    return known == NULL ? NULL : lives_find(&known->lives, start);
}

/* --- Meeting -------------------------------------------------------------------------------- */

static bool is_measured(const struct life *life, struct moment now) {
    return life_is_measured(life, now.boot_ms);
}

static bool is_met(const struct life *life, struct moment now) {
    return life->knows_us && is_measured(life, now);
}

static bool is_heard_in(const struct life *life, int64_t lately_ms, struct moment now) {
    return life->is_known && now.boot_ms - life->heard_ms <= lately_ms;
}

/* Is it so of a life of the neighbour that was heard lately? */
static bool any_life(const struct roster *roster, const char *identity, struct moment now,
                     bool (*is_so)(const struct life *life, struct moment now)) {
    const struct neighbour *known = roster_find(roster, identity);
    for (size_t i = 0; known != NULL && i < LIVES_EACH; i++) {
        const struct life *life = &known->lives.list[i];
        if (is_heard_in(life, PRESENCE_LASTS_MS, now) && is_so(life, now)) {
            return true;
        }
    }
    return false;
}

bool roster_is_measured(const struct roster *roster, const char *identity, struct moment now) {
    return any_life(roster, identity, now, is_measured);
}

bool roster_has_met(const struct roster *roster, const char *identity, struct moment now) {
    return any_life(roster, identity, now, is_met);
}

/* As of a bucket that holds SOUGHT_MAX and gets one in each SOUGHT_EVERY_MS. */
static bool may_seek(const struct neighbour *neighbour, struct moment now) {
    return neighbour->sought_ms + SOUGHT_EVERY_MS - now.boot_ms <= SEEKING_MS;
}

/* Was it echoed just now? */
static bool is_on_its_way(const struct life *life, struct moment now) {
    return life->echoed_ms != INT64_MIN && now.boot_ms - life->echoed_ms < ON_ITS_WAY_MS;
}

bool roster_seeks(const struct roster *roster, const char *identity,
                  const uint8_t start[START_SIZE], struct moment now) {
    const struct neighbour *known = roster_find(roster, identity);
    const struct life *life = life_of(roster, identity, start);
    return life != NULL && !is_met(life, now) && !is_on_its_way(life, now) && may_seek(known, now);
}

bool roster_seeks_any(const struct roster *roster, int64_t lately_ms, struct moment now) {
    for (size_t i = 0; i < roster->count; i++) {
        const struct neighbour *neighbour = &roster->neighbours[i];
        for (size_t k = 0; k < LIVES_EACH; k++) {
            const struct life *life = &neighbour->lives.list[k];
            if (is_heard_in(life, lately_ms, now) && !is_measured(life, now) &&
                may_seek(neighbour, now)) {
                return true;
            }
        }
    }
    return false;
}

static void count_sought(struct neighbour *neighbour, struct moment now) {
    bool counts = false;
    for (size_t k = 0; k < LIVES_EACH; k++) {
        const struct life *life = &neighbour->lives.list[k];
        counts = counts || (is_heard_in(life, LIFE_ECHOED_MS, now) && !is_met(life, now));
    }
    if (counts) {
        int64_t from_ms = neighbour->sought_ms > now.boot_ms ? neighbour->sought_ms : now.boot_ms;
        int64_t full_ms = now.boot_ms + SEEKING_MS;
        int64_t next_ms = from_ms + SOUGHT_EVERY_MS;
        neighbour->sought_ms = next_ms < full_ms ? next_ms : full_ms;
    }
}

void roster_sought(struct roster *roster, struct moment now) {
    for (size_t i = 0; i < roster->count; i++) {
        count_sought(&roster->neighbours[i], now);
    }
}

bool roster_ago(const struct roster *roster, const char *identity, const uint8_t start[START_SIZE],
                int64_t age_ms, struct moment now, struct ago *ago) {
    const struct life *life = life_of(roster, identity, start);
    *ago = (struct ago){0};
    return life != NULL && life_ago(life, age_ms, now.boot_ms, ago);
}

/* Of the lives heard lately, the one that was echoed longest ago. */
static struct life *next_to_echo(struct roster *roster, struct moment now) {
    struct life *next = NULL;
    for (size_t i = 0; i <= roster->count; i++) {
        struct lives *lives = i < roster->count ? &roster->neighbours[i].lives : &roster->self;
        for (size_t k = 0; k < LIVES_EACH; k++) {
            struct life *life = &lives->list[k];
            if (life->is_known && now.boot_ms - life->heard_ms <= LIFE_ECHOED_MS &&
                life->echoed_ms != now.boot_ms &&
                (next == NULL || life->echoed_ms < next->echoed_ms)) {
                next = life;
            }
        }
    }
    return next;
}

enum status roster_hear_self(struct roster *roster, const struct presence *presence,
                             struct moment now) {
    if (lives_have_heard(&roster->self, presence)) {
        return STATUS_REPLAYED;
    }
    lives_hear(&roster->self, presence, &roster->own, now);
    const struct life *life = lives_find(&roster->self, presence->start);
    note_later(&roster->other_ms, life_lived_ms(life, now.boot_ms));
    return STATUS_OK;
}

void roster_hear_own_start(struct roster *roster, struct moment now) {
    note_later(&roster->other_ms, now.boot_ms);
}

static bool is_lately(int64_t at_ms, struct moment now) {
    return at_ms != INT64_MIN && now.boot_ms - at_ms <= TWO_LASTS_MS;
}

bool roster_has_other(const struct roster *roster, struct moment now) {
    return is_lately(roster->other_ms, now);
}

bool roster_is_two(const struct roster *roster, const char *identity, struct moment now) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && is_lately(neighbour->two_ms, now);
}

void roster_echo(struct roster *roster, struct moment now, struct presence *presence) {
    struct life *life;
    memcpy(presence->start, roster->own.start, START_SIZE);
    presence->age_ms = own_age(&roster->own, now);
    while (presence->echo_count < PRESENCE_ECHOES_MAX &&
           (life = next_to_echo(roster, now)) != NULL) {
        struct presence_echo *echo = &presence->echoes[presence->echo_count++];
        memcpy(echo->start, life->start, START_SIZE);
        echo->age_ms = life->age_ms;
        echo->held_ms = now.boot_ms - life->heard_ms;
        life->echoed_ms = now.boot_ms;
    }
}

void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now) {
    for (size_t i = 0; i < roster->count; i++) {
        struct neighbour *neighbour = &roster->neighbours[i];
        if (memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0 &&
            now.boot_ms - neighbour->heard_ms <= PRESENCE_COPY_MS) {
            ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, true);
        }
    }
}

struct ways *roster_ways(struct roster *roster, const char *identity) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour == NULL ? NULL : &roster->neighbours[neighbour - roster->neighbours].ways;
}

void roster_signal(struct roster *roster, uint64_t peer, int quality) {
    for (size_t i = 0; i < roster->count; i++) {
        ways_signal(&roster->neighbours[i].ways, peer, quality);
    }
}

bool roster_trusts(const struct roster *roster, const char *identity) {
    for (size_t i = 0; i < roster->trusted_count; i++) {
        if (strcmp(roster->trusted[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

enum status roster_mark(struct roster *roster, const char *identity, bool trusted) {
    for (size_t i = 0; i < roster->trusted_count; i++) {
        if (strcmp(roster->trusted[i], identity) != 0) {
            continue;
        }
        if (!trusted) {
            memmove(roster->trusted[i], roster->trusted[--roster->trusted_count], IDENTITY_SIZE);
        }
        return STATUS_OK;
    }
    if (!trusted) {
        return STATUS_OK;
    }
    if (roster->trusted_count == TRUSTED_MAX || strlen(identity) > IDENTITY_MAX) {
        return STATUS_TOO_LONG;
    }
    snprintf(roster->trusted[roster->trusted_count++], IDENTITY_SIZE, "%s", identity);
    return STATUS_OK;
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

void roster_show(struct roster *roster, const struct handset_links *links, struct moment now,
                 struct view *view) {
    view->nearby_count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        struct neighbour *neighbour = &roster->neighbours[i];
        if (now.boot_ms - neighbour->heard_ms > PRESENCE_LASTS_MS) {
            continue;
        }
        int64_t difference = neighbour->clock_difference_ms;
        struct view_nearby *row = &view->nearby[view->nearby_count++];
        *row = (struct view_nearby){
            .trusted = roster_trusts(roster, neighbour->presence.identity),
            .clock_differs = clock_differs(difference),
            .clock_difference_ms = difference,
            .heard_ago_ms = now.boot_ms - neighbour->heard_ms,
            .is_two = is_lately(neighbour->two_ms, now),
        };
        snprintf(row->identity, sizeof row->identity, "%s", neighbour->presence.identity);
        show_way(neighbour, links, now, row);
    }
    qsort(view->nearby, view->nearby_count, sizeof view->nearby[0], by_identity);
}
