/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "app/programs/clocks.h"
#include "app/programs/conditions.h"
#include "app/programs/durable.h"
#include "app/programs/event_json.h"
#include "app/programs/machine.h"
#include "app/programs/opening.h"
#include "app/programs/sounding.h"
#include "app/programs/traffic.h"
#include "app/programs/voice_path.h"
#include "app/programs/waiting.h"
#include "app/programs/wakefulness.h"
#include "app/programs/worker.h"

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum {
    ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0],
    PARTING_MS = 1200 /* the other side of a call asks twice a second whether it goes on */
};

/* What the worker makes durable; it has it to itself until it reports. */
struct saving {
    const struct batch *const *batches;
    size_t count;
    enum status status;
    struct error error;
    bool is_short;
};

struct loop {
    const struct loop_setup *setup;
    uv_loop_t uv;
    uv_poll_t frame_polls[TRANSPORT_DESCRIPTORS_MAX], mailbox_polls[VIEW_MANAGED_MAX];
    uv_poll_t face_poll, voice_poll, button_poll;
    uv_timer_t face_timer, deadline_timer, voice_timer;
    uv_prepare_t before_waiting;
    uv_signal_t signals[ENDING_SIGNALS], resized, stopping;
    uint64_t boot_id;
    struct wakefulness wakefulness;

    struct worker worker;

    /* The way from locked to ready. While `is_opening` the worker has the opening to itself. */
    bool is_opening, was_typed;
    struct secret *passphrase;
    struct opening opening;
    struct error opening_error;
    enum status opening_status;

    /* From ready on. */
    struct store *store;
    struct handset *handset;
    struct durable *durable;
    struct saving saving;
    struct traffic traffic;
    struct voice_path voice;
    bool logs;

    void (*after_parting)(struct loop *); /* NULL: nobody waits for a call to be hung up */
    int64_t part_by_ms;
    bool is_ending;
    enum status result;
    struct error *error;
    struct view view; /* the picture, and all of it before there is a handset */
    uint64_t view_version;
};

static void settle(struct loop *loop);
static void tell_of(struct loop *loop, struct event event);
static enum status begin_saving(struct loop *loop, struct error *error);
static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length);
static void on_voice_time(uv_timer_t *timer);
static int start_mailbox_polls(struct loop *loop);

static struct moment now_of(const struct loop *loop) {
    return clocks_now(loop->boot_id);
}

/* An open microphone closes in order: others are told that the talk session is over, or the call.
 */
static void end_talk(struct loop *loop) {
    static const enum command_kind kinds[] = {COMMAND_TALK_END, COMMAND_HANG_UP};
    for (size_t i = 0; loop->handset != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct event problem;
        struct command command = {.kind = kinds[i]};
        if (handset_command(loop->handset, now_of(loop), &command, &problem) == STATUS_OK) {
            settle(loop);
        }
    }
}

/* It was stopped, by job control or a signal, however shortly: who talked may have let go of the
 * key long ago, and what the microphone heard meanwhile is nobody's to hear. */
static void go_on_after_stop(struct loop *loop) {
    face_forget_presses(loop->setup->face);
    if (loop->handset != NULL && !loop->is_ending) {
        voice_path_slept(&loop->voice);
        end_talk(loop);
    }
}

/* Each time that the loop comes to itself, first of all: was it stopped, or has it slept? Then
 * nothing of before counts any more, neither what the devices hold nor keys that were pressed on a
 * screen that stood still.
 */
static void wake(struct loop *loop) {
    if (face_stood_still(loop->setup->face)) {
        go_on_after_stop(loop);
    }
    int64_t slept_ms = wakefulness_look(&loop->wakefulness, now_of(loop).boot_ms);
    if (slept_ms == 0 || loop->is_ending) {
        return;
    }
    face_forget_presses(loop->setup->face);
    if (loop->handset != NULL) {
        handset_slept(loop->handset, now_of(loop), slept_ms);
        voice_path_slept(&loop->voice);
        settle(loop);
    }
}

/* --- The end -----------------------------------------------------------------------------------
 */

static void close_handle(uv_handle_t *handle, void *context) {
    const struct loop *loop = context;
    if (!uv_is_closing(handle) && handle != (const uv_handle_t *)&loop->worker.finished) {
        uv_close(handle, NULL);
    }
}

