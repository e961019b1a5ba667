/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/desk.h"

#include <stdio.h>
#include <string.h>

void desk_clear(struct desk *desk) {
    keyring_clear(&desk->keyring);
    outbox_clear(&desk->outbox);
    names_clear(&desk->names);
}

const char *own_identity(const struct desk *desk) {
    return desk->keyring.credential->identity;
}

const char *own_kms(const struct desk *desk) {
    return desk->keyring.credential->kms;
}

struct name desk_name_of(const struct desk *desk, const char *identity) {
    const struct credential *own = desk->keyring.credential;
    return own != NULL && strcmp(identity, own->identity) == 0
               ? (struct name){.text = desk->name, .kind = NAME_GIVEN}
               : names_of(&desk->names, identity);
}

void desk_show_name(const struct desk *desk, const char *identity, char out[OFFICER_NAME_SIZE],
                    enum name_kind *kind) {
    const struct name name = desk_name_of(desk, identity);
    snprintf(out, OFFICER_NAME_SIZE, "%s", name.text);
    *kind = name.kind;
}

/* An event with the best name that is known of whom it is about, at this moment. */
static struct event name_who(const struct desk *desk, struct moment now,
                             const struct event *event) {
    struct event told = *event;
    told.utc_ms = now.utc_ms;
    if ((event_values(event->kind) >> VALUE_NAME_KIND & 1) != 0 && event->identity[0] != '\0') {
        const struct name name = desk_name_of(desk, event->identity);
        if (name.kind > told.name_kind || told.name[0] == '\0') {
            snprintf(told.name, sizeof told.name, "%s", name.text);
            told.name_kind = name.kind;
        }
    }
    return told;
}

bool desk_is_silent(const struct desk *desk) {
    return desk->radio_silence || desk->airplane;
}

enum status desk_check_saving(const struct desk *desk, struct event *problem) {
    return desk->cannot_save ? desk_problem(problem, (struct event){.kind = EVENT_CANNOT_SAVE},
                                            STATUS_NOT_ALLOWED)
                             : STATUS_OK;
}

enum status desk_draw_u32(const struct desk *desk, uint32_t *number) {
    uint8_t octets[4];
    do {
        enum status status = entropy_draw(&desk->entropy, octets, sizeof octets);
        if (status != STATUS_OK) {
            return status;
        }
        struct reader r = reader_of(SPAN_OF(octets));
        *number = read_u32(&r);
    } while (*number == 0);
    return STATUS_OK;
}

enum status desk_draw_u64(const struct desk *desk, uint64_t *number) {
    uint32_t high, low;
    enum status status = desk_draw_u32(desk, &high);
    if (status == STATUS_OK) {
        status = desk_draw_u32(desk, &low);
    }
    if (status == STATUS_OK) {
        *number = (uint64_t)high << 32 | low;
    }
    return status;
}

enum status desk_save(struct desk *desk, enum record_kind kind, const char *key,
                      const struct span *value) {
    struct batch *batch = batch_new();
    if (batch == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = value == NULL ? batch_delete(batch, kind, span_of_text(key))
                                       : batch_put(batch, kind, span_of_text(key), *value);
    if (status != STATUS_OK) {
        batch_free(batch);
        return status;
    }
    return outbox_store(&desk->outbox, batch);
}

void desk_tell(struct desk *desk, struct moment now, const struct event *event) {
    desk_tell_status(desk, now, event, STATUS_OK);
}

void desk_tell_status(struct desk *desk, struct moment now, const struct event *event,
                      enum status status) {
    const struct event told = name_who(desk, now, event);
    journal_add(&desk->journal, &told);
    alarms_hear(&desk->alarms, &told);
    outbox_tell(&desk->outbox, &told, status);
}

void desk_tell_proof(struct desk *desk, struct moment now, const struct event *event, uint64_t peer,
                     struct span proof) {
    const struct event told = name_who(desk, now, event);
    journal_add(&desk->journal, &told);
    alarms_hear(&desk->alarms, &told);
    outbox_tell_proof(&desk->outbox, &told, peer, proof);
}

void desk_tell_when_durable(struct desk *desk, struct moment now, const struct event *event,
                            enum event_kind instead) {
    const struct promise promise = {
        .after = desk->outbox.queued, .instead = instead, .event = *event};
    if (!promises_make(&desk->promises, &promise)) {
        desk_tell(desk, now, event);
    }
}

void desk_tick(struct desk *desk, struct moment now) {
    struct event event;
    while (promises_take(&desk->promises, desk->outbox.durable, desk->cannot_save, &event)) {
        desk_tell(desk, now, &event);
    }
}

int64_t desk_deadline(const struct desk *desk) {
    return promises_are_due(&desk->promises, desk->outbox.durable, desk->cannot_save) ? 0
                                                                                      : INT64_MAX;
}

void desk_refuse(struct desk *desk, struct moment now, enum event_message message,
                 enum status status) {
    struct event event = {.kind = EVENT_REFUSED,
                          .message = message,
                          .check = status_name(status),
                          .utc_ms = now.utc_ms};
    if (journal_refuse(&desk->journal, now.boot_ms, &desk->namer, &event)) {
        outbox_tell(&desk->outbox, &event, status);
    }
}

void desk_refuse_whom(struct desk *desk, struct moment now, const struct event *event,
                      enum status status) {
    if (journal_refuses(&desk->journal, now.boot_ms)) {
        struct event told = *event;
        told.check = status_name(status);
        desk_tell_status(desk, now, &told, status);
    }
}

enum status desk_problem(struct event *problem, struct event event, enum status status) {
    *problem = event;
    problem->check = status_name(status);
    return status;
}
