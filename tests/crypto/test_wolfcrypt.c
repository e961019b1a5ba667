/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The module wolfcrypt on a machine without its library. This program's own dlopen finds nothing.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/provider.h"

static const char *asked_for;

void *dlopen(const char *file, int mode) {
    (void)mode;
    asked_for = file;
    return NULL;
}

static void without_the_library_the_module_is_absent_and_keeps_its_name(void **state) {
    (void)state;
    assert_null(asked_for);
    assert_null(provider_find("wolfcrypt"));
    assert_string_equal(asked_for, "libwolfssl.so.35");
    assert_null(provider_find("wolfcrypt"));
    bool named = false;
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        named = named || strcmp(provider_name(n), "wolfcrypt") == 0;
    }
    assert_true(named);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_library_the_module_is_absent_and_keeps_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
