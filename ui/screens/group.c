/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/group.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui/screens/groups.h"
#include "ui/screens/member_line.h"
#include "ui/screens/nearby.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/reason.h"
#include "ui/words/words.h"

static struct member_columns columns_of(void) {
    return (struct member_columns){
        .name = 13,
        .words =
            text_widest(_("this handset"), _("contacting it"), _("waiting for an answer"),
                        _("accepted"), _("declined"), _("waits until in reach"), _("unreachable"),
                        _("no longer asked"), _("no answer yet"), _("no answer"), _("in the list"),
                        _("has a newer key"), _("has an old key"), NULL) +
            2,
        .short_words = text_widest(_("you"), _("waiting"), _("asked"), _("accepted"), _("declined"),
                                   _("to come"), _("no reach"), _("stopped"), _("no reply"),
                                   _("listed"), _("newer"), _("older"), NULL),
    };
}

void group_screen_open(struct group_screen *group, const char *identity, bool deleting) {
    memset(group, 0, sizeof *group);
    text_copy(group->identity, sizeof group->identity, identity);
    group->deleting = deleting;
}

static struct rows member_rows(const struct view_group *now) {
    struct rows rows = {0};
    for (size_t i = 0; i < now->member_count; i++) {
        rows_add(&rows, now->members[i].identity);
    }
    return rows;
}

static const struct view_member *member_find(const struct view_group *now, const char *identity) {
    for (size_t i = 0; i < now->member_count; i++) {
        if (strcmp(now->members[i].identity, identity) == 0) {
            return &now->members[i];
        }
    }
    return NULL;
}

static bool can_retry(const struct view_group *now, const struct view_member *member) {
    return now->created_here && member != NULL &&
           (member->state == MEMBER_DECLINED || member->state == MEMBER_UNREACHABLE ||
            member->state == MEMBER_CANCELLED || member->state == MEMBER_UNANSWERED);
}

/* Puts the cursor where it is of use, and leaves it there. */
static void find_retry(struct group_screen *group, const struct view_group *now) {
    if (group->moved || can_retry(now, member_find(now, group->list.focus))) {
        return;
    }
    for (size_t i = 0; i < now->member_count; i++) {
        if (can_retry(now, &now->members[i])) {
            struct rows rows = member_rows(now);
            list_focus(&group->list, &rows, now->members[i].identity);
            return;
        }
    }
}

/* Of a member whom this handset will ask again by itself. */
static struct member_words words_of_pursued(enum member_state state) {
    if (state == MEMBER_UNANSWERED) {
        return (struct member_words){"…", _("no answer yet"), _("to come"), STYLE_CAUTION};
    }
    return (struct member_words){"…", _("waits until in reach"), _("to come"), STYLE_CAUTION};
}

static struct member_words words_of(const struct view_member *member) {
    switch (member->state) {
    case MEMBER_SELF:
        return (struct member_words){"✓", _("this handset"), _("you"), STYLE_PLAIN};
    case MEMBER_WAITING:
        return (struct member_words){"…", _("contacting it"), _("waiting"), STYLE_CAUTION};
    case MEMBER_ASKED:
        return (struct member_words){"…", _("waiting for an answer"), _("asked"), STYLE_CAUTION};
    case MEMBER_ACCEPTED:
        return (struct member_words){"✓", _("accepted"), _("accepted"), STYLE_GOOD};
    case MEMBER_DECLINED:
        return (struct member_words){"x", _("declined"), _("declined"), STYLE_BAD};
    case MEMBER_UNREACHABLE:
        return member->is_pursued
                   ? words_of_pursued(member->state)
                   : (struct member_words){"!", _("unreachable"), _("no reach"), STYLE_BAD};
    case MEMBER_UNANSWERED:
        return member->is_pursued
                   ? words_of_pursued(member->state)
                   : (struct member_words){"!", _("no answer"), _("no reply"), STYLE_BAD};
    case MEMBER_CANCELLED:
        return (struct member_words){"-", _("no longer asked"), _("stopped"), STYLE_DIM};
    default:
        return (struct member_words){" ", _("in the list"), _("listed"), STYLE_PLAIN};
    }
}

