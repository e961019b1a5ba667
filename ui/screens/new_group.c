/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/new_group.h"

#include <string.h>

#include "ui/screens/new_group_pages.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    HOUR = 60 * 60 * 1000
};

static const int64_t usual_periods_ms[] = {1 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 24 * HOUR};
static const int64_t preferred_period_ms = 8 * HOUR;

size_t new_group_periods(const struct view *view, int64_t periods_ms[PERIODS_MAX]) {
    int64_t longest = view->credential.max_key_period_ms;
    size_t count = 0;
    for (size_t i = 0; i < sizeof usual_periods_ms / sizeof usual_periods_ms[0]; i++) {
        if (usual_periods_ms[i] <= longest) {
            periods_ms[count++] = usual_periods_ms[i];
        }
    }
    if (longest > 0 && (count == 0 || periods_ms[count - 1] != longest)) {
        periods_ms[count++] = longest;
    }
    return count;
}

int64_t new_group_usual_period(const struct view *view) {
    int64_t periods_ms[PERIODS_MAX];
    size_t count = new_group_periods(view, periods_ms);
    while (count > 1 && periods_ms[count - 1] > preferred_period_ms) {
        count--;
    }
    return count > 0 ? periods_ms[count - 1] : 0;
}

/* The chosen period if it is among those allowed now, otherwise the nearest usual one. */
static size_t settle_period(struct new_group *new_group, const struct view *view,
                            int64_t periods_ms[PERIODS_MAX]) {
    size_t count = new_group_periods(view, periods_ms), best = 0;
    for (size_t i = 0; i < count; i++) {
        if (periods_ms[i] == new_group->period_ms) {
            return i;
        }
        if (periods_ms[i] <= preferred_period_ms) {
            best = i;
        }
    }
    new_group->period_ms = count > 0 ? periods_ms[best] : 0;
    return best;
}

static struct pick *add_pick(struct new_group *new_group, const char *identity, const char *name,
                             enum name_kind kind) {
    struct pick *pick = &new_group->picks[new_group->pick_count++];
    text_copy(pick->identity, sizeof pick->identity, identity);
    pick->no_emergency = false;
    text_copy(pick->name, sizeof pick->name, name);
    pick->name_kind = kind;
    return pick;
}

/* Was it left half way, for the same? For a new key the list may be another one by now. */
static bool is_draft_of(const struct new_group *new_group, const char *group, bool adding) {
    bool is_same = strcmp(new_group->group, group) == 0 && new_group->adding == adding;
    bool is_rekey = group[0] != '\0' && !adding;
    return is_same && !is_rekey && new_group->step != STEP_MAKING &&
           (new_group->pick_count > 0 || new_group->name.length > 0);
}

/* The draft of a new group: what the screen has now where it is about one, or else what it kept. */
static struct draft draft_of(const struct new_group *new_group) {
    if (new_group->group[0] != '\0') {
        return new_group->draft;
    }
    struct draft draft = {.pick_count = 0};
    if (new_group->step != STEP_MAKING) {
        draft.pick_count = new_group->pick_count;
        memcpy(draft.picks, new_group->picks, sizeof draft.picks);
        draft.name = new_group->name;
        draft.period_ms = new_group->period_ms;
    }
    return draft;
}

static void take_up_draft(struct new_group *new_group) {
    new_group->pick_count = new_group->draft.pick_count;
    memcpy(new_group->picks, new_group->draft.picks, sizeof new_group->picks);
    new_group->name = new_group->draft.name;
    new_group->period_ms = new_group->draft.period_ms;
}

