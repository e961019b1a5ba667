/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key deliveries of standard groups (6.X.3.3.2.3). That no octet can be changed unseen is shown
 * with the other messages in test_tampering.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/crypto/parties.h"
#include "tests/crypto/stand_in.h"

static enum status open_as(const struct parties *parties, struct span octets,
                           const struct party *party, struct key_delivery_fields *fields,
                           uint8_t gmk[SSV_SIZE]) {
    struct i_message message;
    enum status status = key_delivery_parse(octets, &message);
    if (status == STATUS_OK) {
        status = i_message_verify(parties->provider, &message, parties->domain,
                                  &parties->group.identifier);
    }
    if (status == STATUS_OK) {
        status = key_delivery_open(parties->provider, &message, party->receiver_key, fields, gmk);
    }
    return status;
}

static void assert_opens(const struct parties *parties, struct span octets,
                         const struct party *party) {
    struct key_delivery_fields fields;
    uint8_t gmk[SSV_SIZE];
    assert_int_equal(open_as(parties, octets, party, &fields, gmk), STATUS_OK);
    assert_memory_equal(&fields, &parties->key_delivery, sizeof fields);
    assert_memory_equal(gmk, parties->gmk, sizeof gmk);
}

static void assert_each_member_gets_the_gmk(const struct provider *provider) {
    struct parties parties;
    uint8_t rooms[2][KEY_DELIVERY_MAX], gmk[SSV_SIZE];
    struct key_delivery_fields fields;
    parties_open(&parties, provider);
    struct writer outs[2] = {writer_into(rooms[0], KEY_DELIVERY_MAX),
                             writer_into(rooms[1], KEY_DELIVERY_MAX)};
    const struct key_delivery_member members[] = {parties_member(&parties, true),
                                                  parties_member(&parties, false)};
    assert_int_equal(key_delivery_build_each(provider, &parties.key_delivery, parties.gmk, 2,
                                             members, parties.domain, parties.group.signing_key,
                                             &parties.entropy, outs),
                     STATUS_OK);
    assert_opens(&parties, writer_span(&outs[0]), &parties.bob);
    assert_opens(&parties, writer_span(&outs[1]), &parties.alice);
    assert_int_not_equal(open_as(&parties, writer_span(&outs[0]), &parties.alice, &fields, gmk),
                         STATUS_OK);
    const uint8_t nothing[SSV_SIZE] = {0};
    assert_memory_equal(gmk, nothing, sizeof gmk);
    assert_string_equal(fields.group, "");
    parties_close(&parties);
}

static void each_member_gets_the_gmk_and_its_period_and_nobody_else_does(void **state) {
    (void)state;
    assert_each_member_gets_the_gmk(&stand_in);
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        if (provider_find(provider_name(n)) != NULL) {
            assert_each_member_gets_the_gmk(provider_find(provider_name(n)));
        }
    }
}

/* The group signs a message with the key parameters of another one: does bob open it? */
static enum status open_transplanted(struct parties *parties,
                                     const struct i_message_fields *fields) {
    uint8_t octets[KEY_DELIVERY_MAX], gmk[SSV_SIZE];
    struct key_delivery_fields opened;
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(i_message_build(parties->provider, fields, parties->domain,
                                     &parties->bob.identifier, parties->group.signing_key,
                                     parties->gmk, &parties->entropy, &w),
                     STATUS_OK);
    return open_as(parties, writer_span(&w), &parties->bob, &opened, gmk);
}

static void key_parameters_belong_to_one_message_and_one_gmk(void **state) {
    (void)state;
    struct parties parties;
    uint8_t octets[KEY_DELIVERY_MAX];
    struct i_message message;
    parties_open(&parties, &stand_in);
    struct writer w = writer_into(octets, sizeof octets);
    parties_write_key_delivery(&parties, &w);
    assert_int_equal(key_delivery_parse(writer_span(&w), &message), STATUS_OK);
    assert_int_equal(open_transplanted(&parties, &message.fields), STATUS_OK);

    struct i_message_fields changed[6];
    for (size_t i = 0; i < 6; i++) {
        changed[i] = message.fields;
    }
    changed[0].key_id ^= 1;
    changed[1].utc_ms += 1;
    changed[2].rand[0] ^= 1;
    strcpy(changed[3].responder, "sip:bob@county.example");
    changed[4].initiator_kms[5] ^= 1;
    changed[5].responder_kms[5] ^= 1;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(open_transplanted(&parties, &changed[i]), STATUS_MAC_INVALID);
    }
    parties.gmk[0] ^= 1;
    assert_int_equal(open_transplanted(&parties, &message.fields), STATUS_MAC_INVALID);
    parties_close(&parties);
}

