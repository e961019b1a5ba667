/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One D2D connection (6.X.3.3.3.3 step 5, app/README.md section 4): a MIKEY-SAKKE I_MESSAGE gives
 * both handsets the TGK; the responder answers with a fresh nonce, and from then on everything is
 * sealed with libsodium's secretstream. This room carries out keys, sealing and order; what is said
 * over the connection is in record.h, and when in connection.h.
 *
 * Payload of a D2D frame: connection id (8: the first octets of the I_MESSAGE's SHA-256), step (1),
 * then
 *
 *   1 OPEN      the I_MESSAGE
 *
 *   2 HELLO     responder's nonce (32), stream header (24), sealed transcript hash (32)
 *
 *   3 REQUEST   number (4), for number 1 the stream header (24), sealed record, which for number 1
 *               begins with the transcript hash
 *
 *   4 RESPONSE  number (4) of its request, sealed record
 *
 * Requests are numbered from 1 and one is under way at a time: it is repeated until its response
 * comes, and a repeated request gets the same response again. So loss, doubling and reordering are
 * survived with one record of state on either side.
 *
 * Keys: PRF(TGK, "Muster D2D" 00 || CSB ID || RAND || responder's nonce), 64 octets: initiator to
 * responder, then back. The transcript hash is SHA-256 of the I_MESSAGE and the responder's nonce.
 * A replayed I_MESSAGE meets a new nonce, and whoever replays it cannot say the first word.
 */
#ifndef MUSTER_APP_HANDSET_D2D_D2D_H
#define MUSTER_APP_HANDSET_D2D_D2D_H

#include <sodium.h>

#include "app/handset/air/frame.h"
#include "app/identity/keyring.h"
#include "app/moment.h"
#include "crypto/i_message.h"

enum d2d_step {
    D2D_OPEN = 1,
    D2D_HELLO = 2,
    D2D_REQUEST = 3,
    D2D_RESPONSE = 4
};

enum {
    D2D_HEADER_SIZE = 9,
    D2D_NONCE_SIZE = 32,
    D2D_HASH_SIZE = 32,
    D2D_RECORD_MAX = 15360, /* octets of a record, all its parts together */
    D2D_SEALED_MAX = D2D_HEADER_SIZE + 4 + crypto_secretstream_xchacha20poly1305_HEADERBYTES +
                     D2D_HASH_SIZE + crypto_secretstream_xchacha20poly1305_ABYTES,
    /* octets that a sealed record's payload has besides the record, at most */
    D2D_PAYLOAD_MAX = FRAME_MAX - FRAME_HEADER_SIZE,
    KEY_ID_SPACE_TGK = 0xD, /* TGKs of D2D connections are no GMKs */
};

enum d2d_stage {
    D2D_OPENING,     /* initiator: I_MESSAGE sent; responder: HELLO sent */
    D2D_ESTABLISHED, /* the other side has shown that it holds the keys */
};

/* Holds keys: lives in secret memory. */
struct d2d {
    bool initiator;
    enum d2d_stage stage;
    uint64_t id;
    char remote[IDENTITY_SIZE];     /* the other side: verified for the responder, and for the */
    char remote_kms[IDENTITY_SIZE]; /* initiator the only one who could open the I_MESSAGE */
    int64_t i_message_utc_ms;
    uint32_t key_id;
    uint8_t rand[MIKEY_RAND_SIZE];
    uint8_t tgk[SSV_SIZE];
    uint8_t nonce[D2D_NONCE_SIZE];
    uint8_t i_message_hash[D2D_HASH_SIZE];
    uint8_t transcript[D2D_HASH_SIZE];
    uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    crypto_secretstream_xchacha20poly1305_state sending, receiving;
    uint32_t number;  /* of the latest request: sent (initiator) or handled (responder) */
    uint8_t *payload; /* what was sent last, to be repeated; not secret */
    size_t payload_length;
};

/* The first fields of a D2D frame's payload. */
struct d2d_head {
    uint64_t id;
    enum d2d_step step;
    struct span body;
};

MUST_CHECK enum status d2d_head_read(struct span payload, struct d2d_head *head);

/* Initiator: a new connection to `remote` in the domain `remote_kms`, with a new TGK; its payload
 * is the OPEN. The provider's and identifier_of's errors. */
MUST_CHECK enum status d2d_open(const struct keyring *keyring, const struct entropy *entropy,
                                const char *remote, const char *remote_kms, struct moment now,
                                struct d2d **out);

/* Responder: is the I_MESSAGE that came with `head` for us, a D2D connection's, and its
 * initiator's? STATUS_MALFORMED (id is not the message's), STATUS_NOT_ADDRESSED_TO_US,
 * STATUS_KEY_ID_WRONG_SPACE, STATUS_DOMAIN_UNKNOWN, STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status d2d_verify(const struct keyring *keyring, const struct d2d_head *head,
                                  const struct i_message *message, struct moment now);

/* Responder, after d2d_verify: opens the I_MESSAGE and draws the nonce; the payload is the HELLO.
 * The errors of keyring_open. */
MUST_CHECK enum status d2d_answer(const struct keyring *keyring, const struct entropy *entropy,
                                  const struct d2d_head *head, const struct i_message *message,
                                  struct moment now, struct d2d **out);

/* Initiator: the HELLO came. STATUS_MAC_INVALID when it was not made by who holds the TGK. */
MUST_CHECK enum status d2d_hear_hello(struct d2d *d2d, struct span body);

/* Initiator: seals the next request into the payload. */
MUST_CHECK enum status d2d_request(struct d2d *d2d, struct span record);

/* Responder: opens a request into `record`, which has D2D_HASH_SIZE octets more room than that;
 * *is_new is false for the one already answered, whose response is still in the payload (the record
 * is then empty). STATUS_MAC_INVALID, STATUS_MALFORMED. */
MUST_CHECK enum status d2d_hear_request(struct d2d *d2d, struct span body, struct writer *record,
                                        bool *is_new);

/* Responder: seals the response to the latest request into the payload. */
MUST_CHECK enum status d2d_respond(struct d2d *d2d, struct span record);

/* Initiator: opens the response to the latest request. STATUS_REPLAYED for an earlier one's. */
MUST_CHECK enum status d2d_hear_response(struct d2d *d2d, struct span body, struct writer *record);

struct span d2d_payload(const struct d2d *d2d);

/* Wipes and frees; NULL is allowed. */
void d2d_free(struct d2d *d2d);

#endif
