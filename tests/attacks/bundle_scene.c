/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle_scene.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/broker/access.h"
#include "app/file.h"
#include "app/kms/statements.h"
#include "tests/app/squad.h"

static const char passphrase[] = "correct horse";

struct kms_terms scene_terms(void) {
    return (struct kms_terms){.now_ms = (int64_t)time(NULL) * 1000, .max_key_period_ms = HOUR_MS};
}

static struct credential *enrol_mallory(struct kms *kms) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct enrolment_request request = {.identity = MALLORY, .display_name = "Mallory"};
    const struct kms_terms now = scene_terms();
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

FILE *scene_nowhere(void) {
    FILE *file = fopen("/dev/null", "w");
    assert_non_null(file);
    return file;
}

static enum status take_device_key(void *context, enum record_kind kind, struct span key,
                                   struct span value) {
    struct device_key **found = context;
    (void)key;
    return kind == RECORD_DEVICE_KEY ? device_key_read(value, found) : STATUS_OK;
}

/* `muster request` on Ben's handset. */
static void make_request(void **state, struct scene *scene) {
    struct store *store;
    struct secret *text;
    struct error error;
    FILE *out = scene_nowhere();
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
    assert_int_equal(store_open(scene->options.store, span_of_text(passphrase), &store, &error),
                     STATUS_OK);
    assert_int_equal(store_load(store, take_device_key, &scene->key, &error), STATUS_OK);
    assert_non_null(scene->key);
    store_close(store);
}

/* A domain with a root and limits, as muster-kms makes it. */
static struct kms *new_domain(void **state) {
    const struct limits usual = limits_usual();
    struct kms *kms;
    struct error error;
    assert_int_equal(kms_init(scratch_path(state, "domain"), "sip:kms@county.example", false,
                              span_of_text(passphrase), STORE_QUICK, squad_provider(),
                              &entropy_system, &kms, &error),
                     STATUS_OK);
    assert_int_equal(kms_certify(kms, NULL, scene_terms().now_ms, &entropy_system, &error),
                     STATUS_OK);
    assert_int_equal(kms_set_limits(kms, usual.longest_period_ms / 2, usual.tolerance_ms,
                                    scene_terms().now_ms, &entropy_system, &error),
                     STATUS_OK);
    return kms;
}

struct scene *scene_new(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->kms = new_domain(state);
    kms_fingerprint(scene->kms, scene->fingerprint);
    scene->mallory = enrol_mallory(scene->kms);
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    make_request(state, scene);
    return scene;
}

void scene_free(struct scene *scene) {
    credential_free(scene->mallory);
    device_key_free(scene->key);
    kms_close(scene->kms);
    free(scene);
}

enum status scene_install(struct scene *scene) {
    struct error error;
    FILE *out = scene_nowhere();
    scratch_write(scene->bundle_path, writer_span(&scene->bundle));
    enum status status = subcommand_install(&scene->options, squad_provider(), out, &error);
    fclose(out);
    return status;
}

enum status scene_install_at_terminal(struct scene *scene, const char *answer) {
    int terminal, keyboard, before = dup(STDIN_FILENO);
    assert_int_equal(openpty(&terminal, &keyboard, NULL, NULL, NULL), 0);
    assert_int_equal(dup2(keyboard, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(write(terminal, answer, strlen(answer)), (ssize_t)strlen(answer));
    enum status status = scene_install(scene);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    clearerr(stdin);
    close(before);
    close(keyboard);
    close(terminal);
    return status;
}

struct store *scene_store(const struct scene *scene) {
    struct store *store;
    struct error error;
    assert_int_equal(store_open(scene->options.store, span_of_text(passphrase), &store, &error),
                     STATUS_OK);
    return store;
}

/* The numbers of the keys and of the access that the handset holds. */
static size_t count_held(const struct scene *scene, bool *has_access) {
    struct store *store = scene_store(scene);
    struct installation held;
    struct access *access;
    struct error error;
    assert_int_equal(installation_read(store, NULL, &held, &error), STATUS_OK);
    size_t count = held.count;
    enum status status = access_load(store, NULL, &access, &error);
    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    *has_access = status == STATUS_OK;
    access_free(access);
    installation_clear(&held);
    store_close(store);
    return count;
}

void scene_refuses(struct scene *scene, enum status status) {
    bool had_access, has_access;
    size_t before = count_held(scene, &had_access);
    assert_int_equal(scene_install(scene), status);
    assert_int_equal(count_held(scene, &has_access), before);
    assert_int_equal(has_access, had_access);
}

void scene_issue(struct scene *scene, int64_t later_ms) {
    struct group_list groups = {0};
    struct kms_terms now = scene_terms();
    struct error error;
    now.now_ms += later_ms;
    now.groups = &groups;
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
}
