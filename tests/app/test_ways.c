/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways to an identity that is heard on several links (app/handset/air/way.h), and the
 * connections that take them.
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

enum {
    STREET = 1,
    TUNNEL = 2,
    STREET_MEDIUM = 0,
    TUNNEL_MEDIUM = 1,
    STREET_LINK = 1,
    TUNNEL_LINK = 2
};

#define ON_LINK(link, peer) ((uint64_t)(link) << LINK_SHIFT | (peer))

static uint64_t the_seed(void) {
    const char *text = getenv("SEED");
    return text == NULL ? 1 : strtoull(text, NULL, 0);
}

/* --- Ways alone ----------------------------------------------------------------------------- */

static struct moment at(int64_t ms) {
    return (struct moment){.boot_ms = ms};
}

static const struct handset_links two_links = {.count = 2};

static uint64_t best_at(struct ways *ways, int64_t ms) {
    const struct way *best = ways_best(ways, &two_links, at(ms));
    return best == NULL ? 0 : best->peer;
}

static void direct_comes_before_relayed_and_then_the_first_link(void **state) {
    (void)state;
    struct ways ways = {0};
    assert_true(best_at(&ways, 1000) == 0);
    ways_hear(&ways, ON_LINK(1, 5), at(1000), true, false);
    assert_true(best_at(&ways, 1000) == ON_LINK(1, 5));
    ways_hear(&ways, ON_LINK(2, 6), at(1010), false, true);
    assert_true(best_at(&ways, 1010) == ON_LINK(2, 6));
    ways_hear(&ways, ON_LINK(1, 7), at(1020), false, true);
    assert_true(best_at(&ways, 1020) == ON_LINK(1, 7));
    assert_int_equal(ways_links(&ways), 2);
}

static void a_weak_signal_gives_way_and_an_unknown_one_does_not(void **state) {
    (void)state;
    struct ways ways = {0};
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    ways_hear(&ways, ON_LINK(2, 6), at(1000), false, true);
    ways_signal(&ways, ON_LINK(2, 6), 100);
    assert_true(best_at(&ways, 1000) == ON_LINK(1, 5));
    ways_signal(&ways, ON_LINK(1, 5), 12); /* of the best way that is not bad enough */
    assert_true(best_at(&ways, 1000) == ON_LINK(1, 5));
    ways_signal(&ways, ON_LINK(1, 5), 5);
    assert_true(best_at(&ways, 1000) == ON_LINK(2, 6));
    ways_signal(&ways, ON_LINK(1, 5), 15);
    assert_true(best_at(&ways, 1000) == ON_LINK(2, 6));
    ways_signal(&ways, ON_LINK(1, 5), 25);
    assert_true(best_at(&ways, 1000) == ON_LINK(1, 5));
}

static void what_is_not_heard_any_more_is_left_and_taken_again(void **state) {
    (void)state;
    struct ways ways = {0};
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    for (int64_t ms = 1000; ms <= 21000; ms += 5000) {
        ways_hear(&ways, ON_LINK(2, 6), at(ms), true, false);
        assert_true(best_at(&ways, ms) == (ms <= 11000 ? ON_LINK(1, 5) : ON_LINK(2, 6)));
    }
    assert_int_equal(ways_links(&ways), 1);
    ways_hear(&ways, ON_LINK(1, 5), at(21010), false, true);
    assert_true(best_at(&ways, 21010) == ON_LINK(1, 5));
}

