/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewal: everybody's keys, once each, whatever happens on the way. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/kms/audit.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "scratch.h"

#define PASSPHRASE  span_of_text("correct horse")
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define DAY_MS      INT64_C(86400000)
#define OCTOBER_MS  INT64_C(1790812800000)
#define NOVEMBER_MS INT64_C(1793491200000)
#define DECEMBER_MS INT64_C(1796083200000)
#define JANUARY_MS  INT64_C(1798761600000)
#define NOW_MS      (NOVEMBER_MS + 10 * DAY_MS)

enum {
    USERS_MAX = 95,
    KILLS = 60
};

static struct device_key *device_key;
static struct kms *kms;
static const struct provider *crypto; /* the native module, but where a test says so */

/* A module that issues at once, and so leaves all the time for what is written. */
static enum status issue_receiver_at_once(const struct master_key *master, struct span identifier,
                                          uint8_t rsk[SAKKE_POINT_SIZE]) {
    (void)master;
    (void)identifier;
    memset(rsk, 4, SAKKE_POINT_SIZE);
    return STATUS_OK;
}

static enum status issue_receivers_at_once(const struct master_key *master, size_t count,
                                           const struct span identifiers[], uint8_t *const rsks[]) {
    for (size_t i = 0; i < count; i++) {
        (void)issue_receiver_at_once(master, identifiers[i], rsks[i]);
    }
    return STATUS_OK;
}

static enum status issue_signing_at_once(const struct master_key *master, struct span identifier,
                                         const struct entropy *entropy,
                                         uint8_t ssk[ECCSI_SCALAR_SIZE],
                                         uint8_t pvt[ECCSI_POINT_SIZE]) {
    (void)master;
    (void)identifier;
    memset(pvt, 4, ECCSI_POINT_SIZE);
    return entropy_draw(entropy, ssk, ECCSI_SCALAR_SIZE);
}

static enum status load_signing_unseen(const struct domain_key *domain, struct span identifier,
                                       const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                       const uint8_t pvt[ECCSI_POINT_SIZE],
                                       struct signing_key **key) {
    (void)domain;
    (void)identifier;
    (void)ssk;
    (void)pvt;
    *key = NULL;
    return STATUS_OK;
}

static enum status load_receiver_unseen(const struct domain_key *domain, struct span identifier,
                                        const uint8_t rsk[SAKKE_POINT_SIZE],
                                        struct receiver_key **key) {
    (void)domain;
    (void)identifier;
    (void)rsk;
    *key = NULL;
    return STATUS_OK;
}

static enum status check_receivers_unseen(const struct master_key *master,
                                          const struct domain_key *domain, size_t count,
                                          const struct span identifiers[],
                                          const uint8_t *const rsks[]) {
    (void)master;
    (void)domain;
    (void)count;
    (void)identifiers;
    (void)rsks;
    return STATUS_OK;
}

static enum status check_signing_unseen(const struct master_key *master,
                                        const struct domain_key *domain, size_t count,
                                        const struct span identifiers[],
                                        const uint8_t *const ssks[], const uint8_t *const pvts[]) {
    (void)master;
    (void)domain;
    (void)count;
    (void)identifiers;
    (void)ssks;
    (void)pvts;
    return STATUS_OK;
}

static enum status sign_at_once(const struct signing_key *key, struct span message,
                                const struct entropy *entropy,
                                uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)key;
    (void)message;
    return entropy_draw(entropy, signature, ECCSI_SIGNATURE_SIZE);
}

static enum status verify_unseen(const struct domain_key *domain, struct span identifier,
                                 struct span message,
                                 const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)domain;
    (void)identifier;
    (void)message;
    (void)signature;
    return STATUS_OK;
}

static unsigned issued_signing;

/* A machine that goes wrong once: one bit of the third signing key. */
static enum status issue_third_wrong(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]) {
    enum status status =
        provider_find("native")->issue_signing_key(master, identifier, entropy, ssk, pvt);
    if (++issued_signing == 3) {
        ssk[ECCSI_SCALAR_SIZE - 1] ^= 1;
    }
    return status;
}

static const struct provider *issuing_the_third_wrong(void) {
    static struct provider wrong;
    wrong = *provider_find("native");
    wrong.issue_signing_key = issue_third_wrong;
    return &wrong;
}

