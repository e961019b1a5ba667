/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between engine and transport (app/programs/traffic.h): modes, radios, signals, and being alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/programs/traffic.h"
#include "tests/app/scratch.h"
#include "tests/app/squad.h"
#include "transport/nats.h"

/* A radio that reaches nobody and says nothing is wrong, but has news of its own. */
struct radio {
    struct transport transport;
    enum transport_mode mode;
    unsigned sent, relayed, asked;
};

static enum transport_result radio_send(struct transport *transport, uint64_t peer,
                                        enum transport_lane lane, const uint8_t *frame,
                                        size_t length) {
    (void)lane;
    (void)peer;
    (void)frame;
    (void)length;
    ((struct radio *)transport)->sent++;
    return TRANSPORT_NO_ROUTE;
}

static enum transport_result radio_relay(struct transport *transport, uint64_t peer,
                                         enum transport_lane lane, const uint8_t *frame,
                                         size_t length) {
    (void)lane;
    (void)peer;
    (void)frame;
    (void)length;
    ((struct radio *)transport)->relayed++;
    return TRANSPORT_OK;
}

static bool radio_news(struct transport *transport, struct transport_condition *out) {
    (void)transport;
    (void)out;
    return false;
}

static size_t radio_radios(const struct transport *transport, struct transport_radio out[],
                           size_t room) {
    (void)room;
    bool is_off = ((const struct radio *)transport)->mode == TRANSPORT_OFF;
    out[0] = (struct transport_radio){.link = 1,
                                      .name = "hci0",
                                      .state = is_off ? RADIO_OFF : RADIO_ON,
                                      .quality = TRANSPORT_QUALITY_UNKNOWN,
                                      .condition = {.kind = CONDITION_SEEKING}};
    return 1;
}

static int radio_quality(const struct transport *transport, uint64_t peer) {
    (void)peer;
    ((struct radio *)(uintptr_t)transport)->asked++;
    return 50;
}

static void radio_set_mode(struct transport *transport, enum transport_mode mode) {
    ((struct radio *)transport)->mode = mode;
}

static const struct transport_kind radio_kind = {.name = "radio",
                                                 .send = radio_send,
                                                 .relay = radio_relay,
                                                 .news = radio_news,
                                                 .radios = radio_radios,
                                                 .quality = radio_quality,
                                                 .set_mode = radio_set_mode};

/* What becomes of going to the broker, where nothing is ever connected. */
static enum transport_result connecting = TRANSPORT_OK;
static char connected_as[TOPIC_NAME_SIZE]; /* the last time that it succeeded */

enum transport_result __wrap_nats_connect(struct transport *transport,
                                          const struct nats_options *options,
                                          struct transport_condition *problem);
enum transport_result __wrap_nats_connect(struct transport *transport,
                                          const struct nats_options *options,
                                          struct transport_condition *problem) {
    (void)transport;
    *problem = transport_condition_of(CONDITION_NO_THREAD, NULL);
    if (connecting == TRANSPORT_OK) {
        snprintf(connected_as, sizeof connected_as, "%s", options->name);
    }
    return connecting;
}

/* A handset with that radio, and no face: what there is to notice would end the test. */
struct scene {
    struct radio radio;
    struct traffic traffic;
    struct handset *handset;
    struct moment now;
};

static const char *const names[] = {"bluetooth"};

static void scene_open(struct scene *scene) {
    const struct handset_setup setup = {.provider = squad_provider(), .entropy = entropy_system};
    struct error error;
    *scene = (struct scene){.radio = {.transport = {&radio_kind}},
                            .now = {.utc_ms = INT64_C(1795000000000), .boot_ms = 1000000}};
    scene->traffic = (struct traffic){
        .transport = &scene->radio.transport, .link_count = 1, .link_names = names};
    assert_int_equal(handset_new(&setup, scene->now, &scene->handset), STATUS_OK);
    assert_int_equal(handset_restore(scene->handset, RECORD_CREDENTIAL,
                                     span_of_text(squad_identity(0)), squad_credential(0)),
                     STATUS_OK);
    assert_int_equal(handset_start(scene->handset, scene->now), STATUS_OK);
    assert_int_equal(traffic_begin(&scene->traffic, scene->handset, NULL, scene->now, &error),
                     STATUS_OK);
}

