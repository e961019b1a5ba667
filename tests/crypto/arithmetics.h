/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_TESTS_CRYPTO_ARITHMETICS_H
#define MUSTER_TESTS_CRYPTO_ARITHMETICS_H

/* Runs `tests` with each arithmetic that this CPU has; how many of those runs failed. */
int with_every_arithmetic(int (*tests)(void));

#endif
