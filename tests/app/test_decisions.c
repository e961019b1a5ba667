/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer said to a proposal counts for that proposal alone, for a while, and across a
 * restart (app/handset/keys/decisions.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/decisions.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    RECORDS_MAX = 2 * DECISIONS_MAX,
};

static const int64_t made_ms = INT64_C(1790000000000);

struct record {
    char key[GROUP_IDENTITY_SIZE];
    size_t length;
    uint8_t value[256];
};

/* Decisions, and a disk under them. */
struct bench {
    struct desk desk;
    struct decisions decisions;
    size_t record_count;
    struct record records[RECORDS_MAX];
    int64_t ms;        /* that passed since the test began */
    int64_t booted_ms; /* when it booted last */
    uint64_t boot_id;
    bool clock_stands; /* the wall clock, in which nothing passes then */
};

static struct bench *bench_new(void) {
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->decisions.desk = &bench->desk;
    return bench;
}

static void bench_free(struct bench *bench) {
    desk_clear(&bench->desk);
    free(bench);
}

static struct moment now(const struct bench *bench) {
    return (struct moment){.utc_ms = made_ms + (bench->clock_stands ? 0 : bench->ms),
                           .boot_ms = bench->ms - bench->booted_ms,
                           .boot_id = bench->boot_id};
}

static void apply(struct bench *bench, const struct batch_change *change) {
    size_t at = 0;
    assert_int_equal(change->kind, RECORD_DECISION);
    while (at < bench->record_count &&
           (strlen(bench->records[at].key) != change->key_length ||
            memcmp(bench->records[at].key, change->key, change->key_length) != 0)) {
        at++;
    }
    if (change->is_delete) {
        if (at < bench->record_count) {
            bench->records[at] = bench->records[--bench->record_count];
        }
        return;
    }
    assert_true(at < RECORDS_MAX && change->value->length <= sizeof bench->records[0].value);
    bench->record_count += at == bench->record_count;
    memcpy(bench->records[at].key, change->key, change->key_length);
    bench->records[at].key[change->key_length] = '\0';
    bench->records[at].length = change->value->length;
    memcpy(bench->records[at].value, change->value->octets, change->value->length);
}

/* What is queued becomes durable. */
static void write_out(struct bench *bench) {
    struct output output;
    while (outbox_take(&bench->desk.outbox, &output)) {
        struct batch *batch = outbox_release_batch(&bench->desk.outbox);
        for (size_t i = 0; batch != NULL && i < batch->count; i++) {
            apply(bench, &batch->changes[i]);
        }
        batch_free(batch);
    }
}

static enum status restore(struct bench *bench, const struct record *record) {
    return decisions_restore(&bench->decisions, span_of_text(record->key),
                             (struct span){record->value, record->length});
}

/* What is not durable by now is lost. */
static void reboot(struct bench *bench) {
    desk_clear(&bench->desk);
    memset(&bench->desk, 0, sizeof bench->desk);
    bench->decisions = (struct decisions){.desk = &bench->desk};
    bench->boot_id++;
    bench->booted_ms = bench->ms;
    for (size_t i = 0; i < bench->record_count; i++) {
        assert_int_equal(restore(bench, &bench->records[i]), STATUS_OK);
    }
}

static void proposal(size_t group, struct group_parameters *out) {
    *out = (struct group_parameters){.creator = "tel:+441",
                                     .name = "Fire 7",
                                     .gmk_id = 0xa0000001,
                                     .created_ms = made_ms,
                                     .period_ms = 8 * HOUR_MS,
                                     .member_count = 3};
    snprintf(out->identity, sizeof out->identity, "adhoc:tel:+441;%016zx", group);
    for (size_t i = 0; i < ADHOC_MEMBERS_MAX; i++) {
        snprintf(out->members[i].identity, IDENTITY_SIZE, "tel:+44%zu", i + 1);
        snprintf(out->members[i].kms, IDENTITY_SIZE, "kms.example");
        snprintf(out->members[i].name, DISPLAY_NAME_SIZE, "Unit %zu", i + 1);
    }
}

static void make(struct bench *bench, const struct group_parameters *parameters,
                 enum decision_answer answer) {
    decisions_make(&bench->decisions, now(bench), parameters, made_ms + bench->ms, answer);
}

static enum decision_answer find(const struct bench *bench,
                                 const struct group_parameters *parameters) {
    return decisions_find(&bench->decisions, now(bench), parameters, made_ms);
}

/* --- For what it stands --------------------------------------------------------------------- */

