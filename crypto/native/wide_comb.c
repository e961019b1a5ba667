/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/wide_comb.h"

#include "crypto/native/answer.h"

_Static_assert((int)WIDE_BLOCKS <= (int)COMB_BLOCKS_MAX, "comb_sums makes room for the blocks");
_Static_assert(WIDE_BLOCKS *WIDE_COLUMNS == COMB_SPACING, "each place has a block and a column");

void wide_comb_build(struct wide_comb *comb, const struct affine_point *base) {
    comb_sums(comb->sums, WIDE_BLOCKS, base);
}

/* Block by block, whose sums stay in the CPU's nearest cache meanwhile. */
static void look_up_all(size_t count, const struct wide_comb *comb, const struct residue recoded[],
                        struct wide_work *work) {
    for (unsigned block = 0; block < WIDE_BLOCKS; block++) {
        for (size_t row = 0; row < count * WIDE_COLUMNS; row++) {
            unsigned place = block * WIDE_COLUMNS + (unsigned)row % WIDE_COLUMNS;
            struct comb_digit digit = comb_digit_at(&recoded[row / WIDE_COLUMNS], place);
            comb_look_up(&work->digits[row][block], comb->sums[block], digit);
        }
    }
}

/* Adds the points of each row in pairs, with one inversion for all. A mask: not where two of them
 * had the same x, for then the product of all differences is 0, and so is every inverse. */
static uint64_t halve(struct wide_work *work, size_t rows, unsigned length) {
    unsigned pairs = length / 2;
    size_t n = 0;
    for (size_t row = 0; row < rows; row++) {
        const struct affine_point *points = work->digits[row];
        for (unsigned i = 0; i < pairs; i++) {
            field_subtract(&work->inverses[n++], &points[2 * i + 1].x, &points[2 * i].x);
        }
    }
    field_invert_all(work->inverses, work->products, n);
    uint64_t good = ~field_is_zero(&work->inverses[0]);
    n = 0;
    for (size_t row = 0; row < rows; row++) {
        struct affine_point *points = work->digits[row];
        for (unsigned i = 0; i < pairs; i++) {
            curve_add_chord(&points[i], &points[2 * i], &points[2 * i + 1], &work->inverses[n++]);
        }
        if (length % 2 != 0) {
            points[pairs] = points[length - 1];
        }
    }
    return good;
}

/* The sums of the columns are there: twice that of each, with that of the next lower. */
static void add_columns(struct curve_point *out, struct affine_point rows[][WIDE_BLOCKS]) {
    curve_from_affine(out, &rows[WIDE_COLUMNS - 1][0]);
    for (unsigned column = WIDE_COLUMNS - 1; column-- > 0;) {
        curve_double(out, out);
        curve_add_affine(out, out, &rows[column][0]);
    }
}

/* In affine form, with one inversion for all. A mask: not where one is at infinity. */
static uint64_t to_affine(size_t count, struct affine_point out[],
                          const struct curve_point points[], struct wide_work *work) {
    for (size_t i = 0; i < count; i++) {
        work->inverses[i] = points[i].z;
    }
    field_invert_all(work->inverses, work->products, count);
    for (size_t i = 0; i < count; i++) {
        field_multiply(&out[i].x, &points[i].x, &work->inverses[i]);
        field_multiply(&out[i].y, &points[i].y, &work->inverses[i]);
    }
    return ~field_is_zero(&work->inverses[0]);
}

bool wide_comb_multiply(size_t count, struct affine_point out[], const struct wide_comb *comb,
                        const struct residue scalars[], struct wide_work *work) {
    struct residue recoded[WIDE_SCALARS];
    struct curve_point points[WIDE_SCALARS];
    uint64_t good = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        comb_recode(&recoded[i], &scalars[i]);
    }
    look_up_all(count, comb, recoded, work);
    for (unsigned length = WIDE_BLOCKS; length > 1; length -= length / 2) {
        good &= halve(work, count * WIDE_COLUMNS, length);
    }
    for (size_t i = 0; i < count; i++) {
        add_columns(&points[i], &work->digits[i * WIDE_COLUMNS]);
    }
    good &= to_affine(count, out, points, work);
    return answer(good);
}
