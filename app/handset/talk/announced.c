/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/announced.h"

/* The packets that it goes with at first, by number; then it goes in intervals. */
static const unsigned first_packets[] = {1, 3, 6, 12};

enum {
    FIRST_PACKETS = sizeof first_packets / sizeof first_packets[0]
};

void announced_clear(struct announced *announced) {
    gsc_free(announced->key.gsc);
    talker_key_free(announced->key.talker);
    *announced = (struct announced){.length = 0};
}

void announced_begin(struct announced *announced) {
    announced->packets = 0;
}

static bool is_due(const struct announced *announced, uint32_t rtp_time, bool is_on_star) {
    uint32_t every_ms = is_on_star ? ANNOUNCED_EVERY_ON_STAR_MS : ANNOUNCED_EVERY_MS;
    for (size_t i = 0; i < FIRST_PACKETS; i++) {
        if (announced->packets <= first_packets[i]) {
            return announced->packets == first_packets[i];
        }
    }
    return rtp_time - announced->last >= every_ms * RTP_CLOCK_PER_MS;
}

bool announced_goes_out(struct announced *announced, uint32_t rtp_time, bool is_on_star) {
    if (announced->packets <= first_packets[FIRST_PACKETS - 1]) {
        announced->packets++;
    }
    if (!is_due(announced, rtp_time, is_on_star)) {
        return false;
    }
    announced->last = rtp_time;
    return true;
}
