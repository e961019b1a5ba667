/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer tells the handset to do (command.h). */
#include <stdio.h>
#include <string.h>

#include "app/handset/d2d/proposal.h"
#include "app/handset/handset.h"
#include "app/handset/keys/managing.h"

static enum status delete_group(struct handset *handset, struct moment now,
                                const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct group *group = groups_find(&handset->groups, command->group);
    if (group == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "There is no such group any more");
        return STATUS_NOT_FOUND;
    }
    if (standard_is_managed(&handset->desk.keyring, group)) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The keys of %s are its manager's affair",
                 group->parameters.name);
        return STATUS_NOT_ALLOWED;
    }
    enum status status = desk_save(&handset->desk, RECORD_GROUP, command->group, NULL);
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The group was not deleted: %s", status_text(status));
        return status;
    }
    if (handset->talk.active && strcmp(handset->talk.group, command->group) == 0) {
        talk_end(&handset->talk, now);
    }
    distribution_stop(&handset->distribution, now, command->group);
    invitation_renounce(&handset->invitation, command->group);
    desk_tell(&handset->desk, now, TELL_MEMBER, LOG_NOTICE, "Deleted %s and its keys",
              group->parameters.name);
    groups_remove(&handset->groups, group);
    return STATUS_OK;
}

/* Under radio silence nothing is done that only frames on the air can bring to its end. */
static enum status check_silence(const struct desk *desk, char problem[VIEW_LOG_TEXT_SIZE]) {
    if (!desk_is_silent(desk)) {
        return STATUS_OK;
    }
    snprintf(problem, VIEW_LOG_TEXT_SIZE, "%s is on; end it first",
             desk->airplane ? "Airplane mode" : "Radio silence");
    return STATUS_NOT_ALLOWED;
}

/* Under radio silence an officer may talk, but not in airplane mode. */
static enum status check_airplane(const struct desk *desk, char problem[VIEW_LOG_TEXT_SIZE]) {
    return desk->airplane ? check_silence(desk, problem) : STATUS_OK;
}

/* One talk at a time: own talk in a group, or a one-to-one talk. */
static enum status check_idle(const struct talk *talk, const struct call *call,
                              char problem[VIEW_LOG_TEXT_SIZE]) {
    if (!talk->active && call->state == CALL_NONE) {
        return STATUS_OK;
    }
    snprintf(problem, VIEW_LOG_TEXT_SIZE, "You are talking already; end that first");
    return STATUS_BUSY;
}

static enum status accept(struct handset *handset, struct moment now, struct connection *connection,
                          char problem[VIEW_LOG_TEXT_SIZE]) {
    if (call_is_proposed(&handset->call, connection)) {
        enum status status = check_idle(&handset->talk, &handset->call, problem);
        return status == STATUS_OK ? call_accept(&handset->call, now, connection, problem) : status;
    }
    if (check_silence(&handset->desk, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED;
    }
    invitation_accept(&handset->invitation, now, connection);
    return STATUS_OK;
}

static enum status decide(struct handset *handset, struct moment now, const struct command *command,
                          char problem[VIEW_LOG_TEXT_SIZE]) {
    struct connection *connection = proposal_find(&handset->connections, command->invitation);
    if (connection == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "This invitation is no longer open");
        return STATUS_NOT_FOUND;
    }
    if (check_airplane(&handset->desk, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED; /* its answer cannot go out */
    }
    if (command->kind == COMMAND_ACCEPT) {
        return accept(handset, now, connection, problem);
    }
    proposal_decline(connection, DECLINED_BY_OFFICER);
    desk_tell(&handset->desk, now, TELL_INVITATION, LOG_NOTICE, "Declined %s",
              connection->d2d->remote);
    return STATUS_OK;
}

static enum status mark(struct desk *desk, struct roster *roster, const struct command *command,
                        char problem[VIEW_LOG_TEXT_SIZE]) {
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
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "%.80s was not marked: %s", command->identity,
                 status_text(status));
    }
    return status;
}

