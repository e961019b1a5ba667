/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice by bare libraries, as a measure of what a machine asks for it: one process that encodes,
 * protects, signs and sends a frame each 20 ms, and one that receives it, verifies its signature,
 * unprotects and decodes it. Libopus, libsrtp2 and libsodium with the handset's settings, sizes and
 * speech, a socket, and nothing else: no screen, no store, no jitter buffer, nothing to play on.
 */
#ifndef MUSTER_TESTS_BENCH_BARE_VOICE_H
#define MUSTER_TESTS_BENCH_BARE_VOICE_H

#include <sys/types.h>

#include "tests/bench/impaired_air.h"

struct bare_voice {
    pid_t talker, listener; /* 0: it does not run */
};

/* Runs both, in the namespaces of two of the air's ports that no handset has; IPv4. False: they
 * cannot, and none runs. */
bool bare_voice_begin(struct bare_voice *bare, const struct impaired_air *air, size_t talker,
                      size_t listener);

/* Ends both. False when one had ended by itself: then it could not do its work. */
bool bare_voice_end(struct bare_voice *bare);

#endif
