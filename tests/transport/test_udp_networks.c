/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/udp.h on networks that change while two handsets talk: each in a network namespace of
 * its own, on a bridge in a third. Waiting is by poll, with a bound. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "condition_text.h"
#include "transport/udp_state.h"

enum {
    HANDSETS = 2,
    FRAME_EACH_MS = 100,
    FRAMES_HEARD = 5,        /* that are enough to say that one hears the other */
    PATIENCE_MS = 60 * 1000, /* ends a wait that would fail */
    QUIET_MS = 2000,         /* the kernel repeats its reports within a tenth of that */
};

struct handset {
    int network; /* its namespace */
    struct transport *transport;
    uint64_t peer;        /* the other one, as it was heard last */
    uint32_t said, heard; /* the number of the latest frame, and of the other's latest */
    unsigned own_heard, answers;
    enum transport_result result; /* of the latest frame to all */
};

struct town {
    int home, bridge;
    struct handset handsets[HANDSETS];
    struct handset *hearing; /* during `receive` */
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- Networks --------------------------------------------------------------------------------- */

static bool enter(int network) {
    return setns(network, CLONE_NEWNET) == 0;
}

static int new_network(void) {
    return unshare(CLONE_NEWNET) == 0 ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
}

/* Runs commands of the shell in the network that this process is in. */
__attribute__((format(printf, 1, 2))) static bool runs(const char *format, ...) {
    char commands[600];
    va_list values;
    va_start(values, format);
    vsnprintf(commands, sizeof commands, format, values);
    va_end(values);
    return system(commands) == 0;
}

/* `eth0` of a handset, with a port on the bridge; `number` is the interface's, 0 for any. */
static bool plug(const struct town *town, size_t which, unsigned number) {
    char index[30] = "";
    if (number != 0) {
        snprintf(index, sizeof index, "index %u", number);
    }
    return enter(town->handsets[which].network) &&
           runs("ip link add eth0 %s type veth peer name port%zu netns /proc/%d/fd/%d", index,
                which, (int)getpid(), town->bridge) &&
           enter(town->bridge) && runs("ip link set port%zu master bridge up", which) &&
           enter(town->handsets[which].network);
}

static void town_begin(struct town *town, const char *bridge_options) {
    *town = (struct town){.home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (geteuid() != 0) {
        skip(); /* namespaces want root */
    }
    town->bridge = new_network();
    if (town->bridge < 0 ||
        !runs("ip link add bridge type bridge %s && ip link set bridge up", bridge_options)) {
        (void)enter(town->home);
        print_message("this machine has no namespaces, bridges or iproute2\n");
        skip();
    }
    for (size_t i = 0; i < HANDSETS; i++) {
        struct handset *handset = &town->handsets[i];
        handset->network = new_network();
        assert_true(handset->network >= 0);
        assert_true(runs("ip link set lo up") && plug(town, i, 0));
        assert_true(runs("ip address add 10.77.0.%zu/24 dev eth0", i + 1));
    }
}

static void use_ipv4_alone(const struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        assert_true(enter(town->handsets[i].network));
        assert_true(runs("[ ! -e /proc/sys/net/ipv6 ] || "
                         "echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6"));
    }
}

static void town_open(struct town *town, size_t which, struct udp_options options) {
    struct transport_condition problem;
    assert_true(enter(town->handsets[which].network) && runs("ip link set eth0 up"));
    if (udp_open(&options, &town->handsets[which].transport, &problem) != TRANSPORT_OK) {
        fail_msg("udp_open: %s", condition_text(&problem));
    }
}

static void town_open_all(struct town *town, struct udp_options options) {
    for (size_t i = 0; i < HANDSETS; i++) {
        town_open(town, i, options);
    }
}

static void town_end(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        struct handset *handset = &town->handsets[i];
        (void)enter(handset->network);
        handset->transport->kind->close(handset->transport);
        (void)enter(town->home);
        close(handset->network);
    }
    close(town->bridge);
    close(town->home);
}

/* --- Talk ------------------------------------------------------------------------------------- */

