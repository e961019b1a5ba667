/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/udp.h with real sockets on the loopback interface. Waiting is by poll, with a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "condition_text.h"
#include "transport/udp.h"

/* So long may a frame take before a test fails, and so long is listened for one that must not come
 * when nothing else tells that it would have come by now. */
enum {
    PATIENCE_MS = 3000
};

struct handset {
    struct transport *transport;
    size_t count; /* frames heard */
    uint64_t last_peer;
    int64_t last_age_ms;
    size_t last_length;
    uint8_t first_octets[256]; /* of each frame */
    uint8_t last[TRANSPORT_FRAME_MAX];
};

/* Tests run beside each other: each process has its own ports, below those the system hands out
 * (32768 and more), of which any may be in use. */
static uint16_t test_port(void) {
    return (uint16_t)(10000 + 2 * (getpid() % 10000));
}

static uint16_t other_port(void) {
    return (uint16_t)(30000 + 2 * (getpid() % 1380));
}

static struct handset handset_open(const char *interface) {
    struct handset handset = {0};
    struct transport_condition problem;
    struct udp_options options = {.interface = interface, .port = test_port()};
    if (udp_open(&options, &handset.transport, &problem) != TRANSPORT_OK) {
        fail_msg("udp_open: %s", condition_text(&problem));
    }
    return handset;
}

static void handset_close(struct handset *handset) {
    handset->transport->kind->close(handset->transport);
}

static void remember(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct handset *handset = context;
    handset->last_peer = peer;
    handset->last_age_ms = handset->transport->kind->age_ms(handset->transport);
    handset->last_length = length;
    memcpy(handset->last, frame, length);
    handset->first_octets[handset->count++ % 256] = frame[0];
}

/* Waits for something to read, at most `wait_ms`, and takes it; false when nothing came. */
static bool take(struct handset *handset, int wait_ms) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = handset->transport->kind->descriptors(handset->transport, descriptors);
    struct pollfd wait[TRANSPORT_DESCRIPTORS_MAX];
    for (size_t i = 0; i < count; i++) {
        wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    }
    if (poll(wait, count, wait_ms) <= 0) {
        return false;
    }
    assert_int_equal(handset->transport->kind->receive(handset->transport, remember, handset),
                     TRANSPORT_OK);
    return true;
}

/* Takes frames until one begins with `octet`. */
static void hear(struct handset *handset, uint8_t octet) {
    size_t seen = handset->count;
    for (;;) {
        for (; seen < handset->count; seen++) {
            if (handset->first_octets[seen % 256] == octet) {
                return;
            }
        }
        if (!take(handset, PATIENCE_MS)) {
            fail_msg("the frame that begins with %u did not come", octet);
        }
    }
}

static enum transport_result send_octet(struct handset *handset, uint64_t peer, uint8_t octet) {
    return handset->transport->kind->send(handset->transport, peer, LANE_REST, &octet, 1);
}

/* A stranger's socket, and the group's address for it. */
static int stranger_socket(struct sockaddr_in *group) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor >= 0);
    struct ip_mreqn lo = {.imr_ifindex = 1};
    assert_int_equal(setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo), 0);
    *group = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(test_port())};
    assert_int_equal(inet_pton(AF_INET, UDP_GROUP_IPV4, &group->sin_addr), 1);
    return descriptor;
}

static void frame_to_all_reaches_every_other_handset_of_the_machine(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo"), c = handset_open("lo");
    assert_int_equal(send_octet(&a, PEER_ALL, 'x'), TRANSPORT_OK);
    hear(&b, 'x');
    hear(&c, 'x');
    assert_int_equal(b.last_length, 1);
    assert_int_not_equal(b.last_peer, PEER_ALL);
    handset_close(&a);
    handset_close(&b);
    handset_close(&c);
}

static void own_frames_are_not_heard(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    assert_int_equal(send_octet(&a, PEER_ALL, 'x'), TRANSPORT_OK);
    hear(&b, 'x');
    /* By now a's own frame has come back as well: b's answer is after it in a's sockets. */
    assert_int_equal(send_octet(&b, PEER_ALL, 'y'), TRANSPORT_OK);
    hear(&a, 'y');
    for (size_t i = 0; i < a.count; i++) {
        assert_int_equal(a.first_octets[i], 'y');
    }
    handset_close(&a);
    handset_close(&b);
}

