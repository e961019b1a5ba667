/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/asking.h"

#include <stdio.h>
#include <string.h>

static void forget(struct asking *asking) {
    asking->state = ASKED_NOTHING;
    asking->takes_back = asking->is_ordered = false;
}

/* About whoever is asked, who matters where it is that one's doing. */
static struct event event_about(const struct asking *asking, enum event_kind kind) {
    const struct claim *holder = &asking->holder;
    const struct group *group = groups_find(asking->groups, holder->group);
    if (kind != EVENT_FLOOR_NOT_ANSWERED && kind != EVENT_FLOOR_DENIED) {
        return event_of_group(kind, holder->group, group == NULL ? "" : group->parameters.name);
    }
    return groups_event(asking->groups, kind, holder->identity, holder->group);
}

static void tell(struct asking *asking, struct moment now, enum event_kind kind) {
    const struct event event = event_about(asking, kind);
    desk_tell(asking->desk, now, &event);
}

/* It is over, and not because the officer said so. */
static void end(struct asking *asking, struct moment now, enum event_kind kind) {
    bool is_wanted = asking->state != ASKED_NOTHING;
    forget(asking);
    if (is_wanted) {
        tell(asking, now, kind);
    }
}

/* --- Saying it ------------------------------------------------------------------------------ */

/* What the holder's latest announcement gives, if something may be said under it now. */
static const struct session_key *key_of(const struct asking *asking, struct moment now) {
    const struct claim *holder = &asking->holder;
    const struct session *session = seats_find(asking->sessions, holder->identity, holder->group);
    if (desk_is_silent(asking->desk) || session == NULL ||
        !claim_is_same(&session->claim, holder) || session->current.floor == NULL) {
        return NULL;
    }
    const struct gmk *gmk;
    const struct group *group =
        groups_gmk(asking->groups, holder->group, session->current.gmk_id, &gmk);
    return group != NULL && gmk_is_usable(gmk, group, now) == STATUS_OK ? &session->current : NULL;
}

