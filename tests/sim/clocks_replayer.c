/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who records what is on the air and says it again later, elsewhere, or all the time a little late.
 */
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "tests/sim/clocks.h"

enum {
    SECOND_MS = 1000,
    FRAMES_MAX = 512,
    FRAME_ID_AT = 4,
    CARRIED_AGAIN_MAX = 64
};

struct recorded {
    int64_t at_ms;
    unsigned from;
    size_t length;
    uint8_t octets[FRAME_MAX];
};

/* The latest frames of a kind. */
struct tape {
    size_t count; /* that were recorded since the beginning */
    struct recorded frames[FRAMES_MAX];
};

struct clocks_replayer {
    struct tape presences, talk;
    int64_t late_ms; /* presences are said again so long after they were said; 0: not */
    int64_t until_ms;
    size_t carried;    /* of the presences */
    int64_t tempts_ms; /* when it says the talk of the last minutes again; 0: not */
    size_t tempted;
};

static void record(struct tape *tape, const struct air_frame *frame) {
    struct recorded *recorded = &tape->frames[tape->count++ % FRAMES_MAX];
    *recorded = (struct recorded){.at_ms = frame->at_ms, .from = frame->from};
    recorded->length = frame->length < FRAME_MAX ? frame->length : FRAME_MAX;
    memcpy(recorded->octets, frame->octets, recorded->length);
}

static void listen(void *context, const struct air_frame *frame) {
    struct clocks_replayer *replayer = context;
    if (frame->length <= 1 || frame->from > CLOCKS_HANDSETS_MAX) {
        return;
    }
    if (frame->octets[1] == FRAME_PRESENCE) {
        record(&replayer->presences, frame);
    } else if (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        record(&replayer->talk, frame);
    }
}

struct clocks_replayer *clocks_replayer_new(struct world *world) {
    struct clocks_replayer *replayer = calloc(1, sizeof *replayer);
    if (replayer == NULL) {
        abort();
    }
    air_observe(world->air, listen, replayer);
    return replayer;
}

void clocks_replayer_free(struct clocks_replayer *replayer) {
    free(replayer);
}

/* As a new frame, from a place of its own, so that it hears of it no more. */
static void say_again(struct world *world, const struct recorded *recorded, uint64_t to) {
    uint8_t octets[FRAME_MAX];
    memcpy(octets, recorded->octets, recorded->length);
    for (size_t i = FRAME_ID_AT; i < FRAME_HEADER_SIZE; i++) {
        octets[i] = (uint8_t)world_chance(world, 256);
    }
    (void)air_inject(world->air, CLOCKS_PORT + world_chance(world, 2), to, octets,
                     recorded->length);
    world->clocks->count.replays++;
}

static const struct recorded *any_of(struct world *world, const struct tape *tape) {
    size_t kept = tape->count < FRAMES_MAX ? tape->count : FRAMES_MAX;
    return kept == 0 ? NULL : &tape->frames[world_chance(world, (unsigned)kept)];
}

void clocks_replayer_act(struct world *world) {
    struct clocks_replayer *replayer = world->clocks->replayer;
    const struct recorded *talk = any_of(world, &replayer->talk);
    const struct recorded *presence = any_of(world, &replayer->presences);
    if (world_chance(world, 3) == 0) {
        replayer->late_ms = (int64_t)(1 + world_chance(world, 200)) * SECOND_MS;
        replayer->until_ms = world->now_ms + (int64_t)(30 + world_chance(world, 300)) * SECOND_MS;
        replayer->carried = replayer->presences.count;
        world_note(world, "presences are said again, %lld s late",
                   (long long)replayer->late_ms / SECOND_MS);
        return;
    }
    if (presence != NULL && world_chance(world, 3) == 0) {
        world_note(world, "a presence of %.2f is said again", (double)presence->at_ms / SECOND_MS);
        say_again(world, presence, PEER_ALL);
    }
    for (unsigned times = 1 + world_chance(world, 6); talk != NULL && times > 0; times--) {
        world_note(world, "an announcement of %.2f is said again", (double)talk->at_ms / SECOND_MS);
        say_again(world, talk, PEER_ALL);
        talk = any_of(world, &replayer->talk);
    }
}

void clocks_replayer_tempt(struct world *world, size_t n) {
    struct clocks_replayer *replayer = world->clocks->replayer;
    if (world_chance(world, 2) == 0) {
        replayer->tempts_ms = world->now_ms + (int64_t)world_chance(world, 40) * SECOND_MS;
        replayer->tempted = n;
    }
}

static const struct recorded *at(const struct tape *tape, size_t number) {
    return &tape->frames[number % FRAMES_MAX];
}

static void carry(struct world *world, struct clocks_replayer *replayer) {
    const struct tape *tape = &replayer->presences;
    while (replayer->carried + FRAMES_MAX > tape->count && replayer->carried < tape->count &&
           at(tape, replayer->carried)->at_ms + replayer->late_ms <= world->now_ms) {
        say_again(world, at(tape, replayer->carried++), PEER_ALL);
    }
    if (world->now_ms >= replayer->until_ms) {
        replayer->late_ms = 0;
    }
}

static void tempt(struct world *world, struct clocks_replayer *replayer) {
    const struct tape *tape = &replayer->talk;
    size_t kept = tape->count < CARRIED_AGAIN_MAX ? tape->count : CARRIED_AGAIN_MAX;
    world_note(world, "the latest %zu announcements are said to %zu again", kept,
               replayer->tempted);
    for (size_t i = tape->count - kept; i < tape->count; i++) {
        say_again(world, at(tape, i), replayer->tempted + 1);
    }
    replayer->tempts_ms = 0;
}

void clocks_replayer_go_on(struct world *world) {
    struct clocks_replayer *replayer = world->clocks->replayer;
    if (replayer->late_ms != 0) {
        carry(world, replayer);
    }
    if (replayer->tempts_ms != 0 && world->now_ms >= replayer->tempts_ms) {
        tempt(world, replayer);
    }
}