struct frame {
    uint32_t from, number, is_answer;
};

static void hear(void *context, uint64_t peer, const uint8_t *octets, size_t length) {
    struct town *town = context;
    struct handset *handset = town->hearing;
    struct frame frame;
    assert_int_equal(length, sizeof frame);
    memcpy(&frame, octets, sizeof frame);
    if (&town->handsets[frame.from] == handset) {
        handset->own_heard++;
        return;
    }
    handset->answers += frame.is_answer;
    handset->peer = peer;
    if (frame.is_answer == 0 && frame.number > handset->heard) {
        handset->heard = frame.number;
    }
}

static enum transport_result say(struct town *town, size_t which, uint64_t peer) {
    struct handset *handset = &town->handsets[which];
    const struct frame frame = {
        .from = (uint32_t)which, .number = handset->said, .is_answer = peer != PEER_ALL};
    assert_true(enter(handset->network));
    return handset->transport->kind->send(handset->transport, peer, LANE_REST,
                                          (const uint8_t *)&frame, sizeof frame);
}

static void take(struct town *town, struct handset *handset, int wait_ms) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    struct pollfd wait[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = handset->transport->kind->descriptors(handset->transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    }
    if (poll(wait, count, wait_ms) > 0) {
        assert_true(enter(handset->network));
        town->hearing = handset;
        assert_int_equal(handset->transport->kind->receive(handset->transport, hear, town),
                         TRANSPORT_OK);
    }
}

/* Each says one frame to all, and takes what comes for as long as one is apart from the next. */
static void talk(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        town->handsets[i].said++;
        town->handsets[i].result = say(town, i, PEER_ALL);
    }
    for (int64_t until_ms = now_ms() + FRAME_EACH_MS; now_ms() < until_ms;) {
        for (size_t i = 0; i < HANDSETS; i++) {
            take(town, &town->handsets[i], FRAME_EACH_MS / 10);
        }
    }
}

static void talk_for(struct town *town, int64_t ms) {
    for (int64_t until_ms = now_ms() + ms; now_ms() < until_ms;) {
        talk(town);
    }
}

/* Frames said from now on are heard, by both; and answers to whoever said them. */
static void assert_both_hear(struct town *town) {
    const uint32_t from = town->handsets[0].said, end = from + PATIENCE_MS / FRAME_EACH_MS;
    unsigned answers[HANDSETS];
    for (bool is_heard = false; !is_heard;) {
        talk(town);
        is_heard = town->handsets[0].heard > from + FRAMES_HEARD &&
                   town->handsets[1].heard > from + FRAMES_HEARD;
        if (town->handsets[0].said > end) {
            fail_msg("of %u to %u frames %u and %u were the last that were heard", from, end,
                     town->handsets[0].heard, town->handsets[1].heard);
        }
    }
    for (size_t i = 0; i < HANDSETS; i++) {
        answers[i] = town->handsets[i].answers;
    }
    for (bool is_heard = false; !is_heard;) {
        for (size_t i = 0; i < HANDSETS; i++) {
            /* It may have been heard by the kind of IP that this one has no address of: then its
             * user says to all what was for that one. */
            if (say(town, i, town->handsets[i].peer) == TRANSPORT_NO_ROUTE) {
                town->handsets[1 - i].answers++;
            }
        }
        talk(town);
        is_heard = town->handsets[0].answers > answers[0] && town->handsets[1].answers > answers[1];
        assert_true(is_heard || town->handsets[0].said < end + PATIENCE_MS / FRAME_EACH_MS);
    }
    for (size_t i = 0; i < HANDSETS; i++) {
        assert_int_equal(town->handsets[i].own_heard, 0);
    }
}

/* The kernel's own word: otherwise the others' copies could hide that multicast is deaf. */
static void assert_is_joined(struct town *town, size_t which, const char *interface) {
    for (int tries = 0;; tries++) {
        talk(town);
        assert_true(enter(town->handsets[which].network));
        if (runs("ip -4 maddress show dev %s | grep -q %s", interface, UDP_GROUP_IPV4) &&
            runs("ip -6 maddress show dev %s | grep -q ff14::4d75", interface)) {
            return;
        }
        if (tries == 20) {
            fail_msg("the groups are not joined on %s", interface);
        }
    }
}

