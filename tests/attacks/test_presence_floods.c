/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forged presences, which no key has signed, in such numbers that a handset cannot check them all:
 * who is there stays in sight, who comes is seen, and a group can be made (statements 9 and 14 of
 * what must always hold, app/README.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/roster.h"
#include "crypto/provider.h"
#include "junk.h"
#include "tests/app/squad.h"

enum {
    BRAVO = 1,
    CHARLIE = 2, /* who wants to know whether Bravo is there */
    STEP_MS = 10,
    SECOND_MS = 1000,
    STRANGERS = 5000,
    FIRST_STRANGER = 1000,
    PRESENCE_SIZE = 400,
    SEEN_WITHIN_MS = 10 * 1000,
};

/* As whom they speak, and from where. */
enum claim {
    AS_BRAVO_FROM_THERE,
    AS_BRAVO_FROM_ANYWHERE,
    AS_ONE_FROM_ONE_PLACE,
    AS_ONE_FROM_ANYWHERE,
    AS_ANYBODY_FROM_ANYWHERE,
    CLAIMS
};

struct flood {
    struct squad *squad;
    enum claim claim;
    bool is_enrolled; /* the frames have the domain's mark */
    int64_t a_second;
    uint64_t random;
};

/* Hands handset `to` a presence with a signature that is none. */
static void forge_presence(struct flood *flood, size_t to) {
    uint8_t payload[PRESENCE_SIZE], octets[FRAME_MAX];
    char anybody[IDENTITY_SIZE];
    uint64_t number = junk_number(&flood->random);
    bool is_bravo = flood->claim <= AS_BRAVO_FROM_ANYWHERE;
    bool is_anybody = flood->claim == AS_ANYBODY_FROM_ANYWHERE;
    snprintf(anybody, sizeof anybody, "urn:gsma:imei:90420156-%06u-0",
             (unsigned)(number % 1000000));
    struct writer w = writer_into(payload, sizeof payload);
    junk_presence(&flood->random, squad_now(flood->squad, to).utc_ms,
                  is_anybody ? anybody : squad_identity(is_bravo ? BRAVO : SQUAD_STRANGER), &w);
    struct frame frame = {.kind = FRAME_PRESENCE, .id = number, .payload = writer_span(&w)};
    if (flood->is_enrolled) {
        squad_mark(flood->squad->handsets[to].engine, &frame);
    }
    struct writer out = writer_into(octets, sizeof octets);
    frame_write(&out, &frame);
    size_t anywhere = FIRST_STRANGER + (size_t)(number % STRANGERS);
    size_t from = flood->claim == AS_BRAVO_FROM_THERE     ? (size_t)BRAVO
                  : flood->claim == AS_ONE_FROM_ONE_PLACE ? (size_t)FIRST_STRANGER
                                                          : anywhere;
    squad_inject(flood->squad, to, from, writer_span(&out));
}

/* Lets time pass while handsets `first` to `last` are flooded. */
static void run_under(struct flood *flood, size_t first, size_t last, int64_t ms) {
    for (int64_t passed = 0; passed < ms; passed += STEP_MS) {
        for (int64_t i = 0; i < flood->a_second * STEP_MS / SECOND_MS; i++) {
            for (size_t to = first; to <= last; to++) {
                forge_presence(flood, to);
            }
        }
        squad_run(flood->squad, STEP_MS);
    }
}

static const struct view_nearby *bravo_seen(struct squad *squad) {
    const struct view *view = squad_view(squad, CHARLIE);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(BRAVO)) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

/* Who sends from Bravo's own address and in its name takes nothing from what its own frames show.
 */
static void a_neighbour_stays_in_sight_whatever_is_forged_in_its_name(void **state) {
    (void)state;
    const int64_t rates[] = {100, 1000, 10000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct flood flood = {.squad = squad_new(3), .a_second = rates[i], .random = 1};
        squad_run(flood.squad, 3000);
        for (int s = 0; s < 30; s++) {
            flood.claim = s < 15 ? AS_BRAVO_FROM_THERE : AS_BRAVO_FROM_ANYWHERE;
            run_under(&flood, CHARLIE, CHARLIE, SECOND_MS);
            assert_non_null(bravo_seen(flood.squad));
            assert_true(bravo_seen(flood.squad)->heard_ago_ms <= PRESENCE_INTERVAL_MS + STEP_MS);
        }
        squad_free(flood.squad);
    }
}

/* Is Bravo, who comes in the middle of it, seen in time? */
static bool newcomer_is_seen(struct flood *flood) {
    flood->squad = squad_new(3);
    flood->squad->handsets[BRAVO].deaf = true;
    squad_run(flood->squad, 2000);
    run_under(flood, CHARLIE, CHARLIE, 2000 + (int64_t)(junk_number(&flood->random) % 5000));
    assert_null(bravo_seen(flood->squad));
    flood->squad->handsets[BRAVO].deaf = false;
    int64_t ms = 0;
    for (; ms < SEEN_WITHIN_MS && bravo_seen(flood->squad) == NULL; ms += 100) {
        run_under(flood, CHARLIE, CHARLIE, 100);
    }
    squad_free(flood->squad);
    return ms < SEEN_WITHIN_MS;
}

static void a_newcomer_is_seen_within_ten_seconds_whatever_a_stranger_forges(void **state) {
    (void)state;
    const int64_t rates[] = {100, 1000, 10000};
    struct flood flood = {.random = 1};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        for (size_t claim = 0; claim < CLAIMS; claim++) {
            flood.a_second = rates[i];
            flood.claim = (enum claim)claim;
            assert_true(newcomer_is_seen(&flood));
        }
    }
}

