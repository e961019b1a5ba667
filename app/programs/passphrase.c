/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/passphrase.h"

#include <fcntl.h>
#include <limits.h>
#include <openssl/ui.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"

enum {
    FILE_MAX = 4096
};

static enum status out_of_memory(struct error *error) {
    return error_set(error, STATUS_NO_MEMORY, "passphrase: out of memory; close other programs");
}

static size_t first_line_length(struct span text) {
    size_t length = 0;
    while (length < text.length && text.octets[length] != '\n') {
        length++;
    }
    return length > 0 && text.octets[length - 1] == '\r' ? length - 1 : length;
}

enum status passphrase_from_file(const char *path, struct secret **passphrase,
                                 struct error *error) {
    struct secret *content;
    *passphrase = NULL;
    enum status status = file_read(path, FILE_MAX, &content, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct span line = {content->octets, first_line_length(secret_span(content))};
    if (line.length == 0) {
        status = error_set(error, STATUS_MALFORMED,
                           "%.200s: its first line, the passphrase, is empty", path);
    } else if (line.length > PASSPHRASE_MAX) {
        status = error_set(error, STATUS_TOO_LONG,
                           "%.200s: its first line, the passphrase, is longer than %d octets", path,
                           PASSPHRASE_MAX);
    } else if (memchr(line.octets, 0, line.length) != NULL) {
        status = error_set(error, STATUS_MALFORMED,
                           "%.200s: its first line, the passphrase, holds a NUL octet", path);
    } else if ((*passphrase = secret_copy(line)) == NULL) {
        status = out_of_memory(error);
    }
    secret_free(content);
    return status;
}

/* May everybody enter the folders that the file, by its own name, is in? */
static bool everybody_gets_at(const char *path) {
    char real[PATH_MAX];
    struct stat about;
    if (realpath(path, real) == NULL) {
        return true;
    }
    for (char *slash = strrchr(real, '/'); slash != NULL && slash != real;
         slash = strrchr(real, '/')) {
        *slash = '\0';
        if (stat(real, &about) == 0 && (about.st_mode & S_IXOTH) == 0) {
            return false;
        }
    }
    return true;
}

enum status passphrase_check_closed(const char *path, struct error *error) {
    struct stat about;
    bool is_open = stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
                   (about.st_mode & S_IROTH) != 0 && everybody_gets_at(path);
    return is_open ? error_set(error, STATUS_NOT_ALLOWED,
                               "%.150s: everybody on this machine has permission to read this "
                               "passphrase; run chmod 600 on the file, and change the passphrase "
                               "if somebody may have read it",
                               path)
                   : STATUS_OK;
}

enum status passphrase_from_closed_file(const char *path, struct secret **passphrase,
                                        struct error *error) {
    *passphrase = NULL;
    enum status status = passphrase_check_closed(path, error);
    return status == STATUS_OK ? passphrase_from_file(path, passphrase, error) : status;
}

/* Asks once into text[PASSPHRASE_MAX + 1]. OpenSSL's prompt turns the echo off, and on again even
 * when a signal ends it. */
static enum status ask(const char *prompt, char *text, struct error *error) {
    if (UI_UTIL_read_pw_string(text, PASSPHRASE_MAX + 1, prompt, 0) != 0) {
        return error_set(error, STATUS_MALFORMED,
                         "passphrase: none was typed, or it was longer than %d octets",
                         PASSPHRASE_MAX);
    }
    if (text[0] == '\0') {
        return error_set(error, STATUS_MALFORMED,
                         "passphrase: an empty one protects nothing; type one");
    }
    return STATUS_OK;
}

enum status passphrase_from_terminal(const char *prompt, bool twice, struct secret **passphrase,
                                     struct error *error) {
    *passphrase = NULL;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) {
        return error_set(
            error, STATUS_NOT_FOUND,
            "passphrase: there is no terminal to ask for it; give --passphrase-file FILE");
    }
    close(terminal);
    struct secret *first = secret_new(PASSPHRASE_MAX + 1), *second = secret_new(PASSPHRASE_MAX + 1);
    enum status status = first == NULL || second == NULL ? out_of_memory(error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = ask(prompt, (char *)first->octets, error);
    }
    if (status == STATUS_OK && twice) {
        status = ask("Again: ", (char *)second->octets, error);
        if (status == STATUS_OK && !secret_equal(first->octets, second->octets, first->length)) {
            status =
                error_set(error, STATUS_MALFORMED, "passphrase: the two differ; nothing was done");
        }
    }
    if (status == STATUS_OK) {
        *passphrase = secret_copy(span_of_text((const char *)first->octets));
        if (*passphrase == NULL) {
            status = out_of_memory(error);
        }
    }
    secret_free(first);
    secret_free(second);
    return status;
}
