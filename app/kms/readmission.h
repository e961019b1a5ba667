/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A revoked identity that may be enrolled again, for an officer who keeps the number: once the keys
 * of the handset that was lost are over everywhere, and the list of the revoked names it no more.
 */
#ifndef MUSTER_APP_KMS_READMISSION_H
#define MUSTER_APP_KMS_READMISSION_H

#include "app/kms/register.h"

/* From when on the identity of a revoked entry may be readmitted: REVOKED_LIST_KEEP_MS after the
 * last keys that its handset can have. 0 for fixed keys, which never end. */
int64_t readmission_from_ms(const struct register_entry *entry);

/* Takes `identity` off the register, so that it is enrolled like a new one, with whatever handset
 * asks for it then; `reason` (at most REGISTER_REASON_MAX octets of plain text) says why, and may
 * be empty. It is durable, and in the audit log, when this returns. STATUS_ALREADY_DONE for an
 * identity that is not revoked; STATUS_NOT_ALLOWED for one whose keys may still be in use or never
 * end, for one that only the list of a lost state names, for one whose number is ahead of the clock
 * (what it is enrolled with next would count as old), and in an unsettled domain; STATUS_MALFORMED
 * for the reason; errors of register_find, audit_append and store_apply. Then nothing has changed.
 */
MUST_CHECK enum status register_readmit(struct kms *kms, const char *identity, const char *reason,
                                        int64_t now_ms, struct error *error);

#endif
