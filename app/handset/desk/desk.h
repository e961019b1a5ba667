/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The desk: what every room of the engine may use. Randomness, the own keys and identity, the
 * outbox, the log, and the modes that the officer has set. It holds no room's state.
 */
#ifndef MUSTER_APP_HANDSET_DESK_DESK_H
#define MUSTER_APP_HANDSET_DESK_DESK_H

#include "app/handset/desk/alarms.h"
#include "app/handset/desk/journal.h"
#include "app/handset/desk/names.h"
#include "app/handset/desk/outbox.h"
#include "app/handset/desk/promises.h"
#include "app/handset/desk/revoked.h"
#include "app/identity/display_name.h"
#include "app/identity/keyring.h"
#include "app/identity/lost.h"
#include "app/moment.h"
#include "crypto/entropy.h"

/* The record of a setting that holds the officer's own display name. */
#define SETTING_NAME "name"

struct desk {
    struct entropy entropy;
    struct keyring keyring;
    struct outbox outbox;
    struct journal journal;
    struct source_namer namer;
    struct alarms alarms;
    struct promises promises;
    struct names names;
    struct revoked revoked;
    struct lost lost;           /* whom the officer has reported lost: the keyring heeds it */
    struct topic_key topic_key; /* of the credential's domain, from the start on */
    char name[DISPLAY_NAME_SIZE];
    bool radio_silence;
    bool airplane;
    bool cannot_save; /* the program around it says that nothing can be made durable now */
};

/* Wipes and frees what it holds; outputs not taken are lost. */
void desk_clear(struct desk *desk);

/* The handset's own identity and KMS URI. There is a credential. */
const char *own_identity(const struct desk *desk);
const char *own_kms(const struct desk *desk);

/* What that identity is called, this handset's own too, and what that name is worth. */
struct name desk_name_of(const struct desk *desk, const char *identity);

/* The same into a row of the view. */
void desk_show_name(const struct desk *desk, const char *identity, char out[OFFICER_NAME_SIZE],
                    enum name_kind *kind);

/* What must be durable is refused while it cannot be: STATUS_NOT_ALLOWED, and why. */
MUST_CHECK enum status desk_check_saving(const struct desk *desk, struct event *problem);

/* Is nothing said but what the officer does: radio silence, or airplane mode? */
bool desk_is_silent(const struct desk *desk);

/* A random 32-bit number that is not 0. STATUS_LIBRARY_FAILED without randomness. */
MUST_CHECK enum status desk_draw_u32(const struct desk *desk, uint32_t *number);

/* The same of 64 bits, each half not 0. */
MUST_CHECK enum status desk_draw_u64(const struct desk *desk, uint64_t *number);

/* Queues one record to be made durable: `value` under `key`, or nothing any more when it is NULL.
 * STATUS_NO_MEMORY, STATUS_TOO_LONG: nothing was queued. */
MUST_CHECK enum status desk_save(struct desk *desk, enum record_kind kind, const char *key,
                                 const struct span *value);

/* Something for the officer, with the best name that is known of whom it is about: into the log
 * with the time, among the alarms where it begins or ends one, and out as an OUTPUT_TELL. */
void desk_tell(struct desk *desk, struct moment now, const struct event *event);

/* Tells `event` once all that is queued is durable; if saving fails before that, the same with the
 * kind `instead` first. */
void desk_tell_when_durable(struct desk *desk, struct moment now, const struct event *event,
                            enum event_kind instead);

/* Tells what has been promised and is due. The boot_ms at which it wants to be called next: at once
 * (0), or INT64_MAX. */
void desk_tick(struct desk *desk, struct moment now);
int64_t desk_deadline(const struct desk *desk);

/* The same as desk_tell with a status for the program around the engine. */
void desk_tell_status(struct desk *desk, struct moment now, const struct event *event,
                      enum status status);

/* The same as desk_tell with the octets that prove it and the peer that they came from, for the log
 * on disk. */
void desk_tell_proof(struct desk *desk, struct moment now, const struct event *event, uint64_t peer,
                     struct span proof);

/* A message was refused whose sender is proven, and from which something follows for the officer:
 * `event` names who, and what. Counts, logs and tells it. */
void desk_refuse_whom(struct desk *desk, struct moment now, const struct event *event,
                      enum status status);

/* A message was refused: counts, logs which check failed, and tells. */
void desk_refuse(struct desk *desk, struct moment now, enum event_message message,
                 enum status status);

/* Why a command is not carried out: `event`, with `status` as its check. Returns `status`. */
enum status desk_problem(struct event *problem, struct event event, enum status status);

_Static_assert((int)OFFICER_NAME_LETTERS == (int)DISPLAY_NAME_LETTERS &&
                   (int)OFFICER_NAME_SIZE == (int)DISPLAY_NAME_SIZE,
               "an officer can type every name");

#endif
