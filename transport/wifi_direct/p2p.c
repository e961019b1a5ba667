/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/p2p.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/wifi_direct/p2p_state.h"
#include "transport/wifi_direct/supplicant_line.h"

/* The rhythm of seeking, in seconds; the second number is left to chance. */
enum {
    BOUT_S = 3,
    BOUT_MORE_S = 3,
    WIDE_BOUT_S = 8,
    LISTEN_S = 1,
    LISTEN_MORE_S = 2,
    LONELY_BOUTS = 12, /* after so many without seeing anybody it listens for longer */
    LONELY_LISTEN_S = 3,
    LONELY_LISTEN_MORE_S = 6,
    CLIENT_PAUSE_S = 20,
    DESERTED_PAUSE_S = 8, /* each of the last two and as much at random */
};

enum {
    RETRY_STATUS_MS = 10 * 1000,
    JOIN_SPREAD_MS = 500, /* and so much more for each other one in sight: */
    JOIN_SPREAD_EACH_MS = 300,
    LEAVE_SPREAD_MS = 5000,
    VOICE_FRAMES = 10, /* within VOICE_MS */
    VOICE_MS = 1000,
};

/* --- Small parts ---------------------------------------------------------------------------- */

int64_t p2p_chance(struct p2p *p2p, int64_t below) {
    p2p->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = p2p->random;
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    return (int64_t)(mixed % (uint64_t)below);
}

void p2p_command(struct p2p *p2p, enum p2p_deed deed, enum p2p_question question,
                 const char *format, ...) {
    if (p2p->queued == P2P_QUEUE_MAX) {
        return;
    }
    struct p2p_command *command = &p2p->queue[(p2p->first + p2p->queued++) % P2P_QUEUE_MAX];
    command->deed = deed;
    command->question = question;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command->line, sizeof command->line, format, arguments);
    va_end(arguments);
}

/* Has `when` come? If not, it is one of the times to wake at. */
static bool is_due(struct p2p *p2p, int64_t now_ms, int64_t when) {
    if (now_ms >= when) {
        return true;
    }
    if (when < p2p->next_ms) {
        p2p->next_ms = when;
    }
    return false;
}

/* --- The group's end ------------------------------------------------------------------------ */

void p2p_group_lost(struct p2p *p2p, int64_t now_ms, bool left) {
    struct p2p_handset *owner = p2p_neighbours_find(&p2p->neighbours, p2p->owner);
    if (owner != NULL && !left) {
        owner->seen_ms = INT64_MIN;
        owner->is_owner = false;
        if (now_ms - p2p->group_since_ms < P2P_LASTING_MS) {
            p2p_back_off(p2p, now_ms, owner);
        } else {
            owner->failures = 0;
        }
    }
    p2p->role = p2p->is_ready ? P2P_ALONE : P2P_ABSENT;
    p2p->interface[0] = '\0';
    p2p->owner = 0;
    p2p->member_count = p2p->joiner_count = 0;
    p2p->lets_in = false;
    p2p_begin_anew(p2p, now_ms);
}

static void leave_group(struct p2p *p2p, int64_t now_ms, bool willingly) {
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_GROUP_REMOVE %s", p2p->interface);
    memcpy(p2p->left, p2p->interface, sizeof p2p->left);
    p2p_group_lost(p2p, now_ms, willingly);
}

/* --- Rule 1 --------------------------------------------------------------------------------- */

static int64_t seconds(struct p2p *p2p, int64_t at_least, int64_t more) {
    return at_least + p2p_chance(p2p, more + 1);
}

/* wpa_supplicant drops events that a busy reader has no room for (a socket holds ten): it may be in
 * a group of which this handset was never told, and stays there, mute, unless it is told to leave.
 */
static void leave_untold_groups(struct p2p *p2p) {
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_GROUP_REMOVE *");
}

static void begin_bout(struct p2p *p2p, int64_t now_ms) {
    bool is_wide = p2p->role == P2P_ALONE && ++p2p->bouts % P2P_WIDE_BOUTS == 0;
    if (p2p->role == P2P_ALONE) {
        leave_untold_groups(p2p);
    }
    int64_t length = is_wide ? WIDE_BOUT_S : seconds(p2p, BOUT_S, BOUT_MORE_S);
    p2p_command(p2p, P2P_COMMAND, p2p->role == P2P_ALONE ? ASKED_SEEK : ASKED_NOTHING,
                "P2P_FIND %d%s", (int)length, is_wide ? "" : " type=social");
    p2p->seeks = true;
    p2p->seek_ms = now_ms + length * 1000;
}

