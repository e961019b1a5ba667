/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles that no KMS made, or that it made for somebody else or at another time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/broker/access.h"
#include "bundle_scene.h"
#include "tests/app/squad.h"

#define ELSEWHERE "tls://elsewhere.example:4222"

/* Puts access to a broker of Mallory's own choice into the bundle. */
static void add_access(struct scene *scene) {
    const uint8_t seed[NKEY_SEED_SIZE] = {7};
    struct topic_key key;
    struct access *access = access_new();
    assert_non_null(access);
    topic_key_of(scene->mallory, &key);
    snprintf(access->identity, sizeof access->identity, "%s", scene->request.identity);
    topic_name(&key, scene->request.identity, access->name);
    access->until_ms = INT64_C(4000000000000);
    snprintf(access->servers, sizeof access->servers, "%s", ELSEWHERE);
    snprintf(access->ca, sizeof access->ca, "%s", "-----BEGIN CERTIFICATE-----\n");
    snprintf(access->jwt, sizeof access->jwt, "%s", "x.y.z");
    nkey_seed_text(NKEY_USER, seed, access->seed);
    assert_int_equal(access_seal(access, scene->request.device_key, &scene->bundle), STATUS_OK);
    access_free(access);
}

/* What is in Ben's bundle. */
static struct credential *open_for_ben(const struct scene *scene) {
    struct credential *credential;
    struct error error;
    assert_int_equal(enrolment_bundle_open("bundle", writer_span(&scene->bundle), scene->key,
                                           squad_provider(), &credential, &error),
                     STATUS_OK);
    return credential;
}

/* Closes a bundle for Ben's handset, as anybody can. */
static void seal_for_ben(struct scene *scene, const struct credential *credential) {
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    assert_int_equal(enrolment_bundle_seal(credential, scene->request.device_key, &scene->bundle),
                     STATUS_OK);
}

static void set_broker(struct scene *scene) {
    struct broker *broker = broker_new();
    assert_non_null(broker);
    strcpy(broker->servers, "tls://broker.county.example:4222");
    strcpy(broker->ca, "-----BEGIN CERTIFICATE-----\n");
    memset(broker->secret, 9, sizeof broker->secret);
    scene->kms->broker = broker;
}

/* --- Made by a member ---------------------------------------------------------------------- */

/* A bundle is sealed to the handset's device key, which is in its request for all to read; the
 * topic names that the access must show follow from any member's keys. */
static void a_member_cannot_put_another_broker_into_anothers_bundle(void **state) {
    struct scene *scene = scene_new(state);
    scene_issue(scene, 0);
    add_access(scene); /* on the way from the KMS to Ben */
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    scene_free(scene);
}

/* The KMS's own access taken out, and Mallory's in its place; or nothing in its place. */
static void a_member_cannot_exchange_or_remove_the_access_in_anothers_bundle(void **state) {
    struct scene *scene = scene_new(state);
    set_broker(scene);
    scene_issue(scene, 0);
    uint8_t whole[ENROLMENT_TEXT_MAX];
    size_t length = scene->bundle.length;
    memcpy(whole, scene->text, length);
    const char *access = memmem(whole, length, "-----BEGIN MUSTER ACCESS", 24);
    assert_non_null(access);
    scene->bundle.length = (size_t)(access - (const char *)whole);
    scene_refuses(scene, STATUS_TRUNCATED);
    add_access(scene);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    /* Before the genuine one, so that it is the one found. */
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    add_access(scene);
    memcpy(scene->text + scene->bundle.length, whole, length);
    scene->bundle.length += length;
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    memcpy(scene->text, whole, length);
    scene->bundle.length = length;
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene_free(scene);
}

