/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets that came before their announcement (app/handset/talk/early.h): what is kept of whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

enum {
    TRUE_PEER = 2, /* handset 1's address */
    TRUE_SSRC = 77,
    PACKET_SIZE = 4 + 12 + 60 + VOICE_LINK_SIZE + VOICE_SIGNATURE_SIZE,
};

/* Handset 0 of a squad, to which handset 1 is a neighbour, and what it keeps. */
struct keeper {
    struct squad *squad;
    struct groups *groups;
    struct early early;
    struct moment now;
    uint32_t key_id;
};

static struct keeper *keeper_new(void) {
    struct keeper *keeper = calloc(1, sizeof *keeper);
    assert_non_null(keeper);
    keeper->squad = squad_new(2);
    squad_group(keeper->squad, HOUR_MS);
    keeper->groups = &keeper->squad->handsets[0].engine->groups;
    keeper->now = squad_now(keeper->squad, 0);
    keeper->key_id = keeper->groups->list[0]->current.id;
    assert_true(roster_has_peer(keeper->groups->roster, TRUE_PEER));
    return keeper;
}

static void keeper_free(struct keeper *keeper) {
    squad_free(keeper->squad);
    free(keeper);
}

static void put(struct keeper *keeper, uint64_t peer, uint32_t key_id, uint32_t ssrc, size_t length,
                uint8_t mark) {
    uint8_t octets[EARLY_PACKET_MAX + 1];
    struct writer w = writer_into(octets, sizeof octets);
    struct media media;
    write_u32(&w, key_id);
    write_u32(&w, 0x80600000);
    write_u32(&w, 0);
    write_u32(&w, ssrc);
    while (w.length < length) {
        write_u8(&w, mark);
    }
    assert_int_equal(media_read(writer_span(&w), &media), STATUS_OK);
    early_keep(&keeper->early, keeper->groups, keeper->now, peer, &media, writer_span(&w));
}

static void put_one(struct keeper *keeper, uint64_t peer, uint32_t ssrc, uint8_t mark) {
    put(keeper, peer, keeper->key_id, ssrc, PACKET_SIZE, mark);
}

/* What comes out. */
struct harvest {
    bool stays; /* no session opens it */
    unsigned count, marked;
    uint8_t first; /* the mark of the first packet */
    int64_t arrived_ms;
};

static bool reap(void *context, const struct early_packet *packet) {
    struct harvest *harvest = context;
    uint8_t mark = packet->octets[packet->length - 1];
    assert_true(packet->arrived.boot_ms >= harvest->arrived_ms);
    harvest->arrived_ms = packet->arrived.boot_ms;
    harvest->first = harvest->count++ == 0 ? mark : harvest->first;
    harvest->marked += mark == 1;
    return !harvest->stays;
}

/* How many packets of `ssrc` come out; *first is the mark of the first one. */
static unsigned count(struct keeper *keeper, uint32_t ssrc, uint8_t *first) {
    struct harvest harvest = {.arrived_ms = INT64_MIN};
    early_hear(&keeper->early, keeper->now, ssrc, reap, &harvest);
    *first = harvest.first;
    return harvest.count;
}

static void half_a_second_is_kept_in_the_order_of_arrival(void **state) {
    (void)state;
    uint8_t first = 0;
    struct keeper *keeper = keeper_new();
    for (uint8_t i = 0; i < 60; i++) {
        put_one(keeper, i % 2 == 0 ? TRUE_PEER : TRUE_PEER + 1, TRUE_SSRC, i);
        keeper->now.boot_ms += VOICE_FRAME_MS;
    }
    assert_int_equal(count(keeper, TRUE_SSRC + 1, &first), 0);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), EARLY_MS / VOICE_FRAME_MS);
    assert_int_equal(first, 60 - EARLY_MS / VOICE_FRAME_MS);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 0);
    put_one(keeper, TRUE_PEER, TRUE_SSRC, 1);
    keeper->now.boot_ms += EARLY_MS + 1;
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 0);
    keeper_free(keeper);
}

