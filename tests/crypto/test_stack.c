/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/mman.h>

#include "crypto/hedge.h"
#include "crypto/secret.h"
#include "modules.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/plain.h"

/* What an operation of the native module leaves on its stack: it runs on one of our own, which is
 * searched for any 8 octets in a row of a secret, as octets and as limbs. */
enum {
    OWN_STACK_SIZE = 1 << 20,
    MEMBERS = 9 /* eight at once, and one */
};

struct operation {
    const struct holder *holder;
    const struct master_key *master;
    struct span identifier;
    const struct entropy *entropy;
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE], signature[ECCSI_SIGNATURE_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    uint8_t z[SAKKE_FIELD_SIZE];
    enum status status;
};

static uint8_t *run(void *(*steps)(void *), struct operation *operation) {
    uint8_t *stack = mmap(NULL, OWN_STACK_SIZE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    assert_ptr_not_equal(stack, MAP_FAILED);
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, stack, OWN_STACK_SIZE), 0);
    assert_int_equal(pthread_create(&thread, &attributes, steps, operation), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    assert_int_equal(operation->status, STATUS_OK);
    return stack;
}

static void assert_gone(const uint8_t *stack, struct span secret) {
    for (size_t at = 0; at + 8 <= secret.length; at += 8) {
        assert_null(memmem(stack, OWN_STACK_SIZE, secret.octets + at, 8));
    }
}

/* a += b on 1024 bits. */
static void wide_add(struct residue *a, const struct residue *b) {
    uint64_t carry = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        uint64_t sum = a->limbs[i] + carry;
        carry = sum < carry;
        a->limbs[i] = sum + b->limbs[i];
        carry += a->limbs[i] < sum;
    }
}

static void assert_integer_gone(const uint8_t *stack, struct span octets) {
    struct residue integer;
    residue_from_octets(&integer, octets);
    assert_gone(stack, octets);
    assert_gone(stack, (struct span){(const uint8_t *)&integer, octets.length});
}

/* Limbs of 52 bits, as arithmetic eight at a time has them, from `bit` on; a limb below 2^40 could
 * be anything. */
static void assert_short_limbs_gone(const uint8_t *stack, const struct residue *integer) {
    for (unsigned bit = 0; bit + 64 <= RESIDUE_BITS; bit += 52) {
        uint64_t limb = integer->limbs[bit / 64] >> bit % 64;
        if (bit % 64 > 12) {
            limb |= integer->limbs[bit / 64 + 1] << (64 - bit % 64);
        }
        limb &= (UINT64_C(1) << 52) - 1;
        if (limb >> 40 != 0) {
            assert_null(memmem(stack, OWN_STACK_SIZE, &limb, sizeof limb));
        }
    }
}

static void assert_element_gone(const uint8_t *stack, const struct field_element *element) {
    uint8_t octets[RESIDUE_OCTETS];
    struct residue eight = {{UINT64_C(1) << 16}};
    field_to_octets(octets, element);
    assert_gone(stack, (struct span){(const uint8_t *)element, sizeof *element});
    assert_integer_gone(stack, SPAN_OF(octets));
    /* There the radix is 2^1040, and p may not have been taken off. */
    residue_to_montgomery(&eight, &eight, &sakke_p);
    residue_multiply(&eight, &eight, &element->residue, &sakke_p);
    assert_short_limbs_gone(stack, &eight);
    wide_add(&eight, &sakke_p.value);
    assert_short_limbs_gone(stack, &eight);
}

/* w = <RSK, R> is as good as the SSV: it unmasks it. */
static void assert_w_gone(const uint8_t *stack, const struct operation *operation) {
    struct affine_point rsk, r;
    struct field_element w;
    assert_int_equal(curve_read(operation->rsk, &rsk), STATUS_OK);
    assert_int_equal(curve_read(operation->data, &r), STATUS_OK);
    plain_pairing(&w, &rsk, &r);
    assert_element_gone(stack, &w);
}

static void *encapsulate(void *context) {
    struct operation *o = context;
    o->status = o->holder->module->encapsulate(o->holder->domain, o->identifier, o->ssv, o->data);
    return NULL;
}

