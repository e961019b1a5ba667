/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/radio_links.h"

#include "app/programs/conditions.h"
#include "transport/bluetooth/bluetooth.h"
#include "transport/wifi_direct/wifi_direct.h"

enum status radio_links_bluetooth(const char *adapters, struct transport **transport,
                                  struct error *error) {
    struct transport_condition problem;
    if (bluetooth_open(adapters, transport, &problem) != TRANSPORT_OK) {
        return conditions_fail(&problem, error);
    }
    return STATUS_OK;
}

enum status radio_links_wifi_direct(const struct options *options, const char *interface,
                                    struct transport **transport, struct error *error) {
    const struct wifi_direct_options wifi_direct = {
        .interface = interface, .folder = options->supplicant, .port = options->port};
    struct transport_condition problem;
    if (wifi_direct_open(&wifi_direct, transport, &problem) != TRANSPORT_OK) {
        return conditions_fail(&problem, error);
    }
    return STATUS_OK;
}
