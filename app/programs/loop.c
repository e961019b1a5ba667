/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "app/programs/conditions.h"
#include "app/programs/hook.h"
#include "app/programs/lane.h"
#include "app/programs/loop_state.h"
#include "app/programs/machine.h"
#include "app/programs/sounding.h"
#include "app/programs/waiting.h"
#include "crypto/secret.h"

enum {
    BY_CLOCK_FRAMES = 8,      /* of voice at a time: more is a flood, or a network that halts */
    BY_CLOCK_AGAIN_MS = 1000, /* after one */
    BY_CLOCK_WAITS_MS = 2 * VOICE_FRAME_MS /* at most, until they are read */
};

static const int ending_signals[LOOP_ENDING_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

struct moment loop_now(const struct loop *loop) {
    return clocks_now(loop->boot_id);
}

bool loop_is_scripted(const struct loop *loop) {
    return face_is_scripted(loop->setup->face);
}

/* It was stopped, by job control or a signal, however shortly: who talked may have let go of the
 * key long ago, and what the microphone heard meanwhile is nobody's to hear. */
static void go_on_after_stop(struct loop *loop) {
    face_forget_presses(loop->setup->face);
    if (loop->handset != NULL && !loop->is_ending) {
        voice_path_slept(&loop->voice);
        loop_end_talk(loop);
    } else if (loop->ear != NULL && !loop->is_ending) {
        voice_path_slept(&loop->voice);
        ear_slept(loop->ear);
    }
}

void loop_wake(struct loop *loop) {
    if (face_stood_still(loop->setup->face)) {
        go_on_after_stop(loop);
    }
    int64_t slept_ms = wakefulness_look(&loop->wakefulness, loop_now(loop).boot_ms);
    if (slept_ms == 0 || loop->is_ending) {
        return;
    }
    face_forget_presses(loop->setup->face);
    if (loop->handset != NULL) {
        handset_slept(loop->handset, loop_now(loop), slept_ms);
        voice_path_slept(&loop->voice);
        loop_settle(loop);
    } else if (loop->ear != NULL) {
        ear_slept(loop->ear);
        voice_path_slept(&loop->voice);
        loop_settle(loop);
    }
}

/* --- Frames ------------------------------------------------------------------------------------
 */

static void hand_in_of(struct loop *loop, struct moment came, uint64_t peer, struct span octets) {
    if ((loop->handset == NULL && loop->ear == NULL) || loop->is_ending) {
        return;
    }
    const struct transport *transport = loop->setup->transport;
    bool is_proven = loop->handset != NULL ? handset_frame(loop->handset, came, peer, octets)
                                           : ear_frame(loop->ear, came, peer, octets);
    if (is_proven && transport->kind->favour != NULL) {
        transport->kind->favour(loop->setup->transport, transport->kind->origin(transport));
    }
    if (loop->handset != NULL) {
        traffic_heard(&loop->traffic, came, peer);
    }
    if (!loop->settles_soon || loop->taken > BY_CLOCK_FRAMES) {
        loop_settle(loop);
        loop->is_settled = true;
    }
}

static void hand_in(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct loop *loop = context;
    hand_in_of(loop, loop_now(loop), peer, (struct span){frame, length});
}

/* When a frame came. What has waited for its time to be played did not come late. But what waited
 * for longer, since the handset had no time, came when it is read, as all else does then: what
 * happened meanwhile is not undone. */
static struct moment when_it_came(const struct loop *loop, enum transport_lane lane,
                                  int64_t age_ms) {
    struct moment then = loop_now(loop);
    int64_t since_ms = then.boot_ms - loop->read_ms;
    int64_t most_ms = since_ms < BY_CLOCK_WAITS_MS ? since_ms : BY_CLOCK_WAITS_MS;
    if (loop->reads_by_clock && lane == LANE_VOICE && age_ms > 0 && most_ms > 0) {
        int64_t waited_ms = age_ms < most_ms ? age_ms : most_ms;
        then.boot_ms -= waited_ms;
        then.utc_ms -= waited_ms;
    }
    return then;
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct loop *loop = context;
    const struct transport *transport = loop->setup->transport;
    if (loop_take_bundle(loop, peer, (struct span){frame, length})) {
        return;
    }
    int64_t age_ms = transport->kind->age_ms == NULL ? TRANSPORT_AGE_UNKNOWN
                                                     : transport->kind->age_ms(transport);
    enum transport_lane lane =
        transport->kind->lane == NULL ? LANE_REST : transport->kind->lane(transport);
    if (lane_allows(lane, (struct span){frame, length}) &&
        wakefulness_allows(&loop->wakefulness, loop_now(loop).boot_ms, age_ms,
                           (struct span){frame, length})) {
        loop->taken++;
        hand_in_of(loop, when_it_came(loop, lane, age_ms), peer, (struct span){frame, length});
    }
}

static void receive_frames(struct loop *loop) {
    struct transport *transport = loop->setup->transport;
    int64_t began_ms = loop_now(loop).boot_ms;
    loop->taken = 0;
    if (transport->kind->receive(transport, on_frame, loop) != TRANSPORT_OK) {
        struct transport_condition problem;
        transport->kind->problem(transport, &problem);
        loop->is_settled = false;
        loop_tell(loop,
                  conditions_event(&problem, loop->setup->link_names, loop->setup->link_count));
    }
    loop->read_ms = began_ms;
}

/* What talkers have said since. */
static void receive_by_clock(struct loop *loop) {
    struct transport *transport = loop->setup->transport;
    int64_t began_ms = loop_now(loop).boot_ms;
    loop->taken = 0;
    loop->settles_soon = true;
    transport->kind->receive_favoured(transport, on_frame, loop);
    loop->settles_soon = false;
    loop->read_ms = began_ms;
    if (loop->taken > BY_CLOCK_FRAMES) {
        loop->by_clock_from_ms = began_ms + BY_CLOCK_AGAIN_MS;
    }
}

/* While voice is played, what talkers say is read just before: each of their frames would wake the
 * handset for nothing. Not where others wait for it to be passed on, nor in a flood. */
static void choose_waking(struct loop *loop) {
    struct transport *transport = loop->setup->transport;
    bool by_clock = transport->kind->relay == NULL && voice_path_plays(&loop->voice) &&
                    loop_now(loop).boot_ms >= loop->by_clock_from_ms;
    if (transport->kind->wake_for_favoured != NULL && by_clock != loop->reads_by_clock) {
        loop->reads_by_clock = by_clock;
        transport->kind->wake_for_favoured(transport, !by_clock);
    }
}

static void on_frames(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    loop_wake(loop);
    if (!loop->has_received) {
        loop->has_received = true;
        loop->is_settled = false;
        receive_frames(loop);
        if (!loop->is_settled || loop_is_scripted(loop)) { /* the last frame may have done it */
            loop_after_change(loop);
        }
    }
}

static void on_mail(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    loop_wake(loop);
    mailboxes_receive(&loop->traffic.mailboxes, hand_in, loop);
    loop_after_change(loop);
}

/* --- Voice -------------------------------------------------------------------------------------
 */

void loop_tell_of_devices(struct loop *loop) {
    struct voice_path_news news;
    while (voice_path_take_news(&loop->voice, &news)) {
        loop_tell(loop, news.event);
        if (news.is_for_good) {
            *loop->error = news.error;
            loop->result = news.error.status;
        }
    }
}

static void run_voice(struct loop *loop) {
    loop_wake(loop);
    /* What came while the loop was late is not lost: it is read before its turn to be played. */
    bool is_late = loop_now(loop).boot_ms - voice_path_deadline(&loop->voice) >= VOICE_FRAME_MS;
    if (is_late) {
        receive_frames(loop);
        loop_after_change(loop);
    } else if (loop->reads_by_clock) {
        receive_by_clock(loop);
        if (loop_is_scripted(loop)) {
            loop_after_change(loop);
        }
    }
    if (!loop->is_ending) {
        voice_path_run(&loop->voice, loop_now(loop));
        loop->view_version += sounding_moves(&loop->voice);
        loop_settle(loop);
    }
}

static void on_voice_time(uv_timer_t *timer) {
    run_voice(timer->data);
}

static void on_voice(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    run_voice(poll->data);
}

/* --- Time --------------------------------------------------------------------------------------
 */

static void on_deadline(uv_timer_t *timer) {
    loop_wake(timer->data);
    loop_after_change(timer->data);
}

void loop_wait(struct loop *loop, int64_t deadline_ms) {
    int64_t then_ms = loop_now(loop).boot_ms, voice_ms = voice_path_deadline(&loop->voice);
    choose_waking(loop);
    if (loop->reads_by_clock && loop->read_ms + BY_CLOCK_WAITS_MS < voice_ms) {
        voice_ms = loop->read_ms + BY_CLOCK_WAITS_MS; /* a loudspeaker may have come to a stop */
    }
    waiting_beyond(&loop->deadline_timer, on_deadline, then_ms, deadline_ms);
    waiting_until(&loop->voice_timer, on_voice_time, then_ms, voice_ms);
}

void loop_settle(struct loop *loop) {
    if (!loop->is_ending && loop->ear != NULL) {
        loop_settle_ear(loop);
    }
    if (loop->is_ending || loop->durable == NULL) {
        return;
    }
    const struct moment now = loop_now(loop);
    if (now.boot_ms >= handset_deadline(loop->handset)) {
        handset_tick(loop->handset, now);
    }
    traffic_settle(&loop->traffic, now);
    voice_path_settle(&loop->voice, now);
    loop_tell_of_devices(loop);
    /* Last: what was told just now is shown and logged in this turn, not in a later one. */
    durable_settle(loop->durable, now.boot_ms);
    loop_look_at_bundle(loop);
    /* Some of it by a tone, for which the loudspeaker is to start. */
    voice_path_settle(&loop->voice, now);
    int64_t deadline = handset_deadline(loop->handset);
    if (traffic_deadline(&loop->traffic) < deadline) {
        deadline = traffic_deadline(&loop->traffic);
    }
    if (loop_renewal_deadline(loop) < deadline) {
        deadline = loop_renewal_deadline(loop);
    }
    /* All that took its time, by which nothing is to be late. */
    int64_t retry_ms = durable_deadline(loop->durable);
    loop_wait(loop, retry_ms < deadline ? retry_ms : deadline);
}

/* --- Setting up --------------------------------------------------------------------------------
 */

int loop_start_mailbox_polls(struct loop *loop) {
    int descriptors[VIEW_MANAGED_MAX], failed = 0;
    size_t count = mailboxes_descriptors(&loop->traffic.mailboxes, descriptors);
    for (size_t i = 0; i < count && failed == 0; i++) {
        failed = waiting_for_descriptor(&loop->uv, &loop->mailbox_polls[i], descriptors[i],
                                        UV_READABLE, on_mail, loop);
        loop->mailbox_poll_count += failed == 0;
    }
    return failed;
}

void loop_stop_mailbox_polls(struct loop *loop) {
    for (size_t i = 0; i < loop->mailbox_poll_count; i++) {
        uv_close((uv_handle_t *)&loop->mailbox_polls[i], NULL);
    }
    loop->mailbox_poll_count = 0;
}

static int start_polls(struct loop *loop) {
    struct transport *transport = loop->setup->transport;
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = transport->kind->descriptors(transport, descriptors);
    int failed = 0;
    for (size_t i = 0; i < count && failed == 0; i++) {
        failed = waiting_for_descriptor(&loop->uv, &loop->frame_polls[i], descriptors[i],
                                        UV_READABLE, on_frames, loop);
    }
    if (failed == 0) {
        failed = waiting_for_descriptor(&loop->uv, &loop->voice_poll,
                                        voice_path_descriptor(&loop->voice), UV_READABLE, on_voice,
                                        loop);
    }
    if (failed == 0 && loop->setup->button != NULL) {
        failed = waiting_for_descriptor(&loop->uv, &loop->button_poll,
                                        button_descriptor(loop->setup->button), UV_READABLE,
                                        loop_on_button, loop);
    }
    if (failed == 0 && loop->setup->hook != HOOK_NONE) {
        failed = waiting_for_descriptor(&loop->uv, &loop->hook_poll, loop->setup->hook, UV_READABLE,
                                        loop_on_hook, loop);
    }
    if (failed == 0 && face_descriptor(loop->setup->face) >= 0) {
        failed =
            waiting_for_descriptor(&loop->uv, &loop->face_poll, face_descriptor(loop->setup->face),
                                   UV_READABLE | UV_DISCONNECT, loop_on_face_input, loop);
    }
    return failed;
}

static int start_timers_and_signals(struct loop *loop) {
    uv_timer_t *timers[] = {&loop->face_timer, &loop->deadline_timer, &loop->voice_timer};
    int failed = 0;
    for (size_t i = 0; i < sizeof timers / sizeof timers[0] && failed == 0; i++) {
        failed = uv_timer_init(&loop->uv, timers[i]);
        timers[i]->data = loop;
    }
    for (size_t i = 0; i < LOOP_ENDING_SIGNALS && failed == 0; i++) {
        failed = waiting_for_signal(&loop->uv, &loop->signals[i], ending_signals[i], loop_on_signal,
                                    loop);
    }
    if (failed == 0) {
        failed = waiting_for_signal(&loop->uv, &loop->resized, SIGWINCH, loop_on_resized, loop);
    }
    if (failed == 0 && face_descriptor(loop->setup->face) >= 0) {
        failed = waiting_for_signal(&loop->uv, &loop->stopping, SIGTSTP, loop_on_stopping, loop);
    }
    if (failed == 0) {
        failed = uv_prepare_init(&loop->uv, &loop->before_waiting);
        loop->before_waiting.data = loop;
    }
    return failed != 0 ? failed : uv_prepare_start(&loop->before_waiting, loop_on_before_waiting);
}

static enum status run(struct loop *loop) {
    enum status status = machine_has_descriptors("the event loop cannot start", loop->error);
    if (status != STATUS_OK) {
        return status;
    }
    int failed = uv_loop_init(&loop->uv);
    if (failed != 0) {
        return machine_refused(loop->error, "the event loop cannot start", -failed);
    }
    const char *what = "the event loop cannot start";
    failed = start_timers_and_signals(loop);
    if (failed == 0) {
        failed = start_polls(loop);
    }
    if (failed == 0) {
        what = "no thread for the store can be started";
        failed = worker_start(&loop->worker, &loop->uv);
    }
    if (failed == 0) {
        loop_begin_control(loop);
    }
    struct event problem = {.kind = EVENT_NONE};
    struct secret **passphrase = loop->setup->passphrase;
    if (failed == 0 && passphrase != NULL && *passphrase != NULL) {
        loop_begin_opening(loop, secret_span(*passphrase), false, &problem);
        secret_free(*passphrase);
        *passphrase = NULL;
    }
    if (failed != 0 || problem.kind != EVENT_NONE) {
        struct error error;
        machine_refused(&error, what, failed != 0 ? -failed : ENOMEM);
        loop_end_with(loop, &error);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    worker_join(&loop->worker);
    (void)uv_loop_close(&loop->uv);
    struct error error;
    if (loop->durable != NULL && !loop->setup->zeroise->is_done &&
        !durable_is_done(loop->durable, &error)) {
        loop_end_with(loop, &error);
    }
    return loop->result;
}

enum status loop_run(const struct loop_setup *setup, struct error *error) {
    uint64_t boot_id;
    enum status status = clocks_boot_id(&boot_id, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    loop->setup = setup;
    loop->error = error;
    loop->boot_id = boot_id;
    loop->log.out = setup->log;
    loop->logs = setup->log != NULL;
    wakefulness_begin(&loop->wakefulness, loop_now(loop).boot_ms);
    loop->traffic = (struct traffic){.transport = setup->transport,
                                     .broker = setup->broker,
                                     .link_count = setup->link_count,
                                     .link_names = setup->link_names};
    loop->view.phase = store_exists(setup->store_path) ? PHASE_LOCKED : PHASE_NEW;
    loop_look_at_attempts(loop);
    face_turn_to(setup->face, (struct face_back){.context = loop,
                                                 .view = loop_view,
                                                 .version = loop_version,
                                                 .carry_out = loop_officer_command});
    status = voice_path_open(&loop->voice, setup->capture, setup->playback, error);
    if (status == STATUS_OK) {
        status = run(loop);
        voice_path_close(&loop->voice);
    }
    loop_forget_bundles(loop);
    loop_forget_enrolment(loop);
    control_free(loop->control);
    traffic_end(&loop->traffic);
    durable_free(loop->durable);
    handset_free(loop->handset);
    ear_free(loop->ear);
    if (loop->store != NULL) {
        store_close(loop->store);
    }
    secret_wipe(loop, sizeof *loop);
    free(loop);
    return status;
}
