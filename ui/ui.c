/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/palette.h"
#include "ui/screens/emergency.h"
#include "ui/screens/frame.h"
#include "ui/screens/missed.h"
#include "ui/screens/modes.h"
#include "ui/screens/places.h"
#include "ui/screens/status.h"
#include "ui/screens/text.h"
#include "ui/screens/waiting.h"
#include "ui/words/event.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

enum {
    TRAIL_MAX = 8,
    STATUS_ROWS = 6,    /* from so many on there is a row for the status */
    SURPRISE_MS = 1000, /* what is pressed so soon was meant for the screen before, */
    HELD_MS = 700,      /* and so is what has been held since: keyboards repeat within this, */
    FLASH_MS = 1500,    /* so long the title of an alert is seen */
    REPEAT_MS = 250,    /* and then in shorter intervals */
};

struct ui {
    enum place trail[TRAIL_MAX]; /* where the officer came from, and last where they are */
    size_t depth;
    uint64_t shown[VIEW_INVITATIONS_MAX]; /* the invitations that have opened by themselves */
    size_t shown_count;
    const char *said;    /* what a screen answers to the last key, in its language; or NULL */
    struct event notice; /* what the program around the screens tells */
    bool is_floor_seen;  /* what `notice` says of the floor has been so */
    bool is_pasting, is_burst;
    enum modes_asked asked, before; /* by the last key, and by the one before it */
    int64_t now_ms;                 /* ui_time */
    int64_t opened_ms;     /* when a screen opened by itself; 0: none, or it was seen since */
    int64_t early_ms;      /* when a key came that was too soon for it; 0: none did */
    uint32_t early;        /* which one */
    int64_t looked_utc_ms; /* when the Log was looked at last; 0: not yet */
    int64_t flash_ms;      /* the title flashes until then; 0: it does not */
    bool has_repeated;     /* it has come more than once, as a key that is held does */

    struct palette palette;
    struct places places;
};

struct ui *ui_new(void) {
    struct ui *ui = calloc(1, sizeof *ui);
    if (ui != NULL) {
        ui->trail[0] = PLACE_NEARBY;
        ui->depth = 1;
    }
    return ui;
}

void ui_free(struct ui *ui) {
    if (ui != NULL) {
        explicit_bzero(ui, sizeof *ui);
        free(ui);
    }
}

void ui_forget(struct ui *ui) {
    int64_t now_ms = ui->now_ms;
    bool has_no_halves = ui->places.enrol.has_no_halves;
    explicit_bzero(ui, sizeof *ui);
    ui->now_ms = now_ms;
    ui->places.enrol.has_no_halves = has_no_halves;
    ui->trail[0] = PLACE_NEARBY;
    ui->depth = 1;
}

static enum place place_of(const struct ui *ui) {
    return ui->trail[ui->depth - 1];
}

/* The palette lies over a screen for a moment: the cursor stays on what it was on, which was seen,
 * and what takes its place meanwhile was not (screens/list.h). A decision has to be read again. */
static void look_away(struct ui *ui, enum place to) {
    enum place from = place_of(ui);
    bool is_over = to == PLACE_PALETTE || from == PLACE_PALETTE;
    if (is_over && !places_is_deciding(&ui->places, from)) {
        places_ask_nothing(&ui->places);
    } else {
        places_look_away(&ui->places);
    }
}

static void go_back(struct ui *ui) {
    look_away(ui, PLACE_BACK);
    if (ui->depth > 1) {
        ui->depth--;
    }
}

/* Goes to a place. Where the officer has been there on the way here, it is a way back. The help
 * is no way to a decision, which has a help of its own. */
static void go_to(struct ui *ui, enum place place) {
    look_away(ui, place);
    bool is_decision = place == PLACE_INVITATION || place == PLACE_EMERGENCY;
    if (is_decision && place_of(ui) == PLACE_HELP && ui->depth > 1) {
        ui->depth--;
    }
    if (place < PLACE_TABS) {
        ui->depth = 1;
    }
    for (size_t i = 0; i < ui->depth; i++) {
        if (ui->trail[i] == place) {
            ui->depth = i + 1;
            return;
        }
    }
    if (ui->depth == TRAIL_MAX) {
        ui->depth--;
    }
    ui->trail[ui->depth++] = place;
}

