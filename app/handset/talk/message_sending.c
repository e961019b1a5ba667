/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This handset's own messages, written and sent until who is in reach has them; and those of others
 * passed on to who comes into reach. */
#include <stdio.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "app/handset/talk/messages.h"

/* --- Writing -------------------------------------------------------------------------------- */

static enum status not_sent(struct event *problem, const struct group *group, enum event_kind kind,
                            enum status status) {
    return desk_problem(
        problem, event_of_group(kind, group->parameters.identity, group->parameters.name), status);
}

/* The text as it is sent. */
static enum status take_text(const struct command *command, const struct group *group,
                             struct group_message *said, struct event *problem) {
    if (command->text_length == 0 || command->text == NULL) {
        return not_sent(problem, group, EVENT_MESSAGE_EMPTY, STATUS_MALFORMED);
    }
    if (command->text_length > GROUP_MESSAGE_TEXT_MAX) {
        return not_sent(problem, group, EVENT_MESSAGE_TOO_LONG, STATUS_TOO_LONG);
    }
    memcpy(said->text, command->text, command->text_length);
    if (strlen(said->text) != command->text_length ||
        !display_text_is_valid(said->text, GROUP_MESSAGE_TEXT_MAX)) {
        return not_sent(problem, group, EVENT_MESSAGE_NOT_ALLOWED, STATUS_MALFORMED);
    }
    if (display_text_letters(said->text) > MESSAGE_LETTERS_MAX) {
        return not_sent(problem, group, EVENT_MESSAGE_TOO_LONG, STATUS_TOO_LONG);
    }
    return STATUS_OK;
}

/* Its number, and its signature. */
static enum status sign(const struct messages *messages, struct moment now,
                        const struct group *group, const struct message_box *box,
                        struct group_message *said) {
    const struct desk *desk = messages->desk;
    uint8_t room[GROUP_MESSAGE_SIGNED_MAX];
    int64_t group_ms = group_clock_read(&group->clock, now);
    const struct signing_key *signer = keyring_signing_key(&desk->keyring, group_ms);
    said->number = group_ms > box->last_number ? group_ms : box->last_number + 1;
    snprintf(said->identity, sizeof said->identity, "%s", own_identity(desk));
    return signer == NULL ? STATUS_KEY_INVALID
                          : desk->keyring.provider->sign(
                                signer,
                                group_message_covered(said, group->parameters.identity,
                                                      group->current.id, room),
                                &desk->entropy, said->signature);
}

/* Of those that were sent, MESSAGES_OUT_MAX are resent: the earliest no more. */
static void end_earliest(struct message_box *box, int64_t group_ms) {
    size_t out = 0;
    for (size_t i = box->message_count; i > 0; i--) {
        struct kept_message *message = &box->messages[i - 1];
        if (message->until_ms != 0 && message_is_out(message, group_ms) &&
            ++out > MESSAGES_OUT_MAX) {
            message->until_ms = group_ms;
        }
    }
}

/* Does one more fit among those that wait to be sent? */
static bool may_wait(const struct message_box *box) {
    size_t waiting = 0;
    for (size_t i = 0; i < box->message_count; i++) {
        waiting += message_waits(&box->messages[i]);
    }
    return waiting < MESSAGES_OUT_MAX;
}

static enum status keep(struct messages *messages, struct moment now, const struct group *group,
                        struct message_box *box, const struct group_message *said) {
    int64_t group_ms = group_clock_read(&group->clock, now), last_number = box->last_number;
    bool dropped;
    struct kept_message *kept = message_box_add(box, said, group_ms, &dropped);
    if (kept == NULL) {
        return STATUS_TOO_LONG;
    }
    kept->id = ++messages->last_id;
    kept->is_own = true;
    kept->due_ms = now.boot_ms;
    box->last_number = said->number;
    enum status status = messages_save(messages, box, now);
    if (dropped) { /* also where this one is not kept */
        messages_tell_dropped(messages, now, box);
    }
    if (status != STATUS_OK) {
        box->message_count--;
        box->last_number = last_number;
        return status;
    }
    kept->batch = messages->desk->outbox.queued;
    end_earliest(box, group_ms);
    return STATUS_OK;
}

enum status messages_write(struct messages *messages, struct moment now, const struct group *group,
                           struct group_message *said, struct event *problem) {
    enum status status = group->current.octets == NULL ? STATUS_GMK_EXPIRED
                                                       : gmk_is_usable(&group->current, group, now);
    struct message_box *box =
        status == STATUS_OK ? messages_box(messages, group->parameters.identity, group->current.id)
                            : NULL;
    if (status == STATUS_OK && box == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK && (!may_wait(box) || !message_box_sends(box, now))) {
        return not_sent(problem, group, EVENT_MESSAGES_TOO_OFTEN, STATUS_NOT_ALLOWED);
    }
    if (status == STATUS_OK) {
        status = sign(messages, now, group, box, said);
    }
    if (status == STATUS_OK) {
        status = keep(messages, now, group, box, said);
    }
    if (status != STATUS_OK) {
        return not_sent(problem, group, EVENT_MESSAGE_NOT_SENT, status);
    }
    if (desk_is_silent(messages->desk)) {
        const struct event event =
            event_of_group(EVENT_MESSAGE_WAITS, group->parameters.identity, group->parameters.name);
        desk_tell(messages->desk, now, &event);
    }
    return STATUS_OK;
}

