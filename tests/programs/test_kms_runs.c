/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The long runs of muster-kms, as real processes: enrolling a folder of requests, and renewing
 * everybody. Killed or stopped in the middle, they finish when they are run again, and a revocation
 * comes through at once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "tests/app/scratch.h"

#define PASSPHRASE "correct horse"

enum {
    KILLS = 10,
    REQUESTS = 400,
    RENEWED = 700, /* many times what is written at once */
    PATIENCE_MS = 60 * 1000
};

static char domain[256], passphrase[256], requests[256], bundles[256], said[256];
static unsigned seed;
static int keyboard = -1; /* -1: nobody sits at the terminal */
static struct device_key *device_key;

/* --- Processes ------------------------------------------------------------------------------ */

static const char *program(void) {
    static char path[512];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(path, sizeof path, "%s/muster-kms", build != NULL ? build : "build/release");
    return path;
}

/* muster-kms with a command for the domain and up to three more arguments. */
static pid_t start(const char *command, const char *first, const char *second, const char *third) {
    pid_t child = fork();
    if (child == 0) {
        int out = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(keyboard >= 0 ? keyboard : open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        const char *arguments[] = {program(),  command, "--passphrase-file",
                                   passphrase, domain,  first,
                                   second,     third,   NULL};
        execv(program(), (char *const *)arguments);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

static int end_of(pid_t child) {
    int how;
    while (waitpid(child, &how, 0) != child) {
        assert_int_equal(errno, EINTR);
    }
    return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
}

static bool has_ended(pid_t child) {
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)child, &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           about.si_pid == child;
}

static int run(const char *command, const char *first, const char *second, const char *third) {
    return end_of(start(command, first, second, third));
}

/* Where the text is in what it said. */
static size_t assert_said(const char *text) {
    struct secret *content;
    struct error error;
    assert_int_equal(file_read(said, 1 << 20, &content, &error), STATUS_OK);
    char *line = calloc(1, content->length + 1);
    memcpy(line, content->octets, content->length);
    const char *found = strstr(line, text);
    if (found == NULL) {
        fail_msg("expected “%s” in: %s", text, line);
    }
    size_t at = (size_t)(found - line);
    free(line);
    secret_free(content);
    return at;
}

static size_t count_files(const char *folder, const char *ending) {
    DIR *open_folder = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
        size_t length = strlen(entry->d_name), end = strlen(ending);
        count += length > end && strcmp(entry->d_name + length - end, ending) == 0;
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
    return count;
}

static bool has_drafts(const char *folder) {
    DIR *open_folder = opendir(folder);
    bool any = false;
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
        any = any || strstr(entry->d_name, ".draft") != NULL;
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
    return any;
}

/* Until it has begun to write, or has ended. */
static void await_work(pid_t child) {
    for (unsigned ms = 0; ms < PATIENCE_MS && !has_ended(child); ms++) {
        if (has_drafts(bundles) || count_files(bundles, ".bundle") > 0) {
            return;
        }
        usleep(1000);
    }
}

/* --- Domains -------------------------------------------------------------------------------- */

static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    rmdir(path);
}

static int setup(void **state) {
    struct error error = {0};
    struct kms *kms;
    assert_int_equal(scratch_setup(state), 0);
    snprintf(domain, sizeof domain, "%s", scratch_path(state, "domain"));
    snprintf(passphrase, sizeof passphrase, "%s", scratch_path(state, "passphrase"));
    snprintf(requests, sizeof requests, "%s", scratch_path(state, "requests"));
    snprintf(bundles, sizeof bundles, "%s", scratch_path(state, "bundles"));
    snprintf(said, sizeof said, "%s", scratch_path(state, "said"));
    scratch_write(passphrase, span_of_text(PASSPHRASE "\n"));
    assert_int_equal(chmod(passphrase, 0600), 0);
    assert_int_equal(device_key_new(&entropy_system, &device_key), STATUS_OK);
    assert_int_equal(kms_init(domain, "sip:kms@county.example", false, span_of_text(PASSPHRASE),
                              STORE_QUICK, provider_find("native"), &entropy_system, &kms, &error),
                     STATUS_OK);
    kms_close(kms);
    return 0;
}

static int teardown(void **state) {
    remove_folder(requests);
    remove_folder(bundles);
    device_key_free(device_key);
    return scratch_teardown(state);
}

static const char *identity_of(unsigned n) {
    static char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+447700%06u", n);
    return identity;
}

static void write_request_as(const char *name, const char *identity) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    char path[512];
    struct writer w = writer_into(text, sizeof text);
    struct enrolment_request request = {0};
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    memcpy(request.device_key, device_key->public_key, DEVICE_KEY_SIZE);
    assert_int_equal(enrolment_request_write(&request, &w), STATUS_OK);
    snprintf(path, sizeof path, "%s/%s", requests, name);
    scratch_write(path, writer_span(&w));
}

