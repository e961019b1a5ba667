/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several transports as one (transport/bundle.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "condition_text.h"
#include "transport/bundle.h"
#include "transport/loopback.h"
#include "transport/peers.h"

enum {
    LINK_1 = 0,
    LINK_2,
    LINK_3
};

#define ON_LINK(number, peer) ((uint64_t)(number) << BUNDLE_PEER_BITS | (peer))

/* A transport that remembers what it was asked for and answers as it is told. */
struct stub {
    struct transport transport;
    enum transport_result result;
    unsigned sent, relayed, published, listened, closed;
    uint64_t peer;
    uint64_t hears_from;      /* a frame waits from this peer; 0: none does */
    int64_t age_ms;           /* since so long */
    enum transport_lane lane; /* of what it was given last */
    char topic[TRANSPORT_TOPIC_SIZE];
    bool is_kept;
    size_t topic_count;
    enum transport_condition_kind news;
    enum transport_mode mode;
};

static size_t stub_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = (int)((const struct stub *)transport)->topic_count + 100;
    return 1;
}

static enum transport_result stub_receive(struct transport *transport, transport_frame_fn *on_frame,
                                          void *context) {
    struct stub *stub = (struct stub *)transport;
    const uint8_t frame[] = {7};
    if (stub->hears_from != 0) {
        on_frame(context, stub->hears_from, frame, sizeof frame);
    }
    stub->hears_from = 0;
    return stub->result;
}

static int64_t stub_age_ms(const struct transport *transport) {
    return ((const struct stub *)transport)->age_ms;
}

static enum transport_result stub_send(struct transport *transport, uint64_t peer,
                                       enum transport_lane lane, const uint8_t *frame,
                                       size_t length) {
    struct stub *stub = (struct stub *)transport;
    (void)frame;
    (void)length;
    stub->lane = lane;
    stub->sent++;
    stub->peer = peer;
    return stub->result;
}

static void stub_problem(const struct transport *transport, struct transport_condition *out) {
    (void)transport;
    *out = transport_condition_of(CONDITION_INTERFACE_DOWN, "eth0");
}

static enum transport_result stub_relay(struct transport *transport, uint64_t peer,
                                        enum transport_lane lane, const uint8_t *frame,
                                        size_t length) {
    struct stub *stub = (struct stub *)transport;
    (void)frame;
    (void)length;
    stub->lane = lane;
    stub->relayed++;
    stub->peer = peer;
    return stub->result;
}

static enum transport_result stub_publish(struct transport *transport, const char *topic,
                                          bool is_kept, enum transport_lane lane,
                                          const uint8_t *frame, size_t length) {
    struct stub *stub = (struct stub *)transport;
    (void)frame;
    (void)length;
    stub->lane = lane;
    stub->published++;
    stub->is_kept = is_kept;
    snprintf(stub->topic, sizeof stub->topic, "%s", topic);
    return stub->result;
}

static enum transport_result stub_listen(struct transport *transport,
                                         const struct transport_topic topics[], size_t count) {
    struct stub *stub = (struct stub *)transport;
    stub->listened++;
    stub->topic_count = count;
    snprintf(stub->topic, sizeof stub->topic, "%s", topics[0].name);
    return stub->result;
}

static bool stub_news(struct transport *transport, struct transport_condition *out) {
    struct stub *stub = (struct stub *)transport;
    *out = transport_condition_of(stub->news, NULL);
    stub->news = CONDITION_NONE;
    return out->kind != CONDITION_NONE;
}

/* Two, as if it were the only link; fewer where there is no room. */
static size_t stub_radios(const struct transport *transport, struct transport_radio out[],
                          size_t room) {
    size_t count = room < 2 ? room : 2;
    (void)transport;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct transport_radio){.link = 1, .peers = (unsigned)i};
        snprintf(out[i].name, sizeof out[i].name, "hci%zu", i);
    }
    return count;
}

/* As many as the peer's own number on its link. */
static int stub_quality(const struct transport *transport, uint64_t peer) {
    (void)transport;
    return (int)peer;
}

