/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nats transport against real servers.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "broker_user.h"
#include "condition_text.h"

enum {
    SKIPPED = 77
};

static struct broker broker;

static struct user anna, ben;

static int begin_plain(void **state) {
    (void)state;
    broker_begin(&broker, 1, CERTIFICATE_NONE);
    return 0;
}

static int begin_secure(void **state) {
    (void)state;
    broker_begin(&broker, 1, CERTIFICATE_GOOD);
    return 0;
}

static int begin_cluster(void **state) {
    (void)state;
    broker_begin(&broker, 3, CERTIFICATE_NONE);
    return 0;
}

static int end(void **state) {
    (void)state;
    close_user(&anna);
    close_user(&ben);
    broker_end(&broker);
    return 0;
}

/* --- Topics --------------------------------------------------------------------------------- */

static void frames_reach_those_who_listen_and_no_others(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.fire", false, "muster.group.boat", false);
    listen_to(&ben, "muster.group.fire", false, NULL, false);
    meet(&anna, &ben, "muster.group.fire");
    meet(&ben, &anna, "muster.group.fire");
    assert_int_equal(say(&anna, "muster.group.boat", false, "to the boat"), TRANSPORT_OK);
    assert_int_equal(say(&anna, "muster.group.fire", false, "to fire"), TRANSPORT_OK);
    hear(&ben, "to fire");
    assert_false(has_heard(&ben, "to the boat"));
    assert_int_equal(say(&ben, "muster.group.boat", false, "from ben"), TRANSPORT_OK);
    hear(&anna, "from ben");
    assert_int_equal(anna.count, 1); /* and nothing of her own */
    assert_true(anna.peers[0] != 0 && anna.peers[0] >> 56 == 0);
    assert_true(anna.peers[0] != ben.peers[0]); /* peers are topics */
    listen_to(&anna, "muster.group.fire", false, NULL, false);
    meet(&anna, &ben, "muster.group.fire");
    (void)say(&ben, "muster.group.boat", false, "to nobody");
    hear_nothing_for(&anna, 300);
}

/* Whoever changes the topics does not know which of them the worker is just subscribing to. */
static void topics_that_change_in_a_hurry_are_heard(void **state) {
    (void)state;
    enum {
        CHANGES = 300,
        HURRY_MAX_NS = 150000
    };
    char before[TRANSPORT_TOPIC_SIZE], after[TRANSPORT_TOPIC_SIZE] = "muster.group.fire";
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, after, false, NULL, false);
    meet(&anna, &ben, after);
    for (long i = 0; i < CHANGES; i++) {
        snprintf(before, sizeof before, "muster.group.before%ld", i);
        listen_to(&anna, after, false, before, false);
        spin(i * HURRY_MAX_NS / CHANGES);
        snprintf(after, sizeof after, "muster.group.after%ld", i);
        listen_to(&anna, after, false, NULL, false);
        meet(&anna, &ben, after);
    }
}

static void what_is_no_topic_or_no_frame_goes_nowhere(void **state) {
    (void)state;
    static const char *const none[] = {"",         "muster..fire", ".muster",  "muster.",
                                       "muster.>", "muster.*",     "muster.A", "muster fire"};
    static uint8_t large[TRANSPORT_FRAME_MAX + 1];
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(say(&anna, none[i], true, "frame"), TRANSPORT_NO_ROUTE);
    }
    assert_int_equal(anna.transport->kind->publish(anna.transport, "muster.group.fire", false,
                                                   LANE_REST, large, sizeof large),
                     TRANSPORT_TOO_LONG);
    const struct transport_topic any = {.name = "muster.>"};
    assert_int_equal(anna.transport->kind->listen(anna.transport, &any, 1), TRANSPORT_NO_ROUTE);
    assert_int_equal(anna.transport->kind->send(anna.transport, PEER_ALL, LANE_REST, large, 10),
                     TRANSPORT_OK);
}

/* --- What is kept --------------------------------------------------------------------------- */

