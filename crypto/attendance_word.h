/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The attendance word: a member's short word under a group's key that it is here, and which other
 * members it hears. It costs a MAC and no signature, so it can be said where many handsets share
 * the air. Only who has the GMK can make or read one. That is every member, so that each can also
 * make one in another's name: it says what somebody in the group says, and no more.
 *
 * Payload: GMK id (4), hour of the GMK (2), and sealed by AES-SIV (RFC 5297; its tag comes first,
 * 16) with the associated data "Muster attendance 1" 00, GMK id, hour: the member's place (1), the
 * first octets of the hash of its identity (2), start of its life (4) and its age (5,
 * milliseconds), in how long it says the next one (1); the latest word that it heard and knows to
 * be of its time: the place of who said that (1; 255: none), its mark (4), for how long it has held
 * it (1); how many octets of bits follow (1), and in these a bit for each place, the lowest first,
 * for those whom it hears, or was told of; for each of these in order, how long ago that one lived
 * for sure (1), or 255 and the mark of its latest word (4) where it does not know that to be of
 * now. Lengths of time are as attendance_code has them.
 *
 * A member's place is that in the group's first list; latecomers have those after it, in the order
 * of their numbers.
 *
 * The key is 32 octets of MIKEY's PRF of the hour's key over the associated data. No two words are
 * alike, as life and age are in them: what SIV needs in place of a nonce. The mark of a word is the
 * beginning of its tag.
 */
#ifndef MUSTER_CRYPTO_ATTENDANCE_WORD_H
#define MUSTER_CRYPTO_ATTENDANCE_WORD_H

#include "crypto/announcement.h"
#include "crypto/bytes.h"

enum {
    ATTENDANCE_MEMBERS_MAX = 32,
    ATTENDANCE_START_SIZE = 4,
    ATTENDANCE_HEAD_SIZE = 4 + 2,
    ATTENDANCE_TAG_SIZE = 16,
    ATTENDANCE_FIXED_SIZE = 1 + 2 + ATTENDANCE_START_SIZE + 5 + 1 + (1 + 4 + 1) + 1,
    ATTENDANCE_WORD_MIN = ATTENDANCE_HEAD_SIZE + ATTENDANCE_TAG_SIZE + ATTENDANCE_FIXED_SIZE,
    ATTENDANCE_WORD_MAX =
        ATTENDANCE_WORD_MIN + ATTENDANCE_MEMBERS_MAX / 8 + 5 * ATTENDANCE_MEMBERS_MAX,
    ATTENDANCE_LONGEST_MS = 530 * 1000, /* that attendance_code tells */
    ATTENDANCE_UNPROVEN = 255,
    ATTENDANCE_NOBODY = 255,
};

/* Whom a member hears. */
struct attendance_heard {
    bool is_heard;
    uint8_t held;  /* how long ago, as attendance_code has it; or ATTENDANCE_UNPROVEN */
    uint32_t mark; /* of that, which is then not known to be of now */
};

struct attendance_word {
    uint32_t gmk_id;
    uint16_t hour;
    uint8_t member; /* its place */
    uint16_t check; /* attendance_check of its identity */
    uint8_t start[ATTENDANCE_START_SIZE];
    int64_t age_ms;
    uint8_t next;          /* the next one is said within so long, as attendance_code has it */
    uint8_t latest_member; /* who said the latest word that it heard, or ATTENDANCE_NOBODY */
    uint32_t latest_mark;
    uint8_t latest_held;                                   /* as attendance_code has it */
    struct attendance_heard heard[ATTENDANCE_MEMBERS_MAX]; /* by their places */
    uint32_t mark; /* of this one; set by closing and opening */
};

/* Lengths of time in an octet: quarters of a second below 32 s, then in steps of 4 s. Rounds down;
 * what is longer than ATTENDANCE_LONGEST_MS is as that. */
uint8_t attendance_code(int64_t ms);
int64_t attendance_length_ms(uint8_t code);

/* What tells the places of two lists apart. */
uint16_t attendance_check(const char *identity);

/* Appends the payload, sealed under `key`, the GMK's of word->hour, and sets word->mark.
 * STATUS_TOO_LONG when it does not fit, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status attendance_close(const uint8_t key[GMK_SIZE], struct attendance_word *word,
                                        struct writer *out);

/* GMK id and hour of a payload, which anybody can read, into *word. STATUS_TRUNCATED,
 * STATUS_TOO_LONG. */
MUST_CHECK enum status attendance_head(struct span payload, struct attendance_word *word);

/* Opens a payload. STATUS_SEAL_BROKEN when it was made under another key, or changed;
 * STATUS_MALFORMED when it says what no word can; the errors of attendance_head. */
MUST_CHECK enum status attendance_open(const uint8_t key[GMK_SIZE], struct span payload,
                                       struct attendance_word *word);

#endif