static void write_requests(unsigned count) {
    assert_int_equal(mkdir(requests, 0700), 0);
    for (unsigned n = 0; n < count; n++) {
        char name[32];
        snprintf(name, sizeof name, "h%04u.request", n);
        write_request_as(name, identity_of(n));
    }
}

static struct kms *open_domain(void) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(
        kms_open(domain, span_of_text(PASSPHRASE), provider_find("native"), &kms, &error),
        STATUS_OK);
    return kms;
}

/* As if they had been enrolled, with keys that end now. */
static void fill_register(unsigned count) {
    struct kms *kms = open_domain();
    struct error error;
    for (unsigned n = 0; n < count;) {
        struct batch *batch = batch_new();
        for (; n < count && batch->count < BATCH_CHANGES_MAX; n++) {
            struct register_entry entry = {
                .enrolled_ms = 1, .until_ms = 2, .max_key_period_ms = 43200000, .number = 1};
            snprintf(entry.identity, sizeof entry.identity, "%s", identity_of(n));
            memcpy(entry.device_key, device_key->public_key, DEVICE_KEY_SIZE);
            assert_int_equal(register_put(&entry, batch), STATUS_OK);
        }
        assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
        batch_free(batch);
    }
    kms_close(kms);
}

/* --- What the log has ----------------------------------------------------------------------- */

struct tally {
    const char *identity;
    size_t revoked, renewed_after, later; /* of the identity; records after its revocation */
};

static void count_record(void *context, const struct audit_record *record) {
    struct tally *tally = context;
    bool is_its = strcmp(record->identity, tally->identity) == 0;
    tally->later += tally->revoked > 0;
    tally->renewed_after += is_its && tally->revoked > 0 && record->action == AUDIT_RENEW;
    tally->revoked += is_its && record->action == AUDIT_REVOKE;
}

static struct tally tally_of(const char *identity) {
    struct tally tally = {.identity = identity};
    struct error error = {0};
    struct kms *kms = open_domain();
    assert_int_equal(audit_check(kms, count_record, &tally, &error), STATUS_OK);
    kms_close(kms);
    return tally;
}

static void count_entry(void *context, const struct register_entry *entry) {
    *(size_t *)context += entry->revoked_ms == 0 && entry->until_ms > 2;
}

static size_t count_enrolled(void) {
    size_t count = 0;
    struct error error = {0};
    struct kms *kms = open_domain();
    assert_int_equal(register_list(kms, count_entry, &count, &error), STATUS_OK);
    kms_close(kms);
    return count;
}

static struct credential *open_bundle(const char *path) {
    struct secret *text;
    struct credential *credential;
    struct error error = {0};
    assert_int_equal(file_read(path, ENROLMENT_TEXT_MAX, &text, &error), STATUS_OK);
    assert_int_equal(enrolment_bundle_open(path, secret_span(text), device_key,
                                           provider_find("native"), &credential, &error),
                     STATUS_OK);
    secret_free(text);
    return credential;
}