static void the_newest_kept_frame_waits_for_who_comes_later(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, broker.count);
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "old"));
    assert_int_equal(say(&anna, "muster.mail.ben.fire", true, "new"), TRANSPORT_OK);
    assert_true(keep_one(&anna, "muster.mail.ben.boat", "boat"));
    assert_true(keep_one(&anna, "muster.mail.carl.fire", "carl's"));
    (void)say(&anna, "muster.group.fire", false, "voice");
    open_user(&ben, &broker, "ben");
    listen_to(&ben, "muster.mail.ben.fire", true, "muster.mail.ben.boat", true);
    hear(&ben, "new");
    hear(&ben, "boat");
    assert_false(has_heard(&ben, "old"));
    assert_false(has_heard(&ben, "carl's"));
    /* And live, while he is there. */
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "newer"));
    hear(&ben, "newer");
    /* Who only looks gets it as well. */
    close_user(&ben);
    open_user(&ben, &broker, "ben");
    const char *topics[] = {"muster.mail.ben.fire", "muster.mail.nobody.fire"};
    assert_int_equal(nats_fetch(ben.transport, topics, 2, PATIENCE_MS), TRANSPORT_OK);
    hear(&ben, "newer");
    assert_int_equal(ben.count, 1);
}

/* The time at the broker is asked for by what it keeps; there is no more than one of that. */
static void a_broker_tells_the_time(void **state) {
    (void)state;
    const char *topic = "muster.receipt.anna.anna";
    int64_t utc_ms = 1;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    assert_int_equal(nats_time(anna.transport, topic, 1500, &utc_ms), TRANSPORT_NO_ROUTE);
    assert_int_equal(utc_ms, 0); /* there is no stream yet */
    prepare(&anna, broker.count);
    for (int i = 0; i < 3; i++) {
        int64_t before_ms = (int64_t)time(NULL) * 1000;
        assert_int_equal(nats_time(anna.transport, topic, PATIENCE_MS, &utc_ms), TRANSPORT_OK);
        assert_in_range(utc_ms, before_ms - 1000, (int64_t)time(NULL) * 1000 + 1000);
    }
    broker_kill(&broker, 0);
    assert_int_equal(nats_time(anna.transport, topic, 1500, &utc_ms), TRANSPORT_NO_ROUTE);
    assert_int_equal(utc_ms, 0);
}

static void a_broker_that_restarts_has_kept_all_and_is_told_what_it_missed(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, broker.count);
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "before"));
    broker_kill(&broker, 0);
    hear_news(&anna, "broker-lost nats://127.0.0.1:");
    assert_true(anna.is_problem);
    /* Of a topic only the newest waits: however many there were, they take one place. */
    for (int i = 0; i < 2 * NATS_KEEPING_MAX; i++) {
        assert_int_equal(say(&anna, "muster.mail.ben.boat", true, "amid, old"), TRANSPORT_OK);
    }
    assert_int_equal(say(&anna, "muster.mail.ben.boat", true, "amid"), TRANSPORT_OK);
    assert_int_equal(say(&anna, "muster.group.fire", false, "voice"), TRANSPORT_NO_ROUTE);
    open_user(&ben, &broker, "ben");
    listen_to(&ben, "muster.mail.ben.fire", true, "muster.mail.ben.boat", true);
    hear_news(&ben, "no-broker-answers nats://127.0.0.1:");
    broker_start(&broker, 0);
    hear(&ben, "before");
    hear(&ben, "amid");
    assert_false(has_heard(&ben, "amid, old"));
    hear_news(&anna, "broker-back");
    assert_false(anna.is_problem);
    assert_true(anna.news_count < 6); /* told once for each change, not for each attempt */
}

/* TCP connections of this machine to the broker. */
static unsigned connections_to(uint16_t port) {
    char line[256];
    unsigned there, state, count = 0;
    FILE *file = fopen("/proc/net/tcp", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        count += sscanf(line, " %*u: %*x:%*x %*x:%x %x", &there, &state) == 2 && there == port &&
                 state == 1;
    }
    fclose(file);
    return count;
}

