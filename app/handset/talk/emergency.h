/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Emergencies: who calls one in which group. A talker is in emergency from a verified packet of a
 * session whose announcement has that priority until one of a session that has not; the talks in
 * between are all of that priority (floor.h). Signed in the announcement like the rest of it, it is
 * nobody's but the talker's to begin and to end. A packet has to prove it: an announcement alone
 * may be a recording, which raises nothing.
 *
 * The creator's list of an ad-hoc group may say that a member has no right to one: then its claim
 * is not believed at any handset (raising.h), and none is shown.
 *
 * Each is shown here until this handset's officer says that it was seen, also when it is over. The
 * own one is shown until the officer ends it. All of it goes by identity and group, whatever GMK
 * the group has, and outlives a restart (standing.h).
 */
#ifndef MUSTER_APP_HANDSET_TALK_EMERGENCY_H
#define MUSTER_APP_HANDSET_TALK_EMERGENCY_H

#include "app/handset/command.h"
#include "app/handset/d2d/rings.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/floor.h"

enum {
    EMERGENCIES_MAX = 16,
    /* One that was seen, and not heard for so long, is shown again with its next word: its end may
     * have been lost, and this be another one. */
    EMERGENCY_ANEW_MS = 5 * 60 * 1000,
};

struct emergency {
    bool is_used;
    bool is_own;
    bool is_seen;     /* by this handset's officer */
    bool is_over;     /* its talker has said so */
    bool is_quieted;  /* shown, but not sounded: its talker calls one again and again */
    int64_t heard_ms; /* boot clock: its latest packet */
    struct view_emergency shown;
};

struct emergencies {
    struct desk *desk;
    struct groups *groups;
    struct emergency list[EMERGENCIES_MAX];
    struct rings rings;
};

/* Has this handset's officer called one in that group? */
bool emergencies_has_own(const struct emergencies *emergencies, const char *group);

/* Does one stand in that group, of whomever, that is not over or was not seen? */
bool emergencies_stand(const struct emergencies *emergencies, const char *group);

/* Of which priority the own talks there are: of an emergency's while one stands and the creator's
 * list, which may be a later one by now, gives a right to it. */
enum talk_priority emergencies_own_priority(const struct emergencies *emergencies,
                                            const char *group);

/* The own one begins; it ends. Neither is told to anybody by that (raising.h). */
void emergencies_add_own(struct emergencies *emergencies, struct moment now, const char *group);
void emergencies_remove_own(struct emergencies *emergencies, const char *group);

/* A packet of a session with that claim verified, and is of now. */
void emergencies_hear(struct emergencies *emergencies, struct moment now,
                      const struct claim *claim);

/* For `to`, which has heard none: those of `from`, without a name, so that it hears which of them
 * end. */
void emergencies_copy(const struct emergencies *from, struct emergencies *to);

/* What `from` has heard begin and end since, `to` tells now, also of what did both. `from` was made
 * by emergencies_copy of the list that `to` was restored from. */
void emergencies_catch_up(struct emergencies *to, const struct emergencies *from,
                          struct moment now);

/* The officer has seen the one of command->identity in command->group: it is not shown any more.
 * STATUS_NOT_FOUND when none is shown; then nothing changes. */
MUST_CHECK enum status emergencies_acknowledge(struct emergencies *emergencies, struct moment now,
                                               const struct command *command,
                                               struct event *problem);

/* Does one of another stand that the officer has not seen? Until then it sounds. */
bool emergencies_alarm(const struct emergencies *emergencies);

/* Those of others come first, the latest of them first. */
void emergencies_show(const struct emergencies *emergencies, struct view *view);

#endif
