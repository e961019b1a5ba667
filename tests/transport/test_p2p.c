/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of transport/wifi_direct/p2p.h among modelled supplicants (p2p_air.h): handsets come
 * into one group, and again when it breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "p2p_air.h"
#include "transport/wifi_direct/supplicant_line.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    SEEDS = 12,
    COMMANDS_A_MINUTE = 90 /* 20 of them are for the signal */
};

static struct air air;

/* MUSTER_SEED repeats a run. */
static uint64_t first_seed(void) {
    const char *given = getenv("MUSTER_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

static void must_be_one(int64_t at_most_ms, uint64_t seed) {
    if (air_until_one(&air, at_most_ms) < 0) {
        fail_msg("not one group after %d s, seed %llu", (int)(at_most_ms / SECOND_MS),
                 (unsigned long long)seed);
    }
}

static void all_on(void) {
    for (size_t i = 0; i < air.count; i++) {
        air_on(&air, i);
    }
}

static void must_be_calm(void) {
    for (size_t i = 0; i < air.count; i++) {
        assert_in_range(air.handsets[i].commands_most, 0, COMMANDS_A_MINUTE);
    }
}

/* `count` handsets that are switched on within `spread_ms` form one group, and it stays. */
static void form(size_t count, uint64_t spread_ms, int64_t at_most_ms) {
    uint64_t seed = first_seed();
    int64_t total = 0, worst = 0;
    for (uint64_t i = 0; i < SEEDS; i++, seed++) {
        air_begin(&air, count, seed);
        for (size_t k = 0; k < count; k++) {
            air_on(&air, k);
            air_run(&air, (int64_t)(spread_ms / count));
        }
        int64_t took = air_until_one(&air, at_most_ms);
        if (took < 0) {
            fail_msg("%zu handsets: seed %llu", count, (unsigned long long)seed);
        }
        total += took;
        worst = took > worst ? took : worst;
        air_run(&air, 3 * MINUTE_MS);
        assert_true(air_is_one(&air));
        must_be_calm();
        air_end(&air);
    }
    print_message("%zu handsets: one group after %.1f s, at worst %.1f s\n", count,
                  (double)total / SEEDS / 1000, (double)worst / 1000);
}

static void two_handsets_form_a_group(void **state) {
    (void)state;
    form(2, 0, MINUTE_MS);
}

static void three_handsets_form_one_group(void **state) {
    (void)state;
    form(3, 0, 3 * MINUTE_MS);
    form(3, 20 * SECOND_MS, 3 * MINUTE_MS);
}

static void eight_handsets_form_one_group(void **state) {
    (void)state;
    form(8, 5 * SECOND_MS, 6 * MINUTE_MS);
}

static void thirty_handsets_form_one_group(void **state) {
    (void)state;
    form(30, 30 * SECOND_MS, 15 * MINUTE_MS);
}

static void lower_address_owns_the_group_of_two(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 2, seed);
    all_on();
    must_be_one(MINUTE_MS, seed);
    struct p2p_status status;
    p2p_look(air.handsets[0].p2p, air.now_ms, &status);
    assert_int_equal(status.role, P2P_OWNER);
    assert_int_equal(status.peers, 1);
    p2p_look(air.handsets[1].p2p, air.now_ms, &status);
    assert_int_equal(status.role, P2P_CLIENT);
    assert_true(status.owner == air_address(0));
    assert_string_equal(status.name, "Muster 0000");
    air_run(&air, 10 * SECOND_MS);
    p2p_look(air.handsets[0].p2p, air.now_ms, &status);
    assert_int_equal(status.quality, 80);
    air_end(&air);
}

static void higher_one_asks_when_the_lower_does_not_see_it(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 2, seed);
    all_on();
    for (int i = 0; i < 600 && air.handsets[1].asks != 0; i++) {
        air.handsets[0].reported[1] = true; /* what it finds the lower one is not told */
        air_run(&air, AIR_STEP_MS);
        air.handsets[0].reported[1] = true;
    }
    assert_int_equal(air.handsets[1].asks, 0);
    must_be_one(MINUTE_MS, seed);
    air_end(&air);
}

static void owner_leaves_and_the_rest_form_one_group(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (uint64_t i = 0; i < SEEDS; i++, seed++) {
        air_begin(&air, 5, seed);
        all_on();
        must_be_one(5 * MINUTE_MS, seed);
        int owner = air.handsets[0].owner;
        air_off(&air, (size_t)owner);
        assert_false(air_is_one(&air));
        must_be_one(5 * MINUTE_MS, seed);
        air_on(&air, (size_t)owner);
        must_be_one(5 * MINUTE_MS, seed);
        must_be_calm();
        air_end(&air);
    }
}

