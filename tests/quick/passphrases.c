/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the programs that a check starts by the dozen: what a passphrase costs is as
 * little as Argon2id allows, whatever the caller asks for. Stores look as they always do, with the
 * costs that the product chose written in them, and open with this library alone. A second a
 * command, and of what checks do not check; those that do run without it.
 */
#include <dlfcn.h>
#include <sodium.h>
#include <stddef.h>

typedef int derivation(unsigned char *, unsigned long long, const char *, unsigned long long,
                       const unsigned char *, unsigned long long, size_t, int);

int crypto_pwhash(unsigned char *out, unsigned long long length, const char *passphrase,
                  unsigned long long passphrase_length, const unsigned char *salt,
                  unsigned long long passes, size_t memory, int algorithm) {
    (void)passes;
    (void)memory;
    derivation *sodium = NULL;
    *(void **)&sodium = dlsym(RTLD_NEXT, "crypto_pwhash");
    return sodium == NULL
               ? -1
               : sodium(out, length, passphrase, passphrase_length, salt,
                        crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN, algorithm);
}
