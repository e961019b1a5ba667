/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/pursuit.h"

bool pursuit_rests(const struct group_member *member) {
    return member->state == MEMBER_UNREACHABLE ||
           (member->state == MEMBER_UNANSWERED && member->unanswered < PURSUIT_UNANSWERED_MAX);
}

bool pursuit_goes_on(const struct group_member *member) {
    return member->state == MEMBER_WAITING || member->state == MEMBER_ASKED ||
           pursuit_rests(member);
}

/* Is its officer asked over and over, because contact comes and goes? */
static bool is_flapping(const struct group_member *member) {
    return member->lost_asked >= PURSUIT_LOST_MAX;
}

void pursuit_begin(struct group_member *member) {
    member->state = MEMBER_WAITING;
    member->unanswered = 0;
    member->lost_asked = 0;
    member->is_asked_again = false;
    member->is_away = false;
    member->again_ms = 0;
    member->again_wait_ms = 0;
    group_member_excuse(member, REASON_NONE);
}

void pursuit_end(struct group_member *member) {
    member->again_ms = 0;
    member->again_wait_ms = 0;
    member->lost_asked = 0;
}

void pursuit_fail(struct group_member *member, struct moment now) {
    bool is_slow = member->state == MEMBER_UNANSWERED || is_flapping(member);
    int64_t first_ms = is_slow ? PURSUIT_DECISION_MS : PURSUIT_WAIT_MS;
    int64_t most_ms = is_slow ? PURSUIT_DECISION_MAX_MS : PURSUIT_WAIT_MAX_MS;
    int64_t wait_ms = 2 * member->again_wait_ms;
    wait_ms = wait_ms < first_ms ? first_ms : wait_ms > most_ms ? most_ms : wait_ms;
    member->again_wait_ms = wait_ms;
    member->again_ms = now.boot_ms + wait_ms;
}

bool pursuit_look(struct group_member *member, bool is_near, struct moment now) {
    if (!pursuit_rests(member)) {
        return false;
    }
    if (!is_near) {
        member->is_away = true;
        return false;
    }
    bool is_back = member->is_away;
    member->is_away = false;
    if (is_back && !is_flapping(member)) {
        member->again_wait_ms = 0;
        member->again_ms = now.boot_ms;
    }
    if (now.boot_ms < member->again_ms) {
        return false;
    }
    member->state = MEMBER_WAITING;
    member->is_asked_again = true;
    return true;
}
