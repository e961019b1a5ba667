/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/attendance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "crypto/secret.h"

_Static_assert((int)ATTENDANCE_MEMBERS_MAX == (int)ADHOC_MEMBERS_MAX, "each member has a place");

enum {
    LOOK_MS = 1000,
    FULL_MS = ATTENDANCE_BURST * ATTENDANCE_REFILL_MS,
};

void attendance_start(struct attendance *attendance, struct moment now) {
    attendance->looked_ms = INT64_MIN;
    attendance->left_ms = FULL_MS;
    attendance->filled_ms = now.boot_ms;
}

void attendance_clear(struct attendance *attendance) {
    while (attendance->count > 0) {
        free(attendance->list[--attendance->count]);
    }
}

/* --- The groups ----------------------------------------------------------------------------- */

static bool is_attended(const struct group *group, struct moment now) {
    return !group_is_standard(group) && group->parameters.member_count > 1 &&
           group->current.octets != NULL && gmk_is_usable(&group->current, group, now) == STATUS_OK;
}

static struct attendance_group *find(const struct attendance *attendance,
                                     const struct group *group) {
    for (size_t i = 0; i < attendance->count; i++) {
        if (attendance->list[i]->gmk_id == group->current.id &&
            strcmp(attendance->list[i]->identity, group->parameters.identity) == 0) {
            return attendance->list[i];
        }
    }
    return NULL;
}

static void add(struct attendance *attendance, const struct group *group) {
    struct attendance_group *added = calloc(1, sizeof *added);
    if (added == NULL) {
        return; /* its members are known by their presences */
    }
    snprintf(added->identity, sizeof added->identity, "%s", group->parameters.identity);
    added->gmk_id = group->current.id;
    added->due_ms = INT64_MAX;
    added->latest = ATTENDANCE_NOBODY;
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        added->attendees[i].lived_ms = INT64_MIN;
    }
    attendance->list[attendance->count++] = added;
}

/* A new key has a new list, and words of its own. */
static void look_at_groups(struct attendance *attendance, struct moment now) {
    const struct groups *groups = attendance->groups;
    size_t kept = 0;
    for (size_t i = 0; i < attendance->count; i++) {
        const struct group *group = groups_find(groups, attendance->list[i]->identity);
        if (group != NULL && group->current.id == attendance->list[i]->gmk_id &&
            is_attended(group, now)) {
            attendance->list[kept++] = attendance->list[i];
        } else {
            free(attendance->list[i]);
        }
    }
    attendance->count = kept;
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = groups->list[i];
        if (is_attended(group, now) && find(attendance, group) == NULL) {
            add(attendance, group);
        }
    }
}

/* The place of the member in words: that in the first list or, of a latecomer, the one that its
 * number gives it. It is the same for all, in whatever order they hear of latecomers, and whether
 * they have heard of all. ATTENDANCE_NOBODY: it has none, as its number is none. */
static size_t place_of(const struct group *group, const struct group_member *member) {
    const struct group_parameters *parameters = &group->parameters;
    size_t first = 0;
    while (first < parameters->member_count && parameters->members[first].listed_in == 0) {
        first++;
    }
    size_t place = member->listed_in == 0 ? (size_t)(member - parameters->members)
                                          : first + member->listed_in - 1;
    return place < ATTENDANCE_MEMBERS_MAX ? place : ATTENDANCE_NOBODY;
}

/* Who has that place and says to be it; NULL: nobody known. */
static const struct group_member *member_at(const struct group *group, size_t place,
                                            uint16_t check) {
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        const struct group_member *member = &group->parameters.members[i];
        if (place_of(group, member) == place && attendance_check(member->identity) == check) {
            return member;
        }
    }
    return NULL;
}

static size_t own_place(const struct attendance *attendance, const struct group *group) {
    const struct group_member *own =
        group_listed(&group->parameters, own_identity(attendance->desk));
    return own == NULL ? ATTENDANCE_NOBODY : place_of(group, own);
}

/* --- When ----------------------------------------------------------------------------------- */

static uint32_t draw(const struct attendance *attendance) {
    uint32_t random = 0;
    return desk_draw_u32(attendance->desk, &random) == STATUS_OK ? random : 0;
}

static void be_due(struct attendance_group *group, int64_t due_ms) {
    if (due_ms < group->due_ms) {
        group->due_ms = due_ms;
        group->is_usual = false;
    }
}

