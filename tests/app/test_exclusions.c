/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exclusions of a standard group as several managers know them, and the state in which they share
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/manager/group_state.h"
#include "app/manager/shared_roll.h"
#include "managed.h"

enum {
    HOUR_MS = 3600 * 1000
};

static const uint8_t anna[EXCLUSION_NAME_SIZE] = "Anna", ben[EXCLUSION_NAME_SIZE] = "Ben",
                     carl[EXCLUSION_NAME_SIZE] = "Carl";

static struct exclusions ours, theirs;

static int setup(void **state) {
    (void)state;
    ours = theirs = (struct exclusions){0};
    return 0;
}

static void put_out(struct exclusions *exclusions, const uint8_t name[EXCLUSION_NAME_SIZE]) {
    assert_int_equal(exclusions_put_out(exclusions, name), STATUS_OK);
}

/* --- Lists ---------------------------------------------------------------------------------- */

static void what_two_have_excluded_is_joined(void **state) {
    (void)state;
    put_out(&ours, anna);
    theirs = ours; /* a copy, and then each goes its own way */
    put_out(&ours, ben);
    put_out(&theirs, carl);
    assert_false(exclusions_cover(&ours, 1, &theirs));
    assert_false(exclusions_cover(&theirs, 1, &ours));
    assert_int_equal(exclusions_join(&ours, 1, &theirs), STATUS_OK);
    assert_true(exclusions_cover(&ours, 2, &theirs));
    assert_true(exclusions_hold(&ours, anna));
    assert_true(exclusions_hold(&ours, ben));
    assert_true(exclusions_hold(&ours, carl));
    assert_int_equal(ours.highest, 3); /* number 2 is Carl's; Ben's was never told */
    assert_int_equal(exclusions_join(&theirs, 3, &ours), STATUS_OK);
    assert_memory_equal(&ours, &theirs, sizeof ours);
}

static void a_readmission_ends_the_exclusion_that_it_knows_of_and_no_other(void **state) {
    (void)state;
    put_out(&ours, anna);
    theirs = ours;
    exclusions_let_in(&ours, anna); /* ends number 1 */
    exclusions_let_in(&theirs, anna);
    put_out(&theirs, anna); /* number 2, of which ours knows nothing */
    assert_int_equal(exclusions_join(&ours, 1, &theirs), STATUS_OK);
    assert_true(exclusions_hold(&ours, anna));
    exclusions_let_in(&ours, anna);
    assert_int_equal(exclusions_join(&theirs, 2, &ours), STATUS_OK);
    assert_false(exclusions_hold(&theirs, anna));
}

/* A manager that was restored gives a number that another one gave already, to somebody else: the
 * re-admission of the one must not end the other's exclusion. */
static void a_number_that_was_given_twice_ends_nobodys_exclusion(void **state) {
    (void)state;
    put_out(&theirs, anna);
    exclusions_let_in(&theirs, anna);
    put_out(&theirs, ben); /* number 2 */
    exclusions_let_in(&theirs, ben);
    put_out(&theirs, ben); /* number 3 */
    exclusions_let_in(&theirs, ben);
    put_out(&ours, carl);
    put_out(&ours, ben); /* number 2 here as well */
    assert_int_equal(exclusions_join(&ours, 0, &theirs), STATUS_OK);
    assert_true(exclusions_hold(&ours, ben));
    assert_true(exclusions_hold(&ours, carl));
    assert_false(exclusions_hold(&ours, anna));
}

/* Of three managers, each with a re-admission that was never told: it ends the exclusion that its
 * manager knew of, whatever number another one's has. */
static void a_readmission_that_was_never_told_ends_no_exclusion_of_another(void **state) {
    (void)state;
    for (uint32_t number = 1; number <= 7; number++) {
        ours = theirs = (struct exclusions){0};
        put_out(&ours, anna);
        exclusions_let_in(&ours, anna); /* 1/1 */
        theirs.highest = number - 1;
        put_out(&theirs, anna);
        assert_false(exclusions_cover(&ours, 0, &theirs));
        assert_int_equal(exclusions_join(&ours, 0, &theirs), STATUS_OK);
        if (!exclusions_hold(&ours, anna)) {
            fail_msg("their exclusion is number %u", number);
        }
        assert_true(exclusions_cover(&ours, theirs.highest, &theirs));
    }
}

