/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handset whose access has two tokens (app/broker/access.h), at a real nats-server: it talks
 * while the first one counts, fetches what is kept while the second one does, and is let in with
 * neither once it is shut out.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/programs/broker_link.h"
#include "domain_broker.h"

#define FIRE "sip:fire7@county.example"
#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

enum {
    SKIPPED = 77,
    HOUR_MS = 60 * 60 * 1000,
    MINUTE_MS = 60 * 1000,
    PATIENCE_MS = 15 * 1000,
    TALK_MS = 50,
    HEARD_SIZE = 800
};

static struct domain_broker domain;
static struct user ben, fire; /* who talks, and who hands out keys */
static char talk[TOPIC_SIZE], list[TOPIC_SIZE], mailbox[TOPIC_SIZE], receipt[TOPIC_SIZE];

/* A handset's connection, and all that came by it, in words. */
struct handset_link {
    struct access *access;
    struct transport *transport;
    char heard[HEARD_SIZE];
};

static int setup(void **state) {
    (void)state;
    domain_broker_begin(&domain, NULL);
    domain_broker_make_stream(&domain, stream_usual);
    assert_int_equal(group_list_add(&domain.groups, FIRE), STATUS_OK);
    assert_int_equal(enter(&ben, &domain, domain.broker, BEN, domain.now_ms + HOUR_MS), NATS_OK);
    assert_int_equal(enter(&fire, &domain, domain.broker, FIRE, domain.now_ms + HOUR_MS), NATS_OK);
    topic_group(&domain.topics, FIRE, talk);
    topic_revoked(&domain.topics, FIRE, list);
    topic_mailbox(&domain.topics, ANNA, FIRE, mailbox);
    topic_receipt(&domain.topics, FIRE, ANNA, receipt);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    leave(&ben);
    leave(&fire);
    domain_broker_end(&domain);
    return nats_end(PATIENCE_MS) ? 0 : -1;
}

static struct nats_options options_of(const struct handset_link *link) {
    struct nats_options options = broker_link_options(link->access);
    options.servers = domain.url;
    options.ca_certificates = NULL;
    options.is_plain = true;
    return options;
}

static void issue(struct handset_link *link, int64_t until_ms, int64_t fetch_until_ms) {
    const struct broker_terms terms = {domain.now_ms - HOUR_MS, until_ms, &domain.groups,
                                       fetch_until_ms};
    assert_int_equal(broker_issue(domain.broker, &domain.topics, ANNA, &terms, link->access),
                     STATUS_OK);
}

/* Anna's handset, which listens as the engine has it listen, with tokens that end then. */
static void open_link(struct handset_link *link, int64_t until_ms, int64_t fetch_until_ms) {
    struct transport_topic topics[3] = {{.is_kept = true}, {.is_kept = true}, {.is_kept = false}};
    struct transport_condition problem;
    *link = (struct handset_link){.access = access_new()};
    assert_non_null(link->access);
    issue(link, until_ms, fetch_until_ms);
    const struct nats_options options = options_of(link);
    assert_int_equal(nats_open_broker(&options, &link->transport, &problem), TRANSPORT_OK);
    strcpy(topics[0].name, mailbox);
    strcpy(topics[1].name, list);
    strcpy(topics[2].name, talk);
    assert_int_equal(link->transport->kind->listen(link->transport, topics, 3), TRANSPORT_OK);
}

static void close_link(struct handset_link *link) {
    link->transport->kind->close(link->transport);
    access_free(link->access);
}

/* Once each. */
static void note(struct handset_link *link, const char *text, size_t length) {
    char word[80];
    size_t at = strlen(link->heard);
    snprintf(word, sizeof word, "[%.*s]", (int)length, text);
    if (strstr(link->heard, word) == NULL) {
        snprintf(link->heard + at, sizeof link->heard - at, "%s", word);
    }
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)peer;
    note(context, (const char *)frame, length);
}

