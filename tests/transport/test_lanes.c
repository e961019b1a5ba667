/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice's lane: over udp with real sockets on the loopback interface, and the queues of the nats
 * transport. Waiting is by poll, with a bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "condition_text.h"
#include "transport/nats_state.h"
#include "transport/udp.h"

enum {
    PATIENCE_MS = 3000,
    FRAME_SIZE = 1000,
    HEARD_MAX = 16384,
    FLOOD = 6000,    /* frames: far more than a socket has room for */
    STRANGERS = 140, /* by both kinds of IP more than may wait for talkers, and read in one look */
    TRIES = 200,
    WORDS = 40
};

/* A frame that was handed over. */
struct arrival {
    uint8_t octet; /* its first */
    enum transport_lane lane;
    uint64_t peer;
};

struct handset {
    struct transport *transport;
    size_t count;
    struct arrival heard[HEARD_MAX];
    void (*meanwhile)(struct handset *); /* NULL; called while a frame is handed over */
    struct handset *other;
    int64_t busy_us; /* so long each frame takes it */
};

/* Tests run beside each other: each process has two ports of its own, below those that the system
 * hands out. */
static uint16_t test_port(void) {
    return (uint16_t)(10000 + 2 * (getpid() % 10000));
}

static struct handset *handset_open(void) {
    struct transport_condition problem;
    const struct udp_options options = {.interface = "lo", .port = test_port()};
    struct handset *handset = calloc(1, sizeof *handset);
    assert_non_null(handset);
    if (udp_open(&options, &handset->transport, &problem) != TRANSPORT_OK) {
        fail_msg("udp_open: %s", condition_text(&problem));
    }
    return handset;
}

static void handset_close(struct handset *handset) {
    handset->transport->kind->close(handset->transport);
    free(handset);
}

static void remember(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct handset *handset = context;
    (void)length;
    assert_true(handset->count < HEARD_MAX);
    handset->heard[handset->count++] =
        (struct arrival){frame[0], handset->transport->kind->lane(handset->transport), peer};
    if (handset->meanwhile != NULL) {
        handset->meanwhile(handset);
    }
}

static void receive(struct handset *handset) {
    assert_int_equal(handset->transport->kind->receive(handset->transport, remember, handset),
                     TRANSPORT_OK);
}

/* Takes what comes until a frame that begins with `octet` has; the place where it stands. */
static size_t hear(struct handset *handset, uint8_t octet) {
    size_t seen = 0;
    for (;;) {
        for (; seen < handset->count; seen++) {
            if (handset->heard[seen].octet == octet) {
                return seen;
            }
        }
        int descriptors[TRANSPORT_DESCRIPTORS_MAX];
        size_t count = handset->transport->kind->descriptors(handset->transport, descriptors);
        struct pollfd wait[TRANSPORT_DESCRIPTORS_MAX];
        for (size_t i = 0; i < count; i++) {
            wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
        }
        if (poll(wait, count, PATIENCE_MS) <= 0) {
            fail_msg("the frame that begins with %u did not come", octet);
        }
        receive(handset);
    }
}

static void say(struct handset *handset, uint64_t peer, enum transport_lane lane, uint8_t octet) {
    uint8_t frame[FRAME_SIZE] = {octet};
    assert_int_equal(
        handset->transport->kind->send(handset->transport, peer, lane, frame, sizeof frame),
        TRANSPORT_OK);
}

static size_t count_of(const struct handset *handset, uint8_t octet) {
    size_t count = 0;
    for (size_t i = 0; i < handset->count; i++) {
        count += handset->heard[i].octet == octet;
    }
    return count;
}

/* --- Over udp ----------------------------------------------------------------------------------
 */

static void voice_is_handed_over_before_what_came_earlier(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    for (int i = 0; i < 20; i++) {
        say(a, PEER_ALL, LANE_REST, 'r');
    }
    say(a, PEER_ALL, LANE_VOICE, 'v');
    (void)hear(b, 'r');
    assert_int_equal(b->heard[0].octet, 'v');
    assert_int_equal(b->heard[0].lane, LANE_VOICE);
    assert_int_equal(b->heard[hear(b, 'r')].lane, LANE_REST);
    handset_close(a);
    handset_close(b);
}

/* The handset is stopped, or busy, while more comes than there is room for: voice has its own. */
static void a_flood_takes_no_room_from_voice_and_is_told_of(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    for (int i = 0; i < FLOOD; i++) {
        say(a, PEER_ALL, LANE_REST, 'r');
    }
    for (int i = 0; i < WORDS; i++) {
        say(a, PEER_ALL, LANE_VOICE, 'v');
    }
    say(a, PEER_ALL, LANE_VOICE, 'e');
    (void)hear(b, 'e');
    assert_int_equal(count_of(b, 'v'), WORDS);
    for (size_t before = 0; b->count > before;) { /* all that was not lost */
        before = b->count;
        receive(b);
    }
    assert_true(count_of(b, 'r') < FLOOD);
    say(a, PEER_ALL, LANE_REST, 'l'); /* what follows a loss tells of it */
    (void)hear(b, 'l');
    struct transport_radio radio;
    assert_int_equal(b->transport->kind->radios(b->transport, &radio, 1), 1);
    bool is_told =
        radio.condition.kind == CONDITION_FRAMES_LOST || radio.also.kind == CONDITION_FRAMES_LOST;
    assert_true(is_told);
    const struct transport_condition *told =
        radio.condition.kind == CONDITION_FRAMES_LOST ? &radio.condition : &radio.also;
    assert_true(told->number > 0 && told->more > 0);
    assert_string_equal(told->object, "lo");
    handset_close(a);
    handset_close(b);
}