static void end_bout(struct p2p *p2p, int64_t now_ms) {
    int64_t length;
    p2p->seeks = false;
    if (p2p->role == P2P_CLIENT) {
        length = seconds(p2p, CLIENT_PAUSE_S, CLIENT_PAUSE_S);
    } else if (p2p->role == P2P_OWNER) {
        length = seconds(p2p, DESERTED_PAUSE_S, DESERTED_PAUSE_S);
    } else {
        bool is_lonely = p2p->bouts > LONELY_BOUTS && p2p->sight_ms == INT64_MAX;
        length = is_lonely ? seconds(p2p, LONELY_LISTEN_S, LONELY_LISTEN_MORE_S)
                           : seconds(p2p, LISTEN_S, LISTEN_MORE_S);
        p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_LISTEN %d", (int)length);
    }
    p2p->seek_ms = now_ms + length * 1000 + p2p_chance(p2p, 500);
}

static void seek(struct p2p *p2p, int64_t now_ms) {
    if (!is_due(p2p, now_ms, p2p->seek_ms)) {
        return;
    }
    if (p2p->seeks) {
        end_bout(p2p, now_ms);
    } else {
        begin_bout(p2p, now_ms);
    }
    is_due(p2p, now_ms, p2p->seek_ms);
}

/* --- Rules 2 to 4 --------------------------------------------------------------------------- */

/* Has the time come to join an owner, that is a time by chance within `spread_ms` of when it was
 * decided, after `grace_ms`? */
static bool may_join(struct p2p *p2p, int64_t now_ms, int64_t grace_ms, int64_t spread_ms) {
    if (p2p->join_ms == INT64_MAX) {
        p2p->join_ms = now_ms + grace_ms + p2p_chance(p2p, spread_ms);
    }
    return is_due(p2p, now_ms, p2p->join_ms);
}

/* One other, and no owner. Those that know each other wait for nothing. */
static void begin_with_one(struct p2p *p2p, int64_t now_ms, const struct p2p_handset *other,
                           bool has_settled) {
    if (!is_due(p2p, now_ms, other->not_before_ms)) {
        return;
    }
    if (!other->is_stranger) {
        p2p_look_up(p2p, now_ms, other->address);
    } else if (has_settled) {
        p2p_connect(p2p, now_ms, other->address);
    }
}

/* Others, and no owner: whoever's turn it is begins. */
static void begin(struct p2p *p2p, int64_t now_ms, const struct p2p_sight *sight) {
    if (p2p->sight_ms == INT64_MAX) {
        p2p->sight_ms = now_ms;
        p2p->begin_ms = P2P_SETTLE_MS + p2p_chance(p2p, P2P_SETTLE_MS);
    }
    int64_t turn = p2p->sight_ms + (int64_t)P2P_GRACE_MS * sight->lower;
    bool is_turn = is_due(p2p, now_ms, turn);
    bool has_settled = is_due(p2p, now_ms, turn + p2p->begin_ms);
    if (sight->others == 1 && is_turn) {
        begin_with_one(p2p, now_ms, sight->nearest, has_settled);
    } else if (sight->others == 1) {
        p2p_expect(p2p, sight->nearest->address);
    } else if (has_settled) {
        p2p_start_group(p2p, now_ms);
    }
}

static void decide_alone(struct p2p *p2p, int64_t now_ms) {
    struct p2p_sight sight = p2p_neighbours_look(&p2p->neighbours, p2p->own, now_ms);
    if (sight.any_owner || sight.others == 0) {
        p2p->sight_ms = INT64_MAX;
    } else {
        begin(p2p, now_ms, &sight);
    }
    if (sight.owner == NULL) {
        p2p->join_ms = INT64_MAX;
    } else if (may_join(p2p, now_ms, 0, JOIN_SPREAD_MS + JOIN_SPREAD_EACH_MS * sight.others)) {
        p2p_join(p2p, now_ms, sight.owner);
    }
    if (p2p->attempt == TRIES_NOTHING) {
        seek(p2p, now_ms);
    }
}

/* --- Rule 5, and the rest of a group's life ------------------------------------------------- */

static void leave_for_another(struct p2p *p2p, int64_t now_ms) {
    struct p2p_sight sight = p2p_neighbours_look(&p2p->neighbours, p2p->own, now_ms);
    bool is_lower = sight.owner != NULL &&
                    sight.owner->address < (p2p->role == P2P_CLIENT ? p2p->owner : p2p->own);
    if (sight.owner == NULL || (!is_lower && p2p->role == P2P_CLIENT)) {
        p2p->join_ms = INT64_MAX;
        return;
    }
    if (!may_join(p2p, now_ms, is_lower ? 0 : P2P_DESERTED_MS, LEAVE_SPREAD_MS)) {
        return;
    }
    leave_group(p2p, now_ms, true);
    p2p_join(p2p, now_ms, sight.owner);
}

