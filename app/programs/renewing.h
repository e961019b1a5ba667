/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bundle that came over the broker to a handset that runs: from its text to new keys for the
 * engine (app/handset/keys/renewal.h) and a new access to the broker. It is checked as muster
 * install checks it. Nothing is written: the engine has its records made durable with its others,
 * in their order. Reading the store takes time, so this runs beside the loop.
 */
#ifndef MUSTER_APP_PROGRAMS_RENEWING_H
#define MUSTER_APP_PROGRAMS_RENEWING_H

#include "app/handset/keys/renewal.h"
#include "app/programs/installing.h"

struct renewing {
    /* What came, for which store. All of it outlives renewing_run. */
    const struct provider *provider;
    struct store *store;
    const char *store_path; /* for messages */
    struct span text;
    int64_t now_ms; /* since 1970 UTC */

    /* The result. */
    enum status status;
    struct error error;
    struct installing installing; /* what the renewal points into, and the access */
    struct renewal renewal;
    bool is_other_log; /* the KMS's audit log is not the one from which the keys held were issued */
};

/* Fills in the result: STATUS_OK; STATUS_ALREADY_DONE for a bundle that is not newer than the last
 * one that was installed; STATUS_NOT_ALLOWED for one that its officer is to install; errors of
 * installing_check and installation_put. The caller calls renewing_clear. */
void renewing_run(struct renewing *renewing);

/* Is it no fault of the bundle, so that it is worth another try? */
bool renewing_may_try_again(enum status status);

/* Wipes and frees the result. */
void renewing_clear(struct renewing *renewing);

#endif