/* As a handset that is locked, and opened again: in the middle of airplane mode, or not. */
static void who_disconnects_is_idle_and_connects_again(void **state) {
    (void)state;
    char urls[BROKER_URLS_SIZE];
    struct transport_condition problem;
    struct transport_radio radio;
    broker_start_all(&broker);
    broker_urls(&broker, urls);
    const struct nats_options options = {.servers = urls, .name = "anna", .is_plain = true};
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    const struct transport_kind *kind = anna.transport->kind;
    for (int round = 0; round < 4; round++) {
        listen_to(&anna, "muster.group.fire", false, NULL, false);
        meet(&anna, &ben, "muster.group.fire");
        assert_int_equal(connections_to(broker.ports[0]), 2);
        if (round % 2 == 1) {
            kind->set_mode(anna.transport, TRANSPORT_OFF);
        }
        nats_disconnect(anna.transport);
        nats_disconnect(anna.transport); /* a second time does no harm */
        if (round < 2) {
            for (int64_t end = now_ms() + PATIENCE_MS;
                 connections_to(broker.ports[0]) > 1 && now_ms() < end;) {
                attend(&anna, 50);
            }
            assert_int_equal(connections_to(broker.ports[0]), 1);
            (void)say(&anna, "muster.group.fire", false, "of no connection");
        }
        assert_int_equal(nats_connect(anna.transport, &options, &problem), TRANSPORT_OK);
        kind->set_mode(anna.transport, TRANSPORT_SEEKS);
    }
    meet(&anna, &ben, "muster.group.fire");
    assert_int_equal(kind->radios(anna.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_ON);
}

static void in_airplane_mode_there_is_no_connection(void **state) {
    (void)state;
    struct transport_radio radio;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.fire", false, NULL, false);
    meet(&anna, &ben, "muster.group.fire");
    assert_int_equal(connections_to(broker.ports[0]), 2);
    const struct transport_kind *kind = anna.transport->kind;
    kind->set_mode(anna.transport, TRANSPORT_OFF);
    assert_int_equal(kind->radios(anna.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_OFF);
    for (int64_t end = now_ms() + PATIENCE_MS;
         connections_to(broker.ports[0]) > 1 && now_ms() < end;) {
        attend(&anna, 50);
    }
    assert_int_equal(connections_to(broker.ports[0]), 1);
    (void)say(&ben, "muster.group.fire", false, "unheard");
    hear_nothing_for(&anna, 500);
    assert_int_equal(anna.news_count, 0);
    kind->set_mode(anna.transport, TRANSPORT_SEEKS);
    meet(&anna, &ben, "muster.group.fire");
    assert_int_equal(kind->radios(anna.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_ON);
    assert_int_equal(anna.news_count, 0);
}

static void without_a_stream_the_reason_is_reported(void **state) {
    (void)state;
    bool kept;
    const struct nats_kept frame = {"muster.mail.ben.fire", (const uint8_t *)"key", 3};
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    assert_int_equal(nats_keep(anna.transport, &frame, 1, 1500, &kept), TRANSPORT_NO_ROUTE);
    assert_false(kept);
    struct transport_condition problem;
    anna.transport->kind->problem(anna.transport, &problem);
    assert_string_equal(condition_text(&problem), "no-stream MUSTER");
    prepare(&anna, broker.count);
    assert_true(keep_one(&anna, "muster.mail.ben.fire", "key"));
}

static void a_stream_that_cannot_be_made_is_reported(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, broker.count);
    prepare(&anna, broker.count); /* it is there already, as it must be */
    struct nats_terms terms = stream_terms(3, KEEP_MS);
    assert_int_equal(nats_prepare(anna.transport, &terms, 1500), TRANSPORT_NO_ROUTE);
    struct transport_condition problem;
    anna.transport->kind->problem(anna.transport, &problem);
    assert_non_null(strstr(condition_text(&problem), "MUSTER"));
}

static uint64_t value_is(struct user *user, const char *topic, const char *text) {
    static struct nats_value value;
    assert_int_equal(nats_read_value(user->transport, topic, PATIENCE_MS, &value), TRANSPORT_OK);
    assert_int_equal(value.length, strlen(text));
    assert_memory_equal(value.octets, text, strlen(text));
    return value.sequence;
}

static bool sets(struct user *user, const char *topic, const char *text, uint64_t sequence) {
    bool was_set;
    assert_int_equal(nats_write_value(user->transport, topic, (const uint8_t *)text, strlen(text),
                                      sequence, PATIENCE_MS, &was_set),
                     TRANSPORT_OK);
    return was_set;
}

/* Both have seen the same: the first to write is heard, and the other one learns that. */
static void a_value_is_replaced_by_who_has_seen_it_alone(void **state) {
    (void)state;
    const char *fire = "muster.state.fire";
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    prepare(&anna, broker.count);
    assert_int_equal(value_is(&ben, fire, ""), 0);
    assert_true(sets(&anna, fire, "one", 0));
    assert_false(sets(&ben, fire, "other", 0));
    assert_true(sets(&ben, "muster.state.boat", "boat's", 0));
    uint64_t one = value_is(&ben, fire, "one");
    assert_int_not_equal(one, 0);
    assert_true(sets(&ben, fire, "two", one));
    assert_false(sets(&anna, fire, "three", one));
    assert_true(value_is(&anna, fire, "two") > one);
}

static void what_waits_in_the_stream_waits_for_as_long_as_was_said(void **state) {
    (void)state;
    const char *const topics[] = {"muster.mail.ben.fire"};
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    struct nats_terms terms = stream_terms((unsigned)broker.count, 300);
    assert_int_equal(nats_prepare(anna.transport, &terms, PATIENCE_MS), TRANSPORT_OK);
    assert_true(keep_one(&anna, topics[0], "key"));
    bool is_gone = false;
    for (int64_t end = now_ms() + PATIENCE_MS; !is_gone && now_ms() < end;) {
        ben.count = 0;
        assert_int_equal(nats_fetch(ben.transport, topics, 1, PATIENCE_MS), TRANSPORT_OK);
        attend(&ben, 100);
        is_gone = ben.count == 0;
    }
    assert_true(is_gone);
}

static void a_flood_of_one_topic_leaves_room_for_others(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.fire", false, "muster.group.boat", false);
    meet(&anna, &ben, "muster.group.fire");
    for (int i = 0; i < 3000; i++) {
        if (say(&ben, "muster.group.fire", false, "flood") == TRANSPORT_BUSY) {
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        }
    }
    while (say(&ben, "muster.group.boat", false, "help") == TRANSPORT_BUSY) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    hear(&anna, "help");
}

/* --- Brokers in trouble --------------------------------------------------------------------- */

static void a_broker_that_stands_still_holds_up_nobody(void **state) {
    (void)state;
    bool kept;
    const struct nats_kept frame = {"muster.mail.ben.fire", (const uint8_t *)"key", 3};
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, broker.count);
    broker_pause(&broker, 0, true);
    int64_t began = now_ms();
    assert_int_equal(nats_keep(anna.transport, &frame, 1, 500, &kept), TRANSPORT_NO_ROUTE);
    assert_true(now_ms() - began < 500 + AT_ONCE_MS);
    for (int i = 0; i < 1000; i++) {
        (void)say(&anna, "muster.group.fire", false, "voice");
    }
    assert_int_equal(say(&anna, "muster.mail.ben.fire", true, "later"), TRANSPORT_OK);
    for (int64_t end = now_ms() + PATIENCE_MS; !anna.is_problem && now_ms() < end;) {
        attend(&anna, 50);
    }
    assert_true(anna.is_problem); /* slow, or given up as broken */
    broker_pause(&broker, 0, false);
    open_user(&ben, &broker, "ben");
    listen_to(&ben, "muster.mail.ben.fire", true, NULL, false);
    hear(&ben, "later");
    broker_pause(&broker, 0, true); /* closing does not wait, either */
    (void)say(&anna, "muster.mail.ben.fire", true, "last");
    close_user(&anna);
    close_user(&ben);
    broker_pause(&broker, 0, false);
}

static void a_wrong_certificate_is_reported_and_works_once_it_is_right(void **state) {
    (void)state;
    static const enum broker_certificate wrong[] = {CERTIFICATE_OF_ANOTHER_CA, CERTIFICATE_EXPIRED,
                                                    CERTIFICATE_OF_ANOTHER_HOST};
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.fire", false, NULL, false);
    meet(&anna, &ben, "muster.group.fire");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        broker_kill(&broker, 0);
        broker_recertify(&broker, wrong[i]);
        broker_start(&broker, 0);
        hear_news(&anna, "broker-certificate");
        assert_true(anna.is_problem);
        broker_kill(&broker, 0);
        broker_recertify(&broker, CERTIFICATE_GOOD);
        broker_start(&broker, 0);
        hear_news(&anna, "broker-back");
    }
    meet(&anna, &ben, "muster.group.fire");
}