/* In how long the next usual word in each group comes: a handset in several says no more. */
static int64_t interval_ms(const struct attendance *attendance,
                           const struct attendance_group *group, struct moment now) {
    size_t octets = FRAME_HEADER_SIZE + ATTENDANCE_WORD_MIN + 1;
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        octets += group->attendees[i].life.is_known ? 3 : 0;
    }
    int64_t ms = pace_attendance_ms(attendance->pace, now, octets) * (int64_t)attendance->count;
    return ms < ATTENDANCE_LONGEST_MS / 2 ? ms : ATTENDANCE_LONGEST_MS / 2;
}

/* After another word than a usual one the next may come at any time in one interval: those who came
 * together speak at different times from then on. */
static void plan_usual(const struct attendance *attendance, struct attendance_group *group,
                       struct moment now) {
    int64_t ms = interval_ms(attendance, group, now);
    uint32_t random = draw(attendance);
    group->due_ms = now.boot_ms + (group->is_usual ? pace_spread(ms, random)
                                                   : (int64_t)(random % (uint64_t)(ms + 1)));
    group->is_usual = true;
}

static int64_t left_ms(const struct attendance *attendance, struct moment now) {
    int64_t left = attendance->left_ms + now.boot_ms - attendance->filled_ms;
    return left < FULL_MS ? left : FULL_MS;
}

/* One besides the usual ones: after `within_ms` at most, or when the budget has it. */
static void plan_extra(const struct attendance *attendance, struct attendance_group *group,
                       int64_t within_ms, struct moment now) {
    int64_t lacks_ms = ATTENDANCE_REFILL_MS - left_ms(attendance, now);
    int64_t after_ms = (int64_t)(draw(attendance) % (uint64_t)(within_ms + 1));
    be_due(group, now.boot_ms + (after_ms > lacks_ms ? after_ms : lacks_ms));
}

/* A crowd has come together, or this handset into one. */
static void begin(struct attendance *attendance, struct moment now) {
    for (size_t i = 0; i < attendance->count; i++) {
        struct attendance_group *group = attendance->list[i];
        if (group->due_ms == INT64_MAX) {
            group->calls = ATTENDANCE_CALLS_MAX;
            plan_extra(attendance, group, ATTENDANCE_CALL_MS, now);
        }
    }
}

static void end(struct attendance *attendance) {
    for (size_t i = 0; i < attendance->count; i++) {
        attendance->list[i]->due_ms = INT64_MAX;
    }
}

void attendance_look(struct attendance *attendance, struct moment now) {
    bool are_new = attendance->groups_version != attendance->groups->version;
    if (!are_new && attendance->looked_ms != INT64_MIN &&
        now.boot_ms - attendance->looked_ms < LOOK_MS) {
        return;
    }
    attendance->looked_ms = now.boot_ms;
    attendance->groups_version = attendance->groups->version;
    look_at_groups(attendance, now);
    attendance->is_crowd =
        pace_is_crowd(attendance->pace, now) && !desk_is_silent(attendance->desk);
    if (attendance->is_crowd) {
        begin(attendance, now);
    } else {
        end(attendance);
    }
}

/* --- What is said --------------------------------------------------------------------------- */

static void remember(struct attendance_mark marks[ATTENDANCE_MARKS], uint32_t mark, int64_t made_ms,
                     struct moment now) {
    memmove(&marks[1], &marks[0], (ATTENDANCE_MARKS - 1) * sizeof marks[0]);
    marks[0] = (struct attendance_mark){true, mark, made_ms, now.boot_ms};
}

static const struct attendance_mark *find_mark(const struct attendance_mark marks[ATTENDANCE_MARKS],
                                               uint32_t mark) {
    for (size_t i = 0; i < ATTENDANCE_MARKS; i++) {
        if (marks[i].is_known && marks[i].mark == mark) {
            return &marks[i];
        }
    }
    return NULL;
}

static bool is_here(const struct attendee *attendee, struct moment now) {
    return attendee->lived_ms != INT64_MIN &&
           now.boot_ms - attendee->lived_ms <= attendee->lasts_ms;
}

/* Who is known by what others told counts as well: how long ago that was only grows on its way, and
 * what is longer than can be said is told no more. */
