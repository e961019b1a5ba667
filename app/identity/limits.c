/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/limits.h"

#include <string.h>

enum {
    FORMAT_VERSION = 1,
    SAID_SIZE = 1 + 8 + 8
};

struct limits limits_usual(void) {
    return (struct limits){.longest_period_ms = LIMITS_LONGEST_PERIOD_MS,
                           .tolerance_ms = LIMITS_TOLERANCE_MS};
}

bool limits_are_valid(const struct limits *limits) {
    return limits->longest_period_ms > 0 && limits->tolerance_ms >= 0 &&
           limits->longest_period_ms <= LIMITS_LONGEST_PERIOD_MS &&
           limits->tolerance_ms <= LIMITS_TOLERANCE_MAX_MS;
}

/* The statement, of which `room` holds what is said. */
static struct statement statement_of(const struct limits *limits, const char *kms,
                                     uint8_t room[SAID_SIZE]) {
    struct writer w = writer_into(room, SAID_SIZE);
    write_u8(&w, FORMAT_VERSION);
    write_u64(&w, (uint64_t)limits->longest_period_ms);
    write_u64(&w, (uint64_t)limits->tolerance_ms);
    return (struct statement){.kind = STATEMENT_LIMITS,
                              .kms = kms,
                              .identity = kms,
                              .number = limits->number,
                              .said = writer_span(&w)};
}

enum status limits_sign(struct limits *limits, const char *kms, const struct provider *provider,
                        const struct signing_key *key, const struct entropy *entropy) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(limits, kms, room);
    return statement_sign(&statement, provider, key, entropy, limits->signature);
}

enum status limits_verify(const struct limits *limits, const char *kms,
                          const struct provider *provider, const struct domain_key *domain) {
    uint8_t room[SAID_SIZE];
    const struct statement statement = statement_of(limits, kms, room);
    return limits->number == 0 ? STATUS_SIGNATURE_INVALID
                               : statement_verify(&statement, provider, domain, limits->signature);
}

void limits_write(struct writer *out, const struct limits *limits) {
    write_u64(out, limits->number);
    if (limits->number != 0) {
        write_u64(out, (uint64_t)limits->longest_period_ms);
        write_u64(out, (uint64_t)limits->tolerance_ms);
        write_span(out, SPAN_OF(limits->signature));
    }
}

enum status limits_read(struct reader *in, struct limits *limits) {
    memset(limits, 0, sizeof *limits);
    limits->number = read_u64(in);
    if (in->failed || limits->number == 0) {
        return in->failed ? STATUS_TRUNCATED : STATUS_OK;
    }
    limits->longest_period_ms = (int64_t)read_u64(in);
    limits->tolerance_ms = (int64_t)read_u64(in);
    read_octets(in, limits->signature, sizeof limits->signature);
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    return limits_are_valid(limits) ? STATUS_OK : STATUS_MALFORMED;
}
