/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/broker/broker.h"
#include "app/file.h"
#include "app/programs/kms/commands.h"

#define CONFIGURATION_NAME "nats-server.conf"

enum {
    CA_FILE_MAX = 65536
};

static enum status set_broker(const struct order *order, struct kms *kms, struct error *error) {
    uint8_t text[BROKER_CONFIGURATION_MAX];
    struct writer configuration = writer_into(text, sizeof text);
    char path[PATH_MAX];
    struct secret *ca = NULL;
    int length = snprintf(path, sizeof path, "%s/%s", order->out, CONFIGURATION_NAME);
    if (length < 0 || (size_t)length >= sizeof path) {
        return error_set(error, STATUS_IO_FAILED, "%.150s...: the path is too long", order->out);
    }
    if (mkdir(order->out, 0700) != 0 && errno != EEXIST) {
        return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED,
                         "%.200s: the folder cannot be made: %s", order->out, strerror(errno));
    }
    enum status status = file_read(order->ca, CA_FILE_MAX, &ca, error);
    if (status == STATUS_OK) {
        status = kms_set_broker(kms, order->servers, secret_span(ca),
                                (order->given & OPTION_REPLACE) != 0, order_now(), &entropy_system,
                                &configuration, error);
    }
    secret_free(ca);
    if (status == STATUS_OK) {
        status = file_write(path, writer_span(&configuration), true, error);
        if (status != STATUS_OK) {
            error_add(error,
                      "; bundles give access to the broker from now on: for its configuration, run "
                      "the same command again");
        }
    }
    if (status == STATUS_OK) {
        printf("%s written; it says which files belong beside it\n"
               "Bundles made from now on give access to %s\n",
               path, order->servers);
    }
    return status;
}

enum status command_broker(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = set_broker(order, kms, error);
    kms_close(kms);
    return status;
}