static struct attendance_heard heard_of(const struct attendee *attendee, struct moment now) {
    const struct life *coming = &attendee->coming;
    struct attendance_heard heard = {.is_heard = false};
    if (coming->is_known && now.boot_ms - coming->heard_ms <= PRESENCE_LASTS_MS) {
        heard = (struct attendance_heard){true, ATTENDANCE_UNPROVEN, attendee->coming_mark};
    } else if (is_here(attendee, now) && now.boot_ms - attendee->lived_ms < ATTENDANCE_LONGEST_MS) {
        heard.is_heard = true;
        heard.held = attendance_code(now.boot_ms - attendee->lived_ms);
    }
    return heard;
}

static void name_latest(const struct attendance_group *said, struct attendance_word *word,
                        struct moment now) {
    word->latest_member = said->latest;
    if (said->latest != ATTENDANCE_NOBODY) {
        const struct attendance_mark *mark = &said->attendees[said->latest].marks[0];
        word->latest_mark = mark->mark;
        word->latest_held = attendance_code(now.boot_ms - mark->heard_ms);
    }
}

static void say(struct attendance *attendance, struct attendance_group *said, struct moment now) {
    const struct group *group = groups_find(attendance->groups, said->identity);
    uint8_t payload[ATTENDANCE_WORD_MAX], key[GMK_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    size_t own = own_place(attendance, group);
    if (own == ATTENDANCE_NOBODY) {
        return;
    }
    uint32_t hour = hours_now(group, now);
    struct attendance_word word = {
        .gmk_id = said->gmk_id,
        .hour = (uint16_t)hour,
        .member = (uint8_t)own,
        .check = attendance_check(own_identity(attendance->desk)),
        .age_ms = own_age(&attendance->roster->own, now),
        .next = (uint8_t)(attendance_code(interval_ms(attendance, said, now)) + 1),
    };
    memcpy(word.start, attendance->roster->own.start, sizeof word.start);
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        word.heard[i] = heard_of(&said->attendees[i], now);
    }
    name_latest(said, &word, now);
    hours_key(group, hour, key);
    if (attendance_close(key, &word, &w) == STATUS_OK) {
        air_send(attendance->air, EVERYONE, FRAME_ATTENDANCE, writer_span(&w));
        remember(said->said, word.mark, now.boot_ms, now);
    }
    secret_wipe(key, sizeof key);
}

void attendance_tick(struct attendance *attendance, struct moment now) {
    attendance_look(attendance, now);
    for (size_t i = 0; i < attendance->count; i++) {
        struct attendance_group *group = attendance->list[i];
        if (group->due_ms > now.boot_ms) {
            continue;
        }
        if (!group->is_usual) {
            attendance->left_ms = left_ms(attendance, now) - ATTENDANCE_REFILL_MS;
            attendance->filled_ms = now.boot_ms;
        }
        say(attendance, group, now);
        plan_usual(attendance, group, now);
        if (group->calls > 0 && --group->calls > 0) {
            be_due(group, now.boot_ms + ATTENDANCE_CALL_MS);
        }
    }
}

int64_t attendance_deadline(const struct attendance *attendance) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < attendance->count; i++) {
        deadline = attendance->list[i]->due_ms < deadline ? attendance->list[i]->due_ms : deadline;
    }
    return deadline;
}

/* --- What is heard -------------------------------------------------------------------------- */

/* Which life of the member is it, and may it be a new word of that? */
static struct life *life_of(const struct attendance *attendance, struct attendee *attendee,
                            const char *identity, const struct attendance_word *word,
                            struct moment now) {
    uint8_t start[START_SIZE] = {0};
    memcpy(start, word->start, sizeof word->start);
    struct life *life = &attendee->life;
    if (!life->is_known || memcmp(life->start, start, START_SIZE) != 0) {
        life = &attendee->coming;
    }
    if (!life->is_known || memcmp(life->start, start, START_SIZE) != 0) {
        if (life->is_known && now.boot_ms - life->heard_ms < ATTENDANCE_CALL_MS &&
            (draw(attendance) & 1) != 0) {
            return NULL; /* recordings of lives that are over do not keep out who comes */
        }
        *life = life_begin(identity, start, word->age_ms, now.boot_ms);
        return life;
    }
    if (word->age_ms <= life->age_ms) {
        return NULL;
    }
    life_hear(life, word->age_ms, now.boot_ms);
    return life;
}

/* It names that mark of the member at `place`, which it had held for so long. */
static void prove_by(const struct attendance_group *group, size_t own, struct life *life,
                     const struct attendance_word *word, size_t place, uint32_t named,
                     int64_t held_ms, struct moment now) {
    const struct attendance_mark *marks =
        place == own ? group->said : group->attendees[place].marks;
    const struct attendance_mark *mark = find_mark(marks, named);
    if (mark != NULL) {
        life_echo(life, word->age_ms, mark->made_ms, held_ms, now.boot_ms);
    }
}

