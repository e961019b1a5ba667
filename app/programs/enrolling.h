/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to the first credential as a handset's screen goes it: the request is made, the KMS's
 * answer is looked at and then installed. Each step takes the disk's time, so the loop has the
 * worker do it.
 */
#ifndef MUSTER_APP_PROGRAMS_ENROLLING_H
#define MUSTER_APP_PROGRAMS_ENROLLING_H

#include "app/handset/view_enrolment.h"
#include "app/programs/opening.h"
#include "app/programs/options.h"

/* While the worker is at it, it has all of this to itself. */
struct enrolling {
    /* What to do where; it outlives the step. */
    const struct provider *provider;
    struct store *store;
    const char *store_path;
    int64_t now_ms; /* since 1970 UTC */

    /* What the officer gave for the step. */
    char identity[OFFICER_IDENTITY_SIZE], name[OFFICER_NAME_SIZE];
    char path[OFFICER_PASSPHRASE_SIZE]; /* of the bundle's file; empty: it was pasted */
    char fingerprint[OFFICER_NAME_SIZE];

    struct secret *bundle;       /* as it was pasted or read; NULL: none */
    char source[VIEW_FILE_SIZE]; /* what messages call it */

    /* What came of it. */
    struct view_request request;
    struct view_bundle holds;
    enum status status;
    struct error error;
};

/* Makes a request for identity and name, or the same one again: *request is filled, and it stands
 * in the file beside the store. Errors of requesting_fill and requesting_keep. Where only the file
 * cannot be written, request.unwritten says why. */
void enrolling_request(struct enrolling *enrolling);

/* Fills *request with what was asked for before, where that is known. */
void enrolling_recall(struct enrolling *enrolling);

/* Reads the bundle from `path`, where one is given - one that begins with no slash is beside the
 * store -, opens and checks it, and fills *holds. Errors of file_read and installing_check. */
void enrolling_look(struct enrolling *enrolling);

/* Installs it, if its domain has that fingerprint. Errors of installing_check and installation_add.
 */
void enrolling_install(struct enrolling *enrolling);

/* Wipes and frees the bundle. */
void enrolling_put_away(struct enrolling *enrolling);

#endif
