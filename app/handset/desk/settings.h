/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the officer has set, in one record: version (1), then for each setting its number (1), a
 * length (1) and the value. A setting that is not there has its usual value, and one whose number
 * is not known is passed over, so that older and newer programs read each other's. What cannot be
 * read is the usual value as well, and a line in the log: it keeps no handset from starting.
 *
 * The engine itself only uses the longest talk; of the sound it remembers for the program what it
 * was told (command.h).
 */
#ifndef MUSTER_APP_HANDSET_DESK_SETTINGS_H
#define MUSTER_APP_HANDSET_DESK_SETTINGS_H

#include "app/handset/command.h"
#include "app/handset/desk/desk.h"

/* The key of their record, which is of RECORD_SETTING. */
#define SETTINGS_KEY "settings"

struct settings {
    struct desk *desk;
    struct view_settings set;   /* is_unsaved is of no meaning here */
    int64_t longest_talk_ms;    /* of own talks now: the one of `set`, or of this run alone */
    uint64_t saved_with;        /* the batch of the latest change; 0: there was none */
    bool is_lost, is_malformed; /* the latest change was not queued; the record was not as it is */
};

/* Everything has its usual value. */
void settings_begin(struct settings *settings, struct desk *desk);

/* The record's value as it was saved. */
void settings_restore(struct settings *settings, struct span value);

/* Says if that could not be read. */
void settings_start(struct settings *settings, struct moment now);

/* Carries out and remembers COMMAND_MICROPHONE, COMMAND_LOUDSPEAKER, COMMAND_GAIN, COMMAND_NOISE,
 * COMMAND_HEADSET, COMMAND_PERMIT_TONE, COMMAND_KEEP_SPEECH, COMMAND_LOCK_AFTER,
 * COMMAND_HEAR_LOCKED, COMMAND_TAKE_KEYS, COMMAND_ERASE_AFTER or COMMAND_LONGEST_TALK, which may be
 * for this run alone. Where it cannot be saved now, it holds all the same. STATUS_MALFORMED for a
 * value out of bounds: nothing has changed. */
MUST_CHECK enum status settings_command(struct settings *settings, const struct command *command,
                                        struct event *problem);

void settings_show(const struct settings *settings, struct view *view);

#endif
