/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One D2D connection (6.X.3.3.3.3 step 5, app/README.md section 4): a MIKEY-SAKKE I_MESSAGE gives
 * both handsets the TGK and brings the initiator's ephemeral share; the responder answers with a
 * fresh nonce and its own share, and from then on everything is sealed with libsodium's
 * secretstream. This room carries out keys, sealing and order; what is said over the connection is
 * in record.h, and when in connection.h.
 *
 * Payload of a D2D frame: connection id (8: the first octets of the I_MESSAGE's SHA-256), step (1),
 * then
 *
 *   1 OPEN      the I_MESSAGE
 *
 *   2 HELLO     responder's nonce (32), its share (32), stream header (24), sealed transcript hash
 *               (32)
 *
 *   3 REQUEST   number (4), for number 1 the stream header (24), sealed record, which for number 1
 *               begins with the transcript hash and, with recovery on, the seed (16)
 *
 *   4 RESPONSE  number (4) of its request, sealed record
 *
 * Requests are numbered from 1 and one is under way at a time: it is repeated until its response
 * comes, and a repeated request gets the same response again. So loss, doubling and reordering are
 * survived with one record of state on either side.
 *
 * Keys: those of connection_key.h, of the TGK, both shares and the transcript hash, which is
 * SHA-256 of the I_MESSAGE's hash, the responder's nonce and its share. A replayed I_MESSAGE meets
 * a new nonce and a new share, and whoever replays it cannot say the first word. The TGK and the
 * ephemeral keys are wiped as soon as the connection's keys are made, or with the connection.
 *
 * Recovery (lawful intercept) is a setting of the domain. With it on, the initiator encapsulates
 * the seed of its ephemeral key to the recovery identity, in the I_MESSAGE, and says it in request
 * 1: the responder encapsulates it again, and so knows that the authority was neither kept out nor
 * given something else. With it off, a message that lets an authority in is refused.
 */
#ifndef MUSTER_APP_HANDSET_D2D_D2D_H
#define MUSTER_APP_HANDSET_D2D_D2D_H

#include <sodium.h>

#include "app/handset/air/frame.h"
#include "app/identity/keyring.h"
#include "app/moment.h"
#include "crypto/connection_key.h"
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
    D2D_HASH_SIZE = TRANSCRIPT_SIZE,
    D2D_FIRST_MAX = D2D_HASH_SIZE + RECOVERY_SEED_SIZE, /* what request 1 has before its record */
    D2D_RECORD_MAX = 15360, /* octets of a record, all its parts together */
    D2D_SEALED_MAX = D2D_HEADER_SIZE + 4 + crypto_secretstream_xchacha20poly1305_HEADERBYTES +
                     D2D_FIRST_MAX + crypto_secretstream_xchacha20poly1305_ABYTES,
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
    uint8_t tgk[SSV_SIZE]; /* these two until the keys are made */
    uint8_t ephemeral[EPHEMERAL_KEY_SIZE];
    uint8_t call_key[SSV_SIZE]; /* once they are: the TGK of a one-to-one talk */
    bool has_recovery;
    uint8_t seed[RECOVERY_SEED_SIZE]; /* initiator, until request 1 is sealed */
    uint8_t
        recovery_hash[D2D_HASH_SIZE]; /* responder, until request 1: of what the seed must make */
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
 * STATUS_KEY_ID_WRONG_SPACE, STATUS_DOMAIN_UNKNOWN, STATUS_SIGNATURE_INVALID; and then
 * STATUS_SHARE_INVALID without a share, STATUS_RECOVERY_MISSING or STATUS_RECOVERY_NOT_ALLOWED when
 * it does not do what the domain's setting says. */
MUST_CHECK enum status d2d_verify(const struct keyring *keyring, const struct d2d_head *head,
                                  const struct i_message *message, struct moment now);

/* Responder, after d2d_verify: opens the I_MESSAGE, draws nonce and ephemeral key, and makes the
 * connection's keys; the payload is the HELLO. The errors of keyring_open_live and
 * connection_keys_make. */
MUST_CHECK enum status d2d_answer(const struct keyring *keyring, const struct entropy *entropy,
                                  const struct d2d_head *head, const struct i_message *message,
                                  struct moment now, struct d2d **out);

/* Initiator: the HELLO came. STATUS_MAC_INVALID when it was not made by who holds the TGK, or not
 * to this I_MESSAGE with this share; STATUS_SHARE_INVALID. The true one may still come then. */
MUST_CHECK enum status d2d_hear_hello(struct d2d *d2d, struct span body);

/* Initiator: seals the next request into the payload. */
MUST_CHECK enum status d2d_request(struct d2d *d2d, struct span record);

/* Responder: opens a request into `record`, which has D2D_FIRST_MAX octets more room than that;
 * *is_new is false for the one already answered, whose response is still in the payload (the record
 * is then empty). STATUS_MAC_INVALID, STATUS_MALFORMED; STATUS_RECOVERY_MISSING when the seed in
 * request 1 is not what was encapsulated to the recovery identity: the other side cheats. */
MUST_CHECK enum status d2d_hear_request(struct d2d *d2d, const struct keyring *keyring,
                                        struct span body, struct writer *record, bool *is_new);

/* Responder: seals the response to the latest request into the payload. */
MUST_CHECK enum status d2d_respond(struct d2d *d2d, struct span record);

/* Initiator: opens the response to the latest request. STATUS_REPLAYED for an earlier one's. */
MUST_CHECK enum status d2d_hear_response(struct d2d *d2d, struct span body, struct writer *record);

struct span d2d_payload(const struct d2d *d2d);

/* Wipes and frees; NULL is allowed. */
void d2d_free(struct d2d *d2d);

#endif
