/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must hold of a bundle, beside the KMS's signature in it, before it is installed: that this
 * handset asked for it, that it is no older than the last one, and that it is of the domain that
 * the officer means.
 */
#ifndef MUSTER_APP_PROGRAMS_ACCEPTANCE_H
#define MUSTER_APP_PROGRAMS_ACCEPTANCE_H

#include "app/installation.h"
#include "app/programs/options.h"

/* A bundle that was opened, and what it would join. */
struct acceptance {
    const struct options *options;
    struct store *store;
    const struct installation *held; /* under the bundle's identity, or the handset's own */
    const struct requests *requests;
    const struct credential *credential;
    int64_t now_ms;
    bool is_running; /* into a handset that runs: nobody is asked anything */
    bool is_look;    /* it is not installed yet: which domain is meant is asked for later */
};

/* STATUS_NOT_ALLOWED for an identity that was not asked for, a bundle that is older than the last,
 * a root's certificate that has ended by this machine's clock, keys of another domain than those
 * held without options->replace, and a domain whose fingerprint is not options->fingerprint; the
 * first bundle of a domain needs that, or that somebody types it at the terminal, except where
 * there is no terminal and no keys of anybody are held. Errors of installation_domain.
 *
 * A running handset takes what renews its own keys and nothing else: STATUS_NOT_ALLOWED also where
 * identity, name or the domain's keys are others than those held, and STATUS_ALREADY_DONE for a
 * bundle that is not newer than the last one. */
MUST_CHECK enum status acceptance_check(const struct acceptance *acceptance, struct error *error);

#endif
