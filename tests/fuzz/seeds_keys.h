/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs of what a KMS or a manager hands out (seeds.h). */
#ifndef MUSTER_TESTS_FUZZ_SEEDS_KEYS_H
#define MUSTER_TESTS_FUZZ_SEEDS_KEYS_H

#include "app/identity/credential.h"
#include "tests/app/squad.h"

/* Of *credential with what no KMS puts into one; it is changed. */
void seeds_write_credentials(struct credential *credential);

/* Keys of standard groups for the handset that is held, right and wrong ones. */
void seeds_write_deliveries(const struct squad *squad);

#endif
