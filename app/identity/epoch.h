/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who manages a standard group, and the order of what its managers say. All who manage a group hold
 * the group identity's keys, also who did so before; so those alone do not make a key count.
 *
 *   1. The KMS certifies the group's manager: a statement (crypto/statement.h) about the group
 *      identity with the manager's own name, made of its device key, and the month. The statement's
 *      number is the term: another manager's is greater, the same manager's stays from month to
 *      month.
 *   2. A manager counts its keys. (term, counter) is a key's epoch: of two keys the one with the
 *      later epoch counts. Whoever counts on to the end of all numbers has locked out nobody but
 *      its own term.
 *   3. Beside the group's signature a delivery carries the manager's word: the certificate, the
 *      counter, and a signature by the manager's own keys of that month (identifier_of_manager)
 * over epoch, GMK, its id, date and period of use, and over the lists of exclusions that it knows
 * (exclusion_state.h). It is the same for all members.
 *   4. A member keeps the word of its last key, as a proof: whoever manages the group and has a
 * list that is behind learns from it that there is a later one, and that no member made it up.
 *
 * What the certificate says: version (1), name (16), month (2, months since January 1970). The
 * manager signs "Muster epoch" 00, the KMS's URI and the group identity, each with its length
 * before it in one octet, term (8), counter (8), GMK id (4), date, beginning and end of its use (8
 * each, in milliseconds), 16 octets derived from the GMK, and the states of the lists.
 *
 * On the wire: term (8), name (16), month (2), signature (129) of the certificate; then counter
 * (8), states, and the manager's signature (129). A proof has before that: GMK id (4), date,
 * beginning and end of its use (8 each), and the 16 octets derived from the GMK.
 */
#ifndef MUSTER_APP_IDENTITY_EPOCH_H
#define MUSTER_APP_IDENTITY_EPOCH_H

#include "app/identity/exclusion_state.h"
#include "crypto/key_delivery.h"
#include "crypto/statement.h"

enum {
    MANAGER_CERTIFICATE_SIZE = 8 + MANAGER_NAME_SIZE + 2 + ECCSI_SIGNATURE_SIZE,
    EPOCH_WORD_BARE = MANAGER_CERTIFICATE_SIZE + 8 + ECCSI_SIGNATURE_SIZE, /* without states */
    EPOCH_WORD_LEAST = EPOCH_WORD_BARE + EXCLUSION_STATES_SIZE_LEAST,
    EPOCH_WORD_SIZE = EPOCH_WORD_BARE + EXCLUSION_STATES_SIZE_MAX, /* at most */
    EPOCH_COMMITMENT_SIZE = 16,
    EPOCH_PROOF_SIZE = 4 + 3 * 8 + EPOCH_COMMITMENT_SIZE + EPOCH_WORD_SIZE /* at most */
};

struct epoch {
    uint64_t term, counter;
};

/* Less than 0 when `a` is the earlier one, 0 when they are the same, else more. */
int epoch_compare(struct epoch a, struct epoch b);

struct manager_certificate {
    uint64_t term; /* 0: there is none */
    uint8_t name[MANAGER_NAME_SIZE];
    uint16_t month; /* since January 1970 */
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

/* The name of the manager whose device key has the public half `device_key`.
 * STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status manager_name_of(struct span device_key, uint8_t name[MANAGER_NAME_SIZE]);

/* The number of the month that holds `utc_ms`, from 1970 on. */
uint16_t manager_month_of(int64_t utc_ms);

/* Signs the rest of `certificate`, about `group`, with the KMS's `key` for statements. Errors of
 * statement_sign. */
MUST_CHECK enum status manager_certificate_sign(struct manager_certificate *certificate,
                                                const char *kms, const char *group,
                                                const struct provider *provider,
                                                const struct signing_key *key,
                                                const struct entropy *entropy);

/* Does the KMS of `domain` say so? STATUS_MANAGER_UNCERTIFIED, also where there is none; errors of
 * statement_verify. */
MUST_CHECK enum status manager_certificate_verify(const struct manager_certificate *certificate,
                                                  const char *kms, const char *group,
                                                  const struct provider *provider,
                                                  const struct domain_key *domain);

/* Codec: MANAGER_CERTIFICATE_SIZE octets, or with term 0 just that; the reader fails on what is too
 * short. */
void manager_certificate_write(struct writer *out, const struct manager_certificate *certificate);
void manager_certificate_read(struct reader *in, struct manager_certificate *certificate);

/* --- The word in a delivery ----------------------------------------------------------------- */

struct epoch_word {
    struct manager_certificate certificate;
    uint64_t counter;
    struct exclusion_states known;           /* which lists of exclusions its manager knows */
    uint8_t signature[ECCSI_SIGNATURE_SIZE]; /* the manager's */
};

struct epoch epoch_of_word(const struct epoch_word *word);

/* Appends the word of the manager with that certificate, EPOCH_WORD_SIZE octets at most, that
 * `fields` and `gmk` are those of its key number `counter`, and that it knows the lists of `known`;
 * `key` is its own for the month. STATUS_KEY_INVALID where it has no certificate or no key; the
 * provider's errors. */
MUST_CHECK enum status
epoch_word_write(struct writer *out, const struct manager_certificate *certificate,
                 uint64_t counter, const struct exclusion_states *known,
                 const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                 const struct provider *provider, const struct signing_key *key,
                 const struct entropy *entropy);

/* Form only. STATUS_MANAGER_UNCERTIFIED for none, STATUS_TRUNCATED, STATUS_MALFORMED. */
MUST_CHECK enum status epoch_word_read(struct span octets, struct epoch_word *word);

/* Has a manager of `fields->group` in its term for the month of fields->utc_ms said so of the
 * opened delivery? STATUS_MANAGER_UNCERTIFIED; errors of manager_certificate_verify. */
MUST_CHECK enum status epoch_word_verify(const struct epoch_word *word,
                                         const struct key_delivery_fields *fields,
                                         const uint8_t gmk[SSV_SIZE],
                                         const struct provider *provider,
                                         const struct domain_key *domain);

/* --- The word as a proof -------------------------------------------------------------------- */

/* A word with what it says of its key, but not the key. */
struct epoch_proof {
    struct epoch_word word; /* of term 0: there is none */
    uint32_t gmk_id;
    int64_t utc_ms, not_before_ms, not_after_ms;
    uint8_t commitment[EPOCH_COMMITMENT_SIZE]; /* derived from the GMK */
};

/* The proof that lies in a delivery that was opened. The provider's errors. */
MUST_CHECK enum status epoch_proof_of(const struct epoch_word *word,
                                      const struct key_delivery_fields *fields,
                                      const uint8_t gmk[SSV_SIZE], struct epoch_proof *proof);

/* Has a manager of `group`, of the domain of `kms`, said so, in whatever term and month? As
 * epoch_word_verify. */
MUST_CHECK enum status epoch_proof_verify(const struct epoch_proof *proof, const char *kms,
                                          const char *group, const struct provider *provider,
                                          const struct domain_key *domain);

/* Codec: EPOCH_PROOF_SIZE octets at most. Form only: STATUS_TRUNCATED, STATUS_MALFORMED. */
void epoch_proof_write(struct writer *out, const struct epoch_proof *proof);
MUST_CHECK enum status epoch_proof_read(struct span octets, struct epoch_proof *proof);

#endif
