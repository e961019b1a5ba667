/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the format promises is tried on every bit with the stand-in module; test_tampering tries the
 * real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/derivation.h"
#include "crypto/mikey.h"
#include "tests/crypto/parties.h"
#include "tests/crypto/stand_in.h"

static const uint8_t gsk[GSK_SIZE] = "fedcba987654321";

/* Where the fields of alice's announcement are (RFC 3830 6, app/README.md section 4). */
enum {
    SSRC_AT = 11,
    ROC_AT = SSRC_AT + 4,
    T_AT = 19,
    RAND_AT = T_AT + 10,
    TALKER_AT = RAND_AT + 18,
    GMK_ID_AT = TALKER_AT + 5 + 17,
    HOUR_AT = GMK_ID_AT + 5 + 4,
    GROUP_AT = HOUR_AT + 4,
    POLICY_AT = GROUP_AT + 5 + 54,
    PROOF_AT = POLICY_AT + 5 + 15,
    SESSION_AT = PROOF_AT + 4 + START_SIZE + 8 + TALKER_KEY_SIZE + VOICE_LINK_SIZE + 2 + 4,
    BEGAN_AT = SESSION_AT + SESSION_ID_SIZE,
    PRIORITY_AT = BEGAN_AT + 8,
    KEMAC_AT = PRIORITY_AT + 1,
    MAC_ALGORITHM_AT = KEMAC_AT + 4 + MIKEY_KEY_DATA_SIZE,
    MAC_AT = MAC_ALGORITHM_AT + 1,
    SIGN_AT = MAC_AT + MIKEY_MAC_SIZE,
    SIGNATURE_AT = SIGN_AT + 2,
    LENGTH = SIGNATURE_AT + ECCSI_SIGNATURE_SIZE,
};

struct scene {
    struct parties parties;
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct span message;
};

static void open_scene(struct scene *scene, const struct provider *provider) {
    parties_open(&scene->parties, provider);
    struct writer w = writer_into(scene->octets, sizeof scene->octets);
    parties_write_announcement(&scene->parties, gsk, &w);
    scene->message = writer_span(&w);
    assert_int_equal(scene->message.length, LENGTH);
}

static void close_scene(struct scene *scene) {
    parties_close(&scene->parties);
}

static void assert_a_member_gets_what_was_announced(const struct provider *provider) {
    struct scene scene;
    struct announcement announcement;
    uint8_t received[GSK_SIZE];
    open_scene(&scene, provider);
    const struct parties *parties = &scene.parties;
    assert_int_equal(announcement_parse(scene.message, &announcement), STATUS_OK);
    assert_memory_equal(&announcement.fields, &parties->announcement, sizeof announcement.fields);
    assert_int_equal(announcement_open(&announcement, parties->gmk, received), STATUS_OK);
    assert_memory_equal(received, gsk, sizeof gsk);
    assert_int_equal(
        announcement_verify(provider, &announcement, parties->domain, &parties->alice.identifier),
        STATUS_OK);
    assert_int_equal(
        announcement_verify(provider, &announcement, parties->domain, &parties->bob.identifier),
        STATUS_SIGNATURE_INVALID);
    close_scene(&scene);
}

static void a_member_gets_the_gsk_and_the_talker(void **state) {
    (void)state;
    assert_a_member_gets_what_was_announced(&stand_in);
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        if (provider_find(provider_name(n)) != NULL) {
            assert_a_member_gets_what_was_announced(provider_find(provider_name(n)));
        }
    }
}