/* Changes one thing that the officer saw, or that the key hangs on. False: there is no n-th. */
static bool change(struct group_parameters *p, int n) {
    struct group_member last = p->members[2];
    switch (n) {
    case 0:
        p->gmk_id++;
        return true;
    case 1:
        p->created_ms++;
        return true;
    case 2:
        p->period_ms++;
        return true;
    case 3:
        p->name[0]++;
        return true;
    case 4:
        p->creator[4] = '-';
        return true;
    case 5:
        p->identity[strlen(p->identity) - 1]++;
        return true;
    case 6:
        p->member_count++;
        return true;
    case 7:
        p->member_count--;
        return true;
    case 8:
        p->members[2].identity[5]++;
        return true;
    case 9:
        p->members[2].kms[0]++;
        return true;
    case 10:
        p->members[2].name[0]++;
        return true;
    case 11:
        p->members[2] = p->members[1];
        p->members[1] = last;
        return true;
    default:
        return false;
    }
}

static void a_decision_stands_for_one_proposal_alone(void **state) {
    (void)state;
    static const enum decision_answer answers[] = {DECISION_YES, DECISION_NO};
    for (size_t i = 0; i < 2; i++) {
        for (int restarted = 0; restarted < 2; restarted++) {
            struct bench *bench = bench_new();
            struct group_parameters said, other;
            proposal(1, &said);
            make(bench, &said, answers[i]);
            write_out(bench);
            if (restarted) {
                reboot(bench);
            }
            int changes = 0;
            for (other = said; change(&other, changes); other = said) {
                assert_int_equal(find(bench, &other), DECISION_NONE);
                changes++;
            }
            assert_true(changes > 0);
            assert_int_equal(find(bench, &said), answers[i]);
            bench_free(bench);
        }
    }
}

static void the_longest_proposal_is_remembered_like_any_other(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct group_parameters said, other;
    proposal(1, &said);
    said.member_count = ADHOC_MEMBERS_MAX;
    memset(said.name, 'x', DISPLAY_NAME_MAX);
    memset(said.creator, 'x', IDENTITY_MAX);
    memset(said.identity, 'x', GROUP_IDENTITY_MAX);
    for (size_t i = 0; i < ADHOC_MEMBERS_MAX; i++) {
        memset(said.members[i].identity, 'x', IDENTITY_MAX);
        memset(said.members[i].kms, 'x', IDENTITY_MAX);
        memset(said.members[i].name, 'x', DISPLAY_NAME_MAX);
    }
    make(bench, &said, DECISION_YES);
    write_out(bench);
    reboot(bench);
    assert_int_equal(find(bench, &said), DECISION_YES);
    other = said;
    other.members[ADHOC_MEMBERS_MAX - 1].name[DISPLAY_NAME_MAX - 1]++;
    assert_int_equal(find(bench, &other), DECISION_NONE);
    bench_free(bench);
}

/* --- For how long --------------------------------------------------------------------------- */

static void a_decision_ends_with_the_key_and_after_a_day(void **state) {
    (void)state;
    static const int64_t periods_ms[] = {8 * (int64_t)HOUR_MS, 30 * 24 * (int64_t)HOUR_MS};
    static const int64_t lasts_ms[] = {8 * (int64_t)HOUR_MS, DECISION_LASTS_MS};
    for (size_t i = 0; i < 2; i++) {
        for (int restarted = 0; restarted < 2; restarted++) {
            struct bench *bench = bench_new();
            struct group_parameters said;
            proposal(1, &said);
            said.period_ms = periods_ms[i];
            make(bench, &said, DECISION_YES);
            write_out(bench);
            bench->ms = lasts_ms[i] - 1;
            if (restarted) {
                reboot(bench);
            }
            assert_int_equal(find(bench, &said), DECISION_YES);
            bench->ms++;
            assert_int_equal(find(bench, &said), DECISION_NONE);
            bench_free(bench);
        }
    }
}

static void a_handset_whose_clock_stood_still_believes_who_proposes_again(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct group_parameters said;
    proposal(1, &said);
    bench->clock_stands = true;
    make(bench, &said, DECISION_YES);
    write_out(bench);
    bench->ms = said.period_ms;
    reboot(bench);
    int64_t end_ms = made_ms + said.period_ms;
    assert_int_equal(decisions_find(&bench->decisions, now(bench), &said, end_ms - 1),
                     DECISION_YES);
    assert_int_equal(decisions_find(&bench->decisions, now(bench), &said, end_ms), DECISION_NONE);
    bench_free(bench);
}

