/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handsets of another version: counted, and named once for each source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/versions.h"
#include "squad.h"

enum {
    FRAME_SIZE = 60
};

/* A frame of `version` from place `from`; each is another one. */
static void hear(struct squad *squad, uint8_t version, size_t from) {
    static uint8_t number;
    uint8_t octets[FRAME_SIZE] = {version, FRAME_PRESENCE, FRAME_HOPS, 0, number++};
    squad_inject(squad, 0, from, SPAN_OF(octets));
}

static size_t times_told(struct squad *squad) {
    const struct view *view = squad_view(squad, 0);
    size_t told = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        told += view->log[i].kind == EVENT_OTHER_VERSION ? view->log_times[i].times : 0;
    }
    return told;
}

static void who_speaks_another_version_is_counted_and_named_once(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    uint64_t refused = squad_view(squad, 0)->frames_refused;
    for (int i = 0; i < 5; i++) {
        hear(squad, FRAME_VERSION - 1, 3);
    }
    hear(squad, FRAME_VERSION - 1, 4);
    hear(squad, FRAME_VERSION + 1, 4);
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->frames_refused - refused, 7);
    assert_int_equal(view->version_count, 3);
    assert_int_equal(view->versions[0].version, FRAME_VERSION - 1);
    assert_int_equal(view->versions[0].frames, 5);
    assert_int_equal(times_told(squad), 3);
    squad->boot_ms += VERSIONS_KEPT_MS;
    assert_int_equal(squad_view(squad, 0)->version_count, 0);
    hear(squad, FRAME_VERSION - 1, 3);
    assert_int_equal(times_told(squad), 4);
    squad_free(squad);
}

static void a_flood_of_versions_is_told_of_a_few_times(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    for (unsigned i = 0; i < 1000; i++) {
        hear(squad, (uint8_t)(FRAME_VERSION + 1 + i % 7), 1 + i % SQUAD_MAX);
    }
    assert_int_equal(times_told(squad), VIEW_VERSIONS_MAX);
    squad_free(squad);
}

static void junk_is_no_version(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    uint8_t octets[FRAME_SIZE] = {0};
    squad_inject(squad, 0, 1, SPAN_OF(octets));
    memset(octets, 0xFF, sizeof octets);
    squad_inject(squad, 0, 1, SPAN_OF(octets));
    hear(squad, FRAME_VERSION, 1); /* malformed, but of this version */
    assert_int_equal(squad_view(squad, 0)->version_count, 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_speaks_another_version_is_counted_and_named_once),
        cmocka_unit_test(a_flood_of_versions_is_told_of_a_few_times),
        cmocka_unit_test(junk_is_no_version),
    };
    return cmocka_run_group_tests_name("air/versions", tests, NULL, NULL);
}
