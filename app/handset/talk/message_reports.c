/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of lost handsets, which travel as messages: said, and looked up. */
#include <stdio.h>
#include <string.h>

#include "app/handset/talk/message_word.h"
#include "app/handset/talk/messages.h"

/* Does a report stand in the box that this identity's handset is lost: of this handset's officer,
 * or, `of_anybody`, of anybody? */
static bool stands(const struct message_box *box, const char *identity, bool of_anybody) {
    for (size_t i = 0; box != NULL && i < box->message_count; i++) {
        const struct kept_message *message = &box->messages[i];
        if (message->said.word == MESSAGE_WORD_LOST && (of_anybody || message->is_own) &&
            strcmp(message->said.text, identity) == 0 &&
            message_box_is_last_word(box, &message->said)) {
            return true;
        }
    }
    return false;
}

bool messages_report_one_of(const struct messages *messages, const struct group_parameters *list) {
    for (size_t i = 0; i < messages->box_count; i++) {
        const struct message_box *box = messages->boxes[i];
        for (size_t j = 0; strcmp(box->group, list->identity) == 0 && j < list->member_count; j++) {
            const char *identity = list->members[j].identity;
            if (strcmp(identity, own_identity(messages->desk)) != 0 &&
                stands(box, identity, true)) {
                return true;
            }
        }
    }
    return false;
}

bool messages_may_report(const struct group *group, const char *identity) {
    return identity_check(identity) == STATUS_OK &&
           (group_is_standard(group) || group_listed(&group->parameters, identity) != NULL);
}

void messages_report(struct messages *messages, struct moment now, const char *identity,
                     bool is_loss) {
    for (size_t i = 0; i < messages->groups->count; i++) {
        const struct group *group = messages->groups->list[i];
        const struct message_box *box =
            messages_box_of(messages, group->parameters.identity, group->current.id);
        struct group_message said = {.word = is_loss ? MESSAGE_WORD_LOST : MESSAGE_WORD_FOUND};
        struct event problem = {.kind = EVENT_NONE};
        bool is_said = stands(box, identity, false);
        if (group->current.octets == NULL || !messages_may_report(group, identity) ||
            gmk_is_usable(&group->current, group, now) != STATUS_OK || is_said == is_loss) {
            continue;
        }
        snprintf(said.text, sizeof said.text, "%s", identity);
        if (messages_write(messages, now, group, &said, &problem) != STATUS_OK) {
            desk_tell(messages->desk, now, &problem);
        }
    }
}
