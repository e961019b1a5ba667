/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ticket of a latecomer: the signed word of an ad-hoc group's creator that an identity has
 * become a member since the GMK was made. The latecomer carries it with its announcements, so that
 * members who have not heard of it hear it at once (latecomers.h). It is worth something under one
 * GMK alone: a rekey makes it void.
 *
 * Octets: number of the list that the member came with, and its right (1, group_listing), time (8,
 * group time), the member's KMS URI and name (each with its length before it in one octet), ECCSI
 * signature (129). What is signed is "Muster ticket" 00, group identity, GMK id (4), when the GMK
 * was made (8, group time), the member's identity, and all of the octets before the signature. What
 * the octets lack, who reads them must know already.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_TICKET_H
#define MUSTER_APP_HANDSET_KEYS_TICKET_H

#include "app/handset/d2d/parameters.h"
#include "app/identity/keyring.h"
#include "crypto/announcement.h"
#include "crypto/entropy.h"

struct ticket {
    int64_t utc_ms;             /* group time: when it was made */
    struct group_member member; /* identity, KMS, name, number and right */
    struct span fields;         /* of the octets, without the signature */
    struct span signature;      /* ECCSI_SIGNATURE_SIZE */
};

/* Appends the ticket of a member of `parameters` who came late, made at `group_ms` in group time
 * and signed with the creator's key of `keyring`. STATUS_TOO_LONG; the provider's errors. */
MUST_CHECK enum status ticket_write(struct writer *out, const struct group_parameters *parameters,
                                    const struct group_member *member, int64_t group_ms,
                                    const struct keyring *keyring, const struct entropy *entropy);

/* Reads the ticket of `identity`: form only. Its spans live as long as `octets`. STATUS_TRUNCATED,
 * STATUS_TOO_LONG, STATUS_MALFORMED, STATUS_IDENTITY_INVALID. */
MUST_CHECK enum status ticket_read(struct span octets, const char *identity, struct ticket *ticket);

/* Did the creator of the group with `parameters` sign it, for their GMK? By the keys of the month
 * in which it says it was made. The errors of keyring_verify_dated; STATUS_NOT_A_MEMBER where the
 * list lacks the creator. */
MUST_CHECK enum status ticket_verify(const struct ticket *ticket,
                                     const struct group_parameters *parameters,
                                     const struct keyring *keyring, struct moment now);

#endif