static struct transport_radio radio_of(struct town *town, size_t which) {
    struct transport_radio radio;
    struct handset *handset = &town->handsets[which];
    assert_true(enter(handset->network));
    assert_int_equal(handset->transport->kind->radios(handset->transport, &radio, 1), 1);
    return radio;
}

/* --- Changes ---------------------------------------------------------------------------------- */

/* As when a lease is renewed with another address, or two are swapped; each kind of IP alone. */
static void addresses_that_change_in_a_talk_are_no_matter(void **state) {
    (void)state;
    static const char *const changes[] = {
        "ip address del 10.77.0.1/24 dev eth0 && ip address add 10.77.0.101/24 dev eth0",
        "ip address add 10.77.1.102/16 dev eth0 && ip address del 10.77.0.101/24 dev eth0",
        "ip -6 address flush dev eth0",
        "ip -6 address add fe80::100/64 dev eth0 nodad && ip -4 address flush dev eth0",
        "ip -6 address add fe80::101/64 dev eth0 nodad && ip -6 address del fe80::100/64 dev eth0",
        "ip -6 address flush dev eth0 && ip -6 address add fe80::102/64 dev eth0 nodad",
        "ip address add 10.77.0.2/24 dev eth0 && ip -6 address flush dev eth0",
    };
    struct town town;
    town_begin(&town, "mcast_snooping 0");
    town_open_all(&town, (struct udp_options){.interface = NULL});
    assert_both_hear(&town);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (i + 1 ==
            sizeof changes / sizeof changes[0]) { /* it takes the other's, which gets another */
            assert_true(enter(town.handsets[1].network));
            assert_true(runs("ip address del 10.77.0.2/24 dev eth0"));
            assert_true(runs("ip address add 10.77.0.7/24 dev eth0"));
        }
        /* Its own copy of that is read when the address that it came from is gone. */
        (void)say(&town, 0, PEER_ALL);
        assert_true(enter(town.handsets[0].network) && runs("%s", changes[i]));
        assert_both_hear(&town);
    }
    town_end(&town);
}

static void an_interface_that_gets_another_name_stays_in_use(void **state) {
    (void)state;
    struct town town;
    town_begin(&town, "mcast_snooping 0");
    town_open(&town, 0, (struct udp_options){.interface = NULL});
    town_open(&town, 1, (struct udp_options){.interface = "eth0"});
    assert_both_hear(&town);
    assert_true(enter(town.handsets[0].network));
    assert_true(
        runs("ip link set eth0 down && ip link set eth0 name wlan7 && ip link set wlan7 up"));
    assert_both_hear(&town);
    assert_string_equal(radio_of(&town, 0).name, "wlan7");
    /* The other one is told to use eth0 alone. */
    assert_true(enter(town.handsets[1].network));
    assert_true(
        runs("ip link set eth0 down && ip link set eth0 name wlan7 && ip link set wlan7 up"));
    for (int tries = 0; radio_of(&town, 1).state != RADIO_UNUSABLE; tries++) {
        assert_true(tries < 50);
        talk(&town);
    }
    assert_int_equal(radio_of(&town, 1).condition.kind, CONDITION_INTERFACE_DOWN);
    assert_int_equal(say(&town, 1, PEER_ALL), TRANSPORT_NO_ROUTE);
    assert_true(
        runs("ip link set wlan7 down && ip link set wlan7 name eth0 && ip link set eth0 up"));
    assert_both_hear(&town);
    assert_int_equal(radio_of(&town, 1).state, RADIO_ON);
    town_end(&town);
}

/* As a dongle that is pulled and plugged in again; or an interface that another namespace had,
 * which keeps its number. Nothing is read between the one's end and the other's beginning. */