static void a_broker_without_tls_is_sent_nothing(void **state) {
    (void)state;
    char urls[BROKER_URLS_SIZE];
    struct transport_condition problem;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    broker_kill(&broker, 0);
    broker_recertify(&broker, CERTIFICATE_NONE);
    broker_start(&broker, 0);
    hear_news(&anna, "broker-without-tls");
    /* Nor is it ever asked to, in passing. */
    broker_urls(&broker, urls);
    const struct nats_options options = {.servers = urls, .name = "anna"};
    struct transport *transport;
    assert_int_equal(nats_open_broker(&options, &transport, &problem), TRANSPORT_FAILED);
    assert_int_equal(problem.kind, CONDITION_NOT_BROKER_ADDRESS);
    assert_string_equal(problem.detail, "tls://");
    assert_null(transport);
    const struct nats_options garbled = {
        .servers = "tls://127.0.0.1:1", .ca_certificates = "no certificate", .name = "anna"};
    assert_int_equal(nats_open_broker(&garbled, &transport, &problem), TRANSPORT_FAILED);
    assert_int_equal(problem.kind, CONDITION_CREDENTIALS_UNREADABLE);
}

/* --- What is left --------------------------------------------------------------------------- */

static size_t count_entries(const char *folder) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    while (entries != NULL && readdir(entries) != NULL) {
        count++;
    }
    closedir(entries);
    return count;
}