/* The question is not on the screen any more. */
static void ask_nothing(struct ui *ui) {
    ui->asked = MODES_ASKED_NOTHING;
    places_ask_nothing(&ui->places);
}

static void opens_by_itself(struct ui *ui) {
    ui->opened_ms = ui->now_ms;
    ui->early_ms = 0;
    ask_nothing(ui);
}

void ui_notice(struct ui *ui, const struct event *event) {
    ui->said = NULL;
    if (event != NULL) {
        ask_nothing(ui);
    }
    ui->is_floor_seen = false;
    ui->notice = event != NULL ? *event : (struct event){.kind = EVENT_NONE};
    if (event_is_refusal(ui->notice.kind)) {
        new_group_failed(&ui->places.new_group);
        messages_screen_failed(&ui->places.messages);
    }
    if (ui->notice.kind == EVENT_ANSWERS_TWICE && two_open(&ui->places.two, &ui->notice)) {
        ui->notice.kind = EVENT_NONE; /* the question says it */
        go_to(ui, PLACE_TWO);
        opens_by_itself(ui);
    }
}

/* --- What the view asks for by itself -----------------------------------------------------------
 */

static bool is_typing(const struct ui *ui, const struct view *view) {
    return place_of(ui) == PLACE_PALETTE || places_is_typing(&ui->places, place_of(ui), view);
}

/* May an invitation open by itself now? Not where the officer types, decides or talks. */
static bool may_interrupt(const struct ui *ui, const struct view *view) {
    enum place place = place_of(ui);
    return !places_is_deciding(&ui->places, place) && !is_typing(ui, view) && !view->talking &&
           view->call_state != CALL_ACTIVE;
}

static bool was_shown(const struct ui *ui, uint64_t id) {
    for (size_t i = 0; i < ui->shown_count; i++) {
        if (ui->shown[i] == id) {
            return true;
        }
    }
    return false;
}

static void remember_shown(struct ui *ui, const struct view *view, uint64_t id) {
    size_t kept = 0;
    for (size_t i = 0; i < ui->shown_count; i++) {
        if (ui->shown[i] != id && invitation_shown(view, ui->shown[i]) != NULL) {
            ui->shown[kept++] = ui->shown[i];
        }
    }
    if (kept == VIEW_INVITATIONS_MAX) {
        kept--;
    }
    ui->shown[kept] = id;
    ui->shown_count = kept + 1;
}

static void open_invitation(struct ui *ui, const struct view *view, uint64_t id) {
    remember_shown(ui, view, id);
    invitation_screen_open(&ui->places.invitation, id);
    go_to(ui, PLACE_INVITATION);
}

static void follow_invitations(struct ui *ui, const struct view *view) {
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (!was_shown(ui, view->invitations[i].id) && may_interrupt(ui, view)) {
            open_invitation(ui, view, view->invitations[i].id);
            return;
        }
    }
}

/* The place that a phase calls for; PLACE_HERE when the handset is ready. */
static enum place place_of_phase(enum view_phase phase) {
    switch (phase) {
    case PHASE_READY:
        return PLACE_HERE;
    case PHASE_UNENROLLED:
        return PLACE_UNENROLLED;
    default:
        return PLACE_UNLOCK;
    }
}

static void follow_phase(struct ui *ui, const struct view *view) {
    enum place wanted = place_of_phase(view->phase);
    enum place base = ui->trail[0];
    if (wanted == PLACE_HERE) {
        wanted = base == PLACE_UNLOCK || base == PLACE_UNENROLLED ? PLACE_NEARBY : base;
    }
    if (base != wanted) {
        ui->trail[0] = wanted;
        ui->depth = 1;
    }
    if (!unlock_is_typing(view)) {
        unlock_wipe(&ui->places.unlock);
    }
    if (view->phase != PHASE_UNENROLLED) {
        enrol_clear(&ui->places.enrol);
    }
}

