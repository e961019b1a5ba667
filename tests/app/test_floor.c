/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One floor (app/README.md section 5, 13): the rule, and whole engines that keep it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/talk.h"
#include "crypto/announcement.h"
#include "tests/app/talkers.h"

static unsigned long long the_seed(void) {
    const char *text = getenv("SEED");
    return text == NULL ? 13 : strtoull(text, NULL, 10);
}

/* --- The rule ------------------------------------------------------------------------------- */

static struct claim draw_claim(struct entropy *entropy) {
    uint8_t drawn[4];
    struct claim claim = {.group = "adhoc:group"};
    assert_int_equal(entropy_draw(entropy, drawn, sizeof drawn), STATUS_OK);
    /* Few values each, so that many are the same. */
    claim.priority = drawn[0] % 2 == 0 ? TALK_NORMAL : TALK_EMERGENCY;
    claim.began_ms = 1000 + drawn[1] % 3;
    snprintf(claim.identity, sizeof claim.identity, "tel:+4477009%u", drawn[2] % 3U);
    claim.session[0] = drawn[3] % 3;
    return claim;
}

static void of_two_claims_exactly_one_wins_and_winning_is_an_order(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, the_seed());
    print_message("SEED=%llu\n", the_seed());
    for (unsigned n = 0; n < 20000; n++) {
        const struct claim a = draw_claim(&entropy), b = draw_claim(&entropy),
                           c = draw_claim(&entropy);
        bool is_one_claim = memcmp(&a, &b, sizeof a) == 0;
        assert_int_equal(claim_wins(&a, &b) + claim_wins(&b, &a), !is_one_claim);
        assert_false(claim_wins(&a, &b) && claim_wins(&b, &c) && !claim_wins(&a, &c));
    }
}

static void priority_comes_before_beginning_and_beginning_before_identity(void **state) {
    (void)state;
    const struct claim first = {.identity = "tel:+2", .began_ms = 5};
    const struct claim later = {.identity = "tel:+1", .began_ms = 6};
    const struct claim emergency = {
        .identity = "tel:+3", .began_ms = 7, .priority = TALK_EMERGENCY};
    const struct claim lower = {.identity = "tel:+1", .began_ms = 5};
    assert_true(claim_wins(&first, &later));
    assert_true(claim_wins(&emergency, &first));
    assert_true(claim_wins(&lower, &first));
}

/* Whatever arrives in which order, and again and again, the floor is that of the first of them. */
static void the_order_of_arrival_does_not_matter(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, the_seed());
    print_message("SEED=%llu\n", the_seed());
    const struct moment now = {.boot_ms = 50000};
    for (unsigned n = 0; n < 5000; n++) {
        struct claim claims[FLOOR_CLAIMS_MAX];
        struct floor one = {.has_own = false}, other = {.has_own = false};
        const struct claim *best = &claims[0];
        for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
            claims[i] = draw_claim(&entropy);
            claims[i].session[1] = (uint8_t)i; /* no two are one session */
            best = claim_wins(&claims[i], best) ? &claims[i] : best;
        }
        for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
            floor_hear(&one, now, &claims[i], true);
            floor_hear(&other, now, &claims[FLOOR_CLAIMS_MAX - 1 - i], true);
            floor_hear(&one, now, &claims[i / 2], true);
        }
        assert_true(floor_has(&one, now, best));
        assert_true(floor_has(&other, now, best));
        for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
            assert_int_equal(floor_has(&one, now, &claims[i]), &claims[i] == best);
        }
    }
}

static void a_session_cannot_be_dated_back_once_it_is_heard(void **state) {
    (void)state;
    const struct moment now = {.boot_ms = 50000};
    struct floor floor = {.has_own = false};
    const struct claim holder = {.group = "g", .identity = "tel:+2", .began_ms = 5000};
    struct claim late = {.group = "g", .identity = "tel:+1", .began_ms = 6000, .session = {1}};
    floor_hear(&floor, now, &holder, true);
    floor_hear(&floor, now, &late, true);
    late.began_ms = 4000;
    floor_hear(&floor, now, &late, true);
    assert_true(floor_has(&floor, now, &holder));
}

