/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a D2D record, with the parameters of a group; and as a D2D frame's payload. */
#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static struct group_parameters parameters;
    static uint8_t again[2 * D2D_RECORD_MAX];
    struct span span = {octets, length};
    struct d2d_record record = {.parameters = &parameters};
    struct d2d_head head;
    if (d2d_head_read(span, &head) == STATUS_OK) {
        must(head.body.length < length);
    }
    if (d2d_record_read(span, &record) != STATUS_OK) {
        return 0;
    }
    struct writer w = writer_into(again, sizeof again);
    d2d_record_write(&w, &record);
    must(writer_finish(&w) == STATUS_OK && span_equal(writer_span(&w), span));
    return 0;
}