static void what_is_forgotten_or_not_on_disk_is_gone_after_a_restart(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct group_parameters said, lost;
    proposal(1, &said);
    proposal(2, &lost);
    make(bench, &said, DECISION_YES);
    write_out(bench);
    make(bench, &lost, DECISION_YES);
    assert_int_equal(find(bench, &lost), DECISION_YES);
    reboot(bench);
    assert_int_equal(find(bench, &lost), DECISION_NONE);
    assert_int_equal(find(bench, &said), DECISION_YES);
    decisions_forget(&bench->decisions, said.identity);
    assert_int_equal(find(bench, &said), DECISION_NONE);
    write_out(bench);
    reboot(bench);
    assert_int_equal(find(bench, &said), DECISION_NONE);
    assert_int_equal(bench->record_count, 0);
    bench_free(bench);
}

/* --- How many ------------------------------------------------------------------------------- */

static void what_an_officer_says_later_counts_and_takes_no_room(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct group_parameters first, second;
    proposal(1, &first);
    proposal(1, &second);
    second.gmk_id++;
    make(bench, &first, DECISION_YES);
    make(bench, &second, DECISION_NO);
    write_out(bench);
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_int_equal(find(bench, &first), DECISION_NONE);
        assert_int_equal(find(bench, &second), DECISION_NO);
        assert_int_equal(bench->decisions.count, 1);
        assert_int_equal(bench->record_count, 1);
        reboot(bench);
    }
    bench_free(bench);
}

/* The group of the n-th decision: the store has them in another order. */
static void proposal_of_many(size_t n, struct group_parameters *out) {
    proposal((n * 7919) % 100, out);
    out->created_ms += 1000 * (int64_t)n;
}

static void of_too_many_the_one_that_is_over_next_is_forgotten(void **state) {
    (void)state;
    enum {
        MANY = 3 * DECISIONS_MAX
    };
    struct bench *bench = bench_new();
    struct group_parameters said;
    for (size_t i = 0; i < MANY; i++) {
        bench->ms = 1000 * (int64_t)i;
        proposal_of_many(i, &said);
        make(bench, &said, DECISION_YES);
        write_out(bench);
        assert_true(bench->record_count <= DECISIONS_MAX);
        if (i % 10 == 0) {
            reboot(bench);
        }
    }
    assert_int_equal(bench->decisions.count, DECISIONS_MAX);
    for (size_t i = 0; i < MANY; i++) {
        proposal_of_many(i, &said);
        assert_int_equal(find(bench, &said),
                         i < MANY - DECISIONS_MAX ? DECISION_NONE : DECISION_YES);
    }
    bench_free(bench);
}

/* --- Records -------------------------------------------------------------------------------- */

static void a_record_that_is_damaged_is_refused(void **state) {
    (void)state;
    struct bench *bench = bench_new();
    struct group_parameters said;
    proposal(1, &said);
    make(bench, &said, DECISION_YES);
    write_out(bench);
    const struct record whole = bench->records[0];
    bench->decisions.count = 0;
    for (size_t length = 0; length < whole.length; length++) {
        struct record cut = whole;
        cut.length = length;
        assert_int_not_equal(restore(bench, &cut), STATUS_OK);
    }
    struct record bad = whole;
    bad.value[0]++;
    assert_int_equal(restore(bench, &bad), STATUS_NEWER_VERSION);
    for (unsigned answer = 0; answer < 256; answer++) {
        if (answer != DECISION_YES && answer != DECISION_NO) {
            bad = whole;
            bad.value[1] = (uint8_t)answer;
            assert_int_equal(restore(bench, &bad), STATUS_MALFORMED);
        }
    }
    assert_int_equal(bench->decisions.count, 0);
    assert_int_equal(restore(bench, &whole), STATUS_OK);
    assert_int_equal(find(bench, &said), DECISION_YES);
    bench_free(bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_stands_for_one_proposal_alone),
        cmocka_unit_test(the_longest_proposal_is_remembered_like_any_other),
        cmocka_unit_test(a_decision_ends_with_the_key_and_after_a_day),
        cmocka_unit_test(a_handset_whose_clock_stood_still_believes_who_proposes_again),
        cmocka_unit_test(what_is_forgotten_or_not_on_disk_is_gone_after_a_restart),
        cmocka_unit_test(what_an_officer_says_later_counts_and_takes_no_room),
        cmocka_unit_test(of_too_many_the_one_that_is_over_next_is_forgotten),
        cmocka_unit_test(a_record_that_is_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
