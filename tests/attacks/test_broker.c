/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one user of a domain's broker can do to all others, on a real nats-server. Each test expects
 * that the attack succeeds, as it does today; whoever closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/programs/domain_broker.h"
#include "transport/nats.h"

#define FIRE "sip:fire7@county.example"
#define BOAT "sip:boat@county.example"
#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

enum {
    SKIPPED = 77,
    HOUR_MS = 60 * 60 * 1000,
    PATIENCE_MS = 10 * 1000
};

static struct domain_broker domain;

static int end_broker(void **state) {
    (void)state;
    domain_broker_end(&domain);
    return nats_end(PATIENCE_MS) ? 0 : -1;
}

static void come_in(struct user *user, const char *identity) {
    assert_int_equal(enter(user, &domain, domain.broker, identity, domain.now_ms + HOUR_MS),
                     NATS_OK);
}

/* The stream as `manager` asks for it. */
static void make_stream(const char *manager, const char *configuration) {
    struct user user;
    char answer[ANSWER_SIZE];
    come_in(&user, manager);
    assert_true(asks(&user, STREAM_CREATE, configuration, answer));
    assert_null(strstr(answer, "error"));
    leave(&user);
}

/* Keeps a delivery for `member` at the broker as `manager`'s program does, which then says that it
 * waits in the member's mailbox. */
static bool keep_delivery(const char *manager, const char *member) {
    struct access *access = access_new();
    struct transport *transport;
    struct transport_condition problem;
    char mailbox[TOPIC_SIZE];
    bool is_kept = false;
    assert_non_null(access);
    assert_int_equal(broker_issue(domain.broker, &domain.topics, manager, domain.now_ms,
                                  domain.now_ms + HOUR_MS, access),
                     STATUS_OK);
    const struct nats_options options = {.servers = domain.url,
                                         .user_jwt = access->jwt,
                                         .user_seed = access->seed,
                                         .name = access->name,
                                         .is_plain = true};
    assert_int_equal(nats_open_broker(&options, &transport, &problem), TRANSPORT_OK);
    topic_mailbox(&domain.topics, member, manager, mailbox);
    const struct nats_kept delivery = {mailbox, (const uint8_t *)"key", strlen("key")};
    enum transport_result result = nats_keep(transport, &delivery, 1, PATIENCE_MS / 2, &is_kept);
    assert_int_equal(result == TRANSPORT_OK, is_kept);
    transport->kind->close(transport);
    access_free(access);
    return is_kept;
}

/* Is there something in the member's mailbox for that group? */
static bool is_waiting(const char *member, const char *group) {
    char mailbox[TOPIC_SIZE], direct[TOPIC_SIZE + 40], answer[ANSWER_SIZE] = "";
    struct user user;
    topic_mailbox(&domain.topics, member, group, mailbox);
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", mailbox);
    come_in(&user, member);
    (void)asks(&user, direct, "", answer);
    leave(&user);
    return strcmp(answer, "key") == 0;
}

/* The first manager who asks for the stream decides how long it keeps what is in it, and who keeps
 * a key there is told of nothing but that it was taken. Breaks statement 14 of what must always
 * hold, app/README.md: what the screen claims is so ("waiting in their mailboxes"). To become: the
 * stream is the KMS's to describe, or its terms are looked at, and the key is not called waiting.
 */
static void a_manager_can_have_the_keys_of_all_others_vanish_from_their_mailboxes(void **state) {
    (void)state;
    domain_broker_begin(&domain, NULL);
    make_stream(BOAT, "{\"name\":\"MUSTER\",\"subjects\":[\"muster.mail.>\",\"muster.receipt.>\"],"
                      "\"max_msgs_per_subject\":1,\"storage\":\"file\",\"allow_direct\":true,"
                      "\"num_replicas\":1,\"retention\":\"limits\",\"discard\":\"old\","
                      "\"max_age\":2000000000,\"duplicate_window\":1000000000}");
    assert_true(keep_delivery(FIRE, ANNA));
    assert_true(is_waiting(ANNA, FIRE));
    /* The broker's clock is a real one. */
    for (int ms = 0; ms < PATIENCE_MS && is_waiting(ANNA, FIRE); ms += 100) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    assert_false(is_waiting(ANNA, FIRE));
}

/* A handset may keep a receipt for each group, and makes up the groups. */
static void keep_receipts(const char *handset, unsigned count) {
    static char octets[16000];
    struct user user;
    come_in(&user, handset);
    memset(octets, 'x', sizeof octets);
    for (unsigned i = 0; i < count; i++) {
        char topic[TOPIC_SIZE];
        snprintf(topic, sizeof topic, "muster.receipt.%032x.%s", i, user.access->name);
        assert_int_equal(natsConnection_Publish(user.connection, topic, octets, sizeof octets),
                         NATS_OK);
    }
    assert_false(is_refused(&user));
    leave(&user);
}

/* The stream has no bound on what one user keeps in it, so its disk ends it: here after 8 MB.
 * Breaks statement 9 of what must always hold, app/README.md: bounded memory, and own groups never
 * pay for others' traffic. To become: what a handset keeps is bounded, and Ben's key is kept. */
static void a_handset_can_fill_the_broker_until_it_keeps_nobodys_key(void **state) {
    (void)state;
    domain_broker_begin(&domain, "jetstream { store_dir: \"jetstream\", max_file_store: 8MB }");
    make_stream(FIRE, stream_usual);
    assert_true(keep_delivery(FIRE, ANNA));
    keep_receipts(ANNA, 600);
    assert_false(keep_delivery(FIRE, BEN));
    assert_false(is_waiting(BEN, FIRE));
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_manager_can_have_the_keys_of_all_others_vanish_from_their_mailboxes, end_broker),
        cmocka_unit_test_teardown(a_handset_can_fill_the_broker_until_it_keeps_nobodys_key,
                                  end_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