static void what_the_gmk_is_for_cannot_be_read_without_it(void **state) {
    (void)state;
    struct parties parties;
    uint8_t rooms[2][KEY_DELIVERY_MAX];
    struct i_message messages[2];
    parties_open(&parties, &stand_in);
    for (size_t i = 0; i < 2; i++) {
        struct writer w = writer_into(rooms[i], KEY_DELIVERY_MAX);
        parties_write_key_delivery(&parties, &w);
        assert_int_equal(key_delivery_parse(writer_span(&w), &messages[i]), STATUS_OK);
        struct span sealed = messages[i].fields.key_parameters;
        assert_null(memmem(sealed.octets, sealed.length, "fire7", 5));
    }
    /* Not even that it is the same as before. */
    struct span one = messages[0].fields.key_parameters, other = messages[1].fields.key_parameters;
    assert_int_equal(one.length, other.length);
    for (size_t at = 0; at + 4 <= one.length; at++) {
        assert_memory_not_equal(one.octets + at, other.octets + at, 4);
    }
    parties_close(&parties);
}

static void an_i_message_without_key_parameters_delivers_no_key(void **state) {
    (void)state;
    struct parties parties;
    uint8_t octets[I_MESSAGE_MAX];
    struct i_message message;
    parties_open(&parties, &stand_in);
    struct writer w = writer_into(octets, sizeof octets);
    parties_write_i_message(&parties, parties.gmk, &w);
    assert_int_equal(key_delivery_parse(writer_span(&w), &message), STATUS_MALFORMED);
    /* Nor with some that are too short to be any, or longer than any can be. */
    uint8_t noise[200] = {0};
    const size_t lengths[] = {1, 15, sizeof noise};
    const enum status expected[] = {STATUS_TRUNCATED, STATUS_TRUNCATED, STATUS_TOO_LONG};
    for (size_t i = 0; i < 3; i++) {
        parties.i_message.key_parameters = (struct span){noise, lengths[i]};
        struct key_delivery_fields fields;
        uint8_t gmk[SSV_SIZE];
        w.length = 0;
        parties_write_i_message(&parties, parties.gmk, &w);
        assert_int_equal(key_delivery_parse(writer_span(&w), &message), STATUS_OK);
        assert_int_equal(
            key_delivery_open(parties.provider, &message, parties.bob.receiver_key, &fields, gmk),
            expected[i]);
    }
    parties_close(&parties);
}

static void a_delivery_needs_a_period_of_whole_seconds_and_at_most_eight_members(void **state) {
    (void)state;
    const struct {
        int64_t not_before_ms, not_after_ms;
    } periods[] = {{1000, 1000},  {2000, 1000}, {-1000, 1000},
                   {1001, 3000},  {1000, 3001}, {0, INT64_C(1100000000000000)},
                   {0, INT64_MAX}};
    struct parties parties;
    uint8_t octets[KEY_DELIVERY_MAX];
    parties_open(&parties, &stand_in);
    struct writer w = writer_into(octets, sizeof octets);
    const struct key_delivery_member bob = parties_member(&parties, true);
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        parties.key_delivery.not_before_ms = periods[i].not_before_ms;
        parties.key_delivery.not_after_ms = periods[i].not_after_ms;
        assert_int_equal(key_delivery_build_each(&stand_in, &parties.key_delivery, parties.gmk, 1,
                                                 &bob, parties.domain, parties.group.signing_key,
                                                 &parties.entropy, &w),
                         STATUS_TIME_OUT_OF_RANGE);
    }
    parties.key_delivery.not_before_ms = 0;
    parties.key_delivery.not_after_ms = 1000;
    assert_int_equal(key_delivery_build_each(&stand_in, &parties.key_delivery, parties.gmk,
                                             I_MESSAGES_AT_ONCE + 1, &bob, parties.domain,
                                             parties.group.signing_key, &parties.entropy, &w),
                     STATUS_TOO_LONG);
    assert_int_equal(w.length, 0);
    parties_close(&parties);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_gets_the_gmk_and_its_period_and_nobody_else_does),
        cmocka_unit_test(key_parameters_belong_to_one_message_and_one_gmk),
        cmocka_unit_test(what_the_gmk_is_for_cannot_be_read_without_it),
        cmocka_unit_test(an_i_message_without_key_parameters_delivers_no_key),
        cmocka_unit_test(a_delivery_needs_a_period_of_whole_seconds_and_at_most_eight_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
