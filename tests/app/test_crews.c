/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crews are kept under a name, outlive a restart, and make nobody a member of anything. */
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
    SECOND_MS = 1000,
    SOON_MS = 7 * SECOND_MS /* the next presence has come */
};

static struct command crew_of(const char *name, size_t first, size_t count) {
    struct command command = {.kind = COMMAND_KEEP_CREW, .member_count = count};
    snprintf(command.name, sizeof command.name, "%s", name);
    for (size_t i = 0; i < count; i++) {
        snprintf(command.members[i], OFFICER_IDENTITY_SIZE, "tel:+4477009001%02zu", first + i);
    }
    return command;
}

static enum status keep(struct squad *squad, const char *name, size_t first, size_t count) {
    const struct command command = crew_of(name, first, count);
    return squad_command(squad, 0, &command);
}

static enum status drop(struct squad *squad, const char *name) {
    struct command command = {.kind = COMMAND_DROP_CREW};
    snprintf(command.name, sizeof command.name, "%s", name);
    return squad_command(squad, 0, &command);
}

static void restart(struct squad *squad) {
    squad_run(squad, SECOND_MS);
    squad_restart(squad, 0, true);
}

static void a_crew_is_kept_replaced_and_forgotten(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    assert_int_equal(squad_view(squad, 0)->crew_count, 0);
    assert_int_equal(keep(squad, "Engine 7", 1, 3), STATUS_OK);
    assert_int_equal(keep(squad, "Boat", 10, VIEW_CREW_MAX), STATUS_OK);
    for (int restarts = 0; restarts < 2; restarts++) {
        const struct view *view = squad_view(squad, 0);
        assert_int_equal(view->crew_count, 2);
        assert_string_equal(view->crews[0].name, "Boat");
        assert_int_equal(view->crews[0].member_count, VIEW_CREW_MAX);
        assert_string_equal(view->crews[1].name, "Engine 7");
        assert_int_equal(view->crews[1].member_count, 3);
        assert_string_equal(view->crews[1].members[2].identity, "tel:+447700900103");
        restart(squad);
    }
    assert_int_equal(keep(squad, "Engine 7", 5, 1), STATUS_OK);
    assert_int_equal(drop(squad, "Boat"), STATUS_OK);
    assert_int_equal(drop(squad, "Boat"), STATUS_NOT_FOUND);
    restart(squad);
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->crew_count, 1);
    assert_int_equal(view->crews[0].member_count, 1);
    assert_string_equal(view->crews[0].members[0].identity, "tel:+447700900105");
    assert_int_equal(view->group_count, 0);
    squad_free(squad);
}

static void what_cannot_be_a_crew_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    assert_int_equal(keep(squad, "", 1, 2), STATUS_MALFORMED);
    assert_int_equal(keep(squad, "a\nb", 1, 2), STATUS_MALFORMED);
    assert_int_equal(keep(squad, "Nobody", 1, 0), STATUS_MALFORMED);
    assert_int_equal(keep(squad, "Too many", 1, VIEW_CREW_MAX + 1), STATUS_MALFORMED);
    struct command command = crew_of("Twice", 1, 2);
    memcpy(command.members[1], command.members[0], OFFICER_IDENTITY_SIZE);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_MALFORMED);
    command = crew_of("Nonsense", 1, 2);
    snprintf(command.members[1], OFFICER_IDENTITY_SIZE, "nonsense");
    assert_int_equal(squad_command(squad, 0, &command), STATUS_MALFORMED);
    command = crew_of("Myself", 1, 2);
    snprintf(command.members[1], OFFICER_IDENTITY_SIZE, "%s", squad_identity(0));
    assert_int_equal(squad_command(squad, 0, &command), STATUS_MALFORMED);
    assert_int_equal(squad_view(squad, 0)->crew_count, 0);
    for (size_t i = 0; i < CREWS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "Crew %zu", i);
        assert_int_equal(keep(squad, name, 1, 2), STATUS_OK);
    }
    assert_int_equal(keep(squad, "One more", 1, 2), STATUS_TOO_LONG);
    assert_int_equal(keep(squad, "Crew 3", 1, 4), STATUS_OK); /* it takes the place of another */
    restart(squad);
    assert_int_equal(squad_view(squad, 0)->crew_count, CREWS_MAX);
    assert_int_equal(squad_view(squad, 0)->crews[CREWS_MAX - 1].member_count, 2);
    squad_free(squad);
}

