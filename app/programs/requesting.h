/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request on its way to a KMS, whether somebody typed muster request or asks on the screen of a
 * handset without a credential: it is checked, the store remembers it, and it is written.
 */
#ifndef MUSTER_APP_PROGRAMS_REQUESTING_H
#define MUSTER_APP_PROGRAMS_REQUESTING_H

#include "app/identity/enrolment.h"
#include "app/programs/options.h"
#include "app/store/store.h"

enum {
    REQUESTING_FILE_SIZE = PATH_MAX + 16
};

/* Fills *request for `identity` and `name` (NULL: none), with no device key yet.
 * STATUS_IDENTITY_INVALID, and errors of display_name_make; *error calls them `mark`identity and
 * `mark`name: "--" on a command line, "" elsewhere. */
MUST_CHECK enum status requesting_fill(const char *mark, const char *identity, const char *name,
                                       struct enrolment_request *request, struct error *error);

/* Gives *request the store's device key, which is made where there is none, and has the store
 * remember what is asked for: no other bundle is installed. With options->manages it is for a
 * group's identity. STATUS_NOT_ALLOWED when the store holds the keys of another identity, errors of
 * installing_check_identity, installation_read, device_key_new and store_apply. */
MUST_CHECK enum status requesting_keep(const struct options *options, struct store *store,
                                       struct enrolment_request *request, struct error *error);

/* Writes it as text to `path`; errors of enrolment_request_write and file_write. */
MUST_CHECK enum status requesting_write(const struct enrolment_request *request, const char *path,
                                        bool overwrite, struct error *error);

/* The file beside the store in which a handset's screen puts its request. */
void requesting_file(const char *store, char path[REQUESTING_FILE_SIZE]);

/* Reads that file back where it holds a request that this store has made and remembers;
 * STATUS_NOT_FOUND otherwise. Errors of installation_device_key. */
MUST_CHECK enum status requesting_recall(const char *store_path, struct store *store,
                                         struct enrolment_request *request, struct error *error);

#endif