/* Both have excluded her under one number, and one has let her in: the other's exclusion stands. */
static void an_exclusion_that_was_never_told_outlives_a_readmission_of_its_number(void **state) {
    (void)state;
    ours.highest = theirs.highest = 5;
    put_out(&ours, anna);
    put_out(&theirs, anna);
    exclusions_let_in(&theirs, anna);
    assert_false(exclusions_cover(&ours, 5, &theirs));
    assert_int_equal(exclusions_join(&ours, 5, &theirs), STATUS_OK);
    assert_true(exclusions_hold(&ours, anna));
    assert_true(ours.highest > 6);
    exclusions_let_in(&ours, anna); /* who lets her in now knows of both */
    assert_int_equal(exclusions_join(&theirs, 6, &ours), STATUS_OK);
    assert_false(exclusions_hold(&theirs, anna));
}

static void joining_is_the_same_in_any_order(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct exclusions one = {0}, two, left, right;
        unsigned random = seed * 2654435761u;
        for (int i = 0; i < 12; i++) {
            uint8_t name[EXCLUSION_NAME_SIZE] = {(uint8_t)(random >> 28)};
            random = random * 1664525u + 1013904223u;
            if (i == 4) {
                two = one;
            }
            struct exclusions *which = i > 4 && (random >> 16 & 1) != 0 ? &two : &one;
            if ((random >> 20 & 1) != 0) {
                exclusions_let_in(which, name);
            } else {
                put_out(which, name);
            }
        }
        uint32_t highest = one.highest > two.highest ? one.highest : two.highest;
        left = one;
        right = two;
        assert_int_equal(exclusions_join(&left, highest, &two), STATUS_OK);
        assert_int_equal(exclusions_join(&right, highest, &one), STATUS_OK);
        if (memcmp(&left, &right, sizeof left) != 0) {
            fail_msg("seed %u", seed);
        }
    }
}

static void a_full_list_forgets_what_is_over_and_nobody_who_is_out(void **state) {
    (void)state;
    uint8_t name[EXCLUSION_NAME_SIZE] = {0};
    for (int i = 0; i < EXCLUSIONS_MAX; i++) {
        name[0] = (uint8_t)(i >> 8);
        name[1] = (uint8_t)i;
        put_out(&ours, name);
    }
    assert_int_equal(exclusions_put_out(&ours, anna), STATUS_TOO_LONG);
    exclusions_let_in(&ours, name);
    assert_int_equal(exclusions_put_out(&ours, anna), STATUS_OK);
    assert_int_equal(ours.count, EXCLUSIONS_MAX);
    assert_true(exclusions_hold(&ours, anna));
    assert_false(exclusions_hold(&ours, name));
}

static enum status read_back(const uint8_t *octets, size_t length) {
    struct reader r = reader_of((struct span){octets, length});
    enum status status = exclusions_read(&r, &theirs);
    return status == STATUS_OK ? reader_finish(&r) : status;
}

static void what_is_written_is_read_and_what_is_out_of_order_is_not(void **state) {
    (void)state;
    uint8_t octets[200];
    struct writer w = writer_into(octets, sizeof octets);
    put_out(&ours, carl);
    put_out(&ours, anna);
    exclusions_let_in(&ours, carl);
    exclusions_write(&w, &ours);
    assert_int_equal(read_back(octets, w.length), STATUS_OK);
    assert_memory_equal(&ours, &theirs, sizeof ours);
    for (size_t i = 0; i < w.length; i++) {
        assert_int_not_equal(read_back(octets, i), STATUS_OK);
    }
    octets[6] = 'D'; /* Anna's name stands behind Carl's then */
    assert_int_equal(read_back(octets, w.length), STATUS_MALFORMED);
    octets[6] = 'A';
    octets[6 + EXCLUSION_NAME_SIZE + 3] = 3; /* a number above the highest */
    assert_int_equal(read_back(octets, w.length), STATUS_MALFORMED);
    octets[6 + EXCLUSION_NAME_SIZE + 3] = 2;
    octets[6 + EXCLUSION_NAME_SIZE + 7] = 3; /* what is ended was never there */
    assert_int_equal(read_back(octets, w.length), STATUS_MALFORMED);
}

/* --- States --------------------------------------------------------------------------------- */

