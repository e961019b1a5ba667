/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a real nats-server does for the users of a domain, besides what test_broker_rights tries:
 * where its answers go, how much it takes, and whom it lets in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "raw_user.h"

#define FIRE "sip:fire7@county.example"
#define BOAT "sip:boat@county.example"
#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"
#define CARL "tel:+447700900003"

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
    domain_broker_begin(&domain, NULL);
    domain_broker_make_stream(&domain, stream_usual);
    return group_list_add(&domain.groups, FIRE) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    domain_broker_end(&domain);
    return 0;
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

static void what_is_said_in_a_group_is_for_those_whose_bundle_has_the_group(void **state) {
    (void)state;
    struct user anna;
    char fires[TOPIC_SIZE], boats[TOPIC_SIZE], adhoc[TOPIC_SIZE];
    topic_group(&domain.topics, FIRE, fires);
    topic_group(&domain.topics, BOAT, boats);
    topic_group(&domain.topics, "adhoc:" BEN ";0123456789abcdef", adhoc);
    come_in(&anna, ANNA);
    assert_true(may_say(&anna, fires));
    assert_true(may_hear(&anna, fires));
    assert_false(may_say(&anna, boats));
    assert_false(may_hear(&anna, boats));
    assert_true(may_say(&anna, adhoc));
    assert_true(may_hear(&anna, adhoc));
    leave(&anna);
}

/* With as many groups as a bundle has. */
static void a_kept_message_is_short_and_any_other_no_longer_than_a_frame(void **state) {
    (void)state;
    static char octets[RIGHTS_MESSAGE_MAX + 2];
    struct raw_user raw;
    struct user carl;
    char topic[TOPIC_SIZE], answer[ANSWER_SIZE] = "";
    const struct group_list groups = domain.groups;
    for (int i = 0; domain.groups.count < GROUP_LIST_MAX; i++) {
        char group[IDENTITY_SIZE];
        snprintf(group, sizeof group, "sip:group%d@county.example", i);
        assert_int_equal(group_list_add(&domain.groups, group), STATUS_OK);
    }
    come_in(&carl, CARL);
    memset(octets, 'x', sizeof octets - 1);
    octets[RIGHTS_KEPT_MESSAGE_MAX] = '\0';
    topic_receipt(&domain.topics, domain.groups.groups[GROUP_LIST_MAX - 1], CARL, topic);
    assert_true(asks(&carl, topic, octets, answer));
    assert_non_null(strstr(answer, "\"seq\""));
    octets[RIGHTS_KEPT_MESSAGE_MAX] = 'x';
    octets[RIGHTS_KEPT_MESSAGE_MAX + 1] = '\0';
    assert_true(asks(&carl, topic, octets, answer));
    assert_non_null(strstr(answer, "message size exceeds maximum"));
    topic_group(&domain.topics, domain.groups.groups[GROUP_LIST_MAX - 1], topic);
    /* The library says no as well; the server does so to anybody. */
    memset(octets, 'x', sizeof octets - 1);
    assert_int_equal(natsConnection_PublishString(carl.connection, topic, octets),
                     NATS_MAX_PAYLOAD);
    raw_enter(&raw, &domain, carl.access);
    octets[RIGHTS_MESSAGE_MAX] = '\0';
    assert_true(raw_may_say(&raw, topic, octets));
    octets[RIGHTS_MESSAGE_MAX] = 'x';
    assert_false(raw_may_say(&raw, topic, octets));
    raw_leave(&raw);
    leave(&carl);
    domain.groups = groups;
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

/* With access that lasts for an hour yet. The others' connections are the same ones as before. */
static void who_is_revoked_is_cut_off_at_once_and_nobody_else(void **state) {
    (void)state;
    struct user anna, ben, fire, again;
    char fires[TOPIC_SIZE];
    topic_group(&domain.topics, FIRE, fires);
    come_in(&anna, ANNA);
    come_in(&ben, BEN);
    come_in(&fire, FIRE);
    domain_broker_shut_out(&domain, BEN);
    for (int i = 0; i < 100 && !natsConnection_IsClosed(ben.connection); i++) {
        nats_Sleep(100);
    }
    assert_true(natsConnection_IsClosed(ben.connection));
    assert_int_not_equal(enter(&again, &domain, domain.broker, BEN, domain.now_ms + 7200000),
                         NATS_OK);
    leave(&again);
    assert_true(may_say(&anna, fires));
    assert_true(may_say(&fire, fires));
    come_in(&again, CARL);
    leave(&again);
    leave(&anna);
    leave(&ben);
    leave(&fire);
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_is_kept_in_anybodys_mailbox),
        cmocka_unit_test(what_is_said_in_a_group_is_for_those_whose_bundle_has_the_group),
        cmocka_unit_test(a_kept_message_is_short_and_any_other_no_longer_than_a_frame),
        cmocka_unit_test(who_has_no_good_access_stays_outside),
        cmocka_unit_test(who_is_revoked_is_cut_off_at_once_and_nobody_else),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
