/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/radio_links.h"

#include <unistd.h>

#include "app/programs/conditions.h"
#include "app/programs/confinement.h"
#include "app/programs/permission.h"
#include "app/programs/starter.h"
#include "transport/bluetooth/bluetooth.h"
#include "transport/udp.h"
#include "transport/wifi_direct/wifi_direct.h"

_Static_assert((int)OPTION_PEERS_MAX <= (int)UDP_PEERS_MAX, "all that are named are greeted");
_Static_assert((int)OPTION_LINKS_MAX <= (int)STARTER_RADIOS_MAX, "each link can have a process");

static const char *const process_names[] = {
    [LINK_UDP] = "muster-udp", [LINK_BLUETOOTH] = "muster-bt", [LINK_WIFI_DIRECT] = "muster-wifi"};

bool radio_links_have(enum link_kind kind) {
    return kind == LINK_UDP || kind == LINK_BLUETOOTH || kind == LINK_WIFI_DIRECT;
}

bool radio_links_are_wanted(const struct options *options, enum link_kind kind) {
    for (size_t i = 0; i < options->link_count; i++) {
        if (options->links[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* --- In a radio's process -----------------------------------------------------------------------
 */

static enum transport_result open_udp(const struct options *options,
                                      const struct link_choice *choice,
                                      struct transport **transport,
                                      struct transport_condition *problem) {
    const struct udp_options udp = {.interface = choice->detail != NULL ? choice->detail
                                                                        : options->interface,
                                    .port = options->port,
                                    .peers = options->peers,
                                    .peer_count = options->peer_count};
    return udp_open(&udp, transport, problem);
}

static enum transport_result open_wifi_direct(const struct options *options,
                                              const struct link_choice *choice,
                                              struct transport **transport,
                                              struct transport_condition *problem) {
    const struct wifi_direct_options wifi_direct = {
        .interface = choice->detail, .folder = options->supplicant, .port = options->port};
    return wifi_direct_open(&wifi_direct, transport, problem);
}

static enum transport_result open_radio(void *context, struct transport **transport,
                                        struct transport_condition *problem) {
    const struct radio_link *link = context;
    switch (link->choice->kind) {
    case LINK_UDP:
        return open_udp(link->links->options, link->choice, transport, problem);
    case LINK_BLUETOOTH:
        return bluetooth_open(link->choice->detail, transport, problem);
    case LINK_WIFI_DIRECT:
        return open_wifi_direct(link->links->options, link->choice, transport, problem);
    case LINK_NATS:
        break;
    }
    *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
    return TRANSPORT_FAILED;
}

static struct confinement_radio reach_of(const struct options *options, enum link_kind kind) {
    return (struct confinement_radio){.has_network = kind != LINK_BLUETOOTH,
                                      .has_bluetooth = kind == LINK_BLUETOOTH,
                                      .has_wifi_direct = kind == LINK_WIFI_DIRECT,
                                      .supplicant =
                                          kind == LINK_WIFI_DIRECT ? options->supplicant : NULL};
}

/* Before anything of a stranger is read. It still ends with who started it, if that changes the
 * user: a parent that has gone before has ended this process already. A wall that cannot be built
 * is told by the handset, whose own is missing too. */
static bool confine_radio(void *context) {
    const struct radio_link *link = context;
    const struct options *options = link->links->options;
    pid_t parent = getppid();
    struct error error;
    if (link->links->give_up(options, false, &error) != STATUS_OK ||
        permission_give_up_rest(&error) != STATUS_OK || !starter_end_with(parent)) {
        return false;
    }
    const struct confinement_radio reach = reach_of(options, link->choice->kind);
    if (!options->is_unconfined) {
        (void)confinement_close_radio_files(&reach);
        (void)confinement_close_radio_calls(&reach);
    }
    return true;
}

/* --- In the process that starts them ------------------------------------------------------------
 */

static bool confine_starter(void *context) {
    const struct radio_links *links = context;
    const struct options *options = links->options;
    bool has_bluetooth = radio_links_are_wanted(options, LINK_BLUETOOTH);
    bool has_wifi_direct = radio_links_are_wanted(options, LINK_WIFI_DIRECT);
    const struct confinement_radio reach = {.has_wifi_direct = has_wifi_direct,
                                            .supplicant =
                                                has_wifi_direct ? options->supplicant : NULL};
    struct error error;
    if (links->give_up(options, has_bluetooth, &error) != STATUS_OK) {
        return false;
    }
    if (!options->is_unconfined) {
        (void)confinement_close_radio_files(&reach);
        (void)confinement_close_starter_calls();
    }
    return true;
}

/* --- In the handset -----------------------------------------------------------------------------
 */

enum status radio_links_begin(struct radio_links *links, struct error *error) {
    struct starter_radio radios[OPTION_LINKS_MAX];
    const struct options *options = links->options;
    for (size_t i = 0; i < options->link_count; i++) {
        if (!radio_links_have(options->links[i].kind)) {
            continue;
        }
        struct radio_link *link = &links->list[links->count];
        *link = (struct radio_link){links, &options->links[i]};
        radios[links->count++] = (struct starter_radio){
            process_names[link->choice->kind], {open_radio, confine_radio, link}, STARTER_PING_MS};
    }
    return links->count == 0
               ? STATUS_OK
               : starter_begin(radios, links->count, confine_starter, links, links->sockets, error);
}

enum status radio_links_open(struct radio_links *links, const struct link_choice *choice,
                             struct transport **transport, struct error *error) {
    struct transport_condition problem;
    size_t at = 0;
    while (at < links->count && links->list[at].choice != choice) {
        at++;
    }
    if (at == links->count) {
        return error_set(error, STATUS_UNSUPPORTED, "no such transport");
    }
    return apart_open(links->sockets[at], transport, &problem) == TRANSPORT_OK
               ? STATUS_OK
               : conditions_fail(&problem, error);
}
