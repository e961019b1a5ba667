/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Say again": the last five minutes of verified speech of each group, to be heard once more. Kept
 * in memory and sealed there under a key in secret memory, so that what is swapped out opens for
 * nobody; wiped with the GMK that it was heard under, and after an hour (app/README.md section 5,
 * 11). Who has switched it on has it on disk as well (speech_store.h), and so after a restart; of
 * that a power cut takes the last seconds. Nothing waits for the disk: while that takes nothing,
 * what is said is in memory, and is written later. Switched off, it is wiped from the disk at once.
 * What is said again is shown as that, with the time when it was said, and gives way to whoever
 * talks now.
 */
#ifndef MUSTER_APP_HANDSET_TALK_AGAIN_H
#define MUSTER_APP_HANDSET_TALK_AGAIN_H

#include "app/handset/desk/settings.h"
#include "app/handset/talk/piece.h"
#include "app/handset/view.h"
#include "app/voice/voice.h"

enum {
    AGAIN_GROUP_MS = 5 * 60 * 1000, /* of speech, for each group, before the latest piece, */
    AGAIN_ALL_MS = 30 * 60 * 1000,  /* and for all groups */
    AGAIN_KEPT_MS = 60 * 60 * 1000, /* since it was said */
    AGAIN_PIECE_MS = 60 * 1000,     /* a longer talk is kept in pieces of so much */
    AGAIN_SAVE_MS = 3 * 1000,       /* so long after it was said, it goes to the disk */
    AGAIN_PAUSE_MS = 2 * 1000,      /* what is said after that is another piece */
    /* Whatever times the packets say, and however large they are: so much memory and so many pieces
     * at most, for each group and for all. That is the time above at 32 kbit/s in talks of some
     * seconds. */
    AGAIN_GROUP_OCTETS = 4 * 1024 * 1024,
    AGAIN_ALL_OCTETS = 16 * 1024 * 1024,
    AGAIN_PIECE_OCTETS = PIECE_OCTETS_MAX,
    AGAIN_GROUP_PIECES = 256,
    AGAIN_ALL_PIECES = 1024,
};

struct again {
    struct desk *desk;
    const struct groups *groups;
    const struct settings *settings;
    struct speech_store store;
    struct secret *key;         /* that the pieces are sealed under; NULL before the first */
    struct again_piece *newest; /* which knows the one before it, and so on */
    struct {
        struct again_piece *piece; /* NULL: nothing is said again now */
        size_t at;                 /* octets of it that were read */
        int64_t began_ms;          /* boot clock */
        struct voice_receiver *receiver;
        unsigned level;
    } playing;
    struct {
        struct again_piece *piece; /* NULL: nothing is on its way to the disk */
        uint64_t batch;            /* with which it is there, */
        size_t before;             /* and how much of the piece was before that */
    } saving;
};

/* `rtp`, a packet of a talk session in `group` under the GMK `gmk_id`, has proven to be of
 * `talker` and of now. It is kept; what there is no memory for is not. */
void again_keep(struct again *again, struct moment now, const char *group, const char *talker,
                uint32_t gmk_id, struct span rtp);

/* The officer wants to hear the latest piece of a group once more; while one of it is being said
 * again, the one before that. STATUS_NOT_FOUND when there is none, STATUS_NO_MEMORY. */
MUST_CHECK enum status again_begin(struct again *again, struct moment now,
                                   const struct command *command, struct event *problem);

/* Nothing is said again any more; what is kept stays. */
void again_stop(struct again *again);

/* Is something being said again? */
bool again_is_active(const struct again *again);

/* 20 ms of it added into `mix`; returns whether there was voice. */
bool again_play(struct again *again, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]);

/* A record of RECORD_SPEECH, before the start and after the groups and the keys, the records in
 * their order. One that does not open, or that there is no memory for, is deleted at the start. */
void again_restore(struct again *again, struct span key, struct span value);
void again_start(struct again *again, struct moment now);

/* Wipes what may be kept no longer, and goes on saving. The boot_ms at which it wants to be called
 * next. */
void again_tick(struct again *again, struct moment now);
int64_t again_deadline(const struct again *again);

/* Wipes and frees all that is in memory. */
void again_clear(struct again *again);

/* Also which groups have something to say again; after they were shown. */
void again_show(const struct again *again, struct moment now, struct view *view);

#endif
