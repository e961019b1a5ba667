/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handsets that are elsewhere, by recordings of their presences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "enrolled.h"
#include "tests/app/squad.h"

enum {
    GHOSTS = 70,    /* more than the list held once */
    PRESENCES = 8,  /* recorded of each */
    PRESENCE = 512, /* octets of a frame, at most */
    MINUTE_MS = 60 * 1000,
    STEP_MS = 100, /* one presence is replayed in each */
    NEWCOMER_AFTER_MS = 12 * 1000,
    SEEN_MS = 10 * 1000,          /* after that, at the latest; */
    SEEN_IN_CROWD_MS = 40 * 1000, /* where the clock here is wrong, and the place looks crowded */
    END_MS = 90 * 1000,           /* the recordings have been played again and again by then */
    NEWCOMER_PEER = 500,
    OFFICER_PEER = 501,
    GHOST_PEER = 1000, /* and on: each ghost has an address of its own */
};

static const struct moment now = {
    .utc_ms = INT64_C(1795000000000), .boot_ms = 1000000, .boot_id = 1};

static const char newcomer[] = "urn:gsma:imei:90420156-200000-0";

struct recording {
    size_t count;
    size_t lengths[PRESENCES];
    uint8_t frames[PRESENCES][PRESENCE];
};

static struct moment later(int64_t ms) {
    return (struct moment){
        .utc_ms = now.utc_ms + ms, .boot_ms = now.boot_ms + ms, .boot_id = now.boot_id};
}

/* What the handset says by itself goes into the recording, as far as there is room. */
static void record(struct handset *handset, struct recording *recording) {
    struct output output;
    while (handset_take_output(handset, &output)) {
        if (output.kind == OUTPUT_SEND && output.frame.octets[1] == FRAME_PRESENCE &&
            recording->count < PRESENCES) {
            assert_true(output.frame.length <= PRESENCE);
            recording->lengths[recording->count] = output.frame.length;
            memcpy(recording->frames[recording->count++], output.frame.octets, output.frame.length);
        }
    }
}

/* A handset somewhere else, `ago_ms` ago: its presences, 5 s apart. */
static void record_ghost(struct kms *kms, unsigned number, int64_t ago_ms,
                         struct recording *recording) {
    char identity[64];
    int64_t ms = -ago_ms;
    snprintf(identity, sizeof identity, "urn:gsma:imei:90420156-%06u-0", 100000 + number);
    struct handset *handset = enrolled_handset(kms, identity, NULL, later(ms));
    for (*recording = (struct recording){0}; recording->count < PRESENCES; ms += 1000) {
        assert_true(ms < -ago_ms + 2 * PRESENCES * 5000);
        handset_tick(handset, later(ms));
        record(handset, recording);
    }
    handset_free(handset);
}

static bool sees(struct handset *handset, struct moment at, const char *identity) {
    const struct view *view = handset_view(handset, at);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, identity) == 0) {
            return true;
        }
    }
    return false;
}

/* Everything that `from` says, `to` hears. */
static void carry(struct handset *from, struct moment at, uint64_t peer, struct handset *to,
                  struct moment there) {
    struct output output;
    handset_tick(from, at);
    while (handset_take_output(from, &output)) {
        if (output.kind == OUTPUT_SEND) {
            handset_frame(to, there, peer, output.frame);
        }
    }
}

/* Two who are in reach of each other. */
static void meet(struct handset *arriving, struct moment its_now, struct handset *officer,
                 struct moment now_here) {
    carry(arriving, its_now, NEWCOMER_PEER, officer, now_here);
    carry(officer, now_here, OFFICER_PEER, arriving, its_now);
}

static void discard_outputs(struct handset *handset) {
    struct output output;
    while (handset_take_output(handset, &output)) {
    }
}

struct outcome {
    size_t most;      /* ghosts in the list at once */
    size_t answering; /* ghosts that were ever shown as reachable */
    size_t hopeful;   /* ghosts that were not shown as not answering at the end */
    int64_t seen_ms;  /* when the newcomer was first in the list; -1: never */
};