static void let_in(struct p2p *p2p, int64_t now_ms) {
    if (p2p->lets_in && is_due(p2p, now_ms, p2p->lets_in_until_ms)) {
        p2p_let_in_done(p2p, p2p->joiners[0]);
    }
    if (p2p->lets_in || p2p->joiner_count == 0) {
        return;
    }
    char address[LINE_ADDRESS_SIZE];
    line_write_address(p2p->joiners[0], address);
    p2p_command(p2p, P2P_GROUP_COMMAND, ASKED_NOTHING, "WPS_PBC p2p_dev_addr=%s", address);
    p2p->lets_in = true;
    p2p->lets_in_until_ms = now_ms + P2P_LET_IN_MS;
    is_due(p2p, now_ms, p2p->lets_in_until_ms);
}

void p2p_let_in_done(struct p2p *p2p, uint64_t address) {
    for (size_t i = 0; i < p2p->joiner_count; i++) {
        if (p2p->joiners[i] != address) {
            continue;
        }
        p2p->lets_in = p2p->lets_in && i != 0;
        p2p->joiner_count--;
        memmove(&p2p->joiners[i], &p2p->joiners[i + 1],
                (p2p->joiner_count - i) * sizeof p2p->joiners[0]);
        return;
    }
}

static void ask_for_signal(struct p2p *p2p, int64_t now_ms) {
    if (!is_due(p2p, now_ms, p2p->signal_ms)) {
        return;
    }
    p2p->signal_ms = now_ms + P2P_SIGNAL_MS;
    is_due(p2p, now_ms, p2p->signal_ms);
    if (p2p->role == P2P_CLIENT) {
        p2p_command(p2p, P2P_GROUP_COMMAND, ASKED_SIGNAL, "SIGNAL_POLL");
    } else if (p2p->member_count > 0) {
        char address[LINE_ADDRESS_SIZE];
        p2p->next_member = (p2p->next_member + 1) % p2p->member_count;
        p2p->asked_member = p2p->members[p2p->next_member].address;
        line_write_address(p2p->asked_member, address);
        p2p_command(p2p, P2P_GROUP_COMMAND, ASKED_SIGNAL, "STA %s", address);
    }
}

static void decide_in_group(struct p2p *p2p, int64_t now_ms) {
    if (p2p->lost_ms != INT64_MAX && is_due(p2p, now_ms, p2p->lost_ms + P2P_LOST_MS)) {
        leave_group(p2p, now_ms, false);
        return;
    }
    ask_for_signal(p2p, now_ms);
    if (p2p->mode != TRANSPORT_SEEKS) {
        return;
    }
    let_in(p2p, now_ms);
    bool may_leave = p2p->role == P2P_CLIENT || (p2p->member_count == 0 && p2p->joiner_count == 0);
    if (!may_leave || !is_due(p2p, now_ms, p2p->quiet_until_ms)) {
        return;
    }
    leave_for_another(p2p, now_ms);
    if (p2p->attempt == TRIES_NOTHING) {
        seek(p2p, now_ms);
    }
}

/* --- Taking --------------------------------------------------------------------------------- */

static void decide(struct p2p *p2p, int64_t now_ms) {
    p2p->next_ms = INT64_MAX;
    if (!p2p->is_up) {
        return;
    }
    if (!p2p->is_ready) {
        if (is_due(p2p, now_ms, p2p->retry_ms)) {
            p2p->retry_ms = now_ms + RETRY_STATUS_MS;
            p2p_command(p2p, P2P_COMMAND, ASKED_STATUS, "STATUS");
        }
        return;
    }
    if (p2p->attempt != TRIES_NOTHING) {
        if (!is_due(p2p, now_ms, p2p->attempt_until_ms)) {
            return;
        }
        p2p_attempt_failed(p2p, now_ms);
    }
    if (p2p->role != P2P_ALONE) {
        decide_in_group(p2p, now_ms);
    } else if (p2p->mode == TRANSPORT_SEEKS) {
        decide_alone(p2p, now_ms);
    }
    if (p2p->attempt != TRIES_NOTHING) {
        is_due(p2p, now_ms, p2p->attempt_until_ms);
    }
}

