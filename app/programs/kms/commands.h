/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of muster-kms. What they find goes to standard output; a failure is one line in
 * *error for standard error, and changes nothing unless it says so.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_COMMANDS_H
#define MUSTER_APP_PROGRAMS_KMS_COMMANDS_H

#include "app/programs/kms/order.h"

/* Makes a domain. Errors of kms_init. */
MUST_CHECK enum status command_init(const struct order *order, struct error *error);

/* Seals the domain under another passphrase. Errors of new_passphrase_change. */
MUST_CHECK enum status command_passphrase(const struct order *order, struct error *error);

/* Enrols the handset that wrote a request. Errors of kms_enroll, file_read and file_write. */
MUST_CHECK enum status command_enroll(const struct order *order, struct error *error);

/* Renews everybody's keys; progress goes to standard error when it takes a while. Errors of
 * renewal_run. */
MUST_CHECK enum status command_renew(const struct order *order, struct error *error);

/* Prints the register as a table, or one entry, or a summary of the domain. Errors of
 * register_list and register_find. */
MUST_CHECK enum status command_list(const struct order *order, struct error *error);
MUST_CHECK enum status command_show(const struct order *order, struct error *error);

/* Revokes an identity; prints the revoked ones, one per line. With --out both write the signed list
 * for the handsets. Errors of register_revoke, register_list, revoked_list_make and file_write; who
 * is revoked stays so where the list cannot be written. */
MUST_CHECK enum status command_revoke(const struct order *order, struct error *error);
MUST_CHECK enum status command_revoked(const struct order *order, struct error *error);

/* Opens a message under lawful authority and prints what is in it, the only secret that muster-kms
 * ever prints. Errors of recovery_run and file_read. */
MUST_CHECK enum status command_recover(const struct order *order, struct error *error);

/* Tells where the broker is and writes its configuration into a folder. Errors of kms_set_broker,
 * file_read and file_write. */
MUST_CHECK enum status command_broker(const struct order *order, struct error *error);

/* Prints and checks the audit log. Errors of audit_check. */
MUST_CHECK enum status command_audit(const struct order *order, struct error *error);

#endif
