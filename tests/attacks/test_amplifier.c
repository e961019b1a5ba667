/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay makes of a stranger's junk. Each test expects that the attack succeeds, as it does
 * today; whoever closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "junk.h"
#include "tests/app/town.h"

enum {
    STREET = 0,
    TUNNEL = 1,
    ON_STREET = 1u << STREET,
    ON_TUNNEL = 1u << TUNNEL,
    RELAY = 0,
    FIRST_STRANGER = 2,
    GMK_ID_SIZE = 4,                      /* at the beginning of media: each is another group's */
    LONG = FRAME_MAX - FRAME_HEADER_SIZE, /* nothing longer is a frame */
    AS_VOICE = 1000,
    SECONDS = 10
};

/* Strangers on the street say frames of `size` octets of junk, each `a_second` of them; how many kB
 * a second a handset on both says of it in the tunnel, where it is heard by another. */
static size_t passed_on(enum frame_kind kind, size_t size, size_t strangers, int64_t a_second) {
    uint8_t junk[LONG];
    uint64_t random = 3;
    struct town *town = town_new(3);
    town_add(town, ON_STREET | ON_TUNNEL);
    town_add(town, ON_TUNNEL);
    town_run(town, 3000);
    int64_t since_ms = town->boot_ms;
    junk_fill(&random, junk, size);
    for (int64_t i = 0; i < SECONDS * a_second; i++) {
        for (size_t stranger = 0; stranger < strangers; stranger++) {
            junk_fill(&random, junk, GMK_ID_SIZE);
            town_say(town, STREET, FIRST_STRANGER + stranger,
                     &(struct frame){.kind = kind,
                                     .hops_left = UINT8_MAX,
                                     .id = junk_number(&random),
                                     .payload = {junk, size}});
        }
        town_run(town, 1000 / a_second);
    }
    size_t octets = 0;
    for (size_t i = 0; i < town->said_count; i++) {
        const struct town_said *said = &town->said[i];
        bool is_passed_on = said->from == RELAY && said->hops_left < FRAME_HOPS;
        if (is_passed_on && said->medium == TUNNEL && said->at_ms >= since_ms) {
            octets += FRAME_HEADER_SIZE + size;
        }
    }
    town_free(town);
    printf("passed on: %zu kB/s\n", octets / SECONDS / 1000);
    return octets / SECONDS / 1000;
}

/* A relay counts frames, and looks at neither form nor signature; but no frame is long, so that 120
 * kB of junk a second get no further than 70. Breaks statement 9 of what must always hold,
 * app/README.md, all the same: passing on never makes a stranger louder. To become: nothing is
 * passed on that no presence can be. */
static void a_stranger_can_have_a_relay_pass_on_junk_presences_at_a_bounded_rate(void **state) {
    (void)state;
    assert_in_range(passed_on(FRAME_PRESENCE, LONG, 1, 100), 40, 70);
}

/* The same, as deliveries of keys. To become: the same. */
static void a_stranger_can_have_a_relay_pass_on_junk_keys_at_a_bounded_rate(void **state) {
    (void)state;
    assert_in_range(passed_on(FRAME_KEY_DELIVERY, LONG, 1, 100), 40, 70);
}

/* As parts of longer frames, which nobody signs, it is no more: short or long ones. To become: the
 * same. */
static void junk_as_parts_gets_no_further_than_junk_as_frames(void **state) {
    (void)state;
    assert_true(passed_on(FRAME_FRAGMENT, LONG, 1, 100) <= 70);
    assert_true(passed_on(FRAME_FRAGMENT, LONG / 2, 1, 200) <= 70);
    assert_true(passed_on(FRAME_FRAGMENT, LONG / 4, 1, 400) <= 70);
    assert_true(passed_on(FRAME_FRAGMENT, LONG / 16, 1, 400) <= 70);
}

/* And as voice, in groups that nobody has. To become: the same. */
static void a_stranger_can_have_a_relay_pass_on_junk_as_voice(void **state) {
    (void)state;
    assert_true(passed_on(FRAME_MEDIA, AS_VOICE, 1, 200) >= 80);
}

/* The more addresses, the more is passed on. Breaks statement 9 as well: what is spent does not
 * depend on the address. To become: no more than for one address. */
static void a_stranger_with_three_addresses_can_have_three_times_as_much_passed_on(void **state) {
    (void)state;
    size_t of_one = passed_on(FRAME_D2D, LONG, 1, 100);
    assert_true(passed_on(FRAME_D2D, LONG, 3, 100) >= 5 * of_one / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_can_have_a_relay_pass_on_junk_presences_at_a_bounded_rate),
        cmocka_unit_test(a_stranger_can_have_a_relay_pass_on_junk_keys_at_a_bounded_rate),
        cmocka_unit_test(junk_as_parts_gets_no_further_than_junk_as_frames),
        cmocka_unit_test(a_stranger_can_have_a_relay_pass_on_junk_as_voice),
        cmocka_unit_test(a_stranger_with_three_addresses_can_have_three_times_as_much_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
