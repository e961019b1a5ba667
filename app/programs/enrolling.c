/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/enrolling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/identity/month.h"
#include "app/programs/installing.h"
#include "app/programs/requesting.h"

_Static_assert((int)VIEW_DEVICE_KEY_SIZE == (int)FINGERPRINT_SIZE, "it is shown whole");
_Static_assert((int)VIEW_DAY_SIZE == (int)DAY_TEXT_SIZE, "it is shown whole");
_Static_assert((int)VIEW_BUNDLE_GROUPS_MAX == (int)GROUP_LIST_MAX, "all are shown");
_Static_assert((int)VIEW_REFUSAL_SIZE == (int)ERROR_TEXT_SIZE, "it is shown whole");

/* As on the command line, with nothing but the store. NULL when out of memory. */
static struct options *options_of(struct enrolling *enrolling) {
    struct options *options = calloc(1, sizeof *options);
    if (options == NULL) {
        enrolling->status = error_set(&enrolling->error, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    snprintf(options->store, sizeof options->store, "%s", enrolling->store_path);
    options->bundle = enrolling->source;
    return options;
}

/* --- The request ------------------------------------------------------------------------------ */

/* The base64 alone: a code has the less to hold. */
static void show_bare(const char *text, char out[VIEW_BARE_SIZE]) {
    size_t length = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        for (const char *at = line; *line != '-' && *at != '\n'; at++) {
            if (*at != '=' && length + 1 < VIEW_BARE_SIZE) {
                out[length++] = *at;
            }
        }
    }
    out[length] = '\0';
}

static enum status show(const struct enrolment_request *request, struct view_request *shown) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer writer = writer_into(text, sizeof text);
    *shown = (struct view_request){.file = ""};
    enum status status = enrolment_request_write(request, &writer);
    if (status == STATUS_OK && writer.length >= sizeof shown->text) {
        status = STATUS_TOO_LONG;
    }
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(shown->identity, sizeof shown->identity, "%s", request->identity);
    snprintf(shown->name, sizeof shown->name, "%s", request->display_name);
    device_key_fingerprint(request->device_key, shown->device_key);
    memcpy(shown->text, text, writer.length);
    show_bare(shown->text, shown->bare);
    return STATUS_OK;
}

static void write_beside(struct enrolling *enrolling, const struct enrolment_request *request) {
    char path[REQUESTING_FILE_SIZE];
    struct error error;
    struct view_request *shown = &enrolling->request;
    requesting_file(enrolling->store_path, path);
    if (requesting_write(request, path, true, &error) == STATUS_OK) {
        snprintf(shown->file, sizeof shown->file, "%.*s", VIEW_FILE_SIZE - 1, path);
    } else {
        snprintf(shown->unwritten, sizeof shown->unwritten, "%s", error.text);
    }
}

static void request_with(struct enrolling *enrolling, const struct options *options) {
    struct enrolment_request request;
    const char *name = enrolling->name[0] == '\0' ? NULL : enrolling->name;
    enum status status =
        requesting_fill("", enrolling->identity, name, &request, &enrolling->error);
    if (status == STATUS_OK) {
        status = requesting_keep(options, enrolling->store, &request, &enrolling->error);
    }
    if (status == STATUS_OK) {
        status = show(&request, &enrolling->request);
        if (status != STATUS_OK) {
            error_set(&enrolling->error, status, "cannot write the request: %s",
                      status_text(status));
        }
    }
    if (status == STATUS_OK) {
        write_beside(enrolling, &request);
    }
    enrolling->status = status;
}

void enrolling_request(struct enrolling *enrolling) {
    struct options *options = options_of(enrolling);
    if (options != NULL) {
        request_with(enrolling, options);
        free(options);
    }
}

