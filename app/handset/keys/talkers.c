/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/talkers.h"

#include <stdio.h>
#include <string.h>

static size_t place_of(const struct talkers *talkers, const char *identity) {
    size_t at = 0;
    while (at < talkers->count && strcmp(talkers->list[at].identity, identity) != 0) {
        at++;
    }
    return at;
}

int64_t talkers_talked_ms(const struct talkers *talkers, const char *identity) {
    size_t at = place_of(talkers, identity);
    return at < talkers->count ? talkers->list[at].talked_ms : talkers->earlier_ms;
}

/* The place of `identity`, a free one, or that of one that is over; TALKERS_MAX: none. */
static size_t place_for(const struct talkers *talkers, const char *identity, int64_t over_ms) {
    size_t at = place_of(talkers, identity);
    for (size_t i = 0; at == TALKERS_MAX && i < TALKERS_MAX; i++) {
        at = talkers->list[i].talked_ms <= over_ms ? i : at;
    }
    return at;
}

bool talkers_set(struct talkers *talkers, const char *identity, int64_t talked_ms,
                 int64_t over_ms) {
    size_t at = place_for(talkers, identity, over_ms);
    if (at == TALKERS_MAX) {
        return false;
    }
    talkers->count += at == talkers->count;
    snprintf(talkers->list[at].identity, sizeof talkers->list[at].identity, "%s", identity);
    talkers->list[at].talked_ms = talked_ms;
    return true;
}

void talkers_write(struct writer *out, const struct talkers *talkers) {
    write_u64(out, (uint64_t)talkers->earlier_ms);
    write_u8(out, (uint8_t)talkers->count);
    for (size_t i = 0; i < talkers->count; i++) {
        write_text_u8(out, talkers->list[i].identity);
        write_u64(out, (uint64_t)talkers->list[i].talked_ms);
    }
}

enum status talkers_read(struct reader *in, struct talkers *talkers) {
    *talkers = (struct talkers){.earlier_ms = (int64_t)read_u64(in)};
    size_t count = read_u8(in);
    if (count > TALKERS_MAX) {
        return STATUS_TOO_LONG;
    }
    for (size_t i = 0; i < count; i++) {
        struct talker *talker = &talkers->list[talkers->count++];
        read_text_u8(in, talker->identity, sizeof talker->identity);
        talker->talked_ms = (int64_t)read_u64(in);
        if (in->failed) {
            return STATUS_TRUNCATED;
        }
        enum status status = identity_check(talker->identity);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return in->failed ? STATUS_TRUNCATED : STATUS_OK;
}
