/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every crypto module must refuse (crypto/provider.h), shown on each module present: altered
 * signatures and encapsulations, points that are none or of the wrong order, keys of somebody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/provider.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/vectors.h"

/* The order of P-256. */
#define P256_ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

/* The order q of SAKKE parameter set 1 (RFC 6509 appendix A). */
#define SAKKE_ORDER                                                                                \
    "265eaec7c2958ff69971846636b4195e905b0338672d20986fa6b8d62cf8068bbd02aac9f8bf03c6c8a1cc354c69" \
    "672c39e46ce7fdf222864d5b49fd2999a9b4389b1921cc9ad335144ab173595a07386dabfd2a0c614aa0a9f3cf14" \
    "870f026aa7e535abd5a5c7c7ff38fa08e2615f6c203177c42b1eb3a1d99b601ebfaa17fb"

static const char message_text[] = "ad-hoc group: three members";

/* A signature of the RFC's identity on message_text. */
static void sign_message(const struct holder *holder, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 6507);
    assert_status(
        holder->module, STATUS_OK,
        holder->module->sign(holder->signing_key, span_of_text(message_text), &entropy, signature));
}

static enum status verify_message(const struct holder *holder, const struct keys *keys,
                                  const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    return holder->module->verify(holder->domain, keys_identifier(keys), span_of_text(message_text),
                                  signature);
}

/* --- Signatures --------------------------------------------------------------------------- */

static void a_signature_of_another_message_or_identifier_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(&holder, signature);
        assert_status(module, STATUS_OK, verify_message(&holder, &keys, signature));
        struct span identifier = keys_identifier(&keys), message = span_of_text(message_text);
        struct span shorter_message = {message.octets, message.length - 1};
        struct span shorter_identifier = {identifier.octets, identifier.length - 1};
        struct span no_octets = {NULL, 0};
        const struct span identifiers[] = {identifier, shorter_identifier, no_octets,
                                           span_of_text("2011-02 tel:+447700900124")};
        const struct span messages[] = {message, shorter_message, no_octets,
                                        span_of_text("ad-hoc group: three members!")};
        for (size_t i = 0; i < 4; i++) {
            for (size_t m = i == 0 ? 1 : 0; m < 4; m++)
                assert_status(
                    module, STATUS_SIGNATURE_INVALID,
                    module->verify(holder.domain, identifiers[i], messages[m], signature));
        }
        holder_free(&holder);
    }
}

static void a_signature_with_any_octet_altered_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(&holder, signature);
        for (size_t i = 0; i < sizeof signature; i++) {
            uint8_t mask = (uint8_t)(1u << (i % 8));
            signature[i] ^= mask;
            assert_status(module, STATUS_SIGNATURE_INVALID,
                          verify_message(&holder, &keys, signature));
            signature[i] ^= mask;
        }
        assert_status(module, STATUS_OK, verify_message(&holder, &keys, signature));
        holder_free(&holder);
    }
}

/* With r = s = 0 the point that verification ends in is infinity: an implementation that takes its
 * x for 0 accepts such a signature for any message. */
static void a_signature_with_r_or_s_out_of_range_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t genuine[ECCSI_SIGNATURE_SIZE], order[ECCSI_SCALAR_SIZE];
        sign_message(&holder, genuine);
        octets_of_hex(P256_ORDER, order, sizeof order);
        static const uint8_t zero[ECCSI_SCALAR_SIZE];
        const uint8_t *const rs[] = {zero, order, genuine};
        const uint8_t *const ss[] = {zero, order, genuine + ECCSI_SCALAR_SIZE};
        for (size_t i = 0; i < 3; i++) {
            for (size_t j = 0; j < 3; j++) {
                uint8_t forged[ECCSI_SIGNATURE_SIZE];
                memcpy(forged, genuine, sizeof forged);
                memcpy(forged, rs[i], ECCSI_SCALAR_SIZE);
                memcpy(forged + ECCSI_SCALAR_SIZE, ss[j], ECCSI_SCALAR_SIZE);
                assert_status(module, i == 2 && j == 2 ? STATUS_OK : STATUS_SIGNATURE_INVALID,
                              verify_message(&holder, &keys, forged));
            }
        }
        holder_free(&holder);
    }
}