static void without_an_answer_a_way_counts_little_for_a_while(void **state) {
    (void)state;
    struct ways ways = {0};
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    ways_hear(&ways, ON_LINK(2, 6), at(1000), true, true);
    ways_fail(&ways, ON_LINK(1, 5), at(1000));
    assert_true(best_at(&ways, 1000) == ON_LINK(2, 6));
    ways_hear(&ways, ON_LINK(1, 5), at(2000), false, false); /* which proves nothing */
    assert_true(best_at(&ways, 2000) == ON_LINK(2, 6));
    ways_answer(&ways, ON_LINK(1, 5), at(3000));
    assert_true(best_at(&ways, 3000) == ON_LINK(1, 5));
    ways_fail(&ways, ON_LINK(1, 5), at(4000));
    assert_true(best_at(&ways, 4000) == ON_LINK(2, 6));
    for (int64_t ms = 5000; ms < 4000 + WAY_FAILED_MS; ms += 5000) {
        ways_hear(&ways, ON_LINK(1, 5), at(ms), false, false);
        ways_hear(&ways, ON_LINK(2, 6), at(ms), true, true);
        assert_true(best_at(&ways, ms) == ON_LINK(2, 6));
    }
    assert_true(best_at(&ways, 4000 + WAY_FAILED_MS) == ON_LINK(1, 5));
}

static void a_signal_that_varies_does_not_make_the_best_way_flap(void **state) {
    (void)state;
    struct ways ways = {0};
    uint64_t random = the_seed();
    unsigned changes = 0;
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    ways_hear(&ways, ON_LINK(1, 6), at(1000), false, true);
    uint64_t last = best_at(&ways, 1000);
    for (int i = 0; i < 10000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ways_signal(&ways, ON_LINK(1, 5 + (random >> 40) % 2), 50 + (int)((random >> 33) % 15));
        uint64_t best = best_at(&ways, 1000);
        changes += best != last;
        last = best;
    }
    assert_in_range(changes, 0, 1);
    ways_signal(&ways, last, 50);
    ways_signal(&ways, ON_LINK(1, 11) - (last & 15), 70);
    assert_true(best_at(&ways, 1000) != last);
}

static void copies_from_many_addresses_take_no_place_that_matters(void **state) {
    (void)state;
    struct ways ways = {0};
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    assert_true(best_at(&ways, 1000) == ON_LINK(1, 5));
    for (uint64_t i = 100; i < 150; i++) {
        ways_hear(&ways, ON_LINK(1, i), at(1001), false, true);
    }
    assert_int_equal(ways.count, WAYS_EACH_LINK_MAX);
    ways_hear(&ways, ON_LINK(2, 6), at(1002), true, true);
    for (uint64_t i = 200; i < 250; i++) {
        ways_hear(&ways, ON_LINK(2, i), at(1003), false, true);
    }
    assert_true(best_at(&ways, 1003) == ON_LINK(1, 5));
    assert_int_equal(ways_links(&ways), 2);
    /* Links without a place get one from those that have two. */
    for (unsigned link = 3; link <= 4; link++) {
        ways_hear(&ways, ON_LINK(link, 7), at(1004), true, true);
    }
    assert_int_equal(ways_links(&ways), 4);
    assert_true(best_at(&ways, 1004) == ON_LINK(1, 5));
    /* Who says a presence first has a place, but not that of the best. */
    ways_hear(&ways, ON_LINK(2, 8), at(1005), false, false);
    assert_true(best_at(&ways, 1005) == ON_LINK(1, 5));
    assert_true(ways_prove(&ways, ON_LINK(2, 8)));
    assert_true(ways_prove(&ways, ON_LINK(1, 5)));
    assert_false(ways_prove(&ways, ON_LINK(3, 7)));
    assert_in_range(ways.count, 1, WAYS_MAX);
}

static void ways_that_were_tried_are_not_tried_again(void **state) {
    (void)state;
    struct ways ways = {0};
    const uint64_t tried[] = {ON_LINK(1, 5), ON_LINK(2, 6)};
    ways_hear(&ways, ON_LINK(1, 5), at(1000), false, false);
    ways_hear(&ways, ON_LINK(2, 6), at(1000), false, true);
    assert_true(ways_other(&ways, &two_links, at(1000), tried, 0)->peer == tried[0]);
    assert_true(ways_other(&ways, &two_links, at(1000), tried, 1)->peer == tried[1]);
    assert_null(ways_other(&ways, &two_links, at(1000), tried, 2));
}

/* --- In handsets ---------------------------------------------------------------------------- */

/* Anna and Ben, who hear each other on both links. */
static const size_t anna = 0, ben = 1;