static const struct provider *issuing_at_once(void) {
    static struct provider quick;
    quick = *provider_find("native");
    quick.issue_receiver_key = issue_receiver_at_once;
    quick.issue_receiver_keys = issue_receivers_at_once;
    quick.issue_signing_key = issue_signing_at_once;
    quick.signing_key_load = load_signing_unseen;
    quick.sign = sign_at_once;
    quick.verify = verify_unseen;
    quick.receiver_key_load = load_receiver_unseen;
    quick.receiver_keys_check = check_receivers_unseen;
    quick.signing_keys_check = check_signing_unseen;
    return &quick;
}

static const char *domain_path(void **state) {
    return scratch_path(state, "domain");
}

static void reopen(void **state) {
    struct error error = {0};
    kms_close(kms);
    assert_int_equal(kms_open(domain_path(state), PASSPHRASE, crypto, &kms, &error), STATUS_OK);
}

static int setup(void **state) {
    struct error error = {0};
    crypto = provider_find("native");
    assert_int_equal(device_key_new(&entropy_system, &device_key), STATUS_OK);
    assert_int_equal(scratch_setup(state), 0);
    assert_int_equal(kms_init(domain_path(state), "sip:kms@county.example", false, PASSPHRASE,
                              STORE_QUICK, provider_find("native"), &entropy_system, &kms, &error),
                     STATUS_OK);
    return 0;
}

static int teardown(void **state) {
    const char *folder = scratch_path(state, "bundles");
    DIR *bundles = opendir(folder);
    struct dirent *entry;
    int dots = 0;
    while (bundles != NULL && (entry = readdir(bundles)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            dots += entry->d_name[0] == '.';
            if (unlinkat(dirfd(bundles), entry->d_name, 0) != 0) {
                unlinkat(dirfd(bundles), entry->d_name, AT_REMOVEDIR);
            }
        }
    }
    if (bundles != NULL) {
        closedir(bundles);
    }
    rmdir(folder);
    kms_close(kms);
    device_key_free(device_key);
    return scratch_teardown(state) != 0 || dots > 0 ? -1 : 0; /* no draft was left */
}

static const char *user(unsigned n) {
    static char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+4477009001%02u", n);
    return identity;
}

static void enroll_in_groups(const char *identity, int64_t now_ms,
                             const struct group_list *groups) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = {.display_name = "Fire 7"};
    struct error error = {0};
    const struct kms_terms terms = {
        .now_ms = now_ms, .max_key_period_ms = 43200000, .groups = groups};
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    memcpy(request.device_key, device_key->public_key, DEVICE_KEY_SIZE);
    assert_int_equal(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error),
                     STATUS_OK);
}

static void enroll(const char *identity, int64_t now_ms) {
    enroll_in_groups(identity, now_ms, NULL);
}

static void enroll_users(unsigned count) {
    for (unsigned n = 0; n < count; n++) {
        enroll(user(n), NOVEMBER_MS);
    }
}

static void no_progress(void *context, size_t done, size_t total) {
    (void)context;
    assert_true(done <= total);
}

static enum status renew_before(void **state, int64_t before_ms, struct renewal_result *result,
                                struct error *error) {
    const struct renewal_terms terms = {.now_ms = NOW_MS,
                                        .before_ms = before_ms,
                                        .folder = scratch_path(state, "bundles"),
                                        .threads = 2};
    return renewal_run(kms, &terms, no_progress, NULL, result, error);
}

/* Renews by the default, and says how many bundles there were. */
static size_t renew(void **state) {
    struct renewal_result result;
    struct error error = {0};
    assert_int_equal(renew_before(state, 0, &result, &error), STATUS_OK);
    return result.bundles;
}

static const char *bundle_path(void **state, const char *identity, int64_t month_ms) {
    static char path[512];
    char name[FILE_NAME_SIZE];
    renewal_file_name(identity, month_ms, name);
    snprintf(path, sizeof path, "%s/%s", scratch_path(state, "bundles"), name);
    return path;
}

/* What is in the bundle, which there is. */
static struct credential *open_bundle(const char *path) {
    struct secret *text;
    struct credential *credential;
    struct error error = {0};
    assert_int_equal(file_read(path, ENROLMENT_TEXT_MAX, &text, &error), STATUS_OK);
    assert_int_equal(
        enrolment_bundle_open(path, secret_span(text), device_key, crypto, &credential, &error),
        STATUS_OK);
    secret_free(text);
    return credential;
}