/* Lets the loop run out: a passphrase being worked on is still waited for, and so is the disk. */
static void end(struct loop *loop) {
    loop->is_ending = true;
    if (loop->durable != NULL) {
        durable_hurry(loop->durable);
    }
    uv_walk(&loop->uv, close_handle, loop);
    worker_close(&loop->worker);
}

static bool is_leaving(const struct loop *loop) {
    return loop->is_ending || loop->after_parting == end;
}

static bool is_parting(const struct loop *loop) {
    return loop->handset != NULL && handset_view(loop->handset, now_of(loop))->call_is_parting;
}

/* Goes on with `then` once nothing is said any more, and whoever was in a call knows that: at once
 * if there was none. */
static void part(struct loop *loop, void (*then)(struct loop *)) {
    end_talk(loop);
    if (loop->is_ending) {
        return;
    }
    if (is_parting(loop)) {
        loop->after_parting = then;
        loop->part_by_ms = now_of(loop).boot_ms + PARTING_MS;
    } else {
        then(loop);
    }
}

static void part_if_it_is_time(struct loop *loop) {
    if (loop->after_parting != NULL &&
        (!is_parting(loop) || now_of(loop).boot_ms >= loop->part_by_ms)) {
        void (*then)(struct loop *) = loop->after_parting;
        loop->after_parting = NULL;
        then(loop);
    }
}

static bool face_is_scripted(const struct loop *loop) {
    return face_descriptor(loop->setup->face) < 0;
}

/* The end as an officer wants it: others are told that a talk session is over. */
static void end_in_order(struct loop *loop) {
    if (is_leaving(loop)) {
        return;
    }
    part(loop, end);
    if (!loop->is_ending && !face_is_scripted(loop)) {
        (void)uv_poll_stop(&loop->face_poll); /* keys count no more, and it may have hung up */
    }
}

/* The first failure is the one to tell, and it counts while the loop runs out, too. */
static void end_with(struct loop *loop, const struct error *error) {
    if (loop->result == STATUS_OK) {
        *loop->error = *error;
        loop->result = error->status;
    }
    if (!loop->is_ending) {
        end(loop);
    }
}

static void on_signal(uv_signal_t *signal, int number) {
    (void)number;
    end_in_order(signal->data);
}

static void stop(struct loop *loop) {
    face_stop(loop->setup->face);
}

/* Job control stops the program once nobody hears the microphone any more. */
static void on_stopping(uv_signal_t *signal, int number) {
    (void)number;
    struct loop *loop = signal->data;
    wake(loop);
    if (loop->after_parting == NULL) {
        part(loop, stop);
    }
}

/* --- The face ----------------------------------------------------------------------------------
 */

static const struct view *current_view(void *context) {
    struct loop *loop = context;
    struct moment now = now_of(loop);
    if (loop->handset != NULL) {
        const struct view *view = handset_view(loop->handset, now);
        if (!sounding_is_live(&loop->voice)) {
            return view;
        }
        loop->view = *view; /* a megabyte, once in each turn of the face */
        sounding_show(&loop->voice, &loop->view.sound);
        return &loop->view;
    }
    loop->view.utc_ms = now.utc_ms;
    return &loop->view;
}

static uint64_t current_version(void *context) {
    const struct loop *loop = context;
    return loop->view_version + (loop->handset != NULL ? handset_version(loop->handset) : 0);
}

/* Before there is a handset. */
static void show_phase(struct loop *loop, enum view_phase phase, enum event_kind problem) {
    loop->view.phase = phase;
    loop->view.problem = (struct event){.kind = problem};
    loop->view_version++;
}

static void attend(struct loop *loop) {
    if (is_leaving(loop)) {
        return;
    }
    enum face_state state = face_attend(loop->setup->face, now_of(loop));
    if (state == FACE_GOES_ON && is_leaving(loop) && loop->result == STATUS_OK) {
        state = face_quit(loop->setup->face);
    }
    switch (state) {
    case FACE_GOES_ON:
        break;
    case FACE_ENDED:
        end_in_order(loop);
        break;
    case FACE_FAILED:
        end_with(loop, &(struct error){STATUS_NOT_FOUND, "a line of the script did not come true"});
        break;
    }
}

/* After something has changed: a script looks at once, so that it misses nothing that passes
 * quickly; a person's screen follows when the face wants it to. */