static struct managed_group *group, *other;
static uint8_t octets[GROUP_STATE_MAX];
static struct batch *batch;

static int setup_groups(void **state) {
    (void)state;
    managed_domain_setup();
    group = managed_group_fixture();
    other = managed_group_fixture();
    managed_enlist(group, 3);
    managed_enlist(other, 3);
    return 0;
}

static int teardown_groups(void **state) {
    (void)state;
    managed_group_free(group);
    managed_group_free(other);
    batch_free(batch);
    batch = NULL;
    managed_domain_free();
    return 0;
}

static struct batch *fresh(void) {
    batch_free(batch);
    batch = batch_new();
    assert_non_null(batch);
    return batch;
}

static void rekey(struct managed_group *which) {
    assert_int_equal(managed_group_begin(which, managed_now_ms, managed_now_ms, HOUR_MS,
                                         &entropy_system, fresh()),
                     STATUS_OK);
}

static void exclude(struct managed_group *which, size_t n, bool is_excluded) {
    struct roll_member *member = roll_find(&which->roll, managed_member(n));
    assert_int_equal(managed_group_exclude(which, member, is_excluded, fresh()), STATUS_OK);
}

static struct span written_by(const struct managed_group *which) {
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(group_state_write(which, managed_now_ms, &entropy_system, &w), STATUS_OK);
    return writer_span(&w);
}

static enum group_standing standing(const struct managed_group *which, struct span value) {
    static struct group_state state;
    assert_int_equal(group_state_read(which, value, &state), STATUS_OK);
    return group_state_compare(which, managed_now_ms, &state);
}

static void catch_up(struct managed_group *which, struct span value) {
    static struct group_state state;
    assert_int_equal(group_state_read(which, value, &state), STATUS_OK);
    assert_int_equal(group_state_join(which, managed_now_ms, &state, fresh()), STATUS_OK);
    for (size_t i = 0; i < which->roll.count; i++) {
        bool changed;
        assert_int_equal(managed_group_mark(which, &which->roll.members[i], fresh(), &changed),
                         STATUS_OK);
    }
}

static void who_is_behind_is_told_so_and_catches_up(void **state) {
    (void)state;
    assert_int_equal(group_state_compare(group, managed_now_ms, NULL), GROUP_IS_AHEAD);
    rekey(group);
    assert_int_equal(standing(group, written_by(group)), GROUP_AGREES);
    assert_int_equal(standing(other, written_by(group)), GROUP_IS_BEHIND);
    assert_int_equal(standing(group, written_by(other)), GROUP_IS_AHEAD);
    exclude(group, 1, true);
    rekey(group);
    struct span value = written_by(group);
    catch_up(other, value);
    assert_int_equal(standing(other, value), GROUP_AGREES);
    assert_true(roll_find(&other->roll, managed_member(1))->is_excluded);
    assert_int_equal(managed_group_check(other, managed_now_ms), STATUS_GMK_EXPIRED);
    rekey(other);
    assert_int_equal(standing(group, written_by(other)), GROUP_IS_BEHIND);
    assert_int_equal(other->rekey.counter, group->rekey.counter + 1);
}

/* Both drew their second key: the counter is the same, the key is not. */
static void two_keys_of_one_number_do_not_agree(void **state) {
    (void)state;
    rekey(group);
    rekey(other);
    assert_int_equal(standing(group, written_by(other)), GROUP_IS_BEHIND);
    assert_int_equal(standing(other, written_by(group)), GROUP_IS_BEHIND);
}

/* One has excluded and let in, the other has excluded and only delivered. */
static void check_who_let_in_is_behind(void) {
    exclude(group, 1, true);
    exclude(group, 1, false);
    exclude(other, 1, true);
    struct span value = written_by(other);
    assert_int_equal(standing(group, value), GROUP_IS_BEHIND);
    catch_up(group, value);
    assert_true(roll_find(&group->roll, managed_member(1))->is_excluded);
    assert_int_equal(standing(group, value), GROUP_IS_AHEAD);
}

static void an_exclusion_of_another_is_not_overwritten_because_its_number_is_ours(void **state) {
    (void)state;
    check_who_let_in_is_behind();
}

static void an_exclusion_of_another_is_not_overwritten_because_its_number_is_lower(void **state) {
    (void)state;
    exclude(group, 2, true);
    check_who_let_in_is_behind();
}

