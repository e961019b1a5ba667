/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ECCSI (RFC 6507) on NIST P-256 with SHA-256, N = 32: points by OpenSSL, scalars modulo the order
 * n by residue.h. KSAK, SSK, v and j are secret and handled in constant time; all else is public.
 * What fails leaves zeros in its outputs; STATUS_NO_MEMORY and STATUS_LIBRARY_FAILED are always
 * possible.
 */
#ifndef MUSTER_CRYPTO_NATIVE_ECCSI_H
#define MUSTER_CRYPTO_NATIVE_ECCSI_H

#include <openssl/ec.h>

#include "crypto/native/digest.h"
#include "crypto/native/residue.h"
#include "crypto/native/signers.h"
#include "crypto/provider.h"

/* A KMS's public authentication key. */
struct eccsi_domain {
    EC_GROUP *group;
    EC_POINT *kpak;
    struct signers *signers;
    uint8_t kpak_octets[ECCSI_POINT_SIZE];
};

/* Reads and checks KPAK: STATUS_POINT_INVALID. The caller closes what was opened. */
MUST_CHECK enum status eccsi_domain_open(const uint8_t kpak[ECCSI_POINT_SIZE],
                                         struct eccsi_domain *out);
void eccsi_domain_close(struct eccsi_domain *domain);

/* One identifier's signing key. Secret as a whole. */
struct eccsi_key {
    struct residue ssk; /* plain form, 1..n-1 */
    uint8_t pvt[ECCSI_POINT_SIZE];
    uint8_t hs[DIGEST_SIZE]; /* RFC 6507 5.1.1: hash(G || KPAK || ID || PVT) */
};

/* 5.1.2: STATUS_POINT_INVALID when PVT is not a point, STATUS_KEY_INVALID when the pair is not
 * `identifier`'s in this domain. */
MUST_CHECK enum status eccsi_key_load(const struct eccsi_domain *domain, struct span identifier,
                                      const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                      const uint8_t pvt[ECCSI_POINT_SIZE], struct eccsi_key *out);

/* 5.2.1. An ephemeral j that the RFC, or a reader who reduces r modulo n, would reject is drawn
 * again; STATUS_LIBRARY_FAILED when the source gives no other in many draws. */
MUST_CHECK enum status eccsi_sign(const struct eccsi_domain *domain, const struct eccsi_key *key,
                                  struct span message, const struct entropy *entropy,
                                  uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* 5.2.2, in half the time for a signer whose signature verified lately. STATUS_SIGNATURE_INVALID
 * when it does not verify, also for r or s outside 1..n-1 and a PVT off the curve. */
MUST_CHECK enum status eccsi_verify(const struct eccsi_domain *domain, struct span identifier,
                                    struct span message,
                                    const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* A KMS's secret authentication key and its public one. */
struct eccsi_master {
    EC_GROUP *group;
    struct residue *ksak; /* in secret memory; plain form, 1..n-1 */
    uint8_t kpak[ECCSI_POINT_SIZE];
};

/* Draws KSAK. STATUS_LIBRARY_FAILED when the source gives nothing in range in many draws. */
MUST_CHECK enum status eccsi_master_draw(const struct entropy *entropy,
                                         uint8_t ksak[ECCSI_SCALAR_SIZE]);

/* 4.2: KPAK = [KSAK]G. STATUS_KEY_INVALID when KSAK is not in 1..n-1. The caller closes what was
 * loaded, which wipes it; one of zeros may be closed as well. */
MUST_CHECK enum status eccsi_master_load(const uint8_t ksak[ECCSI_SCALAR_SIZE],
                                         struct eccsi_master *out);
void eccsi_master_close(struct eccsi_master *master);

/* 5.1.1: the pair (SSK, PVT) of `identifier`. STATUS_KEY_INVALID when SSK or HS is 0 modulo n. */
MUST_CHECK enum status eccsi_issue(const struct eccsi_master *master, struct span identifier,
                                   const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                   uint8_t pvt[ECCSI_POINT_SIZE]);

/* Are these the pairs that `master`, which is that of `domain`, issues to the `count` identifiers?
 * 5.1.2 for all of them together. STATUS_KEY_INVALID when one is not. */
MUST_CHECK enum status eccsi_check_issued(const struct eccsi_master *master,
                                          const struct eccsi_domain *domain, size_t count,
                                          const struct span identifiers[],
                                          const uint8_t *const ssks[], const uint8_t *const pvts[]);

#endif
