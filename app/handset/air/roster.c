/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/pace.h"
#include "app/handset/air/usefulness.h"

_Static_assert((int)WAY_FRESH_MS >= 2 * (int)PRESENCE_INTERVAL_MS, "a lost presence ends no way");

enum status roster_begin(struct roster *roster, const struct entropy *entropy, struct moment now) {
    roster->own.began_ms = now.boot_ms;
    roster->other_ms = INT64_MIN;
    enum status status = neighbours_begin(&roster->neighbours, entropy);
    return status == STATUS_OK ? roster_renew(roster, entropy) : status;
}

void roster_clear(struct roster *roster) {
    neighbours_clear(&roster->neighbours);
    peer_set_free(roster->peers);
    roster->peers = NULL;
}

/* Nobody knows the own life, which is a new one. */
static void forget_met(struct roster *roster) {
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        for (size_t k = 0; k < LIVES_EACH; k++) {
            roster->neighbours.list[i]->lives.list[k].knows_us = false;
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
    return neighbours_find(&roster->neighbours, identity);
}

bool neighbour_is_near(const struct neighbour *neighbour, struct moment now) {
    return now.boot_ms - neighbour->heard_ms <= neighbour->lasts_ms;
}

bool roster_is_near(const struct roster *roster, const char *identity, struct moment now) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && neighbour_is_near(neighbour, now);
}

size_t roster_near(const struct roster *roster, struct moment now) {
    size_t count = 0;
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        count += neighbour_is_near(roster->neighbours.list[i], now);
    }
    return count;
}

/* --- Addresses ------------------------------------------------------------------------------ */

static bool is_at(const struct neighbour *neighbour, uint64_t peer) {
    return ways_prove(&neighbour->ways, peer) && !clock_differs(neighbour->clock_difference_ms);
}

/* From where they are heard has changed: it is gathered anew when somebody asks. */
static void peers_change(const struct roster *roster) {
    if (roster->peers != NULL) {
        peer_set_empty(roster->peers);
    }
}

static void gather_peers(const struct roster *roster) {
    const struct neighbours *neighbours = &roster->neighbours;
    peer_set_begin(roster->peers, WAYS_MAX * neighbours->count);
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct ways *ways = &neighbours->list[i]->ways;
        for (size_t k = 0; k < ways->count; k++) {
            if (is_at(neighbours->list[i], ways->list[k].peer)) {
                peer_set_add(roster->peers, ways->list[k].peer);
            }
        }
    }
}

bool roster_has_peer(const struct roster *roster, uint64_t peer) {
    if (roster->peers == NULL) {
        return false;
    }
    if (!peer_set_is_filled(roster->peers)) {
        gather_peers(roster);
    }
    return peer_set_has(roster->peers, peer);
}

bool roster_is_at(const struct roster *roster, const char *identity, uint64_t peer) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && is_at(neighbour, peer);
}

/* --- Members and marks ---------------------------------------------------------------------- */

static uint64_t hash_of(const struct roster *roster, const char *identity) {
    return neighbours_hash(&roster->neighbours, span_of_text(identity));
}

static bool is_member(const struct roster *roster, const char *identity) {
    uint64_t hash = hash_of(roster, identity);
    for (size_t i = 0; i < roster->member_count; i++) {
        if (roster->members[i] == hash) {
            return true;
        }
    }
    return false;
}

void roster_forget_members(struct roster *roster) {
    roster->member_count = 0;
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        roster->neighbours.list[i]->is_member = false;
    }
}

void roster_add_member(struct roster *roster, const char *identity) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (roster->member_count == MEMBERS_MAX) {
        return;
    }
    roster->members[roster->member_count++] = hash_of(roster, identity);
    if (neighbour != NULL) {
        neighbour->is_member = true;
    }
}

/* --- Hearing -------------------------------------------------------------------------------- */

/* The least useful one goes. */
static void make_way(struct roster *roster, struct moment now) {
    struct neighbours *neighbours = &roster->neighbours;
    struct neighbour *least = neighbours->list[0];
    for (size_t i = 1; i < neighbours->count; i++) {
        if (neighbour_is_less_useful(neighbours->list[i], least, now)) {
            least = neighbours->list[i];
        }
    }
    neighbours_remove(neighbours, least);
    peers_change(roster);
}

/* A new one; NULL without memory. */
static struct neighbour *add(struct roster *roster, const char *identity, struct moment now) {
    if (roster->peers == NULL && (roster->peers = peer_set_new()) == NULL) {
        return NULL;
    }
    if (roster->neighbours.count == NEIGHBOURS_MAX) {
        make_way(roster, now);
    }
    struct neighbour *neighbour = neighbours_add(&roster->neighbours, identity);
    if (neighbour != NULL) {
        neighbour->two_ms = INT64_MIN;
        neighbour->sought_ms = now.boot_ms;
        neighbour->is_trusted = roster_trusts(roster, identity);
        neighbour->is_member = is_member(roster, identity);
    }
    return neighbour;
}

