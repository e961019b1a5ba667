/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as text that somebody carried: what is plain stays within ASCII and within bounds, and
 * a part that is taken is found again in what it is written as. */
#include "app/text/armour.h"
#include "app/text/parts.h"
#include "app/text/plain.h"
#include "tests/fuzz/target.h"

static void look_for_parts(struct span plain) {
    struct part_reader reader = part_reader_of(plain);
    struct part_found found, again;
    while (part_reader_next(&reader, &found)) {
        uint8_t line[PART_LINE_MAX];
        struct writer w = writer_into(line, sizeof line);
        if (found.state != PART_GOOD) {
            continue;
        }
        must(part_write(&found.part, &w) == STATUS_OK);
        struct part_reader second = part_reader_of(writer_span(&w));
        must(part_reader_next(&second, &again) && again.state == PART_GOOD &&
             again.part.number == found.part.number && again.part.length == found.part.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static uint8_t room[ARMOUR_OCTETS_MAX];
    struct span text = {octets, length};
    struct plain plain;
    struct writer w = writer_into(room, sizeof room);
    must(plain_of(text, &plain) == STATUS_OK);
    for (size_t i = 0; i < plain.text.length; i++) {
        uint8_t c = plain.text.octets[i];
        must(c == '\n' || (c >= ' ' && c < 0x7F));
    }
    look_for_parts(plain.text);
    plain_free(&plain);
    must(armour_read("MUSTER BUNDLE", text, &w) != STATUS_OK || w.length <= sizeof room);
    w = writer_into(room, sizeof room);
    must(armour_read_bare(text, &w) != STATUS_OK || w.length <= sizeof room);
    return 0;
}
