/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * D2D connections and the domain's authority: with recovery on, muster-kms recover and what went
 * over the air make the connection's keys; with it off, nothing does, and no handset takes what
 * goes against the setting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/authority.h"
#include "app/handset/d2d/d2d.h"
#include "app/kms/recovery.h"
#include "crypto/connection_key.h"
#include "issued.h"

#define FIRE      "tel:+447700900123"
#define POLICE    "tel:+447700900124"
#define AUTHORITY "court order 17/2026"

enum {
    ROOM_MAX = D2D_FIRST_MAX + 64
};

struct scene {
    struct kms *kms;
    struct keyring fire, police;
    struct d2d *initiator, *responder;
};

static struct moment now(void) {
    return (struct moment){.utc_ms = NOVEMBER_MS + DAY_MS, .boot_ms = 1000};
}

static void enrol(struct kms *kms, const char *identity, struct keyring *keyring) {
    struct batch *batch = issued_by(kms, identity, NULL, now().utc_ms);
    keyring->provider = provider_find("native");
    assert_int_equal(issued_load(keyring, batch), STATUS_OK);
    batch_free(batch);
}

static void open_scene(struct scene *scene, bool recovery) {
    struct error error;
    *scene = (struct scene){0};
    assert_int_equal(kms_init_in_memory(ISSUED_KMS_URI, recovery, provider_find("native"),
                                        &entropy_system, &scene->kms, &error),
                     STATUS_OK);
    enrol(scene->kms, FIRE, &scene->fire);
    enrol(scene->kms, POLICE, &scene->police);
    assert_int_equal(keyring_has_recovery(&scene->fire), recovery);
}

static void close_scene(struct scene *scene) {
    d2d_free(scene->initiator);
    d2d_free(scene->responder);
    keyring_clear(&scene->fire);
    keyring_clear(&scene->police);
    kms_close(scene->kms);
}

static struct d2d_head head_of(const struct d2d *d2d) {
    struct d2d_head head;
    assert_int_equal(d2d_head_read(d2d_payload(d2d), &head), STATUS_OK);
    return head;
}

/* FIRE opens; POLICE's verdict on it, and its answer if that is good. */
static enum status open_to_police(struct scene *scene) {
    struct i_message message;
    assert_int_equal(
        d2d_open(&scene->fire, &entropy_system, POLICE, ISSUED_KMS_URI, now(), &scene->initiator),
        STATUS_OK);
    struct d2d_head open = head_of(scene->initiator);
    assert_int_equal(i_message_parse(open.body, &message), STATUS_OK);
    enum status status = d2d_verify(&scene->police, &open, &message, now());
    return status == STATUS_OK ? d2d_answer(&scene->police, &entropy_system, &open, &message, now(),
                                            &scene->responder)
                               : status;
}

/* The first request, and the responder's verdict on it. */
static enum status request(struct scene *scene) {
    uint8_t octets[ROOM_MAX];
    struct writer record = writer_into(octets, sizeof octets);
    bool is_new;
    assert_int_equal(d2d_hear_hello(scene->initiator, head_of(scene->responder).body), STATUS_OK);
    assert_int_equal(d2d_request(scene->initiator, span_of_text("propose")), STATUS_OK);
    enum status status = d2d_hear_request(scene->responder, &scene->police,
                                          head_of(scene->initiator).body, &record, &is_new);
    if (status == STATUS_OK) {
        assert_true(is_new && span_equal(writer_span(&record), span_of_text("propose")));
    }
    return status;
}

/* Of what went over the air: the I_MESSAGE and, from the HELLO, nonce and share. */
static void make_keys(struct span i_message, struct span hello, const struct recovery *recovery,
                      struct connection_keys *keys) {
    uint8_t hash[crypto_hash_sha256_BYTES], transcript[TRANSCRIPT_SIZE];
    crypto_hash_sha256_state state;
    crypto_hash_sha256(hash, i_message.octets, i_message.length);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, hash, sizeof hash);
    crypto_hash_sha256_update(&state, hello.octets, D2D_NONCE_SIZE + SHARE_SIZE);
    crypto_hash_sha256_final(&state, transcript);
    assert_int_equal(connection_keys_make(recovery->ssv, recovery->ephemeral,
                                          hello.octets + D2D_NONCE_SIZE, transcript, keys),
                     STATUS_OK);
}

