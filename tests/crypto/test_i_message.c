/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the format promises is tried on every bit with the stand-in module; test_tampering tries the
 * real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/mikey.h"
#include "tests/crypto/parties.h"
#include "tests/crypto/stand_in.h"
#include "tests/crypto/tampering.h"

static const uint8_t ssv[SSV_SIZE] = "0123456789abcde";

struct scene {
    struct parties parties;
    uint8_t octets[I_MESSAGE_MAX];
    struct span message;
};

static void open_scene(struct scene *scene, const struct provider *provider) {
    parties_open(&scene->parties, provider);
    struct writer w = writer_into(scene->octets, sizeof scene->octets);
    parties_write_i_message(&scene->parties, ssv, &w);
    scene->message = writer_span(&w);
}

static void close_scene(struct scene *scene) {
    parties_close(&scene->parties);
}

static void assert_the_receiver_gets_what_was_sent(const struct provider *provider) {
    struct scene scene;
    struct i_message message;
    uint8_t received[SSV_SIZE];
    open_scene(&scene, provider);
    const struct parties *parties = &scene.parties;
    assert_int_equal(i_message_parse(scene.message, &message), STATUS_OK);
    assert_memory_equal(&message.fields, &parties->i_message, sizeof message.fields);
    assert_int_equal(message.id_scheme, ID_SCHEME_FIXED);
    assert_int_equal(
        i_message_verify(provider, &message, parties->domain, &parties->alice.identifier),
        STATUS_OK);
    assert_int_equal(i_message_open(provider, &message, parties->bob.receiver_key, received),
                     STATUS_OK);
    assert_memory_equal(received, ssv, sizeof ssv);
    assert_int_equal(
        i_message_verify(provider, &message, parties->domain, &parties->bob.identifier),
        STATUS_SIGNATURE_INVALID);
    assert_int_not_equal(i_message_open(provider, &message, parties->alice.receiver_key, received),
                         STATUS_OK);
    close_scene(&scene);
}

static void the_receiver_gets_what_was_sent_and_nobody_else_does(void **state) {
    (void)state;
    assert_the_receiver_gets_what_was_sent(&stand_in);
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        if (provider_find(provider_name(n)) != NULL) {
            assert_the_receiver_gets_what_was_sent(provider_find(provider_name(n)));
        }
    }
}

static void the_signature_covers_all_before_its_own_octets(void **state) {
    (void)state;
    struct scene scene;
    struct i_message message;
    open_scene(&scene, &stand_in);
    assert_int_equal(i_message_parse(scene.message, &message), STATUS_OK);
    assert_ptr_equal(message.covered.octets, scene.octets);
    assert_int_equal(message.covered.length, scene.message.length - ECCSI_SIGNATURE_SIZE);
    assert_ptr_equal(message.signature.octets, scene.octets + message.covered.length);
    close_scene(&scene);
}

static void every_changed_bit_is_refused_by_form_or_signature(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene, &stand_in);
    size_t by_form = 0;
    size_t by_signature = 0;
    for (size_t at = 0; at < scene.message.length; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            scene.octets[at] ^= (uint8_t)(1U << bit);
            struct i_message message;
            enum status status = i_message_parse(scene.message, &message);
            if (status == STATUS_OK) {
                by_signature++;
                assert_int_equal(parties_receive_i_message(&scene.parties, scene.message),
                                 STATUS_SIGNATURE_INVALID);
            } else {
                by_form++;
                assert_true(status == STATUS_TRUNCATED || status == STATUS_MALFORMED ||
                            status == STATUS_UNSUPPORTED || status == STATUS_IDENTITY_INVALID ||
                            status == STATUS_TOO_LONG);
            }
            scene.octets[at] ^= (uint8_t)(1U << bit);
        }
    }
    print_message("%zu by form, %zu by signature\n", by_form, by_signature);
    assert_true(by_form > 0 && by_signature > 0);
    assert_int_equal(parties_receive_i_message(&scene.parties, scene.message), STATUS_OK);
    close_scene(&scene);
}

