/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay does not make a stranger loud: what it passes on of junk is bounded, by octets and by
 * kind, however many addresses it comes from (statement 9 of what must always hold, app/README.md).
 */
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

/* Do they have the domain's parameters? */
static bool is_enrolled;

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
            struct frame frame = {.kind = kind,
                                  .hops_left = UINT8_MAX,
                                  .id = junk_number(&random),
                                  .payload = {junk, size}};
            junk_fill(&random, junk, GMK_ID_SIZE);
            if (is_enrolled) {
                town_mark(town, &frame);
            }
            town_say(town, STREET, FIRST_STRANGER + stranger, &frame);
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

/* What has no mark has one purse: 80 kB at once, and 30 kB of voice a second or 20 of all else, of
 * which so much is passed on here in SECONDS. */
enum {
    VOICE_KB = 30 + 80 / SECONDS,
    OTHER_KB = 20 + 60 / SECONDS,
};

static void a_stranger_is_made_no_louder_by_junk_of_any_kind(void **state) {
    (void)state;
    const enum frame_kind kinds[] = {
        FRAME_PRESENCE,     FRAME_D2D,     FRAME_ANNOUNCEMENT, FRAME_ANNOUNCEMENT_AND_MEDIA,
        FRAME_KEY_DELIVERY, FRAME_RECEIPT, FRAME_INQUIRY};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_in_range(passed_on(kinds[i], LONG, 1, 100), 1, OTHER_KB);
    }
}

static void junk_as_parts_gets_no_further_than_junk_as_frames(void **state) {
    (void)state;
    const size_t sizes[] = {LONG, LONG / 2, LONG / 4, LONG / 16};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_in_range(passed_on(FRAME_FRAGMENT, sizes[i], 1, 400), 0, VOICE_KB);
    }
}

/* As voice, or as another kind that costs the relay no more than that. */
static void junk_as_voice_gets_no_further_than_two_talks(void **state) {
    (void)state;
    const enum frame_kind light[] = {FRAME_FLOOR, FRAME_PRESENCE_LINK, FRAME_ATTENDANCE};
    for (size_t i = 0; i < sizeof light / sizeof light[0]; i++) {
        assert_in_range(passed_on(light[i], LONG, 1, 100), 1, VOICE_KB);
    }
    assert_in_range(passed_on(FRAME_MEDIA, AS_VOICE, 1, 200), 1, VOICE_KB);
    assert_in_range(passed_on(FRAME_VOICE_REPORT, AS_VOICE / 10, 1, 500), 1, VOICE_KB);
}

/* Addresses are forged freely: there is no more for three of them, or for thirty. */
static void more_addresses_have_no_more_passed_on(void **state) {
    (void)state;
    assert_in_range(passed_on(FRAME_D2D, LONG, 3, 100), 1, OTHER_KB);
    assert_in_range(passed_on(FRAME_D2D, LONG, 30, 20), 1, OTHER_KB);
    assert_in_range(passed_on(FRAME_MEDIA, AS_VOICE, 30, 20), 1, VOICE_KB);
}

/* Who has the marks of the domain, as one that was enrolled, has a little more: of junk as voice of
 * ever other talks what all together may have. */
static void an_enrolled_ones_junk_is_bounded_as_well(void **state) {
    (void)state;
    is_enrolled = true;
    assert_in_range(passed_on(FRAME_MEDIA, AS_VOICE, 1, 1000), 1, 400 + 800 / SECONDS);
    assert_in_range(passed_on(FRAME_KEY_DELIVERY, LONG, 30, 20), 1, 32);
    is_enrolled = false;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_is_made_no_louder_by_junk_of_any_kind),
        cmocka_unit_test(junk_as_parts_gets_no_further_than_junk_as_frames),
        cmocka_unit_test(junk_as_voice_gets_no_further_than_two_talks),
        cmocka_unit_test(more_addresses_have_no_more_passed_on),
        cmocka_unit_test(an_enrolled_ones_junk_is_bounded_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
