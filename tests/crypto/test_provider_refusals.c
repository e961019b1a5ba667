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
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/fixture.h"
#include "tests/crypto/modules.h"

/* The order n of P-256 (FIPS 186-4 D.1.2.3). */
static const uint8_t p256_order[ECCSI_SCALAR_SIZE] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

/* The order q of SAKKE parameter set 1. */
static void sakke_order(uint8_t q[SAKKE_FIELD_SIZE]) {
    struct fixture parameters;
    fixture_find("rfc.txt", "RFC 6509 appendix A, parameter set 1", &parameters);
    memcpy(q, fixture_exactly(&parameters, "q", SAKKE_FIELD_SIZE), SAKKE_FIELD_SIZE);
}

/* A point of fixtures/vectors/refused.txt. */
static void refused_point(const char *name, uint8_t point[SAKKE_POINT_SIZE]) {
    struct fixture points;
    fixture_find("refused.txt", "points of RFC 6508", &points);
    memcpy(point, fixture_exactly(&points, name, SAKKE_POINT_SIZE), SAKKE_POINT_SIZE);
}

/* What RFC 6508 appendix A encapsulates, and into what. */
static void rfc_exchange(uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    struct fixture sakke;
    fixture_find("rfc.txt", "RFC 6508 appendix A", &sakke);
    memcpy(ssv, fixture_exactly(&sakke, "SSV", SSV_SIZE), SSV_SIZE);
    memcpy(data, fixture_exactly(&sakke, "data", SAKKE_DATA_SIZE), SAKKE_DATA_SIZE);
}

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
    const struct modules *modules = *state;
    const struct keys *keys = &modules->rfc;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(holder, signature);
        assert_status(module, STATUS_OK, verify_message(holder, keys, signature));
        struct span identifier = keys_identifier(keys), message = span_of_text(message_text);
        struct span shorter_message = {message.octets, message.length - 1};
        struct span shorter_identifier = {identifier.octets, identifier.length - 1};
        struct span no_octets = {NULL, 0};
        const struct span identifiers[] = {identifier, shorter_identifier, no_octets,
                                           span_of_text("2011-02 tel:+447700900124")};
        const struct span messages[] = {message, shorter_message, no_octets,
                                        span_of_text("ad-hoc group: three members!")};
        for (size_t i = 0; i < 4; i++) {
            for (size_t m = i == 0 ? 1 : 0; m < 4; m++) {
                assert_status(
                    module, STATUS_SIGNATURE_INVALID,
                    module->verify(holder->domain, identifiers[i], messages[m], signature));
            }
        }
    }
}

static void a_signature_with_any_octet_altered_is_refused(void **state) {
    const struct modules *modules = *state;
    const struct keys *keys = &modules->rfc;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(holder, signature);
        for (size_t i = 0; i < sizeof signature; i++) {
            uint8_t mask = (uint8_t)(1u << (i % 8));
            signature[i] ^= mask;
            assert_status(module, STATUS_SIGNATURE_INVALID,
                          verify_message(holder, keys, signature));
            signature[i] ^= mask;
        }
        assert_status(module, STATUS_OK, verify_message(holder, keys, signature));
    }
}

/* With r = s = 0 the point that verification ends in is infinity: an implementation that takes its
 * x for 0 accepts such a signature for any message. */
