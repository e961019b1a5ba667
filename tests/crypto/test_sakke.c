/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "crypto/native/sakke.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/fixture.h"

static const char RFC6508[] = "RFC 6508 appendix A";

static void load(const struct fixture *fixture, struct sakke_domain *domain,
                 struct pairing_table *rsk) {
    assert_int_equal(sakke_domain_load(fixture_exactly(fixture, "Z", SAKKE_POINT_SIZE), domain),
                     STATUS_OK);
    assert_int_equal(sakke_key_load(domain, fixture_octets(fixture, "identifier"),
                                    fixture_exactly(fixture, "RSK", SAKKE_POINT_SIZE), rsk),
                     STATUS_OK);
}

static enum status encapsulate(const struct sakke_domain *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    return sakke_encapsulate_each(domain, 1, &identifier, (const uint8_t(*)[SSV_SIZE])ssv,
                                  (uint8_t(*)[SAKKE_DATA_SIZE])data);
}

static void check_exchange(const struct fixture *fixture) {
    struct sakke_domain domain;
    static struct pairing_table rsk;
    uint8_t data[SAKKE_DATA_SIZE], ssv[SSV_SIZE];
    struct span identifier = fixture_octets(fixture, "identifier");
    const uint8_t *expected_ssv = fixture_exactly(fixture, "SSV", SSV_SIZE);
    const uint8_t *expected_data = fixture_exactly(fixture, "data", SAKKE_DATA_SIZE);
    load(fixture, &domain, &rsk);
    assert_int_equal(encapsulate(&domain, identifier, expected_ssv, data), STATUS_OK);
    fixture_assert(fixture, memcmp(data, expected_data, sizeof data) == 0, "encapsulated data");
    assert_int_equal(sakke_decapsulate(identifier, &rsk, expected_data, ssv), STATUS_OK);
    fixture_assert(fixture, memcmp(ssv, expected_ssv, sizeof ssv) == 0, "SSV");
}

static void the_exchange_of_rfc_6508_comes_out_octet_for_octet(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_find("rfc.txt", RFC6508, &fixture);
    check_exchange(&fixture);
}

/* Among the fresh cases are w, H and r with leading zero octets. */
static void fresh_exchanges_agree_with_an_independent_implementation(void **state) {
    (void)state;
    struct fixture fixture;
    unsigned leading_zeros = 0;
    FILE *file = fixture_open("fresh.txt");
    while (fixture_next(file, &fixture)) {
        check_exchange(&fixture);
        leading_zeros += fixture_exactly(&fixture, "w", SAKKE_FIELD_SIZE)[0] == 0;
    }
    fclose(file);
    assert_true(leading_zeros >= 3);
}

static void a_kms_makes_the_keys_of_the_vectors(void **state) {
    (void)state;
    struct fixture fixture;
    FILE *file = fixture_open("fresh.txt");
    while (fixture_next(file, &fixture)) {
        struct sakke_master master;
        uint8_t octets[SAKKE_POINT_SIZE];
        assert_int_equal(
            sakke_master_load(fixture_exactly(&fixture, "z", SAKKE_FIELD_SIZE), &master),
            STATUS_OK);
        sakke_public_key(&master, octets);
        assert_memory_equal(octets, fixture_exactly(&fixture, "Z", sizeof octets), sizeof octets);
        assert_int_equal(sakke_issue(&master, fixture_octets(&fixture, "identifier"), octets),
                         STATUS_OK);
        assert_memory_equal(octets, fixture_exactly(&fixture, "RSK", sizeof octets), sizeof octets);
    }
    fclose(file);
}

static void a_receiver_key_of_another_identifier_or_domain_is_refused(void **state) {
    (void)state;
    struct fixture fixture, other;
    struct sakke_domain domain;
    static struct pairing_table rsk;
    fixture_find("rfc.txt", RFC6508, &fixture);
    fixture_find("fresh.txt", "fresh 1", &other);
    load(&fixture, &domain, &rsk);
    struct span identifier = fixture_octets(&fixture, "identifier");
    assert_int_equal(sakke_key_load(&domain, fixture_octets(&other, "identifier"),
                                    fixture_octets(&fixture, "RSK").octets, &rsk),
                     STATUS_KEY_INVALID);
    assert_int_equal(
        sakke_key_load(&domain, identifier, fixture_octets(&other, "RSK").octets, &rsk),
        STATUS_KEY_INVALID);
    static const struct pairing_table nothing;
    assert_memory_equal(&rsk, &nothing, sizeof rsk);
}

