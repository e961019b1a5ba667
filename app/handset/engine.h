/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset: a state machine without I/O (app/README.md section 1). Time, randomness, frames,
 * commands and voice come in as arguments; what is to be done goes out through a queue of outputs,
 * which the caller carries out (app/programs/durable.h).
 *
 * What the caller owes: batches of records (OUTPUT_STORE) are numbered 1, 2, 3... and become
 * durable in that order, several at once or one by one. An output with `after` n leaves only once
 * batch n is durable; those that wait keep their order. An output with `after` 0 (voice,
 * announcements, presence, what is passed on, what only asks or repeats a question) waits for no
 * batch and is carried out at once. So whoever stops at any point - killed, power cut, disk full -
 * leaves a state that app/README.md section 5 allows: nothing was said of what is gone. The engine
 * itself goes on from memory, and learns through handset_durable what was made durable.
 */
#ifndef MUSTER_APP_HANDSET_ENGINE_H
#define MUSTER_APP_HANDSET_ENGINE_H

#include "app/handset/command.h"
#include "app/handset/output.h"
#include "app/handset/view.h"
#include "app/moment.h"
#include "app/voice/voice.h"
#include "crypto/entropy.h"
#include "crypto/provider.h"

struct handset;

struct handset_setup {
    const struct provider *provider; /* outlives the handset */
    struct entropy entropy;
    struct source_namer namer;
    bool is_bound; /* its store, to this machine: only shown */
};

/* A handset without credential or state. Feed it the store's records next. The caller frees it. */
MUST_CHECK enum status handset_new(const struct handset_setup *setup, struct moment now,
                                   struct handset **out);

/* Wipes and frees; NULL is allowed. Outputs not taken are lost. */
void handset_free(struct handset *handset);

/* One record of the store, before handset_start, in the order in which store_load has them. A
 * broken one is STATUS_MALFORMED or the status of the key that does not load; the handset must not
 * be started then. */
MUST_CHECK enum status handset_restore(struct handset *handset, enum record_kind kind,
                                       struct span key, struct span value);

/* All records are in: begin. STATUS_NOT_FOUND when there was no credential among them. */
MUST_CHECK enum status handset_start(struct handset *handset, struct moment now);

/* From now on the handset has `count` links, at most HANDSET_LINKS_MAX, that reach different
 * handsets: with more than one it passes frames on between them (relay.h). The number of the link
 * that a peer is on, from 1 up, is then in the upper 8 bits of the peer's number. Until it is told,
 * it has one. What handset_describe_link said before counts no more. STATUS_NO_MEMORY,
 * STATUS_TOO_LONG: nothing changed. */
MUST_CHECK enum status handset_set_links(struct handset *handset, unsigned count);

/* Link number `link` (from 1 up; 1 also of the only one, whose peers have no number of a link) is
 * called `name` by the officer. On a star not all hear each other: what comes from one of them is
 * passed on to the others, whether or not there are more links. What is longer than
 * its `largest` octets (0: it takes all frames) goes out on it in parts (air/fragment.h). It may be
 * described again whenever something changes. STATUS_NO_MEMORY, STATUS_TOO_LONG: nothing changed.
 */
MUST_CHECK enum status handset_describe_link(struct handset *handset, unsigned link,
                                             const char *name, enum link_form form, size_t largest);

/* The signal of a peer that was heard, 0 to 100 or VIEW_QUALITY_UNKNOWN: of two ways to an identity
 * the better one is taken. */
void handset_signal(struct handset *handset, uint64_t peer, int quality);

/* How the radios stand, for the view. A link that has radios, none of which is on, is not used; who
 * is reached for the first time soon hears this handset's presence. */
void handset_show_radios(struct handset *handset, const struct view_radio radios[], size_t count);

/* A frame that arrived from `peer`. Bad frames are counted and logged, never an error. Returns
 * whether it had a packet of a talk in it that is proven to be its talker's. */
bool handset_frame(struct handset *handset, struct moment now, uint64_t peer, struct span frame);

/* An officer's command. On failure nothing has changed and `problem` says why, for the officer;
 * otherwise its kind is EVENT_NONE. COMMAND_TALK_BEGIN does not begin to talk where another has the
 * floor (STATUS_BUSY), but asks for it, or takes that back, if `problem` says so. */
