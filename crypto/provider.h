/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for crypto modules: identity-based signatures (ECCSI, RFC 6507, P-256 and SHA-256) and
 * identity-based key encapsulation (SAKKE, RFC 6508, parameter set 1 of RFC 6509 appendix A), over
 * key handles, so that a module may keep the keys where nobody can read them.
 *
 * All octets are in the RFCs' wire form: points 04 || x || y, integers big-endian and full width
 * (leading zeros kept). An identifier is RFC 6509 3.2's string of octets (crypto/identifier.h).
 *
 * Every function may also return STATUS_NO_MEMORY or STATUS_LIBRARY_FAILED. On any failure the
 * outputs hold nothing secret and handles are set to NULL. A module keeps nothing
 * secret outside its handles; handles may be used from several threads as long as nobody frees
 * them.
 */
#ifndef MUSTER_CRYPTO_PROVIDER_H
#define MUSTER_CRYPTO_PROVIDER_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/status.h"

enum {
    SAKKE_FIELD_SIZE = 128,                        /* an element of F_p, or an integer modulo q */
    SAKKE_POINT_SIZE = 257,                        /* 04 || x || y: Z, an RSK, R */
    SSV_SIZE = 16,                                 /* shared secret value: n = 128 bits */
    SAKKE_DATA_SIZE = SAKKE_POINT_SIZE + SSV_SIZE, /* R || H: RFC 6508 4, Encapsulated Data */
    ECCSI_SCALAR_SIZE = 32,                        /* KSAK, SSK */
    ECCSI_POINT_SIZE = 65,                         /* 04 || x || y: KPAK, PVT */
    ECCSI_SIGNATURE_SIZE = 129,                    /* r || s || PVT */
};

struct domain_key;   /* a domain's public keys, with what the module computes from them */
struct signing_key;  /* SSK and PVT of one identifier */
struct receiver_key; /* RSK of one identifier */
struct master_key;   /* a KMS's master secrets */

struct provider {
    const char *name;

    /* A domain's public keys Z and KPAK. STATUS_POINT_INVALID when one of them is not a point of
     * the right order. */
    enum status (*domain_load)(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain);
    void (*domain_free)(struct domain_key *domain);

    /* The signing key (SSK, PVT) of `identifier`, checked by RFC 6507 5.1.2; STATUS_KEY_INVALID
     * when it is not this identifier's in this domain. Copies what it needs; `domain` must outlive
     * the handle. */
    enum status (*signing_key_load)(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key);
    void (*signing_key_free)(struct signing_key *key);

    /* The receiver secret key of `identifier`, checked by RFC 6508 6.1.2; STATUS_KEY_INVALID or
     * STATUS_POINT_INVALID as above. Copies what it needs; `domain` must outlive the handle. */
    enum status (*receiver_key_load)(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key);
    void (*receiver_key_free)(struct receiver_key *key);

    /* RFC 6507 5.2.1. The ephemeral j is made of `entropy`, key and message together (hedge.h).
     * Constant-time in the key and j. */
    enum status (*sign)(const struct signing_key *key, struct span message,
                        const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]);

    /* RFC 6507 5.2.2. STATUS_SIGNATURE_INVALID when it does not verify, whatever the reason. */
    enum status (*verify)(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

    /* RFC 6508 6.2.1: `data` carries `ssv` to the holder of `identifier`'s RSK. */
    enum status (*encapsulate)(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]);

    /* The same for each of `count` identifiers, all or none; at least as fast, and much faster
     * where a module computes several at a time. */
    enum status (*encapsulate_each)(const struct domain_key *domain, size_t count,
                                    const struct span identifiers[],
                                    const uint8_t (*ssvs)[SSV_SIZE],
                                    uint8_t (*data)[SAKKE_DATA_SIZE]);

    /* RFC 6508 6.2.2: STATUS_POINT_INVALID when R is not a point of order q,
     * STATUS_ENCAPSULATION_INVALID when the check of R fails. */
    enum status (*decapsulate)(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]);

    /* A KMS's master secrets: z_T in 2..q-1 and KSAK in 1..n-1 (RFC 6508 2.2, RFC 6507 4.2).
     * `generate` draws them; `load` makes a handle of stored ones (STATUS_KEY_INVALID when out of
     * range); `public_keys` gives the domain's public keys. */
    enum status (*master_generate)(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE],
                                   uint8_t ksak[ECCSI_SCALAR_SIZE]);
    enum status (*master_load)(const uint8_t z[SAKKE_FIELD_SIZE],
                               const uint8_t ksak[ECCSI_SCALAR_SIZE], struct master_key **master);
    void (*master_free)(struct master_key *master);
    enum status (*public_keys)(const struct master_key *master, uint8_t z_point[SAKKE_POINT_SIZE],
                               uint8_t kpak[ECCSI_POINT_SIZE]);

    /* RFC 6508 6.1.1 and RFC 6507 5.1.1: the keys of `identifier`. STATUS_KEY_INVALID in the
     * negligible case that the RFC makes the KMS reject (draw again, or use another identifier). */
    enum status (*issue_receiver_key)(const struct master_key *master, struct span identifier,
                                      uint8_t rsk[SAKKE_POINT_SIZE]);
    /* Receiver keys of `count` identifiers, all or none: the same as one by one, and for many at a
     * lower cost. */
    enum status (*issue_receiver_keys)(const struct master_key *master, size_t count,
                                       const struct span identifiers[], uint8_t *const rsks[]);
    enum status (*issue_signing_key)(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]);

    /* Are these the receiver keys that `master`, which is that of `domain`, issues to the `count`
     * identifiers, 1 at least? For a KMS to know that no fault of its machine is in what it hands
     * out: many at a time cost a small part of what loading each costs. STATUS_KEY_INVALID when one
     * of them is not, or the master is another domain's; STATUS_NO_MEMORY,
     * STATUS_LIBRARY_FAILED. */
    enum status (*receiver_keys_check)(const struct master_key *master,
                                       const struct domain_key *domain, size_t count,
                                       const struct span identifiers[],
                                       const uint8_t *const rsks[]);

    /* The same of signing keys: a wrong one would tell the master's secret to whoever gets it. */
    enum status (*signing_keys_check)(const struct master_key *master,
                                      const struct domain_key *domain, size_t count,
                                      const struct span identifiers[], const uint8_t *const ssks[],
                                      const uint8_t *const pvts[]);
};

/* The module of that name ("native", "wolfcrypt"), or NULL when there is none or when the library
 * that it needs is not on this machine. The module lives as long as the program. "native:portable",
 * "native:adx" and "native:ifma" force the native module's arithmetic for the whole program: for
 * tests and measurements, before anything is computed; NULL when the CPU lacks it. */
const struct provider *provider_find(const char *name);

/* The name of the n-th module that this program was built with, present or not; NULL after the
 * last. For the help text of --crypto. */
const char *provider_name(unsigned n);

#endif
