/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/again.h"
#include "ui/screens/emergency.h"
#include "ui/screens/groups.h"
#include "ui/screens/hearing.h"
#include "ui/screens/messages.h"
#include "ui/screens/modes.h"
#include "ui/screens/page.h"
#include "ui/screens/reach.h"
#include "ui/screens/text.h"
#include "ui/screens/waiting.h"
#include "ui/screens/who.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    TALKER_ROWS = 4,
    LEVEL_MIN = 10, /* columns of a level bar that still shows something */
    LEVEL_MAX = 16
};

void talk_screen_open(struct talk_screen *talk, const char *group) {
    text_copy(talk->group, sizeof talk->group, group);
}

const struct view_group *talk_screen_group(const struct talk_screen *talk,
                                           const struct view *view) {
    const struct view_group *group = text_group(view, talk->group);
    for (size_t i = 0; i < view->group_count && group == NULL; i++) {
        if (view->groups[i].gmk_state == GMK_USABLE) {
            group = &view->groups[i];
        }
    }
    return group == NULL && view->group_count > 0 ? &view->groups[0] : group;
}

static const struct view_group *settle(struct talk_screen *talk, const struct view *view) {
    const struct view_group *group = talk_screen_group(talk, view);
    talk_screen_open(talk, group != NULL ? group->identity : "");
    return group;
}

static void begin(struct talk_screen *talk, const struct view_group *group, enum command_kind kind,
                  struct turn *turn) {
    if (turn->view->airplane) {
        turn->notice = _(modes_no_talk);
    } else if (turn->view->call_state == CALL_ACTIVE) {
        turn->notice = _("In a call the line is open both ways: just talk, h hangs up.");
    } else if (group == NULL) {
        turn->notice = _("There is no group to talk in yet.");
    } else if (group->gmk_state != GMK_USABLE) {
        turn->notice = _(groups_no_talk);
    } else if (strcmp(talk->seen, group->identity) != 0) {
        turn->notice = _(turn_look_again);
    } else {
        turn_command_group(turn, kind, group->identity);
    }
}

/* Every screen names the group that talk goes to. */
static void begin_in_named(struct talk_screen *talk, enum command_kind kind, struct turn *turn) {
    bool is_meant = talk->group[0] == '\0' || text_group(turn->view, talk->group) != NULL;
    const struct view_group *group = settle(talk, turn->view);
    if (is_meant) {
        text_copy(talk->seen, sizeof talk->seen, talk->group);
    }
    begin(talk, group, kind, turn);
}

void talk_screen_begin(struct talk_screen *talk, struct turn *turn) {
    begin_in_named(talk, COMMAND_TALK_BEGIN, turn);
}

void talk_screen_emergency(struct talk_screen *talk, struct turn *turn) {
    begin_in_named(talk, COMMAND_EMERGENCY, turn);
    turn->command->on = turn->command->kind == COMMAND_EMERGENCY;
}

static void rekey(const struct talk_screen *talk, const struct view_group *group,
                  struct turn *turn) {
    if (group != NULL && groups_can_rekey(group) && turn->view->call_state == CALL_NONE &&
        !turn->view->talking) {
        bool seen = strcmp(talk->seen, group->identity) == 0;
        turn_go(turn, seen ? PLACE_NEW_GROUP : PLACE_HERE, group->identity);
    }
}

static void choose(struct talk_screen *talk, const struct view *view, bool next) {
    for (size_t i = 0; i < view->group_count; i++) {
        if (strcmp(view->groups[i].identity, talk->group) == 0) {
            size_t count = view->group_count;
            talk_screen_open(talk, view->groups[(i + (next ? 1 : count - 1)) % count].identity);
            return;
        }
    }
}

void talk_screen_key(struct talk_screen *talk, struct turn *turn) {
    const struct view *view = turn->view;
    const struct view_group *group = settle(talk, view);
    if (again_key(turn, group)) {
        return;
    }
    switch (turn->press) {
    case ' ':
        if (view->talking) {
            turn_command(turn, COMMAND_TALK_END);
        } else {
            begin(talk, group, COMMAND_TALK_BEGIN, turn);
        }
        break;
    case 'h':
        if (view->call_state != CALL_NONE) {
            turn_command(turn, COMMAND_HANG_UP);
        }
        break;
    case PRESS_LEFT:
    case PRESS_RIGHT:
        if (!view->talking && view->call_state != CALL_ACTIVE) {
            choose(talk, view, turn->press == PRESS_RIGHT);
        }
        break;
    case 'n':
        turn_go(turn, PLACE_NEW_GROUP, "");
        break;
    case REKEY_PRESS:
        rekey(talk, group, turn);
        break;
    case MESSAGES_PRESS:
        if (group != NULL) {
            turn_go(turn, PLACE_MESSAGES, group->identity);
        }
        break;
    case PRESS_UP:
    case 'k':
        talk->sessions_top -= talk->sessions_top > 0 ? 1 : 0;
        break;
    case PRESS_DOWN:
    case 'j':
        talk->sessions_top += talk->sessions_top < VIEW_SESSIONS_MAX ? 1 : 0;
        break;
    case PRESS_HOME:
        talk->sessions_top = 0;
        break;
    default:
        break;
    }
}

