/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/beginning.h"

#include "app/handset/talk/floor.h"
#include "app/voice/rtp.h"

struct beginning beginning_of(const struct announcement_fields *fields) {
    /* Renewals name the first beginning; how far back one may lie is bounded (floor.h). */
    int64_t since_ms = fields->utc_ms - claim_of(fields).began_ms;
    return (struct beginning){.rtp_time =
                                  fields->proof.rtp_time - (uint32_t)since_ms * RTP_CLOCK_PER_MS};
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