static void scene_close(struct scene *scene) {
    traffic_end(&scene->traffic);
    handset_free(scene->handset);
}

static void pass(struct scene *scene, int64_t ms) {
    scene->now.boot_ms += ms;
    scene->now.utc_ms += ms;
    traffic_settle(&scene->traffic, scene->now);
}

static void command(struct scene *scene, enum command_kind kind, int on) {
    struct event problem;
    const struct command given = {.kind = kind, .on = on};
    assert_int_equal(handset_command(scene->handset, scene->now, &given, &problem), STATUS_OK);
    pass(scene, 1);
}

static void the_radio_follows_the_modes(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene);
    command(&scene, COMMAND_RADIO_SILENCE, 1);
    assert_int_equal(scene.radio.mode, TRANSPORT_SILENT);
    command(&scene, COMMAND_AIRPLANE, 1);
    assert_int_equal(scene.radio.mode, TRANSPORT_OFF);
    /* And the officer sees it at once. */
    assert_int_equal(handset_view(scene.handset, scene.now)->radios[0].state, RADIO_VIEW_OFF);
    command(&scene, COMMAND_AIRPLANE, 0);
    assert_int_equal(scene.radio.mode, TRANSPORT_SILENT);
    command(&scene, COMMAND_RADIO_SILENCE, 0);
    assert_int_equal(scene.radio.mode, TRANSPORT_SEEKS);
    assert_int_equal(handset_view(scene.handset, scene.now)->radios[0].state, RADIO_VIEW_ON);
    scene_close(&scene);
}

/* To leave the broker for a moment in the middle of a talk would cost words. */
static void a_renewed_access_is_used_once_nobody_has_talked_for_a_while(void **state) {
    (void)state;
    struct scene scene;
    struct transport_condition problem;
    struct access *access = access_new();
    scene_open(&scene);
    assert_int_equal(nats_open_idle(&scene.traffic.broker, &problem), TRANSPORT_OK);
    strcpy(access->servers, "no address"); /* so that nothing is connected */
    strcpy(access->name, "0123456789abcdef0123456789abcdef");
    scene.handset->talk.active = true;
    traffic_renew(&scene.traffic, scene.now, access);
    for (int64_t ms = 0; ms < 3 * TRAFFIC_QUIET_MS; ms += 100) {
        pass(&scene, 100);
        assert_ptr_equal(scene.traffic.renewed, access);
    }
    scene.handset->talk.active = false;
    pass(&scene, TRAFFIC_QUIET_MS - 1);
    assert_ptr_equal(scene.traffic.renewed, access);
    assert_true(traffic_deadline(&scene.traffic) <= scene.now.boot_ms + 1);
    pass(&scene, 1);
    assert_null(scene.traffic.renewed);
    scene.traffic.broker->kind->close(scene.traffic.broker);
    scene_close(&scene);
}

/* Who never lets it be quiet keeps no handset on the old access until that is over. */
static void a_renewed_access_is_used_after_a_day_or_before_the_old_one_ends(void **state) {
    static const int64_t left_ms[] = {0 /* it has none */, 2 * TRAFFIC_LATEST_MS,
                                      TRAFFIC_LATEST_MS / 2};
    static const int64_t waits_ms[] = {TRAFFIC_LATEST_MS, TRAFFIC_LATEST_MS,
                                       TRAFFIC_LATEST_MS / 2 - TRAFFIC_AGAIN_MS};
    (void)state;
    for (size_t i = 0; i < sizeof left_ms / sizeof left_ms[0]; i++) {
        struct scene scene;
        struct transport_condition problem;
        struct access *access = access_new();
        scene_open(&scene);
        assert_int_equal(nats_open_idle(&scene.traffic.broker, &problem), TRANSPORT_OK);
        strcpy(access->name, "0123456789abcdef0123456789abcdef");
        scene.handset->talk.active = true;
        scene.traffic.access_until_ms = left_ms[i] == 0 ? 0 : scene.now.utc_ms + left_ms[i];
        traffic_renew(&scene.traffic, scene.now, access);
        pass(&scene, waits_ms[i] - 1);
        assert_ptr_equal(scene.traffic.renewed, access);
        assert_true(traffic_deadline(&scene.traffic) <= scene.now.boot_ms + 1);
        pass(&scene, 1);
        assert_null(scene.traffic.renewed);
        scene.traffic.broker->kind->close(scene.traffic.broker);
        scene_close(&scene);
    }
}

