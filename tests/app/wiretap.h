/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Somebody who has recorded D2D connections and searches the recording with keys that came later:
 * in the form in which connections are sealed, which is seen where the search finds something (with
 * the key of the recovery identity).
 */
#ifndef MUSTER_TESTS_APP_WIRETAP_H
#define MUSTER_TESTS_APP_WIRETAP_H

#include <sodium.h>

#include "app/handset/d2d/d2d.h"
#include "crypto/connection_key.h"
#include "tests/app/squad.h"

/* With which keys it is searched. */
struct wiretap_keys {
    const struct receiver_key *receiver; /* of the handset that was taken */
    const struct receiver_key *recovery; /* of the recovery identity; NULL: the KMS alone has it */
};

/* One connection to that handset, followed through the recording. */
struct wiretap {
    uint64_t connection;
    uint32_t key_id;
    uint8_t rand[MIKEY_RAND_SIZE], tgk[SSV_SIZE];
    uint8_t open_hash[D2D_HASH_SIZE];
    uint8_t ephemeral[EPHEMERAL_KEY_SIZE]; /* the initiator's, or a guess at it */
    bool has_seed;                         /* request 1 has one */
    struct connection_keys keys;
    crypto_secretstream_xchacha20poly1305_state stream;
    uint32_t requests; /* opened so far */
};

/* What a thief of handset n needs for it. To be freed by squad_provider()->receiver_key_free. */
struct receiver_key *wiretap_receiver_key(size_t n);

/* Is `payload` the OPEN of a connection to the handset of those keys? Then `tap` follows it. */
bool wiretap_open(struct wiretap *tap, const struct wiretap_keys *keys, struct span payload);

/* The next D2D payload in the recording; returns the record that is said with it where it is a
 * request of the connection followed and opens, in `room`; else nothing. */
struct span wiretap_hear(struct wiretap *tap, struct span payload, uint8_t room[D2D_PAYLOAD_MAX]);

#endif
