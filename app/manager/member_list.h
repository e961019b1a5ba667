/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Member lists: a standard group's members as a spreadsheet saves them (CSV, RFC 4180), with an
 * identity and, optionally, a name in each row:
 *
 *   identity,name
 *   tel:+447700900123,Anna
 *
 * The first row that is not blank may hold headings, in any case and order; other columns than
 * those of identity and name are ignored. Without headings the first column is the identity and the
 * second the name. Blank rows and empty columns do not matter, nor does what differs from one
 * spreadsheet to another: the encoding (app/text/encoding.h), the line ends, and the separator,
 * which a line such as "sep=;" in front may name: comma, semicolon, tab or bar.
 */
#ifndef MUSTER_APP_MANAGER_MEMBER_LIST_H
#define MUSTER_APP_MANAGER_MEMBER_LIST_H

#include "app/error.h"
#include "app/manager/roll.h"

enum {
    MEMBER_LIST_OCTETS_MAX = 16 * 1024 * 1024 /* of the file */
};

/* Reads the list in `text`, from the file `name`, into an empty roll; on failure the roll is empty
 * again, and *error names the row and column, as the spreadsheet counts them, and what is wrong
 * there: STATUS_MALFORMED (not CSV, or a name that cannot be shown), STATUS_IDENTITY_INVALID,
 * STATUS_ALREADY_DONE for a member listed twice, STATUS_NOT_FOUND for a list without members,
 * STATUS_TOO_LONG for one of more than ROLL_MEMBERS_MAX, STATUS_NO_MEMORY. The caller clears the
 * roll. */
MUST_CHECK enum status member_list_read(const char *name, struct span text, struct roll *roll,
                                        struct error *error);

#endif