static void assert_opens(const char *path, const char *identity) {
    struct credential *credential = open_bundle(path);
    assert_string_equal(credential->identity, identity);
    credential_free(credential);
}

/* --- Enrolling a folder --------------------------------------------------------------------- */

static void a_folder_that_is_killed_ten_times_has_one_bundle_for_each_request(void **state) {
    (void)state;
    unsigned kills = 0;
    write_requests(REQUESTS);
    for (unsigned i = 0; i < KILLS; i++) {
        pid_t child = start("enroll", requests, "--out", bundles);
        if (i % 2 == 0) {
            await_work(child);
        }
        usleep((unsigned)rand_r(&seed) % 60000);
        kill(child, SIGKILL);
        kills += end_of(child) == -SIGKILL;
    }
    assert_true(kills > 0);
    assert_int_equal(run("enroll", requests, "--out", bundles), 0);
    assert_said("0 refused");
    assert_int_equal(count_files(bundles, ".bundle"), REQUESTS);
    assert_false(has_drafts(bundles));
    assert_int_equal(count_enrolled(), REQUESTS);
    for (unsigned n = 0; n < REQUESTS; n += 37) {
        char path[512];
        snprintf(path, sizeof path, "%s/h%04u.bundle", bundles, n);
        assert_opens(path, identity_of(n));
    }
    printf("%u kills\n", kills);
}

static void each_outcome_is_named_and_nobody_stops_the_others(void **state) {
    char path[512];
    (void)state;
    write_requests(4);
    write_request_as("twin.request", identity_of(2));
    write_request_as("kms.request", "sip:kms@county.example");
    snprintf(path, sizeof path, "%s/%s", requests, "evil\033[2J\xe2\x80\xae.request");
    scratch_write(path, span_of_text("no request"));
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("h0000.request: tel:+447700000000 is enrolled, in h0000.bundle\n");
    assert_said("evil?[2J?.request: refused: ");
    assert_said("kms.request: refused: ");
    assert_said("twin.request: refused: tel:+447700000002: h0002.request asks for this identity");
    assert_said("4 enrolled, 0 enrolled before, 3 refused\n");
    assert_int_equal(count_files(bundles, ".bundle"), 4);

    assert_int_equal(run("revoke", identity_of(3), NULL, NULL), 0);
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("h0000.request: tel:+447700000000 was enrolled before, in h0000.bundle\n");
    assert_said("h0003.request: refused: tel:+447700000003: revoked on ");
    assert_said("0 enrolled, 3 enrolled before, 4 refused\n");

    /* A bundle that was lost is made again; nobody else's is. */
    snprintf(path, sizeof path, "%s/h0001.bundle", bundles);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("1 enrolled, 2 enrolled before, 4 refused\n");
    assert_opens(path, identity_of(1));
}

/* The run by somebody who sits at a terminal and types `answer`. */
static int run_at_terminal(const char *answer) {
    int terminal;
    assert_int_equal(openpty(&terminal, &keyboard, NULL, NULL, NULL), 0);
    assert_int_equal(write(terminal, answer, strlen(answer)), (ssize_t)strlen(answer));
    int result = run("enroll", requests, "--out", bundles);
    close(keyboard);
    close(terminal);
    keyboard = -1;
    return result;
}

static void requests_and_bundles_may_be_in_one_folder(void **state) {
    (void)state;
    write_requests(2);
    assert_int_equal(run("enroll", requests, "--out", requests), 0);
    assert_int_equal(run("enroll", requests, "--out", requests), 0);
    assert_said("0 enrolled, 2 enrolled before, 0 refused\n");
    assert_int_equal(count_files(requests, ".bundle"), 2);
}