static void attend(struct handset_link *link) {
    struct transport_condition news;
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    link->transport->kind->descriptors(link->transport, descriptors);
    struct pollfd ready = {.fd = descriptors[0], .events = POLLIN};
    (void)poll(&ready, 1, 50);
    assert_int_equal(link->transport->kind->receive(link->transport, on_frame, link), TRANSPORT_OK);
    if (link->transport->kind->news(link->transport, &news)) {
        const char *name = transport_condition_name(news.kind);
        note(link, name, strlen(name));
    }
}

static int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(struct user *user, const char *topic, const char *frame) {
    assert_int_equal(natsConnection_PublishString(user->connection, topic, frame), NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(user->connection, PATIENCE_MS), NATS_OK);
}

/* Until that was heard; Ben talks all the time. */
static void wait_for(struct handset_link *link, const char *what) {
    int64_t end_ms = clock_ms() + PATIENCE_MS, due_ms = 0;
    while (strstr(link->heard, what) == NULL && clock_ms() < end_ms) {
        if (clock_ms() >= due_ms) {
            say(&ben, talk, "talk");
            due_ms = clock_ms() + TALK_MS;
        }
        attend(link);
    }
    if (strstr(link->heard, what) == NULL) {
        fail_msg("no %s came, but %s", what, link->heard);
    }
}

static void with_both_tokens_a_handset_talks(void **state) {
    (void)state;
    struct handset_link link;
    open_link(&link, domain.now_ms + HOUR_MS, domain.now_ms + 2 * HOUR_MS);
    wait_for(&link, "[talk]");
    assert_int_equal(link.transport->kind->publish(link.transport, talk, false, LANE_VOICE,
                                                   (const uint8_t *)"mine", 4),
                     TRANSPORT_OK);
    assert_null(strstr(link.heard, "fetches-alone"));
    close_link(&link);
}

static void who_did_not_renew_fetches_what_was_kept_and_hears_no_talk(void **state) {
    (void)state;
    struct handset_link link;
    char kept[ANSWER_SIZE] = "", direct[TOPIC_SIZE + 40];
    say(&fire, list, "the list");
    say(&fire, mailbox, "a key");
    open_link(&link, domain.now_ms - MINUTE_MS, domain.now_ms + HOUR_MS);
    wait_for(&link, "[fetches-alone]");
    wait_for(&link, "[the list]");
    wait_for(&link, "[a key]");
    say(&ben, talk, "talk");
    say(&fire, mailbox, "another key");
    wait_for(&link, "[another key]"); /* as it comes */
    assert_null(strstr(link.heard, "[talk]"));
    assert_int_equal(link.transport->kind->publish(link.transport, talk, false, LANE_VOICE,
                                                   (const uint8_t *)"mine", 4),
                     TRANSPORT_NO_ROUTE);
    /* A key that was fetched is confirmed. */
    assert_int_equal(link.transport->kind->publish(link.transport, receipt, true, LANE_REST,
                                                   (const uint8_t *)"thanks", 6),
                     TRANSPORT_OK);
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", receipt);
    for (int64_t end_ms = clock_ms() + PATIENCE_MS;
         strcmp(kept, "thanks") != 0 && clock_ms() < end_ms;) {
        attend(&link);
        assert_true(asks(&fire, direct, "", kept));
    }
    assert_string_equal(kept, "thanks");
    /* Nothing that it may not do was tried, and nothing else is wrong. */
    assert_null(strstr(link.heard, "topic-forbidden"));
    assert_null(strstr(link.heard, "broker-refuses"));
    close_link(&link);
}

/* The server ends the connection with the token, and the next one comes with the other. */
static void a_token_that_ends_in_the_middle_makes_way_for_the_other(void **state) {
    (void)state;
    struct handset_link link;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    open_link(&link, (int64_t)now.tv_sec * 1000 + 2000, domain.now_ms + HOUR_MS);
    wait_for(&link, "[talk]");
    assert_null(strstr(link.heard, "fetches-alone"));
    wait_for(&link, "[fetches-alone]");
    say(&fire, mailbox, "a later key");
    wait_for(&link, "[a later key]");
    close_link(&link);
}

