/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a real nats-server lets the users of a domain do: a handset reads its own mailbox and no
 * other, and only a group's manager writes what is of the group.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <nats/nats.h>

#include "app/broker/broker.h"

#define FIRE "sip:fire7@county.example"
#define BOAT "sip:boat@county.example"
#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

enum {
    SKIPPED = 77,
    ANSWER_MS = 3000,
    PORT_BASE = 23000
};

static struct broker *broker;
static struct topic_key topics;
static char folder[] = "/tmp/muster-access.XXXXXX";
static char url[64];
static pid_t server;
static int64_t now_ms;

/* --- Users ---------------------------------------------------------------------------------- */

struct user {
    struct access *access;
    natsConnection *connection;
    volatile bool was_refused;
};

static natsStatus give_jwt(char **jwt, char **error, void *context) {
    (void)error;
    *jwt = strdup(((struct user *)context)->access->jwt);
    return NATS_OK;
}

static natsStatus sign(char **error, unsigned char **signature, int *length, const char *nonce,
                       void *context) {
    (void)error;
    return nats_Sign(((struct user *)context)->access->seed, nonce, signature, length);
}

static void on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status,
                     void *context) {
    (void)connection;
    (void)subscription;
    if (status == NATS_NOT_PERMITTED) {
        ((struct user *)context)->was_refused = true;
    }
}

/* Connects as `identity` of `domain`'s broker, with access that ends then. */
static natsStatus enter(struct user *user, const struct broker *domain, const char *identity,
                        int64_t until_ms) {
    char inbox[64];
    natsOptions *options;
    *user = (struct user){.access = access_new()};
    assert_non_null(user->access);
    assert_int_equal(broker_issue(domain, &topics, identity, now_ms, until_ms, user->access),
                     STATUS_OK);
    snprintf(inbox, sizeof inbox, "_INBOX.%s", user->access->name);
    assert_int_equal(natsOptions_Create(&options), NATS_OK);
    natsOptions_SetURL(options, url);
    natsOptions_SetAllowReconnect(options, false);
    natsOptions_SetCustomInboxPrefix(options, inbox);
    natsOptions_SetErrorHandler(options, on_error, user);
    natsOptions_SetUserCredentialsCallbacks(options, give_jwt, user, sign, user);
    natsStatus status = natsConnection_Connect(&user->connection, options);
    natsOptions_Destroy(options);
    return status;
}

static void leave(struct user *user) {
    natsConnection_Destroy(user->connection);
    access_free(user->access);
}

/* Was what the user did last refused? The server has answered everything before it answers this. */
static bool is_refused(struct user *user) {
    assert_int_equal(natsConnection_FlushTimeout(user->connection, ANSWER_MS), NATS_OK);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    bool refused = user->was_refused;
    user->was_refused = false;
    return refused;
}

static bool may_say(struct user *user, const char *topic) {
    assert_int_equal(natsConnection_PublishString(user->connection, topic, "frame"), NATS_OK);
    return !is_refused(user);
}

static bool may_hear(struct user *user, const char *topic) {
    natsSubscription *subscription;
    assert_int_equal(natsConnection_SubscribeSync(&subscription, user->connection, topic), NATS_OK);
    bool may = !is_refused(user);
    natsSubscription_Destroy(subscription);
    return may;
}

/* What the server answers to a question; false when it does not allow it or does not answer. */
static bool asks(struct user *user, const char *subject, const char *body, char answer[200]) {
    natsMsg *reply = NULL;
    natsStatus status = natsConnection_RequestString(&reply, user->connection, subject, body, 1000);
    if (status == NATS_OK) {
        snprintf(answer, 200, "%.*s", natsMsg_GetDataLength(reply), natsMsg_GetData(reply));
    }
    natsMsg_Destroy(reply);
    return !is_refused(user) && status == NATS_OK;
}

/* --- The server ----------------------------------------------------------------------------- */

static void write_configuration(const char *path) {
    uint8_t text[BROKER_CONFIGURATION_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(broker_configure(broker, now_ms, &w), STATUS_OK);
    /* Without TLS, which is another test's. */
    uint8_t *tls = memmem(text, w.length, "tls {", 5);
    assert_non_null(tls);
    *tls = '#';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, w.length, file), w.length);
    fclose(file);
}

static void start_server(void) {
    char port[8];
    snprintf(port, sizeof port, "%d", PORT_BASE + getpid() % 9000);
    snprintf(url, sizeof url, "nats://127.0.0.1:%s", port);
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (chdir(folder) == 0) {
            execlp("nats-server", "nats-server", "-c", "conf", "-a", "127.0.0.1", "-p", port, "-l",
                   "log", (char *)NULL);
        }
        _exit(127);
    }
}