static void *encapsulate_each(void *context) {
    struct operation *o = context;
    struct span identifiers[MEMBERS];
    uint8_t ssvs[MEMBERS][SSV_SIZE], data[MEMBERS][SAKKE_DATA_SIZE];
    for (unsigned i = 0; i < MEMBERS; i++) {
        identifiers[i] = o->identifier;
        memcpy(ssvs[i], o->ssv, SSV_SIZE);
    }
    o->status = o->holder->module->encapsulate_each(o->holder->domain, MEMBERS, identifiers,
                                                    (const uint8_t(*)[SSV_SIZE])ssvs, data);
    secret_wipe(ssvs, sizeof ssvs);
    memcpy(o->data, data[MEMBERS - 1], SAKKE_DATA_SIZE);
    return NULL;
}

static void *decapsulate(void *context) {
    struct operation *o = context;
    o->status = o->holder->module->decapsulate(o->holder->receiver_key, o->data, o->ssv);
    return NULL;
}

static void *sign(void *context) {
    struct operation *o = context;
    o->status =
        o->holder->module->sign(o->holder->signing_key, o->identifier, o->entropy, o->signature);
    return NULL;
}

static void *issue(void *context) {
    struct operation *o = context;
    o->status = o->holder->module->issue_receiver_key(o->master, o->identifier, o->rsk);
    if (o->status == STATUS_OK) {
        o->status = o->holder->module->issue_signing_key(o->master, o->identifier, o->entropy,
                                                         o->ssk, o->pvt);
    }
    return NULL;
}

static void *issue_together(void *context) {
    struct operation *o = context;
    struct span identifiers[MEMBERS];
    uint8_t made[MEMBERS][SAKKE_POINT_SIZE], *rsks[MEMBERS];
    for (unsigned i = 0; i < MEMBERS; i++) {
        identifiers[i] = o->identifier;
        rsks[i] = made[i];
    }
    o->status = o->holder->module->issue_receiver_keys(o->master, MEMBERS, identifiers, rsks);
    memcpy(o->rsk, made[0], sizeof o->rsk);
    secret_wipe(made, sizeof made);
    return NULL;
}

static void an_exchange_leaves_nothing_that_unmasks_its_ssv(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    struct holder holder = holder_of(provider_find("native"), &keys);
    struct operation operation = {.holder = &holder, .identifier = keys_identifier(&keys)};
    memcpy(operation.ssv, "sixteen octets !", SSV_SIZE);
    memcpy(operation.rsk, keys.rsk, SAKKE_POINT_SIZE);
    void *(*const exchanges[])(void *) = {encapsulate, encapsulate_each, decapsulate};
    for (unsigned i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
        uint8_t *stack = run(exchanges[i], &operation);
        assert_gone(stack, SPAN_OF(operation.ssv));
        assert_w_gone(stack, &operation);
        assert_integer_gone(stack, (struct span){operation.rsk + 1, RESIDUE_OCTETS});
        munmap(stack, OWN_STACK_SIZE);
    }
    holder_free(&holder);
}

/* One part of one j in each of a few signatures would give the key away. */
static void a_signature_leaves_nothing_of_j_and_the_key(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    struct holder holder = holder_of(provider_find("native"), &keys);
    struct entropy_seeded seeded, again;
    struct entropy entropy = entropy_from_seed(&seeded, 6507);
    struct entropy same = entropy_from_seed(&again, 6507);
    struct hedge hedge;
    const struct entropy hedged = hedge_over(&hedge, &same, keys.ssk, keys_identifier(&keys));
    uint8_t j[ECCSI_SCALAR_SIZE];
    assert_int_equal(entropy_draw(&hedged, j, sizeof j), STATUS_OK);
    struct operation operation = {
        .holder = &holder, .identifier = keys_identifier(&keys), .entropy = &entropy};
    uint8_t *stack = run(sign, &operation);
    assert_integer_gone(stack, SPAN_OF(j));
    assert_integer_gone(stack, SPAN_OF(keys.ssk));
    munmap(stack, OWN_STACK_SIZE);
    holder_free(&holder);
}

