/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One handset of the bluetooth transport, for trials with real or virtual controllers:
 *
 *   bluetooth_pair ADAPTERS NAME SECONDS [WANTED]
 *
 * Says its name every second to all in reach, relays what it hears, and prints what it hears and
 * how its radios stand. Ends well as soon as it has heard WANTED others three times each, or after
 * SECONDS without a WANTED. "-" as ADAPTERS: all that there are.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "transport/bluetooth/bluetooth.h"

enum {
    NAMES_MAX = 16,
    NAME_SIZE = 32,
    HEARD_ENOUGH = 3,
    LINGER_MS = 4000, /* afterwards, so that the others hear enough, too */
    FRAME_SIZE = 1500
};

struct heard {
    char name[NAME_SIZE];
    unsigned count, last; /* frames, and the number of the latest */
};

struct handset {
    struct transport *transport;
    const char *name;
    int64_t started_ms;
    unsigned sent;
    struct heard heard[NAMES_MAX];
    char line[640]; /* how its radios stood */
};

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const struct handset *handset, const char *what, const char *detail) {
    printf("%s %6.2f s: %s%s\n", handset->name,
           (double)(monotonic_ms() - handset->started_ms) / 1000, what, detail);
    fflush(stdout);
}

static struct heard *heard_of(struct handset *handset, const char *name) {
    for (size_t i = 0; i < NAMES_MAX; i++) {
        struct heard *heard = &handset->heard[i];
        if (heard->name[0] == '\0') {
            snprintf(heard->name, sizeof heard->name, "%s", name);
        }
        if (strcmp(heard->name, name) == 0) {
            return heard;
        }
    }
    return NULL;
}

/* A frame is a name, a number, and filling. */
static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct handset *handset = context;
    char name[NAME_SIZE], detail[120];
    unsigned number;
    if (length != FRAME_SIZE || sscanf((const char *)frame, "%31s %u", name, &number) != 2) {
        say(handset, "heard something else", "");
        return;
    }
    struct heard *heard = heard_of(handset, name);
    if (strcmp(name, handset->name) == 0 || heard == NULL || number <= heard->last) {
        return;
    }
    heard->last = number;
    heard->count++;
    snprintf(detail, sizeof detail, "%s %u from %012" PRIx64 ", quality %d", name, number, peer,
             handset->transport->kind->quality(handset->transport, peer));
    say(handset, "heard ", detail);
    (void)handset->transport->kind->relay(handset->transport, peer, LANE_REST, frame, length);
}

static size_t others(const struct handset *handset) {
    size_t count = 0;
    for (size_t i = 0; i < NAMES_MAX; i++) {
        count += handset->heard[i].count >= HEARD_ENOUGH;
    }
    return count;
}

static void speak(struct handset *handset) {
    char frame[FRAME_SIZE] = {0};
    snprintf(frame, sizeof frame, "%s %u", handset->name, ++handset->sent);
    if (handset->transport->kind->send(handset->transport, PEER_ALL, LANE_REST,
                                       (const uint8_t *)frame, sizeof frame) != TRANSPORT_OK) {
        struct transport_condition problem;
        handset->transport->kind->problem(handset->transport, &problem);
        say(handset, "not sent: ", transport_condition_name(problem.kind));
    }
}

static void tell(struct handset *handset) {
    struct transport_radio radios[TRANSPORT_RADIOS_MAX];
    char line[sizeof handset->line] = "";
    size_t count =
        handset->transport->kind->radios(handset->transport, radios, TRANSPORT_RADIOS_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "[%s state %d, %u peers, %s]", radios[i].name,
                 radios[i].state, radios[i].peers,
                 transport_condition_name(radios[i].condition.kind));
    }
    if (strcmp(line, handset->line) != 0) {
        say(handset, "radios ", line);
    }
    memcpy(handset->line, line, sizeof line);
    struct transport_condition news;
    while (handset->transport->kind->news(handset->transport, &news)) {
        say(handset, transport_condition_is_problem(news.kind) ? "PROBLEM: " : "news: ",
            transport_condition_name(news.kind));
    }
}

int main(int count, char **words) {
    struct handset handset = {.started_ms = monotonic_ms()};
    struct transport_condition problem;
    if (count < 4) {
        return 2;
    }
    handset.name = words[2];
    size_t wanted = count > 4 ? strtoul(words[4], NULL, 10) : NAMES_MAX;
    if (bluetooth_open(strcmp(words[1], "-") == 0 ? NULL : words[1], &handset.transport,
                       &problem) != TRANSPORT_OK) {
        say(&handset, "cannot open: ", transport_condition_name(problem.kind));
        return 1;
    }
    int64_t end_ms = handset.started_ms + 1000 * strtol(words[3], NULL, 10);
    int64_t speak_ms = handset.started_ms;
    bool is_enough = false;
    struct pollfd wait = {.events = POLLIN};
    (void)handset.transport->kind->descriptors(handset.transport, &wait.fd);
    while (monotonic_ms() < end_ms) {
        (void)poll(&wait, 1, 100);
        (void)handset.transport->kind->receive(handset.transport, on_frame, &handset);
        tell(&handset);
        if (monotonic_ms() >= speak_ms) {
            speak(&handset);
            speak_ms += 1000;
        }
        if (!is_enough && others(&handset) >= wanted) {
            is_enough = true;
            end_ms = monotonic_ms() + LINGER_MS;
        }
    }
    say(&handset, is_enough || wanted == NAMES_MAX ? "done" : "NOT ENOUGH heard", "");
    handset.transport->kind->close(handset.transport);
    return is_enough || wanted == NAMES_MAX ? 0 : 1;
}
