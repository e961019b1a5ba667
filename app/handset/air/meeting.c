/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/meeting.h"

#include <stdio.h>
#include <string.h>

enum {
    FULL_MS = MEETING_BURST * MEETING_REFILL_MS,
    TALKERS_ECHOED_MAX = 4, /* in one presence: the others are neighbours */
};

void meeting_begin(struct meeting *meeting, struct moment now) {
    const struct meeting_budget full = {FULL_MS, now.boot_ms};
    *meeting = (struct meeting){
        .due_ms = INT64_MAX, .said_ms = now.boot_ms - MEETING_GAP_MS, .usual = full, .both = full};
}

/* --- When ----------------------------------------------------------------------------------- */

static int64_t left_ms(const struct meeting_budget *budget, struct moment now) {
    int64_t left = budget->left_ms + now.boot_ms - budget->filled_ms;
    return left < FULL_MS ? left : FULL_MS;
}

static void spend(struct meeting_budget *budget, struct moment now) {
    *budget = (struct meeting_budget){left_ms(budget, now) - MEETING_REFILL_MS, now.boot_ms};
}

static void be_due(struct meeting *meeting, int64_t due_ms, bool is_for_both) {
    if (due_ms < meeting->due_ms) {
        meeting->due_ms = due_ms;
        meeting->is_for_both = is_for_both;
    }
}

/* So much later may somebody answer, so that not all who are nearby do so at once. */
static int64_t spread_ms(const struct roster *roster, struct moment now) {
    int64_t all_ms = MEETING_EACH_MS * (int64_t)roster_near(roster, now);
    return all_ms < MEETING_SPREAD_MAX_MS ? all_ms : MEETING_SPREAD_MAX_MS;
}

/* A presence is to be said after `after_ms` and a random time, or when it may be. */
static void plan(struct meeting *meeting, const struct desk *desk, const struct roster *roster,
                 int64_t after_ms, struct moment now) {
    int64_t each_ms = spread_ms(roster, now);
    uint32_t random = 0;
    if (desk_is_silent(desk)) {
        return;
    }
    if (each_ms <= MEETING_EACH_MS || desk_draw_u32(desk, &random) != STATUS_OK) {
        random = 0; /* nobody else answers; or it is said all the same */
    }
    int64_t due_ms =
        now.boot_ms + after_ms + (int64_t)(random % (uint64_t)(MEETING_ANSWER_MS + each_ms));
    int64_t earliest_ms = meeting->said_ms + MEETING_GAP_MS + each_ms;
    int64_t lacks_ms = MEETING_REFILL_MS - left_ms(&meeting->usual, now);
    due_ms = due_ms < earliest_ms ? earliest_ms : due_ms;
    due_ms = due_ms < now.boot_ms + lacks_ms ? now.boot_ms + lacks_ms : due_ms;
    be_due(meeting, due_ms, false);
}

bool meeting_is_due(const struct meeting *meeting, struct moment now) {
    return meeting->due_ms <= now.boot_ms;
}

void meeting_pause(struct meeting *meeting) {
    meeting->due_ms = INT64_MAX;
}

/* --- Neighbours ----------------------------------------------------------------------------- */

void meeting_hear(struct meeting *meeting, const struct desk *desk, const struct roster *roster,
                  const struct presence *presence, struct moment now) {
    if (roster_seeks(roster, presence->identity, presence->start, now)) {
        plan(meeting, desk, roster, 0, now);
    }
}

void meeting_seek(struct meeting *meeting, const struct desk *desk, const struct roster *roster,
                  const char *identity, struct moment now) {
    if (!roster_has_met(roster, identity, now)) {
        plan(meeting, desk, roster, 0, now);
    }
}

/* --- Talkers -------------------------------------------------------------------------------- */

static bool is_measured(const struct met_talker *talker, const struct roster *roster,
                        struct moment now) {
    struct ago ago;
    return roster_ago(roster, talker->identity, talker->start, talker->age_ms, now, &ago);
}

static const struct met_talker *find(const struct meeting *meeting, const char *identity) {
    for (size_t i = 0; i < MEETING_TALKERS_MAX; i++) {
        if (strcmp(meeting->talkers[i].identity, identity) == 0) {
            return &meeting->talkers[i];
        }
    }
    return NULL;
}

