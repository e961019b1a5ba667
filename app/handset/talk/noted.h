/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talkers who are noted, with the group that each talks in: a short list, in which each has a place
 * of its own. Who keeps more of a talker keeps it under the same place. Where all places are taken,
 * who was heard longest ago makes way.
 *
 * What is noted of a talker costs a check of its signature. One is made in NOTED_CHECK_MS, so that
 * nobody can make it cost more.
 */
#ifndef MUSTER_APP_HANDSET_TALK_NOTED_H
#define MUSTER_APP_HANDSET_TALK_NOTED_H

#include <stdbool.h>
#include <stddef.h>

#include "app/moment.h"
#include "crypto/identifier.h"

enum {
    NOTED_MAX = 32, /* as a place: nobody's */
    NOTED_CHECK_MS = 500,
};

struct noted_talker {
    char identity[IDENTITY_SIZE]; /* empty: a free place */
    char group[GROUP_IDENTITY_SIZE];
    int64_t heard_ms; /* boot clock */
};

struct noted {
    int64_t check_due_ms; /* boot clock */
    struct noted_talker list[NOTED_MAX];
};

/* The place of `identity` in `group`; NOTED_MAX: it is not noted. */
size_t noted_find(const struct noted *noted, const char *identity, const char *group);

/* The same, heard now; it gets a place if it has none, and *is_new then. */
size_t noted_hear(struct noted *noted, const char *identity, const char *group, struct moment now,
                  bool *is_new);

/* It is noted no more, if it was. */
void noted_forget(struct noted *noted, const char *identity, const char *group);

/* Is somebody noted at that place? */
bool noted_is(const struct noted *noted, size_t place);

/* May a signature be checked now? noted_check says that one is. */
bool noted_may_check(const struct noted *noted, struct moment now);
void noted_check(struct noted *noted, struct moment now);

#endif