/* What is told of the floor lasts no longer than it is so. */
static void follow_floor(struct ui *ui, const struct view *view) {
    const struct view_talker *talker = NULL;
    if (!waiting_is_notice(ui->notice.kind)) {
        return;
    }
    for (size_t i = 0; i < view->talker_count && talker == NULL; i++) {
        bool is_there = strcmp(view->talkers[i].group, ui->notice.group) == 0;
        talker = is_there ? &view->talkers[i] : NULL;
    }
    bool is_past = waiting_is_past(view, &ui->notice, talker);
    if (is_past && ui->is_floor_seen) {
        ui->notice.kind = EVENT_NONE;
    }
    ui->is_floor_seen = !is_past;
}

static void follow_view(struct ui *ui, const struct view *view) {
    const struct view_group *made = new_group_made(&ui->places.new_group, view);
    if (made != NULL && place_of(ui) == PLACE_NEW_GROUP) {
        go_to(ui, PLACE_GROUPS);
        groups_screen_focus(&ui->places.groups, view, made->identity);
        talk_screen_open(&ui->places.talk, made->identity);
        group_screen_open(&ui->places.group, made->identity, false);
        go_to(ui, PLACE_GROUP);
    }
    follow_invitations(ui, view);
}

/* Brings the screens to what the view says now. */
static void follow(struct ui *ui, const struct view *view) {
    follow_phase(ui, view);
    follow_floor(ui, view);
    if (place_of(ui) == PLACE_LOG || ui->looked_utc_ms > view->utc_ms) {
        ui->looked_utc_ms = view->utc_ms; /* also after the clock was set back */
    }
    enum place before = place_of(ui);
    uint64_t invitation = ui->places.invitation.id;
    if (view->phase == PHASE_READY) {
        follow_view(ui, view);
    }
    if (place_of(ui) != before || ui->places.invitation.id != invitation) {
        opens_by_itself(ui);
    }
}

/* Was the press meant for the screen before the one that has only just opened by itself? A key that
 * has been held since is; one that is pressed again is not. */
static bool comes_too_soon(struct ui *ui, uint32_t press) {
    bool is_new = ui->opened_ms > 0 && ui->now_ms - ui->opened_ms < SURPRISE_MS;
    bool is_same = ui->early_ms > 0 && press == ui->early;
    int64_t since_ms = ui->now_ms - ui->early_ms;
    bool is_repeat = is_same && since_ms <= REPEAT_MS;
    bool is_first_repeat = is_same && !ui->has_repeated && since_ms < HELD_MS;
    if (is_new || is_repeat || is_first_repeat) {
        ui->has_repeated = is_repeat || (is_first_repeat && !is_new);
        ui->early_ms = ui->now_ms;
        ui->early = press;
        return true;
    }
    ui->opened_ms = ui->early_ms = 0;
    return false;
}

void ui_time(struct ui *ui, int64_t now_ms) {
    ui->now_ms = now_ms;
}

void ui_has_read(struct ui *ui) {
    ui->opened_ms = ui->early_ms = 0;
}

void ui_has_halves(struct ui *ui, bool has_halves) {
    ui->places.enrol.has_no_halves = !has_halves;
}

