/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/view_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/programs/event_json.h"

static void set(json_t *object, const char *name, json_t *value) {
    (void)json_object_set_new(object, name, value);
}

static void set_text(json_t *object, const char *name, const char *text) {
    set(object, name, json_string(text));
}

static void set_number(json_t *object, const char *name, int64_t number) {
    set(object, name, json_integer((json_int_t)number));
}

static void set_truth(json_t *object, const char *name, bool is) {
    set(object, name, json_boolean(is));
}

static void set_who(json_t *object, const char *identity, const char *name, enum name_kind kind) {
    set_text(object, "identity", identity);
    set_text(object, "name", name);
    set_text(object, "name_kind", event_name_kind_name(kind));
}

/* Both are refused and given no keys; who did that, the KMS or this officer, is told apart. */
static void set_shut_out(json_t *object, bool is_revoked, bool is_lost) {
    set_truth(object, "revoked", is_revoked && !is_lost);
    set_truth(object, "lost", is_lost);
}

/* --- Groups ----------------------------------------------------------------------------------- */

static const char *member_state_name(enum member_state state) {
    static const char *const names[] = {
        [MEMBER_UNKNOWN] = "unknown",         [MEMBER_SELF] = "self",
        [MEMBER_WAITING] = "waiting",         [MEMBER_ASKED] = "asked",
        [MEMBER_ACCEPTED] = "has-key",        [MEMBER_DECLINED] = "declined",
        [MEMBER_UNREACHABLE] = "unreachable", [MEMBER_CANCELLED] = "cancelled",
        [MEMBER_UNANSWERED] = "unanswered"};
    return names[state];
}

static json_t *members_of(const struct view_group *group) {
    json_t *members = json_array();
    for (size_t i = 0; i < group->member_count; i++) {
        const struct view_member *member = &group->members[i];
        json_t *object = json_object();
        set_who(object, member->identity, member->name, member->name_kind);
        set_text(object, "state", member_state_name(member->state));
        set_truth(object, "near", member->is_near);
        set_truth(object, "trusted", member->trusted);
        set_shut_out(object, member->is_revoked, member->is_lost);
        (void)json_array_append_new(members, object);
    }
    return members;
}

/* In reach are the others; this handset is not counted. */
static int64_t near_of(const struct view_group *group) {
    int64_t near = 0;
    for (size_t i = 0; i < group->member_count; i++) {
        near += group->members[i].is_near && group->members[i].state != MEMBER_SELF;
    }
    return near;
}

json_t *view_json_group(const struct view_group *group, bool has_members) {
    static const char *const states[] = {
        [GMK_USABLE] = "usable", [GMK_NOT_YET] = "not-yet", [GMK_EXPIRED] = "expired"};
    char id[9];
    json_t *object = json_object();
    snprintf(id, sizeof id, "%08" PRIX32, group->gmk_id);
    set_text(object, "group", group->identity);
    set_text(object, "name", group->name);
    set_text(object, "kind", group->kind == GROUP_ADHOC ? "ad-hoc" : "standard");
    set_text(object, "key", states[group->gmk_state]);
    set_text(object, "gmk_id", id);
    set_number(object, "left_ms", group->remaining_ms);
    set_number(object, "begins_in_ms", group->begins_in_ms);
    set_number(object, "unread", (int64_t)group->unread);
    if (group->kind == GROUP_ADHOC) {
        set_number(object, "member_count", (int64_t)group->member_count);
        set_number(object, "members_near", near_of(group));
    }
    if (has_members) {
        set(object, "members", members_of(group));
    }
    return object;
}

json_t *view_json_groups(const struct view *view) {
    json_t *groups = json_array();
    for (size_t i = 0; i < view->group_count; i++) {
        (void)json_array_append_new(groups, view_json_group(&view->groups[i], false));
    }
    return groups;
}

/* --- Who is nearby ---------------------------------------------------------------------------- */

json_t *view_json_nearby(const struct view *view) {
    static const char *const states[] = {[NEARBY_REACHABLE] = "reachable",
                                         [NEARBY_HEARD] = "heard",
                                         [NEARBY_NOT_ANSWERING] = "not-answering"};
    json_t *nearby = json_array();
    for (size_t i = 0; i < view->nearby_count; i++) {
        const struct view_nearby *row = &view->nearby[i];
        json_t *object = json_object();
        set_who(object, row->identity, row->name, row->name_kind);
        set_text(object, "state", states[row->state]);
        set_truth(object, "trusted", row->trusted);
        set_truth(object, "member", row->is_member);
        set_shut_out(object, row->is_revoked, row->is_lost);
        set_truth(object, "two_devices", row->is_two);
        set_text(object, "link", row->link);
        set_truth(object, "relayed", row->relayed);
        set_number(object, "heard_ago_ms", row->heard_ago_ms);
        (void)json_array_append_new(nearby, object);
    }
    return nearby;
}