static void without_the_gmk_the_mac_fails_and_no_gsk_comes_out(void **state) {
    (void)state;
    struct scene scene;
    struct announcement announcement;
    open_scene(&scene, &stand_in);
    assert_int_equal(announcement_parse(scene.message, &announcement), STATUS_OK);
    for (unsigned bit = 0; bit < 8 * GMK_SIZE; bit++) {
        static const uint8_t nothing[GSK_SIZE];
        uint8_t received[GSK_SIZE];
        scene.parties.gmk[bit / 8] ^= (uint8_t)(1U << bit % 8);
        memset(received, 0x77, sizeof received);
        assert_int_equal(announcement_open(&announcement, scene.parties.gmk, received),
                         STATUS_MAC_INVALID);
        assert_memory_equal(received, nothing, sizeof received);
        scene.parties.gmk[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    close_scene(&scene);
}

static void mac_and_signature_cover_all_before_their_own_octets(void **state) {
    (void)state;
    struct scene scene;
    struct announcement announcement;
    open_scene(&scene, &stand_in);
    assert_int_equal(announcement_parse(scene.message, &announcement), STATUS_OK);
    assert_ptr_equal(announcement.mac_covered.octets, scene.octets);
    assert_int_equal(announcement.mac_covered.length, MAC_AT);
    assert_ptr_equal(announcement.mac.octets, scene.octets + MAC_AT);
    assert_int_equal(announcement.mac.length, MIKEY_MAC_SIZE);
    assert_ptr_equal(announcement.covered.octets, scene.octets);
    assert_int_equal(announcement.covered.length, SIGNATURE_AT);
    assert_ptr_equal(announcement.signature.octets, scene.octets + SIGNATURE_AT);
    close_scene(&scene);
}

/* RFC 3830 4.1.4, 4.2.3 and 6.2 written down once more: the message's MAC and key data are what a
 * reader of the RFC computes. */
static void the_kemac_is_rfc_3830s(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene, &stand_in);
    const struct announcement_fields *fields = &scene.parties.announcement;
    struct span gmk = SPAN_OF(scene.parties.gmk);
    uint8_t encr[16];
    uint8_t auth[32];
    uint8_t salt[14];
    uint8_t mac[32];
    size_t size = 0;
    assert_int_equal(
        mikey_derive(DERIVED_PSK_ENCR, gmk, 0xFF, fields->csb_id, fields->rand, encr, 16),
        STATUS_OK);
    assert_int_equal(
        mikey_derive(DERIVED_PSK_AUTH, gmk, 0xFF, fields->csb_id, fields->rand, auth, 32),
        STATUS_OK);
    assert_int_equal(
        mikey_derive(DERIVED_PSK_SALT, gmk, 0xFF, fields->csb_id, fields->rand, salt, 14),
        STATUS_OK);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, auth, sizeof auth, scene.octets,
                              MAC_AT, mac, sizeof mac, &size));
    assert_memory_equal(scene.octets + MAC_AT, mac, sizeof mac);

    /* CSB ID and T as they stand in the message, two zero octets before and after. */
    uint8_t counter[16] = {0};
    memcpy(counter + 2, scene.octets + 4, 4);
    memcpy(counter + 6, scene.octets + T_AT + 2, 8);
    for (size_t i = 0; i < sizeof salt; i++) {
        counter[i] ^= salt[i];
    }
    uint8_t blocks[32] = {0};
    int done = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    for (int i = 0; i < 2; i++) { /* the key stream, block by block */
        assert_int_equal(EVP_EncryptInit_ex2(context, EVP_aes_128_ecb(), encr, NULL, NULL), 1);
        assert_int_equal(EVP_EncryptUpdate(context, blocks + 16 * i, &done, counter, 16), 1);
        counter[15]++;
    }
    EVP_CIPHER_CTX_free(context);
    uint8_t expected[MIKEY_KEY_DATA_SIZE] = {0, 0, 0, GSK_SIZE};
    memcpy(expected + 4, gsk, sizeof gsk);
    for (size_t i = 0; i < sizeof expected; i++) {
        assert_int_equal(scene.octets[KEMAC_AT + 4 + i], expected[i] ^ blocks[i]);
    }
    close_scene(&scene);
}

