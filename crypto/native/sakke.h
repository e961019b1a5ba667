/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SAKKE (RFC 6508) with parameter set 1 of RFC 6509 appendix A: hash SHA-256, n = 128. Identifiers
 * are public; SSVs, receiver keys and z_T are secret and handled in constant time. What may fail
 * says how, and then leaves zeros in its outputs; STATUS_LIBRARY_FAILED is always possible.
 */
#ifndef MUSTER_CRYPTO_NATIVE_SAKKE_H
#define MUSTER_CRYPTO_NATIVE_SAKKE_H

#include "crypto/native/comb.h"
#include "crypto/native/pairing.h"
#include "crypto/provider.h"

/* A KMS's public key Z_T, with combs to multiply P, Z_T and g by secrets. */
struct sakke_domain {
    struct affine_point z;
    struct curve_comb z_comb;
    const struct curve_comb *generator_comb;
    const struct power_comb *g_comb;
};

/* The identifier as an integer modulo q, in plain form (6.1.1, 6.2.1). */
void sakke_identifier_scalar(struct residue *out, struct span identifier);

/* Reads and checks Z_T: STATUS_POINT_INVALID. */
MUST_CHECK enum status sakke_domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                                         struct sakke_domain *out);

/* 6.1.2: is `rsk` the receiver secret key of `identifier`? STATUS_POINT_INVALID when it is not a
 * point of order q, STATUS_KEY_INVALID when it belongs to another identifier or domain,
 * STATUS_NO_MEMORY; else its table in *out, which is secret. */
MUST_CHECK enum status sakke_key_load(const struct sakke_domain *domain, struct span identifier,
                                      const uint8_t rsk[SAKKE_POINT_SIZE],
                                      struct pairing_table *out);

/* 6.2.1: for each of `count` identifiers R || H with its SSV; EIGHT at once are fastest.
 * STATUS_KEY_INVALID when one is the integer -z_T mod q, for which no receiver key can exist. */
MUST_CHECK enum status sakke_encapsulate_each(const struct sakke_domain *domain, size_t count,
                                              const struct span identifiers[],
                                              const uint8_t (*ssvs)[SSV_SIZE],
                                              uint8_t (*data)[SAKKE_DATA_SIZE]);

/* 6.2.2: the SSV, by the key that sakke_key_load took for `identifier`. STATUS_POINT_INVALID when R
 * is not a point of order q, STATUS_ENCAPSULATION_INVALID when R is not what the SSV makes. */
MUST_CHECK enum status sakke_decapsulate(struct span identifier, const struct pairing_table *key,
                                         const uint8_t data[SAKKE_DATA_SIZE],
                                         uint8_t ssv[SSV_SIZE]);

/* A KMS's master secret z_T: plain form, 2..q-1. */
struct sakke_master {
    struct residue z;
};

/* Draws z_T. STATUS_LIBRARY_FAILED when the source gives nothing in range in many draws. */
MUST_CHECK enum status sakke_master_draw(const struct entropy *entropy,
                                         uint8_t z[SAKKE_FIELD_SIZE]);

/* STATUS_KEY_INVALID when z_T is not in 2..q-1. */
MUST_CHECK enum status sakke_master_load(const uint8_t z[SAKKE_FIELD_SIZE],
                                         struct sakke_master *out);

/* 2.2: Z_T = [z_T]P. */
void sakke_public_key(const struct sakke_master *master, uint8_t z_point[SAKKE_POINT_SIZE]);

/* 6.1.1: K = [(a + z_T)^-1]P. STATUS_KEY_INVALID when a + z_T is 0 mod q. */
MUST_CHECK enum status sakke_issue(const struct sakke_master *master, struct span identifier,
                                   uint8_t rsk[SAKKE_POINT_SIZE]);

/* The same for each of `count` identifiers, all or none: many cost little more than half of what
 * each alone does. STATUS_NO_MEMORY too. */
MUST_CHECK enum status sakke_issue_each(const struct sakke_master *master, size_t count,
                                        const struct span identifiers[], uint8_t *const rsks[]);

/* Are these what sakke_issue makes for the `count` identifiers, and is Z_T the master's? Almost
 * surely so when it says STATUS_OK: a wrong one passes in one of 2^31 cases. STATUS_KEY_INVALID
 * when not; STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without randomness. */
MUST_CHECK enum status sakke_check_issued(const struct sakke_master *master,
                                          const struct sakke_domain *domain, size_t count,
                                          const struct span identifiers[],
                                          const uint8_t *const rsks[]);

#endif
