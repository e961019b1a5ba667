/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is heard of a talk while a stranger sends 10,000 frames a second of each kind, on each path.
 * Prints a table of it; with MUSTER_TABLE=all also at 100 and 1,000 a second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "deluge.h"

enum {
    STREET = 1,
    TUNNEL = 2,
    TALK_MS = 1500,
    PAUSE_MS = 500,
    HEARD = 97, /* per cent; the last words are on their way when they are counted */
    MANY = 5000,
};

enum path {
    DIRECT,
    HUB,
    RELAY,
    BROKER, /* where all comes from one address */
    PATHS
};

static const char *const paths[PATHS] = {"direct", "hub", "relay", "one address"};

struct scene {
    struct deluge deluge;
    size_t listener;
};

/* A talker, a listener, and what is between them. */
static struct scene scene_of(enum path path, bool is_enrolled) {
    struct town *town = town_new(3);
    struct scene scene = {.deluge = {.town = town,
                                     .addresses = path == BROKER ? 0 : MANY,
                                     .is_enrolled = is_enrolled,
                                     .random = 3}};
    if (path == HUB) {
        town_star(town, 0, 0);
    }
    if (path == HUB || path == RELAY) {
        town_add(town, path == HUB ? STREET : STREET | TUNNEL);
    }
    scene.deluge.talker = town_add(town, STREET);
    scene.listener = town_add(town, path == RELAY ? TUNNEL : STREET | TUNNEL);
    town_run(town, 6000);
    town_group(town, scene.deluge.talker, scene.listener);
    deluge_begin(&scene.deluge);
    return scene;
}

/* How much the listener hears of a talk, in per cent. */
static unsigned percent_heard(struct scene *scene) {
    struct town *town = scene->deluge.town;
    const struct command stop = {.kind = COMMAND_TALK_END};
    deluge_run(&scene->deluge, PAUSE_MS);
    unsigned before = town->handsets[scene->listener].voice_frames;
    assert_int_equal(town_talk(town, scene->deluge.talker), STATUS_OK);
    deluge_run(&scene->deluge, TALK_MS);
    assert_int_equal(town_command(town, scene->deluge.talker, &stop), STATUS_OK);
    deluge_run(&scene->deluge, PAUSE_MS);
    unsigned frames = town->handsets[scene->listener].voice_frames - before;
    return frames * VOICE_FRAME_MS * 100 / TALK_MS;
}

static void assert_all_is_heard(enum path path, bool is_enrolled) {
    const int64_t rates[] = {10000, 1000, 100};
    const char *table = getenv("MUSTER_TABLE");
    size_t rate_count = table != NULL && table[0] == 'a' ? 3 : 1;
    struct scene scene = scene_of(path, is_enrolled);
    bool is_heard = true;
    for (size_t kind = 0; kind < DELUGE_KINDS; kind++) {
        scene.deluge.kind = (enum deluge_kind)kind;
        for (size_t i = 0; i < rate_count; i++) {
            scene.deluge.a_second = rates[i];
            unsigned percent = percent_heard(&scene);
            printf("%-12s %-9s %-22s %6lld a second: %3u %% heard\n", paths[path],
                   is_enrolled ? "enrolled" : "stranger", deluge_name((enum deluge_kind)kind),
                   (long long)rates[i], percent);
            is_heard = is_heard && percent >= HEARD;
        }
    }
    town_free(scene.deluge.town);
    assert_true(is_heard);
}

static void a_talk_is_heard_whatever_a_stranger_sends(void **state) {
    (void)state;
    assert_all_is_heard(DIRECT, false);
}

static void a_talk_is_heard_over_a_hub_whatever_a_stranger_sends_to_it(void **state) {
    (void)state;
    assert_all_is_heard(HUB, false);
}

static void a_talk_is_heard_through_a_relay_whatever_a_stranger_sends_to_it(void **state) {
    (void)state;
    assert_all_is_heard(RELAY, false);
}

/* As at a broker, or who forges the talker's address. */
static void a_talk_is_heard_whatever_comes_from_its_own_address(void **state) {
    (void)state;
    assert_all_is_heard(BROKER, false);
}

/* A handset of the domain that is in no group, or somebody who has its parameters. */
static void a_talk_is_heard_whatever_an_enrolled_one_sends(void **state) {
    (void)state;
    assert_all_is_heard(BROKER, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_is_heard_whatever_a_stranger_sends),
        cmocka_unit_test(a_talk_is_heard_over_a_hub_whatever_a_stranger_sends_to_it),
        cmocka_unit_test(a_talk_is_heard_through_a_relay_whatever_a_stranger_sends_to_it),
        cmocka_unit_test(a_talk_is_heard_whatever_comes_from_its_own_address),
        cmocka_unit_test(a_talk_is_heard_whatever_an_enrolled_one_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
