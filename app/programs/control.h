/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket of a running handset: what `muster lock`, `muster status`, `muster wait` and
 * the like talk to. A Unix stream socket (mode 0600) beside the store, under its name with
 * "-socket", so that each store has its own, or where --socket says.
 *
 * Who may: the user whose handset it is, and root, who could read its memory anyway; the kernel
 * says who connects (SO_PEERCRED). Anybody else is hung up on, without an answer.
 *
 * How: one line of JSON goes in, {"muster": 1, "do": "lock"}, of at most CONTROL_REQUEST_MAX
 * octets, with no member but "muster", "do" and the arguments of that word, which are text, whole
 * numbers or lists of text. One object comes out, {"muster": 1, "ok": true, ...} or {"muster": 1,
 * "ok": false, "problem": "..."}, and the connection is closed. Of a word that is followed, lines
 * come until one side closes it. Of a word that takes octets, they follow its line. Whoever says
 * nothing, too much or no JSON is hung up on after CONTROL_PATIENCE_MS at most.
 *
 * The loop never waits for anybody. At most CONTROL_CLIENTS_MAX are listened to at once, so that no
 * more requests than that are carried out in one turn of the loop; at most CONTROL_FOLLOWERS_MAX of
 * them follow. Nothing is queued here: what the system's own buffer does not take is not sent, and
 * whoever let it fill up is hung up on.
 */
#ifndef MUSTER_APP_PROGRAMS_CONTROL_H
#define MUSTER_APP_PROGRAMS_CONTROL_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "app/error.h"

enum {
    CONTROL_VERSION = 1,
    CONTROL_REQUEST_MAX = 4096,
    CONTROL_ANSWER_MAX = 256 * 1024,
    CONTROL_CLIENTS_MAX = 8,
    CONTROL_FOLLOWERS_MAX = 4,
    CONTROL_ARGUMENTS_MAX = 3,
    CONTROL_PATIENCE_MS = 2000,
    CONTROL_DOING_MS = 10 * 1000, /* that what was asked for may take */
    CONTROL_PATH_SIZE = PATH_MAX + 8
};

/* One request that is carried out. */
struct control_call {
    const json_t *request; /* its arguments are those of the word, and of their kinds */
    json_t *answer;        /* to add to what there is to tell */
    const char *topic; /* of CONTROL_FOLLOWED: all lines but these are left out; NULL: none is */
    int64_t lasts_ms;  /* of CONTROL_HELD */
};

enum control_outcome {
    CONTROL_OK,
    CONTROL_FAILED,
    CONTROL_LATER,    /* the answer follows with control_done */
    CONTROL_FOLLOWED, /* it is answered, and lines follow it (control_tell) */
    CONTROL_HELD /* the answer follows with control_release; `let_go` of the word is called once
                  * lasts_ms have passed, or if who asked hangs up before. One at a time */
};

struct control_argument {
    const char *name; /* NULL: there is none */
    bool is_number;   /* a whole one; */
    bool is_list;     /* an array of text; else it is text */
    bool is_optional;
};

struct control_word {
    const char *word; /* what "do" says; the last of a table has NULL */
    enum control_outcome (*carry_out)(void *context, struct control_call *call);
    struct control_argument arguments[CONTROL_ARGUMENTS_MAX];
    void (*let_go)(void *context); /* of CONTROL_HELD; otherwise NULL */
    /* Of CONTROL_HELD where octets may follow the line: how many are taken now, SIZE_MAX where none
     * is awaited any more; and takes them. False: they are too many, and who sent them is hung up
     * on. Otherwise both are NULL. */
    size_t (*room)(void *context);
    bool (*take)(void *context, const uint8_t *octets, size_t length);
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

/* How many follow. NULL is allowed. */
size_t control_followers(const struct control *control);

/* `line`, without its end, goes to all who follow `topic` or everything. Who has not read enough of
 * the lines before is hung up on. */
void control_tell(struct control *control, const char *topic, const char *line);

/* Hangs up on all who follow. NULL is allowed. */
void control_end_following(struct control *control);

/* Is there somebody whose request is held, and not released yet? NULL is allowed. */
bool control_is_held(const struct control *control);

/* Answers the one whose request is held; `problem` says why it is no success, or is NULL. Nothing
 * happens where nobody's is. */
void control_release(struct control *control, const char *problem);

/* There may be room again for the octets of the one whose request is held: they are read on. To be
 * called in each turn of the loop: while there is none, nobody is seen to hang up. NULL is allowed.
 */
void control_read_on(struct control *control);

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

/* An open connection to a handset. */
struct control_line {
    int descriptor;
    size_t length, used; /* of what has come, and what of that was given out */
    char *came;
};

/* Connects to the handset at `path` and asks it to do `word` with the members of `arguments`, an
 * object, which is released here; NULL: none, or there was no memory for it. The caller closes the
 * line, also after a failure. Errors of control_ask. */
MUST_CHECK enum status control_begin(const char *path, const char *word, json_t *arguments,
                                     struct control_line *line, struct error *error);

/* Its answer, as of control_ask, for at most `patience_ms`. */
MUST_CHECK enum status control_answer(struct control_line *line, int64_t patience_ms,
                                      json_t **answer, struct error *error);

/* Sends octets after the request, as fast as they are taken: until all are, or the handset has
 * something to say, or takes none for `patience_ms`. */
void control_give(struct control_line *line, const void *octets, size_t length,
                  int64_t patience_ms);

/* The next line, without its end; valid until the next call. STATUS_OK; STATUS_BUSY: none came in
 * patience_ms (negative: it waits for ever); STATUS_NOT_FOUND: the handset hung up;
 * STATUS_TOO_LONG. */
MUST_CHECK enum status control_next(struct control_line *line, int64_t patience_ms,
                                    const char **text);

void control_close_line(struct control_line *line);

#endif