static void stub_set_mode(struct transport *transport, enum transport_mode mode) {
    ((struct stub *)transport)->mode = mode;
}

static void stub_close(struct transport *transport) {
    ((struct stub *)transport)->closed++;
}

/* One that everybody hears, a star whose hub relays, and a broker. */
static const struct transport_kind plain_kind = {.name = "plain",
                                                 .descriptors = stub_descriptors,
                                                 .receive = stub_receive,
                                                 .send = stub_send,
                                                 .problem = stub_problem,
                                                 .close = stub_close};
static const struct transport_kind star_kind = {.name = "star",
                                                .descriptors = stub_descriptors,
                                                .receive = stub_receive,
                                                .send = stub_send,
                                                .problem = stub_problem,
                                                .relay = stub_relay,
                                                .radios = stub_radios,
                                                .quality = stub_quality,
                                                .age_ms = stub_age_ms,
                                                .set_mode = stub_set_mode,
                                                .close = stub_close};
static const struct transport_kind broker_kind = {.name = "broker",
                                                  .descriptors = stub_descriptors,
                                                  .receive = stub_receive,
                                                  .send = stub_send,
                                                  .problem = stub_problem,
                                                  .publish = stub_publish,
                                                  .listen = stub_listen,
                                                  .news = stub_news,
                                                  .close = stub_close};

struct scene {
    struct stub stubs[3];
    struct transport *bundle;
};

static void scene_open(struct scene *scene) {
    static const struct transport_kind *const kinds[] = {&plain_kind, &star_kind, &broker_kind};
    struct transport *links[3];
    *scene = (struct scene){.bundle = NULL};
    for (size_t i = 0; i < 3; i++) {
        scene->stubs[i].transport.kind = kinds[i];
        links[i] = &scene->stubs[i].transport;
    }
    scene->bundle = bundle_open(links, 3);
    assert_non_null(scene->bundle);
}

static void scene_close(struct scene *scene) {
    scene->bundle->kind->close(scene->bundle);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(scene->stubs[i].closed, 1);
    }
}

static enum transport_result send_to(struct scene *scene, uint64_t peer) {
    return scene->bundle->kind->send(scene->bundle, peer, LANE_REST, (const uint8_t *)"x", 1);
}

static void remember_peer(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    assert_int_equal(length, 1);
    assert_int_equal(frame[0], 7);
    *(uint64_t *)context = peer;
}

static void a_peer_is_answered_on_the_link_it_was_heard_on_by_its_own_number(void **state) {
    (void)state;
    struct scene scene;
    const uint64_t own[] = {1, 5, (UINT64_C(1) << BUNDLE_PEER_BITS) - 2, PEER_CROWD};
    scene_open(&scene);
    for (size_t link = 0; link < 3; link++) {
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
            struct stub *stub = &scene.stubs[link];
            unsigned sent[3];
            uint64_t peer = 0;
            for (size_t k = 0; k < 3; k++) {
                sent[k] = scene.stubs[k].sent;
            }
            stub->hears_from = own[i];
            assert_int_equal(scene.bundle->kind->receive(scene.bundle, remember_peer, &peer),
                             TRANSPORT_OK);
            assert_int_equal(peer >> BUNDLE_PEER_BITS, link + 1);
            assert_int_equal(send_to(&scene, peer), TRANSPORT_OK);
            for (size_t k = 0; k < 3; k++) {
                assert_int_equal(scene.stubs[k].sent - sent[k], k == link);
            }
            assert_true(stub->peer == own[i]);
        }
    }
    assert_int_equal(send_to(&scene, ON_LINK(4, 1)), TRANSPORT_NO_ROUTE);
    assert_int_equal(send_to(&scene, 1), TRANSPORT_NO_ROUTE);
    scene_close(&scene);
}