void ui_alert(struct ui *ui) {
    ui->flash_ms = ui->now_ms + FLASH_MS;
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

/* The group that talk goes to, which the row above the keys names: on a group's page that one. */
static const struct view_group *talk_group(const struct ui *ui, const struct view *view) {
    const struct view_group *shown = place_of(ui) == PLACE_GROUP && !view->talking
                                         ? text_group(view, ui->places.group.identity)
                                         : NULL;
    return shown != NULL ? shown : talk_screen_group(&ui->places.talk, view);
}

static void go_to_talk(struct ui *ui, const struct view *view) {
    const struct view_group *group = talk_group(ui, view);
    if (group != NULL && place_of(ui) == PLACE_GROUP) {
        talk_screen_open(&ui->places.talk, group->identity);
    }
    go_to(ui, PLACE_TALK);
}

/* Whatever screen is looked at. */
static void talk_key(struct ui *ui, struct turn *turn) {
    if (turn->view->talking) {
        turn_command(turn, COMMAND_TALK_END);
        return;
    }
    go_to_talk(ui, turn->view);
    talk_screen_begin(&ui->places.talk, turn);
}

/* Keys that mean the same on every screen. Returns whether this was one. */
static bool global_key(struct ui *ui, struct turn *turn) {
    enum place place = place_of(ui);
    uint32_t press = turn->press;
    if (press == PRESS_BREAK) {
        turn->go = PLACE_LEAVE;
    } else if (lock_global_key(turn, place)) {
        return true;
    } else if (press == (is_typing(ui, turn->view) ? (uint32_t)PRESS_TAB : (uint32_t)'?') &&
               place != PLACE_HELP) {
        help_open(&ui->places.help, place);
        turn->go = PLACE_HELP;
    } else if (is_typing(ui, turn->view) || turn->view->phase != PHASE_READY) {
        return false;
    } else if (modes_key(turn, ui->before, &ui->asked)) {
        return true;
    } else if (press == ' ' && place != PLACE_TALK && ui_has_talk_key(ui, turn->view)) {
        talk_key(ui, turn);
    } else if (press == UI_EMERGENCY_PRESS) {
        const struct view_group *group = talk_group(ui, turn->view);
        turn->notice = emergency_hold_it(turn->view, group == NULL ? "" : group->identity);
    } else if (press == (unsigned char)EMERGENCY_KEY[0] && place != PLACE_EMERGENCY &&
               turn->view->emergency_count > 0) {
        turn->go = PLACE_EMERGENCY;
    } else if (press == 'i' && place != PLACE_INVITATION && turn->view->invitation_count > 0) {
        open_invitation(ui, turn->view, turn->view->invitations[0].id);
    } else if (place == PLACE_HELP || place == PLACE_LEAVE) {
        return false;
    } else if (press == (unsigned char)PALETTE_KEY[0] && place != PLACE_ZEROISE) {
        palette_open(&ui->palette, place);
        turn->go = PLACE_PALETTE;
    } else if (press >= '1' && press < '1' + PLACE_TABS) {
        turn->go = (enum place)(press - '1');
    } else if (press == PRESS_TAB) {
        turn->go = (enum place)(place < PLACE_TABS ? (place + 1) % PLACE_TABS : PLACE_NEARBY);
    } else if (press == PRESS_BACKTAB) {
        turn->go =
            (enum place)(place < PLACE_TABS ? (place + PLACE_TABS - 1) % PLACE_TABS : PLACE_NEARBY);
    } else if (press == 'q' && place < PLACE_TABS) {
        turn->go = PLACE_LEAVE;
    } else {
        return false;
    }
    return true;
}

/* The officer has chosen an action by its name: its key is pressed, where it is one. */
static void press_chosen(struct ui *ui, struct turn *turn, const struct palette_choice *choice) {
    enum place place = choice->place == PLACE_HERE ? ui->palette.about : choice->place;
    go_back(ui);
    if (place != place_of(ui)) {
        go_to(ui, place);
    }
    turn->press = choice->press;
    if (!global_key(ui, turn)) {
        places_key(&ui->places, place_of(ui), turn);
    }
}

static void place_key(struct ui *ui, struct turn *turn) {
    struct palette_choice choice;
    if (place_of(ui) != PLACE_PALETTE) {
        places_key(&ui->places, place_of(ui), turn);
    } else if (palette_key(&ui->palette, &ui->places, turn, &choice)) {
        press_chosen(ui, turn, &choice);
    }
}

static void carry_out_move(struct ui *ui, const struct turn *turn) {
    if (turn->go == PLACE_BACK) {
        go_back(ui);
    } else if (turn->go != PLACE_HERE) {
        places_open(&ui->places, turn);
        go_to(ui, turn->go);
        ui->opened_ms = ui->early_ms = 0; /* it did not open by itself */
    }
}

/* Who leaves the Sound screen does not hear themselves elsewhere. */
static void end_sound_test(const struct ui *ui, enum place before, struct turn *turn) {
    if (before == PLACE_SOUND && place_of(ui) != PLACE_SOUND &&
        turn->view->sound.test != VIEW_TEST_RESTS && turn->command->kind == COMMAND_NONE) {
        turn_command(turn, COMMAND_SOUND_TEST);
    }
}

/* Of a paste only what is typed into a field counts. Returns whether the press was of one. */
static bool paste_key(struct ui *ui, struct turn *turn) {
    uint32_t press = turn->press;
    bool is_mark = press == PRESS_PASTE_BEGIN || press == PRESS_PASTE_END;
    if (!is_mark && (press == PRESS_ESCAPE || press == PRESS_BREAK)) {
        ui->is_pasting = false;
    }
    if (!is_mark && !ui->is_pasting) {
        return false;
    }
    ui->is_pasting = press != PRESS_PASTE_END;
    turn->is_pasted = true;
    bool is_character = press >= ' ' && press < PRESS_NAMED;
    if (places_takes_lines(&ui->places, place_of(ui)) ||
        (is_character && is_typing(ui, turn->view))) {
        place_key(ui, turn);
    }
    return true;
}

/* No hand types that fast: where nothing is typed, it presses no key. */
static bool burst_key(struct ui *ui, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE || turn->press == PRESS_BREAK) {
        ui->is_burst = false;
    }
    bool ends_talk = turn->press == ' ' && turn->view->talking;
    if (ui->is_burst && !ends_talk && !is_typing(ui, turn->view)) {
        turn->notice = _("That looks like a paste: it pressed no key.");
        return true;
    }
    return false;
}

