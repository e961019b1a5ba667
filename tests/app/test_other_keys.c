/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members who talk under another key of a group than the one held here (talk/other_keys.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/announcement.h"
#include "squad.h"

static const struct view_group *group_of(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->groups[0];
}

static const struct view_member *member_of(struct squad *squad, size_t n, size_t who) {
    const struct view_group *group = group_of(squad, n);
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, squad_identity(who)) == 0) {
            return &group->members[i];
        }
    }
    return NULL;
}

/* How often handset n was told that of `who`. */
static unsigned times_told(struct squad *squad, size_t n, enum event_kind kind, size_t who) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind &&
                 strcmp(view->log[i].identity, squad_identity(who)) == 0 &&
                 strcmp(view->log[i].group_name, "Bridge") == 0;
    }
    return count;
}

/* Handset 0 gives the group a new key with the first `count` of the others. */
static void rekey(struct squad *squad, size_t count) {
    struct command command = squad_create_command(count, HOUR_MS);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, group_of(squad, 0)->identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
}

static void talk_once(struct squad *squad, size_t n) {
    assert_int_equal(squad_talk(squad, n), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_stop(squad, n), STATUS_OK);
    squad_run(squad, 3000);
}

/* Handset 2 is left out of the second key. */
static struct squad *with_one_left_out(void) {
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    rekey(squad, 1);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    return squad;
}

static void who_was_left_out_learns_that_others_use_a_newer_key(void **state) {
    (void)state;
    struct squad *squad = with_one_left_out();
    assert_int_equal(member_of(squad, 2, 0)->key, MEMBER_KEY_NOT_OTHER);
    for (int i = 0; i < 3; i++) {
        talk_once(squad, 0);
    }
    assert_int_equal(times_told(squad, 2, EVENT_OTHERS_KEY, 0), 1);
    assert_int_equal(member_of(squad, 2, 0)->key, MEMBER_KEY_NEWER);
    assert_int_equal(member_of(squad, 2, 1)->key, MEMBER_KEY_NOT_OTHER);
    talk_once(squad, 1);
    assert_int_equal(times_told(squad, 2, EVENT_OTHERS_KEY, 1), 1);
    assert_int_equal(member_of(squad, 2, 1)->key, MEMBER_KEY_NEWER);
    /* Between those who have it there is nothing to tell. */
    assert_int_equal(times_told(squad, 0, EVENT_OTHERS_KEY, 1), 0);
    assert_int_equal(times_told(squad, 1, EVENT_OTHERS_KEY, 0), 0);
    assert_int_equal(times_told(squad, 1, EVENT_OLD_KEY_USED, 0), 0);
    squad_free(squad);
}

static void the_creator_learns_who_goes_by_the_old_key(void **state) {
    (void)state;
    struct squad *squad = with_one_left_out();
    talk_once(squad, 2);
    talk_once(squad, 2);
    assert_int_equal(times_told(squad, 0, EVENT_OLD_KEY_USED, 2), 1);
    assert_int_equal(times_told(squad, 0, EVENT_OTHERS_KEY, 2), 0);
    squad_free(squad);
}

