/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of links (crypto/voice_chain.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/talker_key.h"
#include "crypto/voice_chain.h"

struct scene {
    uint8_t key[TALKER_KEY_SIZE];
    uint8_t links[VOICE_CHAIN_MAX + 1][VOICE_LINK_SIZE];
    struct heard_chain heard;
};

/* The key is 00 01 .. 1f, the last link 01 .. 08. */
static struct scene *scene_new(void) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    for (size_t i = 0; i < TALKER_KEY_SIZE; i++) {
        scene->key[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < VOICE_LINK_SIZE; i++) {
        scene->links[VOICE_CHAIN_MAX][i] = (uint8_t)(i + 1);
    }
    voice_chain_fill(scene->key, scene->links);
    heard_chain_start(&scene->heard, scene->key, scene->links[0]);
    return scene;
}

static enum link_sight see(struct scene *scene, unsigned number, unsigned steps) {
    return heard_chain_see(&scene->heard, number, scene->links[number], steps);
}

/* As Python's hashlib makes them: blake2b(key + number (2) + link, digest_size=8, person=b'Muster
 * link 1'), from number 1651 down to 1. */
static void the_links_are_those_of_another_blake2b(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    assert_memory_equal(scene->links[1650], "\xb2\xb5\x54\x09\x15\x84\x24\x69", VOICE_LINK_SIZE);
    assert_memory_equal(scene->links[1000], "\x05\x45\x79\xd4\xe3\x4e\x5d\xc7", VOICE_LINK_SIZE);
    assert_memory_equal(scene->links[0], "\x32\xf6\x8e\x3c\x7d\xa9\xda\x34", VOICE_LINK_SIZE);
    free(scene);
}

static void a_talkers_links_lead_to_its_anchor(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    const struct entropy entropy = entropy_from_seed(&seeded, 1651);
    struct talker_key *keys[2];
    struct heard_chain heard;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(talker_key_new(&entropy, &keys[i]), STATUS_OK);
        heard_chain_start(&heard, talker_key_public(keys[i]), talker_key_anchor(keys[i]));
        for (unsigned number = 1; number <= VOICE_CHAIN_MAX; number++) {
            assert_int_equal(heard_chain_see(&heard, number, talker_key_link(keys[i], number), 1),
                             LINK_RIGHT);
        }
        assert_null(talker_key_link(keys[i], 0));
        assert_null(talker_key_link(keys[i], VOICE_CHAIN_MAX + 1));
    }
    /* One key's links are of no use under another. */
    heard_chain_start(&heard, talker_key_public(keys[0]), talker_key_anchor(keys[1]));
    assert_int_equal(heard_chain_see(&heard, 1, talker_key_link(keys[1], 1), 1), LINK_WRONG);
    talker_key_free(keys[0]);
    talker_key_free(keys[1]);
}

static void no_other_link_is_right_and_none_at_another_place(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    uint8_t changed[VOICE_LINK_SIZE];
    assert_int_equal(see(scene, 10, VOICE_CHAIN_JUMP), LINK_RIGHT);
    for (unsigned number = 5; number <= 15; number++) {
        for (size_t i = 0; i < 8 * sizeof changed; i++) {
            memcpy(changed, scene->links[number], sizeof changed);
            changed[i / 8] ^= (uint8_t)(1 << i % 8);
            assert_int_equal(heard_chain_see(&scene->heard, number, changed, VOICE_CHAIN_JUMP),
                             LINK_WRONG);
        }
        for (unsigned other = 0; other <= 20; other++) {
            if (other != number) {
                assert_int_equal(
                    heard_chain_see(&scene->heard, number, scene->links[other], VOICE_CHAIN_JUMP),
                    LINK_WRONG);
            }
        }
    }
    assert_int_equal(heard_chain_see(&scene->heard, 0, scene->links[0], 1), LINK_WRONG);
    assert_int_equal(heard_chain_see(&scene->heard, VOICE_CHAIN_MAX + 1, scene->links[0], 1),
                     LINK_WRONG);
    assert_int_equal(scene->heard.newest, 10); /* nothing of it was taken */
    free(scene);
}

/* Statement 9 of app/README.md: a packet costs no more steps than allowed. */
static void what_is_too_far_ahead_is_not_told(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    assert_int_equal(see(scene, VOICE_CHAIN_JUMP + 1, VOICE_CHAIN_JUMP), LINK_FAR);
    assert_int_equal(see(scene, VOICE_CHAIN_JUMP, VOICE_CHAIN_JUMP), LINK_RIGHT);
    assert_int_equal(see(scene, VOICE_CHAIN_JUMP + 2, 1), LINK_FAR);
    heard_chain_take(&scene->heard, 1200, scene->links[1200]);
    assert_int_equal(see(scene, 1201, 1), LINK_RIGHT);
    assert_int_equal(see(scene, 1201 - (VOICE_CHAIN_KEPT - 1), 0), LINK_RIGHT);
    assert_int_equal(see(scene, 1201 - VOICE_CHAIN_KEPT, VOICE_CHAIN_MAX), LINK_WRONG);
    free(scene);
}

/* Packets in any order, some lost, some late, some proven by their signature alone. */
static void a_right_link_is_right_in_whatever_order_packets_come(void **state) {
    (void)state;
    uint32_t random = 1;
    for (unsigned round = 0; round < 20; round++) {
        struct scene *scene = scene_new();
        unsigned newest = 0;
        while (newest < VOICE_CHAIN_MAX - 200) {
            random = random * 1664525 + 1013904223;
            unsigned dice = random >> 16, number = newest + 1 + dice % VOICE_CHAIN_JUMP;
            if (dice % 7 == 0 && newest > 0) {
                unsigned back = dice % VOICE_CHAIN_KEPT;
                number = back < newest ? newest - back : newest;
            } else if (dice % 11 == 0) {
                number += VOICE_CHAIN_JUMP + dice % 60;
                assert_int_equal(see(scene, number, VOICE_CHAIN_JUMP), LINK_FAR);
                heard_chain_take(&scene->heard, number, scene->links[number]);
            }
            assert_int_equal(see(scene, number, VOICE_CHAIN_JUMP), LINK_RIGHT);
            newest = number > newest ? number : newest;
            assert_int_equal(scene->heard.newest, newest);
        }
        free(scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_links_are_those_of_another_blake2b),
        cmocka_unit_test(a_talkers_links_lead_to_its_anchor),
        cmocka_unit_test(no_other_link_is_right_and_none_at_another_place),
        cmocka_unit_test(what_is_too_far_ahead_is_not_told),
        cmocka_unit_test(a_right_link_is_right_in_whatever_order_packets_come),
    };
    return cmocka_run_group_tests_name("crypto/voice_chain", tests, NULL, NULL);
}
