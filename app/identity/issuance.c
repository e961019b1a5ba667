/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/issuance.h"

#include <string.h>

enum {
    FORMAT_VERSION = 1,
    SAID_SIZE = 1 + 3 * SEAL_HASH_SIZE + FINGERPRINT_SIZE
};

/* The statement, of which `room` holds what is said. */
static struct statement statement_of(const struct issuance *issue, const struct issuer *issuer,
                                     uint8_t room[SAID_SIZE]) {
    struct writer w = writer_into(room, SAID_SIZE);
    write_u8(&w, FORMAT_VERSION);
    write_span(&w, SPAN_OF(issue->request));
    write_span(&w, SPAN_OF(issue->credential));
    write_span(&w, SPAN_OF(issue->access));
    write_span(&w, span_of_text(issuer->fingerprint));
    return (struct statement){.kind = STATEMENT_BUNDLE,
                              .kms = issuer->kms,
                              .identity = issuer->identity,
                              .number = issue->number,
                              .said = writer_span(&w)};
}

enum status issuance_sign(struct issuance *issue, const struct issuer *issuer,
                          const struct provider *provider, const struct signing_key *key,
                          const struct entropy *entropy) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(issue, issuer, room);
    return statement_sign(&statement, provider, key, entropy, issue->signature);
}

enum status issuance_verify(const struct issuance *issue, const struct issuer *issuer,
                            const struct provider *provider, const struct domain_key *domain) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(issue, issuer, room);
    return issue->number == 0 ? STATUS_SIGNATURE_INVALID
                              : statement_verify(&statement, provider, domain, issue->signature);
}

bool issuance_has_access(const struct issuance *issue) {
    static const uint8_t none[SEAL_HASH_SIZE];
    return memcmp(issue->access, none, sizeof none) != 0;
}

void issuance_write(struct writer *out, const struct issuance *issue) {
    write_u64(out, issue->number);
    write_span(out, SPAN_OF(issue->request));
    write_span(out, SPAN_OF(issue->credential));
    write_span(out, SPAN_OF(issue->access));
    write_span(out, SPAN_OF(issue->signature));
}

void issuance_read(struct reader *in, struct issuance *issue) {
    memset(issue, 0, sizeof *issue);
    issue->number = read_u64(in);
    read_octets(in, issue->request, sizeof issue->request);
    read_octets(in, issue->credential, sizeof issue->credential);
    read_octets(in, issue->access, sizeof issue->access);
    read_octets(in, issue->signature, sizeof issue->signature);
}