static bool is_calling(const struct view *view) {
    return view->call_state == CALL_RINGING;
}

/* Who is called, below the group, in which there may be talk meanwhile. */
static int draw_calling(const struct view *view, struct area area, int row) {
    char text[WHO_SIZE + TEXT_SIZE], who[WHO_SIZE];
    if (!is_calling(view)) {
        return 0;
    }
    snprintf(text, sizeof text, _("Ringing… %s"),
             who_told(who, view->call_name, view->call_name_kind, view->call_identity));
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_CAUTION, text);
}

static int draw_call(const struct view *view, struct area area) {
    char elapsed[TEXT_SIZE], who[WHO_SIZE];
    bool is_claimed = view->call_name_kind == NAME_CLAIMED && view->call_name[0] != '\0';
    text_elapsed(view->call_elapsed_ms, elapsed);
    struct page page = page_begin(NULL, area);
    int rows = 0;
    do {
        page_print(&page, 0, STYLE_STRONG, _("Call with %s"),
                   who_words(who, view->call_name, view->call_name_kind, view->call_identity));
        page_text(&page, 0, STYLE_PLAIN, view->call_identity);
        if (is_claimed) {
            page_print(&page, 0, STYLE_CAUTION, _("identity verified, not its name   %s"), elapsed);
        } else {
            page_print(&page, 0, STYLE_GOOD, _("✓ verified   %s"), elapsed);
        }
        rows = page.row;
    } while (page_again(&page));
    return rows;
}

/* In a call the own microphone is open, and nobody else shows how loud it is. */
static int draw_own_level(const struct view *view, struct area area, int row) {
    if (!view->sound.is_live) {
        return 0;
    }
    int at = 2 + area_text(area, row, 1, STYLE_DIM, _("Your level"));
    int room = area.columns - at - 1;
    area_bar(area, row, at, room < LEVEL_MAX ? room : (int)LEVEL_MAX, STYLE_TALK, view->sound.level,
             100);
    return 1;
}

/* Why a member does not hear what is said, or that it may. */
enum ear {
    EAR_HERE,
    EAR_AWAY,
    EAR_WITHOUT_KEY,
    EARS
};

static enum ear ear_of(const struct view_group *group, const struct view_member *member) {
    return !reach_may_hold(group, member) ? EAR_WITHOUT_KEY : member->is_near ? EAR_HERE : EAR_AWAY;
}

/* Those members but this one, after `label`; nothing where there are none. */
static size_t say_ears(const struct view_group *group, enum ear ear, const char *label, char *out,
                       size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < group->member_count && used < size; i++) {
        const struct view_member *member = &group->members[i];
        char who[WHO_SIZE];
        if (member->state == MEMBER_SELF || !reach_is_member(group, member) ||
            ear_of(group, member) != ear) {
            continue;
        }
        int more = snprintf(
            out + used, size - used, "%s%s", used == 0 ? label : ", ",
            member->alike ? who_told(who, member->name, member->name_kind, member->identity)
                          : who_words(who, member->name, member->name_kind, member->identity));
        used += more > 0 ? (size_t)more : 0;
    }
    return used < size ? used : size - 1;
}

/* Who may hear what is said, and then who does not. */
static void members_text(const struct view_group *group, char *out, size_t size) {
    size_t used = say_ears(group, EAR_HERE, "", out, size);
    const char *gap = used > 0 ? "; " : "";
    char label[TEXT_SIZE];
    snprintf(label, sizeof label, "%s%s ", gap, _("away:"));
    size_t more = say_ears(group, EAR_AWAY, label, out + used, size - used);
    used += more;
    gap = used > 0 ? "; " : "";
    snprintf(label, sizeof label, "%s%s ", gap, _("without the key:"));
    (void)say_ears(group, EAR_WITHOUT_KEY, label, out + used, size - used);
}