/* The marks that it names tell when it was made at the earliest. */
static void prove(const struct attendance_group *group, size_t own, struct life *life,
                  const struct attendance_word *word, struct moment now) {
    if (word->latest_member < ATTENDANCE_MEMBERS_MAX) {
        prove_by(group, own, life, word, word->latest_member, word->latest_mark,
                 attendance_length_ms(word->latest_held), now);
    }
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        if (word->heard[i].is_heard && word->heard[i].held == ATTENDANCE_UNPROVEN) {
            prove_by(group, own, life, word, i, word->heard[i].mark, 0, now);
        }
    }
}

/* So long after a word its member has fallen silent, if no more comes: no longer than others can
 * tell of it, whatever it says. */
static int64_t lasts_ms(const struct attendance_word *word) {
    int64_t lasts_ms = PRESENCE_LASTS * attendance_length_ms(word->next);
    if (lasts_ms > ATTENDANCE_LONGEST_MS) {
        return ATTENDANCE_LONGEST_MS;
    }
    return lasts_ms > PRESENCE_LASTS_MS ? lasts_ms : PRESENCE_LASTS_MS;
}

/* Whom it hears is here as well: it said so at that time or later. */
static void take_told(struct attendance_group *group, size_t own,
                      const struct attendance_word *word, int64_t made_ms) {
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        const struct attendance_heard *heard = &word->heard[i];
        struct attendee *attendee = &group->attendees[i];
        if (i == own || !heard->is_heard || heard->held == ATTENDANCE_UNPROVEN ||
            attendance_length_ms(heard->held) >= ATTENDANCE_LONGEST_MS) {
            continue;
        }
        int64_t lived_ms = made_ms - attendance_length_ms((uint8_t)(heard->held + 1));
        if (lived_ms > attendee->lived_ms) {
            attendee->lived_ms = lived_ms;
        }
        if (attendee->lasts_ms == 0) {
            attendee->lasts_ms = lasts_ms(word);
        }
    }
}

/* The word is of now. */
static void take(const struct attendance *attendance, struct attendance_group *group, size_t own,
                 const struct attendance_word *word, int64_t made_ms, struct moment now) {
    struct attendee *attendee = &group->attendees[word->member];
    remember(attendee->marks, word->mark, made_ms, now);
    group->latest = word->member;
    if (made_ms > attendee->lived_ms) {
        attendee->lived_ms = made_ms;
    }
    attendee->lasts_ms = lasts_ms(word);
    take_told(group, own, word, made_ms);
    const struct attendance_heard *us = &word->heard[own];
    if (us->is_heard) {
        group->calls = 0;
    }
    if (us->is_heard && us->held == ATTENDANCE_UNPROVEN &&
        find_mark(group->said, us->mark) != NULL) {
        plan_extra(attendance, group, ATTENDANCE_SOON_MS, now);
    }
}

/* Somebody has answered for all of them: does that leave nobody who waits here? */
static void stand_back(const struct attendance *attendance, struct attendance_group *group,
                       const struct attendance_word *word, struct moment now) {
    bool is_wanted = group->calls > 0;
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        const struct attendee *attendee = &group->attendees[i];
        const struct attendance_heard *heard = &word->heard[i];
        bool waits = attendee->coming.is_known &&
                     now.boot_ms - attendee->coming.heard_ms < ATTENDANCE_CALL_MS;
        is_wanted =
            is_wanted || (waits && !(heard->is_heard && heard->held == ATTENDANCE_UNPROVEN &&
                                     heard->mark == attendee->coming_mark));
    }
    if (!is_wanted && !group->is_usual) {
        plan_usual(attendance, group, now);
    }
}

static bool is_possible_hour(const struct group *group, uint32_t hour, struct moment now) {
    uint32_t is_now = hours_now(group, now);
    return hour >= group->current.hour && hours_is_possible(&group->parameters, hour) &&
           hour + 1 >= is_now && hour <= is_now + 1;
}

/* What is known of the member; NULL: it has no place. */
static const struct attendee *attendee_of(const struct attendance_group *attended,
                                          const struct group *group,
                                          const struct group_member *member) {
    size_t place = place_of(group, member);
    return place == ATTENDANCE_NOBODY ? NULL : &attended->attendees[place];
}