enum status messages_send(struct messages *messages, struct moment now,
                          const struct command *command, struct event *problem) {
    struct group_message said = {.word = (uint8_t)command->on};
    const struct group *group = groups_find(messages->groups, command->group);
    if (group == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_GROUP_GONE}, STATUS_NOT_FOUND);
    }
    enum status status = take_text(command, group, &said, problem);
    if (status == STATUS_OK && (command->on < 0 || command->on > MESSAGE_WORDS_MAX)) {
        status = not_sent(problem, group, EVENT_MESSAGE_NOT_SENT, STATUS_MALFORMED);
    }
    if (status == STATUS_OK) {
        status = messages_write(messages, now, group, &said, problem);
    }
    secret_wipe(&said, sizeof said);
    return status;
}

/* --- Sending -------------------------------------------------------------------------------- */

static void say(struct messages *messages, const struct group *group, struct moment now,
                const struct kept_message *message) {
    uint8_t payload[GROUP_MESSAGE_MAX], octets[GMK_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    uint32_t hour = hours_now(group, now);
    hours_key(group, hour, octets);
    const struct message_key key = {group->parameters.identity, group->current.id, hour, octets};
    if (group_message_close(&key, &message->said, &messages->desk->entropy, &w) == STATUS_OK) {
        air_send_to_group_after(messages->air, group->parameters.identity, FRAME_MESSAGE,
                                writer_span(&w), message->batch);
        if (!message->is_own) { /* who hears it from this handset learns that it has it */
            messages_owe(messages, now, &key, group, &message->said, message->batch);
        }
    }
    secret_wipe(octets, sizeof octets);
}

/* How many members in reach are not known to have it. */
static size_t lacking(const struct messages *messages, const struct group *group, struct moment now,
                      const struct kept_message *message) {
    const struct group_parameters *parameters = &group->parameters;
    size_t count = 0;
    for (size_t i = 0; i < parameters->member_count; i++) {
        const struct group_member *member = &parameters->members[i];
        uint8_t who[VOICE_REPORT_WHO_SIZE];
        if (strcmp(member->identity, own_identity(messages->desk)) != 0 &&
            strcmp(member->identity, message->said.identity) != 0 &&
            messages_awaits(messages, group, member) &&
            voice_report_who(member->identity, who) == STATUS_OK && !message_has(message, who)) {
            count += roster_is_near(messages->groups->roster, member->identity, now);
        }
    }
    return count;
}

static int64_t wait_ms(unsigned tries, unsigned doublings, int64_t longest_ms) {
    int64_t ms = MESSAGES_AGAIN_MS;
    for (unsigned i = 1; i < tries && ms < longest_ms; i++) {
        ms <<= doublings;
    }
    return ms < longest_ms ? ms : longest_ms;
}

/* Is it to be sent now? And when is it to be looked at next? */
static bool is_wanted(const struct messages *messages, const struct group *group, struct moment now,
                      struct kept_message *message) {
    if (group_is_standard(group)) {
        bool is_wanted = message->tries < MESSAGES_FAR_TRIES;
        message->tries++;
        message->due_ms =
            is_wanted ? now.boot_ms + wait_ms(message->tries, 2, MESSAGES_RESENT_MS) : INT64_MAX;
        return is_wanted;
    }
    const size_t now_lacking = lacking(messages, group, now, message);
    bool is_first = message->until_ms == 0;
    if (now_lacking > message->lacking) { /* somebody came */
        message->tries = 0;
        message->again_ms = now.boot_ms;
    }
    message->lacking = now_lacking;
    message->due_ms = now.boot_ms + MESSAGES_LOOK_MS;
    if ((!is_first && now_lacking == 0) || now.boot_ms < message->again_ms) {
        return false;
    }
    message->tries++;
    message->again_ms = now.boot_ms + wait_ms(message->tries, 1, MESSAGES_AGAIN_MAX_MS);
    return true;
}

/* Another's is passed on later than its sender would resend it, at random, and not when somebody
 * else was faster: of many who hold it one is enough. */
static int64_t turn_ms(const struct messages *messages) {
    uint32_t random = 0;
    enum status status = desk_draw_u32(messages->desk, &random);
    return MESSAGES_PASSED_MS + (status == STATUS_OK ? random % MESSAGES_PASSED_SPREAD_MS : 0);
}

void messages_heard_again(const struct messages *messages, struct kept_message *message,
                          struct moment now) {
    const int64_t turn = now.boot_ms + turn_ms(messages);
    if (!message->is_own && message->again_ms < turn &&
        message->postponed < MESSAGES_POSTPONED_MAX) {
        message->again_ms = turn;
        message->postponed++;
    }
}

/* The same of another's, which is looked at less often; also once all are known to have it, for a
 * member may be let in yet. */
static bool is_passed_on(const struct messages *messages, const struct group *group,
                         struct moment now, struct kept_message *message) {
    const size_t now_lacking = lacking(messages, group, now, message);
    if (now_lacking > message->lacking) {
        message->tries = 0;
        message->again_ms = now.boot_ms + turn_ms(messages);
        message->postponed = 0;
    }
    message->lacking = now_lacking;
    bool is_due = now_lacking > 0 && now.boot_ms >= message->again_ms;
    if (is_due) {
        message->tries++;
        message->postponed = 0;
        message->again_ms =
            now.boot_ms + turn_ms(messages) + wait_ms(message->tries, 1, MESSAGES_AGAIN_MAX_MS);
    }
    const int64_t look_ms = now.boot_ms + MESSAGES_PASSED_LOOK_MS;
    bool is_soon = now_lacking > 0 && message->again_ms < look_ms;
    message->due_ms = is_soon ? message->again_ms : look_ms;
    return is_due;
}

/* Is it another's that this handset passes on? Of each sender the latest MESSAGES_OUT_MAX, as it
 * resends itself: nobody who hears them takes a later one first and the earlier ones for old. */
static bool may_be_passed_on(const struct messages *messages, const struct group *group,
                             const struct message_box *box, size_t at, int64_t group_ms) {
    const struct kept_message *message = &box->messages[at];
    const char *identity = message->said.identity;
    size_t later = 0;
    if (message->is_own || group_is_standard(group) ||
        group_ms >= message->came_ms + MESSAGES_RESENT_MS || !group_may_talk(group, identity) ||
        keyring_refuses(&messages->desk->keyring, identity)) {
        return false;
    }
    for (size_t i = 0; i < box->message_count; i++) {
        const struct group_message *other = &box->messages[i].said;
        later += other->number > message->said.number && strcmp(other->identity, identity) == 0;
    }
    return later < MESSAGES_OUT_MAX;
}

/* Nothing of the box is sent any more. */
static void end_all(struct message_box *box) {
    for (size_t i = 0; i < box->message_count; i++) {
        box->messages[i].due_ms = INT64_MAX;
    }
}

/* One that may not leave yet is not sent: a silence that began before that would keep it back. */
static bool may_be_sent(const struct messages *messages, const struct kept_message *message) {
    return (message->is_own && message->until_ms != 0) ||
           message->batch <= messages->desk->outbox.durable;
}

void messages_send_due(struct messages *messages, struct message_box *box, struct moment now) {
    const struct gmk *gmk;
    const struct group *group = messages_group(messages, box, now, &gmk);
    if (group == NULL || gmk != &group->current) {
        /* Its key was replaced, or is over. */
        if (messages_give_up(messages, now, box) && group != NULL) {
            box->is_changed = true;
            box->save_due_ms = now.boot_ms;
        }
        end_all(box);
        return;
    }
    const int64_t group_ms = group_clock_read(&group->clock, now);
    for (size_t i = 0; i < box->message_count; i++) {
        struct kept_message *message = &box->messages[i];
        bool is_passed = may_be_passed_on(messages, group, box, i, group_ms);
        if (!is_passed && !message_is_out(message, group_ms)) {
            message->due_ms = INT64_MAX;
        }
        if (now.boot_ms < message->due_ms || !may_be_sent(messages, message)) {
            continue;
        }
        if (desk_is_silent(messages->desk)) {
            message->due_ms = now.boot_ms + MESSAGES_LOOK_MS;
            continue;
        }
        if (is_passed ? is_passed_on(messages, group, now, message)
                      : is_wanted(messages, group, now, message)) {
            say(messages, group, now, message);
        }
        if (message->is_own && message->until_ms == 0) {
            message->until_ms = group_ms + MESSAGES_RESENT_MS;
            end_earliest(box, group_ms);
            box->save_due_ms = box->is_changed ? box->save_due_ms : now.boot_ms + MESSAGES_SAVE_MS;
            box->is_changed = true;
        }
    }
}

int64_t messages_send_deadline(const struct messages *messages, const struct message_box *box) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < box->message_count; i++) {
        const struct kept_message *message = &box->messages[i];
        if (message->due_ms < deadline && may_be_sent(messages, message)) {
            deadline = message->due_ms;
        }
    }
    return deadline;
}
