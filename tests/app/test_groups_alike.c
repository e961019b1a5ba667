/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups whose names are the same or look alike are told apart, and a group that is given another
 * name is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/text/digits.h"
#include "squad.h"

enum {
    A_SECOND = 1000
};

static const struct view_group *group_named(struct squad *squad, size_t n, const char *name) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->group_count; i++) {
        if (strcmp(view->groups[i].name, name) == 0) {
            return &view->groups[i];
        }
    }
    fail_msg("handset %zu holds no group %s", n, name);
    return NULL;
}

/* Handset `creator` makes a group with handset `other`, whose officer is asked. */
static void ask(struct squad *squad, size_t creator, size_t other, const char *name) {
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(other));
    snprintf(create.name, sizeof create.name, "%s", name);
    assert_int_equal(squad_command(squad, creator, &create), STATUS_OK);
    squad_run(squad, A_SECOND);
    assert_int_equal(squad_view(squad, other)->invitation_count, 1);
}

static void make(struct squad *squad, size_t creator, size_t other, const char *name) {
    ask(squad, creator, other, name);
    assert_int_equal(squad_answer(squad, other, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * A_SECOND);
    assert_int_equal(squad_view(squad, other)->invitation_count, 0);
}

static void assert_marked(const struct view_group *group, const char *creator) {
    char digits[IDENTITY_DIGITS_SIZE];
    identity_digits(creator, digits);
    assert_string_equal(group->mark, digits);
}

static const char *const like_bridge[] = {
    "Bridge",
    "BRIDGE",
    "Br\xd1\x96"
    "dge", /* a Cyrillic letter */
    "\xef\xbc\xa2\xef\xbd\x92\xef\xbd\x89\xef\xbd\x84\xef\xbd\x87\xef\xbd\x85", /* full-width */
    "Br\xc3\xac"
    "dge", /* a grave accent */
};

static void who_is_asked_into_a_group_that_looks_like_another_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof like_bridge / sizeof like_bridge[0]; i++) {
        struct squad *squad = squad_new(3);
        squad_run(squad, A_SECOND);
        make(squad, 0, 1, "Bridge");
        assert_string_equal(group_named(squad, 1, "Bridge")->mark, "");
        ask(squad, 2, 1, like_bridge[i]);
        assert_true(squad_view(squad, 1)->invitations[0].group_alike);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 2 * A_SECOND);
        const struct view *view = squad_view(squad, 1);
        assert_int_equal(view->group_count, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_marked(&view->groups[k],
                          squad_identity(
                              strstr(view->groups[k].identity, squad_identity(0)) != NULL ? 0 : 2));
        }
        squad_free(squad);
    }
}

static void a_group_of_another_name_is_just_a_group(void **state) {
    (void)state;
    static const char *const others[] = {"Bridge 2", "Brigade", "Harbour"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct squad *squad = squad_new(3);
        squad_run(squad, A_SECOND);
        make(squad, 0, 1, "Bridge");
        ask(squad, 2, 1, others[i]);
        assert_false(squad_view(squad, 1)->invitations[0].group_alike);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 2 * A_SECOND);
        assert_string_equal(group_named(squad, 1, "Bridge")->mark, "");
        assert_string_equal(group_named(squad, 1, others[i])->mark, "");
        squad_free(squad);
    }
}

/* Each makes one with the other, at the same time. */
static void two_who_make_the_same_group_at_once_are_both_told(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, A_SECOND);
    ask(squad, 0, 1, "Bridge");
    ask(squad, 1, 0, "bridge");
    for (size_t n = 0; n < 2; n++) {
        assert_true(squad_view(squad, n)->invitations[0].group_alike);
        assert_marked(&squad_view(squad, n)->groups[0], squad_identity(n));
    }
    squad_free(squad);
}

