/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Worlds of wrong clocks: a few handsets whose wall clocks are minutes off, are set, stand still
 * while the handset is off, or begin in 1970 again; a standard group whose manager's clock is wrong
 * too, and an ad-hoc group. What must be true of each handset's idea of group time is kept beside
 * the engines, as between two bounds, from what app/README.md section 3 says and from the right
 * time, which no handset has. Held against the engines (clocks_watch.c):
 *
 *   1  no key is used, heard or held after its end, whatever the clocks say, and none comes back;
 *   2  a key that was taken is there until its end, and a key that is brought in time is taken;
 *   3  who has heard each other for REACH_MS and holds the same key hears each other's talk;
 *   4  a packet of voice lets a talk begin at a handset once, also when that was killed or booted;
 *   5  and not when it is too old: by the clock of its talker where that was measured, and else by
 *      the group time of its announcement;
 *   6  what was measured holds the truth.
 */
#ifndef MUSTER_TESTS_SIM_CLOCKS_H
#define MUSTER_TESTS_SIM_CLOCKS_H

#include "app/handset/air/life.h"
#include "app/manager/managed_group.h"
#include "crypto/key_delivery.h"
#include "tests/sim/said.h"
#include "tests/sim/world.h"

enum {
    CLOCKS_HANDSETS_MIN = 3,
    CLOCKS_HANDSETS_MAX = 6,
    CLOCKS_KEYS_MAX = 64,
    CLOCKS_REACH_MS = 5 * 60 * 1000,
    CLOCKS_PORT = CLOCKS_HANDSETS_MAX + 2, /* of who is no handset; the next one is in `side` */
    CLOCKS_SLACK_MS = 5000, /* what clocks drift apart, and what a disk and the air take */
};

enum clocks_group {
    CLOCKS_STANDARD,
    CLOCKS_ADHOC,
    CLOCKS_GROUPS
};

/* How far a handset's idea of a group's time may be ahead of the right time, and the wall clock
 * that stands beside it in its records. */
struct clocks_time {
    bool is_known;
    int64_t low_ms, high_ms;
    int64_t wall_min_ms, wall_max_ms;
    int64_t saved_ms; /* the world's time up to which its records are kept fresh */
};

/* A key at one handset. */
struct clocks_held {
    bool is_held, is_gone, is_current;
    int64_t taken_ms, gone_ms;         /* the world's time */
    int64_t followed_ms;               /* when a later key took its place; 0: not yet, */
    int64_t heard_until_ms;            /* and until when it is listened to: group time */
    int64_t begins_ms;                 /* group time */
    int64_t ends_low_ms, ends_high_ms; /* the same; it ends between these */
};

struct clocks_key {
    uint32_t id;
    enum clocks_group group;
    size_t maker;                         /* of an ad-hoc key */
    int64_t made_ms;                      /* the world's time */
    int64_t dated_ms, begins_ms, ends_ms; /* as its maker meant them, by its maker's clock */
    struct clocks_held at[CLOCKS_HANDSETS_MAX];

    /* How it goes to the members of a standard group. */
    uint8_t octets[CLOCKS_HANDSETS_MAX][KEY_DELIVERY_MAX];
    size_t length[CLOCKS_HANDSETS_MAX];
    int64_t due_ms[CLOCKS_HANDSETS_MAX]; /* INT64_MAX: no more */
    bool is_text[CLOCKS_HANDSETS_MAX];   /* brought by its officer, not by the air */
};

/* What a handset goes through, besides what world.h knows. */
struct clocks_unit {
    int64_t up_ms;      /* since when it runs */
    int64_t stepped_ms; /* when its wall clock was moved last */
    struct clocks_time time[CLOCKS_GROUPS];
    int64_t voice_ms;  /* when it last played voice */
    int64_t talked_ms; /* when it last stopped talking */
    bool boots;        /* when it comes back, */
    int64_t clock_ms;  /* and so much its wall clock is moved then */
};

struct clocks_count {
    unsigned keys, taken, talks, heard, deaths, boots, steps, replays, deadlines, months;
};

struct clocks_replayer;

