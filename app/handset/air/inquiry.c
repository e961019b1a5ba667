/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/inquiry.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char label[] = "Muster inquiry";

enum {
    FULL_MS = INQUIRY_BURST * INQUIRY_REFILL_MS,
    HEAD_MAX = INQUIRY_NONCE_SIZE + 1 + INQUIRY_NAMES_MAX * INQUIRY_NAME_SIZE,
};

void inquiry_start(struct inquiry *inquiry, struct moment now) {
    inquiry->questions = inquiry->answers = (struct inquiry_budget){FULL_MS, now.boot_ms};
    inquiry->arrival_ms = inquiry->answer_ms = INT64_MAX;
    inquiry->count = 0;
}

/* --- Budgets -------------------------------------------------------------------------------- */

static int64_t left_ms(const struct inquiry_budget *budget, struct moment now) {
    int64_t left = budget->left_ms + now.boot_ms - budget->filled_ms;
    return left < FULL_MS ? left : FULL_MS;
}

/* One of them is due: now, or when there is time for it. */
static int64_t allowed_ms(const struct inquiry_budget *budget, struct moment now) {
    int64_t lacks_ms = INQUIRY_REFILL_MS - left_ms(budget, now);
    return now.boot_ms + (lacks_ms > 0 ? lacks_ms : 0);
}

static void spend(struct inquiry_budget *budget, struct moment now) {
    *budget = (struct inquiry_budget){left_ms(budget, now) - INQUIRY_REFILL_MS, now.boot_ms};
}

/* --- Who is wanted -------------------------------------------------------------------------- */

static bool is_heard(const struct inquiry *inquiry, struct moment now, const char *identity) {
    const struct neighbour *neighbour = roster_find(inquiry->roster, identity);
    return neighbour != NULL && !neighbour_is_told(neighbour) &&
           now.boot_ms - neighbour->heard_ms <= INQUIRY_LATELY_MS;
}

/* `ms` from now, by chance a little sooner or later. */
static int64_t later_ms(const struct inquiry *inquiry, struct moment now, int64_t ms) {
    uint32_t random = 0;
    return desk_draw_u32(inquiry->desk, &random) == STATUS_OK
               ? now.boot_ms + pace_spread(ms, random)
               : now.boot_ms + ms;
}

static enum inquiry_need need_now(const struct inquiry_wanted *wanted, struct moment now) {
    bool is_fresh = wanted->is_held || now.boot_ms - wanted->since_ms <= INQUIRY_FRESH_MS;
    return wanted->need == INQUIRY_SOON && !is_fresh ? INQUIRY_LATER : wanted->need;
}

/* When one who was asked for is asked for again. */
static int64_t again_ms(const struct inquiry *inquiry, const struct inquiry_wanted *wanted,
                        struct moment now) {
    switch (need_now(wanted, now)) {
    case INQUIRY_NOW:
        return now.boot_ms + INQUIRY_AGAIN_MS;
    case INQUIRY_SOON:
        return now.boot_ms + INQUIRY_SOON_MS;
    default:
        return later_ms(inquiry, now, INQUIRY_LATER_AGAIN_MS);
    }
}

static struct inquiry_wanted *find(const struct inquiry *inquiry, const char *identity) {
    for (size_t i = 0; i < inquiry->count; i++) {
        if (strcmp(inquiry->wanted[i].identity, identity) == 0) {
            return (struct inquiry_wanted *)&inquiry->wanted[i];
        }
    }
    return NULL;
}

bool inquiry_is_asking(const struct inquiry *inquiry, const char *identity) {
    return find(inquiry, identity) != NULL;
}

bool inquiry_goes_on(const struct inquiry *inquiry) {
    for (size_t i = 0; i < inquiry->count; i++) {
        if (inquiry->wanted[i].need == INQUIRY_NOW) {
            return true;
        }
    }
    return false;
}

/* A place for one who is wanted: where all are taken that of who can wait for longest, if he can
 * for longer than this one; or NULL. */
static struct inquiry_wanted *place_for(struct inquiry *inquiry, enum inquiry_need need) {
    if (inquiry->count < INQUIRY_WANTED_MAX) {
        return &inquiry->wanted[inquiry->count++];
    }
    struct inquiry_wanted *least = &inquiry->wanted[0];
    for (size_t i = 1; i < inquiry->count; i++) {
        least = inquiry->wanted[i].need > least->need ? &inquiry->wanted[i] : least;
    }
    return least->need > need ? least : NULL;
}

