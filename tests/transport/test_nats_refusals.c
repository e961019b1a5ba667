/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Brokers that do not do what they are asked to, and say so: each has a line of its own, and all
 * goes on once it is mended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nats/nats.h>

#include "broker_user.h"

enum {
    SKIPPED = 77,
    FRAME_MAX = 10 /* of the stream that takes short frames alone */
};

static struct broker broker;
static struct user anna, ben;

static int begin(void **state) {
    (void)state;
    broker_begin(&broker, 1, CERTIFICATE_NONE);
    return 0;
}

static int end(void **state) {
    (void)state;
    close_user(&anna);
    close_user(&ben);
    broker_end(&broker);
    return 0;
}

static void a_handset_without_access_reports_it_and_connects_once_it_has_access(void **state) {
    (void)state;
    broker_rule(&broker, "authorization { user: operator, password: secret }");
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    hear_news(&anna, "broker-refuses");
    assert_true(anna.is_problem);
    broker_kill(&broker, 0);
    broker_rule(&broker, NULL);
    broker_start(&broker, 0);
    hear_news(&anna, "broker-back");
    assert_false(anna.is_problem);
}

static void a_forbidden_topic_is_reported_and_others_are_heard(void **state) {
    (void)state;
    broker_rule(&broker, "no_auth_user: any\n"
                         "authorization { users = [ { user: any, password: any, permissions: "
                         "{ subscribe: { deny: \"muster.group.boat\" } } } ] }");
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.boat", false, "muster.group.fire", false);
    hear_news(&anna, "topic-forbidden");
    assert_true(anna.is_problem);
    meet(&anna, &ben, "muster.group.fire");
    assert_int_equal(say(&ben, "muster.group.boat", false, "to the boat"), TRANSPORT_OK);
    hear_nothing_for(&anna, 1000);
    assert_true(anna.is_problem);
    assert_int_equal(anna.news_count, 1);
}

/* As an operator might have made it: it refuses frames of more than FRAME_MAX octets. */
static void make_narrow_stream(void) {
    const char *subjects[] = {"muster.mail.>", "muster.receipt.>"};
    char urls[BROKER_URLS_SIZE];
    natsConnection *connection = NULL;
    jsCtx *context = NULL;
    jsStreamConfig config;
    broker_urls(&broker, urls);
    assert_int_equal(natsConnection_ConnectTo(&connection, urls), NATS_OK);
    assert_int_equal(natsConnection_JetStream(&context, connection, NULL), NATS_OK);
    assert_int_equal(jsStreamConfig_Init(&config), NATS_OK);
    config.Name = "MUSTER";
    config.Subjects = subjects;
    config.SubjectsLen = 2;
    config.MaxMsgsPerSubject = 1;
    config.MaxMsgSize = FRAME_MAX;
    config.AllowDirect = true;
    assert_int_equal(js_AddStream(NULL, context, &config, NULL, NULL), NATS_OK);
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
}

static void a_stream_that_refuses_a_frame_is_reported(void **state) {
    (void)state;
    broker_start_all(&broker);
    make_narrow_stream();
    open_user(&anna, &broker, "anna");
    assert_int_equal(say(&anna, "muster.mail.ben.fire", true, "a key delivery"), TRANSPORT_OK);
    hear_news(&anna, "keeping-refused (message size exceeds maximum");
    assert_true(anna.is_problem);
    /* What it refuses holds up nothing else, and is over when a newer frame takes its place. */
    assert_true(keep_one(&anna, "muster.mail.carl.fire", "short"));
    assert_int_equal(say(&anna, "muster.mail.ben.fire", true, "a key"), TRANSPORT_OK);
    hear_news(&anna, "broker-answers");
    assert_false(anna.is_problem);
}

static void a_full_broker_is_reported_and_keeps_what_it_has(void **state) {
    (void)state;
    const char *const topics[] = {"muster.mail.m0.fire"};
    static char octets[1000];
    char topic[40];
    bool is_kept = true;
    memset(octets, 'x', sizeof octets - 1);
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    struct nats_terms terms = stream_terms(1, KEEP_MS);
    terms.octets = 64 * 1024;
    assert_int_equal(nats_prepare(anna.transport, &terms, PATIENCE_MS), TRANSPORT_OK);
    assert_true(keep_one(&anna, topics[0], "a key"));
    for (int i = 1; is_kept && i < 200; i++) {
        snprintf(topic, sizeof topic, "muster.mail.m%d.fire", i);
        is_kept = keep_one(&anna, topic, octets);
    }
    assert_false(is_kept);
    hear_news(&anna, "broker-full");
    assert_true(nats_is_hopeless(anna.transport));
    assert_int_equal(nats_fetch(anna.transport, topics, 1, PATIENCE_MS), TRANSPORT_OK);
    hear(&anna, "a key");
}

static void a_listener_where_nothing_is_kept_reports_it(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    listen_to(&anna, "muster.mail.anna.fire", true, NULL, false);
    hear_news(&anna, "no-stream MUSTER");
    assert_true(anna.is_problem);
    assert_int_equal(anna.news_count, 1);
    open_user(&ben, &broker, "ben");
    prepare(&ben, 1);
    hear_news(&anna, "broker-answers");
    assert_true(keep_one(&ben, "muster.mail.anna.fire", "key"));
    hear(&anna, "key");
}

/* As its operator made it before there were values. */
static void a_broker_that_lacks_the_stream_of_values_alone_reports_that_one(void **state) {
    (void)state;
    struct nats_value value;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    struct nats_terms terms = stream_terms(1, KEEP_MS);
    terms.value_octets = 0;
    assert_int_equal(nats_prepare(anna.transport, &terms, PATIENCE_MS), TRANSPORT_OK);
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "a key"));
    assert_int_equal(nats_read_value(anna.transport, "muster.state.fire", PATIENCE_MS / 3, &value),
                     TRANSPORT_NO_ROUTE);
    hear_news(&anna, "no-stream MUSTER_STATE");
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "a later key"));
}

int main(void) {
    if (!broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_handset_without_access_reports_it_and_connects_once_it_has_access),
        CASE(a_forbidden_topic_is_reported_and_others_are_heard),
        CASE(a_stream_that_refuses_a_frame_is_reported),
        CASE(a_full_broker_is_reported_and_keeps_what_it_has),
        CASE(a_listener_where_nothing_is_kept_reports_it),
        CASE(a_broker_that_lacks_the_stream_of_values_alone_reports_that_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
