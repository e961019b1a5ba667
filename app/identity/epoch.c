/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/epoch.h"

#include <string.h>

#include "app/identity/month.h"
#include "crypto/derivation.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

static const char label[] = "Muster epoch";

enum {
    FORMAT_VERSION = 1,
    SAID_SIZE = 1 + MANAGER_NAME_SIZE + 2,
    SIGNED_MAX = (int)sizeof label + 2 * (1 + IDENTITY_MAX) + 2 * 8 + 4 + 3 * 8 +
                 EPOCH_COMMITMENT_SIZE + EXCLUSION_STATES_SIZE_MAX
};

int epoch_compare(struct epoch a, struct epoch b) {
    if (a.term != b.term) {
        return a.term < b.term ? -1 : 1;
    }
    return a.counter == b.counter ? 0 : a.counter < b.counter ? -1 : 1;
}

/* --- The certificate ------------------------------------------------------------------------ */

enum status manager_name_of(struct span device_key, uint8_t name[MANAGER_NAME_SIZE]) {
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = seal_checksum(device_key, hash);
    memcpy(name, hash, MANAGER_NAME_SIZE);
    return status;
}

uint16_t manager_month_of(int64_t utc_ms) {
    char text[MONTH_TEXT_SIZE];
    unsigned year = 0, month = 1;
    month_print(utc_ms, text);
    if (text[0] != '\0') {
        year = (unsigned)(text[0] - '0') * 1000 + (unsigned)(text[1] - '0') * 100 +
               (unsigned)(text[2] - '0') * 10 + (unsigned)(text[3] - '0') - 1970;
        month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
    }
    return (uint16_t)(year * 12 + month - 1);
}

/* The statement, of which `room` holds what is said. */
static struct statement statement_of(const struct manager_certificate *certificate, const char *kms,
                                     const char *group, uint8_t room[SAID_SIZE]) {
    struct writer w = writer_into(room, SAID_SIZE);
    write_u8(&w, FORMAT_VERSION);
    write_span(&w, SPAN_OF(certificate->name));
    write_u16(&w, certificate->month);
    return (struct statement){.kind = STATEMENT_MANAGER,
                              .kms = kms,
                              .identity = group,
                              .number = certificate->term,
                              .said = writer_span(&w)};
}

enum status manager_certificate_sign(struct manager_certificate *certificate, const char *kms,
                                     const char *group, const struct provider *provider,
                                     const struct signing_key *key, const struct entropy *entropy) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(certificate, kms, group, room);
    return statement_sign(&statement, provider, key, entropy, certificate->signature);
}

static enum status uncertified(enum status status) {
    return status == STATUS_SIGNATURE_INVALID ? STATUS_MANAGER_UNCERTIFIED : status;
}

enum status manager_certificate_verify(const struct manager_certificate *certificate,
                                       const char *kms, const char *group,
                                       const struct provider *provider,
                                       const struct domain_key *domain) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(certificate, kms, group, room);
    return certificate->term == 0 ? STATUS_MANAGER_UNCERTIFIED
                                  : uncertified(statement_verify(&statement, provider, domain,
                                                                 certificate->signature));
}

void manager_certificate_write(struct writer *out, const struct manager_certificate *certificate) {
    write_u64(out, certificate->term);
    if (certificate->term != 0) {
        write_span(out, SPAN_OF(certificate->name));
        write_u16(out, certificate->month);
        write_span(out, SPAN_OF(certificate->signature));
    }
}

void manager_certificate_read(struct reader *in, struct manager_certificate *certificate) {
    memset(certificate, 0, sizeof *certificate);
    certificate->term = read_u64(in);
    if (certificate->term != 0) {
        read_octets(in, certificate->name, sizeof certificate->name);
        certificate->month = read_u16(in);
        read_octets(in, certificate->signature, sizeof certificate->signature);
    }
}

/* --- The word ------------------------------------------------------------------------------- */

struct epoch epoch_of_word(const struct epoch_word *word) {
    return (struct epoch){word->certificate.term, word->counter};
}

/* What the manager signs. The GMK itself is not in it: whoever sees the word learns nothing of it.
 */
static enum status write_signed(const struct epoch_proof *proof, const char *kms, const char *group,
                                uint8_t room[SIGNED_MAX], struct span *octets) {
    struct writer w = writer_into(room, SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, kms);
    write_text_u8(&w, group);
    write_u64(&w, proof->word.certificate.term);
    write_u64(&w, proof->word.counter);
    write_u32(&w, proof->gmk_id);
    write_u64(&w, (uint64_t)proof->utc_ms);
    write_u64(&w, (uint64_t)proof->not_before_ms);
    write_u64(&w, (uint64_t)proof->not_after_ms);
    write_span(&w, SPAN_OF(proof->commitment));
    exclusion_states_write(&w, &proof->word.known);
    *octets = writer_span(&w);
    return writer_finish(&w);
}

