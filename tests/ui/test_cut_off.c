/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Views that ask for the most room, in both languages and in the sizes that handsets have: nothing
 * of what the screens say in their own words is cut off. (Names and identities are shortened,
 * visibly; and the row of keys shows those that there is room for, the help all.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/words/words.h"

#define LONG_NAME "Rescue platoon west four"
#define MINUTES   (60 * 1000)
#define DAYS      (24 * (int64_t)TEST_HOUR)

static void set_nothing(struct view *view) {
    (void)view;
}

/* Everybody far off in time, with every kind of link. */
static void set_nearby(struct view *view) {
    static const int64_t differences_ms[] = {-59 * MINUTES, 59 * MINUTES, -23 * TEST_HOUR,
                                             99 * DAYS, -40 * MINUTES};
    view_busy(view);
    for (size_t i = 0; i < view->nearby_count; i++) {
        view->nearby[i].clock_differs = true;
        view->nearby[i].clock_difference_ms = differences_ms[i];
        view->nearby[i].heard_ago_ms = 59 * MINUTES;
        view->nearby[i].links = 3;
        snprintf(view->nearby[i].name, OFFICER_NAME_SIZE, "%s", LONG_NAME);
    }
    view->nearby[1].trusted = true;
}

/* A group with a member in each state, and a key in that state. */
static void add_states(struct view *view, enum gmk_state state, int64_t left_ms) {
    struct view_group *group = view_add_group(view, FIRE, LONG_NAME);
    group->created_here = group->distributing = true;
    group->gmk_state = state;
    group->begins_in_ms = left_ms;
    group->remaining_ms = left_ms;
    group->period_ms = 365 * DAYS;
    for (int i = 0; i < 26; i++) {
        char identity[32];
        snprintf(identity, sizeof identity, "tel:+4477009001%02d", i);
        enum member_state member = i <= (int)MEMBER_CANCELLED ? (enum member_state)i
                                   : i < 16                   ? MEMBER_ACCEPTED
                                                              : MEMBER_WAITING;
        view_add_member(group, identity, i % 2 == 0 ? LONG_NAME : "", member);
    }
}

static void set_days_left(struct view *view) {
    add_states(view, GMK_USABLE, 120 * DAYS + 23 * TEST_HOUR);
}

static void set_ends_soon(struct view *view) {
    add_states(view, GMK_USABLE, 23 * TEST_HOUR + 59 * MINUTES);
}

static void set_begins(struct view *view) {
    add_states(view, GMK_NOT_YET, 29 * DAYS + 23 * TEST_HOUR);
}

static void set_expired(struct view *view) {
    add_states(view, GMK_EXPIRED, 0);
}

static void set_standard(struct view *view) {
    struct view_group *group = view_add_group(view, COUNTY, LONG_NAME);
    group->kind = GROUP_STANDARD;
    group->managed = true;
    group->member_count = 0;
}

static void set_radios(struct view *view) {
    for (enum radio_view_state state = RADIO_VIEW_ON; state <= RADIO_VIEW_UNUSABLE; state++) {
        struct view_radio *radio =
            view_add_radio(view, "wifi-direct", "wlx0123456789ab", state, "");
        radio->peers = 17;
        radio->quality = (int)state * 40;
    }
    view->radios[0].quality = 50;
    view->airplane = true;
    view->radio_silence = true;
}

static void set_silence(struct view *view) {
    set_radios(view);
    view->airplane = false;
}

/* Two at once, one of them in another group, with the microphone on. */
static void set_talkers(struct view *view) {
    view_busy(view);
    view->talking = true;
    view->radio_silence = true;
    view_add_talker(view, ANNA, "Anna", RESCUE)->self = true;
    view_add_talker(view, BEN, LONG_NAME, FIRE)->elapsed_ms = 10 * TEST_HOUR;
    view->talkers[view->talker_count - 1].delay_ms = 1280;
    view->talkers[view->talker_count - 1].loss_percent = 100;
    view_add_invitation(view, 7, BEN, LONG_NAME);
}

static void set_call(struct view *view, enum call_state state) {
    view_busy(view);
    view->call_state = state;
    view->call_elapsed_ms = 10 * TEST_HOUR;
    snprintf(view->call_identity, sizeof view->call_identity, "%s", BEN);
    view->session_count = 1;
    view->sessions[0].group_name[0] = '\0';
}

static void set_ringing(struct view *view) {
    set_call(view, CALL_RINGING);
}

static void set_in_call(struct view *view) {
    set_call(view, CALL_ACTIVE);
    view->airplane = true;
    view_add_talker(view, ANNA, "Anna", "")->self = true;
}

static void set_invitation(struct view *view) {
    view_busy(view);
    struct view_invitation *invitation = view_add_invitation(view, 7, BEN, LONG_NAME);
    invitation->trusted = true;
    invitation->clock_differs = true;
    invitation->clock_difference_ms = 99 * DAYS;
    invitation->group_name[0] = '\0';
}

static void set_unnamed_invitation(struct view *view) {
    set_invitation(view);
    view->invitations[0].inviter_name[0] = '\0';
    view->invitations[0].clock_difference_ms = -99 * DAYS;
}

static void set_no_keys(struct view *view) {
    view->name[0] = '\0';
    view->credential.fixed = false;
    snprintf(view->credential.months, VIEW_MONTHS_SIZE, "2026-10, 2026-11, 2026-12");
    view->frames_heard = view->frames_refused = UINT64_C(99999999);
}

/* A group of two thousand whose key an excluded member has, and no keys to give another. */
static void set_spoiled(struct view *view) {
    struct view_managed_member *rows;
    struct view_managed *group = view_add_managed(view, BOAT, LONG_NAME, 2000, &rows);
    for (size_t i = 0; i < 2000; i++) {
        rows[i].state = (enum managed_member_state)(i % 4);
    }
    group->state = MANAGED_SPOILED;
    group->has_keys = false;
    group->excluded = 1999;
}

static void set_sending(struct view *view) {
    struct view_managed_member *rows;
    struct view_managed *group = view_add_managed(view, BOAT, LONG_NAME, 2000, &rows);
    group->sending = true;
    group->sent_a_second = 9999;
    group->sending_left_ms = 59 * MINUTES;
    group->begins_in_ms = 59 * MINUTES + 59 * 1000;
    group->excluded = 500;
}

static void set_first_key(struct view *view) {
    struct view_managed_member *rows;
    struct view_managed *group = view_add_managed(view, BOAT, LONG_NAME, 2, &rows);
    group->state = MANAGED_NO_GMK;
    rows[0].state = rows[1].state = MANAGED_LACKS;
    rows[1].state = MANAGED_EXCLUDED;
}

static void set_unlocking(struct view *view) {
    view->phase = PHASE_UNLOCKING;
    view->name[0] = '\0';
}

static void set_locked(struct view *view) {
    view->phase = PHASE_LOCKED;
}

static void set_new(struct view *view) {
    view->phase = PHASE_NEW;
}

static void set_unenrolled(struct view *view) {
    view->phase = PHASE_UNENROLLED;
}

/* How the view is, the keys that lead to the screen, and those that bring a line below it. */
static const struct scene {
    void (*set)(struct view *view);
    const char *keys;
} scenes[] = {
    {set_nearby, ""},
    {set_nearby, "down down"},
    {set_nearby, "?"},
    {set_nearby, "0"},
    {set_silence, "1"},
    {set_days_left, "2"},
    {set_days_left, "2 ?"},
    {set_days_left, "2 enter"},
    {set_days_left, "2 enter ?"},
    {set_days_left, "2 enter r"},
    {set_days_left, "2 enter home r"},
    {set_days_left, "2 x"},
    {set_days_left, "2 g"},
    {set_days_left, "2 w"},
    {set_days_left, "2 k ?"},
    {set_days_left, "2 k enter enter"},
    {set_days_left, "3"},
    {set_days_left, "4 end"},
    {set_ends_soon, "2"},
    {set_ends_soon, "2 enter"},
    {set_ends_soon, "3"},
    {set_ends_soon, "4 end"},
    {set_begins, "2"},
    {set_begins, "2 enter"},
    {set_begins, "3"},
    {set_begins, "3 space"},
    {set_begins, "4 end"},
    {set_expired, "2 enter"},
    {set_expired, "3"},
    {set_expired, "3 ?"},
    {set_standard, "2"},
    {set_standard, "2 w"},
    {set_standard, "2 enter"},
    {set_standard, "2 enter x"},
    {set_standard, "3"},
    {set_nothing, "3 space"},
    {set_nothing, "n"},
    {set_nothing, "n enter"},
    {set_nothing, "5"},
    {set_nothing, "5 ?"},
    {set_nothing, "q ?"},
    {view_busy, "n space enter enter"},
    {view_busy, "n space enter a enter enter"},
    {set_radios, "6"},
    {set_radios, "6 ?"},
    {set_radios, "3"},
    {set_silence, "6"},
    {set_talkers, "1"},
    {set_talkers, "2"},
    {set_talkers, "3"},
    {set_talkers, "4"},
    {set_talkers, "n"},
    {set_talkers, "q"},
    {set_talkers, "0"},
    {set_ringing, "3"},
    {set_ringing, "3 space"},
    {set_in_call, "3"},
    {set_in_call, "3 space"},
    {set_in_call, "4 e"},
    {set_invitation, ""},
    {set_invitation, "?"},
    {set_invitation, "escape"},
    {set_unnamed_invitation, ""},
    {set_no_keys, "4"},
    {set_no_keys, "4 ?"},
    {set_no_keys, "4 p"},
    {set_no_keys, "4 p tab"},
    {set_no_keys, "4 e"},
    {set_spoiled, "2"},
    {set_spoiled, "2 enter"},
    {set_spoiled, "2 enter ?"},
    {set_spoiled, "2 enter r"},
    {set_spoiled, "2 enter l"},
    {set_spoiled, "2 enter end x"},
    {set_spoiled, "2 enter end l"},
    {set_spoiled, "2 enter a"},
    {set_spoiled, "2 t"},
    {set_sending, "2"},
    {set_sending, "2 enter"},
    {set_sending, "2 enter x"},
    {set_sending, "2 enter x enter"},
    {set_sending, "2 enter r enter"},
    {set_sending, "2 enter f x y z enter"},
    {set_sending, "2 enter a t enter"},
    {set_first_key, "2 enter"},
    {set_first_key, "2 enter down"},
    {set_unlocking, ""},
    {set_unlocking, "q"},
    {set_unlocking, "?"},
    {set_locked, "enter"},
    {set_locked, "tab"},
    {set_new, "a enter"},
    {set_new, "a b c d e f g h i j"},
    {set_new, "a b c d e f g h i j k l m n o p q"},
    {set_new, "a b c d e f g h enter a enter"},
    {set_unenrolled, "?"},
    {set_unenrolled, "r"},
    {view_requested, "r"},
    {view_requested, "r t"},
    {view_requested, "r right"},
    {view_requested, "b"},
};

/* Returns how many texts are cut off. */
static unsigned look(const char *language, const struct scene *scene, int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    scene->set(officer.view);
    officer_look(&officer);
    officer_press(&officer, scene->keys);
    officer_look(&officer);
    if (officer.canvas->cut > 0) {
        char *screen = officer_screen(&officer);
        print_error("%u texts are cut off in %s, with scene %d and the keys %s:\n%s",
                    officer.canvas->cut, language, (int)(scene - scenes), scene->keys, screen);
        free(screen);
    }
    unsigned cut = officer.canvas->cut;
    officer_end(&officer);
    return cut;
}

static void look_at_all(const char *language, int columns, int rows) {
    assert_true(words_choose_in(language, officer_locale()));
    unsigned cut = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        cut += look(language, &scenes[i], columns, rows);
    }
    assert_int_equal(cut, 0);
}

static void nothing_is_cut_off_in_80x24(void **state) {
    (void)state;
    look_at_all("en", 80, 24);
}

static void nothing_is_cut_off_in_40x15(void **state) {
    (void)state;
    look_at_all("en", 40, 15);
}

static void nothing_is_cut_off_in_german_in_80x24(void **state) {
    (void)state;
    look_at_all("de", 80, 24);
}

static void nothing_is_cut_off_in_german_in_40x15(void **state) {
    (void)state;
    look_at_all("de", 40, 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_cut_off_in_80x24),
        cmocka_unit_test(nothing_is_cut_off_in_40x15),
        cmocka_unit_test(nothing_is_cut_off_in_german_in_80x24),
        cmocka_unit_test(nothing_is_cut_off_in_german_in_40x15),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