/* --- What happened ---------------------------------------------------------------------------- */

json_t *view_json_log(const struct view *view, size_t most) {
    json_t *events = json_array();
    for (size_t i = view->log_count < most ? view->log_count : most; i-- > 0;) {
        (void)json_array_append_new(events, event_json_object(&view->log[i]));
    }
    return events;
}

/* --- The whole -------------------------------------------------------------------------------- */

static json_t *talkers_of(const struct view *view) {
    json_t *talkers = json_array();
    for (size_t i = 0; i < view->talker_count; i++) {
        const struct view_talker *talker = &view->talkers[i];
        json_t *object = json_object();
        set_who(object, talker->identity, talker->name, talker->name_kind);
        set_text(object, "group", talker->group);
        set_truth(object, "self", talker->self);
        set_truth(object, "emergency", talker->is_emergency);
        set_number(object, "elapsed_ms", talker->elapsed_ms);
        (void)json_array_append_new(talkers, object);
    }
    return talkers;
}

static json_t *alarms_of(const struct view *view) {
    json_t *alarms = json_array();
    for (size_t i = 0; i < view->alarm_count; i++) {
        (void)json_array_append_new(alarms, event_json_object(&view->alarms[i]));
    }
    return alarms;
}

static json_t *invitations_of(const struct view *view) {
    static const char *const purposes[] = {
        [INVITED_TO_GROUP] = "group", [INVITED_TO_REKEY] = "rekey", [INVITED_TO_CALL] = "call"};
    json_t *invitations = json_array();
    for (size_t i = 0; i < view->invitation_count; i++) {
        const struct view_invitation *invitation = &view->invitations[i];
        json_t *object = json_object();
        set_text(object, "purpose", purposes[invitation->purpose]);
        set_who(object, invitation->inviter, invitation->inviter_name,
                invitation->inviter_name_kind);
        set_text(object, "group", invitation->group);
        set_text(object, "group_name", invitation->group_name);
        set_number(object, "waits_ms", invitation->waits_ms);
        (void)json_array_append_new(invitations, object);
    }
    return invitations;
}

static json_t *messages_of(const struct view *view) {
    int64_t unread = 0;
    for (size_t i = 0; i < view->group_count; i++) {
        unread += (int64_t)view->groups[i].unread;
    }
    json_t *object = json_object();
    set_number(object, "shown", (int64_t)view->message_count);
    set_number(object, "unread", unread);
    return object;
}

const char *view_json_phase(enum view_phase phase) {
    switch (phase) {
    case PHASE_LOCKED:
        return "locked";
    case PHASE_NEW:
        return "new";
    case PHASE_UNLOCKING:
        return "opening";
    case PHASE_UNENROLLED:
        return "not-enrolled";
    case PHASE_READY:
        break;
    }
    return "ready";
}

static void add_handset(json_t *answer, const struct view *view) {
    static const char *const calls[] = {
        [CALL_NONE] = "none", [CALL_RINGING] = "ringing", [CALL_ACTIVE] = "active"};
    set_text(answer, "identity", view->identity);
    set_text(answer, "name", view->name);
    set_number(answer, "nearby", (int64_t)view->nearby_count);
    set_truth(answer, "talking", view->talking);
    set_truth(answer, "radio_silence", view->radio_silence);
    set_truth(answer, "airplane", view->airplane);
    set_number(answer, "lock_after_ms", view->settings.lock_after_ms);
    set(answer, "groups", view_json_groups(view));
    set(answer, "talkers", talkers_of(view));
    set_text(answer, "call", calls[view->call_state]);
    set(answer, "alarms", alarms_of(view));
    set(answer, "invitations", invitations_of(view));
    set(answer, "messages", messages_of(view));
}

void view_json_add(json_t *answer, const struct view *view) {
    set_truth(answer, "bound", view->is_bound);
    set_text(answer, "state", view_json_phase(view->phase));
    if (view->phase == PHASE_READY) {
        add_handset(answer, view);
    } else if (view->phase == PHASE_LOCKED) {
        set_number(answer, "wrong_passphrases", view->lock.wrong);
        set_number(answer, "wait_ms", view->lock.wait_ms);
        set_truth(answer, "hears", view->lock.hears);
    }
}
