/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/admission.h"

#include <stdlib.h>
#include <string.h>

enum {
    A_CHECK = COST_SIGNATURE * UNIT
};

/* At most 1 % of a core for who shows nothing, and 10 % for who shows the mark; half as much while
 * somebody talks. Most of what they pay for costs less than its unit. */
static const struct purse_size signatures[2][SHOWN_COUNT] = {{{40, 10}, {200, 100}, {200, 100}},
                                                             {{40, 5}, {200, 50}, {200, 100}}};
static const struct purse_size others[SHOWN_COUNT] = {{40, 10}, {200, 100}, {200, 100}};

/* --- Purses --------------------------------------------------------------------------------- */

void admission_start(struct admission *admission, int64_t boot_ms) {
    admission_clear(admission);
    for (size_t shown = 0; shown < SHOWN_COUNT; shown++) {
        struct share *share = &admission->shares[shown];
        share->signatures = purse_full(others[shown], boot_ms);
        for (size_t what = 0; what < SPENT_COUNT; what++) {
            share->spent[what] = share->signatures;
        }
    }
    for (size_t use = 0; use < PROVEN_COUNT; use++) {
        purses_start(&admission->proven[use], boot_ms);
    }
}

void admission_enter(struct admission *admission, const struct knock *knock) {
    admission->knock = knock;
    admission->is_paid = false;
}

void admission_leave(struct admission *admission) {
    admission->knock = NULL;
    admission->is_paid = false;
}

static enum shown shown_now(const struct admission *admission) {
    return admission->knock == NULL ? SHOWN_NOTHING : admission->knock->shown;
}

static struct purse_size signatures_of(const struct admission *admission, enum shown shown) {
    return signatures[admission->is_busy][shown];
}

bool admission_affords(struct admission *admission, struct moment now, enum spent what,
                       int64_t milli_units) {
    enum shown shown = shown_now(admission);
    return purse_take(&admission->shares[shown].spent[what], others[shown], now.boot_ms,
                      milli_units);
}

/* Anybody can say again what somebody signed to have it opened: what has no mark is paid for apart.
 */
static uint64_t source_of(const struct admission *admission, enum proven use,
                          const char *identity) {
    return use == PROVEN_OPENING ? purse_source_at(identity, (uint64_t)shown_now(admission))
                                 : purse_source(identity);
}

bool admission_has(struct admission *admission, struct moment now, enum proven use,
                   const char *identity, int64_t milli_units) {
    return purses_have(&admission->proven[use], source_of(admission, use, identity), now.boot_ms,
                       milli_units);
}

bool admission_pays(struct admission *admission, struct moment now, enum proven use,
                    const char *identity, int64_t milli_units) {
    return purses_take(&admission->proven[use], source_of(admission, use, identity), now.boot_ms,
                       milli_units);
}

enum status admission_explains(struct admission *admission, enum status status,
                               const char *identity, struct moment now, struct span message,
                               const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    if (status != STATUS_SIGNATURE_INVALID ||
        !admission_affords(admission, now, SPENT_ON_EXPLANATIONS, COST_EXPLANATION * UNIT)) {
        return status;
    }
    return keyring_explain(&admission->desk->keyring, identity, now, message, signature);
}

/* --- The waiting room ----------------------------------------------------------------------- */

static size_t draw_below(const struct admission *admission, size_t limit) {
    uint32_t random;
    return desk_draw_u32(admission->desk, &random) == STATUS_OK ? random % limit : 0;
}

static bool anybody_waits(const struct share *share) {
    for (size_t kind = 0; kind < FRAME_KINDS; kind++) {
        if (share->rooms[kind].count > 0) {
            return true;
        }
    }
    return false;
}

static struct waiting *waiting_new(const struct knock *knock, uint64_t who) {
    struct span payload = knock->frame.payload;
    struct waiting *waiting = malloc(sizeof *waiting + payload.length);
    if (waiting != NULL) {
        *waiting = (struct waiting){.who = who, .knock = *knock};
        memcpy(waiting->payload, payload.octets, payload.length);
        waiting->knock.frame.payload = (struct span){waiting->payload, payload.length};
    }
    return waiting;
}

void admission_clear(struct admission *admission) {
    for (size_t i = 0; i < (size_t)SHOWN_COUNT * FRAME_KINDS; i++) {
        struct waiting_room *room = &admission->shares[i / FRAME_KINDS].rooms[i % FRAME_KINDS];
        while (room->count > 0) {
            free(room->list[--room->count]);
        }
    }
}

uint64_t admission_who(const struct admission *admission, const char *claimed) {
    const struct knock *knock = admission->knock;
    uint64_t peer = knock == NULL ? 0 : knock->arrival.peer;
    return purse_source_at(claimed, 2 * peer + (uint64_t)shown_now(admission));
}

/* The place for what is by `who`: that of another of its kind, a free one, or, where all are taken,
 * any. */
