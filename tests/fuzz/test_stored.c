/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a group's record, as who has another program's store might bring it: what is read
 * is written as a record that is read as the same. */
#include <stdio.h>

#include "app/handset/keys/group.h"
#include "tests/fuzz/target.h"

enum {
    RECORD_ROOM = 64 * 1024
};

/* Of who talks ahead of a standard group's time as many are remembered as there is room for. */
static void reserve(struct group *group) {
    const int64_t from_ms = INT64_C(1) << 50, until_ms = from_ms + 1000;
    bool has_room = true;
    for (unsigned n = 0; n <= TALKERS_MAX && has_room; n++) {
        char talker[64];
        snprintf(talker, sizeof talker, "sip:%u@county.example", n);
        has_room = group_reserve(group, talker, until_ms, from_ms);
        must(!has_room || group_reserved_ms(group, talker) == until_ms);
    }
    must(!has_room && group->talkers.count == TALKERS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static uint8_t first[RECORD_ROOM], second[RECORD_ROOM];
    struct writer once = writer_into(first, sizeof first);
    struct writer twice = writer_into(second, sizeof second);
    struct group *group, *again;
    if (group_read((struct span){octets, length}, &group) != STATUS_OK) {
        must(group == NULL);
        return 0;
    }
    must(group->parameters.member_count <= ADHOC_MEMBERS_MAX);
    group_write(&once, group);
    must(writer_finish(&once) == STATUS_OK);
    must(group_read(writer_span(&once), &again) == STATUS_OK);
    group_write(&twice, again);
    must(span_equal(writer_span(&once), writer_span(&twice)));
    if (group_is_standard(again)) {
        reserve(again);
    }
    group_free(group);
    group_free(again);
    return 0;
}