static void every_changed_bit_is_refused_by_form_mac_or_signature(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene, &stand_in);
    size_t by_form = 0;
    size_t by_mac = 0;
    size_t by_signature = 0;
    for (size_t at = 0; at < scene.message.length; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct announcement announcement;
            scene.octets[at] ^= (uint8_t)(1U << bit);
            enum status form = announcement_parse(scene.message, &announcement);
            enum status status = parties_receive_announcement(&scene.parties, scene.message);
            if (form != STATUS_OK) {
                by_form++;
                assert_int_equal(status, form);
                assert_true(at < MAC_AT || (at >= SIGN_AT && at < SIGNATURE_AT));
            } else if (at < SIGN_AT) {
                by_mac++;
                assert_int_equal(status, STATUS_MAC_INVALID);
            } else {
                by_signature++;
                assert_int_equal(status, STATUS_SIGNATURE_INVALID);
            }
            if (form == STATUS_OK) { /* the signature alone tells as well */
                assert_int_equal(announcement_verify(&stand_in, &announcement, NULL,
                                                     &scene.parties.alice.identifier),
                                 STATUS_SIGNATURE_INVALID);
            }
            scene.octets[at] ^= (uint8_t)(1U << bit);
        }
    }
    print_message("%zu by form, %zu by MAC, %zu by signature\n", by_form, by_mac, by_signature);
    assert_int_equal(by_signature, 8 * ECCSI_SIGNATURE_SIZE);
    assert_true(by_form > 0 && by_mac > 0);
    assert_int_equal(parties_receive_announcement(&scene.parties, scene.message), STATUS_OK);
    close_scene(&scene);
}

static void each_refused_octet_names_the_check_that_failed(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        enum status status;
    } changes[] = {
        {0, 2, STATUS_UNSUPPORTED},                    /* version */
        {1, 26, STATUS_UNSUPPORTED},                   /* data type: SAKKE */
        {1, 1, STATUS_UNSUPPORTED},                    /* data type: verification message */
        {2, MIKEY_RAND, STATUS_MALFORMED},             /* next payload */
        {3, 0, STATUS_UNSUPPORTED},                    /* PRF: MIKEY-1 */
        {3, 0x81, STATUS_UNSUPPORTED},                 /* V */
        {4, 0, STATUS_MAC_INVALID},                    /* CSB ID */
        {8, 2, STATUS_MALFORMED},                      /* #CS */
        {9, 1, STATUS_UNSUPPORTED},                    /* CS ID map type */
        {10, 1, STATUS_MALFORMED},                     /* policy number */
        {SSRC_AT, 0, STATUS_MAC_INVALID},              /* SSRC */
        {ROC_AT + 3, 1, STATUS_MALFORMED},             /* ROC */
        {T_AT + 1, 2, STATUS_UNSUPPORTED},             /* timestamp of type counter */
        {T_AT + 5, 0xFF, STATUS_MAC_INVALID},          /* seconds */
        {T_AT + 5, 0, STATUS_MALFORMED},               /* made before the session began */
        {T_AT + 9, 0, STATUS_MALFORMED},               /* not on a millisecond */
        {RAND_AT + 1, 17, STATUS_MALFORMED},           /* RAND length */
        {RAND_AT + 17, 0, STATUS_MAC_INVALID},         /* RAND */
        {TALKER_AT + 1, 2, STATUS_MALFORMED},          /* role */
        {TALKER_AT + 8, 'X', STATUS_IDENTITY_INVALID}, /* not a scheme */
        {TALKER_AT + 21, '4', STATUS_MAC_INVALID},     /* another talker */
        {GMK_ID_AT + 2, 1, STATUS_MALFORMED},          /* a URI as key id */
        {GMK_ID_AT + 4, 3, STATUS_MALFORMED},          /* key id length */
        {GMK_ID_AT + 8, 0, STATUS_MAC_INVALID},        /* another GMK id */
        {HOUR_AT, 0x80, STATUS_MAC_INVALID},           /* the talker doubts the hour */
        {HOUR_AT + 3, 1, STATUS_MAC_INVALID},          /* another hour */
        {GROUP_AT + 1, 4, STATUS_MALFORMED},           /* role */
        {GROUP_AT + 5, 'A', STATUS_IDENTITY_INVALID},  /* "Adhoc:" */
        {GROUP_AT + 5 + 53, 'e', STATUS_MAC_INVALID},  /* another group */
        {GROUP_AT + 5 + 53, 'F', STATUS_IDENTITY_INVALID},
        {POLICY_AT + 2, 1, STATUS_UNSUPPORTED},  /* not SRTP */
        {POLICY_AT + 7, 1, STATUS_UNSUPPORTED},  /* AES-CM */
        {POLICY_AT + 19, 8, STATUS_UNSUPPORTED}, /* a tag of 8 octets */
        {SESSION_AT, 0, STATUS_MAC_INVALID},     /* another session */
        {BEGAN_AT + 7, 0, STATUS_MAC_INVALID},   /* its beginning */
        {PRIORITY_AT, TALK_NORMAL, STATUS_MAC_INVALID},
        {PRIORITY_AT, 2, STATUS_MALFORMED},
        {KEMAC_AT, MIKEY_LAST, STATUS_MALFORMED},  /* leaves the signature out */
        {KEMAC_AT + 1, 0, STATUS_UNSUPPORTED},     /* not encrypted */
        {KEMAC_AT + 3, 19, STATUS_MALFORMED},      /* key data length */
        {KEMAC_AT + 4, 0xEE, STATUS_MAC_INVALID},  /* key data */
        {MAC_ALGORITHM_AT, 0, STATUS_UNSUPPORTED}, /* no MAC */
        {MAC_ALGORITHM_AT, 1, STATUS_UNSUPPORTED}, /* HMAC-SHA-1-160 */
        {SIGN_AT, 0x10, STATUS_UNSUPPORTED},       /* RSA/PSS */
        {SIGN_AT + 1, 0x82, STATUS_MALFORMED},     /* signature length */
    };
    struct scene scene;
    open_scene(&scene, &stand_in);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t before = scene.octets[changes[i].at];
        assert_int_not_equal(before, changes[i].value);
        scene.octets[changes[i].at] = changes[i].value;
        enum status status = parties_receive_announcement(&scene.parties, scene.message);
        if (status != changes[i].status) {
            fail_msg("octet %zu: %s, not %s", changes[i].at, status_name(status),
                     status_name(changes[i].status));
        }
        scene.octets[changes[i].at] = before;
    }
    close_scene(&scene);
}