void inquiry_want(struct inquiry *inquiry, struct moment now, const char *identity,
                  enum inquiry_need need) {
    struct inquiry_wanted *known = find(inquiry, identity);
    if (known != NULL && known->need > need) {
        *known = inquiry->wanted[--inquiry->count];
    }
    if (find(inquiry, identity) != NULL || is_heard(inquiry, now, identity) ||
        desk_is_silent(inquiry->desk) || strcmp(identity, own_identity(inquiry->desk)) == 0) {
        return;
    }
    struct inquiry_wanted *wanted = place_for(inquiry, need);
    if (wanted == NULL) {
        return;
    }
    int64_t due_ms = need == INQUIRY_LATER ? later_ms(inquiry, now, INQUIRY_LATER_MS)
                                           : allowed_ms(&inquiry->questions, now);
    *wanted = (struct inquiry_wanted){.need = need, .since_ms = now.boot_ms, .due_ms = due_ms};
    snprintf(wanted->identity, sizeof wanted->identity, "%s", identity);
}

/* Who was heard, or asked for often enough, is wanted no more. */
static void forget(struct inquiry *inquiry, struct moment now) {
    for (size_t i = inquiry->count; i > 0; i--) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i - 1];
        bool is_over = wanted->tries == INQUIRY_TRIES && wanted->due_ms <= now.boot_ms;
        if (is_over || is_heard(inquiry, now, wanted->identity)) {
            *wanted = inquiry->wanted[--inquiry->count];
        }
    }
}

static void want_trusted(struct inquiry *inquiry, struct moment now) {
    for (size_t i = 0; i < inquiry->roster->trusted_count; i++) {
        inquiry_want(inquiry, now, inquiry->roster->trusted[i], INQUIRY_SOON);
    }
}

static void look_at_crowd(struct inquiry *inquiry, struct moment now) {
    bool is_crowd = pace_is_crowd(inquiry->pace, now);
    if (is_crowd && !inquiry->was_crowd) {
        inquiry->arrival_ms = now.boot_ms + INQUIRY_ARRIVAL_MS;
    }
    inquiry->was_crowd = is_crowd;
    if (inquiry->arrival_ms <= now.boot_ms) {
        inquiry->arrival_ms = INT64_MAX;
        want_trusted(inquiry, now);
    }
}

/* --- Asking --------------------------------------------------------------------------------- */

static void name_of(const uint8_t nonce[INQUIRY_NONCE_SIZE], const char *identity,
                    uint8_t name[INQUIRY_NAME_SIZE]) {
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&state, nonce, INQUIRY_NONCE_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)identity, strlen(identity));
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(name, hash, INQUIRY_NAME_SIZE);
}

static bool is_asked_now(const struct inquiry_wanted *wanted, struct moment now) {
    return wanted->tries < INQUIRY_TRIES && wanted->due_ms <= now.boot_ms;
}

/* Is it asked for with one of those who are due, though it could wait for its own turn? A name is
 * little beside another question. Who was just asked for is not. */
static bool is_asked_along(const struct inquiry_wanted *wanted, struct moment now) {
    return need_now(wanted, now) == INQUIRY_LATER && wanted->tries < INQUIRY_TRIES &&
           wanted->due_ms - now.boot_ms <= INQUIRY_LATER_MS * 5 / 4;
}

/* Is nobody due but who can wait for minutes? Of whom the officer trusts that is not so, who has a
 * part of the air to himself. */
static bool is_at_leisure(const struct inquiry *inquiry, struct moment now) {
    for (size_t i = 0; i < inquiry->count; i++) {
        if (is_asked_now(&inquiry->wanted[i], now) && inquiry->wanted[i].need != INQUIRY_LATER) {
            return false;
        }
    }
    return true;
}

/* Names those who are due, up to INQUIRY_NAMES_MAX, and where all of them can wait the others that
 * can; returns how many. */