struct clocks {
    bool is_monthly;
    int64_t month_ends_ms; /* since 1970 */
    char adhoc[OFFICER_GROUP_SIZE];
    struct managed_group *manager;
    int64_t manager_ms; /* how far its clock is off */
    size_t key_count;
    struct clocks_key keys[CLOCKS_KEYS_MAX];
    struct clocks_unit units[CLOCKS_HANDSETS_MAX];
    uint64_t side; /* the handsets in it hear only each other */
    bool is_harsh; /* the air lets hardly anything through */
    int64_t reach_ms[CLOCKS_HANDSETS_MAX][CLOCKS_HANDSETS_MAX]; /* since when; INT64_MAX: not */
    struct said said;
    int64_t ahead_ms[SAID_ANNOUNCEMENTS_MAX]; /* their talkers' group time, at most, when made */
    bool is_measured; /* the talker whose announcement is arriving, at the handset it arrives at, */
    struct ago ago;   /* so long ago it was made, as measured */
    uint32_t
        announced[CLOCKS_HANDSETS_MAX]; /* under which key each handset announced itself last */
    int64_t said_ms;                    /* when voice last went over the air */
    struct clocks_replayer *replayer;
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct clocks_count count;
};

extern const struct world_kind clocks_kind;
extern const char clocks_group_identity[];

/* The right time. */
int64_t clocks_utc(const struct world *world);

/* Valid until the next call. */
const char *clocks_identity(const struct world *world, size_t n);

/* The handset with that identity, or the count. */
size_t clocks_find(const struct world *world, const char *identity);

/* --- People (clocks_people.c) --- */

/* Draws how the world is, and makes its manager. */
void clocks_people_begin(struct world *world);
void clocks_people_settle(struct world *world, size_t n);

/* The manager draws a key, and it goes to all members: by the air, or as text over hours. */
void clocks_manager_rekeys(struct world *world);

/* Deliveries whose time has come. */
void clocks_deliver(struct world *world);

/* --- Replays (clocks_replayer.c) --- */

struct clocks_replayer *clocks_replayer_new(struct world *world);
void clocks_replayer_free(struct clocks_replayer *replayer);
void clocks_replayer_act(struct world *world);
void clocks_replayer_go_on(struct world *world);

/* A handset started: what it heard before may be new to it. */
void clocks_replayer_tempt(struct world *world, size_t n);

/* --- Group time and keys (clocks_keys.c) --- */

/* A new key; NULL when there is no room. */
struct clocks_key *clocks_key_add(struct world *world, enum clocks_group group, uint32_t id);
struct clocks_key *clocks_key_find(struct world *world, uint32_t id);

/* May handset n use the key now, by the latest that its end can be? */
bool clocks_may_use(const struct world *world, const struct clocks_key *key, size_t n);

/* Is it far from its end there, by the earliest that this can be, for `ms` from now on? Has it
 * begun there by now, whatever its group time is? */
bool clocks_lasts(const struct world *world, const struct clocks_key *key, size_t n, int64_t ms);
bool clocks_has_begun(const struct world *world, const struct clocks_key *key, size_t n);

/* Must handset n have the key still, begun or not? */
bool clocks_must_hold(const struct world *world, const struct clocks_key *key, size_t n);

/* Handset n hears a member of the ad-hoc group, whose time it may take for its own. */
void clocks_hears_member(struct world *world, size_t n, size_t talker);

/* Its wall clock is moved; it stops; it came back. */
void clocks_step(struct world *world, size_t n, int64_t by_ms);
void clocks_stops(struct world *world, size_t n);
void clocks_came_back(struct world *world, size_t n, bool boots);

/* Which keys does handset n hold now? */
void clocks_look_at_keys(struct world *world, size_t n);

/* --- What happens (clocks_acts.c) --- */

void clocks_act(struct world *world);

/* The air clears and all are up; when they have heard each other long enough, everybody talks and
 * is heard. */
void clocks_agree(struct world *world);

/* Who reaches whom is not what it was. */
void clocks_reach(struct world *world);

/* A port whose frames the side of handset n hears. */
unsigned clocks_port(const struct world *world, size_t n);

#endif
