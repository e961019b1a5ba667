/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The voice report: a listener's word to a talker that packets of a talk session arrived, were
 * proven to be the talker's, and are played. Only who has the session's GSK can make or read one.
 * That is every member, so that each can also make one in another's name: it says what somebody in
 * the group reports, and no more.
 *
 * Payload (VOICE_REPORT_SIZE, always): sealed for the session (session_seal.h) with the label
 * "Muster voice report 1" 00: who (8), RTP time of the newest packet that was proven (4), how many
 * packets were lost lately in percent (1; 255: not known), 1 when they are played and 0 when not
 * (1).
 *
 * `who` is the beginning of a hash of the identity: the same octets in ad-hoc
 * groups, whose lists may be changing over, and in standard groups, which have no list.
 */
#ifndef MUSTER_CRYPTO_VOICE_REPORT_H
#define MUSTER_CRYPTO_VOICE_REPORT_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/i_message.h"
#include "crypto/talker_key.h"

enum {
    VOICE_REPORT_WHO_SIZE = 8,
    VOICE_REPORT_SIZE = 4 + 24 + VOICE_REPORT_WHO_SIZE + 4 + 1 + 1 + 16,
    VOICE_REPORT_LOSS_UNKNOWN = 255,
};

struct voice_report_key;

struct voice_report {
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    uint32_t rtp_time; /* of the newest packet that was proven */
    uint8_t loss;      /* percent, or VOICE_REPORT_LOSS_UNKNOWN */
    bool plays;
};

/* The key for the reports of the session with that GSK (SSV_SIZE octets) and session hash, in
 * secret memory. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED. The caller frees it. */
MUST_CHECK enum status voice_report_key_new(const uint8_t gsk[SSV_SIZE],
                                            const uint8_t session[SESSION_HASH_SIZE],
                                            struct voice_report_key **out);

/* Wipes and frees; NULL is allowed. */
void voice_report_key_free(struct voice_report_key *key);

/* What stands for `identity` in a report. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status voice_report_who(const char *identity, uint8_t who[VOICE_REPORT_WHO_SIZE]);

/* Appends the payload to `out`. STATUS_TOO_LONG when it does not fit; STATUS_LIBRARY_FAILED without
 * randomness. */
MUST_CHECK enum status voice_report_close(const struct voice_report_key *key, uint32_t gmk_id,
                                          const struct voice_report *report,
                                          const struct entropy *entropy, struct writer *out);

/* The GMK id of a payload, which anybody can read. STATUS_TRUNCATED, STATUS_MALFORMED (longer). */
MUST_CHECK enum status voice_report_gmk_id(struct span payload, uint32_t *gmk_id);

/* Opens a payload. STATUS_SEAL_BROKEN when it was made under another key, or changed;
 * STATUS_MALFORMED when it says what no report can; the errors of voice_report_gmk_id. */
MUST_CHECK enum status voice_report_open(const struct voice_report_key *key, struct span payload,
                                         struct voice_report *out);

#endif
