/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several programs that want one domain: each has it to itself while it is open, and whoever comes
 * waits for its turn. Work that takes long gives way between its steps, so that a revocation comes
 * through at once. Whoever waits holds a shared lock (flock) on the domain's key file, which nobody
 * else on the machine can open; so the one that works sees that somebody does.
 */
#ifndef MUSTER_APP_KMS_TURNS_H
#define MUSTER_APP_KMS_TURNS_H

#include <signal.h>

#include "app/kms/kms.h"

enum {
    TURNS_PATIENCE_MS = 60 * 1000 /* for so long whoever comes waits */
};

/* As kms_open; but where another program has the domain open it waits. STATUS_BUSY after
 * TURNS_PATIENCE_MS, or when *stop is not 0 any more. */
MUST_CHECK enum status turns_open(const char *path, struct span passphrase,
                                  const struct provider *provider,
                                  const volatile sig_atomic_t *stop, struct kms **kms,
                                  struct error *error);

/* If somebody waits for the domain, lets them have it, and takes it up again when they are done or
 * give way in their turn. What was read of the register before may be out of date then.
 * STATUS_NOT_ALLOWED when the domain's broker, its certificate or its limits were set anew
 * meanwhile, for `kms` still holds the old ones; STATUS_BUSY after TURNS_PATIENCE_MS, errors of
 * store_resume; then kms can only be closed. */
MUST_CHECK enum status turns_give_way(struct kms *kms, struct error *error);

#endif
