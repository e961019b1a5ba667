/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Member lists for the commands that take one.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_IMPORT_H
#define MUSTER_APP_PROGRAMS_GM_IMPORT_H

#include "app/programs/gm/order.h"

/* Replaces the roll of the open group with the list in the file at `path`; prints what changed.
 * Errors of gm_import (commands.h). */
MUST_CHECK enum status import_list(struct gm *gm, const char *path, struct error *error);

#endif