static void who_takes_the_new_key_late_is_told_of_until_then(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    rekey(squad, 2);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    talk_once(squad, 2); /* the old key is still listened to */
    assert_int_equal(times_told(squad, 0, EVENT_OLD_KEY_USED, 2), 0);
    squad->step_ms = 100;
    squad_run(squad, 6 * 60 * 1000);
    squad->step_ms = 10;
    talk_once(squad, 2);
    assert_int_equal(times_told(squad, 0, EVENT_OLD_KEY_USED, 2), 1);
    assert_int_equal(times_told(squad, 1, EVENT_OLD_KEY_USED, 2), 1);
    assert_int_equal(member_of(squad, 1, 2)->key, MEMBER_KEY_OLDER);
    talk_once(squad, 0);
    assert_int_equal(member_of(squad, 2, 0)->key, MEMBER_KEY_NEWER);

    /* Handset 2 has the key from now on, and nothing of that is said of anybody. */
    struct command again = {.kind = COMMAND_RETRY_MEMBER};
    memcpy(again.group, group_of(squad, 0)->identity, sizeof again.group);
    memcpy(again.identity, squad_identity(2), sizeof again.identity);
    (void)squad_command(squad, 0, &again);
    squad_run(squad, 2000);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(group_of(squad, 2)->gmk_id, group_of(squad, 0)->gmk_id);
    assert_int_equal(member_of(squad, 2, 0)->key, MEMBER_KEY_NOT_OTHER);
    talk_once(squad, 2);
    assert_int_equal(member_of(squad, 1, 2)->key, MEMBER_KEY_NOT_OTHER);
    squad_free(squad);
}

/* The latest announcement of that handset. */
static struct span announcement_of(const struct squad *squad, size_t n) {
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, n, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    return read_span_u16(&r);
}

static bool drop_for_2(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)frame;
    return receiver != 2;
}

static void a_forged_or_an_old_announcement_tells_nothing(void **state) {
    (void)state;
    struct squad *squad = with_one_left_out();
    squad->filter = drop_for_2; /* handset 2 hears what the test lets it hear */
    talk_once(squad, 0);
    uint8_t octets[ANNOUNCEMENT_MAX];
    const struct span genuine = announcement_of(squad, 0);
    const struct span copy = {octets, genuine.length};
    memcpy(octets, genuine.octets, genuine.length);
    octets[genuine.length - 1] ^= 1; /* in the signature */
    squad_inject_payload(squad, 2, 0, FRAME_ANNOUNCEMENT, copy);
    squad_run(squad, 1000);
    assert_int_equal(times_told(squad, 2, EVENT_OTHERS_KEY, 0), 0);
    octets[genuine.length - 1] ^= 1;
    squad_run(squad, 3 * 60 * 1000);
    squad_inject_payload(squad, 2, 0, FRAME_ANNOUNCEMENT, copy);
    squad_run(squad, 1000);
    assert_int_equal(times_told(squad, 2, EVENT_OTHERS_KEY, 0), 0);
    talk_once(squad, 0);
    squad_inject_payload(squad, 2, 0, FRAME_ANNOUNCEMENT, announcement_of(squad, 0));
    squad_run(squad, 1000);
    assert_int_equal(times_told(squad, 2, EVENT_OTHERS_KEY, 0), 1);
    squad_free(squad);
}

static void who_is_in_reach_is_said_of_each_member(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    assert_true(member_of(squad, 0, 1)->is_near);
    squad->handsets[1].deaf = true;
    squad_run(squad, 30000);
    assert_false(member_of(squad, 0, 1)->is_near);
    assert_true(member_of(squad, 0, 2)->is_near);
    squad_free(squad);
}

/* "Rekey the group" is no advice for who cannot. */
static void whoever_made_the_group_is_named_when_its_key_expires(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, 60000);
    squad_run(squad, 70000);
    assert_int_equal(times_told(squad, 1, EVENT_KEY_EXPIRED, 0), 1);
    const struct view *view = squad_view(squad, 0);
    unsigned own = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        own += view->log[i].kind == EVENT_KEY_EXPIRED && view->log[i].identity[0] == '\0';
    }
    assert_int_equal(own, 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_left_out_learns_that_others_use_a_newer_key),
        cmocka_unit_test(the_creator_learns_who_goes_by_the_old_key),
        cmocka_unit_test(who_takes_the_new_key_late_is_told_of_until_then),
        cmocka_unit_test(a_forged_or_an_old_announcement_tells_nothing),
        cmocka_unit_test(who_is_in_reach_is_said_of_each_member),
        cmocka_unit_test(whoever_made_the_group_is_named_when_its_key_expires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
