/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer tells the handset to do (command.h). */
#include <stdio.h>
#include <string.h>

#include "app/handset/air/allowed.h"
#include "app/handset/d2d/proposal.h"
#include "app/handset/handset.h"
#include "app/handset/keys/managing.h"
#include "app/handset/keys/narrowing.h"
#include "app/handset/keys/renewal.h"
#include "app/handset/losing.h"
#include "app/handset/talk/raising.h"

static enum status delete_group(struct handset *handset, struct moment now,
                                const struct command *command, struct event *problem) {
    struct group *group = groups_find(&handset->groups, command->group);
    if (group == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_GROUP_GONE}, STATUS_NOT_FOUND);
    }
    struct event event =
        event_of_group(EVENT_GROUP_DELETED, group->parameters.identity, group->parameters.name);
    if (standard_is_managed(&handset->desk.keyring, group)) {
        event.kind = EVENT_GROUP_IS_ITS_MANAGERS;
        return desk_problem(problem, event, STATUS_NOT_ALLOWED);
    }
    enum status status = desk_save(&handset->desk, RECORD_GROUP, command->group, NULL);
    if (status != STATUS_OK) {
        event.kind = EVENT_GROUP_NOT_DELETED;
        return desk_problem(problem, event, status);
    }
    if (handset->talk.active && strcmp(handset->talk.group, command->group) == 0) {
        talk_end(&handset->talk, now);
    }
    offers_stop(&handset->offers, now, command->group, NULL);
    invitation_renounce(&handset->invitation, command->group);
    desk_tell_when_durable(&handset->desk, now, &event, EVENT_DELETION_NOT_SAVED);
    groups_remove(&handset->groups, group);
    return STATUS_OK;
}

/* Under radio silence nothing is done that only frames on the air can bring to its end. */
static enum status check_silence(const struct desk *desk, struct event *problem) {
    if (!desk_is_silent(desk)) {
        return STATUS_OK;
    }
    return desk_problem(
        problem,
        (struct event){.kind = desk->airplane ? EVENT_AIRPLANE_IS_ON : EVENT_SILENCE_IS_ON},
        STATUS_NOT_ALLOWED);
}

/* Under radio silence an officer may talk, but not in airplane mode. */
static enum status check_airplane(const struct desk *desk, struct event *problem) {
    return desk->airplane ? check_silence(desk, problem) : STATUS_OK;
}

/* One talk at a time: own talk in a group, or a one-to-one talk, which a call is that still rings
 * for another call, but not for the group. */
static enum status check_idle(const struct talk *talk, const struct call *call, bool for_group,
                              struct event *problem) {
    bool is_called = for_group ? call->state == CALL_ACTIVE : call->state != CALL_NONE;
    if (!talk->active && !is_called) {
        return STATUS_OK;
    }
    return desk_problem(problem, (struct event){.kind = EVENT_TALKING_ALREADY}, STATUS_BUSY);
}

static enum status accept(struct handset *handset, struct moment now, struct connection *connection,
                          struct event *problem) {
    if (call_is_proposed(&handset->call, connection)) {
        enum status status = check_idle(&handset->talk, &handset->call, false, problem);
        return status == STATUS_OK ? call_accept(&handset->call, now, connection, problem) : status;
    }
    if (check_silence(&handset->desk, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED;
    }
    if (desk_check_saving(&handset->desk, problem) != STATUS_OK) {
        proposal_decline(connection, DECLINED_CANNOT_SAVE);
        return STATUS_NOT_ALLOWED;
    }
    invitation_accept(&handset->invitation, now, connection);
    return STATUS_OK;
}

static enum status decide(struct handset *handset, struct moment now, const struct command *command,
                          struct event *problem) {
    struct connection *connection = proposal_find(&handset->connections, command->invitation);
    if (connection == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_INVITATION_CLOSED},
                            STATUS_NOT_FOUND);
    }
    if (check_airplane(&handset->desk, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED; /* its answer cannot go out */
    }
    if (command->kind == COMMAND_ACCEPT) {
        return accept(handset, now, connection, problem);
    }
    const struct event event = proposal_event(connection, EVENT_INVITATION_DECLINED);
    invitation_decline(&handset->invitation, now, connection);
    proposal_decline(connection, DECLINED_BY_OFFICER);
    desk_tell(&handset->desk, now, &event);
    return STATUS_OK;
}

