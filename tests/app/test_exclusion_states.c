/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exclusions travel in deliveries and receipts (app/identity/exclusion_state.h): a store that was
 * restored or copied undoes none, though no broker joins it to the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/receipt.h"
#include "delivery.h"
#include "manager_squad.h"

enum {
    FIRST = 0x0000111,
    SECOND = 0x0000222,
    THIRD = 0x0000333,
    EXCLUDED = FEW - 1 /* the member who is excluded */
};

static struct exclusion_state state_of(uint32_t number, uint8_t tag) {
    return (struct exclusion_state){.number = number, .tag = {tag, tag}};
}

/* Those of these numbers and tags, in any order. */
static struct exclusion_states states_of(size_t count, const uint32_t numbers[],
                                         const uint8_t tags[]) {
    struct exclusion_states states = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        const struct exclusion_state state = state_of(numbers[i], tags[i]);
        exclusion_states_add(&states, &state);
    }
    return states;
}

/* --- Which are left out ----------------------------------------------------------------------
 */

/* Another manager excluded somebody else under the number that is the least one named. */
static void
a_fork_of_the_least_number_named_is_not_known_though_older_ones_were_left_out(void **state) {
    (void)state;
    struct exclusion_states states = {.count = 0};
    for (uint32_t number = 1; number <= EXCLUSION_STATES_MAX + 1; number++) {
        const struct exclusion_state next = state_of(number, 'a');
        exclusion_states_add(&states, &next);
    }
    const struct exclusion_state fork = state_of(2, 'b'), older = state_of(1, 'b');
    assert_int_equal(states.list[states.count - 1].number, 2);
    assert_false(exclusion_states_know(&states, &fork));
    assert_true(exclusion_states_know(&states, &older));
    const struct exclusion_states cut =
        exclusion_states_cut(&states, EXCLUSION_STATES_SIZE_LEAST + EXCLUSION_STATE_SIZE);
    const struct exclusion_state later = state_of(EXCLUSION_STATES_MAX, 'b');
    assert_int_equal(cut.count, 2);
    assert_false(exclusion_states_know(&cut, &later));
    /* Nor where a single one is left. */
    const struct exclusion_states single =
        exclusion_states_cut(&states, EXCLUSION_STATES_SIZE_LEAST);
    const struct exclusion_state latest = state_of(EXCLUSION_STATES_MAX + 1, 'b');
    assert_int_equal(single.count, 1);
    assert_false(exclusion_states_know(&single, &latest));
    assert_true(exclusion_states_know(&single, &later));
}

/* Two managers' lists are joined, and one of them has left out some of its least number. */
static void what_either_has_left_out_is_known_where_they_are_joined(void **state) {
    (void)state;
    const uint32_t fours[] = {4, 4, 4};
    const struct exclusion_states whole = states_of(3, fours, (const uint8_t[]){'a', 'b', 'c'});
    const struct exclusion_states theirs =
        exclusion_states_cut(&whole, EXCLUSION_STATES_SIZE_LEAST);
    const struct exclusion_state first = state_of(4, 'a'), old = state_of(3, 'z'),
                                 later = state_of(6, 'x'), fork = state_of(6, 'z');
    assert_true(theirs.least_is_cut);
    assert_true(exclusion_states_know(&theirs, &first));
    struct exclusion_states ours =
        states_of(3, (const uint32_t[]){3, 5, 6}, (const uint8_t[]){'x', 'x', 'x'});
    exclusion_states_join(&ours, &theirs);
    assert_true(exclusion_states_know(&ours, &first));
    assert_true(exclusion_states_know(&ours, &old));
    assert_true(exclusion_states_know(&ours, &later));
    assert_false(exclusion_states_know(&ours, &fork));
    struct exclusion_states also = theirs;
    const struct exclusion_states older =
        states_of(2, (const uint32_t[]){2, 6}, (const uint8_t[]){'x', 'x'});
    exclusion_states_join(&also, &older);
    assert_true(exclusion_states_know(&also, &first));
    assert_true(exclusion_states_know(&also, &later));
    assert_false(exclusion_states_know(&also, &fork));
    exclusion_states_leave_older(&also, 4);
    assert_false(also.least_is_cut);
    assert_true(exclusion_states_know(&also, &first));
    assert_false(exclusion_states_know(&also, &fork));
}

