/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/lane.h"

#include "app/handset/air/frame.h"

enum transport_lane lane_of(struct span frame) {
    if (frame.length < FRAME_HEADER_SIZE) {
        return LANE_REST;
    }
    switch (frame.octets[FRAME_KIND_AT]) {
    case FRAME_ANNOUNCEMENT:
    case FRAME_MEDIA:
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
    case FRAME_VOICE_REPORT:
    case FRAME_FLOOR:
        return LANE_VOICE;
    default:
        return LANE_REST;
    }
}

bool lane_allows(enum transport_lane lane, struct span frame) {
    return lane != LANE_VOICE || lane_of(frame) == LANE_VOICE;
}