static size_t write_names(struct inquiry *inquiry, const uint8_t nonce[INQUIRY_NONCE_SIZE],
                          struct writer *out, struct moment now) {
    size_t count = 0;
    bool at_leisure = is_at_leisure(inquiry, now);
    for (size_t i = 0; i < inquiry->count && count < INQUIRY_NAMES_MAX; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        uint8_t name[INQUIRY_NAME_SIZE];
        if (!is_asked_now(wanted, now) && !(at_leisure && is_asked_along(wanted, now))) {
            continue;
        }
        wanted->tries++;
        wanted->due_ms = again_ms(inquiry, wanted, now);
        name_of(nonce, wanted->identity, name);
        write_span(out, SPAN_OF(name));
        count++;
    }
    return count;
}

static void ask(struct inquiry *inquiry, struct moment now) {
    uint8_t head[HEAD_MAX], nonce[INQUIRY_NONCE_SIZE];
    struct writer w = writer_into(head, sizeof head);
    if (entropy_draw(&inquiry->desk->entropy, nonce, sizeof nonce) != STATUS_OK) {
        return;
    }
    write_span(&w, SPAN_OF(nonce));
    uint8_t *count = write_room(&w, 1);
    *count = (uint8_t)write_names(inquiry, nonce, &w, now);
    spend(&inquiry->questions, now);
    presence_say_in(inquiry->presences, now, FRAME_INQUIRY, writer_span(&w));
}

static bool is_due(const struct inquiry *inquiry, struct moment now) {
    for (size_t i = 0; i < inquiry->count; i++) {
        if (is_asked_now(&inquiry->wanted[i], now)) {
            return true;
        }
    }
    return false;
}

static void put_off(struct inquiry *inquiry, int64_t until_ms, struct moment now) {
    for (size_t i = 0; i < inquiry->count; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        if (is_asked_now(wanted, now)) {
            wanted->due_ms = until_ms;
        }
    }
}

/* May that one, whom the handset can wait for, be asked for now? It is one of some that may ask,
 * by `random`. */
static bool is_chosen(const struct inquiry *inquiry, const struct inquiry_wanted *wanted,
                      uint32_t random, struct moment now) {
    const struct pace *pace = inquiry->pace;
    bool is_trusted = wanted->need == INQUIRY_SOON;
    return random % (pace_count(pace, now) + 1) <
               (is_trusted ? INQUIRY_LATER_TRUSTED : INQUIRY_LATER_ALL) &&
           pace_has_room(pace, now, is_trusted ? PACE_LATE_OCTETS : PACE_IDLE_OCTETS);
}

/* Is there room for one whom the officer trusts, and who is new? If not, he is as new when there is
 * room again, since many come at once and nobody is heard for it: but for once only. */
static bool finds_room(const struct inquiry *inquiry, struct inquiry_wanted *wanted,
                       struct moment now) {
    int64_t octets = wanted->tries == 0 ? PACE_COMING_OCTETS : PACE_FRESH_OCTETS;
    bool has_room =
        pace_has_room(inquiry->pace, now, pace_borne(octets, air_is_star(inquiry->presences->air)));
    if (has_room && wanted->is_held) {
        wanted->since_ms = now.boot_ms;
        wanted->was_held = true;
    }
    wanted->is_held = !has_room && !wanted->was_held;
    return has_room;
}

/* Those for whom no officer waits wait while there is no room on the air. */
static void give_way(struct inquiry *inquiry, struct moment now) {
    uint32_t random = 0;
    bool may_draw = desk_draw_u32(inquiry->desk, &random) == STATUS_OK;
    for (size_t i = 0; i < inquiry->count; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        enum inquiry_need need = need_now(wanted, now);
        if (!is_asked_now(wanted, now) || need == INQUIRY_NOW) {
            continue;
        }
        if (need == INQUIRY_SOON && !finds_room(inquiry, wanted, now)) {
            wanted->due_ms = later_ms(inquiry, now, INQUIRY_SOON_MS);
        } else if (need == INQUIRY_LATER &&
                   !(may_draw && is_chosen(inquiry, wanted, random, now))) {
            wanted->due_ms = later_ms(inquiry, now, INQUIRY_LATER_MS);
        }
    }
}

