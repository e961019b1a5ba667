/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shadow: what may be true of the handsets, kept beside them from the commands that officers
 * gave and the outputs that were seen, and held against what the engines show. It checks the
 * statements of app/README.md section 5 by their numbers:
 *
 *   1  who holds a GMK is in the member list that its creator's officer confirmed;
 *   2  no voice is sent or heard under a GMK after its period of use;
 *   3  no GMK or group is of the standard kind, and no proposal against the rules reaches an
 *      officer;
 *   5  who is shown as talker announced that talk in that group, as its member;
 *   6  a talk begins at a handset only by voice of now that it did not hear before, and an
 * I_MESSAGE leads to one invitation; 7  a handset holds no group that its officer did not confirm,
 * also after it died; what a creator counts as accepted was durable at the member first.
 */
#ifndef MUSTER_TESTS_SIM_SHADOW_H
#define MUSTER_TESTS_SIM_SHADOW_H

#include "tests/sim/said.h"
#include "tests/sim/world.h"

enum {
    SHADOW_GMKS_MAX = 128,
    SHADOW_FORGERIES_MAX = 64,
};

/* One GMK at one handset. */
struct holding {
    bool confirmed;      /* its officer's last word on this GMK was yes */
    bool is_yes_durable; /* its records have its officer's yes now */
    bool durable;        /* its records have the GMK now */
    bool was_durable;    /* or had it once */
    int64_t slack_ms;    /* how far its idea of group time may lag behind the truth */
};

/* A GMK that an officer had made. */
struct shadow_gmk {
    uint32_t id;
    uint8_t octets[16];
    char group[OFFICER_GROUP_SIZE];
    char name[OFFICER_NAME_SIZE];
    int64_t period_ms;   /* no two GMKs have the same: it tells which one an invitation is about */
    int64_t made_ms;     /* the world's time */
    int64_t made_utc_ms; /* the creator's clock: group time begins here */
    size_t creator;
    uint32_t first;   /* its members when it was made; bit n: handset n, */
    uint32_t members; /* and all whom its creator's officer has ever named */
    struct holding at[DOMAIN_HANDSETS];
};

struct shadow_count {
    unsigned gmks, accepted, talks, heard, deaths, forgeries, proposals, expired, left_out, late;
    unsigned decided; /* what officers said yes to, still on disk after a death, and no key yet */
};

struct shadow {
    size_t gmk_count;
    struct shadow_gmk gmks[SHADOW_GMKS_MAX];
    struct said said;
    size_t forgery_count;
    uint64_t forgeries[SHADOW_FORGERIES_MAX];          /* D2D connection ids of forged I_MESSAGEs */
    unsigned asked[DOMAIN_HANDSETS][DOMAIN_HANDSETS];  /* invitations shown at the first */
    unsigned opened[DOMAIN_HANDSETS][DOMAIN_HANDSETS]; /* I_MESSAGEs to the first by the second */
    uint64_t last_open[DOMAIN_HANDSETS][DOMAIN_HANDSETS];
    int64_t voice_ms; /* when voice last went over the air */
    struct shadow_count count;
};

struct shadow *shadow_new(void);
void shadow_free(struct shadow *shadow);

/* Handset n carried out its officer's command. */
void shadow_commanded(struct world *world, size_t n, const struct command *command);

/* Handset n made records durable; put a frame on the air; told its officer; played voice. */
void shadow_stored(struct world *world, size_t n);
void shadow_sent(struct world *world, size_t n, struct span frame);
void shadow_told(struct world *world, size_t n, const struct output *output);
void shadow_heard(struct world *world, size_t n);

/* `octets` are handed over to handset n; they live until the second call, after it was handled. */
void shadow_arrives(struct world *world, size_t n, struct span octets);
void shadow_arrived(struct world *world, size_t n);

/* Handset n started again from its records, newly booted or not; `was_set_back`: its wall clock
 * was, so that after a boot it cannot know how long it was off. */
void shadow_revived(struct world *world, size_t n, bool boots, bool was_set_back);

/* Holds everything against what may be: which keys each handset has, and what the views show, of
 * all handsets or of those where something happened. */
void shadow_look(struct world *world, bool at_all);

/* Was voice on the air just now? */
bool shadow_hears_voice(const struct world *world);

/* Group time of a GMK's group as it truly is, and whether its period of use is over for handset n,
 * whose clock may lag. */
int64_t shadow_group_time(const struct world *world, const struct shadow_gmk *gmk);
bool shadow_is_over(const struct world *world, const struct shadow_gmk *gmk, size_t n);

/* The GMK with that id, or NULL. */
struct shadow_gmk *shadow_find(struct shadow *shadow, uint32_t gmk_id);

#endif
