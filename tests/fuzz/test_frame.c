/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a frame, and as what the reader of its kind makes of the payload. */
#include "app/handset/air/frame.h"
#include "app/handset/overheard.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct span span = {octets, length};
    struct view_frame sight;
    struct frame frame;
    overheard_look(span, &sight);
    if (frame_read(span, &frame) != STATUS_OK) {
        return 0;
    }
    uint8_t again[FRAME_MAX];
    struct writer w = writer_into(again, sizeof again);
    frame_write(&w, &frame);
    must(writer_finish(&w) == STATUS_OK && span_equal(writer_span(&w), span));
    return 0;
}
