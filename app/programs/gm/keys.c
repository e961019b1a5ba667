/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "app/programs/fetch.h"
#include "app/programs/gm/commands.h"
#include "app/programs/passphrase.h"
#include "app/programs/subcommands.h"

/* The order as the options of the handset's program, which has the same store and bundles. */
static struct options options_of(const struct gm_order *order) {
    struct options options = {.store_is_default = (order->given & GM_STORE) == 0,
                              .passphrase_file = order->passphrase_file,
                              .identity = order->group,
                              .name = order->name,
                              .out = order->out,
                              .fingerprint = order->fingerprint,
                              .replace = (order->given & GM_REPLACE) != 0,
                              .manages = true};
    strcpy(options.store, order->store);
    return options;
}

static enum status check_passphrase(const struct gm_order *order, struct error *error) {
    return order->passphrase_file == NULL ? STATUS_OK
                                          : passphrase_check_closed(order->passphrase_file, error);
}

enum status gm_request(const struct gm_order *order, struct error *error) {
    const struct options options = options_of(order);
    enum status status = check_passphrase(order, error);
    return status == STATUS_OK ? subcommand_request(&options, stdout, error) : status;
}

enum status gm_install(const struct gm_order *order, struct error *error) {
    struct options options = options_of(order);
    options.bundle = order->arguments[0];
    enum status status = check_passphrase(order, error);
    return status == STATUS_OK ? subcommand_install(&options, order->provider, stdout, error)
                               : status;
}

/* The bundle at the broker is asked for with the access that came with the keys held. */
enum status gm_fetch(const struct gm_order *order, struct error *error) {
    struct options options = options_of(order);
    struct secret *text = NULL;
    struct gm gm;
    options.bundle = "the bundle at the broker";
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = fetch_bundle(gm.store, gm.group->identity, &text, error);
    }
    if (status == STATUS_OK) {
        status = subcommand_install_text(&options, order->provider, gm.store, text, stdout, error);
    }
    secret_free(text);
    gm_close(&gm);
    return status;
}
