/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way onto the air: every frame that this handset says goes through here, and every frame that
 * it hears is looked up here, so that none is handled twice.
 */
#ifndef MUSTER_APP_HANDSET_AIR_AIR_H
#define MUSTER_APP_HANDSET_AIR_AIR_H

#include "app/handset/air/frame.h"
#include "app/handset/air/link.h"
#include "app/handset/air/mark.h"
#include "app/handset/air/seen.h"
#include "app/handset/desk/desk.h"

struct air {
    struct desk *desk;
    const struct handset_links *links;
    struct mark_key mark_key;
    /* Frames said or heard, by their identities (frame.h): those without the mark, and those with
     * it, which no stranger's make forget. */
    struct seen handled[2];
};

/* Has that frame, which passes frame_read, the domain's mark (mark.h)? */
bool air_is_marked(const struct air *air, struct span octets);

/* Was no frame with that identity heard lately, or said by this handset? */
bool air_is_new(const struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE], bool is_marked);

/* A frame with that identity is handled now. */
void air_remember(struct air *air, const uint8_t identity[FRAME_IDENTITY_SIZE], bool is_marked);

/* Queues a frame of `kind` with `payload` for `peer`, which waits for nothing to be durable. What
 * cannot be built is lost, as the air may lose it; in airplane mode all is. What is longer than a
 * link takes that it goes out on leaves in parts (fragment.h). */
void air_send(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload);

/* The same under `topic` as well, for those who hear that over a broker; where `is_kept`, the
 * newest frame waits there for who is not there now. NULL: for those nearby alone. It leaves
 * once batch number `after` is durable: desk->outbox.queued for what a power cut must not make
 * untrue. */
void air_send_under(struct air *air, uint64_t peer, enum frame_kind kind, struct span payload,
                    const char *topic, bool is_kept, uint64_t after);

/* Does a frame with a payload of that many octets go to everyone nearby without being cut up? */
bool air_takes_whole(const struct air *air, size_t payload_length);

/* Is one of the links that are on a star, on which what goes to all takes air once for each? */
bool air_is_star(const struct air *air);

/* To everyone in a group, nearby and under the group's topic. */
void air_send_to_group(struct air *air, const char *group, enum frame_kind kind,
                       struct span payload);

/* The same, once batch number `after` is durable: nobody hears of it before. */
void air_send_to_group_after(struct air *air, const char *group, enum frame_kind kind,
                             struct span payload, uint64_t after);

/* The same to those alone who hear the topic over a broker. */
void air_send_far(struct air *air, const char *group, enum frame_kind kind, struct span payload);

/* The same under any topic, where `is_kept`, for who comes later as well. */
void air_send_far_under(struct air *air, const char *topic, bool is_kept, enum frame_kind kind,
                        struct span payload);

#endif
