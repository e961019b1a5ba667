/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/ending.h"

#include <string.h>

bool ending_is_sure(struct ending *ending, const struct desk *desk, struct moment now,
                    const struct key_set *ended) {
    if (ended == NULL || alarms_stands(&desk->alarms, EVENT_CLOCK_DIFFERS)) {
        *ending = (struct ending){0};
        return false;
    }
    if (strcmp(ending->record_key, ended->record_key) != 0) {
        memcpy(ending->record_key, ended->record_key, sizeof ending->record_key);
        ending->since_ms = now.boot_ms;
    }
    if (now.boot_ms - ending->since_ms < ENDING_SURE_MS) {
        return false;
    }
    *ending = (struct ending){0};
    return true;
}
