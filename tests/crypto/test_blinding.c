/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>

#include "crypto/hedge.h"
#include "tests/crypto/modules.h"

/* OpenSSL's numbers tell their size by their time, so it must see no secret scalar, only shares.
 * The linker's --wrap sends the native module's calls of EC_POINT_mul here. */
enum {
    SEEN_MAX = 32
};

static struct {
    uint8_t scalars[SEEN_MAX][ECCSI_SCALAR_SIZE];
    int lengths[SEEN_MAX];
    unsigned count;
} seen;

int __real_EC_POINT_mul(const EC_GROUP *group, EC_POINT *out, const BIGNUM *g,
                        const EC_POINT *point, const BIGNUM *k, BN_CTX *context);
int __wrap_EC_POINT_mul(const EC_GROUP *group, EC_POINT *out, const BIGNUM *g,
                        const EC_POINT *point, const BIGNUM *k, BN_CTX *context);

int __wrap_EC_POINT_mul(const EC_GROUP *group, EC_POINT *out, const BIGNUM *g,
                        const EC_POINT *point, const BIGNUM *k, BN_CTX *context) {
    if (g != NULL) {
        assert_in_range(seen.count, 0, SEEN_MAX - 1);
        seen.lengths[seen.count] = BN_num_bytes(g);
        assert_int_equal(BN_bn2binpad(g, seen.scalars[seen.count++], ECCSI_SCALAR_SIZE),
                         ECCSI_SCALAR_SIZE);
    }
    return __real_EC_POINT_mul(group, out, g, point, k, context);
}

/* Two shares for each time that a secret was multiplied by: none is that secret, none comes twice,
 * and none is short. */
static void assert_shares(unsigned expected, const uint8_t secret[ECCSI_SCALAR_SIZE]) {
    assert_int_equal(seen.count, expected);
    for (unsigned i = 0; i < seen.count; i++) {
        assert_int_equal(seen.lengths[i], ECCSI_SCALAR_SIZE);
        assert_memory_not_equal(seen.scalars[i], secret, ECCSI_SCALAR_SIZE);
        for (unsigned j = 0; j < i; j++) {
            assert_memory_not_equal(seen.scalars[i], seen.scalars[j], ECCSI_SCALAR_SIZE);
        }
    }
    seen.count = 0;
}

static void openssl_sees_shares_of_j_and_ssk_alone(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    seen.count = 0;
    struct holder holder = holder_of(provider_find("native"), &keys);
    assert_shares(2, keys.ssk);
    uint8_t j[ECCSI_SCALAR_SIZE], signature[ECCSI_SIGNATURE_SIZE];
    for (unsigned i = 0; i < 4; i++) {
        struct entropy_seeded seeded;
        struct hedge hedge;
        struct entropy entropy = entropy_from_seed(&seeded, 6507);
        const struct entropy hedged =
            hedge_over(&hedge, &entropy, keys.ssk, keys_identifier(&keys));
        assert_int_equal(entropy_draw(&hedged, j, sizeof j), STATUS_OK);
        entropy = entropy_from_seed(&seeded, 6507);
        assert_int_equal(
            holder.module->sign(holder.signing_key, keys_identifier(&keys), &entropy, signature),
            STATUS_OK);
    }
    assert_shares(8, j);
    holder_free(&holder);
}

static void openssl_sees_shares_of_ksak_and_v_alone(void **state) {
    (void)state;
    const struct provider *module = provider_find("native");
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 6507);
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE], v[ECCSI_SCALAR_SIZE];
    uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    struct master_key *master;
    assert_int_equal(module->master_generate(&entropy, z, ksak), STATUS_OK);
    seen.count = 0;
    assert_int_equal(module->master_load(z, ksak, &master), STATUS_OK);
    assert_shares(2, ksak);
    entropy = entropy_from_seed(&seeded, 1);
    assert_int_equal(entropy_draw(&entropy, v, sizeof v), STATUS_OK);
    entropy = entropy_from_seed(&seeded, 1);
    assert_int_equal(
        module->issue_signing_key(master, span_of_text("an identifier"), &entropy, ssk, pvt),
        STATUS_OK);
    assert_shares(2, v);
    module->master_free(master);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_sees_shares_of_j_and_ssk_alone),
        cmocka_unit_test(openssl_sees_shares_of_ksak_and_v_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
