/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport in a process of its own (transport/apart/). Most of the time the test is that
 * process, taken over by somebody who writes what he likes; at the end it is a real one.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/transport/seed.h"
#include "transport/apart/message.h"
#include "transport/apart/serving.h"
#include "transport/news.h"

enum {
    FRAMES_MAX = 64,
    RUBBISH = 4000,
    ROUNDS = 20000,
    PATIENCE_MS = 60 * 1000 /* no target: only that a loaded machine fails nothing */
};

struct heard {
    uint64_t peer, origin;
    uint8_t first;
    size_t length;
    enum transport_lane lane;
    bool is_favoured;
    int64_t age_ms;
    int quality;
};

struct scene {
    struct transport *transport;
    int theirs[APART_SOCKETS];
    size_t count;
    struct heard heard[FRAMES_MAX];
};

static uint64_t seed;

static uint64_t draw(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static int64_t now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void write_to(int socket, const struct message *message) {
    uint8_t octets[MESSAGE_SIZE];
    size_t length = message_write(message, octets);
    assert_true(length > 0);
    assert_int_equal(send(socket, octets, length, 0), (ssize_t)length);
}

static struct message frame_of(uint64_t peer, const char *octets) {
    return (struct message){.kind = MESSAGE_FRAME,
                            .peer = peer,
                            .origin = 9,
                            .heard_ms = -1,
                            .quality = 55,
                            .address = "10.1.2.3",
                            .frame = (const uint8_t *)octets,
                            .length = strlen(octets)};
}

static struct message opened(void) {
    return (struct message){
        .kind = MESSAGE_OPENED, .result = TRANSPORT_OK, .abilities = ABLE_TO_RATE | ABLE_TO_NAME};
}

static void begin(struct scene *scene) {
    struct transport_condition problem;
    const struct message first = opened();
    int ours[APART_SOCKETS];
    memset(scene, 0, sizeof *scene);
    assert_true(apart_pair(ours, scene->theirs));
    write_to(scene->theirs[APART_REST], &first);
    assert_int_equal(apart_open(ours, &scene->transport, &problem), TRANSPORT_OK);
}

static void close_theirs(struct scene *scene) {
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        close(scene->theirs[i]);
    }
}

static void end(struct scene *scene) {
    close_theirs(scene);
    scene->transport->kind->close(scene->transport);
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct scene *scene = context;
    const struct transport *transport = scene->transport;
    const struct transport_kind *kind = transport->kind;
    if (scene->count < FRAMES_MAX) {
        scene->heard[scene->count++] =
            (struct heard){.peer = peer,
                           .origin = kind->origin(transport),
                           .first = frame[0],
                           .length = length,
                           .lane = kind->lane(transport),
                           .is_favoured = kind->is_favoured(transport),
                           .age_ms = kind->age_ms(transport),
                           .quality = kind->quality == NULL ? TRANSPORT_QUALITY_UNKNOWN
                                                            : kind->quality(transport, peer)};
    }
}

static void receive(struct scene *scene) {
    struct transport *transport = scene->transport;
    assert_int_equal(transport->kind->receive(transport, on_frame, scene), TRANSPORT_OK);
}

static bool has_news(struct scene *scene, struct transport_condition *news) {
    return scene->transport->kind->news(scene->transport, news);
}

/* What the handset has said by that socket; false: nothing. */
static bool hear_handset(const struct scene *scene, enum apart_socket by, struct message *message) {
    static uint8_t octets[MESSAGE_SIZE];
    ssize_t length = recv(scene->theirs[by], octets, sizeof octets, MSG_DONTWAIT);
    return length > 0 && message_read_of_handset(octets, (size_t)length, message);
}

/* --- Messages -----------------------------------------------------------------------------------
 */

static const struct transport_condition condition = {.kind = CONDITION_PORT_TAKEN,
                                                     .error = 13,
                                                     .number = 22690,
                                                     .more = 3,
                                                     .object = "eth0",
                                                     .detail = "why"};

static struct message standing(void) {
    struct message message = {.kind = MESSAGE_STANDING, .largest = 1452, .radio_count = 2};
    for (size_t i = 0; i < 2; i++) {
        message.radios[i] = (struct transport_radio){.link = 1,
                                                     .name = "eth0,wlan0",
                                                     .state = RADIO_UNUSABLE,
                                                     .peers = 7,
                                                     .quality = TRANSPORT_QUALITY_UNKNOWN,
                                                     .condition = condition};
    }
    return message;
}