/* A re-admission makes another list of the same number. */
static void whose_list_was_left_out_is_not_locked_out_by_others_of_its_number(void **state) {
    (void)state;
    struct exclusion_states states = {.count = 0};
    struct exclusion_state every[EXCLUSION_STATES_MAX + 6];
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) { /* 1 1 1 1 2 2 2 2 3 ... */
        every[i] = state_of((uint32_t)(1 + i / 4), (uint8_t)('a' + i));
        exclusion_states_add(&states, &every[i]);
        for (size_t k = 0; k <= i; k++) {
            assert_true(exclusion_states_know(&states, &every[k]));
        }
        for (size_t room = EXCLUSION_STATES_SIZE_LEAST; room <= EXCLUSION_STATES_SIZE_MAX; room++) {
            const struct exclusion_states cut = exclusion_states_cut(&states, room);
            assert_true(cut.count > 0);
            for (size_t k = 0; k <= i; k++) {
                assert_true(exclusion_states_know(&cut, &every[k]));
            }
        }
    }
    /* So many re-admissions in a row: all that is named is of one number. */
    states = (struct exclusion_states){.count = 0};
    for (uint8_t i = 0; i <= EXCLUSION_STATES_MAX; i++) {
        every[i] = state_of(7, (uint8_t)('a' + i));
        exclusion_states_add(&states, &every[i]);
    }
    assert_true(exclusion_states_know(&states, &every[0]));
}

/* --- The states ----------------------------------------------------------------------------- */

static void a_state_is_known_when_it_is_named_or_older_than_all_that_are(void **state) {
    (void)state;
    struct exclusion_states states = {.count = 0};
    const struct exclusion_state none = {0}, one = state_of(1, 'a'), fork = state_of(1, 'b');
    assert_true(exclusion_states_know(&states, &none));
    assert_false(exclusion_states_know(&states, &one));
    exclusion_states_add(&states, &one);
    assert_true(exclusion_states_know(&states, &one));
    assert_false(exclusion_states_know(&states, &fork));
    for (uint32_t number = 3; number <= 2 + EXCLUSION_STATES_MAX; number++) {
        const struct exclusion_state next = state_of(number, 'a');
        assert_true(exclusion_states_know(&states, &one));
        exclusion_states_add(&states, &next);
    }
    assert_int_equal(states.count, EXCLUSION_STATES_MAX);
    assert_true(states.is_cut);
    assert_int_equal(states.list[0].number, 2 + EXCLUSION_STATES_MAX);
    assert_true(exclusion_states_know(&states, &one)); /* it was left out */
    const struct exclusion_state foreign = state_of(5, 'b'), later = state_of(99, 'a');
    assert_false(exclusion_states_know(&states, &foreign));
    assert_false(exclusion_states_know(&states, &later));
    const struct exclusion_state oldest = state_of(2, 'c');
    exclusion_states_add(&states, &oldest); /* no place among the newest */
    assert_int_equal(states.count, EXCLUSION_STATES_MAX);
    assert_int_equal(states.list[EXCLUSION_STATES_MAX - 1].number, 3);
}

static void what_does_not_fit_is_left_out_and_said_to_be(void **state) {
    (void)state;
    const struct exclusion_states all =
        states_of(3, (const uint32_t[]){1, 2, 3}, (const uint8_t[]){1, 2, 3});
    struct exclusion_states cut = exclusion_states_cut(&all, EXCLUSION_STATES_SIZE_LEAST);
    assert_int_equal(cut.count, 1);
    assert_true(cut.is_cut);
    assert_int_equal(cut.list[0].number, 3);
    cut = exclusion_states_cut(&all, EXCLUSION_STATES_SIZE_MAX);
    assert_int_equal(cut.count, 3);
    assert_false(cut.is_cut);
    cut = exclusion_states_cut(&all, 0);
    assert_int_equal(cut.count, 0);
}

