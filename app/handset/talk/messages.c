/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/messages.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "app/handset/talk/message_word.h"

static const struct purse_size receipts_size = {.burst = MESSAGES_RECEIPTS_BURST,
                                                .rate = MESSAGES_RECEIPTS_RATE};

void messages_start(struct messages *messages, struct moment now) {
    messages->receipts = purse_full(receipts_size, now.boot_ms);
}

/* --- Boxes ---------------------------------------------------------------------------------- */

enum status messages_restore(struct messages *messages, struct span key, struct span value) {
    char name[RECORD_KEY_MAX + 1] = "";
    struct message_box *box;
    enum status status = messages->box_count == MESSAGE_BOXES_MAX
                             ? STATUS_NOT_FOUND
                             : message_box_restore(key, value, messages->groups, &box);
    if (status == STATUS_OK) {
        messages->boxes[messages->box_count++] = box;
        for (size_t i = 0; i < box->message_count; i++) {
            box->messages[i].id = ++messages->last_id;
        }
    } else if (status == STATUS_NOT_FOUND && key.length <= RECORD_KEY_MAX) {
        memcpy(name, key.octets, key.length);
        status = desk_save(messages->desk, RECORD_MESSAGES, name, NULL);
    }
    return status;
}

void messages_clear(struct messages *messages) {
    while (messages->box_count > 0) {
        message_box_free(messages->boxes[--messages->box_count]);
    }
    secret_wipe(messages->owed, sizeof messages->owed);
    messages->owed_count = 0;
}

struct message_box *messages_box_of(const struct messages *messages, const char *group,
                                    uint32_t gmk_id) {
    for (size_t i = 0; i < messages->box_count; i++) {
        struct message_box *box = messages->boxes[i];
        if (box->gmk_id == gmk_id && strcmp(box->group, group) == 0) {
            return box;
        }
    }
    return NULL;
}

struct message_box *messages_box(struct messages *messages, const char *group, uint32_t gmk_id) {
    struct message_box *box = messages_box_of(messages, group, gmk_id);
    if (box != NULL || messages->box_count == MESSAGE_BOXES_MAX) {
        return box;
    }
    box = message_box_new(group, gmk_id);
    if (box != NULL) {
        messages->boxes[messages->box_count++] = box;
    }
    return box;
}

const struct group *messages_group(const struct messages *messages, const struct message_box *box,
                                   struct moment now, const struct gmk **gmk) {
    const struct group *group = groups_gmk(messages->groups, box->group, box->gmk_id, gmk);
    bool is_usable =
        group != NULL && (*gmk)->octets != NULL && gmk_is_usable(*gmk, group, now) == STATUS_OK;
    return is_usable ? group : NULL;
}

enum status messages_save(struct messages *messages, struct message_box *box, struct moment now) {
    const struct gmk *gmk = NULL;
    const struct group *group = groups_gmk(messages->groups, box->group, box->gmk_id, &gmk);
    enum status status = message_box_save(box, messages->desk, group == NULL ? NULL : gmk);
    if (status != STATUS_OK) {
        box->is_changed = true; /* it is tried again */
        box->save_due_ms = now.boot_ms + MESSAGES_SAVE_MS;
        return status;
    }
    for (size_t i = 0; i < box->message_count; i++) {
        if (box->messages[i].batch == MESSAGE_UNSAVED) {
            box->messages[i].batch = messages->desk->outbox.queued;
        }
    }
    return STATUS_OK;
}

static struct event event_about(const struct messages *messages, enum event_kind kind,
                                const struct message_box *box) {
    const struct group *group = groups_find(messages->groups, box->group);
    return event_of_group(kind, box->group, group == NULL ? "" : group->parameters.name);
}

void messages_tell_dropped(const struct messages *messages, struct moment now,
                           const struct message_box *box) {
    struct event event = event_about(messages, EVENT_MESSAGES_DROPPED, box);
    event.count = 1;
    desk_tell(messages->desk, now, &event);
}

bool messages_give_up(const struct messages *messages, struct moment now, struct message_box *box) {
    struct event event = event_about(messages, EVENT_MESSAGES_UNSENT, box);
    for (size_t i = 0; i < box->message_count; i++) {
        struct kept_message *message = &box->messages[i];
        if (message_waits(message)) {
            message->is_unsent = true;
            event.count++;
        }
    }
    if (event.count > 0 && groups_find(messages->groups, box->group) != NULL) {
        desk_tell(messages->desk, now, &event);
    }
    return event.count > 0;
}