static size_t place(const struct admission *admission, const struct waiting_room *room,
                    uint64_t who) {
    for (size_t i = 0; i < room->count; i++) {
        if (room->list[i]->who == who) {
            return i;
        }
    }
    return room->count < WAITING_EACH ? room->count : draw_below(admission, WAITING_EACH);
}

/* Keeps the frame that is being heard. Returns whether all have their places. */
static bool keep(struct admission *admission, struct waiting_room *room, const char *claimed) {
    const struct knock *knock = admission->knock;
    uint64_t who = admission_who(admission, claimed);
    size_t at = place(admission, room, who);
    bool is_free = at == room->count;
    if (!is_free && room->list[at]->who == who && draw_below(admission, 2) == 0) {
        return false; /* the one that is there stays */
    }
    struct waiting *waiting = waiting_new(knock, who);
    if (waiting == NULL) {
        return false;
    }
    if (is_free) {
        room->count++;
    } else {
        free(room->list[at]);
    }
    room->list[at] = waiting;
    return is_free;
}

static enum event_message message_of(enum frame_kind kind) {
    switch (kind) {
    case FRAME_PRESENCE:
    case FRAME_INQUIRY: /* what waits of it is the presence in it */
        return MESSAGE_PRESENCE;
    case FRAME_D2D:
        return MESSAGE_I_MESSAGE;
    case FRAME_KEY_DELIVERY:
        return MESSAGE_KEY_DELIVERY;
    case FRAME_REVOCATION:
        return MESSAGE_REVOCATION;
    case FRAME_MESSAGE:
        return MESSAGE_GROUP_MESSAGE;
    default:
        return MESSAGE_ANNOUNCEMENT;
    }
}

static bool pay_check(struct admission *admission, struct moment now, enum shown shown) {
    bool is_paid = purse_take(&admission->shares[shown].signatures, signatures_of(admission, shown),
                              now.boot_ms, A_CHECK);
    admission->paid_by = is_paid ? shown : admission->paid_by;
    return is_paid;
}

bool admission_checks(struct admission *admission, struct moment now, const char *claimed,
                      bool has_mac) {
    const struct knock *knock = admission->knock;
    if (knock == NULL) {
        return false;
    }
    if (admission->is_paid) {
        admission->is_paid = false;
        return true;
    }
    enum shown shown = has_mac && knock->shown == SHOWN_MARK ? SHOWN_GROUP : knock->shown;
    struct share *share = &admission->shares[shown];
    if (!anybody_waits(share) && pay_check(admission, now, shown)) {
        return true;
    }
    if (!keep(admission, &share->rooms[knock->frame.kind], claimed)) {
        desk_refuse(admission->desk, now, message_of(knock->frame.kind), STATUS_RATE_LIMITED);
    }
    return false;
}

void admission_returns(struct admission *admission) {
    enum shown shown = admission->paid_by;
    purse_return(&admission->shares[shown].signatures, signatures_of(admission, shown), A_CHECK);
}

/* --- Drawing -------------------------------------------------------------------------------- */

/* Takes one out of the room, by chance. */
static struct waiting *take_any(const struct admission *admission, struct waiting_room *room) {
    size_t at = draw_below(admission, room->count);
    struct waiting *taken = room->list[at];
    room->list[at] = room->list[--room->count];
    return taken;
}

/* One of the rooms in which anybody waits, by chance; somebody does. */
static struct waiting_room *any_room(const struct admission *admission, struct share *share) {
    struct waiting_room *rooms[FRAME_KINDS];
    size_t count = 0;
    for (size_t kind = 0; kind < FRAME_KINDS; kind++) {
        if (share->rooms[kind].count > 0) {
            rooms[count++] = &share->rooms[kind];
        }
    }
    return rooms[draw_below(admission, count)];
}

struct waiting *admission_next(struct admission *admission, struct moment now) {
    for (size_t shown = SHOWN_COUNT; shown-- > 0;) {
        struct share *share = &admission->shares[shown];
        if (anybody_waits(share) && pay_check(admission, now, (enum shown)shown)) {
            struct waiting *next = take_any(admission, any_room(admission, share));
            admission_enter(admission, &next->knock);
            admission->is_paid = true;
            return next;
        }
    }
    return NULL;
}

void admission_heard(struct admission *admission, struct waiting *waiting) {
    admission_leave(admission);
    free(waiting);
}

int64_t admission_deadline(const struct admission *admission) {
    int64_t deadline = INT64_MAX;
    for (size_t shown = 0; shown < SHOWN_COUNT; shown++) {
        const struct share *share = &admission->shares[shown];
        int64_t due_ms =
            purse_due(&share->signatures, signatures_of(admission, (enum shown)shown), A_CHECK);
        deadline = anybody_waits(share) && due_ms < deadline ? due_ms : deadline;
    }
    return deadline;
}
