/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The announcement (6.X.3.2.3 step 1): a MIKEY pre-shared-key message (RFC 3830 3.1) under the GMK,
 * with an ECCSI SIGN payload of the talker, that carries the group session key (GSK) of one talk
 * session to any number of members.
 *
 * Payloads in order: HDR (data type 0, V 0, PRF-HMAC-SHA-256, CSB ID random, CS ID map type
 * SRTP-ID with one crypto session: policy 0, SSRC, ROC 0), T (NTP-UTC, group time), RAND (16),
 * IDRi (role 1: talker), IDRpsk (role 4: GMK id and number of its hour, 4 octets each as a byte
 * string), IDRapp (role 5: group identity), SP (SRTP, AES-GCM-128, 16-octet tag), the talker's
 * proof (an extension), of a talker that came late its ticket (an extension of its own type), KEMAC
 * (GSK as a TGK, AES-CM-128, HMAC-SHA-256-256), SIGN (ECCSI, talker).
 * app/README.md section 4.
 *
 * The MAC covers every octet before its own: from the header's version to the KEMAC's MAC
 * algorithm, the KEMAC's next payload included (RFC 3830 5.2; the SIGN payload is the one thing
 * after it, as its length and type are fixed). The signature covers every octet before its own: all
 * that the MAC covers, the MAC, and the SIGN payload's type and length. So each octet is under the
 * MAC, under the signature, or part of it. A signature has a second valid form (RFC 6507's s and q
 * - s): replay protection must identify messages by the signed fields, never by the signature's
 * octets.
 */
#ifndef MUSTER_CRYPTO_ANNOUNCEMENT_H
#define MUSTER_CRYPTO_ANNOUNCEMENT_H

#include "crypto/i_message.h"
#include "crypto/identifier.h"
#include "crypto/provider.h"
#include "crypto/talker_key.h"

enum {
    GMK_SIZE = 16,
    GSK_SIZE = 16,
    SESSION_ID_SIZE = 8,
    TICKET_MAX = 480, /* octets of a latecomer's ticket */
    ANNOUNCEMENT_MAX = 1100
};

/* Of two who talk at once the one of the higher priority has the floor. */
enum talk_priority {
    TALK_NORMAL = 0,
    TALK_EMERGENCY = 1
};

/* What proves that packets are the talker's, and of now. */
struct talker_proof {
    uint8_t start[START_SIZE]; /* drawn when the talker's handset started, */
    int64_t age_ms;            /* and when the announcement was made, since then */
    uint8_t key[TALKER_KEY_SIZE];
    uint8_t anchor[VOICE_LINK_SIZE]; /* of the voice chain, whose first packet is that with */
    uint16_t sequence; /* RTP's, and its time: of the first packet that comes after, at that age */
    uint32_t rtp_time;
    /* Of the talk session, which goes on when it is announced anew with another GSK. */
    uint8_t session[SESSION_ID_SIZE]; /* drawn when it began, */
    int64_t began_ms;                 /* at this group time: not later than T */
    enum talk_priority priority;
};

struct announcement_fields {
    uint32_t csb_id;
    uint32_t ssrc;  /* the SSRC of the talker's stream */
    int64_t utc_ms; /* T in group time, milliseconds since 1970 UTC */
    uint8_t rand[MIKEY_RAND_SIZE];
    uint32_t gmk_id;
    uint32_t hour;   /* whose key it is made under (gmk_hour.h); 0 in a standard group */
    bool is_doubted; /* the talker is not sure that it is that late */
    char talker[IDENTITY_SIZE];
    char group[GROUP_IDENTITY_SIZE];
    struct talker_proof proof;
    struct span ticket; /* of a talker that came late: the creator's word that it is a member, which
                         * is nothing to this message; empty for all others. Of one that was parsed
                         * a part of its octets */
};

/* A parsed announcement: its fields, and spans into the octets it was parsed from. */
struct announcement {
    struct announcement_fields fields;
    struct span encrypted; /* the KEMAC's encrypted key data */
    struct span mac;       /* the KEMAC's MAC, 32 octets */
    struct span mac_covered;
    struct span signature; /* ECCSI_SIGNATURE_SIZE octets */
    struct span covered;   /* what the signature covers */
};

/* Builds an announcement with `gsk` under `gmk`, signed with the talker's key; appends to `out` (at
 * most ANNOUNCEMENT_MAX octets). STATUS_IDENTITY_INVALID, STATUS_TIME_OUT_OF_RANGE (T holds 1970 to
 * 2104), STATUS_TOO_LONG when it or the ticket does not fit, the provider's errors; then nothing is
 * appended. */
MUST_CHECK enum status announcement_build(const struct provider *provider,
                                          const struct announcement_fields *fields,
                                          const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE],
                                          const struct signing_key *signing_key,
                                          const struct entropy *entropy, struct writer *out);

/* Parses `octets`, which must outlive *out. Checks the form only; errors as i_message_parse. */
MUST_CHECK enum status announcement_parse(struct span octets, struct announcement *out);

/* Checks the MAC under `gmk` and decrypts the GSK: STATUS_MAC_INVALID or STATUS_MALFORMED. Cheap:
 * it comes before the signature, so that only holders of the GMK can make a handset verify one. The
 * GSK must not be used before announcement_verify has succeeded. */
MUST_CHECK enum status announcement_open(const struct announcement *announcement,
                                         const uint8_t gmk[GMK_SIZE], uint8_t gsk[GSK_SIZE]);

/* Does the talker's signature verify? STATUS_SIGNATURE_INVALID when not. */
MUST_CHECK enum status announcement_verify(const struct provider *provider,
                                           const struct announcement *announcement,
                                           const struct domain_key *talker_domain,
                                           const struct identifier *talker_identifier);

#endif
