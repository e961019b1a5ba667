/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/multiplications.h"

#include "crypto/native/parameters.h"

struct eight; /* eight/field.h, which only files built for it can include */

static const struct arithmetic *counted;
static struct arithmetic counting;
static struct multiplications count;

static void multiply(struct residue *out, const struct residue *a, const struct residue *b,
                     const struct modulus *m) {
    count.one_at_a_time += m == &sakke_p;
    counted->multiply(out, a, b, m);
}

static void square(struct residue *out, const struct residue *a, const struct modulus *m) {
    count.one_at_a_time += m == &sakke_p;
    counted->square(out, a, m);
}

static void multiply_add(struct residue *out, const struct residue *a, const struct residue *b,
                         const struct residue *c, const struct residue *d,
                         const struct modulus *m) {
    count.one_at_a_time += m == &sakke_p ? 1.5 : 0;
    counted->multiply_add(out, a, b, c, d, m);
}

const struct arithmetic *multiplications_counted(const struct arithmetic *arithmetic) {
    counted = arithmetic;
    counting = *arithmetic;
    counting.multiply = multiply;
    counting.square = square;
    counting.multiply_add = multiply_add;
    return &counting;
}

struct multiplications multiplications_take(void) {
    struct multiplications taken = count;
    count = (struct multiplications){0, 0};
    return taken;
}

/* The linker's --wrap sends calls of eight_NAME to __wrap_eight_NAME. */
void __real_eight_multiply(struct eight *out, const struct eight *a, const struct eight *b);
void __wrap_eight_multiply(struct eight *out, const struct eight *a, const struct eight *b);
void __real_eight_multiply_add(struct eight *out, const struct eight *a, const struct eight *b,
                               const struct eight *c, const struct eight *d);
void __wrap_eight_multiply_add(struct eight *out, const struct eight *a, const struct eight *b,
                               const struct eight *c, const struct eight *d);

void __wrap_eight_multiply(struct eight *out, const struct eight *a, const struct eight *b) {
    count.eight_at_a_time += 1;
    __real_eight_multiply(out, a, b);
}

void __wrap_eight_multiply_add(struct eight *out, const struct eight *a, const struct eight *b,
                               const struct eight *c, const struct eight *d) {
    count.eight_at_a_time += 1.5;
    __real_eight_multiply_add(out, a, b, c, d);
}
