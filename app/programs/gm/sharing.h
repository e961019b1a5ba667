/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the managers of a group share (app/manager/group_state.h). At the broker: a manager looks
 * there before it draws or delivers a key, and writes there before anybody gets one. Without one:
 * in a file that goes from one to the other.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_SHARING_H
#define MUSTER_APP_PROGRAMS_GM_SHARING_H

#include "app/programs/gm/path.h"

/* Is the store behind what stands at the broker? Then STATUS_NOT_ALLOWED, with words; also when
 * another manager has taken the group over. STATUS_IO_FAILED when the broker does not say;
 * STATUS_NOT_FOUND without keys of the group identity for this month. Does nothing on a path
 * without a broker, or one that is not open. */
MUST_CHECK enum status sharing_check(struct gm *gm, const struct path *path, struct error *error);

/* Writes the group's state, if it is not there already. STATUS_NOT_ALLOWED, and nothing is written,
 * when another manager was faster, and the errors of sharing_check and gm_apply. */
MUST_CHECK enum status sharing_write(struct gm *gm, const struct path *path, struct error *error);

/* Takes over what stands at the broker and is not known here, and prints it. Errors of
 * sharing_check but for being behind, and of store_apply_all. */
MUST_CHECK enum status sharing_join(struct gm *gm, const struct path *path, struct error *error);

/* Prints where the KMS's log ended, as far as the managers' bundles tell: this store's, and those
 * of whoever wrote the state at the broker. Errors of sharing_check but for being behind. */
MUST_CHECK enum status sharing_show_log(struct gm *gm, const struct path *path,
                                        struct error *error);

/* Writes it to the file `name`, which must not be there. Errors of file_write, STATUS_NOT_FOUND
 * without keys of the group identity for this month. */
MUST_CHECK enum status sharing_export(struct gm *gm, const char *name, struct error *error);

/* Takes over what the file `name` has and is not known here, and prints it. Errors of file_read and
 * group_state_read, STATUS_NOT_ALLOWED when a manager of a later term wrote it. */
MUST_CHECK enum status sharing_take(struct gm *gm, const char *name, struct error *error);

#endif
