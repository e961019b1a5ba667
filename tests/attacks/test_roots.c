/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose bundles a handset takes: domains and their roots, fingerprints, certificates and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/kms/statements.h"
#include "bundle_scene.h"
#include "enrolled.h"
#include "tests/app/squad.h"

/* What all of it hangs on: the fingerprint that Ben's officer compares is looked at. */
static void keys_of_another_domain_are_refused(void **state) {
    struct scene *scene = scene_new(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = scene_terms();
    struct error error;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    kms_close(other);
    scene_free(scene);
}

/* Also the right one: somebody has to have heard it, and is asked for it at a terminal. From then
 * on it is known. */
static void the_first_bundle_wants_the_fingerprint_and_no_later_one_does(void **state) {
    struct scene *scene = scene_new(state);
    char right[FINGERPRINT_SIZE + 1];
    snprintf(right, sizeof right, "%s\n", scene->fingerprint);
    scene_issue(scene, 0);
    scene->options.fingerprint = NULL;
    assert_int_equal(scene_install_at_terminal(scene, "\n"), STATUS_NOT_ALLOWED);
    assert_int_equal(scene_install_at_terminal(scene, "0000 0000\n"), STATUS_NOT_ALLOWED);
    assert_int_equal(scene_install_at_terminal(scene, right), STATUS_OK);
    scene_issue(scene, 1000);
    assert_int_equal(scene_install_at_terminal(scene, "\n"), STATUS_OK);
    scene_free(scene);
}

/* It has nobody to ask, but replaces nothing. */
static void a_script_without_a_fingerprint_installs_the_first_keys_alone(void **state) {
    struct scene *scene = scene_new(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = scene_terms();
    struct error error;
    scene->options.fingerprint = NULL;
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene->bundle.length = 0;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->options.replace = true;
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    kms_close(other);
    scene_free(scene);
}

/* Nor does it bring another domain's beside them: whoever changes the bundle of a group on its way
 * to its manager would deliver that group's keys. */
static void a_script_without_a_fingerprint_takes_no_group_of_another_domain(void **state) {
    struct scene *scene = scene_new(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = scene_terms();
    struct error error;
    FILE *out = scene_nowhere();
    scene->options.fingerprint = NULL;
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene->options.manages = true;
    scene->options.identity = GROUP;
    scene->options.name = NULL;
    assert_int_equal(unlink(scene->request_path), 0);
    assert_int_equal(subcommand_request(&scene->options, out, &error), STATUS_OK);
    fclose(out);
    strcpy(scene->request.identity, GROUP);
    scene->request.display_name[0] = '\0';
    scene->bundle.length = 0;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->bundle.length = 0;
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_int_equal(scene_install(scene), STATUS_OK);
    kms_close(other);
    scene_free(scene);
}

/* Whoever took the KMS, but not its root: it signs what it likes, under no other root, and no
 * longer than was certified. */
static void a_stolen_kms_is_not_the_root(void **state) {
    struct scene *scene = scene_new(state);
    struct error error;
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene->options.fingerprint = NULL;
    struct certificate genuine = scene->kms->certificate;
    memset(&scene->kms->certificate, 0, sizeof genuine);
    scene_issue(scene, 1000);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->kms->has_root_secret = false; /* a root of its own */
    assert_int_equal(kms_certify(scene->kms, NULL, scene_terms().now_ms, &entropy_system, &error),
                     STATUS_OK);
    scene_issue(scene, 2000);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene->kms->certificate = genuine;
    scene->kms->certificate.until_ms += HOUR_MS;
    scene_issue(scene, 3000);
    scene_refuses(scene, STATUS_SIGNATURE_INVALID);
    scene->kms->certificate = genuine;
    scene_issue(scene, 4000);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene_free(scene);
}

/* Domains from before there were roots go on: their handsets know the new root by the keys. */
static void a_domain_that_gets_a_root_is_still_known(void **state) {
    struct scene *scene = scene_new(state);
    const struct certificate certificate = scene->kms->certificate;
    memset(&scene->kms->certificate, 0, sizeof certificate);
    kms_fingerprint(scene->kms, scene->fingerprint);
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene->options.fingerprint = NULL;
    scene->kms->certificate = certificate;
    scene_issue(scene, 1000);
    assert_int_equal(scene_install(scene), STATUS_OK);
    memset(&scene->kms->certificate, 0, sizeof certificate); /* and no way back */
    scene_issue(scene, 2000);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene_free(scene);
}

/* As a handset was left by a version that remembered no requests. */
static void forget_requests(const struct scene *scene) {
    struct store *store = scene_store(scene);
    struct batch *batch = batch_new();
    struct error error;
    assert_non_null(batch);
    assert_int_equal(batch_delete(batch, RECORD_REQUEST, span_of_text(BEN)), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
}

static void a_handset_that_remembers_no_request_takes_its_renewal_alone(void **state) {
    struct scene *scene = scene_new(state);
    struct error error;
    forget_requests(scene);
    scene_issue(scene, 0);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    FILE *out = scene_nowhere();
    assert_int_equal(unlink(scene->request_path), 0);
    assert_int_equal(subcommand_request(&scene->options, out, &error), STATUS_OK); /* once more */
    fclose(out);
    assert_int_equal(scene_install(scene), STATUS_OK);
    forget_requests(scene);
    scene_issue(scene, 1000);
    assert_int_equal(scene_install(scene), STATUS_OK);
    forget_requests(scene);
    strcpy(scene->request.display_name, "Chief");
    scene_issue(scene, 2000);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    scene_free(scene);
}

/* A KMS that was put back to an earlier state issues again, and takes no limits back. */
static void a_restored_kms_undoes_no_limits(void **state) {
    struct scene *scene = scene_new(state);
    struct installation held;
    struct error error;
    const struct limits earlier = *kms_limits(scene->kms);
    assert_int_equal(
        kms_set_limits(scene->kms, HOUR_MS, 0, scene_terms().now_ms, &entropy_system, &error),
        STATUS_OK);
    assert_true(kms_limits(scene->kms)->number > earlier.number);
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene->kms->limits = earlier;
    scene_issue(scene, 1000);
    assert_int_equal(scene_install(scene), STATUS_OK);
    struct store *store = scene_store(scene);
    assert_int_equal(installation_read(store, NULL, &held, &error), STATUS_OK);
    assert_int_equal(held.latest->limits.longest_period_ms, HOUR_MS);
    assert_int_equal(held.latest->limits.tolerance_ms, 0);
    installation_clear(&held);
    store_close(store);
    scene_free(scene);
}

/* Certified, but not for today. */
static void a_certificate_that_has_ended_counts_no_more(void **state) {
    struct scene *scene = scene_new(state);
    struct error error;
    const int64_t year_ago_ms = scene_terms().now_ms - CERTIFICATE_PERIOD_MS - HOUR_MS;
    assert_int_equal(kms_certify(scene->kms, NULL, year_ago_ms, &entropy_system, &error),
                     STATUS_OK);
    struct kms_terms then = scene_terms();
    then.now_ms = year_ago_ms;
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &then, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    scene_refuses(scene, STATUS_NOT_ALLOWED);
    /* By a clock that the thief sets, as by the right one, the KMS itself issues none. */
    const struct kms_terms now = scene_terms();
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_NOT_ALLOWED);
    assert_int_equal(kms_certify(scene->kms, NULL, now.now_ms, &entropy_system, &error), STATUS_OK);
    scene_issue(scene, 0);
    assert_int_equal(scene_install(scene), STATUS_OK);
    scene_free(scene);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCENE(keys_of_another_domain_are_refused),
        SCENE(the_first_bundle_wants_the_fingerprint_and_no_later_one_does),
        SCENE(a_script_without_a_fingerprint_installs_the_first_keys_alone),
        SCENE(a_script_without_a_fingerprint_takes_no_group_of_another_domain),
        SCENE(a_stolen_kms_is_not_the_root),
        SCENE(a_certificate_that_has_ended_counts_no_more),
        SCENE(a_domain_that_gets_a_root_is_still_known),
        SCENE(a_handset_that_remembers_no_request_takes_its_renewal_alone),
        SCENE(a_restored_kms_undoes_no_limits),
    };
    /* Nobody sits at the terminal. */
    return freopen("/dev/null", "r", stdin) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