/* The access of an earlier bundle beside a later one's keys. */
static void an_older_access_does_not_go_with_newer_keys(void **state) {
    struct scene *scene = scene_new(state);
    uint8_t room[ENROLMENT_TEXT_MAX];
    set_broker(scene);
    scene_issue(scene, 0);
    const char *old = memmem(scene->text, scene->bundle.length, "-----BEGIN MUSTER ACCESS", 24);
    size_t length = scene->bundle.length - (size_t)((const uint8_t *)old - scene->text);
    memcpy(room, old, length);
    scene_issue(scene, 60000);
    const char *new = memmem(scene->text, scene->bundle.length, "-----BEGIN MUSTER ACCESS", 24);
    scene->bundle.length = (size_t)((const uint8_t *)new - scene->text);
    memcpy(scene->text + scene->bundle.length, room, length);
    scene->bundle.length += length;
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    scene_free(scene);
}

/* The domain's fingerprint is right, and from then on the handset would speak as Mallory, who opens
 * all that is for it. The KMS's word in it is for Mallory's own request. */
static void a_member_cannot_give_another_handset_the_members_own_keys(void **state) {
    struct scene *scene = scene_new(state);
    seal_for_ben(scene, scene->mallory);
    scene_refuses(scene, STATUS_WRONG_RECIPIENT);
    struct credential *forged = credential_new();
    *forged = *scene->mallory;
    assert_int_equal(enrolment_request_hash(&scene->request, forged->issue.request), STATUS_OK);
    seal_for_ben(scene, forged);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    memset(&forged->issue, 0, sizeof forged->issue);
    seal_for_ben(scene, forged);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    credential_free(forged);
    scene_free(scene);
}

/* Signed with the key that Mallory has, in Mallory's name. */
static void a_members_own_signature_is_not_the_kmss(void **state) {
    struct scene *scene = scene_new(state);
    const struct provider *provider = squad_provider();
    struct domain_key *domain;
    struct signing_key *key;
    struct enrolment_request request = scene->request;
    struct credential *forged = credential_new();
    *forged = *scene->mallory;
    strcpy(request.identity, MALLORY);
    strcpy(request.display_name, "Mallory");
    assert_int_equal(provider->domain_load(forged->z, forged->kpak, &domain), STATUS_OK);
    assert_int_equal(provider->signing_key_load(domain, identifier_span(&forged->identifier),
                                                forged->ssk, forged->pvt, &key),
                     STATUS_OK);
    assert_int_equal(enrolment_bundle_sign(forged, &request, NULL, forged->issue.number, provider,
                                           key, &entropy_system),
                     STATUS_OK);
    seal_for_ben(scene, forged);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    provider->signing_key_free(key);
    provider->domain_free(domain);
    credential_free(forged);
    scene_free(scene);
}

/* --- Changed on its way ---------------------------------------------------------------------- */

enum change {
    OTHER_GROUPS,
    NO_GROUPS,
    OTHER_NAME,
    LONGER_PERIOD,
    OTHER_LIMITS,
    OTHER_LIMITS_NUMBER,
    NO_LIMITS,
    NO_ROOT,
    LONGER_CERTIFICATE,
    OTHER_ROOT,
    LATER_NUMBER,
    EARLIER_NUMBER,
    OTHER_REQUEST,
    SOME_ACCESS,
    OTHER_SIGNATURE,
    CHANGES
};

static void change_field(struct credential *credential, enum change change) {
    switch (change) {
    case OTHER_GROUPS:
        assert_int_equal(group_list_add(&credential->groups, "sip:police1@county.example"),
                         STATUS_OK);
        break;
    case NO_GROUPS:
        memset(&credential->groups, 0, sizeof credential->groups);
        break;
    case OTHER_NAME:
        strcpy(credential->display_name, "Chief");
        break;
    case LONGER_PERIOD:
        credential->max_key_period_ms *= 1000;
        break;
    case OTHER_LIMITS:
        credential->limits.longest_period_ms++;
        break;
    case OTHER_LIMITS_NUMBER:
        credential->limits.number++;
        break;
    case NO_LIMITS:
        memset(&credential->limits, 0, sizeof credential->limits);
        break;
    case NO_ROOT:
        memset(&credential->certificate, 0, sizeof credential->certificate);
        break;
    case LONGER_CERTIFICATE:
        credential->certificate.until_ms += HOUR_MS;
        break;
    case OTHER_ROOT:
        credential->certificate.root[0] ^= 1;
        break;
    case LATER_NUMBER:
        credential->issue.number += INT64_C(10) * 366 * 24 * 3600;
        break;
    case EARLIER_NUMBER:
        credential->issue.number--;
        break;
    case OTHER_REQUEST:
        credential->issue.request[0] ^= 1;
        break;
    case SOME_ACCESS:
        credential->issue.access[0] ^= 1;
        break;
    default:
        credential->issue.signature[40] ^= 1;
        break;
    }
}