static void answer_reaches_the_handset_that_was_heard_and_no_other(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo"), c = handset_open("lo");
    assert_int_equal(send_octet(&a, PEER_ALL, 'a'), TRANSPORT_OK);
    hear(&b, 'a');
    assert_int_equal(send_octet(&b, b.last_peer, 'b'), TRANSPORT_OK);
    hear(&a, 'b');
    /* And the answer's answer comes back from the same peer. */
    assert_int_equal(send_octet(&a, a.last_peer, 'c'), TRANSPORT_OK);
    hear(&b, 'c');
    assert_int_equal(send_octet(&a, PEER_ALL, 'z'), TRANSPORT_OK);
    hear(&c, 'z');
    for (size_t i = 0; i < c.count; i++) {
        assert_true(c.first_octets[i] == 'a' || c.first_octets[i] == 'z');
    }
    handset_close(&a);
    handset_close(&b);
    handset_close(&c);
}

static void one_handset_keeps_its_peer_number(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    struct sockaddr_in group;
    int stranger = stranger_socket(&group);
    uint64_t first = 0;
    for (uint8_t i = 0; i < 5; i++) {
        assert_int_equal(sendto(stranger, &i, 1, 0, (struct sockaddr *)&group, sizeof group), 1);
        hear(&b, i);
        if (i == 0) {
            first = b.last_peer;
        }
        assert_int_equal(b.last_peer, first);
    }
    assert_int_equal(send_octet(&a, PEER_ALL, 'x'), TRANSPORT_OK);
    hear(&b, 'x');
    assert_int_not_equal(b.last_peer, first);
    close(stranger);
    handset_close(&a);
    handset_close(&b);
}

static void longest_frame_arrives_whole_and_a_longer_one_is_refused(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    static uint8_t frame[TRANSPORT_FRAME_MAX + 1];
    for (size_t i = 0; i < sizeof frame; i++) {
        frame[i] = (uint8_t)(i * 7);
    }
    frame[0] = 'L';
    const struct transport_kind *kind = a.transport->kind;
    assert_int_equal(kind->send(a.transport, PEER_ALL, LANE_REST, frame, sizeof frame),
                     TRANSPORT_TOO_LONG);
    assert_int_equal(kind->send(a.transport, PEER_ALL, LANE_REST, frame, TRANSPORT_FRAME_MAX),
                     TRANSPORT_OK);
    hear(&b, 'L');
    assert_int_equal(b.last_length, TRANSPORT_FRAME_MAX);
    assert_memory_equal(b.last, frame, TRANSPORT_FRAME_MAX);
    handset_close(&a);
    handset_close(&b);
}

static void empty_and_too_long_datagrams_are_dropped_and_garbage_is_handed_over(void **state) {
    (void)state;
    struct handset a = handset_open("lo");
    struct sockaddr_in group;
    int stranger = stranger_socket(&group);
    static uint8_t garbage[TRANSPORT_FRAME_MAX + 1000];
    memset(garbage, 0xff, sizeof garbage);
    const struct sockaddr *to = (const struct sockaddr *)&group;
    assert_int_equal(sendto(stranger, garbage, 0, 0, to, sizeof group), 0);
    assert_int_equal(sendto(stranger, garbage, sizeof garbage, 0, to, sizeof group),
                     sizeof garbage);
    assert_int_equal(sendto(stranger, garbage, TRANSPORT_FRAME_MAX + 1, 0, to, sizeof group),
                     TRANSPORT_FRAME_MAX + 1);
    assert_int_equal(sendto(stranger, garbage, 100, 0, to, sizeof group), 100);
    hear(&a, 0xff);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.last_length, 100);
    close(stranger);
    handset_close(&a);
}

