/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/emergency.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/talk/standing.h"

/* EMERGENCIES_MAX: there is none. */
static size_t place_of(const struct emergencies *emergencies, const char *identity,
                       const char *group) {
    size_t i = 0;
    while (i < EMERGENCIES_MAX && !(emergencies->list[i].is_used &&
                                    strcmp(emergencies->list[i].shown.identity, identity) == 0 &&
                                    strcmp(emergencies->list[i].shown.group, group) == 0)) {
        i++;
    }
    return i;
}

static struct emergency *find(struct emergencies *emergencies, const char *identity,
                              const char *group) {
    size_t i = place_of(emergencies, identity, group);
    return i == EMERGENCIES_MAX ? NULL : &emergencies->list[i];
}

/* How much would be lost with it. */
static int worth(const struct emergency *emergency) {
    return !emergency->is_used   ? 0
           : emergency->is_own   ? 4
           : !emergency->is_seen ? 2 + !emergency->is_over
                                 : 1;
}

/* A free place, or that of the one that matters least, and of those of the oldest. */
static struct emergency *place(struct emergencies *emergencies) {
    struct emergency *least = &emergencies->list[0];
    for (size_t i = 1; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &emergencies->list[i];
        if (worth(emergency) < worth(least) ||
            (worth(emergency) == worth(least) && emergency->heard_ms < least->heard_ms)) {
            least = emergency;
        }
    }
    return least;
}

static void begin(struct emergencies *emergencies, struct moment now, const char *identity,
                  const char *group, struct emergency *emergency) {
    const struct group *known = groups_find(emergencies->groups, group);
    *emergency = (struct emergency){
        .is_used = true, .heard_ms = now.boot_ms, .shown.began_utc_ms = now.utc_ms};
    struct view_emergency *shown = &emergency->shown;
    snprintf(shown->identity, sizeof shown->identity, "%s", identity);
    snprintf(shown->group, sizeof shown->group, "%s", group);
    snprintf(shown->group_name, sizeof shown->group_name, "%s",
             known == NULL ? "" : known->parameters.name);
}

static void tell(struct emergencies *emergencies, struct moment now,
                 const struct emergency *emergency, enum event_kind kind) {
    const struct view_emergency *shown = &emergency->shown;
    struct event event = groups_event(emergencies->groups, kind, shown->identity, shown->group);
    snprintf(event.group_name, sizeof event.group_name, "%s", shown->group_name);
    desk_tell(emergencies->desk, now, &event);
}

/* A new one. Whoever calls one again and again has only the first few sounded and told on every
 * screen; the others are shown where emergencies are, and are in the log. */
static void raise(struct emergencies *emergencies, struct moment now, struct emergency *emergency,
                  const struct claim *claim) {
    begin(emergencies, now, claim->identity, claim->group, emergency);
    const struct view_emergency *shown = &emergency->shown;
    struct event quieted = event_of_member(EVENT_EMERGENCY_QUIETED, shown->identity, shown->name,
                                           shown->group, shown->group_name);
    emergency->is_quieted =
        !rings_allow(&emergencies->rings, emergencies->desk, now, &quieted, true);
    if (!emergency->is_quieted) {
        tell(emergencies, now, emergency, EVENT_EMERGENCY);
    } else {
        quieted.kind = EVENT_EMERGENCY;
        quieted.utc_ms = now.utc_ms;
        journal_add(&emergencies->desk->journal, &quieted);
    }
    standing_save(emergencies);
}

bool emergencies_has_own(const struct emergencies *emergencies, const char *group) {
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency *emergency = &emergencies->list[i];
        if (emergency->is_used && emergency->is_own && strcmp(emergency->shown.group, group) == 0) {
            return true;
        }
    }
    return false;
}

bool emergencies_stand(const struct emergencies *emergencies, const char *group) {
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency *emergency = &emergencies->list[i];
        if (emergency->is_used && !(emergency->is_seen && emergency->is_over) &&
            strcmp(emergency->shown.group, group) == 0) {
            return true;
        }
    }
    return false;
}

enum talk_priority emergencies_own_priority(const struct emergencies *emergencies,
                                            const char *group) {
    const struct group *held = groups_find(emergencies->groups, group);
    bool may_raise =
        held == NULL || group_may_raise(&held->parameters, own_identity(emergencies->desk));
    return may_raise && emergencies_has_own(emergencies, group) ? TALK_EMERGENCY : TALK_NORMAL;
}

void emergencies_add_own(struct emergencies *emergencies, struct moment now, const char *group) {
    struct emergency *emergency = place(emergencies);
    begin(emergencies, now, own_identity(emergencies->desk), group, emergency);
    emergency->is_own = emergency->shown.self = true;
    standing_save(emergencies);
}

void emergencies_remove_own(struct emergencies *emergencies, const char *group) {
    struct emergency *emergency = find(emergencies, own_identity(emergencies->desk), group);
    if (emergency != NULL) {
        emergency->is_used = false;
        standing_save(emergencies);
    }
}

/* Is what is heard of it nothing new? */
static bool goes_on(const struct emergency *emergency, struct moment now) {
    return emergency != NULL && !emergency->is_over &&
           !(emergency->is_seen && now.boot_ms - emergency->heard_ms > EMERGENCY_ANEW_MS);
}

