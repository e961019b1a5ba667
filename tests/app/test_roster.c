/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The roster by itself (air/roster.h): whom it takes for nearby, and whom it keeps. Its presences
 * have passed their signatures already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/roster.h"

enum {
    SECOND_MS = 1000,
    GHOSTS = 2000,
    BORN_MS = 1000,
};

#define UTC_MS INT64_C(1795000000000)

struct scene {
    struct roster *roster;
    struct handset_links links;
    struct view *view;
    struct moment now;
};

static const char us[] = "urn:gsma:imei:90420156-999999-0";

static struct scene begin(void) {
    struct scene scene = {.roster = calloc(1, sizeof(struct roster)),
                          .view = calloc(1, sizeof(struct view)),
                          .now = {.utc_ms = UTC_MS, .boot_ms = BORN_MS, .boot_id = 1}};
    assert_non_null(scene.roster);
    assert_non_null(scene.view);
    assert_int_equal(links_set(&scene.links, 1), STATUS_OK);
    assert_int_equal(roster_begin(scene.roster, us, &entropy_system, scene.now), STATUS_OK);
    return scene;
}

static void end(struct scene *scene) {
    roster_clear(scene->roster);
    free(scene->roster);
    free(scene->view);
}

static void pass(struct scene *scene, int64_t ms) {
    scene->now.boot_ms += ms;
    scene->now.utc_ms += ms;
}

/* What handset `n` says that is `age_ms` old, in the life `life`, `utc_ahead_ms` off this one's
 * clock; echoing nobody. */
static struct presence presence_of(const struct scene *scene, unsigned n, uint8_t life,
                                   int64_t age_ms, int64_t utc_ahead_ms) {
    struct presence presence = {.utc_ms = scene->now.utc_ms + utc_ahead_ms,
                                .age_ms = age_ms,
                                .rhythm = {PRESENCE_INTERVAL_MS, 1}};
    memcpy(presence.start, &n, sizeof n);
    presence.start[START_SIZE - 1] = life;
    snprintf(presence.identity, sizeof presence.identity, "urn:gsma:imei:90420156-%06u-0", n);
    return presence;
}

/* It echoes what this handset said `ago_ms` ago. */
static void echo_us(const struct scene *scene, struct presence *presence, int64_t ago_ms) {
    struct presence_echo *echo = &presence->echoes[presence->echo_count++];
    memcpy(echo->life, scene->roster->own.name, LIFE_NAME_SIZE);
    echo->age_ms = own_age(&scene->roster->own, scene->now) - ago_ms;
    echo->held_ms = 0;
}

static enum status hear(struct scene *scene, const struct presence *presence) {
    static uint64_t number;
    struct presence_arrival arrival = {.peer = UINT64_C(1) << LINK_SHIFT | (100 + number % 7)};
    bool is_new;
    memcpy(arrival.frame, &number, sizeof number);
    number++;
    return roster_hear(scene->roster, presence, &arrival, scene->now, &is_new);
}

static const struct view *look(struct scene *scene) {
    roster_show(scene->roster, &scene->links, scene->now, scene->view);
    return scene->view;
}

static const struct view_nearby *row_of(struct scene *scene, const struct presence *presence) {
    const struct view *view = look(scene);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, presence->identity) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

/* --- Freshness ------------------------------------------------------------------------------ */

/* Of 2,000 handsets, an hour ago, again and again. */
static void recordings_of_long_ago_put_nobody_on_the_list(void **state) {
    (void)state;
    struct scene scene = begin();
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned n = 0; n < GHOSTS; n++) {
            struct presence ghost =
                presence_of(&scene, n, 0, 60000 + round * 5000, -3600 * SECOND_MS);
            (void)hear(&scene, &ghost);
            pass(&scene, 10);
        }
    }
    assert_int_equal(look(&scene)->nearby_total, 0);
    assert_in_range(scene.roster->neighbours.count, 1, CANDIDATES_MAX);
    struct presence newcomer = presence_of(&scene, GHOSTS, 0, 5000, 0);
    assert_int_equal(hear(&scene, &newcomer), STATUS_OK);
    assert_non_null(row_of(&scene, &newcomer));
    end(&scene);
}

