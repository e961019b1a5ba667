/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a program gets a passphrase: from a file, or from the terminal without showing it. It lives
 * in secret memory from the first octet, and the caller frees it.
 */
#ifndef MUSTER_APP_PROGRAMS_PASSPHRASE_H
#define MUSTER_APP_PROGRAMS_PASSPHRASE_H

#include "app/error.h"
#include "app/handset/command.h"
#include "crypto/secret.h"

/* Octets of the longest passphrase: what the handset's screen takes. */
enum {
    PASSPHRASE_MAX = OFFICER_PASSPHRASE_SIZE - 1
};

/* The first line of the file at `path`, without its end. STATUS_MALFORMED when it is empty or holds
 * a NUL, STATUS_TOO_LONG, errors of file_read. */
MUST_CHECK enum status passphrase_from_file(const char *path, struct secret **passphrase,
                                            struct error *error);

/* Is the file at `path` closed to others: has it no permission for everybody to read it, or is it
 * in a folder that not everybody may enter? A pipe is. STATUS_NOT_ALLOWED, with what to do, when it
 * is not. */
MUST_CHECK enum status passphrase_check_closed(const char *path, struct error *error);

/* As passphrase_from_file, of a file that must be closed to others. Errors of both. */
MUST_CHECK enum status passphrase_from_closed_file(const char *path, struct secret **passphrase,
                                                   struct error *error);

/* Asks on the program's terminal, without echo, after `prompt`; when `twice`, asks again and takes
 * only the same answer. STATUS_NOT_FOUND when there is no terminal, STATUS_MALFORMED when it is
 * empty, not repeated or given up, STATUS_NO_MEMORY. */
MUST_CHECK enum status passphrase_from_terminal(const char *prompt, bool twice,
                                                struct secret **passphrase, struct error *error);

#endif