static void *load_receiver_key(void *context) {
    struct operation *o = context;
    struct receiver_key *key;
    o->status =
        o->holder->module->receiver_key_load(o->holder->domain, o->identifier, o->rsk, &key);
    if (o->status == STATUS_OK) {
        o->holder->module->receiver_key_free(key);
    }
    return NULL;
}

static void *load_signing_key(void *context) {
    struct operation *o = context;
    struct signing_key *key;
    o->status =
        o->holder->module->signing_key_load(o->holder->domain, o->identifier, o->ssk, o->pvt, &key);
    if (o->status == STATUS_OK) {
        o->holder->module->signing_key_free(key);
    }
    return NULL;
}

static void loading_leaves_nothing_of_the_keys(void **state) {
    (void)state;
    struct keys keys = keys_of_rfc();
    struct holder holder = holder_of(provider_find("native"), &keys);
    struct operation operation = {.holder = &holder, .identifier = keys_identifier(&keys)};
    struct affine_point rsk;
    memcpy(operation.rsk, keys.rsk, sizeof keys.rsk);
    memcpy(operation.ssk, keys.ssk, sizeof keys.ssk);
    memcpy(operation.pvt, keys.pvt, sizeof keys.pvt);
    assert_int_equal(curve_read(keys.rsk, &rsk), STATUS_OK);
    uint8_t *stack = run(load_receiver_key, &operation);
    assert_element_gone(stack, &rsk.x);
    assert_element_gone(stack, &rsk.y);
    munmap(stack, OWN_STACK_SIZE);
    stack = run(load_signing_key, &operation);
    assert_integer_gone(stack, SPAN_OF(keys.ssk));
    munmap(stack, OWN_STACK_SIZE);
    holder_free(&holder);
}

static void *load_master(void *context) {
    struct operation *o = context;
    struct master_key *master;
    uint8_t z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    const struct provider *module = o->holder->module;
    o->status = module->master_load(o->z, o->ssk, &master);
    if (o->status == STATUS_OK) {
        o->status = module->public_keys(master, z_point, kpak);
        module->master_free(master);
    }
    return NULL;
}

static void a_kms_that_starts_leaves_nothing_of_its_master_secrets(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 6508);
    struct holder holder = {.module = provider_find("native")};
    struct operation operation = {.holder = &holder, .entropy = &entropy};
    assert_int_equal(holder.module->master_generate(&entropy, operation.z, operation.ssk),
                     STATUS_OK);
    uint8_t *stack = run(load_master, &operation);
    assert_integer_gone(stack, SPAN_OF(operation.z));
    assert_integer_gone(stack, SPAN_OF(operation.ssk));
    munmap(stack, OWN_STACK_SIZE);
}

static void issuing_leaves_nothing_of_the_keys(void **state) {
    (void)state;
    const struct provider *module = provider_find("native");
    struct keys keys = keys_of_rfc();
    struct holder holder = {.module = module};
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 6507);
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    struct master_key *master;
    assert_int_equal(module->master_generate(&entropy, z, ksak), STATUS_OK);
    assert_int_equal(module->master_load(z, ksak, &master), STATUS_OK);
    struct operation operation = {.holder = &holder,
                                  .master = master,
                                  .identifier = keys_identifier(&keys),
                                  .entropy = &entropy};
    void *(*const ways[])(void *) = {issue, issue_together};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        uint8_t *stack = run(ways[i], &operation);
        struct affine_point rsk;
        assert_int_equal(curve_read(operation.rsk, &rsk), STATUS_OK);
        assert_element_gone(stack, &rsk.x);
        assert_element_gone(stack, &rsk.y);
        assert_integer_gone(stack, SPAN_OF(operation.ssk));
        assert_integer_gone(stack, SPAN_OF(z));
        assert_integer_gone(stack, SPAN_OF(ksak));
        munmap(stack, OWN_STACK_SIZE);
    }
    module->master_free(master);
}

static int run_all(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_leaves_nothing_that_unmasks_its_ssv),
        cmocka_unit_test(a_signature_leaves_nothing_of_j_and_the_key),
        cmocka_unit_test(loading_leaves_nothing_of_the_keys),
        cmocka_unit_test(a_kms_that_starts_leaves_nothing_of_its_master_secrets),
        cmocka_unit_test(issuing_leaves_nothing_of_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run_all);
}