/* Who is here, and said no presence that was heard, is asked for it: it has name, clock and way. */
static void seek(const struct attendance *attendance, const struct attendance_group *heard,
                 const struct group *group, struct moment now) {
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        const struct group_member *member = &group->parameters.members[i];
        const struct attendee *attendee = attendee_of(heard, group, member);
        if (attendee == NULL || !is_here(attendee, now)) {
            continue;
        }
        const char *identity = member->identity;
        if (!roster_note_word(attendance->roster, identity, member->kms, attendee->lived_ms,
                              attendee->lasts_ms, now)) {
            inquiry_want(attendance->inquiry, now, identity, INQUIRY_LATER);
        }
        roster_note_revoked(attendance->roster, identity,
                            keyring_refuses(&attendance->desk->keyring, identity));
    }
}

/* A word that opens, of another member. */
static void act_on(struct attendance *attendance, struct attendance_group *heard,
                   const struct group *group, const struct attendance_word *word,
                   struct moment now) {
    size_t own = own_place(attendance, group);
    const struct group_member *member = member_at(group, word->member, word->check);
    if (own == ATTENDANCE_NOBODY || member == NULL || word->member == own) {
        return;
    }
    struct attendee *attendee = &heard->attendees[word->member];
    struct life *life = life_of(attendance, attendee, member->identity, word, now);
    struct ago ago;
    if (life == NULL) {
        return;
    }
    prove(heard, own, life, word, now);
    if (life_ago(life, word->age_ms, now.boot_ms, &ago) && ago.max_ms <= ATTENDANCE_FRESH_MS) {
        if (life == &attendee->coming) {
            attendee->life = attendee->coming;
            attendee->coming = (struct life){.is_known = false};
        }
        stand_back(attendance, heard, word, now);
        take(attendance, heard, own, word, now.boot_ms - ago.max_ms, now);
    } else if (life == &attendee->coming) {
        attendee->coming_mark = word->mark;
        if (attendance->is_crowd) {
            int64_t within_ms = ATTENDANCE_ANSWER_MS * (int64_t)group->parameters.member_count;
            plan_extra(attendance, heard, within_ms, now);
        }
    }
    seek(attendance, heard, group, now);
}

/* Is it a word of that group? Then it is acted on. */
static bool hear_in(struct attendance *attendance, struct attendance_group *heard,
                    const struct attendance_word *head, struct span payload, struct moment now) {
    struct attendance_word word = *head;
    uint8_t key[GMK_SIZE];
    const struct group *group = groups_find(attendance->groups, heard->identity);
    if (group == NULL || group->current.id != word.gmk_id || !is_attended(group, now) ||
        !is_possible_hour(group, word.hour, now) ||
        !admission_affords(attendance->admission, now, SPENT_ON_WORDS, ATTENDANCE_OPENING_MILLI)) {
        return false;
    }
    hours_key(group, word.hour, key);
    bool opens = attendance_open(key, payload, &word) == STATUS_OK;
    if (opens) {
        act_on(attendance, heard, group, &word, now);
    }
    secret_wipe(key, sizeof key);
    return opens;
}

void attendance_hear(struct attendance *attendance, struct moment now, struct span payload) {
    struct attendance_word head;
    bool is_heard = attendance_head(payload, &head) != STATUS_OK;
    /* A word names its key by the id alone, and several groups may have one with that id. */
    for (size_t i = 0; i < attendance->count && !is_heard; i++) {
        struct attendance_group *heard = attendance->list[i];
        is_heard = heard->gmk_id == head.gmk_id && hear_in(attendance, heard, &head, payload, now);
    }
}

bool attendance_has(const struct attendance *attendance, const char *identity, struct moment now,
                    int64_t *lived_ms) {
    bool has = false;
    for (size_t i = 0; i < attendance->count; i++) {
        const struct attendance_group *attended = attendance->list[i];
        const struct group *group = groups_find(attendance->groups, attended->identity);
        for (size_t k = 0; group != NULL && k < group->parameters.member_count; k++) {
            const struct group_member *member = &group->parameters.members[k];
            const struct attendee *attendee = attendee_of(attended, group, member);
            if (attendee != NULL && strcmp(member->identity, identity) == 0 &&
                is_here(attendee, now) && (!has || attendee->lived_ms > *lived_ms)) {
                *lived_ms = attendee->lived_ms;
                has = true;
            }
        }
    }
    return has;
}
