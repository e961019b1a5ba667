/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop's own (loop.h): what loop.c and its sisters share. loop_ending.c parts from others
 * and ends, loop_face.c serves the face, loop_opening.c gets from locked to ready, loop_locking.c
 * back, loop_enrolling.c to the first credential, loop_control.c answers who asks from a shell,
 * loop_commands.c does what is asked for there, loop_outputs.c has the engine's outputs carried
 * out, loop_renewing.c takes new keys, and loop.c brings frames, voice and time.
 */
#ifndef MUSTER_APP_PROGRAMS_LOOP_STATE_H
#define MUSTER_APP_PROGRAMS_LOOP_STATE_H

#include <uv.h>

#include "app/programs/clocks.h"
#include "app/programs/control.h"
#include "app/programs/durable.h"
#include "app/programs/enrolling.h"
#include "app/programs/event_log.h"
#include "app/programs/loop.h"
#include "app/programs/opening.h"
#include "app/programs/renewing.h"
#include "app/programs/traffic.h"
#include "app/programs/voice_path.h"
#include "app/programs/wakefulness.h"
#include "app/programs/worker.h"
#include "app/store/attempts.h"

enum {
    LOOP_ENDING_SIGNALS = 3
};

/* What the worker makes durable; it has it to itself until it reports. */
struct saving {
    const struct batch *const *batches;
    size_t count;
    enum status status;
    struct error error;
    bool is_short;
    bool is_due;                       /* it waits for the worker */
    unsigned erase_after, erasing_set; /* that the store is to have, and has */
    bool is_erasing_unset;             /* it could not be set */
};

/* New keys that come over the broker. While the worker is at it, `looked_at` is what it looks at.
 */
struct loop_renewal {
    struct secret *waiting;   /* the newest bundle that came; or NULL */
    struct secret *looked_at; /* or NULL */
    struct secret *seen;      /* the last one that was done with, which is not looked at again */
    struct renewing work;
    int64_t due_ms; /* boot clock: none is looked at before */
    bool is_told;   /* that it cannot be installed yet */
};

/* The way to the first credential. */
struct loop_enrolment {
    struct enrolling work;
    enum command_kind step; /* that the worker is at */
};

struct loop {
    const struct loop_setup *setup;
    uv_loop_t uv;
    uv_poll_t frame_polls[TRANSPORT_DESCRIPTORS_MAX], mailbox_polls[VIEW_MANAGED_MAX];
    size_t mailbox_poll_count;
    uv_poll_t face_poll, voice_poll, button_poll, hook_poll;
    uv_timer_t face_timer, deadline_timer, voice_timer;
    uv_prepare_t before_waiting;
    uv_signal_t signals[LOOP_ENDING_SIGNALS], resized, stopping;
    uint64_t boot_id;
    struct wakefulness wakefulness;

    struct worker worker;

    /* The way from locked to ready. While `is_opening` the worker has the opening to itself. */
    bool is_opening, was_typed;
    struct secret *passphrase;
    struct opening opening;
    struct error opening_error;
    enum status opening_status;
    struct attempts attempts; /* before it */
    struct loop_enrolment enrolment;

    /* The way back. */
    bool is_locking;             /* once the worker is idle */
    bool wipes_stack;            /* before the next wait: the handset was locked */
    bool was_open;               /* it was locked */
    int64_t wait_until_ms;       /* boot clock: when a passphrase is taken again */
    int64_t lock_after_ms;       /* as it is set; 0: never */
    int64_t in_use_ms;           /* boot clock: since when nothing was said */
    bool is_silent, is_off;      /* radio silence and airplane mode, which outlast a lock */
    struct control *control;     /* NULL: there is none */
    const char *control_problem; /* why not; as an event's `check` */
    bool is_quit;                /* somebody asked for the end there */

    /* From ready on. */
    struct store *store;
    struct handset *handset;
    struct ear *ear; /* without a handset: what it hears with while it is locked; or NULL */
    struct durable *durable;
    struct saving saving;
    struct loop_renewal renewal;
    struct traffic traffic;
    struct voice_path voice;
    struct event_log log;
    bool logs;
    bool has_received; /* in this turn: once is enough, whatever a flood brings meanwhile */
    bool is_settled;   /* nothing has come in since the loop settled last */