static void who_is_excluded_stays_so_when_it_comes_back_to_the_roll(void **state) {
    (void)state;
    struct roll_member *member = roll_find(&group->roll, managed_member(1));
    exclude(group, 1, true);
    assert_int_equal(managed_group_strike(group, member, fresh()), STATUS_OK);
    managed_enlist(group, 3);
    member = roll_find(&group->roll, managed_member(1));
    assert_true(member->is_excluded);
    exclude(group, 1, false);
    assert_false(member->is_excluded);
}

/* From before there were numbers: only the roll says that they are excluded. */
static void an_exclusion_without_a_number_outlives_the_roll_as_well(void **state) {
    (void)state;
    struct roll_member *member = roll_find(&group->roll, managed_member(1));
    member->is_excluded = true;
    assert_int_equal(managed_group_strike(group, member, fresh()), STATUS_OK);
    assert_true(batch->count <= 3);
    managed_enlist(group, 3);
    assert_true(roll_find(&group->roll, managed_member(1))->is_excluded);
    bool is_kept = false;
    for (size_t i = 0; i < batch->count; i++) {
        is_kept = is_kept || batch->changes[i].kind == RECORD_EXCLUSIONS;
    }
    assert_true(is_kept);
}

static void a_state_that_was_changed_anywhere_is_nobodys(void **state) {
    (void)state;
    static struct group_state read;
    exclude(group, 1, true);
    rekey(group);
    struct span value = written_by(group);
    for (size_t i = 0; i < value.length; i++) {
        octets[i] ^= 1;
        assert_int_not_equal(group_state_read(group, value, &read), STATUS_OK);
        octets[i] ^= 1;
        assert_int_not_equal(group_state_read(group, (struct span){octets, i}, &read), STATUS_OK);
    }
    assert_int_equal(group_state_read(group, value, &read), STATUS_OK);
}

/* --- Without a broker ----------------------------------------------------------------------- */

static void take(struct managed_group *which, const struct managed_group *from, bool is_news) {
    static struct group_state state;
    bool was_news, changed;
    assert_int_equal(group_state_read(which, written_by(from), &state), STATUS_OK);
    assert_int_equal(group_state_take(which, managed_now_ms, &state, fresh(), &was_news),
                     STATUS_OK);
    assert_int_equal(was_news, is_news);
    for (size_t i = 0; i < which->roll.count; i++) {
        assert_int_equal(managed_group_mark(which, &which->roll.members[i], fresh(), &changed),
                         STATUS_OK);
    }
}

static void tell(struct managed_group *which) {
    assert_int_equal(managed_group_tell(which, fresh()), STATUS_OK);
}

static void assert_excluded(const struct managed_group *which, bool first, bool second) {
    assert_int_equal(roll_find(&which->roll, managed_member(1))->is_excluded, first);
    assert_int_equal(roll_find(&which->roll, managed_member(2))->is_excluded, second);
}

static void two_stores_that_read_each_other_agree_on_one_list(void **state) {
    (void)state;
    exclude(group, 1, true);
    tell(group);
    exclude(other, 2, true);
    tell(other);
    const struct exclusion_state before = other->known.list[0];
    take(group, other, true); /* neither includes the other */
    assert_excluded(group, true, true);
    assert_true(exclusion_states_have(&group->known, &before));
    tell(group);
    take(other, group, true); /* all of it is taken as it is */
    assert_excluded(other, true, true);
    assert_memory_equal(&group->exclusions, &other->exclusions, sizeof group->exclusions);
    take(group, other, false);
    exclude(other, 1, false); /* it knows of that exclusion: its re-admission counts */
    tell(other);
    take(group, other, true);
    assert_excluded(group, false, true);
    assert_int_equal(group->shared, 0);
}

/* What a former manager lets in does not count once its successor's list was taken. */
static void the_list_of_an_earlier_term_does_not_count_after_that_of_a_later_one(void **state) {
    (void)state;
    static struct group_state earlier;
    bool is_news;
    exclude(other, 1, true);
    take(group, other, true);
    exclude(other, 1, false);
    assert_int_equal(group_state_read(group, written_by(other), &earlier), STATUS_OK);
    earlier.term--;
    assert_int_equal(group_state_take(group, managed_now_ms, &earlier, fresh(), &is_news),
                     STATUS_TERM_OVER);
    assert_excluded(group, true, false);
}

