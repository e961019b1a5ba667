/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/wolfcrypt/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The library asks this device of ours for random octets ("MUST"). */
enum {
    ENTROPY_DEVICE = 0x4D555354
};

struct loaded_library {
    pthread_once_t once;
    bool usable;
    struct wolfcrypt_library functions;
};

/* Written once, before the first use, and only read from then on. */
static struct loaded_library loaded = {.once = PTHREAD_ONCE_INIT};

static const struct {
    const char *name;
    size_t member;
} functions[] = {
#define WOLFCRYPT_ROW(name) {#name, offsetof(struct wolfcrypt_library, name)},
    WOLFCRYPT_FUNCTIONS(WOLFCRYPT_ROW)
#undef WOLFCRYPT_ROW
};

static int draw_for_library(int device, wc_CryptoInfo *info, void *context) {
    (void)device;
    (void)context;
    if (info->algo_type != WC_ALGO_TYPE_RNG) {
        return CRYPTOCB_UNAVAILABLE;
    }
    const struct wolfcrypt_generator *generator = (const struct wolfcrypt_generator *)info->rng.rng;
    if (entropy_draw(generator->entropy, info->rng.out, info->rng.sz) != STATUS_OK) {
        return RNG_FAILURE_E;
    }
    return 0;
}

static bool version_matches(void *handle) {
    unsigned int (*version)(void) = NULL;
    void *symbol = dlsym(handle, "wolfSSL_lib_version_hex");
    memcpy(&version, &symbol, sizeof version);
    return version != NULL && version() == LIBWOLFSSL_VERSION_HEX;
}

static bool find_functions(void *handle, struct wolfcrypt_library *library) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *symbol = dlsym(handle, functions[i].name);
        if (symbol == NULL) {
            return false;
        }
        memcpy((uint8_t *)library + functions[i].member, &symbol, sizeof symbol);
    }
    return true;
}

static void load(void) {
    void *handle = dlopen("libwolfssl.so.35", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return;
    }
    if (!version_matches(handle) || !find_functions(handle, &loaded.functions)) {
        dlclose(handle);
        return;
    }
    loaded.usable =
        loaded.functions.wolfCrypt_Init() == 0 &&
        loaded.functions.wc_CryptoCb_RegisterDevice(ENTROPY_DEVICE, draw_for_library, NULL) == 0;
}

const struct wolfcrypt_library *wolfcrypt_library(void) {
    if (pthread_once(&loaded.once, load) != 0 || !loaded.usable) {
        return NULL;
    }
    return &loaded.functions;
}

struct wolfcrypt_generator wolfcrypt_generator_from(const struct entropy *entropy) {
    /* Never initialised by the library, so it has no generator of its own to fall back on: without
     * our device it fails. */
    struct wolfcrypt_generator generator;
    memset(&generator, 0, sizeof generator);
    generator.rng.devId = ENTROPY_DEVICE;
    generator.entropy = entropy;
    return generator;
}

void wolfcrypt_forget_points(const struct wolfcrypt_library *library) {
    library->wc_ecc_fp_free();
}

enum status wolfcrypt_status(int error) {
    if (error == 0) {
        return STATUS_OK;
    }
    return error == MEMORY_E || error == MP_MEM ? STATUS_NO_MEMORY : STATUS_LIBRARY_FAILED;
}