static enum status mark(const struct groups *groups, struct roster *roster,
                        const struct command *command, struct event *problem) {
    struct desk *desk = groups->desk;
    bool trusted = command->kind == COMMAND_TRUST;
    struct span nothing = {NULL, 0};
    enum status status = identity_check(command->identity);
    /* A record that roster_mark would refuse must not be there at the next start. */
    if (status == STATUS_OK && trusted && roster->trusted_count == TRUSTED_MAX &&
        !roster_trusts(roster, command->identity)) {
        status = STATUS_TOO_LONG;
    }
    if (status == STATUS_OK) {
        status = desk_save(desk, RECORD_TRUST, command->identity, trusted ? &nothing : NULL);
    }
    if (status == STATUS_OK) {
        status = roster_mark(roster, command->identity, trusted);
    }
    if (status == STATUS_OK && !trusted) {
        narrowing_question(groups, command->identity);
    }
    if (status != STATUS_OK) {
        desk_problem(problem,
                     groups_event(groups, EVENT_IDENTITY_NOT_MARKED, command->identity, ""),
                     status);
    }
    return status;
}

static enum status set_name(struct desk *desk, const struct command *command,
                            struct event *problem) {
    char text[DISPLAY_NAME_SIZE];
    if (display_name_make(command->name, text) != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_NAME_NOT_ALLOWED},
                            STATUS_MALFORMED);
    }
    struct span name = span_of_text(text);
    enum status status = desk_save(desk, RECORD_SETTING, SETTING_NAME, &name);
    if (status == STATUS_OK) {
        memcpy(desk->name, text, sizeof text);
    } else {
        desk_problem(problem, (struct event){.kind = EVENT_NAME_NOT_SAVED}, status);
    }
    return status;
}

static enum status give_name(struct desk *desk, const struct command *command,
                             struct event *problem) {
    char text[DISPLAY_NAME_SIZE];
    if (display_name_make(command->name, text) != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_NAME_NOT_ALLOWED},
                            STATUS_MALFORMED);
    }
    struct span name = span_of_text(text);
    const struct name before = names_of(&desk->names, command->identity);
    char held[DISPLAY_NAME_SIZE] = "";
    if (before.kind == NAME_GIVEN) {
        snprintf(held, sizeof held, "%s", before.text);
    }
    enum status status = identity_check(command->identity);
    if (status == STATUS_OK) {
        status = names_give(&desk->names, command->identity, text);
    }
    if (status == STATUS_OK) {
        status = desk_save(desk, RECORD_NAME, command->identity, text[0] == '\0' ? NULL : &name);
        if (status != STATUS_OK && names_give(&desk->names, command->identity, held) != STATUS_OK) {
            status = STATUS_NO_MEMORY;
        }
    }
    if (status != STATUS_OK) {
        desk_problem(problem, (struct event){.kind = EVENT_NAME_NOT_SAVED}, status);
    }
    return status;
}

static enum status distribute(struct distribution *distribution, struct moment now,
                              const struct command *command, struct event *problem) {
    enum status status = check_silence(distribution->desk, problem);
    if (status != STATUS_OK) {
        return status;
    }
    if (command->kind == COMMAND_CREATE_GROUP) {
        return distribution_create(distribution, now, command, problem);
    }
    if (command->kind == COMMAND_ADD_MEMBERS) {
        return distribution_add(distribution, now, command, problem);
    }
    if (command->kind == COMMAND_REKEY_GROUP) {
        return distribution_rekey(distribution, now, command, problem);
    }
    return distribution_retry(distribution, now, command, problem);
}

