/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 10 000 random exchanges, each of them made again from its number alone: what different
 * implementations are compared on. There are 20 domains of 500 exchanges each. Everything comes
 * from expand(label, number) = SHA-256(label || number (4 octets) || 0) || SHA-256(... 1) ...
 *
 *   z of domain d            expand("z", d), 128 octets, the top 3 bits cleared
 *   exchange i, own kind     identifier expand("identifier", i), 1 + i mod 128 octets;
 *                            SSV expand("ssv", i), 16 octets
 *   exchange i, to the one   identifier of exchange 500 (i / 500) of the first kind;
 *   receiver of its domain   SSV expand("ssv of one receiver", i)
 *
 * The SSV is all zeros where i mod 64 is 0, all ones where it is 32. fixtures/vectors/agreement.txt
 * has the SHA-256 of R || H of each 50 exchanges, computed by an independent implementation that
 * does what the RFCs say step by step with integers of any size.
 */
#ifndef MUSTER_TESTS_CRYPTO_CASES_H
#define MUSTER_TESTS_CRYPTO_CASES_H

#include "crypto/native/digest.h"
#include "crypto/provider.h"

enum {
    CASES = 10000,
    CASES_OF_DOMAIN = 500,
    CASES_OF_DIGEST = 50,
    CASE_IDENTIFIER_MAX = 128
};

/* How many to go through: all of them in `make check`, else a few. A multiple of CASES_OF_DIGEST.
 */
unsigned cases_to_try(void);

struct exchange {
    uint8_t identifier[CASE_IDENTIFIER_MAX];
    size_t identifier_length;
    uint8_t ssv[SSV_SIZE];
};

struct exchange case_of(unsigned i);
struct exchange case_of_one_receiver(unsigned i);
struct span case_identifier(const struct exchange *exchange);

/* A domain with its one receiver, by the native module. Free it with case_domain_free. */
struct case_domain {
    const struct provider *module;
    uint8_t z[SAKKE_FIELD_SIZE], z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE];
    struct exchange receiver; /* its identifier */
    struct master_key *master;
    struct domain_key *domain;
    struct receiver_key *receiver_key;
};

void case_domain_make(unsigned d, struct case_domain *out);
void case_domain_free(struct case_domain *domain);

/* Fails the test unless `data` of exchanges first.. CASES_OF_DIGEST - 1 further are what the
 * independent implementation made. `kind` is "own" or "one" as in the file. */
void assert_agreement(const char *kind, unsigned first,
                      const uint8_t data[CASES_OF_DIGEST][SAKKE_DATA_SIZE]);

#endif