/* Does nothing happen by it where it opens by itself? Going elsewhere is what one wants then. */
static bool is_harmless(uint32_t press) {
    return press == PRESS_BREAK || press == LOCK_PRESS || press == ZEROISE_PRESS ||
           press == PRESS_ESCAPE || press == PRESS_TAB || press == PRESS_BACKTAB || press == '?' ||
           press == '0' || press == '9' || (press >= '1' && press < '1' + PLACE_TABS);
}

/* Who has just made a group may talk in it at once. */
static bool early_key(struct ui *ui, struct turn *turn) {
    bool is_talk = turn->press == ' ' && ui_has_talk_key(ui, turn->view);
    if (is_talk || is_typing(ui, turn->view) || is_harmless(turn->press) ||
        !comes_too_soon(ui, turn->press)) {
        return false;
    }
    turn->notice = _(turn_look_again);
    return true;
}

/* Whatever is refused from here on is not of the command before. */
static void begin_turn(struct ui *ui) {
    ui_notice(ui, NULL);
    messages_screen_settle(&ui->places.messages);
}

/* What was seen is read, whatever else the key did. */
static void has_read(const struct command *read, struct command *command) {
    if (command->kind == COMMAND_NONE) {
        *command = *read;
    } else if (read->kind != COMMAND_NONE) {
        command->seen = read->seen;
        command->seen_count = read->seen_count;
        text_copy(command->seen_group, sizeof command->seen_group, read->group);
    }
}

bool ui_key(struct ui *ui, const struct view *view, uint32_t press, struct command *command) {
    struct turn turn = {.view = view, .press = press, .command = command, .go = PLACE_HERE};
    turn.is_burst = ui->is_burst;
    command->kind = COMMAND_NONE;
    if (press == PRESS_NONE) {
        return false;
    }
    if (press == PRESS_BURST_BEGIN || press == PRESS_BURST_END) {
        ui->is_burst = press == PRESS_BURST_BEGIN;
        return false;
    }
    follow(ui, view);
    enum place before = place_of(ui);
    ui->before = ui->asked;
    ui->asked = MODES_ASKED_NOTHING;
    begin_turn(ui);
    struct command read = {.kind = COMMAND_NONE};
    if (before == PLACE_MESSAGES) {
        messages_screen_read(&ui->places.messages, view, &read);
    }
    bool is_taken = paste_key(ui, &turn) || burst_key(ui, &turn) || early_key(ui, &turn);
    if (is_taken || global_key(ui, &turn)) {
        places_ask_nothing(&ui->places);
    } else {
        if (press == PRESS_ESCAPE && !places_has_own_escape(&ui->places, place_of(ui))) {
            turn.go = PLACE_BACK;
        } else {
            place_key(ui, &turn);
        }
    }
    carry_out_move(ui, &turn);
    end_sound_test(ui, before, &turn);
    if (!is_taken) {
        has_read(&read, command);
    }
    ui->said = turn.notice;
    two_remember(&ui->places.two, command);
    return command->kind != COMMAND_NONE;
}

