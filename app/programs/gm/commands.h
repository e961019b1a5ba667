/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of muster-gm. What they find goes to standard output; a failure is one line in
 * *error for standard error.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_COMMANDS_H
#define MUSTER_APP_PROGRAMS_GM_COMMANDS_H

#include "app/broker/access.h"
#include "app/programs/gm/order.h"

/* Asks a KMS for the keys of a group identity; installs them; installs what waits at the broker for
 * whoever holds them. Errors of subcommand_request, subcommand_install and fetch_bundle. */
MUST_CHECK enum status gm_request(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_install(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_fetch(const struct gm_order *order, struct error *error);

/* Replaces the roll with the member list in a file: members in the list are put on the roll, the
 * others are taken off; excluded members stay excluded. STATUS_NOT_ALLOWED, and nothing is changed,
 * when members would be taken off and neither --yes nor an answer on a terminal agrees. Errors of
 * file_read, member_list_read and store_apply_all, after which the roll is as it was. */
MUST_CHECK enum status gm_import(const struct gm_order *order, struct error *error);

/* Puts one identity on the roll, or takes it off. STATUS_IDENTITY_INVALID, STATUS_NOT_FOUND. */
MUST_CHECK enum status gm_add(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_remove(const struct gm_order *order, struct error *error);

/* Excludes identities from all keys, or lets them in again. STATUS_NOT_FOUND for one that is not on
 * the roll, when it was named on the command line. */
MUST_CHECK enum status gm_exclude(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_include(const struct gm_order *order, struct error *error);

/* Takes the list of the revoked in a file, which goes out with keys from then on, and excludes whom
 * it names. STATUS_REPLAYED when a newer one is held, STATUS_DOMAIN_UNKNOWN for another domain's;
 * errors of file_read, revocation_read_text, revocation_verify and store_apply. */
MUST_CHECK enum status gm_revoked(const struct gm_order *order, struct error *error);

/* Prints the roll and who has which key; prints the state of the group. */
MUST_CHECK enum status gm_members(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_status(const struct gm_order *order, struct error *error);

/* Draws a new GMK, unless one is already under way, and brings it to all members who lack it.
 * STATUS_NOT_ALLOWED, and nothing is changed, when another manager of the group was there before.
 * STATUS_BUSY when the path did not take it for all of them, errors of managed_group_begin,
 * path_open and round_run. gm_deliver does only the latter. */
MUST_CHECK enum status gm_rekey(const struct gm_order *order, struct error *error);
MUST_CHECK enum status gm_deliver(const struct gm_order *order, struct error *error);

/* Takes over what other managers of the group have left at the broker, or, with --from, what one of
 * them has exported. With --yes whoever manages says instead that all whom members know to be
 * excluded are excluded here. Errors of path_open_broker, sharing_join and sharing_take;
 * STATUS_EXCLUSION_UNKNOWN when members know of an exclusion that is not known here even then. */
MUST_CHECK enum status gm_catch_up(const struct gm_order *order, struct error *error);

/* Writes what other managers of the group take over by catch-up --from. Errors of sharing_export.
 */
MUST_CHECK enum status gm_export(const struct gm_order *order, struct error *error);

/* Reads the receipts that the path has for the group. Errors of path_open. */
MUST_CHECK enum status gm_receipts(const struct gm_order *order, struct error *error);

/* Makes the broker's stream, in which deliveries wait, with the operator's access; without, sees
 * whether there is one. Errors of path_open, path_prepare_broker and path_try_broker. */
MUST_CHECK enum status gm_prepare(const struct gm_order *order, struct error *error);

/* Puts the bundles in a folder into their owners' mailboxes, with the operator's access. Errors of
 * operator_access_read and broker_link_open; STATUS_IO_FAILED when the broker does not keep them,
 * and after all others, when a file could not be read. What it has kept stays. */
MUST_CHECK enum status gm_post(const struct gm_order *order, struct error *error);

/* The operator's access in a file; the caller frees it. Errors of file_read and access_read_open.
 */
MUST_CHECK enum status operator_access_read(const char *path, struct access **access,
                                            struct error *error);

#endif
