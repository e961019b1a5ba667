/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/arithmetic.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <string.h>

static bool every_cpu(void) {
    return true;
}

#if defined(__x86_64__)
/* Leaf 7 of CPUID. Not all compilers have a name for ADX. */
static bool cpu_has_adx(void) {
    enum {
        BMI2 = 1 << 8,
        ADX = 1 << 19
    };
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & BMI2) && (b & ADX);
}

/* All that eight/ is compiled for. */
static bool cpu_has_ifma(void) {
    return cpu_has_adx() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
}
#endif

static const struct {
    const struct arithmetic *arithmetic;
    bool (*is_present)(void);
} arithmetics[] = {
    {&portable_arithmetic, every_cpu},
#if defined(__x86_64__)
    {&adx_arithmetic, cpu_has_adx},
    {&ifma_arithmetic, cpu_has_ifma},
#endif
};

enum {
    ARITHMETICS = sizeof arithmetics / sizeof *arithmetics
};

/* Written before main and by arithmetic_choose alone. */
static const struct arithmetic *chosen = &portable_arithmetic;

__attribute__((constructor)) static void choose_fastest(void) {
    for (unsigned i = 0; i < ARITHMETICS; i++) {
        if (arithmetics[i].is_present()) {
            chosen = arithmetics[i].arithmetic;
        }
    }
}

const struct arithmetic *arithmetic_chosen(void) {
    return chosen;
}

void arithmetic_choose(const struct arithmetic *arithmetic) {
    chosen = arithmetic;
}

const struct arithmetic *arithmetic_find(const char *name) {
    for (unsigned i = 0; i < ARITHMETICS; i++) {
        if (strcmp(arithmetics[i].arithmetic->name, name) == 0 && arithmetics[i].is_present()) {
            return arithmetics[i].arithmetic;
        }
    }
    return NULL;
}

const char *arithmetic_name(unsigned n) {
    return n < ARITHMETICS ? arithmetics[n].arithmetic->name : NULL;
}