/* Tells that the group has come, or gone. */
static bool take_group(struct p2p *p2p, struct p2p_action *action) {
    if (p2p->told[0] != '\0' && (p2p->is_retold || strcmp(p2p->told, p2p->interface) != 0)) {
        *action = (struct p2p_action){.deed = P2P_GROUP_DOWN};
        p2p->told[0] = '\0';
        p2p->is_retold = false;
        return true;
    }
    if (p2p->interface[0] == '\0' || p2p->told[0] != '\0') {
        return false;
    }
    action->deed = P2P_GROUP_UP;
    snprintf(action->line, sizeof action->line, "%s", p2p->interface);
    memcpy(p2p->told, p2p->interface, sizeof p2p->told);
    return true;
}

bool p2p_take(struct p2p *p2p, int64_t now_ms, struct p2p_action *action) {
    if (take_group(p2p, action)) {
        return true;
    }
    if (p2p->waits) {
        return false;
    }
    if (p2p->queued == 0) {
        decide(p2p, now_ms);
        if (take_group(p2p, action)) {
            return true;
        }
    }
    if (p2p->queued == 0) {
        return false;
    }
    const struct p2p_command *command = &p2p->queue[p2p->first];
    action->deed = command->deed;
    memcpy(action->line, command->line, sizeof action->line);
    p2p->question = command->question;
    p2p->asks = command->deed;
    p2p->first = (p2p->first + 1) % P2P_QUEUE_MAX;
    p2p->queued--;
    p2p->waits = true;
    return true;
}

int64_t p2p_deadline(const struct p2p *p2p) {
    return p2p->waits ? INT64_MAX : p2p->next_ms;
}

/* --- The rest ------------------------------------------------------------------------------- */

/* Nothing more is asked for; but what is to be left is left. */
static void drop_commands(struct p2p *p2p) {
    static const char removal[] = "P2P_GROUP_REMOVE";
    size_t queued = p2p->queued;
    p2p->queued = 0;
    for (size_t i = 0; i < queued; i++) {
        struct p2p_command command = p2p->queue[(p2p->first + i) % P2P_QUEUE_MAX];
        if (strncmp(command.line, removal, strlen(removal)) == 0) {
            p2p->queue[(p2p->first + p2p->queued++) % P2P_QUEUE_MAX] = command;
        }
    }
}

void p2p_set_mode(struct p2p *p2p, int64_t now_ms, enum transport_mode mode) {
    if (mode == p2p->mode) {
        return;
    }
    p2p->mode = mode;
    if (!p2p->is_ready) {
        return;
    }
    if (mode == TRANSPORT_SEEKS) {
        p2p_begin_anew(p2p, now_ms);
        return;
    }
    drop_commands(p2p);
    p2p->joiner_count = 0;
    p2p->lets_in = false;
    p2p_expect_nobody(p2p);
    p2p_give_up(p2p);
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_STOP_FIND");
    if (mode != TRANSPORT_OFF) {
        return;
    }
    if (p2p->role != P2P_ALONE) {
        leave_group(p2p, now_ms, true);
    }
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_FLUSH");
    p2p->neighbours.count = 0;
}

void p2p_busy(struct p2p *p2p, int64_t now_ms) {
    if (now_ms - p2p->frames_since_ms > VOICE_MS) {
        p2p->frames_since_ms = now_ms;
        p2p->frames = 0;
    }
    if (++p2p->frames >= VOICE_FRAMES) {
        p2p->quiet_until_ms = now_ms + P2P_QUIET_MS;
    }
}

void p2p_up(struct p2p *p2p, int64_t now_ms) {
    p2p_down(p2p, now_ms);
    p2p->is_up = true;
    p2p->retry_ms = now_ms;
}

void p2p_down(struct p2p *p2p, int64_t now_ms) {
    p2p->is_up = p2p->is_ready = p2p->waits = false;
    p2p->queued = p2p->network_count = p2p->neighbours.count = 0;
    p2p->attempt = TRIES_NOTHING;
    p2p->expected = 0;
    p2p->trouble = P2P_NO_TROUBLE;
    p2p->refusals = 0;
    p2p->next_ms = INT64_MAX;
    p2p_group_lost(p2p, now_ms, false);
}

struct p2p *p2p_new(uint64_t seed) {
    struct p2p *p2p = calloc(1, sizeof *p2p);
    if (p2p == NULL) {
        return NULL;
    }
    p2p->random = seed;
    p2p->quiet_until_ms = p2p->frames_since_ms = INT64_MIN / 2;
    p2p_down(p2p, 0);
    return p2p;
}

void p2p_free(struct p2p *p2p) {
    free(p2p);
}