static void retry(struct group_screen *group, const struct view_group *now, struct turn *turn) {
    const struct view_member *member = member_find(now, group->list.focus);
    group->moved = true;
    if (!can_retry(now, member)) {
        turn->notice =
            _("Only members without the key who are not being asked now can be asked again.");
    } else if (!list_is_sure(&group->list)) {
        turn->notice = _(turn_look_again);
    } else {
        turn_command_group(turn, COMMAND_RETRY_MEMBER, group->identity);
        text_copy(turn->command->identity, sizeof turn->command->identity, member->identity);
    }
}

/* Under the cursor is a member who is asked: then `s` stops that one, and otherwise all of them. */
static bool stops_one(const struct group_screen *group, const struct view_group *now) {
    const struct view_member *member = member_find(now, group->list.focus);
    return member != NULL && member->is_pursued;
}

static void stop(const struct group_screen *group, const struct view_group *now,
                 struct turn *turn) {
    if (!stops_one(group, now)) {
        turn_command_group(turn, COMMAND_CANCEL_DISTRIBUTION, group->identity);
    } else if (!list_is_sure(&group->list)) {
        turn->notice = _(turn_look_again);
    } else {
        turn_command_group(turn, COMMAND_CANCEL_DISTRIBUTION, group->identity);
        text_copy(turn->command->identity, sizeof turn->command->identity, group->list.focus);
    }
}

static void ask_lost(struct group_screen *group, const struct view_group *now, struct turn *turn) {
    const struct view_member *member = member_find(now, group->list.focus);
    group->moved = true;
    if (member == NULL || member->state == MEMBER_SELF) {
        turn->notice = _("Only another member can be reported lost.");
    } else if (!list_is_sure(&group->list)) {
        turn->notice = _(turn_look_again);
    } else {
        lost_open(&group->lost, turn->view, member->identity);
    }
}

static void key_deleting(struct group_screen *group, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        group->deleting = false;
    } else if (turn->press == 'y' && !group->drawn) {
        turn->notice = _(turn_look_again);
    } else if (turn->press == 'y') {
        turn_command_group(turn, COMMAND_DELETE_GROUP, group->identity);
        turn_go(turn, PLACE_GROUPS, "");
    } else {
        scroll_key(&group->scroll, turn->press);
    }
}

void group_screen_key(struct group_screen *group, struct turn *turn) {
    const struct view_group *now = text_group(turn->view, group->identity);
    if (now == NULL) {
        group->deleting = false;
        lost_close(&group->lost);
    }
    if (lost_is_open(&group->lost)) {
        lost_key(&group->lost, turn);
        return;
    }
    if (group->deleting) {
        key_deleting(group, turn);
        return;
    }
    if (turn->press == PRESS_ESCAPE || now == NULL) {
        turn->go = turn->press == PRESS_ESCAPE ? PLACE_BACK : PLACE_HERE;
        return;
    }
    struct rows rows = member_rows(now);
    list_settle(&group->list, &rows);
    if (list_key(&group->list, &rows, turn->press)) {
        group->moved = true;
        return;
    }
    if (turn->press == 't' && now->gmk_state != GMK_USABLE) {
        turn->notice = _(groups_no_talk);
    } else if (turn->press == 't') {
        turn_go(turn, PLACE_TALK, group->identity);
    } else if (turn->press == 'r') {
        retry(group, now, turn);
    } else if (turn->press == REKEY_PRESS && groups_can_rekey(now)) {
        turn_go(turn, PLACE_NEW_GROUP, group->identity);
    } else if (turn->press == ADD_PRESS && groups_can_add(now)) {
        turn_go(turn, PLACE_NEW_GROUP, group->identity);
    } else if (turn->press == 's' && now->distributing) {
        stop(group, now, turn);
    } else if (turn->press == LOST_PRESS) {
        ask_lost(group, now, turn);
    } else if (turn->press == 'x' && !groups_can_delete(now)) {
        turn->notice = _(groups_is_managed);
    } else if (turn->press == 'x') {
        group->deleting = true;
        group->drawn = false;
    }
}

/* Of a member that was heard under another key than the one held here. */
static struct member_words words_of_other_key(const struct view_member *member) {
    return member->key == MEMBER_KEY_NEWER
               ? (struct member_words){"!", _("has a newer key"), _("newer"), STYLE_BAD}
               : (struct member_words){"!", _("has an old key"), _("older"), STYLE_CAUTION};
}

