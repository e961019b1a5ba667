/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passphrases that are chosen: the same least length and the same advice for a handset, a group
 * manager and a key management server; and how a store gets another one.
 */
#ifndef MUSTER_APP_PROGRAMS_NEW_PASSPHRASE_H
#define MUSTER_APP_PROGRAMS_NEW_PASSPHRASE_H

#include <stdio.h>

#include "app/error.h"
#include "crypto/secret.h"

/* STATUS_OK for what has OFFICER_PASSPHRASE_MIN characters at least, as a person counts them;
 * STATUS_MALFORMED otherwise, with the advice. */
MUST_CHECK enum status new_passphrase_check(struct span passphrase, struct error *error);

/* The passphrase that seals something new: the first line of `file`, or typed twice after `prompt`
 * where that is NULL. Errors of passphrase_from_file, passphrase_from_terminal and
 * new_passphrase_check. The caller frees it. */
MUST_CHECK enum status new_passphrase_get(const char *file, const char *prompt,
                                          struct secret **passphrase, struct error *error);

/* Seals the store at `path` under another passphrase, durably and crash-safe, and says so on `out`.
 * `file` and `new_file` hold the present and the new one; what is NULL is typed. STATUS_NOT_FOUND
 * when there is no store; errors of passphrase_from_file, new_passphrase_get, store_open and
 * store_change_passphrase. */
MUST_CHECK enum status new_passphrase_change(const char *path, const char *file,
                                             const char *new_file, FILE *out, struct error *error);

#endif
