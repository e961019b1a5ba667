/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Acquaintance: whose clock this handset wants to know, and who is to know its own, before somebody
 * talks (air/meeting.h): those it has a D2D connection with, and the members of a group that it
 * has just made or joined, who may never have met. The roster is told who the members are.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_ACQUAINTANCE_H
#define MUSTER_APP_HANDSET_KEYS_ACQUAINTANCE_H

#include "app/handset/air/presence.h"
#include "app/handset/d2d/connection.h"
#include "app/handset/keys/groups.h"

struct acquaintance {
    const struct desk *desk;
    const struct groups *groups;
    const struct connections *connections;
    struct presences *presences;
    struct roster *roster;
    uint64_t groups_version; /* whose members were looked at */
    bool is_connected[CONNECTIONS_MAX];
};

/* The handset starts: the groups that it has are not new, and their members are known. */
void acquaintance_start(struct acquaintance *acquaintance, struct moment now);

/* Looks what is new, after each frame and in each tick. */
void acquaintance_look(struct acquaintance *acquaintance, struct moment now);

#endif