/* What is nearer to the officer's mind than how a member stands. */
static void mark_badly(const struct view *view, const struct view_member *member,
                       struct member_words *words) {
    if (member->is_revoked) {
        *words = revoked_member(member->is_lost);
    } else if (revoked_report_find(view, member->identity) != NULL) {
        *words = revoked_reported_member();
    } else if (member->key != MEMBER_KEY_NOT_OTHER) {
        *words = words_of_other_key(member);
    } else if (nearby_is_two(view, member->identity)) {
        words->mark = "2";
        words->style = STYLE_BAD;
    }
}

static void draw_members(struct group_screen *group, const struct view_group *now,
                         const struct view *view, struct area area) {
    struct rows rows = member_rows(now);
    const struct member_columns columns = columns_of();
    size_t end = list_draw(&group->list, &rows, area);
    for (size_t i = group->list.top; i < end; i++) {
        enum style style = list_style(&group->list, i, STYLE_PLAIN);
        struct area line = area_within(area, (int)(i - group->list.top), 0, 1, area.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&group->list, i));
        struct member_words words = words_of(&now->members[i]);
        mark_badly(view, &now->members[i], &words);
        member_line(line, style, i == group->list.row, &columns, &words, now->members[i].name,
                    now->members[i].name_kind, now->members[i].identity);
    }
}

/* "2 of 3 have the key, 1 waiting" on the handset that hands it out. */
static void progress_text(const struct view_group *now, char *out, size_t size) {
    size_t accepted = 0, waiting = 0, others = 0;
    for (size_t i = 0; i < now->member_count; i++) {
        enum member_state state = now->members[i].state;
        others += state != MEMBER_SELF;
        accepted += state == MEMBER_ACCEPTED;
        waiting += state == MEMBER_WAITING || state == MEMBER_ASKED || now->members[i].is_pursued;
    }
    if (now->kind == GROUP_STANDARD) {
        snprintf(out, size, "%s", _("Its manager knows who has the key."));
    } else if (!now->created_here) {
        snprintf(out, size, words_many("%zu member", "%zu members", now->member_count),
                 now->member_count);
    } else if (waiting > 0) {
        snprintf(out, size, _("%zu of %zu have the key, %zu to come"), accepted, others, waiting);
    } else {
        snprintf(out, size, _("%zu of %zu have the key"), accepted, others);
    }
}

static int draw_heading(const struct view_group *now, struct area area) {
    char left[TEXT_SIZE], made[TEXT_SIZE], progress[96];
    text_left(now, left);
    text_date(now->created_utc_ms, made);
    bool is_full = text_is_full(area), has_revoked = now->revoked_count > 0;
    if (has_revoked) {
        revoked_group_text(now, is_full, progress, sizeof progress);
    } else {
        progress_text(now, progress, sizeof progress);
    }
    if (!is_full) {
        text_group_fit(area, 0, 1, area.columns - 12, STYLE_STRONG, now);
        area_print(area, 0, area.columns - 10, STYLE_PLAIN, "%08" PRIX32, now->gmk_id);
        area_words_fit(area, 1, 1, area.columns - 2, text_left_style(now), left);
        area_words_fit(area, 2, 1, area.columns - 2, has_revoked ? STYLE_BAD : STYLE_DIM, progress);
        return 3;
    }
    text_group_fit(area, 0, 1, 40, STYLE_STRONG, now);
    area_text(area, 0, 42, STYLE_PLAIN,
              now->kind == GROUP_STANDARD ? _("standard group") : _("ad-hoc group"));
    area_text_fit(area, 1, 1, area.columns - 2, STYLE_DIM, now->identity);
    int at = 1 + area_print(area, 2, 1, STYLE_PLAIN, "GMK %08" PRIX32 "   ", now->gmk_id);
    at += area_text(area, 2, at, text_left_style(now), left) + 2;
    text_left_bar(area, 2, at, 20, now);
    area_print(area, 3, 1, STYLE_PLAIN,
               now->kind == GROUP_STANDARD ? _("Key valid from %s UTC, group time")
                                           : _("Made %s UTC, group time"),
               made);
    area_words_fit(area, 4, 1, area.columns - 2, has_revoked ? STYLE_BAD : STYLE_PLAIN, progress);
    return 6;
}