/* The machine had no thread, or no memory: it may have them in a minute. */
static void a_broker_that_cannot_be_gone_to_is_tried_again_and_told_once(void **state) {
    (void)state;
    struct scene scene;
    struct transport_condition problem;
    struct access *access = access_new();
    scene_open(&scene);
    assert_int_equal(nats_open_idle(&scene.traffic.broker, &problem), TRANSPORT_OK);
    strcpy(access->name, "0123456789abcdef0123456789abcdef");
    connecting = TRANSPORT_FAILED;
    traffic_renew(&scene.traffic, scene.now, access);
    size_t before = handset_view(scene.handset, scene.now)->log_count;
    pass(&scene, TRAFFIC_QUIET_MS);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(scene.traffic.renewed, access);
        assert_int_equal(handset_view(scene.handset, scene.now)->log_count, before + 1);
        pass(&scene, TRAFFIC_AGAIN_MS);
    }
    connecting = TRANSPORT_OK;
    pass(&scene, TRAFFIC_AGAIN_MS - 1);
    assert_ptr_equal(scene.traffic.renewed, access);
    pass(&scene, 1);
    assert_null(scene.traffic.renewed);
    scene.traffic.broker->kind->close(scene.traffic.broker);
    scene_close(&scene);
}

/* A store with access to the broker, for the handset and for a group that it manages. */
static struct store *store_with_access(void **state, const char *group) {
    static const char *const called[] = {"handset", "group"};
    struct store *store;
    struct error error;
    struct batch *batch = batch_new();
    assert_int_equal(store_create(scratch_path(state, "store"), span_of_text("correct horse"),
                                  STORE_QUICK, &entropy_system, &store, &error),
                     STATUS_OK);
    for (size_t i = 0; i < sizeof called / sizeof called[0]; i++) {
        struct access *access = access_new();
        strcpy(access->identity, i == 0 ? squad_identity(0) : group);
        strcpy(access->name, called[i]);
        strcpy(access->servers, "tls://broker.county.example:4222");
        strcpy(access->jwt, "token");
        strcpy(access->seed, "seed");
        assert_int_equal(access_put(access, i > 0, batch), STATUS_OK);
        access_free(access);
    }
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    return store;
}

/* After unlocking, when whatever else the machine does begins as well. */
static void a_broker_that_cannot_be_gone_to_at_first_is_tried_again_and_told_once(void **state) {
    struct scene scene;
    struct transport_condition problem;
    struct error error;
    struct store *store = store_with_access(state, squad_identity(SQUAD_FIRE));
    scene_open(&scene);
    assert_int_equal(nats_open_idle(&scene.traffic.broker, &problem), TRANSPORT_OK);
    connecting = TRANSPORT_FAILED;
    connected_as[0] = '\0';
    size_t before = handset_view(scene.handset, scene.now)->log_count;
    assert_int_equal(traffic_begin(&scene.traffic, scene.handset, store, scene.now, &error),
                     STATUS_OK);
    for (int i = 0; i < 3; i++) {
        pass(&scene, TRAFFIC_AGAIN_MS);
        assert_int_equal(handset_view(scene.handset, scene.now)->log_count, before + 1);
    }
    connecting = TRANSPORT_OK;
    pass(&scene, TRAFFIC_AGAIN_MS - 1);
    assert_string_equal(connected_as, "");
    assert_true(traffic_deadline(&scene.traffic) <= scene.now.boot_ms + 1);
    pass(&scene, 1);
    assert_string_equal(connected_as, "handset");
    assert_null(scene.traffic.renewed); /* it is wiped once it is used */
    scene.traffic.broker->kind->close(scene.traffic.broker);
    scene_close(&scene);
    store_close(store);
}

