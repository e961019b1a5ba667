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
#define OPERATOR_NAME      "operator.access"

enum {
    CA_FILE_MAX = 65536
};

/* The file of the operator's access, beside the configuration: a secret. */
static enum status write_operator(const struct order *order, const struct kms *kms,
                                  struct error *error) {
    char path[PATH_MAX];
    struct secret *text = secret_new(ARMOUR_TEXT_MAX);
    int length = snprintf(path, sizeof path, "%s/%s", order->out, OPERATOR_NAME);
    if (text == NULL || length < 0 || (size_t)length >= sizeof path) {
        secret_free(text);
        return error_set(error, STATUS_IO_FAILED, "%.150s: %s cannot be written", order->out,
                         OPERATOR_NAME);
    }
    struct writer w = writer_into(text->octets, text->length);
    enum status status = kms_operator_access(kms, order_now(), &w, error);
    if (status == STATUS_OK) {
        status = file_write(path, writer_span(&w), true, error);
    }
    secret_free(text);
    return status;
}

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
    enum status status =
        order->ca == NULL ? STATUS_OK : file_read(order->ca, CA_FILE_MAX, &ca, error);
    if (status == STATUS_OK) {
        const struct span as_before = {NULL, 0};
        status = kms_set_broker(kms, order->servers, ca == NULL ? as_before : secret_span(ca),
                                (order->given & OPTION_REPLACE) != 0, order_now(), &entropy_system,
                                &configuration, error);
    }
    secret_free(ca);
    if (status == STATUS_OK) {
        status = file_write(path, writer_span(&configuration), true, error);
        if (status == STATUS_OK) {
            status = write_operator(order, kms, error);
        }
        if (status != STATUS_OK) {
            error_add(error,
                      "; bundles give access to the broker from now on: for its configuration, run "
                      "the same command again");
        }
    }
    if (status == STATUS_OK) {
        printf(
            "%s written; it says which files belong beside it\n"
            "%s/%s written: with it the broker's operator makes the stream, and nobody else can\n"
            "Bundles made from now on give access to %s\n",
            path, order->out, OPERATOR_NAME, kms_broker_servers(kms));
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
