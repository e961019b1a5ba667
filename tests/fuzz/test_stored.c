/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a group's record, as who has another program's store might bring it: what is read
 * is written as a record that is read as the same. */
#include "app/handset/keys/group.h"
#include "tests/fuzz/target.h"

enum {
    RECORD_ROOM = 64 * 1024
};

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
    group_free(group);
    group_free(again);
    return 0;
}
