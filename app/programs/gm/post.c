/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/broker/rights.h"
#include "app/file.h"
#include "app/identity/enrolment.h"
#include "app/programs/broker_link.h"
#include "app/programs/conditions.h"
#include "app/programs/gm/commands.h"

#define BUNDLE_ENDING ".bundle"

enum {
    POST_MAX = NATS_KEEP_MAX, /* bundles that are sent together */
    KEEP_MS = 10 * 1000,      /* how long the broker may take for them, */
    ATTEMPTS = 3              /* and how often it is tried */
};

struct posting {
    struct transport *transport;
    size_t count, posted, left_out, unreadable;
    struct secret *texts[POST_MAX];
    char topics[POST_MAX][TOPIC_SIZE];
};

static void drop(struct posting *posting) {
    for (size_t i = 0; i < posting->count; i++) {
        secret_free(posting->texts[i]);
    }
    posting->count = 0;
}

/* Sends what has gathered. */
static enum status post(struct posting *posting, struct error *error) {
    struct nats_kept frames[POST_MAX];
    bool kept[POST_MAX];
    enum transport_result result = TRANSPORT_OK;
    for (size_t i = 0; i < posting->count; i++) {
        const struct secret *text = posting->texts[i];
        frames[i] = (struct nats_kept){posting->topics[i], text->octets, text->length};
    }
    for (int n = 0; n < ATTEMPTS && (n == 0 || result != TRANSPORT_OK); n++) {
        result = nats_keep(posting->transport, frames, posting->count, KEEP_MS, kept);
        if (nats_is_hopeless(posting->transport)) {
            break;
        }
    }
    posting->posted += result == TRANSPORT_OK ? posting->count : 0;
    drop(posting);
    if (result == TRANSPORT_OK) {
        return STATUS_OK;
    }
    enum status status = conditions_fail_of(posting->transport, error);
    error_add(error, "; %zu bundles wait in their mailboxes: run the same command again",
              posting->posted);
    return status;
}

/* One bundle is kept for each mailbox: of two the later one, which comes later. A file that cannot
 * be read is named, and keeps nobody else from theirs. */
static enum status take_bundle(struct posting *posting, const char *path, struct error *error) {
    struct secret *text;
    char name[TOPIC_NAME_SIZE], topic[TOPIC_SIZE];
    enum status status = file_read(path, ENROLMENT_FILE_MAX, &text, error);
    if (status != STATUS_OK && status != STATUS_NO_MEMORY) {
        fprintf(stderr, "muster-gm: %s\n", error->text);
        posting->unreadable++;
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!access_read_mailbox(secret_span(text), name) || text->length > RIGHTS_KEPT_MESSAGE_MAX) {
        posting->left_out++;
        secret_free(text);
        return STATUS_OK;
    }
    topic_renewal(name, topic);
    if (posting->count > 0 && strcmp(posting->topics[posting->count - 1], topic) == 0) {
        secret_free(posting->texts[--posting->count]);
    } else if (posting->count == POST_MAX) {
        status = post(posting, error);
    }
    if (status != STATUS_OK) {
        secret_free(text);
        return status;
    }
    memcpy(posting->topics[posting->count], topic, sizeof topic);
    posting->texts[posting->count++] = text;
    return STATUS_OK;
}

static int is_bundle(const struct dirent *entry) {
    size_t length = strlen(entry->d_name), ending = strlen(BUNDLE_ENDING);
    return entry->d_name[0] != '.' && length > ending &&
           strcmp(entry->d_name + length - ending, BUNDLE_ENDING) == 0;
}

/* In the order of their names, so that months of one identity come in their own. */
static enum status post_folder(struct posting *posting, const char *folder, struct error *error) {
    struct dirent **entries;
    char path[PATH_MAX];
    int count = scandir(folder, &entries, is_bundle, alphasort);
    if (count < 0) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: the folder cannot be read: %s", folder,
                         strerror(errno));
    }
    enum status status = STATUS_OK;
    for (int i = 0; i < count; i++) {
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (status == STATUS_OK && (length < 0 || (size_t)length >= sizeof path)) {
            status = error_set(error, STATUS_TOO_LONG, "%.150s...: the path is too long", folder);
        }
        if (status == STATUS_OK) {
            status = take_bundle(posting, path, error);
        }
        free(entries[i]);
    }
    free(entries);
    return status == STATUS_OK && posting->count > 0 ? post(posting, error) : status;
}

enum status gm_post(const struct gm_order *order, struct error *error) {
    struct access *access = NULL;
    struct posting *posting = calloc(1, sizeof *posting);
    if (posting == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = operator_access_read(order->operator_file, &access, error);
    if (status == STATUS_OK) {
        status = broker_link_open(access, &posting->transport, error);
    }
    access_free(access);
    if (status == STATUS_OK) {
        status = post_folder(posting, order->arguments[0], error);
        drop(posting);
        posting->transport->kind->close(posting->transport);
        (void)nats_end(BROKER_LINK_END_MS);
    }
    if (status == STATUS_OK) {
        printf("%zu bundles wait in their mailboxes, for eight days: muster fetch installs them, "
               "and muster-gm fetch those of managers\n",
               posting->posted);
        if (posting->left_out > 0) {
            printf("%zu files were left out: bundles without access to the broker, or too long for "
                   "a mailbox\n",
                   posting->left_out);
        }
    }
    if (status == STATUS_OK && posting->unreadable > 0) {
        status =
            error_set(error, STATUS_IO_FAILED,
                      "%zu %s could not be read, as said above; mend that, and post them again",
                      posting->unreadable, posting->unreadable == 1 ? "file" : "files");
    }
    free(posting);
    return status;
}