/* "1 of 3 can hear:", with as much as is known of who holds the key. */
static void reach_label(const struct view_group *group, char out[2 * TEXT_SIZE]) {
    const struct reach reach = reach_of(group);
    char count[TEXT_SIZE];
    reach_words(&reach, count, sizeof count);
    if (reach.others == 0) {
        text_copy(out, 2 * TEXT_SIZE, _("nobody else is in it"));
    } else {
        snprintf(out, 2 * TEXT_SIZE, _("%s can hear:"), count);
    }
}

/* Others have gone on to a newer key: they are not heard here. */
static int draw_newer(const struct view_group *group, struct area area, int row) {
    const struct reach reach = reach_of(group);
    char text[WHO_SIZE + 2 * TEXT_SIZE], who[WHO_SIZE];
    if (reach.newer == 0) {
        return 0;
    }
    const struct view_member *first = reach.newer_first;
    snprintf(text, sizeof text,
             words_many("! %s has a newer key: you do not hear it",
                        "! %s and others have a newer key: you do not hear them", reach.newer),
             who_told(who, first->name, first->name_kind, first->identity));
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_BAD, text);
}

static int draw_group(const struct view_group *group, const struct view *view, struct area area) {
    char left[TEXT_SIZE];
    bool full = text_is_full(area);
    int width = area.columns - (full ? 24 : text_left_columns() + 4);
    int used = text_group_fit(area, 0, 1, width, STYLE_STRONG, group);
    if (full && view->group_count > 1) {
        area_print(area, 0, 3 + used, STYLE_DIM, _("%zu of %zu"),
                   (size_t)(group - view->groups) + 1, view->group_count);
    }
    if (!full) {
        text_left_short(group, left);
        area_text(area, 0, area.columns - text_width(left) - 1, text_left_style(group), left);
        if (area.rows < 10) {
            return 1;
        }
        int end = 1 + area_print(area, 1, 1, STYLE_DIM, "%08" PRIX32 "  ", group->gmk_id);
        if (group->time_unproven && group->gmk_state == GMK_USABLE) {
            area_text(area, 1, end, STYLE_CAUTION, _("time not proven"));
        } else if (group->kind == GROUP_STANDARD) {
            area_text(area, 1, end, STYLE_DIM, groups_kind(group->kind));
        } else {
            const struct reach reach = reach_of(group);
            char count[TEXT_SIZE], label[2 * TEXT_SIZE];
            reach_words(&reach, count, sizeof count);
            reach_can_hear(&reach, label, sizeof label);
            bool fits = text_width(label) <= area.columns - end;
            area_text_fit(area, 1, end, area.columns - end, STYLE_DIM, fits ? label : count);
        }
        return 2;
    }
    text_left(group, left);
    int at = 1 + area_print(area, 1, 1, STYLE_PLAIN, "GMK %08" PRIX32 "   ", group->gmk_id);
    at += area_text(area, 1, at, text_left_style(group), left) + 2;
    text_left_bar(area, 1, at, 20, group);
    if (group->kind == GROUP_STANDARD) {
        int end = 1 + area_text(area, 2, 1, STYLE_DIM, _("Standard group:"));
        area_text_fit(area, 2, end + 1, area.columns - end - 2, STYLE_DIM, group->identity);
        return 3;
    }
    char members[ADHOC_MEMBERS_MAX * (OFFICER_IDENTITY_SIZE + 10)] = "", label[2 * TEXT_SIZE];
    members_text(group, members, sizeof members);
    reach_label(group, label);
    at = 1 + area_text(area, 2, 1, STYLE_DIM, label);
    area_text_fit(area, 2, at + 1, area.columns - at - 2, STYLE_PLAIN, members);
    return 3;
}

/* Who talks, and where unless it is in the group that is shown. */
static void talker_headline(const struct view_talker *talker, const struct view_group *elsewhere,
                            char *out, size_t size) {
    char room[WHO_SIZE];
    const char *who = who_words(room, talker->name, talker->name_kind, talker->identity);
    bool is_call = talker->group[0] == '\0';
    char called[TEXT_GROUP_SIZE];
    if (elsewhere != NULL && talker->self) {
        snprintf(out, size, _("● You talk in %s"), text_group_name(called, elsewhere));
    } else if (elsewhere != NULL) {
        snprintf(out, size, _("● %s talks in %s"), who, text_group_name(called, elsewhere));
    } else if (talker->self) {
        text_copy(out, size, is_call ? _("● You talk in the call") : _("● You talk"));
    } else {
        snprintf(out, size, is_call ? _("● %s talks in the call") : _("● %s talks"), who);
    }
}