static void out_of_range_and_back(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (uint64_t i = 0; i < SEEDS; i++, seed++) {
        air_begin(&air, 4, seed);
        all_on();
        must_be_one(4 * MINUTE_MS, seed);
        for (size_t k = 1; k < 4; k++) {
            air_range(&air, 0, k, false);
        }
        air_run(&air, 2 * MINUTE_MS);
        assert_int_not_equal(air.handsets[1].owner, 0);
        assert_int_equal(air.handsets[1].owner, air.handsets[3].owner);
        for (size_t k = 1; k < 4; k++) {
            air_range(&air, 0, k, true);
        }
        must_be_one(6 * MINUTE_MS, seed);
        air_end(&air);
    }
}

/* A sees D, B sees C: two groups, that then come within range of each other. */
static void groups_side_by_side_become_one_without_flapping(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (uint64_t i = 0; i < SEEDS; i++, seed++) {
        air_begin(&air, 4, seed);
        for (size_t a = 0; a < 2; a++) {
            for (size_t b = 2; b < 4; b++) {
                air_range(&air, a, b, false);
            }
        }
        all_on();
        air_run(&air, 2 * MINUTE_MS);
        assert_int_equal(air.handsets[1].owner, 0);
        assert_int_equal(air.handsets[3].owner, 2);
        for (size_t a = 0; a < 2; a++) {
            for (size_t b = 2; b < 4; b++) {
                air_range(&air, a, b, true);
            }
        }
        must_be_one(10 * MINUTE_MS, seed);
        assert_int_equal(air.handsets[3].owner, 0);
        unsigned groups = air.handsets[3].groups;
        air_run(&air, 20 * MINUTE_MS);
        assert_int_equal(air.handsets[3].groups, groups);
        air_end(&air);
    }
}

/* In a chain the middle one's group goes on beside the other, whose owner the end does not see. */
static void nobody_is_left_behind_for_a_lower_owner(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 4, seed);
    air_range(&air, 0, 2, false), air_range(&air, 0, 3, false);
    air_range(&air, 1, 2, false), air_range(&air, 1, 3, false);
    all_on();
    air_run(&air, 2 * MINUTE_MS);
    assert_int_equal(air.handsets[3].owner, 2);
    air_range(&air, 0, 2, true), air_range(&air, 1, 2, true);
    unsigned groups = air.handsets[2].groups + air.handsets[3].groups;
    air_run(&air, 10 * MINUTE_MS);
    assert_int_equal(air.handsets[3].owner, 2);
    assert_int_equal(air.handsets[2].owner, 2);
    assert_int_equal(air.handsets[2].groups + air.handsets[3].groups, groups);
    air_end(&air);
}

static void group_with_voice_is_left_in_peace(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 2, seed);
    all_on();
    must_be_one(MINUTE_MS, seed);
    air_run(&air, MINUTE_MS);
    for (int i = 0; i < 20 * 60; i++) {
        p2p_busy(air.handsets[1].p2p, air.now_ms);
        air_run(&air, AIR_STEP_MS / 2);
        if (i > 20) {
            assert_false(air.handsets[1].finds && air.now_ms < air.handsets[1].awake_until_ms &&
                         air.handsets[1].awake_until_ms - air.now_ms > 5900);
        }
    }
    air_run(&air, MINUTE_MS);
    assert_true(air_is_one(&air));
    air_end(&air);
}

/* They meet, part for a minute, and meet again; the sums of how they came together the second time.
 */
static void meet_twice(size_t count, uint64_t seed, unsigned *pushed, unsigned *stored) {
    air_begin(&air, count, seed);
    air.failing = 0;
    all_on();
    must_be_one(4 * MINUTE_MS, seed);
    air_run(&air, 2 * SECOND_MS);
    for (size_t i = 0; i < count; i++) {
        air_off(&air, i);
        *pushed -= air.handsets[i].pushed;
        *stored -= air.handsets[i].stored_used + air.handsets[i].invited;
    }
    air_run(&air, MINUTE_MS);
    all_on();
    must_be_one(4 * MINUTE_MS, seed);
    for (size_t i = 0; i < count; i++) {
        *pushed += air.handsets[i].pushed;
        *stored += air.handsets[i].stored_used + air.handsets[i].invited;
    }
    air_end(&air);
}