static void one_call_of_receive_hands_over_few_frames_of_a_flood(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    for (int i = 0; i < 200; i++) {
        assert_int_equal(send_octet(&a, PEER_ALL, 'f'), TRANSPORT_OK);
    }
    assert_true(take(&b, PATIENCE_MS));
    assert_in_range(b.count, 1, 64);
    /* The flood is on the group's socket: a frame for b alone is heard before it has all passed. */
    assert_int_equal(send_octet(&b, b.last_peer, 'q'), TRANSPORT_OK);
    hear(&a, 'q');
    assert_int_equal(send_octet(&a, a.last_peer, 'u'), TRANSPORT_OK);
    b.count = 0;
    assert_true(take(&b, PATIENCE_MS));
    assert_non_null(memchr(b.first_octets, 'u', b.count));
    handset_close(&a);
    handset_close(&b);
}

static void flood_beyond_the_queue_is_dropped_and_does_no_harm(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    static uint8_t frame[TRANSPORT_FRAME_MAX] = "f";
    for (int i = 0; i < 4000; i++) {
        enum transport_result result =
            a.transport->kind->send(a.transport, PEER_ALL, LANE_REST, frame, sizeof frame);
        assert_true(result == TRANSPORT_OK || result == TRANSPORT_BUSY);
    }
    while (take(&b, 0))
        ;
    assert_in_range(b.count, 1, 7999);
    assert_int_equal(send_octet(&a, PEER_ALL, 'x'), TRANSPORT_OK);
    hear(&b, 'x');
    handset_close(&a);
    handset_close(&b);
}

/* 30 ms of 10,000 frames a second, of the size of voice, while the program has no time. Each comes
 * by every kind of IP that there is. */
static void what_comes_while_the_program_has_no_time_waits_for_it(void **state) {
    (void)state;
    enum {
        FRAMES = 300,
        VOICE_SIZE = 190
    };
    struct handset a = handset_open("lo"), b = handset_open("lo");
    uint8_t frame[VOICE_SIZE] = "v";
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(
            a.transport->kind->send(a.transport, PEER_ALL, LANE_REST, frame, sizeof frame),
            TRANSPORT_OK);
    }
    while (take(&b, 0))
        ;
    assert_in_range(b.count, FRAMES, 2 * FRAMES);
    assert_int_equal(b.count % FRAMES, 0);
    handset_close(&a);
    handset_close(&b);
}

static void frames_do_not_leave_the_link(void **state) {
    (void)state;
    struct handset a = handset_open("lo");
    struct sockaddr_in group;
    int stranger = stranger_socket(&group);
    int on = 1;
    assert_int_equal(setsockopt(stranger, IPPROTO_IP, IP_RECVTTL, &on, sizeof on), 0);
    assert_int_equal(sendto(stranger, "s", 1, 0, (struct sockaddr *)&group, sizeof group), 1);
    hear(&a, 's');
    assert_int_equal(send_octet(&a, a.last_peer, 'r'), TRANSPORT_OK);
    char octet;
    uint8_t control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {&octet, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    assert_int_equal(poll(&(struct pollfd){.fd = stranger, .events = POLLIN}, 1, PATIENCE_MS), 1);
    assert_int_equal(recvmsg(stranger, &message, 0), 1);
    int ttl = 0;
    assert_non_null(CMSG_FIRSTHDR(&message));
    memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof ttl);
    assert_int_equal(ttl, 1);
    close(stranger);
    handset_close(&a);
}

static void nothing_is_sent_to_a_peer_that_was_never_heard(void **state) {
    (void)state;
    struct handset a = handset_open("lo");
    assert_int_equal(send_octet(&a, 99, 'x'), TRANSPORT_NO_ROUTE);
    struct transport_condition problem;
    a.transport->kind->problem(a.transport, &problem);
    assert_int_equal(problem.kind, CONDITION_PEER_NOT_HEARD);
    assert_int_equal(send_octet(&a, UINT64_MAX, 'x'), TRANSPORT_NO_ROUTE);
    handset_close(&a);
}

