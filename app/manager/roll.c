/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/roll.h"

#include <stdlib.h>
#include <string.h>

enum {
    FORMAT_VERSION = 1,
    FIRST_ROOM = 64
};

void roll_clear(struct roll *roll) {
    free(roll->members);
    *roll = (struct roll){0};
}

/* Where `identity` stands, or would. */
static size_t place_of(const struct roll *roll, const char *identity) {
    size_t from = 0, to = roll->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(roll->members[middle].identity, identity) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

struct roll_member *roll_find(const struct roll *roll, const char *identity) {
    size_t at = place_of(roll, identity);
    return at < roll->count && strcmp(roll->members[at].identity, identity) == 0
               ? &roll->members[at]
               : NULL;
}

static enum status make_room(struct roll *roll) {
    if (roll->count < roll->room) {
        return STATUS_OK;
    }
    if (roll->count == ROLL_MEMBERS_MAX) {
        return STATUS_TOO_LONG;
    }
    size_t room = roll->room == 0 ? FIRST_ROOM : 2 * roll->room;
    struct roll_member *members = reallocarray(roll->members, room, sizeof *members);
    if (members == NULL) {
        return STATUS_NO_MEMORY;
    }
    roll->members = members;
    roll->room = room;
    return STATUS_OK;
}

enum status roll_add(struct roll *roll, const struct roll_member *member) {
    size_t at = place_of(roll, member->identity);
    if (at < roll->count && strcmp(roll->members[at].identity, member->identity) == 0) {
        return STATUS_ALREADY_DONE;
    }
    enum status status = make_room(roll);
    if (status != STATUS_OK) {
        return status;
    }
    memmove(&roll->members[at + 1], &roll->members[at],
            (roll->count - at) * sizeof roll->members[0]);
    roll->members[at] = *member;
    roll->count++;
    return STATUS_OK;
}

enum status roll_append(struct roll *roll, const struct roll_member *member) {
    enum status status = make_room(roll);
    if (status == STATUS_OK) {
        roll->members[roll->count++] = *member;
    }
    return status;
}

static int compare(const void *one, const void *two) {
    const struct roll_member *a = one, *b = two;
    return strcmp(a->identity, b->identity);
}

enum status roll_settle(struct roll *roll, const struct roll_member **twice) {
    if (roll->count > 0) {
        qsort(roll->members, roll->count, sizeof roll->members[0], compare);
    }
    for (size_t i = 1; i < roll->count; i++) {
        *twice = &roll->members[i];
        if (compare(&roll->members[i - 1], *twice) == 0) {
            return STATUS_ALREADY_DONE;
        }
    }
    return STATUS_OK;
}

void roll_remove(struct roll *roll, struct roll_member *member) {
    size_t at = (size_t)(member - roll->members);
    roll->count--;
    memmove(member, member + 1, (roll->count - at) * sizeof *member);
}

void roll_member_write(const struct roll_member *member, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_text_u8(out, member->name);
    write_u8(out, member->is_excluded ? 1 : 0);
    write_u32(out, member->sent_id);
    write_u32(out, member->received_id);
    write_u8(out, member->is_due_again ? 1 : 0);
}

enum status roll_member_read(struct span octets, struct roll_member *member) {
    struct reader r = reader_of(octets);
    memset(member, 0, sizeof *member);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, member->name, sizeof member->name);
    uint8_t excluded = read_u8(&r);
    member->is_excluded = excluded == 1;
    member->sent_id = read_u32(&r);
    member->received_id = read_u32(&r);
    uint8_t due_again = read_u8(&r);
    member->is_due_again = due_again == 1;
    enum status status = reader_finish(&r);
    if (status == STATUS_OK &&
        (version == 0 || excluded > 1 || due_again > 1 || !display_name_take(member->name))) {
        status = STATUS_MALFORMED;
    }
    if (status != STATUS_OK) {
        memset(member, 0, sizeof *member);
    }
    return status;
}
