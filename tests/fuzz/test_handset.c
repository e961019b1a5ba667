/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of any kind, with any payload, to a handset that takes each signature for right: each has
 * its kind, its sender and its length (2), then its octets. */
#include "held.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct reader input = reader_of((struct span){octets, length});
    struct squad *squad = held_squad();
    for (unsigned frames = 0; frames < 8 && reader_left(&input) > 4; frames++) {
        uint8_t kind = read_u8(&input), from = read_u8(&input);
        struct span payload = held_take(&input, read_u16(&input) % (D2D_PAYLOAD_MAX + 1));
        squad_inject_payload(squad, HELD, from, (enum frame_kind)kind, payload);
    }
    must(squad_view(squad, HELD)->log_count <= VIEW_LOG_MAX);
    held_rest();
    return 0;
}