/* A name that somebody said of itself once is no proof later. */
static void who_is_away_is_shown_as_it_was_called(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, SOON_MS);
    struct command command = crew_of("Two", 1, 1);
    snprintf(command.members[0], OFFICER_IDENTITY_SIZE, "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    restart(squad);
    const struct view_crew_member *member = &squad_view(squad, 0)->crews[0].members[0];
    assert_string_equal(member->name, "fire2");
    assert_int_equal(member->name_kind, NAME_CLAIMED);
    struct command give = {.kind = COMMAND_GIVE_NAME};
    snprintf(give.identity, sizeof give.identity, "%s", squad_identity(1));
    snprintf(give.name, sizeof give.name, "Ben");
    assert_int_equal(squad_command(squad, 0, &give), STATUS_OK);
    member = &squad_view(squad, 0)->crews[0].members[0];
    assert_string_equal(member->name, "Ben");
    assert_int_equal(member->name_kind, NAME_GIVEN);
    squad_free(squad);
}

/* Every record that is one octet shorter, longer or other than a right one is read whole or
 * refused. */
static void a_damaged_record_is_left_out(void **state) {
    (void)state;
    static const uint8_t right[] = "\x01\x04"
                                   "Boat\x11"
                                   "tel:+447700900101\x03"
                                   "Ben\x11"
                                   "tel:+447700900102\x00";
    const struct span whole = {right, sizeof right - 1};
    struct squad *squad = squad_new(1);
    struct crews crews;
    crews_begin(&crews, &squad->handsets[0].engine->desk);
    size_t first_alone = 0;
    for (size_t length = 0; length < whole.length; length++) {
        const struct span cut = {right, length};
        crews_begin(&crews, &squad->handsets[0].engine->desk);
        assert_int_equal(crews_restore(&crews, span_of_text("1"), cut), STATUS_OK);
        assert_int_equal(crews.is_malformed, crews.count == 0);
        if (crews.count == 1) { /* it ends with the first of both */
            assert_int_equal(crews.list[0].member_count, 1);
            first_alone++;
        }
        crews_clear(&crews);
    }
    assert_int_equal(first_alone, 1);
    static const char *const wrong_keys[] = {"", "123456789012"};
    crews_begin(&crews, &squad->handsets[0].engine->desk);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(crews_restore(&crews, span_of_text(wrong_keys[i]), whole), STATUS_OK);
        assert_int_equal(crews.count, 0);
    }
    crews.is_malformed = false;
    assert_int_equal(crews_restore(&crews, span_of_text("1"), whole), STATUS_OK);
    assert_false(crews.is_malformed);
    assert_int_equal(crews.list[0].member_count, 2);
    assert_int_equal(crews_restore(&crews, span_of_text("1"), whole), STATUS_OK);
    assert_int_equal(crews_restore(&crews, span_of_text("2"), whole), STATUS_OK);
    assert_int_equal(crews.count, 1);
    assert_true(crews.is_malformed);
    crews_clear(&crews);
    squad_free(squad);
}

/* A handset does not stay shut for a crew. */
static void a_handset_with_a_damaged_crew_opens_and_says_so(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const struct span nonsense = span_of_text("nonsense");
    squad_put_record(squad, 0, RECORD_CREW, span_of_text("1"), &nonsense);
    restart(squad);
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->phase, PHASE_READY);
    assert_int_equal(view->crew_count, 0);
    bool is_told = false;
    for (size_t i = 0; i < view->log_count; i++) {
        is_told = is_told || view->log[i].kind == EVENT_CREW_UNREADABLE;
    }
    assert_true(is_told);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crew_is_kept_replaced_and_forgotten),
        cmocka_unit_test(what_cannot_be_a_crew_is_refused),
        cmocka_unit_test(who_is_away_is_shown_as_it_was_called),
        cmocka_unit_test(a_damaged_record_is_left_out),
        cmocka_unit_test(a_handset_with_a_damaged_crew_opens_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