static void what_is_written_is_read(void **state) {
    uint8_t octets[MESSAGE_SIZE];
    static struct message read;
    struct message message = standing();
    (void)state;
    size_t length = message_write(&message, octets);
    assert_true(message_read_of_radio(octets, length, &read));
    assert_int_equal(read.largest, 1452);
    assert_int_equal(read.radio_count, 2);
    assert_string_equal(read.radios[1].name, "eth0,wlan0");
    assert_int_equal(read.radios[1].state, RADIO_UNUSABLE);
    assert_int_equal(read.radios[1].peers, 7);
    assert_int_equal(read.radios[1].quality, TRANSPORT_QUALITY_UNKNOWN);
    assert_true(transport_condition_equal(&read.radios[1].condition, &condition));
    message = frame_of(77, "hello");
    message.heard_ms = 123456;
    length = message_write(&message, octets);
    assert_true(message_read_of_radio(octets, length, &read));
    assert_int_equal(read.peer, 77);
    assert_int_equal(read.heard_ms, 123456);
    assert_int_equal(read.quality, 55);
    assert_string_equal(read.address, "10.1.2.3");
    assert_memory_equal(read.frame, "hello", 5);
    message = (struct message){.kind = MESSAGE_SEND,
                               .lane = LANE_VOICE,
                               .is_relayed = true,
                               .peer = UINT64_MAX,
                               .frame = (const uint8_t *)"x",
                               .length = 1};
    length = message_write(&message, octets);
    assert_true(message_read_of_handset(octets, length, &read));
    assert_true(read.lane == LANE_VOICE && read.is_relayed && read.peer == UINT64_MAX);
    assert_false(message_read_of_radio(octets, length, &read));
}

static void a_message_that_is_cut_or_longer_is_none(void **state) {
    uint8_t octets[MESSAGE_SIZE + 1];
    static struct message read;
    struct message messages[] = {standing(),
                                 opened(),
                                 {.kind = MESSAGE_NEWS, .condition = condition},
                                 {.kind = MESSAGE_ENDED, .signal = 9}};
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        size_t length = message_write(&messages[i], octets);
        octets[length] = 0;
        assert_true(message_read_of_radio(octets, length, &read));
        assert_false(message_read_of_radio(octets, length + 1, &read));
        for (size_t cut = 0; cut < length; cut++) {
            assert_false(message_read_of_radio(octets, cut, &read));
        }
    }
}

/* Whatever octets: what is read is within its bounds. */
static void what_is_read_is_within_its_bounds(void **state) {
    uint8_t octets[600];
    static struct message read;
    size_t accepted = 0;
    (void)state;
    const struct message genuine[] = {
        standing(), frame_of(3, "frame"), {.kind = MESSAGE_NEWS, .condition = condition}};
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t whole[MESSAGE_SIZE];
        size_t length = message_write(&genuine[round % 3], whole);
        memcpy(octets, whole, length < sizeof octets ? length : sizeof octets);
        for (int changes = 0; changes < 3; changes++) {
            octets[draw() % length] = (uint8_t)draw();
        }
        if (!message_read_of_radio(octets, length, &read)) {
            continue;
        }
        accepted++;
        if (read.kind == MESSAGE_FRAME) {
            assert_true(read.peer != PEER_ALL &&
                        (read.peer == UINT64_MAX || read.peer >> MESSAGE_PEER_BITS == 0));
            assert_in_range(read.quality + 1, 0, 101);
            assert_in_range(read.length, 1, TRANSPORT_FRAME_MAX);
            assert_true(read.frame + read.length == octets + length);
        } else if (read.kind == MESSAGE_STANDING) {
            assert_in_range(read.radio_count, 0, MESSAGE_RADIOS_MAX);
            assert_in_range(read.largest, 1, TRANSPORT_FRAME_MAX);
            for (size_t i = 0; i < read.radio_count; i++) {
                assert_true((unsigned)read.radios[i].state <= RADIO_UNUSABLE);
                assert_true((unsigned)read.radios[i].condition.kind < CONDITION_KINDS);
                assert_true(strlen(read.radios[i].name) < TRANSPORT_NAME_SIZE);
            }
        }
    }
    assert_true(accepted > ROUNDS / 10);
}

