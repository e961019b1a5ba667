/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's TPM 2.0 (tss2): it seals a key so that no other TPM opens it. The key that it seals
 * under is made of the TPM's own seed each time, so nothing stays in the TPM, and clearing the TPM
 * makes what was sealed worthless. The bus to the TPM sees the key encrypted only.
 *
 * Each call connects, waits for the TPM and disconnects: some 0.1 to 1 s, so never in the loop.
 * Every error is a sentence of what is wrong and what to do, without a name in front.
 */
#ifndef MUSTER_APP_TPM_TPM_H
#define MUSTER_APP_TPM_TPM_H

#include <stdbool.h>

#include "app/error.h"
#include "crypto/bytes.h"

#define TPM_DEVICE "device:/dev/tpmrm0"

enum {
    TPM_KEY_SIZE = 32,
    TPM_SEALED_MAX = 1024
};

/* Which TPM it is, as tss2 names it ("device:/dev/tpmrm0", "swtpm:port=2321"); outlives all use.
 * Without a call it is TPM_DEVICE. Called once, before there are threads. */
void tpm_use(const char *name);

/* The file by which it is reached, or NULL: by none, or one that only tss2 knows. */
const char *tpm_path(void);

/* Is there a TPM by that name, as far as can be told without talking to it? */
bool tpm_is_there(void);

/* Appends `key`, sealed by the TPM, to `sealed`: at most TPM_SEALED_MAX octets.
 * STATUS_TPM_MISSING (there is none), STATUS_NOT_ALLOWED (this user may not use it, or its owner
 * forbids it), STATUS_BUSY (locked out, testing itself, out of memory), STATUS_TPM_FAILED,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status tpm_seal(const uint8_t key[TPM_KEY_SIZE], struct writer *sealed,
                                struct error *error);

/* The key that was sealed. Errors of tpm_seal, and STATUS_BOUND_ELSEWHERE: another TPM sealed it,
 * or this one before it was cleared. `key` is then zero. */
MUST_CHECK enum status tpm_open(struct span sealed, uint8_t key[TPM_KEY_SIZE], struct error *error);

#endif
