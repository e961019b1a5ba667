/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/requesting.h"

#include <stdio.h>
#include <string.h>

#include "app/file.h"
#include "app/identity/display_name.h"
#include "app/installation.h"
#include "app/programs/installing.h"

enum status requesting_fill(const char *mark, const char *identity, const char *name,
                            struct enrolment_request *request, struct error *error) {
    *request = (struct enrolment_request){0};
    enum status status = identity_check(identity);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "%sidentity %.120s: not an identity; one looks like tel:+447700900123, "
                         "urn:gsma:imei:90420156-025763-0 or sip:user@host",
                         mark, identity);
    }
    strcpy(request->identity, identity);
    if (name == NULL) {
        return STATUS_OK;
    }
    status = display_name_make(name, request->display_name);
    return status == STATUS_OK ? STATUS_OK
                               : error_set(error, status, "%sname: " DISPLAY_NAME_RULE, mark);
}

static enum status new_device_key(struct store *store, struct device_key **key,
                                  struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : device_key_new(&entropy_system, key);
    if (status == STATUS_OK) {
        status = device_key_put(*key, batch);
    }
    if (status != STATUS_OK) {
        error_set(error, status, "cannot make a device key: %s", status_text(status));
    } else {
        status = store_apply(store, batch, error);
    }
    batch_free(batch);
    return status;
}

static enum status remember(struct store *store, const struct enrolment_request *request,
                            struct error *error) {
    struct requests requests;
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = installation_requests(store, request->identity, &requests, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = enrolment_request_hash(request, hash);
    if (status == STATUS_OK && requests_have(&requests, hash)) {
        return STATUS_OK;
    }
    struct batch *batch = batch_new();
    if (status == STATUS_OK && batch == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK) {
        requests_add(&requests, hash);
        status = requests_put(&requests, batch);
    }
    if (status != STATUS_OK) {
        error_set(error, status, "cannot make the request: %s", status_text(status));
    } else {
        status = store_apply(store, batch, error);
    }
    batch_free(batch);
    return status;
}

enum status requesting_keep(const struct options *options, struct store *store,
                            struct enrolment_request *request, struct error *error) {
    struct device_key *key = NULL;
    struct installation held = {0};
    const char *group = options->manages ? request->identity : NULL;
    enum status status = installation_read(store, group, &held, error);
    if (status == STATUS_OK) {
        status = installing_check_identity(options, held.latest, request->identity, error);
    }
    if (status == STATUS_OK) {
        status = installation_device_key(store, &key, error);
    }
    if (status == STATUS_OK && key == NULL) {
        status = new_device_key(store, &key, error);
    }
    if (status == STATUS_OK) {
        memcpy(request->device_key, key->public_key, sizeof request->device_key);
        status = remember(store, request, error);
    }
    installation_clear(&held);
    device_key_free(key);
    return status;
}

enum status requesting_write(const struct enrolment_request *request, const char *path,
                             bool overwrite, struct error *error) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer writer = writer_into(text, sizeof text);
    enum status status = enrolment_request_write(request, &writer);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot write the request: %s", status_text(status));
    }
    return file_write(path, writer_span(&writer), overwrite, error);
}

/* --- Beside the store ------------------------------------------------------------------------- */

void requesting_file(const char *store, char path[REQUESTING_FILE_SIZE]) {
    snprintf(path, REQUESTING_FILE_SIZE, "%s-request", store);
}

/* Anybody may have put another file there. */
static bool is_own(struct store *store, const struct device_key *key,
                   const struct enrolment_request *request) {
    struct requests requests;
    struct error error;
    uint8_t hash[SEAL_HASH_SIZE];
    return memcmp(key->public_key, request->device_key, sizeof request->device_key) == 0 &&
           installation_requests(store, request->identity, &requests, &error) == STATUS_OK &&
           enrolment_request_hash(request, hash) == STATUS_OK && requests_have(&requests, hash);
}

enum status requesting_recall(const char *store_path, struct store *store,
                              struct enrolment_request *request, struct error *error) {
    char path[REQUESTING_FILE_SIZE];
    uint8_t text[ENROLMENT_TEXT_MAX + 1];
    size_t length;
    struct error unread;
    struct device_key *key = NULL;
    enum status status = installation_device_key(store, &key, error);
    requesting_file(store_path, path);
    if (status == STATUS_OK &&
        (key == NULL ||
         file_read_into(path, text, ENROLMENT_TEXT_MAX, &length, &unread) != STATUS_OK ||
         enrolment_request_read(path, (struct span){text, length}, request, &unread) != STATUS_OK ||
         !is_own(store, key, request))) {
        status = error_set(error, STATUS_NOT_FOUND, "%.200s: no request of this handset", path);
    }
    device_key_free(key);
    return status;
}
