/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/attestation.h"

#include <string.h>

enum {
    HEAD_SIZE = 8 + ECCSI_SIGNATURE_SIZE
};

static struct statement statement_of(const struct attestation *attestation, const char *kms,
                                     const char *identity) {
    return (struct statement){.kind = STATEMENT_NAME,
                              .kms = kms,
                              .identity = identity,
                              .number = attestation->number,
                              .said = span_of_text(attestation->name)};
}

enum status attestation_sign(struct attestation *attestation, const char *kms, const char *identity,
                             const char *name, uint64_t number, const struct provider *provider,
                             const struct signing_key *key, const struct entropy *entropy) {
    memset(attestation, 0, sizeof *attestation);
    if (name[0] == '\0') {
        return STATUS_OK;
    }
    attestation->number = number;
    strcpy(attestation->name, name);
    const struct statement statement = statement_of(attestation, kms, identity);
    enum status status = statement_sign(&statement, provider, key, entropy, attestation->signature);
    if (status != STATUS_OK) {
        memset(attestation, 0, sizeof *attestation);
    }
    return status;
}

enum status attestation_verify(const struct attestation *attestation, const char *kms,
                               const char *identity, const struct provider *provider,
                               const struct domain_key *domain) {
    const struct statement statement = statement_of(attestation, kms, identity);
    return attestation->number == 0
               ? STATUS_SIGNATURE_INVALID
               : statement_verify(&statement, provider, domain, attestation->signature);
}

void attestation_write(struct writer *out, const struct attestation *attestation,
                       const char *name) {
    bool is_same = strcmp(attestation->name, name) == 0;
    size_t length = is_same ? 0 : strlen(attestation->name);
    if (attestation->number == 0) {
        write_u16(out, 0);
        return;
    }
    write_u16(out, (uint16_t)(HEAD_SIZE + length));
    write_u64(out, attestation->number);
    write_span(out, SPAN_OF(attestation->signature));
    write_span(out, (struct span){(const uint8_t *)attestation->name, length});
}

enum status attestation_read(struct reader *in, const char *name, struct attestation *attestation) {
    size_t length = read_u16(in);
    memset(attestation, 0, sizeof *attestation);
    if (length == 0) {
        return in->failed ? STATUS_TRUNCATED : STATUS_OK;
    }
    if (length < HEAD_SIZE || length > HEAD_SIZE + DISPLAY_NAME_MAX) {
        return STATUS_MALFORMED;
    }
    attestation->number = read_u64(in);
    read_octets(in, attestation->signature, sizeof attestation->signature);
    struct span other = read_span(in, length - HEAD_SIZE);
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    if (other.length == 0) {
        strcpy(attestation->name, name);
    } else {
        memcpy(attestation->name, other.octets, other.length);
    }
    bool is_whole = strlen(attestation->name) == (other.length > 0 ? other.length : strlen(name));
    return attestation->number != 0 && attestation->name[0] != '\0' && is_whole &&
                   display_name_take(attestation->name)
               ? STATUS_OK
               : STATUS_MALFORMED;
}
