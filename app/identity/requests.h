/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a handset has asked its KMS for under one identity, its own or that of a group that it
 * manages, and which of the answers it took last: an answer to nothing that it asked, or one that
 * is older, is not taken.
 *
 * The record (RECORD_REQUEST, key: the identity): version (1), the number (8), how many hashes (1),
 * and they (32 each).
 */
#ifndef MUSTER_APP_IDENTITY_REQUESTS_H
#define MUSTER_APP_IDENTITY_REQUESTS_H

#include "app/store/batch.h"
#include "crypto/identifier.h"
#include "crypto/seal.h"

enum {
    REQUESTS_MAX = 4 /* requests under different names; of more the oldest is forgotten */
};

struct requests {
    char identity[IDENTITY_SIZE];
    uint64_t number; /* of the newest bundle that was installed; 0: none yet */
    size_t count;
    uint8_t hashes[REQUESTS_MAX][SEAL_HASH_SIZE]; /* enrolment_request_hash; the newest is last */
};

/* Is the request with that hash among those remembered? */
bool requests_have(const struct requests *requests, const uint8_t hash[SEAL_HASH_SIZE]);

/* Notes a request that the handset makes, as the newest. */
void requests_add(struct requests *requests, const uint8_t hash[SEAL_HASH_SIZE]);

/* Codec of the record. Reading leaves the identity alone: STATUS_TRUNCATED, STATUS_MALFORMED,
 * STATUS_NEWER_VERSION. Putting: errors of batch_put. */
MUST_CHECK enum status requests_read(struct span value, struct requests *requests);
MUST_CHECK enum status requests_put(const struct requests *requests, struct batch *batch);

#endif