void emergencies_hear(struct emergencies *emergencies, struct moment now,
                      const struct claim *claim) {
    struct emergency *emergency = find(emergencies, claim->identity, claim->group);
    if (claim->priority == TALK_EMERGENCY) {
        bool is_new = !goes_on(emergency, now);
        if (is_new) {
            emergency = emergency == NULL ? place(emergencies) : emergency;
            raise(emergencies, now, emergency, claim);
        }
        emergency->heard_ms = now.boot_ms;
    } else if (emergency != NULL && !emergency->is_over) {
        if (!emergency->is_quieted) {
            tell(emergencies, now, emergency, EVENT_EMERGENCY_OVER);
        }
        emergency->is_over = emergency->shown.is_over = true;
        emergency->is_used = !emergency->is_seen;
        standing_save(emergencies);
    }
}

void emergencies_copy(const struct emergencies *from, struct emergencies *to) {
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        to->list[i] = from->list[i];
        memset(to->list[i].shown.name, 0, sizeof to->list[i].shown.name);
        memset(to->list[i].shown.group_name, 0, sizeof to->list[i].shown.group_name);
    }
}

/* Of the same talker in the same group in the other list, or NULL. */
static const struct emergency *counterpart(const struct emergencies *other,
                                           const struct emergency *emergency) {
    size_t i = place_of(other, emergency->shown.identity, emergency->shown.group);
    return i == EMERGENCIES_MAX ? NULL : &other->list[i];
}

static bool is_same(const struct emergency *one, const struct emergency *other) {
    return one->shown.began_utc_ms == other->shown.began_utc_ms;
}

static void hear_of(struct emergencies *emergencies, struct moment now,
                    const struct emergency *heard, enum talk_priority priority) {
    struct claim claim = {.priority = priority};
    snprintf(claim.identity, sizeof claim.identity, "%s", heard->shown.identity);
    snprintf(claim.group, sizeof claim.group, "%s", heard->shown.group);
    emergencies_hear(emergencies, now, &claim);
}

/* One that was seen is over if it is listed no more; one that was not stays listed when it is over,
 * and may stand still if it had to make way. Either is over if another one took its place. */
static void end_former(struct emergencies *to, const struct emergencies *from, struct moment now) {
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency former = to->list[i];
        const struct emergency *heard = counterpart(from, &former);
        if (former.is_used && !former.is_own &&
            (heard == NULL ? former.is_seen : !is_same(&former, heard))) {
            hear_of(to, now, &former, TALK_NORMAL);
        }
    }
}

void emergencies_catch_up(struct emergencies *to, const struct emergencies *from,
                          struct moment now) {
    end_former(to, from, now);
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency *heard = &from->list[i];
        if (!heard->is_used || heard->is_own) {
            continue;
        }
        const struct emergency *known = counterpart(to, heard);
        if (!heard->is_over || known == NULL || !is_same(known, heard)) {
            struct moment began = now;
            began.utc_ms = heard->shown.began_utc_ms;
            hear_of(to, began, heard, TALK_EMERGENCY);
        }
        if (heard->is_over) {
            hear_of(to, now, heard, TALK_NORMAL);
        }
    }
}

bool emergencies_alarm(const struct emergencies *emergencies) {
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency *emergency = &emergencies->list[i];
        if (emergency->is_used && !emergency->is_own && !emergency->is_seen &&
            !emergency->is_over && !emergency->is_quieted) {
            return true;
        }
    }
    return false;
}

enum status emergencies_acknowledge(struct emergencies *emergencies, struct moment now,
                                    const struct command *command, struct event *problem) {
    struct emergency *emergency = find(emergencies, command->identity, command->group);
    if (emergency == NULL || emergency->is_own || emergency->is_seen) {
        return desk_problem(problem, (struct event){.kind = EVENT_NO_EMERGENCY}, STATUS_NOT_FOUND);
    }
    emergency->is_seen = true;
    emergency->is_used = !emergency->is_over;
    standing_save(emergencies);
    tell(emergencies, now, emergency, EVENT_EMERGENCY_SEEN);
    return STATUS_OK;
}

static bool comes_before(const struct view_emergency *one, const struct view_emergency *other) {
    return one->self != other->self ? other->self : one->began_utc_ms > other->began_utc_ms;
}

void emergencies_show(const struct emergencies *emergencies, struct view *view) {
    view->emergency_count = 0;
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        const struct emergency *emergency = &emergencies->list[i];
        if (!emergency->is_used || emergency->is_seen) {
            continue;
        }
        size_t at = view->emergency_count++;
        for (; at > 0 && comes_before(&emergency->shown, &view->emergencies[at - 1]); at--) {
            view->emergencies[at] = view->emergencies[at - 1];
        }
        view->emergencies[at] = emergency->shown;
    }
    for (size_t i = 0; i < view->emergency_count; i++) {
        struct view_emergency *row = &view->emergencies[i];
        groups_show_name(emergencies->groups, row->identity, row->group, row->name,
                         &row->name_kind);
    }
}

_Static_assert((int)EMERGENCIES_MAX == (int)VIEW_EMERGENCIES_MAX, "all are shown");
