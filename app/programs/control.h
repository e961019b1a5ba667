/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket of a running handset: what `muster lock`, `muster zeroise` and `muster status`
 * talk to. A Unix stream socket (mode 0600) beside the store, under its name with "-socket", so
 * that each store has its own, or where --socket says.
 *
 * Who may: the user whose handset it is, and root, who could read its memory anyway; the kernel
 * says who connects (SO_PEERCRED). Anybody else is hung up on, without an answer.
 *
 * How: one line of JSON goes in, {"muster": 1, "do": "lock"}, of at most CONTROL_REQUEST_MAX
 * octets; one object comes out, {"muster": 1, "ok": true, ...} or {"muster": 1, "ok": false,
 * "problem":
 * "..."}, and the connection is closed. Whoever says nothing, too much or no JSON is hung up on
 * after CONTROL_PATIENCE_MS at most; at most CONTROL_CLIENTS_MAX are listened to at once. The loop
 * never waits for one.
 */
#ifndef MUSTER_APP_PROGRAMS_CONTROL_H
#define MUSTER_APP_PROGRAMS_CONTROL_H

#include <jansson.h>
#include <limits.h>
#include <uv.h>

#include "app/error.h"

enum {
    CONTROL_VERSION = 1,
    CONTROL_REQUEST_MAX = 512,
    CONTROL_ANSWER_MAX = 64 * 1024,
    CONTROL_CLIENTS_MAX = 8,
    CONTROL_PATIENCE_MS = 2000,
    CONTROL_DOING_MS = 10 * 1000, /* that what was asked for may take */
    CONTROL_PATH_SIZE = PATH_MAX + 8
};

/* What a handset does for who asks: adds to `answer` what there is to tell. CONTROL_LATER: the
 * answer follows with control_done. */
enum control_outcome {
    CONTROL_OK,
    CONTROL_LATER,
    CONTROL_FAILED
};

struct control_word {
    const char *word; /* what "do" says; the last of a table has NULL */
    enum control_outcome (*carry_out)(void *context, json_t *answer);
};

struct control;

/* The path for the store at `store` where no other is given. */
void control_path(const char *store, char path[CONTROL_PATH_SIZE]);

/* Listens at `path`, in the place of a socket that nobody listens at any more. The words and the
 * context outlive it. STATUS_BUSY: another program listens there; STATUS_ALREADY_DONE: there is
 * something else; STATUS_TOO_LONG, STATUS_READ_ONLY, STATUS_IO_FAILED, STATUS_NO_MEMORY. */
MUST_CHECK enum status control_open(uv_loop_t *uv, const char *path,
                                    const struct control_word words[], void *context,
                                    struct control **control, struct error *error);

/* What was to follow is done: those who wait for it are answered. */
void control_done(struct control *control);

/* Removes the socket. NULL is allowed. */
void control_close(struct control *control);

/* After the loop, which has closed its handles: frees. NULL is allowed. */
void control_free(struct control *control);

/* --- For who asks, in a program of its own ---------------------------------------------------- */

/* Asks the handset at `path` to do `word`, and waits for its answer, which the caller releases
 * (json_decref). STATUS_NOT_FOUND: none is running there; STATUS_NOT_ALLOWED: the socket is not its
 * owner's, or the handset hung up; STATUS_IO_FAILED, STATUS_MALFORMED; otherwise what it answered
 * was "ok". */
MUST_CHECK enum status control_ask(const char *path, const char *word, json_t **answer,
                                   struct error *error);

#endif
