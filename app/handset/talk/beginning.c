/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/beginning.h"

#include "app/voice/rtp.h"

struct beginning beginning_of(const struct announcement_fields *fields) {
    return (struct beginning){.rtp_time = fields->proof.rtp_time};
}

void beginning_hear(struct beginning *beginning, struct span rtp) {
    struct rtp_packet packet;
    if (beginning->is_heard || rtp_read(rtp, &packet) != STATUS_OK) {
        return;
    }
    int32_t passed = (int32_t)(packet.timestamp - beginning->rtp_time);
    beginning->is_heard = true;
    beginning->missed_ms = passed > 0 ? passed / RTP_CLOCK_PER_MS : 0;
}
