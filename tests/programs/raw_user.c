/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "raw_user.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

enum {
    LINE_MAX_SIZE = 4096,
    TRIES = 4,
    PATIENCE_S = 30
};

static void say(struct raw_user *user, const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = send(user->socket, text, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return; /* it has hung up in the middle; await reads why */
        }
        text += sent;
        length -= (size_t)sent;
    }
}

/* Reads until the server has said `part`. */
static void await(struct raw_user *user, const char *part) {
    user->length = 0;
    user->said[0] = '\0';
    while (strstr(user->said, part) == NULL) {
        assert_true(user->length < sizeof user->said - 1);
        ssize_t got =
            recv(user->socket, user->said + user->length, sizeof user->said - 1 - user->length, 0);
        if (got <= 0 && strstr(user->said, "-ERR") != NULL) {
            return; /* it hangs up on who breaks its rules */
        }
        if (got <= 0) {
            fail_msg("the server says no more than: %s", user->said);
        }
        user->length += (size_t)got;
        user->said[user->length] = '\0';
    }
}

/* Everything before it is answered. */
static bool is_allowed(struct raw_user *user) {
    say(user, "PING\r\n");
    await(user, "PONG\r\n");
    return strstr(user->said, "-ERR") == NULL;
}

/* The answer to the nonce in the server's first line. */
static void sign_nonce(const struct raw_user *user, const struct access *access,
                       char text[2 * NKEY_SIGNATURE_SIZE]) {
    const char *nonce = strstr(user->said, "\"nonce\":\"");
    unsigned char *signature = NULL;
    char word[64];
    int length = 0;
    assert_non_null(nonce);
    nonce += strlen("\"nonce\":\"");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(nonce, "\""), nonce);
    assert_int_equal(nats_Sign(access->seed, word, &signature, &length), NATS_OK);
    sodium_bin2base64(text, 2 * NKEY_SIGNATURE_SIZE, signature, (size_t)length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    free(signature);
}

static bool come_in(struct raw_user *user, const struct domain_broker *domain,
                    const struct access *access) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    char signature[2 * NKEY_SIGNATURE_SIZE], line[LINE_MAX_SIZE];
    address.sin_port = htons((uint16_t)atoi(strrchr(domain->url, ':') + 1));
    user->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(user->socket >= 0);
    setsockopt(user->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(user->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(user->socket, (struct sockaddr *)&address, sizeof address), 0);
    await(user, "\r\n");
    sign_nonce(user, access, signature);
    int length = snprintf(line, sizeof line,
                          "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
                          "\"no_responders\":true,\"lang\":\"c\",\"version\":\"1\",\"protocol\":1,"
                          "\"echo\":true,\"jwt\":\"%s\",\"sig\":\"%s\"}\r\n",
                          access->jwt, signature);
    assert_true(length > 0 && (size_t)length < sizeof line);
    say(user, line);
    return is_allowed(user);
}

void raw_enter(struct raw_user *user, const struct domain_broker *domain,
               const struct access *access) {
    /* About one good answer to the server's nonce in 250 is refused: the library's. */
    for (int i = 0; i < TRIES; i++) {
        if (come_in(user, domain, access)) {
            return;
        }
        close(user->socket);
    }
    fail_msg("%s does not come in: %s", access->identity, user->said);
}

void raw_leave(struct raw_user *user) {
    close(user->socket);
}

bool raw_may_ask(struct raw_user *user, const char *subject, const char *reply,
                 const char *octets) {
    char line[LINE_MAX_SIZE];
    snprintf(line, sizeof line, "PUB %s %s %zu\r\n", subject, reply, strlen(octets));
    say(user, line);
    say(user, octets);
    say(user, "\r\n");
    return is_allowed(user);
}

bool raw_may_say(struct raw_user *user, const char *subject, const char *octets) {
    return raw_may_ask(user, subject, "", octets);
}

bool raw_may_hear(struct raw_user *user, const char *subject) {
    char line[LINE_MAX_SIZE];
    snprintf(line, sizeof line, "SUB %s 77\r\n", subject);
    say(user, line);
    bool may = is_allowed(user);
    say(user, "UNSUB 77\r\n");
    return is_allowed(user) && may;
}
