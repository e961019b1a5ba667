/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one user of a domain's broker tries to do to all others, on a real nats-server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/programs/raw_user.h"
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

/* Keeps a delivery for `member` at the broker as `manager`'s program does, which then says that it
 * waits in the member's mailbox. */
static bool keep_delivery(const char *manager, const char *member) {
    struct access *access = access_new();
    struct transport *transport;
    struct transport_condition problem;
    char mailbox[TOPIC_SIZE];
    bool is_kept = false;
    assert_non_null(access);
    const struct broker_terms terms = {.now_ms = domain.now_ms,
                                       .until_ms = domain.now_ms + HOUR_MS};
    assert_int_equal(broker_issue(domain.broker, &domain.topics, manager, &terms, access),
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

/* Statement 14 of what must always hold, app/README.md: what the screen claims is so ("waiting in
 * their mailboxes"). A manager tries to have the stream keep everything for two seconds, before
 * there is one and after its operator has made it. */
static void a_manager_has_no_say_in_how_long_keys_are_kept(void **state) {
    (void)state;
    static const char brief[] =
        "{\"name\":\"MUSTER\",\"subjects\":[\"muster.mail.>\",\"muster.receipt.>\"],"
        "\"max_msgs_per_subject\":1,\"storage\":\"file\",\"allow_direct\":true,"
        "\"num_replicas\":1,\"retention\":\"limits\",\"discard\":\"old\","
        "\"max_age\":2000000000,\"duplicate_window\":1000000000}";
    static const char *const ways[] = {
        "muster.api.STREAM.CREATE.MUSTER", "$JS.API.STREAM.CREATE.MUSTER",
        "muster.api.STREAM.UPDATE.MUSTER", "$JS.API.STREAM.UPDATE.MUSTER",
        "muster.api.STREAM.PURGE.MUSTER",  "muster.api.STREAM.DELETE.MUSTER",
        "muster.api.STREAM.CREATE.KEYS",   "muster.api.STREAM.MSG.DELETE.MUSTER"};
    struct user boat;
    struct raw_user raw;
    domain_broker_begin(&domain, NULL);
    come_in(&boat, BOAT);
    raw_enter(&raw, &domain, boat.access);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_false(raw_may_say(&raw, ways[i], brief));
    }
    domain_broker_make_stream(&domain, stream_usual);
    assert_true(keep_delivery(FIRE, ANNA));
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_false(raw_may_say(&raw, ways[i], brief));
    }
    assert_true(is_waiting(ANNA, FIRE));
    raw_leave(&raw);
    leave(&boat);
}

/* Statement 9 of what must always hold, app/README.md: bounded memory, and own groups never pay for
 * others' traffic. A handset tries to have 600 subjects of its making kept, and then its own one
 * 600 times, at a broker whose disk is full after 8 MB. */
static void a_handset_cannot_fill_the_broker(void **state) {
    (void)state;
    static const char *const made_up[] = {"muster.receipt.", "muster.receipt.x", "muster.mail.",
                                          "muster.mail.x"};
    static char octets[16001];
    char topic[TOPIC_SIZE + 20];
    struct user anna;
    struct raw_user raw;
    domain_broker_begin(&domain, "jetstream { store_dir: \"jetstream\", max_file_store: 8MB }");
    domain_broker_make_stream(&domain, stream_usual);
    assert_int_equal(group_list_add(&domain.groups, FIRE), STATUS_OK);
    assert_true(keep_delivery(FIRE, ANNA));
    come_in(&anna, ANNA);
    raw_enter(&raw, &domain, anna.access);
    memset(octets, 'x', sizeof octets - 1);
    for (unsigned i = 0; i < 600; i++) {
        for (size_t k = 0; k < sizeof made_up / sizeof made_up[0]; k++) {
            snprintf(topic, sizeof topic, "%s%032x.%s", made_up[k], i, anna.access->name);
            if (raw_may_say(&raw, topic, octets)) {
                fail_msg("kept under %s", topic);
            }
        }
    }
    topic_receipt(&domain.topics, FIRE, ANNA, topic);
    for (unsigned i = 0; i < 600; i++) {
        assert_true(raw_may_say(&raw, topic, octets)); /* too long: refused by the stream */
        assert_true(raw_may_say(&raw, topic, octets + sizeof octets - RIGHTS_KEPT_MESSAGE_MAX));
    }
    assert_true(keep_delivery(FIRE, BEN));
    assert_true(is_waiting(ANNA, FIRE));
    assert_true(is_waiting(BEN, FIRE));
    raw_leave(&raw);
    leave(&anna);
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_manager_has_no_say_in_how_long_keys_are_kept, end_broker),
        cmocka_unit_test_teardown(a_handset_cannot_fill_the_broker, end_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