static enum status manage(struct management *management, struct moment now,
                          const struct command *command, struct event *problem) {
    /* Who is let in or put on the roll gets the key once the silence ends. */
    bool can_wait = command->kind == COMMAND_MANAGE_INCLUDE || command->kind == COMMAND_MANAGE_ADD;
    enum status status = can_wait ? STATUS_OK : check_silence(management->desk, problem);
    return status == STATUS_OK ? managing_command(management, now, command, problem) : status;
}

static void set_radio_silence(struct offers *offers, struct lists *lists, struct relay *relay,
                              struct moment now, bool on) {
    offers->desk->radio_silence = on;
    if (on) {
        offers_silence(offers, now);
        lists_silence(lists);
        relay_silence(relay);
    }
}

/* First of all nothing goes out any more, not even that the talk is over, and what came before and
 * waits to be heard is not heard. Off again, the handset shows itself at once. */
static void set_airplane(struct handset *handset, struct moment now, bool on) {
    bool was_on = handset->desk.airplane;
    handset->desk.airplane = on;
    if (on && !was_on) {
        talk_end(&handset->talk, now);
        if (handset->call.state != CALL_NONE) {
            call_hang_up(&handset->call, now, REASON_AIRPLANE);
        }
        offers_silence(&handset->offers, now);
        lists_silence(&handset->lists);
        relay_silence(&handset->relay);
        admission_clear(&handset->admission);
    } else if (was_on && !on) {
        presence_hurry(&handset->presences, now);
    }
}