/* The next folder of requests has files of the same names, of other people. */
static void nobody_elses_bundle_is_written_over(void **state) {
    char path[512], other[512];
    (void)state;
    write_requests(2);
    assert_int_equal(run("enroll", requests, "--out", bundles), 0);
    write_request_as("h0000.request", identity_of(7));
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("h0000.request: refused: tel:+447700000007: h0000.bundle is there already, a bundle"
                " of tel:+447700000000");
    snprintf(path, sizeof path, "%s/h0000.bundle", bundles);
    assert_opens(path, identity_of(0));

    /* Another's that is enrolled is not taken for its own. */
    write_request_as("h0000.request", identity_of(1));
    snprintf(other, sizeof other, "%s/h0001.request", requests);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("0 enrolled, 0 enrolled before, 1 refused\n");
    assert_opens(path, identity_of(0));
}

/* Whoever puts a request of their own among the others has another device key. */
static void device_keys_are_shown_before_anything_is_issued(void **state) {
    char fingerprint[FINGERPRINT_SIZE], line[200];
    (void)state;
    write_requests(2);
    device_key_fingerprint(device_key->public_key, fingerprint);
    snprintf(line, sizeof line, "h0001.request: tel:+447700000001, device key %s\n", fingerprint);
    assert_int_equal(run_at_terminal("n\n"), 1);
    assert_said(line);
    assert_said("nothing was issued");
    assert_int_equal(count_files(bundles, ".bundle"), 0);
    assert_int_equal(count_enrolled(), 0);

    assert_int_equal(run_at_terminal("y\n"), 0);
    assert_true(assert_said(line) < assert_said("h0000.request: tel:+447700000000 is enrolled"));
    assert_int_equal(count_enrolled(), 2);
}

/* A request of somebody else's for Ben's identity, under a name that comes before Ben's. */
static void of_two_handsets_that_ask_for_one_identity_none_is_chosen(void **state) {
    struct device_key *bens = device_key;
    char path[512], bundle[512];
    (void)state;
    write_requests(2);
    snprintf(bundle, sizeof bundle, "%s/alone.bundle", bundles);
    assert_int_equal(device_key_new(&entropy_system, &device_key), STATUS_OK);
    write_request_as("a.request", identity_of(1));
    device_key_free(device_key);
    device_key = bens;
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("a.request: refused: tel:+447700000001: h0001.request asks for this identity");
    assert_said("h0001.request: refused: tel:+447700000001: a.request asks for this identity");
    assert_said("1 enrolled, 0 enrolled before, 2 refused\n");

    /* Once one is enrolled that is the one. */
    snprintf(path, sizeof path, "%s/h0001.request", requests);
    assert_int_equal(run("enroll", path, "--out", bundle), 0);
    assert_int_equal(run("enroll", requests, "--out", bundles), 1);
    assert_said("a.request: refused: tel:+447700000001: already enrolled, for device key");
    assert_said("1 enrolled, 1 enrolled before, 1 refused\n");
}

/* --- A revocation in the middle of a renewal ------------------------------------------------- */

static void a_revocation_comes_through_while_everybody_is_renewed(void **state) {
    (void)state;
    char last[IDENTITY_SIZE];
    fill_register(RENEWED);
    snprintf(last, sizeof last, "%s", identity_of(RENEWED - 1));
    pid_t renewal = start("renew", "--out", bundles, NULL);
    await_work(renewal);
    assert_false(has_ended(renewal));
    snprintf(said + strlen(said), 8, "-too");
    assert_int_equal(run("revoke", last, NULL, NULL), 0);
    said[strlen(said) - 4] = '\0';
    assert_int_equal(end_of(renewal), 0);
    struct tally tally = tally_of(last);
    assert_int_equal(tally.revoked, 1);
    assert_int_equal(tally.renewed_after, 0);
    assert_true(tally.later > 0); /* the renewal went on after it */
    assert_said("1 revoked identity got no new keys");
    /* Two months each, as nobody had keys for this one; the revoked one none. */
    assert_int_equal(count_files(bundles, ".bundle"), 2 * (RENEWED - 1));
    assert_int_equal(count_enrolled(), RENEWED - 1);
}