static void an_interface_in_the_place_of_another_is_taken_up(void **state) {
    (void)state;
    struct town town;
    town_begin(&town, "mcast_snooping 0");
    town_open_all(&town, (struct udp_options){.interface = "eth0"});
    assert_both_hear(&town);
    for (unsigned number = 77; number <= 78; number++) {
        for (int same = 0; same < 2; same++) {
            assert_true(enter(town.handsets[0].network) && runs("ip link del eth0"));
            assert_true(plug(&town, 0, number));
            assert_true(
                runs("ip address add 10.77.0.%u/24 dev eth0 && ip link set eth0 up", number));
            assert_is_joined(&town, 0, "eth0");
            assert_both_hear(&town);
        }
    }
    town_end(&town);
}

/* --- Radio silence ---------------------------------------------------------------------------- */

/* All that comes out of a handset's interface, at the bridge's end of it. */
static int overhear(const struct town *town, size_t which) {
    char port[IF_NAMESIZE];
    snprintf(port, sizeof port, "port%zu", which);
    assert_true(enter(town->bridge));
    const struct sockaddr_ll end = {.sll_family = AF_PACKET,
                                    .sll_protocol = htons(ETH_P_ALL),
                                    .sll_ifindex = (int)if_nametoindex(port)};
    int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&end, sizeof end), 0);
    return descriptor;
}

/* A report of memberships: IGMP, or the only ICMPv6 here that has options for every hop. */
static bool is_report(const uint8_t *packet, size_t length, const struct sockaddr_ll *from) {
    if (from->sll_pkttype == PACKET_OUTGOING || length < 20) {
        return false;
    }
    return from->sll_protocol == htons(ETH_P_IP)
               ? packet[9] == IPPROTO_IGMP
               : from->sll_protocol == htons(ETH_P_IPV6) && packet[6] == IPPROTO_HOPOPTS;
}

/* How many reports it sends until none has come for QUIET_MS. It says nothing itself, but takes
 * what there is to take. */
static unsigned reports_until_quiet(struct town *town, size_t which, int overhearing) {
    unsigned count = 0;
    const int64_t end_ms = now_ms() + PATIENCE_MS;
    for (int64_t latest_ms = now_ms(); now_ms() < latest_ms + QUIET_MS;) {
        assert_true(now_ms() < end_ms);
        take(town, &town->handsets[which], FRAME_EACH_MS);
        uint8_t packet[100];
        struct sockaddr_ll from;
        socklen_t size = sizeof from;
        ssize_t length;
        while ((length = recvfrom(overhearing, packet, sizeof packet, 0, (struct sockaddr *)&from,
                                  &size)) >= 0) {
            if (is_report(packet, (size_t)length, &from)) {
                count++;
                latest_ms = now_ms();
            }
        }
    }
    return count;
}

static void set_mode(struct town *town, size_t which, enum transport_mode mode) {
    struct transport *transport = town->handsets[which].transport;
    assert_true(enter(town->handsets[which].network));
    transport->kind->set_mode(transport, mode);
}

/* The kernel says all that it has to say soon, so that there is little to wait for. */
static void report_at_once(const struct town *town, size_t which) {
    assert_true(enter(town->handsets[which].network));
    assert_true(runs("echo 100 >/proc/sys/net/ipv4/conf/eth0/igmpv3_unsolicited_report_interval"));
    assert_true(runs("[ ! -e /proc/sys/net/ipv6 ] || { cd /proc/sys/net/ipv6/conf/eth0 && "
                     "echo 100 >mldv2_unsolicited_report_interval && echo 0 >accept_dad; }"));
}

/* More than there is room for, with little room: the system loses messages that were not read. */
#define MANY_CHANGES                                                                               \
    "for n in $(seq 300); do echo address add 10.99.0.1/32 dev lo; "                               \
    "echo address del 10.99.0.1/32 dev lo; done | ip -batch -"

static void make_little_room(const struct handset *handset) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX], domain, octets = 4096;
    size_t count = handset->transport->kind->descriptors(handset->transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        socklen_t size = sizeof domain;
        if (getsockopt(descriptors[i], SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
            domain == AF_NETLINK) {
            assert_int_equal(
                setsockopt(descriptors[i], SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets), 0);
        }
    }
}