static void with_recovery_on_the_authority_makes_the_connections_keys(void **state) {
    (void)state;
    struct scene scene;
    struct error error = {0};
    struct connection_keys keys;
    struct recovery *recovery = recovery_new();
    open_scene(&scene, true);
    assert_int_equal(open_to_police(&scene), STATUS_OK);
    struct d2d_head open = head_of(scene.initiator);
    assert_int_equal(recovery_run(scene.kms,
                                  &(struct recovery_order){.name = "message",
                                                           .content = open.body,
                                                           .authority = AUTHORITY,
                                                           .now_ms = now().utc_ms + 90 * DAY_MS},
                                  recovery, &error),
                     STATUS_OK);
    assert_true(recovery->is_connection);
    assert_int_equal(recovery->signature, RECOVERY_SIGNED);
    make_keys(open.body, head_of(scene.responder).body, recovery, &keys);
    assert_memory_equal(keys.call, scene.responder->call_key, SSV_SIZE);
    assert_int_equal(request(&scene), STATUS_OK);
    assert_memory_equal(keys.call, scene.initiator->call_key, SSV_SIZE);
    recovery_free(recovery);
    close_scene(&scene);
}

static void with_recovery_off_recover_says_that_it_opens_standard_groups_only(void **state) {
    (void)state;
    struct scene scene;
    struct error error = {0};
    struct recovery *recovery = recovery_new();
    const uint8_t none[EPHEMERAL_KEY_SIZE] = {0};
    open_scene(&scene, false);
    assert_int_equal(open_to_police(&scene), STATUS_OK);
    assert_int_equal(recovery_run(scene.kms,
                                  &(struct recovery_order){.name = "message",
                                                           .content = head_of(scene.initiator).body,
                                                           .authority = AUTHORITY,
                                                           .now_ms = now().utc_ms},
                                  recovery, &error),
                     STATUS_NOT_ALLOWED);
    assert_int_equal(request(&scene), STATUS_OK);
    assert_non_null(strstr(error.text, "opens the keys of standard groups only"));
    assert_null(strchr(error.text, '\n'));
    assert_memory_equal(recovery->ssv, none, SSV_SIZE);
    assert_memory_equal(recovery->ephemeral, none, sizeof none);
    assert_int_equal(recovery->record.number, 0);
    recovery_free(recovery);
    close_scene(&scene);
}

/* Each side goes by what its own domain's credential says. */
static void a_connection_against_the_responders_setting_is_refused(void **state) {
    (void)state;
    for (unsigned on = 0; on < 2; on++) {
        struct scene scene;
        open_scene(&scene, on == 1);
        scene.fire.credential->recovery = on == 0;
        assert_int_equal(open_to_police(&scene),
                         on == 1 ? STATUS_RECOVERY_MISSING : STATUS_RECOVERY_NOT_ALLOWED);
        assert_null(scene.responder);
        close_scene(&scene);
    }
}

/* FIRE's I_MESSAGE as a cheat makes it, which the responder opens and answers: it looks as it
 * should, and the authority could do nothing with it. */