static void one_link_that_fails_leaves_the_others(void **state) {
    (void)state;
    struct scene scene;
    uint64_t peer = 0;
    scene_open(&scene);
    scene.stubs[LINK_1].result = TRANSPORT_FAILED;
    assert_int_equal(send_to(&scene, PEER_ALL), TRANSPORT_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(scene.stubs[i].sent, 1);
    }
    scene.stubs[LINK_2].hears_from = 3;
    assert_int_equal(scene.bundle->kind->receive(scene.bundle, remember_peer, &peer),
                     TRANSPORT_FAILED);
    assert_true(peer == ON_LINK(2, 3));
    struct transport_condition problem;
    scene.bundle->kind->problem(scene.bundle, &problem);
    assert_string_equal(condition_text(&problem), "interface-down link 1 eth0");
    scene.stubs[LINK_2].result = TRANSPORT_NO_ROUTE;
    scene.stubs[LINK_3].result = TRANSPORT_NO_ROUTE;
    assert_int_equal(send_to(&scene, PEER_ALL), TRANSPORT_FAILED);
    scene_close(&scene);
}

static void news_names_the_link_and_tells_each_change_once(void **state) {
    (void)state;
    struct scene scene;
    struct transport_condition news;
    scene_open(&scene);
    const struct transport_kind *kind = scene.bundle->kind;
    assert_false(kind->news(scene.bundle, &news));
    scene.stubs[LINK_1].result = scene.stubs[LINK_3].result = TRANSPORT_NO_ROUTE;
    scene.stubs[LINK_3].news = CONDITION_BROKER_LOST;
    for (int i = 0; i < 3; i++) {
        (void)send_to(&scene, PEER_ALL);
    }
    assert_true(kind->news(scene.bundle, &news));
    assert_string_equal(condition_text(&news), "interface-down link 1 eth0");
    assert_true(kind->news(scene.bundle, &news));
    assert_string_equal(condition_text(&news), "broker-lost link 3");
    assert_false(kind->news(scene.bundle, &news)); /* of the broker only what it reports itself */
    scene.stubs[LINK_1].result = TRANSPORT_OK;
    (void)send_to(&scene, PEER_ALL);
    assert_true(kind->news(scene.bundle, &news));
    assert_string_equal(condition_text(&news), "network-back link 1");
    assert_false(transport_condition_is_problem(news.kind));
    assert_false(kind->news(scene.bundle, &news));
    scene_close(&scene);
}

static void a_frame_is_relayed_to_all_links_but_its_own(void **state) {
    (void)state;
    for (unsigned from = 0; from < 3; from++) {
        struct scene scene;
        scene_open(&scene);
        assert_int_equal(bundle_relay(scene.bundle, ON_LINK(from + 1, 9), ~0u, "muster.group.1",
                                      LANE_REST, (const uint8_t *)"x", 1),
                         TRANSPORT_OK);
        for (unsigned i = 0; i < 3; i++) {
            const struct stub *stub = &scene.stubs[i];
            assert_int_equal(stub->sent, i != from);
            assert_int_equal(stub->relayed, i == LINK_2 && i == from);
            assert_int_equal(stub->published, i == LINK_3 && i != from);
            if (stub->sent == 1) {
                assert_true(stub->peer == PEER_ALL);
            }
            if (stub->relayed == 1) {
                assert_int_equal(stub->peer, 9);
            }
        }
        scene_close(&scene);
    }
    struct scene scene;
    scene_open(&scene);
    assert_int_equal(
        bundle_relay(scene.bundle, ON_LINK(1, 9), ~0u, NULL, LANE_REST, (const uint8_t *)"x", 1),
        TRANSPORT_OK);
    assert_int_equal(scene.stubs[LINK_3].published, 0);
    assert_int_equal(
        bundle_relay(scene.bundle, ON_LINK(7, 9), ~0u, NULL, LANE_REST, (const uint8_t *)"x", 1),
        TRANSPORT_NO_ROUTE);
    scene_close(&scene);
}

