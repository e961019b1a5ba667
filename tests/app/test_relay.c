/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relaying without a key (6.X.3.1.1.1, 6; app/handset/air/relay.h): the same group session
 * directly, through relays, and both.
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
#include "delivery.h"
#include "town.h"

/* Media, and the sides of a relay between them. */
enum {
    STREET = 1,
    TUNNEL = 2,
    YARD = 4,
    STREET_MEDIUM = 0,
    TUNNEL_MEDIUM = 1,
    YARD_MEDIUM = 2
};

static uint64_t the_seed(void) {
    const char *text = getenv("SEED");
    return text == NULL ? 1 : strtoull(text, NULL, 0);
}

static bool holds_the_key(struct town *town, size_t n, size_t member) {
    uint8_t gmk[GMK_SIZE];
    uint32_t gmk_id = town_view(town, member)->groups[0].gmk_id;
    bool holds = handset_reveal_gmk(town->handsets[n].engine, gmk_id, gmk);
    secret_wipe(gmk, sizeof gmk);
    return holds;
}

/* How much voice handset n hears in `ms`, in hundredths of all that is said. */
static unsigned hears(struct town *town, size_t n, int64_t ms) {
    unsigned before = town->handsets[n].voice_frames;
    town_run(town, ms);
    return (unsigned)((town->handsets[n].voice_frames - before) * VOICE_FRAME_MS * 100 / ms);
}

/* Anna in the street, Ben in the tunnel, and then the relays between the two; a group of Anna and
 * Ben, in which she talks. */
struct scene {
    struct town *town;
    size_t anna, ben, relays[3];
};

static struct scene scene_with_relays(size_t relays) {
    struct scene scene = {.town = town_new(the_seed())};
    scene.anna = town_add(scene.town, STREET);
    scene.ben = town_add(scene.town, TUNNEL);
    for (size_t i = 0; i < relays; i++) {
        scene.relays[i] = town_add(scene.town, STREET | TUNNEL);
    }
    town_run(scene.town, 6000);
    town_group(scene.town, scene.anna, scene.ben);
    assert_int_equal(town_talk(scene.town, scene.anna), STATUS_OK);
    town_run(scene.town, 500);
    return scene;
}

static void a_group_is_made_and_talks_through_a_relay_that_holds_no_key(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(1);
    assert_in_range(hears(scene.town, scene.ben, 3000), 97, 101);
    assert_int_equal(town_view(scene.town, scene.ben)->talker_count, 1);
    assert_string_equal(town_view(scene.town, scene.ben)->talkers[0].identity,
                        squad_identity(scene.anna));
    assert_true(holds_the_key(scene.town, scene.anna, scene.anna));
    assert_true(holds_the_key(scene.town, scene.ben, scene.anna));
    assert_false(holds_the_key(scene.town, scene.relays[0], scene.anna));
    assert_int_equal(town_view(scene.town, scene.relays[0])->group_count, 0);
    assert_int_equal(scene.town->handsets[scene.relays[0]].voice_frames, 0);
    assert_int_equal(scene.town->handsets[scene.ben].talks, 1);
    town_free(scene.town);
}

static void without_a_relay_nothing_passes(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET);
    town_add(town, TUNNEL);
    town_run(town, 6000);
    assert_int_equal(town_view(town, 0)->nearby_count, 0);
    town_free(town);
}

static void a_handset_reached_on_both_sides_acts_once(void **state) {
    (void)state;
    for (int both = 0; both < 2; both++) { /* directly and through a relay, or twice directly */
        struct town *town = town_new(the_seed());
        size_t anna = town_add(town, both != 0 ? STREET | TUNNEL : STREET);
        size_t ben = town_add(town, STREET | TUNNEL);
        town_add(town, STREET | TUNNEL);
        town_run(town, 6000);
        town_group(town, anna, ben);
        assert_int_equal(town_talk(town, anna), STATUS_OK);
        town_run(town, 500);
        assert_in_range(hears(town, ben, 3000), 97, 101);
        /* Asked, and told that the key is to come. */
        assert_int_equal(town->handsets[ben].invitations, 2);
        assert_int_equal(town->handsets[ben].talks, 1);
        assert_int_equal(town->handsets[ben].refusals, 0);
        town_free(town);
    }
}

