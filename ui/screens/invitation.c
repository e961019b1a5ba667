/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/invitation.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/nearby.h"
#include "ui/screens/revoked.h"
#include "ui/screens/summary.h"
#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

void invitation_screen_open(struct invitation_screen *invitation, uint64_t id) {
    invitation->id = id;
    invitation->drawn = false;
    invitation->scroll = (struct scroll){0};
}

const struct view_invitation *invitation_shown(const struct view *view, uint64_t id) {
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (view->invitations[i].id == id) {
            return &view->invitations[i];
        }
    }
    return NULL;
}

void invitation_headline(const struct view_invitation *now, char *out, size_t size) {
    char room[WHO_SIZE];
    const char *who = who_words(room, now->inviter_name, now->inviter_name_kind, now->inviter);
    switch (now->purpose) {
    case INVITED_TO_REKEY:
        snprintf(out, size, _("%s brings a new key for a group"), who);
        break;
    case INVITED_TO_CALL:
        snprintf(out, size, _("%s calls you"), who);
        break;
    default:
        snprintf(out, size, _("%s asks you to join a group"), who);
        break;
    }
}

/* Is everything that the decision rests on as it was drawn? */
static bool is_as_seen(const struct invitation_screen *invitation,
                       const struct view_invitation *now) {
    const struct view_invitation *seen = &invitation->seen;
    bool same = invitation->drawn && now->id == seen->id && now->purpose == seen->purpose &&
                strcmp(now->inviter, seen->inviter) == 0 && strcmp(now->group, seen->group) == 0 &&
                strcmp(now->group_name, seen->group_name) == 0 &&
                now->period_ms == seen->period_ms && now->is_late == seen->is_late &&
                now->member_count == seen->member_count;
    for (size_t i = 0; same && i < now->member_count; i++) {
        same = strcmp(now->members[i].identity, seen->members[i].identity) == 0;
    }
    return same;
}

static void open_next(struct invitation_screen *invitation, const struct view *view) {
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (view->invitations[i].id == invitation->id) {
            invitation_screen_open(invitation,
                                   view->invitations[(i + 1) % view->invitation_count].id);
            return;
        }
    }
    if (view->invitation_count > 0) {
        invitation_screen_open(invitation, view->invitations[0].id);
    }
}

static void answer(struct invitation_screen *invitation, struct turn *turn) {
    const struct view_invitation *now = invitation_shown(turn->view, invitation->id);
    if (now == NULL) {
        return;
    }
    if (!is_as_seen(invitation, now)) {
        turn->notice = turn_look_again;
    } else if (turn->press == TRUST_PRESS) {
        turn_command_identity(turn, now->trusted ? COMMAND_UNTRUST : COMMAND_TRUST, now->inviter);
    } else if (turn->press == 'a') {
        turn_command(turn, COMMAND_ACCEPT);
        turn->command->invitation = now->id;
        turn_go(turn, now->purpose == INVITED_TO_CALL ? PLACE_TALK : PLACE_GROUPS, "");
    } else {
        turn_command(turn, COMMAND_DECLINE);
        turn->command->invitation = now->id;
        turn->go = PLACE_BACK;
    }
}

bool invitation_is_answer(uint32_t press) {
    return press == 'a' || press == 'd' || press == TRUST_PRESS;
}

void invitation_screen_key(struct invitation_screen *invitation, struct turn *turn) {
    if (scroll_key(&invitation->scroll, turn->press)) {
        return;
    }
    if (invitation_is_answer(turn->press)) {
        answer(invitation, turn);
    } else if (turn->press == 'i') {
        open_next(invitation, turn->view);
    }
}

static void write_members(struct page *page, const struct view_invitation *now) {
    page_print(page, 0, STYLE_DIM, _("Members %zu"), now->member_count);
    for (size_t i = 0; i < now->member_count; i++) {
        const struct view_member *member = &now->members[i];
        const char *role = member->state == MEMBER_SELF                  ? _("(you)")
                           : strcmp(member->identity, now->inviter) == 0 ? _("(asks)")
                                                                         : "";
        char name[WHO_SIZE];
        page_print(page, 2, STYLE_PLAIN, "%s  %s%s%s", member->identity,
                   who_name(name, member->name, member->name_kind), role[0] != '\0' ? " " : "",
                   role);
        if (member->alike) {
            page_print(page, 2, STYLE_CAUTION, "! %s", nearby_names_alike());
        }
        if (member->is_revoked) {
            page_print(page, 2, STYLE_BAD, "x %s", revoked_words(member->is_lost));
        }
    }
}

