/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rate limits count work, never words: whoever presses the key is heard, however short the words
 * are and whoever carries them. Nine or ten handsets, of which eight press in turn, three times a
 * second.
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
#include "town.h"

enum {
    OFFICERS = 8,
    PRESSES = 72,
    WORD_MS = 240,
    PAUSE_MS = 100,
    STREET = 1,
    TUNNEL = 2,
    YARD = 4,
};

static uint64_t the_seed(void) {
    const char *text = getenv("SEED");
    uint64_t seed = text == NULL ? 1 : strtoull(text, NULL, 0);
    printf("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* All handsets of the town in one group. */
static void group_of_all(struct town *town) {
    struct command create = squad_create_command(town->count - 1, HOUR_MS);
    assert_int_equal(town_command(town, 0, &create), STATUS_OK);
    town_run(town, 4000);
    for (size_t n = 1; n < town->count; n++) {
        const struct view *view = town_view(town, n);
        assert_int_equal(view->invitation_count, 1);
        struct command accept = {.kind = COMMAND_ACCEPT, .invitation = view->invitations[0].id};
        assert_int_equal(town_command(town, n, &accept), STATUS_OK);
    }
    town_run(town, 4000);
}

static void press(struct town *town, size_t n, int64_t word_ms) {
    struct command stop = {.kind = COMMAND_TALK_END};
    assert_int_equal(town_talk(town, n), STATUS_OK);
    town_run(town, word_ms);
    assert_int_equal(town_command(town, n, &stop), STATUS_OK);
    town_run(town, PAUSE_MS);
}

/* The officers, from handset `first` on, press in turn; each other one of the `count` handsets from
 * `listener` on hears each word. */
static void press_in_turn(struct town *town, size_t first, size_t listener, size_t count) {
    unsigned talks[TOWN_MAX], frames[TOWN_MAX];
    for (size_t i = 0; i < PRESSES; i++) {
        size_t talker = first + i % OFFICERS;
        for (size_t n = listener; n < listener + count; n++) {
            talks[n] = town->handsets[n].talks;
            frames[n] = town->handsets[n].voice_frames;
        }
        press(town, talker, WORD_MS);
        for (size_t n = listener; n < listener + count; n++) {
            if (n != talker) {
                assert_int_equal(town->handsets[n].talks - talks[n], 1);
                assert_true(town->handsets[n].voice_frames - frames[n] >=
                            WORD_MS / VOICE_FRAME_MS - 2);
            }
        }
    }
}

static void each_of_eight_who_press_in_turn_over_a_hub_is_heard(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_star(town, 0, 0);
    for (size_t n = 0; n < 1 + OFFICERS + 1; n++) {
        town_add(town, STREET);
    }
    town_run(town, 12000);
    group_of_all(town);
    press_in_turn(town, 1, 0, town->count);
    town_free(town);
}

/* Eight in the street, a relay to the tunnel, another one to the yard, and a listener there, to
 * whom all comes from one address. */
static void each_of_eight_who_press_in_turn_beyond_two_relays_is_heard(void **state) {
    (void)state;
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    for (size_t n = 0; n < OFFICERS; n++) {
        town_add(town, STREET);
    }
    town_add(town, TUNNEL | YARD);
    size_t listener = town_add(town, YARD);
    town_run(town, 12000);
    group_of_all(town);
    press_in_turn(town, 1, listener, 1);
    town_free(town);
}

/* An announcement of a group that no handset of the town is in. */
static struct span of_another_group(struct town *town, uint32_t gmk_id,
                                    uint8_t room[ANNOUNCEMENT_MAX]) {
    static const uint8_t gmk[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2};
    struct announcement_fields fields = {
        .ssrc = 9, .gmk_id = gmk_id, .utc_ms = town_now(town).utc_ms};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(TOWN_MAX));
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_POLICE));
    struct writer w = writer_into(room, ANNOUNCEMENT_MAX);
    assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk,
                                        squad_signing_key(SQUAD_STRANGER), &entropy_system, &w),
                     STATUS_OK);
    return writer_span(&w);
}

/* A relay checks announcements of groups that it is not in, to learn of them. They come from the
 * address of a talker in its own group, and cost that one nothing. */
static void own_groups_pay_nothing_for_the_announcements_of_others(void **state) {
    (void)state;
    enum {
        RELAY,
        TALKER,
        EACH = PURSE_BURST + 10
    };
    uint8_t room[ANNOUNCEMENT_MAX];
    struct town *town = town_new(the_seed());
    town_add(town, STREET | TUNNEL);
    town_add(town, STREET);
    town_run(town, 6000);
    town_group(town, RELAY, TALKER);
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned k = 0; k < EACH; k++) {
            uint32_t number = i * EACH + k;
            struct frame frame = {.kind = FRAME_ANNOUNCEMENT,
                                  .id = 1000 + number,
                                  .payload = of_another_group(town, 1 + number, room)};
            town_say(town, 0, TALKER, &frame);
            town_run(town, 2);
        }
        unsigned talks = town->handsets[RELAY].talks;
        press(town, TALKER, WORD_MS);
        assert_int_equal(town->handsets[RELAY].talks - talks, 1);
    }
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_eight_who_press_in_turn_over_a_hub_is_heard),
        cmocka_unit_test(each_of_eight_who_press_in_turn_beyond_two_relays_is_heard),
        cmocka_unit_test(own_groups_pay_nothing_for_the_announcements_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
