/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/crypto/cases.h"
#include "tests/crypto/peer.h"

/* What libwolfssl encapsulates is what we do; what we encapsulate for its receiver it opens. Ours
 * is the fastest arithmetic of this CPU; test_agreement holds the others against the same
 * exchanges. */
static void each_exchange_works_both_ways_with_libwolfssl(void **state) {
    (void)state;
    struct case_domain domain;
    struct peer *peer = NULL;
    for (unsigned i = 0; i < cases_to_try(); i++) {
        uint8_t ours[SAKKE_DATA_SIZE], theirs[SAKKE_DATA_SIZE], ssv[SSV_SIZE];
        if (i % CASES_OF_DOMAIN == 0) {
            case_domain_make(i / CASES_OF_DOMAIN, &domain);
            peer = peer_new(domain.z, domain.z_point, domain.kpak,
                            case_identifier(&domain.receiver), domain.rsk, NULL, NULL);
            if (peer == NULL) {
                skip();
            }
        }
        struct exchange exchange = case_of(i);
        assert_int_equal(domain.module->encapsulate(domain.domain, case_identifier(&exchange),
                                                    exchange.ssv, ours),
                         STATUS_OK);
        assert_true(peer_encapsulate(peer, case_identifier(&exchange), exchange.ssv, theirs));
        assert_memory_equal(theirs, ours, sizeof ours);

        exchange = case_of_one_receiver(i);
        assert_int_equal(domain.module->encapsulate(domain.domain, case_identifier(&exchange),
                                                    exchange.ssv, ours),
                         STATUS_OK);
        assert_true(peer_decapsulate(peer, ours, ssv));
        assert_memory_equal(ssv, exchange.ssv, sizeof ssv);
        if ((i + 1) % CASES_OF_DOMAIN == 0 || i + 1 == cases_to_try()) {
            case_domain_free(&domain);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_exchange_works_both_ways_with_libwolfssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
