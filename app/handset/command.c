/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer tells the handset to do (command.h). */
#include "app/handset/command.h"

#include <stdio.h>
#include <string.h>

#include "app/display_name.h"
#include "app/handset/distribution.h"
#include "app/handset/handset.h"
#include "app/handset/invitation.h"
#include "app/handset/standard.h"

static enum status delete_group(struct handset *handset, struct moment now,
                                const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct group *group = handset_group(handset, command->group);
    if (group == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "There is no such group any more");
        return STATUS_NOT_FOUND;
    }
    if (standard_is_managed(handset, group)) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The keys of %s are its manager's affair",
                 group->parameters.name);
        return STATUS_NOT_ALLOWED;
    }
    enum status status = handset_save_record(handset, RECORD_GROUP, command->group, NULL);
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The group was not deleted: %s", status_text(status));
        return status;
    }
    if (handset->talk.active && strcmp(handset->talk.group, command->group) == 0) {
        talk_end(handset, now);
    }
    distribution_stop(handset, now, command->group);
    invitation_renounce(handset, command->group);
    handset_tell(handset, now, TELL_MEMBER, LOG_NOTICE, "Deleted %s and its keys",
                 group->parameters.name);
    handset_remove_group(handset, group);
    listening_tick(handset, now);
    return STATUS_OK;
}

/* Under radio silence nothing is done that only frames on the air can bring to its end. */
static enum status check_silence(const struct handset *handset, char problem[VIEW_LOG_TEXT_SIZE]) {
    if (!handset_is_silent(handset)) {
        return STATUS_OK;
    }
    snprintf(problem, VIEW_LOG_TEXT_SIZE, "%s is on; end it first",
             handset->airplane ? "Airplane mode" : "Radio silence");
    return STATUS_NOT_ALLOWED;
}

/* Under radio silence an officer may talk, but not in airplane mode. */
static enum status check_airplane(const struct handset *handset, char problem[VIEW_LOG_TEXT_SIZE]) {
    return handset->airplane ? check_silence(handset, problem) : STATUS_OK;
}

static enum status decide(struct handset *handset, struct moment now, const struct command *command,
                          char problem[VIEW_LOG_TEXT_SIZE]) {
    struct connection *connection = invitation_find(handset, command->invitation);
    if (connection == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "This invitation is no longer open");
        return STATUS_NOT_FOUND;
    }
    if (check_airplane(handset, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED; /* its answer cannot go out */
    }
    if (command->kind == COMMAND_ACCEPT && connection->use == USE_CALL) {
        return call_accept(handset, now, connection, problem);
    }
    if (command->kind == COMMAND_ACCEPT && check_silence(handset, problem) != STATUS_OK) {
        return STATUS_NOT_ALLOWED;
    }
    if (command->kind == COMMAND_ACCEPT) {
        invitation_accept(handset, now, connection);
    } else {
        invitation_decline(handset, now, connection);
    }
    return STATUS_OK;
}

static enum status mark(struct handset *handset, const struct command *command,
                        char problem[VIEW_LOG_TEXT_SIZE]) {
    bool trusted = command->kind == COMMAND_TRUST;
    struct span nothing = {NULL, 0};
    enum status status = identity_check(command->identity);
    /* A record that roster_mark would refuse must not be there at the next start. */
    if (status == STATUS_OK && trusted && handset->roster.trusted_count == TRUSTED_MAX &&
        !roster_trusts(&handset->roster, command->identity)) {
        status = STATUS_TOO_LONG;
    }
    if (status == STATUS_OK) {
        status = handset_save_record(handset, RECORD_TRUST, command->identity,
                                     trusted ? &nothing : NULL);
    }
    if (status == STATUS_OK) {
        status = roster_mark(&handset->roster, command->identity, trusted);
    }
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "%.80s was not marked: %s", command->identity,
                 status_text(status));
    }
    return status;
}