static void write_who(struct page *page, const struct view_invitation *now) {
    char headline[WHO_SIZE + 128], difference[TEXT_SIZE];
    invitation_headline(now, headline, sizeof headline);
    page_text(page, 0, STYLE_STRONG, headline);
    page_text(page, 0, STYLE_STRONG, now->inviter);
    bool is_claimed = now->inviter_name_kind == NAME_CLAIMED && now->inviter_name[0] != '\0';
    if (is_claimed) {
        page_text(page, 0, STYLE_CAUTION, _("identity verified, not its name"));
    } else {
        page_text(page, 0, STYLE_GOOD, _("✓ verified"));
    }
    if (!now->trusted) {
        page_text(page, 0, STYLE_CAUTION, _("! not marked as trusted"));
    } else if (is_claimed) {
        page_text(page, 0, STYLE_PLAIN, _("trusted by you"));
    } else {
        page_text(page, 0, STYLE_GOOD, _("✓ trusted by you"));
    }
    if (now->inviter_alike) {
        page_print(page, 0, STYLE_CAUTION, "! %s", nearby_names_alike());
    }
    if (now->is_two) {
        page_print(page, 0, STYLE_BAD, "! %s", nearby_two_devices());
    }
    if (now->clock_differs) {
        text_difference(now->clock_difference_ms, difference);
        page_print(page, 0, STYLE_CAUTION,
                   now->clock_difference_ms < 0 ? _("! its clock is %s behind yours")
                                                : _("! its clock is %s ahead of yours"),
                   difference);
    }
}

/* What the group is called, and what that may hide. */
static void write_group(struct page *page, const struct view_invitation *now) {
    page_pair(page, _("Group"), STYLE_STRONG, text_name(now->group_name, _("without a name")));
    if (now->former_name[0] != '\0') {
        page_print(page, 0, STYLE_CAUTION, _("! it was called “%s” until now"), now->former_name);
    }
    if (now->group_alike) {
        page_print(page, 0, STYLE_CAUTION, "! %s",
                   _("another group has the same name, or one that looks like it"));
    }
}

static void write_invitation(struct page *page, const struct view_invitation *now) {
    char text[TEXT_SIZE];
    write_who(page, now);
    page_gap(page);
    if (now->purpose != INVITED_TO_CALL) {
        write_group(page, now);
        if (now->is_late) {
            text_date(now->since_utc_ms, text);
            page_pair(page, _("It runs since"), STYLE_PLAIN, text);
        }
        text_duration(now->is_late ? now->left_ms : now->period_ms, text);
        page_pair(page, _("Key good for"), STYLE_PLAIN, text);
    }
    text_elapsed(now->waits_ms, text);
    page_pair(page, _("Answer within"), STYLE_PLAIN, text);
    page_gap(page);
    if (now->purpose != INVITED_TO_CALL) {
        write_members(page, now);
    }
}

/* Of all others that the decision is about, in however small a window the list is read. */
static int draw_summary(const struct view_invitation *now, const struct view *view,
                        struct area area) {
    struct summary summary = {.count = 0};
    for (size_t i = 0; i < now->member_count; i++) {
        const struct view_member *member = &now->members[i];
        if (member->state != MEMBER_SELF) {
            summary_add(&summary, view, member->identity, member->trusted);
            summary.out += member->is_revoked;
        }
    }
    return summary_draw(&summary, area);
}

void invitation_screen_draw(struct invitation_screen *invitation, const struct view *view,
                            struct area area) {
    const struct view_invitation *now = invitation_shown(view, invitation->id);
    bool is_drawn = now != NULL && area.rows > 0;
    if (is_drawn && now->purpose != INVITED_TO_CALL) {
        area.rows -= draw_summary(now, view, area);
    }
    struct page page = page_begin(&invitation->scroll, area);
    do {
        page_gap(&page);
        if (now != NULL) {
            write_invitation(&page, now);
        } else {
            page_text(&page, 0, STYLE_STRONG, _("This request is over."));
            page_text(&page, 0, STYLE_PLAIN,
                      _("It was answered or withdrawn, or the time to answer it has passed."));
        }
    } while (page_again(&page));
    invitation->drawn = is_drawn;
    if (invitation->drawn) {
        invitation->seen = *now;
    }
}

void invitation_screen_hints(const struct invitation_screen *invitation, const struct view *view,
                             struct hints *hints) {
    const struct view_invitation *now = invitation_shown(view, invitation->id);
    if (now != NULL) {
        hints_add(hints, "a", _("accept"));
        hints_add(hints, "d", _("decline"));
        hints_add(hints, TRUST_KEY, now->trusted ? _("unmark") : _("mark trusted"));
    }
    if (view->invitation_count > (now != NULL ? 1 : 0)) {
        hints_add(hints, "i", _("next one"));
    }
}
