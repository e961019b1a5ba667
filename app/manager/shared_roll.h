/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A group's roll as one of its managers gives it to another: who takes a group over, or puts a
 * backup back, learns who has come since. It is signed by the manager that wrote it, with its own
 * keys and its certificate (identity/epoch.h), and sealed to the group identity, whose keys of this
 * month all who manage the group have, and nobody else. Who is excluded is not in it:
 * group_state.h.
 *
 * On the wire: "Muster roll" 00, version (1), the moment of writing (8), the manager's certificate,
 * a SAKKE encapsulation to the group identity of that month (273), the roll sealed under a key from
 * it, with its length before it (4), and a signature (129) over "Muster roll" 00, the KMS's URI and
 * the group identity, each with its length before it in one octet, and the hash of all that stands
 * before it. Sealed: how many members (4), then of each identity and name with their lengths (1
 * each).
 */
#ifndef MUSTER_APP_MANAGER_SHARED_ROLL_H
#define MUSTER_APP_MANAGER_SHARED_ROLL_H

#include "app/manager/managed_group.h"

enum {
    SHARED_ROLL_MAX = 12 * 1024 * 1024 /* octets: some 100,000 usual members */
};

/* Appends the group's roll to `out`, signed at `now_ms`. STATUS_NOT_FOUND without keys of the group
 * identity for this month, STATUS_KEY_INVALID without the manager's own, STATUS_TOO_LONG,
 * STATUS_NO_MEMORY, the provider's errors. */
MUST_CHECK enum status shared_roll_write(const struct managed_group *group, int64_t now_ms,
                                         const struct entropy *entropy, struct writer *out);

/* Verifies and opens what another manager wrote, into an empty roll, which the caller clears.
 * STATUS_TRUNCATED, STATUS_MALFORMED, STATUS_NEWER_VERSION, STATUS_MANAGER_UNCERTIFIED when no
 * manager of the group says so, STATUS_NOT_FOUND without keys of the month that it was written in;
 * errors of manager_certificate_verify, seal_open, roll_append and roll_settle. Then the roll is
 * empty. */
MUST_CHECK enum status shared_roll_read(const struct managed_group *group, struct span octets,
                                        struct roll *roll);

#endif
