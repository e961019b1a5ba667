/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The peer: Debian's libwolfssl, used as directly as its interface allows. Key objects are kept
 * from call to call, what it remembers of points stays, and signing has its hash ready. It offers
 * tables for receivers in other builds, in this one none (wc_GenerateSakkeRskTable wants no
 * octets).
 */
#ifndef MUSTER_TESTS_CRYPTO_PEER_H
#define MUSTER_TESTS_CRYPTO_PEER_H

#include "crypto/provider.h"

struct peer;

/* One domain with the keys of one identity, from the same octets as ours; NULL when the library is
 * not there or refuses them. Without `ssk` and `pvt` for SAKKE alone. There is one at a time. */
struct peer *peer_new(const uint8_t z[SAKKE_FIELD_SIZE], const uint8_t z_point[SAKKE_POINT_SIZE],
                      const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                      const uint8_t rsk[SAKKE_POINT_SIZE], const uint8_t ssk[ECCSI_SCALAR_SIZE],
                      const uint8_t pvt[ECCSI_POINT_SIZE]);

bool peer_issue_receiver_key(struct peer *peer, struct span identifier);
bool peer_encapsulate(struct peer *peer, struct span identifier, const uint8_t ssv[SSV_SIZE],
                      uint8_t data[SAKKE_DATA_SIZE]);
bool peer_decapsulate(struct peer *peer, const uint8_t data[SAKKE_DATA_SIZE],
                      uint8_t ssv[SSV_SIZE]);
bool peer_sign(struct peer *peer, struct span message, const struct entropy *entropy,
               uint8_t signature[ECCSI_SIGNATURE_SIZE]);
bool peer_verify(struct peer *peer, struct span identifier, struct span message,
                 const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
