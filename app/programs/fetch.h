/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A renewal from the broker: the bundle that muster-gm post has put into the mailbox of a handset,
 * or of a group's manager.
 */
#ifndef MUSTER_APP_PROGRAMS_FETCH_H
#define MUSTER_APP_PROGRAMS_FETCH_H

#include "app/error.h"
#include "app/store/store.h"
#include "crypto/secret.h"

/* The text of the bundle that waits for the identity of `store`, or if `group` is not NULL for that
 * group identity, whose manager it holds the keys of; with either token of its access, and within
 * some ten seconds. What it is worth, whoever installs it finds out. STATUS_NOT_FOUND
 * without access to a broker, and where nothing waits; STATUS_IO_FAILED; STATUS_NO_MEMORY; errors
 * of access_load. The caller frees *text, which is NULL on failure. */
MUST_CHECK enum status fetch_bundle(struct store *store, const char *group, struct secret **text,
                                    struct error *error);

#endif
