/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/order.h"

#include <time.h>

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

enum status order_open(const struct order *order, struct kms **kms, struct error *error) {
    struct secret *passphrase;
    *kms = NULL;
    if (!store_exists(order->domain)) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: there is no such domain; muster-kms init makes one",
                         order->domain);
    }
    enum status status = binding_check(order->domain, error);
    if (status == STATUS_OK) {
        status = order_passphrase(order, false, &passphrase, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = turns_open(order->domain, secret_span(passphrase), order->provider, &interruption_came,
                        kms, error);
    secret_free(passphrase);
    if (interruption_came && (status == STATUS_OK || status == STATUS_BUSY)) {
        kms_close(*kms);
        *kms = NULL;
        status = error_set(error, STATUS_INTERRUPTED, "stopped by a signal; nothing was done");
    }
    return status;
}

int64_t order_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