/* Who has the domain's marks as well, and forges in one name from one place, has one place in the
 * waiting room, as the newcomer has. */
static void a_newcomer_is_seen_though_an_enrolled_one_forges_from_its_place(void **state) {
    (void)state;
    struct flood flood = {.is_enrolled = true, .claim = AS_ONE_FROM_ONE_PLACE, .random = 1};
    const int64_t rates[] = {1000, 10000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        flood.a_second = rates[i];
        assert_true(newcomer_is_seen(&flood));
    }
}

/* Each of the five is flooded from before they meet. */
static void a_group_of_five_is_made_under_it(void **state) {
    (void)state;
    enum {
        FIVE = 5,
        A_SECOND = 10000
    };
    struct flood flood = {.squad = squad_new(FIVE),
                          .claim = AS_ANYBODY_FROM_ANYWHERE,
                          .a_second = A_SECOND,
                          .random = 1};
    struct squad *squad = flood.squad;
    run_under(&flood, 0, FIVE - 1, 1000);
    struct command create = squad_create_command(FIVE - 1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    run_under(&flood, 0, FIVE - 1, 1000);
    for (size_t n = 1; n < FIVE; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    run_under(&flood, 0, FIVE - 1, 2000);
    for (size_t n = 0; n < FIVE; n++) {
        assert_int_equal(squad_view(squad, n)->group_count, 1);
        assert_int_equal(
            squad_view(squad, 0)->groups[0].members[n].state == MEMBER_ACCEPTED || n == 0, true);
    }
    squad_free(squad);
}

/* Recorded frames, whose marks are right, are heard once, however often they are said; and under
 * another id their marks are wrong. */
static void recorded_presences_said_again_keep_no_newcomer_out(void **state) {
    (void)state;
    enum {
        A_STEP = 100,
        RECORDED = 300
    };
    struct squad *squad = squad_new(3);
    uint64_t random = 1;
    squad->handsets[CHARLIE].deaf = true;
    squad_run(squad, RECORDED * SECOND_MS);
    size_t recorded = squad->frame_count;
    assert_true(recorded > 100);
    squad->handsets[CHARLIE].deaf = false;
    squad->handsets[0].deaf = squad->handsets[BRAVO].deaf = true;
    for (int64_t ms = 0; ms < 5000 + SEEN_WITHIN_MS && bravo_seen(squad) == NULL; ms += STEP_MS) {
        squad->handsets[BRAVO].deaf = ms < 5000;
        for (size_t i = 0; i < A_STEP; i++) {
            uint8_t octets[FRAME_MAX];
            const struct squad_frame *frame = &squad->frames[junk_number(&random) % recorded];
            memcpy(octets, frame->octets, frame->length);
            octets[FRAME_HEADER_SIZE - 1] ^= i % 2 == 0 ? 0 : (uint8_t)random;
            if (frame->from == 0) {
                squad_inject(squad, CHARLIE, FIRST_STRANGER + i,
                             (struct span){octets, frame->length});
            }
        }
        squad_run(squad, STEP_MS);
    }
    assert_non_null(bravo_seen(squad));
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbour_stays_in_sight_whatever_is_forged_in_its_name),
        cmocka_unit_test(a_newcomer_is_seen_within_ten_seconds_whatever_a_stranger_forges),
        cmocka_unit_test(a_newcomer_is_seen_though_an_enrolled_one_forges_from_its_place),
        cmocka_unit_test(a_group_of_five_is_made_under_it),
        cmocka_unit_test(recorded_presences_said_again_keep_no_newcomer_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