/* It comes from out of range, or is dated back: nothing tells them apart, but both are told of. */
static void who_takes_the_floor_by_a_beginning_that_was_not_heard_is_told_of(void **state) {
    (void)state;
    const struct claim holder = {.group = "g", .identity = "tel:+2", .began_ms = 5000};
    const struct claim earlier = {.group = "g", .identity = "tel:+3", .began_ms = 4999};
    const struct claim later = {.group = "g", .identity = "tel:+1", .began_ms = 5001};
    const struct claim emergency = {
        .group = "g", .identity = "tel:+4", .began_ms = 9000, .priority = TALK_EMERGENCY};
    const struct claim elsewhere = {.group = "h", .identity = "tel:+5", .began_ms = 1};
    const struct moment at = {.boot_ms = 50000};
    const struct moment soon = {.boot_ms = at.boot_ms + FLOOR_COLLISION_MS};
    const struct moment late = {.boot_ms = soon.boot_ms + 1};
    for (int is_own = 0; is_own < 2; is_own++) {
        struct floor floor = {.has_own = false};
        if (is_own) {
            floor_take(&floor, at, &holder);
            floor_speak(&floor, soon);
        } else {
            assert_false(floor_hear(&floor, at, &holder, true));
            assert_false(floor_hear(&floor, soon, &holder, true));
        }
        struct floor collision = floor;
        assert_false(floor_hear(&collision, soon, &earlier, true));
        assert_false(floor_hear(&floor, late, &later, true));
        assert_false(floor_hear(&floor, late, &elsewhere, true));
        assert_true(floor_hear(&floor, late, &earlier, true));
        assert_false(floor_hear(&floor, late, &earlier, true)); /* once */
        assert_false(floor_hear(&floor, late, &emergency, true));
    }
}

static struct claim claim_of_nth(unsigned n, int64_t began_ms) {
    struct claim claim = {.group = "adhoc:group", .began_ms = began_ms};
    snprintf(claim.identity, sizeof claim.identity, "tel:+4477009%u", n);
    return claim;
}

/* What comes from one whose clock was not measured may be a recording. */
static void who_was_not_measured_takes_the_floor_from_nobody(void **state) {
    (void)state;
    const struct moment now = {.boot_ms = 1000};
    struct claim earlier = claim_of_nth(1, 100), later = claim_of_nth(2, 200);
    struct floor floor = {.has_own = false};
    floor_hear(&floor, now, &earlier, false);
    assert_true(floor_has(&floor, now, &earlier)); /* nobody else has it */
    floor_hear(&floor, now, &later, true);
    assert_true(floor_has(&floor, now, &later));
    struct floor own = {.has_own = false};
    floor_take(&own, now, &later);
    floor_hear(&own, now, &earlier, false);
    assert_null(floor_taken_by(&own, now));
    floor_hear(&own, now, &earlier, true); /* it was measured meanwhile */
    assert_non_null(floor_taken_by(&own, now));
}

static void nobody_has_the_floor_for_longer_than_a_talk_may_last(void **state) {
    (void)state;
    struct moment now = {.boot_ms = 1000};
    struct claim claim = claim_of_nth(1, 100);
    struct floor floor = {.has_own = false};
    for (; now.boot_ms < 1000 + FLOOR_LONGEST_MS; now.boot_ms += 100) {
        floor_hear(&floor, now, &claim, true);
        assert_true(floor_has(&floor, now, &claim));
    }
    floor_hear(&floor, now, &claim, true);
    assert_null(floor_holder(&floor, now, claim.group));
}

