/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/arithmetics.h"

#include <stdio.h>

#include "crypto/native/arithmetic.h"

int with_every_arithmetic(int (*tests)(void)) {
    int failed = 0;
    const char *name;
    for (unsigned n = 0; (name = arithmetic_name(n)) != NULL; n++) {
        const struct arithmetic *arithmetic = arithmetic_find(name);
        printf("arithmetic: %s%s\n", name, arithmetic == NULL ? " (this CPU has it not)" : "");
        fflush(stdout);
        if (arithmetic == NULL) {
            continue;
        }
        arithmetic_choose(arithmetic);
        failed += tests() != 0;
    }
    return failed;
}
