/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one privilege that an ordinary user's `muster` may have been given (`make install`): to set
 * up the Bluetooth adapters. It is used once, when the transports are opened.
 */
#ifndef MUSTER_APP_PROGRAMS_PERMISSION_H
#define MUSTER_APP_PROGRAMS_PERMISSION_H

#include "app/error.h"

/* Gives up every capability of this process, for good: neither it nor what it may start gets any
 * back. To be called before there are threads, which have their own capabilities. Nothing changes
 * for root, whose privileges do not come from the program's file and who may need them to reach its
 * files. STATUS_LIBRARY_FAILED: the program must not go on. */
MUST_CHECK enum status permission_give_up(struct error *error);

#endif
