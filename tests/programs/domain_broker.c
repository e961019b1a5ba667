/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain_broker.h"

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

enum {
    ANSWER_MS = 3000,
    TRIES = 3,
    LATER_MS = 90 * 1000,
    PORT_BASE = 23000
};

const char stream_usual[] =
    "{\"name\":\"MUSTER\",\"subjects\":[\"muster.mail.>\",\"muster.receipt.>\"],"
    "\"max_msgs_per_subject\":1,\"storage\":\"file\",\"allow_direct\":true,"
    "\"num_replicas\":1,\"retention\":\"limits\",\"discard\":\"new\",\"max_bytes\":4000000,"
    "\"max_msg_size\":15360,\"max_age\":691200000000000}";

/* --- Users ---------------------------------------------------------------------------------- */

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

static natsStatus come_in(struct user *user, const struct domain_broker *domain) {
    char inbox[64];
    natsOptions *options;
    snprintf(inbox, sizeof inbox, "_INBOX.%s", user->access->name);
    assert_int_equal(natsOptions_Create(&options), NATS_OK);
    natsOptions_SetURL(options, domain->url);
    natsOptions_SetAllowReconnect(options, false);
    natsOptions_SetCustomInboxPrefix(options, inbox);
    natsOptions_SetErrorHandler(options, on_error, user);
    natsOptions_SetUserCredentialsCallbacks(options, give_jwt, user, sign, user);
    /* About one good answer to the server's nonce in 250 is refused: whoever has access is let in
     * the next time. */
    natsStatus status = natsConnection_Connect(&user->connection, options);
    for (int i = 1; i < TRIES && status == NATS_CONNECTION_AUTH_FAILED; i++) {
        status = natsConnection_Connect(&user->connection, options);
    }
    natsOptions_Destroy(options);
    return status;
}

natsStatus enter(struct user *user, const struct domain_broker *domain, const struct broker *issuer,
                 const char *identity, int64_t until_ms) {
    const struct broker_terms terms = {
        .now_ms = domain->now_ms, .until_ms = until_ms, .groups = &domain->groups};
    *user = (struct user){.access = access_new()};
    assert_non_null(user->access);
    assert_int_equal(broker_issue(issuer, &domain->topics, identity, &terms, user->access),
                     STATUS_OK);
    return come_in(user, domain);
}

natsStatus enter_operator(struct user *user, const struct domain_broker *domain) {
    *user = (struct user){.access = access_new()};
    assert_non_null(user->access);
    assert_int_equal(broker_issue_operator(domain->broker, domain->now_ms, user->access),
                     STATUS_OK);
    return come_in(user, domain);
}

void domain_broker_make_stream(const struct domain_broker *domain, const char *configuration) {
    struct user user;
    char answer[ANSWER_SIZE] = "";
    assert_int_equal(enter_operator(&user, domain), NATS_OK);
    if (!asks(&user, STREAM_CREATE, configuration, answer) || strstr(answer, "error") != NULL) {
        fail_msg("the stream is not made: %s", answer);
    }
    leave(&user);
}

void leave(struct user *user) {
    natsConnection_Destroy(user->connection);
    access_free(user->access);
}

bool is_refused(struct user *user) {
    assert_int_equal(natsConnection_FlushTimeout(user->connection, ANSWER_MS), NATS_OK);
    /* The refusal has arrived by now; a thread of the library's tells of it. */
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    bool refused = user->was_refused;
    user->was_refused = false;
    return refused;
}

bool may_say(struct user *user, const char *topic) {
    assert_int_equal(natsConnection_PublishString(user->connection, topic, "frame"), NATS_OK);
    return !is_refused(user);
}

bool may_hear(struct user *user, const char *topic) {
    natsSubscription *subscription;
    assert_int_equal(natsConnection_SubscribeSync(&subscription, user->connection, topic), NATS_OK);
    bool may = !is_refused(user);
    natsSubscription_Destroy(subscription);
    return may;
}

bool asks(struct user *user, const char *subject, const char *body, char answer[ANSWER_SIZE]) {
    natsMsg *reply = NULL;
    natsStatus status = natsConnection_RequestString(&reply, user->connection, subject, body, 1000);
    if (status == NATS_OK) {
        snprintf(answer, ANSWER_SIZE, "%.*s", natsMsg_GetDataLength(reply), natsMsg_GetData(reply));
    }
    natsMsg_Destroy(reply);
    return !is_refused(user) && status == NATS_OK;
}

/* --- The server ----------------------------------------------------------------------------- */

bool domain_broker_is_installed(void) {
    return system("command -v nats-server >/dev/null 2>&1") == 0;
}

static void write_configuration(const struct domain_broker *domain, int64_t now_ms,
                                const struct broker_revoked *revoked, const char *rule) {
    static uint8_t text[BROKER_CONFIGURATION_MAX];
    char path[80];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(broker_configure(domain->broker, revoked, now_ms, &w), STATUS_OK);
    /* Without TLS, which is another test's. */
    uint8_t *tls = memmem(text, w.length, "tls {", 5);
    assert_non_null(tls);
    *tls = '#';
    snprintf(path, sizeof path, "%s/conf", domain->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, w.length, file), w.length);
    fprintf(file, "%s\n", rule == NULL ? "" : rule);
    fclose(file);
}

void domain_broker_shut_out(const struct domain_broker *domain, const char *identity) {
    static struct broker_revoked revoked;
    revoked.count = 1;
    snprintf(revoked.identities[0], sizeof revoked.identities[0], "%s", identity);
    /* As a KMS writes it, later. */
    write_configuration(domain, domain->now_ms + LATER_MS, &revoked, NULL);
    assert_int_equal(kill(domain->server, SIGHUP), 0);
}

static void start_server(struct domain_broker *domain) {
    char port[8];
    snprintf(port, sizeof port, "%d", PORT_BASE + getpid() % 9000);
    snprintf(domain->url, sizeof domain->url, "nats://127.0.0.1:%s", port);
    domain->server = fork();
    assert_true(domain->server >= 0);
    if (domain->server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (chdir(domain->folder) == 0) {
            execlp("nats-server", "nats-server", "-c", "conf", "-a", "127.0.0.1", "-p", port, "-l",
                   "log", (char *)NULL);
        }
        _exit(127);
    }
}

static bool lets_in(const struct domain_broker *domain) {
    struct user user;
    natsStatus status = enter(&user, domain, domain->broker, "sip:anybody@county.example",
                              domain->now_ms + 3600000);
    leave(&user);
    return status == NATS_OK;
}

void domain_broker_begin(struct domain_broker *domain, const char *rule) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *domain = (struct domain_broker){.now_ms = (int64_t)now.tv_sec * 1000,
                                     .broker = broker_new(),
                                     .folder = "/tmp/muster-access.XXXXXX"};
    assert_non_null(domain->broker);
    memset(domain->broker->secret, 7, sizeof domain->broker->secret);
    memset(domain->topics.octets, 8, sizeof domain->topics.octets);
    assert_non_null(mkdtemp(domain->folder));
    write_configuration(domain, domain->now_ms, NULL, rule);
    start_server(domain);
    for (int i = 0; i < 100; i++) {
        if (lets_in(domain)) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    fail_msg("the nats-server lets nobody in");
}

void domain_broker_end(struct domain_broker *domain) {
    char command[80];
    kill(domain->server, SIGKILL);
    waitpid(domain->server, NULL, 0);
    broker_free(domain->broker);
    snprintf(command, sizeof command, "rm -rf %s", domain->folder);
    assert_int_equal(system(command), 0);
}
