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
    COMMITMENT_SIZE = 16,
    SIGNED_MAX = (int)sizeof label + 2 * (1 + IDENTITY_MAX) + 2 * 8 + 4 + 3 * 8 + COMMITMENT_SIZE
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
static enum status write_signed(struct epoch epoch, const struct key_delivery_fields *fields,
                                const uint8_t gmk[SSV_SIZE], uint8_t room[SIGNED_MAX],
                                struct span *octets) {
    uint8_t commitment[COMMITMENT_SIZE];
    enum status status =
        mikey_prf((struct span){gmk, SSV_SIZE}, span_of_text(label), commitment, sizeof commitment);
    struct writer w = writer_into(room, SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, fields->group_kms);
    write_text_u8(&w, fields->group);
    write_u64(&w, epoch.term);
    write_u64(&w, epoch.counter);
    write_u32(&w, fields->gmk_id);
    write_u64(&w, (uint64_t)fields->utc_ms);
    write_u64(&w, (uint64_t)fields->not_before_ms);
    write_u64(&w, (uint64_t)fields->not_after_ms);
    write_span(&w, SPAN_OF(commitment));
    *octets = writer_span(&w);
    return status == STATUS_OK ? writer_finish(&w) : status;
}

enum status epoch_word_write(struct writer *out, const struct manager_certificate *certificate,
                             uint64_t counter, const struct key_delivery_fields *fields,
                             const uint8_t gmk[SSV_SIZE], const struct provider *provider,
                             const struct signing_key *key, const struct entropy *entropy) {
    uint8_t room[SIGNED_MAX], signature[ECCSI_SIGNATURE_SIZE];
    struct span octets;
    if (certificate->term == 0 || key == NULL) {
        return STATUS_KEY_INVALID;
    }
    enum status status =
        write_signed((struct epoch){certificate->term, counter}, fields, gmk, room, &octets);
    if (status == STATUS_OK) {
        status = provider->sign(key, octets, entropy, signature);
    }
    if (status != STATUS_OK) {
        return status;
    }
    manager_certificate_write(out, certificate);
    write_u64(out, counter);
    write_span(out, SPAN_OF(signature));
    return writer_finish(out);
}

enum status epoch_word_read(struct span octets, struct epoch_word *word) {
    memset(word, 0, sizeof *word);
    if (octets.length == 0) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    struct reader r = reader_of(octets);
    manager_certificate_read(&r, &word->certificate);
    word->counter = read_u64(&r);
    read_octets(&r, word->signature, sizeof word->signature);
    enum status status = reader_finish(&r);
    return status == STATUS_OK && word->certificate.term == 0 ? STATUS_MALFORMED : status;
}

enum status epoch_word_verify(const struct epoch_word *word,
                              const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                              const struct provider *provider, const struct domain_key *domain) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    struct identifier identifier;
    if (word->certificate.month != manager_month_of(fields->utc_ms)) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    enum status status = manager_certificate_verify(&word->certificate, fields->group_kms,
                                                    fields->group, provider, domain);
    if (status == STATUS_OK) {
        status = identifier_of_manager(word->certificate.name, fields->utc_ms, &identifier);
    }
    if (status == STATUS_OK) {
        status = write_signed(epoch_of_word(word), fields, gmk, room, &octets);
    }
    return status == STATUS_OK ? uncertified(provider->verify(domain, identifier_span(&identifier),
                                                              octets, word->signature))
                               : status;
}