static void two_invitations_that_look_alike_are_told_apart_before_either_is_accepted(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, A_SECOND);
    ask(squad, 0, 1, "Bridge");
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 2, &create), STATUS_OK);
    squad_run(squad, A_SECOND);
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->invitation_count, 2);
    assert_true(view->invitations[0].group_alike);
    assert_true(view->invitations[1].group_alike);
    squad_free(squad);
}

/* The end of the creator's identity does not tell them apart. */
static void two_groups_of_one_creator_are_marked_by_their_keys(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, A_SECOND);
    make(squad, 0, 1, "Bridge");
    make(squad, 0, 1, "BRIDGE");
    for (size_t n = 0; n < 2; n++) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->group_count, 2);
        for (size_t i = 0; i < 2; i++) {
            char gmk_id[VIEW_MARK_SIZE];
            snprintf(gmk_id, sizeof gmk_id, "%08X", (unsigned)view->groups[i].gmk_id);
            assert_string_equal(view->groups[i].mark, gmk_id);
        }
        assert_string_not_equal(view->groups[0].mark, view->groups[1].mark);
    }
    squad_free(squad);
}

/* What handset 1 was told of names of groups. */
struct told {
    unsigned count;
    struct event last;
};

static void hear(void *context, size_t n, const struct event *event) {
    struct told *told = context;
    if (n == 1 && event->kind == EVENT_GROUP_RENAMED) {
        told->count++;
        told->last = *event;
    }
}

static void rekey(struct squad *squad, const char *name) {
    struct command command = squad_create_command(1, HOUR_MS);
    struct group *group = squad->handsets[0].engine->groups.list[0];
    snprintf(group->parameters.name, sizeof group->parameters.name, "%s", name);
    command.kind = COMMAND_REKEY_GROUP;
    snprintf(command.group, sizeof command.group, "%s", group->parameters.identity);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, A_SECOND);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
}

/* No handset of ours does that: its creator would have to want it. */
static void a_group_that_a_new_key_gives_another_name_is_told(void **state) {
    (void)state;
    struct told told = {0};
    struct squad *squad = squad_new(2);
    squad->told = hear;
    squad->told_context = &told;
    squad_run(squad, A_SECOND);
    make(squad, 0, 1, "Bridge");
    rekey(squad, "Bridge");
    assert_string_equal(squad_view(squad, 1)->invitations[0].former_name, "");
    assert_false(squad_view(squad, 1)->invitations[0].group_alike);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * A_SECOND);
    assert_int_equal(told.count, 0);
    rekey(squad, "Harbour");
    assert_string_equal(squad_view(squad, 1)->invitations[0].former_name, "Bridge");
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * A_SECOND);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.last.identity, squad_identity(0));
    assert_string_equal(told.last.group_name, "Harbour");
    assert_string_equal(group_named(squad, 1, "Harbour")->mark, "");
    squad_free(squad);
}

/* By its name alone nobody tells it from the group that it is named like from now on. */
static void a_group_that_is_given_the_name_of_another_is_told_twice(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, A_SECOND);
    make(squad, 0, 1, "Harbour");
    make(squad, 2, 1, "Bridge");
    rekey(squad, "Br\xd1\x96"
                 "dge");
    const struct view_invitation *invitation = &squad_view(squad, 1)->invitations[0];
    assert_string_equal(invitation->former_name, "Harbour");
    assert_true(invitation->group_alike);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_asked_into_a_group_that_looks_like_another_is_told),
        cmocka_unit_test(a_group_of_another_name_is_just_a_group),
        cmocka_unit_test(two_who_make_the_same_group_at_once_are_both_told),
        cmocka_unit_test(two_invitations_that_look_alike_are_told_apart_before_either_is_accepted),
        cmocka_unit_test(two_groups_of_one_creator_are_marked_by_their_keys),
        cmocka_unit_test(a_group_that_a_new_key_gives_another_name_is_told),
        cmocka_unit_test(a_group_that_is_given_the_name_of_another_is_told_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
