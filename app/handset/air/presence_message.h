/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The presence message (app/README.md section 4, kind 1): time by the wall clock (8, milliseconds
 * since 1970), the life of the handset that says it (life.h): its start (8) and its age (8,
 * milliseconds); its chain's anchor (16), and number (2) and link (16) of the slot in which it says
 * this (presence_chain.h); in how many tenths of a second it says the next one (2), and of how many
 * one is signed (1); how many it has nearby (2, pace.h); identity, KMS URI and display name, each
 * with its length before it in one octet; the attestation of the name (identity/attestation.h); the
 * number of echoes (1); echoes; the number of the list of the revoked that it holds (8), unless it
 * holds none; ECCSI signature (129) over "Muster presence" 00 and everything before the signature.
 *
 * What fits of the echoes is said: all twelve, unless the names are long.
 *
 * An echo repeats what another life's latest presence said: its name (8, life.h) and its age (8),
 * and how many milliseconds ago it was heard (4).
 *
 * The presence link (kind 12) says no more than that its handset is there still: the chain's name
 * (8), number (2) and link (16) of the slot.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PRESENCE_MESSAGE_H
#define MUSTER_APP_HANDSET_AIR_PRESENCE_MESSAGE_H

#include "app/handset/air/presence_chain.h"
#include "app/handset/air/rhythm.h"
#include "app/identity/attestation.h"
#include "app/identity/keyring.h"
#include "crypto/announcement.h"
#include "crypto/entropy.h"
#include "crypto/identifier.h"

enum {
    LIFE_NAME_SIZE = 8,
    PRESENCE_ECHOES_MAX = 12,
    PRESENCE_MAX = 900,
    PRESENCE_SIGNED_MAX = PRESENCE_MAX + 32,
};

struct presence_echo {
    uint8_t life[LIFE_NAME_SIZE];
    int64_t age_ms;
    int64_t held_ms; /* since that was heard */
};

struct presence {
    int64_t utc_ms;
    uint8_t start[START_SIZE];
    int64_t age_ms;
    struct presence_link link;
    struct rhythm rhythm;
    size_t near; /* how many its handset has heard (pace.h) */
    char identity[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE];
    char name[DISPLAY_NAME_SIZE]; /* what it calls itself */
    struct attestation attestation;
    size_t echo_count;
    struct presence_echo echoes[PRESENCE_ECHOES_MAX];
    uint64_t revoked; /* the number of the list of the revoked that it holds; 0: none */
};

/* Builds the presence payload. STATUS_TOO_LONG, the provider's errors. */
MUST_CHECK enum status presence_write(struct writer *out, const struct presence *presence,
                                      const struct keyring *keyring, const struct entropy *entropy);

/* Reads a presence payload: form only. `covered` is what the signature covers, without the label;
 * both spans live as long as `payload`. */
MUST_CHECK enum status presence_read(struct span payload, struct presence *presence,
                                     struct span *covered, struct span *signature);

/* The presence link's payload, and its reading. STATUS_TRUNCATED, STATUS_TOO_LONG. */
struct said_link {
    uint8_t chain[PRESENCE_CHAIN_ID_SIZE];
    uint16_t number;
    uint8_t link[PRESENCE_LINK_SIZE];
};
void presence_link_write(struct writer *out, const struct presence_link *link);
MUST_CHECK enum status presence_link_read(struct span payload, struct said_link *link);

/* What the signature is over, in `room`. */
struct span presence_signed(uint8_t room[PRESENCE_SIGNED_MAX], struct span covered);

/* Does the signature of a presence verify, also of somebody who is revoked? By the keys of the
 * months about `now`'s wall clock, or else about the presence's own where that is later, or, where
 * the wall clock here has lost the time, of the months that keys are held for here: nobody has keys
 * of a month that is still to come but who is given them for it. */
MUST_CHECK enum status presence_verify(const struct presence *presence, struct span covered,
                                       struct span signature, const struct keyring *keyring,
                                       struct moment now);

#endif
