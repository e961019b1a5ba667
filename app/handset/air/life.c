/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/life.h"

#include <sodium.h>
#include <string.h>

static const char label[] = "Muster life";

void life_name(const char *identity, const uint8_t start[START_SIZE],
               uint8_t name[LIFE_NAME_SIZE]) {
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&state, start, START_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)identity, strlen(identity));
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(name, hash, LIFE_NAME_SIZE);
}

struct life life_begin(const char *identity, const uint8_t start[START_SIZE], int64_t age_ms,
                       int64_t boot_ms) {
    struct life life = {.is_known = true,
                        .age_ms = age_ms,
                        .heard_ms = boot_ms,
                        .first_ms = boot_ms,
                        .echoed_ms = INT64_MIN,
                        .proven_ms = INT64_MIN,
                        .ahead_min_ms = age_ms - boot_ms,
                        .min_at_ms = boot_ms};
    memcpy(life.start, start, START_SIZE);
    life_name(identity, start, life.name);
    return life;
}

/* How far two clocks may have drifted apart since. */
static int64_t drift(int64_t since_ms, int64_t boot_ms) {
    return (boot_ms - since_ms) * LIFE_DRIFT_PPM / 1000000 + 1;
}

static int64_t least_ahead(const struct life *life, int64_t boot_ms) {
    return life->ahead_min_ms - drift(life->min_at_ms, boot_ms);
}

static int64_t most_ahead(const struct life *life, int64_t boot_ms) {
    return life->ahead_max_ms + drift(life->max_at_ms, boot_ms);
}

/* What was measured does not fit to what it says: it counts no more. */
static void doubt(struct life *life) {
    life->has_max = false;
    life->ahead_min_ms = life->age_ms - life->heard_ms;
    life->min_at_ms = life->heard_ms;
}

void life_hear(struct life *life, int64_t age_ms, int64_t boot_ms) {
    life->age_ms = age_ms;
    life->heard_ms = boot_ms;
    if (age_ms - boot_ms >= least_ahead(life, boot_ms)) {
        life->ahead_min_ms = age_ms - boot_ms;
        life->min_at_ms = boot_ms;
    }
    if (life->has_max && least_ahead(life, boot_ms) > most_ahead(life, boot_ms)) {
        doubt(life);
    }
}

void life_echo(struct life *life, int64_t age_ms, int64_t said_ms, int64_t held_ms,
               int64_t boot_ms) {
    int64_t ahead_ms = age_ms - held_ms - said_ms;
    if (held_ms < 0 || said_ms + held_ms > boot_ms + drift(said_ms, boot_ms)) {
        return;
    }
    life->proven_ms = said_ms > life->proven_ms ? said_ms : life->proven_ms;
    if (!life->has_max || ahead_ms + drift(said_ms, boot_ms) <= most_ahead(life, boot_ms)) {
        life->has_max = true;
        life->ahead_max_ms = ahead_ms;
        life->max_at_ms = said_ms;
    }
    if (least_ahead(life, boot_ms) > most_ahead(life, boot_ms)) {
        doubt(life);
        life->has_max = true;
        life->ahead_max_ms = ahead_ms;
        life->max_at_ms = said_ms;
    }
}

bool life_ago(const struct life *life, int64_t age_ms, int64_t boot_ms, struct ago *ago) {
    *ago = (struct ago){0};
    if (!life->has_max) {
        return false;
    }
    *ago = (struct ago){.min_ms = boot_ms - age_ms + least_ahead(life, boot_ms),
                        .max_ms = boot_ms - age_ms + most_ahead(life, boot_ms)};
    return ago->max_ms - ago->min_ms <= LIFE_UNSURE_MAX_MS;
}

bool life_is_measured(const struct life *life, int64_t boot_ms) {
    struct ago ago;
    return life_ago(life, life->age_ms, boot_ms, &ago);
}

int64_t life_lived_ms(const struct life *life, int64_t boot_ms) {
    struct ago ago;
    if (!life_ago(life, life->age_ms, boot_ms, &ago) || boot_ms - ago.max_ms < life->proven_ms) {
        return life->proven_ms;
    }
    return boot_ms - ago.max_ms;
}

int64_t own_age(const struct own_life *own, struct moment now) {
    return now.boot_ms - own->began_ms;
}

/* --- The lives of one identity ------------------------------------------------------------------
 */

