/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages: short texts and status words in a group (crypto/group_message.h).
 *
 *   1. A sender's message has a number that no other has, is signed by its identity, and is durable
 *      before it leaves. It is sent once, and for MESSAGES_RESENT_MS again, ever less often, while
 *      somebody is in reach who is not known to have it; in a standard group, which has no list, a
 *      few times. It is sealed anew each time, under the key of the hour that it is then. After a
 *      restart that goes on.
 *   2. Who gets one opens it with the key of the hour, and takes it if it has not come before, its
 *      time is possible, and a member signed it who may talk. Which ones have come is durable with
 *      the message, so none is shown twice. It is shown, and a receipt is said for it, once that is
 *      so; while the disk takes nothing it is shown all the same, without a receipt.
 *   3. In an ad-hoc group who has taken one passes it on, for MESSAGES_RESENT_MS after it came,
 * while a member is in reach who is not known to have it: sealed anew, a few seconds later than its
 *      sender would resend it, at random, and not while another does. So it reaches who never meets
 *      its sender. It is passed on as it was signed, and once it is durable.
 *   4. A receipt is sealed like the message. In a standard group so many are said, by chance, that
 *      what a message costs does not grow with its receivers.
 *   5. Messages go with the GMK that they were said under. What nobody has read then is told of,
 *      and so is what still waited to be sent when that GMK was replaced.
 *
 * Nothing is said under radio silence; what is written meanwhile waits.
 */
#ifndef MUSTER_APP_HANDSET_TALK_MESSAGES_H
#define MUSTER_APP_HANDSET_TALK_MESSAGES_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/talk/message_box.h"

enum {
    MESSAGES_RESENT_MS = 10 * 60 * 1000,
    MESSAGES_AGAIN_MS = 2000, /* the first time; then twice as long each time, up to: */
    MESSAGES_AGAIN_MAX_MS = 64 * 1000,
    MESSAGES_PASSED_MS =
        3000, /* another's is passed on so long after a member came who lacks it, */
    MESSAGES_PASSED_SPREAD_MS = 4000, /* or somebody else sent it, and so much more at random */
    MESSAGES_PASSED_LOOK_MS = 2000,   /* how often it is looked for such a member */
    MESSAGES_POSTPONED_MAX = 3,   /* so often what others send puts it off, for a replay could */
    MESSAGES_FAR_TRIES = 5,       /* in a standard group, each four times as long after the last */
    MESSAGES_WANTED = 20,         /* receipts for one sending there */
    MESSAGES_SPREAD_MS = 1000,    /* in which receipts are said, at random */
    MESSAGES_OWED_MAX = 32,       /* receipts that are due at a time, or were said lately: */
    MESSAGES_SAID_MS = 1500,      /* for no message is another one said within this; */
    MESSAGES_RECEIPTS_BURST = 16, /* of all so many at once, */
    MESSAGES_RECEIPTS_RATE = 2,   /* and so many a second: a replay makes nobody loud */
    MESSAGES_LOOK_MS = 1000,      /* how often it is looked who is in reach */
    MESSAGES_SAVE_MS = 5000,      /* receipts and what was read are durable after so long */
    MESSAGES_OPENING_MILLI = 50,  /* what it costs to open one, of a unit's 1000 */
    MESSAGE_BOXES_MAX = 2 * GROUPS_MAX,
};

/* A receipt that is to be said, or was lately. */
struct owed_receipt {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id, hour;
    struct message_receipt receipt;
    uint64_t batch; /* with which the message is durable */
    int64_t due_ms; /* boot clock */
    bool is_said;   /* then */
};

struct messages {
    struct desk *desk;
    struct air *air;
    struct admission *admission;
    struct groups *groups;
    uint64_t last_id; /* of a kept message */
    size_t box_count;
    struct message_box *boxes[MESSAGE_BOXES_MAX];
    size_t owed_count;
    struct owed_receipt owed[MESSAGES_OWED_MAX];
    struct purse receipts; /* what may still be said */
};

/* A RECORD_MESSAGES of the store, after the groups and before the start. One that never opens any
 * more is removed, and so is one for which there is no place. STATUS_NO_MEMORY,
 * STATUS_LIBRARY_FAILED, STATUS_NEWER_VERSION: it is left as it is. */
MUST_CHECK enum status messages_restore(struct messages *messages, struct span key,
                                        struct span value);

/* Fills the purse. */
void messages_start(struct messages *messages, struct moment now);

/* Wipes and frees what it holds. */
void messages_clear(struct messages *messages);

