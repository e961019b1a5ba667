/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_enrolment [REQUESTS [FOLDER [MODULE]]]: muster-kms enrols a folder of REQUESTS (10000),
 * each of another handset, and is killed ten times at random; then it renews all of them. Each run
 * is the real program, with the domain sealed as an operator's is. It fails unless every request
 * has its bundle, the log is whole and nothing is left to do. Prints the time, the processor time
 * and the most memory of the runs. Opening the domain takes a second and 256 MiB each time: it is
 * in the figures, and has a row of its own. FOLDER (/tmp) is where the files are made and removed;
 * MODULE is the crypto module: native, native:portable. MUSTER_SEED repeats the kills of another
 * run.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/file.h"
#include "app/identity/bundle.h"
#include "app/kms/domain.h"
#include "tests/bench/stopwatch.h"

#define PASSPHRASE "correct horse battery staple"

enum {
    KILLS = 10,
    OPENED_OF_EACH = 100, /* one of so many bundles is opened by its handset */
    LOOK_US = 1000        /* between two looks at how far a run is */
};

/* The files of one bench. */
struct place {
    char folder[200], domain[256], passphrase[256], requests[256], bundles[256], renewed[256];
    char said[256];
};

/* What one run of the program took. */
struct used {
    int ended; /* as it exited; -1: killed */
    double passed_ms, processor_ms;
    long memory_kib;
};

static const char *module = "native";
static unsigned requests_count = 10000;
static struct device_key *sample; /* of those whose bundles are opened */

/* --- The requests --------------------------------------------------------------------------- */

static enum status write_file(const char *path, struct span octets) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    bool written = file >= 0 && write(file, octets.octets, octets.length) == (ssize_t)octets.length;
    if (file >= 0) {
        close(file);
    }
    return written ? STATUS_OK : STATUS_IO_FAILED;
}

/* A handset's request, whose device key nobody keeps but one of each OPENED_OF_EACH. */
static enum status write_request(const struct place *place, unsigned n) {
    uint8_t text[ENROLMENT_TEXT_MAX], private_key[DEVICE_KEY_SIZE];
    char path[320];
    struct enrolment_request request = {0};
    struct writer w = writer_into(text, sizeof text);
    enum status status = STATUS_OK;
    snprintf(request.identity, sizeof request.identity, "tel:+447700%06u", n);
    snprintf(request.display_name, sizeof request.display_name, "Unit %06u", n);
    if (n % OPENED_OF_EACH == 0) {
        memcpy(request.device_key, sample->public_key, sizeof request.device_key);
    } else {
        status = seal_box_keys(&entropy_system, request.device_key, private_key);
    }
    if (status == STATUS_OK) {
        status = enrolment_request_write(&request, &w);
    }
    snprintf(path, sizeof path, "%s/h%06u.request", place->requests, n);
    return status == STATUS_OK ? write_file(path, writer_span(&w)) : status;
}

static enum status make_domain(const struct place *place, struct error *error) {
    struct kms *kms;
    enum status status =
        write_file(place->passphrase, span_of_text(PASSPHRASE "\n")) == STATUS_OK
            ? kms_init(place->domain, "sip:kms@county.example", false, span_of_text(PASSPHRASE),
                       STORE_HARD, provider_find(module), &entropy_system, &kms, error)
            : error_set(error, STATUS_IO_FAILED, "%s: cannot be written", place->passphrase);
    if (status == STATUS_OK) {
        kms_close(kms);
        status = device_key_new(&entropy_system, &sample);
    }
    if (status == STATUS_OK && mkdir(place->requests, 0700) != 0) {
        status = STATUS_IO_FAILED;
    }
    for (unsigned n = 0; status == STATUS_OK && n < requests_count; n++) {
        status = write_request(place, n);
    }
    return status;
}

/* --- Processes ------------------------------------------------------------------------------ */

/* muster-kms with a command for the domain; without an argument or a folder where they are NULL. */
static pid_t start(const struct place *place, const char *command, const char *argument,
                   const char *folder) {
    char program[512];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(program, sizeof program, "%s/muster-kms", build != NULL ? build : "build/release");
    pid_t child = fork();
    if (child == 0) {
        int out = open(place->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        const char *arguments[12] = {
            program,           command,      "--crypto", module, "--passphrase-file",
            place->passphrase, place->domain};
        unsigned count = 7;
        if (folder != NULL) {
            arguments[count++] = "--out";
            arguments[count++] = folder;
        }
        arguments[count] = argument;
        execv(program, (char *const *)arguments);
        _exit(127);
    }
    return child;
}

static bool has_ended(pid_t child) {
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)child, &about, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           about.si_pid == child;
}

