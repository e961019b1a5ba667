/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comb.h does, eight at a time: comb.c calls this when the chosen arithmetic has it. In the
 * tables a lane is a block. One multiple has its eight blocks added up side by side; eight
 * multiples go around the blocks, each in a lane of its own. Constant-time in the scalars, which
 * come recoded.
 */
#ifndef MUSTER_CRYPTO_NATIVE_EIGHT_COMB_H
#define MUSTER_CRYPTO_NATIVE_EIGHT_COMB_H

#include "crypto/native/comb.h"

/* From the form for one at a time, which the comb is in, to this one. */
void eight_curve_comb_pack(struct curve_comb *comb);
void eight_power_comb_pack(struct power_comb *comb);

/* The sum of `bases` multiples: recoded[i] times the base of combs[i]. */
void eight_curve_multiply(struct curve_point *out, unsigned bases,
                          const struct curve_comb *const combs[], const struct residue recoded[]);

/* Eight such sums: out[j] is that of recoded[i * EIGHT + j] times the base of combs[i]. */
void eight_curve_multiply_each(struct curve_point out[EIGHT], unsigned bases,
                               const struct curve_comb *const combs[],
                               const struct residue recoded[]);

void eight_power_raise(struct quadratic *out, const struct power_comb *comb,
                       const struct residue *recoded);
void eight_power_raise_each(struct quadratic out[EIGHT], const struct power_comb *comb,
                            const struct residue recoded[EIGHT]);

#endif
