/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/parties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    MANAGER_WORD_SIZE = 292 /* as app/identity/epoch.h writes it; what it says is not read here */
};

static const char alice_identity[] = "tel:+447700900123";
static const char bob_identity[] = "urn:gsma:imei:90420156-025763-0";
static const char group_identity[] = "sip:fire7@county.example";
static const char kms[] = "sip:kms@county.example";
static const int64_t noon_ms = INT64_C(1793880000123); /* 5 November 2026, 12:00:00.123 UTC */

static void issue(struct parties *parties, const struct master_key *master, const char *identity,
                  struct party *party) {
    const struct provider *provider = parties->provider;
    uint8_t rsk[SAKKE_POINT_SIZE];
    uint8_t ssk[ECCSI_SCALAR_SIZE];
    uint8_t pvt[ECCSI_POINT_SIZE];
    assert_int_equal(identifier_of(identity, noon_ms, &party->identifier), STATUS_OK);
    struct span identifier = identifier_span(&party->identifier);
    assert_int_equal(provider->issue_receiver_key(master, identifier, rsk), STATUS_OK);
    assert_int_equal(provider->issue_signing_key(master, identifier, &parties->entropy, ssk, pvt),
                     STATUS_OK);
    assert_int_equal(
        provider->receiver_key_load(parties->domain, identifier, rsk, &party->receiver_key),
        STATUS_OK);
    assert_int_equal(
        provider->signing_key_load(parties->domain, identifier, ssk, pvt, &party->signing_key),
        STATUS_OK);
}

static void fill_fields(struct parties *parties) {
    struct i_message_fields *message = &parties->i_message;
    message->key_id = key_id_in_space(KEY_ID_SPACE_ADHOC, 0x01020304);
    message->utc_ms = noon_ms;
    memset(message->rand, 0x5A, sizeof message->rand);
    strcpy(message->initiator, alice_identity);
    strcpy(message->responder, bob_identity);
    strcpy(message->initiator_kms, kms);
    strcpy(message->responder_kms, "sip:kms@city.example");

    struct announcement_fields *announcement = &parties->announcement;
    announcement->csb_id = 0xC5B1D001;
    announcement->ssrc = 0x55AC0001;
    announcement->utc_ms = noon_ms + 1000;
    memset(announcement->rand, 0xA5, sizeof announcement->rand);
    memset(announcement->proof.session, 0x1D, sizeof announcement->proof.session);
    announcement->proof.began_ms = announcement->utc_ms - 30000;
    announcement->proof.priority = TALK_EMERGENCY;
    announcement->gmk_id = message->key_id;
    strcpy(announcement->talker, alice_identity);
    assert_int_equal(group_identity_adhoc(bob_identity, 0x0123456789ABCDEF, announcement->group),
                     STATUS_OK);

    struct key_delivery_fields *delivery = &parties->key_delivery;
    delivery->gmk_id = key_id_in_space(KEY_ID_SPACE_STANDARD, 0x01020304);
    delivery->utc_ms = noon_ms;
    delivery->not_before_ms = noon_ms / 1000 * 1000;
    delivery->not_after_ms = delivery->not_before_ms + 30 * INT64_C(86400000);
    strcpy(delivery->group, group_identity);
    strcpy(delivery->group_kms, kms);
}