    /* What talkers say is read when it is due to be played, and wakes nobody before. */
    bool reads_by_clock;
    bool settles_soon;        /* whoever reads now settles right afterwards */
    int64_t read_ms;          /* boot clock: when it was read last, */
    unsigned taken;           /* and how many frames there were */
    int64_t by_clock_from_ms; /* boot clock: not before, since too many came */

    void (*after_parting)(struct loop *); /* NULL: nobody waits for a call to be hung up */
    int64_t part_by_ms;
    bool is_ending;
    enum status result;
    struct error *error;
    struct view view; /* the picture, and all of it before there is a handset */
    uint64_t view_version;
};

/* loop.c */

struct moment loop_now(const struct loop *loop);

/* A script's face has nothing to wait for. */
bool loop_is_scripted(const struct loop *loop);

/* The loop is woken at `deadline_ms`, and when voice is due. */
void loop_wait(struct loop *loop, int64_t deadline_ms);

/* Of a device that has failed, or is back. Of a recording that failed the program tells at its end
 * as well: the talk goes on. */
void loop_tell_of_devices(struct loop *loop);

/* Each time that the loop comes to itself, first of all: was it stopped, or has it slept? Then
 * nothing of before counts any more, neither what the devices hold nor keys that were pressed on a
 * screen that stood still. */
void loop_wake(struct loop *loop);

/* Does all that is due now, and asks to be woken for what is due next. */
void loop_settle(struct loop *loop);

/* Waits for what the mailboxes bring, once they are open. libuv's error, or 0. */
int loop_start_mailbox_polls(struct loop *loop);
void loop_stop_mailbox_polls(struct loop *loop);

/* loop_ending.c */

/* An open microphone closes in order: others are told that the talk session is over, or the call.
 */
void loop_end_talk(struct loop *loop);

/* Lets the loop run out: a passphrase being worked on is still waited for, and so is the disk. */
void loop_end(struct loop *loop);

/* The end as an officer wants it: others are told that a talk session is over. */
void loop_end_in_order(struct loop *loop);

/* The first failure is the one to tell, and it counts while the loop runs out, too. */
void loop_end_with(struct loop *loop, const struct error *error);

/* It ends, or will once the other side of a call knows. */
bool loop_is_leaving(const struct loop *loop);

/* Goes on with `then` once nothing is said any more, and whoever was in a call knows that: at once
 * if there was none. */
void loop_part(struct loop *loop, void (*then)(struct loop *));

/* Goes on with what waits for a call to be hung up, once it is or its time is over. */
void loop_part_if_it_is_time(struct loop *loop);

void loop_on_signal(uv_signal_t *signal, int number);
void loop_on_stopping(uv_signal_t *signal, int number);

/* loop_face.c */

/* What the face shows, and which commands it gives (face.h, struct face_back). */
const struct view *loop_view(void *context);
uint64_t loop_version(void *context, uint64_t *levels);
void loop_carry_out(void *context, struct command *command, struct event *problem);

/* The same by the officer's own hand: a talk that a shell began is theirs from then on, if they
 * want to talk as well. */
void loop_officer_command(void *context, struct command *command, struct event *problem);

/* Of the picture before there is a handset. */
void loop_show_phase(struct loop *loop, enum view_phase phase, enum event_kind problem);

void loop_attend(struct loop *loop);

/* After something has changed: a script looks at once, so that it misses nothing that passes
 * quickly; a person's screen follows when the face wants it to. */
void loop_after_change(struct loop *loop);

void loop_on_face_input(uv_poll_t *poll, int status, int events);
void loop_on_resized(uv_signal_t *signal, int number);
void loop_on_button(uv_poll_t *poll, int status, int events);

/* Whatever happened in this turn of the loop: the face attends if that is due now, and the loop
 * wakes up when it is due next. */
void loop_on_before_waiting(uv_prepare_t *prepare);

/* loop_opening.c */

/* The passphrase is copied. *problem says what forbids it. */
void loop_unlock(struct loop *loop, const struct command *command, struct event *problem);
void loop_begin_opening(struct loop *loop, struct span passphrase, bool was_typed,
                        struct event *problem);

/* The handset of loop->opening is the loop's from now on, ready if it has a credential. */
void loop_begin_handset(struct loop *loop);

/* The store has the number of wrong passphrases that the handset in loop->opening is to have. For
 * the worker. */
void loop_set_erasing(struct loop *loop);

/* loop_enrolling.c */

/* Carries out a command of a handset without a credential; false: it is none of these. What came of
 * it is in the view. */
bool loop_enrol(struct loop *loop, const struct command *command);

