/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/talker_gsk.h"

/* The packets that it goes with at first, by number; then it goes in intervals. */
static const unsigned first_packets[] = {1, 3, 6, 12};

enum {
    FIRST_PACKETS = sizeof first_packets / sizeof first_packets[0]
};

void talker_gsk_clear(struct talker_gsk *gsk) {
    gsc_free(gsk->key.gsc);
    talker_key_free(gsk->key.talker);
    *gsk = (struct talker_gsk){.length = 0};
}

void talker_gsk_begin(struct talker_gsk *gsk) {
    gsk->packets = 0;
}

static bool is_due(const struct talker_gsk *gsk, uint32_t rtp_time, bool is_on_star) {
    uint32_t every_ms = is_on_star ? ANNOUNCED_EVERY_ON_STAR_MS : ANNOUNCED_EVERY_MS;
    for (size_t i = 0; i < FIRST_PACKETS; i++) {
        if (gsk->packets <= first_packets[i]) {
            return gsk->packets == first_packets[i];
        }
    }
    return rtp_time - gsk->last >= every_ms * RTP_CLOCK_PER_MS;
}

bool talker_gsk_goes_out(struct talker_gsk *gsk, uint32_t rtp_time, bool is_on_star) {
    if (gsk->packets <= first_packets[FIRST_PACKETS - 1]) {
        gsk->packets++;
    }
    if (!is_due(gsk, rtp_time, is_on_star)) {
        return false;
    }
    gsk->last = rtp_time;
    return true;
}
