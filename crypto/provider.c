/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/provider.h"

#include <string.h>

#include "crypto/native/arithmetic.h"
#include "crypto/native/native.h"
#include "crypto/wolfcrypt/wolfcrypt.h"

static const struct provider *native_find(void) {
    return &native_provider;
}

/* "native:portable" and so on. */
static const char native_with[] = "native:";

static const struct provider *native_find_with(const char *arithmetic_name) {
    const struct arithmetic *arithmetic = arithmetic_find(arithmetic_name);
    if (arithmetic == NULL) {
        return NULL;
    }
    arithmetic_choose(arithmetic);
    return &native_provider;
}

static const struct {
    const char *name;
    const struct provider *(*find)(void);
} modules[] = {
    {"native", native_find},
    {"wolfcrypt", wolfcrypt_provider},
};

enum {
    MODULE_COUNT = sizeof modules / sizeof *modules
};

const struct provider *provider_find(const char *name) {
    if (strncmp(name, native_with, sizeof native_with - 1) == 0) {
        return native_find_with(name + sizeof native_with - 1);
    }
    for (unsigned n = 0; n < MODULE_COUNT; n++) {
        if (strcmp(modules[n].name, name) == 0) {
            return modules[n].find();
        }
    }
    return NULL;
}

const char *provider_name(unsigned n) {
    return n < MODULE_COUNT ? modules[n].name : NULL;
}