/* What is proven of who talks: also that it is said now, once its clock was measured. */
static int draw_proof(const struct view_talker *talker, struct area area, int row) {
    if (talker->time_unproven) {
        return area_text(area, row, 1, STYLE_CAUTION, _("time not proven"));
    }
    if (!talker->self && talker->name_kind == NAME_CLAIMED && talker->name[0] != '\0') {
        return area_text(area, row, 1, STYLE_CAUTION, _("name not proven"));
    }
    return area_text(area, row, 1, STYLE_GOOD, talker->self ? _("✓ signed") : _("✓ verified"));
}

/* Did this handset come late into the talk, by a second or more? */
static bool was_late(const struct view_talker *talker) {
    return talker->missed_ms >= 1000;
}

static int draw_missed(const struct view_talker *talker, struct area area, int row) {
    char missed[TEXT_SIZE], line[2 * TEXT_SIZE];
    if (!was_late(talker)) {
        return 0;
    }
    text_duration(talker->missed_ms, missed);
    snprintf(line, sizeof line, _("beginning missed (%s)"), missed);
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_CAUTION, line);
}

/* How loud the talker is, and what the way and the waiting for stragglers cost: beside it, where
 * there is room, or else below. Returns how many rows that takes. */
static int draw_level(const struct view_talker *talker, struct area area, int row, int at) {
    char line[80] = "";
    int room = area.columns - at - 1;
    if (!talker->self && talker->delay_ms > 0) {
        snprintf(line, sizeof line, _("delay %u ms, %u %% lost"), talker->delay_ms,
                 talker->loss_percent);
        room -= text_width(line) + 1;
    }
    bool is_beside = line[0] == '\0' || room >= LEVEL_MIN;
    room = is_beside ? room : area.columns - at - 1;
    room = room < LEVEL_MAX ? room : (int)LEVEL_MAX;
    area_bar(area, row, at, room, STYLE_TALK, talker->level, 100);
    area_text(area, is_beside ? row : row + 1, is_beside ? at + room + 1 : 1, STYLE_DIM, line);
    return is_beside ? 1 : 2;
}

static int draw_talker(const struct view_talker *talker, const char *group, const struct view *view,
                       struct area area, int row) {
    char elapsed[TEXT_SIZE];
    text_elapsed(talker->elapsed_ms, elapsed);
    const struct view_group *elsewhere =
        strcmp(talker->group, group) != 0 ? text_group(view, talker->group) : NULL;
    struct area line = area_within(area, row, 0, 1, area.columns);
    enum style style = talker->is_emergency ? STYLE_BAD : STYLE_TALK;
    area_fill(line, ' ', style);
    char headline[WHO_SIZE + TEXT_GROUP_SIZE + TEXT_SIZE];
    talker_headline(talker, elsewhere, headline, sizeof headline);
    area_text_fit(line, 0, 1, area.columns - 10, style, headline);
    area_text(line, 0, area.columns - 1 - text_width(elapsed), style, elapsed);
    int rows = talker->is_emergency
                   ? text_wrapped(area, row + 1, 1, area.columns - 2, STYLE_BAD, _("! EMERGENCY"))
                   : 0;
    rows += text_wrapped(area, row + 1 + rows, 1, area.columns - 2, STYLE_STRONG, talker->identity);
    int level = row + 1 + rows;
    int at = 3 + draw_proof(talker, area, level);
    at += area_text(area, level, at, STYLE_DIM, _("level")) + 1;
    int below = level + draw_level(talker, area, level, at);
    return below - row + draw_missed(talker, area, below);
}

static int draw_refused_talker(const struct view_refused *refused, const char *group,
                               const struct view *view, struct area area, int row) {
    const struct view_group *elsewhere =
        strcmp(refused->group, group) != 0 ? text_group(view, refused->group) : NULL;
    char room[WHO_SIZE];
    const char *who = who_words(room, refused->name, refused->name_kind, refused->identity);
    char headline[WHO_SIZE + TEXT_GROUP_SIZE + TEXT_SIZE], difference[TEXT_SIZE];
    char called[TEXT_GROUP_SIZE];
    text_difference(refused->clock_difference_ms, difference);
    if (elsewhere != NULL) {
        snprintf(headline, sizeof headline, _("! %s talks in %s, its clock differs by %s"), who,
                 text_group_name(called, elsewhere), difference);
    } else {
        snprintf(headline, sizeof headline, _("! %s talks, its clock differs by %s"), who,
                 difference);
    }
    int rows = text_wrapped(area, row, 1, area.columns - 2, STYLE_CAUTION, headline);
    return rows +
           text_wrapped(area, row + rows, 1, area.columns - 2, STYLE_STRONG, refused->identity);
}

