/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the screens say of radios, signals and the two modes that quiet a handset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

/* Where digits are keys: the ways to every place. */
static const char *const ways[] = {
    "1", "2",       "3",   "4",       "5", "6",   "n",         "? ",
    "q", "2 enter", "2 x", "2 end g", "i", "6 ?", "2 end g r", "2 end g r enter"};

enum {
    WAYS = sizeof ways / sizeof ways[0],
    PLACES_BY_NUMBER = 6
};

/* All that there are places for. */
static struct officer begin_everywhere(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    struct view_managed_member *members;
    view_busy(officer.view);
    view_add_managed(officer.view, BOAT, "boat2", 3, &members);
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    officer_press(&officer, "escape");
    return officer;
}

/* --- The links' own screen ---------------------------------------------------------------------
 */

static void one_key_leads_to_the_links_from_every_screen_and_one_back(void **state) {
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct officer officer = begin_everywhere(80, 24);
        officer_press(&officer, ways[i]);
        bool is_closed = strchr(ways[i], '?') != NULL || strcmp(ways[i], "q") == 0;
        officer_press(&officer, is_closed ? "escape 6" : "6");
        assert_true(officer_sees(&officer, "[6 Links]"));
        officer_press(&officer, "?");
        assert_true(officer_sees(&officer, "The radios and networks"));
        officer_press(&officer, "escape");
        assert_true(officer_sees(&officer, "[6 Links]"));
        officer_press(&officer, "escape");
        assert_true(officer_sees(&officer, "[1 Nearby]"));
        officer_end(&officer);
    }
}

static void a_radio_tells_its_state_its_peers_its_signal_and_what_it_does(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    struct view_radio *radio =
        view_add_radio(officer.view, "bluetooth", "hci0", RADIO_VIEW_ON, "hub");
    radio->condition.number = 3;
    officer_press(&officer, "6");
    assert_true(officer_sees(&officer, "nobody"));
    radio->peers = 2;
    radio->quality = 80;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "bluetooth        hci0          on            2 peers"));
    assert_true(officer_sees(&officer, "▂▄▆ strong"));
    assert_true(officer_sees(&officer, "  hub of 3 handsets"));
    radio->state = RADIO_VIEW_STARTING;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "starting…"));
    assert_false(officer_sees(&officer, "2 peers"));
    assert_false(officer_sees(&officer, "strong"));
    officer_end(&officer);
}

static void a_radio_that_cannot_be_used_says_what_to_do(void **state) {
    (void)state;
    static const int sizes[][2] = {{80, 24}, {40, 12}, {26, 14}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct officer officer = officer_begin(sizes[i][0], sizes[i][1]);
        view_add_radio(officer.view, "bluetooth", "", RADIO_VIEW_UNUSABLE, "no-adapter");
        officer_press(&officer, "6");
        assert_true(officer_sees_style(&officer, "! not usable", STYLE_CAUTION));
        assert_true(officer_sees(&officer, "no Bluetooth adapter;"));
        officer_end(&officer);
    }
}

static void many_radios_are_scrolled_on_a_small_screen(void **state) {
    (void)state;
    struct officer officer = officer_begin(26, 14);
    for (int i = 0; i < VIEW_RADIOS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "hci%d.", i);
        view_add_radio(officer.view, "bluetooth", name, RADIO_VIEW_ON, NULL);
    }
    officer_press(&officer, "6");
    assert_true(officer_sees(&officer, "hci0."));
    assert_false(officer_sees(&officer, "hci11."));
    officer_press(&officer, "end");
    assert_true(officer_sees(&officer, "hci11."));
    officer_end(&officer);
}

static void without_a_radio_the_links_say_so(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "6");
    assert_true(officer_sees(&officer, "No radio is in use."));
    officer_end(&officer);
}

/* --- The first screen --------------------------------------------------------------------------
 */

static void nobody_in_reach_is_explained_by_the_radio_that_is_missing(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    struct view_radio *radio =
        view_add_radio(officer.view, "bluetooth", "hci0", RADIO_VIEW_UNUSABLE, "adapter-off");
    strcpy(radio->condition.object, "hci0");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "no radio is on. 6 shows the links."));
    assert_true(officer_sees(
        &officer, "! bluetooth hci0: hci0 is off; switch it on with `bluetoothctl power on`"));
    view_add_radio(officer.view, "wifi-direct", "wlan0", RADIO_VIEW_ON, NULL);
    officer_look(&officer);
    assert_false(officer_sees(&officer, "no radio is on"));
    assert_true(officer_sees(
        &officer, "! bluetooth hci0: hci0 is off; switch it on with `bluetoothctl power on`"));
    assert_true(officer_sees(&officer, "6 shows the links."));
    officer_end(&officer);
}

