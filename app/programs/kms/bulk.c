/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/bulk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "app/identity/bundle.h"
#include "app/kms/enrolling.h"
#include "app/programs/kms/interruption.h"
#include "app/programs/kms/print.h"
#include "app/programs/progress.h"
#include "app/programs/question.h"
#include "app/text/shown.h"

#define REQUEST_ENDING ".request"
#define BUNDLE_ENDING  ".bundle"

enum {
    NAME_MAX_OF_REQUEST = FILE_NAME_SIZE - (int)sizeof BUNDLE_ENDING
};

/* A folder's requests, in the order of their names. */
struct requests {
    struct applicant *applicants;
    size_t count;
};

/* Requests and bundles, which are sealed, are no secrets: secret memory for each of thousands would
 * cost more than all else that is done with them. */
struct sheet {
    uint8_t octets[ENROLMENT_FILE_MAX + 1];
};

struct watch {
    struct progress progress;
    size_t enrolled, had, refused;
};

bool bulk_is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static void free_requests(struct requests *requests) {
    for (size_t n = 0; n < requests->count; n++) {
        free((char *)requests->applicants[n].request_name);
        free((char *)requests->applicants[n].bundle_name);
    }
    free(requests->applicants);
}

/* --- The folder ----------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *ending) {
    size_t length = strlen(name), end = strlen(ending);
    return length > end && strcmp(name + length - end, ending) == 0;
}

/* anna.request becomes anna.bundle, and any other name gets that at its end. */
static char *bundle_name(const char *request_name) {
    size_t length = strlen(request_name);
    if (ends_with(request_name, REQUEST_ENDING)) {
        length -= strlen(REQUEST_ENDING);
    }
    char *name = malloc(length + sizeof BUNDLE_ENDING);
    if (name != NULL) {
        memcpy(name, request_name, length);
        memcpy(name + length, BUNDLE_ENDING, sizeof BUNDLE_ENDING);
    }
    return name;
}

static void refuse(struct applicant *applicant, const char *why) {
    applicant->state = APPLICANT_REFUSED;
    error_set(&applicant->why, STATUS_NOT_ALLOWED, "%s", why);
}

/* Has it a bundle already? Nobody else's is written over unless the order says so. */
static void look_for_bundle(const struct order *order, struct sheet *sheet,
                            struct applicant *applicant) {
    char path[PATH_MAX], identity[IDENTITY_SIZE];
    uint8_t device_key[DEVICE_KEY_SIZE];
    size_t read;
    struct error unread;
    int length = snprintf(path, sizeof path, "%s/%s", order->out, applicant->bundle_name);
    if (length < 0 || (size_t)length >= sizeof path ||
        file_read_into(path, sheet->octets, ENROLMENT_FILE_MAX, &read, &unread) != STATUS_OK) {
        return;
    }
    const struct span text = {sheet->octets, read};
    bool is_bundle = enrolment_bundle_owner(text, identity, device_key) == STATUS_OK;
    if (is_bundle && strcmp(identity, applicant->request.identity) != 0) {
        if ((order->given & OPTION_FORCE) == 0) {
            applicant->state = APPLICANT_REFUSED;
            error_set(&applicant->why, STATUS_ALREADY_DONE,
                      "%.100s: %.150s is there already, a bundle of %.100s; choose another folder "
                      "for the bundles, or add --force to write over it",
                      applicant->request.identity, applicant->bundle_name, identity);
        }
        return;
    }
    applicant->has_bundle =
        is_bundle && memcmp(device_key, applicant->request.device_key, DEVICE_KEY_SIZE) == 0;
}

