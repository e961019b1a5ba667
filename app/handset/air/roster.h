/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The roster: identities nearby, by their signed presence (app/README.md section 4, kind 1), and
 * the officer's trust marks.
 *
 * Presence payload: time (8, milliseconds since 1970), identity, KMS URI and display name (each
 * with its length before it in one octet), ECCSI signature (129) over "Muster presence" 00 and
 * everything before the signature.
 */
#ifndef MUSTER_APP_HANDSET_AIR_ROSTER_H
#define MUSTER_APP_HANDSET_AIR_ROSTER_H

#include "app/handset/air/frame.h"
#include "app/handset/air/way.h"
#include "app/identity/keyring.h"
#include "crypto/entropy.h"
#include "crypto/identifier.h"

enum {
    PRESENCE_INTERVAL_MS = 5000,
    PRESENCE_SOON_MS = 1000,   /* after the last one, when a radio reaches somebody new */
    PRESENCE_LASTS_MS = 20000, /* gone from the list when not heard for so long */
    PRESENCE_COPY_MS = 2500,   /* so long after a presence, copies of it tell of other ways */
    PRESENCE_MAX = 640,
    PRESENCE_SIGNED_MAX = PRESENCE_MAX + 32,
    TRUSTED_MAX = 256,
};

struct presence {
    int64_t utc_ms;
    char identity[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE];
    char name[DISPLAY_NAME_SIZE];
};

/* An identity whose presence verified. */
struct neighbour {
    struct presence presence;           /* the latest */
    uint8_t frame[FRAME_IDENTITY_SIZE]; /* that it came in */
    int64_t heard_ms;                   /* boot clock */
    int64_t clock_difference_ms;
    struct ways ways;
};

struct roster {
    size_t count;
    struct neighbour neighbours[VIEW_NEARBY_MAX];
    size_t trusted_count;
    char trusted[TRUSTED_MAX][IDENTITY_SIZE];
};

/* How a presence came. */
struct presence_arrival {
    uint64_t peer;
    bool is_relayed;
    uint8_t frame[FRAME_IDENTITY_SIZE];
};

/* Builds the presence payload. */
MUST_CHECK enum status presence_write(struct writer *out, const struct presence *presence,
                                      const struct keyring *keyring, const struct entropy *entropy);

/* Reads a presence payload: form only. `covered` is what the signature covers, without the label;
 * both spans live as long as `payload`. */
MUST_CHECK enum status presence_read(struct span payload, struct presence *presence,
                                     struct span *covered, struct span *signature);

/* What the signature is over, in `room`. */
struct span presence_signed(uint8_t room[PRESENCE_SIGNED_MAX], struct span covered);

/* Does the signature of a presence verify? */
MUST_CHECK enum status presence_verify(const struct presence *presence, struct span covered,
                                       struct span signature, const struct keyring *keyring,
                                       struct moment now);

/* A verified presence was heard. STATUS_REPLAYED when it is not newer than the last one of this
 * identity that the roster remembers, however long ago that was: else a recording would bring it
 * back. Two clocks that go backwards are believed: one that was ahead and is set right, and, of a
 * handset that was gone, one that differs from ours. That may be a recording too; but a handset
 * whose battery was out must not be invisible, and it is shown with how much its clock differs.
 * STATUS_TOO_LONG when the roster is full. *is_new: was it not nearby before? */
MUST_CHECK enum status roster_hear(struct roster *roster, const struct presence *presence,
                                   const struct presence_arrival *arrival, struct moment now,
                                   bool *is_new);

/* The frame of a presence came again. Was it a neighbour's latest, not long ago, then it is heard
 * on one more way. */
void roster_hear_copy(struct roster *roster, const struct presence_arrival *arrival,
                      struct moment now);

/* The neighbour with that identity, or NULL. */
const struct neighbour *roster_find(const struct roster *roster, const char *identity);

/* The ways to the neighbour with that identity; NULL when there is no such neighbour. */
struct ways *roster_ways(struct roster *roster, const char *identity);

/* How strong the signal from `peer` is, for all who are heard from there. */
void roster_signal(struct roster *roster, uint64_t peer, int quality);

/* Did the presence of a neighbour, or of the one with that identity, come from `peer` lately? What
 * came from there only as a copy does not count, nor one whose clock differs: it may be a recording
 * from anywhere. */
bool roster_has_peer(const struct roster *roster, uint64_t peer);
bool roster_is_at(const struct roster *roster, const char *identity, uint64_t peer);

bool roster_trusts(const struct roster *roster, const char *identity);

/* Sets or clears the officer's mark. STATUS_TOO_LONG when TRUSTED_MAX are marked. */
MUST_CHECK enum status roster_mark(struct roster *roster, const char *identity, bool trusted);

/* Copies who is nearby into the view, in the order of identities. */
void roster_show(struct roster *roster, const struct handset_links *links, struct moment now,
                 struct view *view);

#endif
