/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "app/programs/loop_state.h"
#include "app/programs/requesting.h"
#include "crypto/secret.h"

void loop_forget_enrolment(struct loop *loop) {
    enrolling_put_away(&loop->enrolment.work);
    secret_wipe(&loop->enrolment, sizeof loop->enrolment);
}

/* --- What was asked for before ---------------------------------------------------------------- */

void loop_recall_request(struct loop *loop) {
    struct enrolling *work = &loop->enrolment.work;
    if (loop->opening.handset == NULL) {
        work->store = loop->opening.store;
        work->store_path = loop->setup->store_path;
        enrolling_recall(work);
    }
}

void loop_show_request(struct loop *loop) {
    loop->view.enrolment = (struct view_enrolment){.request = loop->enrolment.work.request};
}

/* --- A step ----------------------------------------------------------------------------------- */

/* Installed, it is begun from the store that is open. */
static void start_handset(struct loop *loop) {
    struct enrolling *work = &loop->enrolment.work;
    loop->opening.handset = NULL;
    work->status = opening_start(&loop->opening, &work->error);
    if (work->status == STATUS_OK) {
        loop_set_erasing(loop);
    } else {
        handset_free(loop->opening.handset);
        loop->opening.handset = NULL;
    }
}

static void work_beside(void *context) {
    struct loop *loop = context;
    struct loop_enrolment *enrolment = &loop->enrolment;
    if (enrolment->step == COMMAND_REQUEST) {
        enrolling_request(&enrolment->work);
    } else if (enrolment->step == COMMAND_LOOK_AT) {
        enrolling_look(&enrolment->work);
    } else {
        enrolling_install(&enrolment->work);
        if (enrolment->work.status == STATUS_OK) {
            start_handset(loop);
        }
    }
}

/* What the step wrote after the store was destroyed goes as well. */
static void destroy_request(struct loop *loop) {
    char path[REQUESTING_FILE_SIZE];
    requesting_file(loop->setup->store_path, path);
    destroy_file(path, &loop->setup->zeroise->destruction);
}

static void show_outcome(struct loop *loop) {
    const struct enrolling *work = &loop->enrolment.work;
    struct view_enrolment *shown = &loop->view.enrolment;
    *shown = (struct view_enrolment){.request = work->request, .bundle = work->holds};
    if (work->status != STATUS_OK) {
        snprintf(shown->refusal, sizeof shown->refusal, "%s", work->error.text);
    }
    loop->view_version++;
}

/* Nobody can use it any more: the loop ends, or locks. */
static void drop_handset(struct loop *loop) {
    handset_free(loop->opening.handset);
    loop->opening.handset = NULL;
}

static void on_done(void *context) {
    struct loop *loop = context;
    bool is_installed = loop->opening.handset != NULL;
    show_outcome(loop);
    if (loop->setup->zeroise->is_done) {
        destroy_request(loop);
    }
    if (is_installed && (loop->is_ending || loop->is_locking)) {
        drop_handset(loop);
    } else if (is_installed) {
        loop_forget_enrolment(loop);
        loop_show_request(loop);
        loop_begin_handset(loop);
    }
    if (loop->is_ending) {
        loop_forget_enrolment(loop);
        return;
    }
    loop_after_change(loop);
    loop_lock_if_idle(loop);
}

static void begin(struct loop *loop, const struct command *command) {
    struct loop_enrolment *enrolment = &loop->enrolment;
    struct enrolling *work = &enrolment->work;
    work->provider = loop->setup->provider;
    work->store = loop->store;
    work->store_path = loop->setup->store_path;
    work->now_ms = loop_now(loop).utc_ms;
    work->status = STATUS_OK;
    enrolment->step = command->kind;
    loop->opening.now = loop_now(loop);
    loop->view.enrolment.is_busy = true;
    loop->view.enrolment.refusal[0] = '\0';
    loop->view_version++;
    worker_do(&loop->worker,
              (struct worker_job){.work = work_beside, .done = on_done, .context = loop});
}

/* The bundle that the officer gives: its text, or where it is. */
static void take_bundle(struct enrolling *work, const struct command *command) {
    enrolling_put_away(work);
    work->path[0] = '\0';
    if (command->on) {
        snprintf(work->path, sizeof work->path, "%.*s", (int)command->text_length, command->text);
    } else { /* NULL: it says that there is none */
        work->bundle =
            secret_copy((struct span){(const uint8_t *)command->text, command->text_length});
    }
}

static void put_away(struct loop *loop) {
    enrolling_put_away(&loop->enrolment.work);
    loop->view.enrolment.bundle = loop->enrolment.work.holds;
    loop->view.enrolment.refusal[0] = '\0';
    loop->view_version++;
}

bool loop_enrol(struct loop *loop, const struct command *command) {
    struct enrolling *work = &loop->enrolment.work;
    bool is_free = loop->store != NULL && !loop->worker.is_busy;
    switch (command->kind) {
    case COMMAND_REQUEST:
        if (is_free) {
            snprintf(work->identity, sizeof work->identity, "%s", command->identity);
            snprintf(work->name, sizeof work->name, "%s", command->name);
            begin(loop, command);
        }
        return true;
    case COMMAND_LOOK_AT:
        if (is_free) {
            take_bundle(work, command);
            begin(loop, command);
        }
        return true;
    case COMMAND_PUT_AWAY:
        if (is_free) {
            put_away(loop);
        }
        return true;
    case COMMAND_INSTALL:
        if (is_free && work->bundle != NULL) {
            snprintf(work->fingerprint, sizeof work->fingerprint, "%s", command->name);
            begin(loop, command);
        }
        return true;
    default:
        return false;
    }
}