static struct town *two_on_two_links(void) {
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    town_add(town, STREET | TUNNEL);
    town_run(town, 6000);
    return town;
}

static const struct view_nearby *ben_seen(struct town *town) {
    const struct view *view = town_view(town, anna);
    assert_int_equal(view->nearby_count, 1);
    return &view->nearby[0];
}

static size_t d2d_said(const struct town *town, size_t from, unsigned medium, int64_t since_ms) {
    size_t said = 0;
    for (size_t i = 0; i < town->said_count; i++) {
        said += town->said[i].from == from && town->said[i].medium == medium &&
                town->said[i].kind == FRAME_D2D && town->said[i].at_ms >= since_ms;
    }
    return said;
}

static void one_identity_is_one_row_with_its_links_and_signal(void **state) {
    (void)state;
    struct town *town = two_on_two_links();
    assert_int_equal(ben_seen(town)->links, 2);
    assert_string_equal(ben_seen(town)->link, "street");
    assert_int_equal(ben_seen(town)->quality, VIEW_QUALITY_UNKNOWN);
    assert_false(ben_seen(town)->relayed);
    struct handset *engine = town->handsets[anna].engine;
    handset_signal(engine, ON_LINK(STREET_LINK, ben + 1), 8);
    handset_signal(engine, ON_LINK(TUNNEL_LINK, ben + 1), 60);
    handset_signal(engine, ON_LINK(TUNNEL_LINK, 99), 1);
    assert_string_equal(ben_seen(town)->link, "tunnel");
    assert_int_equal(ben_seen(town)->quality, 60);
    handset_signal(engine, ON_LINK(TUNNEL_LINK, ben + 1), 1000); /* no signal */
    assert_int_equal(ben_seen(town)->quality, 60);
    handset_signal(engine, ON_LINK(TUNNEL_LINK, ben + 1), VIEW_QUALITY_UNKNOWN);
    assert_int_equal(ben_seen(town)->quality, VIEW_QUALITY_UNKNOWN);
    town_free(town);
}

static void a_copy_costs_no_second_signature(void **state) {
    (void)state;
    struct town *town = two_on_two_links();
    town->copied = STREET | TUNNEL;
    town_run(town, 10000);
    assert_int_equal(town->handsets[anna].refusals, 0);
    assert_int_equal(ben_seen(town)->links, 2);
    town_free(town);
}

static void a_connection_takes_the_best_way_alone(void **state) {
    (void)state;
    for (int weak = 0; weak < 2; weak++) {
        struct town *town = two_on_two_links();
        int64_t since_ms = town->boot_ms;
        if (weak != 0) {
            handset_signal(town->handsets[anna].engine, ON_LINK(STREET_LINK, ben + 1), 5);
        }
        town_group(town, anna, ben);
        assert_int_equal(d2d_said(town, anna, STREET_MEDIUM, since_ms) > 0, weak == 0);
        assert_int_equal(d2d_said(town, anna, TUNNEL_MEDIUM, since_ms) > 0, weak != 0);
        /* Answers go where the question came from. */
        assert_int_equal(d2d_said(town, ben, STREET_MEDIUM, since_ms) > 0, weak == 0);
        town_free(town);
    }
}

/* The street is dead before anybody notices, or dies while Ben is being asked. */
static void the_key_arrives_on_another_link_when_the_first_one_fails(void **state) {
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct town *town = two_on_two_links();
        struct command create = squad_create_command(1, HOUR_MS);
        snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(ben));
        if (late == 0) {
            town->dead = STREET;
        }
        int64_t since_ms = town->boot_ms;
        assert_int_equal(town_command(town, anna, &create), STATUS_OK);
        /* Before anything goes to everyone. */
        town_run(town, 2000);
        assert_int_equal(town_view(town, ben)->invitation_count, 1);
        town->dead = STREET;
        struct command accept = {.kind = COMMAND_ACCEPT,
                                 .invitation = town_view(town, ben)->invitations[0].id};
        assert_int_equal(town_command(town, ben, &accept), STATUS_OK);
        town_run(town, 3000);
        assert_int_equal(town_view(town, ben)->group_count, 1);
        assert_int_equal(town_view(town, anna)->groups[0].members[1].state, MEMBER_ACCEPTED);
        assert_in_range(d2d_said(town, anna, STREET_MEDIUM, since_ms), 2, 40);
        assert_string_equal(ben_seen(town)->link, "tunnel");
        town_free(town);
    }
}

