/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/routes.h"

#include <stdio.h>
#include <string.h>

/* The talker's place, or a free one, or of those that nobody goes by the one used longest ago; NULL
 * when there is none. */
static struct route *place_of(struct routes *routes, const char *talker) {
    struct route *found = NULL;
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        struct route *route = &routes->list[i];
        if (strcmp(route->talker, talker) == 0) {
            return route;
        }
        bool is_better =
            found == NULL || (found->talker[0] != '\0' &&
                              (route->talker[0] == '\0' || route->used_ms < found->used_ms));
        found = route->receivers == 0 && is_better ? route : found;
    }
    return found;
}

enum status routes_open(struct routes *routes, const char *talker, struct moment now,
                        struct voice_receiver **out, struct route **route) {
    *route = NULL;
    enum status status = voice_receiver_new(out);
    struct route *place = status == STATUS_OK ? place_of(routes, talker) : NULL;
    if (place == NULL) {
        return status;
    }
    if (strcmp(place->talker, talker) != 0 ||
        (place->receivers == 0 && now.boot_ms - place->used_ms > ROUTES_KEPT_MS)) {
        *place = (struct route){.receivers = 0};
        snprintf(place->talker, sizeof place->talker, "%s", talker);
    }
    place->used_ms = now.boot_ms;
    place->receivers++;
    voice_receiver_follow(*out, &place->way);
    *route = place;
    return STATUS_OK;
}

void routes_close(struct route *route) {
    if (route != NULL) {
        route->receivers--;
    }
}

void routes_show(const struct voice_receiver *receiver, struct view_talker *row) {
    row->delay_ms = voice_receiver_delay_ms(receiver);
    row->loss_percent = voice_receiver_loss(receiver);
}