/* Who talks and is not heard, for time, and what to do about it. */
static int draw_refused(const char *group, const struct view *view, struct area area, int row) {
    int rows = 0;
    for (size_t i = 0; i < view->refused_count; i++) {
        rows += draw_refused_talker(&view->refused[i], group, view, area, row + rows);
    }
    if (view->refused_count > 0) {
        rows += text_wrapped(area, row + rows, 1, area.columns - 2, STYLE_DIM,
                             _("Or it is a recording. It is heard once both handsets meet without "
                               "radio silence."));
    }
    return rows;
}

/* What follows, for who can give the group a new key and for who cannot. */
static const char *expired_words(const struct view_group *group) {
    if (groups_can_rekey(group)) {
        return _("The key has expired: nobody can talk or listen with it. A new key brings the "
                 "group back: w.");
    }
    return group->kind == GROUP_STANDARD
               ? _("The key has expired: nobody can talk or listen with it. Its manager can give "
                   "the group a new one.")
               : _("The key has expired: nobody can talk or listen with it. Whoever made the group "
                   "can give it a new one.");
}

/* In a call there may be no group. */
static int draw_silence(const struct view_group *group, const struct view *view, struct area area,
                        int row) {
    char turn[WHO_SIZE + TEXT_SIZE];
    const char *text =
        group == NULL ? NULL : waiting_turn(view, group->identity, turn, sizeof turn);
    text = text != NULL ? text : _("Nobody talks. Press space to talk.");
    if (view->call_state == CALL_ACTIVE) {
        text = view->call_is_quiet ? _("Nothing arrives from the other side.")
                                   : _("The line is open both ways.");
    } else if (view->airplane) {
        text = _(modes_no_talk);
    } else if (group != NULL && group->gmk_state == GMK_EXPIRED) {
        text = expired_words(group);
    } else if (group != NULL && group->gmk_state == GMK_NOT_YET) {
        text = _("The key cannot be used yet: its period of use has not begun.");
    }
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_DIM, text);
}

/* Who hears the own talk; for a moment after it too, where its group is shown and nobody talks. */
static int draw_hearing(const char *group, const struct view *view, struct area area, int row) {
    bool is_here = view->talker_count == 0 && strcmp(view->hearing.group, group) == 0;
    if (view->talking && hearing_dead_microphone(view) != NULL) {
        /* What was reported was of what was said before. */
        return text_wrapped(area, row, 1, area.columns - 2, STYLE_CAUTION, _("! Nobody hears you"));
    }
    return view->call_state != CALL_ACTIVE && (view->talking || is_here)
               ? hearing_draw(&view->hearing, area, row)
               : 0;
}

static void draw_session_talker(const struct view_session *session, struct area area, int row,
                                int column, int width) {
    if (session->self) {
        area_text_fit(area, row, column, width, STYLE_PLAIN, _("You"));
    } else {
        who_draw(area, row, column, width, STYLE_PLAIN, session->talker_name,
                 session->talker_name_kind, session->talker);
    }
}

static void draw_sessions(struct talk_screen *talk, const struct view *view, struct area area) {
    if (area.rows < 2) {
        return;
    }
    int count = (int)view->session_count, room = area.rows - 1;
    int farthest = count > room ? count - room : 0;
    if (talk->sessions_top > farthest) {
        talk->sessions_top = farthest;
    }
    area_text(area, 0, 1, STYLE_DIM,
              count > 0 ? _("Earlier talk sessions") : _("No earlier talk sessions"));
    for (int i = 0; i < room && talk->sessions_top + i < count; i++) {
        const struct view_session *session = &view->sessions[talk->sessions_top + i];
        char began[TEXT_SIZE], lasted[TEXT_SIZE];
        text_time(session->began_utc_ms, began);
        text_elapsed(session->lasted_ms, lasted);
        if (!text_is_full(area)) {
            area_print(area, 1 + i, 1, STYLE_PLAIN, "%5.5s %6s", began, lasted);
            draw_session_talker(session, area, 1 + i, 14, area.columns - 15);
            continue;
        }
        area_print(area, 1 + i, 1, STYLE_PLAIN, "%s  %7s", began, lasted);
        draw_session_talker(session, area, 1 + i, 20, 30);
        area_text_fit(area, 1 + i, 52, area.columns - 53, STYLE_PLAIN,
                      session->group_name[0] != '\0' ? session->group_name : _("one-to-one call"));
    }
    if (talk->sessions_top < farthest) {
        area_text(area, area.rows - 1, area.columns - 1, STYLE_DIM, "▼");
    }
}