void inquiry_tick(struct inquiry *inquiry, struct moment now) {
    look_at_crowd(inquiry, now);
    if (desk_is_silent(inquiry->desk)) {
        inquiry->count = 0;
        inquiry->answer_ms = INT64_MAX;
    }
    forget(inquiry, now);
    if (is_due(inquiry, now)) {
        give_way(inquiry, now);
    }
    if (is_due(inquiry, now)) {
        int64_t until_ms = allowed_ms(&inquiry->questions, now);
        if (until_ms > now.boot_ms) {
            put_off(inquiry, until_ms, now);
        } else {
            ask(inquiry, now);
        }
    }
    if (inquiry->answer_ms <= now.boot_ms) {
        inquiry->answer_ms = INT64_MAX;
        spend(&inquiry->answers, now);
        presence_hurry(inquiry->presences, now);
    }
}

int64_t inquiry_deadline(const struct inquiry *inquiry) {
    int64_t deadline =
        inquiry->arrival_ms < inquiry->answer_ms ? inquiry->arrival_ms : inquiry->answer_ms;
    for (size_t i = 0; i < inquiry->count; i++) {
        deadline = inquiry->wanted[i].due_ms < deadline ? inquiry->wanted[i].due_ms : deadline;
    }
    return deadline;
}

/* --- Being asked for ------------------------------------------------------------------------ */

/* What stands before the presence. */
struct question {
    uint8_t nonce[INQUIRY_NONCE_SIZE];
    size_t count;
    uint8_t names[INQUIRY_NAMES_MAX][INQUIRY_NAME_SIZE];
};

static void read_question(struct reader *in, struct question *question) {
    read_octets(in, question->nonce, sizeof question->nonce);
    question->count = read_u8(in);
    in->failed = in->failed || question->count == 0 || question->count > INQUIRY_NAMES_MAX;
    for (size_t i = 0; !in->failed && i < question->count; i++) {
        read_octets(in, question->names[i], sizeof question->names[i]);
    }
}

static bool is_named(const struct question *question, const char *identity) {
    uint8_t name[INQUIRY_NAME_SIZE];
    name_of(question->nonce, identity, name);
    for (size_t i = 0; i < question->count; i++) {
        if (memcmp(question->names[i], name, sizeof name) == 0) {
            return true;
        }
    }
    return false;
}

/* Another asks for these: whoever of them is wanted here answers this handset as well. Where one
 * could not, as others have asked too often, it is asked for again in time. */
static void leave_to_other(struct inquiry *inquiry, struct moment now,
                           const struct question *question) {
    int64_t again_ms = now.boot_ms + INQUIRY_SOON_MS;
    for (size_t i = 0; i < inquiry->count; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        if (wanted->need != INQUIRY_NOW && wanted->tries < INQUIRY_TRIES &&
            wanted->due_ms < again_ms && is_named(question, wanted->identity)) {
            wanted->due_ms = again_ms;
        }
    }
}

/* Did that frame just bring the latest presence of somebody, who is not revoked? */
static bool has_verified(const struct inquiry *inquiry, struct moment now,
                         const struct presence_arrival *arrival, struct span payload) {
    struct presence presence;
    struct span covered, signature;
    if (presence_read(payload, &presence, &covered, &signature) != STATUS_OK) {
        return false;
    }
    const struct neighbour *neighbour = roster_find(inquiry->roster, presence.identity);
    return neighbour != NULL && neighbour->heard_ms == now.boot_ms &&
           memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0 &&
           !keyring_refuses(&inquiry->desk->keyring, presence.identity);
}

void inquiry_hear(struct inquiry *inquiry, struct moment now,
                  const struct presence_arrival *arrival, struct span payload) {
    struct reader r = reader_of(payload);
    struct question question;
    uint32_t random = 0;
    read_question(&r, &question);
    if (r.failed) {
        desk_refuse(inquiry->presences->air->desk, now, MESSAGE_PRESENCE, STATUS_MALFORMED);
        return;
    }
    struct span presence = read_span(&r, reader_left(&r));
    presence_hear(inquiry->presences, now, arrival, presence);
    if (!has_verified(inquiry, now, arrival, presence)) {
        return;
    }
    leave_to_other(inquiry, now, &question);
    if (inquiry->answer_ms != INT64_MAX || desk_is_silent(inquiry->desk) ||
        !is_named(&question, own_identity(inquiry->desk)) ||
        desk_draw_u32(inquiry->desk, &random) != STATUS_OK) {
        return;
    }
    inquiry->answer_ms = allowed_ms(&inquiry->answers, now) + random % INQUIRY_ANSWER_MS;
}