static void the_signal_of_each_handset_stands_beside_it(void **state) {
    (void)state;
    static const struct {
        int quality;
        const char *bars, *word;
    } signals[] = {{0, "▂   bluetooth", "bluetooth, weak"},
                   {33, "▂   bluetooth", "bluetooth, weak"},
                   {34, "▂▄  bluetooth", "bluetooth, fair"},
                   {67, "▂▄▆ bluetooth", "bluetooth, strong"},
                   {100, "▂▄▆ bluetooth", "bluetooth, strong"}};
    struct officer officer = officer_begin(120, 24);
    struct view_nearby *ben = view_add_nearby(officer.view, BEN, "Ben");
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        view_hear(ben, "bluetooth", 1, signals[i].quality);
        officer_press(&officer, "1");
        assert_true(officer_sees(&officer, signals[i].bars));
        assert_true(officer_sees(&officer, signals[i].word));
        officer_press(&officer, "n");
        assert_true(officer_sees(&officer, signals[i].bars));
        officer_press(&officer, "escape");
    }
    officer_end(&officer);
}

static void a_small_screen_shows_of_the_signal_what_fits(void **state) {
    (void)state;
    static const struct {
        int columns;
        const char *nearby, *picker;
    } sizes[] = {{26, "✓ Ben 764-8  ▆     4 s", "✓ Ben 764-8       ▆"},
                 {40, "✓ Ben 025764-8           ▂▄▆     4 s", "✓ Ben 025764-8                ▂▄▆"}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct officer officer = officer_begin(sizes[i].columns, 14);
        view_busy(officer.view);
        officer_look(&officer);
        assert_true(officer_sees(&officer, sizes[i].nearby));
        officer_press(&officer, "n");
        assert_true(officer_sees(&officer, sizes[i].picker));
        officer_end(&officer);
    }
}

static void a_signal_that_is_not_known_or_not_its_own_shows_no_bars(void **state) {
    (void)state;
    struct officer officer = officer_begin(120, 24);
    struct view_nearby *ben = view_add_nearby(officer.view, BEN, "Ben");
    ben->quality = 0; /* as in a view that nobody filled in */
    officer_look(&officer);
    assert_false(officer_sees(&officer, "▂"));
    view_hear(ben, "udp:eth0", 1, VIEW_QUALITY_UNKNOWN);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "    udp:eth0"));
    assert_false(officer_sees(&officer, "▂"));
    view_hear(ben, "bluetooth", 1, 90);
    ben->relayed = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "    relayed"));
    assert_true(officer_sees(&officer, "over bluetooth, relayed by another"));
    assert_false(officer_sees(&officer, "▂"));
    officer_end(&officer);
}

static void the_handset_under_the_cursor_tells_all_its_links(void **state) {
    (void)state;
    struct officer officer = officer_begin(120, 24);
    view_hear(view_add_nearby(officer.view, BEN, "Ben"), "bluetooth", 2, 90);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "heard 4 s ago over bluetooth, strong; also on 1 other"));
    officer.view->nearby[0].links = 3;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "also on 2 other links"));
    officer_end(&officer);
}

/* --- The modes ----------------------------------------------------------------------------------
 */

static void each_mode_is_a_key_and_yes_wherever_keys_are_not_text(void **state) {
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct officer officer = begin_everywhere(80, 24);
        officer_press(&officer, ways[i]);
        for (int on = 1; on >= 0; on--) {
            officer_press(&officer, "0 y");
            assert_int_equal(officer.command.kind, COMMAND_AIRPLANE);
            assert_int_equal(officer.command.on, on);
            officer.view->airplane = on;
            officer_press(&officer, "9 y");
            assert_int_equal(officer.command.kind, COMMAND_RADIO_SILENCE);
            assert_int_equal(officer.command.on, on);
            officer.view->radio_silence = on;
        }
        officer_end(&officer);
    }
}

