/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/usefulness.h"

#define NEVER_MS (INT64_MIN / 2) /* long before all that a boot clock says */

_Static_assert((int)WAY_FRESH_MS >= 2 * (int)PRESENCE_INTERVAL_MS, "a lost presence ends no way");

enum status roster_begin(struct roster *roster, const char *identity, const struct entropy *entropy,
                         struct moment now) {
    snprintf(roster->own.identity, sizeof roster->own.identity, "%s", identity);
    roster->own.began_ms = now.boot_ms;
    roster->other_ms = INT64_MIN;
    roster->speaking_ms = INT64_MAX;
    roster->counted = 0;
    roster->counted_ms = now.boot_ms;
    enum status status = neighbours_begin(&roster->neighbours, entropy);
    return status == STATUS_OK ? roster_renew(roster, entropy) : status;
}

void roster_clear(struct roster *roster) {
    neighbours_clear(&roster->neighbours);
    roster->candidates = 0;
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
        life_name(roster->own.identity, start, roster->own.name);
        forget_met(roster);
    }
    return status;
}

const struct neighbour *roster_find(const struct roster *roster, const char *identity) {
    return neighbours_find(&roster->neighbours, identity);
}

static int64_t later(int64_t a_ms, int64_t b_ms) {
    return a_ms > b_ms ? a_ms : b_ms;
}

/* From one presence of that neighbour to the next, as it says itself. */
static int64_t interval_ms(const struct neighbour *neighbour) {
    int64_t said_ms = neighbour->presence.rhythm.interval_ms;
    return said_ms < RHYTHM_INTERVAL_MAX_MS ? said_ms : RHYTHM_INTERVAL_MAX_MS;
}

/* The same of those that are signed. */
static int64_t signed_interval_ms(const struct neighbour *neighbour) {
    unsigned each = neighbour->presence.rhythm.signed_each;
    return interval_ms(neighbour) * (each < RHYTHM_SIGNED_EACH_MAX ? each : RHYTHM_SIGNED_EACH_MAX);
}

/* So long may pass from one signed presence of that neighbour to the next, one lost. */
static int64_t rests_ms(const struct neighbour *neighbour) {
    return 2 * signed_interval_ms(neighbour) + PRESENCE_COPY_MS;
}

static bool is_candidate(const struct neighbour *neighbour) {
    return neighbour->signed_ms == NEVER_MS;
}

bool neighbour_is_told(const struct neighbour *neighbour) {
    return is_candidate(neighbour) && neighbour->heard_ms != NEVER_MS;
}

bool neighbour_is_near(const struct neighbour *neighbour, const struct roster *roster,
                       struct moment now) {
    int64_t each_ms = later(interval_ms(neighbour), roster->pace_ms);
    int64_t lasts_ms = later(PRESENCE_LASTS_MS, PRESENCE_LASTS * each_ms);
    return now.boot_ms - neighbour->heard_ms <= lasts_ms;
}

enum nearby_state neighbour_state(const struct neighbour *neighbour, const struct roster *roster,
                                  struct moment now) {
    int64_t answered_ms = lives_answered_ms(&neighbour->lives);
    int64_t asked_ms = later(neighbour->near_ms, later(roster->speaking_ms, answered_ms));
    if (answered_ms != INT64_MIN && now.boot_ms - answered_ms <= ANSWER_LASTS_MS) {
        return NEARBY_REACHABLE;
    }
    /* Who speaks seldom, or hears many, cannot answer sooner. */
    int64_t may_take_ms =
        later(PRESENCE_LASTS_MS, 2 * signed_interval_ms(neighbour) + roster->round_ms);
    return asked_ms < now.boot_ms && now.boot_ms - asked_ms > may_take_ms ? NEARBY_NOT_ANSWERING
                                                                          : NEARBY_HEARD;
}

bool roster_is_near(const struct roster *roster, const char *identity, struct moment now) {
    const struct neighbour *neighbour = roster_find(roster, identity);
    return neighbour != NULL && neighbour_is_near(neighbour, roster, now);
}