static enum status set_name(struct desk *desk, const struct command *command,
                            char problem[VIEW_LOG_TEXT_SIZE]) {
    struct span name = span_of_text(command->name);
    if (!display_name_is_valid(command->name)) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "This name cannot be shown to others");
        return STATUS_MALFORMED;
    }
    enum status status = desk_save(desk, RECORD_SETTING, SETTING_NAME, &name);
    if (status == STATUS_OK) {
        snprintf(desk->name, sizeof desk->name, "%s", command->name);
    } else {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The name was not saved: %s", status_text(status));
    }
    return status;
}

static enum status distribute(struct distribution *distribution, struct moment now,
                              const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    enum status status = check_silence(distribution->desk, problem);
    if (status != STATUS_OK) {
        return status;
    }
    if (command->kind == COMMAND_CREATE_GROUP) {
        return distribution_create(distribution, now, command, problem);
    }
    if (command->kind == COMMAND_REKEY_GROUP) {
        return distribution_rekey(distribution, now, command, problem);
    }
    return distribution_retry(distribution, now, command, problem);
}

static enum status manage(struct management *management, struct moment now,
                          const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    /* Who is let in or put on the roll gets the key once the silence ends. */
    bool can_wait = command->kind == COMMAND_MANAGE_INCLUDE || command->kind == COMMAND_MANAGE_ADD;
    enum status status = can_wait ? STATUS_OK : check_silence(management->desk, problem);
    return status == STATUS_OK ? managing_command(management, now, command, problem) : status;
}

static void set_radio_silence(struct handset *handset, struct moment now, bool on) {
    handset->desk.radio_silence = on;
    if (on) {
        distribution_silence(&handset->distribution, now);
        relay_silence(&handset->relay);
    }
}

/* First of all nothing goes out any more, not even that the talk is over. Off again, the handset
 * shows itself at once. */
static void set_airplane(struct handset *handset, struct moment now, bool on) {
    char ignored[VIEW_LOG_TEXT_SIZE];
    bool was_on = handset->desk.airplane;
    handset->desk.airplane = on;
    if (on && !was_on) {
        talk_end(&handset->talk, now);
        if (call_hang_up(&handset->call, now, ignored) != STATUS_OK) {
            ignored[0] = '\0'; /* there was no call */
        }
        distribution_silence(&handset->distribution, now);
        relay_silence(&handset->relay);
    } else if (was_on && !on) {
        presence_hurry(&handset->presences, now);
    }
}

static enum status speak(struct handset *handset, struct moment now, const struct command *command,
                         char problem[VIEW_LOG_TEXT_SIZE]) {
    enum status status = check_airplane(&handset->desk, problem);
    if (status == STATUS_OK) {
        status = check_idle(&handset->talk, &handset->call, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return command->kind == COMMAND_CALL ? call_begin(&handset->call, now, command, problem)
                                         : talk_begin(&handset->talk, now, command, problem);
}

static enum status carry_out(struct handset *handset, struct moment now,
                             const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    if (!handset->started) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "No identity is installed on this handset yet");
        return STATUS_NOT_ALLOWED;
    }
    handset->version++;
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
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
        return speak(handset, now, command, problem);
    case COMMAND_TALK_END:
        talk_end(&handset->talk, now);
        return STATUS_OK;
    case COMMAND_HANG_UP:
        return call_hang_up(&handset->call, now, problem);
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
        return mark(&handset->desk, &handset->roster, command, problem);
    case COMMAND_SET_NAME:
        return set_name(&handset->desk, command, problem);
    case COMMAND_IMPORT:
        return import_text(&handset->import, now,
                           (struct span){(const uint8_t *)command->text, command->text_length},
                           problem);
    case COMMAND_RADIO_SILENCE:
        set_radio_silence(handset, now, command->on != 0);
        return STATUS_OK;
    case COMMAND_AIRPLANE:
        set_airplane(handset, now, command->on != 0);
        return STATUS_OK;
    case COMMAND_NONE:
    case COMMAND_QUIT:
    case COMMAND_UNLOCK:
        break;
    }
    return STATUS_UNSUPPORTED;
}

enum status handset_command(struct handset *handset, struct moment now,
                            const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    problem[0] = '\0';
    enum status status = carry_out(handset, now, command, problem);
    listening_look(&handset->listening, now);
    return status;
}
