/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/acquaintance.h"

#include <string.h>

#include "app/handset/d2d/d2d.h"

/* Tells the roster whom the groups have, and seeks them if `seeks`. */
static void look_at_members(struct acquaintance *acquaintance, struct moment now, bool seeks) {
    const struct groups *groups = acquaintance->groups;
    roster_forget_members(acquaintance->roster);
    for (size_t i = 0; i < groups->count; i++) {
        const struct group_parameters *parameters = &groups->list[i]->parameters;
        for (size_t k = 0; k < parameters->member_count; k++) {
            const char *member = parameters->members[k].identity;
            if (strcmp(member, own_identity(acquaintance->desk)) == 0) {
                continue;
            }
            roster_add_member(acquaintance->roster, member);
            if (seeks) {
                presence_seek(acquaintance->presences, now, member);
            }
        }
    }
    acquaintance->groups_version = groups->version;
}

void acquaintance_start(struct acquaintance *acquaintance, struct moment now) {
    look_at_members(acquaintance, now, false);
}

static void look_at_connections(struct acquaintance *acquaintance, struct moment now) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *connection = acquaintance->connections->list[i];
        bool is_connected = connection != NULL;
        if (is_connected && !acquaintance->is_connected[i]) {
            presence_seek(acquaintance->presences, now, connection->d2d->remote);
        }
        acquaintance->is_connected[i] = is_connected;
    }
}

void acquaintance_look(struct acquaintance *acquaintance, struct moment now) {
    if (acquaintance->groups_version != acquaintance->groups->version) {
        look_at_members(acquaintance, now, true);
    }
    look_at_connections(acquaintance, now);
}