/* Whoever could open the bundle and close it again. */
static void nothing_in_a_bundle_can_be_changed(void **state) {
    struct scene *scene = scene_new(state);
    scene_issue(scene, 0);
    struct credential *genuine = open_for_ben(scene), *changed = credential_new();
    for (int change = 0; change < CHANGES; change++) {
        *changed = *genuine;
        change_field(changed, (enum change)change);
        seal_for_ben(scene, changed);
        scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    }
    seal_for_ben(scene, genuine); /* as it was */
    assert_int_equal(scene_install(scene), STATUS_OK);
    credential_free(changed);
    credential_free(genuine);
    scene_free(scene);
}

/* As earlier versions made them: by nobody in particular. */
static void a_bundle_of_the_old_form_is_refused(void **state) {
    struct scene *scene = scene_new(state);
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    scene_issue(scene, 0);
    assert_int_equal(armour_read("MUSTER BUNDLE", writer_span(&scene->bundle), &w), STATUS_OK);
    octets[0] = 1;
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    assert_int_equal(armour_write("MUSTER BUNDLE", writer_span(&w), &scene->bundle), STATUS_OK);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    scene_free(scene);
}

/* --- Made by the KMS, and not what this handset wants ---------------------------------------- */

static void an_older_bundle_is_refused(void **state) {
    struct scene *scene = scene_new(state);
    uint8_t older[ENROLMENT_TEXT_MAX];
    scene_issue(scene, 0);
    size_t length = scene->bundle.length;
    memcpy(older, scene->text, length);
    scene_issue(scene, 0); /* in the same second */
    assert_int_equal(scene_install(scene), STATUS_OK);
    assert_int_equal(scene_install(scene), STATUS_OK); /* the same once more */
    memcpy(scene->text, older, length);
    scene->bundle.length = length;
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene_free(scene);
}

/* A clock that was ahead takes nothing away: what comes later has a greater number. */
static void a_number_of_the_future_shuts_nobody_out(void **state) {
    struct scene *scene = scene_new(state);
    scene_issue(scene, HOUR_MS);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene_free(scene);
}

/* Mallory asks in Mallory's own name, or in Ben's under another one, with Ben's device key. */
static void an_answer_to_what_the_handset_did_not_ask_is_refused(void **state) {
    struct scene *scene = scene_new(state);
    const struct enrolment_request genuine = scene->request;
    strcpy(scene->request.identity, "tel:+447700900003");
    strcpy(scene->request.display_name, "Mallory");
    scene_issue(scene, 0);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->request = genuine;
    strcpy(scene->request.display_name, "Chief");
    scene_issue(scene, 0);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->request = genuine;
    scene_issue(scene, 1000);
    assert_int_equal(scene_install(scene), STATUS_OK);
    strcpy(scene->request.display_name, "Chief");
    scene_issue(scene, 2000);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene_free(scene);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE(a_member_cannot_put_another_broker_into_anothers_bundle),
        SCENE(a_member_cannot_exchange_or_remove_the_access_in_anothers_bundle),
        SCENE(an_older_access_does_not_go_with_newer_keys),
        SCENE(a_member_cannot_give_another_handset_the_members_own_keys),
        SCENE(a_members_own_signature_is_not_the_kmss),
        SCENE(nothing_in_a_bundle_can_be_changed),
        SCENE(a_bundle_of_the_old_form_is_refused),
        SCENE(an_older_bundle_is_refused),
        SCENE(a_number_of_the_future_shuts_nobody_out),
        SCENE(an_answer_to_what_the_handset_did_not_ask_is_refused),
    };
    /* Nobody sits at the terminal. */
    return freopen("/dev/null", "r", stdin) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
