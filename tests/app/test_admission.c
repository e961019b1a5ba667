/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message has proven decides who pays for it (app/handset/air/admission.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "squad.h"

enum {
    STRANGERS_FROM = 1000,
    TEN_SECONDS_MS = 10000,
};

/* --- Purses --------------------------------------------------------------------------------- */

/* How much `source`, which tries all the time, gets in ten seconds; meanwhile `others` other
 * sources try once each 100 ms. */
static int units_in_ten_seconds(uint64_t source, uint64_t others) {
    struct purses purses;
    int taken = 0;
    purses_start(&purses, 0);
    for (int64_t ms = 0; ms < TEN_SECONDS_MS; ms++) {
        taken += purses_take(&purses, source, ms, UNIT);
        for (uint64_t i = 0; ms % 100 == 0 && i < others; i++) {
            (void)purses_take(&purses, STRANGERS_FROM + i, ms, UNIT);
        }
    }
    return taken;
}

static void a_source_is_limited_however_many_others_there_are(void **state) {
    (void)state;
    int meant = PURSE_BURST + PURSE_RATE * TEN_SECONDS_MS / 1000;
    uint64_t others[] = {0, PURSES_MAX + 6, 1000};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_in_range(units_in_ten_seconds(7, others[i]), 1, meant);
    }
    assert_in_range(units_in_ten_seconds(7, 0), meant - 1, meant);
}

static void when_all_places_are_taken_the_next_source_still_has_a_purse(void **state) {
    (void)state;
    struct purses purses;
    purses_start(&purses, 0);
    for (uint64_t i = 0; i < PURSES_MAX; i++) {
        assert_true(purses_take(&purses, STRANGERS_FROM + i, 0, UNIT));
    }
    assert_true(purses_take(&purses, 7, 0, UNIT));
}

/* What costs a small part of a unit is bounded like the rest, by however many sources. */
static void many_sources_have_no_more_in_small_parts(void **state) {
    (void)state;
    struct purses purses;
    for (int64_t milli_units = 10; milli_units <= UNIT; milli_units *= 10) {
        int64_t spent = 0;
        purses_start(&purses, 0);
        for (uint64_t i = 0; i < 100000; i++) {
            spent +=
                purses_take(&purses, STRANGERS_FROM + i % 60, 0, milli_units) ? milli_units : 0;
        }
        assert_int_equal(spent, PURSES_ALL_BURST * UNIT);
    }
}

static void a_purse_says_when_there_will_be_enough_in_it(void **state) {
    (void)state;
    const struct purse_size size = {40, 7};
    struct purse purse = purse_full(size, 1000);
    assert_true(purse_take(&purse, size, 1000, 40 * UNIT));
    int64_t due_ms = purse_due(&purse, size, UNIT);
    assert_in_range(due_ms, 1000 + UNIT / 7, 1000 + UNIT / 7 + 1);
    assert_false(purse_has(&purse, size, due_ms - 1, UNIT));
    assert_true(purse_has(&purse, size, due_ms, UNIT));
}

/* --- The waiting room ----------------------------------------------------------------------- */

static struct squad *squad;
static struct admission *admission;

static struct moment at(int64_t ms) {
    struct moment now = squad_now(squad, 0);
    now.boot_ms += ms;
    return now;
}

/* A frame of `kind` that claims to be of `claimed` knocks, its payload being its number. Returns
 * whether it is checked at once. */
static bool knocks(enum frame_kind kind, enum shown shown, uint64_t peer, const char *claimed,
                   uint8_t number, int64_t ms) {
    const struct knock knock = {
        .arrival.peer = peer, .shown = shown, .frame = {.kind = kind, .payload = {&number, 1}}};
    admission_enter(admission, &knock);
    bool is_checked = admission_checks(admission, at(ms), claimed, false);
    admission_leave(admission);
    return is_checked;
}

/* Whose turn it is at `ms`: the number of a frame; -1: nobody's. */
static int turn(int64_t ms) {
    struct waiting *next = admission_next(admission, at(ms));
    if (next == NULL) {
        return -1;
    }
    int number = next->knock.frame.payload.octets[0];
    assert_true(admission_checks(admission, at(ms), "whoever", false)); /* it is paid for */
    admission_heard(admission, next);
    return number;
}

