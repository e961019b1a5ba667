/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_ANSWER_H
#define MUSTER_CRYPTO_NATIVE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* Is the mask set? The answer to a question about secrets that is public itself: whether an
 * operation went well, a draw is taken, a key belongs to an identifier. In this module no secret
 * gets into a branch's condition but through here, which is how tests/crypto/check_constant_time
 * tells those branches from others. */
bool answer(uint64_t mask);

#endif