static void after_change(struct loop *loop) {
    settle(loop);
    if (face_is_scripted(loop)) {
        attend(loop);
    }
}

static void on_face_input(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    wake(loop);
    attend(loop);
    settle(loop);
}

/* The window has another size: it is asked for with each drawing. */
static void on_resized(uv_signal_t *signal, int number) {
    (void)number;
    struct loop *loop = signal->data;
    wake(loop);
    attend(loop);
    settle(loop);
}

static void on_button(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    enum button_news news;
    wake(loop);
    while (!loop->is_ending && button_next(loop->setup->button, &news)) {
        if (news != BUTTON_BACK) {
            face_button(loop->setup->face, news == BUTTON_PRESSED, now_of(loop));
        }
        if (news == BUTTON_GONE || news == BUTTON_BACK) {
            tell_of(loop, (struct event){.kind = news == BUTTON_GONE ? EVENT_BUTTON_GONE
                                                                     : EVENT_BUTTON_BACK});
        }
    }
    after_change(loop);
}

/* Waking up is all: what is due is done before the loop waits again. */
static void on_face_timer(uv_timer_t *timer) {
    (void)timer;
}

/* Whatever happened in this turn of the loop: the face attends if that is due now, and the loop
 * wakes up when it is due next. */
static void on_before_waiting(uv_prepare_t *prepare) {
    struct loop *loop = prepare->data;
    wake(loop);
    part_if_it_is_time(loop);
    if (!is_leaving(loop) && face_deadline(loop->setup->face) <= now_of(loop).boot_ms) {
        settle(loop);
        attend(loop);
        settle(loop);
    }
    if (!loop->is_ending) {
        int64_t face_ms = is_leaving(loop) ? INT64_MAX : face_deadline(loop->setup->face);
        int64_t part_ms = loop->after_parting != NULL ? loop->part_by_ms : INT64_MAX;
        waiting_beyond(&loop->face_timer, on_face_timer, now_of(loop).boot_ms,
                       part_ms < face_ms ? part_ms : face_ms);
    }
    wakefulness_wait(&loop->wakefulness, now_of(loop).boot_ms, uv_backend_timeout(&loop->uv));
}

/* --- Opening the store -------------------------------------------------------------------------
 */

static void open_beside(void *context) {
    struct loop *loop = context;
    loop->opening_status = opening_run(&loop->opening, &loop->opening_error);
    if (loop->opening_status == STATUS_OK) {
        store_reserve(loop->opening.store);
    }
}

static void begin_traffic(struct loop *loop) {
    struct error error;
    if (loop->handset == NULL) {
        return;
    }
    voice_path_begin(&loop->voice, loop->handset, now_of(loop));
    sound_settings_begin(&loop->voice, now_of(loop), &loop->setup->wishes);
    enum status status =
        traffic_begin(&loop->traffic, loop->handset, loop->store, now_of(loop), &error);
    if (status == STATUS_OK) {
        status = begin_saving(loop, &error);
    }
    int failed = status == STATUS_OK ? start_mailbox_polls(loop) : 0;
    if (failed != 0) {
        status = error_set(&error, STATUS_LIBRARY_FAILED, "the mailboxes cannot be waited for: %s",
                           uv_strerror(failed));
    }
    if (loop->setup->button != NULL && !button_is_there(loop->setup->button)) {
        tell_of(loop, (struct event){.kind = EVENT_BUTTON_GONE});
    }
    if (status != STATUS_OK) {
        end_with(loop, &error);
    }
}

static void on_opened(void *context) {
    struct loop *loop = context;
    loop->is_opening = false;
    secret_free(loop->passphrase);
    loop->passphrase = NULL;
    if (loop->opening_status == STATUS_WRONG_PASSPHRASE && loop->was_typed) {
        show_phase(loop, PHASE_LOCKED, EVENT_PASSPHRASE_WRONG);
    } else if (loop->opening_status != STATUS_OK) {
        end_with(loop, &loop->opening_error);
    } else if (loop->is_ending) {
        opening_undo(&loop->opening);
    } else {
        loop->store = loop->opening.store;
        loop->handset = loop->opening.handset;
        show_phase(loop, PHASE_UNENROLLED, EVENT_NONE);
        begin_traffic(loop);
        if (!secret_memory_is_locked() && !loop->is_ending) {
            tell_of(loop, (struct event){.kind = EVENT_MEMORY_NOT_LOCKED});
        }
    }
    after_change(loop);
}