/* --- A process that may be anybody's ------------------------------------------------------------
 */

static void a_frame_comes_with_what_is_known_of_it(void **state) {
    struct scene scene;
    char address[TRANSPORT_ADDRESS_SIZE];
    const struct message frame = frame_of(5, "abc");
    (void)state;
    begin(&scene);
    write_to(scene.theirs[APART_TALKERS], &frame);
    receive(&scene);
    assert_int_equal(scene.count, 1);
    assert_int_equal(scene.heard[0].peer, 5);
    assert_int_equal(scene.heard[0].origin, 9);
    assert_int_equal(scene.heard[0].length, 3);
    assert_int_equal(scene.heard[0].quality, 55);
    assert_int_equal(scene.heard[0].age_ms, TRANSPORT_AGE_UNKNOWN);
    assert_true(scene.heard[0].is_favoured);
    scene.transport->kind->address(scene.transport, 5, address);
    assert_string_equal(address, "10.1.2.3");
    scene.transport->kind->address(scene.transport, 6, address);
    assert_string_equal(address, "");
    end(&scene);
}

static void voice_comes_before_the_rest_and_who_is_proven_before_others(void **state) {
    struct scene scene;
    const struct message rest = frame_of(1, "r"), voice = frame_of(2, "v"),
                         talker = frame_of(3, "t");
    (void)state;
    begin(&scene);
    for (int i = 0; i < 10; i++) {
        write_to(scene.theirs[APART_REST], &rest);
        write_to(scene.theirs[APART_VOICE], &voice);
    }
    write_to(scene.theirs[APART_TALKERS], &talker);
    receive(&scene);
    assert_int_equal(scene.count, 21);
    for (size_t i = 0; i < 21; i++) {
        assert_int_equal(scene.heard[i].first, i == 0 ? 't' : i < 11 ? 'v' : 'r');
        assert_int_equal(scene.heard[i].lane, i < 11 ? LANE_VOICE : LANE_REST);
    }
    end(&scene);
}

static void a_process_that_says_rubbish_is_told_of_once_and_harms_nothing(void **state) {
    struct scene scene;
    struct transport_condition news;
    const struct message frame = frame_of(5, "abc");
    (void)state;
    begin(&scene);
    for (int i = 0; i < RUBBISH; i++) {
        uint8_t octets[512];
        size_t length = 1 + draw() % sizeof octets;
        for (size_t k = 0; k < length; k++) {
            octets[k] = (uint8_t)draw();
        }
        octets[0] = (uint8_t)(i % 2 == 0 ? 128 : 1 + draw() % 4);
        enum apart_socket by = (enum apart_socket)(draw() % APART_SOCKETS);
        assert_int_equal(send(scene.theirs[by], octets, i % 7 == 0 ? 0 : length, 0),
                         (ssize_t)(i % 7 == 0 ? 0 : length));
        receive(&scene);
    }
    assert_int_equal(scene.count, 0);
    assert_true(has_news(&scene, &news));
    assert_int_equal(news.kind, CONDITION_PROCESS_SENSELESS);
    assert_false(has_news(&scene, &news));
    write_to(scene.theirs[APART_REST], &frame);
    receive(&scene);
    assert_int_equal(scene.count, 1);
    end(&scene);
}

static void one_that_reports_without_end_fills_no_log(void **state) {
    struct scene scene;
    struct transport_condition news;
    int64_t began_s = now_s(), told = 0;
    (void)state;
    begin(&scene);
    for (int i = 0; i < RUBBISH; i++) {
        const struct message messages[] = {{.kind = MESSAGE_NEWS, .condition = condition},
                                           {.kind = MESSAGE_ENDED, .signal = 11},
                                           opened()};
        write_to(scene.theirs[APART_REST], &messages[i % 3]);
        receive(&scene);
        while (has_news(&scene, &news)) {
            told++;
        }
    }
    assert_true(told > 0 && told <= NEWS_MAX + 2 + now_s() - began_s);
    end(&scene);
}

