/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/statement.h"

static const char label[] = "Muster statement";

enum {
    SIGNED_MAX = (int)sizeof label + 1 + 2 * (1 + IDENTITY_MAX) + 8 + 2 + STATEMENT_SAID_MAX
};

/* What the signature is over. */
static enum status write_signed(const struct statement *statement, uint8_t room[SIGNED_MAX],
                                struct span *octets) {
    struct writer w = writer_into(room, SIGNED_MAX);
    if (statement->said.length > STATEMENT_SAID_MAX) {
        return STATUS_TOO_LONG;
    }
    write_span(&w, SPAN_OF(label));
    write_u8(&w, (uint8_t)statement->kind);
    write_text_u8(&w, statement->kms);
    write_text_u8(&w, statement->identity);
    write_u64(&w, statement->number);
    write_u16(&w, (uint16_t)statement->said.length);
    write_span(&w, statement->said);
    *octets = writer_span(&w);
    return writer_finish(&w);
}

enum status statement_sign(const struct statement *statement, const struct provider *provider,
                           const struct signing_key *key, const struct entropy *entropy,
                           uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    enum status status = write_signed(statement, room, &octets);
    return status == STATUS_OK ? provider->sign(key, octets, entropy, signature) : status;
}

enum status statement_verify(const struct statement *statement, const struct provider *provider,
                             const struct domain_key *domain,
                             const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    struct identifier identifier;
    enum status status = write_signed(statement, room, &octets);
    if (status == STATUS_OK) {
        status = identifier_of_statements(statement->kms, &identifier);
    }
    return status == STATUS_OK
               ? provider->verify(domain, identifier_span(&identifier), octets, signature)
               : status;
}