static void second_meeting_needs_no_push_button(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    unsigned pushed = 0, stored = 0;
    for (uint64_t i = 0; i < SEEDS; i++) {
        meet_twice(2, seed + i, &pushed, &stored);
    }
    assert_int_equal(pushed, 0);
    assert_true(stored >= SEEDS);
    /* Of three handsets another one may own the group the second time; then some have not met it
     * yet. */
    pushed = stored = 0;
    for (uint64_t i = 0; i < SEEDS; i++) {
        meet_twice(3, seed + i, &pushed, &stored);
    }
    assert_true(stored > pushed);
}

static void what_was_stored_and_is_not_any_more_does_not_hinder(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (size_t forgetful = 0; forgetful < 2; forgetful++) {
        air_begin(&air, 2, seed);
        all_on();
        must_be_one(MINUTE_MS, seed);
        air_run(&air, SECOND_MS);
        for (size_t i = 0; i < 2; i++) {
            air_off(&air, i);
        }
        memset(air.handsets[forgetful].stored, 0, sizeof air.handsets[0].stored);
        memset(air.handsets[forgetful].clients, 0, sizeof air.handsets[0].clients);
        all_on();
        must_be_one(2 * MINUTE_MS, seed);
        air_end(&air);
    }
}

static void silence_keeps_the_group_and_airplane_mode_leaves_it(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 2, seed);
    all_on();
    must_be_one(MINUTE_MS, seed);
    for (size_t i = 0; i < 2; i++) {
        p2p_set_mode(air.handsets[i].p2p, air.now_ms, TRANSPORT_SILENT);
    }
    air_run(&air, 5 * MINUTE_MS);
    assert_true(air_is_one(&air));
    assert_true(air.handsets[1].awake_until_ms < air.now_ms - 4 * MINUTE_MS);
    p2p_set_mode(air.handsets[0].p2p, air.now_ms, TRANSPORT_OFF);
    air_run(&air, 5 * MINUTE_MS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(air.handsets[i].owner, AIR_NOBODY);
        assert_false(air.handsets[i].is_told_up);
        assert_true(air.handsets[i].awake_until_ms < air.now_ms - 4 * MINUTE_MS);
    }
    for (size_t i = 0; i < 2; i++) {
        p2p_set_mode(air.handsets[i].p2p, air.now_ms, TRANSPORT_SEEKS);
    }
    must_be_one(MINUTE_MS, seed);
    air_end(&air);
}

static void supplicant_restarted_begins_anew(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 3, seed);
    all_on();
    must_be_one(4 * MINUTE_MS, seed);
    p2p_down(air.handsets[1].p2p, air.now_ms);
    air.handsets[1].owner = AIR_NOBODY;
    air_run(&air, 10 * SECOND_MS);
    assert_false(air.handsets[1].is_told_up);
    p2p_up(air.handsets[1].p2p, air.now_ms);
    must_be_one(2 * MINUTE_MS, seed);
    air_end(&air);
}

static void random_histories_end_in_one_group(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    for (uint64_t i = 0; i < 3 * SEEDS; i++, seed++) {
        air_begin(&air, 2 + seed % 7, seed);
        air.failing = 20;
        for (int turn = 0; turn < 40; turn++) {
            size_t who = air_chance(&air, air.count), with = air_chance(&air, air.count);
            if (air_chance(&air, 2) == 0 && who != with) {
                air_range(&air, who, with, air_chance(&air, 2) == 0);
            } else if (air.handsets[who].p2p == NULL) {
                air_on(&air, who);
            } else if (air_chance(&air, 3) == 0) {
                air_off(&air, who);
            } else {
                p2p_set_mode(air.handsets[who].p2p, air.now_ms,
                             (enum transport_mode)air_chance(&air, 3));
            }
            air_run(&air, (int64_t)air_chance(&air, 20 * SECOND_MS));
        }
        for (size_t a = 0; a < air.count; a++) {
            if (air.handsets[a].p2p == NULL) {
                air_on(&air, a);
            }
            p2p_set_mode(air.handsets[a].p2p, air.now_ms, TRANSPORT_SEEKS);
            for (size_t b = 0; b < a; b++) {
                air_range(&air, a, b, true);
            }
        }
        must_be_one(20 * MINUTE_MS, seed);
        must_be_calm();
        air_end(&air);
    }
}