/* Each frame takes the handset a while, as a signature does, and somebody speaks meanwhile. */
static void be_busy(struct handset *handset) {
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    if (handset->heard[handset->count - 1].octet == 'r') {
        say(handset->other, PEER_ALL, LANE_VOICE, 'v');
    }
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec - began.tv_nsec <
             handset->busy_us * 1000);
}

static void voice_that_comes_while_the_rest_is_handed_over_is_next(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    b->other = a;
    b->meanwhile = be_busy;
    b->busy_us = 1200; /* more than voice waits, and several in a slice */
    for (int i = 0; i < 100; i++) {
        say(a, PEER_ALL, LANE_REST, 'r');
    }
    (void)hear(b, 'v');
    for (size_t before = 0; b->count > before && count_of(b, 'r') < 100;) {
        before = b->count;
        receive(b);
    }
    assert_true(count_of(b, 'r') >= 100);
    /* The turn that was begun is ended: both kinds of IP may have one. */
    for (size_t i = 2; i < b->count; i++) {
        assert_false(b->heard[i].octet == 'r' && b->heard[i - 1].octet == 'r' &&
                     b->heard[i - 2].octet == 'r');
    }
    handset_close(a);
    handset_close(b);
}

static void a_call_ends_when_its_slice_is_over(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    b->other = a;
    b->busy_us = TRANSPORT_SLICE_MS * 500;
    for (int i = 0; i < 100; i++) {
        say(a, PEER_ALL, LANE_REST, 'r');
    }
    b->meanwhile = be_busy;
    (void)hear(b, 'r');
    /* 2 ms each, and one turn of both kinds of IP more. */
    assert_in_range(count_of(b, 'r'), 1, TRANSPORT_SLICE_MS / 2 + 2);
    handset_close(a);
    handset_close(b);
}

static void voice_to_one_handset_goes_by_its_lane_and_from_the_same_peer(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    say(a, PEER_ALL, LANE_REST, 'r');
    uint64_t peer = b->heard[hear(b, 'r')].peer;
    say(b, peer, LANE_VOICE, 'v');
    size_t at = hear(a, 'v');
    assert_int_equal(a->heard[at].lane, LANE_VOICE);
    say(b, peer, LANE_REST, 's');
    assert_int_equal(a->heard[hear(a, 's')].peer, a->heard[at].peer);
    assert_int_equal(a->heard[hear(a, 's')].lane, LANE_REST);
    say(a, PEER_ALL, LANE_VOICE, 'w');
    assert_int_equal(b->heard[hear(b, 'w')].peer, peer);
    handset_close(a);
    handset_close(b);
}

