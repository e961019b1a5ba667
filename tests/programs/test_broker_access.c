/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a real nats-server lets the users of a domain do: a handset reads its own mailbox and no
 * other, and only a group's manager writes what is of the group.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "domain_broker.h"

#define FIRE "sip:fire7@county.example"
#define BOAT "sip:boat@county.example"
#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

enum {
    SKIPPED = 77
};

static struct domain_broker domain;

static void come_in(struct user *user, const char *identity) {
    assert_int_equal(enter(user, &domain, domain.broker, identity, domain.now_ms + 3600000),
                     NATS_OK);
}

static int setup(void **state) {
    (void)state;
    struct user manager;
    char answer[ANSWER_SIZE] = "";
    domain_broker_begin(&domain, NULL);
    come_in(&manager, FIRE);
    bool is_made = asks(&manager, STREAM_CREATE, stream_usual, answer);
    leave(&manager);
    return is_made && strstr(answer, "error") == NULL ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    domain_broker_end(&domain);
    return 0;
}

/* --- What is allowed ------------------------------------------------------------------------ */

static void a_handset_reads_its_own_mailbox_and_no_other(void **state) {
    (void)state;
    struct user anna, fire;
    char mine[TOPIC_SIZE], bens[TOPIC_SIZE], direct[TOPIC_SIZE + 40], answer[ANSWER_SIZE];
    topic_mailbox(&domain.topics, ANNA, FIRE, mine);
    topic_mailbox(&domain.topics, BEN, FIRE, bens);
    come_in(&anna, ANNA);
    come_in(&fire, FIRE);
    assert_true(may_say(&fire, mine));
    assert_true(may_say(&fire, bens));
    assert_true(may_hear(&anna, mine));
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", mine);
    assert_true(asks(&anna, direct, "", answer));
    assert_string_equal(answer, "frame");
    assert_false(may_hear(&anna, bens));
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", bens);
    assert_false(asks(&anna, direct, "", answer));
    static const char *const wide[] = {"muster.mail.*.*",  "muster.mail.>", "muster.>", ">", "*.>",
                                       "muster.receipt.>", "_INBOX.>",      "$JS.>"};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (may_hear(&anna, wide[i])) {
            fail_msg("a handset hears %s", wide[i]);
        }
    }
    leave(&anna);
    leave(&fire);
}

static void a_handset_writes_no_mailbox_and_touches_no_stream(void **state) {
    (void)state;
    struct user anna;
    char mine[TOPIC_SIZE], bens[TOPIC_SIZE], answer[ANSWER_SIZE];
    topic_mailbox(&domain.topics, ANNA, FIRE, mine);
    topic_mailbox(&domain.topics, BEN, FIRE, bens);
    come_in(&anna, ANNA);
    assert_false(may_say(&anna, mine));
    assert_false(may_say(&anna, bens));
    topic_mailbox(&domain.topics, BEN, ANNA, bens); /* nor as if it were a group of its own */
    assert_false(may_say(&anna, bens));
    static const char *const questions[][2] = {
        {"$JS.API.STREAM.PURGE.MUSTER", ""},
        {"$JS.API.STREAM.DELETE.MUSTER", ""},
        {"$JS.API.STREAM.INFO.MUSTER", ""},
        {"muster.api.STREAM.CREATE.MUSTER", "{\"name\":\"MUSTER\",\"subjects\":[\"x\"]}"},
        {"$JS.API.STREAM.CREATE.OTHER", "{\"name\":\"OTHER\",\"subjects\":[\"x\"]}"},
        {"$JS.API.STREAM.UPDATE.MUSTER", "{\"name\":\"MUSTER\",\"subjects\":[\"x\"]}"},
        {"$JS.API.STREAM.MSG.GET.MUSTER", "{\"last_by_subj\":\"muster.mail.>\"}"},
        {"$JS.API.DIRECT.GET.MUSTER", "{\"next_by_subj\":\"muster.mail.>\",\"seq\":1}"},
        {"$JS.API.CONSUMER.CREATE.MUSTER",
         "{\"stream_name\":\"MUSTER\",\"config\":{\"deliver_subject\":\"muster.group.x\"}}"},
        {"$SYS.REQ.SERVER.PING", ""}};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if (asks(&anna, questions[i][0], questions[i][1], answer)) {
            fail_msg("a handset may ask %s", questions[i][0]);
        }
    }
    leave(&anna);
}

/* What is kept under `topic`, as who may fetch it sees it; empty when nothing is. */
static void read_kept(struct user *user, const char *topic, char kept[ANSWER_SIZE]) {
    char direct[TOPIC_SIZE + 40];
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", topic);
    kept[0] = '\0';
    assert_true(asks(user, direct, "", kept));
}