/* --- Bad input ------------------------------------------------------------------------------ */

static const char *const lines[] = {
    "P2P-DEVICE-FOUND 42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 name='Muster 0100' "
    "group_capab=0x2b new=1",
    "P2P-GO-NEG-REQUEST 42:00:00:00:01:00 dev_passwd_id=4 go_intent=15",
    "P2P-GROUP-STARTED p2p-wlan0-0 GO ssid=\"DIRECT-xy\" go_dev_addr=42:00:00:00:01:00",
    "P2P-GROUP-STARTED p2p-wlan0-1 client ssid=\"DIRECT-xy\" go_dev_addr=42:00:00:00:01:00",
    "P2P-GROUP-REMOVED p2p-wlan0-0 GO reason=REQUESTED",
    "P2P-PROV-DISC-PBC-REQ 42:00:00:00:02:00 p2p_dev_addr=42:00:00:00:02:00 name='Muster 0200'",
    "AP-STA-CONNECTED 46:00:00:00:02:00 p2p_dev_addr=42:00:00:00:02:00",
    "AP-STA-DISCONNECTED 46:00:00:00:02:00",
    "P2P-INVITATION-ACCEPTED sa=42:00:00:00:01:00 persistent=0",
    "P2P-INVITATION-RESULT status=8",
    "0\tDIRECT-JG\t42:00:00:00:00:00\t[DISABLED][P2P-PERSISTENT]\n",
    "wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:00:00\n",
    "FAIL\n",
    "",
};

static void mangle(char *line, size_t size) {
    size_t length = strlen(line);
    for (uint64_t k = air_chance(&air, 4); k > 0 && length > 0; k--) {
        line[air_chance(&air, length)] = (char)air_chance(&air, 256);
    }
    if (air_chance(&air, 3) == 0) {
        line[air_chance(&air, length + 1)] = '\0';
    }
    if (air_chance(&air, 5) == 0) {
        memset(line + strnlen(line, size), 'x', size - 1 - strnlen(line, size));
        line[size - 1] = '\0';
    }
}

static void garbage_and_cut_lines_do_no_harm(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    air_begin(&air, 2, seed);
    struct p2p *p2p = p2p_new(seed);
    p2p_up(p2p, 0);
    bool is_up = false;
    for (int64_t now = 0; now < 200000; now += 7) {
        char line[3000];
        const char *model = lines[air_chance(&air, sizeof lines / sizeof lines[0])];
        memset(line, 0, sizeof line);
        memcpy(line, model, strlen(model));
        mangle(line, sizeof line);
        struct p2p_action action;
        if (air_chance(&air, 2) == 0) {
            p2p_event(p2p, now, line);
        } else {
            p2p_group_event(p2p, now, line);
        }
        while (p2p_take(p2p, now, &action)) {
            if (action.deed == P2P_GROUP_UP || action.deed == P2P_GROUP_DOWN) {
                assert_true(is_up == (action.deed == P2P_GROUP_DOWN));
                is_up = !is_up;
                assert_null(strchr(action.line, '/'));
                continue;
            }
            assert_null(strchr(action.line, '\n'));
            p2p_reply(p2p, now, strcmp(action.line, "STATUS") == 0 ? lines[11] : line);
            p2p_group_reply(p2p, now, line);
        }
        struct p2p_status status;
        p2p_look(p2p, now, &status);
    }
    p2p_free(p2p);
}

static void only_handsets_count(void **state) {
    (void)state;
    air_begin(&air, 1, 1);
    air_on(&air, 0);
    air_run(&air, SECOND_MS);
    struct p2p *p2p = air.handsets[0].p2p;
    struct p2p_status status;
    p2p_event(p2p, air.now_ms,
              "P2P-DEVICE-FOUND 42:00:00:00:07:00 p2p_dev_addr=42:00:00:00:07:00 name='Printer "
              "Muster' group_capab=0x1");
    p2p_look(p2p, air.now_ms, &status);
    assert_int_equal(status.in_sight, 0);
    p2p_event(p2p, air.now_ms, "P2P-DEVICE-FOUND x p2p_dev_addr=42:00:00:00:07:00 name='Muster 7'");
    p2p_look(p2p, air.now_ms, &status);
    assert_int_equal(status.in_sight, 1);
    air_end(&air);
}