static int setup(void **state) {
    (void)state;
    char path[64];
    struct timespec now;
    struct user manager;
    clock_gettime(CLOCK_REALTIME, &now);
    now_ms = (int64_t)now.tv_sec * 1000;
    broker = broker_new();
    memset(broker->secret, 7, sizeof broker->secret);
    memset(topics.octets, 8, sizeof topics.octets);
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/conf", folder);
    write_configuration(path);
    start_server();
    for (int i = 0; i < 100; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        natsStatus status = enter(&manager, broker, FIRE, now_ms + 3600000);
        char answer[200] = "";
        bool is_made =
            status == NATS_OK &&
            asks(&manager, "muster.api.STREAM.CREATE.MUSTER",
                 "{\"name\":\"MUSTER\",\"subjects\":[\"muster.mail.>\",\"muster.receipt.>\"],"
                 "\"max_msgs_per_subject\":1,\"storage\":\"memory\",\"allow_direct\":true,"
                 "\"num_replicas\":1,\"retention\":\"limits\",\"discard\":\"old\"}",
                 answer);
        leave(&manager);
        if (is_made) {
            return strstr(answer, "error") == NULL ? 0 : -1;
        }
    }
    return -1;
}

static int teardown(void **state) {
    (void)state;
    char command[64];
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    broker_free(broker);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* --- What is allowed ------------------------------------------------------------------------ */

static void a_handset_reads_its_own_mailbox_and_no_other(void **state) {
    (void)state;
    struct user anna, fire;
    char mine[TOPIC_SIZE], bens[TOPIC_SIZE], direct[TOPIC_SIZE + 40], answer[200];
    topic_mailbox(&topics, ANNA, FIRE, mine);
    topic_mailbox(&topics, BEN, FIRE, bens);
    assert_int_equal(enter(&anna, broker, ANNA, now_ms + 3600000), NATS_OK);
    assert_int_equal(enter(&fire, broker, FIRE, now_ms + 3600000), NATS_OK);
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
    char mine[TOPIC_SIZE], bens[TOPIC_SIZE], answer[200];
    topic_mailbox(&topics, ANNA, FIRE, mine);
    topic_mailbox(&topics, BEN, FIRE, bens);
    assert_int_equal(enter(&anna, broker, ANNA, now_ms + 3600000), NATS_OK);
    assert_false(may_say(&anna, mine));
    assert_false(may_say(&anna, bens));
    topic_mailbox(&topics, BEN, ANNA, bens); /* nor as if it were a group of its own */
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
static void read_kept(struct user *user, const char *topic, char kept[200]) {
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
    char annas[TOPIC_SIZE], bens[TOPIC_SIZE], boats[TOPIC_SIZE], receipt[TOPIC_SIZE], kept[200];
    topic_mailbox(&topics, ANNA, FIRE, annas);
    topic_mailbox(&topics, BEN, FIRE, bens);
    topic_mailbox(&topics, BEN, BOAT, boats);
    topic_receipt(&topics, FIRE, ANNA, receipt);
    assert_int_equal(enter(&anna, broker, ANNA, now_ms + 3600000), NATS_OK);
    assert_int_equal(enter(&ben, broker, BEN, now_ms + 3600000), NATS_OK);
    assert_int_equal(enter(&fire, broker, FIRE, now_ms + 3600000), NATS_OK);
    assert_int_equal(enter(&boat, broker, BOAT, now_ms + 3600000), NATS_OK);
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
    char topic[TOPIC_SIZE], direct[TOPIC_SIZE + 40], answer[200];
    assert_int_equal(enter(&anna, broker, ANNA, now_ms + 3600000), NATS_OK);
    assert_int_equal(enter(&fire, broker, FIRE, now_ms + 3600000), NATS_OK);
    topic_mailbox(&topics, ANNA, BOAT, topic);
    assert_false(may_say(&fire, topic));
    topic_receipt(&topics, FIRE, ANNA, topic);
    assert_true(may_say(&anna, topic));
    snprintf(direct, sizeof direct, "$JS.API.DIRECT.GET.MUSTER.%s", topic);
    assert_true(asks(&fire, direct, "", answer));
    assert_string_equal(answer, "frame");
    assert_false(asks(&anna, direct, "", answer));
    topic_receipt(&topics, FIRE, BEN, topic); /* nobody confirms in another's name */
    assert_false(may_say(&anna, topic));
    topic_receipt(&topics, FIRE, NULL, topic);
    assert_true(may_hear(&fire, topic));
    topic_receipt(&topics, BOAT, NULL, topic);
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
    topic_group(&topics, FIRE, topic);
    assert_int_equal(enter(&anna, broker, ANNA, now_ms + 3600000), NATS_OK);
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
    assert_int_not_equal(enter(&user, other, ANNA, now_ms + 3600000), NATS_OK);
    leave(&user);
    broker_free(other);
    assert_int_not_equal(enter(&user, broker, ANNA, now_ms - 60000), NATS_OK);
    leave(&user);
    assert_int_not_equal(natsConnection_ConnectTo(&connection, url), NATS_OK);
    natsConnection_Destroy(connection);
}

int main(void) {
    if (system("command -v nats-server >/dev/null 2>&1") != 0) {
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
