/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/parameters.h"

#include <stdio.h>
#include <string.h>

enum {
    NO_EMERGENCY = 0x80
};

const struct group_member *group_listed(const struct group_parameters *parameters,
                                        const char *identity) {
    for (size_t i = 0; i < parameters->member_count; i++) {
        if (strcmp(parameters->members[i].identity, identity) == 0) {
            return &parameters->members[i];
        }
    }
    return NULL;
}

struct group_member *group_member(struct group_parameters *parameters, const char *identity) {
    return (struct group_member *)(uintptr_t)group_listed(parameters, identity);
}

unsigned group_listed_in(const struct group_parameters *parameters, const char *identity) {
    const struct group_member *member = group_listed(parameters, identity);
    return member == NULL ? 0 : member->listed_in;
}

bool group_lists(const struct group_parameters *parameters, const char *identity, const char *kms) {
    const struct group_member *member = group_listed(parameters, identity);
    return member != NULL && strcmp(member->kms, kms) == 0;
}

bool group_may_raise(const struct group_parameters *parameters, const char *identity) {
    const struct group_member *member = group_listed(parameters, identity);
    return member == NULL || !member->no_emergency;
}

bool group_takes_rights(const struct group_parameters *parameters) {
    bool takes = false;
    for (size_t i = 0; i < parameters->member_count; i++) {
        takes = takes || parameters->members[i].no_emergency;
    }
    return takes;
}

void group_member_excuse(struct group_member *member, enum event_reason reason) {
    member->reason = reason;
    member->reason_limit_ms = 0;
    member->reason_check = NULL;
}

/* Is it settled that the member does not have the key, for now? */
static bool lacks_key(enum member_state state) {
    return state == MEMBER_DECLINED || state == MEMBER_UNREACHABLE || state == MEMBER_UNANSWERED ||
           state == MEMBER_CANCELLED;
}

void group_member_show(const struct group_member *member, const char *self,
                       struct view_member *row) {
    bool is_self = strcmp(member->identity, self) == 0;
    *row = (struct view_member){.state = is_self ? MEMBER_SELF : member->state};
    snprintf(row->identity, sizeof row->identity, "%s", member->identity);
    snprintf(row->name, sizeof row->name, "%s", member->name);
    row->no_emergency = member->no_emergency;
    row->name_kind = NAME_CLAIMED; /* whoever shows a list knows what its names are worth */
    row->reason = lacks_key(member->state) ? member->reason : REASON_NONE;
    row->reason_limit_ms = member->reason_limit_ms;
    row->reason_check = member->reason_check;
}

/* --- Codec: the writer above its reader ----------------------------------------------------- */

void group_parameters_write(struct writer *out, const struct group_parameters *parameters) {
    write_text_u8(out, parameters->identity);
    write_text_u8(out, parameters->name);
    write_text_u8(out, parameters->creator);
    write_u32(out, parameters->gmk_id);
    write_u64(out, (uint64_t)parameters->created_ms);
    write_u64(out, (uint64_t)parameters->period_ms);
    write_u8(out, (uint8_t)parameters->member_count);
    for (size_t i = 0; i < parameters->member_count; i++) {
        write_text_u8(out, parameters->members[i].identity);
        write_text_u8(out, parameters->members[i].kms);
        write_text_u8(out, parameters->members[i].name);
    }
}

static enum status member_read(struct reader *in, struct group_parameters *parameters) {
    struct group_member member = {0};
    read_text_u8(in, member.identity, sizeof member.identity);
    read_text_u8(in, member.kms, sizeof member.kms);
    read_text_u8(in, member.name, sizeof member.name);
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    enum status status = identity_check(member.identity);
    if (status == STATUS_OK) {
        status = kms_uri_check(member.kms);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (group_member(parameters, member.identity) != NULL || !display_name_take(member.name)) {
        return STATUS_MALFORMED;
    }
    parameters->members[parameters->member_count++] = member;
    return STATUS_OK;
}

enum status group_parameters_read(struct reader *in, struct group_parameters *parameters) {
    memset(parameters, 0, sizeof *parameters);
    read_text_u8(in, parameters->identity, sizeof parameters->identity);
    read_text_u8(in, parameters->name, sizeof parameters->name);
    read_text_u8(in, parameters->creator, sizeof parameters->creator);
    parameters->gmk_id = read_u32(in);
    parameters->created_ms = (int64_t)read_u64(in);
    parameters->period_ms = (int64_t)read_u64(in);
    size_t count = read_u8(in);
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    if (count > ADHOC_MEMBERS_MAX) {
        return STATUS_TOO_LONG;
    }
    /* Bounds that keep every sum of the two far from overflow. */
    int64_t limit = INT64_MAX / 4;
    if (parameters->created_ms < 0 || parameters->created_ms > limit ||
        parameters->period_ms <= 0 || parameters->period_ms > limit ||
        !display_name_take(parameters->name)) {
        return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = member_read(in, parameters);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return identity_check(parameters->creator);
}

_Static_assert((int)ADHOC_MEMBERS_MAX <= (int)NO_EMERGENCY,
               "a list's number leaves the top bit free");

uint8_t group_listing(const struct group_member *member) {
    return (uint8_t)(member->listed_in | (member->no_emergency ? NO_EMERGENCY : 0));
}

void group_take_listing(struct group_member *member, uint8_t listing) {
    member->listed_in = listing & (NO_EMERGENCY - 1);
    member->no_emergency = (listing & NO_EMERGENCY) != 0;
}

void group_latecomers_write(struct writer *out, const struct group_parameters *parameters) {
    write_u8(out, (uint8_t)parameters->list_number);
    for (size_t i = 0; i < parameters->member_count; i++) {
        write_u8(out, group_listing(&parameters->members[i]));
    }
}

enum status group_latecomers_read(struct reader *in, struct group_parameters *parameters) {
    parameters->list_number = read_u8(in);
    bool is_possible = parameters->list_number < ADHOC_MEMBERS_MAX;
    for (size_t i = 0; i < parameters->member_count; i++) {
        struct group_member *member = &parameters->members[i];
        group_take_listing(member, read_u8(in));
        bool is_creator = strcmp(member->identity, parameters->creator) == 0;
        is_possible = is_possible && member->listed_in <= parameters->list_number &&
                      (!is_creator || member->listed_in == 0);
    }
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    return is_possible ? STATUS_OK : STATUS_MALFORMED;
}
