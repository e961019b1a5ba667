/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which way a handset's frames go out, and which topics it hears (6.X.3.1.1.1, 6;
 * app/broker/topic.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"

static struct topic_key the_key(void) {
    struct topic_key key;
    struct credential *credential = credential_new();
    assert_int_equal(credential_read(squad_credential(0), credential), STATUS_OK);
    topic_key_of(credential, &key);
    credential_free(credential);
    return key;
}

/* Does handset n want what is kept under the topic `name`, too? -1 when it does not hear it. */
static int find_topic(const struct squad *squad, size_t n, const char *name) {
    struct handset_topic topics[HANDSET_TOPICS_MAX];
    size_t count = handset_topics(squad->handsets[n].engine, topics, HANDSET_TOPICS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(topics[i].name, name) == 0) {
            return topics[i].is_kept;
        }
    }
    return -1;
}

static void what_is_said_in_a_group_goes_out_under_its_topic_and_nothing_else_does(void **state) {
    (void)state;
    struct topic_key key = the_key();
    struct squad *squad = squad_new(2);
    char topic[TOPIC_SIZE];
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1500);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    topic_group(&key, squad_view(squad, 0)->groups[0].identity, topic);
    size_t said = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        bool is_report = frame->octets[1] == FRAME_VOICE_REPORT;
        bool is_group = frame->octets[1] == FRAME_MEDIA || frame->octets[1] == FRAME_ANNOUNCEMENT ||
                        frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA;
        assert_string_equal(frame->topic, is_group || is_report ? topic : "");
        assert_false(frame->is_kept);
        said += is_group;
    }
    assert_in_range(said, 70, 80);
    squad_free(squad);
}

static void a_handset_hears_its_groups_and_its_mailboxes_and_no_others(void **state) {
    (void)state;
    struct topic_key key = the_key();
    struct squad *squad = squad_new(3);
    struct handset_topic topics[HANDSET_TOPICS_MAX];
    char topic[TOPIC_SIZE];
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    uint64_t version = handset_topics_version(squad->handsets[1].engine);
    assert_int_equal(handset_topics(squad->handsets[1].engine, topics, HANDSET_TOPICS_MAX), 4);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_true(handset_topics_version(squad->handsets[1].engine) != version);
    topic_group(&key, squad_view(squad, 1)->groups[0].identity, topic);
    assert_int_equal(find_topic(squad, 0, topic), false);
    assert_int_equal(find_topic(squad, 1, topic), false);
    assert_int_equal(find_topic(squad, 2, topic), -1);
    for (size_t group = SQUAD_FIRE; group <= SQUAD_POLICE; group++) {
        topic_mailbox(&key, squad_identity(1), squad_identity(group), topic);
        assert_int_equal(find_topic(squad, 1, topic), group == SQUAD_POLICE ? -1 : true);
        topic_revoked(&key, squad_identity(group), topic);
        assert_int_equal(find_topic(squad, 1, topic), group == SQUAD_POLICE ? -1 : true);
        topic_mailbox(&key, squad_identity(2), squad_identity(group), topic);
        assert_int_equal(find_topic(squad, 1, topic), -1);
    }
    assert_int_equal(handset_topics(squad->handsets[1].engine, topics, 1), 1);
    squad_free(squad);
}

static void the_version_of_the_topics_changes_with_them(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct handset *engine = squad->handsets[0].engine;
    uint64_t started = handset_topics_version(engine);
    assert_true(started != 0);
    squad_group(squad, HOUR_MS);
    uint64_t grouped = handset_topics_version(engine);
    assert_true(grouped != started);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(handset_topics_version(engine), grouped);
    struct command delete = {.kind = COMMAND_DELETE_GROUP};
    memcpy(delete.group, squad_view(squad, 0)->groups[0].identity, sizeof delete.group);
    assert_int_equal(squad_command(squad, 0, &delete), STATUS_OK);
    assert_true(handset_topics_version(engine) != grouped);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_in_a_group_goes_out_under_its_topic_and_nothing_else_does),
        cmocka_unit_test(a_handset_hears_its_groups_and_its_mailboxes_and_no_others),
        cmocka_unit_test(the_version_of_the_topics_changes_with_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