static enum status read_back(const uint8_t *octets, size_t length, struct exclusion_states *read) {
    struct reader r = reader_of((struct span){octets, length});
    enum status status = exclusion_states_read(&r, read);
    return status == STATUS_OK ? reader_finish(&r) : status;
}

static void states_are_read_as_they_were_written_and_in_order_alone(void **state) {
    (void)state;
    uint8_t octets[EXCLUSION_STATES_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct exclusion_states read,
        states = states_of(2, (const uint32_t[]){4, 9}, (uint8_t[]){1, 2});
    states.is_cut = true;
    exclusion_states_write(&w, &states);
    assert_int_equal(octets[0], 128 + 2); /* as always: builds of before read it */
    assert_int_equal(read_back(octets, w.length, &read), STATUS_OK);
    assert_memory_equal(&read, &states, sizeof read);
    octets[0] = 128 + 64 + 2;
    assert_int_equal(read_back(octets, w.length, &read), STATUS_OK);
    assert_true(read.is_cut && read.least_is_cut && read.count == 2);
    octets[0] = 64 + 2; /* of the least number, but not older ones */
    assert_int_equal(read_back(octets, w.length, &read), STATUS_MALFORMED);
    octets[0] = 128 + 64;
    assert_int_equal(read_back(octets, 1, &read), STATUS_MALFORMED);
    octets[0] = 128 + 2;
    for (size_t i = 0; i < w.length; i++) {
        assert_int_not_equal(read_back(octets, i, &read), STATUS_OK);
    }
    octets[4] = 3; /* the first one's number is less than the second's */
    assert_int_equal(read_back(octets, w.length, &read), STATUS_MALFORMED);
    octets[4] = 0;
    assert_int_equal(read_back(octets, w.length, &read), STATUS_MALFORMED);
    octets[0] = EXCLUSION_STATES_MAX + 1;
    assert_int_equal(read_back(octets, w.length, &read), STATUS_MALFORMED);
}

/* --- A member ------------------------------------------------------------------------------- */

static size_t behind_told;
static unsigned behind_number;

static void note_told(void *context, size_t n, const struct event *event) {
    (void)context;
    (void)n;
    if (event->kind == EVENT_MANAGER_BEHIND) {
        behind_told++;
        behind_number = event->count;
    }
}

/* Handset 0 has FIRST, and was told of exclusion 2. */
static struct squad *squad_told_of_two(void) {
    struct squad *squad = squad_new(2);
    struct delivery first = delivery_now(squad, 0, FIRST);
    squad->told = note_told;
    behind_told = 0;
    first.counter = 1;
    first.known = states_of(2, (const uint32_t[]){1, 2}, (const uint8_t[]){'a', 'b'});
    assert_int_equal(delivery_give(squad, &first), STATUS_OK);
    squad_run(squad, 3000);
    return squad;
}

/* What becomes of a later key whose manager knows these. */
static enum status give(struct squad *squad, const struct exclusion_states *known) {
    struct delivery next = delivery_now(squad, 0, SECOND);
    next.counter = 9;
    next.known = *known;
    squad_rest(squad, 0);
    return delivery_give(squad, &next);
}

static void a_key_of_a_manager_that_does_not_know_the_exclusion_is_refused(void **state) {
    (void)state;
    struct exclusion_states cut = states_of(1, (const uint32_t[]){2}, (const uint8_t[]){'x'});
    cut.is_cut = true;
    const struct exclusion_states behind[] = {
        cut, /* there was room for one alone, and it is another manager's */
        {.count = 0},
        states_of(1, (const uint32_t[]){1}, (const uint8_t[]){'a'}),
        /* Those have excluded others since the exclusion that they know of. */
        states_of(2, (const uint32_t[]){1, 2}, (const uint8_t[]){'a', 'x'}),
        states_of(2, (const uint32_t[]){1, 7}, (const uint8_t[]){'a', 'x'}),
    };
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        for (unsigned restarted = 0; restarted < 2; restarted++) {
            struct squad *squad = squad_told_of_two();
            if (restarted > 0) {
                squad_restart(squad, 0, true);
            }
            if (give(squad, &behind[i]) != STATUS_EXCLUSION_UNKNOWN) {
                fail_msg("%zu was taken", i);
            }
            assert_false(delivery_is_held(squad, 0, SECOND));
            assert_int_equal(behind_told, 1);
            assert_int_equal(behind_number, 2);
            squad_free(squad);
        }
    }
}

