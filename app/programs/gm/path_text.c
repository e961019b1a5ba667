/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/file.h"
#include "app/file_name.h"
#include "app/programs/gm/path.h"
#include "app/text/parts.h"

#define DRAFT_NAME ".muster-gm.draft"

struct text_path {
    const struct managed_group *group;
    char folder[PATH_MAX];
    size_t list_length;
    uint8_t list[REVOCATION_TEXT_MAX]; /* of the revoked: each file has it */
};

static enum status path_in(const struct text_path *text, const char *name, char path[PATH_MAX],
                           struct error *error) {
    int length = snprintf(path, PATH_MAX, "%s/%s", text->folder, name);
    return length > 0 && length < PATH_MAX
               ? STATUS_OK
               : error_set(error, STATUS_IO_FAILED, "%.150s...: the path is too long",
                           text->folder);
}

static enum status write_file(const struct text_path *text, const struct delivery *delivery,
                              struct error *error) {
    uint8_t octets[PARTS_TEXT_MAX + REVOCATION_TEXT_MAX];
    char name[FILE_NAME_SIZE], headline[2 * IDENTITY_SIZE + 32], path[PATH_MAX], draft[PATH_MAX];
    struct writer writer = writer_into(octets, sizeof octets);
    snprintf(headline, sizeof headline, "for %s, of %s", delivery->member->identity,
             text->group->identity);
    file_name_of_identity(delivery->member->identity, "key.txt", name);
    enum status status = parts_write(delivery->message, headline, &writer);
    if (status != STATUS_OK) {
        return error_set(error, status, "%s: its key cannot be written as text: %s",
                         delivery->member->identity, status_text(status));
    }
    write_span(&writer, (struct span){text->list, text->list_length});
    status = path_in(text, name, path, error);
    if (status == STATUS_OK) {
        status = path_in(text, DRAFT_NAME, draft, error);
    }
    return status == STATUS_OK ? file_replace(draft, path, writer_span(&writer), error) : status;
}

static enum status keep_list(void *context, const struct revocation *list, struct error *error) {
    struct text_path *text = context;
    struct writer writer = writer_into(text->list, sizeof text->list);
    enum status status = revocation_write_text(&writer, list);
    text->list_length = writer.length;
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "the list of the revoked cannot be written as text: %s",
                           status_text(status));
}

static enum status take(void *context, struct delivery deliveries[], size_t count,
                        struct error *error) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = write_file(context, &deliveries[i], error);
        deliveries[i].was_taken = status == STATUS_OK;
    }
    return status;
}

enum status path_open_text(struct gm *gm, const char *detail, struct path *path,
                           struct error *error) {
    struct stat about;
    if (detail == NULL || detail[0] == '\0' || strlen(detail) >= PATH_MAX) {
        return error_set(error, STATUS_MALFORMED,
                         "--over text:FOLDER needs a folder for the texts");
    }
    if (mkdir(detail, 0700) != 0 && errno != EEXIST) {
        return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED,
                         "%.200s: the folder cannot be made: %s", detail, strerror(errno));
    }
    if (stat(detail, &about) != 0 || !S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: this is a file, not a folder", detail);
    }
    struct text_path *text = calloc(1, sizeof *text);
    if (text == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    text->group = gm->group;
    strcpy(text->folder, detail);
    *path = (struct path){.delivery = {.context = text, .take = take},
                          .taken_means = "written as text",
                          .list = keep_list,
                          .close = free};
    return STATUS_OK;
}
