/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/lost.h"

#include <string.h>

#include "ui/screens/nearby.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

void lost_open(struct lost_question *lost, const struct view *view, const char *identity) {
    *lost = (struct lost_question){.is_back = revoked_is_lost(view, identity)};
    text_copy(lost->identity, sizeof lost->identity, identity);
}

void lost_close(struct lost_question *lost) {
    *lost = (struct lost_question){.is_back = false};
}

bool lost_is_open(const struct lost_question *lost) {
    return lost->identity[0] != '\0';
}

void lost_key(struct lost_question *lost, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        lost_close(lost);
    } else if (turn->press == 'y' && !lost->drawn) {
        turn->notice = _(turn_look_again);
    } else if (turn->press == 'y') {
        turn_command_identity(turn, lost->is_back ? COMMAND_REPORT_FOUND : COMMAND_REPORT_LOST,
                              lost->identity);
        lost_close(lost);
    } else {
        scroll_key(&lost->scroll, turn->press);
    }
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static const struct view_member *member_in(const struct view_group *group, const char *identity) {
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, identity) == 0) {
            return &group->members[i];
        }
    }
    return NULL;
}

static const char *who_is(const struct view *view, const char *identity, char room[WHO_SIZE]) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    if (nearby != NULL) {
        return who_words(room, nearby->name, nearby->name_kind, identity);
    }
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_member *member = member_in(&view->groups[i], identity);
        if (member != NULL) {
            return who_words(room, member->name, member->name_kind, identity);
        }
    }
    return who_words(room, "", NAME_CLAIMED, identity);
}

/* The groups that it is in: those made here, which get a new key, or those of others. */
static void write_groups(struct page *page, const struct view *view, const char *identity,
                         bool is_own) {
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_group *group = &view->groups[i];
        char name[TEXT_GROUP_SIZE];
        if (group->created_here != is_own || group->gmk_state == GMK_EXPIRED ||
            member_in(group, identity) == NULL) {
            continue;
        }
        text_group_name(name, group);
        if (is_own) {
            page_print(page, 0, STYLE_PLAIN, _("%s gets a new key without it."), name);
        } else {
            page_print(page, 0, STYLE_CAUTION, _("%s keeps its key: tell whoever made that group."),
                       name);
        }
    }
}

static void write_loss(struct page *page, const struct view *view, const char *identity) {
    write_groups(page, view, identity, true);
    write_groups(page, view, identity, false);
    page_text(page, 0, STYLE_PLAIN,
              _("When its handset may be in other hands. What it says is refused here from now on: "
                "talk, calls, invitations. It is trusted no more, and gets no key."));
    if (view->airplane || view->radio_silence) {
        page_text(page, 0, STYLE_CAUTION,
                  _("This handset is silent: new keys wait until that is over."));
    }
    page_text(page, 0, STYLE_DIM,
              _("Others do not hear of it: tell them, and whoever runs your KMS."));
}

void lost_draw(struct lost_question *lost, const struct view *view, struct area area) {
    char room[WHO_SIZE];
    const char *who = who_is(view, lost->identity, room);
    struct page page = page_begin(&lost->scroll, area);
    do {
        page_print(&page, 0, STYLE_STRONG,
                   lost->is_back ? _("Is %s found again?") : _("Report %s lost?"), who);
        page_text(&page, 0, STYLE_DIM, lost->identity);
        page_gap(&page);
        if (lost->is_back) {
            page_text(&page, 0, STYLE_PLAIN,
                      _("Only when you know that its owner has it and nobody else had it open. It "
                        "is heard again. It gets keys, and is trusted, when you say so."));
        } else {
            write_loss(&page, view, lost->identity);
        }
    } while (page_again(&page));
    lost->drawn = area.rows > 0;
}

void lost_hints(const struct lost_question *lost, struct hints *hints) {
    hints_add(hints, "y", lost->is_back ? _("it is found") : _("report it lost"));
    hints_add(hints, _("esc"), _("back"));
}