/* Is there a bundle, and does it open to keys of that identity and month? */
static bool has_bundle(void **state, const char *identity, int64_t month_ms) {
    const char *path = bundle_path(state, identity, month_ms);
    if (access(path, F_OK) != 0) {
        return false;
    }
    struct credential *credential = open_bundle(path);
    assert_string_equal(credential->identity, identity);
    assert_string_equal(credential->display_name, "Fire 7");
    assert_int_equal(credential->period_start_ms, month_ms);
    assert_int_equal(credential->max_key_period_ms, 43200000);
    credential_free(credential);
    return true;
}

/* The bundle lists these groups, and so does the register. */
static void assert_groups(void **state, const char *identity, int64_t month_ms,
                          const struct group_list *groups) {
    struct register_entry entry;
    struct error error = {0};
    struct credential *credential = open_bundle(bundle_path(state, identity, month_ms));
    assert_memory_equal(&credential->groups, groups, sizeof *groups);
    credential_free(credential);
    assert_int_equal(register_find(kms, identity, &entry, &error), STATUS_OK);
    assert_memory_equal(&entry.groups, groups, sizeof *groups);
}

static int64_t until(const char *identity) {
    struct register_entry entry;
    struct error error;
    assert_int_equal(register_find(kms, identity, &entry, &error), STATUS_OK);
    return entry.until_ms;
}

/* How many renewals the audit log has, which is whole. */
static void count_renewal(void *context, const struct audit_record *record) {
    *(size_t *)context += record->action == AUDIT_RENEW;
}

static size_t renewals_on_record(void) {
    size_t count = 0;
    struct error error = {0};
    assert_int_equal(audit_check(kms, count_renewal, &count, &error), STATUS_OK);
    return count;
}

static void everybody_whose_keys_end_gets_a_bundle_for_the_next_month(void **state) {
    enroll_users(7);
    enroll(ME_IDENTITY, NOVEMBER_MS);
    assert_int_equal(renew(state), 7);
    for (unsigned n = 0; n < 7; n++) {
        assert_true(has_bundle(state, user(n), DECEMBER_MS));
        assert_false(has_bundle(state, user(n), NOVEMBER_MS));
        assert_int_equal(until(user(n)), JANUARY_MS);
    }
    assert_int_equal(until(ME_IDENTITY), 0);
    assert_int_equal(renewals_on_record(), 7);
}