bool ui_has_talk_key(const struct ui *ui, const struct view *view) {
    /* In a paste it is text; an open microphone it closes even so. */
    enum place place = place_of(ui);
    bool is_free =
        place == PLACE_TALK || (!is_typing(ui, view) && !places_is_deciding(&ui->places, place));
    return view->phase == PHASE_READY && is_free &&
           ((!ui->is_pasting && !ui->is_burst) || view->talking);
}

bool ui_has_emergency_key(const struct ui *ui, const struct view *view) {
    return view->phase == PHASE_READY && !is_typing(ui, view) && !ui->is_pasting && !ui->is_burst;
}

bool ui_talk(struct ui *ui, const struct view *view, struct command *command) {
    struct turn turn = {.view = view, .command = command, .go = PLACE_HERE};
    command->kind = COMMAND_NONE;
    follow(ui, view);
    if (view->phase != PHASE_READY) {
        return false;
    }
    begin_turn(ui);
    struct command read = {.kind = COMMAND_NONE};
    if (place_of(ui) == PLACE_MESSAGES) {
        messages_screen_read(&ui->places.messages, view, &read);
    }
    if (!is_typing(ui, view) && !places_is_deciding(&ui->places, place_of(ui))) {
        go_to_talk(ui, view);
    }
    talk_screen_begin(&ui->places.talk, &turn);
    has_read(&read, command);
    ui->said = turn.notice;
    return command->kind != COMMAND_NONE;
}

bool ui_emergency(struct ui *ui, const struct view *view, struct command *command) {
    struct turn turn = {.view = view, .command = command, .go = PLACE_HERE};
    command->kind = COMMAND_NONE;
    follow(ui, view);
    if (!ui_has_emergency_key(ui, view)) {
        return false;
    }
    begin_turn(ui);
    go_to_talk(ui, view);
    talk_screen_emergency(&ui->places.talk, &turn);
    ui->said = turn.notice;
    return command->kind != COMMAND_NONE;
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static void draw_hints(const struct ui *ui, const struct view *view, struct area line) {
    struct hints hints = {0};
    enum place place = place_of(ui);
    bool typing = is_typing(ui, view), is_tab = place < PLACE_TABS && !typing;
    bool has_modes = !typing && view->phase == PHASE_READY;
    /* In airplane mode little else works; a listening handset's officer may well be deciding. */
    bool is_first = is_tab || view->airplane;
    if (ui->asked != MODES_ASKED_NOTHING) {
        hints_add(&hints, "y", _("yes"));
    }
    if (has_modes && view->emergency_count > 0 && place != PLACE_EMERGENCY) {
        hints_add(&hints, EMERGENCY_KEY, _("EMERGENCY"));
    }
    if (has_modes && is_first) {
        modes_end_hints(view, &hints);
    }
    if (place == PLACE_PALETTE) {
        palette_hints(&ui->palette, &ui->places, view, &hints);
    } else {
        places_hints(&ui->places, place, view, &hints);
    }
    if (is_tab) {
        hints_add(&hints, "q", _("quit"));
        modes_begin_hints(view, &hints);
        if (place == PLACE_TALK) {
            talk_screen_more_hints(view, &hints);
        }
        hints_add(&hints, _("tab"), _("next"));
    } else if (ui->depth > 1 && !hints_have(&hints, _("esc"))) {
        hints_add(&hints, _("esc"), _("back"));
    }
    if (has_modes && !is_first) {
        modes_end_hints(view, &hints);
    }
    if (is_tab && has_modes && !text_is_full(line)) {
        hints.others = "1-6";
    }
    hints.has_palette =
        has_modes && place != PLACE_LEAVE && place != PLACE_ZEROISE && place != PLACE_HELP;
    hints_add(&hints, typing ? _("tab") : "?", place == PLACE_HELP ? _("close") : _("help"));
    hints_draw(&hints, line);
}

/* Who was left out of a new key, and what that officer can do: the key may have been offered since,
 * or be held by now. */
static void other_key_words(const struct view *view, const struct event *event,
                            char out[EVENT_WORDS_SIZE]) {
    const struct view_group *group = text_group(view, event->group);
    char who[WHO_SIZE];
    if (group != NULL && group->gmk_id == event->gmk_id) {
        out[0] = '\0';
        return;
    }
    event_words(event, out, EVENT_WORDS_SIZE);
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (strcmp(view->invitations[i].group, event->group) == 0) {
            who_told(who, event->name, event->name_kind, event->identity);
            snprintf(out, EVENT_WORDS_SIZE,
                     _("%s talks in %s with a newer key than yours: press i to take it"), who,
                     event->group_name);
        }
    }
}

