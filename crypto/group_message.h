/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The group message: a short text of a member, signed by its identity, and sealed for those who
 * hold the group's key; and the receipt that a member gives for it.
 *
 * Payload of both: GMK id (4), hour of the GMK (4; 0 in a standard group), and sealed by
 * XChaCha20-Poly1305 (seal.h): nonce (24), cipher text, tag (16). Under the tag are label, GMK id
 * and hour as well. The key (32) is MIKEY's PRF of the GMK of that hour over label, GMK id, hour
 * and group identity. So a holder of the key seals a message anew for the present hour without its
 * sender (group_message_close), and who opens it learns nothing but what the sender signed.
 *
 * A message ("Muster message 1" 00): identity with its length before it in one octet, number (8),
 * status word (1; 0: none; 253 and 254: the text is whom a report is about), text with its length
 * in two octets, ECCSI signature (129). What is signed: the label, GMK id, group identity with its
 * length in one octet, and everything before the signature. The hour is not signed.
 *
 * The number is the group time at which the message was written, in milliseconds since 1970, or one
 * more than that of the identity's message before in the group, if that is later. So the messages
 * of an identity have an order, none has the number of another, and a device that has lost its
 * records uses none again.
 *
 * A receipt ("Muster message receipt 1" 00): whose message (8: the hash of voice_report_who), its
 * number (8), who has it (8). Like a voice report it is sealed alone: any member can make one in
 * another's name.
 */
#ifndef MUSTER_CRYPTO_GROUP_MESSAGE_H
#define MUSTER_CRYPTO_GROUP_MESSAGE_H

#include "crypto/announcement.h"
#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/identifier.h"
#include "crypto/provider.h"
#include "crypto/seal.h"
#include "crypto/voice_report.h"

enum {
    GROUP_MESSAGE_TEXT_MAX = 896, /* octets: with the longest identity it is one frame */
    GROUP_MESSAGE_HEAD_SIZE = 4 + 4,
    GROUP_MESSAGE_PLAIN_MAX =
        1 + IDENTITY_MAX + 8 + 1 + 2 + GROUP_MESSAGE_TEXT_MAX + ECCSI_SIGNATURE_SIZE,
    GROUP_MESSAGE_MAX = GROUP_MESSAGE_HEAD_SIZE + SEAL_OVERHEAD + GROUP_MESSAGE_PLAIN_MAX,
    GROUP_MESSAGE_SIGNED_MAX =
        17 + 4 + 1 + GROUP_IDENTITY_SIZE + GROUP_MESSAGE_PLAIN_MAX - ECCSI_SIGNATURE_SIZE,
    MESSAGE_RECEIPT_SIZE =
        GROUP_MESSAGE_HEAD_SIZE + SEAL_OVERHEAD + VOICE_REPORT_WHO_SIZE + 8 + VOICE_REPORT_WHO_SIZE,
};

struct group_message {
    char identity[IDENTITY_SIZE];
    int64_t number;
    uint8_t word; /* which of the group's status words it is; 0: none */
    char text[GROUP_MESSAGE_TEXT_MAX + 1];
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

struct message_receipt {
    uint8_t whose[VOICE_REPORT_WHO_SIZE];
    int64_t number;
    uint8_t who[VOICE_REPORT_WHO_SIZE];
};

/* Which key it is under: of which group's GMK, with what id, and of which hour. */
struct message_key {
    const char *group;
    uint32_t gmk_id, hour;
    const uint8_t *octets; /* GMK_SIZE: the GMK of that hour */
};

/* What the sender signs, in `room`. */
struct span group_message_covered(const struct group_message *message, const char *group,
                                  uint32_t gmk_id, uint8_t room[GROUP_MESSAGE_SIGNED_MAX]);

/* GMK id and hour of the payload of either, which anybody can read. STATUS_TRUNCATED;
 * STATUS_TOO_LONG. */
MUST_CHECK enum status group_message_head(struct span payload, uint32_t *gmk_id, uint32_t *hour);

/* Appends the payload, sealed under `key`. STATUS_TOO_LONG when it does not fit,
 * STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status group_message_close(const struct message_key *key,
                                           const struct group_message *message,
                                           const struct entropy *entropy, struct writer *out);

/* Opens a payload; whose it is only the signature tells. STATUS_SEAL_BROKEN when it was made under
 * another key, or changed; STATUS_MALFORMED, STATUS_IDENTITY_INVALID when it says what no message
 * can; the errors of group_message_head. What is in the text is not looked at, but for zeros. */
MUST_CHECK enum status group_message_open(const struct message_key *key, struct span payload,
                                          struct group_message *message);

/* The plain octets of a message, for a record; and back. STATUS_MALFORMED,
 * STATUS_IDENTITY_INVALID. */
void group_message_write(struct writer *out, const struct group_message *message);
MUST_CHECK enum status group_message_read(struct reader *in, struct group_message *message);

/* The same of a receipt, which has one size. */
MUST_CHECK enum status message_receipt_close(const struct message_key *key,
                                             const struct message_receipt *receipt,
                                             const struct entropy *entropy, struct writer *out);
MUST_CHECK enum status message_receipt_open(const struct message_key *key, struct span payload,
                                            struct message_receipt *receipt);

#endif