static void a_signature_with_r_or_s_out_of_range_is_refused(void **state) {
    const struct modules *modules = *state;
    const struct keys *keys = &modules->rfc;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        uint8_t genuine[ECCSI_SIGNATURE_SIZE];
        sign_message(holder, genuine);
        static const uint8_t zero[ECCSI_SCALAR_SIZE];
        uint8_t above[ECCSI_SCALAR_SIZE], largest[ECCSI_SCALAR_SIZE];
        memcpy(above, p256_order, sizeof above);
        above[sizeof above - 1]++;
        memset(largest, 0xFF, sizeof largest);
        const uint8_t *const rs[] = {zero, p256_order, above, largest, genuine};
        const uint8_t *const ss[] = {zero, p256_order, above, largest, genuine + ECCSI_SCALAR_SIZE};
        for (size_t i = 0; i < 5; i++) {
            for (size_t j = 0; j < 5; j++) {
                uint8_t forged[ECCSI_SIGNATURE_SIZE];
                memcpy(forged, genuine, sizeof forged);
                memcpy(forged, rs[i], ECCSI_SCALAR_SIZE);
                memcpy(forged + ECCSI_SCALAR_SIZE, ss[j], ECCSI_SCALAR_SIZE);
                assert_status(module, i == 4 && j == 4 ? STATUS_OK : STATUS_SIGNATURE_INVALID,
                              verify_message(holder, keys, forged));
            }
        }
    }
}

static void a_signature_whose_pvt_is_no_point_is_refused(void **state) {
    const struct modules *modules = *state;
    const struct keys *keys = &modules->rfc;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        static const uint8_t fillings[] = {0x00, 0xFF};
        for (size_t i = 0; i < sizeof fillings; i++) {
            sign_message(holder, signature);
            memset(signature + 2 * ECCSI_SCALAR_SIZE + 1, fillings[i], ECCSI_POINT_SIZE - 1);
            assert_status(module, STATUS_SIGNATURE_INVALID,
                          verify_message(holder, keys, signature));
        }
    }
}

static void a_signature_of_another_domain_is_refused(void **state) {
    const struct modules *modules = *state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        struct keys foreign = keys_issued_by(module, &entropy, "2026-11 tel:+447700900123");
        struct holder other = holder_of(module, &foreign);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        sign_message(&other, signature);
        assert_status(module, STATUS_OK, verify_message(&other, &foreign, signature));
        assert_status(module, STATUS_SIGNATURE_INVALID,
                      verify_message(holder, &foreign, signature));
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
    /* Untouched or wiped: nothing of what a wrong R leads to. */
    if (ssv[0] != 0xA5) {
        assert_memory_equal(ssv, nothing, sizeof ssv);
    }
}

static void an_r_with_any_octet_altered_is_off_the_curve(void **state) {
    const struct modules *modules = *state;
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    rfc_exchange(ssv, data);
    for (unsigned n = 0; n < modules->count; n++) {
        for (size_t i = 0; i < SAKKE_POINT_SIZE; i++) {
            uint8_t mask = (uint8_t)(1u << (i % 8));
            data[i] ^= mask;
            refuse_data(&modules->holders[n], STATUS_POINT_INVALID, data);
            data[i] ^= mask;
        }
    }
}

static void an_r_that_is_not_of_order_q_is_refused(void **state) {
    const struct modules *modules = *state;
    static const char *const points[] = {"order_4", "R_plus_order_2", "R_plus_order_4",
                                         "R_unreduced_x", "R_unreduced_y"};
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    rfc_exchange(ssv, data);
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
            refused_point(points[i], data);
            refuse_data(holder, STATUS_POINT_INVALID, data);
        }
        /* (0, 0), the point of order 2, and some implementations' spelling of infinity. */
        memset(data, 0, SAKKE_POINT_SIZE);
        refuse_data(holder, STATUS_POINT_INVALID, data);
        data[0] = 0x04;
        refuse_data(holder, STATUS_POINT_INVALID, data);
    }
}

static void an_r_that_the_ssv_does_not_lead_to_is_refused(void **state) {
    const struct modules *modules = *state;
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    rfc_exchange(ssv, data);
    for (unsigned n = 0; n < modules->count; n++) {
        refused_point("R_doubled", data);
        refuse_data(&modules->holders[n], STATUS_ENCAPSULATION_INVALID, data);
        refused_point("R_negated", data);
        refuse_data(&modules->holders[n], STATUS_ENCAPSULATION_INVALID, data);
    }
}