static void favour_talker(struct handset *handset) {
    if (handset->heard[handset->count - 1].octet == 'v') {
        handset->transport->kind->favour(handset->transport,
                                         handset->transport->kind->origin(handset->transport));
    }
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One look at a flood of voice's own lane by a stranger, with a talker's words behind it. False
 * when this machine stood still meanwhile, so that it was more than one look. */
static bool flood_voice(struct handset *a, struct handset *b, struct handset *stranger) {
    b->count = 0;
    for (int i = 0; i < STRANGERS; i++) {
        say(stranger, PEER_ALL, LANE_VOICE, 'x');
    }
    for (int i = 0; i < WORDS; i++) {
        say(a, PEER_ALL, LANE_VOICE, 'v');
    }
    int64_t began_us = now_us();
    receive(b);
    return now_us() - began_us < TRANSPORT_SLICE_MS * 1000;
}

/* Whoever waited has asked already: that is believed, and once. */
static void what_was_found_readable_is_read_and_the_next_time_all_is_looked_at(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open();
    const struct transport_kind *kind = b->transport->kind;
    int descriptors[TRANSPORT_DESCRIPTORS_MAX], timer;
    size_t count = kind->descriptors(b->transport, descriptors);
    say(a, PEER_ALL, LANE_VOICE, 'v');
    say(a, PEER_ALL, LANE_REST, 'r');
    timer = descriptors[count - 1];
    kind->found(b->transport, &timer, 1);
    receive(b);
    assert_int_equal(b->count, 0);
    (void)hear(b, 'v');
    (void)hear(b, 'r');
    say(a, PEER_ALL, LANE_VOICE, 'w');
    kind->found(b->transport, descriptors, count);
    receive(b);
    assert_true(count_of(b, 'w') > 0);
    handset_close(a);
    handset_close(b);
}

static void talkers_are_handed_over_before_who_floods_their_lane(void **state) {
    (void)state;
    struct handset *a = handset_open(), *b = handset_open(), *stranger = handset_open();
    bool is_one_look = false;
    b->meanwhile = favour_talker;
    say(a, PEER_ALL, LANE_VOICE, 'v');
    (void)hear(b, 'v');
    for (int i = 0; i < TRIES && !is_one_look; i++) {
        while (b->count > 0) {
            b->count = 0;
            receive(b);
        }
        say(a, PEER_ALL, LANE_VOICE, 'v'); /* by both kinds of IP */
        receive(b);
        is_one_look = flood_voice(a, b, stranger);
    }
    assert_true(is_one_look);
    size_t words = count_of(b, 'v');
    assert_true(words >= WORDS);
    for (size_t i = 0; i < b->count; i++) {
        assert_int_equal(b->heard[i].octet, i < words ? 'v' : 'x');
    }
    /* Of the stranger's some are lost, and the officer can see that. */
    struct transport_radio radio;
    assert_int_equal(b->transport->kind->radios(b->transport, &radio, 1), 1);
    assert_true(radio.condition.kind == CONDITION_VOICE_LOST ||
                radio.also.kind == CONDITION_VOICE_LOST);
    handset_close(a);
    handset_close(b);
    handset_close(stranger);
}

/* --- The broker's queues -----------------------------------------------------------------------
 */

static void put(struct nats_queue *queue, uint64_t peer, const char *octets) {
    struct nats_frame *frame = nats_frame_new("t", octets, strlen(octets));
    assert_non_null(frame);
    frame->peer = peer;
    nats_queue_put(queue, frame);
}

/* Voice under another topic waits for one frame of a flooded one, and each topic keeps its order.
 */
static void a_flooded_topic_gives_way_with_every_second_frame(void **state) {
    (void)state;
    struct nats_queue queue = {0};
    char order[16] = "";
    for (int i = 0; i < 8; i++) {
        put(&queue, 1, "f");
    }
    put(&queue, 2, "a");
    put(&queue, 2, "b");
    put(&queue, 3, "c");
    for (struct nats_frame *frame; (frame = nats_queue_take_fairly(&queue)) != NULL; free(frame)) {
        strncat(order, (const char *)frame->octets, 1);
    }
    assert_string_equal(order, "fafbfcfffff");
    assert_int_equal(queue.count, 0);
    put(&queue, 2, "d");
    put(&queue, 2, "e");
    free(nats_queue_take_fairly(&queue));
    put(&queue, 1, "f");
    struct nats_frame *frame = nats_queue_take_fairly(&queue);
    assert_int_equal(frame->octets[0], 'f');
    free(frame);
    put(&queue, 2, "g"); /* the last one was taken from the end of the queue */
    frame = nats_queue_take_fairly(&queue);
    assert_int_equal(frame->octets[0], 'e');
    free(frame);
    frame = nats_queue_take_fairly(&queue);
    assert_int_equal(frame->octets[0], 'g');
    free(frame);
    assert_null(nats_queue_take_fairly(&queue));
}

static void what_a_broker_brings_and_gets_is_voice_first(void **state) {
    (void)state;
    typedef struct nats_frame *take_fn(struct nats_queue queues[TRANSPORT_LANES]);
    take_fn *const takes[] = {nats_take_heard, nats_take_outgoing};
    for (size_t i = 0; i < 2; i++) {
        struct nats_queue queues[TRANSPORT_LANES] = {0};
        char order[8] = "";
        put(&queues[LANE_REST], 1, "r");
        put(&queues[LANE_REST], 1, "s");
        put(&queues[LANE_VOICE], 2, "v");
        for (struct nats_frame *frame; (frame = takes[i](queues)) != NULL; free(frame)) {
            strncat(order, (const char *)frame->octets, 1);
            if (order[1] == '\0') {
                put(&queues[LANE_VOICE], 2, "w");
            }
        }
        assert_string_equal(order, "vwrs");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voice_is_handed_over_before_what_came_earlier),
        cmocka_unit_test(a_flood_takes_no_room_from_voice_and_is_told_of),
        cmocka_unit_test(voice_that_comes_while_the_rest_is_handed_over_is_next),
        cmocka_unit_test(a_call_ends_when_its_slice_is_over),
        cmocka_unit_test(voice_to_one_handset_goes_by_its_lane_and_from_the_same_peer),
        cmocka_unit_test(what_was_found_readable_is_read_and_the_next_time_all_is_looked_at),
        cmocka_unit_test(talkers_are_handed_over_before_who_floods_their_lane),
        cmocka_unit_test(a_flooded_topic_gives_way_with_every_second_frame),
        cmocka_unit_test(what_a_broker_brings_and_gets_is_voice_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
