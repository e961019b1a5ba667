/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/path.h"

#include <string.h>

/* Is `word` this name, or this name, a colon and a detail? */
static bool is_path(const char *word, const char *name, const char **detail) {
    size_t length = strlen(name);
    if (strncmp(word, name, length) != 0 || (word[length] != '\0' && word[length] != ':')) {
        return false;
    }
    *detail = word[length] == ':' ? word + length + 1 : NULL;
    return true;
}

/* The broker, when the KMS gave access to one. */
static enum status path_open_default(struct gm *gm, struct path *path, struct error *error) {
    enum status status = path_open_broker(gm, path, error);
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    return error_set(error, status,
                     "no path to the members: there is no access to a broker; choose --over udp or "
                     "--over text:FOLDER");
}

enum status path_open(const struct gm_order *order, struct gm *gm, struct path *path,
                      struct error *error) {
    const char *detail;
    *path = (struct path){0};
    if (order->over == NULL) {
        return path_open_default(gm, path, error);
    }
    if (is_path(order->over, "nats", &detail) && detail == NULL) {
        return path_open_broker(gm, path, error);
    }
    if (is_path(order->over, "text", &detail)) {
        return path_open_text(gm, detail, path, error);
    }
    if (is_path(order->over, "udp", &detail)) {
        return path_open_air(order, gm, detail, path, error);
    }
    return error_set(error, STATUS_MALFORMED,
                     "--over %.80s: no such path; choose nats, udp, udp:INTERFACE or text:FOLDER",
                     order->over);
}

void path_close(struct path *path) {
    if (path->close != NULL) {
        path->close(path->delivery.context);
    }
    *path = (struct path){0};
}