static void mailboxes_that_cannot_be_gone_to_at_first_are_tried_again(void **state) {
    struct scene scene;
    struct error error;
    static struct view view = {.managed_count = 1};
    struct store *store = store_with_access(state, squad_identity(SQUAD_FIRE));
    const struct mailboxes *mailboxes = &scene.traffic.mailboxes;
    int descriptors[VIEW_MANAGED_MAX];
    scene_open(&scene);
    strcpy(view.managed[0].identity, squad_identity(SQUAD_FIRE));
    connecting = TRANSPORT_FAILED;
    connected_as[0] = '\0';
    assert_int_equal(mailboxes_open(&scene.traffic.mailboxes, store, &view, &error),
                     STATUS_IO_FAILED);
    assert_int_equal(mailboxes_descriptors(mailboxes, descriptors), 1);
    for (int i = 0; i < 3; i++) {
        pass(&scene, TRAFFIC_AGAIN_MS);
        assert_true(mailboxes_are_waiting(mailboxes));
    }
    connecting = TRANSPORT_OK;
    pass(&scene, TRAFFIC_AGAIN_MS - 1);
    assert_true(mailboxes_are_waiting(mailboxes));
    assert_true(traffic_deadline(&scene.traffic) <= scene.now.boot_ms + 1);
    pass(&scene, 1);
    assert_false(mailboxes_are_waiting(mailboxes));
    assert_string_equal(connected_as, "group");
    /* And one that still waits when the handset is locked goes with its access. */
    traffic_end(&scene.traffic);
    connecting = TRANSPORT_FAILED;
    assert_int_equal(mailboxes_open(&scene.traffic.mailboxes, store, &view, &error),
                     STATUS_IO_FAILED);
    traffic_rest(&scene.traffic, false);
    assert_int_equal(mailboxes->count, 0);
    assert_false(mailboxes_are_waiting(mailboxes));
    connecting = TRANSPORT_OK;
    scene_close(&scene);
    store_close(store);
}

static void in_airplane_mode_nothing_that_was_queued_goes_out(void **state) {
    (void)state;
    struct scene scene;
    const uint8_t frame[] = {1};
    const struct output output = {.kind = OUTPUT_SEND, .peer = EVERYONE, .frame = SPAN_OF(frame)};
    scene_open(&scene);
    traffic_send(&scene.traffic, scene.now, &output);
    traffic_relay(&scene.traffic, &output);
    assert_int_equal(scene.radio.sent, 1);
    assert_int_equal(scene.radio.relayed, 1);
    command(&scene, COMMAND_AIRPLANE, 1);
    traffic_send(&scene.traffic, scene.now, &output);
    traffic_relay(&scene.traffic, &output);
    assert_int_equal(scene.radio.sent, 1);
    assert_int_equal(scene.radio.relayed, 1);
    scene_close(&scene);
}

static void to_be_alone_is_told_by_the_radio_and_is_no_fault(void **state) {
    (void)state;
    struct scene scene;
    const uint8_t frame[] = {1};
    const struct output output = {.kind = OUTPUT_SEND, .peer = EVERYONE, .frame = SPAN_OF(frame)};
    scene_open(&scene);
    pass(&scene, 1000);
    size_t before = handset_view(scene.handset, scene.now)->log_count;
    traffic_send(&scene.traffic, scene.now, &output);
    pass(&scene, 1000);
    const struct view *view = handset_view(scene.handset, scene.now);
    assert_int_equal(view->log_count, before);
    assert_int_equal(view->radio_count, 1);
    assert_string_equal(view->radios[0].link, "bluetooth");
    assert_string_equal(view->radios[0].name, "hci0");
    assert_string_equal(view->radios[0].condition.name, "seeking");
    scene_close(&scene);
}

static void a_signal_is_looked_at_once_a_second_for_each_peer(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene);
    for (int i = 0; i < 150; i++, pass(&scene, 20)) {
        for (uint64_t peer = 1; peer <= 2; peer++) {
            traffic_heard(&scene.traffic, scene.now, peer);
        }
    }
    assert_int_equal(scene.radio.asked, 2 * 3);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_radio_follows_the_modes),
        cmocka_unit_test(a_renewed_access_is_used_once_nobody_has_talked_for_a_while),
        cmocka_unit_test(a_renewed_access_is_used_after_a_day_or_before_the_old_one_ends),
        cmocka_unit_test(a_broker_that_cannot_be_gone_to_is_tried_again_and_told_once),
        cmocka_unit_test_setup_teardown(
            a_broker_that_cannot_be_gone_to_at_first_is_tried_again_and_told_once, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(mailboxes_that_cannot_be_gone_to_at_first_are_tried_again,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(in_airplane_mode_nothing_that_was_queued_goes_out),
        cmocka_unit_test(to_be_alone_is_told_by_the_radio_and_is_no_fault),
        cmocka_unit_test(a_signal_is_looked_at_once_a_second_for_each_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