static void who_is_renewed_is_not_renewed_again(void **state) {
    struct stat before, after;
    enroll_users(3);
    assert_int_equal(renew(state), 3);
    assert_int_equal(stat(bundle_path(state, user(1), DECEMBER_MS), &before), 0);
    assert_int_equal(renew(state), 0);
    assert_int_equal(stat(bundle_path(state, user(1), DECEMBER_MS), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(renewals_on_record(), 3);
}

static void who_has_no_keys_this_month_gets_this_and_the_next_months(void **state) {
    enroll(user(1), OCTOBER_MS - DAY_MS); /* and had none last month */
    assert_int_equal(renew(state), 2);
    assert_false(has_bundle(state, user(1), OCTOBER_MS));
    assert_true(has_bundle(state, user(1), NOVEMBER_MS));
    assert_true(has_bundle(state, user(1), DECEMBER_MS));
    assert_int_equal(until(user(1)), JANUARY_MS);
}

/* 6.X.3.3.2.2: a handset drops the keys of a group that its credential does not list. */
static void renewed_keys_list_the_same_groups(void **state) {
    struct group_list none = {0}, two = {0}, most = {0};
    assert_int_equal(group_list_add(&two, "sip:fire7@county.example"), STATUS_OK);
    assert_int_equal(group_list_add(&two, "sip:rescue3@county.example"), STATUS_OK);
    for (unsigned i = 0; i < GROUP_LIST_MAX; i++) {
        char group[IDENTITY_SIZE];
        int length = snprintf(group, sizeof group, "sip:fire%02u@", i);
        memset(group + length, 'a', (size_t)(IDENTITY_MAX - length));
        group[IDENTITY_MAX] = '\0';
        assert_int_equal(group_list_add(&most, group), STATUS_OK);
    }
    enroll_in_groups(user(0), OCTOBER_MS, &two);
    enroll_in_groups(user(1), NOVEMBER_MS, NULL);
    enroll_in_groups(user(2), NOVEMBER_MS, &most);
    assert_int_equal(renew(state), 4);
    reopen(state);
    assert_groups(state, user(0), NOVEMBER_MS, &two);
    assert_groups(state, user(0), DECEMBER_MS, &two);
    assert_groups(state, user(1), DECEMBER_MS, &none);
    assert_groups(state, user(2), DECEMBER_MS, &most);
}

static void only_keys_that_end_within_the_time_given_are_renewed(void **state) {
    struct renewal_result result;
    struct error error = {0};
    enroll(user(1), OCTOBER_MS);
    enroll(user(2), NOVEMBER_MS);
    assert_int_equal(renew_before(state, DECEMBER_MS, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 1);
    assert_true(has_bundle(state, user(1), NOVEMBER_MS));
    assert_int_equal(renew_before(state, DECEMBER_MS + 1, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 2);
    /* However far ahead: never beyond the next month. */
    assert_int_equal(renew_before(state, DECEMBER_MS + 900 * DAY_MS, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 0);
}

static void the_revoked_get_none_and_are_counted(void **state) {
    struct renewal_result result;
    struct error error = {0};
    enroll_users(3);
    assert_int_equal(register_revoke(kms, user(1), "", NOVEMBER_MS, &error), STATUS_OK);
    assert_int_equal(renew_before(state, 0, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 2);
    assert_int_equal(result.revoked, 1);
    assert_false(has_bundle(state, user(1), DECEMBER_MS));
    assert_int_equal(until(user(1)), DECEMBER_MS);
}

static void names_are_safe_and_no_two_identities_share_one(void **state) {
    (void)state;
    const char *const identities[] = {
        "tel:+447700900123",
        ME_IDENTITY,
        "sip:fire7@county.example",
        "sip:Fire7@county.example",
        "sip:FIRE7@county.example",
        "sip:_fire7@county.example",
        "sip:..@county.example",
        "sip:~$(a)*&'!@county.example",
        "sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@c."
        "example",
        "sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB@c."
        "example",
    };
    char names[10][FILE_NAME_SIZE];
    renewal_file_name(identities[0], DECEMBER_MS, names[0]);
    assert_string_equal(names[0], "tel_+447700900123.2026-12.bundle");
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(identity_check(identities[i]), STATUS_OK);
        renewal_file_name(identities[i], DECEMBER_MS, names[i]);
        assert_true(strlen(names[i]) < 250);
        assert_int_equal(strspn(names[i], "abcdefghijklmnopqrstuvwxyz0123456789+-.@_%"),
                         strlen(names[i]));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(names[i], names[j]);
        }
    }
}

/* --- What goes wrong ------------------------------------------------------------------------ */

static void what_cannot_be_written_stops_it_and_what_was_written_stays_done(void **state) {
    struct renewal_result result;
    struct error error = {0};
    enroll_users(6);
    assert_int_equal(mkdir(scratch_path(state, "bundles"), 0700), 0);
    assert_int_equal(mkdir(bundle_path(state, user(4), DECEMBER_MS), 0700), 0);
    assert_int_equal(renew_before(state, 0, &result, &error), STATUS_IO_FAILED);
    assert_non_null(strstr(error.text, bundle_path(state, user(4), DECEMBER_MS)));
    assert_int_equal(result.bundles, 4);
    for (unsigned n = 0; n < 6; n++) {
        assert_int_equal(until(user(n)), n < 4 ? JANUARY_MS : DECEMBER_MS);
    }
    assert_int_equal(rmdir(bundle_path(state, user(4), DECEMBER_MS)), 0);
    assert_int_equal(renew(state), 2);
}

/* Keys are checked many at a time. */
static void whose_key_came_out_wrong_is_named(void **state) {
    struct renewal_result result;
    struct error error = {0};
    enroll_users(5);
    crypto = issuing_the_third_wrong();
    reopen(state); /* which issues what the domain itself signs with */
    issued_signing = 0;
    assert_int_not_equal(renew_before(state, 0, &result, &error), STATUS_OK);
    assert_non_null(strstr(error.text, user(2)));
    assert_int_equal(result.bundles, 0);
    assert_int_equal(renew(state), 5); /* the next time all is well */
}

static void a_full_disk_renews_nobody_and_loses_nothing(void **state) {
    struct renewal_result result;
    struct error error = {0};
    struct rlimit limit;
    enroll_users(3);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {100, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status = renew_before(state, 0, &result, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_int_equal(result.bundles, 0);
    for (unsigned n = 0; n < 3; n++) {
        assert_false(has_bundle(state, user(n), DECEMBER_MS));
    }
    reopen(state);
    assert_int_equal(renewals_on_record(), 0);
    assert_int_equal(renew(state), 3);
}

/* The teardown finds any draft that is left. */
static void a_draft_that_a_killed_renewal_left_is_removed_even_when_nobody_is_left(void **state) {
    char path[512];
    assert_int_equal(mkdir(scratch_path(state, "bundles"), 0700), 0);
    snprintf(path, sizeof path, "%s/.renewal.draft", scratch_path(state, "bundles"));
    scratch_write(path, span_of_text("half"));
    assert_int_equal(renew(state), 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_file_where_the_folder_should_be_is_refused(void **state) {
    struct renewal_result result;
    struct error error = {0};
    enroll_users(1);
    scratch_write(scratch_path(state, "bundles"), span_of_text("x"));
    assert_int_equal(renew_before(state, 0, &result, &error), STATUS_IO_FAILED);
    assert_int_equal(until(user(0)), DECEMBER_MS);
}

/* Runs a renewal in a process of its own and kills it after `delay_us`. Was it killed? */
static bool killed_after(void **state, unsigned delay_us) {
    kms_close(kms);
    kms = NULL;
    pid_t child = fork();
    if (child == 0) {
        struct error error;
        struct renewal_result result;
        if (kms_open(domain_path(state), PASSPHRASE, crypto, &kms, &error) != STATUS_OK) {
            _exit(1);
        }
        _exit(renew_before(state, 0, &result, &error) == STATUS_OK ? 0 : 1);
    }
    usleep(delay_us);
    kill(child, SIGKILL);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) || WEXITSTATUS(how) == 0);
    reopen(state);
    return WIFSIGNALED(how);
}

/* What is done after a kill: whole, on record, and not made again since. */
static unsigned count_finished(void **state, ino_t finished[USERS_MAX]) {
    unsigned count = 0;
    for (unsigned n = 0; n < USERS_MAX; n++) {
        struct stat about;
        bool is_done = until(user(n)) == JANUARY_MS;
        assert_true(is_done || finished[n] == 0);
        if (!is_done) {
            continue;
        }
        assert_int_equal(stat(bundle_path(state, user(n), DECEMBER_MS), &about), 0);
        assert_true(finished[n] == 0 || finished[n] == about.st_ino);
        finished[n] = about.st_ino;
        assert_true(has_bundle(state, user(n), DECEMBER_MS));
        count++;
    }
    return count;
}

static void killed_at_random_points_it_goes_on_and_redoes_nobody(void **state) {
    unsigned seed = (unsigned)getpid(), kills = 0, finished_before = 0;
    ino_t finished[USERS_MAX] = {0};
    printf("seed %u\n", seed);
    crypto = issuing_at_once();
    reopen(state);
    enroll_users(USERS_MAX);
    while (kills < KILLS && killed_after(state, (unsigned)rand_r(&seed) % (4000 + 500 * kills))) {
        kills++;
        unsigned count = count_finished(state, finished);
        assert_true(count >= finished_before && renewals_on_record() >= count);
        finished_before = count;
    }
    renew(state);
    assert_int_equal(count_finished(state, finished), USERS_MAX);
    assert_true(kills > 0);
    printf("%u kills, %zu bundles made for %d users\n", kills, renewals_on_record(), USERS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(everybody_whose_keys_end_gets_a_bundle_for_the_next_month),
        TEST(who_is_renewed_is_not_renewed_again),
        TEST(who_has_no_keys_this_month_gets_this_and_the_next_months),
        TEST(renewed_keys_list_the_same_groups),
        TEST(only_keys_that_end_within_the_time_given_are_renewed),
        TEST(the_revoked_get_none_and_are_counted),
        TEST(names_are_safe_and_no_two_identities_share_one),
        TEST(what_cannot_be_written_stops_it_and_what_was_written_stays_done),
        TEST(whose_key_came_out_wrong_is_named),
        TEST(a_full_disk_renews_nobody_and_loses_nothing),
        TEST(a_draft_that_a_killed_renewal_left_is_removed_even_when_nobody_is_left),
        TEST(a_file_where_the_folder_should_be_is_refused),
        TEST(killed_at_random_points_it_goes_on_and_redoes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
