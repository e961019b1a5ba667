/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/time_proof.h"

#include "app/handset/air/wall_clocks.h"
#include "app/handset/keys/hours.h"
#include "crypto/mikey.h"

/* 2026: nobody used this program before. */
static const int64_t written_ms = INT64_C(1767225600000);

static void doubt_all(struct groups *groups) {
    for (size_t i = 0; i < groups->count; i++) {
        groups->list[i]->is_unproven = true;
        hours_doubt(groups->list[i]);
    }
}

void time_proof_start(struct time_proof *proof, struct moment now) {
    doubt_all(proof->groups);
    proof->due_ms = now.boot_ms;
    proof->offset_ms = now.utc_ms - now.boot_ms;
}

/* --- Group time ----------------------------------------------------------------------------- */

/* Moves group time forward, if that can be made durable: it must not run back after a restart. No
 * announcement could be dated by a time that does not fit into its timestamp. */
static void move(struct groups *groups, struct group *group, int64_t by_ms, struct moment now) {
    const struct group_clock clock = group->clock;
    const struct gmk current = group->current, waiting = group->waiting;
    const struct outbox *outbox = &groups->desk->outbox;
    if (!mikey_time_fits(group_clock_read(&clock, now) + by_ms)) {
        return;
    }
    group_move_time(group, by_ms, now);
    if (groups_save(groups, group) != STATUS_OK) {
        group->clock = clock;
        group->current = current;
        group->waiting = waiting;
        group->moved_ms -= by_ms;
        return;
    }
    heard_time_moved(&group->heard, by_ms, outbox->queued, outbox->durable, now);
    group->is_unproven = false;
    hours_doubt_anothers(group); /* a member's time may be ahead of its own GMK's hours */
}

void time_proof_hear_member(struct groups *groups, struct group *group, int64_t ahead_ms,
                            struct moment now) {
    if (!group->is_unproven || group_is_standard(group)) {
        return;
    }
    if (ahead_ms > CLOCK_TOLERANCE_MS) {
        int64_t left_ms = TIME_MEMBER_MOVES_MS - group->moved_ms;
        if (left_ms > 0) {
            move(groups, group, ahead_ms < left_ms ? ahead_ms : left_ms, now);
        }
    } else if (!clock_differs(ahead_ms)) {
        group->is_unproven = false;
    }
}

/* How many of the clocks agree with one that is ahead by `ahead_ms`? */
static size_t count_agreeing(const struct wall_clocks *clocks, int64_t ahead_ms) {
    size_t count = 0;
    for (size_t i = 0; i < clocks->count; i++) {
        count += !clock_differs(clocks->ahead_ms[i] - ahead_ms);
    }
    return count;
}

/* Do most of all clocks, of which this handset's is one, agree with one that is ahead by
 * `ahead_ms`? */
static bool is_of_most(const struct wall_clocks *clocks, int64_t ahead_ms) {
    size_t votes = count_agreeing(clocks, ahead_ms) + !clock_differs(ahead_ms);
    return 2 * votes > clocks->count + 1;
}

/* Do two neighbours at least as well? */
static bool is_voted(const struct wall_clocks *clocks, int64_t ahead_ms) {
    return count_agreeing(clocks, ahead_ms) > 1 && is_of_most(clocks, ahead_ms);
}

int64_t time_proof_latest_ms(const struct groups *groups, struct moment now) {
    int64_t months_ms[KEYRING_MONTHS_MAX];
    if (now.utc_ms < written_ms ||
        keyring_months_ahead(&groups->desk->keyring, now, months_ms) > 0) {
        return INT64_MAX;
    }
    const struct wall_clocks clocks = wall_clocks_of(groups->roster, now, PRESENCE_LASTS_MS);
    int64_t ahead_ms = wall_clocks_median(&clocks);
    int64_t latest_ms = now.utc_ms;
    if (ahead_ms > 0 && is_voted(&clocks, ahead_ms)) {
        latest_ms += ahead_ms;
    }
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = groups->list[i];
        int64_t group_ms = group_clock_read(&group->clock, now);
        if (group_is_standard(group) && group_ms > latest_ms) {
            latest_ms = group_ms;
        }
    }
    return latest_ms;
}

static void prove(const struct time_proof *proof, const struct wall_clocks *clocks,
                  struct moment now) {
    struct groups *groups = proof->groups;
    int64_t ahead_ms = wall_clocks_median(clocks);
    bool is_agreed = is_voted(clocks, ahead_ms);
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->list[i];
        /* An ad-hoc group's time went on with the wall clock as that was at the start. */
        int64_t behind_ms = group_is_standard(group)
                                ? now.utc_ms + ahead_ms - group_clock_read(&group->clock, now)
                                : ahead_ms + proof->stepped_ms;
        if (!clock_differs(behind_ms)) {
            group->is_unproven = false;
            if (is_of_most(clocks, ahead_ms)) { /* not where one other alone is as wrong */
                hours_agree(group);
            }
            if (is_agreed) {
                hours_outvote(group);
            }
        } else if (behind_ms > 0 && is_agreed && group_is_standard(group)) {
            move(groups, group, behind_ms, now);
        }
    }
}

/* --- The wall clock ------------------------------------------------------------------------- */

static void tell(struct time_proof *proof, struct moment now, enum event_kind kind,
                 int64_t ahead_ms) {
    const struct event event = {.kind = kind, .duration_ms = ahead_ms};
    desk_tell(proof->desk, now, &event);
}

/* What two or more agree on stands until it is over; what one alone says is told once. */
static void judge_clock(struct time_proof *proof, const struct wall_clocks *clocks,
                        struct moment now) {
    int64_t ahead_ms = wall_clocks_median(clocks);
    bool differs = clock_differs(ahead_ms), is_agreed = count_agreeing(clocks, ahead_ms) > 1;
    bool is_news = !proof->is_told || clock_differs(ahead_ms - proof->told_ms);
    if (differs && is_agreed && is_news) {
        proof->is_told = true;
        proof->told_ms = ahead_ms;
        tell(proof, now, EVENT_CLOCK_DIFFERS, ahead_ms);
    } else if (differs && ahead_ms > 0 && clocks->count == 1 && !proof->is_hinted) {
        proof->is_hinted = true;
        tell(proof, now, EVENT_CLOCK_MAY_BE_BEHIND, ahead_ms);
    }
    proof->is_hinted = proof->is_hinted && (differs || clocks->count == 0);
    bool is_over = clocks->count > 0 ? !differs : !clock_differs(proof->told_ms);
    if (proof->is_told && is_over) {
        proof->is_told = false;
        tell(proof, now, EVENT_CLOCK_AGREES, 0);
    }
}

/* The wall clock was set: what was told of it is nearer, or farther, by as much. */
static void follow_steps(struct time_proof *proof, struct moment now) {
    int64_t step_ms = now.utc_ms - now.boot_ms - proof->offset_ms;
    proof->offset_ms += step_ms;
    proof->stepped_ms += step_ms;
    if (step_ms < -TIME_STEP_MS) {
        doubt_all(proof->groups);
    }
    proof->told_ms -= step_ms;
}

void time_proof_tick(struct time_proof *proof, struct moment now) {
    if (now.boot_ms < proof->due_ms) {
        return;
    }
    proof->due_ms = now.boot_ms + TIME_PROOF_MS;
    const struct wall_clocks clocks = wall_clocks_of(proof->roster, now, PRESENCE_LASTS_MS);
    follow_steps(proof, now);
    judge_clock(proof, &clocks, now);
    if (clocks.count > 0) {
        prove(proof, &clocks, now);
    }
}