/* Those that answered are candidates no more, however often they are heard. */
static void of_candidates_no_more_are_kept_whoever_of_them_answers(void **state) {
    (void)state;
    struct scene scene = begin();
    unsigned answered = CANDIDATES_MAX / 2;
    for (unsigned n = 0; n < 5 * CANDIDATES_MAX; n++) {
        bool answers = n >= answered && n < 2 * answered;
        struct presence ghost = presence_of(&scene, n, 0, 5000, -3600 * SECOND_MS);
        (void)hear(&scene, &ghost);
        for (unsigned times = 0; answers && times < 3; times++) {
            pass(&scene, 100);
            ghost = presence_of(&scene, n, 0, 5100 + times * 100, -3600 * SECOND_MS);
            echo_us(&scene, &ghost, 50);
            assert_int_equal(hear(&scene, &ghost), STATUS_OK);
        }
    }
    assert_int_equal(look(&scene)->nearby_total, answered);
    assert_int_equal(scene.roster->neighbours.count, answered + CANDIDATES_MAX);
    assert_int_equal(scene.roster->candidates, CANDIDATES_MAX);
    end(&scene);
}

/* A wrong clock, there or here, keeps nobody off the list who hears this handset. */
static void whoever_echoes_this_handset_is_nearby_whatever_its_clock_says(void **state) {
    (void)state;
    struct scene scene = begin();
    pass(&scene, 60 * SECOND_MS);
    struct presence wrong = presence_of(&scene, 1, 0, 5000, -48 * 3600 * SECOND_MS);
    assert_int_equal(hear(&scene, &wrong), STATUS_OK);
    assert_null(row_of(&scene, &wrong));
    struct presence echo = {.echo_count = 0};
    roster_echo(scene.roster, scene.now, &echo); /* so it can answer */
    assert_int_equal(echo.echo_count, 1);
    uint8_t life[LIFE_NAME_SIZE];
    life_name(wrong.identity, wrong.start, life);
    assert_memory_equal(echo.echoes[0].life, life, sizeof life);
    pass(&scene, 100);
    wrong = presence_of(&scene, 1, 0, 5100, -48 * 3600 * SECOND_MS);
    echo_us(&scene, &wrong, 50);
    assert_int_equal(hear(&scene, &wrong), STATUS_OK);
    assert_non_null(row_of(&scene, &wrong));
    assert_int_equal(row_of(&scene, &wrong)->state, NEARBY_REACHABLE);
    assert_true(row_of(&scene, &wrong)->clock_differs);
    end(&scene);
}

/* What was echoed long ago was recorded; and so was what was echoed before a restart. */
static void an_echo_of_long_ago_is_no_answer(void **state) {
    (void)state;
    struct scene scene = begin();
    pass(&scene, 3600 * SECOND_MS);
    struct presence old = presence_of(&scene, 1, 0, 5000, -1800 * SECOND_MS);
    echo_us(&scene, &old, 1800 * SECOND_MS);
    (void)hear(&scene, &old);
    assert_null(row_of(&scene, &old));
    struct presence before = presence_of(&scene, 2, 0, 5000, -1800 * SECOND_MS);
    echo_us(&scene, &before, 0);
    before.echoes[0].life[0] ^= 1;
    (void)hear(&scene, &before);
    assert_null(row_of(&scene, &before));
    end(&scene);
}

/* Its age tells, whatever its clock says: within the tolerance of clocks too. */
static void a_neighbour_that_was_measured_is_not_brought_back_by_a_recording(void **state) {
    (void)state;
    struct scene scene = begin();
    pass(&scene, 60 * SECOND_MS);
    struct presence presence = presence_of(&scene, 1, 0, 5000, 0);
    echo_us(&scene, &presence, 50);
    assert_int_equal(hear(&scene, &presence), STATUS_OK);
    pass(&scene, PRESENCE_LASTS_MS + 60 * SECOND_MS);
    /* said 10 s after that, and not heard then */
    struct presence recorded = presence_of(&scene, 1, 0, 15000, -70 * SECOND_MS);
    (void)hear(&scene, &recorded);
    assert_null(row_of(&scene, &recorded));
    struct presence live = presence_of(&scene, 1, 0, 85000, 0);
    assert_int_equal(hear(&scene, &live), STATUS_OK);
    assert_non_null(row_of(&scene, &live));
    end(&scene);
}

