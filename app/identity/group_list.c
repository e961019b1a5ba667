/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/group_list.h"

#include <string.h>

enum status group_list_add(struct group_list *list, const char *group) {
    if (group_identity_is_adhoc(group, NULL)) {
        return STATUS_IDENTITY_INVALID;
    }
    enum status status = group_identity_check(group);
    if (status != STATUS_OK) {
        return status;
    }
    if (group_list_has(list, group)) {
        return STATUS_ALREADY_DONE;
    }
    if (list->count == GROUP_LIST_MAX) {
        return STATUS_TOO_LONG;
    }
    strcpy(list->groups[list->count++], group); /* an identity fits: it was checked */
    return STATUS_OK;
}

bool group_list_has(const struct group_list *list, const char *group) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

void group_list_write(struct writer *out, const struct group_list *list) {
    write_u8(out, (uint8_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        write_text_u8(out, list->groups[i]);
    }
}

enum status group_list_read(struct reader *in, struct group_list *list) {
    list->count = 0;
    size_t count = read_u8(in);
    for (size_t i = 0; i < count; i++) {
        char group[IDENTITY_SIZE];
        read_text_u8(in, group, sizeof group);
        if (in->failed) {
            return STATUS_TRUNCATED;
        }
        enum status status = group_list_add(list, group);
        if (status != STATUS_OK) {
            return status == STATUS_ALREADY_DONE ? STATUS_MALFORMED : status;
        }
    }
    return in->failed ? STATUS_TRUNCATED : STATUS_OK;
}
