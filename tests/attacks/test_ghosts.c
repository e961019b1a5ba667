/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handsets that are elsewhere, by recordings of their presences. The test expects that the attack
 * succeeds, as it does today; whoever closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enrolled.h"
#include "tests/app/squad.h"

enum {
    GHOSTS = 70,    /* more than the list holds */
    PRESENCES = 8,  /* recorded of each */
    PRESENCE = 512, /* octets of a frame, at most */
    STEP_MS = 100,  /* one presence is replayed in each */
    NEWCOMER_AFTER_MS = 12 * 1000,
    UNSEEN_MS = 50 * 1000,
    END_MS = 90 * 1000, /* long after the recordings have been played */
    NEWCOMER_PEER = 500,
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

/* A handset somewhere else, an hour ago: its presences, 5 s apart. */
static void record_ghost(struct kms *kms, unsigned number, struct recording *recording) {
    char identity[64];
    int64_t ms = -HOUR_MS;
    snprintf(identity, sizeof identity, "urn:gsma:imei:90420156-%06u-0", 100000 + number);
    struct handset *handset = enrolled_handset(kms, identity, NULL, later(ms));
    for (*recording = (struct recording){0}; recording->count < PRESENCES; ms += 1000) {
        assert_true(ms < -HOUR_MS + 2 * PRESENCES * 5000);
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
static void carry(struct handset *from, struct handset *to, struct moment at) {
    struct output output;
    handset_tick(from, at);
    while (handset_take_output(from, &output)) {
        if (output.kind == OUTPUT_SEND) {
            handset_frame(to, at, NEWCOMER_PEER, output.frame);
        }
    }
}

static void discard_outputs(struct handset *handset) {
    struct output output;
    while (handset_take_output(handset, &output)) {
    }
}

/* A presence that was never heard here counts however old it is, and the list is full with the
 * first 64. Breaks statements 14 and 6 of what must always hold, app/README.md: what the screen
 * claims is so (who is in reach), and nothing is taken as live that is old. To become: no ghost is
 * in the list, and the newcomer is within a few seconds. */
static void a_stranger_with_old_recordings_can_fill_the_list_and_keep_a_newcomer_out(void **state) {
    (void)state;
    static struct recording recordings[GHOSTS];
    struct kms *kms = enrolled_domain();
    for (unsigned i = 0; i < GHOSTS; i++) {
        record_ghost(kms, i, &recordings[i]);
    }
    struct handset *officer =
        enrolled_handset(kms, "urn:gsma:imei:90420156-200001-0", NULL, later(0));
    struct handset *arriving = enrolled_handset(kms, newcomer, NULL, later(0));
    int64_t full_ms = -1, seen_ms = -1;
    unsigned replayed = 0;
    for (int64_t ms = 0; ms < END_MS; ms += STEP_MS) {
        struct moment at = later(ms);
        unsigned ghost = replayed % GHOSTS, round = replayed++ / GHOSTS;
        if (round < PRESENCES) {
            const struct recording *recording = &recordings[ghost];
            handset_frame(officer, at, GHOST_PEER + ghost,
                          (struct span){recording->frames[round], recording->lengths[round]});
        }
        if (ms >= NEWCOMER_AFTER_MS) {
            carry(arriving, officer, at);
        }
        handset_tick(officer, at);
        discard_outputs(officer);
        if (ms % 1000 == 0 && full_ms < 0 &&
            handset_view(officer, at)->nearby_count == VIEW_NEARBY_MAX) {
            full_ms = ms;
        }
        if (ms % 1000 == 0 && seen_ms < 0 && sees(officer, at, newcomer)) {
            seen_ms = ms;
        }
    }
    assert_in_range(full_ms, 0, NEWCOMER_AFTER_MS);
    assert_in_range(seen_ms, NEWCOMER_AFTER_MS + UNSEEN_MS, END_MS);
    handset_free(arriving);
    handset_free(officer);
    kms_close(kms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_with_old_recordings_can_fill_the_list_and_keep_a_newcomer_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