static void open_and_cheat(struct scene *scene, const uint8_t seed[RECOVERY_SEED_SIZE],
                           const uint8_t key[EPHEMERAL_KEY_SIZE], int64_t month_ms,
                           const struct keyring *domain) {
    uint8_t octets[D2D_HEADER_SIZE + I_MESSAGE_MAX], share[SHARE_SIZE], data[SAKKE_DATA_SIZE];
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct d2d *d2d = scene->initiator;
    struct identifier identifier;
    struct i_message_fields fields = {.key_id = d2d->key_id, .utc_ms = d2d->i_message_utc_ms};
    memcpy(fields.rand, d2d->rand, sizeof fields.rand);
    snprintf(fields.initiator, IDENTITY_SIZE, FIRE);
    snprintf(fields.responder, IDENTITY_SIZE, POLICE);
    snprintf(fields.initiator_kms, IDENTITY_SIZE, ISSUED_KMS_URI);
    snprintf(fields.responder_kms, IDENTITY_SIZE, ISSUED_KMS_URI);
    assert_int_equal(ephemeral_share(key, share), STATUS_OK);
    assert_int_equal(authority_admit(domain, month_ms, seed, data), STATUS_OK);
    fields.share = SPAN_OF(share);
    fields.recovery = SPAN_OF(data);
    struct writer w = writer_into(octets, sizeof octets);
    write_u64(&w, 0);
    write_u8(&w, D2D_OPEN);
    assert_int_equal(identifier_of(POLICE, fields.utc_ms, &identifier), STATUS_OK);
    assert_int_equal(i_message_build(scene->fire.provider, &fields, scene->fire.domain, &identifier,
                                     keyring_signing_key(&scene->fire, fields.utc_ms), d2d->tgk,
                                     &entropy_system, &w),
                     STATUS_OK);
    crypto_hash_sha256(hash, octets + D2D_HEADER_SIZE, w.length - D2D_HEADER_SIZE);
    memcpy(octets, hash, sizeof d2d->id);
    memcpy(d2d->i_message_hash, hash, sizeof hash);
    memcpy(d2d->ephemeral, key, sizeof d2d->ephemeral);

    struct d2d_head head;
    struct i_message message;
    assert_int_equal(d2d_head_read(writer_span(&w), &head), STATUS_OK);
    d2d->id = head.id;
    assert_int_equal(i_message_parse(head.body, &message), STATUS_OK);
    assert_int_equal(d2d_verify(&scene->police, &head, &message, now()), STATUS_OK);
    assert_int_equal(
        d2d_answer(&scene->police, &entropy_system, &head, &message, now(), &scene->responder),
        STATUS_OK);
}

/* Another seed, another ephemeral key, another month's identity, another domain's: the first
 * request shows it. Nothing of it is a wrong key to the responder itself. */
static void an_initiator_who_gives_the_authority_something_else_is_found_out(void **state) {
    (void)state;
    struct kms *elsewhere;
    struct keyring stranger = {0};
    struct error error;
    assert_int_equal(kms_init_in_memory("sip:kms@elsewhere.example", true, provider_find("native"),
                                        &entropy_system, &elsewhere, &error),
                     STATUS_OK);
    enrol(elsewhere, FIRE, &stranger);
    for (unsigned cheat = 0; cheat < 5; cheat++) {
        struct scene scene;
        uint8_t seed[RECOVERY_SEED_SIZE], key[EPHEMERAL_KEY_SIZE];
        open_scene(&scene, true);
        assert_int_equal(
            d2d_open(&scene.fire, &entropy_system, POLICE, ISSUED_KMS_URI, now(), &scene.initiator),
            STATUS_OK);
        memcpy(seed, scene.initiator->seed, sizeof seed);
        memcpy(key, scene.initiator->ephemeral, sizeof key);
        int64_t month_ms = scene.initiator->i_message_utc_ms;
        seed[3] ^= cheat == 1;
        key[7] ^= cheat == 2;
        month_ms += cheat == 3 ? 31 * DAY_MS : 0;
        open_and_cheat(&scene, seed, key, month_ms, cheat == 4 ? &stranger : &scene.fire);
        assert_int_equal(request(&scene), cheat == 0 ? STATUS_OK : STATUS_RECOVERY_MISSING);
        close_scene(&scene);
    }
    keyring_clear(&stranger);
    kms_close(elsewhere);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_recovery_on_the_authority_makes_the_connections_keys),
        cmocka_unit_test(with_recovery_off_recover_says_that_it_opens_standard_groups_only),
        cmocka_unit_test(a_connection_against_the_responders_setting_is_refused),
        cmocka_unit_test(an_initiator_who_gives_the_authority_something_else_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