static void
after_a_process_has_ended_its_peers_are_nobody_and_the_next_learns_the_mode(void **state) {
    struct scene scene;
    struct transport_condition news;
    struct transport_radio radio;
    static struct message said;
    const struct message frame = frame_of(5, "abc"), again = opened();
    const struct message ended = {.kind = MESSAGE_ENDED, .signal = SIGKILL};
    const uint8_t octet = 'x';
    (void)state;
    begin(&scene);
    scene.transport->kind->set_mode(scene.transport, TRANSPORT_SILENT);
    write_to(scene.theirs[APART_REST], &frame);
    receive(&scene);
    assert_int_equal(
        scene.transport->kind->send(scene.transport, scene.heard[0].peer, LANE_REST, &octet, 1),
        TRANSPORT_OK);
    while (hear_handset(&scene, APART_REST, &said)) {
    }
    write_to(scene.theirs[APART_REST], &ended);
    write_to(scene.theirs[APART_REST], &frame); /* still of the one that has ended */
    receive(&scene);
    assert_int_equal(scene.count, 1);
    assert_true(has_news(&scene, &news));
    assert_int_equal(news.kind, CONDITION_PROCESS_ENDED);
    assert_int_equal(news.number, SIGKILL);
    assert_true(hear_handset(&scene, APART_REST, &said));
    assert_int_equal(said.kind, MESSAGE_MODE);
    assert_int_equal(said.mode, TRANSPORT_SILENT);
    assert_int_equal(scene.transport->kind->radios(scene.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_UNUSABLE);
    write_to(scene.theirs[APART_REST], &again);
    write_to(scene.theirs[APART_REST], &frame);
    receive(&scene);
    assert_true(has_news(&scene, &news));
    assert_int_equal(news.kind, CONDITION_PROCESS_BACK);
    assert_int_equal(scene.count, 2);
    assert_true(scene.heard[0].peer != scene.heard[1].peer);
    assert_int_equal(
        scene.transport->kind->send(scene.transport, scene.heard[0].peer, LANE_REST, &octet, 1),
        TRANSPORT_NO_ROUTE);
    assert_int_equal(
        scene.transport->kind->send(scene.transport, scene.heard[1].peer, LANE_REST, &octet, 1),
        TRANSPORT_OK);
    end(&scene);
}

static void after_a_process_has_ended_nothing_waits_for_the_next_but_the_mode(void **state) {
    struct scene scene;
    struct transport_radio radio;
    static struct message said;
    const struct message ended = {.kind = MESSAGE_ENDED, .signal = SIGKILL}, again = opened();
    const struct message failed = {
        .kind = MESSAGE_OPENED, .result = TRANSPORT_FAILED, .condition = condition};
    const uint8_t octet = 'x';
    (void)state;
    begin(&scene);
    assert_true(hear_handset(&scene, APART_REST, &said));
    for (int processes = 0; processes < 3; processes++) {
        write_to(scene.theirs[APART_REST], processes == 0 ? &ended : &failed);
        receive(&scene);
        for (int lane = LANE_REST; lane < TRANSPORT_LANES; lane++) {
            assert_int_equal(scene.transport->kind->send(scene.transport, PEER_ALL,
                                                         (enum transport_lane)lane, &octet, 1),
                             TRANSPORT_BUSY);
        }
        assert_int_equal(scene.transport->kind->radios(scene.transport, &radio, 1), 1);
        assert_true(hear_handset(&scene, APART_REST, &said));
        assert_int_equal(said.kind, MESSAGE_MODE);
        assert_false(hear_handset(&scene, APART_REST, &said));
        assert_false(hear_handset(&scene, APART_TALKERS, &said));
    }
    write_to(scene.theirs[APART_REST], &again);
    receive(&scene);
    assert_true(hear_handset(&scene, APART_REST, &said));
    assert_int_equal(said.kind, MESSAGE_LOOK);
    assert_int_equal(scene.transport->kind->send(scene.transport, PEER_ALL, LANE_VOICE, &octet, 1),
                     TRANSPORT_OK);
    end(&scene);
}

static void proven_voice_is_told_to_the_radio_and_not_for_each_frame(void **state) {
    struct scene scene;
    static struct message said;
    const struct message stranger = frame_of(5, "v");
    size_t told = 0;
    (void)state;
    begin(&scene);
    for (int i = 0; i < 20; i++) {
        write_to(scene.theirs[i == 0 ? APART_VOICE : APART_TALKERS], &stranger);
        receive(&scene);
        scene.transport->kind->favour(scene.transport, scene.heard[i].origin);
    }
    while (hear_handset(&scene, APART_TALKERS, &said)) {
        assert_int_equal(said.kind, MESSAGE_FAVOUR);
        assert_int_equal(said.origin, 9);
        told++;
    }
    assert_in_range(told, 1, 4);
    end(&scene);
}

/* It was awake, and has looked by itself. */
static void a_radio_that_has_just_spoken_is_not_asked_how_it_stands(void **state) {
    struct scene scene;
    static struct message said;
    struct transport_radio radio;
    const struct message frame = frame_of(1, "r");
    (void)state;
    begin(&scene);
    while (hear_handset(&scene, APART_REST, &said)) {
    }
    for (int i = 0; i < 4; i++) {
        if (i % 2 == 0) {
            write_to(scene.theirs[APART_REST], &frame);
            receive(&scene);
        }
        (void)scene.transport->kind->radios(scene.transport, &radio, 1);
        assert_int_equal(hear_handset(&scene, APART_REST, &said), i % 2 == 1);
    }
    end(&scene);
}

static bool wakes(const struct scene *scene) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    struct pollfd asked[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = scene->transport->kind->descriptors(scene->transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    }
    return poll(asked, (nfds_t)count, 0) > 0;
}

static void who_reads_talkers_by_a_clock_is_woken_for_others_alone(void **state) {
    struct scene scene;
    const struct message talker = frame_of(3, "t"), voice = frame_of(2, "v"),
                         rest = frame_of(1, "r");
    (void)state;
    begin(&scene);
    const struct transport_kind *kind = scene.transport->kind;
    kind->wake_for_favoured(scene.transport, false);
    write_to(scene.theirs[APART_TALKERS], &talker);
    write_to(scene.theirs[APART_TALKERS], &talker);
    assert_false(wakes(&scene));
    kind->receive_favoured(scene.transport, on_frame, &scene);
    assert_int_equal(scene.count, 2);
    assert_true(scene.heard[0].is_favoured && scene.heard[1].is_favoured);
    for (int i = 0; i < 2; i++) {
        write_to(scene.theirs[i == 0 ? APART_VOICE : APART_REST], i == 0 ? &voice : &rest);
        kind->receive_favoured(scene.transport, on_frame, &scene);
        assert_int_equal(scene.count, 2 + (size_t)i);
        assert_true(wakes(&scene));
        receive(&scene);
        assert_false(wakes(&scene));
    }
    /* What waits meanwhile wakes him who wants to be woken again. */
    write_to(scene.theirs[APART_TALKERS], &talker);
    kind->wake_for_favoured(scene.transport, true);
    assert_true(wakes(&scene));
    receive(&scene);
    assert_int_equal(scene.count, 5);
    assert_false(wakes(&scene));
    end(&scene);
}

static void when_nobody_is_there_any_more_nobody_is_kept_awake(void **state) {
    struct scene scene;
    struct transport_condition news;
    struct transport_radio radio;
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    const uint8_t octet = 'x';
    (void)state;
    begin(&scene);
    close_theirs(&scene);
    receive(&scene);
    size_t count = scene.transport->kind->descriptors(scene.transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        struct pollfd asked = {.fd = descriptors[i], .events = POLLIN};
        assert_int_equal(poll(&asked, 1, 0), 0);
    }
    assert_true(has_news(&scene, &news));
    assert_int_equal(news.kind, CONDITION_PROCESS_GONE);
    assert_int_equal(scene.transport->kind->radios(scene.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_UNUSABLE);
    assert_int_equal(scene.transport->kind->send(scene.transport, PEER_ALL, LANE_VOICE, &octet, 1),
                     TRANSPORT_FAILED);
    scene.transport->kind->close(scene.transport);
}

/* --- A real process -----------------------------------------------------------------------------
 */

/* A transport that hears what is written into a pipe, and writes what it sends into another. */
struct pipes {
    struct transport transport;
    int in, out;
    bool is_alone; /* takes nothing for everybody */
};

static size_t pipes_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = ((const struct pipes *)transport)->in;
    return 1;
}

static enum transport_result pipes_receive(struct transport *transport, transport_frame_fn *to,
                                           void *context) {
    struct pipes *pipes = (struct pipes *)transport;
    uint8_t octet;
    if (read(pipes->in, &octet, 1) == 1) {
        pipes->is_alone = octet == 'a';
        to(context, 5, &octet, 1);
    }
    return TRANSPORT_OK;
}

/* It knows peer 5 alone. */
static enum transport_result pipes_send(struct transport *transport, uint64_t peer,
                                        enum transport_lane lane, const uint8_t *frame,
                                        size_t length) {
    const struct pipes *pipes = (const struct pipes *)transport;
    char line[3] = {(char)('0' + peer), lane == LANE_VOICE ? 'v' : 'r', (char)frame[0]};
    if ((peer != PEER_ALL && peer != 5) || (peer == PEER_ALL && pipes->is_alone)) {
        return TRANSPORT_NO_ROUTE;
    }
    (void)length;
    return write(pipes->out, line, sizeof line) == sizeof line ? TRANSPORT_OK : TRANSPORT_FAILED;
}

static void pipes_problem(const struct transport *transport, struct transport_condition *out) {
    (void)transport;
    *out = transport_condition_of(CONDITION_NO_NETWORK, NULL);
}

static enum transport_lane pipes_lane(const struct transport *transport) {
    (void)transport;
    return LANE_VOICE;
}

static void pipes_set_mode(struct transport *transport, enum transport_mode mode) {
    const char line[3] = {'m', (char)('0' + mode), '.'};
    (void)!write(((struct pipes *)transport)->out, line, sizeof line);
}

static void pipes_close(struct transport *transport) {
    (void)!write(((struct pipes *)transport)->out, "end", 3);
}

static const struct transport_kind pipes_kind = {.name = "pipes",
                                                 .descriptors = pipes_descriptors,
                                                 .receive = pipes_receive,
                                                 .send = pipes_send,
                                                 .problem = pipes_problem,
                                                 .lane = pipes_lane,
                                                 .set_mode = pipes_set_mode,
                                                 .close = pipes_close};

static enum transport_result open_pipes(void *context, struct transport **out,
                                        struct transport_condition *problem) {
    struct pipes *pipes = context;
    *problem = transport_condition_of(CONDITION_NO_NETWORK, NULL);
    *out = &pipes->transport;
    return pipes->in >= 0 ? TRANSPORT_OK : TRANSPORT_FAILED;
}

static bool go_on(void *context) {
    (void)context;
    return true;
}

/* Another one may take its place. */
static pid_t serve_once(struct pipes *pipes, const int theirs[APART_SOCKETS],
                        const int ours[APART_SOCKETS]) {
    const struct serving serving = {open_pipes, go_on, pipes};
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < APART_SOCKETS; i++) {
            close(ours[i]);
        }
        _exit(serving_run(theirs, -1, &serving) == SERVING_PARTED ? 0 : 3);
    }
    assert_true(pid > 0);
    return pid;
}

