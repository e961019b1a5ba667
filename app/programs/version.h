/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_APP_PROGRAMS_VERSION_H
#define MUSTER_APP_PROGRAMS_VERSION_H

/* What --version prints. */
#define MUSTER_VERSION "0.1.0"

#endif
