/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slow_air.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

unsigned slow_air_draw(struct slow_air *air, unsigned below) {
    air->random = air->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(air->random >> 33) % below;
}

/* Nothing arrives at once: what is not lost is put on its way. */
static bool take_off(void *context, struct squad_frame *frame, size_t receiver) {
    struct slow_air *air = context;
    if (air->is_apart[frame->from][receiver] || slow_air_draw(air, 100) < air->loss_percent) {
        return false;
    }
    assert_true(air->flight_count < SLOW_AIR_FLIGHTS_MAX);
    struct flight *flight = &air->flights[air->flight_count++];
    *flight = (struct flight){
        .arrives_ms = air->squad->boot_ms + air->delay_ms[frame->from][receiver] +
                      (air->jitter_ms > 0 ? slow_air_draw(air, (unsigned)air->jitter_ms) : 0),
        .from = frame->from,
        .to = receiver,
        .length = frame->length};
    memcpy(flight->octets, frame->octets, frame->length);
    return false;
}

void slow_air_begin(struct slow_air *air, struct squad *squad) {
    air->squad = squad;
    squad->filter = take_off;
    squad->filter_context = air;
}

void slow_air_draw_all(struct slow_air *air, unsigned loss_max, unsigned delay_max_ms) {
    air->loss_percent = slow_air_draw(air, loss_max + 1);
    air->jitter_ms = slow_air_draw(air, 60);
    memset(air->is_apart, 0, sizeof air->is_apart);
    for (size_t a = 0; a < SLOW_AIR_MAX; a++) {
        for (size_t b = 0; b < a; b++) {
            air->delay_ms[a][b] = slow_air_draw(air, delay_max_ms);
            air->delay_ms[b][a] = slow_air_draw(air, delay_max_ms);
        }
    }
}

void slow_air_land(struct slow_air *air) {
    for (size_t i = 0; i < air->flight_count;) {
        struct flight flight = air->flights[i];
        if (flight.arrives_ms > air->squad->boot_ms) {
            i++;
            continue;
        }
        air->flights[i] = air->flights[--air->flight_count];
        squad_inject(air->squad, flight.to, flight.from,
                     (struct span){flight.octets, flight.length});
    }
}

void slow_air_forget(struct slow_air *air) {
    struct squad *squad = air->squad;
    assert_int_equal(squad->delivered, squad->frame_count);
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}
