/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The GMK of an ad-hoc group moves forward: each hour since its creation has a key of its own, made
 * from the key of the hour before by a one-way function. Who holds the key of an hour makes those
 * of all later ones, and of none earlier (app/README.md section 2).
 *
 *   key of hour n + 1 = the first 16 octets of
 *       HMAC-SHA-256(key of hour n; "Muster GMK hour", 00, GMK id (4), n + 1 (4))
 */
#ifndef MUSTER_CRYPTO_GMK_HOUR_H
#define MUSTER_CRYPTO_GMK_HOUR_H

#include "crypto/announcement.h"

/* Turns the key of hour `from` of that GMK into the one of hour `to`, which is not earlier. */
void gmk_hour_move(uint8_t gmk[GMK_SIZE], uint32_t gmk_id, uint32_t from, uint32_t to);

#endif
