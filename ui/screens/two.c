/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/two.h"

#include "ui/screens/nearby.h"
#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

/* No other command gives a key to somebody. */
static bool gives_key(enum command_kind kind) {
    switch (kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
    case COMMAND_ADD_MEMBERS:
    case COMMAND_RETRY_MEMBER:
    case COMMAND_CALL:
    case COMMAND_MANAGE_REKEY:
    case COMMAND_MANAGE_EXCLUDE:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
        return true;
    default:
        return false;
    }
}

void two_remember(struct two *two, const struct command *command) {
    if (gives_key(command->kind)) {
        two->command = *command;
    }
}

bool two_open(struct two *two, const struct event *refusal) {
    if (!gives_key(two->command.kind) || two->command.allowed_count == ADHOC_MEMBERS_MAX) {
        return false;
    }
    text_copy(two->identity, sizeof two->identity, refusal->identity);
    text_copy(two->name, sizeof two->name, refusal->name);
    two->name_kind = refusal->name_kind;
    two->scroll = (struct scroll){0};
    two->drawn = false;
    return true;
}

void two_key(struct two *two, struct turn *turn) {
    if (scroll_key(&two->scroll, turn->press) || turn->press != 'y') {
        return;
    }
    if (!two->drawn) {
        turn->notice = _(turn_look_again);
        return;
    }
    *turn->command = two->command;
    struct command *command = turn->command;
    text_copy(command->allowed[command->allowed_count++], sizeof command->allowed[0],
              two->identity);
    turn->go = PLACE_BACK;
}

void two_draw(struct two *two, struct area area) {
    char room[WHO_SIZE];
    const char *who = who_words(room, two->name, two->name_kind, two->identity);
    struct page page = page_begin(&two->scroll, area);
    do {
        page_gap(&page);
        page_print(&page, 0, STYLE_STRONG, _("Give %s a key all the same?"), who);
        page_text(&page, 0, STYLE_DIM, two->identity);
        page_gap(&page);
        page_print(&page, 0, STYLE_BAD, "! %s", nearby_two_devices());
        page_gap(&page);
        page_text(&page, 0, STYLE_PLAIN,
                  _("One of them may be stolen, or a copy. Both can read the key, hear what is "
                    "said with it, and talk as this identity. Ask its owner first, face to face "
                    "if you can."));
    } while (page_again(&page));
    two->drawn = area.rows > 0;
}

void two_hints(struct hints *hints) {
    hints_add(hints, "y", _("give it the key"));
}