static void read_request(const struct order *order, struct sheet *sheet,
                         struct applicant *applicant) {
    char path[PATH_MAX];
    size_t read;
    int length = snprintf(path, sizeof path, "%s/%s", order->argument, applicant->request_name);
    if (length < 0 || (size_t)length >= sizeof path ||
        strlen(applicant->request_name) > NAME_MAX_OF_REQUEST) {
        refuse(applicant, "its name is too long");
        return;
    }
    enum status status =
        file_read_into(path, sheet->octets, ENROLMENT_FILE_MAX, &read, &applicant->why);
    if (status == STATUS_OK) {
        const struct span text = {sheet->octets, read};
        status = enrolment_request_read(applicant->request_name, text, &applicant->request,
                                        &applicant->why);
    }
    if (status != STATUS_OK) {
        applicant->state = APPLICANT_REFUSED;
        return;
    }
    look_for_bundle(order, sheet, applicant);
}

/* Two requests whose bundles would have one name: the second is refused. */
static void refuse_same_names(struct requests *requests) {
    for (size_t n = 1; n < requests->count; n++) {
        struct applicant *applicant = &requests->applicants[n];
        for (size_t before = n; before-- > 0 && before + 3 > n;) {
            if (strcmp(requests->applicants[before].bundle_name, applicant->bundle_name) == 0) {
                refuse(applicant, "another request's bundle has the same name");
            }
        }
    }
}

/* By the names of the bundles, so that those of one name are neighbours. */
static int compare_applicants(const void *a, const void *b) {
    const struct applicant *one = a, *two = b;
    int order = strcmp(one->bundle_name, two->bundle_name);
    return order != 0 ? order : strcmp(one->request_name, two->request_name);
}

static bool add_request(struct requests *requests, size_t *room, const char *name) {
    if (requests->count == *room) {
        size_t wanted = *room == 0 ? 64 : 2 * *room;
        struct applicant *grown =
            reallocarray(requests->applicants, wanted, sizeof *requests->applicants);
        if (grown == NULL) {
            return false;
        }
        requests->applicants = grown;
        *room = wanted;
    }
    struct applicant *applicant = &requests->applicants[requests->count++];
    *applicant = (struct applicant){.request_name = strdup(name), .bundle_name = bundle_name(name)};
    return applicant->request_name != NULL && applicant->bundle_name != NULL;
}

static enum status no_memory(struct error *error) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
}

/* Hidden files and folders are no requests, nor are bundles, whose folder may be the same. */
static bool is_request(DIR *folder, const char *name) {
    struct stat about;
    return name[0] != '.' && !ends_with(name, BUNDLE_ENDING) &&
           fstatat(dirfd(folder), name, &about, 0) == 0 && S_ISREG(about.st_mode);
}

static enum status read_folder(const struct order *order, struct requests *requests,
                               struct error *error) {
    DIR *folder = opendir(order->argument);
    if (folder == NULL) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: the folder cannot be read: %s",
                         order->argument, strerror(errno));
    }
    bool fits = true;
    size_t room = 0;
    for (struct dirent *entry; fits && (entry = readdir(folder)) != NULL;) {
        fits = !is_request(folder, entry->d_name) || add_request(requests, &room, entry->d_name);
    }
    closedir(folder);
    if (!fits) {
        return no_memory(error);
    }
    if (requests->count > 0) {
        qsort(requests->applicants, requests->count, sizeof *requests->applicants,
              compare_applicants);
    }
    struct sheet *sheet = malloc(sizeof *sheet);
    if (sheet == NULL) {
        return no_memory(error);
    }
    for (size_t n = 0; n < requests->count; n++) {
        read_request(order, sheet, &requests->applicants[n]);
    }
    free(sheet);
    refuse_same_names(requests);
    return STATUS_OK;
}

static void print_name(const char *name) {
    char text[FILE_NAME_SIZE];
    snprintf(text, sizeof text, "%s", name);
    shown_make(text);
    fputs(text, stdout);
}

/* Whose keys are about to be issued, and that whoever knows what those handsets' officers read out
 * can say no. */