/* Nobody can read any more what was not read. */
static void tell_gone(const struct messages *messages, struct moment now,
                      const struct message_box *box) {
    struct event event = event_about(messages, EVENT_MESSAGES_GONE, box);
    for (size_t i = 0; i < box->message_count; i++) {
        event.count += !box->messages[i].is_own && !box->messages[i].is_read;
    }
    if (event.count > 0 && groups_find(messages->groups, box->group) != NULL) {
        desk_tell(messages->desk, now, &event);
    }
}

void messages_look(struct messages *messages, struct moment now) {
    for (size_t i = messages->box_count; i > 0; i--) {
        struct message_box *box = messages->boxes[i - 1];
        char name[MESSAGE_BOX_NAME_SIZE];
        const struct gmk *gmk;
        message_box_name(box, name);
        if (messages_group(messages, box, now, &gmk) == NULL &&
            desk_save(messages->desk, RECORD_MESSAGES, name, NULL) == STATUS_OK) {
            tell_gone(messages, now, box);
            (void)messages_give_up(messages, now, box);
            message_box_free(box);
            messages->boxes[i - 1] = messages->boxes[--messages->box_count];
        }
    }
}

/* --- What the officer does ------------------------------------------------------------------ */

static bool is_among(const struct command *command, uint64_t id) {
    for (size_t i = 0; i < command->seen_count; i++) {
        if (command->seen[i] == id) {
            return true;
        }
    }
    return false;
}

static void mark_read(struct messages *messages, struct moment now, const char *group,
                      const struct command *command) {
    for (size_t i = 0; i < messages->box_count; i++) {
        struct message_box *box = messages->boxes[i];
        if (strcmp(box->group, group) != 0) {
            continue;
        }
        for (size_t k = 0; k < box->message_count; k++) {
            struct kept_message *message = &box->messages[k];
            if (!message->is_read && is_among(command, message->id)) {
                message->is_read = true;
                box->save_due_ms =
                    box->is_changed ? box->save_due_ms : now.boot_ms + MESSAGES_SAVE_MS;
                box->is_changed = true;
            }
        }
    }
}

enum status messages_read(struct messages *messages, struct moment now,
                          const struct command *command, struct event *problem) {
    if (groups_find(messages->groups, command->group) == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_GROUP_GONE}, STATUS_NOT_FOUND);
    }
    mark_read(messages, now, command->group, command);
    return STATUS_OK;
}