static void an_h_with_any_octet_altered_is_refused(void **state) {
    const struct modules *modules = *state;
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    rfc_exchange(ssv, data);
    for (unsigned n = 0; n < modules->count; n++) {
        for (size_t i = SAKKE_POINT_SIZE; i < sizeof data; i++) {
            data[i] ^= 0x10;
            refuse_data(&modules->holders[n], STATUS_ENCAPSULATION_INVALID, data);
            data[i] ^= 0x10;
        }
    }
}

static void what_was_encapsulated_to_another_identifier_is_refused(void **state) {
    const struct modules *modules = *state;
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    rfc_exchange(ssv, data);
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        assert_status(holder->module, STATUS_OK,
                      holder->module->encapsulate(
                          holder->domain, span_of_text("2011-02 tel:+447700900124"), ssv, data));
        refuse_data(holder, STATUS_ENCAPSULATION_INVALID, data);
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
    const struct modules *modules = *state;
    static const char *const zs[] = {"order_4", "Z_plus_order_2", "R_unreduced_x", "R_unreduced_y"};
    static const size_t altered[] = {0, 1, 32, 33, 64};
    for (unsigned n = 0; n < modules->count; n++) {
        const struct provider *module = modules->holders[n].module;
        struct keys keys = modules->rfc;
        uint8_t z[SAKKE_POINT_SIZE] = {0x04};
        refuse_domain(module, z, keys.kpak);
        for (size_t i = 0; i < sizeof zs / sizeof *zs; i++) {
            refused_point(zs[i], z);
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
    const struct modules *modules = *state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        struct keys keys = modules->rfc;
        keys.identifier[keys.identifier_length - 2] ^= 1;
        refuse_keys(holder, &keys, true, true);
        struct keys foreign = keys_issued_by(holder->module, &entropy, "2026-11 tel:+447700900123");
        refuse_keys(holder, &foreign, true, true);

        keys = modules->rfc;
        keys.ssk[31] ^= 1;
        refuse_keys(holder, &keys, true, false);
        memset(keys.ssk, 0, sizeof keys.ssk);
        refuse_keys(holder, &keys, true, false);
        memcpy(keys.ssk, p256_order, sizeof keys.ssk);
        refuse_keys(holder, &keys, true, false);

        keys = modules->rfc;
        memcpy(keys.pvt, foreign.pvt, sizeof keys.pvt);
        refuse_keys(holder, &keys, true, false);
        memcpy(keys.rsk, keys.z, sizeof keys.rsk);
        refuse_keys(holder, &keys, false, true);
    }
}

/* Which of its two names a key that is no point gets is left to the module. */
static void keys_that_are_no_points_are_refused_at_load(void **state) {
    const struct modules *modules = *state;
    static const size_t altered[] = {0, 1, 64};
    uint8_t rsks[4][SAKKE_POINT_SIZE] = {{0x04}};
    refused_point("RSK_plus_order2", rsks[1]);
    memcpy(rsks[2], modules->rfc.rsk, sizeof rsks[2]);
    rsks[2][0] = 0x02;
    memcpy(rsks[3], modules->rfc.rsk, sizeof rsks[3]);
    rsks[3][256] ^= 1;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        struct keys keys = modules->rfc;
        struct receiver_key *receiver_key;
        struct signing_key *signing_key;
        for (size_t i = 0; i < 4; i++) {
            assert_int_not_equal(module->receiver_key_load(holder->domain, keys_identifier(&keys),
                                                           rsks[i], &receiver_key),
                                 STATUS_OK);
            assert_null(receiver_key);
        }
        for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
            keys.pvt[altered[i]] ^= 1;
            assert_int_not_equal(module->signing_key_load(holder->domain, keys_identifier(&keys),
                                                          keys.ssk, keys.pvt, &signing_key),
                                 STATUS_OK);
            assert_null(signing_key);
            keys.pvt[altered[i]] ^= 1;
        }
    }
}