static void a_signature_whose_pvt_is_no_point_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        static const uint8_t fillings[] = {0x00, 0xFF};
        for (size_t i = 0; i < sizeof fillings; i++) {
            sign_message(&holder, signature);
            memset(signature + 2 * ECCSI_SCALAR_SIZE + 1, fillings[i], ECCSI_POINT_SIZE - 1);
            assert_status(module, STATUS_SIGNATURE_INVALID,
                          verify_message(&holder, &keys, signature));
        }
        holder_free(&holder);
    }
}

static void a_signature_of_another_domain_is_refused(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct keys foreign = keys_issued_by(module, &entropy, "2026-11 tel:+447700900123");
        struct holder holder = holder_of(module, &keys), other = holder_of(module, &foreign);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(&other, signature);
        assert_status(module, STATUS_OK, verify_message(&other, &foreign, signature));
        assert_status(module, STATUS_SIGNATURE_INVALID,
                      verify_message(&holder, &foreign, signature));
        holder_free(&holder);
        holder_free(&other);
    }
}

/* --- Encapsulated data -------------------------------------------------------------------- */

static void refuse_data(const struct holder *holder, enum status expected,
                        const uint8_t data[SAKKE_DATA_SIZE]) {
    static const uint8_t nothing[SSV_SIZE];
    uint8_t ssv[SSV_SIZE];
    memset(ssv, 0xA5, sizeof ssv);
    assert_status(holder->module, expected,
                  holder->module->decapsulate(holder->receiver_key, data, ssv));
    uint8_t genuine[SSV_SIZE];
    octets_of_hex(RFC6508_SSV, genuine, sizeof genuine);
    assert_memory_not_equal(ssv, genuine, sizeof ssv);
    /* Untouched or wiped: nothing of what a wrong R leads to. */
    if (ssv[0] != 0xA5)
        assert_memory_equal(ssv, nothing, sizeof ssv);
}

static void an_r_with_any_octet_altered_is_off_the_curve(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t data[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_DATA, data, sizeof data);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        for (size_t i = 0; i < SAKKE_POINT_SIZE; i++) {
            uint8_t mask = (uint8_t)(1u << (i % 8));
            data[i] ^= mask;
            refuse_data(&holder, STATUS_POINT_INVALID, data);
            data[i] ^= mask;
        }
        holder_free(&holder);
    }
}

static void an_r_that_is_not_of_order_q_is_refused(void **state) {
    (void)state;
    static const char *const points[] = {ORDER_4_POINT, R_PLUS_ORDER_2, R_PLUS_ORDER_4,
                                         R_UNREDUCED_X, R_UNREDUCED_Y};
    struct keys keys = keys_of_rfc();
    uint8_t data[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_DATA, data, sizeof data);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
            octets_of_hex(points[i], data, SAKKE_POINT_SIZE);
            refuse_data(&holder, STATUS_POINT_INVALID, data);
        }
        /* (0, 0), the point of order 2, and some implementations' spelling of infinity. */
        memset(data, 0, SAKKE_POINT_SIZE);
        refuse_data(&holder, STATUS_POINT_INVALID, data);
        data[0] = 0x04;
        refuse_data(&holder, STATUS_POINT_INVALID, data);
        holder_free(&holder);
    }
}

static void an_r_that_the_ssv_does_not_lead_to_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t data[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_DATA, data, sizeof data);
    octets_of_hex(R_DOUBLED, data, SAKKE_POINT_SIZE);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        refuse_data(&holder, STATUS_ENCAPSULATION_INVALID, data);
        /* [q - 1]R: the same x, the other y. */
        uint8_t negated[SAKKE_DATA_SIZE];
        octets_of_hex(RFC6508_DATA, negated, sizeof negated);
        octets_of_hex(R_NEGATED, negated, SAKKE_POINT_SIZE);
        refuse_data(&holder, STATUS_ENCAPSULATION_INVALID, negated);
        holder_free(&holder);
    }
}

