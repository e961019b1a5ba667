/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every crypto module carries out (crypto/provider.h), shown on each module present and across
 * them: what one makes, each of the others takes.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/provider.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/vectors.h"

/* --- Finding modules ---------------------------------------------------------------------- */

static void a_module_is_found_by_its_name_and_no_other(void **state) {
    (void)state;
    assert_non_null(module_at(0));
    for (unsigned n = 0; module_at(n) != NULL; n++)
        assert_ptr_equal(provider_find(module_at(n)->name), module_at(n));
    assert_null(provider_find("wolf"));
    assert_null(provider_find(""));
}

static void every_module_that_was_built_in_is_present(void **state) {
    (void)state;
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        if (provider_find(provider_name(n)) == NULL) {
            print_message("module %s is absent: its library is not here\n", provider_name(n));
            skip();
        }
    }
}

/* --- The RFCs' examples ------------------------------------------------------------------- */

static void the_signature_of_rfc_6507_verifies(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t message[8], signature[ECCSI_SIGNATURE_SIZE];
    octets_of_hex(RFC6507_MESSAGE, message, sizeof message);
    octets_of_hex(RFC6507_SIGNATURE, signature, sizeof signature);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        assert_status(
            module, STATUS_OK,
            module->verify(holder.domain, keys_identifier(&keys), SPAN_OF(message), signature));
        holder_free(&holder);
    }
}

static void the_ssv_of_rfc_6508_is_encapsulated_and_decapsulated_as_there(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    uint8_t ssv[SSV_SIZE], expected[SAKKE_DATA_SIZE];
    octets_of_hex(RFC6508_SSV, ssv, sizeof ssv);
    octets_of_hex(RFC6508_DATA, expected, sizeof expected);
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t data[SAKKE_DATA_SIZE], received[SSV_SIZE];
        assert_status(module, STATUS_OK,
                      module->encapsulate(holder.domain, keys_identifier(&keys), ssv, data));
        assert_memory_equal(data, expected, sizeof expected);
        assert_status(module, STATUS_OK,
                      module->decapsulate(holder.receiver_key, expected, received));
        assert_memory_equal(received, ssv, sizeof ssv);
        holder_free(&holder);
    }
}

/* RFC 6508 hashes g^r as a string of 128 octets; stripping the zeros in front fails in one exchange
 * of 150. */
static void a_power_of_g_with_leading_zeros_is_hashed_at_full_width(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {SSV_OF_SHORT_POWER_1, H_OF_SHORT_POWER_1},
        {SSV_OF_SHORT_POWER_2, H_OF_SHORT_POWER_2},
    };
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            uint8_t ssv[SSV_SIZE], h[SSV_SIZE], data[SAKKE_DATA_SIZE], received[SSV_SIZE];
            octets_of_hex(cases[i][0], ssv, sizeof ssv);
            octets_of_hex(cases[i][1], h, sizeof h);
            assert_status(module, STATUS_OK,
                          module->encapsulate(holder.domain, keys_identifier(&keys), ssv, data));
            assert_memory_equal(data + SAKKE_POINT_SIZE, h, sizeof h);
            assert_status(module, STATUS_OK,
                          module->decapsulate(holder.receiver_key, data, received));
            assert_memory_equal(received, ssv, sizeof ssv);
        }
        holder_free(&holder);
    }
}

/* --- Across modules ----------------------------------------------------------------------- */

static void the_same_master_secrets_make_the_same_domain_and_receiver_keys(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct span identifier = span_of_text("2026-11 tel:+447700900123");
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    const struct provider *generator, *module;
    for (unsigned g = 0; (generator = module_at(g)) != NULL; g++) {
        assert_status(generator, STATUS_OK, generator->master_generate(&entropy, z, ksak));
        uint8_t first[2 * SAKKE_POINT_SIZE + ECCSI_POINT_SIZE];
        for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
            uint8_t made[sizeof first];
            struct master_key *master;
            assert_status(module, STATUS_OK, module->master_load(z, ksak, &master));
            assert_status(module, STATUS_OK,
                          module->public_keys(master, made, made + 2 * SAKKE_POINT_SIZE));
            assert_status(module, STATUS_OK,
                          module->issue_receiver_key(master, identifier, made + SAKKE_POINT_SIZE));
            module->master_free(master);
            if (n == 0)
                memcpy(first, made, sizeof first);
            assert_memory_equal(made, first, sizeof first);
        }
    }
}

/* Every signature and every encapsulation by one holder is taken by the other. */
static void exchange(const struct holder *from, const struct holder *to, const struct keys *keys,
                     const struct entropy *entropy) {
    uint8_t octets[256], signature[ECCSI_SIGNATURE_SIZE];
    assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
    struct span message = {octets + SSV_SIZE, octets[0] % (sizeof octets - SSV_SIZE)};
    assert_status(from->module, STATUS_OK,
                  from->module->sign(from->signing_key, message, entropy, signature));
    assert_status(to->module, STATUS_OK,
                  to->module->verify(to->domain, keys_identifier(keys), message, signature));

    uint8_t data[SAKKE_DATA_SIZE], received[SSV_SIZE];
    assert_status(from->module, STATUS_OK,
                  from->module->encapsulate(from->domain, keys_identifier(keys), octets, data));
    assert_status(to->module, STATUS_OK, to->module->decapsulate(to->receiver_key, data, received));
    assert_memory_equal(received, octets, SSV_SIZE);
}