static void load_master(const struct provider *module, enum status expected,
                        const uint8_t z[SAKKE_FIELD_SIZE], const uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    static char something;
    struct master_key *master = (struct master_key *)&something;
    assert_status(module, expected, module->master_load(z, ksak, &master));
    if (expected == STATUS_OK) {
        module->master_free(master);
    } else {
        assert_null(master);
    }
}

static void master_secrets_are_taken_in_their_ranges_alone(void **state) {
    const struct modules *modules = *state;
    static const uint8_t ksak_zero[ECCSI_SCALAR_SIZE], z_zero[SAKKE_FIELD_SIZE];
    static const uint8_t ksak_one[ECCSI_SCALAR_SIZE] = {[ECCSI_SCALAR_SIZE - 1] = 1};
    static const uint8_t z_one[SAKKE_FIELD_SIZE] = {[SAKKE_FIELD_SIZE - 1] = 1};
    static const uint8_t z_two[SAKKE_FIELD_SIZE] = {[SAKKE_FIELD_SIZE - 1] = 2};
    uint8_t q[SAKKE_FIELD_SIZE], below_q[SAKKE_FIELD_SIZE], below_n[ECCSI_SCALAR_SIZE];
    sakke_order(q);
    sakke_order(below_q);
    below_q[SAKKE_FIELD_SIZE - 1]--;
    memcpy(below_n, p256_order, sizeof below_n);
    below_n[ECCSI_SCALAR_SIZE - 1]--;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct provider *module = modules->holders[n].module;
        load_master(module, STATUS_OK, z_two, ksak_one);
        load_master(module, STATUS_OK, below_q, below_n);
        load_master(module, STATUS_KEY_INVALID, z_two, ksak_zero);
        load_master(module, STATUS_KEY_INVALID, z_two, p256_order);
        load_master(module, STATUS_KEY_INVALID, z_zero, ksak_one);
        load_master(module, STATUS_KEY_INVALID, z_one, ksak_one);
        load_master(module, STATUS_KEY_INVALID, q, ksak_one);
    }
}

/* RFC 6508 6.1.1: a + z_T must have an inverse modulo q. */
static void an_identifier_that_cancels_the_master_secret_gets_no_receiver_key(void **state) {
    const struct modules *modules = *state;
    static const uint8_t identifier[] = {0x05}, ksak[ECCSI_SCALAR_SIZE] = {1};
    uint8_t z[SAKKE_FIELD_SIZE], rsk[SAKKE_POINT_SIZE];
    sakke_order(z);
    z[SAKKE_FIELD_SIZE - 1] = (uint8_t)(z[SAKKE_FIELD_SIZE - 1] - identifier[0]);
    for (unsigned n = 0; n < modules->count; n++) {
        const struct provider *module = modules->holders[n].module;
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
    const struct modules *modules = *state;
    const struct entropy broken = {draw_nothing, NULL};
    static const uint8_t z[SAKKE_FIELD_SIZE] = {1}, ksak[ECCSI_SCALAR_SIZE] = {1};
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        const struct provider *module = holder->module;
        struct master_key *master;
        uint8_t signature[ECCSI_SIGNATURE_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
        uint8_t drawn_z[SAKKE_FIELD_SIZE], drawn_ksak[ECCSI_SCALAR_SIZE];
        assert_status(
            module, STATUS_LIBRARY_FAILED,
            module->sign(holder->signing_key, span_of_text(message_text), &broken, signature));
        assert_status(module, STATUS_LIBRARY_FAILED,
                      module->master_generate(&broken, drawn_z, drawn_ksak));
        assert_status(module, STATUS_OK, module->master_load(z, ksak, &master));
        assert_status(
            module, STATUS_LIBRARY_FAILED,
            module->issue_signing_key(master, keys_identifier(&modules->rfc), &broken, ssk, pvt));
        module->master_free(master);
    }
}

static int run(void) {
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
    return cmocka_run_group_tests(tests, modules_setup, modules_teardown);
}

int main(void) {
    return with_every_arithmetic(run);
}
