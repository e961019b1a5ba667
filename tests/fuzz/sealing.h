/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seals that are right around any plain text, for targets that go behind them: the writers of
 * crypto close only what is well formed.
 */
#ifndef MUSTER_TESTS_FUZZ_SEALING_H
#define MUSTER_TESTS_FUZZ_SEALING_H

#include "crypto/attendance_word.h"
#include "crypto/group_message.h"
#include "crypto/i_message.h"

enum {
    SEALED_PARAMETERS_TAG = 16
};

/* An attendance word's payload (crypto/attendance_word.h) under the hour's key, around as much of
 * `plain` as fits, filled up with zeros to the shortest that there is. */
struct span sealed_word(const uint8_t key[GMK_SIZE], uint32_t gmk_id, uint16_t hour,
                        struct span plain, uint8_t room[ATTENDANCE_WORD_MAX]);

/* The key parameters of a delivery of `gmk` (crypto/key_delivery.h) in that message. `room` has
 * SEALED_PARAMETERS_TAG octets more than `plain`. */
struct span sealed_parameters(const struct i_message_fields *message, const uint8_t gmk[SSV_SIZE],
                              struct span plain, uint8_t *room);

/* The payload of a message, or of a receipt for one (crypto/group_message.h), around as much of
 * `plain` as fits into a message. */
struct span sealed_message(const struct message_key *key, bool is_receipt, struct span plain,
                           uint8_t room[GROUP_MESSAGE_MAX]);

#endif