/* What an operator vouched for is not in the list: it is joined when it comes. */
static void a_list_that_was_vouched_for_is_joined_all_the_same(void **state) {
    (void)state;
    exclude(other, 2, true);
    tell(other);
    exclude(group, 1, true);
    group->unknown = other->known.list[0];
    assert_int_equal(managed_group_vouch(group, 0, fresh()), STATUS_OK);
    assert_int_equal(group->unknown.number, 0);
    assert_true(exclusion_states_know(&group->known, &other->known.list[0]));
    assert_int_equal(managed_group_vouch(group, 0, fresh()), STATUS_ALREADY_DONE);
    exclude(group, 0, true); /* and whoever was told of it takes later keys, too */
    tell(group);
    assert_true(exclusion_states_know(&group->known, &other->known.list[0]));
    take(group, other, true);
    assert_excluded(group, true, true);
    take(other, group, true);
    assert_excluded(other, true, true);
}

/* Vouching for a list takes no other of the present number for known, and forgets none of one's own
 * that members were told of. */
static void vouching_for_an_older_list_is_for_no_other_one(void **state) {
    (void)state;
    exclude(group, 1, true);
    tell(group);
    exclude(group, 2, true);
    tell(group);
    const struct exclusion_state told = group->known.list[0];
    exclude(group, 2, false);
    tell(group);
    struct exclusion_state fork = group->known.list[0];
    fork.tag[0] ^= 1;
    assert_int_equal(fork.number, told.number);
    group->unknown = (struct exclusion_state){.number = told.number - 1};
    const struct exclusion_state unknown = group->unknown;
    assert_false(exclusion_states_know(&group->known, &unknown));
    assert_int_equal(managed_group_vouch(group, 0, fresh()), STATUS_OK);
    assert_true(exclusion_states_know(&group->known, &unknown));
    assert_true(exclusion_states_know(&group->known, &told));
    assert_false(exclusion_states_know(&group->known, &fork));
}

/* Names are made under the domain's public keys, which the KMS draws once: other ones are another
 * domain's. The roll says who is excluded, and under the new names that goes on; whoever is not on
 * it has to be excluded anew, which muster-gm install says. */
static void
an_exclusion_outlives_other_domain_keys_as_long_as_its_member_is_on_the_roll(void **state) {
    (void)state;
    exclude(group, 1, true);
    exclude(group, 2, true);
    struct roll_member two = *roll_find(&group->roll, managed_member(2));
    assert_int_equal(managed_group_strike(group, roll_find(&group->roll, two.identity), fresh()),
                     STATUS_OK);
    const struct exclusions before = group->exclusions;
    group->keyring.credential->z[0] ^= 1;
    assert_int_equal(managed_group_number(group, fresh()), STATUS_OK);
    assert_true(roll_find(&group->roll, managed_member(1))->is_excluded);
    assert_int_equal(group->exclusions.count, before.count + 1);
    assert_int_equal(group->exclusions.highest, before.highest + 1);
    struct roll_member one = *roll_find(&group->roll, managed_member(1));
    assert_int_equal(managed_group_strike(group, roll_find(&group->roll, one.identity), fresh()),
                     STATUS_OK);
    assert_int_equal(managed_group_enlist(group, &one, fresh()), STATUS_OK);
    assert_true(roll_find(&group->roll, one.identity)->is_excluded);
    assert_int_equal(managed_group_enlist(group, &two, fresh()), STATUS_OK);
    assert_false(roll_find(&group->roll, two.identity)->is_excluded);
}

/* A number that nobody reaches by excluding, which a former manager can sign, costs no numbers. */
static void an_absurd_number_that_is_vouched_for_uses_none_up(void **state) {
    (void)state;
    exclude(group, 1, true);
    group->unknown = (struct exclusion_state){.number = UINT32_MAX};
    assert_int_equal(managed_group_vouch(group, 0, fresh()), STATUS_OK);
    assert_int_equal(group->exclusions.highest, 1);
    exclude(group, 2, true);
    assert_int_equal(group->exclusions.highest, 2);
}

