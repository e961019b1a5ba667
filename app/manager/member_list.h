/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Member lists: a standard group's members as a CSV file (RFC 4180) with an identity and,
 * optionally, a name in each row:
 *
 *   identity,name
 *   tel:+447700900123,Anna
 *
 * A first row that begins with "identity" names the columns, of which all but these two are
 * ignored; without such a row the first column is the identity and the second the name.
 */
#ifndef MUSTER_APP_MANAGER_MEMBER_LIST_H
#define MUSTER_APP_MANAGER_MEMBER_LIST_H

#include "app/error.h"
#include "app/manager/roll.h"

enum {
    MEMBER_LIST_OCTETS_MAX = 16 * 1024 * 1024 /* of the file */
};

/* Reads the list in `text`, from the file `name`, into an empty roll, all of it or nothing; *error
 * names the row or the identity that is wrong: STATUS_MALFORMED (not CSV, or a name that cannot be
 * shown), STATUS_IDENTITY_INVALID, STATUS_ALREADY_DONE for a member listed twice, STATUS_NOT_FOUND
 * for a list without members, STATUS_TOO_LONG for one of more than ROLL_MEMBERS_MAX,
 * STATUS_NO_MEMORY. The caller clears the roll. */
MUST_CHECK enum status member_list_read(const char *name, struct span text, struct roll *roll,
                                        struct error *error);

#endif