static void a_frame_is_relayed_only_on_the_links_that_are_named(void **state) {
    (void)state;
    for (unsigned from = 0; from < 3; from++) {
        for (unsigned numbers = 0; numbers < 8; numbers++) {
            struct scene scene;
            scene_open(&scene);
            bool anywhere = false;
            enum transport_result result =
                bundle_relay(scene.bundle, ON_LINK(from + 1, 9), numbers << 1, NULL, LANE_REST,
                             (const uint8_t *)"x", 1);
            for (unsigned i = 0; i < 3; i++) {
                bool named = (numbers & 1u << i) != 0;
                assert_int_equal(scene.stubs[i].sent, named && i != from);
                assert_int_equal(scene.stubs[i].relayed, named && i == from && i == LINK_2);
                anywhere = anywhere || scene.stubs[i].sent + scene.stubs[i].relayed > 0;
            }
            assert_int_equal(result, anywhere ? TRANSPORT_OK : TRANSPORT_NO_ROUTE);
            scene_close(&scene);
        }
    }
}

static void radios_signals_and_modes_are_those_of_the_links(void **state) {
    (void)state;
    struct scene scene;
    struct transport_radio radios[TRANSPORT_RADIOS_MAX];
    scene_open(&scene);
    const struct transport_kind *kind = scene.bundle->kind;
    assert_int_equal(kind->radios(scene.bundle, radios, TRANSPORT_RADIOS_MAX), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(radios[i].link, 2);
    }
    assert_string_equal(radios[1].name, "hci1");
    assert_int_equal(kind->radios(scene.bundle, radios, 1), 1);
    assert_int_equal(kind->radios(scene.bundle, radios, 0), 0);
    assert_int_equal(kind->quality(scene.bundle, ON_LINK(2, 77)), 77);
    assert_int_equal(kind->quality(scene.bundle, ON_LINK(1, 77)), TRANSPORT_QUALITY_UNKNOWN);
    assert_int_equal(kind->quality(scene.bundle, ON_LINK(4, 77)), TRANSPORT_QUALITY_UNKNOWN);
    assert_int_equal(kind->quality(scene.bundle, 77), TRANSPORT_QUALITY_UNKNOWN);
    kind->set_mode(scene.bundle, TRANSPORT_SILENT);
    assert_int_equal(scene.stubs[LINK_2].mode, TRANSPORT_SILENT);
    kind->set_mode(scene.bundle, TRANSPORT_OFF);
    assert_int_equal(scene.stubs[LINK_2].mode, TRANSPORT_OFF);
    for (unsigned number = 0; number < 5; number++) {
        assert_int_equal(bundle_is_star(scene.bundle, number), number == 2);
    }
    scene_close(&scene);
}

static void topics_go_to_the_links_that_have_them(void **state) {
    (void)state;
    struct scene scene;
    const struct transport_topic topics[] = {{"muster.group.1", false, LANE_VOICE},
                                             {"muster.mail.2.3", true, LANE_REST}};
    scene_open(&scene);
    const struct transport_kind *kind = scene.bundle->kind;
    assert_int_equal(kind->listen(scene.bundle, topics, 2), TRANSPORT_OK);
    assert_int_equal(scene.stubs[LINK_3].topic_count, 2);
    assert_int_equal(
        kind->publish(scene.bundle, "muster.group.4", true, LANE_REST, (const uint8_t *)"x", 1),
        TRANSPORT_OK);
    assert_string_equal(scene.stubs[LINK_3].topic, "muster.group.4");
    assert_true(scene.stubs[LINK_3].is_kept);
    assert_int_equal(scene.stubs[LINK_1].sent + scene.stubs[LINK_2].sent, 0);
    scene.stubs[LINK_3].result = TRANSPORT_NO_ROUTE;
    assert_int_equal(kind->publish(scene.bundle, "", false, LANE_REST, (const uint8_t *)"x", 1),
                     TRANSPORT_NO_ROUTE);
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    assert_int_equal(kind->descriptors(scene.bundle, descriptors), 3);
    assert_int_equal(descriptors[0], 100);
    assert_int_equal(descriptors[2], 102);
    scene_close(&scene);
}

