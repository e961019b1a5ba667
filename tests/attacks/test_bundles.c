/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles that no KMS made, or that it made for somebody else or at another time. */
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/broker/access.h"
#include "app/file.h"
#include "app/installation.h"
#include "app/kms/domain.h"
#include "app/kms/statements.h"
#include "app/programs/subcommands.h"
#include "enrolled.h"
#include "tests/app/scratch.h"
#include "tests/app/squad.h"

#define BEN       "tel:+447700900001"
#define MALLORY   "tel:+447700900002"
#define GROUP     "sip:fire7@county.example"
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
    struct device_key *key;           /* Ben's */
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
    assert_int_equal(kms_certify(kms, NULL, terms().now_ms, &entropy_system, &error), STATUS_OK);
    assert_int_equal(kms_set_limits(kms, usual.longest_period_ms / 2, usual.tolerance_ms,
                                    terms().now_ms, &entropy_system, &error),
                     STATUS_OK);
    return kms;
}

static struct scene *set_scene(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->kms = new_domain(state);
    kms_fingerprint(scene->kms, scene->fingerprint);
    scene->mallory = enrol_mallory(scene->kms);
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    make_request(state, scene);
    return scene;
}

static void end_scene(struct scene *scene) {
    credential_free(scene->mallory);
    device_key_free(scene->key);
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

/* The same by somebody who sits at a terminal and types `answer`. */
static enum status install_at_terminal(struct scene *scene, const char *answer) {
    int terminal, keyboard, before = dup(STDIN_FILENO);
    assert_int_equal(openpty(&terminal, &keyboard, NULL, NULL, NULL), 0);
    assert_int_equal(dup2(keyboard, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(write(terminal, answer, strlen(answer)), (ssize_t)strlen(answer));
    enum status status = install(scene);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    clearerr(stdin);
    close(before);
    close(keyboard);
    close(terminal);
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

/* --- What the handset has ------------------------------------------------------------------ */

/* The numbers of the keys and of the access that the handset holds. */
static size_t count_held(const struct scene *scene, bool *has_access) {
    struct store *store = open_store(scene);
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

/* The bundle is refused, and nothing of it is installed. */
static void assert_refused(struct scene *scene, enum status status) {
    bool had_access, has_access;
    size_t before = count_held(scene, &had_access);
    assert_int_equal(install(scene), status);
    assert_int_equal(count_held(scene, &has_access), before);
    assert_int_equal(has_access, had_access);
}

/* What the KMS makes for Ben's request, at another moment by its clock. */
static void issue_for_ben(struct scene *scene, int64_t later_ms) {
    struct group_list groups = {0};
    struct kms_terms now = terms();
    struct error error;
    now.now_ms += later_ms;
    now.groups = &groups;
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
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
    struct scene *scene = set_scene(state);
    issue_for_ben(scene, 0);
    add_access(scene); /* on the way from the KMS to Ben */
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    end_scene(scene);
}

/* The KMS's own access taken out, and Mallory's in its place; or nothing in its place. */
static void a_member_cannot_exchange_or_remove_the_access_in_anothers_bundle(void **state) {
    struct scene *scene = set_scene(state);
    set_broker(scene);
    issue_for_ben(scene, 0);
    uint8_t whole[ENROLMENT_TEXT_MAX];
    size_t length = scene->bundle.length;
    memcpy(whole, scene->text, length);
    const char *access = memmem(whole, length, "-----BEGIN MUSTER ACCESS", 24);
    assert_non_null(access);
    scene->bundle.length = (size_t)(access - (const char *)whole);
    assert_refused(scene, STATUS_TRUNCATED);
    add_access(scene);
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    /* Before the genuine one, so that it is the one found. */
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    add_access(scene);
    memcpy(scene->text + scene->bundle.length, whole, length);
    scene->bundle.length += length;
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    memcpy(scene->text, whole, length);
    scene->bundle.length = length;
    assert_int_equal(install(scene), STATUS_OK);
    end_scene(scene);
}

/* The access of an earlier bundle beside a later one's keys. */
static void an_older_access_does_not_go_with_newer_keys(void **state) {
    struct scene *scene = set_scene(state);
    uint8_t room[ENROLMENT_TEXT_MAX];
    set_broker(scene);
    issue_for_ben(scene, 0);
    const char *old = memmem(scene->text, scene->bundle.length, "-----BEGIN MUSTER ACCESS", 24);
    size_t length = scene->bundle.length - (size_t)((const uint8_t *)old - scene->text);
    memcpy(room, old, length);
    issue_for_ben(scene, 60000);
    const char *new = memmem(scene->text, scene->bundle.length, "-----BEGIN MUSTER ACCESS", 24);
    scene->bundle.length = (size_t)((const uint8_t *)new - scene->text);
    memcpy(scene->text + scene->bundle.length, room, length);
    scene->bundle.length += length;
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    end_scene(scene);
}

/* The domain's fingerprint is right, and from then on the handset would speak as Mallory, who opens
 * all that is for it. The KMS's word in it is for Mallory's own request. */
static void a_member_cannot_give_another_handset_the_members_own_keys(void **state) {
    struct scene *scene = set_scene(state);
    seal_for_ben(scene, scene->mallory);
    assert_refused(scene, STATUS_WRONG_RECIPIENT);
    struct credential *forged = credential_new();
    *forged = *scene->mallory;
    assert_int_equal(enrolment_request_hash(&scene->request, forged->issue.request), STATUS_OK);
    seal_for_ben(scene, forged);
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    memset(&forged->issue, 0, sizeof forged->issue);
    seal_for_ben(scene, forged);
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    credential_free(forged);
    end_scene(scene);
}

/* Signed with the key that Mallory has, in Mallory's name. */
static void a_members_own_signature_is_not_the_kmss(void **state) {
    struct scene *scene = set_scene(state);
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
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    provider->signing_key_free(key);
    provider->domain_free(domain);
    credential_free(forged);
    end_scene(scene);
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
    struct scene *scene = set_scene(state);
    issue_for_ben(scene, 0);
    struct credential *genuine = open_for_ben(scene), *changed = credential_new();
    for (int change = 0; change < CHANGES; change++) {
        *changed = *genuine;
        change_field(changed, (enum change)change);
        seal_for_ben(scene, changed);
        assert_refused(scene, STATUS_SIGNATURE_INVALID);
    }
    seal_for_ben(scene, genuine); /* as it was */
    assert_int_equal(install(scene), STATUS_OK);
    credential_free(changed);
    credential_free(genuine);
    end_scene(scene);
}

/* As earlier versions made them: by nobody in particular. */
static void a_bundle_of_the_old_form_is_refused(void **state) {
    struct scene *scene = set_scene(state);
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    issue_for_ben(scene, 0);
    assert_int_equal(armour_read("MUSTER BUNDLE", writer_span(&scene->bundle), &w), STATUS_OK);
    octets[0] = 1;
    scene->bundle = writer_into(scene->text, sizeof scene->text);
    assert_int_equal(armour_write("MUSTER BUNDLE", writer_span(&w), &scene->bundle), STATUS_OK);
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    end_scene(scene);
}

/* --- Made by the KMS, and not what this handset wants ---------------------------------------- */

static void an_older_bundle_is_refused(void **state) {
    struct scene *scene = set_scene(state);
    uint8_t older[ENROLMENT_TEXT_MAX];
    issue_for_ben(scene, 0);
    size_t length = scene->bundle.length;
    memcpy(older, scene->text, length);
    issue_for_ben(scene, 0); /* in the same second */
    assert_int_equal(install(scene), STATUS_OK);
    assert_int_equal(install(scene), STATUS_OK); /* the same once more */
    memcpy(scene->text, older, length);
    scene->bundle.length = length;
    assert_refused(scene, STATUS_NOT_ALLOWED);
    end_scene(scene);
}

/* A clock that was ahead takes nothing away: what comes later has a greater number. */
static void a_number_of_the_future_shuts_nobody_out(void **state) {
    struct scene *scene = set_scene(state);
    issue_for_ben(scene, HOUR_MS);
    assert_int_equal(install(scene), STATUS_OK);
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    end_scene(scene);
}

/* Mallory asks in Mallory's own name, or in Ben's under another one, with Ben's device key. */
static void an_answer_to_what_the_handset_did_not_ask_is_refused(void **state) {
    struct scene *scene = set_scene(state);
    const struct enrolment_request genuine = scene->request;
    strcpy(scene->request.identity, "tel:+447700900003");
    strcpy(scene->request.display_name, "Mallory");
    issue_for_ben(scene, 0);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->request = genuine;
    strcpy(scene->request.display_name, "Chief");
    issue_for_ben(scene, 0);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->request = genuine;
    issue_for_ben(scene, 1000);
    assert_int_equal(install(scene), STATUS_OK);
    strcpy(scene->request.display_name, "Chief");
    issue_for_ben(scene, 2000);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    end_scene(scene);
}

/* --- Other domains, other roots -------------------------------------------------------------- */

/* What all of it hangs on: the fingerprint that Ben's officer compares is looked at. */
static void keys_of_another_domain_are_refused(void **state) {
    struct scene *scene = set_scene(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = terms();
    struct error error;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    kms_close(other);
    end_scene(scene);
}

/* Also the right one: somebody has to have heard it, and is asked for it at a terminal. From then
 * on it is known. */
static void the_first_bundle_wants_the_fingerprint_and_no_later_one_does(void **state) {
    struct scene *scene = set_scene(state);
    char right[FINGERPRINT_SIZE + 1];
    snprintf(right, sizeof right, "%s\n", scene->fingerprint);
    issue_for_ben(scene, 0);
    scene->options.fingerprint = NULL;
    assert_int_equal(install_at_terminal(scene, "\n"), STATUS_NOT_ALLOWED);
    assert_int_equal(install_at_terminal(scene, "0000 0000\n"), STATUS_NOT_ALLOWED);
    assert_int_equal(install_at_terminal(scene, right), STATUS_OK);
    issue_for_ben(scene, 1000);
    assert_int_equal(install_at_terminal(scene, "\n"), STATUS_OK);
    end_scene(scene);
}

/* It has nobody to ask, but replaces nothing. */
static void a_script_without_a_fingerprint_installs_the_first_keys_alone(void **state) {
    struct scene *scene = set_scene(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = terms();
    struct error error;
    scene->options.fingerprint = NULL;
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    scene->bundle.length = 0;
    assert_int_equal(
        kms_enroll(other, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->options.replace = true;
    assert_refused(scene, STATUS_NOT_ALLOWED);
    kms_close(other);
    end_scene(scene);
}

/* Nor does it bring another domain's beside them: whoever changes the bundle of a group on its way
 * to its manager would deliver that group's keys. */
static void a_script_without_a_fingerprint_takes_no_group_of_another_domain(void **state) {
    struct scene *scene = set_scene(state);
    struct kms *other = enrolled_domain();
    const struct kms_terms now = terms();
    struct error error;
    FILE *out = nowhere();
    scene->options.fingerprint = NULL;
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
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
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->bundle.length = 0;
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_int_equal(install(scene), STATUS_OK);
    kms_close(other);
    end_scene(scene);
}

/* Whoever took the KMS, but not its root: it signs what it likes, under no other root, and no
 * longer than was certified. */
static void a_stolen_kms_is_not_the_root(void **state) {
    struct scene *scene = set_scene(state);
    struct error error;
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    scene->options.fingerprint = NULL;
    struct certificate genuine = scene->kms->certificate;
    memset(&scene->kms->certificate, 0, sizeof genuine);
    issue_for_ben(scene, 1000);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->kms->has_root_secret = false; /* a root of its own */
    assert_int_equal(kms_certify(scene->kms, NULL, terms().now_ms, &entropy_system, &error),
                     STATUS_OK);
    issue_for_ben(scene, 2000);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    scene->kms->certificate = genuine;
    scene->kms->certificate.until_ms += HOUR_MS;
    issue_for_ben(scene, 3000);
    assert_refused(scene, STATUS_SIGNATURE_INVALID);
    scene->kms->certificate = genuine;
    issue_for_ben(scene, 4000);
    assert_int_equal(install(scene), STATUS_OK);
    end_scene(scene);
}

/* Domains from before there were roots go on: their handsets know the new root by the keys. */
static void a_domain_that_gets_a_root_is_still_known(void **state) {
    struct scene *scene = set_scene(state);
    const struct certificate certificate = scene->kms->certificate;
    memset(&scene->kms->certificate, 0, sizeof certificate);
    kms_fingerprint(scene->kms, scene->fingerprint);
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    scene->options.fingerprint = NULL;
    scene->kms->certificate = certificate;
    issue_for_ben(scene, 1000);
    assert_int_equal(install(scene), STATUS_OK);
    memset(&scene->kms->certificate, 0, sizeof certificate); /* and no way back */
    issue_for_ben(scene, 2000);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    end_scene(scene);
}

/* As a handset was left by a version that remembered no requests. */
static void forget_requests(const struct scene *scene) {
    struct store *store = open_store(scene);
    struct batch *batch = batch_new();
    struct error error;
    assert_non_null(batch);
    assert_int_equal(batch_delete(batch, RECORD_REQUEST, span_of_text(BEN)), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
}

static void a_handset_that_remembers_no_request_takes_its_renewal_alone(void **state) {
    struct scene *scene = set_scene(state);
    struct error error;
    forget_requests(scene);
    issue_for_ben(scene, 0);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    FILE *out = nowhere();
    assert_int_equal(unlink(scene->request_path), 0);
    assert_int_equal(subcommand_request(&scene->options, out, &error), STATUS_OK); /* once more */
    fclose(out);
    assert_int_equal(install(scene), STATUS_OK);
    forget_requests(scene);
    issue_for_ben(scene, 1000);
    assert_int_equal(install(scene), STATUS_OK);
    forget_requests(scene);
    strcpy(scene->request.display_name, "Chief");
    issue_for_ben(scene, 2000);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    end_scene(scene);
}

/* A KMS that was put back to an earlier state issues again, and takes no limits back. */
static void a_restored_kms_undoes_no_limits(void **state) {
    struct scene *scene = set_scene(state);
    struct installation held;
    struct error error;
    const struct limits earlier = *kms_limits(scene->kms);
    assert_int_equal(
        kms_set_limits(scene->kms, HOUR_MS, 0, terms().now_ms, &entropy_system, &error), STATUS_OK);
    assert_true(kms_limits(scene->kms)->number > earlier.number);
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    scene->kms->limits = earlier;
    issue_for_ben(scene, 1000);
    assert_int_equal(install(scene), STATUS_OK);
    struct store *store = open_store(scene);
    assert_int_equal(installation_read(store, NULL, &held, &error), STATUS_OK);
    assert_int_equal(held.latest->limits.longest_period_ms, HOUR_MS);
    assert_int_equal(held.latest->limits.tolerance_ms, 0);
    installation_clear(&held);
    store_close(store);
    end_scene(scene);
}

/* Certified, but not for today. */
static void a_certificate_that_has_ended_counts_no_more(void **state) {
    struct scene *scene = set_scene(state);
    struct error error;
    const int64_t year_ago_ms = terms().now_ms - CERTIFICATE_PERIOD_MS - HOUR_MS;
    assert_int_equal(kms_certify(scene->kms, NULL, year_ago_ms, &entropy_system, &error),
                     STATUS_OK);
    struct kms_terms then = terms();
    then.now_ms = year_ago_ms;
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &then, &entropy_system, &scene->bundle, &error),
        STATUS_OK);
    assert_refused(scene, STATUS_NOT_ALLOWED);
    /* By a clock that the thief sets, as by the right one, the KMS itself issues none. */
    const struct kms_terms now = terms();
    assert_int_equal(
        kms_enroll(scene->kms, &scene->request, &now, &entropy_system, &scene->bundle, &error),
        STATUS_NOT_ALLOWED);
    assert_int_equal(kms_certify(scene->kms, NULL, now.now_ms, &entropy_system, &error), STATUS_OK);
    issue_for_ben(scene, 0);
    assert_int_equal(install(scene), STATUS_OK);
    end_scene(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_member_cannot_put_another_broker_into_anothers_bundle,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_member_cannot_exchange_or_remove_the_access_in_anothers_bundle, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(an_older_access_does_not_go_with_newer_keys, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_member_cannot_give_another_handset_the_members_own_keys,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_members_own_signature_is_not_the_kmss, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(nothing_in_a_bundle_can_be_changed, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_bundle_of_the_old_form_is_refused, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(an_older_bundle_is_refused, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_number_of_the_future_shuts_nobody_out, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(an_answer_to_what_the_handset_did_not_ask_is_refused,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(keys_of_another_domain_are_refused, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(
            the_first_bundle_wants_the_fingerprint_and_no_later_one_does, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_script_without_a_fingerprint_installs_the_first_keys_alone, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(
            a_script_without_a_fingerprint_takes_no_group_of_another_domain, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(a_stolen_kms_is_not_the_root, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_certificate_that_has_ended_counts_no_more, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_domain_that_gets_a_root_is_still_known, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_handset_that_remembers_no_request_takes_its_renewal_alone,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_restored_kms_undoes_no_limits, scratch_setup,
                                        scratch_teardown),
    };
    /* Nobody sits at the terminal. */
    return freopen("/dev/null", "r", stdin) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