/* COMMAND_MESSAGE: the text, or the status word number `on` with its text, goes to the group. */
MUST_CHECK enum status messages_send(struct messages *messages, struct moment now,
                                     const struct command *command, struct event *problem);

/* The officer reported that identity lost, or takes that back: says so in each group whose key is
 * in use and that has it on its list, or has none, whatever others say there, for who reports first
 * may take it back; takes back what was said from here alone. Where that fails the officer is told.
 * Nobody refuses anything by it: each officer judges. In message_reports.c. */
void messages_report(struct messages *messages, struct moment now, const char *identity,
                     bool is_loss);

/* Does a report stand in the group of that list that another on the list is lost? */
bool messages_report_one_of(const struct messages *messages, const struct group_parameters *list);

/* May a member of that group report that identity in it? */
bool messages_may_report(const struct group *group, const char *identity);

/* COMMAND_READ_MESSAGES: the officer has seen those messages of the group. */
MUST_CHECK enum status messages_read(struct messages *messages, struct moment now,
                                     const struct command *command, struct event *problem);

/* What the officer has seen when a command of another kind came (its `seen_group` and `seen`). */
void messages_read_besides(struct messages *messages, struct moment now,
                           const struct command *command);

/* The payload of a FRAME_MESSAGE or FRAME_MESSAGE_RECEIPT arrived. Both are in
 * message_hearing.c. */
void messages_hear(struct messages *messages, struct moment now, struct span payload);
void messages_hear_receipt(struct messages *messages, struct moment now, struct span payload);

/* Groups may have come, gone or got another key: boxes go with theirs. */
void messages_look(struct messages *messages, struct moment now);

/* Says what is due, after lifetime_tick: as the GMK of an ad-hoc group moves forward, its box does
 * in the same transaction. */
void messages_tick(struct messages *messages, struct moment now);
int64_t messages_deadline(const struct messages *messages);

/* Has the officer not seen a message of that group yet? A report of a loss is none: a key without
 * the lost one is what it is for. */
bool messages_has_unread(const struct messages *messages, const char *group);

void messages_show(const struct messages *messages, struct moment now, struct view *view);

/* --- For message_hearing.c and message_sending.c --- */

/* The box of that GMK; NULL: there is none. messages_box makes one then; NULL when out of memory.
 */
struct message_box *messages_box_of(const struct messages *messages, const char *group,
                                    uint32_t gmk_id);
struct message_box *messages_box(struct messages *messages, const char *group, uint32_t gmk_id);

/* The GMK of a box while it may be used, and its group; NULL. */
const struct group *messages_group(const struct messages *messages, const struct message_box *box,
                                   struct moment now, const struct gmk **gmk);

/* Queues the box to be made durable. Errors as message_box_save. */
MUST_CHECK enum status messages_save(struct messages *messages, struct message_box *box,
                                     struct moment now);

/* Tells that one that nobody had read made way for another. */
void messages_tell_dropped(const struct messages *messages, struct moment now,
                           const struct message_box *box);

/* What waits in the box is never sent: its key is not used any more. Tells how many there were, and
 * returns whether there were any. */
bool messages_give_up(const struct messages *messages, struct moment now, struct message_box *box);

/* Is that member's word awaited that it has a message? It may hold the present GMK, as far as this
 * handset knows, and is neither revoked nor lost. */
bool messages_awaits(const struct messages *messages, const struct group *group,
                     const struct group_member *member);

/* Signs a message with that word and text, and keeps it to be sent to the group. *problem tells why
 * not: STATUS_NOT_ALLOWED for one too many, the errors of the key, of signing and of saving. */
MUST_CHECK enum status messages_write(struct messages *messages, struct moment now,
                                      const struct group *group, struct group_message *said,
                                      struct event *problem);

/* A receipt for that message under that key is to be said once batch number `batch` is durable,
 * unless one is or was lately. */
void messages_owe(struct messages *messages, struct moment now, const struct message_key *key,
                  const struct group *group, const struct group_message *said, uint64_t batch);

/* A kept one was heard: who passes another's on waits for a turn of its own again,
 * MESSAGES_POSTPONED_MAX times at most for each turn. */
void messages_heard_again(const struct messages *messages, struct kept_message *message,
                          struct moment now);

/* Sends what is due of a box; when it is to be called again (boot clock). They are in
 * message_sending.c. */
void messages_send_due(struct messages *messages, struct message_box *box, struct moment now);
int64_t messages_send_deadline(const struct messages *messages, const struct message_box *box);

#endif