void new_group_open(struct new_group *new_group, const struct view *view, const char *group,
                    bool adding) {
    if (is_draft_of(new_group, group, adding)) {
        struct list none = {.focus = ""};
        new_group->step = STEP_PICK;
        new_group->drawn = false;
        new_group->list = none;
        new_group->filter = (struct filter){.is_typing = false};
        new_group->scroll = (struct scroll){0};
        return;
    }
    const struct draft draft = draft_of(new_group);
    memset(new_group, 0, sizeof *new_group);
    new_group->draft = draft;
    if (group[0] == '\0') {
        take_up_draft(new_group);
    }
    new_group->adding = adding;
    text_copy(new_group->group, sizeof new_group->group, group);
    const struct view_group *old = adding ? NULL : text_group(view, group);
    for (size_t i = 0; old != NULL && i < old->member_count; i++) {
        if (old->members[i].state != MEMBER_SELF && !old->members[i].is_revoked &&
            new_group->pick_count < PICKS_MAX) {
            struct pick *pick = add_pick(new_group, old->members[i].identity, old->members[i].name,
                                         old->members[i].name_kind);
            pick->no_emergency = old->members[i].no_emergency;
        }
    }
}

bool new_group_is_typing(const struct new_group *new_group) {
    return new_group->step == STEP_NAME ||
           (new_group->step == STEP_PICK && new_group->filter.is_typing) ||
           (new_group->step == STEP_CREWS && new_group->crews.naming);
}

const struct pick *new_group_pick(const struct new_group *new_group, const char *identity) {
    for (size_t i = 0; i < new_group->pick_count; i++) {
        if (strcmp(new_group->picks[i].identity, identity) == 0) {
            return &new_group->picks[i];
        }
    }
    return NULL;
}

bool new_group_has(const struct new_group *new_group, const char *identity) {
    return new_group_pick(new_group, identity) != NULL;
}

bool new_group_is_in(const struct new_group *new_group, const struct view *view,
                     const char *identity) {
    const struct view_group *now = new_group->adding ? text_group(view, new_group->group) : NULL;
    for (size_t i = 0; now != NULL && i < now->member_count; i++) {
        if (strcmp(now->members[i].identity, identity) == 0) {
            return true;
        }
    }
    return false;
}

