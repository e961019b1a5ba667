/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who asks for the officer's attention again and again is quieted, with a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/rings.h"

enum {
    START_MS = 1000000,
};

struct scene {
    struct desk desk;
    struct rings rings;
    int64_t boot_ms;
};

static struct scene *scene_new(unsigned doublings) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->rings.doublings_max = doublings;
    scene->boot_ms = START_MS;
    return scene;
}

static void scene_free(struct scene *scene) {
    outbox_clear(&scene->desk.outbox);
    free(scene);
}

static bool ring(struct scene *scene, unsigned who, bool is_known) {
    char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+4477009%05u", who);
    const struct event quieted = event_of_identity(EVENT_CALLS_QUIETED, identity, "");
    return rings_allow(&scene->rings, &scene->desk, (struct moment){.boot_ms = scene->boot_ms},
                       &quieted, is_known);
}

/* How often the officer was told something of that kind. */
static unsigned words(struct scene *scene, enum event_kind kind) {
    struct output output;
    unsigned count = 0;
    while (outbox_take(&scene->desk.outbox, &output)) {
        count += output.kind == OUTPUT_TELL && output.event.kind == kind;
    }
    return count;
}

static void who_rings_without_end_is_quieted_with_one_word(void **state) {
    (void)state;
    struct scene *scene = scene_new(0);
    unsigned rang = 0;
    for (int i = 0; i < 50; i++, scene->boot_ms += 1000) {
        rang += ring(scene, 1, true);
    }
    assert_int_equal(rang, RINGS_MAX);
    assert_int_equal(words(scene, EVENT_CALLS_QUIETED), 1);
    assert_true(ring(scene, 2, true));
    scene->boot_ms += RINGS_PAUSE_MS;
    assert_true(ring(scene, 1, true));
    scene_free(scene);
}

/* An hour of it. */
static void who_goes_on_is_quieted_for_longer_each_time(void **state) {
    (void)state;
    unsigned rang[2] = {0};
    for (unsigned doublings = 0; doublings < 2; doublings++) {
        struct scene *scene = scene_new(doublings * RINGS_DOUBLINGS_MAX);
        for (int s = 0; s < 3600; s++, scene->boot_ms += 1000) {
            rang[doublings] += ring(scene, 1, true);
        }
        unsigned told = words(scene, EVENT_CALLS_QUIETED);
        assert_in_range(told, 1, rang[doublings] / RINGS_MAX);
        scene_free(scene);
    }
    assert_in_range(rang[0], RINGS_MAX * 50, RINGS_MAX * 60);
    assert_in_range(rang[1], RINGS_MAX * 8, RINGS_MAX * 12);
}

static void who_is_answered_begins_anew(void **state) {
    (void)state;
    struct scene *scene = scene_new(RINGS_DOUBLINGS_MAX);
    for (int i = 0; i < 20; i++) {
        assert_true(ring(scene, 1, true));
        rings_answered(&scene->rings, "tel:+447700900001");
    }
    assert_int_equal(words(scene, EVENT_CALLS_QUIETED), 0);
    scene_free(scene);
}

/* One by one they would each have a few: thousands of identities of one domain. Those whom the
 * officer knows ring all the same. */
static void many_identities_share_a_few_rings(void **state) {
    (void)state;
    struct scene *scene = scene_new(RINGS_DOUBLINGS_MAX);
    unsigned rang = 0;
    for (unsigned i = 0; i < 3000; i++, scene->boot_ms += 20) {
        rang += ring(scene, 10 + i, false);
    }
    assert_int_equal(rang, RINGS_STRANGERS_MAX); /* in a minute */
    assert_int_equal(words(scene, EVENT_STRANGERS_QUIETED), 1);
    assert_true(ring(scene, 1, true));
    for (unsigned i = 0; i < 10 * 3000; i++, scene->boot_ms += 20) {
        rang += ring(scene, 10 + i, false);
    }
    assert_true(rang <= 12 * RINGS_STRANGERS_MAX);
    assert_true(words(scene, EVENT_STRANGERS_QUIETED) <= 1); /* it goes on, and was told */
    scene_free(scene);
}

/* Nor does anybody get rid of being quieted by others who ring. */
static void others_do_not_wash_a_quieted_one_away(void **state) {
    (void)state;
    struct scene *scene = scene_new(0);
    for (int i = 0; i < 5; i++) {
        (void)ring(scene, 1, true);
    }
    for (unsigned i = 0; i < 1000; i++) {
        (void)ring(scene, 10 + i, false);
    }
    assert_false(ring(scene, 1, true));
    scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_rings_without_end_is_quieted_with_one_word),
        cmocka_unit_test(who_goes_on_is_quieted_for_longer_each_time),
        cmocka_unit_test(who_is_answered_begins_anew),
        cmocka_unit_test(many_identities_share_a_few_rings),
        cmocka_unit_test(others_do_not_wash_a_quieted_one_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