static void sign_again(struct scene *scene) {
    struct span covered = {scene->octets, SIGNATURE_AT};
    assert_int_equal(stand_in.sign(scene->parties.alice.signing_key, covered,
                                   &scene->parties.entropy, scene->octets + SIGNATURE_AT),
                     STATUS_OK);
}

static void a_wrong_mac_under_a_right_signature_is_refused(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene, &stand_in);
    scene.octets[MAC_AT + 31] ^= 1;
    sign_again(&scene);
    assert_int_equal(parties_receive_announcement(&scene.parties, scene.message),
                     STATUS_MAC_INVALID);
    close_scene(&scene);
}

/* A member, who holds the GMK, can make a MAC but not the talker's signature. */
static void a_member_cannot_talk_as_another(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    open_scene(&scene, &stand_in);
    const struct parties *parties = &scene.parties;
    assert_int_equal(announcement_build(&stand_in, &parties->announcement, parties->gmk, gsk,
                                        parties->bob.signing_key, &parties->entropy, &w),
                     STATUS_OK);
    assert_int_equal(parties_receive_announcement(parties, writer_span(&w)),
                     STATUS_SIGNATURE_INVALID);
    close_scene(&scene);
}

/* Key data that is not one TGK, encrypted and authenticated by a holder of the GMK. */
static void other_key_data_under_a_right_mac_is_refused(void **state) {
    (void)state;
    static const uint8_t changes[][2] = {
        {0, 20},   /* another sub-payload follows */
        {1, 0x20}, /* a TEK */
        {1, 0x02}, /* with a validity interval */
        {3, 15},   /* shorter */
    };
    for (size_t i = 0; i < 4; i++) {
        struct scene scene;
        struct announcement announcement;
        uint8_t received[GSK_SIZE];
        uint8_t auth[32];
        size_t size = 0;
        static const uint8_t nothing[GSK_SIZE];
        open_scene(&scene, &stand_in);
        const struct announcement_fields *fields = &scene.parties.announcement;
        const uint8_t plain[4] = {0, 0, 0, GSK_SIZE};
        size_t at = changes[i][0];
        scene.octets[KEMAC_AT + 4 + at] ^= plain[at] ^ changes[i][1];
        assert_int_equal(mikey_derive(DERIVED_PSK_AUTH, SPAN_OF(scene.parties.gmk), 0xFF,
                                      fields->csb_id, fields->rand, auth, sizeof auth),
                         STATUS_OK);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, auth, sizeof auth,
                                  scene.octets, MAC_AT, scene.octets + MAC_AT, MIKEY_MAC_SIZE,
                                  &size));
        assert_int_equal(announcement_parse(scene.message, &announcement), STATUS_OK);
        assert_int_equal(announcement_open(&announcement, scene.parties.gmk, received),
                         STATUS_MALFORMED);
        assert_memory_equal(received, nothing, sizeof received);
        close_scene(&scene);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    struct scene scene;
    struct announcement announcement;
    open_scene(&scene, &stand_in);
    for (size_t length = 0; length < scene.message.length; length++) {
        assert_int_equal(announcement_parse((struct span){scene.octets, length}, &announcement),
                         STATUS_TRUNCATED);
    }
    close_scene(&scene);
}