static int begin(void **state) {
    (void)state;
    squad_seed(1);
    squad = squad_new(1);
    admission = &squad->handsets[0].engine->admission;
    admission_start(admission, squad_now(squad, 0).boot_ms);
    return 0;
}

static int end(void **state) {
    (void)state;
    squad_free(squad);
    return 0;
}

static void spend_all(enum shown shown) {
    for (int i = 0; i < 1000 && admission_deadline(admission) == INT64_MAX; i++) {
        (void)knocks(FRAME_PRESENCE, shown, 1, "spender", 0, 0);
    }
    assert_int_not_equal(admission_deadline(admission), INT64_MAX);
}

static void while_nothing_floods_a_message_is_checked_at_once_and_nothing_wakes(void **state) {
    (void)state;
    for (uint8_t i = 0; i < 20; i++) {
        assert_true(knocks(FRAME_PRESENCE, SHOWN_NOTHING, i, "newcomer", i, 0));
    }
    assert_int_equal(admission_deadline(admission), INT64_MAX);
}

static void what_shows_nothing_takes_nothing_from_what_shows_the_mark(void **state) {
    (void)state;
    spend_all(SHOWN_NOTHING);
    assert_true(knocks(FRAME_PRESENCE, SHOWN_MARK, 1, "newcomer", 1, 0));
    assert_false(knocks(FRAME_PRESENCE, SHOWN_NOTHING, 1, "newcomer", 1, 0));
}

/* How much is paid for `identity`, which is proven, out of a full purse, from an address of its own
 * each time. */
static int paid_for(enum proven use, const char *identity) {
    int paid = 0;
    for (uint64_t peer = 1; peer <= 4 * PURSE_BURST; peer++) {
        const struct knock knock = {.arrival.peer = peer, .shown = SHOWN_MARK};
        admission_enter(admission, &knock);
        paid += admission_pays(admission, at(0), use, identity, UNIT);
        admission_leave(admission);
    }
    return paid;
}

/* A relay or a hub gives what it passes on its own address, and a stranger any. */
static void who_is_proven_has_one_purse_wherever_its_messages_come_from(void **state) {
    (void)state;
    for (int use = 0; use < PROVEN_COUNT; use++) {
        assert_int_equal(paid_for((enum proven)use, "one"), PURSE_BURST);
        assert_int_equal(paid_for((enum proven)use, "another"), PURSE_BURST); /* as far away */
    }
}

/* The deadline is when the first of them is due, and no sooner. */
static void what_waits_is_heard_when_it_is_paid_for(void **state) {
    (void)state;
    spend_all(SHOWN_NOTHING);
    int64_t due_ms = admission_deadline(admission) - squad_now(squad, 0).boot_ms;
    assert_in_range(due_ms, 1, 1000);
    assert_int_equal(turn(due_ms - 1), -1);
    assert_int_equal(turn(due_ms), 0);
    assert_int_equal(admission_deadline(admission), INT64_MAX);
}

static void memory_is_bounded_however_many_knock(void **state) {
    (void)state;
    spend_all(SHOWN_NOTHING);
    for (unsigned i = 0; i < 10000; i++) {
        char claimed[20];
        snprintf(claimed, sizeof claimed, "somebody %u", i);
        assert_false(knocks(FRAME_PRESENCE, SHOWN_NOTHING, i, claimed, 0, 0));
    }
    assert_int_equal(admission->shares[SHOWN_NOTHING].rooms[FRAME_PRESENCE].count, WAITING_EACH);
}

/* How many of `tries` newcomers, each with one frame in the middle of `forged` ones by `count`
 * claims, are among those that are drawn. */