void enrolling_recall(struct enrolling *enrolling) {
    struct enrolment_request request;
    char path[REQUESTING_FILE_SIZE];
    struct error unknown;
    if (requesting_recall(enrolling->store_path, enrolling->store, &request, &unknown) ==
            STATUS_OK &&
        show(&request, &enrolling->request) == STATUS_OK) {
        requesting_file(enrolling->store_path, path);
        snprintf(enrolling->request.file, sizeof enrolling->request.file, "%.*s",
                 VIEW_FILE_SIZE - 1, path);
    }
}

/* --- The answer ------------------------------------------------------------------------------- */

void enrolling_put_away(struct enrolling *enrolling) {
    secret_free(enrolling->bundle);
    enrolling->bundle = NULL;
    enrolling->holds = (struct view_bundle){.group_count = 0};
}

static enum status read_bundle(struct enrolling *enrolling) {
    char path[PATH_MAX + OFFICER_PASSPHRASE_SIZE] = "", folder[PATH_MAX];
    if (enrolling->path[0] == '\0') {
        snprintf(enrolling->source, sizeof enrolling->source, "the bundle");
        return enrolling->bundle != NULL
                   ? STATUS_OK
                   : error_set(&enrolling->error, STATUS_NO_MEMORY, "out of memory");
    }
    if (enrolling->path[0] != '/') {
        file_folder(enrolling->store_path, folder);
        snprintf(path, sizeof path, "%s/", folder);
    }
    size_t length = strlen(path);
    snprintf(path + length, sizeof path - length, "%s", enrolling->path);
    snprintf(enrolling->source, sizeof enrolling->source, "%.*s", VIEW_FILE_SIZE - 1, path);
    return file_read(path, ENROLMENT_FILE_MAX, &enrolling->bundle, &enrolling->error);
}

static void describe(const struct installing *installing, struct view_bundle *holds) {
    const struct credential *credential = installing->credential;
    *holds = (struct view_bundle){.has_broker = installing->access != NULL,
                                  .group_count = credential->groups.count};
    snprintf(holds->identity, sizeof holds->identity, "%s", credential->identity);
    snprintf(holds->name, sizeof holds->name, "%s", credential->display_name);
    snprintf(holds->kms, sizeof holds->kms, "%s", credential->kms);
    if (!identity_is_me(credential->identity)) {
        day_print(month_start(credential->period_start_ms, 1) - 1, holds->until);
    }
    for (size_t i = 0; i < credential->groups.count; i++) {
        snprintf(holds->groups[i], sizeof holds->groups[i], "%s", credential->groups.groups[i]);
    }
}

/* Looks at the bundle, and with `installs` takes it. */
static void take(struct enrolling *enrolling, const struct options *options, bool installs) {
    struct installing installing = {.options = options,
                                    .provider = enrolling->provider,
                                    .store = enrolling->store,
                                    .now_ms = enrolling->now_ms,
                                    .is_look = !installs};
    const struct revocation *list = &installing.list;
    enum status status =
        installing_check(&installing, secret_span(enrolling->bundle), &enrolling->error);
    if (status == STATUS_OK && installs) {
        status = installation_add(&installing.held, enrolling->store, installing.credential,
                                  installing.access, list->number == 0 ? NULL : list,
                                  &installing.requests, enrolling->now_ms, &enrolling->error);
    } else if (status == STATUS_OK) {
        describe(&installing, &enrolling->holds);
    }
    installing_clear(&installing);
    enrolling->status = status;
}

void enrolling_look(struct enrolling *enrolling) {
    struct options *options = options_of(enrolling);
    if (options == NULL) {
        return;
    }
    enrolling->status = read_bundle(enrolling);
    if (enrolling->status == STATUS_OK) {
        take(enrolling, options, false);
    }
    if (enrolling->status != STATUS_OK) {
        enrolling_put_away(enrolling);
    }
    free(options);
}

void enrolling_install(struct enrolling *enrolling) {
    struct options *options = options_of(enrolling);
    if (options != NULL) {
        options->fingerprint = enrolling->fingerprint;
        take(enrolling, options, true);
        free(options);
    }
}