/* A talk is never longer, so no beginning is either. */
static void a_beginning_counts_as_no_older_than_the_longest_talk(void **state) {
    (void)state;
    enum {
        EARLIEST_MS = 40000
    };
    struct announcement_fields fields = {.utc_ms = EARLIEST_MS + TALK_LONGEST_MOST_MS,
                                         .proof.began_ms = EARLIEST_MS - 1};
    assert_int_equal(claim_of(&fields).began_ms, EARLIEST_MS);
    fields.proof.began_ms = EARLIEST_MS + 1;
    assert_int_equal(claim_of(&fields).began_ms, EARLIEST_MS + 1);
}

/* --- Engines -------------------------------------------------------------------------------- */

/* And asks to talk next: test_queue.c. */
static void who_presses_while_another_talks_is_told_who_talks(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    struct event problem;
    struct command press = {.kind = COMMAND_TALK_BEGIN};
    memcpy(press.group, squad_view(squad, 1)->groups[0].identity, sizeof press.group);
    assert_int_equal(
        handset_command(squad->handsets[1].engine, squad_now(squad, 1), &press, &problem),
        STATUS_BUSY);
    assert_int_equal(problem.kind, EVENT_FLOOR_ASKED);
    assert_string_equal(problem.identity, squad_identity(0));
    squad_run(squad, 500);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 0);
    }
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 200);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 1);
    }
    squad_free(squad);
}

/* The first in the order of identities wins where both began in the same millisecond. */
static void of_two_who_press_at_once_one_talks_and_the_other_is_told(void **state) {
    (void)state;
    struct squad *squad = talkers_new(4);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 60);
    assert_true(strcmp(squad_identity(1), squad_identity(2)) < 0);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 1);
    }
    assert_int_equal(talkers_events(squad, 2, EVENT_FLOOR_LOST, squad_identity(1)), 1);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_LOST, squad_identity(2)), 0);
    squad_free(squad);
}

static void who_talks_does_not_lose_by_renewing(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, TALK_REFRESH_MS + 5000);
    /* One who was out of range all the time and presses there, comes back. */
    squad->handsets[0].deaf = true;
    squad_run(squad, FLOOR_FREE_MS + 10);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    squad->handsets[0].deaf = false;
    squad_run(squad, 1200);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 2);
    }
    assert_int_equal(talkers_events(squad, 0, EVENT_FLOOR_LOST, squad_identity(2)), 1);
    assert_int_equal(talkers_events(squad, 0, EVENT_FLOOR_CLAIMED_LATE, squad_identity(2)), 0);
    squad_free(squad);
}

static bool keep_halves_apart(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    return frame->from / 2 == receiver / 2;
}

/* 0 and 1 do not hear 2 and 3, and one in each half talks. Then they do, when the one who began
 * first has just announced its talk anew. */
static void the_same_order_decides_when_two_halves_meet(void **state) {
    (void)state;
    struct squad *squad = talkers_new(4);
    squad->filter = keep_halves_apart;
    assert_int_equal(squad_talk(squad, 3), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, TALK_REFRESH_MS - 2000);
    talkers_expect(squad, 1, 0);
    talkers_expect(squad, 2, 3);
    squad->filter = NULL;
    squad_run(squad, 1200);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 3);
        assert_int_equal(talkers_events(squad, n, EVENT_FLOOR_CLAIMED_LATE, squad_identity(3)),
                         n < 2);
        assert_int_equal(talkers_events(squad, n, EVENT_FLOOR_LOST, squad_identity(3)), n == 0);
    }
    squad_free(squad);
}

static bool drop_all_of_0(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    return frame->from != 0;
}

static void a_dead_talker_frees_the_floor_after_a_second(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->filter = drop_all_of_0;
    squad_run(squad, FLOOR_FREE_MS - 50);
    assert_int_equal(squad_talk(squad, 1), STATUS_BUSY);
    squad_run(squad, 70);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 100);
    talkers_expect(squad, 2, 1);
    squad_free(squad);
}