static void what_ends_elsewhere_breaks_no_radio_silence(void **state) {
    (void)state;
    static const char *const changes[] = {
        "ip link add other type veth peer name end && ip link del other",
        "ip link add yard type bridge && ip link set eth0 master yard && "
        "ip link set eth0 nomaster && ip link del yard",
        MANY_CHANGES,
    };
    struct town town;
    town_begin(&town, "mcast_snooping 0");
    report_at_once(&town, 0);
    assert_true(runs("ip link add used type veth peer name end && ip link set end up && "
                     "ip address add 10.78.0.1/24 dev used && ip link set used up"));
    town_open_all(&town, (struct udp_options){.rejoin_ms = 1000 * 1000});
    assert_both_hear(&town);
    set_mode(&town, 0, TRANSPORT_SILENT);
    int overhearing = overhear(&town, 0);
    (void)reports_until_quiet(&town, 0, overhearing);
    assert_true(enter(town.handsets[0].network) && runs("ip link del used"));
    assert_int_equal(reports_until_quiet(&town, 0, overhearing), 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (i + 1 == sizeof changes / sizeof changes[0]) {
            make_little_room(&town.handsets[0]);
        }
        assert_true(enter(town.handsets[0].network) && runs("%s", changes[i]));
        assert_int_equal(reports_until_quiet(&town, 0, overhearing), 0);
    }
    /* Who lost count joins anew what may be another by now, as soon as that may be heard. */
    set_mode(&town, 0, TRANSPORT_SEEKS);
    assert_true(reports_until_quiet(&town, 0, overhearing) > 0);
    close(overhearing);
    assert_both_hear(&town);
    town_end(&town);
}

/* --- A switch that forgets ---------------------------------------------------------------------
 */

/* It knows a querier, who asks no more: it passes multicast only to whom it heard of lately. */
#define FORGETFUL                                                                                  \
    "mcast_snooping 1 mcast_querier 1 mcast_startup_query_count 1 mcast_query_interval 90000 "     \
    "mcast_startup_query_interval 90000 mcast_membership_interval 200"

static bool switch_knows(struct town *town, size_t which) {
    assert_true(enter(town->bridge));
    return runs("bridge mdb show dev bridge | grep %s | grep -q 'port port%zu '", UDP_GROUP_IPV4,
                which);
}

static void a_switch_that_forgets_members_is_told_of_them_again(void **state) {
    (void)state;
    struct town town;
    town_begin(&town, FORGETFUL);
    use_ipv4_alone(&town);
    town_open_all(&town, (struct udp_options){.interface = "eth0", .rejoin_ms = 1000});
    assert_both_hear(&town);
    talk_for(&town, 4000); /* twice as long as the switch remembers */
    for (size_t i = 0; i < HANDSETS; i++) {
        for (int tries = 0; !switch_knows(&town, i); tries++) {
            assert_true(tries < 50);
            talk(&town);
        }
    }
    assert_both_hear(&town);
    town_end(&town);
}

/* Long before the next time of joining: they go on by unicast, and Links says so. */
static void who_met_and_is_forgotten_by_the_switch_is_heard_all_the_same(void **state) {
    (void)state;
    struct town town;
    town_begin(&town, FORGETFUL);
    use_ipv4_alone(&town);
    town_open_all(&town, (struct udp_options){.interface = "eth0", .rejoin_ms = 1000 * 1000});
    assert_both_hear(&town);
    for (int tries = 0; switch_knows(&town, 0) || switch_knows(&town, 1); tries++) {
        assert_true(tries < 200);
        talk(&town);
    }
    assert_both_hear(&town);
    for (int tries = 0; radio_of(&town, 0).condition.kind != CONDITION_MULTICAST_BLOCKED; tries++) {
        assert_true(tries < 400);
        talk(&town);
    }
    assert_both_hear(&town);
    assert_false(switch_knows(&town, 0) || switch_knows(&town, 1));
    town_end(&town);
}

/* --- Queues without room ---------------------------------------------------------------------- */