enum status epoch_proof_of(const struct epoch_word *word, const struct key_delivery_fields *fields,
                           const uint8_t gmk[SSV_SIZE], struct epoch_proof *proof) {
    *proof = (struct epoch_proof){.word = *word,
                                  .gmk_id = fields->gmk_id,
                                  .utc_ms = fields->utc_ms,
                                  .not_before_ms = fields->not_before_ms,
                                  .not_after_ms = fields->not_after_ms};
    return mikey_prf((struct span){gmk, SSV_SIZE}, span_of_text(label), proof->commitment,
                     sizeof proof->commitment);
}

static void write_word(struct writer *out, const struct epoch_word *word) {
    manager_certificate_write(out, &word->certificate);
    write_u64(out, word->counter);
    exclusion_states_write(out, &word->known);
    write_span(out, SPAN_OF(word->signature));
}

static enum status read_word(struct reader *in, struct epoch_word *word) {
    manager_certificate_read(in, &word->certificate);
    word->counter = read_u64(in);
    enum status status = exclusion_states_read(in, &word->known);
    read_octets(in, word->signature, sizeof word->signature);
    if (status == STATUS_OK) {
        status = reader_finish(in);
    }
    return status == STATUS_OK && word->certificate.term == 0 ? STATUS_MALFORMED : status;
}

enum status epoch_word_write(struct writer *out, const struct manager_certificate *certificate,
                             uint64_t counter, const struct exclusion_states *known,
                             const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                             const struct provider *provider, const struct signing_key *key,
                             const struct entropy *entropy) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    struct epoch_proof proof;
    const struct epoch_word word = {
        .certificate = *certificate, .counter = counter, .known = *known};
    if (certificate->term == 0 || key == NULL) {
        return STATUS_KEY_INVALID;
    }
    enum status status = epoch_proof_of(&word, fields, gmk, &proof);
    if (status == STATUS_OK) {
        status = write_signed(&proof, fields->group_kms, fields->group, room, &octets);
    }
    if (status == STATUS_OK) {
        status = provider->sign(key, octets, entropy, proof.word.signature);
    }
    if (status != STATUS_OK) {
        return status;
    }
    write_word(out, &proof.word);
    return writer_finish(out);
}

enum status epoch_word_read(struct span octets, struct epoch_word *word) {
    memset(word, 0, sizeof *word);
    if (octets.length == 0) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    struct reader r = reader_of(octets);
    return read_word(&r, word);
}

enum status epoch_word_verify(const struct epoch_word *word,
                              const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                              const struct provider *provider, const struct domain_key *domain) {
    struct epoch_proof proof;
    enum status status = epoch_proof_of(word, fields, gmk, &proof);
    return status == STATUS_OK
               ? epoch_proof_verify(&proof, fields->group_kms, fields->group, provider, domain)
               : status;
}

/* --- The word as a proof -------------------------------------------------------------------- */

enum status epoch_proof_verify(const struct epoch_proof *proof, const char *kms, const char *group,
                               const struct provider *provider, const struct domain_key *domain) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    struct identifier identifier;
    const struct manager_certificate *certificate = &proof->word.certificate;
    if (certificate->month != manager_month_of(proof->utc_ms)) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    enum status status = manager_certificate_verify(certificate, kms, group, provider, domain);
    if (status == STATUS_OK) {
        status = identifier_of_manager(certificate->name, proof->utc_ms, &identifier);
    }
    if (status == STATUS_OK) {
        status = write_signed(proof, kms, group, room, &octets);
    }
    return status == STATUS_OK ? uncertified(provider->verify(domain, identifier_span(&identifier),
                                                              octets, proof->word.signature))
                               : status;
}

void epoch_proof_write(struct writer *out, const struct epoch_proof *proof) {
    write_u32(out, proof->gmk_id);
    write_u64(out, (uint64_t)proof->utc_ms);
    write_u64(out, (uint64_t)proof->not_before_ms);
    write_u64(out, (uint64_t)proof->not_after_ms);
    write_span(out, SPAN_OF(proof->commitment));
    write_word(out, &proof->word);
}

enum status epoch_proof_read(struct span octets, struct epoch_proof *proof) {
    struct reader r = reader_of(octets);
    memset(proof, 0, sizeof *proof);
    proof->gmk_id = read_u32(&r);
    proof->utc_ms = (int64_t)read_u64(&r);
    proof->not_before_ms = (int64_t)read_u64(&r);
    proof->not_after_ms = (int64_t)read_u64(&r);
    read_octets(&r, proof->commitment, sizeof proof->commitment);
    enum status status = read_word(&r, &proof->word);
    bool in_bounds = proof->utc_ms >= 0 && proof->utc_ms <= INT64_MAX / 4;
    return status == STATUS_OK && !in_bounds ? STATUS_MALFORMED : status;
}
