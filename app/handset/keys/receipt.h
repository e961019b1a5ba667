/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The receipt for a key delivery (6.X.3.3.2.3): a member's signed word to the group's manager that
 * its handset took the GMK and has it for good. It holds no secret and proves nothing to anybody
 * but that the member's handset says so.
 *
 * It says as well of which exclusions the member was told (identity/exclusion_state.h). To a
 * manager that does not know them it goes without a GMK id, as an objection, with the word that
 * told of them as a proof (identity/epoch.h).
 *
 * Payload: time (8, milliseconds since 1970), GMK id (4; 0 with a proof), number (4) and hash (4)
 * of the exclusions (0: the member was told of none), group identity, member's identity and KMS URI
 * (each with its length before it in one octet), the proof (with its length before it in two
 * octets; empty with a GMK id), ECCSI signature (129) over "Muster receipt" 00 and everything
 * before the signature.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_RECEIPT_H
#define MUSTER_APP_HANDSET_KEYS_RECEIPT_H

#include "app/identity/epoch.h"
#include "app/identity/keyring.h"
#include "crypto/entropy.h"
#include "crypto/identifier.h"

enum {
    RECEIPT_MAX = 896
};

struct receipt {
    int64_t utc_ms;  /* by the member's clock */
    uint32_t gmk_id; /* 0: an objection */
    struct exclusion_state told;
    char group[IDENTITY_SIZE];
    char member[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE]; /* the member's domain */
    struct span proof;       /* of an objection; of what was read it lives as long as the payload */
};

/* Builds the payload, signed with the key of `keyring` for its time. STATUS_TOO_LONG, and the
 * provider's errors. */
MUST_CHECK enum status receipt_write(struct writer *out, const struct receipt *receipt,
                                     const struct keyring *keyring, const struct entropy *entropy);

/* Reads a payload: form only. `covered` is what the signature covers, without the label; both spans
 * live as long as `payload`. STATUS_TRUNCATED, STATUS_TOO_LONG, STATUS_MALFORMED,
 * STATUS_IDENTITY_INVALID. */
MUST_CHECK enum status receipt_read(struct span payload, struct receipt *receipt,
                                    struct span *covered, struct span *signature);

/* Does the signature of a receipt verify? By the member's keys of the month in which it says it was
 * made, since it may have waited. The errors of keyring_verify_dated. */
MUST_CHECK enum status receipt_verify(const struct receipt *receipt, struct span covered,
                                      struct span signature, const struct keyring *keyring,
                                      struct moment now);

#endif