static void an_h_with_any_octet_altered_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t data[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_DATA, data, sizeof data);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        for (size_t i = SAKKE_POINT_SIZE; i < sizeof data; i++) {
            data[i] ^= 0x10;
            refuse_data(&holder, STATUS_ENCAPSULATION_INVALID, data);
            data[i] ^= 0x10;
        }
        holder_free(&holder);
    }
}

static void what_was_encapsulated_to_another_identifier_is_refused(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_SSV, ssv, sizeof ssv);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        assert_status(module, STATUS_OK,
                      module->encapsulate(holder.domain, span_of_text("2011-02 tel:+447700900124"),
                                          ssv, data));
        refuse_data(&holder, STATUS_ENCAPSULATION_INVALID, data);
        holder_free(&holder);
    }
}

/* --- Domains, keys and master secrets ----------------------------------------------------- */

static void refuse_domain(const struct provider *module, const uint8_t z[SAKKE_POINT_SIZE],
                          const uint8_t kpak[ECCSI_POINT_SIZE]) {
    static char something;
    struct domain_key *domain = (struct domain_key *)&something;
    assert_status(module, STATUS_POINT_INVALID, module->domain_load(z, kpak, &domain));
    assert_null(domain);
}

static void a_domain_whose_keys_are_no_points_of_the_right_order_is_refused(void **state) {
    (void)state;
    static const char *const zs[] = {ORDER_4_POINT, Z_PLUS_ORDER_2, R_UNREDUCED_X, R_UNREDUCED_Y};
    static const size_t altered[] = {0, 1, 32, 33, 64};
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct keys keys = keys_of_rfc();
        uint8_t z[SAKKE_POINT_SIZE] = {0x04};
        refuse_domain(module, z, keys.kpak);
        for (size_t i = 0; i < sizeof zs / sizeof *zs; i++) {
            octets_of_hex(zs[i], z, sizeof z);
            refuse_domain(module, z, keys.kpak);
        }
        memcpy(z, keys.z, sizeof z);
        z[200] ^= 1;
        refuse_domain(module, z, keys.kpak);
        for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
            keys.kpak[altered[i]] ^= 1;
            refuse_domain(module, keys.z, keys.kpak);
            keys.kpak[altered[i]] ^= 1;
        }
        memset(keys.kpak + 1, 0, sizeof keys.kpak - 1);
        refuse_domain(module, keys.z, keys.kpak);
        memset(keys.kpak + 1, 0xFF, sizeof keys.kpak - 1);
        refuse_domain(module, keys.z, keys.kpak);
    }
}

static void refuse_keys(const struct holder *holder, const struct keys *keys, bool signing,
                        bool receiving) {
    static char something;
    const struct provider *module = holder->module;
    struct signing_key *signing_key = (struct signing_key *)&something;
    struct receiver_key *receiver_key = (struct receiver_key *)&something;
    if (signing) {
        assert_status(module, STATUS_KEY_INVALID,
                      module->signing_key_load(holder->domain, keys_identifier(keys), keys->ssk,
                                               keys->pvt, &signing_key));
        assert_null(signing_key);
    }
    if (receiving) {
        assert_status(module, STATUS_KEY_INVALID,
                      module->receiver_key_load(holder->domain, keys_identifier(keys), keys->rsk,
                                                &receiver_key));
        assert_null(receiver_key);
    }
}

