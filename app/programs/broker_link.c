/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/broker_link.h"

#include "app/programs/conditions.h"
#include "app/programs/heap.h"

/* What a broker claims to send takes no more memory than heap.h gives, which is linked in so. */
struct nats_options broker_link_options(const struct access *access) {
    (void)heap_wipes_what_is_freed();
    return (struct nats_options){.servers = access->servers,
                                 .ca_certificates = access->ca,
                                 .user_jwt = access->jwt,
                                 .user_jwt_later =
                                     access->fetch_jwt[0] == '\0' ? NULL : access->fetch_jwt,
                                 .user_seed = access->seed,
                                 .name = access->name};
}

enum status broker_link_open(const struct access *access, struct transport **transport,
                             struct error *error) {
    char words[CONDITION_WORDS_SIZE];
    struct transport_condition problem;
    const struct nats_options options = broker_link_options(access);
    if (nats_open_broker(&options, transport, &problem) == TRANSPORT_OK) {
        return STATUS_OK;
    }
    conditions_in_words(&problem, NULL, 0, words);
    return error_set(error, STATUS_IO_FAILED, "%.80s: %s", access->identity, words);
}