/* --- Answering ------------------------------------------------------------------------------ */

/* This handset says a presence, and one that hears nobody does. */
static void speak(struct scene *scene, unsigned n, int64_t age_ms) {
    struct presence presence = presence_of(scene, n, 0, age_ms, -60 * SECOND_MS);
    (void)hear(scene, &presence);
    roster_sought(scene->roster, scene->now);
}

/* Recordings within the tolerance of clocks, or a handset that does not hear this one. */
static void who_never_answers_is_never_reachable_and_soon_said_not_to_answer(void **state) {
    (void)state;
    struct scene scene = begin();
    const struct presence ghost = presence_of(&scene, 1, 0, 0, 0);
    for (int64_t ms = 0; ms < 60 * SECOND_MS; ms += PRESENCE_INTERVAL_MS) {
        speak(&scene, 1, 5000 + ms);
        const struct view_nearby *row = row_of(&scene, &ghost);
        assert_non_null(row);
        assert_int_equal(row->state, ms <= PRESENCE_LASTS_MS ? NEARBY_HEARD : NEARBY_NOT_ANSWERING);
        pass(&scene, PRESENCE_INTERVAL_MS);
    }
    end(&scene);
}

static void under_radio_silence_nobody_is_said_not_to_answer(void **state) {
    (void)state;
    struct scene scene = begin();
    const struct presence other = presence_of(&scene, 1, 0, 0, 0);
    for (int64_t ms = 0; ms < 60 * SECOND_MS; ms += PRESENCE_INTERVAL_MS) {
        speak(&scene, 1, 5000 + ms);
        roster_fall_silent(scene.roster);
        assert_int_equal(row_of(&scene, &other)->state, NEARBY_HEARD);
        pass(&scene, PRESENCE_INTERVAL_MS);
    }
    end(&scene);
}

static void who_answered_and_no_longer_does_is_not_reachable_for_long(void **state) {
    (void)state;
    struct scene scene = begin();
    pass(&scene, 60 * SECOND_MS);
    struct presence presence = presence_of(&scene, 1, 0, 4000, -60 * SECOND_MS);
    echo_us(&scene, &presence, 50);
    assert_int_equal(hear(&scene, &presence), STATUS_OK);
    assert_int_equal(row_of(&scene, &presence)->state, NEARBY_REACHABLE);
    for (int64_t ms = 0; ms <= ANSWER_LASTS_MS; ms += PRESENCE_INTERVAL_MS) {
        speak(&scene, 1, 5000 + ms);
        pass(&scene, PRESENCE_INTERVAL_MS);
    }
    assert_int_equal(row_of(&scene, &presence)->state, NEARBY_NOT_ANSWERING);
    end(&scene);
}

/* --- Room ----------------------------------------------------------------------------------- */

static void thousands_are_known_each_by_its_identity_and_by_its_address(void **state) {
    (void)state;
    struct scene scene = begin();
    for (unsigned n = 0; n < GHOSTS; n++) {
        struct presence presence = presence_of(&scene, n, 0, 5000, 0);
        assert_int_equal(hear(&scene, &presence), STATUS_OK);
    }
    for (unsigned n = 0; n < GHOSTS; n++) {
        struct presence presence = presence_of(&scene, n, 0, 5000, 0);
        const struct neighbour *found = roster_find(scene.roster, presence.identity);
        assert_non_null(found);
        assert_string_equal(found->presence.identity, presence.identity);
    }
    assert_true(roster_has_peer(scene.roster, UINT64_C(1) << LINK_SHIFT | 100));
    assert_false(roster_has_peer(scene.roster, UINT64_C(1) << LINK_SHIFT | 99));
    assert_int_equal(look(&scene)->nearby_total, GHOSTS);
    assert_int_equal(look(&scene)->nearby_count, VIEW_NEARBY_MAX);
    end(&scene);
}

