/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles that no KMS made. Each test expects that the attack succeeds, as it does today; whoever
 * closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/broker/access.h"
#include "app/file.h"
#include "app/installation.h"
#include "app/programs/subcommands.h"
#include "enrolled.h"
#include "tests/app/scratch.h"
#include "tests/app/squad.h"

#define BEN       "tel:+447700900001"
#define MALLORY   "tel:+447700900002"
#define ELSEWHERE "tls://elsewhere.example:4222"

/* A domain, Ben's new handset with its request, and Mallory, who is a member. */
struct scene {
    struct kms *kms;
    char fingerprint[FINGERPRINT_SIZE]; /* the domain's, as its operator reads it out */
    struct credential *mallory;
    struct options options; /* of Ben's handset */
    char passphrase[SCRATCH_PATH_SIZE], request_path[SCRATCH_PATH_SIZE],
        bundle_path[SCRATCH_PATH_SIZE];
    struct enrolment_request request; /* Ben's, which anybody on its way can read */
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle;
};

static const char passphrase[] = "correct horse";

static struct kms_terms terms(void) {
    return (struct kms_terms){.now_ms = (int64_t)time(NULL) * 1000, .max_key_period_ms = HOUR_MS};
}

static struct credential *enrol_mallory(struct kms *kms) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct enrolment_request request = {.identity = MALLORY, .display_name = "Mallory"};
    const struct kms_terms now = terms();
    struct writer bundle = writer_into(text, sizeof text);
    struct device_key *key;
    struct credential *credential;
    struct error error;
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    assert_int_equal(kms_enroll(kms, &request, &now, &entropy_system, &bundle, &error), STATUS_OK);
    assert_int_equal(enrolment_bundle_open("bundle", writer_span(&bundle), key, squad_provider(),
                                           &credential, &error),
                     STATUS_OK);
    device_key_free(key);
    return credential;
}

static FILE *nowhere(void) {
    FILE *file = fopen("/dev/null", "w");
    assert_non_null(file);
    return file;
}

/* `muster request` on Ben's handset. */
static void make_request(void **state, struct scene *scene) {
    struct store *store;
    struct secret *text;
    struct error error;
    FILE *out = nowhere();
    snprintf(scene->passphrase, sizeof scene->passphrase, "%s", scratch_path(state, "passphrase"));
    snprintf(scene->request_path, sizeof scene->request_path, "%s", scratch_path(state, "request"));
    snprintf(scene->bundle_path, sizeof scene->bundle_path, "%s", scratch_path(state, "bundle"));
    snprintf(scene->options.store, sizeof scene->options.store, "%s", scratch_path(state, "store"));
    scene->options.passphrase_file = scene->passphrase;
    scene->options.identity = BEN;
    scene->options.name = "Ben";
    scene->options.out = scene->request_path;
    scene->options.bundle = scene->bundle_path;
    scene->options.fingerprint = scene->fingerprint;
    scratch_write(scene->passphrase, span_of_text(passphrase));
    assert_int_equal(store_create(scene->options.store, span_of_text(passphrase), STORE_QUICK,
                                  &entropy_system, &store, &error),
                     STATUS_OK);
    store_close(store);
    assert_int_equal(subcommand_request(&scene->options, out, &error), STATUS_OK);
    fclose(out);
    assert_int_equal(file_read(scene->request_path, ENROLMENT_TEXT_MAX, &text, &error), STATUS_OK);
    assert_int_equal(enrolment_request_read("request", secret_span(text), &scene->request, &error),
                     STATUS_OK);
    secret_free(text);
}

static struct scene *set_scene(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->kms = enrolled_domain();
    kms_fingerprint(scene->kms, scene->fingerprint);
    scene->mallory = enrol_mallory(scene->kms);
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    make_request(state, scene);
    return scene;
}

static void end_scene(struct scene *scene) {
    credential_free(scene->mallory);
    kms_close(scene->kms);
    free(scene);
}

/* `muster install` of the bundle, with the fingerprint that the KMS's operator reads out. */
static enum status install(struct scene *scene) {
    struct error error;
    FILE *out = nowhere();
    scratch_write(scene->bundle_path, writer_span(&scene->bundle));
    enum status status = subcommand_install(&scene->options, squad_provider(), out, &error);
    fclose(out);
    return status;
}

static struct store *open_store(const struct scene *scene) {
    struct store *store;
    struct error error;
    assert_int_equal(store_open(scene->options.store, span_of_text(passphrase), &store, &error),
                     STATUS_OK);
    return store;
}

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

/* A bundle is sealed to the handset's device key, which is in its request for all to read, and
 * signed by nobody; the topic names that the access must show follow from any member's keys. Breaks
 * statement 15 of what must always hold, app/README.md: what the KMS says is signed. To become: the
 * bundle is refused, and the store is as it was. */
static void a_member_can_put_another_broker_into_anothers_bundle(void **state) {
    struct scene *scene = set_scene(state);
    const struct kms_terms now = terms();
    struct error error;
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    add_access(scene); /* on the way from the KMS to Ben */
    assert_int_equal(install(scene), STATUS_OK);
    struct store *store = open_store(scene);
    struct access *access;
    assert_int_equal(access_load(store, NULL, &access, &error), STATUS_OK);
    assert_string_equal(access->servers, ELSEWHERE);
    access_free(access);
    store_close(store);
    end_scene(scene);
}

/* The same with Mallory's own keys in it: the domain's fingerprint is right, and from then on the
 * handset speaks as Mallory, who opens all that is for it. Breaks statement 15 of what must always
 * hold, app/README.md. To become: the bundle is refused, as it is not what the handset asked for
 * and no KMS signed it. */
static void a_member_can_give_another_handset_the_members_own_keys(void **state) {
    struct scene *scene = set_scene(state);
    struct installation held;
    struct error error;
    assert_int_equal(
        enrolment_bundle_seal(scene->mallory, scene->request.device_key, &scene->bundle),
        STATUS_OK);
    assert_int_equal(install(scene), STATUS_OK);
    struct store *store = open_store(scene);
    assert_int_equal(installation_read(store, NULL, &held, &error), STATUS_OK);
    assert_string_equal(held.latest->identity, MALLORY);
    assert_memory_equal(held.latest->rsk, scene->mallory->rsk, sizeof held.latest->rsk);
    installation_clear(&held);
    store_close(store);
    end_scene(scene);
}

/* What the two hang on: the fingerprint that Ben's officer compares is looked at. */
static void keys_of_another_domain_are_refused(void **state) {
    struct scene *scene = set_scene(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = terms();
    struct error error;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_int_equal(install(scene), STATUS_NOT_ALLOWED);
    kms_close(other);
    end_scene(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_member_can_put_another_broker_into_anothers_bundle,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_member_can_give_another_handset_the_members_own_keys,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(keys_of_another_domain_are_refused, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
