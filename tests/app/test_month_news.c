/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the officer hears of the months of keys: of the own, and of others' (app/README.md
 * section 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/air/roster.h"
#include "app/handset/engine.h"
#include "app/handset/handset.h"
#include "app/kms/kms.h"
#include "issued.h"

#define IDENTITY    "tel:+447700900123"
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"

static struct kms *kms;

static const struct provider *provider(void) {
    return provider_find("native");
}

static int setup(void **state) {
    (void)state;
    kms = issued_domain(provider());
    return 0;
}

static int teardown(void **state) {
    (void)state;
    kms_close(kms);
    return 0;
}

static struct handset *handset_of(const char *identity, int64_t month_ms, struct moment now) {
    const struct handset_setup how = {.provider = provider(), .entropy = entropy_system};
    struct batch *batch = issued_by(kms, identity, NULL, month_ms);
    struct handset *handset;
    assert_int_equal(handset_new(&how, now, &handset), STATUS_OK);
    assert_int_equal(issued_load(&handset->desk.keyring, batch), STATUS_OK);
    assert_int_equal(handset_start(handset, now), STATUS_OK);
    batch_free(batch);
    return handset;
}

/* Time goes on to `utc_ms`; then one alarm stands on every screen, or with EVENT_NONE none. */
static void expect_alarm(struct handset *handset, struct moment *now, int64_t utc_ms,
                         enum event_kind kind, const char *day, const char *month) {
    now->boot_ms += utc_ms > now->utc_ms ? utc_ms - now->utc_ms : 1000;
    now->utc_ms = utc_ms;
    handset_tick(handset, *now);
    const struct view *view = handset_view(handset, *now);
    assert_int_equal(view->alarm_count, kind != EVENT_NONE);
    if (kind != EVENT_NONE) {
        assert_string_equal(event_name(view->alarms[0].kind), event_name(kind));
        assert_string_equal(view->alarms[0].day, day);
        assert_string_equal(view->alarms[0].month, month);
    }
}

static void the_officer_hears_in_time_that_the_keys_end_and_then_that_they_are_over(void **state) {
    (void)state;
    struct moment now = {.utc_ms = NOVEMBER_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(IDENTITY, NOVEMBER_MS, now);
    const struct {
        int64_t utc_ms;
        enum event_kind kind;
        const char *day, *month;
    } steps[] = {
        {NOVEMBER_MS + DAY_MS, EVENT_NONE, "", ""},
        {DECEMBER_MS - 7 * DAY_MS - 1, EVENT_NONE, "", ""},
        {DECEMBER_MS - 7 * DAY_MS, EVENT_KEYS_END_SOON, "2026-11-30", "2026-12"},
        {DECEMBER_MS - DAY_MS - 1, EVENT_KEYS_END_SOON, "2026-11-30", "2026-12"},
        {DECEMBER_MS - DAY_MS, EVENT_KEYS_END_TODAY, "2026-11-30", "2026-12"},
        {DECEMBER_MS - 1, EVENT_KEYS_END_TODAY, "2026-11-30", "2026-12"},
        {DECEMBER_MS, EVENT_KEYS_ENDING, "2026-11-30", "2026-12"},
        {DECEMBER_MS + DAY_MS - 1, EVENT_KEYS_ENDING, "2026-11-30", "2026-12"},
        {DECEMBER_MS + DAY_MS, EVENT_KEYS_ENDED, "2026-11-30", "2026-12"},
        {JANUARY_MS, EVENT_KEYS_ENDED, "2026-11-30", "2027-01"},
        {NOVEMBER_MS, EVENT_NONE, "", ""}, /* the clock is set right */
        {DECEMBER_MS, EVENT_KEYS_ENDING, "2026-11-30", "2026-12"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        expect_alarm(handset, &now, steps[i].utc_ms, steps[i].kind, steps[i].day, steps[i].month);
        assert_int_equal(handset_view(handset, now)->credential.ends_utc_ms, DECEMBER_MS);
    }
    struct batch *next = issued_by(kms, IDENTITY, NULL, DECEMBER_MS);
    assert_int_equal(issued_load(&handset->desk.keyring, next), STATUS_OK);
    expect_alarm(handset, &now, DECEMBER_MS + 1, EVENT_NONE, "", "");
    batch_free(next);
    handset_free(handset);
}

static void an_mes_keys_do_not_end(void **state) {
    (void)state;
    struct moment now = {.utc_ms = NOVEMBER_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(ME_IDENTITY, NOVEMBER_MS, now);
    for (int64_t utc_ms = NOVEMBER_MS; utc_ms < JANUARY_MS; utc_ms += DAY_MS) {
        expect_alarm(handset, &now, utc_ms, EVENT_NONE, "", "");
    }
    handset_free(handset);
}

/* Somebody who holds November's keys says at `said_ms` that they are there. */
static void hear_from_november(struct handset *handset, struct moment now, int64_t said_ms) {
    static uint64_t frame_id;
    struct keyring keyring = {.provider = provider()};
    struct batch *batch = issued_by(kms, "tel:+447700900002", NULL, NOVEMBER_MS);
    struct presence presence = {.utc_ms = said_ms,
                                .identity = "tel:+447700900002",
                                .kms = ISSUED_KMS_URI,
                                .name = "Unit 2"};
    uint8_t payload[PRESENCE_MAX], octets[FRAME_MAX];
    struct writer p = writer_into(payload, sizeof payload), f = writer_into(octets, sizeof octets);
    assert_int_equal(issued_load(&keyring, batch), STATUS_OK);
    assert_int_equal(presence_write(&p, &presence, &keyring, &entropy_system), STATUS_OK);
    frame_write(
        &f, &(struct frame){.kind = FRAME_PRESENCE, .id = ++frame_id, .payload = writer_span(&p)});
    handset_frame(handset, now, 5, writer_span(&f));
    keyring_clear(&keyring);
    batch_free(batch);
}

static size_t count_told(const struct view *view, enum event_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static void others_are_told_whose_keys_are_over(void **state) {
    (void)state;
    struct moment now = {.utc_ms = DECEMBER_MS + 3 * DAY_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(IDENTITY, DECEMBER_MS, now);
    hear_from_november(handset, now, DECEMBER_MS - 5 * DAY_MS); /* an old one, played again */
    assert_int_equal(count_told(handset_view(handset, now), EVENT_NEIGHBOUR_KEYS_ENDED), 0);
    for (int64_t i = 0; i < 3; i++) {
        hear_from_november(handset, now, now.utc_ms + i);
    }
    const struct view *view = handset_view(handset, now);
    assert_int_equal(view->nearby_count, 0);
    assert_int_equal(count_told(view, EVENT_NEIGHBOUR_KEYS_ENDED), 1);
    handset_free(handset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_officer_hears_in_time_that_the_keys_end_and_then_that_they_are_over),
        TEST(an_mes_keys_do_not_end),
        TEST(others_are_told_whose_keys_are_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
