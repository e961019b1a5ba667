/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "held.h"

#include <string.h>

enum {
    REST_MS = 500,
};

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)domain;
    (void)identifier;
    (void)message;
    (void)signature;
    return STATUS_OK;
}

/* Frames that were sent and are of no matter any more. */
static void forget_frames(struct squad *squad) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

static void drop_connections(struct handset *handset) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (handset->connections.list[i] != NULL) {
            connection_drop(&handset->connections, handset->connections.list[i]);
        }
    }
}

struct squad *held_squad(void) {
    static struct squad *squad;
    static struct provider lenient;
    if (squad == NULL) {
        squad_seed(1);
        squad = squad_new(3);
        squad_group(squad, 12 * (int64_t)HOUR_MS);
        squad_run(squad, 3000);
        lenient = *squad_provider();
        lenient.verify = verify;
        squad->handsets[HELD].engine->desk.keyring.provider = &lenient;
        squad->step_ms = REST_MS / 5;
        squad->is_mute = true;
        forget_frames(squad);
        for (size_t n = 0; n < squad->count; n++) {
            drop_connections(squad->handsets[n].engine);
        }
    }
    return squad;
}

struct handset *held_handset(void) {
    return held_squad()->handsets[HELD].engine;
}

void held_rest(void) {
    struct squad *squad = held_squad();
    squad_run(squad, REST_MS);
    squad_rest(squad, HELD);
    for (size_t n = 0; n < squad->count; n++) {
        drop_connections(squad->handsets[n].engine);
    }
    while (squad_view(squad, HELD)->group_count > 1) {
        struct command command = {.kind = COMMAND_DELETE_GROUP};
        const struct view *view = squad_view(squad, HELD);
        memcpy(command.group, view->groups[view->group_count - 1].identity, sizeof command.group);
        must(squad_command(squad, HELD, &command) == STATUS_OK);
    }
    squad_flush(squad, HELD);
    forget_frames(squad);
}

struct span held_take(struct reader *input, size_t length) {
    size_t left = reader_left(input);
    return read_span(input, left < length ? left : length);
}
