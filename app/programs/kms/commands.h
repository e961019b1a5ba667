/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of muster-kms. What they find goes to standard output; a failure is one line in
 * *error for standard error, and changes nothing unless it says so.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_COMMANDS_H
#define MUSTER_APP_PROGRAMS_KMS_COMMANDS_H

#include "app/programs/kms/order.h"

/* Makes a domain, its root and its limits. Errors of kms_init, kms_certify and kms_set_limits; then
 * there is none. */
MUST_CHECK enum status command_init(const struct order *order, struct error *error);

/* Seals the domain under another passphrase. Errors of new_passphrase_change. */
MUST_CHECK enum status command_passphrase(const struct order *order, struct error *error);

/* Moves the root's secret out; has the root certify the domain's keys. Errors of kms_take_root, and
 * of root_secret_read and kms_certify. */
MUST_CHECK enum status command_root(const struct order *order, struct error *error);
MUST_CHECK enum status command_certify(const struct order *order, struct error *error);

/* Sets the limits given, and prints those that hold. Errors of kms_set_limits. */
MUST_CHECK enum status command_limits(const struct order *order, struct error *error);

/* Enrols the handset that wrote a request, after its device key was shown and, at a terminal,
 * somebody said that it is the one read out; or those of a folder of requests. STATUS_NOT_ALLOWED
 * when it is not; errors of kms_enroll, file_read, file_write and bulk_enroll. */
MUST_CHECK enum status command_enroll(const struct order *order, struct error *error);

/* Renews everybody's keys; progress goes to standard error when it takes a while. Errors of
 * renewal_run. */
MUST_CHECK enum status command_renew(const struct order *order, struct error *error);

/* Prints the register as a table, or one entry, or a summary of the domain. Errors of
 * register_list and register_find. */
MUST_CHECK enum status command_list(const struct order *order, struct error *error);
MUST_CHECK enum status command_show(const struct order *order, struct error *error);

/* Revokes an identity; prints all that are revoked, one per line. With --out the first writes the
 * signed list for handsets as well, and the second writes it instead. Errors of register_revoke,
 * register_list, revoked_list_make and file_write; who was revoked stays so where the list cannot
 * be written. */
MUST_CHECK enum status command_revoke(const struct order *order, struct error *error);
MUST_CHECK enum status command_revoked(const struct order *order, struct error *error);

/* Lets a revoked identity be enrolled again. Errors of register_readmit. */
MUST_CHECK enum status command_readmit(const struct order *order, struct error *error);

/* Opens a message under lawful authority and prints what is in it, the only secret that muster-kms
 * ever prints. Errors of recovery_run and file_read. */
MUST_CHECK enum status command_recover(const struct order *order, struct error *error);

/* Tells where the broker is and writes its configuration into a folder. Errors of kms_set_broker,
 * file_read and file_write. */
MUST_CHECK enum status command_broker(const struct order *order, struct error *error);

/* Prints and checks the audit log, and where it ends; or, with a record that somebody noted down,
 * only says whether that is in it: STATUS_NOT_FOUND when not. Errors of audit_check. */
MUST_CHECK enum status command_audit(const struct order *order, struct error *error);

/* Writes a backup of the domain into a file, and prints its check value. Errors of kms_backup. */
MUST_CHECK enum status command_backup(const struct order *order, struct error *error);

/* Restores the domain from a backup where there is none, and says what is left to do; with the
 * newest list of the revoked, or the word that there is none, settles it as well. STATUS_MALFORMED
 * for both; errors of kms_restore, kms_settle and kms_restore_finish, after which nothing was
 * restored. */
MUST_CHECK enum status command_restore(const struct order *order, struct error *error);

/* Settles a domain whose older state was put back. STATUS_MALFORMED without list and word; errors
 * of kms_settle. */
MUST_CHECK enum status command_settle(const struct order *order, struct error *error);

/* Looks through the domain and what it lies on, a line for each; STATUS_NOT_ALLOWED when there is
 * something to do, errors of order_open. */
MUST_CHECK enum status command_doctor(const struct order *order, struct error *error);

#endif
