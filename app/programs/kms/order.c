/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/order.h"

#include <time.h>

#include "app/kms/continuity.h"
#include "app/kms/turns.h"
#include "app/programs/kms/interruption.h"
#include "app/programs/new_passphrase.h"
#include "app/programs/passphrase.h"

enum status order_passphrase(const struct order *order, bool is_new, struct secret **passphrase,
                             struct error *error) {
    enum status status = order->passphrase_file == NULL
                             ? STATUS_OK
                             : passphrase_check_closed(order->passphrase_file, error);
    *passphrase = NULL;
    if (status != STATUS_OK) {
        return status;
    }
    if (is_new) {
        return new_passphrase_get(
            order->passphrase_file,
            "New passphrase of the domain (at least 8 characters): ", passphrase, error);
    }
    return order->passphrase_file != NULL
               ? passphrase_from_file(order->passphrase_file, passphrase, error)
               : passphrase_from_terminal("Passphrase of the domain: ", false, passphrase, error);
}

static enum status open_in_turn(const struct order *order, struct span passphrase, struct kms **kms,
                                struct error *error) {
    enum status status =
        turns_open(order->domain, passphrase, order->provider, &interruption_came, kms, error);
    if (interruption_came && (status == STATUS_OK || status == STATUS_BUSY)) {
        status = error_set(error, STATUS_INTERRUPTED, "stopped by a signal; nothing was done");
    }
    if (status == STATUS_OK) {
        status = kms_watch(*kms, order_now(), error);
    }
    if (status != STATUS_OK) {
        kms_close(*kms);
        *kms = NULL;
    }
    return status;
}

enum status order_open_with(const struct order *order, struct kms **kms, struct secret **passphrase,
                            struct error *error) {
    *kms = NULL;
    *passphrase = NULL;
    if (!store_exists(order->domain)) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: there is no such domain; muster-kms init makes one",
                         order->domain);
    }
    enum status status = binding_check(order->domain, error);
    if (status == STATUS_OK) {
        status = order_passphrase(order, false, passphrase, error);
    }
    if (status == STATUS_OK) {
        status = open_in_turn(order, secret_span(*passphrase), kms, error);
    }
    if (status != STATUS_OK) {
        secret_free(*passphrase);
        *passphrase = NULL;
    }
    return status;
}

enum status order_open(const struct order *order, struct kms **kms, struct error *error) {
    struct secret *passphrase;
    enum status status = order_open_with(order, kms, &passphrase, error);
    secret_free(passphrase);
    return status;
}

enum status order_other_passphrase(const char *path, const char *passphrase_file,
                                   const char *prompt, struct secret **passphrase,
                                   struct error *error) {
    if (!store_exists(path)) {
        return error_set(error, STATUS_NOT_FOUND, "%.150s: there is no such file", path);
    }
    return passphrase_file != NULL ? passphrase_from_closed_file(passphrase_file, passphrase, error)
                                   : passphrase_from_terminal(prompt, false, passphrase, error);
}

int64_t order_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