/* For the worker: what was asked for before. And then for the loop: it is shown. */
void loop_recall_request(struct loop *loop);
void loop_show_request(struct loop *loop);

/* Wipes what came of it. The worker is idle. */
void loop_forget_enrolment(struct loop *loop);

/* loop_locking.c */

/* Locks: others are told that a talk is over, what is to be saved is saved, and then the handset is
 * no more, and all that came out of the store is wiped. Nothing happens where nothing is open. */
void loop_lock(struct loop *loop);

/* Goes on with that once the worker is idle. */
void loop_lock_if_idle(struct loop *loop);

/* The boot_ms at which it locks by itself unless a key is pressed; INT64_MAX: never, as without a
 * screen. */
int64_t loop_lock_deadline(struct loop *loop);

/* The store is open again. The handset that is there now, if there is one, hears on from where its
 * ear was, which is no more. */
void loop_take_back_ear(struct loop *loop);

/* The same as loop_settle while there is an ear, which goes with its last key. */
void loop_settle_ear(struct loop *loop);

/* Looks at how many wrong passphrases there were, for the screen that asks for one. */
void loop_look_at_attempts(struct loop *loop);

/* There is a handset, or its officer has changed how it is to lock. */
void loop_take_lock_settings(struct loop *loop);

/* Destroys the store and what goes with it, at once, and ends the program: now, or before the loop
 * waits again. */
void loop_zeroise(struct loop *loop);
void loop_destroy(struct loop *loop);

/* loop_control.c */

/* From now on it can be locked, zeroised and asked from a shell. */
void loop_begin_control(struct loop *loop);

/* A talk that somebody asked for there and that is over, and the end that was asked for: they are
 * answered, or it ends. */
void loop_settle_control(struct loop *loop);

/* loop_commands.c: what the words of the control socket do (control.h). */

enum control_outcome loop_control_lock(void *context, struct control_call *call);
enum control_outcome loop_control_zeroise(void *context, struct control_call *call);
enum control_outcome loop_control_quit(void *context, struct control_call *call);
enum control_outcome loop_control_talk(void *context, struct control_call *call);
enum control_outcome loop_control_message(void *context, struct control_call *call);
enum control_outcome loop_control_make_group(void *context, struct control_call *call);
enum control_outcome loop_control_delete_group(void *context, struct control_call *call);
enum control_outcome loop_control_silence(void *context, struct control_call *call);
enum control_outcome loop_control_accept(void *context, struct control_call *call);

/* What is said in place of the microphone, as it comes. */
size_t loop_control_voice_room(void *context);
bool loop_control_take_voice(void *context, const uint8_t *octets, size_t length);

/* Who asked for a talk has gone, or its time is over. */
void loop_control_end_talk(void *context);

/* A talk that somebody asked for there is over: they are answered. To be called before another one
 * can begin: a hold is of one talk. */
void loop_control_settle_talk(struct loop *loop);

/* Says why not, in the answer. */
enum control_outcome loop_control_refuse(struct control_call *call, const char *problem);

/* Is the handset open? If not, the answer says why. */
bool loop_control_is_open(struct loop *loop, struct control_call *call);

/* The group of that identity, or the only one of that name; or NULL, and the answer says why. */
const struct view_group *loop_control_group(struct loop *loop, struct control_call *call);

/* loop_renewing.c */

/* The frame from `peer`, if it is a bundle for this handset, goes no further: returns whether it
 * is. It is looked at once the worker is idle. */
bool loop_take_bundle(struct loop *loop, uint64_t peer, struct span frame);

/* Has the worker look at the bundle that waits, if there is one and it is time. */
void loop_look_at_bundle(struct loop *loop);

/* The boot_ms at which that is to be called; INT64_MAX: nothing waits. */
int64_t loop_renewal_deadline(const struct loop *loop);

/* Wipes what came. The worker is idle. */
void loop_forget_bundles(struct loop *loop);

/* loop_outputs.c */

/* The worker is idle: has it make durable what waited for that, unless the store was destroyed. */
void loop_save_what_waited(struct loop *loop);

/* Through the handset, so that it is in its log as well. */
void loop_tell(struct loop *loop, struct event event);

/* The process of --on-event has ended: the officer is told. */
void loop_on_hook(uv_poll_t *poll, int status, int events);

/* From now on outputs are carried out. STATUS_NO_MEMORY. */
MUST_CHECK enum status loop_begin_saving(struct loop *loop, struct error *error);

#endif
