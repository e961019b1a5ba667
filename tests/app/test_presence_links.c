/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Presences and their links between handsets: who is known stays, whatever is sent in its name; and
 * what a link tells, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/squad.h"

enum {
    ANNA = 0,
    BEN = 1,
    CARL = 2, /* hears both */
    STEP_MS = 10,
    A_STEP = 10, /* forged frames: 1,000 a second */
    FLOOD_MS = 45 * 1000,
};

static uint8_t junk(void) {
    static uint32_t random = 4711;
    random = random * 1103515245 + 12345;
    return (uint8_t)(random >> 16);
}

/* The latest presence of that handset in the air, as it was read. */
static struct presence latest_of(struct squad *squad, size_t from) {
    struct presence presence = {.utc_ms = 0};
    struct span covered, signature;
    for (size_t i = 0; i < squad->frame_count; i++) {
        if (squad->frames[i].from == from && squad->frames[i].octets[1] == FRAME_PRESENCE) {
            assert_int_equal(
                presence_read(squad_payload(&squad->frames[i]), &presence, &covered, &signature),
                STATUS_OK);
        }
    }
    return presence;
}

/* Ben's latest presence, with its link, signed by Carl. */
static struct span forge_presence(struct squad *squad, uint8_t octets[PRESENCE_MAX]) {
    struct writer w = writer_into(octets, PRESENCE_MAX);
    struct presence presence = latest_of(squad, BEN);
    presence.age_ms += 1;
    assert_int_equal(
        presence_write(&w, &presence, &squad->handsets[CARL].engine->desk.keyring, &entropy_system),
        STATUS_OK);
    return writer_span(&w);
}

/* A link that is none, so many slots on. */
static void forge_link(struct squad *squad, const struct presence *of, unsigned ahead) {
    uint8_t octets[PRESENCE_LINK_MESSAGE_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    struct presence_link link = of->link;
    link.number = (uint16_t)(link.number + ahead);
    for (size_t i = 0; i < PRESENCE_LINK_SIZE; i++) {
        link.link[i] = junk();
    }
    presence_link_write(&w, &link);
    squad_inject_payload(squad, ANNA, BEN, FRAME_PRESENCE_LINK, writer_span(&w));
}

static const struct view_nearby *ben_at_anna(struct squad *squad) {
    const struct view *view = squad_view(squad, ANNA);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(BEN)) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

/* A thousand a second, of either kind, from his address and in his name, and of numbers that are
 * said, due and ahead. */
static void no_flood_in_a_neighbours_name_and_from_its_address_makes_it_vanish(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 12 * 1000);
    struct presence presence = latest_of(squad, BEN);
    uint8_t octets[PRESENCE_MAX];
    struct span forged = forge_presence(squad, octets);
    for (int64_t ms = 0; ms < FLOOD_MS; ms += STEP_MS) {
        for (unsigned i = 0; i < A_STEP; i++) {
            if (i % 2 == 0) {
                forge_link(squad, &presence, (unsigned)(ms / PRESENCE_SLOT_MS) + junk() % 12);
                continue;
            }
            octets[7] = junk(); /* the time, so that it is another one */
            octets[6] = junk();
            squad_inject_payload(squad, ANNA, BEN, FRAME_PRESENCE, forged);
        }
        squad_run(squad, STEP_MS);
        if (ms % 1000 == 0) {
            forged = forge_presence(squad, octets); /* with a link that was right just now */
            assert_non_null(ben_at_anna(squad));
            assert_true(ben_at_anna(squad)->heard_ago_ms <= 2 * PRESENCE_INTERVAL_MS);
            assert_int_equal(ben_at_anna(squad)->state, NEARBY_REACHABLE);
        }
    }
    squad_free(squad);
}

static struct said_link next_of(struct squad *squad, size_t n) {
    struct said_link said;
    struct presence_link link;
    struct presences *presences = &squad->handsets[n].engine->presences;
    struct moment now = squad_now(squad, n);
    assert_true(own_chain_open(presences->chain, now, &link));
    memcpy(said.chain, link.anchor, sizeof said.chain);
    memcpy(said.link, link.link, sizeof said.link);
    said.number = link.number;
    return said;
}

static void inject_link(struct squad *squad, size_t from, const struct said_link *said) {
    uint8_t octets[PRESENCE_LINK_MESSAGE_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, SPAN_OF(said->chain));
    write_u16(&w, said->number);
    write_span(&w, SPAN_OF(said->link));
    squad_inject_payload(squad, ANNA, from, FRAME_PRESENCE_LINK, writer_span(&w));
}

/* Whoever overtakes a presence with forged ones of the same link has few of them checked, and none
 * once the true one was. */
static void a_right_link_is_good_for_a_few_signatures_alone(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 12 * 1000);
    struct roster *roster = &squad->handsets[ANNA].engine->roster;
    struct presence presence = latest_of(squad, BEN);
    assert_false(
        roster_hear_claim(roster, squad_identity(BEN), &presence.link, squad_now(squad, ANNA)));
    squad->handsets[BEN].deaf = true;
    squad_run(squad, PRESENCE_SLOT_MS);
    struct said_link next = next_of(squad, BEN);
    presence.link.number = next.number;
    memcpy(presence.link.link, next.link, sizeof next.link);
    unsigned checked = 0;
    for (unsigned i = 0; i < 100; i++) {
        checked +=
            roster_hear_claim(roster, squad_identity(BEN), &presence.link, squad_now(squad, ANNA));
    }
    assert_int_equal(checked, PRESENCE_LINK_CHECKS);
    presence.link.link[0] ^= 1;
    assert_false(
        roster_hear_claim(roster, squad_identity(BEN), &presence.link, squad_now(squad, ANNA)));
    squad_free(squad);
}