static void note_later(int64_t *noted_ms, int64_t at_ms) {
    *noted_ms = at_ms > *noted_ms ? at_ms : *noted_ms;
}

bool roster_note_word(struct roster *roster, const char *identity, int64_t lived_ms,
                      int64_t lasts_ms) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (neighbour == NULL) {
        return false;
    }
    neighbour->word_ms = lived_ms;
    neighbour->word_lasts_ms = neighbour->lasts_ms = lasts_ms;
    note_later(&neighbour->heard_ms, lived_ms);
    return true;
}

enum status roster_hear(struct roster *roster, const struct presence *presence,
                        const struct presence_arrival *arrival, struct moment now, bool *is_new) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, presence->identity);
    bool is_known = neighbour != NULL;
    *is_new = !is_known || !neighbour_is_near(neighbour, now);
    int64_t difference = presence->utc_ms - now.utc_ms;
    bool was_ahead = is_known && neighbour->presence.utc_ms - now.utc_ms > CLOCK_TOLERANCE_MS;
    bool is_set_right = was_ahead && !clock_differs(difference);
    bool may_be_set_back = *is_new && clock_differs(difference);
    bool is_of_known_life = is_known && lives_find(&neighbour->lives, presence->start) != NULL;
    bool is_later = !is_known || presence->utc_ms > neighbour->presence.utc_ms || is_set_right ||
                    may_be_set_back || presence_is_answer(presence, &roster->own, now);
    if (is_of_known_life ? lives_have_heard(&neighbour->lives, presence) : !is_later) {
        return STATUS_REPLAYED;
    }
    neighbour = is_known ? neighbour : add(roster, presence->identity, now);
    if (neighbour == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (*is_new) {
        neighbour->ways = (struct ways){.best = EVERYONE};
    }
    neighbour->presence = *presence;
    neighbour->heard_ms = now.boot_ms;
    neighbour->lasts_ms = now.boot_ms - neighbour->word_ms <= neighbour->word_lasts_ms
                              ? neighbour->word_lasts_ms
                              : pace_lasts_ms(presence->interval_ms);
    neighbour->clock_difference_ms = difference;
    lives_hear(&neighbour->lives, presence, &roster->own, now);
    note_later(&neighbour->two_ms, lives_were_two_ms(&neighbour->lives, now.boot_ms));
    memcpy(neighbour->frame, arrival->frame, sizeof neighbour->frame);
    neighbours_put(&roster->neighbours, NEIGHBOUR_BY_FRAME, neighbour, SPAN_OF(neighbour->frame));
    ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, false);
    peers_change(roster);
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
        if (is_heard_in(life, known->lasts_ms, now) && is_so(life, now)) {
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

static bool of_some_use(const struct neighbour *neighbour) {
    return neighbour->is_trusted || neighbour->is_member;
}

/* As of a bucket that holds SOUGHT_MAX and gets one in each SOUGHT_EVERY_MS. */
static bool may_seek(const struct roster *roster, const struct neighbour *neighbour,
                     struct moment now) {
    return !roster->is_crowded &&
           neighbour->sought_ms + SOUGHT_EVERY_MS - now.boot_ms <= SEEKING_MS;
}

/* Was it echoed just now? */
static bool is_on_its_way(const struct life *life, struct moment now) {
    return life->echoed_ms != INT64_MIN && now.boot_ms - life->echoed_ms < ON_ITS_WAY_MS;
}

bool roster_seeks(const struct roster *roster, const char *identity,
                  const uint8_t start[START_SIZE], struct moment now) {
    const struct neighbour *known = roster_find(roster, identity);
    const struct life *life = life_of(roster, identity, start);
    return life != NULL && !is_met(life, now) && !is_on_its_way(life, now) && may_seek(roster, known, now);
}

bool roster_seeks_any(const struct roster *roster, int64_t lately_ms, struct moment now) {
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        const struct neighbour *neighbour = roster->neighbours.list[i];
        for (size_t k = 0; k < LIVES_EACH; k++) {
            const struct life *life = &neighbour->lives.list[k];
            if (is_heard_in(life, lately_ms, now) && !is_measured(life, now) &&
                may_seek(roster, neighbour, now)) {
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

void roster_crowd(struct roster *roster, bool is_crowded) {
    roster->is_crowded = is_crowded;
}

void roster_sought(struct roster *roster, struct moment now) {
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        count_sought(roster->neighbours.list[i], now);
    }
}

bool roster_ago(const struct roster *roster, const char *identity, const uint8_t start[START_SIZE],
                int64_t age_ms, struct moment now, struct ago *ago) {
    const struct life *life = life_of(roster, identity, start);
    *ago = (struct ago){0};
    return life != NULL && life_ago(life, age_ms, now.boot_ms, ago);
}

/* Does `a` come before `b`, of which the first is of somebody `of_use`? Where many share the air,
 * who is sought comes first. */
static bool is_echoed_before(const struct roster *roster, const struct life *a, bool a_of_use,
                             const struct life *b, bool b_of_use) {
    bool a_first = a_of_use && !a->knows_us, b_first = b_of_use && !b->knows_us;
    return roster->is_crowded && a_first != b_first ? a_first : a->echoed_ms < b->echoed_ms;
}

/* Of the lives heard lately, the one that was echoed longest ago; *of_use: of somebody who is
 * sought in a crowd as well. */
static struct life *next_to_echo(struct roster *roster, struct moment now, bool *of_use) {
    struct life *next = NULL;
    const struct neighbours *neighbours = &roster->neighbours;
    for (size_t i = 0; i <= neighbours->count; i++) {
        struct lives *lives = i < neighbours->count ? &neighbours->list[i]->lives : &roster->self;
        bool is_of_use = i == neighbours->count || of_some_use(neighbours->list[i]);
        for (size_t k = 0; k < LIVES_EACH; k++) {
            struct life *life = &lives->list[k];
            if (life->is_known && now.boot_ms - life->heard_ms <= LIFE_ECHOED_MS &&
                life->echoed_ms != now.boot_ms &&
                (next == NULL || is_echoed_before(roster, life, is_of_use, next, *of_use))) {
                next = life;
                *of_use = is_of_use;
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

bool neighbour_is_two(const struct neighbour *neighbour, struct moment now) {
    return is_lately(neighbour->two_ms, now);
}

bool roster_is_two(const struct roster *roster, const char *identity, struct moment now) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && neighbour_is_two(neighbour, now);
}

void roster_echo(struct roster *roster, struct moment now, struct presence *presence) {
    struct life *life;
    memcpy(presence->start, roster->own.start, START_SIZE);
    presence->age_ms = own_age(&roster->own, now);
    bool of_use = false;
    while (presence->echo_count < PRESENCE_ECHOES_MAX &&
           (life = next_to_echo(roster, now, &of_use)) != NULL &&
           (of_use || !roster->is_crowded || presence->echo_count < ECHOES_CROWDED)) {
        struct presence_echo *echo = &presence->echoes[presence->echo_count++];
        memcpy(echo->start, life->start, START_SIZE);
        echo->age_ms = life->age_ms;
        echo->held_ms = now.boot_ms - life->heard_ms;
        life->echoed_ms = now.boot_ms;
    }
}

void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now) {
    const struct neighbours *neighbours = &roster->neighbours;
    uint64_t hash = neighbours_hash(neighbours, SPAN_OF(arrival->frame));
    for (struct neighbour *neighbour = neighbours_first(neighbours, NEIGHBOUR_BY_FRAME, hash);
         neighbour != NULL;
         neighbour = neighbours_next(neighbours, NEIGHBOUR_BY_FRAME, neighbour)) {
        if (memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0 &&
            now.boot_ms - neighbour->heard_ms <= PRESENCE_COPY_MS) {
            ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, true);
            peers_change(roster);
        }
    }
}

struct ways *roster_ways(struct roster *roster, const char *identity) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    peers_change(roster);
    return neighbour == NULL ? NULL : &neighbour->ways;
}

void roster_signal(struct roster *roster, uint64_t peer, int quality) {
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        ways_signal(&roster->neighbours.list[i]->ways, peer, quality);
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
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    size_t at = 0;
    while (at < roster->trusted_count && strcmp(roster->trusted[at], identity) != 0) {
        at++;
    }
    bool was_trusted = at < roster->trusted_count;
    if (!trusted && was_trusted) {
        memmove(roster->trusted[at], roster->trusted[--roster->trusted_count], IDENTITY_SIZE);
    } else if (trusted && !was_trusted) {
        if (roster->trusted_count == TRUSTED_MAX || strlen(identity) > IDENTITY_MAX) {
            return STATUS_TOO_LONG;
        }
        snprintf(roster->trusted[roster->trusted_count++], IDENTITY_SIZE, "%s", identity);
    }
    if (neighbour != NULL) {
        neighbour->is_trusted = trusted;
    }
    return STATUS_OK;
}