static void of_several_relays_one_passes_everything_on(void **state) {
    (void)state;
    for (size_t relays = 2; relays <= 3; relays++) {
        struct scene scene = scene_with_relays(relays);
        town_run(scene.town, 3000);
        int64_t since_ms = scene.town->boot_ms;
        assert_in_range(hears(scene.town, scene.ben, 3000), 97, 101);
        struct town_count voice = town_count(scene.town, TUNNEL_MEDIUM, FRAME_MEDIA, since_ms);
        assert_in_range(voice.frames, 140, 150);
        assert_in_range(voice.said, voice.frames, voice.frames * 105 / 100);
        struct town_count back = town_count(scene.town, STREET_MEDIUM, FRAME_MEDIA, since_ms);
        assert_in_range(back.said, back.frames, back.frames * 105 / 100);
        town_free(scene.town);
    }
}

/* The relay that passes more on. */
static size_t active_relay(const struct scene *scene, int64_t since_ms) {
    size_t said[2] = {0, 0};
    for (size_t i = 0; i < scene->town->said_count; i++) {
        for (size_t k = 0; k < 2; k++) {
            said[k] += scene->town->said[i].at_ms >= since_ms &&
                       scene->town->said[i].kind == FRAME_MEDIA &&
                       scene->town->said[i].from == scene->relays[k];
        }
    }
    return said[0] > said[1] ? scene->relays[0] : scene->relays[1];
}

static void a_relay_that_stands_by_takes_over_when_the_other_one_is_gone(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(2);
    town_run(scene.town, 3000);
    int64_t since_ms = scene.town->boot_ms;
    town_run(scene.town, 1000);
    size_t active = active_relay(&scene, since_ms);
    size_t other = scene.relays[0] + scene.relays[1] - active;
    const struct relay_memory *standby = scene.town->handsets[other].engine->relay.memory;
    assert_in_range(standby->patience_ms, RELAY_PATIENCE_MAX_MS / 2, RELAY_PATIENCE_MAX_MS);
    scene.town->handsets[active].is_gone = true;
    assert_in_range(hears(scene.town, scene.ben, 1000), 70, 101);
    assert_in_range(hears(scene.town, scene.ben, 3000), 97, 101);
    assert_in_range(standby->patience_ms, 0, 1); /* it is the one that others wait for */
    assert_int_equal(scene.town->handsets[scene.ben].talks, 1);
    town_free(scene.town);
}

static void loops_end(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    town_add(town, TUNNEL | YARD);
    town_add(town, YARD | STREET);
    town_run(town, 1000);
    size_t before = town->said_count;
    const uint8_t payload[] = {0, 0, 0, 9, 1};
    for (uint8_t hops = 0; hops < 3; hops++) {
        town_say(town, STREET_MEDIUM, 5,
                 &(struct frame){FRAME_MEDIA, hops, 100 + (uint64_t)hops, SPAN_OF(payload)});
    }
    town_run(town, 3000);
    /* With no hop left it stays in the street; with one it reaches both other media, once from each
     * side of the street; with more it is as often on each medium as there are relays at most. */
    size_t said[3] = {0, 0, 0};
    for (size_t i = before; i < town->said_count; i++) {
        const struct town_said *frame = &town->said[i];
        if (frame->kind != FRAME_MEDIA) {
            continue;
        }
        for (uint8_t hops = 0; hops < 3; hops++) {
            uint8_t room[FRAME_HEADER_SIZE + sizeof payload], identity[FRAME_IDENTITY_SIZE];
            struct writer w = writer_into(room, sizeof room);
            frame_write(&w,
                        &(struct frame){FRAME_MEDIA, 0, 100 + (uint64_t)hops, SPAN_OF(payload)});
            frame_identity(writer_span(&w), identity);
            said[hops] += memcmp(identity, frame->identity, sizeof identity) == 0;
        }
    }
    assert_int_equal(said[0], 1);
    assert_int_equal(said[1], 3);
    assert_in_range(said[2], 3, 6);
    town_free(town);
}