static void begin_opening(struct loop *loop, struct span passphrase, bool was_typed,
                          struct event *problem) {
    loop->passphrase = secret_copy(passphrase);
    if (loop->passphrase == NULL) {
        problem->kind = EVENT_OUT_OF_MEMORY;
        return;
    }
    loop->was_typed = was_typed;
    loop->opening = (struct opening){.path = loop->setup->store_path,
                                     .passphrase = secret_span(loop->passphrase),
                                     .strength = loop->setup->strength,
                                     .provider = loop->setup->provider,
                                     .entropy = loop->setup->entropy,
                                     .now = now_of(loop)};
    loop->is_opening = true;
    show_phase(loop, PHASE_UNLOCKING, EVENT_NONE);
    worker_do(&loop->worker,
              (struct worker_job){.work = open_beside, .done = on_opened, .context = loop});
}

static void unlock(struct loop *loop, const struct command *command, struct event *problem) {
    if (loop->is_opening || loop->store != NULL) {
        problem->kind = EVENT_STORE_OPEN_ALREADY;
    } else if (command->passphrase[0] == '\0') {
        problem->kind = EVENT_PASSPHRASE_EMPTY;
    } else {
        begin_opening(loop, span_of_text(command->passphrase), true, problem);
    }
}

static void carry_out(void *context, struct command *command, struct event *problem) {
    struct loop *loop = context;
    if (loop->is_ending || loop->after_parting != NULL) {
        return;
    }
    if (command->kind == COMMAND_QUIT) {
        end_in_order(loop);
    } else if (command->kind == COMMAND_UNLOCK) {
        unlock(loop, command, problem);
    } else if (loop->handset == NULL) {
        problem->kind = EVENT_NOT_ENROLLED;
    } else if (sounding_carry_out(&loop->voice, now_of(loop), command, problem)) {
        loop->view_version++;
        settle(loop);
    } else {
        enum status status = handset_command(loop->handset, now_of(loop), command, problem);
        if (status != STATUS_OK && command->kind == COMMAND_TALK_BEGIN) {
            voice_path_refuse(&loop->voice);
        }
        settle(loop);
    }
}

/* --- What the engine wants done ----------------------------------------------------------------
 */

/* A log that fails ends; the program goes on, and ends with this line later. */
static void write_log(struct loop *loop, const struct event *event,
                      const struct event_proof *proof) {
    if (!loop->logs) {
        return;
    }
    enum status status = event_json_write(loop->setup->log, event, proof);
    if (status == STATUS_OK || status == STATUS_MALFORMED) {
        return;
    }
    const struct event failed = {.kind = EVENT_LOGGING_FAILED, .check = status_name(status)};
    loop->logs = false;
    loop->result = error_set(loop->error, status, "the log cannot be written: %s",
                             status == STATUS_NO_MEMORY ? "out of memory" : strerror(errno));
    face_notice(loop->setup->face, &failed);
}

/* What an officer should notice whatever screen they are on; the rest is in the log. */
static void notice(struct loop *loop, const struct event *event, const struct event_proof *proof) {
    if (event_is_for_every_screen(event->kind)) {
        face_notice(loop->setup->face, event);
    }
    write_log(loop, event, proof);
}

static void tell(void *context, const struct output *output) {
    struct loop *loop = context;
    const struct event_proof proof = {.peer = output->peer, .octets = output->frame};
    notice(loop, &output->event, &proof);
    voice_path_tell(&loop->voice, output->event.kind);
}

/* Through the handset, so that it is in its log as well. */
static void tell_of(struct loop *loop, struct event event) {
    if (loop->handset != NULL) {
        handset_note(loop->handset, now_of(loop), &event);
    } else {
        event.utc_ms = now_of(loop).utc_ms;
        const struct event_proof none = {.peer = EVERYONE};
        notice(loop, &event, &none);
    }
}

static void send_frame(void *context, const struct output *output) {
    struct loop *loop = context;
    traffic_send(&loop->traffic, now_of(loop), output);
}

static void relay_frame(void *context, const struct output *output) {
    struct loop *loop = context;
    traffic_relay(&loop->traffic, output);
}

static void alarm_officer(void *context, const struct event *event) {
    tell_of(context, *event);
}