static unsigned drawn(unsigned tries, unsigned forged, unsigned count, bool is_other_kind) {
    unsigned seen = 0;
    int64_t ms = 0;
    spend_all(SHOWN_NOTHING);
    for (unsigned i = 0; i < tries; i++) {
        for (unsigned k = 0; k < forged; k++) {
            char claimed[20];
            snprintf(claimed, sizeof claimed, "forged %u", k % count);
            (void)knocks(FRAME_PRESENCE, SHOWN_NOTHING, 2, claimed, 2, ms);
            if (k == forged / 2) {
                (void)knocks(is_other_kind ? FRAME_D2D : FRAME_PRESENCE, SHOWN_NOTHING, 3,
                             "newcomer", 3, ms);
            }
        }
        for (int number; (number = turn(ms += 200)) != -1;) {
            seen += number == 3;
            if (admission_deadline(admission) == INT64_MAX) {
                break;
            }
        }
    }
    return seen;
}

/* However often the others say theirs: each claim has one place. */
static void who_says_it_once_has_a_place_beside_few_who_say_it_a_thousand_times(void **state) {
    (void)state;
    assert_int_equal(drawn(20, 1000, WAITING_EACH - 2, false), 20);
}

static void a_flood_of_one_kind_takes_no_place_from_another(void **state) {
    (void)state;
    assert_int_equal(drawn(20, 1000, 1000, true), 20);
}

/* Chance decides, and not who came first or last: of 40 in 16 places a good part gets through. */
static void when_all_places_are_taken_chance_decides(void **state) {
    (void)state;
    assert_in_range(drawn(200, 40, 40, false), 30, 110);
}

/* --- Other work ------------------------------------------------------------------------------ */

static bool drop_answers_of_1(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_D2D || frame->from != 1;
}

/* Each would make the handset compute a shared secret. */
static void forged_hellos_are_bounded_and_the_true_one_counts(void **state) {
    (void)state;
    enum {
        FORGED = 5000,
        ID_SIZE = 8
    };
    struct squad *two = squad_new(2);
    squad_run(two, 200);
    two->filter = drop_answers_of_1;
    squad_ask(two, 0, 1, 1);
    squad_run(two, 100);
    struct span hello = squad_payload(squad_find_frame(two, 1, FRAME_D2D));
    uint8_t forged[D2D_PAYLOAD_MAX];
    assert_int_equal(hello.octets[ID_SIZE], D2D_HELLO);
    memcpy(forged, hello.octets, hello.length);
    uint64_t refused = squad_view(two, 0)->frames_refused;
    for (unsigned i = 0; i < FORGED; i++) {
        forged[hello.length - 1] = (uint8_t)i;
        forged[hello.length - 2] = (uint8_t)(i >> 8) ^ 0x80;
        squad_inject_payload(two, 0, SQUAD_STRANGER, FRAME_D2D,
                             (struct span){forged, hello.length});
    }
    assert_in_range(squad_view(two, 0)->frames_refused - refused, 1,
                    PURSE_BURST * UNIT / COST_HELLO_MILLI);
    two->filter = NULL;
    squad_run(two, 1000);
    assert_int_equal(squad_view(two, 1)->invitation_count, 1);
    squad_free(two);
}

/* A key that lasts for years, in a handset that doubts the time: each hour that an announcement
 * names costs a step, and its sender pays for them. */
static void a_forged_hour_costs_its_sender_each_step(void **state) {
    (void)state;
    enum {
        STEPS = 30000
    };
    static const uint8_t wrong[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2};
    struct squad *two = squad_new(2);
    squad_group(two, HOUR_MS);
    struct group *group = two->handsets[0].engine->groups.list[0];
    group->current.not_after_ms += (int64_t)2 * STEPS * HOUR_MS;
    hours_doubt(group);
    struct announcement_fields fields = {.csb_id = 5,
                                         .ssrc = 7,
                                         .gmk_id = group->current.id,
                                         .hour = STEPS,
                                         .utc_ms =
                                             group_clock_read(&group->clock, squad_now(two, 0))};
    snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(1));
    snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->parameters.identity);
    const enum status expected[] = {STATUS_MAC_INVALID, STATUS_RATE_LIMITED};
    for (size_t i = 0; i < 2; i++) {
        uint8_t octets[ANNOUNCEMENT_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        fields.csb_id++;
        assert_int_equal(announcement_build(squad_provider(), &fields, wrong, gsk,
                                            squad_signing_key(1), &entropy_system, &w),
                         STATUS_OK);
        squad_inject_payload(two, 0, SQUAD_STRANGER, FRAME_ANNOUNCEMENT, writer_span(&w));
        assert_int_equal(two->handsets[0].last_refusal, expected[i]);
    }
    squad_free(two);
}