size_t roster_near(const struct roster *roster, struct moment now) {
    size_t count = 0;
    if (roster->counted > NEARBY_FEW && now.boot_ms - roster->counted_ms < COUNT_LASTS_MS) {
        return roster->counted;
    }
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        count += neighbour_is_near(roster->neighbours.list[i], roster, now);
    }
    return count;
}

void roster_count(struct roster *roster, struct moment now) {
    size_t count = roster_near(roster, now);
    if (now.boot_ms - roster->counted_ms >= COUNT_LASTS_MS || count <= NEARBY_FEW) {
        roster->counted = count;
        roster->counted_ms = now.boot_ms;
    }
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

static void forget(struct roster *roster, struct neighbour *neighbour) {
    roster->candidates -= is_candidate(neighbour);
    neighbours_remove(&roster->neighbours, neighbour);
    peers_change(roster);
}

/* The least useful one goes. */
static void make_way(struct roster *roster, struct moment now) {
    struct neighbours *neighbours = &roster->neighbours;
    struct neighbour *least = neighbours->list[0];
    for (size_t i = 1; i < neighbours->count; i++) {
        if (neighbour_is_less_useful(neighbours->list[i], least, roster, now)) {
            least = neighbours->list[i];
        }
    }
    forget(roster, least);
}

static int64_t latest_ms(const struct neighbour *neighbour) {
    int64_t at_ms = NEVER_MS;
    for (size_t i = 0; i < LIVES_EACH; i++) {
        const struct life *life = &neighbour->lives.list[i];
        at_ms = life->is_known ? later(at_ms, life->heard_ms) : at_ms;
    }
    return at_ms;
}

/* The candidate that was heard longest ago goes, where there are as many as may be. They are looked
 * for only where there may be: thousands of neighbours come in a minute, and few are candidates. */
static void make_way_for_candidate(struct roster *roster, struct moment now) {
    struct neighbours *neighbours = &roster->neighbours;
    struct neighbour *oldest = NULL;
    size_t count = 0;
    if (roster->candidates < CANDIDATES_MAX) {
        return;
    }
    for (size_t i = 0; i < neighbours->count; i++) {
        struct neighbour *neighbour = neighbours->list[i];
        if (!is_candidate(neighbour) || neighbour_is_near(neighbour, roster, now)) {
            continue;
        }
        count++;
        oldest = oldest == NULL || latest_ms(neighbour) < latest_ms(oldest) ? neighbour : oldest;
    }
    if (count >= CANDIDATES_MAX) {
        forget(roster, oldest);
    }
}

/* A new one, who is a candidate still; NULL without memory. */
static struct neighbour *add(struct roster *roster, const char *identity, struct moment now) {
    if (roster->peers == NULL && (roster->peers = peer_set_new()) == NULL) {
        return NULL;
    }
    make_way_for_candidate(roster, now);
    if (roster->neighbours.count == NEIGHBOURS_MAX) {
        make_way(roster, now);
    }
    struct neighbour *neighbour = neighbours_add(&roster->neighbours, identity);
    if (neighbour != NULL) {
        roster->candidates++;
        neighbour->signed_ms = neighbour->heard_ms = neighbour->near_ms = NEVER_MS;
        neighbour->ways.best = EVERYONE;
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

/* Was it said just now, as far as can be told? */
static bool is_fresh(const struct roster *roster, const struct neighbour *neighbour,
                     const struct presence *presence, struct moment now) {
    const struct life *life =
        neighbour == NULL ? NULL : lives_find(&neighbour->lives, presence->start);
    struct ago ago;
    if (presence_is_recent_answer(presence, &roster->own, PRESENCE_LASTS_MS, now)) {
        return true;
    }
    return life != NULL && life_ago(life, presence->age_ms, now.boot_ms, &ago)
               ? ago.min_ms <= PRESENCE_LASTS_MS
               : !clock_differs(presence->utc_ms - now.utc_ms);
}

/* Is it no newer than what is remembered of that neighbour? */
static bool is_replayed(const struct roster *roster, const struct neighbour *neighbour,
                        const struct presence *presence, struct moment now) {
    int64_t difference_ms = presence->utc_ms - now.utc_ms;
    if (neighbour == NULL) {
        return false;
    }
    if (lives_find(&neighbour->lives, presence->start) != NULL) {
        return lives_have_heard(&neighbour->lives, presence);
    }
    bool was_ahead = neighbour->presence.utc_ms - now.utc_ms > CLOCK_TOLERANCE_MS;
    bool is_set_right = was_ahead && !clock_differs(difference_ms);
    bool may_be_set_back =
        !neighbour_is_near(neighbour, roster, now) && clock_differs(difference_ms);
    return presence->utc_ms <= neighbour->presence.utc_ms && !is_set_right && !may_be_set_back &&
           !presence_is_answer(presence, &roster->own, now);
}

/* It was proven, and is of now. */
static void take(struct roster *roster, struct neighbour *neighbour,
                 const struct presence *presence, const struct presence_arrival *arrival,
                 struct moment now) {
    struct neighbours *neighbours = &roster->neighbours;
    bool was_at = is_at(neighbour, arrival->peer);
    if (is_candidate(neighbour) || !neighbour_is_near(neighbour, roster, now)) {
        neighbour->ways = (struct ways){.best = EVERYONE};
        neighbour->near_ms = now.boot_ms;
    }
    roster->candidates -= is_candidate(neighbour);
    neighbour->presence = *presence;
    neighbour->signed_ms = neighbour->heard_ms = now.boot_ms;
    neighbour->clock_difference_ms = presence->utc_ms - now.utc_ms;
    memcpy(neighbour->frame, arrival->frame, sizeof neighbour->frame);
    neighbours_put(neighbours, NEIGHBOUR_BY_FRAME, neighbour, SPAN_OF(neighbour->frame));
    heard_presences_take(&neighbour->chain, presence->start, &presence->link, now);
    neighbours_put(neighbours, NEIGHBOUR_BY_CHAIN, neighbour, SPAN_OF(neighbour->chain.id));
    bool was_there = neighbour->ways.count == 1 && was_at;
    neighbour->ways.rests_ms = rests_ms(neighbour);
    ways_hear(&neighbour->ways, arrival->peer, now, arrival->is_relayed, false);
    if (!was_there || neighbour->ways.count != 1 || !is_at(neighbour, arrival->peer)) {
        peers_change(roster); /* else it is heard from where it was, as most are */
    }
}

enum status roster_hear(struct roster *roster, const struct presence *presence,
                        const struct presence_arrival *arrival, struct moment now, bool *is_new) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, presence->identity);
    *is_new = false;
    if (is_replayed(roster, neighbour, presence, now)) {
        return STATUS_REPLAYED;
    }
    bool counts = is_fresh(roster, neighbour, presence, now);
    neighbour = neighbour != NULL ? neighbour : add(roster, presence->identity, now);
    if (neighbour == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (counts) {
        *is_new = is_candidate(neighbour) || !neighbour_is_near(neighbour, roster, now);
        take(roster, neighbour, presence, arrival, now);
    } else if (is_candidate(neighbour)) {
        neighbour->presence = *presence;
    }
    lives_hear(&neighbour->lives, presence, &roster->own, now);
    note_later(&neighbour->two_ms, lives_were_two_ms(&neighbour->lives, now.boot_ms));
    return STATUS_OK;
}

/* --- Links ---------------------------------------------------------------------------------- */

static struct neighbour *of_chain(const struct roster *roster,
                                  const uint8_t id[PRESENCE_CHAIN_ID_SIZE]) {
    const struct neighbours *neighbours = &roster->neighbours;
    uint64_t hash = neighbours_hash(neighbours, (struct span){id, PRESENCE_CHAIN_ID_SIZE});
    struct neighbour *found = neighbours_first(neighbours, NEIGHBOUR_BY_CHAIN, hash);
    while (found != NULL && memcmp(found->chain.id, id, PRESENCE_CHAIN_ID_SIZE) != 0) {
        found = neighbours_next(neighbours, NEIGHBOUR_BY_CHAIN, found);
    }
    return found;
}

/* Who is not nearby is not brought back. */
static enum presence_sight see_link(const struct roster *roster, struct neighbour *neighbour,
                                    const uint8_t id[PRESENCE_CHAIN_ID_SIZE], uint16_t number,
                                    const uint8_t link[PRESENCE_LINK_SIZE], struct moment now) {
    enum presence_sight sight = heard_presences_see(&neighbour->chain, id, number, link, now);
    if (sight == PRESENCE_LINK_OPENS && neighbour_is_near(neighbour, roster, now)) {
        neighbour->heard_ms = now.boot_ms;
    }
    return sight;
}

void roster_hear_link(struct roster *roster, const struct said_link *link, struct moment now) {
    struct neighbour *neighbour = of_chain(roster, link->chain);
    if (neighbour != NULL) {
        (void)see_link(roster, neighbour, link->chain, link->number, link->link, now);
    }
}

bool roster_hear_claim(struct roster *roster, const char *identity,
                       const struct presence_link *link, struct moment now) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (neighbour == NULL || see_link(roster, neighbour, link->anchor, link->number, link->link,
                                      now) == PRESENCE_LINK_WRONG) {
        return false;
    }
    bool may_check = neighbour->chain.checks > 0;
    neighbour->chain.checks -= may_check;
    return may_check;
}

/* It speaks so often that it lasts so long. */
static void be_told(struct neighbour *neighbour, const char *kms, int64_t lasts_ms) {
    neighbour->presence.rhythm = (struct rhythm){.interval_ms = lasts_ms / PRESENCE_LASTS,
                                                 .signed_each = RHYTHM_SIGNED_EACH_MAX};
    snprintf(neighbour->presence.kms, sizeof neighbour->presence.kms, "%s", kms);
}

bool roster_note_word(struct roster *roster, const char *identity, const char *kms,
                      int64_t lived_ms, int64_t lasts_ms, struct moment now) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (neighbour == NULL && now.boot_ms - lived_ms <= lasts_ms) {
        neighbour = add(roster, identity, now);
    }
    if (neighbour == NULL) {
        return false;
    }
    if (is_candidate(neighbour)) {
        be_told(neighbour, kms, lasts_ms);
    }
    bool was_near = neighbour_is_near(neighbour, roster, now);
    note_later(&neighbour->heard_ms, lived_ms);
    bool is_near = neighbour_is_near(neighbour, roster, now);
    neighbour->near_ms = is_near && !was_near ? now.boot_ms : neighbour->near_ms;
    return is_near && !is_candidate(neighbour);
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
        if (is_heard_in(life, later(PRESENCE_LASTS_MS, rests_ms(known)), now) && is_so(life, now)) {
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
    return life != NULL && !is_met(life, now) && !is_on_its_way(life, now) &&
           may_seek(roster, known, now);
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
        counts = counts || (is_heard_in(life, later(LIFE_ECHOED_MS, rests_ms(neighbour)), now) &&
                            !is_met(life, now));
    }
    if (counts) {
        int64_t from_ms = neighbour->sought_ms > now.boot_ms ? neighbour->sought_ms : now.boot_ms;
        int64_t full_ms = now.boot_ms + SEEKING_MS;
        int64_t next_ms = from_ms + SOUGHT_EVERY_MS;
        neighbour->sought_ms = next_ms < full_ms ? next_ms : full_ms;
    }
}

