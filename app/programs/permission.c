/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/permission.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The ambient capabilities, which outlive an exec, go with the permitted ones. */
static int give_up_all(void) {
    cap_t none = cap_init();
    int failed = none == NULL ? -1 : cap_set_proc(none);
    int why = errno;
    (void)cap_free(none);
    errno = why;
    return failed;
}

enum status permission_give_up(struct error *error) {
    if (geteuid() == 0) {
        return STATUS_OK;
    }
    if (give_up_all() != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return error_set(error, STATUS_LIBRARY_FAILED,
                         "cannot give up the program's privileges: %s", strerror(errno));
    }
    return STATUS_OK;
}
