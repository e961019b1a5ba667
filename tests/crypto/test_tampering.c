/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that were changed on their way, all kinds alike: at random with the stand-in module,
 * and octet by octet with each real module that is present.
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

enum {
    ROUNDS = 30000,
    ENCODED_MAX = I_MESSAGE_MAX
};

static const uint8_t key[SSV_SIZE] = "0123456789abcde";

static void write_i_message(struct parties *parties, struct writer *w) {
    parties_write_i_message(parties, key, w);
}

static void write_connection(struct parties *parties, struct writer *w) {
    parties_write_connection(parties, key, false, w);
}

static void write_recoverable(struct parties *parties, struct writer *w) {
    parties_write_connection(parties, key, true, w);
}

static void write_announcement(struct parties *parties, struct writer *w) {
    parties_write_announcement(parties, key, w);
}

static void write_key_delivery(struct parties *parties, struct writer *w) {
    parties_write_key_delivery(parties, w);
}

/* The I_MESSAGE once more from what was parsed. */
static enum status encode_i_message_again(struct span octets, struct writer *w) {
    struct i_message message;
    const struct i_message_fields *fields = &message.fields;
    enum status status = i_message_parse(octets, &message);
    if (status != STATUS_OK) {
        return status;
    }
    mikey_write_header(w, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, fields->key_id, NULL);
    mikey_write_timestamp(w, MIKEY_RAND, fields->utc_ms);
    mikey_write_rand(w, MIKEY_IDR, fields->rand);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR, fields->initiator);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_RESPONDER, fields->responder);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR_KMS, fields->initiator_kms);
    mikey_write_uri(w, MIKEY_SAKKE, MIKEY_RESPONDER_KMS, fields->responder_kms);
    bool is_extended = fields->key_parameters.length > 0 || fields->share.length > 0;
    mikey_write_sakke(w, is_extended ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN, message.id_scheme,
                      message.sakke.octets);
    if (fields->key_parameters.length > 0) {
        mikey_write_key_parameters(
            w, fields->manager.length > 0 ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN,
            fields->key_parameters);
    }
    if (fields->manager.length > 0) {
        mikey_write_manager(w, MIKEY_SIGN, fields->manager);
    }
    if (fields->share.length > 0) {
        mikey_write_share(w, fields->recovery.length > 0 ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN,
                          fields->share);
    }
    if (fields->recovery.length > 0) {
        mikey_write_recovery(w, MIKEY_SIGN, fields->recovery);
    }
    mikey_write_sign(w);
    write_span(w, message.signature);
    return STATUS_OK;
}

/* The extension of an announcement, octet by octet (crypto/announcement.h). */
static void write_proof(struct writer *w, const struct talker_proof *proof) {
    uint8_t octets[128];
    struct writer inner = writer_into(octets, sizeof octets);
    write_span(&inner, SPAN_OF(proof->start));
    write_u64(&inner, (uint64_t)proof->age_ms);
    write_span(&inner, SPAN_OF(proof->key));
    write_span(&inner, SPAN_OF(proof->anchor));
    write_u16(&inner, proof->sequence);
    write_u32(&inner, proof->rtp_time);
    write_span(&inner, SPAN_OF(proof->session));
    write_u64(&inner, (uint64_t)proof->began_ms);
    write_u8(&inner, (uint8_t)proof->priority);
    mikey_write_vendor(w, MIKEY_KEMAC, writer_span(&inner));
}

/* The announcement once more from what was parsed. */
static enum status encode_announcement_again(struct span octets, struct writer *w) {
    struct announcement announcement;
    const struct announcement_fields *fields = &announcement.fields;
    enum status status = announcement_parse(octets, &announcement);
    if (status != STATUS_OK) {
        return status;
    }
    mikey_write_header(w, MIKEY_PRE_SHARED, MIKEY_T, fields->csb_id, &fields->ssrc);
    mikey_write_timestamp(w, MIKEY_RAND, fields->utc_ms);
    mikey_write_rand(w, MIKEY_IDR, fields->rand);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR, fields->talker);
    mikey_write_key_id(w, MIKEY_IDR, MIKEY_PSK, fields->gmk_id,
                       fields->hour | (fields->is_doubted ? UINT32_C(1) << 31 : 0));
    mikey_write_uri(w, MIKEY_SP, MIKEY_APPLICATION, fields->group);
    mikey_write_policy(w, MIKEY_GENERAL_EXTENSION);
    write_proof(w, &fields->proof);
    mikey_write_kemac(w, MIKEY_SIGN, announcement.encrypted.octets);
    write_span(w, announcement.mac);
    mikey_write_sign(w);
    write_span(w, announcement.signature);
    return STATUS_OK;
}