static enum status confirm_device_keys(const struct order *order, const struct requests *requests,
                                       struct error *error) {
    char fingerprint[FINGERPRINT_SIZE];
    size_t readable = 0;
    for (size_t n = 0; n < requests->count; n++) {
        const struct applicant *applicant = &requests->applicants[n];
        if (applicant->state == APPLICANT_REFUSED) {
            continue;
        }
        readable++;
        device_key_fingerprint(applicant->request.device_key, fingerprint);
        print_name(applicant->request_name);
        printf(": %s, device key %s\n", applicant->request.identity, fingerprint);
    }
    fflush(stdout);
    if (readable == 0 || !question_is_possible() ||
        question_says_yes("Do the handsets' officers read out the same device keys?")) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.150s: nothing was issued; take out the requests that others made",
                     order->argument);
}

/* --- What becomes of them ------------------------------------------------------------------- */

static void show_progress(void *context, size_t done, size_t total) {
    struct watch *watch = context;
    if (isatty(STDOUT_FILENO) != 1) { /* where a line for each is the progress */
        progress_show(&watch->progress, done, total);
    }
}

static void print_state(void *context, const struct applicant *applicant) {
    struct watch *watch = context;
    print_name(applicant->request_name);
    switch (applicant->state) {
    case APPLICANT_ENROLLED:
        watch->enrolled++;
        printf(": %s is enrolled, in ", applicant->request.identity);
        print_name(applicant->bundle_name);
        break;
    case APPLICANT_HAD_IT:
        watch->had++;
        printf(": %s was enrolled before, in ", applicant->request.identity);
        print_name(applicant->bundle_name);
        break;
    default:
        watch->refused++;
        printf(": refused: %s", applicant->why.text);
        break;
    }
    putchar('\n');
}

static enum status summarise(const struct watch *watch, const struct requests *requests,
                             enum status status, struct error *error) {
    size_t open = requests->count - watch->enrolled - watch->had - watch->refused;
    if (status != STATUS_OK) {
        error_add(error, "; %zu are enrolled and %zu are not: for them, run the same command again",
                  watch->enrolled + watch->had, open + watch->refused);
        return status;
    }
    printf("%zu enrolled, %zu enrolled before, %zu refused\n", watch->enrolled, watch->had,
           watch->refused);
    return watch->refused == 0
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED,
                           "%zu of %zu requests were refused, each with its reason above",
                           watch->refused, requests->count);
}

static enum status enroll_all(struct kms *kms, const struct order *order, struct requests *requests,
                              struct error *error) {
    const struct kms_terms terms = {
        .now_ms = order_now(),
        .month_ms = order->month_ms,
        .max_key_period_ms = order->max_key_period_ms,
        .replace = (order->given & OPTION_REPLACE) != 0,
        .refuse_alike = (order->given & OPTION_ALIKE) == 0,
        .groups = &order->groups,
    };
    struct watch watch = {.progress = progress_start("bundles")};
    const struct enrolling enrolling = {
        .applicants = requests->applicants,
        .count = requests->count,
        .terms = &terms,
        .anew = (order->given & OPTION_FORCE) != 0,
        .folder = order->out,
        .threads = cores_count(PRODUCTION_THREADS_MAX),
        .on_progress = show_progress,
        .on_state = print_state,
        .context = &watch,
        .stop = &interruption_came,
    };
    enum status status = enrolling_run(kms, &enrolling, error);
    progress_end(&watch.progress);
    return summarise(&watch, requests, status, error);
}

enum status bulk_enroll(const struct order *order, struct error *error) {
    struct requests requests = {0};
    struct kms *kms;
    if (order->device_key != NULL) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.150s: a folder of requests: --device-key is for one of them",
                         order->argument);
    }
    enum status status = read_folder(order, &requests, error);
    if (status == STATUS_OK) {
        status = confirm_device_keys(order, &requests, error);
    }
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status == STATUS_OK) {
        status = enroll_all(kms, order, &requests, error);
        print_log_head(kms);
        kms_close(kms);
    }
    free_requests(&requests);
    return status;
}
