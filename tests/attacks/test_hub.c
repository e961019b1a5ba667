/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strangers behind a hub, and those who hear their group through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/announcement.h"
#include "junk.h"
#include "tests/app/town.h"

enum {
    STREET = 0,
    TUNNEL = 1,
    ON_STREET = 1u << STREET,
    ON_TUNNEL = 1u << TUNNEL,
    HUB = 0,
    ANNA = 1,
    BEN = 2,
    FIRST_STRANGER = 3,
    STRANGERS = 8,
    EVERY_MS = 25, /* each of them says so often an announcement */
    TALKS = 3,
    TALK_MS = 3000,
    PAUSE_MS = 1000,
};

/* A town where Anna's group reaches Ben through the hub alone, and strangers who reach only it. */
struct scene {
    struct town *town;
    uint64_t random;
    size_t length;
    uint8_t announcement[ANNOUNCEMENT_MAX]; /* of a group that nobody has */
    size_t signature_at;
};

static void make_announcement(struct scene *scene) {
    struct announcement_fields fields = {.gmk_id = 0xA1234567,
                                         .csb_id = 7,
                                         .ssrc = 9,
                                         .utc_ms = town_now(scene->town).utc_ms,
                                         .talker = "tel:+15550000001",
                                         .group = "sip:nobody@county.example"};
    const uint8_t gmk[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2};
    struct announcement announcement;
    struct writer w = writer_into(scene->announcement, sizeof scene->announcement);
    assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk,
                                        squad_signing_key(SQUAD_STRANGER), &entropy_system, &w),
                     STATUS_OK);
    scene->length = w.length;
    assert_int_equal(announcement_parse(writer_span(&w), &announcement), STATUS_OK);
    scene->signature_at = (size_t)(announcement.signature.octets - scene->announcement);
}

static struct scene set_scene(unsigned bens_media) {
    struct scene scene = {.town = town_new(3), .random = 3};
    town_star(scene.town, STREET, HUB);
    town_add(scene.town, ON_STREET);
    town_add(scene.town, ON_STREET);
    town_add(scene.town, bens_media);
    town_run(scene.town, 6000);
    town_group(scene.town, ANNA, BEN);
    make_announcement(&scene);
    return scene;
}

/* Lets time pass while each stranger says one announcement after the other, all different, none
 * well signed. */
static void run_under_flood(struct scene *scene, int64_t ms) {
    for (int64_t passed = 0; passed < ms; passed += EVERY_MS) {
        for (size_t i = 0; i < STRANGERS; i++) {
            junk_fill(&scene->random, scene->announcement + scene->signature_at,
                      scene->length - scene->signature_at);
            town_say(scene->town, STREET, FIRST_STRANGER + i,
                     &(struct frame){.kind = FRAME_ANNOUNCEMENT,
                                     .hops_left = FRAME_HOPS,
                                     .id = junk_number(&scene->random),
                                     .payload = {scene->announcement, scene->length}});
        }
        town_run(scene->town, EVERY_MS);
    }
}

/* How much Ben hears of Anna's talks, in per cent. */
static unsigned percent_heard(unsigned bens_media) {
    struct scene scene = set_scene(bens_media);
    unsigned before = scene.town->handsets[BEN].voice_frames;
    const struct command stop = {.kind = COMMAND_TALK_END};
    run_under_flood(&scene, TALK_MS);
    for (unsigned i = 0; i < TALKS; i++) {
        assert_int_equal(town_talk(scene.town, ANNA), STATUS_OK);
        run_under_flood(&scene, TALK_MS);
        assert_int_equal(town_command(scene.town, ANNA, &stop), STATUS_OK);
        run_under_flood(&scene, PAUSE_MS);
    }
    unsigned heard = scene.town->handsets[BEN].voice_frames - before;
    town_free(scene.town);
    return heard * VOICE_FRAME_MS * 100 / (TALKS * TALK_MS);
}

/* A handset with two links may be a relay for the unknown groups. What their announcements cost is
 * paid for apart from own groups' (air/admission.h), though it comes from the same address, the
 * hub's.
 */
static void strangers_behind_a_hub_take_nothing_from_a_handset_with_two_links(void **state) {
    (void)state;
    assert_true(percent_heard(ON_STREET | ON_TUNNEL) >= 95);
}

static void the_same_strangers_take_nothing_from_a_handset_with_one_link(void **state) {
    (void)state;
    assert_true(percent_heard(ON_STREET) >= 95);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_behind_a_hub_take_nothing_from_a_handset_with_two_links),
        cmocka_unit_test(the_same_strangers_take_nothing_from_a_handset_with_one_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