const struct life *lives_find(const struct lives *lives, const uint8_t start[START_SIZE]) {
    for (size_t i = 0; i < LIVES_EACH; i++) {
        if (lives->list[i].is_known && memcmp(lives->list[i].start, start, START_SIZE) == 0) {
            return &lives->list[i];
        }
    }
    return NULL;
}

bool lives_have_heard(const struct lives *lives, const struct presence *presence) {
    const struct life *life = lives_find(lives, presence->start);
    return life != NULL && presence->age_ms <= life->age_ms;
}

static bool is_of_us(const struct presence_echo *echo, const struct own_life *own,
                     struct moment now) {
    return memcmp(echo->life, own->name, LIFE_NAME_SIZE) == 0 && echo->age_ms <= own_age(own, now);
}

bool presence_is_answer(const struct presence *presence, const struct own_life *own,
                        struct moment now) {
    for (size_t i = 0; i < presence->echo_count; i++) {
        if (is_of_us(&presence->echoes[i], own, now)) {
            return true;
        }
    }
    return false;
}

bool presence_is_recent_answer(const struct presence *presence, const struct own_life *own,
                               int64_t lately_ms, struct moment now) {
    for (size_t i = 0; i < presence->echo_count; i++) {
        const struct presence_echo *echo = &presence->echoes[i];
        if (is_of_us(echo, own, now) &&
            own_age(own, now) - echo->age_ms - echo->held_ms <= lately_ms) {
            return true;
        }
    }
    return false;
}

int64_t lives_answered_ms(const struct lives *lives) {
    int64_t latest_ms = INT64_MIN;
    for (size_t i = 0; i < LIVES_EACH; i++) {
        const struct life *life = &lives->list[i];
        if (life->is_known && life->proven_ms > latest_ms) {
            latest_ms = life->proven_ms;
        }
    }
    return latest_ms;
}

/* Does `a` make way for a new life rather than `b`? */
static bool goes_first(const struct life *a, const struct life *b, int64_t boot_ms) {
    bool are_here =
        boot_ms - a->heard_ms <= LIFE_ECHOED_MS && boot_ms - b->heard_ms <= LIFE_ECHOED_MS;
    if (a->has_max != b->has_max) {
        return b->has_max;
    }
    return a->has_max && are_here ? a->first_ms > b->first_ms : a->heard_ms < b->heard_ms;
}

static struct life *place(struct lives *lives, int64_t boot_ms) {
    struct life *found = &lives->list[0];
    for (size_t i = 0; i < LIVES_EACH; i++) {
        struct life *life = &lives->list[i];
        if (!life->is_known) {
            return life;
        }
        if (goes_first(life, found, boot_ms)) {
            found = life;
        }
    }
    return found;
}

void lives_hear(struct lives *lives, const struct presence *presence, const struct own_life *own,
                struct moment now) {
    const struct life *known = lives_find(lives, presence->start);
    struct life *life =
        known == NULL ? place(lives, now.boot_ms) : &lives->list[known - lives->list];
    if (known == NULL) {
        *life = life_begin(presence->identity, presence->start, presence->age_ms, now.boot_ms);
    } else {
        life_hear(life, presence->age_ms, now.boot_ms);
    }
    for (size_t i = 0; i < presence->echo_count; i++) {
        const struct presence_echo *echo = &presence->echoes[i];
        if (is_of_us(echo, own, now)) {
            life->knows_us = life->knows_us || own->began_ms + echo->age_ms == life->echoed_ms;
            life_echo(life, presence->age_ms, own->began_ms + echo->age_ms, echo->held_ms,
                      now.boot_ms);
        }
    }
}

/* Up to when both lived; INT64_MIN unless they are known to have lived at once. */
static int64_t both_lived_ms(const struct life *a, const struct life *b, int64_t boot_ms) {
    if (!a->is_known || !b->is_known || a->proven_ms <= b->first_ms ||
        b->proven_ms <= a->first_ms) {
        return INT64_MIN;
    }
    int64_t a_ms = life_lived_ms(a, boot_ms), b_ms = life_lived_ms(b, boot_ms);
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t lives_were_two_ms(const struct lives *lives, int64_t boot_ms) {
    int64_t latest_ms = INT64_MIN;
    for (size_t i = 0; i < LIVES_EACH; i++) {
        for (size_t k = 0; k < i; k++) {
            int64_t both_ms = both_lived_ms(&lives->list[i], &lives->list[k], boot_ms);
            latest_ms = both_ms > latest_ms ? both_ms : latest_ms;
        }
    }
    return latest_ms;
}