static void assert_problem(struct udp_options options, const char *expected) {
    struct transport *transport = NULL;
    struct transport_condition problem;
    if (options.port == 0) {
        options.port = test_port();
    }
    assert_int_equal(udp_open(&options, &transport, &problem), TRANSPORT_FAILED);
    assert_null(transport);
    assert_string_equal(condition_text(&problem), expected);
    assert_true(transport_condition_is_problem(problem.kind));
}

static void network_and_who_is_heard_on_it_are_shown(void **state) {
    (void)state;
    struct transport_radio radio;
    struct handset a = handset_open("lo"), b = handset_open("lo");
    assert_int_equal(a.transport->kind->radios(a.transport, &radio, 1), 1);
    assert_int_equal(radio.state, RADIO_ON);
    assert_string_equal(radio.name, "lo");
    assert_int_equal(radio.peers, 0);
    assert_int_equal(radio.quality, TRANSPORT_QUALITY_UNKNOWN);
    for (uint8_t i = 0; i < 2; i++) {
        assert_int_equal(send_octet(&b, PEER_ALL, i), TRANSPORT_OK);
        hear(&a, i);
    }
    assert_int_equal(a.transport->kind->radios(a.transport, &radio, 1), 1);
    assert_int_equal(radio.peers, 1); /* by IPv4 and IPv6 */
    handset_close(&a);
    handset_close(&b);
}

static void wrong_options_are_reported_with_what_is_wrong(void **state) {
    (void)state;
    assert_problem((struct udp_options){.interface = "eth77"}, "no-such-interface eth77");
    assert_problem((struct udp_options){.interface = ""}, "no-such-interface");
    assert_problem((struct udp_options){.interface = "a-name-that-no-interface-can-have"},
                   "no-such-interface a-name-that-no-interface-can-have");
    static const char *const not_ipv4[] = {"192.0.2.1", "ff14::1", "group"};
    static const char *const not_ipv6[] = {"2001:db8::1", "ff02::1", "239.1.2.3"};
    for (size_t i = 0; i < 3; i++) {
        char expected[120];
        snprintf(expected, sizeof expected, "not-ipv4-multicast %s (%s)", not_ipv4[i],
                 UDP_GROUP_IPV4);
        assert_problem((struct udp_options){.group_ipv4 = not_ipv4[i]}, expected);
        snprintf(expected, sizeof expected, "not-ipv6-multicast %s (%s)", not_ipv6[i],
                 UDP_GROUP_IPV6);
        assert_problem((struct udp_options){.group_ipv6 = not_ipv6[i]}, expected);
    }
    static const char *const not_peers[] = {
        "",           "10.0.0",    "10.0.0.7:0",   "10.0.0.7:65536",
        "10.0.0.7:x", "fe80::7",   "fe80::7%",     "[2001::7",
        "[2001::7]x", "239.1.2.3", "ff02::1",      "2001::7%eth0",
        "[2001::7]:", "10.0.0.7:", "unit.example", "[fe80::7%a-name-too-long-for-one]"};
    for (size_t i = 0; i < sizeof not_peers / sizeof not_peers[0]; i++) {
        char expected[120];
        snprintf(expected, sizeof expected, "not-peer-address%s%s", i > 0 ? " " : "", not_peers[i]);
        assert_problem((struct udp_options){.peers = &not_peers[i], .peer_count = 1}, expected);
    }
}

static void handset_may_be_named_by_any_form_of_its_address(void **state) {
    (void)state;
    static const char *const peers[] = {"10.0.0.7",         "10.0.0.7:4000",      "2001:db8::7",
                                        "[2001:db8::7]",    "[2001:db8::7]:4000", "fe80::7%lo",
                                        "[fe80::7%lo]:4000"};
    struct transport_condition problem;
    struct transport *transport;
    const struct udp_options options = {
        .interface = "lo", .port = test_port(), .peers = peers, .peer_count = 7};
    assert_int_equal(udp_open(&options, &transport, &problem), TRANSPORT_OK);
    transport->kind->close(transport);
}