static void keys_of_another_identity_or_domain_are_refused_at_load(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct keys genuine = keys_of_rfc(), keys = genuine;
        struct holder holder = holder_of(module, &genuine);
        keys.identifier[keys.identifier_length - 2] ^= 1;
        refuse_keys(&holder, &keys, true, true);
        struct keys foreign = keys_issued_by(module, &entropy, "2026-11 tel:+447700900123");
        refuse_keys(&holder, &foreign, true, true);

        keys = genuine;
        keys.ssk[31] ^= 1;
        refuse_keys(&holder, &keys, true, false);
        memset(keys.ssk, 0, sizeof keys.ssk);
        refuse_keys(&holder, &keys, true, false);
        octets_of_hex(P256_ORDER, keys.ssk, sizeof keys.ssk);
        refuse_keys(&holder, &keys, true, false);

        keys = genuine;
        memcpy(keys.pvt, foreign.pvt, sizeof keys.pvt);
        refuse_keys(&holder, &keys, true, false);
        memcpy(keys.rsk, genuine.z, sizeof keys.rsk);
        refuse_keys(&holder, &keys, false, true);
        holder_free(&holder);
    }
}

/* Which of its two names a key that is no point gets is left to the module. */
static void keys_that_are_no_points_are_refused_at_load(void **state) {
    (void)state;
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct keys keys = keys_of_rfc();
        struct holder holder = holder_of(module, &keys);
        struct receiver_key *receiver_key;
        struct signing_key *signing_key;
        uint8_t rsks[4][SAKKE_POINT_SIZE] = {{0x04}};
        octets_of_hex(RSK_PLUS_ORDER_2, rsks[1], sizeof rsks[1]);
        memcpy(rsks[2], keys.rsk, sizeof rsks[2]);
        rsks[2][0] = 0x02;
        memcpy(rsks[3], keys.rsk, sizeof rsks[3]);
        rsks[3][256] ^= 1;
        for (size_t i = 0; i < 4; i++) {
            assert_int_not_equal(module->receiver_key_load(holder.domain, keys_identifier(&keys),
                                                           rsks[i], &receiver_key),
                                 STATUS_OK);
            assert_null(receiver_key);
        }
        static const size_t altered[] = {0, 1, 64};
        for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
            keys.pvt[altered[i]] ^= 1;
            assert_int_not_equal(module->signing_key_load(holder.domain, keys_identifier(&keys),
                                                          keys.ssk, keys.pvt, &signing_key),
                                 STATUS_OK);
            assert_null(signing_key);
            keys.pvt[altered[i]] ^= 1;
        }
        holder_free(&holder);
    }
}

static void load_master(const struct provider *module, enum status expected,
                        const uint8_t z[SAKKE_FIELD_SIZE], const uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    static char something;
    struct master_key *master = (struct master_key *)&something;
    assert_status(module, expected, module->master_load(z, ksak, &master));
    if (expected == STATUS_OK)
        module->master_free(master);
    else
        assert_null(master);
}

static void master_secrets_are_taken_in_their_ranges_alone(void **state) {
    (void)state;
    uint8_t z[SAKKE_FIELD_SIZE] = {0}, q[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE] = {0}, order[ECCSI_SCALAR_SIZE];
    octets_of_hex(SAKKE_ORDER, q, sizeof q);
    octets_of_hex(P256_ORDER, order, sizeof order);
    z[SAKKE_FIELD_SIZE - 1] = 2;
    ksak[ECCSI_SCALAR_SIZE - 1] = 1;
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        uint8_t z_below[SAKKE_FIELD_SIZE] = {0}, ksak_below[ECCSI_SCALAR_SIZE] = {0};
        load_master(module, STATUS_OK, z, ksak);
        load_master(module, STATUS_KEY_INVALID, z, ksak_below);
        load_master(module, STATUS_KEY_INVALID, z_below, ksak);
        z_below[SAKKE_FIELD_SIZE - 1] = 1;
        load_master(module, STATUS_KEY_INVALID, z_below, ksak);
        load_master(module, STATUS_KEY_INVALID, q, ksak);
        load_master(module, STATUS_KEY_INVALID, z, order);
        memcpy(z_below, q, sizeof q);
        z_below[SAKKE_FIELD_SIZE - 1]--;
        memcpy(ksak_below, order, sizeof order);
        ksak_below[ECCSI_SCALAR_SIZE - 1]--;
        load_master(module, STATUS_OK, z_below, ksak_below);
    }
}