/* Every how many of what this process sends finds no room: 0 none, 1 each. */
static unsigned refused_each, refused_count;
static int refused_with;

static bool is_refused(void) {
    if (refused_each == 0 || ++refused_count % refused_each != 0) {
        return false;
    }
    errno = refused_with;
    return true;
}

/* Frames that this process sent to everyone. */
static unsigned sent_by_ipv4, sent_by_ipv6;

static void count_frame(int family, size_t length) {
    if (length == sizeof(struct frame)) {
        sent_by_ipv4 += family == AF_INET;
        sent_by_ipv6 += family == AF_INET6;
    }
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
    count_frame(((const struct sockaddr *)message->msg_name)->sa_family,
                message->msg_iov[0].iov_len);
    return is_refused() ? -1 : syscall(SYS_sendmsg, descriptor, message, flags);
}

ssize_t sendto(int descriptor, const void *octets, size_t length, int flags,
               __CONST_SOCKADDR_ARG to, socklen_t to_length) {
    count_frame(to.__sockaddr__->sa_family, length);
    return is_refused()
               ? -1
               : syscall(SYS_sendto, descriptor, octets, length, flags, to.__sockaddr__, to_length);
}

static void a_queue_without_room_is_tried_again_and_ends_nothing(void **state) {
    (void)state;
    static const int errors[] = {ENOBUFS, EAGAIN, ENOMEM};
    struct town town;
    town_begin(&town, "mcast_snooping 0");
    town_open_all(&town, (struct udp_options){.interface = "eth0"});
    assert_both_hear(&town);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        refused_with = errors[i];
        refused_each = 2; /* each other one: the second try has room */
        for (int frames = 0; frames < 10; frames++) {
            talk(&town);
            assert_int_equal(town.handsets[0].result, TRANSPORT_OK);
        }
        assert_both_hear(&town);
        refused_each = 1; /* none: that is no fault of the network, and nobody is forgotten */
        for (int frames = 0; frames < 10; frames++) {
            talk(&town);
            assert_int_equal(town.handsets[0].result, TRANSPORT_BUSY);
            assert_int_equal(say(&town, 1, town.handsets[1].peer), TRANSPORT_BUSY);
        }
        assert_int_equal(radio_of(&town, 0).state, RADIO_ON);
        refused_each = 0;
        assert_both_hear(&town);
    }
    town_end(&town);
}

/* --- Kinds of IP ------------------------------------------------------------------------------ */

static void use_ipv6_alone(const struct town *town, size_t which) {
    assert_true(enter(town->handsets[which].network) && runs("ip -4 address flush dev eth0"));
}

static void stop_ipv6(const struct town *town, size_t which) {
    assert_true(enter(town->handsets[which].network) &&
                runs("echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6"));
}

/* Goes on until frames to all go out by `wanted_ipv4` and `wanted_ipv6`, and no other way. */
static void assert_comes_to_send(struct town *town, bool wanted_ipv4, bool wanted_ipv6) {
    for (int tries = 0;; tries++) {
        sent_by_ipv4 = sent_by_ipv6 = 0;
        talk(town);
        if ((sent_by_ipv4 > 0) == wanted_ipv4 && (sent_by_ipv6 > 0) == wanted_ipv6) {
            return;
        }
        assert_true(tries < PATIENCE_MS / FRAME_EACH_MS);
    }
}

static bool has_no_ipv6(void) {
    if (access("/proc/sys/net/ipv6", F_OK) == 0) {
        return false;
    }
    print_message("this machine has no IPv6\n");
    return true;
}

static void who_have_both_kinds_of_ip_say_each_frame_once(void **state) {
    (void)state;
    struct town town;
    if (has_no_ipv6()) {
        skip();
    }
    town_begin(&town, "mcast_snooping 0");
    town_open_all(&town, (struct udp_options){.interface = "eth0"});
    assert_both_hear(&town);
    assert_comes_to_send(&town, false, true);
    assert_both_hear(&town);
    /* One of them loses it: the other says everything by both until it knows, and then by IPv4. */
    stop_ipv6(&town, 1);
    assert_both_hear(&town);
    assert_comes_to_send(&town, true, false);
    assert_both_hear(&town);
    town_end(&town);
}