static pid_t serve(struct pipes *pipes, const int theirs[APART_SOCKETS],
                   const int ours[APART_SOCKETS]) {
    pid_t pid = serve_once(pipes, theirs, ours);
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        close(theirs[i]);
    }
    return pid;
}

static void assert_said(int out, const char *wanted) {
    char line[4] = "";
    struct pollfd asked = {.fd = out, .events = POLLIN};
    assert_int_equal(poll(&asked, 1, PATIENCE_MS), 1);
    assert_int_equal(read(out, line, 3), 3);
    assert_string_equal(line, wanted);
}

static void say(struct scene *scene, uint64_t peer, enum transport_lane lane, char octet) {
    assert_int_equal(
        scene->transport->kind->send(scene->transport, peer, lane, (const uint8_t *)&octet, 1),
        TRANSPORT_OK);
}

static void wait_for_news(struct scene *scene, enum transport_condition_kind kind) {
    struct transport_condition news;
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    (void)scene->transport->kind->descriptors(scene->transport, descriptors);
    while (!has_news(scene, &news)) {
        struct pollfd asked = {.fd = descriptors[APART_REST], .events = POLLIN};
        assert_int_equal(poll(&asked, 1, PATIENCE_MS), 1);
        receive(scene);
    }
    assert_int_equal(news.kind, kind);
}

