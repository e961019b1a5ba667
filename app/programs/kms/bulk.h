/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enrolling a folder of requests: one unlocking, every core, and a line for each of them.
 */
#ifndef MUSTER_APP_PROGRAMS_KMS_BULK_H
#define MUSTER_APP_PROGRAMS_KMS_BULK_H

#include "app/programs/kms/order.h"

/* Is there a folder at `path`? */
bool bulk_is_folder(const char *path);

/* Enrols whose requests are in the folder order->argument, with a bundle for each in the folder
 * order->out; prints each one's device key before it issues anything, asking at a terminal whether
 * those are right, and then what became of each. STATUS_NOT_ALLOWED when they are not, or when one
 * of them was refused, after all others were enrolled; errors of order_open and enrolling_run. */
MUST_CHECK enum status bulk_enroll(const struct order *order, struct error *error);

#endif