/* An identifier of 128 octets that is -z_T modulo q, which is the one that has no receiver key. */
static void the_identifier_that_cancels_the_master_secret_has_no_keys(void **state) {
    (void)state;
    struct fixture fixture;
    struct sakke_domain domain;
    struct sakke_master master;
    static struct pairing_table rsk;
    struct residue negated;
    uint8_t identifier[SAKKE_FIELD_SIZE], out[SAKKE_DATA_SIZE];
    static const struct residue zero;
    static const uint8_t nothing[SAKKE_DATA_SIZE];
    fixture_find("fresh.txt", "fresh 1", &fixture);
    load(&fixture, &domain, &rsk);
    assert_int_equal(sakke_master_load(fixture_octets(&fixture, "z").octets, &master), STATUS_OK);
    residue_subtract(&negated, &zero, &master.z, &sakke_q);
    residue_to_octets(identifier, sizeof identifier, &negated);

    assert_int_equal(sakke_issue(&master, SPAN_OF(identifier), out), STATUS_KEY_INVALID);
    assert_memory_equal(out, nothing, SAKKE_POINT_SIZE);
    assert_int_equal(
        encapsulate(&domain, SPAN_OF(identifier), fixture_octets(&fixture, "SSV").octets, out),
        STATUS_KEY_INVALID);
    assert_memory_equal(out, nothing, sizeof out);
    assert_int_equal(
        sakke_key_load(&domain, SPAN_OF(identifier), fixture_octets(&fixture, "RSK").octets, &rsk),
        STATUS_KEY_INVALID);
}

/* Wherever it stands among others, also where eight are encapsulated at a time. */
static void one_identifier_without_keys_spoils_a_batch_and_leaves_nothing_of_it(void **state) {
    (void)state;
    enum {
        COUNT = EIGHT + 1
    };
    struct fixture fixture;
    static struct sakke_domain domain;
    static struct pairing_table rsk;
    struct sakke_master master;
    struct residue negated;
    static const struct residue zero;
    static const uint8_t nothing[COUNT][SAKKE_DATA_SIZE];
    uint8_t identifier[SAKKE_FIELD_SIZE], ssvs[COUNT][SSV_SIZE] = {{1}};
    static uint8_t data[COUNT][SAKKE_DATA_SIZE];
    fixture_find("fresh.txt", "fresh 1", &fixture);
    load(&fixture, &domain, &rsk);
    assert_int_equal(sakke_master_load(fixture_octets(&fixture, "z").octets, &master), STATUS_OK);
    residue_subtract(&negated, &zero, &master.z, &sakke_q);
    residue_to_octets(identifier, sizeof identifier, &negated);
    for (unsigned place = 0; place <= COUNT; place++) {
        struct span identifiers[COUNT];
        for (unsigned i = 0; i < COUNT; i++) {
            identifiers[i] =
                i == place ? SPAN_OF(identifier) : fixture_octets(&fixture, "identifier");
        }
        assert_int_equal(sakke_encapsulate_each(&domain, COUNT, identifiers,
                                                (const uint8_t(*)[SSV_SIZE])ssvs, data),
                         place < COUNT ? STATUS_KEY_INVALID : STATUS_OK);
        if (place < COUNT) {
            assert_memory_equal(data, nothing, sizeof data);
        }
    }
    assert_int_equal(sakke_encapsulate_each(&domain, 0, NULL, NULL, data), STATUS_OK);
}

/* An identifier is an integer modulo q, also one of more octets than q: its key is that of the
 * integer reduced by the second implementation. */
static void identifiers_of_any_length_are_integers_modulo_q(void **state) {
    (void)state;
    struct sakke_master master;
    uint8_t z[SAKKE_FIELD_SIZE] = {[SAKKE_FIELD_SIZE - 1] = 77}, q_octets[SAKKE_FIELD_SIZE];
    residue_to_octets(q_octets, sizeof q_octets, &sakke_q.value);
    assert_int_equal(sakke_master_load(z, &master), STATUS_OK);
    BN_CTX *context = BN_CTX_new();
    BIGNUM *q = BN_bin2bn(q_octets, sizeof q_octets, NULL), *reduced = BN_new();
    for (size_t length = 1; length <= 400; length += length < 120 ? 17 : 1 + length % 7) {
        uint8_t identifier[400], octets[SAKKE_FIELD_SIZE];
        uint8_t rsk[SAKKE_POINT_SIZE], expected[SAKKE_POINT_SIZE];
        memset(identifier, length % 2 == 0 ? 0xFF : 0x9A, sizeof identifier);
        BIGNUM *number = BN_bin2bn(identifier, (int)length, NULL);
        assert_true(BN_mod(reduced, number, q, context));
        assert_int_equal(BN_bn2binpad(reduced, octets, sizeof octets), sizeof octets);
        assert_int_equal(sakke_issue(&master, (struct span){identifier, length}, rsk), STATUS_OK);
        assert_int_equal(sakke_issue(&master, SPAN_OF(octets), expected), STATUS_OK);
        assert_memory_equal(rsk, expected, sizeof rsk);
        BN_free(number);
    }
    BN_free(reduced);
    BN_free(q);
    BN_CTX_free(context);
}

