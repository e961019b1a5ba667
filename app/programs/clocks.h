/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The moment by this machine's clocks, for the engine, which has none of its own.
 */
#ifndef MUSTER_APP_PROGRAMS_CLOCKS_H
#define MUSTER_APP_PROGRAMS_CLOCKS_H

#include "app/error.h"
#include "app/handset/engine.h"

/* Which boot of the machine this is: of all that the kernel draws at each boot, 64 bits.
 * STATUS_IO_FAILED when the system does not tell. */
MUST_CHECK enum status clocks_boot_id(uint64_t *boot_id, struct error *error);

/* Now, in the boot with that id. */
struct moment clocks_now(uint64_t boot_id);

#endif