static void a_key_of_a_manager_that_knows_it_is_taken(void **state) {
    (void)state;
    struct exclusion_states cut = states_of(1, (const uint32_t[]){5}, (const uint8_t[]){'x'});
    cut.is_cut = true; /* who missed many keys is not locked out */
    struct exclusion_states again = states_of(1, (const uint32_t[]){2}, (const uint8_t[]){'x'});
    again.is_cut = again.least_is_cut = true; /* a re-admission made another list of the number */
    const struct exclusion_states ahead[] = {
        states_of(1, (const uint32_t[]){2}, (const uint8_t[]){'b'}),
        states_of(2, (const uint32_t[]){2, 3}, (const uint8_t[]){'b', 'c'}),
        /* Two lists were joined. */
        states_of(3, (const uint32_t[]){2, 2, 3}, (const uint8_t[]){'b', 'x', 'c'}),
        cut,
        again,
    };
    for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
        struct squad *squad = squad_told_of_two();
        if (give(squad, &ahead[i]) != STATUS_OK) {
            fail_msg("%zu was not taken", i);
        }
        assert_true(delivery_is_held(squad, 0, SECOND));
        squad_free(squad);
    }
}

/* A manager of a later term takes the group over without knowing whom the one before excluded. */
static void another_manager_who_does_not_know_the_exclusion_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_told_of_two();
    struct delivery next = delivery_now(squad, 0, SECOND);
    next.manager = SQUAD_MANAGER + 1;
    next.term = SQUAD_TERM + 1;
    next.counter = 1;
    assert_int_equal(delivery_give(squad, &next), STATUS_EXCLUSION_UNKNOWN);
    next.known = states_of(1, (const uint32_t[]){2}, (const uint8_t[]){'b'});
    assert_int_equal(delivery_give(squad, &next), STATUS_OK);
    squad_free(squad);
}

static void states_that_were_added_on_the_way_do_not_count(void **state) {
    (void)state;
    struct squad *squad = squad_told_of_two();
    uint8_t octets[KEY_DELIVERY_MAX];
    struct delivery next = delivery_now(squad, 0, SECOND);
    struct writer w = writer_into(octets, sizeof octets);
    next.counter = 9;
    next.known = states_of(1, (const uint32_t[]){2}, (const uint8_t[]){'x'});
    delivery_write(&next, &w);
    for (size_t i = 0; i + 6 < w.length; i++) { /* the state as it is on the wire */
        if (memcmp(octets + i, "\0\0\0\2xx", 6) == 0) {
            octets[i + 4] = octets[i + 5] = 'b';
        }
    }
    assert_int_equal(delivery_give_octets(squad, 0, writer_span(&w)), STATUS_SIGNATURE_INVALID);
    squad_free(squad);
}

static const struct squad_frame *objection_after(const struct squad *squad, size_t from,
                                                 struct receipt *receipt) {
    for (size_t i = from; i < squad->frame_count; i++) {
        struct span covered, signature;
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->octets[1] == FRAME_RECEIPT &&
            receipt_read(squad_payload(frame), receipt, &covered, &signature) == STATUS_OK &&
            receipt->gmk_id == 0) {
            return frame;
        }
    }
    return NULL;
}

