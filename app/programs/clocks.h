/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The time by this machine's clocks, for the engine, which has no clock.
 */
#ifndef MUSTER_APP_PROGRAMS_CLOCKS_H
#define MUSTER_APP_PROGRAMS_CLOCKS_H

#include "app/error.h"
#include "app/handset/engine.h"

/* Which boot of the machine this is: 64 bits of the id that the kernel draws at each boot.
 * STATUS_IO_FAILED when it cannot be read. */
MUST_CHECK enum status clocks_boot_id(uint64_t *boot_id, struct error *error);

/* Now, in the boot with that id. */
struct moment clocks_now(uint64_t boot_id);

#endif
