/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Member lists for the commands that take one.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_IMPORT_H
#define MUSTER_APP_PROGRAMS_GM_IMPORT_H

#include "app/programs/gm/order.h"

/* Replaces the roll of the open group with the list in the file at `path`, and prints what changed.
 * When members would be taken off, it first says how many come and go, and who goes, and asks on
 * the terminal, unless the order says yes. Errors of gm_import (commands.h). */
MUST_CHECK enum status import_list(const struct gm_order *order, const char *path, struct gm *gm,
                                   struct error *error);

/* Puts on the roll who is on `list` and not there, and takes nobody off; *added tells how many. It
 * names them first, and asks where there is a terminal. STATUS_NOT_ALLOWED when the answer is no;
 * errors of store_apply_all. */
MUST_CHECK enum status import_missing(const struct roll *list, struct gm *gm, size_t *added,
                                      struct error *error);

#endif
