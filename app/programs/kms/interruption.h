/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SIGTERM, SIGINT and SIGHUP end muster-kms cleanly: what is begun is finished, nothing more is,
 * and it says what is done.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_INTERRUPTION_H
#define MUSTER_APP_PROGRAMS_KMS_INTERRUPTION_H

#include <signal.h>

/* From now on such a signal is only noted. */
void interruption_prepare(void);

/* Not 0 once such a signal has come. */
extern volatile sig_atomic_t interruption_came;

#endif
