/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/seats.h"

#include <string.h>

static bool is_seated(const struct session *session) {
    return session->active && !session->silent;
}

struct session *seats_find(struct session sessions[SESSIONS_MAX], const char *talker,
                           const char *group) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions[i];
        if (session->active && strcmp(session->talker, talker) == 0 &&
            strcmp(session->group, group) == 0) {
            return session;
        }
    }
    return NULL;
}

bool seats_know(const struct session sessions[SESSIONS_MAX], struct span announcement) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (sessions[i].active && (span_equal(sessions[i].current.announcement, announcement) ||
                                   span_equal(sessions[i].earlier.announcement, announcement))) {
            return true;
        }
    }
    return false;
}

/* It may be anybody's recording: nothing was proven of it since it was opened again. */
static bool is_idle(const struct session *session) {
    return session->silent && session->is_repetition && session->current.proven_ms < 0;
}

/* Does `a` make way for an announcement rather than `b`? */
static bool gives_place(const struct session *a, const struct session *b) {
    return is_idle(a) != is_idle(b) ? is_idle(a) : a->heard_ms < b->heard_ms;
}

struct session *seats_room(struct session sessions[SESSIONS_MAX]) {
    struct session *found = NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions[i];
        if (!session->active) {
            return session;
        }
        if (session->silent && (found == NULL || gives_place(session, found))) {
            found = session;
        }
    }
    return found;
}

/* How old its talker was, in its current life, in the latest packet that was proven. */
static int64_t latest_age(const struct session *session) {
    return session->current.announced.proof.age_ms + session->current.proven_ms;
}

/* A talker has gone from one group to another. Which of the two is later, its life's clock says. */
static bool has_left(const struct session *seated, const struct session *session) {
    return seated->ended || (memcmp(seated->current.announced.proof.start,
                                    session->current.announced.proof.start, START_SIZE) == 0 &&
                             latest_age(session) > latest_age(seated));
}

/* Does `a` make way rather than `b`? */
static bool goes_first(const struct session *a, const struct session *b) {
    return a->ended != b->ended ? a->ended : a->rank < b->rank;
}

bool seats_take(struct session sessions[SESSIONS_MAX], const struct session *session,
                struct session **leaves) {
    struct session *first = NULL;
    size_t seated = 0;
    *leaves = NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *other = &sessions[i];
        if (!is_seated(other)) {
            continue;
        }
        if (strcmp(other->talker, session->talker) == 0) {
            *leaves = other;
            return has_left(other, session);
        }
        seated++;
        first = first == NULL || goes_first(other, first) ? other : first;
    }
    if (seated < SEATS_MAX) {
        return true;
    }
    *leaves = first;
    return first->ended || first->rank < session->rank;
}

static bool is_first(const struct session sessions[SESSIONS_MAX], const struct session *session) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct session *other = &sessions[i];
        if (is_seated(other) && strcmp(other->group, session->group) == 0 &&
            claim_wins(&other->claim, &session->claim)) {
            return false;
        }
    }
    return true;
}

bool seats_has_floor(const struct session sessions[SESSIONS_MAX], const struct floor *floor,
                     struct moment now, const struct session *session) {
    if (session->ended && now.boot_ms - session->ended_ms < FLOOR_OVERLAP_MS) {
        return true;
    }
    const struct claim *holder = floor_holder(floor, now, session->group);
    return holder == NULL ? is_first(sessions, session) : claim_is_same(holder, &session->claim);
}