static const struct {
    const char *name;
    void (*write)(struct parties *parties, struct writer *w);
    enum status (*receive)(const struct parties *parties, struct span octets);
    enum status (*encode_again)(struct span octets, struct writer *w);
} kinds[] = {
    {"an I_MESSAGE", write_i_message, parties_receive_i_message, encode_i_message_again},
    {"a connection's", write_connection, parties_receive_i_message, encode_i_message_again},
    {"a recoverable one's", write_recoverable, parties_receive_i_message, encode_i_message_again},
    {"a key delivery", write_key_delivery, parties_receive_key_delivery, encode_i_message_again},
    {"an announcement", write_announcement, parties_receive_announcement,
     encode_announcement_again},
};

enum {
    KINDS = sizeof kinds / sizeof kinds[0]
};

static void what_is_accepted_has_one_encoding_and_no_change_verifies(void **state) {
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        const uint64_t seed = 6509;
        struct entropy_seeded seeded;
        struct entropy entropy = entropy_from_seed(&seeded, seed);
        struct parties parties;
        uint8_t octets[ENCODED_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        parties_open(&parties, &stand_in);
        kinds[kind].write(&parties, &w);
        size_t accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            uint8_t changed[TAMPERED_MAX];
            uint8_t encoded[ENCODED_MAX];
            struct span tampered = tamper(writer_span(&w), &entropy, changed);
            struct writer again = writer_into(encoded, sizeof encoded);
            if (kinds[kind].encode_again(tampered, &again) == STATUS_OK) {
                accepted++;
                assert_true(span_equal(writer_span(&again), tampered));
            }
            assert_int_not_equal(kinds[kind].receive(&parties, tampered), STATUS_OK);
        }
        print_message("seed %llu: %zu of %d have the form of %s\n", (unsigned long long)seed,
                      accepted, ROUNDS, kinds[kind].name);
        assert_true(accepted > ROUNDS / 100);
        parties_close(&parties);
    }
}

static void random_octets_are_refused(void **state) {
    (void)state;
    const uint64_t seed = 3830;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed);
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t octets[256];
        struct i_message message;
        struct announcement announcement;
        assert_int_equal(entropy_draw(&entropy, octets, sizeof octets), STATUS_OK);
        struct span garbage = {octets, draw_below(&entropy, sizeof octets)};
        assert_int_not_equal(i_message_parse(garbage, &message), STATUS_OK);
        assert_int_not_equal(key_delivery_parse(garbage, &message), STATUS_OK);
        assert_int_not_equal(announcement_parse(garbage, &announcement), STATUS_OK);
    }
}

static void every_changed_octet_is_refused_by_each_module(void **state) {
    (void)state;
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        const struct provider *provider = provider_find(provider_name(n));
        for (size_t kind = 0; provider != NULL && kind < KINDS; kind++) {
            struct parties parties;
            uint8_t octets[ENCODED_MAX];
            struct writer w = writer_into(octets, sizeof octets);
            parties_open(&parties, provider);
            kinds[kind].write(&parties, &w);
            for (size_t at = 0; at < w.length; at++) {
                octets[at] ^= (uint8_t)(1U << at % 8);
                if (kinds[kind].receive(&parties, writer_span(&w)) == STATUS_OK) {
                    fail_msg("%s takes %s with octet %zu changed", provider->name, kinds[kind].name,
                             at);
                }
                octets[at] ^= (uint8_t)(1U << at % 8);
            }
            assert_int_equal(kinds[kind].receive(&parties, writer_span(&w)), STATUS_OK);
            parties_close(&parties);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted_has_one_encoding_and_no_change_verifies),
        cmocka_unit_test(random_octets_are_refused),
        cmocka_unit_test(every_changed_octet_is_refused_by_each_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