static void who_has_one_kind_of_ip_is_spoken_to_by_that(void **state) {
    (void)state;
    if (has_no_ipv6()) {
        skip();
    }
    for (int by_ipv4 = 0; by_ipv4 < 2; by_ipv4++) {
        struct town town;
        town_begin(&town, "mcast_snooping 0");
        town_open(&town, 0, (struct udp_options){.interface = "eth0"});
        if (by_ipv4) {
            stop_ipv6(&town, 1);
        } else {
            use_ipv6_alone(&town, 1);
        }
        town_open(&town, 1, (struct udp_options){.interface = "eth0"});
        assert_both_hear(&town);
        assert_comes_to_send(&town, by_ipv4, !by_ipv4);
        assert_both_hear(&town);
        town_end(&town);
    }
}

/* --- Own voice -------------------------------------------------------------------------------- */

static void say_voice(struct town *town, size_t which) {
    const struct frame frame = {.from = (uint32_t)which, .number = ++town->handsets[which].said};
    struct transport *transport = town->handsets[which].transport;
    assert_true(enter(town->handsets[which].network));
    assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_VOICE, (const uint8_t *)&frame,
                                           sizeof frame),
                     TRANSPORT_OK);
}

/* It costs a talker nothing; another handset on the same machine hears it, and what the kernel
 * drops of it is not taken for lost. */
static void own_voice_does_not_come_back(void **state) {
    enum {
        FRAMES = 30
    };
    (void)state;
    struct town town;
    struct transport_condition problem;
    struct handset beside = {.network = -1};
    const struct udp_options options = {.interface = "eth0"};
    town_begin(&town, "mcast_snooping 0");
    town_open_all(&town, options);
    assert_both_hear(&town);
    assert_true(enter(town.handsets[0].network));
    beside.network = town.handsets[0].network;
    assert_int_equal(udp_open(&options, &beside.transport, &problem), TRANSPORT_OK);
    const struct udp *udp = (const struct udp *)town.handsets[0].transport;
    for (int i = 0; i < FRAMES; i++) {
        say_voice(&town, 0);
        for (int family = 0; family < FAMILIES; family++) {
            struct pollfd group = {.fd = udp->sockets[family][LANE_VOICE].group, .events = POLLIN};
            assert_int_equal(poll(&group, 1, 0), 0);
        }
    }
    for (int tries = 0; beside.heard != town.handsets[0].said; tries++) {
        assert_true(tries < 100);
        take(&town, &beside, PATIENCE_MS / 100);
    }
    const uint32_t before = town.handsets[1].said;
    for (int tries = 0; town.handsets[0].heard <= before; tries++) {
        assert_true(tries < 100);
        say_voice(&town, 1);
        take(&town, &town.handsets[0], PATIENCE_MS / 100);
    }
    const struct transport_radio radio = radio_of(&town, 0);
    assert_int_not_equal(radio.condition.kind, CONDITION_VOICE_LOST);
    assert_int_not_equal(radio.also.kind, CONDITION_VOICE_LOST);
    beside.transport->kind->close(beside.transport);
    town_end(&town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_voice_does_not_come_back),
        cmocka_unit_test(addresses_that_change_in_a_talk_are_no_matter),
        cmocka_unit_test(an_interface_that_gets_another_name_stays_in_use),
        cmocka_unit_test(an_interface_in_the_place_of_another_is_taken_up),
        cmocka_unit_test(what_ends_elsewhere_breaks_no_radio_silence),
        cmocka_unit_test(a_switch_that_forgets_members_is_told_of_them_again),
        cmocka_unit_test(who_met_and_is_forgotten_by_the_switch_is_heard_all_the_same),
        cmocka_unit_test(a_queue_without_room_is_tried_again_and_ends_nothing),
        cmocka_unit_test(who_have_both_kinds_of_ip_say_each_frame_once),
        cmocka_unit_test(who_has_one_kind_of_ip_is_spoken_to_by_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