/* --- The mark ------------------------------------------------------------------------------- */

static void a_frame_shows_the_mark_of_its_own_domain_and_is_the_same_after_a_relay(void **state) {
    (void)state;
    uint8_t octets[FRAME_MAX];
    const struct air *air = &squad->handsets[0].engine->air;
    squad_run(squad, 100);
    const struct squad_frame *frame = squad_find_frame(squad, 0, FRAME_PRESENCE);
    memcpy(octets, frame->octets, frame->length);
    const struct span whole = {octets, frame->length};
    assert_true(air_is_marked(air, whole));
    octets[FRAME_HOPS_AT]--;
    assert_true(air_is_marked(air, whole));
    for (size_t i = 0; i < frame->length; i++) {
        bool is_covered = i == 1 || i >= 4; /* the kind; the id and the payload */
        octets[i] ^= 1;
        assert_int_equal(air_is_marked(air, whole), !is_covered);
        octets[i] ^= 1;
    }
    const struct topic_key others = {{1}};
    struct mark_key key;
    mark_key_of(&others, &key);
    assert_false(mark_is_right(&key, whole));
}

/* What is read late counts from when it came: then it is a little earlier once in a while. */
static void the_same_time_fills_no_purse_twice(void **state) {
    (void)state;
    struct purses purses;
    int64_t taken = 0;
    purses_start(&purses, 0);
    while (purses_take(&purses, 7, 0, UNIT)) {
    }
    for (int64_t ms = 0; ms < 60 * 1000; ms++) {
        taken += purses_take(&purses, 7, ms, UNIT);
        taken += purses_take(&purses, 7, ms > 40 ? ms - 40 : 0, UNIT);
    }
    struct purses straight;
    int64_t expected = 0;
    purses_start(&straight, 0);
    while (purses_take(&straight, 7, 0, UNIT)) {
    }
    for (int64_t ms = 0; ms < 60 * 1000; ms++) {
        expected += purses_take(&straight, 7, ms, UNIT);
    }
    assert_int_equal(taken, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_time_fills_no_purse_twice),
        cmocka_unit_test(a_source_is_limited_however_many_others_there_are),
        cmocka_unit_test(when_all_places_are_taken_the_next_source_still_has_a_purse),
        cmocka_unit_test(many_sources_have_no_more_in_small_parts),
        cmocka_unit_test(a_purse_says_when_there_will_be_enough_in_it),
        cmocka_unit_test_setup_teardown(
            while_nothing_floods_a_message_is_checked_at_once_and_nothing_wakes, begin, end),
        cmocka_unit_test_setup_teardown(what_shows_nothing_takes_nothing_from_what_shows_the_mark,
                                        begin, end),
        cmocka_unit_test_setup_teardown(who_is_proven_has_one_purse_wherever_its_messages_come_from,
                                        begin, end),
        cmocka_unit_test_setup_teardown(what_waits_is_heard_when_it_is_paid_for, begin, end),
        cmocka_unit_test_setup_teardown(memory_is_bounded_however_many_knock, begin, end),
        cmocka_unit_test_setup_teardown(
            who_says_it_once_has_a_place_beside_few_who_say_it_a_thousand_times, begin, end),
        cmocka_unit_test_setup_teardown(a_flood_of_one_kind_takes_no_place_from_another, begin,
                                        end),
        cmocka_unit_test_setup_teardown(when_all_places_are_taken_chance_decides, begin, end),
        cmocka_unit_test(forged_hellos_are_bounded_and_the_true_one_counts),
        cmocka_unit_test(a_forged_hour_costs_its_sender_each_step),
        cmocka_unit_test_setup_teardown(
            a_frame_shows_the_mark_of_its_own_domain_and_is_the_same_after_a_relay, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
