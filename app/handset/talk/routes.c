/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/routes.h"

#include <stdio.h>
#include <string.h>

/* The talker's place, or a free one, or the one used longest ago. */
static struct route *place_of(struct routes *routes, const char *talker) {
    struct route *found = &routes->list[0];
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        struct route *route = &routes->list[i];
        if (strcmp(route->talker, talker) == 0) {
            return route;
        }
        bool is_better = found->talker[0] != '\0' &&
                         (route->talker[0] == '\0' || route->used_ms < found->used_ms);
        found = is_better ? route : found;
    }
    return found;
}

enum status routes_open(struct routes *routes, const char *talker, struct moment now,
                        struct voice_receiver **out) {
    enum status status = voice_receiver_new(out);
    if (status != STATUS_OK) {
        return status;
    }
    struct route *route = place_of(routes, talker);
    if (strcmp(route->talker, talker) != 0 || now.boot_ms - route->used_ms > ROUTES_KEPT_MS) {
        *route = (struct route){.used_ms = now.boot_ms};
        snprintf(route->talker, sizeof route->talker, "%s", talker);
    }
    route->used_ms = now.boot_ms;
    voice_receiver_follow(*out, &route->way);
    return STATUS_OK;
}

void routes_show(const struct voice_receiver *receiver, struct view_talker *row) {
    row->delay_ms = voice_receiver_delay_ms(receiver);
    row->loss_percent = voice_receiver_loss(receiver);
}