static void the_manager_is_shown_the_word_that_told_of_it_once_a_minute(void **state) {
    (void)state;
    struct squad *squad = squad_told_of_two();
    const struct exclusion_states none = {.count = 0};
    struct receipt receipt;
    struct epoch_proof proof;
    assert_int_equal(give(squad, &none), STATUS_EXCLUSION_UNKNOWN);
    size_t from = squad->frame_count;
    squad_run(squad, 3000);
    assert_non_null(objection_after(squad, from, &receipt));
    assert_int_equal(receipt.told.number, 2);
    assert_int_equal(epoch_proof_read(receipt.proof, &proof), STATUS_OK);
    assert_int_equal(epoch_proof_verify(&proof, "sip:kms@county.example", receipt.group,
                                        squad_provider(), squad_domain()),
                     STATUS_OK);
    proof.word.known.list[0].number++;
    assert_int_equal(epoch_proof_verify(&proof, "sip:kms@county.example", receipt.group,
                                        squad_provider(), squad_domain()),
                     STATUS_MANAGER_UNCERTIFIED);
    from = squad->frame_count;
    assert_int_equal(give(squad, &none), STATUS_EXCLUSION_UNKNOWN);
    squad_run(squad, 3000);
    assert_null(objection_after(squad, from, &receipt));
    assert_int_equal(behind_told, 1);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(give(squad, &none), STATUS_EXCLUSION_UNKNOWN);
    squad_run(squad, 3000);
    assert_non_null(objection_after(squad, from, &receipt));
    squad_free(squad);
}

/* A stranger can make what looks like a replay of a manager that is behind: it must not have an
 * objection put in place of a receipt at the broker, nor use up the minute. */
static void a_strangers_replay_is_no_reason_to_object(void **state) {
    (void)state;
    for (unsigned forged = 0; forged < 2; forged++) {
        struct squad *squad = squad_told_of_two();
        uint8_t octets[KEY_DELIVERY_MAX];
        struct delivery next = delivery_now(squad, 0, SECOND);
        struct writer w = writer_into(octets, sizeof octets);
        struct receipt receipt;
        squad_rest(squad, 0);
        next.counter = 0; /* behind, with no exclusions */
        delivery_write(&next, &w);
        octets[w.length - 1] ^= (uint8_t)forged;
        size_t from = squad->frame_count;
        squad_inject_payload(squad, 0, 1, FRAME_KEY_DELIVERY, writer_span(&w));
        squad_run(squad, 3000);
        assert_int_equal(objection_after(squad, from, &receipt) == NULL, forged > 0);
        assert_false(delivery_is_held(squad, 0, SECOND));
        squad_free(squad);
    }
}

/* --- A handset that manages ----------------------------------------------------------------- */

/* All records of a handset, as a backup has them. */
struct backup {
    size_t count;
    struct squad_record records[SQUAD_RECORDS_MAX];
};

static void back_up(const struct squad *squad, size_t n, struct backup *backup) {
    const struct squad_handset *handset = &squad->handsets[n];
    backup->count = handset->record_count;
    for (size_t i = 0; i < backup->count; i++) {
        const struct squad_record *record = &handset->records[i];
        backup->records[i] =
            (struct squad_record){.kind = record->kind,
                                  .key = secret_copy(secret_span(record->key)),
                                  .value = secret_copy(secret_span(record->value))};
    }
}

static void put_back(struct squad *squad, size_t n, struct backup *backup) {
    struct squad_handset *handset = &squad->handsets[n];
    squad_flush(squad, n);
    for (size_t i = 0; i < handset->record_count; i++) {
        secret_free(handset->records[i].key);
        secret_free(handset->records[i].value);
    }
    memcpy(handset->records, backup->records, sizeof handset->records);
    handset->record_count = backup->count;
    squad_restart(squad, n, true);
}

static unsigned managed_behind;
static char objector[IDENTITY_SIZE];

static void note_managed(void *context, size_t n, const struct event *event) {
    (void)context;
    if (n == MANAGER && event->kind == EVENT_MANAGED_BEHIND) {
        managed_behind++;
        snprintf(objector, sizeof objector, "%s", event->identity);
    }
}