static void master_secrets_outside_2_to_q_minus_1_are_refused(void **state) {
    (void)state;
    uint8_t z[SAKKE_FIELD_SIZE] = {0};
    struct sakke_master master;
    assert_int_equal(sakke_master_load(z, &master), STATUS_KEY_INVALID);
    z[SAKKE_FIELD_SIZE - 1] = 1;
    assert_int_equal(sakke_master_load(z, &master), STATUS_KEY_INVALID);
    z[SAKKE_FIELD_SIZE - 1] = 2;
    assert_int_equal(sakke_master_load(z, &master), STATUS_OK);
    residue_to_octets(z, sizeof z, &sakke_q.value);
    assert_int_equal(sakke_master_load(z, &master), STATUS_KEY_INVALID);
    z[SAKKE_FIELD_SIZE - 1]--;
    assert_int_equal(sakke_master_load(z, &master), STATUS_OK);
    memset(z, 0xFF, sizeof z);
    assert_int_equal(sakke_master_load(z, &master), STATUS_KEY_INVALID);
}

static enum status draw_ones(void *context, uint8_t *out, size_t length) {
    (void)context;
    memset(out, 0xFF, length);
    return STATUS_OK;
}

static void a_broken_random_source_makes_no_master_secret(void **state) {
    (void)state;
    static const uint8_t nothing[SAKKE_FIELD_SIZE];
    const struct entropy broken = {draw_ones, NULL};
    uint8_t z[SAKKE_FIELD_SIZE];
    assert_int_equal(sakke_master_draw(&broken, z), STATUS_LIBRARY_FAILED);
    assert_memory_equal(z, nothing, sizeof z);

    struct entropy_seeded seeded;
    struct entropy source = entropy_from_seed(&seeded, 6508);
    struct sakke_master master;
    assert_int_equal(sakke_master_draw(&source, z), STATUS_OK);
    assert_int_equal(sakke_master_load(z, &master), STATUS_OK);
}

static void refuse(const struct fixture *fixture, const struct pairing_table *rsk,
                   const uint8_t data[SAKKE_DATA_SIZE], enum status expected) {
    static const uint8_t nothing[SSV_SIZE];
    uint8_t ssv[SSV_SIZE];
    assert_int_equal(sakke_decapsulate(fixture_octets(fixture, "identifier"), rsk, data, ssv),
                     expected);
    assert_memory_equal(ssv, nothing, sizeof ssv);
}

static void every_altered_octet_of_the_data_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct sakke_domain domain;
    static struct pairing_table rsk;
    uint8_t data[SAKKE_DATA_SIZE];
    fixture_find("rfc.txt", RFC6508, &fixture);
    load(&fixture, &domain, &rsk);
    memcpy(data, fixture_octets(&fixture, "data").octets, sizeof data);
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] ^= (uint8_t)(1U << i % 8);
        refuse(&fixture, &rsk, data,
               i < SAKKE_POINT_SIZE ? STATUS_POINT_INVALID : STATUS_ENCAPSULATION_INVALID);
        data[i] ^= (uint8_t)(1U << i % 8);
    }
}

static void another_point_of_order_q_than_the_ssv_makes_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct sakke_domain domain;
    static struct pairing_table rsk;
    struct affine_point negated;
    uint8_t data[SAKKE_DATA_SIZE];
    static const struct field_element zero;
    fixture_find("rfc.txt", RFC6508, &fixture);
    load(&fixture, &domain, &rsk);
    memcpy(data, fixture_octets(&fixture, "data").octets, sizeof data);
    assert_int_equal(curve_read(data, &negated), STATUS_OK);
    field_subtract(&negated.y, &zero, &negated.y);
    curve_write(data, &negated);
    refuse(&fixture, &rsk, data, STATUS_ENCAPSULATION_INVALID);
    memcpy(data, fixture_octets(&fixture, "Z").octets, SAKKE_POINT_SIZE);
    refuse(&fixture, &rsk, data, STATUS_ENCAPSULATION_INVALID);
}

/* Its double is (0, 0). */
static void point_of_order_4(struct affine_point *out) {
    /* x = sqrt(-3) makes x^3 - 3x = -6x; of the two roots one makes that a square. */
    struct field_element x, three, y;
    field_one(&x);
    field_triple(&three, &x);
    field_negate(&three, &three);
    assert_true(field_square_root(&x, &three) != 0);
    for (unsigned i = 0; i < 2; i++) {
        field_double(&y, &x);
        field_triple(&y, &y);
        field_negate(&y, &y);
        if (field_square_root(&out->y, &y) != 0) {
            break;
        }
        field_negate(&x, &x);
    }
    out->x = x;
    assert_true(curve_is_on(out));
}