/* What the last key brought comes before what the view says by itself. Returns the rows it took. */
static int draw_notice(const struct ui *ui, const struct view *view, struct area body) {
    const struct event *event = ui->notice.kind != EVENT_NONE ? &ui->notice : &view->problem;
    char words[EVENT_WORDS_SIZE];
    if (ui->said != NULL) {
        return frame_notice(ui->said, true, body);
    }
    if (view->phase == PHASE_READY && event_stands(event->kind)) {
        return 0; /* it is among the alarms */
    }
    if (view->phase != PHASE_READY && event == &view->problem &&
        (place_of(ui) != ui->trail[0] || view->lock.wait_ms > 0)) {
        return 0; /* it is of the passphrase, and says to type it again */
    }
    if (event->kind == EVENT_OTHERS_KEY) {
        other_key_words(view, event, words);
    } else {
        event_words(event, words, sizeof words);
    }
    return frame_notice(words, event_weight(event->kind) == LOG_WARNING, body);
}

/* The group whose unread messages the screen shows by itself. */
static const char *unread_shown(const struct ui *ui, const struct view *view) {
    if (place_of(ui) == PLACE_MESSAGES) {
        return ui->places.messages.group;
    }
    const struct view_group *group = talk_screen_group(&ui->places.talk, view);
    bool is_shown = place_of(ui) == PLACE_TALK && view->call_state != CALL_ACTIVE && group != NULL;
    return is_shown ? group->identity : "";
}

/* Below `above` rows. Returns how many it took: where they are scarce it waits for what is more
 * pressing. */
static int draw_missed(const struct ui *ui, const struct view *view, struct area body, int above) {
    enum place place = place_of(ui);
    bool has_key = !is_typing(ui, view) && place != PLACE_HELP && place != PLACE_LEAVE;
    bool is_tall = body.rows >= TALL_ROWS;
    int rows = 0;
    if (view->phase != PHASE_READY) {
        return 0;
    }
    if (place != PLACE_LOG && (above < 2 || is_tall) &&
        missed_banner(view, ui->looked_utc_ms, has_key,
                      area_within(body, above, 0, 1, body.columns))) {
        rows++;
    }
    if ((above + rows < 2 || is_tall) &&
        unread_banner(view, unread_shown(ui, view), place == PLACE_TALK, has_key,
                      area_within(body, above + rows, 0, 1, body.columns))) {
        rows++;
    }
    return rows;
}

void ui_draw(struct ui *ui, const struct view *view, struct area area) {
    follow(ui, view);
    area_fill(area, ' ', STYLE_PLAIN);
    if (area.rows < 1 || area.columns < 1) {
        return;
    }
    frame_title(view, place_of(ui), places_title(&ui->places, place_of(ui), view),
                area_within(area, 0, 0, 1, area.columns));
    if (ui->now_ms < ui->flash_ms) {
        area_restyle(area_within(area, 0, 0, 1, area.columns), STYLE_CAUTION);
    }
    int status = view->phase == PHASE_READY && area.rows >= STATUS_ROWS ? 1 : 0;
    if (status > 0) {
        status_draw(view, talk_group(ui, view),
                    area_within(area, area.rows - 2, 0, 1, area.columns));
    }
    struct area body = area_within(area, 1, 0, area.rows - 2 - status, area.columns);
    int above = frame_banners(view, place_of(ui), !is_typing(ui, view), body);
    above += draw_missed(ui, view, body, above);
    /* A free row sets the screen off from what stands above, where there is room to spare. */
    above += body.rows >= TALL_ROWS ? 1 : 0;
    int below = draw_notice(ui, view, body);
    struct area rest = area_within(body, above, 0, body.rows - above - below, body.columns);
    if (place_of(ui) == PLACE_PALETTE) {
        palette_draw(&ui->palette, &ui->places, view, rest);
    } else {
        places_draw(&ui->places, place_of(ui), view, rest);
    }
    draw_hints(ui, view, area_within(area, area.rows - 1, 0, 1, area.columns));
}
