/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer table of transport/peers.h: who keeps a place in it when strangers make up addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "transport/peers.h"

static struct sockaddr_in6 address_of(uint32_t host, uint16_t port) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port};
    address.sin6_addr.s6_addr[0] = 0x20;
    for (int i = 0; i < 4; i++) {
        address.sin6_addr.s6_addr[15 - i] = (uint8_t)(host >> (8 * i));
    }
    return address;
}

static uint64_t hear(struct peers *peers, uint32_t host, int64_t now_ms) {
    struct sockaddr_in6 address = address_of(host, 7);
    return peers_heard(peers, &address, now_ms);
}

static bool can_answer(struct peers *peers, uint64_t peer, int64_t now_ms) {
    struct sockaddr_in6 address;
    return peers_answer(peers, peer, now_ms, &address);
}

static void address_has_one_number_and_the_number_leads_back(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t one = hear(peers, 1, 0), two = hear(peers, 2, 0);
    struct sockaddr_in6 other_port = address_of(1, 8), found;
    uint64_t three = peers_heard(peers, &other_port, 0);
    assert_true(one != 0 && two != 0 && three != 0);
    assert_true(one != two && one != three && two != three);
    assert_int_equal(hear(peers, 1, 1000), one);
    assert_true(peers_answer(peers, three, 1000, &found));
    assert_int_equal(found.sin6_port, 8);
    assert_memory_equal(&found.sin6_addr, &other_port.sin6_addr, 16);
    assert_false(can_answer(peers, 0, 0));
    assert_false(can_answer(peers, 1234, 0));
    peers_free(peers);
}

static void interface_tells_link_local_addresses_apart_and_others_not(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    struct sockaddr_in6 global = address_of(1, 7), local = address_of(1, 7), found;
    local.sin6_addr.s6_addr[0] = 0xfe;
    local.sin6_addr.s6_addr[1] = 0x80;
    global.sin6_scope_id = local.sin6_scope_id = 2;
    uint64_t peer = peers_heard(peers, &global, 0), local_peer = peers_heard(peers, &local, 0);
    global.sin6_scope_id = local.sin6_scope_id = 3;
    assert_int_equal(peers_heard(peers, &global, 0), peer);
    assert_int_not_equal(peers_heard(peers, &local, 0), local_peer);
    assert_true(peers_answer(peers, peer, 0, &found));
    assert_int_equal(found.sin6_scope_id, 3);
    assert_true(peers_answer(peers, local_peer, 0, &found));
    assert_int_equal(found.sin6_scope_id, 2);
    peers_free(peers);
}

static void flood_of_made_up_addresses_pushes_out_nobody_active(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t friend = hear(peers, 1, 0), answered = hear(peers, 2, 0);
    assert_true(can_answer(peers, answered, 0));
    uint32_t stranger = 100;
    /* Four minutes of a thousand new addresses a second; the friend is heard every ten seconds, the
     * answered one not at all. */
    for (int64_t now_ms = 0; now_ms < 4 * 60 * 1000; now_ms++) {
        (void)hear(peers, stranger++, now_ms);
        if (now_ms % 10000 == 0) {
            assert_int_equal(hear(peers, 1, now_ms), friend);
        }
    }
    assert_int_equal(hear(peers, 2, 4 * 60 * 1000), answered);
    assert_true(can_answer(peers, friend, 4 * 60 * 1000));
    peers_free(peers);
}

static void newcomers_without_a_place_are_one_crowd_that_cannot_be_answered(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    for (uint32_t host = 0; host < PEERS_MAX; host++) {
        assert_true(hear(peers, host, 0) != PEER_CROWD);
    }
    assert_true(hear(peers, 5000, PEER_HEARD_MS - 1) == PEER_CROWD);
    assert_true(hear(peers, 5001, PEER_HEARD_MS - 1) == PEER_CROWD);
    assert_false(can_answer(peers, PEER_CROWD, PEER_HEARD_MS - 1));
    peers_free(peers);
}

