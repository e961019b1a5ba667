/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "managed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/month.h"
#include "manager_keys.h"

const int64_t managed_now_ms = INT64_C(1795572000123); /* 2026-11-25 */

static const char kms_uri[] = "sip:kms@county.example";

static struct {
    const struct provider *provider;
    struct master_key *master;
    struct domain_key *domain;
    struct receiver_key *receivers[MANAGED_MEMBERS_MAX];
    uint8_t z[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
} fixture;

const struct provider *managed_provider(void) {
    return fixture.provider;
}

void managed_domain_free(void) {
    if (fixture.provider == NULL) {
        return;
    }
    for (size_t i = 0; i < MANAGED_MEMBERS_MAX; i++) {
        if (fixture.receivers[i] != NULL) {
            fixture.provider->receiver_key_free(fixture.receivers[i]);
        }
    }
    fixture.provider->domain_free(fixture.domain);
    fixture.provider->master_free(fixture.master);
    memset(&fixture, 0, sizeof fixture);
}

void managed_domain_setup(void) {
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    managed_domain_free();
    fixture.provider = provider_find("native");
    assert_int_equal(fixture.provider->master_generate(&entropy_system, z, ksak), STATUS_OK);
    assert_int_equal(fixture.provider->master_load(z, ksak, &fixture.master), STATUS_OK);
    assert_int_equal(fixture.provider->public_keys(fixture.master, fixture.z, fixture.kpak),
                     STATUS_OK);
    assert_int_equal(fixture.provider->domain_load(fixture.z, fixture.kpak, &fixture.domain),
                     STATUS_OK);
}

static void keys_record(const char *identity, int64_t utc_ms, uint64_t term, struct writer *key,
                        struct writer *value) {
    const struct provider *provider = fixture.provider;
    struct credential *credential = credential_new();
    char month[MONTH_TEXT_SIZE];
    assert_non_null(credential);
    strcpy(credential->identity, identity);
    strcpy(credential->kms, kms_uri);
    credential->period_start_ms = month_start(utc_ms, 0);
    credential->max_key_period_ms = 3600 * 1000;
    memcpy(credential->z, fixture.z, sizeof fixture.z);
    memcpy(credential->kpak, fixture.kpak, sizeof fixture.kpak);
    assert_int_equal(identifier_of(identity, utc_ms, &credential->identifier), STATUS_OK);
    struct span identifier = identifier_span(&credential->identifier);
    assert_int_equal(provider->issue_signing_key(fixture.master, identifier, &entropy_system,
                                                 credential->ssk, credential->pvt),
                     STATUS_OK);
    assert_int_equal(provider->issue_receiver_key(fixture.master, identifier, credential->rsk),
                     STATUS_OK);
    manager_keys_issue(credential, 7, term, provider, fixture.master, fixture.domain);
    assert_int_equal(credential_write(credential, value), STATUS_OK);
    credential_free(credential);
    month_print(utc_ms, month);
    write_span(key, span_of_text(identity));
    write_u8(key, ' ');
    write_span(key, span_of_text(month));
}

void managed_keys_record(const char *identity, int64_t utc_ms, struct writer *key,
                         struct writer *value) {
    keys_record(identity, utc_ms, MANAGED_TERM, key, value);
}

struct managed_group *managed_group_of_term(uint64_t term) {
    struct managed_group *group;
    uint8_t key[RECORD_KEY_MAX], value[CREDENTIAL_SIZE_MAX];
    struct writer k = writer_into(key, sizeof key), v = writer_into(value, sizeof value);
    keys_record(MANAGED_GROUP, managed_now_ms, term, &k, &v);
    assert_int_equal(managed_group_new(fixture.provider, MANAGED_GROUP, &group), STATUS_OK);
    assert_int_equal(
        managed_group_restore(group, RECORD_MANAGER_KEYS, writer_span(&k), writer_span(&v)),
        STATUS_OK);
    return group;
}

struct managed_group *managed_group_fixture(void) {
    return managed_group_of_term(MANAGED_TERM);
}

const char *managed_member(size_t n) {
    static char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+4477009%05zu", n);
    return identity;
}

void managed_enlist(struct managed_group *group, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct roll_member member = {0};
        struct batch *batch = batch_new();
        assert_non_null(batch);
        strcpy(member.identity, managed_member(i));
        assert_int_equal(managed_group_enlist(group, &member, batch), STATUS_OK);
        batch_free(batch);
    }
}

static enum status load_receiver(size_t n, int64_t utc_ms) {
    struct identifier identifier;
    uint8_t rsk[SAKKE_POINT_SIZE];
    if (fixture.receivers[n] != NULL) {
        return STATUS_OK;
    }
    enum status status = identifier_of(managed_member(n), utc_ms, &identifier);
    if (status == STATUS_OK) {
        status =
            fixture.provider->issue_receiver_key(fixture.master, identifier_span(&identifier), rsk);
    }
    if (status == STATUS_OK) {
        status = fixture.provider->receiver_key_load(fixture.domain, identifier_span(&identifier),
                                                     rsk, &fixture.receivers[n]);
    }
    return status;
}

enum status managed_open(size_t n, struct span delivery, struct key_delivery_fields *fields,
                         uint8_t gmk[SSV_SIZE]) {
    struct i_message message;
    struct identifier group;
    enum status status = key_delivery_parse(delivery, &message);
    if (status == STATUS_OK && strcmp(message.fields.responder, managed_member(n)) != 0) {
        status = STATUS_NOT_ADDRESSED_TO_US;
    }
    if (status == STATUS_OK) {
        status = load_receiver(n, managed_now_ms);
    }
    if (status == STATUS_OK) {
        status = identifier_of(MANAGED_GROUP, message.fields.utc_ms, &group);
    }
    if (status == STATUS_OK) {
        status = fixture.provider->verify(fixture.domain, identifier_span(&group), message.covered,
                                          message.signature.octets);
    }
    return status == STATUS_OK
               ? key_delivery_open(fixture.provider, &message, fixture.receivers[n], fields, gmk)
               : status;
}