static double milliseconds_of(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static struct used end_of(pid_t child, double began_ms) {
    struct rusage usage = {0};
    int how = 0;
    bool waited = child > 0 && wait4(child, &how, 0, &usage) == child;
    return (struct used){.ended = waited && WIFEXITED(how) ? WEXITSTATUS(how) : -1,
                         .passed_ms = milliseconds_passed() - began_ms,
                         .processor_ms =
                             milliseconds_of(usage.ru_utime) + milliseconds_of(usage.ru_stime),
                         .memory_kib = usage.ru_maxrss};
}

static struct used run(const struct place *place, const char *command, const char *argument,
                       const char *folder) {
    double began_ms = milliseconds_passed();
    return end_of(start(place, command, argument, folder), began_ms);
}

/* Bundles are made in the order of the requests' names: has that one come? */
static bool is_there(const char *folder, unsigned n) {
    char path[320];
    snprintf(path, sizeof path, "%s/h%06u.bundle", folder, n);
    return access(path, F_OK) == 0;
}

/* A run that is killed as soon as the bundle of request `last` is there, and a moment later. */
static struct used run_and_kill(const struct place *place, unsigned last, unsigned later_us) {
    double began_ms = milliseconds_passed();
    pid_t child = start(place, "enroll", place->requests, place->bundles);
    while (child > 0 && !has_ended(child) && !is_there(place->bundles, last)) {
        usleep(LOOK_US);
    }
    if (child > 0) {
        usleep(later_us);
        kill(child, SIGKILL);
    }
    return end_of(child, began_ms);
}

static void add(struct used *sum, struct used used) {
    sum->passed_ms += used.passed_ms;
    sum->processor_ms += used.processor_ms;
    sum->memory_kib = used.memory_kib > sum->memory_kib ? used.memory_kib : sum->memory_kib;
    sum->ended = used.ended;
}

/* --- What is there in the end --------------------------------------------------------------- */

/* Files in the folder; SIZE_MAX when a draft is among them. */
static size_t count_bundles(const char *folder) {
    DIR *open_folder = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
        if (strstr(entry->d_name, ".draft") != NULL) {
            count = SIZE_MAX;
            break;
        }
        count += entry->d_name[0] != '.';
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
    return count;
}

static bool opens(const struct place *place, unsigned n) {
    char path[320], identity[IDENTITY_SIZE];
    struct secret *text;
    struct credential *credential;
    struct error error;
    snprintf(path, sizeof path, "%s/h%06u.bundle", place->bundles, n);
    snprintf(identity, sizeof identity, "tel:+447700%06u", n);
    if (file_read(path, ENROLMENT_TEXT_MAX, &text, &error) != STATUS_OK) {
        return false;
    }
    bool is_its = enrolment_bundle_open(path, secret_span(text), sample, provider_find(module),
                                        &credential, &error) == STATUS_OK;
    if (is_its) {
        is_its = strcmp(credential->identity, identity) == 0;
        credential_free(credential);
    }
    secret_free(text);
    return is_its;
}

static bool says(const struct place *place, const char *text) {
    struct secret *content;
    struct error error;
    if (file_read(place->said, (size_t)1 << 24, &content, &error) != STATUS_OK) {
        return false;
    }
    bool found = memmem(content->octets, content->length, text, strlen(text)) != NULL;
    secret_free(content);
    return found;
}

/* Each request has its bundle, its handset opens it, and the same command finds nothing to do. */
static bool is_complete(const struct place *place) {
    char nothing[100];
    bool complete = count_bundles(place->bundles) == requests_count;
    for (unsigned n = 0; complete && n < requests_count; n++) {
        complete = is_there(place->bundles, n) && (n % OPENED_OF_EACH != 0 || opens(place, n));
    }
    snprintf(nothing, sizeof nothing, "0 enrolled, %u enrolled before, 0 refused\n",
             requests_count);
    return complete && run(place, "enroll", place->requests, place->bundles).ended == 0 &&
           says(place, nothing) && run(place, "audit", NULL, NULL).ended == 0;
}

/* --- The table ------------------------------------------------------------------------------ */

static void print_row(const char *what, struct used used) {
    printf("%-28s%9.1f s%9.1f s%13.2f ms%9ld KiB\n", what, used.passed_ms / 1e3,
           used.processor_ms / 1e3, used.processor_ms / requests_count, used.memory_kib);
    fflush(stdout);
}

static int compare_numbers(const void *a, const void *b) {
    unsigned one = *(const unsigned *)a, two = *(const unsigned *)b;
    return one < two ? -1 : one > two;
}

static const char *enrol_all(const struct place *place, unsigned seed) {
    unsigned last[KILLS], kills = 0;
    struct used sum = {0};
    for (unsigned i = 0; i < KILLS; i++) {
        last[i] = (unsigned)rand_r(&seed) % requests_count;
    }
    qsort(last, KILLS, sizeof *last, compare_numbers);
    for (unsigned i = 0; i < KILLS; i++) {
        struct used used = run_and_kill(place, last[i], (unsigned)rand_r(&seed) % 20000);
        kills += used.ended == -1;
        add(&sum, used);
    }
    add(&sum, run(place, "enroll", place->requests, place->bundles));
    char what[40];
    snprintf(what, sizeof what, "enrolled, killed %u times", kills);
    print_row(what, sum);
    return sum.ended != 0       ? "the last run failed"
           : is_complete(place) ? NULL
                                : "a bundle is missing or wrong, or the log is not whole";
}

static const char *renew_all(const struct place *place) {
    struct used used = run(place, "renew", NULL, place->renewed);
    print_row("renewed", used);
    return used.ended != 0                                   ? "the renewal failed"
           : count_bundles(place->renewed) == requests_count ? NULL
                                                             : "a renewed bundle is missing";
}

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

static void remove_place(const struct place *place) {
    remove_folder(place->requests);
    remove_folder(place->bundles);
    remove_folder(place->renewed);
    store_discard(place->domain);
    remove_folder(place->folder);
}

/* Why it failed; NULL: it did not. */
static const char *measure(const struct place *place, unsigned seed, struct error *error) {
    if (make_domain(place, error) != STATUS_OK) {
        return error->text;
    }
    printf("%u requests enrolled and renewed by muster-kms, killed at random (seed %u), %s\n",
           requests_count, seed, module);
    printf("%-28s%11s%11s%16s%13s\n", "", "time", "CPU", "CPU for each", "memory");
    print_row("opened alone", run(place, "show", NULL, NULL));
    const char *wrong = enrol_all(place, seed);
    return wrong != NULL ? wrong : renew_all(place);
}

int main(int argc, char **argv) {
    const char *given = getenv("MUSTER_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)getpid();
    struct place place;
    struct error error = {.text = "out of memory, or a file cannot be written"};
    requests_count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : requests_count;
    snprintf(place.folder, sizeof place.folder, "%.150s/muster-bench.XXXXXX",
             argc > 2 ? argv[2] : "/tmp");
    module = argc > 3 ? argv[3] : module;
    if (argc > 4 || requests_count < 10 || requests_count > 999999 ||
        provider_find(module) == NULL || mkdtemp(place.folder) == NULL) {
        fprintf(stderr, "usage: bench_enrolment [REQUESTS [FOLDER [MODULE]]], REQUESTS in "
                        "10..999999\n");
        return 2;
    }
    snprintf(place.domain, sizeof place.domain, "%s/domain", place.folder);
    snprintf(place.passphrase, sizeof place.passphrase, "%s/passphrase", place.folder);
    snprintf(place.requests, sizeof place.requests, "%s/requests", place.folder);
    snprintf(place.bundles, sizeof place.bundles, "%s/bundles", place.folder);
    snprintf(place.renewed, sizeof place.renewed, "%s/renewed", place.folder);
    snprintf(place.said, sizeof place.said, "%s/said", place.folder);
    const char *wrong = measure(&place, seed, &error);
    if (wrong != NULL) {
        fprintf(stderr, "bench_enrolment: %s\n", wrong);
    }
    device_key_free(sample);
    remove_place(&place);
    return wrong == NULL ? 0 : 1;
}
