/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of files that are made for identities, one each: bundles, and key deliveries as text.
 */
#ifndef MUSTER_APP_FILE_NAME_H
#define MUSTER_APP_FILE_NAME_H

enum {
    FILE_NAME_SIZE = 256
};

/* The name for `identity` with the ending "2026-12.bundle", of at most 40 characters:
 * tel_+447700900123.2026-12.bundle. Another identity has another name, also where a disk knows no
 * capitals; nothing in it has a meaning to a shell or a disk, and no folder. */
void file_name_of_identity(const char *identity, const char *ending, char name[FILE_NAME_SIZE]);

#endif