static void a_flood_is_not_passed_on_whole_and_neighbours_get_through(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(1);
    uint8_t payload[1000] = {0, 0, 0, 9, 1};
    int64_t since_ms = scene.town->boot_ms;
    unsigned before = scene.town->handsets[scene.ben].voice_frames;
    for (int i = 0; i < 2000; i++) {
        town_say(scene.town, STREET_MEDIUM, 5,
                 &(struct frame){FRAME_MEDIA, 3, 1000 + (uint64_t)i, SPAN_OF(payload)});
        town_run(scene.town, 2);
    }
    unsigned heard = scene.town->handsets[scene.ben].voice_frames - before;
    assert_in_range(heard, 190, 201);
    size_t passed = town_count(scene.town, TUNNEL_MEDIUM, FRAME_MEDIA, since_ms).said - heard;
    /* 80 kB at once and 30 kB a second, for 4 s. */
    assert_in_range(passed, 150, 210);
    town_free(scene.town);
}

static void a_burst_of_small_frames_leaves_room_for_what_neighbours_say(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(1);
    struct relay_memory *relay = scene.town->handsets[scene.relays[0]].engine->relay.memory;
    relay->patience_ms = RELAY_PATIENCE_MAX_MS; /* so that all of them wait */
    const uint8_t payload[] = {0, 0, 0, 9, 1};
    unsigned before = scene.town->handsets[scene.ben].voice_frames;
    for (uint64_t i = 0; i < 1000; i++) {
        town_say(scene.town, STREET_MEDIUM, 5,
                 &(struct frame){FRAME_MEDIA, 3, 5000 + i, SPAN_OF(payload)});
    }
    town_run(scene.town, 10);
    assert_in_range(relay->frames_waiting, RELAY_FRAMES_MAX / 4, RELAY_FRAMES_MAX / 4 + 1);
    town_run(scene.town, 1990);
    assert_in_range(scene.town->handsets[scene.ben].voice_frames - before, 85, 101);
    assert_int_equal(relay->octets_waiting == 0, relay->frames_waiting == 0);
    town_free(scene.town);
}

static void one_to_one_talk_goes_through_a_relay(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    size_t anna = town_add(town, STREET), ben = town_add(town, TUNNEL);
    size_t relay = town_add(town, STREET | TUNNEL);
    town_run(town, 6000);
    town_call(town, anna, ben);
    assert_in_range(hears(town, ben, 2000), 97, 101);
    assert_in_range(hears(town, anna, 2000), 97, 101);
    assert_int_equal(town->handsets[relay].voice_frames, 0);
    town_free(town);
}

static void a_key_delivery_goes_through_a_relay_and_its_receipt_comes_back(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET);
    size_t ben = town_add(town, TUNNEL);
    town_add(town, STREET | TUNNEL);
    town_run(town, 6000);
    int64_t now_ms = town_now(town).utc_ms;
    struct delivery delivery = {.group = SQUAD_FIRE,
                                .signer = SQUAD_FIRE,
                                .member = ben,
                                .gmk_id = 0x01020304,
                                .utc_ms = now_ms,
                                .begins_ms = now_ms,
                                .ends_ms = now_ms + HOUR_MS,
                                .manager = SQUAD_MANAGER,
                                .term = SQUAD_TERM};
    uint8_t octets[KEY_DELIVERY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    delivery_write(&delivery, &w);
    town_say(town, STREET_MEDIUM, 5, &(struct frame){FRAME_KEY_DELIVERY, 3, 9, writer_span(&w)});
    town_run(town, RECEIPT_SPREAD_MS + 100);
    assert_true(holds_the_key(town, ben, ben));
    assert_int_equal(town_count(town, TUNNEL_MEDIUM, FRAME_RECEIPT, 0).said, 1);
    assert_int_equal(town_count(town, STREET_MEDIUM, FRAME_RECEIPT, 0).said, 1);
    town_free(town);
}