static void a_radio_sends_hears_and_tells_from_its_own_process(void **state) {
    static struct scene scene;
    struct transport_condition problem;
    int in[2], out[2], ours[APART_SOCKETS], status = 0;
    (void)state;
    memset(&scene, 0, sizeof scene);
    assert_true(pipe(in) == 0 && pipe(out) == 0 && apart_pair(ours, scene.theirs));
    struct pipes pipes = {.transport.kind = &pipes_kind, .in = in[0], .out = out[1]};
    pid_t pid = serve(&pipes, scene.theirs, ours);
    assert_int_equal(apart_open(ours, &scene.transport, &problem), TRANSPORT_OK);
    assert_null(scene.transport->kind->relay);
    assert_null(scene.transport->kind->quality);
    say(&scene, PEER_ALL, LANE_VOICE, 'x');
    assert_said(out[0], "0vx");
    say(&scene, 5, LANE_REST, 'y');
    assert_said(out[0], "5ry");
    say(&scene, 6, LANE_REST, 'z'); /* whom the radio does not know: to all */
    assert_said(out[0], "0rz");
    assert_int_equal(write(in[1], "a", 1), 1); /* and from now on nobody is in reach */
    struct pollfd voice = {.events = POLLIN};
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    (void)scene.transport->kind->descriptors(scene.transport, descriptors);
    voice.fd = descriptors[APART_VOICE];
    assert_int_equal(poll(&voice, 1, PATIENCE_MS), 1);
    receive(&scene);
    say(&scene, PEER_ALL, LANE_REST, 'x');
    wait_for_news(&scene, CONDITION_NO_NETWORK);
    assert_int_equal(write(in[1], "b", 1), 1);
    assert_int_equal(poll(&voice, 1, PATIENCE_MS), 1);
    receive(&scene);
    say(&scene, PEER_ALL, LANE_REST, 'x');
    assert_said(out[0], "0rx");
    wait_for_news(&scene, CONDITION_NETWORK_BACK);
    scene.transport->kind->close(scene.transport); /* waits until the radio has parted */
    assert_said(out[0], "end");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void one_that_does_not_open_says_why(void **state) {
    struct transport *transport;
    struct transport_condition problem;
    int ours[APART_SOCKETS], theirs[APART_SOCKETS], status = 0;
    (void)state;
    assert_true(apart_pair(ours, theirs));
    struct pipes pipes = {.transport.kind = &pipes_kind, .in = -1};
    pid_t pid = serve(&pipes, theirs, ours);
    assert_int_equal(apart_open(ours, &transport, &problem), TRANSPORT_FAILED);
    assert_int_equal(problem.kind, CONDITION_NO_NETWORK);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 3);
}