static void too_many_links_are_left_to_the_caller(void **state) {
    (void)state;
    struct stub stub = {.transport = {&plain_kind}};
    struct transport *links[BUNDLE_LINKS_MAX + 1];
    for (size_t i = 0; i <= BUNDLE_LINKS_MAX; i++) {
        links[i] = &stub.transport;
    }
    assert_null(bundle_open(links, BUNDLE_LINKS_MAX + 1));
    assert_null(bundle_open(links, 0));
    assert_int_equal(stub.closed, 0);
}

static void count_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)frame;
    (void)length;
    *(uint64_t *)context = *(uint64_t *)context * 1000 + (peer >> BUNDLE_PEER_BITS) * 100 +
                           (peer & ((UINT64_C(1) << BUNDLE_PEER_BITS) - 1));
}

static void two_pieces_of_air_are_joined(void **state) {
    (void)state;
    struct air *airs[] = {air_new(1), air_new(2)};
    struct transport *links[] = {air_open_port(airs[0], 3), air_open_port(airs[1], 3)};
    struct transport *joined = bundle_open(links, 2);
    struct transport *left = air_open_port(airs[0], 1), *right = air_open_port(airs[1], 2);
    uint64_t heard = 0;
    assert_int_equal(left->kind->send(left, PEER_ALL, LANE_REST, (const uint8_t *)"x", 1),
                     TRANSPORT_OK);
    assert_int_equal(right->kind->send(right, 3, LANE_REST, (const uint8_t *)"x", 1), TRANSPORT_OK);
    air_advance(airs[0], 1);
    air_advance(airs[1], 1);
    assert_int_equal(joined->kind->receive(joined, count_frame, &heard), TRANSPORT_OK);
    assert_int_equal(heard, 101202); /* port 1 on link 1, then port 2 on link 2 */
    assert_int_equal(
        bundle_relay(joined, ON_LINK(1, 1), ~0u, NULL, LANE_REST, (const uint8_t *)"x", 1),
        TRANSPORT_OK);
    air_advance(airs[0], 2);
    air_advance(airs[1], 2);
    heard = 0;
    assert_int_equal(left->kind->receive(left, count_frame, &heard), TRANSPORT_OK);
    assert_int_equal(heard, 0);
    assert_int_equal(right->kind->receive(right, count_frame, &heard), TRANSPORT_OK);
    assert_int_equal(heard, 3);
    joined->kind->close(joined);
    air_free(airs[0]);
    air_free(airs[1]);
}

struct reading {
    const struct transport *bundle;
    int64_t age_ms;
    enum transport_lane lane;
};

static void remember_age(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct reading *reading = context;
    (void)peer;
    (void)frame;
    (void)length;
    reading->age_ms = reading->bundle->kind->age_ms(reading->bundle);
}

static void a_frame_is_as_old_as_its_own_link_says(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene);
    for (size_t link = 0; link < 3; link++) {
        struct reading reading = {.bundle = scene.bundle};
        scene.stubs[link].age_ms = 90000 + (int64_t)link;
        scene.stubs[link].hears_from = 1;
        assert_int_equal(scene.bundle->kind->receive(scene.bundle, remember_age, &reading),
                         TRANSPORT_OK);
        bool knows = scene.stubs[link].transport.kind->age_ms != NULL;
        assert_int_equal(reading.age_ms, knows ? scene.stubs[link].age_ms : TRANSPORT_AGE_UNKNOWN);
    }
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_is_answered_on_the_link_it_was_heard_on_by_its_own_number),
        cmocka_unit_test(one_link_that_fails_leaves_the_others),
        cmocka_unit_test(news_names_the_link_and_tells_each_change_once),
        cmocka_unit_test(a_frame_is_relayed_to_all_links_but_its_own),
        cmocka_unit_test(a_frame_is_relayed_only_on_the_links_that_are_named),
        cmocka_unit_test(radios_signals_and_modes_are_those_of_the_links),
        cmocka_unit_test(topics_go_to_the_links_that_have_them),
        cmocka_unit_test(too_many_links_are_left_to_the_caller),
        cmocka_unit_test(two_pieces_of_air_are_joined),
        cmocka_unit_test(a_frame_is_as_old_as_its_own_link_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