static void octets_after_the_signature_are_refused(void **state) {
    (void)state;
    struct scene scene;
    struct announcement announcement;
    open_scene(&scene, &stand_in);
    scene.octets[LENGTH] = 0;
    assert_int_equal(announcement_parse((struct span){scene.octets, LENGTH + 1}, &announcement),
                     STATUS_MALFORMED);
    assert_null(announcement.signature.octets);
    static const uint8_t too_long[ANNOUNCEMENT_MAX + 1];
    assert_int_equal(announcement_parse(SPAN_OF(too_long), &announcement), STATUS_TOO_LONG);
    close_scene(&scene);
}

static enum status build(struct scene *scene, struct writer *out) {
    const struct parties *parties = &scene->parties;
    return announcement_build(parties->provider, &parties->announcement, parties->gmk, gsk,
                              parties->alice.signing_key, &parties->entropy, out);
}

static void what_may_not_be_sent_is_not_built(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    open_scene(&scene, &stand_in);
    struct announcement_fields *fields = &scene.parties.announcement;
    const struct announcement_fields good = *fields;

    strcpy(fields->talker, "fire7");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    strcpy(fields->group, "tel:+447700900123");
    assert_int_equal(build(&scene, &w), STATUS_IDENTITY_INVALID);
    *fields = good;
    fields->utc_ms = INT64_MAX;
    assert_int_equal(build(&scene, &w), STATUS_TIME_OUT_OF_RANGE);
    *fields = good;
    assert_int_equal(w.length, 0);
    struct writer small = writer_into(octets, LENGTH - 1);
    assert_int_equal(build(&scene, &small), STATUS_TOO_LONG);
    assert_int_equal(small.length, 0);
    strcpy(fields->group, "sip:fire7@county.example");
    assert_int_equal(build(&scene, &w), STATUS_OK);
    close_scene(&scene);
}