/* What was made before says the old limits, which are valid; nothing after does. */
static void limits_that_change_end_a_renewal_which_is_run_again(void **state) {
    char last[512], name[FILE_NAME_SIZE];
    (void)state;
    fill_register(RENEWED);
    pid_t renewal = start("renew", "--out", bundles, NULL);
    await_work(renewal);
    snprintf(said + strlen(said), 8, "-too");
    assert_int_equal(run("limits", "--longest-period", "35d", NULL), 0);
    said[strlen(said) - 4] = '\0';
    assert_int_equal(end_of(renewal), 1);
    assert_said("its certificate or its limits were set anew meanwhile");
    assert_said("for the rest, run the same command again");
    assert_int_equal(run("renew", "--out", bundles, NULL), 0);
    assert_int_equal(count_files(bundles, ".bundle"), 2 * RENEWED);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    renewal_file_name(identity_of(RENEWED - 1), month_start((int64_t)now.tv_sec * 1000, 1), name);
    snprintf(last, sizeof last, "%s/%s", bundles, name);
    struct credential *credential = open_bundle(last);
    assert_int_equal(credential->limits.longest_period_ms, INT64_C(35) * 24 * 3600 * 1000);
    credential_free(credential);
}

static void a_renewal_that_is_stopped_ends_cleanly_and_says_what_is_done(void **state) {
    (void)state;
    fill_register(RENEWED);
    pid_t renewal = start("renew", "--out", bundles, NULL);
    await_work(renewal);
    kill(renewal, SIGTERM);
    assert_int_equal(end_of(renewal), 1);
    assert_said("bundles are done: for the rest, run the same command again");
    assert_false(has_drafts(bundles));
    size_t done = count_files(bundles, ".bundle");
    assert_true(done > 0 && done < 2 * RENEWED);
    assert_int_equal(run("renew", "--out", bundles, NULL), 0);
    assert_int_equal(count_files(bundles, ".bundle"), 2 * RENEWED);
    assert_int_equal(count_enrolled(), RENEWED);
}

/* Restored from it, the domain renews the rest. */
static void a_backup_in_the_middle_of_a_renewal_is_whole(void **state) {
    char backup[256];
    (void)state;
    snprintf(backup, sizeof backup, "%s", scratch_path(state, "backup"));
    fill_register(RENEWED);
    pid_t renewal = start("renew", "--out", bundles, NULL);
    await_work(renewal);
    assert_int_equal(run("backup", backup, NULL, NULL), 0);
    assert_int_equal(end_of(renewal), 0);
    assert_int_equal(count_enrolled(), RENEWED);

    snprintf(domain, sizeof domain, "%s", scratch_path(state, "restored"));
    assert_int_equal(run("restore", backup, "--none-revoked", NULL), 0);
    size_t renewed = count_enrolled();
    assert_in_range(renewed, 0, RENEWED - 1);
    assert_int_equal(tally_of(identity_of(0)).revoked, 0); /* and its log is whole */
    assert_int_equal(run("renew", "--out", bundles, NULL), 0);
    assert_int_equal(count_enrolled(), RENEWED);
    printf("%zu of %d were renewed when it was made\n", renewed, RENEWED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_folder_that_is_killed_ten_times_has_one_bundle_for_each_request),
        TEST(each_outcome_is_named_and_nobody_stops_the_others),
        TEST(requests_and_bundles_may_be_in_one_folder),
        TEST(nobody_elses_bundle_is_written_over),
        TEST(device_keys_are_shown_before_anything_is_issued),
        TEST(of_two_handsets_that_ask_for_one_identity_none_is_chosen),
        TEST(a_revocation_comes_through_while_everybody_is_renewed),
        TEST(limits_that_change_end_a_renewal_which_is_run_again),
        TEST(a_renewal_that_is_stopped_ends_cleanly_and_says_what_is_done),
        TEST(a_backup_in_the_middle_of_a_renewal_is_whole),
    };
    const char *given = getenv("MUSTER_SEED");
    seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)getpid();
    printf("seed %u\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