void talk_screen_draw(struct talk_screen *talk, const struct view *view, struct area area) {
    const struct view_group *group = settle(talk, view);
    bool call = view->call_state == CALL_ACTIVE;
    int row = 0;
    if (call) {
        row += draw_call(view, area);
        row += draw_own_level(view, area, row);
    } else if (group != NULL) {
        row += draw_group(group, view, area);
        row += draw_newer(group, area, row);
        row += messages_draw_unread(group, area, row);
    } else if (!is_calling(view)) {
        row += text_wrapped(area, 0, 1, area.columns - 2, STYLE_PLAIN,
                            _("No group yet. Make one with n, or call an identity from the first "
                              "screen."));
    }
    row += draw_calling(view, area, row);
    row += area.rows > 8 ? 1 : 0;
    int after = row + TALKER_ROWS;
    int said_again = view->talker_count == 0 ? again_draw(view, area, row) : 0;
    if (said_again == 0 && view->talker_count == 0 && view->refused_count == 0 &&
        (call || group != NULL)) {
        row += draw_silence(group, view, area, row);
    }
    row += said_again;
    for (size_t i = 0; i < view->talker_count; i++) {
        row +=
            draw_talker(&view->talkers[i], group != NULL ? group->identity : "", view, area, row);
        after += was_late(&view->talkers[i]) + view->talkers[i].is_emergency;
    }
    row += waiting_draw(view, group != NULL ? group->identity : "", area, row);
    row += draw_hearing(group != NULL ? group->identity : "", view, area, row);
    row += draw_refused(group != NULL ? group->identity : "", view, area, row);
    row = row > after ? row : after;
    draw_sessions(talk, view, area_within(area, row, 0, area.rows - row, area.columns));
    bool shown = area.rows > 0;
    text_copy(talk->seen, sizeof talk->seen, shown && !call ? talk->group : "");
}

/* Does somebody else talk there, so that the officer has to wait? */
static bool is_taken(const struct view *view, const struct view_group *group) {
    for (size_t i = 0; i < view->talker_count; i++) {
        if (strcmp(view->talkers[i].group, group->identity) == 0) {
            return true;
        }
    }
    return false;
}

void talk_screen_hints(const struct talk_screen *talk, const struct view *view,
                       struct hints *hints) {
    const struct view_group *group = text_group(view, talk->group);
    bool usable = view->call_state != CALL_ACTIVE && group != NULL &&
                  group->gmk_state == GMK_USABLE && !view->airplane;
    if (view->call_state == CALL_RINGING) {
        hints_add(hints, "h", _("hang up"));
    }
    if (view->talking) {
        hints_add(hints, _("space"), _("stop talking"));
    } else if (usable) {
        waiting_hints(view, group->identity, is_taken(view, group), hints);
    }
    if (view->call_state == CALL_ACTIVE) {
        hints_add(hints, "h", _("hang up"));
    }
    if (view->call_state != CALL_ACTIVE && view->group_count > 1 && !view->talking) {
        hints_add(hints, _("left/right"), _("group"));
    }
    again_hints(view, group, hints);
    if (view->call_state == CALL_NONE && !view->talking && group != NULL &&
        groups_can_rekey(group)) {
        hints_add(hints, REKEY_KEY, _("new key"));
    }
    if (usable) {
        hints_add(hints, EMERGENCY_CALL_KEY, _("EMERGENCY"));
    }
    if (group != NULL && view->call_state != CALL_ACTIVE && view->group_count == 1) {
        hints_add(hints, MESSAGES_KEY, _("messages"));
    }
    if (view->group_count == 0 && view->call_state == CALL_NONE) {
        hints_add(hints, "n", _("new group"));
    }
}

void talk_screen_more_hints(const struct view *view, struct hints *hints) {
    if (view->call_state != CALL_ACTIVE && !hints_have(hints, MESSAGES_KEY) &&
        view->group_count > 0) {
        hints_add(hints, MESSAGES_KEY, _("messages"));
    }
}
