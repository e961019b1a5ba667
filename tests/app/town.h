/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A few handset engines of a squad's domain on several media that do not hear each other, joined by
 * those handsets that are on more than one: for tests of relaying. Virtual time in steps of 1 ms;
 * frames take a few milliseconds. Everything said is counted, by frame and medium. A medium may be
 * a star, on which all but the hub hear the hub alone, or be dead. Somebody may repeat every
 * presence from an address of its own, as if it had come from there.
 */
#ifndef MUSTER_TESTS_APP_TOWN_H
#define MUSTER_TESTS_APP_TOWN_H

#include "squad.h"

enum {
    TOWN_MAX = 12,
    TOWN_MEDIA_MAX = 3,
    TOWN_FLIGHTS_MAX = 4096,
    TOWN_SAID_MAX = 40000,
    TOWN_COPIER = TOWN_MAX + 1, /* as who says what was copied */
};

struct town;

/* One handset, whose identity is that of its place in a squad. */
struct town_handset {
    struct town *town;
    struct handset *engine;
    struct durable *durable;
    unsigned link_count;
    unsigned media[TOWN_MEDIA_MAX]; /* of each link */
    bool is_gone;                   /* its power is off */
    unsigned invitations, talks, refusals, voice_frames;
    enum status last_refusal;
    unsigned topics_relayed; /* frames passed on under a topic */
    char topic[TOPIC_SIZE];  /* the latest of them */
};

/* A frame on its way. */
struct town_flight {
    int64_t arrives_ms;
    size_t from, to;
    unsigned link; /* of the receiver */
    size_t length;
    uint8_t *octets;
};

/* A frame as it was said on a medium. */
struct town_said {
    int64_t at_ms;
    size_t from;
    unsigned medium;
    uint8_t kind, hops_left;
    uint8_t identity[FRAME_IDENTITY_SIZE];
};

struct town {
    int64_t boot_ms;
    uint64_t random;
    unsigned stars, dead;           /* media, a bit each */
    size_t largest[TOWN_MEDIA_MAX]; /* frame that a medium takes; 0: all */
    size_t hubs[TOWN_MEDIA_MAX];
    unsigned copied;       /* media on which presences are repeated */
    bool is_copier_faster; /* than those whom it repeats */
    size_t count, flight_count, said_count;
    struct town_handset handsets[TOWN_MAX];
    struct town_flight flights[TOWN_FLIGHTS_MAX];
    struct town_said said[TOWN_SAID_MAX];
};

/* A town without handsets; `seed` decides how long frames take. */
struct town *town_new(uint64_t seed);
void town_free(struct town *town);

/* The next handset, on the media whose bits are set; returns its place. */
size_t town_add(struct town *town, unsigned media);

/* The medium is a star from now on, with this hub; whether or not it was one before. Handsets that
 * are added later know that. */
void town_star(struct town *town, unsigned medium, size_t hub);

/* What the officers call the medium. */
const char *town_link_name(unsigned medium);

struct moment town_now(const struct town *town);

/* Lets time pass. Whoever talks sends a tone; everyone listens. */
void town_run(struct town *town, int64_t ms);

const struct view *town_view(struct town *town, size_t n);
enum status town_command(struct town *town, size_t n, const struct command *command);

/* `caller` calls `called`, who accepts. */
void town_call(struct town *town, size_t caller, size_t called);

/* `creator` makes a group with `member`, who accepts; then it is the first in both views. */
void town_group(struct town *town, size_t creator, size_t member);
enum status town_talk(struct town *town, size_t n);

/* A frame of `kind` around `payload` with these hops left and that id, said on `medium` as if by
 * `from`. Who says it need not be there. */
void town_say(struct town *town, unsigned medium, size_t from, const struct frame *frame);

/* Puts the domain's mark (app/handset/air/mark.h) into the frame's id, as who was enrolled can. */
void town_mark(const struct town *town, struct frame *frame);

/* How often frames of `kind` were said on `medium` from `since_ms` on, and how many different ones.
 */
struct town_count {
    size_t said, frames;
};
struct town_count town_count(const struct town *town, unsigned medium, uint8_t kind,
                             int64_t since_ms);

#endif
