/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A talker of a test's own making, who announces what the test likes and speaks under that; and
 * talks that were recorded, to be played to somebody.
 */
#ifndef MUSTER_TESTS_APP_SPEAKER_H
#define MUSTER_TESTS_APP_SPEAKER_H

#include "app/handset/talk/media.h"
#include "crypto/announcement.h"
#include "squad.h"

struct speaker {
    struct media_key key;
    struct voice_sender *sender;
    size_t length;
    uint8_t announcement[ANNOUNCEMENT_MAX];
};

/* Announces itself with `fields`, to which it adds what its packets are proven by, under `gmk`,
 * signed with `signer`. To be cleared. */
struct speaker speaker_new(struct announcement_fields fields, const uint8_t gmk[GMK_SIZE],
                           const struct signing_key *signer);
void speaker_clear(struct speaker *speaker);

struct span speaker_announcement(const struct speaker *speaker);

/* The media payload of the next 20 ms, in `room`. */
struct span speaker_next(struct speaker *speaker, uint8_t room[MEDIA_MAX]);

/* Says the announcement and 20 ms to handset `to`, as if from place `from`. */
void speaker_say(struct speaker *speaker, struct squad *squad, size_t to, size_t from);

/* Plays to handset `to`, as a stranger and at once, all announcements and voice that `talker` sent
 * from frame `first` on, up to frame `end`. */
void recording_play(struct squad *squad, size_t to, size_t talker, size_t first, size_t end);

#endif