/* Who hears a link can say it again elsewhere: it moves nothing but when Ben was heard. */
static void a_link_tells_that_its_handset_was_heard_and_nothing_else(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 12 * 1000);
    squad->handsets[BEN].deaf = true;
    squad_run(squad, PRESENCE_LASTS_MS - PRESENCE_INTERVAL_MS);
    const struct neighbour before =
        *roster_find(&squad->handsets[ANNA].engine->roster, squad_identity(BEN));
    struct said_link link = next_of(squad, BEN);
    inject_link(squad, SQUAD_STRANGER, &link);
    const struct neighbour *after =
        roster_find(&squad->handsets[ANNA].engine->roster, squad_identity(BEN));
    assert_int_equal(after->heard_ms, squad_now(squad, ANNA).boot_ms);
    assert_int_equal(after->signed_ms, before.signed_ms);
    assert_memory_equal(&after->ways, &before.ways, sizeof before.ways);
    assert_memory_equal(&after->lives, &before.lives, sizeof before.lives);
    assert_memory_equal(&after->presence, &before.presence, sizeof before.presence);
    assert_int_equal(after->clock_difference_ms, before.clock_difference_ms);
    assert_false(roster_has_peer(&squad->handsets[ANNA].engine->roster, SQUAD_STRANGER + 1));
    squad_free(squad);
}

static void links_bring_nobody_back_who_is_gone(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 12 * 1000);
    squad->handsets[BEN].deaf = true;
    squad_run(squad, PRESENCE_LASTS_MS + 2 * PRESENCE_INTERVAL_MS);
    assert_null(ben_at_anna(squad));
    struct said_link link = next_of(squad, BEN);
    inject_link(squad, BEN, &link);
    assert_null(ben_at_anna(squad));
    squad_free(squad);
}

/* Ben talks on out of reach, and somebody who forwards his links alone is in reach: he is not
 * shown as reachable for long. */
static void links_alone_keep_nobody_reachable(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 12 * 1000);
    squad->handsets[BEN].deaf = true;
    for (int64_t ms = 0; ms < 60 * 1000; ms += PRESENCE_INTERVAL_MS) {
        squad_run(squad, PRESENCE_INTERVAL_MS);
        struct said_link link = next_of(squad, BEN);
        inject_link(squad, SQUAD_STRANGER, &link);
    }
    assert_non_null(ben_at_anna(squad));
    assert_int_equal(ben_at_anna(squad)->state, NEARBY_NOT_ANSWERING);
    squad_free(squad);
}

/* In a crowd most presences are links, and everybody stays. */
static void where_many_are_nearby_links_go_between_signed_presences(void **state) {
    (void)state;
    struct squad *squad = squad_new(SQUAD_MAX);
    squad->step_ms = 50;
    squad_run(squad, 15 * 1000);
    size_t first = squad->frame_count, links = 0, presences = 0;
    squad_run(squad, 30 * 1000);
    for (size_t i = first; i < squad->frame_count; i++) {
        links += squad->frames[i].octets[1] == FRAME_PRESENCE_LINK;
        presences += squad->frames[i].octets[1] == FRAME_PRESENCE;
    }
    assert_in_range(links, 2 * SQUAD_MAX, 4 * SQUAD_MAX);
    assert_in_range(presences, 2 * SQUAD_MAX, 4 * SQUAD_MAX);
    for (size_t n = 0; n < SQUAD_MAX; n++) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->nearby_count, SQUAD_MAX - 1);
        for (size_t i = 0; i < view->nearby_count; i++) {
            assert_true(view->nearby[i].heard_ago_ms <= PRESENCE_INTERVAL_MS);
            assert_int_equal(view->nearby[i].state, NEARBY_REACHABLE);
        }
    }
    squad_free(squad);
}

/* The chain is used up, or its handset starts anew: its neighbours go on without a gap. */
static void a_new_chain_takes_over_without_a_gap(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct presences *presences = &squad->handsets[BEN].engine->presences;
    struct moment early = squad_now(squad, BEN);
    early.boot_ms -= (PRESENCE_CHAIN_MAX - 3) * (int64_t)PRESENCE_SLOT_MS;
    assert_int_equal(
        own_chain_new(presences->roster->own.start, &entropy_system, early, &presences->chain),
        STATUS_OK);
    for (int64_t slot = 0; slot < 12; slot++) {
        squad_run(squad, PRESENCE_SLOT_MS);
        assert_non_null(ben_at_anna(squad));
        assert_true(ben_at_anna(squad)->heard_ago_ms <= PRESENCE_INTERVAL_MS);
    }
    assert_in_range(next_of(squad, BEN).number, 1, 12); /* of the next chain */
    squad_restart(squad, BEN, false);
    squad_run(squad, 2000);
    struct said_link link = next_of(squad, BEN);
    const struct neighbour *ben =
        roster_find(&squad->handsets[ANNA].engine->roster, squad_identity(BEN));
    assert_memory_equal(ben->chain.id, link.chain, sizeof link.chain);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flood_in_a_neighbours_name_and_from_its_address_makes_it_vanish),
        cmocka_unit_test(a_right_link_is_good_for_a_few_signatures_alone),
        cmocka_unit_test(a_link_tells_that_its_handset_was_heard_and_nothing_else),
        cmocka_unit_test(links_bring_nobody_back_who_is_gone),
        cmocka_unit_test(links_alone_keep_nobody_reachable),
        cmocka_unit_test(where_many_are_nearby_links_go_between_signed_presences),
        cmocka_unit_test(a_new_chain_takes_over_without_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
