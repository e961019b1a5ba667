/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

unsigned cases_to_try(void) {
#if defined(__SANITIZE_ADDRESS__)
    return CASES_OF_DIGEST;
#else
    const char *all = getenv("MUSTER_TESTS_ALL");
    return all != NULL && *all != '\0' ? CASES : 2 * CASES_OF_DIGEST;
#endif
}

static void expand(const char *label, unsigned number, uint8_t *out, size_t length) {
    uint8_t octets[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                        (uint8_t)number, 0};
    uint8_t digest[DIGEST_SIZE];
    for (; length > 0; octets[4]++) {
        size_t taken = length < DIGEST_SIZE ? length : DIGEST_SIZE;
        struct span parts[] = {{(const uint8_t *)label, strlen(label)}, SPAN_OF(octets)};
        assert_int_equal(digest_of(parts, 2, digest), STATUS_OK);
        memcpy(out, digest, taken);
        out += taken;
        length -= taken;
    }
}

static void make_ssv(const char *label, unsigned i, uint8_t ssv[SSV_SIZE]) {
    expand(label, i, ssv, SSV_SIZE);
    if (i % 32 == 0) {
        memset(ssv, i % 64 == 0 ? 0 : 0xFF, SSV_SIZE);
    }
}

struct exchange case_of(unsigned i) {
    struct exchange exchange = {.identifier_length = 1 + i % CASE_IDENTIFIER_MAX};
    expand("identifier", i, exchange.identifier, exchange.identifier_length);
    make_ssv("ssv", i, exchange.ssv);
    return exchange;
}

struct exchange case_of_one_receiver(unsigned i) {
    struct exchange exchange = case_of(i / CASES_OF_DOMAIN * CASES_OF_DOMAIN);
    make_ssv("ssv of one receiver", i, exchange.ssv);
    return exchange;
}

struct span case_identifier(const struct exchange *exchange) {
    return (struct span){exchange->identifier, exchange->identifier_length};
}

void case_domain_make(unsigned d, struct case_domain *out) {
    uint8_t ksak[ECCSI_SCALAR_SIZE] = {[ECCSI_SCALAR_SIZE - 1] = 1};
    const struct provider *module = provider_find("native");
    *out = (struct case_domain){.module = module, .receiver = case_of(d * CASES_OF_DOMAIN)};
    expand("z", d, out->z, sizeof out->z);
    out->z[0] &= 0x1F;
    struct span identifier = case_identifier(&out->receiver);
    assert_int_equal(module->master_load(out->z, ksak, &out->master), STATUS_OK);
    assert_int_equal(module->public_keys(out->master, out->z_point, out->kpak), STATUS_OK);
    assert_int_equal(module->domain_load(out->z_point, out->kpak, &out->domain), STATUS_OK);
    assert_int_equal(module->issue_receiver_key(out->master, identifier, out->rsk), STATUS_OK);
    assert_int_equal(
        module->receiver_key_load(out->domain, identifier, out->rsk, &out->receiver_key),
        STATUS_OK);
}

void case_domain_free(struct case_domain *domain) {
    domain->module->receiver_key_free(domain->receiver_key);
    domain->module->domain_free(domain->domain);
    domain->module->master_free(domain->master);
}

void assert_agreement(const char *kind, unsigned first,
                      const uint8_t data[CASES_OF_DIGEST][SAKKE_DATA_SIZE]) {
    char wanted[32], line[128], actual[2 * DIGEST_SIZE + 1];
    uint8_t digest[DIGEST_SIZE];
    struct span all = {data[0], sizeof data[0] * CASES_OF_DIGEST};
    assert_int_equal(digest_of(&all, 1, digest), STATUS_OK);
    for (unsigned i = 0; i < DIGEST_SIZE; i++) {
        snprintf(actual + 2 * i, 3, "%02x", digest[i]);
    }
    int length = snprintf(wanted, sizeof wanted, "%s %u ", kind, first);
    FILE *file = fopen("fixtures/vectors/agreement.txt", "r");
    assert_non_null(file);
    bool found = false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        found = strncmp(line, wanted, (size_t)length) == 0;
    }
    fclose(file);
    assert_true(found);
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line + length, actual) != 0) {
        fail_msg("exchanges %u to %u of kind \"%s\" do not agree", first,
                 first + CASES_OF_DIGEST - 1, kind);
    }
}
