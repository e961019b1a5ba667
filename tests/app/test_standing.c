/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An emergency outlives a restart, of who hears of it and of who called it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/talkers.h"

enum {
    SECOND_MS = 1000,
    CALLER = 0,
    MEMBER = 1
};

static enum status emergency(struct squad *squad, int on) {
    struct command command = {.kind = COMMAND_EMERGENCY, .on = on};
    memcpy(command.group, squad_view(squad, CALLER)->groups[0].identity, sizeof command.group);
    return squad_command(squad, CALLER, &command);
}

static enum status acknowledge(struct squad *squad) {
    struct command command = {.kind = COMMAND_ACKNOWLEDGE};
    memcpy(command.group, squad_view(squad, MEMBER)->groups[0].identity, sizeof command.group);
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(CALLER));
    return squad_command(squad, MEMBER, &command);
}

static void speak(struct squad *squad) {
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_stop(squad, CALLER), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
}

/* The first handset has called an emergency, said something and fallen silent. */
static struct squad *squad_in_emergency(void) {
    struct squad *squad = talkers_new(2);
    assert_int_equal(emergency(squad, 1), STATUS_OK);
    speak(squad);
    assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 1);
    return squad;
}

static void a_member_who_restarts_still_sees_it_until_it_is_acknowledged(void **state) {
    (void)state;
    struct squad *squad = squad_in_emergency();
    const struct view_emergency before = squad_view(squad, MEMBER)->emergencies[0];
    squad_restart(squad, MEMBER, true);
    squad_run(squad, SECOND_MS);
    const struct view *view = squad_view(squad, MEMBER);
    assert_int_equal(view->emergency_count, 1);
    const struct view_emergency *row = &view->emergencies[0];
    assert_string_equal(row->identity, before.identity);
    assert_string_equal(row->group, before.group);
    assert_string_equal(row->group_name, before.group_name);
    assert_int_equal(row->began_utc_ms, before.began_utc_ms);
    assert_false(row->self);
    assert_int_equal(handset_ringing(squad->handsets[MEMBER].engine), RINGS_EMERGENCY);
    assert_int_equal(talkers_events(squad, MEMBER, EVENT_EMERGENCY, squad_identity(CALLER)), 1);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == EVENT_EMERGENCY) { /* the log has when it was called */
            assert_int_equal(view->log[i].utc_ms, before.began_utc_ms);
        }
    }
    assert_int_equal(acknowledge(squad), STATUS_OK);
    squad_run(squad, SECOND_MS);
    squad_restart(squad, MEMBER, true);
    assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 0);
    /* It was seen: the caller's next words do not show it anew. */
    assert_int_equal(squad_talk(squad, CALLER), STATUS_OK);
    speak(squad);
    assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 0);
    squad_free(squad);
}

static void a_caller_who_restarts_is_still_in_it_until_it_is_ended(void **state) {
    (void)state;
    struct squad *squad = squad_in_emergency();
    squad_restart(squad, CALLER, true);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_view(squad, CALLER)->emergency_count, 1);
    assert_true(squad_view(squad, CALLER)->emergencies[0].self);
    assert_int_equal(squad_talk(squad, CALLER), STATUS_OK);
    speak(squad);
    assert_int_equal(talkers_events(squad, MEMBER, EVENT_EMERGENCY_OVER, squad_identity(CALLER)),
                     0);
    assert_int_equal(emergency(squad, 0), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(talkers_events(squad, MEMBER, EVENT_EMERGENCY_OVER, squad_identity(CALLER)),
                     1);
    squad_restart(squad, CALLER, true);
    assert_int_equal(squad_view(squad, CALLER)->emergency_count, 0);
    squad_free(squad);
}

static void its_end_and_the_end_of_its_key_outlive_a_restart_too(void **state) {
    (void)state;
    struct squad *squad = squad_in_emergency();
    assert_int_equal(emergency(squad, 0), STATUS_OK);
    squad_run(squad, SECOND_MS);
    squad_restart(squad, MEMBER, true);
    assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 1);
    assert_true(squad_view(squad, MEMBER)->emergencies[0].is_over);
    assert_int_equal(handset_ringing(squad->handsets[MEMBER].engine), RINGS_NOWHERE);
    squad->handsets[MEMBER].utc_offset_ms += 48 * (int64_t)HOUR_MS;
    squad_restart(squad, MEMBER, true);
    assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 0);
    squad_free(squad);
}

static void a_record_of_any_octets_keeps_no_handset_from_starting(void **state) {
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("SEED=%u\n", seed);
    srand(seed);
    struct squad *squad = squad_in_emergency();
    for (unsigned round = 0; round < 200; round++) {
        uint8_t octets[300];
        size_t length = (size_t)rand() % sizeof octets;
        for (size_t i = 0; i < length; i++) {
            octets[i] = (uint8_t)(rand() % (round % 2 == 0 ? 256 : 4));
        }
        octets[0] = 1;
        struct span value = {octets, length};
        squad_put_record(squad, MEMBER, RECORD_EMERGENCIES, span_of_text("standing"), &value);
        squad_restart(squad, MEMBER, true);
        /* None of a group that is not held. */
        assert_int_equal(squad_view(squad, MEMBER)->emergency_count, 0);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_who_restarts_still_sees_it_until_it_is_acknowledged),
        cmocka_unit_test(a_caller_who_restarts_is_still_in_it_until_it_is_ended),
        cmocka_unit_test(its_end_and_the_end_of_its_key_outlive_a_restart_too),
        cmocka_unit_test(a_record_of_any_octets_keeps_no_handset_from_starting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
