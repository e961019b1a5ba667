/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manager_squad.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/key_delivery.h"

struct command manager_order(enum command_kind kind, size_t member) {
    struct command command = {.kind = kind, .period_ms = 6 * (int64_t)HOUR_MS};
    snprintf(command.group, sizeof command.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(member));
    return command;
}

enum status manager_give(struct squad *squad, enum command_kind kind, size_t member) {
    struct command command = manager_order(kind, member);
    return squad_command(squad, MANAGER, &command);
}

struct squad *squad_with_manager(size_t count) {
    struct squad *squad = squad_new(count);
    squad_manage(squad, MANAGER, count);
    squad_run(squad, 500);
    return squad;
}

struct squad *squad_with_key(size_t count) {
    struct squad *squad = squad_with_manager(count);
    assert_int_equal(manager_give(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_run(squad, 3000);
    return squad;
}

void squad_wait(struct squad *squad, int64_t ms) {
    int64_t step_ms = squad->step_ms;
    squad->step_ms = 100;
    squad_run(squad, ms);
    squad->step_ms = step_ms;
}

const struct view_managed *manager_view(struct squad *squad) {
    const struct view *view = squad_view(squad, MANAGER);
    assert_int_equal(view->managed_count, 1);
    return &view->managed[0];
}

const struct view_managed_member *manager_row(struct squad *squad, size_t member) {
    const struct view_managed *group = manager_view(squad);
    for (size_t i = 0; i < group->row_count; i++) {
        if (strcmp(group->rows[i].identity, squad_identity(member)) == 0) {
            return &group->rows[i];
        }
    }
    fail();
    return NULL;
}

bool squad_holds(struct squad *squad, size_t n, uint32_t gmk_id) {
    uint8_t gmk[SSV_SIZE];
    return handset_reveal_gmk(squad->handsets[n].engine, gmk_id, gmk);
}

const char *delivery_addressee(const struct squad_frame *frame, uint32_t *gmk_id) {
    static struct i_message message;
    if (frame->octets[1] != FRAME_KEY_DELIVERY) {
        return NULL;
    }
    assert_int_equal(key_delivery_parse(squad_payload(frame), &message), STATUS_OK);
    *gmk_id = message.fields.key_id;
    return message.fields.responder;
}

size_t count_deliveries(const struct squad *squad, size_t from, uint32_t gmk_id,
                        const char *member) {
    size_t count = 0;
    for (size_t i = from; i < squad->frame_count; i++) {
        uint32_t id;
        const char *to = delivery_addressee(&squad->frames[i], &id);
        count += to != NULL && (gmk_id == 0 || id == gmk_id) &&
                 (member == NULL || strcmp(to, member) == 0);
    }
    return count;
}

bool drop_receipts(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_RECEIPT;
}

bool drop_deliveries(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_KEY_DELIVERY;
}