/* The member under the cursor in full, with the reason where there is one. */
static void draw_focus(const struct view *view, const struct view_member *focus, struct area area) {
    const struct view_message *report = revoked_report_find(view, focus->identity);
    char reported[REPORT_WORDS_SIZE];
    struct page page = page_begin(NULL, area);
    char reason[REASON_WORDS_SIZE];
    reason_words(focus->reason, focus->reason_limit_ms, focus->reason_check, reason, sizeof reason);
    do {
        page_text(&page, 0, STYLE_STRONG, focus->identity);
        if (focus->is_revoked) {
            page_text(&page, 0, STYLE_BAD, revoked_words(focus->is_lost));
            continue;
        }
        if (report != NULL) {
            revoked_report_text(report, reported);
            page_text(&page, 0, STYLE_CAUTION, reported);
        }
        if (nearby_is_two(view, focus->identity)) {
            page_text(&page, 0, STYLE_BAD, nearby_two_devices());
        }
        if (reason[0] != '\0') {
            page_print(&page, 0, words_of(focus).style, "%s: %s", words_of(focus).word, reason);
        } else if (text_is_full(area)) {
            page_text(&page, 0, words_of(focus).style, words_of(focus).word);
        }
    } while (page_again(&page));
}

static void draw_deleting(struct group_screen *group, const struct view_group *now,
                          struct area area) {
    struct page page = page_begin(&group->scroll, area);
    char name[TEXT_GROUP_SIZE];
    do {
        page_gap(&page);
        page_print(&page, 0, STYLE_STRONG, _("Delete “%s” from this handset?"),
                   text_group_name(name, now));
        page_text(&page, 0, STYLE_DIM, now->identity);
        page_gap(&page);
        page_text(&page, 0, STYLE_PLAIN,
                  _("Its key is wiped here, for good. The other members keep theirs."));
        if (now->created_here && now->kind == GROUP_ADHOC) {
            page_text(&page, 0, STYLE_CAUTION,
                      _("This handset made the group: nobody can give it a new key afterwards."));
        }
    } while (page_again(&page));
    group->drawn = area.rows > 0;
}

void group_screen_draw(struct group_screen *group, const struct view *view, struct area area) {
    const struct view_group *now = text_group(view, group->identity);
    if (now != NULL && lost_is_open(&group->lost)) {
        lost_draw(&group->lost, view, area);
        return;
    }
    if (now == NULL) {
        group->deleting = false;
        lost_close(&group->lost);
        area_words_fit(area, 0, 1, area.columns - 1, STYLE_STRONG,
                       _("This group no longer exists."));
        return;
    }
    if (group->deleting) {
        draw_deleting(group, now, area);
        return;
    }
    find_retry(group, now);
    int row = draw_heading(now, area);
    int detail = area.rows - row >= 5 ? (text_is_full(area) ? 2 : 3) : 0;
    detail += detail > 0 && (nearby_has_two(view) || now->revoked_count > 0) ? 2 : 0;
    draw_members(group, now, view,
                 area_within(area, row, 0, area.rows - row - detail, area.columns));
    const struct view_member *focus = member_find(now, group->list.focus);
    if (detail > 0 && focus != NULL) {
        draw_focus(view, focus, area_within(area, area.rows - detail, 0, detail, area.columns));
    }
}

void group_screen_hints(const struct group_screen *group, const struct view *view,
                        struct hints *hints) {
    const struct view_group *now = text_group(view, group->identity);
    if (now == NULL) {
        return;
    }
    if (lost_is_open(&group->lost)) {
        lost_hints(&group->lost, hints);
        return;
    }
    if (group->deleting) {
        hints_add(hints, "y", _("delete"));
        return;
    }
    if (can_retry(now, member_find(now, group->list.focus))) {
        hints_add(hints, "r", _("retry"));
    }
    if (now->gmk_state == GMK_USABLE) {
        hints_add(hints, "t", _("talk"));
    }
    if (now->distributing) {
        hints_add(hints, "s", stops_one(group, now) ? _("stop asking") : _("stop all"));
    }
    if (groups_can_rekey(now)) {
        hints_add(hints, REKEY_KEY, _("new key"));
    }
    if (groups_can_add(now)) {
        hints_add(hints, ADD_KEY, _("add members"));
    }
    if (groups_can_delete(now)) {
        hints_add(hints, "x", _("delete"));
    }
    const struct view_member *member = member_find(now, group->list.focus);
    if (member != NULL && member->state != MEMBER_SELF) {
        hints_add(hints, LOST_KEY, member->is_lost ? _("found") : _("lost"));
    }
}
