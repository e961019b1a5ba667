/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What several commands of muster-kms print in the same way.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_PRINT_H
#define MUSTER_APP_PROGRAMS_KMS_PRINT_H

#include "app/kms/register.h"

/* A moment as YYYY-MM-DD HH:MM, in UTC. */
void print_moment(int64_t utc_ms);

/* When keys end: a moment, or "no end" for 0. */
void print_until(int64_t until_ms);

/* The domain's name and fingerprint, its setting, and its root, a line each. */
void print_domain(const struct kms *kms);

/* Where the audit log ends now, in a line: whoever notes it down notices a log in which that record
 * is missing. Nothing where it cannot be read. */
void print_log_head(struct kms *kms);

/* An entry of the register, a line for each of its fields. */
void print_entry(const struct register_entry *entry);

/* A hash in hex, without a newline. */
void print_hex(struct span octets);

#endif