void messages_read_besides(struct messages *messages, struct moment now,
                           const struct command *command) {
    if (command->seen_group[0] != '\0' && !messages->desk->cannot_save) {
        mark_read(messages, now, command->seen_group, command);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static bool is_to_tell(const struct messages *messages, const struct kept_message *message) {
    return !message->is_told && !message->is_own &&
           (message->batch <= messages->desk->outbox.durable || messages->desk->cannot_save);
}

/* What has come and is durable; or while nothing can be. */
static void tell_new(struct messages *messages, struct moment now, struct message_box *box) {
    for (size_t i = 0; i < box->message_count; i++) {
        struct kept_message *message = &box->messages[i];
        if (is_to_tell(messages, message)) {
            message->is_told = true;
            const struct event event =
                groups_event(messages->groups, EVENT_MESSAGE, message->said.identity, box->group);
            desk_tell(messages->desk, now, &event);
        }
    }
}

static void say_receipt(struct messages *messages, const struct owed_receipt *owed,
                        struct moment now) {
    uint8_t payload[MESSAGE_RECEIPT_SIZE], octets[GMK_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    const struct gmk *gmk;
    const struct group *group = groups_gmk(messages->groups, owed->group, owed->gmk_id, &gmk);
    if (group == NULL || gmk->octets == NULL || gmk_is_usable(gmk, group, now) != STATUS_OK ||
        desk_is_silent(messages->desk) ||
        !purse_take(&messages->receipts, receipts_size, now.boot_ms, UNIT) ||
        hours_key_named(group, gmk, owed->hour, now, octets) != STATUS_OK) {
        return;
    }
    const struct message_key key = {owed->group, owed->gmk_id, owed->hour, octets};
    if (message_receipt_close(&key, &owed->receipt, &messages->desk->entropy, &w) == STATUS_OK) {
        air_send_to_group(messages->air, owed->group, FRAME_MESSAGE_RECEIPT, writer_span(&w));
    }
    secret_wipe(octets, sizeof octets);
}

static void say_receipts(struct messages *messages, struct moment now) {
    for (size_t i = messages->owed_count; i > 0; i--) {
        struct owed_receipt *owed = &messages->owed[i - 1];
        if (owed->is_said && now.boot_ms - owed->due_ms >= MESSAGES_SAID_MS) {
            *owed = messages->owed[--messages->owed_count];
        } else if (!owed->is_said && owed->due_ms <= now.boot_ms &&
                   owed->batch <= messages->desk->outbox.durable) {
            say_receipt(messages, owed, now);
            owed->is_said = true;
            owed->due_ms = now.boot_ms;
        }
    }
}

void messages_tick(struct messages *messages, struct moment now) {
    messages_look(messages, now);
    for (size_t i = 0; i < messages->box_count; i++) {
        struct message_box *box = messages->boxes[i];
        const struct gmk *gmk;
        if (messages_group(messages, box, now, &gmk) == NULL) {
            messages_send_due(messages, box, now);
            continue;
        }
        bool moves = box->hour < gmk->next_hour && box->message_count + box->sender_count > 0;
        if (moves || (box->is_changed && box->save_due_ms <= now.boot_ms)) {
            /* What cannot be queued is tried again. */
            enum status status = messages_save(messages, box, now);
            (void)status;
        }
        tell_new(messages, now, box);
        messages_send_due(messages, box, now);
    }
    say_receipts(messages, now);
}

int64_t messages_deadline(const struct messages *messages) {
    const uint64_t durable = messages->desk->outbox.durable;
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < messages->owed_count; i++) {
        const struct owed_receipt *owed = &messages->owed[i];
        int64_t due_ms = owed->is_said            ? owed->due_ms + MESSAGES_SAID_MS
                         : owed->batch <= durable ? owed->due_ms
                                                  : INT64_MAX;
        deadline = due_ms < deadline ? due_ms : deadline;
    }
    for (size_t i = 0; i < messages->box_count; i++) {
        const struct message_box *box = messages->boxes[i];
        int64_t due_ms = messages_send_deadline(messages, box);
        due_ms = box->is_changed && box->save_due_ms < due_ms ? box->save_due_ms : due_ms;
        for (size_t k = 0; k < box->message_count; k++) {
            due_ms = is_to_tell(messages, &box->messages[k]) ? 0 : due_ms;
        }
        deadline = due_ms < deadline ? due_ms : deadline;
    }
    return deadline;
}

/* --- The view ------------------------------------------------------------------------------- */

bool messages_awaits(const struct messages *messages, const struct group *group,
                     const struct group_member *member) {
    bool may_hold = !group->created_here || member->state == MEMBER_ACCEPTED ||
                    (member->state == MEMBER_UNREACHABLE && member->reason == REASON_NO_RECEIPT);
    return may_hold && !keyring_refuses(&messages->desk->keyring, member->identity);
}

_Static_assert((int)ADHOC_MEMBERS_MAX <= 32, "each member has a bit in view_message.silent");

/* How many of the members in reach say that they have it, and who does not. */
static void show_reach(const struct messages *messages, struct moment now,
                       const struct group *group, const struct kept_message *message,
                       struct view_message *row) {
    const struct group_parameters *parameters = &group->parameters;
    row->has_it = message->holder_count;
    row->has_list = !group_is_standard(group);
    for (size_t i = 0; i < parameters->member_count; i++) {
        const char *identity = parameters->members[i].identity;
        uint8_t who[VOICE_REPORT_WHO_SIZE];
        row->has_it -= keyring_refuses(&messages->desk->keyring, identity) &&
                       voice_report_who(identity, who) == STATUS_OK && message_has(message, who);
    }
    for (size_t i = 0; row->has_list && i < parameters->member_count; i++) {
        const struct group_member *member = &parameters->members[i];
        uint8_t who[VOICE_REPORT_WHO_SIZE];
        if (strcmp(member->identity, own_identity(messages->desk)) == 0 ||
            !messages_awaits(messages, group, member) || messages->desk->airplane ||
            !roster_is_near(messages->groups->roster, member->identity, now) ||
            voice_report_who(member->identity, who) != STATUS_OK) {
            continue;
        }
        row->in_reach++;
        if (message_has(message, who)) {
            row->in_reach_has_it++;
        } else {
            row->silent |= UINT32_C(1) << i;
        }
    }
}

/* How long after it was written it came, where that is longer than it is resent, and than clocks
 * may differ: it waited somewhere, perhaps with who held it back. */
static int64_t late_ms(const struct kept_message *message) {
    int64_t after_ms = message->came_ms - message->said.number;
    return !message->is_own && after_ms > MESSAGES_RESENT_MS + CLOCK_TOLERANCE_MS ? after_ms : 0;
}

static void show(const struct messages *messages, struct moment now, const struct group *group,
                 const struct kept_message *message, struct view_message *row) {
    *row = (struct view_message){
        .id = message->id,
        .utc_ms = message->said.number,
        .word = message->said.word,
        .is_own = message->is_own,
        .is_read = message->is_read,
        .late_ms = late_ms(message),
        .waits = message_waits(message),
        .is_unsent = message->is_unsent,
        .is_resent = message_is_out(message, group_clock_read(&group->clock, now)),
    };
    snprintf(row->group, sizeof row->group, "%s", group->parameters.identity);
    snprintf(row->identity, sizeof row->identity, "%s", message->said.identity);
    snprintf(row->text, sizeof row->text, "%s", message->said.text);
    groups_show_name(messages->groups, row->identity, row->group, row->name, &row->name_kind);
    if (message->is_own) {
        show_reach(messages, now, group, message, row);
    }
}

static bool is_unread(const struct kept_message *message) {
    return !message->is_own && message->is_told && !message->is_read;
}

bool messages_has_unread(const struct messages *messages, const char *group) {
    for (size_t i = 0; i < messages->box_count; i++) {
        const struct message_box *box = messages->boxes[i];
        for (size_t k = 0; strcmp(box->group, group) == 0 && k < box->message_count; k++) {
            const struct kept_message *message = &box->messages[k];
            if (is_unread(message) && !message_word_is_report(message->said.word)) {
                return true;
            }
        }
    }
    return false;
}

static void count_unread(const struct message_box *box, struct view *view) {
    for (size_t i = 0; i < view->group_count; i++) {
        struct view_group *row = &view->groups[i];
        for (size_t k = 0; strcmp(row->identity, box->group) == 0 && k < box->message_count; k++) {
            row->unread += is_unread(&box->messages[k]);
        }
    }
}

/* Puts those of each group in order, the latest first: they may have come under two of its keys. */
static void order(struct view *view) {
    for (size_t i = 1; i < view->message_count; i++) {
        struct view_message *row = &view->messages[i];
        for (size_t k = i; k > 0; k--) {
            struct view_message *other = &view->messages[k - 1];
            if (strcmp(other->group, row->group) != 0) {
                continue;
            }
            if (other->utc_ms >= row->utc_ms) {
                break;
            }
            const struct view_message kept = *row;
            *row = *other;
            *other = kept;
            row = other;
        }
    }
}

/* Which are shown, by box and place in it. */
struct choice {
    size_t count;
    bool is_shown[MESSAGE_BOXES_MAX][MESSAGES_KEPT];
};

/* The last word of each reporter marks somebody on every screen, or no more, so these come first;
 * then what is unread. */
enum wanted {
    WANTED_REPORTS,
    WANTED_UNREAD,
    WANTED_ALL,
};

static bool is_wanted(const struct message_box *box, const struct kept_message *message,
                      enum wanted wanted) {
    return wanted == WANTED_UNREAD
               ? is_unread(message)
               : (message->is_own || message->is_told) &&
                     (wanted == WANTED_ALL || (message_word_is_report(message->said.word) &&
                                               message_box_is_last_word(box, &message->said)));
}

/* The latest of each box first, so that no group takes another's places. */
static void choose(const struct messages *messages, struct moment now, enum wanted wanted,
                   struct choice *choice) {
    for (size_t rank = 1; rank <= MESSAGES_KEPT; rank++) {
        for (size_t i = 0; i < messages->box_count; i++) {
            const struct message_box *box = messages->boxes[i];
            const struct gmk *gmk;
            if (rank > box->message_count || messages_group(messages, box, now, &gmk) == NULL) {
                continue;
            }
            const size_t place = box->message_count - rank;
            const struct kept_message *message = &box->messages[place];
            if (is_wanted(box, message, wanted) && !choice->is_shown[i][place] &&
                choice->count < VIEW_MESSAGES_MAX) {
                choice->is_shown[i][place] = true;
                choice->count++;
            }
        }
    }
}

void messages_show(const struct messages *messages, struct moment now, struct view *view) {
    struct choice choice = {.count = 0};
    view->message_count = 0;
    for (size_t i = 0; i < messages->box_count; i++) {
        count_unread(messages->boxes[i], view);
    }
    choose(messages, now, WANTED_REPORTS, &choice);
    choose(messages, now, WANTED_UNREAD, &choice);
    choose(messages, now, WANTED_ALL, &choice);
    for (size_t rank = 1; rank <= MESSAGES_KEPT; rank++) {
        for (size_t i = 0; i < messages->box_count; i++) {
            const struct message_box *box = messages->boxes[i];
            const size_t place = box->message_count - rank;
            const struct gmk *gmk;
            if (rank <= box->message_count && choice.is_shown[i][place]) {
                show(messages, now, messages_group(messages, box, now, &gmk), &box->messages[place],
                     &view->messages[view->message_count++]);
            }
        }
    }
    order(view);
}