static void what_no_session_opens_stays_in_its_order(void **state) {
    (void)state;
    uint8_t first;
    struct keeper *keeper = keeper_new();
    struct harvest harvest = {.stays = true, .arrived_ms = INT64_MIN};
    for (uint8_t i = 0; i < 20; i++) {
        put_one(keeper, i % 2 == 0 ? TRUE_PEER : TRUE_PEER + 1, TRUE_SSRC, i);
        keeper->now.boot_ms += VOICE_FRAME_MS;
    }
    early_hear(&keeper->early, keeper->now, TRUE_SSRC, reap, &harvest);
    assert_int_equal(harvest.count, 20);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 20);
    assert_int_equal(first, 0);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 0);
    keeper_free(keeper);
}

static void only_voice_under_a_held_key_is_kept(void **state) {
    (void)state;
    uint8_t first;
    struct keeper *keeper = keeper_new();
    put(keeper, TRUE_PEER, keeper->key_id + 1, TRUE_SSRC, PACKET_SIZE, 1);
    put(keeper, TRUE_PEER, keeper->key_id, TRUE_SSRC, EARLY_PACKET_MAX + 1, 1);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 0);
    put(keeper, TRUE_PEER, keeper->key_id, TRUE_SSRC, EARLY_PACKET_MAX, 1);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 1);
    keeper_free(keeper);
}

/* A talker of 20 packets, between which others send a hundred each; returns how many are kept. */
static unsigned kept_of_talker(struct keeper *keeper, bool others_were_first, uint64_t peers,
                               uint32_t ssrcs, bool same_ssrc) {
    uint8_t first;
    uint32_t number = 0;
    for (unsigned i = 0; i < 20; i++) {
        for (unsigned k = 0; k < 100; k++, number++) {
            if (i > 0 || others_were_first) {
                put_one(keeper, 1000 + number % peers,
                        same_ssrc ? TRUE_SSRC : 5000 + number / (uint32_t)peers % ssrcs, 0);
            }
        }
        put_one(keeper, TRUE_PEER, TRUE_SSRC, 1);
        keeper->now.boot_ms += VOICE_FRAME_MS;
    }
    struct harvest harvest = {.arrived_ms = INT64_MIN};
    early_hear(&keeper->early, keeper->now, TRUE_SSRC, reap, &harvest);
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 0);
    return harvest.marked;
}

static void strangers_take_nothing_from_a_neighbour(void **state) {
    (void)state;
    static const struct {
        uint64_t peers;
        uint32_t ssrcs;
        bool same_ssrc;
    } floods[] = {{1, 1, true}, {1, 1, false}, {1, 50, false}, {60, 1, false}, {60, 60, true}};
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        for (int first = 0; first < 2; first++) {
            struct keeper *keeper = keeper_new();
            assert_int_equal(kept_of_talker(keeper, first == 1, floods[i].peers, floods[i].ssrcs,
                                            floods[i].same_ssrc),
                             20);
            keeper_free(keeper);
        }
    }
}

/* All places are filled by one stranger's address, and then by four. */
static void a_stranger_with_many_ssrcs_gives_way_to_another_stranger(void **state) {
    (void)state;
    uint8_t first;
    struct keeper *keeper = keeper_new();
    for (uint32_t i = 0; i < 100; i++) {
        put_one(keeper, 1000, 5000 + i, 0);
    }
    put_one(keeper, 2000, TRUE_SSRC, 1);
    for (uint32_t i = 0; i < 100; i++) {
        put_one(keeper, 1000, 6000 + i, 0);
    }
    assert_int_equal(count(keeper, TRUE_SSRC, &first), 1);
    keeper_free(keeper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_second_is_kept_in_the_order_of_arrival),
        cmocka_unit_test(what_no_session_opens_stays_in_its_order),
        cmocka_unit_test(only_voice_under_a_held_key_is_kept),
        cmocka_unit_test(strangers_take_nothing_from_a_neighbour),
        cmocka_unit_test(a_stranger_with_many_ssrcs_gives_way_to_another_stranger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
