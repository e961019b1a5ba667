/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/provider.h"

#include <string.h>

#include "crypto/native/native.h"
#include "crypto/wolfcrypt/wolfcrypt.h"

static const struct provider *native_find(void) {
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
    for (unsigned n = 0; n < MODULE_COUNT; n++) {
        if (strcmp(modules[n].name, name) == 0)
            return modules[n].find();
    }
    return NULL;
}

const char *provider_name(unsigned n) {
    return n < MODULE_COUNT ? modules[n].name : NULL;
}