/* With a newer access, as a running handset goes on (app/programs/traffic.h). `says` is published
 * while there is no connection. */
static void renew(struct handset_link *link, const char *says) {
    struct transport_condition problem;
    issue(link, domain.now_ms + HOUR_MS, domain.now_ms + 2 * HOUR_MS);
    nats_renew(link->transport);
    for (int64_t end_ms = clock_ms() + PATIENCE_MS;
         !nats_is_idle(link->transport) && clock_ms() < end_ms;) {
        attend(link);
    }
    assert_true(nats_is_idle(link->transport));
    if (says != NULL) {
        assert_int_equal(link->transport->kind->publish(link->transport, talk, false, LANE_VOICE,
                                                        (const uint8_t *)says, strlen(says)),
                         TRANSPORT_OK);
    }
    link->heard[0] = '\0';
    const struct nats_options options = options_of(link);
    assert_int_equal(nats_connect(link->transport, &options, &problem), TRANSPORT_OK);
}

static void who_comes_back_with_a_renewed_access_talks_and_is_told_so(void **state) {
    (void)state;
    struct handset_link link;
    open_link(&link, domain.now_ms - MINUTE_MS, domain.now_ms + HOUR_MS);
    wait_for(&link, "[fetches-alone]");
    renew(&link, NULL);
    wait_for(&link, "[broker-back]");
    wait_for(&link, "[talk]");
    close_link(&link);
}

static void
an_access_that_still_counts_is_renewed_without_a_word_and_nothing_said_is_lost(void **state) {
    (void)state;
    struct handset_link link, hears;
    open_link(&link, domain.now_ms + HOUR_MS, domain.now_ms + 2 * HOUR_MS);
    open_link(&hears, domain.now_ms + HOUR_MS, domain.now_ms + 2 * HOUR_MS);
    wait_for(&link, "[talk]");
    wait_for(&hears, "[talk]");
    renew(&link, "mine");
    wait_for(&link, "[talk]");
    wait_for(&hears, "[mine]");
    assert_null(strstr(link.heard, "[broker"));
    assert_null(strstr(link.heard, "[fetches"));
    close_link(&link);
    close_link(&hears);
}

/* The last one: the server has another configuration then. */
static void who_is_revoked_neither_talks_nor_fetches(void **state) {
    (void)state;
    struct handset_link talks, fetches;
    open_link(&talks, domain.now_ms + HOUR_MS, domain.now_ms + 2 * HOUR_MS);
    open_link(&fetches, domain.now_ms - MINUTE_MS, domain.now_ms + HOUR_MS);
    wait_for(&talks, "[talk]");
    wait_for(&fetches, "[fetches-alone]");
    domain_broker_shut_out(&domain, ANNA);
    wait_for(&talks, "[broker-refuses]");
    wait_for(&fetches, "[broker-refuses]");
    assert_null(strstr(talks.heard, "fetches-alone"));
    /* And the broker goes on keeping what others send. */
    char answer[ANSWER_SIZE] = "";
    assert_true(asks(&fire, mailbox, "a key for whoever comes next", answer));
    assert_non_null(strstr(answer, "\"seq\""));
    close_link(&talks);
    close_link(&fetches);
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_both_tokens_a_handset_talks),
        cmocka_unit_test(who_did_not_renew_fetches_what_was_kept_and_hears_no_talk),
        cmocka_unit_test(a_token_that_ends_in_the_middle_makes_way_for_the_other),
        cmocka_unit_test(who_comes_back_with_a_renewed_access_talks_and_is_told_so),
        cmocka_unit_test(
            an_access_that_still_counts_is_renewed_without_a_word_and_nothing_said_is_lost),
        cmocka_unit_test(who_is_revoked_neither_talks_nor_fetches),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