/* Where another has the floor the press asks for it, or takes that back. */
static enum status speak(struct talk *talk, struct call *call, struct asking *asking,
                         struct moment now, const struct command *command, struct event *problem) {
    enum status status = check_airplane(talk->desk, problem);
    if (status == STATUS_OK) {
        status = check_idle(talk, call, command->kind != COMMAND_CALL, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (command->kind == COMMAND_CALL) {
        return call_begin(call, now, command, problem);
    }
    status = talk_begin(talk, now, command, problem);
    if (problem->kind == EVENT_FLOOR_TAKEN) {
        asking_press(asking, now, command, problem);
    }
    return status;
}

/* One is called while the officer talks in that group as well. */
static enum status tell_emergency(struct talk *talk, const struct call *call, struct moment now,
                                  const struct command *command, struct event *problem) {
    enum status status = check_airplane(talk->desk, problem);
    if (status != STATUS_OK) {
        return status;
    }
    if (command->on == 0) {
        return emergency_end(talk, now, command, problem);
    }
    if (call->state == CALL_ACTIVE) {
        return desk_problem(problem, (struct event){.kind = EVENT_TALKING_ALREADY}, STATUS_BUSY);
    }
    return emergency_raise(talk, now, command, problem);
}

static enum status hang_up(struct call *call, struct moment now, struct event *problem) {
    if (call->state == CALL_NONE && call_turn_away(call, now)) {
        return STATUS_OK;
    }
    if (call->state == CALL_NONE) {
        return desk_problem(problem, (struct event){.kind = EVENT_NO_CALL}, STATUS_NOT_FOUND);
    }
    call_hang_up(call, now, REASON_HUNG_UP);
    return STATUS_OK;
}

/* Nothing is said again while somebody talks. */
static enum status say_again(struct again *again, const struct listening *listening,
                             struct moment now, const struct command *command,
                             struct event *problem) {
    if (command->on == 0) {
        again_stop(again);
        return STATUS_OK;
    }
    if (listening_is_active(listening)) {
        return desk_problem(problem, (struct event){.kind = EVENT_SOMEBODY_TALKS}, STATUS_BUSY);
    }
    return again_begin(again, now, command, problem);
}

/* Is it worth nothing before it is durable? Of accepting, accept() says it. */
static bool must_be_durable(enum command_kind kind) {
    switch (kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
    case COMMAND_ADD_MEMBERS:
    case COMMAND_DELETE_GROUP:
    case COMMAND_MANAGE_REKEY:
    case COMMAND_MANAGE_EXCLUDE:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
    case COMMAND_REPORT_LOST:
    case COMMAND_REPORT_FOUND:
    case COMMAND_SET_NAME:
    case COMMAND_GIVE_NAME:
    case COMMAND_KEEP_CREW:
    case COMMAND_DROP_CREW:
    case COMMAND_IMPORT:
    case COMMAND_RENEW:
    case COMMAND_MESSAGE:
        return true;
    default:
        return false;
    }
}

/* Whom the officer looks up is asked for, unless it was heard lately; and in a crowd, where usual
 * presences are minutes apart, whom the officer names otherwise. */
static void look_up(struct inquiry *inquiry, struct moment now, const struct command *command) {
    if (command->kind != COMMAND_LOOK_UP && !pace_is_crowd(inquiry->pace, now)) {
        return;
    }
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
        for (size_t i = 0; i < command->member_count; i++) {
            inquiry_want(inquiry, now, command->members[i], INQUIRY_NOW);
        }
        break;
    case COMMAND_RETRY_MEMBER:
    case COMMAND_CALL:
    case COMMAND_TRUST:
    case COMMAND_LOOK_UP:
        inquiry_want(inquiry, now, command->identity, INQUIRY_NOW);
        break;
    default:
        break;
    }
}

/* A bundle may list other groups. All get the list of the revoked with their own bundles: who has
 * it in this one says it to nobody who did not ask. */
static enum status renew(struct desk *desk, struct topics *topics, struct revoking *revoking,
                         struct moment now, struct renewal *renewal, struct event *problem) {
    enum status status =
        renewal == NULL
            ? desk_problem(problem, (struct event){.kind = EVENT_COMMAND_FAILED}, STATUS_MALFORMED)
            : renewal_take(desk, now, renewal, problem);
    if (status == STATUS_OK) {
        topics->version++;
        revoking_look(revoking, now, false);
    }
    return status;
}

static enum status carry_out(struct handset *handset, struct moment now,
                             const struct command *command, struct event *problem) {
    if (!handset->started) {
        return desk_problem(problem, (struct event){.kind = EVENT_NOT_ENROLLED},
                            STATUS_NOT_ALLOWED);
    }
    handset->version++;
    if (must_be_durable(command->kind) && desk_check_saving(&handset->desk, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED;
    }
    enum status status = revoking_check(&handset->revoking, command, problem);
    if (status == STATUS_OK) {
        status = allowed_check_all(command, &handset->roster, now, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    look_up(&handset->inquiry, now, command);
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
    case COMMAND_ADD_MEMBERS:
    case COMMAND_RETRY_MEMBER:
        return distribute(&handset->distribution, now, command, problem);
    case COMMAND_CANCEL_DISTRIBUTION:
        return distribution_cancel(&handset->distribution, now, command, problem);
    case COMMAND_DELETE_GROUP:
        return delete_group(handset, now, command, problem);
    case COMMAND_MANAGE_REKEY:
    case COMMAND_MANAGE_EXCLUDE:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
        return manage(&handset->management, now, command, problem);
    case COMMAND_ACCEPT:
    case COMMAND_DECLINE:
        return decide(handset, now, command, problem);
    case COMMAND_TALK_BEGIN:
    case COMMAND_CALL:
        return speak(&handset->talk, &handset->call, &handset->asking, now, command, problem);
    case COMMAND_TALK_END:
        talk_end(&handset->talk, now);
        return STATUS_OK;
    case COMMAND_EMERGENCY:
        return tell_emergency(&handset->talk, &handset->call, now, command, problem);
    case COMMAND_ACKNOWLEDGE:
        return emergencies_acknowledge(&handset->emergencies, now, command, problem);
    case COMMAND_SAY_AGAIN:
        return say_again(&handset->again, &handset->listening, now, command, problem);
    case COMMAND_MESSAGE:
        return messages_send(&handset->messages, now, command, problem);
    case COMMAND_READ_MESSAGES:
        return messages_read(&handset->messages, now, command, problem);
    case COMMAND_HANG_UP:
        return hang_up(&handset->call, now, problem);
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
        return mark(&handset->groups, &handset->roster, command, problem);
    case COMMAND_REPORT_LOST:
    case COMMAND_REPORT_FOUND:
        return losing_command(&handset->revoking, now, command, problem);
    case COMMAND_LOOK_UP:
        return STATUS_OK;
    case COMMAND_SET_NAME:
        return set_name(&handset->desk, command, problem);
    case COMMAND_GIVE_NAME:
        return give_name(&handset->desk, command, problem);
    case COMMAND_KEEP_CREW:
    case COMMAND_DROP_CREW:
        return crews_command(&handset->crews, now, command, problem);
    case COMMAND_IMPORT:
        return import_text(&handset->import, now,
                           (struct span){(const uint8_t *)command->text, command->text_length},
                           problem);
    case COMMAND_RENEW:
        return renew(&handset->desk, &handset->topics, &handset->revoking, now, command->renewal,
                     problem);
    case COMMAND_MICROPHONE:
    case COMMAND_LOUDSPEAKER:
    case COMMAND_GAIN:
    case COMMAND_NOISE:
    case COMMAND_HEADSET:
    case COMMAND_PERMIT_TONE:
    case COMMAND_LONGEST_TALK:
    case COMMAND_KEEP_SPEECH:
    case COMMAND_LOCK_AFTER:
    case COMMAND_HEAR_LOCKED:
    case COMMAND_TAKE_KEYS:
    case COMMAND_ERASE_AFTER:
        return settings_command(&handset->settings, command, problem);
    case COMMAND_RADIO_SILENCE:
        set_radio_silence(&handset->offers, &handset->lists, &handset->relay, now,
                          command->on != 0);
        return STATUS_OK;
    case COMMAND_AIRPLANE:
        set_airplane(handset, now, command->on != 0);
        return STATUS_OK;
    case COMMAND_NONE:
    case COMMAND_SOUND_TEST:
    case COMMAND_LOCK:
    case COMMAND_ZEROISE:
    case COMMAND_REQUEST:
    case COMMAND_LOOK_AT:
    case COMMAND_PUT_AWAY:
    case COMMAND_INSTALL:
    case COMMAND_QUIT:
    case COMMAND_UNLOCK:
        break;
    }
    return desk_problem(problem, (struct event){.kind = EVENT_COMMAND_FAILED}, STATUS_UNSUPPORTED);
}

/* Whom the officer did not get something done with, under the best name that is known. */
static void name_who(const struct groups *groups, struct event *problem) {
    if (groups->desk->keyring.credential == NULL || problem->identity[0] == '\0' ||
        (event_values(problem->kind) >> VALUE_NAME_KIND & 1) == 0) {
        return;
    }
    const struct name name = groups_name_in(groups, problem->identity, problem->group);
    if (name.kind > problem->name_kind) {
        snprintf(problem->name, sizeof problem->name, "%s", name.text);
        problem->name_kind = name.kind;
    }
}

enum status handset_command(struct handset *handset, struct moment now,
                            const struct command *command, struct event *problem) {
    *problem = (struct event){.kind = EVENT_NONE};
    enum status status = carry_out(handset, now, command, problem);
    name_who(&handset->groups, problem);
    if (handset_is_talking(handset)) {
        asking_stop(&handset->asking, now);
    }
    if (handset->started) {
        again_tick(&handset->again,
                   now); /* what goes with a key, or is switched off, goes at once */
        messages_read_besides(&handset->messages, now, command);
        messages_look(&handset->messages, now);
    }
    revoking_look(&handset->revoking, now, true);
    if (command->kind == COMMAND_RADIO_SILENCE || command->kind == COMMAND_AIRPLANE) {
        losing_leave_out(&handset->revoking, now);
    }
    listening_look(&handset->listening, now);
    return status;
}
