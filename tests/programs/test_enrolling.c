/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset without a credential asks, and remembers what it asked for (app/programs/enrolling.h);
 * what is no bundle is refused. That a bundle is installed is tests/ui/check_enrol's matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/identity/enrolment.h"
#include "app/programs/enrolling.h"
#include "crypto/secret.h"
#include "tests/app/scratch.h"

#define PLACE "tel:+447700900077"

struct scene {
    char store[SCRATCH_PATH_SIZE], request[SCRATCH_PATH_SIZE + 16];
    struct enrolling enrolling;
};

static void begin(void **state, struct scene *scene, const char *name) {
    struct error error;
    memset(scene, 0, sizeof *scene);
    snprintf(scene->store, sizeof scene->store, "%s", scratch_path(state, name));
    snprintf(scene->request, sizeof scene->request, "%s-request", scene->store);
    assert_int_equal(store_create(scene->store, span_of_text("correct horse"), STORE_QUICK,
                                  &entropy_system, &scene->enrolling.store, &error),
                     STATUS_OK);
    scene->enrolling.store_path = scene->store;
    scene->enrolling.provider = provider_find("native");
    scene->enrolling.now_ms = INT64_C(1796083200000);
}

static void ask(struct scene *scene, const char *identity, const char *name) {
    snprintf(scene->enrolling.identity, sizeof scene->enrolling.identity, "%s", identity);
    snprintf(scene->enrolling.name, sizeof scene->enrolling.name, "%s", name);
    enrolling_request(&scene->enrolling);
}

static void end(struct scene *scene) {
    enrolling_put_away(&scene->enrolling);
    store_close(scene->enrolling.store);
}

/* As text, as what a camera reads, and in the file: all are the same request. */
static void a_request_is_shown_and_written(void **state) {
    struct scene scene;
    struct secret *file = NULL;
    struct enrolment_request read;
    struct error error;
    begin(state, &scene, "asking");
    ask(&scene, PLACE, "Dora");
    const struct view_request *request = &scene.enrolling.request;
    assert_int_equal(scene.enrolling.status, STATUS_OK);
    assert_string_equal(request->identity, PLACE);
    assert_string_equal(request->name, "Dora");
    assert_string_equal(request->file, scene.request);
    assert_string_equal(request->unwritten, "");
    assert_int_equal(file_read(scene.request, ENROLMENT_FILE_MAX, &file, &error), STATUS_OK);
    assert_int_equal(secret_span(file).length, strlen(request->text));
    assert_memory_equal(secret_span(file).octets, request->text, strlen(request->text));
    secret_free(file);
    const char *const forms[] = {request->text, request->bare};
    for (size_t i = 0; i < 2; i++) {
        char fingerprint[FINGERPRINT_SIZE];
        assert_int_equal(enrolment_request_read("it", span_of_text(forms[i]), &read, &error),
                         STATUS_OK);
        assert_string_equal(read.identity, PLACE);
        assert_string_equal(read.display_name, "Dora");
        device_key_fingerprint(read.device_key, fingerprint);
        assert_string_equal(fingerprint, request->device_key);
    }
    end(&scene);
}

static void it_is_remembered(void **state) {
    struct scene scene, other;
    char text[VIEW_REQUEST_SIZE];
    begin(state, &scene, "remembering");
    ask(&scene, PLACE, "");
    snprintf(text, sizeof text, "%s", scene.enrolling.request.text);
    memset(&scene.enrolling.request, 0, sizeof scene.enrolling.request);
    enrolling_recall(&scene.enrolling);
    assert_string_equal(scene.enrolling.request.identity, PLACE);
    assert_string_equal(scene.enrolling.request.text, text);
    /* Not what somebody else has put there. */
    begin(state, &other, "foreign");
    ask(&other, PLACE, "");
    assert_int_equal(rename(other.request, scene.request), 0);
    memset(&scene.enrolling.request, 0, sizeof scene.enrolling.request);
    enrolling_recall(&scene.enrolling);
    assert_string_equal(scene.enrolling.request.identity, "");
    end(&other);
    end(&scene);
}

/* It is on the screen all the same. */
static void where_no_file_can_be_written_that_is_said(void **state) {
    struct scene scene;
    begin(state, &scene, "unwritable");
    assert_int_equal(mkdir(scene.request, 0700), 0);
    ask(&scene, PLACE, "Dora");
    assert_int_equal(scene.enrolling.status, STATUS_OK);
    assert_string_equal(scene.enrolling.request.file, "");
    assert_non_null(strstr(scene.enrolling.request.unwritten, scene.request));
    assert_string_not_equal(scene.enrolling.request.bare, "");
    assert_int_equal(rmdir(scene.request), 0);
    end(&scene);
}

static void what_is_no_identity_makes_no_request(void **state) {
    struct scene scene;
    begin(state, &scene, "nobody");
    ask(&scene, "nobody", "Dora");
    assert_int_equal(scene.enrolling.status, STATUS_IDENTITY_INVALID);
    assert_non_null(strstr(scene.enrolling.error.text, "identity nobody: not an identity"));
    assert_int_equal(access(scene.request, F_OK), -1);
    end(&scene);
}

static void what_is_no_bundle_is_put_away(void **state) {
    struct scene scene;
    begin(state, &scene, "bundles");
    ask(&scene, PLACE, "Dora");
    scene.enrolling.bundle = secret_copy(span_of_text("-----BEGIN MUSTER BUNDLE-----\n"));
    enrolling_look(&scene.enrolling);
    assert_int_not_equal(scene.enrolling.status, STATUS_OK);
    assert_null(scene.enrolling.bundle);
    assert_string_equal(scene.enrolling.holds.identity, "");
    snprintf(scene.enrolling.path, sizeof scene.enrolling.path, "not-there");
    enrolling_look(&scene.enrolling);
    assert_int_equal(scene.enrolling.status, STATUS_NOT_FOUND);
    assert_non_null(strstr(scene.enrolling.error.text, "not-there"));
    end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_shown_and_written, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(it_is_remembered, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(where_no_file_can_be_written_that_is_said, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_identity_makes_no_request, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_bundle_is_put_away, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