void roster_crowd(struct roster *roster, bool is_crowded, int64_t pace_ms) {
    roster->is_crowded = is_crowded;
    roster->pace_ms = pace_ms;
}

void roster_sought(struct roster *roster, struct moment now) {
    const size_t echoed = PRESENCE_ECHOES_MAX - CANDIDATES_ECHOED;
    size_t near = roster_near(roster, now);
    const struct rhythm rhythm = rhythm_of(near);
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        count_sought(roster->neighbours.list[i], now);
    }
    roster->round_ms = (int64_t)(near / echoed) * rhythm.interval_ms * rhythm.signed_each;
    roster->speaking_ms = roster->speaking_ms == INT64_MAX ? now.boot_ms : roster->speaking_ms;
}

void roster_fall_silent(struct roster *roster) {
    roster->speaking_ms = INT64_MAX;
}

bool roster_ago(const struct roster *roster, const char *identity, const uint8_t start[START_SIZE],
                int64_t age_ms, struct moment now, struct ago *ago) {
    const struct life *life = life_of(roster, identity, start);
    *ago = (struct ago){0};
    return life != NULL && life_ago(life, age_ms, now.boot_ms, ago);
}

/* One of these lives that was heard in the last `lately_ms` and echoed before `*next` was, if there
 * is one, is next. */