/* More strangers than there is room for, each of whom says that it is here now. */
static void strangers_take_no_place_from_whom_the_officer_knows(void **state) {
    (void)state;
    struct scene scene = begin();
    pass(&scene, 60 * SECOND_MS);
    struct presence trusted = presence_of(&scene, 900001, 0, 5000, 0);
    struct presence member = presence_of(&scene, 900002, 0, 5000, 0);
    struct presence answers = presence_of(&scene, 900003, 0, 5000, 0);
    echo_us(&scene, &answers, 50);
    assert_int_equal(roster_mark(scene.roster, trusted.identity, true), STATUS_OK);
    roster_add_member(scene.roster, member.identity);
    assert_int_equal(hear(&scene, &trusted), STATUS_OK);
    assert_int_equal(hear(&scene, &member), STATUS_OK);
    assert_int_equal(hear(&scene, &answers), STATUS_OK);
    for (unsigned n = 0; n < NEIGHBOURS_MAX + 200; n++) {
        struct presence presence = presence_of(&scene, n, 0, 5000, 0);
        assert_int_equal(hear(&scene, &presence), STATUS_OK);
    }
    assert_int_equal(scene.roster->neighbours.count, NEIGHBOURS_MAX);
    assert_int_equal(look(&scene)->nearby_total, NEIGHBOURS_MAX);
    assert_non_null(row_of(&scene, &trusted));
    assert_non_null(row_of(&scene, &member));
    assert_non_null(row_of(&scene, &answers));
    struct presence newcomer = presence_of(&scene, 900004, 0, 5000, 0);
    pass(&scene, 1);
    assert_int_equal(hear(&scene, &newcomer), STATUS_OK);
    assert_non_null(row_of(&scene, &newcomer));
    end(&scene);
}

/* Whoever is kept out by what is kept is found by nothing, and what is kept by all of it. */
static void what_is_forgotten_is_out_of_every_index(void **state) {
    (void)state;
    struct neighbours *neighbours = calloc(1, sizeof *neighbours);
    assert_non_null(neighbours);
    unsigned random = 4711;
    bool is_there[64] = {false};
    assert_int_equal(neighbours_begin(neighbours, &entropy_system), STATUS_OK);
    for (unsigned round = 0; round < 20000; round++) {
        random = random * 1103515245 + 12345;
        unsigned n = random >> 16 & 63;
        char identity[IDENTITY_SIZE];
        snprintf(identity, sizeof identity, "tel:+44770090%04u", n);
        struct neighbour *found = neighbours_find(neighbours, identity);
        assert_int_equal(found != NULL, is_there[n]);
        if (found != NULL) {
            neighbours_remove(neighbours, found);
        } else {
            found = neighbours_add(neighbours, identity);
            assert_non_null(found);
            const uint8_t few = (uint8_t)(n % 3); /* some have the same frame */
            neighbours_put(neighbours, NEIGHBOUR_BY_FRAME, found, (struct span){&few, 1});
        }
        is_there[n] = !is_there[n];
        size_t with_frame = 0, expected = 0;
        for (unsigned k = 0; k < 64; k += 1) {
            expected += is_there[k] && k % 3 == 0;
        }
        const uint8_t zero = 0;
        uint64_t hash = neighbours_hash(neighbours, (struct span){&zero, 1});
        for (struct neighbour *at = neighbours_first(neighbours, NEIGHBOUR_BY_FRAME, hash);
             at != NULL; at = neighbours_next(neighbours, NEIGHBOUR_BY_FRAME, at)) {
            with_frame++;
        }
        assert_int_equal(with_frame, expected);
    }
    neighbours_clear(neighbours);
    free(neighbours);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recordings_of_long_ago_put_nobody_on_the_list),
        cmocka_unit_test(of_candidates_no_more_are_kept_whoever_of_them_answers),
        cmocka_unit_test(whoever_echoes_this_handset_is_nearby_whatever_its_clock_says),
        cmocka_unit_test(an_echo_of_long_ago_is_no_answer),
        cmocka_unit_test(a_neighbour_that_was_measured_is_not_brought_back_by_a_recording),
        cmocka_unit_test(who_never_answers_is_never_reachable_and_soon_said_not_to_answer),
        cmocka_unit_test(under_radio_silence_nobody_is_said_not_to_answer),
        cmocka_unit_test(who_answered_and_no_longer_does_is_not_reachable_for_long),
        cmocka_unit_test(thousands_are_known_each_by_its_identity_and_by_its_address),
        cmocka_unit_test(strangers_take_no_place_from_whom_the_officer_knows),
        cmocka_unit_test(what_is_forgotten_is_out_of_every_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