static void one_address_has_few_places_however_many_ports_it_speaks_from(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t crowd = 0;
    for (uint16_t port = 0; port < 2 * PEERS_MAX; port++) {
        struct sockaddr_in6 address = address_of(1, port);
        crowd += peers_heard(peers, &address, port) == PEER_CROWD;
    }
    assert_int_equal(crowd, 2 * PEERS_MAX - PEERS_PER_ADDRESS);
    for (uint32_t host = 2; host < 2 + PEERS_MAX - PEERS_PER_ADDRESS; host++) {
        assert_true(hear(peers, host, PEER_HEARD_MS - 1) != PEER_CROWD);
    }
    peers_free(peers);
}

static void address_with_all_its_places_takes_only_its_own_silent_ones(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t friend = hear(peers, 2, 0), first = 0;
    for (uint16_t port = 0; port < PEERS_PER_ADDRESS; port++) {
        struct sockaddr_in6 address = address_of(1, port);
        uint64_t peer = peers_heard(peers, &address, 1000 + port);
        first = port == 0 ? peer : first;
    }
    struct sockaddr_in6 another = address_of(1, 5000);
    assert_true(peers_heard(peers, &another, 999 + PEER_HEARD_MS) == PEER_CROWD);
    assert_true(peers_heard(peers, &another, 1000 + PEER_HEARD_MS) != PEER_CROWD);
    assert_false(can_answer(peers, first, 1000 + PEER_HEARD_MS));
    assert_true(can_answer(peers, friend, 1000 + PEER_HEARD_MS));
    peers_free(peers);
}

static void silent_peer_heard_longest_ago_gives_way_first(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t first = 0, second = 0;
    for (uint32_t host = 0; host < PEERS_MAX; host++) {
        uint64_t peer = hear(peers, host, host);
        first = host == 0 ? peer : first;
        second = host == 1 ? peer : second;
    }
    uint64_t newcomer = hear(peers, 5000, PEER_HEARD_MS + 1000);
    assert_true(newcomer != PEER_CROWD && newcomer != first);
    assert_false(can_answer(peers, first, PEER_HEARD_MS + 1000));
    assert_true(can_answer(peers, second, PEER_HEARD_MS + 1000));
    /* Who comes back is somebody new: a number never means two addresses. */
    assert_true(hear(peers, 0, PEER_HEARD_MS + 1001) > newcomer);
    peers_free(peers);
}

static void answered_peer_gives_way_once_it_has_been_silent_for_long(void **state) {
    (void)state;
    struct peers *peers = peers_new();
    uint64_t answered = hear(peers, 0, 0);
    assert_true(can_answer(peers, answered, 0));
    for (uint32_t host = 1; host < PEERS_MAX; host++) {
        (void)hear(peers, host, PEER_ANSWERED_MS - 1);
    }
    assert_true(hear(peers, 5000, PEER_ANSWERED_MS - 1) == PEER_CROWD);
    assert_true(hear(peers, 5000, PEER_ANSWERED_MS) != PEER_CROWD);
    assert_false(can_answer(peers, answered, PEER_ANSWERED_MS));
    peers_free(peers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_has_one_number_and_the_number_leads_back),
        cmocka_unit_test(interface_tells_link_local_addresses_apart_and_others_not),
        cmocka_unit_test(flood_of_made_up_addresses_pushes_out_nobody_active),
        cmocka_unit_test(newcomers_without_a_place_are_one_crowd_that_cannot_be_answered),
        cmocka_unit_test(one_address_has_few_places_however_many_ports_it_speaks_from),
        cmocka_unit_test(address_with_all_its_places_takes_only_its_own_silent_ones),
        cmocka_unit_test(silent_peer_heard_longest_ago_gives_way_first),
        cmocka_unit_test(answered_peer_gives_way_once_it_has_been_silent_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