static void a_link_whose_radio_is_off_is_not_tried(void **state) {
    (void)state;
    struct town *town = two_on_two_links();
    const struct view_radio radios[] = {
        {.link = "street",
         .name = "hci0",
         .state = RADIO_VIEW_UNUSABLE,
         .condition = {.name = "adapter-off"}},
        {.link = "tunnel", .name = "wlan0", .state = RADIO_VIEW_ON}};
    handset_show_radios(town->handsets[anna].engine, radios, 2);
    const struct view *view = town_view(town, anna);
    assert_int_equal(view->radio_count, 2);
    assert_string_equal(view->radios[0].condition.name, "adapter-off");
    assert_string_equal(ben_seen(town)->link, "tunnel");
    int64_t since_ms = town->boot_ms;
    town_group(town, anna, ben);
    assert_int_equal(d2d_said(town, anna, STREET_MEDIUM, since_ms), 0);
    /* One of two radios of a link is enough. */
    const struct view_radio more[] = {radios[0], {.link = "street", .state = RADIO_VIEW_ON}};
    handset_show_radios(town->handsets[anna].engine, more, 2);
    assert_string_equal(ben_seen(town)->link, "street");
    town_free(town);
}

static void who_is_reached_for_the_first_time_is_not_kept_waiting(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET);
    struct handset *engine = town->handsets[anna].engine;
    town_run(town, 1500);
    struct view_radio radio = {.link = "street", .state = RADIO_VIEW_ON, .peers = 1};
    handset_show_radios(engine, &radio, 1);
    town_run(town, 10);
    assert_int_equal(town_count(town, STREET_MEDIUM, FRAME_PRESENCE, 0).said, 2);
    /* But not more than once a second, and not for those who go. */
    for (radio.peers = 2; radio.peers < 202; radio.peers++) {
        handset_show_radios(engine, &radio, 1);
        town_run(town, 10);
    }
    assert_in_range(town_count(town, STREET_MEDIUM, FRAME_PRESENCE, 0).said, 3, 4);
    town_run(town, 1500);
    size_t before = town_count(town, STREET_MEDIUM, FRAME_PRESENCE, 0).said;
    radio.peers = 0;
    handset_show_radios(engine, &radio, 1);
    town_run(town, 10);
    assert_int_equal(town_count(town, STREET_MEDIUM, FRAME_PRESENCE, 0).said, before);
    town_free(town);
}

static unsigned hears(struct town *town, size_t n, int64_t ms) {
    unsigned before = town->handsets[n].voice_frames;
    town_run(town, ms);
    return (unsigned)((town->handsets[n].voice_frames - before) * VOICE_FRAME_MS * 100 / ms);
}

/* Anna calls Ben, who accepts. */
static struct town *two_in_a_call(void) {
    struct town *town = two_on_two_links();
    town_call(town, anna, ben);
    return town;
}

static void a_call_moves_to_the_other_link_with_its_voice(void **state) {
    (void)state;
    struct town *town = two_in_a_call();
    int64_t since_ms = town->boot_ms;
    assert_in_range(hears(town, ben, 1000), 97, 101);
    assert_int_equal(town_count(town, TUNNEL_MEDIUM, FRAME_MEDIA, since_ms).said, 0);
    town->dead = STREET;
    town_run(town, 2000);
    assert_in_range(hears(town, ben, 2000), 97, 101);
    assert_in_range(hears(town, anna, 2000), 97, 101);
    town_free(town);
}