/* What is open does not grow beyond that, once closing is over. */
static void settle(size_t descriptors, size_t threads) {
    for (int64_t end_ms = now_ms() + PATIENCE_MS; now_ms() < end_ms;) {
        if (count_entries("/proc/self/fd") <= descriptors &&
            count_entries("/proc/self/task") <= threads) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    fail_msg("%zu descriptors and %zu threads are left, not %zu and %zu",
             count_entries("/proc/self/fd"), count_entries("/proc/self/task"), descriptors,
             threads);
}

static void opening_and_closing_leaves_nothing(void **state) {
    (void)state;
    broker_start_all(&broker);
    size_t descriptors = 0, threads = 0;
    for (int i = 0; i < 40; i++) {
        open_user(&anna, &broker, "anna");
        listen_to(&anna, "muster.group.fire", false, "muster.mail.anna.fire", true);
        if (i % 2 == 0) {
            attend(&anna, 30);
        }
        close_user(&anna);
        if (i == 9) {
            assert_true(nats_end(PATIENCE_MS));
            nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
            descriptors = count_entries("/proc/self/fd");
            threads = count_entries("/proc/self/task");
        }
    }
    assert_true(nats_end(PATIENCE_MS));
    settle(descriptors, threads);
}

/* --- Three brokers -------------------------------------------------------------------------- */

static void a_broker_killed_amid_two_thousand_deliveries_loses_none(void **state) {
    (void)state;
    enum {
        MEMBERS = 2000,
        AT_ONCE = 64
    };
    static char topics[MEMBERS][TRANSPORT_TOPIC_SIZE], frames[MEMBERS][24];
    static bool is_kept[MEMBERS];
    size_t kept = 0;
    unsigned victim = (unsigned)now_ms() % 3;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, broker.count);
    for (size_t i = 0; i < MEMBERS; i++) {
        snprintf(topics[i], sizeof topics[i], "muster.mail.m%zu.fire", i);
        snprintf(frames[i], sizeof frames[i], "key %zu", i);
    }
    int64_t began = now_ms();
    while (kept < MEMBERS && now_ms() - began < 60000) {
        struct nats_kept batch[AT_ONCE];
        bool done[AT_ONCE];
        size_t places[AT_ONCE], count = 0;
        for (size_t i = 0; i < MEMBERS && count < AT_ONCE; i++) {
            if (!is_kept[i]) {
                places[count] = i;
                batch[count++] =
                    (struct nats_kept){topics[i], (const uint8_t *)frames[i], strlen(frames[i])};
            }
        }
        (void)nats_keep(anna.transport, batch, count, 5000, done);
        for (size_t i = 0; i < count; i++) {
            is_kept[places[i]] = done[i];
            kept += done[i];
        }
        if (kept >= MEMBERS / 2 && broker.processes[victim] != 0) {
            broker_kill(&broker, victim);
        }
    }
    assert_int_equal(kept, MEMBERS);
    printf("2000 deliveries, broker %u of three killed at half: %lld ms\n", victim,
           (long long)(now_ms() - began));
    open_user(&ben, &broker, "ben");
    for (size_t first = 0; first < MEMBERS; first += AT_ONCE) {
        const char *asked[AT_ONCE];
        size_t count = MEMBERS - first < AT_ONCE ? MEMBERS - first : AT_ONCE;
        for (size_t i = 0; i < count; i++) {
            asked[i] = topics[first + i];
        }
        assert_int_equal(nats_fetch(ben.transport, asked, count, PATIENCE_MS), TRANSPORT_OK);
        for (size_t i = 0; i < count; i++) {
            hear(&ben, frames[first + i]);
        }
    }
    assert_int_equal(ben.count, MEMBERS);
}