/* The proof that member 0 has of the present key. */
static struct span proof_of(const struct managed_group *which, uint8_t room[EPOCH_PROOF_SIZE]) {
    uint8_t delivery[KEY_DELIVERY_MAX], gmk[SSV_SIZE];
    struct writer w = writer_into(delivery, sizeof delivery),
                  p = writer_into(room, EPOCH_PROOF_SIZE);
    const struct roll_member *member = roll_find(&which->roll, managed_member(0));
    struct key_delivery_fields fields;
    struct i_message message;
    struct epoch_word word;
    struct epoch_proof proof;
    assert_int_equal(managed_group_build(which, managed_now_ms, 1, &member, &entropy_system, &w),
                     STATUS_OK);
    assert_int_equal(managed_open(0, writer_span(&w), &fields, gmk), STATUS_OK);
    assert_int_equal(key_delivery_parse(writer_span(&w), &message), STATUS_OK);
    assert_int_equal(epoch_word_read(message.fields.manager, &word), STATUS_OK);
    assert_int_equal(epoch_proof_of(&word, &fields, gmk, &proof), STATUS_OK);
    epoch_proof_write(&p, &proof);
    return writer_span(&p);
}

static bool hears(struct managed_group *which, const struct exclusion_state *told,
                  struct span proof) {
    bool is_behind;
    enum status status = managed_group_hear(which, told, proof, fresh(), &is_behind);
    assert_true(status == STATUS_OK || !is_behind);
    return is_behind;
}

static void what_a_member_proves_stops_the_manager_and_what_it_claims_does_not(void **state) {
    (void)state;
    uint8_t room[EPOCH_PROOF_SIZE];
    rekey(group);
    rekey(other);
    exclude(other, 1, true);
    rekey(other);
    struct span proof = proof_of(other, room);
    const struct exclusion_state told = other->known.list[0], claimed = {.number = told.number + 1};
    assert_false(hears(other, &told, proof));
    assert_false(hears(group, &claimed, proof));
    assert_false(hears(group, &told, (struct span){NULL, 0}));
    for (size_t i = 0; i < proof.length; i += 7) {
        room[i] ^= 1;
        assert_false(hears(group, &told, proof));
        room[i] ^= 1;
    }
    assert_int_equal(managed_group_check(group, managed_now_ms), STATUS_OK);
    assert_true(hears(group, &told, proof));
    assert_int_equal(managed_group_check(group, managed_now_ms), STATUS_EXCLUSION_UNKNOWN);
    assert_int_equal(managed_group_begin(group, managed_now_ms, managed_now_ms, HOUR_MS,
                                         &entropy_system, fresh()),
                     STATUS_EXCLUSION_UNKNOWN);
    assert_int_equal(group->rekey.counter, other->rekey.counter); /* it counts on from there */
    take(group, other, true);
    assert_true(roll_find(&group->roll, managed_member(1))->is_excluded);
    rekey(group);
    assert_true(group->rekey.counter > other->rekey.counter);
}

/* Its list can be taken before the successor draws a key; later it lets in nobody whom that one
 * has excluded, whatever it knew. Nor is anything of it taken for agreed at a broker. */
static void a_former_managers_file_lets_in_nobody_once_a_key_was_drawn(void **state) {
    (void)state;
    managed_group_free(other);
    other = managed_group_of_term(MANAGED_TERM - 1);
    managed_enlist(other, 3);
    exclude(other, 1, true);
    tell(other);
    take(group, other, true);
    exclude(other, 1, false);
    exclude(other, 2, true);
    tell(other);
    take(group, other, true);
    assert_excluded(group, false, true);
    assert_int_equal(group->shared_term, 0);
    rekey(group);
    exclude(group, 1, true);
    rekey(group);
    other->exclusions = group->exclusions; /* all of it is known there */
    other->known = group->known;
    roll_find(&other->roll, managed_member(1))->is_excluded = true;
    exclude(other, 1, false);
    exclude(other, 2, false);
    exclude(other, 0, true);
    tell(other);
    take(group, other, true);
    assert_excluded(group, true, true);
    assert_true(roll_find(&group->roll, managed_member(0))->is_excluded);
    take(group, other, false);
}