static void a_restored_manager_lets_nobody_in_again(void **state) {
    (void)state;
    static struct backup backup;
    struct squad *squad = squad_with_key(FEW);
    squad->told = note_managed;
    managed_behind = 0;
    back_up(squad, MANAGER, &backup);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, EXCLUDED), STATUS_OK);
    squad_wait(squad, MINUTE_MS);
    uint32_t good = manager_view(squad)->gmk_id;
    assert_true(squad_holds(squad, 1, good));
    put_back(squad, MANAGER, &backup);
    size_t from = squad->frame_count;
    /* It counts its keys until members would have to take them. */
    for (unsigned i = 0; i < 4; i++) {
        enum status status = manager_give(squad, COMMAND_MANAGE_REKEY, 0);
        assert_true(status == STATUS_OK || status == STATUS_EXCLUSION_UNKNOWN);
        squad_wait(squad, MINUTE_MS);
        uint32_t drawn = manager_view(squad)->gmk_id;
        assert_false(squad_holds(squad, 1, drawn));
        assert_false(squad_holds(squad, 2, drawn));
    }
    assert_true(squad_holds(squad, 1, good));
    assert_true(managed_behind > 0);
    assert_true(strcmp(objector, squad_identity(1)) == 0 ||
                strcmp(objector, squad_identity(2)) == 0);
    assert_int_equal(manager_view(squad)->state, MANAGED_BEHIND);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_EXCLUSION_UNKNOWN);
    squad_restart(squad, MANAGER, true);
    from = squad->frame_count;
    squad_wait(squad, 11 * MINUTE_MS);
    assert_int_equal(count_deliveries(squad, from, 0, NULL), 0);
    squad_free(squad);
}

/* Not even its signature is looked at. */
static void who_is_excluded_cannot_object(void **state) {
    (void)state;
    uint8_t octets[RECEIPT_MAX];
    for (unsigned excluded = 0; excluded < 2; excluded++) {
        struct squad *squad = squad_with_key(FEW);
        struct receipt receipt = {.utc_ms = squad_now(squad, 1).utc_ms,
                                  .told = state_of(9, 'x'),
                                  .proof = {(const uint8_t *)"none", 4}};
        struct writer w = writer_into(octets, sizeof octets);
        if (excluded > 0) {
            assert_int_equal(manager_give(squad, COMMAND_MANAGE_EXCLUDE, EXCLUDED), STATUS_OK);
        }
        squad_wait(squad, MINUTE_MS);
        snprintf(receipt.group, sizeof receipt.group, "%s", squad_identity(SQUAD_FIRE));
        snprintf(receipt.member, sizeof receipt.member, "%s", squad_identity(EXCLUDED));
        snprintf(receipt.kms, sizeof receipt.kms, "sip:kms@county.example");
        assert_int_equal(
            receipt_write(&w, &receipt, &squad->handsets[1].engine->desk.keyring, &entropy_system),
            STATUS_OK);
        unsigned refusals = squad->handsets[MANAGER].refusals;
        squad_inject_payload(squad, MANAGER, 1, FRAME_RECEIPT, writer_span(&w));
        assert_int_equal(squad->handsets[MANAGER].refusals, refusals + 1 - excluded);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_fork_of_the_least_number_named_is_not_known_though_older_ones_were_left_out),
        cmocka_unit_test(whose_list_was_left_out_is_not_locked_out_by_others_of_its_number),
        cmocka_unit_test(what_either_has_left_out_is_known_where_they_are_joined),
        cmocka_unit_test(a_state_is_known_when_it_is_named_or_older_than_all_that_are),
        cmocka_unit_test(what_does_not_fit_is_left_out_and_said_to_be),
        cmocka_unit_test(states_are_read_as_they_were_written_and_in_order_alone),
        cmocka_unit_test(a_key_of_a_manager_that_does_not_know_the_exclusion_is_refused),
        cmocka_unit_test(a_key_of_a_manager_that_knows_it_is_taken),
        cmocka_unit_test(another_manager_who_does_not_know_the_exclusion_is_refused),
        cmocka_unit_test(states_that_were_added_on_the_way_do_not_count),
        cmocka_unit_test(the_manager_is_shown_the_word_that_told_of_it_once_a_minute),
        cmocka_unit_test(a_strangers_replay_is_no_reason_to_object),
        cmocka_unit_test(a_restored_manager_lets_nobody_in_again),
        cmocka_unit_test(who_is_excluded_cannot_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