static enum status set_name(struct handset *handset, const struct command *command,
                            char problem[VIEW_LOG_TEXT_SIZE]) {
    struct span name = span_of_text(command->name);
    if (!display_name_is_valid(command->name)) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "This name cannot be shown to others");
        return STATUS_MALFORMED;
    }
    enum status status = handset_save_record(handset, RECORD_SETTING, SETTING_NAME, &name);
    if (status == STATUS_OK) {
        snprintf(handset->name, sizeof handset->name, "%s", command->name);
    } else {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The name was not saved: %s", status_text(status));
    }
    return status;
}

static enum status distribute(struct handset *handset, struct moment now,
                              const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    enum status status = check_silence(handset, problem);
    if (status != STATUS_OK) {
        return status;
    }
    if (command->kind == COMMAND_CREATE_GROUP) {
        return distribution_create(handset, now, command, problem);
    }
    if (command->kind == COMMAND_REKEY_GROUP) {
        return distribution_rekey(handset, now, command, problem);
    }
    return distribution_retry(handset, now, command, problem);
}

static enum status manage(struct handset *handset, struct moment now, const struct command *command,
                          char problem[VIEW_LOG_TEXT_SIZE]) {
    /* Who is let in or put on the roll gets the key once the silence ends. */
    bool can_wait = command->kind == COMMAND_MANAGE_INCLUDE || command->kind == COMMAND_MANAGE_ADD;
    enum status status = can_wait ? STATUS_OK : check_silence(handset, problem);
    return status == STATUS_OK ? management_command(handset, now, command, problem) : status;
}

static void set_radio_silence(struct handset *handset, struct moment now, bool on) {
    handset->radio_silence = on;
    if (on) {
        distribution_silence(handset, now);
        relay_silence(handset);
    }
}

/* First of all nothing goes out any more, not even that the talk is over. Off again, the handset
 * shows itself at once. */
static void set_airplane(struct handset *handset, struct moment now, bool on) {
    char ignored[VIEW_LOG_TEXT_SIZE];
    bool was_on = handset->airplane;
    handset->airplane = on;
    if (on && !was_on) {
        talk_end(handset, now);
        if (call_hang_up(handset, now, ignored) != STATUS_OK) {
            ignored[0] = '\0'; /* there was no call */
        }
        distribution_silence(handset, now);
        relay_silence(handset);
    } else if (was_on && !on) {
        handset->presence_due_ms = now.boot_ms;
    }
}

static enum status speak(struct handset *handset, struct moment now, const struct command *command,
                         char problem[VIEW_LOG_TEXT_SIZE]) {
    enum status status = check_airplane(handset, problem);
    if (status != STATUS_OK) {
        return status;
    }
    return command->kind == COMMAND_CALL ? call_begin(handset, now, command, problem)
                                         : talk_begin(handset, now, command, problem);
}

enum status handset_command(struct handset *handset, struct moment now,
                            const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    problem[0] = '\0';
    if (!handset->started) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "No identity is installed on this handset yet");
        return STATUS_NOT_ALLOWED;
    }
    handset->version++;
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
    case COMMAND_RETRY_MEMBER:
        return distribute(handset, now, command, problem);
    case COMMAND_CANCEL_DISTRIBUTION:
        return distribution_cancel(handset, now, command, problem);
    case COMMAND_DELETE_GROUP:
        return delete_group(handset, now, command, problem);
    case COMMAND_MANAGE_REKEY:
    case COMMAND_MANAGE_EXCLUDE:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
        return manage(handset, now, command, problem);
    case COMMAND_ACCEPT:
    case COMMAND_DECLINE:
        return decide(handset, now, command, problem);
    case COMMAND_TALK_BEGIN:
    case COMMAND_CALL:
        return speak(handset, now, command, problem);
    case COMMAND_TALK_END:
        talk_end(handset, now);
        return STATUS_OK;
    case COMMAND_HANG_UP:
        return call_hang_up(handset, now, problem);
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
        return mark(handset, command, problem);
    case COMMAND_SET_NAME:
        return set_name(handset, command, problem);
    case COMMAND_IMPORT:
        return import_text(handset, now,
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