static void a_beginning_after_its_announcement_and_an_unknown_priority_are_malformed(void **state) {
    (void)state;
    static const struct {
        int64_t later_ms;
        int priority;
        enum status expected;
    } cases[] = {{0, TALK_NORMAL, STATUS_OK},
                 {0, TALK_EMERGENCY, STATUS_OK},
                 {1, TALK_NORMAL, STATUS_MALFORMED},
                 {0, TALK_EMERGENCY + 1, STATUS_MALFORMED},
                 {INT64_MIN, 0, STATUS_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene;
        struct announcement announcement;
        uint8_t octets[ANNOUNCEMENT_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        open_scene(&scene, &stand_in);
        struct announcement_fields *fields = &scene.parties.announcement;
        fields->proof.began_ms = fields->utc_ms + cases[i].later_ms;
        fields->proof.priority = (enum talk_priority)cases[i].priority;
        assert_int_equal(build(&scene, &w), STATUS_OK);
        assert_int_equal(announcement_parse(writer_span(&w), &announcement), cases[i].expected);
        close_scene(&scene);
    }
}

/* With the longest ticket as well, in a frame of its own. */
static void the_longest_names_and_ticket_fit(void **state) {
    (void)state;
    enum {
        FRAME_ROOM = 1200 - 12
    };
    static const uint8_t ticket[TICKET_MAX + 1] = {1, 2, 3};
    struct scene scene;
    struct announcement announcement;
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    open_scene(&scene, &stand_in);
    struct announcement_fields *fields = &scene.parties.announcement;
    memset(fields->talker, 'a', IDENTITY_MAX);
    memcpy(fields->talker, "sip:u@", 6);
    fields->talker[IDENTITY_MAX] = '\0';
    assert_int_equal(group_identity_adhoc(fields->talker, UINT64_MAX, fields->group), STATUS_OK);
    fields->ticket = (struct span){ticket, TICKET_MAX};
    assert_int_equal(build(&scene, &w), STATUS_OK);
    assert_true(w.length <= FRAME_ROOM);
    assert_int_equal(announcement_parse(writer_span(&w), &announcement), STATUS_OK);
    assert_string_equal(announcement.fields.talker, fields->talker);
    assert_string_equal(announcement.fields.group, fields->group);
    assert_true(span_equal(announcement.fields.ticket, fields->ticket));
    fields->ticket.length++;
    assert_int_equal(build(&scene, &w), STATUS_TOO_LONG);
    close_scene(&scene);
}

static enum status sign_without_memory(const struct signing_key *signing_key, struct span message,
                                       const struct entropy *entropy,
                                       uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)signing_key, (void)message, (void)entropy, (void)signature;
    return STATUS_NO_MEMORY;
}

static void a_module_that_fails_leaves_no_part_of_a_message(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct provider broken = stand_in;
    open_scene(&scene, &stand_in);
    scene.parties.provider = &broken;
    broken.sign = sign_without_memory;
    assert_int_equal(build(&scene, &w), STATUS_NO_MEMORY);
    assert_int_equal(w.length, 0);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    close_scene(&scene);
}

/* Otherwise it would get no further than the form that announcements once had. */
static void the_fuzzer_begins_with_an_announcement_of_today(void **state) {
    (void)state;
    struct announcement announcement;
    uint8_t octets[ANNOUNCEMENT_MAX];
    FILE *file = fopen("fixtures/fuzz/announcement/talk", "rb");
    assert_non_null(file);
    size_t length = fread(octets, 1, sizeof octets, file);
    fclose(file);
    assert_int_equal(announcement_parse((struct span){octets, length}, &announcement), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_gets_the_gsk_and_the_talker),
        cmocka_unit_test(without_the_gmk_the_mac_fails_and_no_gsk_comes_out),
        cmocka_unit_test(mac_and_signature_cover_all_before_their_own_octets),
        cmocka_unit_test(the_kemac_is_rfc_3830s),
        cmocka_unit_test(every_changed_bit_is_refused_by_form_mac_or_signature),
        cmocka_unit_test(each_refused_octet_names_the_check_that_failed),
        cmocka_unit_test(a_wrong_mac_under_a_right_signature_is_refused),
        cmocka_unit_test(a_member_cannot_talk_as_another),
        cmocka_unit_test(other_key_data_under_a_right_mac_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(octets_after_the_signature_are_refused),
        cmocka_unit_test(a_beginning_after_its_announcement_and_an_unknown_priority_are_malformed),
        cmocka_unit_test(what_may_not_be_sent_is_not_built),
        cmocka_unit_test(a_module_that_fails_leaves_no_part_of_a_message),
        cmocka_unit_test(the_longest_names_and_ticket_fit),
        cmocka_unit_test(the_fuzzer_begins_with_an_announcement_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