int main(void) {
    if (!broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
#define CASE(name, begin) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(frames_reach_those_who_listen_and_no_others, begin_secure),
        CASE(topics_that_change_in_a_hurry_are_heard, begin_plain),
        CASE(what_is_no_topic_or_no_frame_goes_nowhere, begin_plain),
        CASE(the_newest_kept_frame_waits_for_who_comes_later, begin_secure),
        CASE(a_broker_tells_the_time, begin_secure),
        CASE(who_disconnects_is_idle_and_connects_again, begin_plain),
        CASE(in_airplane_mode_there_is_no_connection, begin_plain),
        CASE(a_broker_that_restarts_has_kept_all_and_is_told_what_it_missed, begin_plain),
        CASE(without_a_stream_the_reason_is_reported, begin_plain),
        CASE(a_value_is_replaced_by_who_has_seen_it_alone, begin_plain),
        CASE(what_waits_in_the_stream_waits_for_as_long_as_was_said, begin_plain),
        CASE(a_stream_that_cannot_be_made_is_reported, begin_plain),
        CASE(a_flood_of_one_topic_leaves_room_for_others, begin_plain),
        CASE(a_broker_that_stands_still_holds_up_nobody, begin_plain),
        CASE(a_wrong_certificate_is_reported_and_works_once_it_is_right, begin_secure),
        CASE(a_broker_without_tls_is_sent_nothing, begin_secure),
        CASE(opening_and_closing_leaves_nothing, begin_plain),
        CASE(a_broker_killed_amid_two_thousand_deliveries_loses_none, begin_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