/* A place for that talker: its own, a free one, or that of who was heard longest ago. */
static struct met_talker *place(struct meeting *meeting, const char *identity) {
    struct met_talker *found = &meeting->talkers[0];
    for (size_t i = 0; i < MEETING_TALKERS_MAX; i++) {
        struct met_talker *talker = &meeting->talkers[i];
        if (strcmp(talker->identity, identity) == 0) {
            return talker;
        }
        if (found->identity[0] != '\0' &&
            (talker->identity[0] == '\0' || talker->heard_ms < found->heard_ms)) {
            found = talker;
        }
    }
    *found = (struct met_talker){.asked_ms = INT64_MIN, .since_ms = INT64_MIN};
    snprintf(found->identity, sizeof found->identity, "%s", identity);
    return found;
}

static bool is_asked_lately(const struct met_talker *talker, struct moment now) {
    return talker->since_ms != INT64_MIN && now.boot_ms - talker->since_ms < MEETING_SEEKING_MS;
}

static bool may_ask(const struct met_talker *talker, struct moment now) {
    return !is_asked_lately(talker, now) || talker->asked < SOUGHT_MAX;
}

void meeting_hear_talker(struct meeting *meeting, const struct desk *desk,
                         const struct roster *roster, const char *identity,
                         const uint8_t start[START_SIZE], int64_t age_ms, struct moment now) {
    struct met_talker *talker = place(meeting, identity);
    memcpy(talker->start, start, START_SIZE);
    talker->age_ms = age_ms;
    talker->heard_ms = now.boot_ms;
    if (may_ask(talker, now)) {
        plan(meeting, desk, roster, 0, now);
    }
}

void meeting_hear_both(struct meeting *meeting, const struct desk *desk,
                       const struct roster *roster, const char *talker, struct moment now) {
    int64_t next_ms = meeting->said_ms + MEETING_BOTH_MS;
    if (!desk_is_silent(desk) && !roster_has_met(roster, talker, now) &&
        left_ms(&meeting->both, now) >= MEETING_REFILL_MS) {
        be_due(meeting, next_ms > now.boot_ms ? next_ms : now.boot_ms, true);
    }
}

bool meeting_is_unanswered(const struct meeting *meeting, const char *identity, struct moment now) {
    const struct met_talker *talker = find(meeting, identity);
    return talker != NULL && talker->asked_ms != INT64_MIN &&
           now.boot_ms - talker->asked_ms >= MEETING_WAIT_MS;
}

/* Was it heard so lately that it is asked? */
static bool is_sought(const struct met_talker *talker, const struct roster *roster,
                      struct moment now) {
    return talker->identity[0] != '\0' && now.boot_ms - talker->heard_ms <= MEETING_LATELY_MS &&
           !is_measured(talker, roster, now);
}

/* The question is out; returns whether it is to be asked again. */
static bool ask(struct met_talker *talker, struct moment now) {
    talker->asked_ms = talker->asked_ms == INT64_MIN ? now.boot_ms : talker->asked_ms;
    if (!is_asked_lately(talker, now)) {
        talker->since_ms = now.boot_ms;
        talker->asked = 0;
    }
    talker->asked++;
    return may_ask(talker, now);
}

/* --- Presences ------------------------------------------------------------------------------ */

void meeting_echo(const struct meeting *meeting, const struct roster *roster, struct moment now,
                  struct presence *presence) {
    for (size_t i = 0; i < MEETING_TALKERS_MAX && presence->echo_count < TALKERS_ECHOED_MAX; i++) {
        const struct met_talker *talker = &meeting->talkers[i];
        if (is_sought(talker, roster, now)) {
            struct presence_echo *echo = &presence->echoes[presence->echo_count++];
            life_name(talker->identity, talker->start, echo->life);
            echo->age_ms = talker->age_ms;
            echo->held_ms = now.boot_ms - talker->heard_ms;
        }
    }
}

void meeting_said(struct meeting *meeting, const struct desk *desk, struct roster *roster,
                  struct moment now) {
    bool is_again = false;
    if (meeting_is_due(meeting, now)) {
        spend(meeting->is_for_both ? &meeting->both : &meeting->usual, now);
    }
    meeting->due_ms = INT64_MAX;
    meeting->said_ms = now.boot_ms;
    roster_sought(roster, now);
    for (size_t i = 0; i < MEETING_TALKERS_MAX; i++) {
        struct met_talker *talker = &meeting->talkers[i];
        if (talker->identity[0] != '\0' && is_measured(talker, roster, now)) {
            *talker = (struct met_talker){.identity = ""};
        } else if (is_sought(talker, roster, now)) {
            is_again = ask(talker, now) || is_again;
        }
    }
    if (is_again || roster_seeks_any(roster, MEETING_LATELY_MS, now)) {
        plan(meeting, desk, roster, MEETING_AGAIN_MS + spread_ms(roster, now), now);
    }
}
