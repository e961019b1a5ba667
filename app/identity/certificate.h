/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A certificate: by it the root of a domain (crypto/root.h) says which keys the domain has, and
 * until when. It is part of a credential; the root's own key is what a handset holds on to from its
 * first bundle on.
 *
 * Signed is: "Muster certificate" 00, the number (8), the end (8, milliseconds since 1970), the
 * KMS's URI with its length before it in one octet, Z (257), KPAK (65), recovery (1: 0 off, 1 on, 2
 * with the authority's own key, which follows, 257). On the wire: one octet 0 where there is none;
 * else 1, the root's key (32), number, end and signature (64).
 */
#ifndef MUSTER_APP_IDENTITY_CERTIFICATE_H
#define MUSTER_APP_IDENTITY_CERTIFICATE_H

#include "crypto/identifier.h"
#include "crypto/provider.h"
#include "crypto/root.h"

enum {
    CERTIFICATE_SIZE_MAX = 1 + ROOT_KEY_SIZE + 8 + 8 + ROOT_SIGNATURE_SIZE
};

struct certificate {
    uint8_t root[ROOT_KEY_SIZE];
    uint64_t number;  /* 0: there is none; the domain is from before there were roots */
    int64_t until_ms; /* since 1970 UTC */
    uint8_t signature[ROOT_SIGNATURE_SIZE];
};

/* What is certified: the keys of the domain called `kms`, and its setting. */
struct domain_keys {
    const char *kms;
    const uint8_t *z;    /* SAKKE_POINT_SIZE octets */
    const uint8_t *kpak; /* ECCSI_POINT_SIZE octets */
    bool recovery;
    const uint8_t *authority; /* SAKKE_POINT_SIZE octets: the authority's Z; NULL: it has none */
};

/* Signs with the root's `seed` for certificate->number, which is not 0, and until_ms; sets the
 * rest. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status certificate_sign(struct certificate *certificate,
                                        const struct domain_keys *keys,
                                        const uint8_t seed[ROOT_SEED_SIZE]);

/* Does the root named in it say so? STATUS_SIGNATURE_INVALID, also where there is none. */
MUST_CHECK enum status certificate_verify(const struct certificate *certificate,
                                          const struct domain_keys *keys);

/* Codec. STATUS_TRUNCATED, STATUS_MALFORMED; what is read has the right form and no more. */
void certificate_write(struct writer *out, const struct certificate *certificate);
MUST_CHECK enum status certificate_read(struct reader *in, struct certificate *certificate);

#endif
