/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bundle on its way into a store: it is opened, and everything is checked that has to hold before
 * it may be installed, whether somebody typed muster install or it came to a handset that runs.
 */
#ifndef MUSTER_APP_PROGRAMS_INSTALLING_H
#define MUSTER_APP_PROGRAMS_INSTALLING_H

#include "app/installation.h"
#include "app/programs/options.h"

struct installing {
    /* What to install where. All of it outlives this. */
    const struct options *options; /* options->bundle is what messages call it */
    const struct provider *provider;
    struct store *store;
    int64_t now_ms;  /* since 1970 UTC */
    bool is_running; /* acceptance.h */
    bool is_look;    /* likewise */

    /* From installing_check on. */
    struct credential *credential;
    struct access *access; /* NULL: the bundle has none */
    struct installation held;
    struct requests requests;
    struct revocation list; /* number 0: none that is newer than the one in the store */
};

/* May the store of the options, which holds the keys of `held`, take those of `identity`? A handset
 * acts under one identity. STATUS_NOT_ALLOWED; with options->manages STATUS_IDENTITY_INVALID for
 * what is no standard group's. */
MUST_CHECK enum status installing_check_identity(const struct options *options,
                                                 const struct credential *held,
                                                 const char *identity, struct error *error);

/* Opens the bundle in `text` and checks it: STATUS_WRONG_RECIPIENT for the bundle of another
 * handset; errors of enrolment_bundle_open, access_open, installing_check_identity,
 * installation_list, acceptance_check and store_load. The caller calls installing_clear, even after
 * a failure. */
MUST_CHECK enum status installing_check(struct installing *installing, struct span text,
                                        struct error *error);

/* Wipes and frees what it holds. */
void installing_clear(struct installing *installing);

#endif