static void each_refused_octet_names_the_check_that_failed(void **state) {
    (void)state;
    /* Where the fields of the message from alice to bob are (RFC 3830 6, app/README.md section 4).
     */
    enum {
        T_AT = 10,
        RAND_AT = T_AT + 10,
        INITIATOR_AT = RAND_AT + 18,
        RESPONDER_AT = INITIATOR_AT + 5 + 17,
        INITIATOR_KMS_AT = RESPONDER_AT + 5 + 31,
        RESPONDER_KMS_AT = INITIATOR_KMS_AT + 5 + 22,
        SAKKE_AT = RESPONDER_KMS_AT + 5 + 20,
        SIGN_AT = SAKKE_AT + 5 + SAKKE_DATA_SIZE,
    };
    static const struct {
        size_t at;
        uint8_t value;
        enum status status;
    } changes[] = {
        {0, 2, STATUS_UNSUPPORTED},                 /* version */
        {1, 0, STATUS_UNSUPPORTED},                 /* data type: pre-shared key */
        {2, MIKEY_RAND, STATUS_MALFORMED},          /* next payload */
        {3, 0, STATUS_UNSUPPORTED},                 /* PRF: MIKEY-1 */
        {3, 0x81, STATUS_UNSUPPORTED},              /* V */
        {4, 0, STATUS_SIGNATURE_INVALID},           /* CSB ID */
        {8, 1, STATUS_MALFORMED},                   /* #CS */
        {9, 1, STATUS_UNSUPPORTED},                 /* CS ID map type */
        {T_AT + 1, 1, STATUS_UNSUPPORTED},          /* timestamp of type NTP */
        {T_AT + 5, 0, STATUS_SIGNATURE_INVALID},    /* seconds */
        {T_AT + 9, 0, STATUS_MALFORMED},            /* not on a millisecond */
        {RAND_AT + 1, 15, STATUS_MALFORMED},        /* RAND length */
        {RAND_AT + 2, 0, STATUS_SIGNATURE_INVALID}, /* RAND */
        {INITIATOR_AT + 1, 2, STATUS_MALFORMED},    /* role */
        {INITIATOR_AT + 2, 0, STATUS_MALFORMED},    /* ID type: NAI */
        {INITIATOR_AT + 3, 1, STATUS_TOO_LONG},     /* identity longer than we take */
        {INITIATOR_AT + 5, 'T', STATUS_IDENTITY_INVALID},
        {INITIATOR_AT + 21, '4', STATUS_SIGNATURE_INVALID},
        {INITIATOR_AT + 21, 0, STATUS_IDENTITY_INVALID},
        {RESPONDER_AT, MIKEY_SAKKE, STATUS_MALFORMED}, /* leaves payloads out */
        {INITIATOR_KMS_AT + 5, 'S', STATUS_IDENTITY_INVALID},
        {RESPONDER_KMS_AT + 5, 't', STATUS_SIGNATURE_INVALID},
        {SAKKE_AT + 1, 2, STATUS_UNSUPPORTED},  /* SAKKE parameter set */
        {SAKKE_AT + 2, 1, STATUS_MALFORMED},    /* the scheme of a tel: identity */
        {SAKKE_AT + 2, 2, STATUS_UNSUPPORTED},  /* an ID scheme that we do not know */
        {SAKKE_AT + 4, 0x10, STATUS_MALFORMED}, /* SAKKE data length */
        {SAKKE_AT + 5, 0xFF, STATUS_SIGNATURE_INVALID},
        {SIGN_AT, 0x10, STATUS_UNSUPPORTED},   /* signature type: RSA/PSS */
        {SIGN_AT + 1, 0x80, STATUS_MALFORMED}, /* signature length */
        {SIGN_AT + 2, 0xFF, STATUS_SIGNATURE_INVALID},
    };
    struct scene scene;
    open_scene(&scene, &stand_in);
    assert_int_equal(scene.message.length, SIGN_AT + 2 + ECCSI_SIGNATURE_SIZE);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t before = scene.octets[changes[i].at];
        assert_int_not_equal(before, changes[i].value);
        scene.octets[changes[i].at] = changes[i].value;
        enum status status = parties_receive_i_message(&scene.parties, scene.message);
        if (status != changes[i].status) {
            fail_msg("octet %zu: %s, not %s", changes[i].at, status_name(status),
                     status_name(changes[i].status));
        }
        scene.octets[changes[i].at] = before;
    }
    close_scene(&scene);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    struct scene scene;
    struct i_message message;
    open_scene(&scene, &stand_in);
    for (size_t length = 0; length < scene.message.length; length++) {
        assert_int_equal(i_message_parse((struct span){scene.octets, length}, &message),
                         STATUS_TRUNCATED);
    }
    assert_int_equal(i_message_parse((struct span){NULL, 0}, &message), STATUS_TRUNCATED);
    close_scene(&scene);
}

