/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the programs may do that others may not, and how they give it up. An ordinary user's
 * `muster` may have been given one privilege (`make install`): to set up the Bluetooth adapters. It
 * is used once, when the transports are opened. Root has all.
 */
#ifndef MUSTER_APP_PROGRAMS_PERMISSION_H
#define MUSTER_APP_PROGRAMS_PERMISSION_H

#include "app/error.h"

/* Gives up the capabilities of this process, for good: neither it nor what it may start gets any
 * back. To be called before there are threads, since each has its own. Root keeps one, to read and
 * write the files of whoever it works for (CAP_DAC_OVERRIDE). Memory can be locked as before, and a
 * thread can take the real-time priority that sound needs, since the limits are raised first; root
 * keeps CAP_IPC_LOCK where they cannot be. STATUS_LIBRARY_FAILED: the program must not go on. */
MUST_CHECK enum status permission_give_up(struct error *error);

/* The same for a handset that runs on and holds keys. Root becomes the owner of the store, or of
 * its folder where there is no store yet. Where that is root, or root may not become anybody (in a
 * container), it keeps its uid, and CAP_DAC_OVERRIDE only if the folder is somebody else's.
 * `devices`: paths, the last of them NULL, whose groups root is a member of from then on; what is
 * not there is none's. */
MUST_CHECK enum status permission_give_up_for(const char *store, const char *const devices[],
                                              struct error *error);

/* The same, but that CAP_NET_ADMIN stays where it is had: for the process that opens Bluetooth
 * anew. */
MUST_CHECK enum status permission_give_up_but_radios(const char *store, const char *const devices[],
                                                     struct error *error);

/* After one of these, all that stayed: for a process that locks no memory and opens no file. */
MUST_CHECK enum status permission_give_up_rest(struct error *error);

#endif