/* It can go on signing lists with the keys of its months, which its successor's members show. */
static void a_former_manager_stops_its_successor_until_it_has_vouched_and_no_more(void **state) {
    (void)state;
    uint8_t room[EPOCH_PROOF_SIZE];
    managed_group_free(other);
    other = managed_group_of_term(MANAGED_TERM - 1);
    managed_enlist(other, 3);
    rekey(group);
    for (unsigned round = 0; round < 3; round++) {
        exclude(other, 1, round % 2 == 0);
        other->exclusions.highest = group->exclusions.highest + 1;
        rekey(other);
        struct span proof = proof_of(other, room);
        const struct exclusion_state told = other->known.list[0];
        if (hears(group, &told, proof) != (round == 0)) {
            fail_msg("round %u", round);
        }
        if (round == 0) {
            assert_int_equal(managed_group_vouch(group, 0, fresh()), STATUS_OK);
        }
        rekey(group);
    }
    managed_group_free(other); /* one of its own term does so for good */
    other = managed_group_fixture();
    managed_enlist(other, 3);
    exclude(other, 1, true);
    other->exclusions.highest = group->exclusions.highest + 1;
    rekey(other);
    struct span proof = proof_of(other, room);
    const struct exclusion_state told = other->known.list[0];
    assert_true(hears(group, &told, proof));
}

/* Nobody excludes a million people: such a number is made up, and would use up all others. */
static void a_number_that_nobody_reaches_stops_no_manager_and_is_read_from_nobody(void **state) {
    (void)state;
    uint8_t room[EPOCH_PROOF_SIZE];
    struct exclusion_states states = {.count = 1, .list = {{.number = EXCLUSION_NUMBER_MAX + 1u}}};
    uint8_t wire[EXCLUSION_STATES_SIZE_MAX];
    struct writer w = writer_into(wire, sizeof wire);
    rekey(group);
    other->exclusions.highest = 2 * 1024 * 1024;
    exclude(other, 1, true);
    rekey(other);
    struct span proof = proof_of(other, room);
    const struct exclusion_state told = other->known.list[0];
    assert_false(hears(group, &told, proof));
    exclusion_states_write(&w, &states);
    struct reader r = reader_of(writer_span(&w));
    assert_int_equal(exclusion_states_read(&r, &states), STATUS_MALFORMED);
    ours = (struct exclusions){.highest = EXCLUSION_NUMBER_MAX};
    assert_int_equal(exclusions_put_out(&ours, anna), STATUS_TOO_LONG);
}

static void the_end_of_the_kms_log_is_witnessed_and_another_log_found_out(void **state) {
    (void)state;
    static struct group_state read;
    other->witnessed = (struct log_head){.number = 5, .hash = "log"};
    assert_int_equal(group_state_read(group, written_by(other), &read), STATUS_OK);
    assert_true(group_state_note_log(group, &read));
    assert_int_equal(group_state_log(group).number, 5);
    assert_int_equal(group_state_read(other, written_by(group), &read), STATUS_OK);
    assert_true(group_state_note_log(other, &read)); /* it is handed on */
    assert_int_equal(read.log.number, 5);
    read.log.hash[0]++;
    assert_false(group_state_note_log(group, &read));
    read.log.number = 4;
    assert_true(group_state_note_log(group, &read)); /* of that record nothing is known here */
    assert_int_equal(group_state_log(group).number, 5);
}

static void a_roll_is_read_by_another_manager_and_one_that_was_changed_is_nobodys(void **state) {
    (void)state;
    uint8_t room[2048];
    struct roll roll = {0};
    struct writer w = writer_into(room, sizeof room);
    managed_enlist(group, 5);
    strcpy(group->roll.members[2].name, "Carl");
    exclude(group, 2, true); /* that is in the state, and not in the roll */
    assert_int_equal(shared_roll_write(group, managed_now_ms, &entropy_system, &w), STATUS_OK);
    assert_int_equal(shared_roll_read(other, writer_span(&w), &roll), STATUS_OK);
    assert_int_equal(roll.count, 5);
    for (size_t i = 0; i < roll.count; i++) {
        assert_string_equal(roll.members[i].identity, group->roll.members[i].identity);
        assert_string_equal(roll.members[i].name, group->roll.members[i].name);
        assert_false(roll.members[i].is_excluded);
    }
    for (size_t i = 0; i < w.length; i += 5) {
        room[i] ^= 1;
        assert_int_not_equal(shared_roll_read(other, writer_span(&w), &roll), STATUS_OK);
        assert_int_equal(roll.count, 0);
        room[i] ^= 1;
        assert_int_not_equal(shared_roll_read(other, (struct span){room, i}, &roll), STATUS_OK);
    }
    w = writer_into(room, 600);
    assert_int_equal(shared_roll_write(group, managed_now_ms, &entropy_system, &w),
                     STATUS_TOO_LONG);
}

