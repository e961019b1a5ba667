/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signers of whom a signature verified lately, with the point Y = [HS]PVT + KPAK that RFC 6507
 * 5.2.2 computes for each: half of what a verification costs. HS, a hash of KPAK, identifier and
 * PVT, names a signer. All of it is public. Only who has a key of the domain gets in, so that
 * forgeries push nobody out; places are bounded, the one unused for longest goes first.
 */
#ifndef MUSTER_CRYPTO_NATIVE_SIGNERS_H
#define MUSTER_CRYPTO_NATIVE_SIGNERS_H

#include <openssl/ec.h>

#include "crypto/native/digest.h"

struct signers;

/* NULL without memory. The group must outlive it. May be used from several threads. */
struct signers *signers_new(const EC_GROUP *group);

/* NULL is allowed. */
void signers_free(struct signers *signers);

/* Copies Y of the signer and gives true, or gives false when it is not known. */
bool signers_find(struct signers *signers, const uint8_t hs[DIGEST_SIZE], EC_POINT *y);

/* Call it when a signature has verified. Without memory nothing is remembered. */
void signers_remember(struct signers *signers, const uint8_t hs[DIGEST_SIZE], const EC_POINT *y);

#endif
