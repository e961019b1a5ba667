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
    return neighbour != NULL && now.boot_ms - neighbour->heard_ms <= INQUIRY_LATELY_MS;
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
        if (!inquiry->wanted[i].is_spare) {
            return true;
        }
    }
    return false;
}

void inquiry_want(struct inquiry *inquiry, struct moment now, const char *identity, bool is_spare) {
    struct inquiry_wanted *known = find(inquiry, identity);
    if (known != NULL && known->is_spare && !is_spare) {
        *known = inquiry->wanted[--inquiry->count];
    }
    if (inquiry->count == INQUIRY_WANTED_MAX || find(inquiry, identity) != NULL ||
        is_heard(inquiry, now, identity) || desk_is_silent(inquiry->desk) ||
        strcmp(identity, own_identity(inquiry->desk)) == 0) {
        return;
    }
    struct inquiry_wanted *wanted = &inquiry->wanted[inquiry->count++];
    *wanted = (struct inquiry_wanted){.is_spare = is_spare,
                                      .due_ms = allowed_ms(&inquiry->questions, now)};
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
        inquiry_want(inquiry, now, inquiry->roster->trusted[i], true);
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

/* Names those who are due, up to INQUIRY_NAMES_MAX; returns how many. */
static size_t write_names(struct inquiry *inquiry, const uint8_t nonce[INQUIRY_NONCE_SIZE],
                          struct writer *out, struct moment now) {
    size_t count = 0;
    for (size_t i = 0; i < inquiry->count && count < INQUIRY_NAMES_MAX; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        uint8_t name[INQUIRY_NAME_SIZE];
        if (wanted->due_ms > now.boot_ms || wanted->tries == INQUIRY_TRIES) {
            continue;
        }
        wanted->tries++;
        wanted->due_ms = now.boot_ms + (wanted->is_spare ? INQUIRY_SPARE_MS : INQUIRY_AGAIN_MS);
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
        const struct inquiry_wanted *wanted = &inquiry->wanted[i];
        if (wanted->due_ms <= now.boot_ms && wanted->tries < INQUIRY_TRIES) {
            return true;
        }
    }
    return false;
}

/* Those that are due wait until then; perhaps those alone that no officer waits for. */
static void put_off(struct inquiry *inquiry, bool spare_alone, int64_t until_ms,
                    struct moment now) {
    for (size_t i = 0; i < inquiry->count; i++) {
        struct inquiry_wanted *wanted = &inquiry->wanted[i];
        if (wanted->tries < INQUIRY_TRIES && wanted->due_ms <= now.boot_ms &&
            (wanted->is_spare || !spare_alone)) {
            wanted->due_ms = until_ms;
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
    if (!pace_has_room(inquiry->pace, now)) {
        put_off(inquiry, true, now.boot_ms + INQUIRY_SPARE_MS, now);
    }
    if (is_due(inquiry, now)) {
        int64_t until_ms = allowed_ms(&inquiry->questions, now);
        if (until_ms > now.boot_ms) {
            put_off(inquiry, false, until_ms, now);
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

static bool is_named(const struct inquiry *inquiry, struct reader *head) {
    uint8_t nonce[INQUIRY_NONCE_SIZE], own[INQUIRY_NAME_SIZE], name[INQUIRY_NAME_SIZE];
    bool is_ours = false;
    read_octets(head, nonce, sizeof nonce);
    size_t count = read_u8(head);
    head->failed = head->failed || count == 0 || count > INQUIRY_NAMES_MAX;
    name_of(nonce, own_identity(inquiry->desk), own);
    for (size_t i = 0; !head->failed && i < count; i++) {
        read_octets(head, name, sizeof name);
        is_ours = is_ours || memcmp(name, own, sizeof name) == 0;
    }
    return is_ours && !head->failed;
}

/* Did that frame just bring the latest presence of somebody? */
static bool has_verified(const struct inquiry *inquiry, struct moment now,
                         const struct presence_arrival *arrival, struct span payload) {
    struct presence presence;
    struct span covered, signature;
    if (presence_read(payload, &presence, &covered, &signature) != STATUS_OK) {
        return false;
    }
    const struct neighbour *neighbour = roster_find(inquiry->roster, presence.identity);
    return neighbour != NULL && neighbour->heard_ms == now.boot_ms &&
           memcmp(neighbour->frame, arrival->frame, sizeof neighbour->frame) == 0;
}

void inquiry_hear(struct inquiry *inquiry, struct moment now,
                  const struct presence_arrival *arrival, struct span payload) {
    struct reader r = reader_of(payload);
    uint32_t random = 0;
    bool is_ours = is_named(inquiry, &r);
    if (r.failed) {
        desk_refuse(inquiry->presences->air->desk, now, MESSAGE_PRESENCE, STATUS_MALFORMED);
        return;
    }
    struct span presence = read_span(&r, reader_left(&r));
    presence_hear(inquiry->presences, now, arrival, presence);
    if (!is_ours || inquiry->answer_ms != INT64_MAX || desk_is_silent(inquiry->desk) ||
        !has_verified(inquiry, now, arrival, presence) ||
        desk_draw_u32(inquiry->desk, &random) != STATUS_OK) {
        return;
    }
    inquiry->answer_ms = allowed_ms(&inquiry->answers, now) + random % INQUIRY_ANSWER_MS;
}
