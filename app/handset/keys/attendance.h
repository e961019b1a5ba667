/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Attendance: in a crowd, where usual presences are minutes apart (air/pace.h), the members of an
 * ad-hoc group know of each other by short words under the group's key
 * (crypto/attendance_word.h).
 *
 *   1. Each member says one now and then. It says whom it hears, and how long ago it heard them;
 * and of whom it was told by others, how long ago these heard them at most. So the latest word of
 *      any member tells of all of them, also where that one has come lately itself.
 *   2. A word counts only if it is of now. It is when it names the mark of a word whose time is
 *      known here, this handset's own or another's, and was made as long after that as has passed;
 *      or when its age goes on from a word that did so. A recording, withheld or from another
 *      place, does neither, and nobody but a member can make one.
 *   3. Whoever comes says one at once. The members answer after a random time, the first for all of
 *      them, with its mark; it answers that with one that is thereby proven to all. Three words,
 *      and some two seconds.
 *
 * A word tells that somebody holds the group's key and says that the member is here: another
 * member could say so in its name. It shows when a member was heard, and nothing else of it.
 *
 * Words beside the usual ones come out of a budget; the next usual one comes at any time in its
 * interval then, so that those who came together do not speak together for long. Under radio
 * silence none are said.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_ATTENDANCE_H
#define MUSTER_APP_HANDSET_KEYS_ATTENDANCE_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/air/inquiry.h"
#include "app/handset/keys/groups.h"
#include "crypto/attendance_word.h"

enum {
    ATTENDANCE_MARKS = 4,       /* that are remembered of each */
    ATTENDANCE_FRESH_MS = 8000, /* a word that may be older is not of now */
    ATTENDANCE_CALLS_MAX = 3,   /* words at once by who comes, until one is answered */
    ATTENDANCE_CALL_MS = 3000,
    ATTENDANCE_ANSWER_MS = 100, /* for each member: the time in which one of them answers */
    ATTENDANCE_SOON_MS = 300,
    ATTENDANCE_BURST = 6,
    ATTENDANCE_REFILL_MS = 10 * 1000,
    ATTENDANCE_OPENING_MILLI = 50, /* what it costs to open a word */
};

/* A word whose time is known. */
struct attendance_mark {
    bool is_known;
    uint32_t mark;
    int64_t made_ms;  /* boot clock: it was made then, or later */
    int64_t heard_ms; /* and heard then */
};

/* What is known of a member by the words. */
struct attendee {
    struct life life;   /* the one that is proven; is_known: there is one */
    struct life coming; /* another one, of which no word is known to be of now */
    uint32_t coming_mark;
    struct attendance_mark marks[ATTENDANCE_MARKS]; /* the latest first */
    int64_t lived_ms; /* boot clock: it surely lived then; INT64_MIN: nothing is known */
    int64_t lasts_ms; /* it is in reach for so long after that */
};

struct attendance_group {
    char identity[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    int64_t due_ms; /* boot clock: when the next word is said; INT64_MAX: none is */
    bool is_usual;  /* that one */
    unsigned calls; /* words left to say until one is answered */
    struct attendance_mark said[ATTENDANCE_MARKS]; /* the own ones, the latest first */
    uint8_t latest; /* the place of who said the latest word of now, or ATTENDANCE_NOBODY */
    struct attendee attendees[ATTENDANCE_MEMBERS_MAX]; /* by their places in the group's list */
};

struct attendance {
    struct desk *desk;
    struct air *air;
    struct groups *groups;
    struct roster *roster;
    struct pace *pace;
    struct inquiry *inquiry;
    struct admission *admission;
    uint64_t groups_version; /* as they were looked at last */
    bool is_crowd;
    int64_t looked_ms;          /* when that was found */
    int64_t left_ms, filled_ms; /* the budget of words besides, in their time */
    size_t count;
    struct attendance_group *list[GROUPS_MAX];
};

void attendance_start(struct attendance *attendance, struct moment now);

/* Frees all. */
void attendance_clear(struct attendance *attendance);

/* The payload of a FRAME_ATTENDANCE arrived. */
void attendance_hear(struct attendance *attendance, struct moment now, struct span payload);

/* Groups may have come, gone or got another key; handsets may have come or gone. */
void attendance_look(struct attendance *attendance, struct moment now);

void attendance_tick(struct attendance *attendance, struct moment now);
int64_t attendance_deadline(const struct attendance *attendance);

/* Is the member in reach, by what the words say; and when did it surely live last (boot clock)? */
bool attendance_has(const struct attendance *attendance, const char *identity, struct moment now,
                    int64_t *lived_ms);

#endif