static void under_radio_silence_nothing_is_passed_on(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(1);
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(town_command(scene.town, scene.relays[0], &silence), STATUS_OK);
    int64_t since_ms = scene.town->boot_ms;
    town_run(scene.town, 3000);
    for (uint8_t kind = FRAME_PRESENCE; kind <= FRAME_KEY_DELIVERY; kind++) {
        for (size_t i = 0; i < scene.town->said_count; i++) {
            assert_false(scene.town->said[i].at_ms >= since_ms &&
                         scene.town->said[i].from == scene.relays[0]);
        }
    }
    town_free(scene.town);
}

static void what_is_between_a_relay_and_another_is_not_passed_on(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    size_t anna = town_add(town, STREET);
    town_add(town, TUNNEL);
    size_t relay = town_add(town, STREET | TUNNEL);
    town_run(town, 6000);
    int64_t since_ms = town->boot_ms;
    town_group(town, anna, relay);
    assert_true(town_count(town, STREET_MEDIUM, FRAME_D2D, since_ms).said > 4);
    assert_int_equal(town_count(town, TUNNEL_MEDIUM, FRAME_D2D, since_ms).said, 0);
    town_free(town);
}

static void a_forged_frame_with_the_same_id_does_not_stand_in_for_the_real_one(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    town_run(town, 100);
    int64_t since_ms = town->boot_ms;
    const uint8_t real[] = {0, 0, 0, 9, 1}, forged[] = {0, 0, 0, 9, 2};
    town_say(town, STREET_MEDIUM, 5, &(struct frame){FRAME_MEDIA, 3, 77, SPAN_OF(forged)});
    town_run(town, 100);
    town_say(town, STREET_MEDIUM, 4, &(struct frame){FRAME_MEDIA, 3, 77, SPAN_OF(real)});
    town_run(town, 100);
    assert_int_equal(town_count(town, TUNNEL_MEDIUM, FRAME_MEDIA, since_ms).frames, 2);
    town_free(town);
}

static void who_says_a_frame_first_with_fewer_hops_does_not_cut_its_way_short(void **state) {
    (void)state;
    for (uint8_t first = 0; first < 2; first++) {
        struct town *town = town_new(the_seed());
        town_add(town, STREET | TUNNEL);
        town_run(town, 100);
        const uint8_t payload[] = {0, 0, 0, 9, 1};
        town->handsets[0].engine->relay.memory->patience_ms =
            40; /* so that it waits for the second */
        town_say(town, STREET_MEDIUM, 5, &(struct frame){FRAME_MEDIA, first, 77, SPAN_OF(payload)});
        town_run(town, 10);
        town_say(town, STREET_MEDIUM, 4, &(struct frame){FRAME_MEDIA, 3, 77, SPAN_OF(payload)});
        town_run(town, 200);
        const struct town_said *last = &town->said[town->said_count - 1];
        assert_int_equal(last->medium, TUNNEL_MEDIUM);
        assert_int_equal(last->hops_left, 2);
        town_free(town);
    }
}

static void more_hops_than_are_given_to_any_frame_count_as_that_many(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    town_run(town, 100);
    const uint8_t payload[] = {0, 0, 0, 9, 1};
    town_say(town, STREET_MEDIUM, 5, &(struct frame){FRAME_MEDIA, 255, 77, SPAN_OF(payload)});
    town_run(town, 100);
    assert_int_equal(town->said[town->said_count - 1].hops_left, FRAME_HOPS - 1);
    town_free(town);
}

