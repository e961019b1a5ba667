/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The spellings of a passphrase. Keyboards and systems write the same letters as other octets: an
 * accent alone or as a part of its letter. To the owner they are one passphrase.
 */
#ifndef MUSTER_APP_STORE_SPELLING_H
#define MUSTER_APP_STORE_SPELLING_H

#include "crypto/secret.h"

enum {
    SPELLINGS_MAX = 3
};

/* The different ones, the composed form (NFC) first: stores are made under it. Then the passphrase
 * as it was typed, as old stores were made under, and its decomposed form (NFD). What is not UTF-8
 * has one spelling, its own. */
struct spellings {
    size_t count;
    struct secret *each[SPELLINGS_MAX];
};

/* STATUS_NO_MEMORY; *spellings is empty then. The caller wipes them. */
MUST_CHECK enum status spellings_of(struct span passphrase, struct spellings *spellings);

/* Wipes and frees them all; they are empty then. */
void spellings_wipe(struct spellings *spellings);

#endif
