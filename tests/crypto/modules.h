/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of crypto modules share: the modules present, keys to give them, and handles on
 * those keys. Each function fails the running test when something that must succeed does not.
 */
#ifndef MUSTER_TESTS_CRYPTO_MODULES_H
#define MUSTER_TESTS_CRYPTO_MODULES_H

#include "crypto/identifier.h"
#include "crypto/provider.h"
#include "tests/crypto/fixture.h"

/* The n-th crypto module present on this machine, or NULL after the last. */
const struct provider *module_at(unsigned n);

/* Fails the test with the module's name unless `actual` is `expected`. */
#define assert_status(module, expected, actual)                                                    \
    check_status((module), (expected), (actual), #actual, __FILE__, __LINE__)
void check_status(const struct provider *module, enum status expected, enum status actual,
                  const char *expression, const char *file, int line);

/* One identifier's keys and its domain's public keys, as a KMS gives them. */
struct keys {
    uint8_t z[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
    size_t identifier_length;
    uint8_t identifier[IDENTIFIER_MAX];
    uint8_t ssk[ECCSI_SCALAR_SIZE];
    uint8_t pvt[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE];
};

struct span keys_identifier(const struct keys *keys);

/* The keys of a case of fixtures/vectors/ that has them all. */
struct keys keys_of_fixture(const struct fixture *fixture);

/* The keys of RFC 6507 appendix A and RFC 6508 appendix A. */
struct keys keys_of_rfc(void);

/* Keys that `module` as a KMS issues to `identifier`; its master secrets come from `entropy`. */
struct keys keys_issued_by(const struct provider *module, const struct entropy *entropy,
                           const char *identifier);

/* A module's handles on keys. */
struct holder {
    const struct provider *module;
    struct domain_key *domain;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
};

struct holder holder_of(const struct provider *module, const struct keys *keys);
void holder_free(struct holder *holder);

/* What the tests of a program share: every module present, each holding the RFCs' keys. */
struct modules {
    struct keys rfc;
    unsigned count;
    struct holder holders[4];
};

/* A group's setup and teardown: *state is a struct modules. */
int modules_setup(void **state);
int modules_teardown(void **state);

/* The seed of random cases: from the environment's MUSTER_SEED, or always the same one. Printed, so
 * that a failure can be repeated. */
uint64_t seed_of_run(void);

#endif