/* RFC 6508 6.1.1: a + z_T must have an inverse modulo q. */
static void an_identifier_that_cancels_the_master_secret_gets_no_receiver_key(void **state) {
    (void)state;
    static const uint8_t identifier[] = {0x05};
    uint8_t z[SAKKE_FIELD_SIZE], rsk[SAKKE_POINT_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE] = {1};
    octets_of_hex(SAKKE_ORDER, z, sizeof z);
    z[SAKKE_FIELD_SIZE - 1] = (uint8_t)(z[SAKKE_FIELD_SIZE - 1] - identifier[0]);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct master_key *master;
        assert_status(module, STATUS_OK, module->master_load(z, ksak, &master));
        assert_status(module, STATUS_KEY_INVALID,
                      module->issue_receiver_key(master, SPAN_OF(identifier), rsk));
        module->master_free(master);
    }
}

/* --- A source of randomness that fails ---------------------------------------------------- */

static enum status draw_nothing(void *context, uint8_t *out, size_t length) {
    (void)context;
    (void)out;
    (void)length;
    return STATUS_LIBRARY_FAILED;
}

static void nothing_is_signed_or_issued_without_randomness(void **state) {
    (void)state;
    const struct entropy broken = {draw_nothing, NULL};
    struct keys keys = keys_of_rfc();
    uint8_t z[SAKKE_FIELD_SIZE] = {1}, ksak[ECCSI_SCALAR_SIZE] = {1};
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        struct master_key *master;
        uint8_t signature[ECCSI_SIGNATURE_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
        uint8_t drawn_z[SAKKE_FIELD_SIZE], drawn_ksak[ECCSI_SCALAR_SIZE];
        assert_status(
            module, STATUS_LIBRARY_FAILED,
            module->sign(holder.signing_key, span_of_text(message_text), &broken, signature));
        assert_status(module, STATUS_LIBRARY_FAILED,
                      module->master_generate(&broken, drawn_z, drawn_ksak));
        assert_status(module, STATUS_OK, module->master_load(z, ksak, &master));
        assert_status(module, STATUS_LIBRARY_FAILED,
                      module->issue_signing_key(master, keys_identifier(&keys), &broken, ssk, pvt));
        module->master_free(master);
        holder_free(&holder);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_of_another_message_or_identifier_is_refused),
        cmocka_unit_test(a_signature_with_any_octet_altered_is_refused),
        cmocka_unit_test(a_signature_with_r_or_s_out_of_range_is_refused),
        cmocka_unit_test(a_signature_whose_pvt_is_no_point_is_refused),
        cmocka_unit_test(a_signature_of_another_domain_is_refused),
        cmocka_unit_test(an_r_with_any_octet_altered_is_off_the_curve),
        cmocka_unit_test(an_r_that_is_not_of_order_q_is_refused),
        cmocka_unit_test(an_r_that_the_ssv_does_not_lead_to_is_refused),
        cmocka_unit_test(an_h_with_any_octet_altered_is_refused),
        cmocka_unit_test(what_was_encapsulated_to_another_identifier_is_refused),
        cmocka_unit_test(a_domain_whose_keys_are_no_points_of_the_right_order_is_refused),
        cmocka_unit_test(keys_of_another_identity_or_domain_are_refused_at_load),
        cmocka_unit_test(keys_that_are_no_points_are_refused_at_load),
        cmocka_unit_test(master_secrets_are_taken_in_their_ranges_alone),
        cmocka_unit_test(an_identifier_that_cancels_the_master_secret_gets_no_receiver_key),
        cmocka_unit_test(nothing_is_signed_or_issued_without_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