static bool hears_topic(const struct town *town, size_t n, const char *name) {
    struct handset_topic topics[HANDSET_TOPICS_MAX];
    size_t count = handset_topics(town->handsets[n].engine, topics, HANDSET_TOPICS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(topics[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void a_relay_knows_the_topic_of_a_group_that_it_hears(void **state) {
    (void)state;
    struct scene scene = scene_with_relays(1);
    size_t relay = scene.relays[0];
    struct topic_key *key = &scene.town->handsets[relay].engine->desk.topic_key;
    char topic[TOPIC_SIZE];
    topic_group(key, town_view(scene.town, scene.anna)->groups[0].identity, topic);
    assert_string_equal(scene.town->handsets[relay].topic, topic);
    assert_in_range(scene.town->handsets[relay].topics_relayed, 20, 30); /* voice in 500 ms */
    assert_true(hears_topic(scene.town, relay, topic));
    /* One that nobody talks in any more is forgotten. */
    uint64_t version = handset_topics_version(scene.town->handsets[relay].engine);
    scene.town->handsets[scene.anna].is_gone = true;
    scene.town->boot_ms += TOPICS_GROUP_LASTS_MS;
    town_run(scene.town, 1000);
    assert_false(hears_topic(scene.town, relay, topic));
    assert_true(handset_topics_version(scene.town->handsets[relay].engine) != version);
    town_free(scene.town);
}

static void a_stranger_makes_a_relay_hear_no_topic(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    size_t relay = town_add(town, STREET | TUNNEL);
    const uint8_t gmk[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2};
    struct announcement_fields fields = {
        .csb_id = 5, .ssrc = 77, .gmk_id = 9, .utc_ms = town_now(town).utc_ms};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(3));
    assert_int_equal(group_identity_adhoc(squad_identity(3), 1, fields.group), STATUS_OK);
    struct handset_topic topics[HANDSET_TOPICS_MAX];
    for (size_t signer = 4; signer >= 3; signer--) { /* another's key, and then its own */
        uint8_t octets[ANNOUNCEMENT_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk,
                                            squad_signing_key(signer), &entropy_system, &w),
                         STATUS_OK);
        size_t before = handset_topics(town->handsets[relay].engine, topics, HANDSET_TOPICS_MAX);
        town_say(town, STREET_MEDIUM, 5,
                 &(struct frame){FRAME_ANNOUNCEMENT, 3, signer, writer_span(&w)});
        town_run(town, 100);
        assert_int_equal(handset_topics(town->handsets[relay].engine, topics, HANDSET_TOPICS_MAX),
                         before + (signer == 3));
    }
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_made_and_talks_through_a_relay_that_holds_no_key),
        cmocka_unit_test(without_a_relay_nothing_passes),
        cmocka_unit_test(a_handset_reached_on_both_sides_acts_once),
        cmocka_unit_test(of_several_relays_one_passes_everything_on),
        cmocka_unit_test(a_relay_that_stands_by_takes_over_when_the_other_one_is_gone),
        cmocka_unit_test(loops_end),
        cmocka_unit_test(a_flood_is_not_passed_on_whole_and_neighbours_get_through),
        cmocka_unit_test(a_burst_of_small_frames_leaves_room_for_what_neighbours_say),
        cmocka_unit_test(one_to_one_talk_goes_through_a_relay),
        cmocka_unit_test(a_key_delivery_goes_through_a_relay_and_its_receipt_comes_back),
        cmocka_unit_test(under_radio_silence_nothing_is_passed_on),
        cmocka_unit_test(what_is_between_a_relay_and_another_is_not_passed_on),
        cmocka_unit_test(a_forged_frame_with_the_same_id_does_not_stand_in_for_the_real_one),
        cmocka_unit_test(who_says_a_frame_first_with_fewer_hops_does_not_cut_its_way_short),
        cmocka_unit_test(more_hops_than_are_given_to_any_frame_count_as_that_many),
        cmocka_unit_test(a_relay_knows_the_topic_of_a_group_that_it_hears),
        cmocka_unit_test(a_stranger_makes_a_relay_hear_no_topic),
    };
    printf("SEED=%llu\n", (unsigned long long)the_seed());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