/* The server answers wherever a question says, and not with the rights of who asked it. */
static void send_answers_to(struct user *user, const char *fetched, const char *said,
                            const char *where) {
    char direct[TOPIC_SIZE + 40];
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", fetched);
    assert_int_equal(natsConnection_PublishRequestString(user->connection, direct, where, ""),
                     NATS_OK);
    assert_int_equal(natsConnection_PublishRequestString(user->connection, said, where, "frame"),
                     NATS_OK);
    assert_false(is_refused(user));
}

static void no_answer_is_kept_in_anybodys_mailbox(void **state) {
    (void)state;
    struct user anna, ben, fire, boat;
    char annas[TOPIC_SIZE], bens[TOPIC_SIZE], boats[TOPIC_SIZE], receipt[TOPIC_SIZE],
        kept[ANSWER_SIZE];
    topic_mailbox(&domain.topics, ANNA, FIRE, annas);
    topic_mailbox(&domain.topics, BEN, FIRE, bens);
    topic_mailbox(&domain.topics, BEN, BOAT, boats);
    topic_receipt(&domain.topics, FIRE, ANNA, receipt);
    come_in(&anna, ANNA);
    come_in(&ben, BEN);
    come_in(&fire, FIRE);
    come_in(&boat, BOAT);
    assert_int_equal(natsConnection_PublishString(fire.connection, annas, "Anna's"), NATS_OK);
    assert_int_equal(natsConnection_PublishString(fire.connection, bens, "Ben's"), NATS_OK);
    assert_int_equal(natsConnection_PublishString(boat.connection, boats, "boat's"), NATS_OK);
    assert_false(is_refused(&fire) || is_refused(&boat));
    send_answers_to(&anna, annas, receipt, bens);
    read_kept(&ben, bens, kept);
    assert_string_equal(kept, "Ben's");
    send_answers_to(&fire, receipt, annas, boats); /* nor by a manager in another group's place */
    read_kept(&ben, boats, kept);
    assert_string_equal(kept, "boat's");
    leave(&anna);
    leave(&ben);
    leave(&fire);
    leave(&boat);
}

static void a_manager_writes_for_its_group_alone_and_reads_its_receipts(void **state) {
    (void)state;
    struct user anna, fire;
    char topic[TOPIC_SIZE], direct[TOPIC_SIZE + 40], answer[ANSWER_SIZE];
    come_in(&anna, ANNA);
    come_in(&fire, FIRE);
    topic_mailbox(&domain.topics, ANNA, BOAT, topic);
    assert_false(may_say(&fire, topic));
    topic_receipt(&domain.topics, FIRE, ANNA, topic);
    assert_true(may_say(&anna, topic));
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", topic);
    assert_true(asks(&fire, direct, "", answer));
    assert_string_equal(answer, "frame");
    assert_false(asks(&anna, direct, "", answer));
    topic_receipt(&domain.topics, FIRE, BEN, topic); /* nobody confirms in another's name */
    assert_false(may_say(&anna, topic));
    topic_receipt(&domain.topics, FIRE, NULL, topic);
    assert_true(may_hear(&fire, topic));
    topic_receipt(&domain.topics, BOAT, NULL, topic);
    assert_false(may_hear(&fire, topic));
    assert_false(asks(&fire, "$JS.API.STREAM.DELETE.MUSTER", "", answer));
    assert_false(asks(&fire, "$JS.API.STREAM.PURGE.MUSTER", "", answer));
    assert_false(asks(&fire, "$JS.API.CONSUMER.CREATE.MUSTER", "{}", answer));
    leave(&anna);
    leave(&fire);
}

static void group_frames_are_for_all_of_the_domain(void **state) {
    (void)state;
    struct user anna;
    char topic[TOPIC_SIZE];
    topic_group(&domain.topics, FIRE, topic);
    come_in(&anna, ANNA);
    assert_true(may_say(&anna, topic));
    assert_true(may_hear(&anna, topic));
    leave(&anna);
}

static void who_has_no_good_access_stays_outside(void **state) {
    (void)state;
    struct user user;
    struct broker *other = broker_new();
    natsConnection *connection = NULL;
    assert_non_null(other);
    memset(other->secret, 9, sizeof other->secret);
    assert_int_not_equal(enter(&user, &domain, other, ANNA, domain.now_ms + 3600000), NATS_OK);
    leave(&user);
    broker_free(other);
    assert_int_not_equal(enter(&user, &domain, domain.broker, ANNA, domain.now_ms - 60000),
                         NATS_OK);
    leave(&user);
    assert_int_not_equal(natsConnection_ConnectTo(&connection, domain.url), NATS_OK);
    natsConnection_Destroy(connection);
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handset_reads_its_own_mailbox_and_no_other),
        cmocka_unit_test(a_handset_writes_no_mailbox_and_touches_no_stream),
        cmocka_unit_test(no_answer_is_kept_in_anybodys_mailbox),
        cmocka_unit_test(a_manager_writes_for_its_group_alone_and_reads_its_receipts),
        cmocka_unit_test(group_frames_are_for_all_of_the_domain),
        cmocka_unit_test(who_has_no_good_access_stays_outside),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