/* A radio of which the process is killed, as whoever starts them would tell. */
struct restarted {
    struct scene scene;
    struct pipes pipes;
    int ours[APART_SOCKETS], said; /* what the radio sends */
    pid_t pid;
};

static void begin_restarted(struct restarted *all) {
    struct transport_condition problem;
    int in[2], out[2];
    memset(all, 0, sizeof *all);
    assert_true(pipe(in) == 0 && pipe(out) == 0 && apart_pair(all->ours, all->scene.theirs));
    all->pipes = (struct pipes){.transport.kind = &pipes_kind, .in = in[0], .out = out[1]};
    all->said = out[0];
    all->pid = serve_once(&all->pipes, all->scene.theirs, all->ours);
    assert_int_equal(apart_open(all->ours, &all->scene.transport, &problem), TRANSPORT_OK);
}

static void kill_radio(const struct restarted *all) {
    assert_int_equal(kill(all->pid, SIGKILL), 0);
    assert_int_equal(waitpid(all->pid, NULL, 0), all->pid);
}

static void end_restarted(struct restarted *all) {
    int status = 0;
    close_theirs(&all->scene);
    all->scene.transport->kind->close(all->scene.transport);
    assert_said(all->said, "end");
    assert_int_equal(waitpid(all->pid, &status, 0), all->pid);
    assert_int_equal(status, 0);
}