static void octets_after_the_signature_are_refused(void **state) {
    (void)state;
    struct scene scene;
    struct i_message message;
    open_scene(&scene, &stand_in);
    scene.octets[scene.message.length] = 0;
    assert_int_equal(
        i_message_parse((struct span){scene.octets, scene.message.length + 1}, &message),
        STATUS_MALFORMED);
    assert_null(message.signature.octets);
    static const uint8_t too_long[I_MESSAGE_MAX + 1];
    assert_int_equal(i_message_parse(SPAN_OF(too_long), &message), STATUS_TOO_LONG);
    close_scene(&scene);
}

static enum status build(struct scene *scene, struct writer *out) {
    const struct parties *parties = &scene->parties;
    return i_message_build(parties->provider, &parties->i_message, parties->domain,
                           &parties->bob.identifier, parties->alice.signing_key, ssv,
                           &parties->entropy, out);
}

/* Those that go together: none, key parameters, a share, a share and recovery. */
static void extensions_come_back_and_only_those_that_go_together(void **state) {
    (void)state;
    uint8_t data[SAKKE_DATA_SIZE + 1];
    struct scene scene;
    memset(data, 0x3C, sizeof data);
    open_scene(&scene, &stand_in);
    struct i_message_fields *fields = &scene.parties.i_message;
    static const size_t shares[] = {0, SHARE_SIZE - 1, SHARE_SIZE, SHARE_SIZE + 1};
    static const size_t recoveries[] = {0, SAKKE_DATA_SIZE - 1, SAKKE_DATA_SIZE,
                                        SAKKE_DATA_SIZE + 1};
    unsigned built = 0;
    for (unsigned n = 0; n < 32; n++) {
        fields->key_parameters = (struct span){data, n / 16 == 0 ? 0 : 40};
        fields->share = (struct span){data, shares[n / 4 % 4]};
        fields->recovery = (struct span){data, recoveries[n % 4]};
        bool may_be =
            fields->key_parameters.length > 0 ? n % 16 == 0
            : fields->share.length == SHARE_SIZE
                ? fields->recovery.length == 0 || fields->recovery.length == SAKKE_DATA_SIZE
                : n % 16 == 0;
        struct i_message message;
        struct writer w = writer_into(scene.octets, sizeof scene.octets);
        assert_int_equal(build(&scene, &w), may_be ? STATUS_OK : STATUS_MALFORMED);
        if (!may_be) {
            continue;
        }
        built++;
        assert_int_equal(i_message_parse(writer_span(&w), &message), STATUS_OK);
        assert_true(span_equal(message.fields.key_parameters, fields->key_parameters));
        assert_true(span_equal(message.fields.share, fields->share));
        assert_true(span_equal(message.fields.recovery, fields->recovery));
    }
    assert_int_equal(built, 4);
    close_scene(&scene);
}