void parties_open(struct parties *parties, const struct provider *provider) {
    memset(parties, 0, sizeof *parties);
    assert_non_null(provider);
    parties->provider = provider;
    parties->entropy = entropy_from_seed(&parties->seeded, 20260305);

    uint8_t z[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    uint8_t z_point[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
    struct master_key *master = NULL;
    assert_int_equal(provider->master_generate(&parties->entropy, z, ksak), STATUS_OK);
    assert_int_equal(provider->master_load(z, ksak, &master), STATUS_OK);
    assert_int_equal(provider->public_keys(master, z_point, kpak), STATUS_OK);
    assert_int_equal(provider->domain_load(z_point, kpak, &parties->domain), STATUS_OK);
    issue(parties, master, alice_identity, &parties->alice);
    issue(parties, master, bob_identity, &parties->bob);
    issue(parties, master, group_identity, &parties->group);
    provider->master_free(master);

    assert_int_equal(entropy_draw(&parties->entropy, parties->gmk, GMK_SIZE), STATUS_OK);
    fill_fields(parties);
}

static void party_close(const struct provider *provider, struct party *party) {
    provider->signing_key_free(party->signing_key);
    provider->receiver_key_free(party->receiver_key);
}

void parties_close(struct parties *parties) {
    party_close(parties->provider, &parties->alice);
    party_close(parties->provider, &parties->bob);
    party_close(parties->provider, &parties->group);
    parties->provider->domain_free(parties->domain);
}

void parties_write_i_message(struct parties *parties, const uint8_t ssv[SSV_SIZE],
                             struct writer *out) {
    assert_int_equal(i_message_build(parties->provider, &parties->i_message, parties->domain,
                                     &parties->bob.identifier, parties->alice.signing_key, ssv,
                                     &parties->entropy, out),
                     STATUS_OK);
}

void parties_write_connection(struct parties *parties, const uint8_t ssv[SSV_SIZE], bool recovery,
                              struct writer *out) {
    const uint8_t share[SHARE_SIZE] = "thirty-two octets of a share....";
    uint8_t data[SAKKE_DATA_SIZE];
    struct identifier identifier;
    const struct i_message_fields plain = parties->i_message;
    assert_int_equal(identifier_of_recovery(kms, noon_ms, &identifier), STATUS_OK);
    assert_int_equal(
        parties->provider->encapsulate(parties->domain, identifier_span(&identifier), ssv, data),
        STATUS_OK);
    parties->i_message.share = SPAN_OF(share);
    parties->i_message.recovery = (struct span){data, recovery ? sizeof data : 0};
    parties_write_i_message(parties, ssv, out);
    parties->i_message = plain;
}

void parties_write_announcement(struct parties *parties, const uint8_t gsk[GSK_SIZE],
                                struct writer *out) {
    assert_int_equal(announcement_build(parties->provider, &parties->announcement, parties->gmk,
                                        gsk, parties->alice.signing_key, &parties->entropy, out),
                     STATUS_OK);
}

struct key_delivery_member parties_member(const struct parties *parties, bool is_bob) {
    struct key_delivery_member member = {.identifier = is_bob ? parties->bob.identifier
                                                              : parties->alice.identifier};
    strcpy(member.identity, is_bob ? bob_identity : alice_identity);
    strcpy(member.kms, kms);
    return member;
}

void parties_write_key_delivery(struct parties *parties, struct writer *out) {
    static const uint8_t word[MANAGER_WORD_SIZE] = "what its manager says";
    struct key_delivery_member bob = parties_member(parties, true);
    struct key_delivery_fields fields = parties->key_delivery;
    fields.manager = SPAN_OF(word);
    assert_int_equal(key_delivery_build_each(parties->provider, &fields, parties->gmk, 1, &bob,
                                             parties->domain, parties->group.signing_key,
                                             &parties->entropy, out),
                     STATUS_OK);
}

enum status parties_receive_i_message(const struct parties *parties, struct span octets) {
    struct i_message message;
    enum status status = i_message_parse(octets, &message);
    if (status == STATUS_OK) {
        status = i_message_verify(parties->provider, &message, parties->domain,
                                  &parties->alice.identifier);
    }
    return status;
}

enum status parties_receive_announcement(const struct parties *parties, struct span octets) {
    struct announcement announcement;
    uint8_t gsk[GSK_SIZE];
    enum status status = announcement_parse(octets, &announcement);
    if (status == STATUS_OK) {
        status = announcement_open(&announcement, parties->gmk, gsk);
    }
    if (status == STATUS_OK) {
        status = announcement_verify(parties->provider, &announcement, parties->domain,
                                     &parties->alice.identifier);
    }
    return status;
}

enum status parties_receive_key_delivery(const struct parties *parties, struct span octets) {
    struct i_message message;
    struct key_delivery_fields fields;
    uint8_t gmk[GMK_SIZE];
    enum status status = key_delivery_parse(octets, &message);
    if (status == STATUS_OK) {
        status = i_message_verify(parties->provider, &message, parties->domain,
                                  &parties->group.identifier);
    }
    if (status == STATUS_OK) {
        status =
            key_delivery_open(parties->provider, &message, parties->bob.receiver_key, &fields, gmk);
    }
    return status;
}
