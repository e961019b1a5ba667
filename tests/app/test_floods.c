/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile input costs little, and leaves the others their share (app/README.md section 5, 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <dlfcn.h>

#include "app/handset/handset.h"
#include "squad.h"

/* --- Forged messages from a neighbour's address --------------------------------------------- */

/* Hands handset `to` a copy of `genuine`, altered in its signature and, at `counter_at`, elsewhere,
 * as if `from` had sent it. */
static void forge(struct squad *squad, size_t to, size_t from, enum frame_kind kind,
                  struct span genuine, size_t counter_at) {
    static unsigned number;
    uint8_t copy[FRAME_MAX], hash[crypto_hash_sha256_BYTES];
    memcpy(copy, genuine.octets, genuine.length);
    number++;
    copy[counter_at] ^= (uint8_t)number;
    copy[counter_at + 1] ^= (uint8_t)(number >> 8);
    copy[genuine.length - 1] ^= 1;
    if (kind == FRAME_D2D) { /* its id goes with the message */
        crypto_hash_sha256(hash, copy + D2D_HEADER_SIZE, genuine.length - D2D_HEADER_SIZE);
        memcpy(copy, hash, 8);
    }
    squad_inject_payload(squad, to, from, kind, (struct span){copy, genuine.length});
}

enum {
    SECOND_MS = 1000,
    FORGED_EVERY_MS = 60 /* more than one budget refills meanwhile, and less than the two do */
};
_Static_assert(FORGED_EVERY_MS *(int)PURSE_RATE<1000 && FORGED_EVERY_MS * 2 * (int)PURSE_RATE> 1000,
               "a flood that takes all that is refilled would leave to chance what gets through");

struct flood {
    struct squad *squad;
    size_t to, from;
    enum frame_kind kind;
    struct span genuine;
    size_t counter_at;
};

static void forge_one(const struct flood *flood) {
    forge(flood->squad, flood->to, flood->from, flood->kind, flood->genuine, flood->counter_at);
}

/* Forges as much at once as empties the budgets. */
static void flood_at_once(const struct flood *flood) {
    for (int i = 0; i < 2 * PURSE_BURST; i++) {
        forge_one(flood);
    }
}

static void flood_on(const struct flood *flood, int64_t ms) {
    for (; ms > 0; ms -= FORGED_EVERY_MS) {
        forge_one(flood);
        squad_run(flood->squad, FORGED_EVERY_MS);
    }
}

static uint64_t first_seed(void) {
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? (uint64_t)time(NULL) : strtoull(given, NULL, 10);
    print_message("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* Some time less than `below_ms`: so that no test rests on how a flood meets what is genuine. */
static int64_t draw_ms(uint64_t *seed, int64_t below_ms) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*seed >> 33) % (uint64_t)(below_ms / 10)) * 10;
}

/* The I_MESSAGE that handset 0 sent first, with its D2D header. */
static struct span first_open(const struct squad *squad) {
    size_t i = 0;
    while (squad->frames[i].from != 0 || squad->frames[i].octets[1] != FRAME_D2D) {
        i++;
    }
    return squad_payload(&squad->frames[i]);
}

/* The first one is heard, and not only one of those that are sent again. */
static void
forged_i_messages_from_a_neighbours_address_do_not_keep_its_invitation_out(void **state) {
    (void)state;
    enum {
        PHASES = 20,
        SOON_MS = CONNECTION_REPEAT_MS - 50
    };
    uint64_t seed = first_seed();
    for (int i = 0; i < PHASES; i++) {
        struct squad *squad = squad_new(2);
        squad_group(squad, HOUR_MS);
        struct span open = first_open(squad);
        const struct flood flood = {squad,     1,    0,
                                    FRAME_D2D, open, open.length - ECCSI_SIGNATURE_SIZE};
        flood_at_once(&flood);
        flood_on(&flood, SECOND_MS + draw_ms(&seed, SECOND_MS));
        squad_ask(squad, 0, 1, 1);
        flood_on(&flood, SOON_MS);
        assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
        squad_free(squad);
    }
}

/* Not only does it stay: from when the flood goes on as fast as it can, each presence is heard. */
static void forged_presence_from_a_neighbours_address_does_not_make_it_disappear(void **state) {
    (void)state;
    enum {
        TIME_ENDS_AT = 6
    };
    uint64_t seed = first_seed();
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct span presence = squad_payload(squad_find_frame(squad, 1, FRAME_PRESENCE));
    const struct flood flood = {squad, 0, 1, FRAME_PRESENCE, presence, TIME_ENDS_AT};
    squad_run(squad, draw_ms(&seed, PRESENCE_INTERVAL_MS));
    flood_at_once(&flood);
    flood_on(&flood, 2 * PRESENCE_INTERVAL_MS);
    for (int64_t ms = 0; ms < 2 * PRESENCE_LASTS_MS; ms += FORGED_EVERY_MS) {
        const struct view *view = squad_view(squad, 0);
        assert_int_equal(view->nearby_count, 1);
        assert_true(view->nearby[0].heard_ago_ms <= PRESENCE_INTERVAL_MS + FORGED_EVERY_MS);
        flood_on(&flood, FORGED_EVERY_MS);
    }
    squad_free(squad);
}

/* --- Forged requests ------------------------------------------------------------------------ */

static unsigned locked_allocations;

/* In the place of libsodium's, to count what locks memory: each costs several system calls. */
void *sodium_malloc(size_t size) {
    void *(*next)(size_t) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "sodium_malloc");
    memcpy(&next, &symbol, sizeof next);
    locked_allocations++;
    return next(size);
}

static bool drop_requests(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_D2D || frame->octets[FRAME_HEADER_SIZE + 8] != D2D_REQUEST;
}

static void forged_requests_lock_no_memory_and_the_genuine_one_still_counts(void **state) {
    (void)state;
    enum {
        FORGED = 100
    };
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->filter = drop_requests;
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    struct span request = squad_payload(squad_find_frame(squad, 0, FRAME_D2D));
    assert_int_equal(request.octets[8], D2D_REQUEST);
    uint8_t forged[D2D_PAYLOAD_MAX];
    memcpy(forged, request.octets, request.length);
    forged[request.length - 1] ^= 1;
    locked_allocations = 0;
    for (int i = 0; i < FORGED; i++) {
        squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_D2D,
                             (struct span){forged, request.length});
    }
    assert_int_equal(locked_allocations, 0);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_MAC_INVALID);
    squad->filter = NULL;
    squad_run(squad, 2000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    assert_true(locked_allocations > 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            forged_i_messages_from_a_neighbours_address_do_not_keep_its_invitation_out),
        cmocka_unit_test(forged_presence_from_a_neighbours_address_does_not_make_it_disappear),
        cmocka_unit_test(forged_requests_lock_no_memory_and_the_genuine_one_still_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