static void count_ghosts(struct handset *officer, struct moment at, bool is_end,
                         struct outcome *outcome) {
    const struct view *view = handset_view(officer, at);
    size_t ghosts = 0;
    for (size_t i = 0; i < view->nearby_count; i++) {
        const struct view_nearby *row = &view->nearby[i];
        bool is_ghost = strcmp(row->identity, newcomer) != 0;
        ghosts += is_ghost;
        outcome->answering += is_ghost && row->state == NEARBY_REACHABLE;
        outcome->hopeful += is_ghost && is_end && row->state != NEARBY_NOT_ANSWERING;
    }
    outcome->most = ghosts > outcome->most ? ghosts : outcome->most;
}

/* 70 handsets were recorded `ago_ms` ago, and are replayed by a stranger in a loop. The officer's
 * wall clock is off by `off_ms`. After a while somebody comes. */
static struct outcome haunt(int64_t ago_ms, int64_t off_ms) {
    static struct recording recordings[GHOSTS];
    struct outcome outcome = {.seen_ms = -1};
    struct kms *kms = enrolled_domain();
    for (unsigned i = 0; i < GHOSTS; i++) {
        record_ghost(kms, i, ago_ms, &recordings[i]);
    }
    struct moment here = later(0);
    here.utc_ms += off_ms;
    struct handset *officer = enrolled_handset(kms, "urn:gsma:imei:90420156-200001-0", NULL, here);
    struct handset *arriving = enrolled_handset(kms, newcomer, NULL, later(0));
    unsigned replayed = 0;
    for (int64_t ms = 0; ms < END_MS; ms += STEP_MS) {
        struct moment at = later(ms);
        const struct recording *recording = &recordings[replayed % GHOSTS];
        unsigned round = replayed / GHOSTS % PRESENCES;
        at.utc_ms += off_ms;
        handset_frame(officer, at, GHOST_PEER + replayed++ % GHOSTS,
                      (struct span){recording->frames[round], recording->lengths[round]});
        if (ms >= NEWCOMER_AFTER_MS) {
            meet(arriving, later(ms), officer, at);
        } else {
            handset_tick(officer, at);
            discard_outputs(officer);
        }
        count_ghosts(officer, at, ms + STEP_MS >= END_MS, &outcome);
        if (outcome.seen_ms < 0 && sees(officer, at, newcomer)) {
            outcome.seen_ms = ms;
        }
    }
    handset_free(arriving);
    handset_free(officer);
    kms_close(kms);
    return outcome;
}

static void assert_newcomer(const struct outcome *outcome, int64_t within_ms) {
    print_message("seen after %d ms\n", (int)(outcome->seen_ms - NEWCOMER_AFTER_MS));
    assert_in_range(outcome->seen_ms, NEWCOMER_AFTER_MS, NEWCOMER_AFTER_MS + within_ms);
}

static void recordings_of_an_hour_ago_put_no_ghost_on_the_list(void **state) {
    (void)state;
    struct outcome outcome = haunt(HOUR_MS, 0);
    assert_int_equal(outcome.most, 0);
    assert_newcomer(&outcome, SEEN_MS);
}

/* As of a crowd that has just left, or that somebody has just recorded around the corner: by their
 * clocks they may be here. */
static void recordings_of_a_minute_ago_are_never_reachable_and_keep_nobody_out(void **state) {
    (void)state;
    struct outcome outcome = haunt(MINUTE_MS, 0);
    assert_in_range(outcome.most, 1, GHOSTS);
    assert_int_equal(outcome.answering, 0);
    assert_int_equal(outcome.hopeful, 0);
    assert_newcomer(&outcome, SEEN_MS);
}

/* Then the recordings are right by that clock, and the newcomer is wrong. */
/* Whom the clock here takes for wrong is shown once it has answered, and in what looks like a crowd
 * nobody is asked beyond the usual presences: a stranger could make thousands speak by it. */