/* Any fields that may be sent come back as they were. */
static void random_fields_come_back(void **state) {
    (void)state;
    static const char *const identities[] = {
        "tel:+447700900123",
        "tel:+1",
        "urn:gsma:imei:90420156-025763-0",
        "sip:fire7@county.example",
        "sip:the.longest.of.the.four.that.this.test.takes@every.county.of.the.land.example",
    };
    const uint64_t seed = 6043;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed);
    struct scene scene;
    open_scene(&scene, &stand_in);
    for (int round = 0; round < 1000; round++) {
        struct i_message_fields *fields = &scene.parties.i_message;
        struct i_message message;
        memset(fields, 0, sizeof *fields);
        fields->key_id = (uint32_t)draw_below(&entropy, UINT32_MAX);
        fields->utc_ms =
            (int64_t)draw_below(&entropy, 4233462144U) * 1000 + (int64_t)draw_below(&entropy, 1000);
        assert_int_equal(entropy_draw(&entropy, fields->rand, sizeof fields->rand), STATUS_OK);
        strcpy(fields->initiator, identities[draw_below(&entropy, 5)]);
        strcpy(fields->responder, identities[draw_below(&entropy, 5)]);
        strcpy(fields->initiator_kms, identities[draw_below(&entropy, 5)]);
        strcpy(fields->responder_kms, identities[draw_below(&entropy, 5)]);
        struct writer w = writer_into(scene.octets, sizeof scene.octets);
        parties_write_i_message(&scene.parties, ssv, &w);
        assert_int_equal(i_message_parse(writer_span(&w), &message), STATUS_OK);
        assert_memory_equal(&message.fields, fields, sizeof *fields);
        assert_int_equal(message.id_scheme, identity_scheme(fields->responder));
    }
    close_scene(&scene);
}

static void what_may_not_be_sent_is_not_built(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[I_MESSAGE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    open_scene(&scene, &stand_in);
    struct i_message_fields *fields = &scene.parties.i_message;
    const struct i_message_fields good = *fields;

    strcpy(fields->initiator, "fire7");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    strcpy(fields->responder, "");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    strcpy(fields->initiator_kms, "county");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    strcpy(fields->responder_kms, "county");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    fields->utc_ms = -1;
    assert_int_equal(build(&scene, &w), STATUS_TIME_OUT_OF_RANGE);
    *fields = good;
    assert_int_equal(w.length, 0);

    struct writer small = writer_into(octets, scene.message.length - 1);
    assert_int_equal(build(&scene, &small), STATUS_TOO_LONG);
    assert_int_equal(small.length, 0);
    small = writer_into(octets, scene.message.length);
    assert_int_equal(build(&scene, &small), STATUS_OK);
    close_scene(&scene);
}

static enum status sign_without_memory(const struct signing_key *signing_key, struct span message,
                                       const struct entropy *entropy,
                                       uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)signing_key, (void)message, (void)entropy, (void)signature;
    return STATUS_NO_MEMORY;
}

static enum status encapsulate_without_memory(const struct domain_key *domain,
                                              struct span identifier,
                                              const uint8_t secret[SSV_SIZE],
                                              uint8_t data[SAKKE_DATA_SIZE]) {
    (void)domain, (void)identifier, (void)secret, (void)data;
    return STATUS_NO_MEMORY;
}

static void a_module_that_fails_leaves_no_part_of_a_message(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[I_MESSAGE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct provider broken = stand_in;
    open_scene(&scene, &stand_in);
    scene.parties.provider = &broken;
    broken.sign = sign_without_memory;
    assert_int_equal(build(&scene, &w), STATUS_NO_MEMORY);
    broken = stand_in;
    broken.encapsulate = encapsulate_without_memory;
    assert_int_equal(build(&scene, &w), STATUS_NO_MEMORY);
    assert_int_equal(w.length, 0);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    close_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_receiver_gets_what_was_sent_and_nobody_else_does),
        cmocka_unit_test(the_signature_covers_all_before_its_own_octets),
        cmocka_unit_test(every_changed_bit_is_refused_by_form_or_signature),
        cmocka_unit_test(each_refused_octet_names_the_check_that_failed),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(octets_after_the_signature_are_refused),
        cmocka_unit_test(extensions_come_back_and_only_those_that_go_together),
        cmocka_unit_test(random_fields_come_back),
        cmocka_unit_test(what_may_not_be_sent_is_not_built),
        cmocka_unit_test(a_module_that_fails_leaves_no_part_of_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