static bool rows_have(const struct rows *rows, const char *identity) {
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->key[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

static void add_row(const struct new_group *new_group, const struct view *view, struct rows *rows,
                    const char *identity) {
    if (!rows_have(rows, identity) &&
        filter_passes(&new_group->filter, identity,
                      new_group_name_of(new_group, view, identity).text)) {
        rows_add(rows, identity);
    }
}

static void add_members(const struct new_group *new_group, const struct view *view,
                        struct rows *rows, const struct view_group *group) {
    for (size_t i = 0; group != NULL && i < group->member_count; i++) {
        if (group->members[i].state != MEMBER_SELF) {
            add_row(new_group, view, rows, group->members[i].identity);
        }
    }
}

/* For a new key the members first, then who was left out of one, then who else is nearby. Where
 * others are added the members, who are in already, come last. */
struct rows new_group_rows(const struct new_group *new_group, const struct view *view) {
    struct rows rows = {0};
    const struct view_group *old = text_group(view, new_group->group);
    if (!new_group->adding) {
        add_members(new_group, view, &rows, old);
    }
    for (size_t i = 0; old != NULL && i < old->former_count; i++) {
        add_row(new_group, view, &rows, old->former[i].identity);
    }
    for (size_t i = 0; i < view->nearby_count; i++) {
        const char *identity = view->nearby[i].identity;
        if (!new_group_is_in(new_group, view, identity)) {
            add_row(new_group, view, &rows, identity);
        }
    }
    for (size_t i = 0; i < new_group->pick_count; i++) {
        add_row(new_group, view, &rows, new_group->picks[i].identity);
    }
    if (new_group->adding) {
        add_members(new_group, view, &rows, old);
    }
    return rows;
}

struct named new_group_name_of(const struct new_group *new_group, const struct view *view,
                               const char *identity) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    if (nearby != NULL) {
        return (struct named){nearby->name, nearby->name_kind, nearby->alike};
    }
    const struct view_group *old = text_group(view, new_group->group);
    for (size_t i = 0; old != NULL && i < old->member_count; i++) {
        const struct view_member *member = &old->members[i];
        if (strcmp(member->identity, identity) == 0) {
            return (struct named){member->name, member->name_kind, member->alike};
        }
    }
    for (size_t i = 0; i < new_group->pick_count; i++) {
        const struct pick *pick = &new_group->picks[i];
        if (strcmp(pick->identity, identity) == 0) {
            return (struct named){pick->name, pick->name_kind, false};
        }
    }
    for (size_t i = 0; old != NULL && i < old->former_count; i++) {
        const struct view_former *former = &old->former[i];
        if (strcmp(former->identity, identity) == 0) {
            return (struct named){former->name, former->name_kind, false};
        }
    }
    return (struct named){"", NAME_CLAIMED, false};
}

const struct view_group *new_group_made(const struct new_group *new_group,
                                        const struct view *view) {
    if (new_group->step != STEP_MAKING) {
        return NULL;
    }
    if (new_group->group[0] != '\0') {
        return text_group(view, new_group->group);
    }
    for (size_t i = 0; i < view->group_count; i++) {
        bool known = !view->groups[i].created_here;
        for (size_t j = 0; j < new_group->known_count && !known; j++) {
            known = strcmp(new_group->known[j], view->groups[i].identity) == 0;
        }
        if (!known) {
            return &view->groups[i];
        }
    }
    return NULL;
}

void new_group_failed(struct new_group *new_group) {
    if (new_group->step == STEP_MAKING) {
        new_group->step = STEP_CONFIRM;
        new_group->drawn = false;
    }
}

void new_group_asked_again(struct new_group *new_group, const struct command *command) {
    if (command->kind == COMMAND_CREATE_GROUP || command->kind == COMMAND_REKEY_GROUP ||
        command->kind == COMMAND_ADD_MEMBERS) {
        new_group->step = STEP_MAKING;
    }
}

static void go_to(struct new_group *new_group, enum new_group_step step) {
    new_group->step = step;
    new_group->drawn = false;
    new_group->scroll = (struct scroll){0};
}

/* How many can be picked at most: the creator is a member too, and who is in already. */
static size_t picks_room(const struct new_group *new_group, const struct view *view) {
    const struct view_group *now = new_group->adding ? text_group(view, new_group->group) : NULL;
    return now == NULL ? PICKS_MAX : ADHOC_MEMBERS_MAX - now->member_count;
}

static void drop_pick(struct new_group *new_group, size_t at) {
    new_group->pick_count--;
    memmove(&new_group->picks[at], &new_group->picks[at + 1],
            (new_group->pick_count - at) * sizeof new_group->picks[0]);
}

/* Who is revoked since it was picked falls out, and what is confirmed has to be looked at anew. */
static void drop_revoked(struct new_group *new_group, const struct view *view) {
    if (new_group->step == STEP_MAKING) {
        return;
    }
    for (size_t i = new_group->pick_count; i > 0; i--) {
        if (revoked_is(view, new_group->picks[i - 1].identity)) {
            drop_pick(new_group, i - 1);
            new_group->drawn = false;
            if (new_group->pick_count == 0) {
                go_to(new_group, STEP_PICK);
            }
        }
    }
}

const char *new_group_add(struct new_group *new_group, const struct view *view,
                          const char *identity, const char *name, enum name_kind kind) {
    if (new_group_has(new_group, identity) || new_group_is_in(new_group, view, identity)) {
        return NULL;
    }
    if (revoked_is(view, identity)) {
        return revoked_words(revoked_is_lost(view, identity));
    }
    if (new_group->pick_count >= picks_room(new_group, view)) {
        return _("A group has at most 32 members.");
    }
    add_pick(new_group, identity, name, kind);
    return NULL;
}

static void toggle(struct new_group *new_group, struct turn *turn) {
    const char *identity = new_group->list.focus;
    if (!list_is_sure(&new_group->list)) {
        turn->notice = identity[0] != '\0' ? _(turn_look_again) : NULL;
        return;
    }
    if (new_group_is_in(new_group, turn->view, identity)) {
        turn->notice = _("Already a member of the group.");
        return;
    }
    for (size_t i = 0; i < new_group->pick_count; i++) {
        if (strcmp(new_group->picks[i].identity, identity) == 0) {
            drop_pick(new_group, i);
            return;
        }
    }
    const struct named named = new_group_name_of(new_group, turn->view, identity);
    turn->notice = new_group_add(new_group, turn->view, identity, named.text, named.kind);
}

/* Every member may raise an emergency, unless this is said of it. */
static void toggle_right(struct new_group *new_group, struct turn *turn) {
    const char *identity = new_group->list.focus;
    for (size_t i = 0; i < new_group->pick_count; i++) {
        struct pick *pick = &new_group->picks[i];
        if (strcmp(pick->identity, identity) == 0 && list_is_sure(&new_group->list)) {
            pick->no_emergency = !pick->no_emergency;
            turn->notice = pick->no_emergency ? _("May raise no emergency in this group.")
                                              : _("May raise an emergency, like any member.");
            return;
        }
    }
    turn->notice =
        new_group_has(new_group, identity) ? _(turn_look_again) : _("Pick it with space first.");
}

static void key_pick(struct new_group *new_group, struct turn *turn) {
    struct rows rows = new_group_rows(new_group, turn->view);
    list_settle(&new_group->list, &rows);
    if (filter_key(&new_group->filter, &rows, turn)) {
        return;
    }
    if (list_key(&new_group->list, &rows, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        turn->go = PLACE_BACK;
    } else if (turn->press == ' ') {
        toggle(new_group, turn);
    } else if (turn->press == 'e') {
        toggle_right(new_group, turn);
    } else if (turn->press == 'c') {
        new_group->filter = (struct filter){.is_typing = false};
        crews_open(&new_group->crews);
        go_to(new_group, STEP_CREWS);
    } else if (turn->press == 'x') {
        bool has_any = new_group->pick_count > 0 || new_group->name.length > 0;
        turn->notice = has_any ? _("Nobody is picked any more.") : NULL;
        new_group->pick_count = 0;
        new_group->name = (struct field){.length = 0};
    } else if (turn->press == PRESS_ENTER) {
        if (new_group->pick_count == 0) {
            turn->notice = _("Pick at least one identity with space.");
        } else {
            go_to(new_group, new_group->adding             ? STEP_CONFIRM
                             : new_group->group[0] != '\0' ? STEP_PERIOD
                                                           : STEP_NAME);
        }
    }
}

static void key_name(struct new_group *new_group, struct turn *turn) {
    if (field_key_name(&new_group->name, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(new_group, STEP_PICK);
    } else if (turn->press == PRESS_ENTER) {
        field_trim(&new_group->name);
        if (new_group->name.length == 0) {
            turn->notice = _("Type a name for the group.");
        } else {
            go_to(new_group, STEP_PERIOD);
        }
    }
}

static void key_period(struct new_group *new_group, struct turn *turn) {
    int64_t periods_ms[PERIODS_MAX];
    size_t count = new_group_periods(turn->view, periods_ms);
    size_t at = settle_period(new_group, turn->view, periods_ms);
    if (turn->press == PRESS_ESCAPE) {
        go_to(new_group, new_group->group[0] != '\0' ? STEP_PICK : STEP_NAME);
    } else if (turn->press == PRESS_ENTER && count > 0) {
        go_to(new_group, STEP_CONFIRM);
    } else if ((turn->press == PRESS_UP || turn->press == 'k') && at > 0) {
        new_group->period_ms = periods_ms[at - 1];
    } else if ((turn->press == PRESS_DOWN || turn->press == 'j') && at + 1 < count) {
        new_group->period_ms = periods_ms[at + 1];
    }
}

static void make(struct new_group *new_group, struct turn *turn) {
    turn_command(turn, new_group->adding             ? COMMAND_ADD_MEMBERS
                       : new_group->group[0] != '\0' ? COMMAND_REKEY_GROUP
                                                     : COMMAND_CREATE_GROUP);
    struct command *command = turn->command;
    text_copy(command->group, sizeof command->group, new_group->group);
    text_copy(command->name, sizeof command->name, new_group->name.text);
    command->period_ms = new_group->period_ms;
    command->member_count = new_group->pick_count;
    for (size_t i = 0; i < new_group->pick_count; i++) {
        const struct pick *pick = &new_group->picks[i];
        text_copy(command->members[i], sizeof command->members[i], pick->identity);
        if (pick->no_emergency) {
            text_copy(command->no_emergency[command->no_emergency_count++],
                      sizeof command->no_emergency[0], pick->identity);
        }
    }
    new_group->known_count = turn->view->group_count;
    for (size_t i = 0; i < turn->view->group_count; i++) {
        text_copy(new_group->known[i], sizeof new_group->known[i], turn->view->groups[i].identity);
    }
    go_to(new_group, STEP_MAKING);
}

static void key_confirm(struct new_group *new_group, struct turn *turn) {
    if (scroll_key(&new_group->scroll, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(new_group, new_group->adding ? STEP_PICK : STEP_PERIOD);
    } else if (turn->press == 'y') {
        if (new_group->drawn) {
            make(new_group, turn);
        } else {
            turn->notice = _(turn_look_again);
        }
    }
}

void new_group_key(struct new_group *new_group, struct turn *turn) {
    drop_revoked(new_group, turn->view);
    switch (new_group->step) {
    case STEP_PICK:
        key_pick(new_group, turn);
        break;
    case STEP_CREWS:
        if (!crews_key(new_group, turn)) {
            go_to(new_group, STEP_PICK);
        }
        break;
    case STEP_NAME:
        key_name(new_group, turn);
        break;
    case STEP_PERIOD:
        key_period(new_group, turn);
        break;
    case STEP_CONFIRM:
        key_confirm(new_group, turn);
        break;
    default:
        if (turn->press == PRESS_ESCAPE) {
            turn_go(turn, PLACE_GROUPS, "");
        }
        break;
    }
}

void new_group_draw(struct new_group *new_group, const struct view *view, struct area area) {
    int64_t periods_ms[PERIODS_MAX];
    drop_revoked(new_group, view);
    switch (new_group->step) {
    case STEP_PICK:
        new_group_draw_pick(new_group, view, area);
        break;
    case STEP_CREWS:
        crews_draw(new_group, view, area);
        break;
    case STEP_NAME:
        new_group_draw_name(new_group, area);
        break;
    case STEP_PERIOD:
        settle_period(new_group, view, periods_ms);
        new_group_draw_period(new_group, view, area);
        break;
    case STEP_CONFIRM:
        new_group_draw_confirm(new_group, view, area);
        break;
    default:
        new_group_draw_making(area);
        break;
    }
}

void new_group_hints(const struct new_group *new_group, const struct view *view,
                     struct hints *hints) {
    int64_t periods_ms[PERIODS_MAX];
    switch (new_group->step) {
    case STEP_PICK:
        if (!new_group->filter.is_typing && new_group_has(new_group, new_group->list.focus)) {
            hints_add(hints, _("enter"), _("next"));
            hints_add(hints, "e", _("emergency"));
            hints_add(hints, _("space"), _("drop"));
        } else if (!new_group->filter.is_typing) {
            hints_add(hints, _("space"), _("pick"));
            hints_add(hints, _("enter"), _("next"));
        }
        if (!new_group->filter.is_typing) {
            hints_add(hints, "c", _("crews"));
        }
        filter_hint(&new_group->filter, view, hints);
        break;
    case STEP_CREWS:
        crews_hints(new_group, view, hints);
        break;
    case STEP_NAME:
        hints_add(hints, _("enter"), _("next"));
        break;
    case STEP_PERIOD:
        if (new_group_periods(view, periods_ms) > 0) {
            hints_add(hints, _("enter"), _("next"));
            hints_add(hints, _("up/down"), _("choose"));
        }
        break;
    case STEP_CONFIRM:
        hints_add(hints, "y",
                  new_group->adding             ? _("let them join")
                  : new_group->group[0] != '\0' ? _("give new key")
                                                : _("make the group"));
        break;
    default:
        break;
    }
}