/* w is the same for R and for R plus a point of order 2 or 4, and so are the SSV and r: only the
 * test of R's order refuses them. */
static void a_point_of_small_order_added_to_r_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    static struct sakke_domain domain;
    static struct pairing_table rsk;
    struct affine_point of_order_4, r;
    struct curve_point sum;
    uint8_t data[SAKKE_DATA_SIZE];
    fixture_find("rfc.txt", RFC6508, &fixture);
    load(&fixture, &domain, &rsk);
    point_of_order_4(&of_order_4);
    memcpy(data, fixture_octets(&fixture, "data").octets, sizeof data);
    assert_int_equal(curve_read(data, &r), STATUS_OK);
    curve_from_affine(&sum, &r);
    for (unsigned i = 0; i < 3; i++) {
        curve_add_affine(&sum, &sum, &of_order_4);
        curve_to_affine(&r, &sum);
        assert_true(curve_is_on(&r));
        curve_write(data, &r);
        refuse(&fixture, &rsk, data, STATUS_POINT_INVALID);
    }
    static const struct affine_point of_order_2;
    curve_write(data, &of_order_4);
    refuse(&fixture, &rsk, data, STATUS_POINT_INVALID);
    curve_write(data, &of_order_2);
    refuse(&fixture, &rsk, data, STATUS_POINT_INVALID);
    memset(data, 0, SAKKE_POINT_SIZE); /* SEC1's octet of infinity, and what would be its rest */
    refuse(&fixture, &rsk, data, STATUS_POINT_INVALID);
}

/* K itself, what it is added to in its table, and their negatives are points of order q like
 * others. */
static void points_of_the_receivers_own_table_are_not_taken_for_r(void **state) {
    (void)state;
    struct fixture fixture;
    static struct sakke_domain domain;
    static struct pairing_table rsk;
    struct affine_point point;
    struct curve_point multiple;
    uint8_t data[SAKKE_DATA_SIZE];
    fixture_find("rfc.txt", RFC6508, &fixture);
    load(&fixture, &domain, &rsk);
    memcpy(data, fixture_octets(&fixture, "data").octets, sizeof data);
    assert_int_equal(curve_read(fixture_octets(&fixture, "RSK").octets, &point), STATUS_OK);
    curve_from_affine(&multiple, &point);
    for (unsigned i = 0; i < 6; i++) {
        curve_to_affine(&point, &multiple);
        curve_write(data, &point);
        refuse(&fixture, &rsk, data, STATUS_ENCAPSULATION_INVALID);
        field_negate(&point.y, &point.y);
        curve_write(data, &point);
        refuse(&fixture, &rsk, data, STATUS_ENCAPSULATION_INVALID);
        curve_double(&multiple, &multiple);
    }
}

static void data_for_another_identifier_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct sakke_domain domain;
    static struct pairing_table rsk;
    uint8_t data[SAKKE_DATA_SIZE];
    fixture_find("rfc.txt", RFC6508, &fixture);
    load(&fixture, &domain, &rsk);
    assert_int_equal(
        encapsulate(&domain, span_of_text("another"), fixture_octets(&fixture, "SSV").octets, data),
        STATUS_OK);
    refuse(&fixture, &rsk, data, STATUS_ENCAPSULATION_INVALID);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exchange_of_rfc_6508_comes_out_octet_for_octet),
        cmocka_unit_test(fresh_exchanges_agree_with_an_independent_implementation),
        cmocka_unit_test(a_kms_makes_the_keys_of_the_vectors),
        cmocka_unit_test(a_receiver_key_of_another_identifier_or_domain_is_refused),
        cmocka_unit_test(the_identifier_that_cancels_the_master_secret_has_no_keys),
        cmocka_unit_test(one_identifier_without_keys_spoils_a_batch_and_leaves_nothing_of_it),
        cmocka_unit_test(identifiers_of_any_length_are_integers_modulo_q),
        cmocka_unit_test(master_secrets_outside_2_to_q_minus_1_are_refused),
        cmocka_unit_test(a_broken_random_source_makes_no_master_secret),
        cmocka_unit_test(every_altered_octet_of_the_data_is_refused),
        cmocka_unit_test(another_point_of_order_q_than_the_ssv_makes_is_refused),
        cmocka_unit_test(a_point_of_small_order_added_to_r_is_refused),
        cmocka_unit_test(points_of_the_receivers_own_table_are_not_taken_for_r),
        cmocka_unit_test(data_for_another_identifier_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