static void interface_names_that_are_paths_are_not_taken(void **state) {
    (void)state;
    air_begin(&air, 1, 1);
    air_on(&air, 0);
    air_run(&air, SECOND_MS);
    p2p_event(air.handsets[0].p2p, air.now_ms, "P2P-GROUP-STARTED ../x GO ssid=\"a\"");
    air_run(&air, SECOND_MS);
    assert_false(air.handsets[0].is_told_up);
    air_end(&air);
}

static void no_p2p_device_and_a_radio_that_refuses_are_reported(void **state) {
    (void)state;
    struct p2p *p2p = p2p_new(1);
    struct p2p_action action;
    struct p2p_status status;
    p2p_up(p2p, 0);
    assert_true(p2p_take(p2p, 0, &action));
    assert_string_equal(action.line, "STATUS");
    p2p_reply(p2p, 0, "wpa_state=INACTIVE\naddress=02:00:00:00:00:00\n");
    p2p_look(p2p, 0, &status);
    assert_int_equal(status.trouble, P2P_NO_DEVICE);
    assert_false(p2p_take(p2p, 1000, &action));
    assert_true(p2p_take(p2p, p2p_deadline(p2p), &action));
    p2p_reply(p2p, 20000, lines[11]);
    for (int64_t now = 20000; now < 80000; now += 100) {
        while (p2p_take(p2p, now, &action)) {
            p2p_reply(p2p, now, strncmp(action.line, "P2P_FIND", 8) == 0 ? "FAIL\n" : "OK\n");
        }
    }
    p2p_look(p2p, 80000, &status);
    assert_int_equal(status.trouble, P2P_REFUSED);
    for (int64_t now = 80000; now < 100000; now += 100) {
        while (p2p_take(p2p, now, &action)) {
            p2p_reply(p2p, now, "OK\n");
        }
    }
    p2p_look(p2p, 100000, &status);
    assert_int_equal(status.trouble, P2P_NO_TROUBLE);
    p2p_free(p2p);
}

static void addresses_and_fields_are_read(void **state) {
    (void)state;
    assert_true(line_read_address("02:AB:cd:00:00:01") == UINT64_C(0x02abcd000001));
    assert_true(line_read_address("02:AB:cd:00:00:01 x") == UINT64_C(0x02abcd000001));
    static const char *const bad[] = {"",
                                      "02",
                                      "02:AB:cd:00:00",
                                      "02:AB:cd:00:00:0g",
                                      ":",
                                      "02:AB:cd:00:00:",
                                      "02:AB:cd:00:00:011",
                                      "02:AB:cd:00:00:01:02",
                                      "any"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_true(line_read_address(bad[i]) == 0);
    }
    assert_int_equal(line_field_number("a b=0x25 c=7", "b", -1), 0x25);
    assert_int_equal(line_field_number("a ab=3 b=", "b", -1), -1);
    assert_int_equal(line_field_number("a\nc=7\n", "c", -1), 7);
    assert_true(line_is("AB-C d", "AB-C") && !line_is("AB-CD", "AB-C"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_fields_are_read),
        cmocka_unit_test(two_handsets_form_a_group),
        cmocka_unit_test(three_handsets_form_one_group),
        cmocka_unit_test(eight_handsets_form_one_group),
        cmocka_unit_test(thirty_handsets_form_one_group),
        cmocka_unit_test(lower_address_owns_the_group_of_two),
        cmocka_unit_test(higher_one_asks_when_the_lower_does_not_see_it),
        cmocka_unit_test(owner_leaves_and_the_rest_form_one_group),
        cmocka_unit_test(out_of_range_and_back),
        cmocka_unit_test(groups_side_by_side_become_one_without_flapping),
        cmocka_unit_test(nobody_is_left_behind_for_a_lower_owner),
        cmocka_unit_test(group_with_voice_is_left_in_peace),
        cmocka_unit_test(second_meeting_needs_no_push_button),
        cmocka_unit_test(what_was_stored_and_is_not_any_more_does_not_hinder),
        cmocka_unit_test(silence_keeps_the_group_and_airplane_mode_leaves_it),
        cmocka_unit_test(supplicant_restarted_begins_anew),
        cmocka_unit_test(random_histories_end_in_one_group),
        cmocka_unit_test(garbage_and_cut_lines_do_no_harm),
        cmocka_unit_test(only_handsets_count),
        cmocka_unit_test(interface_names_that_are_paths_are_not_taken),
        cmocka_unit_test(no_p2p_device_and_a_radio_that_refuses_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