static void port_taken_by_another_program_is_reported(void **state) {
    (void)state;
    struct sockaddr_in group;
    int other = stranger_socket(&group);
    group.sin_addr.s_addr = htonl(INADDR_ANY);
    assert_int_equal(bind(other, (struct sockaddr *)&group, sizeof group), 0);
    char expected[40];
    snprintf(expected, sizeof expected, "port-taken %u", test_port());
    assert_problem((struct udp_options){.interface = "lo"}, expected);
    close(other);
    struct handset a = handset_open("lo");
    handset_close(&a);
}

static void handsets_on_different_ports_do_not_hear_each_other(void **state) {
    (void)state;
    struct handset a = handset_open("lo"), b = handset_open("lo"), elsewhere = {0};
    struct transport_condition problem;
    struct udp_options options = {.interface = "lo", .port = other_port()};
    assert_int_equal(udp_open(&options, &elsewhere.transport, &problem), TRANSPORT_OK);
    assert_int_equal(send_octet(&elsewhere, PEER_ALL, 'e'), TRANSPORT_OK);
    assert_int_equal(send_octet(&a, PEER_ALL, 'x'), TRANSPORT_OK);
    hear(&b, 'x');
    for (size_t i = 0; i < b.count; i++) {
        assert_int_equal(b.first_octets[i], 'x');
    }
    handset_close(&a);
    handset_close(&b);
    handset_close(&elsewhere);
}

/* As for a program that is stopped: the kernel keeps the frame, and the time that it came. */
static void a_frame_tells_how_long_it_has_waited(void **state) {
    (void)state;
    enum {
        WAITED_MS = 60
    };
    struct handset sender = handset_open("lo"), receiver = handset_open("lo");
    assert_int_equal(send_octet(&sender, PEER_ALL, 1), TRANSPORT_OK);
    (void)poll(NULL, 0, WAITED_MS);
    hear(&receiver, 1);
    assert_true(receiver.last_age_ms >= WAITED_MS - 1);
    handset_close(&sender);
    handset_close(&receiver);
}

/* Nothing of its own is due then, however long somebody's hello waits for an answer. */
static void under_radio_silence_it_does_not_wake_up(void **state) {
    (void)state;
    enum {
        QUIET_MS = 2500
    };
    struct handset loud = handset_open("lo"), silent = handset_open("lo");
    silent.transport->kind->set_mode(silent.transport, TRANSPORT_SILENT);
    assert_int_equal(send_octet(&loud, PEER_ALL, 1), TRANSPORT_OK);
    hear(&silent, 1);
    for (int more = 0; more < 10 && take(&silent, 300); more++) {
    }
    assert_false(take(&silent, QUIET_MS));
    silent.transport->kind->set_mode(silent.transport, TRANSPORT_SEEKS);
    assert_true(take(&silent, QUIET_MS));
    handset_close(&loud);
    handset_close(&silent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_to_all_reaches_every_other_handset_of_the_machine),
        cmocka_unit_test(own_frames_are_not_heard),
        cmocka_unit_test(under_radio_silence_it_does_not_wake_up),
        cmocka_unit_test(answer_reaches_the_handset_that_was_heard_and_no_other),
        cmocka_unit_test(one_handset_keeps_its_peer_number),
        cmocka_unit_test(longest_frame_arrives_whole_and_a_longer_one_is_refused),
        cmocka_unit_test(empty_and_too_long_datagrams_are_dropped_and_garbage_is_handed_over),
        cmocka_unit_test(one_call_of_receive_hands_over_few_frames_of_a_flood),
        cmocka_unit_test(flood_beyond_the_queue_is_dropped_and_does_no_harm),
        cmocka_unit_test(what_comes_while_the_program_has_no_time_waits_for_it),
        cmocka_unit_test(frames_do_not_leave_the_link),
        cmocka_unit_test(nothing_is_sent_to_a_peer_that_was_never_heard),
        cmocka_unit_test(network_and_who_is_heard_on_it_are_shown),
        cmocka_unit_test(wrong_options_are_reported_with_what_is_wrong),
        cmocka_unit_test(handset_may_be_named_by_any_form_of_its_address),
        cmocka_unit_test(port_taken_by_another_program_is_reported),
        cmocka_unit_test(handsets_on_different_ports_do_not_hear_each_other),
        cmocka_unit_test(a_frame_tells_how_long_it_has_waited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
