/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages under one GMK of a group (messages.h): those that came, until they are read and
 * others need their place, those of this handset, and which of each sender have come before. A box
 * is one record of the store, sealed under the GMK, so it is there whole or not at all, and goes
 * with the key.
 *
 * It holds MESSAGES_KEPT at most. What is over goes first: what was read, and the own ones that are
 * resent no more, the oldest first; then what nobody has read, which the officer is told of: the
 * oldest of who has most of these, so that nobody drives out another's. What a reporter says last
 * of a lost handset counts as unread there, and goes after all else of that one. Nothing takes the
 * place of an own one that is still resent.
 *
 * Of each sender the numbers of the latest MESSAGE_WINDOW are known, and all that are lower than
 * these count as having come. A sender has no more than MESSAGES_OUT_MAX to be resent at a time, so
 * none of those is lost by it. Where more than MESSAGE_SENDERS_MAX have sent, who did longest ago
 * makes way, and nothing older than its latest is taken from anybody who had no place then.
 */
#ifndef MUSTER_APP_HANDSET_TALK_MESSAGE_BOX_H
#define MUSTER_APP_HANDSET_TALK_MESSAGE_BOX_H

#include "app/handset/air/purse.h"
#include "app/handset/keys/groups.h"
#include "crypto/group_message.h"

enum {
    MESSAGES_KEPT = 32,
    MESSAGES_OUT_MAX = 8,
    MESSAGE_WINDOW = 16,
    MESSAGE_SENDERS_MAX = 64,
    MESSAGE_HOLDERS_MAX = ADHOC_MEMBERS_MAX, /* that are remembered to have one */
};

/* In place of the number of a batch: it could not be queued yet. */
#define MESSAGE_UNSAVED UINT64_MAX

/* One that is kept. */
struct kept_message {
    uint64_t id; /* among all of this run; of the view */
    struct group_message said;
    bool is_own;
    bool is_read;
    bool is_told;    /* the officer knows that it is there */
    uint64_t batch;  /* with which it is durable */
    int64_t came_ms; /* group time; 0 of an own one */

    /* Of an own one: */
    int64_t until_ms; /* group time until which it is resent; 0: it was not sent yet, */
    bool is_unsent;   /* and never will be: its key was not used any more by then */

    /* Of an own one, and of another's that is passed on: */
    int64_t due_ms;     /* boot clock: when it is looked at next, */
    int64_t again_ms;   /* and sent again at the earliest */
    unsigned tries;     /* since somebody came into reach who lacks it */
    unsigned postponed; /* how often, since it was sent last or somebody came, for others send it */
    size_t lacking;     /* how many there were when it was sent last */
    size_t holder_count;
    uint8_t holders[MESSAGE_HOLDERS_MAX][VOICE_REPORT_WHO_SIZE]; /* who has it */
};

/* Whose messages have come. */
struct message_sender {
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    int64_t floor; /* the box's when it got its place: nothing up to that number is taken */
    size_t count;
    int64_t numbers[MESSAGE_WINDOW]; /* the lowest first */
    struct purse purse;              /* what it may still send; full after a restart */
};

/* Lives in secret memory. */
struct message_box {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    uint32_t hour;        /* it is on disk under the GMK of that hour */
    bool is_changed;      /* by what may wait to be saved, */
    int64_t save_due_ms;  /* boot clock: until then */
    int64_t last_number;  /* the own one that was used last */
    struct purse purse;   /* what this handset may still send */
    size_t message_count; /* the earliest that came first */
    struct kept_message messages[MESSAGES_KEPT];
    int64_t floor; /* of who has no place below, nothing up to that number is taken */
    size_t sender_count;
    struct message_sender senders[MESSAGE_SENDERS_MAX];
};

enum message_news {
    MESSAGE_IS_NEW,
    MESSAGE_IS_KNOWN, /* it came before */
    MESSAGE_IS_OLD,   /* nobody knows any more whether it did: it counts as that */
};

/* An empty one, or NULL. message_box_free wipes it; NULL is allowed. */
struct message_box *message_box_new(const char *group, uint32_t gmk_id);
void message_box_free(struct message_box *box);

/* Has that sender's message of that number come before? */
enum message_news message_box_knows(const struct message_box *box,
                                    const uint8_t who[VOICE_REPORT_WHO_SIZE], int64_t number);

/* May the sender send one more now, as far as is known of it? message_box_pays takes that from what
 * it may send; from then on it has a place. */
bool message_box_affords(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                         struct moment now);
void message_box_pays(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                      struct moment now);

/* The same of this handset's own. */
bool message_box_sends(struct message_box *box, struct moment now);

/* From now on that message has come. */
void message_box_note(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                      int64_t number);

/* Is that report the last word of its reporter on that handset? */
bool message_box_is_last_word(const struct message_box *box, const struct group_message *report);

/* A place for one more, at the end; *dropped: another one had to go that nobody has read. NULL:
 * there is none. `group_ms` is group time. */
struct kept_message *message_box_add(struct message_box *box, const struct group_message *said,
                                     int64_t group_ms, bool *dropped);

/* The kept message of that identity with that number, or NULL. */
struct kept_message *message_box_find(struct message_box *box, const char *identity,
                                      int64_t number);

/* The same of the identity with that hash (voice_report_who). */
struct kept_message *message_box_find_of(struct message_box *box,
                                         const uint8_t who[VOICE_REPORT_WHO_SIZE], int64_t number);

/* Is it one of this handset's that is to be sent yet? */
bool message_waits(const struct kept_message *message);

/* Is it one of this handset's that is still sent or resent? */
bool message_is_out(const struct kept_message *message, int64_t group_ms);

/* Has that one said that it has the message? */
bool message_has(const struct kept_message *message, const uint8_t who[VOICE_REPORT_WHO_SIZE]);

/* The name of its record, in `out`. */
enum {
    MESSAGE_BOX_NAME_SIZE = sizeof "00000000 " - 1 + GROUP_IDENTITY_SIZE
};
void message_box_name(const struct message_box *box, char out[MESSAGE_BOX_NAME_SIZE]);

/* Queues the record, sealed under what the GMK will be on disk. STATUS_NOT_FOUND when the GMK is
 * gone, STATUS_TOO_LONG, STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED: nothing was queued. */
MUST_CHECK enum status message_box_save(struct message_box *box, struct desk *desk,
                                        const struct gmk *gmk);

/* Reads a record into a new box. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED, STATUS_NEWER_VERSION: it
 * may be read yet. STATUS_NOT_FOUND: it never will, for its GMK is gone, it does not open, or is
 * malformed. */
MUST_CHECK enum status message_box_restore(struct span key, struct span value,
                                           const struct groups *groups, struct message_box **out);

#endif