static void recordings_that_a_wrong_clock_takes_for_fresh_are_never_reachable_either(void **state) {
    (void)state;
    struct outcome outcome = haunt(HOUR_MS, -HOUR_MS);
    assert_int_equal(outcome.answering, 0);
    assert_int_equal(outcome.hopeful, 0);
    assert_newcomer(&outcome, SEEN_IN_CROWD_MS);
}

/* Says as `from`, in the life of `start` and at an age that is still to come there, what `to`
 * hears.
 */
static void say_start(struct handset *from, const uint8_t start[START_SIZE], int64_t age_ms,
                      struct moment at, struct handset *to) {
    const struct desk *desk = &from->desk;
    struct presence presence = {.utc_ms = at.utc_ms, .age_ms = age_ms, .rhythm = {5000, 1}};
    uint8_t payload[PRESENCE_MAX], octets[FRAME_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    struct writer out = writer_into(octets, sizeof octets);
    memcpy(presence.start, start, START_SIZE);
    snprintf(presence.identity, sizeof presence.identity, "%s", own_identity(desk));
    snprintf(presence.kms, sizeof presence.kms, "%s", own_kms(desk));
    snprintf(presence.name, sizeof presence.name, "somebody");
    assert_int_equal(presence_write(&w, &presence, &desk->keyring, &desk->entropy), STATUS_OK);
    const struct frame frame = {.kind = FRAME_PRESENCE,
                                .hops_left = FRAME_HOPS,
                                .id = (uint64_t)age_ms,
                                .payload = writer_span(&w)};
    frame_write(&out, &frame);
    handset_frame(to, at, GHOST_PEER, writer_span(&out));
}

/* A forwarder tells one who is enrolled the start of the officer's life. It says that as its own,
 * with the age that the officer will have, to somebody elsewhere, and what is echoed there is
 * played to the officer when it has that age. */
static void echoes_of_whoever_says_anothers_start_are_no_answer(void **state) {
    (void)state;
    enum {
        AHEAD_MS = MINUTE_MS
    };
    struct recording recording = {.count = 0};
    struct kms *kms = enrolled_domain();
    struct handset *officer =
        enrolled_handset(kms, "urn:gsma:imei:90420156-200001-0", NULL, later(0));
    struct handset *liar = enrolled_handset(kms, newcomer, NULL, later(0));
    struct handset *elsewhere =
        enrolled_handset(kms, "urn:gsma:imei:90420156-100000-0", NULL, later(0));
    size_t answering = 0;
    for (int64_t ms = 0; ms < 2 * AHEAD_MS; ms += STEP_MS) {
        if (ms % 5000 == 0 && ms < AHEAD_MS) {
            say_start(liar, officer->roster.own.start, ms + AHEAD_MS, later(ms), elsewhere);
        }
        handset_tick(officer, later(ms));
        discard_outputs(officer);
        handset_tick(elsewhere, later(ms));
        if (ms < AHEAD_MS - 5000) {
            record(elsewhere, &recording);
        }
        if (ms >= AHEAD_MS && (ms - AHEAD_MS) % 5000 == 200 &&
            (size_t)(ms - AHEAD_MS) / 5000 < recording.count) {
            size_t at = (size_t)(ms - AHEAD_MS) / 5000;
            handset_frame(officer, later(ms), GHOST_PEER,
                          (struct span){recording.frames[at], recording.lengths[at]});
        }
        const struct view *view = handset_view(officer, later(ms));
        for (size_t i = 0; i < view->nearby_count; i++) {
            answering += view->nearby[i].state == NEARBY_REACHABLE;
        }
    }
    assert_true(recording.count == PRESENCES);
    assert_int_equal(answering, 0);
    handset_free(elsewhere);
    handset_free(liar);
    handset_free(officer);
    kms_close(kms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes_of_whoever_says_anothers_start_are_no_answer),
        cmocka_unit_test(recordings_of_an_hour_ago_put_no_ghost_on_the_list),
        cmocka_unit_test(recordings_of_a_minute_ago_are_never_reachable_and_keep_nobody_out),
        cmocka_unit_test(recordings_that_a_wrong_clock_takes_for_fresh_are_never_reachable_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