static void look_whom_to_echo(struct lives *lives, int64_t lately_ms, struct moment now,
                              struct life **next) {
    for (size_t k = 0; k < LIVES_EACH; k++) {
        struct life *life = &lives->list[k];
        if (is_heard_in(life, lately_ms, now) && life->echoed_ms != now.boot_ms &&
            (*next == NULL || life->echoed_ms < (*next)->echoed_ms)) {
            *next = life;
        }
    }
}

/* Of the lives heard lately, the one that was echoed longest ago: of those who are nearby and of
 * other handsets of the own identity, or of all others. */
static struct life *next_to_echo(struct roster *roster, bool is_near, struct moment now) {
    const struct neighbours *neighbours = &roster->neighbours;
    struct life *next = NULL;
    for (size_t i = 0; i < neighbours->count; i++) {
        struct neighbour *neighbour = neighbours->list[i];
        if (neighbour_is_near(neighbour, roster, now) == is_near) {
            look_whom_to_echo(&neighbour->lives, later(LIFE_ECHOED_MS, rests_ms(neighbour)), now,
                              &next);
        }
    }
    if (is_near) {
        look_whom_to_echo(&roster->self, LIFE_ECHOED_MS, now, &next);
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

/* Those who are nearby, or all others, as far as there is room for `most` in all. */
static void echo(struct roster *roster, struct moment now, bool is_near, size_t most,
                 struct presence *presence) {
    struct life *life;
    while (presence->echo_count < most && (life = next_to_echo(roster, is_near, now)) != NULL) {
        struct presence_echo *echoed = &presence->echoes[presence->echo_count++];
        memcpy(echoed->life, life->name, LIFE_NAME_SIZE);
        echoed->age_ms = life->age_ms;
        echoed->held_ms = now.boot_ms - life->heard_ms;
        life->echoed_ms = now.boot_ms;
    }
}

void roster_echo(struct roster *roster, struct moment now, struct presence *presence) {
    memcpy(presence->start, roster->own.start, START_SIZE);
    presence->age_ms = own_age(&roster->own, now);
    size_t most = roster->is_crowded ? ECHOES_CROWDED : PRESENCE_ECHOES_MAX;
    size_t candidates = roster->is_crowded ? ECHOES_CROWDED / 2 : CANDIDATES_ECHOED;
    echo(roster, now, true, most - candidates, presence);
    echo(roster, now, false, most, presence);
    echo(roster, now, true, most, presence);
}

void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now) {
    const struct neighbours *neighbours = &roster->neighbours;
    uint64_t hash = neighbours_hash(neighbours, SPAN_OF(arrival->frame));
    for (struct neighbour *neighbour = neighbours_first(neighbours, NEIGHBOUR_BY_FRAME, hash);
         neighbour != NULL;
         neighbour = neighbours_next(neighbours, NEIGHBOUR_BY_FRAME, neighbour)) {
        if (memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0 &&
            now.boot_ms - neighbour->signed_ms <= PRESENCE_COPY_MS) {
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

void roster_note_revoked(struct roster *roster, const char *identity, bool is_revoked) {
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (neighbour != NULL) {
        neighbour->is_revoked = is_revoked;
    }
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