static void what_one_module_issues_signs_and_encapsulates_every_module_takes(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    const struct provider *kms, *sender, *receiver;
    for (unsigned k = 0; (kms = module_at(k)) != NULL; k++) {
        struct keys keys = keys_issued_by(kms, &entropy, "2026-11 tel:+447700900123");
        for (unsigned s = 0; (sender = module_at(s)) != NULL; s++) {
            struct holder from = holder_of(sender, &keys);
            for (unsigned r = 0; (receiver = module_at(r)) != NULL; r++) {
                struct holder to = holder_of(receiver, &keys);
                exchange(&from, &to, &keys, &entropy);
                exchange(&from, &to, &keys, &entropy);
                holder_free(&to);
            }
            holder_free(&from);
        }
    }
}

static void an_empty_message_is_signed_like_any_other(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    struct span empty = {NULL, 0};
    const struct provider *signer, *verifier;
    for (unsigned s = 0; (signer = module_at(s)) != NULL; s++) {
        struct holder from = holder_of(signer, &keys);
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        assert_status(signer, STATUS_OK,
                      signer->sign(from.signing_key, empty, &entropy_system, signature));
        for (unsigned v = 0; (verifier = module_at(v)) != NULL; v++) {
            struct holder to = holder_of(verifier, &keys);
            assert_status(verifier, STATUS_OK,
                          verifier->verify(to.domain, keys_identifier(&keys), empty, signature));
            holder_free(&to);
        }
        holder_free(&from);
    }
}

/* --- Randomness comes from the source that was handed in ---------------------------------- */

static void the_same_seed_makes_the_same_signature_and_another_seed_another(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    struct span message = span_of_text("to all: report");
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        uint8_t signatures[3][ECCSI_SIGNATURE_SIZE];
        static const uint64_t seeds[3] = {1, 1, 2};
        for (size_t i = 0; i < 3; i++) {
            struct entropy_seeded seeded;
            struct entropy entropy = entropy_from_seed(&seeded, seeds[i]);
            assert_status(module, STATUS_OK,
                          module->sign(holder.signing_key, message, &entropy, signatures[i]));
        }
        assert_memory_equal(signatures[0], signatures[1], sizeof signatures[0]);
        assert_memory_not_equal(signatures[0], signatures[2], ECCSI_SCALAR_SIZE);
        holder_free(&holder);
    }
}

/* --- Handles in several threads ----------------------------------------------------------- */

struct thread_work {
    const struct holder *holder;
    const struct keys *keys;
    uint64_t seed;
    enum status status;
};

static void *sign_verify_and_decapsulate(void *context) {
    struct thread_work *work = context;
    const struct holder *holder = work->holder;
    const struct provider *module = holder->module;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, work->seed);
    struct span message = {(const uint8_t *)&work->seed, sizeof work->seed};
    uint8_t signature[ECCSI_SIGNATURE_SIZE], data[SAKKE_DATA_SIZE], received[SSV_SIZE];
    uint8_t ssv[SSV_SIZE] = {(uint8_t)work->seed};
    work->status = STATUS_OK;
    for (int round = 0; round < 3 && work->status == STATUS_OK; round++) {
        work->status = module->sign(holder->signing_key, message, &entropy, signature);
        if (work->status == STATUS_OK)
            work->status =
                module->verify(holder->domain, keys_identifier(work->keys), message, signature);
        if (work->status == STATUS_OK)
            work->status =
                module->encapsulate(holder->domain, keys_identifier(work->keys), ssv, data);
        if (work->status == STATUS_OK)
            work->status = module->decapsulate(holder->receiver_key, data, received);
        if (work->status == STATUS_OK && memcmp(received, ssv, sizeof ssv) != 0)
            work->status = STATUS_MALFORMED;
    }
    return NULL;
}

static void handles_serve_several_threads_at_once(void **state) {
    (void)state;
    enum {
        THREADS = 4
    };
    struct keys keys = keys_of_rfc();
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        struct holder holder = holder_of(module, &keys);
        struct thread_work work[THREADS];
        pthread_t threads[THREADS];
        for (uint64_t i = 0; i < THREADS; i++) {
            work[i] = (struct thread_work){.holder = &holder, .keys = &keys, .seed = i + 1};
            assert_int_equal(
                pthread_create(&threads[i], NULL, sign_verify_and_decapsulate, &work[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (size_t i = 0; i < THREADS; i++)
            assert_status(module, STATUS_OK, work[i].status);
        holder_free(&holder);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_is_found_by_its_name_and_no_other),
        cmocka_unit_test(every_module_that_was_built_in_is_present),
        cmocka_unit_test(the_signature_of_rfc_6507_verifies),
        cmocka_unit_test(the_ssv_of_rfc_6508_is_encapsulated_and_decapsulated_as_there),
        cmocka_unit_test(a_power_of_g_with_leading_zeros_is_hashed_at_full_width),
        cmocka_unit_test(the_same_master_secrets_make_the_same_domain_and_receiver_keys),
        cmocka_unit_test(what_one_module_issues_signs_and_encapsulates_every_module_takes),
        cmocka_unit_test(an_empty_message_is_signed_like_any_other),
        cmocka_unit_test(the_same_seed_makes_the_same_signature_and_another_seed_another),
        cmocka_unit_test(handles_serve_several_threads_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
