/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/crypto/arithmetics.h"
#include "tests/crypto/cases.h"

/* All of a digest's exchanges in one call: eight at a time where that can be, and two left over. */
static void encapsulate_all(const struct case_domain *domain, const struct exchange *exchanges,
                            uint8_t data[CASES_OF_DIGEST][SAKKE_DATA_SIZE]) {
    struct span identifiers[CASES_OF_DIGEST];
    uint8_t ssvs[CASES_OF_DIGEST][SSV_SIZE];
    for (unsigned i = 0; i < CASES_OF_DIGEST; i++) {
        identifiers[i] = case_identifier(&exchanges[i]);
        memcpy(ssvs[i], exchanges[i].ssv, SSV_SIZE);
    }
    assert_int_equal(domain->module->encapsulate_each(domain->domain, CASES_OF_DIGEST, identifiers,
                                                      (const uint8_t(*)[SSV_SIZE])ssvs, data),
                     STATUS_OK);
}

/* One by one the same comes out; tried on some. */
static void encapsulate_one(const struct case_domain *domain, const struct exchange *exchange,
                            const uint8_t expected[SAKKE_DATA_SIZE]) {
    uint8_t data[SAKKE_DATA_SIZE];
    assert_int_equal(
        domain->module->encapsulate(domain->domain, case_identifier(exchange), exchange->ssv, data),
        STATUS_OK);
    assert_memory_equal(data, expected, sizeof data);
}

static void decapsulate(const struct case_domain *domain, const struct exchange *exchange,
                        const uint8_t data[SAKKE_DATA_SIZE]) {
    uint8_t ssv[SSV_SIZE];
    assert_int_equal(domain->module->decapsulate(domain->receiver_key, data, ssv), STATUS_OK);
    assert_memory_equal(ssv, exchange->ssv, sizeof ssv);
}

static void each_exchange_comes_out_as_an_independent_implementation_makes_it(void **state) {
    (void)state;
    for (unsigned first = 0; first < cases_to_try(); first += CASES_OF_DIGEST) {
        static struct case_domain domain;
        static struct exchange exchanges[CASES_OF_DIGEST];
        static uint8_t data[CASES_OF_DIGEST][SAKKE_DATA_SIZE];
        if (first % CASES_OF_DOMAIN == 0) {
            case_domain_make(first / CASES_OF_DOMAIN, &domain);
        }
        for (unsigned i = 0; i < CASES_OF_DIGEST; i++) {
            exchanges[i] = case_of(first + i);
        }
        encapsulate_all(&domain, exchanges, data);
        assert_agreement("own", first, (const uint8_t(*)[SAKKE_DATA_SIZE])data);
        encapsulate_one(&domain, &exchanges[first / CASES_OF_DIGEST % CASES_OF_DIGEST],
                        data[first / CASES_OF_DIGEST % CASES_OF_DIGEST]);

        for (unsigned i = 0; i < CASES_OF_DIGEST; i++) {
            exchanges[i] = case_of_one_receiver(first + i);
        }
        encapsulate_all(&domain, exchanges, data);
        assert_agreement("one", first, (const uint8_t(*)[SAKKE_DATA_SIZE])data);
        for (unsigned i = 0; i < CASES_OF_DIGEST; i++) {
            decapsulate(&domain, &exchanges[i], data[i]);
        }
        unsigned next = first + CASES_OF_DIGEST;
        if (next % CASES_OF_DOMAIN == 0 || next == cases_to_try()) {
            case_domain_free(&domain);
        }
    }
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_exchange_comes_out_as_an_independent_implementation_makes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
