/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of voice and sound share: the spoken fixtures, and voice through codec and jitter
 * buffer. */
#ifndef MUSTER_TESTS_APP_VOICE_FIXTURE_H
#define MUSTER_TESTS_APP_VOICE_FIXTURE_H

#include "app/sound/wav.h"
#include "app/voice/voice.h"

/* The samples of fixtures/voice/NAME.wav; fails the test when it cannot be read. */
struct wav voice_fixture(const char *name);

/* What happens to packet `number` on the way: arrival[] gives the times, in frames after it was
 * sent, at which copies arrive; returns how many copies (0: lost, at most 4). */
typedef unsigned voice_weather(unsigned number, unsigned arrival[4]);

/* Sends `sent` through sender, weather and receiver, first sequence number and timestamp from
 * `start`, and returns what was played, silence before the first packet included. The caller frees
 * the samples. */
struct wav voice_journey(struct wav sent, uint32_t start, voice_weather *weather);

#endif
