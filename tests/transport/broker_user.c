/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "broker_user.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "condition_text.h"

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void open_user(struct user *user, const struct broker *broker, const char *name) {
    char urls[BROKER_URLS_SIZE];
    struct transport_condition problem;
    *user = (struct user){0};
    broker_urls(broker, urls);
    const struct nats_options options = {.servers = urls,
                                         .ca_certificates = broker_ca(broker),
                                         .name = name,
                                         .is_plain = broker->certificate == CERTIFICATE_NONE};
    if (nats_open_broker(&options, &user->transport, &problem) != TRANSPORT_OK) {
        fail_msg("%s", condition_text(&problem));
    }
}

void close_user(struct user *user) {
    int64_t began = now_ms();
    if (user->transport != NULL) {
        user->transport->kind->close(user->transport);
    }
    assert_true(now_ms() - began < AT_ONCE_MS);
    user->transport = NULL;
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct user *user = context;
    assert_true(user->count < HEARD_MAX);
    snprintf(user->heard[user->count], sizeof user->heard[0], "%.*s", (int)length,
             (const char *)frame);
    user->peers[user->count++] = peer;
}

void attend(struct user *user, int wait_ms) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    assert_int_equal(user->transport->kind->descriptors(user->transport, descriptors), 1);
    struct pollfd wait = {.fd = descriptors[0], .events = POLLIN};
    poll(&wait, 1, wait_ms);
    int64_t began = now_ms();
    assert_int_equal(user->transport->kind->receive(user->transport, on_frame, user), TRANSPORT_OK);
    assert_true(now_ms() - began < AT_ONCE_MS);
    struct transport_condition news;
    if (!user->transport->kind->news(user->transport, &news)) {
        return;
    }
    snprintf(user->news, sizeof user->news, "%s", condition_text(&news));
    user->is_problem = transport_condition_is_problem(news.kind);
    user->news_count++;
}

bool has_heard(const struct user *user, const char *frame) {
    for (size_t i = 0; i < user->count; i++) {
        if (strcmp(user->heard[i], frame) == 0) {
            return true;
        }
    }
    return false;
}

void hear(struct user *user, const char *frame) {
    int64_t end = now_ms() + RETURN_MS;
    while (!has_heard(user, frame) && now_ms() < end) {
        attend(user, 50);
    }
    if (!has_heard(user, frame)) {
        fail_msg("%s was not heard; the last news: %s", frame, user->news);
    }
}

void hear_news(struct user *user, const char *part) {
    int64_t end = now_ms() + RETURN_MS;
    while (strstr(user->news, part) == NULL && now_ms() < end) {
        attend(user, 50);
    }
    if (strstr(user->news, part) == NULL) {
        fail_msg("no news of \"%s\", but: %s", part, user->news);
    }
}

void hear_nothing_for(struct user *user, int ms) {
    size_t before = user->count;
    int64_t end = now_ms() + ms;
    while (now_ms() < end) {
        attend(user, 20);
    }
    assert_int_equal(user->count, before);
}

void listen_to(struct user *user, const char *one, bool one_is_kept, const char *two,
               bool two_is_kept) {
    struct transport_topic topics[2] = {{.is_kept = one_is_kept}, {.is_kept = two_is_kept}};
    snprintf(topics[0].name, sizeof topics[0].name, "%s", one);
    snprintf(topics[1].name, sizeof topics[1].name, "%s", two == NULL ? "" : two);
    assert_int_equal(user->transport->kind->listen(user->transport, topics, two == NULL ? 1 : 2),
                     TRANSPORT_OK);
}

enum transport_result say(struct user *user, const char *topic, bool is_kept, const char *frame) {
    int64_t began = now_ms();
    enum transport_result result = user->transport->kind->publish(
        user->transport, topic, is_kept, LANE_REST, (const uint8_t *)frame, strlen(frame));
    assert_true(now_ms() - began < AT_ONCE_MS);
    return result;
}

void meet(struct user *user, struct user *other, const char *topic) {
    char frame[24];
    static unsigned number;
    snprintf(frame, sizeof frame, "hello %u", ++number);
    for (int64_t end = now_ms() + PATIENCE_MS; !has_heard(user, frame) && now_ms() < end;) {
        (void)say(other, topic, false, frame);
        attend(user, 10);
    }
    assert_true(has_heard(user, frame));
    /* It was said several times: who has heard the last word has heard them all. */
    snprintf(frame, sizeof frame, "well met %u", number);
    assert_int_equal(say(other, topic, false, frame), TRANSPORT_OK);
    hear(user, frame);
    user->count = 0;
}

struct nats_terms stream_terms(unsigned replicas, int64_t keep_ms) {
    return (struct nats_terms){.replicas = replicas,
                               .keep_ms = keep_ms,
                               .octets = 16 * 1024 * 1024,
                               .message_max = TRANSPORT_FRAME_MAX,
                               .value_octets = 1024 * 1024,
                               .value_max = TRANSPORT_FRAME_MAX};
}

void prepare(struct user *user, unsigned replicas) {
    const struct nats_terms terms = stream_terms(replicas, KEEP_MS);
    if (nats_prepare(user->transport, &terms, PATIENCE_MS) != TRANSPORT_OK) {
        struct transport_condition problem;
        user->transport->kind->problem(user->transport, &problem);
        fail_msg("no stream: %s", condition_text(&problem));
    }
}

void spin(long ns) {
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec - began.tv_nsec < ns);
}

bool keep_one(struct user *user, const char *topic, const char *frame) {
    const struct nats_kept kept = {topic, (const uint8_t *)frame, strlen(frame)};
    bool is_kept;
    return nats_keep(user->transport, &kept, 1, PATIENCE_MS, &is_kept) == TRANSPORT_OK && is_kept;
}