/* It may be a recording: it closes no microphone, and keeps nobody from talking. */
static void an_announcement_without_a_packet_takes_no_floor(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    squad->filter = talkers_cut_media;
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 500);
    assert_true(squad_view(squad, 1)->talking && squad_view(squad, 2)->talking);
    assert_int_equal(talkers_events(squad, 2, EVENT_FLOOR_LOST, squad_identity(1)), 0);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad->filter = NULL;
    squad_run(squad, 1200);
    for (size_t n = 0; n < 3; n++) {
        talkers_expect(squad, n, 1); /* now it is proven */
    }
    squad_free(squad);
}

/* Its microphone gives no sound, and its key is held: others may talk, and are heard there. */
static void who_says_nothing_does_not_have_the_floor(void **state) {
    (void)state;
    static const int16_t samples[VOICE_FRAME_SAMPLES];
    struct squad *squad = talkers_new(3);
    squad->is_mute = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, FLOOR_FREE_MS + 100);
    assert_true(squad_view(squad, 0)->talking);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    for (int frame = 0; frame < 10; frame++) {
        handset_speak(squad->handsets[1].engine, squad_now(squad, 1), 0, samples);
        squad_run(squad, VOICE_FRAME_MS);
    }
    talkers_expect(squad, 0, 1);
    talkers_expect(squad, 2, 1);
    squad_free(squad);
}

static void a_talk_without_a_word_ends_after_the_longest_time(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    squad->is_mute = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, TALK_LONGEST_MS - 100);
    assert_true(squad_view(squad, 0)->talking);
    squad_run(squad, 200);
    assert_false(squad_view(squad, 0)->talking);
    squad_free(squad);
}

static void a_talk_ends_after_the_longest_time_and_is_warned_before(void **state) {
    (void)state;
    struct squad *squad = talkers_new(2);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, TALK_LONGEST_MS - TALK_WARNING_MS - 100);
    assert_int_equal(talkers_events(squad, 0, EVENT_OWN_TALK_ENDS_SOON, ""), 0);
    squad_run(squad, 200);
    assert_int_equal(talkers_events(squad, 0, EVENT_OWN_TALK_ENDS_SOON, ""), 1);
    squad_run(squad, TALK_WARNING_MS - 200);
    assert_true(squad_view(squad, 0)->talking);
    squad_run(squad, 200);
    assert_false(squad_view(squad, 0)->talking);
    assert_int_equal(talkers_events(squad, 0, EVENT_OWN_TALK_ENDS_SOON, ""), 1);
    assert_int_equal(talkers_events(squad, 0, EVENT_OWN_TALK_TOO_LONG, ""), 1);
    squad_run(squad, 300);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_claims_exactly_one_wins_and_winning_is_an_order),
        cmocka_unit_test(priority_comes_before_beginning_and_beginning_before_identity),
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
        cmocka_unit_test(a_session_cannot_be_dated_back_once_it_is_heard),
        cmocka_unit_test(who_takes_the_floor_by_a_beginning_that_was_not_heard_is_told_of),
        cmocka_unit_test(a_beginning_counts_as_no_older_than_the_longest_talk),
        cmocka_unit_test(who_presses_while_another_talks_is_told_who_talks),
        cmocka_unit_test(of_two_who_press_at_once_one_talks_and_the_other_is_told),
        cmocka_unit_test(who_talks_does_not_lose_by_renewing),
        cmocka_unit_test(the_same_order_decides_when_two_halves_meet),
        cmocka_unit_test(a_dead_talker_frees_the_floor_after_a_second),
        cmocka_unit_test(an_announcement_without_a_packet_takes_no_floor),
        cmocka_unit_test(who_was_not_measured_takes_the_floor_from_nobody),
        cmocka_unit_test(nobody_has_the_floor_for_longer_than_a_talk_may_last),
        cmocka_unit_test(who_says_nothing_does_not_have_the_floor),
        cmocka_unit_test(a_talk_without_a_word_ends_after_the_longest_time),
        cmocka_unit_test(a_talk_ends_after_the_longest_time_and_is_warned_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