static void where_text_is_typed_and_before_the_handset_is_ready_digits_are_no_modes(void **state) {
    (void)state;
    static const char *const typing[] = {"4 e", "4 p", "n space enter", "2 end g f"};
    for (size_t i = 0; i < sizeof typing / sizeof typing[0]; i++) {
        struct officer officer = begin_everywhere(80, 24);
        officer_press(&officer, typing[i]);
        officer_press(&officer, "9 0");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "90"));
        officer_end(&officer);
    }
    struct officer officer = officer_begin(80, 24);
    officer.view->phase = PHASE_UNLOCKING;
    officer_press(&officer, "0 y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void a_mode_that_is_on_is_marked_on_every_screen_of_every_size(void **state) {
    (void)state;
    static const int sizes[][2] = {{120, 40}, {80, 24}, {72, 16}, {40, 12}, {26, 14}, {26, 12}};
    for (size_t i = 0; i < WAYS * sizeof sizes / sizeof sizes[0]; i++) {
        const int *size = sizes[i / WAYS];
        struct officer officer = begin_everywhere(size[0], size[1]);
        officer.view->radio_silence = true;
        officer_press(&officer, ways[i % WAYS]);
        assert_true(officer_sees_style(&officer, "SILENT", STYLE_CAUTION));
        if (size[0] >= 80 && i % WAYS < PLACES_BY_NUMBER) {
            assert_non_null(strstr(officer_keys(&officer), "9 end silence"));
        }
        officer.view->airplane = true;
        officer_look(&officer);
        assert_true(officer_sees_style(&officer, "AIRPLANE", STYLE_CAUTION));
        assert_non_null(strstr(officer_keys(&officer), "0 end airplane"));
        officer_end(&officer);
    }
}

static void a_long_name_hides_neither_the_marks_nor_the_way(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    snprintf(officer.view->name, sizeof officer.view->name, "Alexandra of the Fire B.");
    officer.view->talking = true;
    officer.view->radio_silence = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[1 Nearby] 2 Groups  3 Talk  4 Keys  5 Log  6 Links "));
    assert_true(officer_sees(&officer, " ● TALKING  SILENT "));
    officer.view->talking = officer.view->radio_silence = false;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "6 Links  Alex"));
    officer_end(&officer);
}

static void both_marks_leave_room_for_the_title_on_the_smallest_screen(void **state) {
    (void)state;
    struct officer officer = officer_begin(26, 12);
    officer.view->talking = true;
    officer.view->airplane = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, " Nearby"));
    assert_true(officer_sees_style(&officer, "●", STYLE_TALK));
    assert_true(officer_sees_style(&officer, "AIRPLANE", STYLE_CAUTION));
    officer_end(&officer);
}

static void a_slip_does_not_end_a_talk_or_a_call_and_yes_does(void **state) {
    (void)state;
    for (int call = 0; call < 2; call++) {
        struct officer officer = begin_everywhere(80, 24);
        officer.view->talking = call == 0;
        officer.view->call_state = call == 1 ? CALL_RINGING : CALL_NONE;
        officer_press(&officer, "0");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "ends your talk or call"));
        officer_press(&officer, "2 0");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "y");
        assert_int_equal(officer.command.kind, COMMAND_AIRPLANE);
        assert_int_equal(officer.command.on, 1);
        officer_end(&officer);
    }
}

static void in_airplane_mode_talking_and_calling_say_what_is_in_the_way(void **state) {
    (void)state;
    struct officer officer = begin_everywhere(80, 24);
    officer.view->airplane = true;
    officer_press(&officer, "1 c");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "! Airplane mode is on: nobody can hear you. 0 ends it."));
    officer_press(&officer, "3");
    assert_null(strstr(officer_keys(&officer), "space talk"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "! Airplane mode is on: nobody can hear you. 0 ends it."));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_leads_to_the_links_from_every_screen_and_one_back),
        cmocka_unit_test(a_radio_tells_its_state_its_peers_its_signal_and_what_it_does),
        cmocka_unit_test(a_radio_that_cannot_be_used_says_what_to_do),
        cmocka_unit_test(many_radios_are_scrolled_on_a_small_screen),
        cmocka_unit_test(without_a_radio_the_links_say_so),
        cmocka_unit_test(nobody_in_reach_is_explained_by_the_radio_that_is_missing),
        cmocka_unit_test(the_signal_of_each_handset_stands_beside_it),
        cmocka_unit_test(a_small_screen_shows_of_the_signal_what_fits),
        cmocka_unit_test(a_signal_that_is_not_known_or_not_its_own_shows_no_bars),
        cmocka_unit_test(the_handset_under_the_cursor_tells_all_its_links),
        cmocka_unit_test(each_mode_is_a_key_and_yes_wherever_keys_are_not_text),
        cmocka_unit_test(where_text_is_typed_and_before_the_handset_is_ready_digits_are_no_modes),
        cmocka_unit_test(a_mode_that_is_on_is_marked_on_every_screen_of_every_size),
        cmocka_unit_test(a_long_name_hides_neither_the_marks_nor_the_way),
        cmocka_unit_test(both_marks_leave_room_for_the_title_on_the_smallest_screen),
        cmocka_unit_test(a_slip_does_not_end_a_talk_or_a_call_and_yes_does),
        cmocka_unit_test(in_airplane_mode_talking_and_calling_say_what_is_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