MUST_CHECK enum status handset_command(struct handset *handset, struct moment now,
                                       const struct command *command, struct event *problem);

/* Time has come to what handset_deadline asked for; calling it at other times does no harm. */
void handset_tick(struct handset *handset, struct moment now);

/* The handset has had no time for `slept_ms` until now: its machine was suspended or its program
 * stopped. Its own talk is over, and its one-to-one talk, also one that still rings: a microphone
 * opens at a key press alone. What waits to be played or passed on is dropped. Handovers of keys go
 * on: the time counts for none of their limits. Keys end as if it had been awake. Says so. */
void handset_slept(struct handset *handset, struct moment now, int64_t slept_ms);

/* The boot_ms at which handset_tick wants to be called next. */
int64_t handset_deadline(const struct handset *handset);

/* What the officer has it be: silent, at least but for what the officer does; off the air
 * altogether. */
bool handset_is_silent(const struct handset *handset);
bool handset_is_off_air(const struct handset *handset);

/* Is this handset sending voice now? Then it wants handset_speak every 20 ms. */
bool handset_is_talking(const struct handset *handset);

/* Is somebody heard now? Then handset_listen is wanted every 20 ms, as it is while talking; at
 * other times it gives silence. */
bool handset_is_listening(const struct handset *handset);

/* Does an emergency of another sound, until this officer has seen it; else, does a one-to-one talk
 * ring? There only once the other handset has said that it does. */
enum ringing handset_ringing(const struct handset *handset);

/* 20 ms from the microphone, captured `waited_ms` ago. Ignored when not talking. */
void handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                   const int16_t samples[VOICE_FRAME_SAMPLES]);

/* 20 ms for the loudspeaker: all talkers heard, mixed; silence when there are none. Returns whether
 * there was any voice in it. Call it every 20 ms. */
bool handset_listen(struct handset *handset, struct moment now,
                    int16_t samples[VOICE_FRAME_SAMPLES]);

/* Takes the oldest output; false when there is none. */
bool handset_take_output(struct handset *handset, struct output *out);

/* The batch of the OUTPUT_STORE that was taken last: from now on it is the caller's, who frees it.
 */
struct batch *handset_release_batch(struct handset *handset);

/* The batches up to `number` are durable. */
void handset_durable(struct handset *handset, uint64_t number);

/* Can batches be made durable now? While they cannot, commands that are worth nothing without it
 * are refused (EVENT_CANNOT_SAVE): nothing is half done. An invitation to a group that the officer
 * accepts then is declined, its creator told why, and asks again later. Talking, listening and
 * relaying go on. */
void handset_saving(struct handset *handset, bool works);

/* The topics that concern this handset: what is said in each group that it holds or is a relay for,
 * its mailbox for each standard group that its credential lists, that group's own with the list of
 * the revoked, and the receipts of the groups that it manages. Writes at most `room` of them into
 * `out` and returns how many; HANDSET_TOPICS_MAX is enough. None before handset_start. */
size_t handset_topics(const struct handset *handset, struct handset_topic out[], size_t room);

/* A number that changes when handset_topics does; 0 while there are none. */
uint64_t handset_topics_version(const struct handset *handset);

/* What is around the handset, for its log: a link that is gone, or back. It comes out as an
 * OUTPUT_TELL like what the engine itself tells. */
void handset_note(struct handset *handset, struct moment now, const struct event *event);

/* A number that changes when the picture may look different at once: something happened, an officer
 * did something, a level that is shown moved. What changes as time passes (the time of day, how
 * long ago a neighbour was heard) changes no number: whoever shows that looks again each second.
 * *levels, unless NULL: how much of that number is of levels alone, which move with each frame of
 * voice. */
uint64_t handset_version(const struct handset *handset, uint64_t *levels);

/* The picture for the screen; valid until the next call on this handset. */
const struct view *handset_view(struct handset *handset, struct moment now);

/* For tests and simulations that check from outside who holds what: the GMK with this id, if this
 * handset holds it; false otherwise. The octets are a secret: wipe them. */
bool handset_reveal_gmk(const struct handset *handset, uint32_t gmk_id, uint8_t gmk[16]);

#endif