static void what_members_know_outlives_a_restart(void **state) {
    (void)state;
    exclude(group, 1, true);
    tell(group);
    group->unknown = (struct exclusion_state){.number = 9, .tag = {1, 2, 3, 4}};
    assert_int_equal(managed_group_put_exclusions(group, fresh()), STATUS_OK);
    const struct batch_change *change = &batch->changes[0];
    assert_int_equal(managed_group_restore(other, change->kind,
                                           (struct span){change->key, change->key_length},
                                           secret_span(change->value)),
                     STATUS_OK);
    assert_memory_equal(&other->known, &group->known, sizeof other->known);
    assert_true(exclusion_state_is(&other->unknown, &group->unknown));
}

int main(void) {
    const struct CMUnitTest lists[] = {
        cmocka_unit_test_setup(what_two_have_excluded_is_joined, setup),
        cmocka_unit_test_setup(a_readmission_ends_the_exclusion_that_it_knows_of_and_no_other,
                               setup),
        cmocka_unit_test_setup(a_number_that_was_given_twice_ends_nobodys_exclusion, setup),
        cmocka_unit_test_setup(a_readmission_that_was_never_told_ends_no_exclusion_of_another,
                               setup),
        cmocka_unit_test_setup(
            an_exclusion_that_was_never_told_outlives_a_readmission_of_its_number, setup),
        cmocka_unit_test(joining_is_the_same_in_any_order),
        cmocka_unit_test_setup(a_full_list_forgets_what_is_over_and_nobody_who_is_out, setup),
        cmocka_unit_test_setup(what_is_written_is_read_and_what_is_out_of_order_is_not, setup),
    };
    const struct CMUnitTest states[] = {
        cmocka_unit_test_setup_teardown(who_is_behind_is_told_so_and_catches_up, setup_groups,
                                        teardown_groups),
        cmocka_unit_test_setup_teardown(two_keys_of_one_number_do_not_agree, setup_groups,
                                        teardown_groups),
        cmocka_unit_test_setup_teardown(
            an_exclusion_of_another_is_not_overwritten_because_its_number_is_ours, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(
            an_exclusion_of_another_is_not_overwritten_because_its_number_is_lower, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(who_is_excluded_stays_so_when_it_comes_back_to_the_roll,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(an_exclusion_without_a_number_outlives_the_roll_as_well,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(a_state_that_was_changed_anywhere_is_nobodys, setup_groups,
                                        teardown_groups),
        cmocka_unit_test_setup_teardown(two_stores_that_read_each_other_agree_on_one_list,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(
            the_list_of_an_earlier_term_does_not_count_after_that_of_a_later_one, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(a_list_that_was_vouched_for_is_joined_all_the_same,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(
            an_exclusion_outlives_other_domain_keys_as_long_as_its_member_is_on_the_roll,
            setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(vouching_for_an_older_list_is_for_no_other_one,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(an_absurd_number_that_is_vouched_for_uses_none_up,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(
            what_a_member_proves_stops_the_manager_and_what_it_claims_does_not, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(a_former_managers_file_lets_in_nobody_once_a_key_was_drawn,
                                        setup_groups, teardown_groups),
        cmocka_unit_test_setup_teardown(
            a_former_manager_stops_its_successor_until_it_has_vouched_and_no_more, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(
            a_number_that_nobody_reaches_stops_no_manager_and_is_read_from_nobody, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(
            the_end_of_the_kms_log_is_witnessed_and_another_log_found_out, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(
            a_roll_is_read_by_another_manager_and_one_that_was_changed_is_nobodys, setup_groups,
            teardown_groups),
        cmocka_unit_test_setup_teardown(what_members_know_outlives_a_restart, setup_groups,
                                        teardown_groups),
    };
    return cmocka_run_group_tests(lists, NULL, NULL) + cmocka_run_group_tests(states, NULL, NULL);
}