static void save_beside(void *context) {
    struct loop *loop = context;
    loop->saving.status =
        store_apply_all(loop->store, loop->saving.batches, loop->saving.count, &loop->saving.error);
    if (store_is_short(loop->store)) {
        store_reserve(loop->store);
    }
    loop->saving.is_short = store_is_short(loop->store);
}

static void tell_of_space(struct loop *loop, bool is_short) {
    const struct error full = {STATUS_NO_SPACE, "no space left on the disk of the store"};
    durable_short(loop->durable, is_short ? &full : NULL);
}

static void on_saved(void *context) {
    struct loop *loop = context;
    tell_of_space(loop, loop->saving.is_short);
    durable_written(loop->durable, now_of(loop).boot_ms, loop->saving.status, &loop->saving.error);
    after_change(loop);
}

static void save(void *context, const struct batch *const batches[], size_t count) {
    struct loop *loop = context;
    loop->saving.batches = batches;
    loop->saving.count = count;
    worker_do(&loop->worker,
              (struct worker_job){.work = save_beside, .done = on_saved, .context = loop});
}

static enum status begin_saving(struct loop *loop, struct error *error) {
    const struct durable_hands hands = {.context = loop,
                                        .send = send_frame,
                                        .relay = relay_frame,
                                        .tell = tell,
                                        .alarm = alarm_officer};
    const struct durable_worker worker = {.context = loop, .write = save};
    loop->durable = durable_new(loop->handset, &hands, &worker);
    if (loop->durable == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    tell_of_space(loop, store_is_short(loop->store));
    return STATUS_OK;
}

/* --- Voice -------------------------------------------------------------------------------------
 */

/* Of a recording that failed the program tells at its end as well: the talk goes on. */
static void tell_of_devices(struct loop *loop) {
    struct voice_path_news news;
    while (voice_path_take_news(&loop->voice, &news)) {
        tell_of(loop, news.event);
        if (news.is_for_good) {
            *loop->error = news.error;
            loop->result = news.error.status;
        }
    }
}

static void receive_frames(struct loop *loop) {
    struct transport *transport = loop->setup->transport;
    if (transport->kind->receive(transport, on_frame, loop) != TRANSPORT_OK) {
        struct transport_condition problem;
        transport->kind->problem(transport, &problem);
        tell_of(loop, conditions_event(&problem, loop->setup->link_names, loop->setup->link_count));
    }
}

static void run_voice(struct loop *loop) {
    wake(loop);
    /* What came while the loop was late is not lost: it is read before its turn to be played. */
    if (now_of(loop).boot_ms - voice_path_deadline(&loop->voice) >= VOICE_FRAME_MS) {
        receive_frames(loop);
        after_change(loop);
    }
    if (!loop->is_ending) {
        voice_path_run(&loop->voice, now_of(loop));
        loop->view_version += sounding_moves(&loop->voice);
        settle(loop);
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

/* --- Frames and time ---------------------------------------------------------------------------
 */

static void hand_in(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct loop *loop = context;
    if (loop->handset == NULL || loop->is_ending) {
        return;
    }
    handset_frame(loop->handset, now_of(loop), peer, (struct span){frame, length});
    traffic_heard(&loop->traffic, now_of(loop), peer);
    settle(loop);
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct loop *loop = context;
    const struct transport *transport = loop->setup->transport;
    int64_t age_ms = transport->kind->age_ms == NULL ? TRANSPORT_AGE_UNKNOWN
                                                     : transport->kind->age_ms(transport);
    if (wakefulness_allows(&loop->wakefulness, now_of(loop).boot_ms, age_ms,
                           (struct span){frame, length})) {
        hand_in(context, peer, frame, length);
    }
}

static void on_frames(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    wake(loop);
    receive_frames(loop);
    after_change(loop);
}

static void on_mail(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    wake(loop);
    mailboxes_receive(&loop->traffic.mailboxes, hand_in, loop);
    after_change(loop);
}

static void on_deadline(uv_timer_t *timer) {
    wake(timer->data);
    after_change(timer->data);
}

/* Does all that is due now, and asks to be woken for what is due next. */
static void settle(struct loop *loop) {
    if (loop->is_ending || loop->durable == NULL) {
        return;
    }
    if (now_of(loop).boot_ms >= handset_deadline(loop->handset)) {
        handset_tick(loop->handset, now_of(loop));
    }
    traffic_settle(&loop->traffic, now_of(loop));
    voice_path_settle(&loop->voice, now_of(loop));
    tell_of_devices(loop);
    /* Last: what was told just now is shown and logged in this turn, not in a later one. */
    durable_settle(loop->durable, now_of(loop).boot_ms);
    /* Some of it by a tone, for which the loudspeaker is to start. */
    voice_path_settle(&loop->voice, now_of(loop));
    int64_t deadline = handset_deadline(loop->handset);
    if (traffic_deadline(&loop->traffic) < deadline) {
        deadline = traffic_deadline(&loop->traffic);
    }
    int64_t now_ms = now_of(loop).boot_ms, retry_ms = durable_deadline(loop->durable);
    waiting_beyond(&loop->deadline_timer, on_deadline, now_ms,
                   retry_ms < deadline ? retry_ms : deadline);
    waiting_until(&loop->voice_timer, on_voice_time, now_ms, voice_path_deadline(&loop->voice));
}

/* --- Setting up --------------------------------------------------------------------------------
 */

static int start_mailbox_polls(struct loop *loop) {
    int descriptors[VIEW_MANAGED_MAX], failed = 0;
    size_t count = mailboxes_descriptors(&loop->traffic.mailboxes, descriptors);
    for (size_t i = 0; i < count && failed == 0; i++) {
        failed = waiting_for_descriptor(&loop->uv, &loop->mailbox_polls[i], descriptors[i],
                                        UV_READABLE, on_mail, loop);
    }
    return failed;
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
                                        on_button, loop);
    }
    if (failed == 0 && !face_is_scripted(loop)) {
        failed =
            waiting_for_descriptor(&loop->uv, &loop->face_poll, face_descriptor(loop->setup->face),
                                   UV_READABLE | UV_DISCONNECT, on_face_input, loop);
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
    for (size_t i = 0; i < ENDING_SIGNALS && failed == 0; i++) {
        failed =
            waiting_for_signal(&loop->uv, &loop->signals[i], ending_signals[i], on_signal, loop);
    }
    if (failed == 0) {
        failed = waiting_for_signal(&loop->uv, &loop->resized, SIGWINCH, on_resized, loop);
    }
    if (failed == 0 && !face_is_scripted(loop)) {
        failed = waiting_for_signal(&loop->uv, &loop->stopping, SIGTSTP, on_stopping, loop);
    }
    if (failed == 0) {
        failed = uv_prepare_init(&loop->uv, &loop->before_waiting);
        loop->before_waiting.data = loop;
    }
    return failed != 0 ? failed : uv_prepare_start(&loop->before_waiting, on_before_waiting);
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
    struct event problem = {.kind = EVENT_NONE};
    if (failed == 0 && loop->setup->passphrase.length > 0) {
        begin_opening(loop, loop->setup->passphrase, false, &problem);
    }
    if (failed != 0 || problem.kind != EVENT_NONE) {
        struct error error;
        machine_refused(&error, what, failed != 0 ? -failed : ENOMEM);
        end_with(loop, &error);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    worker_join(&loop->worker);
    (void)uv_loop_close(&loop->uv);
    struct error error;
    if (loop->durable != NULL && !durable_is_done(loop->durable, &error)) {
        end_with(loop, &error);
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
    loop->logs = setup->log != NULL;
    wakefulness_begin(&loop->wakefulness, now_of(loop).boot_ms);
    loop->traffic = (struct traffic){.transport = setup->transport,
                                     .broker = setup->broker,
                                     .link_count = setup->link_count,
                                     .link_names = setup->link_names};
    loop->view.phase = store_exists(setup->store_path) ? PHASE_LOCKED : PHASE_NEW;
    face_turn_to(setup->face, (struct face_back){.context = loop,
                                                 .view = current_view,
                                                 .version = current_version,
                                                 .carry_out = carry_out});
    status = voice_path_open(&loop->voice, setup->capture, setup->playback, error);
    if (status == STATUS_OK) {
        status = run(loop);
        voice_path_close(&loop->voice);
    }
    traffic_end(&loop->traffic);
    durable_free(loop->durable);
    handset_free(loop->handset);
    if (loop->store != NULL) {
        store_close(loop->store);
    }
    free(loop);
    return status;
}
