/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
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

/* Random officers in front of random handsets, every other one German. A failure prints its seed;
 * MUSTER_SEED=N plays that one alone. */

enum {
    SEEDS = 150,
    PRESSES = 60
};

static uint64_t draw(uint64_t *seed) {
    uint64_t x = *seed += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static size_t below(uint64_t *seed, size_t limit) {
    return (size_t)(draw(seed) % limit);
}

static void random_text(uint64_t *seed, char *out, size_t size) {
    static const char *const pieces[] = {"a",    "Ben ", "é", "火",      "\xff",
                                         "\x1b", "%s",   ":", "tel:+44", "e\xcc\x81"};
    out[0] = '\0';
    for (size_t i = below(seed, size); i > 0; i--) {
        const char *piece = pieces[below(seed, sizeof pieces / sizeof pieces[0])];
        if (strlen(out) + strlen(piece) < size) {
            strcat(out, piece);
        }
    }
}

static void random_identity(uint64_t *seed, char out[OFFICER_IDENTITY_SIZE]) {
    if (below(seed, 4) == 0) {
        random_text(seed, out, OFFICER_IDENTITY_SIZE);
    } else {
        snprintf(out, OFFICER_IDENTITY_SIZE, "urn:gsma:imei:%08zu-000000-0", below(seed, 40));
    }
}

static int64_t random_time(uint64_t *seed) {
    static const int64_t extremes[] = {INT64_MIN, -1, 0, 1, 999, 3600000, INT64_MAX};
    return below(seed, 3) == 0 ? extremes[below(seed, 7)]
                               : (int64_t)(draw(seed) % (UINT64_C(100) * TEST_HOUR));
}

static size_t random_count(uint64_t *seed, size_t most) {
    return below(seed, 3) == 0 ? below(seed, most + 1) : below(seed, 4);
}

/* Any kind with any values, those of a link where it is of one. */
static struct event random_event(uint64_t *seed) {
    struct event event = {.kind = (enum event_kind)below(seed, EVENT_COUNT),
                          .reason = (enum event_reason)below(seed, REASON_COUNT),
                          .message = (enum event_message)below(seed, MESSAGE_COUNT),
                          .gmk_id = (uint32_t)draw(seed),
                          .utc_ms = random_time(seed),
                          .duration_ms = random_time(seed),
                          .check = below(seed, 2) ? "signature-invalid" : NULL,
                          .count = (unsigned)below(seed, 300),
                          .line = (unsigned)draw(seed),
                          .part = (unsigned)below(seed, 40),
                          .parts = (uint32_t)draw(seed)};
    random_text(seed, event.tag, sizeof event.tag);
    if ((event_values(event.kind) >> VALUE_LINK & 1) != 0) {
        event.condition = (struct view_condition){.name = below(seed, 3) ? "unreachable" : NULL,
                                                  .error = (int)below(seed, 130),
                                                  .number = random_time(seed)};
        random_text(seed, event.condition.object, sizeof event.condition.object);
        random_text(seed, event.condition.detail, sizeof event.condition.detail);
        random_text(seed, event.link, sizeof event.link);
        random_text(seed, event.source, sizeof event.source);
        event.sources = (unsigned)below(seed, 3);
    } else {
        random_identity(seed, event.identity);
        random_text(seed, event.name, sizeof event.name);
        random_text(seed, event.group, sizeof event.group);
        random_text(seed, event.group_name, sizeof event.group_name);
    }
    return event;
}

static void random_members(uint64_t *seed, struct view_member *members, size_t *count) {
    *count = random_count(seed, ADHOC_MEMBERS_MAX);
    for (size_t i = 0; i < *count; i++) {
        random_identity(seed, members[i].identity);
        random_text(seed, members[i].name, sizeof members[i].name);
        members[i].reason = (enum event_reason)below(seed, REASON_COUNT);
        members[i].reason_limit_ms = random_time(seed);
        members[i].reason_check = below(seed, 2) ? "signature-invalid" : NULL;
        members[i].state = (enum member_state)below(seed, MEMBER_CANCELLED + 1);
    }
}

static int random_quality(uint64_t *seed) {
    static const int extremes[] = {INT_MIN, VIEW_QUALITY_UNKNOWN, 0, 100, INT_MAX};
    return below(seed, 3) == 0 ? extremes[below(seed, 5)] : (int)below(seed, 101);
}

static void random_radios(uint64_t *seed, struct view *view) {
    static const char *const conditions[] = {
        NULL,       "",          "hub-and-linked", "linked-to-hubs",       "adapter-name-foreign",
        "in-group", "no-stream", "no-supplicant",  "adapter-power-failed", "keeping-refused",
        "unknown"};
    view->radio_count = random_count(seed, VIEW_RADIOS_MAX);
    for (size_t i = 0; i < view->radio_count; i++) {
        struct view_radio *radio = &view->radios[i];
        random_text(seed, radio->link, sizeof radio->link);
        random_text(seed, radio->name, sizeof radio->name);
        radio->condition.name = conditions[below(seed, sizeof conditions / sizeof conditions[0])];
        random_text(seed, radio->condition.object, sizeof radio->condition.object);
        random_text(seed, radio->condition.detail, sizeof radio->condition.detail);
        radio->condition.number = (int64_t)draw(seed);
        radio->condition.more = (int64_t)draw(seed);
        radio->condition.error = (int)draw(seed);
        radio->state = (enum radio_view_state)below(seed, RADIO_VIEW_UNUSABLE + 1);
        radio->peers = (unsigned)draw(seed);
        radio->quality = random_quality(seed);
    }
}

static void random_people(uint64_t *seed, struct view *view) {
    view->nearby_count = random_count(seed, VIEW_NEARBY_MAX);
    for (size_t i = 0; i < view->nearby_count; i++) {
        struct view_nearby *nearby = &view->nearby[i];
        random_identity(seed, nearby->identity);
        random_text(seed, nearby->name, sizeof nearby->name);
        nearby->trusted = below(seed, 2);
        nearby->is_two = below(seed, 2);
        nearby->clock_differs = below(seed, 2);
        nearby->clock_difference_ms = random_time(seed);
        nearby->heard_ago_ms = random_time(seed);
        random_text(seed, nearby->link, sizeof nearby->link);
        nearby->links = (unsigned)below(seed, 4);
        nearby->relayed = below(seed, 2);
        nearby->quality = random_quality(seed);
    }
    view->invitation_count = below(seed, 3) == 0 ? below(seed, VIEW_INVITATIONS_MAX + 1) : 0;
    for (size_t i = 0; i < view->invitation_count; i++) {
        struct view_invitation *asked = &view->invitations[i];
        asked->id = below(seed, 10);
        asked->purpose = (enum invitation_purpose)below(seed, 3);
        random_identity(seed, asked->inviter);
        random_text(seed, asked->inviter_name, sizeof asked->inviter_name);
        random_text(seed, asked->group_name, sizeof asked->group_name);
        asked->is_two = below(seed, 2);
        asked->clock_differs = below(seed, 2);
        asked->clock_difference_ms = random_time(seed);
        asked->period_ms = random_time(seed);
        asked->waits_ms = random_time(seed);
        random_members(seed, asked->members, &asked->member_count);
    }
}

static void random_groups(uint64_t *seed, struct view *view) {
    view->group_count = random_count(seed, VIEW_GROUPS_MAX);
    for (size_t i = 0; i < view->group_count; i++) {
        struct view_group *group = &view->groups[i];
        snprintf(group->identity, sizeof group->identity, "adhoc:%zu", below(seed, 6));
        random_text(seed, group->name, sizeof group->name);
        group->kind = (enum group_kind)below(seed, 2);
        group->gmk_state = (enum gmk_state)below(seed, 3);
        group->remaining_ms = random_time(seed);
        group->period_ms = random_time(seed);
        group->created_utc_ms = random_time(seed);
        group->created_here = below(seed, 2);
        group->distributing = below(seed, 2);
        random_members(seed, group->members, &group->member_count);
    }
}

static void random_talk(uint64_t *seed, struct view *view) {
    view->talking = below(seed, 4) == 0;
    view->call_state = (enum call_state)(below(seed, 3) == 0 ? below(seed, 3) : 0);
    random_identity(seed, view->call_identity);
    view->call_elapsed_ms = random_time(seed);
    view->talker_count = below(seed, VIEW_TALKERS_MAX + 1);
    for (size_t i = 0; i < view->talker_count; i++) {
        struct view_talker *talker = &view->talkers[i];
        random_identity(seed, talker->identity);
        random_text(seed, talker->name, sizeof talker->name);
        talker->self = below(seed, 2);
        talker->elapsed_ms = random_time(seed);
        talker->level = (unsigned)below(seed, 101);
        talker->delay_ms = (unsigned)below(seed, 500);
        talker->loss_percent = (unsigned)below(seed, 101);
    }
    view->session_count = random_count(seed, VIEW_SESSIONS_MAX);
    for (size_t i = 0; i < view->session_count; i++) {
        random_identity(seed, view->sessions[i].talker);
        view->sessions[i].began_utc_ms = random_time(seed);
        view->sessions[i].lasted_ms = random_time(seed);
    }
    view->log_count = random_count(seed, VIEW_LOG_MAX);
    for (size_t i = 0; i < view->log_count; i++) {
        view->log[i] = random_event(seed);
        view->log_times[i] = (struct view_log_times){.times = (unsigned)below(seed, 3000),
                                                     .since_utc_ms = random_time(seed)};
    }
}

static void random_emergencies(uint64_t *seed, struct view *view) {
    view->emergency_count = random_count(seed, VIEW_EMERGENCIES_MAX);
    for (size_t i = 0; i < view->emergency_count; i++) {
        struct view_emergency *emergency = &view->emergencies[i];
        random_identity(seed, emergency->identity);
        random_text(seed, emergency->name, sizeof emergency->name);
        random_text(seed, emergency->group, sizeof emergency->group);
        random_text(seed, emergency->group_name, sizeof emergency->group_name);
        emergency->self = below(seed, 2);
        emergency->is_over = below(seed, 2);
        emergency->began_utc_ms = random_time(seed);
    }
}

static void random_imports(uint64_t *seed, struct view *view) {
    view->gathering_count = below(seed, VIEW_GATHERINGS_MAX + 1);
    for (size_t i = 0; i < view->gathering_count; i++) {
        struct view_gathering *gathering = &view->gatherings[i];
        random_text(seed, gathering->tag, sizeof gathering->tag);
        gathering->missing = (uint32_t)draw(seed);
        gathering->latest_ago_ms = random_time(seed);
    }
    view->imported_count = below(seed, VIEW_IMPORTED_MAX + 1);
    for (size_t i = 0; i < view->imported_count; i++) {
        view->imported[i] = random_event(seed);
    }
}

/* Their members belong to one view at a time. */
static void random_managed(uint64_t *seed, struct view *view) {
    static struct view_managed_member members[300];
    size_t count = random_count(seed, sizeof members / sizeof members[0]);
    for (size_t i = 0; i < count; i++) {
        random_identity(seed, members[i].identity);
        random_text(seed, members[i].name, sizeof members[i].name);
        members[i].state = (enum managed_member_state)below(seed, MANAGED_EXCLUDED + 1);
    }
    view->managed_count = below(seed, VIEW_MANAGED_MAX + 1);
    for (size_t i = 0; i < view->managed_count; i++) {
        struct view_managed *group = &view->managed[i];
        snprintf(group->identity, sizeof group->identity, "adhoc:%zu", below(seed, 9));
        random_text(seed, group->name, sizeof group->name);
        group->state = (enum managed_state)below(seed, MANAGED_SPOILED + 1);
        group->gmk_id = (uint32_t)below(seed, 3);
        group->remaining_ms = random_time(seed);
        group->begins_in_ms = random_time(seed);
        group->period_ms = random_time(seed);
        group->has_keys = below(seed, 4) > 0;
        group->members = below(seed, 300);
        group->sent = below(seed, 300);
        group->received = below(seed, 300);
        group->excluded = below(seed, 3);
        group->sending = below(seed, 2);
        group->sent_a_second = (unsigned)below(seed, 500);
        group->sending_left_ms = random_time(seed);
        group->row_count = below(seed, 2) ? count : 0;
        group->rows = members;
    }
}

static void random_view(uint64_t *seed, struct view *view) {
    view->phase = below(seed, 5) == 0 ? (enum view_phase)below(seed, PHASE_READY) : PHASE_READY;
    view->utc_ms = random_time(seed);
    view->radio_silence = below(seed, 2);
    view->airplane = below(seed, 3) == 0;
    view->credential.max_key_period_ms = random_time(seed);
    random_text(seed, view->name, sizeof view->name);
    view->problem = below(seed, 2) == 0 ? random_event(seed) : (struct event){.kind = EVENT_NONE};
    random_radios(seed, view);
    random_people(seed, view);
    random_groups(seed, view);
    random_managed(seed, view);
    random_talk(seed, view);
    random_emergencies(seed, view);
    random_imports(seed, view);
}

static uint32_t random_press(uint64_t *seed) {
    static const char letters[] = "ncmltkxresyadfiqhp123456900?!E?!     ";
    if (below(seed, 2) == 0) {
        return (uint32_t)letters[below(seed, sizeof letters - 1)];
    }
    return below(seed, 20) == 0 ? (uint32_t)below(seed, 0x110000)
                                : PRESS_ENTER + (uint32_t)below(seed, PRESS_LAST - PRESS_ENTER);
}

static void check_screen(struct officer *officer, uint64_t start) {
    if (officer->canvas->columns >= 26 && officer->canvas->rows >= 12 &&
        strlen(officer_keys(officer)) < 6) {
        fail_msg("seed %llu: no keys on the screen", (unsigned long long)start);
    }
}

static void check_command(const struct officer *officer, uint64_t start) {
    const struct command *command = &officer->command;
    bool decided = command->kind == COMMAND_ACCEPT || command->kind == COMMAND_DECLINE;
    bool open = false;
    for (size_t i = 0; i < officer->view->invitation_count; i++) {
        open = open || officer->view->invitations[i].id == command->invitation;
    }
    if (decided && !open) {
        fail_msg("seed %llu: an answer to nobody", (unsigned long long)start);
    }
    bool is_manager = false;
    for (size_t i = 0; i < officer->view->managed_count; i++) {
        is_manager = is_manager || strcmp(officer->view->managed[i].identity, command->group) == 0;
    }
    if (command->kind >= COMMAND_MANAGE_REKEY && command->kind <= COMMAND_MANAGE_AGAIN &&
        (!is_manager || (command->kind != COMMAND_MANAGE_REKEY && command->identity[0] == '\0'))) {
        fail_msg("seed %llu: an order about nobody", (unsigned long long)start);
    }
    if (command->kind == COMMAND_CREATE_GROUP &&
        (command->member_count == 0 || command->name[0] == '\0' || command->period_ms <= 0)) {
        fail_msg("seed %llu: half a group", (unsigned long long)start);
    }
}

static void check_escape_leads_home(struct officer *officer, uint64_t start) {
    officer->view->phase = PHASE_READY;
    officer->view->invitation_count = 0;
    officer->view->problem.kind = EVENT_NONE;
    for (int i = 0; i < 12; i++) {
        officer_press(officer, "escape");
    }
    char home[32];
    snprintf(home, sizeof home, officer->canvas->columns >= 72 ? "[1 %s]" : "%s", _("Nearby"));
    if (!officer_sees(officer, home)) {
        fail_msg("seed %llu: escape does not lead home", (unsigned long long)start);
    }
}

static void play(uint64_t start) {
    uint64_t seed = start;
    assert_true(words_choose_in(start % 2 == 0 ? "en" : "de", officer_locale()));
    bool tiny = below(&seed, 5) == 0;
    int columns = 1 + (int)below(&seed, 130), rows = 1 + (int)below(&seed, 50);
    struct officer officer =
        officer_begin(tiny || columns > 26 ? columns : 26, tiny || rows > 12 ? rows : 12);
    for (int i = 0; i < PRESSES; i++) {
        if (below(&seed, 8) == 0) {
            random_view(&seed, officer.view);
        }
        if (!ui_key(officer.ui, officer.view, random_press(&seed), &officer.command)) {
            officer.command.kind = COMMAND_NONE;
        }
        check_command(&officer, start);
        if (below(&seed, 4) > 0) {
            officer_look(&officer);
            check_screen(&officer, start);
        }
        if (below(&seed, 16) == 0) {
            if (below(&seed, 2) == 0) {
                officer.view->problem.kind = EVENT_ANSWERS_TWICE;
            }
            ui_notice(officer.ui, &officer.view->problem);
        }
    }
    if (!tiny) {
        check_escape_leads_home(&officer, start);
    }
    officer_end(&officer);
}

static void whatever_is_pressed_keys_are_shown_and_escape_leads_home(void **state) {
    (void)state;
    const char *only = getenv("MUSTER_SEED");
    if (only != NULL) {
        play(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        play(seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_pressed_keys_are_shown_and_escape_leads_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