static bool say(struct asking *asking, struct moment now) {
    uint8_t payload[FLOOR_REQUEST_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    const struct desk *desk = asking->desk;
    const struct session_key *key = key_of(asking, now);
    struct floor_request request = {.wish =
                                        asking->takes_back ? FLOOR_WISH_NOTHING : FLOOR_WISH_TALK,
                                    .priority = asking->priority,
                                    .number = asking->number};
    snprintf(request.identity, sizeof request.identity, "%s", own_identity(desk));
    if (key == NULL || floor_request_close(key->floor, &request, desk->keyring.provider,
                                           keyring_signing_key(&desk->keyring, asking->number),
                                           &desk->entropy, &w) != STATUS_OK) {
        return false;
    }
    air_send_to_group(asking->air, asking->holder.group, FRAME_FLOOR, writer_span(&w));
    return true;
}

/* A new request, or that the one before is taken back. Numbers are of group time, so that they rise
 * also over a restart. */
static bool say_anew(struct asking *asking, struct moment now) {
    const struct group *group = groups_find(asking->groups, asking->holder.group);
    int64_t group_now = group == NULL ? 0 : group_clock_read(&group->clock, now);
    asking->number = group_now > asking->number ? group_now : asking->number + 1;
    asking->tries = 1;
    asking->asked_ms = now.boot_ms;
    asking->repeat_ms = now.boot_ms + ASKING_FIRST_MS;
    asking->look_due_ms = now.boot_ms;
    return say(asking, now);
}

/* Asks `holder`, who has the floor. */
static bool ask(struct asking *asking, struct moment now, const struct claim *holder) {
    asking->holder = *holder;
    asking->state = ASKED_UNANSWERED;
    asking->takes_back = asking->is_ordered = asking->has_answer = false;
    asking->position = 0;
    return say_anew(asking, now);
}

static void take_back(struct asking *asking, struct moment now) {
    bool was_asked = asking->state == ASKED_UNANSWERED || asking->state == ASKED_QUEUED;
    forget(asking);
    asking->takes_back = was_asked;
    if (was_asked && !say_anew(asking, now)) {
        forget(asking);
    }
}

void asking_stop(struct asking *asking, struct moment now) {
    if (asking->state != ASKED_NOTHING) {
        take_back(asking, now);
    }
}

void asking_press(struct asking *asking, struct moment now, const struct command *command,
                  struct event *problem) {
    const struct claim *holder = floor_holder(asking->floor, now, command->group);
    bool is_asked = asking->state != ASKED_NOTHING;
    bool is_here = strcmp(asking->holder.group, command->group) == 0;
    if (is_asked && is_here) {
        take_back(asking, now);
        problem->kind = EVENT_FLOOR_TAKEN_BACK;
        return;
    }
    asking_stop(asking, now); /* one at a time */
    if (holder == NULL || voice_report_who(own_identity(asking->desk), asking->who) != STATUS_OK) {
        return;
    }
    asking->pressed_ms = now.boot_ms;
    asking->priority = (uint8_t)emergencies_own_priority(asking->emergencies, command->group);
    if (ask(asking, now, holder)) {
        problem->kind = EVENT_FLOOR_ASKED;
    } else {
        forget(asking);
    }
}

/* --- Answers -------------------------------------------------------------------------------- */

static void hear_answer(struct asking *asking, struct moment now, const struct queue_info *info) {
    int place = queue_info_place(info, asking->who);
    bool is_denied = info->cause != QUEUE_CAUSE_NONE &&
                     memcmp(info->denied, asking->who, sizeof asking->who) == 0;
    if (asking->takes_back && place < 0) {
        forget(asking);
    } else if (asking->takes_back) {
        return;
    } else if (place >= 0) {
        asking->state = ASKED_QUEUED;
        asking->position = (unsigned)place + 1;
    } else if (is_denied) {
        end(asking, now, EVENT_FLOOR_DENIED);
    } else if (asking->state == ASKED_QUEUED) {
        end(asking, now, EVENT_FLOOR_REQUEST_OVER); /* its place is another's now */
    }
}

/* Is it of whoever is asked, and newer than what was heard of the queue before? */
static bool is_news(const struct asking *asking, const struct session *session,
                    const struct media *media) {
    bool is_asked =
        asking->state == ASKED_UNANSWERED || asking->state == ASKED_QUEUED || asking->takes_back;
    return is_asked && claim_is_same(&session->claim, &asking->holder) &&
           (!asking->has_answer || (int32_t)(media->rtp_time - asking->answer_time) > 0);
}

void asking_packet(struct asking *asking, struct moment now, const struct session *session,
                   const struct media *media, struct span rtp) {
    struct queue_info info;
    bool is_end = media_is_end(media);
    if (!is_end && !session->ended) {
        turns_end(asking->turns, session->group); /* somebody talks */
    }
    if (!queue_info_read(rtp, is_end, &info)) {
        return;
    }
    if (is_end && !session->ended && floor_has(asking->floor, now, &session->claim)) {
        turns_begin(asking->turns, now, session->group, &info);
    } else if (!is_end && is_news(asking, session, media)) {
        asking->has_answer = true;
        asking->answer_time = media->rtp_time;
        hear_answer(asking, now, &info);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

/* Nobody talks: is it this handset's turn, or will it be? */
static void look_at_turns(struct asking *asking, struct moment now) {
    size_t nth;
    const struct turn_list *list = turns_current(asking->turns, now, asking->holder.group, &nth);
    int place = list == NULL ? -1 : queue_info_place(&list->order, asking->who);
    bool was_turn = asking->state == ASKED_YOUR_TURN;
    if (place < 0 || (size_t)place < nth) {
        end(asking, now, was_turn ? EVENT_FLOOR_TURN_MISSED : EVENT_FLOOR_REQUEST_OVER);
        return;
    }
    asking->is_ordered = true;
    if ((size_t)place > nth) {
        asking->state = ASKED_QUEUED;
        asking->position = (unsigned)((size_t)place - nth);
        asking->look_due_ms = list->began_ms + (int64_t)(nth + 1) * TURN_EVERY_MS;
        return;
    }
    asking->look_due_ms = list->began_ms + (int64_t)nth * TURN_EVERY_MS + TURN_MS;
    if (now.boot_ms >= asking->look_due_ms) {
        end(asking, now, EVENT_FLOOR_TURN_MISSED);
    } else if (!was_turn) {
        asking->state = ASKED_YOUR_TURN;
        tell(asking, now, EVENT_FLOOR_GRANTED);
    }
}

/* Another has the floor than the one who was asked. */
static void look_at_other(struct asking *asking, struct moment now, const struct claim *holder) {
    if (!asking->is_ordered || holder->priority > asking->priority || !ask(asking, now, holder)) {
        end(asking, now, EVENT_FLOOR_REQUEST_OVER);
    }
}

void asking_look(struct asking *asking, struct moment now) {
    if (asking->state == ASKED_NOTHING && !asking->takes_back) {
        return;
    }
    const struct claim *holder = floor_holder(asking->floor, now, asking->holder.group);
    bool is_same = holder != NULL && claim_is_same(holder, &asking->holder);
    if (groups_find(asking->groups, asking->holder.group) == NULL || desk_is_silent(asking->desk) ||
        (asking->takes_back && !is_same)) {
        forget(asking);
    } else if (now.boot_ms - asking->pressed_ms >= ASKING_LONGEST_MS) {
        end(asking, now, EVENT_FLOOR_REQUEST_OVER);
    } else if (holder == NULL) {
        look_at_turns(asking, now);
    } else if (!is_same) {
        look_at_other(asking, now, holder);
    } else {
        asking->look_due_ms = now.boot_ms + ASKING_LOOK_MS;
    }
}

static bool is_unanswered(const struct asking *asking) {
    return asking->takes_back || asking->state == ASKED_UNANSWERED;
}

/* Repeats what is not answered, and renews what is. */
static void go_on(struct asking *asking, struct moment now) {
    if (is_unanswered(asking) && now.boot_ms - asking->asked_ms >= ASKING_ANSWER_MS) {
        end(asking, now, EVENT_FLOOR_NOT_ANSWERED);
    } else if (is_unanswered(asking) && asking->tries < ASKING_TRIES &&
               now.boot_ms >= asking->repeat_ms) {
        asking->repeat_ms = now.boot_ms + (ASKING_FIRST_MS << asking->tries);
        asking->tries++;
        (void)say(asking, now); /* it is said again, or not answered */
    } else if (asking->state == ASKED_QUEUED && !asking->is_ordered &&
               now.boot_ms - asking->asked_ms >= ASKING_RENEW_MS) {
        (void)say_anew(asking, now);
    }
}

void asking_tick(struct asking *asking, struct moment now) {
    asking_look(asking, now);
    go_on(asking, now);
}

int64_t asking_deadline(const struct asking *asking) {
    if (asking->state == ASKED_NOTHING && !asking->takes_back) {
        return INT64_MAX;
    }
    int64_t next_ms =
        asking->asked_ms + (is_unanswered(asking) ? ASKING_ANSWER_MS : ASKING_RENEW_MS);
    if (is_unanswered(asking) && asking->tries < ASKING_TRIES && asking->repeat_ms < next_ms) {
        next_ms = asking->repeat_ms;
    }
    bool is_renewed = is_unanswered(asking) || !asking->is_ordered;
    return is_renewed && next_ms < asking->look_due_ms ? next_ms : asking->look_due_ms;
}

void asking_show(const struct asking *asking, struct view *view) {
    struct view_floor *out = &view->floor;
    out->asked = asking->state;
    out->position = asking->state == ASKED_QUEUED ? asking->position : 0;
    snprintf(out->asked_group, sizeof out->asked_group, "%s",
             asking->state == ASKED_NOTHING ? "" : asking->holder.group);
}
