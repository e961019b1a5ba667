/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ear: what a locked handset still hears with, where its officer has set that. It is made of a
 * handset that is about to be wiped, and is no handset: it holds the groups' keys and what verifies
 * who talks in them, and has no room that could sign, open, say, show or save anything.
 *
 * What it holds: of each group with a key its GMKs, in locked memory, identity, time, and its
 * members' identities; the domain's public keys, and the key of its marks (air/mark.h); the own
 * identity; how members' clocks go with the own one, as measured so far; the list of the revoked;
 * whom the officer has reported lost; who talks now and in emergency; what was played, so that
 * nothing is played twice. No name of anybody.
 *
 * GMKs go when their period of use ends, and move forward by the hour, as in the handset (hours.h),
 * though in memory alone: the store is closed, and has them as they were when it was. Nothing else
 * comes or goes: no key, no member but a latecomer with a ticket, no revocation; nor is a clock
 * measured.
 */
#ifndef MUSTER_APP_HANDSET_EAR_H
#define MUSTER_APP_HANDSET_EAR_H

#include "app/handset/engine.h"

struct ear;

/* The ear of `handset`, which was started and hears nobody from now on: it is to be freed. The
 * caller frees the ear, which uses neither the handset nor its source namer. STATUS_NOT_FOUND when
 * there is no key to hear with; STATUS_NO_MEMORY, and what the provider and the source of
 * randomness say: nothing has changed. */
MUST_CHECK enum status ear_new(struct handset *handset, struct moment now, struct ear **out);

/* Wipes and frees; NULL is allowed. */
void ear_free(struct ear *ear);

/* `handset`, which was started from the store since, hears on from where `ear` was: who talks now,
 * and nothing of what that has played. Of emergencies that began or ended meanwhile, or did both,
 * it tells now. The ear hears nobody any more: it is to be freed. A handset of another identity
 * than the one that the ear was made of takes over nothing. */
void ear_give_back(struct ear *ear, struct handset *handset, struct moment now);

/* A frame that arrived from `peer`. Returns whether it had a packet of a talk in it that is proven
 * to be its talker's. */
bool ear_frame(struct ear *ear, struct moment now, uint64_t peer, struct span frame);

/* Time has come to the boot_ms of ear_deadline; calling it at other times does no harm. */
void ear_tick(struct ear *ear, struct moment now);
int64_t ear_deadline(const struct ear *ear);

/* The machine was suspended, or the program stopped, until now: what waits to be played is dropped.
 */
void ear_slept(struct ear *ear);

/* Does it hold a key still? Else it hears nobody any more, and may go. */
bool ear_has_key(const struct ear *ear);

/* Is somebody heard now? Then ear_listen is wanted every 20 ms. */
bool ear_is_listening(const struct ear *ear);

/* 20 ms for the loudspeaker, as handset_listen. */
bool ear_listen(struct ear *ear, struct moment now, int16_t samples[VOICE_FRAME_SAMPLES]);

/* For tests, as handset_reveal_gmk. */
bool ear_reveal_gmk(const struct ear *ear, uint32_t gmk_id, uint8_t gmk[16]);

/* For tests: is there a name of a group or a member? */
bool ear_has_name(const struct ear *ear);

#endif
