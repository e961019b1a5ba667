/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links on which not all hear each other (app/handset/air/relay.h): a hub passes on what one of
 * them says to the others, at once and once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "town.h"

/* Media, of which the street is the star. */
enum {
    STREET = 1,
    TUNNEL = 2,
    STREET_MEDIUM = 0,
    TUNNEL_MEDIUM = 1,
    FLIGHT_MAX_MS = 5 /* town.c */
};

static uint64_t the_seed(void) {
    const char *text = getenv("SEED");
    return text == NULL ? 1 : strtoull(text, NULL, 0);
}

/* How much voice handset n hears in `ms`, in hundredths of all that is said. */
static unsigned hears(struct town *town, size_t n, int64_t ms) {
    unsigned before = town->handsets[n].voice_frames;
    town_run(town, ms);
    return (unsigned)((town->handsets[n].voice_frames - before) * VOICE_FRAME_MS * 100 / ms);
}

/* The hub is the first handset, and has one link like two others, Anna and Ben. */
static const size_t hub = 0, anna = 1, ben = 2;

static struct town *star_of(size_t handsets) {
    struct town *town = town_new(the_seed());
    town_star(town, STREET_MEDIUM, hub);
    for (size_t i = 0; i < handsets; i++) {
        town_add(town, STREET);
    }
    town_run(town, 6000);
    return town;
}

static void all_see_each_other_over_the_hub(void **state) {
    (void)state;
    struct town *town = star_of(4);
    for (size_t n = 0; n < 4; n++) {
        const struct view *view = town_view(town, n);
        assert_int_equal(view->nearby_count, 3);
        for (size_t i = 0; i < 3; i++) {
            const struct view_nearby *row = &view->nearby[i];
            bool is_hub = strcmp(row->identity, squad_identity(hub)) == 0;
            assert_int_equal(row->relayed, n != hub && !is_hub);
            assert_int_equal(row->links, 1);
            assert_string_equal(row->link, "street");
        }
    }
    town_free(town);
}

static void a_group_is_made_and_talks_over_the_hub_once_and_at_once(void **state) {
    (void)state;
    struct town *town = star_of(3);
    town_group(town, anna, ben);
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_run(town, 500);
    int64_t since_ms = town->boot_ms;
    assert_in_range(hears(town, ben, 3000), 98, 101);
    assert_int_equal(town->handsets[ben].talks, 1);
    assert_int_equal(town->handsets[ben].refusals, 0);
    assert_int_equal(town_view(town, hub)->group_count, 0);
    /* Each frame is said by Anna and then by the hub, in the same order. */
    struct town_count voice = town_count(town, STREET_MEDIUM, FRAME_MEDIA, since_ms);
    assert_in_range(voice.said, 2 * voice.frames - 1, 2 * voice.frames);
    for (size_t i = 0; i < town->said_count; i++) {
        const struct town_said *by_anna = &town->said[i];
        if (by_anna->at_ms < since_ms || by_anna->from != anna || by_anna->kind != FRAME_MEDIA) {
            continue;
        }
        int64_t after_ms = INT64_MAX;
        for (size_t k = i + 1; k < town->said_count; k++) {
            if (town->said[k].from == hub &&
                memcmp(town->said[k].identity, by_anna->identity, FRAME_IDENTITY_SIZE) == 0) {
                after_ms = town->said[k].at_ms - by_anna->at_ms;
            }
        }
        if (by_anna->at_ms < town->boot_ms - FLIGHT_MAX_MS) {
            assert_in_range(after_ms, 0, FLIGHT_MAX_MS);
        }
    }
    assert_int_equal(town->handsets[hub].engine->relay.memory->patience_ms, 0);
    town_free(town);
}

static void one_to_one_talk_goes_over_the_hub(void **state) {
    (void)state;
    struct town *town = star_of(3);
    town_call(town, anna, ben);
    assert_in_range(hears(town, ben, 2000), 97, 101);
    assert_in_range(hears(town, anna, 2000), 97, 101);
    assert_int_equal(town->handsets[hub].voice_frames, 0);
    town_free(town);
}

static void who_is_no_hub_says_nothing_for_others(void **state) {
    (void)state;
    struct town *town = star_of(4);
    for (size_t i = 0; i < town->said_count; i++) {
        assert_true(town->said[i].hops_left == FRAME_HOPS || town->said[i].from == hub);
    }
    town_free(town);
}

/* The hub is on the tunnel as well, and Anna in the star talks to Carl in the tunnel; then back. */
static void a_hub_joins_its_star_with_another_link(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_star(town, STREET_MEDIUM, hub);
    town_add(town, STREET | TUNNEL);
    town_add(town, STREET);
    town_add(town, STREET);
    size_t carl = town_add(town, TUNNEL);
    town_run(town, 6000);
    assert_int_equal(town_view(town, carl)->nearby_count, 3);
    town_group(town, carl, ben);
    assert_int_equal(town_talk(town, carl), STATUS_OK);
    town_run(town, 500);
    assert_in_range(hears(town, ben, 2000), 97, 101);
    struct command end = {.kind = COMMAND_TALK_END};
    assert_int_equal(town_command(town, carl, &end), STATUS_OK);
    town_run(town, 200); /* the end is heard: the floor is free */
    assert_int_equal(town_talk(town, ben), STATUS_OK);
    town_run(town, 500);
    assert_in_range(hears(town, carl, 2000), 97, 101);
    assert_int_equal(town->handsets[carl].talks, 2); /* his own, and hers */
    town_free(town);
}

