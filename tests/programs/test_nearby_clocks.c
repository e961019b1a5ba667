/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clocks that muster-gm hears before it draws a key: of presences that verify, each identity's
 * latest, and one that agrees is enough.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/programs/gm/nearby_clocks.h"
#include "tests/app/managed.h"

enum {
    MINUTE_MS = 60 * 1000
};

static struct keyring keyrings[2]; /* of members 0 and 1 */

static int setup(void **state) {
    (void)state;
    managed_domain_setup();
    for (size_t n = 0; n < 2; n++) {
        uint8_t key[RECORD_KEY_MAX], value[CREDENTIAL_SIZE_MAX];
        struct writer k = writer_into(key, sizeof key), v = writer_into(value, sizeof value);
        managed_keys_record(managed_member(n), managed_now_ms, &k, &v);
        keyrings[n] = (struct keyring){.provider = managed_provider()};
        assert_int_equal(keyring_load(&keyrings[n], writer_span(&k), writer_span(&v)), STATUS_OK);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    keyring_clear(&keyrings[0]);
    keyring_clear(&keyrings[1]);
    managed_domain_free();
    return 0;
}

/* Member n says in a frame of that kind that its clock is ahead by so much; the octet at `flipped`
 * (negative: none) is changed. */
static void hear(struct nearby_clocks *clocks, size_t n, int64_t ahead_ms, enum frame_kind kind,
                 long flipped) {
    struct presence presence = {.utc_ms = managed_now_ms + ahead_ms, .age_ms = 1};
    uint8_t payload[PRESENCE_MAX], octets[FRAME_HEADER_SIZE + PRESENCE_MAX];
    struct writer p = writer_into(payload, sizeof payload), w = writer_into(octets, sizeof octets);
    snprintf(presence.identity, sizeof presence.identity, "%s", managed_member(n));
    snprintf(presence.kms, sizeof presence.kms, "%s", keyrings[n].credential->kms);
    assert_int_equal(presence_write(&p, &presence, &keyrings[n], &entropy_system), STATUS_OK);
    const struct frame frame = {.kind = kind, .hops_left = 1, .payload = writer_span(&p)};
    frame_write(&w, &frame);
    if (flipped >= 0) {
        octets[FRAME_HEADER_SIZE + (size_t)flipped] ^= 1;
    }
    nearby_clocks_hear(clocks, &keyrings[0], writer_span(&w),
                       (struct moment){.utc_ms = managed_now_ms});
}

static void the_clock_that_differs_least_counts(void **state) {
    (void)state;
    struct nearby_clocks clocks = {.count = 0};
    assert_false(nearby_clocks_agree(&clocks));
    assert_int_equal(nearby_clocks_ahead(&clocks), 0);
    hear(&clocks, 0, -20 * MINUTE_MS, FRAME_PRESENCE, -1);
    assert_int_equal(nearby_clocks_ahead(&clocks), -20 * MINUTE_MS);
    hear(&clocks, 1, -6 * MINUTE_MS, FRAME_PRESENCE, -1);
    assert_int_equal(nearby_clocks_ahead(&clocks), -6 * MINUTE_MS);
    assert_false(nearby_clocks_agree(&clocks));
    hear(&clocks, 0, 4 * MINUTE_MS, FRAME_PRESENCE, -1); /* it was set right */
    assert_true(nearby_clocks_agree(&clocks));
    assert_int_equal(clocks.count, 2);
}

static void only_a_presence_that_verifies_counts(void **state) {
    (void)state;
    struct nearby_clocks clocks = {.count = 0};
    hear(&clocks, 0, 6 * MINUTE_MS, FRAME_RECEIPT, -1);
    hear(&clocks, 0, 6 * MINUTE_MS, FRAME_PRESENCE, 7); /* of its time */
    assert_int_equal(clocks.count, 0);
    hear(&clocks, 0, 6 * MINUTE_MS, FRAME_PRESENCE, -1);
    assert_int_equal(clocks.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_that_differs_least_counts),
        cmocka_unit_test(only_a_presence_that_verifies_counts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
