/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/peer.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/wolfcrypt/library.h"

struct peer {
    const struct wolfcrypt_library *library;
    SakkeKey kms, sender, receiver;
    EccsiKey signer, verifier;
};

static bool open_sakke(struct peer *p, const uint8_t z[SAKKE_FIELD_SIZE],
                       const uint8_t z_point[SAKKE_POINT_SIZE], struct span identifier,
                       const uint8_t rsk[SAKKE_POINT_SIZE]) {
    const struct wolfcrypt_library *l = p->library;
    return l->wc_InitSakkeKey(&p->kms, NULL, INVALID_DEVID) == 0 &&
           l->wc_InitSakkeKey(&p->sender, NULL, INVALID_DEVID) == 0 &&
           l->wc_InitSakkeKey(&p->receiver, NULL, INVALID_DEVID) == 0 &&
           l->wc_ImportSakkePrivateKey(&p->kms, z, SAKKE_FIELD_SIZE) == 0 &&
           l->wc_ImportSakkePublicKey(&p->sender, z_point, SAKKE_POINT_SIZE, 1) == 0 &&
           l->wc_ImportSakkePublicKey(&p->receiver, z_point, SAKKE_POINT_SIZE, 1) == 0 &&
           l->wc_SetSakkeIdentity(&p->receiver, identifier.octets, (word16)identifier.length) ==
               0 &&
           l->wc_DecodeSakkeRsk(&p->receiver, rsk, SAKKE_POINT_SIZE, p->receiver.tmp.p1) == 0 &&
           l->wc_SetSakkeRsk(&p->receiver, p->receiver.tmp.p1, NULL, 0) == 0;
}

static bool open_eccsi(struct peer *p, const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                       const uint8_t ssk[ECCSI_SCALAR_SIZE], const uint8_t pvt[ECCSI_POINT_SIZE]) {
    const struct wolfcrypt_library *l = p->library;
    uint8_t pair[ECCSI_SCALAR_SIZE + ECCSI_POINT_SIZE - 1], hs[32], hs_size = sizeof hs;
    memcpy(pair, ssk, ECCSI_SCALAR_SIZE);
    memcpy(pair + ECCSI_SCALAR_SIZE, pvt + 1, ECCSI_POINT_SIZE - 1);
    return l->wc_InitEccsiKey(&p->signer, NULL, INVALID_DEVID) == 0 &&
           l->wc_InitEccsiKey(&p->verifier, NULL, INVALID_DEVID) == 0 &&
           l->wc_ImportEccsiPublicKey(&p->signer, kpak, ECCSI_POINT_SIZE, 1) == 0 &&
           l->wc_ImportEccsiPublicKey(&p->verifier, kpak, ECCSI_POINT_SIZE, 1) == 0 &&
           l->wc_DecodeEccsiPair(&p->signer, pair, sizeof pair, &p->signer.ssk, p->signer.pvt) ==
               0 &&
           l->wc_HashEccsiId(&p->signer, WC_HASH_TYPE_SHA256, identifier.octets,
                             (word32)identifier.length, p->signer.pvt, hs, &hs_size) == 0 &&
           l->wc_SetEccsiHash(&p->signer, hs, hs_size) == 0;
}

struct peer *peer_new(const uint8_t z[SAKKE_FIELD_SIZE], const uint8_t z_point[SAKKE_POINT_SIZE],
                      const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                      const uint8_t rsk[SAKKE_POINT_SIZE], const uint8_t ssk[ECCSI_SCALAR_SIZE],
                      const uint8_t pvt[ECCSI_POINT_SIZE]) {
    static struct peer peer;
    peer.library = wolfcrypt_library();
    return peer.library != NULL && open_sakke(&peer, z, z_point, identifier, rsk) &&
                   (ssk == NULL || open_eccsi(&peer, kpak, identifier, ssk, pvt))
               ? &peer
               : NULL;
}

bool peer_issue_receiver_key(struct peer *peer, struct span identifier) {
    return peer->library->wc_MakeSakkeRsk(&peer->kms, identifier.octets, (word16)identifier.length,
                                          peer->kms.rsk.rsk) == 0;
}

bool peer_encapsulate(struct peer *peer, struct span identifier, const uint8_t ssv[SSV_SIZE],
                      uint8_t data[SAKKE_DATA_SIZE]) {
    const struct wolfcrypt_library *l = peer->library;
    word16 size = SAKKE_POINT_SIZE;
    memcpy(data + SAKKE_POINT_SIZE, ssv, SSV_SIZE);
    return l->wc_SetSakkeIdentity(&peer->sender, identifier.octets, (word16)identifier.length) ==
               0 &&
           l->wc_MakeSakkeEncapsulatedSSV(&peer->sender, WC_HASH_TYPE_SHA256,
                                          data + SAKKE_POINT_SIZE, SSV_SIZE, data, &size) == 0;
}

bool peer_decapsulate(struct peer *peer, const uint8_t data[SAKKE_DATA_SIZE],
                      uint8_t ssv[SSV_SIZE]) {
    memcpy(ssv, data + SAKKE_POINT_SIZE, SSV_SIZE);
    return peer->library->wc_DeriveSakkeSSV(&peer->receiver, WC_HASH_TYPE_SHA256, ssv, SSV_SIZE,
                                            data, SAKKE_POINT_SIZE) == 0;
}

bool peer_sign(struct peer *peer, struct span message, const struct entropy *entropy,
               uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct wolfcrypt_generator generator = wolfcrypt_generator_from(entropy);
    word32 size = ECCSI_SIGNATURE_SIZE;
    return peer->library->wc_SignEccsiHash(&peer->signer, &generator.rng, WC_HASH_TYPE_SHA256,
                                           message.octets, (word32)message.length, signature,
                                           &size) == 0;
}

bool peer_verify(struct peer *peer, struct span identifier, struct span message,
                 const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    const struct wolfcrypt_library *l = peer->library;
    uint8_t hs[32], hs_size = sizeof hs;
    int verified = 0;
    return l->wc_DecodeEccsiPvt(&peer->verifier, signature + 2 * ECCSI_SCALAR_SIZE,
                                ECCSI_POINT_SIZE, peer->verifier.pvt) == 0 &&
           l->wc_HashEccsiId(&peer->verifier, WC_HASH_TYPE_SHA256, identifier.octets,
                             (word32)identifier.length, peer->verifier.pvt, hs, &hs_size) == 0 &&
           l->wc_VerifyEccsiHash(&peer->verifier, WC_HASH_TYPE_SHA256, message.octets,
                                 (word32)message.length, signature, ECCSI_SIGNATURE_SIZE,
                                 &verified) == 0 &&
           verified == 1;
}