/* All are in the tunnel, too. What the hub passes on in its star waits for nobody; between the two
 * links hardly anything is said where it is heard anyway. */
static void where_all_hear_each_other_elsewhere_the_hub_stays_quick_and_others_quiet(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_star(town, STREET_MEDIUM, hub);
    for (size_t i = 0; i < 4; i++) {
        town_add(town, STREET | TUNNEL);
    }
    town_run(town, 6000);
    town_group(town, anna, ben);
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_run(town, 3000);
    int64_t since_ms = town->boot_ms;
    assert_in_range(hears(town, ben, 2000), 98, 101);
    struct town_count star = town_count(town, STREET_MEDIUM, FRAME_MEDIA, since_ms);
    struct town_count tunnel = town_count(town, TUNNEL_MEDIUM, FRAME_MEDIA, since_ms);
    assert_in_range(star.said, star.frames, star.frames * 220 / 100);
    assert_in_range(tunnel.said, tunnel.frames, tunnel.frames * 120 / 100);
    assert_int_equal(town->handsets[ben].talks, 1);
    town_free(town);
}

static void the_talk_goes_on_under_another_hub(void **state) {
    (void)state;
    struct town *town = star_of(4);
    town_group(town, anna, ben);
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_run(town, 1000);
    town->handsets[hub].is_gone = true;
    assert_in_range(hears(town, ben, 2000), 0, 20);
    town_star(town, STREET_MEDIUM, 3);
    town_run(town, 500);
    assert_in_range(hears(town, ben, 2000), 97, 101);
    town_free(town);
}

static void a_flood_into_a_star_is_not_passed_on_whole_and_voice_gets_through(void **state) {
    (void)state;
    struct town *town = star_of(3);
    town_group(town, anna, ben);
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_run(town, 500);
    uint8_t payload[1000] = {0, 0, 0, 9, 1};
    int64_t since_ms = town->boot_ms;
    unsigned before = town->handsets[ben].voice_frames;
    for (int i = 0; i < 2000; i++) {
        town_say(town, STREET_MEDIUM, 5,
                 &(struct frame){FRAME_MEDIA, 3, 1000 + (uint64_t)i, SPAN_OF(payload)});
        town_run(town, 2);
    }
    assert_in_range(town->handsets[ben].voice_frames - before, 190, 201);
    size_t passed = 0;
    for (size_t i = 0; i < town->said_count; i++) {
        passed += town->said[i].at_ms >= since_ms && town->said[i].from == hub &&
                  town->said[i].kind == FRAME_MEDIA;
    }
    /* 80 kB at once and 30 kB a second, for 4 s, in the star and beyond it. */
    assert_in_range(passed - 200, 75, 110);
    town_free(town);
}

static void a_handset_is_a_relay_only_while_it_has_several_links_or_a_star(void **state) {
    (void)state;
    struct town *town = star_of(1);
    struct handset *engine = town->handsets[0].engine;
    assert_non_null(engine->relay.memory);
    assert_int_equal(handset_describe_link(engine, 1, "street", false, 0), STATUS_OK);
    assert_null(engine->relay.memory);
    assert_int_equal(handset_set_links(engine, 2), STATUS_OK);
    assert_non_null(engine->relay.memory);
    assert_int_equal(handset_set_links(engine, 1), STATUS_OK);
    assert_null(engine->relay.memory);
    assert_int_equal(handset_describe_link(engine, 0, "none", true, 0), STATUS_TOO_LONG);
    assert_int_equal(handset_describe_link(engine, HANDSET_LINKS_MAX + 1, "none", true, 0),
                     STATUS_TOO_LONG);
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_see_each_other_over_the_hub),
        cmocka_unit_test(a_group_is_made_and_talks_over_the_hub_once_and_at_once),
        cmocka_unit_test(one_to_one_talk_goes_over_the_hub),
        cmocka_unit_test(who_is_no_hub_says_nothing_for_others),
        cmocka_unit_test(a_hub_joins_its_star_with_another_link),
        cmocka_unit_test(where_all_hear_each_other_elsewhere_the_hub_stays_quick_and_others_quiet),
        cmocka_unit_test(the_talk_goes_on_under_another_hub),
        cmocka_unit_test(a_flood_into_a_star_is_not_passed_on_whole_and_voice_gets_through),
        cmocka_unit_test(a_handset_is_a_relay_only_while_it_has_several_links_or_a_star),
    };
    printf("SEED=%llu\n", (unsigned long long)the_seed());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
