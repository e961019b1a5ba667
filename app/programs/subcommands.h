/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the program `muster` does without a screen: ask a KMS for keys, install them, import group
 * keys, show the status. Each prints what it did, for a person, to `out`.
 */
#ifndef MUSTER_APP_PROGRAMS_SUBCOMMANDS_H
#define MUSTER_APP_PROGRAMS_SUBCOMMANDS_H

#include <stdio.h>

#include "app/programs/opening.h"
#include "app/programs/options.h"
#include "crypto/provider.h"
#include "crypto/secret.h"

enum {
    IMPORT_FILE_MAX = 1024 * 1024
};

/* The passphrase from the file of the options, or typed on the terminal; when there is no store
 * yet, typed twice, and one that is long enough (new_passphrase.h). Errors of passphrase.h. */
MUST_CHECK enum status subcommand_passphrase(const struct options *options,
                                             struct secret **passphrase, struct error *error);

/* Makes the folders of the store when it is the default one. STATUS_IO_FAILED. */
MUST_CHECK enum status subcommand_make_folder(const struct options *options, struct error *error);

/* Writes a request for options->identity (with options->manages a group identity, to manage the
 * group) to options->out; makes the store, and the device key in it, when there is none.
 * STATUS_IDENTITY_INVALID, STATUS_MALFORMED for an invalid name, STATUS_NOT_ALLOWED when the store
 * holds the keys of another identity, errors of file_write, store_open, store_create, store_load
 * and store_apply. On failure no request was written. */
MUST_CHECK enum status subcommand_request(const struct options *options, FILE *out,
                                          struct error *error);

/* Installs options->bundle as the handset's own keys, or with options->manages as those of a group
 * identity beside them: all of it or nothing. STATUS_NOT_FOUND when there is no store,
 * STATUS_WRONG_RECIPIENT for the bundle of another handset, STATUS_NOT_ALLOWED when the store holds
 * the keys of another identity, and what acceptance_check refuses; errors of file_read,
 * enrolment_bundle_open, access_open, store_open, store_load and store_apply. */
MUST_CHECK enum status subcommand_install(const struct options *options,
                                          const struct provider *provider, FILE *out,
                                          struct error *error);

/* The same of the bundle in `text`, into a store that is open. Messages call it options->bundle. */
MUST_CHECK enum status subcommand_install_text(const struct options *options,
                                               const struct provider *provider, struct store *store,
                                               const struct secret *text, FILE *out,
                                               struct error *error);

/* Installs the bundle that waits at the broker for the handset's own identity. Errors of
 * fetch_bundle and subcommand_install. */
MUST_CHECK enum status subcommand_fetch(const struct options *options,
                                        const struct provider *provider, FILE *out,
                                        struct error *error);

/* Takes what is in options->keys: text messages with keys and a list of the revoked in any text, or
 * one key delivery as it is (app/handset/keys/import.h), of at most IMPORT_FILE_MAX octets. The
 * result of each goes to `out`; all problems but the last go to standard error, the last into
 * *error. STATUS_OK when all were taken or already held, STATUS_NOT_FOUND when parts are missing,
 * there is nothing of the kind in it, or no store; for what was refused the check that failed;
 * errors of file_read and opening_run. */
MUST_CHECK enum status subcommand_import(const struct options *options,
                                         const struct provider *provider, FILE *out,
                                         struct error *error);

/* Opens the store of the options with its handset, which is NULL where no keys are installed.
 * STATUS_NOT_FOUND when there is no store; errors of opening_run. The caller calls opening_undo
 * even on failure. With `to_read` nothing of it can be saved. */
MUST_CHECK enum status subcommand_open_handset(const struct options *options,
                                               const struct provider *provider, bool to_read,
                                               struct opening *opening, struct error *error);

/* Prints the identity, its domain, which list of the revoked it holds, and the groups with the time
 * left; also of a store on a read-only disk. STATUS_NOT_FOUND when there is no store; errors of
 * opening_run. */
MUST_CHECK enum status subcommand_status(const struct options *options,
                                         const struct provider *provider, FILE *out,
                                         struct error *error);

#endif
