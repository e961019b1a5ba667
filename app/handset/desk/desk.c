/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/desk.h"

#include <stdarg.h>
#include <stdio.h>

void desk_clear(struct desk *desk) {
    keyring_clear(&desk->keyring);
    outbox_clear(&desk->outbox);
}

const char *own_identity(const struct desk *desk) {
    return desk->keyring.credential->identity;
}

const char *own_kms(const struct desk *desk) {
    return desk->keyring.credential->kms;
}

bool desk_is_silent(const struct desk *desk) {
    return desk->radio_silence || desk->airplane;
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

void desk_tell(struct desk *desk, struct moment now, enum tell_kind kind, enum log_weight weight,
               const char *format, ...) {
    char text[VIEW_LOG_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    journal_add(&desk->journal, now.utc_ms, weight, text);
    outbox_tell(&desk->outbox, kind, STATUS_OK, text);
}

void desk_refuse(struct desk *desk, struct moment now, const char *what, enum status status) {
    char text[VIEW_LOG_TEXT_SIZE];
    if (!journal_may_log_refusal(&desk->journal, now.boot_ms)) {
        return;
    }
    snprintf(text, sizeof text, "Refused: %s: %s", what, status_text(status));
    journal_add(&desk->journal, now.utc_ms, LOG_DETAIL, text);
    outbox_tell(&desk->outbox, TELL_REFUSED, status, text);
}