static void a_call_moves_with_the_next_question_when_its_radio_is_off(void **state) {
    (void)state;
    struct town *town = two_in_a_call();
    const struct view_radio off = {.link = "street", .state = RADIO_VIEW_UNUSABLE};
    town->dead = STREET;
    handset_show_radios(town->handsets[anna].engine, &off, 1);
    town_run(town, CONNECTION_POLL_MS + 50);
    assert_in_range(hears(town, ben, 1000), 97, 101);
    assert_in_range(hears(town, anna, 1000), 97, 101);
    town_free(town);
}

/* Somebody repeats all that is said of presence, sooner than those who say it or later, and answers
 * nothing. */
static void a_copier_does_not_keep_a_group_from_being_made(void **state) {
    (void)state;
    for (int faster = 0; faster < 2; faster++) {
        struct town *town = town_new(the_seed());
        town->copied = STREET;
        town->is_copier_faster = faster != 0;
        town_add(town, STREET);
        town_add(town, STREET);
        town_run(town, 6000);
        struct command create = squad_create_command(1, HOUR_MS);
        snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(ben));
        assert_int_equal(town_command(town, anna, &create), STATUS_OK);
        town_run(town, faster != 0 ? 2000 : 500);
        assert_int_equal(town_view(town, ben)->invitation_count, 1);
        struct command accept = {.kind = COMMAND_ACCEPT,
                                 .invitation = town_view(town, ben)->invitations[0].id};
        assert_int_equal(town_command(town, ben, &accept), STATUS_OK);
        town_run(town, 6000);
        assert_int_equal(town_view(town, ben)->group_count, 1);
        /* The next question is not put to the copier first. */
        assert_int_equal(ben_seen(town)->links, 1);
        const struct ways *ways =
            roster_ways(&town->handsets[anna].engine->roster, squad_identity(ben));
        assert_int_equal(ways->count, 2);
        assert_int_equal(ways->best, ben + 1);
        town_free(town);
    }
}

/* What was said a while ago, said again, shows no way. */
static void an_old_copy_is_no_way(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET);
    town_add(town, STREET);
    town_run(town, 1000);
    struct roster *roster = &town->handsets[anna].engine->roster;
    struct presence_arrival again = {.peer = 77};
    memcpy(again.frame, roster_find(roster, squad_identity(ben))->frame, sizeof again.frame);
    struct moment now = town_now(town);
    now.boot_ms += PRESENCE_COPY_MS + 1;
    roster_hear_copy(roster, &again, now);
    assert_int_equal(roster_ways(roster, squad_identity(ben))->count, 1);
    roster_hear_copy(roster, &again, town_now(town));
    assert_int_equal(roster_ways(roster, squad_identity(ben))->count, 2);
    assert_false(roster_has_peer(roster, 77));
    assert_true(roster_has_peer(roster, ben + 1));
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_comes_before_relayed_and_then_the_first_link),
        cmocka_unit_test(a_weak_signal_gives_way_and_an_unknown_one_does_not),
        cmocka_unit_test(what_is_not_heard_any_more_is_left_and_taken_again),
        cmocka_unit_test(without_an_answer_a_way_counts_little_for_a_while),
        cmocka_unit_test(a_signal_that_varies_does_not_make_the_best_way_flap),
        cmocka_unit_test(copies_from_many_addresses_take_no_place_that_matters),
        cmocka_unit_test(ways_that_were_tried_are_not_tried_again),
        cmocka_unit_test(one_identity_is_one_row_with_its_links_and_signal),
        cmocka_unit_test(a_copy_costs_no_second_signature),
        cmocka_unit_test(a_connection_takes_the_best_way_alone),
        cmocka_unit_test(the_key_arrives_on_another_link_when_the_first_one_fails),
        cmocka_unit_test(a_link_whose_radio_is_off_is_not_tried),
        cmocka_unit_test(who_is_reached_for_the_first_time_is_not_kept_waiting),
        cmocka_unit_test(a_call_moves_to_the_other_link_with_its_voice),
        cmocka_unit_test(a_call_moves_with_the_next_question_when_its_radio_is_off),
        cmocka_unit_test(a_copier_does_not_keep_a_group_from_being_made),
        cmocka_unit_test(an_old_copy_is_no_way),
    };
    printf("SEED=%llu\n", (unsigned long long)the_seed());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