static void one_that_does_not_open_again_does_so_later(void **state) {
    static struct restarted all;
    struct pipes missing = {.transport.kind = &pipes_kind, .in = -1};
    int status = 0;
    (void)state;
    begin_restarted(&all);
    kill_radio(&all);
    serving_tell_ended(all.scene.theirs, SIGKILL);
    wait_for_news(&all.scene, CONDITION_PROCESS_ENDED);
    all.pid = serve_once(&missing, all.scene.theirs, all.ours);
    assert_int_equal(waitpid(all.pid, &status, 0), all.pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    all.pid = serve_once(&all.pipes, all.scene.theirs, all.ours);
    wait_for_news(&all.scene, CONDITION_PROCESS_BACK);
    say(&all.scene, PEER_ALL, LANE_VOICE, 'x');
    assert_said(all.said, "0vx");
    end_restarted(&all);
}

static void the_next_one_says_nothing_old_and_heeds_the_last_mode_alone(void **state) {
    static struct restarted all;
    struct transport *transport;
    (void)state;
    begin_restarted(&all);
    transport = all.scene.transport;
    kill_radio(&all);
    say(&all.scene, PEER_ALL, LANE_VOICE, 'o'); /* the handset does not know yet */
    say(&all.scene, PEER_ALL, LANE_REST, 'o');
    serving_tell_ended(all.scene.theirs, SIGKILL);
    wait_for_news(&all.scene, CONDITION_PROCESS_ENDED); /* it is to seek, says the handset */
    transport->kind->set_mode(transport, TRANSPORT_OFF);
    all.pid = serve_once(&all.pipes, all.scene.theirs, all.ours);
    transport->kind->set_mode(transport, TRANSPORT_SILENT);
    assert_said(all.said, "m1.");
    wait_for_news(&all.scene, CONDITION_PROCESS_BACK);
    say(&all.scene, PEER_ALL, LANE_VOICE, 'n');
    assert_said(all.said, "0vn");
    end_restarted(&all);
}

static void an_end_is_told_though_the_sockets_were_left_full_and_do_not_wait(void **state) {
    static struct scene scene;
    const struct message frame = frame_of(5, "abc");
    uint8_t octets[MESSAGE_SIZE];
    size_t length = message_write(&frame, octets);
    (void)state;
    begin(&scene);
    int rest = scene.theirs[APART_REST];
    assert_int_equal(fcntl(rest, F_SETFL, O_RDWR | O_NONBLOCK), 0);
    while (send(rest, octets, length, 0) > 0) {
    }
    pid_t pid = fork();
    if (pid == 0) {
        serving_tell_ended(scene.theirs, SIGKILL);
        _exit(0);
    }
    assert_true(pid > 0);
    struct pollfd told = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    assert_true(told.fd >= 0);
    assert_int_equal(poll(&told, 1, 100), 0); /* it waits for room */
    close(told.fd);
    wait_for_news(&scene, CONDITION_PROCESS_ENDED);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    end(&scene);
}

int main(int argc, char **argv) {
    seed = seed_of_run(argc, argv) | 1;
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_message_that_is_cut_or_longer_is_none),
        cmocka_unit_test(what_is_read_is_within_its_bounds),
        cmocka_unit_test(a_frame_comes_with_what_is_known_of_it),
        cmocka_unit_test(voice_comes_before_the_rest_and_who_is_proven_before_others),
        cmocka_unit_test(a_process_that_says_rubbish_is_told_of_once_and_harms_nothing),
        cmocka_unit_test(one_that_reports_without_end_fills_no_log),
        cmocka_unit_test(
            after_a_process_has_ended_its_peers_are_nobody_and_the_next_learns_the_mode),
        cmocka_unit_test(after_a_process_has_ended_nothing_waits_for_the_next_but_the_mode),
        cmocka_unit_test(proven_voice_is_told_to_the_radio_and_not_for_each_frame),
        cmocka_unit_test(a_radio_that_has_just_spoken_is_not_asked_how_it_stands),
        cmocka_unit_test(who_reads_talkers_by_a_clock_is_woken_for_others_alone),
        cmocka_unit_test(when_nobody_is_there_any_more_nobody_is_kept_awake),
        cmocka_unit_test(a_radio_sends_hears_and_tells_from_its_own_process),
        cmocka_unit_test(one_that_does_not_open_says_why),
        cmocka_unit_test(one_that_does_not_open_again_does_so_later),
        cmocka_unit_test(an_end_is_told_though_the_sockets_were_left_full_and_do_not_wait),
        cmocka_unit_test(the_next_one_says_nothing_old_and_heeds_the_last_mode_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
