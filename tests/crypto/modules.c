/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/modules.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct provider *module_at(unsigned n) {
    const char *name;
    for (unsigned built_in = 0; (name = provider_name(built_in)) != NULL; built_in++) {
        const struct provider *module = provider_find(name);
        if (module != NULL && n-- == 0) {
            return module;
        }
    }
    return NULL;
}

void check_status(const struct provider *module, enum status expected, enum status actual,
                  const char *expression, const char *file, int line) {
    if (actual == expected) {
        return;
    }
    print_error("module %s: %s is %s, not %s\n", module->name, expression, status_name(actual),
                status_name(expected));
    _fail(file, line);
}

struct span keys_identifier(const struct keys *keys) {
    return (struct span){keys->identifier, keys->identifier_length};
}

static struct keys keys_of_fixtures(const struct fixture *eccsi, const struct fixture *sakke) {
    struct span identifier = fixture_octets(sakke, "identifier");
    struct keys keys = {.identifier_length = identifier.length};
    assert_true(identifier.length <= sizeof keys.identifier);
    memcpy(keys.identifier, identifier.octets, identifier.length);
    memcpy(keys.z, fixture_exactly(sakke, "Z", sizeof keys.z), sizeof keys.z);
    memcpy(keys.rsk, fixture_exactly(sakke, "RSK", sizeof keys.rsk), sizeof keys.rsk);
    memcpy(keys.kpak, fixture_exactly(eccsi, "KPAK", sizeof keys.kpak), sizeof keys.kpak);
    memcpy(keys.ssk, fixture_exactly(eccsi, "SSK", sizeof keys.ssk), sizeof keys.ssk);
    memcpy(keys.pvt, fixture_exactly(eccsi, "PVT", sizeof keys.pvt), sizeof keys.pvt);
    return keys;
}

struct keys keys_of_fixture(const struct fixture *fixture) {
    return keys_of_fixtures(fixture, fixture);
}

struct keys keys_of_rfc(void) {
    struct fixture eccsi, sakke;
    fixture_find("rfc.txt", "RFC 6507 appendix A", &eccsi);
    fixture_find("rfc.txt", "RFC 6508 appendix A", &sakke);
    return keys_of_fixtures(&eccsi, &sakke);
}

struct keys keys_issued_by(const struct provider *module, const struct entropy *entropy,
                           const char *identifier) {
    struct keys keys = {.identifier_length = strlen(identifier)};
    assert_true(keys.identifier_length <= sizeof keys.identifier);
    memcpy(keys.identifier, identifier, keys.identifier_length);
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    struct master_key *master;
    assert_status(module, STATUS_OK, module->master_generate(entropy, z, ksak));
    assert_status(module, STATUS_OK, module->master_load(z, ksak, &master));
    assert_status(module, STATUS_OK, module->public_keys(master, keys.z, keys.kpak));
    assert_status(module, STATUS_OK,
                  module->issue_receiver_key(master, keys_identifier(&keys), keys.rsk));
    assert_status(
        module, STATUS_OK,
        module->issue_signing_key(master, keys_identifier(&keys), entropy, keys.ssk, keys.pvt));
    module->master_free(master);
    return keys;
}

struct holder holder_of(const struct provider *module, const struct keys *keys) {
    struct holder holder = {.module = module};
    assert_status(module, STATUS_OK, module->domain_load(keys->z, keys->kpak, &holder.domain));
    assert_status(module, STATUS_OK,
                  module->signing_key_load(holder.domain, keys_identifier(keys), keys->ssk,
                                           keys->pvt, &holder.signing_key));
    assert_status(module, STATUS_OK,
                  module->receiver_key_load(holder.domain, keys_identifier(keys), keys->rsk,
                                            &holder.receiver_key));
    return holder;
}

void holder_free(struct holder *holder) {
    holder->module->receiver_key_free(holder->receiver_key);
    holder->module->signing_key_free(holder->signing_key);
    holder->module->domain_free(holder->domain);
}

int modules_setup(void **state) {
    struct modules *modules = calloc(1, sizeof *modules);
    assert_non_null(modules);
    modules->rfc = keys_of_rfc();
    const struct provider *module;
    while ((module = module_at(modules->count)) != NULL) {
        assert_true(modules->count < sizeof modules->holders / sizeof *modules->holders);
        modules->holders[modules->count++] = holder_of(module, &modules->rfc);
    }
    *state = modules;
    return 0;
}

int modules_teardown(void **state) {
    struct modules *modules = *state;
    for (unsigned n = 0; n < modules->count; n++) {
        holder_free(&modules->holders[n]);
    }
    free(modules);
    return 0;
}

uint64_t seed_of_run(void) {
    const char *given = getenv("MUSTER_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 6508;
    print_message("seed: MUSTER_SEED=%" PRIu64 "\n", seed);
    return seed;
}
